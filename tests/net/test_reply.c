/* SPDX-License-Identifier: MIT */
/* What a handler says where it can't be said: to a client that has gone, in
 * memory that is refused, and in another order. */
#include <limits.h>
#include <unistd.h>
#include <wchar.h>

#include "server.h"
#include "starve.h"

#define REQUEST(method) method " / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"

static char heard[400000];

static sock_httpd_t *new_server(sock_httpd_fn fn, void *arg, size_t held)
{
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .threads = -1, .held = held};
    sock_httpd_t *httpd = check_made(sock_httpd_new("127.0.0.1", 0));

    check_ok(sock_httpd_set_limits(httpd, &limits));
    check_ok(sock_httpd_set_log(httpd, NULL, NULL));
    check_ok(sock_httpd_mount(httpd, "/", fn, arg));
    return httpd;
}

/* Serves a client who says this, and hears all of the answer. */
static const char *answer_to(sock_httpd_t *httpd, const char *request)
{
    struct pair p = unix_pair(SOCK_STREAM);

    say(p.a, request);
    sock_shutdown(p.a, SHUT_WR);
    check_ok(sock_httpd_serve(httpd, p.b));
    hear_all(p.a, heard, sizeof heard);
    sock_free(p.a);
    return heard;
}

static const char *answer_of(sock_httpd_fn fn, const char *request)
{
    sock_httpd_t *httpd = new_server(fn, NULL, 0);
    answer_to(httpd, request);
    sock_httpd_free(httpd);
    return heard;
}

/* Serves one who has gone before it is answered. */
static void serve_no_one(sock_httpd_fn fn, void *arg, size_t held,
                         const char *request)
{
    sock_httpd_t *httpd = new_server(fn, arg, held);
    struct pair p = unix_pair(SOCK_STREAM);

    say(p.a, request);
    sock_free(p.a);
    sock_httpd_serve(httpd, p.b);
    sock_httpd_free(httpd);
}

static const char *body_in(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    check(end != NULL);
    return end + 4;
}

static void check_gone(int result, const char *op)
{
    char text[100];
    snprintf(text, sizeof text, "%s: [Errno 32] Broken pipe", op);
    check_fails(result, SOCK_E_OS, EPIPE, text);
}

/* Clients that have gone */

static void err(sock_httpd_request_t *self, void *arg)
{
    int *result = arg;
    *result = sock_httpd_send_error(self, 404, "<a> & b");
    if (*result == 0)
        return;
    check_gone(*result, "send_error");
    check_fails(sock_httpd_send_error(self, 500, NULL), SOCK_E_VALUE, 0,
                "send_error: the response has begun");
}

/* Of what is done for each length, where that takes long. */
static size_t step(size_t slow)
{
    return under_valgrind() || emulated() ? slow : 1;
}

/* It is told as soon as the page is more than is held back. */
TEST(reply, an_error_to_no_one)
{
    int result = 0;
    sock_httpd_t *httpd = new_server(err, &result, 0);
    size_t page = strlen(body_in(answer_to(httpd, REQUEST("GET") "\r\n")));

    sock_httpd_free(httpd);
    for (size_t held = 1; held < page + 20; held += step(37)) {
        serve_no_one(err, &result, held, REQUEST("GET") "\r\n");
        check_that((result == 0) == (held >= page), "%zu of %zu: %d", held,
                   page, result);
    }
}

static void say_nothing(sock_httpd_request_t *self, void *arg)
{
    (void)self, ++*(int *)arg;
}

TEST(reply, an_excuse_to_no_one)
{
    int times = 0;
    serve_no_one(say_nothing, &times, 1, REQUEST("GET") "\r\n");
    check_int(times, 1);
}

static void begin(sock_httpd_request_t *self)
{
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_end_headers(self));
}

static void write_it(sock_httpd_request_t *self, void *arg)
{
    int *times = arg;
    begin(self);
    check_gone(sock_httpd_write(self, "four", 4), "write");
    check_gone(sock_httpd_write(self, "four", 4), "write");
    check_gone(sock_httpd_flush(self), "flush");
    check_gone(sock_httpd_printf(self, "%d", 4), "write");
    ++*times;
}

static void flush_it(sock_httpd_request_t *self, void *arg)
{
    int *times = arg;
    begin(self);
    check_gone(sock_httpd_flush(self), "flush");
    ++*times;
}

static void write_much(sock_httpd_request_t *self, void *arg)
{
    static const char much[100];
    int *times = arg;
    begin(self);
    check_gone(sock_httpd_write(self, much, sizeof much), "write");
    ++*times;
}

/* What the stream has, before anything else. */
static void fill_stream(sock_httpd_request_t *self)
{
    begin(self);
    check(fputs("in a stream", check_made(sock_httpd_wfile(self))) >= 0);
}

static void stream_and_write(sock_httpd_request_t *self, void *arg)
{
    int *times = arg;
    fill_stream(self);
    check_gone(sock_httpd_write(self, "f", 1), "write");
    ++*times;
}

static void stream_and_flush(sock_httpd_request_t *self, void *arg)
{
    int *times = arg;
    fill_stream(self);
    check_gone(sock_httpd_flush(self), "write");
    ++*times;
}

static void stream_alone(sock_httpd_request_t *self, void *arg)
{
    int *times = arg;
    fill_stream(self);
    ++*times;
}

TEST(reply, to_no_one)
{
    static const sock_httpd_fn handlers[] = {
        write_it,         flush_it,         write_much,
        stream_and_write, stream_and_flush, stream_alone,
    };
    int times = 0;

    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
        serve_no_one(handlers[i], &times, 3, REQUEST("GET") "\r\n");
    check_int(times, sizeof handlers / sizeof handlers[0]);
}

/* The client goes when it has been answered in part. */
static void part_and_leave(sock_httpd_request_t *self, void *arg)
{
    sock_t **client = arg;
    begin(self);
    check_ok(sock_httpd_flush(self));
    sock_free(*client);
    *client = NULL;
}

static void chunk_behind(sock_httpd_request_t *self, void *arg)
{
    static const char much[100000];
    part_and_leave(self, arg);
    check_gone(sock_httpd_write(self, much, sizeof much), "write");
}

static void read_behind(sock_httpd_request_t *self, void *arg)
{
    char buf[10];
    part_and_leave(self, arg);
    check_int(sock_httpd_read(self, buf, sizeof buf), 3);
    check_fails(sock_httpd_read(self, buf, sizeof buf), SOCK_E_OS, ECONNRESET,
                "read: [Errno 104] Connection reset by peer");
}

TEST(reply, to_one_who_leaves)
{
    static const sock_httpd_fn handlers[] = {chunk_behind, read_behind};

    for (int i = 0; i < 2; i++) {
        struct pair p = unix_pair(SOCK_STREAM);
        sock_httpd_t *httpd = new_server(handlers[i], &p.a, 0);
        say(p.a, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
        sock_httpd_serve(httpd, p.b);
        check(p.a == NULL);
        sock_httpd_free(httpd);
    }
}

static void go_on(sock_httpd_request_t *self, void *arg)
{
    char c;
    int *times = arg;
    check_gone((int)sock_httpd_read(self, &c, 1), "read");
    check_fails(sock_httpd_read(self, &c, 1), SOCK_E_PROTOCOL, SOCK_P_FRAMING,
                "read: the body is broken");
    ++*times;
}

TEST(reply, to_go_on_to_no_one)
{
    int times = 0;
    serve_no_one(go_on, &times, 0,
                 REQUEST("POST") "Content-Length: 3\r\n"
                                 "Expect: 100-continue\r\n\r\n");
    check_int(times, 1);
}

/* Heads that have no room: the first refusal is of what makes room for a head
 * of more than 1 KiB. */

struct growing {
    size_t len;
    int (*answer)(sock_httpd_request_t *self, const char *text);
    int refused;
};

static int as_error(sock_httpd_request_t *self, const char *text)
{
    return sock_httpd_send_error(self, 404, text);
}

static int as_redirect(sock_httpd_request_t *self, const char *text)
{
    return sock_httpd_redirect(self, 302, text);
}

static int as_interim(sock_httpd_request_t *self, const char *text)
{
    if (sock_httpd_send_response(self, 103, text) < 0)
        return -1;
    return sock_httpd_end_headers(self);
}

static int as_field(sock_httpd_request_t *self, const char *text)
{
    if (sock_httpd_send_response(self, 200, text) < 0 ||
        sock_httpd_send_header(self, "A", "b") < 0)
        return -1;
    return sock_httpd_end_headers(self);
}

static void grow(sock_httpd_request_t *self, void *arg)
{
    struct growing *g = arg;
    char text[1100];

    memset(text, 'a', g->len);
    text[g->len] = '\0';
    check_ok(sock_httpd_send_response(self, 103, "")); /* it has 1 KiB now */
    check_ok(sock_httpd_end_headers(self));
    refuse_from(1);
    int result = g->answer(self, text);
    int err = errno;
    bool refused = was_refused();
    check_int(result, refused ? -1 : 0);
    if (refused) {
        check_int(err, ENOMEM);
        check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        check_ok(sock_httpd_send_error(self, 503, NULL));
    }
    g->refused += refused;
}

TEST(reply, heads_without_room)
{
    static int (*const answers[])(sock_httpd_request_t *, const char *) = {
        as_error, as_redirect, as_interim, as_field};

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct growing g = {0, answers[i], 0};
        for (g.len = 840; g.len < 1030; g.len += step(7)) {
            sock_httpd_t *httpd = new_server(grow, &g, 0);
            answer_to(httpd, REQUEST("GET") "\r\n");
            const char *last = strstr(heard + 1, "HTTP/1.1 ");
            check(last != NULL);
            sock_httpd_free(httpd);
        }
        check_that(g.refused > 0 && g.refused < 190, "%zu: %d", i, g.refused);
    }
}

/* Orders */

static void odd_statuses(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_fails(sock_httpd_send_error(self, 1000, NULL), SOCK_E_VALUE, 0,
                "send_error: the status is none that can be sent");
    check_fails(sock_httpd_redirect(self, 299, "/"), SOCK_E_VALUE, 0,
                "redirect: the status is none of a redirect");
    check_fails(sock_httpd_redirect(self, 400, "/"), SOCK_E_VALUE, 0,
                "redirect: the status is none of a redirect");
    check_fails(sock_httpd_redirect(self, 302, ""), SOCK_E_VALUE, 0,
                "redirect: the URL has a blank or a control character");
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_fails(sock_httpd_send_header(self, "A", NULL), SOCK_E_TYPE, 0,
                "send_header: argument is NULL");
    check_ok(sock_httpd_end_headers(self));
    check_fails(sock_httpd_write(self, NULL, 1), SOCK_E_TYPE, 0,
                "write: buffer is NULL");
    check_ok(sock_httpd_send_error(self, 599, NULL));
}

TEST(reply, odd_statuses)
{
    answer_of(odd_statuses, REQUEST("GET") "\r\n");
    check(strncmp(heard, "HTTP/1.1 599 ???\r\n", 18) == 0);
    check(strstr(heard, "<p>Error code explanation: 599.</p>") != NULL);
}

static void send_status(sock_httpd_request_t *self, void *arg)
{
    check_ok(sock_httpd_send_error(self, *(int *)arg, NULL));
}

/* Python's, too, has no page for these. */
TEST(reply, errors_without_a_page)
{
    static const int codes[] = {204, 205, 304};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        int code = codes[i];
        sock_httpd_t *httpd = new_server(send_status, &code, 0);
        answer_to(httpd, REQUEST("GET") "\r\n");
        check_int(atoi(heard + 9), code);
        check(strstr(heard, "Content-Type") == NULL);
        check_str(body_in(heard), "");
        sock_httpd_free(httpd);
    }
}

static void close_it(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_ok(sock_httpd_close_connection(self));
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_end_headers(self));
}

static void say_close(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_ok(sock_httpd_send_response(self, 200, NULL));
    check_ok(sock_httpd_send_header(self, "Connection", "x"));
    check_ok(sock_httpd_send_header(self, "connection", "Close"));
    check_ok(sock_httpd_end_headers(self));
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    while ((text = strstr(text, part)) != NULL) {
        n++;
        text += strlen(part);
    }
    return n;
}

/* What comes behind it is answered no more. */
TEST(reply, the_end_of_the_connection)
{
    static const char two[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                              "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    answer_of(close_it, two);
    check_int(count(heard, "HTTP/1.1 200"), 1);
    check_int(count(heard, "Connection: close\r\n"), 1);
    answer_of(say_close, two);
    check_int(count(heard, "HTTP/1.1 200"), 1);
    check_int(count(heard, "onnection: "), 2);
    check_int(count(heard, "connection: Close\r\n"), 1);
}

static void length_of_205(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_ok(sock_httpd_send_response(self, 205, NULL));
    check_ok(sock_httpd_send_header(self, "Content-Length", "5"));
    check_ok(sock_httpd_end_headers(self));
    check_ok(sock_httpd_flush(self));
}

TEST(reply, a_length_that_205_has_not)
{
    answer_of(length_of_205, REQUEST("GET") "\r\n");
    check_int(count(heard, "Content-Length: "), 1);
    check_int(count(heard, "Content-Length: 0\r\n"), 1);
    check_str(body_in(heard), "");
}

static void length_of_204(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    check_ok(sock_httpd_send_response(self, 204, NULL));
    check_ok(sock_httpd_send_header(self, "Content-Length", "5"));
    check_ok(sock_httpd_end_headers(self));
}

TEST(reply, a_length_that_204_has_not)
{
    answer_of(length_of_204, REQUEST("GET") "\r\n");
    check_int(count(heard, "HTTP/1.1 204 "), 1);
    check_int(count(heard, "Content-Length: "), 0);
}

static void flush_twice(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    begin(self);
    check_ok(sock_httpd_flush(self));
    check_ok(sock_httpd_flush(self));
}

/* Of an answer that goes out before its end, no one knows the length. */
TEST(reply, a_flushed_head)
{
    answer_of(flush_twice, REQUEST("HEAD") "\r\n");
    check(strstr(heard, "Content-Length") == NULL);
    check(strstr(heard, "Transfer-Encoding") == NULL);
    check_str(body_in(heard), "");
    answer_of(flush_twice, REQUEST("GET") "\r\n");
    check_str(body_in(heard), "0\r\n\r\n");
}

static void write_too_much(sock_httpd_request_t *self, void *arg)
{
    volatile size_t most = PTRDIFF_MAX;
    (void)arg;
    begin(self);
    check_ok(sock_httpd_write(self, "", most)); /* of HEAD, which has none */
    if (sizeof(size_t) < 8)
        return;
    check_fails(sock_httpd_write(self, "", 1), SOCK_E_OVERFLOW, 0,
                "write: size is too large");
}

TEST(reply, more_than_can_be_counted)
{
    answer_of(write_too_much, REQUEST("HEAD") "\r\n");
    if (sizeof(size_t) == 8)
        check(strstr(heard, "Content-Length: 9223372036854775807\r\n") != NULL);
}

static void print_what_is_no_text(sock_httpd_request_t *self, void *arg)
{
    static const wchar_t euro[] = {0x20ac, 0};
    (void)arg;
    begin(self);
    int result = sock_httpd_printf(self, "%ls", euro);
    check_int(result, -1);
    check_int(errno, EILSEQ);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_ok(sock_httpd_printf(self, "%d", 7));
}

/* The locale, which is C, has no such character. */
TEST(reply, a_format_that_fails)
{
    answer_of(print_what_is_no_text, REQUEST("GET") "\r\n");
    check_str(body_in(heard), "7");
}

/* Files */

static FILE *large_file(size_t n)
{
    FILE *f = check_made(tmpfile());
    for (size_t i = 0; i < n; i++)
        check(putc('a' + (int)(i % 23), f) != EOF);
    check_int(fflush(f), 0);
    return f;
}

static void send_and_write(sock_httpd_request_t *self, void *arg)
{
    check_ok(sock_httpd_send_file(self, fileno(arg), NULL, 0));
    check_fails(sock_httpd_write(self, "x", 1), SOCK_E_VALUE, 0,
                "write: a file is the rest of the response");
}

static void send_and_fail(sock_httpd_request_t *self, void *arg)
{
    check_ok(sock_httpd_send_file(self, fileno(arg), NULL, 0));
    check_ok(sock_httpd_send_error(self, 404, NULL));
}

static void stream_and_send(sock_httpd_request_t *self, void *arg)
{
    /* musl keeps some bytes of a buffer to itself. */
    static char text[70000], room[sizeof text + 64];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    FILE *f = check_made(sock_httpd_wfile(self));
    check_int(setvbuf(f, room, _IOFBF, sizeof room), 0);
    check(fputs(text, f) >= 0);
    check_fails(sock_httpd_send_file(self, fileno(arg), NULL, 0), SOCK_E_VALUE,
                0, "write: more than its Content-Length");
}

TEST(reply, a_file_is_the_rest)
{
    FILE *f = large_file(60000);
    sock_httpd_t *httpd = new_server(send_and_write, f, 0);

    answer_to(httpd, REQUEST("GET") "\r\n");
    check_int(strlen(body_in(heard)), 60000);
    sock_httpd_free(httpd);
    httpd = new_server(send_and_fail, f, 0);
    check_int(atoi(answer_to(httpd, REQUEST("GET") "\r\n") + 9), 404);
    sock_httpd_free(httpd);
    httpd = new_server(stream_and_send, f, 0);
    check_int(atoi(answer_to(httpd, REQUEST("GET") "\r\n") + 9), 500);
    sock_httpd_free(httpd);
    fclose(f);
}
