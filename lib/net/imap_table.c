/* SPDX-License-Identifier: MIT */
/*
 * What the server has said and no one has asked for yet, one behind the other:
 * how long its type is and how long the data, then both. It is taken out by
 * reading all of it, which there is little of; what each command forgets, by
 * reading what came since the one before.
 */
#include <stdlib.h>
#include <string.h>

#include "imap.h"
#include "private.h"

/* Of one size on every processor, since a limit counts it. */
struct head {
    _Alignas(8) size_t type;
    _Alignas(8) size_t data;
};

/* Where an entry is, and what it is. */
struct entry {
    struct head head;
    char *type, *data;
};

static bool next(const struct sock__hoard *h, size_t *at, struct entry *e)
{
    if (*at == h->used)
        return false;
    memcpy(&e->head, h->bytes + *at, sizeof e->head);
    e->type = h->bytes + *at + sizeof e->head;
    e->data = e->type + e->head.type;
    *at += sizeof e->head + e->head.type + e->head.data;
    return true;
}

static bool is_of(const struct entry *e, const char *type)
{
    return sock__imap_is(&(struct sock__piece){e->type, e->head.type}, type);
}

/* Keeping */

static bool add(struct sock__hoard *h, const void *bytes, size_t n)
{
    const sock_sink_t sink = sock__hoard_sink(h);
    return n == 0 || sink.write(sink.arg, bytes, n) == 0;
}

static int no_room(sock_imap_t *m, const char *op)
{
    if (m->table.full)
        return sock__session_broke(&m->session, op, SOCK_P_TOO_LARGE,
                                   "too much that was not asked for");
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__session_failed(&m->session, op);
}

/* Whether it has found room; else all is as before. */
static bool put(sock_imap_t *m, const struct sock__piece *type,
                const struct sock__piece *first,
                const struct sock__piece *second)
{
    struct sock__hoard *h = &m->table;
    size_t before = h->used;
    bool blank = first->n > 0 && second->n > 0;
    const struct head head = {type->n, first->n + blank + second->n};

    h->most = m->session.limits.list;
    if (before <= h->most && add(h, &head, sizeof head) &&
        add(h, type->at, type->n) && add(h, first->at, first->n) &&
        add(h, " ", blank) && add(h, second->at, second->n))
        return true;
    h->full = h->full || before > h->most;
    h->used = before;
    return false;
}

/* What came before the last command makes room for what comes now. */
static void forget_earlier(sock_imap_t *m)
{
    struct sock__hoard *h = &m->table;

    h->used -= m->asked;
    memmove(h->bytes, h->bytes + m->asked, h->used);
    m->asked = 0;
}

int sock__imap_keep(sock_imap_t *m, const char *op,
                    const struct sock__piece *type,
                    const struct sock__piece *first,
                    const struct sock__piece *second)
{
    if (put(m, type, first, second))
        return 0;
    if (!m->table.full || m->asked == 0)
        return no_room(m, op);
    forget_earlier(m);
    return put(m, type, first, second) ? 0 : no_room(m, op);
}

/* Forgetting */

/* Forgets what is of these types, which NULL ends, from a place on that is not
 * behind that of the last command. */
static void sift(sock_imap_t *m, size_t at, const char *const types[])
{
    struct sock__hoard *h = &m->table;
    struct entry e;
    size_t from = at, kept = at, asked = at;

    for (; next(h, &at, &e); from = at) {
        const char *const *type = types;
        while (*type != NULL && !is_of(&e, *type))
            type++;
        if (*type == NULL) {
            memmove(h->bytes + kept, h->bytes + from, at - from);
            kept += at - from;
        }
        asked = at <= m->asked ? kept : asked;
    }
    h->used = kept;
    m->asked = asked;
}

void sock__imap_forget(sock_imap_t *m, const char *type)
{
    if (type != NULL)
        sift(m, 0, (const char *const[]){type, NULL});
    else
        m->table.used = m->asked = 0;
}

/* Before the last command there are no such, as they were forgotten then. */
void sock__imap_ask(sock_imap_t *m)
{
    sift(m, m->asked, (const char *const[]){"OK", "NO", "BAD", NULL});
    m->asked = m->table.used;
}

/* Taking */

/* How many there are, and the bytes of their data with a NUL each. */
static size_t count(const struct sock__hoard *h, const char *type,
                    size_t *bytes)
{
    struct entry e;
    size_t n = 0;

    *bytes = 0;
    for (size_t at = 0; next(h, &at, &e);) {
        if (!is_of(&e, type))
            continue;
        n++;
        *bytes += e.head.data + 1;
    }
    return n;
}

static void copy(const struct sock__hoard *h, const char *type,
                 sock_line_t *line, char *text)
{
    struct entry e;

    for (size_t at = 0; next(h, &at, &e);) {
        if (!is_of(&e, type))
            continue;
        memcpy(text, e.data, e.head.data);
        text[e.head.data] = '\0';
        *line++ = (sock_line_t){text, e.head.data};
        text += e.head.data + 1;
    }
}

/* In capitals, as far as any type is long. */
static void capitals(char *to, size_t size, const char *text)
{
    size_t n = 0;
    for (; text[n] != '\0' && n + 1 < size; n++)
        to[n] = sock__upper(text[n]);
    to[n] = '\0';
}

sock_lines_t *sock_imap_response(sock_imap_t *m, const char *code)
{
    const char *op = "response";
    char type[64];
    size_t bytes;

    if (sock__need(m, op) < 0 || sock__need(code, op) < 0)
        return NULL;
    capitals(type, sizeof type, code);
    size_t n = count(&m->table, type, &bytes);
    sock_lines_t *list = malloc(sizeof *list + n * sizeof(sock_line_t) + bytes);
    if (list == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    sock_line_t *lines = (sock_line_t *)(list + 1);
    copy(&m->table, type, lines, (char *)(lines + n));
    *list = (sock_lines_t){lines, n};
    sock__imap_forget(m, type);
    return list;
}
