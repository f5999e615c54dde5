/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <pysockc/error.h>

#include "error.h"
#include "record.h"

/* CPython's: forward secrecy and authenticated, where the peer has that. */
static const char ciphers[] =
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:"
    "!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM";

/* Life */

/* Nothing asks a question on the terminal, whatever a key needs. */
static int no_password(char *buf, int size, int writing, void *arg)
{
    (void)buf, (void)size, (void)writing, (void)arg;
    return -1;
}

static bool set_defaults(SSL_CTX *ctx)
{
    static const unsigned char name[] = "pysockc";
    SSL_CTX_set_options(ctx, SSL_OP_ALL | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_clear_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(ctx, no_password);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx),
                                X509_V_FLAG_TRUSTED_FIRST);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) &&
           SSL_CTX_set_session_id_context(ctx, name, sizeof name - 1) &&
           SSL_CTX_set_cipher_list(ctx, ciphers);
}

/* A context that checks what its kind checks; NULL with OpenSSL's error. */
static SSL_CTX *new_ctx(bool server)
{
    SSL_CTX *ctx =
        SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (ctx == NULL || set_defaults(ctx)) {
        if (ctx != NULL)
            SSL_CTX_set_verify(ctx, server ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                               sock__ssl_note_refusal);
        return ctx;
    }
    SSL_CTX_free(ctx);
    return NULL;
}

static void *out_of_memory(const char *op)
{
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return NULL;
}

sock_ssl_context_t *sock__ssl_context_new(bool server, const char *op)
{
    int saved = errno;
    sock_ssl_context_t *c = calloc(1, sizeof *c);
    if (c == NULL)
        return out_of_memory(op);
    sock__ssl_error_init();
    ERR_clear_error();
    c->ctx = new_ctx(server);
    if (c->ctx == NULL) {
        sock__ssl_fail(op);
        free(c);
        return NULL;
    }
    ERR_clear_error();
    errno = saved;
    atomic_init(&c->holds, 1);
    pthread_mutex_init(&c->lock, NULL);
    c->server = server;
    c->check_hostname = !server;
    c->verify_mode = server ? SOCK_SSL_CERT_NONE : SOCK_SSL_CERT_REQUIRED;
    return c;
}

sock_ssl_context_t *sock_ssl_context_new(int protocol)
{
    const char *op = "SSLContext";
    if (protocol == SOCK_SSL_PROTOCOL_TLS_CLIENT ||
        protocol == SOCK_SSL_PROTOCOL_TLS_SERVER)
        return sock__ssl_context_new(protocol == SOCK_SSL_PROTOCOL_TLS_SERVER,
                                     op);
    sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_TLS_PROTOCOL);
    return NULL;
}

static void free_protocols(struct sock__ssl_protocols *p)
{
    while (p != NULL) {
        struct sock__ssl_protocols *former = p->former;
        free(p);
        p = former;
    }
}

sock_ssl_context_t *sock__ssl_context_hold(sock_ssl_context_t *ctx)
{
    atomic_fetch_add(&ctx->holds, 1);
    return ctx;
}

void sock__ssl_context_drop(sock_ssl_context_t *ctx)
{
    if (atomic_fetch_sub(&ctx->holds, 1) != 1)
        return;
    SSL_CTX_free(ctx->ctx);
    free_protocols(atomic_load(&ctx->protocols));
    pthread_mutex_destroy(&ctx->lock);
    free(ctx);
}

void sock_ssl_context_free(sock_ssl_context_t *ctx)
{
    int saved = errno;
    if (ctx != NULL)
        sock__ssl_context_drop(ctx);
    errno = saved;
}

SSL *sock__ssl_context_connect(sock_ssl_context_t *ctx)
{
    pthread_mutex_lock(&ctx->lock);
    SSL *ssl = SSL_new(ctx->ctx);
    pthread_mutex_unlock(&ctx->lock);
    return ssl;
}

/* Changing */

int sock__ssl_context_enter(sock_ssl_context_t *ctx, const char *op)
{
    if (ctx == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    int saved = errno;
    pthread_mutex_lock(&ctx->lock);
    ctx->saved = saved;
    ERR_clear_error();
    return 0;
}

int sock__ssl_context_leave(sock_ssl_context_t *ctx, const char *op, bool done)
{
    int result = done ? 0 : sock__ssl_fail(op);
    ERR_clear_error();
    if (done)
        errno = ctx->saved;
    pthread_mutex_unlock(&ctx->lock);
    return result;
}
