/* SPDX-License-Identifier: MIT */
/* The part of the platform that every POSIX system has. */
#undef _GNU_SOURCE /* under which strerror_r(3) is another function */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#include "os.h"

int sock__os_dup(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

int sock__os_may_read(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return -1;
    if ((flags & O_ACCMODE) != O_WRONLY)
        return 0;
    errno = EBADF;
    return -1;
}

size_t sock__os_most_fds(void)
{
    struct rlimit limit = {.rlim_cur = 0}; /* which is not refused */
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur < INT_MAX ? (size_t)limit.rlim_cur : INT_MAX;
}

int sock__os_get_inheritable(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    return flags < 0 ? -1 : !(flags & FD_CLOEXEC);
}

int sock__os_set_inheritable(int fd, bool on)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0)
        return -1;
    flags = on ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
    return fcntl(fd, F_SETFD, flags);
}

/* Before a fork, as its sockets are shared at once, and on both sides of it,
 * for those that were made in between. */
static atomic_uint forks;

static void count_fork(void)
{
    atomic_fetch_add_explicit(&forks, 1, memory_order_relaxed);
}

static atomic_uint process;

static void count_in_child(void)
{
    count_fork();
    atomic_fetch_add_explicit(&process, 1, memory_order_relaxed);
}

__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(count_fork, count_fork, count_in_child);
}

unsigned sock__os_process(void)
{
    return atomic_load_explicit(&process, memory_order_relaxed);
}

unsigned sock__os_forks(void)
{
    return atomic_load_explicit(&forks, memory_order_relaxed);
}

/* What a thread raises by what it does itself, so that blocking it would hide
 * it from the program's handlers alone. */
static const int faults[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                             SIGTRAP, SIGABRT, SIGSYS};

/* A thread begins with the mask of the one that starts it. */
static int start(pthread_t *thread, const pthread_attr_t *attr,
                 void *(*run)(void *), void *arg)
{
    sigset_t held, before;
    sigfillset(&held);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigdelset(&held, faults[i]);
    pthread_sigmask(SIG_SETMASK, &held, &before);
    int err = pthread_create(thread, attr, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

int sock__os_thread(void *(*run)(void *), void *arg, size_t stack,
                    pthread_t *thread)
{
    pthread_attr_t attr;
    pthread_t detached;
    int err = pthread_attr_init(&attr);

    if (err == 0) {
        if (stack > 0)
            err = pthread_attr_setstacksize(&attr, stack);
        if (thread == NULL)
            pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        if (err == 0)
            err = start(thread != NULL ? thread : &detached, &attr, run, arg);
        pthread_attr_destroy(&attr);
    }
    if (err == 0)
        return 0;
    errno = err;
    return -1;
}

bool sock__os_is_stack(size_t stack)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return false;
    int err = pthread_attr_setstacksize(&attr, stack);
    pthread_attr_destroy(&attr);
    return err == 0;
}

int64_t sock__os_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool sock__os_has_own_timeout(int fd, short events)
{
    struct timeval t = {0, 0};
    socklen_t size = sizeof t;
    int name = (events & POLLIN) != 0 ? SO_RCVTIMEO : SO_SNDTIMEO;
    return getsockopt(fd, SOL_SOCKET, name, &t, &size) == 0 &&
           (t.tv_sec != 0 || t.tv_usec != 0);
}

void sock__os_strerror(int code, char *buf, size_t size)
{
    int saved = errno;
    if (strerror_r(code, buf, size) != 0)
        snprintf(buf, size, "Unknown error %d", code);
    errno = saved;
}
