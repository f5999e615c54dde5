/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "httpd_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pysockc/connect.h>
#include <pysockc/io.h>

#include "answer.h"
#include "bytes.h"
#include "httpd_body.h"
#include "httpd_io.h"
#include "httpd_peers.h"
#include "httpd_places.h"
#include "httpd_routes.h"
#include "private.h"
#include "reply.h"
#include "wire.h"

enum {
    PIECE = 2 * 1024 * 1024, /* of a file, after which others have their turn */
    COPIED = 16 * 1024,      /* the same, where it is read first */
    LINE_MAX_KEPT = 1024     /* of a request that could not be read */
};

/* Beginning and ending */

struct sock__conn *sock__conn_new(sock_httpd_t *server, sock_t *s,
                                  const sock_addr_t *client)
{
    struct sock__conn *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->link.prev = c->link.next = &c->link;
    c->server = server;
    c->stops = atomic_load(&server->stops);
    c->sock = s;
    c->client = *client;
    return c;
}

static void let_go_of_request(struct sock__conn *c)
{
    if (c->request != NULL)
        sock__request_give(c->request);
    c->request = NULL;
}

void sock__conn_end(struct sock__conn *c)
{
    sock_free(c->sock);
    let_go_of_request(c);
    sock__input_give(c->server, &c->in);
    free(c);
}

/* Reading a head */

/* The target without its origin. */
static int find_path(sock_httpd_request_t *r)
{
    const char *path = r->start.target;

    if (*path != '/' && *path != '*' && strstr(path, "://") != NULL) {
        path = strstr(path, "://") + 3;
        path += strcspn(path, "/?");
        if (*path == '?') {
            r->owned_path = malloc(strlen(path) + 2);
            if (r->owned_path == NULL)
                return 503;
            r->owned_path[0] = '/';
            sock__put_text(r->owned_path + 1, path);
            path = r->owned_path;
        }
    }
    while (path[0] == '/' && path[1] == '/') /* which is no host */
        path++;
    r->path = *path != '\0' ? path : "/";
    return 0;
}

/* Whether a name of the list is the host, or all of it but the port. */
static bool is_host(const char *name, const char *host, size_t len)
{
    size_t n = strlen(name);

    return n <= len && sock__same_text(name, n, host, n) &&
           (n == len || host[n] == ':');
}

static bool is_for_us(const sock_httpd_request_t *r)
{
    char **host = r->server->hosts;

    if (host == NULL)
        return true;
    for (; *host != NULL && r->framing.host != NULL; host++)
        if (is_host(*host, r->framing.host, r->framing.host_len))
            return true;
    return false;
}

/* A host that the target names takes the place of the field (RFC 9112, 3.2.2),
 * for all who read it; -1 for want of memory. */
static int take_host(sock_httpd_request_t *r)
{
    if (!r->framing.host_is_targets)
        return 0;
    char *host = strndup(r->framing.host, r->framing.host_len);
    int result =
        host != NULL ? sock_headers_set(&r->headers, "Host", host) : -1;
    sock__free(host);
    return result;
}

/* 0, or the status that refuses it. */
static int check_request(sock_httpd_request_t *r)
{
    int status = sock__framing_request(&r->framing, &r->start, &r->headers);

    if (status != 0)
        return status;
    if (take_host(r) < 0)
        return 503;
    if (r->framing.length > r->limits->body)
        return 413;
    if (!is_for_us(r))
        return 421;
    return find_path(r);
}

/* For the log: the line as it came, or its beginning. */
static void keep_line(sock_httpd_request_t *r, const struct sock__input *in)
{
    size_t n = 0;

    while (n < in->end && n < LINE_MAX_KEPT && in->buf[n] != '\r' &&
           in->buf[n] != '\n')
        n++;
    r->line = r->server->log != NULL ? strndup(in->buf, n) : NULL;
}

static enum sock__want refuse(struct sock__conn *c, int status, const char *why)
{
    c->refused = true;
    c->state = SOCK__CONN_WRITING;
    sock__reply_refuse(c->request, status, why);
    return SOCK__WANT_STEP;
}

/* Without a request it is not known what there would be to answer. */
static enum sock__want refuse_head(struct sock__conn *c)
{
    sock_httpd_request_t *r = c->request;
    int fault = r->start.fault;
    const char *why = r->start.why;

    keep_line(r, &c->in);
    r->start = (struct sock__start){.minor = 1};
    r->framing = (struct sock__framing){.body = SOCK__BODY_LENGTH};
    sock__httpd_body_begin(r, &c->in);
    return refuse(c, fault, fault == 400 ? why : NULL);
}

static enum sock__want take_head(struct sock__conn *c, size_t len)
{
    sock_httpd_request_t *r = c->request;

    r->head = len;
    c->in.at = len;
    int status = check_request(r);
    sock__httpd_body_begin(r, &c->in);
    r->last = ++c->requests >= r->limits->requests;
    if (status != 0)
        return refuse(c, status, status == 400 ? r->framing.why : NULL);
    c->state = SOCK__CONN_WORKING;
    return SOCK__WANT_HANDLER;
}

/* Gives the connection a request for what is about to be read. */
static sock_httpd_request_t *begin_request(struct sock__conn *c)
{
    sock_httpd_request_t *r = sock__request_take(c->server);

    if (r != NULL) {
        r->conn = c;
        r->sock = c->sock;
        r->client = c->client;
        c->request = r;
    }
    return r;
}

/* Looks at what came: whether it is a head. */
static enum sock__want look(struct sock__conn *c)
{
    const struct sock__head_limits limits = {c->server->limits.head,
                                             c->server->limits.target,
                                             c->server->limits.fields};
    sock_httpd_request_t *r = begin_request(c);

    if (r == NULL)
        return SOCK__WANT_END;
    c->fresh = false;
    sock__input_compact(&c->in);
    ssize_t n = sock__head_request(&r->start, &r->headers, c->in.buf, c->in.end,
                                   &c->scanned, &limits);
    if (n < 0)
        return refuse_head(c);
    if (n > 0)
        return take_head(c, (size_t)n);
    let_go_of_request(c);
    return SOCK__WANT_STEP;
}

/* Room behind what there is, and more where a head is longer than usual. */
static int make_room(struct sock__conn *c)
{
    if (c->in.buf == NULL)
        return sock__input_take(c->server, &c->in);
    return sock__input_reach(&c->in, 1);
}

/* Receives once: whether there was anything, or that the end is. */
static enum sock__want receive(struct sock__conn *c)
{
    if (make_room(c) < 0)
        return SOCK__WANT_END;
    size_t room = c->in.room - c->in.end;
    c->ready = false;
    ssize_t n = sock_recv(c->sock, c->in.buf + c->in.end, room, 0);
    if (n > 0) {
        if (atomic_load(&c->ended) || n == (ssize_t)room)
            c->ready = true;
        c->in.end += (size_t)n;
        c->fresh = true;
        return SOCK__WANT_STEP;
    }
    return n < 0 && sock__httpd_would_block() ? SOCK__WANT_STEP
                                              : SOCK__WANT_END;
}

static enum sock__want step_reading(struct sock__conn *c)
{
    if (c->fresh)
        return look(c);
    if (c->ready)
        return receive(c);
    if (c->in.end == 0)
        sock__input_give(c->server, &c->in);
    return SOCK__WANT_READ;
}

/* Writing the answer */

/* More of what is ready: a step, if it all went; else what is to be waited for.
 */
static enum sock__want send_some(struct sock__conn *c, const char *from,
                                 size_t *at, size_t end)
{
    while (*at < end) {
        ssize_t n = sock_send(c->sock, from + *at, end - *at, 0);
        if (n < 0)
            return sock__httpd_would_block() ? SOCK__WANT_WRITE
                                             : SOCK__WANT_END;
        *at += (size_t)n;
    }
    return SOCK__WANT_STEP;
}

struct piece {
    int file;
    int64_t offset;
    size_t size;
};

static ssize_t try_piece(sock_t *s, int fd, void *arg, short *events)
{
    const struct piece *p = arg;
    (void)s, (void)events;
    return sock__os_sendfile(fd, p->file, p->offset, p->size);
}

static ssize_t send_piece(struct sock__conn *c, struct piece *p)
{
    struct sock__timer none = {.timeout = 0};

    return sock__make_call(c->sock, "sendfile", try_piece, p, &none);
}

/* sendfile(2) raises SIGPIPE and has no flag against it. */
static ssize_t send_piece_quietly(struct sock__conn *c, struct piece *p)
{
    if (c->quiet)
        return send_piece(c, p);
    int held = sock__os_hold_sigpipe();
    ssize_t n = send_piece(c, p);
    sock__os_release_sigpipe(held);
    return n;
}

/* Where the system can't, it is read to where the answer's head was. */
static enum sock__want copy_piece(struct sock__answer *a, size_t room)
{
    ssize_t n;

    if ((uint64_t)a->left < room)
        room = (size_t)a->left;
    do
        n = pread(a->fd, a->buf, room, (off_t)a->offset);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return SOCK__WANT_END;
    a->offset += n;
    a->left -= n;
    a->out = 0;
    a->out_end = (size_t)n;
    return SOCK__WANT_TURN;
}

static bool must_copy(const struct sock__conn *c)
{
    const sock_error_t *e = sock_last_error();

    return c->on_top ||
           (e->kind == SOCK_E_OS && sock__os_cannot_sendfile(e->code));
}

/* One piece of the file; then others have their turn. */
static enum sock__want send_file(struct sock__conn *c, struct sock__answer *a)
{
    struct piece p = {a->fd, a->offset, PIECE};
    ssize_t n = -1;

    if ((uint64_t)a->left < p.size)
        p.size = (size_t)a->left;
    if (!c->on_top)
        n = send_piece_quietly(c, &p);
    if (n < 0 && !c->on_top && sock__httpd_would_block())
        return SOCK__WANT_WRITE;
    if (n < 0 && must_copy(c))
        return copy_piece(a, a->room < COPIED ? a->room : COPIED);
    if (n <= 0) /* it has become shorter */
        return SOCK__WANT_END;
    a->offset += n;
    a->left -= n;
    return a->left > 0 ? SOCK__WANT_TURN : SOCK__WANT_STEP;
}

/* What a protocol on top has kept of it. */
static enum sock__want flush(struct sock__conn *c)
{
    if (!c->on_top || sock_send(c->sock, "", 0, 0) == 0)
        return SOCK__WANT_STEP;
    return sock__httpd_would_block() ? SOCK__WANT_WRITE : SOCK__WANT_END;
}

/* Bytes behind a request that will not be answered, or of its body: a close
 * would have the system forget what the client has not read yet, wherever they
 * are. */
static bool has_unread(const struct sock__conn *c)
{
    const struct sock__upload *u = &c->request->upload;

    return c->refused || !u->over || c->in.at < c->in.end ||
           u->input.at < u->input.end || sock__has_bytes(c->sock);
}

static enum sock__want begin_lingering(struct sock__conn *c)
{
    if (!has_unread(c))
        return SOCK__WANT_END;
    let_go_of_request(c);
    sock__input_give(c->server, &c->in);
    sock_shutdown(c->sock, SHUT_WR);
    c->state = SOCK__CONN_LINGERING;
    c->skipped = 0;
    return SOCK__WANT_STEP;
}

/* The next request, which may be here already. */
static enum sock__want begin_reading(struct sock__conn *c)
{
    if (sock__httpd_body_end(c->request) < 0)
        return SOCK__WANT_END;
    let_go_of_request(c);
    sock__input_compact(&c->in);
    c->state = SOCK__CONN_READING;
    c->scanned = 0;
    c->fresh = c->in.end > 0;
    return SOCK__WANT_STEP;
}

static enum sock__want answered(struct sock__conn *c)
{
    if (c->request->closing)
        return begin_lingering(c);
    if (c->request->upload.over)
        return begin_reading(c);
    c->state = SOCK__CONN_DRAINING;
    c->skipped = 0;
    return SOCK__WANT_STEP;
}

static enum sock__want step_writing(struct sock__conn *c)
{
    struct sock__answer *a = &c->request->answer;
    enum sock__want want;

    if (a->state == SOCK__REPLY_LOST)
        return SOCK__WANT_END;
    want = send_some(c, a->buf, &a->out, a->out_end);
    if (want == SOCK__WANT_STEP && a->left > 0)
        return send_file(c, a);
    if (want == SOCK__WANT_STEP)
        want = flush(c);
    return want == SOCK__WANT_STEP ? answered(c) : want;
}

/* Reading what is of no use */

static enum sock__want step_draining(struct sock__conn *c)
{
    switch (sock__httpd_body_skip(c->request, &c->skipped)) {
    case 1:
        return begin_reading(c);
    case 0:
        return SOCK__WANT_READ;
    default:
        c->refused = true;
        return begin_lingering(c);
    }
}

static enum sock__want step_lingering(struct sock__conn *c)
{
    char block[4096];
    ssize_t n;

    while ((n = sock_recv(c->sock, block, sizeof block, 0)) > 0) {
        c->skipped += n;
        if (c->skipped > SOCK__DRAIN_MAX)
            return SOCK__WANT_END;
    }
    return n < 0 && sock__httpd_would_block() ? SOCK__WANT_READ
                                              : SOCK__WANT_END;
}

/* Steps */

static enum sock__want step(struct sock__conn *c)
{
    switch (c->state) {
    case SOCK__CONN_READING:
        return step_reading(c);
    case SOCK__CONN_WORKING:
        return SOCK__WANT_HANDLER;
    case SOCK__CONN_WRITING:
        return step_writing(c);
    case SOCK__CONN_DRAINING:
        return step_draining(c);
    case SOCK__CONN_LINGERING:
        break;
    }
    return step_lingering(c);
}

enum sock__want sock__conn_step(struct sock__conn *c)
{
    enum sock__want want;

    do
        want = step(c);
    while (want == SOCK__WANT_STEP);
    return want;
}

void sock__conn_handle(struct sock__conn *c)
{
    sock__routes_handle(c->request);
    sock__reply_finish(c->request);
    c->state = SOCK__CONN_WRITING;
}

/* Who has begun a request is told; for others, and for all who do not read,
 * there is nothing to be said. */
enum sock__want sock__conn_expire(struct sock__conn *c)
{
    if (c->cut || c->state != SOCK__CONN_READING || c->in.end == 0)
        return SOCK__WANT_END;
    c->cut = true;
    sock_httpd_request_t *r = begin_request(c);
    if (r == NULL)
        return SOCK__WANT_END;
    r->start.fault = 408;
    refuse_head(c);
    return sock__conn_step(c);
}
