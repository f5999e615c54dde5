# SPDX-License-Identifier: MIT
"""The functions of cookie.h and robots.h for Python: bytes in, bytes out, and a failure
as Refused."""

import ctypes
import os

from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_int64, c_size_t, c_void_p

from library import fail, net


class Cookie(ctypes.Structure):
    _fields_ = [("expires", c_int64), ("created", c_int64), ("accessed", c_int64),
                ("host_only", c_int), ("secure", c_int), ("http_only", c_int),
                ("same_site", c_int), ("partitioned", c_int), ("reserved", c_int * 5),
                ("domain", ctypes.c_char * 256), ("path", ctypes.c_char * 1025),
                ("name", ctypes.c_char * 4097), ("value", ctypes.c_char * 4097)]


TEXT = POINTER(c_char_p)
for name, result, arguments in (
        ("headers_new", c_void_p, ""), ("headers_free", None, "o"),
        ("headers_add", c_int, "oss"), ("headers_at", c_int, "ontt"),
        ("cookies_new", c_void_p, ""), ("cookies_free", None, "o"),
        ("cookies_load", c_int, "os"), ("cookies_set", c_int, "oss"),
        ("cookies_set_attr", c_int, "osss"), ("cookies_get_attr", c_char_p, "oss"),
        ("cookies_at", c_int, "ontt"), ("cookies_output", c_int, "oo"),
        ("cookiejar_new", c_void_p, ""), ("cookiejar_free", None, "o"),
        ("cookiejar_extract", c_int, "oso"), ("cookiejar_header", c_int, "ossn"),
        ("cookiejar_at", c_int, "onc"), ("cookiejar_save", c_int, "os"),
        ("cookiejar_load", c_int, "os"), ("cookiejar_clear_session_cookies", c_int, "o"),
        ("robots_parse", c_void_p, "sn"), ("robots_free", None, "o"),
        ("robots_can_fetch", c_int, "oss"), ("robots_crawl_delay", c_int, "osd"),
        ("robots_request_rate", c_int, "osii"), ("robots_sitemap", c_char_p, "on")):
    function = getattr(net, "sock_" + name)
    function.restype = result
    function.argtypes = [{"o": c_void_p, "s": c_char_p, "n": c_size_t, "t": TEXT,
                          "c": POINTER(Cookie), "d": POINTER(c_double),
                          "i": POINTER(c_int)}[letter] for letter in arguments]


def checked(result):
    if result is None or result == -1:
        fail()
    return result


def pairs(function, owner):
    name, value, i = c_char_p(), c_char_p(), 0
    while function(owner, i, byref(name), byref(value)) == 1:
        yield name.value, value.value
        i += 1


class SimpleCookie:
    ATTRIBUTES = ("comment", "domain", "expires", "httponly", "max-age", "path", "samesite",
                  "secure", "version")

    def __init__(self, text=None):
        self.own = checked(net.sock_cookies_new())
        if text is not None:
            self.load(text)

    def __del__(self):
        net.sock_cookies_free(self.own)

    def load(self, text):
        return checked(net.sock_cookies_load(self.own, text))

    def set(self, name, value):
        checked(net.sock_cookies_set(self.own, name, value))

    def set_attr(self, name, attr, value):
        checked(net.sock_cookies_set_attr(self.own, name, attr, value))

    def items(self):
        return list(pairs(net.sock_cookies_at, self.own))

    def attributes(self, name):
        found = {attr: net.sock_cookies_get_attr(self.own, name, attr.encode())
                 for attr in self.ATTRIBUTES}
        return {attr: value for attr, value in found.items() if value is not None}

    def output(self):
        headers = checked(net.sock_headers_new())
        checked(net.sock_cookies_output(self.own, headers))
        fields = [b": ".join(pair) for pair in pairs(net.sock_headers_at, headers)]
        net.sock_headers_free(headers)
        return b"\r\n".join(fields)


class CookieJar:
    def __init__(self):
        self.own = checked(net.sock_cookiejar_new())

    def __del__(self):
        net.sock_cookiejar_free(self.own)

    def extract(self, url, fields):
        headers = checked(net.sock_headers_new())
        for field in fields:
            checked(net.sock_headers_add(headers, b"Set-Cookie", field))
        taken = checked(net.sock_cookiejar_extract(self.own, url, headers))
        net.sock_headers_free(headers)
        return taken

    def header(self, url):
        n = checked(net.sock_cookiejar_header(self.own, url, None, 0))
        text = ctypes.create_string_buffer(n + 1)
        assert net.sock_cookiejar_header(self.own, url, text, n + 1) == n
        return text.value

    def __iter__(self):
        i, cookie = 0, Cookie()
        while checked(net.sock_cookiejar_at(self.own, i, byref(cookie))) == 1:
            yield cookie
            i, cookie = i + 1, Cookie()

    def save(self, path):
        checked(net.sock_cookiejar_save(self.own, os.fsencode(path)))

    def load(self, path):
        checked(net.sock_cookiejar_load(self.own, os.fsencode(path)))

    def clear_session_cookies(self):
        checked(net.sock_cookiejar_clear_session_cookies(self.own))


class Robots:
    def __init__(self, text):
        self.own = checked(net.sock_robots_parse(text, len(text)))

    def __del__(self):
        net.sock_robots_free(self.own)

    def can_fetch(self, agent, url):
        return bool(net.sock_robots_can_fetch(self.own, agent, url))

    def crawl_delay(self, agent):
        seconds = c_double()
        has = checked(net.sock_robots_crawl_delay(self.own, agent, byref(seconds)))
        return seconds.value if has else None

    def request_rate(self, agent):
        n, seconds = c_int(), c_int()
        has = checked(net.sock_robots_request_rate(self.own, agent, byref(n), byref(seconds)))
        return (n.value, seconds.value) if has else None

    def site_maps(self):
        found = []
        while (url := net.sock_robots_sitemap(self.own, len(found))) is not None:
            found.append(url)
        return found or None
