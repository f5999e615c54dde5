/* SPDX-License-Identifier: MIT */
/* What a connection's context is, and what its server's end may still do. */
#define _POSIX_C_SOURCE 200809L

#include <openssl/err.h>

#include <pysockc/error.h>

#include "check.h"
#include "context.h"
#include "error.h"
#include "ops.h"
#include "record.h"
#include "try.h"

/* The context */

sock_ssl_context_t *sock_ssl_context(sock_t *s)
{
    bool inside = false;
    struct sock__ssl *c = sock__ssl_enter_from(s, "context", &inside);
    if (c == NULL)
        return NULL;
    sock_ssl_context_t *ctx = c->context;
    if (!inside)
        sock__ssl_leave(c);
    return ctx;
}

/* What SSL_set_SSL_CTX() leaves as it was, which is much. */
static void apply(SSL *ssl, SSL_CTX *ctx)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    SSL_set_verify(ssl, SSL_CTX_get_verify_mode(ctx),
                   SSL_CTX_get_verify_callback(ctx));
    X509_VERIFY_PARAM_clear_flags(param, X509_VERIFY_PARAM_get_flags(param));
    X509_VERIFY_PARAM_set_flags(
        param, X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(ctx)));
    SSL_clear_options(ssl, SSL_get_options(ssl));
    SSL_set_options(ssl, SSL_CTX_get_options(ctx));
}

static bool apply_numbers(SSL *ssl, SSL_CTX *ctx)
{
    return SSL_set_min_proto_version(
               ssl, (int)SSL_CTX_get_min_proto_version(ctx)) == 1 &&
           SSL_set_max_proto_version(
               ssl, (int)SSL_CTX_get_max_proto_version(ctx)) == 1 &&
           SSL_set_num_tickets(ssl, SSL_CTX_get_num_tickets(ctx)) == 1;
}

/* False with OpenSSL's error, and nothing may be done with it any more. */
static bool use(struct sock__ssl *c, sock_ssl_context_t *ctx)
{
    pthread_mutex_lock(&ctx->lock);
    bool done = SSL_set_SSL_CTX(c->ssl, ctx->ctx) != NULL;
    if (done) {
        apply(c->ssl, ctx->ctx);
        done = apply_numbers(c->ssl, ctx->ctx);
        c->check = sock__ssl_check_of(ctx, c->ssl);
    }
    pthread_mutex_unlock(&ctx->lock);
    return done && sock__ssl_check_bind(&c->check, c->ssl);
}

/* OpenSSL goes on to ask the callbacks of the context that it began with, so
 * that one stays. */
static void keep(struct sock__ssl *c, sock_ssl_context_t *ctx)
{
    sock_ssl_context_t *former = c->context;
    c->context = sock__ssl_context_hold(ctx);
    if (c->first == NULL)
        c->first = former;
    else
        sock__ssl_context_drop(former);
}

/* A connection that is resumed already was checked by its former context. */
static int set_context(struct sock__ssl *c, sock_ssl_context_t *ctx, bool late,
                       const char *op)
{
    if (c->context == ctx)
        return 0;
    if (!c->server || late || c->established || SSL_session_reused(c->ssl))
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__CONTEXT_TOO_LATE);
    if (!ctx->server)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SERVER_OF_CLIENT);
    keep(c, ctx);
    if (use(c, ctx))
        return 0;
    sock__ssl_broken(c);
    return sock__fail_status(op, SOCK__RECORDED);
}

int sock_ssl_set_context(sock_t *s, sock_ssl_context_t *ctx)
{
    const char *op = "context";
    bool inside = false;
    if (ctx == NULL && s != NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    struct sock__ssl *c = sock__ssl_enter_from(s, op, &inside);
    if (c == NULL)
        return -1;
    ERR_set_mark();
    int result = set_context(c, ctx, c->begun && !inside, op);
    ERR_pop_to_mark();
    if (!inside)
        sock__ssl_leave(c);
    return result;
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
