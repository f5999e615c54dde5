/* SPDX-License-Identifier: MIT */
/*
 * Timers, ordered by their deadlines. Nothing here knows a clock or a loop:
 * times are numbers, in nanoseconds.
 */
#ifndef SOCK__TIMERS_H
#define SOCK__TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/loop.h>

#include "wait.h"

/* What is to be called. */
struct sock__what {
    sock_loop_fn fn;
    void *arg;
};

/*
 * A heap in which each node has four children, which lie side by side. The key
 * stands in the node, so to find the least child is to look at one place.
 *
 * A key may be earlier than the deadline of its timer: when that moves to a
 * later time the slot alone is written, and the node goes to its new place when
 * the key has come, if the timer still lives.
 */
struct sock__timer_node {
    int64_t key;
    uint32_t slot;
    uint32_t order; /* of arming, among those of the same key */
};

/* What a timer is, at a place that it keeps. */
struct sock__timer_slot {
    struct sock__what what;
    int64_t deadline;
};
/* What is looked at and written most stands by itself, close together: each
 * move of a node in the heap notes where it is now. */
struct sock__timer_ref {
    uint32_t place; /* of its node; SOCK__UNUSED and more: free */
    uint32_t generation;
};
#define SOCK__UNUSED UINT32_C(0x80000000) /* and the next free one, plus 1 */

struct sock__timers {
    struct sock__timer_node *nodes; /* from SOCK__FIRST_PLACE on */
    struct sock__timer_slot *slots;
    struct sock__timer_ref *refs; /* of each slot */
    uint32_t count;               /* nodes */
    uint32_t used;                /* slots that ever were in use */
    uint32_t room;                /* for nodes, and for slots */
    uint32_t unused;              /* the first free slot, plus 1; 0: none */
    uint32_t order;               /* of the next one that is armed */
};
/* So that the children of each node share a line of the cache. */
enum { SOCK__FIRST_PLACE = 3 };

/* All zero is a heap without timers; what it has allocated: */
void sock__timers_free(struct sock__timers *t);

/* Arms one, which with SOCK__NEVER is never due; false if there is no memory.
 */
bool sock__timers_add(struct sock__timers *t, int64_t deadline,
                      struct sock__what what, sock_timer_t *timer);
/* Whether there was such a timer. */
bool sock__timers_cancel(struct sock__timers *t, sock_timer_t timer);
bool sock__timers_move(struct sock__timers *t, sock_timer_t timer,
                       int64_t deadline);

/* Takes the first that is due now and was armed before the order was `before`;
 * false if there is none. */
bool sock__timers_take(struct sock__timers *t, int64_t now, uint32_t before,
                       struct sock__what *what);
/* When to look again: at the earliest deadline, or before. */
int64_t sock__timers_next(const struct sock__timers *t);

#endif
