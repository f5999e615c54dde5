/* SPDX-License-Identifier: MIT */
/**
 * @file ssl_session.h
 * @brief Resuming TLS connections: the next one to the same host costs less.
 */
#ifndef PYSOCKC_SSL_SESSION_H
#define PYSOCKC_SSL_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/socket.h>

/**
 * @defgroup ssl_session TLS sessions
 * @brief Resuming TLS connections: the next one to the same host costs less.
 *
 * A client takes the session of a connection and gives it to the
 * sock_ssl_wrap_socket() of the next one. If the server still knows it, neither
 * side signs or verifies anything, which is most of what a handshake costs; if
 * not, the handshake is a full one, and no error. sock_ssl_session_reused()
 * tells.
 *
 * @snippet ssl_session.c resume
 *
 * With TLS 1.3 the server sends what a session is made of **behind** the
 * handshake, and the client takes it in with the first sock_recv(): take the
 * session after something was received, or best before the connection is
 * closed. With TLS 1.2 it is there once the handshake is done.
 *
 * A resumed connection shows no certificate: it stands on what was checked
 * when the session was made. So a session is bound to its context and its host
 * name, and to how strictly the peer was checked:
 *
 * | a session                                          | does             |
 * |----------------------------------------------------|------------------|
 * | of another context, or of another host name        | #SOCK_E_VALUE    |
 * | made without a check that is asked for now         | #SOCK_E_VALUE    |
 * | made before certificates or checks were set anew   | a full handshake |
 * | whose time, or certificate's time, has run out     | a full handshake |
 * | that the server does not know (any more)           | a full handshake |
 *
 * What ends sessions so is all that a peer is verified by: what is trusted, the
 * verify mode, its flags, the pins; and the certificate of the own side. A
 * server resumes none that was made when it verified its clients otherwise, and
 * none of another context.
 *
 * A session is never changed, and may be used by several threads and for any
 * number of connections; each connection has one of its own, which is newer. An
 * observer can tell that two connections were resumed with the same one.
 * @{
 */

/** What a connection can be resumed with. Opaque. */
typedef struct sock_ssl_session_s sock_ssl_session_t;

/** What a session tells: the attributes of Python's `ssl.SSLSession`. */
typedef struct sock_ssl_session_info_s {
    unsigned char id[32];         /**< Its identifier. */
    size_t id_size;               /**< Bytes of it. */
    int64_t time;                 /**< When it was made, seconds since 1970. */
    int64_t timeout;              /**< Seconds that it can be used for. */
    int64_t ticket_lifetime_hint; /**< Seconds that the server will know it
                                       for, as it says; 0: it says nothing. */
    int has_ticket;               /**< 1 if the server gave a ticket. With TLS
                                       1.3 nothing else can be resumed. */
    const char *host;             /**< The server_hostname, part of the session;
                                       NULL: none. */
    uint64_t reserved[4];         /**< Zero. */
} sock_ssl_session_info_t;

#if defined(__GNUC__)
/**
 * Frees the session at the end of the block:
 * `SOCK_SSL_SESSION_AUTO sock_ssl_session_t *session = sock_ssl_session(s);`.
 * Defined where the compiler has the cleanup attribute.
 */
#define SOCK_SSL_SESSION_AUTO __attribute__((cleanup(sock_ssl_session_freep)))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The newest session of a connection.
 *
 * Corresponds to Python's `SSLSocket.session`; wraps SSL_get1_session(). With
 * TLS 1.3 it is the one of the last ticket that came; before the first one has
 * come it can't be resumed, and says so by its `has_ticket`.
 *
 * @param[in] s  Connection.
 * @return A new object, to be ended by sock_ssl_session_free(); NULL before the
 *         handshake, with no error recorded; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_ssl_wrap_socket(), sock_ssl_session_reused(),
 *      sock_ssl_session_info().
 * @par Example
 * @snippet ssl_session.c resume
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ssl_session_t *sock_ssl_session(sock_t *s);

/**
 * @brief Whether a connection was resumed.
 *
 * Corresponds to Python's `SSLSocket.session_reused`; wraps
 * SSL_session_reused().
 *
 * @param[in] s  Connection, a client's or a server's.
 * @return 1 or 0; 0 before the handshake; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_TYPE.
 * @see sock_ssl_session().
 * @par Example
 * @snippet ssl_session.c resume
 * @since 0.3.0
 */
SOCK_API int sock_ssl_session_reused(sock_t *s);

/**
 * @brief Free a session.
 *
 * Not in Python. Connections that were made with it go on. Leaves errno and the
 * error record as they were.
 *
 * @param[in] session  Session; NULL does nothing.
 * @see sock_ssl_session(), sock_ssl_session_freep().
 * @par Example
 * @snippet ssl_session.c resume
 * @since 0.3.0
 */
SOCK_API void sock_ssl_session_free(sock_ssl_session_t *session);

/**
 * @brief Free the session that a variable holds; the helper of
 * #SOCK_SSL_SESSION_AUTO.
 *
 * Not in Python.
 *
 * @param[in,out] session  Variable; NULL, or one that holds NULL, does nothing.
 *                         It holds NULL afterwards.
 * @see sock_ssl_session_free().
 * @par Example
 * @snippet ssl_session.c auto
 * @since 0.3.0
 */
SOCK_API void sock_ssl_session_freep(sock_ssl_session_t **session);

/**
 * @brief What a session tells.
 *
 * Corresponds to the attributes of Python's `ssl.SSLSession`; the host is not
 * in Python, where a session can be used for another.
 *
 * @param[in]  session  Session.
 * @param[out] info     What it tells; `host` lives as long as the session.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_ssl_session().
 * @par Example
 * @snippet ssl_session.c info
 * @since 0.3.0
 */
SOCK_API int sock_ssl_session_info(const sock_ssl_session_t *session,
                                   sock_ssl_session_info_t *info);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
