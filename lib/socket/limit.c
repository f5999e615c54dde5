/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "limit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "os.h"
#include "record.h"

/* Tokens */

bool sock__token_is_own(const sock_cancel_t *token)
{
    return token->process == sock__os_process();
}

void sock__drop_token(sock_cancel_t *token)
{
    if (atomic_fetch_sub(&token->holds, 1) > 1)
        return;
    sock__close_fd(token->fd);
    sock__free(token);
}

/* The token of an object */

static void free_attached(struct sock__attached *a)
{
    while (a != NULL) {
        struct sock__attached *next = a->next;
        sock__drop_token(a->token);
        sock__free(a);
        a = next;
    }
}

/* Adds a list to the former ones. */
static void put_aside(struct sock__limits *l, struct sock__attached *list)
{
    struct sock__attached *last = list;
    while (last->next != NULL)
        last = last->next;
    last->next = atomic_load(&l->former);
    while (!atomic_compare_exchange_weak(&l->former, &last->next, list))
        ;
}

/*
 * Frees the former ones. A reader that may look at one began before it became
 * former: if there is none now, none does. Else the last reader sweeps.
 */
static void sweep(struct sock__limits *l)
{
    struct sock__attached *list;
    while (atomic_load(&l->readers) == 0 &&
           (list = atomic_exchange(&l->former, NULL)) != NULL) {
        if (atomic_load(&l->readers) == 0)
            free_attached(list);
        else
            put_aside(l, list);
    }
}

/* So no lock is needed, and a signal handler may come at any time. */
static sock_cancel_t *begin_read(struct sock__limits *l)
{
    atomic_fetch_add(&l->readers, 1);
    struct sock__attached *a = atomic_load(&l->attached);
    return a != NULL && sock__token_is_own(a->token) ? a->token : NULL;
}

static void end_read(struct sock__limits *l)
{
    atomic_fetch_sub(&l->readers, 1);
    if (atomic_load(&l->former) != NULL)
        sweep(l);
}

static bool has_fired(struct sock__limits *l)
{
    const sock_cancel_t *token = begin_read(l);
    bool fired = token != NULL && atomic_load(&token->fired);
    end_read(l);
    return fired;
}

sock_cancel_t *sock__limits_hold(struct sock__limits *l)
{
    sock_cancel_t *token = begin_read(l);
    if (token != NULL)
        atomic_fetch_add(&token->holds, 1);
    end_read(l);
    return token;
}

int sock__attach(struct sock__limits *l, sock_cancel_t *token, const char *op)
{
    struct sock__attached *a = NULL;
    if (token != NULL) {
        a = malloc(sizeof *a);
        if (a == NULL)
            return sock__fail(op, SOCK_E_MEMORY, 0, 0);
        atomic_fetch_add(&token->holds, 1);
        *a = (struct sock__attached){.token = token};
    }
    struct sock__attached *former = atomic_exchange(&l->attached, a);
    if (former != NULL)
        put_aside(l, former);
    sweep(l);
    return 0;
}

/* The limits of an object */

/* Marks the object, unless it is closed: then no call comes any more. */
static void mark(sock_t *s)
{
    unsigned state = atomic_load(&s->state);
    do {
        if ((state & (SOCK__CLOSED | SOCK__LIMITED)) != 0)
            return;
    } while (!atomic_compare_exchange_weak(&s->state, &state,
                                           state | SOCK__LIMITED));
}

/* Gives the object its limits, unless another thread is first. */
static struct sock__limits *install(sock_t *s, struct sock__limits *mine)
{
    struct sock__limits *l = NULL;
    atomic_init(&mine->deadline, SOCK__NEVER);
    atomic_init(&mine->attached, NULL);
    atomic_init(&mine->former, NULL);
    atomic_init(&mine->readers, 0);
    if (atomic_compare_exchange_strong(&s->limits, &l, mine))
        return mine;
    sock__free(mine);
    return l;
}

struct sock__limits *sock__limits_of(sock_t *s, const char *op)
{
    struct sock__limits *l = atomic_load(&s->limits);
    if (l == NULL) {
        l = malloc(sizeof *l);
        if (l == NULL) {
            sock__fail(op, SOCK_E_MEMORY, 0, 0);
            return NULL;
        }
        l = install(s, l);
    }
    mark(s);
    return l;
}

int sock__limits_apply(const sock_t *s, int fd)
{
    return atomic_load(&s->timeout) >= 0 ? 0 : sock__apply_timeout(s, fd);
}

int sock__limits_copy(sock_t *copy, const sock_t *s, const char *op)
{
    if (!sock__is_limited(s))
        return 0;
    struct sock__limits *l = sock__limits_of(copy, op);
    if (l == NULL)
        return -1;
    atomic_store(&l->deadline, atomic_load(&atomic_load(&s->limits)->deadline));
    sock_cancel_t *token = sock__hold_token(s);
    if (token == NULL)
        return 0;
    int result = sock__attach(l, token, op);
    sock__drop_token(token);
    return result;
}

void sock__limits_free(struct sock__limits *l)
{
    free_attached(atomic_load(&l->attached));
    free_attached(atomic_load(&l->former));
    free(l);
}

/* What they say */

int64_t sock__limited_timeout(const sock_t *s)
{
    int64_t timeout = atomic_load_explicit(&s->timeout, memory_order_relaxed);
    return timeout < 0 && sock__is_limited(s) ? SOCK__NEVER : timeout;
}

int sock__limits_until(const struct sock__limits *l, int64_t *left)
{
    int64_t deadline = atomic_load(&l->deadline);
    if (deadline == SOCK__NEVER)
        return 0;
    int64_t rest = deadline - sock__os_now();
    if (*left < 0 || *left > rest)
        *left = rest;
    return rest > 0 ? 0 : SOCK__TIMED_OUT;
}

int sock__ended(const sock_t *s)
{
    struct sock__limits *l = atomic_load(&s->limits);
    int64_t left = -1;
    if (l == NULL)
        return 0;
    return has_fired(l) ? SOCK__CANCELLED : sock__limits_until(l, &left);
}
