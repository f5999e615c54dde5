/* SPDX-License-Identifier: MIT */
/* Cookies of one message; that Python says the same is seen by
 * parity_cookie.py. Links with --wrap. */
#include "starve.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pysockc/net.h>

time_t __wrap_time(time_t *t);
time_t __wrap_time(time_t *t)
{
    const time_t now = 1300000000; /* Sun, 13 Mar 2011 07:06:40 GMT */
    if (t != NULL)
        *t = now;
    return now;
}

/* A new set of the cookies of a field, of which so many pairs are taken. */
static sock_cookies_t *loaded(const char *text, int pairs)
{
    sock_cookies_t *c = check_made(sock_cookies_new());
    errno = 1234;
    int n = sock_cookies_load(c, text);
    check_that(n == pairs, "%s: %d pairs", text, n);
    check_int(errno, 1234);
    return c;
}

/* All of them, as a text. */
static const char *items(const sock_cookies_t *c)
{
    static char text[1024];
    const char *name, *value;
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; sock_cookies_at(c, i, &name, &value) == 1; i++)
        n +=
            (size_t)snprintf(text + n, sizeof text - n, "[%s|%s]", name, value);
    return text;
}

/* The fields that they make, a line each. */
static const char *fields(const sock_cookies_t *c)
{
    static char text[1024];
    sock_headers_t *h = check_made(sock_headers_new());
    errno = 1234;
    check_ok(sock_cookies_output(c, h));
    check_int(errno, 1234);
    int n = sock_headers_text(h, text, sizeof text);
    check(n > 0 && n < (int)sizeof text);
    text[n - 1] = '\0'; /* the blank line */
    sock_headers_free(h);
    return text;
}

static const struct {
    const char *text;
    int pairs;
    const char *items;
} loads[] = {
    {"", 0, ""},
    {";", 0, ""},
    {" ; ;; ", 0, ""},
    {"a=b", 1, "[a|b]"},
    {"a=b; c=d", 2, "[a|b][c|d]"},
    {"c=d;a=b;", 2, "[c|d][a|b]"},
    {"a=b; a=c", 2, "[a|c]"},
    {"a=b; c=d; a=e", 3, "[a|e][c|d]"},
    {"  a  =  b c  ;  d  =  ", 2, "[a|b c][d|]"},
    {"a=b=c", 1, "[a|b=c]"},
    {"a==b", 1, "[a|=b]"},
    {"a:b=c:d", 1, "[a:b|c:d]"},
    {"a=[;b=]", 2, "[a|[][b|]]"},
    {"a=\xc3\xa9", 1, "[a|\xc3\xa9]"},
    {"A=1; a=2", 2, "[A|1][a|2]"},
    /* What is odd does not hide the others. */
    {"a=1;b", 1, "[a|1]"},
    {"a=1;;b=2", 2, "[a|1][b|2]"},
    {"baz; foo=bar", 1, "[foo|bar]"},
    {"=x; a=b", 1, "[a|b]"},
    {"a,b=1; c=2", 1, "[c|2]"},
    {"a b=1; c=2", 1, "[c|2]"},
    {"a[=1; c=2", 1, "[c|2]"},
    {"\xc3\xa9=1; c=2", 1, "[c|2]"},
    {"a=\x01; b=\x7f; c=2", 1, "[c|2]"},
    {"a=b\nc; d=e", 1, "[d|e]"},
    {"a=b\tc", 1, "[a|b\tc]"},
    {"{\"json\": 1}=2; a=3", 1, "[a|3]"},
    {"a=\"; b=2", 2, "[a|\"][b|2]"},
    {"a=b\"c; d=e", 2, "[a|b\"c][d|e]"},
    /* What is in quotes, where the quote that begins it ends it, too. */
    {"a=\"b\"", 1, "[a|b]"},
    {"a=\"\"", 1, "[a|]"},
    {"a=\"", 1, "[a|\"]"},
    {"a=\"b", 1, "[a|\"b]"},
    {"a=b\"", 1, "[a|b\"]"},
    {"a=\"b\"c\"", 1, "[a|\"b\"c\"]"},
    {"a=\"b\\\"", 1, "[a|\"b\\\"]"},
    {"a=\"b\\\\\"", 1, "[a|b\\]"},
    {"a=\"\\073\\054\\040\"", 1, "[a|;, ]"},
    {"a=\"\\400\\08\\7\"", 1, "[a|400087]"},
    {"a=\"\\377\"", 1, "[a|\xff]"},
    {"a=\"\\018\\01/\\0/1\\/11\"", 1, "[a|01801/0/1/11]"},
    {"a=\"x\\000y\"; b=1", 1, "[b|1]"},
    {"a=\"\\0000\"; b=1", 1, "[b|1]"},
    {"a=\"\\015\\012\"", 1, "[a|\r\n]"},
    /* A semicolon ends a pair even there: nothing swallows what follows. */
    {"$Version=1; a=\"x; sid=secret; b=y\"", 3, "[a|\"x][sid|secret][b|y\"]"},
    /* Attributes */
    {"Path=/; a=b", 1, "[a|b]"},
    {"$Version=1; $Path=/; a=b", 1, "[a|b]"},
    {"a=b; $Path=/x; $other=1; c=d", 3, "[a|b][c|d]"},
    {"a=b; secure; httponly; path=/", 4, "[a|b]"},
    {"a=b; path; domain; max-age", 1, "[a|b]"},
    {"a=b; comment=\"x\\073y\"; c=d", 2, "[a|b][c|d]"},
    {"a=b; comment=\"x\\000y\"; c=d", 2, "[a|b][c|d]"},
    {"$a=b; c=d", 1, "[c|d]"},
};

TEST(cookie, load)
{
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        sock_cookies_t *c = loaded(loads[i].text, loads[i].pairs);
        check_that(strcmp(items(c), loads[i].items) == 0, "%s: %s",
                   loads[i].text, items(c));
        sock_cookies_free(c);
    }
}

TEST(cookie, load_again)
{
    sock_cookies_t *c = loaded("a=1; Path=/x; b=2", 3);
    check_int(sock_cookies_load(c, "c=3; a=4; Secure"), 3);
    check_str(items(c), "[a|4][b|2][c|3]");
    check_str(sock_cookies_get_attr(c, "a", "path"), "/x");
    check_str(sock_cookies_get_attr(c, "a", "secure"), "1");
    sock_cookies_free(c);
}

TEST(cookie, get)
{
    sock_cookies_t *c = loaded("a=b; A=c", 2);
    check_str(sock_cookies_get(c, "a"), "b");
    check_str(sock_cookies_get(c, "A"), "c");
    errno = 1234;
    check(sock_cookies_get(c, "x") == NULL);
    check(sock_cookies_get(c, "") == NULL);
    check(sock_cookies_get_attr(c, "a", "path") == NULL);
    check(sock_cookies_get_attr(c, "x", "path") == NULL);
    check_int(sock_cookies_at(c, 2, NULL, NULL), 0);
    check_int(sock_cookies_at(c, 1, NULL, NULL), 1);
    check_int(errno, 1234);
    sock_cookies_free(c);
}

/* Of as many as a head of megabytes has, each is found in no time. */
TEST(cookie, of_thousands)
{
    enum { MANY = 100000 };
    char *text = malloc(MANY * 10 + 1), *at = text;
    for (int i = 0; i < MANY; i++)
        at += sprintf(at, "c%05d=%d;", i, i % 10);
    double before = worked();
    sock_cookies_t *c = loaded(text, MANY);
    check_str(sock_cookies_get(c, "c00007"), "7");
    check_str(sock_cookies_get(c, "c99999"), "9");
    check(worked() - before < 5);
    sock_cookies_free(c);
    free(text);
}

TEST(cookie, of_a_large_value)
{
    enum { MANY = 1000000 };
    static const char *const quoted[] = {"\\\\", "\\134"};
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(quoted[i]);
        char *text = malloc(MANY * n + 16);
        size_t at = (size_t)sprintf(text, "a=\"b=");
        for (int k = 0; k < MANY; k++, at += n)
            memcpy(text + at, quoted[i], n);
        memcpy(text + at, "\"", 2);
        sock_cookies_t *c = loaded(text, 1);
        const char *value = sock_cookies_get(c, "a");
        check_int(strlen(value), MANY + 2);
        check(strncmp(value, "b=\\", 3) == 0 && value[MANY + 1] == '\\');
        sock_cookies_free(c);
        free(text);
    }
}

TEST(cookie, attributes_of_a_field)
{
    sock_cookies_t *c = loaded("a=b; PATH=\"/x\"; expires=Wed, 01 Jan 98 "
                               "00:00:00 GMT; secure=; httponly=foo; "
                               "samesite=lax; max-age=10; version=1; "
                               "comment=c; domain=d; partitioned",
                               11);
    static const char *const rows[][2] = {
        {"path", "/x"},      {"expires", "Wed, 01 Jan 98 00:00:00 GMT"},
        {"secure", "1"},     {"HttpOnly", "foo"},
        {"SameSite", "lax"}, {"max-age", "10"},
        {"version", "1"},    {"comment", "c"},
        {"domain", "d"},     {"partitioned", "1"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_str(sock_cookies_get_attr(c, "a", rows[i][0]), rows[i][1]);
    check_str(fields(c),
              "Set-Cookie: a=b; Comment=c; Domain=d; expires=Wed, 01 Jan 98 "
              "00:00:00 GMT; HttpOnly; Max-Age=10; Partitioned; Path=/x; "
              "SameSite=lax; Secure; Version=1\n");
    sock_cookies_free(c);
}

static const struct {
    const char *value, *coded;
} values[] = {
    {"x", "x"},
    {"", "\"\""},
    {"!#$%&'*+-.^_`|~:09azAZ", "!#$%&'*+-.^_`|~:09azAZ"},
    {"a b", "\"a b\""},
    {"()/<=>?@[]{}", "\"()/<=>?@[]{}\""},
    {",;", "\"\\054\\073\""},
    {"\"\\", "\"\\\"\\\\\""},
    {"\r\n\t\x01\x7f", "\"\\015\\012\\011\\001\\177\""},
    {"\xc3\xa9", "\"\\303\\251\""},
};

TEST(cookie, values)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char line[128];
        sock_cookies_t *c = check_made(sock_cookies_new());
        errno = 1234;
        check_int(sock_cookies_set(c, "n", values[i].value), 0);
        check_int(errno, 1234);
        check_str(sock_cookies_get(c, "n"), values[i].value);
        snprintf(line, sizeof line, "Set-Cookie: n=%s\n", values[i].coded);
        check_str(fields(c), line);
        line[strlen(line) - 1] = '\0';
        sock_cookies_t *back = loaded(line + strlen("Set-Cookie: "), 1);
        check_str(sock_cookies_get(back, "n"), values[i].value);
        sock_cookies_free(back);
        sock_cookies_free(c);
    }
}

/* What was read is written as it was. */
TEST(cookie, of_a_field_stays_as_it_was)
{
    sock_cookies_t *c = loaded("b=x=y/z; a=\"q\"; d=[1,2]", 3);
    check_str(fields(c), "Set-Cookie: a=\"q\"\nSet-Cookie: b=x=y/z\n"
                         "Set-Cookie: d=[1,2]\n");
    check_int(sock_cookies_set(c, "b", "x=y"), 0);
    check_str(fields(c), "Set-Cookie: a=\"q\"\nSet-Cookie: b=\"x=y\"\n"
                         "Set-Cookie: d=[1,2]\n");
    sock_cookies_free(c);
}

TEST(cookie, names)
{
    sock_cookies_t *c = check_made(sock_cookies_new());
    static const char *const bad[] = {"",    "a b", "a;b", "a=b",      "a,b",
                                      "a@b", "a\n", "a\"", "\xc3\xa9", "a/b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_fails(sock_cookies_set(c, bad[i], "x"), SOCK_E_VALUE, 0,
                    "set: Illegal key");
    static const char *const reserved[] = {
        "expires", "Path",     "COMMENT", "domain",   "max-age",
        "secure",  "httponly", "version", "samesite", "partitioned"};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        check_fails(sock_cookies_set(c, reserved[i], "x"), SOCK_E_VALUE, 0,
                    "set: Attempt to set a reserved key");
    check_str(items(c), "");
    check_ok(sock_cookies_set(c, "__Host-a:b", "x"));
    check_str(items(c), "[__Host-a:b|x]");
    sock_cookies_free(c);
}

TEST(cookie, set_attr)
{
    sock_cookies_t *c = loaded("a=b", 1);
    errno = 1234;
    check_int(sock_cookies_set_attr(c, "a", "path", "/"), 0);
    check_int(sock_cookies_set_attr(c, "a", "Max-Age", "10"), 0);
    check_int(sock_cookies_set_attr(c, "a", "secure", NULL), 0);
    check_int(sock_cookies_set_attr(c, "a", "httponly", "yes"), 0);
    check_int(sock_cookies_set_attr(c, "a", "partitioned", "0"), 0);
    check_int(sock_cookies_set_attr(c, "a", "comment", "x y, z"), 0);
    check_int(sock_cookies_set_attr(c, "a", "expires", "0"), 0);
    check_str(sock_cookies_get_attr(c, "a", "expires"), "0");
    check_str(fields(c),
              "Set-Cookie: a=b; Comment=\"x y\\054 z\"; expires=Sun, 13 Mar "
              "2011 07:06:40 GMT; HttpOnly; Max-Age=10; Partitioned; Path=/; "
              "Secure\n");
    check_int(sock_cookies_set_attr(c, "a", "expires", "-40"), 0);
    check_int(sock_cookies_set_attr(c, "a", "secure", ""), 0);
    check_int(sock_cookies_set_attr(c, "a", "max-age", ""), 0);
    check_int(sock_cookies_set_attr(c, "a", "httponly", ""), 0);
    check_int(sock_cookies_set_attr(c, "a", "partitioned", ""), 0);
    check_int(sock_cookies_set_attr(c, "a", "comment", ""), 0);
    check_int(errno, 1234);
    check_str(fields(c), "Set-Cookie: a=b; expires=Sun, 13 Mar 2011 07:06:00 "
                         "GMT; Path=/\n");
    sock_cookies_free(c);
}

TEST(cookie, set_attr_refuses)
{
    sock_cookies_t *c = loaded("a=b; path=/x", 2);
    static const char *const bad[] = {"/\r\nX: y", "/; secure", "\x7f",
                                      "\n",        ";",         "/\x01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_fails(sock_cookies_set_attr(c, "a", "path", bad[i]), SOCK_E_VALUE,
                    0, "__setitem__: Illegal attribute value");
    check_fails(sock_cookies_set_attr(c, "a", "the", "x"), SOCK_E_VALUE, 0,
                "__setitem__: Invalid attribute");
    check_fails(sock_cookies_set_attr(c, "a", "", "x"), SOCK_E_VALUE, 0,
                "__setitem__: Invalid attribute");
    check_fails(sock_cookies_set_attr(c, "b", "path", "x"), SOCK_E_KEY, ENOENT,
                "__setitem__: no such cookie");
    check_fails(sock_cookies_set_attr(c, "a", "path", NULL), SOCK_E_TYPE, 0,
                "__setitem__: argument is NULL");
    check_null(sock_cookies_get_attr(c, "a", "the"), SOCK_E_VALUE, 0,
               "__getitem__: Invalid attribute");
    check_str(fields(c), "Set-Cookie: a=b; Path=/x\n");
    sock_cookies_free(c);
}

/* A date beyond those that HTTP can write. */
TEST(cookie, no_such_date)
{
    sock_cookies_t *c = loaded("a=b; expires=999999999999", 2);
    sock_headers_t *h = check_made(sock_headers_new());
    check_fails(sock_cookies_output(c, h), SOCK_E_VALUE, 0,
                "output a: year is out of range");
    check_int(sock_headers_at(h, 0, NULL, NULL), 0);
    sock_headers_free(h);
    check_ok(sock_cookies_set_attr(c, "a", "expires", "9999999999999"));
    check_str(fields(c), "Set-Cookie: a=b; expires=9999999999999\n");
    check_ok(sock_cookies_set_attr(c, "a", "expires", "12x"));
    check_str(fields(c), "Set-Cookie: a=b; expires=12x\n");
    sock_cookies_free(c);
}

TEST(cookie, output_adds)
{
    sock_cookies_t *c = check_made(sock_cookies_new());
    char text[128];
    sock_headers_t *h = check_made(sock_headers_new());
    check_ok(sock_headers_add(h, "Set-Cookie", "x=y"));
    check_ok(sock_cookies_output(c, h));
    check_ok(sock_cookies_set(c, "a", "b"));
    check_ok(sock_cookies_output(c, h));
    check_ok(sock_headers_text(h, text, sizeof text));
    check_str(text, "Set-Cookie: x=y\nSet-Cookie: a=b\n\n");
    sock_headers_free(h);
    sock_cookies_free(c);
}

TEST(cookie, no_arguments)
{
    sock_cookies_t *c = check_made(sock_cookies_new());
    sock_headers_t *h = check_made(sock_headers_new());
    check_fails(sock_cookies_load(NULL, ""), SOCK_E_TYPE, 0,
                "load: argument is NULL");
    check_fails(sock_cookies_load(c, NULL), SOCK_E_TYPE, 0,
                "load: argument is NULL");
    check_fails(sock_cookies_set(NULL, "a", "b"), SOCK_E_TYPE, 0,
                "set: argument is NULL");
    check_fails(sock_cookies_set(c, NULL, "b"), SOCK_E_TYPE, 0,
                "set: argument is NULL");
    check_fails(sock_cookies_set(c, "a", NULL), SOCK_E_TYPE, 0,
                "set: argument is NULL");
    check_fails(sock_cookies_set_attr(NULL, "a", "path", "b"), SOCK_E_TYPE, 0,
                "__setitem__: argument is NULL");
    check_fails(sock_cookies_set_attr(c, NULL, "path", "b"), SOCK_E_TYPE, 0,
                "__setitem__: argument is NULL");
    check_fails(sock_cookies_set_attr(c, "a", NULL, "b"), SOCK_E_TYPE, 0,
                "__setitem__: argument is NULL");
    check_null(sock_cookies_get(NULL, "a"), SOCK_E_TYPE, 0,
               "get: argument is NULL");
    check_null(sock_cookies_get(c, NULL), SOCK_E_TYPE, 0,
               "get: argument is NULL");
    check_null(sock_cookies_get_attr(NULL, "a", "path"), SOCK_E_TYPE, 0,
               "__getitem__: argument is NULL");
    check_null(sock_cookies_get_attr(c, NULL, "path"), SOCK_E_TYPE, 0,
               "__getitem__: argument is NULL");
    check_null(sock_cookies_get_attr(c, "a", NULL), SOCK_E_TYPE, 0,
               "__getitem__: argument is NULL");
    check_fails(sock_cookies_at(NULL, 0, NULL, NULL), SOCK_E_TYPE, 0,
                "items: argument is NULL");
    check_fails(sock_cookies_output(NULL, h), SOCK_E_TYPE, 0,
                "output: argument is NULL");
    check_fails(sock_cookies_output(c, NULL), SOCK_E_TYPE, 0,
                "output: argument is NULL");
    errno = 1234;
    sock_cookies_free(NULL);
    sock_cookies_free(c);
    check_int(errno, 1234);
    sock_headers_free(h);
}

TEST(cookie, memory_is_refused)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_cookies_t *c = sock_cookies_new();
        if (c == NULL)
            check_no_memory("SimpleCookie: ");
        fail_at = 0;
        sock_cookies_free(c);
    }
    FOR_EACH_REFUSAL(refused)
    {
        int left = fail_at;
        fail_at = 0;
        sock_cookies_t *c = loaded("a=1; path=/", 2);
        fail_at = left;
        if (sock_cookies_load(c, "b=\"2\"; path=/; a=3; c=4") < 0) {
            check_no_memory("load: ");
            check_str(items(c), "[a|1]");
        } else {
            check_str(items(c), "[a|3][b|2][c|4]");
        }
        fail_at = 0;
        sock_cookies_free(c);
    }
    FOR_EACH_REFUSAL(refused)
    {
        int left = fail_at;
        fail_at = 0;
        sock_cookies_t *c = loaded("a=1; path=/", 2);
        sock_headers_t *h = check_made(sock_headers_new());
        fail_at = left;
        if (sock_cookies_set(c, "a", "x") < 0) {
            check_no_memory("set: ");
            check_str(items(c), "[a|1]");
        }
        if (sock_cookies_set(c, "b", ";") < 0) {
            check_no_memory("set: ");
            check(sock_cookies_get(c, "b") == NULL);
        }
        if (sock_cookies_set_attr(c, "a", "path", "/x") < 0) {
            check_no_memory("__setitem__: ");
            check_str(sock_cookies_get_attr(c, "a", "path"), "/");
        }
        if (sock_cookies_output(c, h) < 0)
            check_no_memory("output");
        fail_at = 0;
        sock_headers_free(h);
        sock_cookies_free(c);
    }
}

/* The tree's nodes are libc's own. */
static _Thread_local int refuse_node;
typedef int order_fn(const void *, const void *);
void *__real_tsearch(const void *key, void **root, order_fn *order);
void *__wrap_tsearch(const void *key, void **root, order_fn *order);
void *__wrap_tsearch(const void *key, void **root, order_fn *order)
{
    if (refuse_node > 0 && --refuse_node == 0) {
        errno = ENOMEM;
        return NULL;
    }
    return __real_tsearch(key, root, order);
}

TEST(cookie, a_node_is_refused)
{
    sock_cookies_t *c = loaded("a=1; b=2", 2);
    refuse_node = 1;
    check_fails(sock_cookies_set(c, "c", "3"), SOCK_E_MEMORY, 0,
                "set: [Errno 12] Cannot allocate memory");
    for (int i = 1; i <= 6; i++) { /* three of the field, three of the set */
        refuse_node = i;
        check_fails(sock_cookies_load(c, "c=3; a=4; d=5"), SOCK_E_MEMORY, 0,
                    "load: [Errno 12] Cannot allocate memory");
        check_str(items(c), "[a|1][b|2]");
        check(sock_cookies_get(c, "c") == NULL);
    }
    refuse_node = 0;
    check_int(sock_cookies_load(c, "c=3; a=4; d=5"), 3);
    check_str(items(c), "[a|4][b|2][c|3][d|5]");
    sock_cookies_free(c);
}
