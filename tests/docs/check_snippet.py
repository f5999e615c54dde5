#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_snippet.py SOURCE COMMAND...: the program of SOURCE prints what SOURCE says.

What a statement prints stands behind it as a comment, `/* -> text */`, a line of
the comment for each line of the output. In a text, `...` stands for what varies;
alone, for any number of lines. The output, stderr's among it, is all of these
lines in their order, and the program ends with 0; or with 77, and then it says
what the machine lacks.
"""

import re
import subprocess
import sys


def promised(source):
    with open(source, encoding="utf-8") as file:
        comments = re.findall(r"/\* ->(.*?)\*/", file.read(), flags=re.S)
    return [line.strip() for comment in comments for line in re.split(r"\n[\s*]*->", comment)]


def pattern(line):
    if line == "...":
        return "(?:.*\n)*"
    return ".+".join(re.escape(part) for part in line.split("...")) + "\n"


def main(source, *command):
    lines = promised(source)
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, errors="replace")
    if run.returncode == 77:
        print(run.stdout, end="")
        return 77
    if run.returncode == 0 and re.fullmatch("".join(map(pattern, lines)), run.stdout):
        return 0
    print(f"ended with {run.returncode} and printed", run.stdout, sep="\n")
    print(f"{source} says", *lines, sep="\n")
    return 1


sys.exit(main(*sys.argv[1:]))
