/* SPDX-License-Identifier: MIT */
/* Keys that both sides have beforehand. */
#ifndef SOCK__SSL_PSK_H
#define SOCK__SSL_PSK_H

#include <stddef.h>

#include <pysockc/ssl.h>

#include "state.h"

/* What the context keeps of each side. */
struct sock__ssl_psk_client {
    sock_ssl_psk_client_fn fn;
    void *arg;
};
struct sock__ssl_psk_server {
    sock_ssl_psk_server_fn fn;
    void *arg;
    bool hinted;
    char hint[257];
};

/* Gives OpenSSL what the connection's settings have of it, or nothing. */
bool sock__ssl_psk_use(struct sock__ssl *c);
/* Whether a key has proved who the peer is, and no certificate. */
bool sock__ssl_is_by_psk(const struct sock__ssl *c);

#endif
