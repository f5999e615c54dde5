/* SPDX-License-Identifier: MIT */
/* What other files ask about times. */
#ifndef SOCK__TIMEOUT_H
#define SOCK__TIMEOUT_H

#include <stdint.h>

#include <pysockc/timeout.h>

#include "private.h" /* sock__timeout_arg(), sock__seconds_arg() */

#endif
