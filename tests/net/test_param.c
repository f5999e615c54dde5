/* SPDX-License-Identifier: MIT */
/* Parameters of values: Python's cgi.parse_header, RFC 8187, RFC 6266. */
#include <pysockc/headers.h>

#include "support.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *value, *key, *text; /* NULL: there is none */
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[100] = "?";
        int n =
            sock_header_param(rows[i].value, rows[i].key, text, sizeof text);
        const char *wanted = rows[i].text != NULL ? rows[i].text : "";
        check_that(strcmp(text, wanted) == 0, "%s of %s: %s", rows[i].key,
                   rows[i].value, text);
        check_int(n, rows[i].text != NULL ? (int)strlen(wanted) : -1);
        if (n == -1)
            check_int(sock_last_error()->kind, SOCK_E_KEY);
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* Each is what cgi.parse_header() of Python 3.11 gives, but where it says so.
 */
TEST(param, as_python)
{
    static const struct row rows[] = {
        {"text/plain", NULL, "text/plain"},
        {"text/plain", "", "text/plain"},
        {"text/plain", "charset", NULL},
        {"text/vnd.just.made.up ; ", "", "text/vnd.just.made.up"},
        {"text/plain;charset=us-ascii", "", "text/plain"},
        {"text/plain;charset=us-ascii", "charset", "us-ascii"},
        {"text/plain ; charset=\"us-ascii\"", "charset", "us-ascii"},
        {"text/plain ; charset=\"us-ascii\"; another=opt", "another", "opt"},
        {"attachment; filename=\"silly.txt\"", "filename", "silly.txt"},
        {"attachment; filename=\"strange;name\"", "filename", "strange;name"},
        {"attachment; filename=\"strange;name\";size=123;", "size", "123"},
        {"attachment; filename=\"strange;name\";size=123;", "filename",
         "strange;name"},
        {"form-data; name=\"files\"; filename=\"fo\\\"o;bar\"", "filename",
         "fo\"o;bar"},
        {"form-data; name=\"files\"; filename=\"fo\\\"o;bar\"", "name",
         "files"},
        {"a; b=c", "B", "c"},
        {"a; B=c", "b", "c"},
        {"a; b = c ", "b", "c"},
        {"a; b=", "b", ""},
        {"a; b=\"\"", "b", ""},
        {"a; b=\"", "b", "\""},
        {"a; b", "b", NULL},
        {"a; =c", "b", NULL},
        {"a; b=c=d", "b", "c=d"},
        {"a; b=c; b=d", "b", "d"},
        {"a; b=\"c\"; b=\"d\"", "b", "d"},
        {"a;b=\"c\\\\d\"", "b", "c\\d"},
        {"a;b=\"C:\\dir\\file\"", "b", "C:\\dir\\file"},
        {"a;b=c\"d", "b", "c\"d"},
        {"a;b=\"c\\\"", "b", "c\\"},
        {"a;b=\"c\"d", "b", "\"c\"d"},
        {"a;b=\"c; d=e", "b", "\"c; d=e"},
        {"a;b=\"c; d=e", "d", NULL},
        {";b=c", "", ""},
        {";b=c", "b", "c"},
        {"", "", ""},
        {";;;", "", ""},
        {";;;b=c;;;", "b", "c"},
        {"a;bb=c", "b", NULL},
        {"a;b=c", "bb", NULL},
        {"a;\tb\t=\tc\t", "b", "c"},
        /* Python counts quotes, and is out of step behind this one. */
        {"a; b=\"x\\\\\"; c=d", "c", "d"},
        {"a; b=\"x\\\\\"; c=d", "b", "x\\"},
    };

    CHECK_ROWS(rows);
}

/* RFC 8187 3.2.2, RFC 6266 5, and what is none. */
TEST(param, extended)
{
    static const struct row rows[] = {
        {"foo; title=Economy", "title", "Economy"},
        {"foo; title=\"US-$ rates\"", "title", "US-$ rates"},
        {"foo; title*=utf-8'en'%C2%A3%20rates", "title", "\xc2\xa3 rates"},
        {"foo; title*=UTF-8''%c2%a3%20and%20%e2%82%ac%20rates", "title",
         "\xc2\xa3 and \xe2\x82\xac rates"},
        {"foo; title=\"EURO exchange rates\"; "
         "title*=utf-8''%e2%82%ac%20exchange%20rates",
         "title", "\xe2\x82\xac exchange rates"},
        {"foo; title*=utf-8''%e2%82%ac; title=\"EURO\"", "title",
         "\xe2\x82\xac"},
        {"attachment; filename*=iso-8859-1'en'%A3%20rates", "filename",
         "\xc2\xa3 rates"},
        {"attachment; filename*=ISO-8859-1''a%80%ff", "filename",
         "a\xc2\x80\xc3\xbf"},
        {"attachment; FILENAME*=UTF-8''a", "filename", "a"},
        {"attachment; filename*=UTF-8''", "filename", ""},
        {"attachment; filename*=UTF-8'de-DE'a", "filename", "a"},
        {"attachment; filename*=UTF-8''%f0%9f%98%80", "filename",
         "\xf0\x9f\x98\x80"},
        {"attachment; filename*=UTF-8''%ee%80%80", "filename", "\xee\x80\x80"},
        {"attachment; filename*=UTF-8''%ed%9f%bf", "filename", "\xed\x9f\xbf"},
        {"attachment; filename*=UTF-8''%f4%8f%bf%bf", "filename",
         "\xf4\x8f\xbf\xbf"},
        /* As it is, for who asks for it. */
        {"foo; title*=utf-8'en'%C2%A3", "title*", "utf-8'en'%C2%A3"},
        {"foo; title*=utf-8''%2F..%2f", "title", "/../"},
    };

    CHECK_ROWS(rows);
}

/* Each of these stands before the plain one, which is taken then. */
TEST(param, not_extended)
{
    static const char *const values[] = {
        "",
        "a",
        "UTF-8",
        "UTF-8'",
        "UTF-8'a",
        "'",
        "''",
        "''a",
        "utf-16''a",
        "US-ASCII''a",
        "UTF-8x''a",
        "UTF-8''%",
        "UTF-8''%4",
        "UTF-8''%4g",
        "UTF-8''%g4",
        "UTF-8''a b",
        "UTF-8''a'b",
        "UTF-8''a*b",
        "UTF-8''a(b",
        "UTF-8''a/b",
        "UTF-8''a\"b\"",
        "UTF-8''\xc2\xa3",
        "\"UTF-8''a\"",
        "UTF-8''%00",
        "UTF-8''a%0d%0ab",
        "UTF-8''%1f",
        "UTF-8''%7f",
        "ISO-8859-1''%00",
        "ISO-8859-1''%0a",
        "ISO-8859-1''%7f",
        "UTF-8''%80",
        "UTF-8''%bf",
        "UTF-8''%c1%81",
        "UTF-8''%c2",
        "UTF-8''%c2a",
        "UTF-8''%c2%c2",
        "UTF-8''%c2%7f",
        "UTF-8''%e0%9f%80",
        "UTF-8''%e2%82",
        "UTF-8''%e2%82a",
        "UTF-8''%ed%a0%80",
        "UTF-8''%f0%8f%80%80",
        "UTF-8''%f4%90%80%80",
        "UTF-8''%f5%80%80%80",
        "UTF-8''%ff",
        "UTF-8''%f0%9f%98",
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char value[100], text[20];
        snprintf(value, sizeof value, "a; b=plain; b*=%s", values[i]);
        check_that(sock_header_param(value, "b", text, sizeof text) == 5,
                   "%s is taken", values[i]);
        check_str(text, "plain");
        snprintf(value, sizeof value, "a; b*=%s", values[i]);
        check_int(sock_header_param(value, "b", text, sizeof text), -1);
        check_str(text, "");
    }
}

TEST(param, buffers)
{
    const char *value = "a; b=\"cd\"; e*=UTF-8''%c2%a3";
    char text[4] = "???";

    check_int(sock_header_param(value, "b", NULL, 0), 2);
    check_int(sock_header_param(value, "b", text, 1), 2);
    check_str(text, "");
    check_int(sock_header_param(value, "b", text, 2), 2);
    check_str(text, "");
    check_int(sock_header_param(value, "b", text, 3), 2);
    check_str(text, "cd");
    check_int(sock_header_param(value, "e", text, 2), 2);
    check_str(text, "");
    check_int(sock_header_param(value, "e", text, 3), 2);
    check_str(text, "\xc2\xa3");
    check_fails(sock_header_param(value, "f", text, 3), SOCK_E_KEY, ENOENT,
                "parse_header: no such parameter");
    check_str(text, "");
    check_fails(sock_header_param(value, "b", NULL, 3), SOCK_E_TYPE, 0,
                "parse_header: buffer is NULL");
    strcpy(text, "?");
    check_fails(sock_header_param(NULL, "b", text, 3), SOCK_E_TYPE, 0,
                "parse_header: argument is NULL");
    check_str(text, "");
}

/* Time that does not grow by more than the text. */
TEST(param, long_values)
{
    enum { LONG = 1000000 };
    char *value = malloc(LONG + 1), text[4];
    double before = worked();

    for (const char *fill = ";\"=*'\\,"; *fill != '\0'; fill++) {
        memset(value, *fill, LONG);
        value[LONG] = '\0';
        check_int(sock_header_param(value, "b", text, sizeof text), -1);
    }
    check(worked() - before < 10);
    free(value);
}
