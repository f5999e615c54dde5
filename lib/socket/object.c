/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "limit.h"
#include "os.h"
#include "record.h"
#include "watch.h"

/* Making */

struct sock__defaults sock__defaults = {.timeout = -1};

int64_t sock__default_timeout(void)
{
    return atomic_load_explicit(&sock__defaults.timeout, memory_order_relaxed);
}

sock_t *sock__object(const char *op, int family, int type, int proto,
                     int64_t timeout)
{
    sock_t *s = malloc(sizeof *s); /* cheaper than calloc */
    if (s == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    atomic_init(&s->state, 0);
    atomic_init(&s->fd, -1);
    atomic_init(&s->timeout, timeout);
    atomic_init(&s->check, atomic_load(&sock__defaults.check));
    atomic_init(&s->check_arg, atomic_load(&sock__defaults.check_arg));
    atomic_init(&s->shared, false);
    atomic_init(&s->shut, 0);
    atomic_init(&s->peeks_move, false);
    atomic_init(&s->watches, NULL);
    atomic_init(&s->limits, NULL);
    s->family = family;
    s->type = type;
    s->proto = proto;
    s->forks = sock__os_forks();
    s->ops = NULL;
    s->ops_data = NULL;
    atomic_init(&s->connecting, 0);
    atomic_init(&s->hasty, 0);
    atomic_init(&s->peer_state, SOCK__PEER_NONE);
    return s;
}

static void set_peer(sock_t *s, const sock_addr_t *peer)
{
    s->peer.len = peer->len;
    memcpy(&s->peer.u, &peer->u, sizeof s->peer.u);
}

void sock__object_open(sock_t *s, int fd, int64_t timeout, unsigned forks,
                       const sock_addr_t *peer)
{
    sock__set_fd(s, fd);
    atomic_init(&s->timeout, timeout);
    s->forks = forks;
    if (sock__addr_is_ip(peer)) {
        set_peer(s, peer);
        atomic_init(&s->peer_state, SOCK__PEER_KNOWN);
    }
}

void sock__met(sock_t *s, const sock_addr_t *peer)
{
    int state = SOCK__PEER_NONE;
    if (sock__addr_is_ip(peer) &&
        atomic_compare_exchange_strong(&s->peer_state, &state,
                                       SOCK__PEER_WRITING)) {
        set_peer(s, peer);
        state = SOCK__PEER_WRITING;
        atomic_compare_exchange_strong(&s->peer_state, &state,
                                       SOCK__PEER_KNOWN);
    } else {
        atomic_store(&s->peer_state, SOCK__PEER_OF_SYSTEM);
    }
}

void sock__know_as(sock_t *copy, const sock_t *s)
{
    atomic_init(&copy->peeks_move, atomic_load(&s->peeks_move));
    if (atomic_load(&s->peer_state) == SOCK__PEER_KNOWN) {
        copy->peer = s->peer;
        atomic_init(&copy->peer_state, SOCK__PEER_KNOWN);
    }
}

static socklen_t ask_peer(int fd, sock_addr_t *peer)
{
    socklen_t len = sizeof peer->u;
    int saved = errno;
    if (getpeername(fd, &peer->u.sa, &len) != 0)
        len = 0;
    errno = saved;
    return len;
}

void sock__peer(const sock_t *s, int fd, sock_addr_t *peer)
{
    int state = atomic_load(&s->peer_state);
    socklen_t len = 0;

    if (state == SOCK__PEER_KNOWN) {
        memcpy(&peer->u, &s->peer.u, sizeof s->peer.u);
        len = s->peer.len;
    } else if (state == SOCK__PEER_OF_SYSTEM) {
        len = ask_peer(fd, peer);
    }
    if (len > sizeof(sa_family_t)) /* it may be one without a name */
        sock__addr_finish(peer, len, s->proto);
}

/* Entering and leaving */

int sock__close_fd(int fd)
{
    int saved = errno;
    int err = close(fd) == 0 ? 0 : errno;
    errno = saved;
    return err;
}

/*
 * Only the last call that leaves a closed object closes the number, and takes
 * it out first: a call that comes later finds the object closed, but counts
 * for a moment too. Returns the errno of close(2).
 */
static int close_number(sock_t *s)
{
    int fd = atomic_exchange(&s->fd, -1);
    return fd >= 0 ? sock__close_fd(fd) : 0;
}

void sock__last_out(sock_t *s)
{
    close_number(s);
}

void sock__leave(sock_t *s)
{
    sock__leave_inline(s);
}

int sock__leave_with(sock_t *s, const char *op, int result)
{
    if (result < 0)
        sock__fail_status(op, errno);
    sock__leave(s);
    return result;
}

int sock__enter_quietly(sock_t *s)
{
    int fd = -1;
    if ((atomic_fetch_add(&s->state, 1) & SOCK__CLOSED) == 0)
        fd = atomic_load_explicit(&s->fd, memory_order_relaxed);
    if (fd < 0)
        sock__leave(s);
    return fd;
}

int sock__enter(sock_t *s, const char *op)
{
    int fd = s != NULL ? sock__enter_quietly(s) : -1;
    if (fd >= 0)
        return fd;
    if (s == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    return sock__fail(op, SOCK_E_OS, EBADF, 0);
}

/* Closing */

bool sock__shared(const sock_t *s)
{
    return atomic_load(&s->shared) || s->forks != sock__os_forks();
}

static bool is_nonblocking(const sock_t *s)
{
    return atomic_load(&s->timeout) >= 0 || atomic_load(&s->hasty) > 0 ||
           sock__is_limited(s);
}

/* Of several threads the last one that changes the mode sees the last timeout,
 * and so does not end before the mode is that one's. */
int sock__apply_timeout(const sock_t *s, int fd)
{
    bool wanted;
    do {
        wanted = is_nonblocking(s);
        if (sock__os_set_nonblocking(fd, wanted) != 0)
            return -1;
    } while (wanted != is_nonblocking(s));
    return 0;
}

/* With the mark, and one call more: the one that closes. */
static unsigned state_when_closed(unsigned state)
{
    return ((state & ~SOCK__LIMITED) | SOCK__CLOSED) + 1;
}

/* Marks the object closed and enters it; -1 if it was closed before. */
static int mark_closed(sock_t *s, unsigned *inside)
{
    unsigned state = atomic_load(&s->state);
    do {
        if (state & SOCK__CLOSED)
            return -1;
    } while (!atomic_compare_exchange_weak(&s->state, &state,
                                           state_when_closed(state)));
    *inside = state & ~SOCK__LIMITED;
    return 0;
}

/*
 * Ends the calls that wait. A shutdown that comes before connect(2) is
 * forgotten by it, so it is repeated until no call is about to connect; but not
 * for ever, as it may be a signal in the midst of that call which closes.
 */
static void wake(const sock_t *s)
{
    const int64_t ms = 1000000;
    shutdown(s->fd, SHUT_RDWR);
    for (int i = 0; i < 1000 && atomic_load(&s->connecting) > 0; i++) {
        sock__os_poll(NULL, 0, ms);
        shutdown(s->fd, SHUT_RDWR);
    }
}

/* What a protocol on top does at the end leaves the error record alone. */
void sock__say_goodbye(sock_t *s, int fd)
{
    struct sock__saved saved;
    if (s->ops->close == NULL)
        return;
    sock__error_save(&saved);
    s->ops->close(s, fd);
    sock__error_restore(&saved);
}

int sock__object_close(sock_t *s)
{
    unsigned inside;
    if (mark_closed(s, &inside) < 0)
        return 0;
    sock__watch_closing(s, s->fd);
    if (s->ops != NULL)
        sock__say_goodbye(s, s->fd);
    if (inside > 0 && !sock__shared(s))
        wake(s);
    return sock__is_last(s) ? close_number(s) : 0;
}

void sock__object_end(sock_t *s)
{
    int fd = atomic_load_explicit(&s->fd, memory_order_relaxed);
    if (fd >= 0)
        close(fd);
}

int sock__object_detach(sock_t *s)
{
    unsigned inside;
    if (mark_closed(s, &inside) < 0)
        return -1;
    sock__watch_closing(s, s->fd);
    int fd = atomic_exchange(&s->fd, -1);
    sock__leave(s);
    return fd;
}

/* For libraries on top */

void sock__set_ops(sock_t *s, const struct sock__ops *ops, void *data)
{
    s->ops = ops;
    s->ops_data = data;
}

void *sock__ops_data(const sock_t *s)
{
    return s->ops_data;
}

bool sock__has_ops(const sock_t *s, const struct sock__ops *ops)
{
    return s->ops == ops;
}

bool sock__has_met(const sock_t *s)
{
    return atomic_load(&s->peer_state) == SOCK__PEER_KNOWN;
}

bool sock__was_shut(const sock_t *s, int how)
{
    return sock__closed(s) || (atomic_load(&s->shut) & (how + 1)) != 0;
}
