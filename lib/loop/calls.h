/* SPDX-License-Identifier: MIT */
/*
 * Functions that wait for the next round.
 */
#ifndef SOCK__CALLS_H
#define SOCK__CALLS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "timers.h"

struct sock__queued {
    struct sock__queued *next;
    struct sock__what what;
};
struct sock__calls {
    struct sock__queued *first, **end;     /* of the next round */
    struct sock__queued *round;            /* of this one: still to be made */
    _Atomic(struct sock__queued *) posted; /* by any thread, the last first */
};
void sock__calls_init(struct sock__calls *q);
void sock__calls_free(struct sock__calls *q);

/* One more for the next round; false if there is no memory. The second is for
 * any thread, which wakes the loop afterwards. */
bool sock__calls_soon(struct sock__calls *q, struct sock__what what);
bool sock__calls_post(struct sock__calls *q, struct sock__what what);
/* Whether the next round has any. */
bool sock__calls_wait(const struct sock__calls *q);

/* Begins a round, which has what has come so far. */
void sock__calls_begin(struct sock__calls *q);
/* Takes the next one of this round; false if there is none. */
bool sock__calls_take(struct sock__calls *q, struct sock__what *what);

#endif
