/* SPDX-License-Identifier: MIT */
/* Values that are lists (RFC 9110 5.6.1). */
#ifndef SOCK__LIST_H
#define SOCK__LIST_H

#include <stdbool.h>
#include <stddef.h>

/* The next member at or behind *at, of *n bytes without the blanks around it;
 * one that is empty is none. The one after it is looked for at *at + *n. A
 * comma in a quoted string does not end it. False at the end. */
bool sock__list_next(const char **at, const char *end, size_t *n);
/* How many bytes there are up to that separator, or to the end; one in a quoted
 * string is none. */
size_t sock__list_span(const char *p, const char *end, char separator);

#endif
