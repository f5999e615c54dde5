#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_constants.py LISTER: the table of constants has all that Python has.

The numbers of this machine's module, and those of CPython 3.13, which
constants_313.txt holds: each name with the same value. Those of 3.13, and no others, are
said to be Python's, and a value that Python has a name for is shown by one of Python's.
"""

import pathlib
import socket
import subprocess
import sys

NAMES_313 = pathlib.Path(__file__).resolve().parents[1] / "lists/constants_313.txt"
# What the module imports for itself, of errno.
IMPORTED = {"EAGAIN", "EBADF", "EWOULDBLOCK"}
# Python's names of values that mean something else at the level of their first word: a
# limit, and items of J1939. The kernel's name of that is shown.
OF_OTHERS = {"IP_MAX_MEMBERSHIPS", "SCM_J1939_ERRQUEUE", "SCM_J1939_PRIO"}


def parse(lines):
    pairs = (line.split()[:2] for line in lines if line and not line.startswith("#"))
    return {name: int(value) for name, value in pairs}


def here():
    return {name: int(getattr(socket, name)) for name in dir(socket)
            if isinstance(getattr(socket, name), int)
            and not isinstance(getattr(socket, name), bool)
            and name not in IMPORTED}


def marks(lines, python):
    """Names that are wrongly said to be Python's, or not to be, or wrongly shown."""
    for name, _, shown, mark in map(str.split, lines):
        if (mark == "1") != (name in python):
            yield f"{name}: is Python's is said to be {mark}"
        if name in python and shown != "-" and shown not in python and name not in OF_OTHERS:
            yield f"{name}: its value is shown as {shown}, which is not Python's"


def members(lines):
    """Members of Python's enumerations whose values have another name here."""
    shown = {(name.split("_")[0], int(value)): shown
             for name, value, shown, _ in map(str.split, lines)}
    for kind, word in ((socket.AddressFamily, "AF"), (socket.SocketKind, "SOCK"),
                       (socket.MsgFlag, "MSG"), (socket.AddressInfo, "AI")):
        for member in kind:
            if shown.get((word, int(member))) != member.name:
                yield f"{member!r} is shown as {shown.get((word, int(member)))}"


def main(lister):
    listed = subprocess.run([lister], check=True, capture_output=True, text=True)
    lines = listed.stdout.splitlines()
    table = parse(lines)
    python = parse(NAMES_313.read_text().splitlines())
    findings = [*marks(lines, python), *members(lines)]
    for source, expected in (("this Python", here()), ("Python 3.13", python)):
        if len(expected) < 300:
            findings.append(f"{source} has {len(expected)} constants only")
        for name, value in expected.items():
            if table.get(name) != value:
                findings.append(f"{name}: {value} in {source}, here {table.get(name)}")
    for finding in findings:
        print(finding)
    print(f"{len(table)} constants, {len(findings)} findings")
    return 1 if findings else 0


sys.exit(main(*sys.argv[1:]))
