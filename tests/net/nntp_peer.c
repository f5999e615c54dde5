/* SPDX-License-Identifier: MIT */
/* A client of NNTP that nntp_peers.py drives: see driven.h. An argument that is
 * "-" stands for none. */
#include "driven.h"

static sock_nntp_t *n;

static const char *or_none(const char *word)
{
    return strcmp(word, "-") == 0 ? NULL : word;
}

static void begin(sock_nntp_t *made)
{
    n = made;
    if (n == NULL)
        print_error();
    else
        print_text(sock_nntp_getwelcome(n));
}

static void group(const char *name)
{
    sock_nntp_group_t g;
    if (sock_nntp_group(n, name, &g) < 0)
        print_error();
    else
        printf("(%" PRIu64 ", %" PRIu64 ", %" PRIu64 ")", g.count, g.first,
               g.last);
}

static void print_groups(sock_nntp_groups_t *list)
{
    if (list == NULL) {
        print_error();
        return;
    }
    printf("[");
    for (size_t i = 0; i < list->count; i++) {
        const sock_nntp_groupinfo_t *g = &list->groups[i];
        printf("(");
        print_text(g->group);
        if (g->description == NULL)
            printf(", %" PRIu64 ", %" PRIu64, g->last, g->first);
        printf(", ");
        print_text(g->description != NULL ? g->description : g->flag);
        printf("), ");
    }
    printf("]");
    sock_nntp_groups_free(list);
}

static void date(void)
{
    int64_t when;
    if (sock_nntp_date(n, &when) < 0)
        print_error();
    else
        printf("%" PRId64, when);
}

static void print_article(int result, const sock_nntp_article_t *a)
{
    if (result < 0) {
        print_error();
        return;
    }
    printf("(%" PRIu64 ", ", a->number);
    print_text(a->message_id);
    printf(")");
}

static void read_to(const char *words[])
{
    struct kept k = {.n = 0};
    print_kept(&k, sock_nntp_read(n, words[1], or_none(words[2]),
                                  (sock_sink_t){keep, &k}));
}

static void print_over(const sock_nntp_overview_t *list,
                       const sock_nntp_over_t *a)
{
    const char *const texts[] = {a->subject, a->from, a->date, a->message_id,
                                 a->references};
    printf("(%" PRIu64 ", ", a->number);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        print_text(texts[i]);
        printf(", ");
    }
    printf("%" PRId64 ", %" PRId64 ", {", a->bytes, a->lines);
    for (size_t i = 0; a->others[i] != NULL; i++) {
        print_text(list->names[i]);
        printf(": ");
        print_text(a->others[i]);
        printf(", ");
    }
    printf("}), ");
}

static void over(const char *spec)
{
    sock_nntp_overview_t *list = sock_nntp_over(n, spec);
    if (list == NULL) {
        print_error();
        return;
    }
    printf("[");
    for (size_t i = 0; i < list->count; i++)
        print_over(list, &list->articles[i]);
    printf("]");
    sock_nntp_overview_free(list);
}

static void hdr(const char *words[])
{
    sock_nntp_values_t *list = sock_nntp_hdr(n, words[1], or_none(words[2]));
    if (list == NULL) {
        print_error();
        return;
    }
    printf("[");
    for (size_t i = 0; i < list->count; i++) {
        printf("(%" PRIu64 ", ", list->values[i].number);
        print_text(list->values[i].text);
        printf("), ");
    }
    printf("]");
    sock_nntp_values_free(list);
}

static void capabilities(void)
{
    const sock_lines_t *lines = sock_nntp_getcapabilities(n);
    printf("[");
    for (size_t i = 0; lines != NULL && i < lines->count; i++) {
        print_bytes(lines->lines[i].text, lines->lines[i].length);
        printf(", ");
    }
    printf("]");
}

static void auth(const char *words[])
{
    void *arg;
    sock_sasl_fn fn = exchange_for(words[1], words[2], words[3], &arg);
    print_result(sock_nntp_auth(n, words[1], fn, arg));
}

/* Who it is, and the connection. */
static bool call_first(const char *words[])
{
    const char *name = words[0];
    sock_session_opts_t opts = {.size = sizeof opts, .timeout = 20};

    opts.readermode = strcmp(words[words[0][0] == 's' ? 4 : 3], "reader") == 0;
    if (strcmp(name, "new") == 0)
        begin(sock_nntp_new(words[1], (int)integer(words[2]), &opts));
    else if (strcmp(name, "ssl") == 0)
        begin(sock_nntp_ssl_new(words[1], (int)integer(words[2]),
                                trusting(words[3]), &opts));
    else if (strcmp(name, "free") == 0)
        printf("None"), sock_nntp_free(n), n = NULL;
    else if (strcmp(name, "welcome") == 0)
        print_text(sock_nntp_getwelcome(n));
    else if (strcmp(name, "getcapabilities") == 0)
        capabilities();
    else if (strcmp(name, "has") == 0)
        print_result(sock_nntp_has(n, words[1]));
    else if (strcmp(name, "login") == 0)
        print_result(sock_nntp_login(n, words[1], words[2]));
    else if (strcmp(name, "auth") == 0)
        auth(words);
    else if (strcmp(name, "starttls") == 0)
        print_result(sock_nntp_starttls(n, trusting(words[1])));
    else if (strcmp(name, "quit") == 0)
        print_result(sock_nntp_quit(n));
    else
        return false;
    return true;
}

static bool call_lists(const char *words[])
{
    const char *name = words[0];

    if (strcmp(name, "group") == 0)
        group(words[1]);
    else if (strcmp(name, "list") == 0)
        print_groups(sock_nntp_list(n, or_none(words[1])));
    else if (strcmp(name, "descriptions") == 0)
        print_groups(sock_nntp_descriptions(n, words[1]));
    else if (strcmp(name, "newgroups") == 0)
        print_groups(sock_nntp_newgroups(n, integer(words[1])));
    else if (strcmp(name, "newnews") == 0)
        print_lines(sock_nntp_newnews(n, words[1], integer(words[2])));
    else if (strcmp(name, "date") == 0)
        date();
    else if (strcmp(name, "help") == 0)
        print_lines(sock_nntp_help(n));
    else if (strcmp(name, "over") == 0)
        over(or_none(words[1]));
    else if (strcmp(name, "hdr") == 0)
        hdr(words);
    else
        return false;
    return true;
}

static bool call_articles(const char *words[])
{
    const char *name = words[0];
    sock_nntp_article_t a;

    if (strcmp(name, "stat") == 0)
        print_article(sock_nntp_stat(n, or_none(words[1]), &a), &a);
    else if (strcmp(name, "next") == 0)
        print_article(sock_nntp_next(n, &a), &a);
    else if (strcmp(name, "last") == 0)
        print_article(sock_nntp_last(n, &a), &a);
    else if (strcmp(name, "article") == 0)
        print_lines(sock_nntp_article(n, or_none(words[1])));
    else if (strcmp(name, "head") == 0)
        print_lines(sock_nntp_head(n, or_none(words[1])));
    else if (strcmp(name, "body") == 0)
        print_lines(sock_nntp_body(n, or_none(words[1])));
    else if (strcmp(name, "read") == 0)
        read_to(words);
    else if (strcmp(name, "post") == 0)
        print_result(
            sock_nntp_post(n, sock_source_memory(words[1], strlen(words[1]))));
    else if (strcmp(name, "ihave") == 0)
        print_result(sock_nntp_ihave(
            n, words[1], sock_source_memory(words[2], strlen(words[2]))));
    else
        return false;
    return true;
}

static bool call(const char *words[])
{
    return call_first(words) || call_lists(words) || call_articles(words) ||
           call_session(sock_nntp_session(n), words);
}

int main(void)
{
    int status = drive(call);
    sock_nntp_free(n);
    return status;
}
