/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "context.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <pysockc/error.h>

#include "alpn.h"
#include "error.h"
#include "hello.h"
#include "pins.h"
#include "psk.h"
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
           SSL_CTX_set_cipher_list(ctx, ciphers);
}

/* What OpenSSL calls of ours; it never changes, as handshakes may go on. */
static void set_callbacks(SSL_CTX *ctx, bool server)
{
    SSL_CTX_set_cert_verify_callback(ctx, sock__ssl_verify, NULL);
    if (!server)
        return;
    SSL_CTX_set_client_hello_cb(ctx, sock__ssl_hello, NULL);
    SSL_CTX_set_alpn_select_cb(ctx, sock__ssl_choose_protocol, NULL);
}

/* NULL with OpenSSL's error. */
static SSL_CTX *new_ctx(bool server)
{
    SSL_CTX *ctx =
        SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (ctx == NULL)
        return NULL;
    set_callbacks(ctx, server);
    if (set_defaults(ctx))
        return ctx;
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
    atomic_init(&c->holds, 1);
    pthread_mutex_init(&c->lock, NULL);
    c->server = server;
    c->check_hostname = !server;
    sock__ssl_context_verify(c, server ? SOCK_SSL_CERT_NONE
                                       : SOCK_SSL_CERT_REQUIRED);
    ERR_clear_error(); /* of what OpenSSL does without */
    errno = saved;
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

sock_ssl_context_t *sock__ssl_context_hold(sock_ssl_context_t *ctx)
{
    atomic_fetch_add(&ctx->holds, 1);
    return ctx;
}

void sock__ssl_context_drop(sock_ssl_context_t *ctx)
{
    if (atomic_fetch_sub(&ctx->holds, 1) != 1)
        return;
    ERR_set_mark();
    SSL_CTX_free(ctx->ctx);
    ERR_pop_to_mark();
    sock__ssl_settings_drop(&ctx->settings);
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

void sock_ssl_context_freep(sock_ssl_context_t **ctx)
{
    if (ctx == NULL)
        return;
    sock_ssl_context_free(*ctx);
    *ctx = NULL;
}

/* Its connections */

static const char *text_of(const struct sock__ssl *c, int which,
                           const char *otherwise)
{
    const char *text = sock__ssl_setting_value(c->settings.of[which]);
    return text != NULL ? text : otherwise;
}

static bool use_ciphers(struct sock__ssl *c)
{
    const char *suites =
        text_of(c, SOCK__SSL_SUITES, OSSL_default_ciphersuites());
    return SSL_set_cipher_list(c->ssl,
                               text_of(c, SOCK__SSL_CIPHERS, ciphers)) == 1 &&
           SSL_set_ciphersuites(c->ssl, suites) == 1;
}

/* What it has as the context is now, whose lock is held. */
static void take_settings(struct sock__ssl *c, sock_ssl_context_t *ctx)
{
    c->settings = sock__ssl_settings_hold(&ctx->settings);
    c->generation = ctx->generation;
    ctx->used = true;
}

int sock__ssl_context_connect(struct sock__ssl *c)
{
    sock_ssl_context_t *ctx = c->context;
    pthread_mutex_lock(&ctx->lock);
    c->ssl = SSL_new(ctx->ctx);
    take_settings(c, ctx);
    c->checked = ctx->check_hostname && c->host != NULL;
    bool late = ctx->late;
    pthread_mutex_unlock(&ctx->lock);
    if (c->ssl == NULL)
        return -1;
    return sock__ssl_psk_use(c) && (!late || use_ciphers(c)) ? 0 : -1;
}

static bool differ(const struct sock__ssl_settings *a,
                   const struct sock__ssl_settings *b, int which)
{
    return a->of[which] != NULL || b->of[which] != NULL;
}

/* What OpenSSL gave the connection when it was made, and does not take from
 * another context; that one's lock is held. */
static bool use_policy(SSL *ssl, SSL_CTX *ctx)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    SSL_set_verify(ssl, SSL_CTX_get_verify_mode(ctx), sock__ssl_note_refusal);
    X509_VERIFY_PARAM_clear_flags(param, X509_VERIFY_PARAM_get_flags(param));
    X509_VERIFY_PARAM_set_flags(
        param, X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(ctx)));
    SSL_clear_options(ssl, SSL_get_options(ssl));
    SSL_set_options(ssl, SSL_CTX_get_options(ctx));
    return SSL_set_num_tickets(ssl, SSL_CTX_get_num_tickets(ctx)) &&
           SSL_set_min_proto_version(ssl, SSL_CTX_get_min_proto_version(ctx)) &&
           SSL_set_max_proto_version(ssl, SSL_CTX_get_max_proto_version(ctx));
}

/* What was set of these lists on either of them. */
static bool use_lists(struct sock__ssl *c, const struct sock__ssl_settings *old)
{
    static char standard[] = "X25519:P-256:X448:P-521:P-384";
    char *curves = sock__ssl_setting_value(c->settings.of[SOCK__SSL_CURVES]);
    const struct sock__ssl_settings *now = &c->settings;
    if ((differ(old, now, SOCK__SSL_CIPHERS) ||
         differ(old, now, SOCK__SSL_SUITES)) &&
        !use_ciphers(c))
        return false;
    return !differ(old, now, SOCK__SSL_CURVES) ||
           SSL_set1_groups_list(c->ssl, curves != NULL ? curves : standard);
}

int sock__ssl_context_switch(struct sock__ssl *c, sock_ssl_context_t *ctx)
{
    sock_ssl_context_t *former = c->context;
    struct sock__ssl_settings old = c->settings;
    pthread_mutex_lock(&ctx->lock);
    bool done = SSL_set_SSL_CTX(c->ssl, ctx->ctx) != NULL &&
                use_policy(c->ssl, ctx->ctx);
    take_settings(c, ctx);
    pthread_mutex_unlock(&ctx->lock);

    /* The callback that runs stays that of the connection. */
    sock__ssl_setting_drop(c->settings.of[SOCK__SSL_SNI]);
    c->settings.of[SOCK__SSL_SNI] =
        sock__ssl_setting_hold(old.of[SOCK__SSL_SNI]);
    done = done && use_lists(c, &old) && sock__ssl_psk_use(c);
    sock__ssl_settings_drop(&old);
    c->context = sock__ssl_context_hold(ctx);
    sock__ssl_context_drop(former);
    return done ? 0 : -1;
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

int sock__ssl_context_refuse(sock_ssl_context_t *ctx, const char *op,
                             int detail)
{
    sock__ssl_context_leave(ctx, op, true);
    return sock__fail(op, SOCK_E_VALUE, 0, detail);
}

static void replace(sock_ssl_context_t *ctx, int which,
                    struct sock__ssl_setting *x)
{
    sock__ssl_setting_drop(ctx->settings.of[which]);
    ctx->settings.of[which] = x;
}

int sock__ssl_context_set(sock_ssl_context_t *ctx, const char *op, int which,
                          struct sock__ssl_setting *x)
{
    if (x != NULL)
        replace(ctx, which, x);
    sock__ssl_context_leave(ctx, op, true);
    return x != NULL ? 0 : sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

int sock__ssl_context_unset(sock_ssl_context_t *ctx, const char *op, int which)
{
    replace(ctx, which, NULL);
    return sock__ssl_context_leave(ctx, op, true);
}

struct sock__ssl_setting *sock__ssl_context_setting(sock_ssl_context_t *ctx,
                                                    int which)
{
    pthread_mutex_lock(&ctx->lock);
    struct sock__ssl_setting *x =
        sock__ssl_setting_hold(ctx->settings.of[which]);
    pthread_mutex_unlock(&ctx->lock);
    return x;
}

int sock__ssl_context_read(sock_ssl_context_t *ctx, const char *op,
                           int (*read)(const sock_ssl_context_t *ctx))
{
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    int value = read(ctx);
    sock__ssl_context_leave(ctx, op, true);
    return value;
}

/* A server tells its tickets by it, and a client its sessions, see session.c:
 * OpenSSL's own number of a client would refuse keys that both have. */
void sock__ssl_context_renew(sock_ssl_context_t *ctx)
{
    static atomic_uintptr_t last;
    ctx->generation = atomic_fetch_add(&last, 1) + 1;
    if (ctx->server)
        SSL_CTX_set_session_id_context(ctx->ctx,
                                       (const unsigned char *)&ctx->generation,
                                       sizeof ctx->generation);
}

/* To ask behind the handshake is a server's, that asks at all. */
void sock__ssl_context_verify(sock_ssl_context_t *ctx, int mode)
{
    static const int modes[] = {[SOCK_SSL_CERT_NONE] = SSL_VERIFY_NONE,
                                [SOCK_SSL_CERT_OPTIONAL] = SSL_VERIFY_PEER,
                                [SOCK_SSL_CERT_REQUIRED] =
                                    SSL_VERIFY_PEER |
                                    SSL_VERIFY_FAIL_IF_NO_PEER_CERT};
    int how = modes[mode];
    if (ctx->server && ctx->post_handshake && how != SSL_VERIFY_NONE)
        how |= SSL_VERIFY_POST_HANDSHAKE;
    SSL_CTX_set_verify(ctx->ctx, how, sock__ssl_note_refusal);
    ctx->verify_mode = mode;
    sock__ssl_context_renew(ctx);
}
