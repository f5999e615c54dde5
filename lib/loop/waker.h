/* SPDX-License-Identifier: MIT */
/* Who waits, and in which process: what other threads and signal handlers ask
 * before they wake a loop. */
#ifndef SOCK__WAKER_H
#define SOCK__WAKER_H

#include <stdatomic.h>
#include <stdbool.h>

#include <pysockc/select.h>

/*
 * Who waits says so before it looks for the last time whether there is anything
 * to do, and who brings something looks afterwards whether someone waits. So no
 * wait goes on in vain, and there is one wake-up at most for each.
 */
struct sock__waker {
    sock_selector_t *selector;
    atomic_bool waiting;
    unsigned process; /* that made it */
};

void sock__waker_init(struct sock__waker *w, sock_selector_t *selector);

/* Both are async-signal-safe. */

/* Whether this is the process that made it, and no child. */
bool sock__waker_is_ours(const struct sock__waker *w);
/* Ends the wait, if there is one. */
void sock__wake(struct sock__waker *w);

#endif
