/* SPDX-License-Identifier: MIT */
/* Who answers requests, and where connections go then. */
#ifndef SOCK__HTTPD_POOL_H
#define SOCK__HTTPD_POOL_H

#include "httpd_conn.h"

/* Sees to what a connection wants: puts it where it waits for that, or ends it.
 * It is no longer the caller's. */
void sock__settle(struct sock__conn *c, enum sock__want want);
/* Where it waits for what it wants. */
enum sock__place sock__place_for(const struct sock__conn *c,
                                 enum sock__want want);
/* Whether nothing has begun on it that a shutdown would have to wait for. */
bool sock__conn_is_idle(const struct sock__conn *c);
/* Frees those that have ended. The loop has no event of theirs in its hands. */
void sock__httpd_reap(sock_httpd_t *server);
/* Empties a queue: all that were in it. */
struct sock__conn *sock__queue_take(sock_httpd_t *server,
                                    struct sock__queue *queue);
void sock__queue_begin(struct sock__queue *queue);
/* Takes the first of a queue; NULL. */
struct sock__conn *sock__queue_first(sock_httpd_t *server,
                                     struct sock__queue *queue);
/* Sees to it that someone takes what is in the queue: whether the loop is lent
 * to that worker. */
bool sock__workers_wake(sock_httpd_t *server);
/* When that is to be done again, ns; INT64_MAX: it need not. The lock is held.
 */
int64_t sock__workers_time(const sock_httpd_t *server);

/* Starts the threads, if there are to be any and they do not run: 0; -1 with
 * the error recorded. */
int sock__workers_begin(sock_httpd_t *server);
/* Waits for their end, each of its handler's. */
void sock__workers_end(sock_httpd_t *server);

#endif
