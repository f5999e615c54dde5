/* SPDX-License-Identifier: MIT */
/**
 * @file cookie.h
 * @brief Cookies: of one message, and a jar of them.
 */
#ifndef PYSOCKC_COOKIE_H
#define PYSOCKC_COOKIE_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/headers.h>

/**
 * @defgroup cookie Cookies
 * @brief Cookies: of one message, and a jar of them.
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sock_cookies sock_cookies_t;
typedef struct sock_cookiejar sock_cookiejar_t;
SOCK_API SOCK_NODISCARD sock_cookiejar_t *sock_cookiejar_new(void);
SOCK_API int sock_cookiejar_extract(sock_cookiejar_t *j, const char *url,
                                    const sock_headers_t *headers);
SOCK_API int sock_cookiejar_header(sock_cookiejar_t *j, const char *url,
                                   char *buf, size_t size);
SOCK_API void sock_cookiejar_free(sock_cookiejar_t *j);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
