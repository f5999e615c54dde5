/* SPDX-License-Identifier: MIT */
/* What other files make of the addresses of family.c. */
#ifndef SOCK__FAMILY_H
#define SOCK__FAMILY_H

#include <stdbool.h>

#include <pysockc/address.h>

struct sock__text;

/* As sock_addr_repr(); false for any other family. */
bool sock__family_repr(struct sock__text *t, const sock_addr_t *a);

#endif
