/* SPDX-License-Identifier: MIT */
/*
 * What frames a body is written when it is sent: how long it is if all of it is
 * here by then, and else that it comes in chunks. The gap before the body has
 * room for that, so that both leave in one piece.
 */
#define _POSIX_C_SOURCE 200809L

#include "answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "httpd_body.h"
#include "httpd_conn.h"
#include "httpd_io.h"
#include "record.h"

enum {
    GAP = 128,         /* for what is known last */
    TAIL = 8,          /* for the end of a chunk, and of all */
    USUAL_HEAD = 1024, /* that has room without growing */
    HEAD_MAX = 65536
};

/* Room */

void sock__answer_begin(sock_httpd_request_t *self)
{
    struct sock__answer *a = &self->answer;

    if (a->fd >= 0)
        close(a->fd);
    *a = (struct sock__answer){
        .buf = a->buf, .room = a->room, .length = -1, .fd = -1};
}

void sock__answer_end(struct sock__answer *a)
{
    free(a->buf);
    a->buf = NULL;
    a->room = 0;
}

/* Room for a head, with all that comes behind it. */
static int reach(sock_httpd_request_t *self, const char *op, size_t head)
{
    struct sock__answer *a = &self->answer;
    size_t rest = GAP + self->limits->held + TAIL;
    size_t most = USUAL_HEAD;

    if (a->buf != NULL && a->room >= head + rest)
        return 0;
    while (most < head)
        most *= 2;
    char *buf = realloc(a->buf, most + rest);
    if (buf == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    a->buf = buf;
    a->room = most + rest;
    return 0;
}

int sock__answer_head(sock_httpd_request_t *self, const char *op,
                      const void *data, size_t len)
{
    struct sock__answer *a = &self->answer;

    if (len > HEAD_MAX - a->head)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "the head is too long");
    if (reach(self, op, a->head + len) < 0)
        return -1;
    memcpy(a->buf + a->head, data, len);
    a->head += len;
    return 0;
}

void sock__answer_body(sock_httpd_request_t *self)
{
    struct sock__answer *a = &self->answer;

    a->begin = a->head + GAP;
    a->state = SOCK__REPLY_BODY;
}

/* Framing */

struct frame {
    char text[GAP];
    size_t len;
};

static void add(struct frame *f, const char *text)
{
    size_t n = strlen(text);
    memcpy(f->text + f->len, text, n);
    f->len += n;
}

static void add_number(struct frame *f, const char *before, int64_t n)
{
    char digits[24], *at = digits + sizeof digits - 1;

    *at = '\0';
    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    add(f, before);
    add(f, at);
    add(f, "\r\n");
}

/* Whether the connection can go on behind this answer. */
static bool goes_on(const sock_httpd_request_t *self)
{
    return !self->closing && !self->last && self->framing.keep_alive &&
           !sock__is_stopped(self->server, self->conn->stops) &&
           sock__httpd_body_is_small(self);
}

/* How long it is, of all that is written by now if that is `last`. Of HEAD the
 * length is what GET would have; an answer that can have no body has none. */
static void add_length(sock_httpd_request_t *self, struct frame *f, bool last)
{
    struct sock__answer *a = &self->answer;
    bool none = a->status == 204 || a->status == 304;

    if (a->length >= 0 || none)
        return;
    if (last || a->status == 205) {
        a->length = a->status == 205 ? 0 : a->written;
        add_number(f, "Content-Length: ", a->length);
    } else if (a->bodiless) {
        return;
    } else if (self->start.minor > 0) {
        a->chunked = true;
        add(f, "Transfer-Encoding: chunked\r\n");
    } else {
        self->closing = true; /* which ends it */
    }
}

static void end_head(sock_httpd_request_t *self, struct frame *f, bool last)
{
    add_length(self, f, last);
    self->closing = !goes_on(self);
    if (self->closing && !self->answer.said_close)
        add(f, "Connection: close\r\n");
    else if (!self->closing && self->start.minor == 0)
        add(f, "Connection: keep-alive\r\n");
    add(f, "\r\n");
}

static void add_chunk_size(struct frame *f, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    int shift = (int)sizeof n * 8 - 4; /* of the first digit */

    while (n >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        f->text[f->len++] = digits[n >> shift & 15];
    add(f, "\r\n");
}

/* Ends the held bytes as a chunk, and the body. */
static size_t add_tail(const struct sock__answer *a, size_t end, bool last)
{
    if (a->chunked && a->held > 0) {
        memcpy(a->buf + end, "\r\n", 2);
        end += 2;
    }
    if (a->chunked && last) {
        memcpy(a->buf + end, "0\r\n\r\n", 5);
        end += 5;
    }
    return end;
}

/* Makes ready for the wire what there is; `last` if there will be no more. */
static void frame(sock_httpd_request_t *self, bool last)
{
    struct sock__answer *a = &self->answer;
    struct frame f = {.len = 0};

    if (a->state == SOCK__REPLY_BODY)
        end_head(self, &f, last);
    if (a->chunked && a->held > 0)
        add_chunk_size(&f, a->held);
    a->out = a->begin - f.len - a->head;
    memmove(a->buf + a->out, a->buf, a->head);
    memcpy(a->buf + a->begin - f.len, f.text, f.len);
    a->out_end = add_tail(a, a->begin + a->held, last);
    a->state = SOCK__REPLY_SENT;
    a->head = a->held = 0;
    a->begin = GAP;
}

/* Sending */

static int lose(sock_httpd_request_t *self)
{
    self->answer.state = SOCK__REPLY_LOST;
    self->closing = true;
    return -1;
}

static int send_out(sock_httpd_request_t *self, const char *op, int flags)
{
    struct sock__answer *a = &self->answer;
    const char *from = a->buf + a->out;
    size_t n = a->out_end - a->out;

    a->out = a->out_end = 0;
    if (sock__httpd_send(op, self, from, n, flags,
                         self->limits->write_timeout) == 0)
        return 0;
    return lose(self);
}

static int push(sock_httpd_request_t *self, const char *op, int flags)
{
    frame(self, false);
    return send_out(self, op, flags);
}

int sock__answer_interim(sock_httpd_request_t *self, const char *op)
{
    struct sock__answer *a = &self->answer;

    a->out = 0;
    a->out_end = self->start.minor > 0 ? a->head : 0;
    a->head = 0;
    a->state = SOCK__REPLY_NONE;
    a->interim = false;
    return send_out(self, op, 0);
}

int sock__answer_flush(sock_httpd_request_t *self, const char *op)
{
    struct sock__answer *a = &self->answer;

    if (a->state == SOCK__REPLY_SENT && a->held == 0)
        return 0;
    return push(self, op, 0);
}

/* More than is ever held back, without a copy. */
static int send_large(sock_httpd_request_t *self, const char *op,
                      const void *data, size_t len)
{
    struct sock__answer *a = &self->answer;
    struct frame f = {.len = 0};
    double timeout = self->limits->write_timeout;

    if (a->chunked)
        add_chunk_size(&f, len);
    if (sock__httpd_send(op, self, f.text, f.len, MSG_MORE, timeout) < 0 ||
        sock__httpd_send(op, self, data, len, a->chunked ? MSG_MORE : 0,
                         timeout) < 0 ||
        sock__httpd_send(op, self, "\r\n", a->chunked ? 2 : 0, 0, timeout) < 0)
        return lose(self);
    return 0;
}

static int write_held(sock_httpd_request_t *self, const char *op,
                      const char *data, size_t len)
{
    struct sock__answer *a = &self->answer;
    size_t most = self->limits->held;

    while (len > most - a->held) {
        if (len > 2 * most) {
            if ((a->held > 0 || a->state == SOCK__REPLY_BODY) &&
                push(self, op, MSG_MORE) < 0)
                return -1;
            return send_large(self, op, data, len);
        }
        size_t n = most - a->held;
        memcpy(a->buf + a->begin + a->held, data, n);
        a->held += n;
        data += n;
        len -= n;
        if (push(self, op, 0) < 0)
            return -1;
    }
    memcpy(a->buf + a->begin + a->held, data, len);
    a->held += len;
    return 0;
}

int sock__answer_write(sock_httpd_request_t *self, const char *op,
                       const void *data, size_t len)
{
    struct sock__answer *a = &self->answer;

    if (len > (uint64_t)INT64_MAX - (uint64_t)a->written)
        return sock__fail(op, SOCK_E_OVERFLOW, 0, SOCK__SIZE_TOO_LARGE);
    if (a->length >= 0 && !a->bodiless &&
        (uint64_t)(a->length - a->written) < len)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "more than its Content-Length");
    a->written += (int64_t)len;
    if (a->bodiless || len == 0)
        return 0;
    return write_held(self, op, data, len);
}

bool sock__answer_finish(sock_httpd_request_t *self)
{
    struct sock__answer *a = &self->answer;

    if (a->length >= 0 && !a->bodiless && a->written + a->left != a->length)
        return false;
    if (a->state == SOCK__REPLY_BODY || a->held > 0 || a->chunked)
        frame(self, true);
    return true;
}
