/* SPDX-License-Identifier: MIT */
/* Where a response leads, and what goes along (RFC 9110 15.4). */
#ifndef SOCK__REDIRECT_H
#define SOCK__REDIRECT_H

#include <stdbool.h>

#include "locator.h"

/* The method to ask by; NULL: this status with this method is an answer like
 * any other. */
const char *sock__redirect_method(int status, const char *method);

/* Whether a field of the request goes to another origin; `body`: the request
 * has one there, too. `all`: the caller's wish, which credentials are not part
 * of. */
bool sock__redirect_keeps(const char *name, bool body, bool all);

/* What a Location is about, which a URL names; `flags` of enum
 * sock_opener_flag. NULL with the error recorded: SOCK_E_PROTOCOL if it is not
 * to be followed. */
struct sock__locator *sock__redirect(const char *op,
                                     const struct sock__locator *from,
                                     const char *location, int flags);

#endif
