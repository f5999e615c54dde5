/* SPDX-License-Identifier: MIT */
/* What each byte may be part of. */
#ifndef SOCK__CHARS_H
#define SOCK__CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sock__class {
    SOCK__ALPHA = 0x1,
    SOCK__DIGIT = 0x2,
    SOCK__HEX = 0x4,      /* a hexadecimal digit */
    SOCK__HIGH = 0x8,     /* not ASCII */
    SOCK__CONTROL = 0x10, /* DEL is one */
    SOCK__SPACE = 0x20,
    /* Of heads (RFC 9110). */
    SOCK__TOKEN = 0x40,      /* a token: method, name of a field */
    SOCK__TARGET = 0x80,     /* a request's target: visible ASCII but # and \ */
    SOCK__VALUE = 0x100,     /* a value: visible, blank, tab, and over 127 */
    SOCK__TEXT = 0x200,      /* what a client takes: all but NUL, CR and LF */
    SOCK__MAIL_NAME = 0x400, /* the name of a field of mail: visible but : */
    /* Of URLs (RFC 3986). */
    SOCK__UNRESERVED = 0x800,
    SOCK__SUB = 0x1000,        /* sub-delims */
    SOCK__URL_SCHEME = 0x2000, /* letters, digits, + - . */
    SOCK__URL_COLON = 0x4000,
    SOCK__URL_AT = 0x8000,
    SOCK__URL_SLASH = 0x10000,
    SOCK__URL_QUESTION = 0x20000,
    SOCK__URL_HASH = 0x40000,
    SOCK__URL_BRACKET = 0x80000,
    SOCK__URL_STOP = 0x100000 /* NUL, and TAB, CR, LF, which are passed over */
};

extern const uint32_t sock__chars[256];

static inline bool sock__is(char c, unsigned class)
{
    return (sock__chars[(unsigned char)c] & class) != 0;
}

/* Whether a text has a byte of one of these classes. */
static inline bool sock__has(const char *text, unsigned classes)
{
    while (*text != '\0' && !sock__is(*text, classes))
        text++;
    return *text != '\0';
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

/* A part of a text. */
struct sock__piece {
    const char *at;
    size_t n;
};

/* What is left without the blanks and tabs around it. */
static inline struct sock__piece sock__trim(const char *at, size_t n)
{
    size_t blanks = sock__blanks(at, at + n);
    return (struct sock__piece){at + blanks,
                                sock__trimmed(at + blanks, n - blanks)};
}

/* In lower case, if it is a letter of ASCII. */
static inline char sock__lower(char c)
{
    unsigned capital = (unsigned char)(c - 'A') < 26;
    return (char)((unsigned char)c | capital << 5);
}

/* In upper case, likewise. */
static inline char sock__upper(char c)
{
    unsigned small = (unsigned char)(c - 'a') < 26;
    return (char)((unsigned char)c & ~(small << 5));
}

static inline bool sock__is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Whether it stands for itself in the value of a parameter with a charset (RFC
 * 8187). */
static inline bool sock__is_attr(char c)
{
    return sock__is(c, SOCK__TOKEN) && c != '*' && c != '%' && c != '\'';
}

/* What a hexadecimal digit stands for; -1: it is none. */
static inline int sock__hex_value(char c)
{
    if (sock__is_digit(c))
        return c - '0';
    return sock__is(c, SOCK__HEX) ? (c | 0x20) - 'a' + 10 : -1;
}

/* The byte that the two at the front of a text that has an end stand for; -1:
 * they are none. All bits of -1 are set, whatever stands before them. */
static inline int sock__hex_pair(const char *at)
{
    int high = sock__hex_value(at[0]);
    return high >= 0 ? high << 4 | sock__hex_value(at[1]) : -1;
}

#endif
