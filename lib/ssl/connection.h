/* SPDX-License-Identifier: MIT */
/* The state of a connection: making it, and ending it. */
#ifndef SOCK__SSL_CONNECTION_H
#define SOCK__SSL_CONNECTION_H

#include "state.h"

/* Makes one, with the context held; NULL with the error recorded. */
struct sock__ssl *sock__ssl_new(sock_ssl_context_t *ctx, bool server,
                                bool ragged, const char *host, const char *op);
/* Gives it another context, before the handshake or within the SNI callback; -1
 * with the error recorded, and all as it was. Its lock is held. */
int sock__ssl_use_context(struct sock__ssl *c, sock_ssl_context_t *ctx,
                          const char *op);
/* For an object that no one uses yet, and that is given up. */
void sock__ssl_drop(struct sock__ssl *c);

#endif
