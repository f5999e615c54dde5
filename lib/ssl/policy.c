/* SPDX-License-Identifier: MIT */
/* The attributes of a context. */
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>

#include <pysockc/error.h>

#include "context.h"
#include "record.h"

/* Whom to check */

int sock_ssl_set_verify_mode(sock_ssl_context_t *ctx, int mode)
{
    const char *op = "verify_mode";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (mode < SOCK_SSL_CERT_NONE || mode > SOCK_SSL_CERT_REQUIRED)
        return sock__ssl_context_refuse(ctx, op, SOCK__BAD_VERIFY_MODE);
    if (mode == SOCK_SSL_CERT_NONE && ctx->check_hostname)
        return sock__ssl_context_refuse(ctx, op, SOCK__NAME_NEEDS_CERT);
    if (mode == SOCK_SSL_CERT_NONE && ctx->settings.of[SOCK__SSL_PINS] != NULL)
        return sock__ssl_context_refuse(ctx, op, SOCK__PINS_NEED_CERT);
    sock__ssl_context_verify(ctx, mode);
    return sock__ssl_context_leave(ctx, op, true);
}

int sock_ssl_set_check_hostname(sock_ssl_context_t *ctx, int on)
{
    const char *op = "check_hostname";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    ctx->check_hostname = on != 0;
    sock__ssl_context_renew(ctx);
    if (on && ctx->verify_mode == SOCK_SSL_CERT_NONE)
        sock__ssl_context_verify(ctx, SOCK_SSL_CERT_REQUIRED);
    return sock__ssl_context_leave(ctx, op, true);
}

static int read_mode(const sock_ssl_context_t *ctx)
{
    return ctx->verify_mode;
}

static int read_check(const sock_ssl_context_t *ctx)
{
    return ctx->check_hostname;
}

int sock_ssl_get_verify_mode(sock_ssl_context_t *ctx)
{
    return sock__ssl_context_read(ctx, "verify_mode", read_mode);
}

int sock_ssl_get_check_hostname(sock_ssl_context_t *ctx)
{
    return sock__ssl_context_read(ctx, "check_hostname", read_check);
}

/* As OpenSSL numbers them. */
enum {
    VERIFY_FLAGS =
        SOCK_SSL_VERIFY_CRL_CHECK_CHAIN | SOCK_SSL_VERIFY_X509_STRICT |
        SOCK_SSL_VERIFY_ALLOW_PROXY_CERTS | SOCK_SSL_VERIFY_X509_TRUSTED_FIRST |
        SOCK_SSL_VERIFY_X509_PARTIAL_CHAIN
};

int sock_ssl_set_verify_flags(sock_ssl_context_t *ctx, unsigned flags)
{
    const char *op = "verify_flags";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if ((flags & ~(unsigned)VERIFY_FLAGS) != 0)
        return sock__ssl_context_refuse(ctx, op, SOCK__BAD_VERIFY_FLAGS);
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx->ctx);
    X509_VERIFY_PARAM_clear_flags(param, VERIFY_FLAGS);
    X509_VERIFY_PARAM_set_flags(param, flags);
    sock__ssl_context_renew(ctx);
    return sock__ssl_context_leave(ctx, op, true);
}

int sock_ssl_get_verify_flags(sock_ssl_context_t *ctx, unsigned *flags)
{
    const char *op = "verify_flags";
    if (ctx != NULL && flags == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    *flags =
        (unsigned)X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(ctx->ctx)) &
        VERIFY_FLAGS;
    return sock__ssl_context_leave(ctx, op, true);
}

int sock_ssl_set_post_handshake_auth(sock_ssl_context_t *ctx, int on)
{
    const char *op = "post_handshake_auth";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    ctx->post_handshake = on != 0;
    SSL_CTX_set_post_handshake_auth(ctx->ctx, on != 0);
    sock__ssl_context_verify(ctx, ctx->verify_mode);
    return sock__ssl_context_leave(ctx, op, true);
}

static int read_post_handshake(const sock_ssl_context_t *ctx)
{
    return ctx->post_handshake;
}

int sock_ssl_get_post_handshake_auth(sock_ssl_context_t *ctx)
{
    return sock__ssl_context_read(ctx, "post_handshake_auth",
                                  read_post_handshake);
}

/* Versions */

static int read_minimum(const sock_ssl_context_t *ctx)
{
    return (int)SSL_CTX_get_min_proto_version(ctx->ctx);
}

/* OpenSSL says 0 where there is no limit. */
static int read_maximum(const sock_ssl_context_t *ctx)
{
    int version = (int)SSL_CTX_get_max_proto_version(ctx->ctx);
    return version != 0 ? version : SOCK_SSL_MAXIMUM_SUPPORTED;
}

/* The two that are supported, by their numbers or as an end; 0: neither. */
static int version_of(int version)
{
    if (version == SOCK_SSL_MINIMUM_SUPPORTED)
        return TLS1_2_VERSION;
    if (version == SOCK_SSL_MAXIMUM_SUPPORTED)
        return TLS1_3_VERSION;
    return version == TLS1_2_VERSION || version == TLS1_3_VERSION ? version : 0;
}

static int set_versions(sock_ssl_context_t *ctx, const char *op, int version,
                        bool maximum)
{
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    int asked = version;
    version = version_of(version);
    if (version == 0)
        return sock__ssl_context_refuse(ctx, op, SOCK__BAD_TLS_VERSION);
    int low = maximum ? read_minimum(ctx) : version;
    int high = maximum ? version : version_of(read_maximum(ctx));
    if (low > high)
        return sock__ssl_context_refuse(ctx, op, SOCK__NO_TLS_VERSION);
    if (maximum && asked == SOCK_SSL_MAXIMUM_SUPPORTED)
        version = 0; /* no limit */
    long done = maximum ? SSL_CTX_set_max_proto_version(ctx->ctx, version)
                        : SSL_CTX_set_min_proto_version(ctx->ctx, version);
    return sock__ssl_context_leave(ctx, op, done == 1);
}

int sock_ssl_set_minimum_version(sock_ssl_context_t *ctx, int version)
{
    return set_versions(ctx, "minimum_version", version, false);
}

int sock_ssl_set_maximum_version(sock_ssl_context_t *ctx, int version)
{
    return set_versions(ctx, "maximum_version", version, true);
}

int sock_ssl_get_minimum_version(sock_ssl_context_t *ctx)
{
    return sock__ssl_context_read(ctx, "minimum_version", read_minimum);
}

int sock_ssl_get_maximum_version(sock_ssl_context_t *ctx)
{
    return sock__ssl_context_read(ctx, "maximum_version", read_maximum);
}

/* Options */

/* As OpenSSL numbers them: those that can be chosen, and those that are always
 * on. */
enum {
    OPTIONS = SOCK_SSL_OP_NO_TICKET | SOCK_SSL_OP_CIPHER_SERVER_PREFERENCE |
              SOCK_SSL_OP_ENABLE_MIDDLEBOX_COMPAT,
    ALWAYS = SOCK_SSL_OP_NO_RENEGOTIATION | SOCK_SSL_OP_NO_COMPRESSION
};

int sock_ssl_set_options(sock_ssl_context_t *ctx, uint64_t options)
{
    const char *op = "options";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if ((options & ~(uint64_t)(OPTIONS | ALWAYS)) != 0)
        return sock__ssl_context_refuse(ctx, op, SOCK__BAD_TLS_OPTIONS);
    SSL_CTX_clear_options(ctx->ctx, OPTIONS);
    SSL_CTX_set_options(ctx->ctx, options);
    return sock__ssl_context_leave(ctx, op, true);
}

int sock_ssl_get_options(sock_ssl_context_t *ctx, uint64_t *options)
{
    const char *op = "options";
    if (ctx != NULL && options == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    *options = SSL_CTX_get_options(ctx->ctx) & (OPTIONS | ALWAYS);
    return sock__ssl_context_leave(ctx, op, true);
}

int sock_ssl_set_num_tickets(sock_ssl_context_t *ctx, int n)
{
    const char *op = "num_tickets";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (n < 0)
        return sock__ssl_context_refuse(ctx, op, SOCK__NEGATIVE_VALUE);
    if (!ctx->server)
        return sock__ssl_context_refuse(ctx, op, SOCK__NOT_OF_SERVER);
    return sock__ssl_context_leave(
        ctx, op, SSL_CTX_set_num_tickets(ctx->ctx, (size_t)n) == 1);
}

static int read_tickets(const sock_ssl_context_t *ctx)
{
    return (int)SSL_CTX_get_num_tickets(ctx->ctx);
}

int sock_ssl_get_num_tickets(sock_ssl_context_t *ctx)
{
    return sock__ssl_context_read(ctx, "num_tickets", read_tickets);
}

/* What it is */

static int read_level(const sock_ssl_context_t *ctx)
{
    return SSL_CTX_get_security_level(ctx->ctx);
}

static int read_protocol(const sock_ssl_context_t *ctx)
{
    return ctx->server ? SOCK_SSL_PROTOCOL_TLS_SERVER
                       : SOCK_SSL_PROTOCOL_TLS_CLIENT;
}

int sock_ssl_get_security_level(sock_ssl_context_t *ctx)
{
    return sock__ssl_context_read(ctx, "security_level", read_level);
}

int sock_ssl_get_protocol(sock_ssl_context_t *ctx)
{
    return sock__ssl_context_read(ctx, "protocol", read_protocol);
}
