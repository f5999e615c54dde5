#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_symbols.py LIBRARY SHARED STATIC: the interface is what the headers promise.

Declared in a header = listed in the map, in the same order = exported by the
shared library = documented = listed for Debian; and the static library, which
has no map, defines no other global name either.
"""

import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from headers import LIBRARIES, TOP, code, entries, functions

LIBRARY = sys.argv[1]
HEADERS = LIBRARIES[LIBRARY]
NODE = LIBRARY.upper().replace("-", "_")
# What the core has for the libraries that put a protocol under a socket.
PRIVATE = [TOP / "lib/socket" / name for name in ("private.h", "text.h")] if LIBRARY == "pysockc" else []
MAP = {"pysockc": TOP / "lib/pysockc.map", "pysockc-ssl": TOP / "lib/ssl/pysockc-ssl.map",
       "pysockc-net": TOP / "lib/net/pysockc-net.map"}[LIBRARY]
DEBIAN = TOP / f"cmake/debian/lib{LIBRARY}.symbols"

findings = []


def compare(what, names, whose, others):
    for name in sorted(set(names) - set(others)):
        findings.append(f"{name}: {what}, but not {whose}")
    for name in sorted(set(others) - set(names)):
        findings.append(f"{name}: {whose}, but not {what}")


def declared(path):
    """Names of functions, in order. Only prototypes have a name before a (."""
    return re.findall(r"\b(sock_\w+)\s*\(", code(path))


def documented(path):
    """Names of the functions that a Doxygen block stands directly above."""
    return [name for name, text in entries(path) if "@since" in text]


def map_nodes():
    """Node -> names, in the order of the file."""
    text = re.sub(r"/\*.*?\*/", "", MAP.read_text(), flags=re.S)
    return {node: re.findall(r"\b(sock_\w+);", body)
            for node, body in re.findall(r"([\w.]+)\s*\{(.*?)\}", text, flags=re.S)}


def map_sections():
    """Header -> names, as the comments in the map say."""
    sections = re.split(r"/\* (\w+\.h) \*/", MAP.read_text().split("local:")[0])
    return {header: re.findall(r"\b(sock_\w+);", names)
            for header, names in zip(sections[1::2], sections[2::2])}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}).stdout


def defined(*command):
    """Names of nm's lines `address type name`; the nodes themselves are `A`."""
    lines = (line.split() for line in output("nm", *command).splitlines())
    return [words[2] for words in lines if len(words) == 3 and words[1] != "A"]


def check_headers():
    sections = map_sections()
    for path in HEADERS:
        names = declared(path)
        compare("declared", names, "marked SOCK_API", functions(path))
        compare("declared", names, "documented above with @since", documented(path))
        if names != sections.get(path.name, []):
            findings.append(f"{path.name}: the map lists other names, or in another order")


def check_libraries(shared, static):
    public = [name for path in HEADERS for name in declared(path)]
    private = [name for path in PRIVATE for name in functions(path)]
    nodes = map_nodes()
    listed = [f"{name}@@{node}" for node in nodes for name in nodes[node]]
    compare("declared", public + private, "in the map", sum(nodes.values(), []))
    node = f"{NODE}_PRIVATE_{soversion()}"
    compare("in the private headers", private, f"in the node {node}", nodes.get(node, []))
    compare("in the map", listed, "exported", defined("--dynamic", "--defined-only", shared))

    archived = defined("--extern-only", "--defined-only", static)
    compare("declared", public, "in the static library",
            [name for name in archived if not name.startswith("sock__")])
    if len(archived) != len(set(archived)):
        findings.append("the static library defines a name twice")


def check_debian():
    """A name asks for the version of its node; one that is no promise, for the same package."""
    wanted = []
    for node, names in map_nodes().items():
        since = f"{node.split('_')[-1]}.0" + " 1" * ("PRIVATE" in node)
        wanted += [f" {name}@{node} {since}" for name in [node, *names]]
    lines = DEBIAN.read_text().splitlines()
    compare("in the map", wanted, "in Debian's",
            [line for line in lines if line.startswith(" ")])
    version = soversion()
    if f"lib{LIBRARY}.so.{version} lib{LIBRARY}{version} #MINVER#" not in lines:
        findings.append("Debian's symbols are not of the soname")


def soversion():
    """Of each minor version while it is 0.x, of the major version from then on."""
    text = (TOP / "include/pysockc/version.h").read_text()
    major, minor = re.search(r'SOCK_VERSION "(\d+)\.(\d+)\.', text).groups()
    return major if major != "0" else f"0.{minor}"


def check_soname(shared):
    """And the nodes: PYSOCKC_0.3 is the one of 0.3, PYSOCKC_1.3 one of 1."""
    soname = re.search(r"SONAME.*\[(.*)\]", output("readelf", "--dynamic", shared))
    if not soname or soname[1] != f"lib{LIBRARY}.so.{soversion()}":
        findings.append(f"the soname is {soname and soname[1]}")
    for node in map_nodes():
        if not f"{node.replace('PRIVATE_', '')}.".startswith(f"{NODE}_{soversion()}."):
            findings.append(f"the node {node} is not of the soname")


def main(_, shared, static):
    check_headers()
    check_libraries(shared, static)
    check_soname(shared)
    check_debian()
    for finding in findings:
        print(finding)
    return 1 if findings else 0


sys.exit(main(*sys.argv[1:]))
