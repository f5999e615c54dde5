/* SPDX-License-Identifier: MIT */
/* Hosts that are to be connected to: those which no reader takes for another.
 */
#ifndef SOCK__HOST_H
#define SOCK__HOST_H

#include <stdbool.h>

#include <pysockc/url.h>

/* Whether a host is an address, or ends in what inet_aton(3) may take for a
 * number, so that it is one for some. */
bool sock__is_numeric_host(const char *host);

/* What is wrong with a host name, as a URL's `hostname` has it; NULL: nothing.
 * Names are of letters, digits, '-', '.', '_'; what ends in a number is four
 * decimals with dots between, as "127.1" or "0x7f.1" would be looked up as an
 * address that no one has checked; an IPv6 address may have a zone. */
const char *sock__host_fault(const char *host);

/* The same of a URL that is to be opened, and that neither user nor password
 * has an '@', nor path or query a control character or a blank. -1 with
 * SOCK_E_VALUE recorded. */
int sock__url_may_open(const sock_url_t *url, const char *op);

#endif
