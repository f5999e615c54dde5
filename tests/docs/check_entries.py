#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_entries.py: each function's entry says what it is in Python, has neighbours
and an example.

An entry of include/pysockc/STEM.h says "Corresponds to ... Python ..." or "Not in
Python", and ends in

    @see sock_neighbour(), sock_another().
    @par Example
    @snippet STEM.c name
    @since 0.1.0

where "See sock_neighbour()." may stand in the place of the snippet if that entry
has one. The only function of a header has no @see. Each snippet of
docs/snippets/STEM.c is shown by a header or a page.
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from headers import HEADERS, TOP, entries, functions

SNIPPETS = TOP / "docs/snippets"
PYTHON = re.compile(r"Corresponds to\b.*?\bPython\b|\bNot in Python\b", re.S)
END = re.compile(r"(?:^@see (?P<see>[^@]+)\n)?^@par Example\n"
                 r"(?:@snippet (?P<file>\S+) (?P<snippet>[^\n]+)|See (?P<other>sock_\w+)\(\)\.)\n"
                 r"@since\b", re.M)

findings = []


def expect(holds, place, text):
    if not holds:
        findings.append(f"{place}: {text}")


def snippets(path):
    """Names of the snippets in a source, each between two markers."""
    names = re.findall(r"//! \[(.+)\]$", path.read_text(), flags=re.M) if path.exists() else []
    for name in set(names):
        expect(names.count(name) == 2, path.name, f"[{name}] is not between two markers")
    return set(names)


def check_see(name, see, known):
    named = re.findall(r"\b(sock_\w+)\(\)", see or "")
    expect(named, name, "has no @see with a function")
    for other in named:
        expect(other in known and other != name, name, f"@see {other}()")


def check_header(path, known):
    found = dict(entries(path))
    source = SNIPPETS / (path.stem + ".c")
    there = snippets(source)
    ends = {name: END.search(text) for name, text in found.items()}
    for name, text in found.items():
        expect(PYTHON.search(text), name, "does not say what it is in Python")
        end = ends[name]
        if not end:
            expect(False, name, "does not end in @see, @par Example and a snippet, @since")
            continue
        if len(found) > 1:
            check_see(name, end["see"], known)
        if end["other"]:
            expect(ends.get(end["other"]) and ends[end["other"]]["snippet"], name,
                   f"{end['other']}() has no snippet")
        else:
            expect(end["file"] == source.name and end["snippet"] in there, name,
                   f"{end['file']} {end['snippet']} is no snippet of {source.name}")


def check_shown():
    """No snippet that no one sees, and no source without a header."""
    pages = [*HEADERS, *(TOP / "docs").rglob("*.md")]
    text = "\n".join(page.read_text() for page in pages)
    shown = set(re.findall(r"@snippet (?:\S*/)?(\S+) ([^\n]+)", text))
    for path in sorted(SNIPPETS.glob("*.c")):
        expect(path.stem in {header.stem for header in HEADERS}, path.name, "has no header")
        for name in sorted(snippets(path)):
            expect((path.name, name) in shown, path.name, f"[{name}] is not shown")


def main():
    known = {name for path in HEADERS for name in functions(path)}
    for path in HEADERS:
        check_header(path, known)
    check_shown()
    print(*sorted(set(findings)), sep="\n")
    return 1 if findings else 0


sys.exit(main())
