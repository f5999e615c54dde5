/* SPDX-License-Identifier: MIT */
/*
 * The loop, lent to a worker.
 *
 * A request that one thread reads and another answers costs both of them a
 * change of threads, which is as much as all of the answer. So the thread that
 * is the loop lends that to the worker which it would wake: a worker that is
 * the loop answers what it reads, as long as that is quick. The lender looks
 * from time to time whether a handler keeps the worker, and takes the loop back
 * then; after that it is lent less often.
 *
 * Who is the loop owns what is the loop's; that passes with the server's lock.
 */
#ifndef SOCK__HTTPD_LOAN_H
#define SOCK__HTTPD_LOAN_H

#include "httpd_server.h"

void sock__loan_begin(sock_httpd_t *server);
void sock__loan_end(sock_httpd_t *server);

/* The lender's */

/* Lends it to a worker that is about to be woken: whether it is lent. The lock
 * is held. */
bool sock__loan_give(sock_httpd_t *server, int64_t now);
/* Waits until it is back. */
void sock__loan_await(sock_httpd_t *server);

/* The worker's */

/* Whether it is to be had, and takes it. The lock is held. */
bool sock__loan_is_open(const sock_httpd_t *server);
bool sock__loan_take(sock_httpd_t *server);
/* Gives it back, as the worker is about to wait for its client. The lock is
 * held; whether it had it, and the lender is to be told. */
bool sock__loan_drop(sock_httpd_t *server);
/* Gives it back, if it still has it. */
void sock__loan_return(sock_httpd_t *server);
/* Around a handler that the loop calls, as long as which the lender looks, if
 * it is lent. Before it, with the lock held: whether the lender is to be woken.
 * Behind it: whether the worker is still the loop. */
bool sock__loan_enter(sock_httpd_t *server);
bool sock__loan_leave(sock_httpd_t *server);

#endif
