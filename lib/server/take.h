/* SPDX-License-Identifier: MIT */
/* Taking requests: the next connection, the next datagram, one that was
 * parked. */
#ifndef SOCK__TAKE_H
#define SOCK__TAKE_H

#include "server.h"

/* Takes one that is there and has it processed: 1; 0 if there was none after
 * all; -1 with the error recorded if there can't be any. */
int sock__take(sock_server_t *server);
/* The same of those that were parked. */
int sock__take_parked(sock_server_t *server);
/* Runs it as the server's mode says; on error it has ended. */
void sock__dispatch(sock_request_t *r);

#endif
