/* SPDX-License-Identifier: MIT */
/**
 * @file constant.h
 * @brief Constants by name, and those that headers may lack.
 */
#ifndef PYSOCKC_CONSTANT_H
#define PYSOCKC_CONSTANT_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <pysockc/export.h>

/**
 * @defgroup constant Constants by name
 * @brief From a name such as `AF_INET` to its value and back.
 *
 * For bindings, and for texts that are read by people. The table has every
 * constant of Python's module on Linux, the newest included, and more that the
 * kernel has, on every machine: where the system's headers lack one, its value
 * is the kernel's.
 *
 * System constants keep the system's names, and C has them from the system's
 * headers. Those that the kernel has and the C library's headers lack, or lack
 * in some releases, are macros of this header. It defines none that a header of
 * the kernel has as an enumeration.
 *
 * These macros are: SO_PASSPIDFD, SO_PEERPIDFD, SCM_PIDFD, SCM_SECURITY,
 * IP_LOCAL_PORT_RANGE, IP_PROTOCOL, SOL_MPTCP, SOL_SCTP, SOL_UDPLITE,
 * SOL_VSOCK, UDPLITE_SEND_CSCOV, UDPLITE_RECV_CSCOV, BTPROTO_L2CAP,
 * BTPROTO_HCI, BTPROTO_SCO, BTPROTO_RFCOMM, SOL_HCI, SOL_L2CAP, SOL_SCO,
 * SOL_RFCOMM, HCI_DATA_DIR, HCI_FILTER, HCI_TIME_STAMP, HCI_CHANNEL_RAW,
 * HCI_CHANNEL_USER, BDADDR_BREDR, BDADDR_LE_PUBLIC and BDADDR_LE_RANDOM.
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The value of a constant.
 *
 * Corresponds to Python's `getattr(socket, name)`.
 *
 * @param[in]  name   Such as `"AF_INET"`.
 * @param[out] value  Its value, of the sign that it has in Python: INADDR_NONE
 *                    is 4294967295. Untouched on error.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no such name), #SOCK_E_TYPE (NULL).
 * @par Deviation
 * Python raises AttributeError, which has no kind of its own.
 * @see sock_constant_name(), sock_constant_at().
 * @par Example
 * @snippet constant.c constant
 * @since 0.1.0
 */
SOCK_API int sock_constant(const char *name, int64_t *value);

/**
 * @brief Whether a name is one of Python's.
 *
 * Corresponds to Python's `hasattr(socket, name)`, for what is a number, in
 * CPython 3.13 on Linux. The table has more: AF_FILE is none of Python's,
 * AF_UNIX is. With sock_constant_at() it makes the constants of such a module.
 *
 * @param[in] name  Such as `"AF_UNIX"`.
 * @return 1 if it is; 0 if not, or for NULL.
 * @see sock_constant_at(), sock_constant().
 * @par Example
 * See sock_constant_at().
 * @since 0.2.0
 */
SOCK_API int sock_constant_is_python(const char *name);

/**
 * @brief The name of a value.
 *
 * Corresponds to Python's `socket.AddressFamily(value).name` and the like.
 * Where several names have the value, it is Python's, and of those the usual
 * one: AF_UNIX and not AF_FILE or AF_LOCAL, IPPROTO_IP and not IPPROTO_HOPOPTS.
 * Options of a level other than the one that the prefix is of are passed over:
 * of the value 1, `"SO_"` finds SO_DEBUG, and `"SO_J1939_"` SO_J1939_FILTER.
 *
 * @param[in] prefix  What the name has to begin with: `"AF_"`, `"SOCK_"`,
 *                    `"SO_"`, ...
 * @param[in] value   The value.
 * @return The name, a constant string; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (no such value), #SOCK_E_TYPE (NULL).
 * @see sock_constant(), sock_constant_at().
 * @par Example
 * @snippet constant.c constant_name
 * @since 0.1.0
 */
SOCK_API const char *sock_constant_name(const char *prefix, int64_t value);

/**
 * @brief Walk the table.
 *
 * Corresponds to Python's `vars(socket)`, one number at a time.
 *
 * @param[in]  index  0 and up; the names are in the order of strcmp(3).
 * @param[out] value  The value; may be NULL.
 * @return The name, a constant string; NULL behind the last, which is no error.
 * @see sock_constant_is_python(), sock_constant().
 * @par Example
 * @snippet constant.c constant_at
 * @since 0.1.0
 */
SOCK_API const char *sock_constant_at(size_t index, int64_t *value);

#ifdef __cplusplus
}
#endif

/* Read as the system's own, which they will be in a later release. */
/** @cond */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 4
#endif
#ifndef SCM_SECURITY
#define SCM_SECURITY 3
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef IP_PROTOCOL
#define IP_PROTOCOL 52
#endif
#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif
#ifndef SOL_SCTP
#define SOL_SCTP 132
#endif
#ifndef SOL_UDPLITE
#define SOL_UDPLITE 136
#endif
#ifndef SOL_VSOCK
#define SOL_VSOCK 287
#endif
#ifndef UDPLITE_SEND_CSCOV
#define UDPLITE_SEND_CSCOV 10
#endif
#ifndef UDPLITE_RECV_CSCOV
#define UDPLITE_RECV_CSCOV 11
#endif
#ifndef BTPROTO_L2CAP
#define BTPROTO_L2CAP 0
#endif
#ifndef BTPROTO_HCI
#define BTPROTO_HCI 1
#endif
#ifndef BTPROTO_SCO
#define BTPROTO_SCO 2
#endif
#ifndef BTPROTO_RFCOMM
#define BTPROTO_RFCOMM 3
#endif
#ifndef SOL_HCI
#define SOL_HCI 0
#endif
#ifndef SOL_L2CAP
#define SOL_L2CAP 6
#endif
#ifndef SOL_SCO
#define SOL_SCO 17
#endif
#ifndef SOL_RFCOMM
#define SOL_RFCOMM 18
#endif
#ifndef HCI_DATA_DIR
#define HCI_DATA_DIR 1
#endif
#ifndef HCI_FILTER
#define HCI_FILTER 2
#endif
#ifndef HCI_TIME_STAMP
#define HCI_TIME_STAMP 3
#endif
#ifndef HCI_CHANNEL_RAW
#define HCI_CHANNEL_RAW 0
#endif
#ifndef HCI_CHANNEL_USER
#define HCI_CHANNEL_USER 1
#endif
#ifndef BDADDR_BREDR
#define BDADDR_BREDR 0
#endif
#ifndef BDADDR_LE_PUBLIC
#define BDADDR_LE_PUBLIC 1
#endif
#ifndef BDADDR_LE_RANDOM
#define BDADDR_LE_RANDOM 2
#endif
/** @endcond */

/** @} */

#endif
