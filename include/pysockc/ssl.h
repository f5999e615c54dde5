/* SPDX-License-Identifier: MIT */
/**
 * @file ssl.h
 * @brief TLS under a socket: all of libpysockc-ssl.
 */
#ifndef PYSOCKC_SSL_H
#define PYSOCKC_SSL_H

#include <stddef.h>

#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/ssl_cipher.h>
#include <pysockc/ssl_context.h>
#include <pysockc/ssl_session.h>
#include <pysockc/ssl_socket.h>

/**
 * @defgroup ssl TLS
 * @brief The functions of Python's `ssl` module that are about neither a
 * context nor a connection.
 * @{
 */

/** The code of a #SOCK_E_TLS. Python's `SSLErrorNumber`, of which the others
 * are no errors of TLS here. */
enum sock_ssl_error_code {
    SOCK_SSL_ERROR_SSL = 1,         /**< The protocol, a certificate, a setting:
                                         `ssl.SSLError`; errno is EPROTO. */
    SOCK_SSL_ERROR_ZERO_RETURN = 6, /**< To send after the own end of the
                                         stream: `ssl.SSLZeroReturnError`; errno
                                         is EPIPE. */
    SOCK_SSL_ERROR_EOF = 8          /**< An end without close_notify:
                                         `ssl.SSLEOFError`; errno is
                                         ECONNRESET. */
};

/** What sock_ssl_error() takes apart. */
typedef struct sock_ssl_error {
    int code;        /**< One of #sock_ssl_error_code. */
    int verify_code; /**< Why a certificate was refused, as OpenSSL and Python
                          number it: 62 is a wrong name; 0: none was. */
    int depth;       /**< Which one of its chain, from the leaf, which is 0; -1:
                          not known. */
    int alert;       /**< The alert that the peer has sent, of #sock_ssl_alert;
                          -1: none. */
    char library[16];         /**< `"SSL"`, `"X509"`, `"PEM"`... */
    char reason[96];          /**< `"CERTIFICATE_VERIFY_FAILED"`... */
    char verify_message[384]; /**< The words of @p verify_code; empty: none. */
    char subject[256];        /**< Of the refused certificate, as RFC 2253 has
                                   it; empty: not known. */
    int reserved[8];          /**< Zero. */
} sock_ssl_error_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Let calls that need TLS use this library where no context is passed.
 *
 * Not in Python, whose libraries find the ssl module themselves. Libraries that
 * speak a protocol over TLS do not link this one: after this call NULL stands
 * for sock_ssl_default_context() with them, which is made when it is first
 * needed. May be called any number of times, by any thread.
 *
 * @see sock_ssl_tls(), sock_ssl_default_context().
 * @par Example
 * @snippet ssl.c init
 * @since 0.3.0
 */
SOCK_API void sock_ssl_init(void);

/**
 * @brief Random bytes.
 *
 * Corresponds to Python's `ssl.RAND_bytes()`; wraps RAND_bytes().
 *
 * @param[out] buf  Where to write them.
 * @param[in]  n    Their number.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_TLS.
 * @see sock_ssl_rand_status(), sock_ssl_rand_add().
 * @par Example
 * @snippet ssl.c rand
 * @since 0.3.0
 */
SOCK_API int sock_ssl_rand_bytes(void *buf, size_t n);

/**
 * @brief Whether the generator of random bytes has been seeded.
 *
 * Corresponds to Python's `ssl.RAND_status()`; wraps RAND_status().
 *
 * @return 1 or 0.
 * @see sock_ssl_rand_bytes().
 * @par Example
 * @snippet ssl.c rand
 * @since 0.3.0
 */
SOCK_API int sock_ssl_rand_status(void);

/**
 * @brief Mix bytes into the generator of random bytes.
 *
 * Corresponds to Python's `ssl.RAND_add()`; wraps RAND_add(). The system seeds
 * it, so no program needs this.
 *
 * @param[in] buf      Bytes.
 * @param[in] n        Their number.
 * @param[in] entropy  How many of them are taken to be random.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a negative entropy).
 * @see sock_ssl_rand_bytes().
 * @par Example
 * @snippet ssl.c rand
 * @since 0.3.0
 */
SOCK_API int sock_ssl_rand_add(const void *buf, size_t n, double entropy);

/**
 * @brief The TLS library and its version.
 *
 * Corresponds to Python's `ssl.OPENSSL_VERSION`; wraps OpenSSL_version().
 *
 * @return Static text, such as `"OpenSSL 3.0.19 27 Jan 2026"`.
 * @see sock_version().
 * @par Example
 * @snippet ssl.c openssl_version
 * @since 0.3.0
 */
SOCK_API const char *sock_ssl_openssl_version(void);

/**
 * @brief Take an error of TLS apart.
 *
 * Corresponds to the attributes of Python's `ssl.SSLError` and
 * `ssl.SSLCertVerificationError`. Which certificate it was is known of the last
 * one that was refused in this thread.
 *
 * @param[in]  e    Error of kind #SOCK_E_TLS; NULL for sock_last_error().
 * @param[out] out  Its parts.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (an error of another kind).
 * @see sock_last_error(), sock_error_text(), sock_error_class().
 * @par Example
 * @snippet ssl.c error
 * @since 0.3.0
 */
SOCK_API int sock_ssl_error(const sock_error_t *e, sock_ssl_error_t *out);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
