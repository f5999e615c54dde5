/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

/* Ending */

/* Bytes that came behind the end were not asked for, and would be taken for the
 * next response. */
static void give_back(struct sock__reader *b, enum sock__reading state)
{
    struct sock__wire *w = b->wire;

    b->state = state;
    b->wire = NULL;
    if (b->lender != NULL)
        *b->lender = NULL;
    if (state != SOCK__READ_WHOLE || !b->keep || b->lender == NULL ||
        w->at < w->end)
        sock__wire_release(w);
    b->lender = NULL;
}

static ssize_t fail_cut(const struct sock__reader *b, const char *op)
{
    char words[SOCK_ERROR_WORDS_MAX];
    int n = snprintf(words, sizeof words,
                     "IncompleteRead(%" PRIu64 " bytes read", b->done);
    if (b->left > 0)
        snprintf(words + n, sizeof words - (size_t)n,
                 ", %" PRId64 " more expected)", b->left);
    else
        snprintf(words + n, sizeof words - (size_t)n, ")");
    return sock__fail_saying(op, SOCK_E_EOF, 0, words);
}

static void lose(struct sock__reader *b, int err)
{
    b->fault = err;
    give_back(b, SOCK__READ_LOST);
}

/* What reading gives once it is over. */
static ssize_t after(const struct sock__reader *b, const char *op)
{
    switch (b->state) {
    case SOCK__READ_CUT:
        fail_cut(b, op);
        break;
    case SOCK__READ_FAULTY:
        if (b->fault == ENOMEM)
            sock__fail(op, SOCK_E_MEMORY, 0, 0);
        else
            sock__fail_saying(op, SOCK_E_PROTOCOL, b->fault, b->why);
        break;
    case SOCK__READ_LOST:
        sock__fail(op, SOCK_E_OS, b->fault, 0);
        break;
    case SOCK__READING:
    case SOCK__READ_WHOLE:
        return 0;
    }
    sock__fail_done((size_t)b->done);
    return -1;
}

int sock__reader_refuse(struct sock__reader *b, int fault, const char *why)
{
    b->fault = fault;
    b->why = why;
    if (b->state == SOCK__READING)
        give_back(b, SOCK__READ_FAULTY);
    b->state = SOCK__READ_FAULTY; /* the last byte may have ended it */
    return -1;
}

/* More bytes into the buffer: 1; -1 if they cannot be had. */
static int more(struct sock__reader *b, const char *op)
{
    ssize_t n = sock__wire_more(b->wire, op);
    if (n == 0)
        give_back(b, SOCK__READ_CUT);
    return n > 0 ? 1 : -1;
}

/* Chunks */

/* What a trailer must not say: where the message ends, and to whom it goes. */
static bool may_trail(const char *name)
{
    static const char *const names[] = {"content-length", "transfer-encoding",
                                        "host"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sock__same_text(name, n, names[i], strlen(names[i])))
            return false;
    return true;
}

/* Copies them, as they lie in the buffer: 1; -1 for want of memory. */
static int copy_trailers(struct sock__reader *b, const sock_headers_t *from)
{
    const char *name, *value;
    for (size_t i = 0; sock_headers_at(from, i, &name, &value) > 0; i++)
        if (may_trail(name) && sock_headers_add(&b->trailers, name, value) < 0)
            return sock__reader_refuse(b, ENOMEM, NULL);
    return 1;
}

/* The parser speaks as to a client whose request it refuses. */
static int fault_of_trailers(int status)
{
    if (status == 500)
        return ENOMEM;
    return status == 431 ? SOCK_P_TOO_LARGE : SOCK_P_SYNTAX;
}

/* What there is of the trailers: 1 once they are over, 0 if more are needed. */
static int parse_trailers(struct sock__reader *b)
{
    struct sock__wire *w = b->wire;
    struct sock__start start = {0};
    sock_headers_t fields = {0};
    ssize_t n =
        sock__head_fields(&start, &fields, w->buf + w->at, w->end - w->at,
                          &b->scanned, &b->limits, SOCK__FIELDS_STRICT);
    int result = 0;
    if (n < 0)
        result =
            sock__reader_refuse(b, fault_of_trailers(start.fault), start.why);
    else if (n > 0) {
        w->at += (size_t)n;
        result = copy_trailers(b, &fields);
    }
    sock__headers_release(&fields);
    return result;
}

/* Most bodies have none: a blank line ends them. */
static int next_trailers(struct sock__reader *b)
{
    struct sock__wire *w = b->wire;
    if (w->end - w->at >= 2 && memcmp(w->buf + w->at, "\r\n", 2) == 0) {
        w->at += 2;
        return 1;
    }
    return w->at < w->end ? parse_trailers(b) : 0;
}

/* To the end of the trailers: 0, and it is over; -1. */
static int end_chunks(struct sock__reader *b, const char *op, bool wait)
{
    int found;
    b->in_trailers = true;
    while ((found = next_trailers(b)) == 0)
        if (!wait || more(b, op) < 0)
            return wait ? -1 : 0;
    if (found > 0)
        give_back(b, SOCK__READ_WHOLE);
    return found > 0 ? 0 : -1;
}

/* To the next bytes of data: 1. 0 at the end, or where it may not wait and has
 * to; -1, after which the state says what of, or the record. */
static int to_data(struct sock__reader *b, const char *op, bool wait)
{
    struct sock__wire *w = b->wire;

    while (!b->in_trailers) {
        size_t taken = 0;
        enum sock__chunk_event event = sock__chunks_next(
            &b->chunks, w->buf + w->at, w->end - w->at, &taken);
        w->at += taken;
        if (event == SOCK__CHUNK_DATA)
            return 1;
        if (event == SOCK__CHUNK_FAULT)
            return sock__reader_refuse(b, SOCK_P_FRAMING, b->chunks.why);
        if (event == SOCK__CHUNK_TRAILERS)
            break;
        if (!wait || more(b, op) < 0)
            return wait ? -1 : 0;
    }
    return end_chunks(b, op, wait);
}

/* Data of one chunk. */
static ssize_t read_chunk(struct sock__reader *b, const char *op, char *buf,
                          size_t n)
{
    n = n < b->chunks.left ? n : (size_t)b->chunks.left;
    ssize_t got = sock__wire_read(b->wire, op, buf, n);
    if (got > 0) {
        sock__chunks_take(&b->chunks, (size_t)got);
        b->done += (uint64_t)got;
    }
    if (got == 0)
        give_back(b, SOCK__READ_CUT);
    return got > 0 ? got : -1;
}

/* Of as many chunks as lie there: behind the first byte nothing is waited for,
 * and what fails then is found again by the next call. */
static ssize_t read_chunks(struct sock__reader *b, const char *op, char *buf,
                           size_t n)
{
    struct sock__wire *w = b->wire;
    size_t done = 0;
    int found = to_data(b, op, true);
    while (found > 0 && done < n && (done == 0 || w->at < w->end)) {
        ssize_t got = read_chunk(b, op, buf + done, n - done);
        if (got < 0)
            return -1;
        done += (size_t)got;
        if (w->at < w->end)
            found = to_data(b, op, false);
    }
    return found < 0 && done == 0 ? -1 : (ssize_t)done;
}

/* Bodies */

static ssize_t read_length(struct sock__reader *b, const char *op, void *buf,
                           size_t n)
{
    if ((uint64_t)b->left < n)
        n = (size_t)b->left;
    ssize_t got = sock__wire_read(b->wire, op, buf, n);
    if (got < 0)
        return -1;
    b->left -= got;
    b->done += (uint64_t)got;
    if (got == 0)
        give_back(b, SOCK__READ_CUT);
    else if (b->left == 0)
        give_back(b, SOCK__READ_WHOLE);
    return got > 0 ? got : -1;
}

static ssize_t read_to_close(struct sock__reader *b, const char *op, void *buf,
                             size_t n)
{
    ssize_t got = sock__wire_read(b->wire, op, buf, n);
    if (got > 0) {
        b->done += (uint64_t)got;
        b->left = b->left > got ? b->left - got : 0;
    }
    if (got != 0)
        return got;
    give_back(b, b->left > 0 ? SOCK__READ_CUT : SOCK__READ_WHOLE);
    return b->left > 0 ? -1 : 0;
}

static bool has_length(enum sock__body kind)
{
    return kind == SOCK__BODY_LENGTH || kind == SOCK__BODY_AT_LEAST;
}

void sock__reader_begin(struct sock__reader *b, const struct sock__framing *f)
{
    b->state = SOCK__READING;
    b->kind = f->body;
    b->left = has_length(f->body) ? f->length : 0;
    b->keep = f->keep_alive;
    sock__chunks_begin(&b->chunks);
    if (b->lender != NULL)
        *b->lender = b;
    if (f->body == SOCK__BODY_LENGTH && f->length == 0)
        give_back(b, SOCK__READ_WHOLE);
}

/* After a failure of the connection there is no more of it: what a further
 * receive gave, such as an end, would pass for the body's. */
static void note_failure(struct sock__reader *b)
{
    const sock_error_t *e = sock_last_error();
    bool lost = e->kind == SOCK_E_TLS ||
                (e->kind == SOCK_E_OS && e->code != EAGAIN && e->code != EINTR);

    sock__fail_done((size_t)b->done);
    if (lost)
        lose(b, errno);
}

ssize_t sock__reader_read(struct sock__reader *b, const char *op, void *buf,
                          size_t n)
{
    ssize_t got = 0;
    if (b->state != SOCK__READING)
        return after(b, op);
    if (n == 0)
        return 0;
    if (b->kind == SOCK__BODY_LENGTH)
        got = read_length(b, op, buf, n);
    else if (b->kind == SOCK__BODY_CHUNKED)
        got = read_chunks(b, op, buf, n);
    else
        got = read_to_close(b, op, buf, n);
    if (got < 0 && b->state != SOCK__READING)
        return after(b, op);
    if (got < 0)
        note_failure(b);
    return got;
}

/* Giving up */

/* Passes over what lies there of the body, which may be all of it. */
static void skip_chunks(struct sock__reader *b)
{
    struct sock__wire *w = b->wire;
    struct sock__saved saved;

    sock__error_save(&saved);
    while (to_data(b, "", false) > 0 && w->at < w->end) {
        size_t n = w->end - w->at;
        n = n < b->chunks.left ? n : (size_t)b->chunks.left;
        sock__chunks_take(&b->chunks, n);
        w->at += n;
    }
    sock__error_restore(&saved);
}

void sock__reader_end(struct sock__reader *b)
{
    struct sock__wire *w = b->wire;

    if (b->state == SOCK__READING && b->kind == SOCK__BODY_LENGTH &&
        (uint64_t)b->left <= w->end - w->at) {
        w->at += (size_t)b->left;
        give_back(b, SOCK__READ_WHOLE);
    }
    if (b->state == SOCK__READING && b->kind == SOCK__BODY_CHUNKED)
        skip_chunks(b);
    if (b->state == SOCK__READING)
        lose(b, EBADF);
    sock__headers_release(&b->trailers);
}

void sock__reader_inherit(struct sock__reader *b)
{
    b->own = *b->wire;
    *b->wire = (struct sock__wire){0};
    b->wire = &b->own;
    *b->lender = NULL;
    b->lender = NULL;
}

void sock__reader_cut_off(struct sock__reader *b)
{
    lose(b, EBADF);
}
