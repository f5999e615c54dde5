#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Look-ups against name servers of the test's own: dnsmasq, and bad ones.

The answers of the example `names` are Python's, in Python's notation, so what
is expected stands here as Python would print it.
"""

import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import network

NAMES = os.path.join(os.environ["PYSOCKC_EXAMPLES"], "names")
PROBE = os.environ["PYSOCKC_PROBE"]
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


def record(kind, data):
    """An answer about the name that was asked for, which stands at 12."""
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


A, CNAME = 1, 5
ADDRESS = record(A, bytes([10, 6, 0, 1]))
# By the first label: the number of answers that is claimed, and what is there.
HOSTILE = {
    b"garbage": (1, bytes(range(200, 255))),
    b"nothing": (1, b""),
    b"cut": (1, ADDRESS[:-2]),
    b"claims": (65535, ADDRESS),
    b"loop": (1, b"\xc0" + struct.pack("!B", 12 + 23)),
    b"self": (2, record(CNAME, b"\xc0\x0c") + ADDRESS),
    b"escape": (2, record(CNAME, b"\x06\x1b[31m\n\x04test\x00") + b"\x06\x1b[31m\n\x04test\x00"
                + ADDRESS[2:]),
    b"long": (2, record(CNAME, (b"\x3f" + b"x" * 63) * 5 + b"\x00") + ADDRESS),
    b"short": (1, record(A, b"\x0a\x06")),
    b"other": (1, b"\x03www\x07another\x04test\x00" + ADDRESS[2:]),
}


class BadServer(threading.Thread):
    """Answers with one code, with none at all, or as HOSTILE has it."""

    def __init__(self, address, code):
        super().__init__(daemon=True)
        self.code = code
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.start()

    def run(self):
        while True:
            question, sender = self.socket.recvfrom(4096)
            if self.code == "hostile":
                count, answers = HOSTILE[question[13:13 + question[12]]]
                end = question.index(b"\0", 12) + 5
                self.socket.sendto(question[:2] + struct.pack("!HHHHH", 0x8180, 1, count, 0, 0)
                                   + question[12:end] + answers, sender)
            elif self.code is not None:
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
        cls.hostile = BadServer("127.0.0.4", "hostile")
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

    def test_hostile_answers(self):
        """What the resolver makes of them is its own; ours is what Python makes of that.

        But for gethostbyname_ex, where Python asks twice, and shows what getaddrinfo(3) said.
        """
        self.use("127.0.0.4")
        nothing = "socket.gaierror: [Errno -5] No address associated with hostname"
        failed = "socket.gaierror: [Errno -4] Non-recoverable failure in name resolution"
        for label in HOSTILE:
            for function in "gethostbyname", "gethostbyname_ex":
                name = label.decode() + ".test"
                pythons = subprocess.run(
                    [sys.executable, "-c", "import socket, sys\n"
                     "try: print(repr(getattr(socket, sys.argv[1])(sys.argv[2])))\n"
                     "except OSError as e: print(f'socket.{type(e).__name__}: {e}')",
                     function, name], capture_output=True, text=True, timeout=network.PATIENCE,
                    check=True)
                expected = pythons.stdout.rstrip("\n")
                if function == "gethostbyname_ex" and expected == nothing:
                    expected = failed
                with self.subTest(name=name, function=function):
                    self.answers(f"{function} {name}", expected)

    def test_a_server_that_is_silent(self):
        self.use("127.0.0.3")
        begin = time.monotonic()
        self.answers("gethostbyname one.test",
                     "socket.gaierror: [Errno -3] Temporary failure in name resolution")
        self.assertGreaterEqual(time.monotonic() - begin, 1)
        self.assertLess(time.monotonic() - begin, 20)

    def look_up(self, name, seconds):
        """What came of it, and when."""
        done = subprocess.run([PROBE, "look_up", name, "80", str(seconds)], capture_output=True,
                              text=True, timeout=network.PATIENCE, check=True)
        result, kind, code, _, took, text = done.stdout.rstrip("\n").split("|")
        return int(result), kind, int(code), float(took), text

    def test_within_a_time(self):
        result, _, _, took, _ = self.look_up("one.test", 10)
        self.assertEqual(result, 0)
        self.assertLess(took, 5)
        self.assertEqual(self.look_up("nowhere.test", 10)[1:3], ("SOCK_E_GAI", socket.EAI_NONAME))
        self.use("127.0.0.2")
        self.assertEqual(self.look_up("one.test", 10)[1:3], ("SOCK_E_GAI", socket.EAI_AGAIN))

    def test_within_a_time_of_a_silent_server(self):
        self.use("127.0.0.3", "timeout:3 attempts:2")
        for seconds in 0.05, 0.5:
            result, kind, _, took, text = self.look_up("one.test", seconds)
            self.assertEqual((result, kind), (-1, "SOCK_E_TIMEOUT"))
            self.assertEqual(text, "getaddrinfo_within one.test: timed out")
            self.assertGreaterEqual(took, seconds)
            self.assertLess(took, seconds + 5)
        for what in "create", "to_host":
            done = subprocess.run([PROBE, what, "one.test", "80", "0.3"], capture_output=True,
                                  text=True, timeout=network.PATIENCE, check=True)
            self.assertIn(" one.test: timed out", done.stdout)
            self.assertLess(float(done.stdout.split("|")[4]), 3)

    def test_a_hundred_at_once_of_a_silent_server(self):
        """Each ends at its time; the threads, 16 at most, when the resolver gives up."""
        self.use("127.0.0.3", "timeout:2 attempts:1")
        done = subprocess.run([PROBE, "look_ups", "one.test", "80", "0.5"], capture_output=True,
                              text=True, timeout=network.PATIENCE, check=True)
        timed_out, least, most, left, gone = map(float, done.stdout.split())
        print(f"{1000 * least:.1f} to {1000 * most:.1f} ms, {left:.0f} threads, "
              f"gone after {gone:.1f} s ", end="", file=sys.stderr)
        self.assertEqual((timed_out, left), (100, 16))
        self.assertGreaterEqual(least, 0.5)
        self.assertLess(most, 0.5 + 5)
        self.assertLess(gone, 15)

    def test_eight_threads(self):
        done = subprocess.run([LOOK_UPS, "3000", "one.test=10.1.0.1", "two.test=10.2.0.1"],
                              capture_output=True, text=True, timeout=network.PATIENCE,
                              check=False)
        self.assertEqual((done.returncode, done.stdout),
                         (0, "24000 look-ups, 0 wrong, 0 descriptors left\n"), done.stderr)


if __name__ == "__main__":
    network.main(["dnsmasq", "mount"])
