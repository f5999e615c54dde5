/* SPDX-License-Identifier: MIT */
/* Ciphers, as Python shows them. */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/ssl_cipher.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/objects.h>

#include <pysockc/error.h>

#include "connection.h"
#include "ops.h"
#include "record.h"
#include "try.h"

/* That of a connection */

static void tell(const struct sock__ssl *c, sock_ssl_cipher_t *cipher)
{
    const SSL_CIPHER *x = SSL_get_current_cipher(c->ssl);
    memset(cipher, 0, sizeof *cipher);
    if (!c->established)
        return;
    cipher->name = SSL_CIPHER_get_name(x);
    cipher->protocol = SSL_CIPHER_get_version(x);
    cipher->bits = SSL_CIPHER_get_bits(x, NULL);
}

int sock_ssl_cipher(sock_t *s, sock_ssl_cipher_t *cipher)
{
    const char *op = "cipher";
    if (cipher == NULL && s != NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    struct sock__ssl *c = sock__ssl_enter(s, op);
    if (c == NULL)
        return -1;
    tell(c, cipher);
    sock__ssl_unlock(c);
    return 0;
}

/* Lists */

/* What OpenSSL calls it by; NULL: there is none. */
static const char *name_of(int nid)
{
    return nid != NID_undef ? OBJ_nid2ln(nid) : NULL;
}

/* As many as OpenSSL wants for a description. */
enum { DESCRIPTION = 128 };

static void describe(sock_ssl_cipher_info_t *info, const SSL_CIPHER *x,
                     char *text)
{
    memset(info, 0, sizeof *info);
    info->id = (uint32_t)SSL_CIPHER_get_id(x);
    info->name = SSL_CIPHER_get_name(x);
    info->protocol = SSL_CIPHER_get_version(x);
    info->strength_bits = SSL_CIPHER_get_bits(x, &info->alg_bits);
    info->aead = SSL_CIPHER_is_aead(x);
    info->symmetric = name_of(SSL_CIPHER_get_cipher_nid(x));
    info->digest = name_of(SSL_CIPHER_get_digest_nid(x));
    info->kea = name_of(SSL_CIPHER_get_kx_nid(x));
    info->auth = name_of(SSL_CIPHER_get_auth_nid(x));
    info->description = text;
    SSL_CIPHER_description(x, text, DESCRIPTION);
    text[strcspn(text, "\n")] = '\0';
}

/* Room for so many; NULL with the error recorded. */
static sock_ssl_ciphers_t *new_list(size_t count, const char *op)
{
    sock_ssl_ciphers_t *list =
        calloc(1, sizeof *list +
                      count * (sizeof(sock_ssl_cipher_info_t) + DESCRIPTION));
    if (list == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return list;
}

/* Those of the list that are in the other one, too, where there is one. */
static sock_ssl_ciphers_t *list_of(const STACK_OF(SSL_CIPHER) * ours,
                                   STACK_OF(SSL_CIPHER) * theirs,
                                   const char *op)
{
    int n = ours != NULL ? sk_SSL_CIPHER_num(ours) : 0;
    sock_ssl_ciphers_t *list = new_list((size_t)n, op);
    if (list == NULL)
        return NULL;
    sock_ssl_cipher_info_t *infos = (sock_ssl_cipher_info_t *)(list + 1);
    char *texts = (char *)(infos + n);
    for (int i = 0; i < n; i++) {
        const SSL_CIPHER *x = sk_SSL_CIPHER_value(ours, i);
        if (theirs != NULL && sk_SSL_CIPHER_find(theirs, x) < 0)
            continue;
        describe(&infos[list->count], x, texts + list->count * DESCRIPTION);
        list->count++;
    }
    list->ciphers = infos;
    return list;
}

/* Those of a connection, as it may have others than OpenSSL's context: see
 * lists.c. */
sock_ssl_ciphers_t *sock_ssl_get_ciphers(sock_ssl_context_t *ctx)
{
    const char *op = "get_ciphers";
    int saved = errno;
    if (ctx == NULL) {
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    struct sock__ssl *c = sock__ssl_new(ctx, ctx->server, false, NULL, op);
    if (c == NULL)
        return NULL;
    sock_ssl_ciphers_t *list = list_of(SSL_get_ciphers(c->ssl), NULL, op);
    int err = list != NULL ? saved : errno;
    sock__ssl_drop(c);
    errno = err;
    return list;
}

/* A client does not know the server's, and no one the other's before the
 * handshake. */
sock_ssl_ciphers_t *sock_ssl_shared_ciphers(sock_t *s)
{
    const char *op = "shared_ciphers";
    struct sock__ssl *c = sock__ssl_enter(s, op);
    if (c == NULL)
        return NULL;
    STACK_OF(SSL_CIPHER) *theirs = SSL_get_client_ciphers(c->ssl);
    sock_ssl_ciphers_t *list =
        list_of(theirs != NULL ? SSL_get_ciphers(c->ssl) : NULL, theirs, op);
    sock__ssl_unlock(c);
    return list;
}

void sock_ssl_ciphers_free(sock_ssl_ciphers_t *list)
{
    int saved = errno;
    free(list);
    errno = saved;
}
