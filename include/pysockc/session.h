/* SPDX-License-Identifier: MIT */
/**
 * @file session.h
 * @brief What the clients of mail, news and FTP have in common.
 */
#ifndef PYSOCKC_SESSION_H
#define PYSOCKC_SESSION_H

#include <stddef.h>

#include <pysockc/address.h>
#include <pysockc/export.h>
#include <pysockc/socket.h>
#include <pysockc/timeout.h>

/**
 * @defgroup session Sessions
 * @brief What the clients of mail, news and FTP have in common: the server's
 * last word, limits, time, a trace.
 *
 * @snippet session.c text
 *
 * A client of SMTP, POP3, IMAP, NNTP or FTP says a command and hears a reply.
 * What is not of one protocol alone is its session: sock_smtp_session() and its
 * like give that of a client.
 *
 * **Errors.** A server that says no is a #SOCK_E_REPLY: the code is the number
 * of its reply, the text begins with whom was asked what and ends with its
 * words: `sendmail mail.example.org: RCPT TO:<x@y>: 550 5.1.1 no such user`. A
 * server that breaks the rules, or a limit, is a #SOCK_E_PROTOCOL, one that
 * goes away a #SOCK_E_EOF. After these two, and after whatever else ends a call
 * before a reply is whole, such as a time that is over or a cancel token, the
 * session is closed: what came next could not be told from what was asked
 * before. Every further call fails with #SOCK_E_EOF then. It is closed, too,
 * where a server of SMTP, NNTP or FTP says no and goes away while it is being
 * sent something, such as a message that is too large: that no is the error, if
 * it has come by then; by TLS it is not heard.
 *
 * **Commands** are refused with #SOCK_E_VALUE, before a byte is sent, where an
 * argument has CR, LF or NUL, or makes them too long. So nothing in an argument
 * can begin another command.
 *
 * **Passwords** are not sent without TLS to a host other than loopback, unless
 * the options say `insecure_auth`; #SOCK_E_VALUE then. They are wiped from the
 * library's memory once they were sent, and no trace and no error shows them.
 *
 * **Time.** The timeout is that of one command: to send it, and for the whole
 * of its reply, however the server doles it out. Where bodies are read and
 * sent it begins anew with each block. sock_session_set_deadline() is an end
 * for all of them together.
 *
 * **TLS** is a #sock_tls_t, as everywhere, and always verified as its context
 * says. Bytes that a server, or who stands in between, sends behind its word to
 * begin TLS are a #SOCK_E_PROTOCOL.
 *
 * An object is for one thread at a time.
 * @{
 */

/** The session of a client, which ends with that. Opaque. */
typedef struct sock_session sock_session_t;

/** How a client is made. Zero is the default of each member, so
 * `{.size = sizeof opts}` is the beginning of all; in C++
 * `sock_session_opts_t opts = sock_session_opts_t(); opts.size = sizeof opts;`.
 */
typedef struct sock_session_opts {
    size_t size;                /**< Bytes of this struct, `sizeof`. */
    double timeout;             /**< Seconds of a command, and of connecting;
                                     #SOCK_NO_TIMEOUT: no limit. 0: that of
                                     sock_setdefaulttimeout(). */
    const char *local_hostname; /**< What SMTP calls this host; NULL: its
                                     name. */
    sock_addr_t source;         /**< Where to connect from. */
    int insecure_auth;          /**< 1: send passwords in the clear. */
    int readermode;             /**< 1: NNTP asks for `MODE READER`. */
    int reserved[14];           /**< Zero. */
} sock_session_opts_t;

/** What a server may send, at most. Zero is the default of each, so
 * `{.size = sizeof limits}` is the beginning of all, and in C++ as of
 * #sock_session_opts_t. */
typedef struct sock_session_limits {
    size_t size;        /**< Bytes of this struct, `sizeof`. */
    size_t line;        /**< Bytes of a line: 8192; of IMAP 1 MiB. */
    size_t reply;       /**< Bytes of a reply: 64 KiB. */
    size_t lines;       /**< Lines of a reply: 1000. */
    size_t list;        /**< Bytes of what is read into memory whole, such as
                             a list or a message: 64 MiB. Places in a list
                             take room, too, which may be as much again, or
                             1024 places: of a line 16 bytes, of a message of
                             POP3 24, of a group of NNTP 40, of an article in
                             an overview 80, and 8 for each field besides. */
    size_t reserved[5]; /**< Zero. */
} sock_session_limits_t;

/**
 * What is called for each line of the conversation.
 *
 * @param[in] arg        As given with the function.
 * @param[in] direction  ``'>'``: sent; ``'<'``: received.
 * @param[in] line       Line, without its end; not terminated. Secrets are
 *                       shown as `****`.
 * @param[in] n          Bytes of it.
 */
typedef void (*sock_trace_fn)(void *arg, char direction, const char *line,
                              size_t n);

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The number of the last reply.
 *
 * Corresponds to the first part of what `SMTP.docmd()` of Python returns.
 *
 * @param[in] c  Session.
 * @return Three digits of SMTP, FTP and NNTP; 0 of the others, and where there
 *         was none yet. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_session_text(), sock_last_error().
 * @par Example
 * @snippet session.c text
 * @since 0.3.0
 */
SOCK_API int sock_session_code(const sock_session_t *c);

/**
 * @brief The words of the last reply.
 *
 * Corresponds to the second part of what `SMTP.docmd()` of Python returns, and
 * to the response that its other modules return. Several lines are separated by
 * LF.
 *
 * @param[in] c  Session.
 * @return Text, without the number where that has three digits; control
 *         characters are shown as `?`. Valid until the next command. `""` if
 *         there was none yet. NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_session_code().
 * @par Example
 * @snippet session.c text
 * @since 0.3.0
 */
SOCK_API const char *sock_session_text(const sock_session_t *c);

/**
 * @brief The socket of a session.
 *
 * Corresponds to `sock` of Python's objects. For options, and a cancel token.
 * To read from it or to write to it would be to take part in the conversation.
 *
 * @param[in] c  Session.
 * @return The socket, which stays the session's; NULL if that is closed, which
 *         is no error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_set_cancel(), sock_setsockopt().
 * @par Example
 * @snippet session.c socket
 * @since 0.3.0
 */
SOCK_API sock_t *sock_session_socket(const sock_session_t *c);

/**
 * @brief Set the time of a command.
 *
 * Corresponds to `sock.settimeout()` of Python's objects, whose time is that of
 * each call of the system.
 *
 * @param[in] c        Session.
 * @param[in] seconds  Over 0; #SOCK_NO_TIMEOUT, #SOCK_DEFAULT_TIMEOUT.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_OVERFLOW, #SOCK_E_TYPE. A command that is not over by
 * then: #SOCK_E_TIMEOUT.
 * @see sock_session_set_deadline().
 * @par Example
 * @snippet session.c time
 * @since 0.3.0
 */
SOCK_API int sock_session_settimeout(sock_session_t *c, double seconds);

/**
 * @brief Set when all that the session does ends.
 *
 * Not in Python. Beside the time of each command: whichever is over first
 * counts.
 *
 * @param[in] c        Session.
 * @param[in] seconds  From now, as for sock_set_deadline(); #SOCK_NO_TIMEOUT
 *                     takes it away.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_OVERFLOW, #SOCK_E_TYPE. When it is over calls fail
 * with #SOCK_E_TIMEOUT.
 * @see sock_session_settimeout().
 * @par Example
 * @snippet session.c time
 * @since 0.3.0
 */
SOCK_API int sock_session_set_deadline(sock_session_t *c, double seconds);

/**
 * @brief Set what a server may send, at most.
 *
 * Not in Python, where a line has a limit and nothing else.
 *
 * @param[in] c       Session.
 * @param[in] limits  Limits.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (the size is not that of the struct, or what is reserved is
 * not zero), #SOCK_E_TYPE. What is over them: #SOCK_E_PROTOCOL,
 * #SOCK_P_TOO_LARGE, and the session is closed.
 * @see sock_session_text().
 * @par Example
 * @snippet session.c limits
 * @since 0.3.0
 */
SOCK_API int sock_session_set_limits(sock_session_t *c,
                                     const sock_session_limits_t *limits);

/**
 * @brief Set what is called for each line of the conversation.
 *
 * Corresponds to `set_debuglevel()` of Python's objects, which print, and
 * passwords among it. Bodies are not shown.
 *
 * @param[in] c    Session.
 * @param[in] fn   Function; NULL: none.
 * @param[in] arg  What it is called with.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_session_text().
 * @par Example
 * @snippet session.c trace
 * @since 0.3.0
 */
SOCK_API int sock_session_set_trace(sock_session_t *c, sock_trace_fn fn,
                                    void *arg);

/**
 * @brief Whether nothing goes over the session but under TLS.
 *
 * Not in Python, where one asks for the class of `sock`.
 *
 * @param[in] c  Session.
 * @return 1, 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_smtp_starttls(), sock_ftp_auth().
 * @par Example
 * @snippet session.c secure
 * @since 0.3.0
 */
SOCK_API int sock_session_secure(const sock_session_t *c);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
