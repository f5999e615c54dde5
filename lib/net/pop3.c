/* SPDX-License-Identifier: MIT */
/* A client of POP3: its life, and who it is. */
#define _POSIX_C_SOURCE 200809L

#include "pop3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "digest.h"
#include "dots.h"
#include "headers.h"
#include "pop3_parse.h"
#include "record.h"
#include "sasl.h"
#include "word.h"

enum { TLS_PORT = 995 };

/* A command may have 255 bytes (RFC 2449 4); servers take longer ones, where
 * names and passwords are. */
static const struct sock__protocol protocol = {
    .port = 110, .line = 8192, .command = 1024, .numbering = SOCK__ONE_LINE};

const char *sock__number_text(uint64_t n, char text[SOCK__NUMBER_SIZE])
{
    snprintf(text, SOCK__NUMBER_SIZE, "%" PRIu64, n);
    return text;
}

/* Asking */

struct sock_session *sock__pop3_open(sock_pop3_t *p, const char *op)
{
    struct sock_session *c = p != NULL ? &p->session : NULL;
    return sock__session_need(c, op) == 0 ? c : NULL;
}

int sock__pop3_hear(struct sock_session *c, const char *op,
                    struct sock__piece *line)
{
    sock__reply_begin(c);
    if (sock__session_line(c, op, line) < 0 || sock__reply_add(c, op, line) < 0)
        return -1;
    int sign = line->n > 0 ? *line->at : 0;
    if (sign == '+')
        return 0;
    if (sign == '-')
        return sock__session_refused(c, op);
    return sock__session_broke(c, op, SOCK_P_SYNTAX,
                               "a reply is neither +OK nor -ERR");
}

int sock__pop3_ask(struct sock_session *c, const char *op,
                   const char *const parts[], const char *shown)
{
    struct sock__piece line;

    if (sock__session_ask(c, op, parts, shown) < 0)
        return -1;
    return sock__pop3_hear(c, op, &line);
}

/* A command with an argument, which may be missing: "" then. */
static int command(sock_pop3_t *p, const char *op, const char *name,
                   const char *argument)
{
    const char *const parts[] = {name, argument, NULL};
    struct sock_session *c = sock__pop3_open(p, op);

    if (c == NULL || sock__need(argument, op) < 0)
        return -1;
    return sock__pop3_ask(c, op, parts, NULL);
}

/* Life cycle */

void sock_pop3_free(sock_pop3_t *p)
{
    if (p == NULL)
        return;
    sock__session_end(&p->session);
    sock__free(p->welcome);
    sock__free(p->timestamp);
    sock__free(p);
}

static int keep_timestamp(sock_pop3_t *p, const char *op,
                          struct sock__piece stamp)
{
    if (stamp.n == 0)
        return 0;
    char *text = malloc(stamp.n + 1);
    if (text == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    memcpy(text, stamp.at, stamp.n);
    text[stamp.n] = '\0';
    p->timestamp = text;
    return 0;
}

/* Keeps the welcome, and what APOP wants of it. */
static int keep_welcome(sock_pop3_t *p, const char *op, struct sock__piece line)
{
    p->welcome = strdup(sock_session_text(&p->session));
    if (p->welcome == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return keep_timestamp(p, op, sock__pop3_timestamp(line));
}

static int greet(sock_pop3_t *p, const char *op)
{
    struct sock__piece line;
    if (sock__pop3_hear(&p->session, op, &line) < 0)
        return -1;
    return keep_welcome(p, op, line);
}

/* A client that is not connected; NULL with the error recorded. */
static sock_pop3_t *begin(const char *op, const char *host,
                          const sock_session_opts_t *opts)
{
    if (sock__need(host, op) < 0)
        return NULL;
    sock_pop3_t *p = calloc(1, sizeof *p);
    if (p == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    if (sock__session_begin(&p->session, op, &protocol, opts) == 0)
        return p;
    sock_pop3_free(p);
    return NULL;
}

sock_pop3_t *sock_pop3_new(const char *host, int port,
                           const sock_session_opts_t *opts)
{
    const char *op = "POP3";
    sock_pop3_t *p = begin(op, host, opts);

    if (p == NULL || (sock__session_connect(&p->session, op, host, port) == 0 &&
                      greet(p, op) == 0))
        return p;
    sock_pop3_free(p);
    return NULL;
}

sock_pop3_t *sock_pop3_ssl_new(const char *host, int port, sock_tls_t *tls,
                               const sock_session_opts_t *opts)
{
    const char *op = "POP3_SSL";
    sock_pop3_t *p = begin(op, host, opts);

    port = port != 0 ? port : TLS_PORT;
    if (p == NULL ||
        (sock__session_connect_tls(&p->session, op, host, port, tls) == 0 &&
         greet(p, op) == 0))
        return p;
    sock_pop3_free(p);
    return NULL;
}

sock_session_t *sock_pop3_session(sock_pop3_t *p)
{
    return sock__need(p, "session") == 0 ? &p->session : NULL;
}

const char *sock_pop3_getwelcome(const sock_pop3_t *p)
{
    if (sock__need(p, "getwelcome") < 0)
        return NULL;
    return p->welcome != NULL ? p->welcome : "";
}

/* Who it is */

int sock_pop3_user(sock_pop3_t *p, const char *user)
{
    return command(p, "user", "USER ", user);
}

/* What has been said so far gives a mailbox, if the server says so. */
static int enter(sock_pop3_t *p, int result)
{
    if (result == 0)
        p->authenticated = true;
    return result;
}

int sock_pop3_pass(sock_pop3_t *p, const char *password)
{
    const char *op = "pass_";
    const char *const parts[] = {"PASS ", password, NULL};
    struct sock_session *c = sock__pop3_open(p, op);

    if (c == NULL || sock__need(password, op) < 0 ||
        sock__session_trusts(c, op) < 0)
        return -1;
    return enter(p, sock__pop3_ask(c, op, parts, "PASS ****"));
}

int sock_pop3_rpop(sock_pop3_t *p, const char *user)
{
    int result = command(p, "rpop", "RPOP ", user);
    return p != NULL ? enter(p, result) : result;
}

static void digest(const char *timestamp, const char *password,
                   char text[SOCK__DIGEST_HEX])
{
    struct sock__digest d;

    sock__digest_begin(&d, SOCK__MD5);
    sock__digest_add(&d, timestamp, strlen(timestamp));
    sock__digest_add(&d, password, strlen(password));
    sock__digest_hex(&d, text);
    sock__wipe(&d, sizeof d);
}

int sock_pop3_apop(sock_pop3_t *p, const char *user, const char *password)
{
    const char *op = "apop";
    char text[SOCK__DIGEST_HEX];
    const char *const parts[] = {"APOP ", user, " ", text, NULL};
    struct sock_session *c = sock__pop3_open(p, op);

    if (c == NULL || sock__need(user, op) < 0 || sock__need(password, op) < 0)
        return -1;
    if (p->timestamp == NULL)
        return sock__session_lacks(c, op, "APOP not supported by server");
    digest(p->timestamp, password, text);
    return enter(p, sock__pop3_ask(c, op, parts, "APOP ****"));
}

/* What the server can */

sock_lines_t *sock__pop3_capa(struct sock_session *c, const char *op)
{
    static const char *const parts[] = {"CAPA", NULL};

    if (sock__pop3_ask(c, op, parts, NULL) == 0)
        return sock__dots_lines(c, op);
    if (sock_last_error()->kind == SOCK_E_REPLY)
        sock__session_lacks(c, op, "CAPA not supported by server");
    return NULL;
}

sock_lines_t *sock_pop3_capa(sock_pop3_t *p)
{
    struct sock_session *c = sock__pop3_open(p, "capa");
    return c != NULL ? sock__pop3_capa(c, "capa") : NULL;
}

int sock_pop3_utf8(sock_pop3_t *p)
{
    return command(p, "utf8", "UTF8", "");
}

/* Whether it has that: 1, 0; -1 with the error recorded. Of a capability with
 * arguments it must be one of them; "": it needs none. */
static int can(struct sock_session *c, const char *op, const char *name,
               const char *argument)
{
    struct sock__piece rest, word;
    sock_lines_t *lines = sock__pop3_capa(c, op);

    if (lines == NULL)
        return -1;
    bool found = sock__pop3_capability(lines, name, &rest);
    bool has = found && *argument == '\0';
    while (found && !has && (word = sock__word(&rest)).n > 0)
        has = sock__same_text(word.at, word.n, argument, strlen(argument));
    sock_lines_free(lines);
    return has;
}

/* SASL */

static int hear_challenge(struct sock_session *c, const char *op,
                          struct sock__piece *challenge)
{
    struct sock__piece line;

    if (sock__pop3_hear(c, op, &line) < 0)
        return -1;
    if (line.n > 1 && line.at[1] != ' ')
        return 0;
    size_t skip = line.n > 1 ? 2 : 1;
    *challenge = (struct sock__piece){line.at + skip, line.n - skip};
    return 1;
}

int sock_pop3_auth(sock_pop3_t *p, const char *mechanism, sock_sasl_fn fn,
                   void *arg)
{
    static const struct sock__sasl_talk talk = {.begin = "AUTH ",
                                                .initial = true,
                                                .most = 253, /* RFC 5034 4 */
                                                .hear = hear_challenge};
    const char *op = "auth";
    struct sock_session *c = sock__pop3_open(p, op);

    if (c == NULL || sock__need(mechanism, op) < 0)
        return -1;
    if (fn == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__has(mechanism, SOCK__CONTROL | SOCK__SPACE))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "an invalid mechanism");
    int offered = can(c, op, "SASL", mechanism);
    if (offered < 0)
        return -1;
    if (offered == 0)
        return sock__session_lacks(c, op, "the server has not that mechanism");
    return enter(p, sock__sasl(c, op, mechanism, fn, arg, &talk));
}

/* TLS */

/* What was said without TLS was anyone's word. */
static void forget(sock_pop3_t *p)
{
    sock__free(p->welcome);
    sock__free(p->timestamp);
    p->welcome = p->timestamp = NULL;
    sock__reply_begin(&p->session);
}

int sock_pop3_stls(sock_pop3_t *p, sock_tls_t *tls)
{
    static const char *const parts[] = {"STLS", NULL};
    const char *op = "stls";
    struct sock_session *c = sock__pop3_open(p, op);

    if (c == NULL)
        return -1;
    if (sock__session_is_secure(c))
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "TLS session already established");
    if (p->authenticated)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "TLS must begin before the login");
    int offered = can(c, op, "STLS", "");
    if (offered < 0)
        return -1;
    if (offered == 0)
        return sock__session_lacks(c, op, "STLS not supported by server");
    if (sock__session_context(op, &tls) < 0 ||
        sock__pop3_ask(c, op, parts, NULL) < 0 ||
        sock__session_secure(c, op, tls) < 0)
        return -1;
    forget(p);
    return 0;
}

/* Marks, and the end */

int sock_pop3_dele(sock_pop3_t *p, uint64_t which)
{
    char text[SOCK__NUMBER_SIZE];
    return command(p, "dele", "DELE ", sock__number_text(which, text));
}

int sock_pop3_rset(sock_pop3_t *p)
{
    return command(p, "rset", "RSET", "");
}

int sock_pop3_noop(sock_pop3_t *p)
{
    return command(p, "noop", "NOOP", "");
}

int sock_pop3_quit(sock_pop3_t *p)
{
    int result = command(p, "quit", "QUIT", "");
    if (p != NULL)
        sock__session_close(&p->session);
    return result;
}
