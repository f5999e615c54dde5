/* SPDX-License-Identifier: MIT */
/**
 * @file headers.h
 * @brief The fields of a head: of HTTP, of mail, of a form's parts.
 */
#ifndef PYSOCKC_HEADERS_H
#define PYSOCKC_HEADERS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <pysockc/export.h>

/**
 * @defgroup headers Header fields
 * @brief The fields of a head: of HTTP, of mail, of a form's parts.
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sock_headers sock_headers_t;

enum sock_headers_flag { SOCK_HEADERS_HTTP = 0, SOCK_HEADERS_MAIL = 1 };

SOCK_API SOCK_NODISCARD sock_headers_t *sock_headers_new(void);
SOCK_API SOCK_NODISCARD sock_headers_t *sock_headers_parse(const char *data,
                                                           size_t len,
                                                           int flags);
SOCK_API void sock_headers_free(sock_headers_t *h);
SOCK_API int sock_headers_add(sock_headers_t *h, const char *name,
                              const char *value);
SOCK_API int sock_headers_set(sock_headers_t *h, const char *name,
                              const char *value);
SOCK_API int sock_headers_remove(sock_headers_t *h, const char *name);
SOCK_API const char *sock_headers_get(const sock_headers_t *h, const char *name,
                                      const char *otherwise);
SOCK_API const char *sock_headers_get_all(const sock_headers_t *h,
                                          const char *name, size_t i);
SOCK_API int sock_headers_at(const sock_headers_t *h, size_t i,
                             const char **name, const char **value);
SOCK_API int sock_headers_line(const sock_headers_t *h, size_t i, char *buf,
                               size_t size);
SOCK_API int sock_headers_text(const sock_headers_t *h, char *buf, size_t size);
SOCK_API int sock_headers_has(const sock_headers_t *h, const char *name,
                              const char *token);
SOCK_API int sock_header_param(const char *value, const char *key, char *buf,
                               size_t size);
SOCK_API int sock_http_date(int64_t time, char *buf, size_t size);
SOCK_API int sock_http_time(const char *text, int64_t *time);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
