/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include "race.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "address.h"
#include "connect.h"
#include "lookup.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "timeout.h"
#include "wait.h"

/*
 * A connection by name, as RFC 8305 has it: the families take turns, a new
 * attempt begins when one fails, or is not done within a quarter of a second,
 * and the first that succeeds ends the others. The look-up has the same time as
 * they.
 */

struct attempt {
    const struct addrinfo *to;
    int proto;
    int status;       /* what it failed at */
    bool bind_failed; /* which is about the own address */
};

struct race {
    const struct sock__race_terms *terms;
    sock_t *sock; /* what the winner's descriptor goes into */
    unsigned forks;
    int64_t timeout;          /* of the new object */
    struct sock__timer timer; /* of the look-up and all attempts */
    int64_t next;             /* when another attempt may begin */
    struct attempt *attempts;
    struct pollfd *fds; /* of each attempt; -1 once it has ended */
    size_t count, begun, pending;
};

/* Planning */

static int check_terms(struct race *r)
{
    const struct sock__race_terms *t = r->terms;
    if (sock__timeout_arg(t->op, t->timeout, &r->timeout) < 0)
        return -1;
    r->timer.timeout = r->timeout;
    if (t->source->len == 0 && t->source->kind != SOCK_E_NONE)
        return sock__addr_check(t->op, t->source);
    return sock__port_check(t->op, t->host, t->port);
}

static struct addrinfo *look_up(struct race *r)
{
    const struct sock__race_terms *t = r->terms;
    struct addrinfo hints = {.ai_family = sock_addr_family(t->source),
                             .ai_socktype = SOCK_STREAM};
    char service[8];
    snprintf(service, sizeof service, "%d", t->port);
    return sock__look_up_within(t->op, t->host, service, &hints, &r->timer,
                                NULL);
}

/* The first from here on whose family is this one, or is not. */
static const struct addrinfo *next_of(const struct addrinfo *ai, int family,
                                      bool same)
{
    while (ai != NULL && (ai->ai_family == family) != same)
        ai = ai->ai_next;
    return ai;
}

static void add_attempt(struct race *r, const struct addrinfo *to)
{
    r->attempts[r->count++] =
        (struct attempt){.to = to, .proto = to->ai_protocol};
}

/* The addresses in turns: one of the first's family, one of another. */
static void plan(struct race *r, const struct addrinfo *list)
{
    int family = r->terms->first_family;
    if (next_of(list, family, true) == NULL)
        family = list->ai_family;
    const struct addrinfo *a = next_of(list, family, true);
    const struct addrinfo *b = next_of(list, family, false);

    while (a != NULL || b != NULL) {
        if (a != NULL) {
            add_attempt(r, a);
            a = next_of(a->ai_next, family, true);
        }
        if (b != NULL) {
            add_attempt(r, b);
            b = next_of(b->ai_next, family, false);
        }
    }
}

static size_t count_of(const struct addrinfo *ai)
{
    size_t n = 0;
    for (; ai != NULL; ai = ai->ai_next)
        n++;
    return n;
}

/* Room for the attempts, in one allocation; -1 with the error recorded. */
static int make_room(struct race *r, size_t n)
{
    r->attempts = malloc(n * (sizeof *r->attempts + sizeof *r->fds));
    if (r->attempts == NULL)
        return sock__fail(r->terms->op, SOCK_E_MEMORY, 0, 0);
    r->fds = (struct pollfd *)(void *)(r->attempts + n);
    return 0;
}

/* Racing */

static sock_addr_t target(const struct attempt *a)
{
    return sock_addr_from(a->to->ai_addr, a->to->ai_addrlen);
}

static void end_attempt(struct race *r, size_t i, int status)
{
    if (r->fds[i].fd >= 0)
        close(r->fds[i].fd);
    r->fds[i].fd = -1;
    r->attempts[i].status = status;
    r->pending--;
    r->next = 0; /* another may begin at once */
}

/* Without a timeout, the only one may as well wait in connect(2). */
static bool is_blocking(const struct race *r)
{
    return r->timeout < 0 && r->count == 1;
}

/* A socket, of MPTCP where that is wanted and the system has it; -1 with
 * errno. */
static int new_socket(const struct race *r, struct attempt *a)
{
    const struct addrinfo *to = a->to;
    int saved = errno, fd = -1;

    if (r->terms->mptcp)
        fd = sock__os_socket(to->ai_family, to->ai_socktype, SOCK__OS_MPTCP,
                             !is_blocking(r));
    if (fd >= 0) {
        a->proto = SOCK__OS_MPTCP;
        return fd;
    }
    errno = saved;
    return sock__os_socket(to->ai_family, to->ai_socktype, to->ai_protocol,
                           !is_blocking(r));
}

/* Makes it as the terms want it; -1 with errno. */
static int set_up(const struct race *r, struct attempt *a, int fd)
{
    const sock_addr_t *source = r->terms->source;
    const int on = 1;

    if (r->terms->nodelay &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        return -1;
    if (source->len == 0)
        return 0;
    a->bind_failed = bind(fd, &source->u.sa, source->len) != 0;
    return a->bind_failed ? -1 : 0;
}

static bool is_allowed(const struct race *r, const struct attempt *a)
{
    sock_addr_t to = target(a);
    return r->terms->allow == NULL || r->terms->allow(&to, r->terms->arg);
}

/* A socket that is to connect; -1 with errno. */
static int begin_socket(const struct race *r, struct attempt *a)
{
    if (!is_allowed(r, a)) {
        errno = EACCES;
        return -1;
    }
    int fd = new_socket(r, a);
    if (fd < 0 || set_up(r, a, fd) == 0)
        return fd;
    sock__close_fd(fd);
    return -1;
}

/* connect(2): 0, a status, or EINPROGRESS for one that goes on. */
static int begin_connect(const struct race *r, const struct attempt *a, int fd)
{
    if (fd < 0 || connect(fd, a->to->ai_addr, a->to->ai_addrlen) == 0)
        return fd < 0 ? errno : 0;
    if (errno != EINTR)
        return errno;
    return sock__interrupted(r->sock) ? SOCK__CANCELLED : EINPROGRESS;
}

/* Begins the next attempt: 0 if it has succeeded at once, or a status. */
static int begin_attempt(struct race *r)
{
    size_t i = r->begun++;
    struct attempt *a = &r->attempts[i];
    int fd = begin_socket(r, a);

    r->fds[i] = (struct pollfd){.fd = fd, .events = POLLOUT};
    r->pending++;
    r->next = sock__os_now() + r->terms->delay;
    int status = begin_connect(r, a, fd);
    if (status != 0 && (status != EINPROGRESS || r->timeout == 0))
        end_attempt(r, i, status);
    return status;
}

/* The attempt that has succeeded, if one has; ends those that have failed. */
static struct attempt *winner(struct race *r)
{
    for (size_t i = 0; i < r->begun; i++) {
        if (r->fds[i].fd < 0 || r->fds[i].revents == 0)
            continue;
        int status = sock__connect_result(r->fds[i].fd);
        if (status == 0)
            return &r->attempts[i];
        end_attempt(r, i, status);
    }
    return NULL;
}

/* Waits for an attempt to end, or until the next may begin: 0 or a status. */
static int wait_for_one(struct race *r)
{
    int64_t now = sock__os_now();
    if (r->begun == r->count)
        return sock__await_any(r->sock, r->fds, r->begun, &r->timer);
    if (sock__time_left(&r->timer) == 0)
        return SOCK__TIMED_OUT;
    int status = sock__await_for(r->sock, r->fds, r->begun,
                                 r->next > now ? r->next - now : 0, &r->timer);
    return status == SOCK__TIMED_OUT ? 0 : status;
}

/* Begins the next attempt if it is time to: itself if it has succeeded. */
static struct attempt *begin_due(struct race *r, int *status)
{
    if (r->begun == r->count || (r->pending > 0 && sock__os_now() < r->next))
        return NULL;
    int began = begin_attempt(r);
    if (began == SOCK__CANCELLED) /* not of this one alone */
        *status = began;
    return began == 0 ? &r->attempts[r->begun - 1] : NULL;
}

/*
 * The attempt that wins; NULL if all have failed, or with a status that ended
 * the race. Whoever has won meanwhile is seen before another one begins.
 */
static struct attempt *run(struct race *r, int *status)
{
    struct attempt *won = NULL;

    *status = 0;
    while (won == NULL && *status == 0 &&
           (r->pending > 0 || r->begun < r->count)) {
        if (r->pending > 0) {
            *status = wait_for_one(r);
            won = *status == 0 ? winner(r) : NULL;
        }
        if (won == NULL && *status == 0)
            won = begin_due(r, status);
    }
    return won;
}

/* Puts the winner's descriptor into the object: 0 or an errno. */
static int take_over(struct race *r, const struct attempt *won)
{
    size_t i = (size_t)(won - r->attempts);
    sock_addr_t peer = target(won);

    if (r->timeout < 0 && !is_blocking(r) &&
        sock__os_set_nonblocking(r->fds[i].fd, false) != 0)
        return errno;
    r->sock->family = won->to->ai_family;
    r->sock->type = won->to->ai_socktype;
    r->sock->proto = won->proto;
    sock__object_open(r->sock, r->fds[i].fd, r->timeout, r->forks, &peer);
    r->fds[i].fd = -1;
    return 0;
}

/* Ends what still goes on, by the status; which one of them came last. */
static size_t end_all(struct race *r, int status)
{
    size_t last = r->begun - 1;

    for (size_t i = 0; i < r->begun; i++)
        if (r->fds[i].fd >= 0) {
            end_attempt(r, i, status);
            last = i;
        }
    return last;
}

/* Whether there is a connection in the object; else *last is the attempt whose
 * error is the call's. */
static bool race(struct race *r, size_t *last)
{
    int status;
    const struct attempt *won = run(r, &status);

    if (won != NULL)
        status = take_over(r, won);
    *last = end_all(r, status != 0 ? status : ECANCELED);
    return won != NULL && status == 0;
}

/* Errors */

/* What each attempt failed at. */
struct failures {
    sock_error_list_t list; /* first, as the caller frees it */
    sock_error_t errors[];
};

static void record(const struct race *r, size_t i)
{
    const struct attempt *a = &r->attempts[i];
    const struct sock__race_terms *t = r->terms;
    sock_addr_t about = a->bind_failed ? *t->source : target(a);
    sock__fail_status_to(t->op, a->status, &about);
    sock__fail_asked(a->bind_failed ? NULL : t->host);
}

/* Records the error of each; NULL with the error recorded. */
static sock_error_list_t *list_errors(const struct race *r)
{
    struct failures *f = malloc(sizeof *f + r->begun * sizeof f->errors[0]);

    if (f == NULL) {
        sock__fail(r->terms->op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    for (size_t i = 0; i < r->begun; i++) {
        record(r, i);
        f->errors[i] = *sock_last_error();
    }
    f->list = (sock_error_list_t){.errors = f->errors, .count = r->begun};
    return &f->list;
}

static void fail_race(const struct race *r, size_t last)
{
    sock_error_list_t **errors = r->terms->errors;
    if (errors == NULL || (*errors = list_errors(r)) != NULL)
        record(r, last);
}

/* Runs the race for the addresses of a list; whether it was won. */
static bool connect_one_of(struct race *r, const struct addrinfo *list)
{
    size_t last;

    if (make_room(r, count_of(list)) < 0)
        return false;
    plan(r, list);
    bool won = race(r, &last);
    if (!won)
        fail_race(r, last);
    sock__free(r->attempts);
    return won;
}

sock_t *sock__race(const struct sock__race_terms *terms)
{
    struct race r = {.terms = terms};
    int saved = errno;

    if (terms->errors != NULL)
        *terms->errors = NULL;
    if (check_terms(&r) < 0)
        return NULL;
    struct addrinfo *list = look_up(&r);
    if (list == NULL)
        return NULL;
    /* First, so that no connection is made and lost for want of memory. */
    r.sock = sock__object(terms->op, AF_UNSPEC, SOCK_STREAM, 0, r.timeout);
    r.forks = sock__os_forks();
    if (r.sock != NULL && !connect_one_of(&r, list)) {
        sock__free(r.sock);
        r.sock = NULL;
    }
    saved = r.sock != NULL ? saved : errno;
    freeaddrinfo(list);
    errno = saved;
    return r.sock;
}
