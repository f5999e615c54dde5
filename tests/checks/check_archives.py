#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_archives.py LIBRARY.a...: a program can be linked with all of them.

A static library has no visibility: a name that two of them define, though each
means to keep it to itself, is an error of the program's link.
"""

import collections
import subprocess
import sys


def names(archive):
    text = subprocess.run(["nm", "-P", "--extern-only", "--defined-only", archive], check=True,
                          capture_output=True, text=True).stdout
    return {line.split()[0] for line in text.splitlines() if not line.endswith(":")}


def main(*archives):
    homes = collections.defaultdict(list)
    for archive in archives:
        for name in names(archive):
            homes[name].append(archive)
    twice = {name: where for name, where in homes.items() if len(where) > 1}
    for name, where in sorted(twice.items()):
        print(f"{name}: in {' and in '.join(where)}")
    print(f"{len(homes)} names of {len(archives)} libraries, {len(twice)} twice")
    return 1 if twice or not homes else 0


sys.exit(main(*sys.argv[1:]))
