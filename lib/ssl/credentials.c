/* SPDX-License-Identifier: MIT */
/* What a context proves itself with, and whom it trusts. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509err.h>
#include <openssl/x509v3.h>

#include <pysockc/error.h>

#include "context.h"
#include "error.h"
#include "password.h"
#include "paths.h"
#include "record.h"

/* The own chain */

enum { LONGEST_PASSWORD = 1024 };

/* Who knows it. */
struct secret {
    const char *text; /* NULL: the callback, if there is one */
    const struct sock__ssl_password *callback;
    bool too_long; /* it said more than there is room for */
};

static int copy_password(const char *password, char *buf, size_t size)
{
    size_t n = strnlen(password, size + 1);
    if (n > size)
        return -1;
    memcpy(buf, password, n);
    return (int)n;
}

/* For OpenSSL's reader of PEM, which asks for it where something is encrypted;
 * no one else is asked. */
static int give_password(char *buf, int size, int writing, void *arg)
{
    struct secret *x = arg;
    int n = -1;
    (void)writing;
    if (x == NULL)
        return -1;
    if (x->text != NULL)
        n = copy_password(x->text, buf, (size_t)size);
    else if (x->callback != NULL)
        n = x->callback->fn(buf, (size_t)size, x->callback->arg);
    if (n > size)
        x->too_long = true;
    return n > 0 && n <= size ? n : -1;
}

/* Bytes for OpenSSL to read, INT_MAX at most; NULL with its error. */
static BIO *bytes_of(const void *data, size_t size)
{
    return BIO_new_mem_buf(data, (int)size);
}

/* What proves who this side is. */
struct chain {
    X509 *leaf;
    STACK_OF(X509) * others; /* from the leaf's issuer on */
    EVP_PKEY *key;
};

/* The certificates behind the leaf, until there are no more. */
static bool read_others(struct chain *x, BIO *b)
{
    X509 *next;
    x->others = sk_X509_new_null();
    if (x->others == NULL)
        return false;
    while ((next = PEM_read_bio_X509(b, NULL, give_password, NULL)) != NULL)
        if (sk_X509_push(x->others, next) == 0) {
            X509_free(next);
            return false;
        }
    unsigned long e = ERR_peek_last_error();
    if (ERR_GET_LIB(e) != ERR_LIB_PEM ||
        ERR_GET_REASON(e) != PEM_R_NO_START_LINE)
        return false;
    ERR_clear_error();
    return true;
}

/* A certificate keeps what OpenSSL finds in it when it is first asked, even
 * that it is of no use, for want of memory. So a copy is left to be asked
 * again. */
static bool look_at_leaf(struct chain *x)
{
    if ((X509_get_extension_flags(x->leaf) & EXFLAG_INVALID) == 0)
        return true;
    X509 *copy = X509_dup(x->leaf);
    if (copy == NULL)
        return false;
    X509_free(x->leaf);
    x->leaf = copy;
    return true;
}

static bool read_chain(struct chain *x, BIO *cert, BIO *key,
                       struct secret *secret)
{
    x->leaf = PEM_read_bio_X509_AUX(cert, NULL, give_password, NULL);
    if (x->leaf == NULL || !read_others(x, cert))
        return false;
    x->key = PEM_read_bio_PrivateKey(key, NULL, give_password, secret);
    return x->key != NULL && look_at_leaf(x) &&
           X509_check_private_key(x->leaf, x->key) == 1;
}

/* Before the context is entered, as a callback may well use it. */
static bool read_all(sock_ssl_context_t *ctx, struct chain *x, BIO *cert,
                     BIO *key, struct secret *secret)
{
    struct sock__ssl_setting *callback =
        sock__ssl_context_setting(ctx, SOCK__SSL_PASSWORD);
    secret->callback = sock__ssl_setting_value(callback);
    bool done = cert != NULL && key != NULL && read_chain(x, cert, key, secret);
    sock__ssl_setting_drop(callback);
    return done;
}

/* What could not be read. */
static int fail_to_read(const char *op, const struct secret *secret)
{
    int result = sock__ssl_fail(op);
    return secret->too_long
               ? sock__fail(op, SOCK_E_VALUE, 0, SOCK__LONG_PASSWORD)
               : result;
}

static int use_chain(sock_ssl_context_t *ctx, const char *op,
                     const struct chain *x)
{
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    sock__ssl_context_renew(ctx);
    return sock__ssl_context_leave(
        ctx, op,
        SSL_CTX_use_cert_and_key(ctx->ctx, x->leaf, x->key, x->others, 1) == 1);
}

/* Both, from wherever they are, which it consumes. Nothing is given to OpenSSL
 * before all of it is known to fit, so a failure changes nothing. */
static int load(sock_ssl_context_t *ctx, const char *op, BIO *cert, BIO *key,
                const char *password)
{
    struct chain x = {NULL, NULL, NULL};
    struct secret secret = {.text = password};
    int result = read_all(ctx, &x, cert, key, &secret)
                     ? use_chain(ctx, op, &x)
                     : fail_to_read(op, &secret);
    EVP_PKEY_free(x.key);
    sk_X509_pop_free(x.others, X509_free);
    X509_free(x.leaf);
    BIO_free(cert);
    BIO_free(key);
    return result;
}

/* With OpenSSL's queue empty, as behind sock__ssl_context_enter(). */
static int begin(const sock_ssl_context_t *ctx, const char *op)
{
    if (ctx == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    ERR_clear_error();
    return 0;
}

/* errno as it was, if all went well. */
static int end(int result, int saved)
{
    if (result == 0)
        errno = saved;
    return result;
}

static int check_password(const char *op, const char *password)
{
    if (password == NULL || strlen(password) <= LONGEST_PASSWORD)
        return 0;
    return sock__fail(op, SOCK_E_VALUE, 0, SOCK__LONG_PASSWORD);
}

int sock_ssl_load_cert_chain(sock_ssl_context_t *ctx, const char *certfile,
                             const char *keyfile, const char *password)
{
    const char *op = "load_cert_chain";
    if (check_password(op, password) < 0)
        return -1;
    if (ctx != NULL && certfile == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    int saved = errno;
    if (begin(ctx, op) < 0)
        return -1;
    BIO *cert = BIO_new_file(certfile, "re");
    BIO *key = NULL;
    if (cert != NULL)
        key = BIO_new_file(keyfile != NULL ? keyfile : certfile, "re");
    return end(load(ctx, op, cert, key, password), saved);
}

int sock_ssl_load_cert_chain_data(sock_ssl_context_t *ctx, const void *cert,
                                  size_t cert_size, const void *key,
                                  size_t key_size, const char *password)
{
    const char *op = "load_cert_chain";
    if (check_password(op, password) < 0)
        return -1;
    if (ctx != NULL && (cert == NULL || key == NULL))
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (cert_size > INT_MAX || key_size > INT_MAX)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    int saved = errno;
    if (begin(ctx, op) < 0)
        return -1;
    return end(load(ctx, op, bytes_of(cert, cert_size), bytes_of(key, key_size),
                    password),
               saved);
}

/* Whom to trust */

/* What there is twice is no error, as OpenSSL 3 has it. */
static bool trust(X509_STORE *store, const X509_INFO *info)
{
    if (info->x509 != NULL && X509_STORE_add_cert(store, info->x509) != 1)
        return false;
    return info->crl == NULL || X509_STORE_add_crl(store, info->crl) == 1;
}

/* Certificates and CRLs, at least one. A key is neither. */
static bool trust_all(SSL_CTX *ctx, BIO *b)
{
    STACK_OF(X509_INFO) *all =
        b != NULL ? PEM_X509_INFO_read_bio(b, NULL, give_password, NULL) : NULL;
    bool done = all != NULL, any = false;
    for (int i = 0; done && i < sk_X509_INFO_num(all); i++) {
        const X509_INFO *info = sk_X509_INFO_value(all, i);
        any = any || info->x509 != NULL || info->crl != NULL;
        done = trust(SSL_CTX_get_cert_store(ctx), info);
    }
    sk_X509_INFO_pop_free(all, X509_INFO_free);
    if (done && !any)
        ERR_raise(ERR_LIB_X509, X509_R_NO_CERTIFICATE_OR_CRL_FOUND);
    return done && any;
}

/* Ends a change with those that it consumes; NULL with OpenSSL's error. */
static int trust_bio(sock_ssl_context_t *ctx, const char *op, BIO *b)
{
    sock__ssl_context_renew(ctx);
    int result = sock__ssl_context_leave(ctx, op, trust_all(ctx->ctx, b));
    BIO_free(b);
    return result;
}

int sock_ssl_load_verify_data(sock_ssl_context_t *ctx, const void *data,
                              size_t size)
{
    const char *op = "load_verify_data";
    if (ctx != NULL && data == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (size > INT_MAX)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    return trust_bio(ctx, op, bytes_of(data, size));
}

static int load_file(sock_ssl_context_t *ctx, const char *op, const char *path)
{
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    return trust_bio(ctx, op, BIO_new_file(path, "re"));
}

/* It is read when someone is to be verified, so OpenSSL takes any name. */
static int load_folder(sock_ssl_context_t *ctx, const char *op,
                       const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return sock__fail(op, SOCK_E_OS, errno, 0);
    if (!S_ISDIR(st.st_mode))
        return sock__fail(op, SOCK_E_OS, ENOTDIR, 0);
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    sock__ssl_context_renew(ctx);
    return sock__ssl_context_leave(
        ctx, op, SSL_CTX_load_verify_dir(ctx->ctx, path) == 1);
}

int sock_ssl_load_verify_locations(sock_ssl_context_t *ctx, const char *cafile,
                                   const char *capath, const char *cadata)
{
    const char *op = "load_verify_locations";
    if (ctx == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (cafile == NULL && capath == NULL && cadata == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NO_LOCATION);
    if (cafile != NULL && load_file(ctx, op, cafile) < 0)
        return -1;
    if (capath != NULL && load_folder(ctx, op, capath) < 0)
        return -1;
    if (cadata != NULL)
        return sock_ssl_load_verify_data(ctx, cadata, strlen(cadata));
    return 0;
}

/* Where OpenSSL looks, of which not all need be there, nor hold anything. What
 * it has for it does not close its files for a program that the process turns
 * into. */
static bool trust_defaults(SSL_CTX *ctx)
{
    BIO *b = BIO_new_file(sock__ssl_default_file(), "re");
    if (b != NULL)
        trust_all(ctx, b);
    BIO_free(b);
    SSL_CTX_load_verify_dir(ctx, sock__ssl_default_folders());
    if (!sock__ssl_lacked_memory())
        return true;
    ERR_raise(ERR_LIB_X509, ERR_R_MALLOC_FAILURE);
    return false;
}

/* On this system those for servers are those for clients. */
int sock_ssl_load_default_certs(sock_ssl_context_t *ctx, int purpose)
{
    const char *op = "load_default_certs";
    if (ctx != NULL && purpose != SOCK_SSL_SERVER_AUTH &&
        purpose != SOCK_SSL_CLIENT_AUTH)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_TLS_PURPOSE);
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    sock__ssl_context_renew(ctx);
    return sock__ssl_context_leave(ctx, op, trust_defaults(ctx->ctx));
}

/* What is in a store, to which those who verify may add meanwhile. */
static void count_store(X509_STORE *store, sock_ssl_store_stats_t *stats)
{
    X509_STORE_lock(store);
    const STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
        const X509_OBJECT *o = sk_X509_OBJECT_value(all, i);
        X509 *x = X509_OBJECT_get0_X509(o);
        stats->x509 += x != NULL;
        stats->crl += X509_OBJECT_get_type(o) == X509_LU_CRL;
        stats->x509_ca += x != NULL && X509_check_ca(x) > 0;
    }
    X509_STORE_unlock(store);
}

int sock_ssl_cert_store_stats(sock_ssl_context_t *ctx,
                              sock_ssl_store_stats_t *stats)
{
    const char *op = "cert_store_stats";
    if (ctx != NULL && stats == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__ssl_context_enter(ctx, op) < 0)
        return -1;
    *stats = (sock_ssl_store_stats_t){0, 0, 0};
    count_store(SSL_CTX_get_cert_store(ctx->ctx), stats);
    return sock__ssl_context_leave(ctx, op, true);
}
