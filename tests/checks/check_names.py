#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_names.py: our names are ours alone.

Every macro of the public headers has the prefix, but for the system's own that
constant.h completes; no header of the C library, the kernel or the C++ library
has a function, type, constant or macro of ours; and tests/headers/
constants.c, ssl_constants.c and net_constants.c use every constant.
"""

import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from headers import HEADERS, TOP, uncommented

# What is on every machine that compiles a program, whatever else it has.
PACKAGES = ["libc6-dev", "linux-libc-dev", "libstdc++-*-dev"]
NAME = re.compile(r"\b(?:sock_|SOCK_)\w+")


def names(text):
    return set(NAME.findall(text))


def bare_macros():
    """Macros without the prefix; the bare names of names.h are its purpose."""
    for path in HEADERS:
        for macro in re.findall(r"^\s*#\s*define\s+(\w+)", path.read_text(), flags=re.M):
            if not re.match(r"SOCK_|PYSOCKC_\w+_H$", macro) and \
                    path.name not in ("names.h", "constant.h"):
                yield f"{path.name}: {macro} has no prefix"


def system_macros():
    """constant.h gives the system's names the kernel's values, if they lack one."""
    text = (TOP / "include/pysockc/constant.h").read_text()
    values = dict(line.split()[:2] for line in
                  (TOP / "lib/socket/constants.txt").read_text().splitlines()
                  if line and not line.startswith("#"))
    guarded = dict(re.findall(r"^#ifndef (\w+)\n#define \1 (\w+)\n#endif$", text, flags=re.M))
    for macro in re.findall(r"^\s*#\s*define\s+(\w+)", text, flags=re.M):
        if macro != "PYSOCKC_CONSTANT_H" and values.get(macro) != guarded.get(macro, "none"):
            yield f"constant.h: {macro} is not the kernel's, or unguarded"


def unused_constants():
    """Attributes are used by the headers themselves."""
    used = set().union(*(names((TOP / "tests/headers" / file).read_text())
                         for file in ("constants.c", "ssl_constants.c", "net_constants.c")))
    for path in HEADERS:
        text = uncommented(path.read_text())
        constants = re.findall(r"^\s*(?:#\s*define\s+)?(SOCK_\w+)(?: = |\s+\S)", text, flags=re.M)
        for name in sorted(set(constants) - used - {"SOCK_API", "SOCK_NODISCARD", "SOCK_HTTPD_PRINTF"}):
            yield f"{path.name}: constants.c does not use {name}"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def system_headers():
    installed = output("dpkg-query", "--show", "--showformat=${binary:Package} ", *PACKAGES)
    for path in map(pathlib.Path, output("dpkg", "-L", *installed.split()).split()):
        if "include" in path.parts and path.suffix in ("", ".h", ".tcc") and path.is_file():
            yield path


def clashes(path, public):
    text = path.read_text(errors="replace")
    # Few headers have such a name at all, so comments are looked at only then.
    if names(text) & public:
        yield from sorted(names(uncommented(text)) & public)


def main():
    if not shutil.which("dpkg"):
        print("no dpkg here, which names the headers of", *PACKAGES)
        return 77
    public = set().union(*(names(uncommented(path.read_text())) for path in HEADERS))
    findings = [*bare_macros(), *system_macros(), *unused_constants()]
    headers = list(system_headers())
    for path in headers:
        findings += [f"{path}: has {name}" for name in clashes(path, public)]
    for finding in findings:
        print(finding)
    print(f"{len(public)} names looked for in {len(headers)} headers of", *PACKAGES)
    # Packages without headers would pass every name.
    return 1 if findings or len(headers) < 1000 else 0


sys.exit(main())
