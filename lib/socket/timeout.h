/* SPDX-License-Identifier: MIT */
/* What other files ask about times. */
#ifndef SOCK__TIMEOUT_H
#define SOCK__TIMEOUT_H

#include <stdint.h>

#include <pysockc/timeout.h>

/* Seconds in nanoseconds, -1 for no limit; -1 with the error recorded. */
int sock__seconds_arg(const char *op, double seconds, int64_t *ns);
/* The same for a timeout argument, which may be the default. */
int sock__timeout_arg(const char *op, double seconds, int64_t *ns);

#endif
