/* SPDX-License-Identifier: MIT */
/* A connection under an object. */
#ifndef SOCK__SSL_OPS_H
#define SOCK__SSL_OPS_H

#include "state.h"

/* Makes one, with the context held; NULL with the error recorded. */
struct sock__ssl *sock__ssl_new(sock_ssl_context_t *ctx, bool server,
                                bool ragged, const char *host, const char *op);
/* Puts it under an object that no one uses yet. */
void sock__ssl_put(sock_t *s, struct sock__ssl *c);
/* That of an object; NULL with the error recorded if it has none. */
struct sock__ssl *sock__ssl_of(const sock_t *s, const char *op);
/* The same, with the connection locked until sock__ssl_leave(). */
struct sock__ssl *sock__ssl_enter(const sock_t *s, const char *op);
void sock__ssl_leave(struct sock__ssl *c);
/* As sock__ssl_enter(), but from one of its callbacks, too: *inside, and there
 * is nothing to leave. */
struct sock__ssl *sock__ssl_enter_from(const sock_t *s, const char *op,
                                       bool *inside);
/* The handshake, and all of it handed over; as a try of struct sock__ops. */
ssize_t sock__ssl_handshake(sock_t *s, int fd, short *events);
/* As `ready` there. */
int sock__ssl_ready(sock_t *s, int fd, int want, short *events);
/* For an object that no one uses yet, and that is given up. */
void sock__ssl_drop(struct sock__ssl *c);

#endif
