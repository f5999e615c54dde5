/* SPDX-License-Identifier: MIT */
#include "waker.h"

#include "os.h"

void sock__waker_init(struct sock__waker *w, sock_selector_t *selector)
{
    w->selector = selector;
    atomic_init(&w->waiting, false);
    w->process = sock__os_process();
}

bool sock__waker_is_ours(const struct sock__waker *w)
{
    return w->process == sock__os_process();
}

void sock__wake(struct sock__waker *w)
{
    if (atomic_load(&w->waiting) && atomic_exchange(&w->waiting, false))
        sock_selector_wakeup(w->selector);
}
