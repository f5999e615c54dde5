/* SPDX-License-Identifier: MIT */
/* Fields of a head as a program sees them. */
#include <pysockc/headers.h>

#include "headers.h"
#include "starve.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* The whole text; static. */
static const char *text_of(const sock_headers_t *h)
{
    static char text[2000];
    check_ok(sock_headers_text(h, text, sizeof text));
    return text;
}

static sock_headers_t *parsed(const char *text, int flags)
{
    return check_made(sock_headers_parse(text, strlen(text), flags));
}

TEST(headers, empty)
{
    sock_headers_t *h = check_made(sock_headers_new());
    const char *name = "?", *value = "?";

    check(sock_headers_get(h, "A", NULL) == NULL);
    check_str(sock_headers_get(h, "A", "b"), "b");
    check(sock_headers_get_all(h, "A", 0) == NULL);
    check_int(sock_headers_at(h, 0, &name, &value), 0);
    check_str(name, "?");
    check_str(value, "?");
    check_int(sock_headers_has(h, "A", "b"), 0);
    check_int(sock_headers_remove(h, "A"), 0);
    check_str(text_of(h), "\n");
    sock_headers_free(h);
    sock_headers_free(NULL);
}

TEST(headers, added)
{
    sock_headers_t *h = check_made(sock_headers_new());
    const char *name, *value;

    check_ok(sock_headers_add(h, "Content-Type", "text/html"));
    check_ok(sock_headers_add(h, "X", "1"));
    check_ok(sock_headers_add(h, "x", ""));
    check_ok(sock_headers_add(h, "Y", " \t2 3\t "));
    check_str(text_of(h), "Content-Type: text/html\nX: 1\nx: \nY: 2 3\n\n");
    check_str(sock_headers_get(h, "CONTENT-TYPE", NULL), "text/html");
    check_str(sock_headers_get(h, "x", NULL), "1");
    check_str(sock_headers_get_all(h, "X", 0), "1");
    check_str(sock_headers_get_all(h, "X", 1), "");
    check(sock_headers_get_all(h, "X", 2) == NULL);
    check(sock_headers_get_all(h, "X", SIZE_MAX) == NULL);
    check(sock_headers_get(h, "Content-Typ", NULL) == NULL);
    check(sock_headers_get(h, "Content-Type:", NULL) == NULL);
    check(sock_headers_get(h, "", NULL) == NULL);
    check_int(sock_headers_at(h, 3, &name, &value), 1);
    check_str(name, "Y");
    check_str(value, "2 3");
    check_int(sock_headers_at(h, 3, NULL, NULL), 1);
    check_int(sock_headers_at(h, 4, &name, &value), 0);
    check_int(sock_headers_at(h, SIZE_MAX, &name, &value), 0);
    sock_headers_free(h);
}

TEST(headers, set)
{
    sock_headers_t *h = parsed("A: 1\r\nB: 2\r\na: 3\r\nC: 4\r\nA: 5\r\n", 0);

    check_ok(sock_headers_set(h, "a", "6"));
    check_str(text_of(h), "a: 6\nB: 2\nC: 4\n\n");
    check_ok(sock_headers_set(h, "D", "7"));
    check_str(text_of(h), "a: 6\nB: 2\nC: 4\nD: 7\n\n");
    check_ok(sock_headers_set(h, "D", ""));
    check_ok(sock_headers_set(h, "C", "8"));
    check_str(text_of(h), "a: 6\nB: 2\nC: 8\nD: \n\n");
    sock_headers_free(h);
}

TEST(headers, removed)
{
    sock_headers_t *h = parsed("A: 1\r\nB: 2\r\na: 3\r\nC: 4\r\nA: 5\r\n", 0);

    check_int(sock_headers_remove(h, "a"), 3);
    check_str(text_of(h), "B: 2\nC: 4\n\n");
    check_int(sock_headers_remove(h, "a"), 0);
    check_int(sock_headers_remove(h, "C"), 1);
    check_int(sock_headers_remove(h, "B"), 1);
    check_str(text_of(h), "\n");
    check_ok(sock_headers_add(h, "A", "9"));
    check_str(text_of(h), "A: 9\n\n");
    sock_headers_free(h);
}

/* A text that is the object's own may be given back to it. */
TEST(headers, of_itself)
{
    sock_headers_t *h = parsed("A: 1\r\nB: 2\r\n", 0);

    for (int i = 0; i < 200; i++) {
        check_ok(sock_headers_set(h, "A", sock_headers_get(h, "B", NULL)));
        check_ok(sock_headers_add(h, "B", sock_headers_get(h, "A", NULL)));
    }
    for (int i = 0; i < 200; i++) {
        const char *name, *value;
        check_int(sock_headers_at(h, 0, &name, &value), 1);
        check_ok(sock_headers_set(h, name, value));
    }
    check_str(sock_headers_get(h, "A", NULL), "2");
    check_str(sock_headers_get_all(h, "B", 200), "2");
    const char *name;
    check_int(sock_headers_at(h, 1, &name, NULL), 1);
    check_int(sock_headers_remove(h, name), 201);
    sock_headers_free(h);
}

/* What was taken out makes room: a field that is set over and over again does
 * not grow. */
TEST(headers, reused)
{
    sock_headers_t *h = check_made(sock_headers_new());
    char value[1001];

    memset(value, 'x', 1000);
    value[1000] = '\0';
    for (int i = 0; i < 10000; i++) {
        check_ok(sock_headers_set(h, "A", value));
        check_ok(sock_headers_add(h, "B", value));
        check_int(sock_headers_remove(h, "B"), 1);
    }
    check(h->room < 20000);
    check_int(h->count, 1);
    check(h->slots < 64);
    sock_headers_free(h);
}

TEST(headers, refused)
{
    static const char *const names[] = {
        "",     " ",     "A ",       " A",   "A b",  "A:",   "A\r\nB", "A\n",
        "A\tb", "A\x7f", "\xc3\xa4", "A(b)", "A/b",  "A\"",  "A,b",    "A;b",
        "A=b",  "A@b",   "A[",       "A\\b", "A{b}", "A\x01"};
    static const char *const values[] = {
        "a\r\nb", "a\nb", "a\rb", "a\r\n b", "a\n\tb", "\r\n", "a\x01", "\x1b",
        "a\x7f",  "a\vb", "\n",   "a\r",     "a\r\n",  "\x08", "a\fb"};
    sock_headers_t *h = parsed("A: 1\r\n", 0);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        check_fails(sock_headers_add(h, names[i], "b"), SOCK_E_VALUE, 0,
                    "add_header: Invalid header name");
        check_fails(sock_headers_set(h, names[i], "b"), SOCK_E_VALUE, 0,
                    "__setitem__: Invalid header name");
    }
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        check_fails(sock_headers_add(h, "A", values[i]), SOCK_E_VALUE, 0,
                    "add_header: Invalid header value");
        check_fails(sock_headers_set(h, "A", values[i]), SOCK_E_VALUE, 0,
                    "__setitem__: Invalid header value");
    }
    check_str(text_of(h), "A: 1\n\n");
    check_ok(sock_headers_add(h, "!#$%&'*+-.^_`|~09azAZ", "\xc3\xa4\tb"));
    sock_headers_free(h);
}

TEST(headers, lines)
{
    sock_headers_t *h = parsed("A: bc\r\nDef:\r\n", 0);
    char line[8] = "???????";

    check_int(sock_headers_line(h, 0, line, sizeof line), 5);
    check_str(line, "A: bc");
    check_int(sock_headers_line(h, 1, line, sizeof line), 5);
    check_str(line, "Def: ");
    check_int(sock_headers_line(h, 2, line, sizeof line), 0);
    check_str(line, "");
    check_int(sock_headers_line(h, 0, line, 5), 5);
    check_str(line, "");
    check_int(sock_headers_line(h, 0, line, 6), 5);
    check_str(line, "A: bc");
    check_int(sock_headers_line(h, 0, NULL, 0), 5);
    check_int(sock_headers_line(h, 2, NULL, 0), 0);
    check_int(sock_headers_text(h, NULL, 0), 13);
    check_int(sock_headers_text(h, line, sizeof line), 13);
    check_str(line, "");
    sock_headers_free(h);
}

TEST(headers, has)
{
    sock_headers_t *h = parsed("Connection: a, Close\r\n"
                               "connection:\tb ,,\"c, d\" , e;f=1\r\n"
                               "Vary: *\r\n"
                               "Empty: , \"\r\n"
                               "Quoted: \"a\\\", b\", c\r\n",
                               0);
    static const struct {
        const char *name, *token;
        int has;
    } rows[] = {{"Connection", "close", 1}, {"Connection", "a", 1},
                {"CONNECTION", "B", 1},     {"Connection", "c", 0},
                {"Connection", "d", 0},     {"Connection", "\"c, d\"", 1},
                {"Connection", "e", 0},     {"Connection", "e;f=1", 1},
                {"Connection", "clos", 0},  {"Connection", "closed", 0},
                {"Connection", "", 0},      {"Connection", "a, Close", 0},
                {"Vary", "*", 1},           {"Empty", "", 0},
                {"Empty", "\"", 1},         {"Quoted", "b", 0},
                {"Quoted", "b\"", 0},       {"Quoted", "c", 1},
                {"Other", "a", 0}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_that(sock_headers_has(h, rows[i].name, rows[i].token) ==
                       rows[i].has,
                   "%s in %s", rows[i].token, rows[i].name);
    sock_headers_free(h);
}

TEST(headers, parsed)
{
    static const struct {
        const char *data;
        int flags;
        const char *text; /* NULL: it is refused */
    } rows[] = {
        {"", SOCK_HEADERS_HTTP, "\n"},
        {"\r\n", SOCK_HEADERS_HTTP, "\n"},
        {"A: b\r\n", SOCK_HEADERS_HTTP, "A: b\n\n"},
        {"A: b\r\n\r\n", SOCK_HEADERS_HTTP, "A: b\n\n"},
        {"A: b\r\n\r\nC: d\r\n", SOCK_HEADERS_HTTP, "A: b\n\n"},
        {"A: b\r\nC:d\r\nA:\te \r\n", SOCK_HEADERS_HTTP,
         "A: b\nC: d\nA: e\n\n"},
        {"A: b", SOCK_HEADERS_HTTP, NULL},
        {"A: b\r", SOCK_HEADERS_HTTP, NULL},
        {"A: b\n", SOCK_HEADERS_HTTP, NULL},
        {"A: b\n\n", SOCK_HEADERS_HTTP, NULL},
        {"A: b\r\n c\r\n", SOCK_HEADERS_HTTP, NULL},
        {"A : b\r\n", SOCK_HEADERS_HTTP, NULL},
        {"A\r\n", SOCK_HEADERS_HTTP, NULL},
        {": b\r\n", SOCK_HEADERS_HTTP, NULL},
        {"A(b): c\r\n", SOCK_HEADERS_HTTP, NULL},
        {"A: \x01\r\n", SOCK_HEADERS_HTTP, NULL},
        {"", SOCK_HEADERS_MAIL, "\n"},
        {"\n", SOCK_HEADERS_MAIL, "\n"},
        {"A: b", SOCK_HEADERS_MAIL, "A: b\n\n"},
        {"A: b\n", SOCK_HEADERS_MAIL, "A: b\n\n"},
        {"A: b\r\n", SOCK_HEADERS_MAIL, "A: b\n\n"},
        {"A: b\n\nbody", SOCK_HEADERS_MAIL, "A: b\n\n"},
        {"A: b\r\n\tc\n d\r\nE: f\n", SOCK_HEADERS_MAIL, "A: b c d\nE: f\n\n"},
        {"Subject :  x\n", SOCK_HEADERS_MAIL, "Subject: x\n\n"},
        {"A(b)/c: d\n", SOCK_HEADERS_MAIL, "A(b)/c: d\n\n"},
        {"A: \x01\n", SOCK_HEADERS_MAIL, "A: \x01\n\n"},
        {"A\n", SOCK_HEADERS_MAIL, NULL},
        {"A: b\rc\n", SOCK_HEADERS_MAIL, NULL},
        {"A: b\r", SOCK_HEADERS_MAIL, NULL},
        {" A: b\n", SOCK_HEADERS_MAIL, NULL},
        {"A b: c\n", SOCK_HEADERS_MAIL, NULL},
        {"\xc3\xa4: c\n", SOCK_HEADERS_MAIL, NULL},
        {": c\n", SOCK_HEADERS_MAIL, NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_headers_t *h = sock_headers_parse(
            rows[i].data, strlen(rows[i].data), rows[i].flags);
        check_that((h != NULL) == (rows[i].text != NULL), "row %zu", i);
        if (h != NULL)
            check_str(text_of(h), rows[i].text);
        else
            check(sock_last_error()->kind == SOCK_E_PROTOCOL &&
                  sock_last_error()->code == SOCK_P_SYNTAX);
        sock_headers_free(h);
    }
    check_null(sock_headers_parse("A: \0b\r\n", 7, 0), SOCK_E_PROTOCOL,
               SOCK_P_SYNTAX, "parse_headers: a control character in a line");
    check_null(sock_headers_parse("A: \0b\n", 6, 1), SOCK_E_PROTOCOL,
               SOCK_P_SYNTAX, "parse_headers: a control character in a line");
    check_null(sock_headers_parse("A: b", 4, 0), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "parse_headers: the last line has no end");
    check_null(sock_headers_parse("A\r\n", 3, 0), SOCK_E_PROTOCOL,
               SOCK_P_SYNTAX, "parse_headers: a line without a colon");
}

/* What was parsed can be changed. */
TEST(headers, parsed_and_changed)
{
    sock_headers_t *h = parsed("A: 1\r\nB: 2\r\n", 0);
    char value[500];

    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    check_ok(sock_headers_add(h, "C", value));
    check_ok(sock_headers_set(h, "A", "3"));
    check_int(sock_headers_remove(h, "C"), 1);
    check_str(text_of(h), "A: 3\nB: 2\n\n");
    sock_headers_free(h);
}

/* A head that lies in another's buffer is copied before it is changed. */
TEST(headers, of_a_buffer)
{
    char text[] = "A\0001\0B\0002";
    sock_headers_t h = {.text = text, .used = sizeof text};

    *sock__headers_slot(&h) = (struct sock__field){0, 1, 2, 1};
    *sock__headers_slot(&h) = (struct sock__field){4, 1, 6, 1};
    check_str(text_of(&h), "A: 1\nB: 2\n\n");
    check_ok(sock_headers_set(&h, "B", "3"));
    check_ok(sock_headers_add(&h, "C", "4"));
    check_str(text_of(&h), "A: 1\nB: 3\nC: 4\n\n");
    check_bytes(text, "A\0001\0B\0002", sizeof text);
    sock__headers_release(&h);
    check(h.text == NULL && h.fields == NULL && h.count == 0);
}

TEST(headers, inside)
{
    sock_headers_t *h = parsed("A: 1\r\na: 23\r\n", 0);
    size_t len = 9;

    check_str(sock__headers_find(h, "A", 1, &len), "23");
    check_int(len, 2);
    check(sock__headers_find(h, "A", 2, &len) == NULL);
    check_str(sock__headers_find(h, "A", 0, NULL), "1");
    sock__headers_clear(h);
    check(sock__headers_find(h, "A", 0, NULL) == NULL);
    sock_headers_free(h);
    check(sock__is_token("a", 1) && !sock__is_token("", 0));
    check(!sock__is_token("a b", 3) && sock__is_token("a b", 1));
    check(sock__is_value("", 0) && sock__is_value("a\tb\xff", 4));
    check(!sock__is_value("a\n", 2) && !sock__is_value("\0", 1));
    check(sock__same_text("aBz", 3, "AbZ", 3));
    check(!sock__same_text("a", 1, "ab", 2) &&
          !sock__same_text("@", 1, "`", 1));
    check(!sock__same_text("[", 1, "{", 1) && sock__same_text("", 0, "", 0));
}

TEST(headers, no_arguments)
{
    sock_headers_t *h = parsed("A: 1\r\n", 0);
    char text[8] = "?";

    check_fails(sock_headers_add(NULL, "A", "b"), SOCK_E_TYPE, 0,
                "add_header: argument is NULL");
    check_fails(sock_headers_add(h, NULL, "b"), SOCK_E_TYPE, 0,
                "add_header: argument is NULL");
    check_fails(sock_headers_add(h, "A", NULL), SOCK_E_TYPE, 0,
                "add_header: argument is NULL");
    check_fails(sock_headers_set(NULL, "A", "b"), SOCK_E_TYPE, 0,
                "__setitem__: argument is NULL");
    check_fails(sock_headers_set(h, NULL, "b"), SOCK_E_TYPE, 0,
                "__setitem__: argument is NULL");
    check_fails(sock_headers_set(h, "A", NULL), SOCK_E_TYPE, 0,
                "__setitem__: argument is NULL");
    check_fails(sock_headers_remove(NULL, "A"), SOCK_E_TYPE, 0,
                "__delitem__: argument is NULL");
    check_fails(sock_headers_remove(h, NULL), SOCK_E_TYPE, 0,
                "__delitem__: argument is NULL");
    check_null(sock_headers_get(NULL, "A", "b"), SOCK_E_TYPE, 0,
               "get: argument is NULL");
    check_null(sock_headers_get(h, NULL, "b"), SOCK_E_TYPE, 0,
               "get: argument is NULL");
    check_null(sock_headers_get_all(NULL, "A", 0), SOCK_E_TYPE, 0,
               "get_all: argument is NULL");
    check_null(sock_headers_get_all(h, NULL, 0), SOCK_E_TYPE, 0,
               "get_all: argument is NULL");
    check_fails(sock_headers_at(NULL, 0, NULL, NULL), SOCK_E_TYPE, 0,
                "items: argument is NULL");
    check_fails(sock_headers_has(NULL, "A", "b"), SOCK_E_TYPE, 0,
                "has: argument is NULL");
    check_fails(sock_headers_has(h, NULL, "b"), SOCK_E_TYPE, 0,
                "has: argument is NULL");
    check_fails(sock_headers_has(h, "A", NULL), SOCK_E_TYPE, 0,
                "has: argument is NULL");
    check_fails(sock_headers_line(NULL, 0, text, sizeof text), SOCK_E_TYPE, 0,
                "headers: argument is NULL");
    check_str(text, "");
    check_fails(sock_headers_line(h, 0, NULL, 8), SOCK_E_TYPE, 0,
                "headers: buffer is NULL");
    strcpy(text, "?");
    check_fails(sock_headers_text(NULL, text, sizeof text), SOCK_E_TYPE, 0,
                "as_string: argument is NULL");
    check_str(text, "");
    check_fails(sock_headers_text(h, NULL, 8), SOCK_E_TYPE, 0,
                "as_string: buffer is NULL");
    check_null(sock_headers_parse(NULL, 1, 0), SOCK_E_TYPE, 0,
               "parse_headers: buffer is NULL");
    check_null(sock_headers_parse("", 0, 2), SOCK_E_VALUE, 0,
               "parse_headers: unknown flags");
    check_null(sock_headers_parse("", 0, -1), SOCK_E_VALUE, 0,
               "parse_headers: unknown flags");
    check_null(sock_headers_parse("", SIZE_MAX, 0), SOCK_E_PROTOCOL,
               SOCK_P_TOO_LARGE, "parse_headers: over the limit");
    check_str(text_of(h), "A: 1\n\n");
    sock_headers_free(h);
    sock_headers_free(check_made(sock_headers_parse(NULL, 0, 0)));
}

/* Success leaves errno and the record alone, and so does an end. */
TEST(headers, success_is_silent)
{
    char text[40];
    int64_t time;

    check_int(sock_headers_remove(NULL, "A"), -1);
    char *before = strdup(error_text());
    errno = 77;
    sock_headers_t *h = parsed("A: 1\r\n", 0);
    check_ok(sock_headers_add(h, "B", "2"));
    check_ok(sock_headers_set(h, "B", "2"));
    check_int(sock_headers_remove(h, "B"), 1);
    check(sock_headers_get(h, "B", NULL) == NULL);
    check(sock_headers_get_all(h, "B", 0) == NULL);
    check_int(sock_headers_at(h, 9, NULL, NULL), 0);
    check_int(sock_headers_has(h, "A", "2"), 0);
    check_ok(sock_headers_line(h, 9, text, sizeof text));
    check_ok(sock_headers_text(h, text, sizeof text));
    check_ok(sock_header_param("a; b=c", "b", text, sizeof text));
    check_ok(sock_http_date(0, text, sizeof text));
    check_ok(sock_http_time(text, &time));
    sock_headers_free(h);
    sock_headers_free(NULL);
    check_int(errno, 77);
    check_str(error_text(), before);
    free(before);
}

/* --- Memory that is refused --------------------------------------------- */

TEST(headers, no_memory_for_a_new_one)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_headers_t *h = sock_headers_new();
        fail_at = 0;
        check((h == NULL) == (refused != 0) || h != NULL);
        if (h == NULL)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        sock_headers_free(h);
    }
}

/* Nothing is lost: what was there is there. */
TEST(headers, no_memory_to_add)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        fail_at = 0;
        sock_headers_t *h = parsed("A: 1\r\n", 0);
        char value[301];
        memset(value, 'x', 300);
        value[300] = '\0';
        refuse_from(n_);
        int added = sock_headers_add(h, "B", value);
        int set = sock_headers_set(h, "A", "2");
        int again = fail_at;
        fail_at = 0;
        check_str(sock_headers_get(h, "A", NULL), set == 0 ? "2" : "1");
        check((sock_headers_get(h, "B", NULL) != NULL) == (added == 0));
        if (added != 0 || set != 0)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        sock_headers_free(h);
        (void)again, (void)refused;
    }
}

TEST(headers, no_memory_to_parse)
{
    static const char data[] = "A: 1\r\nB: 2\r\n";

    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_headers_t *h = sock_headers_parse(data, sizeof data - 1, 0);
        sock_headers_t *mail = sock_headers_parse(data, sizeof data - 1, 1);
        fail_at = 0;
        check(h != NULL || mail != NULL);
        if (h == NULL || mail == NULL)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        sock_headers_free(h);
        sock_headers_free(mail);
        (void)refused;
    }
}

/* More fields than there was room for. */
TEST(headers, no_memory_for_many)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_headers_t *h = sock_headers_new();
        int added = 0;
        for (int i = 0; h != NULL && i < 100; i++)
            added += sock_headers_add(h, "A", "b") == 0;
        fail_at = 0;
        check(h == NULL || sock_headers_get_all(h, "A", (size_t)added) == NULL);
        check(h == NULL || added >= 99);
        sock_headers_free(h);
        (void)refused;
    }
}
