/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "quote.h"

#include <limits.h>
#include <string.h>

#include <pysockc/url.h>

#include "bytes.h"
#include "chars.h"
#include "record.h"

/* Quoting */

void sock__quoting_init(struct sock__quoting *q, const char *safe, bool plus)
{
    for (int c = 0; c < 128; c++)
        q->keep[c] = sock__is((char)c, SOCK__UNRESERVED);
    memset(q->keep + 128, false, 128);
    q->plus = plus;
    for (; *safe != '\0'; safe++)
        if ((unsigned char)*safe < 128)
            q->keep[(unsigned char)*safe] = true;
    if (plus)
        q->keep[' '] = false;
}

static void add_quoted(struct sock__text *t, const struct sock__quoting *q,
                       unsigned char c)
{
    char quoted[3];

    if (c == ' ' && q->plus) {
        sock__text_char(t, '+');
        return;
    }
    sock__put_percent(quoted, (char)c);
    sock__text_bytes(t, quoted, sizeof quoted);
}

void sock__quote_add(struct sock__text *t, const struct sock__quoting *q,
                     const void *data, size_t n)
{
    const unsigned char *at = data, *end = at + n;

    while (at < end) {
        const unsigned char *from = at;
        while (at < end && q->keep[*at])
            at++;
        sock__text_bytes(t, from, (size_t)(at - from));
        if (at < end)
            add_quoted(t, q, *at++);
    }
}

static int quote(const char *op, const void *data, size_t n,
                 const struct sock__quoting *q, char *buf, size_t size)
{
    struct sock__text t;

    sock__text_clear(buf, size);
    if (data == NULL && n > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    sock__quote_add(&t, q, data, n);
    return sock__text_finish(&t, op);
}

/* Of a NULL the length is any, and not looked at. */
static size_t length_of(const char *text)
{
    return text != NULL ? strlen(text) : 1;
}

int sock_quote(const char *text, const char *safe, char *buf, size_t size)
{
    struct sock__quoting q;
    sock__quoting_init(&q, safe != NULL ? safe : "/", false);
    return quote("quote", text, length_of(text), &q, buf, size);
}

int sock_quote_plus(const char *text, const char *safe, char *buf, size_t size)
{
    struct sock__quoting q;
    sock__quoting_init(&q, safe != NULL ? safe : "", true);
    return quote("quote_plus", text, length_of(text), &q, buf, size);
}

int sock_quote_from_bytes(const void *data, size_t len, const char *safe,
                          char *buf, size_t size)
{
    const char *op = "quote_from_bytes";
    struct sock__quoting q;

    sock__text_clear(buf, size);
    if (sock__bytes_check(op, data, len) < 0)
        return -1;
    sock__quoting_init(&q, safe != NULL ? safe : "/", false);
    return quote(op, data, len, &q, buf, size);
}

/* Unquoting */

/* The byte that %XX stands for; -1 if it is none. */
static int quoted_byte(const char *at, const char *end)
{
    return end - at < 3 || at[0] != '%' ? -1 : sock__hex_pair(at + 1);
}

/* Adds the character that begins here; U+FFFD, as Python does, for as many
 * bytes as could have begun one. Returns what follows. */
static const char *add_character(struct sock__text *t, const char *at,
                                 const char *end)
{
    unsigned char bytes[4];
    uint32_t code;
    size_t n = 0;

    for (int c; n < 4 && (c = quoted_byte(at + 3 * n, end)) >= 0; n++)
        bytes[n] = (unsigned char)c;
    int k = sock__utf8(bytes, n, &code);
    if (k < 0)
        sock__text_add(t, "\xef\xbf\xbd");
    else
        sock__text_bytes(t, bytes, (size_t)k);
    n = (size_t)(k < 0 ? -k : k);
    return at + 3 * n;
}

/* Where the next '%' is, or the '+' that is a blank. */
static const char *find_quoted(const char *at, const char *end, bool plus)
{
    while (at < end && *at != '%' && !(plus && *at == '+'))
        at++;
    return at;
}

int sock__unquote_add(struct sock__text *t, const char *text, size_t n,
                      bool plus)
{
    const char *at = text, *end = text + n;

    while (at < end) {
        const char *from = at;
        at = find_quoted(at, end, plus);
        sock__text_bytes(t, from, (size_t)(at - from));
        if (at == end)
            break;
        int c = quoted_byte(at, end);
        if (c == 0)
            return -1;
        if (c >= 0x80) {
            at = add_character(t, at, end);
            continue;
        }
        if (c > 0)
            sock__text_char(t, (char)c);
        else
            sock__text_char(t, *at == '+' ? ' ' : '%');
        at += c > 0 ? 3 : 1;
    }
    return 0;
}

static int unquote(const char *op, const char *text, bool plus, char *buf,
                   size_t size)
{
    struct sock__text t;

    sock__text_clear(buf, size);
    if (text == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    if (sock__unquote_add(&t, text, strlen(text), plus) < 0) {
        sock__text_clear(buf, size);
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__NUL_IN_PATH);
    }
    return sock__text_finish(&t, op);
}

int sock_unquote(const char *text, char *buf, size_t size)
{
    return unquote("unquote", text, false, buf, size);
}

int sock_unquote_plus(const char *text, char *buf, size_t size)
{
    return unquote("unquote_plus", text, true, buf, size);
}

/* Writes them, where there is a place; returns their number. */
static size_t to_bytes(const char *text, const char *end, char *to)
{
    size_t n = 0;

    for (const char *at = text; at < end; n++) {
        int c = quoted_byte(at, end);
        if (to != NULL && c >= 0)
            to[n] = (char)c;
        else if (to != NULL)
            to[n] = *at;
        at += c >= 0 ? 3 : 1;
    }
    return n;
}

int sock_unquote_to_bytes(const char *text, void *buf, size_t size)
{
    const char *op = "unquote_to_bytes";

    if (text == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (buf == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    const char *end = text + strlen(text);
    size_t n = to_bytes(text, end, NULL);
    if (n > INT_MAX)
        return sock__fail(op, SOCK_E_OVERFLOW, 0, SOCK__SIZE_TOO_LARGE);
    if (n > 0 && n <= size)
        to_bytes(text, end, buf);
    return (int)n;
}
