/* SPDX-License-Identifier: MIT */
/**
 * @file headers.h
 * @brief The fields of a head: of HTTP, of mail, of a form's parts.
 */
#ifndef PYSOCKC_HEADERS_H
#define PYSOCKC_HEADERS_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/export.h>

/**
 * @defgroup headers Header fields
 * @brief The fields of a head: of HTTP, of mail, of a form's parts.
 *
 * Names and values in their order, as Python's `http.client.HTTPMessage` has
 * them. A name may be there several times, and is looked for without regard to
 * the case of ASCII's letters.
 *
 * @snippet headers.c object
 *
 * What is added is checked: a name is a token, a value has no control character
 * but the tab. So no text of a user's, whatever it is, makes one field two.
 *
 * A `const char *` that a function gives is part of the object, and good until
 * the object is changed or ends. It may be given back to the object that it is
 * part of. An object is for one thread at a time.
 * @{
 */

/** Fields, each a name and a value, in order. Opaque. */
typedef struct sock_headers sock_headers_t;

/** How a text is read by sock_headers_parse(). */
enum sock_headers_flag {
    SOCK_HEADERS_HTTP = 0, /**< As strictly as a server reads a request: lines
                                end in CR LF, none is folded. */
    SOCK_HEADERS_MAIL = 1 /**< Lines may end in LF and be folded, and names have
                               any visible character but the colon: mail, parts
                               of forms, output of CGI scripts. */
};

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Make an object without fields.
 *
 * Corresponds to Python's `http.client.HTTPMessage()`.
 *
 * @return A new object, to be ended by sock_headers_free(); NULL on error.
 * @par Errors
 * #SOCK_E_MEMORY.
 * @see sock_headers_free(), sock_headers_add(), sock_headers_parse().
 * @par Example
 * @snippet headers.c object
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_headers_t *sock_headers_new(void);

/**
 * @brief Read fields from a text.
 *
 * Corresponds to Python's `http.client.parse_headers(fp)` and
 * `email.message_from_bytes()`. The blank line that ends the fields, and what
 * follows it, are left; the end of the text stands for a blank line, and with
 * #SOCK_HEADERS_HTTP the last field still ends in its CR LF. A value of
 * several lines (#SOCK_HEADERS_MAIL) becomes one, with a blank between the
 * lines.
 *
 * @param[in] data   Text; it may have NUL bytes, which are refused.
 * @param[in] len    Its bytes.
 * @param[in] flags  One of #sock_headers_flag.
 * @return A new object, to be ended by sock_headers_free(); NULL on error.
 * @par Errors
 * #SOCK_E_PROTOCOL (#SOCK_P_SYNTAX: a line that is no field, or has a byte that
 * may not be there; #SOCK_P_TOO_LARGE: over 512 MiB), #SOCK_E_VALUE (flags),
 * #SOCK_E_TYPE, #SOCK_E_MEMORY.
 * @par Deviation
 * A line that is no field is an error; Python takes it, and all that follows,
 * for the body. A lone CR does not end a line. There is no limit of 100 fields.
 * @see sock_headers_new(), sock_headers_free(), sock_headers_text().
 * @par Example
 * @snippet headers.c parse
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_headers_t *sock_headers_parse(const char *data,
                                                           size_t len,
                                                           int flags);

/**
 * @brief End an object.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] h  Fields; NULL does nothing.
 * @see sock_headers_new(), sock_headers_parse().
 * @par Example
 * @snippet headers.c object
 * @since 0.3.0
 */
SOCK_API void sock_headers_free(sock_headers_t *h);

/**
 * @brief Add a field, behind all others.
 *
 * Corresponds to Python's `h.add_header(name, value)`, and to `h[name] =
 * value`, which adds as well. Blanks around the value are left out.
 *
 * @param[in] h      Fields.
 * @param[in] name   A token: letters, digits, ``!#$%&'*+-.^_`|~``.
 * @param[in] value  Visible characters, blanks, tabs, bytes over 127; may be
 *                   empty.
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * #SOCK_E_VALUE (a name or value that cannot be one), #SOCK_E_TYPE,
 * #SOCK_E_MEMORY.
 * @par Deviation
 * A value cannot fold: CR and LF are refused even where a blank follows.
 * Parameters are part of the value.
 * @see sock_headers_set(), sock_headers_remove(), sock_headers_get().
 * @par Example
 * @snippet headers.c object
 * @since 0.3.0
 */
SOCK_API int sock_headers_add(sock_headers_t *h, const char *name,
                              const char *value);

/**
 * @brief Set a field: there is one of that name then.
 *
 * Corresponds to Python's `h.replace_header(name, value)`, and to `del h[name]`
 * and `h[name] = value`. It takes the place of the first of that name, the
 * others go; where there is none it is added.
 *
 * @param[in] h      Fields.
 * @param[in] name   As for sock_headers_add().
 * @param[in] value  As for sock_headers_add().
 * @return 0; -1 on error, and nothing has changed.
 * @par Errors
 * As sock_headers_add().
 * @par Deviation
 * `h[name] = value` alone adds a field, in Python. replace_header() raises
 * KeyError where there is none, and leaves the others of that name.
 * @see sock_headers_add(), sock_headers_remove().
 * @par Example
 * @snippet headers.c set
 * @since 0.3.0
 */
SOCK_API int sock_headers_set(sock_headers_t *h, const char *name,
                              const char *value);

/**
 * @brief Take out all fields of a name.
 *
 * Corresponds to Python's `del h[name]`.
 *
 * @param[in] h     Fields.
 * @param[in] name  Name, in any case.
 * @return How many there were, 0 among them; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_headers_add(), sock_headers_set().
 * @par Example
 * @snippet headers.c set
 * @since 0.3.0
 */
SOCK_API int sock_headers_remove(sock_headers_t *h, const char *name);

/**
 * @brief The value of a field.
 *
 * Corresponds to Python's `h.get(name, failobj)` and `h[name]`. Of several the
 * first.
 *
 * @param[in] h          Fields.
 * @param[in] name       Name, in any case.
 * @param[in] otherwise  What to return where there is no such field; may be
 *                       NULL.
 * @return The value, part of the object, or `otherwise`; NULL on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_headers_get_all(), sock_headers_has(), sock_header_param().
 * @par Example
 * @snippet headers.c object
 * @since 0.3.0
 */
SOCK_API const char *sock_headers_get(const sock_headers_t *h, const char *name,
                                      const char *otherwise);

/**
 * @brief One of the values of a field that may be there several times.
 *
 * Corresponds to Python's `h.get_all(name)[i]`.
 *
 * @param[in] h     Fields.
 * @param[in] name  Name, in any case.
 * @param[in] i     Which of them, from 0 on.
 * @return The value, part of the object; NULL where there are no more, which is
 *         no error, and on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_headers_get(), sock_headers_at().
 * @par Example
 * @snippet headers.c get_all
 * @since 0.3.0
 */
SOCK_API const char *sock_headers_get_all(const sock_headers_t *h,
                                          const char *name, size_t i);

/**
 * @brief The name and the value of a field, by its number.
 *
 * Corresponds to Python's `h.items()[i]`.
 *
 * @param[in]  h      Fields.
 * @param[in]  i      Which, from 0 on.
 * @param[out] name   Its name, part of the object; may be NULL.
 * @param[out] value  Its value, part of the object; may be NULL.
 * @return 1; 0 where there are no more, which is no error, and then nothing is
 *         set; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_headers_line(), sock_headers_get_all().
 * @par Example
 * @snippet headers.c at
 * @since 0.3.0
 */
SOCK_API int sock_headers_at(const sock_headers_t *h, size_t i,
                             const char **name, const char **value);

/**
 * @brief A field as a line, `Name: value`, by its number.
 *
 * Corresponds to Python 2's `h.headers[i]`, without the end of its line.
 *
 * @param[in]  h     Fields.
 * @param[in]  i     Which, from 0 on.
 * @param[out] buf   Where to put the text, with a NUL.
 * @param[in]  size  Bytes of buf; with 0 it may be NULL.
 * @return The length of the text without its NUL, even where it does not fit
 * and the buffer has the empty string; 0 where there are no more, which is no
 * error; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_headers_at(), sock_headers_text().
 * @par Example
 * @snippet headers.c line
 * @since 0.3.0
 */
SOCK_API int sock_headers_line(const sock_headers_t *h, size_t i, char *buf,
                               size_t size);

/**
 * @brief All fields as one text.
 *
 * Corresponds to Python's `str(h)` and `h.as_string()`: a line for each, with
 * LF behind it, and a blank line.
 *
 * @param[in]  h     Fields.
 * @param[out] buf   Where to put the text, with a NUL.
 * @param[in]  size  Bytes of buf; with 0 it may be NULL.
 * @return The length of the text without its NUL, even where it does not fit
 * and the buffer has the empty string; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_headers_line(), sock_headers_parse().
 * @par Example
 * @snippet headers.c text
 * @since 0.3.0
 */
SOCK_API int sock_headers_text(const sock_headers_t *h, char *buf, size_t size);

/**
 * @brief Whether a field that is a list has a member.
 *
 * Not in Python. Members stand between commas; all fields of that name are one
 * list. They are compared as a whole, without regard to the case of ASCII's
 * letters. A comma in a quoted string separates nothing.
 *
 * @param[in] h      Fields.
 * @param[in] name   Name, in any case, such as `"Connection"`.
 * @param[in] token  Member, such as `"close"`.
 * @return 1 or 0; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_headers_get(), sock_header_param().
 * @par Example
 * @snippet headers.c has
 * @since 0.3.0
 */
SOCK_API int sock_headers_has(const sock_headers_t *h, const char *name,
                              const char *token);

/**
 * @brief A parameter of a value, or what stands before all of them.
 *
 * Corresponds to Python's `cgi.parse_header(line)`: of
 * `text/html; charset="utf-8"` the main value is `text/html`, and `charset` is
 * `utf-8`. Quotes around a value are left out, and in it the backslashes before
 * quotes and backslashes. Of several parameters of a name the last one counts.
 *
 * A parameter `key*` (RFC 8187: ``filename*=UTF-8''na%C3%AFve``) is preferred
 * to `key`, and made UTF-8, if its charset is UTF-8 or ISO-8859-1 and none of
 * its bytes is a control character's; else it counts for nothing. Its own text
 * is that of the key with the star.
 *
 * A name of a file that a peer has sent is no path yet: it may be `../x`.
 *
 * @param[in]  value  Value of a field.
 * @param[in]  key    Name of the parameter, in any case; NULL or `""`: the main
 *                    value.
 * @param[out] buf    Where to put the text, with a NUL.
 * @param[in]  size   Bytes of buf; with 0 it may be NULL.
 * @return The length of the text without its NUL, even where it does not fit
 * and the buffer has the empty string; -1 on error.
 * @par Errors
 * #SOCK_E_KEY (ENOENT: there is no such parameter), #SOCK_E_TYPE.
 * @par Deviation
 * Python leaves `key*` alone, and is out of step behind `"x\\"`.
 * @see sock_headers_get(), sock_headers_has().
 * @par Example
 * @snippet headers.c param
 * @since 0.3.0
 */
SOCK_API int sock_header_param(const char *value, const char *key, char *buf,
                               size_t size);

/**
 * @brief A time as HTTP writes it.
 *
 * Corresponds to Python's `BaseHTTPRequestHandler.date_time_string(timestamp)`
 * and `email.utils.formatdate(timestamp, usegmt=True)`: such as
 * `Sun, 06 Nov 1994 08:49:37 GMT`, always 29 bytes. No locale and no time zone
 * is looked at.
 *
 * @param[in]  time  Seconds since 1970, in UTC, of the years 1 to 9999.
 * @param[out] buf   Where to put the text, with a NUL.
 * @param[in]  size  Bytes of buf, at least 30; with 0 it may be NULL.
 * @return 29, even where it does not fit and the buffer has the empty string;
 * -1 on error.
 * @par Errors
 * #SOCK_E_VALUE (another year), #SOCK_E_TYPE.
 * @see sock_http_time().
 * @par Example
 * @snippet headers.c date
 * @since 0.3.0
 */
SOCK_API int sock_http_date(int64_t time, char *buf, size_t size);

/**
 * @brief Read a time as HTTP writes it.
 *
 * Corresponds to Python's `http.cookiejar.http2time(text)`. All three forms
 * that RFC 9110 5.6.7 has, and no others:
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT
 *     Sunday, 06-Nov-94 08:49:37 GMT
 *     Sun Nov  6 08:49:37 1994
 *
 * A year of two digits is the last one that lies no more than 50 years ahead.
 * The day of the week has to be one, but is not compared. A 61st second is the
 * next minute's first.
 *
 * @param[in]  text  Text.
 * @param[out] time  Seconds since 1970.
 * @return 0; -1 on error, and nothing is set.
 * @par Errors
 * #SOCK_E_VALUE (it is not a date of HTTP), #SOCK_E_TYPE.
 * @par Deviation
 * Python takes more forms, such as `6 Nov 94 08:49`, but not the third. Cookies
 * have rules of their own.
 * @see sock_http_date().
 * @par Example
 * @snippet headers.c date
 * @since 0.3.0
 */
SOCK_API int sock_http_time(const char *text, int64_t *time);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
