#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_counts.py BUILD...: the runs were whole.

Counts what the runs have left in each build directory. A skip that is not in
lists/allowed_skips fails, and so do fewer tests in all than lists/minimum_tests
says: neither shows in a closing line.
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


def main(builds):
    builds = [pathlib.Path(build) for build in builds]
    tests = [(build.name, test) for build in builds for test in results.tests(build)]
    passed = sum(test.status == "passed" for _, test in tests)
    minimum = int((LISTS / "minimum_tests").read_text())

    findings = [f"{build}: {test.name} failed" for build, test in tests
                if test.status == "failed"]
    findings += [f"{build}: {test.name} was skipped: {test.reason}" for build, test in tests
                 if test.status == "skipped" and not may_be_skipped(build, test.name)]
    if passed < minimum:
        findings.append(f"fewer tests than the {minimum} of tests/lists/minimum_tests")
    for finding in findings:
        print(finding)
    print(f"{passed} passed, {len(findings)} failed")
    return 1 if findings else 0


sys.exit(main(sys.argv[1:]))
