/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "text.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "record.h"

void sock__text_clear(char *buf, size_t size)
{
    if (buf != NULL && size > 0)
        buf[0] = '\0';
}

int sock__text_begin(struct sock__text *t, const char *op, char *buf,
                     size_t size)
{
    *t = (struct sock__text){.buf = buf, .size = size};
    if (buf == NULL && size > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    return 0;
}

int sock__text_end(struct sock__text *t)
{
    if (t->size > 0)
        t->buf[t->len < t->size ? t->len : 0] = '\0';
    return (int)t->len;
}

int sock__text_finish(struct sock__text *t, const char *op)
{
    if (t->len <= INT_MAX)
        return sock__text_end(t);
    sock__text_clear(t->buf, t->size);
    return sock__fail(op, SOCK_E_OVERFLOW, 0, SOCK__SIZE_TOO_LARGE);
}

void sock__text_bytes(struct sock__text *t, const void *bytes, size_t n)
{
    if (n > 0 && t->len < t->size) {
        size_t room = t->size - t->len;
        memcpy(t->buf + t->len, bytes, n < room ? n : room);
    }
    t->len += n;
}

void sock__text_add(struct sock__text *t, const char *s)
{
    sock__text_bytes(t, s, strlen(s));
}

void sock__text_char(struct sock__text *t, char c)
{
    sock__text_bytes(t, &c, 1);
}

void sock__text_number(struct sock__text *t, uint32_t n)
{
    char digits[10], *at = digits + sizeof digits;
    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    sock__text_bytes(t, at, (size_t)(digits + sizeof digits - at));
}

/* For short texts: numbers, and what lies between them. */
void sock__text_addf(struct sock__text *t, const char *format, ...)
{
    char piece[128];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    sock__text_add(t, piece);
}

int sock__text_copy(const char *op, const char *text, size_t n, char *buf,
                    size_t size)
{
    struct sock__text t;
    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    sock__text_bytes(&t, text, n);
    return sock__text_end(&t);
}

static char *put_byte(char *at, unsigned n)
{
    if (n >= 100)
        *at++ = (char)('0' + n / 100);
    if (n >= 10)
        *at++ = (char)('0' + n / 10 % 10);
    *at++ = (char)('0' + n % 10);
    return at;
}

/* inet_ntop(3) of glibc goes through printf, at ten times the cost. */
static size_t dotted(const unsigned char packed[4], char *text)
{
    char *at = put_byte(text, packed[0]);
    for (int i = 1; i < 4; i++) {
        *at++ = '.';
        at = put_byte(at, packed[i]);
    }
    *at = '\0';
    return (size_t)(at - text);
}

size_t sock__ip_text(int family, const void *packed, char *text)
{
    if (family == AF_INET)
        return dotted(packed, text);
    inet_ntop(family, packed, text, SOCK_INET_TEXT_MAX);
    return strlen(text);
}

int sock__text_ip(const char *op, int family, const void *packed, char *buf,
                  size_t size)
{
    char text[SOCK_INET_TEXT_MAX];
    size_t most = family == AF_INET ? INET_ADDRSTRLEN : sizeof text;
    if (buf != NULL && size >= most)
        return (int)sock__ip_text(family, packed, buf); /* without a copy */
    size_t n = sock__ip_text(family, packed, text);
    return sock__text_copy(op, text, n, buf, size);
}

/* Python prefers single quotes, unless that would need escapes. */
static char pick_quote(const void *bytes, size_t n)
{
    bool single = n > 0 && memchr(bytes, '\'', n) != NULL;
    bool twofold = n > 0 && memchr(bytes, '"', n) != NULL;
    return single && !twofold ? '"' : '\'';
}

static void add_ascii(struct sock__text *t, unsigned char c, char quote)
{
    static const char letters[] = "\t\n\r", names[] = "tnr";
    const char *at = c != '\0' ? strchr(letters, c) : NULL;

    if (c == (unsigned char)quote || c == '\\')
        sock__text_addf(t, "\\%c", c);
    else if (at != NULL)
        sock__text_addf(t, "\\%c", names[at - letters]);
    else if (c < 0x20 || c >= 0x7f)
        sock__text_addf(t, "\\x%02x", c);
    else
        sock__text_char(t, (char)c);
}

void sock__text_bytes_repr(struct sock__text *t, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    char quote = pick_quote(bytes, n);

    sock__text_addf(t, "b%c", quote);
    for (size_t i = 0; i < n; i++)
        add_ascii(t, p[i], quote);
    sock__text_char(t, quote);
}

/* How many bytes follow the first; -1: it begins none. */
static int following(unsigned char first)
{
    if (first < 0x80)
        return 0;
    if (first < 0xc2 || first > 0xf4)
        return -1;
    return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

/* The second byte has other bounds where there is a shorter form, a surrogate,
 * or nothing. */
int sock__utf8(const void *bytes, size_t n, uint32_t *code)
{
    const unsigned char *p = bytes;
    unsigned char least = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char most = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    int more = following(p[0]);

    if (more <= 0) {
        *code = p[0];
        return more < 0 ? -1 : 1;
    }
    *code = p[0] & 0x3fU >> more;
    for (int i = 1; i <= more; i++) {
        if ((size_t)i == n || p[i] < least || p[i] > most)
            return -i;
        *code = *code << 6 | (p[i] & 0x3fU);
        least = 0x80;
        most = 0xbf;
    }
    return more + 1;
}

/*
 * Controls, separators, format characters and private use, beyond ASCII. Code
 * points that no Unicode version has assigned yet are not among them.
 */
static bool printable(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x80, 0xa0},        {0xad, 0xad},       {0x600, 0x605},
        {0x61c, 0x61c},      {0x6dd, 0x6dd},     {0x70f, 0x70f},
        {0x890, 0x891},      {0x8e2, 0x8e2},     {0x1680, 0x1680},
        {0x180e, 0x180e},    {0x2000, 0x200f},   {0x2028, 0x202f},
        {0x205f, 0x206f},    {0x3000, 0x3000},   {0xe000, 0xf8ff},
        {0xfeff, 0xfeff},    {0xfff0, 0xfffb},   {0xfffe, 0xffff},
        {0x110bd, 0x110bd},  {0x110cd, 0x110cd}, {0x13430, 0x1343f},
        {0x1bca0, 0x1bca3},  {0x1d173, 0x1d17a}, {0xe0000, 0xe007f},
        {0xf0000, 0x10ffff},
    };
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (c >= hidden[i].first && c <= hidden[i].last)
            return false;
    return true;
}

static void add_hidden(struct sock__text *t, uint32_t c)
{
    if (c <= 0xff)
        sock__text_addf(t, "\\x%02x", (unsigned)c);
    else if (c <= 0xffff)
        sock__text_addf(t, "\\u%04x", (unsigned)c);
    else
        sock__text_addf(t, "\\U%08x", (unsigned)c);
}

void sock__text_str_repr(struct sock__text *t, const void *bytes, size_t n)
{
    const unsigned char *p = bytes, *end = p + n;
    char quote = pick_quote(bytes, n);

    sock__text_char(t, quote);
    while (p < end) {
        uint32_t c = 0;
        int k = sock__utf8(p, (size_t)(end - p), &c);
        if (k < 0)
            sock__text_addf(t, "\\udc%02x", *p); /* PEP 383 */
        else if (k == 1)
            add_ascii(t, *p, quote);
        else if (printable(c))
            sock__text_bytes(t, p, (size_t)k);
        else
            add_hidden(t, c);
        p += k > 0 ? k : 1;
    }
    sock__text_char(t, quote);
}
