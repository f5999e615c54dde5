#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""form_senders.py CLASS: forms, as curl and Python send them to a handler.

The server is form_peer, $PYSOCKC_FORM_PEER, which answers what it was sent.
"""

import http.client
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from servers import needs, port_of

PEER = os.environ.get("PYSOCKC_FORM_PEER", "")
EVERY_BYTE = bytes(range(256)) * 300


def field(name, value, filename=None, content_type="text/plain", disposition="form-data"):
    """A line of the answer, of a part; of an urlencoded field without a type."""
    texts = {"name": name, "filename": filename, "type": content_type,
             "disposition": disposition, "value": value}
    return "-1" + "".join(f" {key}={encoded(text)}" for key, text in texts.items()
                          if text is not None)


def encoded(text):
    return (text if isinstance(text, bytes) else text.encode()).hex()


def plain(name, value):
    return field(name, value, content_type=None, disposition=None)


class Server(unittest.TestCase):
    def setUp(self):
        self.server = subprocess.Popen([PEER, "serve"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        self.port = port_of(self.server)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def stop(self):
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path


@needs("curl")
class Curl(Server):
    def sent(self, *words, path="/"):
        url = f"http://127.0.0.1:{self.port}{path}"
        run = subprocess.run(["curl", "-sS", *words, url], stdout=subprocess.PIPE, check=True,
                             timeout=60)
        return run.stdout.decode().splitlines()

    def test_fields(self):
        self.assertEqual(self.sent("-F", "a=1", "-F", "b=two words", "-F", "a=\u00e9"),
                         [field("a", "1"), field("b", "two words"), field("a", "\u00e9")])

    def test_empty(self):
        self.assertEqual(self.sent("-F", "a=", "-F", "b=x\r\n-"),
                         [field("a", ""), field("b", "x\r\n-")])

    def test_names(self):
        """Quotes come as browsers send them, or behind a backslash."""
        self.assertEqual(self.sent("-F", 'a"b\\c=1'), [field('a%22b\\c', "1")])
        self.assertEqual(self.sent("--form-escape", "-F", 'a"b\\c=1'), [field('a"b\\c', "1")])

    def test_files(self):
        small, large = self.file("small.txt", b"text\n"), self.file("large", EVERY_BYTE)
        self.assertEqual(self.sent("-F", f"f=@{small}", "-F", f"g=@{large};type=image/x"),
                         [field("f", b"text\n", "small.txt"),
                          field("g", EVERY_BYTE, "large", "image/x")])

    def test_file_of_another_name(self):
        path = self.file("x", b"")
        self.assertEqual(self.sent("-F", f'f=@{path};filename="..\\\\..\\\\a"'),
                         [field("f", b"", '..\\..\\a', "application/octet-stream")])

    def test_file_as_a_value(self):
        self.assertEqual(self.sent("-F", f"f=<{self.file('x', b'text')}"), [field("f", "text")])

    def test_several_files(self):
        a, b = self.file("a.txt", b"1"), self.file("b.txt", b"2")
        answer = self.sent("-F", f"f=@{a},{b}")
        self.assertEqual(answer[0], "-1" + "".join(f" {key}={encoded(text)}" for key, text in (
            ("name", "f"), ("type", "multipart/mixed"), ("disposition", "form-data"))) + " parts")
        self.assertEqual([line[2:] for line in answer[1:]],
                         [field(None, b"1", "a.txt", disposition="attachment")[3:],
                          field(None, b"2", "b.txt", disposition="attachment")[3:]])
        self.assertTrue(all(line.startswith("0 ") for line in answer[1:]))

    def test_chunked(self):
        self.assertEqual(self.sent("-F", f"f=@{self.file('x.txt', EVERY_BYTE)}", "-H",
                                   "Transfer-Encoding: chunked"),
                         [field("f", EVERY_BYTE, "x.txt")])

    def test_urlencoded(self):
        self.assertEqual(self.sent("-d", "a=1", "--data-urlencode", "b=\u00e9 &=", path="/?c=3"),
                         [plain("a", "1"), plain("b", "\u00e9 &="), plain("c", "3")])

    def test_parts_and_query(self):
        self.assertEqual(self.sent("-F", "a=1", path="/x?c=3"), [plain("c", "3"), field("a", "1")])

    def test_get(self):
        self.assertEqual(self.sent("-G", "-d", "a=1"), [plain("a", "1")])
        self.assertEqual(self.sent(), [])

    def test_another_type(self):
        answer = self.sent("--json", '{"a": 1}')
        self.assertEqual(answer, [field(None, '{"a": 1}', None, "application/json", "")])

    def test_put(self):
        self.assertEqual(self.sent("-T", str(self.file("x", EVERY_BYTE))),
                         [field(None, EVERY_BYTE, None, "text/plain", "")])


class Python(Server):
    def sent(self, body, headers, method="POST", path="/"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse().read().decode().splitlines()
        connection.close()
        return answer

    def test_urlencode(self):
        values = [("a", "1 2"), ("b", "\u00e9&="), ("", "x"), ("a", "")]
        body = urllib.parse.urlencode(values)
        self.assertEqual(
            self.sent(body, {"Content-Type": "application/x-www-form-urlencoded"}),
            [plain(*value) for value in values if value[1]])

    def test_pieces(self):
        body = (b'--B\r\nContent-Disposition: form-data; name="f"; filename=x\r\n\r\n'
                + EVERY_BYTE + b"\r\n--B--\r\n")
        pieces = [body[at:at + 7] for at in range(0, 700, 7)] + [body[700:]]
        self.assertEqual(self.sent(iter(pieces), {"Content-Type":
                                                  "multipart/form-data; boundary=B"}),
                         [field("f", EVERY_BYTE, "x")])

    def test_short_body(self):
        """A connection that ends before its request does is not answered as if it had."""
        answer = self.sent(b"--B\r\n\r\nv", {"Content-Type": "multipart/form-data; boundary=B"})
        self.assertEqual(answer, ["error 8 0 FieldStorage: the form ends early"])

    def test_one_after_the_other(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for i in range(3):
            connection.request("POST", "/", f"a={i}",
                               {"Content-Type": "application/x-www-form-urlencoded"})
            self.assertEqual(connection.getresponse().read().decode().splitlines(),
                             [plain("a", str(i))])
        connection.close()


if __name__ == "__main__":
    unittest.main()
