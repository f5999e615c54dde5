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

A FILE is a source without its end, or a pattern of such: timers, or of a library
on top ssl/hello, net/url, 'net/ftp*'; ssl and net alone are all of these. Their
tests are those of tests/ssl and tests/net, and no others.

Works on the objects of build/plain (sh tests/run.sh plain) and of the fault
injection of build/dev (sh tests/run.sh dev): the core's, and that of the clients
of mail, news and FTP. On x86-64.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
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
SOURCES = sorted((TOP / "lib").glob("*/*.c"))
HERE = TOP / "tests/mutation"
LEAST = 85  # per cent that must be killed
MOST = 16384  # as mutant.c
AT_ONCE = 1 + os.cpu_count()
CFLAGS = ["-std=c11", "-O0", "-g", "-fPIC", "-fno-stack-protector", "-fcf-protection=none",
          "-Dalways_inline=unused", f"-I{TOP}/include", f"-I{TOP}/lib/socket",
          f"-I{TOP}/build/plain/lib", "-DOPENSSL_API_COMPAT=30000", "-DOPENSSL_NO_DEPRECATED"]
# Folders of libraries on top, which stand before the names of what is in them:
# several have an error.c.
TOPS = "ssl", "net"


def name_of(path):
    return f"{path.parent.name}/{path.name}" if path.parent.name in TOPS else path.name


def own_name(path):
    """None of what is in others' headers."""
    return name_of(path) if path.is_relative_to(TOP / "lib") else None


def is_chosen(stem, files):
    return (not files or library_of(stem) in files
            or any(fnmatch.fnmatchcase(stem, file) for file in files))


def library_of(stem):
    """Its folder; of the core none."""
    return stem.partition("/")[0] if "/" in stem else ""


class Jump:
    """A conditional jump: its number is its place in the list of all."""

    def __init__(self, stem, function, file, line, column):
        self.stem, self.function = stem, function
        self.file, self.line, self.column = file, line, column

    def source(self):
        """The line of source, from where the condition is on."""
        path = next(path for path in (TOP / "lib").glob("*/*.[ch]") if name_of(path) == self.file)
        text = path.read_text().splitlines()
        return text[self.line - 1][self.column - 1:].strip()


def number_jumps(text, stem, jumps):
    """The assembly in which each conditional jump has a place in the table."""
    function, files, where = "?", {}, (None,)
    for text_line in text.splitlines():
        if match := re.match(r"(\w+):", text_line):
            function = match[1]
        elif match := re.match(r'\t\.file (\d+) "(?:([^"]+)" ")?([^"]+)"', text_line):
            files[match[1]] = own_name(pathlib.Path(match[2] or "", match[3]))
        elif match := re.match(r"\t\.loc (\d+) (\d+) (\d+)", text_line):
            where = files[match[1]], int(match[2]), int(match[3])
        elif where[0] is not None and re.match(r"\tj(?!mp)\w+\t\.L\w+", text_line):
            n = len(jumps)
            jumps.append(Jump(stem, function, *where))
            yield f"\tmovb\t$1, mutant_reached+{n}(%rip)"
            yield f".Lmutant_{n}:"
            yield text_line
            yield f'\t.pushsection mutant_sites,"aw"\n\t.quad .Lmutant_{n}, {n}\n\t.popsection'
            continue
        yield text_line


def compile_library(folder):
    """The jumps, and the objects of each library, mutant.c among the core's."""
    jumps, objects = [], collections.defaultdict(list)
    objects[""].append(folder / "mutant.o")
    for top in TOPS:
        (folder / top).mkdir()
    subprocess.run(["gcc", "-O1", "-c", HERE / "mutant.c", "-o", objects[""][0]],
                   check=True)
    for source in SOURCES:
        stem = name_of(source).removesuffix(".c")
        assembly, target = folder / (stem + ".s"), folder / (stem + ".o")
        subprocess.run(["gcc", *CFLAGS, "-S", source, "-o", assembly], check=True)
        lines = number_jumps(assembly.read_text(), stem, jumps)
        assembly.write_text("\n".join(lines) + "\n")
        subprocess.run(["gcc", "-c", assembly, "-o", target], check=True)
        objects[library_of(stem)].append(target)
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


def link(folder, build, program, objects, libraries=()):
    """The program, linked with those objects in the library's place."""
    place = TOP / "build" / build
    link_text = next(place.glob(f"**/{program}.dir/link.txt"), None)
    if link_text is None:
        sys.exit(f"{program}: not built in {place}")
    words = link_text.read_text().split()
    base = link_text.parent.parent.parent
    own = [str(base / word) for word in words if word.endswith(".o")]
    wraps = [word for word in words if word.startswith("-Wl,--wrap")]
    subprocess.run(["gcc", *wraps, *own, *objects, "-o", folder / program, *libraries,
                    "-lpthread"], check=True)
    return str(folder / program)


def units_of(program):
    names = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
    return [Unit(name, [program, "--filter", name], "--timeout") for name in names.stdout.split()]


def stems(folder, pattern="test_*.c"):
    return [source.stem for source in sorted((TOP / folder).glob(pattern))]


# What the test programs of a library are called, and what else they need.
OF_TOP = {"ssl": ("test_{}", ("-lssl", "-lcrypto")), "net": ("net_{}", ())}


def mail_units(folder, objects):
    """What more there is of the clients of mail, news and FTP: under TLS, and each call
    that fails."""
    units = [unit for name in stems("tests/net", "tls_ftp.c")
             for unit in units_of(link(folder, "plain", f"net_{name}",
                                       objects["net"] + objects["ssl"] + objects[""],
                                       ("-lssl", "-lcrypto")))]
    program = link(folder, "dev", "net_mail_fault", objects["net"] + objects[""])
    names = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
    return units + [Unit("mail_fault/" + name, [program, "--scenario", name])
                    for name in names.stdout.split()]


def top_units(library, folder, objects):
    program, needs = OF_TOP[library]
    names = [stem.removeprefix("test_") for stem in stems(f"tests/{library}")]
    names.append("ssl_arguments" if library == "ssl" else "arguments")
    return [unit for name in names
            for unit in units_of(link(folder, "plain", program.format(name), objects, needs))]


def core_units(folder, objects):
    units = []
    for stem in [*stems("tests/unit"), "test_arguments"]:
        units += units_of(link(folder, "plain", stem, objects))
    program = link(folder, "dev", "fault", objects)
    listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
    units += [Unit("fault/" + name, [program, "--scenario", name])
              for name in sorted(set(re.findall(r"--scenario (\S+)", listed.stdout)))]
    for source in sorted((TOP / "tests/fuzz").glob("fuzz_*.c")):
        if re.match("fuzz_(ssl|net_)", source.stem):
            continue  # of a library on top
        program = link(folder, "plain", source.stem, objects)
        corpus = TOP / "tests/fuzz/corpus" / source.stem.removeprefix("fuzz_")
        units.append(Unit(source.stem, [program, "-runs=0", str(corpus)]))
    return units


def look(folder, objects, library):
    """The tests of a library, quick ones first."""
    begin = time.monotonic()
    linked = objects[""] + objects[library] if library else objects[""]
    units = top_units(library, folder, linked) if library else core_units(folder, linked)
    if library == "net":
        units += mail_units(folder, objects)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda unit: unit.look(folder), units))
    print(f"{len(units)} tests looked ({time.monotonic() - begin:.0f} s)", flush=True)
    return sorted(units, key=lambda unit: unit.took)


def killer(units, mutant, former):
    """The test that fails with the mutant; None if it lives. Those that have killed one of
    the function before come first."""
    number, how = mutant
    for unit in sorted(units, key=lambda unit: unit not in former):
        if unit.reached[number] and unit.kills(number, how):
            former.add(unit)
            return unit.name
    return None


def accepted():
    """(file, function) -> how many of its mutants may live."""
    rows = [line.split("|", 3) for line in (HERE / "accepted.txt").read_text().splitlines()
            if not line.startswith("#")]
    return {(file, function): int(count) for file, function, count, _ in rows}


def judge(jumps, units, chosen):
    """Of each function, the lines of the mutants that live."""
    former = collections.defaultdict(set)  # of each function

    def ask(mutant):
        jump = jumps[mutant[0]]
        return killer(units, mutant, former[jump.stem, jump.function])

    killers = []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for by in pool.map(ask, chosen):
            killers.append(by)
            if len(killers) % 50 == 0:
                print(f"{len(killers)} of {len(chosen)}, {killers.count(None)} live", flush=True)
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
        chosen = [(n, how) for n, jump in enumerate(jumps) for how in ("never", "always")
                  if is_chosen(jump.stem, options.files)]
        if 0 < options.sample < len(chosen):
            chosen = random.Random(options.seed).sample(chosen, options.sample)
        lives = {}
        for library in ("", *TOPS):
            mine = [m for m in chosen if library_of(jumps[m[0]].stem) == library]
            units = look(folder, objects, library) if mine else []
            for where, lines in judge(jumps, units, mine).items():
                lives[where] = lives.get(where, []) + lines
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
