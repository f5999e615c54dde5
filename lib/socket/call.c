#define _POSIX_C_SOURCE 200809L

#include "call.h"

#include <errno.h>

#include "internal.h"
#include "os.h"

int sock__call_begin(struct sock__call *c, sock_t *s, const char *op,
                     short events)
{
    c->fd = sock__enter(s, op);
    if (c->fd < 0)
        return -1;
    c->op = op;
    c->sock = s;
    c->events = events;
    c->timer = sock__timer(s);
    c->ended = false;
    return 0;
}

/* 0 if the try may be repeated, else the status that the call fails with. */
static int retry(struct sock__call *c, int err)
{
    if (err == EINTR)
        return sock__interrupted(c->sock) ? EINTR : 0;
    if (err != EAGAIN && err != EWOULDBLOCK)
        return err;
    if (c->timer.timeout == 0)
        return err;
    /* Without a timeout, EAGAIN means that another holder of the description
     * set O_NONBLOCK, unless the user asked the kernel for a timeout. */
    if (c->timer.timeout < 0 && sock__os_has_own_timeout(c->fd, c->events))
        return err;
    int ready = sock__await(c->sock, c->fd, c->events, &c->timer);
    if (ready <= 0)
        return ready == 0 ? SOCK__TIMED_OUT : errno;
    c->ended = (ready & SOCK__OS_ENDED) != 0;
    return 0;
}

int sock__call_try(struct sock__call *c, sock__attempt *attempt, ssize_t *n)
{
    int status = 0;
    while (status == 0 && (*n = attempt(c)) < 0)
        status = retry(c, errno);
    return status;
}

ssize_t sock__call_run(struct sock__call *c, sock__attempt *attempt)
{
    ssize_t n;
    int status = sock__call_try(c, attempt, &n);
    return status == 0 ? n : sock__fail_status(c->op, status);
}

ssize_t sock__call_end(struct sock__call *c, ssize_t n)
{
    if (n < 0 && sock__closed(c->sock))
        sock__fail(c->op, SOCK_E_OS, EBADF, 0);
    sock__leave(c->sock);
    return n;
}
