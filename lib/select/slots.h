/* SPDX-License-Identifier: MIT */
/*
 * What a selector keeps of each registration: 32 bytes that never move.
 *
 * They stand in blocks that are aligned to their size, so that the head of a
 * block, and with it the selector, is found from a slot alone. The poller knows
 * a slot by a word: its place, and how often the place was given away, so that
 * an event that was found for a former holder is told from one for the present.
 */
#ifndef SOCK__SLOTS_H
#define SOCK__SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "watch.h"

enum {
    SOCK__SLOT_USED = 1,
    SOCK__SLOT_SOCK = 2,   /* an object, and not a number */
    SOCK__SLOT_SILENT = 4, /* the object is closed */
    SOCK__SLOT_SPENT = 8,  /* one-shot, and said */
    SOCK__SLOT_INSIDE = 16 /* on the list of those to be asked */
};

struct sock__slot {
    struct sock__watch watch; /* first, as the object knows it by that */
    union {
        sock_t *sock;
        sock_fd_t fd;
        uint32_t next; /* free: the place of the next free one */
    } u;
    void *data;
    uint32_t generation;
    uint16_t events; /* asked for */
    uint8_t flags;
    uint8_t armed; /* what the poller waits for, READ and WRITE, in place of
                      what is asked for, as the protocol on top wants it */
};

struct sock__slots {
    struct sock_selector *owner;
    struct sock__block **blocks;
    uint32_t block_count;
    uint32_t free; /* place of the first free one; at the end: none */
    uint32_t used;
    uint32_t *of_fd; /* place + 1 of each number that is registered as such */
    size_t fd_count;
};

void sock__slots_init(struct sock__slots *t, struct sock_selector *owner);
void sock__slots_end(struct sock__slots *t);

/* A slot that is used from now on; NULL if there is no memory. */
struct sock__slot *sock__slot_take(struct sock__slots *t);
void sock__slot_give(struct sock__slots *t, struct sock__slot *slot);

/* Whose it is, and what the poller knows it by. */
struct sock_selector *sock__slot_owner(const struct sock__slot *slot);
uint64_t sock__slot_word(const struct sock__slot *slot);
/* The slot of a word; NULL if the place has another holder by now. */
struct sock__slot *sock__slot_of(const struct sock__slots *t, uint64_t word);
/* The first used one at *place or behind, and the place behind it. */
struct sock__slot *sock__slot_next(const struct sock__slots *t, size_t *place);

/* The slot of an object, under the lock of the watches; and of a number. */
struct sock__slot *sock__slot_of_sock(const struct sock__slots *t,
                                      const sock_t *s);
struct sock__slot *sock__slot_of_fd(const struct sock__slots *t, int fd);
/* Makes room for a number: 0, or -1 if there is no memory. */
int sock__slots_reach(struct sock__slots *t, int fd);
/* Notes whose a number is; NULL: no one's. */
void sock__slots_set_fd(struct sock__slots *t, int fd,
                        const struct sock__slot *slot);

SOCK__INLINE bool sock__slot_is(const struct sock__slot *slot, int flags)
{
    return (slot->flags & flags) != 0;
}

#endif
