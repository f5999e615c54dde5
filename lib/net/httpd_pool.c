/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_pool.h"

#include <errno.h>
#include <stdlib.h>

#include "httpd_away.h"
#include "httpd_loan.h"
#include "httpd_peers.h"
#include "httpd_places.h"
#include <pysockc/socket.h>

#include "private.h"

/* How long a request waits for a worker that is at work, ns. Most handlers take
 * less; so those that do need one worker, and few of the others are woken in
 * vain. */
static const int64_t PATIENCE = 100000;

/* Queues */

void sock__queue_begin(struct sock__queue *queue)
{
    queue->first = NULL;
    queue->end = &queue->first;
    queue->count = 0;
}

/* The lock is held. */
static void enqueue(struct sock__queue *queue, struct sock__conn *c)
{
    c->next = NULL;
    *queue->end = c;
    queue->end = &c->next;
    queue->count++;
}

static struct sock__conn *dequeue(struct sock__queue *queue)
{
    struct sock__conn *c = queue->first;

    queue->first = c->next;
    queue->count--;
    if (queue->first == NULL)
        queue->end = &queue->first;
    return c;
}

struct sock__conn *sock__queue_first(sock_httpd_t *server,
                                     struct sock__queue *queue)
{
    pthread_mutex_lock(&server->lock);
    struct sock__conn *c = queue->first != NULL ? dequeue(queue) : NULL;
    pthread_mutex_unlock(&server->lock);
    return c;
}

struct sock__conn *sock__queue_take(sock_httpd_t *server,
                                    struct sock__queue *queue)
{
    pthread_mutex_lock(&server->lock);
    struct sock__conn *all = queue->first;
    sock__queue_begin(queue);
    pthread_mutex_unlock(&server->lock);
    return all;
}

/* Putting back */

bool sock__conn_is_idle(const struct sock__conn *c)
{
    return c->state == SOCK__CONN_READING && c->in.end == 0;
}

enum sock__place sock__place_for(const struct sock__conn *c,
                                 enum sock__want want)
{
    if (want == SOCK__WANT_WRITE)
        return SOCK__PLACE_WRITE;
    if (c->state == SOCK__CONN_LINGERING)
        return SOCK__PLACE_LINGER;
    if (c->state == SOCK__CONN_DRAINING)
        return SOCK__PLACE_DRAIN;
    return sock__conn_is_idle(c) && c->requests > 0 ? SOCK__PLACE_IDLE
                                                    : SOCK__PLACE_HEAD;
}

/* What the loop asks for. */
static int events_for(const struct sock__conn *c, enum sock__want want)
{
    if (!c->level) /* what was asked for once is asked for always */
        return SOCK_EVENT_READ | SOCK_EVENT_RDHUP | SOCK_EVENT_EDGE |
               (want == SOCK__WANT_WRITE ? SOCK_EVENT_WRITE
                                         : c->events & SOCK_EVENT_WRITE);
    return (want == SOCK__WANT_WRITE ? SOCK_EVENT_WRITE : SOCK_EVENT_READ) |
           (c->server->limits.threads > 0 ? SOCK_EVENT_ONESHOT : 0);
}

/* Has the loop wait for it: 0; -1. */
static int arm(struct sock__conn *c, enum sock__want want)
{
    sock_selector_t *selector = c->server->selector;
    int events = events_for(c, want), before = c->events;

    c->events = events;
    if (before == 0)
        return sock_selector_register(selector, c->sock, events, c);
    if (events != before || (events & SOCK_EVENT_ONESHOT) != 0)
        return sock_selector_modify(selector, c->sock, events, c);
    return 0;
}

/* The lock is held. The times of a head and of the end are for all of them. */
static void place(struct sock__conn *c, enum sock__want want)
{
    enum sock__place place = sock__place_for(c, want);

    if (place != c->place || place == SOCK__PLACE_IDLE ||
        place == SOCK__PLACE_WRITE)
        sock__place(c, place, sock__os_now());
}

/* The lock is held. Whether there is a loop that wants it. */
static bool may_stay(const struct sock__conn *c)
{
    const sock_httpd_t *server = c->server;

    return server->looping &&
           !(atomic_load(&server->stopping) && sock__conn_is_idle(c));
}

/* Puts it where the loop finds it: what it wants then, a step if something has
 * happened meanwhile. */
static enum sock__want put_back(struct sock__conn *c, enum sock__want want)
{
    sock_httpd_t *server = c->server;

    if (events_for(c, want) != c->events || c->level) {
        /* The loop finds it in the hands of someone until it is placed. */
        if (arm(c, want) < 0)
            return SOCK__WANT_END;
    }
    pthread_mutex_lock(&server->lock);
    if (!may_stay(c)) {
        want = SOCK__WANT_END;
    } else if (c->woken) {
        c->woken = false;
        c->ready = true;
        want = SOCK__WANT_STEP;
    } else {
        place(c, want);
    }
    pthread_mutex_unlock(&server->lock);
    return want;
}

/* Queues it. */
static void hand_over(struct sock__conn *c, struct sock__queue *queue)
{
    sock_httpd_t *server = c->server;
    int64_t now = sock__os_now();

    pthread_mutex_lock(&server->lock);
    sock__place(c, SOCK__PLACE_BUSY, now);
    enqueue(queue, c);
    pthread_mutex_unlock(&server->lock);
}

void sock__httpd_reap(sock_httpd_t *server)
{
    struct sock__conn *c, *next;

    if (server->limits.threads < 0)
        return;
    for (c = sock__queue_take(server, &server->ended); c != NULL; c = next) {
        next = c->next;
        sock__conn_end(c);
    }
}

/* Counts it no longer; whether the loop waits for that. The lock is held. */
static bool forget(struct sock__conn *c)
{
    sock_httpd_t *server = c->server;

    sock__unplace(c);
    c->place = SOCK__PLACE_BUSY;
    sock__peers_leave(&server->peers, c->peer);
    bool full = server->connections-- >= server->limits.connections;
    return server->looping && (full || atomic_load(&server->stopping));
}

/* Ends it, and tells a loop that waits for that. Beside a worker the loop may
 * just have been told of the connection: it is the loop that frees it then. */
static void end(struct sock__conn *c)
{
    sock_httpd_t *server = c->server;

    pthread_mutex_lock(&server->lock);
    bool awaited = forget(c);
    bool later = server->looping && server->limits.threads > 0;
    pthread_mutex_unlock(&server->lock);
    sock_close(c->sock); /* once its peer may have another */
    if (later) {
        pthread_mutex_lock(&server->lock);
        enqueue(&server->ended, c);
        pthread_mutex_unlock(&server->lock);
    } else {
        sock__conn_end(c);
    }
    if (awaited)
        sock_selector_wakeup(server->selector);
}

void sock__settle(struct sock__conn *c, enum sock__want want)
{
    sock_httpd_t *server = c->server;

    while (want == SOCK__WANT_READ || want == SOCK__WANT_WRITE) {
        enum sock__want wanted = put_back(c, want);
        if (wanted == want)
            return;
        want = wanted == SOCK__WANT_STEP ? sock__conn_step(c) : wanted;
    }
    if (want == SOCK__WANT_END) {
        end(c);
    } else if (want == SOCK__WANT_HANDLER) {
        hand_over(c, &server->queue);
    } else {
        hand_over(c, &server->turns);
        if (server->limits.threads > 0)
            sock_selector_wakeup(server->selector);
    }
}

/* Standing in for who waits for a client */

static void answer(struct sock__conn *c)
{
    c->quiet = true;
    sock__conn_handle(c);
    sock__settle(c, sock__conn_step(c));
}

/* One who stands in stays as long as someone is away. */
static bool may_wait(const struct sock__workers *w, const struct sock__extra *e)
{
    return !w->ending && (e == NULL || w->extras <= w->away);
}

/* The next request there is; NULL at the end, or for one who stands in and is
 * needed no more, or for a worker who shall be the loop. The lock is held. */
static struct sock__conn *await(sock_httpd_t *server,
                                const struct sock__extra *e)
{
    struct sock__workers *w = &server->workers;

    while (server->queue.first == NULL && may_wait(w, e)) {
        if (e == NULL && sock__loan_is_open(server))
            return NULL;
        w->waiting++;
        pthread_cond_wait(&w->work, &server->lock);
        w->waiting--;
        if (w->waking > 0)
            w->waking--;
    }
    if (server->queue.first == NULL || w->ending)
        return NULL;
    return dequeue(&server->queue);
}

/* NULL: then it is over. */
static struct sock__conn *take_or_end(struct sock__extra *e, bool first)
{
    struct sock__workers *w = &e->server->workers;

    pthread_mutex_lock(&e->server->lock);
    w->starting -= first;
    struct sock__conn *c = await(e->server, e);
    e->over = c == NULL;
    w->extras -= e->over;
    w->over += e->over;
    pthread_mutex_unlock(&e->server->lock);
    return c;
}

static void *stand_in(void *arg)
{
    struct sock__extra *e = arg;
    struct sock__conn *c = take_or_end(e, true);

    for (; c != NULL; c = take_or_end(e, false))
        answer(c);
    return NULL;
}

static void count_extras(sock_httpd_t *server, int number)
{
    pthread_mutex_lock(&server->lock);
    server->workers.extras += number;
    server->workers.starting += number;
    pthread_mutex_unlock(&server->lock);
}

/* Starts one; whether the system has let it. */
static bool begin_extra(sock_httpd_t *server)
{
    struct sock__workers *w = &server->workers;
    struct sock__extra *e = calloc(1, sizeof *e);

    if (e == NULL)
        return false;
    e->server = server;
    count_extras(server, 1);
    if (sock__os_thread(stand_in, e, 0, &e->thread) < 0) {
        count_extras(server, -1);
        free(e);
        return false;
    }
    e->next = w->all;
    w->all = e;
    return true;
}

/* Whether it is to be joined. */
static bool is_over(struct sock__extra *e)
{
    sock_httpd_t *server = e->server;

    pthread_mutex_lock(&server->lock);
    bool over = e->over;
    if (over)
        server->workers.over--;
    pthread_mutex_unlock(&server->lock);
    return over;
}

/* Those that are over; all of them, at the end of the server. */
static void join_extras(struct sock__workers *w, bool all)
{
    struct sock__extra **at = &w->all, *e;

    while ((e = *at) != NULL) {
        if (!is_over(e) && !all) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        pthread_join(e->thread, NULL);
        free(e);
    }
    if (all)
        w->over = 0;
}

/* Workers */

/* Whether more is in the queue than for those who were told, and there is one
 * more to tell. */
static bool could_use_worker(const sock_httpd_t *server)
{
    const struct sock__workers *w = &server->workers;

    return server->queue.count > w->waking && w->waiting > w->waking;
}

/* Whether no one is at work who would take it, or it has waited for that. */
static bool needs_worker(const sock_httpd_t *server, int64_t now)
{
    const struct sock__workers *w = &server->workers;

    return could_use_worker(server) &&
           ((w->waiting + w->away + server->loan.lent == w->count + w->extras &&
             w->waking == 0) ||
            server->queue.first->since + PATIENCE <= now);
}

/* Lends the loop to the worker that is woken, but not to one who stands in. The
 * lock is held. */
static bool lend(sock_httpd_t *server, int64_t now)
{
    return server->workers.extras == 0 && sock__loan_give(server, now);
}

bool sock__workers_wake(sock_httpd_t *server)
{
    struct sock__workers *w = &server->workers;
    int64_t now = sock__os_now();

    pthread_mutex_lock(&server->lock);
    bool needed = needs_worker(server, now);
    if (needed)
        w->waking++;
    bool lent = needed && lend(server, now);
    int extras = sock__away_needs(server);
    bool over = w->over > 0;
    pthread_mutex_unlock(&server->lock);
    if (needed)
        pthread_cond_signal(&w->work);
    if (lent) /* what is the loop's is that worker's now */
        return true;
    if (over)
        join_extras(w, false);
    while (extras-- > 0 && begin_extra(server))
        ;
    return false;
}

int64_t sock__workers_time(const sock_httpd_t *server)
{
    if (server->limits.threads < 0 || server->lent)
        return server->queue.first != NULL ? 0 : INT64_MAX;
    return could_use_worker(server) ? server->queue.first->since + PATIENCE
                                    : INT64_MAX;
}

/* Takes the loop, if it is to be had, else a request: whether there is either,
 * and not the end. */
static bool take(sock_httpd_t *server, struct sock__conn **c)
{
    pthread_mutex_lock(&server->lock);
    bool leads = sock__loan_take(server);
    *c = leads ? NULL : await(server, NULL);
    leads = leads || (*c == NULL && sock__loan_take(server));
    pthread_mutex_unlock(&server->lock);
    return leads || *c != NULL;
}

static void *work(void *arg)
{
    sock_httpd_t *server = arg;
    struct sock__conn *c;

    while (take(server, &c))
        if (c != NULL)
            answer(c);
        else
            server->workers.lead(server);
    return NULL;
}

int sock__workers_begin(sock_httpd_t *server)
{
    struct sock__workers *w = &server->workers;
    int wanted = server->limits.threads;

    if (wanted < 0 || w->count == wanted)
        return 0;
    if (w->threads == NULL)
        w->threads = calloc((size_t)wanted, sizeof *w->threads);
    if (w->threads == NULL)
        return sock__fail("serve_forever", SOCK_E_MEMORY, 0, 0);
    for (; w->count < wanted; w->count++)
        if (sock__os_thread(work, server, 0, &w->threads[w->count]) < 0)
            return sock__fail("serve_forever", SOCK_E_OS, errno, 0);
    return 0;
}

void sock__workers_end(sock_httpd_t *server)
{
    struct sock__workers *w = &server->workers;

    pthread_mutex_lock(&server->lock);
    w->ending = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&server->lock);
    while (w->count > 0)
        pthread_join(w->threads[--w->count], NULL);
    join_extras(w, true);
    free(w->threads);
    w->threads = NULL;
    w->ending = false;
}
