# SPDX-License-Identifier: MIT
"""The functions of url.h, as those of Python: str and bytes in, str, bytes and None
out, and a failure as Refused."""

import ctypes

from library import fail, net

ABSENT = -1


class Url(ctypes.Structure):
    TEXTS = ("scheme", "netloc", "path", "params", "query", "fragment",
             "username", "password", "hostname")
    _fields_ = [*((name, ctypes.c_char_p) for name in TEXTS),
                ("port", ctypes.c_int), ("reserved", ctypes.c_int * 5)]


for function in (net.sock_urlsplit, net.sock_urlparse):
    function.restype = ctypes.POINTER(Url)
for function in (net.sock_parse_qs, net.sock_query_new):
    function.restype = ctypes.c_void_p
for name in ("sock_query_add", "sock_query_at", "sock_query_free", "sock_urlencode"):
    getattr(net, name).argtypes = [ctypes.c_void_p] + {
        "sock_query_add": [ctypes.c_char_p] * 2,
        "sock_query_at": [ctypes.c_size_t] + [ctypes.POINTER(ctypes.c_char_p)] * 2,
        "sock_query_free": [],
        "sock_urlencode": [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t]}[name]
net.sock_parse_qs.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t]
KEEP_BLANK, STRICT, SEMICOLON, QUOTE = 1, 2, 4, 8


def encode(text):
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


def decode(text):
    return None if text is None else text.decode("utf-8", "surrogateescape")


def text_of(function, *arguments):
    """What a function writes: measured, and then in a buffer of just that size."""
    n = function(*arguments, None, ctypes.c_size_t(0))
    if n < 0:
        fail()
    text = ctypes.create_string_buffer(n + 1)
    assert function(*arguments, text, ctypes.c_size_t(n + 1)) == n
    assert text.raw[n] == 0
    return text.raw[:n]


def parts_of(function, url):
    parts = function(encode(url))
    if not parts:
        fail()
    fields = {name: decode(getattr(parts.contents, name)) for name in Url.TEXTS}
    fields["port"] = parts.contents.port if parts.contents.port != ABSENT else None
    fields["url"] = decode(text_of(net.sock_urlunsplit, parts))
    net.sock_url_free(parts)
    return fields


def urlsplit(url):
    return parts_of(net.sock_urlsplit, url)


def urlparse(url):
    return parts_of(net.sock_urlparse, url)


def urlunsplit(**parts):
    url = Url(port=ABSENT, **{name: encode(text) for name, text in parts.items()})
    return decode(text_of(net.sock_urlunsplit, ctypes.byref(url)))


def url_check(url):
    if net.sock_url_check(encode(url)) < 0:
        fail()


def urljoin(base, url):
    return decode(text_of(net.sock_urljoin, encode(base), encode(url)))


def urldefrag(url):
    return decode(text_of(net.sock_urldefrag, encode(url)))


def quote(text, safe=None):
    return decode(text_of(net.sock_quote, encode(text), encode(safe)))


def quote_plus(text, safe=None):
    return decode(text_of(net.sock_quote_plus, encode(text), encode(safe)))


def quote_from_bytes(data, safe=None):
    return decode(text_of(net.sock_quote_from_bytes, data, ctypes.c_size_t(len(data)),
                          encode(safe)))


def unquote(text):
    return decode(text_of(net.sock_unquote, encode(text)))


def unquote_plus(text):
    return decode(text_of(net.sock_unquote_plus, encode(text)))


def unquote_to_bytes(text):
    n = net.sock_unquote_to_bytes(encode(text), None, ctypes.c_size_t(0))
    data = ctypes.create_string_buffer(n + 1)
    assert net.sock_unquote_to_bytes(encode(text), data, ctypes.c_size_t(n)) == n
    assert data.raw[n] == 0
    return data.raw[:n]


def escape(text):
    return decode(text_of(net.sock_html_escape, encode(text)))


def fields_of(query):
    name, value = ctypes.c_char_p(), ctypes.c_char_p()
    fields = []
    while net.sock_query_at(query, len(fields), ctypes.byref(name), ctypes.byref(value)):
        fields.append((decode(name.value), decode(value.value)))
    return fields


def parse_qsl(query, flags=0, most=0):
    q = net.sock_parse_qs(encode(query), flags, most)
    if q is None:
        fail()
    fields = fields_of(q)
    net.sock_query_free(q)
    return fields


def urlencode(fields, flags=0):
    q = net.sock_query_new()
    for name, value in fields:
        assert net.sock_query_add(q, encode(name), encode(value)) == 0
    text = text_of(net.sock_urlencode, q, flags)
    net.sock_query_free(q)
    return decode(text)
