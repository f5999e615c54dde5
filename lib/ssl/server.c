/* SPDX-License-Identifier: MIT */
/* What a connection's context is, and what its server's end may still do. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>

#include <pysockc/error.h>

#include "connection.h"
#include "error.h"
#include "ops.h"
#include "record.h"
#include "try.h"

/* Its context */

/* Within a callback of the connection its thread has the lock already. */
static int use_context(struct sock__ssl *c, sock_ssl_context_t *ctx,
                       const char *op)
{
    int status = pthread_mutex_lock(&c->lock);
    if (status != 0 && !c->in_hello)
        return sock__fail(op, SOCK_E_OS, status, 0);
    int result = sock__ssl_use_context(c, ctx, op);
    if (status == 0)
        sock__ssl_unlock(c);
    return result;
}

int sock_ssl_set_context(sock_t *s, sock_ssl_context_t *ctx)
{
    const char *op = "context";
    int saved = errno;
    struct sock__ssl *c = sock__ssl_of(s, op);
    if (c == NULL)
        return -1;
    if (ctx == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__enter(s, op) < 0)
        return -1;
    int result = use_context(c, ctx, op);
    sock__leave(s);
    if (result == 0)
        errno = saved;
    return result;
}

sock_ssl_context_t *sock_ssl_context(sock_t *s)
{
    struct sock__ssl *c = sock__ssl_of(s, "context");
    if (c == NULL)
        return NULL;
    int status = pthread_mutex_lock(&c->lock);
    sock_ssl_context_t *ctx = c->context;
    if (status == 0)
        sock__ssl_unlock(c);
    return ctx;
}

/* Asking for the client's certificate behind the handshake */

/* Once: 0, or what the try returns. It is no failure of the connection if that
 * can't be. */
static ssize_t ask(struct sock__ssl *c, bool *asked, short *events)
{
    if (*asked)
        return 0;
    if (SSL_verify_client_post_handshake(c->ssl) != 1) {
        sock__ssl_fail("");
        return SOCK__RECORDED;
    }
    *asked = true;
    int returned = SSL_do_handshake(c->ssl);
    return returned == 1 ? 0 : sock__ssl_result(c, returned, events);
}

static ssize_t try_ask(sock_t *s, int fd, void *arg, short *events)
{
    struct sock__ssl *c = sock__ops_data(s);
    ssize_t n = sock__ssl_begin(c, s, fd);
    if (n == 0)
        n = sock__ssl_flush_all(c, events);
    if (n == 0)
        n = ask(c, arg, events);
    if (n == 0)
        n = sock__ssl_flush_all(c, events);
    return sock__ssl_end(c, n);
}

int sock_ssl_verify_client_post_handshake(sock_t *s)
{
    const char *op = "verify_client_post_handshake";
    bool asked = false;
    if (sock__ssl_of(s, op) == NULL)
        return -1;
    return sock__make_call(s, op, try_ask, &asked, NULL) < 0 ? -1 : 0;
}
