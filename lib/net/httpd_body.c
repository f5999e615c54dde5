/* SPDX-License-Identifier: MIT */
/*
 * The body of a request, which comes while the handler reads it.
 *
 * Bytes of Content-Length go from the wire to the handler's buffer. Those of
 * chunks pass through a buffer of their own, as does what lies between them;
 * the data of a large chunk does not.
 */
#define _POSIX_C_SOURCE 200809L

#include "httpd_body.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/io.h>

#include "bytes.h"
#include "httpd_io.h"
#include "record.h"

enum { BLOCK = 4096 };

/* Inputs */

static size_t available(const struct sock__input *in)
{
    return in->end - in->at;
}

void sock__input_compact(struct sock__input *in)
{
    if (in->at > 0 && available(in) > 0)
        memmove(in->buf, in->buf + in->at, available(in));
    in->end -= in->at;
    in->at = 0;
}

int sock__input_reach(struct sock__input *in, size_t more)
{
    size_t room = in->room < BLOCK ? BLOCK : in->room;

    if (in->buf != NULL && in->room - in->end >= more)
        return 0;
    while (room - in->end < more)
        room *= 2;
    char *buf = realloc(in->buf, room);
    if (buf == NULL)
        return -1;
    in->buf = buf;
    in->room = room;
    return 0;
}

static size_t take(struct sock__input *in, void *buf, size_t size)
{
    size_t n = size < available(in) ? size : available(in);
    if (n > 0)
        memcpy(buf, in->buf + in->at, n);
    in->at += n;
    return n;
}

/* Beginning and ending */

void sock__httpd_body_begin(sock_httpd_request_t *self,
                            struct sock__input *wire)
{
    struct sock__upload *u = &self->upload;

    u->wire = wire;
    u->left = self->framing.length;
    u->received = u->began = 0;
    u->begun = u->hidden = u->in_trailers = u->moved = false;
    u->fault = 0;
    u->scanned = u->input.at = u->input.end = 0;
    u->over = self->framing.body == SOCK__BODY_LENGTH && u->left == 0;
    sock__chunks_begin(&u->chunks);
    sock__headers_clear(&u->trailers);
}

int sock__httpd_body_end(sock_httpd_request_t *self)
{
    struct sock__upload *u = &self->upload;
    size_t n = available(&u->input);

    if (!u->moved)
        return 0;
    u->wire->at = u->wire->end = 0;
    if (sock__input_reach(u->wire, n) < 0)
        return -1;
    u->wire->end = take(&u->input, u->wire->buf, n);
    return 0;
}

/* Bytes from the wire */

/* The body has to go on at its rate, once it has had its grace. */
static int64_t until_when(sock_httpd_request_t *self)
{
    const sock_httpd_limits_t *limits = self->limits;
    struct sock__upload *u = &self->upload;

    if (u->began == 0)
        u->began = sock__os_now();
    double seconds =
        limits->body_grace + (double)u->received / limits->body_rate;
    return u->began + (int64_t)(seconds * 1e9);
}

static int faulty(sock_httpd_request_t *self, int fault)
{
    self->upload.fault = fault;
    self->closing = true;
    return -1;
}

static int no_memory(sock_httpd_request_t *self, const char *op)
{
    faulty(self, 503);
    return sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

static int ended(sock_httpd_request_t *self, const char *op)
{
    faulty(self, 400);
    sock__fail(op, SOCK_E_EOF, 0, 0);
    sock__fail_done((size_t)self->upload.received);
    return -1;
}

/* Says what is wrong with a body, the next time, too. */
static int broken(sock_httpd_request_t *self, const char *op, int code,
                  const char *why)
{
    faulty(self, code == SOCK_P_TOO_LARGE ? 413 : 400);
    return sock__fail_saying(op, SOCK_E_PROTOCOL, code, why);
}

/* Some bytes: how many; -1 with the error recorded, which without `wait` may be
 * EAGAIN. */
static ssize_t receive(sock_httpd_request_t *self, const char *op, void *buf,
                       size_t size, bool wait)
{
    ssize_t n;

    if (wait)
        n = sock__httpd_recv(op, self, buf, size, until_when(self));
    else
        n = sock_recv(self->sock, buf, size, 0);
    if (n > 0)
        return n;
    if (n == 0)
        return ended(self, op);
    if (wait || !sock__httpd_would_block())
        faulty(self, sock_last_error()->kind == SOCK_E_TIMEOUT ? 408 : 400);
    return -1;
}

/* More bytes behind those that an input has: as receive(). */
static ssize_t fill(sock_httpd_request_t *self, const char *op, bool wait)
{
    struct sock__input *in = &self->upload.input;

    if (available(in) == 0)
        in->at = in->end = 0;
    if (sock__input_reach(in, BLOCK / 4) < 0)
        return no_memory(self, op);
    ssize_t n = receive(self, op, in->buf + in->end, in->room - in->end, wait);
    if (n > 0)
        in->end += (size_t)n;
    return n;
}

/* Content-Length */

static ssize_t read_plain(sock_httpd_request_t *self, const char *op, void *buf,
                          size_t len, bool wait)
{
    struct sock__upload *u = &self->upload;

    if (len > (uint64_t)u->left)
        len = (size_t)u->left;
    ssize_t n = (ssize_t)take(u->wire, buf, len);
    if (n == 0)
        n = receive(self, op, buf, len, wait);
    if (n < 0)
        return -1;
    u->left -= n;
    u->over = u->left == 0;
    return n;
}

/* Chunks */

/* What lies behind the head goes to the input of its own: 0; -1 with the error
 * recorded. */
static int move(sock_httpd_request_t *self, const char *op)
{
    struct sock__upload *u = &self->upload;
    size_t n = available(u->wire);

    if (u->moved)
        return 0;
    if (sock__input_reach(&u->input, n) < 0)
        return no_memory(self, op);
    u->input.end = take(u->wire, u->input.buf, n);
    u->moved = true;
    return 0;
}

/* Fields that would say, once the body is here, what it was. */
static bool is_unwelcome(const sock_headers_t *h, const struct sock__field *f)
{
    static const char *const names[] = {"Content-Length", "Transfer-Encoding",
                                        "Host"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sock__same_text(h->text + f->name, f->name_len, names[i],
                            strlen(names[i])))
            return true;
    return false;
}

static void sift(sock_headers_t *h)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->count; i++)
        if (!is_unwelcome(h, &h->fields[i]))
            h->fields[kept++] = h->fields[i];
    h->count = kept;
}

/* They have what the head has left of its limits. */
static struct sock__head_limits limits_of(const sock_httpd_request_t *self)
{
    const sock_httpd_limits_t *limits = self->limits;
    struct sock__head_limits left = {.bytes = 2};

    if (limits->head > self->head + 2)
        left.bytes = limits->head - self->head;
    if (limits->fields > self->headers.count)
        left.fields = limits->fields - self->headers.count;
    return left;
}

/* Reads those there are; whether they are over: 1, 0, or -1 with the error
 * recorded. */
static int read_trailers(sock_httpd_request_t *self, const char *op)
{
    struct sock__upload *u = &self->upload;
    struct sock__input *in = &u->input;
    const struct sock__head_limits limits = limits_of(self);
    struct sock__start start;

    sock__input_compact(in);
    ssize_t n = sock__head_fields(&start, &u->trailers, in->buf, in->end,
                                  &u->scanned, &limits, SOCK__FIELDS_STRICT);
    if (n < 0 && start.fault == 500)
        return no_memory(self, op);
    if (n < 0)
        return broken(self, op,
                      start.fault == 431 ? SOCK_P_TOO_LARGE : SOCK_P_SYNTAX,
                      start.why);
    in->at = (size_t)n;
    sift(&u->trailers);
    return n > 0;
}

static ssize_t read_data(sock_httpd_request_t *self, const char *op, void *buf,
                         size_t len, bool wait)
{
    struct sock__upload *u = &self->upload;
    int64_t most = self->limits->body - u->received;

    if (u->chunks.left > (uint64_t)most)
        return broken(self, op, SOCK_P_TOO_LARGE, "a body over the limit");
    if (len > u->chunks.left)
        len = (size_t)u->chunks.left;
    ssize_t n = (ssize_t)take(&u->input, buf, len);
    if (n == 0 && len < BLOCK) {
        n = fill(self, op, wait);
        if (n > 0)
            n = (ssize_t)take(&u->input, buf, len);
    } else if (n == 0) {
        n = receive(self, op, buf, len, wait);
    }
    if (n > 0)
        sock__chunks_take(&u->chunks, (size_t)n);
    return n;
}

/* Reads what lies before the next data: 1 if that is there, 0 if the body is
 * over, -1 with the error recorded. */
static int read_between(sock_httpd_request_t *self, const char *op, bool wait)
{
    struct sock__upload *u = &self->upload;
    struct sock__input *in = &u->input;

    for (;;) {
        size_t taken = 0;
        enum sock__chunk_event event = SOCK__CHUNK_TRAILERS;
        if (!u->in_trailers)
            event = sock__chunks_next(&u->chunks, in->buf + in->at,
                                      available(in), &taken);
        in->at += taken;
        if (event == SOCK__CHUNK_DATA)
            return 1;
        if (event == SOCK__CHUNK_FAULT)
            return broken(self, op, SOCK_P_FRAMING, u->chunks.why);
        u->in_trailers = event == SOCK__CHUNK_TRAILERS;
        int over = u->in_trailers ? read_trailers(self, op) : 0;
        if (over != 0)
            return over < 0 ? -1 : 0;
        if (fill(self, op, wait) < 0)
            return -1;
    }
}

static ssize_t read_chunked(sock_httpd_request_t *self, const char *op,
                            void *buf, size_t len, bool wait)
{
    if (move(self, op) < 0)
        return -1;
    int more = read_between(self, op, wait);
    if (more > 0)
        return read_data(self, op, buf, len, wait);
    if (more == 0)
        self->upload.over = true;
    return more;
}

/* Both */

static ssize_t read_some(sock_httpd_request_t *self, const char *op, void *buf,
                         size_t len, bool wait)
{
    bool chunked = self->framing.body == SOCK__BODY_CHUNKED;

    if (self->upload.over)
        return 0;
    if (self->upload.fault != 0)
        return sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_FRAMING,
                                 "the body is broken");
    ssize_t n = chunked ? read_chunked(self, op, buf, len, wait)
                        : read_plain(self, op, buf, len, wait);
    if (n > 0)
        self->upload.received += n;
    return n;
}

/* The client may have waited to be told that it shall go on; not if it has
 * begun to send, or an answer is on its way. */
static int go_on(sock_httpd_request_t *self, const char *op)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct sock__upload *u = &self->upload;

    if (u->begun)
        return 0;
    u->begun = true;
    if (!self->framing.expects || available(u->wire) > 0 ||
        self->answer.state != SOCK__REPLY_NONE)
        return 0;
    if (sock__httpd_send(op, self, text, sizeof text - 1, 0,
                         self->limits->write_timeout) == 0)
        return 0;
    self->answer.state = SOCK__REPLY_LOST;
    return faulty(self, 400);
}

ssize_t sock_httpd_read(sock_httpd_request_t *self, void *buf, size_t len)
{
    const char *op = "read";

    if (sock__httpd_check(op, self, op) < 0 ||
        sock__bytes_check(op, buf, len) < 0)
        return -1;
    if (len == 0 || self->upload.hidden)
        return 0;
    if (go_on(self, op) < 0)
        return -1;
    return read_some(self, op, buf, len, true);
}

static ssize_t read_stream(void *cookie, char *buf, size_t size)
{
    return sock_httpd_read(cookie, buf, size);
}

FILE *sock_httpd_rfile(sock_httpd_request_t *self)
{
    if (sock__httpd_check("rfile", self, "") < 0)
        return NULL;
    if (self->rfile == NULL)
        self->rfile = sock__os_read_stream(self, read_stream, NULL);
    if (self->rfile == NULL)
        sock__fail("rfile", SOCK_E_MEMORY, 0, 0);
    return self->rfile;
}

/* What no one reads */

bool sock__httpd_body_is_small(const sock_httpd_request_t *self)
{
    const struct sock__upload *u = &self->upload;

    if (u->over)
        return true;
    if (self->framing.expects && !u->begun)
        return false;
    return self->framing.body == SOCK__BODY_CHUNKED ||
           u->left <= SOCK__DRAIN_MAX;
}

int sock__httpd_body_skip(sock_httpd_request_t *self, int64_t *skipped)
{
    char block[BLOCK];
    ssize_t n;

    while ((n = read_some(self, "read", block, sizeof block, false)) > 0) {
        *skipped += n;
        if (*skipped > SOCK__DRAIN_MAX)
            return -1;
    }
    if (n == 0)
        return 1;
    return self->upload.fault == 0 ? 0 : -1;
}
