/* SPDX-License-Identifier: MIT */
/*
 * What may be sent. Whatever a caller gives that becomes a part of a request
 * goes through here, so that nothing in it can end a line or begin another.
 * Each returns 0, or -1 with SOCK_E_VALUE recorded, in Python's words where it
 * refuses the same.
 */
#ifndef SOCK__VALID_H
#define SOCK__VALID_H

#include <stddef.h>

int sock__valid_method(const char *op, const char *method);
int sock__valid_target(const char *op, const char *target);
/* Of n bytes, without brackets and port. */
int sock__valid_host(const char *op, const char *host, size_t n);
int sock__valid_field(const char *op, const char *name, const char *value);

#endif
