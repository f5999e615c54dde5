/* SPDX-License-Identifier: MIT */
/**
 * @file httpd.h
 * @brief An HTTP/1.1 server: handlers, files, listings, passwords, CGI.
 */
#ifndef PYSOCKC_HTTPD_H
#define PYSOCKC_HTTPD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pysockc/address.h>
#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/headers.h>
#include <pysockc/socket.h>
#include <pysockc/tls.h>

/**
 * @defgroup httpd HTTP servers
 * @brief An HTTP/1.1 server: handlers, files, listings, passwords, CGI.
 * @{
 */

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
/** Has the compiler check the arguments of a format, the second parameter. */
#define SOCK_HTTPD_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define SOCK_HTTPD_PRINTF
#endif

typedef struct sock_httpd sock_httpd_t;
typedef struct sock_httpd_request sock_httpd_request_t;
typedef void (*sock_httpd_fn)(sock_httpd_request_t *self, void *arg);
typedef void (*sock_httpd_log_fn)(sock_httpd_request_t *self, const char *line,
                                  void *arg);

typedef int (*sock_httpd_check_fn)(const char *user, const char *password,
                                   void *arg);
typedef int (*sock_httpd_secret_fn)(const char *user, const char *realm,
                                    char *buf, size_t size, void *arg);

typedef struct sock_httpd_limits {
    size_t size;
    size_t head;          /* bytes; 0: 32 KiB */
    size_t target;        /* bytes; 0: 8 KiB */
    size_t fields;        /* 0: 100 */
    int64_t body;         /* bytes; 0: 1 GiB */
    size_t held;          /* bytes of a response held back; 0: 16 KiB */
    double head_timeout;  /* seconds for a head in all; 0: 20 */
    double idle_timeout;  /* between requests; 0: 60 */
    double write_timeout; /* without progress; 0: 60 */
    double body_grace;    /* seconds before body_rate counts; 0: 20 */
    double body_rate;     /* bytes per second; 0: 500 */
    int threads;          /* workers; 0: 8; -1: none, the loop serves */
    int requests;         /* per connection; 0: 1000 */
    int connections;      /* 0: 10000 */
    int per_address;      /* 0: 256 */
    int reserved[8];
} sock_httpd_limits_t;

typedef struct sock_httpd_dir {
    size_t size;
    const char *root; /* the folder */
    int flags;
    const char *const *index; /* NULL: index.html, index.htm */
    const char *const
        *types;      /* pairs: extension, type; NULL: none beyond ours */
    double deadline; /* of a CGI script; 0: 60 seconds */
    const char *const
        *environment; /* "NAME=value" for CGI scripts; NULL: PATH alone */
    int reserved[8];
} sock_httpd_dir_t;
enum sock_httpd_dir_flag {
    SOCK_HTTPD_LIST = 1,
    SOCK_HTTPD_FOLLOW_LINKS = 2,
    SOCK_HTTPD_DOTFILES = 4
};

SOCK_API SOCK_NODISCARD sock_httpd_t *sock_httpd_new(const char *host,
                                                     int port);
SOCK_API void sock_httpd_free(sock_httpd_t *server);
SOCK_API int sock_httpd_do(sock_httpd_t *server, const char *method,
                           sock_httpd_fn fn, void *arg);
SOCK_API int sock_httpd_mount(sock_httpd_t *server, const char *prefix,
                              sock_httpd_fn fn, void *arg);
SOCK_API int sock_httpd_set_limits(sock_httpd_t *server,
                                   const sock_httpd_limits_t *limits);
SOCK_API int sock_httpd_set_log(sock_httpd_t *server, sock_httpd_log_fn fn,
                                void *arg);
SOCK_API int sock_httpd_set_hosts(sock_httpd_t *server,
                                  const char *const *hosts);
SOCK_API int sock_httpd_set_context(sock_httpd_t *server, sock_tls_t *tls);
SOCK_API int sock_httpd_address(sock_httpd_t *server, sock_addr_t *address);
SOCK_API int sock_httpd_serve_forever(sock_httpd_t *server);
SOCK_API int sock_httpd_handle_request(sock_httpd_t *server);
SOCK_API int sock_httpd_serve(sock_httpd_t *server, sock_t *conn);
SOCK_API int sock_httpd_shutdown(sock_httpd_t *server, double grace);
SOCK_API const char *sock_httpd_command(const sock_httpd_request_t *self);
SOCK_API const char *sock_httpd_path(const sock_httpd_request_t *self);
SOCK_API const char *sock_httpd_requestline(sock_httpd_request_t *self);
SOCK_API const char *sock_httpd_request_version(
    const sock_httpd_request_t *self);
SOCK_API const sock_headers_t *sock_httpd_headers(
    const sock_httpd_request_t *self);
SOCK_API sock_addr_t
sock_httpd_client_address(const sock_httpd_request_t *self);
SOCK_API int64_t sock_httpd_length(const sock_httpd_request_t *self);
SOCK_API const sock_headers_t *sock_httpd_trailers(
    const sock_httpd_request_t *self);
SOCK_API const char *sock_httpd_user(const sock_httpd_request_t *self);
SOCK_API ssize_t sock_httpd_read(sock_httpd_request_t *self, void *buf,
                                 size_t len);
SOCK_API FILE *sock_httpd_rfile(sock_httpd_request_t *self);
SOCK_API int sock_httpd_send_response(sock_httpd_request_t *self, int code,
                                      const char *message);
SOCK_API int sock_httpd_send_header(sock_httpd_request_t *self,
                                    const char *name, const char *value);
SOCK_API int sock_httpd_end_headers(sock_httpd_request_t *self);
SOCK_API int sock_httpd_write(sock_httpd_request_t *self, const void *data,
                              size_t len);
SOCK_API int sock_httpd_printf(sock_httpd_request_t *self, const char *format,
                               ...) SOCK_HTTPD_PRINTF;
SOCK_API FILE *sock_httpd_wfile(sock_httpd_request_t *self);
SOCK_API int sock_httpd_flush(sock_httpd_request_t *self);
SOCK_API int sock_httpd_send_error(sock_httpd_request_t *self, int code,
                                   const char *message);
SOCK_API int sock_httpd_redirect(sock_httpd_request_t *self, int code,
                                 const char *url);
SOCK_API int sock_httpd_close_connection(sock_httpd_request_t *self);
SOCK_API int sock_httpd_send_file(sock_httpd_request_t *self, int fd,
                                  const char *name, int flags);
SOCK_API int sock_httpd_simple(sock_httpd_request_t *self,
                               const sock_httpd_dir_t *dir);
SOCK_API int sock_httpd_cgi(sock_httpd_request_t *self,
                            const sock_httpd_dir_t *dir);
SOCK_API int sock_httpd_require_basic(sock_httpd_request_t *self,
                                      const char *realm,
                                      sock_httpd_check_fn check, void *arg);
SOCK_API int sock_httpd_require_digest(sock_httpd_request_t *self,
                                       const char *realm, int flags,
                                       sock_httpd_secret_fn secret, void *arg);
SOCK_API int sock_httpd_log(sock_httpd_request_t *self, const char *format,
                            ...) SOCK_HTTPD_PRINTF;

#ifdef __cplusplus
}
#endif

/** @} */

#endif
