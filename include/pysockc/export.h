/* SPDX-License-Identifier: MIT */
/**
 * @file export.h
 * @brief Attributes of the public declarations.
 */
#ifndef PYSOCKC_EXPORT_H
#define PYSOCKC_EXPORT_H

/**
 * @defgroup export Attributes
 * @brief What marks a declaration as public; empty on unknown compilers.
 * @{
 */

#if defined(__GNUC__)
/** Marks a function that the library exports. */
#define SOCK_API __attribute__((visibility("default")))
/** Marks a result that must not be ignored, as it owns something. */
#define SOCK_NODISCARD __attribute__((warn_unused_result))
#else
#define SOCK_API
#define SOCK_NODISCARD
#endif

/** @} */

#endif
