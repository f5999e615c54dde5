/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "call.h"

#include <errno.h>
#include <stdatomic.h>

#include "os.h"
#include "record.h"
#include "wait.h"
#include "watch.h"

int sock__call_refused(sock_t *s, const char *op)
{
    if (s == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    sock__leave(s);
    return sock__fail(op, SOCK_E_OS, EBADF, 0);
}

int sock__call_begin_slowly(struct sock__call *c, sock_t *s, const char *op,
                            short events)
{
    if (s == NULL || sock__closed(s))
        return sock__call_refused(s, op);
    if (sock__call_fill(c, s, op, events) < 0)
        return -1;
    c->timer.timeout = sock__limited_timeout(s);
    int status = sock__ended(s);
    if (status == 0)
        return 1;
    return (int)sock__call_end(c, sock__fail_status(op, status));
}

int sock__call_no_argument(sock_t *s, const char *op)
{
    if (sock__enter(s, op) < 0)
        return -1;
    sock__leave(s);
    return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

/*
 * Waits until a try makes sense. There are sockets that poll(2) calls ready
 * while a try still fails, as it does not see all that a try needs; they are
 * asked at growing intervals.
 */
static int wait_again(struct sock__call *c)
{
    const int64_t ms = 1000000, longest = 10;
    int status = 0;
    short found;
    struct pollfd room[1];

    if (sock__closed(c->sock)) /* which such a socket may not notice */
        return EBADF;
    if ((c->events & SOCK__PROGRESS) != 0) /* no such one */
        c->waits = 0;
    c->events &= (short)~SOCK__PROGRESS;
    if (c->waits > 0)
        status = sock__await_for(c->sock, room, 0,
                                 (c->waits < longest ? c->waits : longest) * ms,
                                 &c->timer);
    if (status == 0 || status == SOCK__TIMED_OUT)
        status = sock__await(c->sock, c->fd, c->events, &c->timer, &found);
    if (status != 0)
        return status;
    c->waits++;
    c->ended = sock__os_ended(found);
    return 0;
}

/* Whether the user asked the kernel for a timeout. Those tries that a protocol
 * on top makes do not wait in the kernel. */
static bool has_own_timeout(const struct sock__call *c)
{
    return c->sock->ops == NULL && sock__os_has_own_timeout(c->fd, c->events);
}

/* 0 if the try may be repeated, else the status that the call fails with. */
static int may_repeat(struct sock__call *c, int err)
{
    if (err == EINTR)
        return sock__interrupted(c->sock) ? SOCK__CANCELLED : 0;
    if (!sock__would_block(err))
        return err;
    if (c->timer.timeout == 0)
        return err;
    /* Without a timeout, EAGAIN means that another holder of the description
     * set O_NONBLOCK. */
    if (c->timer.timeout < 0 && has_own_timeout(c))
        return err;
    return wait_again(c);
}

int sock__call_retry(struct sock__call *c, sock__attempt *attempt, ssize_t *n)
{
    int status;
    do
        status = *n == SOCK__RECORDED ? SOCK__RECORDED : may_repeat(c, errno);
    while (status == 0 && (*n = attempt(c)) < 0);
    if (status == 0) {
        c->waits = 0;
        errno = c->saved;
    }
    return status;
}

ssize_t sock__call_rerun(struct sock__call *c, sock__attempt *attempt,
                         ssize_t n)
{
    int status = sock__call_retry(c, attempt, &n);
    return status == 0 ? n : sock__fail_status(c->op, status);
}

ssize_t sock__call_send_on_top(struct sock__call *c, const void *buf,
                               size_t size, int flags)
{
    sock_t *s = c->sock;
    ssize_t n = s->ops->send(s, c->fd, buf, size, flags, &c->events);
    sock__watch_heard(s);
    return n;
}

ssize_t sock__call_recv_on_top(struct sock__call *c, void *buf, size_t size,
                               int flags)
{
    sock_t *s = c->sock;
    ssize_t n = s->ops->recv(s, c->fd, buf, size, flags, &c->events);
    sock__watch_heard(s);
    return n;
}

static ssize_t try_flush(struct sock__call *c)
{
    return c->sock->ops->flush(c->sock, c->fd, &c->events);
}

int sock__call_flush(struct sock__call *c)
{
    ssize_t n;
    if (c->sock->ops->flush == NULL || c->timer.timeout == 0)
        return 0;
    int status = sock__call_try(c, try_flush, &n);
    errno = c->saved;
    return status;
}

/* A call that a protocol on top makes of its own. */
struct own {
    struct sock__call call; /* first, as call.h asks */
    sock__try_fn *fn;
    void *arg;
};

static ssize_t try_own(struct sock__call *c)
{
    struct own *x = (struct own *)c;
    ssize_t n = x->fn(c->sock, c->fd, x->arg, &c->events);
    sock__watch_heard(c->sock);
    return n;
}

ssize_t sock__make_call(sock_t *s, const char *op, sock__try_fn *fn, void *arg,
                        struct sock__timer *timer)
{
    struct own x = {.fn = fn, .arg = arg};
    if (sock__call_begin(&x.call, s, op, 0) < 0)
        return -1;
    if (timer != NULL)
        x.call.timer = *timer;
    ssize_t n = sock__call_run(&x.call, try_own);
    if (timer != NULL)
        *timer = x.call.timer;
    return sock__call_end(&x.call, n);
}

/* Whether an error can be about the peer. EAGAIN, which a program may meet all
 * the time, is not worth the question who that is. */
static bool is_about_peer(const sock_error_t *e)
{
    if (e->kind == SOCK_E_OS && (e->code == 0 || sock__would_block(e->code)))
        return false;
    if (e->address.len != 0 || e->address.kind != SOCK_E_NONE)
        return false;
    return e->kind == SOCK_E_OS || e->kind == SOCK_E_TIMEOUT ||
           e->kind == SOCK_E_EOF || e->kind == SOCK_E_CANCELLED ||
           e->kind == SOCK_E_TLS;
}

void sock__call_failed(struct sock__call *c)
{
    const sock_error_t *e = sock_last_error();

    if (e->kind != SOCK_E_CANCELLED && sock__closed(c->sock))
        sock__fail(c->op, SOCK_E_OS, EBADF, 0);
    else if (atomic_load(&c->sock->peer_state) != SOCK__PEER_NONE &&
             is_about_peer(e))
        sock__peer(c->sock, c->fd, sock__fail_address());
}
