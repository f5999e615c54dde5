/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "private.h"

struct idle {
    char *key;
    sock_http_t *c;
    int64_t since; /* monotonic ns */
};

struct sock__pool {
    atomic_uint holds;
    pthread_mutex_t lock;
    unsigned forks; /* of the process whose connections they are */
    bool over;
    size_t count;
    struct idle idle[SOCK__POOL_SIZE]; /* the oldest first */
};

struct sock__pool *sock__pool_new(void)
{
    struct sock__pool *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    atomic_init(&p->holds, 1);
    pthread_mutex_init(&p->lock, NULL);
    p->forks = sock__os_forks();
    return p;
}

void sock__pool_hold(struct sock__pool *p)
{
    atomic_fetch_add(&p->holds, 1);
}

static void end(struct idle *x)
{
    sock_http_free(x->c);
    sock__free(x->key);
}

void sock__pool_drop(struct sock__pool *p)
{
    if (atomic_fetch_sub(&p->holds, 1) != 1)
        return;
    for (size_t i = 0; i < p->count; i++)
        end(&p->idle[i]);
    pthread_mutex_destroy(&p->lock);
    sock__free(p);
}

/* Takes one out. */
static struct idle remove_at(struct sock__pool *p, size_t i)
{
    struct idle x = p->idle[i];
    p->count--;
    memmove(&p->idle[i], &p->idle[i + 1], (p->count - i) * sizeof p->idle[0]);
    return x;
}

/* Takes out, into `old`, what has been there too long, or is a parent's: how
 * many. Under the lock; to be ended without it. */
static size_t sort_out(struct sock__pool *p, bool all,
                       struct idle old[SOCK__POOL_SIZE])
{
    int64_t now = sock__os_now();
    size_t n = 0;

    if (p->forks != sock__os_forks())
        all = true;
    p->forks = sock__os_forks();
    while (p->count > 0 && (all || now - p->idle[0].since >= SOCK__POOL_NS))
        old[n++] = remove_at(p, 0);
    return n;
}

static void end_all(struct idle *old, size_t n)
{
    while (n > 0)
        end(&old[--n]);
}

void sock__pool_clear(struct sock__pool *p, bool over)
{
    struct idle old[SOCK__POOL_SIZE];

    pthread_mutex_lock(&p->lock);
    p->over |= over;
    size_t n = sort_out(p, true, old);
    pthread_mutex_unlock(&p->lock);
    end_all(old, n);
}

/* The newest of a key; NULL: none. */
static sock_http_t *take_newest(struct sock__pool *p, const char *key)
{
    struct idle old[SOCK__POOL_SIZE], x = {.c = NULL};

    pthread_mutex_lock(&p->lock);
    size_t n = sort_out(p, false, old);
    for (size_t i = p->count; i > 0 && x.c == NULL; i--)
        if (strcmp(p->idle[i - 1].key, key) == 0)
            x = remove_at(p, i - 1);
    pthread_mutex_unlock(&p->lock);
    end_all(old, n);
    sock__free(x.key);
    return x.c;
}

sock_http_t *sock__pool_take(struct sock__pool *p, const char *key)
{
    sock_http_t *c = take_newest(p, key);

    while (c != NULL && !sock__wire_is_quiet(&c->wire)) {
        sock_http_free(c); /* the peer has ended it */
        c = take_newest(p, key);
    }
    return c;
}

void sock__pool_give(struct sock__pool *p, char *key, sock_http_t *c)
{
    struct idle old[SOCK__POOL_SIZE];
    struct idle x = {key, c, sock__os_now()};

    pthread_mutex_lock(&p->lock);
    size_t n = sort_out(p, p->over, old);
    if (p->count == SOCK__POOL_SIZE)
        old[n++] = remove_at(p, 0);
    if (!p->over) {
        p->idle[p->count++] = x;
        x.c = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    end_all(old, n);
    if (x.c != NULL)
        end(&x);
}
