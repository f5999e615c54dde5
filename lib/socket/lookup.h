/* SPDX-License-Identifier: MIT */
/*
 * Look-ups that end when their asker wants them to. getaddrinfo(3) does not,
 * so another thread asks it, and is left to itself where it takes too long.
 */
#ifndef SOCK__LOOKUP_H
#define SOCK__LOOKUP_H

#include <netdb.h>
#include <stdbool.h>

#include "private.h"

/* One question to the resolver. */
struct sock__lookup;

/* What getaddrinfo(3) gave: its code, errno, and a list that is to be ended by
 * freeaddrinfo(3). */
struct sock__answer {
    int code, sys_errno;
    struct addrinfo *list;
};

/* Asks, for a host and a port of which one may be NULL; NULL with errno. */
struct sock__lookup *sock__lookup_begin(const char *host, const char *port,
                                        const struct addrinfo *hints);
/* A descriptor that is readable once there is an answer; the look-up's own. */
int sock__lookup_fd(const struct sock__lookup *q);
/* Ends it, answered or not: whether an answer was given. NULL: none is wanted.
 * Leaves errno alone. */
bool sock__lookup_end(struct sock__lookup *q, struct sock__answer *answer);

/* Asks in this thread what needs no one else, as numbers do: whether there is
 * an answer. */
bool sock__lookup_numbers(const char *host, const char *port,
                          const struct addrinfo *hints,
                          struct sock__answer *answer);

/*
 * All of it: waits, as a call on the object would (NULL: as one on a new one),
 * within the timer's time, and takes numbers without asking anyone. NULL with
 * the error recorded, else to be ended by freeaddrinfo(3).
 */
struct addrinfo *sock__look_up_within(const char *op, const char *host,
                                      const char *port,
                                      const struct addrinfo *hints,
                                      struct sock__timer *timer,
                                      const sock_t *s);

#endif
