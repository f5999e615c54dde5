/* SPDX-License-Identifier: MIT */
/*
 * The one parser of multipart bodies (RFC 2046 5.1, RFC 7578). It takes bytes
 * and never a socket, from a buffer of the caller's, which has room for what it
 * must see whole: a head, or a delimiter with its line.
 */
#ifndef SOCK__MULTIPART_H
#define SOCK__MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a boundary, as Python has it (the RFC says 70); blanks behind one;
 * and of the longest line of one, with the line's end before it. */
#define SOCK__BOUNDARY_MAX 201
#define SOCK__BOUNDARY_BLANKS 64
#define SOCK__BOUNDARY_LINE (SOCK__BOUNDARY_MAX + SOCK__BOUNDARY_BLANKS + 8)
/* Of multiparts in each other. */
#define SOCK__MULTIPART_DEPTH 3

struct sock__multipart {
    struct sock__boundary {
        char text[SOCK__BOUNDARY_MAX + 2]; /* with its two dashes */
        size_t len;
    } levels[SOCK__MULTIPART_DEPTH];
    int depth;       /* of the multiparts that are open */
    int state;       /* what comes next */
    bool line_start; /* the next byte is the first of a line */
    bool begun;      /* the innermost one has come to its first boundary, */
    bool preamble;   /* and had something else before that */
    size_t head_max; /* bytes of a part's head */
    int lines_max;   /* of that head, its last one apart */
    size_t scanned;  /* bytes of a head that is not yet whole, */
    size_t line;     /* where its last line begins, */
    int lines;       /* and how many there were before */
    const char *why; /* what is wrong */
    int fault;       /* one of enum sock_protocol_fault */
};

enum sock__multipart_event {
    SOCK__MULTIPART_FAULT = -1, /* `why` and `fault` are set */
    SOCK__MULTIPART_MORE = 0,   /* go on; what was not taken must be seen again,
                                   with more behind it if nothing was taken */
    SOCK__MULTIPART_HEAD = 1,   /* the head of a part, its blank line included,
                                   was taken */
    SOCK__MULTIPART_DATA = 2,   /* bytes of the part were taken */
    SOCK__MULTIPART_END = 3,    /* the part is over */
    SOCK__MULTIPART_CLOSE = 4   /* the multipart is over: with a depth of 0 all
                                   of it, and the rest is to be ignored */
};

/* Whether it can be a boundary. */
bool sock__is_boundary(const char *text, size_t n);
/* Begins with a boundary that can be one. */
void sock__multipart_begin(struct sock__multipart *m, const char *boundary,
                           size_t n, size_t head_max, int lines_max);
/* Says, after a head, that the part is multipart itself; -1 if it cannot be. */
int sock__multipart_enter(struct sock__multipart *m, const char *boundary,
                          size_t n);
/* Looks at n bytes, of which it takes *taken; last: no more will come. */
enum sock__multipart_event sock__multipart_next(struct sock__multipart *m,
                                                const char *data, size_t n,
                                                bool last, size_t *taken);

#endif
