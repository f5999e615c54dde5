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
PYTHON = "https://docs.python.org/{0}.html#{1}"
DOCS = pathlib.Path(__file__).resolve().parents[1]
TABLE = (DOCS / "python.md").read_text()
# The page of Python's names tells methods from functions.
METHODS = set(re.findall(r"^\| `socket\.(\w+)` \|", TABLE, flags=re.M))
FUNCTIONS = set(re.findall(r"^\| `(\w+)` \|", TABLE, flags=re.M))
# In the modules on top an object says by its name what it is.
NAMES = set(re.findall(r"`([\w.]+)`", "".join(
    cell for page in ("python_servers.md", "python_ssl.md", "python_net.md")
    for cell in re.findall(r"^\| (`[^|]+) \|", (DOCS / page).read_text(), flags=re.M))))
OWNERS = {"select": ("3/library/select", "select."),
          "selectors": ("3/library/selectors", "selectors."),
          "selector": ("3/library/selectors", "selectors.BaseSelector."),
          "server": ("3/library/socketserver", "socketserver.BaseServer."),
          "asyncore": ("3.11/library/asyncore", "asyncore."),
          "dispatcher": ("3.11/library/asyncore", "asyncore.dispatcher."),
          "asynchat": ("3.11/library/asynchat", "asynchat."),
          "async_chat": ("3.11/library/asynchat", "asynchat.async_chat."),
          "asyncio": ("3/library/asyncio-eventloop", "asyncio."),
          "loop": ("3/library/asyncio-eventloop", "asyncio.loop."),
          "ssl": ("3/library/ssl", "ssl."),
          "SSLContext": ("3/library/ssl", "ssl.SSLContext."),
          "SSLSocket": ("3/library/ssl", "ssl.SSLSocket.")}
# What Python has and does not document.
UNDOCUMENTED = {"close_all", "get_protocol_name", "set_reuse_addr", "set_socket"}

# Code, and what is a link already, are taken whole.
PIECE = re.compile(r"""
    ^\ *(?:\*\ )?[@\\](code|verbatim)\b.*?[@\\]end\1 | ^(```|~~~).*?^\2 | ^\#+\ [^\n]*
    | ^(?:\ {4}|\t)[^\n]*$ | (`+)(?P<code>[^`]+)\3 | !?\[[^]]*\]\([^)]*\)
    | (?<![\w./:-])(?P<name>[a-z_][a-z0-9_]*)\((?P<section>[2357])\)""",
    flags=re.M | re.S | re.X)


def python_url(code):
    """Where Python's documentation has `socket.name()`; close(fd) is the function."""
    called = re.fullmatch(r"(?:ssl\.(?=\w+\.))?(\w+)\.(\w+)\((.*)\)", code, flags=re.S)
    if not called:
        return None
    owner, name, arguments = called.groups()
    if owner in OWNERS:
        page, before = OWNERS[owner]
        module, _, rest = (before + name).partition(".")
        there = module == "asyncio" or rest in NAMES and name not in UNDOCUMENTED
        return PYTHON.format(page, before + name) if there else None
    if owner != "socket" or name not in METHODS | FUNCTIONS:
        return None
    is_method = name in METHODS and not (name in FUNCTIONS and arguments)
    return PYTHON.format("3/library/socket", f"socket.{'socket.' * is_method}{name}")


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
