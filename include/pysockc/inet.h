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
 * Corresponds to Python's `socket.ntohs()`; the same as ntohs(3). Cannot fail.
 *
 * @param[in] x  Number in network byte order.
 * @return The number in host byte order.
 * @see sock_htons(), sock_ntohl(), sock_addr_port().
 * @par Example
 * @snippet inet.c ntohs
 * @since 0.1.0
 */
SOCK_API uint16_t sock_ntohs(uint16_t x);

/**
 * @brief A 32-bit number from network to host byte order.
 *
 * Corresponds to Python's `socket.ntohl()`; the same as ntohl(3). Cannot fail.
 *
 * @param[in] x  Number in network byte order.
 * @return The number in host byte order.
 * @see sock_htonl(), sock_ntohs().
 * @par Example
 * @snippet inet.c ntohl
 * @since 0.1.0
 */
SOCK_API uint32_t sock_ntohl(uint32_t x);

/**
 * @brief A 16-bit number from host to network byte order.
 *
 * Corresponds to Python's `socket.htons()`; the same as htons(3). Cannot fail.
 *
 * @param[in] x  Number in host byte order.
 * @return The number in network byte order.
 * @see sock_ntohs(), sock_htonl(), sock_addr_inet().
 * @par Example
 * @snippet inet.c htons
 * @since 0.1.0
 */
SOCK_API uint16_t sock_htons(uint16_t x);

/**
 * @brief A 32-bit number from host to network byte order.
 *
 * Corresponds to Python's `socket.htonl()`; the same as htonl(3). Cannot fail.
 *
 * @param[in] x  Number in host byte order.
 * @return The number in network byte order.
 * @see sock_ntohl(), sock_htons().
 * @par Example
 * @snippet inet.c htonl
 * @since 0.1.0
 */
SOCK_API uint32_t sock_htonl(uint32_t x);

/**
 * @brief IPv4 text to 4 bytes, in all forms of inet_aton(3).
 *
 * Corresponds to Python's `socket.inet_aton()`; wraps inet_aton(3): one to four
 * numbers, decimal, octal (`0177`) or hexadecimal (`0x7f`), of which the last
 * fills the rest.
 *
 * @param[in]  text    Such as `"127.0.0.1"`, `"127.1"`.
 * @param[out] packed  The bytes in network order; untouched on error.
 * @param[in]  size    Bytes of @p packed, at least #SOCK_INET_SIZE.
 * @return 4; -1 on error.
 * @par Errors
 * #SOCK_E_OS with code 0 for other text, #SOCK_E_VALUE (size), #SOCK_E_TYPE.
 * @par Deviation
 * Anything behind the address is refused; Python takes `"127.0.0.1 junk"`.
 * @see sock_inet_ntoa(), sock_inet_pton(), sock_addr_inet().
 * @par Example
 * @snippet inet.c inet_aton
 * @since 0.1.0
 */
SOCK_API int sock_inet_aton(const char *text, void *packed, size_t size);

/**
 * @brief 4 bytes to IPv4 text.
 *
 * Corresponds to Python's `socket.inet_ntoa()`; gives the text of inet_ntoa(3).
 *
 * @param[in]  packed       The bytes in network order.
 * @param[in]  packed_size  How many; must be 4.
 * @param[out] buf          Buffer; NULL with size 0 asks for the length.
 * @param[in]  size         Bytes of @p buf; #SOCK_INET_TEXT_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_OS with code 0 for another number of bytes, #SOCK_E_TYPE.
 * @see sock_inet_aton(), sock_inet_ntop().
 * @par Example
 * @snippet inet.c inet_ntoa
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
 * @see sock_inet_ntop(), sock_inet_aton(), sock_addr_numeric().
 * @par Example
 * @snippet inet.c inet_pton
 * @since 0.1.0
 */
SOCK_API int sock_inet_pton(int family, const char *text, void *packed,
                            size_t size);

/**
 * @brief Bytes to IP text of a family.
 *
 * Corresponds to Python's `socket.inet_ntop()`; gives the text of inet_ntop(3).
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
 * @see sock_inet_pton(), sock_inet_ntoa(), sock_addr_host().
 * @par Example
 * @snippet inet.c inet_ntop
 * @since 0.1.0
 */
SOCK_API int sock_inet_ntop(int family, const void *packed, size_t packed_size,
                            char *buf, size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
