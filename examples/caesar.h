/* SPDX-License-Identifier: MIT */
/* The Caesar cipher, as Python's slices and int() have it. */
#ifndef CAESAR_H
#define CAESAR_H

#include <stddef.h>

/*
 * Shift the lowercase letters of a message, in place, by al[shift:] +
 * al[:shift]; so a shift of 26 or more, either way, changes nothing.
 */
void cipher(char *msg, size_t size, int shift);

/* int() of at most two characters; 0 where Python raises ValueError. */
int to_int(const char *text, size_t size);

#endif
