/* SPDX-License-Identifier: MIT */
/* The part of the platform that waits for many descriptors: epoll(7). */
#undef _GNU_SOURCE /* as a project around this one may define it */
#define _GNU_SOURCE

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <pysockc/timeout.h>

#include "os.h"

/* Events that a thread or a signal handler sets */

int sock__os_event_new(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/* It fails only where 2^64 - 2 were set and none was cleared: it is set then.
 */
void sock__os_event_set(int fd)
{
    const uint64_t one = 1;
    int saved = errno;
    if (write(fd, &one, sizeof one) < 0)
        errno = saved;
}

void sock__os_event_clear(int fd)
{
    uint64_t count;
    int saved = errno;
    if (read(fd, &count, sizeof count) < 0)
        errno = saved;
}

/* Pollers */

/* One bit as another, where it is set. */
static uint32_t as(uint32_t bits, uint32_t bit, uint32_t other)
{
    return (bits & bit) != 0 ? other : 0;
}

static uint32_t to_system(int events)
{
    uint32_t e = (uint32_t)events;
    return as(e, SOCK_EVENT_READ, EPOLLIN) | as(e, SOCK_EVENT_WRITE, EPOLLOUT) |
           as(e, SOCK_EVENT_PRIORITY, EPOLLPRI) |
           as(e, SOCK_EVENT_RDHUP, EPOLLRDHUP) |
           as(e, SOCK_EVENT_EDGE, EPOLLET) |
           as(e, SOCK_EVENT_ONESHOT, EPOLLONESHOT) |
           as(e, SOCK_EVENT_EXCLUSIVE, EPOLLEXCLUSIVE);
}

static int from_system(uint32_t e)
{
    return (int)(as(e, EPOLLIN, SOCK_EVENT_READ) |
                 as(e, EPOLLOUT, SOCK_EVENT_WRITE) |
                 as(e, EPOLLPRI, SOCK_EVENT_PRIORITY) |
                 as(e, EPOLLRDHUP, SOCK_EVENT_RDHUP) |
                 as(e, EPOLLHUP, SOCK_EVENT_HANGUP) |
                 as(e, EPOLLERR, SOCK_EVENT_ERROR));
}

/* The bits of epoll(7) are those of poll(2). */
_Static_assert((int)EPOLLIN == POLLIN && (int)EPOLLOUT == POLLOUT &&
                   (int)EPOLLPRI == POLLPRI && (int)EPOLLRDHUP == POLLRDHUP &&
                   (int)EPOLLHUP == POLLHUP && (int)EPOLLERR == POLLERR,
               "events");

short sock__os_to_poll(int events)
{
    return (short)to_system(events & (SOCK_EVENT_READ | SOCK_EVENT_WRITE |
                                      SOCK_EVENT_PRIORITY | SOCK_EVENT_RDHUP));
}

int sock__os_from_poll(short found)
{
    int error = (found & POLLNVAL) != 0 ? SOCK_EVENT_ERROR : 0;
    return from_system((uint32_t)found & 0xffff) | error;
}

int sock__os_poller_new(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

int sock__os_poller_set(int poller, enum sock__os_change change, int fd,
                        int events, uint64_t word)
{
    static const int ops[] = {[SOCK__OS_ADD] = EPOLL_CTL_ADD,
                              [SOCK__OS_MODIFY] = EPOLL_CTL_MOD,
                              [SOCK__OS_REMOVE] = EPOLL_CTL_DEL};
    struct epoll_event e = {.events = to_system(events), .data.u64 = word};
    return epoll_ctl(poller, ops[change], fd, &e);
}

/* In milliseconds, rounded up: what every kernel has. */
static int wait_ms(int poller, struct epoll_event *found, int n, int64_t left)
{
    int64_t ms = left < 0 ? -1 : left / 1000000 + (left % 1000000 != 0);
    return epoll_wait(poller, found, n, ms > INT_MAX ? INT_MAX : (int)ms);
}

/* epoll_pwait2(2) takes nanoseconds. It came with Linux 5.11; C libraries that
 * lack it, or whose time_t has 32 bits, are passed by. */
static int wait_ns(int poller, struct epoll_event *found, int n, int64_t left)
{
#ifdef SYS_epoll_pwait2
    struct {
        int64_t sec, nsec;
    } t = {left / 1000000000, left % 1000000000};
    return (int)syscall(SYS_epoll_pwait2, poller, found, n, &t, NULL, 0);
#else
    (void)poller, (void)found, (void)n, (void)left;
    errno = ENOSYS;
    return -1;
#endif
}

static int wait_exactly(int poller, struct epoll_event *found, int n,
                        int64_t left)
{
    static atomic_bool lacking; /* the kernel has no such call */
    int saved = errno;

    if (left <= 0 || atomic_load_explicit(&lacking, memory_order_relaxed))
        return wait_ms(poller, found, n, left);
    int ready = wait_ns(poller, found, n, left);
    if (ready >= 0 || errno != ENOSYS)
        return ready;
    errno = saved;
    atomic_store_explicit(&lacking, true, memory_order_relaxed);
    return wait_ms(poller, found, n, left);
}

int sock__os_poller_wait(int poller, struct sock__os_found *found, int64_t left)
{
    struct epoll_event events[SOCK__OS_FOUND_MAX];
    int n = wait_exactly(poller, events, SOCK__OS_FOUND_MAX, left);

    for (int i = 0; i < n; i++) {
        found[i].word = events[i].data.u64;
        found[i].events = from_system(events[i].events);
    }
    return n;
}
