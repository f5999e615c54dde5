/* SPDX-License-Identifier: MIT */
/* What marks the library's own functions. */
#ifndef SOCK__ATTRIBUTES_H
#define SOCK__ATTRIBUTES_H

#define SOCK__INLINE static inline __attribute__((always_inline))
/* What is called where something is in the way: the caller's own way leads past
 * it. */
#define SOCK__COLD __attribute__((cold))

#endif
