/* SPDX-License-Identifier: MIT */
/* Quoting by %XX, and undoing it, as parts of texts. */
#ifndef SOCK__QUOTE_H
#define SOCK__QUOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* What is kept. */
struct sock__quoting {
    bool keep[256];
    bool plus; /* a blank becomes '+' */
};

void sock__quoting_init(struct sock__quoting *q, const char *safe, bool plus);
/* Adds bytes, quoted. */
void sock__quote_add(struct sock__text *t, const struct sock__quoting *q,
                     const void *data, size_t n);

/* Adds a text, unquoted, which is never longer than it was; -1 if it has %00. A
 * '+' is a blank if plus says so. */
int sock__unquote_add(struct sock__text *t, const char *text, size_t n,
                      bool plus);

#endif
