/* SPDX-License-Identifier: MIT */
/**
 * @file socket.h
 * @brief The socket object: its life cycle and its attributes.
 */
#ifndef PYSOCKC_SOCKET_H
#define PYSOCKC_SOCKET_H

#include <stddef.h>
#include <sys/socket.h>

#include <pysockc/address.h>
#include <pysockc/error.h>
#include <pysockc/export.h>

/**
 * @defgroup socket Sockets
 * @brief The object: making, sharing, closing it, and what it is.
 *
 * sock_new(), sock_accept(), ... return an object that the caller owns, and
 * sock_free() ends it. Descriptors are born close-on-exec (PEP 446). One
 * object may be used by several threads at once; only sock_free() needs every
 * other thread out.
 *
 * @snippet socket.c life
 * @{
 */

/** A socket. Opaque; made by sock_new() and its kin, ended by sock_free(). */
typedef struct sock sock_t;

/** What the system calls a socket by. */
typedef int sock_fd_t;

/** Buffer that holds any text of sock_repr(), in bytes. */
#define SOCK_REPR_MAX 1792

#if defined(__GNUC__)
/**
 * Frees the object at the end of the block, as Python's `with` does:
 * `SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);`. Defined where
 * the compiler has the cleanup attribute.
 */
#define SOCK_AUTO __attribute__((cleanup(sock_freep)))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Make a socket.
 *
 * Corresponds to Python's `socket.socket(family, type, proto)`; wraps
 * socket(2). The new object has the default timeout of
 * sock_setdefaulttimeout().
 *
 * @param[in] family  AF_INET, AF_INET6, AF_UNIX, ...
 * @param[in] type    SOCK_STREAM, SOCK_DGRAM, ...; SOCK_NONBLOCK in it makes
 *                    a timeout of 0, SOCK_CLOEXEC is always set. Both are
 *                    stripped from sock_type().
 * @param[in] proto   0, or a protocol such as IPPROTO_ICMP.
 * @return A new object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EAFNOSUPPORT, EMFILE, EACCES, ...), #SOCK_E_MEMORY.
 * @see sock_create_connection(), sock_create_server(), sock_socketpair(),
 *      sock_free().
 * @par Example
 * @snippet socket.c life
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_new(int family, int type, int proto);

/**
 * @brief Make a socket from a duplicate of a descriptor.
 *
 * Corresponds to Python's `socket.fromfd()`; wraps fcntl(2) F_DUPFD_CLOEXEC.
 * The values given are believed; sock_adopt() detects them.
 *
 * @param[in] fd      Descriptor; stays the caller's.
 * @param[in] family  Its family.
 * @param[in] type    Its type; SOCK_NONBLOCK in it makes a timeout of 0.
 * @param[in] proto   Its protocol.
 * @return A new object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EBADF, EMFILE), #SOCK_E_MEMORY.
 * @see sock_adopt(), sock_dup(), sock_dup_fd().
 * @par Example
 * @snippet socket.c fromfd
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_fromfd(sock_fd_t fd, int family, int type,
                                            int proto);

/**
 * @brief Take a descriptor over, and detect what it is.
 *
 * Corresponds to Python's `socket.socket(fileno=fd)`; wraps getsockname(2)
 * and getsockopt(2) SO_TYPE, SO_PROTOCOL. The descriptor is used as it is,
 * not duplicated, and whether it is inheritable is left alone. Calls on the
 * object wait as its timeout says, also if the descriptor is non-blocking;
 * sock_setblocking() makes the object so.
 *
 * @param[in] fd  Descriptor of a socket; belongs to the object afterwards, but
 *                stays the caller's if the call fails.
 * @return A new object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EBADF, ENOTSOCK), #SOCK_E_VALUE (negative), #SOCK_E_MEMORY.
 * @see sock_adopt_as(), sock_own(), sock_fromfd(), sock_detach().
 * @par Example
 * @snippet socket.c adopt
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_adopt(sock_fd_t fd);

/**
 * @brief Take a descriptor over as what it is said to be.
 *
 * Corresponds to Python's `socket.socket(family, type, proto, fileno=fd)`;
 * wraps getsockname(2) and getsockopt(2) SO_TYPE, SO_PROTOCOL. As sock_adopt(),
 * but values that are given win over what is detected.
 *
 * @param[in] fd      Descriptor of a socket, as for sock_adopt().
 * @param[in] family  Its family; -1 detects it.
 * @param[in] type    Its type; -1 detects it. SOCK_NONBLOCK in it makes a
 *                    timeout of 0, and sets O_NONBLOCK.
 * @param[in] proto   Its protocol; -1 detects it.
 * @return A new object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * As sock_adopt().
 * @par Deviation
 * Python leaves the descriptor's mode alone.
 * @see sock_adopt(), sock_fromfd(), sock_detach().
 * @par Example
 * @snippet socket.c adopt_as
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_adopt_as(sock_fd_t fd, int family,
                                              int type, int proto);

/**
 * @brief Say that the object alone owns its socket.
 *
 * Not in Python. For a descriptor that the caller made or accepted and gave to
 * sock_adopt(): if no duplicate of it exists, here or in another process,
 * sock_close() may wake the calls of other threads. A later sock_dup(),
 * sock_set_inheritable() or fork(2) ends that again. To be called before other
 * threads use the object.
 *
 * @param[in] s  Socket.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF if it is closed), #SOCK_E_TYPE.
 * @see sock_adopt(), sock_close().
 * @par Example
 * @snippet socket.c adopt
 * @since 0.2.0
 */
SOCK_API int sock_own(sock_t *s);

/**
 * @brief Make two sockets that are connected to each other.
 *
 * Corresponds to Python's `socket.socketpair()`; wraps socketpair(2).
 *
 * @param[in]  family  AF_UNIX, which is Python's default.
 * @param[in]  type    As for sock_new().
 * @param[in]  proto   As for sock_new().
 * @param[out] pair    Two new objects, each to be ended by sock_free(); both
 *                     NULL on error.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EOPNOTSUPP for other families, EMFILE), #SOCK_E_TYPE,
 * #SOCK_E_MEMORY.
 * @see sock_new(), sock_peercred(), sock_send_fds().
 * @par Example
 * @snippet socket.c socketpair
 * @since 0.1.0
 */
SOCK_API int sock_socketpair(int family, int type, int proto, sock_t *pair[2]);

/**
 * @brief Make a second object for the same socket.
 *
 * Corresponds to Python's `socket.dup()`; wraps fcntl(2) F_DUPFD_CLOEXEC. The
 * new object has the same timeout, and neither deadline nor cancel token. Both
 * share one open file description, and so O_NONBLOCK; the library's timeouts
 * hold all the same.
 *
 * @param[in] s  Socket.
 * @return A new object, to be ended by sock_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EBADF, EMFILE), #SOCK_E_TYPE, #SOCK_E_MEMORY, #SOCK_E_VALUE for
 * a socket with a protocol on top, such as TLS, that cannot be duplicated.
 * @see sock_dup_fd(), sock_fromfd(), sock_makefile().
 * @par Example
 * @snippet socket.c dup
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_dup(sock_t *s);

/**
 * @brief Give the descriptor away without closing it.
 *
 * Corresponds to Python's `socket.detach()`. The object is closed afterwards;
 * sock_free() is still owed. A call that another thread is inside goes on with
 * the descriptor's number, so it must have ended before the number is closed.
 *
 * @param[in] s  Socket.
 * @return The descriptor, which is the caller's now; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF if it is closed), #SOCK_E_TYPE.
 * @par Deviation
 * Python returns -1 without an exception for a closed socket.
 * @see sock_adopt(), sock_close_fd(), sock_fileno().
 * @par Example
 * @snippet socket.c detach
 * @since 0.1.0
 */
SOCK_API sock_fd_t sock_detach(sock_t *s);

/**
 * @brief Close the socket, keep the object.
 *
 * Corresponds to Python's `socket.close()`; wraps close(2), which is never
 * retried. Later calls on the object fail with EBADF, sock_fileno() is -1, and
 * closing again does nothing.
 *
 * While another thread is inside a call, the descriptor's number is kept, so
 * that it is not reused under that call; the last call to leave closes it, and
 * an error of close(2) is then not reported. If this object alone owns its
 * socket, the waiting call is woken (by shutdown(2)) and fails with EBADF. The
 * system forgets a shutdown that comes before connect(2), so while a call is
 * about to connect it is repeated each millisecond, for a second at most. An
 * object does not own its socket alone if it was adopted and sock_own() did
 * not say so, made by sock_fromfd() or sock_dup(), duplicated, made
 * inheritable, or if the process forked since it was made; then the close takes
 * effect when the call returns. The library does not see a dup(2) of
 * sock_fileno(). Nor does the system wake every call: not a netlink receiver,
 * and of AF_UNIX not a connect, or a send to an unconnected socket, that waits
 * without a timeout.
 *
 * @param[in] s  Socket.
 * @return 0; -1 on error, and the socket is closed all the same.
 * @par Errors
 * #SOCK_E_OS (EIO, ... ; ECONNRESET is no error, as in Python), #SOCK_E_TYPE.
 * @see sock_free(), sock_shutdown(), sock_close_fd().
 * @par Example
 * @snippet socket.c close
 * @since 0.1.0
 */
SOCK_API int sock_close(sock_t *s);

/**
 * @brief End an object, closing it first if it is open.
 *
 * Not in Python, where the last reference does it; wraps close(2). No other
 * thread may be inside a call on it, or begin one. Leaves errno and the error
 * record as they were.
 *
 * @param[in] s  Socket; NULL does nothing.
 * @see sock_close(), sock_freep().
 * @par Example
 * @snippet socket.c life
 * @since 0.1.0
 */
SOCK_API void sock_free(sock_t *s);

/**
 * @brief End the object that a variable holds; the helper of #SOCK_AUTO.
 *
 * Corresponds to the end of Python's `with` block; wraps close(2).
 *
 * @param[in,out] s  Variable; NULL, or one that holds NULL, does nothing. It
 *                   holds NULL afterwards.
 * @see sock_free().
 * @par Example
 * @snippet socket.c auto
 * @since 0.1.0
 */
SOCK_API void sock_freep(sock_t **s);

/**
 * @brief Duplicate a descriptor that no object holds.
 *
 * Corresponds to Python's `socket.dup(fd)`; wraps fcntl(2) F_DUPFD_CLOEXEC.
 * sock_dup() duplicates an object.
 *
 * @param[in] fd  Descriptor; stays the caller's.
 * @return A descriptor, which is the caller's too and not inheritable; -1 on
 *         error.
 * @par Errors
 * #SOCK_E_OS (EBADF, EMFILE).
 * @see sock_dup(), sock_fromfd(), sock_close_fd().
 * @par Example
 * @snippet socket.c dup_fd
 * @since 0.1.0
 */
SOCK_API sock_fd_t sock_dup_fd(sock_fd_t fd);

/**
 * @brief Close a descriptor that no object holds.
 *
 * Corresponds to Python's `socket.close(fd)`; wraps close(2), which is never
 * retried. For what sock_detach() and sock_recv_fds() gave; sock_close()
 * closes an object.
 *
 * @param[in] fd  Descriptor.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF, EIO, ... ; ECONNRESET is no error, as in Python).
 * @see sock_close(), sock_detach(), sock_recv_fds().
 * @par Example
 * @snippet socket.c detach
 * @since 0.1.0
 */
SOCK_API int sock_close_fd(sock_fd_t fd);

/**
 * @brief The descriptor.
 *
 * Corresponds to Python's `socket.fileno()`.
 *
 * @param[in] s  Socket.
 * @return The descriptor, which stays the object's; -1 if it is closed, which
 *         is no error, or NULL (#SOCK_E_TYPE).
 * @see sock_detach(), sock_wait().
 * @par Example
 * @snippet socket.c fileno
 * @since 0.1.0
 */
SOCK_API sock_fd_t sock_fileno(const sock_t *s);

/**
 * @brief The address family.
 *
 * Corresponds to Python's `socket.family`.
 *
 * @param[in] s  Socket; may be closed.
 * @return AF_INET or another; -1 with #SOCK_E_TYPE for NULL.
 * @see sock_type(), sock_proto(), sock_addr_for().
 * @par Example
 * @snippet socket.c kind
 * @since 0.1.0
 */
SOCK_API int sock_family(const sock_t *s);

/**
 * @brief The type, without SOCK_NONBLOCK and SOCK_CLOEXEC.
 *
 * Corresponds to Python's `socket.type`.
 *
 * @param[in] s  Socket; may be closed.
 * @return SOCK_STREAM or another; -1 with #SOCK_E_TYPE for NULL.
 * @see sock_family(), sock_proto().
 * @par Example
 * @snippet socket.c kind
 * @since 0.1.0
 */
SOCK_API int sock_type(const sock_t *s);

/**
 * @brief The protocol.
 *
 * Corresponds to Python's `socket.proto`.
 *
 * @param[in] s  Socket; may be closed.
 * @return The protocol it was made with; -1 with #SOCK_E_TYPE for NULL.
 * @see sock_family(), sock_type(), sock_getprotobyname().
 * @par Example
 * @snippet socket.c kind
 * @since 0.1.0
 */
SOCK_API int sock_proto(const sock_t *s);

/**
 * @brief Whether programs that this process executes inherit the socket.
 *
 * Corresponds to Python's `socket.get_inheritable()`; wraps fcntl(2) F_GETFD.
 *
 * @param[in] s  Socket.
 * @return 1 or 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF), #SOCK_E_TYPE.
 * @see sock_set_inheritable(), sock_dup().
 * @par Example
 * @snippet socket.c inheritable
 * @since 0.1.0
 */
SOCK_API int sock_get_inheritable(sock_t *s);

/**
 * @brief Say whether programs that this process executes inherit the socket.
 *
 * Corresponds to Python's `socket.set_inheritable()`; wraps fcntl(2) F_SETFD.
 *
 * @param[in] s            Socket.
 * @param[in] inheritable  0 or not.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF), #SOCK_E_TYPE.
 * @see sock_get_inheritable(), sock_dup().
 * @par Example
 * @snippet socket.c inheritable
 * @since 0.1.0
 */
SOCK_API int sock_set_inheritable(sock_t *s, int inheritable);

/**
 * @brief The object as Python's repr() shows it.
 *
 * Corresponds to Python's `repr(s)`; wraps getsockname(2), getpeername(2):
 * ``<socket.socket fd=3, family=2, type=1, proto=0, laddr=('0.0.0.0', 0)>``;
 * `raddr` where it is connected, `[closed]` where it is closed.
 *
 * @param[in]  s     Socket; NULL shows as `None`.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_REPR_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 with #SOCK_E_TYPE for a NULL buffer with a size.
 * @see sock_addr_repr(), sock_getsockname(), sock_getpeername().
 * @par Example
 * @snippet socket.c life
 * @since 0.1.0
 */
SOCK_API int sock_repr(sock_t *s, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
