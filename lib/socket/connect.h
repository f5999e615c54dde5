/* One attempt to connect, which may wait. */
#ifndef SOCK__CONNECT_H
#define SOCK__CONNECT_H

#include <pysockc/connect.h>

#include "call.h"

struct sock__connecting {
    struct sock__call call; /* first, as call.h asks */
    const sock_addr_t *address;
};

/* 0, an errno or SOCK__TIMED_OUT; nothing is recorded. */
int sock__connect_status(struct sock__connecting *x);

#endif
