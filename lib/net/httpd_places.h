/* SPDX-License-Identifier: MIT */
/* Where connections are, and memory for them. */
#ifndef SOCK__HTTPD_PLACES_H
#define SOCK__HTTPD_PLACES_H

#include "httpd_conn.h"

void sock__places_begin(sock_httpd_t *server);
/* The first three have the lock held. Puts it behind all that are there; takes
 * it out of its place; the first of a place, NULL if there is none. */
void sock__place(struct sock__conn *c, enum sock__place place, int64_t now);
void sock__unplace(struct sock__conn *c);
struct sock__conn *sock__place_first(sock_httpd_t *server,
                                     enum sock__place place);
/* The time that one may stay in a place, ns. */
int64_t sock__place_limit(const sock_httpd_t *server, enum sock__place place);

/* A buffer for an input that has none: 0; -1 for want of memory. And back. */
int sock__input_take(sock_httpd_t *server, struct sock__input *in);
void sock__input_give(sock_httpd_t *server, struct sock__input *in);
/* A request that says nothing yet; NULL for want of memory. And back. */
sock_httpd_request_t *sock__request_take(sock_httpd_t *server);
void sock__request_give(sock_httpd_request_t *r);
/* Frees what is kept of both. */
void sock__spares_end(sock_httpd_t *server);

#endif
