/* SPDX-License-Identifier: MIT */
/* What a server of SMTP offers, as it says to EHLO. */
#ifndef SOCK__SMTP_EXTENSIONS_H
#define SOCK__SMTP_EXTENSIONS_H

#include <stdbool.h>

#include "output.h"

/* Takes it out of the text of that reply: names and what stands behind each,
 * every one with a NUL. False for want of memory, not recorded. */
bool sock__smtp_take_offers(struct sock__output *offers, const char *reply);
/* What stands behind a name; NULL: it is not offered. */
const char *sock__smtp_offer(const struct sock__output *offers,
                             const char *name);
/* Whether one of the words is that one, in any case of letters; what stands
 * behind a '=' is no part of it. No words may be NULL. */
bool sock__smtp_has_word(const char *words, const char *word);

#endif
