/* SPDX-License-Identifier: MIT */
#include "chunk.h"

#include "chars.h"

/* What comes next. */
enum {
    SIZE,      /* a digit of the size, or what follows it */
    BLANKS,    /* behind the size: what an extension begins with */
    EXTENSION, /* up to the end of the line */
    SIZE_LF,   /* the last byte of that line */
    DATA,
    DATA_CR, /* the line that ends the data */
    DATA_LF,
    LAST,
    FAULTY
};

void sock__chunks_begin(struct sock__chunks *c)
{
    *c = (struct sock__chunks){.state = SIZE};
}

static int fault(struct sock__chunks *c, const char *why)
{
    c->why = why;
    return FAULTY;
}

/* A byte behind the size, which counts as an extension's. */
static int in_extension(struct sock__chunks *c, char at)
{
    if (at == '\r' && c->state == EXTENSION)
        return SIZE_LF;
    if (++c->extensions > SOCK__CHUNK_EXTENSIONS)
        return fault(c, "chunk extensions over the limit");
    if (c->state == EXTENSION)
        return sock__is(at, SOCK__VALUE)
                   ? EXTENSION
                   : fault(c, "an invalid extension of a chunk");
    if (at == ' ' || at == '\t')
        return BLANKS;
    return at == ';' ? EXTENSION : fault(c, "an invalid size of a chunk");
}

static int in_size(struct sock__chunks *c, char at)
{
    int value = sock__hex_value(at);

    if (value < 0 && c->digits > 0)
        return at == '\r' ? SIZE_LF : in_extension(c, at);
    if (value < 0 || c->digits == SOCK__CHUNK_DIGITS)
        return fault(c, "an invalid size of a chunk");
    c->digits++;
    c->left = c->left << 4 | (unsigned)value;
    return c->left <= INT64_MAX ? SIZE : fault(c, "a chunk over the limit");
}

/* Of a line's end, the byte that has to be there. */
static int exactly(struct sock__chunks *c, char at, char wanted, int next)
{
    return at == wanted ? next : fault(c, "a chunk without its CR LF");
}

/* The state behind one byte that is no data. */
static int step(struct sock__chunks *c, char at)
{
    switch (c->state) {
    case SIZE:
        return in_size(c, at);
    case BLANKS:
    case EXTENSION:
        return in_extension(c, at);
    case SIZE_LF:
        return exactly(c, at, '\n', c->left > 0 ? DATA : LAST);
    case DATA_CR:
        return exactly(c, at, '\r', DATA_LF);
    default:
        c->digits = 0;
        return exactly(c, at, '\n', SIZE);
    }
}

static enum sock__chunk_event event_of(const struct sock__chunks *c)
{
    switch (c->state) {
    case DATA:
        return SOCK__CHUNK_DATA;
    case LAST:
        return SOCK__CHUNK_TRAILERS;
    case FAULTY:
        return SOCK__CHUNK_FAULT;
    default:
        return SOCK__CHUNK_MORE;
    }
}

enum sock__chunk_event sock__chunks_next(struct sock__chunks *c,
                                         const char *data, size_t n,
                                         size_t *taken)
{
    size_t i = 0;

    while (i < n && event_of(c) == SOCK__CHUNK_MORE)
        c->state = step(c, data[i++]);
    *taken = i;
    return event_of(c);
}

void sock__chunks_take(struct sock__chunks *c, size_t n)
{
    c->left -= n;
    if (c->left == 0)
        c->state = DATA_CR;
}
