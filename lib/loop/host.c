/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/async.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <pysockc/addrinfo.h>
#include <pysockc/connect.h>
#include <pysockc/options.h>

#include "address.h"
#include "dispatcher.h"
#include "object.h"
#include "record.h"

/*
 * The connect of a dispatcher by name: a look-up, and then attempts as RFC 8305
 * has them. The families take turns, the next attempt begins when one has
 * failed, or after a quarter of a second; the first that succeeds becomes the
 * dispatcher's socket, and the others go.
 */

static const double DELAY = 0.25;

struct attempt {
    sock_watch_t watch;
    struct host *host;
    sock_t *sock; /* NULL: it has ended */
};

struct host {
    struct sock__pending pending; /* first: what the dispatcher has of it */
    struct sock__member member;
    sock_dispatcher_t *d; /* NULL: no one wants it any more */
    sock_loop_t *loop;
    bool asked; /* for the addresses, which the answer will free */
    sock_timer_t timer;
    sock_addrinfo_t *list;
    struct attempt *attempts; /* one for each address, in the list's order */
    size_t *order;
    size_t begun, going;
    sock_error_t error; /* of the attempt that failed last */
    char name[];
};

/* Ending */

static void end_attempt(struct attempt *a)
{
    sock_free(a->sock); /* which takes it out of the selector */
    a->sock = NULL;
    a->host->going--;
}

static void end_attempts(struct host *h)
{
    struct sock__saved saved;
    sock__error_save(&saved);
    if (h->timer.generation != 0)
        sock_timer_cancel(h->loop, h->timer);
    h->timer.generation = 0;
    for (size_t i = 0; i < h->begun; i++)
        if (h->attempts[i].sock != NULL)
            end_attempt(&h->attempts[i]);
    sock__error_restore(&saved);
}

static void free_host(struct host *h)
{
    end_attempts(h);
    sock_addrinfo_free(h->list);
    sock__free(h->attempts);
    sock__free(h);
}

/* The dispatcher wants it no more. */
static void drop(struct sock__pending *p)
{
    struct host *h = (struct host *)p;
    h->d = NULL;
    if (h->asked)
        return;
    sock__loop_part(h->loop, &h->member);
    free_host(h);
}

/* The loop ends, and will not bring the answer. */
static void end_with_loop(struct sock__member *m)
{
    struct host *h =
        (struct host *)(void *)((char *)m - offsetof(struct host, member));
    if (h->d != NULL)
        h->d->of.pending = NULL;
    free_host(h);
}

/* The dispatcher, which has its socket now or none at all. */
static sock_dispatcher_t *leave(struct host *h, sock_t *s)
{
    sock_dispatcher_t *d = h->d;
    d->of.pending = NULL;
    if (s != NULL) {
        d->flags &= (uint16_t)~SOCK__BY_HOST;
        d->of.sock = s;
    }
    drop(&h->pending);
    return d;
}

static void fail(struct host *h)
{
    sock_error_t error = h->error;
    sock_dispatcher_t *d = leave(h, NULL);
    sock__dispatcher_enter(d);
    sock__dispatcher_fail_with(d, &error);
    sock__dispatcher_leave(d);
}

static void win(struct attempt *a)
{
    struct host *h = a->host;
    sock_t *s = a->sock;
    a->sock = NULL;
    h->going--;
    sock_dispatcher_t *d = leave(h, s);
    sock__dispatcher_enter(d);
    sock__dispatcher_connected(d);
    sock__dispatcher_leave(d);
}

/* Attempts */

static void on_attempt(sock_loop_t *loop, const sock_key_t *key, void *arg);
static void on_delay(sock_loop_t *loop, void *arg);

static const sock_addr_t *address_of(const struct attempt *a)
{
    const struct host *h = a->host;
    return &h->list->entries[h->order[a - h->attempts]].address;
}

/* The attempt has failed, by the error that was just recorded. */
static void lose(struct attempt *a)
{
    sock__fail_asked(a->host->name);
    a->host->error = *sock_last_error();
    end_attempt(a);
}

/* connect(2): 1 if it is done, 0 if it goes on, -1 with the error recorded. */
static int try_connect(struct attempt *a)
{
    sock_selector_t *sel = sock_loop_selector(a->host->loop);
    if (a->sock == NULL || sock_setblocking(a->sock, 0) < 0)
        return -1;
    if (sock_connect(a->sock, *address_of(a)) == 0)
        return 1;
    if (errno != EINPROGRESS && errno != EINTR)
        return -1;
    a->watch = (sock_watch_t){on_attempt, a};
    return sock_selector_register(sel, a->sock, SOCK_EVENT_WRITE, &a->watch);
}

/* Whether it goes on; else it has failed, or has won and all is over. */
enum outcome { GOES_ON, FAILED, WON };
static enum outcome begin_attempt(struct host *h)
{
    size_t i = h->begun++;
    const sock_addrinfo_entry_t *e = &h->list->entries[h->order[i]];
    struct attempt *a = &h->attempts[i];
    a->host = h;
    h->going++;
    a->sock = sock_new(e->family, e->type, e->proto);
    int result = try_connect(a);
    if (result < 0)
        lose(a);
    if (result > 0)
        win(a);
    return result < 0 ? FAILED : result == 0 ? GOES_ON : WON;
}

/* Begins the next, unless one goes on then or has won; without any the
 * dispatcher hears of the last error. */
static void begin_next(struct host *h)
{
    enum outcome outcome = FAILED;
    if (h->timer.generation != 0)
        sock_timer_cancel(h->loop, h->timer);
    h->timer.generation = 0;
    while (outcome == FAILED && h->begun < h->list->count)
        outcome = begin_attempt(h);
    if (outcome == FAILED && h->going == 0)
        fail(h);
    else if (outcome == GOES_ON && h->begun < h->list->count)
        h->timer = sock_loop_call_later(h->loop, DELAY, on_delay, h);
}

static void on_attempt(sock_loop_t *loop, const sock_key_t *key, void *arg)
{
    struct attempt *a = arg;
    struct sock__saved saved;
    (void)loop, (void)key;

    sock__error_save(&saved);
    int err = sock__dispatcher_connect_error(a->sock);
    if (err == 0) {
        sock_selector_unregister(sock_loop_selector(loop), a->sock);
        sock__met(a->sock, address_of(a));
        win(a);
    } else {
        sock__fail_to("connect", SOCK_E_OS, err, 0, address_of(a));
        lose(a);
        begin_next(a->host);
    }
    sock__error_restore(&saved);
}

static void on_delay(sock_loop_t *loop, void *arg)
{
    struct host *h = arg;
    struct sock__saved saved;
    (void)loop;
    sock__error_save(&saved);
    h->timer.generation = 0;
    begin_next(h);
    sock__error_restore(&saved);
}

/* The first from here on that is of the family, or is not; the count if there
 * is none. */
static size_t next_of(const sock_addrinfo_t *list, size_t i, int family,
                      bool same)
{
    while (i < list->count && (list->entries[i].family == family) != same)
        i++;
    return i;
}

/* The addresses in turns: one of the first's family, one of another. */
static void plan(struct host *h)
{
    const sock_addrinfo_t *list = h->list;
    int family = list->entries[0].family;
    size_t n = 0, a = 0, b = next_of(list, 0, family, false);
    while (n < list->count) {
        if (a < list->count) {
            h->order[n++] = a;
            a = next_of(list, a + 1, family, true);
        }
        if (b < list->count) {
            h->order[n++] = b;
            b = next_of(list, b + 1, family, false);
        }
    }
}

/* Room for the attempts and their order; false without memory. */
static bool make_room(struct host *h)
{
    size_t n = h->list->count;
    h->attempts = calloc(n, sizeof *h->attempts + sizeof *h->order);
    h->order = (size_t *)(void *)(h->attempts + n);
    if (h->attempts != NULL)
        return true;
    sock__fail("connect", SOCK_E_MEMORY, 0, 0);
    h->error = *sock_last_error();
    return false;
}

static void on_answer(sock_loop_t *loop, sock_addrinfo_t *list,
                      const sock_error_t *error, void *arg)
{
    struct host *h = arg;
    struct sock__saved saved;
    (void)loop;

    sock__error_save(&saved);
    h->asked = false;
    h->list = list;
    if (error != NULL)
        h->error = *error;
    if (h->d == NULL) {
        drop(&h->pending);
    } else if (list == NULL || !make_room(h)) {
        fail(h);
    } else {
        plan(h);
        begin_next(h);
    }
    sock__error_restore(&saved);
}

/* Beginning */

static struct host *new_host(sock_dispatcher_t *d, const char *name)
{
    size_t size = strlen(name) + 1;
    struct host *h = calloc(1, sizeof *h + size);
    if (h == NULL) {
        sock__fail("connect", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    h->pending.drop = drop;
    h->member.end = end_with_loop;
    h->loop = d->loop;
    h->asked = true;
    memcpy(h->name, name, size);
    return h;
}

static int ask(struct host *h, const char *host, int port, double seconds)
{
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    return sock_loop_getaddrinfo(h->loop, host, service, AF_UNSPEC, SOCK_STREAM,
                                 seconds, on_answer, h);
}

/* What it had goes when nothing can fail any more. */
static int begin(sock_dispatcher_t *d, const char *host, int port)
{
    double limit = d->c->connect_timeout;
    struct host *h = new_host(d, host);
    if (h == NULL)
        return -1;
    if (ask(h, host, port, limit > 0 ? limit : SOCK_NO_TIMEOUT) < 0) {
        sock__free(h);
        return -1;
    }
    sock__loop_join(d->loop, &h->member);
    sock__dispatcher_close(d);
    d->flags = SOCK__BY_HOST;
    d->of.pending = &h->pending;
    d->state = SOCK_DISPATCHER_CONNECTING;
    h->d = d;
    if (limit > 0 && sock__dispatcher_set_timer(d, limit) < 0) {
        sock__dispatcher_close(d);
        return -1;
    }
    return 0;
}

int sock_dispatcher_connect_to_host(sock_dispatcher_t *d, const char *host,
                                    int port)
{
    if (sock__dispatcher_check_loop(d, "connect") < 0)
        return -1;
    if (host == NULL)
        return sock__fail("connect", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if ((d->flags & SOCK__OF_FILE) != 0)
        return sock__fail("connect", SOCK_E_OS, ENOTSOCK, 0);
    if (sock__port_check("connect", host, port) < 0)
        return -1;
    sock__dispatcher_enter(d);
    int result = begin(d, host, port);
    sock__dispatcher_leave(d);
    return result;
}
