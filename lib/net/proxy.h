/* SPDX-License-Identifier: MIT */
/* Who stands between: the proxies that the environment names, and for whom it
 * names none. */
#ifndef SOCK__PROXY_H
#define SOCK__PROXY_H

#include <stdbool.h>

#include "locator.h"

/* Whether a list such as no_proxy covers a host, in brackets or not; port -1:
 * any that it has. */
bool sock__proxy_covers(const char *list, const char *host, int port);

/* What the environment says of a scheme, which is in lower case; NULL:
 * nothing. */
const char *sock__proxy_variable(const char *scheme);

/* What a proxy's text names, "http://user:password@host:port" or less; NULL
 * with the error recorded. */
struct sock__locator *sock__proxy_new(const char *op, const char *text);

#endif
