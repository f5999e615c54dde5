/* SPDX-License-Identifier: MIT */
#include "poller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/timeout.h>

#include "object.h"

/* The array for poll(2) */

/* Makes room for `count` elements: the array, maybe moved; NULL if there is no
 * memory. */
static void *reach(void *array, size_t *room, size_t count, size_t size)
{
    size_t more = *room < 16 ? 16 : *room;
    if (count <= *room)
        return array;
    while (more < count)
        more *= 2;
    void *grown = realloc(array, more * size);
    if (grown != NULL)
        *room = more;
    return grown;
}

static int reach_list(struct sock__poller_list *l, size_t count)
{
    struct pollfd *fds = reach(l->fds, &l->fd_room, count, sizeof *fds);
    if (fds == NULL)
        return -1;
    l->fds = fds;
    uint64_t *words = reach(l->words, &l->word_room, count, sizeof *words);
    if (words == NULL)
        return -1;
    l->words = words;
    return 0;
}

static int reach_number(struct sock__poller *p, int fd)
{
    size_t before = p->at_room;
    uint32_t *at = reach(p->at, &p->at_room, (size_t)fd + 1, sizeof *at);
    if (at == NULL)
        return -1;
    memset(at + before, 0, (p->at_room - before) * sizeof *at);
    p->at = at;
    return 0;
}

/* Where a number stands; NULL if it does not. */
static uint32_t *place_of(const struct sock__poller *p, int fd)
{
    bool known = (size_t)fd < p->at_room && p->at[fd] != 0;
    return known ? &p->at[fd] : NULL;
}

static void put(struct sock__poller *p, size_t i, int fd, int events,
                uint64_t word)
{
    p->now.fds[i] =
        (struct pollfd){.fd = fd, .events = sock__os_to_poll(events)};
    p->now.words[i] = word;
}

/* A number that is no one's is refused, as by epoll_ctl(2). */
static int add(struct sock__poller *p, int fd, int events, uint64_t word)
{
    if (sock__os_get_inheritable(fd) < 0)
        return -1;
    if (place_of(p, fd) != NULL) {
        errno = EEXIST;
        return -1;
    }
    if (reach_number(p, fd) < 0 || reach_list(&p->now, p->now.n + 1) < 0)
        return -1;
    put(p, p->now.n, fd, events, word);
    p->at[fd] = (uint32_t)++p->now.n;
    return 0;
}

/* What is spent stands with its number turned over, which poll(2) passes by. */
static int turned(int fd)
{
    return -1 - fd;
}

/* The last one comes into its place. */
static void take_out(struct sock__poller *p, uint32_t *at)
{
    size_t i = *at - 1, last = --p->now.n;
    *at = 0;
    if (i == last)
        return;
    int fd = p->now.fds[last].fd;
    p->now.fds[i] = p->now.fds[last];
    p->now.words[i] = p->now.words[last];
    p->at[fd < 0 ? turned(fd) : fd] = (uint32_t)i + 1;
}

static int set_array(struct sock__poller *p, enum sock__os_change change,
                     int fd, int events, uint64_t word)
{
    if (change == SOCK__OS_ADD)
        return add(p, fd, events, word);
    uint32_t *at = place_of(p, fd); /* it was added */
    if (change == SOCK__OS_MODIFY)
        put(p, *at - 1, fd, events, word);
    else
        take_out(p, at);
    return 0;
}

/*
 * What is found is given to the last room; as poll(2) begins with the first
 * each time, the next look begins where this one has ended.
 */
static int wait_array(struct sock__poller *p, struct sock__os_found *found,
                      int64_t left)
{
    const struct sock__poller_list *l = &p->asked;
    int n = 0, ready = sock__os_poll(l->fds, l->n, left);
    if (ready <= 0)
        return ready;
    size_t i = p->turn;
    for (size_t looks = l->n; looks > 0 && n < SOCK__OS_FOUND_MAX; looks--) {
        i = i < l->n ? i : 0;
        if (l->fds[i].revents != 0) {
            found[n].word = l->words[i];
            found[n++].events = sock__os_from_poll(l->fds[i].revents);
        }
        i++;
    }
    p->turn = i;
    if (l->fds[0].revents != 0)
        sock__os_event_clear(p->event);
    return n;
}

/* Both kinds */

static int open_event(struct sock__poller *p)
{
    int edge = p->fd >= 0 ? SOCK_EVENT_EDGE : 0; /* so it is never read */
    p->event = sock__os_event_new();
    if (p->event < 0)
        return -1;
    return sock__poller_set(p, SOCK__OS_ADD, p->event, SOCK_EVENT_READ | edge,
                            SOCK__WAKE_WORD);
}

int sock__poller_open(struct sock__poller *p, bool by_poll)
{
    *p = (struct sock__poller){.fd = -1, .event = -1};
    if (!by_poll && (p->fd = sock__os_poller_new()) < 0)
        return -1;
    if (open_event(p) < 0) {
        int err = errno;
        sock__poller_close(p);
        errno = err;
        return -1;
    }
    return 0;
}

void sock__poller_close(struct sock__poller *p)
{
    if (p->fd >= 0)
        sock__close_fd(p->fd);
    if (p->event >= 0)
        sock__close_fd(p->event);
    free(p->now.fds);
    free(p->now.words);
    free(p->asked.fds);
    free(p->asked.words);
    free(p->at);
}

int sock__poller_set(struct sock__poller *p, enum sock__os_change change,
                     int fd, int events, uint64_t word)
{
    if (p->fd >= 0)
        return sock__os_poller_set(p->fd, change, fd, events, word);
    return set_array(p, change, fd, events, word);
}

void sock__poller_spend(struct sock__poller *p, int fd)
{
    if (p->fd < 0) /* the system's does so by itself */
        p->now.fds[p->at[fd] - 1].fd = turned(fd);
}

int sock__poller_prepare(struct sock__poller *p)
{
    if (p->fd >= 0)
        return 0;
    if (reach_list(&p->asked, p->now.n) < 0)
        return -1;
    memcpy(p->asked.fds, p->now.fds, p->now.n * sizeof *p->now.fds);
    memcpy(p->asked.words, p->now.words, p->now.n * sizeof *p->now.words);
    p->asked.n = p->now.n;
    return 0;
}

int sock__poller_wait(struct sock__poller *p, struct sock__os_found *found,
                      int64_t left)
{
    if (p->fd >= 0)
        return sock__os_poller_wait(p->fd, found, left);
    return wait_array(p, found, left);
}

void sock__poller_wake(const struct sock__poller *p)
{
    sock__os_event_set(p->event);
}
