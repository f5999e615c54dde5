/* SPDX-License-Identifier: MIT */
/* A Set-Cookie field, read as RFC 6265bis 5.6 says. It knows nothing of the URL
 * that it came from. */
#ifndef SOCK__SETCOOKIE_H
#define SOCK__SETCOOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chars.h"

/* Bytes of a name and its value together, and of an attribute's value. */
enum { SOCK__COOKIE_PAIR = 4096, SOCK__COOKIE_ATTRIBUTE = 1024 };

struct sock__set_cookie {
    struct sock__piece name, value; /* in the field; either may be empty */
    struct sock__piece domain;      /* without a dot in front; empty: none */
    struct sock__piece path;        /* begins with a slash, or empty: none */
    int64_t expires; /* seconds since 1970, 400 days ahead at most and 1 at
                        least; 0: it ends with the session */
    int same_site;   /* of enum sock_same_site */
    bool secure, http_only, partitioned;
};

/* Whether the field sets a cookie at all. */
bool sock__set_cookie(struct sock__set_cookie *c, const char *field, size_t n,
                      int64_t now);
/* What a date of a cookie says, in whatever order (RFC 6265bis 5.1.1). */
bool sock__cookie_date(const char *text, size_t n, int64_t *seconds);
/* The same of a moment that is given in another way: capped, and never 0. */
int64_t sock__cookie_expiry(int64_t seconds, int64_t now);
/* Cuts a pair at its first equals sign, without the blanks around both parts;
 * whether there is one: else the name is all of it. */
bool sock__cut_pair(const char *at, size_t n, struct sock__piece *name,
                    struct sock__piece *value);

#endif
