#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""descriptors.py: what the system is asked for, by strace.

Each file and socket that a client and a server of TLS open is closed for programs
that the process may turn into, those of certificates and keys are closed again,
and nothing is sent that could raise SIGPIPE. The environment names what talk.py
says. Exits with 77 where nothing can be traced.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from servers import PATIENCE, port_of
from talk import CERTS, STREAM, TALKER, OurServer, cert, run_client

STRACE = shutil.which("strace")
CALLS = ("openat,open,creat,socket,accept4,accept,dup,dup2,dup3,fcntl,pipe,pipe2,"
         "eventfd2,epoll_create1,close,sendto,sendmsg,write,writev")
# Before main(): the loader, the C library, OpenSSL's own configuration.
FOREIGN = re.compile(r'"(/etc/|/usr/|/lib|/proc/|/sys/|/dev/)|\.so')
INHERITABLE = {
    "openat": "O_CLOEXEC", "open": "O_CLOEXEC", "creat": "O_CLOEXEC", "socket": "SOCK_CLOEXEC",
    "accept4": "SOCK_CLOEXEC", "accept": "none has", "pipe": "none has",
    "pipe2": "O_CLOEXEC", "eventfd2": "EFD_CLOEXEC", "epoll_create1": "EPOLL_CLOEXEC",
    "dup": "none has", "dup2": "none has", "dup3": "O_CLOEXEC"}
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += +(-?\d+)")


# A sanitizer looks for leaks by ptrace(2) itself.
TRACED = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}


def can_trace():
    if STRACE is None:
        return False
    done = subprocess.run([STRACE, "-o", "/dev/null", "true"], check=False,
                          capture_output=True)
    return done.returncode == 0


class Trace:
    """A program, and the calls that it made."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile("r")

    def words(self):
        return [STRACE, "-f", "-qq", "-s", "200", "-e", f"trace={CALLS}", "-o",
                self.file.name]

    def calls(self):
        with self.file as f:
            for line in f:
                if match := LINE.match(line):
                    yield match[1], match[2], int(match[3])


class Descriptors(unittest.TestCase):
    def look_at(self, trace):
        """The files that were opened, among others of ours."""
        opened, sockets, files = {}, set(), set()
        for name, arguments, result in trace.calls():
            if result < 0:
                continue
            flag = INHERITABLE.get(name)
            if flag and not FOREIGN.search(arguments):
                self.assertIn(flag, arguments, f"{name}({arguments})")
            if name in ("openat", "open") and str(CERTS) in arguments:
                opened[result] = arguments
                files.add(re.search(r'"([^"]*)"', arguments)[1])
            elif name in ("socket", "accept4"):
                sockets.add(result)
            elif name == "close":
                opened.pop(int(arguments), None)
            elif name in ("sendto", "sendmsg"):
                self.assertIn("MSG_NOSIGNAL", arguments)
            elif name in ("write", "writev"):
                self.assertNotIn(int(arguments.split(",")[0]), sockets, arguments)
        self.assertEqual(opened, {})
        self.assertTrue(sockets)
        return files

    def test_client(self):
        trace = Trace()
        with OurServer("good", "ca", cert("root.pem")) as ours:
            done = subprocess.run(
                [*trace.words(), TALKER, "client", "localhost", str(ours.port),
                 cert("root.pem"), "cert", cert("client.pem"), "key", cert("client.key"),
                 "end", "unwrap"], input=STREAM, capture_output=True, timeout=PATIENCE,
                check=False, env=TRACED)
            ours.end()
        self.assertEqual((done.stdout, done.returncode), (STREAM, 0), done.stderr)
        self.assertEqual(self.look_at(trace), {cert("root.pem"), cert("client.pem"),
                                               cert("client.key")})

    def test_client_of_the_system(self):
        """By default certificates, which stand in a file and in a folder here."""
        trace = Trace()
        with OurServer("good") as ours:
            done = subprocess.run(
                [*trace.words(), TALKER, "client", "localhost", str(ours.port), "-"],
                input=b"x", capture_output=True, timeout=PATIENCE, check=False,
                env={**TRACED, "SSL_CERT_FILE": cert("both_roots.pem"),
                     "SSL_CERT_DIR": cert("hashed")})
            ours.end()
        self.assertEqual((done.stdout, done.returncode), (b"x", 0), done.stderr)
        self.assertIn(cert("both_roots.pem"), self.look_at(trace))

    def test_server(self):
        trace = Trace()
        server = subprocess.Popen(
            [*trace.words(), TALKER, "server", cert("good.pem"), cert("good.key")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=TRACED)
        port = port_of(server)
        got, said, status = run_client(port, STREAM)
        self.assertEqual((got, status), (STREAM, 0), said)
        said = server.communicate(timeout=PATIENCE)[1]
        self.assertEqual(server.returncode, 0, said)
        self.assertEqual(self.look_at(trace), {cert("good.pem"), cert("good.key")})


if __name__ == "__main__":
    if not can_trace():
        print("skipped: nothing can be traced")
        sys.exit(77)
    unittest.main(verbosity=1)
