/* SPDX-License-Identifier: MIT */
/* Parts of files, and conditions: RFC 9110 13 and 14. */
#include "range.h"
#include "support.h"

#include <stdint.h>
#include <string.h>

/* A file of 1000 bytes of Sun, 06 Nov 1994 08:49:37 GMT and 5 ns. */
static const struct timespec modified = {784111777, 5};
#define TAG "\"3e8-ae1b981bc490a05\""

static struct sock__validators validators(bool weak)
{
    struct sock__validators v;
    struct timespec now = {784111777 + (weak ? 1 : 1000), 0};
    sock__validators_of(&v, 1000, &modified, &now);
    check_int(v.weak, weak);
    return v;
}

TEST(range, validators)
{
    struct sock__validators v = validators(false);
    check_str(v.etag, TAG);
    check_int(v.modified, 784111777);
    v = validators(true);
    check_str(v.etag, "W/" TAG);

    /* Of the future, of this second, two seconds old, and before all time. */
    struct timespec now = {1000, 999999999}, at = {2000, 0};
    sock__validators_of(&v, 0, &at, &now);
    check(v.weak);
    check_int(v.modified, 1000);
    at = (struct timespec){999, 0};
    sock__validators_of(&v, 0, &at, &now);
    check(v.weak);
    at = (struct timespec){998, 999999999};
    sock__validators_of(&v, 0, &at, &now);
    check(!v.weak);
    at = (struct timespec){-1, 0};
    sock__validators_of(&v, INT64_MAX, &at, &now);
    check_str(v.etag, "\"7fffffffffffffff-ffffffffc4653600\"");
    check_int(v.modified, -1);
}

struct condition {
    const char *fields;
    int get, post; /* what comes of it */
    bool weak;
};

#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define SAME "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

static const struct condition conditions[] = {
    {"", 0, 0, false},
    {"If-Match: *\r\n", 0, 0, false},
    {"If-Match: " TAG "\r\n", 0, 0, false},
    {"If-Match: \"a\", " TAG "\r\n", 0, 0, false},
    {"If-Match: ,, \"a\" ,\t" TAG ",\r\n", 0, 0, false},
    {"If-Match: \"a\"\r\nIf-Match: " TAG "\r\n", 0, 0, false},
    {"If-Match: \"a, " TAG "\r\n", 412, 412, false},
    {"If-Match: \"a\"\r\n", 412, 412, false},
    {"If-Match: W/" TAG "\r\n", 412, 412, false}, /* strong alone */
    {"If-Match: " TAG "\r\n", 412, 412, true},
    {"If-Match: *\r\n", 0, 0, true},
    {"If-Match: \r\n", 412, 412, false},
    {"If-Match: 3e8-ae1b981bc490a05\r\n", 412, 412, false},
    {"If-Unmodified-Since: " BEFORE "\r\n", 412, 412, false},
    {"If-Unmodified-Since: " SAME "\r\n", 0, 0, false},
    {"If-Unmodified-Since: " AFTER "\r\n", 0, 0, false},
    {"If-Unmodified-Since: yesterday\r\n", 0, 0, false},
    {"If-Match: *\r\nIf-Unmodified-Since: " BEFORE "\r\n", 0, 0, false},
    {"If-Match: \"a\"\r\nIf-Unmodified-Since: " AFTER "\r\n", 412, 412, false},
    {"If-None-Match: *\r\n", 304, 412, false},
    {"If-None-Match: " TAG "\r\n", 304, 412, false},
    {"If-None-Match: W/" TAG "\r\n", 304, 412, false}, /* weak will do */
    {"If-None-Match: " TAG "\r\n", 304, 412, true},
    {"If-None-Match: \"a\", W/\"b\"," TAG "\r\n", 304, 412, false},
    {"If-None-Match: \"a\"\r\nIf-None-Match: " TAG "\r\n", 304, 412, false},
    {"If-None-Match: \"a\"\r\n", 0, 0, false},
    {"If-None-Match: \"3e8-\"\r\n", 0, 0, false},
    {"If-None-Match: w/" TAG "\r\n", 0, 0, false},
    {"If-None-Match: \"3e8-ae1b981bc490a06\"\r\n", 0, 0, false},
    {"If-None-Match: \"3e8-ae1b981bc490a055\"\r\n", 0, 0, false},
    {"If-None-Match: \"\"\r\n", 0, 0, false},
    {"If-None-Match: \"a\",\r\n", 0, 0, false},
    {"If-None-Match: W" TAG "\r\n", 0, 0, false},
    {"If-None-Match: W\r\n", 0, 0, false},
    {"If-None-Match: Wx" TAG "\r\n", 0, 0, false},
    {"If-None-Match: x/" TAG "\r\n", 0, 0, false},
    {"If-None-Match: x/\"a\", " TAG "\r\n", 0, 0, false},
    {"If-None-Match: x\", " TAG "\r\n", 0, 0, false}, /* none begins there */
    {"If-Modified-Since: " BEFORE "\r\n", 0, 0, false},
    {"If-Modified-Since: " SAME "\r\n", 304, 0, false},
    {"If-Modified-Since: " AFTER "\r\n", 304, 0, false},
    {"If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", 304, 0, false},
    {"If-Modified-Since: Sun Nov  6 08:49:37 1994\r\n", 304, 0, false},
    {"If-Modified-Since: 0\r\n", 0, 0, false},
    {"If-Unmodified-Since: " BEFORE "\r\nIf-Unmodified-Since: " BEFORE "\r\n",
     0, 0, false},
    {"If-Modified-Since: " SAME "\r\nIf-Modified-Since: " SAME "\r\n", 0, 0,
     false},
    {"If-None-Match: \"a\"\r\nIf-Modified-Since: " AFTER "\r\n", 0, 0, false},
    {"If-None-Match: " TAG "\r\nIf-Modified-Since: " BEFORE "\r\n", 304, 412,
     false},
    {"If-Match: *\r\nIf-None-Match: *\r\n", 304, 412, false},
    {"If-Match: \"a\"\r\nIf-None-Match: " TAG "\r\n", 412, 412, false},
    {"If-Unmodified-Since: " BEFORE "\r\nIf-None-Match: " TAG "\r\n", 412, 412,
     false},
};

static sock_headers_t *parsed(const char *fields)
{
    return check_made(sock_headers_parse(fields, strlen(fields), 0));
}

TEST(range, conditions)
{
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        const struct condition *c = &conditions[i];
        struct sock__validators v = validators(c->weak);
        sock_headers_t *h = parsed(c->fields);
        errno = 1234;
        check_that(sock__conditions(&v, "GET", h) == c->get, "%s", c->fields);
        check_that(sock__conditions(&v, "HEAD", h) == c->get, "%s", c->fields);
        check_that(sock__conditions(&v, "POST", h) == c->post, "%s", c->fields);
        check_int(errno, 1234);
        sock_headers_free(h);
    }
}

struct part {
    const char *fields;
    int status;
    int64_t first, length;
};

static const struct part parts[] = {
    {"", 200, 0, 1000},
    {"Range: bytes=0-0\r\n", 206, 0, 1},
    {"Range: bytes=0-499\r\n", 206, 0, 500},
    {"Range: bytes=500-999\r\n", 206, 500, 500},
    {"Range: bytes=500-\r\n", 206, 500, 500},
    {"Range: bytes=0-\r\n", 206, 0, 1000},
    {"Range: bytes=-500\r\n", 206, 500, 500},
    {"Range: bytes=-1\r\n", 206, 999, 1},
    {"Range: bytes=-1000\r\n", 206, 0, 1000},
    {"Range: bytes=-1001\r\n", 206, 0, 1000},
    {"Range: bytes=999-5000\r\n", 206, 999, 1},
    {"Range: bytes=0-99999999999999999999999999\r\n", 206, 0, 1000},
    {"Range: bytes=-99999999999999999999999999\r\n", 206, 0, 1000},
    {"Range: bytes=00000000000000000000000001-2\r\n", 206, 1, 2},
    {"Range: BYTES=1-2\r\n", 206, 1, 2},
    {"Range: bytes= 1-2 \r\n", 206, 1, 2},
    {"Range: bytes=,1-2,\r\n", 206, 1, 2},
    {"Range: bytes=1000-\r\n", 416, 0, 0},
    {"Range: bytes=1000-1001\r\n", 416, 0, 0},
    {"Range: bytes=99999999999999999999999999-\r\n", 416, 0, 0},
    {"Range: bytes=-0\r\n", 416, 0, 0},
    /* Several, and what is none: all of it. */
    {"Range: bytes=0-0,2-2\r\n", 200, 0, 1000},
    {"Range: bytes=0-,0-,0-,0-,0-\r\n", 200, 0, 1000},
    {"Range: bytes=0-0\r\nRange: bytes=2-2\r\n", 200, 0, 1000},
    {"Range: bytes=5-2\r\n", 200, 0, 1000},
    {"Range: bytes=-\r\n", 200, 0, 1000},
    {"Range: bytes=\r\n", 200, 0, 1000},
    {"Range: bytes\r\n", 200, 0, 1000},
    {"Range: bytes 0-1\r\n", 200, 0, 1000},
    {"Range: 0-1\r\n", 200, 0, 1000},
    {"Range: bytes=a-b\r\n", 200, 0, 1000},
    {"Range: bytes=0x1-2\r\n", 200, 0, 1000},
    {"Range: bytes=+1-2\r\n", 200, 0, 1000},
    {"Range: bytes=1--2\r\n", 200, 0, 1000},
    {"Range: bytes=1 - 2\r\n", 200, 0, 1000},
    {"Range: bytes=1-2;a\r\n", 200, 0, 1000},
    /* Beside the digits, and one for each number that has no room. */
    {"Range: bytes=1:2\r\n", 200, 0, 1000},
    {"Range: bytes=1 2\r\n", 200, 0, 1000},
    {"Range: bytes=/-2\r\n", 200, 0, 1000},
    {"Range: bytes=:-2\r\n", 200, 0, 1000},
    {"Range: bytes=1/-2\r\n", 200, 0, 1000},
    {"Range: bytes=1:-2\r\n", 200, 0, 1000},
    {"Range: bytes=1-/\r\n", 200, 0, 1000},
    {"Range: bytes=1-:\r\n", 200, 0, 1000},
    {"Range: bytes=1-2/\r\n", 200, 0, 1000},
    {"Range: bytes=1-2:\r\n", 200, 0, 1000},
    {"Range: bytes=18446744073709551617-\r\n", 416, 0, 0},
    {"Range: bytes=9223372036854775808-\r\n", 416, 0, 0},
    {"Range: bytes=9223372036854775807-\r\n", 416, 0, 0},
    {"Range: bytes=1-18446744073709551618\r\n", 206, 1, 999},
    {"Range: bytes=-18446744073709551617\r\n", 206, 0, 1000},
    {"Range: lines=1-2\r\n", 200, 0, 1000},
    /* If-Range, strong alone. */
    {"Range: bytes=1-2\r\nIf-Range: " TAG "\r\n", 206, 1, 2},
    {"Range: bytes=1-2\r\nIf-Range: W/" TAG "\r\n", 200, 0, 1000},
    {"Range: bytes=1-2\r\nIf-Range: \"a\"\r\n", 200, 0, 1000},
    {"Range: bytes=1-2\r\nIf-Range: " TAG ", " TAG "\r\n", 200, 0, 1000},
    {"Range: bytes=1-2\r\nIf-Range: *\r\n", 200, 0, 1000},
    {"Range: bytes=1-2\r\nIf-Range: " SAME "\r\n", 206, 1, 2},
    {"Range: bytes=1-2\r\nIf-Range: " BEFORE "\r\n", 200, 0, 1000},
    {"Range: bytes=1-2\r\nIf-Range: " AFTER "\r\n", 200, 0, 1000},
    {"Range: bytes=1-2\r\nIf-Range: " SAME "\r\nIf-Range: " SAME "\r\n", 200, 0,
     1000},
    {"Range: bytes=1-2\r\nIf-Range: " TAG "x\r\n", 200, 0, 1000},
    {"Range: bytes=1-2\r\nIf-Range: yesterday\r\n", 200, 0, 1000},
    {"Range: bytes=1000-\r\nIf-Range: \"a\"\r\n", 200, 0, 1000},
    {"If-Range: " TAG "\r\n", 200, 0, 1000},
};

TEST(range, parts)
{
    struct sock__validators v = validators(false);

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct sock__range r;
        const struct part *part = &parts[i];
        sock_headers_t *h = parsed(part->fields);
        int status = sock__range_of(&r, 1000, &v, "GET", h);
        check_that(status == part->status, "%s: %d", part->fields, status);
        if (status != 416)
            check_that(r.first == part->first && r.length == part->length,
                       "%s: %lld, %lld", part->fields, (long long)r.first,
                       (long long)r.length);
        check_int(sock__range_of(&r, 1000, &v, "HEAD", h), 200);
        check_int(sock__range_of(&r, 1000, &v, "POST", h), 200);
        sock_headers_free(h);
    }
}

TEST(range, of_a_young_file)
{
    struct sock__validators v = validators(true);
    struct sock__range r;
    sock_headers_t *h = parsed("Range: bytes=1-2\r\nIf-Range: " TAG "\r\n");
    check_int(sock__range_of(&r, 1000, &v, "GET", h), 200);
    sock_headers_free(h);
    h = parsed("Range: bytes=1-2\r\nIf-Range: " SAME "\r\n");
    check_int(sock__range_of(&r, 1000, &v, "GET", h), 200);
    sock_headers_free(h);
    h = parsed("Range: bytes=1-2\r\n");
    check_int(sock__range_of(&r, 1000, &v, "GET", h), 206);
    sock_headers_free(h);
}

TEST(range, of_an_empty_file)
{
    struct sock__validators v = validators(false);
    struct sock__range r;
    static const char *const all[] = {"bytes=0-", "bytes=0-0", "bytes=-1",
                                      "bytes=-0"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        sock_headers_t *h = check_made(sock_headers_new());
        check_ok(sock_headers_add(h, "Range", all[i]));
        check_int(sock__range_of(&r, 0, &v, "GET", h), 416);
        sock_headers_free(h);
    }
}
