/* SPDX-License-Identifier: MIT */
#include "writer.h"

#include <errno.h>
#include <sys/socket.h>

#include <pysockc/io.h>

#include "record.h"
#include "wait.h"

enum { MOST = 16 * 1024 * 1024 };

/* Tells the class when the queue has become long, or short again. */
static void look_at_marks(struct sock__writer *w)
{
    const sock_dispatcher_class_t *c = w->d.c;
    size_t waiting = w->queue.waiting;

    if ((w->d.flags & SOCK__FULL) == 0 && waiting > sock__dispatcher_high(c)) {
        w->d.flags |= SOCK__FULL;
        if (c->pause_writing != NULL)
            c->pause_writing(&w->d);
    } else if ((w->d.flags & SOCK__FULL) != 0 &&
               waiting <= sock__dispatcher_low(c)) {
        w->d.flags &= (uint16_t)~SOCK__FULL;
        if (c->resume_writing != NULL)
            c->resume_writing(&w->d);
    }
}

int sock__writer_check(const struct sock__writer *w, const char *op,
                       size_t size)
{
    if (w->queue.ended)
        return sock__fail(op, SOCK_E_OS, ESHUTDOWN, 0);
    if (size > SIZE_MAX / 2)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    size_t most = w->d.c->max_queue != 0 ? w->d.c->max_queue : MOST;
    if (w->queue.waiting > most || size > most - w->queue.waiting)
        return sock__fail(op, SOCK_E_OS, ENOBUFS, 0);
    return 0;
}

/* What can't be sent any more is dropped, so that no one asks to send it. */
static void failed(struct sock__writer *w)
{
    if (sock__dispatcher_is_gone())
        sock__dispatcher_end(&w->d);
    else
        sock__dispatcher_fail(&w->d);
    sock__queue_drop(&w->queue);
}

/* What goes at once need not be copied: its size. A connection that has ended
 * takes all. */
static size_t send_now(struct sock__writer *w, const void *buf, size_t size)
{
    struct sock__saved saved;
    if (w->d.state != SOCK_DISPATCHER_CONNECTED || size == 0 ||
        !sock__queue_is_empty(&w->queue))
        return 0;
    sock__error_save(&saved);
    ssize_t n = sock_send(w->d.of.sock, buf, size, MSG_DONTWAIT);
    if (n >= 0) {
        sock__dispatcher_moved(&w->d);
        return (size_t)n;
    }
    bool full = sock__would_block(errno);
    if (!full)
        failed(w);
    sock__error_restore(&saved);
    return full ? 0 : size;
}

/* Without memory for the rest of what has begun to go, the connection ends. */
int sock__writer_push(struct sock__writer *w, const void *buf, size_t size)
{
    size_t n = send_now(w, buf, size);
    if (n == size)
        return 0;
    if (sock__queue_add(&w->queue, (const char *)buf + n, size - n) < 0) {
        if (n > 0)
            sock__dispatcher_fail(&w->d);
        return -1;
    }
    look_at_marks(w);
    return 0;
}

/* What was to come in between is missing, so that nothing may go behind it. */
static void file_failed(struct sock__writer *w)
{
    sock_error_t error = *sock_last_error();
    sock__queue_drop(&w->queue);
    sock__dispatcher_fail_with(&w->d, &error);
}

void sock__writer_flush(struct sock__writer *w)
{
    ssize_t n = 0;
    if (w->d.state == SOCK_DISPATCHER_CONNECTED)
        n = sock__queue_send(&w->queue, w->d.of.sock);
    if (n > 0)
        sock__dispatcher_moved(&w->d);
    if (n == SOCK__QUEUE_PRODUCER_FAILED)
        sock__dispatcher_returned(&w->d, -1);
    else if (n == SOCK__QUEUE_FILE_FAILED)
        file_failed(w);
    else if (n < 0)
        failed(w);
    if (w->d.state != SOCK_DISPATCHER_CLOSED)
        look_at_marks(w);
    if (w->d.state == SOCK_DISPATCHER_CONNECTED &&
        sock__queue_is_done(&w->queue)) {
        w->d.flags |= SOCK__STOPPED;
        sock__dispatcher_end(&w->d);
    }
}

void sock__writer_write(sock_dispatcher_t *d)
{
    sock__writer_flush((struct sock__writer *)d);
}

void sock__writer_drop(sock_dispatcher_t *d)
{
    sock__queue_drop(&((struct sock__writer *)d)->queue);
    d->flags &= (uint16_t)~SOCK__FULL;
}

void sock__writer_discard(struct sock__writer *w)
{
    sock__queue_drop(&w->queue);
    look_at_marks(w);
}
