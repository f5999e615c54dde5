/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/async.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pysockc/connect.h>
#include <pysockc/io.h>
#include <pysockc/options.h>

#include "dispatcher.h"
#include "object.h"
#include "os.h"
#include "record.h"
#include "timeout.h"
#include "wait.h"
#include "writer.h"

/* Of a class that does not read: so the end is found, and no event comes again
 * and again. An error of datagrams is as one that handle_read returns. */
static void read_nothing(sock_dispatcher_t *d)
{
    void *buffer = sock__loop_buffer(d->loop, "recv");
    sock__dispatcher_log(d, "unhandled read event");
    if (buffer != NULL &&
        (sock_dispatcher_recv(d, buffer, SOCK__LOOP_BUFFER_SIZE) >= 0 ||
         sock__would_block(errno)))
        return;
    if (buffer == NULL || sock__dispatcher_has_end(d))
        sock__dispatcher_fail(d);
    else
        sock__dispatcher_returned(d, -1);
}

static const struct sock__dispatcher_kind plain = {
    .size = sizeof(struct sock_dispatcher), .read = read_nothing};
static const struct sock__dispatcher_kind with_send = {
    .size = sizeof(struct sock__writer),
    .queued = true,
    .read = read_nothing,
    .write = sock__writer_write,
    .drop = sock__writer_drop,
};

static bool is_queued(const sock_dispatcher_t *d)
{
    const struct sock__dispatcher_kind *kind = d->u.watch.arg;
    return kind->queued;
}

static bool is_file(const sock_dispatcher_t *d)
{
    return (d->flags & SOCK__OF_FILE) != 0;
}

/* Life cycle */

static int check_size(const sock_dispatcher_class_t *c)
{
    if (c != NULL && c->size != sizeof *c)
        return sock__fail("dispatcher", SOCK_E_VALUE, 0, SOCK__CLASS_SIZE);
    return 0;
}

static sock_dispatcher_t *new_dispatcher(
    const struct sock__dispatcher_kind *kind, const sock_dispatcher_class_t *c,
    sock_loop_t *loop, sock_t *s, void *arg)
{
    if (check_size(c) < 0)
        return NULL;
    sock_dispatcher_t *d = sock__dispatcher(kind, c, loop, arg);
    if (d == NULL || s == NULL || sock__dispatcher_attach(d, s) == 0)
        return d;
    sock__dispatcher_forget(d);
    return NULL;
}

sock_dispatcher_t *sock_dispatcher_new(const sock_dispatcher_class_t *c,
                                       sock_loop_t *loop, sock_t *s, void *arg)
{
    return new_dispatcher(&plain, c, loop, s, arg);
}

sock_dispatcher_t *sock_dispatcher_with_send_new(
    const sock_dispatcher_class_t *c, sock_loop_t *loop, sock_t *s, void *arg)
{
    return new_dispatcher(&with_send, c, loop, s, arg);
}

/* A duplicate, which does not wait; -1 with the error recorded. */
static int duplicate(int fd)
{
    if (fd < 0)
        return sock__fail("file_dispatcher", SOCK_E_VALUE, 0,
                          SOCK__NEGATIVE_FD);
    int copy = sock__os_dup(fd);
    if (copy >= 0 && sock__os_set_nonblocking(copy, true) == 0)
        return copy;
    sock__fail("file_dispatcher", SOCK_E_OS, errno, 0);
    if (copy >= 0)
        sock__close_fd(copy);
    return -1;
}

sock_dispatcher_t *sock_file_dispatcher_new(const sock_dispatcher_class_t *c,
                                            sock_loop_t *loop, sock_fd_t fd,
                                            void *arg)
{
    sock_dispatcher_t *d = new_dispatcher(&plain, c, loop, NULL, arg);
    if (d == NULL)
        return NULL;
    int copy = duplicate(fd);
    if (copy >= 0 && sock__dispatcher_attach_file(d, copy) == 0)
        return d;
    if (copy >= 0)
        sock__close_fd(copy);
    sock__dispatcher_forget(d);
    return NULL;
}

void sock_dispatcher_free(sock_dispatcher_t *d)
{
    struct sock__saved saved;
    if (d == NULL || (d->flags & SOCK__FREED) != 0)
        return;
    sock__error_save(&saved);
    sock__dispatcher_free(d);
    sock__error_restore(&saved);
}

int sock_dispatcher_close(sock_dispatcher_t *d)
{
    if (sock__dispatcher_check(d, "close") < 0)
        return -1;
    sock__dispatcher_enter(d);
    sock__dispatcher_close(d);
    sock__dispatcher_leave(d);
    return 0;
}

/* Connecting */

static int set_socket(sock_dispatcher_t *d, sock_t *s)
{
    sock__dispatcher_enter(d);
    int result = sock__dispatcher_attach(d, s);
    sock__dispatcher_leave(d);
    return result;
}

int sock_dispatcher_create_socket(sock_dispatcher_t *d, int family, int type)
{
    if (sock__dispatcher_check_loop(d, "create_socket") < 0)
        return -1;
    if (is_file(d))
        return sock__fail("create_socket", SOCK_E_OS, EOPNOTSUPP, 0);
    sock_t *s = sock_new(family, type, 0);
    if (s == NULL)
        return -1;
    if (set_socket(d, s) == 0)
        return 0;
    sock_free(s);
    return -1;
}

int sock_dispatcher_set_socket(sock_dispatcher_t *d, sock_t *s)
{
    if (sock__dispatcher_check_loop(d, "set_socket") < 0)
        return -1;
    if (s == NULL)
        return sock__fail("set_socket", SOCK_E_TYPE, 0, SOCK__NULL_SOCKET);
    if (is_file(d))
        return sock__fail("set_socket", SOCK_E_OS, EOPNOTSUPP, 0);
    return set_socket(d, s);
}

/* For the calls of sockets alone. */
static int check_socket(const sock_dispatcher_t *d, const char *op)
{
    if (sock__dispatcher_check_open(d, op) < 0)
        return -1;
    if ((d->flags & SOCK__BY_HOST) != 0) /* it has none yet */
        return sock__fail(op, SOCK_E_OS, ENOTCONN, 0);
    return is_file(d) ? sock__fail(op, SOCK_E_OS, ENOTSOCK, 0) : 0;
}

int sock_dispatcher_set_reuse_addr(sock_dispatcher_t *d)
{
    struct sock__saved saved;
    if (check_socket(d, "set_reuse_addr") < 0)
        return -1;
    sock__error_save(&saved);
    if (sock_setsockopt_int(d->of.sock, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
        sock__error_restore(&saved);
    return 0;
}

int sock_dispatcher_bind(sock_dispatcher_t *d, sock_addr_t address)
{
    return check_socket(d, "bind") < 0 ? -1 : sock_bind(d->of.sock, address);
}

/* Waits for what the state asks for; where that can't be, it goes back. */
static int begin_in(sock_dispatcher_t *d, int state)
{
    uint8_t before = d->state;
    d->state = (uint8_t)state;
    if (sock__dispatcher_watch(d) == 0)
        return 0;
    d->state = before;
    sock__dispatcher_set_timer(d, SOCK_NO_TIMEOUT);
    return -1;
}

int sock_dispatcher_listen(sock_dispatcher_t *d, int backlog)
{
    if (check_socket(d, "listen") < 0 ||
        sock__dispatcher_check_loop(d, "listen") < 0 ||
        sock_listen(d->of.sock, backlog) < 0)
        return -1;
    sock__dispatcher_enter(d);
    int result = begin_in(d, SOCK_DISPATCHER_ACCEPTING);
    sock__dispatcher_leave(d);
    return result;
}

sock_t *sock_dispatcher_accept(sock_dispatcher_t *d, sock_addr_t *peer)
{
    if (check_socket(d, "accept") < 0)
        return NULL;
    sock_t *s = sock_accept(d->of.sock, peer);
    if (s == NULL && d->state == SOCK_DISPATCHER_ACCEPTING)
        sock__dispatcher_rest(d);
    return s;
}

/* What a connect(2) that does not wait has come to: 1 if it is done, 0 if it
 * goes on, -1 with the error recorded. */
static int begin_connect(sock_dispatcher_t *d, const sock_addr_t *address)
{
    struct sock__saved saved;
    sock__error_save(&saved);
    int done = sock_connect(d->of.sock, *address) == 0;
    int err = done || sock_last_error()->kind != SOCK_E_OS ? 0 : errno;
    if (err == EISCONN)
        done = 1;
    else if (!done && err != EINPROGRESS && err != EALREADY && err != EINTR)
        return -1;
    sock__error_restore(&saved);
    return done;
}

/* Waits for its end, which has the name of whom it was about. */
static int await_connect(sock_dispatcher_t *d, const sock_addr_t *address)
{
    double limit = d->c->connect_timeout;
    sock__met(d->of.sock, address);
    if (limit > 0 && sock__dispatcher_set_timer(d, limit) < 0)
        return -1;
    return begin_in(d, SOCK_DISPATCHER_CONNECTING);
}

int sock_dispatcher_connect(sock_dispatcher_t *d, sock_addr_t address)
{
    struct sock__saved saved;
    if (check_socket(d, "connect") < 0 ||
        sock__dispatcher_check_loop(d, "connect") < 0)
        return -1;
    sock__dispatcher_enter(d);
    int result = begin_connect(d, &address);
    if (result == 0) {
        result = await_connect(d, &address);
    } else if (result == 1) {
        sock__error_save(&saved);
        sock__dispatcher_connected(d);
        sock__error_restore(&saved);
        result = 0;
    }
    sock__dispatcher_leave(d);
    return result;
}

/* Transfer */

static int check_transfer(const sock_dispatcher_t *d, const char *op)
{
    if (sock__dispatcher_check_open(d, op) < 0)
        return -1;
    return (d->flags & SOCK__BY_HOST) == 0
               ? 0
               : sock__fail(op, SOCK_E_OS, ENOTCONN, 0);
}

/* What read(2) or write(2) returned, with its errno put back where it did not
 * fail. */
static ssize_t of_file(const char *op, ssize_t n, int saved)
{
    if (n >= 0)
        errno = saved;
    else if (errno == EINTR) /* only where the call shall end */
        sock__fail(op, SOCK_E_CANCELLED, 0, 0);
    else
        sock__fail(op, SOCK_E_OS, errno, 0);
    return n;
}

static ssize_t read_some(sock_dispatcher_t *d, void *buf, size_t size)
{
    ssize_t n;
    int saved = errno;
    if (!is_file(d))
        return sock_recv(d->of.sock, buf, size, MSG_DONTWAIT);
    if (buf == NULL && size > 0)
        return sock__fail("read", SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    do
        n = read(d->of.fd, buf, size);
    while (n < 0 && errno == EINTR && !sock__interrupted(NULL));
    return of_file("read", n, saved);
}

/* write(2) has no flag against SIGPIPE. */
static ssize_t write_some(sock_dispatcher_t *d, const void *buf, size_t size)
{
    ssize_t n;
    int saved = errno;
    if (!is_file(d))
        return sock_send(d->of.sock, buf, size, MSG_DONTWAIT);
    if (buf == NULL && size > 0)
        return sock__fail("write", SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    int held = sock__os_hold_sigpipe();
    do
        n = write(d->of.fd, buf, size);
    while (n < 0 && errno == EINTR && !sock__interrupted(NULL));
    sock__os_release_sigpipe(held);
    return of_file("write", n, saved);
}

/* What has come of a try: 0 where the connection has ended. */
static ssize_t moved(sock_dispatcher_t *d, ssize_t n,
                     const struct sock__saved *saved)
{
    if (n > 0)
        sock__dispatcher_moved(d);
    if (n >= 0 || !sock__dispatcher_is_gone())
        return n;
    sock__dispatcher_end(d);
    sock__error_restore(saved);
    return 0;
}

ssize_t sock_dispatcher_recv(sock_dispatcher_t *d, void *buf, size_t size)
{
    struct sock__saved saved;
    if (check_transfer(d, "recv") < 0)
        return -1;
    sock__error_save(&saved);
    sock__dispatcher_enter(d);
    ssize_t n = read_some(d, buf, size);
    if (n == 0 && size > 0 && sock__dispatcher_has_end(d))
        sock__dispatcher_end(d);
    n = moved(d, n, &saved);
    sock__dispatcher_leave(d);
    return n;
}

static ssize_t send_all(sock_dispatcher_t *d, const void *buf, size_t size)
{
    struct sock__writer *w = (struct sock__writer *)d;
    if (buf == NULL && size > 0)
        return sock__fail("send", SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (sock__writer_check(w, "send", size) < 0 ||
        sock__writer_push(w, buf, size) < 0)
        return -1;
    return (ssize_t)size;
}

/* That there is no room is no failure. */
static ssize_t send_some(sock_dispatcher_t *d, const void *buf, size_t size)
{
    struct sock__saved saved;
    sock__error_save(&saved);
    ssize_t n = moved(d, write_some(d, buf, size), &saved);
    if (n < 0 && sock__would_block(errno)) {
        sock__error_restore(&saved);
        return 0;
    }
    return n;
}

ssize_t sock_dispatcher_send(sock_dispatcher_t *d, const void *buf, size_t size)
{
    if (sock__dispatcher_check_open(d, "send") < 0 ||
        (!is_queued(d) && check_transfer(d, "send") < 0))
        return -1;
    sock__dispatcher_enter(d);
    ssize_t n = is_queued(d) ? send_all(d, buf, size) : send_some(d, buf, size);
    sock__dispatcher_leave(d);
    return n;
}

size_t sock_dispatcher_bytes_waiting(const sock_dispatcher_t *d)
{
    return d == NULL || !is_queued(d)
               ? 0
               : ((const struct sock__writer *)d)->queue.waiting;
}

/* Options */

int sock_dispatcher_update(sock_dispatcher_t *d)
{
    if (sock__dispatcher_check_loop(d, "update") < 0)
        return -1;
    sock__dispatcher_enter(d);
    sock__dispatcher_leave(d); /* which asks */
    return 0;
}

int sock_dispatcher_set_timeout(sock_dispatcher_t *d, double seconds)
{
    int64_t ns;
    if (sock__dispatcher_check(d, "set_timeout") < 0 ||
        sock__seconds_arg("set_timeout", seconds, &ns) < 0)
        return -1;
    if (ns == 0)
        return sock__fail("set_timeout", SOCK_E_VALUE, 0,
                          SOCK__TIMEOUT_NEGATIVE);
    if (d->state == SOCK_DISPATCHER_CONNECTED &&
        sock__dispatcher_set_timer(d, seconds) < 0)
        return -1;
    d->timeout = seconds;
    return 0;
}

sock_t *sock_dispatcher_sock(const sock_dispatcher_t *d)
{
    return d == NULL || (d->flags & (SOCK__OF_FILE | SOCK__BY_HOST)) != 0
               ? NULL
               : d->of.sock;
}

void *sock_dispatcher_arg(const sock_dispatcher_t *d)
{
    return d == NULL ? NULL : d->arg;
}

sock_loop_t *sock_dispatcher_loop(const sock_dispatcher_t *d)
{
    return d == NULL ? NULL : d->loop;
}

int sock_dispatcher_state(const sock_dispatcher_t *d)
{
    return d == NULL ? SOCK_DISPATCHER_CLOSED : d->state;
}
