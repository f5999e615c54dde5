/* SPDX-License-Identifier: MIT */
/* Files that are read whole. */
#ifndef SOCK__WHOLE_H
#define SOCK__WHOLE_H

#include <stddef.h>

/* Reads a file of at most so many bytes, which a NUL follows then; to be freed.
 * NULL with the error recorded, about its path. What is no file but a pipe is
 * read as far as it has bytes now. */
char *sock__whole_file(const char *op, const char *path, size_t max,
                       size_t *size);

#endif
