/* SPDX-License-Identifier: MIT */
/*
 * Reading the body of a response. A reader has the wire of its connection for
 * as long as bytes are to come, and gives it back, fit for another request or
 * closed, when the last one was read.
 */
#ifndef SOCK__BODY_H
#define SOCK__BODY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "chunk.h"
#include "framing.h"
#include "head.h"
#include "headers.h"
#include "wire.h"

enum sock__reading {
    SOCK__READING,
    SOCK__READ_WHOLE,  /* to its end */
    SOCK__READ_CUT,    /* the peer ended before that */
    SOCK__READ_FAULTY, /* the peer broke the rules */
    SOCK__READ_LOST    /* the connection has failed, or was closed */
};

struct sock__reader {
    enum sock__reading state;
    struct sock__wire *wire;      /* that it reads from */
    struct sock__wire own;        /* one that no connection has */
    struct sock__reader **lender; /* where the connection notes its reader;
                                     NULL: the wire is its own */
    bool keep;                    /* the wire is good for another request */
    enum sock__body kind;
    int64_t left;  /* of a body of known length, if it gets no longer */
    uint64_t done; /* bytes read */
    struct sock__chunks chunks;
    bool in_trailers;
    sock_headers_t trailers;
    struct sock__head_limits limits; /* of the trailers */
    size_t scanned;                  /* bytes of them, as head.h has it */
    int fault; /* of SOCK__READ_FAULTY; of SOCK__READ_LOST an errno */
    const char *why;
};

/* Begins; a body of no bytes ends at once. */
void sock__reader_begin(struct sock__reader *b, const struct sock__framing *f);
/* At least one byte, and as many as are there without waiting for more; 0 at
 * the end; -1 with the error recorded, and how many bytes were read in all. */
ssize_t sock__reader_read(struct sock__reader *b, const char *op, void *buf,
                          size_t n);
/* Gives up a body that is against a rule of the caller's; -1, and nothing is
 * recorded: reading does that. */
int sock__reader_refuse(struct sock__reader *b, int fault, const char *why);
/* Gives up what was not read. The wire can be kept if all of it had come, else
 * it is closed. Leaves errno and the record alone. */
void sock__reader_end(struct sock__reader *b);
/* The connection ends: its wire becomes the reader's own; or the wire is
 * closed, and reading fails. */
void sock__reader_inherit(struct sock__reader *b);
void sock__reader_cut_off(struct sock__reader *b);

#endif
