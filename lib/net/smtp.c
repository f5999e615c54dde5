/* SPDX-License-Identifier: MIT */
/* Clients of SMTP and LMTP: connecting, hello, and commands one by one. */
#define _POSIX_C_SOURCE 200809L

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <pysockc/addrinfo.h>
#include <pysockc/connect.h>
#include <pysockc/netdb.h>
#include <pysockc/resolve.h>
#include <pysockc/timeout.h>

#include "chars.h"
#include "framing.h"
#include "record.h"
#include "smtp_client.h"
#include "smtp_extensions.h"

enum {
    LINE = 8192,
    COMMAND = 510 /* RFC 5321 4.5.3.1.4, without CRLF */
};

/* Bytes of "[IPv6:...]", and of the longest host. */
enum { LITERAL = SOCK_ADDR_HOST_MAX + 8, HOST = 1024 };

static const struct sock__protocol smtp = {25, LINE, COMMAND, SOCK__EACH_LINE};
static const struct sock__protocol smtps = {465, LINE, COMMAND,
                                            SOCK__EACH_LINE};
static const struct sock__protocol lmtp = {2003, LINE, COMMAND,
                                           SOCK__EACH_LINE};

/* Asking */

int sock__smtp_need(const sock_smtp_t *s, const char *op)
{
    return sock__session_need(s != NULL ? &s->session : NULL, op);
}

int sock__smtp_hear(struct sock_session *c, const char *op)
{
    sock_smtp_t *s = (void *)c;
    int code = sock__session_reply(c, op);

    if (code == 421)
        sock__session_close(c);
    s->known = s->known || code == 235; /* to AUTH alone */
    return code;
}

int sock__smtp_do(sock_smtp_t *s, const char *op, const char *const parts[])
{
    struct sock_session *c = &s->session;

    return sock__session_ask(c, op, parts, NULL) < 0 ? -1
                                                     : sock__smtp_hear(c, op);
}

/* One word, of an object that may be none. */
static int do_word(sock_smtp_t *s, const char *op, const char *verb)
{
    const char *const parts[] = {verb, NULL};

    return sock__smtp_need(s, op) < 0 ? -1 : sock__smtp_do(s, op, parts);
}

void sock__smtp_forget(sock_smtp_t *s)
{
    s->met = s->esmtp = false;
    s->offers.used = 0;
    s->accepted.used = 0;
}

/* Connecting */

/* Where the only colon of a host is, behind which a port stands. */
static const char *colon_of(const char *host)
{
    const char *colon = strchr(host, ':');

    return host[0] != '/' && colon != NULL && strchr(colon + 1, ':') == NULL
               ? colon
               : NULL;
}

static int split_host(const char *op, const char *host, const char *colon,
                      char name[HOST], int *port)
{
    int64_t number = sock__decimal(colon + 1, strlen(colon + 1));
    size_t n = (size_t)(colon - host);

    if (number < 0 || n >= HOST)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "nonnumeric port");
    memcpy(name, host, n);
    name[n] = '\0';
    *port = number < 65536 ? (int)number : 65536;
    return 0;
}

static int connect_to(sock_smtp_t *s, const char *op, const char *host,
                      int port)
{
    struct sock_session *c = &s->session;
    const char *colon = port == 0 ? colon_of(host) : NULL;
    char name[HOST];

    sock__session_close(c);
    sock__smtp_forget(s);
    s->known = false;
    if (colon != NULL && split_host(op, host, colon, name, &port) < 0)
        return -1;
    if (sock__session_connect(c, op, colon != NULL ? name : host, port) < 0 ||
        (s->tls != NULL && sock__session_secure(c, op, s->tls) < 0) ||
        sock__session_clock(c, op) < 0)
        return -1;
    return sock__smtp_hear(c, op);
}

int sock_smtp_connect(sock_smtp_t *s, const char *host, int port)
{
    const char *op = "connect";

    if (sock__need(s, op) < 0 || sock__need(host, op) < 0)
        return -1;
    return connect_to(s, op, host, port);
}

/* Life cycle */

static int take_hostname(sock_smtp_t *s, const char *op,
                         const sock_session_opts_t *opts)
{
    if (opts == NULL || opts->local_hostname == NULL)
        return 0;
    s->hostname = strdup(opts->local_hostname);
    return s->hostname != NULL ? 0 : sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

/* A greeting of another kind is a refusal. */
static int welcome(sock_smtp_t *s, const char *op, const char *host, int port)
{
    int code = connect_to(s, op, host, port);

    if (code < 0 || code == 220)
        return code;
    return sock__session_refused(&s->session, op);
}

static sock_smtp_t *create(const char *op,
                           const struct sock__protocol *protocol,
                           sock_tls_t *tls, const sock_session_opts_t *opts)
{
    sock_smtp_t *s = calloc(1, sizeof *s);

    if (s == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    s->tls = tls;
    if (tls != NULL)
        tls->ops->hold(tls);
    s->lmtp = protocol == &lmtp;
    if (sock__session_begin(&s->session, op, protocol, opts) == 0 &&
        take_hostname(s, op, opts) == 0)
        return s;
    sock_smtp_free(s);
    return NULL;
}

static sock_smtp_t *start(const char *op, sock_smtp_t *s, const char *host,
                          int port)
{
    if (s == NULL || host == NULL || host[0] == '\0' ||
        welcome(s, op, host, port) >= 0)
        return s;
    sock_smtp_free(s);
    return NULL;
}

sock_smtp_t *sock_smtp_new(const char *host, int port,
                           const sock_session_opts_t *opts)
{
    const char *op = "SMTP";

    return start(op, create(op, &smtp, NULL, opts), host, port);
}

sock_smtp_t *sock_smtp_ssl_new(const char *host, int port, sock_tls_t *tls,
                               const sock_session_opts_t *opts)
{
    const char *op = "SMTP_SSL";

    if (sock__session_context(op, &tls) < 0)
        return NULL;
    return start(op, create(op, &smtps, tls, opts), host, port);
}

sock_smtp_t *sock_lmtp_new(const char *host, int port,
                           const sock_session_opts_t *opts)
{
    const char *op = "LMTP";

    return start(op, create(op, &lmtp, NULL, opts), host, port);
}

void sock_smtp_free(sock_smtp_t *s)
{
    if (s == NULL)
        return;
    sock__session_end(&s->session);
    if (s->tls != NULL)
        s->tls->ops->let_go(s->tls);
    sock__smtp_refusals_release(&s->refusals);
    sock__free(s->hostname);
    sock__free(s->offers.text);
    sock__free(s->accepted.text);
    sock__free(s);
}

sock_session_t *sock_smtp_session(sock_smtp_t *s)
{
    return sock__need(s, "session") == 0 ? &s->session : NULL;
}

/* Commands */

/* What may be seen of a command; NULL: all. What is said to a challenge of SASL
 * is a response. */
static const char *shown(const sock_smtp_t *s, const char *cmd)
{
    if (s->session.code == 334)
        return "****";
    return strncasecmp(cmd, "AUTH", 4) == 0 ? "AUTH ****" : NULL;
}

/* Says it. */
static int say(sock_smtp_t *s, const char *op, const char *cmd,
               const char *args)
{
    bool has_args = args != NULL && *args != '\0';
    const char *const parts[] = {cmd, has_args ? " " : NULL, args, NULL};

    if (sock__smtp_need(s, op) < 0 || sock__need(cmd, op) < 0)
        return -1;
    return sock__session_ask(&s->session, op, parts, shown(s, cmd));
}

int sock_smtp_putcmd(sock_smtp_t *s, const char *cmd, const char *args)
{
    return say(s, "putcmd", cmd, args);
}

int sock_smtp_docmd(sock_smtp_t *s, const char *cmd, const char *args)
{
    const char *op = "docmd";

    return say(s, op, cmd, args) < 0 ? -1 : sock__smtp_hear(&s->session, op);
}

int sock_smtp_getreply(sock_smtp_t *s)
{
    const char *op = "getreply";

    if (sock__smtp_need(s, op) < 0 || sock__session_clock(&s->session, op) < 0)
        return -1;
    return sock__smtp_hear(&s->session, op);
}

int sock_smtp_rset(sock_smtp_t *s)
{
    int code = do_word(s, "rset", "RSET");

    if (code / 100 == 2)
        s->accepted.used = 0;
    return code;
}

int sock_smtp_noop(sock_smtp_t *s)
{
    return do_word(s, "noop", "NOOP");
}

int sock_smtp_quit(sock_smtp_t *s)
{
    const char *op = "quit";
    int code = do_word(s, op, "QUIT");

    if (s == NULL)
        return -1;
    sock__session_close(&s->session);
    sock__smtp_forget(s);
    if (code < 0)
        return -1;
    return code / 100 == 2 ? 0 : sock__session_refused(&s->session, op);
}

/* Hello */

static bool is_whole(const char *name)
{
    return strchr(name, '.') != NULL &&
           !sock__has(name, SOCK__CONTROL | SOCK__SPACE);
}

/* The name of this host with its domain, if it has one: as the system has it,
 * or whoever knows names, who is asked for as long as a command may take. It is
 * looked for once. */
static void find_hostname(sock_smtp_t *s)
{
    char own[HOST];
    const char *name = own;
    struct sock__saved saved;
    sock_addrinfo_t *found = NULL;

    if (s->hostname != NULL || s->nameless)
        return;
    sock__error_save(&saved);
    if (sock_gethostname(own, sizeof own) > 0 && !is_whole(own)) {
        found = sock_getaddrinfo_within(
            own, NULL, AF_UNSPEC, SOCK_STREAM, 0, AI_CANONNAME,
            sock_get_deadline(s->session.wire.sock));
        name = found != NULL ? found->entries[0].canonname : "";
    }
    s->nameless = !is_whole(name) || (s->hostname = strdup(name)) == NULL;
    sock_addrinfo_free(found);
    sock__error_restore(&saved);
}

/* The address that it is connected from, in brackets. */
static const char *find_literal(const sock_smtp_t *s, char literal[LITERAL])
{
    char host[SOCK_ADDR_HOST_MAX];
    struct sock__saved saved;
    sock_addr_t here;

    sock__error_save(&saved);
    if (sock_getsockname(s->session.wire.sock, &here) < 0 ||
        (sock_addr_family(&here) != AF_INET &&
         sock_addr_family(&here) != AF_INET6) ||
        sock_addr_host(&here, host, sizeof host) <= 0)
        snprintf(host, sizeof host, "127.0.0.1");
    sock__error_restore(&saved);
    host[strcspn(host, "%")] = '\0';
    snprintf(literal, LITERAL, "[%s%s]", strchr(host, ':') ? "IPv6:" : "",
             host);
    return literal;
}

/* The number of the reply. */
static int say_hello(sock_smtp_t *s, const char *op, const char *verb,
                     const char *name)
{
    char literal[LITERAL];

    if (name == NULL || *name == '\0') {
        if (sock__session_clock(&s->session, op) < 0)
            return -1;
        find_hostname(s);
        name = s->hostname != NULL ? s->hostname : find_literal(s, literal);
    }
    const char *const parts[] = {verb, " ", name, NULL};
    return sock__smtp_do(s, op, parts);
}

static int ehlo(sock_smtp_t *s, const char *op, const char *name)
{
    struct sock_session *c = &s->session;

    int code = say_hello(s, op, s->lmtp ? "LHLO" : "EHLO", name);
    if (code < 0) /* an argument may have been refused */
        return -1;
    sock__smtp_forget(s);
    if (code != 250)
        return code;
    if (!sock__smtp_take_offers(&s->offers, sock_session_text(c))) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return sock__session_failed(c, op);
    }
    s->met = s->esmtp = true;
    return code;
}

static int helo(sock_smtp_t *s, const char *op, const char *name)
{
    int code = say_hello(s, op, "HELO", name);

    s->met = s->met || code / 100 == 2;
    return code;
}

int sock_smtp_ehlo(sock_smtp_t *s, const char *name)
{
    const char *op = "ehlo";

    return sock__smtp_need(s, op) < 0 ? -1 : ehlo(s, op, name);
}

int sock_smtp_helo(sock_smtp_t *s, const char *name)
{
    const char *op = "helo";

    return sock__smtp_need(s, op) < 0 ? -1 : helo(s, op, name);
}

int sock__smtp_hello(sock_smtp_t *s, const char *op)
{
    if (s->met)
        return 0;
    int code = ehlo(s, op, NULL);
    if (code >= 0 && code / 100 != 2 && code != 421 && !s->lmtp)
        code = helo(s, op, NULL);
    if (code < 0)
        return -1;
    return code / 100 == 2 ? 0 : sock__session_refused(&s->session, op);
}

int sock_smtp_hello(sock_smtp_t *s)
{
    const char *op = "ehlo_or_helo_if_needed";

    return sock__smtp_need(s, op) < 0 ? -1 : sock__smtp_hello(s, op);
}

const char *sock__smtp_offered(const sock_smtp_t *s, const char *name)
{
    return sock__smtp_offer(&s->offers, name);
}

int sock_smtp_has_extn(const sock_smtp_t *s, const char *name)
{
    const char *op = "has_extn";

    if (sock__need(s, op) < 0 || sock__need(name, op) < 0)
        return -1;
    return sock__smtp_offered(s, name) != NULL;
}

const char *sock_smtp_extn(const sock_smtp_t *s, const char *name)
{
    const char *op = "esmtp_features";

    if (sock__need(s, op) < 0 || sock__need(name, op) < 0)
        return NULL;
    return sock__smtp_offered(s, name);
}
