/* SPDX-License-Identifier: MIT */
/* Making a connection of a socket, and a socket of a connection. */
#define _POSIX_C_SOURCE 200809L

#include "socket.h"

#include <stdint.h>

#include <openssl/err.h>

#include <pysockc/create.h>
#include <pysockc/error.h>
#include <pysockc/timeout.h>

#include "alpn.h"
#include "connection.h"
#include "context.h"
#include "error.h"
#include "name.h"
#include "ops.h"
#include "record.h"
#include "session.h"
#include "try.h"
#include "wait.h"

/* Wrapping */

static int refuse(const char *op, int detail)
{
    return sock__fail(op, SOCK_E_VALUE, 0, detail);
}

/* Whose name the peer must have is known before there is a connection. */
static int check_client(const sock_ssl_context_t *ctx, const char *op,
                        const char *host)
{
    if (ctx->server)
        return refuse(op, SOCK__CLIENT_OF_SERVER);
    if (ctx->check_hostname && (host == NULL || host[0] == '\0'))
        return refuse(op, SOCK__NAME_NEEDED);
    return host != NULL ? sock__ssl_check_name(host, op) : 0;
}

static int check_server(const sock_ssl_context_t *ctx,
                        const struct sock__tls_terms *terms)
{
    if (!ctx->server)
        return refuse(terms->op, SOCK__SERVER_OF_CLIENT);
    if (terms->host != NULL)
        return refuse(terms->op, SOCK__NAME_OF_SERVER);
    return terms->session != NULL ? refuse(terms->op, SOCK__SESSION_OF_SERVER)
                                  : 0;
}

/* Whether the handshake is to be made by the wrap itself. */
static bool may_shake_now(sock_t *s, int flags)
{
    return (flags & SOCK_SSL_NO_HANDSHAKE) == 0 &&
           sock__ssl_is_connected(s, sock_fileno(s));
}

static int check_wrap(const sock_ssl_context_t *ctx, sock_t *s, int flags,
                      const struct sock__tls_terms *terms)
{
    const int known = SOCK_SSL_SERVER_SIDE | SOCK_SSL_NO_HANDSHAKE |
                      SOCK_SSL_SUPPRESS_RAGGED_EOFS;
    const char *op = terms->op;
    if (s == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    if ((flags & ~known) != 0)
        return refuse(op, SOCK__BAD_SERVER_FLAGS);
    if (sock_type(s) != SOCK_STREAM)
        return refuse(op, SOCK__TLS_STREAM);
    if (sock_ssl_is_ssl(s))
        return refuse(op, SOCK__TLS_TWICE);
    if (sock_gettimeout(s) == 0 && may_shake_now(s, flags))
        return refuse(op, SOCK__TLS_NON_BLOCKING);
    return (flags & SOCK_SSL_SERVER_SIDE) != 0
               ? check_server(ctx, terms)
               : check_client(ctx, op, terms->host);
}

static ssize_t try_handshake(sock_t *s, int fd, void *arg, short *events)
{
    (void)arg;
    return sock__ssl_handshake(s, fd, events);
}

/* Moves the socket under the connection, which it consumes. */
static sock_t *put_under(sock_t *s, struct sock__ssl *c, const char *op)
{
    sock_t *now = sock__move(s, op);
    if (now == NULL) {
        sock__ssl_drop(c);
        return NULL;
    }
    sock__ssl_put(now, c);
    return now;
}

/* The handshake of a connected socket, unless it is to be made later. */
static int shake_now(sock_t *s, int flags, const struct sock__tls_terms *terms)
{
    if (!may_shake_now(s, flags))
        return 0;
    ssize_t n =
        sock__make_call(s, terms->op, try_handshake, NULL, terms->timer);
    return n < 0 ? -1 : 0;
}

/* Offers one protocol, whatever the context would. */
static int offer(struct sock__ssl *c, const char *alpn, const char *op)
{
    unsigned char wire[256]; /* a name has 255 bytes at most */
    if (alpn == NULL)
        return 0;
    size_t n = sock__ssl_protocols_size(&alpn, 1);
    if (n == SIZE_MAX)
        return refuse(op, SOCK__BAD_ALPN);
    sock__ssl_write_protocols(&alpn, 1, wire);
    return SSL_set_alpn_protos(c->ssl, wire, (unsigned)n) == 0
               ? 0
               : sock__ssl_fail(op);
}

/* A connection on these terms; NULL with the error recorded. */
static struct sock__ssl *prepare(sock_ssl_context_t *ctx, int flags,
                                 const struct sock__tls_terms *terms)
{
    const char *op = terms->op;
    struct sock__ssl *c = sock__ssl_new(
        ctx, (flags & SOCK_SSL_SERVER_SIDE) != 0,
        (flags & SOCK_SSL_SUPPRESS_RAGGED_EOFS) != 0, terms->host, op);
    if (c == NULL)
        return NULL;
    c->lazy = (flags & SOCK_SSL_NO_HANDSHAKE) != 0;
    bool done = sock__ssl_resume(c, terms->session, op) == 0 &&
                offer(c, terms->alpn, op) == 0;
    ERR_clear_error();
    if (done)
        return c;
    sock__ssl_drop(c);
    return NULL;
}

sock_t *sock__ssl_wrap(sock_ssl_context_t *ctx, sock_t *s, int flags,
                       const struct sock__tls_terms *terms)
{
    if (ctx == NULL && (ctx = sock_ssl_default_context()) == NULL)
        return NULL;
    if (check_wrap(ctx, s, flags, terms) < 0)
        return NULL;
    struct sock__ssl *c = prepare(ctx, flags, terms);
    sock_t *now = c != NULL ? put_under(s, c, terms->op) : NULL;
    if (now != NULL && shake_now(now, flags, terms) < 0)
        sock_freep(&now);
    return now;
}

sock_t *sock_ssl_wrap_socket(sock_ssl_context_t *ctx, sock_t *s, int flags,
                             const char *server_hostname,
                             const sock_ssl_session_t *session)
{
    const struct sock__tls_terms terms = {
        .op = "wrap_socket", .host = server_hostname, .session = session};
    return sock__ssl_wrap(ctx, s, flags, &terms);
}

/* The object's timeout, since a moment. */
static struct sock__timer timer_since(const sock_t *s, int64_t begun)
{
    struct sock__timer t = sock__timer(s);
    if (t.timeout > 0)
        t.deadline = sock__later(begun, t.timeout);
    return t;
}

sock_t *sock_ssl_create_connection(sock_ssl_context_t *ctx, const char *host,
                                   int port, double timeout)
{
    const char *op = "create_connection";
    int64_t begun = sock__os_now();
    if (ctx == NULL && (ctx = sock_ssl_default_context()) == NULL)
        return NULL;
    if (check_client(ctx, op, host) < 0)
        return NULL;
    sock_t *s = sock_create_connection(host, port, timeout, sock_addr_none());
    if (s == NULL)
        return NULL;
    struct sock__timer timer = timer_since(s, begun);
    const struct sock__tls_terms terms = {
        .op = op, .host = host, .timer = &timer};
    sock_t *now = sock__ssl_wrap(ctx, s, 0, &terms);
    sock_free(s);
    return now;
}

int sock_ssl_do_handshake(sock_t *s)
{
    const char *op = "do_handshake";
    if (sock__ssl_of(s, op) == NULL)
        return -1;
    return sock__make_call(s, op, try_handshake, NULL, NULL) < 0 ? -1 : 0;
}

/* Unwrapping */

/* close_notify, and the peer's: 0, or what the try returns. */
static ssize_t part(struct sock__ssl *c, short *events)
{
    SSL_set_read_ahead(c->ssl, 0); /* what follows is not TLS's */
    c->goodbye = true;
    int returned = SSL_shutdown(c->ssl);
    if (returned == 0)
        returned = SSL_shutdown(c->ssl);
    if (returned != 1)
        return sock__ssl_result(c, returned, events);
    return sock__ssl_flush_all(c, events);
}

static ssize_t try_unwrap(sock_t *s, int fd, void *arg, short *events)
{
    struct sock__ssl *c = arg;
    ssize_t n = sock__ssl_begin(c, s, fd);
    if (n == 0 && !c->established) {
        sock__ssl_fail_because("", SOCK_SSL_ERROR_SSL,
                               SSL_R_SHUTDOWN_WHILE_IN_INIT);
        n = SOCK__RECORDED;
    }
    if (n == 0)
        n = sock__ssl_flush_all(c, events);
    if (n == 0)
        n = part(c, events);
    return sock__ssl_end(c, n);
}

sock_t *sock_ssl_unwrap(sock_t *s)
{
    const char *op = "unwrap";
    struct sock__ssl *c = sock__ssl_of(s, op);
    if (c == NULL)
        return NULL;
    if (atomic_load(&c->holds) > 1) { /* a file would go on in the clear */
        refuse(op, SOCK__TLS_SHARED);
        return NULL;
    }
    return sock__make_call(s, op, try_unwrap, c, NULL) < 0 ? NULL
                                                           : sock__move(s, op);
}
