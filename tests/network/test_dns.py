#!/usr/bin/python3
"""Look-ups against name servers of the test's own: dnsmasq, and bad ones.

The answers of the example `names` are Python's, in Python's notation, so what
is expected stands here as Python would print it.
"""

import os
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import network

NAMES = os.path.join(os.environ["PYSOCKC_EXAMPLES"], "names")
LOOK_UPS = os.environ["PYSOCKC_LOOK_UPS"]

RECORDS = """
no-resolv
no-hosts
no-daemon
listen-address=127.0.0.1
bind-interfaces
local=/test/
local=/in-addr.arpa/
host-record=one.test,10.1.0.1
host-record=two.test,10.2.0.1
host-record=six.test,fd00::6
cname=alias.test,one.test
cname=longer.alias.test,alias.test
ptr-record=1.0.1.10.in-addr.arpa,one.test
ptr-record=9.0.1.10.in-addr.arpa,reverse.test
txt-record=text.test,no address here
"""
MANY = 600  # more than 8 KB, which UDP does not hold


class BadServer(threading.Thread):
    """Answers every question with one code, or with none at all."""

    def __init__(self, address, code):
        super().__init__(daemon=True)
        self.code = code
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.start()

    def run(self):
        while True:
            question, sender = self.socket.recvfrom(4096)
            if self.code is not None:
                self.socket.sendto(question[:2] + bytes([0x81, 0x80 | self.code])
                                   + question[4:6] + bytes(6) + question[12:], sender)


class Dns(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        network.run("mount", "--make-rprivate", "/")
        cls.resolv = cls.file("resolv.conf", "")
        for name, text in (("hosts", "127.0.0.1 localhost\n"
                            "10.5.0.1 short alias short.domain.test\n10.5.0.2 plain other\n"),
                           ("nsswitch.conf", "hosts: files dns\n")):
            network.run("mount", "--bind", cls.file(name, text), "/etc/" + name)
        network.run("mount", "--bind", cls.resolv, os.path.realpath("/etc/resolv.conf"))
        many = "".join(f"host-record=many.test,10.3.{i // 250}.{i % 250}\n"
                       for i in range(MANY))
        cls.server = subprocess.Popen(
            ["dnsmasq", "--conf-file=" + cls.file("dnsmasq.conf", RECORDS + many),
             "--user=root", "--pid-file="], stderr=subprocess.PIPE)
        cls.addClassCleanup(cls.server.communicate)
        cls.addClassCleanup(cls.server.kill)
        cls.servfail, cls.silent = BadServer("127.0.0.2", 2), BadServer("127.0.0.3", None)
        cls.use("127.0.0.1")
        deadline = time.monotonic() + network.PATIENCE
        while cls.names("gethostbyname", "one.test")[0] != 0:
            if time.monotonic() > deadline:
                raise RuntimeError("dnsmasq does not answer")
            time.sleep(0.01)

    @classmethod
    def file(cls, name, text):
        path = os.path.join(cls.folder.name, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    @classmethod
    def use(cls, server, options="timeout:1 attempts:1"):
        """Written in place, since the file is mounted."""
        cls.file("resolv.conf", f"nameserver {server}\noptions {options}\n")

    @staticmethod
    def names(*words):
        done = subprocess.run([NAMES, *words], capture_output=True, text=True,
                              timeout=network.PATIENCE, check=False)
        return done.returncode, (done.stdout + done.stderr).rstrip("\n")

    def answers(self, line, expected):
        status, text = self.names(*line.split())
        self.assertEqual(text, expected)
        return status

    def setUp(self):
        self.use("127.0.0.1")

    def test_names(self):
        self.answers("gethostbyname one.test", "'10.1.0.1'")
        self.answers("gethostbyname longer.alias.test", "'10.1.0.1'")
        self.answers("gethostbyname_ex one.test", "('one.test', [], ['10.1.0.1'])")
        self.answers("gethostbyname_ex longer.alias.test",
                     "('one.test', ['longer.alias.test', 'alias.test'], ['10.1.0.1'])")
        self.answers("getaddrinfo six.test 80",
                     "[(10, 1, 6, '', ('fd00::6', 80, 0, 0)), "
                     "(10, 2, 17, '', ('fd00::6', 80, 0, 0)), "
                     "(10, 3, 0, '', ('fd00::6', 80, 0, 0))]")

    def test_addresses_back(self):
        self.answers("gethostbyaddr 10.1.0.1", "('one.test', [], ['10.1.0.1'])")
        self.answers("gethostbyaddr 10.1.0.9", "('reverse.test', [], ['10.1.0.9'])")
        self.answers("getfqdn 10.1.0.9", "'reverse.test'")
        self.answers("getfqdn 10.5.0.1", "'short.domain.test'")
        self.answers("getfqdn 10.5.0.2", "'plain'")
        self.answers("getnameinfo 10.1.0.9 80", "('reverse.test', 'http')")
        self.answers("gethostbyaddr 10.1.0.77", "socket.herror: [Errno 1] Unknown host")
        self.answers("getnameinfo 10.1.0.77 80", "('10.1.0.77', 'http')")

    def test_no_such_name(self):
        unknown = "socket.gaierror: [Errno -2] Name or service not known"
        self.answers("gethostbyname nowhere.test", unknown)
        self.answers("gethostbyname_ex nowhere.test", unknown)
        self.answers("getaddrinfo nowhere.test 80", unknown)

    def test_a_name_without_such_an_address(self):
        nothing = "socket.gaierror: [Errno -5] No address associated with hostname"
        for name in "text.test", "six.test":
            self.answers("gethostbyname " + name, nothing)
            self.answers("gethostbyname_ex " + name, nothing)
        self.answers("getaddrinfo text.test 80", nothing)

    def test_an_answer_of_more_than_8_kb(self):
        status, text = self.names("gethostbyname_ex", "many.test")
        self.assertEqual(status, 0, text)
        name, aliases, addresses = eval(text)  # as Python prints it
        self.assertEqual((name, aliases), ("many.test", []))
        self.assertEqual(set(addresses),
                         {f"10.3.{i // 250}.{i % 250}" for i in range(MANY)})

    def test_server_failure(self):
        self.use("127.0.0.2")
        again = "socket.gaierror: [Errno -3] Temporary failure in name resolution"
        for what in "gethostbyname one.test", "gethostbyname_ex one.test", \
                "getaddrinfo one.test 80":
            self.answers(what, again)

    def test_a_server_that_is_silent(self):
        self.use("127.0.0.3")
        begin = time.monotonic()
        self.answers("gethostbyname one.test",
                     "socket.gaierror: [Errno -3] Temporary failure in name resolution")
        self.assertGreaterEqual(time.monotonic() - begin, 1)
        self.assertLess(time.monotonic() - begin, 20)

    def test_eight_threads(self):
        done = subprocess.run([LOOK_UPS, "3000", "one.test=10.1.0.1", "two.test=10.2.0.1"],
                              capture_output=True, text=True, timeout=network.PATIENCE,
                              check=False)
        self.assertEqual((done.returncode, done.stdout),
                         (0, "24000 look-ups, 0 wrong, 0 descriptors left\n"), done.stderr)


if __name__ == "__main__":
    network.main(["dnsmasq", "mount"])
