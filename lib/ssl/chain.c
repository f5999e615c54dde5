/* SPDX-License-Identifier: MIT */
/* The certificates of a connection's peer, and of a context's store. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <pysockc/error.h>

#include "certificate.h"
#include "context.h"
#include "error.h"
#include "ops.h"
#include "record.h"
#include "try.h"

/* A look at a connection */

static void look_end(sock_t *s, struct sock__ssl *c)
{
    sock__ssl_unlock(c);
    sock__leave(s);
}

/* Begins it: the connection, under its lock and with OpenSSL's queue empty, and
 * with its handshake done; NULL with the error recorded. */
static struct sock__ssl *look(sock_t *s, const char *op)
{
    struct sock__ssl *c = sock__ssl_of(s, op);
    int fd = c != NULL ? sock__enter(s, op) : -1;
    if (fd < 0)
        return NULL;
    if (sock__ssl_lock(c, op) < 0) {
        sock__leave(s);
        return NULL;
    }
    if (c->established) {
        ERR_clear_error();
        return c;
    }
    if (c->begun || sock__ssl_is_connected(s, fd))
        sock__fail(op, SOCK_E_VALUE, 0, SOCK__HANDSHAKE_OWED);
    else
        sock__fail(op, SOCK_E_OS, ENOTCONN, 0);
    look_end(s, c);
    return NULL;
}

/* Whether the peer's certificate leads to one that is trusted. */
static bool is_trusted(const struct sock__ssl *c)
{
    return SSL_get_verify_result(c->ssl) == X509_V_OK;
}

/* Whether it had to. */
static bool is_verified(const struct sock__ssl *c)
{
    return sock__ssl_verifies(c) && is_trusted(c);
}

/* The peer's certificate */

sock_ssl_cert_t *sock_ssl_getpeercert(sock_t *s)
{
    const char *op = "getpeercert";
    int saved = errno;
    sock_ssl_cert_t *cert = NULL;
    struct sock__ssl *c = look(s, op);
    if (c == NULL)
        return NULL;
    X509 *x = SSL_get1_peer_certificate(c->ssl);
    bool verified = is_verified(c);
    look_end(s, c);
    if (x != NULL)
        cert = verified ? sock__ssl_cert(x, op) : sock__ssl_cert_of_nothing(op);
    if (x == NULL || cert != NULL)
        errno = saved;
    X509_free(x);
    return cert;
}

/* Writes all of it, or nothing; -1 with the error recorded. */
static int give_der(const X509 *x, const char *op, unsigned char *buf,
                    size_t size)
{
    int n = i2d_X509(x, NULL);
    if (n < 0)
        return sock__ssl_fail(op);
    if (size >= (size_t)n)
        i2d_X509(x, &buf);
    return n;
}

int sock_ssl_getpeercert_der(sock_t *s, void *buf, size_t size)
{
    const char *op = "getpeercert";
    int saved = errno, n = 0;
    if (buf == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    struct sock__ssl *c = look(s, op);
    if (c == NULL)
        return -1;
    X509 *x = SSL_get1_peer_certificate(c->ssl);
    look_end(s, c);
    if (x != NULL)
        n = give_der(x, op, buf, size);
    X509_free(x);
    if (n >= 0)
        errno = saved;
    return n;
}

/* Chains */

/* The bytes of all; -1 with OpenSSL's error. */
static long size_of(const STACK_OF(X509) * list)
{
    long size = 0;
    for (int i = 0; i < sk_X509_num(list); i++) {
        int n = i2d_X509(sk_X509_value(list, i), NULL);
        if (n < 0)
            return -1;
        size += n;
    }
    return size;
}

/* NULL with OpenSSL's error. */
static sock_ssl_chain_t *chain_of(const STACK_OF(X509) * list)
{
    size_t count = list != NULL ? (size_t)sk_X509_num(list) : 0;
    long size = size_of(list);
    if (size < 0)
        return NULL;
    sock_ssl_chain_t *chain =
        malloc(sizeof *chain + count * sizeof(sock_ssl_der_t) + (size_t)size);
    if (chain == NULL) {
        ERR_raise(ERR_LIB_X509, ERR_R_MALLOC_FAILURE);
        return NULL;
    }
    sock_ssl_der_t *certs = (sock_ssl_der_t *)(chain + 1);
    unsigned char *at = (unsigned char *)(certs + count);
    *chain = (sock_ssl_chain_t){.certs = certs, .count = count};
    for (size_t i = 0; i < count; i++) {
        certs[i].data = at;
        certs[i].size = (size_t)i2d_X509(sk_X509_value(list, (int)i), &at);
    }
    return chain;
}

/* Ends a look with what came of it. */
static sock_ssl_chain_t *told(sock_t *s, struct sock__ssl *c, const char *op,
                              sock_ssl_chain_t *chain, int saved)
{
    if (chain == NULL)
        sock__ssl_fail(op);
    ERR_clear_error();
    look_end(s, c);
    if (chain != NULL)
        errno = saved;
    return chain;
}

/* OpenSSL keeps how far it came, even if that was nowhere. */
sock_ssl_chain_t *sock_ssl_get_verified_chain(sock_t *s)
{
    const char *op = "get_verified_chain";
    int saved = errno;
    struct sock__ssl *c = look(s, op);
    if (c == NULL)
        return NULL;
    const STACK_OF(X509) *chain =
        is_trusted(c) ? SSL_get0_verified_chain(c->ssl) : NULL;
    return told(s, c, op, chain_of(chain), saved);
}

/* The list if all is in it; else NULL. */
static STACK_OF(X509) * whole(STACK_OF(X509) * list, bool done)
{
    if (done)
        return list;
    sk_X509_free(list);
    return NULL;
}

/* The peer's own, and those behind it; borrowed. NULL with OpenSSL's error. A
 * server's list of them begins behind the peer's own. */
static STACK_OF(X509) * sent(const struct sock__ssl *c)
{
    const STACK_OF(X509) *all = SSL_get_peer_cert_chain(c->ssl);
    X509 *leaf = SSL_get0_peer_certificate(c->ssl);
    STACK_OF(X509) *list = sk_X509_new_null();
    bool done = list != NULL && (leaf == NULL || sk_X509_push(list, leaf) > 0);
    for (int i = c->server ? 0 : 1; done && i < sk_X509_num(all); i++)
        done = sk_X509_push(list, sk_X509_value(all, i)) > 0;
    return whole(list, done);
}

sock_ssl_chain_t *sock_ssl_get_unverified_chain(sock_t *s)
{
    const char *op = "get_unverified_chain";
    int saved = errno;
    struct sock__ssl *c = look(s, op);
    if (c == NULL)
        return NULL;
    STACK_OF(X509) *list = sent(c);
    sock_ssl_chain_t *chain = list != NULL ? chain_of(list) : NULL;
    sk_X509_free(list);
    return told(s, c, op, chain, saved);
}

/* The authorities among a store's certificates; borrowed. NULL with OpenSSL's
 * error. */
static STACK_OF(X509) * authorities(X509_STORE *store)
{
    const STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(store);
    STACK_OF(X509) *list = sk_X509_new_null();
    bool done = list != NULL;
    for (int i = 0; done && i < sk_X509_OBJECT_num(all); i++) {
        X509 *x = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));
        if (x != NULL && X509_check_ca(x) > 0)
            done = sk_X509_push(list, x) > 0;
    }
    return whole(list, done);
}

/* Whoever verifies may add to the store meanwhile. */
sock_ssl_chain_t *sock_ssl_get_ca_certs(sock_ssl_context_t *ctx)
{
    const char *op = "get_ca_certs";
    if (sock__ssl_context_enter(ctx, op) < 0)
        return NULL;
    X509_STORE *store = SSL_CTX_get_cert_store(ctx->ctx);
    X509_STORE_lock(store);
    STACK_OF(X509) *list = authorities(store);
    sock_ssl_chain_t *chain = list != NULL ? chain_of(list) : NULL;
    sk_X509_free(list);
    X509_STORE_unlock(store);
    sock__ssl_context_leave(ctx, op, chain != NULL);
    return chain;
}

void sock_ssl_chain_free(sock_ssl_chain_t *chain)
{
    int saved = errno;
    free(chain);
    errno = saved;
}

void sock_ssl_chain_freep(sock_ssl_chain_t **chain)
{
    if (chain == NULL)
        return;
    sock_ssl_chain_free(*chain);
    *chain = NULL;
}
