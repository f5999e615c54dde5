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
import url_shim as shim
from url_shim import Refused

SEED, CASES = 20261130, 4000

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
        re.fullmatch(r"(?:[^][]*@)?\[[^][]*\](?::.*)?", netloc_of(url)),
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
    "a path keeps its root": lambda b, u: b[1] is None and climbs(b[2], u[2]),
}


class Joining(Parity):
    def test_of_the_rfc(self):
        for _ in range(CASES):
            base, url = tame_url(self.random), tame_url(self.random)
            if cleaned(base)[0] is not None:
                self.assertEqual(shim.urljoin(base, url), rfc_join(base, url), (base, url))

    def test_random(self):
        for _ in range(CASES):
            base, url = tame_url(self.random), tame_url(self.random)
            their, our = python.urljoin(base, url), shim.urljoin(base, url)
            if their != our:
                self.differs({name: lambda t, c=c: c(*t) for name, c in JOIN.items()},
                             (cleaned(base), cleaned(url)), f"{base!r} {url!r} {their!r} {our!r}")
        self.each_is_seen(JOIN)


if __name__ == "__main__":
    unittest.main(verbosity=1)
