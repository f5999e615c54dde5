# SPDX-License-Identifier: MIT
"""What a run of the tests has left in its build directory."""

import collections
import pathlib
import re
import xml.etree.ElementTree as ElementTree

# An entry of ctest, and a test: of a program, of unittest, or an entry that is
# neither. Their status is passed, failed or skipped.
Entry = collections.namedtuple("Entry", "name status output")
Test = collections.namedtuple("Test", "name status reason")

UNITTEST = re.compile(r"^(test_\w+) \(__main__\.(\w+)\.\w+\)(?:\n.*)?? \.\.\. "
                      r"(ok|FAIL|ERROR|skipped) ?(.*)$", re.M)


def entries(build):
    for case in ElementTree.parse(pathlib.Path(build) / "ctest.xml").iter("testcase"):
        status = {"run": "passed", "fail": "failed"}.get(case.get("status"), "skipped")
        yield Entry(case.get("name"), status, case.findtext("system-out") or "")


def of_program(report, output):
    reasons = dict(re.findall(r"^\[SKIP\] (\w+/\w+): (.*)$", output, re.M))
    for suite in ElementTree.parse(report).iter("testsuite"):
        for case in suite.iter("testcase"):
            name = f"{suite.get('name')}/{case.get('name')}"
            yield Test(name, case.get("status").lower(),
                       case.get("message") or reasons.get(name, ""))


def of_unittest(entry):
    for name, case, status, reason in UNITTEST.findall(entry.output):
        status = {"ok": "passed", "skipped": "skipped"}.get(status, "failed")
        yield Test(f"{entry.name}/{case}.{name}", status, reason.strip("'\""))


def reason(entry):
    """Why an entry was skipped: its last words."""
    if entry.status != "skipped":
        return ""
    lines = entry.output.split("\n\n")[0].strip().splitlines()
    return re.sub(r"^(skipped|OK \(skipped=.*?\)): ", "", lines[-1]) if lines else ""


def tests(build):
    for entry in entries(build):
        report = pathlib.Path(build) / "results" / (entry.name + ".xml")
        found = list(of_program(report, entry.output) if report.exists() else of_unittest(entry))
        yield from found
        # One that failed as a whole: a leak, a crash, too long.
        if not found or entry.status == "failed" and all(its.status != "failed" for its in found):
            yield Test(entry.name, entry.status, reason(entry))
