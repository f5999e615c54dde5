/* SPDX-License-Identifier: MIT */
/* Asking a site for its robots.txt (RFC 9309 2.3). */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/robots.h>

#include <stdlib.h>
#include <string.h>

#include <pysockc/timeout.h>
#include <pysockc/url.h>

#include "fetch.h"
#include "record.h"
#include "robots_rules.h"
#include "url.h"
#include "urlopen.h"

enum { REDIRECTS = 5 };

/* Only a site has such a file. */
static int check_url(const char *op, const char *url)
{
    sock_url_t *u = sock_urlsplit(url);
    if (u == NULL)
        return sock__fail_about_url(op, url);
    bool is = u->scheme != NULL && (strcmp(u->scheme, "http") == 0 ||
                                    strcmp(u->scheme, "https") == 0);
    sock_url_free(u);
    if (is)
        return 0;
    sock__fail_saying(op, SOCK_E_VALUE, 0, "not a URL of http or https");
    return sock__fail_about_url(op, url);
}

/* By the opener that is installed, as Python's does, or one that follows as far
 * as the RFC wants; from https to http, too, as nothing secret goes along. */
static sock_http_response_t *open_url(const char *url, double timeout)
{
    sock_urlrequest_t q = {0};
    sock_http_response_t *r = NULL;
    sock_opener_t *o = sock__installed_opener(), own;
    struct sock__saved saved;

    sock__opener_begin(&own);
    own.terms.redirects = REDIRECTS;
    own.terms.flags = SOCK_OPENER_ALLOW_DOWNGRADE | SOCK_OPENER_ANY_STATUS;
    if (sock__urlrequest_begin("read", &q, url) == 0)
        r = sock__fetch(o != NULL ? o : &own, &q, timeout);
    sock__error_save(&saved);
    sock__urlrequest_end(&q);
    sock__opener_end(&own);
    sock__error_restore(&saved);
    return r;
}

/* As much as is read of it, and a byte, by which what is larger is known. -1
 * with the error recorded. */
static ssize_t read_body(sock_http_response_t *r, char *text)
{
    size_t used = 0;
    ssize_t n = 1;
    while (n > 0 && used <= SOCK__ROBOTS_BYTES) {
        n = sock_http_read(r, text + used, SOCK__ROBOTS_BYTES + 1 - used);
        used += n > 0 ? (size_t)n : 0;
    }
    return n < 0 ? -1 : (ssize_t)used;
}

/* What the failure that is recorded says of the site; NULL: nothing, it is the
 * caller's. */
static sock_robots_t *rules_of_failure(const char *op)
{
    const sock_error_t *e = sock_last_error();
    switch (e->kind) {
    case SOCK_E_REPLY:
        return sock__robots_of_status(op, e->code, e->code < 500);
    case SOCK_E_PROTOCOL: /* too many redirects: there is none */
        return sock__robots_of_status(op, 0, e->code == SOCK_P_REDIRECT);
    case SOCK_E_OS:
    case SOCK_E_TIMEOUT:
    case SOCK_E_GAI:
    case SOCK_E_EOF:
    case SOCK_E_TLS:
        return sock__robots_of_status(op, 0, false);
    default:
        return NULL;
    }
}

static sock_robots_t *rules_of_body(const char *op, sock_http_response_t *r,
                                    double left)
{
    sock_robots_t *rules = NULL;
    char *text = malloc(SOCK__ROBOTS_BYTES + 1);
    if (text == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    ssize_t n = sock_http_read_deadline(r, left) < 0 ? -1 : read_body(r, text);
    if (n >= 0)
        rules = sock__robots_of_text(op, text, (size_t)n, sock_http_status(r));
    else
        rules = rules_of_failure(op);
    sock__free(text);
    return rules;
}

static sock_robots_t *rules_of(const char *op, sock_http_response_t *r,
                               double left)
{
    int status = sock_http_status(r);
    if (status < 300)
        return rules_of_body(op, r, left);
    return sock__robots_of_status(op, status, status < 500);
}

static double seconds_left(double timeout, int64_t began)
{
    double left = timeout - (double)(sock__os_now() - began) / 1e9;
    return left > 0 ? left : 0;
}

static sock_robots_t *ask(const char *op, const char *url, double timeout)
{
    struct sock__saved saved;
    int64_t began = sock__os_now();
    sock__error_save(&saved);
    sock_http_response_t *r = open_url(url, timeout);
    sock_robots_t *rules = r != NULL
                               ? rules_of(op, r, seconds_left(timeout, began))
                               : rules_of_failure(op);
    if (r != NULL)
        sock_http_response_free(r);
    if (rules != NULL)
        sock__error_restore(&saved);
    else
        sock__fail_about_url(op, url);
    return rules;
}

sock_robots_t *sock_robots_read(const char *url, double timeout)
{
    const char *op = "read";
    if (url == NULL) {
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    if (check_url(op, url) < 0)
        return NULL;
    return ask(op, url,
               timeout == SOCK_DEFAULT_TIMEOUT ? sock_getdefaulttimeout()
                                               : timeout);
}
