/* SPDX-License-Identifier: MIT */
/* Bytes of requests, and when they may be sent once more. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include <pysockc/io.h>
#include <pysockc/message.h>

#include "connection.h"

/* Sends the parts one after the other. */
static int send_each(sock_t *s, const struct iovec *parts, int count)
{
    for (int i = 0; i < count; i++)
        if (parts[i].iov_len > 0 &&
            sock_sendall(s, parts[i].iov_base, parts[i].iov_len, 0) < 0)
            return -1;
    return 0;
}

/* Sends them by one call, if the system takes all of them; what is on top, such
 * as TLS, has none that does. */
static int send_parts(sock_t *s, struct iovec *parts, int count)
{
    struct sock__saved saved;
    sock__error_save(&saved);
    ssize_t n =
        sock_sendmsg(s, parts, (size_t)count, NULL, 0, sock_addr_none());
    if (n < 0 && sock_last_error()->kind != SOCK_E_VALUE)
        return -1;
    if (n < 0)
        sock__error_restore(&saved);
    for (int i = 0; i < count && n > 0; i++) {
        size_t part = parts[i].iov_len;
        size_t gone = part < (size_t)n ? part : (size_t)n;
        parts[i].iov_base = (char *)parts[i].iov_base + gone;
        parts[i].iov_len -= gone;
        n -= (ssize_t)gone;
    }
    return send_each(s, parts, count);
}

static int transmit(sock_http_t *c, const char *op, const struct sock__bytes *b)
{
    struct sock__output *o = &c->out;
    int result;

    if (b == NULL)
        result = sock_sendall(c->wire.sock, o->text, o->used, 0);
    else {
        struct iovec parts[] = {{o->text, o->used},
                                {(void *)(uintptr_t)b->data, b->size},
                                {(void *)(uintptr_t)b->tail, strlen(b->tail)}};
        result = send_parts(c->wire.sock, parts, 3);
    }
    return result < 0 ? sock__fail_status(op, SOCK__RECORDED) : 0;
}

/* Whether what failed may mean that the peer had closed the connection before
 * it saw any of this, and no harm comes of asking again. */
static bool may_repeat(const sock_http_t *c)
{
    return c->used && c->asking.idempotent && c->host != NULL &&
           sock__has_gone();
}

static int reopen(sock_http_t *c, const char *op)
{
    sock__wire_release(&c->wire);
    c->used = c->switched = false;
    return sock__connection_open(c, op);
}

/* A connection that nothing has come over: 0; -1, and it is closed. */
static int make_ready(sock_http_t *c, const char *op)
{
    if (c->wire.sock == NULL)
        return sock__connection_open(c, op);
    if (!c->switched && (!c->used || sock__wire_is_quiet(&c->wire)))
        return 0;
    if (c->host != NULL)
        return reopen(c, op);
    sock__connection_close(c);
    return sock__fail_saying(op, SOCK_E_EOF, 0,
                             "Remote end closed connection without response");
}

/* A peer that refuses a request may close before it has read all of it. Its
 * answer counts, then. */
static bool has_answered(sock_http_t *c)
{
    return sock__was_reset() && sock__wire_has_bytes(&c->wire);
}

int sock__send_failed(sock_http_t *c, const char *op,
                      const struct sock__saved *saved)
{
    if (c->wire.sock != NULL && has_answered(c)) {
        c->asking.cut = true;
        sock__error_restore(saved);
        return 0;
    }
    sock__connection_close(c);
    return sock__fail_status(op, SOCK__RECORDED);
}

/* What was sent is no longer needed. */
static int sent(sock_http_t *c)
{
    if (!c->asking.whole)
        c->out.used = 0;
    return 0;
}

static int send_first(sock_http_t *c, const char *op,
                      const struct sock__bytes *b)
{
    c->asking.held = false;
    if (make_ready(c, op) < 0)
        return -1;
    if (transmit(c, op, b) == 0)
        return 0;
    if (!may_repeat(c) || sock__wire_has_bytes(&c->wire))
        return -1;
    return reopen(c, op) < 0 ? -1 : transmit(c, op, b);
}

int sock__send_out(sock_http_t *c, const char *op, const struct sock__bytes *b)
{
    struct sock__saved saved;

    if (c->out.lost) {
        sock__connection_close(c);
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    }
    sock__error_save(&saved);
    int result = c->asking.held ? send_first(c, op, b) : transmit(c, op, b);
    if (result < 0)
        return sock__send_failed(c, op, &saved);
    sock__error_restore(&saved);
    return sent(c);
}

int sock__send_again(sock_http_t *c, const char *op)
{
    if (!may_repeat(c) || !c->asking.whole || sock_last_error()->done > 0)
        return -1;
    return reopen(c, op) < 0 ? -1 : transmit(c, op, NULL);
}
