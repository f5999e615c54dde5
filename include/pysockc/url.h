/* SPDX-License-Identifier: MIT */
/**
 * @file url.h
 * @brief URLs: taking them apart, joining and quoting them, and queries.
 */
#ifndef PYSOCKC_URL_H
#define PYSOCKC_URL_H

#include <stddef.h>

#include <pysockc/export.h>

/**
 * @defgroup url URLs and queries
 * @brief URLs: taking them apart, joining and quoting them, and queries.
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sock_url {
    const char *scheme, *netloc, *path, *params, *query, *fragment;
    const char *username, *password, *hostname;
    int port;
    int reserved[3];
} sock_url_t;
typedef struct sock_query sock_query_t;

SOCK_API SOCK_NODISCARD sock_url_t *sock_urlsplit(const char *url);
SOCK_API SOCK_NODISCARD sock_url_t *sock_urlparse(const char *url);
SOCK_API void sock_url_free(sock_url_t *url);
SOCK_API int sock_url_check(const char *url);
SOCK_API int sock_urlunsplit(const sock_url_t *url, char *buf, size_t size);
SOCK_API int sock_urljoin(const char *base, const char *url, char *buf,
                          size_t size);
SOCK_API int sock_urldefrag(const char *url, char *buf, size_t size);
SOCK_API int sock_url_same_origin(const sock_url_t *a, const sock_url_t *b);
SOCK_API int sock_quote(const char *text, const char *safe, char *buf,
                        size_t size);
SOCK_API int sock_quote_plus(const char *text, const char *safe, char *buf,
                             size_t size);
SOCK_API int sock_quote_from_bytes(const void *data, size_t len,
                                   const char *safe, char *buf, size_t size);
SOCK_API int sock_unquote(const char *text, char *buf, size_t size);
SOCK_API int sock_unquote_plus(const char *text, char *buf, size_t size);
SOCK_API int sock_unquote_to_bytes(const char *text, void *buf, size_t size);
SOCK_API SOCK_NODISCARD sock_query_t *sock_parse_qs(const char *query,
                                                    int flags, size_t max);
SOCK_API SOCK_NODISCARD sock_query_t *sock_query_new(void);
SOCK_API int sock_query_add(sock_query_t *q, const char *name,
                            const char *value);
SOCK_API const char *sock_query_get(const sock_query_t *q, const char *name,
                                    size_t i);
SOCK_API int sock_query_at(const sock_query_t *q, size_t i, const char **name,
                           const char **value);
SOCK_API void sock_query_free(sock_query_t *q);
SOCK_API int sock_urlencode(const sock_query_t *q, int flags, char *buf,
                            size_t size);
SOCK_API int sock_html_escape(const char *text, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
