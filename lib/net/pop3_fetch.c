/* SPDX-License-Identifier: MIT */
/* Messages: one, and many. */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dots.h"
#include "pop3.h"
#include "pop3_parse.h"
#include "record.h"

enum { WINDOW = 16 }; /* messages that are asked for ahead */

/* One */

/* Asks for a message: the session, whose next bytes are the body; NULL with the
 * error recorded. */
static struct sock_session *ask_for(sock_pop3_t *p, const char *op,
                                    const char *const parts[])
{
    struct sock_session *c = sock__pop3_open(p, op);
    return c != NULL && sock__pop3_ask(c, op, parts, NULL) == 0 ? c : NULL;
}

static struct sock_session *ask_retr(sock_pop3_t *p, uint64_t which)
{
    char text[SOCK__NUMBER_SIZE];
    const char *const parts[] = {"RETR ", sock__number_text(which, text), NULL};
    return ask_for(p, "retr", parts);
}

static struct sock_session *ask_top(sock_pop3_t *p, uint64_t which,
                                    uint64_t howmuch)
{
    char text[SOCK__NUMBER_SIZE], lines[SOCK__NUMBER_SIZE];
    const char *const parts[] = {"TOP ", sock__number_text(which, text), " ",
                                 sock__number_text(howmuch, lines), NULL};
    return ask_for(p, "top", parts);
}

sock_lines_t *sock_pop3_retr(sock_pop3_t *p, uint64_t which)
{
    struct sock_session *c = ask_retr(p, which);
    return c != NULL ? sock__dots_lines(c, "retr") : NULL;
}

sock_lines_t *sock_pop3_top(sock_pop3_t *p, uint64_t which, uint64_t howmuch)
{
    struct sock_session *c = ask_top(p, which, howmuch);
    return c != NULL ? sock__dots_lines(c, "top") : NULL;
}

int sock_pop3_retr_to(sock_pop3_t *p, uint64_t which, sock_sink_t sink)
{
    struct sock_session *c =
        sock__sink_need(&sink, "retr") == 0 ? ask_retr(p, which) : NULL;
    return c != NULL ? sock__dots_take(c, "retr", &sink) : -1;
}

int sock_pop3_top_to(sock_pop3_t *p, uint64_t which, uint64_t howmuch,
                     sock_sink_t sink)
{
    struct sock_session *c =
        sock__sink_need(&sink, "top") == 0 ? ask_top(p, which, howmuch) : NULL;
    return c != NULL ? sock__dots_take(c, "top", &sink) : -1;
}

/* Many: while one is read, those after it are on their way. */

struct fetching {
    struct sock_session *c;
    const char *op;
    sock_pop3_fn fn;
    void *arg;
    uint64_t next; /* to be asked for */
    uint64_t number, last;
    uint64_t window;
};

/* Asks for as many as there is room for, by one call, once half of it is free.
 */
static int ask_ahead(struct fetching *f)
{
    char text[SOCK__NUMBER_SIZE];
    const char *const parts[] = {"RETR ", text, NULL};

    if (f->next - f->number > f->window / 2 || f->next > f->last)
        return 0;
    while (f->next <= f->last && f->next - f->number < f->window) {
        sock__number_text(f->next, text);
        if (sock__session_say(f->c, f->op, parts, NULL) < 0)
            return sock__session_failed(f->c, f->op);
        f->next++;
    }
    return sock__session_flush(f->c, f->op);
}

static int hand_on(void *arg, const void *data, size_t n)
{
    const struct fetching *f = arg;
    return f->fn(f->arg, f->number, data, n);
}

/* The reply to the first that is due, which what fails from now on is about. */
static int hear_reply(struct fetching *f)
{
    char text[sizeof "RETR " + SOCK__NUMBER_SIZE];
    struct sock__piece line;

    int n = snprintf(text, sizeof text, "RETR %" PRIu64, f->number);
    sock__session_doing(f->c, text, (size_t)n);
    if (sock__session_clock(f->c, f->op) < 0)
        return -1;
    return sock__pop3_hear(f->c, f->op, &line);
}

static int hear_one(struct fetching *f)
{
    const sock_sink_t sink = {hand_on, f};

    if (hear_reply(f) < 0 || sock__dots_take(f->c, f->op, &sink) < 0)
        return -1;
    if (f->fn(f->arg, f->number, NULL, 0) == 0)
        return 0;
    sock__fail(f->op, SOCK_E_CANCELLED, 0, 0);
    return sock__session_about(f->c, f->op);
}

/* Passes over what was asked for and has not come, so that the next command
 * gets its own reply. What has failed stays recorded. */
static int pass_over(struct fetching *f)
{
    struct sock__dropped d = {.left = f->c->limits.list};
    const sock_sink_t sink = sock__dropped_sink(&d);
    struct sock__saved why;

    sock__error_save(&why);
    while (++f->number < f->next && f->c->wire.sock != NULL)
        if (hear_reply(f) == 0 && sock__dots_take(f->c, f->op, &sink) < 0)
            sock__session_close(f->c);
    sock__error_restore(&why);
    return -1;
}

static int fetch(struct fetching *f)
{
    for (; f->number <= f->last; f->number++)
        if (ask_ahead(f) < 0 || hear_one(f) < 0)
            return pass_over(f);
    return 0;
}

/* Whether the server takes commands before it has answered: 1, 0; -1 with the
 * error recorded. */
static int pipelines(struct sock_session *c, const char *op)
{
    struct sock__piece rest;
    struct sock__saved before;

    sock__error_save(&before);
    sock_lines_t *lines = sock__pop3_capa(c, op);
    if (lines != NULL) {
        bool found = sock__pop3_capability(lines, "PIPELINING", &rest);
        sock_lines_free(lines);
        return found;
    }
    if (sock_last_error()->kind != SOCK_E_UNSUPPORTED)
        return -1;
    sock__error_restore(&before);
    return 0;
}

/* The range of a call: 0; 1: there are no messages; -1 with the error recorded.
 */
static int check_range(sock_pop3_t *p, const char *op, uint64_t first,
                       uint64_t *last)
{
    uint64_t octets;

    if (first == 0 || *last == UINT64_MAX || (*last != 0 && *last < first))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "there is no such range");
    if (*last != 0)
        return 0;
    if (sock_pop3_stat(p, last, &octets) < 0)
        return sock__fail_status(op, SOCK__RECORDED);
    return *last < first;
}

int sock_pop3_fetch(sock_pop3_t *p, uint64_t first, uint64_t last,
                    sock_pop3_fn fn, void *arg)
{
    const char *op = "fetch";
    struct fetching f = {.op = op, .fn = fn, .arg = arg, .window = 1};

    f.c = sock__pop3_open(p, op);
    if (f.c == NULL)
        return -1;
    if (fn == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    int none = check_range(p, op, first, &last);
    if (none != 0)
        return none < 0 ? -1 : 0;
    int ahead = last > first ? pipelines(f.c, op) : 0;
    if (ahead < 0)
        return -1;
    if (ahead > 0)
        f.window = WINDOW;
    f.next = f.number = first;
    f.last = last;
    return fetch(&f);
}
