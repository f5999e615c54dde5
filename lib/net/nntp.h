/* SPDX-License-Identifier: MIT */
/* A client of NNTP, within the library. */
#ifndef SOCK__NNTP_H
#define SOCK__NNTP_H

#include <stdbool.h>

#include <pysockc/nntp.h>

#include "nntp_parse.h"
#include "session.h"

struct sock_nntp {
    struct sock_session session;
    char *welcome;      /* as it may be shown; NULL: it counts no more */
    sock_lines_t *caps; /* NULL: the server does not know the question */
    uint64_t version;   /* of the protocol */
    bool wants_reader;  /* MODE READER is still to be asked for */
    bool authenticated;
    struct sock__nntp_format *format; /* NULL: it was not asked yet */
};

/* The client's session, which must be open; NULL with the error recorded. */
struct sock_session *sock__nntp_open(sock_nntp_t *n, const char *op);
/* Asks and hears a reply of that number: 0; -1 with the error recorded. */
int sock__nntp_ask(struct sock_session *c, const char *op,
                   const char *const parts[], int number);
/* A reply of another number than the one that was asked for: -1 with the error
 * recorded. What is no refusal could have a body behind it, or none. */
int sock__nntp_other(struct sock_session *c, const char *op, int number);
/* Asks for what has a body behind a reply of that number, and reads it into
 * memory; NULL with the error recorded. */
sock_lines_t *sock__nntp_lines(sock_nntp_t *n, const char *op,
                               const char *const parts[], int number);

#endif
