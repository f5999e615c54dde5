/* SPDX-License-Identifier: MIT */
/* Handlers: what a request says, and what becomes of an answer. */
#include "held.h"
#include "httpd_loop.h"
#include "private.h"
#include "server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include <wchar.h>

#define HOST "Host: a\r\n"
#define END HOST "Connection: close\r\n\r\n"

static char answer[3000000];

/* A server whose only handler, of GET and POST, is this one. */
static struct server *with_handler(sock_httpd_fn fn, void *arg, int threads)
{
    struct server *s = make_server(threads);
    check_ok(sock_httpd_do(s->httpd, "GET", fn, arg));
    check_ok(sock_httpd_do(s->httpd, "POST", fn, arg));
    begin_server(s);
    return s;
}

static void get(struct server *s, const char *request)
{
    ask(s, request, strlen(request), strlen(request), answer, sizeof answer);
}

/* The answer of a handler to one GET, with the connection closed behind. */
static const char *answer_of(sock_httpd_fn fn, const char *request)
{
    struct server *s = with_handler(fn, NULL, -1);
    get(s, request);
    stop_server(s);
    return answer;
}

static const char *body_of(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    check(end != NULL);
    return end + 4;
}

/* What a request says */

static void attributes(sock_httpd_request_t *self, void *arg)
{
    sock_addr_t client = sock_httpd_client_address(self);
    (void)arg;

    check_str(sock_httpd_command(self), "POST");
    check_str(sock_httpd_path(self), "/a?b");
    check_str(sock_httpd_requestline(self), "POST http://h/a?b HTTP/1.1");
    check_str(sock_httpd_requestline(self), "POST http://h/a?b HTTP/1.1");
    check_str(sock_httpd_request_version(self), "HTTP/1.1");
    check_str(sock_headers_get(sock_httpd_headers(self), "x-y", ""), "z");
    check_int(sock_addr_family(&client), AF_INET);
    check_int(sock_httpd_length(self), 3);
    check(sock_httpd_user(self) == NULL);
    check_fails((int)sock_httpd_read(self, NULL, 1), SOCK_E_TYPE, 0,
                "read: buffer is NULL");
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
}

TEST(httpd, attributes)
{
    answer_of(
        attributes,
        "POST http://h/a?b HTTP/1.1\r\nX-Y: z\r\nContent-Length: 3\r\n" END
        "abc");
    check(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0);
}

static void path_alone(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "%s", sock_httpd_path(self));
}

TEST(httpd, paths)
{
    static const char *const rows[][2] = {
        {"/", "/"},
        {"//evil.example/x", "/evil.example/x"},
        {"///x", "/x"},
        {"/a//b", "/a//b"},
        {"http://h", "/"},
        {"http://h/", "/"},
        {"http://h?q", "/?q"},
        {"http://h//x?//y", "/x?//y"},
        {"https://h/a?b", "/a?b"},
        {"/%2e%2e/x", "/%2e%2e/x"},
    };
    struct server *s = with_handler(path_alone, NULL, -1);
    char request[200];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" END,
                 rows[i][0]);
        get(s, request);
        check_str(body_of(answer), rows[i][1]);
    }
    stop_server(s);
}

/* Answers */

static void say_hello(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_send_header(self, "Content-Type", "text/plain"));
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_write(self, "hello", 5));
}

/* Date and Server are those that nobody knows here. */
static void check_head(const char *text, const char *before, const char *after)
{
    const char *server = strstr(text, "Server: pysockc/");
    const char *date = strstr(text, "Date: ");
    check(server != NULL && date != NULL);
    check_int(server - text, strlen(before));
    check(strncmp(text, before, strlen(before)) == 0);
    check_str(strchr(date, '\n') + 1, after);
}

TEST(httpd, a_short_answer_has_its_length)
{
    answer_of(say_hello, "GET / HTTP/1.1\r\n" END);
    check_head(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
               "Content-Length: 5\r\nConnection: close\r\n\r\nhello");
    answer_of(say_hello, "GET / HTTP/1.1\r\n" HOST "\r\n");
    check_head(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
               "Content-Length: 5\r\n\r\nhello");
    answer_of(say_hello, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    check_head(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
               "Content-Length: 5\r\nConnection: keep-alive\r\n\r\nhello");
    answer_of(say_hello, "GET / HTTP/1.0\r\n\r\n");
    check_head(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
               "Content-Length: 5\r\nConnection: close\r\n\r\nhello");
    answer_of(say_hello, "HEAD / HTTP/1.1\r\n" END);
    check_head(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
               "Content-Length: 5\r\nConnection: close\r\n\r\n");
    answer_of(say_hello, "GET / HTTP/1.1\nHost: a\n\n");
    check_head(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
               "Content-Length: 5\r\nConnection: close\r\n\r\nhello");
}

/* A body of lines, so many bytes in pieces of so many. */
struct amounts {
    size_t size, piece;
    int64_t length; /* -1: not said */
    int flush;
};

static char pattern(size_t at)
{
    return (char)('a' + at % 23);
}

static void say_much(sock_httpd_request_t *self, void *arg)
{
    const struct amounts *a = arg;
    char number[32], *data = malloc(a->size + 1);

    for (size_t i = 0; i < a->size; i++)
        data[i] = pattern(i);
    check_ok(sock_httpd_send_response(self, 200, NULL));
    if (a->length >= 0) {
        snprintf(number, sizeof number, "%lld", (long long)a->length);
        check_ok(sock_httpd_send_header(self, "Content-Length", number));
    }
    check_ok(sock_httpd_end_headers(self));
    for (size_t at = 0; at < a->size; at += a->piece) {
        size_t n = a->size - at < a->piece ? a->size - at : a->piece;
        if (sock_httpd_write(self, data + at, n) < 0)
            break;
        if (a->flush)
            check_ok(sock_httpd_flush(self));
    }
    free(data);
}

/* Undoes chunks: the length, or -1 if they are none. */
static ssize_t unchunk(char *body)
{
    char *to = body, *from = body;

    for (;;) {
        char *end;
        size_t n = strtoul(from, &end, 16);
        if (end == from || strncmp(end, "\r\n", 2) != 0)
            return -1;
        from = end + 2;
        memmove(to, from, n);
        to += n;
        from += n;
        if (strncmp(from, "\r\n", 2) != 0)
            return -1;
        from += 2;
        if (n == 0)
            return *from == '\0' ? to - body : -1;
    }
}

static void check_much(const struct amounts *a, const char *version,
                       bool chunked)
{
    struct amounts copy = *a;
    struct server *s = with_handler(say_much, &copy, 2);
    char request[100];

    snprintf(request, sizeof request, "GET / HTTP/%s\r\n" END, version);
    get(s, request);
    stop_server(s);
    char *body = strstr(answer, "\r\n\r\n") + 4;
    check_int(strstr(answer, "Transfer-Encoding: chunked\r\n") != NULL,
              chunked);
    ssize_t n = chunked ? unchunk(body) : (ssize_t)strlen(body);
    check_int(n, a->size);
    for (size_t i = 0; i < a->size; i++)
        check(body[i] == pattern(i));
}

TEST(httpd, long_answers)
{
    static const struct amounts rows[] = {
        {0, 1, -1, 0},
        {1, 1, -1, 1},
        {16383, 16383, -1, 0},
        {16384, 16384, -1, 0},
        {16385, 16385, -1, 0},
        {16385, 1, -1, 0},
        {32768, 16384, -1, 0},
        {32769, 32769, -1, 0},
        {100000, 100000, -1, 0},
        {100000, 777, -1, 0},
        {100000, 40000, -1, 0},
        {2500000, 100000, -1, 0},
        {5000, 50, -1, 1},
        {100000, 100000, 100000, 0},
        {100000, 777, 100000, 0},
        {10, 10, 10, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool held = rows[i].size <= 16384 && !rows[i].flush;
        bool chunked = rows[i].length < 0 && !held;
        check_much(&rows[i], "1.1", chunked);
        check_much(&rows[i], "1.0", false);
    }
}

/* Of what is written when no one has asked for it there is nothing. */
TEST(httpd, head_has_no_body)
{
    static const struct amounts rows[] = {
        {10, 10, -1, 0}, {20000, 20000, -1, 0}, {20000, 20000, 20000, 0}};

    for (size_t i = 0; i < 3; i++) {
        struct amounts copy = rows[i];
        struct server *s = with_handler(say_much, &copy, -1);
        get(s, "HEAD / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" END);
        stop_server(s);
        check(strncmp(body_of(answer), "HTTP/1.1 200 OK\r\n", 17) == 0);
    }
}

static void no_content(sock_httpd_request_t *self, void *arg)
{
    int code = atoi(sock_httpd_path(self) + 1);
    (void)arg;
    check_ok(sock_httpd_send_response(self, code, NULL));
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_write(self, "nothing of this", 15));
}

TEST(httpd, statuses_without_a_body)
{
    struct server *s = with_handler(no_content, NULL, -1);

    get(s, "GET /204 HTTP/1.1\r\n" END);
    check(strstr(answer, "Content-Length") == NULL);
    check_str(body_of(answer), "");
    get(s, "GET /304 HTTP/1.1\r\n" END);
    check(strstr(answer, "Content-Length") == NULL);
    check_str(body_of(answer), "");
    get(s, "GET /205 HTTP/1.1\r\n" END);
    check(strstr(answer, "Content-Length: 0\r\n") != NULL);
    check_str(body_of(answer), "");
    stop_server(s);
}

static void nothing(sock_httpd_request_t *self, void *arg)
{
    (void)self, (void)arg;
}

static void half(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "X", "y");
}

static void too_little(sock_httpd_request_t *self, void *arg)
{
    struct amounts a = {100, 100, 101, 0};
    (void)arg;
    say_much(self, &a);
}

static void too_little_of_much(sock_httpd_request_t *self, void *arg)
{
    struct amounts a = {100000, 100000, 100001, 0};
    (void)arg;
    say_much(self, &a);
}

static void too_much(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "content-length", "3");
    sock_httpd_end_headers(self);
    check_ok(sock_httpd_write(self, "abc", 3));
    check_fails(sock_httpd_write(self, "d", 1), SOCK_E_VALUE, 0,
                "write: more than its Content-Length");
}

TEST(httpd, answers_that_are_none)
{
    static const char request[] = "GET / HTTP/1.1\r\n" END;

    answer_of(nothing, request);
    check(strncmp(answer, "HTTP/1.1 500 Internal Server Error\r\n", 36) == 0);
    answer_of(half, request);
    check(strncmp(answer, "HTTP/1.1 500 ", 13) == 0);
    check(strstr(answer, "X: y") == NULL);
    answer_of(too_little, request);
    check(strncmp(answer, "HTTP/1.1 500 ", 13) == 0);
    answer_of(too_little_of_much, request);
    check_int(strlen(body_of(answer)), 100000);
    answer_of(too_much, request);
    check_str(body_of(answer), "abc");
}

/* Order, and what no head can have */

static void misuse(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_fails(sock_httpd_send_header(self, "A", "b"), SOCK_E_VALUE, 0,
                "send_header: send_response() comes first");
    check_fails(sock_httpd_end_headers(self), SOCK_E_VALUE, 0,
                "end_headers: send_response() comes first");
    check_fails(sock_httpd_write(self, "a", 1), SOCK_E_VALUE, 0,
                "write: end_headers() comes first");
    check_fails(sock_httpd_flush(self), SOCK_E_VALUE, 0,
                "flush: end_headers() comes first");
    check_fails(sock_httpd_send_response(self, 99, NULL), SOCK_E_VALUE, 0,
                "send_response: the status is none that can be sent");
    check_fails(sock_httpd_send_response(self, 101, NULL), SOCK_E_VALUE, 0,
                "send_response: the status is none that can be sent");
    check_fails(sock_httpd_send_response(self, 1000, NULL), SOCK_E_VALUE, 0,
                "send_response: the status is none that can be sent");
    check_fails(sock_httpd_send_response(self, 200, "a\r\nb"), SOCK_E_VALUE, 0,
                "send_response: a control character in the message");
    check_fails(sock_httpd_send_error(self, 400, "a\nb"), SOCK_E_VALUE, 0,
                "send_error: a control character in the message");
    check_fails(sock_httpd_send_error(self, 100, NULL), SOCK_E_VALUE, 0,
                "send_error: the status is none that can be sent");
    check_fails(sock_httpd_redirect(self, 304, "/"), SOCK_E_VALUE, 0,
                "redirect: the status is none of a redirect");
    check_fails(sock_httpd_redirect(self, 302, "/a b"), SOCK_E_VALUE, 0,
                "redirect: the URL has a blank or a control character");
    check_fails(sock_httpd_redirect(self, 302, "/\r\nA: b"), SOCK_E_VALUE, 0,
                "redirect: the URL has a blank or a control character");
    check_ok(sock_httpd_send_response(self, 200, "Fine"));
    check_fails(sock_httpd_send_response(self, 200, NULL), SOCK_E_VALUE, 0,
                "send_response: the response has begun");
    check_fails(sock_httpd_send_header(self, "A b", "c"), SOCK_E_VALUE, 0,
                "send_header: the name of a field is no token");
    check_fails(sock_httpd_send_header(self, "", "c"), SOCK_E_VALUE, 0,
                "send_header: the name of a field is no token");
    check_fails(sock_httpd_send_header(self, "A", "b\r\nC: d"), SOCK_E_VALUE, 0,
                "send_header: a control character in a field");
    check_fails(sock_httpd_send_header(self, "A", "b\r\n c"), SOCK_E_VALUE, 0,
                "send_header: a control character in a field");
    check_fails(sock_httpd_send_header(self, "A", "\x7f"), SOCK_E_VALUE, 0,
                "send_header: a control character in a field");
    check_fails(sock_httpd_send_header(self, "Transfer-Encoding", "chunked"),
                SOCK_E_VALUE, 0,
                "send_header: Transfer-Encoding is the server's to send");
    check_fails(sock_httpd_send_header(self, "Content-Length", "-1"),
                SOCK_E_VALUE, 0, "send_header: Content-Length is no number");
    check_ok(sock_httpd_send_header(self, "Content-Length", "2"));
    check_fails(sock_httpd_send_header(self, "Content-Length", "2"),
                SOCK_E_VALUE, 0,
                "send_header: Content-Length was sent already");
    check_ok(sock_httpd_send_header(self, "Date", "today"));
    check_ok(sock_httpd_send_header(self, "Server", "mine"));
    check_ok(sock_httpd_end_headers(self));
    check_fails(sock_httpd_end_headers(self), SOCK_E_VALUE, 0,
                "end_headers: send_response() comes first");
    check_ok(sock_httpd_write(self, "ok", 2));
    check_ok(sock_httpd_flush(self));
    check_fails(sock_httpd_send_error(self, 500, NULL), SOCK_E_VALUE, 0,
                "send_error: the response has begun");
}

TEST(httpd, order)
{
    answer_of(misuse, "GET / HTTP/1.1\r\n" END);
    check_str(answer,
              "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nDate: today\r\n"
              "Server: mine\r\nConnection: close\r\n\r\nok");
}

static void long_head(sock_httpd_request_t *self, void *arg)
{
    static char value[30000];
    (void)arg;
    memset(value, 'v', sizeof value - 1);
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_send_header(self, "A", value));
    check_ok(sock_httpd_send_header(self, "B", value));
    check_fails(sock_httpd_send_header(self, "C", value), SOCK_E_VALUE, 0,
                "send_header: the head is too long");
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_write(self, "body", 4));
}

/* More than there is room for at first; each line of its own. */
TEST(httpd, long_heads_of_requests)
{
    static char request[60000];
    struct server *s = with_handler(say_hello, NULL, -1);

    for (int lines = 40; lines <= 90; lines += 10) {
        size_t n = (size_t)sprintf(request, "GET / HTTP/1.1\r\n");
        for (int i = 0; i < lines; i++)
            n += (size_t)sprintf(request + n, "X: %0300d\r\n", i);
        n += (size_t)sprintf(request + n, END);
        ask(s, request, n, n, answer, sizeof answer);
        check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    }
    stop_server(s);
}

TEST(httpd, a_long_head)
{
    answer_of(long_head, "GET / HTTP/1.1\r\n" END);
    check_str(body_of(answer), "body");
    check(strstr(answer, "\r\nC: ") == NULL &&
          strstr(answer, "\r\nB: ") != NULL);
}

/* Errors and redirects */

static void fail_it(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "X", "forgotten");
    sock_httpd_end_headers(self);
    sock_httpd_write(self, "forgotten", 9);
    fputs("forgotten", sock_httpd_wfile(self));
    check_ok(sock_httpd_send_error(self, 404, "<No> & \"none\""));
}

TEST(httpd, an_error_takes_the_place_of_what_was_held)
{
    answer_of(fail_it, "GET / HTTP/1.1\r\n" END);
    check(strncmp(answer, "HTTP/1.1 404 <No> & \"none\"\r\n", 28) == 0);
    check(strstr(answer, "forgotten") == NULL);
    check(strstr(answer, "Content-Type: text/html;charset=utf-8\r\n") != NULL);
    check(strstr(answer, "<p>Error code: 404</p>\n"
                         "<p>Message: &lt;No&gt; &amp; \"none\".</p>\n"
                         "<p>Error code explanation: 404 - Nothing matches the "
                         "given URI.</p>\n") != NULL);
    check(strstr(answer, "name=\"viewport\"") != NULL);
    check(strstr(answer, "color-scheme: light dark") != NULL);
    answer_of(fail_it, "HEAD / HTTP/1.1\r\n" END);
    check_str(body_of(answer), "");
}

static void go_away(sock_httpd_request_t *self, void *arg)
{
    static const char *const bad[] = {"", "/a b", "/a\r\nX: y", "/\x7f"};
    (void)arg;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_fails(sock_httpd_redirect(self, 302, bad[i]), SOCK_E_VALUE, 0,
                    "redirect: the URL has a blank or a control character");
    check_ok(sock_httpd_redirect(self, 302, "/there?a=b"));
}

TEST(httpd, redirect)
{
    answer_of(go_away, "GET / HTTP/1.1\r\n" END);
    check(strncmp(answer,
                  "HTTP/1.1 302 Found\r\nLocation: /there?a=b\r\n"
                  "Content-Length: 0\r\n",
                  60) == 0);
    check_str(body_of(answer), "");
}

TEST(httpd, methods)
{
    struct server *s = with_handler(say_hello, NULL, -1);

    get(s, "PUT / HTTP/1.1\r\n" END);
    check(strncmp(answer,
                  "HTTP/1.1 405 Method Not Allowed\r\n"
                  "Allow: GET, POST, M-SEARCH, get, OPTIONS, HEAD\r\n",
                  81) == 0);
    get(s, "FOO / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" END);
    check(strncmp(answer, "HTTP/1.1 501 Unsupported method ('FOO')\r\n", 41) ==
          0);
    check(strstr(answer, "HTTP/1.1 200") == NULL);
    get(s, "TRACE / HTTP/1.1\r\n" END);
    check(strncmp(answer, "HTTP/1.1 501 ", 13) == 0);
    stop_server(s);
}

/* HEAD that is served by itself is named once, and what is over the room not
 * at all. */
TEST(httpd, methods_in_a_list)
{
    struct server *s = make_server(-1);
    char name[] = "A", *at;
    char many[201];

    check_ok(sock_httpd_do(s->httpd, "HEAD", say_hello, NULL));
    for (; *name <= 'C'; ++*name) {
        memset(many, *name, 200);
        many[200] = '\0';
        check_ok(sock_httpd_do(s->httpd, many, say_hello, NULL));
    }
    check_ok(sock_httpd_do(s->httpd, name, say_hello, NULL));
    begin_server(s);
    get(s, "PUT / HTTP/1.1\r\n" END);
    at = strstr(answer, "\r\nAllow: ");
    check(at != NULL && strstr(at, "OPTIONS, HEAD, AAA") != NULL);
    check(strstr(at, "AAA, BBB") != NULL && strstr(at, "BBB, D\r\n") != NULL);
    stop_server(s);
}

static void mounted(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "%s of %s", (const char *)arg,
                      sock_httpd_command(self));
}

TEST(httpd, mounts)
{
    static char a[] = "a", ab[] = "ab";
    static const char *const rows[][2] = {
        {"GET /a", "a of GET"},
        {"PUT /a/", "a of PUT"},
        {"GET /a/x?y", "a of GET"},
        {"GET /%61/x", "a of GET"},
        {"GET /x/../a", "a of GET"},
        {"GET /a/b", "ab of GET"},
        {"DELETE /a/b/c", "ab of DELETE"},
        {"GET /a/bc", "a of GET"},
    };
    struct server *s = make_server(-1);
    char request[200];

    check_ok(sock_httpd_mount(s->httpd, "/a", mounted, a));
    check_ok(sock_httpd_mount(s->httpd, "/a/b", mounted, ab));
    begin_server(s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(request, sizeof request, "%s HTTP/1.1\r\n" END, rows[i][0]);
        get(s, request);
        check_str(body_of(answer), rows[i][1]);
    }
    get(s, "GET /ab HTTP/1.1\r\n" END);
    check_str(body_of(answer), "<GET /ab>");
    get(s, "GET /%00 HTTP/1.1\r\n" END);
    check(strncmp(answer, "HTTP/1.1 400 ", 13) == 0);
    stop_server(s);
}

TEST(httpd, mounts_alone)
{
    sock_httpd_t *httpd = check_made(sock_httpd_new("127.0.0.1", 0));
    struct server s = {.httpd = httpd};
    static char a[] = "a";

    check_ok(sock_httpd_address(httpd, &s.address));
    check_ok(sock_httpd_mount(httpd, "/a", mounted, a));
    begin_server(&s);
    get(&s, "GET /b HTTP/1.1\r\n" END);
    check(strncmp(answer, "HTTP/1.1 404 ", 13) == 0);
    get(&s, "OPTIONS * HTTP/1.1\r\n" END);
    check(strncmp(answer, "HTTP/1.1 200 OK\r\nAllow: \r\n", 26) == 0);
    check_ok(sock_httpd_shutdown(httpd, 1));
    wait_for_server(&s);
    sock_httpd_free(httpd);
}

TEST(httpd, no_handler_at_all)
{
    struct server s = {.httpd = check_made(sock_httpd_new("", 0))};

    check_ok(sock_httpd_address(s.httpd, &s.address));
    s.address = sock_addr_inet("127.0.0.1", sock_addr_port(&s.address));
    begin_server(&s);
    get(&s, "GET / HTTP/1.1\r\n" END);
    check(strncmp(answer, "HTTP/1.1 501 Unsupported method ('GET')\r\n", 41) ==
          0);
    get(&s, "OPTIONS * HTTP/1.1\r\n" END);
    check(strncmp(answer, "HTTP/1.1 501 ", 13) == 0);
    check_ok(sock_httpd_shutdown(s.httpd, 1));
    wait_for_server(&s);
    sock_httpd_free(s.httpd);
}

TEST(httpd, hosts)
{
    static const char *const hosts[] = {"a.example", "localhost:81", "[::1]",
                                        NULL};
    static const struct {
        const char *host;
        int status;
    } rows[] = {
        {"a.example", 200},    {"A.EXAMPLE:80", 200}, {"a.example.", 421},
        {"xa.example", 421},   {"a.examplex", 421},   {"localhost", 421},
        {"localhost:81", 200}, {"localhost:82", 421}, {"[::1]:80", 200},
        {"evil.example", 421},
    };
    struct server *s = make_server(-1);
    char request[200], status[10];

    check_ok(sock_httpd_set_hosts(s->httpd, hosts));
    begin_server(s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(request, sizeof request,
                 "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
                 rows[i].host);
        get(s, request);
        snprintf(status, sizeof status, "%d", rows[i].status);
        check_that(strncmp(answer + 9, status, 3) == 0, "%s: %.20s",
                   rows[i].host, answer);
    }
    get(s, "GET http://evil.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
    check(strncmp(answer, "HTTP/1.1 421 ", 13) == 0);
    get(s, "GET / HTTP/1.0\r\n\r\n");
    check(strncmp(answer, "HTTP/1.1 421 ", 13) == 0);
    stop_server(s);
}

/* Streams, and texts */

static void by_streams(sock_httpd_request_t *self, void *arg)
{
    char line[100];
    FILE *r = check_made(sock_httpd_rfile(self));
    FILE *w = check_made(sock_httpd_wfile(self));
    (void)arg;

    check(r == sock_httpd_rfile(self) && w == sock_httpd_wfile(self));
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    while (fgets(line, sizeof line, r) != NULL)
        fprintf(w, "[%s]", line);
    check_ok(sock_httpd_printf(self, "%s|", "between"));
    check_ok(sock_httpd_write(self, "|", 1));
    fputs("last", w);
}

TEST(httpd, streams)
{
    answer_of(by_streams,
              "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
              "3\r\na\nb\r\n4\r\nc\nde\r\n0\r\n\r\n");
    check_str(body_of(answer), "[a\n][bc\n][de]between||last");
}

static void print_much(sock_httpd_request_t *self, void *arg)
{
    static char text[5000];
    (void)arg;
    memset(text, 'x', sizeof text - 1);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    check_ok(sock_httpd_printf(self, "%s.%d", text, 7));
}

TEST(httpd, printf_of_any_length)
{
    answer_of(print_much, "GET / HTTP/1.1\r\n" END);
    check_int(strlen(body_of(answer)), 5001);
    check_str(body_of(answer) + 4998, "x.7");
}

/* Bodies */

static void read_all(sock_httpd_request_t *self, void *arg)
{
    enum { MOST = 200000 }; /* too much for the stack of a thread of musl's */
    char *body = check_made(malloc(MOST));
    size_t len = 0;
    ssize_t n;

    (void)arg;
    check_ok(sock_httpd_read(self, body, 0));
    while ((n = sock_httpd_read(self, body + len, 4096)) > 0)
        len += (size_t)n;
    check_int(sock_httpd_read(self, body, 1), n);
    free(body);
    if (n < 0)
        return;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "%zu bytes, %s", len,
                      sock_headers_get(sock_httpd_trailers(self), "T", "-"));
}

TEST(httpd, trailers_stay_apart)
{
    answer_of(read_all, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
                        "3\r\nabc\r\n0\r\nT: u\r\nHost: b\r\n"
                        "Content-Length: 7\r\n\r\n");
    check_str(body_of(answer), "3 bytes, u");
}

static void check_trailer(sock_httpd_request_t *self, void *arg)
{
    char byte;
    (void)arg;
    check_int(sock_httpd_length(self), -1);
    while (sock_httpd_read(self, &byte, 1) > 0)
        ;
    const sock_headers_t *t = sock_httpd_trailers(self);
    check_str(sock_headers_get(t, "Content-Length", "none"), "none");
    check_str(sock_headers_get(t, "Host", "none"), "none");
    check_str(sock_headers_get(sock_httpd_headers(self), "T", "none"), "none");
    sock_httpd_send_error(self, 418, NULL);
}

TEST(httpd, trailers_change_nothing)
{
    answer_of(check_trailer,
              "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
              "3\r\nabc\r\n0\r\nT: u\r\nHost: b\r\nContent-Length: 7\r\n\r\n");
    check(strncmp(answer, "HTTP/1.1 418 I'm a Teapot\r\n", 27) == 0);
}

/* A body in chunks of one size. */
static char *chunked_body(size_t size, size_t chunk, size_t *len)
{
    static const char head[] =
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END;
    char *raw = malloc(sizeof head + size + (size / chunk + 2) * 20);
    char *at = stpcpy(raw, head);

    for (size_t done = 0; done < size; done += chunk) {
        size_t n = size - done < chunk ? size - done : chunk;
        at += sprintf(at, "%zx\r\n", n);
        memset(at, 'b', n);
        at = stpcpy(at + n, "\r\n");
    }
    at = stpcpy(at, "0\r\n\r\n");
    *len = (size_t)(at - raw);
    return raw;
}

TEST(httpd, chunks_of_any_size)
{
    static const size_t sizes[] = {1, 7, 1000, 4096, 5000, 100000, 150000};
    struct server *s = with_handler(read_all, NULL, 2);

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t len;
        char *raw = chunked_body(150000, sizes[i], &len);
        ask(s, raw, len, 30000, answer, sizeof answer);
        check_str(body_of(answer), "150000 bytes, -");
        free(raw);
    }
    stop_server(s);
}

/* The client is told to go on when the handler reads, and not before. */
static void maybe_read(sock_httpd_request_t *self, void *arg)
{
    if (strcmp(sock_httpd_path(self), "/no") == 0)
        sock_httpd_send_error(self, 413, NULL);
    else
        read_all(self, arg);
}

TEST(httpd, expect)
{
    struct server *s = with_handler(maybe_read, NULL, 2);
    sock_t *c = connect_to(s);

    say(c, "POST / HTTP/1.1\r\n" HOST
           "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    check_int(hear_until(c, answer, sizeof answer, "\r\n\r\n"), 25);
    check_str(answer, "HTTP/1.1 100 Continue\r\n\r\n");
    say(c, "abc");
    hear_until(c, answer, sizeof answer, "3 bytes, -");
    check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    /* Who has sent it already is not told, and who is refused hears no 100. */
    say(c, "POST / HTTP/1.1\r\n" HOST
           "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
    hear_until(c, answer, sizeof answer, "3 bytes, -");
    check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    say(c, "POST / HTTP/1.1\r\n" HOST
           "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n");
    hear_until(c, answer, sizeof answer, "0 bytes, -");
    check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    say(c, "POST /no HTTP/1.1\r\n" HOST
           "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    hear_all(c, answer, sizeof answer);
    check(strncmp(answer, "HTTP/1.1 413 Content Too Large\r\n", 32) == 0);
    check(strstr(answer, "Connection: close\r\n") != NULL);
    sock_free(c);
    stop_server(s);
}

static void read_one(sock_httpd_request_t *self, void *arg)
{
    char byte;
    (void)arg;
    check_int(sock_httpd_read(self, &byte, 1), 1);
    say_hello(self, NULL);
}

/* Who was told to go on sends the rest, and another request behind it. */
TEST(httpd, expect_and_read_less)
{
    struct server *s = with_handler(read_one, NULL, -1);
    static const char request[] =
        "POST / HTTP/1.1\r\n" HOST
        "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc";
    sock_t *c = connect_to(s);

    for (int i = 0; i < 2; i++) {
        say(c, request);
        hear_until(c, answer, sizeof answer, "hello");
        check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    }
    sock_free(c);
    stop_server(s);
}

/* What no one reads may come late. */
TEST(httpd, late_bodies)
{
    static const struct {
        const char *head, *body;
    } rows[] = {
        {"Content-Length: 3\r\n", "abc"},
        {"Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"},
    };
    static const int threads[] = {-1, 2};
    char request[200];

    for (size_t i = 0; i < 4; i++) {
        struct server *s = with_handler(say_hello, NULL, threads[i / 2]);
        sock_t *c = connect_to(s);
        snprintf(request, sizeof request, "POST / HTTP/1.1\r\n" HOST "%s\r\n",
                 rows[i % 2].head);
        say(c, request);
        hear_until(c, answer, sizeof answer, "hello");
        say(c, rows[i % 2].body);
        say(c, "GET / HTTP/1.1\r\n" END);
        hear_all(c, answer, sizeof answer);
        check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
        sock_free(c);
        stop_server(s);
    }
}

/* What comes behind the last request is no one's. */
TEST(httpd, more_behind_the_last)
{
    struct server *s = with_handler(read_all, NULL, -1);
    char text[64];

    get(s, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
           "3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n" END);
    statuses(answer, text, sizeof text);
    check_str(text, "200");
    stop_server(s);
}

/* What no one reads is read to no end, if it is little. */
TEST(httpd, unread_bodies)
{
    struct server *s = with_handler(say_hello, NULL, 2);
    char *raw = calloc(1, 300000), *at;

    static const size_t sizes[] = {1, 60000, 65536, 65537, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        at = raw + sprintf(raw,
                           "POST / HTTP/1.1\r\n" HOST
                           "Content-Length: %zu\r\n\r\n",
                           sizes[i]);
        memset(at, 'z', sizes[i]);
        at += sizes[i];
        at = stpcpy(at, "GET / HTTP/1.1\r\n" END);
        ask(s, raw, (size_t)(at - raw), 5000, answer, sizeof answer);
        char text[64];
        statuses(answer, text, sizeof text);
        check_str(text, sizes[i] <= 65536 ? "200 200" : "200");
    }
    at = stpcpy(raw, "POST / HTTP/1.1\r\n" HOST
                     "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
                     "GET / HTTP/1.1\r\n" END);
    ask(s, raw, (size_t)(at - raw), 7, answer, sizeof answer);
    char text[64];
    statuses(answer, text, sizeof text);
    check_str(text, "200 200");
    free(raw);
    stop_server(s);
}

static void read_late(sock_httpd_request_t *self, void *arg)
{
    char body[16];
    (void)arg;
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_end_headers(self));
    ssize_t n = sock_httpd_read(self, body, sizeof body);
    check_ok(sock_httpd_printf(self, "%zd", n));
}

/* An answer that has begun says by itself that the client may go on. */
TEST(httpd, read_behind_the_head)
{
    answer_of(read_late, "POST / HTTP/1.1\r\n" END);
    check_str(body_of(answer), "0");
    struct server *s = with_handler(read_late, NULL, -1);
    sock_t *c = connect_to(s);
    say(c, "POST / HTTP/1.1\r\nExpect: 100-continue\r\n"
           "Content-Length: 2\r\n" END);
    say(c, "ab");
    hear_all(c, answer, sizeof answer);
    check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    check_str(body_of(answer), "2");
    sock_free(c);
    stop_server(s);
}

static void read_as_much(sock_httpd_request_t *self, void *arg)
{
    static char body[10000];
    size_t len = *(size_t *)arg;
    ssize_t n;

    while ((n = sock_httpd_read(self, body, len)) > 0)
        ;
    check_fails((int)n, SOCK_E_EOF, 0, "read: end of stream after 3 bytes");
    check_int(sock_last_error()->done, 3);
}

/* Chunks that end too early, by whatever they are read. */
TEST(httpd, chunks_that_break_off)
{
    static const size_t sizes[] = {1, 100, 10000};
    static const char *const bodies[] = {"5\r\nabc", "3\r\nabc\r\n",
                                         "3\r\nabc\r\n5"};
    char request[200];

    for (size_t i = 0; i < 9; i++) {
        size_t size = sizes[i % 3];
        struct server *s = with_handler(read_as_much, &size, -1);
        snprintf(request, sizeof request,
                 "POST / HTTP/1.1\r\n" HOST
                 "Transfer-Encoding: chunked\r\n\r\n%s",
                 bodies[i / 3]);
        get(s, request);
        check_int(atoi(answer + 9), 400);
        stop_server(s);
    }
}

/* Who sends on what no one reads is not heard out. */
TEST(httpd, unread_chunks)
{
    static char much[2000000];
    static const char *const ends[] = {"", "zz\r\n"};
    static const char begin[] =
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n";

    for (size_t i = 0; i < 2; i++) {
        size_t n = (size_t)snprintf(much, sizeof much, "%s", begin);
        while (i == 0 && n < sizeof much - 100)
            n += (size_t)snprintf(much + n, sizeof much - n, "20\r\n%032d\r\n",
                                  7);
        n += (size_t)snprintf(much + n, sizeof much - n, "%s", ends[i]);
        struct server *s = with_handler(say_hello, NULL, -1);
        ask(s, much, n, n, answer, sizeof answer);
        check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0 || *answer == '\0');
        check_int(s->requests, 0);
        stop_server(s);
    }
}

TEST(httpd, pipelines)
{
    enum { MANY = 500 };
    struct server *s = run_server(3);
    char *raw = malloc(MANY * 64), *at = raw;

    for (int i = 0; i < MANY; i++)
        at += sprintf(at, "GET /%d HTTP/1.1\r\n" HOST "%s\r\n", i,
                      i + 1 < MANY ? "" : "Connection: close\r\n");
    ask(s, raw, (size_t)(at - raw), (size_t)(at - raw), answer, sizeof answer);
    const char *from = answer;
    for (int i = 0; i < MANY; i++) {
        char text[32];
        snprintf(text, sizeof text, "<GET /%d>", i);
        from = strstr(from, text);
        check_that(from != NULL, "%d is missing, or out of order", i);
    }
    free(raw);
    stop_server(s);
}

/* Events, as they come */

static void events(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_ok(sock_httpd_send_response(self, 103, NULL));
    check_ok(sock_httpd_send_header(self, "Link", "</a.css>"));
    check_ok(sock_httpd_send_header(self, "Content-Length", "7"));
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_end_headers(self));
    for (int i = 0; i < 3; i++) {
        check_ok(sock_httpd_printf(self, "data: %d\n\n", i));
        check_ok(sock_httpd_flush(self));
        check_ok(sock_httpd_flush(self));
    }
}

TEST(httpd, flush_and_interim)
{
    answer_of(events, "GET / HTTP/1.1\r\n" END);
    const char *interim = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
                          "HTTP/1.1 200 OK\r\n";
    check(strncmp(answer, interim, strlen(interim)) == 0);
    check(strstr(answer, "\r\n\r\n9\r\ndata: 0\n\n\r\n9\r\ndata: 1\n\n\r\n"
                         "9\r\ndata: 2\n\n\r\n0\r\n\r\n") != NULL);
    answer_of(events, "GET / HTTP/1.0\r\n\r\n");
    check(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0);
    check_str(body_of(answer), "data: 0\n\ndata: 1\n\ndata: 2\n\n");
}

/* The log */

static void log_it(sock_httpd_request_t *self, void *arg)
{
    static const wchar_t euro[] = {0x20ac, 0};
    (void)arg;
    check_ok(sock_httpd_log(self, "%s", "one\r\ntwo\x1b \\ \"q\""));
    int result = sock_httpd_log(self, "%ls", euro); /* none of C's locale */
    check_int(result, -1);
    check_int(errno, EILSEQ);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    say_hello(self, NULL);
}

TEST(httpd, log)
{
    struct server *s = with_handler(log_it, NULL, -1);

    get(s,
        "GET /\"a<b> HTTP/1.1\r\n" HOST "\r\nGET /\x1b\xff HTTP/1.1\r\n\r\n");
    stop_server_keeping(s);
    /* Without their dates, which stand in brackets. */
    char lines[2000], *to = lines;
    for (const char *at = s->log; *at != '\0'; at++) {
        if (*at == '[')
            at = strchr(at, ']');
        *to++ = *at;
    }
    *to = '\0';
    check_str(lines,
              "127.0.0.1 - - ] one\\x0d\\x0atwo\\x1b \\x5c \"q\"\n"
              "127.0.0.1 - - ] \"GET /\\x22a<b> HTTP/1.1\" 200 -\n"
              "127.0.0.1 - - ] code 400, message an invalid request target\n"
              "127.0.0.1 - - ] \"GET /\\x1b\\xff HTTP/1.1\" 400 -\n");
    const char *date = strchr(s->log, '[');
    check_int(strchr(date, ']') - date, 21);
    check(date[3] == '/' && date[7] == '/' && date[12] == ' ');
    free_server(s);
}

static void look_back(sock_httpd_request_t *self, const char *line, void *arg)
{
    int *times = arg;
    (void)line;
    check_str(sock_httpd_command(self), "");
    check_str(sock_httpd_path(self), "");
    check_str(sock_httpd_request_version(self), "");
    check_str(sock_httpd_requestline(self), "GET");
    ++*times;
}

/* A request that could not be read has nothing but its line. */
TEST(httpd, log_of_what_is_none)
{
    struct server *s = make_server(-1);
    int times = 0;

    check_ok(sock_httpd_set_log(s->httpd, look_back, &times));
    begin_server(s);
    get(s, "GET\r\n\r\n");
    check(strncmp(answer, "HTTP/1.1 400 ", 13) == 0);
    stop_server(s);
    check_int(times, 2);
}

static void count_body(sock_httpd_request_t *self, void *arg)
{
    static char buf[1000];
    size_t *length = arg;
    ssize_t n;
    while ((n = sock_httpd_read(self, buf, sizeof buf)) > 0)
        *length += (size_t)n;
    check_int(n, 0);
    say_hello(self, NULL);
}

/* More room than is kept for another request. */
TEST(httpd, a_chunk_behind_a_large_head)
{
    enum { HEAD = 40000, BODY = 60000 };
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .threads = -1, .head = 1 << 16};
    sock_httpd_t *httpd = check_made(sock_httpd_new("127.0.0.1", 0));
    struct pair p = unix_pair(SOCK_STREAM);
    char *text = check_made(malloc(HEAD + BODY + 1000)), *at = text;
    size_t length = 0;

    check_ok(sock_httpd_set_limits(httpd, &limits));
    check_ok(sock_httpd_set_log(httpd, NULL, NULL));
    check_ok(sock_httpd_mount(httpd, "/", count_body, &length));
    at += sprintf(at, "POST / HTTP/1.1\r\n" HOST "Connection: close\r\n"
                      "Transfer-Encoding: chunked\r\nX: ");
    memset(at, 'x', HEAD);
    at += HEAD;
    at += sprintf(at, "\r\n\r\n%x\r\n", BODY);
    memset(at, 'x', BODY);
    at += BODY;
    at += sprintf(at, "\r\n0\r\n\r\n");
    check_ok(sock_sendall(p.a, text, (size_t)(at - text), 0));
    check_ok(sock_httpd_serve(httpd, p.b));
    hear_all(p.a, answer, sizeof answer);
    check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    check_int(length, BODY);
    free(text);
    sock_free(p.a);
    sock_httpd_free(httpd);
}

/* A line that is no request's is there as far as its beginning. */
TEST(httpd, log_of_a_long_line)
{
    static char request[3000], line[2000];
    struct server *s = with_handler(say_hello, NULL, -1);

    memset(request, 'x', 2000);
    memcpy(request, "GET /\x1b", 6);
    strcpy(request + 2000, " HTTP/1.1\r\n" END);
    get(s, request);
    stop_server_keeping(s);
    snprintf(line, sizeof line, "\"GET /\\x1b%.1018s\" 400 -\n", request + 6);
    check_that(strstr(s->log, line) != NULL, "%s", s->log);
    free_server(s);
}

/* One at a time */

TEST(httpd, handle_request)
{
    struct server *s = make_server(0);
    sock_t *c = connect_to(s);

    say(c, "GET /1 HTTP/1.1\r\n" HOST "\r\nGET /2 HTTP/1.1\r\n" END);
    check_ok(sock_httpd_handle_request(s->httpd));
    hear_all(c, answer, sizeof answer);
    check(strstr(answer, "<GET /1>") != NULL && strstr(answer, "<GET /2>"));
    sock_free(c);
    check_ok(sock_httpd_shutdown(s->httpd, 0));
    check_fails(sock_httpd_handle_request(s->httpd), SOCK_E_CANCELLED, 0,
                "handle_request: cancelled");
    free_server(s);
}

TEST(httpd, serve)
{
    struct server *s = make_server(0);
    struct pair p = unix_pair(SOCK_STREAM);

    say(p.a, "POST /1 HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nabGET /2 "
             "HTTP/1.1\r\n" HOST "\r\nGET /3\r\n\r\n");
    sock_shutdown(p.a, SHUT_WR);
    check_ok(sock_httpd_serve(s->httpd, p.b));
    hear_all(p.a, answer, sizeof answer);
    char text[64];
    statuses(answer, text, sizeof text);
    check_str(text, "200 200 400");
    check_str(s->seen, "POST /1 ab\nGET /2 \n");
    sock_free(p.a);
    free_server(s);
}

/* Arguments */

TEST(httpd, arguments)
{
    sock_httpd_t *httpd = check_made(sock_httpd_new(NULL, 0));
    sock_addr_t address;

    check_fails(sock_httpd_do(NULL, "GET", echo, NULL), SOCK_E_TYPE, 0,
                "do: argument is NULL");
    check_fails(sock_httpd_do(httpd, NULL, echo, NULL), SOCK_E_TYPE, 0,
                "do: argument is NULL");
    check_fails(sock_httpd_do(httpd, "GET", NULL, NULL), SOCK_E_TYPE, 0,
                "do: argument is NULL");
    check_fails(sock_httpd_do(httpd, "G T", echo, NULL), SOCK_E_VALUE, 0,
                "do: the method is no token");
    check_fails(sock_httpd_do(httpd, "TRACE", echo, NULL), SOCK_E_VALUE, 0,
                "do: the method is never served");
    check_fails(sock_httpd_do(httpd, "CONNECT", echo, NULL), SOCK_E_VALUE, 0,
                "do: the method is never served");
    check_fails(sock_httpd_mount(httpd, "/a?b", echo, NULL), SOCK_E_VALUE, 0,
                "mount: the prefix is not as paths begin");
    check_fails(sock_httpd_mount(NULL, "/", echo, NULL), SOCK_E_TYPE, 0,
                "mount: argument is NULL");
    check_fails(sock_httpd_mount(httpd, "a", echo, NULL), SOCK_E_VALUE, 0,
                "mount: the prefix is not as paths begin");
    check_fails(sock_httpd_mount(httpd, "/a/", echo, NULL), SOCK_E_VALUE, 0,
                "mount: the prefix is not as paths begin");
    check_fails(sock_httpd_mount(httpd, "//a", echo, NULL), SOCK_E_VALUE, 0,
                "mount: the prefix is not as paths begin");
    check_fails(sock_httpd_address(httpd, NULL), SOCK_E_TYPE, 0,
                "server_address: argument is NULL");
    check_fails(sock_httpd_address(NULL, &address), SOCK_E_TYPE, 0,
                "server_address: argument is NULL");
    check_fails(sock_httpd_set_log(NULL, NULL, NULL), SOCK_E_TYPE, 0,
                "set_log: argument is NULL");
    check_fails(sock_httpd_set_hosts(NULL, NULL), SOCK_E_TYPE, 0,
                "set_hosts: argument is NULL");
    check_fails(sock_httpd_set_context(NULL, NULL), SOCK_E_TYPE, 0,
                "set_context: argument is NULL");
    check_fails(sock_httpd_serve_forever(NULL), SOCK_E_TYPE, 0,
                "serve_forever: argument is NULL");
    check_fails(sock_httpd_handle_request(NULL), SOCK_E_TYPE, 0,
                "handle_request: argument is NULL");
    check_fails(sock_httpd_serve(httpd, NULL), SOCK_E_TYPE, 0,
                "serve: argument is NULL");
    check_fails(sock_httpd_shutdown(NULL, 0), SOCK_E_TYPE, 0,
                "shutdown: argument is NULL");
    check_fails(sock_httpd_shutdown(httpd, -1), SOCK_E_VALUE, 0,
                "shutdown: Timeout value out of range");
    check_fails(sock_httpd_shutdown(httpd, 0.0 / 0.0), SOCK_E_VALUE, 0,
                "shutdown: Invalid value NaN (not a number)");
    check_null(sock_httpd_command(NULL), SOCK_E_TYPE, 0,
               "command: argument is NULL");
    check_null(sock_httpd_path(NULL), SOCK_E_TYPE, 0, "path: argument is NULL");
    check_null(sock_httpd_requestline(NULL), SOCK_E_TYPE, 0,
               "requestline: argument is NULL");
    check_null(sock_httpd_request_version(NULL), SOCK_E_TYPE, 0,
               "request_version: argument is NULL");
    check_null(sock_httpd_headers(NULL), SOCK_E_TYPE, 0,
               "headers: argument is NULL");
    check_null(sock_httpd_trailers(NULL), SOCK_E_TYPE, 0,
               "trailers: argument is NULL");
    check_null(sock_httpd_user(NULL), SOCK_E_TYPE, 0, "user: argument is NULL");
    check_fails(sock_httpd_length(NULL), SOCK_E_TYPE, 0,
                "length: argument is NULL");
    check_fails(sock_httpd_read(NULL, NULL, 0), SOCK_E_TYPE, 0,
                "read: argument is NULL");
    check_null(sock_httpd_rfile(NULL), SOCK_E_TYPE, 0,
               "rfile: argument is NULL");
    check_null(sock_httpd_wfile(NULL), SOCK_E_TYPE, 0,
               "wfile: argument is NULL");
    check_fails(sock_httpd_write(NULL, NULL, 0), SOCK_E_TYPE, 0,
                "write: argument is NULL");
    check_fails(sock_httpd_printf(NULL, "x"), SOCK_E_TYPE, 0,
                "printf: argument is NULL");
    check_fails(sock_httpd_flush(NULL), SOCK_E_TYPE, 0,
                "flush: argument is NULL");
    check_fails(sock_httpd_send_response(NULL, 200, NULL), SOCK_E_TYPE, 0,
                "send_response: argument is NULL");
    check_fails(sock_httpd_send_header(NULL, "A", "b"), SOCK_E_TYPE, 0,
                "send_header: argument is NULL");
    check_fails(sock_httpd_end_headers(NULL), SOCK_E_TYPE, 0,
                "end_headers: argument is NULL");
    check_fails(sock_httpd_send_error(NULL, 404, NULL), SOCK_E_TYPE, 0,
                "send_error: argument is NULL");
    check_fails(sock_httpd_redirect(NULL, 302, "/"), SOCK_E_TYPE, 0,
                "redirect: argument is NULL");
    check_fails(sock_httpd_close_connection(NULL), SOCK_E_TYPE, 0,
                "close_connection: argument is NULL");
    check_fails(sock_httpd_log(NULL, "x"), SOCK_E_TYPE, 0,
                "log: argument is NULL");
    sock_addr_t none = sock_httpd_client_address(NULL);
    check_int(none.len, 0);
    sock_httpd_free(httpd);
    errno = EDOM;
    sock_httpd_free(NULL);
    check_int(errno, EDOM);
}

TEST(httpd, addresses)
{
    sock_addr_t address;
    sock_httpd_t *first = check_made(sock_httpd_new("127.0.0.1", 0));

    check_ok(sock_httpd_address(first, &address));
    check_null(sock_httpd_new("127.0.0.1", sock_addr_port(&address)), SOCK_E_OS,
               EADDRINUSE,
               about("bind", &address, "[Errno 98] Address already in use"));
    check_null(sock_httpd_new("127.0.0.1", 70000), SOCK_E_OVERFLOW, 70000,
               "create_server ('127.0.0.1', 70000): port must be "
               "0-65535.");
    sock_httpd_free(first);
}

static sock_addr_t address_in6(const unsigned char bytes[16])
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
    memcpy(&in6.sin6_addr, bytes, 16);
    return sock_addr_from((const struct sockaddr *)&in6, sizeof in6);
}

/* A client of IPv4 on a listener of IPv6 has the address that it has there. */
TEST(httpd, addresses_of_clients)
{
    static const struct {
        unsigned char bytes[16];
        const char *host;
    } rows[] = {
        {{[10] = 0xff, [11] = 0xff, 127, 0, 0, 1}, "127.0.0.1"},
        {{[15] = 1}, "::1"},
        {{0x20, 1, [15] = 1}, "2001::1"},
        {{[7] = 1, [10] = 0xff, [11] = 0xff, 1}, "::1:0:ffff:100:0"},
        {{[9] = 1, [10] = 0xff, [11] = 0xff, 1}, "::1:ffff:100:0"},
    };
    char host[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_addr_t address = address_in6(rows[i].bytes);
        sock__loop_plain_address(&address);
        check(sock_addr_host(&address, host, sizeof host) > 0);
        check_str(host, rows[i].host);
        check_int(sock_addr_port(&address), 80);
    }
}

static const struct sock__tls_ops tls_ops = {.hold = hold, .let_go = let_go};

TEST(httpd, contexts)
{
    sock_tls_t first = {&tls_ops}, second = {&tls_ops};
    struct server *s = make_server(-1);

    check_ok(sock_httpd_set_context(s->httpd, &first));
    check_ok(sock_httpd_set_context(s->httpd, &second));
    check_int(tls_holds, 1);
    check_ok(sock_httpd_set_context(s->httpd, NULL));
    check_int(tls_holds, 0);
    begin_server(s);
    get(s, "GET / HTTP/1.1\r\n" END);
    check_str(body_of(answer), "<GET />");
    stop_server_keeping(s);
    free_server(s);
    sock_httpd_t *httpd = check_made(sock_httpd_new("127.0.0.1", 0));
    check_ok(sock_httpd_set_context(httpd, &first));
    sock_httpd_free(httpd);
    check_int(tls_holds, 0);
}

TEST(httpd, does_not_change_while_it_serves)
{
    struct server *s = run_server(-1);
    sock_httpd_limits_t limits = {.size = sizeof limits};

    get(s, "GET / HTTP/1.1\r\n" END);
    check_fails(sock_httpd_do(s->httpd, "PUT", echo, NULL), SOCK_E_OS, EBUSY,
                "do: [Errno 16] Device or resource busy");
    check_fails(sock_httpd_set_limits(s->httpd, &limits), SOCK_E_OS, EBUSY,
                "set_limits: [Errno 16] Device or resource busy");
    check_fails(sock_httpd_serve_forever(s->httpd), SOCK_E_OS, EBUSY,
                "serve_forever: [Errno 16] Device or resource busy");
    check_fails(sock_httpd_handle_request(s->httpd), SOCK_E_OS, EBUSY,
                "handle_request: [Errno 16] Device or resource busy");
    stop_server(s);
}
