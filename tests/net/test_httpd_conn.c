/* SPDX-License-Identifier: MIT */
/* What becomes of a connection once its answer is made. */
#include "httpd_conn.h"
#include "places.h"

#include <poll.h>
#include <unistd.h>

#define HOST "Host: a\r\n"

enum { LARGE = 1000000 };

static char answer[LARGE + 2000];
static const int models[] = {-1, 2};

/* Answers, once something is there behind the body, where no one has read it.
 */
static void say_much(sock_httpd_request_t *self, void *arg)
{
    static char block[LARGE];
    struct pollfd p = {.fd = sock_fileno(self->sock), .events = POLLIN};
    char body[16];
    (void)arg;

    while (sock_httpd_read(self, body, sizeof body) > 0)
        ;
    check_int(poll(&p, 1, 15000), 1);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Length", "1000000");
    sock_httpd_end_headers(self);
    sock_httpd_write(self, block, sizeof block);
}

static void check_whole(struct server *s, const char *field, const char *rest)
{
    sock_t *c = connect_to(s);
    size_t len = 0;
    ssize_t n;

    say(c, "POST / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n");
    say(c, field);
    say(c, "Content-Length: 5\r\n\r\n");
    hear_until(c, answer, sizeof answer, "100 Continue\r\n\r\n");
    say(c, rest);
    wait_until_answered(s);
    while ((n = sock_recv(c, answer + len, sizeof answer - len, 0)) > 0)
        len += (size_t)n;
    check_int(n, 0);
    check_that(len > LARGE, "%zu", len);
    sock_free(c);
}

/* A close with bytes that no one has received is a reset, and what the client
 * has not read of the answer would be lost with it. */
TEST(httpd_conn, more_than_was_received)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {
            .size = sizeof limits, .threads = models[i], .requests = 1};
        struct server *s = make_server(-1);

        check_ok(sock_httpd_set_limits(s->httpd, &limits));
        check_ok(sock_httpd_do(s->httpd, "POST", say_much, NULL));
        begin_server(s);
        check_whole(s, "Connection: close\r\n", "hello\r\n");
        check_whole(s, "", "helloGET / HTTP/1.1\r\n" HOST "\r\n");
        stop_server(s);
    }
}

/* A file that is read before it is sent */

enum { PIECE = 16384, PIECES = 5 };

static void say_file(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    answer_zeros(self, PIECES * PIECE);
}

/* Others have their turn behind each piece, though there is room for more. */
TEST(httpd_conn, pieces_that_are_copied)
{
    struct server *s = make_server(-1);
    struct pair p = unix_pair(SOCK_STREAM);
    enum sock__want want;
    size_t len = 0;
    int turns = 0;

    check_ok(sock_httpd_do(s->httpd, "GET", say_file, NULL));
    check_ok(sock_setblocking(p.b, 0));
    struct sock__conn *c =
        check_made(sock__conn_new(s->httpd, p.b, &s->address));
    c->on_top = c->ready = true;
    say(p.a, "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    check_int(sock__conn_step(c), SOCK__WANT_HANDLER);
    sock__conn_handle(c);
    while ((want = sock__conn_step(c)) == SOCK__WANT_TURN) {
        ssize_t n = sock_recv(p.a, answer, sizeof answer, 0);
        check_that(n <= PIECE + 1000, "%zd", n);
        len += (size_t)n;
        turns++;
    }
    check_int(want, SOCK__WANT_END);
    check_that(turns >= PIECES - 1, "%d", turns);
    sock__conn_end(c);
    len += hear_all(p.a, answer, sizeof answer);
    check_that(len > (size_t)PIECES * PIECE, "%zu", len);
    sock_free(p.a);
    free_server(s);
}
