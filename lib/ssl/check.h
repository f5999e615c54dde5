/* SPDX-License-Identifier: MIT */
/* How strictly a connection checks its peer, so that none is resumed on the
 * strength of a check that was less. */
#ifndef SOCK__SSL_CHECK_H
#define SOCK__SSL_CHECK_H

#include "state.h"

/* Of a connection that is made now; its context is locked. */
struct sock__ssl_check sock__ssl_check_of(const sock_ssl_context_t *ctx,
                                          SSL *ssl);
/* Binds the tickets of a server's connection to its check: one that checks
 * otherwise takes none of them. False with OpenSSL's error. */
bool sock__ssl_check_bind(const struct sock__ssl_check *check, SSL *ssl);
/* Whether both ask the same of a certificate, names apart. */
bool sock__ssl_check_equal(const struct sock__ssl_check *a,
                           const struct sock__ssl_check *b);

#endif
