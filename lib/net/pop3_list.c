/* SPDX-License-Identifier: MIT */
/* How many messages there are, how large, and what they are called. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>

#include "dots.h"
#include "pop3.h"
#include "pop3_parse.h"
#include "record.h"
#include "word.h"

/* The reply without its "+OK". */
static struct sock__piece after_sign(struct sock__piece line)
{
    sock__word(&line);
    return line;
}

int sock_pop3_stat(sock_pop3_t *p, uint64_t *count, uint64_t *octets)
{
    static const char *const parts[] = {"STAT", NULL};
    const char *op = "stat";
    struct sock_session *c = sock__pop3_open(p, op);
    struct sock__piece line;

    if (c == NULL || sock__need(count, op) < 0 || sock__need(octets, op) < 0 ||
        sock__session_ask(c, op, parts, NULL) < 0 ||
        sock__pop3_hear(c, op, &line) < 0)
        return -1;
    if (sock__pop3_numbers(after_sign(line), count, octets))
        return 0;
    return sock__session_broke(c, op, SOCK_P_SYNTAX,
                               "the reply has not two numbers");
}

/* Lists. A line of LIST has two numbers, one of UIDL a number and an id. */

static bool read_entry(sock_pop3_entry_t *e, struct sock__piece line, bool ids,
                       struct sock__piece *id)
{
    *e = (sock_pop3_entry_t){0};
    *id = (struct sock__piece){"", 0};
    return ids ? sock__pop3_id(line, &e->number, id)
               : sock__pop3_numbers(line, &e->number, &e->octets);
}

enum { EACH = 24 }; /* bytes of an entry, as the limit counts them */

/* Room for so many entries, and behind them for so many bytes of ids. */
static sock_pop3_entries_t *new_list(const char *op, size_t count, size_t text)
{
    sock_pop3_entries_t *list =
        malloc(sizeof *list + count * sizeof(sock_pop3_entry_t) + text);
    if (list != NULL)
        *list = (sock_pop3_entries_t){(sock_pop3_entry_t *)(list + 1), count};
    else
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return list;
}

static char *put_id(sock_pop3_entry_t *e, char *at, struct sock__piece id)
{
    e->id = at;
    memcpy(at, id.at, id.n);
    at[id.n] = '\0';
    return at + id.n + 1;
}

/* False: a line is none of a list. */
static bool read_lines(const sock_lines_t *lines, sock_pop3_entry_t *e,
                       bool ids)
{
    char *at = (char *)(e + lines->count);
    struct sock__piece id;

    for (size_t i = 0; i < lines->count; i++) {
        struct sock__piece line = {lines->lines[i].text,
                                   lines->lines[i].length};
        if (!read_entry(&e[i], line, ids, &id))
            return false;
        if (ids)
            at = put_id(&e[i], at, id);
    }
    return true;
}

static sock_pop3_entries_t *bad_line(struct sock_session *c, const char *op,
                                     sock_pop3_entries_t *list)
{
    sock_pop3_entries_free(list);
    sock__session_broke(c, op, SOCK_P_SYNTAX, "a line of the list is none");
    return NULL;
}

static sock_pop3_entries_t *make_list(struct sock_session *c, const char *op,
                                      const sock_lines_t *lines, bool ids)
{
    size_t n = lines->count;

    if (sock__dots_places(c, op, n, EACH * (uint64_t)n) < 0)
        return NULL;
    sock_pop3_entries_t *list =
        new_list(op, n, ids ? sock__lines_size(lines) : 0);
    bool bad = list != NULL && !read_lines(lines, (void *)(list + 1), ids);
    return bad ? bad_line(c, op, list) : list;
}

/* Those of all messages. */
static sock_pop3_entries_t *hear_all(struct sock_session *c, const char *op,
                                     bool ids)
{
    sock_lines_t *lines = sock__dots_lines(c, op);
    sock_pop3_entries_t *list =
        lines != NULL ? make_list(c, op, lines, ids) : NULL;

    sock_lines_free(lines);
    return list;
}

/* That of one message, which the reply itself has; it must be that one's. */
static sock_pop3_entries_t *read_one(struct sock_session *c, const char *op,
                                     struct sock__piece line, uint64_t which,
                                     bool ids)
{
    sock_pop3_entries_t *list = new_list(op, 1, line.n + 1);
    struct sock__piece id;

    if (list == NULL)
        return NULL;
    sock_pop3_entry_t *e = (void *)(list + 1);
    if (!read_entry(e, after_sign(line), ids, &id) || e->number != which)
        return bad_line(c, op, list);
    if (ids)
        put_id(e, (char *)(e + 1), id);
    return list;
}

static sock_pop3_entries_t *ask_list(sock_pop3_t *p, const char *op,
                                     const char *name, uint64_t which, bool ids)
{
    char text[SOCK__NUMBER_SIZE];
    const char *const parts[] = {name, which != 0 ? " " : NULL,
                                 sock__number_text(which, text), NULL};
    struct sock_session *c = sock__pop3_open(p, op);
    struct sock__piece line;

    if (c == NULL || sock__session_ask(c, op, parts, NULL) < 0 ||
        sock__pop3_hear(c, op, &line) < 0)
        return NULL;
    return which != 0 ? read_one(c, op, line, which, ids)
                      : hear_all(c, op, ids);
}

sock_pop3_entries_t *sock_pop3_list(sock_pop3_t *p, uint64_t which)
{
    return ask_list(p, "list", "LIST", which, false);
}

sock_pop3_entries_t *sock_pop3_uidl(sock_pop3_t *p, uint64_t which)
{
    return ask_list(p, "uidl", "UIDL", which, true);
}

void sock_pop3_entries_free(sock_pop3_entries_t *list)
{
    sock__free(list);
}
