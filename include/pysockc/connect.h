/* SPDX-License-Identifier: MIT */
/**
 * @file connect.h
 * @brief Binding, listening, accepting, connecting, and the two ends.
 */
#ifndef PYSOCKC_CONNECT_H
#define PYSOCKC_CONNECT_H

#include <pysockc/address.h>
#include <pysockc/export.h>
#include <pysockc/socket.h>

/**
 * @defgroup connect Connecting and serving
 * @brief From an object to a conversation.
 *
 * @snippet connect.c serve
 * @{
 */

/** Python's default backlog for sock_listen(). */
#define SOCK_DEFAULT_BACKLOG 128

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Give the socket its own address.
 *
 * Corresponds to Python's `socket.bind()`; wraps bind(2).
 *
 * @param[in] s        Socket.
 * @param[in] address  Where; port 0 lets the system choose one, see
 *                     sock_getsockname().
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EADDRINUSE, EACCES, EADDRNOTAVAIL, EBADF, ...), the remembered
 * error of a bad address, #SOCK_E_TYPE (NULL, no address).
 * @see sock_listen(), sock_getsockname(), sock_create_server().
 * @par Example
 * @snippet connect.c serve
 * @since 0.1.0
 */
SOCK_API int sock_bind(sock_t *s, sock_addr_t address);

/**
 * @brief Begin to take connections.
 *
 * Corresponds to Python's `socket.listen()`; wraps listen(2).
 *
 * @param[in] s        Bound stream socket.
 * @param[in] backlog  Connections that may wait; negative counts as 0.
 *                     #SOCK_DEFAULT_BACKLOG is Python's default.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EOPNOTSUPP, EADDRINUSE, EBADF), #SOCK_E_TYPE.
 * @see sock_bind(), sock_accept(), sock_create_server().
 * @par Example
 * @snippet connect.c serve
 * @since 0.1.0
 */
SOCK_API int sock_listen(sock_t *s, int backlog);

/**
 * @brief Take a connection.
 *
 * Corresponds to Python's `socket.accept()`; wraps accept4(2). The new object
 * has the default timeout of sock_setdefaulttimeout(), not the listener's. A
 * connection that was given up before it was taken (ECONNABORTED) is passed
 * over. With a timeout of 0 accept4(2) is asked at once, and says what is wrong
 * with a socket that does not listen; with another, such a socket may wait, as
 * in Python.
 *
 * @param[in]  s     Listening socket.
 * @param[out] peer  The other end. May be NULL. Untouched on error.
 * @return A new object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * #SOCK_E_TIMEOUT, #SOCK_E_OS (EAGAIN without time to wait, EMFILE, ENFILE,
 * EINVAL if it does not listen, EOPNOTSUPP if its type never does, EBADF),
 * #SOCK_E_CANCELLED, #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * Python reports ECONNABORTED.
 * @see sock_listen(), sock_create_server(), sock_getpeername(),
 *      sock_setdefaulttimeout().
 * @par Example
 * @snippet connect.c accept
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_accept(sock_t *s, sock_addr_t *peer);

/**
 * @brief Connect to an address.
 *
 * Corresponds to Python's `socket.connect()`; wraps connect(2), and where it
 * waits poll(2), getpeername(2) and getsockopt(2) SO_ERROR. Interrupted by a
 * signal it waits for the end of the attempt and does not call connect(2)
 * again, except for AF_UNIX and AF_VSOCK, where an attempt does not go on by
 * itself. With a timeout of 0 an interrupted or begun attempt is reported
 * (EINTR, EINPROGRESS). Success is a connection: a socket that was shut down
 * before, and so is told to be ready, fails with ENOTCONN.
 *
 * @param[in] s        Socket.
 * @param[in] address  Whom to connect to. A name in it was looked up before
 *                     the timeout starts.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TIMEOUT, #SOCK_E_OS (ECONNREFUSED, ENETUNREACH, EINPROGRESS,
 * ENOTCONN, EBADF, ...), #SOCK_E_CANCELLED, the remembered error of a bad
 * address, #SOCK_E_TYPE (NULL, no address).
 * @see sock_create_connection(), sock_connect_ex(), sock_settimeout().
 * @par Example
 * @snippet connect.c connect
 * @since 0.1.0
 */
SOCK_API int sock_connect(sock_t *s, sock_addr_t address);

/**
 * @brief Connect, and return the error number.
 *
 * Corresponds to Python's `socket.connect_ex()`; wraps connect(2), as
 * sock_connect() does. An error of the system is the result, not a failure: it
 * leaves the error record and errno alone.
 *
 * @param[in] s        Socket.
 * @param[in] address  Whom to connect to.
 * @return 0; an errno, which is EAGAIN on timeout, EINPROGRESS with a timeout
 *         of 0, EBADF for a closed socket; -1 for what Python raises even
 *         here.
 * @par Errors
 * The remembered error of a bad address, #SOCK_E_CANCELLED, #SOCK_E_TYPE (NULL,
 * no address).
 * @see sock_connect(), sock_addr_with_port().
 * @par Example
 * @snippet connect.c connect_ex
 * @since 0.1.0
 */
SOCK_API int sock_connect_ex(sock_t *s, sock_addr_t address);

/**
 * @brief End one or both directions.
 *
 * Corresponds to Python's `socket.shutdown()`; wraps shutdown(2).
 * Async-signal-safe; a handler should save errno, and know that a failure
 * (ENOTCONN below) is recorded in the thread that it interrupts. It ends a call
 * that waits in another thread, or in the one that the signal interrupts, and
 * stays done, so a call that begins later ends as well: accept fails, recv
 * gives the end of the stream. The system does not wake a connect, or a send to
 * an unconnected socket, of AF_UNIX that waits without a timeout. To end a
 * server by a signal:
 *
 * @snippet connect.c stop
 *
 * @param[in] s    Socket.
 * @param[in] how  SHUT_RD, SHUT_WR or SHUT_RDWR.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (ENOTCONN, in which case a waiting call of an unconnected
 * datagram socket is ended all the same; EINVAL, EBADF), #SOCK_E_TYPE.
 * @see sock_close(), sock_recv().
 * @par Example
 * @snippet connect.c shutdown
 * @since 0.1.0
 */
SOCK_API int sock_shutdown(sock_t *s, int how);

/**
 * @brief The socket's own address.
 *
 * Corresponds to Python's `socket.getsockname()`; wraps getsockname(2).
 *
 * @param[in]  s        Socket.
 * @param[out] address  The address. Untouched on error.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF), #SOCK_E_TYPE.
 * @see sock_getpeername(), sock_bind(), sock_addr_port().
 * @par Example
 * @snippet connect.c getsockname
 * @since 0.1.0
 */
SOCK_API int sock_getsockname(sock_t *s, sock_addr_t *address);

/**
 * @brief The address of the other end.
 *
 * Corresponds to Python's `socket.getpeername()`; wraps getpeername(2).
 *
 * @param[in]  s        Connected socket.
 * @param[out] address  The address. Untouched on error.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (ENOTCONN, EBADF), #SOCK_E_TYPE.
 * @see sock_getsockname(), sock_accept(), sock_peercred().
 * @par Example
 * @snippet connect.c getpeername
 * @since 0.1.0
 */
SOCK_API int sock_getpeername(sock_t *s, sock_addr_t *address);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
