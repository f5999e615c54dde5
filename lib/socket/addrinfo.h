/* SPDX-License-Identifier: MIT */
/* What other files ask the resolver. */
#ifndef SOCK__ADDRINFO_H
#define SOCK__ADDRINFO_H

#include <pysockc/addrinfo.h>

/* getaddrinfo(3) for a host and a port that it may be given, both or one of
 * them NULL; NULL with the error recorded. To be ended by freeaddrinfo(3). */
struct addrinfo *sock__look_up(const char *op, const char *host,
                               const char *port, const struct addrinfo *hints);
/* 0 if the resolver may be given such a host and port; the port becomes what
 * every C library knows. Else -1 with the error recorded. */
int sock__look_up_check(const char *op, const char *host, const char **port);
/* Records what getaddrinfo(3) failed at, and errno with it. */
void sock__look_up_failed(const char *op, const char *host, int code);
/* Ends such a list: the same as an object; NULL with the error recorded. */
sock_addrinfo_t *sock__addrinfo(const char *op, struct addrinfo *list,
                                int flags);

#endif
