#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""check_transcripts.py [--write] DIRECTORY: the pages of the programs show what
the programs in DIRECTORY say.

docs/programs/*.txt are transcripts of some terminals, each behind an empty line:
of one, or of a server's and its client's, and of one that comes first. "$ COMMAND" is what is typed there, where the programs are. What
follows is what the terminal shows, and tells how the conversation goes:

    ^C              stops a server, when the other terminal is done
    what stands behind a question of a program is typed, such as the target

The terminals are the system's: it is they that echo what is typed. A port that
the system chose is shown as 50001, the next as 50002, the time as that of
another day, and the name of a mail as another one.

--write puts what was heard in the place of what is there; a new transcript
begins as its commands alone. Everything happens in a network of its own:

    tests/tools/own_etc.py tests/docs/check_transcripts.py --write build/dev/examples
"""

import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import sys
import termios
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = TOP / "docs/programs"
TRANSCRIPTS = sorted(PROGRAMS.glob("*.txt"))
PASSWORD = "password: "  # which does not show as it is typed
QUESTIONS = ("msg to send: ", "target: ", PASSWORD)
INTERRUPT, END_OF_INPUT = "\x03", "\x04"
PATIENCE = 20
QUIET = 1  # after so long, in --write, a server has said all

LOWEST_CHOSEN = 32768
DATE = re.compile(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}")
ANOTHER_DAY = "Fri Feb 13 23:31:30 2009"
# As heads have it.
OF_HEADS = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d (GMT|-0000)")
DAY_OF_HEADS = r"Fri, 13 Feb 2009 23:31:30 \1"
MESSAGE_ID = re.compile(r"<[0-9a-f]{32}@")
ANOTHER_ID = "<0123456789abcdef0123456789abcdef@"
LOGGED = re.compile(r"\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d")  # in a log of the web's
LOGGED_DAY = "13/Feb/2009 23:31:30"


class Command:
    """What one command says on a terminal of its own."""

    def __init__(self, command, folder):
        self.said = ""
        self.ended = False
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            self.become(shlex.split(command), folder)
        # A key that interrupts must not throw away what was said before.
        attributes = termios.tcgetattr(self.terminal)
        attributes[3] |= termios.NOFLSH
        termios.tcsetattr(self.terminal, termios.TCSANOW, attributes)

    @staticmethod
    def become(words, folder):
        try:
            os.chdir(folder)
            os.environ["HOME"] = "/nonexistent"  # no one's settings
            os.execvp(words[0], words)
        except OSError as error:
            print(error)
        finally:
            os._exit(127)

    def hear(self, limit):
        """Whether it said something more, before it ended or time was up."""
        if not select.select([self.terminal], [], [], limit)[0]:
            return False
        try:
            more = os.read(self.terminal, 65536)
        except OSError:  # no one has the terminal any more
            more = b""
        self.said += more.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        self.ended = not more
        return not self.ended

    def hear_until(self, condition):
        """Until it ends, at the latest."""
        deadline = time.monotonic() + PATIENCE
        while not condition() and self.hear(max(deadline - time.monotonic(), 0)):
            pass
        if not condition() and not self.ended:
            raise TimeoutError(f"after {PATIENCE} s it has said only: {self.said}")

    def hear_all(self):
        while self.hear(QUIET):
            pass

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def converse(self, answers):
        """To its end; what it asks is answered."""
        answers = iter(answers)
        answered = 0
        while not self.ended:
            # What is typed shows, and so the question is no longer the end.
            self.hear_until(lambda: self.said[answered:].endswith(QUESTIONS))
            answered = len(self.said)
            if not self.ended:
                self.type(next(answers, END_OF_INPUT) + "\n")
        return self.said

    def interrupt(self):
        self.type(INTERRUPT)
        self.hear_until(lambda: self.ended)
        return self.said + "\n" * (not self.said.endswith("\n"))

    def close(self):
        """Whether it ended by itself."""
        if not self.ended:
            os.kill(self.process, signal.SIGKILL)
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1]) >= 0


def answers_in(shown):
    """Without those at the end that are none: input ends there."""
    found = ["secret" if question == PASSWORD else line[len(question):]
             for line in shown.splitlines() for question in QUESTIONS
             if line.startswith(question.rstrip())]
    while found and not found[-1]:
        found.pop()
    return found


class Play:
    """A transcript, played again."""

    def __init__(self, transcript, folder, write):
        self.folder, self.write = folder, write
        self.running = []
        terminals = re.split(r"\n\n(?=\$ )", transcript.rstrip("\n"))
        try:
            heard = [self.terminal(terminal) for terminal in terminals]
            heard = [text or self.stop() for text in reversed(heard)]
            self.text = normal("\n".join(reversed(heard)))
        finally:
            for command in self.running:
                command.close()

    def terminal(self, text):
        """What all its commands say; None if it is left to a server."""
        heard = ""
        for command in re.split(r"\n(?=\$ )", text):
            line, _, shown = command.partition("\n")
            self.running.append(Command(line[2:], self.folder))
            if shown.endswith("^C"):
                self.server = line, shown[:-2].count("\n")
                self.await_lines(1)
                return None
            heard += f"{line}\n{self.running[-1].converse(answers_in(shown))}{self.end()}"
        return heard

    def await_lines(self, number):
        server = self.running[0]
        server.hear_until(lambda: server.said.count("\n") >= number)

    def stop(self):
        line, lines = self.server
        if self.write:
            self.running[0].hear_all()
        self.await_lines(lines)
        return f"{line}\n{self.running[0].interrupt()}{self.end(line)}"

    def end(self, line=""):
        """Who is interrupted ends by itself, if it is a program of ours."""
        well = self.running.pop().close()
        return "" if well or line and "./" not in line else "(killed by a signal)\n"


def normal(text):
    """Without what differs from one run to the next."""
    chosen = {}

    def port(match):
        number = int(match[0])
        if number < LOWEST_CHOSEN:
            return match[0]
        return str(chosen.setdefault(number, 50001 + len(chosen)))

    text = re.sub(r"[^\n]*\r", "", text)  # what was written over
    text = MESSAGE_ID.sub(ANOTHER_ID, OF_HEADS.sub(DAY_OF_HEADS, text))
    text = LOGGED.sub(LOGGED_DAY, re.sub(r"(?<=', )\d+(?=\))", port, text))
    return re.sub(r" +$", "", DATE.sub(ANOTHER_DAY, text), flags=re.M)


def missing(transcript):
    """A command that is neither a program of ours nor on this machine."""
    names = re.findall(r"^\$ (\S+)", transcript, re.M)
    return [name for name in names if not name.startswith("./") and not shutil.which(name)]


def is_over_tls(transcript):
    """By programs that are not built everywhere."""
    return any(name in transcript for name in ("_tls_", "https", "pop3", "imap", "ftp_put"))


class Transcripts(unittest.TestCase):
    maxDiff = None

    def play(self, path):
        shown = path.read_text()
        if "PYSOCKC_OWN_ETC" not in os.environ:
            self.skipTest("no network of its own, where the usual ports are free")
        if missing(shown):
            self.skipTest(f"no {missing(shown)[0]} here")
        self.assertEqual(Play(shown, FOLDER, write=False).text, shown)


def add_test(path):
    setattr(Transcripts, f"test_{path.stem}", lambda self: self.play(path))


class Pages(unittest.TestCase):
    def test_every_program_has_its_page(self):
        programs = [path.stem for path in (TOP / "examples").glob("*.c")
                    if "\nint main(" in path.read_text()]
        self.assertGreater(len(programs), 0)
        contents = (PROGRAMS / "programs.md").read_text()
        for program in programs:
            page = (PROGRAMS / f"{program}.md").read_text()
            self.assertIn(f"{{#program-{program}}}\n", page)
            self.assertIn(f"\\subpage program-{program} ", contents)
            self.assertIn(f"\n\\include {program}.c\n", page)
            self.assertIn(f"\n\\include {program}.py\n", page)
            transcript = re.search(r"\n\\verbinclude (\S+)\n", page)[1]
            name = program.replace("_cgi", ".cgi")
            self.assertIn(f"$ ./{name}", (PROGRAMS / transcript).read_text())


def main():
    if sys.argv[1] == "--write":
        for path in TRANSCRIPTS:
            path.write_text(Play(path.read_text(), FOLDER, write=True).text)
        return
    for path in TRANSCRIPTS:
        if (FOLDER / "echo_tls_server").exists() or not is_over_tls(path.read_text()):
            add_test(path)
    unittest.main(argv=sys.argv[:1], verbosity=2)


FOLDER = pathlib.Path(sys.argv[-1])
main()
