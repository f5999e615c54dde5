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
static int connect_once(struct sock__connecting *x)
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
static bool goes_on(struct sock__connecting *x, int err)
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

int sock__connect_status(struct sock__connecting *x)
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
    struct sock__connecting x = {.address = &address};
    if (sock__call_begin(&x.call, s, "connect", POLLOUT) < 0)
        return -1;
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
        if (s == NULL)
            return -1;
        sock__error_restore(&saved); /* closed: the result, not a failure */
        return EBADF;
    }
    int status = sock__addr_check("connect_ex", &address);
    if (status == 0) {
        status = sock__connect_status(&x);
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
