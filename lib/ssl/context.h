/* SPDX-License-Identifier: MIT */
/* What connections have in common: its life, and what it gives to one. */
#ifndef SOCK__SSL_CONTEXT_H
#define SOCK__SSL_CONTEXT_H

#include "state.h"

/* One with the defaults of its side; NULL with the error recorded. */
sock_ssl_context_t *sock__ssl_context_new(bool server, const char *op);
sock_ssl_context_t *sock__ssl_context_hold(sock_ssl_context_t *ctx);
void sock__ssl_context_drop(sock_ssl_context_t *ctx);
/* A new SSL of it, and what that checks; NULL with OpenSSL's error. */
SSL *sock__ssl_context_connect(sock_ssl_context_t *ctx,
                               struct sock__ssl_check *check);

/* Begins to change it, with OpenSSL's queue empty; -1 with the error recorded
 * for NULL. */
int sock__ssl_context_enter(sock_ssl_context_t *ctx, const char *op);
/* Ends that: 0 if it was done, else -1 with what OpenSSL says recorded. */
int sock__ssl_context_leave(sock_ssl_context_t *ctx, const char *op, bool done);

#endif
