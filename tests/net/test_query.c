/* SPDX-License-Identifier: MIT */
/* Queries: fields that are read, added, found and written. Links with --wrap.
 */
#include <pysockc/url.h>

#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "starve.h"

enum { NONE = 0, KEEP = SOCK_QUERY_KEEP_BLANK, STRICT = SOCK_QUERY_STRICT };

/* The fields of a query as "name:value " each. */
static void check_fields(const sock_query_t *q, const char *expected)
{
    char text[256] = "";
    const char *name = NULL, *value = NULL;

    for (size_t i = 0; sock_query_at(q, i, &name, &value) == 1; i++) {
        strcat(strcat(text, name), ":");
        strcat(strcat(text, value), " ");
    }
    check_str(text, expected);
}

static void parses(const char *query, int flags, const char *expected)
{
    errno = 1234;
    sock_query_t *q = check_made(sock_parse_qs(query, flags, 0));
    check_fields(q, expected);
    check_int(errno, 1234);
    sock_query_free(q);
}

TEST(query, parsed)
{
    parses("", NONE, "");
    parses("", STRICT, "");
    parses("a=1&b=2&a=3", NONE, "a:1 b:2 a:3 ");
    parses("a=b=c", NONE, "a:b=c ");
    parses("=a", NONE, ":a ");
    parses("a+b=c%20d%26&%3D=%3d", NONE, "a b:c d& =:= ");
    parses("&&a=1&", NONE, "a:1 ");
    parses("a=1;b=2", NONE, "a:1;b=2 ");
    parses("%ff=%c3", NONE, "\xef\xbf\xbd:\xef\xbf\xbd ");
    parses("\xff=\x01", NONE, "\xff:\x01 ");
}

TEST(query, blank_values)
{
    parses("a&b=&=&c=1", NONE, "c:1 ");
    parses("a&b=&=&c=1", KEEP, "a: b: : c:1 ");
    parses("&&", KEEP, "");
    parses("a=+", NONE, "a:  ");
    parses("a=&b=1", STRICT, "b:1 ");
    parses("a=&b=1", STRICT | KEEP, "a: b:1 ");
    parses("%00&a=1", NONE, "a:1 "); /* which no one sees */
}

TEST(query, semicolons)
{
    parses("a=1;b=2&c=3;;", SOCK_QUERY_SEMICOLON, "a:1 b:2 c:3 ");
    parses("a%3B=1;", SOCK_QUERY_SEMICOLON, "a;:1 ");
}

TEST(query, strict)
{
    check_null(sock_parse_qs("a=1&b", STRICT, 0), SOCK_E_VALUE, 0,
               "parse_qs: bad query field: 'b'");
    check_null(sock_parse_qs("a=1&&b=2", STRICT, 0), SOCK_E_VALUE, 0,
               "parse_qs: bad query field: ''");
    check_null(sock_parse_qs("a=1&", STRICT, 0), SOCK_E_VALUE, 0,
               "parse_qs: bad query field: ''");
    check_null(sock_parse_qs("b;a=1", STRICT | SOCK_QUERY_SEMICOLON, 0),
               SOCK_E_VALUE, 0, "parse_qs: bad query field: 'b'");
}

TEST(query, a_long_field_is_quoted_in_part)
{
    char query[2001];
    memset(query, 'a', 2000);
    query[2000] = '\0';
    check(sock_parse_qs(query, STRICT, 0) == NULL);
    check_int(strlen(sock_last_error()->words), SOCK_ERROR_WORDS_MAX - 1);
    check(strncmp(sock_last_error()->words, "bad query field: 'aaa", 21) == 0);
}

TEST(query, at_most)
{
    static const char text[] = "parse_qs: Max number of fields exceeded";
    static const struct {
        const char *query;
        int flags;
        size_t number; /* as it is counted */
    } rows[] = {{"", 0, 0},
                {"a", 0, 1},
                {"a=1&b=2", 0, 2},
                {"&&", 0, 3},
                {"a=1&b=2&", 0, 3},
                {"a;b", 0, 1},
                {"a;b&c", SOCK_QUERY_SEMICOLON, 3}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_query_t *q =
            check_made(sock_parse_qs(rows[i].query, rows[i].flags,
                                     rows[i].number > 0 ? rows[i].number : 1));
        sock_query_free(q);
        if (rows[i].number > 1)
            check_null(
                sock_parse_qs(rows[i].query, rows[i].flags, rows[i].number - 1),
                SOCK_E_VALUE, 0, text);
    }
}

TEST(query, no_nul)
{
    check_null(sock_parse_qs("a%00=1", NONE, 0), SOCK_E_VALUE, 0,
               "parse_qs: embedded null byte");
    check_null(sock_parse_qs("b=2&a=%00", NONE, 0), SOCK_E_VALUE, 0,
               "parse_qs: embedded null byte");
}

TEST(query, flags)
{
    char buf[4] = "old";
    sock_query_t *q = check_made(sock_query_new());

    check_null(sock_parse_qs("a", 16, 0), SOCK_E_VALUE, 0,
               "parse_qs: unknown flags");
    check_null(sock_parse_qs("a", SOCK_QUERY_QUOTE, 0), SOCK_E_VALUE, 0,
               "parse_qs: unknown flags");
    check_null(sock_parse_qs("a", -1, 0), SOCK_E_VALUE, 0,
               "parse_qs: unknown flags");
    check_fails(sock_urlencode(q, SOCK_QUERY_STRICT, buf, sizeof buf),
                SOCK_E_VALUE, 0, "urlencode: unknown flags");
    check_str(buf, "");
    sock_query_free(q);
}

TEST(query, found)
{
    sock_query_t *q = check_made(sock_parse_qs("a=1&b=2&a=3&=4", NONE, 0));
    const char *name = "old", *value = "old";

    check_str(sock_query_get(q, "a", 0), "1");
    check_str(sock_query_get(q, "a", 1), "3");
    check_str(sock_query_get(q, "b", 0), "2");
    check_str(sock_query_get(q, "", 0), "4");
    check_null(sock_query_get(NULL, "a", 0), SOCK_E_TYPE, 0,
               "query_get: argument is NULL");
    errno = 1234;
    check(sock_query_get(q, "a", 2) == NULL);
    check(sock_query_get(q, "A", 0) == NULL);
    check(sock_query_get(q, "c", 0) == NULL);
    check_int(sock_query_at(q, 4, &name, &value), 0);
    check_str(name, "old");
    check_str(value, "old");
    check_int(sock_query_at(q, 3, NULL, &value), 1);
    check_str(value, "4");
    check_int(sock_query_at(q, 1, &name, NULL), 1);
    check_str(name, "b");
    check_int(sock_query_at(q, 0, NULL, NULL), 1);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_TYPE); /* as it was */
    sock_query_free(q);
}

static void encodes(const sock_query_t *q, int flags, const char *expected)
{
    char buf[256];
    size_t n = strlen(expected);

    check_int(sock_urlencode(q, flags, NULL, 0), n);
    check_int(sock_urlencode(q, flags, buf, n + 1), n);
    check_str(buf, expected);
    if (n > 0)
        check_int(sock_urlencode(q, flags, buf, n), n);
    check_str(buf, "");
}

TEST(query, written)
{
    sock_query_t *q = check_made(sock_query_new());

    encodes(q, 0, "");
    errno = 1234;
    check_ok(sock_query_add(q, "a b", "c/d&e=f+g"));
    check_ok(sock_query_add(q, "", ""));
    check_ok(sock_query_add(q, "a b", "\xc3\xa9~"));
    check_int(errno, 1234);
    check_fields(q, "a b:c/d&e=f+g : a b:\xc3\xa9~ ");
    encodes(q, 0, "a+b=c%2Fd%26e%3Df%2Bg&=&a+b=%C3%A9~");
    encodes(q, SOCK_QUERY_QUOTE, "a%20b=c%2Fd%26e%3Df%2Bg&=&a%20b=%C3%A9~");
    sock_query_free(q);
}

TEST(query, added_to_what_was_parsed)
{
    sock_query_t *q = check_made(sock_parse_qs("a=1", NONE, 0));
    check_ok(sock_query_add(q, "b", "2"));
    encodes(q, 0, "a=1&b=2");
    sock_query_free(q);
}

TEST(query, no_argument)
{
    char buf[4] = "old";
    sock_query_t *q = check_made(sock_query_new());

    check_null(sock_parse_qs(NULL, NONE, 0), SOCK_E_TYPE, 0,
               "parse_qs: argument is NULL");
    check_fails(sock_query_add(NULL, "a", "b"), SOCK_E_TYPE, 0,
                "query_add: argument is NULL");
    check_fails(sock_query_add(q, NULL, "b"), SOCK_E_TYPE, 0,
                "query_add: argument is NULL");
    check_fails(sock_query_add(q, "a", NULL), SOCK_E_TYPE, 0,
                "query_add: argument is NULL");
    check_null(sock_query_get(q, NULL, 0), SOCK_E_TYPE, 0,
               "query_get: argument is NULL");
    check_fails(sock_query_at(NULL, 0, NULL, NULL), SOCK_E_TYPE, 0,
                "query_at: argument is NULL");
    check_fails(sock_urlencode(NULL, 0, buf, sizeof buf), SOCK_E_TYPE, 0,
                "urlencode: argument is NULL");
    check_str(buf, "");
    check_fails(sock_urlencode(q, 0, NULL, 1), SOCK_E_TYPE, 0,
                "urlencode: buffer is NULL");
    errno = 1234;
    sock_query_free(NULL);
    sock_query_free(q);
    check_int(errno, 1234);
}

TEST(query, without_memory)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_query_t *q = sock_parse_qs("a=1&b=2", NONE, 0);
        fail_at = 0;
        if (q == NULL)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        else
            check_fields(q, "a:1 b:2 ");
        sock_query_free(q);
    }
    fail_at = 1;
    check_null(sock_query_new(), SOCK_E_MEMORY, 0,
               "query_new: [Errno 12] Cannot allocate memory");
}

/* The fields stay as they were, and go on: whatever is refused to grow. */
TEST(query, without_memory_to_add)
{
    sock_query_t *q = check_made(sock_query_new());
    const char *name, *value;
    size_t count = 0;
    int failed = 0;

    need_own_memory();
    for (int i = 0; i < 100; i++) {
        fail_at = 1 + i % 2;
        int n = sock_query_add(q, "name", "value");
        fail_at = 0;
        if (n == -1) {
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
            check_int(sock_query_at(q, count, &name, &value), 0);
            check_ok(sock_query_add(q, "name", "value"));
            failed++;
        }
        check_int(sock_query_at(q, count++, &name, &value), 1);
        check_str(name, "name");
        check_str(value, "value");
    }
    check(failed > 3);
    sock_query_free(q);
}

/* A million fields, in a time that is linear. */
TEST(query, many)
{
    enum { N = 1000000 };
    char *text = check_made(malloc(4 * N + 1));
    char *back = check_made(malloc(4 * N + 1));

    for (int i = 0; i < N; i++)
        memcpy(text + 4 * i, i % 2 == 0 ? "a=1&" : "b=2&", 4);
    text[4 * N - 1] = '\0';
    sock_query_t *q = check_made(sock_parse_qs(text, NONE, N));
    check_str(sock_query_get(q, "b", N / 2 - 1), "2");
    check(sock_query_get(q, "b", N / 2) == NULL);
    check_int(sock_urlencode(q, 0, back, 4 * N), 4 * N - 1);
    check(strcmp(text, back) == 0);
    sock_query_free(q);
    free(text);
    free(back);
}
