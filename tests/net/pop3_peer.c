/* SPDX-License-Identifier: MIT */
/* A client of POP3 that pop3_peers.py drives: see driven.h. */
#include "driven.h"

static sock_pop3_t *p;

static void print_entries(sock_pop3_entries_t *list, bool ids)
{
    if (list == NULL) {
        print_error();
        return;
    }
    printf("[");
    for (size_t i = 0; i < list->count; i++) {
        printf("(%" PRIu64 ", ", list->entries[i].number);
        if (ids)
            print_text(list->entries[i].id);
        else
            printf("%" PRIu64, list->entries[i].octets);
        printf("), ");
    }
    printf("]");
    sock_pop3_entries_free(list);
}

static void begin(sock_pop3_t *made)
{
    p = made;
    if (p == NULL)
        print_error();
    else
        print_text(sock_pop3_getwelcome(p));
}

static void stat_box(void)
{
    uint64_t count, octets;
    if (sock_pop3_stat(p, &count, &octets) < 0)
        print_error();
    else
        printf("(%" PRIu64 ", %" PRIu64 ")", count, octets);
}

static int keep_all(void *arg, uint64_t number, const void *data, size_t n)
{
    (void)number;
    return n > 0 ? keep(arg, data, n) : 0;
}

static void fetch(const char *words[])
{
    struct kept k = {.most = (size_t)integer(words[3])};
    print_kept(&k, sock_pop3_fetch(p, (uint64_t)integer(words[1]),
                                   (uint64_t)integer(words[2]), keep_all, &k));
}

static void to_sink(const char *words[], bool top)
{
    struct kept k = {.n = 0};
    const sock_sink_t sink = {keep, &k};
    uint64_t which = (uint64_t)integer(words[1]);
    print_kept(
        &k, top ? sock_pop3_top_to(p, which, (uint64_t)integer(words[2]), sink)
                : sock_pop3_retr_to(p, which, sink));
}

static void auth(const char *words[])
{
    void *arg;
    sock_sasl_fn fn = exchange_for(words[1], words[2], words[3], &arg);
    print_result(sock_pop3_auth(p, words[1], fn, arg));
}

/* Who it is, and the connection. */
static bool call_first(const char *words[])
{
    const char *name = words[0];
    sock_session_opts_t opts = {.size = sizeof opts, .timeout = 20};

    if (strcmp(name, "new") == 0)
        begin(sock_pop3_new(words[1], (int)integer(words[2]), &opts));
    else if (strcmp(name, "ssl") == 0)
        begin(sock_pop3_ssl_new(words[1], (int)integer(words[2]),
                                trusting(words[3]), &opts));
    else if (strcmp(name, "free") == 0)
        printf("None"), sock_pop3_free(p), p = NULL;
    else if (strcmp(name, "welcome") == 0)
        print_text(sock_pop3_getwelcome(p));
    else if (strcmp(name, "user") == 0)
        print_result(sock_pop3_user(p, words[1]));
    else if (strcmp(name, "pass_") == 0)
        print_result(sock_pop3_pass(p, words[1]));
    else if (strcmp(name, "rpop") == 0)
        print_result(sock_pop3_rpop(p, words[1]));
    else if (strcmp(name, "apop") == 0)
        print_result(sock_pop3_apop(p, words[1], words[2]));
    else if (strcmp(name, "auth") == 0)
        auth(words);
    else if (strcmp(name, "stls") == 0)
        print_result(sock_pop3_stls(p, trusting(words[1])));
    else
        return false;
    return true;
}

static bool call_more(const char *words[])
{
    const char *name = words[0];
    uint64_t which = (uint64_t)integer(words[1]);

    if (strcmp(name, "capa") == 0)
        print_lines(sock_pop3_capa(p));
    else if (strcmp(name, "utf8") == 0)
        print_result(sock_pop3_utf8(p));
    else if (strcmp(name, "stat") == 0)
        stat_box();
    else if (strcmp(name, "list") == 0)
        print_entries(sock_pop3_list(p, which), false);
    else if (strcmp(name, "uidl") == 0)
        print_entries(sock_pop3_uidl(p, which), true);
    else if (strcmp(name, "retr") == 0)
        print_lines(sock_pop3_retr(p, which));
    else if (strcmp(name, "top") == 0)
        print_lines(sock_pop3_top(p, which, (uint64_t)integer(words[2])));
    else if (strcmp(name, "retr_to") == 0 || strcmp(name, "top_to") == 0)
        to_sink(words, name[0] == 't');
    else if (strcmp(name, "fetch") == 0)
        fetch(words);
    else if (strcmp(name, "dele") == 0)
        print_result(sock_pop3_dele(p, which));
    else if (strcmp(name, "rset") == 0)
        print_result(sock_pop3_rset(p));
    else if (strcmp(name, "noop") == 0)
        print_result(sock_pop3_noop(p));
    else if (strcmp(name, "quit") == 0)
        print_result(sock_pop3_quit(p));
    else
        return false;
    return true;
}

static bool call(const char *words[])
{
    return call_first(words) || call_more(words) ||
           call_session(sock_pop3_session(p), words);
}

int main(void)
{
    int status = drive(call);
    sock_pop3_free(p);
    return status;
}
