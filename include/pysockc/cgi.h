/* SPDX-License-Identifier: MIT */
/**
 * @file cgi.h
 * @brief Forms: what a browser has sent to a CGI script or to a handler.
 */
#ifndef PYSOCKC_CGI_H
#define PYSOCKC_CGI_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pysockc/export.h>
#include <pysockc/headers.h>
#include <pysockc/url.h>

/**
 * @defgroup cgi Forms
 * @brief What a browser has sent to a CGI script or to a handler.
 *
 * A form is read whole, and checked: one that is cut short or over a limit is
 * an error, and so are forms that readers understand in different ways. Files
 * go to temporary files, so that a form takes little memory.
 *
 * What a form has, its method and its type say:
 *
 * - of GET and HEAD, the fields of the URL's query;
 * - of `application/x-www-form-urlencoded`, and of a POST without a type, the
 *   fields of the body, and after them those of the query;
 * - of `multipart/form-data`, and of any other `multipart/`, the fields of the
 *   query, and after them the parts;
 * - of any other type, the body as one field without a name.
 *
 * A form belongs to one thread at a time. Texts are as they were sent, in the
 * page's encoding, which nowadays is UTF-8. What is shown in a page again must
 * go through sock_html_escape().
 *
 * @snippet cgi.c cgi_form
 * @{
 */

/** What was sent with a form. */
typedef struct sock_form sock_form_t;

/** What a form may have, and how it is read. Zeroed but for its size, it is
 * what NULL stands for. Python has no limits but `max_num_fields` and
 * `cgi.maxlen`. */
typedef struct sock_form_limits {
    size_t size;     /**< `sizeof` of this structure. */
    int flags;       /**< 0, or some of #sock_query_flags: `keep_blank_values`,
                          `strict_parsing`, `separator`. */
    int fields;      /**< Fields in all, files included; 0: 1000. Python's
                          `max_num_fields`. */
    int files;       /**< Files; 0: 100. */
    int lines;       /**< Lines of a part's head; 0: 20. */
    size_t head;     /**< Bytes of a part's head; 0: 8 KiB. */
    int64_t total;   /**< Bytes of the body; 0: 1 GiB. Python's `cgi.maxlen`. */
    size_t value;    /**< Bytes of a value that is no file; 0: 1 MiB. */
    size_t text;     /**< Bytes of all values that are no files, with the heads
                          of the parts; and of a body that is urlencoded, with
                          the query; 0: 8 MiB. */
    size_t memory;   /**< Bytes of a file that are kept in memory, more are in a
                          temporary file; 0: 1000, as Python has it. */
    int reserved[8]; /**< Zero. */
} sock_form_limits_t;

/** A field. What it points to ends with the form. */
typedef struct sock_form_item {
    const char *name;        /**< Its name, as sent; NULL, Python's None: it has
                                  none. */
    const char *value;       /**< What was sent, and a NUL behind it, which is
                                  the first one unless it is a file. NULL: it
                                  lies in a temporary file, which
                                  sock_form_file() reads, or it is several
                                  parts. */
    int64_t length;          /**< Bytes of what was sent. */
    const char *filename;    /**< The name of the file, as the sender has it:
                                  never a path to be opened here. NULL: it is no
                                  file. */
    const char *type;        /**< Of the part, such as `"text/plain"`, which is
                                  what a part without one is; or of the body.
                                  NULL: it is urlencoded. */
    const char *disposition; /**< Of the part, such as `"form-data"`; `""`
                                  if it has none. */
    const sock_headers_t *headers; /**< The part's head; NULL: it is no part. */
    int parent;      /**< The field of which this is one of several
                          parts; -1: of none. */
    int parts;       /**< 1 if it is several parts, which follow
                          it: Python's `list` of it; else 0. */
    int reserved[6]; /**< Zero. */
} sock_form_item_t;

struct sock_httpd_request; /* of httpd.h */

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Read the form that this program, a CGI script, was sent.
 *
 * Corresponds to Python's `cgi.FieldStorage()`, with the environment and
 * standard input. As there, without REQUEST_METHOD it is GET, so that a script
 * can be tried by hand. Of the body no more is read than CONTENT_LENGTH says;
 * without that, all.
 *
 * @param[in] limits  What it may have; NULL: the defaults.
 * @return A new object, to be ended by sock_form_free(); NULL on error.
 * @par Errors
 * #SOCK_E_EOF (the body, or the last of its parts, ends early);
 * #SOCK_E_PROTOCOL with #SOCK_P_TOO_LARGE (over a limit), #SOCK_P_SYNTAX or
 * #SOCK_P_FRAMING (CONTENT_LENGTH is no number), all of which the sender is to
 * be told as 400 or 413; #SOCK_E_OS (input, or the temporary file);
 * #SOCK_E_MEMORY; #SOCK_E_VALUE (limits).
 * @par Deviation
 * Python takes a form that is cut short, lines of multipart that end in LF
 * alone, and NUL inside of names and values.
 * @see sock_httpd_form(), sock_form_getfirst(), sock_form_at().
 * @par Example
 * @snippet cgi.c cgi_form
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_form_t *sock_cgi_form(
    const sock_form_limits_t *limits);

/**
 * @brief Read the form that a request has sent, in its handler.
 *
 * Not in Python, where `cgi.FieldStorage(fp=self.rfile, headers=self.headers)`
 * does it. It reads the whole body.
 *
 * @param[in] self    Request, whose body no one has read yet.
 * @param[in] limits  What it may have; NULL: the defaults.
 * @return A new object, to be ended by sock_form_free(); NULL on error.
 * @par Errors
 * Those of sock_cgi_form() and of sock_httpd_read(), #SOCK_E_TYPE.
 * @see sock_cgi_form(), sock_httpd_send_error().
 * @par Example
 * @snippet cgi.c httpd_form
 * @since 0.3.0
 */
SOCK_API SOCK_NODISCARD sock_form_t *sock_httpd_form(
    struct sock_httpd_request *self, const sock_form_limits_t *limits);

/**
 * @brief Free a form, and its temporary files.
 *
 * Not in Python, where it is collected. Leaves errno and the error record as
 * they were.
 *
 * @param[in] form  Form; NULL does nothing.
 * @see sock_cgi_form(), sock_httpd_form().
 * @par Example
 * See sock_cgi_form().
 * @since 0.3.0
 */
SOCK_API void sock_form_free(sock_form_t *form);

/**
 * @brief The first value of a name.
 *
 * Corresponds to Python's `FieldStorage.getfirst()`. Files are not among the
 * values, as they are no texts: sock_form_at() and sock_form_file() give them.
 *
 * @param[in] form       Form.
 * @param[in] name       Name of the field.
 * @param[in] otherwise  What to return if there is none; may be NULL.
 * @return The value, which ends with the form; NULL with #SOCK_E_TYPE if @p
 * form or @p name is NULL.
 * @see sock_form_getlist(), sock_form_at().
 * @par Example
 * @snippet cgi.c cgi_form
 * @since 0.3.0
 */
SOCK_API const char *sock_form_getfirst(const sock_form_t *form,
                                        const char *name,
                                        const char *otherwise);

/**
 * @brief One of the values of a name.
 *
 * Corresponds to Python's `FieldStorage.getlist(name)[i]`. Files are not among
 * them.
 *
 * @param[in] form  Form.
 * @param[in] name  Name of the field.
 * @param[in] i     Which one, from 0 on.
 * @return The value, which ends with the form; NULL if there are not so many,
 * or with #SOCK_E_TYPE if @p form or @p name is NULL.
 * @see sock_form_getfirst(), sock_form_at().
 * @par Example
 * @snippet cgi.c getlist
 * @since 0.3.0
 */
SOCK_API const char *sock_form_getlist(const sock_form_t *form,
                                       const char *name, size_t i);

/**
 * @brief One of the fields, in the order in which they were sent.
 *
 * Corresponds to Python's `FieldStorage.list[i]`. The parts of a field that is
 * several, by `multipart/mixed`, follow that; in Python they are its `list`.
 *
 * @param[in]  form  Form.
 * @param[in]  i     Which one, from 0 on.
 * @param[out] item  The field.
 * @return 1; 0 if there are not so many; -1 on error.
 * @par Errors
 * #SOCK_E_TYPE.
 * @see sock_form_file(), sock_form_getfirst().
 * @par Example
 * @snippet cgi.c at
 * @since 0.3.0
 */
SOCK_API int sock_form_at(const sock_form_t *form, size_t i,
                          sock_form_item_t *item);

/**
 * @brief What was sent in a field, as a stream.
 *
 * Corresponds to Python's `FieldStorage.list[i].file`, which fields of an
 * urlencoded form don't have. It is at its beginning when it is asked for the
 * first time, and always the same one. That of a temporary file, which has no
 * name, can be written to as well, and has a descriptor.
 *
 * @param[in] form  Form.
 * @param[in] i     Which field, from 0 on.
 * @return The stream, which sock_form_free() closes; NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (not so many fields; or it is several parts), #SOCK_E_MEMORY,
 * #SOCK_E_OS, #SOCK_E_TYPE.
 * @see sock_form_at().
 * @par Example
 * @snippet cgi.c file
 * @since 0.3.0
 */
SOCK_API FILE *sock_form_file(sock_form_t *form, size_t i);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
