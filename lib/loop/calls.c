/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <stdlib.h>

#include "record.h"

void sock__calls_init(struct sock__calls *q)
{
    q->first = q->round = NULL;
    q->end = &q->first;
    atomic_init(&q->posted, NULL);
}

static struct sock__queued *new_queued(struct sock__what what)
{
    struct sock__queued *c = malloc(sizeof *c);
    if (c != NULL)
        *c = (struct sock__queued){.what = what};
    return c;
}

/* Puts what was posted behind the rest, the first first. */
static void collect(struct sock__calls *q)
{
    if (atomic_load(&q->posted) == NULL)
        return;
    struct sock__queued *c = atomic_exchange(&q->posted, NULL);
    struct sock__queued *turned = NULL, *last = c, *next;
    for (; c != NULL; c = next) {
        next = c->next;
        c->next = turned;
        turned = c;
    }
    *q->end = turned;
    q->end = &last->next;
}

/* Behind what was posted before. */
bool sock__calls_soon(struct sock__calls *q, struct sock__what what)
{
    struct sock__queued *c = new_queued(what);
    if (c == NULL)
        return false;
    collect(q);
    *q->end = c;
    q->end = &c->next;
    return true;
}

bool sock__calls_post(struct sock__calls *q, struct sock__what what)
{
    struct sock__queued *c = new_queued(what);
    if (c == NULL)
        return false;
    c->next = atomic_load(&q->posted);
    while (!atomic_compare_exchange_weak(&q->posted, &c->next, c)) {
    }
    return true;
}

bool sock__calls_wait(const struct sock__calls *q)
{
    return q->first != NULL || atomic_load(&q->posted) != NULL;
}

void sock__calls_begin(struct sock__calls *q)
{
    collect(q);
    q->round = q->first;
    q->first = NULL;
    q->end = &q->first;
}

bool sock__calls_take(struct sock__calls *q, struct sock__what *what)
{
    struct sock__queued *c = q->round;
    if (c == NULL)
        return false;
    q->round = c->next;
    *what = c->what;
    sock__free(c);
    return true;
}

void sock__calls_free(struct sock__calls *q)
{
    struct sock__what what;
    do {
        while (sock__calls_take(q, &what)) {
        }
        sock__calls_begin(q);
    } while (q->round != NULL);
}
