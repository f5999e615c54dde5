/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "record.h"

enum { FIRST = 16 * 1024 };

struct whole {
    char *data;
    size_t used, room, max;
    int kind, code; /* of a failure */
    const char *words;
};

static int failed(struct whole *w, int kind, int code, const char *words)
{
    w->kind = kind;
    w->code = code;
    w->words = words;
    return -1;
}

/* Room for a byte at least, and a NUL. */
static int make_room(struct whole *w)
{
    if (w->room - w->used > 1)
        return 0;
    if (w->used > w->max)
        return failed(w, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, "too large");
    size_t room = w->room > 0 ? 2 * w->room : FIRST;
    char *data = realloc(w->data, room);
    if (data == NULL)
        return failed(w, SOCK_E_MEMORY, 0, NULL);
    w->data = data;
    w->room = room;
    return 0;
}

static int read_all(struct whole *w, int fd)
{
    ssize_t n = 1;
    while (n != 0) {
        if (make_room(w) < 0)
            return -1;
        n = read(fd, w->data + w->used, w->room - w->used - 1);
        if (n < 0 && errno != EINTR)
            return failed(w, SOCK_E_OS, errno, NULL);
        w->used += n > 0 ? (size_t)n : 0;
    }
    if (w->used > w->max)
        return failed(w, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, "too large");
    w->data[w->used] = '\0';
    return 0;
}

static int read_path(struct whole *w, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return failed(w, SOCK_E_OS, errno, NULL);
    int n = read_all(w, fd);
    close(fd);
    return n;
}

char *sock__whole_file(const char *op, const char *path, size_t max,
                       size_t *size)
{
    struct whole w = {.max = max};
    int saved = errno;
    if (read_path(&w, path) < 0) {
        sock__free(w.data);
        if (w.words != NULL)
            sock__fail_saying(op, w.kind, w.code, w.words);
        else
            sock__fail(op, w.kind, w.code, 0);
        sock__fail_about(op, path);
        return NULL;
    }
    errno = saved;
    *size = w.used;
    return w.data;
}
