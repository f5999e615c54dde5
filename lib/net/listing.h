/* SPDX-License-Identifier: MIT */
/* The page that lists a folder. */
#ifndef SOCK__LISTING_H
#define SOCK__LISTING_H

#include "target.h"

/* Answers with it; the descriptor is closed. 0; -1 with the error recorded. */
int sock__listing_send(sock_httpd_request_t *self, const struct sock__target *p,
                       int fd);

#endif
