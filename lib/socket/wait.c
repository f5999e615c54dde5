/* SPDX-License-Identifier: MIT */
#include "wait.h"

#include <errno.h>

#include "limit.h"
#include "object.h"
#include "os.h"

bool sock__interrupted(const sock_t *s)
{
    const struct sock__defaults *d = &sock__defaults;
    sock_interrupt_fn check = atomic_load(s != NULL ? &s->check : &d->check);
    return check != NULL &&
           check(atomic_load(s != NULL ? &s->check_arg : &d->check_arg)) != 0;
}

int sock__halted(const sock_t *s)
{
    return sock__interrupted(s) ? SOCK__CANCELLED : sock__ended(s);
}

struct sock__timer sock__timer(const sock_t *s)
{
    return (struct sock__timer){.timeout = sock__limited_timeout(s)};
}

/* The clock starts with the first question. */
int64_t sock__time_left(struct sock__timer *t)
{
    if (t->timeout <= 0)
        return t->timeout;
    int64_t now = sock__os_now();
    if (t->deadline == 0)
        t->deadline = sock__later(now, t->timeout);
    return t->deadline > now ? t->deadline - now : 0;
}

/* Whether a token that was waited for, behind the others, has fired. One that
 * was fired and is being reset says so for a moment, but has not. */
static bool has_fired(const sock_cancel_t *token)
{
    return token != NULL && atomic_load(&token->fired);
}

/* Waits for the first n, or until the token fires that is behind them. */
SOCK__INLINE int await_any(const sock_t *s, struct pollfd *fds, size_t n,
                           const sock_cancel_t *token, struct sock__timer *t)
{
    bool begun = t->deadline != 0;
    for (;;) {
        int64_t left = sock__time_left(t);
        if (begun && left == 0) /* though it may be ready, in vain */
            return SOCK__TIMED_OUT;
        if (sock__until_deadline(s, &left) != 0)
            return SOCK__TIMED_OUT;
        int ready = sock__os_poll(fds, n + (token != NULL), left);
        if (has_fired(token))
            return SOCK__CANCELLED;
        if (ready > 0 && (token == NULL || ready > (fds[n].revents != 0)))
            return 0;
        begun = begun || ready > 0; /* they were looked at */
        if (ready == 0 && left >= 0 && left <= SOCK__OS_LONGEST_WAIT)
            return SOCK__TIMED_OUT;
        if (ready < 0 && errno != EINTR)
            return errno;
        if (ready < 0 && sock__interrupted(s))
            return SOCK__CANCELLED;
    }
}

int sock__await_any(const sock_t *s, struct pollfd *fds, size_t n,
                    struct sock__timer *t)
{
    sock_cancel_t *token = sock__hold_token(s);
    if (token == NULL)
        return await_any(s, fds, n, NULL, t);
    fds[n] = (struct pollfd){.fd = token->fd, .events = POLLIN};
    int status = await_any(s, fds, n, token, t);
    sock__drop_token(token);
    return status;
}

int sock__await(const sock_t *s, int fd, short events, struct sock__timer *t,
                short *found)
{
    struct pollfd p[2];
    p[0] = (struct pollfd){.fd = fd, .events = sock__os_with_end(events)};
    int status = sock__await_any(s, p, 1, t);
    *found = p[0].revents;
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
