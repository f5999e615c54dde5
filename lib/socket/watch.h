/* SPDX-License-Identifier: MIT */
/*
 * Who watches an object, and is told before its number is given back.
 *
 * epoll(7) watches descriptions, not objects: what is closed without being
 * taken out may be reported for ever, and a number that is used again is taken
 * for the old one. So a selector hangs a watch on each object that it has, and
 * closing, detaching and freeing tell it first.
 *
 * One lock guards the watches of all objects. It is held for a change alone,
 * and over a fork, so that a child finds them whole.
 */
#ifndef SOCK__WATCH_H
#define SOCK__WATCH_H

#include <stdatomic.h>
#include <stddef.h>

#include "attributes.h"
#include "object.h"

/* A part of what the watcher keeps of the object. */
struct sock__watch {
    struct sock__watch *next; /* of the same object */
};

/* What a watcher is told, under the lock: the selector is the only kind. */
struct sock__watcher {
    /* The number will be closed, or is given away. */
    void (*closing)(struct sock__watch *w, int fd);
    /* The object ends; the watch is on it no longer. */
    void (*gone)(struct sock__watch *w, int fd);
    /* Bytes have moved through the protocol on top. */
    void (*heard)(struct sock__watch *w);
};
/* To be called before the first watch is added. */
void sock__watch_by(const struct sock__watcher *by);

void sock__watch_lock(void);
void sock__watch_unlock(void);

/* Under the lock: hangs a watch on an object, and takes it off. */
void sock__watch_add(sock_t *s, struct sock__watch *w);
void sock__watch_remove(sock_t *s, const struct sock__watch *w);

/* What the three below do for an object that is watched. */
void sock__watch_tell_closing(const sock_t *s, int fd);
void sock__watch_tell_gone(sock_t *s);
void sock__watch_tell_heard(const sock_t *s);

SOCK__INLINE bool sock__watched(const sock_t *s)
{
    return atomic_load(&s->watches) != NULL;
}

SOCK__INLINE void sock__watch_closing(const sock_t *s, int fd)
{
    if (sock__watched(s))
        sock__watch_tell_closing(s, fd);
}

SOCK__INLINE void sock__watch_gone(sock_t *s)
{
    if (sock__watched(s))
        sock__watch_tell_gone(s);
}

SOCK__INLINE void sock__watch_heard(const sock_t *s)
{
    if (sock__watched(s))
        sock__watch_tell_heard(s);
}

#endif
