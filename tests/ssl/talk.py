# SPDX-License-Identifier: MIT
"""What peers.py and programs.py share: our client and server.

The environment names the program on the library (PYSOCKC_TALKER) and the
certificates (PYSOCKC_CERTS).
"""

import os
import pathlib
import random
import socket
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from servers import PATIENCE, port_of

TALKER = os.environ["PYSOCKC_TALKER"]
CERTS = pathlib.Path(os.environ["PYSOCKC_CERTS"])
VERSIONS = ("1.2", "1.3")
KEYS = ("good", "rsa")  # ECDSA and RSA
STREAM = random.Random(2).randbytes(1 << 20) + bytes(range(256)) * 64
LINES = b"".join(b"line %d\n" % i for i in range(200))


def cert(name):
    return str(CERTS / name)


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
        self.port = port_of(self.process)

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
