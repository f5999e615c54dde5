/* SPDX-License-Identifier: MIT */
/* Workers that wait for clients: others stand in for them. */
#include "httpd_server.h"
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>

#define HOST "Host: a\r\n"
#define END HOST "Connection: close\r\n\r\n"

enum { SLOW = 20, LARGE = 8 << 20, WORKERS = 3 };

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

/* The loop refuses a request by itself; so what this says is found with one
 * look behind that. */
static void say_two(sock_httpd_request_t *self, const char *line, void *arg)
{
    sock_t **pair = arg;
    (void)self;

    if (strstr(line, " 400 ") == NULL)
        return;
    say(pair[0], "GET / HTTP/1.1\r\n" HOST "\r\n");
    say(pair[1], "POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\na");
}

/* All have been taken, and the worker has nothing to do. */
static void wait_until_idle(const struct server *s, int connections)
{
    for (int i = 0, ready = 0; !ready; i++) {
        check(i < 1000);
        poll(NULL, 0, 10);
        pthread_mutex_lock(&s->httpd->lock);
        ready = s->httpd->connections == connections &&
                s->httpd->workers.waiting == 1;
        pthread_mutex_unlock(&s->httpd->lock);
    }
}

/* The worker that is woken for the first of two requests becomes the loop, and
 * finds the second where the lender has put it. */
TEST(httpd_away, a_head_that_the_lender_has_read)
{
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .threads = 1, .body_grace = 60};
    sock_t *pair[2];
    struct server *s = make_server(-1);

    check_ok(sock_httpd_set_limits(s->httpd, &limits));
    check_ok(sock_httpd_set_log(s->httpd, say_two, pair));
    begin_server(s);
    sock_t *c = connect_to(s);
    pair[0] = connect_to(s);
    pair[1] = connect_to(s);
    wait_until_idle(s, 3);
    say(c, "what?\r\n\r\n");
    wait_for_away(s, 1);
    check_served(s);
    say(pair[1], "b");
    hear_until(pair[0], answer, sizeof answer, "<GET />");
    check(strstr(answer, "<GET />") != NULL);
    hear_until(pair[1], answer, sizeof answer, "<POST />");
    check(strstr(answer, "<POST />") != NULL);
    sock_free(c);
    sock_free(pair[0]);
    sock_free(pair[1]);
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

/* Where there is no memory for it, or no thread, a request waits. */

static atomic_bool without_memory, without_thread;
static atomic_int refused;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);

void *__wrap_calloc(size_t n, size_t size)
{
    bool of_them = size == sizeof(struct sock__extra) ||
                   (size == sizeof(pthread_t) && n == WORKERS);
    if (!atomic_load(&without_memory) || !of_them)
        return __real_calloc(n, size);
    atomic_fetch_add(&refused, 1);
    return NULL;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg)
{
    if (!atomic_load(&without_thread))
        return __real_pthread_create(thread, attr, run, arg);
    atomic_fetch_add(&refused, 1);
    return EAGAIN;
}

static void check_waits(atomic_bool *lack)
{
    struct server *s = one_worker(NULL, NULL);
    sock_t *slow = connect_to(s), *c = connect_to(s);

    say(slow, "POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\na");
    wait_for_away(s, 1);
    atomic_store(&refused, 0);
    atomic_store(lack, true);
    say(c, "GET /x HTTP/1.1\r\n" END);
    for (int i = 0; atomic_load(&refused) == 0; i++) {
        check(i < 1000);
        poll(NULL, 0, 10);
    }
    say(slow, "b");
    hear_all(c, answer, sizeof answer);
    check(strstr(answer, "<GET /x>") != NULL);
    hear_until(slow, answer, sizeof answer, "<POST />");
    check(strstr(answer, "<POST />") != NULL);
    atomic_store(lack, false);
    sock_free(slow);
    sock_free(c);
    stop_server(s);
}

/* A server that has no worker does not begin, and may once there is one. */
TEST(httpd_away, nothing_to_work_with)
{
    struct server *s = make_server(WORKERS);

    atomic_store(&without_memory, true);
    check_fails(sock_httpd_serve_forever(s->httpd), SOCK_E_MEMORY, 0,
                "serve_forever: [Errno 12] Cannot allocate memory");
    atomic_store(&without_memory, false);
    atomic_store(&without_thread, true);
    check_fails(sock_httpd_serve_forever(s->httpd), SOCK_E_OS, EAGAIN,
                "serve_forever: [Errno 11] Resource temporarily unavailable");
    atomic_store(&without_thread, false);
    begin_server(s);
    check_served(s);
    stop_server(s);
}

TEST(httpd_away, nothing_to_stand_in_with)
{
    check_waits(&without_memory);
    check_waits(&without_thread);
}
