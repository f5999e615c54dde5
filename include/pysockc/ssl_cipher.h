/* SPDX-License-Identifier: MIT */
/**
 * @file ssl_cipher.h
 * @brief The ciphers of TLS contexts and connections.
 */
#ifndef PYSOCKC_SSL_CIPHER_H
#define PYSOCKC_SSL_CIPHER_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/socket.h>
#include <pysockc/ssl_context.h>

/**
 * @defgroup ssl_cipher TLS ciphers
 * @brief The ciphers of TLS contexts and connections.
 *
 * All texts are OpenSSL's, as Python shows them.
 *
 * @snippet ssl_cipher.c get_ciphers
 * @{
 */

/** The cipher of a connection: Python's `(name, protocol, bits)`. */
typedef struct sock_ssl_cipher_s {
    const char *name;     /**< Its name, such as `"TLS_AES_256_GCM_SHA384"`;
                               NULL: there is none yet. Never freed. */
    const char *protocol; /**< The version of TLS that brought it. */
    int bits;             /**< Secret bits. */
} sock_ssl_cipher_t;

/** One of several ciphers: the keys of Python's dictionary. The texts but the
 * description are never freed. */
typedef struct sock_ssl_cipher_info {
    uint32_t id;             /**< Its number, as OpenSSL has it. */
    int strength_bits;       /**< Secret bits. */
    int alg_bits;            /**< Bits that it works with. */
    int aead;                /**< 1 if it authenticates what it encrypts. */
    const char *name;        /**< Its name. */
    const char *protocol;    /**< The version of TLS that brought it. */
    const char *description; /**< A line about it, part of the list. */
    const char *symmetric;   /**< How it encrypts; NULL: it does not. */
    const char *digest;      /**< What authenticates; NULL: it does itself. */
    const char *kea;         /**< How keys are agreed on. */
    const char *auth;        /**< How the server proves itself. */
} sock_ssl_cipher_info_t;

/** Ciphers, in the order of preference. One allocation. */
typedef struct sock_ssl_ciphers {
    const sock_ssl_cipher_info_t *ciphers; /**< The ciphers. */
    size_t count;                          /**< Their number. */
} sock_ssl_ciphers_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The ciphers that a context offers or takes.
 *
 * Corresponds to Python's `SSLContext.get_ciphers()`; wraps
 * SSL_CTX_get_ciphers().
 *
 * @param[in] ctx  Context.
 * @return A new object, to be ended by sock_ssl_ciphers_free(); NULL on error.
 * @par Errors
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_ssl_set_ciphers(), sock_ssl_shared_ciphers().
 * @par Example
 * @snippet ssl_cipher.c get_ciphers
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_ciphers_t *sock_ssl_get_ciphers(
    sock_ssl_context_t *ctx);

/**
 * @brief The ciphers that both ends of a server's connection have.
 *
 * Corresponds to Python's `SSLSocket.shared_ciphers()`; wraps
 * SSL_get_client_ciphers(). Where that gives None, at a client and before the
 * handshake, the list is empty.
 *
 * @param[in] s  Connection.
 * @return A new object, to be ended by sock_ssl_ciphers_free(), in the server's
 *         order; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_ssl_cipher(), sock_ssl_get_ciphers().
 * @par Example
 * @snippet ssl_cipher.c shared_ciphers
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_ciphers_t *sock_ssl_shared_ciphers(sock_t *s);

/**
 * @brief Free a list of ciphers.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  List; NULL does nothing.
 * @see sock_ssl_get_ciphers(), sock_ssl_shared_ciphers().
 * @par Example
 * See sock_ssl_get_ciphers().
 * @since 0.3.0
 */
SOCK_API void sock_ssl_ciphers_free(sock_ssl_ciphers_t *list);

/**
 * @brief The cipher of a connection.
 *
 * Corresponds to Python's `SSLSocket.cipher()`; wraps SSL_get_current_cipher().
 * Before the handshake, where that gives None, the name is NULL.
 *
 * @param[in]  s       Connection.
 * @param[out] cipher  The cipher.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_TYPE.
 * @see sock_ssl_version(), sock_ssl_shared_ciphers().
 * @par Example
 * @snippet ssl_cipher.c cipher
 * @since 0.3.0
 */
SOCK_API int sock_ssl_cipher(sock_t *s, sock_ssl_cipher_t *cipher);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
