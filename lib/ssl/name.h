/* SPDX-License-Identifier: MIT */
/* The name that a peer must prove to have. */
#ifndef SOCK__SSL_NAME_H
#define SOCK__SSL_NAME_H

#include "state.h"

/* Whether it is one that can be asked for; else -1 with the error recorded. */
int sock__ssl_check_name(const char *host, const char *op);
/* Tells OpenSSL the connection's: what is asked for, and what is checked. */
int sock__ssl_set_name(struct sock__ssl *c, const char *op);

#endif
