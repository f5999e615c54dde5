/* SPDX-License-Identifier: MIT */
/*
 * What was fetched, item by item. A response is read line by line: what lies
 * before a literal is given before that has come, and a literal that is an item
 * of its own goes to a sink as it comes.
 */
#include <string.h>

#include "imap.h"
#include "private.h"

static int syntax(sock_imap_t *m, const char *op)
{
    return sock__imap_broke(m, op, "not a list of items");
}

/* Where the text ends that has come and is no announcement. */
static size_t end_of(const sock_imap_t *m)
{
    return m->literal ? m->brace : m->in.used;
}

/* Looks for the end of a word, and takes the literals within it into memory. */
static int find_end(sock_imap_t *m, const char *op, struct sock__imap_scan *s,
                    bool (*scan)(struct sock__imap_scan *, const char *,
                                 size_t))
{
    while (!scan(s, m->in.bytes, end_of(m))) {
        if (!m->literal)
            return syntax(m, op);
        size_t behind = m->in.used + 2;
        uint64_t size = m->size;
        if (sock__imap_more(m, op) < 0)
            return -1;
        s->at = behind + (size_t)size; /* which has found room in memory */
    }
    return 0;
}

/* Ends a value that lies before `at`: what comes there parts it from the next
 * one, or ends the list. */
static int end_value(sock_imap_t *m, const char *op, size_t at)
{
    int c = at < end_of(m) ? m->in.bytes[at] : '\0';

    if (c != ' ' && c != ')')
        return syntax(m, op);
    m->fetch.at = at;
    return 0;
}

/* Values: each finds where one lies, and what it is */

struct value {
    size_t at, n; /* in the client's `in` */
};

static int take_list(sock_imap_t *m, const char *op, struct value *v)
{
    struct sock__imap_scan s = {.at = v->at};

    if (find_end(m, op, &s, sock__imap_scan_list) < 0)
        return -1;
    v->n = s.at - v->at;
    return end_value(m, op, s.at);
}

static int take_string(sock_imap_t *m, const char *op, struct value *v)
{
    struct sock__piece text = {m->in.bytes + v->at, end_of(m) - v->at};
    struct sock__imap_token token;

    if (sock__imap_next_token(&text, &token) != SOCK__IMAP_QUOTED)
        return syntax(m, op);
    v->n = sock__imap_say_token(&token, m->in.bytes + v->at);
    return end_value(m, op, (size_t)(text.at - m->in.bytes));
}

static int take_atom(sock_imap_t *m, const char *op, struct value *v,
                     sock_imap_item_t *item)
{
    const char *from = m->in.bytes + v->at;
    struct sock__piece text = {from, end_of(m) - v->at};
    struct sock__imap_token token;

    if (sock__imap_next_token(&text, &token) != SOCK__IMAP_BARE)
        return syntax(m, op);
    v->n = token.text.n;
    if (sock__imap_number(&token.text, &item->number)) {
        item->kind = SOCK_IMAP_NUMBER;
    } else {
        bool nil = sock__imap_is_nil(&token);
        item->number = 0;
        item->kind = nil ? SOCK_IMAP_NIL : SOCK_IMAP_ATOM;
        v->n = nil ? 0 : v->n;
    }
    return end_value(m, op, (size_t)(text.at - m->in.bytes));
}

/* Into memory, in the place of what announced it. */
static int take_literal(sock_imap_t *m, const char *op, struct value *v)
{
    uint64_t size = m->size;

    v->at = m->in.used + 2;
    if (sock__imap_more(m, op) < 0)
        return -1;
    v->n = (size_t)size;
    return end_value(m, op, v->at + v->n);
}

/* To a sink. One that refuses does so once the list can go on. */
static int pass_literal(sock_imap_t *m, const char *op, const sock_sink_t *sink)
{
    struct sock__saved why;
    int taken = sock__session_take(&m->session, op, m->size, sink);

    if (taken < 0)
        return -1;
    if (taken > 0)
        sock__error_save(&why);
    size_t at = m->in.used;
    if (sock__session_clock(&m->session, op) < 0 ||
        sock__imap_line(m, op) < 0 || end_value(m, op, at) < 0)
        return -1;
    if (taken > 0)
        sock__error_restore(&why);
    return taken > 0 ? sock__fail_status(op, SOCK__RECORDED) : 0;
}

/* Takes a value that begins at v->at, by its first byte. */
static int take_value(sock_imap_t *m, const char *op, struct value *v,
                      sock_imap_item_t *item)
{
    if (v->at == end_of(m) && m->literal) {
        item->kind = SOCK_IMAP_STRING;
        return take_literal(m, op, v);
    }
    switch (m->in.bytes[v->at]) {
    case '(':
        item->kind = SOCK_IMAP_PARENS;
        return take_list(m, op, v);
    case '"':
        item->kind = SOCK_IMAP_STRING;
        return take_string(m, op, v);
    default:
        return take_atom(m, op, v, item);
    }
}

/* Items */

/* The name of an item, which begins with no blank: where it ends. */
static int take_name(sock_imap_t *m, const char *op, size_t from, size_t *end)
{
    struct sock__imap_scan s = {.at = from};

    if (from == end_of(m))
        return syntax(m, op);
    if (find_end(m, op, &s, sock__imap_scan_name) < 0)
        return -1;
    *end = s.at;
    for (size_t i = from; i < s.at; i++)
        m->in.bytes[i] = sock__upper(m->in.bytes[i]);
    m->in.bytes[s.at] = '\0';
    return 0;
}

/* Passes over what parts two items; true: the list has ended. */
static bool is_over(sock_imap_t *m)
{
    struct sock__imap_fetch *f = &m->fetch;
    while (f->at < end_of(m) && m->in.bytes[f->at] == ' ')
        f->at++;
    return f->at < end_of(m) && m->in.bytes[f->at] == ')';
}

/* Ends the value with a NUL, which may stand where what parts it from the next
 * one did. */
static void end_item(sock_imap_t *m, size_t from, const struct value *v,
                     sock_imap_item_t *item)
{
    char *bytes = m->in.bytes;

    item->name = bytes + from;
    item->value = bytes + v->at;
    item->length = v->n;
    m->fetch.ended = bytes[m->fetch.at] == ')';
    m->fetch.at += m->fetch.ended ? 0 : 1;
    bytes[v->at + v->n] = '\0';
}

static int next_item(sock_imap_t *m, const char *op, sock_imap_item_t *item,
                     const sock_sink_t *sink)
{
    size_t from = m->fetch.at, end = from;
    struct value v;

    if (take_name(m, op, from, &end) < 0)
        return -1;
    *item = (sock_imap_item_t){.message = m->fetch.message,
                               .name = m->in.bytes + from};
    v = (struct value){end, 0};
    while (v.at < end_of(m) && (v.at == end || m->in.bytes[v.at] == ' '))
        v.at++;
    if (sink != NULL && m->literal && v.at == m->brace) {
        item->kind = SOCK_IMAP_STRING;
        item->length = m->size;
        int result = pass_literal(m, op, sink);
        item->name = m->in.bytes != NULL ? m->in.bytes + from : "";
        m->fetch.ended = false;
        return result < 0 ? -1 : 1;
    }
    if (take_value(m, op, &v, item) < 0)
        return -1;
    end_item(m, from, &v, item);
    return 1;
}

/* Responses */

/* One that is a list of items is gone into; any other is heard as ever. */
static int next_response(sock_imap_t *m, const char *op)
{
    struct sock__imap_response r;

    if (sock__imap_begin(m, op, &r) < 0)
        return -1;
    if (r.form == SOCK__IMAP_UNTAGGED && r.number.n > 0 &&
        sock__imap_is(&r.type, "FETCH") && r.rest.n > 0 && *r.rest.at == '(') {
        m->fetch.open = true;
        m->fetch.ended = false;
        m->fetch.message = r.value;
        m->fetch.at = (size_t)(r.rest.at - m->in.bytes) + 1;
        return 1;
    }
    if (sock__imap_rest(m, op, &r) < 0)
        return -1;
    if (r.form == SOCK__IMAP_UNTAGGED)
        return sock__imap_note(m, op, &r) < 0 ? -1 : 1;
    if (r.form == SOCK__IMAP_GO_ON)
        return sock__imap_broke(m, op, "unexpected response");
    m->fetch.running = false;
    return sock__imap_conclude(m, op, &r);
}

/* The list ends, and with it the line. */
static int close_list(sock_imap_t *m, const char *op)
{
    m->fetch.open = false;
    if (m->fetch.at + 1 == m->in.used)
        return 0;
    return syntax(m, op);
}

/* 1: an item; 0: there are no more; -1. */
static int next(sock_imap_t *m, const char *op, sock_imap_item_t *item,
                const sock_sink_t *sink)
{
    while (m->fetch.running) {
        if (m->fetch.open && !m->fetch.ended && !is_over(m))
            return next_item(m, op, item, sink);
        int more = m->fetch.open ? close_list(m, op) : next_response(m, op);
        if (more < 0)
            return -1;
    }
    return 0;
}

static int next_of(sock_imap_t *m, sock_imap_item_t *item,
                   const sock_sink_t *sink)
{
    const char *op = "fetch";

    if (!m->fetch.running)
        return 0;
    if (sock__session_need(&m->session, op) < 0 ||
        sock__session_clock(&m->session, op) < 0)
        return -1;
    return next(m, op, item, sink);
}

int sock_imap_next(sock_imap_t *m, sock_imap_item_t *item)
{
    if (sock__need(m, "fetch") < 0 || sock__need(item, "fetch") < 0)
        return -1;
    return next_of(m, item, NULL);
}

int sock_imap_next_to(sock_imap_t *m, sock_imap_item_t *item, sock_sink_t sink)
{
    if (sock__need(m, "fetch") < 0 || sock__need(item, "fetch") < 0)
        return -1;
    if (sock__sink_need(&sink, "fetch") < 0)
        return -1;
    return next_of(m, item, &sink);
}

/* What no one wants */

/* Whatever the server says of it: no one asks any more. What may have no end is
 * not waited for. */
int sock__imap_drain(sock_imap_t *m, const char *op)
{
    struct sock__dropped d = {.left = m->session.limits.list};
    const sock_sink_t nowhere = sock__dropped_sink(&d);
    sock_imap_item_t item;
    struct sock__saved before;
    int more = 1;

    if (!m->fetch.running)
        return 0;
    sock__error_save(&before);
    if (sock__session_clock(&m->session, op) < 0)
        return -1;
    while (more > 0)
        more = next(m, op, &item, &nowhere);
    if (d.over)
        return sock__session_broke(&m->session, op, SOCK_P_TOO_LARGE,
                                   "too much is left of what was fetched");
    if (more < 0 && m->session.wire.sock == NULL)
        return -1;
    sock__error_restore(&before);
    return 0;
}
