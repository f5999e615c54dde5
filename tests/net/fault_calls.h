/* SPDX-License-Identifier: MIT */
/*
 * Calls that both programs fail of what the modules of the net make: fault.c
 * and mail_fault.c. Each has its name, for the linker's --wrap.
 *
 * The other end answers within the victim's own send: whoever includes this has
 * an other_end_hears(), which leaves errno as it was.
 */
#ifndef FAULT_CALLS_H
#define FAULT_CALLS_H

#include "inject.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

static void other_end_hears(int fd);

/* Each packet costs room of the buffer that it waits in. */
#define HALF(n) ((n) > 100 ? (n) / 2 : SOME(n))

MOVING(read, (int fd, void *data, size_t n), (fd, data, n), (fd, data, SOME(n)))
MOVING(write, (int fd, const void *data, size_t n), (fd, data, n),
       (fd, data, SOME(n)))
MOVING(getrandom, (void *data, size_t n, unsigned flags), (data, n, flags),
       (data, SOME(n), flags))

FAILING(int, socket, (int family, int type, int protocol),
        (family, type, protocol))
FAILING(int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
FAILING(int, listen, (int fd, int backlog), (fd, backlog))
FAILING(int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags),
        (fd, a, n, flags))
FAILING(int, getsockname, (int fd, struct sockaddr *a, socklen_t *n),
        (fd, a, n))
FAILING(int, getpeername, (int fd, struct sockaddr *a, socklen_t *n),
        (fd, a, n))
FAILING(int, ppoll,
        (struct pollfd * fds, nfds_t n, const struct timespec *t,
         const sigset_t *mask),
        (fds, n, t, mask))
FAILING(int, poll, (struct pollfd * fds, nfds_t n, int ms), (fds, n, ms))

/* Memory */

static void *counted(void *p)
{
    balance += p != NULL;
    return p;
}

WRAP(char *, strndup, (const char *text, size_t n))
{
    return no_memory("strndup") ? NULL : counted(__real_strndup(text, n));
}

/* What is sent raises no signal. */

ssize_t __real_recv(int fd, void *data, size_t n, int flags);

WRAP(ssize_t, send, (int fd, const void *data, size_t n, int flags))
{
    int code = hit("send");
    ssize_t sent = -1;
    if ((flags & MSG_NOSIGNAL) == 0 && now.armed)
        abort();
    if (code <= 0)
        sent = __real_send(fd, data, code == 0 ? n : HALF(n), flags);
    else
        errno = code;
    if (sent > 0)
        other_end_hears(fd);
    return sent;
}

static bool is_ready(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    return __real_poll(&p, 1, 0) == 1;
}

/* Judging */

static bool is_memory(void)
{
    return is(now.call, "malloc calloc realloc strdup strndup fopencookie "
                        "tsearch posix_memalign fdopen fmemopen fdopendir");
}

/* What is tried again, and hurts no one. */
static bool is_passing(void)
{
    return now.code == EINTR || now.code == EAGAIN || now.code == SHORT ||
           now.code == ECONNABORTED ||
           (now.code == ENOSYS && is(now.call, "syscall openat2")) ||
           (now.code == EINVAL && is(now.call, "sendfile sendfile64"));
}

static int told, passed;

/* A call that has no excuse for going on must say what has failed. */
static void judge_call(bool excused)
{
    int kind = is_memory() ? SOCK_E_MEMORY : SOCK_E_OS;
    told += !result.ok;
    passed += result.ok;
    if (is_passing()) {
        if (!result.ok)
            complain("fails");
    } else if (result.ok) {
        if (!excused)
            complain("goes on without");
    } else if (result.kind != kind || result.err != now.code ||
               (kind == SOCK_E_OS && result.code != now.code)) {
        complain("does not say what has failed");
    }
}

#endif
