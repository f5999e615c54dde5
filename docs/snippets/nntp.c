/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/nntp.h>
#include <pysockc/pysockc.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The other side: a server of one group with two articles. */

#define HEAD "Subject: one\r\nFrom: a@example.org\r\n"
static const char *const answers[][2] = {
    {"CAPABILITIES", "101 \r\nVERSION 2\r\nREADER\r\nOVER\r\nHDR\r\n.\r\n"},
    {"GROUP", "211 2 1 2 misc.test\r\n"},
    {"LIST ACTIVE", "215 \r\nmisc.test 2 1 y\r\n.\r\n"},
    {"LIST NEWSGROUPS", "215 \r\nmisc.test For tests\r\n.\r\n"},
    {"LIST OVERVIEW.FMT",
     "215 \r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\n"
     "References:\r\n:bytes\r\n:lines\r\nXref:full\r\n.\r\n"},
    {"NEWGROUPS", "231 \r\nmisc.test 2 1 y\r\n.\r\n"},
    {"NEWNEWS", "230 \r\n<1@example.org>\r\n<2@example.org>\r\n.\r\n"},
    {"DATE", "111 20261130233000\r\n"},
    {"HELP", "100 \r\nARTICLE [number]\r\n.\r\n"},
    {"NEXT", "223 2 <2@example.org>\r\n"},
    {"LAST", "422 there is none before\r\n"},
    {"STAT", "223 1 <1@example.org>\r\n"},
    {"ARTICLE", "220 1 <1@example.org>\r\n" HEAD "\r\nHello\r\n.\r\n"},
    {"HEAD", "221 1 <1@example.org>\r\n" HEAD ".\r\n"},
    {"BODY", "222 1 <1@example.org>\r\nHello\r\n.\r\n"},
    {"OVER",
     "224 \r\n1\tone\ta@example.org\t6 Nov\t<1@example.org>\t\t80\t1\t"
     "Xref: x misc.test:1\r\n"
     "2\ttwo\tb@example.org\t7 Nov\t<2@example.org>\t<1@example.org>\t80\t1"
     "\r\n.\r\n"},
    {"HDR", "225 \r\n1 one\r\n2 two\r\n.\r\n"},
    {"POST", "340 go on\r\n"},
    {"IHAVE", "435 it is here\r\n"},
    {"STARTTLS", "580 not now\r\n"},
    {"AUTHINFO SASL", "281 you are welcome\r\n"},
    {"authinfo user", "381 and?\r\n"},
    {"authinfo pass", "281 you are welcome\r\n"},
    {".\r", "240 it is there\r\n"},
    {"QUIT", "205 bye\r\n"},
    {"", ""}};

static const char *answer_to(const char *line)
{
    int i = 0;
    while (strncmp(line, answers[i][0], strlen(answers[i][0])) != 0)
        i++;
    return answers[i][1];
}

static void *serve(void *arg)
{
    const char *welcome = "200 news.example.org\r\n";
    char line[512];
    sock_t *s;

    while ((s = sock_accept(arg, NULL)) != NULL) {
        FILE *f = sock_makefile(s, "r");
        sock_sendall(s, welcome, strlen(welcome), 0);
        while (f != NULL && fgets(line, sizeof line, f) != NULL)
            if (sock_sendall(s, answer_to(line), strlen(answer_to(line)), 0))
                break;
        if (f != NULL)
            fclose(f);
        sock_free(s);
    }
    return NULL;
}

/* What the reference shows */

//! [overview]
static int look_over(const char *host, int port, const char *group)
{
    sock_nntp_group_t g;
    char range[32];
    sock_nntp_overview_t *o = NULL;
    sock_nntp_t *n = sock_nntp_new(host, port, NULL);
    int result = -1;

    if (n != NULL && sock_nntp_group(n, group, &g) == 0) {
        snprintf(range, sizeof range, "%" PRIu64 "-", g.first);
        o = sock_nntp_over(n, range);
    }
    for (size_t i = 0; o != NULL && i < o->count; i++)
        printf("%s, by %s\n", o->articles[i].subject, o->articles[i].from);
    if (o != NULL)
        result = sock_nntp_quit(n);
    if (result == -1)
        sock_perror(NULL);
    sock_nntp_overview_free(o);
    sock_nntp_free(n);
    return result;
}
/* -> one, by a@example.org
   -> two, by b@example.org */
//! [overview]

static void over_tls(void)
{
    //! [ssl]
    sock_nntp_t *n = sock_nntp_ssl_new("example.org", 0, NULL, NULL);
    if (n == NULL) /* as sock_ssl_init() was not called */
        sock_perror(NULL);
    /* -> NNTP_SSL: TLS needs sock_ssl_init() ... */
    sock_nntp_free(n);
    //! [ssl]
}

static void about_it(sock_nntp_t *n)
{
    //! [session]
    puts(sock_nntp_getwelcome(n)); /* -> 200 news.example.org */
    sock_session_t *c = sock_nntp_session(n);
    sock_session_settimeout(c, 30);
    if (sock_nntp_group(n, "misc.test", NULL) == 0)
        printf("%d %s\n", sock_session_code(c), sock_session_text(c));
    /* -> 211 2 1 2 misc.test */
    //! [session]

    //! [has]
    if (sock_nntp_has(n, "OVER") == 1)
        puts("it has overviews"); /* -> it has overviews */
    const sock_lines_t *can = sock_nntp_getcapabilities(n);
    puts(can->lines[0].text); /* -> VERSION 2 */
    //! [has]
}

static void who_it_is(sock_nntp_t *n)
{
    //! [starttls]
    if (sock_nntp_starttls(n, NULL) == -1) /* before the login */
        sock_perror(NULL);
    /* -> starttls: TLS needs sock_ssl_init() ... */
    //! [starttls]
    //! [login]
    if (sock_nntp_login(n, "mrose", "tanstaaf") == 0)
        puts("the server knows"); /* -> the server knows */
    //! [login]
}

static void groups(sock_nntp_t *n)
{
    //! [list]
    sock_nntp_groups_t *g = sock_nntp_list(n, "misc.*");
    for (size_t i = 0; g != NULL && i < g->count; i++)
        printf("%s: %" PRIu64 " to %" PRIu64 "\n", g->groups[i].group,
               g->groups[i].first, g->groups[i].last);
    /* -> misc.test: 1 to 2 */
    sock_nntp_groups_free(g);
    //! [list]

    //! [descriptions]
    g = sock_nntp_descriptions(n, "misc.test");
    if (g != NULL && g->count > 0)
        puts(g->groups[0].description); /* -> For tests */
    sock_nntp_groups_free(g);
    //! [descriptions]

    //! [newgroups]
    g = sock_nntp_newgroups(n, time(NULL) - 24 * 3600);
    if (g != NULL)
        printf("%zu since yesterday\n", g->count);
    /* -> 1 since yesterday */
    sock_nntp_groups_free(g);
    //! [newgroups]

    //! [newnews]
    sock_lines_t *ids = sock_nntp_newnews(n, "misc.*", time(NULL) - 3600);
    for (size_t i = 0; ids != NULL && i < ids->count; i++)
        puts(ids->lines[i].text);
    /* -> <1@example.org>
       -> <2@example.org> */
    sock_lines_free(ids);
    //! [newnews]
}

static void other_questions(sock_nntp_t *n)
{
    //! [date]
    int64_t when;
    if (sock_nntp_date(n, &when) == 0)
        printf("%" PRId64 "\n", when); /* -> 1796081400 */
    //! [date]

    //! [help]
    sock_lines_t *help = sock_nntp_help(n);
    if (help != NULL)
        puts(help->lines[0].text); /* -> ARTICLE [number] */
    sock_lines_free(help);
    //! [help]

    //! [hdr]
    sock_nntp_values_t *v = sock_nntp_hdr(n, "Subject", "1-");
    for (size_t i = 0; v != NULL && i < v->count; i++)
        printf("%" PRIu64 ": %s\n", v->values[i].number, v->values[i].text);
    /* -> 1: one
       -> 2: two */
    sock_nntp_values_free(v);
    //! [hdr]
}

static void articles(sock_nntp_t *n)
{
    //! [stat]
    sock_nntp_article_t a;
    if (sock_nntp_stat(n, NULL, &a) == 0)
        puts(a.message_id); /* -> <1@example.org> */
    if (sock_nntp_next(n, &a) == 0)
        printf("%" PRIu64 "\n", a.number); /* -> 2 */
    if (sock_nntp_last(n, NULL) == -1)
        sock_perror(NULL);
    /* -> last 127.0.0.1: LAST: 422 there is none before */
    //! [stat]

    //! [article]
    sock_lines_t *all = sock_nntp_article(n, "1");
    sock_lines_t *head = sock_nntp_head(n, "1");
    sock_lines_t *body = sock_nntp_body(n, "<1@example.org>");
    if (all != NULL && head != NULL && body != NULL)
        printf("%zu lines: %zu, %zu\n", all->count, head->count, body->count);
    /* -> 4 lines: 2, 1 */
    sock_lines_free(all);
    sock_lines_free(head);
    sock_lines_free(body);
    //! [article]

    //! [read]
    if (sock_nntp_read(n, "BODY", "1", sock_sink_file(stdout)) == -1)
        sock_perror(NULL);
    /* -> Hello */
    //! [read]
}

static void posting(sock_nntp_t *n)
{
    //! [post]
    const char *text = "From: a@example.org\n"
                       "Newsgroups: misc.test\n"
                       "Subject: three\n"
                       "\n"
                       "Hello\n";
    if (sock_nntp_post(n, sock_source_memory(text, strlen(text))) == 0)
        puts(sock_session_text(sock_nntp_session(n)));
    /* -> it is there */
    //! [post]

    //! [ihave]
    sock_source_t source = sock_source_memory(text, strlen(text));
    if (sock_nntp_ihave(n, "<1@example.org>", source) == -1)
        sock_perror(NULL);
    /* -> ihave 127.0.0.1: IHAVE <1@example.org>: 435 it is here */
    //! [ihave]
}

static void who_else(sock_nntp_t *n)
{
    //! [auth]
    sock_sasl_login_t who = {"mrose", "tanstaaf"};
    if (sock_nntp_auth(n, "PLAIN", sock_sasl_password, &who) == 0)
        puts("likewise"); /* -> likewise */
    //! [auth]
}

int main(void)
{
    sock_addr_t address;
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    sock_t *server = sock_create_server(any, 9, 0);
    pthread_t thread;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (server == NULL)
        return 1;
    sock_getsockname(server, &address);
    pthread_create(&thread, NULL, serve, server);
    int port = sock_addr_port(&address);
    int failed = look_over("127.0.0.1", port, "misc.test");

    over_tls();
    sock_nntp_t *n = sock_nntp_new("127.0.0.1", port, NULL);
    about_it(n);
    who_it_is(n);
    groups(n);
    other_questions(n);
    articles(n);
    posting(n);
    sock_nntp_free(n);
    n = sock_nntp_new("127.0.0.1", port, NULL);
    who_else(n);
    sock_nntp_free(n);
    sock_shutdown(server, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(server);
    return failed == 0 ? 0 : 1;
}
