/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "challenge.h"

#include <string.h>

#include "chars.h"
#include "headers.h"

/*
 * A list whose members are challenges, and whose challenges have lists of their
 * own: "Basic realm=x, Digest realm=y, nonce=z". What comes behind a comma is
 * another parameter if an '=' follows its first word, and else a scheme.
 */

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* Behind the commas and blanks between two members. */
static const char *skip_commas(const char *at)
{
    return at + strspn(at, " \t,");
}

static const char *skip_token(const char *at)
{
    while (sock__is(*at, SOCK__TOKEN))
        at++;
    return at;
}

/* Behind a text in quotes; NULL if it does not end. */
static const char *skip_quoted(const char *at)
{
    for (at++; *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (*at == '\\' || *at == '\0')
            return NULL;
    }
    return at + 1;
}

/* A member ends at a comma, or with the value. */
static bool is_end(const char *at)
{
    at = skip_blanks(at);
    return *at == ',' || *at == '\0';
}

struct param {
    const char *name, *value; /* with its quotes, if it has some */
    size_t name_len, value_len;
};

/* Behind name=value; NULL if there is none here. */
static const char *read_param(const char *at, struct param *p)
{
    const char *end = skip_token(at);

    p->name = at;
    p->name_len = (size_t)(end - at);
    at = skip_blanks(end);
    if (p->name_len == 0 || *at != '=')
        return NULL;
    p->value = skip_blanks(at + 1);
    end = *p->value == '"' ? skip_quoted(p->value) : skip_token(p->value);
    if (end == NULL || end == p->value || !is_end(end))
        return NULL;
    p->value_len = (size_t)(end - p->value);
    return end;
}

/* Behind credentials without a name, as Negotiate has them; NULL if there are
 * none here. */
static const char *read_token68(const char *at)
{
    const char *end = at;
    while (sock__is(*end, SOCK__UNRESERVED | SOCK__URL_SLASH) || *end == '+')
        end++;
    if (end == at)
        return NULL;
    end += strspn(end, "=");
    return is_end(end) ? end : NULL;
}

/* Whether a scheme stands here, and not a parameter. */
static bool is_scheme(const char *at)
{
    const char *end = skip_token(at);
    const char *next = skip_blanks(end);
    return end > at && *next != '=' && (next > end || is_end(end));
}

/* Behind all parameters from here on; NULL if something else is among them. */
static const char *skip_params(const char *at)
{
    struct param p;
    const char *next = skip_commas(at);

    while (*next != '\0' && !is_scheme(next)) {
        at = read_param(next, &p);
        if (at == NULL)
            return NULL;
        next = skip_commas(at);
    }
    return next;
}

static bool pass_over(const char **at)
{
    *at += strlen(*at);
    return false;
}

bool sock__challenge_next(const char **at, struct sock__challenge *c)
{
    const char *scheme = skip_commas(*at);
    const char *end = skip_token(scheme);
    const char *params = skip_blanks(end);
    struct param p;

    if (!is_scheme(scheme))
        return pass_over(at);
    const char *next = params;
    if (!is_end(end) && read_param(params, &p) == NULL)
        next = params = read_token68(params);
    if (next != NULL)
        next = skip_params(next);
    if (next == NULL)
        return pass_over(at);
    *c = (struct sock__challenge){scheme, (size_t)(end - scheme), params,
                                  (size_t)(next - params)};
    *at = next;
    return true;
}

bool sock__challenge_of_params(const char *value, struct sock__challenge *c)
{
    const char *end = skip_params(value);
    if (end == NULL || *end != '\0')
        return false;
    *c = (struct sock__challenge){"", 0, value, (size_t)(end - value)};
    return true;
}

bool sock__challenge_is(const struct sock__challenge *c, const char *scheme)
{
    return sock__same_text(c->scheme, c->scheme_len, scheme, strlen(scheme));
}

/* The length of a value without its quotes, written where there is room. */
static size_t unquote(const struct param *p, char *buf, size_t size)
{
    size_t from = p->value[0] == '"', to = p->value_len - from, n = 0;

    for (size_t i = from; i < to; i++) {
        if (from == 1 && p->value[i] == '\\')
            i++;
        if (n + 1 < size)
            buf[n] = p->value[i];
        n++;
    }
    if (size > 0)
        buf[n < size ? n : 0] = '\0';
    return n;
}

ssize_t sock__challenge_param(const struct sock__challenge *c, const char *name,
                              char *buf, size_t size)
{
    const char *at = skip_commas(c->params), *end = c->params + c->params_len;
    struct param p, found = {.name = NULL};

    while (at < end && (at = read_param(at, &p)) != NULL) {
        at = skip_commas(at);
        if (!sock__same_text(p.name, p.name_len, name, strlen(name)))
            continue;
        if (found.name != NULL)
            return -2;
        found = p;
    }
    return found.name != NULL ? (ssize_t)unquote(&found, buf, size) : -1;
}
