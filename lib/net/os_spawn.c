/* SPDX-License-Identifier: MIT */
#undef _GNU_SOURCE /* as a project around this one may define it */
#define _GNU_SOURCE

#include "os_spawn.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef __GLIBC_PREREQ
#define __GLIBC_PREREQ(major, minor) 0
#endif

#if __GLIBC_PREREQ(2, 34)
static int close_others(posix_spawn_file_actions_t *actions)
{
    return posix_spawn_file_actions_addclosefrom_np(actions, 3);
}
#else
/* Those that are open now: one that another thread opens meanwhile, and not
 * close-on-exec, is missed. */
static int close_others(posix_spawn_file_actions_t *actions)
{
    DIR *open_ones = opendir("/proc/self/fd");
    int err = 0;

    if (open_ones == NULL)
        return 0;
    for (struct dirent *e; err == 0 && (e = readdir(open_ones)) != NULL;) {
        int fd = atoi(e->d_name), flags = fd > 2 ? fcntl(fd, F_GETFD) : -1;
        if (flags != -1 && (flags & FD_CLOEXEC) == 0)
            err = posix_spawn_file_actions_addclose(actions, fd);
    }
    closedir(open_ones);
    return err;
}
#endif

static int set_files(posix_spawn_file_actions_t *actions, bool terminal)
{
    int err = 0;
    for (int fd = 0; fd <= 2 && err == 0 && !terminal; fd++)
        err = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR,
                                               0);
    return err != 0 ? err : close_others(actions);
}

static void set_signals(posix_spawnattr_t *attributes, const sigset_t *mask,
                        bool terminal)
{
    sigset_t defaults;
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;

    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    posix_spawnattr_setsigmask(attributes, mask);
    posix_spawnattr_setflags(
        attributes, (short)(terminal ? flags : flags | POSIX_SPAWN_SETSID));
}

int sock__os_spawn(pid_t *pid, const char *path, const char *const *argv,
                   const sigset_t *mask, bool terminal)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int err = posix_spawn_file_actions_init(&actions);
    if (err != 0)
        return err;
    err = set_files(&actions, terminal);
    if (err == 0)
        err = posix_spawnattr_init(&attributes);
    if (err == 0) {
        set_signals(&attributes, mask, terminal);
        char *const *words = (char *const *)(uintptr_t)argv; /* unchanged */
        err = posix_spawn(pid, path, &actions, &attributes, words, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return err;
}
