#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""nntp_peers.py CLASS: NNTP beside nntplib, by a script of the server's, and from INN.

PYSOCKC_NNTP_PEER names the program that is driven; PYSOCKC_CERTS the folder of the
certificates, and PYSOCKC_UNPACKED where INN is unpacked."""

import contextlib
import datetime
import io
import os
import pathlib
import re
import sys
import unittest
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import mailers
from driven import HOST, Driven, Script, failed
from mailers import PASSWORD, USER

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that it is old
    try:
        import nntplib
    except ImportError:
        nntplib = None

PEER = os.environ["PYSOCKC_NNTP_PEER"]
needs_tls = unittest.skipUnless(mailers.CERTS, "no certificates")

# Beside Python

WELCOME = b"200 news.example.org ready\r\n"
FORMAT = (b"215 format\r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n"
          b":bytes\r\n:lines\r\n")


def caps(*lines):
    return b"101 capabilities\r\n" + b"".join(line + b"\r\n" for line in lines) + b".\r\n"


NEW = caps(b"VERSION 2", b"READER", b"OVER", b"LIST ACTIVE NEWSGROUPS")
OLD = b"500 what?\r\n"


def of_python(call):
    """What came of it, in the words of both."""
    try:
        return call()
    except (nntplib.NNTPTemporaryError, nntplib.NNTPPermanentError) as e:
        return f"no: {e.response}"
    except (nntplib.NNTPError, ValueError, IndexError, TypeError):
        return "protocol"
    except EOFError:
        return "eof"
    except (AttributeError, OSError):
        return "eof"  # of one that was closed


def utf8(text):
    return text.encode("utf-8", "surrogateescape")


def texts(result):
    return [utf8(line) for line in result[1]]


def lines(result):
    return result[1].lines


def groups(result):
    return [(utf8(g.group), int(g.last), int(g.first), utf8(g.flag)) for g in result[1]]


def seconds(result):
    return int(result[1].replace(tzinfo=datetime.timezone.utc).timestamp())


SEVEN = ("subject", "from", "date", "message-id", "references")


def overviews(result):
    return [(number, *(utf8(fields.get(name, "")) for name in SEVEN), *(int(fields.get(name) or -1)
             for name in (":bytes", ":lines")), {utf8(name): utf8(value or "")
             for name, value in list(fields.items())[7:]}) for number, fields in result[1]]


# What Python makes of the result of a call.
MADE = {"group": lambda r: r[1:4], "list": groups, "newgroups": groups, "newnews": texts,
        "descriptions": lambda r: [(utf8(g), utf8(d)) for g, d in r[1].items()],
        "date": seconds, "help": texts, "over": overviews,
        "xhdr": lambda r: [(int(n), utf8(v)) for n, v in r[1]],
        "stat": lambda r: (r[1], utf8(r[2])), "next": lambda r: (r[1], utf8(r[2])),
        "last": lambda r: (r[1], utf8(r[2])), "article": lines, "head": lines, "body": lines,
        "getcapabilities": lambda r: [" ".join([name, *words]).encode()
                                      for name, words in r.items()]}


def given_to_python(name, words):
    """Its arguments: what is none, a moment, a range."""
    words = [None if word == "-" else word for word in words]
    if name in ("newgroups", "newnews"):
        words[-1] = datetime.datetime.fromtimestamp(words[-1], datetime.timezone.utc)
    if name == "over" and words[0] and (match := re.fullmatch(r"(\d+)-(\d*)", words[0])):
        words[0] = (match[1], match[2])
    if name in ("post", "ihave") and isinstance(words[-1], str):
        words[-1] = words[-1].encode()
    if name == "login":
        words.append(False)
    return words


def called(n, name, words):
    result = of_python(lambda: getattr(n, name)(*given_to_python(name, words)))
    if isinstance(result, str):
        return result if not re.match(r"\d\d\d", result) else 0
    return of_python(lambda: MADE.get(name, lambda _: 0)(result))


def python_says(turns, calls, reader=False):
    with Script(turns) as server:
        n = of_python(lambda: nntplib.NNTP(HOST, server.port, readermode=reader, timeout=20))
        if isinstance(n, str):
            return server, [n]
        results = [utf8(n.getwelcome())] + [called(n, name, words) for name, *words in calls]
        with contextlib.suppress(AttributeError):  # it has said goodbye
            n._close()
    return server, results


# How ours has it.
OURS = {"SOCK_E_PROTOCOL": "protocol", "SOCK_E_EOF": "eof", "SOCK_E_UNSUPPORTED": "unsupported",
        "SOCK_E_VALUE": "value"}


def of_ours(result):
    if not failed(result):
        return result
    text = result[3].decode("utf-8", "surrogateescape")
    if result[1] == "SOCK_E_REPLY":
        return "no: " + re.search(r": (\d\d\d( .*)?)$", text)[1]
    return OURS[result[1]]


def bare(word):
    return word.getvalue() if isinstance(word, io.BytesIO) else word


def we_say(turns, calls, reader=False):
    with Driven(PEER) as n, Script(turns) as server:
        results = [of_ours(n.new(HOST, server.port, "reader" if reader else ""))]
        if isinstance(results[0], bytes):
            results += [of_ours(n.call({"xhdr": "hdr"}.get(name, name), *map(bare, words)))
                        for name, *words in calls]
            n.free()
    return server, results


POSTED = [b".\r\n", b"240 thanks\r\n"]
# (what the server says, calls): Python says the same, and sends the same bytes.
SAME = [
    ([b"400 later\r\n"], []),
    ([b"502 never\r\n"], []),
    ([b"hello\r\n"], []),
    ([None], []),
    ([WELCOME, NEW], [("getcapabilities",)]),
    ([b"201 no posting\r\n", OLD, b"205 bye\r\n"], [("getcapabilities",), ("quit",)]),
    ([WELCOME, b"400 no\r\n"], [("getcapabilities",)]),
    ([WELCOME, NEW, b"211 3 1 9 misc.test\r\n", b"211 0 000001 0 misc.test\r\n",
      b"411 no such\r\n"], [("group", "misc.test"), ("group", "misc.test"), ("group", "x")]),
    ([WELCOME, NEW, b"215 list\r\nmisc.test 3 1 y\r\nx.\xc3\xa4 00009 0002 =a.b\r\n.\r\n",
      b"215 list\r\n.\r\n", b"503 no\r\n"], [("list", "-"), ("list", "misc.*"), ("list", "-")]),
    ([WELCOME, NEW, b"215 list\r\nmisc.test For tests\r\nbare\r\nx\t \tTabs \r\n.\r\n",
      b"500 no\r\n"], [("descriptions", "*"), ("descriptions", "*")]),
    ([WELCOME, NEW, b"223 3 <a@b>\r\n", b"223 0 <a@b> there\r\n", b"223 4 <c@d>\r\n",
      b"422 none\r\n", b"421 none\r\n", b"430 none\r\n"],
     [("stat", "-"), ("stat", "<a@b>"), ("next",), ("last",), ("next",), ("stat", "9")]),
    ([WELCOME, NEW, b"220 3 <a@b>\r\nSubject: x\r\n\r\nbody\r\n..\r\n..x\r\n\xff\xe4\r\n.\r\n",
      b"221 3 <a@b>\r\nSubject: x\r\n.\r\n", b"222 3 <a@b>\r\n.\r\n", b"423 none\r\n"],
     [("article", "3"), ("head", "-"), ("body", "<a@b>"), ("body", "7")]),
    ([WELCOME, NEW, b"224 over\r\n1\tI am\tme <a@b>\t6 Oct\t<x@y>\t<p@q>\t1234\t17\tXref: x:1\r\n"
      b"2\t\xc3\xa4\t\t\t\t\t0\t0\t\r\n.\r\n", FORMAT + b"Xref:full\r\n.\r\n",
      b"224 over\r\n0\ta\tb\tc\td\te\t1\t2\r\n.\r\n", b"423 none\r\n"],
     [("over", "1-"), ("over", "<x@y>"), ("over", "7-9")]),
    ([WELCOME, OLD, b"224 over\r\n1\ta\tb\tc\td\te\t1\t2\tXref: x\r\n.\r\n", b"503 what?\r\n"],
     [("over", "1-9")]),
    ([WELCOME, NEW, b"224 over\r\n.\r\n", b"403 later\r\n"], [("over", "-")]),
    ([WELCOME, NEW, b"224 over\r\n.\r\n", b"215 format\r\nSubject:\r\n.\r\n"], [("over", "-")]),
    ([WELCOME, OLD, b"221 hdr\r\n3 I am  just\r\n4 \r\n5\r\n.\r\n", b"412 no group\r\n"],
     [("xhdr", "Subject", "3-"), ("xhdr", "Subject", "3-")]),
    ([WELCOME, NEW, b"111 20261130233000\r\n", b"500 no\r\n"], [("date",), ("date",)]),
    ([WELCOME, NEW, b"111 2026113023300\r\n"], [("date",)]),
    ([WELCOME, NEW, b"100 help\r\nASK\r\n.\r\n"], [("help",)]),
    ([WELCOME, NEW, b"340 go on\r\n", [b".\r\n", b"240 thanks\r\n"], b"440 no\r\n"],
     [("post", "Subject: x\n\n.dot\nbody"), ("post", "x")]),
    ([WELCOME, NEW, b"340 go on\r\n", [b".\r\n", b"240 thanks\r\n"]],
     [("post", "a\rb\r\n.\rc")]),
    ([WELCOME, NEW, b"335 go on\r\n", [b".\r\n", b"437 no\r\n"], b"435 had it\r\n"],
     [("ihave", "<a@b>", "a\r\n..\r\n"), ("ihave", "<a@b>", "x")]),
    ([WELCOME, OLD, b"381 and?\r\n", b"281 ok\r\n", NEW], [("login", "tim", "x"),
                                                          ("getcapabilities",)]),
    ([WELCOME, OLD, b"381 and?\r\n", b"481 no\r\n"], [("login", "tim", "x")]),
    ([WELCOME, OLD, b"281 ok\r\n", NEW], [("login", "tim", "x")]),
    ([WELCOME, NEW, b"480 who?\r\n", b"483 TLS\r\n"], [("group", "x"), ("list", "-")]),
    ([WELCOME, NEW, None], [("group", "x")]),
    ([WELCOME, NEW, b"215 list\r\nmisc.test 3 1 y\r\n", ...], [("list", "-")]),
    ([WELCOME, NEW, b"215 list\r\nmisc.test 3 1\r\n.\r\n"], [("list", "-")]),
    ([WELCOME, NEW, b"223 x <a@b>\r\n"], [("stat", "-")]),
    ([WELCOME, NEW, b"700 x\r\n"], [("stat", "-")]),
]
READERS = [
    ([WELCOME, NEW], []),
    ([WELCOME, OLD, b"201 a reader\r\n", NEW], [("getcapabilities",)]),
    ([WELCOME, OLD, b"500 what?\r\n", OLD], [("getcapabilities",)]),
    ([WELCOME, OLD, b"400 later\r\n"], []),
    ([WELCOME, OLD, b"480 who?\r\n", b"381 and?\r\n", b"281 ok\r\n", OLD, b"200 yes\r\n", NEW],
     [("login", "tim", "x"), ("getcapabilities",)]),
]
# The same, where ours differs: how, and what it sends if that differs, too.
OTHER = [
    ([WELCOME, NEW, OLD, OLD], [("group", "a\r\nPOST")], ["value"], b"CAPABILITIES\r\n"),
    ([WELCOME, NEW, OLD], [("stat", "a\n")], ["value"], b"CAPABILITIES\r\n"),
    ([WELCOME, NEW, OLD], [("group", "x" * 600)], ["value"], b"CAPABILITIES\r\n"),
    # Moments are those of UTC, and say so.
    ([WELCOME, NEW, b"231 new\r\nx 3 1 y\r\n.\r\n"], [("newgroups", 1796081400)],
     [[(b"x", 3, 1, b"y")]], b"CAPABILITIES\r\nNEWGROUPS 20261130 233000 GMT\r\n"),
    ([WELCOME, OLD, b"230 new\r\n<a@b>\r\n.\r\n"], [("newnews", "misc.*", 1796081400)],
     [[b"<a@b>"]], b"CAPABILITIES\r\nNEWNEWS misc.* 261130 233000 GMT\r\n"),
    # Numbers are there, and numbers.
    ([WELCOME, NEW, b"211\r\n"], [("group", "x")], ["protocol"], None),
    ([WELCOME, NEW, b"211 1 -2 +3 x\r\n"], [("group", "x")], ["protocol"], None),
    # Any dot at the beginning of a line goes; CRLF alone ends one.
    ([WELCOME, NEW, b"222 1 <a@b>\r\n.x\r\na\nb\r\n.\nc\r\n" + b"x" * 5000 + b"\r\n.\r\n",
      b"223 1 <a@b>\r\n"], [("body", "1"), ("stat", "-")],
     [[b"x", b"a\nb", b"\nc", b"x" * 5000], (1, b"<a@b>")], None),
    # Replies to other commands, and what is none, end the session.
    ([WELCOME, NEW, b"215 list\r\n", b"223 1 <a@b>\r\n"], [("group", "x"), ("stat", "-")],
     ["protocol", "eof"], b"CAPABILITIES\r\nGROUP x\r\n"),
    ([WELCOME, NEW, b"2\r\n", b"223 1 <a@b>\r\n"], [("group", "x"), ("stat", "-")],
     ["protocol", "eof"], b"CAPABILITIES\r\nGROUP x\r\n"),
    ([WELCOME, NEW, b"\r\n", b"223 1 <a@b>\r\n"], [("group", "x"), ("stat", "-")],
     ["protocol", "eof"], b"CAPABILITIES\r\nGROUP x\r\n"),
    ([WELCOME, NEW, b"224 over\r\n1\ta\tb\r\n.\r\n", FORMAT + b".\r\n"], [("over", "1")],
     ["protocol"], None),
    ([WELCOME, NEW, b"223 1 a@b\r\n"], [("stat", "-")], ["protocol"], None),
    # HDR where it is known.
    ([WELCOME, caps(b"VERSION 2", b"HDR"), b"225 hdr\r\n3 x\r\n.\r\n"], [("xhdr", "Subject", "3")],
     [[(3, b"x")]], b"CAPABILITIES\r\nHDR Subject 3\r\n"),
    # Without a number it is all value.
    ([WELCOME, OLD, b"221 hdr\r\n<a@b> x\r\n.\r\n"], [("xhdr", "Subject", "<a@b>")],
     [[(0, b"<a@b> x")]], None),
    # Every end of a line is CRLF, in a file, too.
    ([WELCOME, NEW, b"340 go on\r\n", [b".\r\n", b"240 thanks\r\n"]],
     [("post", io.BytesIO(b"a\rb\r\n.\rc"))], [0],
     b"CAPABILITIES\r\nPOST\r\na\r\nb\r\n..\r\nc\r\n.\r\n"),
    # Once is enough.
    ([WELCOME, OLD, b"281 ok\r\n", OLD, b"281 ok\r\n", OLD],
     [("login", "tim", "x"), ("login", "tim", "x")], [0, "value"],
     b"CAPABILITIES\r\nauthinfo user tim\r\nCAPABILITIES\r\n"),
    ([WELCOME, OLD, b"381 and?\r\n", b"381 and?\r\n"], [("login", "tim", "x")],
     ["protocol"], None),
    ([WELCOME, OLD, b"200 yes\r\n", OLD], [("login", "tim", "x")], ["protocol"],
     b"CAPABILITIES\r\nauthinfo user tim\r\n"),
    # RFC 4642: there is no TLS after that, and nothing is sent.
    ([WELCOME, OLD, b"281 ok\r\n", OLD, b"502 no\r\n"],
     [("login", "tim", "x"), ("starttls", "")], [0, "value"],
     b"CAPABILITIES\r\nauthinfo user tim\r\nCAPABILITIES\r\n"),
]


@unittest.skipUnless(nntplib, "no nntplib")
class Parity(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        # Python's own, where it has made no object.
        self.enterContext(warnings.catch_warnings())
        warnings.simplefilter("ignore", ResourceWarning)

    def check_same(self, turns, calls, reader=False):
        with self.subTest(calls=calls, turns=turns):
            theirs, expected = python_says(turns, calls, reader)
            ours, results = we_say(turns, calls, reader)
            self.assertEqual(results, expected)
            self.assertEqual(ours.heard, theirs.heard)

    def test_what_is_the_same(self):
        for turns, calls in SAME:
            self.check_same(turns, calls)

    def test_readers(self):
        for turns, calls in READERS:
            self.check_same(turns, calls, True)

    def test_what_differs(self):
        for turns, calls, expected, sent in OTHER:
            with self.subTest(calls=calls, turns=turns):
                theirs, of_theirs = python_says(turns, calls)
                ours, results = we_say(turns, calls)
                self.assertEqual(results[1:], expected)
                self.assertEqual(ours.heard, theirs.heard if sent is None else sent)
                self.assertNotEqual((of_theirs[1:], theirs.heard), (expected, ours.heard))


# INN

def article(number, lines=b".dot\r\n..\r\nb\xf6dy\r\n"):
    return (f"From: a@a.example\r\nNewsgroups: misc.test\r\nSubject: article {number}\r\n"
            f"Message-ID: <{number}@tester.example>\r\n\r\n").encode() + lines


@mailers.needs(mailers.Inn)
class Inn(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.server = self.enterContext(mailers.Inn())

    def connected(self):
        n = self.enterContext(Driven(PEER))
        self.assertRegex(n.new(HOST, self.server.port, "reader"), rb"^20[01] ")
        return n

    def root(self):
        return pathlib.Path(mailers.CERTS, "root.pem")

    def test_what_it_can(self):
        n = self.connected()
        for name in "READER", "OVER", "HDR", "POST", "VERSION", "version":
            self.assertEqual(n.has(name), 1, name)
        self.assertEqual(n.has("NO-SUCH"), 0)
        self.assertIn(b"VERSION 2", n.getcapabilities())
        self.assertIn(b"  ARTICLE [message-ID|number]", n.help())
        self.assertEqual(n.quit(), 0)

    def test_articles(self):
        n = self.connected()
        self.assertEqual(n.group("misc.test"), (0, 1, 0))
        for i in 1, 2, 3:
            self.assertEqual(n.post(article(i)), 0)
        self.assertEqual(n.post(article(1))[:3], ("error", "SOCK_E_REPLY", 441))
        self.assertEqual(n.group("misc.test"), (3, 1, 3))
        self.assertEqual(n.stat("-"), (1, b"<1@tester.example>"))
        self.assertEqual(n.next(), (2, b"<2@tester.example>"))
        self.assertEqual(n.last(), (1, b"<1@tester.example>"))
        self.assertEqual(n.last()[2], 422)
        self.assertEqual(n.stat("<3@tester.example>"), (0, b"<3@tester.example>"))
        self.check_article(n)
        self.check_overview(n)

    def check_article(self, n):
        self.assertEqual(n.body("1"), [b".dot", b"..", b"b\xf6dy"])
        self.assertEqual(n.read("BODY", "1"), b".dot\r\n..\r\nb\xf6dy\r\n")
        self.assertIn(b"Subject: article 2", n.head("2"))
        whole = n.article("<3@tester.example>")
        self.assertEqual(whole[-4:], [b"", b".dot", b"..", b"b\xf6dy"])
        self.assertEqual(b"".join(line + b"\r\n" for line in whole),
                         n.read("ARTICLE", "<3@tester.example>"))
        self.assertEqual(n.body("9")[2], 423)
        self.assertEqual(n.body("<9@tester.example>")[2], 430)

    def check_overview(self, n):
        over = n.over("1-")
        self.assertEqual([(a[0], a[1], a[4]) for a in over],
                         [(i, b"article %d" % i, b"<%d@tester.example>" % i) for i in (1, 2, 3)])
        self.assertEqual([a[7] for a in over], [3, 3, 3])
        self.assertRegex(over[0][8][b"xref"], rb"misc\.test:1$")
        self.assertEqual(n.over("<2@tester.example>")[2], 503)  # as OVER has no MSGID
        self.assertEqual(n.over("7-9")[2], 423)
        self.assertEqual(n.hdr("Subject", "2-3"), [(2, b"article 2"), (3, b"article 3")])
        self.assertEqual(n.hdr("Subject", "<1@tester.example>"), [(0, b"article 1")])

    def test_groups(self):
        n = self.connected()
        names = [g[0] for g in n.list("-")]
        self.assertIn(b"misc.test", names)
        self.assertNotIn(b"private.test", names)
        self.assertEqual(n.list("misc.*"), [(b"misc.test", 0, 1, b"y")])
        self.assertEqual(n.descriptions("misc.*"), [(b"misc.test", b"For trying")])
        self.assertEqual(n.group("no.such")[2], 411)
        self.assertEqual(n.newgroups(1100000000), [])
        self.assertIn((b"misc.test", 0, 1, b"y"), n.newgroups(900000000))
        now = n.date()
        self.assertLess(abs(now - datetime.datetime.now().timestamp()), 100)
        self.assertEqual(n.post(article(1)), 0)
        self.assertEqual(n.newnews("misc.*", now - 3600), [b"<1@tester.example>"])
        self.assertEqual(n.newnews("misc.*", now + 3600), [])

    def test_who_it_is(self):
        n = self.connected()
        self.assertEqual(n.group("private.test")[2], 480)
        self.assertEqual(n.login(USER, "other")[2], 481)
        self.assertEqual(n.login(USER, PASSWORD), 0)
        self.assertEqual(n.group("private.test"), (0, 1, 0))
        self.assertEqual(n.login(USER, PASSWORD)[1], "SOCK_E_VALUE")

    def test_offers(self):
        n = self.connected()
        path = b"Path: other\r\nDate: Sun, 29 Nov 2026 23:30:00 +0000\r\n"
        self.assertIn(n.ihave("<5@tester.example>", path + article(5)), (0,))
        self.assertIn(n.ihave("<5@tester.example>", path + article(5))[2], (435, 437))

    @needs_tls
    def test_tls(self):
        n = self.enterContext(Driven(PEER))
        self.assertRegex(n.ssl("localhost", self.server.tls_port, self.root()), rb"^20[01] ")
        again = self.connected()
        self.assertEqual(again.secure(), 0)
        self.assertEqual(again.starttls(self.root()), 0)
        for n in n, again:
            self.assertEqual(n.secure(), 1)
            self.assertEqual(n.starttls("")[1], "SOCK_E_VALUE")
            self.assertEqual(n.login(USER, PASSWORD), 0)
            self.assertEqual(n.group("private.test"), (0, 1, 0))
            self.assertEqual(n.quit(), 0)
        self.assertEqual(again.welcome(), b"")

    @needs_tls
    def test_who_is_not_trusted(self):
        other = pathlib.Path(mailers.CERTS, "other_root.pem")
        n = self.enterContext(Driven(PEER))
        self.assertEqual(n.ssl("localhost", self.server.tls_port, other)[1], "SOCK_E_TLS")
        n = self.connected()
        self.assertEqual(n.starttls(other)[1], "SOCK_E_TLS")
        self.assertEqual(n.date()[1], "SOCK_E_EOF")


if __name__ == "__main__":
    unittest.main(verbosity=2)
