/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648): credentials, digests, data: URLs. */
#ifndef SOCK__BASE64_H
#define SOCK__BASE64_H

#include <stddef.h>
#include <sys/types.h>

/* Bytes of the text of n bytes, without a NUL. */
#define SOCK__BASE64_SIZE(n) (((n) + 2) / 3 * 4)

/* Writes that text and a NUL; returns its length. */
size_t sock__base64_encode(const void *data, size_t n, char *text);
/* Writes at most n / 4 * 3 bytes, which may lie over the text; returns how
 * many. -1 if it is not the text of any bytes: a character, padding or last
 * bits that cannot be. */
ssize_t sock__base64_decode(const char *text, size_t n, void *data);

#endif
