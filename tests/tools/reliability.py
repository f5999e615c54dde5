#!/usr/bin/python3
"""reliability.py: docs/reliability.md from what the runs have left in build/.

A figure whose run is missing is said to be missing. The long runs write their
lines into build/long.txt: `what: line`.
"""

import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
PRESETS = {
    "dev": "as it is shipped", "asan": "AddressSanitizer, LeakSanitizer, UBSan",
    "tsan": "ThreadSanitizer", "msan": "MemorySanitizer", "valgrind": "valgrind",
    "coverage": "gcov", "i386": "32 bits", "musl": "musl", "musl-static": "musl, static",
    "aarch64": "aarch64 under qemu", "s390x": "s390x under qemu, big-endian"}
MISSING = "not run"


def cases(preset):
    """(suite or None for ctest's own, name, status, output) of a run."""
    folder = BUILD / preset
    if not (folder / "ctest.xml").exists():
        return
    for case in ElementTree.parse(folder / "ctest.xml").iter("testcase"):
        status = {"run": "passed", "fail": "failed"}.get(case.get("status"), "skipped")
        yield None, case.get("name"), status, case.findtext("system-out") or ""
    for path in sorted((folder / "results").glob("*.xml")):
        for suite in ElementTree.parse(path).iter("testsuite"):
            for case in suite.iter("testcase"):
                yield suite.get("name"), case.get("name"), case.get("status").lower(), ""


def count(preset):
    found = list(cases(preset))
    number = {status: sum(1 for suite, _, its, _ in found if suite and its == status)
              for status in ("passed", "failed", "skipped")}
    entries = sum(1 for suite, _, its, _ in found if suite is None and its == "passed")
    if not found:
        return f"| `{preset}` | {PRESETS[preset]} | {MISSING} | | | |"
    return (f"| `{preset}` | {PRESETS[preset]} | {number['passed']} | {number['failed']} | "
            f"{number['skipped']} | {entries} |")


def output(name, pattern, preset="dev"):
    """The line of a ctest entry that the pattern finds."""
    for suite, its, _, text in cases(preset):
        if suite is None and its == name:
            if match := re.search(pattern, text):
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
    rows = (line.split(None, 1) for line in lines if line and not line.startswith("#"))
    skipped = {f"{suite}/{name}" if suite else name
               for suite, name, its, _ in cases("dev") if its == "skipped"}
    return [f"| `{name}` | {reason} | {'skipped' if name in skipped else 'run'} |"
            for name, reason in rows]


def arguments():
    """The tests that are made of the headers."""
    return sum(suite == "arguments" and its == "passed" for suite, _, its, _ in cases("dev"))


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
    names = {name for _, name, _, _ in cases("dev")} | \
        {f"{suite}/{name}" for suite, name, _, _ in cases("dev") if suite}
    rows = []
    for line in bugs():
        if line and not line.startswith("#"):
            what, tests = line.split("|")
            rows.append(f"| {what.strip()} | {', '.join(f'`{t}`' for t in tests.split())} |")
            for test in tests.split():
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

| Preset | | Passed | Failed | Skipped | Entries of ctest that passed |
|---|---|---|---|---|---|
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
