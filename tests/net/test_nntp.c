/* SPDX-License-Identifier: MIT */
/* NNTP: what is sent and what is made of the answers, as CPython 3.12's nntplib
 * has it or as is said here why not. Links with --wrap. */
#include <pysockc/nntp.h>

#include <stdio.h>

#include "far_away.h"
#include "lines.h"
#include "nntp_parse.h"
#include "pretended.h"
#include "support.h"

#define WELCOME "200 news.example.org ready\r\n"
#define CAPS(more) "101 Capability list:\r\nVERSION 2\r\n" more ".\r\n"
#define READER CAPS("READER\r\nOVER\r\nHDR\r\nPOST\r\n")

static struct lines_peer peer;

static sock_nntp_t *connect_to(const char *const *turns)
{
    lines_start(&peer, turns, false, -1);
    return check_made(sock_nntp_new("127.0.0.1", peer.port, NULL));
}

/* Ends both: all that was heard must be this, behind CAPABILITIES. */
static void end(sock_nntp_t *n, const char *heard)
{
    static const char first[] = "CAPABILITIES\r\n";
    sock_nntp_free(n);
    check(strncmp(lines_heard(&peer), first, sizeof first - 1) == 0);
    check_str(lines_heard(&peer) + sizeof first - 1, heard);
    lines_end(&peer);
}

static const char *text_of(sock_nntp_t *n)
{
    return sock_session_text(sock_nntp_session(n));
}

/* The lines, each with an LF. Static; they are freed. */
static const char *joined(sock_lines_t *lines)
{
    static char text[4096];
    size_t n = 0;
    check_made(lines);
    for (size_t i = 0; i < lines->count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\n",
                              lines->lines[i].text);
    text[n] = '\0';
    sock_lines_free(lines);
    return text;
}

/* What the server can */

TEST(nntp, capabilities)
{
    static const char *const turns[] = {
        WELCOME, CAPS("IMPLEMENTATION x\r\nLIST ACTIVE\r\n\r\nover\tMSGID\r\n"),
        "205 bye\r\n", NULL};
    sock_nntp_t *n = connect_to(turns);
    const sock_lines_t *can =
        check_made((void *)(uintptr_t)sock_nntp_getcapabilities(n));
    check_str(sock_nntp_getwelcome(n), "200 news.example.org ready");
    check_int(can->count, 5);
    check_str(can->lines[2].text, "LIST ACTIVE");
    check_int(sock_nntp_has(n, "OVER"), 1);
    check_int(sock_nntp_has(n, "LIST"), 1);
    check_int(sock_nntp_has(n, "LIS"), 0);
    check_int(sock_nntp_has(n, "READER"), 0);
    check_ok(sock_nntp_quit(n));
    check_int(sock_session_code(sock_nntp_session(n)), 205);
    check_fails(sock_nntp_quit(n), SOCK_E_EOF, 0, "quit: not connected");
    end(n, "QUIT\r\n");
}

/* Whatever the server says to the goodbye. */
TEST(nntp, quits_that_are_refused)
{
    static const char *const turns[] = {WELCOME, READER, "503 stay\r\n", NULL};
    sock_nntp_t *n = connect_to(turns);
    check_fails(sock_nntp_quit(n), SOCK_E_REPLY, 503,
                "quit 127.0.0.1: QUIT: 503 stay");
    check(sock_session_socket(sock_nntp_session(n)) == NULL);
    end(n, "QUIT\r\n");
}

TEST(nntp, it_does_not_know_what_it_can)
{
    static const char *const turns[] = {"201 no posting\r\n", "500 what?\r\n",
                                        "231 new\r\nmisc.test 2 1 y\r\n.\r\n",
                                        NULL};
    sock_nntp_t *n = connect_to(turns);
    check_int(sock_nntp_getcapabilities(n)->count, 0);
    check_int(sock_nntp_has(n, "OVER"), 0);
    /* two digits of the year, as it is of the first version */
    sock_nntp_groups_t *g = check_made(sock_nntp_newgroups(n, 1000000000));
    check_int(g->count, 1);
    sock_nntp_groups_free(g);
    end(n, "NEWGROUPS 010909 014640 GMT\r\n");
}

TEST(nntp, it_is_not_wanted)
{
    static const struct {
        const char *turns[3], *words;
        int kind, code;
    } rows[] = {
        {{"400 go away\r\n"}, "NNTP 127.0.0.1: 400 go away", SOCK_E_REPLY, 400},
        {{"502 go away\r\n"}, "NNTP 127.0.0.1: 502 go away", SOCK_E_REPLY, 502},
        {{"hello\r\n"},
         "NNTP 127.0.0.1: not a reply: 'hello'",
         SOCK_E_PROTOCOL,
         SOCK_P_SYNTAX},
        {{"600 x\r\n"},
         "NNTP 127.0.0.1: a reply to another command",
         SOCK_E_PROTOCOL,
         SOCK_P_ORDER},
        {{WELCOME, "200 x\r\n"},
         "NNTP 127.0.0.1: CAPABILITIES: a reply to another command",
         SOCK_E_PROTOCOL,
         SOCK_P_ORDER},
        {{WELCOME, "!101 x\r\nVERSION 2\r\n"},
         "NNTP 127.0.0.1: CAPABILITIES: Connection unexpectedly closed",
         SOCK_E_EOF,
         0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lines_start(&peer, rows[i].turns, false, -1);
        check_null(sock_nntp_new("127.0.0.1", peer.port, NULL), rows[i].kind,
                   rows[i].code, rows[i].words);
        lines_end(&peer);
    }
}

/* The highest of its versions, whatever stands between them: with the second,
 * years have four digits. */
TEST(nntp, versions)
{
    static const char *const turns[] = {
        WELCOME, "101 x\r\nVERSION 1\t2\r\n.\r\n", "231 new\r\n.\r\n", NULL};
    sock_nntp_t *n = connect_to(turns);
    sock_nntp_groups_free(check_made(sock_nntp_newgroups(n, 0)));
    end(n, "NEWGROUPS 19700101 000000 GMT\r\n");
}

/* Readers */

static sock_nntp_t *reader(const char *const *turns)
{
    sock_session_opts_t opts = {.size = sizeof opts, .readermode = 1};
    lines_start(&peer, turns, false, -1);
    return sock_nntp_new("127.0.0.1", peer.port, &opts);
}

TEST(nntp, it_is_a_reader_already)
{
    static const char *const turns[] = {WELCOME, READER, NULL};
    end(check_made(reader(turns)), "");
}

TEST(nntp, it_becomes_a_reader)
{
    static const char *const turns[] = {WELCOME, CAPS("MODE-READER\r\n"),
                                        "201 as a reader\r\n", READER, NULL};
    sock_nntp_t *n = check_made(reader(turns));
    check_str(sock_nntp_getwelcome(n), "201 as a reader");
    check_int(sock_nntp_has(n, "OVER"), 1);
    end(n, "mode reader\r\nCAPABILITIES\r\n");
}

TEST(nntp, it_does_not_know_readers)
{
    static const char *const turns[] = {WELCOME, CAPS(""), "501 what?\r\n",
                                        CAPS(""), NULL};
    sock_nntp_t *n = check_made(reader(turns));
    check_str(sock_nntp_getwelcome(n), "200 news.example.org ready");
    end(n, "mode reader\r\nCAPABILITIES\r\n");
}

TEST(nntp, it_becomes_a_reader_after_the_login)
{
    static const char *const turns[] = {
        WELCOME,        CAPS(""),     "480 who?\r\n",
        "381 and?\r\n", "281 ok\r\n", CAPS(""),
        "200 yes\r\n",  READER,       NULL};
    sock_nntp_t *n = check_made(reader(turns));
    check_ok(sock_nntp_login(n, "tim", "secret"));
    check_int(sock_nntp_has(n, "READER"), 1);
    end(n, "mode reader\r\nauthinfo user tim\r\nauthinfo pass secret\r\n"
           "CAPABILITIES\r\nmode reader\r\nCAPABILITIES\r\n");
}

TEST(nntp, it_has_no_readers_even_after_the_login)
{
    static const char *const turns[] = {WELCOME,      CAPS(""), "480 who?\r\n",
                                        "281 ok\r\n", CAPS(""), "480 who?\r\n",
                                        NULL};
    sock_nntp_t *n = check_made(reader(turns));
    check_fails(sock_nntp_login(n, "tim", "x"), SOCK_E_REPLY, 480,
                "login 127.0.0.1: mode reader: 480 who?");
    end(n, "mode reader\r\nauthinfo user tim\r\nCAPABILITIES\r\n"
           "mode reader\r\n");
}

TEST(nntp, it_has_no_readers_now)
{
    static const char *const turns[] = {WELCOME, CAPS(""), "400 later\r\n",
                                        NULL};
    check_null(reader(turns), SOCK_E_REPLY, 400,
               "NNTP 127.0.0.1: mode reader: 400 later");
    lines_end(&peer);
}

/* Who it is */

TEST(nntp, login)
{
    static const char *const turns[] = {
        WELCOME,      CAPS(""),     "482 no\r\n",   "381 and?\r\n",
        "481 no\r\n", "480 hm\r\n", "381 and?\r\n", "281 ok\r\n",
        READER,       NULL};
    sock_nntp_t *n = connect_to(turns);
    check_fails(sock_nntp_login(n, "tim", "x"), SOCK_E_REPLY, 482,
                "login 127.0.0.1: authinfo user tim: 482 no");
    check_fails(sock_nntp_login(n, "tim", "x"), SOCK_E_REPLY, 481,
                "login 127.0.0.1: authinfo pass ****: 481 no");
    check_fails(sock_nntp_group(n, "misc.test", NULL), SOCK_E_REPLY, 480,
                "group 127.0.0.1: GROUP misc.test: 480 hm");
    check_ok(sock_nntp_login(n, "tim", "y"));
    check_int(sock_nntp_has(n, "OVER"), 1);
    check_fails(sock_nntp_login(n, "tim", "y"), SOCK_E_VALUE, 0,
                "login: Already logged in.");
    /* RFC 4642 2.2; Python would send it */
    check_fails(sock_nntp_starttls(n, NULL), SOCK_E_VALUE, 0,
                "starttls: TLS cannot be started after authentication.");
    end(n, "authinfo user tim\r\nauthinfo user tim\r\nauthinfo pass x\r\n"
           "GROUP misc.test\r\n"
           "authinfo user tim\r\nauthinfo pass y\r\nCAPABILITIES\r\n");
}

/* Not a word is said of one that could not be said whole. */
TEST(nntp, login_with_what_is_too_long)
{
    static const char *const turns[] = {WELCOME, CAPS(""), NULL};
    sock_nntp_t *n = connect_to(turns);
    char text[499];

    memset(text, 'x', sizeof text);
    text[498] = '\0';
    check_fails(sock_nntp_login(n, "tim", text), SOCK_E_VALUE, 0,
                "login: the command is too long");
    check_fails(sock_nntp_login(n, text, "x"), SOCK_E_VALUE, 0,
                "login: the command is too long");
    end(n, "");
}

TEST(nntp, login_without_password)
{
    static const char *const turns[] = {WELCOME, CAPS(""), "281 ok\r\n",
                                        CAPS(""), NULL};
    sock_nntp_t *n = connect_to(turns);
    check_ok(sock_nntp_login(n, "tim", "unused"));
    end(n, "authinfo user tim\r\nCAPABILITIES\r\n");
}

/* Some say what they can to those alone that they know. */
TEST(nntp, it_says_what_it_can_after_the_login)
{
    static const char *const turns[] = {
        WELCOME, "480 who?\r\n", "381 and?\r\n", "281 ok\r\n", READER, NULL};
    sock_nntp_t *n = connect_to(turns);
    check_int(sock_nntp_getcapabilities(n)->count, 0);
    check_ok(sock_nntp_login(n, "tim", "secret"));
    check_int(sock_nntp_has(n, "VERSION"), 1);
    end(n, "authinfo user tim\r\nauthinfo pass secret\r\nCAPABILITIES\r\n");
}

static sock_sasl_login_t who = {"tim", "tanstaaftanstaaf"};

TEST(nntp, sasl)
{
    static const char *const turns[] = {
        WELCOME,
        CAPS(""),
        "481 no\r\n",
        "383 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n",
        "281 ok\r\n",
        READER,
        NULL};
    sock_nntp_t *n = connect_to(turns);
    check_fails(sock_nntp_auth(n, "PLAIN", sock_sasl_password, &who),
                SOCK_E_REPLY, 481,
                "auth 127.0.0.1: AUTHINFO SASL PLAIN ****: 481 no");
    check_ok(sock_nntp_auth(n, "CRAM-MD5", sock_sasl_password, &who));
    check_fails(sock_nntp_auth(n, "PLAIN", sock_sasl_password, &who),
                SOCK_E_VALUE, 0, "auth: Already logged in.");
    end(n, "AUTHINFO SASL PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n"
           "AUTHINFO SASL CRAM-MD5\r\n"
           "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n" /* RFC 2195 */
           "CAPABILITIES\r\n");
}

TEST(nntp, an_empty_challenge)
{
    static const char *const turns[] = {WELCOME,        CAPS(""), "383 =\r\n",
                                        "283 b2s=\r\n", CAPS(""), NULL};
    sock_nntp_t *n = connect_to(turns);
    check_ok(sock_nntp_auth(n, "LOGIN", sock_sasl_password, &who));
    end(n, "AUTHINFO SASL LOGIN dGlt\r\ndGlt\r\nCAPABILITIES\r\n");
}

/* Python sends it. */
TEST(nntp, passwords_in_the_clear)
{
    static const char *const turns[] = {WELCOME, CAPS(""), NULL};
    sock_nntp_t *n = connect_to(turns);
    const sock_addr_t far = sock_addr_inet("192.0.2.1", 119);
    far_away = &far;
    check_fails(sock_nntp_login(n, "tim", "x"), SOCK_E_VALUE, 0,
                "login: the password would be sent without TLS "
                "(see insecure_auth)");
    far_away = NULL;
    end(n, "");
}

/* TLS, without a library that has it. */
TEST(nntp, no_tls)
{
    static const char *const turns[] = {WELCOME, CAPS(""), NULL};
    sock_nntp_t *n = connect_to(turns);
    check_int(sock_nntp_starttls(n, NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
    end(n, "");
    check(sock_nntp_ssl_new("127.0.0.1", 1, NULL, NULL) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
}

/* Groups */

TEST(nntp, a_group)
{
    static const char *const turns[] = {
        WELCOME,
        READER,
        "211 1234 3000234 3002322 misc.test\r\n",
        "211 0 0000000001 0 misc.test\r\n",
        "411 no such group\r\n",
        NULL};
    sock_nntp_group_t g;
    sock_nntp_t *n = connect_to(turns);
    check_ok(sock_nntp_group(n, "misc.test", &g));
    check_int(g.count, 1234);
    check_int(g.first, 3000234);
    check_int(g.last, 3002322);
    check_str(text_of(n), "1234 3000234 3002322 misc.test");
    check_ok(sock_nntp_group(n, "misc.test", NULL));
    check_fails(sock_nntp_group(n, "x", &g), SOCK_E_REPLY, 411,
                "group 127.0.0.1: GROUP x: 411 no such group");
    end(n, "GROUP misc.test\r\nGROUP misc.test\r\nGROUP x\r\n");
}

TEST(nntp, no_group)
{
    static const char *const bad[] = {
        "211\r\n",       "211 1\r\n",        "211 1 2\r\n",
        "211 a b c\r\n", "211 -1 2 3 x\r\n", "211 1 2 9223372036854775808\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *const turns[] = {WELCOME, READER, bad[i], NULL};
        sock_nntp_t *n = connect_to(turns);
        sock_nntp_group_t g;
        check_fails(sock_nntp_group(n, "x", &g), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                    "group 127.0.0.1: GROUP x: the reply has not three "
                    "numbers");
        check_fails(sock_nntp_group(n, "x", &g), SOCK_E_EOF, 0,
                    "group: not connected");
        end(n, "GROUP x\r\n");
    }
}

TEST(nntp, lists)
{
    static const char *const turns[] = {
        WELCOME,
        READER,
        "215 list\r\nmisc.test 3002322 3000234 y\r\n"
        "tx.natives 89 00056 =x.y\r\n.\r\n",
        "215 list\r\n.\r\n",
        "231 new\r\n\xc3\xa4 2 1 m\r\n.\r\n",
        "215 descriptions\r\nmisc.test General Usenet testing\r\nbare\r\n"
        "blank \t \r\n\r\nalt.x\t \tTabs \r\n.\r\n",
        "215 descriptions\r\n.\r\n",
        "\r\nalt.x\t \tTabs \t\r\n.\r\n",
        NULL};
    sock_nntp_t *n = connect_to(turns);
    sock_nntp_groups_t *all = check_made(sock_nntp_list(n, NULL));
    sock_nntp_groups_t *none = check_made(sock_nntp_list(n, "a.*"));
    sock_nntp_groups_t *fresh = check_made(sock_nntp_newgroups(n, 0));
    sock_nntp_groups_t *about = check_made(sock_nntp_descriptions(n, "*"));
    sock_nntp_groups_t *silent = check_made(sock_nntp_descriptions(n, "no.x"));

    check_int(all->count, 2);
    check_str(all->groups[0].group, "misc.test");
    check_int(all->groups[0].last, 3002322);
    check_int(all->groups[0].first, 3000234);
    check_str(all->groups[0].flag, "y");
    check(all->groups[0].description == NULL);
    check_str(all->groups[1].flag, "=x.y");
    check_int(all->groups[1].first, 56);
    check_int(none->count, 0);
    check_str(fresh->groups[0].group, "\xc3\xa4");
    check_int(about->count, 2);
    check_str(about->groups[0].group, "misc.test");
    check_str(about->groups[0].description, "General Usenet testing");
    check(about->groups[0].flag == NULL);
    check_str(about->groups[1].description, "Tabs");
    check_int(silent->count, 0);
    sock_nntp_groups_free(all);
    sock_nntp_groups_free(none);
    sock_nntp_groups_free(fresh);
    sock_nntp_groups_free(about);
    sock_nntp_groups_free(silent);
    sock_nntp_groups_free(NULL);
    end(n, "LIST\r\nLIST ACTIVE a.*\r\nNEWGROUPS 19700101 000000 GMT\r\n"
           "LIST NEWSGROUPS *\r\nLIST NEWSGROUPS no.x\r\n");
}

TEST(nntp, bad_lists)
{
    static const char *const bad[] = {
        "215\r\n\r\n.\r\n", "215\r\na 1 2\r\n.\r\n", "215\r\na x 2 y\r\n.\r\n",
        "215\r\na 1 -2 y\r\n.\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *const turns[] = {WELCOME, READER, bad[i], NULL};
        sock_nntp_t *n = connect_to(turns);
        check_null(sock_nntp_list(n, NULL), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                   "list 127.0.0.1: LIST: a line of the list is none");
        end(n, "LIST\r\n");
    }
}

/* A reply that is one to another command could have a body behind it. */
TEST(nntp, another_reply)
{
    static const char *const turns[] = {WELCOME, READER, "215 list\r\na\r\n",
                                        NULL};
    sock_nntp_t *n = connect_to(turns);
    check_fails(sock_nntp_group(n, "x", NULL), SOCK_E_PROTOCOL, SOCK_P_ORDER,
                "group 127.0.0.1: GROUP x: a reply to another command");
    end(n, "GROUP x\r\n");
}

/* What is new, and when */

TEST(nntp, new_news)
{
    static const char *const turns[] = {WELCOME,
                                        READER,
                                        "230 new\r\n<a@b>\r\n<c@d>\r\n.\r\n",
                                        "230 none\r\n.\r\n",
                                        "230 none\r\n.\r\n",
                                        NULL};
    sock_nntp_t *n = connect_to(turns);
    check_str(joined(sock_nntp_newnews(n, "misc.*", 1796081400)),
              "<a@b>\n<c@d>\n");
    check_str(joined(sock_nntp_newnews(n, "alt.*", 0)), "");
    check_str(joined(sock_nntp_newnews(n, "old.*", -31007044618)), "");
    check_null(sock_nntp_newnews(n, "*", INT64_MIN), SOCK_E_VALUE, 0,
               "newnews: year is out of range");
    check_null(sock_nntp_newgroups(n, INT64_MAX), SOCK_E_VALUE, 0,
               "newgroups: year is out of range");
    end(n, "NEWNEWS misc.* 20261130 233000 GMT\r\n"
           "NEWNEWS alt.* 19700101 000000 GMT\r\n"
           "NEWNEWS old.* 09870605 040302 GMT\r\n");
}

/* Python takes 2048 bytes of any line. */
TEST(nntp, long_lines)
{
    enum { LINE = 5000 };
    char line[LINE + 1], list[LINE + 40], reply[2 * LINE + 40];
    const char *const turns[] = {WELCOME, READER, list, reply, NULL};

    memset(line, 'x', LINE);
    line[LINE] = '\0';
    snprintf(list, sizeof list, "230 new\r\n%s\r\n.\r\n", line);
    snprintf(reply, sizeof reply, "230 %s%s\r\n.\r\n", line, line);
    sock_nntp_t *n = connect_to(turns);
    sock_lines_t *lines = check_made(sock_nntp_newnews(n, "*", 0));
    check_int(lines->count, 1);
    check_int(lines->lines[0].length, LINE);
    sock_lines_free(lines);
    check_null(sock_nntp_newnews(n, "*", 0), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "newnews 127.0.0.1: NEWNEWS * 19700101 000000 GMT: line too "
               "long");
    check_fails(sock_nntp_quit(n), SOCK_E_EOF, 0, "quit: not connected");
    end(n,
        "NEWNEWS * 19700101 000000 GMT\r\nNEWNEWS * 19700101 000000 GMT\r\n");
}

TEST(nntp, dates)
{
    static const struct {
        const char *reply;
        int64_t when; /* -1: it is none */
    } rows[] = {
        {"20261130233000", 1796081400}, {"19700101000000", 0},
        {"20240229235960", 1709251200}, {"", -1},
        {"2026113023300", -1},          {"202611302330000", -1},
        {"20261330233000", -1},         {"20260229233000", -1},
        {"20261130243000", -1},         {"20261130236000", -1},
        {"20261130233061", -1},         {"20261100233000", -1},
        {"2026113023300x", -1},         {"20260001000000", -1},
        {"00000101000000", -1},         {"20261130233000 x", -1},
        {"+0261130233000", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char reply[80];
        const char *const turns[] = {WELCOME, READER, reply, NULL};
        int64_t when = 0;
        snprintf(reply, sizeof reply, "111 %s\r\n", rows[i].reply);
        sock_nntp_t *n = connect_to(turns);
        if (rows[i].when < 0) {
            check_fails(sock_nntp_date(n, &when), SOCK_E_PROTOCOL,
                        SOCK_P_SYNTAX,
                        "date 127.0.0.1: DATE: the reply is no time");
        } else {
            check_ok(sock_nntp_date(n, &when));
            check_int(when, rows[i].when);
        }
        end(n, "DATE\r\n");
    }
}

/* Articles */

TEST(nntp, articles)
{
    static const char *const turns[] = {
        WELCOME,
        READER,
        "223 3000234 <45223423@example.com>\r\n",
        "223 0 <a@b> there\r\n",
        "223 3 <c@d>\r\n",
        "421 no next\r\n",
        "220 3 <c@d>\r\nSubject: x\r\n\r\n..\r\n.x\r\n..y\r\nb\nc\r\n.\r\n",
        "221 3 <c@d>\r\nSubject: x\r\n.\r\n",
        "222 3 <c@d>\r\n.\r\n",
        "430 no such article\r\n",
        "100 help\r\nASK\r\n.\r\n",
        NULL};
    sock_nntp_article_t a;
    sock_nntp_t *n = connect_to(turns);
    check_ok(sock_nntp_stat(n, NULL, &a));
    check_int(a.number, 3000234);
    check_str(a.message_id, "<45223423@example.com>");
    check_ok(sock_nntp_stat(n, "<a@b>", &a));
    check_int(a.number, 0);
    check_ok(sock_nntp_last(n, NULL));
    check_fails(sock_nntp_next(n, &a), SOCK_E_REPLY, 421,
                "next 127.0.0.1: NEXT: 421 no next");
    /* Python keeps the dot of .x, and ends a line at an LF alone */
    check_str(joined(sock_nntp_article(n, "3")),
              "Subject: x\n\n.\nx\n.y\nb\nc\n");
    check_str(text_of(n), "3 <c@d>");
    check_str(joined(sock_nntp_head(n, NULL)), "Subject: x\n");
    check_str(joined(sock_nntp_body(n, "<c@d>")), "");
    check_null(sock_nntp_body(n, "7"), SOCK_E_REPLY, 430,
               "body 127.0.0.1: BODY 7: 430 no such article");
    check_str(joined(sock_nntp_help(n)), "ASK\n");
    end(n, "STAT\r\nSTAT <a@b>\r\nLAST\r\nNEXT\r\nARTICLE 3\r\nHEAD\r\n"
           "BODY <c@d>\r\nBODY 7\r\nHELP\r\n");
}

TEST(nntp, no_article)
{
    static const char *const bad[] = {"223\r\n",         "223 1\r\n",
                                      "223 x <a@b>\r\n", "223 1 a@b\r\n",
                                      "223 1 <>\r\n",    "223 1 <a@b\r\n",
                                      "223 1 a@b>\r\n",  "223 1 <a\x01>\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *const turns[] = {WELCOME, READER, bad[i], NULL};
        sock_nntp_t *n = connect_to(turns);
        if (i < 7)
            check_fails(sock_nntp_next(n, NULL), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                        "next 127.0.0.1: NEXT: the reply has no number and "
                        "message id");
        else
            check_ok(sock_nntp_next(n, NULL)); /* which is shown as ? */
        end(n, "NEXT\r\n");
    }
}

TEST(nntp, a_message_id_of_controls)
{
    sock_nntp_article_t a;
    check(!sock__nntp_article((struct sock__piece){"1 <\x01>", 5}, &a));
    check(!sock__nntp_article((struct sock__piece){"1 <\x7f>", 5}, &a));
}

/* A text of C would end there. */
TEST(nntp, zeros)
{
    char buf[8];
    const char *text;
    check(sock__nntp_put(&text, buf, (struct sock__piece){"a\0b", 3}) ==
          buf + 4);
    check_str(text, "a?b");
}

TEST(nntp, a_long_message_id)
{
    for (int extra = 0; extra < 2; extra++) {
        char line[400] = "1 <";
        sock_nntp_article_t a;
        memset(line + 3, 'a', 248u + (unsigned)extra);
        strcat(line, ">");
        struct sock__piece piece = {line, strlen(line)};
        check_int(sock__nntp_article(piece, &a), extra == 0);
    }
}

struct kept {
    char text[1000];
    size_t n, most; /* bytes that it takes; 0: all */
};

static int keep(void *arg, const void *data, size_t n)
{
    struct kept *k = arg;
    if (k->most > 0 && k->n + n > k->most)
        return -1;
    memcpy(k->text + k->n, data, n);
    k->n += n;
    return 0;
}

TEST(nntp, to_a_sink)
{
    static const char *const turns[] = {WELCOME,
                                        READER,
                                        "222 1 <a@b>\r\na\r\n..b\r\n.\r\n",
                                        "221 1 <a@b>\r\nSubject: x\r\n.\r\n",
                                        "220 1 <a@b>\r\nabc\r\n.\r\n",
                                        "100 x\r\n.\r\n",
                                        NULL};
    struct kept k = {.n = 0};
    const sock_sink_t sink = {keep, &k};
    sock_nntp_t *n = connect_to(turns);
    check_ok(sock_nntp_read(n, "BODY", "1", sink));
    check_str(k.text, "a\r\n.b\r\n");
    check_str(text_of(n), "1 <a@b>");
    k = (struct kept){.n = 0};
    check_ok(sock_nntp_read(n, "HEAD", NULL, sink));
    check_str(k.text, "Subject: x\r\n");
    k.most = 1;
    check_fails(sock_nntp_read(n, "article", NULL, sink), SOCK_E_CANCELLED, 0,
                "article 127.0.0.1: ARTICLE: cancelled");
    check_fails(sock_nntp_read(n, "LIST", NULL, sink), SOCK_E_VALUE, 0,
                "read: neither ARTICLE nor HEAD nor BODY");
    check_str(joined(sock_nntp_help(n)), "");
    end(n, "BODY 1\r\nHEAD\r\nARTICLE\r\nHELP\r\n");
}

/* Overviews */

#define FORMAT                                                                 \
    "Subject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n"             \
    ":bytes\r\n:lines\r\n"
#define ARTICLE "1\tI am\tme <a@b>\t6 Oct\t<x@y>\t<p@q>\t1234\t17"

TEST(nntp, an_overview)
{
    static const char *const turns[] = {
        WELCOME,
        READER,
        "224 over\r\n" ARTICLE "\tXref: news misc:1\t7\textra\r\n"
        "2\t\t\t\t\t\t\t\r\n3\t\t\t\t\t\tx\t-1\txref: \r\n"
        "4\t\t\t\t\t\t9223372036854775808\t0\r\n5\t\t\t\t\t\t12 \t7\r\n.\r\n",
        "215 format\r\n" FORMAT "Xref:full\r\n:size:x\r\n.\r\n",
        "224 over\r\n0"
        "\ta\tb\tc\td\te\t1\t2\t\t9\r\n.\r\n",
        "224 none\r\n.\r\n",
        "423 no articles\r\n",
        NULL};
    sock_nntp_t *n = connect_to(turns);
    sock_nntp_overview_t *all = check_made(sock_nntp_over(n, "1-"));
    sock_nntp_overview_t *one = check_made(sock_nntp_over(n, "<x@y>"));
    sock_nntp_overview_t *none = check_made(sock_nntp_over(n, NULL));

    check_int(all->count, 5);
    check_str(all->names[0], "xref");
    check_str(all->names[1], ":size");
    check(all->names[2] == NULL);
    const sock_nntp_over_t *a = &all->articles[0];
    check_int(a->number, 1);
    check_str(a->subject, "I am");
    check_str(a->from, "me <a@b>");
    check_str(a->date, "6 Oct");
    check_str(a->message_id, "<x@y>");
    check_str(a->references, "<p@q>");
    check_int(a->bytes, 1234);
    check_int(a->lines, 17);
    check_str(a->others[0], "news misc:1");
    check_str(a->others[1], "7");
    check(a->others[2] == NULL);
    check_str(all->articles[1].references, "");
    check_int(all->articles[1].bytes, -1);
    check(all->articles[1].others[0] == NULL);
    check_int(all->articles[2].bytes, -1);
    check_int(all->articles[2].lines, -1);
    check_str(all->articles[2].others[0], "");
    check(all->articles[2].others[1] == NULL);
    check_int(all->articles[3].bytes, -1);
    check_int(all->articles[3].lines, 0);
    check_int(all->articles[4].bytes, 12);
    check_int(all->articles[4].lines, 7);
    check_int(one->articles[0].number, 0);
    check_str(one->articles[0].others[0], "");
    check_str(one->articles[0].others[1], "9");
    check_int(none->count, 0);
    sock_nntp_overview_free(all);
    sock_nntp_overview_free(one);
    sock_nntp_overview_free(none);
    sock_nntp_overview_free(NULL);
    check_null(sock_nntp_over(n, "5"), SOCK_E_REPLY, 423,
               "over 127.0.0.1: OVER 5: 423 no articles");
    end(n, "OVER 1-\r\nLIST OVERVIEW.FMT\r\nOVER <x@y>\r\nOVER\r\nOVER 5\r\n");
}

TEST(nntp, an_older_overview)
{
    static const char *const turns[] = {WELCOME,
                                        CAPS(""),
                                        "224 over\r\n" ARTICLE
                                        "\tXref: x\r\n.\r\n",
                                        "503 what?\r\n",
                                        "224 over\r\n.\r\n",
                                        NULL};
    sock_nntp_t *n = connect_to(turns);
    sock_nntp_overview_t *list = check_made(sock_nntp_over(n, "1-9"));
    check_int(list->count, 1);
    check(list->names[0] == NULL);
    check(list->articles[0].others[0] == NULL);
    sock_nntp_overview_free(list);
    sock_nntp_overview_free(check_made(sock_nntp_over(n, "1-9")));
    end(n, "XOVER 1-9\r\nLIST OVERVIEW.FMT\r\nXOVER 1-9\r\n");
}

/* RFC 3977 8.3 and 8.4, and the Xref that an article lacks, or has empty. */
TEST(nntp, overviews_of_the_rfc)
{
#define DEMO                                                                   \
    "3000234\tI am just a test article\t\"Demo User\" <nobody@example.com>"    \
    "\t6 Oct 1998 04:38:40 -0500\t<45223423@example.com>\t"
    static const char *const turns[] = {
        WELCOME, READER,
        "224 over\r\n" DEMO "<45454@example.net>\t1234\t17"
        "\tXref: news.example.com misc.test:3000363\r\n" DEMO
        "<45454@example.net>\t1234\t17\t\t\r\n" DEMO
        " \t 1234\t17 \tXref: \t\r\n.\r\n",
        "215 format\r\n" FORMAT "Xref:full\r\n.\r\n", NULL};
    sock_nntp_t *n = connect_to(turns);
    sock_nntp_overview_t *all = check_made(sock_nntp_over(n, "3000234"));
    check_int(all->count, 3);
    const sock_nntp_over_t *a = all->articles;
    check_int(a->number, 3000234);
    check_str(a->subject, "I am just a test article");
    check_str(a->from, "\"Demo User\" <nobody@example.com>");
    check_str(a->date, "6 Oct 1998 04:38:40 -0500");
    check_str(a->message_id, "<45223423@example.com>");
    check_str(a->references, "<45454@example.net>");
    check_int(a->bytes, 1234);
    check_int(a->lines, 17);
    check_str(a->others[0], "news.example.com misc.test:3000363");
    check_str(a[1].others[0], ""); /* Python has None */
    check_str(a[2].references, " ");
    check_int(a[2].bytes, 1234);
    check_int(a[2].lines, 17);
    check_str(a[2].others[0], "");
    sock_nntp_overview_free(all);
    end(n, "OVER 3000234\r\nLIST OVERVIEW.FMT\r\n");
}

/* Names besides the seven, each with a blank behind it. */
static void check_format(const char *fields, const char *names)
{
    char reply[400], text[100] = "";
    const char *const turns[] = {WELCOME, READER, "224\r\n.\r\n", reply, NULL};
    snprintf(reply, sizeof reply, "215\r\n%s.\r\n", fields);
    sock_nntp_t *n = connect_to(turns);
    sock_nntp_overview_t *none = check_made(sock_nntp_over(n, NULL));
    for (size_t i = 0, at = 0; none->names[i] != NULL; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s ",
                               none->names[i]);
    check_str(text, names);
    sock_nntp_overview_free(none);
    end(n, "OVER\r\nLIST OVERVIEW.FMT\r\n");
}

TEST(nntp, formats)
{
#define FIVE "Subject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n"
    check_format(FORMAT, "");
    check_format(FIVE "Bytes:\r\nLines:\r\n", "");
    check_format("subject:\r\nFROM:\r\nDaTe:\r\nmessage-ID:\r\nReferences:\r\n"
                 "BYTES:\r\nLines:\r\n",
                 "");
    check_format(FORMAT "Xref:full\r\nDistribution:full\r\n",
                 "xref distribution ");
    check_format(FIVE "Bytes:\r\nLines:\r\nXref:FULL\r\nDistribution:FULL\r\n",
                 "xref distribution ");
    check_format(FIVE "Bytes:\r\nLines:\r\nXref:full\r\n", "xref ");
}

TEST(nntp, bad_formats)
{
    static char many[1000] = FORMAT, more[1000]; /* 101 and 102 fields more */
    for (int i = 0; i < 101; i++)
        strcat(many, "X:full\r\n");
    strcat(strcpy(more, many), "X:full\r\n");
    const char *const bad[] = {
        "Subject:\r\n",
        "From:\r\nSubject:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n"
        "Bytes:\r\nLines:\r\n",
        "ubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n"
        "Bytes:\r\nLines:\r\n",
        FIVE "Octets:\r\nLines:\r\n",
        FORMAT "\r\n",
        FORMAT "a b:\r\n",
        FORMAT "a\x7f:\r\n",
        "",
        many,
        more,
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char reply[1100];
        const char *const turns[] = {WELCOME, READER, "224\r\n.\r\n", reply,
                                     NULL};
        snprintf(reply, sizeof reply, "215\r\n%s.\r\n", bad[i]);
        sock_nntp_t *n = connect_to(turns);
        check_null(sock_nntp_over(n, NULL), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                   "over 127.0.0.1: LIST OVERVIEW.FMT: LIST OVERVIEW.FMT is of "
                   "another format");
        end(n, "OVER\r\nLIST OVERVIEW.FMT\r\n");
    }
}

TEST(nntp, no_format_for_now)
{
    static const char *const turns[] = {WELCOME, READER, "224\r\n.\r\n",
                                        "403 later\r\n", NULL};
    sock_nntp_t *n = connect_to(turns);
    check_null(sock_nntp_over(n, NULL), SOCK_E_REPLY, 403,
               "over 127.0.0.1: LIST OVERVIEW.FMT: 403 later");
    end(n, "OVER\r\nLIST OVERVIEW.FMT\r\n");
}

/* Whatever stands behind the bad line. */
TEST(nntp, bad_overviews)
{
    static const char *const bad[] = {"",
                                      "x\ta\tb\tc\td\te\t1\t2",
                                      "\ta\tb\tc\td\te\t1\t2",
                                      "1\ta\tb\tc\td\te\t1",
                                      "-1\ta\tb\tc\td\te\t1\t2",
                                      "1\ta\tb\tc\td\te\t1\t2\tYref: x",
                                      "1\ta\tb\tc\td\te\t1\t2\tXref:x",
                                      "1\ta\tb\tc\td\te\t1\t2\tXref= x",
                                      "1\ta\tb\tc\td\te\t1\t2\tX"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char reply[400];
        const char *const turns[] = {
            WELCOME, READER, reply,
            "215\r\nsubject:\r\nfrom\r\nDATE:\r\nMessage-ID:\r\nReferences:\r\n"
            "Bytes:\r\nLines:\r\nXref:full\r\n.\r\n",
            NULL};
        snprintf(reply, sizeof reply, "224\r\n%s\r\n" ARTICLE "\r\n.\r\n",
                 bad[i]);
        sock_nntp_t *n = connect_to(turns);
        check_null(sock_nntp_over(n, NULL), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                   "over 127.0.0.1: LIST OVERVIEW.FMT: a line of the list is "
                   "none");
        end(n, "OVER\r\nLIST OVERVIEW.FMT\r\n");
    }
}

TEST(nntp, fields)
{
    static const char *const turns[] = {
        WELCOME,
        READER,
        "225 hdr\r\n3 I am  just\r\n4\r\n5 \r\n.\r\n",
        "225 hdr\r\n.\r\n",
        "503 what?\r\n",
        NULL};
    sock_nntp_t *n = connect_to(turns);
    sock_nntp_values_t *v = check_made(sock_nntp_hdr(n, "Subject", "3-"));
    check_int(v->count, 3);
    check_int(v->values[0].number, 3);
    check_str(v->values[0].text, "I am  just");
    check_int(v->values[1].number, 4);
    check_str(v->values[1].text, "");
    check_str(v->values[2].text, "");
    sock_nntp_values_free(v);
    sock_nntp_values_free(check_made(sock_nntp_hdr(n, "Subject", NULL)));
    sock_nntp_values_free(NULL);
    check_null(sock_nntp_hdr(n, "X", "1"), SOCK_E_REPLY, 503,
               "hdr 127.0.0.1: HDR X 1: 503 what?");
    end(n, "HDR Subject 3-\r\nHDR Subject\r\nHDR X 1\r\n");
}

TEST(nntp, fields_of_an_older_server)
{
    static const char *const turns[] = {
        WELCOME, CAPS(""), "221 x\r\n<a@b> it\r\n7x it\r\n.\r\n", NULL};
    sock_nntp_t *n = connect_to(turns);
    sock_nntp_values_t *v = check_made(sock_nntp_hdr(n, "Subject", "<a@b>"));
    check_int(v->count, 2);
    check_int(v->values[0].number, 0);
    check_str(v->values[0].text, "<a@b> it");
    check_str(v->values[1].text, "7x it");
    sock_nntp_values_free(v);
    end(n, "XHDR Subject <a@b>\r\n");
}

/* Limits. Places in a list take room beside the lines that it is made of. */

enum { MANY = 2000 };

/* A reply with a body of that line, over and over. */
static void say_many(char *said, const char *reply, const char *line)
{
    size_t n = (size_t)sprintf(said, "%s\r\n", reply);
    for (int i = 0; i < MANY; i++)
        n += (size_t)sprintf(said + n, "%s\r\n", line);
    strcpy(said + n, ".\r\n");
}

static sock_nntp_t *connect_with_limit(const char *const *turns, size_t list)
{
    const sock_session_limits_t limits = {.size = sizeof limits, .list = list};
    sock_nntp_t *n = connect_to(turns);
    check_ok(sock_session_set_limits(sock_nntp_session(n), &limits));
    return n;
}

TEST(nntp, too_many_groups)
{
    static char said[20 * MANY];
    static const char *const turns[] = {WELCOME, READER, said, NULL};
    say_many(said, "215 list", "a 1 1 y");
    for (size_t i = 0; i < 2; i++) {
        sock_nntp_t *n = connect_with_limit(turns, 40 * MANY - i);
        sock_nntp_groups_t *list = sock_nntp_list(n, NULL);
        if (i == 0)
            check_int(list->count, MANY);
        else
            check_null(list, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                       "list 127.0.0.1: LIST: the list is too long");
        sock_nntp_groups_free(list);
        end(n, "LIST\r\n");
    }
}

TEST(nntp, too_many_fields)
{
    static char said[40 * MANY];
    static const char *const turns[] = {
        WELCOME, READER, said, "215\r\n" FORMAT "a:x\r\nb:x\r\n.\r\n", NULL};
    say_many(said, "224 over", "1\t\t\t\t\t\t\t\t\t");
    for (size_t i = 0; i < 2; i++) {
        sock_nntp_t *n = connect_with_limit(turns, (80 + 2 * 8) * MANY - i);
        sock_nntp_overview_t *list = sock_nntp_over(n, "1-");
        if (i == 0)
            check_int(list->count, MANY);
        else
            check_null(list, SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, error_text());
        sock_nntp_overview_free(list);
        end(n, "OVER 1-\r\nLIST OVERVIEW.FMT\r\n");
    }
}

/* Posting */

TEST(nntp, posting)
{
    static const char text[] = "Subject: x\n\n.a\rb\r\n.";
    static const char *const turns[] = {
        WELCOME,           READER,        "340 go on\r\n",
        "^240 thanks\r\n", "440 no\r\n",  "340 go on\r\n",
        "^441 no\r\n",     "335 yes\r\n", "^235 ok\r\n",
        "435 had it\r\n",  NULL};
    sock_nntp_t *n = connect_to(turns);
    sock_source_t source = sock_source_memory(text, sizeof text - 1);
    check_ok(sock_nntp_post(n, source));
    check_str(text_of(n), "thanks");
    check_fails(sock_nntp_post(n, source), SOCK_E_REPLY, 440,
                "post 127.0.0.1: POST: 440 no");
    check_fails(sock_nntp_post(n, sock_source_memory(NULL, 0)), SOCK_E_REPLY,
                441, "post 127.0.0.1: POST: 441 no");
    check_fails(sock_nntp_ihave(n, NULL, source), SOCK_E_TYPE, 0,
                "ihave: argument is NULL");
    check_ok(sock_nntp_ihave(n, "<a@b>", source));
    check_fails(sock_nntp_ihave(n, "<a@b>", source), SOCK_E_REPLY, 435,
                "ihave 127.0.0.1: IHAVE <a@b>: 435 had it");
    end(n, "POST\r\nSubject: x\r\n\r\n..a\r\nb\r\n..\r\n.\r\n"
           "POST\r\nPOST\r\n.\r\n"
           "IHAVE <a@b>\r\nSubject: x\r\n\r\n..a\r\nb\r\n..\r\n.\r\n"
           "IHAVE <a@b>\r\n");
}

static ssize_t no_more(void *arg, void *data, size_t size)
{
    int *calls = arg;
    if ((*calls)++ > 0)
        return -1;
    memset(data, 'x', size);
    return (ssize_t)size;
}

TEST(nntp, half_a_post)
{
    static const char *const turns[] = {WELCOME, READER, "340 go on\r\n",
                                        "^240 thanks\r\n", NULL};
    int calls = 0;
    sock_nntp_t *n = connect_to(turns);
    check_fails(
        sock_nntp_post(n, (sock_source_t){.read = no_more, .arg = &calls}),
        SOCK_E_CANCELLED, 0, "post 127.0.0.1: POST: cancelled");
    check_fails(sock_nntp_quit(n), SOCK_E_EOF, 0, "quit: not connected");
    sock_nntp_free(n);
    lines_end(&peer);
}

static ssize_t endless(void *arg, void *data, size_t size)
{
    size_t *left = arg;
    check(*left > size);
    *left -= size;
    memset(data, 'x', size);
    return (ssize_t)size;
}

TEST(nntp, refused_in_the_middle)
{
    static const char *const turns[] = {WELCOME, READER,
                                        "!340 go on\r\n441 too much\r\n", NULL};
    size_t left = 1 << 28;
    sock_nntp_t *n = connect_to(turns);
    check_fails(
        sock_nntp_post(n, (sock_source_t){.read = endless, .arg = &left}),
        SOCK_E_REPLY, 441, "post 127.0.0.1: POST: 441 too much");
    check_str(text_of(n), "too much");
    check_fails(sock_nntp_quit(n), SOCK_E_EOF, 0, "quit: not connected");
    sock_nntp_free(n);
    lines_end(&peer);
}

/* Arguments */

TEST(nntp, no_second_command)
{
    static const char *const bad[] = {"a\r\nPOST", "x\r", "\n"};
    static const char *const turns[] = {WELCOME, READER, NULL};
    sock_nntp_t *n = connect_to(turns);
    const sock_source_t source = sock_source_memory("x", 1);
    struct kept k = {.n = 0};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *b = bad[i];
        const long results[] = {
            sock_nntp_login(n, b, "x"),
            sock_nntp_login(n, "x", b),
            sock_nntp_auth(n, b, sock_sasl_password, &who),
            sock_nntp_group(n, b, NULL),
            sock_nntp_stat(n, b, NULL),
            sock_nntp_read(n, "BODY", b, (sock_sink_t){keep, &k}),
            sock_nntp_read(n, b, NULL, (sock_sink_t){keep, &k}),
            sock_nntp_ihave(n, b, source),
            sock_nntp_list(n, b) != NULL ? 0 : -1,
            sock_nntp_descriptions(n, b) != NULL ? 0 : -1,
            sock_nntp_newnews(n, b, 0) != NULL ? 0 : -1,
            sock_nntp_article(n, b) != NULL ? 0 : -1,
            sock_nntp_head(n, b) != NULL ? 0 : -1,
            sock_nntp_body(n, b) != NULL ? 0 : -1,
            sock_nntp_over(n, b) != NULL ? 0 : -1,
            sock_nntp_hdr(n, b, "1") != NULL ? 0 : -1,
            sock_nntp_hdr(n, "x", b) != NULL ? 0 : -1};
        for (size_t k2 = 0; k2 < sizeof results / sizeof results[0]; k2++)
            check_int(results[k2], -1);
        check_int(sock_last_error()->kind, SOCK_E_VALUE);
    }
    end(n, "");
}

TEST(nntp, too_long_a_command)
{
    static const char *const turns[] = {WELCOME, READER, NULL};
    char text[600];
    sock_nntp_t *n = connect_to(turns);
    memset(text, 'a', sizeof text);
    text[505] = '\0';
    check_fails(sock_nntp_group(n, text, NULL), SOCK_E_VALUE, 0,
                "group: the command is too long");
    text[498] = '\0';
    check_fails(sock_nntp_login(n, text, "x"), SOCK_E_VALUE, 0,
                "login: the command is too long");
    end(n, "");
}

/* When it is over every call says so. */
TEST(nntp, after_the_end)
{
    static const char *const turns[] = {WELCOME, READER, "205 bye\r\n", NULL};
    int64_t when;
    sock_nntp_t *n = connect_to(turns);
    check_ok(sock_nntp_quit(n));
    const int results[] = {sock_nntp_login(n, "x", "x"),
                           sock_nntp_auth(n, "PLAIN", sock_sasl_password, &who),
                           sock_nntp_starttls(n, NULL),
                           sock_nntp_group(n, "x", NULL),
                           sock_nntp_list(n, NULL) != NULL,
                           sock_nntp_newgroups(n, 0) != NULL,
                           sock_nntp_newnews(n, "x", 0) != NULL,
                           sock_nntp_date(n, &when),
                           sock_nntp_help(n) != NULL,
                           sock_nntp_stat(n, NULL, NULL),
                           sock_nntp_article(n, NULL) != NULL,
                           sock_nntp_over(n, NULL) != NULL,
                           sock_nntp_hdr(n, "x", NULL) != NULL,
                           sock_nntp_post(n, sock_source_memory(NULL, 0))};
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        check(results[i] == -1 || results[i] == 0);
    check_fails(sock_nntp_next(n, NULL), SOCK_E_EOF, 0, "next: not connected");
    end(n, "QUIT\r\n");
}

TEST(nntp, it_cannot_be_asked)
{
    static const char *const turns[] = {WELCOME, READER, NULL};
    sock_session_opts_t opts = {.size = sizeof opts, .insecure_auth = 1};
    lines_start(&peer, turns, false, -1);
    sock_nntp_t *n = check_made(sock_nntp_new("127.0.0.1", peer.port, &opts));
    check_ok(sock_shutdown(sock_session_socket(sock_nntp_session(n)), SHUT_WR));
    check_int(sock_nntp_login(n, "tim", "x"), -1);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_int(sock_last_error()->code, EPIPE);
    check(sock_session_socket(sock_nntp_session(n)) == NULL);
    sock_nntp_free(n);
    lines_end(&peer);
}

TEST(nntp, options)
{
    sock_session_opts_t opts = {.size = 1};
    check(sock_nntp_new("127.0.0.1", 1, &opts) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_nntp_ssl_new("127.0.0.1", 1, NULL, &opts) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
}

TEST(nntp, nothing_given)
{
    static const char *const turns[] = {WELCOME, READER, NULL};
    int64_t when;
    sock_nntp_t *n = connect_to(turns);
    const long results[] = {sock_nntp_has(n, NULL),
                            sock_nntp_has(NULL, "x"),
                            sock_nntp_login(n, NULL, "x"),
                            sock_nntp_login(n, "x", NULL),
                            sock_nntp_login(NULL, "x", "x"),
                            sock_nntp_auth(n, NULL, sock_sasl_password, NULL),
                            sock_nntp_auth(n, "PLAIN", NULL, NULL),
                            sock_nntp_starttls(NULL, NULL),
                            sock_nntp_group(n, NULL, NULL),
                            sock_nntp_group(NULL, "x", NULL),
                            sock_nntp_date(n, NULL),
                            sock_nntp_date(NULL, &when),
                            sock_nntp_stat(NULL, NULL, NULL),
                            sock_nntp_read(n, NULL, NULL, (sock_sink_t){0}),
                            sock_nntp_read(n, "BODY", NULL, (sock_sink_t){0}),
                            sock_nntp_post(n, (sock_source_t){.size = 1}),
                            sock_nntp_post(NULL, (sock_source_t){0}),
                            sock_nntp_ihave(n, NULL, (sock_source_t){0}),
                            sock_nntp_quit(NULL)};
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        check_int(results[i], -1);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    check(sock_nntp_new(NULL, 1, NULL) == NULL);
    check(sock_nntp_ssl_new(NULL, 1, NULL, NULL) == NULL);
    check(sock_nntp_session(NULL) == NULL);
    check(sock_nntp_getwelcome(NULL) == NULL);
    check(sock_nntp_getcapabilities(NULL) == NULL);
    check(sock_nntp_list(NULL, NULL) == NULL);
    check(sock_nntp_descriptions(n, NULL) == NULL);
    check(sock_nntp_newnews(n, NULL, 0) == NULL);
    check(sock_nntp_newgroups(NULL, 0) == NULL);
    check(sock_nntp_over(NULL, NULL) == NULL);
    check(sock_nntp_hdr(n, NULL, NULL) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    sock_nntp_free(NULL);
    end(n, "");
}

/* A whole conversation, whatever becomes of it. */

static const char *const whole[] = {
    WELCOME,
    READER,
    "381 and?\r\n",
    "281 ok\r\n",
    READER,
    "211 2 1 2 misc.test\r\n",
    "215 list\r\nmisc.test 2 1 y\r\n.\r\n",
    "215 descriptions\r\nmisc.test What\r\n.\r\n",
    "224 over\r\n" ARTICLE "\tXref: x\r\n.\r\n",
    "215 format\r\n" FORMAT "Xref:full\r\n.\r\n",
    "225 hdr\r\n1 I am\r\n.\r\n",
    "223 1 <a@b>\r\n",
    "220 1 <a@b>\r\nSubject: x\r\n\r\n..\r\n.\r\n",
    "111 20261130233000\r\n",
    "340 go on\r\n",
    "^240 thanks\r\n",
    "205 bye\r\n",
    NULL};

/* How many of its steps have worked. */
static int converse(sock_nntp_t *n)
{
    sock_nntp_group_t g;
    sock_nntp_article_t a;
    int64_t when;
    int done = 0;

    done += sock_nntp_login(n, "tim", "x") == 0;
    done += sock_nntp_group(n, "misc.test", &g) == 0;
    sock_nntp_groups_t *all = sock_nntp_list(n, NULL);
    sock_nntp_groups_t *about = sock_nntp_descriptions(n, "*");
    sock_nntp_overview_t *over = sock_nntp_over(n, "1-");
    sock_nntp_values_t *v = sock_nntp_hdr(n, "Subject", "1-");
    done += (all != NULL) + (about != NULL) + (over != NULL) + (v != NULL);
    sock_nntp_groups_free(all);
    sock_nntp_groups_free(about);
    sock_nntp_overview_free(over);
    sock_nntp_values_free(v);
    done += sock_nntp_stat(n, NULL, &a) == 0;
    sock_lines_t *lines = sock_nntp_article(n, NULL);
    done += lines != NULL;
    sock_lines_free(lines);
    done += sock_nntp_date(n, &when) == 0;
    done += sock_nntp_post(n, sock_source_memory("a\n", 2)) == 0;
    done += sock_nntp_quit(n) == 0;
    return done;
}

TEST(nntp, byte_by_byte)
{
    lines_start(&peer, whole, true, -1);
    sock_nntp_t *n = check_made(sock_nntp_new("127.0.0.1", peer.port, NULL));
    check_int(converse(n), 11);
    sock_nntp_free(n);
    lines_end(&peer);
}

TEST(nntp, cut_at_each_byte)
{
    size_t all = 0;
    for (size_t i = 0; whole[i] != NULL; i++)
        all += strlen(whole[i]) - (whole[i][0] == '^');
    for (size_t most = 0; most < all; most++) {
        lines_start(&peer, whole, false, (long)most);
        sock_nntp_t *n = sock_nntp_new("127.0.0.1", peer.port, NULL);
        if (n == NULL)
            check_int(sock_last_error()->kind, SOCK_E_EOF);
        else
            check(converse(n) < 11);
        sock_nntp_free(n);
        lines_end(&peer);
    }
}

/* Hostile servers: whatever they do a call ends, and nothing is lost. */

TEST(nntp, varied_at_each_byte)
{
    size_t size;
    char *all = all_lines(whole, &size), *varied = malloc(2 * size + 1);
    for (size_t i = 0; vary(all, i, varied, &size); i += 5) {
        const char *const said[] = {varied};
        lines_flood(&peer, said, size);
        sock_nntp_t *n = sock_nntp_new("127.0.0.1", peer.port, NULL);
        if (n != NULL)
            converse(n);
        sock_nntp_free(n);
        lines_end(&peer);
    }
    free(varied);
    free(all);
}

TEST(nntp, it_stalls)
{
    for (size_t i = 0; i + 1 < sizeof whole / sizeof whole[0]; i += 3) {
        const char *turns[20] = {NULL};
        sock_session_opts_t opts = {.size = sizeof opts, .timeout = 0.05};
        for (size_t k = 0; k < i; k++)
            turns[k] = whole[k];
        turns[i] = "_";
        lines_start(&peer, turns, false, -1);
        sock_nntp_t *n = sock_nntp_new("127.0.0.1", peer.port, &opts);
        if (n == NULL)
            check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
        else
            check(converse(n) < 11);
        if (n != NULL)
            check(sock_session_socket(sock_nntp_session(n)) == NULL);
        sock_nntp_free(n);
        lines_end(&peer);
    }
}

TEST(nntp, an_endless_line)
{
    size_t n = 100000;
    char *line = malloc(n);
    const char *const said[] = {line};
    memset(line, 'x', n);
    memcpy(line, "200 ", 4);
    lines_flood(&peer, said, n);
    check_null(sock_nntp_new("127.0.0.1", peer.port, NULL), SOCK_E_PROTOCOL,
               SOCK_P_TOO_LARGE, "NNTP 127.0.0.1: line too long");
    lines_end(&peer);
    free(line);
}

/* TLS that there is none of. */

TEST(nntp, what_was_said_without_tls)
{
    static const char *const turns[] = {
        WELCOME,         READER,          "224\r\n.\r\n",
        "503 what?\r\n", "382 go on\r\n", CAPS("POST\r\n"),
        "224\r\n.\r\n",  "503 what?\r\n", NULL};
    sock_nntp_t *n = connect_to(turns);
    sock_nntp_overview_free(check_made(sock_nntp_over(n, NULL)));
    check_ok(sock_nntp_starttls(n, &tls));
    check_int(sock_session_secure(sock_nntp_session(n)), 1);
    check_str(sock_nntp_getwelcome(n), "");
    check_int(sock_nntp_has(n, "OVER"), 0);
    check_int(sock_nntp_has(n, "POST"), 1);
    check_fails(sock_nntp_starttls(n, &tls), SOCK_E_VALUE, 0,
                "starttls: TLS is already enabled.");
    /* which format it has is asked again */
    sock_nntp_overview_free(check_made(sock_nntp_over(n, NULL)));
    end(n, "OVER\r\nLIST OVERVIEW.FMT\r\nSTARTTLS\r\nCAPABILITIES\r\n"
           "XOVER\r\nLIST OVERVIEW.FMT\r\n");
    check_int(tls_holds, 0);
}

/* Whoever has sent it. */
TEST(nntp, more_than_the_go_ahead)
{
    static const char *const turns[] = {
        WELCOME, READER, "382 go on\r\n101 caps\r\nSTOLEN\r\n.\r\n", NULL};
    sock_nntp_t *n = connect_to(turns);
    check_fails(sock_nntp_starttls(n, &tls), SOCK_E_PROTOCOL, SOCK_P_ORDER,
                "starttls 127.0.0.1: STARTTLS: the server sent more than its "
                "go-ahead before TLS began");
    check_fails(sock_nntp_quit(n), SOCK_E_EOF, 0, "quit: not connected");
    end(n, "STARTTLS\r\n");
    check_int(tls_holds, 0);
}

TEST(nntp, no_go_ahead)
{
    static const char *const turns[] = {WELCOME, READER, "580 not now\r\n",
                                        "205 bye\r\n", NULL};
    sock_nntp_t *n = connect_to(turns);
    check_fails(sock_nntp_starttls(n, &tls), SOCK_E_REPLY, 580,
                "starttls 127.0.0.1: STARTTLS: 580 not now");
    check_int(sock_nntp_has(n, "OVER"), 1);
    check_ok(sock_nntp_quit(n));
    end(n, "STARTTLS\r\nQUIT\r\n");
}

TEST(nntp, no_tls_from_the_first_byte_on)
{
    static const char *const turns[] = {"400 no\r\n", NULL};
    check_null(sock_nntp_ssl_new("/nowhere/s", 0, &tls, NULL), SOCK_E_OS,
               ENOENT,
               "NNTP_SSL '/nowhere/s': [Errno 2] No such file or directory");
    lines_start(&peer, turns, false, -1);
    check_null(sock_nntp_ssl_new("127.0.0.1", peer.port, &tls, NULL),
               SOCK_E_REPLY, 400, "NNTP_SSL 127.0.0.1: 400 no");
    lines_end(&peer);
    lines_start(&peer, turns, false, -1);
    tls_fails = true;
    check_null(sock_nntp_ssl_new("127.0.0.1", peer.port, &tls, NULL),
               SOCK_E_TLS, 0, "NNTP_SSL 127.0.0.1: TLS: no trust");
    tls_fails = false;
    lines_end(&peer);
    check_int(tls_holds, 0);
}

TEST(nntp, tls_from_the_first_byte_on)
{
    static const char *const turns[] = {WELCOME, READER, "281 ok\r\n", READER,
                                        NULL};
    lines_start(&peer, turns, false, -1);
    sock_nntp_t *n =
        check_made(sock_nntp_ssl_new("127.0.0.1", peer.port, &tls, NULL));
    check_int(sock_session_secure(sock_nntp_session(n)), 1);
    const sock_addr_t far = sock_addr_inet("192.0.2.1", 119);
    far_away = &far;
    check_ok(sock_nntp_login(n, "tim", "secret"));
    far_away = NULL;
    end(n, "authinfo user tim\r\nCAPABILITIES\r\n");
    check_int(tls_holds, 0);
}

/* A list that has no end. */
TEST(nntp, an_endless_list)
{
    size_t n = 0, most = 3000000;
    char *list = malloc(most + 20);
    sock_session_limits_t limits = {.size = sizeof limits, .list = 1000000};
    n += (size_t)sprintf(list, "200 a\r\n500 b\r\n215 c\r\n");
    while (n < most)
        n += (size_t)sprintf(list + n, "a 1 1 y\r\n");
    const char *const said[] = {list};
    lines_flood(&peer, said, n);
    sock_nntp_t *c = check_made(sock_nntp_new("127.0.0.1", peer.port, NULL));
    check_ok(sock_session_set_limits(sock_nntp_session(c), &limits));
    check_null(sock_nntp_list(c, NULL), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "list 127.0.0.1: LIST: the list is too long");
    sock_nntp_free(c);
    lines_end(&peer);
    free(list);
}
