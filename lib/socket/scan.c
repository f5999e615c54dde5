/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/resolve.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/timeout.h>

#include "address.h"
#include "connect.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "timeout.h"
#include "wait.h"

/*
 * Many connections at once. Each runs in a lane, which holds a descriptor and
 * takes one address after the other: a descriptor that was refused connects
 * again. The system is asked first, and often knows at once; only attempts that
 * go on are waited for, all by one poller. As their timeouts are equal, they
 * end in the order in which they began, and a queue is all they need.
 *
 * An event tells which lane it is about, and which of its descriptors. It comes
 * once (SOCK_EVENT_EDGE), so a descriptor that a child of this process still
 * has after it was closed here disturbs no one.
 */

struct lane {
    int fd;          /* -1: none */
    unsigned number; /* of the descriptors that it has had */
    bool watched;    /* by the poller */
    bool may_again;  /* connect, if it is refused */
    int family;
    size_t to;
    int64_t deadline;
    struct lane *before, *behind; /* in the queue */
};

struct scan {
    const sock_addr_t *to;
    size_t count, begun;
    int64_t timeout;
    sock_connected_fn done;
    void *arg;
    int result; /* what `done` returned, once it is not 0 */
    unsigned forks;
    int poller;        /* -1 until something goes on */
    size_t most, busy; /* lanes */
    size_t spared;     /* descriptors that are left to others */
    size_t made;       /* lanes, ended ones too */
    struct lane *oldest, *newest;
    struct sock__os_found found[SOCK__OS_FOUND_MAX];
    struct lane lanes[];
};

static const char op[] = "connect_each";

/* Descriptors */

static void drop(struct lane *l)
{
    if (l->fd >= 0)
        sock__close_fd(l->fd);
    l->fd = -1;
    l->watched = false;
}

/* Linux connects a socket anew that was refused; but one of AF_INET6 that went
 * to an IPv4 address would go on with IPv4. */
static bool may_connect_again(const sock_addr_t *a)
{
    if (sock_addr_family(a) == AF_INET6)
        return !IN6_IS_ADDR_V4MAPPED(&a->u.in6.sin6_addr);
    return sock_addr_family(a) == AF_INET;
}

/* Sees to it that the lane has a descriptor for the address; -1 with errno. */
static int have_descriptor(struct lane *l, const sock_addr_t *a)
{
    if (l->fd >= 0 && l->family != sock_addr_family(a))
        drop(l);
    if (l->fd >= 0)
        return 0;
    l->family = sock_addr_family(a);
    l->number++;
    l->fd = sock__os_socket(l->family, SOCK_STREAM, 0, true);
    return l->fd < 0 ? -1 : 0;
}

/* The lane's word for the poller, and back. */
static uint64_t word_of(const struct scan *s, const struct lane *l)
{
    return (uint64_t)l->number << 32 | (uint64_t)(l - s->lanes);
}

static struct lane *lane_of(struct scan *s, uint64_t word)
{
    struct lane *l = &s->lanes[word & UINT32_MAX];
    return l->number == word >> 32 && l->watched ? l : NULL;
}

/* Has the poller look at it: 0 or an errno. */
static int watch(struct scan *s, struct lane *l)
{
    if (l->watched)
        return 0;
    if (s->poller < 0 && (s->poller = sock__os_poller_new()) < 0)
        return errno;
    if (sock__os_poller_set(s->poller, SOCK__OS_ADD, l->fd,
                            SOCK_EVENT_WRITE | SOCK_EVENT_EDGE,
                            word_of(s, l)) < 0)
        return errno;
    l->watched = true;
    return 0;
}

/* The queue of attempts that go on */

static void enter_queue(struct scan *s, struct lane *l)
{
    l->before = s->newest;
    l->behind = NULL;
    *(s->newest != NULL ? &s->newest->behind : &s->oldest) = l;
    s->newest = l;
}

static void leave_queue(struct scan *s, struct lane *l)
{
    *(l->before != NULL ? &l->before->behind : &s->oldest) = l->behind;
    *(l->behind != NULL ? &l->behind->before : &s->newest) = l->before;
}

/* What came of an attempt */

/* The connection as an object of its own, NULL with the error recorded. The
 * lane has no descriptor any more. */
static sock_t *take_over(struct scan *s, struct lane *l)
{
    const sock_addr_t *a = &s->to[l->to];
    sock_t *conn = sock__object(op, l->family, SOCK_STREAM, 0, s->timeout);
    int fd = l->fd;

    if (conn != NULL && s->timeout < 0 &&
        sock__os_set_nonblocking(fd, false) != 0) {
        sock__fail_status_to(op, errno, a);
        sock__free(conn);
        conn = NULL;
    }
    if (conn == NULL) {
        drop(l);
        return NULL;
    }
    if (l->watched)
        sock__os_poller_set(s->poller, SOCK__OS_REMOVE, fd, 0, 0);
    l->fd = -1;
    l->watched = false;
    sock__object_open(conn, fd, s->timeout, s->forks, a);
    return conn;
}

static void report(struct scan *s, const struct lane *l, sock_t *conn)
{
    s->result =
        s->done(s->arg, l->to, conn, conn == NULL ? sock_last_error() : NULL);
}

/* Tells what came of the lane's attempt: 0 or a status. */
static void settle(struct scan *s, struct lane *l, int status)
{
    sock_t *conn = NULL;

    if (status == 0) {
        conn = take_over(s, l);
    } else {
        if (!l->may_again || status == SOCK__TIMED_OUT || status == EINPROGRESS)
            drop(l);
        sock__fail_status_to(op, status, &s->to[l->to]);
    }
    report(s, l, conn);
}

/* Lanes */

/*
 * What became of an attempt: 0 or an errno; EALREADY if it goes on. The same
 * connect(2) tells it, and makes the socket ready for another one.
 */
static int outcome(const struct scan *s, const struct lane *l)
{
    const sock_addr_t *a = &s->to[l->to];
    int result;

    do {
        result = connect(l->fd, &a->u.sa, a->len);
    } while (result != 0 && errno == EINTR);
    if (result == 0 || errno == EISCONN)
        return 0;
    return errno == EINPROGRESS ? EALREADY : errno;
}

/* Begins: 0 or a status; EINPROGRESS if it goes on, and so is in the queue. */
static int begin(struct scan *s, struct lane *l)
{
    const sock_addr_t *a = &s->to[l->to];
    int status;

    l->may_again = may_connect_again(a);
    if (connect(l->fd, &a->u.sa, a->len) == 0)
        return 0;
    if (errno != EINPROGRESS && errno != EINTR)
        return errno;
    if (s->timeout == 0)
        return EINPROGRESS;
    /* This machine has answered already, but says so only when asked again. */
    if (l->may_again && (status = outcome(s, l)) != EALREADY)
        return status;
    status = watch(s, l);
    if (status != 0) {
        l->may_again = false; /* as it goes on */
        return status;
    }
    l->deadline = sock__later(sock__os_now(), s->timeout);
    enter_queue(s, l);
    return EINPROGRESS;
}

/* Whether a lane has to wait for a descriptor until another one ends; there
 * will then be fewer of them. */
static bool must_wait(struct scan *s)
{
    if ((errno != EMFILE && errno != ENFILE) || s->busy == 1)
        return false;
    s->most = s->busy - 1;
    s->most -= s->most > s->spared ? s->spared : s->most - 1;
    return true;
}

/* One address for the lane: whether it is done with. */
static bool advance(struct scan *s, struct lane *l)
{
    const sock_addr_t *a = &s->to[s->begun];
    int status;

    l->to = s->begun;
    if (sock__addr_check(op, a) < 0) {
        s->begun++;
        report(s, l, NULL);
        return true;
    }
    if (have_descriptor(l, a) == 0)
        status = begin(s, l);
    else if (!must_wait(s))
        status = errno;
    else
        return false;
    s->begun++;
    if (status == EINPROGRESS && s->timeout != 0)
        return false;
    settle(s, l, status);
    return true;
}

static bool is_queued(const struct scan *s, const struct lane *l)
{
    return s->oldest == l || l->before != NULL;
}

/* A lane goes on until an attempt does; where nothing is left, it ends. */
static void run_lane(struct scan *s, struct lane *l)
{
    l->before = NULL;
    while (s->begun < s->count && s->result == 0 && s->busy <= s->most)
        if (!advance(s, l))
            break;
    if (is_queued(s, l))
        return;
    drop(l);
    s->busy--;
}

/* Where one has ended before all was done there are enough, so none is used
 * again. */
static struct lane *new_lane(struct scan *s)
{
    struct lane *l = &s->lanes[s->made++];
    s->busy++;
    *l = (struct lane){.fd = -1};
    return l;
}

/* Waiting */

static void handle(struct scan *s, struct lane *l)
{
    int status = l->may_again ? outcome(s, l) : sock__connect_result(l->fd);
    if (status == EALREADY) /* the event was of the attempt before */
        return;
    leave_queue(s, l);
    settle(s, l, status);
    run_lane(s, l);
}

/* The time that the oldest has; as many as can end together, do. */
static int64_t time_left(const struct scan *s, int64_t now)
{
    if (s->timeout < 0)
        return -1;
    return s->oldest->deadline > now ? s->oldest->deadline - now : 0;
}

/*
 * Ends what had no more time before the last wait, in which each of those had
 * its chance.
 */
static void expire(struct scan *s, int64_t now)
{
    if (s->timeout < 0)
        return;
    while (s->result == 0 && s->oldest != NULL && s->oldest->deadline <= now) {
        struct lane *l = s->oldest;
        leave_queue(s, l);
        settle(s, l, SOCK__TIMED_OUT);
        run_lane(s, l);
    }
}

/* Waits for some to end: 0 or a status. */
static int wait_for_some(struct scan *s)
{
    int64_t now = sock__os_now();
    int n = sock__os_poller_wait(s->poller, s->found, time_left(s, now));

    if (n < 0 && errno != EINTR)
        return errno;
    if (n < 0 && sock__interrupted(NULL))
        return SOCK__CANCELLED;
    for (int i = 0; i < n && s->result == 0; i++) {
        struct lane *l = lane_of(s, s->found[i].word);
        if (l != NULL)
            handle(s, l);
    }
    if (n < SOCK__OS_FOUND_MAX)
        expire(s, now);
    return 0;
}

/* All of it: 0 or a status. */
static int run(struct scan *s)
{
    int status = 0;

    while (status == 0 && s->result == 0) {
        while (s->begun < s->count && s->busy < s->most && s->result == 0)
            run_lane(s, new_lane(s));
        if (s->busy == 0)
            break;
        if (s->result == 0)
            status = wait_for_some(s);
    }
    return status;
}

static void end(struct scan *s)
{
    if (s->poller >= 0)
        sock__close_fd(s->poller);
    for (size_t i = 0; i < s->made; i++)
        drop(&s->lanes[i]);
    sock__free(s);
}

/* Lanes at most, for a caller who wants so many, or 0. */
static size_t lanes_for(size_t count, size_t wanted, size_t spared)
{
    size_t most = sock__os_most_fds();

    most = most > spared ? most - spared : 1;
    if (wanted > 0 && wanted < most)
        most = wanted;
    return count < most ? count : most;
}

/* NULL with the error recorded. */
static struct scan *new_scan(size_t count, size_t in_flight)
{
    size_t spared = in_flight == 0 ? 16 : 0;
    size_t most = lanes_for(count, in_flight, spared);
    struct scan *s = malloc(sizeof *s + most * sizeof s->lanes[0]);

    if (s == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    memset(s, 0, sizeof *s);
    s->count = count;
    s->poller = -1;
    s->most = most;
    s->spared = spared;
    s->forks = sock__os_forks();
    return s;
}

int sock_connect_each(const sock_addr_t *to, size_t n, size_t in_flight,
                      double timeout, sock_connected_fn done, void *arg)
{
    struct sock__saved saved;
    int64_t ns;

    if (done == NULL || (to == NULL && n > 0))
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (n > SIZE_MAX / 2 / sizeof to[0])
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    if (sock__timeout_arg(op, timeout, &ns) < 0)
        return -1;
    struct scan *s = new_scan(n, in_flight);
    if (s == NULL)
        return -1;
    sock__error_save(&saved);
    s->to = to;
    s->timeout = ns;
    s->done = done;
    s->arg = arg;
    int status = run(s), result = s->result;
    end(s);
    if (status != 0)
        return sock__fail_status(op, status);
    if (result >= 0)
        sock__error_restore(&saved);
    return result;
}
