/* SPDX-License-Identifier: MIT */
/* What the opener of a URL (request.h) wants of responses. */
#ifndef SOCK__RESPONSE_H
#define SOCK__RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <pysockc/http.h>

/* Who is told that a response is over. */
struct sock__keeper {
    char *url; /* malloc(3)ed: what was opened; freed with the response */
    /*
     * Called once: when the body has been read to its end or has failed, or
     * when the response is freed, whichever is first. The connection is the
     * callee's from then on, to be used again or freed. May be NULL: it is
     * freed then.
     */
    void (*over)(void *arg, sock_http_t *c, bool reusable);
    void *arg;
};

/* Gives a response its connection, which it owns from then on, and a keeper,
 * which is copied. Cannot fail. */
void sock__response_keep(sock_http_response_t *r, sock_http_t *c,
                         const struct sock__keeper *keeper);
/* What it was given; NULL: nothing. */
const char *sock__response_url(const sock_http_response_t *r);

struct sock__framing;

/* Where the body of a response comes from that no connection has, such as of a
 * file: or data: URL. */
struct sock__source {
    /* As read(2): -1 with the error recorded. */
    ssize_t (*read)(void *arg, void *buf, size_t size);
    void (*release)(void *arg); /* once, with the response */
    void *arg;
    sock_t *sock; /* what it reads from, which ends with the response, and has
                     its times; NULL: nothing that waits */
};

/*
 * Such a response: status 200, "OK", these headers, which it frees, and a body
 * that ends as the framing says. NULL with SOCK_E_MEMORY recorded, and headers
 * and source stay the caller's.
 */
sock_http_response_t *sock__response_made(const char *op,
                                          sock_headers_t *headers,
                                          const struct sock__framing *framing,
                                          const struct sock__source *source);

#endif
