#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""readme.py LANGUAGE | readme.py HEADING N: what README.md would have one type.

The code of a LANGUAGE, such as c; or the N-th indented block below a HEADING.
"""

import pathlib
import re
import sys
import textwrap

TOP = pathlib.Path(__file__).resolve().parents[2]
TEXT = (TOP / "README.md").read_text()


def code(language):
    """The one fenced block of that language."""
    block, = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, flags=re.S | re.M)
    return block


def commands(heading, number):
    """An indented block, counted from 1."""
    section, = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", TEXT, flags=re.S | re.M)
    blocks = re.findall(r"(?:^    .*\n)+", section, flags=re.M)
    return textwrap.dedent(blocks[number - 1])


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.stdout.write(code(sys.argv[1]))
    else:
        sys.stdout.write(commands(sys.argv[1], int(sys.argv[2])))
