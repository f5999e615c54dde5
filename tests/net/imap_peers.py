#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""imap_peers.py CLASS: our client of IMAP against Dovecot, and beside Python's
imaplib against a server of a script: the same bytes, and the same outcome, or
what is said here why not.

PYSOCKC_IMAP_PEER names the program that is driven, PYSOCKC_CERTS the folder of
the certificates.
"""

import contextlib
import imaplib
import os
import pathlib
import re
import socket
import ssl
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import mailers
from driven import HOST, Driven, Script, failed
from mailers import PASSWORD, USER
from servers import PATIENCE

PEER = os.environ["PYSOCKC_IMAP_PEER"]
ROOT = pathlib.Path(mailers.CERTS or ".", "root.pem")
needs_tls = unittest.skipUnless(mailers.CERTS, "no certificates")
NONAUTH, AUTH, SELECTED = 1, 2, 3


class Case(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.m = self.stack.enter_context(Driven(PEER))

    def fails(self, answer, kind, words, code=None):
        self.assertIsInstance(answer, tuple)
        self.assertEqual(answer[:2], ("error", kind))
        self.assertIn(words, answer[3].decode())
        if code is not None:
            self.assertEqual(answer[2], code)


MESSAGE = b"From: ann@example.org\r\nSubject: one\r\n\r\nHello\r\n"


@mailers.needs(mailers.Dovecot, "imap")
class Dovecot(Case):
    """A server of others."""

    @classmethod
    def setUpClass(cls):
        cls.server = mailers.Dovecot()
        cls.addClassCleanup(cls.server.__exit__, None, None, None)

    def login(self, user=USER):
        self.assertEqual(self.m.new(HOST, self.server.imap), NONAUTH)
        self.assertEqual(self.m.login(user, PASSWORD), 0)
        return self.m

    def filled(self, user):
        m = self.login(user)
        for i in range(3):
            self.assertEqual(m.append("INBOX", "-", "-", MESSAGE.replace(b"one", b"%d" % i)), 0)
        self.assertEqual(m.select("INBOX", 0), 3)
        return m

    def test_login(self):
        m = self.login()
        self.assertEqual(m.state(), AUTH)
        self.assertEqual(m.has("MOVE"), 1)  # which is not said before
        self.assertEqual(m.noop(), 0)
        self.assertEqual(m.logout(), 0)
        self.fails(m.noop(), "SOCK_E_EOF", "not connected")

    def test_wrong_passwords(self):
        self.m.new(HOST, self.server.imap)
        self.fails(self.m.login(USER, "wrong"), "SOCK_E_REPLY",
                   "NO [AUTHENTICATIONFAILED] Authentication failed.", 1)
        self.fails(self.m.login("denied", PASSWORD), "SOCK_E_REPLY", "NO ", 1)
        # Understood, though no user is called so.
        self.fails(self.m.login("a \"b\\ c", PASSWORD), "SOCK_E_REPLY", "NO ", 1)
        self.fails(self.m.login("zoë", "\\\"é"), "SOCK_E_REPLY", "NO ", 1)
        self.assertEqual(self.m.login(USER, PASSWORD), 0)

    def test_mechanisms(self):
        for mechanism in "PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER":
            with self.subTest(mechanism):
                self.assertEqual(self.m.new(HOST, self.server.imap), NONAUTH)
                self.fails(self.m.authenticate(mechanism, USER, "wrong"), "SOCK_E_REPLY",
                           f"AUTHENTICATE {mechanism}: NO", 1)
                self.assertEqual(self.m.authenticate(mechanism, USER, PASSWORD), 0)
                self.assertEqual(self.m.has("MOVE"), 1)
                self.m.free()

    @needs_tls
    def test_tls(self):
        self.assertEqual(self.m.ssl("localhost", self.server.imaps, str(ROOT)), NONAUTH)
        self.assertEqual(self.m.secure(), 1)
        self.assertEqual(self.m.login(USER, PASSWORD), 0)
        self.assertEqual(self.m.logout(), 0)
        self.m.free()
        self.assertEqual(self.m.new("localhost", self.server.imap), NONAUTH)
        self.assertEqual(self.m.starttls(str(ROOT)), 0)
        self.assertEqual(self.m.secure(), 1)
        self.assertEqual(self.m.has("STARTTLS"), 0)
        self.fails(self.m.starttls(str(ROOT)), "SOCK_E_VALUE", "TLS session already established")
        self.assertEqual(self.m.login(USER, PASSWORD), 0)
        large = b"x" * 300000
        self.assertEqual(self.m.append("tls", "-", "-", large)[1], "SOCK_E_REPLY")
        self.assertEqual(self.m.mailbox("CREATE", "tls", "-"), 0)
        self.assertEqual(self.m.append("tls", "-", "-", large), 0)
        self.assertEqual(self.m.select("tls", 0), 1)
        (_, name, _, value), = self.m.fetch("1", "BODY.PEEK[]", "sink")
        self.assertEqual((name, value), (b"BODY[]", large))

    @needs_tls
    def test_certificates(self):
        """Of no one who is known, of another host, and of old."""
        for leaf, ca in ("good", "other_root"), ("wrong", "root"), ("expired", "root"):
            with self.subTest(leaf=leaf, ca=ca), mailers.Dovecot(leaf=leaf) as server:
                file = ROOT.with_name(ca + ".pem")
                self.fails(self.m.ssl("localhost", server.imaps, file), "SOCK_E_TLS", "IMAP4_SSL")
                self.assertEqual(self.m.new("localhost", server.imap), NONAUTH)
                self.fails(self.m.starttls(file), "SOCK_E_TLS", "starttls")
                self.fails(self.m.noop(), "SOCK_E_EOF", "not connected")

    def test_mailboxes(self):
        m = self.login("boxes")
        names = ["Entwürfe", "a b", 'q"u\\o', "台北", "a&b", "x{5}", "(p)", "Entwürfe/😀", "a%*"]
        for name in names:
            self.assertEqual(m.mailbox("CREATE", name, "-"), 0, name)
        self.fails(m.mailbox("CREATE", "a b", "-"), "SOCK_E_REPLY", "NO [ALREADYEXISTS]", 1)
        found = {name.decode() for name, _, _ in m.list("", "*")}
        self.assertEqual(found, {"INBOX", *names})
        self.assertEqual([name.decode() for name, _, _ in m.list("", "Entwürfe/*")],
                         ["Entwürfe/😀"])
        for name in names:
            self.assertEqual(m.append(name, "\\Seen", "-", MESSAGE), 0, name)
            self.assertEqual(m.status(name, "MESSAGES UNSEEN")["MESSAGES"], 1, name)
            self.assertEqual(m.select(name, 1), 1, name)
            self.assertEqual(m.mailbox("SUBSCRIBE", name, "-"), 0)
        self.assertEqual(len(m.lsub("", "*")), len(names))
        self.assertEqual(m.unselect(), 0)
        self.assertEqual(m.mailbox("RENAME", "a b", "c d"), 0)
        self.assertEqual(m.mailbox("DELETE", "c d", "-"), 0)
        self.fails(m.select("c d", 0), "SOCK_E_REPLY", 'SELECT "c d": NO', 1)
        self.assertEqual(m.state(), AUTH)

    def test_messages(self):
        m = self.filled("messages")
        self.assertEqual(m.response("APPENDUID"), [])  # forgotten by SELECT
        items = m.fetch("1:*", "UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)]")
        self.assertEqual([value for _, name, _, value in items if name.startswith(b"BODY")],
                         [b"Subject: %d\r\n\r\n" % i for i in range(3)])
        self.assertEqual({(number, value) for number, name, _, value in items
                          if name == b"UID"}, {(1, b"1"), (2, b"2"), (3, b"3")})
        for where in "", "sink":
            self.assertEqual(m.fetch("2", "BODY.PEEK[]", where),
                             [(2, b"BODY[]", 3, MESSAGE.replace(b"one", b"1"))])
        self.assertEqual(m.search("-", 'SUBJECT "2"'), [3])
        self.assertEqual(m.search("UTF-8", 'OR SUBJECT "é" SUBJECT "1"'), [2])
        self.assertEqual(m.search("-", "DELETED"), [])
        self.assertEqual(m.search("-", "RETURN (ALL) NOT 2"), [1, 3])
        self.assertEqual(m.response("ESEARCH"), [])
        self.assertEqual(m.search("-", "RETURN (MIN COUNT ALL) ALL"), [1, 2, 3])
        self.assertRegex(m.response("ESEARCH")[0], rb"^\(TAG .*\) MIN 1 .*COUNT 3$")
        self.assertEqual(m.store("1:2", "+FLAGS", "\\Deleted $Label"), 0)
        self.assertEqual(len(m.response("FETCH")), 2)
        self.assertEqual(m.mailbox("CREATE", "Archiv ä", "-"), 0)
        self.assertEqual(m.copy("3", "Archiv ä"), 0)
        self.assertEqual(m.response("COPYUID")[0].split()[1:], [b"3", b"1"])
        self.assertEqual(m.uid(1), 0)
        self.assertEqual(m.move("3", "Archiv ä"), 0)
        self.assertEqual(m.expunge("1"), 0)
        self.assertEqual(m.response("EXPUNGE"), [b"3", b"1"])
        self.assertEqual(m.search("-", "ALL"), [2])
        self.assertEqual(m.expunge("-"), 0)
        self.assertEqual(m.search("-", "ALL"), [])
        self.assertEqual(m.close(), 0)
        self.assertEqual(m.status("Archiv ä", "MESSAGES")["MESSAGES"], 2)

    def test_appending(self):
        m = self.login("append")
        when = '"17-Jul-1996 02:44:25 -0700"'
        self.assertEqual(m.append("-", "\\Seen", when, b"A: b\n\nc\rd"), 0)
        self.assertEqual(len(m.response("APPENDUID")), 1)
        self.assertEqual(m.select("INBOX", 0), 1)
        items = dict((name, value) for _, name, _, value in
                     m.fetch("1", "(FLAGS INTERNALDATE BODY[])"))
        self.assertEqual(items[b"BODY[]"], b"A: b\r\n\r\nc\r\nd")
        self.assertIn(b"\\Seen", items[b"FLAGS"])
        self.assertEqual(imaplib.Internaldate2tuple(b'INTERNALDATE "' + items[b"INTERNALDATE"] +
                                                    b'"'),
                         imaplib.Internaldate2tuple(f"INTERNALDATE {when}".encode()))
        self.fails(m.append("none", "-", "-", b"x"), "SOCK_E_REPLY", "NO [TRYCREATE]", 1)
        self.assertEqual(m.noop(), 0)
        m.free()
        self.login("full")
        self.fails(m.append("INBOX", "-", "-", b"x" * 100), "SOCK_E_REPLY", "NO [OVERQUOTA]", 1)

    def test_idle(self):
        m = self.filled("idle")
        self.assertEqual(m.idle(), 0)
        self.assertEqual(m.next("0"), 0)
        with imaplib.IMAP4(HOST, self.server.imap) as other:
            other.login("idle", PASSWORD)
            other.append("INBOX", None, None, MESSAGE)
        heard = []
        while not heard or heard[-1] != (b"EXISTS", b"4"):
            heard.append(m.next("20"))
            self.assertNotEqual(heard[-1], 0, heard)
        self.assertEqual(m.done(), 0)
        self.assertEqual(m.state(), SELECTED)
        self.assertEqual(m.noop(), 0)

    def test_commands(self):
        m = self.filled("commands")
        self.assertEqual(m.command("SORT", "(REVERSE ARRIVAL)", "UTF-8", "ALL"), 0)
        self.assertEqual(sorted(m.response("SORT")[0].split()), [b"1", b"2", b"3"])
        self.assertEqual(m.command("NAMESPACE"), 0)
        self.assertEqual(m.response("NAMESPACE"), [b'(("" "/")) NIL NIL'])
        self.fails(m.command("XNONE"), "SOCK_E_REPLY", "XNONE: BAD", 2)
        self.fails(m.fetch("9", "XNONE")[0], "SOCK_E_REPLY", "FETCH 9 XNONE: BAD", 2)
        self.assertEqual(m.command("CHECK"), 0)
        self.assertEqual(m.enable("CONDSTORE")[:2], ("error", "SOCK_E_VALUE"))

    def test_the_server_stops(self):
        with mailers.Dovecot() as server:
            self.assertEqual(self.m.new(HOST, server.imap), NONAUTH)
            self.assertEqual(self.m.login(USER, PASSWORD), 0)
        self.fails(self.m.noop(), "SOCK_E_EOF", "")


# A server of a script

class Tagged(Script):
    """A server whose `$` is the tag of the line before; so are those in `heard`."""

    tag = b""

    def hear(self, lines, until=None):
        line = lines.readline()
        tag, blank, rest = line.partition(b" ")
        if blank and re.fullmatch(rb"[A-P]{4}\d+", tag):
            self.tag, line = tag, b"$ " + rest
        self.heard += line
        return line != b""

    def play(self, conn, lines):
        for i, turn in enumerate(self.turns):
            if i > 0 and not self.hear(lines) or turn is None:
                return
            conn.sendall(turn.replace(b"$", self.tag))
        conn.shutdown(socket.SHUT_WR)
        while self.hear(lines):
            pass


HELLO = b"* OK hello\r\n", b"* CAPABILITY IMAP4rev1 %s\r\n$ OK done\r\n"
KNOWN = b"* PREAUTH hello\r\n", b"* CAPABILITY IMAP4rev1 %s\r\n$ OK done\r\n"
OK = b"$ OK done\r\n"
BOX = b"* 3 EXISTS\r\n$ OK [READ-WRITE] done\r\n"


def outcome_of_theirs(call):
    try:
        kind, data = call()
    except imaplib.IMAP4.readonly:
        return "UNSUPPORTED"
    except imaplib.IMAP4.abort as error:
        return "VALUE" if "TLS" in str(error) else "CLOSED"
    except imaplib.IMAP4.error as error:
        text = str(error)
        if "illegal in state" in text:
            return "VALUE"
        return "UNSUPPORTED" if "does not support" in text else "REPLY"
    return {"OK": "OK", "BYE": "OK", "NO": "REPLY"}[kind]


def outcome_of_ours(answer):
    if isinstance(answer, list) and answer and failed(answer[-1]):
        answer = answer[-1]
    if not failed(answer):
        return "OK"
    kind = answer[1].removeprefix("SOCK_E_")
    return "CLOSED" if kind in ("EOF", "PROTOCOL") else kind


# (what it is, turns, our calls, theirs); what must be the same: bytes and outcomes.
def row(name, turns, ours, theirs, start=HELLO, capabilities=b""):
    turns = [start[0], start[1] % capabilities, *turns]
    return name, turns, ours, theirs


ROWS = [
    row("login", [OK, b"* CAPABILITY IMAP4rev1\r\n" + OK], [("login", "ann", 'a"b\\c')],
        [("login", "ann", 'a"b\\c'), ("capability",)]),
    row("login refused", [b"$ NO [AUTHENTICATIONFAILED] no\r\n"], [("login", "a", "b")],
        [("login", "a", "b")]),
    row("login not understood", [b"$ BAD no\r\n"], [("login", "a", "b")], [("login", "a", "b")]),
    row("select", [BOX], [("select", "INBOX", 0)], [("select",)], KNOWN),
    row("select, none", [b"$ NO none\r\n", OK], [("select", "x", 0), ("noop",)],
        [("select", "x"), ("noop",)], KNOWN),
    row("examine", [b"* 3 EXISTS\r\n$ OK [READ-ONLY] x\r\n"], [("select", "x", 1)],
        [("select", "x", True)], KNOWN),
    row("read-only unasked", [b"* 3 EXISTS\r\n$ OK [READ-ONLY] x\r\n"], [("select", "x", 0)],
        [("select", "x")], KNOWN),
    row("close", [BOX, OK, OK], [("select", "INBOX", 0), ("close",), ("noop",)],
        [("select",), ("close",), ("noop",)], KNOWN),
    row("unselect", [BOX, OK], [("select", "INBOX", 0), ("unselect",), ("fetch", "1", "ALL")],
        [("select",), ("unselect",), ("fetch", "1", "ALL")], KNOWN),
    row("wrong states", [], [("fetch", "1", "ALL"), ("select", "x", 0), ("close",), ("noop",)][:3],
        [("fetch", "1", "ALL"), ("select", "x"), ("close",)]),
    row("status", [b"* STATUS x (MESSAGES 1)\r\n" + OK], [("status", "x", "(MESSAGES)")],
        [("status", "x", "(MESSAGES)")], KNOWN),
    row("list", [b'* LIST () "/" a\r\n' + OK, OK, OK],
        [("list", "", "*"), ("list", "a", "%"), ("lsub", "", "*")],
        [("list",), ("list", "a", "%"), ("lsub",)], KNOWN),
    row("mailboxes", [OK] * 5, [("mailbox", "CREATE", "a", "-"), ("mailbox", "DELETE", "a", "-"),
                                ("mailbox", "RENAME", "a", "b"),
                                ("mailbox", "SUBSCRIBE", "a", "-"),
                                ("mailbox", "UNSUBSCRIBE", "a", "-")],
        [("create", "a"), ("delete", "a"), ("rename", "a", "b"), ("subscribe", "a"),
         ("unsubscribe", "a")], KNOWN),
    row("rights", [b"* ACL a x lr\r\n" + OK, b"* MYRIGHTS a lr\r\n" + OK,
                   b"* QUOTAROOT a r\r\n" + OK, OK, OK],
        [("mailbox", "GETACL", "a", "-"), ("mailbox", "MYRIGHTS", "a", "-"),
         ("mailbox", "GETQUOTAROOT", "a", "-"), ("command", "SETACL", "a", "b", "lr"),
         ("command", "DELETEACL", "a", "b")],
        [("getacl", "a"), ("myrights", "a"), ("getquotaroot", "a"), ("setacl", "a", "b", "lr"),
         ("deleteacl", "a", "b")], KNOWN),
    row("search", [BOX, b"* SEARCH 1 2\r\n" + OK, b"* SEARCH\r\n" + OK, OK],
        [("select", "INBOX", 0), ("search", "-", "ALL"), ("search", "UTF-8", 'FROM "a"'),
         ("search", "-", "(OR SEEN 1)")],
        [("select",), ("search", None, "ALL"), ("search", "UTF-8", "FROM", '"a"'),
         ("search", None, "(OR SEEN 1)")], KNOWN),
    row("fetch", [BOX, b"* 1 FETCH (UID 5 BODY[] {3}\r\nabc)\r\n" + OK, b"$ NO no\r\n",
                  b"$ BAD no\r\n"],
        [("select", "INBOX", 0), ("fetch", "1", "(UID BODY[])"), ("fetch", "9", "ALL"),
         ("fetch", "9", "X")],
        [("select",), ("fetch", "1", "(UID BODY[])"), ("fetch", "9", "ALL"),
         ("fetch", "9", "X")], KNOWN),
    row("store, copy, expunge", [BOX, b"* 1 FETCH (FLAGS (\\Seen))\r\n" + OK, OK,
                                 b"* 1 EXPUNGE\r\n" + OK],
        [("select", "INBOX", 0), ("store", "1:2", "+FLAGS", "\\Seen"), ("copy", "1", "x"),
         ("expunge", "-")],
        [("select",), ("store", "1:2", "+FLAGS", "\\Seen"), ("copy", "1", "x"), ("expunge",)],
        KNOWN),
    row("by UID", [BOX, b"* SEARCH 1\r\n" + OK, OK, OK, OK, OK],
        [("select", "INBOX", 0), ("uid", 1), ("search", "-", "ALL"), ("fetch", "1", "ALL"),
         ("store", "1", "FLAGS", "(a)"), ("copy", "1", "x"), ("move", "1", "x")],
        [("select",), None, ("uid", "SEARCH", "ALL"), ("uid", "FETCH", "1", "ALL"),
         ("uid", "STORE", "1", "FLAGS", "(a)"), ("uid", "COPY", "1", "x"),
         ("uid", "MOVE", "1", "x")], KNOWN, b"MOVE"),
    row("sort, thread", [BOX, b"* SORT 1\r\n" + OK, OK],
        [("select", "INBOX", 0), ("command", "SORT", "(DATE)", "UTF-8", "ALL"),
         ("command", "THREAD", "REFERENCES", "UTF-8", "ALL")],
        [("select",), ("sort", "DATE", "UTF-8", "ALL"),
         ("thread", "REFERENCES", "UTF-8", "ALL")], KNOWN),
    row("namespace, quota", [b"* NAMESPACE NIL NIL NIL\r\n" + OK, OK, OK],
        [("command", "NAMESPACE"), ("command", "GETQUOTA", "r"),
         ("command", "SETQUOTA", "r", "(S 1)")],
        [("namespace",), ("getquota", "r"), ("setquota", "r", "(S 1)")], KNOWN),
    row("xatom", [b"* XFOO 1\r\n" + OK, b"$ BAD no\r\n"],
        [("command", "xfoo", "a"), ("command", "xfoo")],
        [("xatom", "xfoo", "a"), ("xatom", "xfoo")], KNOWN),
    row("append", [b"+ go\r\n", b"", b"", b"", b"", OK, b"$ NO no\r\n", OK],
        [("append", "x", "\\Seen", '"17-Jul-1996 02:44:25 -0700"', b"A: b\n\nc\rd\r\n"),
         ("append", "-", "-", "-", b"x"), ("noop",)],
        [("append", "x", "\\Seen", '"17-Jul-1996 02:44:25 -0700"', b"A: b\n\nc\rd\r\n"),
         ("append", None, None, None, b"x"), ("noop",)], KNOWN),
    row("enable", [b"* ENABLED UTF8=ACCEPT\r\n" + OK], [("enable", "UTF8=ACCEPT")],
        [("enable", "UTF8=ACCEPT")], KNOWN, b"ENABLE"),
    row("enable that is none", [], [("enable", "UTF8=ACCEPT")], [("enable", "UTF8=ACCEPT")],
        KNOWN),
    row("starttls when known", [], [("starttls", "-")], [("starttls",)], KNOWN, b"STARTTLS"),
    row("logout", [b"* BYE bye\r\n" + OK], [("logout",)], [("logout",)]),
    row("BYE", [b"* BYE bye\r\n"], [("noop",)], [("noop",)]),
    row("a foreign tag", [b"ABCD99 OK done\r\n"], [("noop",)], [("noop",)]),
    row("no response", [b"hello\r\n"], [("noop",)], [("noop",)]),
    row("the end", [None], [("noop",)], [("noop",)]),
    row("what is said unasked", [b"* 4 EXISTS\r\n* 1 FETCH (X {3}\r\nabc)\r\n"
                                 b"* OK [ALERT] x\r\n" + OK],
        [("noop",)], [("noop",)], KNOWN),
]

# Where the bytes differ: what we say, and they.
DIFFERENT = [
    # Quotes, which theirs puts round the password alone.
    row("blanks in names", [OK, OK], [("mailbox", "CREATE", "a b", "-")], [("create", "a b")],
        KNOWN) + (b'$ CREATE "a b"\r\n', b"$ CREATE a b\r\n"),
    row("names in other scripts", [OK], [("mailbox", "CREATE", "é&", "-")],
        [("create", "&AOk-&-")], KNOWN) + (b"$ CREATE &AOk-&-\r\n", b"$ CREATE &AOk-&-\r\n"),
    row("a user with a blank", [OK, b"* CAPABILITY IMAP4rev1\r\n" + OK], [("login", "a b", "c")],
        [("login", "a b", "c")]) +
    (b'$ LOGIN "a b" "c"\r\n$ CAPABILITY\r\n', b'$ LOGIN a b "c"\r\n'),
    # Further commands in arguments: refused by theirs since 3.14.
    row("a command in a user", [b"$ BAD x\r\n"], [("login", "a\r\nX LOGOUT", "b")], [None]) +
    (b"", b""),
    row("a command in a name", [b"$ BAD x\r\n"], [("mailbox", "CREATE", "a\r\nX LOGOUT", "-")],
        [None], KNOWN) + (b"", b""),
    row("LOGINDISABLED", [OK], [("login", "a", "b")], [("login", "a", "b")], HELLO,
        b"LOGINDISABLED") + (b"", b'$ LOGIN a "b"\r\n'),
    row("literals that need no word", [b"", OK], [("append", "x", "-", "-", b"abc")],
        [None], KNOWN, b"LITERAL+") + (b"$ APPEND x {3+}\r\nabc\r\n", b""),
]


class Parity(Case):
    def play_ours(self, turns, calls):
        with Tagged(turns) as script, Driven(PEER) as m:
            m.new(HOST, script.port)
            answers = [m.call(*call) for call in calls]
            m.free()
        return script.heard, answers

    def play_theirs(self, turns, calls):
        with Tagged(turns) as script:
            m = imaplib.IMAP4(HOST, script.port, PATIENCE)
            outcomes = ["OK" if call is None else
                        outcome_of_theirs(lambda call=call: getattr(m, call[0])(*call[1:]))
                        for call in calls]
            with contextlib.suppress(OSError, ValueError):
                m.shutdown()
        return script.heard, outcomes

    def test_the_same(self):
        for name, turns, ours, theirs in ROWS:
            with self.subTest(name):
                heard, answers = self.play_ours(turns, ours)
                heard_of_theirs, outcomes = self.play_theirs(turns, theirs)
                self.assertEqual(heard, heard_of_theirs)
                self.assertEqual([outcome_of_ours(answer) for answer in answers],
                                 outcomes[:len(answers)], answers)

    def test_other_bytes(self):
        for name, turns, ours, theirs, said, said_by_theirs in DIFFERENT:
            with self.subTest(name):
                begin = b"$ CAPABILITY\r\n"
                self.assertEqual(self.play_ours(turns, ours)[0], begin + said)
                self.assertEqual(self.play_theirs(turns, theirs)[0], begin + said_by_theirs)

    def test_states(self):
        """Each command where it is illegal is refused by the same words, and goes where
        it is not."""
        own = {"APPEND": ("append", "x", "-", "-", b"x"), "CLOSE": ("close",),
               "AUTHENTICATE": ("authenticate", "PLAIN", "a", "b"), "ENABLE": ("enable", "x"),
               "EXAMINE": ("select", "x", 1), "LOGIN": ("login", "a", "b"),
               "LOGOUT": ("logout",), "SELECT": ("select", "x", 0),
               "STARTTLS": ("starttls", "-"), "UNSELECT": ("unselect",)}
        for state, begin in ("NONAUTH", HELLO), ("AUTH", KNOWN), ("SELECTED", (*KNOWN, BOX)):
            turns = [begin[0], begin[1] % b"ENABLE STARTTLS", *begin[2:], *[OK] * 50]
            calls = [("select", "x", 0)] * (state == "SELECTED")
            wanted, said = [OK] * len(calls), b"$ CAPABILITY\r\n" + b"$ SELECT x\r\n" * len(calls)
            for name, states in imaplib.Commands.items():
                if state not in states:
                    calls.append(own.get(name, ("command", name)))
                    wanted.append(f"command {name} illegal in state {state}, only allowed in "
                                  f"states {', '.join(states)}")
                elif name not in own:
                    calls.append(("command", name))
                    wanted.append(OK)
                    said += b"$ %s\r\n" % name.encode()
            heard, answers = self.play_ours(turns, calls)
            for call, answer, words in zip(calls, answers, wanted):
                with self.subTest(state=state, call=call):
                    if words == OK:
                        self.assertFalse(failed(answer), answer)
                    else:
                        self.fails(answer, "SOCK_E_VALUE", words)
            self.assertEqual(heard, said)

    def test_values(self):
        turns = [*KNOWN[:1], KNOWN[1] % b"", BOX,
                 b"* 1 FETCH (UID 5 BODY[] {5}\r\na{3}\r FLAGS (\\Seen))\r\n"
                 b"* 2 FETCH (UID 6)\r\n" + OK, b"* SEARCH 1 2\r\n* SEARCH 3\r\n" + OK,
                 b'* LIST (\\A \\B) "/" "a \\"b"\r\n' + OK, b"* 4 EXISTS\r\n" + OK]
        calls = [("select", "INBOX", 0), ("fetch", "1", "ALL"), ("search", "-", "ALL"),
                 ("list", "", "*"), ("noop",), ("response", "EXISTS"), ("response", "NONE")]
        _, answers = self.play_ours(turns, calls)
        self.assertEqual(answers, [
            3, [(1, b"UID", 2, b"5"), (1, b"BODY[]", 3, b"a{3}\r"),
                (1, b"FLAGS", 4, b"(\\Seen)"), (2, b"UID", 2, b"6")],
            [1, 2, 3], [(b'a "b', b"\\A \\B", b"/")], 0, [b"3", b"4"], []])
        with Tagged(turns) as script:
            m = imaplib.IMAP4(HOST, script.port, PATIENCE)
            self.assertEqual(m.select(), ("OK", [b"3"]))
            self.assertEqual(m.fetch("1", "ALL")[1],
                             [(b"1 (UID 5 BODY[] {5}", b"a{3}\r"), b" FLAGS (\\Seen))", b"2 (UID 6)"])
            self.assertEqual(m.search(None, "ALL")[1], [b"1 2", b"3"])
            self.assertEqual(m.list()[1], [b'(\\A \\B) "/" "a \\"b"'])
            m.noop()
            self.assertEqual(m.response("EXISTS"), ("EXISTS", [b"3", b"4"]))
            self.assertEqual(m.response("NONE"), ("NONE", [None]))
            m.shutdown()

    def test_a_literal_in_quotes(self):
        """Theirs waits for five bytes."""
        turns = [*KNOWN[:1], KNOWN[1] % b"", b'* X "{5}"\r\n' + OK, b'* X "{5}\r\n' + OK]
        _, answers = self.play_ours(turns, [("noop",), ("response", "X"), ("noop",)])
        self.assertEqual(answers, [0, [b'"{5}"'], 0])

    def test_a_literal_of_absurd_size(self):
        for size in b"99999999999", b"18446744073709551616":
            turns = [*KNOWN[:1], KNOWN[1] % b"", BOX,
                     b"* 1 FETCH (BODY[] {%s}\r\nabc" % size]
            _, (_, answer) = self.play_ours(turns, [("select", "INBOX", 0),
                                                    ("fetch", "1", "ALL")])
            self.fails(answer[0], "SOCK_E_PROTOCOL", "the response is too large", 3)


@needs_tls
class Injection(Case):
    """Who stands in between says something before TLS begins."""

    def play(self, before, with_go_ahead, hello=b"* OK hello\r\n"):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certs = pathlib.Path(mailers.CERTS)
        context.load_cert_chain(certs / "good.pem", certs / "good.key")
        listener = socket.create_server((HOST, 0))
        self.secured = []

        def serve():
            with listener, contextlib.suppress(OSError, ssl.SSLError):
                conn, _ = listener.accept()
                conn.settimeout(PATIENCE)
                f = conn.makefile("rb")
                conn.sendall(hello)
                tag = f.readline().split()[0]
                conn.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS EVIL\r\n%s OK x\r\n" % tag)
                tag = f.readline().split()[0]
                conn.sendall(before + b"%s OK go\r\n" % tag + with_go_ahead)
                with context.wrap_socket(conn, server_side=True) as tls:
                    g = tls.makefile("rb")
                    for answer in (b"* CAPABILITY IMAP4rev1\r\n%s OK x\r\n", b"%s OK x\r\n"):
                        line = g.readline()
                        self.secured.append(line.split()[1])
                        tls.sendall(answer % line.split()[0] if answer.count(b"%s") == 1 else b"")
                    g.readline()

        self.thread = threading.Thread(target=serve)
        self.thread.start()
        self.assertEqual(self.m.new("localhost", listener.getsockname()[1]), NONAUTH)
        answer = self.m.starttls(str(ROOT))
        return answer

    def end(self):
        self.m.free()
        self.thread.join()

    def test_what_came_before_is_forgotten(self):
        self.assertEqual(self.play(b"* 77 EXISTS\r\n* LIST () NIL evil\r\n* OK [X y] z\r\n", b""),
                         0)
        for kind in "EXISTS", "LIST", "X", "OK":
            self.assertEqual(self.m.response(kind), [])
        self.assertEqual(self.m.has("EVIL"), 0)
        self.assertEqual(self.m.secure(), 1)
        self.assertEqual(self.m.noop(), 0)
        self.end()
        self.assertEqual(self.secured, [b"CAPABILITY", b"NOOP"])

    def test_what_comes_with_the_go_ahead_is_refused(self):
        for more in (b"* 77 EXISTS\r\n", b"* CAPABILITY IMAP4rev1 EVIL\r\n", b"x", b"\r\n"):
            self.fails(self.play(b"", more), "SOCK_E_PROTOCOL",
                       "the server sent more than its go-ahead before TLS began")
            self.fails(self.m.noop(), "SOCK_E_EOF", "not connected")
            self.end()
            self.assertEqual(self.secured, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
