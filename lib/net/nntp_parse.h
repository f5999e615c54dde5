/* SPDX-License-Identifier: MIT */
/* What a server of NNTP says. */
#ifndef SOCK__NNTP_PARSE_H
#define SOCK__NNTP_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include <pysockc/nntp.h>

#include "chars.h"

/* What stands behind 211, 111 and 223; false: it is not there. */
bool sock__nntp_group(struct sock__piece line, sock_nntp_group_t *g);
bool sock__nntp_date(struct sock__piece line, int64_t *when);
bool sock__nntp_article(struct sock__piece line, sock_nntp_article_t *a);

/* Writes a text of a list, in which a NUL becomes "?", where there is room for
 * it; returns what is behind. */
char *sock__nntp_put(const char **text, char *at, struct sock__piece piece);

/* Lists made of lines, each in one allocation. NULL: *bad, or there is no
 * memory, which is not recorded. */

/* Of LIST ACTIVE and NEWGROUPS, or of LIST NEWSGROUPS. */
sock_nntp_groups_t *sock__nntp_groups(const sock_lines_t *lines, bool described,
                                      bool *bad);
sock_nntp_values_t *sock__nntp_values(const sock_lines_t *lines);

/* The names of the fields of an overview that stand behind the seven which each
 * has. */
enum { SOCK__NNTP_NAMES = 100 };
struct sock__nntp_format {
    const char *names[SOCK__NNTP_NAMES];
    size_t count;
    size_t size; /* bytes of the names, with a NUL each, in `text` */
    char text[];
};
/* Out of the lines of LIST OVERVIEW.FMT; NULL: there are none. */
struct sock__nntp_format *sock__nntp_format(const sock_lines_t *lines,
                                            bool *bad);
/* How many fields its articles have besides. */
size_t sock__nntp_others(const sock_lines_t *lines,
                         const struct sock__nntp_format *format);
sock_nntp_overview_t *sock__nntp_overview(
    const sock_lines_t *lines, const struct sock__nntp_format *format,
    bool *bad);

#endif
