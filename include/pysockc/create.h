/* SPDX-License-Identifier: MIT */
/**
 * @file create.h
 * @brief A client or a server in one call.
 */
#ifndef PYSOCKC_CREATE_H
#define PYSOCKC_CREATE_H

#include <pysockc/address.h>
#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/socket.h>
#include <pysockc/timeout.h>

/**
 * @defgroup create Clients and servers
 * @brief From a name to a connection, from an address to a listener.
 * @{
 */

/** Options of sock_create_server(), to be or-ed. */
enum sock_server_flag {
    SOCK_SERVER_REUSE_PORT = 1,    /**< Set SO_REUSEPORT. */
    SOCK_SERVER_DUALSTACK_IPV6 = 2 /**< Serve IPv4 on an IPv6 socket too. */
};

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Connect to a name and port, in whatever family answers.
 *
 * Corresponds to Python's
 * `socket.create_connection((host, port), timeout, source_address)`; wraps
 * getaddrinfo(3), socket(2), connect(2), poll(2), with the manners of RFC 8305:
 * the families of the name's addresses take turns, a new attempt begins as soon
 * as one fails, or has not ended within 250 ms, and the first that succeeds
 * ends the others. So an address that swallows packets costs a quarter of a
 * second. If all fail, the error of the last one is reported; if the time runs
 * out, that. With a timeout a name is looked up by another thread, as
 * sock_getaddrinfo_within() says.
 *
 * @param[in] host     Name or numeric text; NULL is this machine. `""` is no
 *                     name, unlike in addresses, as in Python.
 * @param[in] port     0 to 65535.
 * @param[in] timeout  Seconds for the look-up and all attempts together, and
 *                     the timeout of the new object; #SOCK_NO_TIMEOUT for none,
 *                     #SOCK_DEFAULT_TIMEOUT for that of
 *                     sock_setdefaulttimeout(). With 0 an attempt that is only
 *                     begun counts as failed, as in Python, and there is no
 *                     time to look up a name.
 * @param[in] source   Own address to connect from; sock_addr_none() for any.
 *                     Only addresses of its family are then tried.
 * @return A new connected object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * #SOCK_E_GAI, #SOCK_E_OVERFLOW, #SOCK_E_VALUE, #SOCK_E_TYPE,
 * #SOCK_E_TIMEOUT, #SOCK_E_OS, #SOCK_E_CANCELLED, #SOCK_E_MEMORY.
 * @par Deviation
 * Python tries one address after the other, and gives each the whole timeout.
 * Its look-up has no limit.
 * @see sock_create_connection_errors(), sock_connect_to_host(), sock_connect(),
 *      sock_create_server().
 * @par Example
 * @snippet create.c connection
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_create_connection(const char *host,
                                                       int port, double timeout,
                                                       sock_addr_t source);

/**
 * @brief Connect to a name and port, and keep every attempt's error.
 *
 * Corresponds to Python's `socket.create_connection(..., all_errors=True)`:
 * as sock_create_connection(), which it is with NULL for the list.
 *
 * @param[in]  host     As for sock_create_connection().
 * @param[in]  port     As for sock_create_connection().
 * @param[in]  timeout  As for sock_create_connection().
 * @param[in]  source   As for sock_create_connection().
 * @param[out] errors   On error what each attempt failed at, in the order in
 *                      which they began, to be ended by sock_error_list_free();
 *                      the time's end, or the interrupt function's word, is
 *                      that of those which still went on. NULL after success,
 *                      and if no address could be tried. May be NULL.
 * @return A new connected object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * As sock_create_connection().
 * @see sock_create_connection(), sock_connect_to_host(),
 *      sock_error_list_free(), sock_error_text().
 * @par Example
 * @snippet create.c errors
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_create_connection_errors(
    const char *host, int port, double timeout, sock_addr_t source,
    sock_error_list_t **errors);

/**
 * @brief Make a listening stream socket.
 *
 * Corresponds to Python's `socket.create_server()`; wraps socket(2),
 * setsockopt(2) SO_REUSEADDR, bind(2), listen(2). An IPv6 socket serves IPv6
 * alone unless asked otherwise. The family is the address's.
 *
 * @param[in] address  Where to listen.
 * @param[in] backlog  As for sock_listen().
 * @param[in] flags    0 or #sock_server_flag values.
 * @return A new listening object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EADDRINUSE, EACCES, ...), #SOCK_E_VALUE (dual stack with a
 * family other than AF_INET6, unknown flags), the remembered error of a bad
 * address, #SOCK_E_TYPE (no address), #SOCK_E_MEMORY.
 * @see sock_has_dualstack_ipv6(), sock_accept(), sock_getsockname(),
 *      sock_create_connection().
 * @par Example
 * @snippet create.c server
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_create_server(sock_addr_t address,
                                                   int backlog, int flags);

/**
 * @brief Whether the library knows IPv6.
 *
 * Corresponds to Python's `socket.has_ipv6`, which says no more either: the
 * system may still have no IPv6 address.
 *
 * @return 1.
 * @see sock_has_dualstack_ipv6().
 * @par Example
 * See sock_has_dualstack_ipv6().
 * @since 0.1.0
 */
SOCK_API int sock_has_ipv6(void);

/**
 * @brief Whether one socket can serve IPv6 and IPv4.
 *
 * Corresponds to Python's `socket.has_dualstack_ipv6()`; asks a real socket,
 * with IPV6_V6ONLY. Leaves errno and the error record as they were.
 *
 * @return 1 or 0. It does not fail: without a descriptor to try, it is 0.
 * @see sock_create_server(), sock_has_ipv6().
 * @par Example
 * @snippet create.c dual stack
 * @since 0.1.0
 */
SOCK_API int sock_has_dualstack_ipv6(void);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
