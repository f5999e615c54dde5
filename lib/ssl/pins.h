/* SPDX-License-Identifier: MIT */
/* Keys of which the chain of a peer must have one, besides being verified. */
#ifndef SOCK__SSL_PINS_H
#define SOCK__SSL_PINS_H

#include <openssl/ssl.h>

#include "setting.h"

/* Whether it is the base64 of 32 bytes. */
int sock__ssl_is_pin(const char *text);
/* Those of texts that are; NULL for want of memory. */
struct sock__ssl_setting *sock__ssl_pins_make(const char *const *texts,
                                              size_t count);
/* For OpenSSL: verifies a chain, and looks for its keys. */
int sock__ssl_verify(X509_STORE_CTX *store, void *arg);

#endif
