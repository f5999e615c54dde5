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

/** How a folder is served. */
enum sock_httpd_dir_flag {
    SOCK_HTTPD_LIST = 1,         /**< A folder without an index is listed. */
    SOCK_HTTPD_FOLLOW_LINKS = 2, /**< Links are followed that stay in it. */
    SOCK_HTTPD_DOTFILES = 4      /**< Names that begin with a dot, too. */
};

/** A folder that is served, and how. What is not needed is zero; its texts must
 * last as long as the call. */
typedef struct sock_httpd_dir {
    size_t size;              /**< sizeof(sock_httpd_dir_t). */
    const char *root;         /**< The folder. */
    int flags;                /**< #sock_httpd_dir_flag values. */
    const char *const *index; /**< Names, up to NULL, of what stands for a
                                   folder; NULL: `index.html`, `index.htm`. */
    const char *const *types; /**< Extensions with their dots, each followed by
                                   its media type, up to NULL, in place of the
                                   library's; `""` has what no other has. */
    double deadline;          /**< Seconds for a script; 0: 60. */
    const char *const *environment; /**< `NAME=value` for scripts, up to NULL;
                                         without a `PATH=` they have the
                                         server's. */
    int reserved[8];                /**< Zero. */
} sock_httpd_dir_t;

/** Which hashes of sock_httpd_require_digest() are offered; without these,
 * SHA-256. */
enum sock_httpd_digest_flag {
    SOCK_HTTPD_MD5 = 1,      /**< MD5 as well, for old clients. */
    SOCK_HTTPD_MD5_ONLY = 2, /**< MD5 alone: all that is stored are its hashes,
                                  as htdigest(1) makes them. */
    SOCK_HTTPD_USERHASH = 4  /**< A client may send the hash of `user:realm` in
                                  place of the user. */
};

/** What is known of a user. */
enum sock_httpd_secret {
    SOCK_HTTPD_NO_USER = 0,  /**< There is none. */
    SOCK_HTTPD_PASSWORD = 1, /**< The password. */
    SOCK_HTTPD_HA1 = 2       /**< The hash of `user:realm:password`, in
                                  hexadecimal. */
};

/** Whether a password is the user's: 1, else 0. */
typedef int (*sock_httpd_check_fn)(const char *user, const char *password,
                                   void *arg);
/** Writes what is known of a user, ended by a NUL; returns one of
 * #sock_httpd_secret. */
typedef int (*sock_httpd_secret_fn)(const char *user, const char *realm,
                                    char *buf, size_t size, void *arg);

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
/**
 * @brief Answer with a file.
 *
 * Not in Python, whose handlers copy files themselves; wraps fstat(2), pread(2)
 * and sendfile(2). The answer is what the request wants of the file: all of it,
 * or the part that its Range names (206); nothing where its If-None-Match or
 * If-Modified-Since say that the client has it (304); 412 and 416 where it
 * cannot be. It says Last-Modified, ETag and Accept-Ranges. Of several ranges
 * none is heeded.
 *
 * Fields of the handler's own, such as Cache-Control, come first, behind
 * sock_httpd_send_response() with 200; the status changes with what the answer
 * turns out to be.
 *
 * The descriptor stays the caller's, and its offset where it is. The file goes
 * out after the handler has returned, too; one that becomes shorter meanwhile
 * ends the connection.
 *
 * @param[in] self   Request.
 * @param[in] fd     A regular file, open for reading.
 * @param[in] name   A name with the extension that says what is in it; NULL: no
 *                   Content-Type is added to what the handler has sent.
 * @param[in] flags  0.
 * @return 0 if an answer is on its way, whichever; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF: fd), #SOCK_E_VALUE (no regular file, flags, the answer has
 * begun), #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_httpd_simple(), sock_httpd_write().
 * @par Example
 * @snippet httpd.c send_file
 * @since 0.3.0
 */
SOCK_API int sock_httpd_send_file(sock_httpd_request_t *self, int fd,
                                  const char *name, int flags);

/**
 * @brief Answer with what the path names in a folder.
 *
 * Corresponds to Python's `http.server.SimpleHTTPRequestHandler`; wraps
 * openat2(2). A file is sent as sock_httpd_send_file() does. A folder is the
 * first of its index files, or with #SOCK_HTTPD_LIST a page with its names, or
 * 404; without a slash at the end of the path it is a redirect to that path
 * with one. Methods but GET and HEAD get 405.
 *
 * Under a prefix, sock_httpd_mount(), the root is what stands there: with
 * `/files` and `/srv`, `/files/a` is `/srv/a`.
 *
 * Nothing outside of the root is opened, whatever path and links say: each part
 * of the path is decoded once, what has `%2F` or `%00` in it or leaves the root
 * is 400, and links are followed with #SOCK_HTTPD_FOLLOW_LINKS alone, and in
 * the root alone. Only regular files are served; no pipe or device is waited
 * for. Names that begin with a dot are not there without #SOCK_HTTPD_DOTFILES.
 *
 * @param[in] self  Request.
 * @param[in] dir   Folder.
 * @return 0 if an answer is on its way, whichever; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (dir; the answer has begun), #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * Dot files and links are not served unless that is asked for, nor are folders
 * listed; nothing outside of the root is ever served. A path that leaves the
 * root, which Python cuts, is 400, and so is one with `%00`. Range, ETag and
 * the conditions of RFC 9110 are new. Names are sorted without regard to the
 * case of ASCII's letters alone. The types are the library's: the machine's
 * own tables are not asked.
 * @see sock_httpd_send_file(), sock_httpd_mount(), sock_httpd_cgi().
 * @par Example
 * @snippet httpd.c simple
 * @since 0.3.0
 */
SOCK_API int sock_httpd_simple(sock_httpd_request_t *self,
                               const sock_httpd_dir_t *dir);

/**
 * @brief Answer with what a script says.
 *
 * Corresponds to Python's `http.server.CGIHTTPRequestHandler`; wraps
 * posix_spawn(3). The first part of the path that names a file in the folder is
 * the script, and what follows is its PATH_INFO; what has no file is 404, and a
 * file that no one may execute 403. It is run as RFC 3875 says: in its own
 * folder, with the body on its standard input, and with the words of a query
 * without `=` as its arguments. What it writes to its standard error is logged.
 *
 * It has these variables, the request's fields as `HTTP_*` (but for
 * Authorization, Proxy, and those whose names have an underscore), and those of
 * `environment`, and nothing of the server's environment but PATH:
 * AUTH_TYPE and REMOTE_USER behind sock_httpd_require_basic() or _digest(),
 * CONTENT_LENGTH, CONTENT_TYPE, GATEWAY_INTERFACE, PATH_INFO, PATH_TRANSLATED,
 * QUERY_STRING, REMOTE_ADDR, REMOTE_HOST, REQUEST_METHOD, SCRIPT_NAME,
 * SERVER_NAME, SERVER_PORT, SERVER_PROTOCOL, SERVER_SOFTWARE.
 *
 * Of what it answers, Status is the status, and Location alone with a path is
 * another request, which is answered in place of this one. Its body goes out as
 * it comes. A script whose head is none is 502. With its deadline it and its
 * children, which are a process group, are killed: 504 where no head has come,
 * else the connection is cut, so that no one takes a part for the whole.
 *
 * The call lasts as long as the script: in a server without workers no one else
 * is answered meanwhile.
 *
 * @param[in] self  Request.
 * @param[in] dir   Folder; of its flags #SOCK_HTTPD_FOLLOW_LINKS and
 *                  #SOCK_HTTPD_DOTFILES.
 * @return 0 if an answer is on its way, whichever; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (dir; the answer has begun), #SOCK_E_TYPE, #SOCK_E_OS,
 * #SOCK_E_EOF, #SOCK_E_TIMEOUT (the client), #SOCK_E_MEMORY.
 * @par Deviation
 * Python gives the script all of the server's environment, lets it send no
 * status, never ends it, and takes what looks like a password for a user. It
 * runs scripts as the user `nobody` where it is root itself, with root's
 * groups: here they run as the server does.
 * @see sock_httpd_simple(), sock_httpd_mount(), sock_httpd_user().
 * @par Example
 * @snippet httpd.c cgi
 * @since 0.3.0
 */
SOCK_API int sock_httpd_cgi(sock_httpd_request_t *self,
                            const sock_httpd_dir_t *dir);

/**
 * @brief Ask for a user name and a password: Basic.
 *
 * Not in Python. A request with a right pair is let through, and
 * sock_httpd_user() is its name from then on. All others get 401 and a page,
 * which makes a browser ask its user, and have no answer but that. The password
 * goes over the wire as it is: over anything but the same machine, this wants
 * TLS, sock_httpd_set_context().
 *
 * The check decides, and how long it takes should tell nothing:
 * sock_compare_digest() compares without, and a user that there is not is best
 * compared with some password, too.
 *
 * @param[in] self   Request.
 * @param[in] realm  What it is asked for, for people; up to 200 bytes.
 * @param[in] check  Whether the password is the user's, called from the
 *                   handler's thread. Its user never has a colon.
 * @param[in] arg    Passed to it.
 * @return 1: go on; 0: an answer was sent, or an argument is wrong. Never
 *         anything else, so that no error lets anyone in.
 * @par Errors
 * With 0 and 500: #SOCK_E_VALUE (realm), #SOCK_E_TYPE; with 503:
 * #SOCK_E_MEMORY.
 * @see sock_httpd_require_digest(), sock_httpd_user(), sock_compare_digest().
 * @par Example
 * @snippet httpd.c basic
 * @since 0.3.0
 */
SOCK_API int sock_httpd_require_basic(sock_httpd_request_t *self,
                                      const char *realm,
                                      sock_httpd_check_fn check, void *arg);

/**
 * @brief Ask for a user name and a password: Digest.
 *
 * Not in Python. As sock_httpd_require_basic(), but that the password never
 * goes over the wire, and what does is good once: RFC 7616, with SHA-256. The
 * rest of the conversation can be read by anyone still; TLS hides that, too.
 *
 * The server must know each password, or its hash with user and realm. That of
 * MD5, as htdigest(1) writes it to a file, is as good as the password to
 * whoever reads it.
 *
 * @param[in] self    Request.
 * @param[in] realm   What it is asked for, for people; up to 200 bytes. A part
 *                    of the hashes.
 * @param[in] flags   #sock_httpd_digest_flag values, or 0.
 * @param[in] secret  What is known of a user, called from the handler's thread.
 *                    With #SOCK_HTTPD_USERHASH the user may be the hash of
 *                    `user:realm` in hexadecimal, for which only a
 *                    #SOCK_HTTPD_HA1 is an answer.
 * @param[in] arg     Passed to it.
 * @return 1: go on; 0: an answer was sent, or an argument is wrong. Never
 *         anything else.
 * @par Errors
 * With 0 and 500: #SOCK_E_VALUE (realm, flags), #SOCK_E_TYPE; with 503:
 * #SOCK_E_MEMORY.
 * @see sock_httpd_require_basic(), sock_httpd_user().
 * @par Example
 * @snippet httpd.c digest
 * @since 0.3.0
 */
SOCK_API int sock_httpd_require_digest(sock_httpd_request_t *self,
                                       const char *realm, int flags,
                                       sock_httpd_secret_fn secret, void *arg);

/**
 * @brief Compare a secret with what a client has sent.
 *
 * Corresponds to Python's `hmac.compare_digest(a, b)`. The time that it takes
 * depends on the lengths of the texts, and not on where they differ.
 *
 * @param[in] a  A text.
 * @param[in] b  Another.
 * @return 1 if they are the same, else 0; 0 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_httpd_require_basic().
 * @par Example
 * See sock_httpd_require_basic().
 * @since 0.3.0
 */
SOCK_API int sock_compare_digest(const char *a, const char *b);

SOCK_API int sock_httpd_log(sock_httpd_request_t *self, const char *format,
                            ...) SOCK_HTTPD_PRINTF;

#ifdef __cplusplus
}
#endif

/** @} */

#endif
