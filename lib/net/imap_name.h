/* SPDX-License-Identifier: MIT */
/* Names of mailboxes, in modified UTF-7 (RFC 3501 5.1.3). */
#ifndef SOCK__IMAP_NAME_H
#define SOCK__IMAP_NAME_H

#include <stddef.h>

#include "text.h"

/* Each adds what stands for a name to a text: 0; -1 if there is no such thing,
 * not recorded. */
int sock__imap_encode(struct sock__text *t, const char *name, size_t n);
int sock__imap_decode(struct sock__text *t, const char *name, size_t n);

#endif
