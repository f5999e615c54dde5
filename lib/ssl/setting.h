/* SPDX-License-Identifier: MIT */
/*
 * What a context has that OpenSSL does not keep for it: each setting never
 * changes, and is counted. A connection keeps those that it began with, so a
 * setter takes nothing away from a handshake that goes on.
 */
#ifndef SOCK__SSL_SETTING_H
#define SOCK__SSL_SETTING_H

#include <stddef.h>

enum sock__ssl_which {
    SOCK__SSL_ALPN,
    SOCK__SSL_SNI,
    SOCK__SSL_PSK_CLIENT,
    SOCK__SSL_PSK_SERVER,
    SOCK__SSL_PINS,
    SOCK__SSL_KEYLOG,
    SOCK__SSL_PASSWORD,
    SOCK__SSL_CIPHERS,
    SOCK__SSL_SUITES,
    SOCK__SSL_CURVES,
    SOCK__SSL_SETTINGS
};

struct sock__ssl_setting;

/* One of each, or NULL. */
struct sock__ssl_settings {
    struct sock__ssl_setting *of[SOCK__SSL_SETTINGS];
};

/* With a copy of the value, or zeros for NULL; NULL for want of memory. */
struct sock__ssl_setting *sock__ssl_setting_new(const void *value, size_t size);
/* What is to be done with the value at its end. */
void sock__ssl_setting_ends_by(struct sock__ssl_setting *x,
                               void (*end)(void *value));
/* NULL of NULL. The size is of use where the value has none of its own. */
void *sock__ssl_setting_value(struct sock__ssl_setting *x);
size_t sock__ssl_setting_size(const struct sock__ssl_setting *x);
/* These take NULL, too. */
struct sock__ssl_setting *sock__ssl_setting_hold(struct sock__ssl_setting *x);
void sock__ssl_setting_drop(struct sock__ssl_setting *x);
struct sock__ssl_settings sock__ssl_settings_hold(
    const struct sock__ssl_settings *all);
void sock__ssl_settings_drop(const struct sock__ssl_settings *all);

#endif
