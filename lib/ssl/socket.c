/* SPDX-License-Identifier: MIT */
/* Making a connection of a socket, and what it tells. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include <pysockc/create.h>
#include <pysockc/error.h>
#include <pysockc/timeout.h>

#include "connection.h"
#include "context.h"
#include "error.h"
#include "name.h"
#include "ops.h"
#include "record.h"
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

static int check_server(const sock_ssl_context_t *ctx, const char *op,
                        const char *host)
{
    if (!ctx->server)
        return refuse(op, SOCK__SERVER_OF_CLIENT);
    return host != NULL ? refuse(op, SOCK__NAME_OF_SERVER) : 0;
}

/* Whether the handshake is to be made by the wrap itself. */
static bool may_shake_now(sock_t *s, int flags)
{
    return (flags & SOCK_SSL_NO_HANDSHAKE) == 0 &&
           sock__ssl_is_connected(sock_fileno(s));
}

static int check_wrap(const sock_ssl_context_t *ctx, const char *op, sock_t *s,
                      int flags, const char *host)
{
    const int known = SOCK_SSL_SERVER_SIDE | SOCK_SSL_NO_HANDSHAKE |
                      SOCK_SSL_SUPPRESS_RAGGED_EOFS;
    if (s == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    if ((flags & ~known) != 0)
        return refuse(op, SOCK__BAD_SERVER_FLAGS);
    if (sock_type(s) != SOCK_STREAM)
        return refuse(op, SOCK__TLS_STREAM);
    if (sock_ssl_is_ssl(s))
        return refuse(op, SOCK__TLS_TWICE);
    if (may_shake_now(s, flags) && sock_gettimeout(s) == 0)
        return refuse(op, SOCK__TLS_NON_BLOCKING);
    return (flags & SOCK_SSL_SERVER_SIDE) != 0 ? check_server(ctx, op, host)
                                               : check_client(ctx, op, host);
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
static int shake_now(sock_t *s, int flags, const char *op,
                     struct sock__timer *timer)
{
    if (!may_shake_now(s, flags))
        return 0;
    ssize_t n = sock__make_call(s, op, try_handshake, NULL, timer);
    return n < 0 ? -1 : 0;
}

static sock_t *wrap(sock_ssl_context_t *ctx, sock_t *s, int flags,
                    const char *host, const char *op, struct sock__timer *timer)
{
    if (ctx == NULL && (ctx = sock_ssl_default_context()) == NULL)
        return NULL;
    if (check_wrap(ctx, op, s, flags, host) < 0)
        return NULL;
    struct sock__ssl *c =
        sock__ssl_new(ctx, (flags & SOCK_SSL_SERVER_SIDE) != 0,
                      (flags & SOCK_SSL_SUPPRESS_RAGGED_EOFS) != 0, host, op);
    if (c == NULL)
        return NULL;
    c->lazy = (flags & SOCK_SSL_NO_HANDSHAKE) != 0;
    sock_t *now = put_under(s, c, op);
    if (now != NULL && shake_now(now, flags, op, timer) < 0)
        sock_freep(&now);
    return now;
}

sock_t *sock_ssl_wrap_socket(sock_ssl_context_t *ctx, sock_t *s, int flags,
                             const char *server_hostname)
{
    return wrap(ctx, s, flags, server_hostname, "wrap_socket", NULL);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
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
    int64_t begun = now_ns();
    if (ctx == NULL && (ctx = sock_ssl_default_context()) == NULL)
        return NULL;
    if (check_client(ctx, op, host) < 0)
        return NULL;
    sock_t *s = sock_create_connection(host, port, timeout, sock_addr_none());
    if (s == NULL)
        return NULL;
    struct sock__timer timer = timer_since(s, begun);
    sock_t *now = wrap(ctx, s, 0, host, op, &timer);
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

/* What it is */

int sock_ssl_pending(sock_t *s)
{
    struct sock__ssl *c = sock__ssl_of(s, "pending");
    if (c == NULL)
        return -1;
    if (sock__ssl_lock(c, "pending") < 0)
        return -1;
    int pending = SSL_pending(c->ssl) > 0;
    sock__ssl_unlock(c);
    return pending;
}

int sock_ssl_wants(sock_t *s, int events)
{
    const char *op = "wants";
    short needs = 0;
    if (sock__ssl_of(s, op) == NULL)
        return -1;
    if (events == 0 || (events & ~(SOCK_EVENT_READ | SOCK_EVENT_WRITE)) != 0)
        return refuse(op, SOCK__BAD_EVENTS);
    int fd = sock__enter(s, op);
    if (fd < 0)
        return -1;
    bool ready = sock__ssl_ready(s, fd, events & SOCK_EVENT_READ, &needs) != 0;
    sock__leave(s);
    if ((events & SOCK_EVENT_WRITE) != 0) /* of which poll(2) knows */
        needs |= POLLOUT;
    return ready ? 0 : needs;
}

/* What OpenSSL says of a connection after its handshake: static text. */
static const char *say(const sock_t *s, const char *op,
                       const char *(*what)(const SSL *ssl))
{
    const char *text = NULL;
    struct sock__ssl *c = sock__ssl_of(s, op);
    if (c == NULL)
        return NULL;
    if (sock__ssl_lock(c, op) < 0)
        return NULL;
    if (c->established)
        text = what(c->ssl);
    sock__ssl_unlock(c);
    return text;
}

static const char *name_of_cipher(const SSL *ssl)
{
    return SSL_CIPHER_get_name(SSL_get_current_cipher(ssl));
}

const char *sock_ssl_version(sock_t *s)
{
    return say(s, "version", SSL_get_version);
}

const char *sock_ssl_cipher_name(sock_t *s)
{
    return say(s, "cipher", name_of_cipher);
}

/* Writes a text of so many bytes, all of it or none. */
static int give(const char *op, const void *text, size_t n, char *buf,
                size_t size)
{
    if (buf == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (size == 0)
        return (int)n;
    if (n < size)
        memcpy(buf, text, n);
    buf[n < size ? n : 0] = '\0';
    return (int)n;
}

int sock_ssl_selected_alpn_protocol(sock_t *s, char *buf, size_t size)
{
    const char *op = "selected_alpn_protocol";
    const unsigned char *name = NULL;
    unsigned n = 0;
    struct sock__ssl *c = sock__ssl_of(s, op);
    if (c == NULL)
        return -1;
    if (sock__ssl_lock(c, op) < 0)
        return -1;
    SSL_get0_alpn_selected(c->ssl, &name, &n);
    int result = give(op, n > 0 ? (const char *)name : "", n, buf, size);
    sock__ssl_unlock(c);
    return result;
}

int sock_ssl_server_hostname(sock_t *s, char *buf, size_t size)
{
    const char *op = "server_hostname";
    struct sock__ssl *c = sock__ssl_of(s, op);
    if (c == NULL)
        return -1;
    const char *host = c->host != NULL ? c->host : "";
    return give(op, host, strlen(host), buf, size);
}

int sock_ssl_server_side(sock_t *s)
{
    const struct sock__ssl *c = sock__ssl_of(s, "server_side");
    return c == NULL ? -1 : c->server;
}
