/* SPDX-License-Identifier: MIT */
/* Text of any length into a caller's buffer: all of it, or the empty string. */
#ifndef SOCK__TEXT_H
#define SOCK__TEXT_H

#include <stddef.h>
#include <stdint.h>

#include <pysockc/inet.h>

struct sock__text {
    char *buf;
    size_t size;
    size_t len; /* of the whole text, even beyond size */
};

/* Begins a text; -1 with SOCK_E_TYPE for a NULL buffer with a size. */
SOCK_API int sock__text_begin(struct sock__text *t, const char *op, char *buf,
                              size_t size);
/* Returns the length of the whole text. */
SOCK_API int sock__text_end(struct sock__text *t);
/* The same; -1 with SOCK_E_OVERFLOW and the empty string if that is over
 * INT_MAX. */
SOCK_API int sock__text_finish(struct sock__text *t, const char *op);

SOCK_API void sock__text_bytes(struct sock__text *t, const void *bytes,
                               size_t n);
SOCK_API void sock__text_add(struct sock__text *t, const char *s);
SOCK_API void sock__text_char(struct sock__text *t, char c);
void sock__text_number(struct sock__text *t, uint32_t n);
SOCK_API __attribute__((format(printf, 2, 3))) void sock__text_addf(
    struct sock__text *t, const char *format, ...);

/* The bytes of the character of UTF-8 (RFC 3629) that stands at the front of
 * some, and its code; where none does, how many could have begun one, at least
 * one, below 0. */
SOCK_API int sock__utf8(const void *bytes, size_t n, uint32_t *code);
/* As Python's repr() of a bytes object. */
SOCK_API void sock__text_bytes_repr(struct sock__text *t, const void *bytes,
                                    size_t n);
/* As Python's repr() of a str decoded from the file system's encoding. */
SOCK_API void sock__text_str_repr(struct sock__text *t, const void *bytes,
                                  size_t n);

/* Empties the buffer of a call that may fail before it has a text. */
SOCK_API void sock__text_clear(char *buf, size_t size);
/* The numeric text of an AF_INET or AF_INET6 address, into room for
 * INET_ADDRSTRLEN or SOCK_INET_TEXT_MAX bytes; returns its length. */
size_t sock__ip_text(int family, const void *packed, char *text);
/* The same as a whole text. */
int sock__text_ip(const char *op, int family, const void *packed, char *buf,
                  size_t size);
/* A whole text at once. */
SOCK_API int sock__text_copy(const char *op, const char *text, size_t n,
                             char *buf, size_t size);

#endif
