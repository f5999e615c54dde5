/* SPDX-License-Identifier: MIT */
/* A folder of a test's own, and what is in it. */
#ifndef FOLDER_H
#define FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

/* Its path; to be ended by free_folder(), with all that is in it. */
static inline char *new_folder(void)
{
    const char *place = getenv("TMPDIR");
    char *path = malloc(4096);
    check(path != NULL);
    snprintf(path, 4096, "%s/pysockc.XXXXXX", place != NULL ? place : "/tmp");
    check(mkdtemp(path) != NULL);
    return path;
}

static inline void empty_folder(int fd)
{
    DIR *dir = fdopendir(fd);
    struct dirent *entry;

    check(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (unlinkat(dirfd(dir), name, 0) == 0)
            continue;
        empty_folder(openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY));
        check(unlinkat(dirfd(dir), name, AT_REMOVEDIR) == 0);
    }
    closedir(dir);
}

static inline void free_folder(char *path)
{
    empty_folder(open(path, O_RDONLY | O_DIRECTORY));
    check(rmdir(path) == 0);
    free(path);
}

static inline void make_folder(int at, const char *name)
{
    check(mkdirat(at, name, 0700) == 0);
}

static inline void make_link(int at, const char *target, const char *name)
{
    check(symlinkat(target, at, name) == 0);
}

static inline void make_bytes(int at, const char *name, const void *bytes,
                              size_t n, mode_t mode)
{
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    check(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    check(close(fd) == 0);
}

static inline void make_file(int at, const char *name, const char *text)
{
    make_bytes(at, name, text, strlen(text), 0600);
}

#endif
