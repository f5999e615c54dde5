#!/usr/bin/python3
"""mutate.py [--sample N] [--seed S] [FILE...]: would the tests notice?

Compiles the library to assembly, and makes of each conditional jump two wrong
ones: never taken, and always. A mutant is killed if a test program fails or
hangs with it. Those that live are printed with their line, function and which
of the two they are; accepted.txt names the ones that can't be told apart from
the library, with the reason.

Works on build/plain (sh tests/run.sh plain) and the fault injection of
build/release (sh tests/run.sh release), and needs nothing else.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
PLAIN = TOP / "build/plain/tests"
FAULT = TOP / "build/release/tests/fault"
LEAST = 85  # per cent that must be killed
TIMEOUT = 60
CFLAGS = ["-std=c11", "-O1", "-g", "-fPIC", "-fno-stack-protector", "-fcf-protection=none",
          "-Dalways_inline=unused", f"-I{TOP}/include", f"-I{TOP}/build/plain/lib"]

# Which program is asked first; the quick ones follow.
FIRST = {"address_text": "address", "call": "io", "os_linux": "socket", "os_posix": "timeout",
         "os_linux_family": "family", "os_linux_constant": "constant", "text": "error"}
QUICK = ["address", "error", "options", "socket", "netdb", "memory", "inet", "interface",
         "constant", "ops", "family", "message", "io", "addrinfo", "close", "fault",
         "timeout", "threads", "file", "connect"]


def compile_all(folder):
    """The objects of the whole library, and the assembly of each file."""
    for source in sorted((TOP / "lib/socket").glob("*.c")):
        for kind in "-S", "-c":
            suffix = ".s" if kind == "-S" else ".o"
            subprocess.run(["gcc", *CFLAGS, kind, source, "-o", folder / (source.stem + suffix)],
                           check=True)


def jumps(assembly):
    """(index of the line, label, function, source line) of each conditional jump."""
    function, where = "?", "?"
    for index, line in enumerate(assembly):
        if match := re.match(r"(\w+):", line):
            function = match[1]
        elif match := re.match(r"\s*\.loc (\d+) (\d+)", line):
            where = match[2]
        elif match := re.match(r"\tj(?!mp)(\w+)\t(\.L\w+)", line):
            yield index, match[2], function, where


def mutants(folder, files):
    for path in sorted(folder.glob("*.s")):
        if files and path.stem not in files:
            continue
        for index, label, function, where in jumps(path.read_text().splitlines()):
            for how, text in (("never", ""), ("always", f"\tjmp\t{label}")):
                yield path.stem, index, text, function, where, how


def objects_of(program):
    if program == "fault":
        folder = FAULT / "CMakeFiles/fault.dir"
        link = (folder / "link.txt").read_text()
    else:
        folder = PLAIN / f"CMakeFiles/test_{program}.dir"
        link = (folder / "link.txt").read_text()
    objects = [str(folder.parent.parent / word) for word in link.split() if word.endswith(".o")]
    wraps = [word for word in link.split() if word.startswith("-Wl,--wrap")]
    return objects, wraps


def passes(program, library, folder):
    objects, wraps = objects_of(program)
    binary = folder / program
    subprocess.run(["gcc", *wraps, *objects, *library, "-o", binary, "-lpthread"], check=True,
                   capture_output=True)
    command = [binary, "--least", "2000"] if program == "fault" else [binary]
    try:
        return subprocess.run(command, capture_output=True, cwd=folder, timeout=TIMEOUT,
                              stdin=subprocess.DEVNULL, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def order(stem):
    first = FIRST.get(stem, stem)
    return [first] * (first in QUICK) + [program for program in QUICK if program != first]


def killer(base, mutant):
    """The program that fails with the mutant; None if it lives."""
    stem, index, text, *_ = mutant
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        lines = (base / (stem + ".s")).read_text().splitlines()
        lines[index] = text
        (folder / "mutant.s").write_text("\n".join(lines) + "\n")
        subprocess.run(["gcc", "-c", folder / "mutant.s", "-o", folder / "mutant.o"], check=True)
        library = [str(path) for path in base.glob("*.o") if path.stem != stem]
        library.append(str(folder / "mutant.o"))
        for program in order(stem):
            if not passes(program, library, folder):
                return program
    return None


def accepted():
    """(file, function, how, source text) -> reason."""
    path = TOP / "tests/mutation/accepted.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return {tuple(line.split("|", 4)[:4]): line.split("|", 4)[4]
            for line in lines if line and not line.startswith("#")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    base = pathlib.Path(tempfile.mkdtemp())
    begin = time.monotonic()
    try:
        compile_all(base)
        whole = [str(path) for path in base.glob("*.o")]
        for program in QUICK:
            if not passes(program, whole, base):
                sys.exit(f"{program} fails without a mutant")
            (base / program).unlink()
        everything = list(mutants(base, options.files))
        chosen = everything
        if options.sample and options.sample < len(everything):
            chosen = random.Random(options.seed).sample(everything, options.sample)
        known = accepted()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            killers = list(pool.map(lambda m: killer(base, m), chosen))
    finally:
        shutil.rmtree(base)
    lives, same = [], 0
    for (stem, _, _, function, where, how), by in zip(chosen, killers):
        if by is not None:
            continue
        text = (TOP / f"lib/socket/{stem}.c").read_text().splitlines()
        source = text[int(where) - 1].strip() if where.isdigit() and int(where) <= len(text) else ""
        if (stem, function, how, source) in known:
            same += 1
        else:
            lives.append(f"{stem}|{function}|{how}|{source}|line {where}")
    for line in sorted(lives):
        print(line)
    killed = len(chosen) - len(lives) - same
    share = 100 * killed / max(1, len(chosen) - same)
    print(f"{len(chosen)} of {len(everything)} mutants, {killed} killed, {same} the same as the "
          f"library, {len(lives)} live: {share:.1f} % killed in {time.monotonic() - begin:.0f} s")
    return 0 if share >= LEAST else 1


sys.exit(main())
