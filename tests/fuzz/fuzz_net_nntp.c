/* SPDX-License-Identifier: MIT */
/*
 * A client of NNTP whose kernel is this file: what a server says comes whole,
 * and then once more in pieces. What was made of it, and what was said to it,
 * must be the same each time, down to what is wrong with it.
 */
#include <pysockc/nntp.h>

#include "kernel.h"
#include "nntp.h"

static const struct sock__protocol protocol = {
    .port = 119, .line = 200, .command = 510, .numbering = SOCK__ONE_LINE};

static bool tell_groups(sock_nntp_groups_t *list)
{
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const sock_nntp_groupinfo_t *g = &list->groups[i];
        claim(g->group[0] != '\0' && g->last <= INT64_MAX);
        claim((g->flag != NULL) != (g->description != NULL));
        tell_text(g->group);
        tell_text(g->flag != NULL ? g->flag : g->description);
        tell_number(g->last);
        tell_number(g->first);
    }
    sock_nntp_groups_free(list);
    return list != NULL;
}

static bool tell_overview(sock_nntp_overview_t *list)
{
    size_t names = 0;

    while (list != NULL && list->names[names] != NULL)
        tell_text(list->names[names++]);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const sock_nntp_over_t *a = &list->articles[i];
        size_t others = 0;
        while (a->others[others] != NULL)
            tell_text(a->others[others++]);
        claim(others <= names && a->number <= INT64_MAX);
        claim(a->bytes >= -1 && a->lines >= -1);
        tell_number(a->number);
        tell_text(a->subject);
        tell_text(a->from);
        tell_text(a->date);
        tell_text(a->message_id);
        tell_text(a->references);
    }
    sock_nntp_overview_free(list);
    return list != NULL;
}

static bool tell_values(sock_nntp_values_t *list)
{
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        tell_number(list->values[i].number);
        tell_text(list->values[i].text);
    }
    sock_nntp_values_free(list);
    return list != NULL;
}

static bool tell_article(int result, const sock_nntp_article_t *a)
{
    if (result < 0)
        return false;
    claim(a->message_id[0] == '<' && strlen(a->message_id) <= 250);
    tell_number(a->number);
    tell_text(a->message_id);
    return true;
}

static int take(void *arg, const void *data, size_t n)
{
    (void)arg;
    claim(n > 0);
    tell(data, n);
    return 0;
}

/* Calls that give one thing. */
static bool call_one(sock_nntp_t *n, unsigned which)
{
    static sock_sasl_login_t login = {"user", "secret"};
    sock_nntp_group_t g;
    sock_nntp_article_t a;
    int64_t when;

    switch (which) {
    case 0:
        if (sock_nntp_group(n, "x", &g) < 0)
            return false;
        tell(&g, sizeof g);
        return true;
    case 1:
        if (sock_nntp_date(n, &when) < 0)
            return false;
        tell_number((uint64_t)when);
        return true;
    case 2:
        return tell_article(sock_nntp_stat(n, NULL, &a), &a);
    case 3:
        return sock_nntp_login(n, "user", "secret") == 0;
    case 4:
        return sock_nntp_auth(n, "CRAM-MD5", sock_sasl_password, &login) == 0;
    case 5:
        return sock_nntp_post(n, sock_source_memory("a\n.", 3)) == 0;
    default:
        return sock_nntp_read(n, "BODY", "1", (sock_sink_t){take, NULL}) == 0;
    }
}

static bool call(sock_nntp_t *n, unsigned which)
{
    sock_lines_t *lines;

    switch (which % 14) {
    case 7:
        return tell_groups(sock_nntp_list(n, NULL));
    case 8:
        return tell_groups(sock_nntp_descriptions(n, "*"));
    case 9:
        return tell_values(sock_nntp_hdr(n, "Subject", "1-"));
    case 10:
    case 11:
        return tell_overview(sock_nntp_over(n, "1-"));
    case 12:
    case 13:
        lines = sock_nntp_article(n, NULL);
        tell_lines(lines);
        return lines != NULL;
    default:
        return call_one(n, which % 14);
    }
}

static void converse(struct input in)
{
    sock_nntp_t *n = calloc(1, sizeof *n);
    unsigned calls[4];

    claim(n != NULL);
    for (size_t i = 0; i < 4; i++)
        calls[i] = next_byte(&in);
    sock_t *other = connect_to_kernel(&n->session, &protocol, in);
    for (size_t i = 0; i < 4; i++)
        tell_result(&n->session, call(n, calls[i]));
    claim(sock_nntp_getcapabilities(n) != NULL);
    tell_number((uint64_t)sock_nntp_has(n, "OVER"));
    tell_number(n->version);
    sock_nntp_free(n);
    sock_free(other);
    wire = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    twice(converse, (struct input){data, size});
    return 0;
}
