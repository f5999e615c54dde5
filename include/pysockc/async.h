/* SPDX-License-Identifier: MIT */
/**
 * @file async.h
 * @brief Objects whose functions are called when their socket is ready.
 */
#ifndef PYSOCKC_ASYNC_H
#define PYSOCKC_ASYNC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pysockc/address.h>
#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/loop.h>
#include <pysockc/socket.h>

/**
 * @defgroup async Dispatchers and chats
 * @brief Python's `asyncore` and `asynchat`, on an event loop.
 *
 * A dispatcher is a socket and a class: functions that the loop calls when
 * something has happened. A chat is a dispatcher that cuts what comes at a
 * terminator, and keeps what is to be sent until there is room for it:
 *
 * @snippet async.c chat
 *
 * A class is a constant of the program, as in Python, and has to stay. Zero in
 * a field is its default. Its functions return 0; -1 is what an exception is in
 * Python: `handle_error` gets the error of this thread then, which is that of
 * the call that has just failed. An EAGAIN is none, as it comes again when it
 * is ready; nor is the ESHUTDOWN of what was pushed behind
 * sock_chat_close_when_done(). ECONNRESET, ECONNABORTED, ENOTCONN, ESHUTDOWN,
 * EPIPE and EBADF, whatever call they are of, say as in Python that the
 * connection has ended: `handle_close` is called, and `handle_error` is not.
 *
 * | what happened             | what is called                            |
 * |---------------------------|-------------------------------------------|
 * | a connect succeeded       | `handle_connect`, then `handle_write`     |
 * | a connection waits        | `handle_accept`, or each `handle_accepted` |
 * | bytes have come           | `handle_read`                             |
 * | there is room to send     | `handle_write`                            |
 * | urgent data has come      | `handle_expt`                             |
 * | the peer sends no more    | `handle_close`                            |
 * | the connection is reset   | `handle_close`                            |
 * | a connect failed          | `handle_error`, then `handle_close`       |
 * | a time is over            | `handle_error`, then `handle_close`       |
 * | a line is too long        | `handle_error`, then `handle_close`       |
 * | a file is short, or failed | `handle_error`, then `handle_close`      |
 * | another system call failed | `handle_error`, then `handle_close`     |
 * | a function returned -1    | `handle_error`, or else `handle_close`    |
 *
 * `handle_close` is called once, and never inside another function of its
 * dispatcher: where that is under way, when it has returned. It is the place to
 * let go of things; if there is none, the dispatcher is closed. It may go on
 * sending to a peer that sends no more. sock_dispatcher_close(), which the
 * program calls itself, does not call it, as in Python.
 *
 * A function may free any dispatcher, its own included. The memory goes at the
 * end of the round; what is called with one that was freed fails with EBADF.
 *
 * A dispatcher belongs to the thread of its loop. It keeps sock_loop_run()
 * going while something is waited for: reading, sending, connecting,
 * accepting, or a timeout. The functions that read and send never wait,
 * whatever others made of the socket's mode, and work over protocols on top,
 * such as TLS.
 * @{
 */

/** The limit of a queue, a line or a water mark that is none. */
#define SOCK_NO_LIMIT SIZE_MAX

/** What a terminator may have, in bytes. */
#define SOCK_TERMINATOR_MAX 32768

/** A socket, and functions to call. Opaque. */
typedef struct sock_dispatcher sock_dispatcher_t;

/** A dispatcher that reads up to a terminator. Opaque. */
typedef struct sock_chat sock_chat_t;

/** A function of a dispatcher: 0, or -1 with the error of a call. */
typedef int (*sock_dispatcher_fn)(sock_dispatcher_t *d);

/** A function of a chat: 0, or -1 with the error of a call. */
typedef int (*sock_chat_fn)(sock_chat_t *chat);

/**
 * @brief Gives a chat the next of what it is to send.
 *
 * @param[in]  arg   What sock_chat_push_with_producer() was given.
 * @param[out] buf   Buffer; NULL in the last call, which is made whatever
 *                   comes of the chat, and whose value means nothing.
 * @param[in]  size  Bytes of @p buf.
 * @return Bytes put there; 0: there are no more. -1: `handle_error` gets the
 *         error of this thread, and it is not asked again. More than @p size,
 *         as snprintf(3) returns of what did not fit, is such a failure, too:
 *         #SOCK_E_VALUE, and nothing of it is sent.
 */
typedef ssize_t (*sock_producer_fn)(void *arg, void *buf, size_t size);

/** What the dispatchers of a class have in common. Zero is a default. */
typedef struct sock_dispatcher_class {
    size_t size; /**< sizeof *this; may be 0 inside a #sock_chat_class_t. */
    /** Whether it wants to read. NULL: always. Asked after its events, and by
     * sock_dispatcher_update(). */
    sock_dispatcher_fn readable;
    /** Whether it wants to write. NULL: while bytes wait. Asked as
     * `readable`. */
    sock_dispatcher_fn writable;
    /** It can be read. NULL: what comes is dropped. */
    sock_dispatcher_fn handle_read;
    /** It can be written, and what waited was sent as far as there is room. */
    sock_dispatcher_fn handle_write;
    /** Urgent data has come. NULL: not looked for. */
    sock_dispatcher_fn handle_expt;
    /** It is connected. */
    sock_dispatcher_fn handle_connect;
    /** The connection has ended. NULL: sock_dispatcher_close(). */
    sock_dispatcher_fn handle_close;
    /** A connection waits. NULL: it is accepted, `handle_accepted` called. */
    sock_dispatcher_fn handle_accept;
    /** A connection was accepted; the function owns the socket. NULL: it is
     * closed. The address is valid during the call. */
    int (*handle_accepted)(sock_dispatcher_t *d, sock_t *s,
                           const sock_addr_t *address);
    /** Something failed. The error is valid during the call. NULL: nothing is
     * said. */
    void (*handle_error)(sock_dispatcher_t *d, const sock_error_t *error);
    /** The object ends, whatever the cause: the last call, for what `arg`
     * points to. */
    void (*handle_free)(sock_dispatcher_t *d);
    /** Something came that there is no function for, as in Python, where it is
     * printed: `unhandled read event`. NULL: nothing is said. */
    void (*log)(sock_dispatcher_t *d, const char *text);
    /** More bytes wait to be sent than `high_water`. */
    void (*pause_writing)(sock_dispatcher_t *d);
    /** After that, no more than `low_water` wait. */
    void (*resume_writing)(sock_dispatcher_t *d);
    /** Seconds after which a connection on which nothing moves is ended with
     * #SOCK_E_TIMEOUT. 0: none; sock_dispatcher_set_timeout() sets that of
     * one. */
    double idle_timeout;
    /** Seconds that a connect may take. 0: the system's. */
    double connect_timeout;
    /** Bytes that may wait to be sent. 0: 16 MiB. */
    size_t max_queue;
    /** 0: 64 KiB. */
    size_t high_water;
    /** No more than `high_water`. 0: a quarter of it. */
    size_t low_water;
    /** Connections accepted in a round, not negative. 0: 64. */
    int max_accepts;
    /** Not 0: the object is freed when it was closed, as Python's garbage
     * collector would. */
    int free_when_closed;
    void *reserved[4]; /**< NULL. */
} sock_dispatcher_class_t;

/** What the chats of a class have in common. Zero is a default. */
typedef struct sock_chat_class {
    size_t size;                        /**< sizeof *this. */
    sock_dispatcher_class_t dispatcher; /**< As a dispatcher. */
    /** Bytes have come that are no terminator; a part of what stands before
     * the next one, never empty. NULL: kept for sock_chat_get_data(). */
    int (*collect_incoming_data)(sock_chat_t *chat, const void *data,
                                 size_t size);
    /** The terminator has come, behind all that was collected since the last
     * one. */
    sock_chat_fn found_terminator;
    /** Seconds from the first byte behind a terminator to the next
     * terminator. 0: none. */
    double request_deadline;
    /** Bytes before a terminator of bytes; more of them are `EMSGSIZE`, which
     * ends the connection. 0: 64 KiB. */
    size_t max_line;
    void *reserved[4]; /**< NULL. */
} sock_chat_class_t;

/** What a dispatcher does. */
enum sock_dispatcher_state {
    SOCK_DISPATCHER_CLOSED = 0,     /**< It has no socket. */
    SOCK_DISPATCHER_IDLE = 1,       /**< It has one that is not used yet. */
    SOCK_DISPATCHER_CONNECTING = 2, /**< A connect is under way. */
    SOCK_DISPATCHER_CONNECTED = 3,  /**< It reads and sends; so do datagram
                                         sockets, from the beginning. */
    SOCK_DISPATCHER_ACCEPTING = 4   /**< It accepts connections. */
};

#ifdef __cplusplus
extern "C" {
#endif

/* Life cycle */

/**
 * @brief Make a dispatcher.
 *
 * Corresponds to Python's `asyncore.dispatcher(sock, map)`. The socket becomes
 * non-blocking. One that is connected, or listens, or is no stream, is waited
 * for from now on; another one when it does.
 *
 * @param[in] c     Its class, which has to stay.
 * @param[in] loop  The loop, asyncore's map.
 * @param[in] s     Socket, which it owns then; NULL: none yet.
 * @param[in] arg   What sock_dispatcher_arg() gives back.
 * @return The dispatcher, to be ended by sock_dispatcher_free(), unless the
 *         class says `free_when_closed`. NULL on error, and the socket is still
 *         the caller's.
 * @par Errors
 * #SOCK_E_TYPE (no class, no loop), #SOCK_E_VALUE (the size of the class,
 * `reserved`, a negative `max_accepts`, a `low_water` over `high_water`, a time
 * that is negative or NaN), #SOCK_E_OS (EBADF: closed; EINVAL: the loop is
 * a parent's; ENOSPC), #SOCK_E_MEMORY.
 * @par Deviation
 * There is no global map. It is watched for what its class has use for, and
 * not for writing all the time; and what it wants is asked when something has
 * happened to it, not in each round. A socket that listens is known to be one.
 * @see sock_dispatcher_free(), sock_dispatcher_create_socket(),
 *      sock_chat_new(), sock_dispatcher_with_send_new().
 * @par Example
 * @snippet async.c dispatcher
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_dispatcher_t *sock_dispatcher_new(
    const sock_dispatcher_class_t *c, sock_loop_t *loop, sock_t *s, void *arg);

/**
 * @brief Make a dispatcher that keeps what it can't send yet.
 *
 * Corresponds to Python's `asyncore.dispatcher_with_send(sock, map)`. Its
 * sock_dispatcher_send() takes all bytes: what there is no room for waits, and
 * is sent when there is.
 *
 * @param[in] c     As for sock_dispatcher_new().
 * @param[in] loop  As for sock_dispatcher_new().
 * @param[in] s     As for sock_dispatcher_new().
 * @param[in] arg   As for sock_dispatcher_new().
 * @return As sock_dispatcher_new().
 * @par Errors
 * As sock_dispatcher_new().
 * @par Deviation
 * No more than `max_queue` bytes wait.
 * @see sock_dispatcher_send(), sock_dispatcher_bytes_waiting(),
 *      sock_dispatcher_new().
 * @par Example
 * @snippet async.c with_send
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_dispatcher_t *sock_dispatcher_with_send_new(
    const sock_dispatcher_class_t *c, sock_loop_t *loop, sock_t *s, void *arg);

/**
 * @brief Make a dispatcher of a descriptor that is no socket.
 *
 * Corresponds to Python's `asyncore.file_dispatcher(fd, map)`; wraps dup(2).
 * For pipes and terminals. It has a duplicate, close-on-exec, and makes it
 * non-blocking, which all who have that description see. sock_dispatcher_recv()
 * and sock_dispatcher_send() read and write it.
 *
 * @param[in] c     As for sock_dispatcher_new().
 * @param[in] loop  As for sock_dispatcher_new().
 * @param[in] fd    Descriptor, which stays the caller's.
 * @param[in] arg   As for sock_dispatcher_new().
 * @return As sock_dispatcher_new().
 * @par Errors
 * As sock_dispatcher_new(); #SOCK_E_OS (EPERM: a regular file, which is always
 * ready; EMFILE), #SOCK_E_VALUE (a negative number).
 * @par Deviation
 * Regular files are refused.
 * @see sock_dispatcher_new(), sock_selector_register_fd().
 * @par Example
 * @snippet async.c file
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_dispatcher_t *sock_file_dispatcher_new(
    const sock_dispatcher_class_t *c, sock_loop_t *loop, sock_fd_t fd,
    void *arg);

/**
 * @brief End a dispatcher.
 *
 * Not in Python, which counts references. It is closed, and `handle_free`
 * called: inside one of its own functions when that has returned, and until
 * then it can still be asked for its socket, its state and what stands beside
 * it. Allowed after the end of the loop, too. NULL does nothing; errno and the
 * error record are left alone.
 *
 * @param[in] d  Dispatcher, or NULL.
 * @see sock_dispatcher_new(), sock_dispatcher_close(), sock_chat_free().
 * @par Example
 * @snippet async.c dispatcher
 * @since 0.3.0
 */
SOCK_API void sock_dispatcher_free(sock_dispatcher_t *d);

/**
 * @brief Close the socket of a dispatcher.
 *
 * Corresponds to Python's `dispatcher.close()`; wraps close(2). What waits to
 * be sent is dropped. `handle_close` is not called. The dispatcher can have
 * another socket then.
 *
 * @param[in] d  Dispatcher; may be closed.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: freed).
 * @see sock_dispatcher_create_socket(), sock_dispatcher_free(),
 *      sock_close_all(), sock_chat_close_when_done().
 * @par Example
 * @snippet async.c reconnect
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_close(sock_dispatcher_t *d);

/**
 * @brief Close all dispatchers of a loop.
 *
 * Corresponds to Python's `asyncore.close_all(map)`. Those whose class says
 * `free_when_closed` are freed. sock_loop_free() does it, too.
 *
 * @param[in] loop  Loop.
 * @return How many were closed; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the loop is a parent's; EBADF:
 * sock_loop_free() was called).
 * @see sock_dispatcher_close(), sock_loop_free().
 * @par Example
 * @snippet async.c close_all
 * @since 0.3.0
 */
SOCK_API int sock_close_all(sock_loop_t *loop);

/* Connecting */

/**
 * @brief Give a dispatcher a new socket.
 *
 * Corresponds to Python's `dispatcher.create_socket(family, type)`; wraps
 * socket(2). A stream is waited for once it connects or listens, others from
 * now on. A socket that it had is closed.
 *
 * @param[in] d       Dispatcher.
 * @param[in] family  As for sock_new().
 * @param[in] type    As for sock_new().
 * @return 0; -1 on error.
 * @par Errors
 * As sock_new(); #SOCK_E_TYPE, #SOCK_E_OS (EBADF: freed, or its loop has ended;
 * ENOSPC).
 * @see sock_dispatcher_set_socket(), sock_dispatcher_connect(),
 *      sock_dispatcher_listen().
 * @par Example
 * @snippet async.c listen
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_create_socket(sock_dispatcher_t *d, int family,
                                           int type);

/**
 * @brief Give a dispatcher a socket.
 *
 * Corresponds to Python's `dispatcher.set_socket(sock)`. As
 * sock_dispatcher_new() does. A socket that it had is closed.
 *
 * @param[in] d  Dispatcher, of a socket.
 * @param[in] s  Socket, which it owns then.
 * @return 0; -1 on error, and the socket is still the caller's.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: it is closed, the dispatcher freed, or its
 * loop has ended; EOPNOTSUPP: a file dispatcher; ENOSPC), #SOCK_E_MEMORY.
 * @see sock_dispatcher_create_socket(), sock_dispatcher_sock().
 * @par Example
 * @snippet async.c set_socket
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_set_socket(sock_dispatcher_t *d, sock_t *s);

/**
 * @brief Let the address be used again.
 *
 * Corresponds to Python's `dispatcher.set_reuse_addr()`; wraps setsockopt(2)
 * SO_REUSEADDR. That the system refuses it is no error, as in Python.
 *
 * @param[in] d  Dispatcher with a socket.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: closed).
 * @see sock_dispatcher_bind(), sock_setsockopt_int().
 * @par Example
 * @snippet async.c listen
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_set_reuse_addr(sock_dispatcher_t *d);

/**
 * @brief Bind the socket to an address.
 *
 * Corresponds to Python's `dispatcher.bind(address)`; wraps bind(2).
 *
 * @param[in] d        Dispatcher with a socket.
 * @param[in] address  Address.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_bind(); #SOCK_E_TYPE, #SOCK_E_OS (EBADF: closed).
 * @see sock_dispatcher_listen(), sock_bind().
 * @par Example
 * @snippet async.c listen
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_bind(sock_dispatcher_t *d, sock_addr_t address);

/**
 * @brief Accept connections from now on.
 *
 * Corresponds to Python's `dispatcher.listen(num)`; wraps listen(2). In each
 * round up to `max_accepts` are accepted. Where descriptors or memory run out,
 * the error goes to `handle_error`, and accepting pauses for 100 ms.
 *
 * @param[in] d        Dispatcher with a stream socket.
 * @param[in] backlog  As for sock_listen().
 * @return 0; -1 on error.
 * @par Errors
 * As sock_listen(); #SOCK_E_TYPE, #SOCK_E_OS (EBADF: closed; ENOSPC).
 * @par Deviation
 * Python calls without pause where descriptors have run out.
 * @see sock_dispatcher_accept(), sock_dispatcher_bind(), sock_listen().
 * @par Example
 * @snippet async.c listen
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_listen(sock_dispatcher_t *d, int backlog);

/**
 * @brief Accept a connection.
 *
 * Corresponds to Python's `dispatcher.accept()`; wraps accept4(2). For a class
 * with `handle_accept`.
 *
 * @param[in]  d     Dispatcher that listens.
 * @param[out] peer  Who has connected; may be NULL.
 * @return The connection, to be ended by sock_free(); NULL on error.
 * @par Errors
 * As sock_accept(). #SOCK_E_OS with EAGAIN: there is none, Python's None.
 * @see sock_dispatcher_listen(), sock_accept().
 * @par Example
 * @snippet async.c accept
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_dispatcher_accept(sock_dispatcher_t *d,
                                                       sock_addr_t *peer);

/**
 * @brief Connect the socket.
 *
 * Corresponds to Python's `dispatcher.connect(address)`; wraps connect(2). It
 * does not wait: `handle_connect` is called when it has succeeded, inside this
 * call if that is at once; `handle_error` and `handle_close` when it has failed
 * later, or `connect_timeout` is over.
 *
 * @param[in] d        Dispatcher with a socket.
 * @param[in] address  Address.
 * @return 0: it is under way, or done; -1 on error.
 * @par Errors
 * As sock_connect(), but for the time; #SOCK_E_TYPE, #SOCK_E_OS (EBADF: closed;
 * EAGAIN: the queue of the local server is full; ENOSPC).
 * @par Deviation
 * A local server whose queue is full is an error, as no attempt is under way
 * then; Python takes it for one that is, and for a connection in the end.
 * @see sock_dispatcher_create_socket(), sock_connect().
 * @par Example
 * @snippet async.c connect
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_connect(sock_dispatcher_t *d, sock_addr_t address);

/**
 * @brief Connect to a name and port, in whatever family answers.
 *
 * Not in Python's asyncore, whose programs wait for the look-up. As
 * sock_create_connection() does, in the loop: the name is looked up by another
 * thread, the families of its addresses take turns, a new attempt begins when
 * one fails, or has not ended within 250 ms, and the first that succeeds is the
 * socket of the dispatcher. One that it had is closed; until there is another,
 * calls that need one fail with ENOTCONN. `connect_timeout` is for all of it.
 *
 * @param[in] d     Dispatcher; needs no socket.
 * @param[in] host  Name or numeric text.
 * @param[in] port  0 to 65535.
 * @return 0: it is under way; -1 on error. `handle_error` gets what comes of
 *         the look-up, and else the error of the attempt that failed last.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OVERFLOW (port), #SOCK_E_MEMORY, #SOCK_E_OS (EBADF:
 * freed, or its loop has ended; EAGAIN: no thread; ENOTSOCK: a file
 * dispatcher).
 * @see sock_dispatcher_connect(), sock_create_connection(),
 *      sock_loop_getaddrinfo().
 * @par Example
 * @snippet async.c connect_to_host
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_connect_to_host(sock_dispatcher_t *d,
                                             const char *host, int port);

/* Transfer */

/**
 * @brief Send bytes.
 *
 * Corresponds to Python's `dispatcher.send(data)`; wraps send(2), or write(2)
 * for a file dispatcher. It does not wait. One made by
 * sock_dispatcher_with_send_new() takes all of them; what is not sent at once
 * waits.
 *
 * @param[in] d     Dispatcher that is connected; one that keeps what it can't
 *                  send may be connecting.
 * @param[in] buf   Bytes.
 * @param[in] size  Their number.
 * @return Bytes taken; 0 where there is no room now, and where the connection
 *         has ended, after which `handle_close` is called. -1 on error.
 * @par Errors
 * As sock_send(); #SOCK_E_OS (ENOBUFS: more than `max_queue` would wait, and
 * nothing was taken; EBADF: closed), #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_dispatcher_recv(), sock_dispatcher_bytes_waiting(), sock_send().
 * @par Example
 * @snippet async.c dispatcher
 * @since 0.3.0
 */
SOCK_API ssize_t sock_dispatcher_send(sock_dispatcher_t *d, const void *buf,
                                      size_t size);

/**
 * @brief Receive bytes.
 *
 * Corresponds to Python's `dispatcher.recv(size)`; wraps recv(2), or read(2)
 * for a file dispatcher. It does not wait.
 *
 * @param[in]  d     Dispatcher that is connected.
 * @param[out] buf   Buffer.
 * @param[in]  size  Its size.
 * @return Bytes received; 0 where the connection has ended, after which
 *         `handle_close` is called. -1 on error.
 * @par Errors
 * As sock_recv(); #SOCK_E_OS (EAGAIN: there is nothing now, after all; EBADF:
 * closed), #SOCK_E_TYPE.
 * @par Deviation
 * `handle_close` is called when the function has returned that this is called
 * in, not inside of it.
 * @see sock_dispatcher_send(), sock_recv().
 * @par Example
 * @snippet async.c dispatcher
 * @since 0.3.0
 */
SOCK_API ssize_t sock_dispatcher_recv(sock_dispatcher_t *d, void *buf,
                                      size_t size);

/**
 * @brief How many bytes wait to be sent.
 *
 * Corresponds to Python's `len(dispatcher_with_send.out_buffer)`. What
 * producers and files have still to give does not count.
 *
 * @param[in] d  Dispatcher.
 * @return Bytes; 0 for NULL, or one that keeps none.
 * @see sock_dispatcher_send(), sock_chat_push().
 * @par Example
 * @snippet async.c with_send
 * @since 0.3.0
 */
SOCK_API size_t sock_dispatcher_bytes_waiting(const sock_dispatcher_t *d);

/* Options */

/**
 * @brief Ask a dispatcher again what it wants.
 *
 * Not in Python, which asks all of them in each round. Calls `readable` and
 * `writable` of the class; needed where their answer has changed by something
 * that did not happen in a function of this dispatcher.
 *
 * @param[in] d  Dispatcher.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: freed, or its loop has ended).
 * @see sock_dispatcher_new(), sock_chat_pause_reading().
 * @par Example
 * @snippet async.c update
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_update(sock_dispatcher_t *d);

/**
 * @brief Set how long nothing may move on a connection.
 *
 * Not in Python. In place of the `idle_timeout` of the class. The time begins
 * now, and anew whenever bytes are received or sent.
 *
 * @param[in] d        Dispatcher.
 * @param[in] seconds  Time, over 0; #SOCK_NO_TIMEOUT: no limit.
 * @return 0; -1 on error, and it is as it was.
 * @par Errors
 * #SOCK_E_VALUE (0, negative, NaN), #SOCK_E_OVERFLOW, #SOCK_E_TYPE, #SOCK_E_OS
 * (EBADF: freed), #SOCK_E_MEMORY.
 * @see sock_dispatcher_new(), sock_loop_call_later().
 * @par Example
 * @snippet async.c set_timeout
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_set_timeout(sock_dispatcher_t *d, double seconds);

/**
 * @brief The socket of a dispatcher.
 *
 * Corresponds to Python's `dispatcher.socket`. For options, addresses, and
 * calls that the dispatcher has not, such as sock_recvfrom().
 *
 * @param[in] d  Dispatcher.
 * @return The socket, which stays the dispatcher's; NULL where it has none.
 * @see sock_dispatcher_set_socket(), sock_dispatcher_arg().
 * @par Example
 * @snippet async.c listen
 * @since 0.3.0
 */
SOCK_API sock_t *sock_dispatcher_sock(const sock_dispatcher_t *d);

/**
 * @brief What the program has put beside a dispatcher.
 *
 * Not in Python, where the object has it as attributes.
 *
 * @param[in] d  Dispatcher.
 * @return What it was made with; NULL for NULL.
 * @see sock_dispatcher_new(), sock_dispatcher_loop(), sock_chat_arg().
 * @par Example
 * @snippet async.c dispatcher
 * @since 0.3.0
 */
SOCK_API void *sock_dispatcher_arg(const sock_dispatcher_t *d);

/**
 * @brief The loop of a dispatcher.
 *
 * Corresponds to Python's `dispatcher._map`.
 *
 * @param[in] d  Dispatcher.
 * @return The loop; NULL once it has ended, and for NULL.
 * @see sock_dispatcher_new(), sock_loop_stop().
 * @par Example
 * @snippet async.c dispatcher
 * @since 0.3.0
 */
SOCK_API sock_loop_t *sock_dispatcher_loop(const sock_dispatcher_t *d);

/**
 * @brief What a dispatcher does.
 *
 * Corresponds to Python's `dispatcher.connected`, `accepting`, `connecting`.
 *
 * @param[in] d  Dispatcher.
 * @return One of #sock_dispatcher_state; #SOCK_DISPATCHER_CLOSED for NULL.
 * @see sock_dispatcher_connect(), sock_dispatcher_listen().
 * @par Example
 * @snippet async.c connect
 * @since 0.3.0
 */
SOCK_API int sock_dispatcher_state(const sock_dispatcher_t *d);

/* Chats */

/**
 * @brief Make a chat.
 *
 * Corresponds to Python's `asynchat.async_chat(sock, map)`. A class derived
 * from it is @p c. The terminator is none at first.
 *
 * @param[in] c     Its class, which has to stay.
 * @param[in] loop  As for sock_dispatcher_new().
 * @param[in] s     As for sock_dispatcher_new().
 * @param[in] arg   What sock_chat_arg() gives back.
 * @return The chat, to be ended by sock_chat_free(), unless the class says
 *         `free_when_closed`. NULL on error, and the socket is still the
 *         caller's.
 * @par Errors
 * As sock_dispatcher_new(); #SOCK_E_VALUE (the size of the `dispatcher` in it,
 * its own `reserved`, a `request_deadline` that is negative or NaN).
 * @par Deviation
 * A terminator that was never set is none; Python raises AttributeError when
 * bytes come. Lines and queues have limits. Bytes that may have begun a
 * terminator are collected when the stream ends; Python loses them.
 * @see sock_chat_set_terminator(), sock_chat_push(), sock_chat_dispatcher(),
 *      sock_chat_free().
 * @par Example
 * @snippet async.c chat
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_chat_t *sock_chat_new(const sock_chat_class_t *c,
                                                   sock_loop_t *loop, sock_t *s,
                                                   void *arg);

/**
 * @brief End a chat.
 *
 * Not in Python, which counts references. As sock_dispatcher_free().
 *
 * @param[in] chat  Chat, or NULL.
 * @see sock_chat_new(), sock_chat_close_when_done(), sock_dispatcher_free().
 * @par Example
 * @snippet async.c chat
 * @since 0.3.0
 */
SOCK_API void sock_chat_free(sock_chat_t *chat);

/**
 * @brief The dispatcher that a chat is.
 *
 * Not in Python, where a chat is derived from it.
 *
 * @param[in] chat  Chat.
 * @return The dispatcher; NULL for NULL.
 * @see sock_dispatcher_chat(), sock_dispatcher_connect().
 * @par Example
 * @snippet async.c chat
 * @since 0.3.0
 */
SOCK_API sock_dispatcher_t *sock_chat_dispatcher(sock_chat_t *chat);

/**
 * @brief The chat that a dispatcher is.
 *
 * Not in Python. For the functions of #sock_dispatcher_class_t in a chat's
 * class.
 *
 * @param[in] d  Dispatcher.
 * @return The chat; NULL where it is none, and for NULL.
 * @see sock_chat_dispatcher().
 * @par Example
 * @snippet async.c chat
 * @since 0.3.0
 */
SOCK_API sock_chat_t *sock_dispatcher_chat(sock_dispatcher_t *d);

/**
 * @brief What the program has put beside a chat.
 *
 * Not in Python, where the object has it as attributes.
 *
 * @param[in] chat  Chat.
 * @return What it was made with; NULL for NULL.
 * @see sock_chat_new(), sock_dispatcher_arg().
 * @par Example
 * @snippet async.c count
 * @since 0.3.0
 */
SOCK_API void *sock_chat_arg(const sock_chat_t *chat);

/**
 * @brief Collect up to some bytes.
 *
 * Corresponds to Python's `async_chat.set_terminator(bytes)`. It holds for what
 * comes next: inside `found_terminator`, for the rest of what was received with
 * the former one.
 *
 * @param[in] chat   Chat.
 * @param[in] bytes  Terminator, which is copied; with size 0, none.
 * @param[in] size   Its bytes, up to #SOCK_TERMINATOR_MAX.
 * @return 0; -1 on error, and it is as it was.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (size), #SOCK_E_MEMORY, #SOCK_E_OS (EBADF:
 * freed).
 * @see sock_chat_set_terminator_count(), sock_chat_set_terminator_none(),
 *      sock_chat_terminator().
 * @par Example
 * @snippet async.c chat
 * @since 0.3.0
 */
SOCK_API int sock_chat_set_terminator(sock_chat_t *chat, const void *bytes,
                                      size_t size);

/**
 * @brief Collect so many bytes.
 *
 * Corresponds to Python's `async_chat.set_terminator(int)`. When they have come
 * there is no terminator, until one is set. `max_line` is no limit to it.
 *
 * @param[in] chat  Chat.
 * @param[in] size  Number of bytes; 0: none.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: freed).
 * @see sock_chat_set_terminator(), sock_chat_terminator().
 * @par Example
 * @snippet async.c count
 * @since 0.3.0
 */
SOCK_API int sock_chat_set_terminator_count(sock_chat_t *chat, size_t size);

/**
 * @brief Collect all that comes.
 *
 * Corresponds to Python's `async_chat.set_terminator(None)`.
 *
 * @param[in] chat  Chat.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: freed).
 * @see sock_chat_set_terminator(), sock_chat_terminator().
 * @par Example
 * @snippet async.c none
 * @since 0.3.0
 */
SOCK_API int sock_chat_set_terminator_none(sock_chat_t *chat);

/**
 * @brief The terminator of a chat.
 *
 * Corresponds to Python's `async_chat.get_terminator()`.
 *
 * @param[in]  chat  Chat.
 * @param[out] size  Its bytes; of a count, what is left of it; 0 where there is
 *                   none. May be NULL.
 * @return The bytes, valid until another is set; NULL for a count, and where
 *         there is none.
 * @see sock_chat_set_terminator(), sock_chat_set_terminator_count().
 * @par Example
 * @snippet async.c count
 * @since 0.3.0
 */
SOCK_API const void *sock_chat_terminator(const sock_chat_t *chat,
                                          size_t *size);

/**
 * @brief What was collected.
 *
 * Corresponds to Python's `async_chat._get_data()`. For a class without
 * `collect_incoming_data`. What is given is let go of: the next bytes begin a
 * new one. It has no NUL behind it.
 *
 * @param[in]  chat  Chat.
 * @param[out] size  Its bytes.
 * @return The data, never NULL, but for NULL. Valid until the function that the
 *         loop has called returns, or the chat is called to collect more.
 * @see sock_chat_new(), sock_chat_discard_buffers().
 * @par Example
 * @snippet async.c chat
 * @since 0.3.0
 */
SOCK_API const char *sock_chat_get_data(sock_chat_t *chat, size_t *size);

/**
 * @brief Send bytes, or keep them until there is room.
 *
 * Corresponds to Python's `async_chat.push(data)`; wraps send(2). What is not
 * sent at once is copied. May be called before the chat is connected.
 *
 * @param[in] chat  Chat.
 * @param[in] buf   Bytes.
 * @param[in] size  Their number.
 * @return 0; -1 on error, and nothing was taken. A connection that has ended
 *         is no error: `handle_close` is called.
 * @par Errors
 * #SOCK_E_OS (ENOBUFS: more than `max_queue` would wait; ESHUTDOWN: behind
 * sock_chat_close_when_done(); EBADF: closed), #SOCK_E_TYPE, #SOCK_E_MEMORY,
 * #SOCK_E_VALUE (size).
 * @par Deviation
 * The queue has a limit. Behind sock_chat_close_when_done() it fails; Python
 * drops the data.
 * @see sock_chat_push_with_producer(), sock_chat_push_file(),
 *      sock_dispatcher_bytes_waiting().
 * @par Example
 * @snippet async.c chat
 * @since 0.3.0
 */
SOCK_API int sock_chat_push(sock_chat_t *chat, const void *buf, size_t size);

/**
 * @brief Send what a function gives, piece by piece.
 *
 * Corresponds to Python's `async_chat.push_with_producer(producer)`. The
 * function is asked whenever there is room, behind what waits already, and a
 * last time with no buffer.
 *
 * @param[in] chat  Chat.
 * @param[in] more  Function, Python's `producer.more`.
 * @param[in] arg   Its argument.
 * @return 0; -1 on error, and the function is not called.
 * @par Errors
 * As sock_chat_push(); #SOCK_E_TYPE (no function).
 * @see sock_chat_push(), sock_chat_push_file().
 * @par Example
 * @snippet async.c producer
 * @since 0.3.0
 */
SOCK_API int sock_chat_push_with_producer(sock_chat_t *chat,
                                          sock_producer_fn more, void *arg);

/**
 * @brief Send a file, or a part of it.
 *
 * Not in Python; wraps sendfile(2), where the system can do that and no
 * protocol on top, such as TLS, has to see the bytes. What has to wait keeps a
 * duplicate of the descriptor. The file's position does not matter, and stays.
 *
 * Where reading fails later, or the file ends before @p count bytes were sent
 * (#SOCK_E_EOF, whose `done` is their number), nothing may go behind that gap:
 * what waits is dropped, `handle_error` is called, and then `handle_close`.
 *
 * @param[in] chat    Chat.
 * @param[in] fd      Descriptor of a regular file, open for reading; it stays
 *                    the caller's.
 * @param[in] offset  Where to begin.
 * @param[in] count   Bytes, over 0; #SOCK_SENDFILE_TO_END: all there are, from
 *                    behind the file's end none.
 * @return 0; -1 on error, and nothing was taken.
 * @par Errors
 * As sock_chat_push(); #SOCK_E_VALUE (count, a negative offset or number),
 * #SOCK_E_OS (EBADF: closed, or not open for reading; EISDIR: a directory;
 * ESPIPE: no regular file; EMFILE).
 * @see sock_chat_push(), sock_chat_push_with_producer(), sock_sendfile().
 * @par Example
 * @snippet async.c push_file
 * @since 0.3.0
 */
SOCK_API int sock_chat_push_file(sock_chat_t *chat, sock_fd_t fd,
                                 int64_t offset, int64_t count);

/**
 * @brief End the connection when all was sent.
 *
 * Corresponds to Python's `async_chat.close_when_done()`. `handle_close` is
 * called when nothing waits any more; where that was called already, or is
 * what calls this, the chat is closed then, and `free_when_closed` frees it.
 *
 * @param[in] chat  Chat.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: closed), #SOCK_E_MEMORY.
 * @par Deviation
 * Where nothing waits it is called at once: before this returns, or when the
 * function of the chat that calls this has returned.
 * @see sock_chat_push(), sock_dispatcher_close().
 * @par Example
 * @snippet async.c producer
 * @since 0.3.0
 */
SOCK_API int sock_chat_close_when_done(sock_chat_t *chat);

/**
 * @brief Forget what was received and what waits to be sent.
 *
 * Corresponds to Python's `async_chat.discard_buffers()`. That the chat was to
 * be closed when all is sent is forgotten, too, as in Python.
 *
 * @param[in] chat  Chat.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: freed).
 * @see sock_chat_push(), sock_chat_get_data().
 * @par Example
 * @snippet async.c discard
 * @since 0.3.0
 */
SOCK_API int sock_chat_discard_buffers(sock_chat_t *chat);

/**
 * @brief Collect nothing for now.
 *
 * Not in Python's asynchat; `asyncio` has `transport.pause_reading()`. Nothing
 * is collected from now on, and no terminator found, but one that stood right
 * behind what is being collected. What was received is kept; the rest stays
 * with the system, and so in the end with the peer.
 *
 * @param[in] chat  Chat.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: closed).
 * @see sock_chat_resume_reading(), sock_dispatcher_update().
 * @par Example
 * @snippet async.c pause
 * @since 0.3.0
 */
SOCK_API int sock_chat_pause_reading(sock_chat_t *chat);

/**
 * @brief Go on collecting.
 *
 * Not in Python's asynchat; `asyncio` has `transport.resume_reading()`. What
 * was kept is collected in the next round of the loop, before anything else.
 *
 * @param[in] chat  Chat.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EBADF: closed), #SOCK_E_MEMORY.
 * @see sock_chat_pause_reading().
 * @par Example
 * @snippet async.c pause
 * @since 0.3.0
 */
SOCK_API int sock_chat_resume_reading(sock_chat_t *chat);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
