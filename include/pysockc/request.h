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

/**
 * @defgroup request Opening URLs
 * @brief Opening URLs: redirects, passwords, proxies, cookies.
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sock_request_s sock_urlrequest_t;
typedef struct sock_opener sock_opener_t;

SOCK_API SOCK_NODISCARD sock_http_response_t *sock_urlopen(const char *url,
                                                           const void *data,
                                                           size_t len,
                                                           double timeout);
SOCK_API const char *sock_http_geturl(const sock_http_response_t *r);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
