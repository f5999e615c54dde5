/* SPDX-License-Identifier: MIT */
/* Articles: finding, reading and posting them. */
#define _POSIX_C_SOURCE 200809L

#include <string.h>
#include <strings.h>

#include "dots.h"
#include "nntp.h"

/* Finding */

static int find(sock_nntp_t *n, const char *op, const char *const parts[],
                sock_nntp_article_t *a)
{
    struct sock_session *c = sock__nntp_open(n, op);
    sock_nntp_article_t unused;

    if (c == NULL || sock__nntp_ask(c, op, parts, 223) < 0)
        return -1;
    const char *text = sock_session_text(c);
    if (sock__nntp_article((struct sock__piece){text, strlen(text)},
                           a != NULL ? a : &unused))
        return 0;
    return sock__session_broke(c, op, SOCK_P_SYNTAX,
                               "the reply has no number and message id");
}

int sock_nntp_stat(sock_nntp_t *n, const char *spec, sock_nntp_article_t *a)
{
    const char *const parts[] = {"STAT", spec != NULL ? " " : NULL, spec, NULL};
    return find(n, "stat", parts, a);
}

int sock_nntp_next(sock_nntp_t *n, sock_nntp_article_t *a)
{
    static const char *const parts[] = {"NEXT", NULL};
    return find(n, "next", parts, a);
}

int sock_nntp_last(sock_nntp_t *n, sock_nntp_article_t *a)
{
    static const char *const parts[] = {"LAST", NULL};
    return find(n, "last", parts, a);
}

/* Reading */

/* What may be read, the number of the reply that has it, and Python's name. */
struct part {
    const char *verb;
    int number;
    const char *op;
};

enum { ARTICLE, HEAD, BODY, PARTS };
static const struct part all_parts[PARTS] = {
    {"ARTICLE", 220, "article"}, {"HEAD", 221, "head"}, {"BODY", 222, "body"}};

/* Asks for it: the session, whose next bytes are the lines; NULL with the error
 * recorded. */
static struct sock_session *ask_for(sock_nntp_t *n, const struct part *part,
                                    const char *spec)
{
    const char *const parts[] = {part->verb, spec != NULL ? " " : NULL, spec,
                                 NULL};
    struct sock_session *c = sock__nntp_open(n, part->op);

    if (c == NULL || sock__nntp_ask(c, part->op, parts, part->number) < 0)
        return NULL;
    return c;
}

static sock_lines_t *read_lines(sock_nntp_t *n, int which, const char *spec)
{
    const struct part *part = &all_parts[which];
    struct sock_session *c = ask_for(n, part, spec);
    return c != NULL ? sock__dots_lines(c, part->op) : NULL;
}

sock_lines_t *sock_nntp_article(sock_nntp_t *n, const char *spec)
{
    return read_lines(n, ARTICLE, spec);
}

sock_lines_t *sock_nntp_head(sock_nntp_t *n, const char *spec)
{
    return read_lines(n, HEAD, spec);
}

sock_lines_t *sock_nntp_body(sock_nntp_t *n, const char *spec)
{
    return read_lines(n, BODY, spec);
}

/* NULL with the error recorded. */
static const struct part *part_of(const char *verb)
{
    if (sock__need(verb, "read") < 0)
        return NULL;
    for (int i = 0; i < PARTS; i++)
        if (strcasecmp(verb, all_parts[i].verb) == 0)
            return &all_parts[i];
    sock__fail_saying("read", SOCK_E_VALUE, 0,
                      "neither ARTICLE nor HEAD nor BODY");
    return NULL;
}

int sock_nntp_read(sock_nntp_t *n, const char *verb, const char *spec,
                   sock_sink_t sink)
{
    const struct part *part = part_of(verb);

    if (part == NULL)
        return -1;
    if (sock__sink_need(&sink, part->op) < 0)
        return -1;
    struct sock_session *c = ask_for(n, part, spec);
    return c != NULL ? sock__dots_take(c, part->op, &sink) : -1;
}

/* Posting */

static int send_article(sock_nntp_t *n, const char *op,
                        const char *const parts[], int number,
                        sock_source_t *source)
{
    struct sock_session *c = sock__nntp_open(n, op);

    if (c == NULL || sock__source_need(source, op) < 0 ||
        sock__nntp_ask(c, op, parts, number) < 0 ||
        sock__dots_send(c, op, source) < 0)
        return -1;
    int answer = sock__session_reply(c, op);
    return answer / 100 == 2 ? 0 : sock__nntp_other(c, op, answer);
}

int sock_nntp_post(sock_nntp_t *n, sock_source_t source)
{
    static const char *const parts[] = {"POST", NULL};
    return send_article(n, "post", parts, 340, &source);
}

int sock_nntp_ihave(sock_nntp_t *n, const char *message_id,
                    sock_source_t source)
{
    const char *const parts[] = {"IHAVE ", message_id, NULL};
    if (sock__need(message_id, "ihave") < 0)
        return -1;
    return send_article(n, "ihave", parts, 335, &source);
}
