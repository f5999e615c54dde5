/* SPDX-License-Identifier: MIT */
/*
 * One try of anything that a connection does: under its lock, with the queue of
 * OpenSSL's errors empty before and behind it, and never again once it has
 * failed for good.
 */
#ifndef SOCK__SSL_TRY_H
#define SOCK__SSL_TRY_H

#include "state.h"

/* The lock, for a call that tries nothing: -1 with EDEADLK recorded within a
 * callback of the same connection. */
int sock__ssl_lock(struct sock__ssl *c, const char *op);
void sock__ssl_unlock(struct sock__ssl *c);

/* Begins: 0, or what the try returns. It is to be ended in any case. */
ssize_t sock__ssl_begin(struct sock__ssl *c, sock_t *s, int fd);
/* Ends it with what it returns. */
ssize_t sock__ssl_end(struct sock__ssl *c, ssize_t result);
/* For one that has to wait: -1 with EAGAIN. */
ssize_t sock__ssl_again(const struct sock__ssl *c, short *events);
/* What a call of OpenSSL that failed comes to: -1 with EAGAIN, 0 at the peer's
 * close_notify, or the end for good. */
ssize_t sock__ssl_result(struct sock__ssl *c, int returned, short *events);
/* Hands over all that is kept: 0, or what the try returns. */
ssize_t sock__ssl_flush_all(struct sock__ssl *c, short *events);
/* Whether the peer's certificate, if it shows one, must be one to trust. */
bool sock__ssl_verifies(const struct sock__ssl *c);
/* Whether the descriptor has a peer. */
bool sock__ssl_is_connected(const sock_t *s, int fd);
/* The handshake, if it is still owed: 0, or what the try returns. */
ssize_t sock__ssl_shake(struct sock__ssl *c, short *events);

#endif
