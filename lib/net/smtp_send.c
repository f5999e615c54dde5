/* SPDX-License-Identifier: MIT */
/*
 * Sending a message to many. Commands go out in groups: of one to a server that
 * takes one after the other, of as many as there are to one with PIPELINING,
 * the wish to send the message being the last of all (RFC 2920). Each reply is
 * heard, whatever became of those before it.
 */
#define _POSIX_C_SOURCE 200809L

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "chars.h"
#include "dots.h"
#include "private.h"
#include "smtp_client.h"
#include "smtp_extensions.h"
#include "smtp_quote.h"
#include "transfer.h"

/* Commands of a group: their replies must find room on their way while no one
 * hears them, as both sides would wait for each other else. */
enum { GROUP = 102, TERMS = 80 };

enum eight { NO_BYTE, SOME_BYTE, MAYBE };

struct letter {
    sock_smtp_t *s;
    const char *from;
    const char *const *to;
    size_t nto;
    sock_source_t source;
    int64_t size; /* with CRLF; -1: no one knows */
    const char *mail_options, *rcpt_options;
    enum eight eight; /* whether it has bytes over 127 */
    bool utf8;        /* whether an address has */
    char terms[TERMS];
    /* How far it came. The commands are numbered: the sender's, those of the
     * recipients, DATA. */
    size_t next, good;
    bool sender, refused;
    int data;                   /* the reply to DATA; 0: it was not said */
    struct sock__saved before;  /* what was recorded then */
    struct sock__saved refusal; /* and why it failed, if it did */
    struct sock__output reply;  /* with the words of that */
    int code;
};

static const char op[] = "sendmail";

/* What it is to be */

static bool has_high(const char *at, size_t n)
{
    uint64_t all = 0, word;

    for (; n >= sizeof word; at += sizeof word, n -= sizeof word) {
        memcpy(&word, at, sizeof word);
        all |= word;
    }
    for (; n > 0; n--)
        all |= (unsigned char)*at++;
    return (all & UINT64_C(0x8080808080808080)) != 0;
}

/* Each end of a line that is not CRLF has one byte more as that. */
static void count(const char *at, size_t n, struct letter *l)
{
    const char *end = at + n, *lf = at, *cr = at;

    l->size = (int64_t)n;
    for (; lf < end && (lf = memchr(lf, '\n', (size_t)(end - lf))) != NULL;
         lf++)
        l->size += lf == at || lf[-1] != '\r';
    for (; cr < end && (cr = memchr(cr, '\r', (size_t)(end - cr))) != NULL;
         cr++)
        l->size += cr + 1 == end || cr[1] != '\n';
    l->eight = has_high(at, n) ? SOME_BYTE : NO_BYTE;
}

static int check_address(struct letter *l, const char *address)
{
    char path[SOCK__SMTP_PATH];

    if (sock__need(address, op) < 0 || sock__smtp_path(op, address, path) < 0)
        return -1;
    l->utf8 = l->utf8 || sock__has(path, SOCK__HIGH);
    return 0;
}

/* All that can be said of it before anyone is asked. */
static int check(struct letter *l)
{
    if (sock__smtp_need(l->s, op) < 0 ||
        (l->nto > 0 && sock__need(l->to, op) < 0) ||
        check_address(l, l->from) < 0 ||
        sock__smtp_check_options(op, l->mail_options) < 0 ||
        sock__smtp_check_options(op, l->rcpt_options) < 0)
        return -1;
    if (l->nto == 0 || l->nto > INT_MAX)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "no recipient");
    for (size_t i = 0; i < l->nto; i++)
        if (check_address(l, l->to[i]) < 0)
            return -1;
    if (sock__source_need(&l->source, op) < 0)
        return -1;
    if (l->source.read == NULL && l->source.size > 0)
        count(l->source.data, l->source.size, l);
    return 0;
}

static bool offers(const struct letter *l, const char *name)
{
    return sock__smtp_offered(l->s, name) != NULL;
}

static bool asks_for(const struct letter *l, const char *option)
{
    return l->s->esmtp && sock__smtp_has_word(l->mail_options, option);
}

/* What the server is told of it with the sender. */
static int make_terms(struct letter *l)
{
    struct sock_session *c = &l->s->session;
    char size[32] = "";

    if ((l->utf8 || asks_for(l, "SMTPUTF8")) && !offers(l, "SMTPUTF8"))
        return sock__session_lacks(c, op, "SMTPUTF8 not supported by server");
    if (l->eight == SOME_BYTE && !offers(l, "8BITMIME"))
        return sock__session_lacks(c, op, "8BITMIME not supported by server");
    if (l->size >= 0 && offers(l, "SIZE") && !asks_for(l, "SIZE"))
        snprintf(size, sizeof size, " SIZE=%lld", (long long)l->size);
    bool body = l->eight != NO_BYTE && offers(l, "8BITMIME");
    snprintf(l->terms, sizeof l->terms, "%s%s%s", size,
             body && !asks_for(l, "BODY") ? " BODY=8BITMIME" : "",
             l->utf8 && !asks_for(l, "SMTPUTF8") ? " SMTPUTF8" : "");
    return 0;
}

/* What becomes of it */

/* Keeps why it fails, if it does, and what the server has said. */
static void keep_refusal(struct letter *l)
{
    struct sock_session *c = &l->s->session;
    const char *text = sock_session_text(c);

    if (!l->refused)
        sock__error_save(&l->before);
    l->refused = true;
    sock__session_refused(c, op);
    sock__error_save(&l->refusal);
    l->code = c->code;
    l->reply.used = 0;
    sock__output_add(&l->reply, text, strlen(text) + 1);
}

/* Says a command, or DATA. */
static int say(const struct letter *l, size_t i)
{
    const char *const data[] = {"DATA", NULL};
    char path[SOCK__SMTP_PATH];

    if (i > l->nto)
        return sock__session_say(&l->s->session, op, data, NULL);
    sock__smtp_path(op, i == 0 ? l->from : l->to[i - 1], path);
    if (i == 0)
        return sock__smtp_say_path(l->s, op, "MAIL FROM:", path, l->terms,
                                   l->mail_options);
    return sock__smtp_say_path(l->s, op, "RCPT TO:", path, "", l->rcpt_options);
}

/* Names the command whose reply is heard, others having been said since. */
static void hears(const struct letter *l, size_t i)
{
    char command[SOCK_ERROR_WORDS_MAX] = "DATA", path[SOCK__SMTP_PATH];

    if (i <= l->nto) {
        sock__smtp_path(op, i == 0 ? l->from : l->to[i - 1], path);
        snprintf(command, sizeof command, "%s%.140s",
                 i == 0 ? "MAIL FROM:" : "RCPT TO:", path);
    }
    sock__session_doing(&l->s->session, command, strlen(command));
}

/* The reply to a recipient. Of those who are refused the first says why it
 * fails, if it does, or a goodbye. */
static int judge_recipient(struct letter *l, const char *to, int code)
{
    struct sock_session *c = &l->s->session;

    if (code == 250 || code == 251) {
        l->good++;
        return sock__smtp_accept(l->s, op, to);
    }
    if (!l->refused || code == 421)
        keep_refusal(l);
    if (sock__smtp_refusals_add(&l->s->refusals, op, to, code,
                                sock_session_text(c)) == 0)
        return 0;
    return sock__session_failed(c, op);
}

/* The reply to a command: 0; -1 with the error recorded. */
static int judge(struct letter *l, size_t i, int code)
{
    if (code < 0)
        return -1;
    if (i > l->nto) {
        l->data = code;
        return 0;
    }
    if (i > 0)
        return judge_recipient(l, l->to[i - 1], code);
    l->sender = code / 100 == 2;
    if (!l->sender)
        keep_refusal(l);
    return 0;
}

/* Adds commands up to that one to what is to be sent. */
static int say_group(struct letter *l, size_t end)
{
    struct sock_session *c = &l->s->session;

    for (size_t i = l->next; i < end; i++)
        if (say(l, i) < 0) {
            c->out.used = 0; /* only memory can have failed */
            return l->next > 0 ? sock__session_failed(c, op) : -1;
        }
    return sock__session_flush(c, op);
}

static int hear_group(struct letter *l, size_t end)
{
    struct sock_session *c = &l->s->session;

    for (; l->next < end && c->wire.sock != NULL; l->next++) {
        hears(l, l->next);
        if (sock__session_clock(c, op) < 0 ||
            judge(l, l->next, sock__smtp_hear(c, op)) < 0)
            return -1;
    }
    return 0;
}

/* Whether the next group is of use to anyone. */
static bool goes_on(const struct letter *l)
{
    if (l->s->session.wire.sock == NULL || l->next == l->nto + 2)
        return false;
    return l->next == 0 || (l->sender && (l->next <= l->nto || l->good > 0));
}

static int ask(struct letter *l)
{
    size_t most = offers(l, "PIPELINING") ? GROUP : 1;

    while (goes_on(l)) {
        size_t left = l->nto + 2 - l->next;
        size_t end = l->next + (left < most ? left : most);
        if (say_group(l, end) < 0 || hear_group(l, end) < 0)
            return -1;
    }
    return 0;
}

/* The message */

/* A source that ends at the first byte which the server does not take. */
struct sieve {
    sock_source_t *from;
    bool caught;
    bool failed;
    struct sock__saved why;
};

static ssize_t sift(void *arg, void *data, size_t size)
{
    struct sieve *v = arg;
    const char *at;
    ssize_t n = sock__source_get(v->from, op, data, size, &at);

    for (ssize_t i = 0; i < n && !v->caught; i++)
        v->caught = (unsigned char)at[i] > 127;
    v->failed = n < 0;
    if (v->failed)
        sock__error_save(&v->why);
    return v->caught ? -1 : n;
}

static int send_message(struct letter *l)
{
    struct sock_session *c = &l->s->session;
    struct sieve sieve = {.from = &l->source};
    sock_source_t sifted = {.read = sift, .arg = &sieve};
    bool sifts = l->eight == MAYBE && !offers(l, "8BITMIME");

    if (sock__dots_send(c, op, sifts ? &sifted : &l->source) == 0)
        return 0;
    if (sieve.failed) {
        sock__error_restore(&sieve.why);
        return sock__session_about(c, op);
    }
    if (!sieve.caught)
        return -1;
    return sock__session_lacks(c, op, "8BITMIME not supported by server");
}

/* A server that wants a message for no one gets an empty one, so that all are
 * in step; one that has turned the sender down, and wants it for someone, or
 * whose LMTP wants it for no one, is not to be understood. */
static int send_nothing(struct letter *l)
{
    struct sock_session *c = &l->s->session;

    if (l->good > 0 || l->s->lmtp)
        return sock__session_broke(c, op, SOCK_P_ORDER,
                                   "the server wants what it has refused");
    if (sock__session_add(c, op, ".\r\n", 3) < 0 ||
        sock__session_flush(c, op) < 0)
        return -1;
    return sock__smtp_hear(c, op);
}

/* The end */

/* Takes back what was begun, where the server is still there, and recalls why.
 */
static int give_up(struct letter *l)
{
    struct sock_session *c = &l->s->session;
    const char *const parts[] = {"RSET", NULL};

    if (c->wire.sock != NULL)
        sock__smtp_do(l->s, op, parts);
    struct sock__output reply = c->reply;
    c->reply = l->reply;
    c->code = l->code;
    l->reply = reply;
    sock__error_restore(&l->refusal);
    return -1;
}

/* The message, and what became of it. */
static int deliver(struct letter *l)
{
    size_t before = l->s->refusals.count;

    if (send_message(l) < 0)
        return -1;
    int code = sock__smtp_hear_last(l->s, op);
    if (code < 0)
        return -1;
    l->good -= l->s->lmtp ? l->s->refusals.count - before : 0;
    if (l->s->lmtp ? l->good > 0 : code / 100 == 2)
        return (int)l->s->refusals.count;
    if (!l->s->lmtp || !l->refused)
        keep_refusal(l);
    return give_up(l);
}

/* What comes of the replies to all commands. */
static int finish(struct letter *l)
{
    if (l->data != 0 && l->sender && l->good > 0) {
        if (l->data == 354)
            return deliver(l);
        keep_refusal(l);
    }
    if (l->data == 354 && send_nothing(l) < 0)
        return -1;
    return give_up(l);
}

/* Whether the server hung up on what it had refused: its words say more than
 * that. */
static bool hung_up(const struct letter *l)
{
    return sock__has_gone() && l->next > 0 &&
           (!l->sender || (l->next > l->nto && l->good == 0));
}

static int converse(struct letter *l)
{
    if (check(l) < 0 || sock__smtp_hello(l->s, op) < 0 || make_terms(l) < 0)
        return -1;
    l->s->accepted.used = 0;
    int result = ask(l) < 0 && !hung_up(l) ? -1 : finish(l);
    l->s->accepted.used = 0;
    sock__smtp_refusals_end(&l->s->refusals);
    if (result >= 0 && l->refused)
        sock__error_restore(&l->before);
    sock__free(l->reply.text);
    return result;
}

/* Those who were refused before stay there meanwhile: it may be they whom it
 * goes to. */
static int send_letter(struct letter *l)
{
    struct sock__smtp_refusals before;

    if (sock__need(l->s, op) < 0)
        return -1;
    before = l->s->refusals;
    l->s->refusals = (struct sock__smtp_refusals){.count = 0};
    int result = converse(l);
    sock__smtp_refusals_release(&before);
    return result;
}

int sock_smtp_sendmail(sock_smtp_t *s, const char *from, const char *const *to,
                       size_t nto, const void *msg, size_t len,
                       const char *mail_options, const char *rcpt_options)
{
    struct letter l = {.s = s,
                       .from = from,
                       .to = to,
                       .nto = nto,
                       .source = sock_source_memory(msg, len),
                       .mail_options = mail_options,
                       .rcpt_options = rcpt_options};

    return send_letter(&l);
}

int sock_smtp_send_from(sock_smtp_t *s, const char *from, const char *const *to,
                        size_t nto, sock_source_t source, int64_t size,
                        const char *mail_options, const char *rcpt_options)
{
    struct letter l = {.s = s,
                       .from = from,
                       .to = to,
                       .nto = nto,
                       .source = source,
                       .size = size,
                       .mail_options = mail_options,
                       .rcpt_options = rcpt_options,
                       .eight = MAYBE};

    return send_letter(&l);
}
