/* SPDX-License-Identifier: MIT */
/* A peer that is another host's, as far as the library can see. Links with
 * --wrap. */
#ifndef FAR_AWAY_H
#define FAR_AWAY_H

#include <pysockc/address.h>
#include <pysockc/socket.h>

static const sock_addr_t *far_away; /* NULL: it is what it is */

int __real_sock_getpeername(sock_t *s, sock_addr_t *address);
int __wrap_sock_getpeername(sock_t *s, sock_addr_t *address);
int __wrap_sock_getpeername(sock_t *s, sock_addr_t *address)
{
    if (far_away == NULL)
        return __real_sock_getpeername(s, address);
    *address = *far_away;
    return 0;
}

#endif
