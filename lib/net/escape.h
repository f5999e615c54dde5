/* SPDX-License-Identifier: MIT */
/* Text as HTML has it. */
#ifndef SOCK__ESCAPE_H
#define SOCK__ESCAPE_H

/* What Python's html.escape() writes for & < > " and '; NULL for others. */
const char *sock__entity(char c);

#endif
