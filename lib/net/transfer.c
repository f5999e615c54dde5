/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "transfer.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "record.h"

/* Descriptors */

static int fd_of(void *arg)
{
    return (int)(intptr_t)arg;
}

static bool is_later(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* Whether a call that has failed is to be made again, after a wait if it must
 * be. */
static bool try_again(int fd, short events)
{
    struct pollfd end = {.fd = fd, .events = events};

    if (is_later())
        poll(&end, 1, -1);
    else if (errno != EINTR)
        return false;
    return true;
}

/* A pipe that no one reads any more is an error, and no signal. */
static int write_fd(void *arg, const void *data, size_t n)
{
    int fd = fd_of(arg), held = sock__os_hold_sigpipe(), saved = errno;
    const char *at = data, *end = at + n;

    while (at < end) {
        ssize_t done = write(fd, at, (size_t)(end - at));
        if (done >= 0)
            at += done;
        else if (!try_again(fd, POLLOUT))
            break;
    }
    sock__os_release_sigpipe(held);
    if (at < end)
        return -1;
    errno = saved;
    return 0;
}

static ssize_t read_fd(void *arg, void *data, size_t size)
{
    int fd = fd_of(arg), saved = errno;
    ssize_t n;

    do
        n = read(fd, data, size);
    while (n < 0 && try_again(fd, POLLIN));
    if (n >= 0)
        errno = saved;
    return n;
}

sock_sink_t sock_sink_fd(int fd)
{
    return (sock_sink_t){write_fd, (void *)(intptr_t)fd};
}

sock_source_t sock_source_fd(int fd)
{
    return (sock_source_t){.read = read_fd, .arg = (void *)(intptr_t)fd};
}

/* Streams */

static int write_file(void *arg, const void *data, size_t n)
{
    int held = sock__os_hold_sigpipe();
    size_t done = fwrite(data, 1, n, arg);
    sock__os_release_sigpipe(held);
    return done == n ? 0 : -1;
}

/* An error that bytes before it hid is one still, but no one knows its number.
 */
static ssize_t read_file(void *arg, void *data, size_t size)
{
    int saved = errno;

    errno = EIO;
    size_t n = fread(data, 1, size, arg);
    if (n == 0 && ferror((FILE *)arg))
        return -1;
    errno = saved;
    return (ssize_t)n;
}

sock_sink_t sock_sink_file(FILE *f)
{
    return (sock_sink_t){write_file, f};
}

sock_source_t sock_source_file(FILE *f)
{
    return (sock_source_t){.read = read_file, .arg = f};
}

/* Memory */

/* No bytes are a source, too; one that was only zeroed is none. */
sock_source_t sock_source_memory(const void *data, size_t n)
{
    return (sock_source_t){.data = data == NULL && n == 0 ? "" : data,
                           .size = n};
}

static ssize_t from_memory(sock_source_t *source, size_t size, const char **at)
{
    size_t n = source->size < size ? source->size : size;
    *at = source->data;
    if (n > 0)
        source->data = *at + n;
    source->size -= n;
    return (ssize_t)n;
}

/* Nowhere */

static int drop(void *arg, const void *data, size_t n)
{
    struct sock__dropped *d = arg;

    (void)data;
    d->over = n > d->left;
    d->left -= d->over ? 0 : n;
    return d->over ? -1 : 0;
}

sock_sink_t sock__dropped_sink(struct sock__dropped *d)
{
    return (sock_sink_t){drop, d};
}

/* Hoards */

static int hoard(void *arg, const void *data, size_t n)
{
    struct sock__hoard *h = arg;
    char *bytes = NULL;

    h->full = n > h->most - h->used;
    if (!h->full)
        bytes = sock__grow(h->bytes, h->used, &h->room, n + 1, 1);
    if (bytes == NULL)
        return -1;
    h->bytes = bytes;
    memcpy(bytes + h->used, data, n);
    h->used += n;
    return 0;
}

sock_sink_t sock__hoard_sink(struct sock__hoard *h)
{
    return (sock_sink_t){hoard, h};
}

/* Whether they are there */

static int no_argument(const char *op)
{
    return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

int sock__sink_need(const sock_sink_t *sink, const char *op)
{
    bool is_none =
        sink->write == NULL || (sink->write == write_file && sink->arg == NULL);

    return is_none ? no_argument(op) : 0;
}

int sock__source_need(const sock_source_t *source, const char *op)
{
    bool is_none = source->read == NULL
                       ? source->data == NULL && source->size == 0
                       : source->read == read_file && source->arg == NULL;

    if (is_none)
        return no_argument(op);
    return source->read == NULL
               ? sock__bytes_check(op, source->data, source->size)
               : 0;
}

/* Calling them */

/* One that is no function of the caller's says by errno what has failed. */
static int failed(const char *op, bool of_system)
{
    return of_system ? sock__fail(op, SOCK_E_OS, errno, 0)
                     : sock__fail(op, SOCK_E_CANCELLED, 0, 0);
}

int sock__sink_put(const sock_sink_t *sink, const char *op, const void *data,
                   size_t n)
{
    int before = errno;

    if (n == 0 || sink->write(sink->arg, data, n) == 0) {
        errno = before;
        return 0;
    }
    if (sink->write == hoard)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return failed(op, sink->write == write_fd || sink->write == write_file);
}

ssize_t sock__source_get(sock_source_t *source, const char *op, void *buf,
                         size_t size, const char **at)
{
    int before = errno;

    if (source->read == NULL)
        return from_memory(source, size, at);
    ssize_t n = source->read(source->arg, buf, size);
    *at = buf;
    if (n >= 0 && (size_t)n <= size) {
        errno = before;
        return n;
    }
    return failed(op, source->read == read_fd || source->read == read_file);
}

/* Lines */

/* Where the CRLF of the line that begins here is; the end where there is none.
 */
static const char *end_of_line(const char *at, const char *end)
{
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        if (lf == NULL)
            break;
        if (lf > at && lf[-1] == '\r')
            return lf - 1;
        at = lf + 1;
    }
    return end;
}

static size_t count_lines(const char *at, const char *end)
{
    size_t n = 0;
    for (; at < end; n++) {
        const char *line = end_of_line(at, end);
        at = line < end ? line + 2 : end;
    }
    return n;
}

/* Cuts the text, which has room for a NUL, into lines. */
static void cut(sock_line_t *line, char *at, char *end)
{
    while (at < end) {
        char *stop = at + (end_of_line(at, end) - at);
        *line++ = (sock_line_t){at, (size_t)(stop - at)};
        *stop = '\0';
        at = stop < end ? stop + 2 : end;
    }
}

sock_lines_t *sock__hoard_lines(struct sock__hoard *h, const char *op)
{
    /* Whatever their size; and the bytes that there are to be for each. */
    enum { FEW = 1024, EACH = 16 };
    size_t count = h->used > 0 ? count_lines(h->bytes, h->bytes + h->used) : 0;
    size_t head = sizeof(sock_lines_t) + count * sizeof(sock_line_t);
    sock_lines_t *list = NULL;

    h->full = count > FEW && count > h->most / EACH;
    if (!h->full)
        list = malloc(head + h->used + 1);
    if (list == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    } else {
        sock_line_t *lines = (sock_line_t *)(list + 1);
        char *text = (char *)(lines + count);
        if (h->used > 0)
            memcpy(text, h->bytes, h->used);
        cut(lines, text, text + h->used);
        *list = (sock_lines_t){lines, count};
    }
    sock__free(h->bytes);
    return list;
}

size_t sock__lines_size(const sock_lines_t *lines)
{
    size_t n = 0;
    for (size_t i = 0; i < lines->count; i++)
        n += lines->lines[i].length + 1;
    return n;
}

void sock_lines_free(sock_lines_t *list)
{
    sock__free(list);
}
