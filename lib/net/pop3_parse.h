/* SPDX-License-Identifier: MIT */
/* What a server of POP3 says. */
#ifndef SOCK__POP3_PARSE_H
#define SOCK__POP3_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/pop3.h>
#include <pysockc/transfer.h>

#include "chars.h"

/* Two numbers, and what follows is no matter; false: they are not there. */
bool sock__pop3_numbers(struct sock__piece line, uint64_t *a, uint64_t *b);
/* A number and an id. */
bool sock__pop3_id(struct sock__piece line, uint64_t *number,
                   struct sock__piece *id);
/* The timestamp of a welcome, from its < to its >; without bytes: it has none
 * that is a message id. */
struct sock__piece sock__pop3_timestamp(struct sock__piece welcome);
/* What stands behind a capability of that name, in any case of letters; false:
 * it is not there. */
bool sock__pop3_capability(const sock_lines_t *lines, const char *name,
                           struct sock__piece *arguments);

#endif
