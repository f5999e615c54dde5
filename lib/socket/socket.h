/* SPDX-License-Identifier: MIT */
/* What other files make of sockets. */
#ifndef SOCK__SOCKET_H
#define SOCK__SOCKET_H

#include <stdbool.h>

#include <pysockc/socket.h>

/* As sock_dup(); to_file: no one but sock_makefile() will have it. */
sock_t *sock__dup(sock_t *s, const char *op, bool to_file);

#endif
