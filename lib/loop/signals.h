/* SPDX-License-Identifier: MIT */
/*
 * Signals, which the process has once and a loop may own: the system's handler
 * counts and wakes, the loop calls.
 */
#ifndef SOCK__SIGNALS_H
#define SOCK__SIGNALS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "timers.h"
#include "waker.h"

/* What a loop owns. */
struct sock__signals {
    struct sock__waker *waker;
    int count;        /* signals */
    atomic_bool come; /* at least one of them has */
};

/* Whether there is a signal of this number, and whether its handler may return
 * at all. */
bool sock__signal_exists(int signo);
bool sock__signal_can_wait(int signo);

/* Owns a signal, or replaces what is called: 0 or an errno. */
int sock__signals_add(struct sock__signals *s, int signo,
                      struct sock__what what);
/* Gives one back; whether it was owned. */
bool sock__signals_remove(struct sock__signals *s, int signo);
void sock__signals_remove_all(struct sock__signals *s);

/* Where a walk over those that have come is; all zero is its beginning. */
struct sock__signal_cursor {
    int signo;
    unsigned left; /* of this signal */
};
/* Takes the next one, as often as it had come when the walk came to it; false
 * if there is none. */
bool sock__signals_take(struct sock__signals *s, struct sock__signal_cursor *c,
                        struct sock__what *what);

#endif
