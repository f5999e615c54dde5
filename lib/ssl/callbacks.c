/* SPDX-License-Identifier: MIT */
/* What a context calls of its user's, and what it writes down for him. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <string.h>

#include <pysockc/error.h>

#include "context.h"
#include "error.h"
#include "hello.h"
#include "keylog.h"
#include "password.h"
#include "pins.h"
#include "psk.h"
#include "record.h"

/* Ends a change with a callback, which NULL takes away. */
static int set_or_unset(sock_ssl_context_t *ctx, const char *op, int which,
                        bool set, const void *value, size_t size)
{
    if (!set)
        return sock__ssl_context_unset(ctx, op, which);
    return sock__ssl_context_set(ctx, op, which,
                                 sock__ssl_setting_new(value, size));
}

int sock_ssl_set_password_callback(sock_ssl_context_t *ctx,
                                   sock_ssl_password_fn fn, void *arg)
{
    const char *op = "set_password_callback";
    const struct sock__ssl_password x = {fn, arg};
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    return set_or_unset(ctx, op, SOCK__SSL_PASSWORD, fn != NULL, &x, sizeof x);
}

/* Once there is one OpenSSL asks whether it has been of use, and never again
 * not; before, a server without a certificate would choose TLS 1.3. */
int sock_ssl_set_sni_callback(sock_ssl_context_t *ctx, sock_ssl_sni_fn fn,
                              void *arg)
{
    const char *op = "sni_callback";
    const struct sock__ssl_sni x = {fn, arg};
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (!ctx->server)
        return sock__ssl_context_refuse(ctx, op, SOCK__SNI_OF_CLIENT);
    if (fn != NULL)
        SSL_CTX_set_tlsext_servername_callback(ctx->ctx, sock__ssl_name_used);
    return set_or_unset(ctx, op, SOCK__SSL_SNI, fn != NULL, &x, sizeof x);
}

int sock_ssl_set_psk_client_callback(sock_ssl_context_t *ctx,
                                     sock_ssl_psk_client_fn fn, void *arg)
{
    const char *op = "set_psk_client_callback";
    const struct sock__ssl_psk_client x = {fn, arg};
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (ctx->server)
        return sock__ssl_context_refuse(ctx, op, SOCK__PSK_OF_SERVER);
    return set_or_unset(ctx, op, SOCK__SSL_PSK_CLIENT, fn != NULL, &x,
                        sizeof x);
}

int sock_ssl_set_psk_server_callback(sock_ssl_context_t *ctx,
                                     sock_ssl_psk_server_fn fn,
                                     const char *hint, void *arg)
{
    const char *op = "set_psk_server_callback";
    struct sock__ssl_psk_server x = {
        .fn = fn, .arg = arg, .hinted = hint != NULL};
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (!ctx->server)
        return sock__ssl_context_refuse(ctx, op, SOCK__PSK_OF_CLIENT);
    if (hint != NULL && strlen(hint) >= sizeof x.hint)
        return sock__ssl_context_refuse(ctx, op, SOCK__LONG_PSK_HINT);
    if (hint != NULL)
        memcpy(x.hint, hint, strlen(hint) + 1);
    return set_or_unset(ctx, op, SOCK__SSL_PSK_SERVER, fn != NULL, &x,
                        sizeof x);
}

/* OpenSSL is told to call once there is a file, and never again not to, as
 * handshakes may go on. */
int sock_ssl_set_keylog_filename(sock_ssl_context_t *ctx, const char *path)
{
    const char *op = "keylog_filename";
    struct sock__ssl_setting *x = NULL;
    int saved = errno;
    if (ctx != NULL && path != NULL &&
        (x = sock__ssl_keylog_open(path)) == NULL)
        return errno == ENOMEM ? sock__fail(op, SOCK_E_MEMORY, 0, 0)
                               : sock__fail(op, SOCK_E_OS, errno, 0);
    errno = saved;
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    if (path == NULL)
        return sock__ssl_context_unset(ctx, op, SOCK__SSL_KEYLOG);
    SSL_CTX_set_keylog_callback(ctx->ctx, sock__ssl_keylog);
    return sock__ssl_context_set(ctx, op, SOCK__SSL_KEYLOG, x);
}

static int check_pins(const char *op, const char *const *pins, size_t count)
{
    if (pins == NULL && count > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    for (size_t i = 0; i < count; i++) {
        if (pins[i] == NULL)
            return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        if (!sock__ssl_is_pin(pins[i]))
            return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_PIN);
    }
    return 0;
}

/* Without a certificate there is no key to look for. */
int sock_ssl_set_pins(sock_ssl_context_t *ctx, const char *const *sha256_base64,
                      size_t count)
{
    const char *op = "set_pins";
    if (ctx != NULL && check_pins(op, sha256_base64, count) < 0)
        return -1;
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    sock__ssl_context_renew(ctx);
    if (count == 0)
        return sock__ssl_context_unset(ctx, op, SOCK__SSL_PINS);
    struct sock__ssl_setting *x = sock__ssl_pins_make(sha256_base64, count);
    if (x != NULL && ctx->verify_mode == SOCK_SSL_CERT_NONE)
        sock__ssl_context_verify(ctx, SOCK_SSL_CERT_REQUIRED);
    return sock__ssl_context_set(ctx, op, SOCK__SSL_PINS, x);
}
