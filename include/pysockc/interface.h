/* SPDX-License-Identifier: MIT */
/**
 * @file interface.h
 * @brief The network interfaces of this machine.
 */
#ifndef PYSOCKC_INTERFACE_H
#define PYSOCKC_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>

/**
 * @defgroup interface Network interfaces
 * @brief Their names and numbers; the number is the scope of an IPv6 address.
 * @{
 */

/** Buffer that holds any name of an interface, in bytes. */
#define SOCK_IF_NAME_MAX 16

/** A network interface: Python's `(index, name)`. */
typedef struct sock_if_entry {
    uint32_t index;   /**< Its number, from 1. */
    const char *name; /**< Its name, such as `"eth0"`. */
} sock_if_entry_t;

/** All network interfaces. One allocation. */
typedef struct sock_if_list {
    const sock_if_entry_t *entries; /**< The entries. */
    size_t count;                   /**< Their number. */
} sock_if_list_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief All network interfaces.
 *
 * Corresponds to Python's `socket.if_nameindex()`; wraps if_nameindex(3).
 *
 * @return A new object, to be ended by sock_if_list_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS, #SOCK_E_MEMORY.
 * @see sock_if_list_free(), sock_if_nametoindex(), sock_if_indextoname().
 * @par Example
 * @snippet interface.c if_nameindex
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD sock_if_list_t *sock_if_nameindex(void);

/**
 * @brief End what sock_if_nameindex() gave.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  Object; NULL does nothing.
 * @see sock_if_nameindex().
 * @par Example
 * See sock_if_nameindex().
 * @since 0.1.0
 */
SOCK_API void sock_if_list_free(sock_if_list_t *list);

/**
 * @brief The number of an interface.
 *
 * Corresponds to Python's `socket.if_nametoindex()`; wraps if_nametoindex(3).
 *
 * @param[in] name  Interface, such as `"lo"`.
 * @return The number, at least 1; -1 on error.
 * @par Errors
 * #SOCK_E_OS with code 0 ("no interface with this name"), #SOCK_E_TYPE.
 * @see sock_if_indextoname(), sock_addr_inet6_scoped().
 * @par Example
 * @snippet interface.c if_nametoindex
 * @since 0.1.0
 */
SOCK_API int sock_if_nametoindex(const char *name);

/**
 * @brief The name of an interface.
 *
 * Corresponds to Python's `socket.if_indextoname()`; wraps if_indextoname(3).
 *
 * @param[in]  index  Number of the interface.
 * @param[out] buf    Buffer; NULL with size 0 asks for the length.
 * @param[in]  size   Bytes of @p buf; #SOCK_IF_NAME_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_OS (ENXIO if there is none), #SOCK_E_TYPE.
 * @see sock_if_nametoindex(), sock_addr_scope_id().
 * @par Example
 * @snippet interface.c if_indextoname
 * @since 0.1.0
 */
SOCK_API int sock_if_indextoname(uint32_t index, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
