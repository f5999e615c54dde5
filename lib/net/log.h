/* SPDX-License-Identifier: MIT */
/* The lines of a server's log, as Python's. */
#ifndef SOCK__LOG_H
#define SOCK__LOG_H

#include <pysockc/httpd.h>

/* That a request is answered with this status. */
void sock__log_request(sock_httpd_request_t *self, int code);
/* That it is an error. */
void sock__log_error(sock_httpd_request_t *self, int code, const char *message);

#endif
