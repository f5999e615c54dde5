/* SPDX-License-Identifier: MIT */
/**
 * @file imap.h
 * @brief Mailboxes on a server: a client of IMAP.
 */
#ifndef PYSOCKC_IMAP_H
#define PYSOCKC_IMAP_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/sasl.h>
#include <pysockc/session.h>
#include <pysockc/socket.h>
#include <pysockc/tls.h>
#include <pysockc/transfer.h>

/**
 * @defgroup imap IMAP
 * @brief Mailboxes on a server: Python's module imaplib (RFC 3501, RFC 9051).
 *
 * @snippet imap.c imap
 *
 * **States.** A client is in one of #sock_imap_states, and a command that may
 * not be given there is a #SOCK_E_VALUE, before a byte is sent, with Python's
 * words: `command FETCH illegal in state AUTH, only allowed in states
 * SELECTED`.
 *
 * **Mailboxes** are created, deleted, renamed and subscribed to by one
 * function, sock_imap_mailbox(), and are listed by sock_imap_list().
 *
 * **Errors.** A server that answers `NO` is a #SOCK_E_REPLY with the code
 * #SOCK_IMAP_NO, one that answers `BAD` a #SOCK_E_REPLY with #SOCK_IMAP_BAD. A
 * `BYE` is a #SOCK_E_EOF with its text. See @ref session "sessions" for what
 * else there is.
 *
 * **Arguments** are written as the protocol wants them: a text is an atom where
 * it can be one, a quoted string where it cannot, and a literal where not even
 * that will do. Names of mailboxes are UTF-8 and encoded on their way, by
 * modified UTF-7 or, behind `UTF8=ACCEPT` and in IMAP4rev2, not at all. Sets of
 * messages, search criteria, and what is fetched are said as they are given,
 * once they were seen to be such.
 *
 * **What the server says unasked** may come at any time, and is kept until it
 * is asked for by sock_imap_response(). So is what it says to a command that
 * has no result of its own here.
 *
 * **Memory.** What is kept, a response that is read, and a list that is made of
 * them have the limit `list` of #sock_session_limits_t each, and take as much
 * as has arrived, whatever was announced; a mailbox of a list counts 24 bytes
 * more than its texts. sock_imap_next_to() reads what is larger. Once what is
 * kept has no room left, that of earlier commands is forgotten, so that a
 * client need not ask for it; only what one command alone brings and is more
 * is #SOCK_E_PROTOCOL.
 * @{
 */

/** A client of IMAP. Opaque. */
typedef struct sock_imap sock_imap_t;

/** Where a client is. */
enum sock_imap_states {
    SOCK_IMAP_LOGOUT = 0,   /**< The connection has ended. */
    SOCK_IMAP_NONAUTH = 1,  /**< The server does not know who it is. */
    SOCK_IMAP_AUTH = 2,     /**< It does, and there is no mailbox. */
    SOCK_IMAP_SELECTED = 3, /**< A mailbox is open. */
    SOCK_IMAP_IDLING = 4    /**< Between sock_imap_idle() and
                                 sock_imap_idle_done(). */
};

/** Code of a #SOCK_E_REPLY of IMAP. */
enum sock_imap_refusal {
    SOCK_IMAP_NO = 1, /**< The server would not, or could not. */
    SOCK_IMAP_BAD = 2 /**< It did not understand the command. */
};

/** How a value was written. */
enum sock_imap_kind {
    SOCK_IMAP_NIL = 0,    /**< `NIL`: there is none. */
    SOCK_IMAP_ATOM = 1,   /**< As it stands, a flag for one. */
    SOCK_IMAP_NUMBER = 2, /**< Digits. */
    SOCK_IMAP_STRING = 3, /**< Quoted, or a literal. */
    SOCK_IMAP_PARENS = 4  /**< In parentheses, which are part of it. */
};

/** A mailbox, as a server lists it. */
typedef struct sock_imap_box {
    const char *name;      /**< Name, in UTF-8; as the server wrote it where
                                that is not one of modified UTF-7. */
    const char *flags;     /**< `\HasNoChildren \Sent`; may be `""`. */
    const char *delimiter; /**< What separates the levels of its name; `""`:
                                there are none. */
} sock_imap_box_t;

/** Mailboxes. One allocation. */
typedef struct sock_imap_list_s {
    const sock_imap_box_t *boxes; /**< The mailboxes. */
    size_t count;                 /**< Their number. */
} sock_imap_list_t;

/** Numbers of messages, or UIDs. One allocation. */
typedef struct sock_imap_numbers {
    const uint32_t *numbers; /**< The numbers. */
    size_t count;            /**< How many. */
} sock_imap_numbers_t;

/** What is known of a mailbox that is not open. Zero is what the server did not
 * say. */
typedef struct sock_imap_status_s {
    uint64_t messages;      /**< Messages. */
    uint64_t recent;        /**< Those that no one has seen yet. */
    uint64_t unseen;        /**< Those without `\Seen`. */
    uint64_t deleted;       /**< Those with `\Deleted`. */
    uint64_t uidnext;       /**< UID of the next one. */
    uint64_t uidvalidity;   /**< Another number: UIDs have another meaning. */
    uint64_t highestmodseq; /**< Of CONDSTORE. */
    uint64_t size;          /**< Bytes of all. */
    uint64_t reserved[4];   /**< Zero. */
} sock_imap_status_t;

/** Something that was fetched of a message. */
typedef struct sock_imap_item {
    uint32_t message;     /**< Number of the message. */
    int kind;             /**< One of #sock_imap_kind. */
    const char *name;     /**< What it is, in capitals: `"UID"`, `"FLAGS"`,
                               `"BODY[]"`. */
    const char *value;    /**< Value: of a string, its content; a NUL follows.
                               NULL if it went to a sink. */
    uint64_t length;      /**< Bytes of it, among which a NUL may be. */
    uint64_t number;      /**< Value of a #SOCK_IMAP_NUMBER; else 0. */
    uint64_t reserved[2]; /**< Zero. */
} sock_imap_item_t;

/** What a server says while it is listened to. */
typedef struct sock_imap_event {
    const char *type; /**< `"EXISTS"`, `"EXPUNGE"`, `"FETCH"`, ... */
    const char *data; /**< What stands with it, as it was said: `"5"`,
                           `"2 (FLAGS (\Seen))"`; a NUL follows. */
    size_t length;    /**< Bytes of it. */
    uint32_t number;  /**< The number that it begins with; else 0. */
} sock_imap_event_t;

/** Bytes of any text of sock_imap_time(), with its NUL. */
#define SOCK_IMAP_TIME_MAX 32

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Connect to a server.
 *
 * Corresponds to Python's `imaplib.IMAP4(host, port, timeout)`: hears its
 * greeting, and asks for its capabilities if that does not have them.
 *
 * @param[in] host  Name or address; one that begins with `/` is a path of
 *                  AF_UNIX.
 * @param[in] port  Port; 0 for 143.
 * @param[in] opts  Options; NULL for the defaults.
 * @return A new object, to be ended by sock_imap_free(); NULL on error.
 * @par Errors
 * What connecting may fail with; #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY;
 * #SOCK_E_EOF (it says BYE), #SOCK_E_PROTOCOL (it is not a server of IMAP).
 * @par Deviation
 * Capabilities that stand in the greeting are not asked for once more.
 * @see sock_imap_ssl_new(), sock_imap_starttls(), sock_imap_login().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_imap_t *sock_imap_new(
    const char *host, int port, const sock_session_opts_t *opts);

/**
 * @brief Connect to a server, with TLS from the first byte on.
 *
 * Corresponds to Python's `imaplib.IMAP4_SSL(host, port, ssl_context=tls)`.
 *
 * @param[in] host  Name or address, which the server must prove to be.
 * @param[in] port  Port; 0 for 993.
 * @param[in] tls   Context; NULL for everyone's, see @ref tls "tls.h".
 * @param[in] opts  Options; NULL for the defaults.
 * @return As sock_imap_new().
 * @par Errors
 * As sock_imap_new(); #SOCK_E_TLS, #SOCK_E_UNSUPPORTED (there is no context).
 * @par Deviation
 * Verifies the server; Python's default context does not.
 * @see sock_imap_new(), sock_ssl_tls().
 * @par Example
 * @snippet imap.c ssl
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_imap_t *sock_imap_ssl_new(
    const char *host, int port, sock_tls_t *tls,
    const sock_session_opts_t *opts);

/**
 * @brief Speak IMAP over a connected socket.
 *
 * Corresponds to Python's `imaplib.IMAP4_stream(command)`, whose other end is a
 * program: here it is whatever the socket is connected to, such as a program
 * that got the other one of sock_socketpair().
 *
 * @param[in] sock  Connected socket. On success it is the client's, and ends
 *                  with it; on failure it stays the caller's, and what was
 *                  received of it is lost.
 * @param[in] opts  Options; NULL for the defaults.
 * @return As sock_imap_new().
 * @par Errors
 * As sock_imap_new().
 * @see sock_imap_new(), sock_socketpair().
 * @par Example
 * @snippet imap.c adopt
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_imap_t *sock_imap_adopt(
    sock_t *sock, const sock_session_opts_t *opts);

/**
 * @brief End a client.
 *
 * Corresponds to the end of Python's object. Closes the connection without a
 * word; sock_imap_logout() says goodbye. Leaves errno and the error record as
 * they were.
 *
 * @param[in] m  Client; NULL does nothing.
 * @see sock_imap_new(), sock_imap_logout().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API void sock_imap_free(sock_imap_t *m);

/**
 * @brief The session of a client.
 *
 * Not in Python. Its text, limits, time and trace: session.h.
 *
 * @param[in] m  Client.
 * @return The session, which ends with the client; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_session_text(), sock_session_settimeout().
 * @par Example
 * @snippet imap.c session
 * @since 0.3.0
 */
SOCK_API sock_session_t *sock_imap_session(sock_imap_t *m);

/**
 * @brief Whether the server has a capability.
 *
 * Corresponds to `name in M.capabilities` of Python. They are learnt anew after
 * a login and after TLS has begun.
 *
 * @param[in] m     Client.
 * @param[in] name  Such as `"IDLE"`, `"AUTH=PLAIN"`, in any case of letters.
 * @return 1, 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @par Deviation
 * Python keeps those from before the login.
 * @see sock_imap_enable().
 * @par Example
 * @snippet imap.c session
 * @since 0.3.0
 */
SOCK_API int sock_imap_has(const sock_imap_t *m, const char *name);

/**
 * @brief Where a client is.
 *
 * Corresponds to `M.state` of Python.
 *
 * @param[in] m  Client.
 * @return One of #sock_imap_states; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_imap_has().
 * @par Example
 * @snippet imap.c session
 * @since 0.3.0
 */
SOCK_API int sock_imap_state(const sock_imap_t *m);

/**
 * @brief Log in by a password.
 *
 * Corresponds to Python's `M.login(user, password)`.
 *
 * @param[in] m         Client.
 * @param[in] user      User.
 * @param[in] password  Password.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY (it is wrong), #SOCK_E_UNSUPPORTED (the server says
 * LOGINDISABLED), #SOCK_E_VALUE (CR, LF; a state that this is illegal in; it
 * would go in the clear, see @ref session "sessions"), #SOCK_E_TYPE,
 * #SOCK_E_MEMORY; those of a session.
 * @par Deviation
 * LOGINDISABLED is honoured. The user is quoted where it must be.
 * @see sock_imap_authenticate(), sock_imap_starttls().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API int sock_imap_login(sock_imap_t *m, const char *user,
                             const char *password);

/**
 * @brief Log in by a mechanism of SASL.
 *
 * Corresponds to Python's `M.authenticate(mechanism, authobject)`, and with
 * sock_sasl_password() and `"CRAM-MD5"` to its `M.login_cram_md5()`.
 *
 * @param[in] m          Client.
 * @param[in] mechanism  Such as `"PLAIN"`, `"XOAUTH2"`.
 * @param[in] fn         What to say; sock_sasl_password(), sock_sasl_token().
 * @param[in] arg        What it is called with.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_imap_login(); #SOCK_E_CANCELLED, and what the function has recorded.
 * @par Deviation
 * The initial response goes with the command where the server has SASL-IR.
 * @see sock_imap_login(), sock_sasl_token().
 * @par Example
 * @snippet imap.c authenticate
 * @since 0.3.0
 */
SOCK_API int sock_imap_authenticate(sock_imap_t *m, const char *mechanism,
                                    sock_sasl_fn fn, void *arg);

/**
 * @brief Begin TLS.
 *
 * Corresponds to Python's `M.starttls(ssl_context)`. What was learnt before is
 * forgotten. A server that takes the client for someone from the start
 * (PREAUTH) cannot be asked: the state is wrong.
 *
 * @param[in] m    Client.
 * @param[in] tls  Context; NULL for everyone's, see @ref tls "tls.h".
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_UNSUPPORTED (the server does not offer it, or there is no context),
 * #SOCK_E_REPLY, #SOCK_E_TLS, #SOCK_E_PROTOCOL (it sent more than it should
 * have), #SOCK_E_VALUE (there is TLS, or a state that this is illegal in),
 * #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a session.
 * @par Deviation
 * Verifies the server; Python's default context does not. Nothing that came
 * before TLS is believed after it.
 * @see sock_imap_ssl_new(), sock_session_secure().
 * @par Example
 * @snippet imap.c starttls
 * @since 0.3.0
 */
SOCK_API int sock_imap_starttls(sock_imap_t *m, sock_tls_t *tls);

/**
 * @brief Turn an extension on.
 *
 * Corresponds to Python's `M.enable(capability)`. `"UTF8=ACCEPT"` and
 * `"IMAP4rev2"` have names of mailboxes go as UTF-8 from then on, once the
 * server has named them as what it turned on.
 *
 * @param[in] m           Client.
 * @param[in] capability  Which; several with a blank between.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_UNSUPPORTED (the server does not have ENABLE), #SOCK_E_REPLY,
 * #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a session.
 * @see sock_imap_has().
 * @par Example
 * @snippet imap.c enable
 * @since 0.3.0
 */
SOCK_API int sock_imap_enable(sock_imap_t *m, const char *capability);

/**
 * @brief Open a mailbox.
 *
 * Corresponds to Python's `M.select(mailbox, readonly)`. What was kept for
 * sock_imap_response() before is forgotten.
 *
 * @param[in]  m         Client.
 * @param[in]  box       Its name, in UTF-8; `"INBOX"`.
 * @param[in]  readonly  1: nothing is changed (EXAMINE).
 * @param[out] exists    How many messages there are; NULL: not wanted.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY (there is no such mailbox; and none is open then),
 * #SOCK_E_UNSUPPORTED (it can only be read, which was not asked for; it is
 * open), #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a session.
 * @par Deviation
 * Python refuses every further command, too, once a mailbox can only be read.
 * @see sock_imap_close_box(), sock_imap_status(), sock_imap_search().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API int sock_imap_select(sock_imap_t *m, const char *box, int readonly,
                              uint32_t *exists);

/**
 * @brief Close the mailbox, and remove what was marked as deleted.
 *
 * Corresponds to Python's `M.close()`.
 *
 * @param[in] m  Client.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE (there is none), #SOCK_E_TYPE, #SOCK_E_MEMORY;
 * those of a session.
 * @see sock_imap_unselect(), sock_imap_expunge().
 * @par Example
 * @snippet imap.c close
 * @since 0.3.0
 */
SOCK_API int sock_imap_close_box(sock_imap_t *m);

/**
 * @brief Close the mailbox, and remove nothing.
 *
 * Corresponds to Python's `M.unselect()`.
 *
 * @param[in] m  Client.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_imap_close_box().
 * @see sock_imap_close_box().
 * @par Example
 * @snippet imap.c close
 * @since 0.3.0
 */
SOCK_API int sock_imap_unselect(sock_imap_t *m);

/**
 * @brief Ask about a mailbox without opening it.
 *
 * Corresponds to Python's `M.status(mailbox, names)`.
 *
 * @param[in]  m       Client.
 * @param[in]  box     Its name, in UTF-8.
 * @param[in]  names   What is asked: `"(MESSAGES UNSEEN)"`; the parentheses may
 *                     be left out.
 * @param[out] status  What is known.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a
 * session.
 * @see sock_imap_list(), sock_imap_select().
 * @par Example
 * @snippet imap.c list
 * @since 0.3.0
 */
SOCK_API int sock_imap_status(sock_imap_t *m, const char *box,
                              const char *names, sock_imap_status_t *status);

/**
 * @brief List mailboxes.
 *
 * Corresponds to Python's `M.list(directory, pattern)`.
 *
 * @param[in] m          Client.
 * @param[in] directory  Where, in UTF-8; `""`: everywhere.
 * @param[in] pattern    Which, in UTF-8: `*` is any characters, `%` those of
 *                       one level.
 * @return A new list, to be ended by sock_imap_list_free(); NULL on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a
 * session.
 * @see sock_imap_lsub(), sock_imap_status().
 * @par Example
 * @snippet imap.c list
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_imap_list_t *sock_imap_list(sock_imap_t *m,
                                                         const char *directory,
                                                         const char *pattern);

/**
 * @brief List the mailboxes that were subscribed to.
 *
 * Corresponds to Python's `M.lsub(directory, pattern)`.
 *
 * @param[in] m          Client.
 * @param[in] directory  As for sock_imap_list().
 * @param[in] pattern    As for sock_imap_list().
 * @return As sock_imap_list().
 * @par Errors
 * As sock_imap_list().
 * @see sock_imap_list(), sock_imap_mailbox().
 * @par Example
 * @snippet imap.c list
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_imap_list_t *sock_imap_lsub(sock_imap_t *m,
                                                         const char *directory,
                                                         const char *pattern);

/**
 * @brief End a list of mailboxes.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  List; NULL does nothing.
 * @see sock_imap_list(), sock_imap_lsub().
 * @par Example
 * @snippet imap.c list
 * @since 0.3.0
 */
SOCK_API void sock_imap_list_free(sock_imap_list_t *list);

/**
 * @brief Create, delete or rename a mailbox, subscribe to it, or ask about it.
 *
 * Corresponds to Python's `M.create(mailbox)`, `M.delete()`, `M.rename(old,
 * new)`, `M.subscribe()`, `M.unsubscribe()`, `M.getacl()`, `M.myrights()` and
 * `M.getquotaroot()`. What the last three are answered sock_imap_response()
 * has.
 *
 * @param[in] m      Client.
 * @param[in] verb   `"CREATE"`, `"DELETE"`, `"RENAME"`, `"SUBSCRIBE"`,
 *                   `"UNSUBSCRIBE"`, `"GETACL"`, `"MYRIGHTS"`,
 *                   `"GETQUOTAROOT"`, in any case of letters.
 * @param[in] box    Name of the mailbox, in UTF-8.
 * @param[in] other  Its new name, of `"RENAME"`; NULL of the others.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE (another verb, and what a name cannot have),
 * #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a session.
 * @see sock_imap_list(), sock_imap_command().
 * @par Example
 * @snippet imap.c mailbox
 * @since 0.3.0
 */
SOCK_API int sock_imap_mailbox(sock_imap_t *m, const char *verb,
                               const char *box, const char *other);

/**
 * @brief Count messages by their UIDs, or by their numbers.
 *
 * Corresponds to Python's `M.uid(command, ...)`, which is asked at each call:
 * sets that are given and numbers that are found are UIDs from then on, or are
 * not.
 *
 * @param[in] m   Client.
 * @param[in] on  1: UIDs; 0: numbers, as it is at first.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_imap_search(), sock_imap_fetch(), sock_imap_store(),
 *      sock_imap_copy(), sock_imap_move(), sock_imap_expunge(),
 *      sock_imap_command().
 * @par Example
 * @snippet imap.c uid
 * @since 0.3.0
 */
SOCK_API int sock_imap_uid(sock_imap_t *m, int on);

/**
 * @brief Find messages.
 *
 * Corresponds to Python's `M.search(charset, criteria)`.
 *
 * @param[in] m         Client.
 * @param[in] charset   In which the criteria are; NULL: ASCII.
 * @param[in] criteria  As the protocol has them: `UNSEEN FROM "ann"`. A quoted
 *                      string with other characters than those of ASCII goes
 *                      as a literal. What `RETURN (COUNT ALL)` before them
 *                      asks for besides ALL (RFC 4731) is what
 *                      sock_imap_response() has, as `"ESEARCH"`.
 * @return A new list, to be ended by sock_imap_numbers_free(), of no numbers if
 *         none was found; NULL on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE (CR, LF, a quoted string that does not end, a
 * literal), #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a session.
 * @see sock_imap_set(), sock_imap_fetch(), sock_imap_uid().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_imap_numbers_t *sock_imap_search(
    sock_imap_t *m, const char *charset, const char *criteria);

/**
 * @brief End a list of numbers.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  List; NULL does nothing.
 * @see sock_imap_search().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API void sock_imap_numbers_free(sock_imap_numbers_t *list);

/**
 * @brief Write numbers as a set of messages.
 *
 * Not in Python, where texts are joined. Numbers that count on from one another
 * are a range: 1, 3, 4 and 5 are `1,3:5`. A command has room for 64 KiB of it.
 *
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf.
 * @param[in]  list  Numbers or UIDs, such as those of sock_imap_search().
 * @return Length of the text, 0 of no numbers, which are no set for
 *         sock_imap_fetch(); if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (0 among them), #SOCK_E_OVERFLOW, #SOCK_E_TYPE.
 * @see sock_imap_search(), sock_imap_fetch(), sock_imap_store().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API int sock_imap_set(char *buf, size_t size,
                           const sock_imap_numbers_t *list);

/**
 * @brief Ask for messages, or for parts of them.
 *
 * Corresponds to Python's `M.fetch(message_set, message_parts)`, which has read
 * all of them when it returns: here sock_imap_next() reads one item after the
 * other. Any other command passes over what is left; of literals that is more
 * than what is read into memory may have, see #sock_session_limits_t, it is
 * #SOCK_E_PROTOCOL, and the session is closed.
 *
 * @param[in] m      Client.
 * @param[in] set    Which: `"1"`, `"2:4,9"`, `"1:*"`; of what was found
 *                   sock_imap_set() writes it.
 * @param[in] items  What of them: `"(UID FLAGS BODY.PEEK[])"`; the parentheses
 *                   may be left out.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no set; CR, LF), #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a
 * session. What the server says of it: sock_imap_next().
 * @see sock_imap_next(), sock_imap_next_to(), sock_imap_uid().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API int sock_imap_fetch(sock_imap_t *m, const char *set,
                             const char *items);

/**
 * @brief The next item of what was asked for by sock_imap_fetch().
 *
 * Corresponds to the members of the list that Python's `M.fetch()` returns,
 * taken apart. A server may add what was not asked for, `FLAGS` above all:
 * `BODY[]` sets `\\Seen`, which `BODY.PEEK[]` does not, and of that it tells.
 * So an item is told by its name, not by its place.
 *
 * @param[in]  m     Client.
 * @param[out] item  Item, valid until the client's next call.
 * @return 1; 0: there are no more, or nothing was asked for. -1 on error.
 * @par Errors
 * #SOCK_E_REPLY (the server answers NO or BAD at last), #SOCK_E_PROTOCOL
 * (#SOCK_P_TOO_LARGE: an item that is over the limit), #SOCK_E_TYPE,
 * #SOCK_E_MEMORY; those of a session.
 * @see sock_imap_next_to(), sock_imap_parse_flags(), sock_imap_internaldate().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API int sock_imap_next(sock_imap_t *m, sock_imap_item_t *item);

/**
 * @brief The same, with what may be large not in memory.
 *
 * Not in Python. An item that is one literal, such as a whole message, goes to
 * the sink as it arrives. Message, name and length stand in @p item before the
 * sink is called first, so that each message may go to a file of its own.
 *
 * @param[in]  m     Client.
 * @param[out] item  As for sock_imap_next(); the value of what went to the sink
 *                   is NULL.
 * @param[in]  sink  Where such an item goes to.
 * @return As sock_imap_next().
 * @par Errors
 * As sock_imap_next(); #SOCK_E_TYPE for a sink without a function. One that
 * refuses ends the call as it says, the rest of the literal is passed over, and
 * the next call goes on behind it; if that is more than what is read into
 * memory may have, the session is closed.
 * @see sock_imap_next(), sock_sink_fd().
 * @par Example
 * @snippet imap.c next_to
 * @since 0.3.0
 */
SOCK_API int sock_imap_next_to(sock_imap_t *m, sock_imap_item_t *item,
                               sock_sink_t sink);

/**
 * @brief Change the flags of messages.
 *
 * Corresponds to Python's `M.store(message_set, command, flags)`. The flags
 * that they have then sock_imap_response() has, as `"FETCH"`.
 *
 * @param[in] m        Client.
 * @param[in] set      Which: `"2:4"`.
 * @param[in] command  `"+FLAGS"`, `"-FLAGS"`, `"FLAGS"`, and these with
 *                     `.SILENT`.
 * @param[in] flags    Flags: `"(\\Seen)"`; the parentheses may be left out.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a
 * session.
 * @see sock_imap_expunge(), sock_imap_parse_flags().
 * @par Example
 * @snippet imap.c store
 * @since 0.3.0
 */
SOCK_API int sock_imap_store(sock_imap_t *m, const char *set,
                             const char *command, const char *flags);

/**
 * @brief Copy messages into another mailbox.
 *
 * Corresponds to Python's `M.copy(message_set, new_mailbox)`.
 *
 * @param[in] m    Client.
 * @param[in] set  Which: `"2:4"`.
 * @param[in] box  Name of the mailbox, in UTF-8.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_imap_store().
 * @see sock_imap_move().
 * @par Example
 * @snippet imap.c store
 * @since 0.3.0
 */
SOCK_API int sock_imap_copy(sock_imap_t *m, const char *set, const char *box);

/**
 * @brief Move messages into another mailbox.
 *
 * Corresponds to Python's ``M.uid('MOVE', message_set, new_mailbox)`` (RFC
 * 6851).
 *
 * @param[in] m    Client.
 * @param[in] set  Which: `"2:4"`.
 * @param[in] box  Name of the mailbox, in UTF-8.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_imap_store(); #SOCK_E_UNSUPPORTED (the server does not offer it).
 * @see sock_imap_copy().
 * @par Example
 * @snippet imap.c store
 * @since 0.3.0
 */
SOCK_API int sock_imap_move(sock_imap_t *m, const char *set, const char *box);

/**
 * @brief Remove the messages that are marked as deleted.
 *
 * Corresponds to Python's `M.expunge()`. Their numbers sock_imap_response()
 * has, as `"EXPUNGE"`.
 *
 * @param[in] m    Client.
 * @param[in] set  Which of them, by UID, of a client that counts by these and a
 *                 server with UIDPLUS; NULL: all.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_imap_store().
 * @see sock_imap_store(), sock_imap_uid().
 * @par Example
 * @snippet imap.c store
 * @since 0.3.0
 */
SOCK_API int sock_imap_expunge(sock_imap_t *m, const char *set);

/**
 * @brief Put a message into a mailbox.
 *
 * Corresponds to Python's `M.append(mailbox, flags, date_time, message)`. Each
 * CR, LF and CRLF of a message in memory becomes CRLF, as there. What a file, a
 * descriptor or a function gives goes as it is, as its size is said before the
 * first byte: its lines must end in CRLF already, which those of a text file
 * do not, and of which servers may refuse it. Such a file is read into memory,
 * and given by sock_source_memory().
 *
 * @param[in] m       Client.
 * @param[in] box     Name of the mailbox, in UTF-8; NULL: INBOX.
 * @param[in] flags   Flags of it: `"(\\Seen)"`; the parentheses may be left
 *                    out. NULL: none.
 * @param[in] when    When it was received: such as sock_imap_time() writes.
 *                    NULL: now.
 * @param[in] source  Message.
 * @param[in] size    Bytes that the source gives; not looked at if it is one of
 *                    bytes in memory.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_imap_store(). A source that ends early, or fails, closes the session:
 * #SOCK_E_VALUE, #SOCK_E_CANCELLED, and as the sources of transfer.h fail.
 * @see sock_imap_time(), sock_source_memory(), sock_imap_response().
 * @par Example
 * @snippet imap.c append
 * @since 0.3.0
 */
SOCK_API int sock_imap_append(sock_imap_t *m, const char *box,
                              const char *flags, const char *when,
                              sock_source_t source, uint64_t size);

/**
 * @brief Give any other command.
 *
 * Corresponds to Python's `M.xatom(name, arg, ...)`, and to `M.sort()`,
 * `M.thread()`, `M.namespace()`, `M.setacl()`, `M.getquota()` and such. What is
 * answered sock_imap_response() has.
 *
 * @param[in] m     Client.
 * @param[in] name  Such as `"SORT"`, in any case of letters.
 * @param[in] args  Arguments. One in parentheses or in quotes goes as it is,
 *                  any other as a text.
 * @param[in] n     How many.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE (no name; one that has a function of its own
 * which changes what the client knows, such as LOGIN; a state that it is
 * illegal in; CR, LF), #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a session.
 * @see sock_imap_response(), sock_imap_mailbox(), sock_imap_uid().
 * @par Example
 * @snippet imap.c command
 * @since 0.3.0
 */
SOCK_API int sock_imap_command(sock_imap_t *m, const char *name,
                               const char *const *args, size_t n);

/**
 * @brief Take what the server has said of a kind.
 *
 * Corresponds to Python's `M.response(code)`: what stands with `code` in the
 * responses that no call has had as its result, and in the codes of those that
 * begin with OK, NO or BAD, as `[APPENDUID 1 5]`. It is forgotten then. The
 * lines are in the order in which they came, so that the last one is the
 * newest: of `"EXISTS"` the first may be what sock_imap_select() has told.
 *
 * @param[in] m     Client.
 * @param[in] code  Such as `"EXISTS"`, `"FLAGS"`, `"APPENDUID"`, in any case of
 *                  letters.
 * @return A new list, to be ended by sock_lines_free(), of no lines if it has
 *         said nothing; literals are in it as they came. NULL on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * Python keeps all; here what earlier commands have left is forgotten where it
 * has no room left, 64 MiB unless sock_session_set_limits() says otherwise.
 * @see sock_imap_command(), sock_imap_noop().
 * @par Example
 * @snippet imap.c append
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_imap_response(sock_imap_t *m,
                                                         const char *code);

/**
 * @brief Ask the server to say what is new.
 *
 * Corresponds to Python's `M.idle()` (RFC 2177). No other command is allowed
 * until sock_imap_idle_done().
 *
 * @param[in] m  Client.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_UNSUPPORTED (the server does not offer it), #SOCK_E_REPLY,
 * #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a session.
 * @see sock_imap_idle_next(), sock_imap_idle_done().
 * @par Example
 * @snippet imap.c idle
 * @since 0.3.0
 */
SOCK_API int sock_imap_idle(sock_imap_t *m);

/**
 * @brief Wait for the next thing that is new.
 *
 * Corresponds to `next()` of what Python's `M.idle()` gives, and to its
 * `burst()` with a short time.
 *
 * @param[in]  m        Client.
 * @param[out] event    What it is, valid until the next call.
 * @param[in]  timeout  Seconds to wait until something begins to come; 0: not
 *                      at all; #SOCK_NO_TIMEOUT. The rest of that, and asking
 *                      anew, have the time of a command.
 * @return 1; 0: nothing came. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (sock_imap_idle() was not called; the timeout),
 * #SOCK_E_OVERFLOW, #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a session.
 * @par Deviation
 * Asks anew before 29 minutes are over, behind which a server may hang up.
 * @see sock_imap_idle(), sock_imap_idle_done().
 * @par Example
 * @snippet imap.c idle
 * @since 0.3.0
 */
SOCK_API int sock_imap_idle_next(sock_imap_t *m, sock_imap_event_t *event,
                                 double timeout);

/**
 * @brief Listen no more.
 *
 * Corresponds to the end of the block that Python's `M.idle()` manages. What
 * was not asked for by sock_imap_idle_next() sock_imap_response() has.
 *
 * @param[in] m  Client.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE (sock_imap_idle() was not called), #SOCK_E_TYPE,
 * #SOCK_E_MEMORY; those of a session.
 * @see sock_imap_idle().
 * @par Example
 * @snippet imap.c idle
 * @since 0.3.0
 */
SOCK_API int sock_imap_idle_done(sock_imap_t *m);

/**
 * @brief Hear what is new, and keep the connection alive.
 *
 * Corresponds to Python's `M.noop()`.
 *
 * @param[in] m  Client.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a
 * session.
 * @see sock_imap_idle(), sock_imap_response().
 * @par Example
 * @snippet imap.c command
 * @since 0.3.0
 */
SOCK_API int sock_imap_noop(sock_imap_t *m);

/**
 * @brief Say goodbye, and close the connection.
 *
 * Corresponds to Python's `M.logout()`.
 *
 * @param[in] m  Client, to be ended by sock_imap_free() all the same.
 * @return 0; -1 on error, and the connection is closed all the same, but in a
 *         state that this is illegal in, between sock_imap_idle() and
 *         sock_imap_idle_done().
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_VALUE, #SOCK_E_TYPE, #SOCK_E_MEMORY; those of a
 * session.
 * @see sock_imap_free().
 * @par Example
 * @snippet imap.c imap
 * @since 0.3.0
 */
SOCK_API int sock_imap_logout(sock_imap_t *m);

/**
 * @brief Read flags.
 *
 * Corresponds to Python's `imaplib.ParseFlags(response)`.
 *
 * @param[in] text  What a server has said, `"1 (FLAGS (\\Seen))"`, of which the
 *                  last `FLAGS` counts; or `"(\\Seen)"` alone.
 * @return A new list, to be ended by sock_lines_free(), of no lines if there
 *         are no flags; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_imap_next(), sock_imap_store().
 * @par Example
 * @snippet imap.c flags
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_imap_parse_flags(const char *text);

/**
 * @brief Read when a message was received.
 *
 * Corresponds to Python's `imaplib.Internaldate2tuple(response)`, which gives
 * local time.
 *
 * @param[in]  text  `17-Jul-1996 02:44:25 -0700`, in quotes or not; or what a
 *                   server has said, with `INTERNALDATE` before it.
 * @param[out] when  Seconds since 1970.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (it is no date), #SOCK_E_TYPE.
 * @par Deviation
 * Days and hours that cannot be are refused; Python counts on into the next
 * month, and raises KeyError for a month that is none.
 * @see sock_imap_time(), sock_imap_next().
 * @par Example
 * @snippet imap.c time
 * @since 0.3.0
 */
SOCK_API int sock_imap_internaldate(const char *text, int64_t *when);

/**
 * @brief Write a moment as sock_imap_append() takes it.
 *
 * Corresponds to Python's `imaplib.Time2Internaldate(when)`.
 *
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_IMAP_TIME_MAX is enough.
 * @param[in]  when  Seconds since 1970, of the years 1 to 9999; such as
 *                   `time(NULL)`.
 * @return Length of the text, which has its quotes; if it is @p size or more,
 *         @p buf is the empty string. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (another year), #SOCK_E_TYPE.
 * @par Deviation
 * In UTC, whatever the time zone here is.
 * @see sock_imap_internaldate(), sock_imap_append().
 * @par Example
 * @snippet imap.c time
 * @since 0.3.0
 */
SOCK_API int sock_imap_time(char *buf, size_t size, int64_t when);

/**
 * @brief Write the name of a mailbox in modified UTF-7.
 *
 * Not in Python, whose names are as the server has them (RFC 3501 5.1.3). The
 * calls above do that by themselves; arguments of sock_imap_command() are not
 * known to be names.
 *
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf.
 * @param[in]  name  Name, in UTF-8.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (it is not UTF-8), #SOCK_E_OVERFLOW, #SOCK_E_TYPE.
 * @see sock_imap_name_decode(), sock_imap_command().
 * @par Example
 * @snippet imap.c name
 * @since 0.3.0
 */
SOCK_API int sock_imap_name_encode(char *buf, size_t size, const char *name);

/**
 * @brief Read the name of a mailbox from modified UTF-7.
 *
 * Not in Python.
 *
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf.
 * @param[in]  name  Name, in modified UTF-7.
 * @return As sock_imap_name_encode().
 * @par Errors
 * #SOCK_E_VALUE (it is not what sock_imap_name_encode() writes of any name),
 * #SOCK_E_OVERFLOW, #SOCK_E_TYPE.
 * @see sock_imap_name_encode().
 * @par Example
 * @snippet imap.c name
 * @since 0.3.0
 */
SOCK_API int sock_imap_name_decode(char *buf, size_t size, const char *name);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
