/* SPDX-License-Identifier: MIT */
/* Opening URLs without an opener of one's own. */
#ifndef SOCK__URLOPEN_H
#define SOCK__URLOPEN_H

#include <pysockc/request.h>

/* The one that sock_install_opener() has named; NULL: none. */
sock_opener_t *sock__installed_opener(void);

#endif
