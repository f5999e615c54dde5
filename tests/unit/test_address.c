/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its error shows all of the path. */
static const char *long_path_text(const char path[108])
{
    static char text[256];
    snprintf(text, sizeof text, "address %.108s: AF_UNIX path too long", path);
    return text;
}

/* An address that could not be made: its error and its text. */
#define check_bad(address, kind, code, text)                                   \
    do {                                                                       \
        sock_addr_t bad_ = (address);                                          \
        check_int(bad_.len, 0);                                                \
        check_fails(sock_addr_ok(&bad_) ? 0 : -1, kind, code, text);           \
    } while (0)

#define check_repr(address, text)                                              \
    do {                                                                       \
        sock_addr_t good_ = (address);                                         \
        check_str(repr(&good_), text);                                         \
    } while (0)

TEST(address, layout_is_fixed)
{
    check_int(offsetof(sock_addr_t, len), 0);
    check_int(offsetof(sock_addr_t, kind), 4);
    check_int(offsetof(sock_addr_t, detail), 6);
    check_int(offsetof(sock_addr_t, code), 8);
    check_int(offsetof(sock_addr_t, sys_errno), 12);
    check_int(offsetof(sock_addr_t, reserved), 16);
    check_int(offsetof(sock_addr_t, u), 32);
    check_int(sizeof(sock_addr_t), 32 + 128);
}

TEST(address, inet)
{
    sock_addr_t a = sock_addr_inet("127.0.0.1", 5555);
    check_int(a.len, sizeof(struct sockaddr_in));
    check_int(a.u.in.sin_family, AF_INET);
    check_int(ntohs(a.u.in.sin_port), 5555);
    check_int(ntohl(a.u.in.sin_addr.s_addr), 0x7f000001);
    check_int(sock_addr_ok(&a), 1);

    check_repr(a, "('127.0.0.1', 5555)");
    check_repr(sock_addr_inet("", 0), "('0.0.0.0', 0)");
    check_repr(sock_addr_inet(NULL, 65535), "('0.0.0.0', 65535)");
    check_repr(sock_addr_inet("<broadcast>", 1), "('255.255.255.255', 1)");
    check_repr(sock_addr_inet("255.255.255.255", 1), "('255.255.255.255', 1)");
    check_repr(sock_addr_inet("127.1", 1), "('127.0.0.1', 1)");
    check_repr(sock_addr_inet("0x7f000001", 1), "('127.0.0.1', 1)");
    check_repr(sock_addr_inet("localhost", 1), "('127.0.0.1', 1)");
}

/* Every byte at every place, as the C library writes it. */
TEST(address, ipv4_text_is_that_of_inet_ntop)
{
    char text[SOCK_INET_TEXT_MAX], wanted[INET_ADDRSTRLEN];

    for (int place = 0; place < 4; place++)
        for (int byte = 0; byte < 256; byte++) {
            unsigned char packed[4] = {1, 20, 255, 0};
            packed[place] = (unsigned char)byte;
            inet_ntop(AF_INET, packed, wanted, sizeof wanted);
            check_int(sock_inet_ntoa(packed, 4, text, sizeof text),
                      strlen(wanted));
            check_str(text, wanted);
        }
}

TEST(address, every_number_of_digits)
{
    static const int ports[] = {0,   9,    10,   99,    100,
                                999, 1000, 9999, 10000, 65535};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        char wanted[64], text[64];
        sock_addr_t a = sock_addr_inet("1.22.133.0", ports[i]);
        snprintf(wanted, sizeof wanted, "('1.22.133.0', %d)", ports[i]);
        check_str(repr(&a), wanted);
        snprintf(wanted, sizeof wanted, "1.22.133.0:%d", ports[i]);
        sock_addr_format(&a, text, sizeof text);
        check_str(text, wanted);
    }
}

TEST(address, inet6)
{
    check_repr(sock_addr_inet6("::1", 80), "('::1', 80, 0, 0)");
    check_repr(sock_addr_inet6("", 80), "('::', 80, 0, 0)");
    check_repr(sock_addr_inet6(NULL, 80), "('::', 80, 0, 0)");
    check_repr(sock_addr_inet6_scoped("::1", 80, 0xfffff, 7),
               "('::1', 80, 1048575, 7)");
    sock_addr_t a = sock_addr_inet6_scoped("fe80::1", 80, 5, 3);
    check_int(sock_addr_flowinfo(&a), 5);
    check_int(sock_addr_scope_id(&a), 3);
    check_int(sock_addr_port(&a), 80);
    a = sock_addr_inet("1.2.3.4", 80);
    check_int(sock_addr_flowinfo(&a), 0);
    check_int(sock_addr_scope_id(&a), 0);
}

/* Numeric text is what the C library takes it for, for one digit more or less
 * as well. */
TEST(address, numeric_text_is_read_as_by_getaddrinfo)
{
    static const char *const texts[] = {
        "0.0.0.0",         "255.255.255.255", "1.22.133.4", "256.0.0.1",
        "1.2.3.256",       "01.2.3.4",        "1.2.3.00",   "1.2.3.08",
        "1.2.3",           "1.2.3.4.5",       "1.2.3.4.",   ".1.2.3.4",
        "1..2.3",          "1.2.3.4 ",        "1.2.3.-4",   "+1.2.3.4",
        "1.2.3.99999",     "1.2.3.:",         "1.2.3./",    "1.2.3.a",
        "4294967297.0.0.1"};
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
                                   .ai_family = AF_INET};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct addrinfo *list = NULL;
        sock_addr_t a = sock_addr_numeric(AF_INET, texts[i], 0);
        if (getaddrinfo(texts[i], "0", &hints, &list) == 0)
            check_bytes(&a.u.in, list->ai_addr, sizeof a.u.in);
        else
            check_int(a.code, EAI_NONAME);
        if (list != NULL)
            freeaddrinfo(list);
    }
}

TEST(address, numeric)
{
    static const struct {
        int family;
        const char *host, *repr;
    } rows[] = {
        {AF_INET, "127.0.0.1", "('127.0.0.1', 80)"},
        {AF_INET, "127.1", "('127.0.0.1', 80)"},
        {AF_INET, "", "('0.0.0.0', 80)"},
        {AF_INET, NULL, "('0.0.0.0', 80)"},
        {AF_INET, "<broadcast>", "('255.255.255.255', 80)"},
        {AF_INET6, "::1", "('::1', 80, 0, 0)"},
        {AF_INET6, "fe80::1%1", "('fe80::1', 80, 0, 1)"},
        {AF_INET6, "", "('::', 80, 0, 0)"},
        {AF_UNSPEC, "127.0.0.1", "('127.0.0.1', 80)"},
        {AF_UNSPEC, "0x7f.1", "('127.0.0.1', 80)"},
        {AF_UNSPEC, "::1", "('::1', 80, 0, 0)"},
        {AF_UNSPEC, "fe80::1%1", "('fe80::1', 80, 0, 1)"},
    };
    errno = 1234;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sock_addr_t a = sock_addr_numeric(rows[i].family, rows[i].host, 80);
        check_str(repr(&a), rows[i].repr);
    }
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
}

/* A name that may well be known here is not found. */
TEST(address, numeric_refuses)
{
    static const int families[] = {AF_INET, AF_INET6, AF_UNSPEC};

    for (int i = 0; i < 3; i++) {
        check_bad(sock_addr_numeric(families[i], "localhost", 80), SOCK_E_GAI,
                  -2,
                  "address localhost: [Errno -2] Name or service not known");
    }
    check_bad(sock_addr_numeric(AF_INET, "::1", 80), SOCK_E_GAI, -9,
              "address ::1: [Errno -9] Address family for hostname not "
              "supported");
    check_bad(sock_addr_numeric(AF_INET6, "127.0.0.1", 80), SOCK_E_GAI, -9,
              "address 127.0.0.1: [Errno -9] Address family for hostname not "
              "supported");
    check_bad(sock_addr_numeric(AF_UNSPEC, "fe80::1%nope", 80), SOCK_E_GAI, -2,
              "address fe80::1%nope: [Errno -2] Name or service not known");
    check_bad(sock_addr_numeric(AF_UNSPEC, "", 80), SOCK_E_OS, 0,
              "address: wildcard resolved to multiple address");
    check_bad(sock_addr_numeric(AF_UNIX, "127.0.0.1", 80), SOCK_E_OS, 0,
              "address 127.0.0.1: bad family");
    check_bad(sock_addr_numeric(AF_INET, "127.0.0.1", 70000), SOCK_E_OVERFLOW,
              70000, "address ('127.0.0.1', 70000): port must be 0-65535.");
    check_int(sock_addr_numeric(AF_INET, "\xc3\xbc", 80).kind, SOCK_E_TYPE);
}

TEST(address, the_scope_of_the_text_is_kept)
{
    sock_addr_t a = sock_addr_inet6("fe80::1%lo", 80);
    check_int(sock_addr_scope_id(&a), if_nametoindex("lo"));
    a = sock_addr_inet6_scoped("fe80::1%lo", 80, 0, 0);
    check_int(sock_addr_scope_id(&a), if_nametoindex("lo"));
    a = sock_addr_inet6_scoped("fe80::1%lo", 80, 0, 9);
    check_int(sock_addr_scope_id(&a), 9);
    check_bad(sock_addr_inet6("fe80::1%nosuchif", 80), SOCK_E_GAI, -2,
              "address fe80::1%nosuchif: [Errno -2] Name or service not "
              "known");
}

TEST(address, bad_hosts)
{
    char long_host[300];

    check_bad(sock_addr_inet("::1", 80), SOCK_E_GAI, -9,
              "address ::1: [Errno -9] Address family for hostname not "
              "supported");
    check_bad(sock_addr_inet6("127.0.0.1", 80), SOCK_E_GAI, -9,
              "address 127.0.0.1: [Errno -9] Address family for hostname not "
              "supported");
    check_bad(sock_addr_inet6("<broadcast>", 80), SOCK_E_OS, 0,
              "address <broadcast>: address family mismatched");
    check_bad(sock_addr_inet("a\nb", 80), SOCK_E_GAI, -2,
              "address 'a\\nb': [Errno -2] Name or service not known");
    check_bad(sock_addr_inet("b\xc3\xbc"
                             "cher",
                             80),
              SOCK_E_TYPE, SOCK_TYPE_UNICODE,
              "address 'b\xc3\xbc"
              "cher': host name is not ASCII; encode it by "
              "IDNA");
    check_bad(sock_addr_inet("\xff", 80), SOCK_E_TYPE, SOCK_TYPE_UNICODE,
              "address '\\udcff': host name is not ASCII; encode it by IDNA");
    memset(long_host, 'a', 254);
    long_host[254] = '\0';
    check_bad(
        sock_addr_inet(long_host, 80), SOCK_E_VALUE, 0,
        "address aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaa: host name is longer than 253 bytes");
}

/* Cut at 253 bytes it would be 127.0.0.1 (CVE-2024-24806). */
TEST(address, a_long_host_is_never_cut)
{
    char host[300] = "0x";
    memset(host + 2, '0', sizeof host - 2);
    strcpy(host + 240, "7f000001");
    sock_addr_t a = sock_addr_inet(host, 80);
    check_int(sock_addr_port(&a), 80);
    strcpy(host + 246, "7f000001");
    a = sock_addr_inet(host, 80);
    check_int(a.len, 0);
    check_int(a.kind, SOCK_E_VALUE);
}

TEST(address, ports_are_checked)
{
    static const int bad[] = {-1, 65536, 70000, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < 5; i++) {
        sock_addr_t a = sock_addr_inet("127.0.0.1", bad[i]);
        check_int(a.len, 0);
        check_int(a.kind, SOCK_E_OVERFLOW);
        check_int(a.code, bad[i]);
        check_int(a.sys_errno, EOVERFLOW);
    }
    check_bad(sock_addr_inet("127.0.0.1", 70000), SOCK_E_OVERFLOW, 70000,
              "address ('127.0.0.1', 70000): port must be 0-65535.");
    check_bad(sock_addr_inet6("", -1), SOCK_E_OVERFLOW, -1,
              "address ('', -1): port must be 0-65535.");
    check_bad(sock_addr_inet6_scoped("::1", 1, 0x100000, 0), SOCK_E_OVERFLOW, 0,
              "address ::1: flowinfo must be 0-1048575.");
    /* the host is looked up first, as in Python */
    check_bad(sock_addr_inet("::1", 70000), SOCK_E_GAI, -9,
              "address ::1: [Errno -9] Address family for hostname not "
              "supported");
}

TEST(address, unix_path)
{
    char path[109], buf[SOCK_ADDR_PATH_MAX];

    sock_addr_t a = sock_addr_unix("/tmp/x");
    check_repr(a, "'/tmp/x'");
    check_int(sock_addr_path(&a, buf, sizeof buf), 6);
    check_str(buf, "/tmp/x");
    check_int(a.len, offsetof(struct sockaddr_un, sun_path) + 7);
    check_repr(sock_addr_unix(""), "''");
    check_int(sock_addr_unix("").len, offsetof(struct sockaddr_un, sun_path));

    memset(path, 'x', 108);
    path[107] = '\0';
    a = sock_addr_unix(path);
    check_int(sock_addr_path(&a, buf, sizeof buf), 107);
    path[107] = 'x';
    path[108] = '\0';
    a = sock_addr_unix(path);
    check_int(a.kind, SOCK_E_OS);
    check_int(a.code, 0);
    check_int(sock_addr_ok(&a), 0);
    check(strstr(error_text(), ": AF_UNIX path too long") != NULL);
    check_bad(sock_addr_unix(NULL), SOCK_E_TYPE, 0,
              "address: argument is NULL");
}

TEST(address, unix_abstract)
{
    char name[108], buf[SOCK_ADDR_PATH_MAX];

    sock_addr_t a = sock_addr_unix_abstract("a\xff\n'b", 5);
    check_str(repr(&a), "b\"\\x00a\\xff\\n'b\"");
    check_int(sock_addr_path(&a, buf, sizeof buf), 6);
    check_bytes(buf, "\0a\xff\n'b\0", 7);
    a = sock_addr_unix_abstract("a\0b", 3);
    check_str(repr(&a), "b'\\x00a\\x00b'");
    memset(name, 'x', sizeof name);
    a = sock_addr_unix_abstract(name, 107);
    check_int(sock_addr_path(&a, buf, sizeof buf), 108);
    check_bad(sock_addr_unix_abstract(name, 108), SOCK_E_OS, 0,
              "address: AF_UNIX path too long");
    check_bad(sock_addr_unix_abstract(NULL, 1), SOCK_E_TYPE, 0,
              "address: argument is NULL");
    check_repr(sock_addr_unix_abstract(NULL, 0), "b'\\x00'");
}

TEST(address, unix_bytes)
{
    char path[] = "/tmp/xy", longest[112];
    sock_addr_t a = sock_addr_unix_bytes(path, 6), b = sock_addr_unix("/tmp/x");

    check(sock_addr_equal(&a, &b));
    check_int(a.len, b.len);
    check_repr(sock_addr_unix_bytes("\0a\0b", 4), "b'\\x00a\\x00b'");
    check_repr(sock_addr_unix_bytes("\0", 1), "b'\\x00'");
    check_repr(sock_addr_unix_bytes("", 0), "''");
    check_int(sock_addr_unix_bytes(NULL, 0).len, sock_addr_unix("").len);
    memset(longest, 'x', sizeof longest);
    check_int(sock_addr_unix_bytes(longest, 107).len, 110);
    a = sock_addr_unix_bytes(longest, 108);
    check_fails(sock_addr_ok(&a) - 1, SOCK_E_OS, 0, long_path_text(longest));
    longest[0] = '\0';
    check_int(sock_addr_unix_bytes(longest, 108).len, 110);
    check_bad(sock_addr_unix_bytes(longest, 109), SOCK_E_OS, 0,
              "address: AF_UNIX path too long");
    check_bad(sock_addr_unix_bytes("a\0b", 3), SOCK_E_VALUE, 0,
              "address a: embedded null byte");
    check_bad(sock_addr_unix_bytes(NULL, 1), SOCK_E_TYPE, 0,
              "address: argument is NULL");
}

TEST(address, for_a_socket)
{
    sock_t *four = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *six = check_made(sock_new(AF_INET6, SOCK_STREAM, 0));
    sock_t *local = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    sock_t *link = check_made(sock_new(AF_NETLINK, SOCK_RAW, 0));

    check_repr(sock_addr_for(four, "", 1), "('0.0.0.0', 1)");
    check_repr(sock_addr_for(six, "", 1), "('::', 1, 0, 0)");
    check_repr(sock_addr_for(local, "/x", 1), "'/x'");
    check_bad(sock_addr_for(link, "x", 1), SOCK_E_OS, 0,
              "address x: bad family");
    check_bad(sock_addr_for(NULL, "x", 1), SOCK_E_TYPE, 0,
              "address: socket is NULL");
    check_ok(sock_close(four));
    check_repr(sock_addr_for(four, "", 1), "('0.0.0.0', 1)");
    sock_free(four);
    sock_free(six);
    sock_free(local);
    sock_free(link);
}

TEST(address, from_the_system)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    unsigned char other[10] = {0};
    sa_family_t family = 99;
    struct sockaddr_storage big = {0};

    check_repr(sock_addr_from((struct sockaddr *)&in, sizeof in),
               "('0.0.0.0', 80)");
    check_bad(sock_addr_from((struct sockaddr *)&in, sizeof in - 1),
              SOCK_E_VALUE, 0, "address: address is too short for its family");
    check_bad(sock_addr_from((struct sockaddr *)&in, 1), SOCK_E_VALUE, 0,
              "address: address is too short for its family");
    check_bad(sock_addr_from((struct sockaddr *)&big, sizeof big + 1),
              SOCK_E_VALUE, 0, "address: address is too long");
    check_bad(sock_addr_from(NULL, 1), SOCK_E_TYPE, 0,
              "address: argument is NULL");
    check_repr(sock_addr_from(NULL, 0), "None");

    /* Linux says 111 for a path of 108 bytes without a NUL. */
    memset(un.sun_path, 'x', sizeof un.sun_path);
    memcpy(&big, &un, sizeof un);
    sock_addr_t a = sock_addr_from((struct sockaddr *)&big, 111);
    char path[SOCK_ADDR_PATH_MAX];
    check_int(sock_addr_path(&a, path, sizeof path), 108);

    memcpy(other, &family, sizeof family);
    other[9] = 7;
    check_repr(sock_addr_from((struct sockaddr *)other, sizeof other),
               "(99, b'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x07')");
    check_repr(sock_addr_from((struct sockaddr *)other, 2), "(99, b'')");
}

TEST(address, from_bytes_of_any_alignment)
{
    const struct sockaddr_in in = {.sin_family = AF_INET,
                                   .sin_port = htons(80),
                                   .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char room[sizeof in + 8];

    for (size_t i = 0; i < 8; i++) {
        memcpy(room + i, &in, sizeof in);
        void *at = room + i;
        check_repr(sock_addr_from(at, sizeof in), "('127.0.0.1', 80)");
    }
}

TEST(address, from_does_not_read_beyond)
{
    struct sockaddr_un *un = malloc(sizeof *un); /* where ASan sees it */
    un->sun_family = AF_UNIX;
    memset(un->sun_path, 'x', sizeof un->sun_path);
    sock_addr_t a = sock_addr_from((struct sockaddr *)un, sizeof *un + 1);
    check_int(a.len, sizeof *un);
    free(un);
}

TEST(address, a_forged_length_is_not_read_beyond)
{
    struct sockaddr other = {.sa_family = 99};
    sock_addr_t a = sock_addr_from(&other, sizeof other), b = a;
    char text[SOCK_ADDR_REPR_MAX];
    a.len = b.len = 5000;
    check_int(sock_addr_repr(&a, text, sizeof text), 5 + 4 * 126 + 4);
    check_int(sock_addr_equal(&a, &b), 0);
}

/* Each text into the buffer that its constant makes. */
TEST(address, the_longest_texts_fit)
{
    char host[SOCK_ADDR_HOST_MAX], path[SOCK_ADDR_PATH_MAX];
    char text[SOCK_ADDR_TEXT_MAX], name[SOCK_HOST_NAME_MAX], long_name[300];
    sock_addr_t a =
        sock_addr_inet6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535);

    check_int(sock_addr_host(&a, host, sizeof host), 39);
    check_str(host, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    a.u.in6.sin6_scope_id = UINT32_MAX;
    check_int(sock_addr_format(&a, text, sizeof text), 39 + 2 + 11 + 6);
    check(text[0] == '[');
    memset(long_name, 'x', sizeof long_name);
    a = sock_addr_unix_abstract(long_name, 107);
    check_int(sock_addr_path(&a, path, sizeof path), 108);
    check_int(path[1], 'x');
    check_int(sock_addr_format(&a, text, sizeof text), 108);
    check(text[0] == '@');
    long_name[253] = '\0';
    check_int(sock_addr_split(long_name, name, sizeof name, NULL), 253);
    check_str(name, long_name);
}

TEST(address, the_longest_repr_fits)
{
    char host[200], text[SOCK_ADDR_REPR_MAX];
    memset(host, 0xff, sizeof host);
    host[199] = '\0';
    sock_addr_t a = sock_addr_inet(host, 1);
    check_int(sock_addr_repr(&a, text, sizeof text), 127 * 6 + 2);
    check(text[0] == '\'');
}

TEST(address, none)
{
    sock_addr_t a = sock_addr_none();
    check_int(a.len, 0);
    check_int(a.kind, SOCK_E_NONE);
    check_str(repr(&a), "None");
    check_str(repr(NULL), "None");
    check_int(sock_addr_family(&a), AF_UNSPEC);
    check_int(sock_addr_family(NULL), AF_UNSPEC);
    check_fails(sock_addr_ok(&a) ? 0 : -1, SOCK_E_TYPE, 0,
                "address: no address");
    check_fails(sock_addr_ok(NULL) ? 0 : -1, SOCK_E_TYPE, 0,
                "address: no address");
    check_fails(sock_addr_port(NULL), SOCK_E_TYPE, 0, "addr_port: no address");
    check_fails(sock_addr_path(&a, NULL, 0), SOCK_E_TYPE, 0,
                "addr_path: no address");
    check_int(sock_addr_scope_id(NULL), 0);
}

TEST(address, a_forged_length_is_refused)
{
    sock_addr_t a = sock_addr_inet("127.0.0.1", 1);
    a.len = 1000;
    check_fails(sock_addr_ok(&a) ? 0 : -1, SOCK_E_VALUE, 0,
                "address: address is too long");
}

TEST(address, parts)
{
    sock_addr_t a = sock_addr_inet("127.0.0.1", 5555);
    sock_addr_t u = sock_addr_unix("/x"), bad = sock_addr_inet("::1", 1);
    char buf[SOCK_ADDR_HOST_MAX];

    check_int(sock_addr_family(&a), AF_INET);
    check_int(sock_addr_port(&a), 5555);
    check_int(sock_addr_host(&a, buf, sizeof buf), 9);
    check_str(buf, "127.0.0.1");
    check_int(sock_addr_host(&a, buf, 9), 9);
    check_str(buf, "");
    check_int(sock_addr_host(&a, NULL, 0), 9);
    a = sock_addr_inet6("fe80::1%lo", 1);
    check_int(sock_addr_host(&a, buf, sizeof buf), 7);
    check_str(buf, "fe80::1");

    check_fails(sock_addr_host(&u, buf, sizeof buf), SOCK_E_TYPE, 0,
                "addr_host: address is neither AF_INET nor AF_INET6");
    check_fails(sock_addr_port(&u), SOCK_E_TYPE, 0,
                "addr_port: address is neither AF_INET nor AF_INET6");
    check_fails(sock_addr_path(&a, buf, sizeof buf), SOCK_E_TYPE, 0,
                "addr_path: address is not AF_UNIX");
    check_fails(sock_addr_host(&a, NULL, 1), SOCK_E_TYPE, 0,
                "addr_host: buffer is NULL");
    check_fails(sock_addr_repr(&a, NULL, 1), SOCK_E_TYPE, 0,
                "addr_repr: buffer is NULL");
    const char *why = ": [Errno -9] Address family for hostname not supported";
    char text[128];
    snprintf(text, sizeof text, "addr_host ::1%s", why);
    check_fails(sock_addr_host(&bad, buf, sizeof buf), SOCK_E_GAI, -9, text);
    snprintf(text, sizeof text, "addr_port ::1%s", why);
    check_fails(sock_addr_port(&bad), SOCK_E_GAI, -9, text);
    snprintf(text, sizeof text, "addr_path ::1%s", why);
    check_fails(sock_addr_path(&bad, buf, sizeof buf), SOCK_E_GAI, -9, text);
    snprintf(text, sizeof text, "addr_format ::1%s", why);
    check_fails(sock_addr_format(&bad, buf, sizeof buf), SOCK_E_GAI, -9, text);
    check_str(repr(&bad), "'::1'");
}

TEST(address, equality)
{
    sock_addr_t a = sock_addr_inet("127.0.0.1", 1), b = a;
    sock_addr_t none = sock_addr_none(), bad = sock_addr_inet("::1", 1);

    check_int(sock_addr_equal(&a, &b), 1);
    b.u.in.sin_zero[0] = 1; /* plays no part */
    check_int(sock_addr_equal(&a, &b), 1);
    b = sock_addr_inet("127.0.0.1", 2);
    check_int(sock_addr_equal(&a, &b), 0);
    b = sock_addr_inet("127.0.0.2", 1);
    check_int(sock_addr_equal(&a, &b), 0);
    b = sock_addr_inet6("::1", 1);
    check_int(sock_addr_equal(&a, &b), 0);
    check_int(sock_addr_equal(&none, NULL), 1);
    check_int(sock_addr_equal(&a, NULL), 0);
    check_int(sock_addr_equal(&bad, &bad), 0);
    check_int(sock_addr_equal(&none, &bad), 0);

    a = sock_addr_inet6_scoped("::1", 1, 2, 3);
    b = a;
    check_int(sock_addr_equal(&a, &b), 1);
    b = sock_addr_inet6_scoped("::1", 1, 2, 4);
    check_int(sock_addr_equal(&a, &b), 0);
    b = sock_addr_inet6_scoped("::1", 1, 9, 3);
    check_int(sock_addr_equal(&a, &b), 0);
    b = sock_addr_inet6_scoped("::2", 1, 2, 3);
    check_int(sock_addr_equal(&a, &b), 0);
    b = sock_addr_inet6_scoped("::1", 9, 2, 3);
    check_int(sock_addr_equal(&a, &b), 0);

    a = sock_addr_unix("/x");
    b = sock_addr_unix("/x");
    b.len--; /* without its NUL */
    check_int(sock_addr_equal(&a, &b), 1);
    b = sock_addr_unix("/y");
    check_int(sock_addr_equal(&a, &b), 0);
    a = sock_addr_unix_abstract("x", 1);
    b = sock_addr_unix_abstract("x\0", 2);
    check_int(sock_addr_equal(&a, &b), 0);
    struct sockaddr other = {.sa_family = 99};
    a = sock_addr_from(&other, sizeof other);
    b = a;
    check_int(sock_addr_equal(&a, &b), 1);
    b.u.sa.sa_data[0] = 1;
    check_int(sock_addr_equal(&a, &b), 0);
}

/* python3 -c 'import os; print(repr(os.fsdecode(b"...")))' */
TEST(address, repr_of_paths_is_pythons)
{
    check_repr(sock_addr_unix("it's"), "\"it's\"");
    check_repr(sock_addr_unix("it's \"so\""), "'it\\'s \"so\"'");
    check_repr(sock_addr_unix("a\\b\t\r\n\x01\x7f"),
               "'a\\\\b\\t\\r\\n\\x01\\x7f'");
    check_repr(sock_addr_unix("b\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\x8d"),
               "'b\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\x8d'");
    check_repr(sock_addr_unix("\xff\xc3"
                              "A\xe2\x82"),
               "'\\udcff\\udcc3A\\udce2\\udc82'");
    check_repr(sock_addr_unix("\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80"),
               "'\\udcc0\\udc80\\udced\\udca0\\udc80"
               "\\udcf4\\udc90\\udc80\\udc80'");
    check_repr(sock_addr_unix("\xc2\xa0\xc2\xad\xe2\x80\x8b\xf3\xa0\x80\x81"),
               "'\\xa0\\xad\\u200b\\U000e0001'");
}

TEST(address, format)
{
    char text[SOCK_ADDR_TEXT_MAX];
    sock_addr_t a = sock_addr_inet("127.0.0.1", 80);
    check_int(sock_addr_format(&a, text, sizeof text), 12);
    check_str(text, "127.0.0.1:80");
    a = sock_addr_inet6("::1", 80);
    check_ok(sock_addr_format(&a, text, sizeof text));
    check_str(text, "[::1]:80");
    a = sock_addr_inet6("fe80::1%lo", 80);
    check_ok(sock_addr_format(&a, text, sizeof text));
    check_str(text, "[fe80::1%lo]:80");
    a = sock_addr_inet6_scoped("fe80::1", 80, 0, 4000000000u);
    errno = 0;
    check_ok(sock_addr_format(&a, text, sizeof text));
    check_str(text, "[fe80::1%4000000000]:80");
    check_int(errno, 0);
    a = sock_addr_unix("/tmp/x");
    check_ok(sock_addr_format(&a, text, sizeof text));
    check_str(text, "/tmp/x");
    a = sock_addr_unix_abstract("a\nb", 3);
    check_ok(sock_addr_format(&a, text, sizeof text));
    check_str(text, "@a@b");
    check_fails(sock_addr_format(&a, NULL, 1), SOCK_E_TYPE, 0,
                "addr_format: buffer is NULL");
    check_fails(sock_addr_format(NULL, text, sizeof text), SOCK_E_TYPE, 0,
                "addr_format: no address");
}

TEST(address, parse)
{
    check_repr(sock_addr_parse("127.0.0.1:80", 1), "('127.0.0.1', 80)");
    check_repr(sock_addr_parse("127.0.0.1", 81), "('127.0.0.1', 81)");
    check_repr(sock_addr_parse(":80", 1), "('0.0.0.0', 80)");
    check_repr(sock_addr_parse("localhost:7", 1), "('127.0.0.1', 7)");
    check_repr(sock_addr_parse("[::1]:80", 1), "('::1', 80, 0, 0)");
    check_repr(sock_addr_parse("[::1]", 81), "('::1', 81, 0, 0)");
    check_repr(sock_addr_parse("::1", 81), "('::1', 81, 0, 0)");
    check_repr(sock_addr_parse("::", 81), "('::', 81, 0, 0)");
    check_repr(sock_addr_parse("1.2.3.4:00080", 1), "('1.2.3.4', 80)");
    sock_addr_t a = sock_addr_parse("fe80::1%lo", 80);
    check_int(sock_addr_scope_id(&a), if_nametoindex("lo"));
    a = sock_addr_parse("[fe80::1%lo]:99", 80);
    check_int(sock_addr_scope_id(&a), if_nametoindex("lo"));
    check_int(sock_addr_port(&a), 99);
}

TEST(address, parse_refuses)
{
    static const char *const bad[] = {
        "",
        "1.2.3.4:",
        "1.2.3.4: 80",
        "1.2.3.4:+80",
        "1.2.3.4:80x",
        "1.2.3.4:-1",
        "[::1",
        "[::1]80",
        "[::1]:",
        "[]:80",
        "[1.2.3.4]:80",
        "::1]:80",
        "[localhost]:80",
        "a[b:80",
        "[::1]:8 0",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sock_addr_t a = sock_addr_parse(bad[i], 1);
        check_that(a.len == 0 && a.kind == SOCK_E_VALUE, "%s", bad[i]);
        check_int(sock_addr_split(bad[i], NULL, 0, NULL), -1);
        check_int(sock_last_error()->kind, SOCK_E_VALUE);
    }
    check_bad(sock_addr_parse("1.2.3.4:65536", 1), SOCK_E_OVERFLOW, 0,
              "address 1.2.3.4:65536: port must be 0-65535.");
    check_bad(sock_addr_parse("1.2.3.4:99999999999999999999", 1),
              SOCK_E_OVERFLOW, 0,
              "address 1.2.3.4:99999999999999999999: port must be 0-65535.");
    check_bad(sock_addr_parse("1.2.3.4", -1), SOCK_E_VALUE, 0,
              "address 1.2.3.4: text is not of the form host:port");
    check_bad(sock_addr_parse("[::1]", -1), SOCK_E_VALUE, 0,
              "address [::1]: text is not of the form host:port");
    check_bad(sock_addr_parse("1.2.3.4", -2), SOCK_E_OVERFLOW, -2,
              "address ('1.2.3.4', -2): port must be 0-65535.");
    check_repr(sock_addr_parse("1.2.3.4:80", -1), "('1.2.3.4', 80)");
    check_bad(sock_addr_parse(NULL, 1), SOCK_E_TYPE, 0,
              "address: argument is NULL");
    char long_text[300];
    memset(long_text, 'a', sizeof long_text);
    strcpy(long_text + 254, ":80");
    check_int(sock_addr_parse(long_text, 1).kind, SOCK_E_VALUE);
}

TEST(address, split)
{
    char host[SOCK_HOST_NAME_MAX];
    int port = 7;

    check_int(sock_addr_split("example.com:80", host, sizeof host, &port), 11);
    check_str(host, "example.com");
    check_int(port, 80);
    check_int(sock_addr_split("[fe80::1%eth0]:8", host, sizeof host, &port),
              12);
    check_str(host, "fe80::1%eth0");
    check_int(port, 8);
    check_int(sock_addr_split("example.com", host, sizeof host, &port), 11);
    check_int(port, -1);
    check_int(sock_addr_split("example.com:80", host, 11, NULL), 11);
    check_str(host, "");
    check_fails(sock_addr_split(NULL, host, sizeof host, &port), SOCK_E_TYPE, 0,
                "addr_split: argument is NULL");
    check_fails(sock_addr_split("x:70000", host, sizeof host, &port),
                SOCK_E_OVERFLOW, 0,
                "addr_split x:70000: port must be 0-65535.");
    check_fails(sock_addr_split("localhost:http", host, sizeof host, &port),
                SOCK_E_VALUE, 0,
                "addr_split localhost:http: text is not of the form host:port");
    check_str(host, ""); /* not what it held before */
    check_fails(sock_addr_split("x:7", NULL, 1, &port), SOCK_E_TYPE, 0,
                "addr_split: buffer is NULL");
}

TEST(address, with_port)
{
    sock_addr_t a = sock_addr_inet("127.0.0.1", 1);
    check_repr(sock_addr_with_port(a, 65535), "('127.0.0.1', 65535)");
    check_repr(sock_addr_with_port(sock_addr_inet6("::1", 1), 2),
               "('::1', 2, 0, 0)");
    check_bad(sock_addr_with_port(a, 70000), SOCK_E_OVERFLOW, 70000,
              "address ('127.0.0.1', 70000): port must be 0-65535.");
    check_bad(sock_addr_with_port(sock_addr_inet("::1", 1), 70000), SOCK_E_GAI,
              -9,
              "address ::1: [Errno -9] Address family for hostname not "
              "supported");
    check_bad(sock_addr_with_port(sock_addr_none(), 1), SOCK_E_TYPE, 0,
              "address: no address");
    check_bad(sock_addr_with_port(sock_addr_unix("/x"), 1), SOCK_E_TYPE, 0,
              "address: address is neither AF_INET nor AF_INET6");
}

/* The call that gets a bad address fails with the address's error. */
TEST(address, calls_report_a_bad_address)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    sock_addr_t bad = sock_addr_inet("::1", 1), none = sock_addr_none();

    check_int(sock_last_error()->kind, SOCK_E_NONE);
    check_fails(sock_bind(s, bad), SOCK_E_GAI, -9,
                "bind ::1: [Errno -9] Address family for hostname not "
                "supported");
    check_fails(sock_connect(s, bad), SOCK_E_GAI, -9,
                "connect ::1: [Errno -9] Address family for hostname not "
                "supported");
    check_fails(sock_connect_ex(s, bad), SOCK_E_GAI, -9,
                "connect_ex ::1: [Errno -9] Address family for hostname not "
                "supported");
    check_fails(sock_sendto(s, "x", 1, 0, bad), SOCK_E_GAI, -9,
                "sendto ::1: [Errno -9] Address family for hostname not "
                "supported");
    check_null(sock_create_server(bad, 1, 0), SOCK_E_GAI, -9,
               "create_server ::1: [Errno -9] Address family for hostname not "
               "supported");
    check_null(sock_create_connection("127.0.0.1", 1, 1, bad), SOCK_E_GAI, -9,
               "create_connection ::1: [Errno -9] Address family for hostname "
               "not supported");
    check_fails(sock_bind(s, none), SOCK_E_TYPE, 0, "bind: no address");
    check_fails(sock_connect(s, none), SOCK_E_TYPE, 0, "connect: no address");
    check_fails(sock_connect_ex(s, none), SOCK_E_TYPE, 0,
                "connect_ex: no address");
    check_null(sock_create_server(none, 1, 0), SOCK_E_TYPE, 0,
               "create_server: no address");
    sock_free(s);
}

TEST(address, is_an_ip_if_it_is_whole)
{
    sock_addr_t v4 = sock_addr_inet("127.0.0.1", 1);
    sock_addr_t v6 = sock_addr_inet6("::1", 1);
    sock_addr_t local = sock_addr_unix("/run/x"), none = sock_addr_none();
    check(sock__addr_is_ip(&v4) && sock__addr_is_ip(&v6));
    check(!sock__addr_is_ip(&local) && !sock__addr_is_ip(&none));
    v4.len = sizeof v4.u + 1; /* by hand */
    v6.len--;
    check(!sock__addr_is_ip(&v4) && !sock__addr_is_ip(&v6));
}

/* What the kernel says of the length is not believed further than the bytes
 * that there are. */
TEST(address, lengths_beyond_the_structures)
{
    sock_addr_t a;
    memset(&a, 'x', sizeof a);
    a.u.un.sun_family = AF_UNIX;
    sock__addr_finish(&a, sizeof a.u.un + 1, 0);
    check_int(a.len, sizeof a.u.un);
    memset(&a, 'x', sizeof a);
    a.u.sa.sa_family = AF_INET6;
    sock__addr_finish(&a, sizeof a.u + 1, 0);
    check_int(a.len, sizeof a.u);
    a.len = sizeof a.u + 1; /* by hand */
    check(!sock_addr_equal(&a, &a) || a.u.sa.sa_family == AF_INET6);
    a.u.sa.sa_family = 99;
    check(!sock_addr_equal(&a, &a));
    a.u.un.sun_family = AF_UNIX;
    check_int(sock__addr_path_len(&a), sizeof a.u.un.sun_path);

    struct sockaddr_storage sa = {.ss_family = AF_INET6};
    a = sock_addr_from((struct sockaddr *)&sa, sizeof(struct sockaddr_un) + 1);
    check_int(a.len, sizeof(struct sockaddr_un) + 1);
}

TEST(address, nothing_is_equal_to_nothing_alone)
{
    sock_addr_t a = sock_addr_inet("127.0.0.1", 80), none = sock_addr_none();
    check(!sock_addr_equal(NULL, &a));
    check(!sock_addr_equal(&a, NULL));
    check(sock_addr_equal(NULL, &none));
    check(sock_addr_equal(NULL, NULL));
}

TEST(address, scoped_remembers_the_error_of_its_port)
{
    sock_addr_t a = sock_addr_inet6_scoped("::1", 70000, 1, 2);
    check_fails(sock_addr_ok(&a) ? 0 : -1, SOCK_E_OVERFLOW, 70000,
                "address ('::1', 70000): port must be 0-65535.");
}

/* The resolver takes the name of a scope for link-local addresses alone. */
TEST(address, format_of_scopes_can_be_read_back)
{
    static const struct {
        const char *host, *text;
    } rows[] = {{"fe80::1", "[fe80::1%lo]:80"},
                {"ff02::1", "[ff02::1%lo]:80"},
                {"2001:db8::1", "[2001:db8::1%1]:80"}};
    char text[SOCK_ADDR_TEXT_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sock_addr_t a =
            sock_addr_inet6_scoped(rows[i].host, 80, 0, if_nametoindex("lo"));
        check_ok(sock_addr_format(&a, text, sizeof text));
        check_str(text, rows[i].text);
        sock_addr_t b = sock_addr_parse(text, 0);
        check(sock_addr_equal(&a, &b));
    }
}

TEST(address, parse_refuses_brackets_in_brackets)
{
    sock_addr_t a = sock_addr_parse("[[::1]:80", 0);
    check_fails(sock_addr_ok(&a) ? 0 : -1, SOCK_E_VALUE, 0,
                "address [[::1]:80: text is not of the form host:port");
    check_fails(sock_addr_split("[:[]:1", NULL, 0, NULL), SOCK_E_VALUE, 0,
                "addr_split [:[]:1: text is not of the form host:port");
}

/* The same bytes mean another address in another family. */
TEST(address, of_two_families_are_never_equal)
{
    sock_addr_t v4 = sock_addr_inet("0.1.2.3", 80);
    sock_addr_t v6 = sock_addr_inet6_scoped("::", 80, 0x10203, 0);
    sock_addr_t none = sock_addr_none();

    check_int(v4.u.in.sin_addr.s_addr, v6.u.in6.sin6_flowinfo);
    check_int(sock_addr_equal(&v4, &v6), 0);
    check_int(sock_addr_equal(&v6, &v4), 0);
    check_int(sock_addr_equal(&none, &v4), 0);
    check_int(sock_addr_equal(&v4, &none), 0);
}

/* Of names of AF_UNIX all that is visible is shown, and paths as they are. */
TEST(address, format_of_names)
{
    char text[SOCK_ADDR_TEXT_MAX];
    sock_addr_t a = sock_addr_unix_abstract("a \x7f\x80~", 5);
    check_ok(sock_addr_format(&a, text, sizeof text));
    check_str(text, "@a @@~");
    a = sock_addr_unix("/a\x01\x80");
    check_ok(sock_addr_format(&a, text, sizeof text));
    check_str(text, "/a\x01\x80");
    a = sock_addr_netlink(1, 2);
    check_fails(sock_addr_format(&a, text, sizeof text), SOCK_E_TYPE, 0,
                "addr_format: bad family");
    check_str(text, "");
}

TEST(address, the_whole_host_is_named_where_it_failed)
{
    check_bad(sock_addr_inet6_scoped("a-name-that-is-quite-long-\xc3\xbc", 1,
                                     0xfffff, 0xffffffff),
              SOCK_E_TYPE, SOCK_TYPE_UNICODE,
              "address 'a-name-that-is-quite-long-\xc3\xbc': host name is not "
              "ASCII; encode it by IDNA");
}

TEST(address, an_abstract_name_that_is_too_long_is_not_shown)
{
    char name[200];
    memset(name, 'x', sizeof name);
    check_bad(sock_addr_unix_abstract(name, sizeof name), SOCK_E_OS, 0,
              "address: AF_UNIX path too long");
}

TEST(address, no_text_is_too_long_to_be_refused)
{
    enum { LONG = 100000 };
    char *text = check_made(malloc(LONG + 1));
    memset(text, 'a', LONG);
    text[LONG] = '\0';
    sock_addr_t a = sock_addr_parse(text, 1);
    check_int(a.kind, SOCK_E_VALUE);
    memset(text, '9', LONG);
    memcpy(text, "127.0.0.1:", 10);
    a = sock_addr_parse(text, 1);
    check_int(a.kind, SOCK_E_OVERFLOW);
    free(text);
    a = sock_addr_parse("127.0.0.1:4294967376", 1); /* 2^32 + 80 */
    check_int(a.kind, SOCK_E_OVERFLOW);
}

TEST(address, split_leaves_the_port_alone_when_it_fails)
{
    int port = 7;
    check_fails(sock_addr_split("h:80", NULL, 1, &port), SOCK_E_TYPE, 0,
                "addr_split: buffer is NULL");
    check_int(port, 7);
}

/* Of a family that is not AF_UNIX, 111 bytes are 111 bytes. */
TEST(address, length_of_another_family)
{
    struct sockaddr_storage other = {.ss_family = 99};
    sock_addr_t a = sock_addr_from((struct sockaddr *)&other,
                                   sizeof(struct sockaddr_un) + 1);
    check_int(a.len, sizeof(struct sockaddr_un) + 1);
    a = sock_addr_from((struct sockaddr *)&other, sizeof other);
    check_int(a.len, sizeof other);
}
