/* SPDX-License-Identifier: MIT */
/**
 * @file version.h
 * @brief The version of the library.
 */
#ifndef PYSOCKC_VERSION_H
#define PYSOCKC_VERSION_H

#include <pysockc/export.h>

/**
 * @defgroup version Version
 * @brief The version of the headers and of the library that runs.
 * @{
 */

/** Version of the headers a program was built with, for `#if`. */
#define SOCK_VERSION_MAJOR 0
/** @copydoc SOCK_VERSION_MAJOR */
#define SOCK_VERSION_MINOR 3
/** @copydoc SOCK_VERSION_MAJOR */
#define SOCK_VERSION_PATCH 0
/** The same as text. */
#define SOCK_VERSION "0.3.0"
/**
 * The same as one number, 8 bits for each but the major version, so that later
 * ones are greater:
 *
 *     #if SOCK_VERSION_NUMBER >= 0x000300 // 0.3.0
 *
 * @since 0.2.0
 */
#define SOCK_VERSION_NUMBER                                                    \
    (SOCK_VERSION_MAJOR << 16 | SOCK_VERSION_MINOR << 8 | SOCK_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Version of the library that runs, as text.
 *
 * Not in Python. It can be newer than #SOCK_VERSION, which is the version of
 * the headers that the program was built with.
 *
 * @return Static text such as `"0.3.0"`.
 * @par Example
 * @snippet version.c version
 * @since 0.1.0
 */
SOCK_API const char *sock_version(void);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
