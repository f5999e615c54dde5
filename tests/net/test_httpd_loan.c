/* SPDX-License-Identifier: MIT */
/* The loop, lent to a worker: which answers while it has it, and from which it
 * is taken where a handler keeps it. */
#include "server.h"

#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#include "httpd_loan.h"
#include "private.h"

#define HOST "Host: a\r\n\r\n"

static char answer[100000];

/* A handler that waits until it is let go. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int inside;
    bool open;
};

static struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER,
                           .changed = PTHREAD_COND_INITIALIZER};

static void gate_close(void)
{
    gate.inside = 0;
    gate.open = false;
}

static void gate_wait(int inside)
{
    pthread_mutex_lock(&gate.lock);
    while (gate.inside < inside)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static void gate_open(void)
{
    pthread_mutex_lock(&gate.lock);
    gate.open = true;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
}

static void say_through(sock_httpd_request_t *self)
{
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_write(self, "through", 7);
}

static void pass_gate(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    pthread_mutex_lock(&gate.lock);
    gate.inside++;
    pthread_cond_broadcast(&gate.changed);
    while (!gate.open)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    say_through(self);
}

static struct server *run_gated(int threads)
{
    struct server *s = make_server(threads);
    gate_close();
    check_ok(sock_httpd_do(s->httpd, "POST", pass_gate, NULL));
    begin_server(s);
    return s;
}

static void get(sock_t *c)
{
    say(c, "GET / HTTP/1.1\r\n" HOST);
    hear_until(c, answer, sizeof answer, "<GET />");
    check(strstr(answer, "<GET />") != NULL);
}

static void post(sock_t *c)
{
    say(c, "POST / HTTP/1.1\r\nContent-Length: 0\r\n" HOST);
}

static void hear_through(sock_t *c)
{
    hear_until(c, answer, sizeof answer, "through");
    check(strstr(answer, "through") != NULL);
}

static struct sock__loan loan_of(struct server *s)
{
    pthread_mutex_lock(&s->httpd->lock);
    struct sock__loan now = s->httpd->loan;
    pthread_mutex_unlock(&s->httpd->lock);
    return now;
}

/* Asks until a worker is the loop, which a busy machine may take back soon. */
static void have_it_lent(struct server *s, sock_t *c)
{
    do
        get(c);
    while (!loan_of(s).lent || !loan_of(s).taken);
}

TEST(httpd_loan, a_handler_that_waits)
{
    struct server *s = run_gated(2);
    sock_t *slow = connect_to(s), *other = connect_to(s);

    have_it_lent(s, slow);
    post(slow);
    gate_wait(1);
    get(other);
    sock_t *fresh = connect_to(s);
    get(fresh);
    check(loan_of(s).pause > 0); /* it was taken back, if not before */
    gate_open();
    hear_through(slow);
    get(slow);
    sock_free(slow);
    sock_free(other);
    sock_free(fresh);
    stop_server(s);
}

/* The worker gives it back before it waits for its client. */
TEST(httpd_loan, a_body_that_is_waited_for)
{
    struct server *s = run_gated(1);
    sock_t *slow = connect_to(s), *other = connect_to(s);

    have_it_lent(s, slow);
    say(slow, "OPTIONS / HTTP/1.1\r\nContent-Length: 2\r\n" HOST);
    get(other);
    check(loan_of(s).pause > 0);
    say(slow, "ab");
    hear_until(slow, answer, sizeof answer, "<OPTIONS />");
    check(strstr(s->seen, "OPTIONS / ab\n") != NULL);
    sock_free(slow);
    sock_free(other);
    stop_server(s);
}

/* Without a loop: who has it when, and when it is not lent. */
TEST(httpd_loan, steps)
{
    enum { PAUSE = 20000000 };
    struct server *s = make_server(2);
    sock_httpd_t *httpd = s->httpd;
    int64_t at = sock__os_now();

    check(!sock__loan_take(httpd));
    check(sock__loan_give(httpd, at) && sock__loan_is_open(httpd));
    check(!sock__loan_give(httpd, at));
    check(sock__loan_take(httpd) && !sock__loan_is_open(httpd));
    check(!sock__loan_take(httpd));
    check(!sock__loan_enter(httpd) && httpd->loan.answering);
    check(sock__loan_leave(httpd) && !httpd->loan.answering);
    check(!sock__loan_enter(httpd));
    check(sock__loan_drop(httpd) && !sock__loan_drop(httpd));
    check(!sock__loan_leave(httpd));
    check(httpd->loan.pause == PAUSE);
    check(!sock__loan_give(httpd, httpd->loan.not_before - 1));
    check(sock__loan_give(httpd, httpd->loan.not_before));
    check(sock__loan_take(httpd) && sock__loan_drop(httpd));
    check(httpd->loan.pause == 2 * PAUSE);
    httpd->loan.not_before = 0;
    check(sock__loan_give(httpd, at - 2000000000)); /* which was worth it */
    check(sock__loan_take(httpd) && sock__loan_drop(httpd));
    check(httpd->loan.pause == PAUSE);
    check_ok(sock_httpd_shutdown(httpd, 0));
    check(!sock__loan_give(httpd, INT64_MAX));
    free_server(s);
}

/* The lender has nothing to look at, and sleeps: it is woken. */
TEST(httpd_loan, while_the_lender_sleeps)
{
    struct server *s = run_gated(2);
    sock_t *slow = connect_to(s), *other = connect_to(s);

    do
        have_it_lent(s, slow);
    while (poll(NULL, 0, 30) != 0 || !loan_of(s).asleep);
    post(slow);
    gate_wait(1);
    get(other);
    gate_open();
    hear_through(slow);
    sock_free(slow);
    sock_free(other);
    stop_server(s);
}

/* Each worker can be in a handler, and the loop goes on without any. */
TEST(httpd_loan, all_workers_wait)
{
    struct server *s = run_gated(3);
    sock_t *slow[3];

    for (int i = 0; i < 3; i++)
        slow[i] = connect_to(s);
    have_it_lent(s, slow[0]);
    for (int i = 0; i < 3; i++)
        post(slow[i]);
    gate_wait(3);
    check_ok(sock_httpd_shutdown(s->httpd, 0));
    wait_for_server(s);
    gate_open();
    free_server(s);
    for (int i = 0; i < 3; i++) {
        check_int(hear_all(slow[i], answer, sizeof answer), 0);
        sock_free(slow[i]);
    }
}

/* Two requests that the loop finds at once, as it was in this handler when they
 * came: the first waits, the second is not forgotten. */
static sock_t *pair[2];

static void send_two(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    post(pair[0]);
    say(pair[1], "GET / HTTP/1.1\r\n" HOST);
    say_through(self);
}

TEST(httpd_loan, what_was_found_with_it)
{
    struct server *s = make_server(2);
    gate_close();
    check_ok(sock_httpd_do(s->httpd, "POST", pass_gate, NULL));
    check_ok(sock_httpd_do(s->httpd, "M-SEARCH", send_two, NULL));
    begin_server(s);
    sock_t *c = connect_to(s);

    pair[0] = connect_to(s);
    pair[1] = connect_to(s);
    get(pair[0]);
    get(pair[1]);
    have_it_lent(s, c);
    say(c, "M-SEARCH / HTTP/1.1\r\n" HOST);
    hear_through(c);
    gate_wait(1);
    hear_until(pair[1], answer, sizeof answer, "<GET />");
    check(strstr(answer, "<GET />") != NULL);
    gate_open();
    hear_through(pair[0]);
    sock_free(c);
    sock_free(pair[0]);
    sock_free(pair[1]);
    stop_server(s);
}

/* One connection, many requests at once, and a worker alone. */
TEST(httpd_loan, a_pipeline)
{
    enum { MANY = 200 };
    static const char request[] = "GET / HTTP/1.1\r\n" HOST;
    struct server *s = run_gated(1);
    sock_t *c = connect_to(s);

    have_it_lent(s, c);
    for (int i = 0; i < MANY; i++)
        say(c, request);
    for (int i = 0; i < MANY; i++) {
        hear_until(c, answer, sizeof answer, "<GET />");
        check(strstr(answer, "<GET />") != NULL);
    }
    sock_free(c);
    stop_server(s);
}

TEST(httpd_loan, times_run_out)
{
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .threads = 2, .idle_timeout = 0.2};
    struct server *s = make_server(2);
    check_ok(sock_httpd_set_limits(s->httpd, &limits));
    begin_server(s);
    sock_t *c = connect_to(s);

    double begun = now();
    get(c);
    check_int(hear_all(c, answer, sizeof answer), 0);
    double took = now() - begun;
    check_that(took >= 0.19 && took < 10, "%f s", took);
    sock_free(c);
    stop_server(s);
}

TEST(httpd_loan, the_end_while_it_is_lent)
{
    struct server *s = run_gated(2);
    sock_t *c = connect_to(s);

    for (int i = 0; i < 3; i++) {
        have_it_lent(s, c);
        check_ok(sock_httpd_shutdown(s->httpd, 10));
        wait_for_server(s);
        check(!loan_of(s).lent);
        check_int(hear_all(c, answer, sizeof answer), 0);
        sock_free(c);
        begin_server(s);
        c = connect_to(s);
    }
    sock_free(c);
    stop_server(s);
}

/* Many clients, quick handlers and slow ones: it is lent and taken back again
 * and again, and each request has its answer. */
static void now_and_then_slow(sock_httpd_request_t *self, void *arg)
{
    static atomic_int calls;
    (void)arg;
    if (atomic_fetch_add(&calls, 1) % 50 == 0)
        poll(NULL, 0, 6);
    say_through(self);
}

struct client {
    struct server *s;
    pthread_t thread;
    int answers;
};

static void *ask_many(void *arg)
{
    enum { CONNECTIONS = 6, REQUESTS = 30 };
    struct client *k = arg;
    char text[1000];

    for (int i = 0; i < CONNECTIONS; i++) {
        sock_t *c = connect_to(k->s);
        for (int n = 0; n < REQUESTS; n++) {
            post(c);
            hear_until(c, text, sizeof text, "through");
            k->answers += strstr(text, "through") != NULL;
        }
        sock_free(c);
    }
    return NULL;
}

TEST(httpd_loan, storm)
{
    enum { CLIENTS = 6, ALL = 6 * 30 };
    struct client clients[CLIENTS];
    struct server *s = make_server(3);

    check_ok(sock_httpd_do(s->httpd, "POST", now_and_then_slow, NULL));
    begin_server(s);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.s = s};
        check_int(
            pthread_create(&clients[i].thread, NULL, ask_many, &clients[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        check_int(clients[i].answers, ALL);
    }
    check(loan_of(s).answers > 0);
    stop_server(s);
}
