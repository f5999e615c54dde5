/* SPDX-License-Identifier: MIT */
/**
 * @file loop.h
 * @brief An event loop: time, signals, calls from other threads, sockets.
 */
#ifndef PYSOCKC_LOOP_H
#define PYSOCKC_LOOP_H

#include <stdint.h>

#include <pysockc/addrinfo.h>
#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/select.h>
#include <pysockc/socket.h>
#include <pysockc/timeout.h>

/**
 * @defgroup loop Event loop
 * @brief Functions that are called when it is time, or when a socket is ready.
 *
 * A loop is the event loop of Python's `asyncio`, as far as it calls functions:
 *
 * @snippet loop.c loop
 *
 * It goes in rounds. A round calls first the timers that are due, by their
 * time, those of the same time in the order in which they were made; then what
 * sock_loop_call_soon() and sock_loop_post() had brought when the round began,
 * in the order in which it came; and after the wait for the next timer or event
 * the handlers of signals that have come, and the readers and writers of
 * sockets that are ready.
 *
 * What a function starts meanwhile, be it a timer of 0 seconds, waits for the
 * next round, so none can keep the others from being called. A timer is never
 * early, and time is kept in nanoseconds.
 *
 * One thread runs a loop, and calls its functions. Other threads may call
 * sock_loop_post() and sock_loop_stop(), signal handlers sock_loop_stop(), and
 * any thread may close a socket. After fork(2) a loop belongs to the parent: in
 * the child every call but sock_loop_free() fails with EINVAL.
 *
 * A function that the loop calls may free whatever it likes, sockets that are
 * ready and the loop itself included: what is gone is not called any more.
 * @{
 */

/** An event loop. Opaque. */
typedef struct sock_loop sock_loop_t;

/**
 * @brief A timer: a value, which needs no freeing.
 *
 * It stands for one call that is to come. Once that was made, or cancelled, it
 * stands for none, and never for another one. All zero stands for none.
 */
typedef struct sock_timer {
    uint32_t slot;       /**< Where the loop has it. */
    uint32_t generation; /**< Which one there; 0: none. */
} sock_timer_t;

/**
 * @brief What a loop calls.
 *
 * @param[in] loop  The loop that calls.
 * @param[in] arg   What it was given with the function.
 */
typedef void (*sock_loop_fn)(sock_loop_t *loop, void *arg);

/**
 * @brief What a loop calls with the result of sock_loop_getaddrinfo().
 *
 * @param[in] loop   The loop that calls.
 * @param[in] list   What was found, to be ended by sock_addrinfo_free(); NULL
 *                   on error.
 * @param[in] error  What failed; NULL if nothing did. Valid during the call.
 * @param[in] arg    What was given with the function.
 */
typedef void (*sock_loop_addrinfo_fn)(sock_loop_t *loop, sock_addrinfo_t *list,
                                      const sock_error_t *error, void *arg);

/**
 * @brief What a loop calls for a registration of its selector.
 *
 * @param[in] loop  The loop that calls.
 * @param[in] key   The registration, and in `mask` what was found. It is valid
 *                  during the call.
 * @param[in] arg   What stands beside the function in the #sock_watch_t.
 */
typedef void (*sock_watch_fn)(sock_loop_t *loop, const sock_key_t *key,
                              void *arg);

/** What the data of each registration in a loop's selector points to. */
typedef struct sock_watch {
    sock_watch_fn fn; /**< Called when it is ready. */
    void *arg;        /**< Its argument. */
} sock_watch_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Make a loop.
 *
 * Corresponds to Python's `asyncio.new_event_loop()`; wraps epoll_create1(2)
 * and eventfd(2).
 *
 * @return The loop, to be ended by sock_loop_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EMFILE, ENFILE), #SOCK_E_MEMORY.
 * @see sock_loop_free(), sock_loop_run(), sock_selector_new().
 * @par Example
 * @snippet loop.c loop
 * @since 0.3.0
 */
SOCK_API sock_loop_t *sock_loop_new(void);

/**
 * @brief End a loop.
 *
 * Corresponds to Python's `loop.close()`. What has not been called is not
 * called any more; signals are given back to whom they had belonged to; readers
 * and writers go, their sockets stay. Inside a function that the loop has
 * called it takes effect when that function returns, and sock_loop_run() then
 * returns 0. No other thread may be in a call with the loop. NULL does nothing;
 * errno and the error record are left alone.
 *
 * @param[in] loop  Loop, or NULL; of a parent process, too.
 * @par Deviation
 * A running loop may be ended; Python raises RuntimeError.
 * @see sock_loop_new(), sock_loop_stop().
 * @par Example
 * @snippet loop.c loop
 * @since 0.3.0
 */
SOCK_API void sock_loop_free(sock_loop_t *loop);

/**
 * @brief Run until nothing is left to wait for.
 *
 * Corresponds to Python's `loop.run_forever()`, and to `asyncore.loop()`,
 * which ends when its map is empty. What is left is a timer, a call that was
 * not made yet, a look-up, a reader, a writer, the handler of a signal, or
 * another registration of the selector. It returns when there is none, when
 * sock_loop_stop() says so, or when the time is over, but never inside a round.
 *
 * @param[in] loop     Loop.
 * @param[in] seconds  Longest time, #SOCK_NO_TIMEOUT for no limit; 0 and less
 *                     is one round that does not wait.
 * @return 0 if nothing is left; 1 if something is, and the loop was stopped or
 *         the time is over. -1 on error.
 * @par Errors
 * #SOCK_E_OS (EDEADLK: called by one of its own functions; EBUSY: another
 * thread runs it; EINVAL: the loop is a parent's; EBADF: sock_loop_free() was
 * called), #SOCK_E_VALUE (NaN), #SOCK_E_OVERFLOW, #SOCK_E_CANCELLED, as
 * sock_selector_select(), #SOCK_E_TYPE.
 * @par Deviation
 * It ends when nothing is left. Python's waits for what other threads may still
 * bring: a timer of #SOCK_NO_TIMEOUT does that here.
 * @see sock_loop_run_once(), sock_loop_stop(), sock_loop_call_later().
 * @par Example
 * @snippet loop.c loop
 * @since 0.3.0
 */
SOCK_API int sock_loop_run(sock_loop_t *loop, double seconds);

/**
 * @brief Wait for something to call, and call it.
 *
 * Corresponds to Python's `asyncore.loop(timeout, count=1)`. It runs one round,
 * and where that has called nothing a further one, until the time is over. For
 * programs that have a loop of their own.
 *
 * @param[in] loop     Loop.
 * @param[in] timeout  Longest wait; 0 and less does not wait,
 *                     #SOCK_NO_TIMEOUT waits without limit, be there something
 *                     to wait for or not: another thread may bring it.
 * @return How many calls were made; 0 if there was nothing in that time, or the
 *         loop was stopped. -1 on error.
 * @par Errors
 * As sock_loop_run().
 * @see sock_loop_run(), sock_loop_selector().
 * @par Example
 * @snippet loop.c run_once
 * @since 0.3.0
 */
SOCK_API int sock_loop_run_once(sock_loop_t *loop, double timeout);

/**
 * @brief End the run of a loop.
 *
 * Corresponds to Python's `loop.stop()`. May be called by any thread, and by a
 * signal handler. The round goes on to its end, without waiting; then
 * sock_loop_run() or sock_loop_run_once() returns. Where neither is under way,
 * it is the next one that runs one round.
 *
 * @param[in] loop  Loop.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the loop is a parent's; EBADF:
 * sock_loop_free() was called).
 * @see sock_loop_run(), sock_loop_post().
 * @par Example
 * @snippet loop.c stop
 * @since 0.3.0
 */
SOCK_API int sock_loop_stop(sock_loop_t *loop);

/**
 * @brief Have a function called after some time.
 *
 * Corresponds to Python's `loop.call_later(seconds, fn, arg)`. The time begins
 * with the call.
 *
 * @param[in] loop     Loop.
 * @param[in] seconds  Time, rounded up to nanoseconds; 0 and less: in the next
 *                     round; #SOCK_NO_TIMEOUT: never, until
 *                     sock_timer_again().
 * @param[in] fn       Function.
 * @param[in] arg      Its argument.
 * @return The timer; its `generation` is 0 on error.
 * @par Errors
 * #SOCK_E_TYPE (no loop, no function), #SOCK_E_VALUE (NaN), #SOCK_E_OVERFLOW,
 * #SOCK_E_MEMORY, #SOCK_E_OS (EINVAL: the loop is a parent's; EBADF:
 * sock_loop_free() was called).
 * @see sock_loop_call_at(), sock_timer_cancel(), sock_timer_again().
 * @par Example
 * @snippet loop.c call_later
 * @since 0.3.0
 */
SOCK_API sock_timer_t sock_loop_call_later(sock_loop_t *loop, double seconds,
                                           sock_loop_fn fn, void *arg);

/**
 * @brief Have a function called at some time.
 *
 * Corresponds to Python's `loop.call_at(when, fn, arg)`. It is called when
 * sock_loop_time() is `when` or more. A time that has passed is now.
 *
 * @param[in] loop  Loop.
 * @param[in] when  Time, on the clock of sock_loop_time().
 * @param[in] fn    Function.
 * @param[in] arg   Its argument.
 * @return The timer; its `generation` is 0 on error.
 * @par Errors
 * As sock_loop_call_later().
 * @see sock_loop_call_later(), sock_loop_time().
 * @par Example
 * @snippet loop.c call_at
 * @since 0.3.0
 */
SOCK_API sock_timer_t sock_loop_call_at(sock_loop_t *loop, double when,
                                        sock_loop_fn fn, void *arg);

/**
 * @brief The time on a loop's clock.
 *
 * Corresponds to Python's `loop.time()`; wraps clock_gettime(2)
 * CLOCK_MONOTONIC, so it never goes back. It is asked, not remembered.
 *
 * @param[in] loop  Loop.
 * @return Seconds since some point in the past; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the loop is a parent's; EBADF:
 * sock_loop_free() was called).
 * @see sock_loop_call_at().
 * @par Example
 * @snippet loop.c call_at
 * @since 0.3.0
 */
SOCK_API double sock_loop_time(sock_loop_t *loop);

/**
 * @brief Cancel a timer.
 *
 * Corresponds to Python's `TimerHandle.cancel()`.
 *
 * @param[in] loop   Loop.
 * @param[in] timer  Timer of that loop.
 * @return 1; 0 if it stands for no call, as one that was called or cancelled.
 *         -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the loop is a parent's; EBADF:
 * sock_loop_free() was called).
 * @see sock_loop_call_later(), sock_timer_again().
 * @par Example
 * @snippet loop.c call_later
 * @since 0.3.0
 */
SOCK_API int sock_timer_cancel(sock_loop_t *loop, sock_timer_t timer);

/**
 * @brief Set a timer to another time.
 *
 * Not in Python, whose programs cancel a timer and make another one. It costs
 * next to nothing to move one to a later time, so each piece of data that
 * comes may move the deadline of the next one. Among others of exactly its time
 * it is called in the order in which they were made.
 *
 * @param[in] loop     Loop.
 * @param[in] timer    Timer of that loop.
 * @param[in] seconds  As for sock_loop_call_later(), from now.
 * @return 1; 0 if it stands for no call, as one that was called or cancelled.
 *         -1 on error, and the timer is as it was.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (NaN), #SOCK_E_OVERFLOW, #SOCK_E_OS (EINVAL: the
 * loop is a parent's; EBADF: sock_loop_free() was called).
 * @see sock_loop_call_later(), sock_timer_cancel().
 * @par Example
 * @snippet loop.c again
 * @since 0.3.0
 */
SOCK_API int sock_timer_again(sock_loop_t *loop, sock_timer_t timer,
                              double seconds);

/**
 * @brief Have a function called in the next round.
 *
 * Corresponds to Python's `loop.call_soon(fn, arg)`. For the thread of the
 * loop; others have sock_loop_post().
 *
 * @param[in] loop  Loop.
 * @param[in] fn    Function.
 * @param[in] arg   Its argument.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (no loop, no function), #SOCK_E_MEMORY, #SOCK_E_OS (EINVAL: the
 * loop is a parent's; EBADF: sock_loop_free() was called).
 * @see sock_loop_post(), sock_loop_call_later().
 * @par Example
 * @snippet loop.c call_soon
 * @since 0.3.0
 */
SOCK_API int sock_loop_call_soon(sock_loop_t *loop, sock_loop_fn fn, void *arg);

/**
 * @brief Have a function called by the thread of the loop.
 *
 * Corresponds to Python's `loop.call_soon_threadsafe(fn, arg)`; wraps
 * eventfd(2). May be called by any thread. What one thread posts is called in
 * its order. A loop that waits is woken once, however many posts come; one that
 * does not is not woken.
 *
 * The loop must live: a thread that posts has to be done before
 * sock_loop_free() is called, which calls none of what is still there.
 *
 * @param[in] loop  Loop.
 * @param[in] fn    Function.
 * @param[in] arg   Its argument.
 * @return 0; -1 on error, and the function is not called.
 * @par Errors
 * As sock_loop_call_soon().
 * @see sock_loop_call_soon(), sock_loop_stop().
 * @par Example
 * @snippet loop.c post
 * @since 0.3.0
 */
SOCK_API int sock_loop_post(sock_loop_t *loop, sock_loop_fn fn, void *arg);

/**
 * @brief Have a function called when a signal has come.
 *
 * Corresponds to Python's `loop.add_signal_handler(signo, fn, arg)`; wraps
 * sigaction(2), with SA_RESTART as Python has it. It is called by the loop and
 * no signal handler, so it may do what it likes; once for each time that the
 * system has delivered the signal. One that is there already is replaced.
 *
 * @param[in] loop   Loop.
 * @param[in] signo  Number of the signal.
 * @param[in] fn     Function.
 * @param[in] arg    Its argument.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE (no loop, no function), #SOCK_E_VALUE (no such signal, or one
 * that says that the program itself has failed: SIGSEGV, SIGBUS, SIGFPE,
 * SIGILL, SIGTRAP, SIGSYS), #SOCK_E_OS (EINVAL: SIGKILL, SIGSTOP, or the loop
 * is a parent's; EBUSY: another loop has the signal; EBADF: sock_loop_free()
 * was called).
 * @par Deviation
 * What was done with the signal before is done again once the handler is
 * removed; Python sets SIG_DFL. Signals that no handler can return from are
 * refused.
 * @see sock_loop_remove_signal_handler(), sock_loop_stop().
 * @par Example
 * @snippet loop.c signal
 * @since 0.3.0
 */
SOCK_API int sock_loop_add_signal_handler(sock_loop_t *loop, int signo,
                                          sock_loop_fn fn, void *arg);

/**
 * @brief Give a signal back.
 *
 * Corresponds to Python's `loop.remove_signal_handler(signo)`; wraps
 * sigaction(2). What was done with the signal before
 * sock_loop_add_signal_handler() is done again, unless someone else has changed
 * that since.
 *
 * @param[in] loop   Loop.
 * @param[in] signo  Number of the signal.
 * @return 1; 0 if the loop has no handler for it. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_VALUE (no such signal), #SOCK_E_OS (EINVAL: the loop is
 * a parent's; EBADF: sock_loop_free() was called).
 * @see sock_loop_add_signal_handler().
 * @par Example
 * @snippet loop.c signal
 * @since 0.3.0
 */
SOCK_API int sock_loop_remove_signal_handler(sock_loop_t *loop, int signo);

/**
 * @brief Have a function called whenever a socket can be read.
 *
 * Corresponds to Python's `loop.add_reader(s, fn, arg)`; wraps epoll_ctl(2).
 * One that is there already is replaced. The end of the stream and an error
 * make a socket readable. The loop does not own the socket: sock_free() removes
 * its reader and its writer; sock_close() silences them, and they are left
 * until they are removed.
 *
 * @param[in] loop  Loop.
 * @param[in] s     Socket, best non-blocking.
 * @param[in] fn    Function; NULL removes, as sock_loop_remove_reader().
 * @param[in] arg   Its argument.
 * @return 0; -1 on error. Where `fn` is NULL, what sock_loop_remove_reader()
 *         returns.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_KEY (EEXIST: the socket is registered by other means),
 * #SOCK_E_MEMORY, #SOCK_E_OS (EBADF: the socket is closed, or sock_loop_free()
 * was called; EINVAL: the loop is a parent's; ENOSPC).
 * @see sock_loop_remove_reader(), sock_loop_add_writer(),
 *      sock_selector_register().
 * @par Example
 * @snippet loop.c reader
 * @since 0.3.0
 */
SOCK_API int sock_loop_add_reader(sock_loop_t *loop, sock_t *s, sock_loop_fn fn,
                                  void *arg);

/**
 * @brief Have the reader of a socket called no more.
 *
 * Corresponds to Python's `loop.remove_reader(s)`; wraps epoll_ctl(2).
 *
 * @param[in] loop  Loop.
 * @param[in] s     Socket; may be closed.
 * @return 1; 0 if it has none. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the loop is a parent's; EBADF:
 * sock_loop_free() was called).
 * @see sock_loop_add_reader(), sock_loop_remove_writer().
 * @par Example
 * @snippet loop.c reader
 * @since 0.3.0
 */
SOCK_API int sock_loop_remove_reader(sock_loop_t *loop, sock_t *s);

/**
 * @brief Have a function called whenever a socket can be written.
 *
 * Corresponds to Python's `loop.add_writer(s, fn, arg)`; wraps epoll_ctl(2).
 * As sock_loop_add_reader(); it is called when there is room, when a connect
 * has ended, and on an error. Remove it when there is nothing to write: there
 * is room most of the time.
 *
 * @param[in] loop  Loop.
 * @param[in] s     Socket, best non-blocking.
 * @param[in] fn    Function; NULL removes, as sock_loop_remove_writer().
 * @param[in] arg   Its argument.
 * @return 0; -1 on error. Where `fn` is NULL, what sock_loop_remove_writer()
 *         returns.
 * @par Errors
 * As sock_loop_add_reader().
 * @see sock_loop_remove_writer(), sock_loop_add_reader().
 * @par Example
 * @snippet loop.c writer
 * @since 0.3.0
 */
SOCK_API int sock_loop_add_writer(sock_loop_t *loop, sock_t *s, sock_loop_fn fn,
                                  void *arg);

/**
 * @brief Have the writer of a socket called no more.
 *
 * Corresponds to Python's `loop.remove_writer(s)`; wraps epoll_ctl(2).
 *
 * @param[in] loop  Loop.
 * @param[in] s     Socket; may be closed.
 * @return 1; 0 if it has none. -1 on error.
 * @par Errors
 * As sock_loop_remove_reader().
 * @see sock_loop_add_writer(), sock_loop_remove_reader().
 * @par Example
 * @snippet loop.c writer
 * @since 0.3.0
 */
SOCK_API int sock_loop_remove_writer(sock_loop_t *loop, sock_t *s);

/**
 * @brief Look a host up, while the loop goes on.
 *
 * Corresponds to Python's
 * `loop.getaddrinfo(host, port, family=family, type=type)`; wraps
 * getaddrinfo(3), in a thread of its own; numbers need none. The function is
 * called once, in a later round, whatever comes of it.
 *
 * @param[in] loop     Loop.
 * @param[in] host     As for sock_getaddrinfo().
 * @param[in] port     As for sock_getaddrinfo().
 * @param[in] family   As for sock_getaddrinfo().
 * @param[in] type     As for sock_getaddrinfo().
 * @param[in] timeout  Seconds that it may take; #SOCK_NO_TIMEOUT: no limit.
 * @param[in] fn       Function.
 * @param[in] arg      Its argument.
 * @return 0; -1 on error, and the function is not called.
 * @par Errors
 * #SOCK_E_TYPE (no loop, no function; host not ASCII), #SOCK_E_VALUE (NaN, a
 * negative timeout; host too long), #SOCK_E_GAI (EAI_SERVICE: a port over
 * 65535), #SOCK_E_OVERFLOW, #SOCK_E_MEMORY, #SOCK_E_OS (EAGAIN: no thread;
 * EMFILE; EINVAL: the loop is a parent's; EBADF: sock_loop_free() was called).
 * The function gets the others of sock_getaddrinfo(), and #SOCK_E_TIMEOUT.
 * @see sock_getaddrinfo(), sock_loop_post().
 * @par Example
 * @snippet loop.c getaddrinfo
 * @since 0.3.0
 */
SOCK_API int sock_loop_getaddrinfo(sock_loop_t *loop, const char *host,
                                   const char *port, int family, int type,
                                   double timeout, sock_loop_addrinfo_fn fn,
                                   void *arg);

/**
 * @brief The selector of a loop.
 *
 * Not in Python, whose loops hide it. For what the loop itself has no function
 * for: pipes and terminals (sock_selector_register_fd()), #SOCK_EVENT_EDGE,
 * #SOCK_EVENT_PRIORITY. The data of each registration must be a pointer to a
 * #sock_watch_t that stays until it is unregistered; the loop calls its
 * function. A registration that is there keeps sock_loop_run() going. Do not
 * call sock_selector_select() of it.
 *
 * @param[in] loop  Loop.
 * @return The selector, which stays the loop's; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the loop is a parent's; EBADF:
 * sock_loop_free() was called).
 * @see sock_loop_add_reader(), sock_selector_register_fd().
 * @par Example
 * @snippet loop.c selector
 * @since 0.3.0
 */
SOCK_API sock_selector_t *sock_loop_selector(sock_loop_t *loop);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
