/* SPDX-License-Identifier: MIT */
/* What other files ask the resolver. */
#ifndef SOCK__ADDRINFO_H
#define SOCK__ADDRINFO_H

struct addrinfo;
/* getaddrinfo(3) for a host and a port that it may be given, both or one of
 * them NULL; NULL with the error recorded. To be ended by freeaddrinfo(3). */
struct addrinfo *sock__look_up(const char *op, const char *host,
                               const char *port, const struct addrinfo *hints);

#endif
