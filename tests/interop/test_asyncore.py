#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Dispatchers and chats beside asyncore and asynchat, of the system's Python.

The programs are in the environment: PYSOCKC_CHATTER.
"""

import os
import random
import subprocess
import sys
import threading
import unittest
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
try:
    import asynchat
    import asyncore
except ImportError:  # since 3.12
    asyncore = None

CHATTER = os.environ["PYSOCKC_CHATTER"]
PATIENCE = 20
SEED = 4711
CHANCE = random.Random(SEED)
LINES = [b"", b"one", b"\r", b"\n", b"a\rb", b"\r\r", b"x" * 65000] + \
        [bytes(CHANCE.choice(b"abc \r") for _ in range(CHANCE.randrange(300)))
         for _ in range(500)]
# What is behind a carriage return must not make a terminator of it.
LINES = [line.rstrip(b"\r") for line in LINES if not line.startswith(b"\n")]
STREAM = CHANCE.randbytes(1 << 20)


def loop(channels, ended):
    """asyncore's, until it is said to have ended, or for too long."""
    timer = threading.Timer(PATIENCE, os._exit, (3,))
    timer.start()
    try:
        while not ended():
            asyncore.loop(timeout=1, use_poll=True, map=channels, count=1)
    finally:
        timer.cancel()


if asyncore:
    class Talker(asynchat.async_chat):
        """Sends lines in pieces of odd sizes, and collects those of the other."""

        def __init__(self, channels, address, data, pieces, terminator=b"\r\n"):
            super().__init__(map=channels)
            self.set_terminator(terminator)
            self.came, self.closed = [], False
            self.create_socket()
            self.connect(address)
            while data:
                n = CHANCE.randrange(1, pieces)
                self.push(data[:n])
                data = data[n:]

        def collect_incoming_data(self, data):
            self._collect_incoming_data(data)

        def found_terminator(self):
            self.came.append(self._get_data())

        def handle_error(self):
            raise

        def handle_close(self):
            self.closed = True
            self.close()

    class CountTalker(Talker):
        def found_terminator(self):
            data = self._get_data()
            if self.get_terminator() == b"\n":
                self.set_terminator(int(data))
            else:
                self.came.append(data)
                self.set_terminator(b"\n")

    class Echo(asynchat.async_chat):
        def __init__(self, channels, sock):
            super().__init__(sock, channels)
            self.set_terminator(b"\r\n")

        def collect_incoming_data(self, data):
            self._collect_incoming_data(data)

        def found_terminator(self):
            self.push(self._get_data() + b"\r\n")

    class Bytes(asyncore.dispatcher_with_send):
        def __init__(self, channels, address, data):
            super().__init__(map=channels)
            self.came, self.closed = b"", False
            self.create_socket()
            self.connect(address)
            self.send(data)

        def handle_read(self):
            self.came += self.recv(65536)

        def handle_error(self):
            raise

        def handle_close(self):
            self.closed = True
            self.close()

    class Server(asyncore.dispatcher):
        def __init__(self, channels):
            super().__init__(map=channels)
            self.channels = channels
            self.create_socket()
            self.bind(("127.0.0.1", 0))
            self.listen(5)

        def handle_accepted(self, sock, address):
            Echo(self.channels, sock)


@unittest.skipUnless(asyncore, "this Python has no asyncore")
class Asyncore(unittest.TestCase):
    def setUp(self):
        self.channels = {}
        self.addCleanup(lambda: asyncore.close_all(self.channels))

    def start(self, *command, **how):
        process = subprocess.Popen([CHATTER, *command], stderr=subprocess.PIPE, **how)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def serve(self, role):
        process = self.start(role, "127.0.0.1:0")
        line = process.stderr.readline().decode()
        self.assertTrue(line.startswith("listening on "), line)
        return "127.0.0.1", int(line.rpartition(":")[2])

    def test_lines_they_connect(self):
        address = self.serve("lines")
        data = b"".join(line + b"\r\n" for line in LINES)
        talkers = [Talker(self.channels, address, data, pieces) for pieces in (2000, 9999)]
        loop(self.channels, lambda: all(len(t.came) == len(LINES) for t in talkers))
        for talker in talkers:
            self.assertTrue(talker.came == LINES)

    def test_they_are_sent_away(self):
        address = self.serve("lines")
        # In one piece: to what comes after its close the system answers by a reset,
        # for which asyncore does not read what it has.
        talker = Talker(self.channels, address, b"a\r\nquit\r\nb\r\n", 100)
        loop(self.channels, lambda: talker.closed)
        self.assertEqual(talker.came, [b"a", b"quit"])

    def test_counts_they_connect(self):
        address = self.serve("counts")
        bodies = [body for body in LINES if body]
        data = b"".join(b"%d\n%s" % (len(body), body) for body in bodies)
        talker = CountTalker(self.channels, address, data, 3000, b"\n")
        loop(self.channels, lambda: len(talker.came) == len(bodies))
        self.assertTrue(talker.came == bodies)

    def test_bytes_they_connect(self):
        address = self.serve("bytes")
        talkers = [Bytes(self.channels, address, STREAM) for _ in range(3)]
        loop(self.channels, lambda: all(len(t.came) >= len(STREAM) for t in talkers))
        for talker in talkers:
            self.assertTrue(talker.came == STREAM)

    def test_lines_they_listen(self):
        server = Server(self.channels)
        lines = [line for line in LINES if b"\n" not in line]
        process = self.start("ask", "127.0.0.1:%d" % server.socket.getsockname()[1],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        result = []
        thread = threading.Thread(target=lambda: result.append(
            process.communicate(b"".join(line + b"\n" for line in lines))))
        thread.start()
        loop(self.channels, lambda: not thread.is_alive())
        thread.join()
        out, err = result[0]
        self.assertEqual((process.returncode, err), (0, b""))
        self.assertTrue(out == b"".join(line + b"\n" for line in lines))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
