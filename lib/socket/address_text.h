/* SPDX-License-Identifier: MIT */
/* The text forms of addresses, for other texts. */
#ifndef SOCK__ADDRESS_TEXT_H
#define SOCK__ADDRESS_TEXT_H

#include <pysockc/address.h>

struct sock__text;

/* As sock_addr_repr(). */
void sock__addr_repr(struct sock__text *t, const sock_addr_t *a);
/* For error texts: a blank, and the address or the host that failed. */
void sock__addr_describe(struct sock__text *t, const sock_addr_t *a);
/* For the same: a host name that may be any text, of at most so many bytes. */
void sock__addr_add_host(struct sock__text *t, const char *host, size_t most);

#endif
