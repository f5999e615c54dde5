#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""http_peers.py CLASS: our client against servers of others.

Python's http.server, nginx, lighttpd and Apache, each with a configuration of its
own in a folder that goes again, on a free port. Files are fetched whole, in part
and by head, over one connection; bodies of all kinds go up to a handler of Python,
through each server. PYSOCKC_ASKER is asker.c, built.
"""

import contextlib
import http.server
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import servers

ASKER = os.environ["PYSOCKC_ASKER"]
LARGE = 8 << 20
FILES = {"1k": b"0123456789abcdef" * 64, "empty": b"",
         "large": bytes(range(256)) * (LARGE // 256)}


def pattern(size):
    return (b"abcdefghijklmnopqrstuvwxyz0123456789" * (size // 36 + 1))[:size]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files; and at /echo, what came, as long as it was or in chunks."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            whole = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                whole += self.rfile.read(size)
                assert self.rfile.readline() == b"\r\n"
            assert self.rfile.readline() == b"\r\n"
            return whole
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def echo(self):
        body = self.body()
        self.send_response(200)
        if self.path.endswith("chunks"):
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(body), 10000):
                piece = body[at:at + 10000]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n" if "bare" in self.path else
                             b"0\r\nX-Sum: %d\r\n\r\n" % zlib.adler32(body))
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_PATCH = echo

    def do_GET(self):
        if self.path.startswith("/echo"):
            self.echo()
        else:
            super().do_GET()


@contextlib.contextmanager
def python_server(folder):
    def make(*args):
        return Handler(*args, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), make) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class Answer:
    def __init__(self, line):
        words = line.rstrip("\n").split("\t")
        self.error = words[1] if words[0] == "error" else None
        if self.error is None:
            self.status, self.version, self.size, self.sum, self.connection = \
                map(int, words[:5])
            self.fields = dict((name.lower(), value.strip()) for name, _, value in
                               (field.partition(":") for field in words[5:]))


class Servers:
    """What each server is asked."""

    ranges = True
    chunks = "/echo/trailed/chunks"

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        os.chmod(self.folder, 0o755)
        self.root = self.folder / "root"
        self.root.mkdir()
        for name, data in FILES.items():
            (self.root / name).write_bytes(data)
        self.port = self.stack.enter_context(self.server())
        self.asker = self.stack.enter_context(subprocess.Popen(
            [ASKER, "127.0.0.1", str(self.port)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1))
        self.stack.callback(self.asker.stdin.close)

    def ask(self, method, target, body="none", *fields):
        print(method, target, body, *fields, sep="\t", file=self.asker.stdin, flush=True)
        answer = Answer(self.asker.stdout.readline())
        self.assertIsNone(answer.error)
        return answer

    def check_body(self, answer, data, status=200):
        self.assertEqual((answer.status, answer.size), (status, len(data)))
        self.assertEqual(answer.sum, zlib.adler32(data))
        self.assertEqual(answer.version, 11)

    def test_files_over_one_connection(self):
        for _ in range(10):
            for name, data in FILES.items():
                answer = self.ask("GET", "/" + name)
                self.check_body(answer, data)
                self.assertEqual(answer.connection, 1)

    def test_heads(self):
        for name, data in FILES.items():
            answer = self.ask("HEAD", "/" + name)
            self.check_body(answer, b"")
            self.assertEqual(answer.fields.get("content-length", "0"), str(len(data)))
            self.check_body(self.ask("GET", "/" + name), data)
        self.assertEqual(answer.connection, 1)

    def test_a_part(self):
        answer = self.ask("GET", "/1k", "none", "Range: bytes=10-19")
        if self.ranges:
            self.check_body(answer, FILES["1k"][10:20], 206)
            self.assertEqual(answer.fields["content-range"], "bytes 10-19/1024")
        else:
            self.check_body(answer, FILES["1k"])

    def test_missing(self):
        for _ in range(3):
            self.assertEqual(self.ask("GET", "/missing").status, 404)
        self.check_body(self.ask("GET", "/1k"), FILES["1k"])

    def test_not_modified(self):
        first = self.ask("GET", "/1k")
        answer = self.ask("GET", "/1k", "none",
                          "If-Modified-Since: " + first.fields["last-modified"])
        self.check_body(answer, b"", 304)
        self.check_body(self.ask("GET", "/1k"), FILES["1k"])
        self.assertEqual(first.connection, 1)

    def test_closed_by_us(self):
        for number in range(1, 4):
            answer = self.ask("GET", "/1k", "none", "Connection: close")
            self.check_body(answer, FILES["1k"])
            self.assertEqual(answer.connection, number)

    def test_bodies(self):
        for kind in ("bytes", "file", "stream", "pieces"):
            for size in (0, 1, 1000, 16384, 16385, 100000):
                for target in ("/echo", self.chunks):
                    with self.subTest(kind=kind, size=size, target=target):
                        answer = self.ask("POST", target, f"{kind} {size}")
                        self.check_body(answer, pattern(size))

    def test_large_bodies(self):
        for kind in ("bytes", "file", "stream"):
            answer = self.ask("PUT", self.chunks, f"{kind} {LARGE}")
            self.check_body(answer, pattern(LARGE))

    def test_expecting_to_be_told(self):
        begun = time.monotonic()
        answer = self.ask("PUT", "/echo", "bytes 100000", "Expect: 100-continue")
        self.check_body(answer, pattern(100000))
        self.assertLess(time.monotonic() - begun, 5)


class Python(Servers, unittest.TestCase):
    ranges = False

    def server(self):
        return python_server(self.root)


class Proxies(Servers):
    """Programs, which hand /echo on to Python."""

    def program(self, behind):
        raise NotImplementedError

    @contextlib.contextmanager
    def server(self):
        with python_server(self.root) as behind, self.program(behind) as program:
            yield program.port


@servers.needs("nginx")
class Nginx(Proxies, unittest.TestCase):
    def program(self, behind):
        return servers.nginx(self.folder, f"""
            root {self.root};
            location /echo {{
                proxy_pass http://127.0.0.1:{behind}; proxy_http_version 1.1;
            }}""")


@servers.needs("lighttpd")
class Lighttpd(Proxies, unittest.TestCase):
    # 1.4.69 puts trailers into the head, behind a line that ends in CR CR LF.
    chunks = "/echo/bare/chunks"

    def program(self, behind):
        return servers.lighttpd(self.folder, f"""
server.document-root = "{self.root}"
$HTTP["url"] =~ "^/echo" {{
    proxy.server = ("" => (("host" => "127.0.0.1", "port" => {behind})))
}}
""")


@servers.needs("apache2")
class Apache(Proxies, unittest.TestCase):
    def program(self, behind):
        return servers.apache2(self.folder, f"""
DocumentRoot {self.root}
ProxyPass /echo http://127.0.0.1:{behind}/echo
""")


if __name__ == "__main__":
    sys.exit(unittest.main(argv=sys.argv[:1] + sys.argv[1:], verbosity=1))
