/* SPDX-License-Identifier: MIT */
/* What the library's files share about addresses. */
#ifndef SOCK__ADDRESS_H
#define SOCK__ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <pysockc/address.h>

#include "attributes.h"

/* Records why an address can't be handed to the system; -1. */
int sock__addr_refused(const char *op, const sock_addr_t *a);
/* 0 if the address can be handed to the system, else -1 with its error. */
SOCK__INLINE int sock__addr_check(const char *op, const sock_addr_t *a)
{
    if (a->len > 0 && a->len <= sizeof a->u)
        return 0;
    return sock__addr_refused(op, a);
}
/* The same for what is not AF_INET: bounds the length, clears the rest. */
void sock__addr_finish_other(sock_addr_t *a, int protocol);
/* Completes an address whose bytes the system has filled in. The protocol of
 * its socket tells forms of an address from each other, in some families. */
SOCK__INLINE void sock__addr_finish(sock_addr_t *a, socklen_t len, int protocol)
{
    a->len = len;
    a->kind = a->detail = 0;
    a->code = a->sys_errno = 0;
    a->reserved[0] = a->reserved[1] = a->reserved[2] = a->reserved[3] = 0;
    if (len != sizeof a->u.in || a->u.sa.sa_family != AF_INET)
        sock__addr_finish_other(a, protocol);
}
/* The address of a host with port 0; AF_UNSPEC for either family. */
void sock__addr_host(sock_addr_t *a, int family, const char *host);
/* The same without the resolver: a name is EAI_NONAME. */
void sock__addr_numeric(sock_addr_t *a, int family, const char *host);
/* Whether it is a whole AF_INET or AF_INET6 address and nothing more. */
bool sock__addr_is_ip(const sock_addr_t *a);
/* The bytes of an AF_INET or AF_INET6 address. */
const void *sock__addr_ip(const sock_addr_t *a);
/* An address that could not be made. */
sock_addr_t sock__addr_failed(int kind, int code, int detail, const char *host);
/* 0 if it is a port, else -1 with the error recorded. */
int sock__port_check(const char *op, const char *host, int port);
/* The address that an error of getaddrinfo(3) makes. */
sock_addr_t sock__addr_gai(int code, const char *host);
/* 0 if a host name can be given to the resolver, else -1 and why not. */
int sock__host_check(const char *host, sock_addr_t *why);
/* Bytes of an AF_UNIX path, the NUL of an abstract one among them. */
size_t sock__addr_path_len(const sock_addr_t *a);
#endif
