/* SPDX-License-Identifier: MIT */
/*
 * Responses. One is a single allocation: its head is copied out of the
 * connection's buffer as it was parsed there, fields and all.
 */
#define _POSIX_C_SOURCE 200809L

#include "response.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/timeout.h>

#include "bytes.h"
#include "connection.h"
#include "record.h"
#include "stream.h"
#include "text.h"

enum { FIRST_ROOM = 8192, KNOWN_ROOM = 65536 };

/* A response as a stream of stdio. Either may end first. */
struct stream {
    sock_http_response_t *response; /* NULL: it has ended */
    bool failed;                    /* a read has, with this error */
    struct sock__saved error;
};

struct sock_http_response {
    int status, version;
    const char *reason;
    sock_headers_t head;
    sock_headers_t *made; /* NULL: those of the head */
    struct sock__reader reader;
    sock_http_t *kept; /* the connection, if it is the response's */
    struct sock__keeper keeper;
    struct stream *stream;       /* NULL: none is open */
    struct sock__field fields[]; /* and behind them the text of the head */
};

/* Making */

/* The head as it lies in the wire's buffer. */
static sock_http_response_t *copy_head(const sock_http_t *c)
{
    const sock_headers_t *h = &c->fields;
    const char *from = c->wire.buf + c->wire.at;
    size_t fields = h->count * sizeof(struct sock__field);
    sock_http_response_t *r = malloc(sizeof *r + fields + c->head);

    if (r == NULL)
        return NULL;
    char *text = (char *)r->fields + fields;
    memset(r, 0, sizeof *r);
    if (fields > 0)
        memcpy(r->fields, h->fields, fields);
    memcpy(text, from, c->head);
    r->status = c->start.status;
    r->version = c->start.minor > 0 ? 11 : 10;
    r->reason = text + (c->start.reason - from);
    r->head = (sock_headers_t){.text = text,
                               .used = c->head,
                               .fields = r->fields,
                               .count = h->count,
                               .slots = h->count};
    return r;
}

/* Gives the body its wire: that of the connection, or the whole connection
 * where it ends with it. */
static void begin_body(sock_http_t *c, sock_http_response_t *r,
                       const struct sock__framing *f)
{
    struct sock__reader *b = &r->reader;

    c->wire.at += c->head;
    b->limits = c->limits;
    b->limits.bytes -= c->head;
    if (f->keep_alive) {
        b->wire = &c->wire;
        b->lender = &c->reader;
        c->used = true;
    } else {
        b->own = c->wire;
        b->wire = &b->own;
        c->wire = (struct sock__wire){0};
        c->used = false;
    }
    sock__reader_begin(b, f);
}

/* After 101, and 2xx to CONNECT, the connection is of another protocol. What
 * has come of it already is the body. */
static void switch_protocol(sock_http_t *c, struct sock__framing *f)
{
    int status = c->start.status;
    bool tunnel = strcmp(c->asking.method, "CONNECT") == 0 && status < 300;
    if (status != 101 && !tunnel)
        return;
    c->switched = true;
    f->body = SOCK__BODY_LENGTH;
    f->length = (int64_t)(c->wire.end - c->wire.at - c->head);
    f->keep_alive = true;
}

/* The response whose head has been read; NULL with the error recorded. */
static sock_http_response_t *make(sock_http_t *c, const char *op)
{
    struct sock__framing f;
    int fault =
        sock__framing_response(&f, &c->start, &c->fields, c->asking.method);

    if (fault != 0) {
        sock__connection_close(c);
        sock__fail_saying(op, SOCK_E_PROTOCOL, fault, f.why);
        return NULL;
    }
    sock_http_response_t *r = copy_head(c);
    if (r == NULL) { /* it can be asked for again */
        c->asking.answered = true;
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    f.keep_alive &= !c->asking.closes && !c->asking.cut;
    switch_protocol(c, &f);
    c->asking = (struct sock__asking){0};
    begin_body(c, r, &f);
    return r;
}

/* Until its head is there: 0; -1 with the error recorded. */
static int await_head(sock_http_t *c, const char *op)
{
    if (c->asking.answered)
        return 0;
    if (sock__http_end_request(c, op) < 0)
        return -1;
    if (sock__response_head(c, op, false) == 0)
        return 0;
    return sock__send_again(c, op) < 0 ? -1 : sock__response_head(c, op, false);
}

sock_http_response_t *sock_http_getresponse(sock_http_t *c)
{
    const char *op = "getresponse";
    char words[64];
    struct sock__saved saved;

    if (c == NULL) {
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    if (c->asking.state != SOCK__SENT) {
        snprintf(words, sizeof words, "ResponseNotReady: %s",
                 sock__request_state(c));
        sock__fail_saying(op, SOCK_E_VALUE, 0, words);
        return NULL;
    }
    sock__error_save(&saved);
    if (await_head(c, op) < 0) {
        sock__connection_close(c);
        return NULL;
    }
    sock__error_restore(&saved);
    return make(c, op);
}

sock_http_response_t *sock__response_made(const char *op,
                                          sock_headers_t *headers,
                                          const struct sock__framing *framing,
                                          const struct sock__source *source)
{
    sock_http_response_t *r = calloc(1, sizeof *r);
    if (r == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    r->status = 200;
    r->version = 11;
    r->reason = "OK";
    r->made = headers;
    r->reader.own.source = *source;
    r->reader.own.sock = source->sock;
    r->reader.wire = &r->reader.own;
    sock__reader_begin(&r->reader, framing);
    return r;
}

/* Ending */

/* Tells the keeper, once the response has no more to do with its connection. */
static void tell(sock_http_response_t *r)
{
    sock_http_t *c = r->kept;
    if (c == NULL || r->reader.state == SOCK__READING)
        return;
    r->kept = NULL;
    if (r->keeper.over != NULL)
        r->keeper.over(r->keeper.arg, c, sock__connection_is_reusable(c));
    else
        sock_http_free(c);
}

void sock__response_keep(sock_http_response_t *r, sock_http_t *c,
                         const struct sock__keeper *keeper)
{
    r->kept = c;
    r->keeper = *keeper;
    tell(r);
}

const char *sock__response_url(const sock_http_response_t *r)
{
    return r->keeper.url;
}

void sock_http_response_free(sock_http_response_t *r)
{
    int saved = errno;
    if (r == NULL)
        return;
    sock__reader_end(&r->reader);
    tell(r);
    if (r->stream != NULL)
        r->stream->response = NULL;
    sock_headers_free(r->made);
    free(r->keeper.url);
    free(r);
    errno = saved;
}

/* What it says */

/* Whether there is one; else the failure is recorded. */
static bool exists(const sock_http_response_t *r, const char *op)
{
    if (r == NULL)
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return r != NULL;
}

int sock_http_status(const sock_http_response_t *r)
{
    return exists(r, "status") ? r->status : -1;
}

int sock_http_version(const sock_http_response_t *r)
{
    return exists(r, "version") ? r->version : -1;
}

const char *sock_http_reason(const sock_http_response_t *r)
{
    return exists(r, "reason") ? r->reason : NULL;
}

static const sock_headers_t *headers_of(const sock_http_response_t *r)
{
    return r->made != NULL ? r->made : &r->head;
}

const sock_headers_t *sock_http_headers(const sock_http_response_t *r)
{
    return exists(r, "headers") ? headers_of(r) : NULL;
}

const sock_headers_t *sock_http_trailers(const sock_http_response_t *r)
{
    return exists(r, "trailers") ? &r->reader.trailers : NULL;
}

int64_t sock_http_length(const sock_http_response_t *r)
{
    if (!exists(r, "length"))
        return -1;
    const struct sock__reader *b = &r->reader;
    if (b->kind == SOCK__BODY_LENGTH || b->left > 0)
        return b->left;
    return b->state == SOCK__READ_WHOLE ? 0 : -1;
}

int sock_http_getheader(const sock_http_response_t *r, const char *name,
                        char *buf, size_t size)
{
    const char *op = "getheader", *value;
    struct sock__text t;
    size_t i = 0;

    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    if (r == NULL || name == NULL) {
        sock__text_end(&t);
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    }
    for (; (value = sock_headers_get_all(headers_of(r), name, i)) != NULL;
         i++) {
        sock__text_add(&t, i > 0 ? ", " : "");
        sock__text_add(&t, value);
    }
    int n = sock__text_end(&t);
    return i > 0 ? n : sock__fail_saying(op, SOCK_E_KEY, ENOENT, name);
}

/* Reading */

ssize_t sock_http_read(sock_http_response_t *r, void *buf, size_t len)
{
    const char *op = "read";
    if (!exists(r, op) || sock__bytes_check(op, buf, len) < 0)
        return -1;
    ssize_t n = sock__reader_read(&r->reader, op, buf, len);
    tell(r);
    return n;
}

int sock_http_read_deadline(sock_http_response_t *r, double seconds)
{
    const char *op = "read_deadline";
    int64_t ns;
    if (!exists(r, op) || sock__seconds_arg(op, seconds, &ns) < 0)
        return -1;
    const struct sock__wire *w = r->reader.wire;
    if (w == NULL || w->sock == NULL)
        return 0;
    return sock_set_deadline(w->sock, seconds) < 0
               ? sock__fail_status(op, SOCK__RECORDED)
               : 0;
}

/* A body that is read as a whole. */
struct whole {
    char *data;
    size_t n, room; /* with one byte more, for a NUL */
    size_t max;
};

static const char too_large[] = "the body is over the maximum";

/* Whether it is known that there is more, and how much at least. */
static bool is_known(const struct sock__reader *b)
{
    return b->state == SOCK__READING && b->left > 0;
}

/* Room for more: twice what there was, or as much as is known to come. */
static int make_room(struct whole *x, const struct sock__reader *b,
                     const char *op)
{
    size_t room = x->room < FIRST_ROOM ? FIRST_ROOM : 2 * x->room;
    bool known = is_known(b);

    if (x->room == 0 && known && b->left > FIRST_ROOM)
        room = KNOWN_ROOM;
    if (known && (uint64_t)b->left < room - x->n)
        room = x->n + (size_t)b->left + 1;
    char *data = realloc(x->data, room);
    if (data == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    x->data = data;
    x->room = room;
    return 0;
}

/* Whether nothing comes beyond the maximum: 0; -1. */
static int check_end(sock_http_response_t *r, const char *op)
{
    char byte;
    ssize_t got = sock__reader_read(&r->reader, op, &byte, 1);
    if (got > 0) {
        sock__reader_refuse(&r->reader, SOCK_P_TOO_LARGE, too_large);
        return (int)sock__reader_read(&r->reader, op, &byte, 1);
    }
    return (int)got;
}

/* All of it: 0; -1 with the error recorded. */
static int read_whole(sock_http_response_t *r, struct whole *x, const char *op)
{
    for (;;) {
        if (r->reader.state == SOCK__READ_WHOLE && x->room > 0)
            return 0;
        if (x->n + 1 >= x->room && make_room(x, &r->reader, op) < 0)
            return -1;
        size_t most = x->room - 1 - x->n;
        if (x->n == x->max)
            return check_end(r, op);
        most = most < x->max - x->n ? most : x->max - x->n;
        ssize_t got = sock__reader_read(&r->reader, op, x->data + x->n, most);
        if (got <= 0)
            return (int)got;
        x->n += (size_t)got;
    }
}

/* What was read, without the room that was not needed. */
static char *finish(struct whole *x)
{
    char *data = NULL;
    x->data[x->n] = '\0';
    if (x->room - x->n > x->n / 4 + FIRST_ROOM)
        data = realloc(x->data, x->n + 1);
    return data != NULL ? data : x->data;
}

ssize_t sock_http_readall(sock_http_response_t *r, char **data, size_t max)
{
    const char *op = "read";
    int saved = errno;

    if (!exists(r, op) || data == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    struct whole x = {.max = max == 0 || max > SSIZE_MAX ? SSIZE_MAX : max};
    const struct sock__reader *b = &r->reader;
    *data = NULL;
    if (is_known(b) && (uint64_t)b->left > x.max)
        return sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                                 too_large);
    int result = read_whole(r, &x, op);
    tell(r);
    if (result < 0) {
        sock__free(x.data);
        return -1;
    }
    *data = finish(&x);
    errno = saved;
    return (ssize_t)x.n;
}

void sock_http_data_free(char *data)
{
    sock__free(data);
}

/* As a stream */

/* What stdio has of a line it drops when a read fails, so that reading cannot
 * go on behind it. */
static ssize_t stream_read(void *cookie, char *buf, size_t size)
{
    struct stream *x = cookie;
    if (x->failed) {
        sock__error_restore(&x->error);
        return -1;
    }
    if (x->response == NULL)
        return sock__fail("read", SOCK_E_OS, EBADF, 0);
    ssize_t n = sock_http_read(x->response, buf, size);
    if (n < 0) {
        x->failed = true;
        sock__error_save(&x->error);
    }
    return n;
}

static int stream_close(void *cookie)
{
    struct stream *x = cookie;
    if (x->response != NULL)
        x->response->stream = NULL;
    sock__free(x);
    return 0;
}

FILE *sock_http_file(sock_http_response_t *r)
{
    const char *op = "makefile";
    if (!exists(r, op))
        return NULL;
    if (r->stream != NULL) {
        sock__fail_saying(op, SOCK_E_VALUE, 0, "there is a stream already");
        return NULL;
    }
    struct stream *x = calloc(1, sizeof *x);
    FILE *f = x != NULL ? sock__os_reading_stream(x, stream_read, stream_close)
                        : NULL;
    if (f == NULL) {
        sock__free(x);
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    x->response = r;
    r->stream = x;
    return f;
}
