/* SPDX-License-Identifier: MIT */
/**
 * @file cancel.h
 * @brief Ending calls that wait, on any number of sockets, without closing one.
 */
#ifndef PYSOCKC_CANCEL_H
#define PYSOCKC_CANCEL_H

#include <pysockc/export.h>
#include <pysockc/socket.h>

/**
 * @defgroup cancel Cancel tokens
 * @brief Ending calls that wait, on any number of sockets, without closing one.
 *
 * A token is made, given to the sockets whose calls it may end, and fired from
 * any thread or signal handler. What waits on those sockets then fails with
 * #SOCK_E_CANCELLED, and so does every later call that moves data or waits,
 * until the token is reset: there is no moment at which it could be missed.
 * Nothing is closed and nothing is lost; after sock_cancel_reset() the
 * connections go on where they were.
 *
 * @snippet cancel.c cancel
 *
 * Once it has fired all that receives, sends, accepts or connects fails, and so
 * do sock_sendfile(), sock_wait() and the streams of sock_makefile(), though
 * bytes lie ready. All other calls do what they always do.
 *
 * A token may belong to any number of sockets, a socket to one token. An
 * accepted socket and a duplicate begin without one, as they begin without a
 * deadline; a stream of sock_makefile() has that of its socket, as it has its
 * timeout. Beside a token the descriptor of the socket is O_NONBLOCK, and its
 * calls are those of a socket with a timeout, whatever sock_gettimeout() says:
 * SO_RCVTIMEO and SO_SNDTIMEO play no part.
 *
 * Where the end of a call is a point in time there is sock_set_deadline(); a
 * socket may have both.
 *
 * After fork(2) a token belongs to the parent. In the child the sockets are as
 * if they had none, and every call here but sock_cancel_free() and
 * sock_set_cancel() with NULL fails: the child makes its own.
 * @{
 */

/** What ends calls. Opaque. */
typedef struct sock_cancel sock_cancel_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Make a token, which has not fired.
 *
 * Not in Python; wraps eventfd(2).
 *
 * @return Token; NULL on error.
 * @par Errors
 * #SOCK_E_OS (EMFILE, ENFILE), #SOCK_E_MEMORY.
 * @see sock_cancel_free(), sock_set_cancel(), sock_cancel_fire().
 * @par Example
 * @snippet cancel.c cancel
 * @since 0.3.0
 */
SOCK_API sock_cancel_t *sock_cancel_new(void);

/**
 * @brief Free a token.
 *
 * Not in Python. The sockets that have it keep what they need of it and go on
 * as they are: one that has fired ends their calls until sock_set_cancel()
 * gives them another, or none. Every other thread must be out of the calls that
 * take the token itself.
 *
 * @param[in] token  Token, or NULL; a parent's, too.
 * @see sock_cancel_new(), sock_set_cancel().
 * @par Example
 * @snippet cancel.c cancel
 * @since 0.3.0
 */
SOCK_API void sock_cancel_free(sock_cancel_t *token);

/**
 * @brief Fire the token: end the calls of all sockets that have it.
 *
 * Not in Python; wraps write(2). Async-signal-safe. It stays fired until
 * sock_cancel_reset(); firing it again changes nothing. The calls it ends may
 * still be on their way out when this returns.
 *
 * @param[in] token  Token.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the token is a parent's).
 * @see sock_cancel_reset(), sock_cancel_fired(), sock_shutdown().
 * @par Example
 * @snippet cancel.c fire
 * @since 0.3.0
 */
SOCK_API int sock_cancel_fire(sock_cancel_t *token);

/**
 * @brief Make the token as one that has not fired.
 *
 * Not in Python; wraps read(2). Async-signal-safe. A call that waited when the
 * token was fired, and has not noticed yet, may go on: reset it when those
 * calls have ended.
 *
 * @param[in] token  Token.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the token is a parent's).
 * @see sock_cancel_fire(), sock_cancel_fired().
 * @par Example
 * @snippet cancel.c cancel
 * @since 0.3.0
 */
SOCK_API int sock_cancel_reset(sock_cancel_t *token);

/**
 * @brief Whether the token has fired.
 *
 * Not in Python. Async-signal-safe.
 *
 * @param[in] token  Token.
 * @return 1 or 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the token is a parent's).
 * @see sock_cancel_fire(), sock_cancel_reset().
 * @par Example
 * @snippet cancel.c fire
 * @since 0.3.0
 */
SOCK_API int sock_cancel_fired(const sock_cancel_t *token);

/**
 * @brief A descriptor that is readable once the token has fired.
 *
 * Not in Python. For loops and selectors, to be waited for and nothing else: it
 * is the token's, is neither read nor closed, and ends with the token and the
 * last socket that has it.
 *
 * @param[in] token  Token.
 * @return Descriptor; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OS (EINVAL: the token is a parent's).
 * @see sock_cancel_fire(), sock_fileno().
 * @par Example
 * @snippet cancel.c fileno
 * @since 0.3.0
 */
SOCK_API sock_fd_t sock_cancel_fileno(const sock_cancel_t *token);

/**
 * @brief Give the socket a token, or take it away.
 *
 * Not in Python; wraps ioctl(2) FIONBIO where the socket has no timeout. A call
 * that already waits goes on with what it began with, so set it before.
 *
 * @param[in] s      Socket.
 * @param[in] token  Token; NULL: none.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_OS (EBADF: closed; EINVAL: the token is a parent's), #SOCK_E_MEMORY,
 * #SOCK_E_TYPE.
 * @see sock_cancel_new(), sock_cancel_fire(), sock_set_deadline().
 * @par Example
 * @snippet cancel.c cancel
 * @since 0.3.0
 */
SOCK_API int sock_set_cancel(sock_t *s, sock_cancel_t *token);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
