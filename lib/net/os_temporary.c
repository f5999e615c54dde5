/* SPDX-License-Identifier: MIT */
#undef _GNU_SOURCE /* as a project around this one may define it */
#define _GNU_SOURCE

#include "os_temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* For file systems that can have no file without a name. */
static int make_and_unlink(const char *folder)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/pysockc-XXXXXX", folder);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd != -1)
        unlink(path);
    return fd;
}

/* A program that runs with more rights than its caller has heeds nothing of
 * that one's environment. */
int sock__os_temporary(void)
{
    const char *folder = secure_getenv("TMPDIR");
    int saved = errno;
    if (folder == NULL || *folder == '\0')
        folder = "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    fd = make_and_unlink(folder);
    if (fd != -1)
        errno = saved;
    return fd;
}
