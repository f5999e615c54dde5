/* SPDX-License-Identifier: MIT */
/**
 * @file ftp.h
 * @brief A client of FTP.
 */
#ifndef PYSOCKC_FTP_H
#define PYSOCKC_FTP_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/error.h>
#include <pysockc/export.h>
#include <pysockc/session.h>
#include <pysockc/socket.h>
#include <pysockc/tls.h>
#include <pysockc/transfer.h>

/**
 * @defgroup ftp FTP
 * @brief Python's module `ftplib`: a client of FTP, with TLS.
 *
 * @snippet ftp.c retrbinary
 *
 * A client has one connection for commands, the control connection, and one
 * more for each file and each list that goes over, a data connection. What it
 * has in common with the clients of mail, such as the words of the last reply,
 * the time of a command and the limits, is its session: sock_ftp_session().
 *
 * **Transfers.** sock_ftp_retrbinary() hands what arrives to a #sock_sink_t,
 * sock_ftp_storbinary() sends what a #sock_source_t gives, each in blocks of up
 * to 256 KiB. A transfer is over when the server says so in a second reply: one
 * that is cut short is an error, even where the server does not notice, if it
 * has said how long it would be: #SOCK_E_EOF. Who wants the data connection
 * itself has sock_ftp_transfercmd(). Until a transfer has been ended, by
 * sock_ftp_transfer_end() or sock_ftp_abort(), no other command can be said:
 * #SOCK_E_VALUE.
 *
 * **What ends a transfer early**, such as a sink that refuses, a full disk at
 * the other end, or a time between two blocks that was too long, is an error of
 * that transfer. The control connection stays open and in step, and the next
 * command works.
 *
 * **Data connections** are made by the client (passive mode), unless
 * sock_ftp_set_pasv() says otherwise: EPSV asks the server for a port, of IPv4,
 * too, and PASV does if it refuses that. They lead to the host of the control
 * connection, whatever address the reply of PASV has. In active mode, in which
 * the server makes them, one that comes from any other host is closed, and the
 * wait goes on; it ends when the server says that it cannot, such as by 425.
 *
 * **TLS.** sock_ftp_auth() puts it under the control connection, and so under
 * the data connections that follow: the first of them asks for that, as
 * sock_ftp_prot_p() does, unless sock_ftp_prot_c() was said. They always offer
 * the session of the control connection, as many servers demand. The
 * certificate is verified by the context, for the host that sock_ftp_new() or
 * sock_ftp_connect() was given.
 *
 * **Limits.** What is too long on the control connection, a reply, its lines or
 * their number, closes the session. What is too long on a data connection, a
 * line of sock_ftp_retrlines() or a whole list of sock_ftp_nlst() and
 * sock_ftp_mlsd(), ends that transfer, and the next command works.
 *
 * **Names** are bytes, as the server has them; most have UTF-8. A byte 0xFF,
 * which means something to Telnet, is doubled.
 *
 * An object is for one thread at a time.
 * @{
 */

/** A client. Opaque. */
typedef struct sock_ftp sock_ftp_t;

/** What an entry of sock_ftp_mlsd() is. */
enum sock_ftp_type {
    SOCK_FTP_OTHER = 0,  /**< None of these, or not said. */
    SOCK_FTP_FILE = 1,   /**< A file. */
    SOCK_FTP_DIR = 2,    /**< A directory. */
    SOCK_FTP_CDIR = 3,   /**< The directory that was listed. */
    SOCK_FTP_PDIR = 4,   /**< The one above it. */
    SOCK_FTP_SYMLINK = 5 /**< A symbolic link. */
};

/** A fact of an entry. */
typedef struct sock_ftp_fact {
    const char *name;  /**< In lower case, such as `"unix.owner"`. */
    const char *value; /**< As the server has it. */
} sock_ftp_fact_t;

/** An entry of a directory. */
typedef struct sock_ftp_entry {
    const char *name; /**< As the server has it: not checked, `..` and slashes
                           may be in it. */
    int type;         /**< One of #sock_ftp_type. */
    int mode;         /**< Permissions of UNIX; -1: not said. */
    int64_t size;     /**< Bytes of a file; -1: not said. */
    int64_t modify;   /**< When it was changed, in seconds since 1970;
                           INT64_MIN: not said. */
    const char *perm; /**< What the user may do to it, letters of RFC 3659;
                           `""`: not said. */
    const sock_ftp_fact_t *facts; /**< All that was said of it. */
    size_t fact_count;            /**< Their number. */
} sock_ftp_entry_t;

/** Entries of a directory. One allocation. */
typedef struct sock_ftp_list {
    const sock_ftp_entry_t *entries; /**< The entries. */
    size_t count;                    /**< Their number. */
} sock_ftp_list_t;

#ifdef __cplusplus
extern "C" {
#endif

/* Life cycle */

/**
 * @brief Make a client, and connect it.
 *
 * Corresponds to Python's `ftplib.FTP(host, timeout=timeout,
 * source_address=source)`. The server's welcome is the last reply then.
 *
 * @param[in] host  Name or address; NULL: it is not connected, which is for
 *                  sock_ftp_connect() to do.
 * @param[in] opts  Options; NULL for none. The source is that of the data
 *                  connections, too, but for its port.
 * @return A new object, to be ended by sock_ftp_free(); NULL on error.
 * @par Errors
 * Those of sock_ftp_connect(), #SOCK_E_VALUE (options), #SOCK_E_MEMORY.
 * @par Deviation
 * User and password are for sock_ftp_login() alone. TCP keepalive is on, so
 * that the control connection is not forgotten on its way during a long
 * transfer.
 * @see sock_ftp_connect(), sock_ftp_login(), sock_ftp_free().
 * @par Example
 * @snippet ftp.c retrbinary
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ftp_t *sock_ftp_new(
    const char *host, const sock_session_opts_t *opts);

/**
 * @brief Connect to a server.
 *
 * Corresponds to Python's `FTP.connect(host, port)`. The look-up and all
 * attempts have one time, and the welcome has another. A connection that there
 * was is closed.
 *
 * @param[in] f     Client.
 * @param[in] host  Name or address.
 * @param[in] port  Port; 0 is 21.
 * @return 0; -1 on error, and it is not connected, unless @p host is NULL,
 *         which changes nothing.
 * @par Errors
 * Those of sock_create_connection(); #SOCK_E_REPLY (such as 421),
 * #SOCK_E_PROTOCOL, #SOCK_E_EOF, #SOCK_E_TIMEOUT, #SOCK_E_VALUE (port),
 * #SOCK_E_TYPE.
 * @par Deviation
 * In Python the former connection is left to the garbage collector, and the
 * host may be left out.
 * @see sock_ftp_new(), sock_session_text().
 * @par Example
 * @snippet ftp.c connect
 * @since 0.3.0
 */
SOCK_API int sock_ftp_connect(sock_ftp_t *f, const char *host, int port);

/**
 * @brief End a client.
 *
 * Corresponds to Python's `FTP.close()`. Closes its connection without a word
 * to the server, and leaves errno and the error record as they were.
 *
 * @param[in] f  Client; NULL does nothing.
 * @see sock_ftp_quit().
 * @par Example
 * @snippet ftp.c retrbinary
 * @since 0.3.0
 */
SOCK_API void sock_ftp_free(sock_ftp_t *f);

/**
 * @brief The session of a client.
 *
 * Not in Python, whose objects have all of it themselves.
 *
 * @param[in] f  Client.
 * @return The session, which ends with the client; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_session_text(), sock_session_settimeout().
 * @par Example
 * @snippet ftp.c session
 * @since 0.3.0
 */
SOCK_API sock_session_t *sock_ftp_session(sock_ftp_t *f);

/**
 * @brief Log in.
 *
 * Corresponds to Python's `FTP.login(user, passwd, acct)`. The password is said
 * if the server asks for it, and so is the account.
 *
 * @param[in] f         Client.
 * @param[in] user      Name; NULL: `anonymous`.
 * @param[in] password  Password; NULL: none, which for `anonymous` is
 *                      `anonymous@`.
 * @param[in] acct      Account, which few servers ask for; NULL: none.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY (such as 530), #SOCK_E_VALUE (CR or LF; a password that would
 * go in the clear, and not to loopback, see @ref session), #SOCK_E_PROTOCOL,
 * #SOCK_E_EOF, #SOCK_E_TIMEOUT, #SOCK_E_TYPE.
 * @par Deviation
 * Python's `FTP_TLS` begins TLS by itself; here sock_ftp_auth() does. Python
 * sends passwords in the clear.
 * @see sock_ftp_auth(), sock_ftp_quit().
 * @par Example
 * @snippet ftp.c retrbinary
 * @since 0.3.0
 */
SOCK_API int sock_ftp_login(sock_ftp_t *f, const char *user,
                            const char *password, const char *acct);

/**
 * @brief Say goodbye, and close the connection.
 *
 * Corresponds to Python's `FTP.quit()`. The object stays, for sock_ftp_free()
 * or sock_ftp_connect().
 *
 * @param[in] f  Client.
 * @return 0; -1 on error, and it is closed, too, unless a transfer is going on.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_EOF (the connection was lost before),
 * #SOCK_E_PROTOCOL, #SOCK_E_TIMEOUT, #SOCK_E_VALUE, #SOCK_E_TYPE.
 * @see sock_ftp_free().
 * @par Example
 * @snippet ftp.c retrbinary
 * @since 0.3.0
 */
SOCK_API int sock_ftp_quit(sock_ftp_t *f);

/* TLS */

/**
 * @brief Put TLS under the control connection.
 *
 * Corresponds to Python's `FTP_TLS.auth()`: `AUTH TLS` (RFC 4217). Files and
 * lists do not go in the clear from then on, either, unless sock_ftp_prot_c()
 * says so.
 *
 * @param[in] f    Client.
 * @param[in] tls  Context, sock_ssl_tls() of one; it is held, and may be freed.
 *                 NULL: the default context, once sock_ssl_init() was called.
 * @return 0; -1 on error. Unless the server said no, or an argument was wrong,
 *         it is closed.
 * @par Errors
 * #SOCK_E_TLS (such as a certificate of another host), #SOCK_E_REPLY,
 * #SOCK_E_UNSUPPORTED (no context), #SOCK_E_VALUE (there is TLS already),
 * #SOCK_E_PROTOCOL (bytes behind the reply), #SOCK_E_EOF, #SOCK_E_TIMEOUT,
 * #SOCK_E_TYPE.
 * @par Deviation
 * Python verifies no certificate, passes over bytes behind the reply, and sends
 * files in the clear until prot_p() was called.
 * @see sock_ftp_prot_p(), sock_ftp_ccc(), sock_session_secure().
 * @par Example
 * @snippet ftp.c tls
 * @since 0.3.0
 */
SOCK_API int sock_ftp_auth(sock_ftp_t *f, sock_tls_t *tls);

/**
 * @brief Put TLS under the data connections that follow.
 *
 * Corresponds to Python's `FTP_TLS.prot_p()`: `PBSZ 0` and `PROT P`. Each
 * offers the session of the control connection, so that a server can tell that
 * it is the same client's.
 *
 * @param[in] f  Client, with TLS.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no TLS), #SOCK_E_REPLY, #SOCK_E_PROTOCOL, #SOCK_E_EOF,
 * #SOCK_E_TIMEOUT, #SOCK_E_TYPE.
 * @par Deviation
 * Python never offers a session, which servers refuse with 522 or 425.
 * @see sock_ftp_auth(), sock_ftp_prot_c().
 * @par Example
 * @snippet ftp.c tls
 * @since 0.3.0
 */
SOCK_API int sock_ftp_prot_p(sock_ftp_t *f);

/**
 * @brief Make the data connections that follow without TLS.
 *
 * Corresponds to Python's `FTP_TLS.prot_c()`: `PROT C`.
 *
 * @param[in] f  Client, with TLS.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_prot_p().
 * @see sock_ftp_prot_p().
 * @par Example
 * @snippet ftp.c clear
 * @since 0.3.0
 */
SOCK_API int sock_ftp_prot_c(sock_ftp_t *f);

/**
 * @brief Take TLS away from the control connection.
 *
 * Corresponds to Python's `FTP_TLS.ccc()`: `CCC`. For firewalls that read
 * along. Data connections stay as they are.
 *
 * @param[in] f  Client, with TLS.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_prot_p(); #SOCK_E_TLS.
 * @see sock_ftp_auth(), sock_session_secure().
 * @par Example
 * @snippet ftp.c clear
 * @since 0.3.0
 */
SOCK_API int sock_ftp_ccc(sock_ftp_t *f);

/* Commands */

/**
 * @brief Say a command.
 *
 * Corresponds to Python's `FTP.sendcmd(cmd)`.
 *
 * @param[in] f    Client.
 * @param[in] cmd  Command, such as `"STAT"`.
 * @return Number of the reply, 100 to 399, whose words sock_session_text() has;
 *         -1 on error. Behind one of 100 to 199 another one follows, which
 *         sock_ftp_transfer_end() hears, with NULL; else the next command says
 *         `ABOR` first.
 * @par Errors
 * #SOCK_E_REPLY (400 to 599: the code), #SOCK_E_VALUE (CR or LF; a transfer is
 * going on), #SOCK_E_PROTOCOL, #SOCK_E_EOF, #SOCK_E_TIMEOUT, #SOCK_E_TYPE.
 * @par Deviation
 * In Python the next command hears what follows 100 to 199.
 * @see sock_ftp_voidcmd(), sock_ftp_transfer_end(), sock_session_text().
 * @par Example
 * @snippet ftp.c command
 * @since 0.3.0
 */
SOCK_API int sock_ftp_sendcmd(sock_ftp_t *f, const char *cmd);

/**
 * @brief Say a command that is to be done.
 *
 * Corresponds to Python's `FTP.voidcmd(cmd)`. As sock_ftp_sendcmd(), but
 * replies of 100 to 199 and 300 to 399 are errors, too.
 *
 * @param[in] f    Client.
 * @param[in] cmd  Command, such as `"SITE CHMOD 644 a"`.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_sendcmd().
 * @see sock_ftp_sendcmd().
 * @par Example
 * @snippet ftp.c command
 * @since 0.3.0
 */
SOCK_API int sock_ftp_voidcmd(sock_ftp_t *f, const char *cmd);

/**
 * @brief Say who makes the data connections that follow.
 *
 * Corresponds to Python's `FTP.set_pasv(val)`.
 *
 * @param[in] f     Client.
 * @param[in] pasv  1: the client, as at first; 0: the server.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_ftp_trust_pasv_address().
 * @par Example
 * @snippet ftp.c mode
 * @since 0.3.0
 */
SOCK_API int sock_ftp_set_pasv(sock_ftp_t *f, int pasv);

/**
 * @brief Say whether data connections may lead to another host.
 *
 * Corresponds to setting `trust_server_pasv_ipv4_address` of Python's `FTP`.
 * PASV is asked then, and EPSV, whose reply has no address, is not; of IPv6
 * nothing changes.
 *
 * @param[in] f      Client.
 * @param[in] trust  1: they lead where the reply to PASV says, which makes of
 *                   the client what the server wants; 0: not, as at first.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_ftp_set_pasv().
 * @par Example
 * @snippet ftp.c mode
 * @since 0.3.0
 */
SOCK_API int sock_ftp_trust_pasv_address(sock_ftp_t *f, int trust);

/* Transfers */

/**
 * @brief Begin a transfer.
 *
 * Corresponds to Python's `FTP.ntransfercmd(cmd, rest)`, and transfercmd(). The
 * type (`TYPE I` or `TYPE A`) is the caller's to say before.
 *
 * @param[in]  f     Client.
 * @param[in]  cmd   Command, such as `"RETR a"` or `"STOR a"`.
 * @param[in]  rest  Where to begin, by REST; 0: at the beginning, without it.
 * @param[out] size  Bytes that the server says it will send; -1: it does not
 *                   say. May be NULL.
 * @return The data connection, with the session's time for each call, for
 *         sock_recv() and sock_send() of `<pysockc/io.h>`, to be ended by
 *         sock_ftp_transfer_end() or sock_ftp_abort(); NULL on error.
 * @par Errors
 * #SOCK_E_REPLY (such as 550), those of connecting, #SOCK_E_TLS, #SOCK_E_VALUE
 * (CR or LF, a @p rest below 0; a transfer is going on), #SOCK_E_PROTOCOL (a
 * reply without a port of 1 to 65535), #SOCK_E_EOF, #SOCK_E_TIMEOUT,
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * EPSV is asked first of IPv4, too. Python takes any number for a port, and in
 * active mode whoever connects.
 * @see sock_ftp_transfer_end(), sock_ftp_abort(), sock_ftp_retrbinary().
 * @par Example
 * @snippet ftp.c transfer
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_t *sock_ftp_transfercmd(sock_ftp_t *f,
                                                     const char *cmd,
                                                     int64_t rest,
                                                     int64_t *size);

/**
 * @brief End a transfer, and hear whether it was one.
 *
 * Corresponds to Python's `conn.close()` and `FTP.voidresp()`. Of what is sent
 * it is the end that the server waits for.
 *
 * @param[in] f     Client.
 * @param[in] conn  What sock_ftp_transfercmd() gave, which is freed, of a
 *                  transfer that has failed, too; NULL: it was already.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY (such as 426 and 552), #SOCK_E_VALUE (there is no transfer, and
 * nothing is freed),
 * #SOCK_E_PROTOCOL, #SOCK_E_EOF, #SOCK_E_TIMEOUT, #SOCK_E_TYPE.
 * @see sock_ftp_abort(), sock_ftp_transfercmd().
 * @par Example
 * @snippet ftp.c transfer
 * @since 0.3.0
 */
SOCK_API int sock_ftp_transfer_end(sock_ftp_t *f, sock_t *conn);

/**
 * @brief End a transfer early.
 *
 * Corresponds to Python's `FTP.abort()`. The data connection is closed first;
 * then `ABOR` is said, and both replies are heard, that of the transfer and
 * that of the command. What the transfer's says is no error.
 *
 * @param[in] f     Client.
 * @param[in] conn  As for sock_ftp_transfer_end().
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_transfer_end(), but for #SOCK_E_REPLY.
 * @par Deviation
 * Python says it as urgent data and hears one reply, after which the next
 * command hears the other one, or nothing.
 * @see sock_ftp_transfer_end(), sock_ftp_transfercmd().
 * @par Example
 * @snippet ftp.c abort
 * @since 0.3.0
 */
SOCK_API int sock_ftp_abort(sock_ftp_t *f, sock_t *conn);

/**
 * @brief Fetch a file.
 *
 * Corresponds to Python's `FTP.retrbinary(cmd, callback, rest=rest)`.
 *
 * @param[in] f     Client.
 * @param[in] cmd   Command, `"RETR "` and the name.
 * @param[in] sink  Where the bytes go to.
 * @param[in] rest  As for sock_ftp_transfercmd().
 * @return 0; -1 on error, and its record counts the bytes that the sink took.
 * @par Errors
 * Those of sock_ftp_transfercmd() and sock_ftp_transfer_end(); #SOCK_E_EOF
 * (there was less than the server had said), #SOCK_E_CANCELLED (the sink
 * refused), or as the sinks of transfer.h fail.
 * @par Deviation
 * Python does not notice that a file was cut short.
 * @see sock_ftp_retrlines(), sock_ftp_storbinary(), sock_sink_file().
 * @par Example
 * @snippet ftp.c retrbinary
 * @since 0.3.0
 */
SOCK_API int sock_ftp_retrbinary(sock_ftp_t *f, const char *cmd,
                                 sock_sink_t sink, int64_t rest);

/**
 * @brief Fetch text, by lines.
 *
 * Corresponds to Python's `FTP.retrlines(cmd, callback)`. Each call of the sink
 * is a line, which ends in LF; only the last one may have none. CRLF and LF end
 * a line of the server's.
 *
 * @param[in] f     Client.
 * @param[in] cmd   Command, such as `"RETR a.txt"`.
 * @param[in] sink  Where the lines go to.
 * @return 0; -1 on error, and its record counts the bytes that the sink took.
 * @par Errors
 * As sock_ftp_retrbinary(); #SOCK_E_PROTOCOL (a line over the limit, which ends
 * the transfer alone).
 * @par Deviation
 * In Python the callback gets lines without their end, and a CR alone is one.
 * @see sock_ftp_retrbinary(), sock_ftp_dir(), sock_session_set_limits().
 * @par Example
 * @snippet ftp.c lines
 * @since 0.3.0
 */
SOCK_API int sock_ftp_retrlines(sock_ftp_t *f, const char *cmd,
                                sock_sink_t sink);

/**
 * @brief Send a file.
 *
 * Corresponds to Python's `FTP.storbinary(cmd, fp, rest=rest)`. Where it fails
 * the server may have less than was sent: sock_ftp_size() says where to go on.
 *
 * @param[in] f       Client.
 * @param[in] cmd     Command, `"STOR "` and the name.
 * @param[in] source  Where the bytes come from.
 * @param[in] rest    As for sock_ftp_transfercmd(). The source begins there.
 * @return 0; -1 on error, and its record counts the bytes that were sent.
 * @par Errors
 * Those of sock_ftp_transfercmd() and sock_ftp_transfer_end();
 * #SOCK_E_CANCELLED (the source failed), or as the sources of transfer.h fail.
 * @par Deviation
 * There is no callback: the source is called for each block.
 * @see sock_ftp_storlines(), sock_ftp_retrbinary(), sock_source_file().
 * @par Example
 * @snippet ftp.c store
 * @since 0.3.0
 */
SOCK_API int sock_ftp_storbinary(sock_ftp_t *f, const char *cmd,
                                 sock_source_t source, int64_t rest);

/**
 * @brief Send text, whose lines end in CRLF then.
 *
 * Corresponds to Python's `FTP.storlines(cmd, fp)`. A LF becomes CRLF, and the
 * last line gets one; a CR inside a line stays.
 *
 * @param[in] f       Client.
 * @param[in] cmd     Command, `"STOR "` and the name.
 * @param[in] source  Where the bytes come from.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_storbinary().
 * @par Deviation
 * Lines may be of any length.
 * @see sock_ftp_storbinary().
 * @par Example
 * @snippet ftp.c text
 * @since 0.3.0
 */
SOCK_API int sock_ftp_storlines(sock_ftp_t *f, const char *cmd,
                                sock_source_t source);

/* Directories */

/**
 * @brief The names in a directory.
 *
 * Corresponds to Python's `FTP.nlst(path)`.
 *
 * @param[in] f     Client.
 * @param[in] path  Directory; NULL: the current one.
 * @return Names, to be ended by sock_lines_free(); NULL on error.
 * @par Errors
 * Those of sock_ftp_retrlines(). Servers say 550 of an empty directory, some of
 * them. #SOCK_E_PROTOCOL with #SOCK_P_TOO_LARGE: a list over the limit.
 * @see sock_ftp_mlsd(), sock_ftp_dir(), sock_lines_free().
 * @par Example
 * @snippet ftp.c names
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_ftp_nlst(sock_ftp_t *f,
                                                    const char *path);

/**
 * @brief List a directory, for people to read.
 *
 * Corresponds to Python's `FTP.dir(path, callback)`: `LIST`, whose form is the
 * server's own.
 *
 * @param[in] f     Client.
 * @param[in] path  Directory; NULL: the current one.
 * @param[in] sink  Where the lines go to, as for sock_ftp_retrlines().
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_retrlines().
 * @see sock_ftp_mlsd(), sock_ftp_nlst().
 * @par Example
 * @snippet ftp.c dir
 * @since 0.3.0
 */
SOCK_API int sock_ftp_dir(sock_ftp_t *f, const char *path, sock_sink_t sink);

/**
 * @brief The entries of a directory, with what the server knows of them.
 *
 * Corresponds to Python's `FTP.mlsd(path, facts)`: `MLSD` (RFC 3659).
 *
 * @param[in] f      Client.
 * @param[in] path   Directory; NULL: the current one.
 * @param[in] facts  What is wanted, such as `"type;size"`, which `OPTS MLST`
 *                   asks for; NULL: what the server likes.
 * @return Entries, to be ended by sock_ftp_list_free(); NULL on error.
 * @par Errors
 * As sock_ftp_nlst(); #SOCK_E_PROTOCOL (no such entries); #SOCK_E_REPLY: 500
 * and 502 of a server that does not know it.
 * @par Deviation
 * Python takes a line that has no facts for an entry without a name.
 * @see sock_ftp_list_free(), sock_ftp_nlst().
 * @par Example
 * @snippet ftp.c mlsd
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_ftp_list_t *sock_ftp_mlsd(sock_ftp_t *f,
                                                       const char *path,
                                                       const char *facts);

/**
 * @brief End a list of entries.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  Object; NULL does nothing.
 * @see sock_ftp_mlsd().
 * @par Example
 * @snippet ftp.c mlsd
 * @since 0.3.0
 */
SOCK_API void sock_ftp_list_free(sock_ftp_list_t *list);

/**
 * @brief Change the directory.
 *
 * Corresponds to Python's `FTP.cwd(pathname)`. `..` is said by CDUP; a server
 * that does not know that gets `CWD ..`.
 *
 * @param[in] f        Client.
 * @param[in] dirname  Directory; `""` is `.`.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_voidcmd().
 * @see sock_ftp_pwd().
 * @par Example
 * @snippet ftp.c tree
 * @since 0.3.0
 */
SOCK_API int sock_ftp_cwd(sock_ftp_t *f, const char *dirname);

/**
 * @brief The current directory.
 *
 * Corresponds to Python's `FTP.pwd()`.
 *
 * @param[in]  f     Client.
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf.
 * @return Length of the path, 0 where the server does not say it; if it is
 *         @p size or more, @p buf is the empty string. -1 on error.
 * @par Errors
 * As sock_ftp_voidcmd().
 * @see sock_ftp_cwd(), sock_ftp_mkd().
 * @par Example
 * @snippet ftp.c tree
 * @since 0.3.0
 */
SOCK_API int sock_ftp_pwd(sock_ftp_t *f, char *buf, size_t size);

/**
 * @brief Make a directory.
 *
 * Corresponds to Python's `FTP.mkd(pathname)`, which returns its whole path.
 *
 * @param[in]  f        Client.
 * @param[in]  dirname  Directory.
 * @param[out] buf      Buffer for the path; NULL with size 0: it is not
 *                      wanted.
 * @param[in]  size     Bytes of @p buf.
 * @return As sock_ftp_pwd(). The directory is there, even if @p buf was too
 *         small.
 * @par Errors
 * As sock_ftp_voidcmd().
 * @see sock_ftp_rmd(), sock_ftp_pwd().
 * @par Example
 * @snippet ftp.c tree
 * @since 0.3.0
 */
SOCK_API int sock_ftp_mkd(sock_ftp_t *f, const char *dirname, char *buf,
                          size_t size);

/**
 * @brief Remove a directory.
 *
 * Corresponds to Python's `FTP.rmd(dirname)`.
 *
 * @param[in] f        Client.
 * @param[in] dirname  Directory.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_voidcmd().
 * @see sock_ftp_mkd(), sock_ftp_delete().
 * @par Example
 * @snippet ftp.c tree
 * @since 0.3.0
 */
SOCK_API int sock_ftp_rmd(sock_ftp_t *f, const char *dirname);

/* Files */

/**
 * @brief Rename a file.
 *
 * Corresponds to Python's `FTP.rename(fromname, toname)`.
 *
 * @param[in] f         Client.
 * @param[in] fromname  Its name.
 * @param[in] toname    What it is to be called.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_voidcmd().
 * @see sock_ftp_delete().
 * @par Example
 * @snippet ftp.c file
 * @since 0.3.0
 */
SOCK_API int sock_ftp_rename(sock_ftp_t *f, const char *fromname,
                             const char *toname);

/**
 * @brief Delete a file.
 *
 * Corresponds to Python's `FTP.delete(filename)`.
 *
 * @param[in] f         Client.
 * @param[in] filename  Its name.
 * @return 0, which 250 and 200 mean; -1 on error.
 * @par Errors
 * As sock_ftp_voidcmd().
 * @see sock_ftp_rmd(), sock_ftp_rename().
 * @par Example
 * @snippet ftp.c file
 * @since 0.3.0
 */
SOCK_API int sock_ftp_delete(sock_ftp_t *f, const char *filename);

/**
 * @brief The size of a file.
 *
 * Corresponds to Python's `FTP.size(filename)`. In bytes, for which `TYPE I` is
 * said first.
 *
 * @param[in]  f         Client.
 * @param[in]  filename  Its name.
 * @param[out] size      Bytes.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_voidcmd(); #SOCK_E_PROTOCOL (no such number).
 * @par Deviation
 * Python does not say `TYPE I`, without which some servers refuse, and returns
 * None for replies other than 213.
 * @see sock_ftp_mdtm(), sock_ftp_mlsd().
 * @par Example
 * @snippet ftp.c file
 * @since 0.3.0
 */
SOCK_API int sock_ftp_size(sock_ftp_t *f, const char *filename, int64_t *size);

/**
 * @brief When a file was changed last.
 *
 * Not in Python: `MDTM` (RFC 3659).
 *
 * @param[in]  f         Client.
 * @param[in]  filename  Its name.
 * @param[out] when      Seconds since 1970.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_size().
 * @see sock_ftp_size(), sock_ftp_mlsd().
 * @par Example
 * @snippet ftp.c file
 * @since 0.3.0
 */
SOCK_API int sock_ftp_mdtm(sock_ftp_t *f, const char *filename, int64_t *when);

/**
 * @brief Say nothing, so that the server does not hang up.
 *
 * Corresponds to Python's ``FTP.voidcmd('NOOP')``.
 *
 * @param[in] f  Client.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_ftp_voidcmd().
 * @see sock_ftp_quit().
 * @par Example
 * @snippet ftp.c command
 * @since 0.3.0
 */
SOCK_API int sock_ftp_noop(sock_ftp_t *f);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
