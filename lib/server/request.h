/* SPDX-License-Identifier: MIT */
/* A request: making, running and ending it. */
#ifndef SOCK__REQUEST_H
#define SOCK__REQUEST_H

#include "server.h"

/* One without a socket yet; NULL with the error recorded. */
sock_request_t *sock__request_new(sock_server_t *server);
/* Of one that no one else knows yet. */
void sock__request_free(sock_request_t *r);
/* Makes it one of the server's. */
void sock__request_admit(sock_request_t *r);
/* Ends it: the socket is closed, its place is free. */
void sock__request_end(sock_request_t *r);
/* Ends it for an error of this thread. */
void sock__request_fail(sock_request_t *r);
/* setup, handle and finish: 0; 1 if it shall be parked; -1 with the error
 * recorded. */
int sock__request_handle(sock_request_t *r);
/* finish alone, of one that was parked: 0; -1 with the error recorded. */
int sock__request_finish(sock_request_t *r);
/* Ends what is left of a server that was freed, once nobody uses it. */
void sock__server_destroy(sock_server_t *server);

#endif
