/* SPDX-License-Identifier: MIT */
/* What servers answer: the words and numbers of replies, and what failed. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>

#include "session.h"

enum { DIGITS = 3, HOST_SHOWN = 60 };

/* Failures */

/* Says whom it was about, and which command. */
static int about(const struct sock_session *c, const char *op,
                 const char *command)
{
    char text[SOCK_ERROR_WORDS_MAX];
    const char *host = c->host != NULL ? c->host : "the server";

    if (*command == '\0')
        return sock__fail_about(op, host);
    snprintf(text, sizeof text, "%.*s: %s", HOST_SHOWN, host, command);
    return sock__fail_about(op, text);
}

static const char *last_command(const struct sock_session *c)
{
    return c->doing.used > 0 ? c->doing.text : "";
}

int sock__session_about(const struct sock_session *c, const char *op)
{
    return about(c, op, last_command(c));
}

int sock__session_failed(struct sock_session *c, const char *op)
{
    sock__session_about(c, op);
    sock__session_close(c);
    return -1;
}

int sock__session_broke(struct sock_session *c, const char *op, int fault,
                        const char *words)
{
    sock__fail_saying(op, SOCK_E_PROTOCOL, fault, words);
    return sock__session_failed(c, op);
}

/* The number and the words of the last reply, on one line. */
int sock__session_refused_to(struct sock_session *c, const char *op,
                             const char *command)
{
    char words[SOCK_ERROR_WORDS_MAX], number[16] = "";
    const char *text = sock_session_text(c);

    if (c->code != 0)
        snprintf(number, sizeof number, "%03d ", c->code);
    snprintf(words, sizeof words, "%s%s", number, text);
    for (char *at = words; (at = strchr(at, '\n')) != NULL;)
        *at = ' ';
    sock__fail_saying(op, SOCK_E_REPLY, c->code, words);
    return about(c, op, command);
}

int sock__session_refused(struct sock_session *c, const char *op)
{
    return sock__session_refused_to(c, op, last_command(c));
}

int sock__session_lacks(struct sock_session *c, const char *op,
                        const char *words)
{
    sock__fail_saying(op, SOCK_E_UNSUPPORTED, 0, words);
    return about(c, op, "");
}

/* Words */

void sock__reply_begin(struct sock_session *c)
{
    c->reply.used = 0;
    c->reply.lost = false;
    c->code = 0;
}

/* Its text ends with a NUL, which the next line takes the place of. */
int sock__reply_add(struct sock_session *c, const char *op,
                    const struct sock__piece *line)
{
    struct sock__output *o = &c->reply;

    if (o->used + line->n > c->limits.reply)
        return sock__session_broke(c, op, SOCK_P_TOO_LARGE,
                                   "the reply is too long");
    if (o->used > 0)
        o->text[o->used - 1] = '\n';
    size_t from = o->used;
    sock__output_add(o, line->at, line->n);
    sock__output_add(o, "", 1);
    if (o->lost) {
        sock__reply_begin(c);
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return sock__session_failed(c, op);
    }
    for (; from < o->used - 1; from++)
        if (sock__is(o->text[from], SOCK__CONTROL) && o->text[from] != '\t')
            o->text[from] = '?';
    return 0;
}

int sock_session_code(const sock_session_t *c)
{
    return sock__need(c, "code") < 0 ? -1 : c->code;
}

const char *sock_session_text(const sock_session_t *c)
{
    if (sock__need(c, "text") < 0)
        return NULL;
    return c->reply.used > 0 ? c->reply.text : "";
}

/* Numbers */

/* The number that a line begins with, from 100 on; -1. */
static int number_of(const struct sock__piece *line)
{
    const char *at = line->at;

    if (line->n < DIGITS || at[0] < '1' || at[0] > '9' ||
        !sock__is_digit(at[1]) || !sock__is_digit(at[2]))
        return -1;
    if (line->n > DIGITS && at[DIGITS] != ' ' && at[DIGITS] != '-')
        return -1;
    return (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
}

static bool goes_on(const struct sock__piece *line)
{
    return line->n > DIGITS && line->at[DIGITS] == '-';
}

static int no_reply(struct sock_session *c, const char *op,
                    const struct sock__piece *line)
{
    char words[SOCK_ERROR_WORDS_MAX];
    int n = line->n < 80 ? (int)line->n : 80;

    snprintf(words, sizeof words, "not a reply: '%.*s'", n, line->at);
    for (char *at = words; *at != '\0'; at++)
        if (sock__is(*at, SOCK__CONTROL))
            *at = '?';
    return sock__session_broke(c, op, SOCK_P_SYNTAX, words);
}

/* Adds a line, without its number and what follows that, if it has one. */
static int add_words(struct sock_session *c, const char *op,
                     struct sock__piece line, bool numbered)
{
    size_t n = !numbered ? 0 : line.n > DIGITS ? DIGITS + 1 : DIGITS;
    return sock__reply_add(c, op,
                           &(struct sock__piece){line.at + n, line.n - n});
}

/* Whether a further line may stand in a reply that has begun with that number:
 * its own number, 0 if it has none and needs none; -1. */
static int number_of_further(const struct sock_session *c, int first,
                             const struct sock__piece *line)
{
    int number = number_of(line);

    if (number == first)
        return number;
    return c->protocol->numbering == SOCK__OUTER_LINES ? 0 : -1;
}

/* The lines behind the first one. */
static int add_further(struct sock_session *c, const char *op, int first)
{
    struct sock__piece line;

    for (size_t lines = 1;; lines++) {
        if (lines == c->limits.lines)
            return sock__session_broke(c, op, SOCK_P_TOO_LARGE,
                                       "the reply has too many lines");
        if (sock__session_line(c, op, &line) < 0)
            return -1;
        int number = number_of_further(c, first, &line);
        if (number < 0)
            return no_reply(c, op, &line);
        bool last = number == first && !goes_on(&line);
        if (add_words(c, op, line, number == first) < 0)
            return -1;
        if (last)
            return 0;
    }
}

int sock__session_reply(struct sock_session *c, const char *op)
{
    struct sock__piece line;

    sock__reply_begin(c);
    if (sock__session_line(c, op, &line) < 0)
        return -1;
    int number = number_of(&line);
    if (number < 0)
        return no_reply(c, op, &line);
    bool more = c->protocol->numbering != SOCK__ONE_LINE && goes_on(&line);
    if (add_words(c, op, line, true) < 0 ||
        (more && add_further(c, op, number) < 0))
        return -1;
    return c->code = number;
}

int sock__session_expect(struct sock_session *c, const char *op, int hundred)
{
    int number = sock__session_reply(c, op);

    if (number < 0 || number / 100 == hundred)
        return number;
    return sock__session_refused(c, op);
}

int sock__session_do(struct sock_session *c, const char *op,
                     const char *const parts[], const char *shown)
{
    return sock__session_ask(c, op, parts, shown) < 0
               ? -1
               : sock__session_reply(c, op);
}
