/* SPDX-License-Identifier: MIT */
/* Addresses of an envelope. */
#ifndef SOCK__SMTP_QUOTE_H
#define SOCK__SMTP_QUOTE_H

#include <stddef.h>

/* Bytes of the longest one that any command has room for, with its brackets and
 * a NUL. */
#define SOCK__SMTP_PATH 512

/* Writes an address in angle brackets: its length; -1 with SOCK_E_VALUE
 * recorded. */
int sock__smtp_path(const char *op, const char *address,
                    char path[SOCK__SMTP_PATH]);

#endif
