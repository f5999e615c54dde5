# SPDX-License-Identifier: MIT
"""Text as mdoc(7): words, and macros among them, each at the start of a line."""

import re

CLOSING = ".,:;)]?!"
SENTENCE = re.compile(r"(?<!\.\.)[.?!][)\"']*$")
ELLIPSIS = re.compile(r"\.\.\.[)\"']*$")

# What a comment does not mark, but a man page does: other pages, constants, errors.
PAGE = r"\b(?P<page>[a-z_]\w*)\((?P<section>[1-8])\)"
CONSTANT = r"\b(?P<constant>NULL|[A-Z][A-Z0-9]*_(?:\w*[A-Z0-9])?)\b(?!\.\.\.)"
ERROR = r"\b(?P<error>E(?!OF\b)[A-Z0-9]{2,})\b"
MARKED = re.compile(f"{PAGE}|{CONSTANT}|{ERROR}")


def escape(text):
    """Running text: a minus where one is meant, and no character that roff replaces."""
    text = text.replace("\\", "\\e").replace("~", "\\(ti").replace("^", "\\(ha")
    return re.sub(r"(?<!\w)-(?=\w)|->", lambda minus: "\\" + minus[0], text).replace("`", "\\(ga")


def literal(text):
    """Text that is typed: each minus and each quote is one."""
    return escape(text).replace("\\-", "-").replace("-", "\\-").replace("'", "\\(aq")


def protected(line):
    """A line that is no request, though it begins like one."""
    return "\\&" + line if line[:1] in (".", "'") else line


def argument(text, form=literal):
    """One argument of a macro, which is no macro itself."""
    text = form(text).replace('"', "\\(dq")
    if " " in text:
        return f'"{text}"'
    return "\\&" + text if re.fullmatch(r"[A-Z][a-z]|[][|(),.:;?!]|", text) else text


def macro(name, *arguments):
    return " ".join(["." + name, *map(argument, arguments)])


def item(name, *arguments):
    """The term of a list's item."""
    return ".It " + macro(name, *arguments)[1:]


def display(code):
    return [".Bd -literal", *(protected(literal(line)) for line in code), ".Ed"]


def macro_words(cluster):
    """What no space separates, as the words of a line of macros."""
    words = []
    for piece in cluster:
        if words and isinstance(piece, str) and not piece.strip(CLOSING):
            words += piece
            continue
        if words:
            words.append("Ns")
        name, *arguments = ("No", piece) if isinstance(piece, str) else piece
        form = escape if name == "No" else literal
        words += [name, *(argument(text, form) for text in arguments)]
    return words


class Prose:
    """A paragraph: text, and macros as tuples of their words."""

    def __init__(self, parts=()):
        self.parts = list(parts)

    def text(self, text):
        """Adds text, and marks what is known by its form."""
        end = 0
        for found in MARKED.finditer(text):
            self.parts += [text[end:found.start()], self.marked(found)]
            end = found.end()
        self.parts.append(text[end:])

    @staticmethod
    def marked(found):
        if found["page"]:
            return ("Xr", found["page"], found["section"])
        return ("Dv", found["constant"]) if found["constant"] else ("Er", found["error"])

    def macro(self, *words):
        self.parts.append(words)

    def pages(self):
        """(section, name) of each page that is named."""
        return {(part[2], part[1]) for part in self.parts if part[:1] == ("Xr",)}

    def clusters(self):
        cluster = []
        for part in self.parts:
            for piece in re.split(r"(\s+)", part) if isinstance(part, str) else [part]:
                if not isinstance(piece, str) or piece.strip():
                    cluster.append(piece)
                elif piece and cluster:
                    yield cluster
                    cluster = []
        if cluster:
            yield cluster

    def lines(self):
        """A line for each sentence and each macro."""
        lines, sentence = [], []

        def end():
            if sentence:
                line = protected(" ".join(sentence))
                lines.append(line + "\\&" if ELLIPSIS.search(line) else line)
                sentence.clear()

        for cluster in self.clusters():
            if all(isinstance(piece, str) for piece in cluster):
                sentence.append(escape("".join(cluster)))
                if SENTENCE.search(sentence[-1]):
                    end()
            else:
                end()
                lines.append("." + " ".join(macro_words(cluster)))
        end()
        return lines

    def words(self):
        """All of it as the words of one line of macros."""
        return " ".join(word for cluster in self.clusters() for word in macro_words(cluster))

    def plain(self):
        """Without macros."""
        def text(part):
            if isinstance(part, str):
                return part
            return f"{part[1]}({part[2]})" if part[0] == "Xr" else part[1]
        return "".join(map(text, self.parts)).strip()

    def split(self):
        """The part before the first ; : or . that ends a word, and the part behind it."""
        for i, part in enumerate(self.parts):
            found = re.search(r"[;:.](\s+|$)", part) if isinstance(part, str) else None
            if found:
                rest = part[found.end():]
                return (Prose([*self.parts[:i], part[:found.start()] + "."]),
                        Prose([rest[:1].upper() + rest[1:], *self.parts[i + 1:]]))
        return self, Prose()
