#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The functions of url.h beside this machine's urllib.parse.

Texts are made at random, always the same ones, of pieces that URLs are made of. What
both say must be equal, or the text is of a class of difference, each of which has a
name below, is seen at least once, and says what is so instead.
"""

import collections
import html
import random
import re
import sys
import unittest
import urllib.parse as python

sys.dont_write_bytecode = True
import rows_url as rows
import url_shim as shim
from library import Refused

SEED, CASES = 20261130, 2500

SCHEMES = ["", "", "", "http:", "HTTP:", "https:", "ftp:", "foo:", "file:", "mailto:", "a+b.-1:",
           "1x:", ":", "svn:", "é:", "sip:", "rtspu:"]
USERS = ["", "", "", "u@", "u:p@", "u:@", ":p@", "@", "a@b:c:d@", "%41:%42@", "é@", "[@", "u]@"]
HOSTS = ["h", "H.Example", "", "127.0.0.1", "[::1]", "[FE80::1%Eth0]", "[::1", "::1]", "[1.2.3.4]",
         "[v1.a]", "[v1]", "[]", "[::G]", "a b", "a%42c", "a\\b", "é.x", "É", "a\u2100b", "x\uff03",
         "[::1]x", "x[::1]", "h;p", "[::1%]", "[::1%25e]", "[::1%a%b]", "xn--9ca"]
PORTS = ["", "", "", ":", ":80", ":0", ":65535", ":65536", ":00080", ":+80", ":-1", ": 80", ":8a",
         ":1_0", ":٣", ":99999999999999999999", ":80:90"]
SEGMENTS = ["", "", "a", "b;c", ".", "..", "...", "c:d", ";p", "%2e", "é", "x y", "a=1;b", "~", "[", "@"]
TAILS = ["", "", "", "?", "?q", "?a=b&c=d", "??", "?/x/../y", "?é", "?a b"]
FRAGMENTS = ["", "", "", "#", "#f", "##", "#a?b", "#/../x"]
NOISE = ["\t", "\n", "\r", " ", "\x01", "\x7f", "\\", "%", "%zz", "\u3000", "\x0b"]


def random_path(r):
    start = r.choice(["", "/", "/", "/", "//"])
    return start + "/".join(r.choices(SEGMENTS, k=r.randrange(6)))


def random_url(r):
    netloc = ""
    if r.random() < 0.6:
        netloc = "//" + r.choice(USERS) + r.choice(HOSTS) + r.choice(PORTS)
    url = r.choice(SCHEMES) + netloc + random_path(r) + r.choice(TAILS) + r.choice(FRAGMENTS)
    while r.random() < 0.1:
        at = r.randrange(len(url) + 1)
        url = url[:at] + r.choice(NOISE) + url[at:]
    return url


def tame_url(r):
    """One whose host and port no one minds."""
    netloc = "//h" if r.random() < 0.5 else ""
    scheme = r.choice(["", "", "http:", "http:", "foo:", "https:", "ftp:", "file:", "mailto:"])
    url = scheme + netloc + random_path(r) + r.choice(TAILS) + r.choice(FRAGMENTS)
    return url if not re.search(r"[][:@]", netloc_of(url)) else tame_url(r)


def cleaned(url):
    """As split takes it: RFC 3986, appendix B, tells the parts."""
    url = re.sub("[\t\r\n]", "", url.lstrip("".join(map(chr, range(33)))))
    return re.fullmatch(r"(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?",
                        url, re.S).groups()


class Parity(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)
        self.seen = collections.Counter()

    def differs(self, classes, text, what):
        for name, condition in classes.items():
            if condition(text):
                self.seen[name] += 1
                return
        self.fail(f"{text!r}: {what}")

    def each_is_seen(self, classes):
        self.assertEqual(sorted(self.seen), sorted(classes), "classes of difference that were seen")


def netloc_of(url):
    return cleaned(url)[1] or ""


# --- Splitting -------------------------------------------------------------

SPLIT = {
    "brackets around anything but the host":
        lambda url: re.search(r"[][]", netloc_of(url)) and not
        re.fullmatch(r"(?:[^][]*@)?\[[^][]*\](?::[^@]*)?", netloc_of(url)),
    "letters beyond ASCII stay as they are":
        lambda url: netloc_of(url) != netloc_of(url).lower() and not netloc_of(url).isascii(),
}


def python_split(split, url):
    try:
        u = split(url)
        fields = {name: getattr(u, name, "") or None
                  for name in ("scheme", "netloc", "params", "query", "fragment", "hostname")}
        return {**fields, "path": u.path, "username": u.username, "password": u.password,
                "port": u.port}
    except ValueError as e:
        return str(e)


def our_split(split, url):
    try:
        fields = split(url)
    except Refused as e:
        return str(e).partition(": ")[2]
    del fields["url"]
    for name in ("netloc", "params", "query", "fragment"):  # where Python has no None
        fields[name] = fields[name] or None
    return fields


class Splitting(Parity):
    def compare(self, theirs, ours, url):
        their, our = python_split(theirs, url), our_split(ours, url)
        if their == our:
            return
        if isinstance(their, str) and isinstance(our, str):
            return  # the words are compared where they matter
        self.differs(SPLIT, url, f"{their} {our}")

    def test_random(self):
        for _ in range(CASES):
            url = random_url(self.random)
            with self.subTest(url=url):
                self.compare(python.urlsplit, shim.urlsplit, url)
                self.compare(python.urlparse, shim.urlparse, url)
        self.each_is_seen(SPLIT)

    def test_inverse(self):
        """What was taken apart comes out as it went in."""
        for _ in range(CASES):
            url = random_url(self.random)
            scheme, *rest = cleaned(url)
            try:
                fields = shim.urlsplit(url)
            except Refused:
                continue
            self.assertEqual([scheme.lower() if scheme else None, *rest],
                             [fields[name] for name in ("scheme", "netloc", "path", "query", "fragment")], url)
            whole = re.sub("[\t\r\n]", "", url.lstrip("".join(map(chr, range(33)))))
            n = len(scheme or "")
            self.assertEqual(fields["url"], whole[:n].lower() + whole[n:])
            self.assertEqual(shim.urlparse(url)["url"], fields["url"])


# --- Joining ---------------------------------------------------------------


def remove_dots(path):
    """RFC 3986, 5.2.4, by its letter."""
    out = []
    while path:
        if path.startswith("../"):
            path = path[3:]
        elif path.startswith("./"):
            path = path[2:]
        elif path.startswith("/./"):
            path = path[2:]
        elif path == "/.":
            path = "/"
        elif path.startswith("/../") or path == "/..":
            path = "/" + path[4:]
            if out:
                out.pop()
        elif path in (".", ".."):
            path = ""
        else:
            segment = re.match("/?[^/]*", path)[0]
            out.append(segment)
            path = path[len(segment):]
    return "".join(out)


def rfc_join(base, url):
    """RFC 3986, 5.2.2 and 5.3."""
    scheme, netloc, path, query, fragment = cleaned(url)
    bscheme, bnetloc, bpath, bquery, _ = cleaned(base)
    if scheme is None and netloc is None:
        netloc = bnetloc
        if path == "":
            path = bpath
            query = bquery if query is None else query
        elif path.startswith("/"):
            path = remove_dots(path)
        elif bnetloc is not None and bpath == "":
            path = remove_dots("/" + path)
        else:
            path = remove_dots(bpath[:bpath.rfind("/") + 1] + path)
    else:
        path = remove_dots(path)
    scheme = (bscheme if scheme is None else scheme).lower()
    if netloc is None and path.startswith("//"):
        netloc = ""  # that it be no netloc
    return (scheme + ":" + ("//" + netloc if netloc is not None else "") + path +
            ("?" + query if query is not None else "") + ("#" + fragment if fragment is not None else ""))


def climbs(base, url):
    """Whether there are more ".." than segments before them."""
    path = url if url.startswith("/") else base[:base.rfind("/") + 1] + url
    depth = lowest = 0
    for segment in path.split("/")[1:]:
        depth += {"..": -1, ".": 0}.get(segment, 1)
        lowest = min(lowest, depth)
    return path.startswith("/") and lowest < 0


# Of the parts of the document's URL, and of the reference's.
JOIN = {
    "a path keeps its root": lambda b, u: b[1] is None and climbs(b[2], u[2]),
    "any scheme will do":
        lambda b, u: (u[0] or b[0] or "").lower() not in python.uses_relative,
    "a reference with a scheme is a URL": lambda b, u: u[0] is not None,
    "an empty reference has no fragment":
        lambda b, u: u[:2] == (None, None) and u[2] == "" and u[3] is None,
    "a reference with a host has no dots": lambda b, u: u[1] is not None,
    "no host is not an empty one": lambda b, u: b[0] is not None and b[1] is None,
    "what is empty is not absent": lambda b, u: "" in (b[1], *b[3:], u[1], *u[3:]),
    "empty segments stay": lambda b, u: "//" in (b[2] + "/" + u[2])[:-1] or "//" in u[2],
    "a document without a path has no root": lambda b, u: b[1] is None and b[2] == "",
}


class Joining(Parity):
    def test_of_the_rfc(self):
        for _ in range(CASES):
            base, url = tame_url(self.random), tame_url(self.random)
            if cleaned(base)[0] is not None:
                self.assertEqual(shim.urljoin(base, url), rfc_join(base, url), (base, url))

    def test_random(self):
        for _ in range(3 * CASES):
            base, url = tame_url(self.random), tame_url(self.random)
            their, our = python.urljoin(base, url), shim.urljoin(base, url)
            if their != our:
                self.differs({name: lambda t, c=c: c(*t) for name, c in JOIN.items()},
                             (cleaned(base), cleaned(url)), f"{base!r} {url!r} {their!r} {our!r}")
        self.each_is_seen(JOIN)


# --- Quoting ---------------------------------------------------------------

LETTERS = ["a", "Z", "0", "_.-~", "/", " ", "+", "&", "=", ";", "%", "%4", "%41", "%zz", "%C3%A9", "%c3", "%E2%82",
           "%E2%82%AC", "%F0%9F%92%A9", "%F0%80", "%ED%A0%80", "%C0%80", "%FF", "%f4%90", "é", "€", "\U0001f4a9",
           "\t", "\n", "\x01", "\x7f", "\"", "'", "<", ">", "\udcff", "\udce2\udc82", "?", "#", "@", ":", ","]


def random_text(r, letters=LETTERS):
    text = "".join(r.choices(letters, k=r.randrange(12)))
    return text.replace("%00", "")  # of which test_nul() is


class Quoting(Parity):
    SAFE = [None, None, "", "/", "/:@", "%", "+ ", "é", "~&="]

    def test_quote(self):
        for _ in range(CASES):
            text, safe = random_text(self.random), self.random.choice(self.SAFE)
            data = shim.encode(text)
            for ours, theirs in ((shim.quote, python.quote), (shim.quote_plus, python.quote_plus),
                                 (shim.quote_from_bytes, python.quote_from_bytes)):
                self.assertEqual(ours(data, safe), theirs(data, safe) if safe is not None else theirs(data),
                                 (theirs, text, safe))

    def test_each_byte(self):
        data = bytes(range(256))
        self.assertEqual(shim.quote_from_bytes(data), python.quote_from_bytes(data))
        self.assertEqual(shim.unquote_to_bytes(python.quote_from_bytes(data)), data)

    def test_unquote(self):
        for _ in range(CASES):
            text = random_text(self.random)
            self.assertEqual(shim.unquote(text), python.unquote(text), text)
            self.assertEqual(shim.unquote_plus(text), python.unquote_plus(text), text)
            data = shim.encode(text)
            self.assertEqual(shim.unquote_to_bytes(data), python.unquote_to_bytes(data), text)

    def test_sequences(self):
        """Whatever bytes become U+FFFD, and how often."""
        for _ in range(CASES):
            data = bytes(self.random.choices([0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                              0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5,
                                              0xff], k=self.random.randrange(1, 9)))
            text = "".join(f"%{byte:02x}" for byte in data)
            self.assertEqual(shim.unquote(text), data.decode("utf-8", "replace"), text)

    def test_nul(self):
        for text in ("%00", "a%00b", "%41%00", "é%00"):
            for function in (shim.unquote, shim.unquote_plus, shim.parse_qsl):
                with self.assertRaisesRegex(Refused, "embedded null byte"):
                    function(text if function is not shim.parse_qsl else f"{text}=1")
        self.assertEqual(shim.unquote_to_bytes("a%00b"), b"a\0b")

    def test_escape(self):
        for _ in range(CASES // 4):
            text = random_text(self.random)
            self.assertEqual(shim.escape(text), html.escape(text))


# --- Queries ---------------------------------------------------------------

MARKS = ["&", "&", "=", "=", ";", "+"]


def python_parse(query, flags, most):
    arguments = {"keep_blank_values": bool(flags & shim.KEEP_BLANK), "strict_parsing": bool(flags & shim.STRICT)}
    try:
        return python.parse_qsl(query, max_num_fields=most or None, **arguments)
    except ValueError as e:
        return str(e)


def our_parse(query, flags, most):
    try:
        return shim.parse_qsl(query, flags, most)
    except Refused as e:
        return str(e).removeprefix("parse_qs: ")


class Queries(Parity):
    def test_parse(self):
        for _ in range(2 * CASES):
            query = random_text(self.random, LETTERS + 4 * MARKS)
            flags, most = self.random.randrange(4), self.random.choice([0, 0, 0, 1, 2, 3])
            their, our = python_parse(query, flags, most), our_parse(query, flags, most)
            if isinstance(their, str):
                self.assertEqual(their.split(":")[0], our.split(":")[0], query)
            else:
                self.assertEqual(our, their, query)

    def test_semicolons(self):
        for _ in range(CASES // 4):
            query = random_text(self.random, ["a", "b", "%3B", *MARKS])
            their = python.parse_qsl(query.replace(";", "&"), keep_blank_values=True)
            self.assertEqual(shim.parse_qsl(query, shim.SEMICOLON | shim.KEEP_BLANK), their, query)

    def test_encode(self):
        for _ in range(CASES):
            fields = [(shim.encode(random_text(self.random)), shim.encode(random_text(self.random)))
                      for _ in range(self.random.randrange(4))]
            self.assertEqual(shim.urlencode(fields), python.urlencode(fields))
            self.assertEqual(shim.urlencode(fields, shim.QUOTE), python.urlencode(fields, quote_via=python.quote))

    def test_inverse(self):
        for _ in range(CASES):
            fields = [(self.random.choice("abc"), random_text(self.random, ["é", "&", "=", ";", "+", " ", "%", "x"]))
                      for _ in range(self.random.randrange(5))]
            for flags in 0, shim.QUOTE:
                text = shim.urlencode(fields, flags)
                self.assertEqual(shim.parse_qsl(text, shim.KEEP_BLANK | shim.STRICT | shim.SEMICOLON), fields)


# --- Facts -----------------------------------------------------------------


class Facts(Parity):
    def refused(self, function, *arguments):
        with self.assertRaises(Refused) as caught:
            function(*arguments)
        return str(caught.exception).partition(": ")[2]

    def test_rfc(self):
        lines = [line.split() for line in rows.RFC_ROWS.strip().splitlines()]
        self.assertEqual(len(lines), 23 + 19)
        for url, wanted in lines:
            self.assertEqual(shim.urljoin(rows.RFC_BASE, url.strip("'")), wanted, url)

    def test_joins(self):
        for base, url, wanted in rows.JOINS:
            self.assertEqual(shim.urljoin(base, url), wanted, (base, url))
        for reason, lines in rows.JOINS_DIFFERENT.items():
            for base, url, their, our in lines:
                self.assertEqual(python.urljoin(base, url), their, reason)
                self.assertEqual(shim.urljoin(base, url), our, reason)

    def test_splits(self):
        for url, *wanted in rows.SPLITS:
            fields = shim.urlparse(url)
            self.assertEqual([fields[name] for name in ("scheme", "netloc", "path", "params", "query", "fragment")],
                             wanted, url)
            self.assertEqual(fields["url"], url)
            fields = shim.urlsplit(url)
            self.assertEqual(fields["path"] + fields["url"], wanted[2] + (f";{wanted[3]}" if wanted[3] is not None
                                                                          else "") + url)
            self.assertIsNone(fields["params"])

    def test_hosts(self):
        for url, *wanted in rows.HOSTS:
            fields = shim.urlsplit(url)
            self.assertEqual([fields[name] for name in ("hostname", "port", "username", "password")], wanted, url)
        for url, words in rows.REFUSED:
            for function in shim.urlsplit, shim.urlparse, shim.urldefrag:
                self.assertEqual(self.refused(function, url), words, url)
            self.refused(shim.url_check, url)

    def test_defrag(self):
        for url in ("http://python.org", "http://python.org/", "http://python.org/?q", "http://python.org/p",
                    "http://a/b/c/d;p?q", "http://a?", ""):
            for fragment in "", "#", "#frag", "#a#b?c":
                self.assertEqual(shim.urldefrag(url + fragment), url)

    def test_queries(self):
        for query, wanted in rows.QUERIES:
            self.assertEqual(shim.parse_qsl(query, shim.KEEP_BLANK), wanted)
            self.assertEqual(shim.parse_qsl(query), [field for field in wanted if field[1]])
        for query, wanted in rows.SEMICOLONS:
            self.assertEqual(shim.parse_qsl(query, shim.KEEP_BLANK | shim.SEMICOLON), wanted)

    def test_browsers(self):
        standard = {"http": 80, "https": 443, "ws": 80, "wss": 443}

        def place(url):
            fields = shim.urlsplit(url)
            port = fields["port"]
            return fields["hostname"], port if port != standard.get(fields["scheme"]) else None

        for url, *wanted in rows.BROWSERS:
            self.assertEqual(list(place(url)), wanted, url)
        different = [line for lines in rows.BROWSERS_DIFFERENT.values() for line in lines]
        for url, their, our in different + rows.BROWSERS_WRITTEN:
            self.assertNotEqual(their, our)
            self.assertEqual(place(url), (our, None), url)
        for url in rows.BROWSERS_REFUSE:
            place(url)
        for url in rows.BOTH_REFUSE + rows.WE_REFUSE:
            self.refused(shim.urlsplit, url)


if __name__ == "__main__":
    unittest.main(verbosity=1)
