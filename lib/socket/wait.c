/* SPDX-License-Identifier: MIT */
#include "wait.h"

#include <errno.h>

#include "object.h"
#include "os.h"

bool sock__interrupted(const sock_t *s)
{
    const struct sock__defaults *d = &sock__defaults;
    sock_interrupt_fn check = atomic_load(s != NULL ? &s->check : &d->check);
    return check != NULL &&
           check(atomic_load(s != NULL ? &s->check_arg : &d->check_arg)) != 0;
}

struct sock__timer sock__timer(const sock_t *s)
{
    return (struct sock__timer){
        .timeout = atomic_load_explicit(&s->timeout, memory_order_relaxed),
        .deadline = 0};
}

/* The clock starts with the first question. */
int64_t sock__time_left(struct sock__timer *t)
{
    if (t->timeout <= 0)
        return t->timeout;
    int64_t now = sock__os_now();
    if (t->deadline == 0)
        t->deadline =
            t->timeout < INT64_MAX - now ? now + t->timeout : INT64_MAX;
    return t->deadline > now ? t->deadline - now : 0;
}

int sock__await_any(const sock_t *s, struct pollfd *fds, size_t n,
                    struct sock__timer *t)
{
    bool begun = t->deadline != 0;
    for (;;) {
        int64_t left = sock__time_left(t);
        if (begun && left == 0) /* though it may be ready, in vain */
            return SOCK__TIMED_OUT;
        int ready = sock__os_poll(fds, n, left);
        if (ready > 0)
            return 0;
        if (ready == 0 && left >= 0 && left <= SOCK__OS_LONGEST_WAIT)
            return SOCK__TIMED_OUT;
        if (ready < 0 && errno != EINTR)
            return errno;
        if (ready < 0 && sock__interrupted(s))
            return SOCK__CANCELLED;
    }
}

int sock__await(const sock_t *s, int fd, short events, struct sock__timer *t,
                short *found)
{
    struct pollfd p = {.fd = fd, .events = sock__os_with_end(events)};
    int status = sock__await_any(s, &p, 1, t);
    *found = p.revents;
    return status;
}

int sock__wait(sock_t *s, int fd, short events, struct sock__timer *t)
{
    short found;
    return sock__await(s, fd, events, t, &found);
}

int sock__await_for(const sock_t *s, struct pollfd *fds, size_t n, int64_t ns,
                    struct sock__timer *t)
{
    int64_t left = sock__time_left(t);
    struct sock__timer nap = {.timeout = left < 0 || left > ns ? ns : left};
    return sock__await_any(s, fds, n, &nap);
}
