/* SPDX-License-Identifier: MIT */
/**
 * @file address.h
 * @brief Socket addresses as plain values.
 */
#ifndef PYSOCKC_ADDRESS_H
#define PYSOCKC_ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <pysockc/export.h>

/**
 * @defgroup address Addresses
 * @brief A finished address in a plain value, which remembers why it could
 * not be made.
 *
 * Constructors return a #sock_addr_t by value; there is nothing to free.
 * Host names are looked up by the constructor, in its family, so before any
 * timeout of a socket starts. The empty host is the wildcard address,
 * `"<broadcast>"` the broadcast address, and numeric text never reaches the
 * resolver.
 *
 * An address that could not be made has length 0 and remembers why. The call
 * that is given it fails with that error, so that one check is enough:
 *
 * @snippet address.c bad address
 *
 * sock_addr_ok() asks earlier. Constructors themselves leave the error record
 * and errno alone.
 * @{
 */

/** Buffer that holds any host name that can be looked up, in bytes. */
#define SOCK_HOST_NAME_MAX 254
/** Buffer that holds any text of sock_addr_host(), in bytes. */
#define SOCK_ADDR_HOST_MAX 64
/** Buffer that holds any path of sock_addr_path(), in bytes. */
#define SOCK_ADDR_PATH_MAX 112
/** Buffer that holds any text of sock_addr_format(), in bytes. */
#define SOCK_ADDR_TEXT_MAX 128
/** Buffer that holds any text of sock_addr_repr(), in bytes. */
#define SOCK_ADDR_REPR_MAX 800

/**
 * @brief A socket address.
 *
 * Passed by value, filled through a pointer. The layout is fixed. A zeroed
 * value is "no address", Python's None.
 */
typedef struct sock_addr {
    uint32_t len;         /**< Bytes used of @ref u; 0: there is no address. */
    int16_t kind;         /**< With length 0, why: a `SOCK_E_...` kind, or 0. */
    int16_t detail;       /**< With length 0, selects the text of the error;
                               else the protocol that selects the form of an
                               AF_CAN or AF_BLUETOOTH address. */
    int32_t code;         /**< Code of the error: errno, EAI_..., or port. */
    int32_t sys_errno;    /**< The errno that the failing call will set. */
    uint32_t reserved[4]; /**< Zero. */
    /** The address itself, or the start of the host name that failed. */
    union {
        struct sockaddr sa;              /**< Any family. */
        struct sockaddr_in in;           /**< AF_INET. */
        struct sockaddr_in6 in6;         /**< AF_INET6. */
        struct sockaddr_un un;           /**< AF_UNIX. */
        struct sockaddr_storage storage; /**< Room for every family. */
    } u;                                 /**< The bytes for the kernel. */
} sock_addr_t;

struct sock;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The absence of an address, Python's None.
 *
 * Corresponds to Python's `None` in the place of an address. sock_recvfrom()
 * stores it where there is no sender, as on a connected stream. sock_sendto()
 * to it is sock_send(). sock_bind() and sock_connect() refuse it.
 *
 * @return An address of length 0 and kind 0.
 * @see sock_addr_ok(), sock_recvfrom(), sock_sendto().
 * @par Example
 * @snippet address.c none
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_none(void);

/**
 * @brief An IPv4 address.
 *
 * Corresponds to Python's `(host, port)` for AF_INET: strict dotted text
 * first, then getaddrinfo(3), of which the first result counts; so `"127.1"`
 * works.
 *
 * @param[in] host  Name or text of at most 253 bytes (RFC 1035), ASCII;
 *                  `""` or NULL for the wildcard, `"<broadcast>"` for
 *                  255.255.255.255.
 * @param[in] port  0 to 65535.
 * @return The address, or one that remembers its error: #SOCK_E_GAI,
 *         #SOCK_E_OVERFLOW (port), #SOCK_E_VALUE (host too long),
 *         #SOCK_E_TYPE (host not ASCII), #SOCK_E_OS.
 * @par Deviation
 * Python hands longer names to the C library, and encodes others by IDNA.
 * @see sock_addr_inet6(), sock_addr_numeric(), sock_addr_parse(),
 *      sock_getaddrinfo().
 * @par Example
 * @snippet address.c inet
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_inet(const char *host, int port);

/**
 * @brief An IPv6 address.
 *
 * Corresponds to Python's `(host, port)` for AF_INET6.
 *
 * @param[in] host  As for sock_addr_inet(), or text with a scope such as
 *                  `"fe80::1%eth0"`; `""` or NULL for `::`.
 * @param[in] port  0 to 65535.
 * @return The address, or one that remembers its error, as
 *         sock_addr_inet().
 * @par Deviation
 * The scope in the text is kept; Python overwrites it with 0.
 * @see sock_addr_inet6_scoped(), sock_addr_inet(), sock_addr_numeric().
 * @par Example
 * @snippet address.c inet6
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_inet6(const char *host, int port);

/**
 * @brief An address from numeric text alone.
 *
 * Not in Python. For code that must not block: the resolver is never asked.
 *
 * @param[in] family  AF_INET, AF_INET6, or AF_UNSPEC for whichever the text
 *                    is of.
 * @param[in] host    As for sock_addr_inet() and sock_addr_inet6(), but no
 *                    name. AF_UNSPEC has no wildcard.
 * @param[in] port    0 to 65535.
 * @return The address, or one that remembers its error: #SOCK_E_GAI
 *         (EAI_NONAME for a name, EAI_ADDRFAMILY for the other family's text),
 *         #SOCK_E_OS with code 0 (another family; the wildcard of AF_UNSPEC),
 *         else as sock_addr_inet().
 * @see sock_addr_inet(), sock_addr_inet6(), sock_addr_ok().
 * @par Example
 * @snippet address.c numeric
 * @since 0.2.0
 */
SOCK_API sock_addr_t sock_addr_numeric(int family, const char *host, int port);

/**
 * @brief An IPv6 address with flow information and scope.
 *
 * Corresponds to Python's `(host, port, flowinfo, scope_id)` for AF_INET6.
 *
 * @param[in] host      As for sock_addr_inet6().
 * @param[in] port      0 to 65535.
 * @param[in] flowinfo  Traffic class and flow label in host byte order,
 *                      0 to 0xfffff.
 * @param[in] scope_id  Interface index; 0 keeps the scope of the text.
 * @return The address, or one that remembers its error: as
 *         sock_addr_inet(), and #SOCK_E_OVERFLOW for the flow information.
 * @see sock_addr_inet6(), sock_addr_flowinfo(), sock_addr_scope_id(),
 *      sock_if_nametoindex().
 * @par Example
 * @snippet address.c scoped
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_inet6_scoped(const char *host, int port,
                                            uint32_t flowinfo,
                                            uint32_t scope_id);

/**
 * @brief The address of a UNIX socket in the file system.
 *
 * Corresponds to Python's `str` address for AF_UNIX.
 *
 * @param[in] path  At most 107 bytes. On Linux the empty path makes bind
 *                  choose an abstract name.
 * @return The address, or one that remembers its error: #SOCK_E_OS with code
 *         0 ("AF_UNIX path too long"), #SOCK_E_TYPE for NULL.
 * @see sock_addr_unix_abstract(), sock_addr_unix_bytes(), sock_addr_path().
 * @par Example
 * @snippet address.c unix
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_unix(const char *path);

/**
 * @brief The address of a UNIX socket in Linux's abstract name space.
 *
 * Corresponds to Python's bytes with a leading NUL for AF_UNIX.
 *
 * @param[in] name  The name without its leading NUL; may hold any bytes.
 * @param[in] size  Bytes of @p name, at most 107.
 * @return The address, or one that remembers its error, as
 *         sock_addr_unix().
 * @see sock_addr_unix(), sock_addr_unix_bytes(), sock_addr_path().
 * @par Example
 * @snippet address.c abstract
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_unix_abstract(const void *name, size_t size);

/**
 * @brief The address of a UNIX socket from bytes, whichever it is.
 *
 * Corresponds to Python's bytes address for AF_UNIX: a leading NUL makes it
 * sock_addr_unix_abstract() of the rest, else it is sock_addr_unix().
 *
 * @param[in] bytes  Path or name; need not end with a NUL.
 * @param[in] size   Bytes of it: at most 107, or 108 with a leading NUL.
 * @return The address, or one that remembers its error: as sock_addr_unix(),
 *         and #SOCK_E_VALUE for a NUL within a path.
 * @par Deviation
 * Python cuts a path at its first NUL.
 * @see sock_addr_unix(), sock_addr_unix_abstract(), sock_addr_path().
 * @par Example
 * @snippet address.c bytes
 * @since 0.2.0
 */
SOCK_API sock_addr_t sock_addr_unix_bytes(const void *bytes, size_t size);

/**
 * @brief An address in the family of a socket.
 *
 * Not in Python, whose sockets read addresses in their own family. Calls
 * sock_addr_inet() or sock_addr_inet6() as the family of @p s asks; for AF_UNIX
 * @p host is the path and @p port is ignored. AF_RDS has IPv4's.
 *
 * @param[in] s     Socket; may be closed.
 * @param[in] host  As for the constructor of that family.
 * @param[in] port  0 to 65535.
 * @return The address, or one that remembers its error: as the constructor,
 *         and #SOCK_E_OS with code 0 ("bad family") for other families.
 * @see sock_addr_inet(), sock_addr_inet6(), sock_family().
 * @par Example
 * @snippet address.c for
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_for(const struct sock *s, const char *host,
                                   int port);

/**
 * @brief The same address with another port.
 *
 * Corresponds to Python's `(address[0], port)`. For a host that is looked up
 * once and tried on several ports.
 *
 * @param[in] a     AF_INET or AF_INET6 address.
 * @param[in] port  0 to 65535.
 * @return The address, or one that remembers its error: that of @p a,
 *         #SOCK_E_OVERFLOW (port), #SOCK_E_TYPE (no address, or of another
 *         family).
 * @see sock_addr_port(), sock_addr_inet().
 * @par Example
 * @snippet address.c with_port
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_with_port(sock_addr_t a, int port);

/**
 * @brief An address from the system's form.
 *
 * Not in Python, which has no other form than its own.
 *
 * @param[in] sa   What getsockname(2), getaddrinfo(3), ... gave. Any family,
 *                 and any alignment.
 * @param[in] len  Bytes of @p sa. A value larger than `struct sockaddr_un`,
 *                 as Linux reports for an AF_UNIX path without a NUL, is
 *                 taken as that structure's size.
 * @return The address; no address if @p len is 0; or one that remembers
 *         #SOCK_E_VALUE (too short for its family, or longer than any
 *         address) or #SOCK_E_TYPE (NULL with a length).
 * @see sock_getsockname(), sock_getaddrinfo().
 * @par Example
 * @snippet address.c from
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_from(const struct sockaddr *sa, socklen_t len);

/**
 * @brief An address from text such as `127.0.0.1:80` or `[::1]:80`.
 *
 * Not in Python. Splits the text as sock_addr_split() does. A host with a colon
 * makes an IPv6 address, every other an IPv4 address; a name is looked up
 * there.
 *
 * @param[in] text          `host:port`, `host`, `[v6]:port`, `[v6]`, `v6`,
 *                          with `"%scope"` where wanted; `:port` is the
 *                          wildcard.
 * @param[in] default_port  Port of a text without one, 0 to 65535; or -1, as
 *                          sock_addr_split() has it, to refuse such a text.
 * @return The address, or one that remembers its error: #SOCK_E_VALUE for
 *         text of another form, else as sock_addr_inet().
 * @see sock_addr_split(), sock_addr_format(), sock_addr_inet().
 * @par Example
 * @snippet address.c parse
 * @since 0.1.0
 */
SOCK_API sock_addr_t sock_addr_parse(const char *text, int default_port);

/**
 * @brief Split `host:port` without looking anything up.
 *
 * Not in Python. What has a colon has a port behind it: `host:` is an error,
 * here as in sock_addr_parse().
 *
 * @param[in]  text  As for sock_addr_parse().
 * @param[out] host  Buffer for the host without brackets.
 * @param[in]  size  Bytes of @p host; #SOCK_HOST_NAME_MAX is enough for every
 *                   host that can be looked up.
 * @param[out] port  The port, or -1 if the text has none. May be NULL.
 * @return Length of the host; if it is @p size or more nothing was stored and
 *         @p host is empty. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (another form), #SOCK_E_OVERFLOW (port over 65535),
 * #SOCK_E_TYPE (NULL).
 * @see sock_addr_parse(), sock_create_connection().
 * @par Example
 * @snippet address.c split
 * @since 0.1.0
 */
SOCK_API int sock_addr_split(const char *text, char *host, size_t size,
                             int *port);

/**
 * @brief Ask whether an address can be used.
 *
 * Not in Python, which makes addresses within the call that uses them.
 *
 * @param[in] a  Address; NULL counts as none.
 * @return 1 if it can; 0 if not, and then the error record and errno say why,
 *         as the call that got the address would have.
 * @see sock_last_error(), sock_perror(), sock_addr_family().
 * @par Example
 * @snippet address.c ok
 * @since 0.1.0
 */
SOCK_API int sock_addr_ok(const sock_addr_t *a);

/**
 * @brief Compare two addresses.
 *
 * Corresponds to Python's `a == b`.
 *
 * @param[in] a  Address; NULL counts as none.
 * @param[in] b  Address; NULL counts as none.
 * @return 1 if family and all fields agree, as Python's tuples would; two
 *         absent addresses are equal. 0 otherwise, and for an address that
 *         could not be made.
 * @see sock_addr_host(), sock_addr_port().
 * @par Example
 * @snippet address.c equal
 * @since 0.1.0
 */
SOCK_API int sock_addr_equal(const sock_addr_t *a, const sock_addr_t *b);

/**
 * @brief Family of an address.
 *
 * Not in Python, whose addresses do not say it.
 *
 * @param[in] a  Address.
 * @return AF_INET, AF_INET6, AF_UNIX or another; AF_UNSPEC if there is none,
 *         or none could be made: ask sock_addr_ok() before making a socket of
 *         that family.
 * @see sock_family(), sock_addr_ok(), sock_new().
 * @par Example
 * @snippet address.c numeric
 * @since 0.1.0
 */
SOCK_API int sock_addr_family(const sock_addr_t *a);

/**
 * @brief Numeric host text of an AF_INET or AF_INET6 address.
 *
 * Corresponds to the first item of Python's `(host, port)`; so without the
 * scope, which sock_addr_scope_id() gives.
 *
 * @param[in]  a     Address.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_ADDR_HOST_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family; the remembered error of a bad address.
 * @see sock_addr_port(), sock_addr_scope_id(), sock_addr_format(),
 *      sock_getnameinfo().
 * @par Example
 * @snippet address.c host
 * @since 0.1.0
 */
SOCK_API int sock_addr_host(const sock_addr_t *a, char *buf, size_t size);

/**
 * @brief Port of an AF_INET or AF_INET6 address.
 *
 * Corresponds to the second item of Python's `(host, port)`.
 *
 * @param[in] a  Address.
 * @return 0 to 65535 in host byte order; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family; the remembered error of a bad address.
 * @see sock_addr_host(), sock_addr_with_port().
 * @par Example
 * @snippet address.c host
 * @since 0.1.0
 */
SOCK_API int sock_addr_port(const sock_addr_t *a);

/**
 * @brief Flow information of an AF_INET6 address.
 *
 * Corresponds to the third item of Python's `(host, port, flowinfo, scope_id)`.
 *
 * @param[in] a  Address.
 * @return The flow information, in host byte order; 0 for other
 *         families.
 * @see sock_addr_inet6_scoped(), sock_addr_scope_id().
 * @par Example
 * @snippet address.c scoped
 * @since 0.1.0
 */
SOCK_API uint32_t sock_addr_flowinfo(const sock_addr_t *a);

/**
 * @brief Scope of an AF_INET6 address.
 *
 * Corresponds to the fourth item of Python's
 * `(host, port, flowinfo, scope_id)`.
 *
 * @param[in] a  Address.
 * @return The scope, an interface index; 0 for other
 *         families.
 * @see sock_addr_inet6_scoped(), sock_addr_flowinfo(), sock_if_indextoname().
 * @par Example
 * @snippet address.c scoped
 * @since 0.1.0
 */
SOCK_API uint32_t sock_addr_scope_id(const sock_addr_t *a);

/**
 * @brief Path of an AF_UNIX address.
 *
 * Corresponds to Python's `str` or bytes address for AF_UNIX.
 *
 * @param[in]  a     Address.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length. An abstract
 *                   name begins with a NUL and may hold more, as in Python's
 *                   bytes. A NUL is added behind the text.
 * @param[in]  size  Bytes of @p buf; #SOCK_ADDR_PATH_MAX is enough.
 * @return Length without the added NUL, 0 for an unnamed socket; if it is
 *         @p size or more, @p buf is the empty string. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family; the remembered error of a bad address.
 * @see sock_addr_unix(), sock_addr_unix_abstract(), sock_addr_format().
 * @par Example
 * @snippet address.c path
 * @since 0.1.0
 */
SOCK_API int sock_addr_path(const sock_addr_t *a, char *buf, size_t size);

/**
 * @brief The address as Python's repr() shows it.
 *
 * Corresponds to Python's `repr(address)`: ``('127.0.0.1', 5555)``,
 * ``('::1', 80, 0, 0)``, ``'/tmp/x'``, `None`; an abstract name as the bytes
 * with their leading NUL; for a family that the library does not know
 * ``(family, b'...')``.
 *
 * @param[in]  a     Address; NULL counts as none. One that could not be made
 *                   shows the host that failed, ``'no.such.host'``.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_ADDR_REPR_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 with #SOCK_E_TYPE for a NULL buffer with a size.
 * @see sock_addr_format(), sock_repr().
 * @par Example
 * @snippet address.c repr
 * @since 0.1.0
 */
SOCK_API int sock_addr_repr(const sock_addr_t *a, char *buf, size_t size);

/**
 * @brief The address as users write it.
 *
 * Not in Python. `127.0.0.1:80`, `[::1]:80`, `"[fe80::1%eth0]:80"`, `/tmp/x`,
 * and `@name` for an abstract name, in which bytes that cannot be printed
 * become `@` too. sock_addr_parse() reads the first three back.
 *
 * @param[in]  a     Address.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_ADDR_TEXT_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE for another family; the remembered error of a bad address.
 * @see sock_addr_parse(), sock_addr_repr(), sock_addr_host().
 * @par Example
 * @snippet address.c repr
 * @since 0.1.0
 */
SOCK_API int sock_addr_format(const sock_addr_t *a, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
