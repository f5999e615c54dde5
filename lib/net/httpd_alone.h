/* SPDX-License-Identifier: MIT */
/* One connection, in the caller's thread. */
#ifndef SOCK__HTTPD_ALONE_H
#define SOCK__HTTPD_ALONE_H

#include "httpd_server.h"

/* Waits as sock_wait() until bytes can be received, or someone be accepted, or
 * until a shutdown that comes behind so many: 1, 0, or -1 with the error
 * recorded. */
int sock__wait_or_stop(sock_httpd_t *server, sock_t *s, unsigned stops,
                       double timeout);
/* Serves it to its end, and frees the socket: 0; -1 with the error recorded if
 * it could not begin. */
int sock__serve_alone(const char *op, sock_httpd_t *server, sock_t *s,
                      const sock_addr_t *client);

#endif
