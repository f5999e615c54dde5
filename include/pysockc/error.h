/* SPDX-License-Identifier: MIT */
/**
 * @file error.h
 * @brief What failed, in one record per thread.
 */
#ifndef PYSOCKC_ERROR_H
#define PYSOCKC_ERROR_H

#include <errno.h>
#include <stddef.h>

#include <pysockc/address.h>
#include <pysockc/export.h>

/**
 * @defgroup error Errors
 * @brief -1 or NULL says that a call failed; one thread-local record says
 * what.
 *
 * The record belongs to the thread, is never NULL, and holds until this
 * thread's next failure; success leaves it and errno alone. Text is made only
 * when asked for, so an EAGAIN in a loop costs nothing. It names whom the call
 * was about: the address, the peer of a connection, the host that was asked
 * for, the option. Every failure sets errno too:
 *
 * | kind             | Python           | code         | errno      |
 * |------------------|------------------|--------------|------------|
 * | #SOCK_E_OS       | OSError          | errno, or 0  | code       |
 * | #SOCK_E_TIMEOUT  | TimeoutError     | 0            | ETIMEDOUT  |
 * | #SOCK_E_GAI      | socket.gaierror  | EAI_...      | ENOENT     |
 * | #SOCK_E_HOST     | socket.herror    | h_errno      | ENOENT     |
 * | #SOCK_E_VALUE    | ValueError       | 0, or family | EINVAL     |
 * | #SOCK_E_OVERFLOW | OverflowError    | a port, or 0 | EOVERFLOW  |
 * | #SOCK_E_TYPE     | TypeError        | 0, or 1      | EINVAL     |
 * | #SOCK_E_EOF      | EOFError         | 0            | ECONNRESET |
 * | #SOCK_E_MEMORY   | MemoryError      | 0            | ENOMEM     |
 * | #SOCK_E_CANCELLED | CancelledError   | 0            | ECANCELED  |
 * | #SOCK_E_TLS      | ssl.SSLError     | of ssl.h     | EPROTO, ...|
 * | #SOCK_E_KEY      | KeyError         | ENOENT, EEXIST | code     |
 * | #SOCK_E_UNSUPPORTED | NotImplementedError | 0      | ENOTSUP    |
 * | #SOCK_E_PROTOCOL | HTTPException, ... | SOCK_P_...   | EPROTO     |
 * | #SOCK_E_REPLY    | HTTPError, ...   | the status   | EIO        |
 *
 * #SOCK_E_OS with code 0 stands where Python raises an OSError without errno;
 * errno is then EINVAL. #SOCK_E_TYPE with code 1, #SOCK_TYPE_UNICODE, is
 * Python's UnicodeError.
 *
 * The page @ref handling-errors shows how it is used.
 * @{
 */

/** Buffer that holds any text of sock_error_text(), in bytes. */
#define SOCK_ERROR_TEXT_MAX 1024

/** Kinds of errors, Python's exception classes. The numbers are stable. */
enum sock_error_kind {
    SOCK_E_NONE = 0,         /**< Nothing has failed yet. */
    SOCK_E_OS = 1,           /**< The system refused; the code is errno. */
    SOCK_E_TIMEOUT = 2,      /**< The object's own timeout or deadline
                                  ran out. */
    SOCK_E_GAI = 3,          /**< A look-up failed; the code is EAI_... */
    SOCK_E_HOST = 4,         /**< A look-up failed; the code is h_errno. */
    SOCK_E_VALUE = 5,        /**< An argument has a value that cannot be. */
    SOCK_E_OVERFLOW = 6,     /**< A number is out of its range. */
    SOCK_E_TYPE = 7,         /**< An argument is missing or of another shape. */
    SOCK_E_EOF = 8,          /**< The stream ended early. */
    SOCK_E_MEMORY = 9,       /**< No memory. */
    SOCK_E_TLS = 10,         /**< TLS, by libpysockc-ssl. */
    SOCK_E_CANCELLED = 11,   /**< A cancel token or the interrupt
                                  function ended the call. */
    SOCK_E_KEY = 12,         /**< Not registered, or already. @since 0.3.0 */
    SOCK_E_UNSUPPORTED = 13, /**< The peer, or this program, does not offer
                                  it. @since 0.3.0 */
    SOCK_E_PROTOCOL = 14,    /**< The peer broke the rules of the protocol, or
                                  a limit; the code is one of
                                  #sock_protocol_fault. @since 0.3.0 */
    SOCK_E_REPLY = 15        /**< The peer answered, but no: the code is the
                                  number of its reply. @since 0.3.0 */
};

/** How a peer broke the rules, of a #SOCK_E_PROTOCOL.
 * @since 0.3.0 */
enum sock_protocol_fault {
    SOCK_P_SYNTAX = 1,      /**< It is not of the protocol's form. */
    SOCK_P_FRAMING = 2,     /**< It does not say where it ends, or twice. */
    SOCK_P_TOO_LARGE = 3,   /**< It is over a limit. */
    SOCK_P_VERSION = 4,     /**< It is another version's. */
    SOCK_P_REDIRECT = 5,    /**< It leads nowhere, or too far. */
    SOCK_P_UNSUPPORTED = 6, /**< It asks for what is not offered here. */
    SOCK_P_ORDER = 7        /**< It came where nothing or something else was
                                 due. */
};

/** Bytes of the record's words, and of whom a call was about, with the NUL at
 * their end. Longer ones are cut, and end in `...`.
 * @since 0.3.0 */
#define SOCK_ERROR_WORDS_MAX 160

/** Code of a #SOCK_E_TYPE that is Python's UnicodeError: a host name that is
 * not ASCII.
 * @since 0.2.0 */
#define SOCK_TYPE_UNICODE 1

/** What failed. A plain structure of fixed size, so it can be copied. */
typedef struct sock_error {
    int kind;              /**< One of #sock_error_kind. */
    int code;              /**< errno, EAI_..., h_errno, ... by the kind. */
    const char *operation; /**< What was being done, such as `"bind"`. */
    size_t done;           /**< Bytes that were moved before it failed. */
    sock_addr_t address;   /**< To whom; length and kind 0 if to no one. */
    int detail;            /**< Selects the text where the code does not. */
    int level;             /**< Of the option that sock_setsockopt() or
                                sock_getsockopt() was about; else 0. */
    int option;            /**< That option, such as SO_KEEPALIVE; else 0. */
    int reason;            /**< Of #SOCK_E_TLS: the reason's number in the
                                TLS library; else 0. @since 0.3.0 */
    int verify_code;       /**< Of #SOCK_E_TLS: why a certificate was not
                                accepted; else 0. @since 0.3.0 */
    int reserved[5];       /**< Zero. */
    char words[SOCK_ERROR_WORDS_MAX]; /**< What a protocol's rules or the peer
                                say of it; empty where the code says all.
                                @since 0.3.0 */
    char about[SOCK_ERROR_WORDS_MAX]; /**< What a call was about that has no
                                one address, such as a URL; else empty.
                                @since 0.3.0 */
} sock_error_t;

/** Errors of several attempts, in their order. One allocation. */
typedef struct sock_error_list {
    const sock_error_t *errors; /**< The errors. */
    size_t count;               /**< Their number. */
} sock_error_list_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief What failed last in this thread.
 *
 * Corresponds to the exception that Python would raise. Meaningful after a call
 * that failed, as errno is. Thread-local, so no other thread changes it.
 *
 * @return The record, never NULL; valid until this thread's next failure.
 * @see sock_error_text(), sock_perror(), sock_error_name().
 * @par Example
 * @snippet error.c last_error
 * @since 0.1.0
 */
SOCK_API const sock_error_t *sock_last_error(void);

/**
 * @brief The text of an error.
 *
 * Not in Python, whose text is the second part alone, sock_error_reason().
 * Begins with what was being done, and to whom, and ends as Python's does:
 * ``bind ('127.0.0.1', 80): [Errno 13] Permission denied``, `recv: timed out`,
 * `connect no.such.host: [Errno -2] Name or service not known`,
 * `setsockopt SO_KEEPALIVE: [Errno 9] Bad file descriptor`,
 * `getsockopt level 1 option 999: [Errno 92] Protocol not available`.
 *
 * @param[in]  e     Error; NULL for sock_last_error().
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_ERROR_TEXT_MAX is enough.
 * @return Length of the text; if it is @p size or more, @p buf is the empty
 *         string. -1 with #SOCK_E_TYPE for a NULL buffer with a size.
 * @see sock_perror(), sock_error_reason(), sock_error_message(),
 * sock_last_error().
 * @par Example
 * @snippet error.c error_text
 * @since 0.1.0
 */
SOCK_API int sock_error_text(const sock_error_t *e, char *buf, size_t size);

/**
 * @brief The part of the text that Python's exception would show.
 *
 * Corresponds to `str(error)` in Python. As sock_error_text(), without what was
 * being done, and without the name of the function where Python begins with it:
 * `[Errno 13] Permission denied`, `timed out`, `port must be 0-65535.`.
 *
 * @param[in]  e     Error; NULL for sock_last_error().
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_ERROR_TEXT_MAX is enough.
 * @return As sock_error_text().
 * @see sock_error_text(), sock_error_message(), sock_error_class().
 * @par Example
 * See sock_error_text().
 * @since 0.1.0
 */
SOCK_API int sock_error_reason(const sock_error_t *e, char *buf, size_t size);

/**
 * @brief The words of that part, without the number.
 *
 * Corresponds to `strerror` of Python's OSError; for the other classes the same
 * as sock_error_reason(). `Permission denied`, `timed out`,
 * `Name or service not known`.
 *
 * @param[in]  e     Error; NULL for sock_last_error().
 * @param[out] buf   Buffer; NULL with size 0 asks for the length.
 * @param[in]  size  Bytes of @p buf; #SOCK_ERROR_TEXT_MAX is enough.
 * @return As sock_error_text().
 * @see sock_error_reason(), sock_error_text().
 * @par Example
 * See sock_error_text().
 * @since 0.2.0
 */
SOCK_API int sock_error_message(const sock_error_t *e, char *buf, size_t size);

/**
 * @brief The stable name of a kind.
 *
 * Not in Python. For texts that are read by programs.
 *
 * @param[in] kind  One of #sock_error_kind.
 * @return `"SOCK_E_TIMEOUT"` and the like; `"SOCK_E_UNKNOWN"` for a number
 *         that is no kind. Static text.
 * @see sock_error_class(), sock_last_error().
 * @par Example
 * See sock_error_class().
 * @since 0.1.0
 */
SOCK_API const char *sock_error_name(int kind);

/**
 * @brief The exception that Python would raise.
 *
 * Corresponds to the name of its class in Python.
 *
 * @param[in] e  Error; NULL for sock_last_error().
 * @return `"OSError"` or the subclass that its errno has
 *         (`"ConnectionRefusedError"`, PEP 3151), `"TimeoutError"`,
 *         `"socket.gaierror"` and so on; `"None"` if nothing failed. Static
 *         text.
 * @see sock_error_name(), sock_error_reason().
 * @par Example
 * @snippet error.c error_class
 * @since 0.1.0
 */
SOCK_API const char *sock_error_class(const sock_error_t *e);

/**
 * @brief Print the text of the last error on stderr, as perror(3) does.
 *
 * Not in Python. The one function that prints, for those who ask. Leaves errno
 * and the record as they were.
 *
 * @param[in] prefix  Put before the text with `: `; NULL or `""` for none.
 * @see sock_error_text(), sock_last_error().
 * @par Example
 * @snippet error.c perror
 * @since 0.1.0
 */
SOCK_API void sock_perror(const char *prefix);

/**
 * @brief End a list of errors.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  Object; NULL does nothing.
 * @see sock_create_connection_errors(), sock_error_text().
 * @par Example
 * @snippet error.c error_list_free
 * @since 0.1.0
 */
SOCK_API void sock_error_list_free(sock_error_list_t *list);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
