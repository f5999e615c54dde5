/* SPDX-License-Identifier: MIT */
/* TLS that there is none of: a context that counts who holds it, and whose
 * connections go on as they are. */
#ifndef PRETENDED_H
#define PRETENDED_H

#include "held.h"
#include "support.h"

static bool tls_fails; /* it trusts no one */

static inline sock_t *pretend(sock_tls_t *tls, sock_t *s,
                              const struct sock__tls_terms *terms)
{
    (void)tls;
    if (tls_fails)
        sock__fail_saying(terms->op, SOCK_E_TLS, 0, "TLS: no trust");
    if (tls_fails)
        return NULL;
    check_str(terms->host, "127.0.0.1");
    return sock__move(s, terms->op);
}

static inline bool is_pretended(const sock_t *s)
{
    (void)s;
    return true;
}

static const struct sock__tls_ops pretending = {
    .wrap = pretend, .is_secure = is_pretended, .hold = hold, .let_go = let_go};
static sock_tls_t tls = {&pretending};

#endif
