/* SPDX-License-Identifier: MIT */
/*
 * What ends the calls of an object besides its timeout: a deadline of its own,
 * and a cancel token.
 *
 * Few objects have either. Those are marked SOCK__LIMITED, so that the others
 * pay nothing: it is looked at with the mark of a closed object, at once. To
 * end in time no call of a limited object may wait in the kernel, so one
 * without a timeout has SOCK__NEVER, which no number of seconds is as long as,
 * and so does a deadline that is none.
 */
#ifndef SOCK__LIMIT_H
#define SOCK__LIMIT_H

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <pysockc/cancel.h>

#include "object.h"
#include "wait.h"

struct sock_cancel {
    atomic_uint holds; /* who made it, and whoever has it or waits for it */
    atomic_bool fired;
    int fd;           /* readable once it has fired */
    unsigned process; /* sock__os_process() of the one it belongs to */
};

/* A token that an object has. */
struct sock__attached {
    sock_cancel_t *token;
    struct sock__attached *next; /* among the former ones */
};

struct sock__limits {
    _Atomic int64_t deadline; /* monotonic ns */
    _Atomic(struct sock__attached *) attached;
    _Atomic(struct sock__attached *) former; /* that a reader may look at */
    atomic_uint readers;
};

/* Those of an object, which may be NULL where several are waited for. */
SOCK__INLINE struct sock__limits *sock__limits(const sock_t *s)
{
    return s != NULL ? atomic_load(&s->limits) : NULL;
}

/* Whether calls on it have another end than their timeout. */
SOCK__INLINE bool sock__is_limited(const sock_t *s)
{
    struct sock__limits *l = sock__limits(s);
    return l != NULL && (atomic_load(&l->deadline) != SOCK__NEVER ||
                         atomic_load(&l->attached) != NULL);
}

/* The limits of an object that the caller has entered, made if it has none;
 * NULL with the error recorded. */
struct sock__limits *sock__limits_of(sock_t *s, const char *op);
/* Makes the descriptor what changed limits ask for; -1 with errno. */
int sock__limits_apply(const sock_t *s, int fd);
/* Gives a duplicate that no one uses yet what the object has now; -1 with the
 * error recorded. */
int sock__limits_copy(sock_t *copy, const sock_t *s, const char *op);
/* Frees those of an object that ends. */
void sock__limits_free(struct sock__limits *l);
SOCK__INLINE void sock__limits_end(const sock_t *s)
{
    struct sock__limits *l = sock__limits(s);
    if (l != NULL)
        sock__limits_free(l);
}

/* The timeout of a call that begins now. */
int64_t sock__limited_timeout(const sock_t *s);
/* Cuts what is left of a time, negative: no limit, to the deadline's: 0 or
 * SOCK__TIMED_OUT. */
int sock__limits_until(const struct sock__limits *l, int64_t *left);
SOCK__INLINE int sock__until_deadline(const sock_t *s, int64_t *left)
{
    const struct sock__limits *l = sock__limits(s);
    return l != NULL ? sock__limits_until(l, left) : 0;
}

/* Gives the object another token, or none; -1 with the error recorded. */
int sock__attach(struct sock__limits *l, sock_cancel_t *token, const char *op);
/* The token that ends the object's waits, held by the caller; NULL: none. */
sock_cancel_t *sock__limits_hold(struct sock__limits *l);
SOCK__INLINE sock_cancel_t *sock__hold_token(const sock_t *s)
{
    struct sock__limits *l = sock__limits(s);
    return l != NULL ? sock__limits_hold(l) : NULL;
}
void sock__drop_token(sock_cancel_t *token);
/* A child has but a copy, which no one can fire. */
bool sock__token_is_own(const sock_cancel_t *token);

#endif
