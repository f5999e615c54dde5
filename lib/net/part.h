/* SPDX-License-Identifier: MIT */
/* A field of a form, and what was sent in it. */
#ifndef SOCK__PART_H
#define SOCK__PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <pysockc/cgi.h>

#include "headers.h"

/* Zeroed it is one of which nothing was sent yet. */
struct sock__part {
    sock_form_item_t item; /* but for headers and value */
    struct sock_headers headers;
    char *head;  /* their text; NULL: it has none */
    char *texts; /* those of the item */
    char *data;  /* what was sent, with a NUL behind it; NULL: nothing */
    size_t room;
    FILE *file; /* in its place, if that was too much; and once it was asked for
                   a stream on the data */
    bool stored; /* it is the first of these */
    bool is_text;
};

/* Takes n bytes of a head, with its blank line, which has so many lines at
 * most; -1 with the error recorded. */
int sock__part_head(struct sock__part *p, const char *head, size_t n, int lines,
                    const char *op);
/* Adds n bytes, which go to a temporary file if they are no text and more than
 * `memory` in all; -1 with the error recorded. */
int sock__part_add(struct sock__part *p, const char *data, size_t n,
                   size_t memory, const char *op);
/* No more will come; -1 with the error recorded. */
int sock__part_end(struct sock__part *p, const char *op);
/* What was sent, as a stream; NULL with the error recorded. */
FILE *sock__part_file(struct sock__part *p, const char *op);
void sock__part_release(struct sock__part *p);

#endif
