/* SPDX-License-Identifier: MIT */
/* Opening what is under a folder: by openat2(2), or where there is none, or it
 * is forbidden, segment by segment. */
#define _GNU_SOURCE

#include "os_beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "private.h"

/* As the kernel has them, since Linux 5.6; the C library's headers may be
 * older. */
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef RESOLVE_BENEATH
#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_NO_SYMLINKS 0x04
#define RESOLVE_BENEATH 0x08
#endif

struct how {
    uint64_t flags, mode, resolve;
};

void sock__os_close(int fd)
{
    int saved = errno;
    close(fd);
    errno = saved;
}

/* Whatever stands there: a pipe has no writer to be waited for, a terminal does
 * not become ours, and a link is not followed at the end of a path. */
static int flags_for(enum sock__beneath what)
{
    if (what == SOCK__BENEATH_FOLDER)
        return O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (what == SOCK__BENEATH_LOOK)
        return O_PATH | O_NOFOLLOW | O_CLOEXEC;
    // NOLINTNEXTLINE(misc-redundant-expression): O_LARGEFILE may be 0
    return O_RDONLY | O_NONBLOCK | O_NOCTTY | O_LARGEFILE | O_NOFOLLOW |
           O_CLOEXEC;
}

int sock__os_open_root(const char *path)
{
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* In one call */

int sock__os_open_beneath(int root, const char *path, enum sock__beneath what,
                          bool follow)
{
    struct how how = {(uint64_t)flags_for(what), 0,
                      RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int saved = errno;

    how.flags &= ~(uint64_t)O_NOFOLLOW; /* of a link, O_PATH would have that */
    if (!follow)
        how.resolve |= RESOLVE_NO_SYMLINKS;
    for (int tries = 0; tries < 8; tries++) {
        long fd = syscall(SYS_openat2, root, *path != '\0' ? path : ".", &how,
                          sizeof how);
        if (fd >= 0) {
            errno = saved;
            return (int)fd;
        }
        if (errno == ENOSYS || errno == EPERM) {
            errno = saved;
            return sock__os_walk_beneath(root, path, what, follow);
        }
        if (errno != EAGAIN && errno != EINTR) /* something was renamed */
            return -1;
    }
    return -1;
}

/* Segment by segment */

enum { LINKS = 40, AGAIN = -2 };

struct walk {
    char path[PATH_MAX];   /* from the root */
    char target[PATH_MAX]; /* of a link */
};

/* The end of the path without its last segment; -1: there is none. */
static int parent_of(const char *path, char **end)
{
    if (*end == path) {
        errno = EXDEV;
        return -1;
    }
    while (*end > path && *--*end != '/')
        ;
    return 0;
}

/* Takes "", "." and ".." out of a path that does not begin with a slash; -1
 * where that leaves the root. */
static int tidy(char *path)
{
    char *to = path;

    for (const char *at = path; *at != '\0'; at += strspn(at, "/")) {
        size_t n = strcspn(at, "/");
        if (n == 2 && memcmp(at, "..", 2) == 0) {
            if (parent_of(path, &to) < 0)
                return -1;
        } else if (n > 1 || *at != '.') {
            if (to > path)
                *to++ = '/';
            memmove(to, at, n);
            to += n;
        }
        at += n;
    }
    *to = '\0';
    return 0;
}

/* Puts the target of a link in the place of the segment that it is: AGAIN; -1
 * where that can't be. What leads to the segment has no links. */
static int take_target(struct walk *w, char *segment, const char *rest)
{
    size_t before = (size_t)(segment - w->path);
    size_t n = strlen(w->target), after = strlen(rest);

    errno = w->target[0] == '/' ? EXDEV : ENAMETOOLONG;
    if (w->target[0] == '/' || before + n + 1 + after >= sizeof w->path)
        return -1;
    memmove(segment + n + 1, rest, after + 1);
    memcpy(segment, w->target, n);
    segment[n] = '/';
    return tidy(w->path) < 0 ? -1 : AGAIN;
}

/* Opens a segment, or reads the link that it is. */
static int open_segment(int folder, const char *segment, int flags,
                        char target[PATH_MAX], bool *link)
{
    int fd = openat(folder, segment, flags), saved = errno;
    ssize_t n = -1;

    if (fd == -1 || (flags & (O_PATH | O_DIRECTORY)) == O_PATH)
        n = readlinkat(folder, segment, target, PATH_MAX - 1);
    *link = n >= 0;
    errno = *link ? ELOOP : saved;
    if (!*link)
        return fd;
    target[n] = '\0';
    if (fd != -1)
        sock__os_close(fd);
    return -1;
}

/* Up to the end: a descriptor or -1; or up to a link. */
static int walk_on(int root, struct walk *w, enum sock__beneath what,
                   bool follow)
{
    int folder = root;

    for (char *at = w->path;;) {
        char *end = at + strcspn(at, "/");
        bool last = *end == '\0';
        *end = '\0';
        int flags = flags_for(last ? what : SOCK__BENEATH_FOLDER);
        bool link;
        int fd = open_segment(folder, last && at == end ? "." : at, flags,
                              w->target, &link);
        if (folder != root)
            sock__os_close(folder);
        if (link && follow)
            return take_target(w, at, last ? end : end + 1);
        if (last || fd == -1)
            return fd;
        *end = '/';
        at = end + 1;
        folder = fd;
    }
}

int sock__os_walk_beneath(int root, const char *path, enum sock__beneath what,
                          bool follow)
{
    struct walk *w = malloc(sizeof *w);
    int fd = AGAIN, saved = errno;

    if (w == NULL)
        return -1;
    errno = ENAMETOOLONG;
    if (strlen(path) >= sizeof w->path)
        fd = -1;
    else
        memcpy(w->path, path, strlen(path) + 1);
    for (int links = 0; fd == AGAIN && links <= LINKS; links++)
        fd = walk_on(root, w, what, follow);
    if (fd == AGAIN)
        errno = ELOOP;
    else if (fd >= 0)
        errno = saved;
    sock__free(w);
    return fd >= 0 ? fd : -1;
}
