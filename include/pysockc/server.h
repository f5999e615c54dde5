/* SPDX-License-Identifier: MIT */
/**
 * @file server.h
 * @brief Servers: one request after the other, or many at once.
 */
#ifndef PYSOCKC_SERVER_H
#define PYSOCKC_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pysockc/address.h>
#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/socket.h>
#include <pysockc/timeout.h>

/**
 * @defgroup server Servers
 * @brief Python's socketserver: a class says what is done with a request, a
 * server takes them.
 *
 * A #sock_server_class_t is what a Python program would derive from
 * `BaseServer` and `BaseRequestHandler`: what is zero in it has Python's
 * default, unless said otherwise. Only `size` and `handle` are needed.
 *
 * For each request the server calls `verify_request`, `process_request`, then
 * `setup`, `handle` and `finish`; where one of them returns -1, which is
 * Python's exception, `handle_error`, with sock_last_error() of that thread, so
 * of the call that has just failed; and then it ends the connection. `finish`
 * is called even if `handle` has failed, but not if `setup` has. All are called
 * in the loop's thread, but `setup`, `handle`, `finish` and `handle_error` of
 * them in the request's: by the mode, a thread of its own, a child process, or
 * one of the pool's.
 *
 * A child ends by _exit(2), so what its stdio still holds is lost, but for
 * wfile: what it prints needs an fflush(3). It has every descriptor that the
 * process had, clients in the same process included.
 *
 * Threads of the server run with all signals blocked, so that handlers run in
 * the program's own threads. What a request's thread starts inherits that:
 * programs to be run from there unblock them first.
 *
 * Any thread may call sock_server_shutdown(), sock_server_pause() and
 * sock_server_stats() at any time; one at a time serves. After fork(2) a server
 * belongs to the parent: in a child every call but sock_server_free() fails
 * with EINVAL.
 * @{
 */

/** What a request runs in. */
enum sock_server_mode {
    SOCK_SERVER_SERIAL = 0,    /**< The loop's thread: `TCPServer`. */
    SOCK_SERVER_THREADING = 1, /**< A thread of its own: `ThreadingMixIn`. */
    SOCK_SERVER_FORKING = 2,   /**< A child process: `ForkingMixIn`. */
    SOCK_SERVER_POOL = 3       /**< One of some threads. Not in Python. */
};

/** What is done with a request for which the pool's queue has no room. */
enum sock_server_when_full {
    SOCK_SERVER_WAIT = 0,   /**< It is not accepted before there is. */
    SOCK_SERVER_REFUSE = 1, /**< Its connection is closed. */
    SOCK_SERVER_CALL = 2    /**< `queue_full` is called, then it is closed. */
};

/** A server. Opaque. */
typedef struct sock_server sock_server_t;

/** A request: a connection, or a datagram. Opaque. */
typedef struct sock_request sock_request_t;

/** What a server is: Python's class attributes and methods. Switches are 0 for
 * the default, 1 for on, -1 for off. */
typedef struct sock_server_class {
    size_t size;                 /**< Its size: `sizeof` this structure. */
    int mode;                    /**< One of #sock_server_mode. */
    int type;                    /**< `socket_type`; 0: SOCK_STREAM. */
    int request_queue_size;      /**< 0: 128, where Python has 5. */
    int allow_reuse_address;     /**< Switch: on, but for datagrams. */
    int allow_reuse_port;        /**< Switch: off. */
    int dualstack_ipv6;          /**< Switch: off; on is for IPv6 alone. Not in
                                      Python. */
    int disable_nagle_algorithm; /**< Switch: off. */
    int block_on_close; /**< Switch: on. Whether sock_server_free() waits for
                             threads and children. */
    int daemon_threads; /**< Switch: off. Threads are not waited for. */
    int max_children;   /**< 0: 40. */
    int rbufsize;       /**< Bytes of rfile; 0, -1: stdio's own; 1: none. */
    int wbufsize;       /**< Bytes of wfile; 0: none; -1: stdio's own. */
    double timeout;     /**< Seconds of sock_server_handle_request(); 0: None;
                             less: it looks and does not wait. */
    double request_timeout;  /**< `StreamRequestHandler.timeout`, seconds: of
                                  each call on the connection, and how long it
                                  may be parked. 0: None. */
    double request_deadline; /**< Seconds from the call of `handle` to the end
                                  of its connection, by shutdown(2). 0: none.
                                  Not in Python. */
    size_t max_packet_size;  /**< Of a datagram, bytes; 0: 8192. */
    size_t stack_size;       /**< Of a thread, bytes, as the system can give it;
                                  0: 256 KiB. */
    int threads;             /**< Of the pool; 0: 8. Not in Python. */
    int queue;           /**< Requests that wait for the pool; 0: four for each
                              thread. Not in Python. */
    int when_full;       /**< One of #sock_server_when_full. */
    int max_connections; /**< More wait in the system's queue; 0: no limit. Not
                              in Python. */
    int max_per_address; /**< More of one host are closed; 0: no limit. Not in
                              Python. */
    int reserved;        /**< Zero. */

    /** The request's work. Needed. */
    int (*handle)(sock_request_t *request);
    /** Before it. */
    int (*setup)(sock_request_t *request);
    /** After it; rfile and wfile are still open. */
    int (*finish)(sock_request_t *request);
    /** Whether it is processed: 1, or 0. */
    int (*verify_request)(sock_server_t *server, sock_request_t *request);
    /** In place of sock_accept(): the connection, and whom it is from. */
    sock_t *(*get_request)(sock_server_t *server, sock_addr_t *peer);
    /** What it runs in: calls sock_server_process_request(), or sees to the
     * request itself, which then ends. */
    int (*process_request)(sock_server_t *server, sock_request_t *request);
    /** Told of each failure. The request is NULL where none could be taken. */
    void (*handle_error)(sock_server_t *server, sock_request_t *request,
                         const sock_error_t *error);
    /** When sock_server_handle_request() has waited in vain. */
    void (*handle_timeout)(sock_server_t *server);
    /** After each request, and each poll_interval. */
    void (*service_actions)(sock_server_t *server);
    /** With #SOCK_SERVER_CALL, which needs it: says no to the peer. Not in
     * Python. */
    void (*queue_full)(sock_server_t *server, sock_request_t *request);
    /** After there was no descriptor for a connection. Not in Python. */
    void (*emfile)(sock_server_t *server);
    /** In each thread of the pool, at its start. Not in Python. */
    void (*worker_start)(sock_server_t *server, int worker);
    /** In each thread of the pool, at its end. Not in Python. */
    void (*worker_end)(sock_server_t *server, int worker);
} sock_server_class_t;

/** What a server has done, and does. */
typedef struct sock_server_numbers {
    uint64_t accepted;    /**< Requests that were taken. */
    uint64_t refused;     /**< Those that were closed without being handled. */
    uint64_t active;      /**< Requests there are now, children included. */
    uint64_t queued;      /**< Of these, how many wait for the pool. */
    uint64_t parked;      /**< Of these, how many are parked. */
    uint64_t failed;      /**< Errors, each told to `handle_error`; those of a
                               child are told and counted there. */
    uint64_t emfile;      /**< How often there was no descriptor left. */
    uint64_t cut;         /**< Those that were ended at their deadline, which a
                               child counts for itself, or by
                               sock_server_drain(). */
    uint64_t reserved[8]; /**< Zero. */
} sock_server_stats_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Make a server.
 *
 * Corresponds to Python's `TCPServer(server_address, RequestHandlerClass)` and
 * its kin, by mode, type and the family of the address; wraps socket(2),
 * setsockopt(2), bind(2), listen(2), eventfd(2).
 *
 * @param[in] c        What it is; copied.
 * @param[in] address  Where it listens.
 * @param[in] arg      For sock_server_arg() and sock_request_arg().
 * @return The server, to be ended by sock_server_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EADDRINUSE, EACCES, EMFILE, ...), #SOCK_E_TYPE (no class, no
 * `handle`, #SOCK_SERVER_CALL without `queue_full`, no address), #SOCK_E_VALUE
 * (its size, a mode, `when_full`, a type, a switch, a limit, a `stack_size`,
 * `reserved`, a negative time but for `timeout`, NaN; `dualstack_ipv6` and no
 * IPv6 address), #SOCK_E_OVERFLOW, the remembered error of a bad address,
 * #SOCK_E_MEMORY.
 * @par Deviation
 * The queue has 128 places, and addresses are reused, as sock_create_server()
 * does both. A datagram server has an address of its own unless told to share
 * it.
 * @see sock_server_adopt(), sock_server_serve_forever(), sock_server_free().
 * @par Example
 * @snippet server.c new
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_server_t *sock_server_new(
    const sock_server_class_t *c, sock_addr_t address, void *arg);

/**
 * @brief Make a server of a socket.
 *
 * Corresponds to Python's `TCPServer(..., bind_and_activate=False)` with a
 * socket set by hand. The socket listens already, or is a bound datagram
 * socket; or the class has a `get_request`, which takes connections from it in
 * another way. It is the server's from then on, which makes it non-blocking;
 * its timeout is that of sock_server_handle_request(), as in Python. A Unix
 * path is not removed. The class's `type` is not asked.
 *
 * @param[in] c         What it is; copied.
 * @param[in] listener  Socket; on error it stays the caller's.
 * @param[in] arg       As for sock_server_new().
 * @return The server, to be ended by sock_server_free(); NULL on error.
 * @par Errors
 * As sock_server_new(); #SOCK_E_OS (EBADF), #SOCK_E_TYPE (no socket),
 * #SOCK_E_VALUE (it does not listen).
 * @par Deviation
 * Python's may begin to listen later.
 * @see sock_server_new(), sock_create_server(), sock_adopt().
 * @par Example
 * @snippet server.c adopt
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_server_t *sock_server_adopt(
    const sock_server_class_t *c, sock_t *listener, void *arg);

/**
 * @brief End a server.
 *
 * Corresponds to Python's `server.server_close()`, and the end of its `with`.
 * Shuts it down, closes its socket and what is parked, and removes its Unix
 * path, if that is still the file it made. Then, with `block_on_close`, waits
 * for threads and children. Not to be called by its own callbacks. NULL does
 * nothing; errno and the error record are left alone.
 *
 * @param[in] server  Server, or NULL; of a parent process, too.
 * @par Deviation
 * Python leaves the Unix path, so that the next bind fails.
 * @see sock_server_new(), sock_server_drain().
 * @par Example
 * @snippet server.c new
 * @since 0.3.0
 */
SOCK_API void sock_server_free(sock_server_t *server);

/**
 * @brief Take requests until it is shut down.
 *
 * Corresponds to Python's `server.serve_forever(poll_interval)`; wraps poll(2)
 * and accept4(2). A request that fails is told to `handle_error`, and the loop
 * goes on. Where there is no descriptor left for a connection, one that is kept
 * for this takes those who wait and closes them; where that fails too, nothing
 * is accepted for 100 ms.
 *
 * @param[in] server         Server.
 * @param[in] poll_interval  How often `service_actions` is called, and children
 *                           are looked after, seconds; Python's is 0.5.
 *                           #SOCK_NO_TIMEOUT: only after requests.
 * @return 0 after sock_server_shutdown(); -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBUSY: another thread serves; EBADF: its socket was closed;
 * EINVAL: that does not listen any more, or the server is a parent's; EAGAIN:
 * no threads for the pool), #SOCK_E_VALUE, #SOCK_E_OVERFLOW, #SOCK_E_CANCELLED
 * (the interrupt function of its socket), #SOCK_E_TYPE.
 * @par Deviation
 * The interval does not delay sock_server_shutdown(). Python's loop spins when
 * descriptors run out.
 * @see sock_server_shutdown(), sock_server_handle_request().
 * @par Example
 * @snippet server.c new
 * @since 0.3.0
 */
SOCK_API int sock_server_serve_forever(sock_server_t *server,
                                       double poll_interval);

/**
 * @brief Take one request.
 *
 * Corresponds to Python's `server.handle_request()`; wraps poll(2) and
 * accept4(2). Waits for the shorter of the class's timeout and its socket's.
 *
 * @param[in] server  Server.
 * @return 1 if a request was taken, whatever became of it; 0 if none came in
 *         that time, after `handle_timeout`; -1 on error.
 * @par Errors
 * As sock_server_serve_forever(); #SOCK_E_CANCELLED also for
 * sock_server_shutdown(), which is thereby done.
 * @par Deviation
 * Python's does not hear of a shutdown, and its children are not reaped here.
 * @see sock_server_serve_forever(), sock_server_fileno().
 * @par Example
 * @snippet server.c one
 * @since 0.3.0
 */
SOCK_API int sock_server_handle_request(sock_server_t *server);

/**
 * @brief Have the loop end.
 *
 * Corresponds to Python's `server.shutdown()`; wraps write(2) to an eventfd. It
 * may be called by any thread, by a handler, and by a signal handler. It never
 * waits: sock_server_join() does. Where no loop runs, the next one ends at
 * once.
 *
 * @param[in] server  Server.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the server is a parent's).
 * @par Deviation
 * Python's waits for the loop's end: for ever from a handler of a serial
 * server, or where no loop runs.
 * @see sock_server_join(), sock_server_drain().
 * @par Example
 * @snippet server.c shutdown
 * @since 0.3.0
 */
SOCK_API int sock_server_shutdown(sock_server_t *server);

/**
 * @brief Wait until the loop and all handlers have ended.
 *
 * Not in Python, whose `shutdown()` waits for the loop, and `server_close()`
 * for the handlers. Ends nothing by itself.
 *
 * @param[in] server   Server.
 * @param[in] timeout  Seconds, or #SOCK_NO_TIMEOUT.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TIMEOUT, #SOCK_E_OS (EDEADLK: called by its own loop or handler;
 * EINVAL: the server is a parent's), #SOCK_E_VALUE, #SOCK_E_OVERFLOW,
 * #SOCK_E_TYPE.
 * @see sock_server_shutdown(), sock_server_drain().
 * @par Example
 * @snippet server.c shutdown
 * @since 0.3.0
 */
SOCK_API int sock_server_join(sock_server_t *server, double timeout);

/**
 * @brief End it, and let what runs come to its end first.
 *
 * Not in Python; wraps shutdown(2) and kill(2). The loop ends, connections that
 * are parked are closed, and requests in work get the time that is given. Those
 * that still run then lose their connection, so that their handlers fail and
 * end; children get SIGTERM. It returns when all have ended.
 *
 * @param[in] server   Server.
 * @param[in] seconds  Time for the running, or #SOCK_NO_TIMEOUT.
 * @return How many had to be cut; -1 on error.
 * @par Errors
 * As sock_server_join(), but for #SOCK_E_TIMEOUT.
 * @see sock_server_shutdown(), sock_server_pause(), sock_request_park().
 * @par Example
 * @snippet server.c drain
 * @since 0.3.0
 */
SOCK_API int sock_server_drain(sock_server_t *server, double seconds);

/**
 * @brief Stop taking new requests, or go on.
 *
 * Not in Python. Connections wait in the system's queue meanwhile; the
 * parked go on.
 *
 * @param[in] server  Server.
 * @param[in] on      1 to stop, 0 to go on.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the server is a parent's).
 * @see sock_server_drain().
 * @par Example
 * @snippet server.c pause
 * @since 0.3.0
 */
SOCK_API int sock_server_pause(sock_server_t *server, int on);

/**
 * @brief Run a request as the mode says.
 *
 * Corresponds to Python's `super().process_request(request, client_address)`:
 * for the class's `process_request` alone, with what that was given. The
 * request belongs to others afterwards.
 *
 * @param[in] server   Server.
 * @param[in] request  Request.
 * @return 0, also where no thread or child could be made, which
 *         `handle_error` hears; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EALREADY: it is not being processed; EINVAL: the server is a
 * parent's), #SOCK_E_TYPE.
 * @see sock_server_serve_forever().
 * @par Example
 * @snippet server.c process
 * @since 0.3.0
 */
SOCK_API int sock_server_process_request(sock_server_t *server,
                                         sock_request_t *request);

/**
 * @brief Print what failed.
 *
 * Corresponds to Python's `server.handle_error()`: for `handle_error` of the
 * class, if that shall be so. Prints on stderr.
 *
 * @param[in] server   Server.
 * @param[in] request  Request, or NULL.
 * @param[in] error    What failed.
 * @par Deviation
 * Nothing is printed unless the class names this function.
 * @see sock_error_text(), sock_perror().
 * @par Example
 * @snippet server.c print
 * @since 0.3.0
 */
SOCK_API void sock_server_print_error(sock_server_t *server,
                                      sock_request_t *request,
                                      const sock_error_t *error);

/**
 * @brief The socket of a server.
 *
 * Corresponds to Python's `server.socket`.
 *
 * @param[in] server  Server.
 * @return The socket, which stays the server's; NULL of NULL.
 * @see sock_server_fileno(), sock_server_address().
 * @par Example
 * @snippet server.c what
 * @since 0.3.0
 */
SOCK_API sock_t *sock_server_sock(const sock_server_t *server);

/**
 * @brief Where a server listens.
 *
 * Corresponds to Python's `server.server_address`: as getsockname(2) said, so
 * with the port that the system chose.
 *
 * @param[in] server  Server.
 * @return The address; none of NULL.
 * @see sock_server_sock(), sock_addr_port().
 * @par Example
 * @snippet server.c what
 * @since 0.3.0
 */
SOCK_API sock_addr_t sock_server_address(const sock_server_t *server);

/**
 * @brief The descriptor of a server's socket.
 *
 * Corresponds to Python's `server.fileno()`. When it is readable,
 * sock_server_handle_request() does not wait.
 *
 * @param[in] server  Server.
 * @return The descriptor; -1 if its socket is closed, without an error, as
 *         sock_fileno() says it; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_server_sock(), sock_select().
 * @par Example
 * @snippet server.c what
 * @since 0.3.0
 */
SOCK_API sock_fd_t sock_server_fileno(const sock_server_t *server);

/**
 * @brief What a server was made with.
 *
 * Corresponds to attributes of a Python program's own server class.
 *
 * @param[in] server  Server.
 * @return The argument of sock_server_new(); NULL of NULL.
 * @see sock_request_arg().
 * @par Example
 * @snippet server.c what
 * @since 0.3.0
 */
SOCK_API void *sock_server_arg(const sock_server_t *server);

/**
 * @brief What a server has done, and does.
 *
 * Not in Python.
 *
 * @param[in]  server  Server.
 * @param[out] stats   Its numbers.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the server is a parent's).
 * @see sock_server_drain().
 * @par Example
 * @snippet server.c stats
 * @since 0.3.0
 */
SOCK_API int sock_server_stats(sock_server_t *server,
                               sock_server_stats_t *stats);

/**
 * @brief The connection of a request.
 *
 * Corresponds to Python's `self.request`. Of a datagram it is the server's
 * socket. The server closes it after the request; a handler may sock_detach()
 * it, and then has its descriptor.
 *
 * @param[in] request  Request.
 * @return The socket, which stays the request's; NULL of NULL.
 * @see sock_request_rfile(), sock_request_packet().
 * @par Example
 * @snippet server.c handle
 * @since 0.3.0
 */
SOCK_API sock_t *sock_request_sock(const sock_request_t *request);

/**
 * @brief Whom a request is from.
 *
 * Corresponds to Python's `self.client_address`.
 *
 * @param[in] request  Request.
 * @return The address; none of NULL, and of a Unix socket without a name.
 * @see sock_request_sock(), sock_addr_repr().
 * @par Example
 * @snippet server.c verify
 * @since 0.3.0
 */
SOCK_API sock_addr_t sock_request_address(const sock_request_t *request);

/**
 * @brief The server of a request.
 *
 * Corresponds to Python's `self.server`.
 *
 * @param[in] request  Request.
 * @return The server; NULL of NULL.
 * @see sock_request_arg().
 * @par Example
 * @snippet server.c shutdown
 * @since 0.3.0
 */
SOCK_API sock_server_t *sock_request_server(const sock_request_t *request);

/**
 * @brief What a request's server was made with.
 *
 * Corresponds to attributes of Python's `self.server`.
 *
 * @param[in] request  Request.
 * @return The argument of sock_server_new(); NULL of NULL.
 * @see sock_server_arg(), sock_request_data().
 * @par Example
 * @snippet server.c arg
 * @since 0.3.0
 */
SOCK_API void *sock_request_arg(const sock_request_t *request);

/**
 * @brief Keep something with a request.
 *
 * Corresponds to attributes of Python's `self`. Kept from `setup` to `finish`,
 * and while the request is parked.
 *
 * @param[in] request  Request; NULL does nothing.
 * @param[in] data     What sock_request_data() gives back.
 * @see sock_request_data().
 * @par Example
 * @snippet server.c data
 * @since 0.3.0
 */
SOCK_API void sock_request_set_data(sock_request_t *request, void *data);

/**
 * @brief What is kept with a request.
 *
 * Corresponds to attributes of Python's `self`.
 *
 * @param[in] request  Request.
 * @return What sock_request_set_data() was given last; NULL before, and of
 *         NULL.
 * @see sock_request_set_data(), sock_request_arg().
 * @par Example
 * @snippet server.c data
 * @since 0.3.0
 */
SOCK_API void *sock_request_data(const sock_request_t *request);

/**
 * @brief A stream that reads the request.
 *
 * Corresponds to Python's `self.rfile`: as sock_makefile() makes it, at the
 * first call, or of the datagram's bytes. It is closed after `finish`.
 *
 * @param[in] request  Request.
 * @return The stream, which stays the request's; NULL on error.
 * @par Errors
 * As sock_makefile().
 * @see sock_request_wfile(), sock_request_sock().
 * @par Example
 * @snippet server.c files
 * @since 0.3.0
 */
SOCK_API FILE *sock_request_rfile(sock_request_t *request);

/**
 * @brief A stream that answers the request.
 *
 * Corresponds to Python's `self.wfile`: as sock_makefile() makes it, at the
 * first call, without a buffer unless the class has a `wbufsize`. What is
 * written for a datagram is its answer, which is sent after `finish`. It is
 * closed after `finish`.
 *
 * @param[in] request  Request.
 * @return The stream, which stays the request's; NULL on error.
 * @par Errors
 * As sock_makefile().
 * @par Deviation
 * If nothing was written, no datagram is sent. Python sends an empty one.
 * @see sock_request_rfile(), sock_request_reply().
 * @par Example
 * @snippet server.c files
 * @since 0.3.0
 */
SOCK_API FILE *sock_request_wfile(sock_request_t *request);

/**
 * @brief The bytes of a datagram.
 *
 * Corresponds to Python's `self.packet`, `self.request[0]`. A NUL stands behind
 * them. A datagram that has more than `max_packet_size` is not handled, but
 * told to `handle_error` as EMSGSIZE.
 *
 * @param[in]  request  Request.
 * @param[out] size     Their number.
 * @return The bytes, which stay the request's; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE (it is no datagram, too).
 * @par Deviation
 * Python handles what is left of a datagram that was cut.
 * @see sock_request_reply(), sock_request_rfile().
 * @par Example
 * @snippet server.c datagram
 * @since 0.3.0
 */
SOCK_API const void *sock_request_packet(const sock_request_t *request,
                                         size_t *size);

/**
 * @brief Answer a datagram.
 *
 * Corresponds to Python's `self.socket.sendto(data, self.client_address)`;
 * wraps sendmsg(2). It leaves from the address that the datagram was sent to,
 * where the server listens on several.
 *
 * @param[in] request  Request.
 * @param[in] buf      Bytes; may be NULL if there are none.
 * @param[in] size     Their number; 0 sends an empty datagram.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (it is no datagram, too; who sent it has no address),
 * #SOCK_E_OS (EMSGSIZE, ECONNREFUSED, ...), #SOCK_E_TIMEOUT (the class's
 * request_timeout), #SOCK_E_CANCELLED.
 * @see sock_request_packet(), sock_request_wfile().
 * @par Example
 * @snippet server.c datagram
 * @since 0.3.0
 */
SOCK_API int sock_request_reply(sock_request_t *request, const void *buf,
                                size_t size);

/**
 * @brief Let a connection wait for its next bytes without a thread.
 *
 * Not in Python; wraps epoll_ctl(2). For `handle`, which then returns 0: the
 * connection waits in the server's loop, `handle` is called anew when bytes or
 * the end have come, and `finish` after the last time. Parked for more than
 * `request_timeout` it is closed. What rfile has read ahead is not seen: park
 * when it has been used up.
 *
 * @param[in] request  Request.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (a datagram, or a child's request).
 * @see sock_server_drain(), sock_server_stats().
 * @par Example
 * @snippet server.c park
 * @since 0.3.0
 */
SOCK_API int sock_request_park(sock_request_t *request);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
