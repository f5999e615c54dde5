#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_license.py: each source names its licence, by its SPDX identifier, in
the first line, or the second where the first names an interpreter."""

import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["cmake", "docs", "examples", "include", "lib", "pkgconfig", "tests", ".ci", ".github"]
SOURCES = {".c", ".cmake", ".cpp", ".h", ".in", ".map", ".py", ".sed", ".sh", ".supp", ".suppr",
           ".yml"}
IDENTIFIER = "SPDX-License-Identifier: MIT"


def sources():
    yield TOP / "CMakeLists.txt"
    for path in (path for folder in FOLDERS for path in (TOP / folder).rglob("*")):
        if path.is_file() and (path.suffix in SOURCES or path.name in ("CMakeLists.txt", "run")):
            yield path


def names_it(path):
    with path.open() as file:
        return IDENTIFIER in file.readline() + file.readline()


def main():
    paths = list(sources())
    wrong = [path for path in paths if not names_it(path)]
    for path in wrong:
        print(f"{path.relative_to(TOP)}: does not say '{IDENTIFIER}'")
    print(f"{len(paths)} sources, {len(wrong)} without their licence")
    return 1 if wrong or not paths else 0


sys.exit(main())
