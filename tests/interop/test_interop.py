#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_interop.py CLASS: the library against programs that others wrote.

Every conversation is of bytes of every value, and on streams of more than a
megabyte; both sides take both roles. PYSOCKC_PEER and PYSOCKC_SERVER are the
programs on the library, PYSOCKC_EXAMPLES the directory of the examples.
"""

import asyncio
import errno
import os
import random
import re
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PEER = os.environ["PYSOCKC_PEER"]
SERVER = os.environ["PYSOCKC_SERVER"]
EXAMPLES = os.environ["PYSOCKC_EXAMPLES"]
PATIENCE = 20

STREAM = random.Random(1).randbytes(1 << 20) + bytes(range(256)) * 512
DATAGRAM = bytes(range(256)) * 4


def free_port(family=socket.AF_INET, kind=socket.SOCK_STREAM):
    host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    with socket.socket(family, kind) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def table(name):
    with open(f"/proc/net/{name}") as lines:
        return lines.readlines()[1:]


def is_bound(kind, port):
    """Whether a UDP port is bound, or a TCP port listens, by the system's tables."""
    rows = [line.split() for line in table(kind) + table(kind + "6")]
    return any(row[1].endswith(f":{port:04X}") and (kind == "udp" or row[3] == "0A")
               for row in rows)


def listens(path):
    """Whether a datagram socket is bound there, or a stream listens: one that is only
    bound refuses."""
    rows = [line.split() for line in table("unix")]
    return any(row[-1] == path and (row[4] == "0002" or row[3] == "00010000")
               for row in rows)


class Case(unittest.TestCase):
    maxDiff = 200

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name="socket"):
        return os.path.join(self.folder, name)

    def start(self, *command, data=None):
        """A program between files, so that it never waits for this one."""
        output = tempfile.TemporaryFile()
        with tempfile.TemporaryFile() as source:
            source.write(data or b"")
            source.seek(0)
            process = subprocess.Popen(command, stdin=source, stdout=output,
                                       stderr=subprocess.PIPE)
        process.output = output
        self.addCleanup(output.close)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def peer(self, role, address, *more, data=None):
        """The library's side; a listener has said where."""
        process = self.start(PEER, role, address, *more, data=data)
        if role in ("listen", "echo", "answer"):
            self.listening(process)
        return process

    def listening(self, process):
        line = process.stderr.readline().decode()
        self.assertTrue(line.startswith("listening on "), line)
        process.address = line.split()[-1]
        process.port = process.address.rpartition(":")[2]

    def ends_with(self, process, out):
        """What it printed, once it has ended well."""
        _, errors = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, errors)
        process.output.seek(0)
        printed = process.output.read()
        self.assertEqual(len(printed), len(out), errors)
        self.assertTrue(printed == out, "the bytes differ")

    def wait_for(self, condition, *arguments):
        """For what another program does, and does not tell."""
        deadline = time.monotonic() + PATIENCE
        while not condition(*arguments):
            self.assertLess(time.monotonic(), deadline, (condition, arguments))
            time.sleep(0.005)

    def tell(self, ours, theirs):
        """A stream in both directions at once, each half closed by its sender."""
        self.ends_with(ours, STREAM)
        self.ends_with(theirs, STREAM)


class Netcat(Case):
    def setUp(self):
        super().setUp()
        version = subprocess.run(["nc", "-h"], capture_output=True, text=True).stderr \
            if shutil.which("nc") else ""
        if "OpenBSD" not in version:
            self.skipTest("no netcat-openbsd here")

    # Netcat ends once the other has, whatever it has still to send: so one
    # direction at a time.

    def they_connect(self, ours, *theirs):
        peer = self.peer("listen", ours)
        nc = self.start("nc", "-N", *theirs, *[peer.port] * (len(theirs) == 1), data=STREAM)
        self.ends_with(peer, STREAM)
        self.ends_with(nc, b"")

    def they_listen(self, ours, ready, *theirs):
        for role, data, heard, answer in (("fetch", b"", STREAM, b""),
                                          ("connect", STREAM, b"", STREAM)):
            nc = self.start("nc", "-N", *theirs, data=heard)
            self.wait_for(*ready)
            self.ends_with(self.peer(role, ours, data=data), heard)
            self.ends_with(nc, answer)

    def test_tcp_they_connect(self):
        self.they_connect("127.0.0.1:0", "127.0.0.1")
        self.they_connect("[::1]:0", "::1")

    def test_tcp_they_listen(self):
        port, port6 = str(free_port()), str(free_port(socket.AF_INET6))
        self.they_listen("127.0.0.1:" + port, (is_bound, "tcp", int(port)),
                         "-l", "127.0.0.1", port)
        self.they_listen("[::1]:" + port6, (is_bound, "tcp", int(port6)),
                         "-l", "::1", port6)

    def test_unix_stream(self):
        self.they_connect(self.path(), "-U", self.path())
        self.they_listen(self.path("theirs"), (listens, self.path("theirs")),
                         "-lU", self.path("theirs"))

    def test_udp_they_ask(self):
        for host, ours in (("127.0.0.1", "127.0.0.1:0"), ("::1", "[::1]:0")):
            peer = self.peer("answer", ours)
            nc = self.start("nc", "-u", "-W", "1", host, peer.port, data=DATAGRAM)
            self.ends_with(peer, DATAGRAM)
            self.ends_with(nc, DATAGRAM)

    def test_udp_they_answer(self):
        port = free_port(kind=socket.SOCK_DGRAM)
        nc = self.start("nc", "-u", "-l", "-W", "1", "127.0.0.1", str(port), data=b"answer")
        self.wait_for(is_bound, "udp", port)
        peer = self.peer("ask", f"127.0.0.1:{port}", data=DATAGRAM)
        self.ends_with(peer, b"answer")
        self.ends_with(nc, DATAGRAM)

    def test_unix_datagram_they_ask(self):
        peer = self.peer("answer", self.path())
        nc = self.start("nc", "-uU", "-s", self.path("nc"), "-W", "1", self.path(),
                        data=DATAGRAM)
        self.ends_with(peer, DATAGRAM)
        self.ends_with(nc, DATAGRAM)


class Socat(Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("socat"):
            self.skipTest("no socat here")

    def socat(self, theirs, data=STREAM):
        return self.start("socat", "-t20", "-", theirs, data=data)

    def they_connect(self, ours, theirs):
        peer = self.peer("listen", ours, data=STREAM)
        self.tell(peer, self.socat(theirs.replace("PORT", peer.port)))

    def test_they_connect(self):
        self.they_connect("127.0.0.1:0", "TCP4:127.0.0.1:PORT")
        self.they_connect("[::1]:0", "TCP6:[::1]:PORT")
        self.they_connect(self.path(), "UNIX-CONNECT:" + self.path())
        name = f"pysockc-{os.getpid()}"
        self.they_connect("@" + name, "ABSTRACT-CONNECT:" + name)

    def test_they_listen(self):
        port, port6 = free_port(), free_port(socket.AF_INET6)
        name = f"pysockc-{os.getpid()}"
        for theirs, ours, ready in (
                (f"TCP4-LISTEN:{port},bind=127.0.0.1", f"127.0.0.1:{port}",
                 lambda: is_bound("tcp", port)),
                (f"TCP6-LISTEN:{port6},bind=[::1]", f"[::1]:{port6}",
                 lambda: is_bound("tcp", port6)),
                ("UNIX-LISTEN:" + self.path(), self.path(), lambda: listens(self.path())),
                ("ABSTRACT-LISTEN:" + name, "@" + name, lambda: listens("@" + name))):
            socat = self.socat(theirs)
            self.wait_for(ready)
            self.tell(self.peer("connect", ours, data=STREAM), socat)

    def test_they_ask(self):
        for ours, theirs in (("127.0.0.1:0", "UDP4:127.0.0.1:PORT"),
                             ("[::1]:0", "UDP6:[::1]:PORT"),
                             (self.path(), f"UNIX-CLIENT:{self.path()},type=2,bind={self.path('x')}")):
            peer = self.peer("answer", ours)
            socat = self.start("socat", "-t20", "-", theirs.replace("PORT", peer.port)
                               + ",readbytes=%d" % len(DATAGRAM), data=DATAGRAM)
            self.ends_with(peer, DATAGRAM)
            self.ends_with(socat, DATAGRAM)

    def test_they_answer(self):
        port = free_port(kind=socket.SOCK_DGRAM)
        most = bytes(range(256)) * 255 + b"x" * 227  # 65507, all that UDP takes
        for theirs, ours, ready, data in (
                (f"UDP4-RECVFROM:{port},bind=127.0.0.1", [f"127.0.0.1:{port}"],
                 lambda: is_bound("udp", port), most),
                ("UNIX-RECVFROM:" + self.path(), [self.path(), self.path("own")],
                 lambda: listens(self.path()), DATAGRAM),
                (f"ABSTRACT-RECVFROM:pysockc-d-{os.getpid()}",
                 [f"@pysockc-d-{os.getpid()}", f"@pysockc-o-{os.getpid()}"],
                 lambda: listens(f"@pysockc-d-{os.getpid()}"), DATAGRAM)):
            self.start("socat", "-b", "65536", theirs, "PIPE")
            self.wait_for(ready)
            self.ends_with(self.peer("ask", *ours, data=data), data)


class Asyncio(Case):
    """asyncio, of the system's Python."""

    def test_streams_they_connect(self):
        async def talk(opening):
            reader, writer = await opening
            writer.write(STREAM)
            writer.write_eof()
            came = await reader.read(-1)
            writer.close()
            return came

        for ours, opening in (
                ("127.0.0.1:0", lambda p: asyncio.open_connection("127.0.0.1", int(p.port))),
                ("[::1]:0", lambda p: asyncio.open_connection("::1", int(p.port))),
                (self.path(), lambda p: asyncio.open_unix_connection(self.path()))):
            peer = self.peer("echo", ours)
            came = asyncio.run(asyncio.wait_for(talk(opening(peer)), PATIENCE))
            self.assertTrue(came == STREAM)
            self.ends_with(peer, b"")

    def test_streams_they_listen(self):
        async def handle(reader, writer):
            writer.write(await reader.read(-1))
            writer.write_eof()

        async def serve(make, address):
            server = await make(handle)
            async with server:
                process = await asyncio.create_subprocess_exec(
                    PEER, "connect", address(server), stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE)
                out, _ = await process.communicate(STREAM)
                return process.returncode, out == STREAM

        def port(server):
            return server.sockets[0].getsockname()[1]

        for make, address in (
                (lambda h: asyncio.start_server(h, "127.0.0.1", 0),
                 lambda s: f"127.0.0.1:{port(s)}"),
                (lambda h: asyncio.start_server(h, "::1", 0), lambda s: f"[::1]:{port(s)}"),
                (lambda h: asyncio.start_unix_server(h, self.path()),
                 lambda s: self.path())):
            result = asyncio.run(asyncio.wait_for(serve(make, address), PATIENCE))
            self.assertEqual(result, (0, True))


class Socketserver(Case):
    """socketserver of the system's Python, and Python's clients of ours."""

    def serve(self, kind, address, base, handle):
        """One of theirs in a thread; it is gone when the test ends."""
        server = kind(address, type("Handler", (base,), {"handle": handle}))
        self.addCleanup(server.server_close)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        return server.server_address

    def all_echoed(self, peers, data):
        """Some at once, so that threads have to do with several."""
        for peer in peers:
            self.ends_with(peer, data)

    def test_their_streams(self):
        def by_request(self):
            came = b""
            while more := self.request.recv(65536):
                came += more
            self.request.sendall(came)

        def by_files(self):
            self.wfile.write(self.rfile.read())

        for kind in (socketserver.TCPServer, socketserver.ThreadingTCPServer,
                     socketserver.UnixStreamServer):
            for base, handle in ((socketserver.BaseRequestHandler, by_request),
                                 (socketserver.StreamRequestHandler, by_files)):
                path = self.path(kind.__name__ + base.__name__)
                unix = kind.address_family == socket.AF_UNIX
                address = self.serve(kind, path if unix else ("127.0.0.1", 0), base, handle)
                ours = path if unix else "%s:%d" % address
                peers = [self.peer("connect", ours, data=STREAM) for _ in range(3)]
                self.all_echoed(peers, STREAM)

    def test_their_datagrams(self):
        def by_request(self):
            data, sock = self.request
            sock.sendto(data, self.client_address)

        def by_files(self):
            self.wfile.write(self.rfile.read())

        for base, handle in ((socketserver.BaseRequestHandler, by_request),
                             (socketserver.DatagramRequestHandler, by_files)):
            address = self.serve(socketserver.UDPServer, ("127.0.0.1", 0), base, handle)
            for data in (DATAGRAM, b"", b"x"):
                self.all_echoed([self.peer("ask", "%s:%d" % address, data=data)
                                 for _ in range(3)], data)
            path = self.path(base.__name__)
            self.serve(socketserver.UnixDatagramServer, path, base, handle)
            self.all_echoed([self.peer("ask", path, path + own, data=DATAGRAM)
                             for own in "abc"], DATAGRAM)

    def ours_in_each_mode(self, kind):
        """Ours, by TCP or UDP and on a path; it ends as it is told to."""
        for mode in ("serial", "threading", "forking", "pool"):
            for address in ("127.0.0.1:0", self.path(mode + kind)):
                process = self.start(SERVER, mode, kind, address)
                self.listening(process)
                yield address if address[0] == "/" else ("127.0.0.1", int(process.port))
                process.terminate()
                self.ends_with(process, b"")

    def theirs(self, address, kind):
        """A socket of theirs, and whoever answers must be able to name it."""
        unix = isinstance(address, str)
        s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, kind)
        self.addCleanup(s.close)
        s.settimeout(PATIENCE)
        if unix and kind == socket.SOCK_DGRAM:
            s.bind(self.path(f"own{s.fileno()}"))
            self.addCleanup(os.remove, s.getsockname())
        s.connect(address)
        return s

    def test_our_streams(self):
        def talk(s):
            s.sendall(STREAM)
            s.shutdown(socket.SHUT_WR)
            with s.makefile("rb") as file:
                results.append(file.read() == STREAM)

        for address in self.ours_in_each_mode("stream"):
            results = []
            clients = [self.theirs(address, socket.SOCK_STREAM) for _ in range(4)]
            threads = [threading.Thread(target=talk, args=(s,)) for s in clients]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(results, [True] * 4)

    def test_our_datagrams(self):
        for address in self.ours_in_each_mode("datagram"):
            clients = [self.theirs(address, socket.SOCK_DGRAM) for _ in range(4)]
            for data in (DATAGRAM, b"", b"x"):
                for s in clients:
                    s.send(data)
                for s in clients:
                    self.assertEqual(s.recv(65536), data)


class Curl(Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("curl"):
            self.skipTest("no curl here")

    def test_http(self):
        server = self.start(os.path.join(EXAMPLES, "http_server"), "127.0.0.1", "0")
        line = server.stderr.readline().decode()
        port = re.search(r", (\d+)\)", line)[1]
        for path in ("/", "/a/path?with=a&query", "/" + "x" * 3000):
            done = subprocess.run(
                ["curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time",
                 str(PATIENCE), "--include", f"http://127.0.0.1:{port}{path}"],
                capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            head, _, body = done.stdout.partition(b"\r\n\r\n")
            self.assertTrue(head.startswith(b"HTTP/1.0 200 OK\r\n"), head)
            self.assertEqual(body.decode(), path + "\n")
        # What is no request gets no answer, and harms no other.
        for nonsense in (b"", b"\r\n\r\n", b"GET\r\n\r\n", b"x" * 9000):
            with socket.create_connection(("127.0.0.1", int(port)), PATIENCE) as s:
                try:
                    s.sendall(nonsense)
                    s.shutdown(socket.SHUT_WR)
                    self.assertEqual(s.recv(10), b"")
                except OSError as e:  # it closed before it had read all
                    self.assertIn(e.errno, (errno.ECONNRESET, errno.ENOTCONN, errno.EPIPE))
        server.terminate()
        server.communicate(timeout=PATIENCE)
        self.assertEqual(server.returncode, 0)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
