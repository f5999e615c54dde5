/* SPDX-License-Identifier: MIT */
/* Which part of a file a request asks for, and on which conditions (RFC 9110 13
 * and 14). */
#ifndef SOCK__RANGE_H
#define SOCK__RANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <pysockc/headers.h>

/* By which one state of a file is told from another. */
struct sock__validators {
    char etag[48];    /* with its quotes, and W/ where it is weak */
    bool weak;        /* the file is so young that it may change unseen */
    int64_t modified; /* seconds; never in the future */
    int64_t now;
};

/* Those of a file of this size, last modified then, at this time. */
void sock__validators_of(struct sock__validators *v, int64_t size,
                         const struct timespec *modified,
                         const struct timespec *now);

/* 0: the request is to be answered; or 304 or 412. */
int sock__conditions(const struct sock__validators *v, const char *method,
                     const sock_headers_t *headers);

struct sock__range {
    int64_t first, length;
};
/* 200: all of the file, 206: this part of it, 416: there is no such part. */
int sock__range_of(struct sock__range *r, int64_t size,
                   const struct sock__validators *v, const char *method,
                   const sock_headers_t *headers);

#endif
