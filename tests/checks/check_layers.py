#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_layers.py LIBRARY.a: no file uses a symbol of a later one.

The archive holds the object files in the order of the list of sources, which
is the order of the layers, lowest first.
"""

import re
import subprocess
import sys


def read(archive):
    """The object files in their order, each with what it has and uses."""
    text = subprocess.run(["nm", "-P", archive], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    layers = []
    for line in text.splitlines():
        member = re.search(r"\[(.*)\.o\]:$", line)
        if member:
            layers.append((member[1], set(), set()))
            continue
        name, kind = line.split()[:2]
        if name.startswith("sock_"):
            layers[-1][2 if kind == "U" else 1].add(name)
    return layers


def main():
    layers = read(sys.argv[1])
    home = {name: i for i, (_, has, _) in enumerate(layers) for name in has}
    faults = [f"{file} uses {name} of {layers[home[name]][0]}"
              for i, (file, _, uses) in enumerate(layers)
              for name in sorted(uses) if home.get(name, -1) > i]
    print("\n".join(faults))
    if len(layers) < 2 or not home:
        sys.exit("no layers in " + sys.argv[1])
    print(f"{len(layers)} layers, {len(home)} symbols, {len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
