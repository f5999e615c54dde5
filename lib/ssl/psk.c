/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "psk.h"

#include <string.h>

#include <openssl/ssl.h>

#include <pysockc/error.h>

#include "bio.h"
#include "record.h"

/* What a callback has returned, for OpenSSL: 0 is no key. */
static unsigned take(struct sock__ssl *c, int n, size_t room, bool fits)
{
    if (n <= 0)
        return 0;
    if ((size_t)n > room || !fits) {
        c->fault = SOCK__BAD_PSK;
        return 0;
    }
    c->keyed = true;
    return (unsigned)n;
}

static unsigned ask_client(SSL *ssl, const char *hint, char *identity,
                           unsigned identity_size, unsigned char *key,
                           unsigned key_size)
{
    struct sock__ssl *c = sock__ssl_connection(ssl);
    const struct sock__ssl_psk_client *psk =
        sock__ssl_setting_value(c->settings.of[SOCK__SSL_PSK_CLIENT]);
    int n = psk->fn(hint, identity, identity_size, key, key_size, psk->arg);
    bool fits = n <= 0 || memchr(identity, '\0', identity_size) != NULL;
    return take(c, n, key_size, fits);
}

static unsigned ask_server(SSL *ssl, const char *identity, unsigned char *key,
                           unsigned key_size)
{
    struct sock__ssl *c = sock__ssl_connection(ssl);
    const struct sock__ssl_psk_server *psk =
        sock__ssl_setting_value(c->settings.of[SOCK__SSL_PSK_SERVER]);
    return take(c, psk->fn(identity, key, key_size, psk->arg), key_size, true);
}

/* A callback that is there changes what OpenSSL chooses. */
bool sock__ssl_psk_use(struct sock__ssl *c)
{
    const struct sock__ssl_psk_server *psk =
        sock__ssl_setting_value(c->settings.of[SOCK__SSL_PSK_SERVER]);
    if (c->settings.of[SOCK__SSL_PSK_CLIENT] != NULL)
        SSL_set_psk_client_callback(c->ssl, ask_client);
    SSL_set_psk_server_callback(c->ssl, psk != NULL ? ask_server : NULL);
    return psk == NULL || !psk->hinted ||
           SSL_use_psk_identity_hint(c->ssl, psk->hint) == 1;
}

bool sock__ssl_is_by_psk(const struct sock__ssl *c)
{
    if (!c->keyed || SSL_get0_peer_certificate(c->ssl) != NULL)
        return false;
    if (SSL_version(c->ssl) >= TLS1_3_VERSION)
        return SSL_session_reused(c->ssl) == 1;
    return SSL_CIPHER_get_auth_nid(SSL_get_current_cipher(c->ssl)) ==
           NID_auth_psk;
}
