# SPDX-License-Identifier: MIT
"""What peers.py and programs.py share: our client and server, and servers of
others.

The environment names the program on the library (PYSOCKC_TALKER) and the
certificates (PYSOCKC_CERTS).
"""

import os
import pathlib
import random
import socket
import subprocess
import threading
import time
import unittest

TALKER = os.environ["PYSOCKC_TALKER"]
CERTS = pathlib.Path(os.environ["PYSOCKC_CERTS"])
PATIENCE = 20
VERSIONS = ("1.2", "1.3")
KEYS = ("good", "rsa")  # ECDSA and RSA
STREAM = random.Random(2).randbytes(1 << 20) + bytes(range(256)) * 64
LINES = b"".join(b"line %d\n" % i for i in range(200))


def cert(name):
    return str(CERTS / name)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port, pid):
    """Whether that process does. To connect would be to use up the one connection
    that some servers take."""
    end = f":{port:04X}"
    for table in "/proc/net/tcp", "/proc/net/tcp6":
        for row in pathlib.Path(table).read_text().splitlines()[1:]:
            words = row.split()
            if words[1].endswith(end) and words[3] == "0A" and has_open(pid, words[9]):
                return True
    return False


def has_open(pid, inode):
    try:
        return any(os.readlink(path) == f"socket:[{inode}]"
                   for path in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except FileNotFoundError:  # it, or one of them, is gone
        return False


class Program:
    """A server of others, by the words that command() makes of a free port. Someone
    may have taken that meanwhile, so it is asked again."""

    def __init__(self, command):
        for _ in range(9):
            self.port = free_port()
            self.process = subprocess.Popen(
                [str(word) for word in command(self.port)], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            if self.is_up():
                # Else a full pipe would stop it.
                self.reader = threading.Thread(target=self.read)
                self.reader.start()
                return
            said = self.process.communicate()[1].decode()
        raise OSError("does not listen: " + said)

    def is_up(self):
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            if listens(self.port, self.process.pid):
                return True
            try:
                self.process.wait(0.01)
                return False
            except subprocess.TimeoutExpired:
                pass
        self.process.kill()
        return False

    def read(self):
        self.said = self.process.stderr.read().decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stderr.close()


class PlainEcho(threading.Thread):
    """Without TLS, behind a program that has it: to one client, up to its end."""

    def __init__(self):
        super().__init__()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        with self.listener:
            try:
                s, _ = self.listener.accept()
            except OSError:  # end()
                return
        with s:
            s.settimeout(PATIENCE)
            try:
                while data := s.recv(65536):
                    s.sendall(data)
            except OSError:
                pass  # whoever waits for it will say so

    def end(self):
        """Also where no one has come."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.join()


def run_client(port, data, *options, host="localhost"):
    """Our client: what it wrote, what it said, and its status."""
    done = subprocess.run([TALKER, "client", host, str(port), cert("root.pem"), *options],
                          input=data, capture_output=True, timeout=PATIENCE, check=False)
    return done.stdout, done.stderr.decode(), done.returncode


class OurServer:
    """One that echoes to one client."""

    def __init__(self, leaf, *options):
        self.process = subprocess.Popen(
            [TALKER, "server", cert(f"{leaf}.pem"), cert(f"{leaf}.key"), *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None and error[0]:
            self.process.kill()
        self.end()

    def end(self):
        """What it said, and its status."""
        if not self.process.stderr.closed:
            _, said = self.process.communicate(timeout=PATIENCE)
            self.said = said.decode()
        return self.said, self.process.returncode


class Case(unittest.TestCase):
    def check_said(self, said, status, version):
        self.assertEqual(status, 0, said)
        self.assertTrue(said.startswith(f"TLSv{version} "), said)
