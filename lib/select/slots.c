/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "slots.h"

#include <stdlib.h>
#include <string.h>

void sock__slots_init(struct sock__slots *t, struct sock_selector *owner)
{
    *t = (struct sock__slots){.owner = owner};
}

void sock__slots_end(struct sock__slots *t)
{
    for (uint32_t i = 0; i < t->block_count; i++)
        free(t->blocks[i]);
    free(t->blocks);
    free(t->of_fd);
}

/* Places */

static const struct sock__block *block_of(const struct sock__slot *slot)
{
    /* The address of the slot with its low bits cut off, as a pointer that
     * still belongs to the block. */
    const char *at = (const char *)slot;
    const void *block = at - ((uintptr_t)at & (SOCK__BLOCK_SIZE - 1));
    return block;
}

static uint32_t place_of(const struct sock__slot *slot)
{
    const struct sock__block *b = block_of(slot);
    return b->number * SOCK__SLOTS_PER_BLOCK + (uint32_t)(slot - b->slots);
}

static size_t places(const struct sock__slots *t)
{
    return (size_t)t->block_count * SOCK__SLOTS_PER_BLOCK;
}

struct sock_selector *sock__slot_owner(const struct sock__slot *slot)
{
    return block_of(slot)->table->owner;
}

uint64_t sock__slot_word(const struct sock__slot *slot)
{
    return (uint64_t)slot->generation << 32 | place_of(slot);
}

struct sock__slot *sock__slot_next(const struct sock__slots *t, size_t *place)
{
    while (*place < places(t)) {
        struct sock__slot *slot = sock__slot_at(t, (*place)++);
        if (sock__slot_is(slot, SOCK__SLOT_USED))
            return slot;
    }
    return NULL;
}

/* Taking and giving back */

/* Another block, whose slots become the free ones; -1 if there is no memory. */
static int add_block(struct sock__slots *t)
{
    size_t size = (t->block_count + 1) * sizeof(void *);
    struct sock__block **blocks = realloc(t->blocks, size);
    if (blocks == NULL)
        return -1;
    t->blocks = blocks;
    void *room;
    if (posix_memalign(&room, SOCK__BLOCK_SIZE, sizeof(struct sock__block)) !=
        0)
        return -1;
    struct sock__block *b = room;
    memset(b, 0, sizeof *b);
    b->table = t;
    b->number = t->block_count;
    uint32_t first = t->block_count * SOCK__SLOTS_PER_BLOCK;
    for (uint32_t i = 0; i < SOCK__SLOTS_PER_BLOCK; i++)
        b->slots[i].u.next = first + i + 1;
    t->blocks[t->block_count++] = b;
    return 0;
}

struct sock__slot *sock__slot_take(struct sock__slots *t)
{
    if (t->free == places(t) && add_block(t) < 0)
        return NULL;
    struct sock__slot *slot = sock__slot_at(t, t->free);
    t->free = slot->u.next;
    t->used++;
    slot->flags = SOCK__SLOT_USED;
    return slot;
}

void sock__slot_give(struct sock__slots *t, struct sock__slot *slot)
{
    slot->flags = 0;
    slot->generation++;
    slot->u.next = t->free;
    t->free = place_of(slot);
    t->used--;
}

/* Finding */

struct sock__slot *sock__slot_of_sock(const struct sock__slots *t,
                                      const sock_t *s)
{
    struct sock__watch *w = atomic_load(&s->watches);
    while (w != NULL && sock__slot_owner((struct sock__slot *)w) != t->owner)
        w = w->next;
    return (struct sock__slot *)w;
}

struct sock__slot *sock__slot_of_fd(const struct sock__slots *t, int fd)
{
    if (fd < 0 || (size_t)fd >= t->fd_count || t->of_fd[fd] == 0)
        return NULL;
    return sock__slot_at(t, t->of_fd[fd] - 1);
}

int sock__slots_reach(struct sock__slots *t, int fd)
{
    size_t count = t->fd_count < 64 ? 64 : t->fd_count;
    if ((size_t)fd < t->fd_count)
        return 0;
    while (count <= (size_t)fd)
        count *= 2;
    uint32_t *of_fd = realloc(t->of_fd, count * sizeof *of_fd);
    if (of_fd == NULL)
        return -1;
    memset(of_fd + t->fd_count, 0, (count - t->fd_count) * sizeof *of_fd);
    t->of_fd = of_fd;
    t->fd_count = count;
    return 0;
}

void sock__slots_set_fd(struct sock__slots *t, int fd,
                        const struct sock__slot *slot)
{
    t->of_fd[fd] = slot != NULL ? place_of(slot) + 1 : 0;
}
