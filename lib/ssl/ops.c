/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "ops.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include <pysockc/error.h>
#include <pysockc/timeout.h>

#include "bio.h"
#include "connection.h"
#include "error.h"
#include "record.h"
#include "try.h"

enum { LARGEST_RECORD = 16384, MOST_DRAINED = 65536 };

static struct sock__ssl *state_of(const sock_t *s)
{
    return sock__ops_data(s);
}

/* Receiving */

/* Bytes that are there come first, whether anything can be sent or not. */
static ssize_t receive_some(struct sock__ssl *c, void *buf, size_t size,
                            int flags, short *events)
{
    size_t n = 0;
    sock__ssl_flush(c);
    c->receiving = true;
    int ok = (flags & MSG_PEEK) != 0 ? SSL_peek_ex(c->ssl, buf, size, &n)
                                     : SSL_read_ex(c->ssl, buf, size, &n);
    c->receiving = false;
    if (ok > 0)
        return (ssize_t)n;
    if (c->shut && c->transport == 0)
        return 0;
    ssize_t status = sock__ssl_result(c, ok, events);
    return status == -1 && c->transport != 0 ? sock__ssl_broken(c) : status;
}

static ssize_t receive(struct sock__ssl *c, void *buf, size_t size, int flags,
                       short *events)
{
    ssize_t status = sock__ssl_shake(c, events);
    if (status == -1 && c->shut)
        return 0;
    return status < 0 ? status : receive_some(c, buf, size, flags, events);
}

/* Flags that mean nothing here are refused, as Python does. */
static int check_flags(int flags, int known, int detail)
{
    known |= MSG_DONTWAIT | MSG_NOSIGNAL;
    return (flags & ~known) == 0 ? 0 : sock__fail("", SOCK_E_VALUE, 0, detail);
}

static ssize_t ssl_recv(sock_t *s, int fd, void *buf, size_t size, int flags,
                        short *events)
{
    struct sock__ssl *c = state_of(s);
    if (check_flags(flags, MSG_PEEK | MSG_WAITALL, SOCK__RECV_FLAGS) < 0)
        return SOCK__RECORDED;
    ssize_t n = sock__ssl_begin(c, s, fd);
    if (n == 0)
        n = receive(c, buf, size, flags, events);
    return sock__ssl_end(c, n);
}

/* Sending */

/* One record, which the transport always takes. */
static ssize_t write_record(struct sock__ssl *c, const void *buf, size_t size,
                            short *events)
{
    size_t n = 0;
    if (c->goodbye) {
        sock__ssl_fail_because("", SOCK_SSL_ERROR_ZERO_RETURN,
                               SSL_R_PROTOCOL_IS_SHUTDOWN);
        return SOCK__RECORDED;
    }
    if (size > LARGEST_RECORD)
        size = LARGEST_RECORD;
    int ok = SSL_write_ex(c->ssl, buf, size, &n);
    return ok > 0 ? (ssize_t)n : sock__ssl_result(c, ok, events);
}

static ssize_t ssl_send(sock_t *s, int fd, const void *buf, size_t size,
                        int flags, short *events)
{
    struct sock__ssl *c = state_of(s);
    if (check_flags(flags, MSG_MORE, SOCK__SEND_FLAGS) < 0)
        return SOCK__RECORDED;
    ssize_t n = sock__ssl_begin(c, s, fd);
    if (n == 0)
        n = sock__ssl_flush_all(c, events);
    if (n == 0)
        n = sock__ssl_shake(c, events);
    if (n == 0 && size > 0)
        n = write_record(c, buf, size, events);
    return sock__ssl_end(c, n);
}

/* Whether anything waits for room, as each send asks; or whether the try that
 * follows fails. */
static bool keeps(struct sock__ssl *c)
{
    if (sock__ssl_lock(c, "") < 0)
        return true;
    bool any = sock__ssl_kept(c) > 0;
    sock__ssl_unlock(c);
    return any;
}

static ssize_t ssl_flush(sock_t *s, int fd, short *events)
{
    struct sock__ssl *c = state_of(s);
    if (!keeps(c))
        return 0;
    ssize_t n = sock__ssl_begin(c, s, fd);
    if (n == 0)
        n = sock__ssl_flush_all(c, events);
    return sock__ssl_end(c, n);
}

/* Whether calls would wait */

/* An end and a failure are told at once, too. */
static bool is_readable(struct sock__ssl *c, short *events)
{
    char byte;
    return receive(c, &byte, 1, MSG_PEEK, events) != -1;
}

static bool is_writable(struct sock__ssl *c, short *events)
{
    struct pollfd p = {.fd = c->fd, .events = POLLOUT};
    if (sock__ssl_flush_all(c, events) != 0 || sock__ssl_shake(c, events) != 0)
        return c->failed || c->shut;
    if (sock__ssl_kept(c) == 0 && poll(&p, 1, 0) > 0)
        return true;
    *events = POLLOUT;
    return false;
}

int sock__ssl_ready(sock_t *s, int fd, int want, short *events)
{
    struct sock__ssl *c = state_of(s);
    struct sock__saved saved;
    short read = 0, write = 0;
    int ready = 0;
    sock__error_save(&saved);
    ssize_t n = sock__ssl_begin(c, s, fd);
    if (n != 0) {
        ready = want;
    } else {
        if ((want & SOCK_EVENT_READ) != 0 && is_readable(c, &read))
            ready |= SOCK_EVENT_READ;
        if ((want & SOCK_EVENT_WRITE) != 0 && is_writable(c, &write))
            ready |= SOCK_EVENT_WRITE;
    }
    *events = (short)((read | write) & ~SOCK__PROGRESS);
    sock__ssl_end(c, n);
    sock__error_restore(&saved);
    return ready;
}

/* Beginning */

/* Of a client that is gone, so that it has no use for tickets, what it said is
 * heard. */
ssize_t sock__ssl_handshake(sock_t *s, int fd, short *events)
{
    struct sock__ssl *c = state_of(s);
    ssize_t n = sock__ssl_begin(c, s, fd);
    if (n == 0)
        n = sock__ssl_shake(c, events);
    if (n == 0 && c->transport == 0)
        n = sock__ssl_flush_all(c, events);
    return sock__ssl_end(c, n);
}

static ssize_t ssl_handshake(sock_t *s, int fd, short *events)
{
    return state_of(s)->lazy ? 0 : sock__ssl_handshake(s, fd, events);
}

static int put_accepted(struct sock__ssl *made, sock_t *conn)
{
    if (made == NULL)
        return -1;
    made->begun = true; /* it has a peer */
    sock__ssl_put(conn, made);
    return 0;
}

static int ssl_accepted(sock_t *listener, sock_t *conn)
{
    const char *op = "accept";
    struct sock__ssl *c = state_of(listener);
    if (sock__ssl_lock(c, op) < 0)
        return -1;
    struct sock__ssl *made =
        sock__ssl_new(c->context, true, c->ragged, NULL, op);
    sock__ssl_unlock(c);
    return put_accepted(made, conn);
}

static int ssl_dup(sock_t *s, sock_t *copy)
{
    struct sock__ssl *c = state_of(s);
    atomic_fetch_add(&c->holds, 1);
    sock__ssl_put(copy, c);
    return 0;
}

/* Ending */

/* close_notify, behind all that was sent, and handed over: 0, or what the try
 * returns. */
static ssize_t say_goodbye(struct sock__ssl *c, short *events)
{
    ssize_t n = sock__ssl_flush_all(c, events);
    if (n != 0 || c->goodbye)
        return n;
    c->goodbye = true;
    int returned = SSL_shutdown(c->ssl);
    if (returned < 0)
        return sock__ssl_broken(c);
    return sock__ssl_flush_all(c, events);
}

static ssize_t ssl_shutdown(sock_t *s, int fd, short *events)
{
    struct sock__ssl *c = state_of(s);
    ssize_t n = sock__ssl_begin(c, s, fd);
    if (n == 0)
        n = sock__ssl_shake(c, events);
    if (n == 0)
        n = say_goodbye(c, events);
    return sock__ssl_end(c, n);
}

/* Takes what lies unread, as the system would reset the connection for it and
 * throw away what the peer has not read yet. Less than was asked for is all. */
static void drain(int fd)
{
    char bytes[4096];
    ssize_t got = sizeof bytes;
    for (int n = 0; got == (ssize_t)sizeof bytes && n < MOST_DRAINED;
         n += (int)got)
        got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
}

/* Nor do errors count, and neither queue nor record changes. */
static void say_goodbye_at_once(struct sock__ssl *c)
{
    if (sock__ssl_flush(c) < 0 || sock__ssl_kept(c) > 0 || c->goodbye)
        return;
    ERR_set_mark();
    SSL_shutdown(c->ssl);
    ERR_pop_to_mark();
}

/* In a child that has not used it the conversation is the parent's. */
static void ssl_close(sock_t *s, int fd)
{
    struct sock__ssl *c = state_of(s);
    if (pthread_mutex_lock(&c->lock) != 0)
        return; /* within a callback of its own */
    if (c->established && !c->failed && atomic_load(&c->holds) == 1 &&
        c->forks == sock__os_forks()) {
        c->sock = s;
        c->fd = fd;
        say_goodbye_at_once(c);
        drain(fd);
    }
    sock__ssl_unlock(c);
}

static void ssl_release(sock_t *s)
{
    sock__ssl_drop(state_of(s));
}

/* Making */

static const struct sock__ops ops = {.name = "ssl.SSLSocket",
                                     .recv = ssl_recv,
                                     .send = ssl_send,
                                     .flush = ssl_flush,
                                     .ready = sock__ssl_ready,
                                     .handshake = ssl_handshake,
                                     .accepted = ssl_accepted,
                                     .dup = ssl_dup,
                                     .files_only = true,
                                     .shutdown = ssl_shutdown,
                                     .close = ssl_close,
                                     .release = ssl_release};

void sock__ssl_put(sock_t *s, struct sock__ssl *c)
{
    sock__set_ops(s, &ops, c);
}

int sock__ssl_serve(sock_ssl_context_t *ctx, sock_t *s, const char *op)
{
    return put_accepted(sock__ssl_new(ctx, true, true, NULL, op), s);
}

int sock_ssl_is_ssl(const sock_t *s)
{
    return s != NULL && sock__has_ops(s, &ops);
}

struct sock__ssl *sock__ssl_of(const sock_t *s, const char *op)
{
    if (sock_ssl_is_ssl(s))
        return state_of(s);
    sock__fail(op, s == NULL ? SOCK_E_TYPE : SOCK_E_VALUE, 0,
               s == NULL ? SOCK__NULL_SOCKET : SOCK__NO_TLS);
    return NULL;
}

struct sock__ssl *sock__ssl_enter(const sock_t *s, const char *op)
{
    struct sock__ssl *c = sock__ssl_of(s, op);
    return c != NULL && sock__ssl_lock(c, op) == 0 ? c : NULL;
}
