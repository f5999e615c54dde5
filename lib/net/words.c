/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of a line, and of a text for each of its %s: the system takes no longer word
 * than that, and their product is a size everywhere. */
enum { LINE_MAX_BYTES = 16 * 1024, TEXT_MAX_BYTES = 128 * 1024 };

/* Splitting */

struct reading {
    const char *at, *end;
    char *to;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* To the quote that ends it. Between double quotes a backslash quotes the quote
 * and itself. */
static bool read_quoted(struct reading *r, char quote)
{
    while (r->at < r->end && *r->at != quote) {
        if (quote == '"' && *r->at == '\\' && r->end - r->at > 1 &&
            (r->at[1] == '"' || r->at[1] == '\\'))
            r->at++;
        *r->to++ = *r->at++;
    }
    return r->at++ < r->end;
}

static bool read_word(struct reading *r)
{
    while (r->at < r->end && !is_blank(*r->at)) {
        char c = *r->at++;
        if (c == '\'' || c == '"') {
            if (!read_quoted(r, c))
                return false;
            continue;
        }
        if (c == '\\' && r->at == r->end)
            return false;
        *r->to++ = (char)(c == '\\' ? *r->at++ : c);
    }
    *r->to++ = '\0';
    return true;
}

static bool read_words(struct reading *r, char **words, size_t *count)
{
    for (;;) {
        while (r->at < r->end && is_blank(*r->at))
            r->at++;
        if (r->at == r->end)
            return true;
        words[(*count)++] = r->to;
        if (!read_word(r))
            return false;
    }
}

char **sock__split_words(const char *line, size_t n, size_t *count)
{
    if (n > LINE_MAX_BYTES) {
        errno = E2BIG;
        return NULL;
    }
    size_t most = n / 2 + 2; /* with the NULL */
    char **words = malloc(most * sizeof *words + n + 1);
    if (words == NULL)
        return NULL;
    struct reading r = {line, line + n, (char *)(words + most)};
    *count = 0;
    if (!read_words(&r, words, count)) {
        free(words);
        errno = EINVAL;
        return NULL;
    }
    words[*count] = NULL;
    return words;
}

/* Filling in */

/* Copies a word, each %s being the text; *filled says whether there was one.
 * Without a place to copy it to, it is counted: the bytes, with the NUL. */
static size_t fill(const char *word, const char *text, size_t n, char *to,
                   bool *filled)
{
    size_t bytes = 0;
    for (const char *s; (s = strstr(word, "%s")) != NULL; word = s + 2) {
        size_t before = (size_t)(s - word);
        if (to != NULL) {
            memcpy(to + bytes, word, before);
            memcpy(to + bytes + before, text, n);
        }
        bytes += before + n;
        *filled = true;
    }
    size_t rest = strlen(word) + 1;
    if (to != NULL)
        memcpy(to + bytes, word, rest);
    return bytes + rest;
}

char **sock__fill_words(char *const *words, const char *text)
{
    size_t n = strlen(text), count = 0, bytes = n + 1;
    bool filled = false;

    if (n > TEXT_MAX_BYTES) {
        errno = E2BIG;
        return NULL;
    }
    for (; words[count] != NULL; count++)
        bytes += fill(words[count], text, n, NULL, &filled);
    char **made = malloc((count + 2) * sizeof *made + bytes);
    if (made == NULL)
        return NULL;
    char *to = (char *)(made + count + 2);
    filled = false;
    for (size_t i = 0; i < count; i++) {
        made[i] = to;
        if (i == 0)
            to = stpcpy(to, words[0]) + 1;
        else
            to += fill(words[i], text, n, to, &filled);
    }
    made[count] = filled ? NULL : memcpy(to, text, n + 1);
    made[count + 1] = NULL;
    return made;
}
