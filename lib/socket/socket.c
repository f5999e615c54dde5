#define _POSIX_C_SOURCE 200809L

#include <pysockc/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "call.h"
#include "internal.h"
#include "os.h"
#include "text.h"

/* Entering and leaving */

bool sock__closed(const sock_t *s)
{
    return (atomic_load(&s->state) & SOCK__CLOSED) != 0;
}

/* The errno of close(2), or 0, with errno itself as it was. */
static int close_fd(int fd)
{
    int saved = errno;
    int err = close(fd) == 0 ? 0 : errno;
    errno = saved;
    return err;
}

/*
 * Only the last call that leaves a closed object closes the number, and takes
 * it out first: a call that comes later finds the object closed, but counts
 * for a moment too. Returns the errno of close(2).
 */
static int close_number(sock_t *s)
{
    int fd = atomic_exchange(&s->fd, -1);
    return fd >= 0 ? close_fd(fd) : 0;
}

void sock__last_out(sock_t *s)
{
    close_number(s);
}

void sock__leave(sock_t *s)
{
    sock__leave_inline(s);
}

int sock__leave_with(sock_t *s, const char *op, int result)
{
    if (result < 0)
        sock__fail_status(op, errno);
    sock__leave(s);
    return result;
}

int sock__enter_quietly(sock_t *s)
{
    int fd = -1;
    if ((atomic_fetch_add(&s->state, 1) & SOCK__CLOSED) == 0)
        fd = atomic_load_explicit(&s->fd, memory_order_relaxed);
    if (fd < 0)
        sock__leave(s);
    return fd;
}

int sock__enter(sock_t *s, const char *op)
{
    int fd = s != NULL ? sock__enter_quietly(s) : -1;
    if (fd >= 0)
        return fd;
    if (s == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    return sock__fail(op, SOCK_E_OS, EBADF, 0);
}

/* Making */

sock_t *sock__object(const char *op, int family, int type, int proto,
                     int64_t timeout)
{
    sock_t *s = malloc(sizeof *s); /* cheaper than calloc */
    if (s == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    sock_interrupt_t interrupt = sock__default_interrupt();
    atomic_init(&s->state, 0);
    atomic_init(&s->fd, -1);
    atomic_init(&s->timeout, timeout);
    atomic_init(&s->check, interrupt.check);
    atomic_init(&s->check_arg, interrupt.arg);
    atomic_init(&s->shared, false);
    s->family = family;
    s->type = type;
    s->proto = proto;
    s->forks = sock__os_forks();
    s->ops = NULL;
    s->ops_data = NULL;
    return s;
}

void sock__object_open(sock_t *s, int fd, int64_t timeout, unsigned forks)
{
    s->fd = fd;
    s->timeout = timeout;
    s->forks = forks;
}

/* An object for a type that may hold SOCK_NONBLOCK. */
static sock_t *typed_object(const char *op, int family, int type, int proto)
{
    bool nonblocking;
    type = sock__os_split_type(type, &nonblocking);
    return sock__object(op, family, type, proto,
                        nonblocking ? 0 : sock__default_timeout());
}

static bool is_nonblocking(const sock_t *s)
{
    return sock__timer(s).timeout >= 0;
}

/* Ends objects that were never given out; the error stays recorded. */
static sock_t *give_up(const char *op, int err, sock_t *s)
{
    free(s);
    sock__fail_status(op, err);
    return NULL;
}

sock_t *sock_new(int family, int type, int proto)
{
    sock_t *s = typed_object("socket", family, type, proto);
    if (s == NULL)
        return NULL;
    int fd = sock__os_socket(family, s->type, proto, is_nonblocking(s));
    if (fd < 0)
        return give_up("socket", errno, s);
    s->fd = fd;
    return s;
}

/* Puts a descriptor that others may have too into an object. */
static int take(sock_t *s, int fd)
{
    if (is_nonblocking(s) && sock__os_set_nonblocking(fd, true) != 0)
        return -1;
    s->fd = fd;
    s->shared = true;
    return 0;
}

/* Puts a duplicate of a descriptor into an object; consumes s on error. */
static sock_t *duplicate(const char *op, sock_t *s, int fd)
{
    if (s == NULL)
        return NULL;
    int copy = sock__os_dup(fd);
    if (copy >= 0 && take(s, copy) == 0)
        return s;
    int err = errno;
    if (copy >= 0)
        close(copy);
    return give_up(op, err, s);
}

sock_t *sock_fromfd(sock_fd_t fd, int family, int type, int proto)
{
    return duplicate("fromfd", typed_object("fromfd", family, type, proto), fd);
}

/* Finds out of a descriptor what was not given; -1 with errno. */
static int detect(int fd, int *family, int *type, int *proto)
{
    struct sockaddr_storage sa = {0};
    socklen_t len = sizeof sa, size = sizeof *type;

    if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
        return -1;
    if (*family == -1)
        *family = sa.ss_family;
    if (*type == -1 && getsockopt(fd, SOL_SOCKET, SO_TYPE, type, &size) != 0)
        return -1;
    if (*proto == -1)
        *proto = sock__os_protocol(fd);
    return *proto == -1 ? -1 : 0;
}

sock_t *sock_adopt_as(sock_fd_t fd, int family, int type, int proto)
{
    if (fd < 0) {
        sock__fail("adopt", SOCK_E_VALUE, 0, SOCK__NEGATIVE_FD);
        return NULL;
    }
    if (detect(fd, &family, &type, &proto) < 0) {
        sock__fail_status("adopt", errno);
        return NULL;
    }
    sock_t *s = typed_object("adopt", family, type, proto);
    if (s != NULL && take(s, fd) < 0)
        return give_up("adopt", errno, s);
    return s;
}

sock_t *sock_adopt(sock_fd_t fd)
{
    return sock_adopt_as(fd, -1, -1, -1);
}

int sock_socketpair(int family, int type, int proto, sock_t *pair[2])
{
    int fds[2];

    if (pair == NULL)
        return sock__fail("socketpair", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    pair[0] = typed_object("socketpair", family, type, proto);
    pair[1] = typed_object("socketpair", family, type, proto);
    if (pair[0] != NULL && pair[1] != NULL) {
        if (sock__os_socketpair(family, pair[0]->type, proto,
                                is_nonblocking(pair[0]), fds) == 0) {
            pair[0]->fd = fds[0];
            pair[1]->fd = fds[1];
            return 0;
        }
        sock__fail_status("socketpair", errno);
    }
    sock_freep(&pair[0]);
    sock_freep(&pair[1]);
    return -1;
}

static sock_t *dup_open(sock_t *s, const char *op, int fd)
{
    if (s->ops != NULL && s->ops->dup == NULL) { /* it would be passed by */
        sock__fail(op, SOCK_E_VALUE, 0, SOCK__NO_DUP);
        return NULL;
    }
    atomic_store(&s->shared, true);
    sock_t *copy = duplicate(
        op,
        sock__object(op, s->family, s->type, s->proto, sock__timer(s).timeout),
        fd);
    if (copy != NULL && s->ops != NULL && s->ops->dup(s, copy) < 0)
        sock_freep(&copy);
    return copy;
}

sock_t *sock__dup(sock_t *s, const char *op)
{
    int fd = sock__enter(s, op);
    if (fd < 0)
        return NULL;
    sock_t *copy = dup_open(s, op, fd);
    sock__leave(s);
    return copy;
}

sock_t *sock_dup(sock_t *s)
{
    return sock__dup(s, "dup");
}

/* Ending */

bool sock__shared(const sock_t *s)
{
    return atomic_load(&s->shared) || s->forks != sock__os_forks();
}

/* Marks the object closed and enters it; -1 if it was closed before. */
static int mark_closed(sock_t *s, unsigned *inside)
{
    unsigned state = atomic_load(&s->state);
    do {
        if (state & SOCK__CLOSED)
            return -1;
    } while (!atomic_compare_exchange_weak(&s->state, &state,
                                           (state | SOCK__CLOSED) + 1));
    *inside = state;
    return 0;
}

/* Closes the object if it is open; returns the errno of close(2). */
static int close_object(sock_t *s)
{
    unsigned inside;
    if (mark_closed(s, &inside) < 0)
        return 0;
    if (inside > 0 && !sock__shared(s))
        shutdown(s->fd, SHUT_RDWR); /* wakes them */
    return sock__is_last(s) ? close_number(s) : 0;
}

sock_fd_t sock_detach(sock_t *s)
{
    unsigned inside;
    if (s == NULL)
        return sock__fail("detach", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    if (mark_closed(s, &inside) < 0)
        return sock__fail("detach", SOCK_E_OS, EBADF, 0);
    int fd = atomic_exchange(&s->fd, -1);
    sock__leave(s);
    return fd;
}

/* Reports what close(2) said: Python, too, takes no offence at a reset. */
static int closed_with(int err)
{
    if (err == 0 || err == ECONNRESET)
        return 0;
    return sock__fail_status("close", err);
}

int sock_close(sock_t *s)
{
    if (s == NULL)
        return sock__fail("close", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    return closed_with(close_object(s));
}

/* Lets the protocol on top go, whatever that does to the error record. */
static void release_ops(sock_t *s)
{
    struct sock__saved saved;
    sock__error_save(&saved);
    s->ops->release(s);
    sock__error_restore(&saved);
}

void sock_free(sock_t *s)
{
    int saved = errno;
    if (s == NULL)
        return;
    if (s->ops != NULL && s->ops->release != NULL)
        release_ops(s);
    close_object(s);
    free(s);
    errno = saved;
}

void sock_freep(sock_t **s)
{
    if (s == NULL)
        return;
    sock_free(*s);
    *s = NULL;
}

/* Descriptors without an object */

sock_fd_t sock_dup_fd(sock_fd_t fd)
{
    int copy = sock__os_dup(fd);
    return copy >= 0 ? copy : sock__fail_status("dup", errno);
}

int sock_close_fd(sock_fd_t fd)
{
    return closed_with(close_fd(fd));
}

/* What it is */

sock_fd_t sock_fileno(const sock_t *s)
{
    if (s == NULL)
        return sock__fail("fileno", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    return sock__closed(s) ? -1 : s->fd;
}

int sock_family(const sock_t *s)
{
    if (s == NULL)
        return sock__fail("family", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    return s->family;
}

int sock_type(const sock_t *s)
{
    if (s == NULL)
        return sock__fail("type", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    return s->type;
}

int sock_proto(const sock_t *s)
{
    if (s == NULL)
        return sock__fail("proto", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    return s->proto;
}

int sock_get_inheritable(sock_t *s)
{
    int fd = sock__enter(s, "get_inheritable");
    if (fd < 0)
        return -1;
    return sock__leave_with(s, "get_inheritable", sock__os_get_inheritable(fd));
}

int sock_set_inheritable(sock_t *s, int inheritable)
{
    int fd = sock__enter(s, "set_inheritable");
    if (fd < 0)
        return -1;
    if (inheritable)
        atomic_store(&s->shared, true);
    return sock__leave_with(s, "set_inheritable",
                            sock__os_set_inheritable(fd, inheritable != 0));
}

/* An end of the connection in Python's str(), where there is one. */
static void add_name(struct sock__text *t, const char *label, int fd, int proto,
                     int (*name)(int, struct sockaddr *, socklen_t *))
{
    sock_addr_t a;
    socklen_t len = sizeof a.u;

    if (name(fd, &a.u.sa, &len) != 0 || len == 0)
        return;
    sock__addr_finish(&a, len, proto);
    bool local = sock_addr_family(&a) == AF_UNIX;
    size_t n = local ? sock__addr_path_len(&a) : 0;
    if (local && n == 0)
        return;
    sock__text_add(t, label);
    if (local && a.u.un.sun_path[0] != '\0')
        sock__text_bytes(t, a.u.un.sun_path, n);
    else
        sock__addr_repr(t, &a);
}

static void add_object(struct sock__text *t, sock_t *s)
{
    int fd = sock__enter_quietly(s);
    sock__text_addf(t, "<socket.socket%s fd=%d, family=%d, type=%d, proto=%d",
                    fd < 0 ? " [closed]" : "", fd, s->family, s->type,
                    s->proto);
    if (fd >= 0) {
        add_name(t, ", laddr=", fd, s->proto, getsockname);
        add_name(t, ", raddr=", fd, s->proto, getpeername);
        sock__leave(s);
    }
    sock__text_char(t, '>');
}

int sock_repr(sock_t *s, char *buf, size_t size)
{
    struct sock__text t;
    int saved = errno;

    if (sock__text_begin(&t, "repr", buf, size) < 0)
        return -1;
    if (s != NULL)
        add_object(&t, s);
    else
        sock__text_add(&t, "None");
    errno = saved;
    return sock__text_end(&t);
}

/* For libraries on top */

void sock__set_ops(sock_t *s, const struct sock__ops *ops, void *data)
{
    s->ops = ops;
    s->ops_data = data;
}

void *sock__ops_data(const sock_t *s)
{
    return s->ops_data;
}
