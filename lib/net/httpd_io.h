/* SPDX-License-Identifier: MIT */
/* What a handler waits for: bytes of a body, and room for those of an answer.
 */
#ifndef SOCK__HTTPD_IO_H
#define SOCK__HTTPD_IO_H

#include "httpd_request.h"

/* Some bytes: how many; 0 at the end of the stream; -1 with the error recorded.
 * `until` is on the monotonic clock, ns. */
ssize_t sock__httpd_recv(const char *op, sock_httpd_request_t *self, void *buf,
                         size_t size, int64_t until);
/* All of it, as long as some of it goes on in each `timeout`, seconds: 0; -1
 * with the error recorded. */
int sock__httpd_send(const char *op, sock_httpd_request_t *self,
                     const void *data, size_t len, int flags, double timeout);
/* Whether the last failure was that there is nothing yet. */
bool sock__httpd_would_block(void);

#endif
