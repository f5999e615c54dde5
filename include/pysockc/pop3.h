/* SPDX-License-Identifier: MIT */
/**
 * @file pop3.h
 * @brief A client of POP3: fetching mail.
 */
#ifndef PYSOCKC_POP3_H
#define PYSOCKC_POP3_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/sasl.h>
#include <pysockc/session.h>
#include <pysockc/tls.h>
#include <pysockc/transfer.h>

/**
 * @defgroup pop3 POP3
 * @brief Python's module `poplib`: fetching mail (RFC 1939).
 *
 * @snippet pop3.c fetch
 *
 * A client is connected from its birth on; it says who it is by
 * sock_pop3_user() and sock_pop3_pass(), or sock_pop3_apop(), or
 * sock_pop3_auth(), and then has the mailbox for itself. Messages are numbered
 * from 1 on. What is deleted is gone when the client has said
 * sock_pop3_quit(), and not before: sock_pop3_free() alone takes it back.
 *
 * What the server has answered is sock_session_text() of sock_pop3_session(),
 * as it was sent: `+OK 2 320`. Its no, `-ERR ...`, is a #SOCK_E_REPLY of code
 * 0, and the session goes on.
 *
 * **Messages** arrive as lines in memory by sock_pop3_retr(), or as they come
 * in by sock_pop3_retr_to(), with CRLF at the end of each line. Nothing but
 * CRLF ends a line, so that a message cannot end itself and have its rest taken
 * for the server's next answer. sock_pop3_fetch() asks for many messages ahead,
 * without waiting for each, where the server says that it may.
 *
 * An object is for one thread at a time.
 * @{
 */

/** A client. Opaque. */
typedef struct sock_pop3 sock_pop3_t;

/** A message, as it stands in a list. */
typedef struct sock_pop3_entry {
    uint64_t number; /**< Its number, from 1 on. */
    uint64_t octets; /**< Of sock_pop3_list(): its size; else 0. */
    const char *id;  /**< Of sock_pop3_uidl(): what it is called as long as it
                          is there; else NULL. */
} sock_pop3_entry_t;

/** A list of messages. One allocation. */
typedef struct sock_pop3_entries {
    const sock_pop3_entry_t *entries; /**< The messages. */
    size_t count;                     /**< Their number. */
} sock_pop3_entries_t;

/**
 * What is called with the messages that sock_pop3_fetch() asks for.
 *
 * @param[in] arg     As given with the function.
 * @param[in] number  Of the message.
 * @param[in] data    Its next bytes, which are gone when it returns; NULL: that
 *                    was all of it.
 * @param[in] n       How many; 0: that was all of it.
 * @return 0 to go on; anything else ends the fetching.
 */
typedef int (*sock_pop3_fn)(void *arg, uint64_t number, const void *data,
                            size_t n);

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Connect to a server of POP3.
 *
 * Corresponds to Python's `poplib.POP3(host, port, timeout)`. The server's
 * welcome is read.
 *
 * @param[in] host  Name or address.
 * @param[in] port  1 to 65535; 0 is 110.
 * @param[in] opts  Options; NULL for none.
 * @return A new object, to be ended by sock_pop3_free(); NULL on error.
 * @par Errors
 * Those of sock_create_connection(); #SOCK_E_REPLY (the server does not want
 * us), #SOCK_E_PROTOCOL, #SOCK_E_EOF, #SOCK_E_TIMEOUT, #SOCK_E_VALUE,
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_pop3_ssl_new(), sock_pop3_stls(), sock_pop3_free().
 * @par Example
 * @snippet pop3.c fetch
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_pop3_t *sock_pop3_new(
    const char *host, int port, const sock_session_opts_t *opts);

/**
 * @brief Connect to a server of POP3 by TLS.
 *
 * Corresponds to Python's `poplib.POP3_SSL(host, port, timeout=timeout,
 * context=context)`.
 *
 * @param[in] host  Name or address, which the certificate must be one for.
 * @param[in] port  1 to 65535; 0 is 995.
 * @param[in] tls   Context, sock_ssl_tls() of one; it is held, and may be
 *                  freed. NULL: the default context, once sock_ssl_init() was
 *                  called.
 * @param[in] opts  Options; NULL for none.
 * @return A new object, to be ended by sock_pop3_free(); NULL on error.
 * @par Errors
 * As sock_pop3_new(); #SOCK_E_TLS, #SOCK_E_UNSUPPORTED (no context, and no one
 * has called sock_ssl_init()).
 * @par Deviation
 * Python's default context verifies nothing.
 * @see sock_pop3_new(), sock_pop3_stls().
 * @par Example
 * @snippet pop3.c ssl
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_pop3_t *sock_pop3_ssl_new(
    const char *host, int port, sock_tls_t *tls,
    const sock_session_opts_t *opts);

/**
 * @brief End a client.
 *
 * Corresponds to Python's `POP3.close()`. Nothing is said to the server, which
 * deletes nothing then: see sock_pop3_quit(). Leaves errno and the error record
 * as they were.
 *
 * @param[in] p  Client; NULL does nothing.
 * @see sock_pop3_quit(), sock_pop3_new().
 * @par Example
 * @snippet pop3.c fetch
 * @since 0.3.0
 */
SOCK_API void sock_pop3_free(sock_pop3_t *p);

/**
 * @brief The session of a client: its server's last word, limits, time, trace.
 *
 * Not in Python.
 *
 * @param[in] p  Client.
 * @return The session, which ends with the client; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_session_text(), sock_session_settimeout(),
 *      sock_session_set_limits().
 * @par Example
 * @snippet pop3.c session
 * @since 0.3.0
 */
SOCK_API sock_session_t *sock_pop3_session(sock_pop3_t *p);

/**
 * @brief What the server has said first.
 *
 * Corresponds to Python's `POP3.getwelcome()`.
 *
 * @param[in] p  Client.
 * @return Text, `+OK ...`, in which control characters are `?`; it is the
 *         client's. NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @par Deviation
 * After sock_pop3_stls() it is `""`: what was said without TLS may have been
 * anyone's word.
 * @see sock_pop3_new(), sock_pop3_apop().
 * @par Example
 * @snippet pop3.c session
 * @since 0.3.0
 */
SOCK_API const char *sock_pop3_getwelcome(const sock_pop3_t *p);

/**
 * @brief Say who it is.
 *
 * Corresponds to Python's `POP3.user(user)`.
 *
 * @param[in] p     Client.
 * @param[in] user  User, or the name of a mailbox.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_PROTOCOL, #SOCK_E_EOF, #SOCK_E_TIMEOUT,
 * #SOCK_E_CANCELLED, #SOCK_E_OS, #SOCK_E_TLS, #SOCK_E_VALUE (CR or LF in an
 * argument, or too much), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * A user of `"x\r\nDELE 1"` would be two commands in Python 3.13.0.
 * @see sock_pop3_pass(), sock_pop3_auth().
 * @par Example
 * @snippet pop3.c fetch
 * @since 0.3.0
 */
SOCK_API int sock_pop3_user(sock_pop3_t *p, const char *user);

/**
 * @brief Give the password, and have the mailbox.
 *
 * Corresponds to Python's `POP3.pass_(pswd)`.
 *
 * @param[in] p         Client, after sock_pop3_user().
 * @param[in] password  Password.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user(); #SOCK_E_VALUE, too, where it would go without TLS, and
 * not to loopback.
 * @par Deviation
 * Python sends it in the clear to anyone.
 * @see sock_pop3_user(), sock_pop3_apop(), sock_pop3_auth().
 * @par Example
 * @snippet pop3.c fetch
 * @since 0.3.0
 */
SOCK_API int sock_pop3_pass(sock_pop3_t *p, const char *password);

/**
 * @brief Say who it is by the method RPOP, which no one has any more.
 *
 * Corresponds to Python's `POP3.rpop(user)`; in place of a password.
 *
 * @param[in] p     Client, after sock_pop3_user().
 * @param[in] user  User.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user().
 * @see sock_pop3_user().
 * @par Example
 * @snippet pop3.c rpop
 * @since 0.3.0
 */
SOCK_API int sock_pop3_rpop(sock_pop3_t *p, const char *user);

/**
 * @brief Say who it is, without telling the password.
 *
 * Corresponds to Python's `POP3.apop(user, password)`: a digest by MD5 of a
 * timestamp in the server's welcome and of the password. It keeps that from
 * who only listens; TLS is better.
 *
 * @param[in] p         Client.
 * @param[in] user      User.
 * @param[in] password  Password.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user(); #SOCK_E_UNSUPPORTED (the welcome has no timestamp, or
 * was forgotten by sock_pop3_stls()).
 * @par Deviation
 * The timestamp must be a message id, as RFC 1939 says; Python takes anything
 * up to the last `>`, by whose choice a false server learns about the password.
 * @see sock_pop3_auth(), sock_pop3_pass(), sock_pop3_getwelcome().
 * @par Example
 * @snippet pop3.c apop
 * @since 0.3.0
 */
SOCK_API int sock_pop3_apop(sock_pop3_t *p, const char *user,
                            const char *password);

/**
 * @brief Say who it is by a mechanism of SASL (RFC 5034).
 *
 * Not in Python.
 *
 * @param[in] p          Client.
 * @param[in] mechanism  One of those that the server names, in any case of
 *                       letters.
 * @param[in] fn         What says what to answer, such as
 *                       sock_sasl_password().
 * @param[in] arg        What it is called with.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_pass(); #SOCK_E_UNSUPPORTED (the server does not name that
 * mechanism), #SOCK_E_CANCELLED and what the function records.
 * @see sock_sasl_password(), sock_sasl_token(), sock_pop3_capa().
 * @par Example
 * @snippet pop3.c auth
 * @since 0.3.0
 */
SOCK_API int sock_pop3_auth(sock_pop3_t *p, const char *mechanism,
                            sock_sasl_fn fn, void *arg);

/**
 * @brief Go on by TLS.
 *
 * Corresponds to Python's `POP3.stls(context)`. The server is asked first
 * whether it can. To be called before a user is named: nothing that was said
 * until then counts any more.
 *
 * @param[in] p    Client.
 * @param[in] tls  As for sock_pop3_ssl_new().
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user(); #SOCK_E_UNSUPPORTED (the server does not offer it, or
 * there is no context), #SOCK_E_TLS, #SOCK_E_VALUE (there is TLS already, or
 * someone has logged in).
 * @par Deviation
 * Python's default context verifies nothing.
 * @see sock_pop3_ssl_new(), sock_session_secure().
 * @par Example
 * @snippet pop3.c stls
 * @since 0.3.0
 */
SOCK_API int sock_pop3_stls(sock_pop3_t *p, sock_tls_t *tls);

/**
 * @brief What the server can.
 *
 * Corresponds to Python's `POP3.capa()`.
 *
 * @param[in] p  Client.
 * @return Lines, such as `SASL PLAIN LOGIN`, to be ended by sock_lines_free();
 *         NULL on error.
 * @par Errors
 * As sock_pop3_user(); #SOCK_E_UNSUPPORTED (it does not know the question).
 * @par Deviation
 * Lines in place of a dictionary.
 * @see sock_pop3_stls(), sock_pop3_auth(), sock_pop3_utf8().
 * @par Example
 * @snippet pop3.c capa
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_pop3_capa(sock_pop3_t *p);

/**
 * @brief Have names and heads in UTF-8 (RFC 6856).
 *
 * Corresponds to Python's `POP3.utf8()`. Before a user is named.
 *
 * @param[in] p  Client.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user().
 * @see sock_pop3_capa().
 * @par Example
 * @snippet pop3.c utf8
 * @since 0.3.0
 */
SOCK_API int sock_pop3_utf8(sock_pop3_t *p);

/**
 * @brief How many messages there are.
 *
 * Corresponds to Python's `POP3.stat()`.
 *
 * @param[in]  p       Client.
 * @param[out] count   Messages.
 * @param[out] octets  Bytes of all of them.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user(); #SOCK_E_PROTOCOL, too, where these are no numbers below
 * 2^63.
 * @par Deviation
 * Python takes signs, underscores and numbers of any length.
 * @see sock_pop3_list().
 * @par Example
 * @snippet pop3.c stat
 * @since 0.3.0
 */
SOCK_API int sock_pop3_stat(sock_pop3_t *p, uint64_t *count, uint64_t *octets);

/**
 * @brief How large messages are.
 *
 * Corresponds to Python's `POP3.list()` and `POP3.list(which)`.
 *
 * @param[in] p      Client.
 * @param[in] which  Number of a message; 0: all of them.
 * @return A list, to be ended by sock_pop3_entries_free(), of one message or of
 *         all that are not deleted; NULL on error.
 * @par Errors
 * As sock_pop3_stat().
 * @par Deviation
 * Numbers in place of lines.
 * @see sock_pop3_uidl(), sock_pop3_stat().
 * @par Example
 * @snippet pop3.c list
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_pop3_entries_t *sock_pop3_list(sock_pop3_t *p,
                                                            uint64_t which);

/**
 * @brief What messages are called, from one session to the next.
 *
 * Corresponds to Python's `POP3.uidl()` and `POP3.uidl(which)`.
 *
 * @param[in] p      Client.
 * @param[in] which  Number of a message; 0: all of them.
 * @return As sock_pop3_list().
 * @par Errors
 * As sock_pop3_stat(); #SOCK_E_PROTOCOL, too, where an id is not of visible
 * ASCII.
 * @par Deviation
 * Numbers and ids in place of lines.
 * @see sock_pop3_list(), sock_pop3_capa().
 * @par Example
 * @snippet pop3.c uidl
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_pop3_entries_t *sock_pop3_uidl(sock_pop3_t *p,
                                                            uint64_t which);

/**
 * @brief End a list of messages.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  Object; NULL does nothing.
 * @see sock_pop3_list(), sock_pop3_uidl().
 * @par Example
 * @snippet pop3.c list
 * @since 0.3.0
 */
SOCK_API void sock_pop3_entries_free(sock_pop3_entries_t *list);

/**
 * @brief Read a message into memory.
 *
 * Corresponds to Python's `POP3.retr(which)`.
 *
 * @param[in] p      Client.
 * @param[in] which  Number of the message.
 * @return Its lines, to be ended by sock_lines_free(); NULL on error.
 * @par Errors
 * As sock_pop3_user(); #SOCK_E_PROTOCOL, #SOCK_P_TOO_LARGE, too, of one over
 * sock_session_set_limits().
 * @par Deviation
 * A dot at the start of a line is taken away whatever follows it, as RFC 1939
 * says, where Python does so before a second one alone. Nothing but CRLF ends a
 * line.
 * @see sock_pop3_retr_to(), sock_pop3_top(), sock_pop3_fetch().
 * @par Example
 * @snippet pop3.c retr
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_pop3_retr(sock_pop3_t *p,
                                                     uint64_t which);

/**
 * @brief Read the head of a message, and the first lines of its body.
 *
 * Corresponds to Python's `POP3.top(which, howmuch)`.
 *
 * @param[in] p        Client.
 * @param[in] which    Number of the message.
 * @param[in] howmuch  Lines of the body.
 * @return Lines, as of sock_pop3_retr(); NULL on error.
 * @par Errors
 * As sock_pop3_retr().
 * @see sock_pop3_top_to(), sock_pop3_retr().
 * @par Example
 * @snippet pop3.c top
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_pop3_top(sock_pop3_t *p,
                                                    uint64_t which,
                                                    uint64_t howmuch);

/**
 * @brief Hand a message on as it arrives.
 *
 * Corresponds to Python's `POP3.retr(which)`, which has it in memory.
 *
 * @param[in] p      Client.
 * @param[in] which  Number of the message.
 * @param[in] sink   Where it goes to, with CRLF at the end of each line.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user(); #SOCK_E_CANCELLED and what the sink records.
 * @see sock_pop3_retr(), sock_sink_fd(), sock_sink_file().
 * @par Example
 * @snippet pop3.c retr_to
 * @since 0.3.0
 */
SOCK_API int sock_pop3_retr_to(sock_pop3_t *p, uint64_t which,
                               sock_sink_t sink);

/**
 * @brief Hand the beginning of a message on as it arrives.
 *
 * Corresponds to Python's `POP3.top(which, howmuch)`.
 *
 * @param[in] p        Client.
 * @param[in] which    Number of the message.
 * @param[in] howmuch  Lines of the body.
 * @param[in] sink     Where it goes to, with CRLF at the end of each line.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_retr_to().
 * @see sock_pop3_top(), sock_pop3_retr_to().
 * @par Example
 * @snippet pop3.c top_to
 * @since 0.3.0
 */
SOCK_API int sock_pop3_top_to(sock_pop3_t *p, uint64_t which, uint64_t howmuch,
                              sock_sink_t sink);

/**
 * @brief Read many messages, one behind the other.
 *
 * Not in Python. As many calls of `RETR`, but up to 16 are asked for before the
 * first has come, if the server's capabilities have `PIPELINING`: so no one
 * waits for the other. Else they are asked for one by one.
 *
 * @param[in] p      Client.
 * @param[in] first  Number of the first message.
 * @param[in] last   Number of the last one; 0: the last that there is.
 * @param[in] fn     What they are handed to.
 * @param[in] arg    What it is called with.
 * @return 0; -1 on error. One that the server does not give, such as a deleted
 *         one, ends it, as does the function; messages that were asked for
 *         already are passed over, and the session goes on.
 * @par Errors
 * As sock_pop3_retr_to(); #SOCK_E_VALUE (the first is 0, or after the last).
 * @see sock_pop3_retr_to(), sock_pop3_capa().
 * @par Example
 * @snippet pop3.c fetch
 * @since 0.3.0
 */
SOCK_API int sock_pop3_fetch(sock_pop3_t *p, uint64_t first, uint64_t last,
                             sock_pop3_fn fn, void *arg);

/**
 * @brief Mark a message, to be deleted by sock_pop3_quit().
 *
 * Corresponds to Python's `POP3.dele(which)`.
 *
 * @param[in] p      Client.
 * @param[in] which  Number of the message.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user().
 * @see sock_pop3_rset(), sock_pop3_quit().
 * @par Example
 * @snippet pop3.c dele
 * @since 0.3.0
 */
SOCK_API int sock_pop3_dele(sock_pop3_t *p, uint64_t which);

/**
 * @brief Take all marks away.
 *
 * Corresponds to Python's `POP3.rset()`.
 *
 * @param[in] p  Client.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user().
 * @see sock_pop3_dele().
 * @par Example
 * @snippet pop3.c dele
 * @since 0.3.0
 */
SOCK_API int sock_pop3_rset(sock_pop3_t *p);

/**
 * @brief Do nothing, and hear whether the server is still there.
 *
 * Corresponds to Python's `POP3.noop()`.
 *
 * @param[in] p  Client.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_pop3_user().
 * @see sock_pop3_quit().
 * @par Example
 * @snippet pop3.c noop
 * @since 0.3.0
 */
SOCK_API int sock_pop3_noop(sock_pop3_t *p);

/**
 * @brief Say goodbye: what is marked gets deleted, and the session is closed.
 *
 * Corresponds to Python's `POP3.quit()`. The object is still to be freed.
 *
 * @param[in] p  Client.
 * @return 0; -1 on error, and it is closed, too. Of what was marked something
 *         may still be there then.
 * @par Errors
 * As sock_pop3_user().
 * @par Deviation
 * Python does not close it where the server says no. A second one is an
 * #SOCK_E_EOF, and an AttributeError there.
 * @see sock_pop3_free(), sock_pop3_dele().
 * @par Example
 * @snippet pop3.c fetch
 * @since 0.3.0
 */
SOCK_API int sock_pop3_quit(sock_pop3_t *p);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
