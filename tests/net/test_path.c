/* SPDX-License-Identifier: MIT */
/* What the path of a request names. */
#include "path.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* In a buffer of just the size that always is enough. */
static char *buffer_for(const char *target, size_t *size)
{
    *size = strlen(target) + 1;
    return malloc(*size);
}

struct row {
    const char *target, *text;
    bool slash, hidden;
    const char *query;
};

static void is_read(const struct row *row)
{
    struct sock__path p;
    size_t size;
    char *buf = buffer_for(row->target, &size);

    check_that(sock__path_read(&p, row->target, buf, size) == 0, "%s",
               row->target);
    check_that(strcmp(p.text, row->text) == 0, "%s: %s", row->target, p.text);
    check_int(p.len, strlen(row->text));
    check_that(p.slash == row->slash, "%s", row->target);
    check_that(p.hidden == row->hidden, "%s", row->target);
    check_int(p.query != NULL, row->query != NULL);
    if (row->query != NULL)
        check_str(p.query, row->query);
    free(buf);
}

TEST(path, of_a_file)
{
    static const struct row rows[] = {
        {"/", "", true, false, NULL},
        {"/a", "a", false, false, NULL},
        {"/a/", "a", true, false, NULL},
        {"/a/b", "a/b", false, false, NULL},
        {"/a?", "a", false, false, ""},
        {"/a?b=c", "a", false, false, "b=c"},
        {"/?/../x", "", true, false, "/../x"},
        {"/a?b?c/", "a", false, false, "b?c/"},
        {"/a;p=1", "a;p=1", false, false, NULL},
        {"/a+b", "a+b", false, false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_read(&rows[i]);
}

TEST(path, with_dots_and_slashes)
{
    static const struct row rows[] = {
        {"//", "", true, false, NULL},
        {"//a", "a", false, false, NULL},
        {"///a//b", "a/b", false, false, NULL},
        {"/a//", "a", true, false, NULL},
        {"/.", "", true, false, NULL},
        {"/./", "", true, false, NULL},
        {"/./a", "a", false, false, NULL},
        {"/a/.", "a", true, false, NULL},
        {"/a/..", "", true, false, NULL},
        {"/a/../b", "b", false, false, NULL},
        {"/a/b/..", "a", true, false, NULL},
        {"/a/b/../", "a", true, false, NULL},
        {"/a/b/../../c", "c", false, false, NULL},
        {"/a/./../b/.", "b", true, false, NULL},
        {"/a//../b", "b", false, false, NULL},
        {"/...", "...", false, true, NULL},
        {"/a/..b", "a/..b", false, true, NULL},
        {"/.a", ".a", false, true, NULL},
        {"/a/.git/b", "a/.git/b", false, true, NULL},
        {"/a./b.c", "a./b.c", false, false, NULL},
        {"/.git/../b", "b", false, false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_read(&rows[i]);
}

/* What CPython's suite asks of _url_collapse_path(), and is a path. */
TEST(path, as_scripts_are_found)
{
    static const struct row rows[] = {
        {"/.//", "", true, false, NULL},
        {"/\\", "\\", false, false, NULL},
        {"/cgi-bin/file1.py", "cgi-bin/file1.py", false, false, NULL},
        {"/a/b/.", "a/b", true, false, NULL},
        {"/a/b/c/..", "a/b", true, false, NULL},
        {"/a/b/c/../d", "a/b/d", false, false, NULL},
        {"/a/b/c/../d/e/../f", "a/b/d/f", false, false, NULL},
        {"/a/b/c/../d/e/../../f", "a/b/f", false, false, NULL},
        {"/a/b/c/../d/e/.././././..//f", "a/b/f", false, false, NULL},
        {"/a/b/c/../d/e/../../../f", "a/f", false, false, NULL},
        {"/a/b/c/../d/e/../../../../f", "f", false, false, NULL},
        {"/a/b/c/../d/e/../../../../f/..", "", true, false, NULL},
        {"/a/b/c/../d/e/../../../../f/../.", "", true, false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_read(&rows[i]);
}

TEST(path, that_is_escaped)
{
    static const struct row rows[] = {
        {"/%61", "a", false, false, NULL},
        {"/%e4%F6", "\xe4\xf6", false, false, NULL},
        {"/%2e", "", true, false, NULL},
        {"/a/%2E%2e", "", true, false, NULL},
        {"/a/.%2e/b", "b", false, false, NULL},
        {"/%2egit", ".git", false, true, NULL},
        {"/a%3fb", "a?b", false, false, NULL},
        {"/a%23b%20c", "a#b c", false, false, NULL},
        {"/%252e%252e", "%2e%2e", false, false, NULL}, /* decoded once */
        {"/%252f", "%2f", false, false, NULL},
        {"/a%5cb", "a\\b", false, false, NULL}, /* a name may have one */
        {"/%5c..%5cb", "\\..\\b", false, false, NULL},
        {"/a%0ab%01", "a\nb\x01", false, false, NULL},
        {"/a?%zz%00", "a", false, false, "%zz%00"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_read(&rows[i]);
}

TEST(path, that_is_refused)
{
    static const char *const targets[] = {"",
                                          "a",
                                          "*",
                                          "?",
                                          "http://a/",
                                          "/..",
                                          "/../",
                                          "/../a",
                                          "/a/../..",
                                          "/%2e%2e/a",
                                          "/%2e./a",
                                          "/a/../../b",
                                          "/./..",
                                          "//..",
                                          "/a%2fb",
                                          "/a%2Fb",
                                          "/..%2f",
                                          "/a%00",
                                          "/%00",
                                          "/a%00.html",
                                          "/%",
                                          "/%4",
                                          "/%4?1",
                                          "/%4g",
                                          "/%g4",
                                          "/%%41",
                                          "/a/b%2f../c",
                                          "/%2f",
                                          "/%",
                                          "/a%?41",
                                          "/%2e%2e%2",
                                          "/a/b/c/../../../..",
                                          "..",
                                          "/.//..",
                                          "./a",
                                          "./C:/",
                                          "cgi-bin/s",
                                          "/a/b/c/../d/e/../../../../../f",
                                          "../a/b/c/../d/e/.././././..//f"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct sock__path p;
        size_t size;
        char *buf = buffer_for(targets[i], &size);
        check_that(sock__path_read(&p, targets[i], buf, size) == 400, "%s",
                   targets[i]);
        free(buf);
    }
}

TEST(path, that_is_too_long)
{
    struct sock__path p;
    char buf[8];

    check_int(sock__path_read(&p, "/1234567", buf, sizeof buf), 0);
    check_str(p.text, "1234567");
    check_int(sock__path_read(&p, "/12345678", buf, sizeof buf), 414);
    check_int(sock__path_read(&p, "/123/567", buf, sizeof buf), 0);
    check_int(sock__path_read(&p, "/123/5678", buf, sizeof buf), 414);
    check_int(sock__path_read(&p, "/1234567/", buf, sizeof buf), 414);
    check_int(sock__path_read(&p, "/123456/", buf, sizeof buf), 0);
    check_int(sock__path_read(&p, "/%31%32%33%34%35%36%37", buf, 8), 0);
    check_int(sock__path_read(&p, "/", buf, 1), 0);
    check_str(p.text, "");
    check_int(sock__path_read(&p, "/", buf, 0), 414);
    check_int(sock__path_read(&p, "/a", buf, 1), 414);
}
