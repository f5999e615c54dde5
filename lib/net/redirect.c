/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "redirect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pysockc/request.h>

#include "bytes.h"
#include "headers.h"
#include "netloc.h"
#include "private.h"
#include "url.h"

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

/* A method that may change something is repeated only where the status says so;
 * only a POST has ever become a GET by 301 and 302. */
const char *sock__redirect_method(int status, const char *method)
{
    bool safe = is(method, "GET") || is(method, "HEAD");

    switch (status) {
    case 301:
    case 302:
        return safe ? method : is(method, "POST") ? "GET" : NULL;
    case 303:
        return safe ? method : "GET";
    case 307:
    case 308:
        return method;
    default:
        return NULL;
    }
}

/* Fields */

static bool begins(const char *name, const char *with)
{
    return strncasecmp(name, with, strlen(with)) == 0;
}

bool sock__redirect_keeps(const char *name, bool body, bool all)
{
    /* Whom the last one is for is asked elsewhere. */
    static const char *const its[] = {"Authorization", "Cookie", "Cookie2",
                                      "Host", "Proxy-Authorization"};
    for (size_t i = 0; i < sizeof its / sizeof its[0]; i++)
        if (strcasecmp(name, its[i]) == 0)
            return false;
    return all || begins(name, "Accept") || begins(name, "If-") ||
           strcasecmp(name, "User-Agent") == 0 ||
           strcasecmp(name, "Range") == 0 || (body && begins(name, "Content-"));
}

/* Targets */

static struct sock__locator *refuse(const char *op, const char *words)
{
    sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_REDIRECT, words);
    return NULL;
}

/* With %XX for blanks and what is beyond ASCII, as servers are wont to send;
 * NULL with the error recorded. */
static char *quoted(const char *op, const char *location)
{
    char *text = malloc(3 * strlen(location) + 1), *to = text;

    if (text == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    for (; text != NULL && *location != '\0'; location++) {
        if (*location > ' ' && *location < 127)
            *to++ = *location;
        else
            to = sock__put_percent(to, *location);
    }
    if (text != NULL)
        *to = '\0';
    return text;
}

/* The whole URL; NULL with the error recorded. */
static char *join(const char *op, const char *base, const char *location)
{
    int n = sock_urljoin(base, location, NULL, 0);
    char *url = n >= 0 ? malloc((size_t)n + 1) : NULL;
    if (n >= 0 && url == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    if (url != NULL && sock_urljoin(base, location, url, (size_t)n + 1) == n)
        return url;
    sock__free(url);
    return NULL;
}

/* Without user and password, which are not a server's to choose, and with the
 * fragment of before where it has none of its own; NULL with the error
 * recorded. */
static char *cleaned(const char *op, const char *url, const char *fragment)
{
    sock_url_t *parts = sock__url_split(url, op);

    if (parts == NULL)
        return NULL;
    if (parts->netloc != NULL)
        parts->netloc = sock__behind_user(parts->netloc);
    if (parts->fragment == NULL)
        parts->fragment = fragment;
    char *text = sock__url_text(parts, op);
    sock_url_free(parts);
    return text;
}

/* The URL that a Location names; NULL with the error recorded. */
static char *resolve(const char *op, const struct sock__locator *from,
                     const char *location)
{
    if (strchr(location, '\\') != NULL) {
        sock__fail_saying(op, SOCK_E_VALUE, 0, "URL can't contain a backslash");
        return NULL;
    }
    char *reference = quoted(op, location);
    char *joined = reference != NULL ? join(op, from->shown, reference) : NULL;
    char *url =
        joined != NULL ? cleaned(op, joined, from->url->fragment) : NULL;
    sock__free(reference);
    sock__free(joined);
    return url;
}

/* Who may be asked, of those that can be. */
static struct sock__locator *check(const char *op,
                                   const struct sock__locator *from,
                                   struct sock__locator *to, int flags)
{
    const char *words = NULL;

    if (to->kind > SOCK__OPENS_HTTPS)
        words = "redirected to what is neither http nor https";
    else if (to->kind == SOCK__OPENS_HTTP && (flags & SOCK_OPENER_HTTPS_ONLY))
        words = "redirected to http, and only https is allowed";
    else if (to->kind == SOCK__OPENS_HTTP && from->kind == SOCK__OPENS_HTTPS &&
             !(flags & SOCK_OPENER_ALLOW_DOWNGRADE))
        words = "redirected from https to http";
    if (words == NULL)
        return to;
    sock__locator_free(to);
    return refuse(op, words);
}

/* What is wrong with a URL is here the server's fault. */
static struct sock__locator *blame(const char *op)
{
    char words[SOCK_ERROR_WORDS_MAX], reason[SOCK_ERROR_TEXT_MAX];
    const sock_error_t *e = sock_last_error();

    if (e->kind == SOCK_E_MEMORY)
        return NULL;
    sock_error_reason(e, reason, sizeof reason);
    snprintf(words, sizeof words, "redirected nowhere: %.120s", reason);
    return refuse(op, words);
}

struct sock__locator *sock__redirect(const char *op,
                                     const struct sock__locator *from,
                                     const char *location, int flags)
{
    char *url = resolve(op, from, location);
    struct sock__locator *to = url != NULL ? sock__locator_new(op, url) : NULL;

    sock__free(url);
    return to != NULL ? check(op, from, to, flags) : blame(op);
}
