#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_table.py LIBRARY...: nothing of the library escapes the injection.

Each undefined name has a row in errors.txt, or its reason in pure.txt; each
function of the headers a scenario, or its name in no_scenario.txt.
"""

import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import headers

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


def check_functions():
    declared = {name for path in headers.LIBRARIES["pysockc"] for name in headers.functions(path)}
    named = set(re.findall(r"\bsock_\w+", (HERE / "scenarios.c").read_text()))
    excused = set(" ".join(rows("no_scenario.txt")).split())
    wrong = [f"{name}: has no scenario" for name in declared - named - excused]
    wrong += [f"{name}: has a scenario, or is no function" for name in excused - (declared - named)]
    print(*sorted(wrong), f"{len(declared)} functions, {len(excused)} without calls", sep="\n")
    return not wrong


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
    same = found - wrapped <= pure and not wrapped & pure and wrapped <= found
    return 0 if check_functions() and same else 1


sys.exit(main(sys.argv[1:]))
