#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""pop3_peers.py CLASS: POP3 beside poplib, by a script of the server's, and from Dovecot.

PYSOCKC_POP3_PEER names the program that is driven; PYSOCKC_CERTS the folder of the
certificates."""

import os
import pathlib
import poplib
import sys
import unittest
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import mailers
from driven import HOST, Driven, Script, failed
from mailers import PASSWORD, USER

PEER = os.environ["PYSOCKC_POP3_PEER"]
needs_tls = unittest.skipUnless(mailers.CERTS, "no certificates")

# Beside Python

WELCOME = b"+OK POP3 <1896.697170952@dbc.mtview.ca.us>\r\n"
# What Python's error says that is not the server's no.
KINDS = {"-ERR EOF": "eof", "line too long": "protocol",
         "-ERR APOP not supported by server": "unsupported",
         "-ERR CAPA not supported by server": "unsupported",
         "-ERR STLS not supported by server": "unsupported"}


def of_python(call):
    """What came of it, in the words of both."""
    try:
        return call()
    except poplib.error_proto as e:
        words = e.args[0]
        if isinstance(words, str):
            return KINDS[words]
        return f"no: {words.decode()}" if words.startswith(b"-") else "protocol"
    except (ValueError, IndexError):
        return "protocol"
    except AttributeError:
        return "eof"  # of one that was closed


def lines(result):
    return result[1]


def pairs(result):
    """Of all, or of one."""
    if isinstance(result, bytes):
        result = (None, [result.partition(b" ")[2]])
    return [(int(line.split()[0]), line.split()[1]) for line in result[1]]


def numbers(result):
    return [(number, int(octets)) for number, octets in pairs(result)]


def capabilities(result):
    return [" ".join([name, *words]).encode() for name, words in result.items()]


# What Python makes of the result of a call.
MADE = {"stat": tuple, "list": numbers, "uidl": pairs, "retr": lines, "top": lines,
        "capa": capabilities}
# How ours has it.
OURS = {"SOCK_E_REPLY": "no", "SOCK_E_PROTOCOL": "protocol", "SOCK_E_EOF": "eof",
        "SOCK_E_UNSUPPORTED": "unsupported", "SOCK_E_VALUE": "value"}


def python_says(turns, calls):
    results = []
    with Script(turns) as server:
        p = of_python(lambda: poplib.POP3(HOST, server.port, timeout=20))
        if isinstance(p, str):
            return server, [p]
        results.append(p.getwelcome())
        for name, *words in calls:
            # 0 is all of them
            given = [word for word in words if not (name in ("list", "uidl") and word == 0)]
            result = of_python(lambda: getattr(p, name)(*given))
            if not isinstance(result, str):
                result = of_python(lambda: MADE.get(name, lambda _: 0)(result))
            results.append(result)
        if p.sock:
            p.close()
    return server, results


def of_ours(result):
    if not failed(result):
        return result
    kind, text = OURS[result[1]], result[3].decode()
    return f"no: {text.partition(': -')[1][2:]}{text.partition(': -')[2]}" if kind == "no" else kind


def we_say(turns, calls):
    with Driven(PEER) as p, Script(turns) as server:
        results = [of_ours(p.new(HOST, server.port))]
        if isinstance(results[0], bytes):
            results += [of_ours(p.call(name, *words)) for name, *words in calls]
            p.free()
    return server, results


OK = b"+OK\r\n"
# (what the server says, calls): Python says the same, and sends the same bytes.
SAME = [
    ([WELCOME, OK, OK, b"+OK 2 320\r\n", OK, OK, OK, OK, b"+OK bye\r\n"],
     [("user", "mrose"), ("pass_", "secret"), ("stat",), ("dele", 1), ("noop",), ("rset",),
      ("utf8",), ("quit",)]),
    ([WELCOME, OK], [("rpop", "mrose")]),
    ([WELCOME, OK], [("apop", "mrose", "tanstaaf")]),
    ([b"+OK ready\r\n"], [("apop", "mrose", "tanstaaf")]),
    ([b"-ERR go away\r\n"], []),
    ([b"hello\r\n"], []),
    ([None], []),
    # Anything behind a plus is a yes.
    ([b"+OKAY\r\n", b"+ xyz\r\n", b"+\r\n"], [("noop",), ("rset",)]),
    ([WELCOME, b"-ERR [IN-USE] locked\r\n", b"-\r\n", OK],
     [("pass_", "x"), ("noop",), ("noop",)]),
    ([WELCOME, b"-ERR [SYS/TEMP] later\r\n"], [("stat",)]),
    ([WELCOME, b"+OK\r\n1 120\r\n2 200\r\n.\r\n", b"+OK 2 200\r\n", b"+OK\r\n.\r\n",
      b"-ERR no such\r\n"], [("list", 0), ("list", 2), ("list", 0), ("list", 7)]),
    ([WELCOME, b"+OK\r\n1 whqtswO00WBw418f9t5JxYwZ\r\n2 Q:7\r\n.\r\n", b"+OK 2 Q:7\r\n"],
     [("uidl", 0), ("uidl", 2)]),
    ([WELCOME, b"+OK 120 octets\r\nSubject: x\r\n\r\nbody\r\n..\r\n..x\r\n\r\n.\r\n",
      b"+OK\r\nSubject: x\r\n\r\n.\r\n", b"+OK\r\n.\r\n"],
     [("retr", 1), ("top", 1, 0), ("retr", 2)]),
    ([WELCOME, b"+OK\r\n\xe4\x00\xff\r\n.\r\n"], [("retr", 1)]),
    ([WELCOME, b"+OK\r\nTOP\r\nSASL PLAIN LOGIN\r\nEXPIRE 60\r\n.\r\n", b"-ERR what\r\n"],
     [("capa",), ("capa",)]),
    ([WELCOME, b"+OK 0 0\r\n", b"+OK 2 320 more\r\n", b"+OK  2\t320\r\n"],
     [("stat",), ("stat",), ("stat",)]),
    ([WELCOME, b"+OK\r\nUIDL\r\n.\r\n", b"-ERR\r\n"], [("stls",), ("stls",)]),
    ([WELCOME, b"+OK 2\r\n"], [("stat",)]),
    ([WELCOME, b"+OK a b\r\n"], [("stat",)]),
    ([WELCOME, None], [("stat",)]),
    ([WELCOME, b"+OK\r\n1 120\r\n", ...], [("list", 0), ("noop",)]),
    # Python takes anything between < and >.
    ([b"+OK <a.b@[127.0.0.1]>\r\n", OK], [("apop", "a", "b")]),
    ([WELCOME + b"", OK], [("user", "\xe4")]),
]
# The same, where ours differs: how, and what it sends if that differs, too.
OTHER = [
    # 3.14 refuses it.
    ([WELCOME, OK, OK], [("user", "x\r\nDELE 1")], ["value"], b""),
    ([WELCOME, OK], [("user", "x\n")], ["value"], b""),
    ([WELCOME, OK], [("user", "x" * 1100)], ["value"], b""),
    # Signs, underscores and any number of digits.
    ([WELCOME, b"+OK -1 +2\r\n"], [("stat",)], ["protocol"], None),
    ([WELCOME, b"+OK 1_0 2\r\n"], [("stat",)], ["protocol"], None),
    ([WELCOME, b"+OK 1 99999999999999999999999\r\n"], [("stat",)], ["protocol"], None),
    # Any dot at the beginning of a line goes.
    ([WELCOME, b"+OK\r\n.x\r\n.\r\n"], [("retr", 1)], [[b"x"]], None),
    # CRLF alone ends a line.
    ([WELCOME, b"+OK\r\na\nb\r\n.\nc\r\n.\r\n", OK], [("retr", 1), ("noop",)],
     [[b"a\nb", b"\nc"], 0], None),
    ([WELCOME, b"+OK\r\n" + b"x" * 5000 + b"\r\n.\r\n", OK], [("retr", 1), ("noop",)],
     [[b"x" * 5000], 0], None),
    # What is no reply, or too long a line, ends the session.
    ([WELCOME, b"hello\r\n", OK], [("noop",), ("noop",)], ["protocol", "eof"], b"NOOP\r\n"),
    ([WELCOME, b"+OK " + b"x" * 9000 + b"\r\n", OK], [("noop",), ("noop",)],
     ["protocol", "eof"], b"NOOP\r\n"),
    ([WELCOME, b"+OK " + b"x" * 3000 + b"\r\n"], [("noop",)], [0], None),
    # The timestamp is a message id.
    ([b"+OK <a> <b@c>\r\n", OK], [("apop", "a", "b")], ["unsupported"], b""),
    ([b"+OK <\xe4@b>\r\n", OK], [("apop", "a", "b")], ["unsupported"], b""),
    ([b"+OK <a@b> more>\r\n", OK], [("apop", "a", "b")], [0],
     b"APOP a f261eb8bb1fd5936ac70610703a198dd\r\n"),
    # An empty line is one.
    ([WELCOME, b"+OK\r\nTOP\r\n\r\n.\r\n"], [("capa",)], [[b"TOP", b""]], None),
    # Names in any case of letters; there is no context to be had.
    ([WELCOME, b"+OK\r\nstls\r\n.\r\n"], [("stls",)], ["unsupported"], None),
    # One that is asked for is that one.
    ([WELCOME, b"+OK 3 200\r\n"], [("list", 2)], ["protocol"], None),
    ([WELCOME, b"+OK\r\n1 120 seen\r\n2\r\n.\r\n"], [("list", 0)], ["protocol"], None),
    # Goodbye is goodbye.
    ([WELCOME, b"-ERR some are left\r\n", OK], [("quit",), ("noop",)],
     ["no: -ERR some are left", "eof"], b"QUIT\r\n"),
]


class Parity(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        # Python's own, where it has made no object.
        self.enterContext(warnings.catch_warnings())
        warnings.simplefilter("ignore", ResourceWarning)

    def test_what_is_the_same(self):
        for turns, calls in SAME:
            with self.subTest(calls=calls, turns=turns):
                theirs, expected = python_says(turns, calls)
                ours, results = we_say(turns, calls)
                self.assertEqual(results, expected)
                self.assertEqual(ours.heard, theirs.heard)

    def test_what_differs(self):
        for turns, calls, expected, sent in OTHER:
            with self.subTest(calls=calls, turns=turns):
                theirs, of_theirs = python_says(turns, calls)
                ours, results = we_say(turns, calls)
                self.assertEqual(results[1:], expected)
                self.assertEqual(ours.heard, theirs.heard if sent is None else sent)
                self.assertTrue(of_theirs[1:] != expected or ours.heard != theirs.heard or
                                sent is None and of_theirs[1:] == expected, "it is the same")


# Dovecot

def mail(number, size=0):
    return (f"From: a@a.example\r\nSubject: mail {number}\r\n\r\n.dot\r\n..\r\n.\r\n"
            f"{'x' * 70}\r\n".encode() + b"b\xf6dy\r\n" * (size // 6))


MAILS = [mail(i, 100 * i) for i in range(1, 41)]


@mailers.needs(mailers.Dovecot, "pop3")
class Dovecot(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(mailers.Dovecot())
        cls.server.deliver("box", *MAILS)

    def box(self, user="box"):
        p = self.connected()
        self.assertEqual((p.user(user), p.pass_(PASSWORD)), (0, 0))
        return p

    def connected(self):
        p = self.enterContext(Driven(PEER))
        self.assertRegex(p.new(HOST, self.server.pop3), rb"^\+OK")
        return p

    def check_mailbox(self, p):
        sizes = [len(text) for text in MAILS]
        self.assertEqual(p.stat(), (len(MAILS), sum(sizes)))
        self.assertEqual(p.list(0), list(enumerate(sizes, 1)))
        ids = p.uidl(0)
        self.assertEqual(len({name for _, name in ids}), len(MAILS))
        self.assertEqual(p.uidl(3), ids[2:3])
        self.assertEqual(p.list(7), [(7, sizes[6])])
        order = [MAILS.index(b"\r\n".join(p.retr(i)) + b"\r\n") for i in range(1, 4)]
        self.assertEqual(order, [0, 1, 2])
        self.assertEqual(p.retr_to(40), MAILS[39])
        self.assertEqual(p.top(1, 0), MAILS[0].split(b"\r\n")[:3])
        self.assertEqual(p.top_to(1, 1), b"".join(MAILS[0].splitlines(True)[:4]))
        self.assertEqual(p.fetch(1, 0), b"".join(MAILS))
        self.assertEqual(p.fetch(38, 40), b"".join(MAILS[37:]))
        self.assertEqual(p.noop(), 0)

    def test_a_mailbox(self):
        p = self.box()
        self.check_mailbox(p)
        self.assertEqual(p.quit(), 0)

    def test_deleting(self):
        self.server.deliver("deletes", *MAILS[:3])
        p = self.box("deletes")
        self.assertEqual((p.dele(2), p.list(0)), (0, [(1, len(MAILS[0])), (3, len(MAILS[2]))]))
        result = p.fetch(1, 3)
        self.assertEqual(result[:3], ("error", "SOCK_E_REPLY", 0))
        self.assertRegex(result[3], rb"^fetch 127.0.0.1: RETR 2: -ERR ")
        self.assertEqual(p.rset(), 0)
        self.assertEqual(p.fetch(1, 3), b"".join(MAILS[:3]))
        self.assertEqual((p.dele(1), p.quit()), (0, 0))
        self.assertEqual(self.box("deletes").stat(), (2, len(MAILS[1]) + len(MAILS[2])))

    def test_enough(self):
        p = self.box()
        self.assertEqual(p.fetch(1, 0, 1000)[1], "SOCK_E_CANCELLED")
        self.assertEqual(p.retr_to(2), MAILS[1])

    def test_it_says_no(self):
        p = self.connected()
        self.assertEqual(p.user("box"), 0)
        result = p.pass_("wrong")
        self.assertEqual(result[:3], ("error", "SOCK_E_REPLY", 0))
        self.assertRegex(result[3], rb"^pass_ 127.0.0.1: PASS \*\*\*\*: -ERR \[AUTH\]")
        self.assertEqual((p.user("box"), p.pass_(PASSWORD)), (0, 0))
        self.assertEqual(p.retr(99)[1], "SOCK_E_REPLY")

    def test_who_it_is(self):
        p = self.connected()
        self.assertEqual(p.apop("box", PASSWORD), 0)
        self.assertEqual(p.stat()[0], len(MAILS))
        for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"):
            with self.subTest(mechanism):
                p = self.connected()
                self.assertEqual(p.auth(mechanism, "wrong", "wrong")[1], "SOCK_E_REPLY")
                if "AUTH" in mechanism:  # no tokens are known here
                    continue
                self.assertEqual(p.auth(mechanism, "box", PASSWORD), 0)
                self.assertEqual(p.stat()[0], len(MAILS))
        self.assertEqual(self.connected().auth("GSSAPI", "a", "b")[1], "SOCK_E_UNSUPPORTED")

    @needs_tls
    def test_tls(self):
        p = self.enterContext(Driven(PEER))
        welcome = p.ssl("localhost", self.server.pop3s, pathlib.Path(mailers.CERTS, "root.pem"))
        self.assertRegex(welcome, rb"^\+OK")
        self.assertEqual(p.secure(), 1)
        self.assertEqual(p.stls("")[1], "SOCK_E_VALUE")
        self.assertEqual((p.user("box"), p.pass_(PASSWORD)), (0, 0))
        self.check_mailbox(p)
        self.assertEqual(p.quit(), 0)

    @needs_tls
    def test_stls(self):
        p = self.connected()
        self.assertEqual(p.secure(), 0)
        self.assertEqual(p.stls(pathlib.Path(mailers.CERTS, "root.pem")), 0)
        self.assertEqual((p.secure(), p.welcome()), (1, b""))
        self.assertEqual(p.apop("box", PASSWORD)[1], "SOCK_E_UNSUPPORTED")
        self.assertEqual((p.user("box"), p.pass_(PASSWORD)), (0, 0))
        self.check_mailbox(p)

    @needs_tls
    def test_who_is_not_trusted(self):
        for leaf, ca in (("good", "other_root"), ("wrong", "root"), ("expired", "root")):
            with self.subTest(leaf=leaf, ca=ca), mailers.Dovecot(leaf=leaf) as server:
                file = pathlib.Path(mailers.CERTS, ca + ".pem")
                p = self.enterContext(Driven(PEER))
                self.assertEqual(p.ssl("localhost", server.pop3s, file)[1], "SOCK_E_TLS")
                p.new("localhost", server.pop3)
                self.assertEqual(p.stls(file)[1], "SOCK_E_TLS")
                self.assertEqual(p.noop()[1], "SOCK_E_EOF")


if __name__ == "__main__":
    unittest.main(verbosity=2)
