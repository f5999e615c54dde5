/* SPDX-License-Identifier: MIT */
/**
 * @file transfer.h
 * @brief Where bytes of any number go to, and come from.
 */
#ifndef PYSOCKC_TRANSFER_H
#define PYSOCKC_TRANSFER_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include <pysockc/error.h>
#include <pysockc/export.h>

/**
 * @defgroup transfer Sinks and sources
 * @brief Where the bytes of mails, articles and files go to, and come from.
 *
 * @snippet transfer.c sink
 *
 * A sink takes bytes as they arrive, a source gives those that are to be sent,
 * so that nothing has to fit into memory. Both are plain values: a function and
 * what it is called with. They are made of a descriptor, of a stream of stdio,
 * of bytes in memory, or of functions of one's own.
 *
 * **A sink that refuses** ends the transfer, not the conversation: what is left
 * of it is passed over where that is what the protocol has, and the call fails
 * with #SOCK_E_CANCELLED, or as a sink of this header has failed. The next
 * command works, unless more was left than sock_session_set_limits() lets be
 * read into memory: then the session is closed.
 * @{
 */

/** Where bytes go to. */
typedef struct sock_sink {
    /**
     * Takes them.
     *
     * @param[in] arg   Of the sink.
     * @param[in] data  Bytes, which are gone when it returns.
     * @param[in] n     How many, at least 1.
     * @return 0 to go on; anything else ends the transfer.
     */
    int (*write)(void *arg, const void *data, size_t n);
    void *arg; /**< What it is called with. */
} sock_sink_t;

/** Where bytes come from. */
typedef struct sock_source {
    /**
     * Gives the next ones.
     *
     * @param[in]  arg   Of the source.
     * @param[out] data  Where to.
     * @param[in]  size  How many at most.
     * @return How many; 0 at the end; -1 ends the transfer.
     */
    ssize_t (*read)(void *arg, void *data, size_t size);
    void *arg;        /**< What it is called with. */
    const void *data; /**< Where @p read is NULL: the bytes. */
    size_t size;      /**< How many these are. */
} sock_source_t;

/** A line of a list. */
typedef struct sock_line {
    const char *text; /**< Without its end; a NUL follows. */
    size_t length;    /**< Bytes of it, among which a NUL may be. */
} sock_line_t;

/** Lines that a server has sent. One allocation. */
typedef struct sock_lines {
    const sock_line_t *lines; /**< The lines. */
    size_t count;             /**< Their number. */
} sock_lines_t;

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief A sink that writes to a descriptor.
 *
 * Not in Python, whose callback would be `f.write`; wraps write(2), which is
 * called until all is written.
 *
 * @param[in] fd  Descriptor, which stays the caller's. Should it not be ready,
 *                it is waited for.
 * @return The sink. A transfer fails with #SOCK_E_OS where write(2) does.
 * @see sock_sink_file(), sock_source_fd().
 * @par Example
 * @snippet transfer.c sink
 * @since 0.3.0
 */
SOCK_API sock_sink_t sock_sink_fd(int fd);

/**
 * @brief A sink that writes to a stream of stdio.
 *
 * Corresponds to Python's `f.write` as a callback; wraps fwrite(3).
 *
 * @param[in] f  Stream, which stays the caller's, and is not flushed.
 * @return The sink. A transfer fails with #SOCK_E_OS where fwrite(3) does.
 * @see sock_sink_fd(), sock_source_file().
 * @par Example
 * @snippet transfer.c file
 * @since 0.3.0
 */
SOCK_API sock_sink_t sock_sink_file(FILE *f);

/**
 * @brief A source that reads from a descriptor.
 *
 * Not in Python; wraps read(2).
 *
 * @param[in] fd  Descriptor, which stays the caller's. Should it not be ready,
 *                it is waited for.
 * @return The source. A transfer fails with #SOCK_E_OS where read(2) does.
 * @see sock_source_file(), sock_source_memory(), sock_sink_fd().
 * @par Example
 * @snippet transfer.c source
 * @since 0.3.0
 */
SOCK_API sock_source_t sock_source_fd(int fd);

/**
 * @brief A source that reads from a stream of stdio.
 *
 * Corresponds to a file where Python takes one; wraps fread(3).
 *
 * @param[in] f  Stream, which stays the caller's.
 * @return The source. A transfer fails with #SOCK_E_OS where fread(3) does.
 * @see sock_source_fd(), sock_source_memory(), sock_sink_file().
 * @par Example
 * @snippet transfer.c file
 * @since 0.3.0
 */
SOCK_API sock_source_t sock_source_file(FILE *f);

/**
 * @brief A source of bytes in memory.
 *
 * Corresponds to Python's `io.BytesIO(data)`.
 *
 * @param[in] data  Bytes, which must stay until the transfer is over.
 * @param[in] n     How many.
 * @return The source.
 * @see sock_source_fd(), sock_source_file().
 * @par Example
 * @snippet transfer.c memory
 * @since 0.3.0
 */
SOCK_API sock_source_t sock_source_memory(const void *data, size_t n);

/**
 * @brief End a list of lines.
 *
 * Not in Python. Leaves errno and the error record as they were.
 *
 * @param[in] list  Object; NULL does nothing.
 * @see sock_pop3_retr(), sock_ftp_nlst().
 * @par Example
 * @snippet transfer.c lines
 * @since 0.3.0
 */
SOCK_API void sock_lines_free(sock_lines_t *list);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
