/* SPDX-License-Identifier: MIT */
/* Workers that wait for a client: meanwhile another one may stand in, so that
 * no number of slow clients holds up the others. */
#ifndef SOCK__HTTPD_AWAY_H
#define SOCK__HTTPD_AWAY_H

#include "httpd_server.h"

/* Around a wait of a handler's; of one that no worker has they do nothing. */
void sock__away_begin(const sock_httpd_request_t *self);
void sock__away_end(const sock_httpd_request_t *self);
/* How many are to be started to stand in. The lock is held. */
int sock__away_needs(const sock_httpd_t *server);

#endif
