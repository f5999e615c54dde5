/* SPDX-License-Identifier: MIT */
/* The commands that name sender and recipients, and that send a message. */
#define _POSIX_C_SOURCE 200809L

#include <string.h>

#include "chars.h"
#include "dots.h"
#include "private.h"
#include "smtp_client.h"
#include "smtp_extensions.h"
#include "smtp_quote.h"

enum {
    OPTIONS = 1024, /* of an address: those of DSN alone have some 600 bytes */
    COMMAND = SOCK__SMTP_PATH + OPTIONS + 128
};

/* Addresses */

int sock__smtp_check_options(const char *op, const char *options)
{
    if (options == NULL)
        return 0;
    if (strpbrk(options, "\r\n") != NULL)
        return sock__fail_saying(
            op, SOCK_E_VALUE, 0,
            "command and arguments contain prohibited newline characters");
    if (strlen(options) > OPTIONS)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "the command is too long");
    return 0;
}

/* To a server without EHLO they would mean nothing. */
int sock__smtp_say_path(sock_smtp_t *s, const char *op, const char *verb,
                        const char *path, const char *terms,
                        const char *options)
{
    bool has = s->esmtp && options != NULL && *options != '\0';
    const char *const parts[] = {
        verb, path, s->esmtp ? terms : "", has ? " " : NULL, options, NULL};

    return sock__session_say_most(&s->session, op, parts, NULL, COMMAND);
}

/* An address that is not ASCII is for a server that takes such. */
static int check_ascii(sock_smtp_t *s, const char *op, const char *path)
{
    if (!sock__has(path, SOCK__HIGH) ||
        sock__smtp_offered(s, "SMTPUTF8") != NULL)
        return 0;
    return sock__session_lacks(&s->session, op,
                               "SMTPUTF8 not supported by server");
}

static int ask_path(sock_smtp_t *s, const char *op, const char *verb,
                    const char *path, const char *terms, const char *options)
{
    struct sock_session *c = &s->session;

    if (sock__smtp_check_options(op, options) < 0 ||
        sock__smtp_say_path(s, op, verb, path, terms, options) < 0 ||
        sock__session_flush(c, op) < 0)
        return -1;
    return sock__smtp_hear(c, op);
}

/* The path of an argument, of a client that is connected. */
static int take_path(const sock_smtp_t *s, const char *op, const char *address,
                     char path[SOCK__SMTP_PATH])
{
    if (sock__smtp_need(s, op) < 0 || sock__need(address, op) < 0)
        return -1;
    return sock__smtp_path(op, address, path);
}

int sock_smtp_mail(sock_smtp_t *s, const char *sender, const char *options)
{
    const char *op = "mail";
    char path[SOCK__SMTP_PATH];

    if (take_path(s, op, sender, path) < 0 || check_ascii(s, op, path) < 0)
        return -1;
    bool said = sock__smtp_has_word(options, "SMTPUTF8");
    if (said && s->esmtp && sock__smtp_offered(s, "SMTPUTF8") == NULL)
        return sock__session_lacks(&s->session, op,
                                   "SMTPUTF8 not supported by server");
    sock__smtp_refusals_begin(&s->refusals);
    s->accepted.used = 0;
    bool needs = sock__has(path, SOCK__HIGH) && !said;
    return ask_path(s, op, "MAIL FROM:", path, needs ? " SMTPUTF8" : "",
                    options);
}

int sock__smtp_accept(sock_smtp_t *s, const char *op, const char *recip)
{
    struct sock__output *o = &s->accepted;

    if (!s->lmtp)
        return 0;
    sock__output_add(o, recip, strlen(recip) + 1);
    if (!o->lost)
        return 0;
    o->lost = false;
    sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__session_failed(&s->session, op);
}

int sock_smtp_rcpt(sock_smtp_t *s, const char *recip, const char *options)
{
    const char *op = "rcpt";
    char path[SOCK__SMTP_PATH];

    if (take_path(s, op, recip, path) < 0 || check_ascii(s, op, path) < 0)
        return -1;
    int code = ask_path(s, op, "RCPT TO:", path, "", options);
    if ((code == 250 || code == 251) && sock__smtp_accept(s, op, recip) < 0)
        return -1;
    return code;
}

/* The address is the whole argument, without brackets. */
static int ask_about(sock_smtp_t *s, const char *op, const char *verb,
                     const char *address)
{
    char path[SOCK__SMTP_PATH];

    if (take_path(s, op, address, path) < 0 || check_ascii(s, op, path) < 0)
        return -1;
    bool needs = sock__has(path, SOCK__HIGH);
    path[strlen(path) - 1] = '\0';
    const char *const parts[] = {verb, path + 1, needs ? " SMTPUTF8" : "",
                                 NULL};
    return sock__smtp_do(s, op, parts);
}

int sock_smtp_verify(sock_smtp_t *s, const char *address)
{
    return ask_about(s, "verify", "VRFY ", address);
}

int sock_smtp_expn(sock_smtp_t *s, const char *address)
{
    return ask_about(s, "expn", "EXPN ", address);
}

/* Messages */

/* Notes what became of it for a recipient of LMTP. */
static int tell_of(sock_smtp_t *s, const char *op, const char *recip, int code)
{
    if (code / 100 == 2 ||
        sock__smtp_refusals_add(&s->refusals, op, recip, code,
                                sock_session_text(&s->session)) == 0)
        return 0;
    return sock__session_failed(&s->session, op);
}

/* A goodbye is the answer to all who are left. */
int sock__smtp_hear_last(sock_smtp_t *s, const char *op)
{
    struct sock_session *c = &s->session;
    int code = 0, verdict = 0;

    if (s->accepted.used == 0)
        return sock__smtp_hear(c, op);
    for (size_t i = 0; i < s->accepted.used;) {
        const char *recip = s->accepted.text + i;
        if (code != 421)
            code = sock__session_clock(c, op) < 0 ? -1 : sock__smtp_hear(c, op);
        if (code < 0 || tell_of(s, op, recip, code) < 0)
            return -1;
        if (verdict == 0 || verdict / 100 == 2)
            verdict = code;
        i += strlen(recip) + 1;
    }
    return verdict;
}

int sock_smtp_data(sock_smtp_t *s, sock_source_t source)
{
    const char *op = "data";
    const char *const parts[] = {"DATA", NULL};

    if (sock__smtp_need(s, op) < 0 || sock__source_need(&source, op) < 0)
        return -1;
    sock__smtp_refusals_begin(&s->refusals);
    int code = sock__smtp_do(s, op, parts);
    if (code >= 0 && code != 354)
        return sock__session_refused(&s->session, op);
    if (code < 0 || sock__dots_send(&s->session, op, &source) < 0)
        return -1;
    code = sock__smtp_hear_last(s, op);
    s->accepted.used = 0;
    sock__smtp_refusals_end(&s->refusals);
    return code;
}

const sock_smtp_refusal_t *sock_smtp_refused(const sock_smtp_t *s, size_t i)
{
    if (sock__need(s, "refused") < 0)
        return NULL;
    return i < s->refusals.count ? &s->refusals.list[i] : NULL;
}
