/* SPDX-License-Identifier: MIT */
/* Addresses and messages, as SMTP has them. */
#define _POSIX_C_SOURCE 200809L

#include "smtp_quote.h"

#include <string.h>

#include <pysockc/smtp.h>

#include "bytes.h"
#include "chars.h"
#include "record.h"
#include "text.h"

/* Addresses: what may stand in the header of a message, without groups and
 * routes. Each of these scanners returns where what it takes ends; where it
 * began, if that is none. */

static const char *skip_quoted(const char *at, const char *end, char close)
{
    const char *from = at++;

    while (at < end && *at != close)
        at += *at == '\\' && at + 1 < end ? 2 : 1;
    return at < end ? at + 1 : from;
}

/* Comments have comments. */
static const char *skip_comment(const char *at, const char *end)
{
    const char *from = at;
    size_t depth = 0;

    for (; at < end; at++) {
        if (*at == '\\' && at + 1 < end)
            at++;
        else if (*at == '(')
            depth++;
        else if (*at == ')' && --depth == 0)
            return at + 1;
    }
    return from;
}

static const char *skip_blanks(const char *at, const char *end)
{
    const char *from;

    do {
        from = at;
        if (at < end && *at == ' ')
            at++;
        else if (at < end && *at == '(')
            at = skip_comment(at, end);
    } while (at > from);
    return at;
}

static const char *skip_local(const char *at, const char *end)
{
    if (at < end && *at == '"')
        return skip_quoted(at, end, '"');
    while (at < end && *at != ' ' && strchr("()<>[]:;@\\,\"", *at) == NULL)
        at++;
    return at;
}

static const char *skip_domain(const char *at, const char *end)
{
    const char *from = at;
    bool literal = at < end && *at == '[';

    at += literal;
    while (at < end && (sock__is(*at, SOCK__ALPHA | SOCK__DIGIT | SOCK__HIGH) ||
                        strchr(literal ? "-.:" : "-._", *at) != NULL))
        at++;
    if (!literal)
        return at;
    return at < end && *at == ']' ? at + 1 : from;
}

/* A local part, and perhaps a domain. */
static const char *skip_address(const char *at, const char *end)
{
    const char *local = skip_local(at, end);

    if (local == at || local == end || *local != '@')
        return local;
    const char *domain = skip_domain(local + 1, end);
    return domain > local + 1 ? domain : at;
}

/* The bracket that an address begins behind; NULL: there is none, or what
 * stands before it is no name. */
static const char *find_bracket(const char *at, const char *end)
{
    while (at < end && *at != '<') {
        const char *from = at;
        if (*at == '"')
            at = skip_quoted(at, end, '"');
        else if (*at == '(')
            at = skip_comment(at, end);
        else if (strchr("@,;:>", *at) == NULL)
            at++;
        if (at == from)
            return NULL;
    }
    return at < end ? at : NULL;
}

/* Controls would end a line, and what is no UTF-8 means nothing. */
static bool is_clean(const char *text)
{
    size_t n = strlen(text);
    uint32_t code;

    if (sock__has(text, SOCK__CONTROL))
        return false;
    while (n > 0) {
        int size = sock__utf8(text, n, &code);
        if (size <= 0)
            return false;
        text += size;
        n -= (size_t)size;
    }
    return true;
}

/* The address in a text; false: there is none. */
static bool find(const char *text, struct sock__piece *address)
{
    const char *end = text + strlen(text), *at = skip_blanks(text, end);
    const char *stop = skip_address(at, end);

    *address = (struct sock__piece){at, (size_t)(stop - at)};
    if (skip_blanks(stop, end) == end)
        return stop > at || end == text;
    if ((at = find_bracket(text, end)) == NULL)
        return false;
    stop = skip_address(++at, end);
    *address = (struct sock__piece){at, (size_t)(stop - at)};
    return stop < end && *stop == '>' && skip_blanks(stop + 1, end) == end;
}

static int no_address(const char *op, const char *address)
{
    char shown[SOCK_ERROR_WORDS_MAX];

    sock__text_clear(shown, sizeof shown);
    size_t n = strlen(address);
    n = n < sizeof shown ? n : sizeof shown - 1;
    for (size_t i = 0; i < n; i++)
        shown[i] = address[i];
    shown[n] = '\0';
    for (size_t i = 0; i < n; i++)
        if (sock__is(shown[i], SOCK__CONTROL))
            shown[i] = '?';
    sock__fail_saying(op, SOCK_E_VALUE, 0, "not an address");
    return sock__fail_about(op, shown);
}

int sock__smtp_path(const char *op, const char *address,
                    char path[SOCK__SMTP_PATH])
{
    struct sock__piece found;

    if (!is_clean(address) || !find(address, &found) ||
        found.n > SOCK__SMTP_PATH - sizeof "<>")
        return no_address(op, address);
    path[0] = '<';
    memcpy(path + 1, found.at, found.n);
    memcpy(path + 1 + found.n, ">", sizeof ">");
    return (int)found.n + 2;
}

int sock_smtp_quoteaddr(char *buf, size_t size, const char *address)
{
    const char *op = "quoteaddr";
    char path[SOCK__SMTP_PATH];

    sock__text_clear(buf, size);
    if (address == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    int n = sock__smtp_path(op, address, path);
    return n < 0 ? -1 : sock__text_copy(op, path, (size_t)n, buf, size);
}

/* Messages */

/* A line, and what ends it, if anything does; where the next one begins. */
static const char *quote_line(struct sock__text *t, const char *at,
                              const char *end)
{
    const char *from = at;

    if (*at == '.')
        sock__text_char(t, '.');
    while (at < end && *at != '\r' && *at != '\n')
        at++;
    sock__text_bytes(t, from, (size_t)(at - from));
    if (at == end)
        return at;
    sock__text_add(t, "\r\n");
    return at + (*at == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1);
}

int sock_smtp_quotedata(char *out, size_t size, const void *data, size_t n)
{
    const char *op = "quotedata", *at = data;
    struct sock__text t;

    sock__text_clear(out, size);
    if (sock__bytes_check(op, data, n) < 0 ||
        sock__text_begin(&t, op, out, size) < 0)
        return -1;
    for (const char *end = n > 0 ? at + n : at; at != end;)
        at = quote_line(&t, at, end);
    return sock__text_finish(&t, op);
}
