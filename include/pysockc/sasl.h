/* SPDX-License-Identifier: MIT */
/**
 * @file sasl.h
 * @brief How a client of mail or news proves who it is.
 */
#ifndef PYSOCKC_SASL_H
#define PYSOCKC_SASL_H

#include <stddef.h>
#include <sys/types.h>

#include <pysockc/error.h>
#include <pysockc/export.h>

/**
 * @defgroup sasl SASL
 * @brief How a client of mail or news proves who it is (RFC 4422).
 *
 * @snippet sasl.c token
 *
 * sock_smtp_auth(), sock_pop3_auth(), sock_imap_authenticate() and
 * sock_nntp_auth() name a mechanism to the server and ask a function what to
 * say, first and to each of its challenges. Two such functions are here: of a
 * user and a password (PLAIN, LOGIN, CRAM-MD5), and of a user and a token of
 * OAuth 2 (XOAUTH2, OAUTHBEARER). The calls named login do all of that by
 * themselves.
 *
 * Each of them but CRAM-MD5 tells the server the secret itself. It is not sent
 * without TLS to a host other than loopback, unless #sock_session_opts_t says
 * `insecure_auth`.
 * @{
 */

/** What a #sock_sasl_fn returns besides a number of bytes. */
enum sock_sasl_answer {
    SOCK_SASL_CANCEL = -1, /**< The exchange ends; the call fails. */
    SOCK_SASL_NONE = -2    /**< There is no initial response. */
};

/**
 * What to say.
 *
 * @param[in]  arg        As given with the function.
 * @param[in]  mechanism  Such as `"PLAIN"`, in capitals.
 * @param[in]  challenge  What the server says, decoded; NULL: nothing yet, the
 *                        initial response is asked for.
 * @param[in]  n          Bytes of it.
 * @param[out] response   Where to write what is said, not encoded.
 * @param[in]  size       Room there: 8192 bytes.
 * @return How many bytes; #SOCK_SASL_NONE, #SOCK_SASL_CANCEL. It may record
 *         what failed by a call of this library; else the call that asked says
 *         #SOCK_E_CANCELLED.
 */
typedef ssize_t (*sock_sasl_fn)(void *arg, const char *mechanism,
                                const void *challenge, size_t n, void *response,
                                size_t size);

/** What sock_sasl_password() needs. */
typedef struct sock_sasl_login {
    const char *user;     /**< Who. */
    const char *password; /**< The proof. */
} sock_sasl_login_t;

/** What sock_sasl_token() needs. */
typedef struct sock_sasl_bearer {
    const char *user;  /**< Whose mailbox; for OAUTHBEARER it may be NULL. */
    const char *token; /**< An access token of OAuth 2. */
    const char *host;  /**< OAUTHBEARER names it to the server; NULL: not. */
    int port;          /**< Likewise; 0: not. */
} sock_sasl_bearer_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Prove oneself by a password: PLAIN, LOGIN, CRAM-MD5.
 *
 * Corresponds to `auth_plain`, `auth_login` and `auth_cram_md5` of Python's
 * `smtplib.SMTP`. A #sock_sasl_fn, to be passed and not called.
 *
 * @param[in]  arg        A #sock_sasl_login_t.
 * @param[in]  mechanism  As for #sock_sasl_fn; one of the three.
 * @param[in]  challenge  As for #sock_sasl_fn.
 * @param[in]  n          As for #sock_sasl_fn.
 * @param[out] response   As for #sock_sasl_fn.
 * @param[in]  size       As for #sock_sasl_fn.
 * @return As #sock_sasl_fn.
 * @par Errors
 * #SOCK_E_VALUE (a NUL or another mechanism; what does not fit), #SOCK_E_TYPE.
 * @see sock_sasl_token(), sock_smtp_auth().
 * @par Example
 * @snippet sasl.c password
 * @since 0.3.0
 */
SOCK_API ssize_t sock_sasl_password(void *arg, const char *mechanism,
                                    const void *challenge, size_t n,
                                    void *response, size_t size);

/**
 * @brief Prove oneself by a token of OAuth 2: XOAUTH2, OAUTHBEARER.
 *
 * Not in Python. A #sock_sasl_fn, to be passed and not called. What the server
 * says of a token that it does not take is what it answers at last.
 *
 * @param[in]  arg        A #sock_sasl_bearer_t.
 * @param[in]  mechanism  As for #sock_sasl_fn; one of the two.
 * @param[in]  challenge  As for #sock_sasl_fn.
 * @param[in]  n          As for #sock_sasl_fn.
 * @param[out] response   As for #sock_sasl_fn.
 * @param[in]  size       As for #sock_sasl_fn.
 * @return As #sock_sasl_fn.
 * @par Errors
 * #SOCK_E_VALUE (a control character in user or token, or another mechanism;
 * what does not fit), #SOCK_E_TYPE.
 * @see sock_sasl_password(), sock_imap_authenticate().
 * @par Example
 * @snippet sasl.c token
 * @since 0.3.0
 */
SOCK_API ssize_t sock_sasl_token(void *arg, const char *mechanism,
                                 const void *challenge, size_t n,
                                 void *response, size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
