/* SPDX-License-Identifier: MIT */
/* What other files ask of the table of constants. */
#ifndef SOCK__CONSTANT_H
#define SOCK__CONSTANT_H

#include <pysockc/constant.h>

/* As sock_constant_name(), but records nothing. */
const char *sock__constant_name(const char *prefix, int64_t value);

#endif
