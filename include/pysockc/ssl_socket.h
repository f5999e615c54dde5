/* SPDX-License-Identifier: MIT */
/**
 * @file ssl_socket.h
 * @brief A TLS connection, which is a socket object.
 */
#ifndef PYSOCKC_SSL_SOCKET_H
#define PYSOCKC_SSL_SOCKET_H

#include <stddef.h>

#include <pysockc/export.h>
#include <pysockc/socket.h>
#include <pysockc/ssl_context.h>
#include <pysockc/ssl_session.h>

/**
 * @defgroup ssl_socket TLS connections
 * @brief A TLS connection, which is a socket object.
 *
 * A #sock_t with TLS under it: sock_recv(), sock_sendall(), sock_recv_until(),
 * sock_makefile(), sock_wait() and the rest do what they always do, and what
 * goes over the wire is TLS.
 *
 * @snippet ssl_socket.c client
 *
 * A client's connection proves whom it talks to before a byte of the
 * application is sent; a listener that was wrapped gives wrapped connections.
 *
 * @snippet ssl_socket.c server
 *
 * One object may be used by several threads at once. Before poll(2) on its
 * descriptor sock_ssl_wants() is to be asked; sock_wait() and the selectors do
 * that themselves.
 * @{
 */

/** Flags of sock_ssl_wrap_socket(). */
enum sock_ssl_wrap_flag {
    SOCK_SSL_SERVER_SIDE = 1,         /**< This is the server's end. */
    SOCK_SSL_NO_HANDSHAKE = 2,        /**< Not at once, and not in connect: the
                                           first call makes it. */
    SOCK_SSL_SUPPRESS_RAGGED_EOFS = 4 /**< An end without close_notify, which
                                           anyone on the way can make, is an
                                           end and no error. */
};

/** To sock_ssl(), in place of a name: whoever answers will do, as with
 * Python 2. The connection is encrypted to no one in particular. */
#ifdef __cplusplus
#define SOCK_SSL_INSECURE_ANY_PEER                                             \
    (reinterpret_cast<const char *>(static_cast<size_t>(-1)))
#else
#define SOCK_SSL_INSECURE_ANY_PEER ((const char *)-1)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Put TLS under a stream socket.
 *
 * Corresponds to Python's `SSLContext.wrap_socket(sock, server_side,
 * do_handshake_on_connect, suppress_ragged_eofs, server_hostname, session)`;
 * wraps SSL_new(), SSL_do_handshake(). The descriptor moves into a new object
 * and the old one is closed: nothing can pass TLS by. A wrong argument leaves
 * the old one as it was; a handshake that fails closes the descriptor.
 *
 * Of a connected socket the handshake is made at once, within its timeout; of
 * another one by sock_connect(), in the time of that call; of what a listener
 * accepts by the first call on it, so that no silent client holds up accept.
 *
 * @param[in]     ctx    Context; NULL: sock_ssl_default_context().
 * @param[in,out] s      Socket, which is closed.
 * @param[in]     flags  0, or #sock_ssl_wrap_flag.
 * @param[in]     server_hostname  Name or IP address that the certificate must
 *                       bear; not with a server. NULL only where the context
 *                       does not check names.
 * @param[in]     session  What to resume, if the server still knows it; NULL:
 *                       nothing. Not with a server.
 * @return A new object; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (names, flags, the context's side, a session that is not this
 * host's), #SOCK_E_TLS, #SOCK_E_OS, #SOCK_E_TIMEOUT, #SOCK_E_CANCELLED,
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * Python sends a name with a dot at its end as it is, takes one with a star,
 * encodes one that is not ASCII, and resumes a session for any host.
 * @see sock_ssl_create_connection(), sock_ssl_unwrap(), sock_ssl_session().
 * @par Example
 * @snippet ssl_socket.c wrap
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_ssl_wrap_socket(
    sock_ssl_context_t *ctx, sock_t *s, int flags, const char *server_hostname,
    const sock_ssl_session_t *session);

/**
 * @brief Connect to a host by TLS.
 *
 * Not in Python, where it is `socket.create_connection()` and
 * `SSLContext.wrap_socket()`, each with a timeout of its own; here one deadline
 * is for look-up, connection and handshake.
 *
 * @param[in] ctx      Context; NULL: sock_ssl_default_context().
 * @param[in] host     Host, whose name the certificate must bear.
 * @param[in] port     Port.
 * @param[in] timeout  Seconds, which the object then has as its timeout.
 * @return A new object; NULL on error.
 * @par Errors
 * Those of sock_create_connection() and sock_ssl_wrap_socket().
 * @see sock_create_connection(), sock_ssl_wrap_socket().
 * @par Example
 * @snippet ssl_socket.c client
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_ssl_create_connection(
    sock_ssl_context_t *ctx, const char *host, int port, double timeout);

/**
 * @brief Put TLS under a client's socket, with the system's certificates.
 *
 * Corresponds to Python 2's `socket.ssl(socket, keyfile, certfile)`, which
 * checked no one; the last argument is not in Python. What that call returned
 * had `write` and `read`, which are sock_sendall() and sock_recv().
 *
 * @param[in,out] s         Socket, which is closed; made the handshake of at
 *                          once if it is connected, else by sock_connect().
 * @param[in] keyfile       This side's key; NULL: none.
 * @param[in] certfile      The certificate to it; NULL: none.
 * @param[in] server_hostname  Name or IP address that the certificate must
 *                          bear, or #SOCK_SSL_INSECURE_ANY_PEER.
 * @return A new object; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (no name; one of the files without the other), and those of
 * sock_ssl_load_cert_chain() and sock_ssl_wrap_socket().
 * @see sock_ssl_wrap_socket(), sock_ssl_create_connection().
 * @par Example
 * @snippet ssl_socket.c ssl
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_ssl(sock_t *s, const char *keyfile,
                                         const char *certfile,
                                         const char *server_hostname);

/**
 * @brief Make the handshake, if it is still owed.
 *
 * Corresponds to Python's `SSLSocket.do_handshake()`; wraps SSL_do_handshake().
 * One timeout is for all of it. Any call that transfers makes it, too.
 *
 * @param[in] s  Connection.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TLS, #SOCK_E_OS, #SOCK_E_TIMEOUT, #SOCK_E_CANCELLED,
 * #SOCK_E_VALUE (no TLS), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_ssl_wrap_socket().
 * @par Example
 * @snippet ssl_socket.c do_handshake
 * @since 0.3.0
 */
SOCK_API int sock_ssl_do_handshake(sock_t *s);

/**
 * @brief End TLS on both sides and go on without it.
 *
 * Corresponds to Python's `SSLSocket.unwrap()`; wraps SSL_shutdown(). Sends
 * close_notify and waits for the peer's, which proves that all that was sent
 * has arrived. Read to the end first: what the peer has sent before is an
 * error.
 *
 * @param[in,out] s  Connection, which is closed.
 * @return A new object without TLS; NULL on error, and the connection is as it
 *         was.
 * @par Errors
 * #SOCK_E_TLS, #SOCK_E_OS, #SOCK_E_TIMEOUT, #SOCK_E_CANCELLED,
 * #SOCK_E_VALUE (no TLS; files of it are open), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * Python returns the same object, without TLS.
 * @see sock_ssl_wrap_socket(), sock_close(), sock_shutdown().
 * @par Example
 * @snippet ssl_socket.c unwrap
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_ssl_unwrap(sock_t *s);

/**
 * @brief Ask a client for its certificate now.
 *
 * Corresponds to Python's `SSLSocket.verify_client_post_handshake()`; wraps
 * SSL_verify_client_post_handshake(). Of a server, with TLS 1.3. The answer
 * comes with what is received later, and so does the failure if it is refused.
 *
 * @param[in] s  Connection, whose handshake is done.
 * @return 0; -1 on error, and the connection goes on.
 * @par Errors
 * #SOCK_E_TLS (NOT_SERVER; WRONG_SSL_VERSION; EXTENSION_NOT_RECEIVED: the
 * client does not offer it; INVALID_CONFIG: clients are not verified),
 * #SOCK_E_OS, #SOCK_E_TIMEOUT, #SOCK_E_CANCELLED, #SOCK_E_VALUE (no TLS),
 * #SOCK_E_TYPE.
 * @see sock_ssl_set_verify_mode().
 * @par Example
 * @snippet ssl_socket.c post_handshake
 * @since 0.3.0
 */
SOCK_API int sock_ssl_verify_client_post_handshake(sock_t *s);

/**
 * @brief Whether a receive has bytes without asking the system.
 *
 * Corresponds to Python's `SSLSocket.pending()`, which gives their number;
 * wraps SSL_pending().
 *
 * @param[in] s  Connection.
 * @return 1 or 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_TYPE.
 * @see sock_ssl_wants(), sock_wait().
 * @par Example
 * @snippet ssl_socket.c wants
 * @since 0.3.0
 */
SOCK_API int sock_ssl_pending(sock_t *s);

/**
 * @brief What poll(2) on the descriptor has to watch for.
 *
 * Not in Python, where it is told by SSLWantReadError and SSLWantWriteError.
 * For programs with a loop of their own: to be asked before each wait.
 *
 * @param[in] s       Connection.
 * @param[in] events  What the program waits for: #SOCK_EVENT_READ,
 *                    #SOCK_EVENT_WRITE.
 * @return POLLIN, POLLOUT or both; 0: do not wait; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS; other events), #SOCK_E_OS (EBADF), #SOCK_E_TYPE.
 * @see sock_wait(), sock_fileno().
 * @par Example
 * @snippet ssl_socket.c wants
 * @since 0.3.0
 */
SOCK_API int sock_ssl_wants(sock_t *s, int events);

/**
 * @brief Whether a socket has TLS under it.
 *
 * Corresponds to Python's `isinstance(s, ssl.SSLSocket)`.
 *
 * @param[in] s  Socket; NULL has not.
 * @return 1 or 0.
 * @see sock_ssl_version().
 * @par Example
 * @snippet ssl_socket.c unwrap
 * @since 0.3.0
 */
SOCK_API int sock_ssl_is_ssl(const sock_t *s);

/**
 * @brief The context of a connection.
 *
 * Corresponds to Python's `SSLSocket.context`.
 *
 * @param[in] s  Connection.
 * @return Context, which is not the caller's: it lives as long as the
 *         connection, if not longer; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_TYPE.
 * @see sock_ssl_set_context().
 * @par Example
 * @snippet ssl_socket.c context
 * @since 0.3.0
 */
SOCK_API sock_ssl_context_t *sock_ssl_context(sock_t *s);

/**
 * @brief Give a connection another context.
 *
 * Corresponds to setting Python's `SSLSocket.context`; wraps SSL_set_SSL_CTX().
 * Within a #sock_ssl_sni_fn, of that connection, or before the handshake has
 * begun, where a session that was given to it is let go. Of a listener it is
 * the context of connections that are accepted later. All of the context
 * counts; of Python's the certificates alone.
 *
 * @param[in] s    Connection, or listener.
 * @param[in] ctx  Context of the same side.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS; a context of the other side; a name is needed; the
 * handshake has begun), #SOCK_E_OS (EBADF; EDEADLK: within another callback),
 * #SOCK_E_TLS, #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_ssl_context(), sock_ssl_set_sni_callback().
 * @par Example
 * @snippet ssl_socket.c context
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_context(sock_t *s, sock_ssl_context_t *ctx);

/**
 * @brief The version of TLS.
 *
 * Corresponds to Python's `SSLSocket.version()`; wraps SSL_get_version().
 *
 * @param[in] s  Connection.
 * @return `"TLSv1.3"` or `"TLSv1.2"`, never freed; NULL before the handshake,
 *         with no error recorded; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_TYPE.
 * @see sock_ssl_cipher().
 * @par Example
 * @snippet ssl_socket.c version
 * @since 0.3.0
 */
SOCK_API const char *sock_ssl_version(sock_t *s);

/**
 * @brief The protocol that both ends have agreed on by ALPN.
 *
 * Corresponds to Python's `SSLSocket.selected_alpn_protocol()`; wraps
 * SSL_get0_alpn_selected().
 *
 * @param[in]  s     Connection.
 * @param[out] buf   Its name; the empty string if it does not fit. May be NULL
 *                   if size is 0.
 * @param[in]  size  Bytes in buf.
 * @return The length of the name; 0 if there is none; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_TYPE.
 * @see sock_ssl_set_alpn_protocols().
 * @par Example
 * @snippet ssl_socket.c alpn
 * @since 0.3.0
 */
SOCK_API int sock_ssl_selected_alpn_protocol(sock_t *s, char *buf, size_t size);

/**
 * @brief The host that a client has asked for.
 *
 * Corresponds to Python's `SSLSocket.server_hostname`.
 *
 * @param[in]  s     Connection.
 * @param[out] buf   Name; the empty string if it does not fit. May be NULL if
 *                   size is 0.
 * @param[in]  size  Bytes in buf.
 * @return The length of the name; 0 if there is none; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_TYPE.
 * @see sock_ssl_wrap_socket().
 * @par Example
 * @snippet ssl_socket.c version
 * @since 0.3.0
 */
SOCK_API int sock_ssl_server_hostname(sock_t *s, char *buf, size_t size);

/**
 * @brief Whether this is the server's end.
 *
 * Corresponds to Python's `SSLSocket.server_side`.
 *
 * @param[in] s  Connection.
 * @return 1 or 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_TYPE.
 * @see sock_ssl_wrap_socket().
 * @par Example
 * @snippet ssl_socket.c version
 * @since 0.3.0
 */
SOCK_API int sock_ssl_server_side(sock_t *s);

/**
 * @brief What binds a login to this connection, and to no other.
 *
 * Corresponds to Python's `SSLSocket.get_channel_binding(cb_type)`, which has
 * `"tls-unique"` only; wraps SSL_export_keying_material(), SSL_get_finished().
 * Both ends get the same bytes, and no one in between can make them the same on
 * two connections.
 *
 * @param[in]  s     Connection.
 * @param[in]  type  `"tls-exporter"` (RFC 9266, 32 bytes), or below TLS 1.3
 *                   `"tls-unique"` (RFC 5929, 12 bytes).
 * @param[out] buf   The bytes, all of them or none. May be NULL if size is 0.
 * @param[in]  size  Bytes in buf.
 * @return Their number; 0 before the handshake; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS; another type; `"tls-unique"` with TLS 1.3),
 * #SOCK_E_UNSUPPORTED (the peer's TLS 1.2 has no extended master secret),
 * #SOCK_E_TLS, #SOCK_E_TYPE.
 * @see sock_ssl_version().
 * @par Example
 * @snippet ssl_socket.c channel_binding
 * @since 0.3.0
 */
SOCK_API int sock_ssl_get_channel_binding(sock_t *s, const char *type,
                                          void *buf, size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
