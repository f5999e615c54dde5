#!/usr/bin/python3
"""check_counts.py BUILD...: the runs were whole.

Counts what ctest and the test programs wrote into each build directory. A skip that is
not in lists/allowed_skips fails, and so do fewer tests in all than lists/minimum_tests
says: neither shows in a closing line.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree

LISTS = pathlib.Path(__file__).resolve().parents[1] / "lists"


def cases(build):
    """(name, passed, failed or skipped) of every test of the build."""
    for case in ElementTree.parse(build / "ctest.xml").iter("testcase"):
        status = {"run": "passed", "fail": "failed"}.get(case.get("status"), "skipped")
        yield case.get("name"), status
    for path in sorted((build / "results").glob("*.xml")):
        for suite in ElementTree.parse(path).iter("testsuite"):
            for case in suite.iter("testcase"):
                yield f"{suite.get('name')}/{case.get('name')}", case.get("status").lower()


def allowed_skips():
    """First words of the lines; the rest of a line is the reason."""
    lines = (LISTS / "allowed_skips").read_text().splitlines()
    return {line.split()[0] for line in lines if line and not line.startswith("#")}


def main(builds):
    results = [case for build in builds for case in cases(pathlib.Path(build))]
    names = {status: [name for name, its in results if its == status]
             for status in ("passed", "failed", "skipped")}
    minimum = int((LISTS / "minimum_tests").read_text())

    findings = [f"{name} failed" for name in names["failed"]]
    findings += [f"{name} was skipped"
                 for name in sorted(set(names["skipped"]) - allowed_skips())]
    if len(names["passed"]) < minimum:
        findings.append(f"fewer tests than the {minimum} of tests/lists/minimum_tests")
    for finding in findings:
        print(finding)
    print(f"{len(names['passed'])} passed, {len(findings)} failed")
    return 1 if findings else 0


sys.exit(main(sys.argv[1:]))
