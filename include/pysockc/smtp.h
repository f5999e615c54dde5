/* SPDX-License-Identifier: MIT */
/**
 * @file smtp.h
 * @brief A client of SMTP and LMTP: sending mail.
 */
#ifndef PYSOCKC_SMTP_H
#define PYSOCKC_SMTP_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/sasl.h>
#include <pysockc/session.h>
#include <pysockc/tls.h>
#include <pysockc/transfer.h>

/**
 * @defgroup smtp Sending mail
 * @brief Python's module `smtplib`: a client of SMTP and LMTP.
 *
 * @snippet smtp.c send
 *
 * A client says hello by itself, with EHLO, or HELO where a server knows
 * nothing else, before the first call that needs to know what the server
 * offers. sock_smtp_sendmail() then is all there is to sending a message that
 * lies in memory, sock_smtp_send_from() to one that does not; the commands that
 * they are made of are here, too.
 *
 * **Messages.** Whatever ends a line of a message, CR, LF or CRLF, is sent as
 * CRLF, and a dot at the start of a line as two. So a message can neither end
 * itself nor smuggle in another one. Making messages is left to the caller, but
 * for sock_message_date() and sock_message_id(). One with bytes over 127 is
 * announced as `BODY=8BITMIME`, and refused where the server takes none.
 *
 * **Addresses** are those of the envelope, `"a@example.org"`, with or without a
 * name before and angle brackets around; `""` is the sender of those that no
 * one is to answer. What is no address is refused before a byte is sent. One
 * that is not ASCII needs a server with SMTPUTF8.
 *
 * **Refused recipients** do not keep the others from their mail: who was
 * refused, and why, tells sock_smtp_refused().
 *
 * **Speed.** To a server that offers PIPELINING the sender, its recipients, and
 * the wish to send the message go out together, as many as 100 recipients at a
 * time; each of the replies is heard, and counts as it would one by one.
 *
 * A reply of 421 is the server's goodbye: the session is closed.
 * @{
 */

/** A client of SMTP or LMTP. Opaque. */
typedef struct sock_smtp sock_smtp_t;

/** Why a recipient did not get the message. */
typedef struct sock_smtp_refusal {
    const char *address; /**< As the caller has given it. */
    int code;            /**< Number of the reply. */
    const char *text;    /**< Its words, of which 511 bytes are kept. */
} sock_smtp_refusal_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Make a client of SMTP, and connect it.
 *
 * Corresponds to Python's `smtplib.SMTP(host, port, local_hostname, timeout,
 * source_address)`.
 *
 * @param[in] host  Name or address, or a path of AF_UNIX that begins with a
 *                  slash; NULL or `""`: it is connected later.
 * @param[in] port  1 to 65535; 0: 25, or the one behind the only colon of the
 *                  host.
 * @param[in] opts  Options; NULL: the default of each.
 * @return A new object, to be ended by sock_smtp_free(); NULL on error.
 * @par Errors
 * Those of sock_smtp_connect(); #SOCK_E_REPLY (the server does not greet with
 * 220), #SOCK_E_VALUE (an option), #SOCK_E_MEMORY.
 * @see sock_smtp_ssl_new(), sock_lmtp_new(), sock_smtp_starttls(),
 *      sock_smtp_session().
 * @par Example
 * @snippet smtp.c send
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_smtp_t *sock_smtp_new(
    const char *host, int port, const sock_session_opts_t *opts);

/**
 * @brief Make a client of SMTP under TLS, and connect it.
 *
 * Corresponds to Python's `smtplib.SMTP_SSL(host, port, context=context)`. TLS
 * is under it from the first byte on.
 *
 * @param[in] host  As for sock_smtp_new().
 * @param[in] port  As for sock_smtp_new(); 0 is 465.
 * @param[in] tls   Context, sock_ssl_tls() of one; it is held, and may be
 *                  freed. NULL: the default context, once sock_ssl_init() was
 *                  called.
 * @param[in] opts  As for sock_smtp_new().
 * @return As sock_smtp_new().
 * @par Errors
 * As sock_smtp_new(); #SOCK_E_TLS; #SOCK_E_UNSUPPORTED (no context, and no one
 * has called sock_ssl_init()).
 * @par Deviation
 * Python's default context verifies nothing.
 * @see sock_smtp_new(), sock_smtp_starttls().
 * @par Example
 * @snippet smtp.c tls
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_smtp_t *sock_smtp_ssl_new(
    const char *host, int port, sock_tls_t *tls,
    const sock_session_opts_t *opts);

/**
 * @brief Make a client of LMTP, and connect it.
 *
 * Corresponds to Python's `smtplib.LMTP(host, port, local_hostname)`: how a
 * mail server hands messages to what keeps them (RFC 2033). It says LHLO, and
 * hears of each recipient what became of the message.
 *
 * @param[in] host  As for sock_smtp_new().
 * @param[in] port  As for sock_smtp_new(); 0 is 2003.
 * @param[in] opts  As for sock_smtp_new().
 * @return As sock_smtp_new().
 * @par Errors
 * As sock_smtp_new().
 * @par Deviation
 * Python hears one reply behind the message, whatever the number of its
 * recipients; the others answer the commands that follow.
 * @see sock_smtp_new(), sock_smtp_refused().
 * @par Example
 * @snippet smtp.c lmtp
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_smtp_t *sock_lmtp_new(
    const char *host, int port, const sock_session_opts_t *opts);

/**
 * @brief End a client.
 *
 * Corresponds to Python's `SMTP.close()`: without a word to the server.
 * sock_smtp_quit() says goodbye first. Leaves errno and the error record as
 * they were.
 *
 * @param[in] s  Client; NULL does nothing.
 * @see sock_smtp_quit().
 * @par Example
 * @snippet smtp.c send
 * @since 0.3.0
 */
SOCK_API void sock_smtp_free(sock_smtp_t *s);

/**
 * @brief The session of a client.
 *
 * Not in Python. What all clients of mail have: the server's words, times,
 * limits, a trace.
 *
 * @param[in] s  Client.
 * @return Its session, which ends with it; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_session_text(), sock_session_settimeout(),
 *      sock_session_set_trace().
 * @par Example
 * @snippet smtp.c commands
 * @since 0.3.0
 */
SOCK_API sock_session_t *sock_smtp_session(sock_smtp_t *s);

/**
 * @brief Connect to a server, and hear its greeting.
 *
 * Corresponds to Python's `SMTP.connect(host, port)`. What was connected before
 * is closed, and what that server has offered is forgotten.
 *
 * @param[in] s     Client.
 * @param[in] host  As for sock_smtp_new(), but not NULL.
 * @param[in] port  As for sock_smtp_new().
 * @return The number of the greeting, whatever that is: 220 is a welcome. -1 on
 *         error, and it is closed.
 * @par Errors
 * Those of sock_create_connection(); #SOCK_E_TLS; #SOCK_E_PROTOCOL,
 * #SOCK_E_EOF, #SOCK_E_TIMEOUT; #SOCK_E_VALUE (port); #SOCK_E_TYPE, after which
 * it is as it was.
 * @see sock_smtp_new(), sock_session_text().
 * @par Example
 * @snippet smtp.c connect
 * @since 0.3.0
 */
SOCK_API int sock_smtp_connect(sock_smtp_t *s, const char *host, int port);

/**
 * @brief Say a command, and hear its reply.
 *
 * Corresponds to Python's `SMTP.docmd(cmd, args)`. For those that have no
 * function here.
 *
 * @param[in] s     Client.
 * @param[in] cmd   Command, such as `"HELP"`.
 * @param[in] args  What stands behind it and a blank; NULL or `""`: nothing.
 * @return The number of the reply, whatever that is; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (CR, LF, or over 510 bytes), #SOCK_E_PROTOCOL, #SOCK_E_EOF,
 * #SOCK_E_TIMEOUT, #SOCK_E_OS, #SOCK_E_CANCELLED, #SOCK_E_TLS, #SOCK_E_TYPE,
 * #SOCK_E_MEMORY.
 * @par Deviation
 * Python takes for a number what merely begins like one, hears nothing more of
 * a reply whose line has none, and lets the lines of a reply have several.
 * @see sock_smtp_putcmd(), sock_session_text().
 * @par Example
 * @snippet smtp.c docmd
 * @since 0.3.0
 */
SOCK_API int sock_smtp_docmd(sock_smtp_t *s, const char *cmd, const char *args);

/**
 * @brief Say a command.
 *
 * Corresponds to Python's `SMTP.putcmd(cmd, args)`.
 *
 * @param[in] s     Client.
 * @param[in] cmd   As for sock_smtp_docmd().
 * @param[in] args  As for sock_smtp_docmd().
 * @return 0; -1 on error.
 * @par Errors
 * As sock_smtp_docmd().
 * @see sock_smtp_getreply().
 * @par Example
 * @snippet smtp.c docmd
 * @since 0.3.0
 */
SOCK_API int sock_smtp_putcmd(sock_smtp_t *s, const char *cmd,
                              const char *args);

/**
 * @brief Hear a reply.
 *
 * Corresponds to Python's `SMTP.getreply()`.
 *
 * @param[in] s  Client.
 * @return As sock_smtp_docmd().
 * @par Errors
 * As sock_smtp_docmd().
 * @see sock_smtp_putcmd(), sock_session_text().
 * @par Example
 * @snippet smtp.c docmd
 * @since 0.3.0
 */
SOCK_API int sock_smtp_getreply(sock_smtp_t *s);

/**
 * @brief Say EHLO, and hear what the server offers; of LMTP it is LHLO.
 *
 * Corresponds to Python's `SMTP.ehlo(name)`. What was offered before is
 * forgotten.
 *
 * @param[in] s     Client.
 * @param[in] name  What this host is called; NULL or `""`: as the options say,
 *                  or its full name if that has a dot, else its address in
 *                  brackets.
 * @return The number of the reply: 250, or another one of a server that has
 *         nothing to offer. -1 on error.
 * @par Errors
 * As sock_smtp_docmd().
 * @par Deviation
 * The full name is the one that the system has, if that has a dot, or else the
 * one that a look-up of it gives within the time of a command; in Python that
 * of `socket.getfqdn()`, however long that takes. A host without one is called
 * by the address that it is connected from, an IPv6 one as `[IPv6:::1]`; in
 * Python by the first one that its name has, and that only in IPv4.
 * @see sock_smtp_hello(), sock_smtp_has_extn().
 * @par Example
 * @snippet smtp.c hello
 * @since 0.3.0
 */
SOCK_API int sock_smtp_ehlo(sock_smtp_t *s, const char *name);

/**
 * @brief Say HELO.
 *
 * Corresponds to Python's `SMTP.helo(name)`.
 *
 * @param[in] s     Client.
 * @param[in] name  As for sock_smtp_ehlo().
 * @return As sock_smtp_docmd().
 * @par Errors
 * As sock_smtp_docmd().
 * @see sock_smtp_ehlo(), sock_smtp_hello().
 * @par Example
 * @snippet smtp.c hello
 * @since 0.3.0
 */
SOCK_API int sock_smtp_helo(sock_smtp_t *s, const char *name);

/**
 * @brief Say hello, if no one has done so yet.
 *
 * Corresponds to Python's `SMTP.ehlo_or_helo_if_needed()`: EHLO, and HELO to a
 * server that refuses it. The calls that need it do so by themselves.
 *
 * @param[in] s  Client.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY (the server takes neither), those of sock_smtp_docmd().
 * @see sock_smtp_ehlo(), sock_smtp_helo().
 * @par Example
 * @snippet smtp.c hello
 * @since 0.3.0
 */
SOCK_API int sock_smtp_hello(sock_smtp_t *s);

/**
 * @brief Whether the server has said, to EHLO, that it offers an extension.
 *
 * Corresponds to Python's `SMTP.has_extn(name)`.
 *
 * @param[in] s     Client.
 * @param[in] name  Name, in any case of letters, such as `"SIZE"`.
 * @return 1, 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_smtp_extn().
 * @par Example
 * @snippet smtp.c hello
 * @since 0.3.0
 */
SOCK_API int sock_smtp_has_extn(const sock_smtp_t *s, const char *name);

/**
 * @brief What stands behind the name of an extension.
 *
 * Corresponds to Python's `SMTP.esmtp_features[name]`.
 *
 * @param[in] s     Client.
 * @param[in] name  As for sock_smtp_has_extn().
 * @return Text, such as `"PLAIN LOGIN"` of `"AUTH"`, `""` where there is none;
 *         until the next hello. NULL: it is not offered, which is no error.
 *         NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @par Deviation
 * A name that has what no name has, such as `x_y`, is passed over; Python takes
 * it for `x`. The mechanisms of AUTH begin with no blank.
 * @see sock_smtp_has_extn().
 * @par Example
 * @snippet smtp.c hello
 * @since 0.3.0
 */
SOCK_API const char *sock_smtp_extn(const sock_smtp_t *s, const char *name);

/**
 * @brief Name the sender of a message.
 *
 * Corresponds to Python's `SMTP.mail(sender, options)`.
 *
 * @param[in] s        Client.
 * @param[in] sender   Address; `""`: no one.
 * @param[in] options  What stands behind it to a server of EHLO, such as
 *                     `"SIZE=500 RET=HDRS"`; NULL or `""`: nothing.
 * @return As sock_smtp_docmd().
 * @par Errors
 * As sock_smtp_docmd(), but options may be longer; #SOCK_E_VALUE (no address),
 * #SOCK_E_UNSUPPORTED (an address that is not ASCII, or the option `SMTPUTF8`,
 * and the server does not offer that).
 * @par Deviation
 * An address that is not ASCII is a UnicodeEncodeError in Python, unless the
 * options say `SMTPUTF8`, which is added here.
 * @see sock_smtp_rcpt(), sock_smtp_data(), sock_smtp_quoteaddr().
 * @par Example
 * @snippet smtp.c commands
 * @since 0.3.0
 */
SOCK_API int sock_smtp_mail(sock_smtp_t *s, const char *sender,
                            const char *options);

/**
 * @brief Name a recipient of a message.
 *
 * Corresponds to Python's `SMTP.rcpt(recip, options)`.
 *
 * @param[in] s        Client.
 * @param[in] recip    Address.
 * @param[in] options  As for sock_smtp_mail(), such as `"NOTIFY=NEVER"`.
 * @return As sock_smtp_docmd(); 250 and 251: the server takes it.
 * @par Errors
 * As sock_smtp_mail().
 * @see sock_smtp_mail(), sock_smtp_data().
 * @par Example
 * @snippet smtp.c commands
 * @since 0.3.0
 */
SOCK_API int sock_smtp_rcpt(sock_smtp_t *s, const char *recip,
                            const char *options);

/**
 * @brief Send a message, as which sender and recipients were named for.
 *
 * Corresponds to Python's `SMTP.data(msg)`. Its last line is ended if it is
 * not. Of LMTP each recipient has a reply, and sock_smtp_refused() those who
 * were refused.
 *
 * @param[in] s       Client.
 * @param[in] source  The message.
 * @return As sock_smtp_docmd(); of LMTP that of the first reply that says no,
 *         or of the last one.
 * @par Errors
 * #SOCK_E_REPLY (the server wants no message), #SOCK_E_CANCELLED (the source
 * has failed, or as that), and the session is closed: half a message cannot be
 * taken back. Those of sock_smtp_docmd().
 * @par Deviation
 * Python normalises the ends of lines of a `str` alone.
 * @see sock_smtp_sendmail(), sock_source_memory(), sock_source_file().
 * @par Example
 * @snippet smtp.c commands
 * @since 0.3.0
 */
SOCK_API int sock_smtp_data(sock_smtp_t *s, sock_source_t source);

/**
 * @brief Give up a message that was begun.
 *
 * Corresponds to Python's `SMTP.rset()`.
 *
 * @param[in] s  Client.
 * @return As sock_smtp_docmd().
 * @par Errors
 * As sock_smtp_docmd().
 * @see sock_smtp_mail(), sock_smtp_noop().
 * @par Example
 * @snippet smtp.c commands
 * @since 0.3.0
 */
SOCK_API int sock_smtp_rset(sock_smtp_t *s);

/**
 * @brief Say NOOP: the server is still there if it answers.
 *
 * Corresponds to Python's `SMTP.noop()`.
 *
 * @param[in] s  Client.
 * @return As sock_smtp_docmd().
 * @par Errors
 * As sock_smtp_docmd().
 * @see sock_smtp_docmd(), sock_smtp_rset().
 * @par Example
 * @snippet smtp.c commands
 * @since 0.3.0
 */
SOCK_API int sock_smtp_noop(sock_smtp_t *s);

/**
 * @brief Ask whether an address is one.
 *
 * Corresponds to Python's `SMTP.verify(address)`, or `vrfy`.
 *
 * @param[in] s        Client.
 * @param[in] address  Address.
 * @return As sock_smtp_docmd(): 250 with the address in the text; 252: the
 *         server does not tell.
 * @par Errors
 * As sock_smtp_docmd(); #SOCK_E_VALUE (no address).
 * @see sock_smtp_expn(), sock_session_text().
 * @par Example
 * @snippet smtp.c commands
 * @since 0.3.0
 */
SOCK_API int sock_smtp_verify(sock_smtp_t *s, const char *address);

/**
 * @brief Ask who is on a mailing list.
 *
 * Corresponds to Python's `SMTP.expn(address)`.
 *
 * @param[in] s        Client.
 * @param[in] address  Its address.
 * @return As sock_smtp_docmd(); a line of the text for each.
 * @par Errors
 * As sock_smtp_verify().
 * @see sock_smtp_verify(), sock_session_text().
 * @par Example
 * @snippet smtp.c commands
 * @since 0.3.0
 */
SOCK_API int sock_smtp_expn(sock_smtp_t *s, const char *address);

/**
 * @brief Send a message that lies in memory.
 *
 * Corresponds to Python's `SMTP.sendmail(from_addr, to_addrs, msg,
 * mail_options, rcpt_options)`. To a server that wants to know it says how
 * large the message is, and that it has bytes over 127. All addresses are
 * checked before anything is sent.
 *
 * @param[in] s             Client.
 * @param[in] from          Address of the sender; `""`: no one.
 * @param[in] to            Addresses of the recipients.
 * @param[in] nto           How many, at least 1.
 * @param[in] msg           Head, empty line and body.
 * @param[in] len           Bytes of it.
 * @param[in] mail_options  As for sock_smtp_mail().
 * @param[in] rcpt_options  As for sock_smtp_rcpt(), for all of them.
 * @return How many recipients were refused, 0 being the best; the message went
 *         to the others. -1 on error: it went to no one.
 * @par Errors
 * #SOCK_E_REPLY (the server refuses the sender, all recipients or the message;
 * of the recipients the record has the first), #SOCK_E_UNSUPPORTED (bytes over
 * 127 or addresses that are not ASCII, and a server that takes none), those of
 * sock_smtp_hello() and sock_smtp_mail(); #SOCK_E_VALUE (no recipient).
 * Whether a message was sent that the connection has not survived, a
 * #SOCK_E_EOF or #SOCK_E_TIMEOUT behind its end, no one can say.
 * @par Deviation
 * Python sends bytes over 127 unannounced.
 * @see sock_smtp_send_from(), sock_smtp_refused().
 * @par Example
 * @snippet smtp.c send
 * @since 0.3.0
 */
SOCK_API int sock_smtp_sendmail(sock_smtp_t *s, const char *from,
                                const char *const *to, size_t nto,
                                const void *msg, size_t len,
                                const char *mail_options,
                                const char *rcpt_options);

/**
 * @brief Send a message of any size from where it comes from.
 *
 * Not in Python. As sock_smtp_sendmail(). Such a message may have bytes over
 * 127, and is announced so to a server that offers 8BITMIME, unless the options
 * have a `BODY=`; to another one it fails when the first of them comes.
 *
 * @param[in] s             Client.
 * @param[in] from          As for sock_smtp_sendmail().
 * @param[in] to            As for sock_smtp_sendmail().
 * @param[in] nto           As for sock_smtp_sendmail().
 * @param[in] source        The message.
 * @param[in] size          Its bytes, with lines that CRLF ends, if they are
 *                          known; else -1.
 * @param[in] mail_options  As for sock_smtp_mail().
 * @param[in] rcpt_options  As for sock_smtp_rcpt().
 * @return As sock_smtp_sendmail().
 * @par Errors
 * As sock_smtp_sendmail(), and of the source as sock_smtp_data().
 * @see sock_smtp_sendmail(), sock_source_fd(), sock_source_file().
 * @par Example
 * @snippet smtp.c stream
 * @since 0.3.0
 */
SOCK_API int sock_smtp_send_from(sock_smtp_t *s, const char *from,
                                 const char *const *to, size_t nto,
                                 sock_source_t source, int64_t size,
                                 const char *mail_options,
                                 const char *rcpt_options);

/**
 * @brief A recipient that was refused.
 *
 * Corresponds to the dictionary that Python's `SMTP.sendmail()` returns, and to
 * `recipients` of its `SMTPRecipientsRefused`.
 *
 * @param[in] s  Client.
 * @param[in] i  Which, from 0 on, in the order of their replies.
 * @return The refusal, until the next message has been sent, to whom it was
 *         about, perhaps; NULL: there are no more, and the error record is left
 *         alone. NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_smtp_sendmail().
 * @par Example
 * @snippet smtp.c send
 * @since 0.3.0
 */
SOCK_API const sock_smtp_refusal_t *sock_smtp_refused(const sock_smtp_t *s,
                                                      size_t i);

/**
 * @brief Log in by a user and a password.
 *
 * Corresponds to Python's `SMTP.login(user, password)`: by CRAM-MD5, PLAIN or
 * LOGIN, the first one that the server offers.
 *
 * @param[in] s         Client.
 * @param[in] user      Who.
 * @param[in] password  The proof.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY (refused), #SOCK_E_UNSUPPORTED (none of them is offered),
 * #SOCK_E_VALUE (the password would go in the clear, see @ref session), those
 * of sock_smtp_hello().
 * @par Deviation
 * A refusal is no reason to try a weaker one. Python compares the names with
 * capitals alone, takes only ASCII, sends passwords in the clear, and takes any
 * 503 for a yes.
 * @see sock_smtp_auth(), sock_smtp_starttls(), sock_smtp_ssl_new().
 * @par Example
 * @snippet smtp.c login
 * @since 0.3.0
 */
SOCK_API int sock_smtp_login(sock_smtp_t *s, const char *user,
                             const char *password);

/**
 * @brief Log in by a mechanism of SASL.
 *
 * Corresponds to Python's `SMTP.auth(mechanism, authobject)`.
 *
 * @param[in] s          Client.
 * @param[in] mechanism  Name, such as `"XOAUTH2"`.
 * @param[in] fn         What says what is to be said: sock_sasl_token(),
 *                       sock_sasl_password(), or one of one's own.
 * @param[in] arg        What that is called with.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY (refused), #SOCK_E_VALUE (the secret would go in the clear),
 * #SOCK_E_CANCELLED (by @p fn), those of sock_smtp_hello().
 * @par Deviation
 * A reply of 503 is a yes where the server has said one before, over the same
 * connection: it means that this has been done already. In Python it always is,
 * even from a server that takes no one's login.
 * @see sock_smtp_login(), sock_sasl_token().
 * @par Example
 * @snippet smtp.c token
 * @since 0.3.0
 */
SOCK_API int sock_smtp_auth(sock_smtp_t *s, const char *mechanism,
                            sock_sasl_fn fn, void *arg);

/**
 * @brief Go on under TLS.
 *
 * Corresponds to Python's `SMTP.starttls(context=context)`. What the server has
 * said before is forgotten: the next call that needs it says hello anew.
 *
 * @param[in] s    Client.
 * @param[in] tls  Context, as for sock_smtp_ssl_new().
 * @return 0; -1 on error. After a #SOCK_E_TLS and a #SOCK_E_PROTOCOL it is
 *         closed.
 * @par Errors
 * #SOCK_E_UNSUPPORTED (the server does not offer it; no context, and no one has
 * called sock_ssl_init()), #SOCK_E_REPLY (it does not want to now),
 * #SOCK_E_VALUE (TLS is under it already), #SOCK_E_TLS, #SOCK_E_PROTOCOL (the
 * server said more than its yes), those of sock_smtp_hello().
 * @par Deviation
 * Python's default context verifies nothing, and what was said behind the yes
 * is dropped.
 * @see sock_smtp_ssl_new(), sock_session_secure().
 * @par Example
 * @snippet smtp.c starttls
 * @since 0.3.0
 */
SOCK_API int sock_smtp_starttls(sock_smtp_t *s, sock_tls_t *tls);

/**
 * @brief Say goodbye, and close the session.
 *
 * Corresponds to Python's `SMTP.quit()`. The object stays, and may be connected
 * anew.
 *
 * @param[in] s  Client.
 * @return 0; -1 on error, and it is closed, too.
 * @par Errors
 * #SOCK_E_REPLY (the server does not say 2xx), those of sock_smtp_docmd().
 * @par Deviation
 * Python returns the reply, whatever it is.
 * @see sock_smtp_free(), sock_smtp_connect().
 * @par Example
 * @snippet smtp.c send
 * @since 0.3.0
 */
SOCK_API int sock_smtp_quit(sock_smtp_t *s);

/**
 * @brief Write an address as SMTP has it, in angle brackets.
 *
 * Corresponds to Python's `smtplib.quoteaddr(addrstring)`. A name before the
 * address and a comment behind it are left out.
 *
 * @param[out] buf      Buffer; NULL with size 0 asks for the length.
 * @param[in]  size     Bytes of @p buf.
 * @param[in]  address  Such as `"Eve <eve@example.org>"`; `""` gives `<>`.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (it is no address), #SOCK_E_TYPE.
 * @par Deviation
 * What Python cannot read it sends as it is: `a@b> SIZE=1` gives a parameter
 * to whoever chose the address.
 * @see sock_smtp_mail(), sock_smtp_rcpt().
 * @par Example
 * @snippet smtp.c quoteaddr
 * @since 0.3.0
 */
SOCK_API int sock_smtp_quoteaddr(char *buf, size_t size, const char *address);

/**
 * @brief Write a message as SMTP has it: with CRLF at the ends of lines, and
 * two dots where a line begins with one.
 *
 * Corresponds to Python's `smtplib.quotedata(data)`. The calls that send do
 * that by themselves.
 *
 * @param[out] out   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p out.
 * @param[in]  data  Message; NULL if @p n is 0.
 * @param[in]  n     Bytes of it.
 * @return Length of the text, behind which a NUL is written; if it is @p size
 *         or more, @p out is the empty string. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_OVERFLOW (a text of 2 GiB).
 * @see sock_smtp_data(), sock_smtp_sendmail().
 * @par Example
 * @snippet smtp.c quotedata
 * @since 0.3.0
 */
SOCK_API int sock_smtp_quotedata(char *out, size_t size, const void *data,
                                 size_t n);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
