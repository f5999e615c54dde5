#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_python_page.py: the page "Python to C" has every name, and only real ones.

Each name of Python's module stands in the first column of one row; each
`sock_` or `SOCK_` in a row is a function, type or macro of the headers; and
only what Windows or Python alone can have is without a C name.
"""

import pathlib
import re
import socket
import sys
import types

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from headers import HEADERS, TOP

PAGE = TOP / "docs/python.md"
NAMES_313 = TOP / "tests/lists/constants_313.txt"

# What may lack a C name.
WITHOUT = {"CAPI", "SocketIO", "fromshare", "socket.ioctl", "socket.share",
           "AddressFamily", "AddressInfo", "MsgFlag", "SocketKind"}
# What the module imports for itself is not the module's.
IMPORTED = {"EAGAIN", "EBADF", "EWOULDBLOCK", "IntEnum", "IntFlag"}


def module_names():
    """Names of the module and methods of the class, in Python 3.13 and here."""
    names = {name for name in dir(socket)
             if not name.startswith("_") and name not in IMPORTED
             and not isinstance(getattr(socket, name), types.ModuleType)}
    names |= {"socket." + name for name in dir(socket.socket)
              if not name.startswith("_")}
    names |= {line.split()[0] for line in NAMES_313.read_text().splitlines()
              if line and not line.startswith("#")}
    return (names | WITHOUT) - {"array"}


def rows():
    """(Python names, C names) of each row of a table."""
    for line in PAGE.read_text().splitlines():
        if line.startswith("|"):
            python, c, *_ = [cell.strip() for cell in line.strip("|").split("|")]
            yield re.findall(r"(?<!`)`([A-Za-z][\w.]*)`(?!`)", python), c


def declared():
    text = "".join(path.read_text() for path in HEADERS)
    return set(re.findall(r"\b(sock_\w+)(?:\s*\(|;)|^#define (SOCK_\w+)|\b(SOCK_E_\w+)\b",
                          text, flags=re.M))


def main():
    known = {name for found in declared() for name in found if name}
    expected = module_names()
    seen, findings = [], []
    for names, c_names in rows():
        seen += names
        for name in names:
            if name not in expected:
                findings.append(f"{name}: Python's module has no such name")
            if c_names == "-" and name not in WITHOUT:
                findings.append(f"{name}: has no C name")
        for c_name in re.findall(r"\b(?:sock|SOCK)_\w+", c_names):
            if c_name not in known:
                findings.append(f"{c_name}: no header declares it")
    for name in sorted(expected - set(seen)):
        findings.append(f"{name}: has no row")
    for name in sorted({name for name in seen if seen.count(name) > 1}):
        findings.append(f"{name}: has more than one row")
    for finding in findings:
        print(finding)
    print(f"{len(seen)} names, {len(findings)} findings")
    return 1 if findings else 0


sys.exit(main())
