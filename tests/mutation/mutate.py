#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""mutate.py [--sample N] [--seed S] [FILE...]: would the tests notice?

Each conditional jump of the library, compiled without optimisation, gives two
wrong libraries: it is never taken, or always. The test programs are linked once
with all of them (mutant.c, which changes the one jump as the program begins).
First each test runs by itself and says which jumps it reaches; then each mutant
is put before the tests that reach it, quick ones first, until one fails or
hangs, twice. Those that live are printed with their function and line of
source; accepted.txt says of each function how many may, and why.

Works on the objects of build/plain (sh tests/run.sh plain) and of the fault
injection of build/dev (sh tests/run.sh dev), on x86-64.
"""

import argparse
import collections
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
# Of the core: TLS is a library of its own.
SOURCES = sorted(path for path in (TOP / "lib").glob("*/*.c") if path.parent.name != "ssl")
HERE = TOP / "tests/mutation"
LEAST = 85  # per cent that must be killed
MOST = 8192  # as mutant.c
AT_ONCE = 1 + os.cpu_count()
CFLAGS = ["-std=c11", "-O0", "-g", "-fPIC", "-fno-stack-protector", "-fcf-protection=none",
          "-Dalways_inline=unused", f"-I{TOP}/include", f"-I{TOP}/lib/socket",
          f"-I{TOP}/build/plain/lib"]


class Jump:
    """A conditional jump: its number is its place in the list of all."""

    def __init__(self, stem, function, file, line, column):
        self.stem, self.function = stem, function
        self.file, self.line, self.column = file, line, column

    def source(self):
        """The line of source, from where the condition is on."""
        text = next((TOP / "lib").rglob(self.file)).read_text().splitlines()
        return text[self.line - 1][self.column - 1:].strip()


def number_jumps(text, stem, jumps):
    """The assembly in which each conditional jump has a place in the table."""
    function, files, where = "?", {}, ()
    for text_line in text.splitlines():
        if match := re.match(r"(\w+):", text_line):
            function = match[1]
        elif match := re.match(r'\t\.file (\d+) .*?([^"/]+)"$', text_line):
            files[match[1]] = match[2]
        elif match := re.match(r"\t\.loc (\d+) (\d+) (\d+)", text_line):
            where = files[match[1]], int(match[2]), int(match[3])
        elif re.match(r"\tj(?!mp)\w+\t\.L\w+", text_line):
            n = len(jumps)
            jumps.append(Jump(stem, function, *where))
            yield f"\tmovb\t$1, mutant_reached+{n}(%rip)"
            yield f".Lmutant_{n}:"
            yield text_line
            yield f'\t.pushsection mutant_sites,"aw"\n\t.quad .Lmutant_{n}, {n}\n\t.popsection'
            continue
        yield text_line


def compile_library(folder):
    """The jumps, and the objects; mutant.c among these."""
    jumps, objects = [], [folder / "mutant.o"]
    subprocess.run(["gcc", "-O1", "-c", HERE / "mutant.c", "-o", objects[0]], check=True)
    for source in SOURCES:
        assembly, target = folder / (source.stem + ".s"), folder / (source.stem + ".o")
        subprocess.run(["gcc", *CFLAGS, "-S", source, "-o", assembly], check=True)
        lines = number_jumps(assembly.read_text(), source.stem, jumps)
        assembly.write_text("\n".join(lines) + "\n")
        subprocess.run(["gcc", "-c", assembly, "-o", target], check=True)
        objects.append(target)
    assert len(jumps) <= MOST, "mutant.c: MOST is too small"
    return jumps, objects


class Unit:
    """A test by itself: its command, how long it took, and what it reached."""

    def __init__(self, name, command, limit=None):
        self.name, self.command, self.limit = name, command, limit
        self.took, self.reached = 0.0, b""

    def passes(self, limit, **environment):
        with tempfile.TemporaryDirectory() as place:
            process = subprocess.Popen(
                self.command + ([self.limit, str(limit)] if self.limit else []), cwd=place,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env={**os.environ, **environment}, start_new_session=True)
            try:
                return process.wait(limit + 2) == 0
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
                return False

    def look(self, place):
        """Runs once, unchanged."""
        path = place / (self.name.replace("/", "_") + ".reached")
        path.write_bytes(bytes(MOST))
        begin = time.monotonic()
        if not self.passes(60, MUTANT_REACHED=str(path)):
            sys.exit(f"{self.name} fails without a mutant")
        self.took = time.monotonic() - begin
        self.reached = path.read_bytes()

    def kills(self, number, how):
        limit = int(2 + 6 * self.took)
        return not any(self.passes(limit, MUTANT=f"{number} {how}") for _ in range(2))


def link(folder, build, program, objects):
    """The program, linked with those objects in the library's place."""
    place = TOP / "build" / build
    link_text = next(place.glob(f"**/{program}.dir/link.txt"), None)
    if link_text is None:
        sys.exit(f"{program}: not built in {place}")
    words = link_text.read_text().split()
    base = link_text.parent.parent.parent
    own = [str(base / word) for word in words if word.endswith(".o")]
    wraps = [word for word in words if word.startswith("-Wl,--wrap")]
    subprocess.run(["gcc", *wraps, *own, *objects, "-o", folder / program, "-lpthread"], check=True)
    return str(folder / program)


def all_units(folder, objects):
    units = []
    sources = sorted((TOP / "tests/unit").glob("test_*.c"))
    for stem in [source.stem for source in sources] + ["test_arguments"]:
        program = link(folder, "plain", stem, objects)
        names = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
        units += [Unit(name, [program, "--filter", name], "--timeout")
                  for name in names.stdout.split()]
    program = link(folder, "dev", "fault", objects)
    listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
    units += [Unit("fault/" + name, [program, "--scenario", name])
              for name in sorted(set(re.findall(r"--scenario (\S+)", listed.stdout)))]
    for source in sorted((TOP / "tests/fuzz").glob("fuzz_*.c")):
        program = link(folder, "plain", source.stem, objects)
        corpus = TOP / "tests/fuzz/corpus" / source.stem.removeprefix("fuzz_")
        units.append(Unit(source.stem, [program, "-runs=0", str(corpus)]))
    return units


def killer(units, mutant):
    """The test that fails with the mutant; None if it lives."""
    number, how = mutant
    for unit in units:
        if unit.reached[number] and unit.kills(number, how):
            return unit.name
    return None


def accepted():
    """(file, function) -> how many of its mutants may live."""
    rows = [line.split("|", 3) for line in (HERE / "accepted.txt").read_text().splitlines()
            if not line.startswith("#")]
    return {(file, function): int(count) for file, function, count, _ in rows}


def judge(jumps, units, chosen):
    """Of each function, the lines of the mutants that live."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        killers = list(pool.map(lambda m: killer(units, m), chosen))
    lives = collections.defaultdict(list)
    for (number, how), by in zip(chosen, killers):
        if by is None:
            jump = jumps[number]
            reached = "" if any(unit.reached[number] for unit in units) else ", not reached"
            lives[jump.file, jump.function].append(
                f"{jump.file}:{jump.line}: {jump.function}(), {how}{reached}: {jump.source()}")
    return lives


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    begin = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        jumps, objects = compile_library(folder)
        units = all_units(folder, objects)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda unit: unit.look(folder), units))
        units.sort(key=lambda unit: unit.took)
        print(f"{len(units)} tests look at {len(jumps)} jumps ({time.monotonic() - begin:.0f} s)",
              flush=True)
        chosen = [(n, how) for n, jump in enumerate(jumps) for how in ("never", "always")
                  if not options.files or jump.stem in options.files]
        if 0 < options.sample < len(chosen):
            chosen = random.Random(options.seed).sample(chosen, options.sample)
        lives = judge(jumps, units, chosen)
    finally:
        shutil.rmtree(folder)
    known = accepted()
    new = [line for where, lines in sorted(lives.items()) if len(lines) > known.get(where, 0)
           for line in lines]
    print("Not in accepted.txt, or more of them than it says:" if new else
          "Each that lives is in accepted.txt", *new, sep="\n")
    live = sum(map(len, lives.values()))
    share = 100 * (1 - live / max(1, len(chosen)))
    print(f"{len(chosen)} of {2 * len(jumps)} mutants, {len(chosen) - live} killed, {live} live: "
          f"{share:.1f} % killed in {time.monotonic() - begin:.0f} s")
    return 0 if share >= LEAST and not new else 1


if __name__ == "__main__":
    sys.exit(main())
