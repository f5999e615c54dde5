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
 *
 * A handler is a function that is called for each request of its method, as
 * `do_GET` of a class that derives from `BaseHTTPRequestHandler`; what is an
 * attribute or a method there is a function with `self` here:
 *
 * @snippet httpd.c echo
 *
 * One thread, the one in sock_httpd_serve_forever(), has all connections that
 * wait: for a request, for room, for their end. So a slow client costs some
 * memory and no thread. A request whose head is there whole is given to a
 * worker, where its handler may wait: for the body, for a database, for a
 * client that reads slowly. While one waits for its client, a further thread
 * stands in for it if there is something to do. Where handlers wait for nothing
 * a worker has the connections in place of that one thread, as a change of
 * threads costs as much as a short answer; from one that is kept for some
 * milliseconds they are taken back. With `threads` -1 there are no
 * workers and the loop calls handlers itself, one at a time: a handler that
 * waits holds up everyone.
 *
 * Up to 16 KiB of an answer are held back. A handler that has written no more
 * by its end needs to say nothing about its length, and its answer leaves in
 * one piece; longer ones come in chunks. For HEAD the handler of GET is called,
 * and what it writes is counted and not sent. A handler that answers nothing is
 * answered for, with 500.
 *
 * All times, sizes and counts have limits from the beginning
 * (#sock_httpd_limits_t). What is malformed is refused with 400, 413, 414, 417,
 * 421, 431, 501 or 505, and its connection ends, as what follows could be meant
 * in another way; #sock_headers_t knows how strictly heads are read.
 *
 * A request, and all that it gives, lasts until its handler returns, and is for
 * one thread at a time. A server is for many. Handlers and the log function are
 * called by several threads at once, unless there are no workers; workers have
 * all signals blocked. After fork(2) a server belongs to the parent: in a child
 * every call but sock_httpd_free() fails with EINVAL.
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

/** A server. Opaque. */
typedef struct sock_httpd sock_httpd_t;
/** A request, and the answer that is being made of it. Opaque. */
typedef struct sock_httpd_request sock_httpd_request_t;
/** A handler; `arg` is what it was given with. */
typedef void (*sock_httpd_fn)(sock_httpd_request_t *self, void *arg);
/** Takes a line of the log, which has no line end. It is one line, and visible,
 * whatever a client has sent. */
typedef void (*sock_httpd_log_fn)(sock_httpd_request_t *self, const char *line,
                                  void *arg);

/** What a client may do, and for how long. Zero is the default of each. */
typedef struct sock_httpd_limits {
    size_t size;          /**< sizeof(sock_httpd_limits_t). */
    size_t head;          /**< Bytes of a request's head, its line and fields,
                               and of trailers; 0: 32 KiB. Over it: 431. */
    size_t target;        /**< Bytes of the target; 0: 8 KiB. Over it: 414. */
    size_t fields;        /**< Fields of a head; 0: 100. Over it: 431. */
    int64_t body;         /**< Bytes of a body; 0: 1 GiB. Over it: 413. */
    size_t held;          /**< Bytes of an answer that are held back; 0: 16
                               KiB. */
    double head_timeout;  /**< Seconds for a head in all; 0: 20. Behind it: 408.
                               A handshake of TLS is part of the first. */
    double idle_timeout;  /**< Seconds between two requests; 0: 60. */
    double write_timeout; /**< Seconds without progress of an answer; 0: 60. */
    double body_grace;    /**< Seconds before body_rate counts; 0: 20. */
    double body_rate;     /**< Bytes of a body per second, on average, while it
                               is waited for; 0: 500. Under it: 408. */
    int threads;          /**< Workers; 0: 8; -1: none, the loop calls handlers
                               itself. Up to 1024 more stand in for those that
                               wait for a client. */
    int requests;         /**< Of one connection; 0: 1000. */
    int connections;      /**< 0: 10000. One more ends the one that has done
                               nothing for the longest time; if there is none,
                               it waits in the system's queue. */
    int per_address;      /**< Connections of one address; 0: 256. More are
                               closed. */
    int reserved[8];      /**< Zero. */
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
    SOCK_HTTPD_MD5 = 1,      /**< MD5 as well, for old clients that look for it.
                                  Python's takes what is offered first. */
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

/**
 * @brief Make a server.
 *
 * Corresponds to Python's `HTTPServer((host, port), Handler)`; wraps socket(2),
 * bind(2), listen(2), epoll_create1(2), eventfd(2). It listens from then on,
 * and serves once it is told to.
 *
 * @param[in] host  Where it listens: an address or a name of the machine's;
 *                  NULL or `""` for all of its addresses, of IPv4 and IPv6.
 * @param[in] port  Port; 0 for a free one.
 * @return The server, to be ended by sock_httpd_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EADDRINUSE, EACCES, EMFILE, ...), #SOCK_E_GAI, #SOCK_E_OVERFLOW
 * (port), #SOCK_E_MEMORY.
 * @par Deviation
 * All addresses are those of IPv6, too. Handlers are given by sock_httpd_do().
 * @see sock_httpd_do(), sock_httpd_serve_forever(), sock_httpd_free().
 * @par Example
 * @snippet httpd.c echo
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_httpd_t *sock_httpd_new(const char *host,
                                                     int port);

/**
 * @brief End a server.
 *
 * Corresponds to Python's `server.server_close()`. Closes its socket and its
 * connections, and waits for the workers, each of which ends when its handler
 * returns. Not to be called by a handler, nor while another thread serves:
 * sock_httpd_shutdown() ends that. NULL does nothing; errno and the error
 * record are left alone.
 *
 * @param[in] server  Server, or NULL; of a parent process, too.
 * @see sock_httpd_new(), sock_httpd_shutdown().
 * @par Example
 * @snippet httpd.c echo
 * @since 0.3.0
 */
SOCK_API void sock_httpd_free(sock_httpd_t *server);

/**
 * @brief Give a method its handler.
 *
 * Corresponds to Python's `def do_GET(self)` in a handler's class. HEAD has
 * that of GET, if it has none of its own. A method that HTTP does not know is
 * answered with 501, one that has no handler with 405 and the list of those
 * that have. A second call for a method replaces its handler. To be called
 * before the server serves first.
 *
 * @param[in] server  Server.
 * @param[in] method  Such as `"GET"`; case matters.
 * @param[in] fn      Handler.
 * @param[in] arg     For it.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (no token; TRACE or CONNECT, which are never
 * served), #SOCK_E_OS (EBUSY: it has served), #SOCK_E_MEMORY.
 * @par Deviation
 * Python answers 501 for each method that has no handler.
 * @see sock_httpd_mount(), sock_httpd_serve_forever().
 * @par Example
 * @snippet httpd.c echo
 * @since 0.3.0
 */
SOCK_API int sock_httpd_do(sock_httpd_t *server, const char *method,
                           sock_httpd_fn fn, void *arg);

/**
 * @brief Give all below a path to one handler.
 *
 * Not in Python, whose handlers look at the path themselves. It is called for
 * each method, before those of sock_httpd_do(). Of several prefixes the longest
 * counts, by whole segments: `/a` has `/a` and `/a/b`, not `/ab`. The path is
 * compared decoded, without `.` and `..`, so that `/%61` is `/a`; one that
 * cannot be decoded is answered with 400. sock_httpd_simple() and
 * sock_httpd_cgi() take the prefix off. To be called before the server serves
 * first.
 *
 * @param[in] server  Server.
 * @param[in] prefix  `"/"`, or segments such as `"/a/b"`, decoded.
 * @param[in] fn      Handler.
 * @param[in] arg     For it.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (prefix), #SOCK_E_OS (EBUSY: it has served),
 * #SOCK_E_MEMORY.
 * @see sock_httpd_do(), sock_httpd_simple().
 * @par Example
 * @snippet httpd.c mount
 * @since 0.3.0
 */
SOCK_API int sock_httpd_mount(sock_httpd_t *server, const char *prefix,
                              sock_httpd_fn fn, void *arg);

/**
 * @brief Limit what clients may do, and say how many workers there are.
 *
 * Not in Python, which has no limits but those of a line and of the number of
 * fields. To be called before the server serves first.
 *
 * @param[in] server  Server.
 * @param[in] limits  Limits; copied.
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (its size, a member out of range, `reserved`),
 * #SOCK_E_OS (EBUSY: it has served), #SOCK_E_MEMORY.
 * @see sock_httpd_new(), sock_httpd_set_hosts().
 * @par Example
 * @snippet httpd.c limits
 * @since 0.3.0
 */
SOCK_API int sock_httpd_set_limits(sock_httpd_t *server,
                                   const sock_httpd_limits_t *limits);

/**
 * @brief Have a function take the log.
 *
 * Corresponds to Python's `def log_message(self, format, *args)` in a handler's
 * class. Without one there is no log. Lines are Python's: `127.0.0.1 - -
 * [24/Nov/2026 13:59:04] "GET / HTTP/1.1" 200 -` for each head of an answer,
 * before it `code 404, message Not Found` for an error, and what
 * sock_httpd_log() says. A handler that does not keep to its Content-Length has
 * a second line, of 500: what it wrote is not sent, or is cut. What is not
 * visible stands as `\\x0d`. To be called before the server serves first.
 *
 * @param[in] server  Server.
 * @param[in] fn      Function, or NULL; the threads of handlers call it,
 *                    several at once.
 * @param[in] arg     For it.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBUSY: it has served).
 * @par Deviation
 * Python's log goes to stderr; this library prints nothing.
 * @see sock_httpd_log().
 * @par Example
 * @snippet httpd.c log
 * @since 0.3.0
 */
SOCK_API int sock_httpd_set_log(sock_httpd_t *server, sock_httpd_log_fn fn,
                                void *arg);

/**
 * @brief Serve requests for these hosts alone.
 *
 * Not in Python. Others are answered with 421, so that no page of another site
 * can have a browser talk to this server by a name of its own (DNS rebinding).
 * To be called before the server serves first.
 *
 * @param[in] server  Server.
 * @param[in] hosts   Names, up to NULL, each with its port, or for any port
 *                    without one; copied. IPv6 addresses in brackets. NULL for
 *                    any host, which is the default.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBUSY: it has served), #SOCK_E_MEMORY.
 * @see sock_httpd_headers(), sock_httpd_set_limits().
 * @par Example
 * @snippet httpd.c limits
 * @since 0.3.0
 */
SOCK_API int sock_httpd_set_hosts(sock_httpd_t *server,
                                  const char *const *hosts);

/**
 * @brief Serve over TLS.
 *
 * Corresponds to Python's `HTTPSServer((host, port), Handler, certfile=...)`,
 * of 3.14. Handshakes are done by the loop, so a client that is slow at it
 * holds no worker. To be called before the server serves first.
 *
 * @param[in] server  Server.
 * @param[in] tls     Of a server's context, from sock_ssl_tls() of
 *                    libpysockc-ssl; kept, whoever frees the context. NULL:
 *                    without TLS.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBUSY: it has served).
 * @see sock_httpd_new(), sock_http_connection().
 * @par Example
 * @snippet httpd.c context
 * @since 0.3.0
 */
SOCK_API int sock_httpd_set_context(sock_httpd_t *server, sock_tls_t *tls);

/**
 * @brief Where a server listens.
 *
 * Corresponds to Python's `server.server_address`.
 *
 * @param[in]  server   Server.
 * @param[out] address  Its address.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS.
 * @see sock_httpd_new(), sock_httpd_client_address().
 * @par Example
 * @snippet httpd.c limits
 * @since 0.3.0
 */
SOCK_API int sock_httpd_address(sock_httpd_t *server, sock_addr_t *address);

/**
 * @brief Serve until it is shut down.
 *
 * Corresponds to Python's `server.serve_forever()`; wraps epoll_wait(2),
 * accept4(2), recv(2), send(2), sendfile(2). Where no descriptor is left for a
 * connection, it is closed, and the loop does not spin.
 *
 * @param[in] server  Server.
 * @return 0 after sock_httpd_shutdown(); -1 on error, and its connections are
 *         closed.
 * @par Errors
 * #SOCK_E_OS (EBUSY: another thread serves; EAGAIN: no thread for a worker;
 * EMFILE), #SOCK_E_CANCELLED (the interrupt function), #SOCK_E_TYPE,
 * #SOCK_E_MEMORY.
 * @par Deviation
 * HTTP/1.1; many requests at once, as with `ThreadingHTTPServer`, but with some
 * threads for all of them.
 * @see sock_httpd_shutdown(), sock_httpd_handle_request(), sock_httpd_serve().
 * @par Example
 * @snippet httpd.c echo
 * @since 0.3.0
 */
SOCK_API int sock_httpd_serve_forever(sock_httpd_t *server);

/**
 * @brief Serve one connection.
 *
 * Corresponds to Python's `server.handle_request()`. Waits for a connection,
 * without limit, and serves it to its end in the caller's thread: several
 * requests, if the client goes on.
 *
 * @param[in] server  Server.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_httpd_serve_forever(); #SOCK_E_CANCELLED for sock_httpd_shutdown().
 * @see sock_httpd_serve(), sock_httpd_serve_forever().
 * @par Example
 * @snippet httpd.c one
 * @since 0.3.0
 */
SOCK_API int sock_httpd_handle_request(sock_httpd_t *server);

/**
 * @brief Serve one connection that is there already.
 *
 * Corresponds to Python's `server.finish_request(request, client_address)`. In
 * the caller's thread, to its end; several threads may serve one each. Behind
 * sock_httpd_shutdown() it ends with the answer that is being given; its grace
 * is for the loop alone. A server that only does this needs no port of its own:
 * 0 takes any.
 *
 * @param[in] server  Server.
 * @param[in] conn    Connected socket, of any kind of stream; it is the
 *                    server's from then on, and freed, unless the call fails
 *                    because of an argument.
 * @return 0, whatever became of it; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (ENOTCONN, EBADF), #SOCK_E_MEMORY.
 * @see sock_httpd_handle_request(), sock_httpd_serve_forever().
 * @par Example
 * @snippet httpd.c one
 * @since 0.3.0
 */
SOCK_API int sock_httpd_serve(sock_httpd_t *server, sock_t *conn);

/**
 * @brief Have a server end.
 *
 * Corresponds to Python's `server.shutdown()`; wraps write(2) to an eventfd.
 * Nothing is accepted any more; connections on which nothing has begun end at
 * once; answers that are given say `Connection: close`. When the last one is
 * out, or the grace is over, sock_httpd_serve_forever() returns; what is left
 * then is shut down. It may be called by any thread, by a handler, and by a
 * signal handler, and never waits. Where no loop runs, the next one ends at
 * once. The port is listened at until sock_httpd_free(): who connects in
 * between has no answer.
 *
 * @param[in] server  Server.
 * @param[in] grace   Seconds; 0 cuts at once.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (negative, NaN), #SOCK_E_OS (EINVAL: the server
 * is a parent's).
 * @par Deviation
 * Python waits for the loop, and leaves requests that have begun to themselves.
 * A handler that never returns outlives the loop here, too; sock_httpd_free()
 * waits for it.
 * @see sock_httpd_serve_forever(), sock_httpd_free().
 * @par Example
 * @snippet httpd.c stop
 * @since 0.3.0
 */
SOCK_API int sock_httpd_shutdown(sock_httpd_t *server, double grace);

/**
 * @brief The method of a request.
 *
 * Corresponds to Python's `self.command`.
 *
 * @param[in] self  Request.
 * @return Its method; NULL on error. `""` where none could be read, as in the
 *         log of a malformed one.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_httpd_path(), sock_httpd_requestline().
 * @par Example
 * @snippet httpd.c attributes
 * @since 0.3.0
 */
SOCK_API const char *sock_httpd_command(const sock_httpd_request_t *self);

/**
 * @brief The path and the query of a request.
 *
 * Corresponds to Python's `self.path`: as it came, not decoded.
 *
 * @param[in] self  Request.
 * @return Text that begins with one slash, or `"*"` of OPTIONS; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @par Deviation
 * Of `http://host/path`, as clients of a proxy ask, it is the path.
 * @see sock_httpd_command(), sock_unquote(), sock_html_escape().
 * @par Example
 * @snippet httpd.c attributes
 * @since 0.3.0
 */
SOCK_API const char *sock_httpd_path(const sock_httpd_request_t *self);

/**
 * @brief The first line of a request.
 *
 * Corresponds to Python's `self.requestline`.
 *
 * @param[in] self  Request.
 * @return The line, without its end; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_httpd_command(), sock_httpd_path().
 * @par Example
 * @snippet httpd.c attributes
 * @since 0.3.0
 */
SOCK_API const char *sock_httpd_requestline(sock_httpd_request_t *self);

/**
 * @brief The version of HTTP that a client speaks.
 *
 * Corresponds to Python's `self.request_version`.
 *
 * @param[in] self  Request.
 * @return `"HTTP/1.0"` or `"HTTP/1.1"`, or a later minor one; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_httpd_requestline(), sock_httpd_command().
 * @par Example
 * @snippet httpd.c attributes
 * @since 0.3.0
 */
SOCK_API const char *sock_httpd_request_version(
    const sock_httpd_request_t *self);

/**
 * @brief The fields of a request.
 *
 * Corresponds to Python's `self.headers`.
 *
 * @param[in] self  Request.
 * @return Its fields, which must not be changed; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_headers_get(), sock_headers_at(), sock_httpd_trailers().
 * @par Example
 * @snippet httpd.c attributes
 * @since 0.3.0
 */
SOCK_API const sock_headers_t *sock_httpd_headers(
    const sock_httpd_request_t *self);

/**
 * @brief Who asks.
 *
 * Corresponds to Python's `self.client_address`.
 *
 * @param[in] self  Request.
 * @return The address; no address on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @par Deviation
 * An IPv4 client of a server of both families has an IPv4 address.
 * @see sock_httpd_user(), sock_addr_host().
 * @par Example
 * @snippet httpd.c attributes
 * @since 0.3.0
 */
SOCK_API sock_addr_t
sock_httpd_client_address(const sock_httpd_request_t *self);

/**
 * @brief How long the body of a request is.
 *
 * Corresponds to Python's `int(self.headers["Content-Length"])`, which needs
 * the field.
 *
 * @param[in] self  Request.
 * @return Bytes, 0 without a body; -1 if it comes in chunks, so that its length
 *         shows at its end, and on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_httpd_read(), sock_httpd_headers().
 * @par Example
 * @snippet httpd.c body
 * @since 0.3.0
 */
SOCK_API int64_t sock_httpd_length(const sock_httpd_request_t *self);

/**
 * @brief The fields behind a body in chunks.
 *
 * Not in Python, which does not read such a body. They are there once
 * sock_httpd_read() has said that the body is over, and are kept apart from the
 * other fields; Content-Length, Transfer-Encoding and Host are left out.
 *
 * @param[in] self  Request.
 * @return Its trailers, maybe none; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_httpd_headers(), sock_httpd_read().
 * @par Example
 * @snippet httpd.c body
 * @since 0.3.0
 */
SOCK_API const sock_headers_t *sock_httpd_trailers(
    const sock_httpd_request_t *self);

/**
 * @brief Who has shown a password.
 *
 * Not in Python, whose CGI scripts have it as `REMOTE_USER`.
 *
 * @param[in] self  Request.
 * @return The user that sock_httpd_require_basic() or
 *         sock_httpd_require_digest() has let in; NULL if there is none, or on
 *         error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_httpd_require_basic(), sock_httpd_require_digest().
 * @par Example
 * See sock_httpd_require_basic().
 * @since 0.3.0
 */
SOCK_API const char *sock_httpd_user(const sock_httpd_request_t *self);

/**
 * @brief Read from the body of a request.
 *
 * Corresponds to Python's `self.rfile.read(n)`, which does not know where the
 * body ends; wraps recv(2) and poll(2). The first call lets a client go on that
 * has asked whether it shall (`Expect: 100-continue`); one that was answered
 * before hears no such thing. A handler that does not read has no more to do:
 * what is left is taken care of.
 *
 * @param[in]  self  Request.
 * @param[out] buf   Buffer.
 * @param[in]  len   Its size.
 * @return Bytes that were read, at least one; 0 at the end of the body, and for
 *         a @p len of 0. -1 on error, and the connection ends behind the
 *         answer; a handler that returns without one is answered for, with 400,
 *         408 or 413.
 * @par Errors
 * #SOCK_E_EOF (the client has ended early), #SOCK_E_PROTOCOL (chunks that are
 * none, a limit), #SOCK_E_TIMEOUT (`body_rate`), #SOCK_E_OS, #SOCK_E_MEMORY,
 * #SOCK_E_TYPE.
 * @par Deviation
 * A body in chunks is decoded; a body that is cut off is an error.
 * @see sock_httpd_length(), sock_httpd_rfile(), sock_httpd_trailers().
 * @par Example
 * @snippet httpd.c body
 * @since 0.3.0
 */
SOCK_API ssize_t sock_httpd_read(sock_httpd_request_t *self, void *buf,
                                 size_t len);

/**
 * @brief The body of a request as a stream.
 *
 * Corresponds to Python's `self.rfile`; wraps fopencookie(3). It ends where the
 * body ends.
 *
 * @param[in] self  Request.
 * @return The stream, which must not be closed; NULL on error. The same each
 *         time; not to be mixed with sock_httpd_read().
 * @par Errors
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_httpd_read(), sock_httpd_wfile().
 * @par Example
 * @snippet httpd.c streams
 * @since 0.3.0
 */
SOCK_API FILE *sock_httpd_rfile(sock_httpd_request_t *self);

/**
 * @brief Begin an answer.
 *
 * Corresponds to Python's `self.send_response(code, message)`. Server and Date
 * are added, unless the handler sends them. Of 100 to 199, but 101, it is an
 * interim answer: sock_httpd_end_headers() sends it, and the true one follows.
 *
 * @param[in] self     Request.
 * @param[in] code     Status, 100 to 999.
 * @param[in] message  Its phrase; NULL: the one that sock_http_responses() has.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (status, a control character, an answer has begun already),
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * The log is told by sock_httpd_end_headers().
 * @see sock_httpd_send_header(), sock_httpd_end_headers(),
 *      sock_httpd_send_error().
 * @par Example
 * @snippet httpd.c answer
 * @since 0.3.0
 */
SOCK_API int sock_httpd_send_response(sock_httpd_request_t *self, int code,
                                      const char *message);

/**
 * @brief Add a field to an answer's head.
 *
 * Corresponds to Python's `self.send_header(keyword, value)`. `Connection:
 * close` ends the connection behind the answer.
 *
 * @param[in] self   Request.
 * @param[in] name   A token.
 * @param[in] value  Visible characters, blanks, and bytes over 127.
 * @return 0; -1 on error, and the head is as it was.
 * @par Errors
 * #SOCK_E_VALUE (name, a control character, Content-Length that is no number or
 * was sent already, Transfer-Encoding, out of order, a head over 64 KiB),
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * Python sends line ends as they are given, which is how a value becomes a head
 * of its own. Bodies are put in chunks by the server alone.
 * @see sock_httpd_send_response(), sock_httpd_end_headers().
 * @par Example
 * @snippet httpd.c answer
 * @since 0.3.0
 */
SOCK_API int sock_httpd_send_header(sock_httpd_request_t *self,
                                    const char *name, const char *value);

/**
 * @brief End an answer's head.
 *
 * Corresponds to Python's `self.end_headers()`. The head is held back with what
 * is written behind it.
 *
 * @param[in] self  Request.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (out of order), #SOCK_E_MEMORY, #SOCK_E_TYPE; of an interim
 * answer as sock_httpd_flush().
 * @see sock_httpd_send_header(), sock_httpd_write(), sock_httpd_flush().
 * @par Example
 * @snippet httpd.c answer
 * @since 0.3.0
 */
SOCK_API int sock_httpd_end_headers(sock_httpd_request_t *self);

/**
 * @brief Write to the body of an answer.
 *
 * Corresponds to Python's `self.wfile.write(data)`. Waits where more is there
 * than is held back and the client does not read.
 *
 * @param[in] self  Request.
 * @param[in] data  Bytes.
 * @param[in] len   Their number.
 * @return 0 once all of it is taken; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (before sock_httpd_end_headers(); more than its
 * Content-Length), #SOCK_E_TIMEOUT (`write_timeout`), #SOCK_E_OS (EPIPE,
 * ECONNRESET, ...), #SOCK_E_TYPE.
 * @par Deviation
 * Without a Content-Length the client still sees where the body ends.
 * @see sock_httpd_printf(), sock_httpd_flush(), sock_httpd_wfile().
 * @par Example
 * @snippet httpd.c answer
 * @since 0.3.0
 */
SOCK_API int sock_httpd_write(sock_httpd_request_t *self, const void *data,
                              size_t len);

/**
 * @brief Write a formatted text to the body of an answer.
 *
 * Corresponds to Python's `self.wfile.write(b"..." % ...)`. What a client has
 * sent is to be escaped, in HTML by sock_html_escape().
 *
 * @param[in] self    Request.
 * @param[in] format  As of printf(3), with its arguments.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_httpd_write(); #SOCK_E_MEMORY, which only a text of over 1023 bytes
 * can meet.
 * @see sock_httpd_write(), sock_html_escape().
 * @par Example
 * @snippet httpd.c echo
 * @since 0.3.0
 */
SOCK_API SOCK_HTTPD_PRINTF int sock_httpd_printf(sock_httpd_request_t *self,
                                                 const char *format, ...);

/**
 * @brief The body of an answer as a stream.
 *
 * Corresponds to Python's `self.wfile`; wraps fopencookie(3). What it holds
 * comes before what sock_httpd_write() is given later, and before the end.
 *
 * @param[in] self  Request.
 * @return The stream, which must not be closed; NULL on error. The same each
 *         time.
 * @par Errors
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_httpd_write(), sock_httpd_rfile().
 * @par Example
 * @snippet httpd.c streams
 * @since 0.3.0
 */
SOCK_API FILE *sock_httpd_wfile(sock_httpd_request_t *self);

/**
 * @brief Send what is held back.
 *
 * Corresponds to Python's `self.wfile.flush()`. For events that are to be seen
 * as they come; an answer whose length is not known by then comes in chunks.
 *
 * @param[in] self  Request.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_httpd_write().
 * @see sock_httpd_write().
 * @par Example
 * @snippet httpd.c events
 * @since 0.3.0
 */
SOCK_API int sock_httpd_flush(sock_httpd_request_t *self);

/**
 * @brief Answer with an error.
 *
 * Corresponds to Python's `self.send_error(code, message)`. Takes the place of
 * what is held back. Its page says what Python's says, with the message
 * escaped; statuses that can have no body have none.
 *
 * @param[in] self     Request.
 * @param[in] code     Status, 200 to 999.
 * @param[in] message  What is wrong; NULL: the status's phrase.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (status, a control character; part of an answer was sent
 * already, so that the connection ends), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * The connection goes on, if the request was well-formed.
 * @see sock_httpd_send_response(), sock_httpd_redirect().
 * @par Example
 * @snippet httpd.c error
 * @since 0.3.0
 */
SOCK_API int sock_httpd_send_error(sock_httpd_request_t *self, int code,
                                   const char *message);

/**
 * @brief Send the client elsewhere.
 *
 * Not in Python, where it is send_response() and send_header().
 *
 * @param[in] self  Request.
 * @param[in] code  301, 302, 303, 307, 308, or another of 300 to 399 but 304.
 * @param[in] url   Location: of this server or another; no blanks.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (status, URL), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_httpd_send_error(), sock_quote().
 * @par Example
 * @snippet httpd.c error
 * @since 0.3.0
 */
SOCK_API int sock_httpd_redirect(sock_httpd_request_t *self, int code,
                                 const char *url);

/**
 * @brief End the connection behind this answer.
 *
 * Corresponds to Python's `self.close_connection = True`.
 *
 * @param[in] self  Request.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_httpd_send_header(), sock_httpd_send_error().
 * @par Example
 * @snippet httpd.c error
 * @since 0.3.0
 */
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

/**
 * @brief Add a line to the log.
 *
 * Corresponds to Python's `self.log_message(format, *args)`.
 *
 * @param[in] self    Request.
 * @param[in] format  As of printf(3), with its arguments.
 * @return 0, without a log, too; -1 on error.
 * @par Errors
 * #SOCK_E_MEMORY, #SOCK_E_TYPE, #SOCK_E_OS (a format that fails).
 * @see sock_httpd_set_log().
 * @par Example
 * @snippet httpd.c log
 * @since 0.3.0
 */
SOCK_API SOCK_HTTPD_PRINTF int sock_httpd_log(sock_httpd_request_t *self,
                                              const char *format, ...);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
