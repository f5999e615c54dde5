/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <pysockc/io.h>
#include <pysockc/timeout.h>

#include "private.h"

enum {
    ROOM = 8192, /* of the buffer at first, if no one says, as Python's
                    blocksize */
    SMALL = 1024 /* reads of less go through the buffer: a call each would cost
                    more than the copy */
};

static ssize_t receive(struct sock__wire *w, const char *op, void *buf,
                       size_t n)
{
    ssize_t got;
    if (w->source.read != NULL)
        got = w->source.read(w->source.arg, buf, n);
    else if (w->sock != NULL)
        got = sock_recv(w->sock, buf, n, 0);
    else
        return 0;
    return got < 0 ? sock__fail_status(op, SOCK__RECORDED) : got;
}

/* Room behind the bytes; -1 with the error recorded. */
static int make_room(struct sock__wire *w, const char *op)
{
    size_t held = w->end - w->at;
    if (w->at > 0) {
        memmove(w->buf, w->buf + w->at, held);
    } else {
        size_t first = w->first > 0 ? w->first : ROOM;
        size_t room = w->room > 0 ? 2 * w->room : first;
        char *buf = realloc(w->buf, room);
        if (buf == NULL)
            return sock__fail(op, SOCK_E_MEMORY, 0, 0);
        w->buf = buf;
        w->room = room;
    }
    w->at = 0;
    w->end = held;
    return 0;
}

ssize_t sock__wire_more(struct sock__wire *w, const char *op)
{
    if (w->at == w->end)
        w->at = w->end = 0;
    if (w->end == w->room && make_room(w, op) < 0)
        return -1;
    ssize_t n = receive(w, op, w->buf + w->end, w->room - w->end);
    w->end += n > 0 ? (size_t)n : 0;
    return n;
}

ssize_t sock__wire_read(struct sock__wire *w, const char *op, void *buf,
                        size_t n)
{
    if (w->at == w->end) {
        if (n >= SMALL || w->sock == NULL)
            return receive(w, op, buf, n);
        ssize_t got = sock__wire_more(w, op);
        if (got <= 0)
            return got;
    }
    size_t held = w->end - w->at;
    n = n < held ? n : held;
    memcpy(buf, w->buf + w->at, n);
    w->at += n;
    return (ssize_t)n;
}

/* Whether a receive would not wait: 1, 0; -1 if even that cannot be said. */
static int is_ready(struct sock__wire *w)
{
    struct sock__saved saved;

    sock__error_save(&saved);
    int ready = sock_wait(w->sock, SOCK_EVENT_READ, 0);
    if (ready < 0)
        sock__error_restore(&saved);
    return ready > 0 ? 1 : ready;
}

/* Nothing yet; what has been waited for is there. */
static ssize_t try_late(sock_t *s, int fd, void *waited, short *events)
{
    bool *has_waited = waited;

    (void)s, (void)fd;
    if (*has_waited)
        return 0;
    *has_waited = true;
    *events = POLLIN;
    errno = EAGAIN;
    return -1;
}

/* A call whose time is over, so that its record says who let it pass; 0: it has
 * come after all. */
static int fail_late(struct sock__wire *w, const char *op)
{
    bool waited = false;
    struct sock__timer over = {.timeout = 1, .deadline = 1};

    return (int)sock__make_call(w->sock, op, try_late, &waited, &over);
}

/* A receive of a socket with a timeout tries first, and waits then: that is one
 * call too many where nothing can have come yet. */
int sock__wire_await(struct sock__wire *w, const char *op)
{
    double timeout = sock_gettimeout(w->sock);
    if (timeout == 0 || timeout == SOCK_NO_TIMEOUT)
        return 0;
    int ready = sock_wait(w->sock, SOCK_EVENT_READ, timeout);
    if (ready < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    return ready > 0 ? 0 : fail_late(w, op);
}

bool sock__wire_is_quiet(struct sock__wire *w)
{
    return w->at == w->end && is_ready(w) == 0;
}

bool sock__has_bytes(sock_t *s)
{
    struct sock__saved saved;
    char byte;

    sock__error_save(&saved);
    ssize_t n = sock_recv(s, &byte, 1, MSG_PEEK);
    sock__error_restore(&saved);
    return n > 0;
}

bool sock__was_reset(void)
{
    const sock_error_t *e = sock_last_error();
    return e->kind == SOCK_E_OS && (e->code == ECONNRESET || e->code == EPIPE);
}

bool sock__has_gone(void)
{
    return sock_last_error()->kind == SOCK_E_EOF || sock__was_reset();
}

bool sock__wire_has_bytes(struct sock__wire *w)
{
    return w->at < w->end || (is_ready(w) > 0 && sock__has_bytes(w->sock));
}

void sock__wire_release(struct sock__wire *w)
{
    int saved = errno;
    if (!w->lent)
        sock_free(w->sock);
    if (w->source.release != NULL)
        w->source.release(w->source.arg);
    free(w->buf);
    *w = (struct sock__wire){0};
    errno = saved;
}
