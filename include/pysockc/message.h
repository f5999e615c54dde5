/* SPDX-License-Identifier: MIT */
/**
 * @file message.h
 * @brief Messages: scattered buffers, and ancillary data beside the bytes.
 */
#ifndef PYSOCKC_MESSAGE_H
#define PYSOCKC_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <pysockc/address.h>
#include <pysockc/export.h>
#include <pysockc/socket.h>

/**
 * @defgroup message Messages and ancillary data
 * @brief Several buffers in one call, descriptors and credentials beside
 * them.
 *
 * Ancillary data lies in a buffer of the caller, of any alignment. A
 * #sock_control_t says where: sock_control_add() puts items in,
 * sock_recvmsg() fills it, sock_control_next() walks it. No macro of cmsg(3)
 * is needed, and nothing is allocated.
 *
 * @snippet message.c walk
 *
 * Received descriptors are the caller's, close-on-exec from birth. What the
 * buffer had no room for is closed by the system, and MSG_CTRUNC says so.
 * @{
 */

/** Buffer for what one message brings, in bytes: 253 descriptors, which is
 * the most that Linux passes, and some items more. */
#define SOCK_CONTROL_MAX 2048
/** Most bytes of an initialization vector of sock_sendmsg_afalg(). */
#define SOCK_ALG_IV_MAX 256

/** Ancillary data in a buffer of the caller. */
typedef struct sock_control {
    void *buf;   /**< The buffer. */
    size_t size; /**< Bytes of it. */
    size_t used; /**< How many of them hold items. */
} sock_control_t;

/** One item of ancillary data, and where the next one begins. */
typedef struct sock_cmsg {
    int level;        /**< SOL_SOCKET, IPPROTO_IPV6, ... */
    int type;         /**< SCM_RIGHTS, IPV6_PKTINFO, ... */
    const void *data; /**< The bytes. Of any alignment: copy them out. */
    size_t size;      /**< How many. */
    size_t next;      /**< For sock_control_next(); 0: the first item. */
} sock_cmsg_t;

/* clang-format off */
/** Initializer of the #sock_cmsg_t that a walk begins with. */
#define SOCK_CMSG_FIRST {0, 0, NULL, 0, 0}
/* clang-format on */

/** A process, as the system vouches for it. */
typedef struct sock_cred {
    int32_t pid;  /**< Process; 0 if it is not visible from here. */
    uint32_t uid; /**< User. */
    uint32_t gid; /**< Group. */
} sock_cred_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Empty ancillary data in a buffer.
 *
 * Not in Python, where ancillary data is a list.
 *
 * @param[in] buf   Buffer, of any alignment; it stays the caller's.
 * @param[in] size  Bytes of it; sock_cmsg_space() says what an item needs,
 *                  and #SOCK_CONTROL_MAX is enough for descriptors and
 *                  credentials.
 * @return The value to pass to the other functions.
 * @see sock_control_add(), sock_control_next(), sock_cmsg_space().
 * @par Example
 * @snippet message.c add
 * @since 0.1.0
 */
SOCK_API sock_control_t sock_control_in(void *buf, size_t size);

/**
 * @brief Add an item.
 *
 * Corresponds to one `(level, type, data)` of what Python's
 * `socket.sendmsg()` takes. Descriptors are
 * `sock_control_add(&control, SOL_SOCKET, SCM_RIGHTS, fds, n * sizeof fds[0])`.
 *
 * @param[in,out] control  Ancillary data; as it was if the call fails.
 * @param[in]     level    SOL_SOCKET, IPPROTO_IPV6, ...
 * @param[in]     type     SCM_RIGHTS, ...
 * @param[in]     data     The bytes; may be NULL if @p size is 0.
 * @param[in]     size     How many.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no room), #SOCK_E_OVERFLOW (an item, as sock_cmsg_space(), or
 * all of them together, of 2 GiB or more), #SOCK_E_TYPE (NULL).
 * @see sock_control_in(), sock_control_add_cred(), sock_sendmsg(),
 *      sock_send_fds().
 * @par Example
 * @snippet message.c add
 * @since 0.1.0
 */
SOCK_API int sock_control_add(sock_control_t *control, int level, int type,
                              const void *data, size_t size);

/**
 * @brief Add the sender's credentials.
 *
 * Corresponds to Python's
 * `(SOL_SOCKET, SCM_CREDENTIALS, struct.pack("3i", pid, uid, gid))` for
 * `socket.sendmsg()`. The system lets a process without privileges send its own
 * numbers only.
 *
 * @param[in,out] control  Ancillary data; as it was if the call fails.
 * @param[in]     cred     What to send.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_control_add().
 * @see sock_control_add(), sock_cmsg_cred(), sock_peercred().
 * @par Example
 * @snippet message.c add_cred
 * @since 0.1.0
 */
SOCK_API int sock_control_add_cred(sock_control_t *control,
                                   const sock_cred_t *cred);

/**
 * @brief Go to the next item.
 *
 * Corresponds to `for level, type, data in ancdata` with what Python's
 * `socket.recvmsg()` gives. Safe for any bytes: it reads nothing outside of the
 * buffer. An item that says it is longer than what is left is cut, and is the
 * last one, as in Python; one that says it is shorter than its own head ends
 * the walk.
 *
 * @param[in]     control  Ancillary data.
 * @param[in,out] item     #SOCK_CMSG_FIRST before the first call; then the
 *                         item, whose data lies in the buffer of @p control.
 * @return 1 if there is one; 0 if not.
 * @see sock_recvmsg(), sock_cmsg_fds(), sock_cmsg_cred(),
 *      sock_control_close_fds().
 * @par Example
 * @snippet message.c walk
 * @since 0.1.0
 */
SOCK_API int sock_control_next(const sock_control_t *control,
                               sock_cmsg_t *item);

/**
 * @brief Close every descriptor that was received.
 *
 * Not in Python; wraps close(2). For callers that do not want them, or not all:
 * the number in an item that is kept must be taken out by the caller before.
 * Closes what lies in SCM_RIGHTS items, and in those that SO_PASSPIDFD brings,
 * and empties @p control, so that a second call closes nothing. Leaves errno
 * and the error record as they were.
 *
 * @param[in,out] control  What sock_recvmsg() filled; NULL does nothing.
 * @see sock_recvmsg(), sock_cmsg_fds(), sock_close_fd().
 * @par Example
 * @snippet message.c close_fds
 * @since 0.1.0
 */
SOCK_API void sock_control_close_fds(sock_control_t *control);

/**
 * @brief The descriptors in an item.
 *
 * Corresponds to `array.frombytes(data)` with an item of what Python's
 * `socket.recvmsg()` gives.
 *
 * @param[in]  item  Item.
 * @param[out] fds   Where they go.
 * @param[in]  max   How many @p fds can hold; more are not stored.
 * @return How many are in the item; 0 for an item that is not SCM_RIGHTS.
 * @see sock_control_next(), sock_recv_fds(), sock_control_close_fds().
 * @par Example
 * @snippet message.c fds
 * @since 0.1.0
 */
SOCK_API size_t sock_cmsg_fds(const sock_cmsg_t *item, sock_fd_t *fds,
                              size_t max);

/**
 * @brief The credentials in an item.
 *
 * Corresponds to `struct.unpack("3i", data)` with an item of what Python's
 * `socket.recvmsg()` gives. They come once SO_PASSCRED is set:
 * `sock_setsockopt_int(s, SOL_SOCKET, SO_PASSCRED, 1)`.
 *
 * @param[in]  item  Item.
 * @param[out] cred  The credentials; untouched if there are none.
 * @return 1 if the item is SCM_CREDENTIALS; 0 if not.
 * @see sock_control_next(), sock_control_add_cred(), sock_peercred().
 * @par Example
 * @snippet message.c walk
 * @since 0.1.0
 */
SOCK_API int sock_cmsg_cred(const sock_cmsg_t *item, sock_cred_t *cred);

/**
 * @brief Receive into several buffers, with ancillary data.
 *
 * Corresponds to Python's `socket.recvmsg()` and `socket.recvmsg_into()`;
 * wraps recvmsg(2) with MSG_CMSG_CLOEXEC. Always a system call, so no buffers
 * take a datagram away.
 *
 * @param[in]     s          Socket.
 * @param[in]     bufs       Where the bytes go, one buffer after the other;
 *                           may be NULL if @p count is 0.
 * @param[in]     count      How many buffers, at most 1024.
 * @param[in,out] control    Where ancillary data goes; what it held is given
 *                           up, and it is empty on error. NULL for none, and
 *                           then the system closes what descriptors come.
 * @param[in]     flags      As for sock_recv().
 * @param[out]    msg_flags  MSG_TRUNC (the datagram was longer), MSG_CTRUNC
 *                           (the ancillary data was: what arrived is in
 *                           @p control), MSG_EOR, MSG_OOB, ... May be NULL.
 *                           Untouched on error.
 * @param[out]    from       As for sock_recvfrom().
 * @return As sock_recv().
 * @par Errors
 * As sock_recv(); #SOCK_E_OS with EMSGSIZE for too many buffers;
 * #SOCK_E_VALUE for a size of @p control of 2 GiB or more, and for a socket
 * with a protocol on top, such as TLS.
 * @par Deviation
 * In Python received descriptors are inheritable.
 * @see sock_sendmsg(), sock_control_next(), sock_recv_fds(), sock_recvfrom().
 * @par Example
 * @snippet message.c recvmsg
 * @since 0.1.0
 */
SOCK_API ssize_t sock_recvmsg(sock_t *s, const struct iovec *bufs, size_t count,
                              sock_control_t *control, int flags,
                              int *msg_flags, sock_addr_t *from);

/**
 * @brief Send several buffers, with ancillary data, perhaps not all bytes.
 *
 * Corresponds to Python's `socket.sendmsg()`; wraps sendmsg(2) with
 * MSG_NOSIGNAL. Ancillary data of a stream goes with the first byte, so at
 * least one has to be sent; where the call returns less than all bytes it has
 * gone, and the rest is sent without.
 *
 * @param[in] s        Socket.
 * @param[in] bufs     The bytes, one buffer after the other; may be NULL if
 *                     @p count is 0.
 * @param[in] count    How many buffers, at most 1024.
 * @param[in] control  Ancillary data; NULL for none.
 * @param[in] flags    MSG_... or 0.
 * @param[in] to       The receiver; sock_addr_none() for the one that the
 *                     socket is connected to.
 * @return Bytes sent; -1 on error.
 * @par Errors
 * As sock_sendto(); #SOCK_E_OS with EMSGSIZE for too many buffers, with EBADF
 * for a bad descriptor in @p control; #SOCK_E_VALUE for a socket with a
 * protocol on top, such as TLS.
 * @see sock_recvmsg(), sock_control_add(), sock_send_fds(), sock_sendto().
 * @par Example
 * @snippet message.c sendmsg
 * @since 0.1.0
 */
SOCK_API ssize_t sock_sendmsg(sock_t *s, const struct iovec *bufs, size_t count,
                              const sock_control_t *control, int flags,
                              sock_addr_t to);

/**
 * @brief Send to the kernel's cryptography.
 *
 * Corresponds to Python's `socket.sendmsg_afalg()`; wraps sendmsg(2). For the
 * socket that sock_accept() gives of one bound to sock_addr_alg().
 *
 * @param[in] s         AF_ALG socket.
 * @param[in] bufs      As for sock_sendmsg().
 * @param[in] count     As for sock_sendmsg().
 * @param[in] op        ALG_OP_ENCRYPT, ALG_OP_DECRYPT, ...
 * @param[in] iv        Initialization vector; NULL for none.
 * @param[in] iv_size   Bytes of @p iv, at most #SOCK_ALG_IV_MAX.
 * @param[in] assoclen  Bytes of associated data; -1 for none.
 * @param[in] flags     MSG_MORE, ... or 0.
 * @return Bytes sent; -1 on error.
 * @par Errors
 * As sock_sendmsg(); #SOCK_E_OS with code 0 for another family; #SOCK_E_TYPE
 * for a negative @p op, or another negative @p assoclen; #SOCK_E_VALUE for a
 * vector that is too long.
 * @see sock_addr_alg(), sock_setsockopt(), sock_sendmsg().
 * @par Example
 * @snippet message.c afalg
 * @since 0.1.0
 */
SOCK_API ssize_t sock_sendmsg_afalg(sock_t *s, const struct iovec *bufs,
                                    size_t count, int op, const void *iv,
                                    size_t iv_size, int assoclen, int flags);

/**
 * @brief Receive bytes and descriptors.
 *
 * Corresponds to Python's `socket.recv_fds()`; wraps recvmsg(2) with
 * MSG_CMSG_CLOEXEC. Other ancillary data is passed over. The descriptors are
 * the caller's, close-on-exec; more of them than @p max_fds are closed.
 *
 * @param[in]  s          AF_UNIX socket.
 * @param[out] buf        Where the bytes go; may be NULL if @p size is 0.
 * @param[in]  size       Bytes of @p buf.
 * @param[out] fds        Where the descriptors go; may be NULL if @p max_fds
 *                        is 0.
 * @param[in]  max_fds    How many @p fds can hold.
 * @param[out] n_fds      How many came; 0 on error.
 * @param[in]  flags      As for sock_recv().
 * @param[out] msg_flags  As for sock_recvmsg(); MSG_CTRUNC if there were more
 *                        than @p max_fds. May be NULL.
 * @param[out] from       As for sock_recvfrom().
 * @return As sock_recv().
 * @par Errors
 * As sock_recvmsg(), and #SOCK_E_TYPE for NULL where it must not be.
 * @par Deviation
 * In Python received descriptors are inheritable, and credentials that
 * SO_PASSCRED brings take their room.
 * @see sock_send_fds(), sock_recvmsg(), sock_close_fd(), sock_adopt().
 * @par Example
 * @snippet message.c recv_fds
 * @since 0.1.0
 */
SOCK_API ssize_t sock_recv_fds(sock_t *s, void *buf, size_t size,
                               sock_fd_t *fds, size_t max_fds, size_t *n_fds,
                               int flags, int *msg_flags, sock_addr_t *from);

/**
 * @brief Send buffers and descriptors.
 *
 * Corresponds to Python's `socket.send_fds()`; wraps sendmsg(2) with
 * SCM_RIGHTS. See sock_sendmsg(). The descriptors stay the caller's. Of a
 * #sock_t send that of a sock_dup(): then the library knows that the socket is
 * shared, and closing it under a call will not end the receiver's.
 *
 * @param[in] s      AF_UNIX socket.
 * @param[in] bufs   As for sock_sendmsg(); at least one byte on a stream.
 * @param[in] count  As for sock_sendmsg().
 * @param[in] fds    The descriptors; may be NULL if @p n is 0.
 * @param[in] n      How many; Linux passes at most 253.
 * @param[in] flags  MSG_... or 0.
 * @param[in] to     As for sock_sendmsg().
 * @return As sock_sendmsg().
 * @par Errors
 * As sock_sendmsg(); #SOCK_E_OS with EBADF for a bad descriptor, with EINVAL
 * for too many; #SOCK_E_TYPE (NULL).
 * @par Deviation
 * Python ignores flags and address.
 * @see sock_recv_fds(), sock_sendmsg(), sock_fileno().
 * @par Example
 * @snippet message.c send_fds
 * @since 0.1.0
 */
SOCK_API ssize_t sock_send_fds(sock_t *s, const struct iovec *bufs,
                               size_t count, const sock_fd_t *fds, size_t n,
                               int flags, sock_addr_t to);

/**
 * @brief Who is at the other end.
 *
 * Corresponds to Python's `socket.getsockopt(SOL_SOCKET, SO_PEERCRED, 12)`;
 * wraps getsockopt(2). The system took the numbers down when the connection was
 * made.
 *
 * @param[in]  s     Connected AF_UNIX stream, or one of a socket pair.
 * @param[out] cred  The peer; untouched on error.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (ENOTCONN where the system knows no peer, EBADF, ...),
 * #SOCK_E_TYPE (NULL).
 * @par Deviation
 * Where there is no peer Python gives process 0 and user 4294967295.
 * @see sock_cmsg_cred(), sock_getpeername().
 * @par Example
 * @snippet message.c peercred
 * @since 0.1.0
 */
SOCK_API int sock_peercred(sock_t *s, sock_cred_t *cred);

/**
 * @brief Bytes of an item with its head, without padding behind it.
 *
 * Corresponds to Python's `socket.CMSG_LEN()`, C's cmsg(3). A buffer of that
 * size has room for one item.
 *
 * @param[in] size  Bytes of its data.
 * @return The bytes; -1 on error.
 * @par Errors
 * #SOCK_E_OVERFLOW (the result would be 2 GiB or more).
 * @see sock_cmsg_space(), sock_control_in().
 * @par Example
 * @snippet message.c space
 * @since 0.1.0
 */
SOCK_API ssize_t sock_cmsg_len(size_t size);

/**
 * @brief Bytes that an item takes in a buffer.
 *
 * Corresponds to Python's `socket.CMSG_SPACE()`, C's cmsg(3). A buffer for
 * several items is the sum.
 *
 * @param[in] size  Bytes of its data.
 * @return The bytes; -1 on error.
 * @par Errors
 * #SOCK_E_OVERFLOW (the result would be 2 GiB or more).
 * @see sock_cmsg_len(), sock_control_in(), sock_control_add().
 * @par Example
 * @snippet message.c space
 * @since 0.1.0
 */
SOCK_API ssize_t sock_cmsg_space(size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
