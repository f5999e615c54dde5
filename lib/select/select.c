/* SPDX-License-Identifier: MIT */
#include <pysockc/select.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "call.h"
#include "os.h"
#include "record.h"
#include "timeout.h"
#include "wait.h"

/* The three lists, in Python's order, and what in poll(2) means ready. */
enum { LISTS = 3, FEW = 64 };
static const struct {
    int event, ready;
} meaning[LISTS] = {
    {SOCK_EVENT_READ, SOCK_EVENT_READ | SOCK_EVENT_HANGUP | SOCK_EVENT_ERROR},
    {SOCK_EVENT_WRITE, SOCK_EVENT_WRITE | SOCK_EVENT_ERROR},
    {SOCK_EVENT_PRIORITY, SOCK_EVENT_PRIORITY},
};

struct selecting {
    sock_t **lists[LISTS];
    size_t sizes[LISTS];
    size_t n; /* all together */
    struct pollfd *fds;
    bool on_top; /* of some a protocol has to be asked */
};

static size_t length(sock_t *const *list)
{
    size_t n = 0;
    while (list != NULL && list[n] != NULL)
        n++;
    return n;
}

/* The object at a place, and which list it is of. */
static sock_t *object_at(const struct selecting *x, size_t i, int *list)
{
    for (*list = 0; i >= x->sizes[*list]; ++*list)
        i -= x->sizes[*list];
    return x->lists[*list][i];
}

/* Protocols on top */

static bool is_on_top(const sock_t *s, int list)
{
    return sock__asks_ready(s) && list < LISTS - 1;
}

/* Asks the protocol of one, if it has one; where it would wait, poll(2) is to
 * wait for what it says. */
static bool ask(struct selecting *x, size_t i)
{
    int list;
    sock_t *s = object_at(x, i, &list);
    short needs = 0;

    if (!is_on_top(s, list))
        return false;
    int event = meaning[list].event;
    if ((s->ops->ready(s, x->fds[i].fd, event, &needs) & event) != 0)
        return true;
    x->fds[i].events = needs;
    return false;
}

static bool ask_all(struct selecting *x)
{
    bool any = false;
    for (size_t i = 0; x->on_top && i < x->n; i++)
        any = ask(x, i) || any;
    return any;
}

/* Entering each object, so that its number is not given away meanwhile */

/* Leaves the first n; whether one is closed: that has ended the wait, and what
 * was found is of no use. */
static bool leave(const struct selecting *x, size_t n)
{
    bool closed = false;
    for (int list = 0; list < LISTS; list++)
        for (size_t k = 0; k < x->sizes[list] && n > 0; k++, n--) {
            closed = closed || sock__closed(x->lists[list][k]);
            sock__leave_inline(x->lists[list][k]);
        }
    return closed;
}

static int enter(struct selecting *x)
{
    size_t i = 0;
    for (int list = 0; list < LISTS; list++) {
        short events = sock__os_to_poll(meaning[list].event);
        for (size_t k = 0; k < x->sizes[list]; k++, i++) {
            sock_t *s = x->lists[list][k];
            int fd = sock__enter(s, "select");
            if (fd < 0) {
                leave(x, i);
                return -1;
            }
            x->fds[i] = (struct pollfd){.fd = fd, .events = events};
            x->on_top = x->on_top || is_on_top(s, list);
        }
    }
    return 0;
}

/* Waiting */

static bool is_ready(struct selecting *x, size_t i)
{
    if (x->fds[i].revents == 0 && !x->on_top)
        return false;
    int list, found = sock__os_from_poll(x->fds[i].revents);
    const sock_t *s = object_at(x, i, &list);
    if (is_on_top(s, list))
        return (found & (SOCK_EVENT_HANGUP | SOCK_EVENT_ERROR)) != 0 ||
               ask(x, i);
    return (found & meaning[list].ready) != 0;
}

/* Leaves in revents only whether it is ready; the number of those that are. */
static int count_ready(struct selecting *x)
{
    int ready = 0;
    for (size_t i = 0; i < x->n; i++) {
        x->fds[i].revents = is_ready(x, i);
        ready += x->fds[i].revents;
    }
    return ready;
}

/*
 * The number of those that are ready; *status is 0 or says why there is none.
 * What a protocol holds back is there without a wait, and what the system finds
 * may be of no use to it: then the wait goes on.
 */
static int wait_ready(struct selecting *x, struct sock__timer *t, int *status)
{
    int ready;
    do {
        struct sock__timer now = {.timeout = 0};
        bool inside = ask_all(x);
        *status = sock__await_any(NULL, x->fds, x->n, inside ? &now : t);
        if (*status != 0 && !(inside && *status == SOCK__TIMED_OUT))
            return 0;
        ready = count_ready(x);
        *status = 0;
    } while (ready == 0 && sock__time_left(t) != 0);
    return ready;
}

/* Moves the ready ones of the lists to the front. */
static void move_ready(struct selecting *x)
{
    size_t i = 0;
    for (int list = 0; list < LISTS; list++) {
        size_t kept = 0;
        for (size_t k = 0; k < x->sizes[list]; k++, i++)
            if (x->fds[i].revents != 0)
                x->lists[list][kept++] = x->lists[list][k];
        if (x->lists[list] != NULL)
            x->lists[list][kept] = NULL;
    }
}

static int select_entered(struct selecting *x, struct sock__timer *t)
{
    int status, saved = errno;
    int ready = wait_ready(x, t, &status);

    bool closed = leave(x, x->n);
    if (status != SOCK__CANCELLED && closed)
        status = EBADF;
    if (status != 0 && status != SOCK__TIMED_OUT)
        return sock__fail_status("select", status);
    errno = saved;
    return ready;
}

int sock_select(sock_t *rlist[], sock_t *wlist[], sock_t *xlist[],
                double timeout)
{
    struct pollfd few[FEW];
    struct selecting x = {.lists = {rlist, wlist, xlist}};
    struct sock__timer t = {.deadline = 0};
    int ready = -1;

    if (timeout < 0)
        return sock__fail("select", SOCK_E_VALUE, 0, SOCK__TIMEOUT_OF_SELECT);
    if (sock__seconds_arg("select", timeout, &t.timeout) < 0)
        return -1;
    for (int list = 0; list < LISTS; list++)
        x.n += x.sizes[list] = length(x.lists[list]);
    x.fds = x.n <= FEW ? few : calloc(x.n, sizeof *x.fds);
    if (x.fds == NULL)
        return sock__fail("select", SOCK_E_MEMORY, 0, 0);
    if (enter(&x) == 0)
        ready = select_entered(&x, &t);
    if (ready >= 0)
        move_ready(&x);
    if (x.fds != few)
        sock__free(x.fds);
    return ready;
}
