/* SPDX-License-Identifier: MIT */
/* Public suffixes, by a list in the format of publicsuffix.org. */
#ifndef SOCK__SUFFIX_H
#define SOCK__SUFFIX_H

#include <stdbool.h>
#include <stddef.h>

struct sock__suffixes;

/* The rules of a text. NULL with errno: EILSEQ if it is no UTF-8, EINVAL if it
 * has no rule, ENOMEM; nothing is recorded. */
struct sock__suffixes *sock__suffixes_of_text(const char *text, size_t n);
/* Those of a file; NULL with the error recorded. */
struct sock__suffixes *sock__suffixes_of_file(const char *op, const char *path);
void sock__suffixes_free(struct sock__suffixes *list);
/* Whether a domain, in lower case and with no dot at its ends, is one. */
bool sock__suffixes_have(const struct sock__suffixes *list, const char *domain);

#endif
