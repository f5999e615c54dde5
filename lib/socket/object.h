/* SPDX-License-Identifier: MIT */
/*
 * The object below every call: what it holds, and entering, leaving, sharing
 * and closing it.
 */
#ifndef SOCK__OBJECT_H
#define SOCK__OBJECT_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <pysockc/socket.h>
#include <pysockc/timeout.h>

#include "attributes.h"
#include "private.h"

/* Set in `state` once the object is closed; the other bits but one count calls.
 */
#define SOCK__CLOSED 0x80000000u
/* Set in `state` once the object has, or has had, limits (limit.h); a closed
 * object is not marked. */
#define SOCK__LIMITED 0x40000000u

/*
 * Whom the object is connected to. It is kept for the errors to come: the
 * system forgets who it was that reset a connection. Written once, so that no
 * lock is needed; of a socket that is connected anew the system is asked.
 */
enum {
    SOCK__PEER_NONE,
    SOCK__PEER_WRITING,
    SOCK__PEER_KNOWN,
    SOCK__PEER_OF_SYSTEM /* who may know one */
};
struct sock__peer {
    socklen_t len;
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } u;
};

struct sock__watch;
struct sock__limits;

struct sock {
    atomic_uint state; /* calls that are inside, and the marks */
    atomic_int fd;     /* -1 when it is closed and the last call has left */
    int family, type, proto;
    _Atomic int64_t timeout; /* ns, negative: none */
    _Atomic(sock_interrupt_fn) check;
    _Atomic(void *) check_arg;
    atomic_bool shared; /* others may have this socket's description too */
    atomic_uchar shut;  /* directions that this object ended: SHUT_.. + 1 */
    unsigned forks;     /* sock__os_forks() when it was made */
    const struct sock__ops *ops; /* NULL: the system's own */
    void *ops_data;
    atomic_uint connecting; /* calls that are in connect(2), or about to be */
    atomic_uint hasty; /* calls that need O_NONBLOCK, whatever the timeout */
    atomic_int peer_state;
    struct sock__peer peer; /* once the state is SOCK__PEER_KNOWN */
    atomic_bool peeks_move; /* SO_PEEK_OFF was set */
    struct sock__watch *_Atomic watches;   /* watch.h */
    _Atomic(struct sock__limits *) limits; /* NULL: none */
};

/* What new objects begin with; timeout.c sets it. */
struct sock__defaults {
    _Atomic int64_t timeout; /* ns, negative: none */
    _Atomic(sock_interrupt_fn) check;
    _Atomic(void *) check_arg;
};
extern struct sock__defaults sock__defaults;
int64_t sock__default_timeout(void);

/* An object without a descriptor yet; NULL with the error recorded. */
sock_t *sock__object(const char *op, int family, int type, int proto,
                     int64_t timeout);
/* Gives an object that no one else has its descriptor. */
SOCK__INLINE void sock__set_fd(sock_t *s, int fd)
{
    atomic_init(&s->fd, fd); /* a store without a lock */
}
/* Gives an object that no one else has its descriptor, its peer, and what only
 * now is known. */
void sock__object_open(sock_t *s, int fd, int64_t timeout, unsigned forks,
                       const sock_addr_t *peer);
/* Notes whom it has been connected to. */
void sock__met(sock_t *s, const sock_addr_t *peer);
/* Gives a duplicate that no one uses yet what is known of the socket. */
void sock__know_as(sock_t *copy, const sock_t *s);
/* Whom it is, or was, connected to; *peer is no address, and stays that where
 * it is not known. */
void sock__peer(const sock_t *s, int fd, sock_addr_t *peer);

/* Like sock__enter() for calls that report nothing; -1 if it is closed. */
int sock__enter_quietly(sock_t *s);
/* Leaves with what a system call returned; records errno if it failed. */
int sock__leave_with(sock_t *s, const char *op, int result);
/* Closes the number of a closed object that the last call has left. */
void sock__last_out(sock_t *s);

/* Leaves; whether the object is closed and no call is inside any more. */
SOCK__INLINE bool sock__is_last(sock_t *s)
{
    return atomic_fetch_sub(&s->state, 1) == (SOCK__CLOSED | 1);
}

SOCK__INLINE void sock__leave_inline(sock_t *s)
{
    if (sock__is_last(s))
        sock__last_out(s);
}

SOCK__INLINE bool sock__closed(const sock_t *s)
{
    return (atomic_load(&s->state) & SOCK__CLOSED) != 0;
}

/* Whether a protocol on top knows what would not wait, and not the system. */
SOCK__INLINE bool sock__asks_ready(const sock_t *s)
{
    return s->ops != NULL && s->ops->ready != NULL;
}

/* Whether a duplicate or another process may change the description. */
bool sock__shared(const sock_t *s);
/* Makes the descriptor what the timeout, `hasty` and the limits ask for; -1
 * with errno. */
int sock__apply_timeout(const sock_t *s, int fd);
/* Lets the protocol that is on top say goodbye, before the number is closed. */
SOCK__COLD void sock__say_goodbye(sock_t *s, int fd);
/* Closes the object if it is open: the errno of close(2), or 0. */
int sock__object_close(sock_t *s);
/* The same for one that no other thread has; errno is the caller's to keep. */
void sock__object_end(sock_t *s);
/* Closes it without its descriptor, which is returned; -1 if it was closed. */
int sock__object_detach(sock_t *s);
/* The errno of close(2), or 0, with errno itself as it was. */
int sock__close_fd(int fd);

#endif
