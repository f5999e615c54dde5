/* SPDX-License-Identifier: MIT */
/* Multipart: the same whatever the pieces in which it comes; and what is taken
 * is what a reader of whole lines, as Python's, makes of it. */
#include "fuzz.h"
#include "multipart.h"

enum { HEAD_MAX = 48, LINES_MAX = 3 };

/* All that was heard: a letter for each event, its bytes, which are one text
 * however data come, and a NUL. */
struct trace {
    char *text;
    size_t used, room;
    enum sock__multipart_event last;
    int nested;
};

static void put(struct trace *t, const void *bytes, size_t n)
{
    if (t->room - t->used < n) {
        t->room = 2 * (t->used + n);
        t->text = realloc(t->text, t->room);
        claim(t->text != NULL);
    }
    if (n > 0)
        memcpy(t->text + t->used, bytes, n);
    t->used += n;
}

static void put_event(struct trace *t, char letter, const char *bytes, size_t n)
{
    put(t, &letter, 1);
    put(t, bytes, n);
    put(t, "", 1);
}

/* A head that begins so has the boundary of its own parts behind it. */
static enum sock__multipart_event hear_head(struct trace *t,
                                            struct sock__multipart *m,
                                            const char *head, size_t n)
{
    put_event(t, 'H', head, n);
    if (n < 4 || head[0] != 'n' || !sock__is_boundary(head + 1, 1))
        return SOCK__MULTIPART_HEAD;
    t->nested++;
    return sock__multipart_enter(m, head + 1, 1) == 0 ? SOCK__MULTIPART_HEAD
                                                      : SOCK__MULTIPART_FAULT;
}

static void hear(struct trace *t, struct sock__multipart *m, const char *bytes,
                 size_t n)
{
    switch (t->last) {
    case SOCK__MULTIPART_HEAD:
        t->last = hear_head(t, m, bytes, n);
        put(t, "D", 1);
        break;
    case SOCK__MULTIPART_DATA:
        claim(n > 0);
        put(t, bytes, n);
        break;
    case SOCK__MULTIPART_END:
        put_event(t, 'E', NULL, 0);
        break;
    case SOCK__MULTIPART_CLOSE:
        put_event(t, 'C', NULL, 0);
        break;
    default:
        break;
    }
    if (t->last == SOCK__MULTIPART_FAULT) {
        claim(m->fault != 0 && m->why != NULL);
        put(t, m->why, strlen(m->why));
    }
}

/* Takes what there is; 0: it is over. */
static int take(struct trace *t, struct sock__multipart *m, const uint8_t *at,
                size_t n, size_t *from, int last)
{
    for (;;) {
        size_t taken = 0;
        char *there = copy_of(at + *from, n - *from);
        t->last = sock__multipart_next(m, there, n - *from, last != 0, &taken);
        claim(taken <= n - *from);
        hear(t, m, there, taken);
        free(there);
        *from += taken;
        if (t->last == SOCK__MULTIPART_FAULT ||
            (t->last == SOCK__MULTIPART_CLOSE && m->depth == 0))
            return 0;
        if (t->last == SOCK__MULTIPART_MORE && taken == 0)
            break;
    }
    claim(n - *from <=
          (HEAD_MAX > SOCK__BOUNDARY_LINE ? HEAD_MAX : SOCK__BOUNDARY_LINE));
    return 1;
}

static struct trace trace(const uint8_t *bytes, size_t n, size_t piece)
{
    struct sock__multipart m;
    struct trace t = {NULL, 0, 0, SOCK__MULTIPART_MORE, 0};
    size_t from = 0, to = 0;
    int more = 1;

    sock__multipart_begin(&m, "B", 1, HEAD_MAX, LINES_MAX);
    while (more) {
        to = n - to < piece ? n : to + piece;
        more = take(&t, &m, bytes, to, &from, to == n);
        if (to == n)
            break;
    }
    return t;
}

/* The model */

struct lines {
    const uint8_t *at, *end;
};

/* With its end; 0: there is none. */
static size_t next_line(struct lines *l, const uint8_t **line)
{
    const uint8_t *lf =
        l->at < l->end ? memchr(l->at, '\n', (size_t)(l->end - l->at)) : NULL;
    *line = l->at;
    l->at = lf != NULL ? lf + 1 : l->end;
    return (size_t)(l->at - *line);
}

static int is_line(const uint8_t *line, size_t n, const char *text)
{
    while (n > 0 && memchr(" \t\r\n\v\f", line[n - 1], 6) != NULL)
        n--;
    return n == strlen(text) && memcmp(line, text, n) == 0;
}

static void model_head(struct lines *l, struct trace *t)
{
    const uint8_t *line, *head = l->at;
    size_t n = next_line(l, &line);
    while (n > 0 && !is_line(line, n, ""))
        n = next_line(l, &line);
    put_event(t, 'H', (const char *)head, (size_t)(l->at - head));
}

/* 1 if it was the last. */
static int model_body(struct lines *l, struct trace *t)
{
    const uint8_t *line, *from = l->at;
    size_t n = next_line(l, &line);
    while (n > 0 && !is_line(line, n, "--B") && !is_line(line, n, "--B--"))
        n = next_line(l, &line);
    size_t size = (size_t)(line - from);
    size -= size > 0 ? (size > 1 && line[-2] == '\r') + 1u : 0;
    put(t, "D", 1);
    put(t, from, size);
    put_event(t, 'E', NULL, 0);
    return n == 0 || is_line(line, n, "--B--");
}

static struct trace model(const uint8_t *bytes, size_t n)
{
    struct lines l = {bytes, bytes + n};
    struct trace t = {NULL, 0, 0, SOCK__MULTIPART_CLOSE, 0};
    const uint8_t *line;
    int last = 0;

    do
        n = next_line(&l, &line);
    while (n > 0 && !is_line(line, n, "--B") && !is_line(line, n, "--B--"));
    last = n == 0 || is_line(line, n, "--B--");
    while (!last) {
        model_head(&l, &t);
        last = model_body(&l, &t);
    }
    put_event(&t, 'C', NULL, 0);
    return t;
}

static void same(const struct trace *a, const struct trace *b)
{
    claim(a->last == b->last && a->used == b->used);
    claim(a->used == 0 || memcmp(a->text, b->text, a->used) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t piece = 1 + next_byte(&in) % 16;
    struct trace whole = trace(in.at, in.left, in.left + 1);
    struct trace pieces = trace(in.at, in.left, piece);

    same(&whole, &pieces);
    if (whole.last == SOCK__MULTIPART_CLOSE && whole.nested == 0) {
        struct trace lines = model(in.at, in.left);
        same(&whole, &lines);
        free(lines.text);
    }
    free(whole.text);
    free(pieces.text);
    return 0;
}
