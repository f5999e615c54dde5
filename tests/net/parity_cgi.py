#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""parity_cgi.py: forms, beside cgi.FieldStorage of the Python that runs this.

The program form_peer, $PYSOCKC_FORM_PEER, runs CGI scripts with the same environment
and input. Where a row says what the library makes of it, it is unlike
Python on purpose, and the row says why.
"""

import io
import os
import random
import re
import subprocess
import sys
import unittest
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
try:
    import cgi
except ImportError:
    cgi = None

PEER = os.environ.get("PYSOCKC_FORM_PEER", "")
URLENCODED = "application/x-www-form-urlencoded"
KEEP_BLANK, STRICT, SEMICOLON = 1, 2, 4

# What the first words of an error are.
EOF = "error 8 0 "
SYNTAX = "error 14 1 "
FRAMING = "error 14 2 "
TOO_LARGE = "error 14 3 "


# Both sides, as lines of the same form

def texts(**named):
    return "".join(f" {name}={value.hex()}" for name, value in named.items() if value is not None)


def encoded(text):
    return text if text is None or isinstance(text, bytes) else text.encode("utf-8",
                                                                            "surrogateescape")


def of_item(item, parent):
    yield str(parent) + texts(name=encoded(item.name), filename=encoded(item.filename),
                              type=encoded(item.type), disposition=encoded(item.disposition))


def of_list(items, parent, before):
    lines = []
    for item in items:
        line = next(of_item(item, parent))
        if isinstance(item, cgi.FieldStorage) and item.list is not None:
            at = before + len(lines)
            lines.append(line + " parts")
            lines += of_list(item.list, at, at + 1)
        else:
            lines.append(line + texts(value=encoded(item.value)))
    return lines


def theirs(environ, body, flags=0, fields=None):
    errors = "replace" if URLENCODED in environ.get("CONTENT_TYPE", URLENCODED) else (
        "surrogateescape")
    sys.argv = ["script"]
    form = cgi.FieldStorage(fp=io.BytesIO(body), environ=environ,
                            keep_blank_values=flags & KEEP_BLANK, strict_parsing=flags & STRICT,
                            separator=";" if flags & SEMICOLON else "&", errors=errors,
                            max_num_fields=fields)
    if form.list is None:
        return of_list([form], -1, 0)
    return of_list(form.list, -1, 0)


class Peer:
    """form_peer, which runs a script for each form."""

    def __init__(self):
        self.process = subprocess.Popen([PEER, "scripts"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def ours(self, environ, body, **limits):
        pairs = b"".join(f"{name}={value}\0".encode()
                         for name, value in (*environ.items(), *limits.items()))
        numbers = len(environ), len(limits), len(pairs), len(body)
        self.process.stdin.write(b"%d %d %d %d\n" % numbers + pairs + body)
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) != b".\n":
            if not line:
                raise EOFError(lines)
            lines.append(line.decode().rstrip("\n"))
        return lines

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait()


# Rows

def get(query, **limits):
    return {"REQUEST_METHOD": "GET", "QUERY_STRING": query}, b"", limits


def post(body, content_type=URLENCODED, length=None, **rest):
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type,
               "CONTENT_LENGTH": str(len(body) if length is None else length)}
    limits = {name: value for name, value in rest.items() if name.islower()}
    environ.update((name, value) for name, value in rest.items() if not name.islower())
    return {name: value for name, value in environ.items() if value is not None}, body, limits


def multipart(body, boundary="B", **rest):
    return post(body.replace(b"\n", b"\r\n"), f"multipart/form-data; boundary={boundary}", **rest)


def raw(body, boundary="B", **rest):
    return post(body, f"multipart/form-data; boundary={boundary}", **rest)


def part(name, value, more=b"", boundary=b"B"):
    return (b"--" + boundary + b'\r\nContent-Disposition: form-data; name="' + name + b'"' + more
            + b"\r\n\r\n" + value + b"\r\n")


LONG = "---------------------------721837373350705526688164684"
CPYTHON = f"""--{LONG}
Content-Disposition: form-data; name="id"

1234
--{LONG}
Content-Disposition: form-data; name="title"


--{LONG}
Content-Disposition: form-data; name="file"; filename="test.txt"
Content-Type: text/plain

Testing 123.

--{LONG}
Content-Disposition: form-data; name="submit"

 Add\x20
--{LONG}--
""".encode()
W3C = b"""--AaB03x
Content-Disposition: form-data; name="submit-name"

Larry
--AaB03x
Content-Disposition: form-data; name="files"
Content-Type: multipart/mixed; boundary=BbC04y

--BbC04y
Content-Disposition: file; filename="file1.txt"
Content-Type: text/plain

... contents of file1.txt ...
--BbC04y
Content-Disposition: file; filename="file2.gif"
Content-Type: image/gif
Content-Transfer-Encoding: binary

...contents of file2.gif...
--BbC04y--
--AaB03x--
"""
THREE = b"""---123
Content-Disposition: form-data; name="key2"

value2y
---123
Content-Disposition: form-data; name="key3"

value3
---123
Content-Disposition: form-data; name="key4"

value4
"""
FILE = b"""---123
Content-Disposition: form-data; name="upload"; filename="fake.txt"
Content-Type: text/plain

"""

# The queries of test_strict of CPython's test_cgi, and further ones.
QUERIES = [
    "", "&", "&&", "=", "=&=", "=a", "&=a", "=a&", "=&a", "b=a", "b+=a", "a=b=a", "a=+b=a", "&b=a",
    "b&=a", "a=a+b&b=b+c", "a=a+b&a=b+a", "x=1&y=2.0&z=2-3.%2b0",
    "Hbc5161168c542333633315dee1182227:key_store_seqid=400006&cuyer=r&view=bustomer"
    "&order_id=0bb2e248638833d48cb7fed300000f1b&expire=964546263&lobale=en-US"
    "&kid=130003.300038&ss=env",
    "group_id=5470&set=custom&_assigned_to=31392&_status=1&_category=100&SUBMIT=Browse",
    "a", "a=", "a=&b=1", "%61=%62", "a=%", "a=%4", "a=%zz", "a=%e9", "a=%c3%a9", "a=1;b=2",
    "a=1&a=2&a=3", "a%26=b%3D", "%20=+", "a=%25",
]
SEMICOLONS = ["x=1;y=2.0", "x=1;y=2.0;z=2-3.%2b0", "a=a+b;b=b+c", "a=a+b;a=b+a"]

OF_MIXED = """-1 type=6d756c7469706172742f6d69786564 disposition= parts
0 type=6d756c7469706172742f6d69786564 disposition= parts
1 type=746578742f706c61696e disposition= value=76
0 type=746578742f706c61696e disposition= value=77
-1 type=746578742f706c61696e disposition= value=78"""

# A row is a name, what it is made of, and, where the library is unlike Python on
# purpose, how its answer begins, and why.
ROWS = [
    *((f"get {q!r}", get(q)) for q in QUERIES),
    *((f"post {q!r}", post(q.encode())) for q in QUERIES),
    *((f"blank {q!r}", get(q, flags=KEEP_BLANK)) for q in QUERIES),
    *((f"strict {q!r}", get(q, flags=STRICT)) for q in QUERIES),
    *((f"semicolon {q!r}", get(q, flags=SEMICOLON)) for q in SEMICOLONS),
    ("no environment", ({}, b"", {})),
    ("HEAD", ({"REQUEST_METHOD": "HEAD", "QUERY_STRING": "a=1"}, b"", {})),
    ("get, lower case", ({"REQUEST_METHOD": "get", "QUERY_STRING": "a=1"}, b"", {})),
    ("post, lower case", post(b"a=1", REQUEST_METHOD="post")),
    ("body and query", post(b"key2=value2x&key3=value3&key4=value4",
                            QUERY_STRING="key1=value1&key2=value2y")),
    ("no body, and query", post(b"", QUERY_STRING="a=1")),
    ("no body, and query, strictly", post(b"", QUERY_STRING="a=1", flags=STRICT), "-1",
     "Python puts an empty field before the query"),
    ("no type", post(b"a=1", content_type=None)),
    ("empty type", post(b"a=1", content_type=""), "-1 name=61 value=31",
     "RFC 3875: it is as good as none"),
    ("no length", post(b"a=1", CONTENT_LENGTH=None)),
    ("empty length", post(b"a=1", CONTENT_LENGTH="")),
    ("bad length", post(b"a=1", CONTENT_LENGTH="3x"), FRAMING, "no one knows what it is"),
    ("negative length", post(b"a=1", CONTENT_LENGTH="-1"), FRAMING, "no one knows what it is"),
    ("length with a sign", post(b"a=1", CONTENT_LENGTH="+3"), FRAMING, "RFC 9110 has digits"),
    ("length over 2^63", post(b"a=1", CONTENT_LENGTH="9" * 30), TOO_LARGE,
     "it reads as much as there is"),
    ("short body", post(b"a=1", length=4), EOF, "it may be another form"),
    ("longer body", post(b"a=1&b=2", length=3)),
    ("charset", post(b"a=1", URLENCODED + "; charset=UTF-8")),
    ("type in capitals", post(b"a=1", URLENCODED.title()), "-1 name=61 value=31",
     "types are the same in any case"),
    ("a NUL", post(b"a=b%00c"), SYNTAX, "the text of C would be cut"),
    ("a bare NUL", post(b"a=b\0c"), SYNTAX, "the text of C would be cut"),
    ("bytes that are no UTF-8", post(b"a=\xff"), "-1 name=61 value=ff",
     "quoted ones are U+FFFD here, too"),
    ("11 fields of 11", post(b"&".join([b"a=a"] * 11), fields=11)),
    ("11 fields of 10", post(b"&".join([b"a=a"] * 11), fields=10)),
    ("empty fields count", get("&&&", fields=3)),
    ("PUT", post(b"x" * 10, content_type=None, REQUEST_METHOD="PUT", CONTENT_LENGTH=None)),
    ("PUT of a file's size", post(b"x" * 256 * 1024, "image/png", REQUEST_METHOD="PUT",
                                  CONTENT_LENGTH=None)),
    ("text/plain", post(b"a=1\r\nb=2\r\n", "text/plain", CONTENT_LENGTH=None)),
    ("JSON, and query", post(b'{"a": "\xc3\xa9"}', "application/json", QUERY_STRING="a=1",
                             CONTENT_LENGTH=None)),
    ("1000 bytes", post(b"x" * 1000, "application/json", CONTENT_LENGTH=None)),
    ("1001 bytes", post(b"x" * 1001, "application/json", CONTENT_LENGTH=None)),
    ("JSON, of a length", post(b"{}", "application/json"),
     "-1 type=6170706c69636174696f6e2f6a736f6e disposition= value=7b7d",
     "Python writes bytes to a file of text: TypeError"),
    ("single, short", post(b"x", "application/json", length=2), EOF, "it is cut"),
    ("single, to its end", post(b"one\ntwo", "application/json", CONTENT_LENGTH=None)),
    # As CPython's test_cgi.
    ("test_fieldstorage_multipart", multipart(CPYTHON, LONG)),
    ("test_fieldstorage_multipart_leading_whitespace", multipart(b"\n" + CPYTHON, LONG)),
    ("test_fieldstorage_multipart_non_ascii", multipart(
        part(b"id", "\xe7\xf1\x80".encode()).replace(b"\r", b"") + b"--B--\n")),
    ("latin-1", multipart(part(b"id", b"\xe7\xf1\x80").replace(b"\r", b"") + b"--B--\n")),
    *((f"test_fieldstorage_multipart_maxline {i}",
       raw(part(b"upload", value, b'; filename="fake.txt"', b"-123") + b"---123--\r\n", "-123"))
      for i, value in enumerate((b"x" * 65535, b"x" * 65535 + b"\r",
                                 b"x" * 65535 + b"\r" + b"y" * 65535))),
    ("test_fieldstorage_multipart_w3c", multipart(W3C, "AaB03x")),
    ("test_fieldstorage_part_content_length", multipart(b"""--JfISa01
Content-Disposition: form-data; name="submit-name"
Content-Length: 5

Larry
--JfISa01""", "JfISa01"), EOF, "the closing boundary is missing"),
    ("part with a Content-Length", multipart(b"""--B
Content-Disposition: form-data; name="a"
Content-Length: 3

Larry
--B--""")),
    ("test_field_storage_multipart_no_content_length", multipart(
        b'--B\nContent-Disposition: form-data; name="my-arg"; filename="foo"\n\nTest\n\n--B--\n',
        CONTENT_LENGTH=None)),
    ("testQSAndFormData", multipart(THREE + b"---123--\n", "-123",
                                    QUERY_STRING="key1=value1&key2=value2x")),
    ("testQSAndFormDataFile", multipart(
        THREE + FILE + b"this is the content of the fake file\n\n---123--\n", "-123",
        QUERY_STRING="key1=value1&key2=value2x")),
    # Delimiters
    ("one empty part", multipart(b"--B\n\n\n--B--\n")),
    ("a part without an empty line's own end", multipart(b"--B\nA: b\n\n--B--\n")),
    ("no parts", multipart(b"--B--\n")),
    ("preamble and epilogue", multipart(b"pre\n--Bx\n--B\n\nv\n--B--\nepi\n--B\n\nw\n--B--\n")),
    ("blanks behind boundaries", multipart(b"--B \t \n\nv\n--B-- \t\n")),
    ("blanks before a boundary", multipart(b"--B\n\nv\n --B\n--B--\n")),
    ("what begins as a boundary", multipart(b"--B\n\nv\n--Bx\n--B-\n--B--x\n--B -\n-\n--\n--B--\n")),
    ("dashes in the boundary", multipart(b"------\n\nv\n--\n----\n--------\n", "----")),
    ("CR before the end", raw(b"--B\r\n\r\nv\r\r\n--B--\r\n")),
    ("CR in the end", raw(b"--B\r\n\r\nv\r--B--\r\n\r\n--B--\r\n")),
    ("LF in a value", raw(b"--B\r\n\r\na\nb\n\r\n--B--\r\n")),
    ("closing, and no line's end", multipart(b"--B\n\nv\n--B--")),
    ("not closed", multipart(b"--B\n\nv\n--B\n"), EOF, "it may be another form"),
    ("cut in a value", multipart(b"--B\n\nv"), EOF, "it may be another form"),
    ("cut in a head", multipart(b"--B\nA: b\n"), EOF, "it may be another form"),
    ("no delimiter", multipart(b"v\n"), EOF, "it may be another form"),
    ("nothing", multipart(b""), EOF, "it may be another form"),
    ("short of its length", multipart(b"--B\n\nv\n--B--\n", length=100), EOF, "it is cut"),
    ("LF ends the lines", raw(b"--B\n\nv\n--B--\n"), SYNTAX, "others see no boundary there"),
    ("LF before a boundary", raw(b"--B\r\n\r\nv\n--B--\r\n"), SYNTAX,
     "others see no boundary there"),
    ("LF behind a boundary", raw(b"--B\r\n\r\nv\r\n--B--\n"), SYNTAX,
     "others see no boundary there"),
    ("LF in a head", raw(b"--B\r\nA: b\n\r\nv\r\n--B--\r\n"), SYNTAX, "as a boundary"),
    ("form feed behind a boundary", multipart(b"--B\f\n\nv\n--B--\n"), SYNTAX,
     "RFC 2046 has blanks there"),
    ("two CR behind a boundary", raw(b"--B\r\r\n\r\nv\r\n--B--\r\n"), SYNTAX,
     "RFC 2046 has blanks there"),
    ("blanks before the first boundary", multipart(b" --B\n\nv\n--B--\n"), SYNTAX,
     "RFC 2046 has none there"),
    ("a preamble, and no parts", multipart(b"pre\n--B--\n"), SYNTAX, "it may be another form"),
    ("a NUL in a value", multipart(b"--B\n\na\0b\n--B--\n"), SYNTAX,
     "the text of C would be cut"),
    ("a NUL in a file", raw(part(b"f", b"a\0b", b'; filename="f"') + b"--B--\r\n")),
    # Boundaries
    ("quoted boundary", multipart(b"--B C\n\nv\n--B C--\n", '"B C"')),
    ("boundary with a semicolon", multipart(b"--B;C\n\nv\n--B;C--\n", '"B;C"')),
    ("no boundary", post(b"--B\r\n\r\nv\r\n--B--\r\n", "multipart/form-data"), SYNTAX, ""),
    ("empty boundary", multipart(b"--\n\nv\n----\n", '""'), SYNTAX, ""),
    ("boundary ends in a blank", multipart(b"--B\n\nv\n--B--\n", '"B "'), SYNTAX, ""),
    ("boundary of 201", multipart(b"--%s\n\nv\n--%s--\n" % ((b"x" * 201,) * 2), "x" * 201)),
    ("boundary of 202", multipart(b"--%s\n\nv\n--%s--\n" % ((b"x" * 202,) * 2), "x" * 202), SYNTAX,
     ""),
    ("another multipart", post(b"--B\r\n\r\nv\r\n--B--\r\n", "multipart/mixed; boundary=B")),
    ("multipart in capitals", post(b"--B\r\n\r\nv\r\n--B--\r\n", "Multipart/Form-Data; boundary=B"),
     "-1 type=", "types are the same in any case"),
    # Heads
    ("names", raw(b"".join(part(*p) for p in (
        (b"a b", b"1"), (b"", b"2"), (b'q\\"q', b"3"), (b"b\\\\b", b"4"), (b"%22", b"5"),
        ("\xe9".encode(), b"6"), (b"a;b", b"7"), (b"a=b", b"8"))) + b"--B--\r\n")),
    ("file names", raw(b"".join(part(b"f", b"1", b'; filename="' + name + b'"') for name in (
        b"", b"a.txt", b"..\\..\\e", b"C:\\new\\t.txt", b"/etc/passwd", b"a;b", "\xe9".encode(),
        b"a%0d%0a")) + b"--B--\r\n")),
    ("unquoted", multipart(
        b"--B\nContent-Disposition: form-data; name=a; filename=b.txt\n\nv\n--B--\n")),
    ("single quotes", multipart(b"--B\nContent-Disposition: form-data; name='a'\n\nv\n--B--\n")),
    ("parameters in capitals", multipart(
        b"--B\nCONTENT-DISPOSITION: Form-Data; NAME=a; FileName=b\n\nv\n--B--\n")),
    ("name twice", multipart(
        b"--B\nContent-Disposition: form-data; name=a; name=b\n\nv\n--B--\n")),
    ("disposition twice", multipart(
        b"--B\nContent-Disposition: form-data; name=a\n"
        b"Content-Disposition: form-data; name=b\n\nv\n--B--\n")),
    ("no disposition", multipart(b"--B\nContent-Type: text/html\n\nv\n--B--\n")),
    ("another disposition", multipart(b"--B\nContent-Disposition: attachment; filename=a\n\nv\n"
                                      b"--B--\n")),
    ("type with a parameter", multipart(
        b"--B\nContent-Disposition: form-data; name=a\nContent-Type: text/plain; charset=utf-8\n\n"
        b"v\n--B--\n")),
    ("folded", multipart(
        b"--B\nContent-Disposition: form-data;\n name=a\n\nv\n--B--\n")),
    ("no colon", multipart(b"--B\nabc\n\nv\n--B--\n"), SYNTAX, "Python ends the head there"),
    ("a boundary in a head", multipart(b"--B\nA: b\n--B\n\nv\n--B--\n"), SYNTAX,
     "Python ends the head there"),
    ("a line of blanks in a head", multipart(b"--B\nA: b\n \nC: d\n\nv\n--B--\n"), SYNTAX,
     "Python ends the head there"),
    ("extended name of a file", multipart(
        b"--B\nContent-Disposition: form-data; name=a; filename*=UTF-8''%c3%a9\n\nv\n--B--\n"),
     "-1 name=61 filename=c3a9 ", "RFC 8187, which Python passes over"),
    ("both names of a file", multipart(
        b"--B\nContent-Disposition: form-data; name=a; filename=e; filename*=UTF-8''%c3%a9\n\n"
        b"v\n--B--\n"), "-1 name=61 filename=c3a9 ", "RFC 6266"),
    # In each other
    ("mixed, with a preamble", multipart(W3C.replace(b"\n--BbC04y\n", b"\npre\n--BbC04y\n", 1),
                                         "AaB03x")),
    ("mixed, with an epilogue", multipart(W3C.replace(b"--BbC04y--\n", b"--BbC04y--\nepi\n"),
                                          "AaB03x")),
    # Python loses what is behind a multipart that ends, by a slip in skip_lines().
    ("mixed, and a part behind", multipart(W3C.replace(
        b"--AaB03x--", b'--AaB03x\nContent-Disposition: form-data; name="z"\n\nv\n--AaB03x--'),
        "AaB03x"), "-1 name=7375626d69742d6e616d65 ", "Python loses it"),
    ("mixed in mixed", multipart(
        b"--A\nContent-Type: multipart/mixed; boundary=B\n\n"
        b"--B\nContent-Type: multipart/mixed; boundary=C\n\n"
        b"--C\n\nv\n--C--\n--B\n\nw\n--B--\n--A\n\nx\n--A--\n", "A"), OF_MIXED,
     "Python loses the last two"),
    ("mixed in mixed, nothing behind", multipart(
        b"--A\nContent-Type: multipart/mixed; boundary=B\n\n"
        b"--B\nContent-Type: multipart/mixed; boundary=C\n\n"
        b"--C\n\nv\n--C--\n--B--\n--A--\n", "A")),
    ("mixed in mixed, four", multipart(
        b"--A\nContent-Type: multipart/mixed; boundary=B\n\n"
        b"--B\nContent-Type: multipart/mixed; boundary=C\n\n"
        b"--C\nContent-Type: multipart/mixed; boundary=D\n\n"
        b"--D\n\nv\n--D--\n--C--\n--B--\n--A--\n", "A"), TOO_LARGE, "three are enough"),
    ("mixed, the same boundary", multipart(
        b"--B\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\nv\n--B--\n--B--\n"), SYNTAX,
     "no one knows which one ends"),
    ("mixed, not closed", multipart(W3C.replace(b"--BbC04y--\n", b""), "AaB03x"), EOF,
     "the outer boundary is a part's content there"),
    ("mixed, no boundary", multipart(
        b"--B\nContent-Type: multipart/mixed\n\nv\n--B--\n"), SYNTAX, ""),
    ("an urlencoded part", multipart(
        b'--B\nContent-Disposition: form-data; name="f"\nContent-Type: ' + URLENCODED.encode()
        + b"\n\na=4\n--B\nContent-Disposition: form-data; name=g\n\nv\n--B--\n"),
     "-1 name=66 type=", "Python takes the rest of the form for its value"),
    # Numbers
    ("3 parts and 2 of the query, 5", multipart(THREE + b"---123--\n", "-123",
                                                QUERY_STRING="a=1&a=2", fields=5)),
    ("3 parts and 2 of the query, 4", multipart(THREE + b"---123--\n", "-123",
                                                QUERY_STRING="a=1&a=2", fields=4)),
    ("1000 bytes of a part", raw(part(b"a", b"x" * 1000) + b"--B--\r\n")),
    ("1001 bytes of a part", raw(part(b"a", b"x" * 1001) + b"--B--\r\n")),
    ("1001 bytes of a file", raw(part(b"a", b"x" * 1001, b"; filename=f") + b"--B--\r\n")),
    ("lines of a file", raw(part(b"a", b"x\r\n" * 9999, b"; filename=f") + b"--B--\r\n")),
]


def content(rng):
    """What looks like all that means something."""
    pieces = [b"\r", b"\n", b"\r\n", b"-", b"--", b"B", b"--B", b"--B--", b"\r\n--", b"\r\n--C",
              b"x", b" ", b"\xff", b"\r\n--Bx"]
    return b"".join(rng.choice(pieces) for _ in range(rng.randrange(12)))


def is_plain(value):
    """Whether it has no delimiter, nor what is none here and one there."""
    return not re.search(rb"(?:\A|\n)--B(?:--)?[ \t]*(?:[\r\n\v\f]|\Z)", value)


def random_form(rng):
    body = b""
    for i in range(rng.randrange(1, 5)):
        value = content(rng)
        while not is_plain(value):
            value = content(rng)
        body += part(b"n%d" % i, value, rng.choice((b"", b"; filename=f")))
    return body + b"--B--" + rng.choice((b"", b"\r\n", b"\r\n\r\n", b"\r\nx\r\n"))


def mutated(rng, body):
    at = rng.randrange(len(body))
    return rng.choice((body[:at] + body[at + 1:], body[:at] + b"\n" + body[at:],
                       body[:at] + b"-" + body[at:], body[:at] + body[at + 2:],
                       body[:at], body[:at] + b"\r\n" + body[at:]))


@unittest.skipIf(cgi is None, "this Python has no module cgi")
class Forms(unittest.TestCase):
    def setUp(self):
        self.peer = Peer()
        self.ours = self.peer.ours

    def tearDown(self):
        self.assertEqual(self.peer.close(), 0)

    def check(self, row):
        environ, body, limits = row
        try:
            expected = theirs(environ, body, limits.get("flags", 0), limits.get("fields"))
        except ValueError:
            self.assertRegex("\n".join(self.ours(environ, body, **limits)), r"\Aerror 14 ")
            return
        self.assertEqual(self.ours(environ, body, **limits), expected)

    def test_rows(self):
        for name, row, *unlike in ROWS:
            with self.subTest(name):
                if not unlike:
                    self.check(row)
                    continue
                environ, body, limits = row
                answer = "\n".join(self.ours(environ, body, **limits))
                self.assertTrue(answer.startswith(unlike[0]), answer)

    def test_names_differ(self):
        names = [row[0] for row in ROWS]
        self.assertEqual(len(set(names)), len(names))
        self.assertGreater(len(names), 200)

    def test_random_forms(self):
        rng = random.Random(15)
        for i in range(150):
            body = random_form(rng)
            with self.subTest(i, body=body):
                self.check(raw(body))

    def test_mutated_forms(self):
        """What the library takes Python reads in the same way."""
        rng = random.Random(16)
        taken = 0
        for i in range(300):
            environ, body, limits = raw(mutated(rng, random_form(rng)))
            with self.subTest(i, body=body):
                answer = self.ours(environ, body, **limits)
                if not answer or not answer[0].startswith("error"):
                    taken += 1
                    self.assertEqual(answer, theirs(environ, body))
        self.assertGreater(taken, 50)


if __name__ == "__main__":
    unittest.main()
