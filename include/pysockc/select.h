/* SPDX-License-Identifier: MIT */
/**
 * @file select.h
 * @brief Waiting for several sockets at once.
 */
#ifndef PYSOCKC_SELECT_H
#define PYSOCKC_SELECT_H

#include <stddef.h>

#include <pysockc/export.h>
#include <pysockc/socket.h>
#include <pysockc/timeout.h>

/**
 * @defgroup select Many sockets at once
 * @brief select, and the selector of Python's `selectors`.
 *
 * sock_select() takes a few sockets and says which are ready. A selector keeps
 * many, each with what it is waited for and a pointer of the caller's, and says
 * which are ready in a time that does not grow with their number:
 *
 * @snippet select.c selector
 *
 * What is registered is the object, not its number. sock_close(),
 * sock_detach() and sock_free() take the object out of its selectors before
 * the number is given back, so no event of an old socket is ever delivered for
 * a new one. An event that was found, but whose registration has gone since, is
 * passed over by sock_selector_next().
 *
 * | what happened               | mask                                     |
 * |-----------------------------|------------------------------------------|
 * | bytes, a connection, the end | #SOCK_EVENT_READ                        |
 * | room, a connect has ended   | #SOCK_EVENT_WRITE                        |
 * | urgent data                 | #SOCK_EVENT_PRIORITY                     |
 * | the peer sends no more      | #SOCK_EVENT_RDHUP                        |
 * | both directions have ended  | #SOCK_EVENT_HANGUP, and all that was asked |
 * | an error is pending         | #SOCK_EVENT_ERROR, and all that was asked |
 *
 * A socket that is ready may still not be: a datagram whose checksum is wrong
 * is dropped by the call that would receive it. So the sockets of a selector
 * are best non-blocking, sock_setblocking() with 0.
 *
 * Any thread may register, modify, unregister, close and wake up at any time;
 * one at a time selects, by sock_selector_select() and sock_selector_next().
 * After fork(2) a selector belongs to the parent: in the child every call but
 * sock_selector_free() fails.
 *
 * The page @ref guide-several has whole programs.
 * @{
 */

/** Which of the system's calls a selector stands on. */
enum sock_selector_kind {
    SOCK_SELECTOR_DEFAULT = 0, /**< The best there is: epoll(7). */
    SOCK_SELECTOR_EPOLL = 1,   /**< epoll(7). */
    SOCK_SELECTOR_POLL = 2     /**< poll(2), which takes regular files too. */
};

/** Sockets, and what each is waited for. Opaque. */
typedef struct sock_selector sock_selector_t;

/** A registration, and what was found of it. */
typedef struct sock_key {
    sock_t *sock;    /**< The object; NULL where a number was registered. */
    void *data;      /**< What it was registered with. */
    sock_fd_t fd;    /**< Its descriptor; -1 once the object is closed. */
    int events;      /**< What it is waited for, #sock_event values. */
    int mask;        /**< What was found; 0 but from sock_selector_next(). */
    int reserved[3]; /**< Zero. */
} sock_key_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Wait until some of the sockets are ready.
 *
 * Corresponds to Python's `select.select(rlist, wlist, xlist, timeout)`; wraps
 * poll(2), so numbers over 1023 will do. Each list ends with NULL. The ready
 * ones are moved to its front, in their order, with a NULL behind them: fill
 * the lists again for the next call. An object that is listed twice is found
 * twice. A peer that hung up or an error counts as readable, an error as
 * writable too, urgent data as exceptional.
 *
 * @param[in,out] rlist    Those to be readable, or NULL.
 * @param[in,out] wlist    Those to be writable, or NULL.
 * @param[in,out] xlist    Those to have urgent data, or NULL.
 * @param[in]     timeout  Seconds; 0 looks and does not wait,
 *                         #SOCK_NO_TIMEOUT waits without limit.
 * @return How many are ready, all lists together; 0 if none was in that time.
 *         -1 on error, and the lists are as they were.
 * @par Errors
 * #SOCK_E_OS (EBADF: one is closed), #SOCK_E_VALUE (a negative timeout, NaN),
 * #SOCK_E_OVERFLOW, #SOCK_E_CANCELLED, #SOCK_E_MEMORY (over 64 objects).
 * @par Deviation
 * No limit of 1024; time is kept in nanoseconds; an infinite timeout is None.
 * @see sock_selector_new(), sock_wait(), sock_accept(), sock_recv().
 * @par Example
 * @snippet select.c select
 * @since 0.3.0
 */
SOCK_API int sock_select(sock_t *rlist[], sock_t *wlist[], sock_t *xlist[],
                         double timeout);

/**
 * @brief Make a selector.
 *
 * Corresponds to Python's `selectors.DefaultSelector()`, `EpollSelector()`,
 * `PollSelector()`; wraps epoll_create1(2) and eventfd(2). Its descriptors are
 * close-on-exec. There is no kind for select(2), which has a limit and nothing
 * else that poll(2) has not.
 *
 * @param[in] kind  One of #sock_selector_kind.
 * @return The selector, to be ended by sock_selector_free(); NULL on error.
 * @par Errors
 * #SOCK_E_OS (EMFILE, ENFILE), #SOCK_E_VALUE (kind), #SOCK_E_MEMORY.
 * @see sock_selector_free(), sock_selector_register(), sock_select().
 * @par Example
 * @snippet select.c selector
 * @since 0.3.0
 */
SOCK_API sock_selector_t *sock_selector_new(int kind);

/**
 * @brief End a selector.
 *
 * Corresponds to Python's `selector.close()`. The registrations go, the objects
 * stay. No other thread may be in a call with it. NULL does nothing; errno and
 * the error record are left alone.
 *
 * @param[in] sel  Selector, or NULL; of a parent process, too.
 * @see sock_selector_new(), sock_selector_unregister().
 * @par Example
 * @snippet select.c selector
 * @since 0.3.0
 */
SOCK_API void sock_selector_free(sock_selector_t *sel);

/**
 * @brief Register a socket.
 *
 * Corresponds to Python's `selector.register(s, events, data)`; wraps
 * epoll_ctl(2). The selector neither owns the object nor keeps it open: when
 * it is closed or detached its registration stays, silent, until
 * sock_selector_unregister(); when it is freed the registration goes, too.
 *
 * @param[in] sel     Selector.
 * @param[in] s       Socket.
 * @param[in] events  #SOCK_EVENT_READ, #SOCK_EVENT_WRITE,
 *                    #SOCK_EVENT_PRIORITY, #SOCK_EVENT_RDHUP, at least one,
 *                    and #SOCK_EVENT_EDGE, #SOCK_EVENT_ONESHOT,
 *                    #SOCK_EVENT_EXCLUSIVE.
 * @param[in] data    What sock_selector_next() gives back with it.
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * #SOCK_E_KEY (EEXIST: registered already), #SOCK_E_VALUE (events that there
 * are not, none to wait for, or those that #SOCK_SELECTOR_POLL has not),
 * #SOCK_E_OS (EBADF: closed; EINVAL: the selector is a parent's; ENOSPC),
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * The object is what is registered: a new object with the number of one that
 * was closed is another. #SOCK_SELECTOR_POLL refuses #SOCK_EVENT_EDGE and
 * #SOCK_EVENT_EXCLUSIVE.
 * @see sock_selector_modify(), sock_selector_unregister(),
 *      sock_selector_register_fd(), sock_selector_select().
 * @par Example
 * @snippet select.c selector
 * @since 0.3.0
 */
SOCK_API int sock_selector_register(sock_selector_t *sel, sock_t *s, int events,
                                    void *data);

/**
 * @brief Register a descriptor that is no socket of the library's.
 *
 * Corresponds to Python's `selector.register(fd, events, data)`; wraps
 * epoll_ctl(2). For pipes, terminals, timers. The caller keeps it open until
 * it is unregistered: a number that is closed before can haunt, as epoll(7)
 * says of duplicates. The number of a socket that is registered as an object is
 * refused, and the other functions with a number do not find it.
 *
 * @param[in] sel     Selector.
 * @param[in] fd      Descriptor.
 * @param[in] events  As for sock_selector_register().
 * @param[in] data    What sock_selector_next() gives back with it.
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * As sock_selector_register(); #SOCK_E_VALUE (a negative number), #SOCK_E_OS
 * (EPERM: a regular file, but with #SOCK_SELECTOR_POLL).
 * @see sock_selector_modify_fd(), sock_selector_unregister_fd(),
 *      sock_selector_register().
 * @par Example
 * @snippet select.c fd
 * @since 0.3.0
 */
SOCK_API int sock_selector_register_fd(sock_selector_t *sel, sock_fd_t fd,
                                       int events, void *data);

/**
 * @brief Change what a socket is waited for, and its data.
 *
 * Corresponds to Python's `selector.modify(s, events, data)`; wraps
 * epoll_ctl(2), which is not called where the events are the same. It arms a
 * registration of #SOCK_EVENT_ONESHOT anew.
 *
 * @param[in] sel     Selector.
 * @param[in] s       Socket; may be closed.
 * @param[in] events  As for sock_selector_register().
 * @param[in] data    What sock_selector_next() gives back with it.
 * @return 0; -1 on error, and the registration is as it was.
 * @par Errors
 * #SOCK_E_KEY (ENOENT: not registered), else as sock_selector_register();
 * #SOCK_E_VALUE for #SOCK_EVENT_EXCLUSIVE, which the system can't change.
 * @par Deviation
 * Events of 0 and unknown bits are refused by each kind; a modify that fails
 * loses no registration.
 * @see sock_selector_register(), sock_selector_get_key().
 * @par Example
 * @snippet select.c modify
 * @since 0.3.0
 */
SOCK_API int sock_selector_modify(sock_selector_t *sel, sock_t *s, int events,
                                  void *data);

/**
 * @brief Change what a descriptor is waited for, and its data.
 *
 * Corresponds to Python's `selector.modify(fd, events, data)`; wraps
 * epoll_ctl(2).
 *
 * @param[in] sel     Selector.
 * @param[in] fd      Descriptor.
 * @param[in] events  As for sock_selector_register().
 * @param[in] data    What sock_selector_next() gives back with it.
 * @return 0; -1 on error, and the registration is as it was.
 * @par Errors
 * As sock_selector_modify().
 * @see sock_selector_register_fd(), sock_selector_modify().
 * @par Example
 * @snippet select.c fd
 * @since 0.3.0
 */
SOCK_API int sock_selector_modify_fd(sock_selector_t *sel, sock_fd_t fd,
                                     int events, void *data);

/**
 * @brief Take a socket out.
 *
 * Corresponds to Python's `selector.unregister(s)`; wraps epoll_ctl(2). What
 * was found of it and not yet delivered is dropped.
 *
 * @param[in] sel  Selector.
 * @param[in] s    Socket; may be closed.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_KEY (ENOENT: not registered), #SOCK_E_OS (EINVAL: the selector is a
 * parent's), #SOCK_E_TYPE.
 * @see sock_selector_register(), sock_close().
 * @par Example
 * @snippet select.c modify
 * @since 0.3.0
 */
SOCK_API int sock_selector_unregister(sock_selector_t *sel, sock_t *s);

/**
 * @brief Take a descriptor out.
 *
 * Corresponds to Python's `selector.unregister(fd)`; wraps epoll_ctl(2).
 *
 * @param[in] sel  Selector.
 * @param[in] fd   Descriptor; before it is closed.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_selector_unregister().
 * @see sock_selector_register_fd().
 * @par Example
 * @snippet select.c fd
 * @since 0.3.0
 */
SOCK_API int sock_selector_unregister_fd(sock_selector_t *sel, sock_fd_t fd);

/**
 * @brief Wait until some of the registered are ready.
 *
 * Corresponds to Python's `selector.select(timeout)`; wraps epoll_pwait2(2) or
 * poll(2). sock_selector_next() then gives them one by one. A signal does not
 * end the wait (PEP 475), unless the function of sock_set_interrupt() for new
 * objects says so.
 *
 * @param[in] sel      Selector.
 * @param[in] timeout  Seconds; 0 and less looks and does not wait,
 *                     #SOCK_NO_TIMEOUT waits without limit.
 * @return How many are ready; 0 if none was in that time, or
 *         sock_selector_wakeup() ended the wait. -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBUSY: another thread is inside; EINVAL: the selector is a
 * parent's), #SOCK_E_VALUE (NaN), #SOCK_E_OVERFLOW, #SOCK_E_CANCELLED,
 * #SOCK_E_TYPE, #SOCK_E_MEMORY (#SOCK_SELECTOR_POLL).
 * @par Deviation
 * 256 or a few more are found at a time; where more are ready, each has its
 * turn.
 * @see sock_selector_next(), sock_selector_wakeup(), sock_select().
 * @par Example
 * @snippet select.c selector
 * @since 0.3.0
 */
SOCK_API int sock_selector_select(sock_selector_t *sel, double timeout);

/**
 * @brief The next of those that the last select has found.
 *
 * Corresponds to Python's `for key, mask in selector.select()`. Passes over
 * what is no longer registered, or closed. Each is given once. For the thread
 * that called sock_selector_select().
 *
 * @param[in]  sel  Selector.
 * @param[out] key  The registration, and in `mask` what was found.
 * @return 1; 0 if there is no further one. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the selector is a parent's).
 * @see sock_selector_select(), sock_selector_get_key().
 * @par Example
 * @snippet select.c selector
 * @since 0.3.0
 */
SOCK_API int sock_selector_next(sock_selector_t *sel, sock_key_t *key);

/**
 * @brief What a socket was registered with.
 *
 * Corresponds to Python's `selector.get_key(s)`.
 *
 * @param[in]  sel  Selector.
 * @param[in]  s    Socket; may be closed.
 * @param[out] key  The registration; its `mask` is 0.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_KEY (ENOENT: not registered), #SOCK_E_OS (EINVAL: the selector is a
 * parent's), #SOCK_E_TYPE.
 * @see sock_selector_each(), sock_selector_modify().
 * @par Example
 * @snippet select.c each
 * @since 0.3.0
 */
SOCK_API int sock_selector_get_key(sock_selector_t *sel, sock_t *s,
                                   sock_key_t *key);

/**
 * @brief What a descriptor was registered with.
 *
 * Corresponds to Python's `selector.get_key(fd)`.
 *
 * @param[in]  sel  Selector.
 * @param[in]  fd   Descriptor.
 * @param[out] key  The registration; its `mask` is 0.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_selector_get_key().
 * @see sock_selector_get_key(), sock_selector_register_fd().
 * @par Example
 * @snippet select.c fd
 * @since 0.3.0
 */
SOCK_API int sock_selector_get_key_fd(sock_selector_t *sel, sock_fd_t fd,
                                      sock_key_t *key);

/**
 * @brief How many are registered.
 *
 * Corresponds to Python's `len(selector.get_map())`.
 *
 * @param[in] sel  Selector.
 * @return Their number, closed objects included; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the selector is a parent's).
 * @see sock_selector_each(), sock_selector_register().
 * @par Example
 * @snippet select.c each
 * @since 0.3.0
 */
SOCK_API int sock_selector_len(sock_selector_t *sel);

/**
 * @brief Walk over all that are registered.
 *
 * Corresponds to Python's `selector.get_map().values()`. Registrations may be
 * made and taken out meanwhile: one that stays all the time is given once.
 *
 * @param[in]     sel     Selector.
 * @param[in,out] cursor  0 at the beginning; then as the last call left it.
 * @param[out]    key     The registration; its `mask` is 0.
 * @return 1; 0 if there is no further one. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the selector is a parent's).
 * @see sock_selector_len(), sock_selector_get_key().
 * @par Example
 * @snippet select.c each
 * @since 0.3.0
 */
SOCK_API int sock_selector_each(sock_selector_t *sel, size_t *cursor,
                                sock_key_t *key);

/**
 * @brief End the wait of a selector.
 *
 * Not in Python, whose programs write to a pipe of their own; wraps eventfd(2).
 * May be called by any thread, and by a signal handler. The select that waits
 * returns, with 0 where nothing else is ready; where none waits the next one
 * does not.
 *
 * @param[in] sel  Selector.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the selector is a parent's).
 * @see sock_selector_select().
 * @par Example
 * @snippet select.c wakeup
 * @since 0.3.0
 */
SOCK_API int sock_selector_wakeup(sock_selector_t *sel);

/**
 * @brief The descriptor of a selector.
 *
 * Corresponds to Python's `EpollSelector.fileno()`. It is readable while
 * something is ready, so one selector can be registered in another. What
 * protocols on top hold back does not show there.
 *
 * @param[in] sel  Selector.
 * @return epoll's descriptor, which stays the selector's; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (#SOCK_SELECTOR_POLL has none), #SOCK_E_TYPE, #SOCK_E_OS
 * (EINVAL: the selector is a parent's).
 * @see sock_selector_register_fd(), sock_fileno().
 * @par Example
 * @snippet select.c fileno
 * @since 0.3.0
 */
SOCK_API sock_fd_t sock_selector_fileno(sock_selector_t *sel);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
