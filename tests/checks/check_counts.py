#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_counts.py BUILD...: the runs were whole.

Counts what the runs have left in each build directory. A skip that is not in
lists/allowed_skips fails, and so do fewer tests of a build than
lists/minimum_tests says: neither shows in a closing line.
"""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import results

LISTS = pathlib.Path(__file__).resolve().parents[1] / "lists"


def allowed_skips():
    """First words of the lines; the rest of a line is the reason."""
    lines = (LISTS / "allowed_skips").read_text().splitlines()
    return {line.split()[0] for line in lines if line and not line.startswith("#")}


def may_be_skipped(build, name):
    """By itself, or with all tests of its entry in ctest, or in that build."""
    return bool({name, name.partition("/")[0], f"{build}:{name}"} & allowed_skips())


def minimum_of(build):
    """How many must have passed."""
    lines = (LISTS / "minimum_tests").read_text().splitlines()
    return dict((name, int(count)) for name, count in map(str.split, lines))[build]


def passed_of(tests):
    return sum(test.status == "passed" for test in tests)


def findings_of(build, tests):
    for test in tests:
        if test.status == "failed":
            yield f"{build}: {test.name} failed"
        if test.status == "skipped" and not may_be_skipped(build, test.name):
            yield f"{build}: {test.name} was skipped: {test.reason}"
    if passed_of(tests) < minimum_of(build):
        yield f"{build}: fewer tests than the {minimum_of(build)} of tests/lists/minimum_tests"


def main(builds):
    tests = {build.name: list(results.tests(build)) for build in map(pathlib.Path, builds)}
    findings = [finding for build in tests for finding in findings_of(build, tests[build])]
    for finding in findings:
        print(finding)
    passed = sum(map(passed_of, tests.values()))
    print(f"{passed} passed, {len(findings)} failed")
    return 1 if findings else 0


sys.exit(main(sys.argv[1:]))
