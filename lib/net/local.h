/* SPDX-License-Identifier: MIT */
/* URLs that lead to no server: data: (RFC 2397) and file: (RFC 8089). */
#ifndef SOCK__LOCAL_H
#define SOCK__LOCAL_H

#include "locator.h"
#include "response.h"

/* NULL with the error recorded. */
sock_http_response_t *sock__local_open(const char *op,
                                       const struct sock__locator *t);

#endif
