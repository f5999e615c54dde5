/* SPDX-License-Identifier: MIT */
/**
 * @file mail.h
 * @brief The two fields of a message that no one wants to write by hand.
 */
#ifndef PYSOCKC_MAIL_H
#define PYSOCKC_MAIL_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/error.h>
#include <pysockc/export.h>

/**
 * @defgroup mail Messages of mail and news
 * @brief The fields Date and Message-ID (RFC 5322), which every message of
 * mail and news must have.
 *
 * @snippet mail.c message
 * @{
 */

/** Bytes of any text of sock_message_date(), with its NUL. */
#define SOCK_MESSAGE_DATE_MAX 32

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Write a moment as the field Date has it.
 *
 * Corresponds to Python's `email.utils.formatdate(when)`: in UTC, as
 * `Sun, 06 Nov 1994 08:49:37 -0000`.
 *
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_MESSAGE_DATE_MAX is enough.
 * @param[in]  when  Seconds since 1970, of the years 1 to 9999; such as
 *                   `time(NULL)`.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (another year), #SOCK_E_TYPE.
 * @see sock_message_id(), sock_http_date().
 * @par Example
 * @snippet mail.c message
 * @since 0.3.0
 */
SOCK_API int sock_message_date(char *buf, size_t size, int64_t when);

/**
 * @brief Make the name of a message, that no other has.
 *
 * Corresponds to Python's `email.utils.make_msgid(domain=domain)`: 128 bits
 * that no one can guess, `<0123456789abcdef0123456789abcdef@example.org>`.
 *
 * @param[out] buf     Buffer; NULL with size 0 asks for the length.
 * @param[in]  size    Bytes of @p buf.
 * @param[in]  domain  What stands behind the `@`: a name of one's own.
 * @return As sock_message_date().
 * @par Errors
 * #SOCK_E_VALUE (a domain with what no domain has, or of over 253 bytes),
 * #SOCK_E_OS (there is no randomness), #SOCK_E_TYPE.
 * @see sock_message_date(), sock_getfqdn().
 * @par Example
 * @snippet mail.c message
 * @since 0.3.0
 */
SOCK_API int sock_message_id(char *buf, size_t size, const char *domain);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
