# SPDX-License-Identifier: MIT
"""httpd_peers.py [CLASS]: our HTTP server and the clients of others.

In the environment: PYSOCKC_HTTPD_PEER, tests/net/httpd_peer.
"""

import http.client
import os
import pathlib
import signal
import subprocess
import sys
import threading
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from servers import needs, port_of

PEER = os.environ["PYSOCKC_HTTPD_PEER"]


class Served(unittest.TestCase):
    """With workers; a class below has none."""

    threads = "3"

    def setUp(self):
        self.server = subprocess.Popen([PEER, self.threads], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end)
        self.port = port_of(self.server)
        self.url = f"http://127.0.0.1:{self.port}"

    def end(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.stdout.read()
        self.server.stdout.close()
        self.assertEqual(self.server.wait(20), 0)

    def program(self, *words, given=b""):
        done = subprocess.run(words, input=given, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


class Python(Served):
    def test_many_on_one_connection(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(c.close)
        for i in range(50):
            c.request("POST", f"/{i}", b"b" * i * 100)
            r = c.getresponse()
            self.assertEqual((r.status, r.read()), (200, b"b" * i * 100))
            self.assertFalse(r.will_close)

    def test_chunks(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(c.close)
        c.request("POST", "/", iter([b"abc", b"d" * 70000, b"e"]))
        self.assertEqual(c.getresponse().read(), b"abc" + b"d" * 70000 + b"e")

    def test_much(self):
        for size in (0, 1, 16384, 16385, 5000000):
            for query in ("", "?length"):
                with urllib.request.urlopen(f"{self.url}/much/{size}{query}", timeout=20) as r:
                    self.assertEqual(len(r.read()), size)

    def test_head(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(c.close)
        c.request("HEAD", "/much/5?length")
        r = c.getresponse()
        self.assertEqual((r.getheader("Content-Length"), r.read()), ("5", b""))
        c.request("GET", "/")
        self.assertEqual(c.getresponse().read(), b"")

    def test_many_at_once(self):
        failed = []

        def ask(name):
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            for i in range(20):
                c.request("PUT", f"/{name}", f"{name} {i}")
                if c.getresponse().read() != f"{name} {i}".encode():
                    failed.append((name, i))
            c.close()

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(20)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(failed, [])

    def test_errors(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(c.close)
        c.request("DELETE", "/")
        r = c.getresponse()
        self.assertEqual((r.status, r.getheader("Allow")), (405, "GET, POST, PUT, HEAD"))
        self.assertIn(b"<p>Error code: 405</p>", r.read())
        c.request("GET", "/after")
        self.assertEqual(c.getresponse().status, 200)


class PythonInline(Python):
    threads = "-1"


@needs("curl")
class Curl(Served):
    def curl(self, *words, given=b""):
        return self.program("curl", "-s", "-S", *words, given=given)

    def test_forms_of_a_body(self):
        body = bytes(range(256)) * 4000
        for words in (["-T", "-"], ["--data-binary", "@-"], ["--http1.0", "--data-binary", "@-"],
                      ["-H", "Transfer-Encoding: chunked", "--data-binary", "@-"],
                      ["-H", "Expect: 100-continue", "--data-binary", "@-"],
                      ["-H", "Expect:", "--data-binary", "@-"]):
            self.assertEqual(self.curl(*words, self.url + "/", given=body), body, words)

    def test_one_connection(self):
        urls = [f"{self.url}/much/{n}" for n in (1, 20000, 3)]
        out = self.curl("-w", "%{num_connects}", *urls)
        self.assertEqual(out, b"x1" + b"x" * 20000 + b"0" + b"xxx0")

    def test_path_as_is(self):
        self.curl("--path-as-is", f"{self.url}/a/b/../%2e%2e//c?d")
        self.assertEqual(self.server.stdout.readline(), "GET /a/b/../%252e%252e//c?d \n")

    def test_events(self):
        self.assertEqual(len(self.curl("-N", f"{self.url}/much/100000")), 100000)

    def test_old(self):
        self.assertEqual(self.curl("--http1.0", f"{self.url}/much/100000"), b"x" * 100000)
        self.assertEqual(self.curl("-I", "--http1.0", f"{self.url}/").split(b" ")[1], b"200")


@needs("wget")
class Wget(Served):
    def test_get(self):
        out = self.program("wget", "-q", "-O", "-", f"{self.url}/much/30000",
                           f"{self.url}/much/4?length")
        self.assertEqual(out, b"x" * 30004)

    def test_post(self):
        out = self.program("wget", "-q", "-O", "-", "--post-data=a=b", f"{self.url}/")
        self.assertEqual(out, b"a=b")


class Load(Served):
    @needs("ab")
    def test_ab(self):
        for keep in ([], ["-k"]):
            out = self.program("ab", "-q", "-n", "2000", "-c", "20", *keep, f"{self.url}/1k")
            self.assertIn(b"Failed requests:        0\n", out)
            self.assertIn(b"Complete requests:      2000\n", out)

    @needs("wrk")
    def test_wrk(self):
        out = self.program("wrk", "-t1", "-c50", "-d1", f"{self.url}/1k")
        self.assertNotIn(b"Socket errors", out)
        self.assertNotIn(b"Non-2xx", out)


class LoadInline(Load):
    threads = "-1"


if __name__ == "__main__":
    unittest.main()
