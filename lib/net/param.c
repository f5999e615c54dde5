/* SPDX-License-Identifier: MIT */
/* Parameters of values: `attachment; filename="a b"; filename*=UTF-8''a%20b`.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <pysockc/error.h>
#include <pysockc/headers.h>

#include "chars.h"
#include "headers.h"
#include "list.h"
#include "private.h"
#include "record.h"
#include "text.h"

/* The last parameter of that name, as Python has it, which may end in a star
 * besides; NULL if there is none. */
static struct sock__piece find(struct sock__piece rest, const char *key,
                               const char *star)
{
    struct sock__piece found = {NULL, 0};
    const char *end = rest.at + rest.n, *p = rest.at;
    size_t key_len = strlen(key);

    while ((p += sock__list_span(p, end, ';')) < end) {
        p++;
        size_t n = sock__list_span(p, end, ';');
        const char *equals = memchr(p, '=', n);
        if (equals == NULL)
            continue;
        struct sock__piece name = sock__trim(p, (size_t)(equals - p));
        if (name.n == key_len + strlen(star) &&
            sock__same_text(name.at, key_len, key, key_len) &&
            memcmp(name.at + key_len, star, strlen(star)) == 0)
            found = sock__trim(equals + 1, (size_t)(p + n - equals - 1));
    }
    return found;
}

/* A value, without the quotes around it, and the backslashes before quotes and
 * backslashes in it. Others stay: names of files have them. */
static void add_plain(struct sock__text *t, struct sock__piece value)
{
    if (value.n < 2 || value.at[0] != '"' || value.at[value.n - 1] != '"') {
        sock__text_bytes(t, value.at, value.n);
        return;
    }
    for (size_t i = 1; i < value.n - 1; i++) {
        char next = value.at[i + 1];
        if (value.at[i] == '\\' && i + 1 < value.n - 1 &&
            (next == '\\' || next == '"'))
            i++;
        sock__text_char(t, value.at[i]);
    }
}

/* Values with a charset (RFC 8187) */

/* The next byte of such a value; -1: it has none there. */
static int next_byte(struct sock__piece *v)
{
    int c = (unsigned char)v->at[0];
    size_t n = c == '%' ? 3 : 1;

    if (n > v->n || (n == 1 && !sock__is_attr((char)c)))
        return -1;
    if (n == 3)
        c = sock__hex_pair(v->at + 1);
    v->at += n;
    v->n -= n;
    return c;
}

/* Adds a character; false: it is none, or controls something. */
static bool add_utf8(struct sock__text *t, struct sock__piece *v)
{
    unsigned char bytes[4];
    uint32_t code;
    int n = 0, k;

    do {
        int c = v->n > 0 ? next_byte(v) : -1;
        if (c < 0)
            return false;
        bytes[n++] = (unsigned char)c;
        k = sock__utf8(bytes, (size_t)n, &code);
    } while (k == -n); /* all of it could begin one */
    if (k < 0 || code < 0x20 || code == 0x7f)
        return false;
    sock__text_bytes(t, bytes, (size_t)k);
    return true;
}

/* The same of ISO-8859-1. */
static bool add_latin1(struct sock__text *t, struct sock__piece *v)
{
    int c = next_byte(v);

    if (c < 0x20 || c == 0x7f)
        return false;
    if (c >= 0x80) {
        sock__text_char(t, (char)(0xc0 | c >> 6));
        c = 0x80 | (c & 0x3f);
    }
    sock__text_char(t, (char)c);
    return true;
}

/* Adds the text of charset'language'bytes; false: it is none. */
static bool add_extended(struct sock__text *t, struct sock__piece value)
{
    const char *end = value.at + value.n;
    const char *language = value.n > 0 ? memchr(value.at, '\'', value.n) : NULL;
    const char *bytes = language != NULL ? memchr(language + 1, '\'',
                                                  (size_t)(end - language - 1))
                                         : NULL;
    if (bytes == NULL)
        return false;
    struct sock__piece v = {bytes + 1, (size_t)(end - bytes - 1)};
    size_t charset = (size_t)(language - value.at);
    bool utf8 = sock__same_text(value.at, charset, "UTF-8", 5);
    if (!utf8 && !sock__same_text(value.at, charset, "ISO-8859-1", 10))
        return false;
    while (v.n > 0)
        if (!(utf8 ? add_utf8(t, &v) : add_latin1(t, &v)))
            return false;
    return true;
}

/* Adds what the key stands for, or the main value; false: nothing. */
static bool add(struct sock__text *t, struct sock__piece value, const char *key)
{
    struct sock__text before = *t;
    const char *end = value.at + value.n;

    if (key == NULL || *key == '\0') {
        struct sock__piece main_value =
            sock__trim(value.at, sock__list_span(value.at, end, ';'));
        sock__text_bytes(t, main_value.at, main_value.n);
        return true;
    }
    struct sock__piece extended = find(value, key, "*");
    if (extended.at != NULL && add_extended(t, extended))
        return true;
    *t = before;
    struct sock__piece plain = find(value, key, "");
    if (plain.at != NULL)
        add_plain(t, plain);
    return plain.at != NULL;
}

int sock_header_param(const char *value, const char *key, char *buf,
                      size_t size)
{
    const char *op = "parse_header";
    struct sock__text t;

    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    if (value != NULL &&
        add(&t, (struct sock__piece){value, strlen(value)}, key))
        return sock__text_end(&t);
    t.len = 0;
    sock__text_end(&t);
    if (value == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return sock__fail_saying(op, SOCK_E_KEY, ENOENT, "no such parameter");
}
