/* SPDX-License-Identifier: MIT */
/* What connections have in common: its life, and what it gives to one. */
#ifndef SOCK__SSL_CONTEXT_H
#define SOCK__SSL_CONTEXT_H

#include "state.h"

/* One with the defaults of its side; NULL with the error recorded. */
sock_ssl_context_t *sock__ssl_context_new(bool server, const char *op);
sock_ssl_context_t *sock__ssl_context_hold(sock_ssl_context_t *ctx);
void sock__ssl_context_drop(sock_ssl_context_t *ctx);
/* Gives the connection, which has the context, an SSL of it, and its settings;
 * -1 with OpenSSL's error. */
int sock__ssl_context_connect(struct sock__ssl *c);
/* Gives it another context, which it then holds, while it listens to its
 * client's hello; -1 with OpenSSL's error. */
int sock__ssl_context_switch(struct sock__ssl *c, sock_ssl_context_t *ctx);

/* Begins to change it, with OpenSSL's queue empty; -1 with the error recorded
 * for NULL. */
int sock__ssl_context_enter(sock_ssl_context_t *ctx, const char *op);
/* Ends that: 0 if it was done, else -1 with what OpenSSL says recorded. */
int sock__ssl_context_leave(sock_ssl_context_t *ctx, const char *op, bool done);
/* Ends it for a value that can't be: -1 with SOCK_E_VALUE recorded. */
int sock__ssl_context_refuse(sock_ssl_context_t *ctx, const char *op,
                             int detail);
/* Ends it with a setting, which it takes, in place of the former; NULL was no
 * memory. */
int sock__ssl_context_set(sock_ssl_context_t *ctx, const char *op, int which,
                          struct sock__ssl_setting *x);
/* Ends it without one. */
int sock__ssl_context_unset(sock_ssl_context_t *ctx, const char *op, int which);
/* One of its settings, held; NULL: there is none. */
struct sock__ssl_setting *sock__ssl_context_setting(sock_ssl_context_t *ctx,
                                                    int which);
/* Reads one of its numbers, under its lock. */
int sock__ssl_context_read(sock_ssl_context_t *ctx, const char *op,
                           int (*read)(const sock_ssl_context_t *ctx));
/* While it is entered, after a change of what peers are verified by. */
void sock__ssl_context_renew(sock_ssl_context_t *ctx);
/* While it is entered: asks for certificates, or not. */
void sock__ssl_context_verify(sock_ssl_context_t *ctx, int mode);

#endif
