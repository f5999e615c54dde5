#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_python_page.py: the pages "Python to C" have every name, and only real ones.

Each name of one of Python's modules stands in the first column of one row; each
`sock_` or `SOCK_` in a row is a function, type or constant of the headers; and
what is without a C name says why. docs/python.md has the module socket,
docs/python_servers.md a section for each of the modules on top, docs/python_ssl.md
the module ssl, docs/python_net.md a section for each module of the web.
"""

import importlib
import inspect
import pathlib
import re
import socket
import sys
import types
import warnings

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from headers import HEADERS, TOP

PAGE = TOP / "docs/python.md"
PAGE_OF_SERVERS = TOP / "docs/python_servers.md"
NAMES_313 = TOP / "tests/lists/constants_313.txt"
NAMES_OF_SERVERS = TOP / "tests/lists/names_servers.txt"
PAGE_OF_SSL = TOP / "docs/python_ssl.md"
NAMES_OF_SSL = TOP / "tests/lists/names_ssl.txt"
PAGE_OF_NET = TOP / "docs/python_net.md"
NAMES_OF_NET = TOP / "tests/lists/names_net.txt"

# What of socket may lack a C name.
WITHOUT = {"CAPI", "SocketIO", "fromshare", "socket.ioctl", "socket.share",
           "AddressFamily", "AddressInfo", "MsgFlag", "SocketKind"}
# Functions that 3.12 has no more.
GONE_FROM_SSL = {"RAND_pseudo_bytes", "match_hostname", "wrap_socket"}
# What the module imports for itself is not the module's.
IMPORTED = {"EAGAIN", "EBADF", "EWOULDBLOCK", "IntEnum", "IntFlag"}


def listed(path):
    return [line.split() for line in path.read_text().splitlines()
            if line and not line.startswith("#")]


def names_of_socket():
    """Names of the module and methods of the class, in Python 3.13 and here."""
    names = {name for name in dir(socket)
             if not name.startswith("_") and name not in IMPORTED
             and not isinstance(getattr(socket, name), types.ModuleType)}
    names |= {"socket." + name for name in dir(socket.socket)
              if not name.startswith("_")}
    names |= {words[0] for words in listed(NAMES_313)}
    return (names | WITHOUT) - {"array"}


def own_names(owner):
    """What a class does not have from another one."""
    of_others = {name for base in inspect.getmro(owner)[1:] for name in dir(base)}
    return {name for name in set(dir(owner)) - of_others if not name.startswith("_")}


def is_own(module, name):
    """Whether a module has not imported it, as some import errno's."""
    there = getattr(module, name)
    home = getattr(there, "__module__", None) or module.__name__
    return not (name.startswith("_") or isinstance(there, types.ModuleType) or
                module.__name__ not in ("select", home) or
                name == "errorcode" or re.match("E[A-Z]+$", name))


def names_here(module):
    """The public names of one of the modules on top, as this Python has it."""
    for member in filter(lambda member: is_own(module, member), dir(module)):
        yield f"{module.__name__}.{member}"
        owner = getattr(module, member)
        if module.__name__ == "select" and member in ("poll", "epoll"):
            owner = type(owner())  # what they are called for
        # Another name of a class has nothing of its own.
        if inspect.isclass(owner) and owner.__name__ == member:
            yield from (f"{module.__name__}.{member}.{own}" for own in own_names(owner))


def names_of_servers(names):
    """The list, if it has all that is here."""
    names |= {words[0] for words in listed(NAMES_OF_SERVERS)}
    for module in sorted({name.partition(".")[0] for name in names}):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            imported = importlib.import_module(module)
        for name in set(names_here(imported)) - names:
            yield f"{name}: is not in {NAMES_OF_SERVERS.name}"


def names_of_ssl():
    """The list, which is that of Python 3.13."""
    return {words[0].removeprefix("ssl.") for words in listed(NAMES_OF_SSL)}


def missing_of_ssl(names):
    """What the module has here beyond the list."""
    module = importlib.import_module("ssl")
    for name in dir(module):
        home = getattr(getattr(module, name), "__module__", None) or "ssl"
        if home in ("ssl", "_ssl") and not (
                name.startswith("_") or hasattr(socket, name) or
                isinstance(getattr(module, name), types.ModuleType) or
                name in names | GONE_FROM_SSL):
            yield f"ssl.{name}: is not in {NAMES_OF_SSL.name}"


def rows(page):
    """(Python names, C names, difference) of each row of a table; in a section
    of a module its names have it in front."""
    module = ""
    for line in page.read_text().splitlines():
        if heading := re.match(r"## ([\w.]+) \{#python-(?:\1|net-\w+)\}$", line):
            module = heading[1] + "."
        elif line.startswith("## "):
            module = ""
        if line.startswith("|"):
            python, c, *rest = [cell.strip() for cell in line.strip("|").split("|")]
            names = re.findall(r"(?<!`)`([A-Za-z][\w.]*)`(?!`)", python)
            yield [module + name for name in names], c, "".join(rest)


def declared():
    text = "".join(path.read_text() for path in HEADERS)
    return set(re.findall(r"\b(sock_\w+)(?:\s*\(|;)|^#define (SOCK_\w+)|^ +(SOCK_[A-Z]\w*)\b",
                          text, flags=re.M))


def check_page(page, expected, known):
    """How many names it has, and what is wrong with it."""
    seen, findings = [], []
    for names, c_names, difference in rows(page):
        seen += names
        for name in names:
            if name not in expected:
                findings.append(f"{name}: Python has no such name")
            if c_names == "-" and (name not in WITHOUT if page == PAGE else not difference):
                findings.append(f"{name}: has no C name")
        for c_name in re.findall(r"\b(?:sock|SOCK)_\w+", c_names):
            if c_name not in known:
                findings.append(f"{c_name}: no header declares it")
    findings += [f"{name}: has no row" for name in sorted(expected - set(seen))]
    findings += [f"{name}: has more than one row" for name in sorted(set(seen))
                 if seen.count(name) > 1]
    return len(seen), [f"{page.name}: {finding}" for finding in findings]


def main():
    known = {name for found in declared() for name in found if name}
    of_servers = set()
    findings = list(names_of_servers(of_servers)) + list(missing_of_ssl(names_of_ssl()))
    count = 0
    for page, expected in ((PAGE, names_of_socket()), (PAGE_OF_SERVERS, of_servers),
                           (PAGE_OF_SSL, names_of_ssl()),
                           (PAGE_OF_NET, {words[0] for words in listed(NAMES_OF_NET)})):
        seen, found = check_page(page, expected, known)
        count += seen
        findings += found
    for finding in findings:
        print(finding)
    print(f"{count} names, {len(findings)} findings")
    return 1 if findings else 0


sys.exit(main())
