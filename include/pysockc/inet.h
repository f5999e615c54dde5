/* SPDX-License-Identifier: MIT */
/**
 * @file inet.h
 * @brief Byte order, and IP addresses between text and bytes.
 */
#ifndef PYSOCKC_INET_H
#define PYSOCKC_INET_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>

/**
 * @defgroup inet Byte order and IP text
 * @brief Conversions; they need no socket and make no system call.
 *
 * @snippet byte_order.c order
 * @{
 */

/** Bytes of a packed IPv4 address. */
#define SOCK_INET_SIZE 4
/** Bytes of a packed IPv6 address. */
#define SOCK_INET6_SIZE 16
/** Buffer that holds any text of sock_inet_ntop(), in bytes. */
#define SOCK_INET_TEXT_MAX 46

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief A 16-bit number from network to host byte order.
 *
 * Corresponds to Python's `socket.ntohs()`. Cannot fail.
 *
 * @param[in] x  Number in network byte order.
 * @return The number in host byte order.
 * @since 0.1.0
 */
SOCK_API uint16_t sock_ntohs(uint16_t x);

/**
 * @brief A 32-bit number from network to host byte order.
 *
 * Corresponds to Python's `socket.ntohl()`. Cannot fail.
 *
 * @param[in] x  Number in network byte order.
 * @return The number in host byte order.
 * @since 0.1.0
 */
SOCK_API uint32_t sock_ntohl(uint32_t x);

/**
 * @brief A 16-bit number from host to network byte order.
 *
 * Corresponds to Python's `socket.htons()`. Cannot fail.
 *
 * @param[in] x  Number in host byte order.
 * @return The number in network byte order.
 * @since 0.1.0
 */
SOCK_API uint16_t sock_htons(uint16_t x);

/**
 * @brief A 32-bit number from host to network byte order.
 *
 * Corresponds to Python's `socket.htonl()`. Cannot fail.
 *
 * @param[in] x  Number in host byte order.
 * @return The number in network byte order.
 * @since 0.1.0
 */
SOCK_API uint32_t sock_htonl(uint32_t x);

/**
 * @brief IPv4 text to 4 bytes, in all forms of inet_aton(3).
 *
 * Corresponds to Python's `socket.inet_aton()`: one to four numbers, decimal,
 * octal (`0177`) or hexadecimal (`0x7f`), of which the last fills the rest.
 *
 * @param[in]  text    Such as `"127.0.0.1"`, `"127.1"`.
 * @param[out] packed  The bytes in network order; untouched on error.
 * @param[in]  size    Bytes of @p packed, at least #SOCK_INET_SIZE.
 * @return 4; -1 on error.
 * @par Errors
 * #SOCK_E_OS with code 0 for other text, #SOCK_E_VALUE (size), #SOCK_E_TYPE.
 * @par Deviation
 * Anything behind the address is refused; Python takes `"127.0.0.1 junk"`.
 * @since 0.1.0
 */
SOCK_API int sock_inet_aton(const char *text, void *packed, size_t size);

/**
 * @brief 4 bytes to IPv4 text.
 *
 * Corresponds to Python's `socket.inet_ntoa()`.
 *
 * @param[in]  packed       The bytes in network order.
 * @param[in]  packed_size  How many; must be 4.
 * @param[out] buf          Buffer; NULL with size 0 asks for the length.
 * @param[in]  size         Bytes of @p buf; #SOCK_INET_TEXT_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_OS with code 0 for another number of bytes, #SOCK_E_TYPE.
 * @since 0.1.0
 */
SOCK_API int sock_inet_ntoa(const void *packed, size_t packed_size, char *buf,
                            size_t size);

/**
 * @brief IP text of a family to bytes, strictly.
 *
 * Corresponds to Python's `socket.inet_pton()`; wraps inet_pton(3).
 *
 * @param[in]  family  AF_INET or AF_INET6.
 * @param[in]  text    Four decimal numbers, or IPv6 text without a scope.
 * @param[out] packed  The bytes in network order; untouched on error.
 * @param[in]  size    Bytes of @p packed, at least 4 or 16 by the family.
 * @return 4 or 16; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EAFNOSUPPORT; code 0 for other text), #SOCK_E_VALUE (size),
 * #SOCK_E_TYPE.
 * @since 0.1.0
 */
SOCK_API int sock_inet_pton(int family, const char *text, void *packed,
                            size_t size);

/**
 * @brief Bytes to IP text of a family.
 *
 * Corresponds to Python's `socket.inet_ntop()`; wraps inet_ntop(3).
 *
 * @param[in]  family       AF_INET or AF_INET6.
 * @param[in]  packed       The bytes in network order.
 * @param[in]  packed_size  How many; must be 4 or 16 by the family.
 * @param[out] buf          Buffer; NULL with size 0 asks for the length.
 * @param[in]  size         Bytes of @p buf; #SOCK_INET_TEXT_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (family, number of bytes), #SOCK_E_TYPE.
 * @since 0.1.0
 */
SOCK_API int sock_inet_ntop(int family, const void *packed, size_t packed_size,
                            char *buf, size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
