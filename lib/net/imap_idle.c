/* SPDX-License-Identifier: MIT */
/* Listening to a server (RFC 2177). */
#define _POSIX_C_SOURCE 200809L

#include <string.h>

#include <pysockc/timeout.h>

#include "imap.h"
#include "private.h"

/* After half an hour a server may hang up. */
static const int64_t RENEWED = (int64_t)28 * 60 * 1000000000;

/* What comes until the server listens is for who listens to it. */
static const struct sock__imap_taker later = {NULL, sock__imap_put_off, NULL};

static int begin(sock_imap_t *m, const char *op)
{
    if (sock__imap_command(m, op, "IDLE") < 0 || sock__imap_send(m, op) < 0)
        return -1;
    m->taker = &later;
    int result = sock__imap_go_ahead(m, op);
    m->taker = NULL;
    if (result < 0)
        return -1;
    m->renew = sock__os_now() + RENEWED;
    m->before = m->state;
    m->state = SOCK_IMAP_IDLING;
    return 0;
}

static int end(sock_imap_t *m, const char *op)
{
    static const char *const parts[] = {"DONE", NULL};

    m->state = m->before;
    if (sock__session_ask(&m->session, op, parts, NULL) < 0)
        return -1;
    return sock__imap_finish(m, op);
}

/* What no one has asked for while it was listened is kept for who does so then.
 */
static int keep_late(sock_imap_t *m, const char *op)
{
    struct sock__imap_response r;
    int more;

    while ((more = sock__imap_take_late(m, op, &r)) > 0)
        if (sock__imap_keep(m, op, &r.type, &r.number, &r.rest) < 0)
            return -1;
    return more;
}

/* The server listens no more, and what is recorded says why; -1. */
static int give_up(sock_imap_t *m, const char *op)
{
    struct sock__saved why;

    sock__error_save(&why);
    if (m->session.wire.sock != NULL)
        keep_late(m, op);
    sock__error_restore(&why);
    return -1;
}

/* Both, with what comes in between. */
static int begin_anew(sock_imap_t *m, const char *op)
{
    m->taker = &later;
    int result = end(m, op);
    m->taker = NULL;
    return result < 0 || begin(m, op) < 0 ? give_up(m, op) : 0;
}

int sock_imap_idle(sock_imap_t *m)
{
    const char *op = "idle";

    if (sock__need(m, op) < 0 || sock__session_need(&m->session, op) < 0)
        return -1;
    if (sock_imap_has(m, "IDLE") == 0 && sock_imap_has(m, "IMAP4REV2") == 0)
        return sock__session_lacks(&m->session, op,
                                   "Server does not support IMAP4 IDLE");
    return begin(m, op) < 0 ? give_up(m, op) : 0;
}

static int need_idling(sock_imap_t *m, const char *op)
{
    if (sock__need(m, op) < 0 || sock__session_need(&m->session, op) < 0)
        return -1;
    if (m->state == SOCK_IMAP_IDLING)
        return 0;
    return sock__fail_saying(op, SOCK_E_VALUE, 0, "idle was not called");
}

int sock_imap_idle_done(sock_imap_t *m)
{
    const char *op = "idle_done";

    if (need_idling(m, op) < 0 || keep_late(m, op) < 0)
        return -1;
    return end(m, op);
}

/* Waiting */

/* The time of a command does not count while there is none. */
static int stop_clock(struct sock_session *c, const char *op)
{
    double left = SOCK_NO_TIMEOUT;

    if (c->deadline != 0) {
        int64_t ns = c->deadline - sock__os_now();
        left = ns > 0 ? (double)ns / 1e9 : 0;
    }
    if (sock_set_deadline(c->wire.sock, left) == 0)
        return 0;
    sock__fail_status(op, SOCK__RECORDED);
    return sock__session_failed(c, op);
}

/* Whether bytes are there by then: 1, 0; -1 with the error recorded. */
static int wait_until(sock_imap_t *m, const char *op, int64_t until)
{
    struct sock__wire *w = &m->session.wire;
    int64_t left = until - sock__os_now();

    if (w->at < w->end)
        return 1;
    if (stop_clock(&m->session, op) < 0)
        return -1;
    int ready =
        sock_wait(w->sock, SOCK_EVENT_READ, left > 0 ? (double)left / 1e9 : 0);
    return ready < 0 ? sock__fail_status(op, SOCK__RECORDED) : ready > 0;
}

/* The same, however often the server must be asked anew until then. */
static int wait_for(sock_imap_t *m, const char *op, int64_t until)
{
    while (m->late.used == 0) {
        bool renews = m->renew < until;
        int ready = wait_until(m, op, renews ? m->renew : until);
        if (ready != 0 || !renews)
            return ready;
        if (begin_anew(m, op) < 0)
            return -1;
    }
    return 1;
}

/* Events */

/* A type with its NUL, and what stands with it. */
static int fill(sock_imap_t *m, const char *op,
                const struct sock__imap_response *r, sock_imap_event_t *event)
{
    struct sock__output *o = &m->scratch;

    o->used = 0;
    for (size_t i = 0; i < r->type.n; i++) {
        char c = sock__upper(r->type.at[i]);
        sock__output_add(o, &c, 1);
    }
    sock__output_add(o, "", 1);
    sock__output_add(o, r->number.at, r->number.n);
    if (r->number.n > 0 && r->rest.n > 0)
        sock__output_add(o, " ", 1);
    sock__output_add(o, r->rest.at, r->rest.n);
    sock__output_add(o, "", 1);
    if (o->lost) {
        o->lost = false;
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return sock__session_failed(&m->session, op);
    }
    *event = (sock_imap_event_t){.type = o->text,
                                 .data = o->text + r->type.n + 1,
                                 .length = o->used - r->type.n - 2,
                                 .number = r->value};
    return 1;
}

static int hear(sock_imap_t *m, const char *op, sock_imap_event_t *event)
{
    struct sock__imap_response r;
    int late = sock__imap_take_late(m, op, &r);

    if (late != 0)
        return late < 0 ? -1 : fill(m, op, &r, event);
    if (sock__session_clock(&m->session, op) < 0 ||
        sock__imap_begin(m, op, &r) < 0 || sock__imap_rest(m, op, &r) < 0)
        return -1;
    if (r.form == SOCK__IMAP_UNTAGGED)
        return sock__imap_heed(m, op, &r) < 0 ? -1 : fill(m, op, &r, event);
    if (r.form == SOCK__IMAP_TAGGED) {
        m->state = m->before;
        if (sock__imap_conclude(m, op, &r) < 0)
            return -1;
    }
    return sock__imap_broke(m, op, "unexpected response");
}

int sock_imap_idle_next(sock_imap_t *m, sock_imap_event_t *event,
                        double timeout)
{
    const char *op = "idle_next";
    int64_t ns, now = sock__os_now();

    if (need_idling(m, op) < 0 || sock__need(event, op) < 0 ||
        sock__seconds_arg(op, timeout, &ns) < 0)
        return -1;
    int64_t until = ns >= 0 && ns < INT64_MAX - now ? now + ns : INT64_MAX;
    int ready = wait_for(m, op, until);
    return ready <= 0 ? ready : hear(m, op, event);
}
