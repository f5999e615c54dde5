/* SPDX-License-Identifier: MIT */
/* The deadlines of requests, and a thread that sees to them. */
#ifndef SOCK__DEADLINE_H
#define SOCK__DEADLINE_H

#include "server.h"

/* A request is in work from here on, its deadline set; -1 with the error
 * recorded. */
int sock__deadline_begin(sock_request_t *r);
/* It no longer is. */
void sock__deadline_end(sock_request_t *r);
/* Ends the thread. */
void sock__deadline_stop(sock_server_t *server);

#endif
