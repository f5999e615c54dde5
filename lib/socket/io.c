/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/io.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "address.h"
#include "call.h"
#include "record.h"
#include "wait.h"

struct transfer {
    struct sock__call call; /* first, as call.h asks */
    char *in;               /* where received bytes go, or */
    const char *out;        /* the bytes to send */
    size_t size;
    int flags;
    sock_addr_t *from;
    const sock_addr_t *to;
};

/* Beginning */

static int refuse_buffer(struct transfer *t, size_t size)
{
    if (size > SSIZE_MAX)
        sock__fail(t->call.op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    else
        sock__fail(t->call.op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    return (int)sock__call_end(&t->call, -1);
}

/*
 * Enters, and fills the fields that every transfer has; one by one, as a whole
 * structure takes longer to clear than the call takes.
 */
SOCK__INLINE int begin(struct transfer *t, sock_t *s, const char *op,
                       const void *buf, size_t size, int flags, short events)
{
    int begun = sock__call_begin(&t->call, s, op, events);
    if (begun < 0)
        return -1;
    t->flags = sock__call_flags(&t->call, begun, flags);
    if ((buf == NULL && size > 0) || size > SSIZE_MAX)
        return refuse_buffer(t, size);
    t->size = size;
    return 0;
}

SOCK__INLINE int begin_recv(struct transfer *t, sock_t *s, const char *op,
                            void *buf, size_t size, int flags)
{
    t->in = buf;
    return begin(t, s, op, buf, size, flags, POLLIN);
}

SOCK__INLINE int begin_send(struct transfer *t, sock_t *s, const char *op,
                            const void *buf, size_t size, int flags)
{
    t->out = buf;
    return begin(t, s, op, buf, size, flags, POLLOUT);
}

SOCK__INLINE int begin_stream(struct transfer *t, sock_t *s, const char *op,
                              void *buf, size_t size, int flags)
{
    if (begin_recv(t, s, op, buf, size, flags) < 0)
        return -1;
    if (s->type == SOCK_STREAM)
        return 0;
    sock__fail(op, SOCK_E_VALUE, 0, SOCK__STREAM_ONLY);
    return (int)sock__call_end(&t->call, -1);
}

/* Trying */

SOCK__INLINE ssize_t try_recv(struct sock__call *c)
{
    struct transfer *t = (struct transfer *)c;
    sock_t *s = c->sock;
    ssize_t n = s->ops == NULL
                    ? recv(c->fd, t->in, t->size, t->flags)
                    : sock__call_recv_on_top(c, t->in, t->size, t->flags);
    return sock__call_received(c, n);
}

SOCK__INLINE ssize_t try_recvfrom(struct sock__call *c)
{
    struct transfer *t = (struct transfer *)c;
    socklen_t len = sizeof t->from->u;
    ssize_t n = recvfrom(c->fd, t->in, t->size, t->flags, &t->from->u.sa, &len);
    if (n < 0)
        len = 0;
    n = sock__call_received(c, n);
    if (n >= 0)
        sock__addr_finish(t->from, len, t->call.sock->proto);
    return n;
}

SOCK__INLINE ssize_t try_send(struct sock__call *c)
{
    struct transfer *t = (struct transfer *)c;
    return sock__call_send(c, t->out, t->size, t->flags);
}

SOCK__INLINE ssize_t try_sendto(struct sock__call *c)
{
    struct transfer *t = (struct transfer *)c;
    return sendto(c->fd, t->out, t->size, t->flags | MSG_NOSIGNAL, &t->to->u.sa,
                  t->to->len);
}

SOCK__INLINE ssize_t run(struct transfer *t, sock__attempt *attempt)
{
    return sock__call_end(&t->call, sock__call_run(&t->call, attempt));
}

/* What could not be handed over in time was sent all the same: the next call
 * goes on with it. */
SOCK__INLINE ssize_t run_send(struct transfer *t)
{
    ssize_t n = sock__call_run(&t->call, try_send);
    if (n > 0 && t->call.sock->ops != NULL)
        sock__call_flush(&t->call);
    return sock__call_end(&t->call, n);
}

/* Receiving */

/* As the system does by MSG_WAITALL: what came before an end or a failure is
 * the result. */
static ssize_t recv_whole(struct transfer *t)
{
    size_t wanted = t->size;
    ssize_t n = 1;
    while (t->size > 0 && n > 0) {
        n = sock__call_run(&t->call, try_recv);
        t->in += n > 0 ? n : 0;
        t->size -= n > 0 ? (size_t)n : 0;
    }
    return t->size < wanted ? (ssize_t)(wanted - t->size) : n;
}

ssize_t sock_recv(sock_t *s, void *buf, size_t size, int flags)
{
    struct transfer t;
    if (begin_recv(&t, s, "recv", buf, size, flags) < 0)
        return -1;
    if (size == 0)
        return sock__call_end(&t.call, 0);
    if (s->ops != NULL && (flags & (MSG_WAITALL | MSG_PEEK)) == MSG_WAITALL)
        return sock__call_end(&t.call, recv_whole(&t));
    return run(&t, try_recv);
}

ssize_t sock_recvfrom(sock_t *s, void *buf, size_t size, int flags,
                      sock_addr_t *from)
{
    struct transfer t;
    if (begin_recv(&t, s, "recvfrom", buf, size, flags) < 0)
        return -1;
    if (from == NULL)
        return run(&t, try_recv);
    t.from = from;
    if (s->ops != NULL) { /* a stream of its own, so without a sender */
        ssize_t n = run(&t, try_recv);
        if (n >= 0)
            *from = sock_addr_none();
        return n;
    }
    return run(&t, try_recvfrom);
}

/* Sending */

ssize_t sock_send(sock_t *s, const void *buf, size_t size, int flags)
{
    struct transfer t;
    if (begin_send(&t, s, "send", buf, size, flags) < 0)
        return -1;
    return run_send(&t);
}

/* All of it is to be with the system: 0, or -1 with the error recorded. */
SOCK__INLINE int hand_over(struct transfer *t)
{
    if (t->call.sock->ops == NULL)
        return 0;
    int status = sock__call_flush(&t->call);
    return status == 0 ? 0 : sock__fail_status(t->call.op, status);
}

/* Sends the rest, and counts it in *done; -1 with the error recorded. */
static int send_rest(struct transfer *t, size_t *done)
{
    for (;;) {
        ssize_t n = sock__call_run(&t->call, try_send);
        if (n < 0)
            return -1;
        *done += (size_t)n;
        if ((size_t)n == t->size)
            return hand_over(t);
        t->out += n;
        t->size -= (size_t)n;
        int status = sock__halted(t->call.sock);
        if (status != 0)
            return sock__fail_status(t->call.op, status);
    }
}

int sock_sendall(sock_t *s, const void *buf, size_t size, int flags)
{
    struct transfer t;
    size_t done = 0;

    if (begin_send(&t, s, "sendall", buf, size, flags) < 0)
        return -1;
    int result = (int)sock__call_end(&t.call, send_rest(&t, &done));
    if (result < 0)
        sock__fail_done(done);
    return result;
}

ssize_t sock_sendto(sock_t *s, const void *buf, size_t size, int flags,
                    sock_addr_t to)
{
    struct transfer t;
    if (begin_send(&t, s, "sendto", buf, size, flags) < 0)
        return -1;
    if (to.len == 0 && to.kind == SOCK_E_NONE)
        return run_send(&t);
    if (s->ops != NULL) /* a conversation with one peer, not to be passed by */
        sock__fail("sendto", SOCK_E_VALUE, 0, SOCK__NO_SENDTO);
    if (s->ops != NULL || sock__addr_check("sendto", &to) < 0)
        return sock__call_end(&t.call, -1);

    ssize_t n;
    t.to = &to;
    int status = sock__call_try(&t.call, try_sendto, &n);
    if (status != 0)
        n = sock__fail_status_to("sendto", status, &to);
    return sock__call_end(&t.call, n);
}

/* Receiving more than one part */

/* Receives what is missing, and counts it in *done. */
static int recv_rest(struct transfer *t, size_t *done)
{
    while (t->size > 0) {
        ssize_t n = sock__call_run(&t->call, try_recv);
        if (n < 0)
            return -1;
        if (n == 0)
            return sock__fail(t->call.op, SOCK_E_EOF, 0, 0);
        *done += (size_t)n;
        t->in += n;
        t->size -= (size_t)n;
        /* A signal can end MSG_WAITALL, too, but only by a short count. */
        int status = t->size > 0 ? sock__halted(t->call.sock) : 0;
        if (status != 0)
            return sock__fail_status(t->call.op, status);
    }
    return 0;
}

ssize_t sock_recv_all(sock_t *s, void *buf, size_t size)
{
    struct transfer t;
    size_t done = 0;

    if (begin_stream(&t, s, "recv_all", buf, size, MSG_WAITALL) < 0)
        return -1;
    if (sock__call_end(&t.call, recv_rest(&t, &done)) == 0)
        return (ssize_t)size;
    sock__fail_done(done);
    return -1;
}

/*
 * Takes what a look showed to be there. Never waits: should another thread
 * have taken it, what comes next has to be looked at first.
 */
static ssize_t take(struct transfer *t, size_t size)
{
    struct transfer now = *t;
    ssize_t n;

    now.size = size;
    now.flags = MSG_DONTWAIT;
    now.call.timer.timeout = 0;
    int status = sock__call_try(&now.call, try_recv, &n);
    if (status == 0)
        return n;
    if (sock__would_block(status)) {
        errno = t->call.saved;
        return 0;
    }
    return sock__fail_status(t->call.op, status);
}

/* Takes through the delimiter; 0 at its end, the buffer's or the stream's. */
static int recv_through(struct transfer *t, int delim, size_t *done)
{
    while (t->size > 0) {
        ssize_t seen = sock__call_run(&t->call, try_recv); /* MSG_PEEK */
        if (seen <= 0)
            return (int)seen;
        const char *at = memchr(t->in, delim, (size_t)seen);
        size_t wanted = at != NULL ? (size_t)(at - t->in) + 1 : (size_t)seen;
        ssize_t n = take(t, wanted);
        if (n < 0)
            return -1;
        *done += (size_t)n;
        t->in += n;
        t->size -= (size_t)n;
        if (at != NULL && (size_t)n == wanted)
            return 0;
        int status = sock__ended(t->call.sock);
        if (status != 0 && t->size > 0)
            return sock__fail_status(t->call.op, status);
    }
    return 0;
}

ssize_t sock_recv_until(sock_t *s, void *buf, size_t size, int delim)
{
    struct transfer t;
    size_t done = 0;

    if (begin_stream(&t, s, "recv_until", buf, size, MSG_PEEK) < 0)
        return -1;
    if (atomic_load_explicit(&s->peeks_move, memory_order_relaxed)) {
        sock__fail("recv_until", SOCK_E_VALUE, 0, SOCK__PEEKS_MOVE);
        return sock__call_end(&t.call, -1);
    }
    if (sock__call_end(&t.call, recv_through(&t, delim, &done)) == 0)
        return (ssize_t)done;
    sock__fail_done(done);
    return -1;
}
