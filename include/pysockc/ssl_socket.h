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

/* Flags of sock_ssl_wrap_socket(). */
enum {
    SOCK_SSL_SERVER_SIDE = 1,
    SOCK_SSL_NO_HANDSHAKE = 2,        /* not at once; the first call makes it */
    SOCK_SSL_SUPPRESS_RAGGED_EOFS = 4 /* an end without close_notify is one */
};

/*
 * wrap_socket(): moves the descriptor of a stream socket into a new object with
 * TLS under it, and closes the old one, which is untouched by a wrong argument
 * alone. Of a connected socket the handshake is made at once, within its
 * timeout; of another one by connect, and of what a listener accepts by the
 * first call. ctx NULL is the default one.
 */
SOCK_API sock_t *sock_ssl_wrap_socket(sock_ssl_context_t *ctx, sock_t *s,
                                      int flags, const char *server_hostname);
/* create_connection() and wrap_socket() within one deadline. */
SOCK_API sock_t *sock_ssl_create_connection(sock_ssl_context_t *ctx,
                                            const char *host, int port,
                                            double timeout);
SOCK_API int sock_ssl_do_handshake(sock_t *s);
/* unwrap(): close_notify both ways, then a new object without TLS; s is
 * closed. Read to the end first. */
SOCK_API sock_t *sock_ssl_unwrap(sock_t *s);

/**
 * @brief Give a connection another context.
 *
 * Corresponds to setting Python's `SSLSocket.context`; wraps SSL_set_SSL_CTX().
 *
 * Within a #sock_ssl_sni_fn, of that connection, or before the handshake has
 * begun, where a session that was given to it is let go. Of a listener it is
 * the context of connections that are accepted later. All of the context
 * counts; of Python's the certificates alone.
 *
 * @param[in] s    Connection.
 * @param[in] ctx  Context of the same side.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF: closed; EDEADLK: within another callback), #SOCK_E_VALUE
 * (no TLS, the other side's, a name is needed, the handshake has begun),
 * #SOCK_E_TYPE, #SOCK_E_TLS, #SOCK_E_MEMORY.
 * @see sock_ssl_context(), sock_ssl_set_sni_callback().
 * @par Example
 * @snippet ssl_socket.c set_context
 * @since 0.3.0
 */
SOCK_API int sock_ssl_set_context(sock_t *s, sock_ssl_context_t *ctx);
/**
 * @brief The context of a connection.
 *
 * Corresponds to Python's `SSLSocket.context`.
 *
 * @param[in] s  Connection.
 * @return Context, which is the connection's and not to be freed; NULL on
 *         error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_TYPE.
 * @see sock_ssl_set_context().
 * @par Example
 * @snippet ssl_socket.c set_context
 * @since 0.3.0
 */
SOCK_API sock_ssl_context_t *sock_ssl_context(sock_t *s);

/* 1 if a recv has bytes without asking the system. */
SOCK_API int sock_ssl_pending(sock_t *s);
/* What poll(2) on sock_fileno() has to watch for (POLLIN, POLLOUT) until one of
 * these events of enum sock_event comes; 0: do not wait. */
SOCK_API int sock_ssl_wants(sock_t *s, int events);

SOCK_API int sock_ssl_is_ssl(const sock_t *s);
/* "TLSv1.3"; NULL before the handshake, and with no error recorded. */
SOCK_API const char *sock_ssl_version(sock_t *s);
/* The name of the cipher, as sock_ssl_version(). */
SOCK_API const char *sock_ssl_cipher_name(sock_t *s);
/* The length; 0 if there is none. */
SOCK_API int sock_ssl_selected_alpn_protocol(sock_t *s, char *buf, size_t size);
SOCK_API int sock_ssl_server_hostname(sock_t *s, char *buf, size_t size);
SOCK_API int sock_ssl_server_side(sock_t *s);

#endif
