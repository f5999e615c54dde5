#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""smtp_peers.py CLASS: a client of SMTP beside Python's smtplib, and against the
servers of others.

PYSOCKC_SMTP_PEER names the program that does what it is told, PYSOCKC_CERTS the
folder of the certificates.
"""

import collections
import contextlib
import os
import pathlib
import smtplib
import socket
import subprocess
import sys
import threading
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import mailers
from mailers import PASSWORD, USER
from servers import PATIENCE

PEER = os.environ["PYSOCKC_SMTP_PEER"]
HOST, NAME = "127.0.0.1", "me.example"
MESSAGE = b"From: a@a.example\r\nSubject: try\r\n\r\n.dot\r\nbody\r\n"
needs_tls = unittest.skipUnless(mailers.CERTS, "no certificates")

Answer = collections.namedtuple("Answer", "result kind code text")


class Client:
    """Ours. What it is told is a verb and its arguments."""

    def __init__(self, ca=None):
        self.process = subprocess.Popen([PEER, *([str(ca)] if ca else [])],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, *words):
        quoted = [urllib.parse.quote(word, safe=" @<>:.,=/") for word in words]
        self.process.stdin.write("\t".join(quoted).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline().decode().rstrip("\n")
        result, kind, code, text = line.split("\t")
        return Answer(int(result), kind.removeprefix("SOCK_E_"), int(code),
                      urllib.parse.unquote(text, errors="surrogateescape"))

    def refused(self):
        entries = self("refused").text.split("\2")[:-1]
        return [(address, int(code), text) for address, code, text in
                (entry.split(" ", 2) for entry in entries)]

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(PATIENCE)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def started(self, mailer, *args, **kwargs):
        return self.stack.enter_context(mailer(*args, **kwargs))

    def client(self, ca="root"):
        client = Client(mailers.CERTS and pathlib.Path(mailers.CERTS, ca + ".pem"))
        self.stack.callback(lambda: self.assertEqual(client.close(), 0))
        return client

    def connected(self, port, verb="smtp", host=HOST):
        client = self.client()
        self.assertEqual(client(verb, host, str(port), NAME).result, 0)
        return client


# Beside Python

END = "\x04"


class Server(threading.Thread):
    """Says one reply after the other, the first as a greeting, each other one to a
    line; behind one of 354 the message is such a line. One that ends with END closes
    the connection."""

    def __init__(self, *replies):
        super().__init__(daemon=True)
        self.replies = replies
        self.heard = []
        self.listener = socket.create_server((HOST, 0))
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        conn, _ = self.listener.accept()
        conn.settimeout(PATIENCE)
        # Else what it said last may be lost, as it closes with commands unread.
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with conn, conn.makefile("rwb", buffering=0) as file:
            whole, first = False, True
            for reply in self.replies:
                if not first and not self.hear(file, whole):
                    return
                first = False
                with contextlib.suppress(OSError):
                    file.write(reply.removesuffix(END).encode("latin-1"))
                if reply.endswith(END):
                    return
                whole = reply.startswith("354")
            while self.hear(file, False):
                pass

    def hear(self, file, whole):
        text = b""
        with contextlib.suppress(OSError):
            for line in iter(file.readline, b""):
                text += line
                if not whole or line == b".\r\n":
                    break
        if text:
            # Commands are compared without their case.
            self.heard.append(text if whole else text.lower())
        return text != b""

    def end(self):
        self.join(PATIENCE)
        self.listener.close()
        return self.heard


KINDS = [(smtplib.SMTPServerDisconnected, "EOF"), (smtplib.SMTPNotSupportedError, "UNSUPPORTED"),
         (smtplib.SMTPRecipientsRefused, "REPLY"), (smtplib.SMTPResponseException, "REPLY"),
         (smtplib.SMTPException, "SMTPException"), (UnicodeError, "UnicodeError"),
         (ValueError, "VALUE"), (OSError, "OS")]


class Python:
    """The same by smtplib."""

    def __init__(self):
        self.s = None
        self.list = []

    def __call__(self, verb, *words):
        try:
            return self.answer(getattr(self, "do_" + verb)(*words))
        except Exception as error:
            kind = next(name for kind, name in KINDS if isinstance(error, kind))
            code = getattr(error, "smtp_code", 0)
            if isinstance(error, smtplib.SMTPRecipientsRefused):
                self.keep(error.recipients)
                code = self.list[0][1]
            return Answer(-1, kind, code, "")

    @staticmethod
    def answer(result):
        if isinstance(result, tuple):
            return Answer(result[0], "", 0, result[1].decode())
        return Answer(result, "", 0, "")

    def keep(self, refused):
        self.list = [(address, code, text.decode()) for address, (code, text) in refused.items()]

    def refused(self):
        return self.list

    def do_smtp(self, host, port, name, *_):
        self.s = smtplib.SMTP(host, int(port), name, timeout=PATIENCE)
        return 0

    def do_lmtp(self, host, port, name, *_):
        self.s = smtplib.LMTP(host, int(port), name, timeout=PATIENCE)
        return 0

    def do_connect(self, host, port):
        return self.s.connect(host, int(port))

    def do_hello(self):
        self.s.ehlo_or_helo_if_needed()
        return 0

    def do_sendmail(self, sender, to, message, options="", theirs=""):
        self.list = []
        self.keep(self.s.sendmail(sender, to.split(","), message, options.split(),
                                  theirs.split()))
        return len(self.list)

    def do_mail(self, sender, options=""):
        return self.s.mail(sender, options.split())

    def do_rcpt(self, recipient, options=""):
        return self.s.rcpt(recipient, options.split())

    def do_extn(self, name):
        has = self.s.has_extn(name)
        return int(has), self.s.esmtp_features.get(name.lower(), "none").strip().encode()

    def do_putcmd(self, *words):
        self.s.putcmd(*words)
        return 0

    def do_login(self, user, password):
        self.s.login(user, password)
        return 0

    def do_auth(self, name, user, password):
        self.s.user, self.s.password = user, password
        self.s.auth(name, getattr(self.s, "auth_" + name.lower().replace("-", "_")))
        return 0

    def do_starttls(self):
        self.s.starttls()
        return 0

    def do_quit(self):
        self.s.quit()
        return 0

    def __getattr__(self, name):
        if name.startswith("do_"):
            return getattr(self.s, name.removeprefix("do_"))
        raise AttributeError(name)

    def close(self):
        if self.s:
            self.s.close()


OK, HI, GO, BYE = "250 ok\r\n", "220 hi\r\n", "354 go\r\n", "221 bye\r\n"
ESMTP = "250-hi\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250-8BITMIME\r\n250 DSN\r\n"
PIPED = "250-hi\r\n250 PIPELINING\r\n"
NEW = ("smtp", HOST, "PORT", NAME)
MAIL = ("sendmail", "a@x", "b@x,c@x,d@x", "Subject: y\r\n\r\n.\r\nz\r\n")

# Where both say and hear the same: replies, calls.
SAME = {
    "greeting of many lines": ([("220-one\r\n220 two\r\n")], [NEW]),
    "no welcome": (["554 no\r\n"], [NEW]),
    "421 as a welcome": (["421 no\r\n"], [NEW]),
    "closed": ([END], [NEW]),
    "commands": ([HI, "214-a\r\n214 b\r\n", OK, "500 what\r\n", OK, "252 who\r\n", "550 no\r\n"],
                 [NEW, ("docmd", "help"), ("docmd", "XYZ", "a b"), ("noop",), ("rset",),
                  ("verify", "Eve <eve@x>"), ("expn", "list")]),
    "one by one": ([HI, OK, "500 a\r\n"],
                   [NEW, ("putcmd", "a"), ("getreply",), ("putcmd", "b", "c"), ("getreply",)]),
    "CR and LF": ([HI], [NEW, ("docmd", "a\r"), ("docmd", "a", "b\nc"), ("putcmd", "a\r\nb")]),
    "lone LF behind replies": ([HI, "250-a\n250 b\n"], [NEW, ("noop",)]),
    "a number alone": ([HI, "250\r\n"], [NEW, ("noop",)]),
    "end within a reply": ([HI, "250-a\r\n" + END], [NEW, ("noop",), ("noop",)]),
    "no answer": ([HI, END], [NEW, ("noop",), ("noop",)]),
    "EHLO": ([HI, ESMTP], [NEW, ("ehlo", ""), ("extn", "SIZE"), ("extn", "auth"), ("extn", "Dsn"),
                           ("extn", "x")]),
    "EHLO by another name": ([HI, OK, OK], [NEW, ("ehlo", "other"), ("helo", "third")]),
    "mechanisms of old": ([HI, "250-x\r\n250-auth=A B\r\n250-AUTH C\r\n250 AUTH D\r\n"],
                          [NEW, ("ehlo", ""), ("extn", "auth")]),
    "HELO then": ([HI, "502 no\r\n", OK], [NEW, ("hello",), ("hello",)]),
    "neither": ([HI, "502 no\r\n", "550 no\r\n"], [NEW, ("hello",)]),
    "EHLO is enough": ([HI, "250 x\r\n"], [NEW, ("hello",), ("hello",)]),
    "options": ([HI, ESMTP, OK, OK], [NEW, ("ehlo", ""), ("mail", "a@x", "RET=HDRS ENVID=1"),
                                      ("rcpt", "b@x", "NOTIFY=NEVER")]),
    "options without EHLO": ([HI, OK, OK], [NEW, ("mail", "a@x", "RET=HDRS"),
                                            ("rcpt", "b@x", "NOTIFY=NEVER")]),
    "SMTPUTF8 that is not offered": ([HI, ESMTP], [NEW, ("ehlo", ""), ("mail", "a@x", "SMTPUTF8"),
                                                   ("sendmail", "a@x", "b@x", "", "SMTPUTF8")]),
    "SMTPUTF8": ([HI, "250-x\r\n250 SMTPUTF8\r\n", OK, OK],
                 [NEW, ("ehlo", ""), ("mail", "a\xf6@x", "smtputf8"), ("rcpt", "\xf6@x")]),
    "addresses": ([HI] + [OK] * 6, [NEW] + [("rcpt", address) for address in (
        "a@b", "<a@b>", "Eve <a@b>", '"E. <x>" <a@b>', "a@b (Eve)", '"a b"@c')]),
    "the sender of those that no one answers": ([HI, OK], [NEW, ("mail", "")]),
    "data": ([HI, GO, OK, "503 no\r\n"], [NEW, ("data", "a\n.b\r..\r\n"), ("data", "a")]),
    "data refused behind the dot": ([HI, GO, "554 no\r\n"], [NEW, ("data", "a")]),
    "sendmail": ([HI, OK, OK, OK, OK, OK, GO, OK, BYE], [NEW, MAIL, ("quit",)]),
    "sendmail with a size": ([HI, ESMTP, OK, OK, GO, OK], [NEW, (
        "sendmail", "a@x", "b@x", "a\nb\r", "RET=HDRS", "NOTIFY=NEVER")]),
    "sendmail by HELO": ([HI, "500 x\r\n", OK, OK, OK, GO, OK],
                         [NEW, ("sendmail", "a@x", "b@x", "a", "RET=HDRS", "NOTIFY=NEVER")]),
    "some refused": ([HI, OK, OK, "550 no\r\n", "251 on\r\n", "252 hm\r\n", GO, OK], [NEW, MAIL]),
    "all refused": ([HI, OK, OK, "550-no\r\n550 way\r\n", "450 b\r\n", "552 c\r\n", OK, OK],
                    [NEW, MAIL, ("noop",)]),
    "sender refused": ([HI, OK, "550 no\r\n", OK, OK], [NEW, MAIL, ("noop",)]),
    "RSET refused": ([HI, OK, "550 no\r\n", "500 no\r\n", OK], [NEW, MAIL, ("noop",)]),
    "goodbye to the sender": ([HI, OK, "421 no\r\n"], [NEW, MAIL, ("noop",)]),
    "goodbye to a recipient": ([HI, OK, OK, OK, "421 no\r\n"], [NEW, MAIL, ("noop",)]),
    "hangs up on the sender": ([HI, PIPED, "550 no\r\n" + END], [NEW, MAIL, ("noop",)]),
    "hangs up on the recipients": ([HI, PIPED, OK, "550 a\r\n", "450 b\r\n", "550 c\r\n" + END],
                                   [NEW, MAIL, ("noop",)]),
    "message refused": ([HI, OK, OK, OK, OK, OK, GO, "554 no\r\n", OK, OK],
                        [NEW, MAIL, ("noop",)]),
    "goodbye to the message": ([HI, OK, OK, OK, OK, OK, GO, "421 no\r\n"], [NEW, MAIL, ("noop",)]),
    "PLAIN": ([HI, ESMTP, "235 ok\r\n"], [NEW, ("login", "u", "p")]),
    "LOGIN": ([HI, "250-x\r\n250 AUTH LOGIN X\r\n", "334 UGFzc3dvcmQ6\r\n", "235 ok\r\n"],
              [NEW, ("login", "u", "p")]),
    "CRAM-MD5": ([HI, "250-x\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n", "334 PDEuMkBsb2NhbGhvc3Q+\r\n",
                  "235 ok\r\n"], [NEW, ("login", "u", "p")]),
    "a mechanism refused": ([HI, OK, "535 no\r\n", OK],
                            [NEW, ("hello",), ("auth", "PLAIN", "u", "p"), ("noop",)]),
    "logged in already": ([HI, OK, "235 ok\r\n", "503 yes\r\n"], [
        NEW, ("hello",), ("auth", "PLAIN", "u", "p"), ("auth", "PLAIN", "u", "p")]),
    "AUTH not offered": ([HI, OK], [NEW, ("login", "u", "p")]),
    "STARTTLS not offered": ([HI, OK, OK], [NEW, ("starttls",), ("noop",)]),
    "STARTTLS refused": ([HI, "250-x\r\n250 STARTTLS\r\n", "454 no\r\n", OK],
                         [NEW, ("starttls",), ("noop",)]),
    "quit": ([HI, BYE], [NEW, ("quit",), ("noop",), ("quit",)]),
    "LMTP": ([HI, OK, OK, OK, GO, OK], [("lmtp", *NEW[1:]), ("sendmail", "a@x", "b", "a")]),
}

# Where they do not: replies, calls, and what ours does in place of Python's; each
# is a row of docs/deviations.md.
NOT_SAME = {
    "a number with a sign": ([HI, "+25 x\r\n"], [NEW, ("noop",)], [(0,), (-1, "PROTOCOL")]),
    "a blank for a digit": ([HI, " 25 x\r\n"], [NEW, ("noop",)], [(0,), (-1, "PROTOCOL")]),
    "four digits": ([HI, "2500 x\r\n"], [NEW, ("noop",)], [(0,), (-1, "PROTOCOL")]),
    "no number": ([HI, "hello\r\n250 x\r\n"], [NEW, ("noop",)], [(0,), (-1, "PROTOCOL")]),
    "lines with several numbers": ([HI, "250-a\r\n251 b\r\n"], [NEW, ("noop",)],
                                   [(0,), (-1, "PROTOCOL")]),
    "a long line": ([HI, "250 " + "x" * 8200 + "\r\n"], [NEW, ("noop",), ("noop",)],
                    [(0,), (-1, "PROTOCOL"), (-1, "EOF")]),
    "many lines": ([HI, "250-x\r\n" * 2000 + "250 x\r\n"], [NEW, ("noop",)],
                   [(0,), (-1, "PROTOCOL")]),
    "421": ([HI, "421 x\r\n", OK], [NEW, ("noop",), ("noop",)], [(0,), (421,), (-1, "EOF")]),
    "EHLO refused": ([HI, "502 x\r\n", "502 x\r\n", OK], [NEW, ("ehlo", ""), ("hello",)],
                     [(0,), (502,), (0,)]),
    "a name that is none": ([HI, "250-x\r\n250 x_y z\r\n"], [NEW, ("ehlo", ""), ("extn", "x")],
                            [(0,), (250,), (0,)]),
    "a parameter in an address": (
        [HI] + [OK] * 4, [NEW, ("mail", "a@b> SIZE=1"), ("rcpt", "a@b c"), ("rcpt", "<@a:b@c>"),
                          ("rcpt", "g: a@b;")], [(0,)] + [(-1, "VALUE")] * 4),
    "not ASCII": ([HI, "250-x\r\n250 SMTPUTF8\r\n", OK], [NEW, ("ehlo", ""), ("mail", "\xf6@x")],
                  [(0,), (250,), (250,)]),
    "bytes over 127": ([HI, OK], [NEW, ("sendmail", "a@x", "b@x", "\xf6")],
                       [(0,), (-1, "UNSUPPORTED")]),
    "an empty message": ([HI, GO, OK], [NEW, ("data", "")], [(0,), (250,)]),
    "another 2xx": ([HI, OK, "251 x\r\n", OK, GO, "259 x\r\n"],
                    [NEW, ("sendmail", "a@x", "b@x", "a")], [(0,), (0,)]),
    "DATA refused": ([HI, OK, OK, OK, OK, OK, "450 x\r\n", OK], [NEW, MAIL], [(0,), (-1, "REPLY")]),
    "a refusal of CRAM-MD5": (
        [HI, "250-x\r\n250 AUTH PLAIN CRAM-MD5\r\n", "334 PDEuMkBsb2NhbGhvc3Q+\r\n",
         "535 no\r\n", "235 ok\r\n"], [NEW, ("login", "u", "p")], [(0,), (-1, "REPLY")]),
    "small letters": ([HI, "250-x\r\n250 AUTH plain\r\n", "235 x\r\n"], [NEW, ("login", "u", "p")],
                      [(0,), (0,)]),
    "no mechanism fits": ([HI, "250-x\r\n250 AUTH X\r\n"], [NEW, ("login", "u", "p")],
                          [(0,), (-1, "UNSUPPORTED")]),
    "a user that is not ASCII": ([HI, ESMTP, "235 x\r\n"], [NEW, ("login", "\xf6", "p")],
                                 [(0,), (0,)]),
    "AUTH before hello": ([HI, OK, "235 x\r\n"], [NEW, ("auth", "PLAIN", "u", "p")], [(0,), (0,)]),
    "AUTH that is not enabled": ([HI, OK, "503 no\r\n"],
                                 [NEW, ("hello",), ("auth", "PLAIN", "u", "p")],
                                 [(0,), (0,), (-1, "REPLY")]),
    "six challenges": ([HI, OK] + ["334 \r\n"] * 7,
                       [NEW, ("hello",), ("auth", "LOGIN", "u", "p")],
                       [(0,), (0,), (-1, "PROTOCOL")]),
    "a challenge that is no base64": ([HI, OK, "334 !\r\n", OK],
                                      [NEW, ("hello",), ("auth", "LOGIN", "u", "p")],
                                      [(0,), (0,), (-1, "PROTOCOL")]),
    "quit refused": ([HI, "500 x\r\n"], [NEW, ("quit",)], [(0,), (-1, "REPLY")]),
    "LMTP": ([HI, OK, OK, OK, OK, GO, "250 x\r\n452 full\r\n", OK],
             [("lmtp", *NEW[1:]), ("sendmail", "a@x", "b,c", "a"), ("noop",)],
             [(0,), (1,), (250,)]),
    "LMTP without HELO": ([HI, "500 x\r\n", OK], [("lmtp", *NEW[1:]), ("hello",)],
                          [(0,), (-1, "REPLY")]),
    "SIZE twice": ([HI, ESMTP, OK, OK, GO, OK],
                   [NEW, ("sendmail", "a@x", "b@x", "a", "SIZE=5")], [(0,), (0,)]),
    "a long command": ([HI, OK], [NEW, ("docmd", "x" * 600)], [(0,), (-1, "VALUE")]),
}


class Parity(Case):
    def ours(self, replies, calls):
        return self.run_by(Client(mailers.CERTS and pathlib.Path(mailers.CERTS, "root.pem")),
                           replies, calls)

    def theirs(self, replies, calls):
        return self.run_by(Python(), replies, calls)

    def run_by(self, client, replies, calls):
        server = Server(*replies)
        try:
            answers = [client(*(str(server.port) if word == "PORT" else word for word in call))
                       for call in calls]
            refused = client.refused()
        finally:
            closed = client.close()
        self.assertIn(closed, (None, 0))
        return answers, refused, server.end()

    @staticmethod
    def plain(answer):
        """Without the texts of errors, which are compared elsewhere."""
        return answer._replace(text="") if answer.kind else answer

    def test_same(self):
        for name, (replies, calls) in SAME.items():
            if ("starttls",) in calls and not mailers.CERTS:
                continue  # who has no context is refused before anyone is asked
            with self.subTest(name):
                ours, our_refused, our_heard = self.ours(replies, calls)
                theirs, their_refused, their_heard = self.theirs(replies, calls)
                self.assertEqual([self.without_words(call, *pair) for call, pair in
                                  zip(calls, zip(ours, theirs))],
                                 [self.plain(answer) for answer in theirs])
                self.assertEqual(our_refused, their_refused)
                self.assertEqual(our_heard, their_heard)

    def without_words(self, call, ours, theirs):
        """What smtplib returns nothing of has no words."""
        return self.plain(ours)._replace(text=theirs.text if not theirs.text else ours.text)

    def test_not_same(self):
        for name, (replies, calls, wanted) in NOT_SAME.items():
            with self.subTest(name):
                ours = self.ours(replies, calls)
                self.assertEqual([answer[:len(one)] for answer, one in zip(ours[0], wanted)],
                                 wanted)
                theirs = self.theirs(replies, calls)
                self.assertNotEqual(
                    ([answer[:3] for answer in ours[0]], *ours[1:]),
                    ([answer[:3] for answer in theirs[0]], *theirs[1:]))

    def test_message(self):
        """A message of bytes: Python sends lone ends of lines as they are."""
        _, _, heard = self.ours([HI, GO, OK], [NEW, ("data", "a\r.\r\nb\n.\n")])
        self.assertEqual(heard[-1], b"a\r\n..\r\nb\r\n..\r\n.\r\n")

    def test_places(self):
        server = Server("554 x\r\n" + END)
        client = self.client()
        self.assertEqual(client("smtp", "", "0").result, 0)
        self.assertEqual(client("connect", "h:x", "0")[:2], (-1, "VALUE"))
        self.assertEqual(client("connect", f"{HOST}:{server.port}", "0")[::3], (554, "x"))
        server.end()

    def test_quote(self):
        client = self.client()
        for address in "", "a@b", "Eve <a@b>", "<a@b>", '"a b"@c', "postmaster":
            self.assertEqual(client("quoteaddr", address).text, smtplib.quoteaddr(address))
        for text in "", "a", ".", "a\n.b\r..\r\n", "\n\r\r\n.", "\r.":
            self.assertEqual(client("quotedata", text).text, smtplib.quotedata(text))


# Servers that mean no good

class Hostile(Case):
    def ask(self, replies, *calls):
        server = Server(*replies)
        client = self.client()
        answers = [client(*(str(server.port) if word == "PORT" else word for word in call))
                   for call in calls]
        client("quit")
        return answers, server.end()

    def test_endless(self):
        """What has no end is not waited for, and not kept."""
        for reply in "x" * 100000, "250-" + "x" * 100000, "250-x\r\n" * 100000:
            answers, _ = self.ask([HI, reply], NEW, ("noop",), ("noop",))
            self.assertEqual([answer.kind for answer in answers], ["", "PROTOCOL", "EOF"])

    def test_silent(self):
        for reply in "", "250", "250-x\r\n", "250 x\r":
            answers, _ = self.ask([HI, reply], NEW, ("settimeout", "0.05"), ("noop",), ("noop",))
            self.assertEqual([answer.kind for answer in answers], ["", "", "TIMEOUT", "EOF"])

    @needs_tls
    def test_injection(self):
        """What comes behind the yes to STARTTLS, in one piece with it."""
        tls = "250-x\r\n250 STARTTLS\r\n"
        answers, heard = self.ask([HI, tls, "220 go\r\n250 evil\r\n"], NEW, ("starttls",),
                                  ("noop",))
        self.assertEqual([answer.kind for answer in answers], ["", "PROTOCOL", "EOF"])
        self.assertEqual(heard, [b"ehlo me.example\r\n", b"starttls\r\n"])

    @needs_tls
    def test_no_tls(self):
        """A server that says yes, and goes on in the clear."""
        tls = "250-x\r\n250 STARTTLS\r\n"
        answers, _ = self.ask([HI, tls, "220 go\r\n", "250 x\r\n" * 100], NEW, ("starttls",),
                              ("noop",))
        self.assertEqual([answer.kind for answer in answers[::2]], ["", "EOF"])
        self.assertIn(answers[1].kind, ("TLS", "EOF"))


# The servers of others

class Smtp(Case):
    def send_to_some(self, client):
        answer = client("sendmail", "a@a.example",
                        "b@b.example,refused@b.example,later@b.example", MESSAGE.decode())
        self.assertEqual((answer.result, answer.kind), (2, ""), answer.text)
        self.assertEqual([refusal[:2] for refusal in client.refused()],
                         [("refused@b.example", 550), ("later@b.example", 450)])

    def over_tls(self, server):
        client = self.connected(server.port)
        self.assertEqual(client("starttls")[:2], (0, ""))
        yield client
        yield self.connected(server.tls_port, "smtps", "localhost")


@mailers.needs(mailers.SmtpSink)
class SmtpSink(Smtp):
    def test_kept(self):
        server = self.started(mailers.SmtpSink, kept=True)
        client = self.connected(server.port)
        for verb in "sendmail", "send_from", "sendmail":
            answer = client(verb, "a@a.example", "b@b.example,c@b.example", MESSAGE.decode())
            self.assertEqual(answer[:2], (0, ""), answer)
        self.assertEqual(client("extn", "pipelining").result, 1)
        self.assertEqual(client("quit").result, 0)
        texts = server.messages()
        self.assertEqual(len(texts), 3)
        for text in texts:
            for name in b"b", b"c":
                self.assertIn(b"X-Rcpt-Args: <%s@b.example>" % name, text)
            self.assertIn(MESSAGE.replace(b"\r\n", b"\n"), text)

    def test_many(self):
        server = self.started(mailers.SmtpSink)
        client = self.connected(server.port)
        to = ",".join(f"r{i}@b.example" for i in range(950))
        for _ in range(3):
            self.assertEqual(client("sendmail", "a@a.example", to, "x" * 70000)[:2], (0, ""))

    def test_smuggling(self):
        server = self.started(mailers.SmtpSink, kept=True)
        client = self.connected(server.port)
        for end in "\n.\n", "\r.\r", "\r\n.\r\n", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r":
            text = f"a{end}MAIL FROM:<evil@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nevil\r\n.\r\n"
            self.assertEqual(client("sendmail", "a@x", "b@x", text)[:2], (0, ""))
        self.assertEqual(client("quit").result, 0)
        self.assertEqual(len(server.messages()), 7)

    def test_faults(self):
        for fault, code in ("rcpt", 500), ("mail", 500), ("data", 500), (".", 500):
            for pipelining in ["-p"], []:
                with self.subTest(fault=fault, pipelining=not pipelining):
                    server = self.started(mailers.SmtpSink, "-f", fault, *pipelining)
                    client = self.connected(server.port)
                    answer = client("sendmail", "a@a.example", "b@b.example", "x")
                    self.assertEqual(answer[:3], (-1, "REPLY", code), answer)
                    self.assertEqual(client("noop").result, 250)

    def test_goodbye(self):
        for command in "mail", "rcpt", "data", ".":
            for pipelining in ["-p"], []:
                with self.subTest(command=command, pipelining=not pipelining):
                    server = self.started(mailers.SmtpSink, "-q", command, *pipelining)
                    client = self.connected(server.port)
                    answer = client("sendmail", "a@a.example", "b@b.example", "x")
                    self.assertIn(answer.kind, ("EOF", "OS"), answer)
                    self.assertEqual(client("noop").kind, "EOF")


@mailers.needs(mailers.AioSmtp)
class AioSmtp(Smtp):
    def setUp(self):
        super().setUp()
        self.server = self.started(mailers.AioSmtp)

    def test_received(self):
        self.send_to_some(self.connected(self.server.port))
        self.assertEqual(self.server.messages, [mailers.Received(
            "a@a.example", ["b@b.example"], [f"SIZE={len(MESSAGE)}"], MESSAGE, None, False)])

    def test_bytes_over_127(self):
        client = self.connected(self.server.port)
        for verb in "sendmail", "send_from":
            self.assertEqual(client(verb, "a@a.example", "b@b.example", "\xf6\n")[:2], (0, ""))
        self.assertEqual([message.options for message in self.server.messages],
                         [["SIZE=4", "BODY=8BITMIME"], ["BODY=8BITMIME"]])
        self.assertEqual(self.server.messages[1].content, "\xf6\r\n".encode())

    def test_mechanisms(self):
        for name in "CRAM-MD5", "LOGIN", "PLAIN", "XOAUTH2":
            for password, kind in (PASSWORD, ""), ("other", "REPLY"):
                with self.subTest(name=name, kind=kind):
                    client = self.connected(self.server.port)
                    self.assertEqual(client("auth", name, USER, password).kind, kind)
                    self.assertEqual(client("noop").result, 250)

    def test_login(self):
        client = self.connected(self.server.port)
        self.assertEqual(client("login", USER, "other")[:3], (-1, "REPLY", 535))
        self.assertEqual(client("login", USER, PASSWORD).result, 0)
        client("sendmail", "a@a.example", "b@b.example", "x")
        self.assertEqual(self.server.messages[0].user, USER)

    @needs_tls
    def test_tls(self):
        for client in self.over_tls(self.server):
            self.assertEqual(client("secure").result, 1)
            self.assertEqual(client("login", USER, PASSWORD)[:2], (0, ""))
            answer = client("sendmail", "\xe4@a.example", "\xf6@b.example", MESSAGE.decode())
            self.assertEqual(answer[:2], (0, ""), answer)
            self.assertEqual(client("extn", "starttls").result, 0)
            self.assertEqual(client("starttls").kind, "VALUE")
            self.assertEqual(client("quit").result, 0)
        for message in self.server.messages:
            self.assertEqual((message.sender, message.recipients, message.user, message.tls),
                             ("\xe4@a.example", ["\xf6@b.example"], USER, True))
        self.assertEqual(len(self.server.messages), 2)

    @needs_tls
    def test_certificates(self):
        """Of another host, of no one whom it knows, and of old."""
        for leaf, ca in ("good", "other_root"), ("expired", "root"), ("wrong", "root"):
            with self.subTest(leaf=leaf, ca=ca):
                server = self.started(mailers.AioSmtp, leaf=leaf)
                client = self.client(ca)
                self.assertEqual(client("smtps", "localhost", str(server.tls_port), NAME).kind,
                                 "TLS")
                self.assertEqual(client("smtp", "localhost", str(server.port), NAME).result, 0)
                self.assertEqual(client("starttls").kind, "TLS")
                self.assertEqual(client("noop").kind, "EOF")


@mailers.needs(mailers.Postfix)
class Postfix(Smtp):
    def test_discarded(self):
        server = self.started(mailers.Postfix)
        client = self.connected(server.port)
        self.send_to_some(client)
        self.assertEqual(client("extn", "PIPELINING").result, 1)
        answer = client("sendmail", "a@a.example", "refused@b.example", MESSAGE.decode())
        self.assertEqual(answer[:3], (-1, "REPLY", 550))
        self.assertIn("RCPT TO:<refused@b.example>: 550 5.1.1", answer.text)
        answer = client("send_from", "\xe4@a.example", "\xf6@b.example", "\xf6\n")
        self.assertEqual(answer[:2], (0, ""), answer)
        if mailers.CERTS:
            for client in self.over_tls(server):
                self.send_to_some(client)

    @mailers.needs(mailers.Dovecot, "imap", "lmtp")
    def test_login(self):
        dovecot = self.started(mailers.Dovecot)
        server = self.started(mailers.Postfix, dovecot)
        client = self.connected(server.port)
        self.assertEqual(client("login", USER, "other").kind, "REPLY")
        self.assertEqual(client("login", USER, PASSWORD)[:2], (0, ""))


@mailers.needs(mailers.Exim)
class Exim(Smtp):
    """Which hangs up on who does not wait where one must."""

    IN_STEP = "pipelining_advertise_hosts =\n"

    def both(self):
        """A server that offers PIPELINING, and one that does not, with a client."""
        for more in "", self.IN_STEP:
            server = self.started(mailers.Exim, more=more)
            client = self.connected(server.port)
            self.assertEqual(client("hello").result, 0)
            self.assertEqual(client("extn", "PIPELINING").result, int(not more))
            yield server, client

    def sent(self, client, message=MESSAGE.decode(), to="b@b.example", *options):
        answer = client("sendmail", "a@a.example", to, message, *options)
        self.assertEqual(answer[:2], (0, ""), answer)

    def refused(self, client, code, to="b@b.example", message="x"):
        answer = client("sendmail", "a@a.example", to, message)
        self.assertEqual(answer[:3], (-1, "REPLY", code), answer)
        self.assertEqual(client("noop").result, 250)

    def test_kept(self):
        for server, client in self.both():
            self.send_to_some(client)
            text, = server.messages()
            self.assertIn(b"\nEnvelope-to: b@b.example\n", text)
            self.assertTrue(text.endswith(MESSAGE.replace(b"\r\n", b"\n")), text)
            answer = client("send_from", "a@a.example", "b@b.example,c@b.example", "x\n.\n")
            self.assertEqual(answer[:2], (0, ""), answer)
            self.assertEqual(client("quit").result, 0)
            texts = server.messages()
            self.assertEqual(len(texts), 2)  # a copy each
            for text in texts:
                self.assertTrue(text.endswith(b"\n\nx\n.\n"), text)

    def test_all_refused(self):
        for server, client in self.both():
            self.refused(client, 550, "refused@b.example")
            self.refused(client, 450, "later@b.example,refused@b.example")
            self.sent(client)
            self.assertEqual(len(server.messages()), 1)

    def test_dropped(self):
        """Hung up on, as it is refused."""
        for _, client in self.both():
            answer = client("sendmail", "a@a.example", "dropped@b.example", "x")
            self.assertEqual(answer[:3], (-1, "REPLY", 550), answer)
            self.assertIn("550 5.7.1 go away", answer.text)
            self.assertEqual(client("noop").kind, "EOF")

    def test_early(self):
        client = self.connected(self.started(mailers.Exim, early=True).port)
        self.send_to_some(client)
        self.assertEqual(client("extn", "PIPECONNECT").result, 1)

    def test_many(self):
        for server, client in self.both():
            to = ",".join(f"r{i}@b.example" for i in range(300))
            self.sent(client, "x" * 70000 + "\n", to)
            self.sent(client, "x\n" * 20000, to + ",last@b.example")

    def test_large(self):
        for server, client in self.both():
            self.sent(client, "0123456789abcde\n" * 100000)
            self.assertGreater(len(server.messages()[0]), 1600000)

    def test_too_large(self):
        server = self.started(mailers.Exim, more="message_size_limit = 100\n")
        client = self.connected(server.port)
        self.refused(client, 552, message="x\n" * 1000)
        # Whose size is not said before.
        answer = client("send_from", "a@a.example", "b@b.example", "x\n" * 1000)
        self.assertEqual(answer[:3], (-1, "REPLY", 552), answer)
        self.sent(client, "x")
        self.assertEqual(len(server.messages()), 1)

    def test_options(self):
        server = self.started(mailers.Exim)
        client = self.connected(server.port)
        self.sent(client, "x", "b@b.example", "RET=HDRS ENVID=1", "NOTIFY=NEVER")
        self.sent(client, "\xf6\n")
        answer = client("sendmail", "\xe4@a.example", "\xf6@b.example", "x")
        self.assertEqual(answer[:2], (0, ""), answer)
        self.assertEqual(len(server.messages()), 3)

    def test_smuggling(self):
        server = self.started(mailers.Exim)
        client = self.connected(server.port)
        for end in "\n.\n", "\r.\r", "\r\n.\r\n", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r":
            self.sent(client, f"a{end}MAIL FROM:<evil@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nevil\r\n.\r\n")
        self.assertEqual(len(server.messages()), 7)

    def test_mechanisms(self):
        server = self.started(mailers.Exim)
        for name in "CRAM-MD5", "LOGIN", "PLAIN":
            for password, kind in ("other", "REPLY"), (PASSWORD, ""):
                with self.subTest(name=name, kind=kind):
                    client = self.connected(server.port)
                    self.assertEqual(client("auth", name, USER, password).kind, kind)
                    self.assertEqual(client("noop").result, 250)

    def test_login(self):
        for server, client in self.both():
            for user in USER, "other":
                answer = client("login", user, "other")
                self.assertEqual(answer[:3], (-1, "REPLY", 535), answer)
            self.assertEqual(client("login", USER, PASSWORD)[:2], (0, ""))
            self.send_to_some(client)
            self.assertIn(b" with esmtpa ", server.messages()[0])

    @needs_tls
    def test_tls(self):
        for server, _ in self.both():
            for client in self.over_tls(server):
                self.assertEqual(client("secure").result, 1)
                self.assertEqual(client("login", USER, PASSWORD)[:2], (0, ""))
                self.send_to_some(client)
                self.assertEqual(client("starttls").kind, "VALUE")
                self.assertEqual(client("quit").result, 0)
            texts = server.messages()
            self.assertEqual(len(texts), 2)
            for text in texts:
                self.assertIn(b" with esmtpsa ", text)

    @needs_tls
    def test_certificates(self):
        for leaf, ca in ("good", "other_root"), ("expired", "root"), ("wrong", "root"):
            with self.subTest(leaf=leaf, ca=ca):
                server = self.started(mailers.Exim, leaf=leaf)
                client = self.client(ca)
                self.assertEqual(client("smtp", "localhost", str(server.port), NAME).result, 0)
                self.assertEqual(client("starttls").kind, "TLS")
                self.assertEqual(client("noop").kind, "EOF")


@mailers.needs(mailers.Dovecot, "lmtp")
class Dovecot(Smtp):
    def test_lmtp(self):
        """An answer for each recipient: one has no room, and one is not there."""
        server = self.started(mailers.Dovecot)
        client = self.connected(0, "lmtp", server.lmtp)
        for _ in range(2):
            answer = client("sendmail", "a@a.example", f"{USER},full,denied", MESSAGE.decode())
            self.assertEqual(answer[:2], (2, ""), answer)
            self.assertEqual([refusal[:2] for refusal in client.refused()],
                             [("denied", 550), ("full", 552)])
        self.assertEqual(client("noop").result, 250)
        answer = client("sendmail", "a@a.example", "full", MESSAGE.decode())
        self.assertEqual(answer[:3], (-1, "REPLY", 552))
        self.assertEqual(client("quit").result, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:2] if len(sys.argv) > 1 else None, verbosity=2)
