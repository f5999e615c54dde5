/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static void bound(sock_t *s, sock_addr_t to)
{
    int status = sock_bind(s, to);
    sock_addr_t a = name(s);
    show(address(status, &a));
}

/* Hosts and ports, as bind() takes them. */
static void hosts(void)
{
    static const char *const texts[] = {
        "",           "127.0.0.1", "127.1",     "0x7f.1", "0177.1",
        "2130706433", "0.0.0.0",   "localhost", "::1",    "1.2.3.4.5",
        "256.1.1.1",  "::",        "a..b",      "0",      "127.0.0.1\n",
        "a\nb",       "1.2.3.4"};
    for (EACH(i, texts)) {
        row("s = inet(); s.bind((%s, 0)); s.getsockname()", py(texts[i]));
        bound(inet(SOCK_STREAM), sock_addr_inet(texts[i], 0));
    }
    static const char *const six[] = {"",
                                      "::",
                                      "::1",
                                      "::ffff:127.0.0.1",
                                      "127.0.0.1",
                                      "255.255.255.255",
                                      "<broadcast>",
                                      "127.1",
                                      "[::1]",
                                      "1::2::3",
                                      "0:0:0:0:0:0:0:1",
                                      "2001:db8::1"};
    for (EACH(i, six)) {
        row("s = inet6(); s.bind((%s, 0)); s.getsockname()", py(six[i]));
        bound(inet6(SOCK_STREAM), sock_addr_inet6(six[i], 0));
    }
    static const char *const broad[] = {"<broadcast>", "255.255.255.255"};
    for (EACH(i, broad)) {
        row("s = inet(SOCK_DGRAM); s.bind((%s, 0)); s.getsockname()",
            py(broad[i]));
        bound(inet(SOCK_DGRAM), sock_addr_inet(broad[i], 0));
    }
}

static void numeric(void)
{
    static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6};
    static const char *const texts[] = {
        "127.0.0.1", "127.1", "::1",          "localhost",
        "1.2.3.4.5", "::g",   "fe80::1%nope", "::ffff:127.0.0.1"};
    for (EACH(f, families))
        for (EACH(i, texts)) {
            row("getaddrinfo(%s, 80, %d, flags=AI_NUMERICHOST)[0][4]",
                py(texts[i]), families[f]);
            sock_addr_t a = sock_addr_numeric(families[f], texts[i], 80);
            show(address(sock_addr_ok(&a) - 1, &a));
        }
}

static void long_hosts(void)
{
    static const int sizes[] = {64, 254, 255, 256, 1000};
    for (EACH(i, sizes)) {
        char host[1024];
        size_t n = (size_t)sizes[i];
        memset(host, 'a', n);
        host[n] = '\0';
        row("inet().bind(('a' * %zu, 0))", n);
        if (n > 253)
            deviates("host names over 253 bytes");
        show(none(sock_bind(inet(SOCK_STREAM), sock_addr_inet(host, 0))));
    }
    row("inet().bind(('b\\xfccher' + 'x' * 64, 0))");
    deviates("host names that are not ASCII");
    show(none(sock_bind(inet(SOCK_STREAM), sock_addr_inet("b\xc3\xbc"
                                                          "cher",
                                                          0))));
}

static void ports(void)
{
    static const int numbers[] = {-1, 65536, 70000, 2147483647,
                                  -2147483647 - 1};
    for (EACH(i, numbers)) {
        int n = numbers[i];
        row("inet().bind(('127.0.0.1', %d))", n);
        show(
            none(sock_bind(inet(SOCK_STREAM), sock_addr_inet("127.0.0.1", n))));
        row("inet6().bind(('::1', %d))", n);
        show(none(sock_bind(inet6(SOCK_STREAM), sock_addr_inet6("::1", n))));
        row("inet().connect(('127.0.0.1', %d))", n);
        show(none(
            sock_connect(inet(SOCK_STREAM), sock_addr_inet("127.0.0.1", n))));
        row("inet().connect_ex(('127.0.0.1', %d))", n);
        show(num(sock_connect_ex(inet(SOCK_STREAM),
                                 sock_addr_inet("127.0.0.1", n))));
        row("inet(SOCK_DGRAM).sendto(b'x', ('127.0.0.1', %d))", n);
        show(num(sock_sendto(inet(SOCK_DGRAM), "x", 1, 0,
                             sock_addr_inet("127.0.0.1", n))));
    }
    row("inet().bind(('no such host', 70000))");
    show(none(
        sock_bind(inet(SOCK_STREAM), sock_addr_inet("no such host", 70000))));
    static const unsigned flows[] = {0, 1, 0xfffff, 0x100000, 0xffffffff};
    for (EACH(i, flows)) {
        row("s = inet6(); s.bind(('::1', 0, %u, 0)); s.getsockname()",
            flows[i]);
        bound(inet6(SOCK_STREAM),
              sock_addr_inet6_scoped("::1", 0, flows[i], 0));
    }
    row("s = inet6(SOCK_DGRAM); s.connect(('::1', 9, 77, 0)); s.getpeername()");
    sock_t *s = inet6(SOCK_DGRAM);
    sock_addr_t a = sock_addr_none();
    sock_connect(s, sock_addr_inet6_scoped("::1", 9, 77, 0));
    show(address(sock_getpeername(s, &a), &a));
    row("inet6().connect(('fe80::1%%lo', 80))");
    deviates("host text with a scope, `\"fe80::1%eth0\"`");
    s = inet6(SOCK_DGRAM);
    show(none(sock_connect(s, sock_addr_inet6("fe80::1%lo", 80))));
}

/* Parts of an address, which in Python are those of a tuple or a path. */
static void parts(void)
{
    char t[SOCK_ADDR_REPR_MAX];
    int port = 0;
    sock_addr_t a = sock_addr_inet("127.0.0.1", 80);
    row("a = ('127.0.0.1', 80); a[0], a[1], (a[0], 81), a == ('127.0.0.1', "
        "80), a == None");
    show(text(sock_addr_host(&a, t, sizeof t), t));
    show(num(sock_addr_port(&a)));
    sock_addr_t b = sock_addr_with_port(a, 81), none_ = sock_addr_none();
    show(address(0, &b));
    b = sock_addr_from(&a.u.sa, a.len);
    show(flag(sock_addr_equal(&a, &b)));
    show(flag(sock_addr_equal(&a, &none_)));
    row("a = getaddrinfo('::1', 80, type=SOCK_STREAM)[0]; int(a[0]), *a[4]");
    a = sock_addr_inet6("::1", 80);
    show(num(sock_addr_family(&a)));
    show(text(sock_addr_host(&a, t, sizeof t), t));
    show(num(sock_addr_port(&a)));
    show(num(sock_addr_flowinfo(&a)));
    show(num(sock_addr_scope_id(&a)));
    row("getaddrinfo('127.0.0.1', 80, type=SOCK_STREAM)[0][4]");
    a = sock_addr_parse("127.0.0.1:80", 0);
    show(address(0, &a));
    row("repr(('127.0.0.1', 80)), repr(None)");
    show(text(sock_addr_repr(&a, t, sizeof t), t));
    show(text(sock_addr_repr(NULL, t, sizeof t), t));
    row("tuple('::1 80'.split())");
    show(text(sock_addr_split("[::1]:80", t, sizeof t, &port), t));
    snprintf(t, sizeof t, "%d", port);
    show(py(t));
    row("'%%s:%%d' %% ('127.0.0.1', 80)");
    a = sock_addr_inet("127.0.0.1", 80);
    show(text(sock_addr_format(&a, t, sizeof t), t));
    row("bool(getaddrinfo('127.0.0.1', 1)), fails(getaddrinfo, 'a b', 1)");
    show(flag(sock_addr_ok(&a)));
    a = sock_addr_inet("a b", 1);
    sock_addr_ok(&a);
    show(error());
    row("inet().bind(('127.0.0.1', 0)), inet6().bind(('::1', 0))");
    sock_t *s = inet(SOCK_STREAM);
    show(none(sock_bind(s, sock_addr_for(s, "127.0.0.1", 0))));
    s = inet6(SOCK_STREAM);
    show(none(sock_bind(s, sock_addr_for(s, "::1", 0))));
}

static void unix_paths(void)
{
    char path[256];
    static const int sizes[] = {1, 106, 107, 108, 109, 200};
    for (EACH(i, sizes)) {
        size_t n = (size_t)sizes[i];
        memset(path, 'p', sizeof path);
        path[n] = '\0';
        row("s = unix(); s.bind('p' * %zu); s.getsockname()", n);
        bound(unix_(SOCK_STREAM), sock_addr_unix(path));
        remove(path);
        row("s = unix(); s.bind(b'\\0' + b'parity' + b'p' * %zu); "
            "s.getsockname()",
            n);
        memset(path, 'p', sizeof path);
        memcpy(path, "parity", 6);
        bound(unix_(SOCK_STREAM), sock_addr_unix_abstract(path, n + 6));
    }
    static const char *const odd[] = {"a'b", "a\"b",     "a'\"b", "n\nl",
                                      "\\",  "\xff\xfe", "d\x7f", " "};
    for (EACH(i, odd)) {
        row("s = unix(); s.bind(%s); s.getsockname()", py(odd[i]));
        bound(unix_(SOCK_STREAM), sock_addr_unix(odd[i]));
        remove(odd[i]);
    }
    row("s = unix(); s.bind(b'bytes'); s.getsockname()");
    bound(unix_(SOCK_STREAM), sock_addr_unix_bytes("bytes", 5));
    row("s = unix(); s.bind(b'\\0by\\0tes'); s.getsockname()");
    bound(unix_(SOCK_STREAM), sock_addr_unix_bytes("\0by\0tes", 7));
    row("s = unix(); s.bind(b'cut\\0here'); s.getsockname()");
    deviates("an AF_UNIX path with a NUL in it");
    bound(unix_(SOCK_STREAM), sock_addr_unix_bytes("cut\0here", 8));
    row("unix().bind(b'p' * 108)");
    char path_of_bytes[108];
    memset(path_of_bytes, 'p', sizeof path_of_bytes);
    show(none(sock_bind(unix_(SOCK_STREAM),
                        sock_addr_unix_bytes(path_of_bytes, 108))));
    row("s = unix(); s.bind(b'\\0pari\\0ty\\xff\\''); s.getsockname()");
    bound(unix_(SOCK_STREAM), sock_addr_unix_abstract("pari\0ty\xff'", 9));
    row("s = unix(); s.bind(''); type(s.getsockname()) is bytes, "
        "len(s.getsockname())");
    sock_t *s = unix_(SOCK_STREAM);
    sock_bind(s, sock_addr_unix(""));
    sock_addr_t a = name(s);
    int n = sock_addr_path(&a, path, sizeof path);
    show(flag(path[0] == '\0'));
    show(num(n));
    row("unix().getsockname()");
    a = name(unix_(SOCK_STREAM));
    show(address(0, &a));
    row("s = unix(); s.bind('no/such/place')");
    show(none(sock_bind(unix_(SOCK_STREAM), sock_addr_unix("no/such/place"))));
    row("s = unix(); s.connect('missing')");
    show(none(sock_connect(unix_(SOCK_STREAM), sock_addr_unix("missing"))));
    row("unix().connect(b'\\0parity-missing')");
    show(none(sock_connect(unix_(SOCK_STREAM),
                           sock_addr_unix_abstract("parity-missing", 14))));
}

void rows_address(void)
{
    hosts();
    numeric();
    long_hosts();
    ports();
    parts();
    unix_paths();
}
