/* SPDX-License-Identifier: MIT */
/* What each byte may be part of. */
#ifndef SOCK__CHARS_H
#define SOCK__CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sock__class {
    SOCK__TOKEN = 1,      /* a token: method, name of a field */
    SOCK__TARGET = 2,     /* a request's target: visible ASCII but # and \ */
    SOCK__VALUE = 4,      /* a value: visible, blank, tab, and over 127 */
    SOCK__TEXT = 8,       /* what a client takes: all but NUL, CR and LF */
    SOCK__MAIL_NAME = 16, /* the name of a field of mail: visible but : */
    SOCK__HOST = 32,      /* a registered name, but for % (RFC 3986) */
    SOCK__HEX = 64        /* a hexadecimal digit */
};

extern const uint8_t sock__chars[256];

static inline bool sock__is(char c, unsigned class)
{
    return (sock__chars[(unsigned char)c] & class) != 0;
}

/* How many bytes from here on are of that class. */
static inline size_t sock__span(const char *p, const char *end, unsigned class)
{
    const char *at = p;
    while (at < end && sock__is(*at, class))
        at++;
    return (size_t)(at - p);
}

/* How many from here on are blanks and tabs. */
static inline size_t sock__blanks(const char *p, const char *end)
{
    const char *at = p;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return (size_t)(at - p);
}

/* How long a text is without the blanks and tabs at its end. */
static inline size_t sock__trimmed(const char *text, size_t n)
{
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    return n;
}

/* In lower case, if it is a letter of ASCII. */
static inline char sock__lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool sock__is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What a hexadecimal digit stands for; -1: it is none. */
static inline int sock__hex_value(char c)
{
    if (sock__is_digit(c))
        return c - '0';
    return sock__is(c, SOCK__HEX) ? sock__lower(c) - 'a' + 10 : -1;
}

#endif
