/* SPDX-License-Identifier: MIT */
/*
 * What stands on a loop, such as dispatchers, asks of it beyond the public
 * functions: to be ended with it, and a buffer to read into.
 */
#ifndef SOCK__LOOP_H
#define SOCK__LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include <pysockc/loop.h>

/*
 * Something that belongs to a loop, as a part of what is to be ended with it.
 * sock_loop_free() takes each out and then calls its `end`, in the order in
 * which they joined.
 */
struct sock__member {
    struct sock__member *next, **link; /* link is NULL while it is in none */
    void (*end)(struct sock__member *m);
};
void sock__loop_join(sock_loop_t *loop, struct sock__member *m);
void sock__loop_part(sock_loop_t *loop, struct sock__member *m);
/* The first, to walk over them. */
struct sock__member *sock__loop_members(sock_loop_t *loop);

/*
 * Memory that goes at the end of the round, or now where no round is under way,
 * so that a function which has freed its own object can still look at it.
 */
struct sock__doomed {
    struct sock__doomed *next;
};
void sock__loop_doom(sock_loop_t *loop, struct sock__doomed *memory);

/* One buffer, for what is read in one call of a function and used up in it;
 * NULL with the error recorded. */
enum { SOCK__LOOP_BUFFER_SIZE = 65536 };
void *sock__loop_buffer(sock_loop_t *loop, const char *op);

/* Refuses a loop that is NULL, a parent's, or being freed; -1. */
int sock__loop_check(const sock_loop_t *loop, const char *op);
/* Whether it calls nothing more: it is being freed, or a parent's. */
bool sock__loop_is_dead(const sock_loop_t *loop);
/* Whether this thread is inside a round of it. */
bool sock__loop_is_inside(const sock_loop_t *loop);

#endif
