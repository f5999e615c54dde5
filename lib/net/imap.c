/* SPDX-License-Identifier: MIT */
/* A client's life: connecting, logging in, TLS, and the commands that are about
 * no mailbox. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/timeout.h>

#include "bytes.h"
#include "imap.h"
#include "os_random.h"
#include "record.h"
#include "sasl.h"

enum {
    PORT = 143,
    PORT_TLS = 993,
    LINE_MAX_IMAP = 1024 * 1024,
    COMMAND_MAX_IMAP = 64 * 1024
};

static const struct sock__protocol imap = {.port = PORT,
                                           .line = LINE_MAX_IMAP,
                                           .command = COMMAND_MAX_IMAP,
                                           .numbering = SOCK__ONE_LINE};

sock_session_t *sock_imap_session(sock_imap_t *m)
{
    return sock__need(m, "session") < 0 ? NULL : &m->session;
}

int sock_imap_state(const sock_imap_t *m)
{
    if (sock__need(m, "state") < 0)
        return -1;
    return m->session.wire.sock != NULL ? m->state : SOCK_IMAP_LOGOUT;
}

/* Capabilities */

static int ask_capabilities(sock_imap_t *m, const char *op)
{
    if (sock__imap_command(m, op, "CAPABILITY") < 0 ||
        sock__imap_run(m, op) < 0)
        return -1;
    return m->learnt
               ? 0
               : sock__session_broke(&m->session, op, SOCK_P_ORDER,
                                     "no CAPABILITY response from server");
}

/* Those that hold from now on, should the server not have said them. */
static int know_capabilities(sock_imap_t *m, const char *op)
{
    return m->learnt ? 0 : ask_capabilities(m, op);
}

/* Life cycle */

static int refuse_greeting(sock_imap_t *m, const char *op)
{
    return sock__imap_broke(m, op, "not a greeting of IMAP");
}

/* The first response says whether a login is needed. */
static int hear_greeting(sock_imap_t *m, const char *op)
{
    struct sock__imap_response r;

    if (sock__session_clock(&m->session, op) < 0 ||
        sock__imap_begin(m, op, &r) < 0)
        return -1;
    if (r.form != SOCK__IMAP_UNTAGGED)
        return refuse_greeting(m, op);
    if (sock__imap_note(m, op, &r) < 0 ||
        sock__reply_add(&m->session, op, &r.rest) < 0)
        return -1;
    if (r.verdict == SOCK__IMAP_OK)
        m->state = SOCK_IMAP_NONAUTH;
    else if (r.verdict == SOCK__IMAP_PREAUTH)
        m->state = SOCK_IMAP_AUTH;
    else
        return refuse_greeting(m, op);
    return 0;
}

/* What a session begins with, greeting and all. */
static int greet(sock_imap_t *m, const char *op)
{
    unsigned char random[sizeof m->prefix - 1];

    if (hear_greeting(m, op) < 0)
        return -1;
    if (sock__os_random(random, sizeof random) < 0) {
        sock__fail(op, SOCK_E_OS, errno, 0);
        return sock__session_failed(&m->session, op);
    }
    for (size_t i = 0; i < sizeof random; i++)
        m->prefix[i] = (char)('A' + random[i] % 16);
    if (know_capabilities(m, op) < 0)
        return -1;
    if (sock_imap_has(m, "IMAP4REV1") > 0 || sock_imap_has(m, "IMAP4") > 0 ||
        sock_imap_has(m, "IMAP4REV2") > 0)
        return 0;
    return sock__session_broke(&m->session, op, SOCK_P_VERSION,
                               "server not IMAP4 compliant");
}

static sock_imap_t *make(const char *op, const sock_session_opts_t *opts)
{
    sock_imap_t *m = calloc(1, sizeof *m);

    if (m == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    else if (sock__session_begin(&m->session, op, &imap, opts) == 0)
        return m;
    sock_imap_free(m);
    return NULL;
}

sock_imap_t *sock_imap_new(const char *host, int port,
                           const sock_session_opts_t *opts)
{
    const char *op = "IMAP4";
    sock_imap_t *m = make(op, opts);

    if (m == NULL || (sock__session_connect(&m->session, op, host, port) == 0 &&
                      greet(m, op) == 0))
        return m;
    sock_imap_free(m);
    return NULL;
}

sock_imap_t *sock_imap_ssl_new(const char *host, int port, sock_tls_t *tls,
                               const sock_session_opts_t *opts)
{
    const char *op = "IMAP4_SSL";
    sock_imap_t *m = make(op, opts);

    port = port != 0 ? port : PORT_TLS;
    if (m == NULL ||
        (sock__session_connect_tls(&m->session, op, host, port, tls) == 0 &&
         greet(m, op) == 0))
        return m;
    sock_imap_free(m);
    return NULL;
}

sock_imap_t *sock_imap_adopt(sock_t *sock, const sock_session_opts_t *opts)
{
    const char *op = "IMAP4_stream";
    sock_imap_t *m = make(op, opts);

    if (m == NULL)
        return NULL;
    m->session.wire.lent = true;
    if (sock__session_adopt(&m->session, op, sock) == 0 && greet(m, op) == 0) {
        m->session.wire.lent = false;
        return m;
    }
    sock_imap_free(m);
    return NULL;
}

void sock_imap_free(sock_imap_t *m)
{
    if (m == NULL)
        return;
    sock__session_end(&m->session);
    if (m->line.text != NULL)
        sock__wipe(m->line.text, m->line.room);
    sock__free(m->line.text);
    sock__free(m->shown.text);
    sock__free(m->capabilities.text);
    sock__free(m->scratch.text);
    sock__free(m->in.bytes);
    sock__free(m->late.bytes);
    sock__free(m->table.bytes);
    sock__free(m);
}

/* Logging in */

static int logged_in(sock_imap_t *m, const char *op)
{
    m->state = SOCK_IMAP_AUTH;
    return know_capabilities(m, op);
}

int sock_imap_login(sock_imap_t *m, const char *user, const char *password)
{
    const char *op = "login";

    if (sock__imap_command(m, op, "LOGIN") < 0 ||
        sock__imap_add_text(m, op, user) < 0)
        return -1;
    if (sock_imap_has(m, "LOGINDISABLED") > 0)
        return sock__session_lacks(&m->session, op,
                                   "LOGIN is disabled by the server");
    if (sock__session_trusts(&m->session, op) < 0 ||
        sock__imap_add_secret(m, op, password) < 0)
        return -1;
    m->learnt = false;
    return sock__imap_run(m, op) < 0 ? -1 : logged_in(m, op);
}

/* What the server says to a step of the exchange. */
static int hear_challenge(struct sock_session *c, const char *op,
                          struct sock__piece *challenge)
{
    sock_imap_t *m = (sock_imap_t *)c;
    struct sock__imap_response r;

    sock__imap_doing(m);
    if (sock__imap_hear(m, op, &r) < 0)
        return -1;
    if (r.form == SOCK__IMAP_TAGGED)
        return sock__imap_conclude(m, op, &r);
    *challenge = r.rest;
    return 1;
}

int sock_imap_authenticate(sock_imap_t *m, const char *mechanism,
                           sock_sasl_fn fn, void *arg)
{
    const char *op = "authenticate";
    char begin[sizeof m->tag + sizeof " AUTHENTICATE "];

    if (sock__imap_command(m, op, "AUTHENTICATE") < 0 ||
        sock__imap_add_text(m, op, mechanism) < 0)
        return -1;
    if (m->line.lost || m->shown.lost)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    snprintf(begin, sizeof begin, "%s AUTHENTICATE ", m->tag);
    const struct sock__sasl_talk talk = {.begin = begin,
                                         .initial =
                                             sock_imap_has(m, "SASL-IR") > 0,
                                         .hear = hear_challenge};
    bool learnt = m->learnt;
    m->learnt = false;
    if (sock__sasl(&m->session, op, mechanism, fn, arg, &talk) < 0) {
        m->learnt = learnt;
        return -1;
    }
    return logged_in(m, op);
}

/* TLS */

/* What anyone on the way could have said. */
static void forget_all(sock_imap_t *m)
{
    sock__imap_forget(m, NULL);
    sock__reply_begin(&m->session);
    m->capabilities.used = 0;
    m->learnt = false;
    m->utf8 = m->rev2 = false;
}

int sock_imap_starttls(sock_imap_t *m, sock_tls_t *tls)
{
    const char *op = "starttls";

    if (sock__need(m, op) < 0 || sock__session_need(&m->session, op) < 0)
        return -1;
    if (sock__session_is_secure(&m->session))
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "TLS session already established");
    if (sock__imap_command(m, op, "STARTTLS") < 0)
        return -1;
    if (sock_imap_has(m, "STARTTLS") == 0)
        return sock__session_lacks(&m->session, op,
                                   "TLS not supported by server");
    if (sock__session_context(op, &tls) < 0 || sock__imap_run(m, op) < 0)
        return -1;
    forget_all(m);
    if (sock__session_secure(&m->session, op, tls) < 0)
        return -1;
    return ask_capabilities(m, op);
}

/* Anything else */

int sock_imap_enable(sock_imap_t *m, const char *capability)
{
    const char *op = "enable";

    if (sock__need(m, op) < 0 || sock__session_need(&m->session, op) < 0)
        return -1;
    if (sock_imap_has(m, "ENABLE") == 0 && sock_imap_has(m, "IMAP4REV2") == 0)
        return sock__session_lacks(&m->session, op,
                                   "Server does not support ENABLE");
    if (sock__imap_command(m, op, "ENABLE") < 0 ||
        sock__imap_add_raw(m, op, capability) < 0)
        return -1;
    return sock__imap_run(m, op);
}

int sock_imap_noop(sock_imap_t *m)
{
    const char *op = "noop";

    if (sock__imap_command(m, op, "NOOP") < 0)
        return -1;
    return sock__imap_run(m, op);
}

int sock_imap_logout(sock_imap_t *m)
{
    const char *op = "logout";

    if (sock__imap_command(m, op, "LOGOUT") < 0)
        return -1;
    m->leaving = true;
    int result = sock__imap_run(m, op);
    m->state = SOCK_IMAP_LOGOUT;
    sock__session_close(&m->session);
    return result;
}

/* Commands that change what the client knows, or that go on otherwise. */
static bool has_function(const char *name)
{
    static const char *const names[] = {
        "APPEND", "AUTHENTICATE", "CLOSE",  "COMPRESS", "ENABLE",   "EXAMINE",
        "IDLE",   "LOGIN",        "LOGOUT", "SELECT",   "STARTTLS", "UNSELECT"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Commands about messages, of which UIDs may be given. */
static bool is_of_messages(const char *name)
{
    static const char *const names[] = {"COPY",   "EXPUNGE", "FETCH", "MOVE",
                                        "SEARCH", "SORT",    "STORE", "THREAD"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static int own_function(const char *op, const char *name)
{
    char words[SOCK_ERROR_WORDS_MAX];

    snprintf(words, sizeof words, "%s has a function of its own", name);
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

/* A command's name, in capitals; -1 with the error recorded. */
static int take_name(const char *op, const char *name, char *to, size_t size)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < n && i < size; i++)
        to[i] = sock__upper(name[i]);
    to[n < size ? n : 0] = '\0';
    if (n == 0 || n >= size || sock__span(name, name + n, SOCK__TOKEN) != n)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "not the name of a command");
    return has_function(to) ? own_function(op, to) : 0;
}

/* Whether it is one list in parentheses or one text in quotes, as Python's
 * documentation has it. */
static bool is_ready(const char *text)
{
    struct sock__piece rest = {text, strlen(text)};
    struct sock__imap_scan scan = {.at = 0};
    struct sock__imap_token token;

    if (*text == '(')
        return sock__imap_scan_list(&scan, text, rest.n) && scan.at == rest.n;
    return *text == '"' &&
           sock__imap_next_token(&rest, &token) == SOCK__IMAP_QUOTED &&
           rest.n == 0;
}

int sock_imap_command(sock_imap_t *m, const char *name, const char *const *args,
                      size_t n)
{
    const char *op = "xatom";
    char upper[32];

    if (sock__need(m, op) < 0 || sock__need(name, op) < 0 ||
        (n > 0 && sock__need(args, op) < 0))
        return -1;
    if (n > PTRDIFF_MAX / sizeof *args)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    if (take_name(op, name, upper, sizeof upper) < 0 ||
        (is_of_messages(upper) ? sock__imap_command_of_messages(m, op, upper)
                               : sock__imap_command(m, op, upper)) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (sock__need(args[i], op) < 0 ||
            (is_ready(args[i]) ? sock__imap_add_raw(m, op, args[i])
                               : sock__imap_add_text(m, op, args[i])) < 0)
            return -1;
    return sock__imap_run(m, op);
}
