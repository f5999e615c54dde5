/* SPDX-License-Identifier: MIT */
/*
 * The way of a connection's bytes to the system.
 *
 * OpenSSL wants a write that would block to be repeated with the same bytes.
 * This one never blocks: what the system does not take is kept, and goes out
 * before anything else.
 */
#ifndef SOCK__SSL_BIO_H
#define SOCK__SSL_BIO_H

#include "attributes.h"
#include "state.h"

/* Puts it under the connection's SSL; -1 for want of memory. */
int sock__ssl_bio(struct sock__ssl *c);
/* Whose SSL it is. */
SOCK__INLINE struct sock__ssl *sock__ssl_connection(const SSL *ssl)
{
    return BIO_get_data(SSL_get_rbio(ssl));
}
/* Bytes that the system has not taken yet. */
SOCK__INLINE size_t sock__ssl_kept(const struct sock__ssl *c)
{
    return c->end - c->at;
}
/* Beyond this nothing is read, or a peer that makes this side answer could make
 * it keep without end. */
enum { SOCK__SSL_MOST_KEPT = 32768 };
/* Gives it as many as it takes; -1 if the transport has failed. */
int sock__ssl_flush(struct sock__ssl *c);

#endif
