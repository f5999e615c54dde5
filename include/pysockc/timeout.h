/* SPDX-License-Identifier: MIT */
/**
 * @file timeout.h
 * @brief How long calls wait, and what may end the wait.
 */
#ifndef PYSOCKC_TIMEOUT_H
#define PYSOCKC_TIMEOUT_H

#include <pysockc/export.h>
#include <pysockc/socket.h>

/**
 * @defgroup timeout Timeouts
 * @brief Seconds as a double, as in Python; one deadline for each call.
 *
 * A call first tries, and waits only when it would block: by poll(2), until a
 * deadline on the monotonic clock that is set once per call, whatever number
 * of parts or signals it takes (PEP 475).
 *
 * | timeout                    | sock_getblocking() | descriptor |
 * |----------------------------|--------------------|------------|
 * | #SOCK_NO_TIMEOUT           | 1                  | blocking   |
 * | 0                          | 0                  | O_NONBLOCK |
 * | seconds                    | 1                  | O_NONBLOCK |
 *
 * O_NONBLOCK belongs to the open file description, which a duplicate or a
 * child process shares and can change. Timeouts hold all the same, and where
 * O_NONBLOCK is set by other means calls wait nevertheless: what makes them not
 * wait is sock_setblocking(), or MSG_DONTWAIT in the flags of one. One case
 * remains: sock_accept() with a timeout, where the mode changes between its
 * being asserted and accept(2), and another thread takes the connection that
 * was there. Then it waits for the next one.
 *
 * A deadline for all calls on the object, beside the timeout of each, is
 * sock_set_deadline(). To end a call that waits there are cancel tokens,
 * sock_set_cancel(), which leave the connection as it is, and sock_shutdown().
 * @{
 */

#if defined(__GNUC__)
/** Python's None: wait without limit. +infinity. */
#define SOCK_NO_TIMEOUT (__builtin_huge_val())
#else
#include <math.h> /* which has short names, so not without need */
#define SOCK_NO_TIMEOUT HUGE_VAL
#endif
/** For sock_create_connection(): the timeout of sock_setdefaulttimeout(). */
#define SOCK_DEFAULT_TIMEOUT (-1.0)

/** What is waited for, to be or-ed. sock_wait() takes the first two, a
 * selector all but the last two, which it finds unasked. */
enum sock_event {
    SOCK_EVENT_READ = 1,     /**< recv or accept would not wait. */
    SOCK_EVENT_WRITE = 2,    /**< send would not wait, or connect has ended. */
    SOCK_EVENT_PRIORITY = 4, /**< Urgent data has come. @since 0.3.0 */
    SOCK_EVENT_RDHUP = 8,    /**< The peer sends no more. @since 0.3.0 */
    SOCK_EVENT_EDGE = 16,    /**< Said once, when it becomes so: the caller
                                  goes on until EAGAIN. @since 0.3.0 */
    SOCK_EVENT_ONESHOT = 32, /**< Said once, until sock_selector_modify().
                                  @since 0.3.0 */
    SOCK_EVENT_EXCLUSIVE = 64, /**< Of several selectors that watch a socket
                                    not all are woken. @since 0.3.0 */
    SOCK_EVENT_HANGUP = 128,   /**< Found: both directions have ended.
                                    @since 0.3.0 */
    SOCK_EVENT_ERROR = 256     /**< Found: an error is pending. @since 0.3.0 */
};

/**
 * @brief Asked whether an interrupted call shall end.
 *
 * @param[in] arg  What sock_set_interrupt() was given.
 * @return 0 to go on; anything else to end the call, with #SOCK_E_CANCELLED.
 */
typedef int (*sock_interrupt_fn)(void *arg);

/** A function to ask, and its argument. */
typedef struct sock_interrupt {
    sock_interrupt_fn check; /**< The function; NULL: always go on. */
    void *arg;               /**< Its argument. */
} sock_interrupt_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Set how long calls on the socket may wait.
 *
 * Corresponds to Python's `socket.settimeout()`; wraps ioctl(2) FIONBIO.
 *
 * @param[in] s        Socket.
 * @param[in] seconds  Time, rounded up to nanoseconds; 0 is non-blocking,
 *                     #SOCK_NO_TIMEOUT is Python's None.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (negative, NaN), #SOCK_E_OVERFLOW (finite, but over 2^63 ns),
 * which leave the timeout as it was; #SOCK_E_OS (EBADF), which does not, as in
 * Python; #SOCK_E_TYPE.
 * @par Deviation
 * +infinity is Python's None; Python raises OverflowError.
 * @see sock_gettimeout(), sock_setblocking(), sock_setdefaulttimeout(),
 *      sock_wait().
 * @par Example
 * @snippet timeout.c settimeout
 * @since 0.1.0
 */
SOCK_API int sock_settimeout(sock_t *s, double seconds);

/**
 * @brief How long calls on the socket may wait.
 *
 * Corresponds to Python's `socket.gettimeout()`.
 *
 * @param[in] s  Socket; may be closed.
 * @return Seconds; #SOCK_NO_TIMEOUT for Python's None; -1 with #SOCK_E_TYPE
 *         for NULL.
 * @see sock_settimeout(), sock_getblocking(), sock_getdefaulttimeout().
 * @par Example
 * @snippet timeout.c gettimeout
 * @since 0.1.0
 */
SOCK_API double sock_gettimeout(const sock_t *s);

/**
 * @brief Wait without limit, or not at all.
 *
 * Corresponds to Python's `socket.setblocking()`; wraps ioctl(2) FIONBIO. It is
 * sock_settimeout() with #SOCK_NO_TIMEOUT or 0.
 *
 * @param[in] s         Socket.
 * @param[in] blocking  0 or not.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF), #SOCK_E_TYPE.
 * @see sock_getblocking(), sock_settimeout(), sock_wait().
 * @par Example
 * @snippet timeout.c setblocking
 * @since 0.1.0
 */
SOCK_API int sock_setblocking(sock_t *s, int blocking);

/**
 * @brief Whether calls on the socket may wait.
 *
 * Corresponds to Python's `socket.getblocking()`.
 *
 * @param[in] s  Socket; may be closed.
 * @return 0 if the timeout is 0, else 1; -1 with #SOCK_E_TYPE for NULL.
 * @see sock_setblocking(), sock_gettimeout().
 * @par Example
 * @snippet timeout.c setblocking
 * @since 0.1.0
 */
SOCK_API int sock_getblocking(const sock_t *s);

/**
 * @brief Set the timeout that new objects begin with.
 *
 * Corresponds to Python's `socket.setdefaulttimeout()`; for the whole process.
 * It applies to sock_new(), sock_fromfd(), sock_adopt(), sock_socketpair() and
 * sock_accept().
 *
 * @param[in] seconds  As for sock_settimeout(); #SOCK_NO_TIMEOUT at first.
 * @return 0; -1 on error, and the default is as it was.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_OVERFLOW, as sock_settimeout().
 * @see sock_getdefaulttimeout(), sock_settimeout(), sock_new().
 * @par Example
 * @snippet timeout.c default
 * @since 0.1.0
 */
SOCK_API int sock_setdefaulttimeout(double seconds);

/**
 * @brief The timeout that new objects begin with.
 *
 * Corresponds to Python's `socket.getdefaulttimeout()`.
 *
 * @return Seconds; #SOCK_NO_TIMEOUT for Python's None.
 * @see sock_setdefaulttimeout(), sock_gettimeout().
 * @par Example
 * @snippet timeout.c default
 * @since 0.1.0
 */
SOCK_API double sock_getdefaulttimeout(void);

/**
 * @brief Set when all calls on the socket end.
 *
 * Not in Python. The timeout begins anew with each call, so a peer that sends a
 * byte now and then keeps a program for ever; the deadline does not. Whichever
 * of the two ends first counts. Once it is over every call that moves data or
 * waits fails at once, though bytes lie ready: receives, sends, sock_accept(),
 * sock_connect(), sock_sendfile(), sock_wait(). Streams of sock_makefile() that
 * are made later have it, too; accepted sockets and duplicates begin without.
 *
 * @snippet timeout.c deadline
 *
 * It wakes no one. A call of another thread that already waits looks at it when
 * it would wait again, and does not at all if the socket had neither timeout
 * nor deadline nor token when it began: set it before. Beside a deadline the
 * descriptor is O_NONBLOCK, and calls are those of a socket with a timeout,
 * whatever sock_gettimeout() says: SO_RCVTIMEO and SO_SNDTIMEO play no part.
 *
 * @param[in] s        Socket.
 * @param[in] seconds  From now, rounded up to nanoseconds; 0: now;
 *                     #SOCK_NO_TIMEOUT takes it away.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (negative, NaN), #SOCK_E_OVERFLOW (finite, but over 2^63 ns),
 * #SOCK_E_OS (EBADF), #SOCK_E_MEMORY, #SOCK_E_TYPE: it is as it was.
 * @see sock_get_deadline(), sock_settimeout(), sock_set_cancel().
 * @par Example
 * @snippet timeout.c deadline
 * @since 0.3.0
 */
SOCK_API int sock_set_deadline(sock_t *s, double seconds);

/**
 * @brief How long it is until all calls on the socket end.
 *
 * Not in Python.
 *
 * @param[in] s  Socket; may be closed.
 * @return Seconds; 0 if it is over; #SOCK_NO_TIMEOUT if there is none; -1 with
 *         #SOCK_E_TYPE for NULL.
 * @see sock_set_deadline(), sock_gettimeout().
 * @par Example
 * @snippet timeout.c get_deadline
 * @since 0.3.0
 */
SOCK_API double sock_get_deadline(const sock_t *s);

/**
 * @brief Set what is asked when a signal interrupts a call.
 *
 * Not in Python. For bindings to languages that run their signal handlers in
 * the interpreter. The function is asked after every EINTR, every partial send
 * of sock_sendall() and every partial receive of sock_recv_all(); if it returns
 * non-zero, the call fails with #SOCK_E_CANCELLED. So does
 * sock_create_connection(), whatever address it was at.
 *
 * A signal whose handler was installed with SA_RESTART interrupts only calls
 * that wait in poll(2), so those with a timeout. The two halves of the pair
 * are not changed as one: set it before other threads use the object.
 *
 * @param[in] s      Socket; NULL sets what new objects begin with.
 * @param[in] check  Function to ask; NULL: always go on.
 * @param[in] arg    Its argument.
 * @return The former pair.
 * @see sock_shutdown(), sock_settimeout().
 * @par Example
 * @snippet timeout.c interrupt
 * @since 0.1.0
 */
SOCK_API sock_interrupt_t sock_set_interrupt(sock_t *s, sock_interrupt_fn check,
                                             void *arg);

/**
 * @brief Wait until the socket is ready.
 *
 * Corresponds to Python's `select.select([s], [], [], seconds)`; wraps poll(2),
 * so any descriptor number will do. An error or the end of the stream counts as
 * ready, since the next call would not wait. For a few sockets at once there
 * is sock_select(), for many a selector, sock_selector_new().
 *
 * @param[in] s        Socket.
 * @param[in] events   #sock_event values.
 * @param[in] seconds  Longest wait, as for sock_settimeout(); the timeout of
 *                     the socket plays no part, its deadline and token do.
 * @return The events that are ready; 0 if none was in that time; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF), #SOCK_E_TIMEOUT (its deadline is over),
 * #SOCK_E_CANCELLED, #SOCK_E_VALUE (events, seconds), #SOCK_E_OVERFLOW,
 * #SOCK_E_TYPE.
 * @see sock_select(), sock_selector_new(), sock_settimeout(),
 *      sock_setblocking().
 * @par Example
 * @snippet timeout.c wait
 * @since 0.1.0
 */
SOCK_API int sock_wait(sock_t *s, int events, double seconds);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
