#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""reliability.py: docs/reliability.md from what the runs have left in build/.

Each row says of which version it is: one whose run is missing stays as it was, and
is said to be missing if there was none. The long runs write their lines into
build/long.txt: `what: line`.
"""

import collections
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import results

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
PRESETS = {
    "dev": "as it is shipped", "asan": "AddressSanitizer, LeakSanitizer, UBSan",
    "tsan": "ThreadSanitizer", "msan": "MemorySanitizer", "valgrind": "valgrind",
    "coverage": "gcov", "i386": "32 bits", "musl": "musl", "musl-static": "musl, static",
    "aarch64": "aarch64 under qemu", "s390x": "s390x under qemu, big-endian"}
MISSING = "not run"
LOADS = {
    "Connections held at once": "hold", "Connect, echo, close": "cycles",
    "Sockets in one selector": "watch", "Numbers that are used again": "stale",
    "A server in the loop's thread": "server serial",
    "A thread for each request": "server threading",
    "A child for each request": "server forking", "A pool of threads": "server pool",
    "Requests that never end": "slow", "A server's end": "drain",
    "From shutdown to the loop's return, serial": "shutdown serial",
    "From shutdown to the loop's return, threading": "shutdown threading",
    "From shutdown to the loop's return, forking": "shutdown forking",
    "From shutdown to the loop's return, pool": "shutdown pool",
    "sendall under signals": "storm"}
PAGE = TOP / "docs/reliability.md"
VERSION = re.search(r'VERSION "(.*?)"', (TOP / "include/pysockc/version.h").read_text())[1]


def former_rows():
    """The page's rows as they are, by their first cell."""
    lines = PAGE.read_text().splitlines() if PAGE.exists() else []
    return {line.split(" | ")[0]: line for line in lines if line.startswith("| ")}


FORMER = former_rows()


def row(*cells):
    """A row of this version; the former one if its run is missing."""
    line = f"| {' | '.join(map(str, cells))} | {VERSION} |"
    return FORMER.get(line.split(" | ")[0], line) if MISSING in line else line


def ran(preset):
    return (BUILD / preset / "ctest.xml").exists()


def tests(preset):
    return list(results.tests(BUILD / preset)) if ran(preset) else []


def entries(preset):
    return list(results.entries(BUILD / preset)) if ran(preset) else []


def count(preset):
    number = collections.Counter(test.status for test in tests(preset))
    if not number:
        return row(f"`{preset}`", PRESETS[preset], MISSING, "", "")
    return row(f"`{preset}`", PRESETS[preset], number["passed"], number["failed"],
               number["skipped"])


def output(name, pattern, preset="dev"):
    """The line of a ctest entry that the pattern finds."""
    for entry in entries(preset):
        if entry.name == name:
            if match := re.search(pattern, entry.output):
                return match[0]
    return MISSING


def registered():
    """The entries that ctest has, those that take longest among them."""
    listed = subprocess.run(["ctest", "--test-dir", BUILD / "dev", "--show-only"],
                            capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"Test +#[0-9]+: (\S+)", listed))


def long_run(what):
    path = BUILD / "long.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    found = [line.partition(": ")[2] for line in lines if line.startswith(what + ": ")]
    return found[-1] if found else MISSING


def coverage():
    if not (BUILD / "coverage").exists():
        return MISSING
    done = subprocess.run([TOP / "tests/tools/coverage.py"], capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or [MISSING])[-1]


def mcdc():
    path = BUILD / "mcdc/report.txt"
    if not path.exists():
        return MISSING
    words = path.read_text().split("TOTAL")[-1].split()
    return f"{words[-1]} of {words[-3]} conditions"


def skips():
    lines = (TOP / "tests/lists/allowed_skips").read_text().splitlines()
    rows = (line.split(None, 1) for line in lines if re.match(r"\w+(/\w+)? ", line))
    skipped = {name for test in tests("dev") if test.status == "skipped"
               for name in (test.name, test.name.partition("/")[0])}
    new = {f"| `{name}`": f"| `{name}` | {reason} | {'skipped' if name in skipped else 'run'} |"
           for name, reason in rows}
    return [new[name] if ran("dev") else FORMER.get(name, new[name]) for name in new]


def arguments():
    """The tests that are made of the headers."""
    return sum(test.name.startswith(("arguments/", "ssl_arguments/", "net_arguments/"))
               and test.status == "passed" for test in tests("dev"))


def fuzz():
    targets = sorted((TOP / "tests/fuzz").glob("fuzz_*.c"))
    for path in targets:
        name = path.stem.removeprefix("fuzz_")
        corpus = TOP / "tests/fuzz/corpus" / name
        files = len(list(corpus.iterdir())) if corpus.exists() else 0
        yield row(name, files, long_run("fuzz " + name))


def bugs():
    """The table of known bugs: the test's name must be one of the tests."""
    return (TOP / "tests/lists/bug_classes.txt").read_text().splitlines()


def figures():
    """The table of what was counted and measured."""
    canaries = output("canaries", r"[0-9]+ planted bugs")
    if canaries == MISSING:
        canaries = long_run("canaries")
    yield row("Branches of lib/", coverage())
    yield row("MC/DC of lib/, without injection", mcdc())
    yield row("Injected failures of libc's calls", output("fault", r"[0-9]+ injections.*"))
    yield row("Injected failures under TLS", output("fault_ssl", r"[0-9]+ injections.*"))
    yield row("Injected failures of the web", output("net_fault", r"[0-9]+ injections.*"))
    yield row("Injected failures of mail, news and FTP",
              output("net_mail_fault", r"[0-9]+ injections.*"))
    yield row("Calls that the library imports", output("fault_table", r"[^\n]*imports[^\n]*"))
    yield row("Functions with a scenario of their own",
              output("fault_table", r"[^\n]*functions[^\n]*"))
    yield row("Functions given each bad argument", arguments() if ran("dev") else MISSING)
    yield row("Planted bugs that a check must see", f"{canaries}, all seen")
    yield row("Rows beside Python", output("parity", r"[0-9]+ rows[^\n]*"))
    yield row("Constants beside Python", output("check_constants", r"[0-9]+ constants.*"))
    yield row("Look-ups in eight threads",
              "24000, 0 wrong (`network_dns`)" if ran("dev") else MISSING)
    for what, name in LOADS.items():
        yield row(what, long_run(name))
    yield row("Deadlines while bytes drip", output("load_drip", r"deadlines.*"))
    yield row("Deadlines while the clock steps", output("load_steps", r"a deadline.*"))
    yield row("Mutants", long_run("mutants"))
    yield row("Mutants of TLS", long_run("mutants of TLS"))
    yield row("Mutants of the web, mail, news and FTP", long_run("mutants of the web"))


def main():
    names = {its.name for its in tests("dev") + entries("dev")} | registered()
    rows = []
    for line in bugs():
        if line and not line.startswith("#"):
            what, guards = line.split("|")
            rows.append(f"| {what.strip()} | {', '.join(f'`{t}`' for t in guards.split())} |")
            for test in guards.split():
                if names and test not in names:
                    raise SystemExit(f"{test}: no test has this name")
    page = f"""# Reliability {{#reliability}}

What was proved of the library, and by what; made by `tests/tools/reliability.py` of
the runs on one machine: x86-64, two cores, Debian 12, gcc 12. Each row is one
command, which `tests/README.md` names, and says of which version its run was.
Times of 0.3.0 are of a machine with other work beside.

## Tests

| Preset | | Passed | Failed | Skipped | Version |
|---|---|---|---|---|---|
{chr(10).join(count(preset) for preset in PRESETS)}

What may be skipped in `dev` and `asan`, and what a machine lacks then:

| Test | needs | in this run |
|---|---|---|
{chr(10).join(skips())}

## Figures

| What | Result | Version |
|---|---|---|
{chr(10).join(figures())}

## Fuzzing

| Target | Files of its corpus, replayed in every run | Longest run | Version |
|---|---|---|---|
{chr(10).join(fuzz())}

## Known bugs of such libraries

| Bug | Guarded by |
|---|---|
{chr(10).join(rows)}
"""
    PAGE.write_text(page)


main()
