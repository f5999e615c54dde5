/* SPDX-License-Identifier: MIT */
/**
 * @file ssl.h
 * @brief TLS under a socket: all of libpysockc-ssl.
 */
#ifndef PYSOCKC_SSL_H
#define PYSOCKC_SSL_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/ssl_cert.h>
#include <pysockc/ssl_context.h>
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

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

/** @} */

#endif
