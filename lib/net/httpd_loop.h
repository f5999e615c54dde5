/* SPDX-License-Identifier: MIT */
/* The loop: it takes connections and waits for all that wait. */
#ifndef SOCK__HTTPD_LOOP_H
#define SOCK__HTTPD_LOOP_H

#include "httpd_server.h"

/* Runs it until it is stopped: 0; -1 with the error recorded. */
int sock__loop_run(sock_httpd_t *server);
/* Ends what is still there, and has those end soon that someone has. */
void sock__loop_cut(sock_httpd_t *server);
/* Makes a connection what a server needs: non-blocking, and with TLS on top
 * where it has that. 0; -1 with the error recorded. */
int sock__loop_prepare(sock_httpd_t *server, sock_t *s);
/* An IPv4 client of a server of both has an IPv4 address. */
void sock__loop_plain_address(sock_addr_t *address);

#endif
