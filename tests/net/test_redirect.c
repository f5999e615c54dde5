/* SPDX-License-Identifier: MIT */
/* Where responses lead, and what goes along. Links with --wrap. */
#include "script.h"

#include <unistd.h>

#include "private.h"
#include "redirect.h"
#include "starve.h"

/* Rules */

TEST(redirect, methods)
{
    static const struct {
        int status;
        const char *method, *next;
    } rows[] = {
        {301, "GET", "GET"},   {301, "HEAD", "HEAD"},  {301, "POST", "GET"},
        {301, "PUT", NULL},    {301, "DELETE", NULL},  {301, "PATCH", NULL},
        {302, "GET", "GET"},   {302, "HEAD", "HEAD"},  {302, "POST", "GET"},
        {302, "PUT", NULL},    {302, "DELETE", NULL},  {302, "OPTIONS", NULL},
        {303, "GET", "GET"},   {303, "HEAD", "HEAD"},  {303, "POST", "GET"},
        {303, "PUT", "GET"},   {303, "DELETE", "GET"}, {307, "GET", "GET"},
        {307, "HEAD", "HEAD"}, {307, "POST", "POST"},  {307, "PUT", "PUT"},
        {308, "GET", "GET"},   {308, "POST", "POST"},  {308, "X-Y", "X-Y"},
        {300, "GET", NULL},    {304, "GET", NULL},     {305, "GET", NULL},
        {306, "GET", NULL},    {309, "GET", NULL},     {200, "GET", NULL},
        {201, "GET", NULL},    {400, "GET", NULL},     {399, "POST", NULL},
        {301, "post", NULL},   {303, "get", "GET"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *next =
            sock__redirect_method(rows[i].status, rows[i].method);
        check_that((next == NULL) == (rows[i].next == NULL), "%d %s",
                   rows[i].status, rows[i].method);
        if (next != NULL)
            check_str(next, rows[i].next);
    }
}

TEST(redirect, fields)
{
    static const struct {
        const char *name;
        bool always, with_body, if_wanted;
    } rows[] = {
        {"Accept", true, true, true},
        {"accept-language", true, true, true},
        {"User-Agent", true, true, true},
        {"RANGE", true, true, true},
        {"If-None-Match", true, true, true},
        {"if-modified-since", true, true, true},
        {"Content-Type", false, true, true},
        {"Content-Length", false, true, true},
        {"X-Api-Key", false, false, true},
        {"Host", false, false, false},
        {"Referer", false, false, true},
        {"Origin", false, false, true},
        {"Range2", false, false, true},
        {"Authorization", false, false, false},
        {"authorization", false, false, false},
        {"Cookie", false, false, false},
        {"Cookie2", false, false, false},
        {"Proxy-Authorization", false, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_int(sock__redirect_keeps(rows[i].name, false, false),
                  rows[i].always);
        check_int(sock__redirect_keeps(rows[i].name, true, false),
                  rows[i].with_body);
        check_int(sock__redirect_keeps(rows[i].name, false, true),
                  rows[i].if_wanted);
    }
}

static const struct {
    const char *from, *location, *to;
    int flags;
} targets[] = {
    {"http://a/b/c?d#e", "f", "http://a/b/f#e", 0},
    {"http://a/b/c?d#e", "f#g", "http://a/b/f#g", 0},
    {"http://a/b/c?d#e", "f#", "http://a/b/f#", 0},
    {"http://a/b/c?d", "/f?g", "http://a/f?g", 0},
    {"http://a/b/c?d", "?g", "http://a/b/c?g", 0},
    {"http://a/b/c", "../../../f", "http://a/f", 0},
    {"http://a/b/c", "//h:81/i", "http://h:81/i", 0},
    {"http://a/b/c", "http://h", "http://h", 0},
    {"http://a/", "/a b\xc3\xa4", "http://a/a%20b%C3%A4", 0},
    {"http://a/", "/a\tb", "http://a/a%09b", 0},
    {"http://a/", "/a\x7f", "http://a/a%7F", 0},
    {"http://u:p@a/b", "c", "http://a/c", 0},
    {"http://a/", "http://u:p@h/", "http://h/", 0},
    {"http://a/", "http://u:p@@h/", "http://h/", 0},
    {"http://a/", "https://h/", "https://h/", 0},
    {"https://a/", "https://h/", "https://h/", SOCK_OPENER_HTTPS_ONLY},
    {"https://a/", "http://h/", "http://h/", SOCK_OPENER_ALLOW_DOWNGRADE},
    {"https://a/", "//h/", "https://h/", 0},
    {"http://a/b?c", "", "http://a/b?c", 0},
};

static struct sock__locator *go(const char *from, const char *location,
                                int flags)
{
    struct sock__locator *t = check_made(sock__locator_new("x", from));
    struct sock__locator *to = sock__redirect("x", t, location, flags);
    sock__locator_free(t);
    return to;
}

/* A zone may be quoted. */
TEST(redirect, zones)
{
    static const char *const rows[][2] = {
        {"http://[fe80::1%25e]/", "fe80::1%e"},
        {"http://[fe80::1%e]/", "fe80::1%e"},
        {"http://[fe80::1%25]/", "fe80::1%25"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sock__locator *t =
            check_made(sock__locator_new("x", rows[i][0]));
        check_str(t->host, rows[i][1]);
        sock__locator_free(t);
    }
}

TEST(redirect, targets)
{
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct sock__locator *to = check_made(
            go(targets[i].from, targets[i].location, targets[i].flags));
        check_str(to->shown, targets[i].to);
        check(to->user == NULL);
        sock__locator_free(to);
    }
}

TEST(redirect, targets_that_are_refused)
{
    static const struct {
        const char *from, *location;
        int flags;
        const char *text;
    } rows[] = {
        {"http://a/", "ftp://h/", 0,
         "x: redirected to what is neither http nor https"},
        {"http://a/", "file:///etc/passwd", 0,
         "x: redirected to what is neither http nor https"},
        {"http://a/", "data:,x", 0,
         "x: redirected to what is neither http nor https"},
        {"http://a/", "javascript:x", 0,
         "x: redirected nowhere: unknown url type: javascript"},
        {"https://a/", "http://a/", 0, "x: redirected from https to http"},
        {"https://a/", "http://a/", SOCK_OPENER_KEEP_HEADERS,
         "x: redirected from https to http"},
        {"http://a/", "/b", SOCK_OPENER_HTTPS_ONLY,
         "x: redirected to http, and only https is allowed"},
        {"https://a/", "http://a/",
         SOCK_OPENER_HTTPS_ONLY | SOCK_OPENER_ALLOW_DOWNGRADE,
         "x: redirected to http, and only https is allowed"},
        {"http://a/", "http://", 0, "x: redirected nowhere: no host given"},
        {"http://a/", "http://0x7f.1/", 0,
         "x: redirected nowhere: host is neither a name nor an address"},
        {"http://a/", "http://h:0/", 0,
         "x: redirected nowhere: port must be 1-65535."},
        {"http://a/", "http://h:x/", 0, NULL},
        {"http://a/", "http://good\\@evil/", 0,
         "x: redirected nowhere: URL can't contain a backslash"},
        {"http://a/", "/\\evil/", 0,
         "x: redirected nowhere: URL can't contain a backslash"},
        {"http://a/", "http://[::1/", 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].text != NULL) {
            check_null(go(rows[i].from, rows[i].location, rows[i].flags),
                       SOCK_E_PROTOCOL, SOCK_P_REDIRECT, rows[i].text);
            continue;
        }
        check(go(rows[i].from, rows[i].location, rows[i].flags) == NULL);
        check_int(sock_last_error()->code, SOCK_P_REDIRECT);
    }
}

TEST(redirect, memory)
{
    need_own_memory();
    struct sock__locator *from =
        check_made(sock__locator_new("x", "http://a/"));
    FOR_EACH_REFUSAL(refused)
    {
        struct sock__locator *to = sock__redirect("x", from, "b c#d", 0);
        check_that((to == NULL) == was_refused(), "%s", error_text());
        if (to == NULL)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        sock__locator_free(to);
    }
    sock__locator_free(from);
}

/* Over the wire */

#define EMPTY "Content-Length: 0\r\n\r\n"
static const char *const page[] = {"HTTP/1.1 200 OK\r\n" EMPTY, NULL};

static sock_urlrequest_t *request_for(const char *text)
{
    return check_made(sock_urlrequest_new(url(text)));
}

/* A redirection is read to its end for the sake of its connection, unless that
 * is long. */
TEST(redirect, a_long_body)
{
    static const struct {
        int length, connections;
    } rows[] = {{60000, 1}, {90000, 2}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static char text[REPLY];
        const char *const script[] = {
            text, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", NULL};
        int n = snprintf(text, sizeof text,
                         "HTTP/1.1 302 A\r\nLocation: /b\r\n"
                         "Content-Length: %d\r\n\r\n",
                         rows[i].length);
        memset(text + n, 'y', (size_t)rows[i].length);
        text[n + rows[i].length] = '\0';
        start(script, NULL);
        sock_opener_t *o = check_made(sock_opener_new());
        sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/a")));
        ends_with_body(sock_opener_open(o, q, 10), "x");
        check_int(script_servers[0]->connections, rows[i].connections);
        sock_urlrequest_free(q);
        sock_opener_free(o);
        stop();
    }
}

TEST(redirect, a_form_becomes_a_page)
{
    static const char *const script[] = {
        "HTTP/1.1 303 A\r\nLocation: /b\r\n" EMPTY, "HTTP/1.1 200 OK\r\n" EMPTY,
        NULL};

    start(script, NULL);
    sock_urlrequest_t *q = request_for("/a#f");
    check_ok(sock_urlrequest_data(q, "data", 4));
    check_ok(sock_urlrequest_add_header(q, "Content-Language", "de"));
    check_ok(sock_urlrequest_add_header(q, "X-Own", "kept"));
    sock_http_response_t *r = check_made(sock_opener_open(NULL, q, 10));
    check_str(sock_http_geturl(r), url("/b#f"));
    ends_with_body(r, "");
    check_str(line_of(asked_of(1, 1)), "GET /b HTTP/1.1");
    check(!has_field(asked_of(1, 1), "Content-Type"));
    check(!has_field(asked_of(1, 1), "Content-Language"));
    check(!has_field(asked_of(1, 1), "Content-Length"));
    check_str(field(asked_of(1, 1), "X-Own"), "kept");
    check_str(body_of(asked_of(1, 1)), "");
    sock_urlrequest_free(q);
    stop();
}

TEST(redirect, a_body_that_goes_along)
{
    static const char *const script[] = {
        "HTTP/1.1 307 A\r\nLocation: http://127.0.0.1:$2/b\r\n" EMPTY, NULL};

    start(script, page, NULL);
    sock_urlrequest_t *q = request_for("/a");
    check_ok(sock_urlrequest_data(q, "data", 4));
    check_ok(sock_urlrequest_method(q, "PUT"));
    check_ok(sock_urlrequest_add_header(q, "Content-Type", "text/x"));
    ends_with_body(sock_opener_open(NULL, q, 10), "");
    check_str(line_of(asked_of(2, 0)), "PUT /b HTTP/1.1");
    check_str(field(asked_of(2, 0), "Content-Type"), "text/x");
    check_str(body_of(asked_of(2, 0)), "data");
    sock_urlrequest_free(q);
    stop();
}

TEST(redirect, a_file_that_goes_along)
{
    static const char *const script[] = {
        "HTTP/1.1 308 A\r\nLocation: /b\r\n" EMPTY, "HTTP/1.1 200 OK\r\n" EMPTY,
        NULL};
    FILE *file = check_made(tmpfile());

    fputs("a file", file);
    fseek(file, 2, SEEK_SET);
    start(script, NULL);
    sock_urlrequest_t *q = request_for("/a");
    check_ok(sock_urlrequest_file(q, file, 4));
    ends_with_body(sock_opener_open(NULL, q, 10), "");
    check_str(body_of(asked_of(1, 0)), "file");
    check_str(body_of(asked_of(1, 1)), "file");
    sock_urlrequest_free(q);
    stop();
    fclose(file);
}

/* What can be read only once can be sent only once. */
TEST(redirect, a_pipe_that_cannot)
{
    static const char *const script[] = {
        "HTTP/1.1 307 A\r\nLocation: /b\r\n" EMPTY, NULL};
    int fds[2];

    check_ok(pipe(fds));
    check_int(write(fds[1], "pipe", 4), 4);
    close(fds[1]);
    FILE *file = check_made(fdopen(fds[0], "r"));
    start(script, NULL);
    sock_urlrequest_t *q = request_for("/a");
    check_ok(sock_urlrequest_file(q, file, 4));
    open_fails(sock_opener_open(NULL, q, 10), SOCK_E_REPLY, 307,
               "urlopen http://127.0.0.1:$1/a: HTTP Error 307: A");
    check_str(body_of(asked_of(1, 0)), "pipe");
    sock_urlrequest_free(q);
    stop();
    fclose(file);
}

TEST(redirect, methods_that_are_not_repeated)
{
    static const char *const script[] = {
        "HTTP/1.1 301 A\r\nLocation: /b\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /b\r\n" EMPTY,
        "HTTP/1.1 303 A\r\nLocation: /b\r\n" EMPTY, "HTTP/1.1 200 OK\r\n" EMPTY,
        NULL};

    start(script, NULL);
    sock_urlrequest_t *q = request_for("/a");
    check_ok(sock_urlrequest_method(q, "DELETE"));
    for (int code = 301; code < 303; code++)
        check(sock_opener_open(NULL, q, 10) == NULL &&
              sock_last_error()->kind == SOCK_E_REPLY &&
              sock_last_error()->code == code);
    ends_with_body(sock_opener_open(NULL, q, 10), "");
    check_str(line_of(asked_of(1, 3)), "GET /b HTTP/1.1");
    sock_urlrequest_free(q);
    stop();
}

/* cpython #77842. Once they have stayed behind they do not come back. */
TEST(redirect, what_is_for_one_origin)
{
    static const char *const script[] = {
        "HTTP/1.1 302 A\r\nLocation: /same\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: http://127.0.0.1:$2/other\r\n" EMPTY,
        "HTTP/1.1 200 OK\r\n" EMPTY, NULL};
    static const char *const other[] = {
        "HTTP/1.1 302 A\r\nLocation: http://127.0.0.1:$1/back\r\n" EMPTY, NULL};
    static const char *const names[] = {"Authorization", "Cookie", "X-Api-Key",
                                        "Referer"};

    start(script, other, NULL);
    sock_urlrequest_t *q = request_for("/a");
    for (size_t i = 0; i < 4; i++)
        check_ok(sock_urlrequest_add_header(q, names[i], "secret"));
    check_ok(sock_urlrequest_add_header(q, "Accept", "text/html"));
    check_ok(sock_urlrequest_add_header(q, "Host", "virtual.example"));
    ends_with_body(sock_opener_open(NULL, q, 10), "");
    for (size_t i = 0; i < 4; i++) {
        check_str(field(asked_of(1, 0), names[i]), "secret");
        check_str(field(asked_of(1, 1), names[i]), "secret");
        check(!has_field(asked_of(2, 0), names[i]));
        check(!has_field(asked_of(1, 2), names[i]));
    }
    check_str(field(asked_of(1, 1), "Host"), "virtual.example");
    check_str(field(asked_of(2, 0), "Host"), url("127.0.0.1:$2"));
    check_str(field(asked_of(2, 0), "Accept"), "text/html");
    check_str(field(asked_of(1, 2), "Accept"), "text/html");
    sock_urlrequest_free(q);
    stop();
}

TEST(redirect, what_the_caller_wants_along)
{
    static const char *const script[] = {
        "HTTP/1.1 302 A\r\nConnection: close\r\n"
        "Location: http://127.0.0.1:$2/other\r\n" EMPTY,
        NULL};

    start(script, page, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_set_redirects(o, 10, SOCK_OPENER_KEEP_HEADERS));
    sock_urlrequest_t *q = request_for("/a");
    check_ok(sock_urlrequest_add_header(q, "Authorization", "secret"));
    check_ok(sock_urlrequest_add_header(q, "X-Api-Key", "key"));
    check_ok(sock_urlrequest_add_header(q, "Host", "virtual.example"));
    ends_with_body(sock_opener_open(o, q, 10), "");
    check_str(field(asked_of(1, 0), "Host"), "virtual.example");
    check_str(field(asked_of(2, 0), "Host"), url("127.0.0.1:$2"));
    check_str(field(asked_of(2, 0), "X-Api-Key"), "key");
    check(!has_field(asked_of(2, 0), "Authorization"));
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

/* The user of a URL is for its origin alone. */
TEST(redirect, users)
{
    static const char *const script[] = {
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Basic realm=r\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /b\r\n" EMPTY,
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Basic realm=r\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: http://x:y@127.0.0.1:$2/\r\n" EMPTY, NULL};
    static const char *const other[] = {
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Basic realm=r\r\n" EMPTY, NULL};

    start(script, other, NULL);
    open_fails(sock_urlopen(url("http://u:p@127.0.0.1:$1/a"), NULL, 0, 10),
               SOCK_E_REPLY, 401,
               "urlopen http://127.0.0.1:$2/: HTTP Error 401: A");
    check(!has_field(asked_of(1, 0), "Authorization"));
    check_str(field(asked_of(1, 1), "Authorization"), "Basic dTpw");
    check_str(field(asked_of(1, 3), "Authorization"), "Basic dTpw");
    check(!has_field(asked_of(2, 0), "Authorization"));
    stop();
}

TEST(redirect, round_and_round)
{
    static const char *const script[] = {
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: /\r\n" EMPTY,
        NULL};

    start(script, NULL);
    open_fails(sock_urlopen(url("/"), NULL, 0, 10), SOCK_E_PROTOCOL,
               SOCK_P_REDIRECT,
               "urlopen http://127.0.0.1:$1/: The HTTP server returned a "
               "redirect error that would lead to an infinite loop.");
    check_int(script_servers[0]->count, 11);
    sock_opener_t *o = check_made(sock_opener_new());
    sock_urlrequest_t *q = request_for("/");
    check_ok(sock_opener_set_redirects(o, 1, 0));
    check(sock_opener_open(o, q, 10) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
    check_int(script_servers[0]->count, 13);
    check_ok(sock_opener_set_redirects(o, 0, 0));
    open_fails(sock_opener_open(o, q, 10), SOCK_E_REPLY, 302,
               "urlopen http://127.0.0.1:$1/: HTTP Error 302: A");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

TEST(redirect, odd_schemes)
{
    static const char *const script[] = {
        "HTTP/1.1 302 A\r\nLocation: file:///etc/passwd\r\n" EMPTY, NULL};

    start(script, NULL);
    open_fails(sock_urlopen(url("/"), NULL, 0, 10), SOCK_E_PROTOCOL,
               SOCK_P_REDIRECT,
               "urlopen http://127.0.0.1:$1/: redirected to what is neither "
               "http nor https");
    stop();
}

TEST(redirect, only_https)
{
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_set_redirects(o, 10, SOCK_OPENER_HTTPS_ONLY));
    static const char *const urls[] = {"http://h/", "data:,x", "file:///"};
    for (size_t i = 0; i < 3; i++) {
        sock_urlrequest_t *q = check_made(sock_urlrequest_new(urls[i]));
        check(sock_opener_open(o, q, 10) == NULL);
        check_int(sock_last_error()->kind, SOCK_E_VALUE);
        check(strstr(error_text(), ": only https is allowed") != NULL);
        sock_urlrequest_free(q);
    }
    sock_opener_free(o);
}
