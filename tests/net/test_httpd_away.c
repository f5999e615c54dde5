/* SPDX-License-Identifier: MIT */
/* Workers that wait for clients: others stand in for them. */
#include "httpd_server.h"
#include "server.h"

#include <poll.h>

#define HOST "Host: a\r\n"
#define END HOST "Connection: close\r\n\r\n"

enum { SLOW = 20, LARGE = 8 << 20 };

static char answer[100000];

static void check_served(const struct server *s)
{
    static const char request[] = "GET /x HTTP/1.1\r\n" END;
    double begun = now();

    ask(s, request, sizeof request - 1, 1000, answer, sizeof answer);
    check(strstr(answer, "<GET /x>") != NULL);
    check(now() - begun < 5);
}

/* So many wait for a client, as soon as they do. */
static void wait_for_away(const struct server *s, int away)
{
    struct sock__workers *w = &s->httpd->workers;

    for (int i = 0, there = -1; i < 1000 && there != away; i++) {
        pthread_mutex_lock(&s->httpd->lock);
        there = w->away;
        pthread_mutex_unlock(&s->httpd->lock);
        poll(NULL, 0, 10);
        check(i < 999);
    }
}

/* All but one, who may be idle as the worker is, are over: the next turn of the
 * loop joins them. */
static void wait_for_rest(const struct server *s)
{
    const struct sock__workers *w = &s->httpd->workers;

    for (int i = 0, there = 2; there > 1 && i < 1000; i++) {
        check_served(s);
        pthread_mutex_lock(&s->httpd->lock);
        there = w->extras + w->over + w->starting;
        pthread_mutex_unlock(&s->httpd->lock);
        check(i < 999);
    }
}

static struct server *one_worker(sock_httpd_fn fn, void *arg)
{
    sock_httpd_limits_t limits = {.size = sizeof limits,
                                  .threads = 1,
                                  .body_grace = 60,
                                  .write_timeout = 60};
    struct server *s = make_server(-1);

    check_ok(sock_httpd_set_limits(s->httpd, &limits));
    if (fn != NULL)
        check_ok(sock_httpd_do(s->httpd, "PUT", fn, arg));
    begin_server(s);
    return s;
}

TEST(httpd_away, slow_bodies)
{
    struct server *s = one_worker(NULL, NULL);
    sock_t *c[SLOW];

    for (int i = 0; i < SLOW; i++) {
        c[i] = connect_to(s);
        say(c[i], "POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nab");
    }
    wait_for_away(s, SLOW);
    check_served(s);
    for (int i = 0; i < SLOW; i++)
        say(c[i], i % 2 == 0 ? "c" : "cd");
    for (int i = 0; i < SLOW; i++) {
        if (i % 2 == 0)
            say(c[i], "d");
        hear_until(c[i], answer, sizeof answer, "<POST />");
        check(strstr(answer, "<POST />") != NULL);
        sock_free(c[i]);
    }
    wait_for_away(s, 0);
    wait_for_rest(s);
    stop_server(s);
}

static void say_much(sock_httpd_request_t *self, void *arg)
{
    static char block[1 << 16];
    (void)arg;

    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    for (int i = 0; i < LARGE / (1 << 16); i++)
        if (sock_httpd_write(self, block, sizeof block) < 0)
            return;
}

TEST(httpd_away, who_does_not_read)
{
    struct server *s = one_worker(say_much, NULL);
    sock_t *c[SLOW];

    for (int i = 0; i < SLOW; i++) {
        c[i] = connect_to(s);
        say(c[i], "PUT / HTTP/1.1\r\n" END);
    }
    wait_for_away(s, SLOW);
    check_served(s);
    for (int i = 0; i < SLOW; i++) {
        size_t len = 0;
        ssize_t n;
        while ((n = sock_recv(c[i], answer, sizeof answer, 0)) > 0)
            len += (size_t)n;
        check_int(n, 0);
        check_that(len > LARGE, "%zu", len);
        sock_free(c[i]);
    }
    wait_for_rest(s);
    stop_server(s);
}

/* Those who stand in are cut as others, and waited for. */
TEST(httpd_away, at_the_end)
{
    struct server *s = one_worker(say_much, NULL);
    sock_t *c[SLOW];

    for (int i = 0; i < SLOW; i++) {
        c[i] = connect_to(s);
        say(c[i], i % 2 == 0 ? "PUT / HTTP/1.1\r\n" END
                             : "POST / HTTP/1.1\r\n" HOST
                               "Content-Length: 4\r\n\r\nab");
    }
    wait_for_away(s, SLOW);
    check_ok(sock_httpd_shutdown(s->httpd, 0.1));
    wait_for_server(s);
    free_server(s);
    for (int i = 0; i < SLOW; i++)
        sock_free(c[i]);
}
