/* SPDX-License-Identifier: MIT */
/**
 * @file addrinfo.h
 * @brief From a host and a port to addresses, and back.
 */
#ifndef PYSOCKC_ADDRINFO_H
#define PYSOCKC_ADDRINFO_H

#include <netdb.h>
#include <stddef.h>

#include <pysockc/address.h>
#include <pysockc/export.h>

/**
 * @defgroup addrinfo Addresses of names
 * @brief All addresses of a host and port, in every family, and the names of
 * an address.
 *
 * Look-ups have no timeout but the resolver's own.
 * @{
 */

/** Buffer that holds any host of sock_getnameinfo(), in bytes. */
#define SOCK_NAMEINFO_HOST_MAX 1025
/** Buffer that holds any port of sock_getnameinfo(), in bytes. */
#define SOCK_NAMEINFO_PORT_MAX 32

/** One way to reach a host: Python's `(family, type, proto, canonname,
 * sockaddr)`. */
typedef struct sock_addrinfo_entry {
    int family;            /**< For sock_new(). */
    int type;              /**< For sock_new(). */
    int proto;             /**< For sock_new(). */
    const char *canonname; /**< With AI_CANONNAME in the first, else `""`. */
    sock_addr_t address;   /**< For sock_connect(), sock_bind(), ... */
} sock_addrinfo_entry_t;

/** What sock_getaddrinfo() found, best first. One allocation. */
typedef struct sock_addrinfo {
    const sock_addrinfo_entry_t *entries; /**< The entries. */
    size_t count;                         /**< Their number, at least 1. */
} sock_addrinfo_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The addresses of a host and a port.
 *
 * Corresponds to Python's `socket.getaddrinfo()`; wraps getaddrinfo(3).
 * Python's numbers for ports are decimal text here: `"80"`.
 *
 * @param[in] host    Name or numeric text, whose scope is kept; NULL is this
 *                    machine, or with AI_PASSIVE the wildcard. `""` is no
 *                    name, unlike in sock_addr_inet(), as in Python.
 * @param[in] port    Decimal digits for 0 to 65535, the name of a service, or
 *                    NULL or `""` for port 0.
 * @param[in] family  AF_INET, AF_INET6, or AF_UNSPEC (Python's 0) for both.
 * @param[in] type    SOCK_STREAM, ..., or 0 for an entry of each.
 * @param[in] proto   Protocol, or 0 for any.
 * @param[in] flags   0 or AI_ values, such as AI_CANONNAME.
 * @return A new object, to be ended by sock_addrinfo_free(); NULL on error.
 * @par Errors
 * #SOCK_E_GAI (EAI_NONAME also if host and port are both NULL, EAI_SERVICE also
 * for a port over 65535, EAI_FAMILY, EAI_SOCKTYPE, EAI_BADFLAGS, ...),
 * #SOCK_E_VALUE (host too long), #SOCK_E_TYPE (host not ASCII), #SOCK_E_OS,
 * #SOCK_E_MEMORY.
 * @par Deviation
 * Python wraps port 99999 to 34463, and takes `" 80"` and `"+80"` for numbers.
 * @see sock_addrinfo_free(), sock_create_connection(), sock_addr_inet(),
 * sock_getnameinfo().
 * @par Example
 * @snippet addrinfo.c getaddrinfo
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_addrinfo_t *sock_getaddrinfo(const char *host,
                                                          const char *port,
                                                          int family, int type,
                                                          int proto, int flags);

/**
 * @brief End what sock_getaddrinfo() gave.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  Object; NULL does nothing.
 * @see sock_getaddrinfo().
 * @par Example
 * See sock_getaddrinfo().
 * @since 0.1.0
 */
SOCK_API void sock_addrinfo_free(sock_addrinfo_t *list);

/**
 * @brief The names of an address's host and port.
 *
 * Corresponds to Python's `socket.getnameinfo()`; wraps getnameinfo(3). The
 * host keeps its scope, as in `"fe80::1%eth0"`. A buffer of size 0 leaves its
 * text out, and the look-up, too.
 *
 * @param[in]  address    AF_INET or AF_INET6.
 * @param[in]  flags      0 or NI_ values: NI_NUMERICHOST and NI_NUMERICSERV
 *                        for numbers without a look-up, NI_NAMEREQD to fail
 *                        where there is no name, NI_DGRAM for UDP's services.
 * @param[out] host       Buffer for the host.
 * @param[in]  host_size  Bytes of @p host; #SOCK_NAMEINFO_HOST_MAX is enough.
 * @param[out] port       Buffer for the port.
 * @param[in]  port_size  Bytes of @p port; #SOCK_NAMEINFO_PORT_MAX is enough.
 * @return 0; -1 on error, and then both texts are empty. There are two texts,
 *         so a buffer that is too small is an error here, instead of a length.
 * @par Errors
 * #SOCK_E_GAI (EAI_NONAME without a name, EAI_BADFLAGS, ...), #SOCK_E_VALUE
 * (a buffer is too small), the remembered error of a bad address, #SOCK_E_TYPE
 * (no address, another family, NULL buffer with a size), #SOCK_E_OS.
 * @par Deviation
 * Python takes numeric hosts alone; here a name was looked up when the address
 * was made. Python wraps port 70000 to 4464.
 * @see sock_addr_host(), sock_gethostbyaddr(), sock_getservbyport(),
 * sock_getaddrinfo().
 * @par Example
 * @snippet addrinfo.c getnameinfo
 * @since 0.1.0
 */
SOCK_API int sock_getnameinfo(sock_addr_t address, int flags, char *host,
                              size_t host_size, char *port, size_t port_size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
