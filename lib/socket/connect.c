/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/connect.h>

#include <errno.h>
#include <poll.h>

#include "address.h"
#include "connect.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "wait.h"

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

/* 0 if accept(2) would not wait, were the descriptor blocking; else -1 with
 * errno. One that does not listen does not wait. */
static int ask_first(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int listens = 1;
    socklen_t size = sizeof listens;

    int ready = sock__os_poll(&p, 1, 0);
    if (ready != 0)
        return ready > 0 ? 0 : -1;
    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size);
    errno = EAGAIN;
    return listens ? -1 : 0;
}

/*
 * accept(2) has no flag against waiting, and others may have the description
 * and change its mode. Where they are known, the mode is mended before each
 * try; what they do between that and the try no one can prevent. A listener
 * with a timeout is asked before each try, in any case; one that never waits is
 * asked itself, and so says what is wrong with it.
 */
static int may_accept(const struct sock__call *c)
{
    bool shared = sock__shared(c->sock);
    if (c->timer.timeout < 0)
        return 0;
    if (shared)
        sock__os_set_nonblocking(c->fd, true);
    else if (c->timer.timeout == 0 || c->waits > 0)
        return 0;
    return ask_first(c->fd);
}

static ssize_t try_accept(struct sock__call *c)
{
    int fd;

    do {
        fd = may_accept(c) == 0 ? accept_once((struct accepting *)c) : -1;
    } while (fd < 0 && errno == ECONNABORTED);
    if (fd >= 0)
        errno = c->saved; /* whatever was aborted before */
    /* An AF_UNIX listener that was shut down says so only to who waits. */
    if (fd < 0 && errno == EAGAIN && c->ended)
        errno = EINVAL;
    return fd;
}

SOCK__COLD static int put_on_top(sock_t *s, sock_t *conn)
{
    return s->ops->accepted != NULL ? s->ops->accepted(s, conn) : 0;
}

/* Puts a connection into the object, and on top what the listener has there. */
static int take_accepted(sock_t *s, struct accepting *a, sock_t *conn)
{
    int fd = (int)sock__call_run(&a->call, try_accept);
    if (fd < 0)
        return -1;
    sock__object_open(conn, fd, a->timeout, a->forks, &a->peer);
    return s->ops != NULL ? put_on_top(s, conn) : 0;
}

sock_t *sock_accept(sock_t *s, sock_addr_t *peer)
{
    struct accepting a;
    if (sock__call_begin(&a.call, s, "accept", POLLIN) < 0)
        return NULL;
    /* First, so that no connection is taken and lost for want of memory. */
    sock_t *conn = sock__object("accept", s->family, s->type, s->proto, -1);
    int result = conn != NULL ? take_accepted(s, &a, conn) : -1;
    sock__call_end(&a.call, result);
    if (result < 0)
        sock_freep(&conn);
    else if (peer != NULL)
        *peer = a.peer;
    return conn;
}

/* Connecting */

/*
 * Only who has a peer is connected. SO_ERROR says why another is not, but of
 * one that was shut down, which poll(2) calls ready, too.
 */
int sock__connect_result(int fd)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer, size = sizeof(int);
    int err = 0;

    if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0)
        return 0;
    int none = errno;
    if (none != ENOTCONN)
        return none;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0)
        return errno;
    return err != 0 ? err : none;
}

/*
 * connect(2), which a closing thread knows of: it does not end what has not
 * begun (sock__object_close()), unless the system could not end it anyway.
 */
static int connect_once(struct sock__connecting *x, bool announced)
{
    struct sock__call *c = &x->call;
    int err = EBADF;

    atomic_fetch_add(&c->sock->connecting, announced);
    if (!sock__closed(c->sock))
        err =
            connect(c->fd, &x->address->u.sa, x->address->len) == 0 ? 0 : errno;
    atomic_fetch_sub(&c->sock->connecting, announced);
    return err;
}

/* Begins the attempt: 0 or a status. EINTR says that it goes on by itself, or
 * that the call may not wait. */
static int begin_connect(struct sock__connecting *x)
{
    struct sock__call *c = &x->call;
    bool goes_on = sock__os_connect_goes_on(c->sock->family);
    int err;

    /* Another holder of the description may have changed its mode. */
    if (sock__shared(c->sock))
        sock__os_set_nonblocking(c->fd, c->timer.timeout >= 0);
    do {
        err = connect_once(x, goes_on);
        if (err != EINTR || c->timer.timeout == 0)
            return err;
        if (sock__interrupted(c->sock))
            return SOCK__CANCELLED;
    } while (!goes_on);
    return err;
}

/* A protocol on top greets the peer in the same time: 0 or a status. */
static ssize_t try_handshake(struct sock__call *c)
{
    return c->sock->ops->handshake(c->sock, c->fd, &c->events);
}

SOCK__COLD static int greet(struct sock__call *c)
{
    ssize_t n;
    if (c->sock->ops->handshake == NULL || c->timer.timeout == 0)
        return 0;
    return sock__call_try(c, try_handshake, &n);
}

/* Whether an attempt that has begun is to be waited for. */
static bool is_pending(const struct sock__call *c, int status)
{
    if (c->timer.timeout == 0)
        return false;
    if (status == EINTR)
        return true;
    return status == EINPROGRESS &&
           (c->timer.timeout > 0 || !sock__os_has_own_timeout(c->fd, POLLOUT));
}

int sock__connect_status(struct sock__connecting *x)
{
    struct sock__call *c = &x->call;
    int status = begin_connect(x);

    if (is_pending(c, status)) { /* so it is never begun again */
        status = EBADF;
        if (!sock__closed(c->sock))
            status = sock__wait(c->sock, c->fd, c->events, &c->timer);
        if (status == 0)
            status = sock__connect_result(c->fd);
    }
    errno = c->saved;
    if (status == 0) {
        sock__met(c->sock, x->address);
        if (c->sock->ops != NULL)
            status = greet(c);
    }
    if (status == 0)
        errno = c->saved;
    else if (status != SOCK__CANCELLED && sock__closed(c->sock))
        status = EBADF;
    return status;
}

/* Adds whom it was about to the failure of a call that could not begin. */
static int not_begun(const struct sock__connecting *x)
{
    int kind = sock_last_error()->kind;
    if (kind == SOCK_E_TIMEOUT || kind == SOCK_E_CANCELLED)
        *sock__fail_address() = *x->address;
    return -1;
}

int sock_connect(sock_t *s, sock_addr_t address)
{
    struct sock__connecting x = {.address = &address};
    if (sock__call_begin(&x.call, s, "connect", POLLOUT) < 0)
        return not_begun(&x);
    int result = sock__addr_check("connect", &address);
    if (result == 0) {
        int status = sock__connect_status(&x);
        if (status != 0)
            result = sock__fail_status_to("connect", status, &address);
    }
    sock__leave(s);
    return result;
}

int sock_connect_ex(sock_t *s, sock_addr_t address)
{
    struct sock__connecting x = {.address = &address};
    struct sock__saved saved;

    sock__error_save(&saved);
    if (sock__call_begin(&x.call, s, "connect_ex", POLLOUT) < 0) {
        not_begun(&x);
        int kind = sock_last_error()->kind;
        if (s == NULL || kind == SOCK_E_CANCELLED)
            return -1;
        sock__error_restore(&saved); /* the result, not a failure */
        return kind == SOCK_E_TIMEOUT ? EAGAIN : EBADF;
    }
    int status = sock__addr_check("connect_ex", &address);
    if (status == 0) {
        status = sock__connect_status(&x);
        if (status == SOCK__TIMED_OUT)
            status = EAGAIN;
        else if (status == SOCK__CANCELLED || status == SOCK__RECORDED)
            status = sock__fail_status_to("connect_ex", status, &address);
    }
    sock__leave(s);
    return status;
}

/* The directions are noted before the system ends them, for whom that wakes;
 * in bits, which these numbers plus one are. */
static int shut(sock_t *s, int fd, int how)
{
    if (how == SHUT_RD || how == SHUT_WR || how == SHUT_RDWR)
        atomic_fetch_or(&s->shut, (unsigned char)(how + 1));
    return shutdown(fd, how);
}

static ssize_t try_goodbye(struct sock__call *c)
{
    return c->sock->ops->shutdown(c->sock, c->fd, &c->events);
}

/* As sock_shutdown(), where a protocol on top says goodbye first. */
static int shut_on_top(sock_t *s)
{
    struct sock__call c;
    if (sock__call_begin(&c, s, "shutdown", POLLOUT) < 0)
        return -1;
    ssize_t result = sock__call_run(&c, try_goodbye);
    if (result >= 0 && (result = shut(s, c.fd, SHUT_WR)) < 0)
        sock__fail_status("shutdown", errno);
    return (int)sock__call_end(&c, result);
}

int sock_shutdown(sock_t *s, int how)
{
    int fd = sock__enter(s, "shutdown");
    if (fd < 0)
        return -1;
    if (how != SHUT_WR || s->ops == NULL || s->ops->shutdown == NULL)
        return sock__leave_with(s, "shutdown", shut(s, fd, how));
    sock__leave(s);
    return shut_on_top(s);
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
