/* SPDX-License-Identifier: MIT */
/**
 * @file netdb.h
 * @brief Looking up hosts, services and protocols.
 */
#ifndef PYSOCKC_NETDB_H
#define PYSOCKC_NETDB_H

#include <netdb.h>
#include <stddef.h>

#include <pysockc/address.h>
#include <pysockc/export.h>

/**
 * @defgroup netdb Look-ups
 * @brief Hosts, services and protocols by name and number; thread-safe.
 *
 * Nothing returns static storage, and numeric text never reaches the resolver.
 * Look-ups have no timeout but the resolver's own.
 * @{
 */

/** Buffer that holds any service of sock_getservbyport(), in bytes: the
 * system's NI_MAXSERV, and a registered name has 15 (RFC 6335).
 * @since 0.2.0 */
#define SOCK_SERVICE_NAME_MAX 32

/** A host: Python's `(hostname, aliaslist, ipaddrlist)`. One allocation. */
typedef struct sock_hostent {
    const char *name;             /**< Official name. */
    const char *const *aliases;   /**< Other names; ends with NULL. */
    const char *const *addresses; /**< Numeric texts; ends with NULL. */
    size_t alias_count;           /**< Number of aliases. */
    size_t address_count;         /**< Number of addresses. */
} sock_hostent_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The name of this machine.
 *
 * Corresponds to Python's `socket.gethostname()`; wraps gethostname(2).
 *
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_HOST_NAME_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_OS, #SOCK_E_TYPE.
 * @see sock_getfqdn(), sock_sethostname().
 * @par Example
 * @snippet netdb.c gethostname
 * @since 0.1.0
 */
SOCK_API int sock_gethostname(char *buf, size_t size);

/**
 * @brief Rename this machine.
 *
 * Corresponds to Python's `socket.sethostname()`; wraps sethostname(2). Needs
 * a privilege.
 *
 * @param[in] name  At most 64 bytes on Linux.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EPERM, EINVAL if the name is too long), #SOCK_E_TYPE.
 * @see sock_gethostname(), sock_getfqdn().
 * @par Example
 * @snippet netdb.c sethostname
 * @since 0.1.0
 */
SOCK_API int sock_sethostname(const char *name);

/**
 * @brief The first IPv4 address of a host.
 *
 * Corresponds to Python's `socket.gethostbyname()`; wraps getaddrinfo(3), as
 * sock_addr_inet().
 *
 * @param[in]  host  Name or numeric text; `""` gives 0.0.0.0, `"<broadcast>"`
 *                   255.255.255.255.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_ADDR_HOST_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_GAI, #SOCK_E_VALUE (host too long), #SOCK_E_TYPE, #SOCK_E_OS.
 * @see sock_gethostbyname_ex(), sock_getaddrinfo(), sock_addr_inet().
 * @par Example
 * @snippet netdb.c gethostbyname
 * @since 0.1.0
 */
SOCK_API int sock_gethostbyname(const char *host, char *buf, size_t size);

/**
 * @brief A host by name: official name, other names, IPv4 addresses.
 *
 * Corresponds to Python's `socket.gethostbyname_ex()`; wraps
 * gethostbyname_r(3), looks up once, and takes answers of any size.
 *
 * @param[in] host  Name or numeric text.
 * @return A new object, to be ended by sock_hostent_free(); NULL on error.
 * @par Errors
 * #SOCK_E_GAI, #SOCK_E_HOST (`""` and `"<broadcast>"`, which are no names),
 * #SOCK_E_VALUE (host too long), #SOCK_E_TYPE, #SOCK_E_OS, #SOCK_E_MEMORY.
 * @see sock_hostent_free(), sock_gethostbyname(), sock_gethostbyaddr(),
 * sock_getaddrinfo().
 * @par Example
 * @snippet netdb.c gethostbyname_ex
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_hostent_t *sock_gethostbyname_ex(const char *host);

/**
 * @brief A host by address: official name, other names, the address.
 *
 * Corresponds to Python's `socket.gethostbyaddr()`; wraps gethostbyaddr_r(3).
 *
 * @param[in] host  IPv4 or IPv6 text, or a name, whose first address is asked
 *                  for.
 * @return A new object, to be ended by sock_hostent_free(); NULL on error.
 * @par Errors
 * #SOCK_E_HOST, #SOCK_E_GAI, #SOCK_E_OS (code 0 for `""`), #SOCK_E_VALUE,
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_hostent_free(), sock_getnameinfo(), sock_gethostbyname_ex(),
 * sock_getfqdn().
 * @par Example
 * @snippet netdb.c gethostbyaddr
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_hostent_t *sock_gethostbyaddr(const char *host);

/**
 * @brief End what sock_gethostbyname_ex() or sock_gethostbyaddr() gave.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] host  Object; NULL does nothing.
 * @see sock_gethostbyname_ex(), sock_gethostbyaddr().
 * @par Example
 * See sock_gethostbyname_ex().
 * @since 0.1.0
 */
SOCK_API void sock_hostent_free(sock_hostent_t *host);

/**
 * @brief The fully qualified name of a host.
 *
 * Corresponds to Python's `socket.getfqdn()`; wraps gethostbyaddr_r(3): the
 * first name with a dot among what sock_gethostbyaddr() gives, else the
 * official name; on error the name unchanged.
 *
 * @param[in]  name  Host; blanks around it are passed over; NULL, `""`,
 *                   `"0.0.0.0"` and `"::"` mean this machine.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_HOST_NAME_MAX is enough for
 *                   every name that exists.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (NULL buffer), #SOCK_E_MEMORY. A failed look-up is none.
 * @see sock_gethostname(), sock_gethostbyaddr().
 * @par Example
 * @snippet netdb.c getfqdn
 * @since 0.1.0
 */
SOCK_API int sock_getfqdn(const char *name, char *buf, size_t size);

/**
 * @brief The port of a service.
 *
 * Corresponds to Python's `socket.getservbyname()`; wraps getservbyname_r(3).
 *
 * @param[in] name   Service, such as `"http"`.
 * @param[in] proto  `"tcp"` or `"udp"`; NULL for any.
 * @return The port in host byte order; -1 on error.
 * @par Errors
 * #SOCK_E_OS with code 0 ("service/proto not found"), #SOCK_E_TYPE,
 * #SOCK_E_MEMORY.
 * @see sock_getservbyport(), sock_getaddrinfo().
 * @par Example
 * @snippet netdb.c getservbyname
 * @since 0.1.0
 */
SOCK_API int sock_getservbyname(const char *name, const char *proto);

/**
 * @brief The service of a port.
 *
 * Corresponds to Python's `socket.getservbyport()`; wraps getservbyport_r(3).
 *
 * @param[in]  port   0 to 65535 in host byte order.
 * @param[in]  proto  `"tcp"` or `"udp"`; NULL for any.
 * @param[out] buf    Buffer; NULL with size 0 asks for the length.
 * @param[in]  size   Bytes of @p buf; #SOCK_SERVICE_NAME_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_OS with code 0 ("port/proto not found"), #SOCK_E_OVERFLOW,
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_getservbyname(), sock_getnameinfo().
 * @par Example
 * @snippet netdb.c getservbyport
 * @since 0.1.0
 */
SOCK_API int sock_getservbyport(int port, const char *proto, char *buf,
                                size_t size);

/**
 * @brief The number of a protocol.
 *
 * Corresponds to Python's `socket.getprotobyname()`; wraps
 * getprotobyname_r(3).
 *
 * @param[in] name  Protocol, such as `"icmp"`.
 * @return The number; -1 on error.
 * @par Errors
 * #SOCK_E_OS with code 0 ("protocol not found"), #SOCK_E_TYPE,
 * #SOCK_E_MEMORY.
 * @see sock_getservbyname(), sock_new().
 * @par Example
 * @snippet netdb.c getprotobyname
 * @since 0.1.0
 */
SOCK_API int sock_getprotobyname(const char *name);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
