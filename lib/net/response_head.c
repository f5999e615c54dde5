/* SPDX-License-Identifier: MIT */
/* Reading heads. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <string.h>

#include "connection.h"

enum { MOST_INTERIM = 100 };

static int fail_head(const sock_http_t *c, const char *op)
{
    const struct sock__start *s = &c->start;
    if (s->fault == ENOMEM)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__fail_saying(op, SOCK_E_PROTOCOL, s->fault, s->why);
}

static int fail_end(const char *op, size_t held)
{
    sock__fail_saying(op, SOCK_E_EOF, 0,
                      held > 0
                          ? "Remote end closed connection within the head"
                          : "Remote end closed connection without response");
    sock__fail_done(held);
    return -1;
}

/* More of a head: 0; -1 with the error recorded, and how much of it came. */
static int more(struct sock__wire *w, const char *op)
{
    size_t held = w->end - w->at;
    ssize_t n = sock__wire_more(w, op);
    if (n < 0)
        sock__fail_done(held);
    if (n == 0)
        return fail_end(op, held);
    return n < 0 ? -1 : 0;
}

/* The next head, whatever it is. */
static int read_head(sock_http_t *c, const char *op)
{
    struct sock__wire *w = &c->wire;
    ssize_t n = 0;

    c->scanned = 0;
    sock__headers_clear(&c->fields);
    memset(&c->start, 0, sizeof c->start);
    if (w->at == w->end && (sock__wire_await(w, op) < 0 || more(w, op) < 0))
        return -1;
    while ((n = sock__head_response(&c->start, &c->fields, w->buf + w->at,
                                    w->end - w->at, &c->scanned, &c->limits)) ==
           0)
        if (more(w, op) < 0)
            return -1;
    c->head = n > 0 ? (size_t)n : 0;
    return n > 0 ? 0 : fail_head(c, op);
}

/* What the head is for a caller who waits for one: it may be passed over. */
static bool is_interim(const sock_http_t *c)
{
    return c->start.status < 200 && c->start.status != 101;
}

int sock__response_head(sock_http_t *c, const char *op, bool interim)
{
    for (int i = 0; i <= MOST_INTERIM; i++) {
        if (read_head(c, op) < 0)
            return -1;
        if (!is_interim(c))
            break;
        c->wire.at += c->head;
        if (interim && c->start.status == 100)
            return 0;
    }
    if (is_interim(c))
        return sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                                 "got more than 100 interim responses");
    if (c->start.status == 101 && !c->asking.upgrades)
        return sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_ORDER,
                                 "another protocol that was not asked for");
    return 0;
}
