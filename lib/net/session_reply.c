/* SPDX-License-Identifier: MIT */
/* Commands go out, and servers answer: by replies that begin with a number. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>

#include <pysockc/io.h>
#include <pysockc/timeout.h>

#include "record.h"
#include "session.h"

enum { DIGITS = 3 };

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

/* Sending */

/* A no, as it is recorded, and its words. */
struct no {
    struct sock__saved why;
    struct sock__output words;
    int code;
};

/* Keeps what was heard in place of what was. */
static void keep_no(struct sock_session *c, const char *op, struct no *no)
{
    struct sock__output before = no->words;

    sock__session_refused(c, op);
    sock__error_save(&no->why);
    no->words = c->reply;
    no->code = c->code;
    c->reply = before;
}

/* A server that has ended the connection may have said why before: of what lies
 * there, and nothing is waited for, the last no is the reason. Without one it
 * is what was recorded. */
static int lost(struct sock_session *c, const char *op)
{
    struct no no = {.code = 0};
    int number = 0;

    sock__session_about(c, op);
    sock__error_save(&no.why);
    sock_settimeout(c->wire.sock, 0); /* which fails where hearing does */
    for (size_t n = 0; number >= 0 && n < c->limits.lines; n++) {
        number = sock__session_reply(c, op);
        if (number / 100 == 4 || number / 100 == 5)
            keep_no(c, op, &no);
    }
    sock__session_close(c);
    sock__free(c->reply.text);
    c->reply = no.words;
    c->code = no.code;
    sock__error_restore(&no.why);
    return -1;
}

int sock__session_flush(struct sock_session *c, const char *op)
{
    if (sock__session_clock(c, op) < 0)
        return -1;
    int sent = sock_sendall(c->wire.sock, c->out.text, c->out.used, 0);
    if (sent < 0)
        sock__fail_status(op, SOCK__RECORDED);
    sock__session_wipe(c);
    if (sent == 0)
        return 0;
    return sock__was_reset() ? lost(c, op) : sock__session_failed(c, op);
}

int sock__session_ask(struct sock_session *c, const char *op,
                      const char *const parts[], const char *shown)
{
    return sock__session_say(c, op, parts, shown) < 0
               ? -1
               : sock__session_flush(c, op);
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
