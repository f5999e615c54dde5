#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_cases.py [FOLDER]: each case of the suites of others has its verdict.

Reads tests/lists/cases_servers.txt, which says how a line is made: a suite has
as many cases as its heading says, each once; the tests that it names exist, and
so do the rows of docs/deviations.md. With a FOLDER of sources, such as Python's
own test/, the names of a suite SUITE.py that lies there must be the same.
"""

import collections
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
LIST = TESTS / "lists/cases_servers.txt"
HEADING = re.compile(r"\[(\w+)\] (\d+) (.+)")
# What makes a test of the unit tests: itself, or one of each kind.
TEST = re.compile(r"^TEST\((\w+),\s*(\w+)\)", re.M)
BOTH = re.compile(r"^FOR_BOTH_KINDS\((\w+)\)", re.M)
# What makes an entry of ctest, with the beginning of its name.
ENTRIES = {"add_program_test": "", "add_test(NAME": "", "add_load": "load_"}


def unit_tests():
    for path in (TESTS / "unit").glob("test_*.c"):
        text = path.read_text()
        yield from ("/".join(names) for names in TEST.findall(text))
        for name in BOTH.findall(text):
            yield from (f"{path.stem.removeprefix('test_')}/{name}_{kind}"
                        for kind in ("epoll", "poll"))


def entries():
    yield "arguments"  # which is generated
    for path in TESTS.rglob("CMakeLists.txt"):
        for command, prefix in ENTRIES.items():
            pattern = re.escape(command) + r"[( ]\s*([\w-]+)"
            yield from (prefix + name for name in re.findall(pattern, path.read_text()))


def deviations():
    text = (TESTS.parent / "docs/deviations.md").read_text()
    return {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}


def suites():
    """Name -> (number of cases, [line, split, of each])."""
    found = collections.OrderedDict()
    for line in LIST.read_text().splitlines():
        if heading := HEADING.fullmatch(line):
            cases = found.setdefault(heading[1], (int(heading[2]), []))[1]
        elif line and not line.startswith("#"):
            cases.append([part.strip() for part in line.split("|")])
    return found


def wrong_tests(names, known):
    if not names.split():
        yield "names no test"
    yield from (f"no test is called {name}" for name in names.split() if name not in known)


def wrong_verdict(case, known, keys):
    match case:
        case [_, "covered", names]:
            yield from wrong_tests(names, known)
        case [_, "deviates", key, names]:
            yield from wrong_tests(names, known)
            if key not in keys:
                yield f"docs/deviations.md has no {key!r}"
        case [_, "not offered", reason] if reason:
            pass
        case _:
            yield "has no verdict"


def wrong_names(suite, cases, folder):
    """Beside the sources of the suite, where there are any."""
    path = pathlib.Path(folder) / f"{suite}.py"
    if not path.is_file():
        return
    theirs = set(re.findall(r"^    def (test_\w+)", path.read_text(), flags=re.M))
    names = {case[0] for case in cases}
    yield from (f"{name}: not in the list" for name in theirs - names)
    yield from (f"{name}: not in {path.name}" for name in names - theirs)


def findings(folder):
    known, keys = {*unit_tests(), *entries()}, deviations()
    for suite, (number, cases) in suites().items():
        names = [case[0] for case in cases]
        if len(cases) != number or len(set(names)) != number:
            yield f"{suite}: {len(set(names))} cases, not {number}"
        for case in cases:
            yield from (f"{suite}: {case[0]}: {text}" for text in wrong_verdict(case, known, keys))
        if folder:
            yield from (f"{suite}: {text}" for text in wrong_names(suite, cases, folder))


def main(folder=None):
    wrong = list(findings(folder))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    verdicts = collections.Counter(case[1] for _, cases in suites().values() for case in cases
                                   if len(case) > 1)
    print(f"{sum(verdicts.values())} cases:",
          ", ".join(f"{n} {verdict}" for verdict, n in sorted(verdicts.items())))
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:]))
