/* SPDX-License-Identifier: MIT */
/* The protocol that goes over a connection. */
#ifndef SOCK__SSL_ALPN_H
#define SOCK__SSL_ALPN_H

#include <openssl/ssl.h>

#include "setting.h"

/* The names as they go over the wire: their size there, or SIZE_MAX for names
 * that can't. */
size_t sock__ssl_protocols_size(const char *const *names, size_t count);
void sock__ssl_write_protocols(const char *const *names, size_t count,
                               unsigned char *wire);
/* NULL for want of memory. */
struct sock__ssl_setting *sock__ssl_protocols(const char *const *names,
                                              size_t count, size_t size);
/* For OpenSSL, of a server. */
int sock__ssl_choose_protocol(SSL *ssl, const unsigned char **out,
                              unsigned char *size, const unsigned char *theirs,
                              unsigned theirs_size, void *arg);

#endif
