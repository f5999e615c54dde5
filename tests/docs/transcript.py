# SPDX-License-Identifier: MIT
"""Plays what a page shows of a terminal, and compares what comes.

A transcript is an indented block that begins with "$ ": commands, and below
each what it prints on a terminal. All blocks of a page are one session, from
the first to the last: a server goes on until its end, and then what it printed
must begin as its block says. Port numbers are the machine's: each stands for
the one that came in its place, in commands too.
"""

import contextlib
import os
import pathlib
import pty
import re
import signal
import subprocess
import threading

PATIENCE = 30


def blocks(text):
    """The indented blocks of a page."""
    found = re.findall(r"(?:^    .*\n(?:\n+(?=    ))?)+", text, flags=re.M)
    return [re.sub(r"^    ", "", block, flags=re.M) for block in found]


def steps(block):
    """Commands, each with the lines that it prints."""
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, lines = part.partition("\n")
        while command.endswith("\\") or command.count('"') % 2:
            more, _, lines = lines.partition("\n")
            command += "\n" + more.removeprefix("> ")
        yield command, lines.splitlines()


def serves(lines):
    """Whether what prints these goes on until it is told to end."""
    return bool(lines) and "listening" in lines[0]


class Ports:
    """What the numbers of a page are in this session."""

    def __init__(self):
        self.real = {}

    def here(self, command):
        return re.sub(r"\b\d{5}\b", lambda m: self.real.get(m[0], m[0]), command)

    def same(self, shown, came):
        """Whether two lines differ in nothing but ports, which it remembers."""
        ours, theirs = re.split(r"(\d+)", shown), re.split(r"(\d+)", came)
        if ours[::2] != theirs[::2]:
            return False
        for number, real in zip(ours[1::2], theirs[1::2]):
            known = number if len(number) != 5 else self.real.setdefault(number, real)
            if known != real:
                return False
        return True


class Terminal:
    """A command, and all that it prints on a terminal of its own."""

    def __init__(self, command, directory):
        ours, theirs = pty.openpty()
        self.process = subprocess.Popen(["bash", "-c", command], cwd=directory, stdout=theirs,
                                        stderr=theirs, stdin=subprocess.DEVNULL,
                                        start_new_session=True)
        os.close(theirs)
        self.text, self.changed, self.ended = "", threading.Condition(), False
        self.reader = threading.Thread(target=self.read, args=(ours,), daemon=True)
        self.reader.start()

    def read(self, terminal):
        more = b"..."
        while more:
            try:
                more = os.read(terminal, 65536)
            except OSError:  # how a terminal says that it was the last
                more = b""
            with self.changed:
                self.text += more.decode().replace("\r\n", "\n")
                self.ended = not more
                self.changed.notify_all()
        os.close(terminal)

    def lines(self, count=None):
        """So many lines, once they are there; or all, once it has ended."""
        def there():
            return self.ended or count is not None and self.text.count("\n") >= count
        with self.changed:
            self.changed.wait_for(there, PATIENCE)
            return self.text.splitlines()[:count]

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join(PATIENCE)


class Session:
    """A page, played: its servers in one directory, the rest in another.

    Each comes with what says whether a line is one that was shown.
    """

    def __init__(self, servers, others):
        self.places = {True: servers, False: others}
        self.ports = Ports()
        self.running = []
        self.findings = []

    def compare(self, command, alike, shown, came):
        if len(shown) != len(came) or \
                not all(alike(self.ports, *lines) for lines in zip(shown, came)):
            self.findings.append(f"$ {command}\nshown: {shown}\ncame:  {came}")

    def step(self, command, shown):
        server = serves(shown)
        directory, alike = self.places[server]
        terminal = Terminal(self.ports.here(command), directory)
        if server:
            self.running.append((terminal, command, shown))
            self.compare(command, alike, shown[:1], terminal.lines(1))
            return
        try:
            self.compare(command, alike, shown, terminal.lines())
        finally:
            terminal.close()

    def play(self, text, leave_out):
        try:
            for block in blocks(text):
                for command, shown in steps(block):
                    if not leave_out(command):
                        self.step(command, shown)
            for terminal, command, shown in self.running:
                self.compare(command, self.places[True][1], shown, terminal.lines(len(shown)))
        finally:
            for terminal, _, _ in self.running:
                terminal.close()
        return self.findings


def directory(path, stems, command):
    """A directory in which each of the programs is what command() says."""
    path = pathlib.Path(path)
    path.mkdir(parents=True, exist_ok=True)
    for stem in stems:
        script = path / stem
        script.write_text(f'#!/bin/sh\nexec {command(stem)} "$@"\n')
        script.chmod(0o755)
    return path
