/* SPDX-License-Identifier: MIT */
/**
 * @file http.h
 * @brief An HTTP/1.1 client: connections and responses.
 */
#ifndef PYSOCKC_HTTP_H
#define PYSOCKC_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pysockc/export.h>
#include <pysockc/headers.h>
#include <pysockc/socket.h>
#include <pysockc/tls.h>

/**
 * @defgroup http HTTP connections
 * @brief An HTTP/1.1 client: connections and responses.
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sock_http sock_http_t;
typedef struct sock_http_response sock_http_response_t;
enum sock_http_flag {
    SOCK_HTTP_SKIP_HOST = 1,
    SOCK_HTTP_SKIP_ACCEPT_ENCODING = 2
};
typedef struct sock_http_limits {
    size_t size;
    size_t head;   /* bytes; 0: 256 KiB */
    size_t fields; /* 0: 1000 */
    size_t reserved[5];
} sock_http_limits_t;

SOCK_API SOCK_NODISCARD sock_http_t *sock_http_connection(const char *host,
                                                          int port,
                                                          double timeout);
SOCK_API SOCK_NODISCARD sock_http_t *sock_https_connection(const char *host,
                                                           int port,
                                                           double timeout,
                                                           sock_tls_t *tls);
SOCK_API SOCK_NODISCARD sock_http_t *sock_http_from(sock_t *s);
SOCK_API void sock_http_free(sock_http_t *c);
SOCK_API int sock_http_set_tunnel(sock_http_t *c, const char *host, int port,
                                  const sock_headers_t *headers);
SOCK_API int sock_http_set_limits(sock_http_t *c,
                                  const sock_http_limits_t *limits);
SOCK_API int sock_http_deadline(sock_http_t *c, double seconds);
SOCK_API int sock_http_connect(sock_http_t *c);
SOCK_API int sock_http_close(sock_http_t *c);
SOCK_API sock_t *sock_http_sock(sock_http_t *c);
SOCK_API int sock_http_request(sock_http_t *c, const char *method,
                               const char *url, const void *body, size_t len,
                               const sock_headers_t *headers);
SOCK_API int sock_http_request_file(sock_http_t *c, const char *method,
                                    const char *url, FILE *body, int64_t length,
                                    const sock_headers_t *headers);
SOCK_API int sock_http_putrequest(sock_http_t *c, const char *method,
                                  const char *url, int flags);
SOCK_API int sock_http_putheader(sock_http_t *c, const char *name,
                                 const char *value);
SOCK_API int sock_http_endheaders(sock_http_t *c, const void *body, size_t len);
SOCK_API int sock_http_send(sock_http_t *c, const void *data, size_t len);
SOCK_API SOCK_NODISCARD sock_http_response_t *sock_http_getresponse(
    sock_http_t *c);
SOCK_API void sock_http_response_free(sock_http_response_t *r);
SOCK_API int sock_http_status(const sock_http_response_t *r);
SOCK_API int sock_http_version(const sock_http_response_t *r);
SOCK_API const char *sock_http_reason(const sock_http_response_t *r);
SOCK_API const sock_headers_t *sock_http_headers(const sock_http_response_t *r);
SOCK_API const sock_headers_t *sock_http_trailers(
    const sock_http_response_t *r);
SOCK_API int64_t sock_http_length(const sock_http_response_t *r);
SOCK_API int sock_http_getheader(const sock_http_response_t *r,
                                 const char *name, char *buf, size_t size);
SOCK_API ssize_t sock_http_read(sock_http_response_t *r, void *buf, size_t len);
SOCK_API ssize_t sock_http_readall(sock_http_response_t *r, char **data,
                                   size_t max);
SOCK_API void sock_http_data_free(char *data);
SOCK_API SOCK_NODISCARD FILE *sock_http_file(sock_http_response_t *r);
SOCK_API int sock_http_read_deadline(sock_http_response_t *r, double seconds);
SOCK_API const char *sock_http_responses(int status);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
