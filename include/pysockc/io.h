/* SPDX-License-Identifier: MIT */
/**
 * @file io.h
 * @brief Sending and receiving.
 */
#ifndef PYSOCKC_IO_H
#define PYSOCKC_IO_H

#include <stddef.h>
#include <sys/types.h>

#include <pysockc/address.h>
#include <pysockc/export.h>
#include <pysockc/socket.h>

/**
 * @defgroup io Sending and receiving
 * @brief Bytes in, bytes out; no SIGPIPE, no lost bytes, no allocation.
 *
 * Every call costs one system call when it need not wait. Sizes over
 * `SSIZE_MAX` and a NULL buffer with a size are errors. A closed object is
 * refused first.
 *
 * @snippet io.c exchange
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Receive up to @p size bytes.
 *
 * Corresponds to Python's `socket.recv()`; wraps recv(2).
 *
 * @param[in]  s      Socket.
 * @param[out] buf    Where the bytes go.
 * @param[in]  size   Bytes of @p buf; 0 returns 0 without a system call.
 * @param[in]  flags  MSG_... or 0. With MSG_TRUNC a datagram socket returns
 *                    the datagram's length, which can exceed @p size.
 *                    MSG_WAITALL has no effect once a timeout is set, as in
 *                    Python; sock_recv_all() does. MSG_OOB does not wait for
 *                    urgent data: where there is none it is EINVAL at once.
 * @return Bytes received; 0 at the end of a stream, or for an empty datagram;
 *         -1 on error.
 * @par Errors
 * #SOCK_E_TIMEOUT, #SOCK_E_OS (EAGAIN, ECONNRESET, ENOTCONN, EBADF, ...),
 * #SOCK_E_VALUE (size), #SOCK_E_TYPE (NULL).
 * @par Deviation
 * Python takes 0 bytes from a closed socket without an error, and with a
 * timeout waits before it asks for urgent data.
 * @see sock_recv_all(), sock_recv_until(), sock_recvfrom(), sock_recvmsg().
 * @par Example
 * @snippet io.c recv
 * @since 0.1.0
 */
SOCK_API ssize_t sock_recv(sock_t *s, void *buf, size_t size, int flags);

/**
 * @brief Receive up to @p size bytes and the sender's address.
 *
 * Corresponds to Python's `socket.recvfrom()`; wraps recvfrom(2). Always a
 * system call, so size 0 takes a datagram away.
 *
 * @param[in]  s      Socket.
 * @param[out] buf    Where the bytes go; may be NULL if @p size is 0.
 * @param[in]  size   Bytes of @p buf.
 * @param[in]  flags  As for sock_recv().
 * @param[out] from   The sender; no address where there is none: on a connected
 *                    stream, of an AF_UNIX sender that is not bound, and after
 *                    sock_shutdown(). So of 0 bytes it tells an ended call from
 *                    an empty datagram, but for one of such a sender, which
 *                    looks the same. May be NULL. Untouched on error.
 * @return As sock_recv().
 * @par Errors
 * As sock_recv().
 * @see sock_sendto(), sock_recv(), sock_recvmsg().
 * @par Example
 * @snippet io.c exchange
 * @since 0.1.0
 */
SOCK_API ssize_t sock_recvfrom(sock_t *s, void *buf, size_t size, int flags,
                               sock_addr_t *from);

/**
 * @brief Send bytes, perhaps not all.
 *
 * Corresponds to Python's `socket.send()`; wraps send(2) with MSG_NOSIGNAL. An
 * empty send to a datagram socket sends an empty datagram.
 *
 * @param[in] s      Connected socket.
 * @param[in] buf    The bytes; may be NULL if @p size is 0.
 * @param[in] size   How many.
 * @param[in] flags  MSG_... or 0.
 * @return Bytes sent; -1 on error.
 * @par Errors
 * #SOCK_E_TIMEOUT, #SOCK_E_OS (EAGAIN, EPIPE, ECONNRESET, EMSGSIZE,
 * ENOTCONN, EBADF, ...), #SOCK_E_VALUE (size), #SOCK_E_TYPE (NULL).
 * @see sock_sendall(), sock_sendto(), sock_sendmsg().
 * @par Example
 * @snippet io.c send
 * @since 0.1.0
 */
SOCK_API ssize_t sock_send(sock_t *s, const void *buf, size_t size, int flags);

/**
 * @brief Send all bytes.
 *
 * Corresponds to Python's `socket.sendall()`; wraps send(2) with MSG_NOSIGNAL,
 * as often as it takes. One deadline holds for the whole call.
 *
 * @param[in] s      Connected socket.
 * @param[in] buf    The bytes; may be NULL if @p size is 0.
 * @param[in] size   How many.
 * @param[in] flags  MSG_... or 0.
 * @return 0; -1 on error, and then sock_last_error()->done says how many bytes
 *         were sent before it.
 * @par Errors
 * As sock_send().
 * @see sock_send(), sock_sendfile(), sock_recv_all().
 * @par Example
 * @snippet io.c sendall
 * @since 0.1.0
 */
SOCK_API int sock_sendall(sock_t *s, const void *buf, size_t size, int flags);

/**
 * @brief Send bytes to an address.
 *
 * Corresponds to Python's `socket.sendto()`; wraps sendto(2) with
 * MSG_NOSIGNAL.
 *
 * @param[in] s      Socket.
 * @param[in] buf    The bytes; may be NULL if @p size is 0.
 * @param[in] size   How many.
 * @param[in] flags  MSG_... or 0.
 * @param[in] to     The receiver; sock_addr_none() makes it sock_send().
 * @return Bytes sent; -1 on error.
 * @par Errors
 * As sock_send(), the remembered error of a bad address, and #SOCK_E_VALUE
 * for an address on a socket with a protocol on top, such as TLS.
 * @see sock_recvfrom(), sock_send(), sock_sendmsg().
 * @par Example
 * @snippet io.c exchange
 * @since 0.1.0
 */
SOCK_API ssize_t sock_sendto(sock_t *s, const void *buf, size_t size, int flags,
                             sock_addr_t to);

/**
 * @brief Receive exactly @p size bytes of a stream.
 *
 * Not in Python; wraps recv(2), as often as it takes. One deadline holds for
 * the whole call. To read up to the end of a stream instead, call sock_recv()
 * until it returns 0.
 *
 * @param[in]  s     Stream socket.
 * @param[out] buf   Where the bytes go.
 * @param[in]  size  How many.
 * @return @p size; -1 on error, and then the bytes that came lie in @p buf and
 *         sock_last_error()->done counts them.
 * @par Errors
 * #SOCK_E_EOF if the stream ends early; #SOCK_E_VALUE for another type of
 * socket; else as sock_recv().
 * @see sock_recv(), sock_recv_until(), sock_sendall().
 * @par Example
 * @snippet io.c recv_all
 * @since 0.1.0
 */
SOCK_API ssize_t sock_recv_all(sock_t *s, void *buf, size_t size);

/**
 * @brief Receive a stream's bytes through a delimiter, and none beyond it.
 *
 * Not in Python; wraps recv(2). Looks at what has come (MSG_PEEK), takes it
 * through the delimiter, and waits for more where there is none, under one
 * deadline for the whole call. Nothing is terminated with NUL.
 *
 * Only one thread at a time may receive from the socket meanwhile: what one
 * has looked at the other could take. Nor may looks move on by themselves, as
 * SO_PEEK_OFF makes them: the call refuses a socket on which sock_setsockopt()
 * set it. Where it was set by other means, or on another object of the same
 * socket, the library does not see it, and the call may wait for bytes that
 * are there.
 *
 * @param[in]  s      Stream socket.
 * @param[out] buf    Where the bytes go.
 * @param[in]  size   Bytes of @p buf.
 * @param[in]  delim  The delimiter, as for memchr(3).
 * @return Bytes received, the delimiter among them. Without it: @p size if the
 *         buffer is full; fewer if the stream ended, 0 if nothing came. -1 on
 *         error, and then the bytes that came lie in @p buf and
 *         sock_last_error()->done counts them.
 * @par Errors
 * #SOCK_E_VALUE for another type of socket, and under SO_PEEK_OFF; else as
 * sock_recv().
 * @see sock_recv_all(), sock_recv(), sock_makefile().
 * @par Example
 * @snippet io.c recv_until
 * @since 0.1.0
 */
SOCK_API ssize_t sock_recv_until(sock_t *s, void *buf, size_t size, int delim);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
