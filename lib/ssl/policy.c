/* SPDX-License-Identifier: MIT */
/* The attributes of a context. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/error.h>

#include "context.h"
#include "error.h"
#include "record.h"

/* For a value that can't be; the context is entered. */
static int refuse(sock_ssl_context_t *ctx, const char *op, int detail)
{
    sock__ssl_context_leave(ctx, op, true);
    return sock__fail(op, SOCK_E_VALUE, 0, detail);
}

/* Whom to check */

static void apply_mode(sock_ssl_context_t *ctx, int mode)
{
    static const int modes[] = {[SOCK_SSL_CERT_NONE] = SSL_VERIFY_NONE,
                                [SOCK_SSL_CERT_OPTIONAL] = SSL_VERIFY_PEER,
                                [SOCK_SSL_CERT_REQUIRED] =
                                    SSL_VERIFY_PEER |
                                    SSL_VERIFY_FAIL_IF_NO_PEER_CERT};
    SSL_CTX_set_verify(ctx->ctx, modes[mode], sock__ssl_note_refusal);
    ctx->verify_mode = mode;
}

int sock_ssl_set_verify_mode(sock_ssl_context_t *ctx, int mode)
{
    const char *op = "verify_mode";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (mode < SOCK_SSL_CERT_NONE || mode > SOCK_SSL_CERT_REQUIRED)
        return refuse(ctx, op, SOCK__BAD_VERIFY_MODE);
    if (mode == SOCK_SSL_CERT_NONE && ctx->check_hostname)
        return refuse(ctx, op, SOCK__NAME_NEEDS_CERT);
    apply_mode(ctx, mode);
    return sock__ssl_context_leave(ctx, op, true);
}

int sock_ssl_set_check_hostname(sock_ssl_context_t *ctx, int on)
{
    const char *op = "check_hostname";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    ctx->check_hostname = on != 0;
    if (on && ctx->verify_mode == SOCK_SSL_CERT_NONE)
        apply_mode(ctx, SOCK_SSL_CERT_REQUIRED);
    return sock__ssl_context_leave(ctx, op, true);
}

/* Reads one of its numbers, under its lock. */
static int get(sock_ssl_context_t *ctx, const char *op,
               int (*read)(const sock_ssl_context_t *ctx))
{
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    int value = read(ctx);
    sock__ssl_context_leave(ctx, op, true);
    return value;
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
    return get(ctx, "verify_mode", read_mode);
}

int sock_ssl_get_check_hostname(sock_ssl_context_t *ctx)
{
    return get(ctx, "check_hostname", read_check);
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
        return refuse(ctx, op, SOCK__BAD_TLS_VERSION);
    int low = maximum ? read_minimum(ctx) : version;
    int high = maximum ? version : version_of(read_maximum(ctx));
    if (low > high)
        return refuse(ctx, op, SOCK__NO_TLS_VERSION);
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
    return get(ctx, "minimum_version", read_minimum);
}

int sock_ssl_get_maximum_version(sock_ssl_context_t *ctx)
{
    return get(ctx, "maximum_version", read_maximum);
}

/* Ciphers and protocols */

int sock_ssl_set_ciphers(sock_ssl_context_t *ctx, const char *list)
{
    const char *op = "set_ciphers";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (list != NULL)
        return sock__ssl_context_leave(
            ctx, op, SSL_CTX_set_cipher_list(ctx->ctx, list) == 1);
    sock__ssl_context_leave(ctx, op, true);
    return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

/* The server's order wins; without one in common there is none. */
static int choose(SSL *ssl, const unsigned char **out, unsigned char *size,
                  const unsigned char *theirs, unsigned theirs_size, void *arg)
{
    sock_ssl_context_t *ctx = arg;
    const struct sock__ssl_protocols *ours = atomic_load(&ctx->protocols);
    unsigned char *chosen;
    (void)ssl;
    if (ours->size == 0) /* which that would read beyond */
        return SSL_TLSEXT_ERR_NOACK;
    int found = SSL_select_next_proto(&chosen, size, ours->wire, ours->size,
                                      theirs, theirs_size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
                                           : SSL_TLSEXT_ERR_NOACK;
}

static bool are_given(const char *const *names, size_t count)
{
    if (names == NULL)
        return count == 0;
    while (count > 0 && names[count - 1] != NULL)
        count--;
    return count == 0;
}

/* The size on the wire; SIZE_MAX for names that can't go there. */
static size_t wire_size(const char *const *names, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(names[i]);
        if (n == 0 || n > 255)
            return SIZE_MAX;
        size += 1 + n;
    }
    return size <= 65535 ? size : SIZE_MAX;
}

static struct sock__ssl_protocols *make_protocols(const char *const *names,
                                                  size_t count, size_t size)
{
    struct sock__ssl_protocols *p = malloc(sizeof *p + size);
    if (p == NULL)
        return NULL;
    unsigned char *at = p->wire;
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(names[i]);
        *at++ = (unsigned char)n;
        memcpy(at, names[i], n);
        at += n;
    }
    p->size = (unsigned)size;
    return p;
}

static bool use_protocols(sock_ssl_context_t *ctx,
                          struct sock__ssl_protocols *p)
{
    p->former = atomic_load(&ctx->protocols);
    atomic_store(&ctx->protocols, p);
    if (!ctx->server) /* which says 0 when it is done */
        return SSL_CTX_set_alpn_protos(ctx->ctx, p->wire, p->size) == 0;
    SSL_CTX_set_alpn_select_cb(ctx->ctx, choose, ctx);
    return true;
}

int sock_ssl_set_alpn_protocols(sock_ssl_context_t *ctx,
                                const char *const *names, size_t count)
{
    const char *op = "set_alpn_protocols";
    if (ctx != NULL && !are_given(names, count))
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    size_t size = wire_size(names, count);
    if (size == SIZE_MAX)
        return refuse(ctx, op, SOCK__BAD_ALPN);
    struct sock__ssl_protocols *p = make_protocols(names, count, size);
    if (p != NULL)
        return sock__ssl_context_leave(ctx, op, use_protocols(ctx, p));
    sock__ssl_context_leave(ctx, op, true);
    return sock__fail(op, SOCK_E_MEMORY, 0, 0);
}
