/* SPDX-License-Identifier: MIT */
/* Whole messages, read in pieces of any size: head, framing, body, trailers. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <stdlib.h>
#include <string.h>

#include "chunk.h"
#include "framing.h"
#include "support.h"

/* Of the server, and of the client (http-surface B4). */
static const struct sock__head_limits server_limits = {32 * 1024, 8 * 1024,
                                                       100};
static const struct sock__head_limits client_limits = {256 * 1024, 0, 1000};

enum { ACCEPTED = 0, INCOMPLETE = -1 };

/* What became of it. */
struct outcome {
    int result;   /* ACCEPTED, INCOMPLETE, or the fault */
    size_t taken; /* its bytes */
    char body[64];
    size_t body_len;
    bool by_hand, keep_alive, to_close, expects;
    size_t fields;
    int status, minor;
    char host[32];
};

struct message {
    const char *method; /* of the request that it answers; NULL: it is one */
    const char *raw;
    size_t size; /* of all that there is */
    size_t step; /* in how large pieces it comes */
    size_t at;   /* where the next part begins */
};

/* A buffer of just the bytes that have come, from `at` on. */
static inline char *arrived(const struct message *m, size_t len)
{
    char *buf = malloc(len > 0 ? len : 1);
    check(buf != NULL);
    memcpy(buf, m->raw + m->at, len);
    return buf;
}

/* The bytes that have come after the next piece; false: no more come. */
static inline bool next_piece(const struct message *m, size_t *len)
{
    size_t left = m->size - m->at;
    if (*len == left)
        return false;
    *len = left - *len > m->step ? *len + m->step : left;
    return true;
}

typedef ssize_t parse_fn(const struct message *m, struct sock__start *start,
                         sock_headers_t *h, char *buf, size_t len,
                         size_t *scanned);

static inline ssize_t parse_head(const struct message *m,
                                 struct sock__start *start, sock_headers_t *h,
                                 char *buf, size_t len, size_t *scanned)
{
    return m->method == NULL
               ? sock__head_request(start, h, buf, len, scanned, &server_limits)
               : sock__head_response(start, h, buf, len, scanned,
                                     &client_limits);
}

static inline ssize_t parse_trailers(const struct message *m,
                                     struct sock__start *start,
                                     sock_headers_t *h, char *buf, size_t len,
                                     size_t *scanned)
{
    (void)m;
    return sock__head_fields(start, h, buf, len, scanned, &server_limits,
                             SOCK__FIELDS_STRICT);
}

/* Parses what comes until it is whole: the buffer that the texts lie in, or
 * NULL with the result set. */
static inline char *parse_pieces(struct message *m, parse_fn *parse,
                                 struct sock__start *start, sock_headers_t *h,
                                 int *result)
{
    size_t len = 0, scanned = 0;

    *result = INCOMPLETE;
    while (next_piece(m, &len)) {
        char *buf = arrived(m, len);
        ssize_t n = parse(m, start, h, buf, len, &scanned);
        check_that(n != 0 || memcmp(buf, m->raw + m->at, len) == 0,
                   "the buffer was changed");
        if (n > 0) {
            check((size_t)n <= len);
            m->at += (size_t)n;
            *result = ACCEPTED;
            return buf;
        }
        free(buf);
        check_int(h->count, 0);
        if (n < 0) {
            check(start->fault != 0 && start->why != NULL);
            *result = start->fault;
            break;
        }
    }
    return NULL;
}

static inline void add_body(struct outcome *o, const char *data, size_t n)
{
    size_t room = sizeof o->body - 1 - o->body_len;
    memcpy(o->body + o->body_len, data, n < room ? n : room);
    o->body_len += n < room ? n : room;
}

/* The chunks, and then the trailers. */
static inline int read_chunks(struct message *m, struct outcome *o)
{
    struct sock__chunks c;
    struct sock__start start;
    sock_headers_t trailers = {0};
    enum sock__chunk_event event = SOCK__CHUNK_MORE;
    int result;

    sock__chunks_begin(&c);
    while (event != SOCK__CHUNK_TRAILERS) {
        size_t n = m->size - m->at, taken;
        n = n < m->step ? n : m->step;
        event = sock__chunks_next(&c, m->raw + m->at, n, &taken);
        check(taken <= n);
        m->at += taken;
        n -= taken;
        if (event == SOCK__CHUNK_FAULT) {
            check(c.why != NULL);
            return m->method == NULL ? 400 : SOCK_P_FRAMING;
        }
        if (event != SOCK__CHUNK_TRAILERS && m->at == m->size)
            return INCOMPLETE;
        if (event == SOCK__CHUNK_DATA) {
            n = n < c.left ? n : (size_t)c.left;
            add_body(o, m->raw + m->at, n);
            sock__chunks_take(&c, n);
            m->at += n;
        }
    }
    free(parse_pieces(m, parse_trailers, &start, &trailers, &result));
    sock__headers_release(&trailers);
    return m->method == NULL || result <= 0 ? result : SOCK_P_SYNTAX;
}

static inline int read_body(struct message *m, const struct sock__framing *f,
                            struct outcome *o)
{
    size_t left = m->size - m->at;

    if (f->body == SOCK__BODY_CHUNKED)
        return read_chunks(m, o);
    if (f->body == SOCK__BODY_LENGTH && (uint64_t)f->length > left)
        return INCOMPLETE;
    if (f->body == SOCK__BODY_LENGTH)
        left = (size_t)f->length;
    add_body(o, m->raw + m->at, left);
    m->at += left;
    return ACCEPTED;
}

static inline struct outcome read_message(const char *method, const char *raw,
                                          size_t size, size_t step)
{
    struct message m = {method, raw, size, step, 0};
    struct outcome o = {0};
    struct sock__start start;
    struct sock__framing f = {0};
    sock_headers_t h = {0};
    char *buf = parse_pieces(&m, parse_head, &start, &h, &o.result);

    if (buf != NULL) {
        o.result = method == NULL
                       ? sock__framing_request(&f, &start, &h)
                       : sock__framing_response(&f, &start, &h, method);
        check((o.result == 0) == (f.why == NULL));
        o.by_hand = start.by_hand;
        o.keep_alive = f.keep_alive;
        o.expects = f.expects;
        o.to_close = f.body == SOCK__BODY_TO_CLOSE;
        o.fields = h.count;
        o.status = start.status;
        o.minor = start.minor;
        if (f.host_len < sizeof o.host && f.host != NULL)
            memcpy(o.host, f.host, f.host_len);
    }
    if (buf != NULL && o.result == ACCEPTED)
        o.result = read_body(&m, &f, &o);
    o.taken = m.at;
    free(buf);
    sock__headers_release(&h);
    return o;
}

/*
 * Reads it whole and byte by byte, which comes to the same; and cut off behind
 * every byte, which is never accepted, but where the end of the connection ends
 * it. What the whole came to.
 */
static inline struct outcome read_all_ways(const char *name, const char *method,
                                           const char *raw, size_t size)
{
    struct outcome whole = read_message(method, raw, size, size);

    for (size_t step = 1; step < 4; step++) {
        struct outcome pieces = read_message(method, raw, size, step);
        check_that(pieces.result == whole.result, "%s: %d, in pieces of %zu %d",
                   name, whole.result, step, pieces.result);
        if (whole.result == ACCEPTED)
            check_that(pieces.taken == whole.taken &&
                           strcmp(pieces.body, whole.body) == 0 &&
                           pieces.fields == whole.fields,
                       "%s: other bytes in pieces of %zu", name, step);
    }
    for (size_t cut = 0; cut < whole.taken && !whole.to_close; cut++) {
        struct outcome part = read_message(method, raw, cut, cut > 0 ? cut : 1);
        check_that(part.result != ACCEPTED || part.to_close,
                   "%s: accepted after %zu bytes", name, cut);
    }
    return whole;
}

/* Of bytes that are freed. */
static inline int result_of(const char *method, char *raw, size_t size,
                            size_t step)
{
    int result = read_message(method, raw, size, step).result;
    free(raw);
    return result;
}

/* Tables of messages */

struct row {
    const char *name, *raw;
    size_t size;
    int result;       /* ACCEPTED, INCOMPLETE, or what refuses it */
    const char *rest; /* behind an accepted one: what follows it */
    const char *body; /* of an accepted one */
};

#define REFUSED(result, name, raw)                                             \
    {                                                                          \
        name, raw, sizeof(raw) - 1, result, "", ""                             \
    }
#define TAKEN(name, raw, body, rest)                                           \
    {                                                                          \
        name, raw rest, sizeof(raw rest) - 1, ACCEPTED, rest, body             \
    }

/* Each in all ways; `method` as in a struct message. */
static inline void check_messages(const char *method, const struct row *rows,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        struct outcome o =
            read_all_ways(row->name, method, row->raw, row->size);
        check_that(o.result == row->result, "%s: %d, not %d", row->name,
                   o.result, row->result);
        if (o.result != ACCEPTED)
            continue;
        check_that(o.taken + strlen(row->rest) == row->size,
                   "%s: ends at %zu of %zu", row->name, o.taken, row->size);
        check_that(strcmp(o.body, row->body) == 0, "%s: body %s", row->name,
                   o.body);
    }
}

#endif
