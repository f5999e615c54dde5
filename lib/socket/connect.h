/* SPDX-License-Identifier: MIT */
/* One attempt to connect, which may wait. */
#ifndef SOCK__CONNECT_H
#define SOCK__CONNECT_H

#include <pysockc/connect.h>

#include "call.h"

struct sock__connecting {
    struct sock__call call; /* first, as call.h asks */
    const sock_addr_t *address;
};

/* 0 or a status; nothing is recorded. */
int sock__connect_status(struct sock__connecting *x);
/* What became of an attempt of which poll(2) says that it has ended: 0 or an
 * errno. */
int sock__connect_result(int fd);

#endif
