/* SPDX-License-Identifier: MIT */
/* Opening what is under a folder, and nothing else. */
#ifndef SOCK__OS_BENEATH_H
#define SOCK__OS_BENEATH_H

#include <stdbool.h>

/* What it is opened for. */
enum sock__beneath {
    SOCK__BENEATH_READ,   /* a file or a folder, for reading. It never waits,
                             whatever stands there */
    SOCK__BENEATH_FOLDER, /* a folder, to open others under it or to be in */
    SOCK__BENEATH_LOOK    /* whatever it is, for fstat(2) */
};

/* Opens a folder as a root; -1 with errno. */
int sock__os_open_root(const char *path);
/*
 * Opens what this path names under a root: "a/b", "" is the root itself; it has
 * no "." and no "..". Links are followed where the caller wants it, and only
 * where they, too, stay under the root. -1 with errno: EXDEV if one does not,
 * ELOOP if there is a link that is not followed, or too many.
 */
int sock__os_open_beneath(int root, const char *path, enum sock__beneath what,
                          bool follow);
/* The same on a system that cannot do it in one call. */
int sock__os_walk_beneath(int root, const char *path, enum sock__beneath what,
                          bool follow);
/* close(2), which may touch errno, without that. */
void sock__os_close(int fd);

#endif
