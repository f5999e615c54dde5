/* SPDX-License-Identifier: MIT */
/**
 * @file ssl.h
 * @brief TLS under a socket: all of libpysockc-ssl.
 */
#ifndef PYSOCKC_SSL_H
#define PYSOCKC_SSL_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/ssl_cert.h>
#include <pysockc/ssl_cipher.h>
#include <pysockc/ssl_context.h>
#include <pysockc/ssl_session.h>
#include <pysockc/ssl_socket.h>

/**
 * @defgroup ssl TLS
 * @brief The functions of the module `ssl`.
 *
 * This header includes all others of libpysockc-ssl.
 * @{
 */

/** Buffer that holds any path of #sock_ssl_paths_t, in bytes. */
#define SOCK_SSL_PATH_MAX 4096

/** Where the system's certificates are: Python's `DefaultVerifyPaths`. */
typedef struct sock_ssl_paths {
    /** The file that is read; `""`, Python's None, if it is no file. */
    char cafile[SOCK_SSL_PATH_MAX];
    /** The folder that is read; `""`, Python's None, if it is no folder, as is
     * a list of several. */
    char capath[SOCK_SSL_PATH_MAX];
    const char *openssl_cafile_env; /**< The variable that names the file:
                                         `"SSL_CERT_FILE"`. */
    const char *openssl_cafile;     /**< The file that is read without it. */
    const char *openssl_capath_env; /**< The variable that names the folder:
                                         `"SSL_CERT_DIR"`. */
    const char *openssl_capath;     /**< The folder that is read without it. */
} sock_ssl_paths_t;

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
typedef struct sock_ssl_error_s {
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
 * @brief The certificate that a server shows, in PEM.
 *
 * Corresponds to Python's `ssl.get_server_certificate()`.
 *
 * **Without @p ca_certs nothing is verified**: whoever is on the way can show
 * what it likes. With it the certificate leads to one of these; that it is
 * @p host's is not asked even then.
 *
 * @param[in]  host      Name or numeric text, which is told to the server.
 * @param[in]  port      Port.
 * @param[in]  ca_certs  File of those who are trusted; NULL: no one is asked
 *                       for.
 * @param[in]  timeout   Seconds for all of it, as in sock_create_connection().
 * @param[out] pem       Buffer; NULL with size 0 asks for the length, and makes
 *                       a connection for that, too.
 * @param[in]  size      Bytes of @p pem; most certificates take 1000 to 4000.
 * @return Length of the text; if it is @p size or more, @p pem is the empty
 *         string. -1 on error.
 * @par Errors
 * Those of sock_ssl_create_connection() and sock_ssl_load_verify_locations().
 * @par Deviation
 * Python closes without close_notify, and has a timeout for each part.
 * @see sock_ssl_create_connection(), sock_ssl_getpeercert(),
 * sock_ssl_pem_cert_to_der_cert().
 * @par Example
 * @snippet ssl.c get_server_certificate
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_server_certificate(const char *host, int port,
                                             const char *ca_certs,
                                             double timeout, char *pem,
                                             size_t size);

/**
 * @brief From a certificate in DER to PEM.
 *
 * Corresponds to Python's `ssl.DER_cert_to_PEM_cert()`. The bytes are not
 * looked at.
 *
 * @param[in]  der   Certificate.
 * @param[in]  n     Bytes of @p der.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (size too large), #SOCK_E_TYPE.
 * @see sock_ssl_pem_cert_to_der_cert(), sock_ssl_getpeercert_der().
 * @par Example
 * @snippet ssl.c pem
 * @since 0.3.0
 */
SOCK_API int sock_ssl_der_cert_to_pem_cert(const void *der, size_t n, char *buf,
                                           size_t size);

/**
 * @brief From a certificate in PEM to DER.
 *
 * Corresponds to Python's `ssl.PEM_cert_to_DER_cert()`. What the bytes mean is
 * not looked at.
 *
 * @param[in]  pem   Text of one certificate: it begins with its header, and
 *                   only blanks may stand behind its footer.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf.
 * @return Length of the certificate; if it is more than @p size, nothing is
 *         written. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no header, no footer, something else between them),
 * #SOCK_E_TYPE.
 * @par Deviation
 * Python takes characters between the lines that are none of base 64.
 * @see sock_ssl_der_cert_to_pem_cert(), sock_ssl_cert_decode().
 * @par Example
 * @snippet ssl.c pem
 * @since 0.3.0
 */
SOCK_API int sock_ssl_pem_cert_to_der_cert(const char *pem, void *buf,
                                           size_t size);

/**
 * @brief From a certificate's time as text to seconds since 1970.
 *
 * Corresponds to Python's `ssl.cert_time_to_seconds()`. Months are English in
 * every locale, in any case; seconds may be 60 or 61.
 *
 * @param[in]  text     Such as `"Jan  5 09:34:43 2018 GMT"`.
 * @param[out] seconds  As time(2), negative before 1970.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (it is none), #SOCK_E_TYPE.
 * @par Deviation
 * Python takes days that a month has not: 29 February 2018 is 1 March.
 * @see sock_ssl_getpeercert(), which gives both.
 * @par Example
 * @snippet ssl.c cert_time_to_seconds
 * @since 0.3.0
 */
SOCK_API int sock_ssl_cert_time_to_seconds(const char *text, int64_t *seconds);

/**
 * @brief Where the system's certificates are.
 *
 * Corresponds to Python's `ssl.get_default_verify_paths()`; wraps
 * X509_get_default_cert_file() and its like. The environment is asked at each
 * call, except in a program that has more rights than its user.
 *
 * @param[out] paths  The paths.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_ssl_load_default_certs(), sock_ssl_create_default_context().
 * @par Example
 * @snippet ssl.c get_default_verify_paths
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_default_verify_paths(sock_ssl_paths_t *paths);

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
