/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/timeout.h>

#include <errno.h>
#include <poll.h>

#include "call.h"
#include "limit.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "timeout.h"
#include "wait.h"

/* Seconds and nanoseconds */

static const double NS = 1e9;

/* A negative count of nanoseconds is None. Returns 0, or a detail. */
static int parse_seconds(double seconds, int64_t *ns)
{
    double x = seconds * NS;

    if (seconds != seconds)
        return SOCK__TIMEOUT_NAN;
    if (seconds < 0)
        return SOCK__TIMEOUT_NEGATIVE;
    if (seconds == SOCK_NO_TIMEOUT) {
        *ns = -1;
        return 0;
    }
    if (x >= 0x1p63)
        return SOCK__TIMEOUT_TOO_LARGE;
    *ns = (int64_t)x;
    if ((double)*ns < x)
        ++*ns;
    return 0;
}

static int fail_seconds(const char *op, int detail)
{
    bool large = detail == SOCK__TIMEOUT_TOO_LARGE;
    return sock__fail(op, large ? SOCK_E_OVERFLOW : SOCK_E_VALUE, 0, detail);
}

static double to_seconds(int64_t ns)
{
    return ns < 0 ? SOCK_NO_TIMEOUT : (double)ns / NS;
}

/* The timeout of an object */

/* Set even if the descriptor then cannot be, as in Python. */
static int set_timeout(sock_t *s, const char *op, int64_t ns)
{
    if (s != NULL)
        atomic_store(&s->timeout, ns);
    int fd = sock__enter(s, op);
    if (fd < 0)
        return -1;
    return sock__leave_with(s, op, sock__apply_timeout(s, fd));
}

int sock_settimeout(sock_t *s, double seconds)
{
    int64_t ns;
    int detail = parse_seconds(seconds, &ns);
    if (detail != 0)
        return fail_seconds("settimeout", detail);
    return set_timeout(s, "settimeout", ns);
}

double sock_gettimeout(const sock_t *s)
{
    if (s == NULL)
        return sock__fail("gettimeout", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    return to_seconds(atomic_load(&s->timeout));
}

int sock_setblocking(sock_t *s, int blocking)
{
    return set_timeout(s, "setblocking", blocking ? -1 : 0);
}

int sock_getblocking(const sock_t *s)
{
    if (s == NULL)
        return sock__fail("getblocking", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    return atomic_load(&s->timeout) != 0;
}

/* The timeout of new objects */

int sock_setdefaulttimeout(double seconds)
{
    int64_t ns;
    int detail = parse_seconds(seconds, &ns);
    if (detail != 0)
        return fail_seconds("setdefaulttimeout", detail);
    atomic_store_explicit(&sock__defaults.timeout, ns, memory_order_relaxed);
    return 0;
}

double sock_getdefaulttimeout(void)
{
    return to_seconds(sock__default_timeout());
}

int sock__timeout_arg(const char *op, double seconds, int64_t *ns)
{
    if (seconds == SOCK_DEFAULT_TIMEOUT) {
        *ns = sock__default_timeout();
        return 0;
    }
    return sock__seconds_arg(op, seconds, ns);
}

int sock__seconds_arg(const char *op, double seconds, int64_t *ns)
{
    int detail = parse_seconds(seconds, ns);
    return detail == 0 ? 0 : fail_seconds(op, detail);
}

/* The end of all calls on an object */

/* The time after so many nanoseconds, negative: never. */
static int64_t from_now(int64_t ns)
{
    if (ns < 0)
        return SOCK__NEVER;
    int64_t time = sock__later(sock__os_now(), ns);
    return time < SOCK__NEVER ? time : SOCK__NEVER - 1;
}

int sock_set_deadline(sock_t *s, double seconds)
{
    const char *op = "set_deadline";
    int64_t ns;
    int detail = parse_seconds(seconds, &ns);
    if (detail != 0)
        return fail_seconds(op, detail);
    int fd = sock__enter(s, op);
    if (fd < 0)
        return -1;
    struct sock__limits *limits = sock__limits_of(s, op);
    if (limits == NULL) {
        sock__leave(s);
        return -1;
    }
    atomic_store(&limits->deadline, from_now(ns));
    return sock__leave_with(s, op, sock__limits_apply(s, fd));
}

double sock_get_deadline(const sock_t *s)
{
    int64_t left = -1;
    if (s == NULL)
        return sock__fail("get_deadline", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    if (sock__until_deadline(s, &left) != 0)
        return 0;
    return to_seconds(left);
}

/* Interrupts */

sock_interrupt_t sock_set_interrupt(sock_t *s, sock_interrupt_fn check,
                                    void *arg)
{
    sock_interrupt_t former;
    former.arg =
        atomic_exchange(s ? &s->check_arg : &sock__defaults.check_arg, arg);
    former.check =
        atomic_exchange(s ? &s->check : &sock__defaults.check, check);
    return former;
}

/* Waiting */

static int check_wait(int events, double seconds, struct sock__timer *t)
{
    int detail = parse_seconds(seconds, &t->timeout);
    if (detail != 0)
        return fail_seconds("wait", detail);
    if (events == 0 || (events & ~(SOCK_EVENT_READ | SOCK_EVENT_WRITE)) != 0)
        return sock__fail("wait", SOCK_E_VALUE, 0, SOCK__BAD_EVENTS);
    return 0;
}

/* The events that poll(2) found, among those asked for. */
static int found_events(short found, int events)
{
    if ((found & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        return events; /* the next call would not wait */
    return ((found & POLLIN) != 0 ? SOCK_EVENT_READ : 0) |
           ((found & POLLOUT) != 0 ? SOCK_EVENT_WRITE : 0);
}

/* A protocol on top is asked before each wait, and says what to wait for: 0 and
 * the events, or a status. */
static int wait_on_top(struct sock__call *c, int events, int *result)
{
    sock_t *s = c->sock;
    int status = 0;
    short found, needs = 0;

    while (status == 0) {
        *result = s->ops->ready(s, c->fd, events, &needs) & events;
        if (*result != 0)
            return 0;
        status = sock__await(s, c->fd, needs, &c->timer, &found);
        if (status == 0 && (found & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
            *result = events;
            return 0;
        }
    }
    return status;
}

int sock_wait(sock_t *s, int events, double seconds)
{
    struct sock__call c;
    int saved = errno;
    short found;

    if (sock__call_begin(&c, s, "wait", 0) < 0)
        return -1;
    if (check_wait(events, seconds, &c.timer) < 0)
        return (int)sock__call_end(&c, -1);
    short wanted = (short)(((events & SOCK_EVENT_READ) != 0 ? POLLIN : 0) |
                           ((events & SOCK_EVENT_WRITE) != 0 ? POLLOUT : 0));
    int result = 0, status = 0;
    if (sock__asks_ready(s))
        status = wait_on_top(&c, events, &result);
    else if ((status = sock__await(s, c.fd, wanted, &c.timer, &found)) == 0)
        result = found_events(found, events);
    if (status == SOCK__TIMED_OUT) /* which may be the object's own end */
        status = sock__ended(s);
    if (status != SOCK__CANCELLED && sock__closed(s))
        status = EBADF;
    if (status != 0)
        result = sock__fail_status("wait", status);
    else
        errno = saved;
    return (int)sock__call_end(&c, result);
}
