#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""request_peers.py CLASS: openers against Python's http.server, whose handlers
redirect and ask for passwords as the RFCs say; beside urllib; and through tinyproxy.

PYSOCKC_REQUEST_PEER names the program that opens."""

import base64
import contextlib
import hashlib
import http.server
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import servers

PEER = os.environ["PYSOCKC_REQUEST_PEER"]
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.lower().endswith("_proxy")}


def opened(*arguments, **environment):
    """(status line, body) of each URL."""
    out = subprocess.run([PEER, *arguments], stdout=subprocess.PIPE, check=True, timeout=60,
                         env={**ENVIRONMENT, **environment}).stdout
    answers = []
    while out:
        line, length, out = out.split(b"\n", 2)
        answers.append((line.decode(), out[:int(length)]))
        out = out[int(length):]
    return answers


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def handle_all(self):
        self.server.seen.append((self.command, self.path, self.headers, self.body()))
        self.server.respond(self)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_all


@contextlib.contextmanager
def serving(respond):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.respond, server.seen = respond, []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Redirects(unittest.TestCase):
    """/STATUS leads to /page, which says what it was asked."""

    @staticmethod
    def respond(handler):
        path = handler.path.strip("/")
        if path.isdigit():
            handler.answer(int(path), b"moved", Location="/page")
        elif path.startswith("chain"):
            left = int(path[5:])
            handler.answer(302, Location=f"/chain{left - 1}" if left else "/page")
        else:
            handler.answer(200, handler.command.encode() + b" " + handler.server.seen[-1][3])

    # What becomes of a method by a status; None: it is not followed.
    RULES = {("GET", status): "GET" for status in (301, 302, 303, 307, 308)}
    RULES |= {("HEAD", status): "HEAD" for status in (301, 302, 303, 307, 308)}
    RULES |= {("POST", 301): "GET", ("POST", 302): "GET", ("POST", 303): "GET",
              ("POST", 307): "POST", ("POST", 308): "POST"}
    for method in ("PUT", "DELETE"):
        RULES |= {(method, 301): None, (method, 302): None, (method, 303): "GET",
                  (method, 307): method, (method, 308): method}

    def test_each_status_with_each_method(self):
        with serving(self.respond) as server:
            for (method, status), becomes in self.RULES.items():
                with self.subTest(method=method, status=status):
                    body = ["-d", "data"] if method in ("POST", "PUT") else []
                    server.seen.clear()
                    (line, text), = opened("-X", method, *body, f"{server.url}/{status}")
                    if becomes is None:
                        self.assertEqual(len(server.seen), 1)
                        self.assertIn(f"HTTP Error {status}: ", line)
                        continue
                    self.assertEqual(line, f"200 {server.url}/page")
                    self.assertEqual(server.seen[-1][0], becomes)
                    kept = b"data" if body and becomes == method else b""
                    self.assertEqual(server.seen[-1][3], kept)
                    if becomes != "HEAD":
                        self.assertEqual(text, becomes.encode() + b" " + kept)

    def test_beside_urllib(self):
        """Where both follow, they come to the same."""
        with serving(self.respond) as server:
            for status in (301, 302, 303, 307, 308):
                url = f"{server.url}/{status}"
                with urllib.request.urlopen(url) as response:
                    theirs = f"{response.status} {response.geturl()}", response.read()
                self.assertEqual(opened(url), [theirs])

    def test_chains(self):
        with serving(self.respond) as server:
            self.assertEqual(opened(f"{server.url}/chain9"), [(f"200 {server.url}/page", b"GET ")])
            (line, _), = opened(f"{server.url}/chain10")
            self.assertIn("redirect error that would lead to an infinite loop", line)
            self.assertEqual(opened("-r", "0", "-s", f"{server.url}/chain3"),
                             [(f"302 {server.url}/chain3", b"")])

    def test_another_origin(self):
        with serving(lambda handler: handler.answer(200, b"there")) as other:
            with serving(lambda handler: handler.answer(302, Location=other.url)) as server:
                answers = opened("-H", "Authorization: Bearer secret", "-H", "Cookie: a=secret",
                                 "-H", "X-Key: secret", "-H", "Accept: text/html", server.url)
                self.assertEqual(answers, [(f"200 {other.url}", b"there")])
                self.assertEqual(server.seen[0][2]["Cookie"], "a=secret")
                fields = other.seen[0][2]
                self.assertNotIn("secret", str(fields))
                self.assertEqual(fields["Accept"], "text/html")

    def test_large_bodies(self):
        with tempfile.NamedTemporaryFile() as file, serving(self.respond) as server:
            file.write(b"0123456789abcdef" * 65536)
            file.flush()
            (line, text), = opened("-f", file.name, "-X", "PUT", f"{server.url}/308")
            self.assertEqual(line, f"200 {server.url}/page")
            self.assertEqual(len(text), 4 + (1 << 20))


def parameters(text):
    """Those of a Digest answer."""
    scheme, _, rest = text.partition(" ")
    assert scheme == "Digest", text
    return {name.lower(): quoted or plain for name, quoted, plain in
            re.findall(r'([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))', rest)}


class Passwords(unittest.TestCase):
    """A server that checks answers as RFC 7616 has it, and each count only once."""

    HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}

    def digest_server(self, algorithm, qop="auth", **more):
        nonces, used = itertools.count(1), set()
        session = algorithm.endswith("-sess")
        name = algorithm.removesuffix("-sess")
        state = {"nonce": None, "uses": 0}

        def hashed(*parts):
            return self.HASHES[name](":".join(parts).encode()).hexdigest()

        def challenge(handler, **fields):
            state["nonce"], state["uses"] = f"n{next(nonces)}", 0
            text = f'Digest realm="re\\"alm", nonce="{state["nonce"]}", algorithm={algorithm}, ' \
                   f'qop="{qop}", opaque="o", ' + ", ".join(
                       f"{key}={value}" for key, value in (more | fields).items())
            handler.answer(401, b"no", WWW_Authenticate="Basic realm=x, " + text.rstrip(", "))

        def respond(handler):
            if "Authorization" not in handler.headers:
                return challenge(handler)
            given = parameters(handler.headers["Authorization"])
            if given["nonce"] != state["nonce"] or state["uses"] >= 3:
                return challenge(handler, stale="true")
            count = (given["nonce"], given["nc"])
            self.assertNotIn(count, used)
            used.add(count)
            state["uses"] += 1
            secret = hashed("us er", 're"alm', "pass:word")
            if session:
                secret = hashed(secret, given["nonce"], given["cnonce"])
            about = [handler.command, handler.path]
            if given["qop"] == "auth-int":
                about.append(self.HASHES[name](handler.server.seen[-1][3]).hexdigest())
            right = hashed(secret, given["nonce"], given["nc"], given["cnonce"], given["qop"],
                           hashed(*about))
            self.assertEqual(given["uri"], handler.path)
            self.assertEqual(given["opaque"], "o")
            if given["response"] != right:
                return challenge(handler)
            return handler.answer(200, b"in")
        return respond

    def test_digest(self):
        for algorithm in ("MD5", "SHA-256", "MD5-sess", "SHA-256-sess"):
            for qop in ("auth", "auth,auth-int", "auth-int"):
                with self.subTest(algorithm=algorithm, qop=qop), \
                        serving(self.digest_server(algorithm, qop)) as server:
                    urls = [f"{server.url}/a?{i}" for i in range(8)]
                    answers = opened("-d", "body", "-u", server.url, "us er", "pass:word", *urls)
                    self.assertEqual(answers, [(f"200 {url}", b"in") for url in urls])
                    # The first is asked for, and one after each three.
                    self.assertEqual(len(server.seen), 8 + 3)

    def test_hashed_names(self):
        with serving(self.digest_server("SHA-256", userhash="true")) as server:
            (line, _), = opened("-u", server.url, "us er", "pass:word", f"{server.url}/")
            self.assertEqual(line, f"200 {server.url}/")
            name = hashlib.sha256(b'us er:re"alm').hexdigest()
            self.assertIn(f'username="{name}"', server.seen[-1][2]["Authorization"])

    def test_wrong_passwords(self):
        with serving(self.digest_server("SHA-256")) as server:
            (line, _), = opened("-u", server.url, "us er", "wrong", f"{server.url}/")
            self.assertIn("HTTP Error 401", line)
            self.assertEqual(len(server.seen), 2)
            (line, _), = opened("-u", server.url + "/other", "us er", "pass:word",
                                f"{server.url}/")
            self.assertIn("HTTP Error 401", line)
            self.assertEqual(len(server.seen), 3)

    def test_basic(self):
        right = "Basic " + base64.b64encode("ü:p:w".encode()).decode()

        def respond(handler):
            if handler.headers.get("Authorization") == right:
                handler.answer(200, b"in")
            else:
                handler.answer(401, WWW_Authenticate='Basic realm="x", charset="UTF-8"')

        with serving(respond) as server:
            self.assertEqual(opened("-u", server.url, "ü", "p:w", server.url)[0][1], b"in")
            url = server.url.replace("//", "//%C3%BC:p%3Aw@")
            (line, body), = opened(url)
            self.assertEqual((line, body), (f"200 {server.url}", b"in"))


class Times(unittest.TestCase):
    def test_many(self):
        """A hundred over one connection."""
        with serving(lambda handler: handler.answer(200, b"x" * 1000)) as server:
            connections = set()
            respond = server.respond

            def count(handler):
                connections.add(handler.client_address)
                respond(handler)
            server.respond = count
            answers = opened(*[server.url] * 100)
            self.assertEqual(answers, [(f"200 {server.url}", b"x" * 1000)] * 100)
            self.assertEqual(len(connections), 1)

    def test_http_1_0(self):
        def respond(handler):
            handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nold")
            handler.close_connection = True
        with serving(respond) as server:
            self.assertEqual(opened(server.url, server.url), [(f"200 {server.url}", b"old")] * 2)


@servers.needs("tinyproxy")
class Tinyproxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        program = servers.configured(
            folder.name, lambda port: f"Port {port}\nListen 127.0.0.1\nTimeout 20\n"
            "BasicAuth user sesame\nAllow 127.0.0.1\n", "tinyproxy", "-d", "-c")
        cls.addClassCleanup(program.__exit__)
        cls.port = program.port

    def test_pages(self):
        with serving(lambda handler: handler.answer(200, b"page")) as server:
            proxy = f"http://user:sesame@127.0.0.1:{self.port}"
            self.assertEqual(opened("-p", proxy, server.url, server.url),
                             [(f"200 {server.url}", b"page")] * 2)
            self.assertEqual(opened(server.url, http_proxy=proxy)[0][1], b"page")
            self.assertIn("Via", server.seen[-1][2])
            self.assertNotIn("Proxy-Authorization", server.seen[-1][2])
            opened(server.url, http_proxy=proxy, no_proxy="127.0.0.0/8")
            self.assertNotIn("Via", server.seen[-1][2])

    def test_wrong_passwords(self):
        with serving(lambda handler: handler.answer(200, b"page")) as server:
            (line, _), = opened("-p", f"http://user:wrong@127.0.0.1:{self.port}", server.url)
            self.assertRegex(line, "HTTP Error 40[17]")
            (line, _), = opened("-p", f"127.0.0.1:{self.port}", server.url)
            self.assertRegex(line, "HTTP Error 40[17]")
            self.assertEqual(server.seen, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
