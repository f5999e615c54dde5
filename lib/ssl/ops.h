/* SPDX-License-Identifier: MIT */
/* A connection under an object. */
#ifndef SOCK__SSL_OPS_H
#define SOCK__SSL_OPS_H

#include "state.h"

/* Puts it under an object that no one uses yet. */
void sock__ssl_put(sock_t *s, struct sock__ssl *c);
/* Makes a server's one of a connection that no one uses yet, which shakes hands
 * when bytes are moved first: 0; -1 with the error recorded. */
int sock__ssl_serve(sock_ssl_context_t *ctx, sock_t *s, const char *op);
/* That of an object; NULL with the error recorded if it has none. */
struct sock__ssl *sock__ssl_of(const sock_t *s, const char *op);
/* The same, locked: sock__ssl_unlock() ends it. */
struct sock__ssl *sock__ssl_enter(const sock_t *s, const char *op);
/* The handshake, and all of it handed over; as a try of struct sock__ops. */
ssize_t sock__ssl_handshake(sock_t *s, int fd, short *events);
/* As `ready` there. */
int sock__ssl_ready(sock_t *s, int fd, int want, short *events);

#endif
