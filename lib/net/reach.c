/* SPDX-License-Identifier: MIT */
/* Connections to servers: their own, or through a proxy. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/cancel.h>
#include <pysockc/timeout.h>

#include "connection.h"
#include "fetch.h"

int sock__fetch_left(const struct sock__fetch *f, double *seconds)
{
    int64_t left = f->deadline - sock__os_now();

    *seconds = SOCK_NO_TIMEOUT;
    if (f->deadline == 0)
        return 0;
    if (left <= 0)
        return sock__fail(f->op, SOCK_E_TIMEOUT, 0, 0);
    *seconds = (double)left / 1e9;
    return 0;
}

bool sock__fetch_asks_proxy(const struct sock__fetch *f)
{
    return f->proxy != NULL && f->at->kind != SOCK__OPENS_HTTPS;
}

const char *sock__fetch_word_to_proxy(const struct sock__fetch *f)
{
    if (f->trusted == NULL || strcmp(f->proxy->authority, f->trusted) != 0)
        return NULL;
    return sock_headers_get(f->q->headers, "Proxy-Authorization", NULL);
}

/* Connecting */

bool sock__fetch_allows(const sock_addr_t *address, void *arg)
{
    const struct sock__terms *t = arg;
    return t->filter(address, t->filter_arg) != 0;
}

sock_t *sock__fetch_connect(struct sock__fetch *f,
                            const struct sock__locator *to)
{
    double left;

    if (sock__fetch_left(f, &left) < 0)
        return NULL;
    sock_t *s = sock__connect_allowed(
        f->op, to->host, to->port, left,
        f->terms.filter != NULL ? sock__fetch_allows : NULL, &f->terms);
    if (s == NULL ||
        (sock_settimeout(s, f->timeout) == 0 &&
         sock__fetch_left(f, &left) == 0 && sock_set_deadline(s, left) == 0))
        return s;
    sock_free(s);
    return NULL;
}

/* The connection that speaks HTTP over it; NULL with the error recorded, and
 * the other one is freed. */
static sock_http_t *speak(sock_t *s)
{
    sock_http_t *c = s != NULL ? sock_http_from(s) : NULL;
    if (c == NULL)
        sock_free(s);
    return c;
}

/* TLS under it; NULL with the error recorded, and the other one is freed. */
static sock_t *secure(struct sock__fetch *f, sock_t *s)
{
    sock_tls_t *tls = f->terms.tls;
    const struct sock__tls_terms terms = {
        .op = f->op, .host = f->at->host, .alpn = "http/1.1"};

    if (s == NULL)
        return NULL;
    sock_t *secured = tls->ops->wrap(tls, s, &terms);
    sock_free(s);
    // cppcheck-suppress returnDanglingLifetime ; the terms are not kept
    return secured;
}

/* Tunnels */

/* The other end, as CONNECT names it: always with its port. */
static char *far_end(const struct sock__fetch *f)
{
    size_t size = strlen(f->at->host) + sizeof "[]:65535";
    bool brackets = strchr(f->at->host, ':') != NULL;
    size_t n = brackets ? strcspn(f->at->host, "%") : strlen(f->at->host);
    char *text = malloc(size);

    if (text == NULL)
        sock__fail(f->op, SOCK_E_MEMORY, 0, 0);
    else
        snprintf(text, size, brackets ? "[%.*s]:%d" : "%.*s:%d", (int)n,
                 f->at->host, f->at->port);
    return text;
}

/* Its fields; NULL with the error recorded. */
static sock_headers_t *tunnel_fields(struct sock__fetch *f, const char *to)
{
    const struct sock__asked q = {"CONNECT", to, NULL, 0};
    sock_headers_t *h = sock_headers_new();
    char *answer = NULL;

    if (h == NULL ||
        sock__login_answer(f->op, &f->proxy_login, &q, &answer) < 0) {
        sock_headers_free(h);
        return NULL;
    }
    const char *given = answer != NULL ? answer : sock__fetch_word_to_proxy(f);
    bool made = sock_headers_add(h, "Host", to) == 0 &&
                sock_headers_add(h, "User-Agent", SOCK__USER_AGENT) == 0 &&
                (given == NULL ||
                 sock_headers_add(h, "Proxy-Authorization", given) == 0);
    sock__free(answer);
    if (made)
        return h;
    sock_headers_free(h);
    return NULL;
}

/* Asks the proxy for it; NULL with the error recorded. */
static sock_http_response_t *ask_proxy(struct sock__fetch *f, sock_http_t *c,
                                       const char *to)
{
    sock_headers_t *h = tunnel_fields(f, to);
    sock_http_response_t *r = NULL;

    if (h != NULL && sock_http_request(c, "CONNECT", to, NULL, 0, h) == 0)
        r = sock_http_getresponse(c);
    sock_headers_free(h);
    return r;
}

/* What the answer of the proxy means: 1 it goes through, 0 it is to be asked
 * anew, with a password; -1 with the error recorded. */
static int judge(struct sock__fetch *f, const sock_http_t *c,
                 const sock_http_response_t *r)
{
    char words[SOCK_ERROR_WORDS_MAX];
    int status = sock_http_status(r);

    if (status >= 200 && status < 300) {
        if (c->wire.at == c->wire.end)
            return 1;
        return sock__fail_saying(f->op, SOCK_E_PROTOCOL, SOCK_P_ORDER,
                                 "the proxy sent more than its answer");
    }
    int answer = 0;
    if (status == 407)
        answer = sock__login_challenged(
            f->op, &f->proxy_login, sock_http_headers(r), "Proxy-Authenticate");
    if (answer != 0)
        return answer < 0 ? -1 : 0;
    snprintf(words, sizeof words, "Tunnel connection failed: %d %.100s", status,
             sock_http_reason(r));
    return sock__fail_saying(f->op, SOCK_E_REPLY, status, words);
}

/* Takes the socket out of its connection, which is freed. */
static sock_t *take_out(sock_http_t *c)
{
    sock_t *s = c->wire.sock;
    c->wire.sock = NULL;
    sock_http_free(c);
    return s;
}

/* One try; *again: with a password. NULL: there is none, with the error
 * recorded if not. */
static sock_t *tunnel_once(struct sock__fetch *f, const char *to, bool *again)
{
    sock_http_t *c = speak(sock__fetch_connect(f, f->proxy));
    sock_http_response_t *r = c != NULL ? ask_proxy(f, c, to) : NULL;
    int verdict = r != NULL ? judge(f, c, r) : -1;

    sock_http_response_free(r);
    *again = verdict == 0;
    if (verdict > 0)
        return take_out(c);
    sock_http_free(c);
    return NULL;
}

static sock_t *tunnel(struct sock__fetch *f)
{
    char *to = far_end(f);
    sock_t *s = NULL;
    bool again = to != NULL;

    while (again)
        s = tunnel_once(f, to, &again);
    sock__free(to);
    return s;
}

/* The context that everyone has where none is given. */
static int need_tls(struct sock__fetch *f)
{
    if (f->terms.tls != NULL)
        return 0;
    f->terms.tls = sock__default_tls(f->op);
    if (f->terms.tls == NULL)
        return -1;
    f->terms.tls->ops->hold(f->terms.tls);
    return 0;
}

sock_http_t *sock__reach(struct sock__fetch *f)
{
    if (f->at->kind == SOCK__OPENS_HTTP)
        return speak(
            sock__fetch_connect(f, f->proxy != NULL ? f->proxy : f->at));
    if (need_tls(f) < 0)
        return NULL;
    return speak(secure(f, f->proxy != NULL ? tunnel(f)
                                            : sock__fetch_connect(f, f->at)));
}
