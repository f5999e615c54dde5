/* SPDX-License-Identifier: MIT */
/* A request for a URL, as it lies in memory. */
#ifndef SOCK__REQUEST_H
#define SOCK__REQUEST_H

#include <stdbool.h>

#include <pysockc/request.h>

#include "locator.h"

struct sock_urlrequest {
    struct sock__locator *url;
    char *method; /* NULL: GET, or POST with a body */
    sock_headers_t *headers;
    const void *data; /* NULL: none */
    size_t len;
    void *copy; /* of the data, if it is the request's own */
    FILE *file; /* NULL: none */
    int64_t length;
};

/* Fills an empty one; -1 with the error recorded, and what it was about. */
int sock__urlrequest_begin(const char *what, sock_urlrequest_t *q,
                           const char *url);
/* Gives back what it has. */
void sock__urlrequest_end(sock_urlrequest_t *q);
bool sock__urlrequest_has_body(const sock_urlrequest_t *q);
const char *sock__urlrequest_method(const sock_urlrequest_t *q);

#endif
