/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "address.h"
#include "address_text.h"
#include "limit.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "socket.h"
#include "text.h"
#include "wait.h"
#include "watch.h"

/* Making */

/* An object for a type that may hold SOCK_NONBLOCK. */
static sock_t *typed_object(const char *op, int family, int type, int proto)
{
    bool nonblocking;
    type = sock__os_split_type(type, &nonblocking);
    return sock__object(op, family, type, proto,
                        nonblocking ? 0 : sock__default_timeout());
}

/* Of one that is new, and so has no other end. */
static bool is_nonblocking(const sock_t *s)
{
    return atomic_load_explicit(&s->timeout, memory_order_relaxed) >= 0;
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
    sock__set_fd(s, fd);
    return s;
}

/* Puts a descriptor that others may have too into an object. */
static int take(sock_t *s, int fd)
{
    if (is_nonblocking(s) && sock__os_set_nonblocking(fd, true) != 0)
        return -1;
    sock__set_fd(s, fd);
    atomic_init(&s->shared, true);
    atomic_init(&s->peer_state, SOCK__PEER_OF_SYSTEM);
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

int sock_own(sock_t *s)
{
    if (sock__enter(s, "own") < 0)
        return -1;
    s->forks = sock__os_forks();
    atomic_store(&s->shared, false);
    sock__leave(s);
    return 0;
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
            sock__set_fd(pair[0], fds[0]);
            sock__set_fd(pair[1], fds[1]);
            return 0;
        }
        sock__fail_status("socketpair", errno);
    }
    sock_freep(&pair[0]);
    sock_freep(&pair[1]);
    return -1;
}

/* Where there is a protocol on top that cannot be duplicated, it would be
 * passed by. */
static bool may_dup(const sock_t *s, bool to_file)
{
    return s->ops == NULL ||
           (s->ops->dup != NULL && (to_file || !s->ops->files_only));
}

static sock_t *dup_open(sock_t *s, const char *op, int fd, bool to_file)
{
    if (!may_dup(s, to_file)) {
        sock__fail(op, SOCK_E_VALUE, 0, SOCK__NO_DUP);
        return NULL;
    }
    atomic_store(&s->shared, true);
    sock_t *copy = duplicate(op,
                             sock__object(op, s->family, s->type, s->proto,
                                          atomic_load(&s->timeout)),
                             fd);
    if (copy == NULL)
        return NULL;
    sock__know_as(copy, s);
    if (s->ops != NULL && s->ops->dup(s, copy) < 0)
        sock_freep(&copy);
    /* Who closed the object before it was marked has shut the socket down. */
    if (copy != NULL && sock__closed(s)) {
        sock_freep(&copy);
        sock__fail(op, SOCK_E_OS, EBADF, 0);
    }
    return copy;
}

sock_t *sock__dup(sock_t *s, const char *op, bool to_file)
{
    int fd = sock__enter(s, op);
    if (fd < 0)
        return NULL;
    sock_t *copy = dup_open(s, op, fd, to_file);
    sock__leave(s);
    return copy;
}

sock_t *sock_dup(sock_t *s)
{
    return sock__dup(s, "dup", false);
}

/* Moving */

/* Both have the number until the old one is closed. */
static int move_into(sock_t *now, sock_t *s, const char *op)
{
    int fd = sock__enter(s, op);
    if (fd < 0)
        return -1;
    int result = sock__limits_copy(now, s, op);
    now->check = atomic_load(&s->check);
    now->check_arg = atomic_load(&s->check_arg);
    now->forks = s->forks;
    atomic_init(&now->shared, atomic_load(&s->shared));
    atomic_init(&now->shut, atomic_load(&s->shut));
    if (atomic_load(&s->peer_state) != SOCK__PEER_NONE)
        atomic_init(&now->peer_state, SOCK__PEER_OF_SYSTEM);
    sock__know_as(now, s);
    sock__leave(s);
    if (result < 0)
        return -1;
    fd = sock__object_detach(s);
    sock__set_fd(now, fd);
    return fd >= 0 ? 0 : sock__fail(op, SOCK_E_OS, EBADF, 0);
}

sock_t *sock__move(sock_t *s, const char *op)
{
    if (s == NULL) {
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
        return NULL;
    }
    sock_t *now = sock__object(op, s->family, s->type, s->proto,
                               atomic_load(&s->timeout));
    if (now == NULL || move_into(now, s, op) == 0)
        return now;
    sock__limits_end(now);
    sock__free(now);
    return NULL;
}

/* Ending */

sock_fd_t sock_detach(sock_t *s)
{
    if (s == NULL)
        return sock__fail("detach", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    int fd = sock__object_detach(s);
    return fd >= 0 ? fd : sock__fail("detach", SOCK_E_OS, EBADF, 0);
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
    return closed_with(sock__object_close(s));
}

/* Lets the protocol on top go, whatever that does to the error record. */
SOCK__COLD static void end_ops(sock_t *s)
{
    struct sock__saved saved;
    int fd = atomic_load(&s->fd);
    if (fd >= 0)
        sock__say_goodbye(s, fd);
    if (s->ops->release == NULL)
        return;
    sock__error_save(&saved);
    s->ops->release(s);
    sock__error_restore(&saved);
}

void sock_free(sock_t *s)
{
    int saved = errno;
    if (s == NULL)
        return;
    sock__watch_gone(s);
    if (s->ops != NULL)
        end_ops(s);
    sock__object_end(s);
    sock__limits_end(s);
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
    return closed_with(sock__close_fd(fd));
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
    const char *name = s->ops != NULL ? s->ops->name : NULL;
    sock__text_addf(t, "<%s%s fd=%d, family=%d, type=%d, proto=%d",
                    name != NULL ? name : "socket.socket",
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
