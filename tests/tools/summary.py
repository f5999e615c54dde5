#!/usr/bin/python3
"""summary.py BUILD: counts what a build's test programs ran, and lists what
they skipped, with the reason where the runner writes it."""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def cases(build):
    """(name, status, reason) of every test in the results of the build."""
    for path in sorted((build / "results").glob("*.xml")):
        for suite in ElementTree.parse(path).iter("testsuite"):
            for case in suite.iter("testcase"):
                yield (f"{suite.get('name')}/{case.get('name')}",
                       case.get("status").lower(), case.get("message", ""))


def main(build):
    results = list(cases(build))
    for name, status, reason in results:
        if status == "skipped":
            print(f"skipped {name}: {reason}".rstrip(": "))
    counts = [sum(its == status for _, its, _ in results)
              for status in ("passed", "failed", "skipped")]
    print("{}: {} tests passed, {} failed, {} skipped".format(build.name, *counts))


main(pathlib.Path(sys.argv[1]))
