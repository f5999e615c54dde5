/* SPDX-License-Identifier: MIT */
#include "multipart.h"

#include <string.h>

#include <pysockc/error.h>

enum state { SKIP, HEAD, BODY, CLOSED };

static const char bad_line[] = "a line of multipart does not end in CR LF";

static enum sock__multipart_event fault(struct sock__multipart *m, int code,
                                        const char *why)
{
    m->fault = code;
    m->why = why;
    return SOCK__MULTIPART_FAULT;
}

/* Delimiters */

bool sock__is_boundary(const char *text, size_t n)
{
    if (n == 0 || n > SOCK__BOUNDARY_MAX || text[n - 1] == ' ')
        return false;
    for (size_t i = 0; i < n; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

static bool is_open(const struct sock__multipart *m, const char *boundary,
                    size_t n)
{
    for (int i = 0; i < m->depth; i++)
        if (m->levels[i].len == n + 2 &&
            memcmp(m->levels[i].text + 2, boundary, n) == 0)
            return true;
    return false;
}

static void push(struct sock__multipart *m, const char *boundary, size_t n)
{
    struct sock__boundary *level = &m->levels[m->depth++];
    memcpy(level->text, "--", 2);
    memcpy(level->text + 2, boundary, n);
    level->len = n + 2;
    m->begun = m->preamble = false;
    m->state = SKIP;
    m->line_start = true;
}

void sock__multipart_begin(struct sock__multipart *m, const char *boundary,
                           size_t n, size_t head_max, int lines_max)
{
    memset(m, 0, sizeof *m);
    m->head_max = head_max;
    m->lines_max = lines_max;
    push(m, boundary, n);
}

int sock__multipart_enter(struct sock__multipart *m, const char *boundary,
                          size_t n)
{
    if (m->depth == SOCK__MULTIPART_DEPTH)
        return fault(m, SOCK_P_TOO_LARGE, "too many multiparts in each other");
    if (is_open(m, boundary, n))
        return fault(m, SOCK_P_SYNTAX,
                     "two multiparts in each other have the same boundary");
    push(m, boundary, n);
    return 0;
}

enum verdict { NOT, MAYBE, YES, LONG, BAD };

struct delimiter {
    size_t from; /* with the end of the line before it */
    size_t to;
    bool closing;
};

/* What follows the dashes of a line whose boundary ends at i. As in Python that
 * is blanks or nothing; and where others may see the line's end, or blanks, no
 * one should have to guess. */
static enum verdict end_of_line(const char *line, size_t n, size_t i, bool last,
                                struct delimiter *d)
{
    size_t blanks = i;
    while (i < n && (line[i] == ' ' || line[i] == '\t'))
        i++;
    if (i - blanks > SOCK__BOUNDARY_BLANKS)
        return LONG;
    d->to = i < n ? i + 2 : i;
    if (i == n)
        return d->closing && last ? YES : MAYBE;
    if (line[i] == '\n' || line[i] == '\v' || line[i] == '\f')
        return BAD;
    if (line[i] != '\r')
        return NOT;
    if (i + 1 == n)
        return MAYBE;
    return line[i + 1] == '\n' ? YES : BAD;
}

/* Whether a line, of which n bytes are there, is the delimiter. As in Python it
 * must be the whole line, but for blanks at its end. */
static enum verdict is_delimiter(const struct sock__boundary *b,
                                 const char *line, size_t n, bool last,
                                 struct delimiter *d)
{
    size_t i = b->len;
    if (memcmp(line, b->text, n < i ? n : i) != 0)
        return NOT;
    if (n <= i || (n == i + 1 && line[i] == '-'))
        return MAYBE;
    d->closing = line[i] == '-' && line[i + 1] == '-';
    return end_of_line(line, n, d->closing ? i + 2 : i, last, d);
}

/* Where the next line begins after `from`, and in d the line's end before it;
 * n + 1: there is none. */
static size_t next_line(const char *data, size_t n, size_t from,
                        struct delimiter *d, bool *bare)
{
    const char *lf = memchr(data + from, '\n', n - from);
    if (lf == NULL)
        return n + 1;
    size_t at = (size_t)(lf - data);
    *bare = at == 0 || data[at - 1] != '\r';
    d->from = *bare ? at : at - 1;
    return at + 1;
}

/* Looks for the innermost delimiter; bytes before d->from are before it, or
 * before what may become one: MAYBE. */
static enum verdict find(const struct sock__multipart *m, const char *data,
                         size_t n, bool last, struct delimiter *d)
{
    const struct sock__boundary *b = &m->levels[m->depth - 1];
    bool bare = false;
    size_t at = 0;

    *d = (struct delimiter){0};
    if (!m->line_start)
        at = next_line(data, n, 0, d, &bare);
    for (; at <= n; at = next_line(data, n, at, d, &bare)) {
        enum verdict v = is_delimiter(b, data + at, n - at, last, d);
        d->to += at;
        if (v == YES && bare)
            return BAD;
        if (v != NOT)
            return v;
    }
    d->from = n > 0 && data[n - 1] == '\r' ? n - 1 : n;
    return NOT;
}

static enum sock__multipart_event found(struct sock__multipart *m,
                                        enum verdict v)
{
    if (v == BAD)
        return fault(m, SOCK_P_SYNTAX, bad_line);
    if (v == LONG)
        return fault(m, SOCK_P_SYNTAX, "too many blanks behind a boundary");
    return SOCK__MULTIPART_MORE;
}

/* Takes a delimiter: what follows is a head, or the end. */
static void take(struct sock__multipart *m, const struct delimiter *d,
                 size_t *taken)
{
    *taken = d->to;
    m->begun = true;
    m->state = d->closing ? CLOSED : HEAD;
    m->scanned = m->line = 0;
    m->lines = 0;
}

/* States */

/* Before the first delimiter, and after the last one of a multipart inside. */
static enum sock__multipart_event next_skip(struct sock__multipart *m,
                                            const char *data, size_t n,
                                            bool last, size_t *taken)
{
    struct delimiter d;
    enum verdict v = find(m, data, n, last, &d);
    if (d.from > 0) {
        m->line_start = false;
        m->preamble = m->preamble || !m->begun;
    }
    if (v == YES && d.closing && m->preamble && !m->begun)
        return fault(m, SOCK_P_SYNTAX, "multipart has no parts");
    if (v == YES) {
        take(m, &d, taken);
        return SOCK__MULTIPART_MORE;
    }
    *taken = d.from;
    return found(m, v);
}

static enum sock__multipart_event next_body(struct sock__multipart *m,
                                            const char *data, size_t n,
                                            bool last, size_t *taken)
{
    struct delimiter d;
    enum verdict v = find(m, data, n, last, &d);
    if (d.from > 0) {
        m->line_start = false;
        *taken = d.from;
        return SOCK__MULTIPART_DATA;
    }
    if (v != YES)
        return found(m, v);
    take(m, &d, taken);
    return SOCK__MULTIPART_END;
}

/* Whether a line shows nothing, so that some take it for the end of a head. */
static bool is_blank(const char *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strchr(" \t\r\v\f", line[i]) == NULL || line[i] == '\0')
            return false;
    return true;
}

/* A line of the head ends at `at`. */
static enum sock__multipart_event head_line(struct sock__multipart *m,
                                            const char *data, size_t at,
                                            size_t *taken)
{
    if (at == 0 || data[at - 1] != '\r')
        return fault(m, SOCK_P_SYNTAX, bad_line);
    if (at - 1 == m->line) {
        m->state = BODY;
        m->line_start = true;
        *taken = at + 1;
        return SOCK__MULTIPART_HEAD;
    }
    if (is_blank(data + m->line, at - m->line))
        return fault(m, SOCK_P_SYNTAX, "a part's head has a line of blanks");
    m->scanned = m->line = at + 1;
    if (++m->lines > m->lines_max)
        return fault(m, SOCK_P_TOO_LARGE, "a part's head has too many lines");
    return SOCK__MULTIPART_MORE;
}

static enum sock__multipart_event next_head(struct sock__multipart *m,
                                            const char *data, size_t n,
                                            size_t *taken)
{
    enum sock__multipart_event event = SOCK__MULTIPART_MORE;
    const char *lf;

    if (n > m->head_max)
        n = m->head_max;
    while (event == SOCK__MULTIPART_MORE &&
           (lf = memchr(data + m->scanned, '\n', n - m->scanned)) != NULL)
        event = head_line(m, data, (size_t)(lf - data), taken);
    if (event != SOCK__MULTIPART_MORE)
        return event;
    m->scanned = n;
    if (n == m->head_max)
        return fault(m, SOCK_P_TOO_LARGE, "a part's head is too long");
    return SOCK__MULTIPART_MORE;
}

/* The line of the closing delimiter is over, too. */
static enum sock__multipart_event next_closed(struct sock__multipart *m)
{
    m->depth--;
    m->state = SKIP;
    m->line_start = true;
    return SOCK__MULTIPART_CLOSE;
}

enum sock__multipart_event sock__multipart_next(struct sock__multipart *m,
                                                const char *data, size_t n,
                                                bool last, size_t *taken)
{
    *taken = 0;
    switch (m->state) {
    case SKIP:
        return next_skip(m, data, n, last, taken);
    case HEAD:
        return next_head(m, data, n, taken);
    case BODY:
        return next_body(m, data, n, last, taken);
    default:
        return next_closed(m);
    }
}
