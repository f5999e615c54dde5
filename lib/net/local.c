/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pysockc/url.h>

#include "base64.h"
#include "framing.h"
#include "os_beneath.h"
#include "private.h"
#include "types.h"

static void *no_memory(const char *op)
{
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return NULL;
}

static void *refuse(const char *op, const char *words)
{
    sock__fail_saying(op, SOCK_E_VALUE, 0, words);
    return NULL;
}

/* Fields as Python makes them up; a time below 0: none. NULL with the error
 * recorded. */
static sock_headers_t *fields(const char *type, int64_t length, int64_t time)
{
    char number[24], date[64];
    sock_headers_t *h = sock_headers_new();

    if (h == NULL)
        return NULL;
    snprintf(number, sizeof number, "%" PRId64, length);
    if (sock_headers_add(h, "Content-type", type) == 0 &&
        sock_headers_add(h, "Content-length", number) == 0 &&
        (time < 0 || (sock_http_date(time, date, sizeof date) > 0 &&
                      sock_headers_add(h, "Last-modified", date) == 0)))
        return h;
    sock_headers_free(h);
    return NULL;
}

/* The response of all that; NULL with the error recorded, and the source is
 * released. */
static sock_http_response_t *made(const char *op, sock_headers_t *headers,
                                  int64_t length,
                                  const struct sock__source *source)
{
    const struct sock__framing f = {.body = SOCK__BODY_LENGTH,
                                    .length = length};
    sock_http_response_t *r =
        headers != NULL ? sock__response_made(op, headers, &f, source) : NULL;
    if (r == NULL) {
        sock_headers_free(headers);
        source->release(source->arg);
    }
    return r;
}

/* data: */

struct memory {
    size_t at, size;
    unsigned char bytes[];
};

static ssize_t read_memory(void *arg, void *buf, size_t size)
{
    struct memory *m = arg;
    size_t n = m->size - m->at < size ? m->size - m->at : size;
    memcpy(buf, m->bytes + m->at, n);
    m->at += n;
    return (ssize_t)n;
}

/* Blanks and ends of lines say nothing in base64. */
static size_t without_blanks(unsigned char *bytes, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (bytes[i] != ' ' && !(bytes[i] >= '\t' && bytes[i] <= '\r'))
            bytes[kept++] = bytes[i];
    return kept;
}

/* NULL with the error recorded. */
static struct memory *data_of(const char *op, const char *text, bool base64)
{
    size_t most = strlen(text);
    struct memory *m = malloc(sizeof *m + most + 1);
    ssize_t size = -1;

    if (m == NULL)
        return no_memory(op);
    m->at = 0;
    size = sock_unquote_to_bytes(text, m->bytes, most);
    if (size >= 0 && base64) {
        size_t n = without_blanks(m->bytes, (size_t)size);
        size = sock__base64_decode((char *)m->bytes, n, m->bytes);
        if (size < 0)
            refuse(op, "data: URL whose base64 is none");
    }
    if (size < 0) {
        sock__free(m);
        return NULL;
    }
    m->size = (size_t)size;
    return m;
}

/* Whether it says so at its end. */
static bool is_base64(const char *type, size_t n)
{
    static const char mark[] = ";base64";
    size_t m = strlen(mark);
    return n >= m && strncasecmp(type + n - m, mark, m) == 0;
}

/* The media type, which is Python's where there is none; NULL with the error
 * recorded. */
static char *type_of_data(const char *op, const char *text, size_t n)
{
    if (n == 0) {
        text = "text/plain;charset=US-ASCII";
        n = strlen(text);
    }
    char *type = malloc(n + 1);
    if (type == NULL)
        return no_memory(op);
    memcpy(type, text, n);
    type[n] = '\0';
    return type;
}

static sock_http_response_t *open_data(const char *op,
                                       const struct sock__locator *t)
{
    const char *text = t->whom + strlen("data:");
    const char *comma = strchr(text, ',');

    if (comma == NULL)
        return refuse(op, "data: URL without a comma");
    size_t n = (size_t)(comma - text);
    bool base64 = is_base64(text, n);
    struct memory *m = data_of(op, comma + 1, base64);
    if (m == NULL)
        return NULL;
    struct sock__source source = {read_memory, sock__free, m, NULL};
    char *type = type_of_data(op, text, base64 ? n - strlen(";base64") : n);
    sock_headers_t *h =
        type != NULL ? fields(type, (int64_t)m->size, -1) : NULL;
    sock__free(type);
    return made(op, h, (int64_t)m->size, &source);
}

/* file: */

struct file {
    int fd;
};

static ssize_t read_file(void *arg, void *buf, size_t size)
{
    const struct file *f = arg;
    int saved = errno;
    ssize_t n;

    do
        n = read(f->fd, buf, size < INT_MAX ? size : INT_MAX);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return sock__fail("read", SOCK_E_OS, errno, 0);
    errno = saved;
    return n;
}

static void close_file(void *arg)
{
    struct file *f = arg;
    if (f->fd >= 0)
        sock__os_close(f->fd);
    sock__free(f);
}

/* No name is looked up for that. */
static bool is_this_host(const char *host)
{
    char name[256];

    if (host == NULL || *host == '\0' || strcasecmp(host, "localhost") == 0)
        return true;
    return gethostname(name, sizeof name) == 0 &&
           memchr(name, '\0', sizeof name) != NULL &&
           strcasecmp(host, name) == 0;
}

/* The path that a URL's stands for; NULL with the error recorded. */
static char *path_of(const char *op, const sock_url_t *url)
{
    size_t most = strlen(url->path);
    char *path = malloc(most + 1);

    if (path == NULL)
        return no_memory(op);
    int n = sock_unquote_to_bytes(url->path, path, most);
    path[n > 0 ? n : 0] = '\0';
    if (n > 0 && strlen(path) == (size_t)n)
        return path;
    sock__free(path);
    if (n < 0)
        return NULL;
    return refuse(op,
                  n > 0 ? "file: URL with %00" : "file: URL without a path");
}

/* What is no plain file may wait for ever, or do something by being read. */
static int open_plain(const char *op, const char *path, struct file *f,
                      struct stat *st)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

    do
        f->fd = open(path, flags);
    while (f->fd < 0 && errno == EINTR);
    if (f->fd < 0 || fstat(f->fd, st) != 0)
        return sock__fail(op, SOCK_E_OS, errno, 0);
    if (S_ISDIR(st->st_mode))
        return sock__fail(op, SOCK_E_OS, EISDIR, 0);
    if (!S_ISREG(st->st_mode))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "not a plain file");
    return 0;
}

/* As Python, which takes what it does not know for text. */
static const char *type_of_file(const char *path)
{
    static const char *const none[] = {"", "text/plain", NULL};
    return sock__type_of(path, none);
}

static sock_http_response_t *open_path(const char *op, const char *path)
{
    struct file *f = malloc(sizeof *f);
    struct sock__source source = {read_file, close_file, f, NULL};
    struct stat st;
    int saved = errno;

    if (f == NULL)
        return no_memory(op);
    if (open_plain(op, path, f, &st) < 0) {
        close_file(f);
        return NULL;
    }
    errno = saved;
    int64_t modified = st.st_mtime > 0 ? st.st_mtime : 0;
    return made(op, fields(type_of_file(path), st.st_size, modified),
                st.st_size, &source);
}

static sock_http_response_t *open_file(const char *op,
                                       const struct sock__locator *t)
{
    if (!is_this_host(t->url->netloc))
        return refuse(op, "file not on local host");
    char *path = path_of(op, t->url);
    sock_http_response_t *r = path != NULL ? open_path(op, path) : NULL;
    sock__free(path);
    return r;
}

sock_http_response_t *sock__local_open(const char *op,
                                       const struct sock__locator *t)
{
    return t->kind == SOCK__OPENS_DATA ? open_data(op, t) : open_file(op, t);
}
