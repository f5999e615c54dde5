# SPDX-License-Identifier: MIT
"""Facts about URLs: of RFC 3986, of CPython's suites, and of those who follow another
grammar. What is on purpose different here stands with its reason."""

# RFC 3986, 5.4.1 and 5.4.2, of http://a/b/c/d;p?q: 23 and 19.
RFC_BASE = "http://a/b/c/d;p?q"
RFC_ROWS = """
g:h g:h
g http://a/b/c/g
./g http://a/b/c/g
g/ http://a/b/c/g/
/g http://a/g
//g http://g
?y http://a/b/c/d;p?y
g?y http://a/b/c/g?y
#s http://a/b/c/d;p?q#s
g#s http://a/b/c/g#s
g?y#s http://a/b/c/g?y#s
;x http://a/b/c/;x
g;x http://a/b/c/g;x
g;x?y#s http://a/b/c/g;x?y#s
'' http://a/b/c/d;p?q
. http://a/b/c/
./ http://a/b/c/
.. http://a/b/
../ http://a/b/
../g http://a/b/g
../.. http://a/
../../ http://a/
../../g http://a/g
../../../g http://a/g
../../../../g http://a/g
/./g http://a/g
/../g http://a/g
g. http://a/b/c/g.
.g http://a/b/c/.g
g.. http://a/b/c/g..
..g http://a/b/c/..g
./../g http://a/b/g
./g/. http://a/b/c/g/
g/./h http://a/b/c/g/h
g/../h http://a/b/c/h
g;x=1/./y http://a/b/c/g;x=1/y
g;x=1/../y http://a/b/c/y
g?y/./x http://a/b/c/g?y/./x
g?y/../x http://a/b/c/g?y/../x
g#s/./x http://a/b/c/g#s/./x
g#s/../x http://a/b/c/g#s/../x
http:g http:g
"""

# CPython 3.13's test_urlparse.py: what it joins, beyond those.
JOINS = [
    ("http://a/b/c/d;p?q#f", "g", "http://a/b/c/g"),
    ("http://a/b/c/d;p?q#f", "//g", "http://g"),
    ("http://a/b/c/d;p?q#f", "#s", "http://a/b/c/d;p?q#s"),
    ("http://a/b/c/d;p?q#f", "g?y#s", "http://a/b/c/g?y#s"),
    ("http://a/b/c/d;p?q#f", "g#s/./x", "http://a/b/c/g#s/./x"),
    ("http://a/b/c/d;p?q#f", "../..", "http://a/"),
    ("http://a/b/c/d;p?q#f", "./g/.", "http://a/b/c/g/"),
    ("http://a/b/c/de", ";x", "http://a/b/c/;x"),
    ("http://a/b/c/d", "g?y/./x", "http://a/b/c/g?y/./x"),
    ("http://a/b/c/d", "?y", "http://a/b/c/d?y"),
    ("http://a/b/c/d", "./../g", "http://a/b/g"),
    ("http:///", "..", "http:///"),
    ("", "http://a/b/c/g?y/./x", "http://a/b/c/g?y/./x"),
    ("", "http://a/./g", "http://a/./g"),
    ("svn://pathtorepo/dir1", "dir2", "svn://pathtorepo/dir2"),
    ("svn+ssh://pathtorepo/dir1", "dir2", "svn+ssh://pathtorepo/dir2"),
    ("ws://a/b", "g", "ws://a/g"),
    ("wss://a/b", "g", "wss://a/g"),
    ("http://a/b/c/d/", "foo", "http://a/b/c/d/foo"),
    ("http://a/b/c/d/e/", "../../f/g/", "http://a/b/c/f/g/"),
    ("http://a/b/c/d/e", "../../f/g/", "http://a/b/f/g/"),
    ("http://a/b/c/d/e/", "/../../f/g/", "http://a/f/g/"),
    ("http://a/b/c/d/e", "/../../f/g/", "http://a/f/g/"),
    ("http://a/b/c/d/e/", "../../f/g", "http://a/b/c/f/g"),
    ("http://a/b/", "../../f/g/", "http://a/f/g/"),
    ("a", "b", "b"),
]
# The same, where ours is the RFC's: base, reference, Python's, ours.
JOINS_DIFFERENT = {
    "an empty reference has no fragment":
        [("http://a/b/c/d;p?q#f", "", "http://a/b/c/d;p?q#f", "http://a/b/c/d;p?q")],
    "a reference with a scheme is a URL":
        [("http://a/b/c/d", "http:g", "http://a/b/c/g", "http:g"),
         ("http://a/b/c/d", "http:", "http://a/b/c/d", "http:"),
         ("http://a/b/c/d", "http:?y", "http://a/b/c/d?y", "http:?y"),
         ("http://a/b/c/d", "http:g?y", "http://a/b/c/g?y", "http:g?y"),
         ("http://a/b/c/d", "http:g?y/./x", "http://a/b/c/g?y/./x", "http:g?y/./x")],
    "empty segments stay":
        [("http://a//b", "c", "http://a/c", "http://a//c"),
         ("http://a/b/c/d;p?q", "..//d", "http://a/b/d", "http://a/b//d")],
    "any scheme will do": [("foo://a/b", "c", "c", "foo://a/c")],
    "an empty query is one": [("http://a/b?q", "?", "http://a/b?q", "http://a/b?")],
}

# urlparse: URL, scheme, netloc, path, params, query, fragment. What is empty is "",
# what Python has no other word for is None.
SPLITS = [
    ("http://www.python.org", "http", "www.python.org", "", None, None, None),
    ("http://www.python.org#abc", "http", "www.python.org", "", None, None, "abc"),
    ("http://www.python.org?q=abc", "http", "www.python.org", "", None, "q=abc", None),
    ("http://www.python.org/#abc", "http", "www.python.org", "/", None, None, "abc"),
    ("http://a/b/c/d;p?q#f", "http", "a", "/b/c/d", "p", "q", "f"),
    ("https://a/b/c/d;p?q#f", "https", "a", "/b/c/d", "p", "q", "f"),
    ("path/to/file", None, None, "path/to/file", None, None, None),
    ("/path/to/file", None, None, "/path/to/file", None, None, None),
    ("//path/to/file", None, "path", "/to/file", None, None, None),
    ("////path/to/file", None, "", "//path/to/file", None, None, None),
    ("/////path/to/file", None, "", "///path/to/file", None, None, None),
    ("///path/to/file", None, "", "/path/to/file", None, None, None),
    ("scheme:path/to/file", "scheme", None, "path/to/file", None, None, None),
    ("scheme:/path/to/file", "scheme", None, "/path/to/file", None, None, None),
    ("scheme://path/to/file", "scheme", "path", "/to/file", None, None, None),
    ("scheme:///path/to/file", "scheme", "", "/path/to/file", None, None, None),
    ("scheme:////path/to/file", "scheme", "", "//path/to/file", None, None, None),
    ("scheme://///path/to/file", "scheme", "", "///path/to/file", None, None, None),
    ("file:tmp/junk.txt", "file", None, "tmp/junk.txt", None, None, None),
    ("file:/tmp/junk.txt", "file", None, "/tmp/junk.txt", None, None, None),
    ("file:///tmp/junk.txt", "file", "", "/tmp/junk.txt", None, None, None),
    ("file:////tmp/junk.txt", "file", "", "//tmp/junk.txt", None, None, None),
    ("file://///tmp/junk.txt", "file", "", "///tmp/junk.txt", None, None, None),
    ("http:tmp/junk.txt", "http", None, "tmp/junk.txt", None, None, None),
    ("http://example.com/tmp/junk.txt", "http", "example.com", "/tmp/junk.txt", None, None, None),
    ("http:///example.com/tmp/junk.txt", "http", "", "/example.com/tmp/junk.txt", None, None, None),
    ("http:////example.com/tmp/junk.txt", "http", "", "//example.com/tmp/junk.txt", None, None, None),
    ("http:/tmp/junk.txt", "http", None, "/tmp/junk.txt", None, None, None),
    ("imap://mail.python.org/mbox1", "imap", "mail.python.org", "/mbox1", None, None, None),
    ("mms://wms.sys.hinet.net/cts/Drama/09006251100.asf", "mms", "wms.sys.hinet.net",
     "/cts/Drama/09006251100.asf", None, None, None),
    ("nfs://server/path/to/file.txt", "nfs", "server", "/path/to/file.txt", None, None, None),
    ("svn+ssh://svn.zope.org/repos/main/ZConfig/trunk/", "svn+ssh", "svn.zope.org",
     "/repos/main/ZConfig/trunk/", None, None, None),
    ("git+ssh://git@github.com/user/project.git", "git+ssh", "git@github.com", "/user/project.git",
     None, None, None),
    ("itms-services://?action=download-manifest&url=https://example.com/app", "itms-services", "", "",
     None, "action=download-manifest&url=https://example.com/app", None),
    ("+scheme:path/to/file", None, None, "+scheme:path/to/file", None, None, None),
    ("sch_me:path/to/file", None, None, "sch_me:path/to/file", None, None, None),
    ("sch\u00e8me:path/to/file", None, None, "sch\u00e8me:path/to/file", None, None, None),
    (".://www.example.net", None, None, ".://www.example.net", None, None, None),
    ("+://www.example.net", None, None, "+://www.example.net", None, None, None),
    ("-://www.example.net", None, None, "-://www.example.net", None, None, None),
    ("0://www.example.net", None, None, "0://www.example.net", None, None, None),
    ("http&://www.example.net", None, None, "http&://www.example.net", None, None, None),
    ("\u096chttp://www.example.net", None, None, "\u096chttp://www.example.net", None, None, None),
    ("http://example.com?blahblah=/foo", "http", "example.com", "", None, "blahblah=/foo", None),
    ("path", None, None, "path", None, None, None),
    ("//www.python.org:80", None, "www.python.org:80", "", None, None, None),
    ("http:80", "http", None, "80", None, None, None),
    ("path:80", "path", None, "80", None, None, None),
    ("http:", "http", None, "", None, None, None),
    ("s3://foo.com/stuff", "s3", "foo.com", "/stuff", None, None, None),
    ("x-newscheme://foo.com/stuff?query#fragment", "x-newscheme", "foo.com", "/stuff", None, "query",
     "fragment"),
    ("mailto:1337@example.org", "mailto", None, "1337@example.org", None, None, None),
    ("sip:alice@atlanta.com;maddr=239.255.255.1;ttl=15", "sip", None, "alice@atlanta.com",
     "maddr=239.255.255.1;ttl=15", None, None),
    ("tel:+31-641044153", "tel", None, "+31-641044153", None, None, None),
    ("tel:123-4;phone-context=+1-650-516", "tel", None, "123-4", "phone-context=+1-650-516", None, None),
    ("tel:7042;phone-context=example.com", "tel", None, "7042", "phone-context=example.com", None, None),
    ("rtsps://h/a;b", "rtsps", "h", "/a", "b", None, None),
    ("gopher://h/a;b", "gopher", "h", "/a;b", None, None, None),
    ("http://h/a;b/c;d;e", "http", "h", "/a;b/c", "d;e", None, None),
    ("http://h/a;b/c", "http", "h", "/a;b/c", None, None, None),
    ("http://h;p", "http", "h;p", "", None, None, None),
    ("abc#@frag", None, None, "abc", None, None, "@frag"),
    ("//abc:80#@frag", None, "abc:80", "", None, None, "@frag"),
    (";a=b#frag", None, None, "", "a=b", None, "frag"),
    ("?a=b#frag", None, None, "", None, "a=b", "frag"),
    ("x?#", None, None, "x", None, "", ""),
    ("x;", None, None, "x", "", None, None),
    ("www.pypi.org ", None, None, "www.pypi.org ", None, None, None),
    ("https://www.python.org:88/doc/?query=    ", "https", "www.python.org:88", "/doc/", None,
     "query=    ", None),
]

# URL, hostname, port, username, password.
HOSTS = [
    ("http://Test.python.org:5432/foo/", "test.python.org", 5432, None, None),
    ("http://12.34.56.78:5432/foo/", "12.34.56.78", 5432, None, None),
    ("http://[::1]:5432/foo/", "::1", 5432, None, None),
    ("http://[dead:beef::1]:5432/foo/", "dead:beef::1", 5432, None, None),
    ("http://[dead:beef::]:5432/foo/", "dead:beef::", 5432, None, None),
    ("http://[dead:beef:cafe:5417:affe:8FA3:deaf:feed]:5432/foo/",
     "dead:beef:cafe:5417:affe:8fa3:deaf:feed", 5432, None, None),
    ("http://[::12.34.56.78]:5432/foo/", "::12.34.56.78", 5432, None, None),
    ("http://[::ffff:12.34.56.78]:5432/foo/", "::ffff:12.34.56.78", 5432, None, None),
    ("http://[::1]/foo/", "::1", None, None, None),
    ("http://Test.python.org:/foo/", "test.python.org", None, None, None),
    ("http://[::1]:/foo/", "::1", None, None, None),
    ("http://[FE80::822a:a8ff:fe49:470c%tESt]:1234", "fe80::822a:a8ff:fe49:470c%tESt", 1234, None, None),
    ("HTTP://WWW.PYTHON.ORG/doc/#frag", "www.python.org", None, None, None),
    ("http://User:Pass@www.python.org:080/doc/?query=yes#frag", "www.python.org", 80, "User", "Pass"),
    ("http://User@example.com:Pass@www.python.org:080/doc/?query=yes#frag", "www.python.org", 80,
     "User@example.com", "Pass"),
    ("http\t://www.python\n.org\t/java\nscript:\talert('msg\r\n')/?query\n=\tsomething#frag\nment",
     "www.python.org", None, None, None),
    ("\x01\x1f \thttp://User:Pass@www.python.org:080/doc/", "www.python.org", 80, "User", "Pass"),
    ("scheme://user@[v6a.ip]/path?query", "v6a.ip", None, "user", None),
    ("scheme://user@[0439:23af:2309::fae7%test]/path?query", "0439:23af:2309::fae7%test", None, "user", None),
    ("scheme://user@[0439:23af:2309::fae7:1234:192.0.2.146%test]/path?query",
     "0439:23af:2309::fae7:1234:192.0.2.146%test", None, "user", None),
    ("sip:alice@atlanta.com;maddr=239.255.255.1;ttl=15", None, None, None, None),
    ("http://\u30d5\u309a:80", "\u30d5\u309a", 80, None, None),
    ("http://h:0", "h", 0, None, None),
    ("http://h:65535", "h", 65535, None, None),
    ("http://h:00080", "h", 80, None, None),
    ("//@h", "h", None, "", None),
    ("//:@h", "h", None, "", ""),
    ("//u:@h", "h", None, "u", ""),
    ("//a:b:c@h", "h", None, "a", "b:c"),
    ("//%41@h%41X", "h%41X", None, "%41", None),
    ("//:80", None, 80, None, None),
    ("file:///x", None, None, None, None),
]

# URL, and Python's words.
NO_IPV6 = "Invalid IPv6 URL"
NO_PORT = "Port could not be cast to integer value as '{}'"
REFUSED = [
    *((url, NO_IPV6) for url in (
        "http://::12.34.56.78]/", "http://[::1/foo/", "ftp://[::1/foo/bad]/bad", "http://[::1/foo/bad]/bad",
        "http://[::ffff:12.34.56.78", "Scheme://user@]v6a.ip[/Path", "http://[::1]a", "http://a[::1]",
        "http://[::1]a:80", "http://[::1", "http://[::1]]")),
    ("Scheme://user@[192.0.2.146]/Path?Query", "An IPv4 address cannot be in brackets"),
    *((f"Scheme://user@[{host}]/Path?Query", f"'{host}' does not appear to be an IPv4 or IPv6 address")
      for host in ("important.com:8000", "0439:23af::2309::fae7:1234", "::1%", "::1%a%b", "", "::g",
                   "0439:23af:2309::fae7:1234:2342:438e:192.0.2.146", "00000::1", "::1.2.3.04")),
    *((f"Scheme://user@[{host}]/Path?Query", "IPvFuture address is invalid")
      for host in ("v123r.IP", "v12ae", "v.IP", "v123.", "v")),
    *((f"http://www.example.net:{port}/", NO_PORT.format(port))
      for port in ("foo", "1.5", "-1", "0x10", "-0", "1_1", " 1", "1 ", "\u096c", "+80", "80:90")),
    ("http://Server=sde; Service=sde:oracle", NO_PORT.format("oracle")),
    *((f"HTTP://WWW.PYTHON.ORG:{port}/doc/#frag", "Port out of range 0-65535")
      for port in ("65536", "99999", "18446744073709551696", "0065536")),
    *((f"http://{host}/", f"netloc '{shown}' contains invalid characters under NFKC normalization")
      for character in "\u2047\u2048\u2049\u2100\u2101\u2105\u2106\u2a74\ufe13\ufe16\ufe55\ufe56\ufe5f\ufe6b"
      "\uff03\uff0f\uff1a\uff1f\uff20"
      for host, shown in ((f"netloc{character}false.netloc",
                           "false.netloc" if character in "\ufe6b\uff20" else f"netloc{character}false.netloc"),
                          (f"n{character}user@netloc", "netloc"))),
]

# parse_qsl with keep_blank_values.
QUERIES = [
    ("", []),
    ("&", []),
    ("&&", []),
    ("=", [("", "")]),
    ("=a", [("", "a")]),
    ("a", [("a", "")]),
    ("a=", [("a", "")]),
    ("a=b=c", [("a", "b=c")]),
    ("a%3Db=c", [("a=b", "c")]),
    ("a=b&c=d", [("a", "b"), ("c", "d")]),
    ("a=b%26c=d", [("a", "b&c=d")]),
    ("&a=b", [("a", "b")]),
    ("a=a+b&b=b+c", [("a", "a b"), ("b", "b c")]),
    ("a=1&a=2", [("a", "1"), ("a", "2")]),
    (";a=b", [(";a", "b")]),
    ("a=a+b;b=b+c", [("a", "a b;b=b c")]),
    ("a=a%E2%80%99b", [("a", "a\u2019b")]),
    ("\u0141=\xe9", [("\u0141", "\xe9")]),
    ("%C5%81=%C3%A9", [("\u0141", "\xe9")]),
    ("%81=%A9", [("\ufffd", "\ufffd")]),
    ("key=\u0141%E9", [("key", "\u0141\ufffd")]),
]
# The same, where ';' separates, too.
SEMICOLONS = [
    (";", []),
    (";;", []),
    (";a=b", [("a", "b")]),
    ("a=a+b;b=b+c", [("a", "a b"), ("b", "b c")]),
    ("a=1;a=2&a=3", [("a", "1"), ("a", "2"), ("a", "3")]),
]

# Those of the URL standard of browsers (web-platform-tests): host and port, where a
# port that is the scheme's is None.
BROWSERS = [
    ("http://user:pass@foo:21/bar;par?b#c", "foo", 21),
    ("https://test:@test", "test", None),
    ("https://:@test", "test", None),
    ("non-special://test:@test/x", "test", None),
    ("http://f:/c", "f", None),
    ("http://f:0/c", "f", 0),
    ("http://f:00000000000000/c", "f", 0),
    ("http://f:00000000000000000000080/c", "f", None),
    ("http://f:\n/c", "f", None),
    ("http://1.2.3.4/", "1.2.3.4", None),
    ("http://192.168.257.com", "192.168.257.com", None),
    ("http://256.com", "256.com", None),
    ("http://999999999.com", "999999999.com", None),
    ("http://10000000000.com", "10000000000.com", None),
    ("http://[2001::1]", "2001::1", None),
    ("http://[2001::1]:80", "2001::1", None),
    ("http://foo.com/\\@", "foo.com", None),
    ("http://a:b@c:29/d", "c", 29),
    ("http://@www.example.com", "www.example.com", None),
    ("http://a:b@www.example.com", "www.example.com", None),
    ("http://:b@www.example.com", "www.example.com", None),
    ("http://a:@www.example.com", "www.example.com", None),
    ("http://www.@pple.com", "pple.com", None),
    ("http://foo:80/", "foo", None),
    ("https://foo:80/", "foo", 80),
    ("http://www/foo%2Ehtml", "www", None),
    ("javascript:example.com/", None, None),
    ("http://!\"$&'()*+,-.;=_`{}~/", "!\"$&'()*+,-.;=_`{}~", None),
    ("sc://%/", "%", None),
]
# Those that find another host, and why. That none of them may be opened here says
# test_url.c.
BROWSERS_DIFFERENT = {
    "a number is no address": [
        ("http://1.2.3.4./", "1.2.3.4", "1.2.3.4."),
        ("http://192.168.257", "192.168.1.1", "192.168.257"),
        ("http://192.168.257.", "192.168.1.1", "192.168.257."),
        ("http://256", "0.0.1.0", "256"),
        ("http://999999999", "59.154.201.255", "999999999"),
        ("http://4294967295", "255.255.255.255", "4294967295"),
        ("http://0xffffffff", "255.255.255.255", "0xffffffff"),
        ("https://0x.0x.0", "0.0.0.0", "0x.0x.0"),
        ("https://00.00.00.00", "0.0.0.0", "00.00.00.00"),
        ("http://192.0x00A80001", "192.168.0.1", "192.0x00a80001")],
    "a host is not unquoted": [
        ("http://%30%78%63%30%2e%30%32%35%30.01", "192.168.0.1", "%30%78%63%30%2e%30%32%35%30.01")],
    "a backslash is no slash": [
        ("http://a:b@c\\", "c", "c\\"),
        ("ws://a@b\\c", "b", "b\\c"),
        ("http://example.com\\\\foo\\\\bar", "example.com", "example.com\\\\foo\\\\bar"),
        ("http:\\\\www.google.com\\foo", "www.google.com", None)],
    "a host begins behind two slashes": [
        ("http:/example.com/", "example.com", None),
        ("http:example.com/", "example.com", None),
        ("http:@www.example.com", "www.example.com", None),
        ("http:/@www.example.com", "www.example.com", None),
        ("http:a:b@www.example.com", "www.example.com", None)],
    "no punycode": [
        ("http://GOO\u200b\u2060\ufeffgoo.com", "googoo.com", "goo\u200b\u2060\ufeffgoo.com"),
        ("http://\uff27\uff4f.com", "go.com", "\uff27\uff4f.com"),
        ("http://\uff10\uff38\uff43\uff10\uff0e\uff10\uff12\uff15\uff10\uff0e\uff10\uff11", "192.168.0.1",
         "\uff10\uff38\uff43\uff10\uff0e\uff10\uff12\uff15\uff10\uff0e\uff10\uff11"),
        ("http://\u4f60\u597d\u4f60\u597d", "xn--6qqa088eba", "\u4f60\u597d\u4f60\u597d"),
        ("https://fa\xdf.ExAmPlE/", "xn--fa-hia.example", "fa\xdf.example")],
}
# The same host, written otherwise.
BROWSERS_WRITTEN = [
    ("http://[::127.0.0.1]", "::7f00:1", "::127.0.0.1"),
    ("http://[0:0:0:0:0:0:13.1.68.3]", "::d01:4403", "0:0:0:0:0:0:13.1.68.3"),
    ("http://[1:0::]", "1::", "1:0::"),
]
# Those that browsers refuse and that Python and we take apart.
BROWSERS_REFUSE = [
    "http://10000000000", "http://4294967296", "http://0xffffffff1", "http://256.256.256.256",
    "http://192.168.0.257", "http://1.2.3.08", "http://0..0x300/", "http://foo.0x4", "http://?", "http://#",
    "http://a b/", "http://a<b", "http://a>b", "http://a^b", "http://a|b/", "http://a%b/", "http://a\x7fb/",
    "http://a\x01b/", "http://example example.com", "http://Goo%20 goo%7C|.com", "https://x x:12",
    "http://ho%00st/", "http://ho%20st/", "http://ho%2Fst/", "http://ho%40st/", "http://hello%00",
    "http://@/www.example.com", "http://user@/www.example.com", "http://a:b@/www.example.com",
    "http://user:pass@/", "http://GOO\xa0\u3000goo.com", "http://\uff05\uff14\uff11.com", "sc://@/", "sc://:/",
    "sc://:12/", "sc://a b/",
]
# Those that both refuse.
BOTH_REFUSE = [
    "http://f:b/c", "http://f: /c", "http://f:fifty-two/c", "non-special://f:999999/c",
    "http://f: 21 / b ? d # e ", "http://[www.google.com]/", "http://[google.com]", "http://[::1.2.3.4x]",
    "http://[::1.2.3.]", "http://[::.1.2]", "http://[::127.0.0.1.]", "http://[:]", "http://[1::2]:3:4",
    "http://2001::1", "http://2001::1]", "https://[0::0::0]", "https://[0:.0]", "https://[0:0:]",
    "https://[0:1:2:3:4:5:6:7.0.0.0.1]", "https://[0:1.00.0.0.0]", "https://[0:1.290.0.0.0]",
    "https://[0:1.23.23]",
]
# And one that only we refuse.
WE_REFUSE = ["http://&a:foo(b]c@d:2/"]
