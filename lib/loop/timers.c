/* SPDX-License-Identifier: MIT */
#include "timers.h"

#include <stddef.h>
#include <stdlib.h>

#include "record.h"

/* As many slots as their bytes can be counted, be size_t of 32 bits. */
enum { CHILDREN = 4, FIRST_ROOM = 16, MOST_ROOM = 1 << 26 };

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
    t->slots[node.slot].place = place;
}

/* Puts a node at a free place, or above it. */
static void rise(struct sock__timers *t, uint32_t place,
                 struct sock__timer_node node)
{
    while (place > 0) {
        uint32_t parent = (place - 1) / CHILDREN;
        if (!is_before(&node, &t->nodes[parent]))
            break;
        put(t, place, t->nodes[parent]);
        place = parent;
    }
    put(t, place, node);
}

/* The earliest of the children that begin at a place. */
static uint32_t first_of(const struct sock__timers *t, uint32_t child)
{
    uint32_t best = child;
    for (uint32_t i = 1; i < CHILDREN && child + i < t->count; i++)
        if (is_before(&t->nodes[child + i], &t->nodes[best]))
            best = child + i;
    return best;
}

/* Puts a node at a free place, or below it. */
static void sink(struct sock__timers *t, uint32_t place,
                 struct sock__timer_node node)
{
    for (;;) {
        uint32_t child = place * CHILDREN + 1;
        if (child >= t->count)
            break;
        child = first_of(t, child);
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
    struct sock__timer_node last = t->nodes[--t->count];
    if (place == t->count)
        return;
    if (place > 0 && is_before(&last, &t->nodes[(place - 1) / CHILDREN]))
        rise(t, place, last);
    else
        sink(t, place, last);
}

/* The slots */

static bool grow(struct sock__timers *t)
{
    uint32_t room = t->room == 0 ? FIRST_ROOM : t->room * 2;
    if (room > MOST_ROOM)
        return false;
    void *slots = realloc(t->slots, room * sizeof *t->slots);
    if (slots == NULL)
        return false;
    t->slots = slots;
    void *nodes = realloc(t->nodes, room * sizeof *t->nodes);
    if (nodes == NULL)
        return false;
    t->nodes = nodes;
    t->room = room;
    return true;
}

static uint32_t new_slot(struct sock__timers *t)
{
    if (t->unused == 0) {
        t->slots[t->used].generation = 1;
        return t->used++;
    }
    uint32_t slot = t->unused - 1;
    t->unused = t->slots[slot].place;
    return slot;
}

/* The next timer there is another one. 0 is no generation. */
static void free_slot(struct sock__timers *t, uint32_t slot)
{
    struct sock__timer_slot *s = &t->slots[slot];
    s->what.fn = NULL;
    if (++s->generation == 0)
        s->generation = 1;
    s->place = t->unused;
    t->unused = slot + 1;
}

/* The slot of a timer that still is to come, or NULL. */
static struct sock__timer_slot *find(const struct sock__timers *t,
                                     sock_timer_t timer)
{
    if (timer.slot >= t->used)
        return NULL;
    struct sock__timer_slot *s = &t->slots[timer.slot];
    return s->generation == timer.generation && s->what.fn != NULL ? s : NULL;
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
    *timer = (sock_timer_t){slot, t->slots[slot].generation};
    rise(t, t->count++, (struct sock__timer_node){deadline, slot, t->order++});
    return true;
}

bool sock__timers_cancel(struct sock__timers *t, sock_timer_t timer)
{
    const struct sock__timer_slot *s = find(t, timer);
    if (s == NULL)
        return false;
    remove_node(t, s->place);
    free_slot(t, timer.slot);
    return true;
}

/* To a later time by a word in the slot alone, since most of the timers that
 * move do so again before their time has come. */
bool sock__timers_move(struct sock__timers *t, sock_timer_t timer,
                       int64_t deadline)
{
    struct sock__timer_slot *s = find(t, timer);
    if (s == NULL)
        return false;
    bool later = deadline >= s->deadline;
    s->deadline = deadline;
    if (later || deadline >= t->nodes[s->place].key)
        return true;
    struct sock__timer_node node = t->nodes[s->place];
    node.key = deadline;
    rise(t, s->place, node);
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
    while (t->count > 0 && t->nodes[0].key <= now) {
        struct sock__timer_node node = t->nodes[0];
        struct sock__timer_slot *s = &t->slots[node.slot];
        if (s->deadline != node.key) {
            node.key = s->deadline;
            sink(t, 0, node);
            continue;
        }
        if ((int32_t)(node.order - before) >= 0)
            return false;
        *what = s->what;
        remove_node(t, 0);
        free_slot(t, node.slot);
        return true;
    }
    return false;
}

int64_t sock__timers_next(const struct sock__timers *t)
{
    return t->count > 0 ? t->nodes[0].key : SOCK__NEVER;
}

void sock__timers_free(struct sock__timers *t)
{
    sock__free(t->nodes);
    sock__free(t->slots);
    *t = (struct sock__timers){0};
}
