/* SPDX-License-Identifier: MIT */
/* What stands between `//` and the path: user, password, host, port. */
#ifndef SOCK__NETLOC_H
#define SOCK__NETLOC_H

#include <pysockc/url.h>

/* Takes a copy of it apart, where it lies: sets the four fields of the URL. The
 * classes of its bytes say what need not be looked for. -1 with SOCK_E_VALUE
 * recorded. */
int sock__netloc_split(sock_url_t *url, char *netloc, unsigned classes,
                       const char *op);

/* What stands behind a user and a password, which no error shows: behind the
 * last '@', or what NFKC makes one; all of it if there is none. */
const char *sock__behind_user(const char *text);

#endif
