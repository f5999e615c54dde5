/* SPDX-License-Identifier: MIT */
/* Contexts as most programs want them, and the one that NULL stands for. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include <pysockc/error.h>

#include "context.h"
#include "keylog.h"
#include "paths.h"
#include "record.h"

/* create_default_context()'s: beyond the ones of SSLContext, as CPython 3.13.
 */
static void be_strict(SSL_CTX *ctx)
{
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx),
                                X509_V_FLAG_PARTIAL_CHAIN |
                                    X509_V_FLAG_X509_STRICT);
}

/* What is made of no one's certificates would refuse everyone, one connection
 * after the other. A folder is read when someone is to be verified. */
static int expect_someone(sock_ssl_context_t *ctx, const char *op)
{
    sock_ssl_store_stats_t stats;
    char where[128];
    if (sock_ssl_cert_store_stats(ctx, &stats) < 0)
        return -1;
    if (stats.x509 > 0 || sock__ssl_default_folders_have_any())
        return 0;
    snprintf(where, sizeof where, "%s or %s", sock__ssl_default_file(),
             sock__ssl_default_folders());
    sock__fail_quoting(op, SOCK_E_OS, SOCK__NO_DEFAULT_CERTS, where);
    errno = ENOENT;
    return -1;
}

static int trust_system(sock_ssl_context_t *ctx, int purpose, const char *op)
{
    if (sock_ssl_load_default_certs(ctx, purpose) < 0)
        return -1;
    return expect_someone(ctx, op);
}

static int trust(sock_ssl_context_t *ctx, int purpose, const char *cafile,
                 const char *capath, const char *cadata, const char *op)
{
    if (cafile != NULL || capath != NULL || cadata != NULL)
        return sock_ssl_load_verify_locations(ctx, cafile, capath, cadata);
    return ctx->server ? 0 : trust_system(ctx, purpose, op);
}

/* Where the environment asks for it. */
static int log_keys(sock_ssl_context_t *ctx)
{
    const char *path = sock__ssl_keylog_of_environment();
    return path != NULL ? sock_ssl_set_keylog_filename(ctx, path) : 0;
}

sock_ssl_context_t *sock_ssl_create_default_context(int purpose,
                                                    const char *cafile,
                                                    const char *capath,
                                                    const char *cadata)
{
    const char *op = "create_default_context";
    if (purpose != SOCK_SSL_SERVER_AUTH && purpose != SOCK_SSL_CLIENT_AUTH) {
        sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_TLS_PURPOSE);
        return NULL;
    }
    sock_ssl_context_t *ctx =
        sock__ssl_context_new(purpose == SOCK_SSL_CLIENT_AUTH, op);
    if (ctx == NULL)
        return NULL;
    be_strict(ctx->ctx);
    if (trust(ctx, purpose, cafile, capath, cadata, op) == 0 &&
        log_keys(ctx) == 0)
        return ctx;
    sock_ssl_context_free(ctx);
    return NULL;
}

sock_ssl_context_t *sock_ssl_default_context(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static sock_ssl_context_t *made;
    pthread_mutex_lock(&lock);
    if (made == NULL)
        made = sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH, NULL, NULL,
                                               NULL);
    sock_ssl_context_t *ctx = made;
    pthread_mutex_unlock(&lock);
    return ctx;
}
