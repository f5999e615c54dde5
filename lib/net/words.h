/* SPDX-License-Identifier: MIT */
/* Words of a command line, as a shell splits it. */
#ifndef SOCK__WORDS_H
#define SOCK__WORDS_H

#include <stddef.h>

/*
 * As Python's shlex.split(), with n bytes of a line: quotes and backslashes are
 * undone, and nothing else means anything. NULL after the last word; *count:
 * how many there are. NULL with errno: EINVAL, the line ends within quotes or
 * behind a backslash; E2BIG; ENOMEM. To be freed by free(3), all at once.
 */
char **sock__split_words(const char *line, size_t n, size_t *count);

/* The same words, in which, the first one apart, each %s is the text; without
 * one the text is the last word. NULL with errno. To be freed as above. */
char **sock__fill_words(char *const *words, const char *text);

#endif
