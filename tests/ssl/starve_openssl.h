/* SPDX-License-Identifier: MIT */
/* OpenSSL's memory is refused, too, by its hooks. */
#ifndef STARVE_OPENSSL_H
#define STARVE_OPENSSL_H

#include "starve.h"

/* Skips a test where OpenSSL has memory that is not hooked, or as
 * need_own_memory() does. */
void need_hooks(void);

#endif
