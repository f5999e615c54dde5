/* SPDX-License-Identifier: MIT */
/* Bytes that a caller gives, with their number; texts that are put together. */
#ifndef SOCK__BYTES_H
#define SOCK__BYTES_H

#include <stddef.h>

/* Whether they are there, and not more than memory can have: 0; -1 with
 * SOCK_E_TYPE or SOCK_E_VALUE recorded. */
int sock__bytes_check(const char *op, const void *data, size_t n);

/* Makes room for `more` members of that size behind the `count` of a list, at
 * least as much again as there was: the list, wherever it is then, and *room;
 * NULL for want of memory, not recorded, and it is as it was. */
void *sock__grow(void *list, size_t count, size_t *room, size_t more,
                 size_t size);

/* So that no secret stays behind: a memset(3) of what no one reads any more may
 * be left out. */
void sock__wipe(void *secret, size_t n);

/* Writes a text and its NUL, for which there is room; returns where that is. */
char *sock__put_text(char *to, const char *text);
/* Writes a byte as %XX, and no NUL; returns what is behind. */
char *sock__put_percent(char *to, char byte);

#endif
