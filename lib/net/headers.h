/* SPDX-License-Identifier: MIT */
/* The fields of a head, as they lie in memory. */
#ifndef SOCK__HEADERS_H
#define SOCK__HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pysockc/headers.h>

/* Where a name and its value begin in the text; each ends with a NUL. */
struct sock__field {
    uint32_t name, name_len, value, value_len;
};

/* Zeroed, it is empty. Parsed in place, its text is the caller's buffer and
 * must not be added to (owns is false). */
struct sock_headers {
    char *text;
    size_t used, room; /* bytes */
    struct sock__field *fields;
    size_t count, slots;
    bool owns; /* the text */
};

/* Room for a further field; NULL for want of memory, not recorded. */
struct sock__field *sock__headers_slot(sock_headers_t *h);
/* Makes it empty again, and keeps its room. */
void sock__headers_clear(sock_headers_t *h);
/* Gives back what it has; it is empty then. */
void sock__headers_release(sock_headers_t *h);
/* As sock_headers_get(), with a name of known length, from the i-th on of that
 * name; the length of the value in *len. NULL: there is none. */
const char *sock__headers_find(const sock_headers_t *h, const char *name,
                               size_t i, size_t *len);
/* Whether a name is a token, and a value can be one: visible characters,
 * bytes over 127, and blanks between. */
bool sock__is_token(const char *text, size_t n);
bool sock__is_value(const char *text, size_t n);
/* Whether two texts are the same but for the case of ASCII's letters. */
bool sock__same_text(const char *a, size_t n, const char *b, size_t m);

#endif
