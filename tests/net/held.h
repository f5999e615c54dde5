/* SPDX-License-Identifier: MIT */
/* A context of TLS that counts who holds it, and does nothing else. */
#ifndef HELD_H
#define HELD_H

#include "private.h"

static int tls_holds;

static inline void hold(sock_tls_t *tls)
{
    (void)tls;
    tls_holds++;
}

static inline void let_go(sock_tls_t *tls)
{
    (void)tls;
    tls_holds--;
}

#endif
