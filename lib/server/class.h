/* SPDX-License-Identifier: MIT */
/* What a server can be. */
#ifndef SOCK__CLASS_H
#define SOCK__CLASS_H

#include <pysockc/server.h>

/* Refuses what can't be meant: -1 with the error recorded. */
int sock__class_check(const char *op, const sock_server_class_t *c);

#endif
