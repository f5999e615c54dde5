#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_man.py XML FOLDER COMPILER: the man pages, made anew in FOLDER of what
Doxygen wrote into XML.

A page for each function of the headers, and no other; mandoc finds nothing to warn of;
each has its sections, the percents of its comment, and no line that is too long;
pysockc(7) names each function, and its program compiles; no page names one of ours
that is not there; apropos finds them all; and two runs write the same bytes.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from headers import HEADERS, TOP, entries, functions, prototypes

SECTIONS = ["NAME", "LIBRARY", "SYNOPSIS", "DESCRIPTION", "SEE ALSO", "HISTORY"]
PATH = os.environ["PATH"] + ":/usr/sbin"
# Debian's names, as there the plain ones are man-db's.
TOOLS = {tool: shutil.which(tool, path=PATH)
         for tool in ("mandoc", "makewhatis", "mapropos")}

findings = []


def expect(holds, place, text):
    if not holds:
        findings.append(f"{place}: {text}")


def output(*command, **options):
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         **options)
    return ran.stdout


def make(xml, folder):
    """The pages, twice, by name; the second time with other hashes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    runs = []
    for seed in ("1", "2"):
        out = folder / seed
        subprocess.run([sys.executable, TOP / "docs/man/man.py", xml, out], check=True,
                       env={"PATH": PATH, "PYTHONHASHSEED": seed})
        runs.append({str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.[37]")})
    expect(runs[0] == runs[1], "man.py", "writes other bytes the second time")
    return folder / "1", {name: text.decode() for name, text in runs[0].items()}


def exported():
    return {name for path in HEADERS for name in functions(path)}


def rendered(page):
    """As it is read, without overstrikes."""
    return re.sub(r".\x08", "", output(TOOLS["mandoc"], "-T", "utf8", page))


def check_names(pages):
    made = {pathlib.PurePath(name).stem for name in pages if name.startswith("man3/")}
    for name in sorted(made ^ exported()):
        expect(False, name, "has a page" if name in made else "has no page")


def check_lint(tree, pages):
    whole = [name for name, text in pages.items() if not text.startswith(".so ")]
    said = output(TOOLS["mandoc"], "-T", "lint", "-W", "warning", *whole, cwd=tree)
    findings.extend(said.splitlines())


def check_links(pages):
    for place, text in pages.items():
        for name, section in re.findall(r"\bXr \W*((?:sock_|pysockc)\w*) (\d)", text):
            expect(f"man{section}/{name}.{section}" in pages, place,
                   f"{name}({section}) is no page")
        for target in re.findall(r"^\.so (.*)", text, re.M):
            expect(target in pages, place, f"{target} is no page")


def check_text(place, text):
    wide = [line for line in text.splitlines() if len(line) > 80]
    expect(not wide, place, f"too wide: {wide[:1]}")
    # Of mdoc, of roff, of Doxygen and of HTML.
    raw = re.findall(r"(?m)^\s+\.[A-Z][a-z]\b|\\[&(e]\w*|[@\\](?:p|ref|ul|snippet|par|since)\b|"
                     r"&\w+;|\b(?:Fa|Dv|Xr|Vt|Ql) \w+", text)
    expect(not raw, place, f"raw markup: {raw[:3]}")
    expect(str(TOP) not in text, place, "names a path of this machine")


def check_functions(texts):
    results = {name: result for path in HEADERS for result, name, _ in prototypes(path)}
    said = {name: comment for path in HEADERS for name, comment in entries(path)}
    for name in sorted(exported()):
        place = f"man3/{name}.3"
        text = texts.get(place, "")
        headings = re.findall(r"^[A-Z][A-Z ]+$", text, re.M)
        wanted = SECTIONS + ["RETURN VALUES"] * (results[name].split() != ["void"])
        wanted += ["ERRORS"] * ("@par Errors" in said[name])
        wanted += ["EXAMPLES"] * ("@par Example" in said[name])
        wanted += ["STANDARDS"] * ("Corresponds to" in said[name])
        expect(set(wanted) <= set(headings), place,
               f"lacks {', '.join(sorted(set(wanted) - set(headings)))}")
        expect(said[name].count("%") <= text.count("%"), place, "has lost a percent")


def check_overview(text, compiler):
    named = set(re.findall(r"^\.Xr (sock_\w+) 3", text, re.M))
    for name in sorted(exported() - named):
        expect(False, "pysockc.7", f"does not name {name}")
    program = re.search(r"^\.Bd -literal\n(#include.*?)^\.Ed", text, re.M | re.S)[1]
    said = output(compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                  f"-I{TOP}/include", "-x", "c", "-",
                  input=program.replace("\\-", "-").replace("\\e", "\\"))
    expect(not said, "pysockc.7", f"its program: {said}")


def check_apropos(tree):
    """What makewhatis reads is all that apropos finds."""
    findings.extend(output(TOOLS["makewhatis"], tree).splitlines())
    found = output(TOOLS["mapropos"], "-M", tree, "-s", "3", "sock_")
    names = set(re.findall(r"\b(sock_\w+)\(3\)", found))
    for name in sorted(exported() ^ names):
        expect(False, name, "apropos finds no function of the headers, or not this one")


def main(xml, folder, compiler):
    missing = [tool for tool, path in TOOLS.items() if not path]
    if missing:
        print("skipped: there is no", *missing)
        return 77
    tree, pages = make(xml, pathlib.Path(folder))
    check_names(pages)
    check_lint(tree, pages)
    check_links(pages)
    texts = {name: rendered(tree / name) for name, text in pages.items()
             if not text.startswith(".so ")}
    for place, text in texts.items():
        check_text(place, text)
    check_functions(texts)
    check_overview(pages["man7/pysockc.7"], compiler)
    check_apropos(tree)
    print(*findings, sep="\n")
    print(f"{len(texts)} pages, {len(pages) - len(texts)} links, {len(findings)} findings")
    return 1 if findings or not texts else 0


sys.exit(main(*sys.argv[1:]))
