#define _DEFAULT_SOURCE

#include <pysockc/connect.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "call.h"
#include "internal.h"
#include "os.h"

/* Binding and listening */

int sock_bind(sock_t *s, sock_addr_t address)
{
    int fd = sock__enter(s, "bind");
    if (fd < 0)
        return -1;
    int result = sock__addr_check("bind", &address);
    if (result == 0 && (result = bind(fd, &address.u.sa, address.len)) != 0)
        sock__fail_status_to("bind", errno, &address);
    sock__leave(s);
    return result;
}

int sock_listen(sock_t *s, int backlog)
{
    int fd = sock__enter(s, "listen");
    if (fd < 0)
        return -1;
    return sock__leave_with(s, "listen", listen(fd, backlog < 0 ? 0 : backlog));
}

/* Accepting */

struct accepting {
    struct sock__call call; /* first, as call.h asks */
    sock_addr_t peer;
    int64_t timeout; /* of the new socket */
    unsigned forks;  /* when it was made, at the latest */
};

/* Whether accept(2) would not wait; -1 with errno if it would. */
static int ready_now(int fd)
{
    int ready = sock__os_poll(fd, POLLIN, 0);
    if (ready == 0)
        errno = EAGAIN;
    return ready > 0 ? 0 : -1;
}

static int accept_once(struct accepting *a)
{
    sock_t *s = a->call.sock;
    /* Asked for a peer, the kernel's cryptography says ECONNABORTED. */
    bool named = !sock__os_is_alg(s->family);
    socklen_t len = sizeof a->peer.u;
    a->timeout = sock__default_timeout();
    a->forks = sock__os_forks();
    int fd = sock__os_accept(a->call.fd, named ? &a->peer.u.sa : NULL,
                             named ? &len : NULL, a->timeout >= 0);
    if (fd >= 0 && named)
        sock__addr_finish(&a->peer, len, s->proto);
    else if (fd >= 0)
        a->peer = sock_addr_none();
    return fd;
}

/*
 * accept(2) has no flag against waiting and O_NONBLOCK cannot be relied on, so
 * a listener with a timeout is asked before each try.
 */
static ssize_t try_accept(struct sock__call *c)
{
    bool asked = c->timer.timeout < 0 || c->waits > 0;
    int fd;

    do {
        if (!asked && ready_now(c->fd) < 0)
            return -1;
        asked = c->timer.timeout < 0;
        fd = accept_once((struct accepting *)c);
    } while (fd < 0 && errno == ECONNABORTED);
    if (fd >= 0)
        errno = c->saved; /* whatever was aborted before */
    /* An AF_UNIX listener that was shut down says so only to who waits. */
    if (fd < 0 && errno == EAGAIN && c->ended)
        errno = EINVAL;
    return fd;
}

sock_t *sock_accept(sock_t *s, sock_addr_t *peer)
{
    struct accepting a;
    if (sock__call_begin(&a.call, s, "accept", POLLIN) < 0)
        return NULL;
    /* First, so that no connection is taken and lost for want of memory. */
    sock_t *conn = sock__object("accept", s->family, s->type, s->proto, -1);
    int fd = -1;
    if (conn != NULL)
        fd = (int)sock__call_run(&a.call, try_accept);
    sock__call_end(&a.call, fd);
    if (fd < 0) {
        sock__free(conn);
        return NULL;
    }
    sock__object_open(conn, fd, a.timeout, a.forks);
    if (peer != NULL)
        *peer = a.peer;
    return conn;
}

/* Connecting */

struct connecting {
    struct sock__call call; /* first, as call.h asks */
    const sock_addr_t *address;
};

/* What became of an attempt that went on after connect(2). */
static int connect_result(int fd)
{
    int err = 0;
    socklen_t size = sizeof err;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0)
        return errno;
    return err == EISCONN ? 0 : err;
}

/* Begins the attempt: 0 or an errno. */
static int connect_once(struct connecting *x)
{
    struct sock__call *c = &x->call;
    bool local = x->address->u.sa.sa_family == AF_UNIX;
    int err;

    /* Another holder of the description may have changed its mode. */
    if (sock__shared(c->sock))
        sock__os_set_nonblocking(c->fd, c->timer.timeout >= 0);
    do {
        if (connect(c->fd, &x->address->u.sa, x->address->len) == 0)
            return 0;
        err = errno;
        /* An AF_UNIX attempt ends with the interrupt, others go on. */
    } while (local && err == EINTR && c->timer.timeout != 0 &&
             !sock__interrupted(c->sock));
    return err;
}

/* Whether an attempt that has begun is to be waited for. */
static bool goes_on(struct connecting *x, int err)
{
    struct sock__call *c = &x->call;
    if (c->timer.timeout == 0 || x->address->u.sa.sa_family == AF_UNIX)
        return false;
    if (err == EINTR)
        return !sock__interrupted(c->sock);
    if (err != EINPROGRESS)
        return false;
    return c->timer.timeout > 0 || !sock__os_has_own_timeout(c->fd, POLLOUT);
}

/* 0, an errno or SOCK__TIMED_OUT; nothing is recorded. */
static int connect_status(struct connecting *x)
{
    struct sock__call *c = &x->call;
    int status = connect_once(x);

    if (goes_on(x, status)) { /* so it is never begun again */
        status = sock__wait(c->sock, c->fd, c->events, &c->timer);
        if (status == 0)
            status = connect_result(c->fd);
    }
    errno = c->saved;
    return status != 0 && sock__closed(c->sock) ? EBADF : status;
}

int sock_connect(sock_t *s, sock_addr_t address)
{
    struct connecting x = {.address = &address};
    if (sock__call_begin(&x.call, s, "connect", POLLOUT) < 0)
        return -1;
    int result = sock__addr_check("connect", &address);
    if (result == 0) {
        int status = connect_status(&x);
        if (status != 0)
            result = sock__fail_status_to("connect", status, &address);
    }
    sock__leave(s);
    return result;
}

int sock_connect_ex(sock_t *s, sock_addr_t address)
{
    struct connecting x = {.address = &address};
    struct sock__saved saved;

    sock__error_save(&saved);
    if (sock__call_begin(&x.call, s, "connect_ex", POLLOUT) < 0) {
        if (s == NULL)
            return -1;
        sock__error_restore(&saved); /* closed: the result, not a failure */
        return EBADF;
    }
    int status = sock__addr_check("connect_ex", &address);
    if (status == 0) {
        status = connect_status(&x);
        status = status == SOCK__TIMED_OUT ? EAGAIN : status;
    }
    sock__leave(s);
    return status;
}

int sock_shutdown(sock_t *s, int how)
{
    int fd = sock__enter(s, "shutdown");
    if (fd < 0)
        return -1;
    return sock__leave_with(s, "shutdown", shutdown(fd, how));
}

/* The two ends */

static int get_name(sock_t *s, const char *op, sock_addr_t *address,
                    int (*name)(int, struct sockaddr *, socklen_t *))
{
    socklen_t len = sizeof address->u;
    int fd = sock__enter(s, op);
    if (fd < 0)
        return -1;
    int result = 0;
    if (address == NULL)
        result = sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    else if (name(fd, &address->u.sa, &len) != 0)
        result = sock__fail_status(op, errno);
    else
        sock__addr_finish(address, len, s->proto);
    sock__leave(s);
    return result;
}

int sock_getsockname(sock_t *s, sock_addr_t *address)
{
    return get_name(s, "getsockname", address, getsockname);
}

int sock_getpeername(sock_t *s, sock_addr_t *address)
{
    return get_name(s, "getpeername", address, getpeername);
}

/* A connection by name */

struct plan {
    const char *op;
    struct sock__timer timer; /* of all attempts together */
    const sock_addr_t *source;
    sock_addr_t target; /* that is tried now */
};

/* Records what the object failed at, and ends it. */
static sock_t *give_up(const struct plan *p, int status, sock_t *s,
                       const sock_addr_t *about)
{
    sock__fail_status_to(p->op, status, about);
    sock_free(s);
    return NULL;
}

/* One attempt; NULL with the error recorded. */
static sock_t *try_one(struct plan *p, const struct addrinfo *ai)
{
    p->target = sock_addr_from(ai->ai_addr, ai->ai_addrlen);
    sock_t *s = sock_new(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
    if (s == NULL)
        return NULL;
    if (p->timer.timeout != sock__timer(s).timeout) {
        atomic_store(&s->timeout, p->timer.timeout);
        if (sock__os_set_nonblocking(s->fd, p->timer.timeout >= 0) != 0)
            return give_up(p, errno, s, &p->target);
    }
    if (p->source->len > 0 &&
        bind(s->fd, &p->source->u.sa, p->source->len) != 0)
        return give_up(p, errno, s, p->source);

    struct connecting x = {.address = &p->target};
    sock__call_begin(&x.call, s, p->op, POLLOUT); /* of a new object */
    x.call.timer = p->timer;
    int status = connect_status(&x);
    p->timer = x.call.timer;
    sock__leave(s);
    return status == 0 ? s : give_up(p, status, s, &p->target);
}

static int check_plan(struct plan *p, const char *host, int port,
                      double timeout)
{
    if (sock__timeout_arg(p->op, timeout, &p->timer.timeout) < 0)
        return -1;
    if (p->source->len == 0 && p->source->kind != SOCK_E_NONE)
        return sock__addr_check(p->op, p->source);
    p->target = sock__addr_failed(SOCK_E_OVERFLOW, port, SOCK__BAD_PORT, host);
    if (port < 0 || port > 65535)
        return sock__addr_check(p->op, &p->target);
    return 0;
}

static struct addrinfo *look_up(const struct plan *p, const char *host,
                                int port)
{
    struct addrinfo hints = {.ai_family = sock_addr_family(p->source),
                             .ai_socktype = SOCK_STREAM};
    char service[8];
    snprintf(service, sizeof service, "%d", port);
    return sock__look_up(p->op, host, service, &hints);
}

/* What each attempt failed at. */
struct failures {
    sock_error_list_t list; /* first, as the caller frees it */
    sock_error_t errors[];
};

/* Room for the error of each address; NULL with the error recorded. */
static struct failures *room_for(const char *op, const struct addrinfo *ai)
{
    size_t count = 0;

    for (; ai != NULL; ai = ai->ai_next)
        count++;
    struct failures *f = malloc(sizeof *f + count * sizeof f->errors[0]);
    if (f == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    f->list = (sock_error_list_t){.errors = f->errors};
    return f;
}

/* One after the other; their errors go to f, unless it is NULL. */
static sock_t *try_each(struct plan *p, const struct addrinfo *ai,
                        struct failures *f)
{
    sock_t *s = NULL;

    for (; ai != NULL && s == NULL; ai = ai->ai_next) {
        s = try_one(p, ai);
        if (s == NULL && f != NULL)
            f->errors[f->list.count++] = *sock_last_error();
    }
    return s;
}

sock_t *sock_create_connection_errors(const char *host, int port,
                                      double timeout, sock_addr_t source,
                                      sock_error_list_t **errors)
{
    struct plan p = {.op = "create_connection", .source = &source};
    struct failures *f = NULL;
    struct sock__saved saved;
    sock_t *s = NULL;

    if (errors != NULL)
        *errors = NULL;
    sock__error_save(&saved);
    if (check_plan(&p, host, port, timeout) < 0)
        return NULL;
    struct addrinfo *list = look_up(&p, host, port);
    if (list == NULL)
        return NULL;
    if (errors == NULL || (f = room_for(p.op, list)) != NULL)
        s = try_each(&p, list, f);
    int err = errno;
    freeaddrinfo(list);
    errno = err;
    if (s != NULL) {
        free(f);
        sock__error_restore(&saved); /* whatever became of those before */
    } else if (f != NULL) {
        *errors = &f->list;
    }
    return s;
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
