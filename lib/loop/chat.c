/* SPDX-License-Identifier: MIT */
#define _FILE_OFFSET_BITS 64
#define _POSIX_C_SOURCE 200809L

#include <pysockc/async.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <pysockc/file.h>
#include <pysockc/io.h>

#include "object.h"
#include "os.h"
#include "record.h"
#include "terminator.h"
#include "timeout.h"
#include "wait.h"
#include "writer.h"

enum { MAX_LINE = 64 * 1024, LEAST = 128 };

struct sock_chat {
    struct sock__writer w;
    const sock_chat_class_t *c;
    struct sock__terminator terminator;
    size_t collected;      /* bytes since the last terminator */
    bool discarded;        /* what was received, while it was passed on */
    sock_timer_t deadline; /* of the request */
    sock_timer_t soon;     /* what was kept is to be collected */
    struct {
        unsigned char *bytes;
        size_t size, room;
        bool given; /* to the program, which has done with it later */
    } data;         /* where the class has no function for it */
};

static sock_chat_t *of(sock_dispatcher_t *d)
{
    return (sock_chat_t *)d;
}

static void cancel(const sock_chat_t *chat, sock_timer_t *timer)
{
    if (timer->generation != 0)
        sock_timer_cancel(chat->w.d.loop, *timer);
    timer->generation = 0;
}

/* What is collected for the program */

static size_t max_line(const sock_chat_t *chat)
{
    return chat->c->max_line > 0 ? chat->c->max_line : MAX_LINE;
}

static void drop_data(sock_chat_t *chat)
{
    sock__free(chat->data.bytes);
    chat->data.bytes = NULL;
    chat->data.size = chat->data.room = 0;
    chat->data.given = false;
}

static int grow_data(sock_chat_t *chat, size_t size)
{
    size_t room = chat->data.room > 0 ? chat->data.room : LEAST;
    while (room < size)
        room *= 2;
    unsigned char *bytes = realloc(chat->data.bytes, room);
    if (bytes == NULL)
        return sock__fail("collect_incoming_data", SOCK_E_MEMORY, 0, 0);
    chat->data.bytes = bytes;
    chat->data.room = room;
    return 0;
}

/* -1 with the error recorded. */
static int keep_data(sock_chat_t *chat, struct sock__bytes piece)
{
    if (chat->data.given) {
        chat->data.size = 0;
        chat->data.given = false;
    }
    size_t size = chat->data.size + piece.size;
    if (size > chat->data.room && grow_data(chat, size) < 0)
        return -1;
    memcpy(chat->data.bytes + chat->data.size, piece.data, piece.size);
    chat->data.size = size;
    return 0;
}

const char *sock_chat_get_data(sock_chat_t *chat, size_t *size)
{
    if (size != NULL)
        *size = 0;
    if (chat == NULL)
        return NULL;
    if (size != NULL && !chat->data.given)
        *size = chat->data.size;
    chat->data.given = true;
    return chat->data.size > 0 ? (const char *)chat->data.bytes : "";
}

/* Collecting */

/* Whether the piece is more than may stand before a terminator; or, where there
 * is none, more than is kept for the program. */
static bool is_too_long(const sock_chat_t *chat, struct sock__bytes piece)
{
    size_t most = max_line(chat), before = chat->collected;
    if (chat->c->collect_incoming_data == NULL)
        before = chat->data.given ? 0 : chat->data.size;
    if (chat->terminator.kind == SOCK__TERMINATOR_COUNT ||
        (chat->terminator.kind == SOCK__TERMINATOR_NONE &&
         chat->c->collect_incoming_data != NULL))
        return false;
    return before > most || piece.size > most - before;
}

static void collect(sock_chat_t *chat, struct sock__bytes piece)
{
    sock_dispatcher_t *d = &chat->w.d;
    chat->collected += piece.size;
    if (chat->c->collect_incoming_data != NULL)
        sock__dispatcher_returned(
            d, chat->c->collect_incoming_data(chat, piece.data, piece.size));
    else if (keep_data(chat, piece) < 0)
        sock__dispatcher_fail(d);
}

static void found(sock_chat_t *chat)
{
    chat->collected = 0;
    cancel(chat, &chat->deadline);
    if (chat->c->found_terminator != NULL)
        sock__dispatcher_returned(&chat->w.d, chat->c->found_terminator(chat));
}

static bool is_reading(const sock_chat_t *chat)
{
    return sock__dispatcher_is_open(&chat->w.d) &&
           (chat->w.d.flags & SOCK__NOT_READING) == 0;
}

/* One piece, and the terminator if it stands behind. Whether there may be a
 * next one. */
static bool pass_on(sock_chat_t *chat, struct sock__bytes *rest)
{
    struct sock__bytes piece;
    bool at_end = sock__terminator_next(&chat->terminator, rest, &piece);
    if (!at_end && piece.size == 0)
        return false;
    if (is_too_long(chat, piece)) {
        sock__fail("collect_incoming_data", SOCK_E_OS, EMSGSIZE, 0);
        sock__dispatcher_fail(&chat->w.d);
        return false;
    }
    if (piece.size > 0)
        collect(chat, piece);
    if (at_end && sock__dispatcher_is_open(&chat->w.d))
        found(chat);
    return true;
}

static void on_deadline(sock_loop_t *loop, void *arg);

/* A request that has begun has its time. */
static void look_at_deadline(sock_chat_t *chat)
{
    bool begun = (chat->collected > 0 || chat->terminator.kept.size > 0) &&
                 chat->terminator.kind != SOCK__TERMINATOR_NONE &&
                 is_reading(chat);
    if (chat->c->request_deadline == 0)
        return;
    if (!begun)
        cancel(chat, &chat->deadline);
    else if (chat->deadline.generation == 0) {
        chat->deadline = sock_loop_call_later(
            chat->w.d.loop, chat->c->request_deadline, on_deadline, chat);
        if (chat->deadline.generation == 0)
            sock__dispatcher_fail(&chat->w.d);
    }
}

/* What is left is kept: it may begin a terminator, or reading was paused. */
static void feed(sock_chat_t *chat, struct sock__bytes rest)
{
    chat->discarded = false;
    while (rest.size > 0 && is_reading(chat) && pass_on(chat, &rest))
        if (chat->discarded)
            rest.size = 0;
    if (chat->data.given)
        drop_data(chat);
    if (!sock__dispatcher_is_open(&chat->w.d))
        return;
    if (sock__terminator_keep(&chat->terminator, rest) < 0) {
        sock__fail("recv", SOCK_E_MEMORY, 0, 0);
        sock__dispatcher_fail(&chat->w.d);
        return;
    }
    look_at_deadline(chat);
}

/* The stream ends: what was held back is no terminator. */
static void collect_kept(sock_chat_t *chat, unsigned char *buffer)
{
    size_t kept = sock__terminator_take(&chat->terminator, buffer);
    if (kept > 0)
        collect(chat, (struct sock__bytes){buffer, kept});
}

/* Reading */

/* Receives behind what was kept, which never fills the buffer: the bytes there
 * are then, or -1 with the error recorded. Sets whether the stream has ended.
 */
static ssize_t receive(sock_chat_t *chat, unsigned char *buffer, size_t kept,
                       bool *ended)
{
    ssize_t n = sock_recv(chat->w.d.of.sock, buffer + kept,
                          SOCK__LOOP_BUFFER_SIZE - kept, MSG_DONTWAIT);
    *ended = n == 0 && sock__dispatcher_has_end(&chat->w.d);
    if (n < 0)
        return sock__would_block(errno) ? (ssize_t)kept : -1;
    if (n > 0)
        sock__dispatcher_moved(&chat->w.d);
    return (ssize_t)kept + n;
}

static void chat_read(sock_dispatcher_t *d)
{
    sock_chat_t *chat = of(d);
    unsigned char *buffer = sock__loop_buffer(d->loop, "recv");
    bool ended;
    if (buffer == NULL) {
        sock__dispatcher_fail(d);
        return;
    }
    size_t kept = sock__terminator_take(&chat->terminator, buffer);
    ssize_t n = receive(chat, buffer, kept, &ended);
    if (n < 0) {
        sock__dispatcher_fail(d);
        return;
    }
    feed(chat, (struct sock__bytes){buffer, (size_t)n});
    if (ended && is_reading(chat)) {
        collect_kept(chat, buffer);
        sock__dispatcher_end(d);
    }
}

static void chat_drop(sock_dispatcher_t *d)
{
    sock_chat_t *chat = of(d);
    cancel(chat, &chat->deadline);
    cancel(chat, &chat->soon);
    sock__terminator_drop(&chat->terminator);
    if (!chat->data.given) /* else it may be looked at yet */
        drop_data(chat);
    chat->collected = 0;
    sock__writer_drop(d);
}

static void chat_end(sock_dispatcher_t *d)
{
    drop_data(of(d));
    sock__terminator_end(&of(d)->terminator);
}

static const struct sock__dispatcher_kind chat_kind = {
    .size = sizeof(struct sock_chat),
    .queued = true,
    .read = chat_read,
    .write = sock__writer_write,
    .drop = chat_drop,
    .end = chat_end,
};

/* Time */

static void on_deadline(sock_loop_t *loop, void *arg)
{
    sock_chat_t *chat = arg;
    struct sock__saved saved;
    (void)loop;
    sock__error_save(&saved);
    sock__dispatcher_enter(&chat->w.d);
    chat->deadline.generation = 0;
    sock__fail("request_deadline", SOCK_E_TIMEOUT, 0, 0);
    sock__dispatcher_fail(&chat->w.d);
    sock__dispatcher_leave(&chat->w.d);
    sock__error_restore(&saved);
}

/* What was kept while reading was paused. */
static void on_soon(sock_loop_t *loop, void *arg)
{
    sock_chat_t *chat = arg;
    struct sock__saved saved;
    (void)loop;
    sock__error_save(&saved);
    sock__dispatcher_enter(&chat->w.d);
    chat->soon.generation = 0;
    chat_read(&chat->w.d);
    sock__dispatcher_leave(&chat->w.d);
    sock__error_restore(&saved);
}

/* Life cycle */

static int check_class(const sock_chat_class_t *c)
{
    int64_t ns;
    if (c == NULL)
        return sock__fail("dispatcher", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (c->size != sizeof *c ||
        (c->dispatcher.size != 0 && c->dispatcher.size != sizeof c->dispatcher))
        return sock__fail("dispatcher", SOCK_E_VALUE, 0, SOCK__CLASS_SIZE);
    if (!sock__dispatcher_is_unused(c->reserved))
        return sock__fail("dispatcher", SOCK_E_VALUE, 0, SOCK__RESERVED);
    return sock__seconds_arg("dispatcher", c->request_deadline, &ns);
}

sock_chat_t *sock_chat_new(const sock_chat_class_t *c, sock_loop_t *loop,
                           sock_t *s, void *arg)
{
    if (check_class(c) < 0)
        return NULL;
    sock_dispatcher_t *d =
        sock__dispatcher(&chat_kind, &c->dispatcher, loop, arg);
    if (d == NULL)
        return NULL;
    of(d)->c = c;
    if (s == NULL || sock__dispatcher_attach(d, s) == 0)
        return of(d);
    sock__dispatcher_forget(d);
    return NULL;
}

void sock_chat_free(sock_chat_t *chat)
{
    sock_dispatcher_free(sock_chat_dispatcher(chat));
}

sock_dispatcher_t *sock_chat_dispatcher(sock_chat_t *chat)
{
    return chat == NULL ? NULL : &chat->w.d;
}

sock_chat_t *sock_dispatcher_chat(sock_dispatcher_t *d)
{
    return d == NULL || d->u.watch.arg != &chat_kind ? NULL : of(d);
}

void *sock_chat_arg(const sock_chat_t *chat)
{
    return chat == NULL ? NULL : chat->w.d.arg;
}

/* Terminators */

static int check(sock_chat_t *chat, const char *op)
{
    return sock__dispatcher_check(sock_chat_dispatcher(chat), op);
}

static int check_open(sock_chat_t *chat, const char *op)
{
    return sock__dispatcher_check_open(sock_chat_dispatcher(chat), op);
}

int sock_chat_set_terminator(sock_chat_t *chat, const void *bytes, size_t size)
{
    const char *op = "set_terminator";
    if (check(chat, op) < 0)
        return -1;
    if (bytes == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (size > SOCK_TERMINATOR_MAX)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    if (sock__terminator_set(&chat->terminator, bytes, size) < 0)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return 0;
}

int sock_chat_set_terminator_count(sock_chat_t *chat, size_t size)
{
    if (check(chat, "set_terminator") < 0)
        return -1;
    sock__terminator_count(&chat->terminator, size);
    return 0;
}

int sock_chat_set_terminator_none(sock_chat_t *chat)
{
    return sock_chat_set_terminator_count(chat, 0);
}

const void *sock_chat_terminator(const sock_chat_t *chat, size_t *size)
{
    if (size != NULL)
        *size = chat == NULL ? 0 : chat->terminator.size;
    return chat == NULL ? NULL : chat->terminator.bytes;
}

/* Sending */

int sock_chat_push(sock_chat_t *chat, const void *buf, size_t size)
{
    if (check_open(chat, "push") < 0)
        return -1;
    if (buf == NULL && size > 0)
        return sock__fail("push", SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    if (sock__writer_check(&chat->w, "push", size) < 0)
        return -1;
    sock__dispatcher_enter(&chat->w.d);
    int result = sock__writer_push(&chat->w, buf, size);
    sock__dispatcher_leave(&chat->w.d);
    return result;
}

/* Puts in what is not bytes, and sends at once what can be. */
static int begin_to_send(sock_chat_t *chat, int added, bool was_empty)
{
    struct sock__saved saved;
    if (added < 0)
        return -1;
    sock__error_save(&saved);
    sock__dispatcher_enter(&chat->w.d);
    if (was_empty)
        sock__writer_flush(&chat->w);
    sock__dispatcher_leave(&chat->w.d);
    sock__error_restore(&saved); /* what failed was told to the class */
    return 0;
}

int sock_chat_push_with_producer(sock_chat_t *chat, sock_producer_fn more,
                                 void *arg)
{
    const char *op = "push_with_producer";
    if (check_open(chat, op) < 0)
        return -1;
    if (more == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__writer_check(&chat->w, op, 0) < 0)
        return -1;
    bool was_empty = sock__queue_is_empty(&chat->w.queue);
    return begin_to_send(
        chat, sock__queue_add_producer(&chat->w.queue, more, arg), was_empty);
}

static int check_part(int fd, int64_t offset, int64_t count)
{
    if (fd < 0)
        return sock__fail("push_file", SOCK_E_VALUE, 0, SOCK__NEGATIVE_FD);
    if (offset < 0 || (count <= 0 && count != SOCK_SENDFILE_TO_END))
        return sock__fail("push_file", SOCK_E_VALUE, 0, SOCK__OUT_OF_RANGE);
    return 0;
}

/* 0 or an errno, as sendfile(2) has it: what is no regular file may have no
 * offsets, or make the loop wait. */
static int refusal_of(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? EISDIR : ESPIPE;
    return sock__os_may_read(fd) < 0 ? errno : 0;
}

static int check_file(int fd)
{
    int saved = errno, err = refusal_of(fd);
    errno = saved;
    return err == 0 ? 0 : sock__fail("push_file", SOCK_E_OS, err, 0);
}

int sock_chat_push_file(sock_chat_t *chat, sock_fd_t fd, int64_t offset,
                        int64_t count)
{
    if (check_open(chat, "push_file") < 0 ||
        check_part(fd, offset, count) < 0 ||
        sock__writer_check(&chat->w, "push_file", 0) < 0 || check_file(fd) < 0)
        return -1;
    int copy = sock__os_dup(fd);
    if (copy < 0)
        return sock__fail("push_file", SOCK_E_OS, errno, 0);
    bool was_empty = sock__queue_is_empty(&chat->w.queue);
    int added = sock__queue_add_file(&chat->w.queue, copy, offset, count);
    if (added < 0)
        sock__close_fd(copy);
    return begin_to_send(chat, added, was_empty);
}

int sock_chat_close_when_done(sock_chat_t *chat)
{
    if (check_open(chat, "close_when_done") < 0)
        return -1;
    if (chat->w.queue.ended)
        return 0;
    bool was_empty = sock__queue_is_empty(&chat->w.queue);
    return begin_to_send(chat, sock__queue_add_end(&chat->w.queue), was_empty);
}

int sock_chat_discard_buffers(sock_chat_t *chat)
{
    if (check(chat, "discard_buffers") < 0)
        return -1;
    sock__dispatcher_enter(&chat->w.d);
    sock__terminator_drop(&chat->terminator);
    chat->data.given = true; /* and so it is gone */
    chat->discarded = true;
    chat->collected = 0;
    sock__writer_discard(&chat->w);
    sock__dispatcher_leave(&chat->w.d);
    return 0;
}

/* Pausing */

int sock_chat_pause_reading(sock_chat_t *chat)
{
    if (check_open(chat, "pause_reading") < 0)
        return -1;
    sock__dispatcher_enter(&chat->w.d);
    chat->w.d.flags |= SOCK__NOT_READING;
    cancel(chat, &chat->soon);
    cancel(chat, &chat->deadline);
    sock__dispatcher_leave(&chat->w.d);
    return 0;
}

int sock_chat_resume_reading(sock_chat_t *chat)
{
    if (check_open(chat, "resume_reading") < 0)
        return -1;
    if ((chat->w.d.flags & SOCK__NOT_READING) == 0)
        return 0;
    if (chat->terminator.kept.size > 0) {
        chat->soon = sock_loop_call_later(chat->w.d.loop, 0, on_soon, chat);
        if (chat->soon.generation == 0)
            return -1;
    }
    sock__dispatcher_enter(&chat->w.d);
    chat->w.d.flags &= (uint16_t)~SOCK__NOT_READING;
    sock__dispatcher_leave(&chat->w.d);
    return 0;
}
