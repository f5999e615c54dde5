/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "valid.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "chars.h"
#include "headers.h"
#include "private.h"
#include "text.h"
#include "url.h"

enum {
    QUOTED = 40, /* bytes of a text that an error shows */
    REPR = 192,  /* and of its repr(), \xNN each */
    WORDS = 2 * REPR,
    ODD = SOCK__CONTROL | SOCK__SPACE
};

/* "method can't contain control characters. 'G\n' (found at least '\n')" */
static int refuse(const char *op, const char *what, const char *text, size_t n,
                  const char *at)
{
    char whole[REPR] = "", found[16] = "", words[WORDS];
    struct sock__text t = {.buf = whole, .size = sizeof whole};

    sock__text_str_repr(&t, text, n < QUOTED ? n : QUOTED);
    sock__text_end(&t);
    t = (struct sock__text){.buf = found, .size = sizeof found};
    sock__text_str_repr(&t, at, 1);
    sock__text_end(&t);
    snprintf(words, sizeof words, "%s. %s (found at least %s)", what, whole,
             found);
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

/* The first byte that is a control character, a blank or DEL, or one of
 * others, or beyond ASCII. */
static const char *first_odd(const char *text, size_t n, const char *others)
{
    for (size_t i = 0; i < n; i++)
        if (sock__is(text[i], ODD | SOCK__HIGH) ||
            strchr(others, text[i]) != NULL)
            return text + i;
    return NULL;
}

int sock__valid_method(const char *op, const char *method)
{
    size_t n = strlen(method);

    if (sock__is_token(method, n))
        return 0;
    for (const char *at = method; *at != '\0'; at++)
        if ((unsigned char)*at < ' ')
            return refuse(op, "method can't contain control characters", method,
                          n, at);
    for (const char *at = method; *at != '\0'; at++)
        if (!sock__is_token(at, 1))
            return refuse(op, "method must be a token", method, n, at);
    return sock__fail_saying(op, SOCK_E_VALUE, 0, "method must be a token");
}

/* In Python's words where it is what Python refuses. */
static int refuse_odd(const char *op, const char *what, const char *text,
                      size_t n, const char *at)
{
    char words[64];
    snprintf(words, sizeof words, "%s can't contain %s", what,
             sock__is(*at, ODD)          ? "control characters"
             : sock__is(*at, SOCK__HIGH) ? "characters beyond ASCII"
                                         : "such characters");
    return refuse(op, words, text, n, at);
}

int sock__valid_target(const char *op, const char *target)
{
    char shown[SOCK__SHOWN_MAX];
    const char *at = first_odd(target, strlen(target), "#");

    if (at == NULL)
        return 0;
    if (*target != '/') { /* a whole URL */
        sock__url_show(target, shown);
        target = shown;
    }
    return refuse_odd(op, "URL", target, strlen(target), at);
}

int sock__valid_host(const char *op, const char *host, size_t n)
{
    const char *at = first_odd(host, n, "/?#@\\[]\"<>^`{|}");
    if (at != NULL)
        return refuse_odd(op, sock__is(*at, ODD) ? "URL" : "host", host, n, at);
    return n > 0 ? 0 : sock__fail_saying(op, SOCK_E_VALUE, 0, "no host given");
}

/* "Invalid header name b'A b'" */
static int refuse_field(const char *op, const char *what, const char *text,
                        size_t n)
{
    char whole[REPR] = "", words[WORDS];
    struct sock__text t = {.buf = whole, .size = sizeof whole};

    sock__text_bytes_repr(&t, text, n < QUOTED ? n : QUOTED);
    sock__text_end(&t);
    snprintf(words, sizeof words, "Invalid header %s %s", what, whole);
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

int sock__valid_field(const char *op, const char *name, const char *value)
{
    size_t n = strlen(name), m = strlen(value);

    if (!sock__is_token(name, n))
        return refuse_field(op, "name", name, n);
    if (!sock__is_value(value, m))
        return refuse_field(op, "value", value, m);
    return 0;
}
