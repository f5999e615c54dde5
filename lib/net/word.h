/* SPDX-License-Identifier: MIT */
/* The words of a server's line. */
#ifndef SOCK__WORD_H
#define SOCK__WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "chars.h"
#include "framing.h"

/* The next word, up to a blank or tab, which is taken from the line; without
 * bytes: there is none. */
static inline struct sock__piece sock__word(struct sock__piece *line)
{
    const char *end = line->at + line->n;
    const char *at = line->at + sock__blanks(line->at, end), *stop = at;

    while (stop < end && *stop != ' ' && *stop != '\t')
        stop++;
    *line = (struct sock__piece){stop, (size_t)(end - stop)};
    return (struct sock__piece){at, (size_t)(stop - at)};
}

/* The next word, which must be a number below 2^63. */
static inline bool sock__word_number(struct sock__piece *line, uint64_t *n)
{
    struct sock__piece word = sock__word(line);
    int64_t value = sock__decimal(word.at, word.n);

    *n = (uint64_t)value;
    return value >= 0;
}

/* Whether all of it is visible ASCII. */
static inline bool sock__is_visible(struct sock__piece piece)
{
    size_t i = 0;
    while (i < piece.n && piece.at[i] > ' ' && piece.at[i] < 127)
        i++;
    return i == piece.n;
}

#endif
