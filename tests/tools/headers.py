# SPDX-License-Identifier: MIT
"""What the public headers declare, for the scripts that read them."""

import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]
HEADERS = sorted((TOP / "include/pysockc").glob("*.h"))
# Those of each library.
LIBRARIES = {"pysockc": [path for path in HEADERS if not path.name.startswith("ssl")],
             "pysockc-ssl": [path for path in HEADERS if path.name.startswith("ssl")]}


def uncommented(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)


def code(path):
    """The text without comments and preprocessor lines."""
    return re.sub(r"^\s*#(\\\n|[^\n])*", "", uncommented(path.read_text()), flags=re.M)


def prototypes(path):
    """(result, name, text of the parameters) of each function that is exported, in order."""
    for match in re.finditer(r"\bSOCK_API\s+([^;{]*?)\b(sock_\w+)\s*\(([^;]*)\)\s*;", code(path)):
        yield match[1], match[2], match[3]


def functions(path):
    """Names of the functions that SOCK_API exports, in order."""
    return [name for _, name, _ in prototypes(path)]


def entries(path):
    """(name, text of the comment) of each function that has a Doxygen block, in order."""
    for match in re.finditer(r"/\*\*((?:(?!\*/).)*)\*/\nSOCK_API\b[^;(]*?\b(sock_\w+)\s*\(",
                             path.read_text(), flags=re.S):
        yield match[2], re.sub(r"^ \*(?: |$)", "", match[1], flags=re.M)
