#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""links.py FILE: what Doxygen reads instead of a header or a page.

recv(2) in the text becomes a link to the man page, `socket.recv()` one to
Python's documentation, and so does `selector.select()` of a module on top: none
has to be written out. Code is left alone, and so are links that are there
already. Lines keep their numbers.
"""

import pathlib
import re
import sys

MAN = "https://man7.org/linux/man-pages/man{1}/{0}.{1}.html"
PYTHON = "https://docs.python.org/3/library/"
DOCS = pathlib.Path(__file__).resolve().parents[1]
TABLE = (DOCS / "python.md").read_text()
# The page of Python's names tells methods from functions.
METHODS = set(re.findall(r"^\| `socket\.(\w+)` \|", TABLE, flags=re.M))
FUNCTIONS = set(re.findall(r"^\| `(\w+)` \|", TABLE, flags=re.M))
# In the modules on top an object says by its name what it is.
NAMES = set(re.findall(r"`([\w.]+)`", "".join(re.findall(
    r"^\| (`[^|]+) \|", (DOCS / "python_servers.md").read_text(), flags=re.M))))
OWNERS = {"select": ("select", ""), "selectors": ("selectors", ""),
          "selector": ("selectors", "BaseSelector."),
          "server": ("socketserver", "BaseServer.")}

# Code, and what is a link already, are taken whole.
PIECE = re.compile(r"""
    ^\ *(?:\*\ )?[@\\](code|verbatim)\b.*?[@\\]end\1 | ^(```|~~~).*?^\2 | ^\#+\ [^\n]*
    | ^(?:\ {4}|\t)[^\n]*$ | (`+)(?P<code>[^`]+)\3 | !?\[[^]]*\]\([^)]*\)
    | (?<![\w./:-])(?P<name>[a-z_][a-z0-9_]*)\((?P<section>[2357])\)""",
    flags=re.M | re.S | re.X)


def python_url(code):
    """Where Python's documentation has `socket.name()`; close(fd) is the function."""
    called = re.fullmatch(r"(\w+)\.(\w+)\((.*)\)", code, flags=re.S)
    if not called:
        return None
    owner, name, arguments = called.groups()
    if owner in OWNERS:
        module, of_class = OWNERS[owner]
        there = of_class + name in NAMES
        return f"{PYTHON}{module}.html#{module}.{of_class}{name}" if there else None
    if owner != "socket" or name not in METHODS | FUNCTIONS:
        return None
    is_method = name in METHODS and not (name in FUNCTIONS and arguments)
    return f"{PYTHON}socket.html#socket.{'socket.' if is_method else ''}{name}"


def link(piece):
    if piece["name"] and piece["name"] != "pysockc":
        return f"[{piece[0]}]({MAN.format(piece['name'], piece['section'])})"
    url = piece["code"] and python_url(piece["code"])
    return f"[{piece[0]}]({url})" if url else piece[0]


def linked(path):
    text = path.read_text()
    if path.suffix == ".md":
        return PIECE.sub(link, text)
    return re.sub(r"/\*\*.*?\*/", lambda comment: PIECE.sub(link, comment[0]), text, flags=re.S)


if __name__ == "__main__":
    sys.stdout.write(linked(pathlib.Path(sys.argv[1])))
