#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""summary.py BUILD: what passed, failed and was skipped there, and why."""

import collections
import pathlib
import sys

import results


def main(build):
    counts = collections.Counter()
    for test in results.tests(build):
        counts[test.status] += 1
        if test.status != "passed":
            print(f"{test.status} {test.name}: {test.reason}".rstrip(": "))
    print(f"{build}: {counts['passed']} passed, {counts['failed']} failed, "
          f"{counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
