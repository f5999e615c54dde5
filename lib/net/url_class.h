/* SPDX-License-Identifier: MIT */
/* Which bytes may stand where in a URL (RFC 3986), and where its parts are. */
#ifndef SOCK__URL_CLASS_H
#define SOCK__URL_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sock__url_class {
    SOCK__URL_ALPHA = 0x001,
    SOCK__URL_DIGIT = 0x002,
    SOCK__URL_HEX = 0x004,
    SOCK__URL_SCHEME = 0x008, /* letters, digits, + - . */
    SOCK__URL_UNRESERVED = 0x010,
    SOCK__URL_SUB = 0x020, /* sub-delims */
    SOCK__URL_COLON = 0x040,
    SOCK__URL_AT = 0x080,
    SOCK__URL_SLASH = 0x100,
    SOCK__URL_QUESTION = 0x200,
    SOCK__URL_HASH = 0x400,
    SOCK__URL_BRACKET = 0x800,
    SOCK__URL_HIGH = 0x1000, /* not ASCII */
    SOCK__URL_STOP = 0x2000  /* NUL, and TAB, CR, LF, which are passed over */
};

extern const uint16_t sock__url_classes[256];

static inline bool sock__url_is(char c, unsigned classes)
{
    return (sock__url_classes[(unsigned char)c] & classes) != 0;
}

/* The value of a hex digit; -1 if it is none. */
static inline int sock__hex_value(char c)
{
    if (!sock__url_is(c, SOCK__URL_HEX))
        return -1;
    return sock__url_is(c, SOCK__URL_DIGIT) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Where the parts begin, and their lengths. A beginning of 0 is none, but of
 * the path, which is always there; so is a scheme of length 0. */
struct sock__url_parts {
    size_t scheme_len;
    size_t netloc, netloc_len;
    unsigned netloc_classes; /* of all its bytes together */
    size_t path, path_len;
    size_t query, query_len;
    size_t fragment, fragment_len;
    size_t end; /* of all */
};

/* Finds them. False if it came upon a TAB, CR or LF, where they end. */
bool sock__url_scan(struct sock__url_parts *parts, const char *text);

/* The length of the scheme that a text begins with, before its ':'; 0. */
size_t sock__url_scheme(const char *text);

#endif
