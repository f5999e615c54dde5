#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_search.py HTML: the search box of the built pages finds each word of
tests/lists/search_words. Reads the index as search.js does: the file of the first
letter, and in it what begins with the word."""

import pathlib
import re
import sys

WORDS = pathlib.Path(__file__).resolve().parents[1] / "lists/search_words"
ENTRY = re.compile(r"^  \['(\w+)',\['((?:[^'\\]|\\.)*)',(.*)\]\],?$", flags=re.M)


def spelled(word):
    return re.sub(r"[^a-z0-9\x80-\uffff]", lambda c: f"_{ord(c[0]):02x}", word.lower())


class Index:
    def __init__(self, html):
        self.folder = html / "search"
        data = (self.folder / "searchdata.js").read_text()
        self.letters = re.search(r'^  0: "(.*)"', data, flags=re.M)[1]

    def entries(self, letter):
        if letter not in self.letters:
            return []
        stem = self.folder / f"all_{self.letters.index(letter):x}"
        # The box of the older versions shows a page.
        assert stem.with_suffix(".html").exists() or not list(self.folder.glob("all_*.html"))
        return ENTRY.findall(stem.with_suffix(".js").read_text())

    def find(self, word):
        """(title, addresses) of each result."""
        return [(title, re.findall(r"\['\.\./([^']*)'", rest))
                for key, title, rest in self.entries(word[0].lower())
                if key.startswith(spelled(word))]


def wanted(lines):
    for line in lines:
        if line and not line.startswith("#"):
            yield re.split(r"  +", line)


def main(html):
    index = Index(html)
    lines = list(wanted(WORDS.read_text().splitlines()))
    missing = [f"{word}: not found: {target}" for word, target in lines
               if not any(target == title or any(address.split("#")[0] == target
                                                 for address in addresses)
                          for title, addresses in index.find(word))]
    # Each result leads somewhere.
    for letter in index.letters:
        missing += [f"{title}: leads to {address}, which is no page"
                    for _, title, rest in index.entries(letter)
                    for address in re.findall(r"\['\.\./([^'#]*)", rest)
                    if not (html / address).exists()]
    print("\n".join(missing + [f"{len(lines)} searches, {len(missing)} in vain"]))
    return 1 if missing or not lines else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
