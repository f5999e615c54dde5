/* SPDX-License-Identifier: MIT */
/* Lists of groups, of articles, and of what stands in them. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "dots.h"
#include "nntp.h"
#include "record.h"

/* Groups */

int sock_nntp_group(sock_nntp_t *n, const char *name, sock_nntp_group_t *g)
{
    const char *op = "group";
    const char *const parts[] = {"GROUP ", name, NULL};
    struct sock_session *c = sock__nntp_open(n, op);
    sock_nntp_group_t unused;

    if (c == NULL || sock__need(name, op) < 0 ||
        sock__nntp_ask(c, op, parts, 211) < 0)
        return -1;
    const char *text = sock_session_text(c);
    if (sock__nntp_group((struct sock__piece){text, strlen(text)},
                         g != NULL ? g : &unused))
        return 0;
    return sock__session_broke(c, op, SOCK_P_SYNTAX,
                               "the reply has not three numbers");
}

/* What became of a list: it is NULL with the error recorded, then. */
static void judge(sock_nntp_t *n, const char *op, const void *list, bool bad)
{
    if (bad)
        sock__session_broke(&n->session, op, SOCK_P_SYNTAX,
                            "a line of the list is none");
    else if (list == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

/* Bytes of a group, an article and a further field, as the limit counts them. A
 * value has no more than its line. */
enum { GROUP_EACH = 40, ARTICLE_EACH = 80, FIELD_EACH = 8 };

static sock_nntp_groups_t *ask_groups(sock_nntp_t *n, const char *op,
                                      const char *const parts[], int number,
                                      bool described)
{
    sock_lines_t *lines = sock__nntp_lines(n, op, parts, number);
    sock_nntp_groups_t *list = NULL;
    bool bad = false;

    if (lines == NULL)
        return NULL;
    if (sock__dots_places(&n->session, op, lines->count,
                          GROUP_EACH * (uint64_t)lines->count) == 0) {
        list = sock__nntp_groups(lines, described, &bad);
        judge(n, op, list, bad);
    }
    sock_lines_free(lines);
    return list;
}

sock_nntp_groups_t *sock_nntp_list(sock_nntp_t *n, const char *pattern)
{
    const char *const parts[] = {"LIST", pattern != NULL ? " ACTIVE " : NULL,
                                 pattern, NULL};
    return ask_groups(n, "list", parts, 215, false);
}

sock_nntp_groups_t *sock_nntp_descriptions(sock_nntp_t *n, const char *pattern)
{
    const char *const parts[] = {"LIST NEWSGROUPS ", pattern, NULL};
    if (sock__need(pattern, "descriptions") < 0)
        return NULL;
    return ask_groups(n, "descriptions", parts, 215, true);
}

void sock_nntp_groups_free(sock_nntp_groups_t *list)
{
    sock__free(list);
}

/* What is new */

enum { MOMENT_SIZE = 24 };

/* "20261130 233000 GMT", with two digits of the year for servers of the first
 * version. */
static int put_moment(const sock_nntp_t *n, const char *op, int64_t when,
                      char text[MOMENT_SIZE])
{
    bool old = n != NULL && n->version < 2;

    if (sock__date_check(op, when, NULL, 0) < 0)
        return -1;
    struct sock__moment m = sock__moment_of(when);
    snprintf(text, MOMENT_SIZE,
             old ? "%02d%02d%02d %02d%02d%02d GMT"
                 : "%04d%02d%02d %02d%02d%02d GMT",
             (int)(old ? m.year % 100 : m.year), m.month, m.day, m.hour,
             m.minute, m.second);
    return 0;
}

sock_nntp_groups_t *sock_nntp_newgroups(sock_nntp_t *n, int64_t when)
{
    char moment[MOMENT_SIZE];
    const char *const parts[] = {"NEWGROUPS ", moment, NULL};

    if (put_moment(n, "newgroups", when, moment) < 0)
        return NULL;
    return ask_groups(n, "newgroups", parts, 231, false);
}

sock_lines_t *sock_nntp_newnews(sock_nntp_t *n, const char *pattern,
                                int64_t when)
{
    char moment[MOMENT_SIZE];
    const char *const parts[] = {"NEWNEWS ", pattern, " ", moment, NULL};

    if (sock__need(pattern, "newnews") < 0 ||
        put_moment(n, "newnews", when, moment) < 0)
        return NULL;
    return sock__nntp_lines(n, "newnews", parts, 230);
}

/* Overviews */

static bool knows(const sock_nntp_t *n, const char *name)
{
    return n != NULL && sock_nntp_has(n, name) > 0;
}

/* Asks for the format, unless it is known. A server that does not know the
 * question has none but the fields that each has. */
static int need_format(sock_nntp_t *n, const char *op)
{
    static const char *const parts[] = {"LIST OVERVIEW.FMT", NULL};
    struct sock__saved before;
    bool bad;

    if (n->format != NULL)
        return 0;
    sock__error_save(&before);
    sock_lines_t *lines = sock__nntp_lines(n, op, parts, 215);
    if (lines == NULL && (sock_last_error()->kind != SOCK_E_REPLY ||
                          sock_last_error()->code / 100 != 5))
        return -1;
    if (lines == NULL)
        sock__error_restore(&before);
    n->format = sock__nntp_format(lines, &bad);
    sock_lines_free(lines);
    if (bad)
        return sock__session_broke(&n->session, op, SOCK_P_SYNTAX,
                                   "LIST OVERVIEW.FMT is of another format");
    return n->format != NULL ? 0 : sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

/* Of an overview, whose format is known. */
static int check_places(sock_nntp_t *n, const char *op,
                        const sock_lines_t *lines)
{
    uint64_t fields = sock__nntp_others(lines, n->format);
    uint64_t bytes = ARTICLE_EACH * (uint64_t)lines->count;

    return sock__dots_places(&n->session, op, lines->count,
                             bytes + FIELD_EACH * fields);
}

sock_nntp_overview_t *sock_nntp_over(sock_nntp_t *n, const char *spec)
{
    const char *op = "over";
    const char *const parts[] = {knows(n, "OVER") ? "OVER" : "XOVER",
                                 spec != NULL ? " " : NULL, spec, NULL};
    sock_lines_t *lines = sock__nntp_lines(n, op, parts, 224);
    sock_nntp_overview_t *list = NULL;
    bool bad = false;

    if (lines == NULL)
        return NULL;
    if (need_format(n, op) == 0 && check_places(n, op, lines) == 0) {
        list = sock__nntp_overview(lines, n->format, &bad);
        judge(n, op, list, bad);
    }
    sock_lines_free(lines);
    return list;
}

void sock_nntp_overview_free(sock_nntp_overview_t *list)
{
    sock__free(list);
}

/* Fields */

sock_nntp_values_t *sock_nntp_hdr(sock_nntp_t *n, const char *header,
                                  const char *range)
{
    const char *op = "hdr";
    bool hdr = knows(n, "HDR");
    const char *const parts[] = {hdr ? "HDR " : "XHDR ", header,
                                 range != NULL ? " " : NULL, range, NULL};

    if (sock__need(header, op) < 0)
        return NULL;
    sock_lines_t *lines = sock__nntp_lines(n, op, parts, hdr ? 225 : 221);
    if (lines == NULL)
        return NULL;
    sock_nntp_values_t *list = sock__nntp_values(lines);
    sock_lines_free(lines);
    judge(n, op, list, false);
    return list;
}

void sock_nntp_values_free(sock_nntp_values_t *list)
{
    sock__free(list);
}
