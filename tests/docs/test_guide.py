# SPDX-License-Identifier: MIT
"""The pages of the guide: what they show of terminals and system calls is so.

Each page is played four times: its programs by themselves, its Python programs
by themselves, and each as the peer of the other. The directory of the programs
comes in the environment, PYSOCKC_GUIDE. Where names and networks are the
machine's own, what asks for those that must not be there is left out.
"""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "network"))
import network
import transcript

PAGES = HERE.parents[1] / "docs" / "guide"
PROGRAMS = pathlib.Path(os.environ["PYSOCKC_GUIDE"])
STEMS = ("client", "server", "several", "datagrams", "descriptors", "errors")
OURS = "127.0.0.1"
ABSENT = re.compile(r"no\.such\.host|192\.0\.2\.77")


def build(stem):
    return f"cc -o {stem} {stem}.c $(pkg-config --cflags --libs pysockc)"


def left_out(command):
    return command.startswith("cc ") or (
        "PYSOCKC_OWN_ETC" not in os.environ and bool(ABSENT.search(command)))


def c_says(ports, shown, came):
    return ports.same(shown, came)


def python_says(ports, shown, came):
    """An error is Python's own there: what was being done is not in it."""
    if error := re.match(r"(\w+: ).*: (.*)", shown):
        return came.startswith(error[1]) and error[2] in came
    return ports.same(shown.replace("socket.", ""), came)


class Case(unittest.TestCase):
    """Has no tests of its own: a page is a class whose name is its stem."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.stem = cls.__name__.lower()
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.c = transcript.directory(
            scratch.name + "/c", STEMS, lambda stem: PROGRAMS / stem), c_says
        cls.python = transcript.directory(
            scratch.name + "/python", STEMS,
            lambda stem: f"{sys.executable} -BE {PAGES / stem}.py"), python_says

    @property
    def text(self):
        return (PAGES / f"{self.stem}.md").read_text()

    def quoted(self):
        """What it shows beside transcripts, which other tests must produce."""
        return [block for block in transcript.blocks(self.text) if not block.startswith("$ ")]

    @contextlib.contextmanager
    def running(self, *words):
        """A program of this page that listens: it, its port, what it says."""
        terminal = transcript.Terminal(f"./{self.stem} " + " ".join(words), self.c[0])
        try:
            yield terminal, int(re.search(r", (\d+)\)", terminal.lines(1)[0])[1])
        finally:
            terminal.close()


class Page(Case):
    def test_commands(self):
        """It says how its program is built, and each of its blocks is tested."""
        commands = [command for block in transcript.blocks(self.text)
                    for command, _ in transcript.steps(block)]
        self.assertIn(build(self.stem), commands)
        self.assertGreater(len(commands), 2)

    def test_listings(self):
        for language in "py", "c":
            self.assertIn(rf"\include guide/{self.stem}.{language}" + "\n", self.text)

    def test_transcripts(self):
        """All pairs at once, as some of it is waiting."""
        pairs = [(servers, others) for servers in (self.c, self.python)
                 for others in (self.c, self.python)]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            played = pool.map(lambda pair: transcript.Session(*pair).play(self.text, left_out),
                              pairs)
            for (servers, others), findings in zip(pairs, played):
                with self.subTest(f"{servers[0].name} and {others[0].name}"):
                    self.assertEqual([], findings, "\n".join(findings))


class NothingElse:
    """A page whose blocks are transcripts all."""

    def test_quoted(self):
        self.assertEqual(self.quoted(), [])


class Client(NothingElse, Page):
    pass


class Server(Page):
    def test_quoted(self):
        """A client that is gone in the middle, and the server's word of it."""
        with self.running(f"{OURS}:0") as (server, port):
            with socket.create_connection((OURS, port), 20) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                server.lines(2)  # it serves; closing resets the connection
            line, = self.quoted()[0].splitlines()
            self.assertTrue(transcript.Ports().same(line, server.lines(3)[2]), server.text)
        self.assertEqual(len(self.quoted()), 1)


class Several(NothingElse, Page):
    def test_more_than_there_is_room_for(self):
        """Who comes then waits, and is served when another has left."""
        with self.running(f"{OURS}:0") as (_, port), contextlib.ExitStack() as stack:
            clients = [stack.enter_context(socket.create_connection((OURS, port), 20))
                       for _ in range(99)]
            clients[-1].sendall(b"hello")
            self.assertEqual(clients[-1].recv(5, socket.MSG_WAITALL), b"HELLO")
            late = stack.enter_context(socket.create_connection((OURS, port), 0.2))
            late.sendall(b"hello")
            self.assertRaises(TimeoutError, late.recv, 5)
            clients[0].close()
            late.settimeout(20)
            self.assertEqual(late.recv(5, socket.MSG_WAITALL), b"HELLO")


class Datagrams(NothingElse, Page):
    def test_two_members(self):
        """Both answer one question."""
        with self.running("listen", "239.255.0.1:0", "kitchen") as (_, port), \
                self.running("listen", f"239.255.0.1:{port}", "cellar"):
            ask = transcript.Terminal(f"./datagrams ask 239.255.0.1:{port} who", self.c[0])
            answers = sorted(ask.lines())
            ask.close()
            self.assertEqual(answers, [f"('192.0.2.1', {port}): {name}"
                                       for name in ("cellar", "kitchen")])


def await_end(pid):
    """Of all its threads: before, it has its descriptors."""
    process = os.pidfd_open(pid)
    try:
        if not select.select([process], [], [], transcript.PATIENCE)[0]:
            raise TimeoutError(f"process {pid} has not ended")
    finally:
        os.close(process)


class Descriptors(Page):
    def test_quoted(self):
        """The worker is gone: the next client can be handed to no one."""
        with self.running(f"{OURS}:0") as (server, port):
            pid = server.process.pid
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
            worker, = children.read_text().split()
            os.kill(int(worker), signal.SIGKILL)
            await_end(int(worker))
            with socket.create_connection((OURS, port), 20):
                self.assertEqual(server.lines()[1:], self.quoted()[0].splitlines())
        self.assertEqual(len(self.quoted()), 1)

    def test_lines_come_one_by_one(self):
        with self.running(f"{OURS}:0") as (_, port), \
                socket.create_connection((OURS, port), 20) as client, \
                client.makefile("rw") as file:
            for number in range(1, 4):
                print("line", file=file, flush=True)
                self.assertEqual(file.readline(), f"{number} line\n")


class Errors(NothingElse, Page):
    pass


class Calls(Case):
    """The tables of system calls, beside what strace sees."""

    def tables(self, stem):
        """The call that each row begins with, of each such table."""
        tables = re.findall(r"^\| System call .*\n\|.*\n((?:\|.*\n)+)",
                            (PAGES / f"{stem}.md").read_text(), flags=re.M)
        return [re.findall(r"^\| (\w+)\(2\)", table, flags=re.M) for table in tables]

    @staticmethod
    def seen(log):
        """The calls of a process that have ended, but for those about
        terminals, those that found nothing there yet, and the waits behind
        these."""
        calls, waits = [], False
        for name, result in re.findall(r"^(\w+)\((?!\d+, TC).*\) += ([^?].*)$", log.read_text(),
                                       flags=re.M):
            name = "poll" if name == "ppoll" else name
            if not (waits and name == "poll") and "EAGAIN" not in result:
                calls.append(name)
            waits = "EAGAIN" in result
        return [{"clone": "fork"}.get(name, name) for name in calls]

    def start(self, scratch, who, command):
        """A program under strace, which writes a log for each process."""
        terminal = transcript.Terminal(
            f"exec strace -ff -qq -o {scratch}/{who} -e signal=none"
            f" -e trace=network,poll,ppoll,ioctl,fcntl,clone,fork {command}", PROGRAMS)
        self.addCleanup(terminal.close)
        return terminal

    def compare(self, scratch, who, tables):
        """The server may be behind its client, so it is given time."""
        deadline = time.monotonic() + 10
        seen = None
        while seen != tables and time.monotonic() < deadline:
            time.sleep(0.01)
            logs = sorted(pathlib.Path(scratch).glob(who + ".*"),
                          key=lambda path: int(path.suffix[1:]))
            seen = [self.seen(log) for log in logs]
        self.assertEqual(tables, seen)

    def check(self, server, client, of_server=(), of_client=()):
        with tempfile.TemporaryDirectory() as scratch:
            serving = self.start(scratch, "server", server)
            port = re.search(r", (\d+)\)", serving.lines(1)[0])[1]
            asking = self.start(scratch, "client", client.replace("PORT", port))
            asking.lines()
            for who, tables in ("server", of_server), ("client", of_client):
                if tables:
                    self.compare(scratch, who, list(tables))

    def test_client(self):
        self.check("./server 127.0.0.1:0", "./client 127.0.0.1:PORT 'good day'",
                   of_client=self.tables("client"))

    def test_server(self):
        self.check("./server 127.0.0.1:0", "./client 127.0.0.1:PORT 'good day'",
                   of_server=self.tables("server"))

    def test_several(self):
        self.check("./several 127.0.0.1:0", "./client 127.0.0.1:PORT 'good day'",
                   of_server=self.tables("several"))

    def test_datagrams(self):
        listens, asks = self.tables("datagrams")
        self.check("./datagrams listen 239.255.0.1:0 kitchen", "./datagrams ask 239.255.0.1:PORT who",
                   [listens], [asks])

    def test_descriptors(self):
        self.check("./descriptors 127.0.0.1:0", "./client 127.0.0.1:PORT 'good day'",
                   of_server=self.tables("descriptors"))

    def test_errors(self):
        self.check("./server 127.0.0.1:0", "./errors 127.0.0.1:PORT 'good day'",
                   of_client=self.tables("errors"))


def traces():
    """Whether this machine has strace, and lets it look."""
    return shutil.which("strace") and subprocess.run(
        ["strace", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode == 0


def one_network():
    """This machine is 192.0.2.1 of a network with nobody else."""
    network.run("ip", "link", "add", "net0", "type", "veth", "peer", "name", "net1")
    network.run("ip", "address", "add", "192.0.2.1/24", "brd", "+", "dev", "net0")
    network.run("ip", "link", "set", "net0", "up")
    network.run("ip", "link", "set", "net1", "up")
    network.run("ip", "route", "add", "default", "dev", "net0")


def setUpModule():
    if sys.argv[-1] in ALONE:
        one_network()


ALONE = ("Datagrams", "Calls")


def main(name):
    if not shutil.which("bash"):
        network.skip("no bash here")
    if name == "Calls" and not traces():
        network.skip("no strace here, or no ptrace for it")
    if name in ALONE:
        network.main([])
    unittest.main(argv=[sys.argv[0], "-v", name])


if __name__ == "__main__":
    main(sys.argv[1])
