/* SPDX-License-Identifier: MIT */
/* Where a message's body ends, and whether its connection goes on (RFC 9112 6,
 * 9.3). */
#ifndef SOCK__FRAMING_H
#define SOCK__FRAMING_H

#include <stdbool.h>
#include <stdint.h>

#include "head.h"

enum sock__body {
    SOCK__BODY_LENGTH,
    SOCK__BODY_CHUNKED,
    SOCK__BODY_TO_CLOSE,
    SOCK__BODY_AT_LEAST /* the same, and of that length: none of HTTP */
};

struct sock__framing {
    enum sock__body body;
    int64_t length; /* of SOCK__BODY_LENGTH, 0: there is none; and
                       SOCK__BODY_AT_LEAST */
    bool keep_alive;
    bool expects;     /* of a request: its body waits for 100 Continue */
    const char *host; /* of a request: whom it is for, a host with or without a
                         port; NULL: it does not say (HTTP/1.0) */
    size_t host_len;
    bool host_is_targets; /* and not the field's */
    const char *why;      /* what is wrong */
};

/* 0, or the status that refuses it: 400, 413, 417, 501. Host is looked at, too.
 */
int sock__framing_request(struct sock__framing *f, const struct sock__start *s,
                          const sock_headers_t *headers);
/* 0, or one of enum sock_protocol_fault. With the method that was sent. */
int sock__framing_response(struct sock__framing *f, const struct sock__start *s,
                           const sock_headers_t *headers, const char *method);

/* A Content-Length, or any number that has digits alone; -1: it is none, -2: it
 * is over 2^63 - 1. */
int64_t sock__decimal(const char *text, size_t n);

#endif
