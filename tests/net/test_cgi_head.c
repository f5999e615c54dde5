/* SPDX-License-Identifier: MIT */
/* What a script says before its document (RFC 3875 6). */
#include "cgi_head.h"
#include "starve.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *text;
    int status; /* 0: it is refused */
    const char *reason, *instead;
    int64_t length;
};

static const struct row rows[] = {
    {"Content-Type: text/plain\r\n\r\n", 200, NULL, NULL, -1},
    {"Content-Type: text/plain\n\n", 200, NULL, NULL, -1},
    {"content-type:text/plain\n\n", 200, NULL, NULL, -1},
    {"Content-Type: a/b\nContent-Length: 5\n\n", 200, NULL, NULL, 5},
    {"Content-Type: a/b\nContent-Length: 0\n\n", 200, NULL, NULL, 0},
    {"Status: 404 Not Found\n\n", 404, "Not Found", NULL, -1},
    {"Status: 404\nContent-Type: a/b\n\n", 404, NULL, NULL, -1},
    {"Status: 404 \nContent-Type: a/b\n\n", 404, NULL, NULL, -1},
    {"Status: 200 I'm: fine\n\n", 200, "I'm: fine", NULL, -1},
    {"status: 599 x\n\n", 599, "x", NULL, -1},
    {"Location: http://h/x\n\n", 302, NULL, NULL, -1},
    {"Location: http://h/x\nContent-Type: a/b\n\n", 302, NULL, NULL, -1},
    {"Status: 301 Moved\nLocation: http://h/x\n\n", 301, "Moved", NULL, -1},
    {"Location: /a/b?c=d\n\n", 200, NULL, "/a/b?c=d", -1},
    {"Location: /\n\n", 200, NULL, "/", -1},
    {"Status: 302 Found\nLocation: /a\n\n", 302, "Found", NULL, -1},
    {"Location: //other.host/\n\n", 302, NULL, NULL, -1},
    {"Location: ftp://h/\n\n", 302, NULL, NULL, -1},
    {"X-A: b\nContent-Type: a/b\n\n", 200, NULL, NULL, -1},
    /* What is none. */
    {"\n", 0, NULL, NULL, 0},
    {"\r\n", 0, NULL, NULL, 0},
    {"X-A: b\n\n", 0, NULL, NULL, 0},
    {"Content-Length: 5\n\n", 0, NULL, NULL, 0},
    {"<html>\n\n", 0, NULL, NULL, 0},
    {"HTTP/1.0 200 OK\nContent-Type: a/b\n\n", 0, NULL, NULL, 0},
    {": a\n\n", 0, NULL, NULL, 0},
    {"Status: 99 x\n\n", 0, NULL, NULL, 0},
    {"Status: 100 Continue\n\n", 0, NULL, NULL, 0},
    {"Status: 101 Switching\n\n", 0, NULL, NULL, 0},
    {"Status: 600 x\n\n", 0, NULL, NULL, 0},
    {"Status: 20\n\n", 0, NULL, NULL, 0},
    {"Status: 2000\n\n", 0, NULL, NULL, 0},
    {"Status: OK\n\n", 0, NULL, NULL, 0},
    {"Status: +20 x\n\n", 0, NULL, NULL, 0},
    {"Status:\n\n", 0, NULL, NULL, 0},
    {"Status: 200 a\nStatus: 404 b\n\n", 0, NULL, NULL, 0},
    {"Location:\n\n", 0, NULL, NULL, 0},
    {"Location: /a b\n\n", 0, NULL, NULL, 0},
    {"Location: http://h/a\x01\n\n", 0, NULL, NULL, 0},
    {"Location: /a#b\n\n", 0, NULL, NULL, 0},
    {"Location: /a\\b\n\n", 0, NULL, NULL, 0},
    {"Location: /\xe4\n\n", 0, NULL, NULL, 0},
    {"Location: /a\nLocation: /b\n\n", 0, NULL, NULL, 0},
    {"Content-Type: a/b\nContent-Length: -1\n\n", 0, NULL, NULL, 0},
    {"Content-Type: a/b\nContent-Length: 1, 1\n\n", 0, NULL, NULL, 0},
    {"Content-Type: a/b\nContent-Length: 1\nContent-Length: 1\n\n", 0, NULL,
     NULL, 0},
    {"Content-Type: a/b\nContent-Length: 9223372036854775808\n\n", 0, NULL,
     NULL, 0},
    {"Content-Type: a\x01"
     "b\n\n",
     0, NULL, NULL, 0},
    {"Content-Type: a/b\nX(Y: a\n\n", 0, NULL, NULL, 0},
};

static void check_str_or_null(const char *actual, const char *expected)
{
    check_int(actual != NULL, expected != NULL);
    if (expected != NULL)
        check_str(actual, expected);
}

static void check_row(const struct row *row)
{
    struct sock__cgi_head h = {.why = NULL};
    size_t len = strlen(row->text), scanned = 0;
    char *buf = malloc(len + 8);

    check(buf != NULL);
    memcpy(buf, row->text, len);
    memcpy(buf + len, "document", 8);
    ssize_t n = sock__cgi_head_read(&h, buf, len + 8, &scanned);
    check_that((n > 0) == (row->status != 0), "%s: %s", row->text,
               h.why != NULL ? h.why : "taken");
    if (n > 0) {
        check_int(n, len);
        check_int(h.status, row->status);
        check_str_or_null(h.reason, row->reason);
        check_str_or_null(h.instead, row->instead);
        check_int(h.length, row->length);
    } else {
        check(h.why != NULL);
    }
    sock__cgi_head_release(&h);
    free(buf);
}

TEST(cgi_head, rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i]);
}

/* A byte at a time: more are needed, up to the last. */
TEST(cgi_head, in_pieces)
{
    static const char text[] = "Status: 201 Made\r\nX-A: b\r\n\r\n";
    struct sock__cgi_head h = {.why = NULL};
    char buf[sizeof text];
    size_t scanned = 0, len = strlen(text);

    memcpy(buf, text, sizeof text);
    for (size_t n = 1; n < len; n++)
        check_int(sock__cgi_head_read(&h, buf, n, &scanned), 0);
    check_int(sock__cgi_head_read(&h, buf, len, &scanned), len);
    check_int(h.status, 201);
    check_str(sock_headers_get(&h.fields, "x-a", ""), "b");
    sock__cgi_head_release(&h);
}

/* It says so, and no more is wrong then. */
TEST(cgi_head, no_memory)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        struct sock__cgi_head h = {.why = NULL};
        char buf[] = "Content-Type: a/b\nX-A: b\n\n";
        size_t scanned = 0;
        ssize_t n = sock__cgi_head_read(&h, buf, sizeof buf - 1, &scanned);
        check_int(h.no_memory, was_refused());
        check_int(n, h.no_memory ? -1 : (ssize_t)sizeof buf - 1);
        sock__cgi_head_release(&h);
    }
}

TEST(cgi_head, too_large)
{
    struct sock__cgi_head h = {.why = NULL};
    size_t scanned = 0, size = SOCK__CGI_HEAD_MAX;
    char *buf = malloc(size + 1);

    check(buf != NULL);
    memset(buf, 'x', size + 1);
    memcpy(buf, "X: ", 3);
    check(sock__cgi_head_read(&h, buf, size + 1, &scanned) < 0);
    sock__cgi_head_release(&h);

    /* 201 fields. */
    char *at = buf;
    for (int i = 0; i < 201; i++)
        at += sprintf(at, "X%d: y\n", i);
    at += sprintf(at, "\n");
    scanned = 0;
    h = (struct sock__cgi_head){.why = NULL};
    check(sock__cgi_head_read(&h, buf, (size_t)(at - buf), &scanned) < 0);
    sock__cgi_head_release(&h);
    free(buf);
}

TEST(cgi_head, what_is_sent_on)
{
    static const char *const own[] = {"Status",         "status",
                                      "Content-Length", "Connection",
                                      "Keep-Alive",     "Transfer-Encoding",
                                      "Upgrade",        "Trailer",
                                      "X-CGI-A",        "x-cgi-b"};
    static const char *const others[] = {"Content-Type", "Location",
                                         "Set-Cookie",   "X-A",
                                         "ETag",         "WWW-Authenticate"};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        check_that(!sock__cgi_head_sends(own[i]), "%s", own[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        check_that(sock__cgi_head_sends(others[i]), "%s", others[i]);
}
