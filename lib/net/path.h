/* SPDX-License-Identifier: MIT */
/* What the path of a request names, under a root. */
#ifndef SOCK__PATH_H
#define SOCK__PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Room that is enough for each path which the system could take. */
enum { SOCK__PATH_ROOM = 4096 };

/* A path that was decoded, once, and whose "", "." and ".." are gone. */
struct sock__path {
    const char *text; /* "a/b", in the caller's buffer; "" is the root. It has
                         any bytes but NUL, and '/' between segments alone */
    size_t len;
    const char *query; /* what stands behind '?', in the target; NULL: no '?' */
    bool slash;        /* it ends in a slash, so it names a folder */
    bool hidden;       /* a segment begins with a dot */
};

/*
 * Reads a target that begins with a slash. Whatever two targets name the same
 * file have the same text, so this, and not the target, is what prefixes and
 * secrets are compared with.
 *
 * 0, or the status that refuses it: 400 where a '%' is followed by no two
 * digits, "%00" or "%2F", and where ".." leaves the root; 414 where the buffer
 * is too small, as it never is for one of strlen(target) + 1 bytes.
 */
int sock__path_read(struct sock__path *p, const char *target, char *buf,
                    size_t size);

#endif
