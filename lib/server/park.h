/* SPDX-License-Identifier: MIT */
/* Connections that wait for bytes without a thread. */
#ifndef SOCK__PARK_H
#define SOCK__PARK_H

#include "server.h"

/* What park() may make of it. */
bool sock__park_allowed(const sock_request_t *r);
/* Lets it wait. Once it is parked it may go on elsewhere, and end, before this
 * returns. If it can't wait it is finished: 0; -1 with the error recorded. */
enum { SOCK__PARKED = 1, SOCK__HAS_BYTES = 2 };
int sock__park(sock_request_t *r);
/* Looks which have bytes: how many. The i-th then leaves the parked. */
int sock__park_look(sock_server_t *server);
sock_request_t *sock__park_take(sock_server_t *server, int i);
/* Closes those whose time is over, all of them if so: their number. */
int sock__park_close(sock_server_t *server, bool all);
/* When the next one's time is over; negative: never. */
int64_t sock__park_until(sock_server_t *server);

#endif
