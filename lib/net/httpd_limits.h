/* SPDX-License-Identifier: MIT */
/* The limits of a server. */
#ifndef SOCK__HTTPD_LIMITS_H
#define SOCK__HTTPD_LIMITS_H

#include <pysockc/httpd.h>

/* Copies them, with what stands for 0: 0; -1 with the error recorded. */
int sock__httpd_limits(sock_httpd_limits_t *to,
                       const sock_httpd_limits_t *from);

#endif
