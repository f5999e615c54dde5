# SPDX-License-Identifier: MIT
"""What the public headers declare, for the scripts that read them."""

import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]
HEADERS = sorted((TOP / "include/pysockc").glob("*.h"))
# net.h has those of its library.
NET = {"net", *re.findall(r"^#include <pysockc/(\w+)\.h>",
                          (TOP / "include/pysockc/net.h").read_text(), flags=re.M)}


def library(path):
    """The library that has this header."""
    if path.stem.startswith("ssl"):
        return "pysockc-ssl"
    return "pysockc-net" if path.stem in NET else "pysockc"


LIBRARIES = {name: [path for path in HEADERS if library(path) == name]
             for name in ("pysockc", "pysockc-ssl", "pysockc-net")}


def uncommented(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)


def code(path):
    """The text without comments and preprocessor lines."""
    return re.sub(r"^\s*#(\\\n|[^\n])*", "", uncommented(path.read_text()), flags=re.M)


def prototypes(path):
    """(result, name, text of the parameters) of each function that is exported, in order."""
    for match in re.finditer(r"\bSOCK_API\s+([^;{]*?)\b(sock_\w+)\s*\(([^;]*)\)(?:\s*SOCK_\w+)?\s*;",
                             code(path)):
        yield match[1], match[2], match[3]


def functions(path):
    """Names of the functions that SOCK_API exports, in order."""
    return [name for _, name, _ in prototypes(path)]


def entries(path):
    """(name, text of the comment) of each function that has a Doxygen block, in order."""
    for match in re.finditer(r"/\*\*((?:(?!\*/).)*)\*/\nSOCK_API\b[^;(]*?\b(sock_\w+)\s*\(",
                             path.read_text(), flags=re.S):
        yield match[2], re.sub(r"^ \*(?: |$)", "", match[1], flags=re.M)
