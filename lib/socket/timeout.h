/* SPDX-License-Identifier: MIT */
/* What other files ask about times. */
#ifndef SOCK__TIMEOUT_H
#define SOCK__TIMEOUT_H

#include <stdint.h>

#include <pysockc/timeout.h>

/* A timeout argument in nanoseconds; -1 with the error recorded. */
int sock__timeout_arg(const char *op, double seconds, int64_t *ns);
/* The same, without a number that stands for the default. */
int sock__seconds_arg(const char *op, double seconds, int64_t *ns);

#endif
