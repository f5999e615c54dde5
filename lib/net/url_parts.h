/* SPDX-License-Identifier: MIT */
/* Where the parts of a URL are (RFC 3986). */
#ifndef SOCK__URL_PARTS_H
#define SOCK__URL_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/* Where the parts begin, and their lengths. A beginning of 0 is none, but of
 * the path, which is always there; so is a scheme of length 0. */
struct sock__url_parts {
    size_t scheme_len;
    size_t netloc, netloc_len;
    unsigned netloc_classes; /* of all its bytes together */
    size_t path, path_len;
    size_t query, query_len;
    size_t fragment, fragment_len;
    size_t end; /* of all */
};

/* Finds them. False if it came upon a TAB, CR or LF, where they end. */
bool sock__url_scan(struct sock__url_parts *parts, const char *text);

/* The length of the scheme that a text begins with, before its ':'; 0. */
size_t sock__url_scheme(const char *text);

#endif
