/* SPDX-License-Identifier: MIT */
/* Whose a request is. */
#ifndef SOCK__HTTPD_ROUTES_H
#define SOCK__HTTPD_ROUTES_H

#include "httpd_server.h"

/* Adds one, or gives one of that name another function: 0; -1 with the error
 * recorded. */
int sock__route_add(const char *op, struct sock__routes *routes,
                    const char *name, sock_httpd_fn fn, void *arg);
void sock__routes_end(struct sock__routes *routes);
/* Calls the handler of a request, or answers that there is none. */
void sock__routes_handle(sock_httpd_request_t *self);

#endif
