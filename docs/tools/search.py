#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""search.py HTML TAGS: more words for the search box of the built pages.

Doxygen's index has each name and each title by its beginning alone. This adds
names without their prefix and from each of their words on; titles and headings
from each of their words on, with hyphens and without; and the names of Python's
modules that are others here. HTML is what Doxygen made, TAGS its tag file.
"""

import collections
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

import a_z

LITTLE_WORDS = set("a an and are as at by for from in is it its not of on or that the "
                   "there this to what when where who why with".split())
ENTRY = re.compile(r"^  \['(\w+)_(\d+)',(\['((?:[^'\\]|\\.)*)',.*\])\],?$", flags=re.M)


def key(text):
    """A text as search.js spells it."""
    return re.sub(r"[^a-z0-9\x80-\uffff]", lambda c: f"_{ord(c[0]):02x}", text.lower())


def tails(title):
    """The title from each of its words on: "Non-blocking calls" is found by blocking."""
    for word in re.finditer(r"\w+(?:-\w+)*", title):
        if word[0].lower() not in LITTLE_WORDS:
            yield title[word.start():]
            for hyphen in re.finditer("-", word[0]):
                yield title[word.start() + hyphen.end():]
            if "-" in word[0]:
                yield title[word.start():].replace("-", "")


def parts(name):
    """A name without its prefix, from each of its words on."""
    words = name.split("_")[1:]
    return ("_".join(words[start:]) for start in range(len(words)))


class Index:
    """The index of everything, all_*.js: one file per first letter."""

    def __init__(self, folder):
        self.folder = folder
        self.entries = {}
        for path in self.files("js"):
            for word, _, body, title in ENTRY.findall(path.read_text()):
                self.entries[word, body] = title

    def files(self, suffix):
        return sorted(self.folder.glob(f"all_*.{suffix}"))

    def add(self, text, body, title):
        self.entries.setdefault((key(text), body), title)

    def write(self):
        letters = collections.defaultdict(list)
        for word, body in sorted(self.entries):
            letter = chr(int(word[1:3], 16)) if word[0] == "_" else word[0]
            letters[letter].append((word, body))
        # Up to 1.9.4 a file has a page of its own, which the box shows.
        frame = next((path.read_text() for path in self.files("html")), None)
        for path in self.files("js") + self.files("html"):
            path.unlink()
        for number, letter in enumerate(sorted(letters)):
            stem = f"all_{number:x}"
            lines = ",\n".join(f"  ['{word}_{count}',{body}]"
                               for count, (word, body) in enumerate(letters[letter]))
            (self.folder / f"{stem}.js").write_text(f"var searchData=\n[\n{lines}\n];\n")
            if frame:
                (self.folder / f"{stem}.html").write_text(
                    re.sub(r"all_\w+\.js", f"{stem}.js", frame))
        self.announce("".join(sorted(letters)))

    def announce(self, letters):
        """Tell the box which letters there are."""
        path = self.folder / "searchdata.js"
        path.write_text(re.sub(r'^  0: ".*"', lambda _: f'  0: "{letters}"',
                               path.read_text(), count=1, flags=re.M))


def quoted(text):
    return text.replace("\\", "\\\\").replace("'", "\\'")


def headings(tags):
    """(title, address, title of the page) of each page and heading."""
    for compound in ElementTree.parse(tags).iter("compound"):
        page = compound.findtext("title")
        if page:
            file = compound.findtext("filename")
            file += "" if file.endswith(".html") else ".html"
            yield page, file, ""
            for anchor in compound.findall("docanchor"):
                if anchor.get("title"):
                    yield anchor.get("title"), f"{anchor.get('file')}#{anchor.text}", page


def main(html, tags):
    index = Index(pathlib.Path(html) / "search")
    names = [(title, body) for (_, body), title in index.entries.items()
             if re.match("sock_", title, flags=re.I)]
    for name, body in names:
        for part in parts(name):
            index.add(part, body, name)
    for python, here in a_z.of_python({a_z.bare(name) for name, _ in names}):
        for name, body in names:
            if re.search(rf"\b{name}\b", here):
                # In the place of the header's name, so that no two results look alike.
                index.add(python, re.sub(r"'[^']*'\]", rf"'is {python} in Python']", body), name)
    for title, address, page in headings(tags):
        body = f"['{quoted(title)}',['../{address}',1,'{quoted(page)}']]"
        for tail in tails(title):
            index.add(tail, body, title)
    index.write()


if __name__ == "__main__":
    main(*sys.argv[1:])
