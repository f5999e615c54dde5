#define _POSIX_C_SOURCE 200809L

#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os.h"
#include "record.h"

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
    s->family = family;
    s->type = type;
    s->proto = proto;
    s->forks = sock__os_forks();
    s->ops = NULL;
    s->ops_data = NULL;
    return s;
}

void sock__object_open(sock_t *s, int fd, int64_t timeout, unsigned forks)
{
    s->fd = fd;
    s->timeout = timeout;
    s->forks = forks;
}

/* Entering and leaving */

bool sock__closed(const sock_t *s)
{
    return (atomic_load(&s->state) & SOCK__CLOSED) != 0;
}

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

/* Marks the object closed and enters it; -1 if it was closed before. */
static int mark_closed(sock_t *s, unsigned *inside)
{
    unsigned state = atomic_load(&s->state);
    do {
        if (state & SOCK__CLOSED)
            return -1;
    } while (!atomic_compare_exchange_weak(&s->state, &state,
                                           (state | SOCK__CLOSED) + 1));
    *inside = state;
    return 0;
}

int sock__object_close(sock_t *s)
{
    unsigned inside;
    if (mark_closed(s, &inside) < 0)
        return 0;
    if (inside > 0 && !sock__shared(s))
        shutdown(s->fd, SHUT_RDWR); /* wakes them */
    return sock__is_last(s) ? close_number(s) : 0;
}

int sock__object_detach(sock_t *s)
{
    unsigned inside;
    if (mark_closed(s, &inside) < 0)
        return -1;
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
