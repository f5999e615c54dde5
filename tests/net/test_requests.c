/* SPDX-License-Identifier: MIT */
/*
 * Requests as they lie on the wire, and what becomes of them. Each is read
 * whole, byte by byte, and cut off at every byte.
 */
#include "requests.h"

#define CHECK_ROWS(rows)                                                       \
    check_messages(NULL, rows, sizeof(rows) / sizeof(rows)[0])

/* --- Tables -------------------------------------------------------------- */

TEST(requests, lengths)
{
    CHECK_ROWS(lengths);
}

TEST(requests, codings)
{
    CHECK_ROWS(codings);
}

TEST(requests, chunks)
{
    CHECK_ROWS(chunks);
}

TEST(requests, fields)
{
    CHECK_ROWS(fields);
}

TEST(requests, hosts)
{
    CHECK_ROWS(hosts);
}

TEST(requests, lines)
{
    CHECK_ROWS(lines);
}

TEST(requests, targets)
{
    CHECK_ROWS(targets);
}

TEST(requests, others)
{
    CHECK_ROWS(others);
}

/* Every control character, and every byte over 127, in every place. */
TEST(requests, each_byte_in_each_place)
{
    static const struct {
        const char *before, *after;
        const char *others; /* that are taken there, but letters */
        bool high;          /* those over 127, too */
    } places[] = {
        {"G", "T / HTTP/1.1\r\nHost: a\r\n\r\n", "!#$%&'*+-.^_`|~", false},
        {"GET /", "b HTTP/1.1\r\nHost: a\r\n\r\n",
         "!\"$%&'()*+,-./:;<=>?@[]^_`{|}~", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nA", "b: c\r\n\r\n",
         "!#$%&'*+-.^_`|~:", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nA: 012345678", "012345678\r\n\r\n",
         " \t!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", true},
    };
    char raw[80];

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        for (int c = 0; c < 256; c++) {
            size_t n = strlen(places[i].before), m = strlen(places[i].after);
            memcpy(raw, places[i].before, n);
            raw[n] = (char)c;
            memcpy(raw + n + 1, places[i].after, m);
            struct outcome o = read_message(NULL, raw, n + 1 + m, sizeof raw);
            bool taken = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                         (c >= 'A' && c <= 'Z') ||
                         (c != 0 && strchr(places[i].others, c) != NULL) ||
                         (c >= 128 && places[i].high);
            check_that(o.result == (taken ? ACCEPTED : 400),
                       "place %zu, byte %d: %d", i, c, o.result);
        }
}

TEST(requests, by_hand)
{
    const char *raw = "GET / HTTP/1.1\nHost: a\n\n";
    struct outcome o = read_all_ways("by hand", NULL, raw, strlen(raw));

    check_int(o.result, ACCEPTED);
    check(o.by_hand && !o.keep_alive);
    check_int(o.minor, 0);
    check_int(o.fields, 1);
    o = read_all_ways("no fields", NULL, "GET / HTTP/1.1\n\n", 16);
    check(o.result == ACCEPTED && o.by_hand);
    o = read_all_ways("CR LF before", NULL, "\r\nGET / HTTP/1.1\n\n", 18);
    check(o.result == ACCEPTED && o.by_hand && o.taken == 18);
    o = read_message(NULL, NEXT, sizeof NEXT - 1, 100);
    check(!o.by_hand);
}

/* Whether the connection goes on. */
TEST(requests, connection)
{
    static const struct {
        const char *version, *fields;
        bool on;
    } rows[] = {
        {"1.1", "", true},
        {"1.1", "Connection: keep-alive\r\n", true},
        {"1.1", "Connection: close\r\n", false},
        {"1.1", "connection: CLOSE\r\n", false},
        {"1.1", "Connection: close\t\r\n", false},
        {"1.1", "Connection: a, close\r\n", false},
        {"1.1", "Connection: close, token, keep-alive\r\n", false},
        {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
        {"1.1", "Connection: closed\r\n", true},
        {"1.1", "Connection: \"a, close\"\r\n", true},
        {"1.1", "Connection: , ,close ,\r\n", false},
        {"1.1", "Proxy-Connection: close\r\n", true},
        {"1.9", "", true},
        {"1.0", "", false},
        {"1.0", "Connection: Keep-Alive\r\n", true},
        {"1.0", "Connection: keep-alive, Upgrade\r\n", true},
        {"1.0", "Connection: keep-alive, close\r\n", false},
        {"1.0", "Keep-Alive: 300\r\n", false},
    };
    char raw[200];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int n = snprintf(raw, sizeof raw, "GET / HTTP/%s\r\nHost: a\r\n%s\r\n",
                         rows[i].version, rows[i].fields);
        struct outcome o = read_message(NULL, raw, (size_t)n, sizeof raw);
        check_int(o.result, ACCEPTED);
        check_that(o.keep_alive == rows[i].on, "%s %s", rows[i].version,
                   rows[i].fields);
    }
}

/* Who is to be told to go on: a client of HTTP/1.1 that has a body. */
TEST(requests, expectation)
{
    static const struct {
        const char *raw;
        bool expects;
    } rows[] = {
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
         "Content-Length: 2\r\n\r\nab",
         true},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-CONTINUE\r\n"
         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         true},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
         "Content-Length: 0\r\n\r\n",
         false},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", false},
        {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
         "ab",
         false},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o =
            read_message(NULL, rows[i].raw, strlen(rows[i].raw), 1000);
        check_int(o.result, ACCEPTED);
        check_that(o.expects == rows[i].expects, "%s", rows[i].raw);
    }
}

/* Whom it is for. */
TEST(requests, authority)
{
    static const char *const rows[][2] = {
        {"GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", "a:80"},
        {"GET http://b/c HTTP/1.1\r\nHost: a:80\r\n\r\n", "b"},
        {"GET http://b:81?c HTTP/1.1\r\nHost: a:80\r\n\r\n", "b:81"},
        {"GET https://[::1] HTTP/1.0\r\n\r\n", "[::1]"},
        {"CONNECT c:443 HTTP/1.1\r\nHost: a\r\n\r\n", "c:443"},
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "a"},
        {"GET / HTTP/1.0\r\n\r\n", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o =
            read_message(NULL, rows[i][0], strlen(rows[i][0]), 1000);
        check_int(o.result, ACCEPTED);
        check_str(o.host, rows[i][1]);
    }
}

/* --- Limits -------------------------------------------------------------- */

/* A request whose target, or value of a field, has so many bytes. */
static char *with_target(size_t n, size_t *size)
{
    char *raw = malloc(n + 100);
    memset(raw + 4, 'a', n);
    memcpy(raw, "GET /", 5);
    strcpy(raw + 4 + n, " HTTP/1.1\r\nHost: a\r\n\r\n");
    *size = 4 + n + strlen(raw + 4 + n);
    return raw;
}

static char *with_head(size_t size)
{
    static const char begin[] = GET HOST "A: ";
    char *raw = malloc(size);
    memset(raw, 'a', size);
    memcpy(raw, begin, sizeof begin - 1);
    memcpy(raw + size - 4, "\r\n\r\n", 4);
    return raw;
}

TEST(requests, long_targets)
{
    size_t size;
    char *raw = with_target(8192, &size);

    check_int(result_of(NULL, raw, size, size), ACCEPTED);
    raw = with_target(8192, &size);
    check_int(result_of(NULL, raw, size, 64), ACCEPTED);
    for (size_t n = 8193; n < 80000; n += n) {
        raw = with_target(n, &size);
        check_int(result_of(NULL, raw, size, size), 414);
        raw = with_target(n, &size);
        check_int(result_of(NULL, raw, size, 64), 414);
        /* Before its end has come. */
        raw = with_target(n, &size);
        check_int(result_of(NULL, raw, 4 + n, 64), 414);
    }
}

TEST(requests, long_heads)
{
    check_int(result_of(NULL, with_head(32768), 32768, 32768), ACCEPTED);
    check_int(result_of(NULL, with_head(32768), 32768, 100), ACCEPTED);
    check_int(result_of(NULL, with_head(32769), 32769, 32769), 431);
    check_int(result_of(NULL, with_head(32769), 32769, 100), 431);
    check_int(result_of(NULL, with_head(40000), 40000, 40000), 431);
    check_int(result_of(NULL, with_head(40000), 40000, 1000), 431);
    check_int(result_of(NULL, with_head(40000), 32768, 32768), 431);
    check_int(result_of(NULL, with_head(40000), 32767, 32767), INCOMPLETE);
}

static char *with_fields(int count, size_t *size)
{
    char *raw = malloc((size_t)count * 8 + 100), *at = raw;
    at = stpcpy(at, GET HOST);
    for (int i = 1; i < count; i++)
        at += sprintf(at, "A%d:b\r\n", i % 100);
    at = stpcpy(at, "\r\n");
    *size = (size_t)(at - raw);
    return raw;
}

TEST(requests, many_fields)
{
    static const int counts[] = {101, 102, 1001};
    size_t size;
    char *raw = with_fields(100, &size);

    check_int(result_of(NULL, raw, size, size), ACCEPTED);
    raw = with_fields(100, &size);
    check_int(result_of(NULL, raw, size, 1), ACCEPTED);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        raw = with_fields(counts[i], &size);
        check_int(result_of(NULL, raw, size, size), 431);
        raw = with_fields(counts[i], &size);
        check_int(result_of(NULL, raw, size, 1), 431);
    }
}

/* Extensions of all chunks together. */
TEST(requests, long_extensions)
{
    static const struct {
        size_t length, count;
        int result;
    } rows[] = {{16383, 1, ACCEPTED}, {16384, 1, 400}, {20000, 1, 400},
                {1023, 16, ACCEPTED}, {1023, 17, 400}, {0, 16384, ACCEPTED},
                {0, 16385, 400},      {100000, 1, 400}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = rows[i].length;
        char *raw = malloc((n + 10) * rows[i].count + 200);
        char *at = stpcpy(raw, BODY);
        for (size_t k = 0; k < rows[i].count; k++) {
            at = stpcpy(at, "1;");
            memset(at, 'x', n);
            at = stpcpy(at + n, "\r\na\r\n");
        }
        at = stpcpy(at, "0\r\n\r\n");
        check_int(result_of(NULL, raw, (size_t)(at - raw), 1000),
                  rows[i].result);
    }
}

TEST(requests, long_methods)
{
    char raw[200];

    for (int n = 63; n < 80; n++) {
        int size = snprintf(raw, sizeof raw, "%.*s / HTTP/1.0\r\n\r\n", n,
                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        struct outcome o = read_all_ways("method", NULL, raw, (size_t)size);
        check_int(o.result, n <= 64 ? ACCEPTED : 400);
        check_int(read_message(NULL, raw, (size_t)n, 1).result,
                  n <= 64 ? INCOMPLETE : 400);
    }
}
