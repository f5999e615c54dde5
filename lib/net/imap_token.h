/* SPDX-License-Identifier: MIT */
/* The words of what a server of IMAP sends. A literal's bytes stand where they
 * came, behind the CRLF of the line that announced them. */
#ifndef SOCK__IMAP_TOKEN_H
#define SOCK__IMAP_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chars.h"

/* Whether a line ends in what announces a literal, `{5}`, `~{5}` or `{5+}`:
 * where that begins, and the size. A number beyond 64 bits is the greatest.
 * What stands in a quoted string announces nothing. */
bool sock__imap_announces(const char *line, size_t n, size_t *at,
                          uint64_t *size);

enum sock__imap_word {
    SOCK__IMAP_BAD, /* a string that does not end */
    SOCK__IMAP_END,
    SOCK__IMAP_OPEN,  /* ( */
    SOCK__IMAP_CLOSE, /* ) */
    SOCK__IMAP_BARE,  /* an atom, a number, a flag, NIL */
    SOCK__IMAP_QUOTED,
    SOCK__IMAP_LITERAL
};

struct sock__imap_token {
    enum sock__imap_word kind;
    struct sock__piece text; /* within its quotes, and as it was quoted */
};

/* Takes the next word from the front of a text. */
enum sock__imap_word sock__imap_next_token(struct sock__piece *text,
                                           struct sock__imap_token *token);
/* Takes a value: a word, or a list, whose text is empty. False if there is
 * none, or no end of it. */
bool sock__imap_take_value(struct sock__piece *text,
                           struct sock__imap_token *value);
/* Writes what a word says to where there is room for all of it, which may be
 * where it lies: how many bytes. */
size_t sock__imap_say_token(const struct sock__imap_token *token, char *to);
bool sock__imap_is_nil(const struct sock__imap_token *token);
/* A number: true. One that has no digit but those, and fits. */
bool sock__imap_number(const struct sock__piece *text, uint64_t *number);
/* Whether a text is this word, in whichever case of letters; the word is in
 * capitals. */
bool sock__imap_is(const struct sock__piece *text, const char *word);

/* A look for the end of a word, in a text that may go on. */
struct sock__imap_scan {
    size_t at;
    size_t depth; /* of parentheses */
    bool section; /* within the brackets of a name */
};

/* Each true once `at` is behind the word, false if the text is over before.
 * The name of an item, which a blank ends but in its brackets; a list that
 * begins with its parenthesis. */
bool sock__imap_scan_name(struct sock__imap_scan *s, const char *text,
                          size_t end);
bool sock__imap_scan_list(struct sock__imap_scan *s, const char *text,
                          size_t end);

#endif
