/* SPDX-License-Identifier: MIT */
/* How a request runs: here, in a thread, in a child, in the pool. */
#ifndef SOCK__RUN_H
#define SOCK__RUN_H

#include "server.h"

/* Runs it under its deadline, as sock__request_handle() says. */
int sock__run_here(sock_request_t *r);
/* Runs it in this thread, and ends or parks it. */
void sock__run(sock_request_t *r);
/* The others hand it over: 0; -1 with the error recorded, and the caller still
 * has it. */
int sock__run_thread(sock_request_t *r);
int sock__run_child(sock_request_t *r);
int sock__run_pool(sock_request_t *r);

/* Takes the pool's threads into work: 0; -1 with the error recorded. */
int sock__pool_start(sock_server_t *server);
/* Ends them, once they have nothing to do. */
void sock__pool_stop(sock_server_t *server);
/* Joins the threads that have ended. */
void sock__join_finished(sock_server_t *server);

/* Sees which children have ended; how many have not. */
size_t sock__reap(sock_server_t *server);
/* Tells them to end: their number. */
int sock__end_children(sock_server_t *server);

#endif
