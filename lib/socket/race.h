/* SPDX-License-Identifier: MIT */
/* A connection by name, as RFC 8305 has it. */
#ifndef SOCK__RACE_H
#define SOCK__RACE_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/error.h>
#include <pysockc/socket.h>

#include "private.h"

/* When another attempt begins though none has ended, in ns. */
#define SOCK__RACE_DELAY INT64_C(250000000)

struct sock__race_terms {
    const char *op, *host;
    int port;
    double timeout; /* of the look-up and all attempts; and of the object */
    int64_t delay;  /* ns */
    const sock_addr_t *source;
    int first_family; /* AF_UNSPEC: that of the best address */
    bool nodelay, mptcp;
    sock__allow_fn *allow; /* whom may be connected to; NULL: all */
    void *arg;
    sock_error_list_t **errors; /* may be NULL */
};

/* A connected object, or NULL with the error recorded. */
sock_t *sock__race(const struct sock__race_terms *terms);

#endif
