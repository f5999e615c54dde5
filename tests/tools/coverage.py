#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coverage.py: the branches of lib/ that the tests take, after tests/run.sh coverage.

At least 95 per cent of them; and each line with a branch that is not taken is
in tests/lists/coverage_rest.txt, by its text, with the reason. Those marked
`never`, which nothing can take, are under 2 per cent.
"""

import json
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
REST = TOP / "tests/lists/coverage_rest.txt"
LEAST, NEVER = 95, 2


def measured():
    output = subprocess.run(
        ["gcovr", "-r", TOP, "--filter", "lib/", "--json", "-", TOP / "build/coverage"],
        check=True, capture_output=True, text=True).stdout
    for file in json.loads(output)["files"]:
        lines = (TOP / file["file"]).read_text().splitlines()
        for line in file["lines"]:
            counts = [branch["count"] for branch in line["branches"]]
            if counts:
                text = lines[line["line_number"] - 1].strip()
                yield f"{pathlib.Path(file['file']).name}: {text}", counts


def reasons():
    """Text of a line -> reason, of blocks: the text, and the reason indented."""
    found, text = {}, None
    for line in REST.read_text().splitlines():
        if line.startswith("    "):
            found[text] = line.strip()
        elif line and not line.startswith("#"):
            text = line
    return found


def main():
    known, findings = reasons(), []
    total = taken = never = 0
    seen = set()
    for text, counts in measured():
        total += len(counts)
        taken += sum(count > 0 for count in counts)
        if 0 in counts:
            seen.add(text)
            if text not in known:
                findings.append(f"not taken, and no reason given: {text}")
            elif known[text].startswith("never:"):
                never += counts.count(0)
    findings += [f"a reason, but all branches are taken: {text}"
                 for text in set(known) - seen if "by chance" not in known[text]]
    share = 100 * taken / max(1, total)
    if share < LEAST:
        findings.append(f"{share:.1f} % of the branches, wanted {LEAST}")
    if never > total * NEVER / 100:
        findings.append(f"{never} branches are called unreachable, of {total}")
    for finding in findings:
        print(finding)
    print(f"{taken} of {total} branches taken, {share:.1f} %; {never} unreachable, "
          f"{len(seen)} lines with a reason")
    return 1 if findings else 0


sys.exit(main())
