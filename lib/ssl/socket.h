/* SPDX-License-Identifier: MIT */
/* Making a connection of a socket. */
#ifndef SOCK__SSL_SOCKET_H
#define SOCK__SSL_SOCKET_H

#include "state.h"

/* As sock_ssl_wrap_socket(), on these terms. */
sock_t *sock__ssl_wrap(sock_ssl_context_t *ctx, sock_t *s, int flags,
                       const struct sock__tls_terms *terms);

#endif
