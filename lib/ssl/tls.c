/* SPDX-License-Identifier: MIT */
/* What libraries that know nothing of this one put TLS under a connection by.
 */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/ssl.h>

#include "context.h"
#include "ops.h"
#include "socket.h"

static sock_ssl_context_t *context_of(sock_tls_t *tls)
{
    return (sock_ssl_context_t *)tls;
}

static sock_t *wrap(sock_tls_t *tls, sock_t *s,
                    const struct sock__tls_terms *terms)
{
    return sock__ssl_wrap(context_of(tls), s, 0, terms);
}

static int serve(sock_tls_t *tls, sock_t *s)
{
    return sock__ssl_serve(context_of(tls), s, "wrap_socket");
}

static bool is_secure(const sock_t *s)
{
    return sock_ssl_is_ssl(s) != 0;
}

static void hold(sock_tls_t *tls)
{
    sock__ssl_context_hold(context_of(tls));
}

static void let_go(sock_tls_t *tls)
{
    sock_ssl_context_free(context_of(tls));
}

static const struct sock__tls_ops ops = {.wrap = wrap,
                                         .serve = serve,
                                         .unwrap = sock_ssl_unwrap,
                                         .is_secure = is_secure,
                                         .session = sock_ssl_session,
                                         .session_free = sock_ssl_session_free,
                                         .hold = hold,
                                         .let_go = let_go};

sock_tls_t *sock_ssl_tls(sock_ssl_context_t *ctx)
{
    if (sock__ssl_context_enter(ctx, "tls") < 0)
        return NULL;
    if (ctx->tls.ops == NULL)
        ctx->tls.ops = &ops;
    sock__ssl_context_leave(ctx, "tls", true);
    return &ctx->tls;
}

static sock_tls_t *tls_of_default(void)
{
    sock_ssl_context_t *ctx = sock_ssl_default_context();
    return ctx != NULL ? sock_ssl_tls(ctx) : NULL;
}

void sock_ssl_init(void)
{
    sock__set_default_tls(tls_of_default);
}
