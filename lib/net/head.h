/* SPDX-License-Identifier: MIT */
/*
 * The one parser of start lines and fields. It takes bytes and never a socket.
 * A head lies whole in one buffer, and is parsed there in one pass: names and
 * values end with a NUL then, which takes the place of what followed them.
 */
#ifndef SOCK__HEAD_H
#define SOCK__HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "headers.h"

struct sock__head_limits {
    size_t bytes;  /* of the head in all, its blank line included */
    size_t target; /* of a request's target */
    size_t fields;
};

/* What a start line says. */
struct sock__start {
    const char *method, *target; /* of a request; in the buffer, with a NUL */
    size_t method_len, target_len;
    const char *reason; /* of a response; may be empty */
    int status;
    int minor;       /* of the version, HTTP/1.minor: 0 to 9 */
    bool by_hand;    /* a request whose lines all end in a bare LF */
    const char *why; /* what is wrong, for a person */
    int fault;       /* the status that says so to a client: 400, 414, 431, 505;
                        of a response one of enum sock_protocol_fault */
};

/*
 * Each returns the bytes of the head, with its blank line; 0 if more are
 * needed, and the buffer is as it was (*scanned, 0 at first, says how far it
 * was looked at, so that a head in pieces is not scanned again and again); -1
 * if it is faulty, `why` and `fault` are set, and the buffer may be changed.
 * Want of memory is -1 with fault 500 (ENOMEM for a response). What it comes to
 * depends on the bytes alone, not on the pieces in which they came. The fields
 * are empty if it is not a head.
 *
 * A request is read as strictly as RFC 9112 permits, a response as http-surface
 * says of clients.
 */
ssize_t sock__head_request(struct sock__start *start, sock_headers_t *headers,
                           char *buf, size_t len, size_t *scanned,
                           const struct sock__head_limits *limits);
ssize_t sock__head_response(struct sock__start *start, sock_headers_t *headers,
                            char *buf, size_t len, size_t *scanned,
                            const struct sock__head_limits *limits);

/* How fields alone are read: those of a request, strictly, and trailers; those
 * of a response; those of mail, of a part of a form and of a CGI script, which
 * may fold and end in a bare LF. */
enum sock__fields {
    SOCK__FIELDS_STRICT,
    SOCK__FIELDS_CLIENT,
    SOCK__FIELDS_MAIL
};
/* Up to and with the blank line that ends them, which may come at once. Faults
 * of strict ones are a request's, 400, 431 or 500, of others a response's. */
ssize_t sock__head_fields(struct sock__start *start, sock_headers_t *headers,
                          char *buf, size_t len, size_t *scanned,
                          const struct sock__head_limits *limits,
                          enum sock__fields how);

#endif
