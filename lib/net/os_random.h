/* SPDX-License-Identifier: MIT */
/* Bytes that no one can guess: nonces, boundaries, names. */
#ifndef SOCK__OS_RANDOM_H
#define SOCK__OS_RANDOM_H

#include <stddef.h>

/* At most 256 of them; -1 with errno. */
int sock__os_random(void *bytes, size_t n);

#endif
