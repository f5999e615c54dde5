/* SPDX-License-Identifier: MIT */
/**
 * @file file.h
 * @brief A socket as a stream of stdio, and files sent through a socket.
 */
#ifndef PYSOCKC_FILE_H
#define PYSOCKC_FILE_H

#include <stdint.h>
#include <stdio.h>

#include <pysockc/export.h>
#include <pysockc/socket.h>

/**
 * @defgroup file Files
 * @brief A socket as a `FILE`, so that fgets and fprintf work, and sendfile.
 * @{
 */

/** The count of sock_sendfile() that means to the end of the file. */
#define SOCK_SENDFILE_TO_END (-1)

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief A stream of stdio that reads from a socket, or writes to it.
 *
 * Corresponds to Python's `socket.makefile()`; wraps fopencookie(3). What
 * reads or writes a `FILE` works, in text or bytes: fgets, getdelim, fread,
 * fprintf, fwrite. It is fully buffered, as any `FILE` that is no terminal;
 * setvbuf(3) changes that. It cannot be sought in, and fileno(3) does not know
 * it. For both directions make two.
 *
 * The stream has a duplicate of the socket, as sock_dup() makes it, with the
 * timeout, the interrupt function, the deadline and the cancel token that @p s
 * has now. So it goes on after sock_close(), and the connection ends when the
 * last of them is closed. sock_shutdown() ends a read or a write that waits.
 *
 * Reading fails as sock_recv() does, writing as sock_sendall(): ferror(3) is
 * set, errno and sock_last_error() say why, and `done` how many bytes of the
 * buffer were sent. No SIGPIPE is raised. Three failures are for ever, as stdio
 * drops bytes in them, and what follows would pass for what it is not:
 *
 * - A read that the interrupt function or a cancel token ended fails, and so
 *   does each later one, with #SOCK_E_CANCELLED.
 * - A read that timed out, or met the deadline. A line function has lost the
 *   first part of its line then. Later reads fail with `cannot read from timed
 *   out object`, as in Python. What has not been read is still in the socket.
 * - Any write that failed. stdio drops what it could not flush. Later writes,
 *   and fclose(3) too, fail with the same error again.
 *
 * fclose(3) is where the last bytes are sent, so its result matters.
 *
 * @param[in] s     Stream socket.
 * @param[in] mode  `"r"` or `"w"`, with or without `b`, which means nothing
 *                  here; `""` is `"r"`, as in Python.
 * @return A stream, to be ended by fclose(3); NULL on error.
 * @par Errors
 * #SOCK_E_VALUE (mode; a socket with a protocol on top that cannot be
 * duplicated), #SOCK_E_OS (EBADF, EMFILE), #SOCK_E_TYPE (NULL),
 * #SOCK_E_MEMORY.
 * @par Deviation
 * Python makes a file for both directions, and one of a closed socket. Its
 * file follows later changes of the timeout, and keeps a closed socket's
 * descriptor open under its number; a file here has a number of its own.
 * @see sock_sendfile(), sock_recv_until(), sock_dup().
 * @par Example
 * @snippet file.c makefile
 * @since 0.1.0
 */
SOCK_API SOCK_NODISCARD FILE *sock_makefile(sock_t *s, const char *mode);

/**
 * @brief Send a file, or a part of it.
 *
 * Corresponds to Python's `socket.sendfile()`; wraps sendfile(2), in blocks of
 * at most 1 GiB. Where the system cannot do that (a pipe, a device), or may
 * not (a protocol on top, such as TLS; a timeout on a socket that others may
 * change), blocks of 8 KiB are read and sent. One deadline holds for the whole
 * call; reading the file is not under it. No SIGPIPE is raised: it is blocked
 * in this thread meanwhile.
 *
 * If anything was sent, the file's position is behind what was sent, also on
 * error. A pipe has none: up to 8 KiB that were read from it are lost when
 * the call fails.
 *
 * @param[in] s       Connected stream socket, with any timeout but 0.
 * @param[in] fd      Descriptor of the file.
 * @param[in] offset  Where to begin; 0 for a pipe.
 * @param[in] count   Bytes to send, at least 1; #SOCK_SENDFILE_TO_END for all
 *                    there are.
 * @return Bytes sent, fewer than @p count if the file ends before; -1 on
 *         error, and then sock_last_error()->done says how many were sent.
 * @par Errors
 * #SOCK_E_TIMEOUT; #SOCK_E_OS (EPIPE, ECONNRESET, EBADF of either descriptor,
 * EISDIR, ESPIPE, EINVAL for a bad offset, ...); #SOCK_E_VALUE for another
 * type of socket, a timeout of 0, or a bad count; #SOCK_E_TYPE;
 * #SOCK_E_MEMORY.
 * @par Deviation
 * Python has a deadline for each block; sends nothing of a pipe or of a file
 * that reports size 0, as those in /proc; takes SOCK_SEQPACKET and SOCK_RAW;
 * and where it cannot use sendfile(2), it begins at the position of the file
 * if the offset is 0.
 * @see sock_sendall(), sock_makefile(), sock_settimeout().
 * @par Example
 * @snippet file.c sendfile
 * @since 0.1.0
 */
SOCK_API int64_t sock_sendfile(sock_t *s, int fd, int64_t offset,
                               int64_t count);

#ifdef __cplusplus
}
#endif

/** @} */

#endif
