/* SPDX-License-Identifier: MIT */
/*
 * Sessions: connecting, time, commands and lines. session_words.c has what is
 * said of them, session_reply.c what replies mean.
 */
#define _POSIX_C_SOURCE 200809L

#include "session.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <pysockc/connect.h>
#include <pysockc/io.h>
#include <pysockc/resolve.h>
#include <pysockc/timeout.h>

#include "bytes.h"
#include "record.h"
#include "transfer.h"

enum {
    PORT_MAX = 65535,
    REPLY_MAX = 64 * 1024,
    LINES_MAX = 1000,
    LIST_MAX = 64 * 1024 * 1024,
    ROOM = 16 * 1024 /* for what is received, at first */
};

/* Time */

/* A timeout of an argument, to be kept: 0; -1 with the error recorded. */
static int take_timeout(const char *op, double seconds, double *timeout)
{
    int64_t ns;

    if (sock__timeout_arg(op, seconds, &ns) < 0)
        return -1;
    if (ns == 0)
        return sock__fail_saying(
            op, SOCK_E_VALUE, 0,
            "Non-blocking socket (timeout=0) is not supported");
    *timeout = ns < 0 ? SOCK_NO_TIMEOUT : (double)ns / 1e9;
    return 0;
}

/* The seconds that a command has, which begins now. */
static double time_of_command(const struct sock_session *c)
{
    int64_t left;

    if (c->deadline == 0)
        return c->timeout;
    left = c->deadline - sock__os_now();
    double most = left > 0 ? (double)left / 1e9 : 0;
    return c->timeout < most ? c->timeout : most;
}

int sock__session_clock(struct sock_session *c, const char *op)
{
    if (c->timeout == SOCK_NO_TIMEOUT && c->deadline == 0)
        return 0;
    if (sock_set_deadline(c->wire.sock, time_of_command(c)) == 0)
        return 0;
    sock__fail_status(op, SOCK__RECORDED);
    return sock__session_failed(c, op);
}

/* The time of each call is that of a command, so that it waits before it tries.
 */
static int set_times(struct sock_session *c, const char *op)
{
    double timeout = c->timeout;

    if (c->wire.sock == NULL)
        return 0;
    if (sock_settimeout(c->wire.sock, timeout) < 0 ||
        sock_set_deadline(c->wire.sock, time_of_command(c)) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    return 0;
}

int sock_session_settimeout(sock_session_t *c, double seconds)
{
    const char *op = "settimeout";

    if (sock__need(c, op) < 0 || take_timeout(op, seconds, &c->timeout) < 0)
        return -1;
    return set_times(c, op);
}

int sock_session_set_deadline(sock_session_t *c, double seconds)
{
    const char *op = "set_deadline";
    int64_t ns, now = sock__os_now();

    if (sock__need(c, op) < 0 || sock__seconds_arg(op, seconds, &ns) < 0)
        return -1;
    if (ns < 0)
        c->deadline = 0;
    else
        c->deadline = ns < INT64_MAX - now ? now + ns : INT64_MAX;
    return set_times(c, op);
}

/* Settings */

static size_t or_else(size_t value, size_t otherwise)
{
    return value != 0 ? value : otherwise;
}

static void take_limits(struct sock_session *c, const sock_session_limits_t *l)
{
    c->limits.line = or_else(l->line, c->protocol->line);
    c->limits.reply = or_else(l->reply, REPLY_MAX);
    c->limits.lines = or_else(l->lines, LINES_MAX);
    c->limits.list = or_else(l->list, LIST_MAX);
}

static int bad_reserved(const char *op)
{
    return sock__fail(op, SOCK_E_VALUE, 0, SOCK__RESERVED);
}

int sock_session_set_limits(sock_session_t *c,
                            const sock_session_limits_t *limits)
{
    const char *op = "set_limits";

    if (sock__need(c, op) < 0 || sock__need(limits, op) < 0)
        return -1;
    if (limits->size != sizeof *limits)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__STRUCT_SIZE);
    for (size_t i = 0; i < sizeof limits->reserved / sizeof(size_t); i++)
        if (limits->reserved[i] != 0)
            return bad_reserved(op);
    take_limits(c, limits);
    return 0;
}

int sock_session_set_trace(sock_session_t *c, sock_trace_fn fn, void *arg)
{
    if (sock__need(c, "set_debuglevel") < 0)
        return -1;
    c->trace = fn;
    c->trace_arg = arg;
    return 0;
}

/* Life cycle */

static int take_options(struct sock_session *c, const char *op,
                        const sock_session_opts_t *o)
{
    if (o->size != sizeof *o)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__STRUCT_SIZE);
    for (size_t i = 0; i < sizeof o->reserved / sizeof(int); i++)
        if (o->reserved[i] != 0)
            return bad_reserved(op);
    c->source = o->source;
    c->insecure_auth = o->insecure_auth != 0;
    return o->timeout != 0 ? take_timeout(op, o->timeout, &c->timeout) : 0;
}

int sock__session_begin(struct sock_session *c, const char *op,
                        const struct sock__protocol *protocol,
                        const sock_session_opts_t *opts)
{
    const sock_session_limits_t none = {0};

    c->protocol = protocol;
    take_limits(c, &none);
    if (take_timeout(op, SOCK_DEFAULT_TIMEOUT, &c->timeout) < 0)
        return -1;
    return opts != NULL ? take_options(c, op, opts) : 0;
}

void sock__session_end(struct sock_session *c)
{
    sock__session_close(c);
    sock__free(c->out.text);
    sock__free(c->doing.text);
    sock__free(c->reply.text);
    sock__free(c->host);
}

/* Connecting */

static sock_t *connect_unix(const char *op, const char *path, double timeout)
{
    sock_t *s = sock_new(AF_UNIX, SOCK_STREAM, 0);

    if (s != NULL && sock_settimeout(s, timeout) == 0 &&
        sock_connect(s, sock_addr_unix(path)) == 0)
        return s;
    sock__fail_status(op, SOCK__RECORDED);
    sock_free(s);
    return NULL;
}

static sock_t *reach(struct sock_session *c, const char *op, const char *host,
                     int port)
{
    double timeout = time_of_command(c);

    if (timeout == 0) {
        sock__fail(op, SOCK_E_TIMEOUT, 0, 0);
        return NULL;
    }
    if (host[0] == '/')
        return connect_unix(op, host, timeout);
    if (c->source.len == 0 && c->source.kind == 0)
        return sock__connect_allowed(op, host, port, timeout, NULL, NULL);
    const sock_connect_options_t from = {
        .size = sizeof from, .source = c->source, .nodelay = 1};
    sock_t *s = sock_connect_to_host(host, port, timeout, &from);
    if (s == NULL)
        sock__fail_status(op, SOCK__RECORDED);
    return s;
}

int sock__session_connect(struct sock_session *c, const char *op,
                          const char *host, int port)
{
    char *name;

    if (sock__need(host, op) < 0)
        return -1;
    sock__session_close(c);
    c->doing.used = 0;
    sock__reply_begin(c);
    if (port < 0 || port > PORT_MAX)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "Port out of range 0-65535");
    if ((name = strdup(host)) == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    sock__free(c->host);
    c->host = name;
    c->wire.first = ROOM;
    c->wire.sock = reach(c, op, host, port != 0 ? port : c->protocol->port);
    if (c->wire.sock != NULL && set_times(c, op) == 0)
        return 0;
    sock__session_close(c);
    return -1;
}

int sock__session_adopt(struct sock_session *c, const char *op, sock_t *s)
{
    if (sock__need(s, op) < 0)
        return -1;
    c->wire.first = ROOM;
    c->wire.sock = s;
    if (set_times(c, op) == 0)
        return 0;
    c->wire.sock = NULL;
    return -1;
}

/* TLS */

static int begin_tls(struct sock_session *c, const char *op, sock_tls_t *tls)
{
    const struct sock__tls_terms terms = {.op = op, .host = c->host};
    sock_t *s = c->wire.sock;

    c->wire.sock = tls->ops->wrap(tls, s, &terms);
    sock_free(s);
    if (c->wire.sock == NULL)
        return sock__session_failed(c, op);
    tls->ops->hold(tls);
    c->tls = tls;
    return 0;
}

int sock__session_context(const char *op, sock_tls_t **tls)
{
    if (*tls == NULL)
        *tls = sock__default_tls(op);
    return *tls != NULL ? 0 : -1;
}

/* What lies there was not sent under TLS, by whomever, and would be taken for
 * what was. */
int sock__session_secure(struct sock_session *c, const char *op,
                         sock_tls_t *tls)
{
    if (c->wire.at < c->wire.end)
        return sock__session_broke(c, op, SOCK_P_ORDER,
                                   "the server sent more than its go-ahead "
                                   "before TLS began");
    if (sock__session_clock(c, op) < 0)
        return -1;
    return begin_tls(c, op, tls);
}

int sock__session_connect_tls(struct sock_session *c, const char *op,
                              const char *host, int port, sock_tls_t *tls)
{
    if (sock__need(host, op) < 0 || sock__session_context(op, &tls) < 0 ||
        sock__session_connect(c, op, host, port) < 0)
        return -1;
    return sock__session_secure(c, op, tls);
}

int sock__session_unwrap(struct sock_session *c, const char *op)
{
    sock_t *s = c->wire.sock;

    if (c->wire.at < c->wire.end)
        return sock__session_broke(c, op, SOCK_P_ORDER,
                                   "the server sent more than its go-ahead "
                                   "before TLS ended");
    if (sock__session_clock(c, op) < 0)
        return -1;
    c->wire.sock = c->tls->ops->unwrap(s);
    sock_free(s);
    c->tls->ops->let_go(c->tls);
    c->tls = NULL;
    if (c->wire.sock != NULL)
        return 0;
    sock__fail_status(op, SOCK__RECORDED);
    return sock__session_failed(c, op);
}

bool sock__session_is_secure(const struct sock_session *c)
{
    return c->wire.sock != NULL && c->tls != NULL &&
           c->tls->ops->is_secure(c->wire.sock);
}

int sock_session_secure(const sock_session_t *c)
{
    return sock__need(c, "secure") < 0 ? -1 : sock__session_is_secure(c);
}

/* This host, whatever it is called. */
static bool is_loopback(const sock_addr_t *a)
{
    const unsigned char *b;

    switch (a->u.sa.sa_family) {
    case AF_UNIX:
        return true;
    case AF_INET:
        b = (const unsigned char *)&a->u.in.sin_addr;
        return b[0] == 127;
    case AF_INET6:
        b = a->u.in6.sin6_addr.s6_addr;
        return IN6_IS_ADDR_LOOPBACK(&a->u.in6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&a->u.in6.sin6_addr) && b[12] == 127);
    default:
        return false;
    }
}

int sock__session_trusts(const struct sock_session *c, const char *op)
{
    sock_addr_t peer;

    if (c->insecure_auth || sock__session_is_secure(c))
        return 0;
    if (sock_getpeername(c->wire.sock, &peer) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    if (is_loopback(&peer))
        return 0;
    return sock__fail_saying(op, SOCK_E_VALUE, 0,
                             "the password would be sent without TLS "
                             "(see insecure_auth)");
}

sock_t *sock_session_socket(const sock_session_t *c)
{
    return sock__need(c, "sock") == 0 ? c->wire.sock : NULL;
}

/* Commands */

static void trace(struct sock_session *c, char direction, const char *line,
                  size_t n)
{
    if (c->trace != NULL)
        c->trace(c->trace_arg, direction, line, n);
}

/* How long the parts are together; -1 with the error recorded. */
static ssize_t measure(const char *op, const char *const parts[], size_t most)
{
    size_t n = 0;

    for (size_t i = 0; parts[i] != NULL; i++) {
        if (strpbrk(parts[i], "\r\n") != NULL)
            return sock__fail_saying(
                op, SOCK_E_VALUE, 0,
                "command and arguments contain prohibited newline characters");
        n += strlen(parts[i]);
    }
    if (n > most)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "the command is too long");
    return (ssize_t)n;
}

int sock__session_takes(const char *op, const char *text, size_t most)
{
    const char *const parts[] = {text, NULL};
    return measure(op, parts, most) < 0 ? -1 : 0;
}

static int no_memory(const char *op)
{
    return sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

/* Want of memory shows nothing, and is no failure. */
void sock__session_doing(struct sock_session *c, const char *line, size_t n)
{
    int saved = errno;

    c->doing.used = 0;
    sock__output_add(&c->doing, line, n);
    sock__output_add(&c->doing, "", 1);
    if (c->doing.lost)
        c->doing.used = 0;
    c->doing.lost = false;
    errno = saved;
}

int sock__session_say_most(struct sock_session *c, const char *op,
                           const char *const parts[], const char *shown,
                           size_t most)
{
    size_t before = c->out.used;
    ssize_t n = measure(op, parts, most);

    if (n < 0)
        return -1;
    sock__output_reserve(&c->out, (size_t)n + 2); /* there may be a secret */
    for (size_t i = 0; parts[i] != NULL; i++)
        sock__output_text(&c->out, parts[i]);
    sock__output_text(&c->out, "\r\n");
    if (c->out.lost) {
        c->out.lost = false;
        c->out.used = before;
        return no_memory(op);
    }
    if (shown == NULL)
        shown = c->out.text + before;
    else
        n = (ssize_t)strlen(shown);
    sock__session_doing(c, shown, (size_t)n);
    trace(c, '>', shown, (size_t)n);
    return 0;
}

int sock__session_say(struct sock_session *c, const char *op,
                      const char *const parts[], const char *shown)
{
    return sock__session_say_most(c, op, parts, shown, c->protocol->command);
}

int sock__session_add(struct sock_session *c, const char *op, const void *data,
                      size_t n)
{
    sock__output_add(&c->out, data, n);
    if (!c->out.lost)
        return 0;
    sock__session_wipe(c);
    no_memory(op);
    return sock__session_failed(c, op);
}

/* Lines */

int sock__session_more(struct sock_session *c, const char *op, bool wait)
{
    ssize_t n = -1;

    if (!wait || sock__wire_await(&c->wire, op) == 0)
        n = sock__wire_more(&c->wire, op);
    if (n > 0)
        return 0;
    if (n == 0)
        sock__fail_saying(op, SOCK_E_EOF, 0, "Connection unexpectedly closed");
    return sock__session_failed(c, op);
}

/* Takes a line that ends at `lf` out of what lies there. */
static void take_line(struct sock_session *c, const char *lf,
                      struct sock__piece *line)
{
    struct sock__wire *w = &c->wire;
    const char *at = w->buf + w->at;
    size_t n = (size_t)(lf - at);

    w->at += n + 1;
    if (n > 0 && at[n - 1] == '\r')
        n--;
    *line = (struct sock__piece){at, n};
    trace(c, '<', at, n);
}

int sock__session_line(struct sock_session *c, const char *op,
                       struct sock__piece *line)
{
    struct sock__wire *w = &c->wire;
    size_t seen = 0; /* without an end, of what lies there */

    for (;;) {
        size_t n = w->end - w->at - seen;
        const char *from = n > 0 ? w->buf + w->at + seen : NULL;
        const char *lf = n > 0 ? memchr(from, '\n', n) : NULL;
        seen += lf != NULL ? (size_t)(lf - from) : n;
        if (seen > c->limits.line)
            return sock__session_broke(c, op, SOCK_P_TOO_LARGE,
                                       "line too long");
        if (lf != NULL) {
            take_line(c, lf, line);
            return 0;
        }
        if (sock__session_more(c, op, true) < 0)
            return -1;
    }
}

/* Bytes of a literal */

int sock__session_take(struct sock_session *c, const char *op, uint64_t n,
                       const sock_sink_t *sink)
{
    struct sock__wire *w = &c->wire;
    bool refused = false;

    while (n > 0) {
        if (w->at == w->end && (sock__session_clock(c, op) < 0 ||
                                sock__session_more(c, op, false) < 0))
            return -1;
        size_t held = w->end - w->at;
        held = held < n ? held : (size_t)n;
        if (!refused && sock__sink_put(sink, op, w->buf + w->at, held) < 0) {
            refused = true;
            sock__session_about(c, op);
        }
        w->at += held;
        n -= held;
        if (refused && n > c->limits.list) {
            sock__session_close(c);
            return -1;
        }
    }
    return refused ? 1 : 0;
}
