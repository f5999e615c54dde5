/* SPDX-License-Identifier: MIT */
/* The TLS that is used where none is given. */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/tls.h>

#include <stdatomic.h>
#include <stddef.h>

#include "record.h"

static _Atomic(sock__tls_fn *) giver;

void sock__set_default_tls(sock__tls_fn *fn)
{
    atomic_store(&giver, fn);
}

sock_tls_t *sock__default_tls(const char *op)
{
    sock__tls_fn *fn = atomic_load(&giver);
    if (fn == NULL) {
        sock__fail(op, SOCK_E_UNSUPPORTED, 0, SOCK__NO_TLS_LIBRARY);
        return NULL;
    }
    sock_tls_t *tls = fn();
    if (tls == NULL)
        sock__fail_status(op, SOCK__RECORDED);
    return tls;
}
