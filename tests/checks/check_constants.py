#!/usr/bin/python3
"""check_constants.py LISTER: the table of constants has all that Python has.

The numbers of this machine's module, and those of CPython 3.13, which
constants_313.txt holds: each name with the same value.
"""

import pathlib
import socket
import subprocess
import sys

NAMES_313 = pathlib.Path(__file__).resolve().parents[1] / "lists/constants_313.txt"
# What the module imports for itself, of errno.
IMPORTED = {"EAGAIN", "EBADF", "EWOULDBLOCK"}


def parse(lines):
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: int(value) for name, value in pairs}


def here():
    return {name: int(getattr(socket, name)) for name in dir(socket)
            if isinstance(getattr(socket, name), int)
            and not isinstance(getattr(socket, name), bool)
            and name not in IMPORTED}


def main(lister):
    listed = subprocess.run([lister], check=True, capture_output=True, text=True)
    table = parse(listed.stdout.splitlines())
    findings = []
    for source, expected in (("this Python", here()),
                             ("Python 3.13", parse(NAMES_313.read_text().splitlines()))):
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
