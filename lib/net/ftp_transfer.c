/* SPDX-License-Identifier: MIT */
/*
 * Files and lines, over data connections.
 *
 * A transfer ends in one of three ways: both sides have come to its end, and
 * the server's second reply says what it was; this side has had enough, says so
 * by ABOR and hears both replies; or time is over, or someone has said stop:
 * then not a word is waited for, and the next command hears what is owed.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <pysockc/io.h>

#include "ftp.h"
#include "transfer.h"

enum {
    BLOCK = 256 * 1024,
    TEXT_BLOCK = 64 * 1024,
    LINES_BLOCK = 3 * TEXT_BLOCK
};

struct flow {
    sock_ftp_t *f;
    const char *op;
    sock_t *conn;
    char *buf;
    size_t room;
    uint64_t done;             /* bytes that came, or went */
    int64_t least;             /* how many must come; -1: no one knows */
    struct sock__saved before; /* what success leaves recorded */
};

/* Beginning */

/* The buffer, before anything is said; -1 with the error recorded. */
static int prepare(struct flow *w, size_t room)
{
    sock__error_save(&w->before);
    w->buf = malloc(room);
    w->room = room;
    return w->buf != NULL ? 0 : sock__fail(w->op, SOCK_E_MEMORY, 0, 0);
}

/* Says the type of the bytes and begins; -1 with the error recorded. */
static int begin(struct flow *w, const char *type, const char *verb,
                 const char *arg, int64_t rest)
{
    int64_t size = -1;

    if (sock__ftp_begin(w->f, w->op) < 0 ||
        sock__ftp_do(w->f, w->op, "TYPE ", type, *type == 'A' ? "123" : "2") <
            0)
        return -1;
    w->conn = sock__ftp_open(w->f, w->op, verb, arg, rest, &size);
    /* Some say the size of the file, and some what there is of it from there.
     */
    w->least = size < 0 ? -1 : size > rest ? size - rest : 0;
    return w->conn != NULL ? 0 : -1;
}

static int check_rest(const char *op, int64_t rest)
{
    return rest >= 0 ? 0
                     : sock__fail_saying(op, SOCK_E_VALUE, 0,
                                         "rest must not be negative");
}

/* Ending */

/* Says of what is recorded how far it came; -1. */
static int say_done(const struct flow *w)
{
    sock__fail_done(w->done < SIZE_MAX ? (size_t)w->done : SIZE_MAX);
    return -1;
}

/* Records anew what ended it. */
static int failed(const struct flow *w, const struct sock__saved *why)
{
    sock__error_restore(why);
    return say_done(w);
}

static bool is_complete(const struct flow *w)
{
    return w->least >= 0 && w->done >= (uint64_t)w->least;
}

/* This side ends it, and what is recorded says why. */
static int refuse(const struct flow *w)
{
    struct sock__saved why;

    sock__session_about(&w->f->session, w->op);
    sock__error_save(&why);
    sock__ftp_drop(w->f, w->conn);
    sock__ftp_settle(w->f, w->op);
    return failed(w, &why);
}

/* The connection has failed, for which the server may well have a better
 * reason. One that fails when all is there has ended. */
static int lost(const struct flow *w)
{
    struct sock__saved why;
    int kind = sock_last_error()->kind;

    sock__fail_status(w->op, SOCK__RECORDED);
    sock__session_about(&w->f->session, w->op);
    sock__error_save(&why);
    if (kind == SOCK_E_TIMEOUT || kind == SOCK_E_CANCELLED) {
        sock__ftp_drop(w->f, w->conn);
        return failed(w, &why);
    }
    if (sock__ftp_close(w->f, w->op, w->conn) == 0) {
        if (!is_complete(w))
            return failed(w, &why);
        sock__error_restore(&w->before);
        return 0;
    }
    if (sock_last_error()->kind != SOCK_E_REPLY)
        return failed(w, &why);
    return say_done(w);
}

/* Both sides have come to the end. */
static int end(const struct flow *w)
{
    if (sock__ftp_close(w->f, w->op, w->conn) < 0)
        return say_done(w);
    if (w->least < 0 || is_complete(w))
        return 0;
    sock__fail_saying(w->op, SOCK_E_EOF, 0,
                      "the transfer was shorter than announced");
    sock__session_about(&w->f->session, w->op);
    return say_done(w);
}

/* Files */

static int take_all(struct flow *w, const sock_sink_t *sink)
{
    for (;;) {
        ssize_t n = sock_recv(w->conn, w->buf, w->room, 0);
        if (n <= 0)
            return n == 0 ? end(w) : lost(w);
        if (sock__sink_put(sink, w->op, w->buf, (size_t)n) < 0)
            return refuse(w);
        w->done += (size_t)n;
    }
}

int sock_ftp_retrbinary(sock_ftp_t *f, const char *cmd, sock_sink_t sink,
                        int64_t rest)
{
    struct flow w = {.f = f, .op = "retrbinary"};

    if (sock__ftp_takes(w.op, cmd) < 0 || check_rest(w.op, rest) < 0 ||
        sock__sink_need(&sink, w.op) < 0 || prepare(&w, BLOCK) < 0)
        return -1;
    int result = begin(&w, "I", "", cmd, rest);
    if (result == 0)
        result = take_all(&w, &sink);
    sock__free(w.buf);
    return result;
}

static int give_all(struct flow *w, sock_source_t *source)
{
    const char *at;

    for (;;) {
        ssize_t n = sock__source_get(source, w->op, w->buf, w->room, &at);
        if (n <= 0)
            return n == 0 ? end(w) : refuse(w);
        if (sock_sendall(w->conn, at, (size_t)n, 0) < 0)
            return lost(w);
        w->done += (size_t)n;
    }
}

int sock_ftp_storbinary(sock_ftp_t *f, const char *cmd, sock_source_t source,
                        int64_t rest)
{
    struct flow w = {.f = f, .op = "storbinary"};

    if (sock__ftp_takes(w.op, cmd) < 0 || check_rest(w.op, rest) < 0 ||
        sock__source_need(&source, w.op) < 0 || prepare(&w, BLOCK) < 0)
        return -1;
    int result = begin(&w, "I", "", cmd, rest);
    w.least = -1;
    if (result == 0)
        result = give_all(&w, &source);
    sock__free(w.buf);
    return result;
}

/* Lines that are sent */

/* Writes bytes with a CR before each LF that has none; *last is the byte before
 * them. Where that ends. */
static char *put_lines(char *to, const char *at, size_t n, char *last)
{
    for (const char *stop = at + n; at < stop; at++) {
        if (*at == '\n' && *last != '\r')
            *to++ = '\r';
        *to++ = *last = *at;
    }
    return to;
}

/* What the last line lacks: CRLF, or its LF. */
static const char *rest_of_line(char last)
{
    return last == '\n' ? "" : last == '\r' ? "\n" : "\r\n";
}

static int give_lines(struct flow *w, sock_source_t *source)
{
    char *out = w->buf + TEXT_BLOCK, last = '\n';
    const char *at;

    for (;;) {
        ssize_t n = sock__source_get(source, w->op, w->buf, TEXT_BLOCK, &at);
        if (n < 0)
            return refuse(w);
        if (n == 0)
            at = rest_of_line(last);
        char *to = n > 0 ? put_lines(out, at, (size_t)n, &last) : out;
        size_t ready = n > 0 ? (size_t)(to - out) : strlen(at);
        if (sock_sendall(w->conn, n > 0 ? out : at, ready, 0) < 0)
            return lost(w);
        w->done += ready;
        if (n == 0)
            return end(w);
    }
}

int sock_ftp_storlines(sock_ftp_t *f, const char *cmd, sock_source_t source)
{
    struct flow w = {.f = f, .op = "storlines"};

    if (sock__ftp_takes(w.op, cmd) < 0 ||
        sock__source_need(&source, w.op) < 0 || prepare(&w, LINES_BLOCK) < 0)
        return -1;
    int result = begin(&w, "A", "", cmd, 0);
    w.least = -1;
    if (result == 0)
        result = give_lines(&w, &source);
    sock__free(w.buf);
    return result;
}

/* Lines that are fetched */

struct lines {
    struct flow flow;
    size_t at, end; /* what lies there */
    size_t seen;    /* of it has no end */
    sock__ftp_line_fn *fn;
    void *of;
};

/* Hands out a line that ends there, or at the end of the stream; -1 with the
 * error recorded. */
static int put_line(struct lines *l, size_t end, bool ended)
{
    char *line = l->flow.buf + l->at;
    size_t n = end - l->at;

    l->at = end + ended;
    l->seen = 0;
    if (ended && n > 0 && line[n - 1] == '\r')
        n--;
    if (l->fn(l->of, line, n, ended) != 0)
        return -1;
    l->flow.done += n + ended;
    return 0;
}

static int too_long(const struct lines *l)
{
    sock__fail_saying(l->flow.op, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                      "line too long");
    return sock__session_about(&l->flow.f->session, l->flow.op);
}

/* Hands out all whose end lies there; -1 with the error recorded. */
static int put_there(struct lines *l)
{
    size_t most = l->flow.f->session.limits.line;

    for (;;) {
        const char *from = l->flow.buf + l->at + l->seen;
        size_t n = l->end - l->at - l->seen;
        const char *lf = n > 0 ? memchr(from, '\n', n) : NULL;
        l->seen += lf != NULL ? (size_t)(lf - from) : n;
        if (l->seen > most)
            return too_long(l);
        if (lf == NULL)
            return 0;
        if (put_line(l, l->at + l->seen, true) < 0)
            return -1;
    }
}

/* The rest of the last line goes to the front, where it needs the room. */
static void make_room(struct lines *l)
{
    if (l->at > 0)
        memmove(l->flow.buf, l->flow.buf + l->at, l->end - l->at);
    l->end -= l->at;
    l->at = 0;
}

static int take_lines(struct lines *l)
{
    struct flow *w = &l->flow;

    for (;;) {
        make_room(l);
        ssize_t n = sock_recv(w->conn, w->buf + l->end, w->room - l->end, 0);
        if (n < 0)
            return lost(w);
        if (n == 0) /* a line that has no end is one, too */
            return l->end > 0 && put_line(l, l->end, false) < 0 ? refuse(w)
                                                                : end(w);
        l->end += (size_t)n;
        if (put_there(l) < 0)
            return refuse(w);
    }
}

/* Room for a line that is as long as may be, and its end, behind which a block
 * is received. */
static size_t room_for(size_t most)
{
    enum { BESIDE = BLOCK + 2 };
    return most < SIZE_MAX - BESIDE ? most + BESIDE : SIZE_MAX;
}

int sock__ftp_lines(sock_ftp_t *f, const char *op, const char *verb,
                    const char *arg, sock__ftp_line_fn *fn, void *of)
{
    struct lines l = {.flow = {.f = f, .op = op}, .fn = fn, .of = of};
    struct flow *w = &l.flow;

    if (sock__need(f, op) < 0 ||
        prepare(w, room_for(f->session.limits.line)) < 0)
        return -1;
    int result = begin(w, "A", verb, arg, 0);
    w->least = -1;
    if (result == 0)
        result = take_lines(&l);
    sock__free(w->buf);
    return result;
}

/* By a sink, which gets each with its LF. */
struct sunk {
    const char *op;
    const sock_sink_t *sink;
};

static int sink_line(void *arg, char *line, size_t n, bool ended)
{
    const struct sunk *s = arg;

    if (ended)
        line[n++] = '\n';
    return sock__sink_put(s->sink, s->op, line, n);
}

static int retrieve_lines(sock_ftp_t *f, const char *op, const char *verb,
                          const char *arg, const sock_sink_t *sink)
{
    struct sunk s = {op, sink};

    if (sock__sink_need(sink, op) < 0)
        return -1;
    return sock__ftp_lines(f, op, verb, arg, sink_line, &s);
}

int sock_ftp_retrlines(sock_ftp_t *f, const char *cmd, sock_sink_t sink)
{
    const char *op = "retrlines";

    if (sock__ftp_takes(op, cmd) < 0)
        return -1;
    return retrieve_lines(f, op, "", cmd, &sink);
}

int sock_ftp_dir(sock_ftp_t *f, const char *path, sock_sink_t sink)
{
    const char *op = "dir";
    bool named = path != NULL && *path != '\0';

    if (named && sock__ftp_takes(op, path) < 0)
        return -1;
    return retrieve_lines(f, op, named ? "LIST " : "LIST", named ? path : "",
                          &sink);
}
