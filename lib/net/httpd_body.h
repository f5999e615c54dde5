/* SPDX-License-Identifier: MIT */
/* The body of a request. */
#ifndef SOCK__HTTPD_BODY_H
#define SOCK__HTTPD_BODY_H

#include "httpd_request.h"

/* Bytes that may be read to no end, so that a connection can go on. */
enum { SOCK__DRAIN_MAX = 64 * 1024 };

/* Begins one whose first bytes, maybe, lie behind its head in `wire`. */
void sock__httpd_body_begin(sock_httpd_request_t *self,
                            struct sock__input *wire);
/* Whether what is left of it is worth being read to no end, so that the
 * connection can go on. */
bool sock__httpd_body_is_small(const sock_httpd_request_t *self);
/* Throws away some of what is left, without waiting, and counts it: 1 if it is
 * over, 0 if there is more to come, -1 if the connection can't go on. */
int sock__httpd_body_skip(sock_httpd_request_t *self, int64_t *skipped);
/* Gives `wire` what lies behind the body, in place of the head: 0; -1 for want
 * of memory, not recorded. */
int sock__httpd_body_end(sock_httpd_request_t *self);

/* Makes room for so many bytes behind what an input has: -1 for want of memory,
 * not recorded. */
int sock__input_reach(struct sock__input *in, size_t more);
/* Moves what it has to its front. */
void sock__input_compact(struct sock__input *in);

#endif
