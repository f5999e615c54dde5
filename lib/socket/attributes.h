/* SPDX-License-Identifier: MIT */
/* What marks the library's own functions. */
#ifndef SOCK__ATTRIBUTES_H
#define SOCK__ATTRIBUTES_H

#define SOCK__INLINE static inline __attribute__((always_inline))

#endif
