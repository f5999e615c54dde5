#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""form_script.py SERVER SCRIPT: the program form.cgi under file_server --cgi."""

import http.client
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SERVER, SCRIPT = sys.argv[1:]
PARTS = {"Content-Type": "multipart/form-data; boundary=B"}


class Script(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        scripts = pathlib.Path(folder.name, "cgi-bin")
        scripts.mkdir()
        shutil.copy(SCRIPT, scripts / "form.cgi")
        self.server = subprocess.Popen([SERVER, "--cgi", "-b", "127.0.0.1", "-d", folder.name, "0"],
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(self.stop)
        port = int(re.search(r", (\d+)\)", self.server.stdout.readline())[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def stop(self):
        self.connection.close()
        self.server.kill()
        self.server.communicate()

    def answer(self, method="GET", query="", body=None, headers=None):
        self.connection.request(method, "/cgi-bin/form.cgi" + query, body, headers or {})
        response = self.connection.getresponse()
        self.assertEqual(response.getheader("Content-Type"), "text/html; charset=utf-8")
        return response.status, response.read().decode()

    def lists(self, answer, *items):
        status, page = answer
        self.assertEqual(status, 200)
        self.assertEqual(re.findall("<li>(.*)\n", page), list(items))

    def test_form(self):
        self.lists(self.answer())
        self.assertIn('enctype="multipart/form-data"', self.answer()[1])

    def test_query(self):
        self.lists(self.answer(query="?name=%3Cb%3E&x=1+2"), "name: &lt;b&gt;", "x: 1 2")
        self.lists(self.answer(query="?--help"))

    def test_parts(self):
        body = (b'--B\r\nContent-Disposition: form-data; name="<a>"\r\n\r\n"\'&\r\n'
                b'--B\r\nContent-Disposition: form-data; name=f; filename="<x>"\r\n\r\n'
                + bytes(5000) + b"\r\n--B--\r\n")
        self.lists(self.answer("POST", "", body, PARTS),
                   "&lt;a&gt;: &quot;&#x27;&amp;", "f: &lt;x&gt;, 5000 bytes")

    def test_what_is_refused(self):
        status, page = self.answer("POST", "", b"--B\r\n\r\nv", PARTS)
        self.assertEqual(status, 400)
        self.assertIn("FieldStorage: the form ends early\n", page)
        status, page = self.answer("POST", "", "&" * 1000)
        self.assertEqual(status, 413)
        self.assertIn("FieldStorage: Max number of fields exceeded\n", page)


unittest.main(argv=sys.argv[:1])
