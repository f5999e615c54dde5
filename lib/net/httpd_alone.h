/* SPDX-License-Identifier: MIT */
/* One connection, in the caller's thread. */
#ifndef SOCK__HTTPD_ALONE_H
#define SOCK__HTTPD_ALONE_H

#include "httpd_server.h"

/* Serves it to its end, and frees the socket: 0; -1 with the error recorded if
 * it could not begin. */
int sock__serve_alone(const char *op, sock_httpd_t *server, sock_t *s,
                      const sock_addr_t *client);

#endif
