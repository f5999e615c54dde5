#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coverage.py: the branches of lib/ that the tests take, after tests/run.sh coverage.

At least 95 per cent of them; and each line with a branch that is not taken is
in tests/lists/coverage_rest.txt, by its text, with the reason. Those marked
`never`, which nothing can take, are under 2 per cent. All of that holds of the
core, and of each library on top, whose files are named ssl/... and net/...
"""

import json
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
REST = TOP / "tests/lists/coverage_rest.txt"
LEAST, NEVER = 95, 2
# The libraries on top, by their folders.
TOPS = {"ssl": "TLS", "net": "the web, mail, news and files"}


def name_of(path):
    """Several libraries have an error.c."""
    return f"{path.parent.name}/{path.name}" if path.parent.name in TOPS else path.name


def measured():
    output = subprocess.run(
        ["gcovr", "-r", TOP, "--filter", "lib/", "--json", "-", TOP / "build/coverage"],
        check=True, capture_output=True, text=True).stdout
    for file in json.loads(output)["files"]:
        path = TOP / file["file"]
        lines = path.read_text().splitlines()
        for line in file["lines"]:
            counts = [branch["count"] for branch in line["branches"]]
            if counts:
                text = lines[line["line_number"] - 1].strip()
                yield f"{name_of(path)}: {text}", counts


def reasons():
    """Text of a line -> reason, of blocks: the text, and the reason indented."""
    found, text = {}, None
    for line in REST.read_text().splitlines():
        if line.startswith("    "):
            found[text] = line.strip()
        elif line and not line.startswith("#"):
            text = line
    return found


class Library:
    """What is counted of one."""

    def __init__(self, name):
        self.name, self.total, self.taken, self.never, self.lines = name, 0, 0, 0, set()

    def add(self, text, counts, reason):
        self.total += len(counts)
        self.taken += sum(count > 0 for count in counts)
        if 0 in counts:
            self.lines.add(text)
            self.never += counts.count(0) if reason.startswith("never:") else 0

    def share(self):
        return 100 * self.taken / max(1, self.total)

    def findings(self, known):
        yield from (f"not taken, and no reason given: {text}"
                    for text in sorted(self.lines) if text not in known)
        if self.share() < LEAST:
            yield f"{self.name}: {self.share():.1f} % of the branches, wanted {LEAST}"
        if self.never > self.total * NEVER / 100:
            yield f"{self.name}: {self.never} branches are called unreachable, of {self.total}"

    def __str__(self):
        return (f"{self.taken} of {self.total} branches taken, {self.share():.1f} %; "
                f"{self.never} unreachable, {len(self.lines)} lines with a reason")


def main():
    known = reasons()
    core = Library("the core")
    tops = {folder: Library(name) for folder, name in TOPS.items()}
    for text, counts in measured():
        tops.get(text.partition("/")[0], core).add(text, counts, known.get(text, ""))
    libraries = [core, *(top for top in tops.values() if top.total > 0)]
    findings = [finding for library in libraries for finding in library.findings(known)]
    lines = set().union(*(library.lines for library in libraries))
    findings += [f"a reason, but all branches are taken: {text}"
                 for text in set(known) - lines if "by chance" not in known[text]]
    for finding in findings:
        print(finding)
    print(core, *(f"of {library.name} {library}" for library in libraries[1:]), sep="; ")
    return 1 if findings else 0


sys.exit(main())
