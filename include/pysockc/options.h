/* SPDX-License-Identifier: MIT */
/**
 * @file options.h
 * @brief Socket options.
 */
#ifndef PYSOCKC_OPTIONS_H
#define PYSOCKC_OPTIONS_H

#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/types.h>

#include <pysockc/export.h>
#include <pysockc/socket.h>

/**
 * @defgroup options Options
 * @brief Options as an int, as bytes, and as the NULL that a few ask for.
 *
 * An error names the option, in its text and in the record:
 * `setsockopt SO_KEEPALIVE: [Errno 9] Bad file descriptor`.
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Set an option from bytes.
 *
 * Corresponds to Python's `socket.setsockopt(level, name, bytes)`; wraps
 * setsockopt(2).
 *
 * @param[in] s      Socket.
 * @param[in] level  SOL_SOCKET, IPPROTO_TCP, ...
 * @param[in] name   SO_REUSEADDR, TCP_NODELAY, ...
 * @param[in] value  The bytes; may be NULL if @p size is 0.
 * @param[in] size   How many.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (ENOPROTOOPT, EINVAL, EBADF, ...), #SOCK_E_VALUE (size over
 * INT_MAX), #SOCK_E_TYPE (NULL).
 * @see sock_setsockopt_int(), sock_getsockopt(), sock_setsockopt_null().
 * @par Example
 * @snippet options.c setsockopt
 * @since 0.1.0
 */
SOCK_API int sock_setsockopt(sock_t *s, int level, int name, const void *value,
                             size_t size);

/**
 * @brief Set an option from an int.
 *
 * Corresponds to Python's `socket.setsockopt(level, name, int)`; wraps
 * setsockopt(2). An option of level AF_VSOCK on such a socket gets the 64 bits
 * that it has.
 *
 * @param[in] s      Socket.
 * @param[in] level  As for sock_setsockopt().
 * @param[in] name   As for sock_setsockopt().
 * @param[in] value  The value.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_setsockopt().
 * @see sock_getsockopt_int(), sock_setsockopt().
 * @par Example
 * @snippet options.c setsockopt_int
 * @since 0.1.0
 */
SOCK_API int sock_setsockopt_int(sock_t *s, int level, int name, int value);

/**
 * @brief Set an option that takes a NULL pointer and a length.
 *
 * Corresponds to Python's `socket.setsockopt(level, name, None, optlen)`; wraps
 * setsockopt(2).
 *
 * @param[in] s      Socket.
 * @param[in] level  As for sock_setsockopt().
 * @param[in] name   As for sock_setsockopt().
 * @param[in] size   The length to pass.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (ENOPROTOOPT, EINVAL also for a size over INT_MAX, EBADF, ...),
 * #SOCK_E_TYPE (NULL).
 * @see sock_setsockopt(), sock_setsockopt_int().
 * @par Example
 * @snippet options.c setsockopt_null
 * @since 0.1.0
 */
SOCK_API int sock_setsockopt_null(sock_t *s, int level, int name, size_t size);

/**
 * @brief Get an option as bytes.
 *
 * Corresponds to Python's `socket.getsockopt(level, name, buflen)`; wraps
 * getsockopt(2).
 *
 * @param[in]  s      Socket.
 * @param[in]  level  As for sock_setsockopt().
 * @param[in]  name   As for sock_setsockopt().
 * @param[out] value  Where the bytes go.
 * @param[in]  size   Bytes of @p value, at least 1.
 * @return Bytes that were stored; -1 on error.
 * @par Errors
 * #SOCK_E_OS (ENOPROTOOPT, EBADF, ...; with code 0 for size 0 or over
 * INT_MAX), #SOCK_E_TYPE (NULL).
 * @par Deviation
 * Python takes 1024 bytes at most.
 * @see sock_getsockopt_int(), sock_setsockopt().
 * @par Example
 * @snippet options.c getsockopt
 * @since 0.1.0
 */
SOCK_API ssize_t sock_getsockopt(sock_t *s, int level, int name, void *value,
                                 size_t size);

/**
 * @brief Get an option as an int.
 *
 * Corresponds to Python's `socket.getsockopt(level, name)`; wraps
 * getsockopt(2). An option of level AF_VSOCK on such a socket has 64 bits.
 *
 * @param[in]  s      Socket.
 * @param[in]  level  As for sock_setsockopt().
 * @param[in]  name   As for sock_setsockopt().
 * @param[out] value  The value; untouched on error.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_getsockopt(); #SOCK_E_OVERFLOW if an int cannot hold it.
 * @see sock_setsockopt_int(), sock_getsockopt().
 * @par Example
 * @snippet options.c getsockopt_int
 * @since 0.1.0
 */
SOCK_API int sock_getsockopt_int(sock_t *s, int level, int name, int *value);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
