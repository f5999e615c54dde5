/* SPDX-License-Identifier: MIT */
/*
 * For libraries that put a protocol of their own under a sock_t, such as TLS.
 *
 * Exported in a map node of its own and not installed: it changes without
 * notice, and such a library is built from the same tree.
 */
#ifndef SOCK__PRIVATE_H
#define SOCK__PRIVATE_H

#include <stdint.h>
#include <sys/types.h>

#include <pysockc/socket.h>

/*
 * How bytes move, in place of the system's recv and send. Each tries once and
 * never waits: -1 with EAGAIN, and *events set to what has to be waited for
 * (POLLIN, POLLOUT), if it would. Flags are those of recv(2): MSG_PEEK must
 * work.
 */
struct sock__ops {
    ssize_t (*recv)(sock_t *s, void *buf, size_t size, int flags,
                    short *events);
    ssize_t (*send)(sock_t *s, const void *buf, size_t size, int flags,
                    short *events);
    void (*release)(sock_t *s); /* the object ends */
    /* Puts the protocol under a duplicate that no one uses yet: 0, or -1 with
     * the error recorded. NULL: the object cannot be duplicated. */
    int (*dup)(sock_t *s, sock_t *copy);
    /* Which of `want`, of enum sock_event, would not wait; if none, *events is
     * set to what has to be waited for. Neither waits nor records. NULL: what
     * poll(2) says of the descriptor is right. */
    int (*ready)(sock_t *s, int fd, int want, short *events);
};

/* The time a call has, all its waits together. */
struct sock__timer {
    int64_t timeout;  /* ns, negative: none, 0: not at all */
    int64_t deadline; /* monotonic ns; 0: set by the first wait */
};

/* What sock__wait() returns besides 0 and an errno: the time has run out, or
 * the interrupt function said stop. */
enum { SOCK__TIMED_OUT = -1, SOCK__CANCELLED = -2 };

/* Puts operations under an object that no one uses yet. */
SOCK_API void sock__set_ops(sock_t *s, const struct sock__ops *ops, void *data);
/* What sock__set_ops() was given. */
SOCK_API void *sock__ops_data(const sock_t *s);

/* Begins a call: the descriptor, which is kept until sock__leave(); -1. */
SOCK_API int sock__enter(sock_t *s, const char *op);
SOCK_API void sock__leave(sock_t *s);

/* The time that the object's timeout gives to a call which begins now. */
SOCK_API struct sock__timer sock__timer(const sock_t *s);
/* Waits: 0 when ready, or a status: SOCK__TIMED_OUT, SOCK__CANCELLED or an
 * errno. Records nothing. */
SOCK_API int sock__wait(sock_t *s, int fd, short events,
                        struct sock__timer *timer);

/* Records a failure and sets errno; returns -1. The detail selects the text
 * where the code does not; 0 is the kind's own. */
SOCK_API int sock__fail(const char *op, int kind, int code, int detail);
/* The same for a status. */
SOCK_API int sock__fail_status(const char *op, int status);

#endif
