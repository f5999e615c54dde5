/* SPDX-License-Identifier: MIT */
/*
 * Where a stream of bytes is to be cut: behind a terminator, behind a number of
 * bytes, or nowhere.
 *
 * It looks at what was read, says what may be passed on and whether the
 * terminator stood behind it, and leaves what may be the beginning of a
 * terminator for the next look. Nothing is copied but that.
 */
#ifndef SOCK__TERMINATOR_H
#define SOCK__TERMINATOR_H

#include <stdbool.h>
#include <stddef.h>

/* A run of bytes that someone else owns. */
struct sock__bytes {
    const unsigned char *data;
    size_t size;
};

enum sock__terminator_kind {
    SOCK__TERMINATOR_NONE,
    SOCK__TERMINATOR_BYTES,
    SOCK__TERMINATOR_COUNT
};

struct sock__terminator {
    enum sock__terminator_kind kind;
    size_t size;          /* of the bytes; of a count, what is left of it */
    unsigned char *bytes; /* of that kind alone */
    struct {
        unsigned char *data;
        size_t size;
    } kept; /* read, and not passed on yet */
};

/* The kinds. A size of 0 is none. -1 without memory, and it is as it was. */
int sock__terminator_set(struct sock__terminator *t, const void *bytes,
                         size_t size);
void sock__terminator_count(struct sock__terminator *t, size_t size);

/*
 * Takes the next piece off the rest. Whether the terminator stood behind it;
 * neither that nor a piece says that what is left has to be kept.
 */
bool sock__terminator_next(struct sock__terminator *t, struct sock__bytes *rest,
                           struct sock__bytes *piece);

/* Keeps the rest; -1 without memory. */
int sock__terminator_keep(struct sock__terminator *t, struct sock__bytes rest);
/* Takes back what was kept: its size. The place has to have room for it. */
size_t sock__terminator_take(struct sock__terminator *t, void *place);
/* Forgets what was kept. */
void sock__terminator_drop(struct sock__terminator *t);
/* Ends it, which is none then. */
void sock__terminator_end(struct sock__terminator *t);

#endif
