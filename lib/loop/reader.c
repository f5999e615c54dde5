/* SPDX-License-Identifier: MIT */
/* Readers and writers of sockets. */
#include <errno.h>
#include <stdlib.h>

#include "loop.h"
#include "record.h"
#include "state.h"

/* A socket's two, which are one registration of the selector. */
struct watcher {
    struct sock__doomed doomed; /* first, as it is what is freed */
    struct sock__member member;
    sock_watch_t watch;
    struct sock__what reader, writer;
    bool writer_next; /* it is its turn if the socket is ready for both */
    bool found;       /* by sweep() */
};

/* Which of the two a function is about. */
struct side {
    const char *add, *remove;
    int event;
};
static const struct side reading = {"add_reader", "remove_reader",
                                    SOCK_EVENT_READ};
static const struct side writing = {"add_writer", "remove_writer",
                                    SOCK_EVENT_WRITE};

static struct sock__what *what_of(struct watcher *w, const struct side *side)
{
    return side == &reading ? &w->reader : &w->writer;
}

/*
 * One of the two at a time, by turns: what it calls may free the socket, and
 * then the selector alone knows that there is nothing left to call. The other
 * one's event is found again by the next round.
 */
static void on_event(sock_loop_t *loop, const sock_key_t *key, void *arg)
{
    struct watcher *w = arg;
    bool write = (key->mask & SOCK_EVENT_WRITE) != 0 &&
                 (w->writer_next || (key->mask & SOCK_EVENT_READ) == 0);
    struct sock__what what = write ? w->writer : w->reader;

    w->writer_next = !write;
    what.fn(loop, what.arg);
}

static struct watcher *of_member(struct sock__member *m)
{
    return (struct watcher *)(void *)((char *)m -
                                      offsetof(struct watcher, member));
}

static void end_member(struct sock__member *m)
{
    sock__free(of_member(m));
}

static void end(sock_loop_t *loop, struct watcher *w)
{
    sock__loop_part(loop, &w->member);
    sock__loop_doom(loop, &w->doomed);
    loop->watchers--;
}

/* The watcher that a registration has; NULL if it is someone else's. */
static struct watcher *of_key(const sock_key_t *key)
{
    const sock_watch_t *watch = key->data;
    return watch != NULL && watch->fn == on_event ? watch->arg : NULL;
}

/* Ends those whose sockets were freed, which tell the selector alone. */
static void sweep(sock_loop_t *loop)
{
    size_t cursor = 0;
    sock_key_t key;
    struct sock__member *m, *next;

    while (sock_selector_each(loop->waker.selector, &cursor, &key) == 1)
        if (of_key(&key) != NULL)
            of_key(&key)->found = true;
    for (m = loop->members; m != NULL; m = next) {
        next = m->next;
        if (m->end == end_member && !of_member(m)->found)
            end(loop, of_member(m));
        else if (m->end == end_member)
            of_member(m)->found = false;
    }
}

/* Once they are more than twice as many as there can be, so that it costs
 * next to nothing each. */
static void sweep_now_and_then(sock_loop_t *loop)
{
    size_t n = (size_t)sock_selector_len(loop->waker.selector);
    if (loop->watchers > 2 * n + 16)
        sweep(loop);
}

/* Looks a socket up: 1, 0 if it is not registered, or -1. */
static int find(sock_loop_t *loop, sock_t *s, const char *op, sock_key_t *key)
{
    struct sock__saved saved;

    if (sock__loop_check(loop, op) < 0)
        return -1;
    sock__error_save(&saved);
    if (sock_selector_get_key(loop->waker.selector, s, key) == 0)
        return 1;
    if (sock_last_error()->kind != SOCK_E_KEY)
        return sock__loop_fail_as(op);
    sock__error_restore(&saved);
    return 0;
}

static int add_first(sock_loop_t *loop, sock_t *s, const struct side *side,
                     struct sock__what what)
{
    sweep_now_and_then(loop);
    struct watcher *w = malloc(sizeof *w);
    if (w == NULL)
        return sock__fail(side->add, SOCK_E_MEMORY, 0, 0);
    *w = (struct watcher){.member.end = end_member, .watch = {on_event, w}};
    *what_of(w, side) = what;
    if (sock_selector_register(loop->waker.selector, s, side->event,
                               &w->watch) < 0) {
        sock__free(w);
        return sock__loop_fail_as(side->add);
    }
    sock__loop_join(loop, &w->member);
    loop->watchers++;
    return 0;
}

static int add_to(sock_loop_t *loop, sock_t *s, const struct side *side,
                  struct sock__what what, const sock_key_t *key)
{
    struct watcher *w = of_key(key);
    if (w == NULL)
        return sock__fail(side->add, SOCK_E_KEY, EEXIST, 0);
    if (sock_selector_modify(loop->waker.selector, s, key->events | side->event,
                             &w->watch) < 0)
        return sock__loop_fail_as(side->add);
    *what_of(w, side) = what;
    return 0;
}

/* Where only one is left, the registration goes with it. A closed socket can't
 * be modified, and needs not be. */
static int remove_from(sock_loop_t *loop, sock_t *s, const struct side *side,
                       const sock_key_t *key)
{
    const struct side *other = side == &reading ? &writing : &reading;
    sock_selector_t *selector = loop->waker.selector;
    struct watcher *w = of_key(key);

    if (w == NULL || what_of(w, side)->fn == NULL)
        return 0;
    if (what_of(w, other)->fn == NULL) {
        sock_selector_unregister(selector, s);
        end(loop, w);
        return 1;
    }
    if (key->fd >= 0 &&
        sock_selector_modify(selector, s, other->event, &w->watch) < 0)
        return sock__loop_fail_as(side->remove);
    what_of(w, side)->fn = NULL;
    return 1;
}

static int remove_side(sock_loop_t *loop, sock_t *s, const struct side *side)
{
    sock_key_t key;
    int found = find(loop, s, side->remove, &key);
    return found <= 0 ? found : remove_from(loop, s, side, &key);
}

static int add_side(sock_loop_t *loop, sock_t *s, const struct side *side,
                    struct sock__what what)
{
    sock_key_t key;
    if (what.fn == NULL)
        return remove_side(loop, s, side);
    int found = find(loop, s, side->add, &key);
    if (found < 0)
        return -1;
    return found == 0 ? add_first(loop, s, side, what)
                      : add_to(loop, s, side, what, &key);
}

int sock_loop_add_reader(sock_loop_t *loop, sock_t *s, sock_loop_fn fn,
                         void *arg)
{
    return add_side(loop, s, &reading, (struct sock__what){fn, arg});
}

int sock_loop_remove_reader(sock_loop_t *loop, sock_t *s)
{
    return remove_side(loop, s, &reading);
}

int sock_loop_add_writer(sock_loop_t *loop, sock_t *s, sock_loop_fn fn,
                         void *arg)
{
    return add_side(loop, s, &writing, (struct sock__what){fn, arg});
}

int sock_loop_remove_writer(sock_loop_t *loop, sock_t *s)
{
    return remove_side(loop, s, &writing);
}
