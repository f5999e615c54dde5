/* SPDX-License-Identifier: MIT */
/* The one function that waits, for the whole library. */
#ifndef SOCK__WAIT_H
#define SOCK__WAIT_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "private.h"

/* A time that does not come. */
#define SOCK__NEVER INT64_MAX

/* The time after so many nanoseconds, none of them negative: never beyond
 * SOCK__NEVER. */
SOCK__INLINE int64_t sock__later(int64_t time, int64_t ns)
{
    return ns < SOCK__NEVER - time ? time + ns : SOCK__NEVER;
}

/* What is left of the time, in ns; negative: no limit. */
int64_t sock__time_left(struct sock__timer *timer);

/* sock__await_any() for one, and what was found. */
int sock__await(const sock_t *s, int fd, short events,
                struct sock__timer *timer, short *found);
/* sock__await_any() for at most ns, be there more time or not. */
int sock__await_for(const sock_t *s, struct pollfd *fds, size_t n, int64_t ns,
                    struct sock__timer *timer);

/* Whether an errno says that there is nothing now, or no room. */
SOCK__INLINE bool sock__would_block(int err)
{
    return err == EAGAIN || err == EWOULDBLOCK;
}

/* Asks the interrupt function whether the call shall end; NULL: that of new
 * objects. */
bool sock__interrupted(const sock_t *s);
/* What ends a call between two of its parts: 0 or a status. */
int sock__halted(const sock_t *s);

#endif
