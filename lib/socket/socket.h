/* SPDX-License-Identifier: MIT */
/* What other files make of sockets. */
#ifndef SOCK__SOCKET_H
#define SOCK__SOCKET_H

#include <pysockc/socket.h>

/* As sock_dup(). */
sock_t *sock__dup(sock_t *s, const char *op);

#endif
