/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "dots.h"

#include <string.h>

#include <pysockc/io.h>

enum { BLOCK = 16384 /* of a source, and of what is sent at once */ };

/* Reading */

/* Where in a body its next byte is. */
enum place {
    LINE_START, /* also the beginning */
    IN_LINE,
    AFTER_CR,
    AFTER_DOT,    /* the first of a line, which no one gets */
    AFTER_DOT_CR, /* which the line may turn out to have more of */
    ENDED
};

/* Passes blocks on, but for the dots. A CR behind a dot is kept back until the
 * next byte says what it is. */
struct taking {
    enum place place;
    struct sock_session *c;
    const char *op;
    const sock_sink_t *sink; /* NULL: it has refused */
};

static void pass(struct taking *t, const char *from, const char *to)
{
    if (t->sink != NULL && from < to &&
        sock__sink_put(t->sink, t->op, from, (size_t)(to - from)) < 0)
        t->sink = NULL;
}

/* To the LF of the next CRLF, from within a line. */
static const char *find_start(struct taking *t, const char *at, const char *end)
{
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        if (lf == NULL)
            break;
        bool crlf = lf > at ? lf[-1] == '\r' : t->place == AFTER_CR;
        t->place = crlf ? LINE_START : IN_LINE;
        at = lf + 1;
        if (crlf)
            return at;
    }
    if (at < end)
        t->place = end[-1] == '\r' ? AFTER_CR : IN_LINE;
    return end;
}

/* The byte at the start of a line, or behind its dot: where the body goes on
 * from. */
static const char *at_start(struct taking *t, const char *at)
{
    switch (t->place) {
    case LINE_START:
        t->place = *at == '.' ? AFTER_DOT : IN_LINE;
        return *at == '.' ? at + 1 : at;
    case AFTER_DOT:
        t->place = *at == '\r' ? AFTER_DOT_CR : IN_LINE;
        return *at == '\r' ? at + 1 : at;
    case AFTER_DOT_CR:
    case IN_LINE: /* not at a start */
    case AFTER_CR:
    case ENDED:
        break;
    }
    t->place = *at == '\n' ? ENDED : AFTER_CR;
    if (t->place == ENDED)
        return at + 1;
    pass(t, "\r", &"\r"[1]);
    return at;
}

static bool is_start(enum place place)
{
    return place == LINE_START || place == AFTER_DOT || place == AFTER_DOT_CR;
}

/* Takes what lies there, to the end of the body or of the bytes. */
static void take_there(struct taking *t)
{
    struct sock__wire *w = &t->c->wire;

    if (w->at == w->end) /* there may be no buffer, either */
        return;
    const char *at = w->buf + w->at, *end = w->buf + w->end, *from = at;
    while (at < end && t->place != ENDED) {
        if (!is_start(t->place)) {
            at = find_start(t, at, end);
            continue;
        }
        const char *next = at_start(t, at);
        if (next > at) {
            pass(t, from, at);
            from = next;
        }
        at = next;
    }
    if (t->place != ENDED)
        pass(t, from, end);
    w->at = (size_t)(at - w->buf);
}

/* The next block. -1 with the error recorded. */
static int next_block(struct sock_session *c, const char *op)
{
    return sock__session_clock(c, op) < 0 ? -1
                                          : sock__session_more(c, op, false);
}

/* Passes over what is left of a body whose sink has refused, if that is not
 * more than `most` bytes; else the session is closed. The refusal is what is
 * recorded. */
static int pass_over(struct taking *t, size_t most)
{
    struct sock__wire *w = &t->c->wire;
    struct sock__saved refusal;
    size_t done = 0;

    sock__session_about(t->c, t->op);
    sock__error_save(&refusal);
    while (t->place != ENDED && done < most && next_block(t->c, t->op) == 0) {
        done += w->end - w->at;
        take_there(t);
    }
    if (t->place != ENDED)
        sock__session_close(t->c);
    sock__error_restore(&refusal);
    return -1;
}

static int take_body(struct sock_session *c, const char *op,
                     const sock_sink_t *sink, size_t most)
{
    struct taking t = {.c = c, .op = op, .sink = sink};

    take_there(&t);
    while (t.place != ENDED && t.sink != NULL) {
        if (next_block(c, op) < 0)
            return -1;
        take_there(&t);
    }
    return t.sink != NULL ? 0 : pass_over(&t, most);
}

int sock__dots_take(struct sock_session *c, const char *op,
                    const sock_sink_t *sink)
{
    return take_body(c, op, sink, c->limits.list);
}

sock_lines_t *sock__dots_lines(struct sock_session *c, const char *op)
{
    struct sock__hoard h = {.most = c->limits.list};
    const sock_sink_t sink = sock__hoard_sink(&h);

    sock_lines_t *list = NULL;

    if (take_body(c, op, &sink, 0) == 0)
        list = sock__hoard_lines(&h, op);
    else
        sock__free(h.bytes);
    if (list == NULL && h.full)
        sock__session_broke(c, op, SOCK_P_TOO_LARGE, "the list is too long");
    return list;
}

int sock__dots_places(struct sock_session *c, const char *op, size_t count,
                      uint64_t bytes)
{
    enum { FEW = 1024 }; /* whatever their size */

    if (count <= FEW || bytes <= c->limits.list)
        return 0;
    return sock__session_broke(c, op, SOCK_P_TOO_LARGE, "the list is too long");
}

/* Sending */

struct sending {
    struct sock_session *c;
    const char *op;
    bool line_start, after_cr;
    int result;
};

static void put(struct sending *s, const char *from, const char *to)
{
    if (s->result == 0 && from < to)
        s->result = sock__session_add(s->c, s->op, from, (size_t)(to - from));
}

static void put_crlf(struct sending *s)
{
    put(s, "\r\n", &"\r\n"[2]);
}

/* Where the next CR or LF is. The next LF, looked for once, is kept. */
static const char *find_end(const char *at, const char *end, const char **lf)
{
    if (*lf == NULL || *lf < at)
        *lf = memchr(at, '\n', (size_t)(end - at));
    if (*lf == NULL)
        *lf = end;
    const char *cr = memchr(at, '\r', (size_t)(*lf - at));
    return cr != NULL ? cr : *lf;
}

/* Passes on what lies before the end of a line, and CRLF for that, unless it is
 * what stands there; returns what is behind. *from is what was not passed on.
 */
static const char *send_line_end(struct sending *s, const char **from,
                                 const char *at, const char *end)
{
    bool crlf = end - at > 1 && at[0] == '\r' && at[1] == '\n';

    if (!crlf) {
        put(s, *from, at);
        if (*at == '\r' || !s->after_cr) /* else it was said with its CR */
            put_crlf(s);
        *from = at + 1;
    }
    s->line_start = true;
    s->after_cr = !crlf && *at == '\r';
    return crlf ? at + 2 : at + 1;
}

static int send_block(struct sending *s, const char *at, size_t n)
{
    const char *end = at + n, *from = at, *lf = NULL;

    while (at < end) {
        const char *stop = find_end(at, end, &lf);
        if (at < stop) {
            if (s->line_start && *at == '.') {
                put(s, from, at);
                put(s, ".", &"."[1]);
                from = at;
            }
            s->line_start = s->after_cr = false;
        }
        at = stop < end ? send_line_end(s, &from, stop, end) : end;
    }
    put(s, from, end);
    return s->result;
}

/* The dot, behind a line that may not have ended. */
static int send_end(struct sending *s)
{
    if (!s->line_start)
        put_crlf(s);
    put(s, ".\r\n", &".\r\n"[3]);
    return s->result < 0 ? -1 : sock__session_flush(s->c, s->op);
}

int sock__dots_send(struct sock_session *c, const char *op,
                    sock_source_t *source)
{
    struct sending s = {.c = c, .op = op, .line_start = true};
    char block[BLOCK / 4];
    const char *at;
    ssize_t n = 0;

    while (s.result == 0 &&
           (n = sock__source_get(source, op, block, sizeof block, &at)) > 0)
        if (send_block(&s, at, (size_t)n) == 0 && c->out.used >= BLOCK)
            s.result = sock__session_flush(c, op);
    if (s.result == 0 && n == 0)
        return send_end(&s);
    return s.result == 0 ? sock__session_failed(c, op) : -1;
}
