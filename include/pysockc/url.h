/* SPDX-License-Identifier: MIT */
/**
 * @file url.h
 * @brief URLs: taking them apart, joining and quoting them, and queries.
 */
#ifndef PYSOCKC_URL_H
#define PYSOCKC_URL_H

#include <stddef.h>

#include <pysockc/export.h>

/**
 * @defgroup url URLs and queries
 * @brief URLs: taking them apart, joining and quoting them, and queries.
 *
 * Python's `urllib.parse`, and `html.escape()`. A URL is taken apart once, and
 * what is absent is told from what is empty:
 *
 * @snippet url.c urlsplit
 *
 * |              | absent | empty           |
 * |--------------|--------|-----------------|
 * | `scheme`     | NULL   | cannot be       |
 * | `netloc`     | NULL   | `""`: `file:///x` |
 * | `path`       | `""`   | `""`            |
 * | `params`     | NULL   | `""`: `x;`      |
 * | `query`      | NULL   | `""`: `x?`      |
 * | `fragment`   | NULL   | `""`: `x#`      |
 * | `username`   | NULL   | `""`: `//@h`    |
 * | `password`   | NULL   | `""`: `//u:@h`  |
 * | `hostname`   | NULL   | NULL: `//:80`   |
 * | `port`       | -1     | -1: `//h:`      |
 *
 * So sock_urlunsplit() gives back what sock_urlsplit() was given. The form that
 * RFC 3986 has for a URL asks sock_url_check() for; sock_urlsplit() takes
 * whatever Python takes.
 *
 * Texts are bytes: ASCII, and UTF-8 where there is more. A function that makes
 * one takes a buffer and its size, returns the length of the text without its
 * NUL, and writes all of it or the empty string: with NULL and 0 it measures.
 * @{
 */

/** The parts of a URL. What sock_urlsplit() makes is one allocation; one to be
 * put together by sock_urlunsplit() may be a program's own, all that is not
 * named zeroed. */
typedef struct sock_url {
    const char *scheme;   /**< Such as `"http"`, in lower case. */
    const char *netloc;   /**< All between `//` and the path. */
    const char *path;     /**< The path, as it was; never NULL. */
    const char *params;   /**< From sock_urlparse() only: what followed `;` in
                               the last segment of the path. */
    const char *query;    /**< What followed `?`. */
    const char *fragment; /**< What followed `#`. */
    const char *username; /**< Of netloc, as it was: see sock_unquote(). */
    const char *password; /**< Of netloc, as it was: see sock_unquote(). */
    const char *hostname; /**< Of netloc, in lower case (but for the zone of an
                               address), without the brackets of an address. */
    int port;             /**< Of netloc, 0 to 65535; -1: none is given. */
    int reserved[5];      /**< Zero. */
} sock_url_t;

/** Fields, each a name and a value, in order. Opaque. */
typedef struct sock_query sock_query_t;

/** How queries are read and written. */
enum sock_query_flags {
    SOCK_QUERY_KEEP_BLANK = 1, /**< Read: keep fields without a value, Python's
                                    `keep_blank_values`. */
    SOCK_QUERY_STRICT = 2,     /**< Read: a field without `=` is an error,
                                    Python's `strict_parsing`. */
    SOCK_QUERY_SEMICOLON = 4,  /**< Read: `;` separates as `&` does, as in
                                    Python 2. */
    SOCK_QUERY_QUOTE = 8       /**< Written: a blank is `%20` and not `+`,
                                    Python's `quote_via=quote`. */
};

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Take a URL apart.
 *
 * Corresponds to Python's `urllib.parse.urlsplit()`. As there, controls and
 * blanks before it are passed over, and TAB, CR and LF anywhere within it.
 * Whatever has no scheme and no `//` is a path: no URL is too odd, but one
 * whose host or port cannot be.
 *
 * What connects to a URL must take the host from `hostname` and nowhere else:
 * what lies between `//` and the path may be written so that readers differ.
 *
 * @param[in] url  URL, absolute or relative.
 * @return A new object, to be ended by sock_url_free(); NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (a port that is no number up to 65535, brackets that enclose no
 * IPv6 address, a host with a character that NFKC makes a delimiter),
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * The port is checked at once. No default for the scheme, and fragments are
 * always split off: both are fields to be set or put together again. Letters
 * beyond ASCII stay as they are.
 * @see sock_urlparse(), sock_urlunsplit(), sock_url_check(), sock_url_free().
 * @par Example
 * @snippet url.c urlsplit
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_url_t *sock_urlsplit(const char *url);

/**
 * @brief Take a URL apart, with the parameters of its last segment.
 *
 * Corresponds to Python's `urllib.parse.urlparse()`: sock_urlsplit(), and
 * `params` is cut from the path of the schemes that had them, of the last
 * segment alone. New programs want sock_urlsplit().
 *
 * @param[in] url  URL, absolute or relative.
 * @return A new object, to be ended by sock_url_free(); NULL on error.
 * @par Errors
 * As sock_urlsplit().
 * @see sock_urlsplit(), sock_urlunsplit().
 * @par Example
 * @snippet url.c urlparse
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_url_t *sock_urlparse(const char *url);

/**
 * @brief Free a URL that was taken apart.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] url  What sock_urlsplit() or sock_urlparse() made; NULL does
 *                 nothing.
 * @see sock_urlsplit(), sock_urlparse().
 * @par Example
 * See sock_urlsplit().
 * @since 0.3.0
 */
SOCK_API void sock_url_free(sock_url_t *url);

/**
 * @brief Whether a text is a URL as RFC 3986 has them.
 *
 * Not in Python. Strictly by the grammar of its `URI-reference`, so that a
 * relative one will do: nothing is passed over, what is not ASCII must be
 * quoted, `%` has two digits behind it, brackets enclose an address, a zone
 * has no place there, and a port is at most 65535. The text of the error says
 * what is wrong, and where.
 *
 * @param[in] url  Text.
 * @return 0 if it is; -1 if not, or on error.
 * @par Errors
 * #SOCK_E_VALUE (it is none), #SOCK_E_TYPE.
 * @see sock_urlsplit(), sock_quote().
 * @par Example
 * @snippet url.c url_check
 * @since 0.3.0
 */
SOCK_API int sock_url_check(const char *url);

/**
 * @brief Put a URL together.
 *
 * Corresponds to Python's `urllib.parse.urlunsplit()` and `urlunparse()`. The
 * inverse of sock_urlsplit() and of sock_urlparse(): what they took apart comes
 * out as it went in, but for the case of the scheme and for what they pass
 * over. `username`, `password`, `hostname` and `port` are not looked at.
 *
 * Nothing is quoted. A path that would be read as something else is kept one:
 * with `//` before it if it begins so, with `/` before it behind a host, with
 * `./` before it where it begins as with a scheme or with a blank.
 *
 * @param[in]  url   Parts.
 * @param[out] buf   The text; may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OVERFLOW (over INT_MAX bytes).
 * @par Deviation
 * In Python an empty `?` and an empty `#` are lost, and `http:` becomes
 * `http://`.
 * @see sock_urlsplit(), sock_urlparse(), sock_urljoin().
 * @par Example
 * @snippet url.c urlunsplit
 * @since 0.3.0
 */
SOCK_API int sock_urlunsplit(const sock_url_t *url, char *buf, size_t size);

/**
 * @brief What a reference means in a document.
 *
 * Corresponds to Python's `urllib.parse.urljoin()`, by RFC 3986 5.2: `base` is
 * the URL of the document, `url` what stands in it. Where neither is absolute,
 * nor is the result.
 *
 * @param[in]  base  URL to begin from.
 * @param[in]  url   Reference, absolute or relative.
 * @param[out] buf   The text; may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * As sock_urlsplit(), of either; #SOCK_E_OVERFLOW (over INT_MAX bytes).
 * @par Deviation
 * Exactly the RFC: any scheme will do, empty segments stay, an empty `?`
 * counts, an empty reference is the base without its fragment, and `http:g` is
 * a URL.
 * @see sock_urlsplit(), sock_urldefrag().
 * @par Example
 * @snippet url.c urljoin
 * @since 0.3.0
 */
SOCK_API int sock_urljoin(const char *base, const char *url, char *buf,
                          size_t size);

/**
 * @brief A URL without its fragment.
 *
 * Corresponds to Python's `urllib.parse.urldefrag()`, which gives the fragment,
 * too: sock_urlsplit() does.
 *
 * @param[in]  url   URL.
 * @param[out] buf   The text; may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * As sock_urlsplit(); #SOCK_E_OVERFLOW (over INT_MAX bytes).
 * @see sock_urlsplit(), sock_urljoin().
 * @par Example
 * @snippet url.c urldefrag
 * @since 0.3.0
 */
SOCK_API int sock_urldefrag(const char *url, char *buf, size_t size);

/**
 * @brief Whether two URLs have one origin.
 *
 * Not in Python. The origin (RFC 6454) is the scheme, the host and the port,
 * which is that of the scheme where none is given (`http`, `https`, `ws`,
 * `wss`, `ftp`). Case makes no difference; how an address is written does. What
 * has no host, as `file:`, has no origin either.
 *
 * @param[in] a  URL.
 * @param[in] b  Another one.
 * @return 1 if they have, 0 if not; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_urlsplit(), sock_urljoin().
 * @par Example
 * @snippet url.c same_origin
 * @since 0.3.0
 */
SOCK_API int sock_url_same_origin(const sock_url_t *a, const sock_url_t *b);

/**
 * @brief Quote a text for the path of a URL.
 *
 * Corresponds to Python's `urllib.parse.quote()`: each byte becomes a percent
 * sign and two hex digits, but for letters, digits, `_.-~`, and those of
 * `safe`.
 *
 * @param[in]  text  Text, whatever its bytes.
 * @param[in]  safe  Further bytes to keep, those beyond ASCII not counted; NULL
 *                   is Python's default, `"/"`.
 * @param[out] buf   The text; may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OVERFLOW (over INT_MAX bytes).
 * @see sock_quote_plus(), sock_quote_from_bytes(), sock_unquote().
 * @par Example
 * @snippet url.c quote
 * @since 0.3.0
 */
SOCK_API int sock_quote(const char *text, const char *safe, char *buf,
                        size_t size);

/**
 * @brief Quote a text for a query.
 *
 * Corresponds to Python's `urllib.parse.quote_plus()`: sock_quote(), and a
 * blank becomes `+`.
 *
 * @param[in]  text  Text, whatever its bytes.
 * @param[in]  safe  Further bytes to keep; NULL is Python's default, `""`.
 * @param[out] buf   The text; may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OVERFLOW (over INT_MAX bytes).
 * @see sock_quote(), sock_unquote_plus(), sock_urlencode().
 * @par Example
 * @snippet url.c quote
 * @since 0.3.0
 */
SOCK_API int sock_quote_plus(const char *text, const char *safe, char *buf,
                             size_t size);

/**
 * @brief Quote bytes, a NUL among them.
 *
 * Corresponds to Python's `urllib.parse.quote_from_bytes()`.
 *
 * @param[in]  data  Bytes; may be NULL if len is 0.
 * @param[in]  len   Their number.
 * @param[in]  safe  As of sock_quote().
 * @param[out] buf   The text; may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OVERFLOW (over INT_MAX bytes).
 * @see sock_quote(), sock_unquote_to_bytes().
 * @par Example
 * @snippet url.c bytes
 * @since 0.3.0
 */
SOCK_API int sock_quote_from_bytes(const void *data, size_t len,
                                   const char *safe, char *buf, size_t size);

/**
 * @brief Undo sock_quote().
 *
 * Corresponds to Python's `urllib.parse.unquote()`. A `%` without two hex
 * digits behind it stays. As in Python, quoted bytes that are not UTF-8 become
 * U+FFFD; others beyond ASCII stay as they are.
 *
 * @param[in]  text  Quoted text.
 * @param[out] buf   The text; may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (`%00`), #SOCK_E_TYPE, #SOCK_E_OVERFLOW (over INT_MAX bytes).
 * @par Deviation
 * `%00` is an error: a text of C would end there, and be another one.
 * @see sock_unquote_plus(), sock_unquote_to_bytes(), sock_quote().
 * @par Example
 * @snippet url.c unquote
 * @since 0.3.0
 */
SOCK_API int sock_unquote(const char *text, char *buf, size_t size);

/**
 * @brief Undo sock_quote_plus().
 *
 * Corresponds to Python's `urllib.parse.unquote_plus()`: sock_unquote(), and
 * `+` is a blank.
 *
 * @param[in]  text  Quoted text.
 * @param[out] buf   The text; may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * As sock_unquote().
 * @par Deviation
 * `%00` is an error.
 * @see sock_unquote(), sock_quote_plus(), sock_parse_qs().
 * @par Example
 * @snippet url.c unquote
 * @since 0.3.0
 */
SOCK_API int sock_unquote_plus(const char *text, char *buf, size_t size);

/**
 * @brief Undo quoting, whatever bytes there are.
 *
 * Corresponds to Python's `urllib.parse.unquote_to_bytes()`.
 *
 * @param[in]  text  Quoted text.
 * @param[out] buf   The bytes, without a NUL behind them: all of them or none;
 *                   may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The number of bytes; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OVERFLOW (over INT_MAX bytes).
 * @see sock_unquote(), sock_quote_from_bytes().
 * @par Example
 * @snippet url.c bytes
 * @since 0.3.0
 */
SOCK_API int sock_unquote_to_bytes(const char *text, void *buf, size_t size);

/**
 * @brief Take a query apart.
 *
 * Corresponds to Python's `urllib.parse.parse_qs()` and `parse_qsl()`: the
 * fields in their order, which sock_query_get() finds by name, and
 * sock_query_at() by number. Names and values are unquoted, as by
 * sock_unquote_plus().
 *
 * @param[in] query  Query, such as a URL's, or a form's body.
 * @param[in] flags  #SOCK_QUERY_KEEP_BLANK, #SOCK_QUERY_STRICT and
 *                   #SOCK_QUERY_SEMICOLON, or 0.
 * @param[in] max    Python's `max_num_fields`: most fields, empty ones counted;
 *                   0 is None, no limit. Give one to what comes from outside.
 * @return A new object, to be ended by sock_query_free(); NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (a field that is not allowed, too many, `%00`, unknown flags),
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @par Deviation
 * `%00` is an error.
 * @see sock_query_get(), sock_query_at(), sock_urlencode(), sock_query_free().
 * @par Example
 * @snippet url.c parse_qs
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_query_t *sock_parse_qs(const char *query,
                                                    int flags, size_t max);

/**
 * @brief Begin a list of fields.
 *
 * Corresponds to the empty list of Python's that `urllib.parse.urlencode()` is
 * to be given.
 *
 * @return A new object, to be ended by sock_query_free(); NULL on error.
 * @par Errors
 * #SOCK_E_MEMORY.
 * @see sock_query_add(), sock_urlencode(), sock_query_free().
 * @par Example
 * @snippet url.c urlencode
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_query_t *sock_query_new(void);

/**
 * @brief Add a field.
 *
 * Corresponds to Python's `append((name, value))` to such a list. A name may be
 * there several times, as with `doseq`. What sock_query_get() and
 * sock_query_at() gave before must not be used any more.
 *
 * @param[in] q      Fields.
 * @param[in] name   Name, unquoted; copied.
 * @param[in] value  Value, unquoted; copied.
 * @return 0; -1 on error, and the fields are as they were.
 * @par Errors
 * #SOCK_E_MEMORY, #SOCK_E_TYPE.
 * @see sock_query_new(), sock_urlencode().
 * @par Example
 * @snippet url.c urlencode
 * @since 0.3.0
 */
SOCK_API int sock_query_add(sock_query_t *q, const char *name,
                            const char *value);

/**
 * @brief The value of a field.
 *
 * Corresponds to `parse_qs(query)[name][i]` in Python. It looks through the
 * fields: to see all of them, sock_query_at() is the way.
 *
 * @param[in] q     Fields.
 * @param[in] name  Name, unquoted.
 * @param[in] i     Which of that name, from 0 on.
 * @return The value, which is the object's and stays until that changes or
 * ends. NULL if there is none, which is no error: errno and the record stay as
 * they were; NULL on error, too.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_query_at(), sock_parse_qs().
 * @par Example
 * @snippet url.c parse_qs
 * @since 0.3.0
 */
SOCK_API const char *sock_query_get(const sock_query_t *q, const char *name,
                                    size_t i);

/**
 * @brief A field by its number.
 *
 * Corresponds to `parse_qsl(query)[i]` in Python.
 *
 * @param[in]  q      Fields.
 * @param[in]  i      Number, from 0 on.
 * @param[out] name   Its name, or NULL. Both are the object's, and stay until
 *                    that changes or ends.
 * @param[out] value  Its value, or NULL.
 * @return 1; 0 if there are no more, and nothing is written; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_query_get(), sock_parse_qs().
 * @par Example
 * @snippet url.c query_at
 * @since 0.3.0
 */
SOCK_API int sock_query_at(const sock_query_t *q, size_t i, const char **name,
                           const char **value);

/**
 * @brief Free a list of fields.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] q  Fields; NULL does nothing.
 * @see sock_parse_qs(), sock_query_new().
 * @par Example
 * See sock_parse_qs().
 * @since 0.3.0
 */
SOCK_API void sock_query_free(sock_query_t *q);

/**
 * @brief Make a query of fields.
 *
 * Corresponds to Python's `urllib.parse.urlencode()` of a list of pairs, which
 * with `doseq` any dictionary of lists can be written as.
 *
 * @param[in]  q      Fields.
 * @param[in]  flags  #SOCK_QUERY_QUOTE or 0.
 * @param[out] buf    The text; may be NULL if size is 0.
 * @param[in]  size   Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (unknown flags), #SOCK_E_TYPE, #SOCK_E_OVERFLOW (over INT_MAX
 * bytes).
 * @see sock_query_new(), sock_query_add(), sock_parse_qs(), sock_quote_plus().
 * @par Example
 * @snippet url.c urlencode
 * @since 0.3.0
 */
SOCK_API int sock_urlencode(const sock_query_t *q, int flags, char *buf,
                            size_t size);

/**
 * @brief Make a text one that HTML shows as it is.
 *
 * Corresponds to Python's `html.escape()`, with its default `quote=True`: `&`,
 * `<`, `>` and both kinds of quotes become entities, so that it may stand
 * between tags and between the quotes of an attribute.
 *
 * @param[in]  text  Text.
 * @param[out] buf   The text; may be NULL if size is 0.
 * @param[in]  size  Size of buf in bytes.
 * @return The length of the text; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_OVERFLOW (over INT_MAX bytes).
 * @see sock_quote().
 * @par Example
 * @snippet url.c html_escape
 * @since 0.3.0
 */
SOCK_API int sock_html_escape(const char *text, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
