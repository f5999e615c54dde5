/* SPDX-License-Identifier: MIT */
/* Where the system's certificates are. */
#ifndef SOCK__SSL_PATHS_H
#define SOCK__SSL_PATHS_H

#include <stdbool.h>
#include <stddef.h>

/* The file, and the folders with colons between, that are read where no others
 * are named; the environment's until it changes. */
const char *sock__ssl_default_file(void);
const char *sock__ssl_default_folders(void);
/* Whether one of the folders has a certificate that can be found there when
 * someone is to be verified. */
bool sock__ssl_default_folders_have_any(void);

#endif
