#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_cases.py [FOLDER]: each case of the suites of others has its verdict.

Reads tests/lists/cases_*.txt; cases_servers.txt says how a line is made: a suite has
as many cases as its heading says, each once; the tests that it names exist, and
so do the rows of docs/deviations.md. With a FOLDER of sources, the test/ of
Python, libuv or libevent, the names of the suites that lie there must be the
same.
"""

import collections
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
LISTS = sorted((TESTS / "lists").glob("cases_*.txt"))
HEADING = re.compile(r"\[(\w+)\] (\d+) (.+)")
# What makes a test of the unit tests: itself, or a macro that has some, whose
# first argument is a part of their names.
TEST = re.compile(r"^TEST\((\w+),\s*(\w+)\)", re.M)
MACRO = re.compile(r"^#define (\w+)\((\w+)[^)]*\)((?:.*\\\n)+.*)", re.M)
INSIDE = re.compile(r"\bTEST\((\w+),\s*([\w#]+)\)")
# What makes an entry of ctest, with the beginning of its name; and what it is made
# for, where its name ends in that.
ENTRIES = {"add_program_test": "", "add_test(NAME": "", "add_load": "load_"}
CLASSES = re.compile(r'add_class_tests\((\w+)\s+\S+\s+\d+\s+"[^"]*"\s+([\w\s]+)\)')
ITEMS = re.compile(r"^foreach\(\w+ IN ITEMS ([^)]+)\)", re.M)


def of_macros(text):
    for macro, first, body in MACRO.findall(text):
        for argument in re.findall(rf"^{macro}\((\w*)", text, re.M):
            for concept, name in INSIDE.findall(body):
                parts = (argument if part == first else part for part in name.split("##"))
                yield f"{concept}/{''.join(parts)}"


def unit_tests():
    for path in (path for folder in ("unit", "ssl", "net")
                 for path in (TESTS / folder).glob("t[el]s*_*.c")):
        text = path.read_text()
        yield from ("/".join(names) for names in TEST.findall(text))
        yield from of_macros(text)


def entries():
    yield "arguments"  # which is generated
    for path in TESTS.rglob("CMakeLists.txt"):
        text = path.read_text()
        for prefix, classes in CLASSES.findall(text):
            yield from (f"{prefix}_{name}".lower() for name in classes.split())
        items = " ".join(ITEMS.findall(text)).lower().split()
        for command, prefix in ENTRIES.items():
            for name in re.findall(re.escape(command) + r"[( ]\s*([\w-]+)", text):
                yield prefix + name
                yield from (prefix + name + item for item in items if name.endswith("_"))


def deviations():
    text = (TESTS.parent / "docs/deviations.md").read_text()
    return {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}


def suites():
    """Name -> (number of cases, [line, split, of each])."""
    found = collections.OrderedDict()
    for line in (line for path in LISTS for line in path.read_text().splitlines()):
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


# By the beginning of a suite's name: the file of its names, the part of that in
# which they are, and what finds one. {0} is the rest of its name.
EVENT = r"\w+(?<!iocp)_testcases\[\].*?^}};", r"^\t(?:{{ \"|[A-Z]+\()(\w+)"
SOURCES = (
    ("libuv_", "test-list.h", "", r"^ *TEST_ENTRY(?:_CUSTOM)? *\( *({0}\d?(?:_\w+)?)\b"),
    ("libevent_main", "regress.c", *EVENT),
    ("libevent_", "regress_{0}.c", *EVENT),
    ("", "{0}.py", "", r"^    def (test\w+)"),
)


def names_in(folder, suite):
    """The suite's names, by its sources; None where there are none."""
    prefix, file, part, name = next(row for row in SOURCES if suite.startswith(row[0]))
    stem = suite.removeprefix(prefix)
    path = pathlib.Path(folder) / file.format(stem)
    if not path.is_file():
        return None
    text = path.read_text()
    if part:
        text = re.search(part.format(stem), text, re.M | re.S)[0]
    return set(re.findall(name.format(stem), text, re.M))


def wrong_names(suite, cases, folder):
    """Beside the sources of the suite, where there are any."""
    theirs = names_in(folder, suite)
    if theirs is None:
        return
    names = {case[0].rpartition(".")[2] for case in cases}
    yield from (f"{name}: not in the list" for name in theirs - names)
    yield from (f"{name}: not in {folder}" for name in names - theirs)


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
