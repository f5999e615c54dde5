/* SPDX-License-Identifier: MIT */
/**
 * @file request.h
 * @brief Opening URLs: redirects, passwords, proxies, cookies.
 */
#ifndef PYSOCKC_REQUEST_H
#define PYSOCKC_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pysockc/address.h>
#include <pysockc/cookie.h>
#include <pysockc/export.h>
#include <pysockc/http.h>
#include <pysockc/tls.h>

/**
 * @defgroup request Opening URLs
 * @brief Opening URLs: redirects, passwords, proxies, cookies.
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sock_urlrequest sock_urlrequest_t;
typedef struct sock_opener sock_opener_t;

enum sock_opener_flag {
    SOCK_OPENER_ALLOW_DOWNGRADE = 1,
    SOCK_OPENER_KEEP_HEADERS = 2,
    SOCK_OPENER_HTTPS_ONLY = 4,
    SOCK_OPENER_ANY_STATUS = 8
};

/* 1: may be connected to; 0: may not. */
typedef int (*sock_opener_filter_fn)(const sock_addr_t *address, void *arg);
/* Bytes so far, and of all (-1: not known); non-zero stops. */
typedef int (*sock_reporthook_fn)(int64_t done, int64_t total, void *arg);

SOCK_API SOCK_NODISCARD sock_http_response_t *sock_urlopen(const char *url,
                                                           const void *data,
                                                           size_t len,
                                                           double timeout);
SOCK_API int sock_urlretrieve(const char *url, const char *path,
                              sock_reporthook_fn hook, void *arg,
                              double timeout);
SOCK_API const char *sock_http_geturl(const sock_http_response_t *r);

SOCK_API SOCK_NODISCARD sock_urlrequest_t *sock_urlrequest_new(const char *url);
SOCK_API void sock_urlrequest_free(sock_urlrequest_t *q);
SOCK_API int sock_urlrequest_data(sock_urlrequest_t *q, const void *data,
                                  size_t len);
SOCK_API int sock_urlrequest_file(sock_urlrequest_t *q, FILE *body,
                                  int64_t length);
SOCK_API int sock_urlrequest_method(sock_urlrequest_t *q, const char *method);
SOCK_API int sock_urlrequest_add_header(sock_urlrequest_t *q, const char *name,
                                        const char *value);

SOCK_API SOCK_NODISCARD sock_opener_t *sock_opener_new(void);
SOCK_API void sock_opener_free(sock_opener_t *o);
SOCK_API int sock_opener_add_password(sock_opener_t *o, const char *realm,
                                      const char *uri, const char *user,
                                      const char *password);
SOCK_API int sock_opener_set_cookiejar(sock_opener_t *o, sock_cookiejar_t *jar);
SOCK_API int sock_opener_set_proxy(sock_opener_t *o, const char *scheme,
                                   const char *url);
SOCK_API int sock_opener_set_redirects(sock_opener_t *o, int max, int flags);
SOCK_API int sock_opener_set_context(sock_opener_t *o, sock_tls_t *tls);
SOCK_API int sock_opener_filter(sock_opener_t *o, sock_opener_filter_fn fn,
                                void *arg);
SOCK_API SOCK_NODISCARD sock_http_response_t *sock_opener_open(
    sock_opener_t *o, sock_urlrequest_t *q, double timeout);
SOCK_API void sock_install_opener(sock_opener_t *o);

SOCK_API int sock_getproxies(const char *scheme, char *buf, size_t size);
SOCK_API int sock_proxy_bypass(const char *host, int port);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
