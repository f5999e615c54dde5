#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""a_z.py PAGE: writes the page of all names, in the order of what stands behind
their prefix. What each is for, Doxygen copies from the headers."""

import itertools
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGES = "python.md", "python_servers.md", "python_ssl.md", "python_net.md"
HEAD = """# A to Z {#a-z}

Every function, type and constant, by the name without `sock_`. Names of Python's
modules that are others here are among them, *slanted*.

[TOC]
"""
DECLARATIONS = re.compile(r"""
    \bSOCK_API\b[^;(]*?\b(sock_\w+)\s*\(    # a function
    | ^\}\ (sock_\w+_t);                      # a structure
    | ^typedef\ [^;{]*?\b(sock_\w+_t)(?:;|\)\() # another type
    | ^\#\s*define\ (SOCK_\w+)                # a constant
    | ^\ +(SOCK_[A-Z0-9_]+)(?:,|\ =|$)        # one of an enumeration
    """, flags=re.M | re.X)


def bare(name):
    return re.sub("^sock_", "", name, flags=re.I).lower()


def declared():
    """The names of the headers that have documentation."""
    for path in sorted((TOP / "include/pysockc").glob("*.h")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        for name in DECLARATIONS.finditer(text):
            yield next(filter(None, name.groups()))


def of_python(ours):
    """(name, what it is here) where Python's is not one of ours."""
    pages = "".join((TOP / "docs" / page).read_text() for page in PAGES)
    for cell, here in re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", pages, flags=re.M):
        for name in re.findall(r"(?<!`)`(?:\w+\.)?(\w+)`(?!`)", cell):
            if name.lower() not in ours and here not in ("-", "the same"):
                yield name, here


def rows():
    names = set(declared())
    ours = {bare(name) for name in names}
    for name in names:
        reference = f"#{name}" if name.isupper() or name.endswith("_t") else f"{name}()"
        yield bare(name), f"- {reference}: @copybrief {name}"
    for name, here in of_python(ours):
        yield name.lower(), f"- *{name}*: {here}"


def page():
    yield HEAD
    for letter, group in itertools.groupby(sorted(set(rows())), lambda row: row[0][0]):
        yield f"## {letter.upper()} {{#a-z-{letter}}}\n"
        yield "\n".join(row for _, row in group) + "\n"


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text("\n".join(page()))
