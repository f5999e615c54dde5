/* SPDX-License-Identifier: MIT */
/* Labels of domains that are no ASCII, as they are written in hosts: RFC 3492,
 * behind "xn--". */
#ifndef SOCK__PUNYCODE_H
#define SOCK__PUNYCODE_H

#include <stddef.h>

/* Writes a label, in UTF-8 and in the form that IDNA gives it, with a NUL;
 * ASCII in lower case. Its length; 0: it is empty, or there is no room; -1 with
 * errno EILSEQ: it is no UTF-8. */
int sock__punycode_label(const char *label, size_t n, char *to, size_t room);

#endif
