/* SPDX-License-Identifier: MIT */
/**
 * @file cookie.h
 * @brief Cookies: of one message, and a jar of them.
 */
#ifndef PYSOCKC_COOKIE_H
#define PYSOCKC_COOKIE_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>
#include <pysockc/headers.h>

/**
 * @defgroup cookie Cookies
 * @brief Cookies: of one message, and a jar of them.
 *
 * A server reads the cookies of a request, and adds some to its response, by a
 * sock_cookies_t, Python's `SimpleCookie`:
 *
 * @snippet cookie.c load
 *
 * A client keeps the cookies of all servers in a sock_cookiejar_t, Python's
 * `CookieJar`, which knows what to send to whom. An opener does that by itself
 * (sock_opener_set_cookiejar()); by hand it is
 *
 * @snippet cookie.c jar
 *
 * The jar goes by RFC 6265bis, and not by the rules of Netscape or of RFC 2965:
 *
 * | what              | how                                                  |
 * |-------------------|------------------------------------------------------|
 * | no `Domain`       | for that host alone                                  |
 * | another `Domain`  | not taken                                            |
 * | a public suffix   | not taken; of a host of that name, for it alone      |
 * | an address        | for that host alone                                  |
 * | no `Path`         | the folder of the URL's path                         |
 * | `Max-Age`         | counts beside `Expires`; 400 days at most            |
 * | twice the same    | the last one counts                                  |
 * | `Secure`          | sent to https alone; http neither sets nor hides it  |
 * | `__Secure-`, `__Host-` | kept to their promise, in any case of letters   |
 * | name and value    | 4096 bytes together, else not taken                  |
 * | an attribute      | 1024 bytes, else as if it were not there             |
 * | too many          | 50 of a domain, 3000 in all: the longest unused go   |
 * | `SameSite`        | kept, not asked: no page is behind a request         |
 *
 * Which domains are public suffixes, such as `co.uk`, is no rule but a list,
 * which ages: sock_cookiejar_suffix_file() reads one, sock_cookiejar_suffixes()
 * asks a function. Without either only a domain of one label is one.
 *
 * A sock_cookies_t is for one thread at a time, a jar for many.
 * @{
 */

/** Bytes of the longest domain of a cookie, with a NUL. */
#define SOCK_COOKIE_DOMAIN_MAX 256
/** Bytes of the longest path of a cookie, with a NUL. */
#define SOCK_COOKIE_PATH_MAX 1025
/** Bytes of the longest name of a cookie, and of the longest value, with a NUL;
 * the two together have 4096 at most. */
#define SOCK_COOKIE_TEXT_MAX 4097

/** What a cookie says of requests that come from other sites. */
enum sock_same_site {
    SOCK_SAME_SITE_DEFAULT = 0, /**< Nothing. */
    SOCK_SAME_SITE_NONE = 1,    /**< It goes with all. */
    SOCK_SAME_SITE_LAX = 2,     /**< It goes where a person follows a link. */
    SOCK_SAME_SITE_STRICT = 3   /**< It goes with none. */
};

/** Cookies by their names, and the attributes of each. Opaque. */
typedef struct sock_cookies sock_cookies_t;
/** Cookies of all servers. Opaque. */
typedef struct sock_cookiejar sock_cookiejar_t;

/** A cookie of a jar. A plain structure of fixed size, so it can be copied. */
typedef struct sock_cookie {
    int64_t expires;  /**< Seconds since 1970; 0: it ends with the session. */
    int64_t created;  /**< When it was first set. */
    int64_t accessed; /**< When it was last sent or set. */
    int host_only;    /**< 1 if it is for that host alone, 0: for those below
                           it, too. */
    int secure;       /**< 1 if it is for https alone. */
    int http_only;    /**< 1 if scripts must not see it. */
    int same_site;    /**< One of #sock_same_site. */
    int partitioned;  /**< 1 if it is for one embedding site alone. */
    int reserved[5];  /**< Zero. */
    char domain[SOCK_COOKIE_DOMAIN_MAX]; /**< Its host, in lower case, without a
                                              dot at its front. */
    char path[SOCK_COOKIE_PATH_MAX];     /**< Where its paths begin. */
    char name[SOCK_COOKIE_TEXT_MAX];     /**< Its name; may be empty. */
    char value[SOCK_COOKIE_TEXT_MAX];    /**< Its value; may be empty. */
} sock_cookie_t;

/**
 * @brief Says whether a domain is a public suffix.
 *
 * @param[in] domain  Domain, in lower case, with at least one dot in it and
 *                    none at its ends.
 * @param[in] arg     What sock_cookiejar_suffixes() was given.
 * @return 1: anyone may have a name below it, as below `co.uk`. 0: not.
 */
typedef int (*sock_suffix_fn)(const char *domain, void *arg);

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Make an empty set of cookies.
 *
 * Corresponds to Python's `http.cookies.SimpleCookie()`.
 *
 * @return A new object, to be ended by sock_cookies_free(); NULL on error.
 * @par Errors
 * #SOCK_E_MEMORY.
 * @see sock_cookies_load(), sock_cookies_set(), sock_cookies_free().
 * @par Example
 * @snippet cookie.c load
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_cookies_t *sock_cookies_new(void);

/**
 * @brief End a set of cookies.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] c  Cookies; NULL does nothing.
 * @see sock_cookies_new().
 * @par Example
 * @snippet cookie.c load
 * @since 0.3.0
 */
SOCK_API void sock_cookies_free(sock_cookies_t *c);

/**
 * @brief Add the cookies of a field.
 *
 * Corresponds to Python's `SimpleCookie.load(rawdata)`. The text is that of a
 * `Cookie` or of a `Set-Cookie` field: pairs, and behind a pair its attributes.
 * A value in quotes is decoded, `\"` and `\073`. A name that is there already
 * gets the new value, and keeps its attributes.
 *
 * @param[in,out] c     Cookies.
 * @param[in]     text  Text of the field.
 * @return How many pairs were taken; -1 on error, and nothing has changed.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * Each pair for itself: one that is none (no `=`, a name that can't be, a
 * control character) is passed over, where Python drops the whole field. Pairs
 * end at each semicolon, even inside quotes, and at no blank: a value of one
 * cookie can't swallow the next.
 * @see sock_cookies_get(), sock_cookies_at(), sock_cookies_get_attr().
 * @par Example
 * @snippet cookie.c load
 * @since 0.3.0
 */
SOCK_API int sock_cookies_load(sock_cookies_t *c, const char *text);

/**
 * @brief Set a cookie.
 *
 * Corresponds to Python's `cookies[name] = value`. What a field can't have as
 * it is goes out in quotes, as `\073`: a value may be any text.
 *
 * @param[in,out] c      Cookies.
 * @param[in]     name   Name: letters, digits, and ``!#$%&'*+-.^_`|~:``.
 * @param[in]     value  Value; may be empty.
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * #SOCK_E_VALUE (a name that can't be, or that is an attribute's),
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_cookies_set_attr(), sock_cookies_output().
 * @par Example
 * @snippet cookie.c output
 * @since 0.3.0
 */
SOCK_API int sock_cookies_set(sock_cookies_t *c, const char *name,
                              const char *value);

/**
 * @brief Set an attribute of a cookie.
 *
 * Corresponds to Python's `cookies[name][attr] = value`. The attributes are
 * `comment`, `domain`, `expires`, `httponly`, `max-age`, `partitioned`, `path`,
 * `samesite`, `secure` and `version`, in any case of their letters. `expires`
 * takes a date, or a number of seconds from the time of sock_cookies_output()
 * on.
 *
 * @param[in,out] c      Cookies.
 * @param[in]     name   Name of a cookie that is there.
 * @param[in]     attr   Name of the attribute.
 * @param[in]     value  Value; `""` takes the attribute away. Of `httponly`,
 *                       `partitioned` and `secure`, which have none, anything
 *                       else, NULL too, sets them.
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * #SOCK_E_KEY (ENOENT: no such cookie), #SOCK_E_VALUE (no such attribute; a
 * control character or a semicolon in the value), #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * The value is checked, so that it can't add a field or an attribute.
 * @see sock_cookies_set(), sock_cookies_get_attr().
 * @par Example
 * @snippet cookie.c output
 * @since 0.3.0
 */
SOCK_API int sock_cookies_set_attr(sock_cookies_t *c, const char *name,
                                   const char *attr, const char *value);

/**
 * @brief The value of a cookie.
 *
 * Corresponds to Python's `cookies[name].value`, and to `cookies.get(name)`.
 *
 * @param[in] c     Cookies.
 * @param[in] name  Name, whose case matters.
 * @return The value, decoded, until the cookies change; NULL: there is none,
 * and the error record is left alone. NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_cookies_at(), sock_cookies_get_attr().
 * @par Example
 * @snippet cookie.c load
 * @since 0.3.0
 */
SOCK_API const char *sock_cookies_get(const sock_cookies_t *c,
                                      const char *name);

/**
 * @brief An attribute of a cookie.
 *
 * Corresponds to Python's `cookies[name][attr]`.
 *
 * @param[in] c     Cookies.
 * @param[in] name  Name of a cookie.
 * @param[in] attr  Name of the attribute, in any case of its letters.
 * @return The value, until the cookies change; `"1"` of one that was set and
 * has none. NULL: there is no such cookie, or it has not this attribute, and
 *         the error record is left alone. NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (there is no such attribute), #SOCK_E_TYPE.
 * @see sock_cookies_set_attr(), sock_cookies_get().
 * @par Example
 * @snippet cookie.c attr
 * @since 0.3.0
 */
SOCK_API const char *sock_cookies_get_attr(const sock_cookies_t *c,
                                           const char *name, const char *attr);

/**
 * @brief One cookie after the other.
 *
 * Corresponds to Python's `cookies.items()`: in the order in which they came.
 *
 * @param[in]  c      Cookies.
 * @param[in]  i      Which, from 0 on.
 * @param[out] name   Its name, until the cookies change; NULL if not wanted.
 * @param[out] value  Its value, likewise.
 * @return 1; 0: there are no more. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_cookies_get().
 * @par Example
 * @snippet cookie.c at
 * @since 0.3.0
 */
SOCK_API int sock_cookies_at(const sock_cookies_t *c, size_t i,
                             const char **name, const char **value);

/**
 * @brief Add a `Set-Cookie` field for each cookie.
 *
 * Corresponds to Python's `cookies.output()`: in the order of the names, the
 * attributes in the order of theirs.
 *
 * @param[in]     c        Cookies.
 * @param[in,out] headers  What they are added to.
 * @return 0; -1 on error, and some may have been added.
 * @par Errors
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_cookies_set(), sock_headers_add().
 * @par Example
 * @snippet cookie.c output
 * @since 0.3.0
 */
SOCK_API int sock_cookies_output(const sock_cookies_t *c,
                                 sock_headers_t *headers);

/**
 * @brief Make an empty jar.
 *
 * Corresponds to Python's `http.cookiejar.CookieJar()` and
 * `MozillaCookieJar()`.
 *
 * @return A new object, to be ended by sock_cookiejar_free(); NULL on error.
 * @par Errors
 * #SOCK_E_MEMORY.
 * @see sock_cookiejar_extract(), sock_cookiejar_header(),
 *      sock_cookiejar_suffix_file(), sock_cookiejar_free().
 * @par Example
 * @snippet cookie.c jar
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_cookiejar_t *sock_cookiejar_new(void);

/**
 * @brief End a jar.
 *
 * Not in Python. Nothing is saved. No other thread may be in a call with it.
 * Leaves errno and the error record as they were.
 *
 * @param[in] j  Jar; NULL does nothing.
 * @see sock_cookiejar_new(), sock_cookiejar_save().
 * @par Example
 * @snippet cookie.c jar
 * @since 0.3.0
 */
SOCK_API void sock_cookiejar_free(sock_cookiejar_t *j);

/**
 * @brief Take the cookies of a response.
 *
 * Corresponds to Python's `CookieJar.extract_cookies(response, request)`. Of
 * each `Set-Cookie` field, by the rules above. One that has ended already takes
 * away what it would replace.
 *
 * @param[in,out] j        Jar.
 * @param[in]     url      URL of the request.
 * @param[in]     headers  Fields of the response.
 * @return How many fields were taken, the others broke a rule; -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no URL of a host), #SOCK_E_TYPE, #SOCK_E_MEMORY (those before
 * were taken).
 * @par Deviation
 * RFC 6265bis; `Set-Cookie2` is not read.
 * @see sock_cookiejar_header(), sock_cookiejar_at().
 * @par Example
 * @snippet cookie.c jar
 * @since 0.3.0
 */
SOCK_API int sock_cookiejar_extract(sock_cookiejar_t *j, const char *url,
                                    const sock_headers_t *headers);

/**
 * @brief The cookies for a request, as the value of its `Cookie` field.
 *
 * Corresponds to Python's `CookieJar.add_cookie_header(request)`: those of the
 * longest path first, then the oldest.
 *
 * @param[in,out] j     Jar.
 * @param[in]     url   URL of the request.
 * @param[out]    buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]     size  Bytes of @p buf.
 * @return Length of the text, 0: there are none for it; if it is @p size or
 *         more, @p buf is the empty string. -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (no URL of a host), #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_cookiejar_extract(), sock_opener_set_cookiejar().
 * @par Example
 * @snippet cookie.c jar
 * @since 0.3.0
 */
SOCK_API int sock_cookiejar_header(sock_cookiejar_t *j, const char *url,
                                   char *buf, size_t size);

/**
 * @brief One cookie of the jar after the other.
 *
 * Corresponds to Python's `for cookie in jar`: the oldest first, and none that
 * has ended. It is a copy, which other threads don't change; what they do to
 * the jar between two calls moves the numbers.
 *
 * @param[in]  j       Jar.
 * @param[in]  i       Which, from 0 on.
 * @param[out] cookie  The cookie.
 * @return 1; 0: there are no more. -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_cookiejar_clear().
 * @par Example
 * @snippet cookie.c at_jar
 * @since 0.3.0
 */
SOCK_API int sock_cookiejar_at(sock_cookiejar_t *j, size_t i,
                               sock_cookie_t *cookie);

/**
 * @brief Take cookies away.
 *
 * Corresponds to Python's `CookieJar.clear(domain, path, name)`: all; those of
 * a domain; those of a path of it; the one of that name there.
 *
 * @param[in,out] j       Jar.
 * @param[in]     domain  Domain, as sock_cookiejar_at() has it; NULL: all.
 * @param[in]     path    Path; NULL: all of the domain.
 * @param[in]     name    Name; NULL: all of the path.
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * #SOCK_E_KEY (ENOENT: there is none such), #SOCK_E_VALUE (a path without a
 * domain, a name without a path), #SOCK_E_TYPE.
 * @see sock_cookiejar_clear_session_cookies(), sock_cookiejar_at().
 * @par Example
 * @snippet cookie.c clear
 * @since 0.3.0
 */
SOCK_API int sock_cookiejar_clear(sock_cookiejar_t *j, const char *domain,
                                  const char *path, const char *name);

/**
 * @brief Take away what ends with the session.
 *
 * Corresponds to Python's `CookieJar.clear_session_cookies()`.
 *
 * @param[in,out] j  Jar.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_cookiejar_clear(), sock_cookiejar_save().
 * @par Example
 * @snippet cookie.c clear
 * @since 0.3.0
 */
SOCK_API int sock_cookiejar_clear_session_cookies(sock_cookiejar_t *j);

/**
 * @brief Write the cookies to a file.
 *
 * Corresponds to Python's `MozillaCookieJar.save(filename)`; in the format that
 * curl(1) and wget(1) have, too. Those that end with the session are left out,
 * and so are those with a tab in them, which the format can't hold, nor can it
 * hold their SameSite. The file is for its owner alone, mode 0600, and is whole
 * at each time: a new one is written beside it, and takes its place.
 *
 * @param[in] j     Jar.
 * @param[in] path  Path of the file.
 * @return 0; -1 on error, and the file is as it was.
 * @par Errors
 * #SOCK_E_OS, #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * The file is whole at each time; cookies with a tab are left out.
 * @see sock_cookiejar_load().
 * @par Example
 * @snippet cookie.c file
 * @since 0.3.0
 */
SOCK_API int sock_cookiejar_save(sock_cookiejar_t *j, const char *path);

/**
 * @brief Add the cookies of a file.
 *
 * Corresponds to Python's `MozillaCookieJar.load(filename)`. They replace those
 * of the same domain, path and name; those that have ended are left out, and so
 * is what no server could have set.
 *
 * @param[in,out] j     Jar.
 * @param[in]     path  Path of the file, which has a line `# Netscape HTTP
 *                      Cookie File` at its top.
 * @return 0; -1 on error, and the jar is as it was.
 * @par Errors
 * #SOCK_E_OS, #SOCK_E_PROTOCOL (it is no such file: #SOCK_P_SYNTAX, and the
 * text has the number of the line; or over 32 MiB: #SOCK_P_TOO_LARGE),
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * Cookies that end with the session are taken; of a bad file nothing is.
 * @see sock_cookiejar_save().
 * @par Example
 * @snippet cookie.c file
 * @since 0.3.0
 */
SOCK_API int sock_cookiejar_load(sock_cookiejar_t *j, const char *path);

/**
 * @brief Have a function say what public suffixes are.
 *
 * Not in Python, which takes a cookie for `co.uk`. It is asked when a cookie is
 * set, by the thread that does so, and may call the jar.
 *
 * @param[in,out] j    Jar.
 * @param[in]     fn   Function; NULL: no one is asked, nor is a list.
 * @param[in]     arg  What it is given.
 * @return 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_cookiejar_suffix_file().
 * @par Example
 * @snippet cookie.c suffixes
 * @since 0.3.0
 */
SOCK_API int sock_cookiejar_suffixes(sock_cookiejar_t *j, sock_suffix_fn fn,
                                     void *arg);

/**
 * @brief Have a list say what public suffixes are.
 *
 * Not in Python. In the format of publicsuffix.org: a rule a line, with `*` for
 * any label and `!` before what is none; comments begin with `//`. Debian's
 * package publicsuffix has it as
 * `/usr/share/publicsuffix/public_suffix_list.dat`. It is read once.
 *
 * @param[in,out] j     Jar.
 * @param[in]     path  Path of the file.
 * @return 0; -1 on error, and what was set before holds.
 * @par Errors
 * #SOCK_E_OS, #SOCK_E_PROTOCOL (no text in UTF-8, no rule in it, or over 32
 * MiB), #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @see sock_cookiejar_suffixes().
 * @par Example
 * @snippet cookie.c suffix_file
 * @since 0.3.0
 */
SOCK_API int sock_cookiejar_suffix_file(sock_cookiejar_t *j, const char *path);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
