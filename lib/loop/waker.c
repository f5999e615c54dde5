/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "waker.h"

#include <unistd.h>

#include "os.h"

void sock__waker_init(struct sock__waker *w, sock_selector_t *selector)
{
    w->selector = selector;
    atomic_init(&w->waiting, false);
    w->process = getpid();
    atomic_init(&w->forks, sock__os_forks());
}

/* The system is asked for the process only after a fork, on both sides. */
bool sock__waker_is_ours(struct sock__waker *w)
{
    unsigned forks = sock__os_forks();
    if (forks == atomic_load_explicit(&w->forks, memory_order_relaxed))
        return true;
    if (getpid() != w->process)
        return false;
    atomic_store_explicit(&w->forks, forks, memory_order_relaxed);
    return true;
}

void sock__wake(struct sock__waker *w)
{
    if (atomic_load(&w->waiting) && atomic_exchange(&w->waiting, false))
        sock_selector_wakeup(w->selector);
}
