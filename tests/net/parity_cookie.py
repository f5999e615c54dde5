#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""parity_cookie.py [Class]: cookies beside http.cookies and http.cookiejar of the Python
that runs this, by the rows of CPython's own tests and by texts at random, always the
same ones; files of them beside curl and wget, too.

Where a row says what the library makes of it, it is unlike Python on purpose, and the
row says why.
"""

import http.cookiejar
import http.cookies
import http.server
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
from email.message import Message

sys.dont_write_bytecode = True
from cookie_shim import CookieJar, SimpleCookie
from library import Refused

SEED, CASES = 20261130, 4000


def encoded(text):
    return text.encode("latin-1", "surrogateescape")


# Python's Morsel, as the shim's.

def theirs(text):
    """(items, attributes of each, fields) of a text; None where Python refuses it whole."""
    cookies = http.cookies.SimpleCookie()
    try:
        cookies.load(text)
    except http.cookies.CookieError:
        return None
    items = [(encoded(name), encoded(morsel.value)) for name, morsel in cookies.items()]
    attributes = [{key: b"1" if value is True else encoded(value)
                   for key, value in morsel.items() if value != ""}
                  for morsel in cookies.values()]
    return items, attributes, encoded(cookies.output())


def ours(text):
    cookies = SimpleCookie(encoded(text))
    items = cookies.items()
    return items, [cookies.attributes(name) for name, _ in items], cookies.output()


PAIR_BY_PAIR = "each pair for itself"
QUOTED = "a semicolon ends a pair, even inside quotes"

# (text, why it is unlike Python) of test_http_cookies.py.
LOADS = [
    ("chips=ahoy; vienna=finger", None),
    ('keebler="E=mc2; L=\\"Loves\\"; fudge=\\012;"', QUOTED),
    ("keebler=E=mc2", None),
    ("key:term=value:term", None),
    ("a=b; c=[; d=r; f=h", None),
    (r'a="b=\""', None), (r'a="b=\\"', None), (r'a="b=\="', None), (r'a="b=\n"', None),
    (r'a="b=\042"', None), (r'a="b=\134"', None), (r'a="b=\377"', None),
    (r'a="b=\400"', None), (r'a="b=\42"', None), (r'a="b=\\042"', None),
    (r'a="b=\\134"', None), (r'a="b=\\\""', None), (r'a="b=\\\042"', None),
    (r'a="b=\134\""', None), (r'a="b=\134\042"', None),
    ('Customer="WILE_E_COYOTE"; Version=1; Path=/acme', None),
    ('Customer="W"; expires=Wed, 01 Jan 2010 00:00:00 GMT', None),
    ('Customer="W"; expires=Wed, 01 Jan 98 00:00:00 GMT', None),
    ('Customer="WILE_E_COYOTE"', None),
    *((f'Customer="WILL_E_COYOTE"; SameSite={value}', None)
      for value in ("Strict", "Lax", "strict", "lax")),
    ("eggs=scrambled; Path=/bacon", None),
    ("eggs=scrambled; httponly; secure; Path=/bacon", None),
    ("eggs=scrambled; httponly=foo; secure=bar; Path=/bacon", None),
    ("eggs  =  scrambled  ;  secure  ;  path  =  bar   ; foo=foo   ", None),
    ('Customer="WILE_E_COYOTE"; Version="1"; Path="/acme"', None),
    ("]foo=x", None), ("[foo=x", None), ("blah]foo=x", None), ("blah[foo=x", None),
    ("Set-Cookie: foo=bar", None), ("Set-Cookie: foo", None),
    ("foo=bar; baz", PAIR_BY_PAIR), ("baz; foo=bar", PAIR_BY_PAIR),
    ("secure;foo=bar", PAIR_BY_PAIR), ("Version=1;foo=bar", PAIR_BY_PAIR),
    ('Customer="WILE_E_COYOTE"; Path=/acme; Version=1', None),
    ("a=b; c,d=e", PAIR_BY_PAIR),
]

WHOLE = ["a=b", "b=", 'c="d e"', "secure", "path=/", "A1 = x", "max-age=9", 'a="\\073"', "x=y=z"]
PIECES = ["a", "b", "A1", "__Host-x", "a:b", "path", "Secure", "httponly", "$Version", "expires",
          "=", "=", "=", ";", "; ", ";", " ", "\t", '"', '"x"', '"x\\"y"', "\\073", "\\", ",", "[",
          "]", "x y", "\x01", "\xe9", "Wed, 01 Jan 2010 00:00:00 GMT", "{", "(", "@", "/", "1"]
# What neither it nor the library takes for more or less than a pair.
PLAIN = re.compile(r'\s*[\w:-]+\s*(=\s*(?:"(?:[^";\\]|\\[^;])*"|[^\s";\\,\[\]]*)\s*)?')


class Messages(unittest.TestCase):
    maxDiff = None

    def test_rows_of_python(self):
        for text, why in LOADS:
            with self.subTest(text):
                if why is None:
                    self.assertEqual(ours(text), theirs(text))
                else:
                    self.assertNotEqual(ours(text), theirs(text))

    def test_where_python_drops_all(self):
        for text, items in ((LOADS[-1][0], [(b"a", b"b")]),
                            ("foo=bar; baz", [(b"foo", b"bar")]),
                            ("Version=1;foo=bar", [(b"foo", b"bar")]),
                            (LOADS[1][0], [(b"keebler", b'"E=mc2'), (b"L", b'\\"Loves\\"'),
                                          (b"fudge", b"\\012")])):
            self.assertEqual(ours(text)[0], items)

    def test_random_texts(self):
        r, same, more = random.Random(SEED), 0, 0
        for _ in range(CASES):
            text = "".join(r.choices(PIECES, k=r.randrange(1, 14)))
            if r.random() < .5:
                text = "; ".join(r.choices(WHOLE, k=r.randrange(1, 5)))
            mine, python = ours(text), theirs(text)
            if python is None or not python[0]:
                more += bool(mine[0])  # what Python drops with the rest
            elif all(PLAIN.fullmatch(pair) for pair in text.split(";")):
                self.assertEqual(mine[0], python[0], text)
                same += 1
        self.assertGreater(same, 100)
        self.assertGreater(more, 100)

    def test_values(self):
        r = random.Random(SEED)
        for _ in range(CASES):
            value = "".join(chr(r.randrange(1, 256)) for _ in range(r.randrange(8)))
            python, mine = http.cookies.SimpleCookie(), SimpleCookie()
            python["name"] = value
            mine.set(b"name", encoded(value))
            self.assertEqual(mine.output(), encoded(python.output()))
            back = SimpleCookie(mine.output().partition(b": ")[2])
            self.assertEqual(back.items(), [(b"name", encoded(value))])

    def test_names(self):
        for name in [chr(c) for c in range(1, 256)] + [
                "", "foo bar", "foo@bar", "thou", "_the-", "!holy!", "^hand|", "+*grenade~",
                "expires", "PATH", "comment", "domain", "max-age", "secure", "httponly",
                "version", "samesite"]:
            python = http.cookies.SimpleCookie()
            try:
                python[name] = "x"
            except http.cookies.CookieError:
                with self.assertRaises(Refused, msg=name):
                    SimpleCookie().set(encoded(name), b"x")
            else:
                SimpleCookie().set(encoded(name), b"x")

    def test_attributes(self):
        python, mine = http.cookies.SimpleCookie("key=val"), SimpleCookie(b"key=val")
        for attr, value in (("path", "/"), ("comment", "foo"), ("domain", "example.com"),
                            ("max-age", "0"), ("version", "1"), ("comment", "comment \xa9"),
                            ("samesite", "Lax"), ("secure", "x"), ("httponly", "x"),
                            ("path", ""), ("secure", "")):
            python["key"][attr] = value
            mine.set_attr(b"key", attr.encode(), encoded(value))
            self.assertEqual(mine.output(), encoded(python.output()))
        for attr in "the holy hand grenade".split():
            with self.assertRaises(http.cookies.CookieError):
                python["key"][attr] = "x"
            with self.assertRaises(Refused):
                mine.set_attr(b"key", attr.encode(), b"x")

    def test_expires(self):
        python, mine = http.cookies.SimpleCookie("key=val"), SimpleCookie(b"key=val")
        for seconds in 0, 10, -10:
            for _ in range(10):  # unless the second ends between the two
                python["key"]["expires"] = seconds
                mine.set_attr(b"key", b"expires", str(seconds).encode())
                fields = mine.output(), encoded(python.output())
                if fields[0] == fields[1]:
                    break
            self.assertEqual(*fields)


# Jars

class Response:
    def __init__(self, fields):
        self.message = Message()
        for field in fields:
            self.message["Set-Cookie"] = field

    def info(self):
        return self.message


class Both:
    """A jar of each, in which the same happens."""

    def __init__(self):
        self.python, self.mine = http.cookiejar.CookieJar(), CookieJar()

    def interact(self, url, *fields):
        """What is sent there, and then what is set."""
        request = urllib.request.Request(url)
        self.python.add_cookie_header(request)
        sent = request.get_header("Cookie", ""), self.mine.header(encoded(url)).decode("latin-1")
        self.python.extract_cookies(Response(fields), request)
        self.mine.extract(encoded(url), [encoded(field) for field in fields])
        return sent

    def counts(self):
        return len(self.python), len(list(self.mine))


LATER = "expires=" + http.cookiejar.time2netscape(time.time() + 3600)
BEFORE = "expires=" + http.cookiejar.time2netscape(time.time() - 1)
ACME = "http://www.acme.com/"

# Steps of test_http_cookiejar.py by the names of its tests: a URL and what it sets.
SAME = {
    "test_ns_parser_special_names": [(ACME, "expires=eggs", "version=eggs; spam=eggs"), (ACME,)],
    "test_expires": [
        (ACME, f'spam="bar"; {LATER}'), (ACME, f'foo="eggs"; {BEFORE}'), (ACME,),
        (ACME, f'eggs="bar"; {LATER}', f'bar="bar"; {LATER}'), (ACME,),
        (ACME, f'eggs="bar"; {LATER}; max-age=0', f'bar="bar"; max-age=0; {LATER}'), (ACME,)],
    "test_default_path": [
        (ACME, "a=1"), (ACME + "blah", "b=1"), (ACME + "blah/rhubarb", "c=1"),
        (ACME + "blah/rhubarb/", "d=1"), (ACME,), (ACME + "blah",), (ACME + "blah/",),
        (ACME + "blah/rhubarb",), (ACME + "blah/rhubarb/",)],
    "test_default_path_with_query": [("http://example.com/?spam/eggs", 'eggs="bar"'),
                                     ("http://example.com/?spam/eggs",)],
    "test_request_path": [
        ("http://www.example.com/rheum/rhaponticum;foo=bar;sing=song?apples=pears#ni", "a=1"),
        ("http://www.example.com/rheum/?x",), ("http://www.example.com",)],
    "test_path_prefix_match": [
        ("http://bar.com", "spam=eggs; Path=/foo"),
        *((f"http://bar.com{path}",) for path in ("/foo", "/foo/", "/foo/bar", "/",
                                                  "/foobad/foo"))],
    "test_request_host": [("http://1.1.1.1/", "a=1"), ("http://1.1.1.1:80/",), (ACME,)],
    "test_domain_return_ok": [
        ("http://foo.bar.com/", "a=1; domain=blah.com", "b=1; domain=.foo.bar.com",
         "c=1; domain=.bar.com", "d=1; domain=com", "e=1; domain=rhubarb.foo.bar.com"),
        ("http://foo.bar.com/",), ("http://x.bar.com/",), ("http://barfoo.com/",)],
    "test_wrong_domain": [("http://www.nasty.com/", "foo=bar; domain=friendly.org"),
                          ("http://friendly.org/",)],
    "test_evil_nonlocal_domain": [("http://evil.com", "foo=bar; domain=.localhost"),
                                  ("http://localhost",)],
    "test_evil_local_domain": [("http://localhost", "foo=bar; domain=.evil.com"),
                               ("http://evil.com",)],
    "test_evil_local_domain_2": [("http://localhost", "foo=bar; domain=.someother.local"),
                                 ("http://localhost",)],
    "test_strict_domain": [("http://example.co.uk/", "no=problemo; domain=uk",
                            "okey=dokey; domain=.example.co.uk", "spam=eggs; domain=co.uk"),
                           ("http://example.co.uk/",), ("http://x.co.uk/",)],
    "test_ns_parser": [
        (ACME, "spam=eggs; DoMain=.acme.com; port; blArgh=feep", "fortytwo=",
         "foo=bar; expires=", "=unladenswallow", "holyhandgrenade"), (ACME,)],
    "test_localhost_domain_contents_2": [("http://localhost", "foo=bar;"), ("http://localhost",)],
    "test_secure_block": [("https://www.acme.com/", "session=narf; secure; path=/"),
                          ("https://www.acme.com/",), (ACME,), ("wss://www.acme.com/",),
                          ("ws://www.acme.com/",)],
    "test_missing_final_slash": [("http://www.acme.com", "foo=bar"), ("http://www.acme.com",)],
    "test_netscape_example_1": [
        (ACME, f"CUSTOMER=WILE_E_COYOTE; path=/ ; {LATER}"), (ACME,),
        (ACME, "PART_NUMBER=ROCKET_LAUNCHER_0001; path=/"), (ACME + "foo/bar",),
        (ACME, "SHIPPING=FEDEX; path=/foo"), (ACME,), (ACME + "foo/",)],
    "test_netscape_example_2": [
        (ACME, "PART_NUMBER=ROCKET_LAUNCHER_0001; path=/"), (ACME,),
        (ACME, "PART_NUMBER=RIDING_ROCKET_0023; path=/ammo"), (ACME + "ammo",)],
    "test_ietf_example_1": [
        (ACME + "acme/login", 'Customer="WILE_E_COYOTE"; Path=/acme'),
        (ACME + "acme/pickitem", 'Part_Number="Rocket_Launcher_0001"; Path=/acme'),
        (ACME + "acme/shipping", 'Shipping="FedEx"; Path=/acme'), (ACME + "acme/process",)],
    "test_ietf_example_2": [
        (ACME + "acme/ammo/specific", 'Part_Number="Rocket_Launcher_0001"; Path=/acme',
         'Part_Number="Riding_Rocket_0023"; Path=/acme/ammo'),
        (ACME + "acme/ammo/...",), (ACME + "acme/parts/",)],
    "test_rejection": [
        ("http://www.acme.com", "foo=bar; domain=.com"), ("http://www.acme.com",),
        ("http://www.acme.com", "ping=pong; domain=acme.com"),
        ("http://www.a.acme.com", "wow=flutter; domain=.a.acme.com"), ("http://www.acme.com",), ("http://www.a.acme.com",)],
    "test_netscape_misc": [
        ("http://foo.bar.acme.com/foo", "Customer=WILE_E_COYOTE; domain=.acme.com",
         "PART_NUMBER=3,4; domain=foo.bar.acme.com"), ("http://foo.bar.acme.com/foo",)],
    "test_empty_path": [("http://www.ants.com/", "JSESSIONID=ABCDERANDOM123; Path="),
                        ("http://www.ants.com/",), ("http://www.ants.com:8080",)],
    "test_bad_cookie_header": [("http://www.example.com/", "", f"; {LATER}",
                                "c=foo; expires=Foo Bar 12 33:22:11 2000"),
                               ("http://www.example.com/",)],
}

# The same, of what is unlike Python: why, the steps, and what is sent at each.
DIFFERENT = {
    "test_localhost_domain": (
        "a host of one label is for itself alone, and is sent what it set",
        [("http://localhost", "foo=bar; domain=localhost;"), ("http://localhost",)],
        ["", "foo=bar"]),
    "test_rejection, numbers": (
        "no name is below a number",
        [("http://125.125.125.125", "zzzz=ping; domain=125.125.125"),
         ("http://125.125.125.125",)], ["", ""]),
    "what a stranger takes away": (
        "what sets nothing takes nothing away",
        [("http://a.test.com/", "a=1; domain=test.com"),
         ("http://other.com/", "a=; domain=test.com; max-age=0"), ("http://a.test.com/",)],
        ["", "", "a=1"]),
    "test_two_component_domain_ns": (
        "without a domain it is for that host alone",
        [("http://foo.net/", "ns=bar"), ("http://foo.net/",), ("http://www.foo.net/",)],
        ["", "ns=bar", ""]),
    "test_ns_parser, port": (
        "ports don't matter",
        [(ACME, "ni=ni; port=80,8080"), ("http://www.acme.com:1234/",)], ["", "ni=ni"]),
    "test_missing_value": (
        "what has no name is sent without one; one of them is there at a time",
        [(ACME, "eggs", '"spam"'), (ACME + "foo/",)], ["", '"spam"']),
    "test_secure": (
        "http sets nothing that is for https alone",
        [(ACME, "foo1=bar", "foo2=bar; secure"), ("https://www.acme.com/",)],
        ["", "foo1=bar"]),
    "test_intranet_domains_ns": (
        "a host without a dot is in no domain",
        [("http://example/", "foo1=bar", "foo2=bar; domain=.local"), ("http://example/",)],
        ["", "foo1=bar"]),
    "test_rfc2109_handling": (
        "a version says nothing",
        [("http://www.example.com/", "ni=ni; Version=2"), ("http://www.example.com/",)],
        ["", "ni=ni"]),
    "test_bad_cookie_header, max-age": (
        "an age that is none is as if it were not there",
        [("http://www.example.com/", "b=foo; max-age=oops", "c=foo; version=spam"),
         ("http://www.example.com/",)], ["", "b=foo; c=foo"]),
    "test_parse_ns_headers": (
        "a domain without a value is none; quotes belong to a value",
        [(ACME, "foo=bar; domain", 'a=b; path="/x"'), (ACME,)], ["", "foo=bar; a=b"]),
    "test_escape_path": (
        "a path is compared as it is",
        [(ACME + "foo%2f/bar", "a=1"), (ACME + "foo%2F/bar",)], ["", ""]),
    "numeric domains": (
        "no name is below a number",
        [("http://127.0.0.1/", "a=1; domain=0.0.1"), ("http://127.0.0.1/",)], ["", ""]),
    "prefixes": (
        "a prefix is a promise",
        [("https://a.test.com/", "__Secure-a=1", "__Host-b=1; secure; domain=test.com"),
         ("https://a.test.com/",)], ["", ""]),
}


class Jars(unittest.TestCase):
    def test_rows_of_python(self):
        for name, steps in SAME.items():
            both = Both()
            for step in steps:
                with self.subTest(name, step=step):
                    python, mine = both.interact(*step)
                    self.assertEqual(mine, python)

    def test_rows_that_are_different(self):
        for name, (_, steps, sent) in DIFFERENT.items():
            both, python = Both(), []
            for step, what in zip(steps, sent, strict=True):
                with self.subTest(name, step=step):
                    pair = both.interact(*step)
                    self.assertEqual(pair[1], what)
                    python.append(pair[0])
            with self.subTest(name):
                self.assertNotEqual(python, sent)

    def test_session_cookies(self):
        both = Both()
        both.interact("http://www.perlmeister.com/scripts", "s1=session;Path=/scripts",
                      f"p1=perm; Domain=.perlmeister.com;Path=/;{LATER}",
                      f"p2=perm;Path=/;{LATER}",
                      "s2=session;Path=/scripts;Domain=.perlmeister.com")
        self.assertEqual(both.counts(), (4, 4))
        both.python.clear_session_cookies()
        both.mine.clear_session_cookies()
        self.assertEqual(both.counts(), (2, 2))

    def test_random(self):
        """Hosts, paths and attributes on which both agree."""
        r = random.Random(SEED)
        hosts = ["a.test.com", "b.test.com", "x.a.test.com", "test.com"]
        paths = ["/", "/p", "/p/", "/p/q", "/pq", "/p/q/r"]
        for _ in range(300):
            both = Both()
            for _ in range(r.randrange(1, 20)):
                host = r.choice(hosts)
                domain = r.choice([name for name in hosts if f".{host}".endswith(f".{name}")])
                field = f"{r.choice('abc')}={r.randrange(9)}; domain={domain}"
                field += f"; path={r.choice(paths)}" if r.random() < .7 else ""
                field += r.choice(["", "", "; max-age=60", "; max-age=0", f"; {BEFORE}"])
                python, mine = both.interact(f"http://{host}{r.choice(paths)}", field)
                self.assertEqual(sorted(mine.split("; ")), sorted(python.split("; ")))
                self.assertEqual(*both.counts())


# Files

def told(cookie):
    """What a file says of a cookie, of either side."""
    if isinstance(cookie, http.cookiejar.Cookie):
        name, value = ("", cookie.name) if cookie.value is None else (cookie.name, cookie.value)
        return (cookie.domain.lstrip("."), not cookie.domain.startswith("."), cookie.path,
                cookie.secure, cookie.expires, name, value,
                cookie.has_nonstandard_attr("HTTPOnly"))
    return (cookie.domain.decode(), bool(cookie.host_only), cookie.path.decode(),
            bool(cookie.secure), cookie.expires, cookie.name.decode(), cookie.value.decode(),
            bool(cookie.http_only))


FIELDS = ["a=b; max-age=60", 'c="d e"; max-age=61; path=/x', "e=; max-age=62",
          "nameless; max-age=63", "f=g; max-age=64; httponly", "session=1",
          "h=i; max-age=65; domain=test.com"]


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "cookies.txt")

    def test_from_here_to_python(self):
        jar = CookieJar()
        jar.extract(b"http://a.test.com/x/", map(encoded, FIELDS))
        jar.extract(b"https://a.test.com/x/", [b"j=k; max-age=66; secure"])
        jar.save(self.path)
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
        python = http.cookiejar.MozillaCookieJar(self.path)
        python.load()
        self.assertEqual(sorted(map(told, python)),
                         sorted(told(cookie) for cookie in jar if cookie.expires))

    def test_from_python_to_here(self):
        python = http.cookiejar.MozillaCookieJar(self.path)
        python.set_policy(http.cookiejar.DefaultCookiePolicy())
        python.extract_cookies(Response(FIELDS), urllib.request.Request("http://a.test.com/x/"))
        python.save()
        jar = CookieJar()
        jar.load(self.path)
        self.assertEqual(sorted(map(told, jar)), sorted(told(cookie) for cookie in python
                                                        if cookie.expires))

    def test_bad_magic(self):
        for jar, error in (http.cookiejar.MozillaCookieJar(), http.cookiejar.LoadError), (
                CookieJar(), Refused):
            with open(self.path, "w", encoding="ascii") as file:
                file.write("oops\n")
            with self.assertRaises(error):
                jar.load(self.path)


class Server(http.server.BaseHTTPRequestHandler):
    """Sets what the query of a path says; answers with the cookies that it got."""

    def do_GET(self):
        self.send_response(200)
        for field in FIELDS if self.path == "/x/set" else ():
            self.send_header("Set-Cookie", field.replace("; domain=test.com", ""))
        self.end_headers()
        self.wfile.write(self.headers.get("Cookie", "").encode("latin-1"))

    def log_message(self, *_):
        pass


class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "cookies.txt")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        self.addCleanup(self.server.server_close)
        threading.Thread(target=self.server.serve_forever, args=[.01]).start()
        self.addCleanup(self.server.shutdown)
        self.url = f"http://127.0.0.1:{self.server.server_port}/x/"

    def run_program(self, *command):
        if shutil.which(command[0]) is None:
            self.skipTest(f"there is no {command[0]}")
        return subprocess.run([*command, self.url + "set"], stdout=subprocess.PIPE, check=True,
                              timeout=60).stdout

    def sent_to(self, *command):
        jar = CookieJar()
        jar.extract(encoded(self.url), map(encoded, FIELDS))
        jar.extract(b"http://127.0.0.1/", [b"#x=1; max-age=9"])
        jar.save(self.path)
        return sorted(self.run_program(*command).split(b"; "))

    def check_taken(self, fields):
        jar = CookieJar()
        jar.load(self.path)
        sent = jar.header(encoded(self.url)).decode().split("; ")
        self.assertEqual(sorted(sent), sorted(field.split(";")[0] for field in fields))
        self.assertEqual([cookie.http_only for cookie in jar if cookie.name == b"f"], [1])

    def test_curl_reads(self):
        """What has no name is another thing to each of its versions."""
        sent = [pair for pair in self.sent_to("curl", "-sb", self.path)
                if not pair.startswith(b"nameless")]
        self.assertEqual(sent, [b"#x=1", b"a=b", b'c="d e"', b"e=", b"f=g"])

    def test_curl_writes(self):
        self.run_program("curl", "-so", os.devnull, "-c", self.path)
        self.check_taken([field for field in FIELDS
                          if not field.startswith(("nameless", "h="))] + ["h=i"])

    def test_wget_reads(self):
        sent = self.sent_to("wget", "-qO-", "--load-cookies", self.path)
        self.assertTrue({b"a=b", b'c="d e"'} <= set(sent), sent)

    def test_wget_writes(self):
        self.run_program("wget", "-qO", os.devnull, "--save-cookies", self.path,
                         "--keep-session-cookies")
        jar = CookieJar()
        jar.load(self.path)
        sent = jar.header(encoded(self.url)).split(b"; ")
        self.assertTrue({b"a=b", b'c="d e"', b"session=1"} <= set(sent), sent)


if __name__ == "__main__":
    unittest.main()
