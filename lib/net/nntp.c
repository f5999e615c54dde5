/* SPDX-License-Identifier: MIT */
/* A client of NNTP: its life, what the server can, and who it is. */
#define _POSIX_C_SOURCE 200809L

#include "nntp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dots.h"
#include "headers.h"
#include "record.h"
#include "sasl.h"
#include "word.h"

enum {
    TLS_PORT = 563,
    ARGUMENT_MAX = 497, /* RFC 4643 3.1 */
    AUTHINFO_MAX = sizeof "authinfo pass " - 1 + ARGUMENT_MAX
};

static const struct sock__protocol protocol = {
    .port = 119, .line = 8192, .command = 510, .numbering = SOCK__ONE_LINE};

/* Asking */

struct sock_session *sock__nntp_open(sock_nntp_t *n, const char *op)
{
    struct sock_session *c = n != NULL ? &n->session : NULL;
    return sock__session_need(c, op) == 0 ? c : NULL;
}

int sock__nntp_other(struct sock_session *c, const char *op, int number)
{
    if (number < 0)
        return -1;
    if (number / 100 == 4 || number / 100 == 5)
        return sock__session_refused(c, op);
    return sock__session_broke(c, op, SOCK_P_ORDER,
                               "a reply to another command");
}

int sock__nntp_ask(struct sock_session *c, const char *op,
                   const char *const parts[], int number)
{
    int got = sock__session_do(c, op, parts, NULL);
    return got == number ? 0 : sock__nntp_other(c, op, got);
}

sock_lines_t *sock__nntp_lines(sock_nntp_t *n, const char *op,
                               const char *const parts[], int number)
{
    struct sock_session *c = sock__nntp_open(n, op);
    return c != NULL && sock__nntp_ask(c, op, parts, number) == 0
               ? sock__dots_lines(c, op)
               : NULL;
}

/* What the server can */

static bool has(const sock_nntp_t *n, const char *name,
                struct sock__piece *arguments)
{
    for (size_t i = 0; n->caps != NULL && i < n->caps->count; i++) {
        const sock_line_t *line = &n->caps->lines[i];
        struct sock__piece rest = {line->text, line->length};
        struct sock__piece word = sock__word(&rest);
        if (sock__same_text(word.at, word.n, name, strlen(name))) {
            *arguments = rest;
            return true;
        }
    }
    return false;
}

int sock_nntp_has(const sock_nntp_t *n, const char *name)
{
    struct sock__piece arguments;
    if (sock__need(n, "getcapabilities") < 0 ||
        sock__need(name, "getcapabilities") < 0)
        return -1;
    return has(n, name, &arguments);
}

const sock_lines_t *sock_nntp_getcapabilities(const sock_nntp_t *n)
{
    static const sock_lines_t none = {NULL, 0};
    if (sock__need(n, "getcapabilities") < 0)
        return NULL;
    return n->caps != NULL ? n->caps : &none;
}

/* The highest of the protocol's versions that it names. */
static uint64_t version_of(const sock_nntp_t *n)
{
    struct sock__piece words;
    uint64_t highest = 1, version;

    if (has(n, "VERSION", &words))
        while (sock__word_number(&words, &version))
            highest = version > highest ? version : highest;
    return highest;
}

static void forget_caps(sock_nntp_t *n)
{
    sock_lines_free(n->caps);
    n->caps = NULL;
    n->version = 1;
}

/* Asks what it can, which one that is old enough does not know. */
static int refresh(sock_nntp_t *n, const char *op)
{
    static const char *const parts[] = {"CAPABILITIES", NULL};
    struct sock_session *c = &n->session;

    forget_caps(n);
    int number = sock__session_do(c, op, parts, NULL);
    if (number / 100 == 4 || number / 100 == 5)
        return 0;
    if (number != 101)
        return sock__nntp_other(c, op, number);
    n->caps = sock__dots_lines(c, op);
    if (n->caps == NULL)
        return -1;
    n->version = version_of(n);
    return 0;
}

/* Life cycle */

static void forget_welcome(sock_nntp_t *n)
{
    sock__free(n->welcome);
    n->welcome = NULL;
}

static void forget_format(sock_nntp_t *n)
{
    sock__free(n->format);
    n->format = NULL;
}

void sock_nntp_free(sock_nntp_t *n)
{
    if (n == NULL)
        return;
    sock__session_end(&n->session);
    forget_welcome(n);
    forget_caps(n);
    forget_format(n);
    sock__free(n);
}

/* Keeps the last reply, with its number. */
static int keep_welcome(sock_nntp_t *n, const char *op)
{
    const char *text = sock_session_text(&n->session);
    size_t size = strlen(text) + sizeof "200 ";

    forget_welcome(n);
    n->welcome = malloc(size);
    if (n->welcome == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    snprintf(n->welcome, size, "%03d %s", n->session.code, text);
    return 0;
}

/* Asks to be served as a reader, unless it is one already. Some servers want to
 * know who it is first; some do not know the question. */
static int become_reader(sock_nntp_t *n, const char *op)
{
    static const char *const parts[] = {"mode reader", NULL};
    struct sock_session *c = &n->session;
    struct sock__piece arguments;

    if (!n->wants_reader || has(n, "READER", &arguments))
        return 0;
    int number = sock__session_do(c, op, parts, NULL);
    if (number == 480 && !n->authenticated)
        return 0;
    if (number / 100 != 2 && number / 100 != 5)
        return sock__nntp_other(c, op, number);
    n->wants_reader = false;
    if (number / 100 == 2 && keep_welcome(n, op) < 0)
        return -1;
    return refresh(n, op);
}

static int greet(sock_nntp_t *n, const char *op)
{
    struct sock_session *c = &n->session;
    int number = sock__session_reply(c, op);

    if (number / 100 != 2)
        return sock__nntp_other(c, op, number);
    if (keep_welcome(n, op) < 0 || refresh(n, op) < 0)
        return -1;
    return become_reader(n, op);
}

/* A client that is not connected; NULL with the error recorded. */
static sock_nntp_t *begin(const char *op, const char *host,
                          const sock_session_opts_t *opts)
{
    if (sock__need(host, op) < 0)
        return NULL;
    sock_nntp_t *n = calloc(1, sizeof *n);
    if (n == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    if (sock__session_begin(&n->session, op, &protocol, opts) == 0) {
        n->wants_reader = opts != NULL && opts->readermode != 0;
        return n;
    }
    sock_nntp_free(n);
    return NULL;
}

sock_nntp_t *sock_nntp_new(const char *host, int port,
                           const sock_session_opts_t *opts)
{
    const char *op = "NNTP";
    sock_nntp_t *n = begin(op, host, opts);

    if (n == NULL || (sock__session_connect(&n->session, op, host, port) == 0 &&
                      greet(n, op) == 0))
        return n;
    sock_nntp_free(n);
    return NULL;
}

sock_nntp_t *sock_nntp_ssl_new(const char *host, int port, sock_tls_t *tls,
                               const sock_session_opts_t *opts)
{
    const char *op = "NNTP_SSL";
    sock_nntp_t *n = begin(op, host, opts);

    port = port != 0 ? port : TLS_PORT;
    if (n == NULL ||
        (sock__session_connect_tls(&n->session, op, host, port, tls) == 0 &&
         greet(n, op) == 0))
        return n;
    sock_nntp_free(n);
    return NULL;
}

sock_session_t *sock_nntp_session(sock_nntp_t *n)
{
    return sock__need(n, "session") == 0 ? &n->session : NULL;
}

const char *sock_nntp_getwelcome(const sock_nntp_t *n)
{
    if (sock__need(n, "getwelcome") < 0)
        return NULL;
    return n->welcome != NULL ? n->welcome : "";
}

/* Who it is */

static int is_logged_in(const sock_nntp_t *n, const char *op)
{
    return n->authenticated
               ? sock__fail_saying(op, SOCK_E_VALUE, 0, "Already logged in.")
               : 0;
}

/* It is known now, by which what the server can has changed. */
static int enter(sock_nntp_t *n, const char *op)
{
    n->authenticated = true;
    return refresh(n, op) < 0 ? -1 : become_reader(n, op);
}

static int authinfo(struct sock_session *c, const char *op, const char *what,
                    const char *argument, const char *shown)
{
    const char *const parts[] = {what, argument, NULL};

    if (sock__session_say_most(c, op, parts, shown, AUTHINFO_MAX) < 0 ||
        sock__session_flush(c, op) < 0)
        return -1;
    return sock__session_reply(c, op);
}

/* Both arguments are looked at before the first of them is sent. */
static int check_login(sock_nntp_t *n, const char *op, const char *user,
                       const char *password)
{
    if (sock__need(user, op) < 0 || sock__need(password, op) < 0 ||
        is_logged_in(n, op) < 0 || sock__session_trusts(&n->session, op) < 0)
        return -1;
    return sock__session_takes(op, password, ARGUMENT_MAX);
}

int sock_nntp_login(sock_nntp_t *n, const char *user, const char *password)
{
    const char *op = "login";
    struct sock_session *c = sock__nntp_open(n, op);

    if (c == NULL || check_login(n, op, user, password) < 0)
        return -1;
    int number = authinfo(c, op, "authinfo user ", user, NULL);
    if (number == 381)
        number =
            authinfo(c, op, "authinfo pass ", password, "authinfo pass ****");
    return number == 281 ? enter(n, op) : sock__nntp_other(c, op, number);
}

/* 383 and a challenge, which is "=" where it has no bytes. */
static int hear_challenge(struct sock_session *c, const char *op,
                          struct sock__piece *challenge)
{
    int number = sock__session_reply(c, op);
    const char *text = sock_session_text(c);

    if (number == 281 || number == 283)
        return 0;
    if (number != 383)
        return sock__nntp_other(c, op, number);
    bool empty = strcmp(text, "=") == 0;
    *challenge = (struct sock__piece){text, empty ? 0 : strlen(text)};
    return 1;
}

int sock_nntp_auth(sock_nntp_t *n, const char *mechanism, sock_sasl_fn fn,
                   void *arg)
{
    static const struct sock__sasl_talk talk = {.begin = "AUTHINFO SASL ",
                                                .initial = true,
                                                .most =
                                                    510, /* RFC 4643 2.4.2 */
                                                .hear = hear_challenge};
    const char *op = "auth";
    struct sock_session *c = sock__nntp_open(n, op);

    if (c == NULL || is_logged_in(n, op) < 0 ||
        sock__sasl(c, op, mechanism, fn, arg, &talk) < 0)
        return -1;
    return enter(n, op);
}

/* TLS */

int sock_nntp_starttls(sock_nntp_t *n, sock_tls_t *tls)
{
    static const char *const parts[] = {"STARTTLS", NULL};
    const char *op = "starttls";
    struct sock_session *c = sock__nntp_open(n, op);

    if (c == NULL)
        return -1;
    if (sock__session_is_secure(c))
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "TLS is already enabled.");
    if (n->authenticated)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "TLS cannot be started after authentication.");
    if (sock__session_context(op, &tls) < 0 ||
        sock__nntp_ask(c, op, parts, 382) < 0 ||
        sock__session_secure(c, op, tls) < 0)
        return -1;
    forget_welcome(n);
    forget_format(n);
    return refresh(n, op);
}

/* The clock, help, the end */

int sock_nntp_date(sock_nntp_t *n, int64_t *when)
{
    static const char *const parts[] = {"DATE", NULL};
    const char *op = "date";
    struct sock_session *c = sock__nntp_open(n, op);

    if (c == NULL || sock__need(when, op) < 0 ||
        sock__nntp_ask(c, op, parts, 111) < 0)
        return -1;
    const char *text = sock_session_text(c);
    if (sock__nntp_date((struct sock__piece){text, strlen(text)}, when))
        return 0;
    return sock__session_broke(c, op, SOCK_P_SYNTAX, "the reply is no time");
}

sock_lines_t *sock_nntp_help(sock_nntp_t *n)
{
    static const char *const parts[] = {"HELP", NULL};
    return sock__nntp_lines(n, "help", parts, 100);
}

int sock_nntp_quit(sock_nntp_t *n)
{
    static const char *const parts[] = {"QUIT", NULL};
    const char *op = "quit";
    struct sock_session *c = sock__nntp_open(n, op);

    if (c == NULL)
        return -1;
    int number = sock__session_do(c, op, parts, NULL);
    int result = number / 100 == 2 ? 0 : sock__nntp_other(c, op, number);
    sock__session_close(c);
    return result;
}
