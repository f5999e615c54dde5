/* SPDX-License-Identifier: MIT */
/* The parser of heads itself: what it leaves behind, and what it costs. */
#include "chars.h"
#include "head.h"
#include "starve.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static const struct sock__head_limits limits = {32 * 1024, 8 * 1024, 100};

TEST(head, of_a_request)
{
    char buf[] = "\r\nPOST http://a/b?c HTTP/1.1\r\nHost: a\r\nX:  1 2\t\r\n"
                 "Empty:\r\n\r\nbody";
    size_t scanned = 0, n = sizeof buf - 1;
    struct sock__start s;
    sock_headers_t h = {0};
    const char *name, *value;

    check_int(sock__head_request(&s, &h, buf, n, &scanned, &limits), n - 4);
    check_str(s.method, "POST");
    check_int(s.method_len, 4);
    check_str(s.target, "http://a/b?c");
    check_int(s.target_len, 12);
    check_int(s.minor, 1);
    check(!s.by_hand && s.why == NULL && s.fault == 0 && s.reason == NULL);
    check_int(h.count, 3);
    check(h.text == buf && !h.owns);
    check_int(sock_headers_at(&h, 1, &name, &value), 1);
    check_str(name, "X");
    check_str(value, "1 2");
    check_int(h.fields[1].name_len, 1);
    check_int(h.fields[1].value_len, 3);
    check_str(sock_headers_get(&h, "Empty", NULL), "");
    check_str(buf + n - 4, "body");
    sock__headers_release(&h);
}

/* What is missing leaves the buffer as it was. */
TEST(head, waits)
{
    static const char whole[] = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    char buf[sizeof whole];
    size_t scanned = 0;
    struct sock__start s;
    sock_headers_t h = {0};

    memcpy(buf, whole, sizeof whole);
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        check_int(sock__head_request(&s, &h, buf, n, &scanned, &limits), 0);
        check_bytes(buf, whole, sizeof whole);
        check_int(scanned, n);
        check_int(h.count, 0);
    }
    check_int(
        sock__head_request(&s, &h, buf, sizeof whole - 1, &scanned, &limits),
        sizeof whole - 1);
    check_str(s.target, "/a");
    sock__headers_release(&h);
}

/* A start line is refused once it is whole, and no later. */
TEST(head, bad_line_at_once)
{
    static const char *const lines[] = {"GET /\r\n",
                                        "GET / HTTP/1.1x",
                                        "GET / HTTP/2.0",
                                        "GET  ",
                                        "\x16",
                                        "GET / HTTP/1.1\rX",
                                        "\n",
                                        "\r\n\r\n"};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        for (int pieces = 0; pieces < 2; pieces++) {
            char buf[40];
            size_t n = strlen(lines[i]), scanned = 0, len = pieces ? 1 : n;
            struct sock__start s;
            sock_headers_t h = {0};
            ssize_t got = 0;
            for (; got == 0 && len <= n; len++) {
                memcpy(buf, lines[i], n);
                got = sock__head_request(&s, &h, buf, len, &scanned, &limits);
            }
            check_that(got == -1 && s.fault >= 400, "%s", lines[i]);
        }
}

/* Its words, for who is to be told. */
TEST(head, words)
{
    static const struct {
        const char *raw;
        int fault;
        const char *why;
    } rows[] = {
        {"GET\t/", 400, "an invalid method"},
        {"GET x ", 400, "an invalid request target"},
        {"GET / X", 400, "an invalid version of HTTP"},
        {"GET / HTTP/3.0", 505, "a version of HTTP that is not spoken here"},
        {"GET / HTTP/1.1\r\nA\r\n\r\n", 400, "a line without a colon"},
        {"GET / HTTP/1.1\r\n:\r\n\r\n", 400, "a field without a name"},
        {"GET / HTTP/1.1\r\nA b:\r\n\r\n", 400, "an invalid name of a field"},
        {"GET / HTTP/1.1\r\n A:\r\n\r\n", 400, "a line begins with a blank"},
        {"GET / HTTP/1.1\r\nA: b\n\r\n", 400, "a line does not end in CR LF"},
        {"GET / HTTP/1.1\r\nA: \x01\r\n\r\n", 400,
         "a control character in a line"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char buf[60];
        size_t scanned = 0;
        struct sock__start s;
        sock_headers_t h = {0};
        strcpy(buf, rows[i].raw);
        check_int(
            sock__head_request(&s, &h, buf, strlen(buf), &scanned, &limits),
            -1);
        check_int(s.fault, rows[i].fault);
        check_str(s.why, rows[i].why);
        sock__headers_release(&h);
    }
}

/* A faulty field waits for the end, so that an answer does not depend on the
 * pieces; and a buffer that is over the limit does not. */
TEST(head, bad_field_at_the_end)
{
    char buf[] = "GET / HTTP/1.1\r\nA\r\n\r\n";
    size_t scanned = 0;
    struct sock__start s;
    sock_headers_t h = {0};
    struct sock__head_limits few = {19, 10, 10};

    check_int(sock__head_request(&s, &h, buf, 19, &scanned, &limits), 0);
    check_int(sock__head_request(&s, &h, buf, 20, &scanned, &limits), 0);
    check_int(sock__head_request(&s, &h, buf, 21, &scanned, &limits), -1);
    check_int(s.fault, 400);
    scanned = 0;
    check_int(sock__head_request(&s, &h, buf, 21, &scanned, &few), -1);
    check_int(s.fault, 431);
    scanned = 0;
    check_int(sock__head_request(&s, &h, buf, 18, &scanned, &few), 0);
    check_int(sock__head_request(&s, &h, buf, 19, &scanned, &few), -1);
    check_int(s.fault, 431);
    sock__headers_release(&h);
}

/* The buffer may be a shorter one next time, of another message. */
TEST(head, scanned_beyond)
{
    char buf[] = "GET / HTTP/1.0\r\n\r\n";
    size_t scanned = 1000;
    struct sock__start s;
    sock_headers_t h = {0};

    check_int(sock__head_request(&s, &h, buf, 18, &scanned, &limits), 18);
}

/* --- Fields alone -------------------------------------------------------- */

static ssize_t fields_of(sock_headers_t *h, char *buf, const char *raw,
                         enum sock__fields how, struct sock__start *s)
{
    size_t scanned = 0, n = strlen(raw);
    ssize_t got = 0;

    for (size_t len = 1; got == 0 && len <= n; len++) {
        memcpy(buf, raw, n);
        got = sock__head_fields(s, h, buf, len, &scanned, &limits, how);
    }
    scanned = 0;
    memcpy(buf, raw, n);
    ssize_t whole = sock__head_fields(s, h, buf, n, &scanned, &limits, how);
    check_that(got == whole, "%s: %zd, %zd", raw, got, whole);
    return whole;
}

TEST(head, fields_alone)
{
    static const struct {
        const char *raw;
        enum sock__fields how;
        int result; /* bytes, 0, or minus the fault */
        const char *value;
    } rows[] = {
        {"\r\n", SOCK__FIELDS_STRICT, 2, NULL},
        {"\r\nA: b", SOCK__FIELDS_STRICT, 2, NULL},
        {"A: b\r\n\r\nC", SOCK__FIELDS_STRICT, 8, "b"},
        {"A: b\r\n", SOCK__FIELDS_STRICT, 0, NULL},
        {"\r", SOCK__FIELDS_STRICT, 0, NULL},
        {"\n", SOCK__FIELDS_STRICT, -400, NULL},
        {"A: b\n\n", SOCK__FIELDS_STRICT, -400, NULL},
        {"A: b\r\n\n", SOCK__FIELDS_STRICT, -400, NULL},
        {"A: b\r\n c\r\n\r\n", SOCK__FIELDS_STRICT, -400, NULL},
        {"A : b\r\n\r\n", SOCK__FIELDS_STRICT, -400, NULL},
        {"A: \x01\r\n\r\n", SOCK__FIELDS_STRICT, -400, NULL},
        {"\n", SOCK__FIELDS_CLIENT, 1, NULL},
        {"\r\n", SOCK__FIELDS_CLIENT, 2, NULL},
        {"A: b\n\n", SOCK__FIELDS_CLIENT, 6, "b"},
        {"A: b\r\n c\r\n\r\n", SOCK__FIELDS_CLIENT, 12, "b c"},
        {"A : \x01\r\n\r\n", SOCK__FIELDS_CLIENT, 9, "\x01"},
        {"A/b: c\r\n\r\n", SOCK__FIELDS_CLIENT, -SOCK_P_SYNTAX, NULL},
        {"\n", SOCK__FIELDS_MAIL, 1, NULL},
        {"A: b\n\n", SOCK__FIELDS_MAIL, 6, "b"},
        {"A: b\n\tc\r\n\n", SOCK__FIELDS_MAIL, 10, "b c"},
        {"A/b: c\nA: d\r\n\r\n", SOCK__FIELDS_MAIL, 15, "d"},
        {"A b: c\n\n", SOCK__FIELDS_MAIL, -SOCK_P_SYNTAX, NULL},
        {"A: b\rc\n\n", SOCK__FIELDS_MAIL, -SOCK_P_SYNTAX, NULL},
        {"From me\n\n", SOCK__FIELDS_MAIL, -SOCK_P_SYNTAX, NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char buf[40];
        struct sock__start s;
        sock_headers_t h = {0};
        ssize_t n = fields_of(&h, buf, rows[i].raw, rows[i].how, &s);
        check_that(n == (rows[i].result < 0 ? -1 : rows[i].result),
                   "row %zu: %zd", i, n);
        if (n < 0)
            check_int(s.fault, -rows[i].result);
        else if (rows[i].value != NULL)
            check_str(sock_headers_get(&h, "A", NULL), rows[i].value);
        sock__headers_release(&h);
    }
}

TEST(head, limits_of_fields)
{
    struct sock__head_limits few = {12, 0, 2};
    char buf[] = "A:1\r\nB:2\r\n\r\n";
    size_t scanned = 0;
    struct sock__start s;
    sock_headers_t h = {0};

    check_int(
        sock__head_fields(&s, &h, buf, 12, &scanned, &few, SOCK__FIELDS_STRICT),
        12);
    few.fields = 1;
    scanned = 0;
    memcpy(buf, "A:1\r\nB:2\r\n\r\n", 12);
    check_int(
        sock__head_fields(&s, &h, buf, 12, &scanned, &few, SOCK__FIELDS_CLIENT),
        -1);
    check_int(s.fault, SOCK_P_TOO_LARGE);
    few = (struct sock__head_limits){11, 0, 2};
    scanned = 0;
    check_int(
        sock__head_fields(&s, &h, buf, 12, &scanned, &few, SOCK__FIELDS_MAIL),
        -1);
    check_int(s.fault, SOCK_P_TOO_LARGE);
    sock__headers_release(&h);
}

/* --- Cost ---------------------------------------------------------------- */

/* A head of 32 KiB that comes byte by byte takes a moment, not a minute. */
TEST(head, byte_by_byte)
{
    enum { SIZE = 32000 };
    static const char begin[] = "GET / HTTP/1.1\r\nHost: a\r\nA: ";
    char *buf = malloc(SIZE);
    size_t scanned = 0, n = 0;
    struct sock__start s;
    sock_headers_t h = {0};
    double before = worked();
    ssize_t got = 0;

    memset(buf, 'a', SIZE);
    memcpy(buf, begin, sizeof begin - 1);
    memcpy(buf + SIZE - 4, "\r\n\r\n", 4);
    while (got == 0 && n < SIZE)
        got = sock__head_request(&s, &h, buf, ++n, &scanned, &limits);
    check_int(got, SIZE);
    check(worked() - before < 5);
    sock__headers_release(&h);
    free(buf);
}

/* Once there is room for so many fields, nothing is allocated. */
TEST(head, no_allocation)
{
    static const char raw[] = "GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\n\r\n";
    char buf[sizeof raw];
    struct sock__start s;
    sock_headers_t h = {0};

    need_own_memory();
    for (int i = 0; i < 3; i++) {
        size_t scanned = 0;
        memcpy(buf, raw, sizeof raw);
        refuse_from(i > 0 ? 1 : 0);
        ssize_t n =
            sock__head_request(&s, &h, buf, sizeof raw - 1, &scanned, &limits);
        check(!was_refused());
        check_int(n, sizeof raw - 1);
    }
    sock__headers_release(&h);
}

TEST(head, no_memory)
{
    static const char raw[] = "GET / HTTP/1.1\r\nHost: a\r\n";
    char buf[sizeof raw] = "HTTP/1.1 200 OK\r\nA: b\r\n";
    size_t scanned = 0;
    struct sock__start s;
    sock_headers_t h = {0};

    need_own_memory();
    fail_at = 1;
    check_int(sock__head_response(&s, &h, buf, strlen(buf), &scanned, &limits),
              -1);
    check_int(s.fault, ENOMEM);
    memcpy(buf, raw, sizeof raw);
    fail_at = 1;
    check_int(
        sock__head_request(&s, &h, buf, sizeof raw - 1, &scanned, &limits), -1);
    check_int(s.fault, 500);
    check_int(h.count, 0);
}

/* An object that had texts of its own gives them back. */
TEST(head, into_a_used_object)
{
    char buf[] = "A: b\r\n\r\n";
    size_t scanned = 0;
    struct sock__start s;
    sock_headers_t *h = sock_headers_new();

    check_ok(sock_headers_add(h, "X", "y"));
    check_int(sock__head_fields(&s, h, buf, 8, &scanned, &limits,
                                SOCK__FIELDS_STRICT),
              8);
    check_int(h->count, 1);
    check_str(sock_headers_get(h, "A", NULL), "b");
    sock_headers_free(h);
}

/* --- The table of characters --------------------------------------------- */

static bool is_alnum(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

static bool is_one_of(int c, const char *chars)
{
    return c != 0 && strchr(chars, c) != NULL;
}

/* As the RFCs have the classes: 9110 5.6.2 and 5.5, 3986 3.2.2, 5322 3.6.8. */
TEST(head, classes)
{
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        bool visible = c > 32 && c < 127;
        check(sock__is(byte, SOCK__TOKEN) ==
              (is_alnum(c) || is_one_of(c, "!#$%&'*+-.^_`|~")));
        check(sock__is(byte, SOCK__TARGET) ==
              (visible && !is_one_of(c, "#\\")));
        check(sock__is(byte, SOCK__VALUE) ==
              (visible || c == ' ' || c == '\t' || c > 127));
        check(sock__is(byte, SOCK__TEXT) == (c != 0 && c != '\r' && c != '\n'));
        check(sock__is(byte, SOCK__MAIL_NAME) == (visible && c != ':'));
        check(sock__is(byte, SOCK__UNRESERVED) ==
              (is_alnum(c) || is_one_of(c, "-._~")));
        check(sock__is(byte, SOCK__SUB) == is_one_of(c, "!$&'()*+,;="));
        check(sock__is(byte, SOCK__URL_SCHEME) ==
              (is_alnum(c) || is_one_of(c, "+-.")));
        check(sock__is(byte, SOCK__URL_COLON) == (c == ':'));
        check(sock__is(byte, SOCK__URL_AT) == (c == '@'));
        check(sock__is(byte, SOCK__URL_SLASH) == (c == '/'));
        check(sock__is(byte, SOCK__URL_QUESTION) == (c == '?'));
        check(sock__is(byte, SOCK__URL_HASH) == (c == '#'));
        check(sock__is(byte, SOCK__URL_BRACKET) == is_one_of(c, "[]"));
        check(sock__is(byte, SOCK__URL_STOP) ==
              (c == 0 || is_one_of(c, "\t\r\n")));
        check(sock__is(byte, SOCK__DIGIT) == (c >= '0' && c <= '9'));
        check(sock__is(byte, SOCK__ALPHA) ==
              (is_alnum(c) && !sock__is_digit(byte)));
        check(sock__is(byte, SOCK__HIGH) == (c > 127));
        check(sock__is(byte, SOCK__CONTROL) == (c < ' ' || c == 127));
        check(sock__is(byte, SOCK__SPACE) == (c == ' '));
        check(sock__is(byte, SOCK__HEX) ==
              is_one_of(c, "0123456789abcdefABCDEF"));
    }
}

TEST(head, characters)
{
    static const char small[] = "abcdefghijklmnopqrstuvwxyz",
                      capital[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                      digits[] = "0123456789abcdef";
    for (int i = 1; i < 256; i++) {
        char c = (char)i;
        const char *at = strchr(capital, c);
        char lower = at != NULL ? small[at - capital] : c;
        check_int(sock__lower(c), lower);
        const char *letter = strchr(small, c);
        check_int(sock__upper(c), letter != NULL ? capital[letter - small] : c);
        at = strchr(digits, lower);
        check_int(sock__is_digit(c), at != NULL && at < digits + 10);
        int value = at != NULL ? (int)(at - digits) : -1;
        check_int(sock__hex_value(c), value);
        check_int(sock__hex_pair((char[]){c, '5', '\0'}),
                  at != NULL ? 16 * value + 5 : -1);
        check_int(sock__hex_pair((char[]){'5', c, '\0'}),
                  at != NULL ? 80 + value : -1);
    }
    check(sock__lower('\0') == '\0' && sock__upper('\0') == '\0');
    check(!sock__is_digit('\0'));
    check_int(sock__hex_pair(""), -1);
    check_int(sock__hex_pair("5"), -1);
    check_int(sock__trimmed(" a \t", 4), 2);
    check_int(sock__trimmed("\t ", 2), 0);
}
