/* SPDX-License-Identifier: MIT */
/*
 * Requests. What a caller gives is checked before anything of it is sent, and a
 * request that is refused leaves the connection as it was.
 *
 * A request goes out whole, by one call, if its body is small or lies in
 * memory. Its text is kept until the next one, so that it can be sent again
 * should the peer have closed the connection meanwhile.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <pysockc/file.h>
#include <pysockc/io.h>
#include <pysockc/timeout.h>

#include "bytes.h"
#include "chars.h"
#include "connection.h"
#include "list.h"
#include "record.h"
#include "valid.h"

enum {
    SMALL_BODY = 16384, /* goes into the buffer of the head */
    BLOCK = 16384       /* of a file that is read */
};

/* In place of the length of a body. */
enum { CHUNKED = -1, NO_BODY = -2 };

/* States */

static const char *name_of(enum sock__sending state)
{
    static const char *const names[] = {"Idle", "Request-started",
                                        "Request-sent"};
    return names[state];
}

static int cannot_send(const sock_http_t *c, const char *op)
{
    char words[64];
    snprintf(words, sizeof words, "CannotSendRequest: %s",
             name_of(c->asking.state));
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

static int no_argument(const char *op)
{
    return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

/* Ends what was begun of a request and not sent. */
static int forget(sock_http_t *c)
{
    c->asking = (struct sock__asking){0};
    c->out.used = 0;
    c->out.lost = false;
    return -1;
}

/* The beginning */

static void note_method(struct sock__asking *q, const char *method)
{
    static const char *const safe[] = {"GET",     "HEAD",  "PUT",
                                       "OPTIONS", "TRACE", "DELETE"};
    size_t n = strlen(method);

    memcpy(q->method, method, n < sizeof q->method ? n + 1 : 0);
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++)
        q->idempotent |= strcmp(method, safe[i]) == 0;
}

/* Whether a request of this method says the length of its body even if it has
 * none. */
static bool expects_body(const struct sock__asking *q)
{
    static const char *const names[] = {"PATCH", "POST", "PUT"};
    size_t n = strlen(q->method);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sock__same_text(q->method, n, names[i], strlen(names[i])))
            return true;
    return false;
}

/* Begins a request by its first line. */
static int begin(sock_http_t *c, const char *op, const char *method,
                 const char *url)
{
    if (c == NULL || method == NULL || url == NULL)
        return no_argument(op);
    if (c->asking.state != SOCK__IDLE)
        return cannot_send(c, op);
    if (c->reader != NULL)
        return sock__fail_saying(
            op, SOCK_E_VALUE, 0,
            "ResponseNotReady: the one before must be read or freed");
    if (sock__valid_method(op, method) < 0 || sock__valid_target(op, url) < 0)
        return -1;
    forget(c);
    c->asking.state = SOCK__STARTED;
    note_method(&c->asking, method);
    sock__output_text(&c->out, method);
    sock__output_add(&c->out, " ", 1);
    sock__output_text(&c->out, *url != '\0' ? url : "/");
    sock__output_text(&c->out, " HTTP/1.1\r\n");
    return 0;
}

/* Fields */

enum kind {
    OTHER,
    HOST,
    LENGTH,
    CODING,
    CONNECTION,
    EXPECT,
    UPGRADE,
    ACCEPT_ENCODING,
    KINDS
};

/* Which of those that a request's framing depends on. */
static enum kind kind_of(const char *name, size_t n)
{
    static const char *const names[KINDS] = {
        [OTHER] = "",
        [HOST] = "host",
        [LENGTH] = "content-length",
        [CODING] = "transfer-encoding",
        [CONNECTION] = "connection",
        [EXPECT] = "expect",
        [UPGRADE] = "upgrade",
        [ACCEPT_ENCODING] = "accept-encoding",
    };
    for (int kind = HOST; kind < KINDS; kind++)
        if (sock__same_text(name, n, names[kind], strlen(names[kind])))
            return (enum kind)kind;
    return OTHER;
}

static bool has_token(const char *list, const char *token)
{
    const char *at = list, *end = list + strlen(list);
    for (size_t n; sock__list_next(&at, end, &n); at += n)
        if (sock__same_text(at, n, token, strlen(token)))
            return true;
    return false;
}

static int refuse(const char *op, const char *words)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

static int note_length(struct sock__asking *q, const char *op,
                       const char *value)
{
    value += sock__blanks(value, value + strlen(value));
    int64_t n = sock__decimal(value, sock__trimmed(value, strlen(value)));
    if (n < 0)
        return refuse(op, "Content-Length must be a number");
    if (q->has_length || q->chunked)
        return refuse(op, "the length of the body is given twice");
    q->has_length = true;
    q->left = n;
    return 0;
}

static int note_coding(struct sock__asking *q, const char *op,
                       const char *value)
{
    if (!sock__same_text(value, strlen(value), "chunked", strlen("chunked")))
        return refuse(op, "Transfer-Encoding must be chunked");
    if (q->has_length || q->chunked)
        return refuse(op, "the length of the body is given twice");
    q->chunked = true;
    return 0;
}

static int note_host(struct sock__asking *q, const char *op)
{
    if (q->has_host)
        return refuse(op, "Host is given twice");
    q->has_host = true;
    return 0;
}

/* What a field says of the request that it is part of. */
static int note_field(struct sock__asking *q, const char *op, enum kind kind,
                      const char *value)
{
    switch (kind) {
    case HOST:
        return note_host(q, op);
    case LENGTH:
        return note_length(q, op, value);
    case CODING:
        return note_coding(q, op, value);
    case CONNECTION:
        q->closes |= has_token(value, "close");
        return 0;
    case EXPECT:
        q->expects |= has_token(value, "100-continue");
        return 0;
    case UPGRADE:
        q->upgrades = true;
        return 0;
    case ACCEPT_ENCODING:
    case OTHER:
    case KINDS:
        break;
    }
    return 0;
}

static void put(sock_http_t *c, const char *name, const char *value)
{
    sock__output_text(&c->out, name);
    sock__output_add(&c->out, ": ", 2);
    sock__output_text(&c->out, value);
    sock__output_add(&c->out, "\r\n", 2);
}

static int put_field(sock_http_t *c, const char *op, const char *name,
                     const char *value)
{
    if (sock__valid_field(op, name, value) < 0 ||
        note_field(&c->asking, op, kind_of(name, strlen(name)), value) < 0)
        return -1;
    put(c, name, value);
    return 0;
}

static void put_length(sock_http_t *c, int64_t n)
{
    sock__output_text(&c->out, "Content-Length: ");
    sock__output_number(&c->out, n);
    sock__output_add(&c->out, "\r\n", 2);
    c->asking.has_length = true;
    c->asking.left = n;
}

static void put_chunked(sock_http_t *c)
{
    sock__output_text(&c->out, "Transfer-Encoding: chunked\r\n");
    c->asking.chunked = true;
}

/* Host and Accept-Encoding */

/* The authority of a URL of HTTP, which is the target of a request to a proxy;
 * n is 0 if it has none. */
static const char *authority_in(const char *url, size_t *n)
{
    const char *at = strstr(url, "://");

    *n = 0;
    if (at == NULL)
        return url;
    size_t scheme = (size_t)(at - url);
    if (!sock__same_text(url, scheme, "http", 4) &&
        !sock__same_text(url, scheme, "https", 5))
        return url;
    *n = strcspn(at + 3, "/?#");
    return at + 3;
}

/* Without the scope of an address, which means something here alone. */
static void put_authority(sock_http_t *c, const char *at, size_t n)
{
    const char *scope = *at == '[' ? memchr(at, '%', n) : NULL;
    size_t first = scope != NULL ? (size_t)(scope - at) : n;
    const char *rest = scope != NULL ? memchr(scope, ']', n - first) : NULL;

    sock__output_add(&c->out, at, first);
    if (rest != NULL)
        sock__output_add(&c->out, rest, n - (size_t)(rest - at));
}

static int put_host(sock_http_t *c, const char *op, const char *url)
{
    size_t n;
    const char *at = authority_in(url, &n);

    if (n > 0 && memchr(at, '@', n) != NULL)
        return refuse(op, "a URL to ask for must not have a user");
    sock__output_text(&c->out, "Host: ");
    put_authority(c, n > 0 ? at : c->authority,
                  n > 0 ? n : strlen(c->authority));
    sock__output_add(&c->out, "\r\n", 2);
    c->asking.has_host = true;
    return 0;
}

/* Where a caller's first field of a kind stands; -1: nowhere. */
static long find(const sock_headers_t *headers, enum kind kind)
{
    const char *name, *value;
    for (size_t i = 0;
         headers != NULL && sock_headers_at(headers, i, &name, &value) > 0; i++)
        if (kind_of(name, strlen(name)) == kind)
            return (long)i;
    return -1;
}

/* The caller's field, of which there is one. */
static int put_own(sock_http_t *c, const char *op,
                   const sock_headers_t *headers, long i)
{
    const char *name, *value;
    sock_headers_at(headers, (size_t)i, &name, &value);
    return put_field(c, op, name, value);
}

/* The two that stand first, and are the library's where the caller has none. */
struct first {
    long host, encoding;
};

static int put_first(sock_http_t *c, const char *op, const char *url,
                     const sock_headers_t *headers, struct first *first)
{
    first->host = find(headers, HOST);
    first->encoding = find(headers, ACCEPT_ENCODING);
    if (first->host >= 0 ? put_own(c, op, headers, first->host) < 0
                         : put_host(c, op, url) < 0)
        return -1;
    if (first->encoding >= 0)
        return put_own(c, op, headers, first->encoding);
    put(c, "Accept-Encoding", "identity");
    return 0;
}

static int put_rest(sock_http_t *c, const char *op,
                    const sock_headers_t *headers, const struct first *first)
{
    const char *name, *value;
    for (long i = 0; headers != NULL &&
                     sock_headers_at(headers, (size_t)i, &name, &value) > 0;
         i++)
        if (i != first->host && i != first->encoding &&
            put_field(c, op, name, value) < 0)
            return -1;
    return 0;
}

/* Sending */

/* Ends the head: from here on it can only be sent. */
static void end_head(sock_http_t *c)
{
    sock__output_add(&c->out, "\r\n", 2);
    c->asking.state = SOCK__SENT;
    c->asking.held = true;
}

/* Sends what there is, and no more will follow. */
static int send_whole(sock_http_t *c, const char *op)
{
    c->asking.whole = c->asking.held;
    c->asking.left = 0;
    return sock__send_out(c, op, NULL);
}

static void add_chunk_size(sock_http_t *c, size_t n)
{
    char line[24];
    snprintf(line, sizeof line, "%zX\r\n", n);
    sock__output_text(&c->out, line);
}

/* Sends bytes of the body, of which nothing but its length has been said. */
static int send_body(sock_http_t *c, const char *op, const void *data, size_t n)
{
    const struct sock__bytes bytes = {data, n, c->asking.chunked ? "\r\n" : ""};
    if (c->asking.chunked)
        add_chunk_size(c, n);
    else
        c->asking.left -= (int64_t)n;
    if (n > SMALL_BODY)
        return sock__send_out(c, op, &bytes);
    sock__output_add(&c->out, data, n);
    sock__output_text(&c->out, bytes.tail);
    return sock__send_out(c, op, NULL);
}

static int send_last_chunk(sock_http_t *c, const char *op)
{
    sock__output_text(&c->out, "0\r\n\r\n");
    c->asking.chunked = false;
    return sock__send_out(c, op, NULL);
}

/* Sends the head alone and waits for a second, at most, until the peer says
 * that it wants the body: 1 if it is to be sent, 0 if the peer has answered
 * already. */
static int ask_to_go_on(sock_http_t *c, const char *op)
{
    c->asking.expects = false;
    if (c->out.used > 0 && sock__send_out(c, op, NULL) < 0)
        return -1;
    int ready = sock_wait(c->wire.sock, SOCK_EVENT_READ, 1);
    if (ready < 0)
        sock__fail_status(op, SOCK__RECORDED);
    if (ready == 0)
        return 1;
    if (ready < 0 || sock__response_head(c, op, true) < 0) {
        sock__connection_close(c);
        return -1;
    }
    if (c->start.status == 100)
        return 1;
    c->asking.answered = c->asking.cut = true;
    return 0;
}

/* Whether the body is to be sent: 1; 0 if the peer wants none of it; -1. */
static int may_send_body(sock_http_t *c, const char *op)
{
    if (c->asking.expects)
        return ask_to_go_on(c, op);
    return c->asking.cut ? 0 : 1;
}

/* Requests */

static int put_all(sock_http_t *c, const char *op, const char *url,
                   const sock_headers_t *headers, int64_t length)
{
    struct first first;
    struct sock__asking *q = &c->asking;
    bool own = find(headers, LENGTH) < 0 && find(headers, CODING) < 0;

    if (put_first(c, op, url, headers, &first) < 0)
        return -1;
    if (own && length >= 0)
        put_length(c, length);
    else if (own && length == CHUNKED)
        put_chunked(c);
    if (put_rest(c, op, headers, &first) < 0)
        return -1;
    if (q->has_length && q->left != (length >= 0 ? length : 0) &&
        length != CHUNKED)
        return refuse(op, "Content-Length is not that of the body");
    end_head(c);
    return 0;
}

/* The length that a request says: none for want of a body, unless its method
 * is one of those that have one. */
static int64_t length_of(const sock_http_t *c, const void *body, size_t len)
{
    if (body != NULL)
        return (int64_t)len;
    return expects_body(&c->asking) ? 0 : NO_BODY;
}

/* A body in memory, behind its head. */
static int send_memory(sock_http_t *c, const char *op, const void *body,
                       size_t len)
{
    const struct sock__bytes bytes = {body, len, ""};
    int go_on = len > 0 ? may_send_body(c, op) : 1;

    if (go_on <= 0)
        return go_on;
    if (c->asking.chunked && len > 0)
        add_chunk_size(c, len);
    if (len > SMALL_BODY && !c->asking.chunked) {
        c->asking.left = 0;
        return sock__send_out(c, op, &bytes);
    }
    sock__output_add(&c->out, body, len);
    if (c->asking.chunked)
        sock__output_text(&c->out, len > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
    c->asking.chunked = false;
    return send_whole(c, op);
}

int sock_http_request(sock_http_t *c, const char *method, const char *url,
                      const void *body, size_t len,
                      const sock_headers_t *headers)
{
    const char *op = "request";
    if (sock__bytes_check(op, body, len) < 0 || begin(c, op, method, url) < 0)
        return -1;
    if (put_all(c, op, url, headers, length_of(c, body, len)) < 0)
        return forget(c);
    return send_memory(c, op, body, len);
}

/* Files */

static int too_short(sock_http_t *c, const char *op, int64_t sent)
{
    sock__connection_close(c);
    sock__fail_saying(op, SOCK_E_EOF, 0, "the body is shorter than its length");
    sock__fail_done((size_t)sent);
    return -1;
}

static int not_read(sock_http_t *c, const char *op)
{
    int err = errno;
    sock__connection_close(c);
    return sock__fail(op, SOCK_E_OS, err, 0);
}

/* Whether it is a regular file, and how many bytes of it are to come. */
static bool is_regular(FILE *f, int64_t *left)
{
    struct stat st;
    int saved = errno, fd = fileno(f);
    off_t at = fd >= 0 ? ftello(f) : -1;
    bool regular = at >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

    errno = saved;
    if (regular)
        *left = st.st_size > at ? (int64_t)(st.st_size - at) : 0;
    return regular;
}

/* Sends so many bytes of a regular file without reading them. */
static int send_regular(sock_http_t *c, const char *op, FILE *f, int64_t n)
{
    struct sock__saved saved;
    off_t at = ftello(f);

    if (at < 0 || fflush(f) != 0) /* the descriptor is where the stream is */
        return not_read(c, op);
    if (sock__send_out(c, op, NULL) < 0)
        return -1;
    if (c->asking.cut)
        return 0;
    sock__error_save(&saved);
    int64_t sent = sock_sendfile(c->wire.sock, fileno(f), (int64_t)at, n);
    if (sent < 0)
        return sock__send_failed(c, op, &saved);
    fseeko(f, at + (off_t)sent, SEEK_SET);
    c->asking.left = 0;
    return sent == n ? 0 : too_short(c, op, sent);
}

/* As fread(3), whose errno of a stream for writing musl does not set. */
static size_t read_block(FILE *f, char *block, size_t n)
{
    int saved = errno;

    errno = EBADF;
    size_t got = fread(block, 1, n, f);
    if (got > 0 || !ferror(f))
        errno = saved;
    return got;
}

/* Reads and sends, block by block; `left` is negative if no one knows how many
 * bytes there are. */
static int send_blocks(sock_http_t *c, const char *op, FILE *f, char *block,
                       int64_t left)
{
    int64_t sent = 0;
    while (left != 0 && !c->asking.cut) {
        size_t most = left > 0 && left < BLOCK ? (size_t)left : BLOCK;
        size_t n = read_block(f, block, most);
        if (n == 0 && ferror(f))
            return not_read(c, op);
        if (n == 0 && left > 0)
            return too_short(c, op, sent);
        if (n == 0)
            break;
        if (send_body(c, op, block, n) < 0)
            return -1;
        sent += (int64_t)n;
        left -= left > 0 ? (int64_t)n : 0;
    }
    return c->asking.chunked && !c->asking.cut ? send_last_chunk(c, op) : 0;
}

static int send_stream(sock_http_t *c, const char *op, FILE *f, int64_t left)
{
    char *block = malloc(BLOCK);
    if (block == NULL) {
        sock__connection_close(c);
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    }
    int result = send_blocks(c, op, f, block, left);
    sock__free(block);
    if (result == 0 && c->asking.held)
        result = sock__send_out(c, op, NULL);
    return result;
}

static int send_file(sock_http_t *c, const char *op, FILE *f, int64_t length,
                     bool regular)
{
    int go_on = may_send_body(c, op);
    if (go_on <= 0)
        return go_on;
    if (regular && length > SMALL_BODY && !c->asking.chunked)
        return send_regular(c, op, f, length);
    return send_stream(c, op, f, length);
}

int sock_http_request_file(sock_http_t *c, const char *method, const char *url,
                           FILE *body, int64_t length,
                           const sock_headers_t *headers)
{
    const char *op = "request";
    int64_t left = CHUNKED;

    if (body == NULL)
        return no_argument(op);
    if (length < CHUNKED)
        return refuse(op, "length must be -1 or the bytes of the body");
    if (begin(c, op, method, url) < 0)
        return -1;
    bool regular = is_regular(body, &left);
    if (length == CHUNKED)
        length = left;
    if (put_all(c, op, url, headers, length) < 0)
        return forget(c);
    if (length == CHUNKED && c->asking.has_length)
        length = c->asking.left;
    return send_file(c, op, body, length, regular);
}

/* Piece by piece */

int sock_http_putrequest(sock_http_t *c, const char *method, const char *url,
                         int flags)
{
    const char *op = "putrequest";
    const int known = SOCK_HTTP_SKIP_HOST | SOCK_HTTP_SKIP_ACCEPT_ENCODING;

    if ((flags & ~known) != 0)
        return refuse(op, "unknown flags");
    if (begin(c, op, method, url) < 0)
        return -1;
    if ((flags & SOCK_HTTP_SKIP_HOST) == 0 && put_host(c, op, url) < 0)
        return forget(c);
    if ((flags & SOCK_HTTP_SKIP_ACCEPT_ENCODING) == 0)
        put(c, "Accept-Encoding", "identity");
    return 0;
}

/* Whether fields may be added; -1 with the error recorded. */
static int check_started(const sock_http_t *c, const char *op)
{
    return c->asking.state == SOCK__STARTED ? 0
                                            : refuse(op, "CannotSendHeader");
}

int sock_http_putheader(sock_http_t *c, const char *name, const char *value)
{
    const char *op = "putheader";
    if (c == NULL || name == NULL || value == NULL)
        return no_argument(op);
    if (check_started(c, op) < 0)
        return -1;
    return put_field(c, op, name, value);
}

/* Whether so many bytes of a body are still to be sent. */
static int check_left(const sock_http_t *c, const char *op, size_t n)
{
    if (c->asking.has_length && (uint64_t)n > (uint64_t)c->asking.left)
        return refuse(op, "the body is longer than Content-Length says");
    return 0;
}

static int end_with_body(sock_http_t *c, const char *op, const void *body,
                         size_t len)
{
    struct sock__asking *q = &c->asking;
    if (check_left(c, op, len) < 0)
        return -1;
    if (!q->has_length && !q->chunked)
        put_length(c, (int64_t)len);
    end_head(c);
    if (q->has_length && q->left == (int64_t)len)
        return send_memory(c, op, body, len);
    int go_on = len > 0 ? may_send_body(c, op) : 0;
    if (go_on > 0)
        return send_body(c, op, body, len);
    return q->held ? sock__send_out(c, op, NULL) : go_on;
}

/* Of a method that may have a body, whose length was not said: the first send
 * decides. */
static int leave_open(sock_http_t *c)
{
    c->asking.state = SOCK__SENT;
    c->asking.held = c->asking.open = true;
    return 0;
}

static int end_without_body(sock_http_t *c, const char *op)
{
    struct sock__asking *q = &c->asking;
    bool bare = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;

    if (!q->has_length && !q->chunked && !bare)
        return leave_open(c);
    end_head(c);
    return q->chunked || (q->has_length && q->left > 0)
               ? sock__send_out(c, op, NULL)
               : send_whole(c, op);
}

int sock_http_endheaders(sock_http_t *c, const void *body, size_t len)
{
    const char *op = "endheaders";
    if (c == NULL)
        return no_argument(op);
    if (sock__bytes_check(op, body, len) < 0 || check_started(c, op) < 0)
        return -1;
    return body != NULL ? end_with_body(c, op, body, len)
                        : end_without_body(c, op);
}

int sock_http_send(sock_http_t *c, const void *data, size_t len)
{
    const char *op = "send";
    if (c == NULL)
        return no_argument(op);
    if (sock__bytes_check(op, data, len) < 0)
        return -1;
    struct sock__asking *q = &c->asking;
    if (q->state != SOCK__SENT)
        return cannot_send(c, op);
    if (check_left(c, op, len) < 0 || len == 0)
        return len == 0 ? 0 : -1;
    if (q->open) {
        put_chunked(c);
        end_head(c);
        q->open = false;
    }
    if (!q->chunked && !q->has_length)
        return cannot_send(c, op);
    int go_on = may_send_body(c, op);
    return go_on > 0 ? send_body(c, op, data, len) : go_on;
}

int sock__http_end_request(sock_http_t *c, const char *op)
{
    struct sock__asking *q = &c->asking;
    if (q->open) {
        if (expects_body(q))
            put_length(c, 0);
        end_head(c);
        q->open = false;
        return send_whole(c, op);
    }
    if (q->chunked && !q->cut)
        return send_last_chunk(c, op);
    q->cut |= q->has_length && q->left > 0;
    return 0;
}

const char *sock__request_state(const sock_http_t *c)
{
    return name_of(c->asking.state);
}
