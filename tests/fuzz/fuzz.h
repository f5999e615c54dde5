/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: taking an input apart, and claims about it. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/pysockc.h>

/* Ends the program where a claim does not hold, in every build. */
#define claim(condition)                                                       \
    ((condition) ? (void)0 : claim_failed(__FILE__, __LINE__, #condition))

static inline void claim_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

struct input {
    const uint8_t *at;
    size_t left;
};

/* The next byte; 0 behind the end. */
static inline unsigned next_byte(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

static inline unsigned next_number(struct input *in)
{
    unsigned high = next_byte(in);
    return high << 8 | next_byte(in);
}

/* A copy of bytes in an allocation of just that size, so that ASan sees what
 * is read beyond it. */
static inline void *copy_of(const void *bytes, size_t n)
{
    void *copy = malloc(n > 0 ? n : 1);
    claim(copy != NULL);
    if (n > 0)
        memcpy(copy, bytes, n);
    return copy;
}

/* What is left up to a NUL as a string. */
static inline char *rest_as_text(const struct input *in)
{
    size_t n = in->left > 0 ? strnlen((const char *)in->at, in->left) : 0;
    char *text = malloc(n + 1);
    claim(text != NULL);
    if (n > 0)
        memcpy(text, in->at, n);
    text[n] = '\0';
    return text;
}

typedef int text_fn(const void *arg, char *buf, size_t size);

/*
 * The rule of every text: the same length whatever the buffer, all of the text
 * or the empty string, nothing behind it. Returns the text, or NULL after an
 * error; to be freed.
 */
static inline char *text_of(text_fn *fn, const void *arg, size_t size)
{
    int n = fn(arg, NULL, 0);
    char *whole = malloc(n >= 0 ? (size_t)n + 1 : 1);
    char *part = malloc(size > 0 ? size : 1);

    claim(whole != NULL && part != NULL);
    part[0] = '?';
    claim(fn(arg, part, size) == n);
    if (n >= 0) {
        claim(fn(arg, whole, (size_t)n + 1) == n && whole[n] == '\0');
        if (size > (size_t)n)
            claim(memcmp(part, whole, (size_t)n + 1) == 0);
    }
    if (size > 0 && (n < 0 || size <= (size_t)n))
        claim(part[0] == '\0');
    free(part);
    if (n >= 0)
        return whole;
    free(whole);
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
