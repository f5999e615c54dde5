/* SPDX-License-Identifier: MIT */
#include "terminator.h"

#include <stdlib.h>
#include <string.h>

#include "record.h"

/* What it is */

static void become(struct sock__terminator *t, enum sock__terminator_kind kind,
                   unsigned char *bytes, size_t size)
{
    sock__free(t->bytes);
    t->kind = size > 0 ? kind : SOCK__TERMINATOR_NONE;
    t->bytes = bytes;
    t->size = size;
}

int sock__terminator_set(struct sock__terminator *t, const void *bytes,
                         size_t size)
{
    unsigned char *copy = NULL;
    if (size > 0) {
        copy = malloc(size);
        if (copy == NULL)
            return -1;
        memcpy(copy, bytes, size);
    }
    become(t, SOCK__TERMINATOR_BYTES, copy, size);
    return 0;
}

void sock__terminator_count(struct sock__terminator *t, size_t size)
{
    become(t, SOCK__TERMINATOR_COUNT, NULL, size);
}

/* Looking for it */

/*
 * Where the terminator begins, or what may be a beginning of it because the
 * rest ends there. The first such place is the one: were the whole terminator
 * behind a beginning that the rest cuts off, the rest would be longer.
 */
static size_t find(const struct sock__terminator *t, struct sock__bytes rest)
{
    const unsigned char *end = rest.data + rest.size;
    const unsigned char *p = rest.data;
    while ((p = memchr(p, t->bytes[0], (size_t)(end - p))) != NULL) {
        size_t left = (size_t)(end - p);
        if (memcmp(p, t->bytes, left < t->size ? left : t->size) == 0)
            return (size_t)(p - rest.data);
        p++;
    }
    return rest.size;
}

static struct sock__bytes cut(struct sock__bytes *rest, size_t size)
{
    struct sock__bytes piece = {rest->data, size};
    rest->data += size;
    rest->size -= size;
    return piece;
}

static bool next_of_bytes(struct sock__terminator *t, struct sock__bytes *rest,
                          struct sock__bytes *piece)
{
    *piece = cut(rest, find(t, *rest));
    if (rest->size < t->size)
        return false;
    cut(rest, t->size);
    return true;
}

/* Behind the last of them there is no terminator, until one is set. */
static bool next_of_count(struct sock__terminator *t, struct sock__bytes *rest,
                          struct sock__bytes *piece)
{
    *piece = cut(rest, rest->size < t->size ? rest->size : t->size);
    t->size -= piece->size;
    if (t->size > 0)
        return false;
    t->kind = SOCK__TERMINATOR_NONE;
    return true;
}

bool sock__terminator_next(struct sock__terminator *t, struct sock__bytes *rest,
                           struct sock__bytes *piece)
{
    switch (t->kind) {
    case SOCK__TERMINATOR_BYTES:
        return next_of_bytes(t, rest, piece);
    case SOCK__TERMINATOR_COUNT:
        return next_of_count(t, rest, piece);
    case SOCK__TERMINATOR_NONE:
        break;
    }
    *piece = cut(rest, rest->size);
    return false;
}

/* Between two looks */

int sock__terminator_keep(struct sock__terminator *t, struct sock__bytes rest)
{
    sock__terminator_drop(t);
    if (rest.size == 0)
        return 0;
    t->kept.data = malloc(rest.size);
    if (t->kept.data == NULL)
        return -1;
    memcpy(t->kept.data, rest.data, rest.size);
    t->kept.size = rest.size;
    return 0;
}

size_t sock__terminator_take(struct sock__terminator *t, void *place)
{
    size_t size = t->kept.size;
    if (size > 0)
        memcpy(place, t->kept.data, size);
    sock__terminator_drop(t);
    return size;
}

void sock__terminator_drop(struct sock__terminator *t)
{
    sock__free(t->kept.data);
    t->kept.data = NULL;
    t->kept.size = 0;
}

void sock__terminator_end(struct sock__terminator *t)
{
    sock__terminator_drop(t);
    become(t, SOCK__TERMINATOR_NONE, NULL, 0);
}
