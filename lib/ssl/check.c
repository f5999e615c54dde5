/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <stdint.h>

#include <openssl/x509_vfy.h>

/* CRLs that the context has by now, where they are asked. */
static int count_crls(X509_STORE *store)
{
    int crls = 0;
    X509_STORE_lock(store);
    const STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(store);
    int n = sk_X509_OBJECT_num(all);
    for (int i = 0; i < n; i++)
        if (X509_OBJECT_get_type(sk_X509_OBJECT_value(all, i)) == X509_LU_CRL)
            crls++;
    X509_STORE_unlock(store);
    return crls;
}

struct sock__ssl_check sock__ssl_check_of(const sock_ssl_context_t *ctx,
                                          SSL *ssl)
{
    struct sock__ssl_check check = {.mode = ctx->verify_mode,
                                    .names = ctx->check_hostname,
                                    .context = ctx->number};
    check.flags = X509_VERIFY_PARAM_get_flags(SSL_get0_param(ssl));
    if ((check.flags & X509_V_FLAG_CRL_CHECK) != 0)
        check.crls = count_crls(SSL_CTX_get_cert_store(ctx->ctx));
    return check;
}

bool sock__ssl_check_bind(const struct sock__ssl_check *check, SSL *ssl)
{
    const uint64_t id[] = {check->flags, (uint64_t)check->mode,
                           (uint64_t)check->crls, check->context};
    return SSL_set_session_id_context(ssl, (const unsigned char *)id,
                                      sizeof id) == 1;
}

bool sock__ssl_check_equal(const struct sock__ssl_check *a,
                           const struct sock__ssl_check *b)
{
    return a->mode == b->mode && a->flags == b->flags && a->crls == b->crls &&
           a->context == b->context;
}
