/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/create.h>
#include <pysockc/options.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "address.h"
#include "addrinfo.h"
#include "connect.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "timeout.h"
#include "wait.h"

/*
 * A connection by name, as RFC 8305 has it: the families take turns, a new
 * attempt begins when one fails, or is not done within a quarter of a second,
 * and the first that succeeds ends the others.
 */

static const int64_t ATTEMPT_DELAY = 250000000; /* ns */

struct attempt {
    const struct addrinfo *to;
    int status;       /* what it failed at */
    bool bind_failed; /* which is about the own address */
};

struct race {
    const char *op, *host;
    sock_t *sock; /* what the winner's descriptor goes into */
    unsigned forks;
    int64_t timeout;          /* of the new object */
    struct sock__timer timer; /* of all attempts together */
    int64_t next;             /* when another attempt may begin */
    const sock_addr_t *source;
    struct attempt *attempts;
    struct pollfd *fds; /* of each attempt; -1 once it has ended */
    size_t count, begun, pending;
};

/* Planning */

static int check_race(struct race *r, int port, double timeout)
{
    if (sock__timeout_arg(r->op, timeout, &r->timeout) < 0)
        return -1;
    r->timer.timeout = r->timeout;
    if (r->source->len == 0 && r->source->kind != SOCK_E_NONE)
        return sock__addr_check(r->op, r->source);
    if (port >= 0 && port <= 65535)
        return 0;
    sock_addr_t bad =
        sock__addr_failed(SOCK_E_OVERFLOW, port, SOCK__BAD_PORT, r->host);
    return sock__addr_check(r->op, &bad);
}

static struct addrinfo *look_up(const struct race *r, int port)
{
    struct addrinfo hints = {.ai_family = sock_addr_family(r->source),
                             .ai_socktype = SOCK_STREAM};
    char service[8];
    snprintf(service, sizeof service, "%d", port);
    return sock__look_up(r->op, r->host, service, &hints);
}

/* The first from here on whose family is this one, or is not. */
static const struct addrinfo *next_of(const struct addrinfo *ai, int family,
                                      bool same)
{
    while (ai != NULL && (ai->ai_family == family) != same)
        ai = ai->ai_next;
    return ai;
}

/* The addresses in turns: one of the first's family, one of another. */
static void plan(struct race *r, const struct addrinfo *list)
{
    int family = list->ai_family;
    const struct addrinfo *a = list, *b = next_of(list, family, false);

    while (a != NULL || b != NULL) {
        if (a != NULL) {
            r->attempts[r->count++] = (struct attempt){.to = a};
            a = next_of(a->ai_next, family, true);
        }
        if (b != NULL) {
            r->attempts[r->count++] = (struct attempt){.to = b};
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

/* Room for the attempts, and for what else is waited for, in one allocation; -1
 * with the error recorded. */
static int make_room(struct race *r, size_t n)
{
    r->attempts = malloc(n * sizeof *r->attempts + (n + 1) * sizeof *r->fds);
    if (r->attempts == NULL)
        return sock__fail(r->op, SOCK_E_MEMORY, 0, 0);
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

/* A socket that is to connect; -1 with errno. */
static int begin_socket(const struct race *r, struct attempt *a)
{
    int fd = sock__os_socket(a->to->ai_family, a->to->ai_socktype,
                             a->to->ai_protocol, !is_blocking(r));
    if (fd < 0 || r->source->len == 0 ||
        bind(fd, &r->source->u.sa, r->source->len) == 0)
        return fd;
    int err = errno;
    close(fd);
    a->bind_failed = true;
    errno = err;
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
    r->next = sock__os_now() + ATTEMPT_DELAY;
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

/* The attempt that wins; NULL if all have failed, or with a status that ended
 * the race. */
static struct attempt *run(struct race *r, int *status)
{
    struct attempt *won = NULL;

    *status = 0;
    while (won == NULL && *status == 0) {
        bool may_begin = r->pending == 0 || sock__os_now() >= r->next;
        if (r->begun < r->count && may_begin) {
            int began = begin_attempt(r);
            if (began == 0)
                won = &r->attempts[r->begun - 1];
            else if (began == SOCK__CANCELLED) /* not of this one alone */
                *status = began;
        } else if (r->pending == 0) {
            break;
        } else {
            *status = wait_for_one(r);
            won = *status == 0 ? winner(r) : NULL;
        }
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
    r->sock->proto = won->to->ai_protocol;
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
    sock_addr_t about = a->bind_failed ? *r->source : target(a);
    sock__fail_status_to(r->op, a->status, &about);
    sock__fail_asked(a->bind_failed ? NULL : r->host);
}

/* Records the error of each; NULL with the error recorded. */
static sock_error_list_t *list_errors(const struct race *r)
{
    struct failures *f = malloc(sizeof *f + r->begun * sizeof f->errors[0]);

    if (f == NULL) {
        sock__fail(r->op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    for (size_t i = 0; i < r->begun; i++) {
        record(r, i);
        f->errors[i] = *sock_last_error();
    }
    f->list = (sock_error_list_t){.errors = f->errors, .count = r->begun};
    return &f->list;
}

static void fail_race(const struct race *r, size_t last,
                      sock_error_list_t **errors)
{
    if (errors == NULL || (*errors = list_errors(r)) != NULL)
        record(r, last);
}

/* Runs the race for the addresses of a list; whether it was won. */
static bool connect_one_of(struct race *r, const struct addrinfo *list,
                           sock_error_list_t **errors)
{
    size_t last;

    if (make_room(r, count_of(list)) < 0)
        return false;
    plan(r, list);
    bool won = race(r, &last);
    if (!won)
        fail_race(r, last, errors);
    sock__free(r->attempts);
    return won;
}

sock_t *sock_create_connection_errors(const char *host, int port,
                                      double timeout, sock_addr_t source,
                                      sock_error_list_t **errors)
{
    struct race r = {
        .op = "create_connection", .host = host, .source = &source};
    int saved = errno;

    if (errors != NULL)
        *errors = NULL;
    if (check_race(&r, port, timeout) < 0)
        return NULL;
    struct addrinfo *list = look_up(&r, port);
    if (list == NULL)
        return NULL;
    /* First, so that no connection is made and lost for want of memory. */
    r.sock = sock__object(r.op, AF_UNSPEC, SOCK_STREAM, 0, r.timeout);
    r.forks = sock__os_forks();
    if (r.sock != NULL && !connect_one_of(&r, list, errors)) {
        sock__free(r.sock);
        r.sock = NULL;
    }
    saved = r.sock != NULL ? saved : errno;
    freeaddrinfo(list);
    errno = saved;
    return r.sock;
}

sock_t *sock_create_connection(const char *host, int port, double timeout,
                               sock_addr_t source)
{
    return sock_create_connection_errors(host, port, timeout, source, NULL);
}

/* A server */

static int check_server(const sock_addr_t *address, int flags)
{
    const int known = SOCK_SERVER_REUSE_PORT | SOCK_SERVER_DUALSTACK_IPV6;
    const char *op = "create_server";
    if (sock__addr_check(op, address) < 0)
        return -1;
    if (flags & ~known)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_SERVER_FLAGS);
    if (flags & SOCK_SERVER_DUALSTACK_IPV6 &&
        sock_addr_family(address) != AF_INET6)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__DUALSTACK_FAMILY);
    return 0;
}

static int set_up_server(sock_t *s, const sock_addr_t *address, int backlog,
                         int flags)
{
    bool only = (flags & SOCK_SERVER_DUALSTACK_IPV6) == 0;

    if (sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
        return -1;
    if (flags & SOCK_SERVER_REUSE_PORT &&
        sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEPORT, 1) < 0)
        return -1;
    if (s->family == AF_INET6 &&
        sock_setsockopt_int(s, IPPROTO_IPV6, IPV6_V6ONLY, only) < 0)
        return -1;
    return sock_bind(s, *address) < 0 ? -1 : sock_listen(s, backlog);
}

sock_t *sock_create_server(sock_addr_t address, int backlog, int flags)
{
    if (check_server(&address, flags) < 0)
        return NULL;
    sock_t *s = sock_new(sock_addr_family(&address), SOCK_STREAM, 0);
    if (s != NULL && set_up_server(s, &address, backlog, flags) < 0)
        sock_freep(&s);
    return s;
}

int sock_has_ipv6(void)
{
    return 1;
}

int sock_has_dualstack_ipv6(void)
{
    const int only = 0;
    int saved = errno, result = -1;
    int fd = sock__os_socket(AF_INET6, SOCK_STREAM, 0, false);

    if (fd >= 0) {
        result = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
        close(fd);
    }
    errno = saved;
    return result == 0;
}
