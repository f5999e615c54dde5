/* SPDX-License-Identifier: MIT */
/* The one decoder of chunked bodies (RFC 9112 7.1). It takes bytes and never a
 * socket. */
#ifndef SOCK__CHUNK_H
#define SOCK__CHUNK_H

#include <stddef.h>
#include <stdint.h>

enum { SOCK__CHUNK_DIGITS = 16, SOCK__CHUNK_EXTENSIONS = 16 * 1024 };

struct sock__chunks {
    int state;
    int digits;        /* of the size that is being read */
    uint64_t left;     /* bytes of data that this chunk still has */
    size_t extensions; /* bytes of all extensions so far */
    const char *why;   /* what is wrong */
};

enum sock__chunk_event {
    SOCK__CHUNK_FAULT = -1, /* `why` is set, and it stays so */
    SOCK__CHUNK_MORE = 0,   /* all that was given is taken */
    SOCK__CHUNK_DATA = 1, /* data follows: `left` bytes, which the caller takes
                             from wherever it likes, by sock__chunks_take() */
    SOCK__CHUNK_TRAILERS = 2 /* the last chunk is over: trailers follow, or the
                               blank line that ends the body, which are read by
                               sock__head_fields() */
};

void sock__chunks_begin(struct sock__chunks *c);
/* Reads what is no data; *taken: how many bytes that were. */
enum sock__chunk_event sock__chunks_next(struct sock__chunks *c,
                                         const char *data, size_t n,
                                         size_t *taken);
/* Says that n bytes of the data, at most `left`, were taken. */
void sock__chunks_take(struct sock__chunks *c, size_t n);

#endif
