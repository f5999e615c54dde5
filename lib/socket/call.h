/*
 * One call on a socket: it enters, tries, waits where it must, and leaves.
 *
 * Every call that may wait is a struct that begins with struct sock__call, and
 * a function that tries once.
 */
#ifndef SOCK__CALL_H
#define SOCK__CALL_H

#include <stdbool.h>
#include <sys/types.h>

#include "private.h"

struct sock__call {
    const char *op;
    sock_t *sock;
    int fd;
    short events; /* to wait for, where a try fails with EAGAIN */
    struct sock__timer timer;
    bool ended; /* a wait found that there is nothing more to receive */
};

/* One try: -1 with errno if it failed. */
typedef ssize_t sock__attempt(struct sock__call *c);

/* Enters; -1 with the error recorded. */
int sock__call_begin(struct sock__call *c, sock_t *s, const char *op,
                     short events);
/* Tries until it succeeds, fails or runs out of time: 0 or a status. */
int sock__call_try(struct sock__call *c, sock__attempt *attempt, ssize_t *n);
/* The same, and records a failure. */
ssize_t sock__call_run(struct sock__call *c, sock__attempt *attempt);
/* Leaves; a failure that a close caused becomes EBADF. Returns n. */
ssize_t sock__call_end(struct sock__call *c, ssize_t n);

/* Asks the interrupt function whether the call shall end. */
bool sock__interrupted(const sock_t *s);

#endif
