/* SPDX-License-Identifier: MIT */
/* How many connections each address has. The server's lock is held. */
#ifndef SOCK__HTTPD_PEERS_H
#define SOCK__HTTPD_PEERS_H

#include "httpd_server.h"

/* 0; -1 for want of memory, not recorded. For about so many connections. */
int sock__peers_begin(struct sock__peers *p, int connections);
void sock__peers_end(struct sock__peers *p);
/* Counts a further one: what it counts for, NULL if there are `most` already,
 * or for want of memory. */
struct sock__peer *sock__peers_enter(struct sock__peers *p,
                                     const sock_addr_t *address, int most);
void sock__peers_leave(struct sock__peers *p, struct sock__peer *peer);

#endif
