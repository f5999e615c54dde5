/* SPDX-License-Identifier: MIT */
/**
 * @file resolve.h
 * @brief Look-ups that end, connections by name, many at once.
 */
#ifndef PYSOCKC_RESOLVE_H
#define PYSOCKC_RESOLVE_H

#include <stddef.h>

#include <pysockc/address.h>
#include <pysockc/addrinfo.h>
#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/socket.h>
#include <pysockc/timeout.h>

/**
 * @defgroup resolve Look-ups and connections with an end
 * @brief Names within a time, connections as RFC 8305 has them, many
 * connections at once.
 *
 * getaddrinfo(3) takes as long as its name servers let it, half a minute where
 * they are silent, and nothing ends it. So it is asked by another thread: one
 * of at most 16, which blocks all signals, has a stack of 256 KiB, and ends
 * when nothing is left to ask. Who waits for it goes when the time is over; the
 * thread is left to end by itself, and its answer is dropped. A look-up that
 * finds 16 threads busy waits for one, and no longer than its own time. Numeric
 * text needs no thread. After fork(2) the child begins with none.
 * @{
 */

/**
 * How sock_connect_to_host() connects. Zero is the default of each, so
 * `{.size = sizeof options}` is the beginning of all.
 */
typedef struct sock_connect_options {
    size_t size;        /**< Bytes of this struct, `sizeof`. */
    sock_addr_t source; /**< Own address to connect from, none for any. Only
                           addresses of its family are then tried. */
    double delay; /**< Seconds until another attempt begins, 0.01 to 2. 0 is
                     0.25. */
    sock_error_list_t **errors; /**< Where to put what each attempt failed at,
                                   as sock_create_connection_errors() does. */
    int first_family; /**< AF_INET or AF_INET6 to be tried first. AF_UNSPEC is
                         what the resolver says. */
    int nodelay;      /**< 1: set TCP_NODELAY. */
    int mptcp;        /**< 1: MPTCP where the system has it, TCP elsewhere. */
    int reserved;     /**< Zero. */
} sock_connect_options_t;

/**
 * What sock_connect_each() calls for each address, when its attempt has ended.
 *
 * @param[in] arg    What sock_connect_each() was given.
 * @param[in] i      Index of the address.
 * @param[in] s      A new connected object, from now on the function's own, to
 *                   be ended by sock_free(). NULL if there is none.
 * @param[in] error  Why not; NULL if there is one. sock_last_error().
 * @return 0 to go on; anything else ends sock_connect_each(), which returns it.
 */
typedef int (*sock_connected_fn)(void *arg, size_t i, sock_t *s,
                                 const sock_error_t *error);

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The addresses of a host and a port, within a time.
 *
 * Not in Python, where asyncio's `loop.getaddrinfo()` has a pool of threads;
 * wraps getaddrinfo(3), as sock_getaddrinfo() does. It ends at its time, at the
 * latest, whatever the name servers do.
 *
 * @param[in] host     As for sock_getaddrinfo().
 * @param[in] port     As for sock_getaddrinfo().
 * @param[in] family   As for sock_getaddrinfo().
 * @param[in] type     As for sock_getaddrinfo().
 * @param[in] proto    As for sock_getaddrinfo().
 * @param[in] flags    As for sock_getaddrinfo().
 * @param[in] seconds  Seconds; with 0 only numeric text is found.
 *                     #SOCK_NO_TIMEOUT asks in this thread, and waits as long
 *                     as it takes; #SOCK_DEFAULT_TIMEOUT is that of
 *                     sock_setdefaulttimeout().
 * @return A new object, to be ended by sock_addrinfo_free(); NULL on error.
 * @par Errors
 * Those of sock_getaddrinfo(); #SOCK_E_TIMEOUT, #SOCK_E_CANCELLED (by the
 * interrupt function of new objects), #SOCK_E_OS (EMFILE, and EAGAIN where no
 * thread can be had), #SOCK_E_VALUE, #SOCK_E_OVERFLOW (seconds).
 * @see sock_getaddrinfo(), sock_addrinfo_free(), sock_connect_to_host(),
 *      sock_set_interrupt().
 * @par Example
 * @snippet resolve.c getaddrinfo_within
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_addrinfo_t *sock_getaddrinfo_within(
    const char *host, const char *port, int family, int type, int proto,
    int flags, double seconds);

/**
 * @brief Connect to a name and port, by terms of one's own.
 *
 * Not in Python, where asyncio's `loop.create_connection()` has some of its
 * options; wraps getaddrinfo(3), socket(2), connect(2), poll(2). It is
 * sock_create_connection(), with options: look-up and attempts under one
 * deadline, with the manners of RFC 8305. The families take turns; another
 * attempt begins as soon as one fails, or when the delay is over and none has
 * won meanwhile; the first that succeeds ends the others.
 *
 * @param[in] host     As for sock_create_connection().
 * @param[in] port     0 to 65535.
 * @param[in] timeout  Seconds for the look-up and all attempts together, and
 *                     the timeout of the new object, as for
 *                     sock_create_connection().
 * @param[in] options  Options; NULL is the default of all.
 * @return A new connected object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * As sock_create_connection(); #SOCK_E_VALUE for options out of range, and a
 * size that is less than the struct's.
 * @see sock_create_connection(), sock_getaddrinfo_within(),
 *      sock_connect_each(), sock_error_list_free().
 * @par Example
 * @snippet resolve.c connect_to_host
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_connect_to_host(
    const char *host, int port, double timeout,
    const sock_connect_options_t *options);

/**
 * @brief Connect to many addresses, many at a time.
 *
 * Not in Python; wraps socket(2), connect(2), epoll(7). Each attempt ends as
 * sock_connect_ex() on a socket of its own would end, with the same result, and
 * the function is told of it at once. A thousand ports that do not answer cost
 * the time of one, and a descriptor that was refused connects again, so that
 * ports where no one listens cost one system call each.
 *
 * Where descriptors run out, the next attempts wait until some have ended.
 *
 * @param[in] to         Addresses of stream sockets, of any family. One that
 *                       could not be made fails with what it remembers.
 * @param[in] n          Number of addresses.
 * @param[in] in_flight  Attempts at a time; 0 for as many as descriptors allow,
 *                       less 16 for others.
 * @param[in] timeout    Seconds for each attempt from its own beginning, and
 *                       the timeout of each new object; #SOCK_NO_TIMEOUT,
 *                       #SOCK_DEFAULT_TIMEOUT as for sock_create_connection().
 *                       With 0 an attempt that is only begun counts as failed.
 * @param[in] done       Called once for each address, in the order in which
 *                       the attempts end, by this thread.
 * @param[in] arg        Its first argument.
 * @return 0 when all have ended; what @p done returned, if not 0: attempts that
 *         went on are closed, and no further one begins. -1 on error, too.
 * @par Errors
 * #SOCK_E_VALUE (timeout, number), #SOCK_E_OVERFLOW, #SOCK_E_TYPE (NULL),
 * #SOCK_E_MEMORY, #SOCK_E_CANCELLED (by the interrupt function of new objects),
 * #SOCK_E_OS. What a single attempt fails at is told to @p done alone.
 * @see sock_connect_ex(), sock_connect_to_host(), sock_addr_with_port(),
 *      sock_set_interrupt().
 * @par Example
 * @snippet resolve.c connect_each
 * @since 0.3.0
 */
SOCK_API int sock_connect_each(const sock_addr_t *to, size_t n,
                               size_t in_flight, double timeout,
                               sock_connected_fn done, void *arg);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
