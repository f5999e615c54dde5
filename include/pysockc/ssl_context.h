/* SPDX-License-Identifier: MIT */
/**
 * @file ssl_context.h
 * @brief What TLS connections have in common: certificates, whom to trust, versions.
 */
#ifndef PYSOCKC_SSL_CONTEXT_H
#define PYSOCKC_SSL_CONTEXT_H

#include <stddef.h>

#include <pysockc/export.h>

/* What connections have in common: certificates, whom to trust, versions. May
 * be used by several threads, and freed while connections use it. */
typedef struct sock_ssl_context sock_ssl_context_t;

/** What a context's store has: Python's dict. */
typedef struct sock_ssl_store_stats {
    size_t x509;    /**< Certificates. */
    size_t crl;     /**< Lists of what is revoked. */
    size_t x509_ca; /**< Those of the certificates that are authorities'. */
} sock_ssl_store_stats_t;

enum { SOCK_SSL_SERVER_AUTH, SOCK_SSL_CLIENT_AUTH };
enum { SOCK_SSL_PROTOCOL_TLS_CLIENT = 16, SOCK_SSL_PROTOCOL_TLS_SERVER = 17 };
enum { SOCK_SSL_CERT_NONE, SOCK_SSL_CERT_OPTIONAL, SOCK_SSL_CERT_REQUIRED };
enum {
    SOCK_SSL_MINIMUM_SUPPORTED = -2,
    SOCK_SSL_MAXIMUM_SUPPORTED = -1,
    SOCK_SSL_TLSV1_2 = 0x0303,
    SOCK_SSL_TLSV1_3 = 0x0304
};

/* create_default_context(): SERVER_AUTH is for clients. With none of the three
 * the system's certificates are trusted; cadata is PEM. Where the system has
 * none that is an error (SOCK_E_OS, ENOENT), which names the paths. */
SOCK_API sock_ssl_context_t *sock_ssl_create_default_context(
    int purpose, const char *cafile, const char *capath, const char *cadata);
/* SSLContext(protocol): nothing is trusted, and a client needs someone. */
SOCK_API sock_ssl_context_t *sock_ssl_context_new(int protocol);
/* For clients, with the system's certificates; made once, and no one's to
 * free. */
SOCK_API sock_ssl_context_t *sock_ssl_default_context(void);
SOCK_API void sock_ssl_context_free(sock_ssl_context_t *ctx);

/* load_cert_chain(): the leaf first; the key in the same file if keyfile is
 * NULL. An encrypted key without a password is an error, never a question. */
SOCK_API int sock_ssl_load_cert_chain(sock_ssl_context_t *ctx,
                                      const char *certfile, const char *keyfile,
                                      const char *password);
/* The same from memory, PEM. */
SOCK_API int sock_ssl_load_cert_chain_data(sock_ssl_context_t *ctx,
                                           const void *cert, size_t cert_size,
                                           const void *key, size_t key_size,
                                           const char *password);
/* load_verify_locations(): at least one of them. */
SOCK_API int sock_ssl_load_verify_locations(sock_ssl_context_t *ctx,
                                            const char *cafile,
                                            const char *capath,
                                            const char *cadata);
/* Certificates and CRLs, PEM. */
SOCK_API int sock_ssl_load_verify_data(sock_ssl_context_t *ctx,
                                       const void *data, size_t size);
SOCK_API int sock_ssl_load_default_certs(sock_ssl_context_t *ctx, int purpose);
/**
 * @brief How much there is in a context's store.
 *
 * Corresponds to Python's `ssl.SSLContext.cert_store_stats()`; wraps
 * X509_STORE_get0_objects(). What lies in a folder counts once it was needed to
 * verify someone.
 *
 * @param[in]  ctx    Context.
 * @param[out] stats  The numbers.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_ssl_get_ca_certs(), sock_ssl_load_verify_locations().
 * @par Example
 * @snippet ssl_cert.c cert_store_stats
 * @since 0.3.0
 */
SOCK_API int sock_ssl_cert_store_stats(sock_ssl_context_t *ctx,
                                       sock_ssl_store_stats_t *stats);

/* Attributes: as Python's, checked when they are set. */
SOCK_API int sock_ssl_set_verify_mode(sock_ssl_context_t *ctx, int mode);
SOCK_API int sock_ssl_get_verify_mode(sock_ssl_context_t *ctx);
SOCK_API int sock_ssl_set_check_hostname(sock_ssl_context_t *ctx, int on);
SOCK_API int sock_ssl_get_check_hostname(sock_ssl_context_t *ctx);
SOCK_API int sock_ssl_set_minimum_version(sock_ssl_context_t *ctx, int version);
SOCK_API int sock_ssl_get_minimum_version(sock_ssl_context_t *ctx);
SOCK_API int sock_ssl_set_maximum_version(sock_ssl_context_t *ctx, int version);
SOCK_API int sock_ssl_get_maximum_version(sock_ssl_context_t *ctx);
SOCK_API int sock_ssl_set_ciphers(sock_ssl_context_t *ctx, const char *list);
SOCK_API int sock_ssl_set_alpn_protocols(sock_ssl_context_t *ctx,
                                         const char *const *names,
                                         size_t count);

#endif
