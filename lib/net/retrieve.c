/* SPDX-License-Identifier: MIT */
/* What a URL names, in a file. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pysockc/request.h>

#include "bytes.h"
#include "record.h"

enum { BLOCK = 64 * 1024 };

static const char op[] = "urlretrieve";

struct download {
    const char *path;
    char *part; /* what it is called until it is whole */
    int fd;
    dev_t device; /* which file that is */
    ino_t inode;
    char *block;
    int64_t done, total; /* bytes; -1: no one knows */
    sock_reporthook_fn hook;
    void *arg;
};

static int no_memory(void)
{
    return sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

static int fail_on(const char *path, int err)
{
    sock__fail(op, SOCK_E_OS, err, 0);
    return sock__fail_about(op, path);
}

/*
 * A file of its own, whatever stood there before: a link that someone has put
 * there is taken away, and neither followed nor written through.
 */
static int create(struct download *d)
{
    unlink(d->part);
    d->fd = open(d->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                 0666);
    struct stat st;
    if (d->fd < 0)
        return fail_on(d->part, errno);
    if (fstat(d->fd, &st) != 0) {
        fail_on(d->part, errno);
        unlink(d->part); /* abandon() would not know it again */
        return -1;
    }
    d->device = st.st_dev;
    d->inode = st.st_ino;
    return 0;
}

static int write_block(struct download *d, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t put = write(d->fd, d->block + at, n - at);
        if (put < 0 && errno != EINTR)
            return fail_on(d->part, errno);
        at += put > 0 ? (size_t)put : 0;
    }
    d->done += (int64_t)n;
    return 0;
}

static int report(const struct download *d)
{
    if (d->hook == NULL || d->hook(d->done, d->total, d->arg) == 0)
        return 0;
    return sock__fail(op, SOCK_E_CANCELLED, 0, 0);
}

/* Less came than was announced. */
static int fail_short(const struct download *d)
{
    char words[SOCK_ERROR_WORDS_MAX];

    if (d->total >= 0) {
        snprintf(words, sizeof words,
                 "retrieval incomplete: got only %" PRId64 " out of %" PRId64
                 " bytes",
                 d->done, d->total);
        sock__fail_saying(op, SOCK_E_EOF, 0, words);
    }
    sock__fail_done((size_t)d->done);
    return -1;
}

static int copy(struct download *d, sock_http_response_t *r)
{
    if (report(d) < 0)
        return -1;
    for (;;) {
        ssize_t n = sock_http_read(r, d->block, BLOCK);
        if (n == 0)
            return 0;
        if (n < 0 && sock_last_error()->kind == SOCK_E_EOF)
            return fail_short(d);
        if (n < 0 || write_block(d, (size_t)n) < 0 || report(d) < 0)
            return -1;
    }
}

/* Whether the name still is that of what was written: another may have begun
 * the same meanwhile. */
static bool is_own(const struct download *d)
{
    struct stat st;
    return lstat(d->part, &st) == 0 && st.st_dev == d->device &&
           st.st_ino == d->inode;
}

static int close_it(struct download *d)
{
    int fd = d->fd;
    d->fd = -1;
    return fd < 0 || close(fd) == 0 || errno == EINTR ? 0 : -1;
}

/* Closes it, and gives it its name. */
static int finish(struct download *d)
{
    if (close_it(d) < 0)
        return fail_on(d->part, errno);
    if (!is_own(d))
        return fail_on(d->part, EEXIST);
    return rename(d->part, d->path) == 0 ? 0 : fail_on(d->path, errno);
}

/* Takes away what did not come to its end. */
static void abandon(struct download *d)
{
    int saved = errno;

    if (is_own(d))
        unlink(d->part);
    close_it(d);
    errno = saved;
}

static int save(struct download *d, sock_http_response_t *r)
{
    if (create(d) == 0 && copy(d, r) == 0 && finish(d) == 0)
        return 0;
    if (sock_last_error()->about[0] == '\0')
        sock__fail_about(op, sock_http_geturl(r));
    abandon(d);
    return -1;
}

/* Room for the name and a block; -1 with the error recorded. */
static int make_room(struct download *d)
{
    d->part = malloc(strlen(d->path) + sizeof ".part");
    d->block = malloc(BLOCK);
    if (d->part == NULL || d->block == NULL)
        return no_memory();
    sock__put_text(sock__put_text(d->part, d->path), ".part");
    return 0;
}

int sock_urlretrieve(const char *url, const char *path, sock_reporthook_fn hook,
                     void *arg, double timeout)
{
    struct download d = {.path = path, .fd = -1, .hook = hook, .arg = arg};
    int result = -1, saved = errno;

    if (url == NULL || path == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (make_room(&d) == 0) {
        sock_http_response_t *r = sock_urlopen(url, NULL, 0, timeout);
        if (r != NULL) {
            d.total = sock_http_length(r);
            result = save(&d, r);
        }
        sock_http_response_free(r);
    }
    sock__free(d.part);
    sock__free(d.block);
    if (result == 0)
        errno = saved;
    return result;
}
