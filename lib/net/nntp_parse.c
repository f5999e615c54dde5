/* SPDX-License-Identifier: MIT */
/* What a server of NNTP says, but for overviews: each scanner looks at a byte
 * once. */
#include "nntp_parse.h"

#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "transfer.h"
#include "word.h"

enum { ID_MAX = 250 /* RFC 3977 3.6 */ };

/* Replies */

bool sock__nntp_group(struct sock__piece line, sock_nntp_group_t *g)
{
    return sock__word_number(&line, &g->count) &&
           sock__word_number(&line, &g->first) &&
           sock__word_number(&line, &g->last);
}

bool sock__nntp_date(struct sock__piece line, int64_t *when)
{
    struct sock__piece word = sock__word(&line);
    const char *at = word.at;

    return word.n == 14 && sock__word(&line).n == 0 &&
           sock__span(at, at + word.n, SOCK__DIGIT) == word.n &&
           sock__time_of_digits(at, when);
}

static bool is_id(struct sock__piece id)
{
    return id.n > 2 && id.n <= ID_MAX && id.at[0] == '<' &&
           id.at[id.n - 1] == '>' && sock__is_visible(id);
}

bool sock__nntp_article(struct sock__piece line, sock_nntp_article_t *a)
{
    bool numbered = sock__word_number(&line, &a->number);
    struct sock__piece id = sock__word(&line);

    if (!numbered || !is_id(id))
        return false;
    memcpy(a->message_id, id.at, id.n);
    a->message_id[id.n] = '\0';
    return true;
}

/* Texts */

char *sock__nntp_put(const char **text, char *at, struct sock__piece piece)
{
    *text = at;
    for (size_t i = 0; i < piece.n; i++)
        at[i] = (char)(piece.at[i] != '\0' ? piece.at[i] : '?');
    at[piece.n] = '\0';
    return at + piece.n + 1;
}

static struct sock__piece line_of(const sock_lines_t *lines, size_t i)
{
    return (struct sock__piece){lines->lines[i].text, lines->lines[i].length};
}

/* Groups */

/* "misc.test 3002322 3000234 y": what is behind the texts; NULL: it is none. */
static char *put_active(sock_nntp_groupinfo_t *g, char *at,
                        struct sock__piece line)
{
    struct sock__piece name = sock__word(&line);
    bool numbered = sock__word_number(&line, &g->last) &&
                    sock__word_number(&line, &g->first);
    struct sock__piece flag = sock__word(&line);

    if (!numbered || flag.n == 0)
        return NULL;
    return sock__nntp_put(&g->flag, sock__nntp_put(&g->group, at, name), flag);
}

/* "misc.test  What it is about": where the texts end. One that does not say
 * that is passed over. */
static char *put_described(sock_nntp_groupinfo_t *g, char *at,
                           struct sock__piece line)
{
    struct sock__piece name = sock__word(&line);
    struct sock__piece about = sock__trim(line.at, line.n);

    if (name.n == 0 || about.n == 0)
        return at;
    return sock__nntp_put(&g->description, sock__nntp_put(&g->group, at, name),
                          about);
}

static void put_groups(sock_nntp_groups_t *list, const sock_lines_t *lines,
                       bool described, bool *bad)
{
    sock_nntp_groupinfo_t *g = (sock_nntp_groupinfo_t *)(list + 1);
    char *at = (char *)(g + lines->count);

    for (size_t i = 0; i < lines->count && !*bad; i++) {
        sock_nntp_groupinfo_t *next = &g[list->count];
        *next = (sock_nntp_groupinfo_t){0};
        at = described ? put_described(next, at, line_of(lines, i))
                       : put_active(next, at, line_of(lines, i));
        *bad = at == NULL;
        list->count += next->group != NULL;
    }
}

sock_nntp_groups_t *sock__nntp_groups(const sock_lines_t *lines, bool described,
                                      bool *bad)
{
    sock_nntp_groups_t *list =
        malloc(sizeof *list + lines->count * sizeof(sock_nntp_groupinfo_t) +
               sock__lines_size(lines));
    if (list == NULL)
        return NULL;
    *list = (sock_nntp_groups_t){(sock_nntp_groupinfo_t *)(list + 1), 0};
    put_groups(list, lines, described, bad);
    if (!*bad)
        return list;
    free(list);
    return NULL;
}

/* Values */

/* "3000234 I am just a test article"; without a number it is all value. */
static char *put_value(sock_nntp_value_t *v, char *at, struct sock__piece line)
{
    struct sock__piece rest = line;

    if (!sock__word_number(&rest, &v->number)) {
        v->number = 0;
        rest = line;
    } else if (rest.n > 0) {
        rest = (struct sock__piece){rest.at + 1, rest.n - 1};
    }
    return sock__nntp_put(&v->text, at, rest);
}

sock_nntp_values_t *sock__nntp_values(const sock_lines_t *lines)
{
    sock_nntp_values_t *list =
        malloc(sizeof *list + lines->count * sizeof(sock_nntp_value_t) +
               sock__lines_size(lines));
    if (list == NULL)
        return NULL;
    sock_nntp_value_t *v = (sock_nntp_value_t *)(list + 1);
    char *at = (char *)(v + lines->count);
    *list = (sock_nntp_values_t){v, lines->count};
    for (size_t i = 0; i < lines->count; i++)
        at = put_value(&v[i], at, line_of(lines, i));
    return list;
}
