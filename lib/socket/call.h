/* SPDX-License-Identifier: MIT */
/*
 * One call on a socket: it enters, tries, waits where it must, and leaves.
 *
 * Every call that may wait is a struct that begins with struct sock__call, and
 * a function that tries once.
 *
 * What such a call does when nothing is in its way is inline: after a system
 * call the processor no longer knows the way back, and each return that is
 * still owed costs more than the function it ends. Failures are out of line.
 */
#ifndef SOCK__CALL_H
#define SOCK__CALL_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "attributes.h"
#include "limit.h"
#include "object.h"
#include "wait.h"

struct sock__call {
    const char *op;
    sock_t *sock;
    int fd;
    short events; /* to wait for, where a try fails with EAGAIN */
    bool ended;   /* a wait found that there is nothing more to receive */
    int waits;    /* since a try last succeeded */
    int saved;    /* errno, which success leaves alone */
    struct sock__timer timer;
};

/* One try: -1 with errno if it failed, or SOCK__RECORDED. */
typedef ssize_t sock__attempt(struct sock__call *c);

/* What the inline functions leave to others */

/* Begins where an object is NULL, closed or limited; as sock__call_begin(). */
SOCK__COLD int sock__call_begin_slowly(struct sock__call *c, sock_t *s,
                                       const char *op, short events);
/* Records why a call could not enter; -1. */
int sock__call_refused(sock_t *s, const char *op);
/* Refuses a call for a NULL argument, unless the object is closed; -1. */
int sock__call_no_argument(sock_t *s, const char *op);
/* Goes on after a try that failed with *n: 0 or a status. */
int sock__call_retry(struct sock__call *c, sock__attempt *attempt, ssize_t *n);
/* The same, and records a failure. */
ssize_t sock__call_rerun(struct sock__call *c, sock__attempt *attempt,
                         ssize_t n);
/* One try to move bytes through the protocol on top, whose object may be
 * watched for what it then holds back. */
ssize_t sock__call_send_on_top(struct sock__call *c, const void *buf,
                               size_t size, int flags);
ssize_t sock__call_recv_on_top(struct sock__call *c, void *buf, size_t size,
                               int flags);
/* Hands the system what the protocol on top has kept of what was sent, where
 * the call may wait: 0 or a status. */
int sock__call_flush(struct sock__call *c);
/* Makes a recorded failure EBADF if a close was its cause; else adds whom it
 * was about. */
void sock__call_failed(struct sock__call *c);

/* Fills it for an object that was entered; -1 with the error recorded. */
SOCK__INLINE int sock__call_fill(struct sock__call *c, sock_t *s,
                                 const char *op, short events)
{
    c->fd = atomic_load_explicit(&s->fd, memory_order_relaxed);
    if (c->fd < 0) /* detached since */
        return sock__call_refused(s, op);
    c->op = op;
    c->sock = s;
    c->events = events;
    c->ended = false;
    c->waits = 0;
    c->saved = errno;
    c->timer.timeout = atomic_load_explicit(&s->timeout, memory_order_relaxed);
    c->timer.deadline = 0;
    return 0;
}

/* Enters: 0, or 1 if the object is limited (limit.h); -1 with the error
 * recorded. */
SOCK__INLINE int sock__call_begin(struct sock__call *c, sock_t *s,
                                  const char *op, short events)
{
    const unsigned marks = SOCK__CLOSED | SOCK__LIMITED;
    if (s == NULL || (atomic_fetch_add(&s->state, 1) & marks) != 0)
        return sock__call_begin_slowly(c, s, op, events);
    return sock__call_fill(c, s, op, events);
}

/*
 * The flags of its tries, which sock__call_begin() said how to begin. With a
 * timeout no try may wait in the kernel, whatever others made of O_NONBLOCK;
 * and without one the caller's own MSG_DONTWAIT says that the library shall not
 * wait either.
 */
SOCK__INLINE int sock__call_flags(struct sock__call *c, int begun, int flags)
{
    if (begun > 0 && (flags & MSG_DONTWAIT) != 0 &&
        c->timer.timeout == SOCK__NEVER)
        c->timer.timeout = 0;
    if (c->timer.timeout >= 0)
        flags |= MSG_DONTWAIT;
    else if (flags & MSG_DONTWAIT)
        c->timer.timeout = 0;
    return flags;
}

/*
 * What a try to receive returned, put right. A datagram socket that was shut
 * down says so to those who wait in the kernel, but EAGAIN to others. And an
 * end that our own close made is none.
 */
SOCK__INLINE ssize_t sock__call_received(struct sock__call *c, ssize_t n)
{
    if (n < 0 && c->ended && c->sock->type != SOCK_STREAM &&
        sock__would_block(errno))
        n = 0;
    if (n != 0 || !sock__closed(c->sock))
        return n;
    errno = EBADF;
    return -1;
}

/* One try to send bytes to the peer, through the protocol on top if any. */
SOCK__INLINE ssize_t sock__call_send(struct sock__call *c, const void *buf,
                                     size_t size, int flags)
{
    sock_t *s = c->sock;
    if (s->ops != NULL)
        return sock__call_send_on_top(c, buf, size, flags);
    return send(c->fd, buf, size, flags | MSG_NOSIGNAL);
}

/* Tries until it succeeds, fails or runs out of time: 0 or a status. */
SOCK__INLINE int sock__call_try(struct sock__call *c, sock__attempt *attempt,
                                ssize_t *n)
{
    *n = attempt(c);
    return *n >= 0 ? 0 : sock__call_retry(c, attempt, n);
}

/* The same, and records a failure. */
SOCK__INLINE ssize_t sock__call_run(struct sock__call *c,
                                    sock__attempt *attempt)
{
    ssize_t n = attempt(c);
    return n >= 0 ? n : sock__call_rerun(c, attempt, n);
}

/* Leaves; a failure that a close caused becomes EBADF. Returns n. */
SOCK__INLINE ssize_t sock__call_end(struct sock__call *c, ssize_t n)
{
    if (n < 0)
        sock__call_failed(c);
    sock__leave_inline(c->sock);
    return n;
}

#endif
