/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_pool.h"

#include <errno.h>
#include <stdlib.h>

#include "httpd_peers.h"
#include "httpd_places.h"
#include "private.h"

/* The queue. The lock is held. */

static void enqueue(sock_httpd_t *server, struct sock__conn *c)
{
    c->next = NULL;
    *server->queue_end = c;
    server->queue_end = &c->next;
    if (server->workers.waiting > 0)
        pthread_cond_signal(&server->workers.work);
}

static struct sock__conn *dequeue(sock_httpd_t *server)
{
    struct sock__conn *c = server->queue;

    server->queue = c->next;
    if (server->queue == NULL)
        server->queue_end = &server->queue;
    return c;
}

struct sock__conn *sock__queue_take(sock_httpd_t *server)
{
    pthread_mutex_lock(&server->lock);
    struct sock__conn *all = server->queue;
    server->queue = NULL;
    server->queue_end = &server->queue;
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
    if (want == SOCK__WANT_HANDLER)
        return SOCK__PLACE_BUSY;
    if (want == SOCK__WANT_WRITE)
        return SOCK__PLACE_WRITE;
    if (c->state == SOCK__CONN_LINGERING)
        return SOCK__PLACE_LINGER;
    return sock__conn_is_idle(c) && c->requests > 0 ? SOCK__PLACE_IDLE
                                                    : SOCK__PLACE_HEAD;
}

/* Has the loop wait for it. Where workers are, the loop is told once, so that
 * it has no part in a connection that a worker has. */
static int arm(struct sock__conn *c, enum sock__want want)
{
    sock_httpd_t *server = c->server;
    bool once = server->limits.threads > 0;
    int events = want == SOCK__WANT_WRITE ? SOCK_EVENT_WRITE : SOCK_EVENT_READ;
    int result = 0;

    if (once)
        events |= SOCK_EVENT_ONESHOT;
    if (c->events == 0)
        result = sock_selector_register(server->selector, c->sock, events, c);
    else if (once || events != c->events)
        result = sock_selector_modify(server->selector, c->sock, events, c);
    c->events = events;
    return result;
}

/* Puts it where the loop finds it: whether there is a loop that wants it. The
 * times of a head and of the end are for all of them. */
static bool put_back(struct sock__conn *c, enum sock__want want)
{
    sock_httpd_t *server = c->server;
    enum sock__place place = sock__place_for(c, want);
    bool goes_on = place == c->place &&
                   (place == SOCK__PLACE_HEAD || place == SOCK__PLACE_LINGER);

    if (!server->looping ||
        (atomic_load(&server->stopping) && sock__conn_is_idle(c)))
        return false;
    if (!goes_on)
        sock__place(c, place, sock__os_now());
    return arm(c, want) == 0;
}

/* The lock is held. Whether the loop waits for connections to end. */
static bool forget(struct sock__conn *c)
{
    sock_httpd_t *server = c->server;

    sock__unplace(c);
    if (c->peer != NULL)
        sock__peers_leave(&server->peers, c->peer);
    bool full = server->connections-- >= server->limits.connections;
    return full || atomic_load(&server->stopping);
}

void sock__settle(struct sock__conn *c, enum sock__want want)
{
    sock_httpd_t *server = c->server;

    pthread_mutex_lock(&server->lock);
    if (want == SOCK__WANT_HANDLER) {
        sock__place(c, SOCK__PLACE_BUSY, 0);
        enqueue(server, c);
    } else if (want == SOCK__WANT_END || !put_back(c, want)) {
        bool awaited = forget(c);
        bool looping = server->looping;
        pthread_mutex_unlock(&server->lock);
        sock__conn_end(c);
        if (awaited && looping)
            sock_selector_wakeup(server->selector);
        return;
    }
    pthread_mutex_unlock(&server->lock);
}

/* Workers */

/* The next request there is; NULL at the end. */
static struct sock__conn *await(sock_httpd_t *server)
{
    struct sock__workers *w = &server->workers;
    struct sock__conn *c = NULL;

    pthread_mutex_lock(&server->lock);
    while (server->queue == NULL && !w->ending) {
        w->waiting++;
        pthread_cond_wait(&w->work, &server->lock);
        w->waiting--;
    }
    if (!w->ending)
        c = dequeue(server);
    pthread_mutex_unlock(&server->lock);
    return c;
}

static void *work(void *arg)
{
    sock_httpd_t *server = arg;
    struct sock__conn *c;

    while ((c = await(server)) != NULL) {
        sock__conn_handle(c);
        sock__settle(c, sock__conn_step(c));
    }
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
    free(w->threads);
    w->threads = NULL;
    w->ending = false;
}
