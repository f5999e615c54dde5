/* SPDX-License-Identifier: MIT */
/* The rules of a robots.txt, as they lie in memory. */
#ifndef SOCK__ROBOTS_RULES_H
#define SOCK__ROBOTS_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include <pysockc/robots.h>

/* Bytes of a file that are read (RFC 9309 2.5). */
enum { SOCK__ROBOTS_BYTES = 500 * 1024 };

/* The rules of a text, which a site answered with; NULL with the error
 * recorded. */
sock_robots_t *sock__robots_of_text(const char *op, const char *text,
                                    size_t len, int status);
/* Those of a site that has none, as its answer was another: everything or
 * nothing is allowed. */
sock_robots_t *sock__robots_of_status(const char *op, int status, bool allowed);

#endif
