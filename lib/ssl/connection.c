/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <pysockc/error.h>

#include "bio.h"
#include "context.h"
#include "error.h"
#include "name.h"
#include "record.h"
#include "try.h"

/* Life */

void sock__ssl_drop(struct sock__ssl *c)
{
    if (atomic_fetch_sub(&c->holds, 1) != 1)
        return;
    ERR_set_mark();
    SSL_free(c->ssl);
    sock__ssl_settings_drop(&c->settings);
    sock__ssl_context_drop(c->context);
    ERR_pop_to_mark();
    pthread_mutex_destroy(&c->lock);
    free(c->kept);
    free(c->host);
    free(c);
}

/* What OpenSSL has of a connection: 0, or -1 with the error recorded. */
static int make(struct sock__ssl *c, const char *op)
{
    ERR_clear_error();
    if (sock__ssl_context_connect(c) < 0 || sock__ssl_bio(c) < 0)
        return sock__ssl_fail(op);
    if (c->server)
        SSL_set_accept_state(c->ssl);
    else
        SSL_set_connect_state(c->ssl);
    return c->host != NULL ? sock__ssl_set_name(c, op) : 0;
}

static int set_up(struct sock__ssl *c, const char *host, const char *op)
{
    if (host != NULL && (c->host = strdup(host)) == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return make(c, op);
}

/* To the connection's own lock. A call within a callback of the connection
 * finds it taken by its own thread, and fails. */
static void make_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(lock, &kind);
    pthread_mutexattr_destroy(&kind);
}

struct sock__ssl *sock__ssl_new(sock_ssl_context_t *ctx, bool server,
                                bool ragged, const char *host, const char *op)
{
    struct sock__ssl *c = calloc(1, sizeof *c);
    if (c == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    atomic_init(&c->holds, 1);
    make_lock(&c->lock);
    c->context = sock__ssl_context_hold(ctx);
    c->server = server;
    c->ragged = ragged;
    c->forks = sock__os_forks();
    int result = set_up(c, host, op);
    ERR_clear_error(); /* of what OpenSSL does without */
    if (result == 0)
        return c;
    sock__ssl_drop(c);
    return NULL;
}

/* Another context */

/* Makes OpenSSL's part anew, or leaves it as it is. */
static int make_again(struct sock__ssl *c, sock_ssl_context_t *ctx,
                      const char *op)
{
    struct sock__ssl former = {.ssl = c->ssl,
                               .context = c->context,
                               .settings = c->settings,
                               .generation = c->generation,
                               .checked = c->checked};
    c->ssl = NULL;
    c->context = ctx;
    memset(&c->settings, 0, sizeof c->settings);
    c->checked = false;
    int result = make(c, op);
    struct sock__ssl *gone = result == 0 ? &former : c;
    SSL_free(gone->ssl);
    sock__ssl_settings_drop(&gone->settings);
    if (result == 0) {
        sock__ssl_context_hold(ctx);
        sock__ssl_context_drop(former.context);
        return 0;
    }
    c->ssl = former.ssl;
    c->context = former.context;
    c->settings = former.settings;
    c->generation = former.generation;
    c->checked = former.checked;
    return -1;
}

/* What can't be done in full must not go on. */
static int switch_to(struct sock__ssl *c, sock_ssl_context_t *ctx,
                     const char *op)
{
    if (sock__ssl_context_switch(c, ctx) == 0)
        return 0;
    ERR_clear_error();
    c->transport = ENOMEM;
    return sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

int sock__ssl_use_context(struct sock__ssl *c, sock_ssl_context_t *ctx,
                          const char *op)
{
    if (ctx->server != c->server)
        return sock__fail(op, SOCK_E_VALUE, 0,
                          c->server ? SOCK__SERVER_OF_CLIENT
                                    : SOCK__CLIENT_OF_SERVER);
    if (!c->server && ctx->check_hostname && c->host == NULL)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__NAME_NEEDED);
    if (c->in_hello)
        return switch_to(c, ctx, op);
    if (c->begun)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__HANDSHAKE_BEGUN);
    return make_again(c, ctx, op);
}
