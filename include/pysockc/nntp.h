/* SPDX-License-Identifier: MIT */
/**
 * @file nntp.h
 * @brief A client of NNTP: reading news, and posting them.
 */
#ifndef PYSOCKC_NNTP_H
#define PYSOCKC_NNTP_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/sasl.h>
#include <pysockc/session.h>
#include <pysockc/tls.h>
#include <pysockc/transfer.h>

/**
 * @defgroup nntp NNTP
 * @brief Python's module `nntplib`: reading news, and posting them (RFC 3977).
 *
 * @snippet nntp.c overview
 *
 * A client is connected from its birth on, and has asked what the server can:
 * sock_nntp_has() knows, also after the server has learnt who it is, or TLS has
 * begun. Articles are numbered within the group that sock_nntp_group() has
 * chosen, and have a message id everywhere.
 *
 * What the server has answered is sock_session_text() of sock_nntp_session(),
 * without its number, which is sock_session_code(). Its no, 4xx or 5xx, is a
 * #SOCK_E_REPLY of that code: 480 that it wants a login, 483 that it wants TLS.
 *
 * **Articles** arrive as lines in memory, or as they come in by
 * sock_nntp_read(), with CRLF at the end of each line. Nothing but CRLF ends a
 * line, so that an article cannot end itself and have its rest taken for the
 * server's next answer.
 *
 * **Ranges** of articles are texts: `"5"`, `"5-"`, `"5-9"`, a message id
 * `"<a@b>"`, or NULL for the current one.
 *
 * An object is for one thread at a time.
 * @{
 */

/** A client. Opaque. */
typedef struct sock_nntp sock_nntp_t;

/** What sock_nntp_group() has chosen. */
typedef struct sock_nntp_group_s {
    uint64_t count; /**< Articles, about. */
    uint64_t first; /**< Number of the first one. */
    uint64_t last;  /**< Number of the last one. */
} sock_nntp_group_t;

/** A group, as it stands in a list. */
typedef struct sock_nntp_groupinfo {
    const char *group;       /**< Its name. */
    uint64_t last;           /**< Number of its last article; 0 of
                                  sock_nntp_descriptions(). */
    uint64_t first;          /**< Number of its first one; likewise. */
    const char *flag;        /**< Whether one may post: `y`, `n`, `m` if someone
                                  looks at it first, ...; else NULL. */
    const char *description; /**< Of sock_nntp_descriptions(); else NULL. */
} sock_nntp_groupinfo_t;

/** A list of groups. One allocation. */
typedef struct sock_nntp_groups {
    const sock_nntp_groupinfo_t *groups; /**< The groups. */
    size_t count;                        /**< Their number. */
} sock_nntp_groups_t;

/** What an article is called. */
typedef struct sock_nntp_article_s {
    uint64_t number;      /**< Its number in the group; 0: it was asked for by
                               its message id. */
    char message_id[256]; /**< Its message id, `<a@b>`. */
} sock_nntp_article_t;

/** An article, as it stands in an overview. */
typedef struct sock_nntp_over_s {
    uint64_t number;        /**< Its number; 0 where that was not asked. */
    const char *subject;    /**< Fields, not decoded; `""` of one that it does
                                 not have. */
    const char *from;       /**< Who has written it. */
    const char *date;       /**< When, as the field has it. */
    const char *message_id; /**< What it is called. */
    const char *references; /**< What it answers to. */
    int64_t bytes;          /**< How large it is; -1: that is not said. */
    int64_t lines;          /**< Lines of its body; likewise. */
    const char *const *others; /**< What the server has besides, in the order of
                                    the overview's names; NULL ends them. */
} sock_nntp_over_t;

/** An overview. One allocation. */
typedef struct sock_nntp_overview {
    const sock_nntp_over_t *articles; /**< The articles. */
    size_t count;                     /**< Their number. */
    const char *const *names; /**< Of the fields besides, in lower case, such as
                                   `xref`; NULL ends them. */
} sock_nntp_overview_t;

/** A field of an article. */
typedef struct sock_nntp_value {
    uint64_t number;  /**< Of the article; 0 where that was not asked. */
    const char *text; /**< The field's value, not decoded. */
} sock_nntp_value_t;

/** A field of many articles. One allocation. */
typedef struct sock_nntp_values {
    const sock_nntp_value_t *values; /**< The values. */
    size_t count;                    /**< Their number. */
} sock_nntp_values_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Connect to a server of NNTP.
 *
 * Corresponds to Python's `nntplib.NNTP(host, port, readermode=readermode,
 * timeout=timeout)`. Its welcome is read, and what it can is asked; the option
 * `readermode` asks it for `MODE READER` unless it is in that.
 *
 * @param[in] host  Name or address.
 * @param[in] port  1 to 65535; 0 is 119.
 * @param[in] opts  Options; NULL for none.
 * @return A new object, to be ended by sock_nntp_free(); NULL on error.
 * @par Errors
 * Those of sock_create_connection(); #SOCK_E_REPLY (the server does not want
 * us), #SOCK_E_PROTOCOL, #SOCK_E_EOF, #SOCK_E_TIMEOUT, #SOCK_E_VALUE,
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * User and password are for sock_nntp_login(); no ~/.netrc is read.
 * @see sock_nntp_ssl_new(), sock_nntp_starttls(), sock_nntp_login(),
 *      sock_nntp_free().
 * @par Example
 * @snippet nntp.c overview
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_nntp_t *sock_nntp_new(
    const char *host, int port, const sock_session_opts_t *opts);

/**
 * @brief Connect to a server of NNTP by TLS.
 *
 * Corresponds to Python's `nntplib.NNTP_SSL(host, port, ssl_context=context,
 * readermode=readermode, timeout=timeout)`.
 *
 * @param[in] host  Name or address, which the certificate must be one for.
 * @param[in] port  1 to 65535; 0 is 563.
 * @param[in] tls   Context, sock_ssl_tls() of one; it is held, and may be
 *                  freed. NULL: the default context, once sock_ssl_init() was
 *                  called.
 * @param[in] opts  Options; NULL for none.
 * @return A new object, to be ended by sock_nntp_free(); NULL on error.
 * @par Errors
 * As sock_nntp_new(); #SOCK_E_TLS, #SOCK_E_UNSUPPORTED (no context, and no one
 * has called sock_ssl_init()).
 * @par Deviation
 * Python's default context verifies nothing.
 * @see sock_nntp_new(), sock_nntp_starttls().
 * @par Example
 * @snippet nntp.c ssl
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_nntp_t *sock_nntp_ssl_new(
    const char *host, int port, sock_tls_t *tls,
    const sock_session_opts_t *opts);

/**
 * @brief End a client.
 *
 * Not in Python, where a `with` block does it. Nothing is said to the server.
 * Leaves errno and the error record as they were.
 *
 * @param[in] n  Client; NULL does nothing.
 * @see sock_nntp_quit(), sock_nntp_new().
 * @par Example
 * @snippet nntp.c overview
 * @since 0.3.0
 */
SOCK_API void sock_nntp_free(sock_nntp_t *n);

/**
 * @brief The session of a client: its server's last word, limits, time, trace.
 *
 * Not in Python.
 *
 * @param[in] n  Client.
 * @return The session, which ends with the client; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_session_text(), sock_session_code(), sock_session_settimeout(),
 *      sock_session_set_limits().
 * @par Example
 * @snippet nntp.c session
 * @since 0.3.0
 */
SOCK_API sock_session_t *sock_nntp_session(sock_nntp_t *n);

/**
 * @brief What the server has said first, or to `MODE READER`.
 *
 * Corresponds to Python's `NNTP.getwelcome()`.
 *
 * @param[in] n  Client.
 * @return Text, with its number: `200 ...` where one may post, `201 ...` where
 *         not. Control characters are `?`. It is the client's, until it is
 *         ended or gets TLS. NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @par Deviation
 * After sock_nntp_starttls() it is `""`: what was said without TLS may have
 * been anyone's word.
 * @see sock_nntp_new().
 * @par Example
 * @snippet nntp.c session
 * @since 0.3.0
 */
SOCK_API const char *sock_nntp_getwelcome(const sock_nntp_t *n);

/**
 * @brief What the server can.
 *
 * Corresponds to Python's `NNTP.getcapabilities()`. It was asked when the
 * client was made, and after `MODE READER`, a login, and TLS.
 *
 * @param[in] n  Client.
 * @return Lines, such as `LIST ACTIVE NEWSGROUPS`, which are the client's until
 *         it asks again; none of a server that does not know the question. NULL
 *         on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @par Deviation
 * Lines in place of a dictionary.
 * @see sock_nntp_has().
 * @par Example
 * @snippet nntp.c has
 * @since 0.3.0
 */
SOCK_API const sock_lines_t *sock_nntp_getcapabilities(const sock_nntp_t *n);

/**
 * @brief Whether the server can something.
 *
 * Corresponds to Python's `name in NNTP.getcapabilities()`.
 *
 * @param[in] n     Client.
 * @param[in] name  Such as `"OVER"`, in any case of letters.
 * @return 1, 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_nntp_getcapabilities().
 * @par Example
 * @snippet nntp.c has
 * @since 0.3.0
 */
SOCK_API int sock_nntp_has(const sock_nntp_t *n, const char *name);

/**
 * @brief Say who it is.
 *
 * Corresponds to Python's `NNTP.login(user, password)`. What the server can is
 * asked anew, and `MODE READER` if that had to wait for this.
 *
 * @param[in] n         Client.
 * @param[in] user      User.
 * @param[in] password  Password, which a server may not ask for.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_REPLY, #SOCK_E_PROTOCOL, #SOCK_E_EOF, #SOCK_E_TIMEOUT,
 * #SOCK_E_CANCELLED, #SOCK_E_OS, #SOCK_E_TLS, #SOCK_E_VALUE (it is logged in
 * already; CR or LF in an argument, or too much; it would go without TLS,
 * and not to loopback), #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * Python sends passwords in the clear to anyone, can log in twice, and reads
 * ~/.netrc.
 * @see sock_nntp_auth(), sock_nntp_starttls().
 * @par Example
 * @snippet nntp.c login
 * @since 0.3.0
 */
SOCK_API int sock_nntp_login(sock_nntp_t *n, const char *user,
                             const char *password);

/**
 * @brief Say who it is by a mechanism of SASL (RFC 4643).
 *
 * Not in Python.
 *
 * @param[in] n          Client.
 * @param[in] mechanism  One of those that the server names, in any case of
 *                       letters.
 * @param[in] fn         What says what to answer, such as
 *                       sock_sasl_password().
 * @param[in] arg        What it is called with.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_nntp_login(); what the function records.
 * @see sock_nntp_login(), sock_sasl_password(), sock_sasl_token().
 * @par Example
 * @snippet nntp.c auth
 * @since 0.3.0
 */
SOCK_API int sock_nntp_auth(sock_nntp_t *n, const char *mechanism,
                            sock_sasl_fn fn, void *arg);

/**
 * @brief Go on by TLS.
 *
 * Corresponds to Python's `NNTP.starttls(context)`. Before a login. Nothing
 * that was said until then counts any more: what the server can is asked anew.
 *
 * @param[in] n    Client.
 * @param[in] tls  As for sock_nntp_ssl_new().
 * @return 0; -1 on error.
 * @par Errors
 * As sock_nntp_login(); #SOCK_E_UNSUPPORTED (there is no context), #SOCK_E_TLS,
 * #SOCK_E_VALUE (there is TLS already, or someone has logged in).
 * @par Deviation
 * Python's default context verifies nothing. After a login it would send the
 * command, which RFC 4642 forbids.
 * @see sock_nntp_ssl_new(), sock_session_secure().
 * @par Example
 * @snippet nntp.c starttls
 * @since 0.3.0
 */
SOCK_API int sock_nntp_starttls(sock_nntp_t *n, sock_tls_t *tls);

/**
 * @brief Choose a group.
 *
 * Corresponds to Python's `NNTP.group(name)`.
 *
 * @param[in]  n     Client.
 * @param[in]  name  Name of the group.
 * @param[out] g     What there is in it; NULL if that is no matter.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_nntp_login(); #SOCK_E_PROTOCOL, too, where there are no numbers below
 * 2^63.
 * @par Deviation
 * The name is not read back. Python takes numbers that are missing for 0.
 * @see sock_nntp_list(), sock_nntp_over(), sock_nntp_stat().
 * @par Example
 * @snippet nntp.c overview
 * @since 0.3.0
 */
SOCK_API int sock_nntp_group(sock_nntp_t *n, const char *name,
                             sock_nntp_group_t *g);

/**
 * @brief Which groups there are.
 *
 * Corresponds to Python's `NNTP.list(group_pattern)`.
 *
 * @param[in] n        Client.
 * @param[in] pattern  Of their names, such as `"comp.lang.*"`; NULL: all.
 * @return A list, to be ended by sock_nntp_groups_free(); NULL on error.
 * @par Errors
 * As sock_nntp_group().
 * @par Deviation
 * Numbers are numbers, and must be.
 * @see sock_nntp_descriptions(), sock_nntp_newgroups(), sock_nntp_group().
 * @par Example
 * @snippet nntp.c list
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_nntp_groups_t *sock_nntp_list(sock_nntp_t *n,
                                                           const char *pattern);

/**
 * @brief What groups are about.
 *
 * Corresponds to Python's `NNTP.descriptions(group_pattern)`, and with the name
 * of a group to `NNTP.description(group)`.
 *
 * @param[in] n        Client.
 * @param[in] pattern  Of their names.
 * @return A list, to be ended by sock_nntp_groups_free(), of those that the
 *         server describes; NULL on error.
 * @par Errors
 * As sock_nntp_login().
 * @par Deviation
 * `XGTITLE` is not asked where `LIST NEWSGROUPS` is not known.
 * @see sock_nntp_list().
 * @par Example
 * @snippet nntp.c descriptions
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_nntp_groups_t *sock_nntp_descriptions(
    sock_nntp_t *n, const char *pattern);

/**
 * @brief Which groups are new.
 *
 * Corresponds to Python's `NNTP.newgroups(date)`.
 *
 * @param[in] n     Client.
 * @param[in] when  Since when: seconds since 1970.
 * @return As sock_nntp_list().
 * @par Errors
 * As sock_nntp_group(); #SOCK_E_VALUE, too, of a year that is not 1 to 9999.
 * @par Deviation
 * The moment is sent as one of UTC, with `GMT`; Python sends a time of day as
 * it is given, which the server takes for one of its own zone.
 * @see sock_nntp_newnews(), sock_nntp_date().
 * @par Example
 * @snippet nntp.c newgroups
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_nntp_groups_t *sock_nntp_newgroups(sock_nntp_t *n,
                                                                int64_t when);

/**
 * @brief End a list of groups.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  Object; NULL does nothing.
 * @see sock_nntp_list().
 * @par Example
 * @snippet nntp.c list
 * @since 0.3.0
 */
SOCK_API void sock_nntp_groups_free(sock_nntp_groups_t *list);

/**
 * @brief Which articles are new.
 *
 * Corresponds to Python's `NNTP.newnews(group, date)`.
 *
 * @param[in] n        Client.
 * @param[in] pattern  Of the groups' names.
 * @param[in] when     As for sock_nntp_newgroups().
 * @return Message ids as lines, to be ended by sock_lines_free(); NULL on
 *         error.
 * @par Errors
 * As sock_nntp_newgroups().
 * @par Deviation
 * As of sock_nntp_newgroups().
 * @see sock_nntp_newgroups(), sock_nntp_article().
 * @par Example
 * @snippet nntp.c newnews
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_nntp_newnews(sock_nntp_t *n,
                                                        const char *pattern,
                                                        int64_t when);

/**
 * @brief What time it is, by the server's clock.
 *
 * Corresponds to Python's `NNTP.date()`.
 *
 * @param[in]  n     Client.
 * @param[out] when  Seconds since 1970.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_nntp_login(); #SOCK_E_PROTOCOL, too, where it is no time.
 * @see sock_nntp_newnews().
 * @par Example
 * @snippet nntp.c date
 * @since 0.3.0
 */
SOCK_API int sock_nntp_date(sock_nntp_t *n, int64_t *when);

/**
 * @brief What the server helps with.
 *
 * Corresponds to Python's `NNTP.help()`.
 *
 * @param[in] n  Client.
 * @return Lines, to be ended by sock_lines_free(); NULL on error.
 * @par Errors
 * As sock_nntp_login().
 * @see sock_nntp_getcapabilities().
 * @par Example
 * @snippet nntp.c help
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_nntp_help(sock_nntp_t *n);

/**
 * @brief Whether an article is there; by its number it becomes the current one.
 *
 * Corresponds to Python's `NNTP.stat(message_spec)`.
 *
 * @param[in]  n     Client.
 * @param[in]  spec  A number, a message id, or NULL for the current one.
 * @param[out] a     What it is called; NULL if that is no matter.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_nntp_login(); #SOCK_E_PROTOCOL, too, where the answer has no number
 * and no message id.
 * @see sock_nntp_next(), sock_nntp_last(), sock_nntp_article().
 * @par Example
 * @snippet nntp.c stat
 * @since 0.3.0
 */
SOCK_API int sock_nntp_stat(sock_nntp_t *n, const char *spec,
                            sock_nntp_article_t *a);

/**
 * @brief Go to the next article.
 *
 * Corresponds to Python's `NNTP.next()`.
 *
 * @param[in]  n  Client.
 * @param[out] a  As for sock_nntp_stat().
 * @return 0; -1 on error.
 * @par Errors
 * As sock_nntp_stat().
 * @see sock_nntp_last(), sock_nntp_stat().
 * @par Example
 * @snippet nntp.c stat
 * @since 0.3.0
 */
SOCK_API int sock_nntp_next(sock_nntp_t *n, sock_nntp_article_t *a);

/**
 * @brief Go to the article before.
 *
 * Corresponds to Python's `NNTP.last()`.
 *
 * @param[in]  n  Client.
 * @param[out] a  As for sock_nntp_stat().
 * @return 0; -1 on error.
 * @par Errors
 * As sock_nntp_stat().
 * @see sock_nntp_next(), sock_nntp_stat().
 * @par Example
 * @snippet nntp.c stat
 * @since 0.3.0
 */
SOCK_API int sock_nntp_last(sock_nntp_t *n, sock_nntp_article_t *a);

/**
 * @brief Read an article into memory.
 *
 * Corresponds to Python's `NNTP.article(message_spec)`.
 *
 * @param[in] n     Client.
 * @param[in] spec  As for sock_nntp_stat().
 * @return Its lines, to be ended by sock_lines_free(); NULL on error.
 * @par Errors
 * As sock_nntp_login(); #SOCK_E_PROTOCOL, #SOCK_P_TOO_LARGE, too, of one over
 * sock_session_set_limits().
 * @par Deviation
 * A dot at the start of a line is taken away whatever follows it, as RFC 3977
 * says, where Python does so before a second one alone. Nothing but CRLF ends a
 * line, and none is too long.
 * @see sock_nntp_head(), sock_nntp_body(), sock_nntp_read().
 * @par Example
 * @snippet nntp.c article
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_nntp_article(sock_nntp_t *n,
                                                        const char *spec);

/**
 * @brief Read the head of an article into memory.
 *
 * Corresponds to Python's `NNTP.head(message_spec)`.
 *
 * @param[in] n     Client.
 * @param[in] spec  As for sock_nntp_stat().
 * @return As sock_nntp_article().
 * @par Errors
 * As sock_nntp_article().
 * @par Deviation
 * As of sock_nntp_article().
 * @see sock_nntp_article(), sock_nntp_body().
 * @par Example
 * @snippet nntp.c article
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_nntp_head(sock_nntp_t *n,
                                                     const char *spec);

/**
 * @brief Read the body of an article into memory.
 *
 * Corresponds to Python's `NNTP.body(message_spec)`.
 *
 * @param[in] n     Client.
 * @param[in] spec  As for sock_nntp_stat().
 * @return As sock_nntp_article().
 * @par Errors
 * As sock_nntp_article().
 * @par Deviation
 * As of sock_nntp_article().
 * @see sock_nntp_article(), sock_nntp_head().
 * @par Example
 * @snippet nntp.c article
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_lines_t *sock_nntp_body(sock_nntp_t *n,
                                                     const char *spec);

/**
 * @brief Hand an article, its head or its body, on as it arrives.
 *
 * Corresponds to Python's `NNTP.article(message_spec, file=file)`, and so
 * `head` and `body`.
 *
 * @param[in] n     Client.
 * @param[in] verb  `"ARTICLE"`, `"HEAD"` or `"BODY"`, in any case of letters.
 * @param[in] spec  As for sock_nntp_stat().
 * @param[in] sink  Where it goes to, with CRLF at the end of each line.
 * @return 0; -1 on error.
 * @par Errors
 * As sock_nntp_login(); #SOCK_E_VALUE (another verb), #SOCK_E_CANCELLED and
 * what the sink records.
 * @see sock_nntp_article(), sock_sink_fd(), sock_sink_file().
 * @par Example
 * @snippet nntp.c read
 * @since 0.3.0
 */
SOCK_API int sock_nntp_read(sock_nntp_t *n, const char *verb, const char *spec,
                            sock_sink_t sink);

/**
 * @brief Look over articles: who wrote when about what.
 *
 * Corresponds to Python's `NNTP.over(message_spec)`, and with a range to
 * `NNTP.xover(start, end)`. `OVER` is asked if the server says that it knows
 * it, else `XOVER`. Which fields it has is asked once, by `LIST OVERVIEW.FMT`.
 *
 * @param[in] n     Client.
 * @param[in] spec  A range, a message id, or NULL for the current article.
 * @return A list, to be ended by sock_nntp_overview_free(); NULL on error.
 * @par Errors
 * As sock_nntp_login(); #SOCK_E_PROTOCOL, too, of an overview that is not what
 * RFC 3977 says, or without the seven fields that each has.
 * @par Deviation
 * An article that lacks one of these fields is an error. Fields besides are
 * values in the order of their names, in place of a dictionary.
 * @see sock_nntp_hdr(), sock_nntp_group().
 * @par Example
 * @snippet nntp.c overview
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_nntp_overview_t *sock_nntp_over(sock_nntp_t *n,
                                                             const char *spec);

/**
 * @brief End an overview.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  Object; NULL does nothing.
 * @see sock_nntp_over().
 * @par Example
 * @snippet nntp.c overview
 * @since 0.3.0
 */
SOCK_API void sock_nntp_overview_free(sock_nntp_overview_t *list);

/**
 * @brief Read one field of articles.
 *
 * Corresponds to Python's `NNTP.xhdr(hdr, str)`.
 *
 * @param[in] n       Client.
 * @param[in] header  Its name, such as `"Subject"`.
 * @param[in] range   As for sock_nntp_over().
 * @return A list, to be ended by sock_nntp_values_free(); NULL on error.
 * @par Errors
 * As sock_nntp_login().
 * @par Deviation
 * `HDR` is asked if the server says that it knows it, else `XHDR`, which Python
 * always asks. A line without a number is all value, and its number 0.
 * @see sock_nntp_over().
 * @par Example
 * @snippet nntp.c hdr
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_nntp_values_t *sock_nntp_hdr(sock_nntp_t *n,
                                                          const char *header,
                                                          const char *range);

/**
 * @brief End a list of values.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  Object; NULL does nothing.
 * @see sock_nntp_hdr().
 * @par Example
 * @snippet nntp.c hdr
 * @since 0.3.0
 */
SOCK_API void sock_nntp_values_free(sock_nntp_values_t *list);

/**
 * @brief Post an article.
 *
 * Corresponds to Python's `NNTP.post(data)`. Lines may end in CR, LF or CRLF;
 * dots are seen to.
 *
 * @param[in] n       Client.
 * @param[in] source  Where the article comes from, head and body.
 * @return 0; -1 on error. One that the source has failed closes the session:
 *         what was sent of an article can't be taken back.
 * @par Errors
 * As sock_nntp_login(); #SOCK_E_CANCELLED and what the source records.
 * @par Deviation
 * In Python a bare CR that comes out of a file goes out as it is.
 * @see sock_nntp_ihave(), sock_source_memory(), sock_source_file(),
 *      sock_message_date().
 * @par Example
 * @snippet nntp.c post
 * @since 0.3.0
 */
SOCK_API int sock_nntp_post(sock_nntp_t *n, sock_source_t source);

/**
 * @brief Offer an article that others have posted.
 *
 * Corresponds to Python's `NNTP.ihave(message_id, data)`.
 *
 * @param[in] n           Client.
 * @param[in] message_id  Of the article.
 * @param[in] source      As for sock_nntp_post().
 * @return As sock_nntp_post(); that the server does not want it is an error,
 *         too.
 * @par Errors
 * As sock_nntp_post().
 * @par Deviation
 * As of sock_nntp_post().
 * @see sock_nntp_post().
 * @par Example
 * @snippet nntp.c ihave
 * @since 0.3.0
 */
SOCK_API int sock_nntp_ihave(sock_nntp_t *n, const char *message_id,
                             sock_source_t source);

/**
 * @brief Say goodbye, and close the session.
 *
 * Corresponds to Python's `NNTP.quit()`. The object is still to be freed.
 *
 * @param[in] n  Client.
 * @return 0; -1 on error, and it is closed, too.
 * @par Errors
 * As sock_nntp_login().
 * @see sock_nntp_free().
 * @par Example
 * @snippet nntp.c overview
 * @since 0.3.0
 */
SOCK_API int sock_nntp_quit(sock_nntp_t *n);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
