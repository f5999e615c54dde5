/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "timers.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "record.h"

/* As many slots as their bytes can be counted, be size_t of 32 bits. */
enum {
    CHILDREN = 4,
    TOP = SOCK__FIRST_PLACE,
    FIRST_ROOM = 16,
    MOST_ROOM = 1 << 26,
    LINE = 64
};

/* The heap */

/* Orders of arming may wrap around: what counts is their distance. */
static bool is_before(const struct sock__timer_node *a,
                      const struct sock__timer_node *b)
{
    return a->key != b->key ? a->key < b->key
                            : (int32_t)(a->order - b->order) < 0;
}

static void put(struct sock__timers *t, uint32_t place,
                struct sock__timer_node node)
{
    t->nodes[place] = node;
    t->refs[node.slot].place = place;
}

static uint32_t parent_of(uint32_t place)
{
    return (place - TOP - 1) / CHILDREN + TOP;
}

/* Puts a node at a free place, or above it. */
static void rise(struct sock__timers *t, uint32_t place,
                 struct sock__timer_node node)
{
    while (place > TOP) {
        uint32_t parent = parent_of(place);
        if (!is_before(&node, &t->nodes[parent]))
            break;
        put(t, place, t->nodes[parent]);
        place = parent;
    }
    put(t, place, node);
}

/* The earlier of two places: which one it is no processor can foretell, so
 * there is no branch. */
static uint32_t earlier(const struct sock__timers *t, uint32_t a, uint32_t b)
{
    uint32_t second = is_before(&t->nodes[b], &t->nodes[a]);
    return a + (b - a) * second;
}

/* The earliest of the children that begin at a place. */
static uint32_t first_of(const struct sock__timers *t, uint32_t child,
                         uint32_t end)
{
    if (child + CHILDREN <= end)
        return earlier(t, earlier(t, child, child + 1),
                       earlier(t, child + 2, child + 3));
    uint32_t best = child;
    while (++child < end)
        best = earlier(t, best, child);
    return best;
}

/* The memory is what a large heap waits for: what stands below all children is
 * asked for while the earliest of them is looked for. Inline, as a function
 * that does nothing else is left out. */
SOCK__INLINE void ask_for_next(const struct sock__timers *t, uint32_t child,
                               uint32_t end)
{
    uint32_t below = (child - TOP) * CHILDREN + TOP + 1;
    if (below + CHILDREN * CHILDREN > end)
        return;
    for (int i = 0; i < CHILDREN; i++)
        __builtin_prefetch(&t->nodes[below + (uint32_t)i * CHILDREN]);
}

/* Puts a node at a free place, or below it. */
static void sink(struct sock__timers *t, uint32_t place,
                 struct sock__timer_node node)
{
    uint32_t end = TOP + t->count, child;
    while ((child = (place - TOP) * CHILDREN + TOP + 1) < end) {
        ask_for_next(t, child, end);
        child = first_of(t, child, end);
        if (!is_before(&t->nodes[child], &node))
            break;
        put(t, place, t->nodes[child]);
        place = child;
    }
    put(t, place, node);
}

/* The last node takes the place of the one that goes. */
static void remove_node(struct sock__timers *t, uint32_t place)
{
    struct sock__timer_node last = t->nodes[TOP + --t->count];
    if (place == TOP + t->count)
        return;
    if (place > TOP && is_before(&last, &t->nodes[parent_of(place)]))
        rise(t, place, last);
    else
        sink(t, place, last);
}

/* The slots */

/* Room for so many nodes, at a line of the cache; what realloc(3) gives is not.
 */
static bool grow_nodes(struct sock__timers *t, uint32_t room)
{
    size_t bytes = (room + LINE / sizeof *t->nodes) * sizeof *t->nodes;
    void *memory;
    if (posix_memalign(&memory, LINE, bytes) != 0)
        return false;
    struct sock__timer_node *nodes = memory;
    if (t->count > 0)
        memcpy(nodes + TOP, t->nodes + TOP, t->count * sizeof *nodes);
    sock__free(t->nodes);
    t->nodes = nodes;
    return true;
}

static bool grow(struct sock__timers *t)
{
    uint32_t room = t->room == 0 ? FIRST_ROOM : t->room * 2;
    if (room > MOST_ROOM)
        return false;
    void *slots = realloc(t->slots, room * sizeof *t->slots);
    if (slots == NULL)
        return false;
    t->slots = slots;
    void *refs = realloc(t->refs, room * sizeof *t->refs);
    if (refs == NULL)
        return false;
    t->refs = refs;
    if (!grow_nodes(t, room))
        return false;
    t->room = room;
    return true;
}

static uint32_t new_slot(struct sock__timers *t)
{
    if (t->unused == 0) {
        t->refs[t->used].generation = 1;
        return t->used++;
    }
    uint32_t slot = t->unused - 1;
    t->unused = t->refs[slot].place - SOCK__UNUSED;
    return slot;
}

/* The next timer there is another one. 0 is no generation. */
static void free_slot(struct sock__timers *t, uint32_t slot)
{
    struct sock__timer_ref *r = &t->refs[slot];
    if (++r->generation == 0)
        r->generation = 1;
    r->place = SOCK__UNUSED + t->unused;
    t->unused = slot + 1;
}

/* Where a timer is that still is to come, or NULL. */
static const struct sock__timer_ref *find(const struct sock__timers *t,
                                          sock_timer_t timer)
{
    if (timer.slot >= t->used)
        return NULL;
    const struct sock__timer_ref *r = &t->refs[timer.slot];
    return r->generation == timer.generation && r->place < SOCK__UNUSED ? r
                                                                        : NULL;
}

/* Timers */

bool sock__timers_add(struct sock__timers *t, int64_t deadline,
                      struct sock__what what, sock_timer_t *timer)
{
    if (t->count == t->room && !grow(t))
        return false;
    uint32_t slot = new_slot(t);
    t->slots[slot].what = what;
    t->slots[slot].deadline = deadline;
    *timer = (sock_timer_t){slot, t->refs[slot].generation};
    rise(t, TOP + t->count++,
         (struct sock__timer_node){deadline, slot, t->order++});
    return true;
}

bool sock__timers_cancel(struct sock__timers *t, sock_timer_t timer)
{
    const struct sock__timer_ref *r = find(t, timer);
    if (r == NULL)
        return false;
    remove_node(t, r->place);
    free_slot(t, timer.slot);
    return true;
}

/* To a later time by a word in the slot alone, since most of the timers that
 * move do so again before their time has come. */
bool sock__timers_move(struct sock__timers *t, sock_timer_t timer,
                       int64_t deadline)
{
    const struct sock__timer_ref *r = find(t, timer);
    if (r == NULL)
        return false;
    struct sock__timer_slot *s = &t->slots[timer.slot];
    bool later = deadline >= s->deadline;
    s->deadline = deadline;
    if (later || deadline >= t->nodes[r->place].key)
        return true;
    struct sock__timer_node node = t->nodes[r->place];
    node.key = deadline;
    rise(t, r->place, node);
    return true;
}

/*
 * A timer that was moved to a later time is put in its place when its key has
 * come. What was armed during the round is behind all that were due when it
 * began, as no deadline lies before the time of arming.
 */
bool sock__timers_take(struct sock__timers *t, int64_t now, uint32_t before,
                       struct sock__what *what)
{
    while (t->count > 0 && t->nodes[TOP].key <= now) {
        struct sock__timer_node node = t->nodes[TOP];
        const struct sock__timer_slot *s = &t->slots[node.slot];
        if (s->deadline != node.key) {
            node.key = s->deadline;
            sink(t, TOP, node);
            continue;
        }
        if ((int32_t)(node.order - before) >= 0)
            return false;
        *what = s->what;
        remove_node(t, TOP);
        free_slot(t, node.slot);
        return true;
    }
    return false;
}

int64_t sock__timers_next(const struct sock__timers *t)
{
    return t->count > 0 ? t->nodes[TOP].key : SOCK__NEVER;
}

void sock__timers_free(struct sock__timers *t)
{
    sock__free(t->nodes);
    sock__free(t->slots);
    sock__free(t->refs);
    *t = (struct sock__timers){0};
}
