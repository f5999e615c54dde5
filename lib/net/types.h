/* SPDX-License-Identifier: MIT */
/* What is in a file, by the end of its name. */
#ifndef SOCK__TYPES_H
#define SOCK__TYPES_H

/*
 * The media type of a name: "text/html" of "a/b.HTML". The pairs are asked
 * first: an extension with its dot and its type, and so on, up to NULL; NULL:
 * there are none. "" there is what has no type else.
 */
const char *sock__type_of(const char *name, const char *const *pairs);

#endif
