/* SPDX-License-Identifier: MIT */
/* Bytes that a caller gives, with their number. */
#ifndef SOCK__BYTES_H
#define SOCK__BYTES_H

#include <stddef.h>

/* Whether they are there, and not more than memory can have: 0; -1 with
 * SOCK_E_TYPE or SOCK_E_VALUE recorded. */
int sock__bytes_check(const char *op, const void *data, size_t n);

#endif
