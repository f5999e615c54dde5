/* SPDX-License-Identifier: MIT */
#undef _GNU_SOURCE /* as a project around this one may define it */
#define _GNU_SOURCE

#include "os_spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os_beneath.h"
#include "private.h"

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

/* Scripts */

#ifndef SYS_pidfd_open /* since Linux 5.3 */
#define SYS_pidfd_open 434
#endif

enum { STANDARD = 3 };

static int set_script_files(posix_spawn_file_actions_t *actions,
                            const struct sock__script *s)
{
    int err = posix_spawn_file_actions_addfchdir_np(actions, s->folder);
    for (int fd = 0; fd < STANDARD && err == 0; fd++)
        err = posix_spawn_file_actions_adddup2(actions, s->files[fd], fd);
    return err != 0 ? err : close_others(actions);
}

static void set_script_attributes(posix_spawnattr_t *attributes)
{
    sigset_t all, none;

    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
                                             POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETPGROUP);
}

int sock__os_spawn_script(pid_t *pid, const struct sock__script *s)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int err = posix_spawn_file_actions_init(&actions);

    if (err != 0)
        return err;
    err = set_script_files(&actions, s);
    if (err == 0)
        err = posix_spawnattr_init(&attributes);
    if (err == 0) {
        set_script_attributes(&attributes);
        char *const *argv = (char *const *)(uintptr_t)s->argv; /* unchanged */
        char *const *env = (char *const *)(uintptr_t)s->environment;
        err = posix_spawn(pid, s->path, &actions, &attributes, argv, env);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return err;
}

/* The same with a number that is no standard one's: dup2(2) of one to another
 * would lose a third. -1 with errno, and it is closed. */
static int raise_fd(int fd)
{
    if (fd == -1 || fd >= STANDARD)
        return fd;
    int higher = fcntl(fd, F_DUPFD_CLOEXEC, STANDARD);
    sock__os_close(fd);
    return higher;
}

int sock__os_script_nothing(void)
{
    return raise_fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

int sock__os_script_pipe(int ends[2], int own)
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    ends[0] = raise_fd(ends[0]);
    ends[1] = raise_fd(ends[1]);
    if (ends[0] != -1 && ends[1] != -1 &&
        fcntl(ends[own], F_SETFL, O_NONBLOCK) == 0)
        return 0;
    for (int i = 0; i < 2; i++)
        if (ends[i] != -1)
            sock__os_close(ends[i]);
    return -1;
}

/* As long as no one has waited for it, its number is no one else's. */
void sock__os_kill_script(pid_t pid)
{
    siginfo_t info;
    int saved = errno;

    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
        kill(-pid, SIGKILL);
    errno = saved;
}

/* 1, 0 or -1: as sock__os_reap_script(), and interrupted. */
static int look_for_end(pid_t pid, int *status)
{
    pid_t ended = waitpid(pid, status, WNOHANG);

    if (ended == -1)
        *status = -1;
    return ended == -1 && errno == EINTR ? -1 : ended != 0;
}

static int ms_until(int64_t until)
{
    int64_t ms = (until - sock__os_now() + 999999) / 1000000;
    return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

int sock__os_reap_script(pid_t pid, int64_t until, int *status)
{
    int saved = errno, ended = look_for_end(pid, status);
    int fd = ended == 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

    while (ended != 1) {
        int ms = ms_until(until);
        if (ms == 0)
            break;
        struct pollfd end = {fd, POLLIN, 0};
        poll(&end, 1,
             fd == -1 && ms > 10 ? 10 : ms); /* without: now and then */
        ended = look_for_end(pid, status);
    }
    if (fd != -1)
        close(fd);
    errno = saved;
    return ended == 1;
}
