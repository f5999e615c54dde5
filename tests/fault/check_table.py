#!/usr/bin/python3
"""check_table.py LIBRARY...: no import of the library escapes the injection.

Each undefined name has a row in errors.txt, or its reason in pure.txt.
"""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def rows(name):
    lines = (HERE / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def imports(library):
    command = ["nm", "-D"] if ".so" in pathlib.Path(library).name else ["nm"]
    text = subprocess.run(command + [library], check=True, capture_output=True,
                          text=True).stdout
    words = (line.split() for line in text.splitlines())
    names = {w[-1].split("@")[0] for w in words if len(w) == 2 and w[0] in "Uw"}
    return {name for name in names if not name.startswith("sock_")}


def main(libraries):
    wrapped = {row.split(":")[0] for row in rows("errors.txt")}
    pure = set(" ".join(rows("pure.txt")).split())
    found = set().union(*map(imports, libraries))
    for name in sorted(found - wrapped - pure):
        print(f"{name}: imported, but neither in errors.txt nor in pure.txt")
    for name in sorted(wrapped & pure):
        print(f"{name}: in errors.txt and in pure.txt")
    for name in sorted(wrapped - found):
        print(f"{name}: in errors.txt, but no longer imported")
    print(f"{len(found)} imports, {len(found & wrapped)} of them wrapped")
    return 1 if found - wrapped - pure or wrapped & pure or wrapped - found else 0


sys.exit(main(sys.argv[1:]))
