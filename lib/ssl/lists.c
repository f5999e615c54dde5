/* SPDX-License-Identifier: MIT */
/* What a context has by lists of names: ciphers, curves, protocols. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <pysockc/error.h>

#include "alpn.h"
#include "context.h"
#include "error.h"
#include "record.h"

/* Ends a change with the list remembered. */
static int remember(sock_ssl_context_t *ctx, const char *op, int which,
                    const char *list)
{
    return sock__ssl_context_set(ctx, op, which,
                                 sock__ssl_setting_new(list, strlen(list) + 1));
}

/* A way to set a list, of a connection and of a context. */
struct lists {
    int (*of_one)(SSL *ssl, const char *list);
    int (*of_all)(SSL_CTX *ctx, const char *list);
};

/* Sets it, after one connection has tried it. Those that shake hands may be
 * using the context's, so that one is left alone once there are any, and each
 * later connection is given the list. */
static bool use(sock_ssl_context_t *ctx, const struct lists *way,
                const char *list)
{
    SSL *trial = SSL_new(ctx->ctx);
    bool done = trial != NULL && way->of_one(trial, list) == 1;
    SSL_free(trial);
    if (done && ctx->used)
        ctx->late = true;
    else if (done)
        done = way->of_all(ctx->ctx, list) == 1;
    return done;
}

/* NULL is no list; with the context entered. */
static int no_list(sock_ssl_context_t *ctx, const char *op)
{
    sock__ssl_context_leave(ctx, op, true);
    return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

static int set_list(sock_ssl_context_t *ctx, const char *op, const char *list,
                    const struct lists *way, int which)
{
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (list == NULL)
        return no_list(ctx, op);
    if (!use(ctx, way, list))
        return sock__ssl_context_leave(ctx, op, false);
    return remember(ctx, op, which, list);
}

int sock_ssl_set_ciphers(sock_ssl_context_t *ctx, const char *list)
{
    static const struct lists way = {SSL_set_cipher_list,
                                     SSL_CTX_set_cipher_list};
    return set_list(ctx, "set_ciphers", list, &way, SOCK__SSL_CIPHERS);
}

static bool is_suite(const char *name, size_t n)
{
    static const char *const names[] = {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256",
        "TLS_AES_128_CCM_8_SHA256"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
            return true;
    return false;
}

/* OpenSSL skips what it does not know, and newer ones know suites that don't
 * encrypt. */
static bool are_suites(const char *list)
{
    size_t n = strcspn(list, ":");
    while (is_suite(list, n) && list[n] == ':') {
        list += n + 1;
        n = strcspn(list, ":");
    }
    return is_suite(list, n);
}

int sock_ssl_set_ciphersuites(sock_ssl_context_t *ctx, const char *list)
{
    static const struct lists way = {SSL_set_ciphersuites,
                                     SSL_CTX_set_ciphersuites};
    const char *op = "set_ciphersuites";
    if (ctx != NULL && list != NULL && !are_suites(list))
        return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__BAD_CIPHERSUITE,
                                  list);
    return set_list(ctx, op, list, &way, SOCK__SSL_SUITES);
}

int sock_ssl_set_ecdh_curve(sock_ssl_context_t *ctx, const char *names)
{
    const char *op = "set_ecdh_curve";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (names == NULL)
        return no_list(ctx, op);
    struct sock__ssl_setting *x =
        sock__ssl_setting_new(names, strlen(names) + 1);
    errno = 0;
    char *list = sock__ssl_setting_value(x); /* which OpenSSL does not change */
    if (list == NULL || SSL_CTX_set1_groups_list(ctx->ctx, list) == 1)
        return sock__ssl_context_set(ctx, op, SOCK__SSL_CURVES, x);
    sock__ssl_setting_drop(x);
    if (errno == ENOMEM) /* of which OpenSSL says nothing */
        return sock__ssl_context_set(ctx, op, SOCK__SSL_CURVES, NULL);
    sock__ssl_context_leave(ctx, op, true);
    return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__BAD_CURVE, names);
}

/* Protocols */

static bool are_given(const char *const *names, size_t count)
{
    if (names == NULL)
        return count == 0;
    while (count > 0 && names[count - 1] != NULL)
        count--;
    return count == 0;
}

/* A server has them in its callback alone. */
static bool offer(sock_ssl_context_t *ctx, struct sock__ssl_setting *x)
{
    return ctx->server || /* the next says 0 when it is done */
           SSL_CTX_set_alpn_protos(ctx->ctx, sock__ssl_setting_value(x),
                                   (unsigned)sock__ssl_setting_size(x)) == 0;
}

int sock_ssl_set_alpn_protocols(sock_ssl_context_t *ctx,
                                const char *const *names, size_t count)
{
    const char *op = "set_alpn_protocols";
    if (ctx != NULL && !are_given(names, count))
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    size_t size = sock__ssl_protocols_size(names, count);
    if (size == SIZE_MAX)
        return sock__ssl_context_refuse(ctx, op, SOCK__BAD_ALPN);
    struct sock__ssl_setting *x = sock__ssl_protocols(names, count, size);
    if (x == NULL || offer(ctx, x))
        return sock__ssl_context_set(ctx, op, SOCK__SSL_ALPN, x);
    sock__ssl_setting_drop(x);
    return sock__ssl_context_leave(ctx, op, false);
}
