/* SPDX-License-Identifier: MIT */
/* POP3: what is sent and what is made of the answers, as CPython 3.13's poplib
 * has it or as is said here why not. Links with --wrap. */
#include <pysockc/pop3.h>

#include <stdio.h>

#include "far_away.h"
#include "lines.h"
#include "pop3_parse.h"
#include "pretended.h"
#include "support.h"

#define WELCOME "+OK POP3 <1896.697170952@dbc.mtview.ca.us>\r\n"

static struct lines_peer peer;

static sock_pop3_t *connect_to(const char *const *turns)
{
    lines_start(&peer, turns, false, -1);
    return check_made(sock_pop3_new("127.0.0.1", peer.port, NULL));
}

/* Ends both: all that was heard must be this. */
static void end(sock_pop3_t *p, const char *heard)
{
    sock_pop3_free(p);
    check_str(lines_heard(&peer), heard);
    lines_end(&peer);
}

static const char *text_of(sock_pop3_t *p)
{
    return sock_session_text(sock_pop3_session(p));
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

/* What takes messages */

struct kept {
    char text[20000];
    size_t n;
    size_t most; /* bytes that it takes; 0: all */
};

static int keep(void *arg, const void *data, size_t n)
{
    struct kept *k = arg;
    if (k->most > 0 && k->n + n > k->most)
        return -1;
    memcpy(k->text + k->n, data, n);
    k->n += n;
    k->text[k->n] = '\0';
    return 0;
}

struct got {
    struct kept kept;
    uint64_t ended, stop_at;
    bool stops_behind;
};

static int get(void *arg, uint64_t number, const void *data, size_t n)
{
    struct got *g = arg;
    bool stops = number == g->stop_at && g->stops_behind == (n == 0);
    if (n > 0)
        return stops ? 1 : keep(&g->kept, data, n);
    check(data == NULL);
    g->ended = g->ended * 10 + number % 10;
    return stops;
}

/* Commands */

TEST(pop3, a_conversation)
{
    static const char *const turns[] = {
        WELCOME,
        "+OK\r\n",
        "+OK maildrop ready\r\n",
        "+OK 2 320\r\n",
        "+OK\r\nFrom: a\r\n\r\n..\r\n.x\r\n..y\r\nb\nc\r\n.\r\n",
        "+OK top\r\nFrom: a\r\n\r\n.\r\n",
        "+OK gone\r\n",
        "+OK\r\n",
        "+ anything\r\n",
        "+OKAY\r\n",
        "+OK bye\r\n",
        NULL};
    uint64_t count, octets;
    sock_pop3_t *p = connect_to(turns);

    check_str(sock_pop3_getwelcome(p),
              "+OK POP3 <1896.697170952@dbc.mtview.ca.us>");
    check_ok(sock_pop3_user(p, "mrose"));
    check_ok(sock_pop3_pass(p, "tanstaaf"));
    check_str(text_of(p), "+OK maildrop ready");
    check_ok(sock_pop3_stat(p, &count, &octets));
    check_int(count, 2);
    check_int(octets, 320);
    /* Python keeps the dot of .x, and ends a line at an LF alone */
    check_str(joined(sock_pop3_retr(p, 1)), "From: a\n\n.\nx\n.y\nb\nc\n");
    check_str(joined(sock_pop3_top(p, 2, 0)), "From: a\n\n");
    check_str(text_of(p), "+OK top");
    check_ok(sock_pop3_dele(p, 1));
    check_ok(sock_pop3_rset(p));
    check_ok(sock_pop3_noop(p));
    check_ok(sock_pop3_utf8(p));
    check_ok(sock_pop3_quit(p));
    check_str(text_of(p), "+OK bye");
    check_fails(sock_pop3_noop(p), SOCK_E_EOF, 0, "noop: not connected");
    end(p, "USER mrose\r\nPASS tanstaaf\r\nSTAT\r\nRETR 1\r\nTOP 2 0\r\n"
           "DELE 1\r\nRSET\r\nNOOP\r\nUTF8\r\nQUIT\r\n");
}

/* What CPython's own tests ask of their server, and what that says. */

#define RETR_RESP                                                              \
    "+OK 116 bytes\r\nFrom: postmaster@python.org\r\n"                         \
    "Content-Type: text/plain\r\nMIME-Version: 1.0\r\nSubject: Dummy\r\n"      \
    "\r\nline1\r\nline2\r\nline3\r\n.\r\n"
#define LIST_RESP "+OK\r\n1 1\r\n2 2\r\n3 3\r\n4 4\r\n5 5\r\n.\r\n"
#define DUMMY_WELCOME "+OK dummy pop3 server ready. <timestamp>\r\n"
#define CAPA_RESP                                                              \
    "+OK Capability list follows\r\nUIDL\r\n"                                  \
    "IMPLEMENTATION python-testlib-pop-server\r\n"
#define DUMMY_TURNS                                                            \
    "-ERR no such user\r\n", "+OK password required\r\n",                      \
        "-ERR wrong password\r\n", "+OK 10 messages\r\n", "+OK 10 100\r\n",    \
        LIST_RESP, "+OK 1 1\r\n", LIST_RESP, "+OK 2 2\r\n", RETR_RESP,         \
        RETR_RESP, "+OK message marked for deletion.\r\n",                     \
        "+OK done nothing.\r\n", "+OK done nothing.\r\n", "-err\r\n",          \
        "-ERR What is UTF8?!\r\n", "+OK I know RFC6856\r\n",                   \
        CAPA_RESP ".\r\n", "+OK closing.\r\n", NULL
#define DUMMY_HEARS                                                            \
    "USER invalid\r\nUSER guido\r\nPASS no\r\nPASS python\r\nSTAT\r\n"         \
    "LIST\r\nLIST 1\r\nUIDL\r\nUIDL 2\r\nRETR 3\r\nTOP 1 1\r\nDELE 4\r\n"      \
    "NOOP\r\nRPOP foo\r\nNOOP\r\nUTF8\r\nUTF8\r\nCAPA\r\nQUIT\r\n"

static void log_in_to_dummy(sock_pop3_t *p)
{
    check_fails(sock_pop3_user(p, "invalid"), SOCK_E_REPLY, 0,
                "user 127.0.0.1: USER invalid: -ERR no such user");
    check_ok(sock_pop3_user(p, "guido"));
    check_str(text_of(p), "+OK password required");
    check_fails(sock_pop3_pass(p, "no"), SOCK_E_REPLY, 0,
                "pass_ 127.0.0.1: PASS ****: -ERR wrong password");
    check_ok(sock_pop3_pass(p, "python"));
    check_str(text_of(p), "+OK 10 messages");
}

/* Five messages, each of as many octets, or called as its number is. */
static void check_dummy_list(sock_pop3_entries_t *list, bool ids)
{
    check_made(list);
    check_int(list->count, 5);
    for (size_t i = 0; i < 5; i++) {
        char id[2] = {(char)('1' + i), '\0'};
        check_int(list->entries[i].number, i + 1);
        check_int(list->entries[i].octets, ids ? 0 : i + 1);
        if (ids)
            check_str(list->entries[i].id, id);
    }
    sock_pop3_entries_free(list);
}

static void read_lists_of_dummy(sock_pop3_t *p)
{
    uint64_t count, octets;
    check_ok(sock_pop3_stat(p, &count, &octets));
    check_int(count, 10);
    check_int(octets, 100);
    check_dummy_list(sock_pop3_list(p, 0), false);
    sock_pop3_entries_t *one = check_made(sock_pop3_list(p, 1));
    check_str(text_of(p), "+OK 1 1");
    check_int(one->entries[0].octets, 1);
    sock_pop3_entries_free(one);
    check_dummy_list(sock_pop3_uidl(p, 0), true);
    one = check_made(sock_pop3_uidl(p, 2));
    check_str(one->entries[0].id, "2");
    sock_pop3_entries_free(one);
}

static void read_messages_of_dummy(sock_pop3_t *p)
{
    static const char lines[] =
        "From: postmaster@python.org\nContent-Type: text/plain\n"
        "MIME-Version: 1.0\nSubject: Dummy\n\nline1\nline2\nline3\n";
    check_str(joined(sock_pop3_retr(p, 3)), lines);
    check_str(text_of(p), "+OK 116 bytes");
    check_str(joined(sock_pop3_top(p, 1, 1)), lines);
    check_ok(sock_pop3_dele(p, 4));
    check_str(text_of(p), "+OK message marked for deletion.");
}

static void ask_dummy(sock_pop3_t *p)
{
    log_in_to_dummy(p);
    read_lists_of_dummy(p);
    read_messages_of_dummy(p);
    check_ok(sock_pop3_noop(p));
    check_str(text_of(p), "+OK done nothing.");
    check_ok(sock_pop3_rpop(p, "foo"));
    check_fails(sock_pop3_noop(p), SOCK_E_REPLY, 0,
                "noop 127.0.0.1: NOOP: -err");
    check_fails(sock_pop3_utf8(p), SOCK_E_REPLY, 0,
                "utf8 127.0.0.1: UTF8: -ERR What is UTF8?!");
    check_ok(sock_pop3_utf8(p));
    check_str(text_of(p), "+OK I know RFC6856");
    check_str(joined(sock_pop3_capa(p)),
              "UIDL\nIMPLEMENTATION python-testlib-pop-server\n");
    check_ok(sock_pop3_quit(p));
    check(sock_session_socket(sock_pop3_session(p)) == NULL);
}

TEST(pop3, as_python_asks)
{
    static const char *const turns[] = {DUMMY_WELCOME,
                                        CAPA_RESP "STLS\r\n.\r\n", DUMMY_TURNS};
    sock_pop3_t *p = connect_to(turns);
    check_str(sock_pop3_getwelcome(p),
              "+OK dummy pop3 server ready. <timestamp>");
    check_str(joined(sock_pop3_capa(p)),
              "UIDL\nIMPLEMENTATION python-testlib-pop-server\nSTLS\n");
    ask_dummy(p);
    end(p, "CAPA\r\n" DUMMY_HEARS);
}

TEST(pop3, as_python_asks_by_tls)
{
    static const char *const turns[] = {DUMMY_WELCOME, DUMMY_TURNS};
    lines_start(&peer, turns, false, -1);
    sock_pop3_t *p =
        check_made(sock_pop3_ssl_new("127.0.0.1", peer.port, &tls, NULL));
    check_str(sock_pop3_getwelcome(p),
              "+OK dummy pop3 server ready. <timestamp>");
    check_int(sock_session_secure(sock_pop3_session(p)), 1);
    check_fails(sock_pop3_stls(p, &tls), SOCK_E_VALUE, 0,
                "stls: TLS session already established");
    ask_dummy(p);
    end(p, DUMMY_HEARS);
    check_int(tls_holds, 0);
}

TEST(pop3, as_python_asks_after_stls)
{
    static const char *const turns[] = {
        DUMMY_WELCOME, CAPA_RESP "STLS\r\n.\r\n",
        "+OK Begin TLS negotiation\r\n", DUMMY_TURNS};
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_pop3_stls(p, &tls));
    check_int(sock_session_secure(sock_pop3_session(p)), 1);
    check_fails(sock_pop3_stls(p, &tls), SOCK_E_VALUE, 0,
                "stls: TLS session already established");
    ask_dummy(p);
    end(p, "CAPA\r\nSTLS\r\n" DUMMY_HEARS);
    check_int(tls_holds, 0);
}

TEST(pop3, what_only_old_servers_have)
{
    static const char *const turns[] = {WELCOME, "+OK\r\n", "+OK\r\n", NULL};
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_pop3_rpop(p, "mrose"));
    check_fails(sock_pop3_stls(p, &tls), SOCK_E_VALUE, 0,
                "stls: TLS must begin before the login");
    check_ok(sock_pop3_user(p, ""));
    end(p, "RPOP mrose\r\nUSER \r\n");
}

TEST(pop3, the_server_says_no)
{
    static const char *const turns[] = {WELCOME,
                                        "-ERR [IN-USE] locked\r\n",
                                        "-ERR no such\x01message\r\n",
                                        "-ERR\r\n",
                                        "+OK\r\n",
                                        "-ERR some are left\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);

    check_fails(sock_pop3_pass(p, "secret"), SOCK_E_REPLY, 0,
                "pass_ 127.0.0.1: PASS ****: -ERR [IN-USE] locked");
    check_null(sock_pop3_retr(p, 3), SOCK_E_REPLY, 0,
               "retr 127.0.0.1: RETR 3: -ERR no such?message");
    check_str(text_of(p), "-ERR no such?message");
    check_int(sock_session_code(sock_pop3_session(p)), 0);
    check_fails(sock_pop3_dele(p, 3), SOCK_E_REPLY, 0,
                "dele 127.0.0.1: DELE 3: -ERR");
    check_ok(sock_pop3_noop(p));
    check_fails(sock_pop3_quit(p), SOCK_E_REPLY, 0,
                "quit 127.0.0.1: QUIT: -ERR some are left");
    check_fails(sock_pop3_quit(p), SOCK_E_EOF, 0, "quit: not connected");
    end(p, "PASS secret\r\nRETR 3\r\nDELE 3\r\nNOOP\r\nQUIT\r\n");
}

/* Who was not let in may still ask for TLS. */
TEST(pop3, no_login)
{
    static const char *const turns[] = {WELCOME, "-ERR no\r\n",
                                        "+OK\r\nUSER\r\n.\r\n", NULL};
    sock_pop3_t *p = connect_to(turns);

    check_int(sock_pop3_pass(p, "secret"), -1);
    check_fails(sock_pop3_stls(p, &tls), SOCK_E_UNSUPPORTED, 0,
                "stls 127.0.0.1: STLS not supported by server");
    end(p, "PASS secret\r\nCAPA\r\n");
}

TEST(pop3, it_is_not_wanted)
{
    static const char *const turns[] = {"-ERR go away\r\n", NULL};
    lines_start(&peer, turns, false, -1);
    check_null(sock_pop3_new("127.0.0.1", peer.port, NULL), SOCK_E_REPLY, 0,
               "POP3 127.0.0.1: -ERR go away");
    lines_end(&peer);
}

/* What is no reply ends the session: what it was one to no one can say. */
TEST(pop3, no_reply)
{
    static const char *const bad[] = {"OK\r\n", "\r\n", " +OK\r\n",
                                      "* BYE\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *const turns[] = {WELCOME, bad[i], NULL};
        sock_pop3_t *p = connect_to(turns);
        check_fails(sock_pop3_noop(p), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                    "noop 127.0.0.1: NOOP: a reply is neither +OK nor -ERR");
        check_fails(sock_pop3_noop(p), SOCK_E_EOF, 0, "noop: not connected");
        end(p, "NOOP\r\n");
    }
}

TEST(pop3, it_goes_away)
{
    static const char *const turns[] = {WELCOME, "!+OK\r\nhalf of it\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);
    check_null(sock_pop3_retr(p, 1), SOCK_E_EOF, 0,
               "retr 127.0.0.1: RETR 1: Connection unexpectedly closed");
    check_null(sock_session_socket(sock_pop3_session(p)), SOCK_E_EOF, 0,
               "retr 127.0.0.1: RETR 1: Connection unexpectedly closed");
    end(p, "RETR 1\r\n");
}

/* Numbers */

TEST(pop3, numbers)
{
    static const struct {
        const char *reply;
        int64_t count, octets; /* -1: it is none */
    } rows[] = {
        {"+OK 0 0", 0, 0},
        {"+OK  2\t320 and more", 2, 320},
        {"+OK 9223372036854775807 1", INT64_MAX, 1},
        {"+ 1 2", 1, 2},
        {"+OK", -1, 0},
        {"+OK 1", -1, 0},
        {"+OK 1 ", -1, 0},
        {"+OK -1 2", -1, 0},
        {"+OK +1 2", -1, 0},
        {"+OK 1_0 2", -1, 0},
        {"+OK 1 2x", -1, 0},
        {"+OK 9223372036854775808 1", -1, 0},
        {"+OK 1 99999999999999999999999", -1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char reply[80];
        const char *const turns[] = {WELCOME, reply, NULL};
        uint64_t count, octets;
        snprintf(reply, sizeof reply, "%s\r\n", rows[i].reply);
        sock_pop3_t *p = connect_to(turns);
        if (rows[i].count < 0) {
            check_fails(sock_pop3_stat(p, &count, &octets), SOCK_E_PROTOCOL,
                        SOCK_P_SYNTAX,
                        "stat 127.0.0.1: STAT: the reply has not two numbers");
        } else {
            check_ok(sock_pop3_stat(p, &count, &octets));
            check_int(count, rows[i].count);
            check_int(octets, rows[i].octets);
        }
        end(p, "STAT\r\n");
    }
}

TEST(pop3, lists)
{
    static const char *const turns[] = {
        WELCOME,
        "+OK 2 messages\r\n1 120\r\n3 200 seen\r\n.\r\n",
        "+OK\t3 200\r\n",
        "+OK\r\n1 whqtswO00WBw418f9t5JxYwZ\r\n3 QhdPYR:00WBw1Ph7x7\r\n.\r\n",
        "+OK 3 QhdPYR:00WBw1Ph7x7\r\n",
        "+OK\r\n.\r\n",
        "+OK\r\n.\r\n",
        NULL};
    sock_pop3_t *p = connect_to(turns);
    sock_pop3_entries_t *all = check_made(sock_pop3_list(p, 0));
    sock_pop3_entries_t *one = check_made(sock_pop3_list(p, 3));
    sock_pop3_entries_t *ids = check_made(sock_pop3_uidl(p, 0));
    sock_pop3_entries_t *id = check_made(sock_pop3_uidl(p, 3));
    sock_pop3_entries_t *none = check_made(sock_pop3_list(p, 0));
    sock_pop3_entries_t *nothing = check_made(sock_pop3_uidl(p, 0));

    check_int(all->count, 2);
    check_int(all->entries[0].number, 1);
    check_int(all->entries[0].octets, 120);
    check(all->entries[0].id == NULL);
    check_int(all->entries[1].number, 3);
    check_int(all->entries[1].octets, 200);
    check_int(one->count, 1);
    check_int(one->entries[0].number, 3);
    check_int(one->entries[0].octets, 200);
    check(one->entries[0].id == NULL);
    check_int(ids->count, 2);
    check_str(ids->entries[0].id, "whqtswO00WBw418f9t5JxYwZ");
    check_str(ids->entries[1].id, "QhdPYR:00WBw1Ph7x7");
    check_int(ids->entries[1].octets, 0);
    check_int(id->count, 1);
    check_str(id->entries[0].id, "QhdPYR:00WBw1Ph7x7");
    check_int(none->count + nothing->count, 0);
    sock_pop3_entries_free(all);
    sock_pop3_entries_free(one);
    sock_pop3_entries_free(ids);
    sock_pop3_entries_free(id);
    sock_pop3_entries_free(none);
    sock_pop3_entries_free(nothing);
    sock_pop3_entries_free(NULL);
    end(p, "LIST\r\nLIST 3\r\nUIDL\r\nUIDL 3\r\nLIST\r\nUIDL\r\n");
}

TEST(pop3, bad_lists)
{
    static const struct {
        bool ids;
        uint64_t which;
        const char *reply;
    } rows[] = {
        {false, 0, "+OK\r\n1 120\r\nx 200\r\n.\r\n"},
        {false, 0, "+OK\r\n\r\n.\r\n"},
        {false, 0, "+OK\r\n1\r\n.\r\n"},
        {false, 1, "+OK 2 200\r\n"},
        {false, 1, "+OK\r\n"},
        {true, 0, "+OK\r\n1 a\r\n2\r\n.\r\n"},
        {true, 0, "+OK\r\nx a\r\n.\r\n"},
        {true, 0, "+OK\r\n1 a\x7f\r\n.\r\n"},
        {true, 0, "+OK\r\n1 a\x01\r\n.\r\n"},
        {true, 0, "+OK\r\n1 \xc3\xa4\r\n.\r\n"},
        {true, 1, "+OK 2 a\r\n"},
        {true, 1, "+OK 1\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const turns[] = {WELCOME, rows[i].reply, NULL};
        char words[100];
        const char *op = rows[i].ids ? "uidl" : "list";
        sock_pop3_t *p = connect_to(turns);
        snprintf(words, sizeof words,
                 "%s 127.0.0.1: %s%s: a line of the list is none", op,
                 rows[i].ids ? "UIDL" : "LIST", rows[i].which ? " 1" : "");
        if (rows[i].ids)
            check_null(sock_pop3_uidl(p, rows[i].which), SOCK_E_PROTOCOL,
                       SOCK_P_SYNTAX, words);
        else
            check_null(sock_pop3_list(p, rows[i].which), SOCK_E_PROTOCOL,
                       SOCK_P_SYNTAX, words);
        sock_pop3_free(p);
        lines_end(&peer);
    }
}

/* Who it is */

TEST(pop3, timestamps)
{
    static const struct {
        const char *welcome, *stamp;
    } rows[] = {
        {"+OK POP3 <1896.697170952@dbc.mtview.ca.us>",
         "<1896.697170952@dbc.mtview.ca.us>"},
        {"+OK <a@b> and more", "<a@b>"},
        {"+OK <a@b> more>", "<a@b>"}, /* Python: up to the last > */
        {"+OK <1a2.1.5f.Ab+/=_@[127.0.0.1]> ", "<1a2.1.5f.Ab+/=_@[127.0.0.1]>"},
        {"+OK", ""},
        {"+OK <", ""},
        {"+OK <>", ""},
        {"+OK <@>", ""},
        {"+OK <a@>", ""},
        {"+OK <@b>", ""},
        {"+OK <a>", ""},
        {"+OK <a@b", ""},
        {"+OK <a.@b>", ""},
        {"+OK <.a@b>", ""},
        {"+OK <a..b@c>", ""},
        {"+OK <a@b.>", ""},
        {"+OK <a b@c>", ""},
        {"+OK <a@b@c>", ""},
        {"+OK <a<b@c>", ""},
        {"+OK <a@[b>", ""},
        {"+OK <a@[b]c>", ""},
        {"+OK <a@[[b]>", ""},
        {"+OK <a@[b#]>", ""},
        {"+OK <a@[b#>", ""},
        {"+OK <a(b>", ""},
        {"+OK <a@[b<c]>", ""},
        {"+OK <a\x01@b>", ""},
        {"+OK <a@b\xff>", ""}, /* Python takes it */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = strlen(rows[i].welcome);
        char *copy = malloc(n); /* of just that size */
        memcpy(copy, rows[i].welcome, n);
        struct sock__piece stamp =
            sock__pop3_timestamp((struct sock__piece){copy, n});
        check_int(stamp.n, strlen(rows[i].stamp));
        check_bytes(stamp.at, rows[i].stamp, stamp.n);
        free(copy);
    }
    const struct sock__piece zero = {"+OK <a\0@b>", 11};
    check_int(sock__pop3_timestamp(zero).n, 0);
}

/* Each of them is read once: what is looked through again from each byte on
 * would take days. The first is CPython's. */
TEST(pop3, timestamps_that_are_long)
{
    enum { SIZE = 4000000 };
    static const struct {
        const char *begin, *part; /* again and again, up to a > */
        size_t n;
    } rows[] = {
        {"+OK", "<", 0},
        {"+OK <", "a", 0},
        {"+OK <a@b", "<", 0},
        {"+OK <a@b", "@", 0},
        {"+OK <a@b", "<a@", 0},
        {"+OK <a@[b", "[", 0},
        {"+OK <a@b", ">", 5},
        {"+OK <a@b", ".a", SIZE - 4},
        {"+OK <a@b", "a", SIZE - 4},
    };
    char *welcome = malloc(SIZE);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t used = strlen(rows[i].begin), n = strlen(rows[i].part);
        memcpy(welcome, rows[i].begin, used);
        for (size_t at = used; at < SIZE - 1; at++)
            welcome[at] = rows[i].part[(at - used) % n];
        welcome[SIZE - 1] = '>';
        if (rows[i].part[0] == '.')
            welcome[SIZE - 2] = 'a';
        struct sock__piece stamp =
            sock__pop3_timestamp((struct sock__piece){welcome, SIZE});
        check_that(stamp.n == rows[i].n, "row %zu: %zu", i, stamp.n);
    }
    free(welcome);
}

TEST(pop3, a_digest)
{
    static const char *const turns[] = {WELCOME, "+OK\r\n", NULL};
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_pop3_apop(p, "mrose", "tanstaaf"));
    end(p, "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n"); /* RFC 1939 */
}

/* By TLS, too; that of CPython's own tests is no message id. */
TEST(pop3, no_digest)
{
    static const char *const welcomes[] = {"+OK <here>\r\n", DUMMY_WELCOME};
    for (int i = 0; i < 4; i++) {
        const char *const turns[] = {welcomes[i / 2], NULL};
        lines_start(&peer, turns, false, -1);
        sock_pop3_t *p = check_made(
            i % 2 == 0 ? sock_pop3_new("127.0.0.1", peer.port, NULL)
                       : sock_pop3_ssl_new("127.0.0.1", peer.port, &tls, NULL));
        check_fails(sock_pop3_apop(p, "mrose", "tanstaaf"), SOCK_E_UNSUPPORTED,
                    0, "apop 127.0.0.1: APOP not supported by server");
        end(p, "");
    }
}

static sock_sasl_login_t login = {"tim", "tanstaaftanstaaf"};

TEST(pop3, sasl)
{
    static const char *const turns[] = {
        WELCOME,
        "+OK\r\nUSER\r\nsasl LOGIN\tplain CRAM-MD5\r\n.\r\n",
        "+OK\r\n",
        "+OK\r\nSASL CRAM-MD5\r\n.\r\n",
        "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n",
        "+OK\r\n",
        "+OK\r\nSASL PLAIN\tLOGIN\r\n.\r\n",
        "+ \r\n",
        "-ERR no\r\n",
        NULL};
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_pop3_auth(p, "plain", sock_sasl_password, &login));
    check_ok(sock_pop3_auth(p, "CRAM-MD5", sock_sasl_password, &login));
    check_fails(sock_pop3_auth(p, "LOGIN", sock_sasl_password, &login),
                SOCK_E_REPLY, 0, "auth 127.0.0.1: AUTH LOGIN ****: -ERR no");
    end(p, "CAPA\r\nAUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n"
           "CAPA\r\nAUTH CRAM-MD5\r\n"
           "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n" /* RFC 2195 */
           "CAPA\r\nAUTH LOGIN dGlt\r\ndGlt\r\n");
}

TEST(pop3, a_challenge_without_bytes)
{
    static const char *const turns[] = {WELCOME, "+OK\r\nSASL LOGIN\r\n.\r\n",
                                        "+\r\n", "+OK\r\n", NULL};
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_pop3_auth(p, "LOGIN", sock_sasl_password, &login));
    end(p, "CAPA\r\nAUTH LOGIN dGlt\r\ndGlt\r\n");
}

TEST(pop3, no_such_mechanism)
{
    static const char *const turns[] = {WELCOME,
                                        "+OK\r\nSASL LOGIN\r\n.\r\n",
                                        "+OK\r\nUSER\r\n.\r\n",
                                        "-ERR what\r\n",
                                        "+OK\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);
    for (int i = 0; i < 2; i++)
        check_fails(sock_pop3_auth(p, "PLAIN", sock_sasl_password, &login),
                    SOCK_E_UNSUPPORTED, 0,
                    "auth 127.0.0.1: the server has not that mechanism");
    check_fails(sock_pop3_auth(p, "PLAIN", sock_sasl_password, &login),
                SOCK_E_UNSUPPORTED, 0,
                "auth 127.0.0.1: CAPA not supported by server");
    check_ok(sock_pop3_noop(p));
    end(p, "CAPA\r\nCAPA\r\nCAPA\r\nNOOP\r\n");
}

/* Python sends it. */
TEST(pop3, passwords_in_the_clear)
{
    static const char *const turns[] = {WELCOME, "+OK\r\nSASL PLAIN\r\n.\r\n",
                                        "+OK\r\nSASL PLAIN\r\n.\r\n", "+OK\r\n",
                                        NULL};
    sock_session_opts_t opts = {.size = sizeof opts, .insecure_auth = 1};
    sock_pop3_t *p = connect_to(turns);

    const sock_addr_t far = sock_addr_inet("192.0.2.1", 110);
    far_away = &far;
    check_fails(sock_pop3_pass(p, "secret"), SOCK_E_VALUE, 0,
                "pass_: the password would be sent without TLS "
                "(see insecure_auth)");
    for (int i = 0; i < 2; i++) /* in capitals or not */
        check_fails(sock_pop3_auth(p, i == 0 ? "PLAIN" : "plain",
                                   sock_sasl_password, &login),
                    SOCK_E_VALUE, 0,
                    "auth: the password would be sent without TLS "
                    "(see insecure_auth)");
    check_ok(sock_pop3_apop(p, "a", "b"));
    end(p, "CAPA\r\nCAPA\r\nAPOP a 614fcf8e3e5f8bd44f44161ca95b8e2e\r\n");

    lines_start(&peer, (const char *const[]){WELCOME, "+OK\r\n", NULL}, false,
                -1);
    p = check_made(sock_pop3_new("127.0.0.1", peer.port, &opts));
    check_ok(sock_pop3_pass(p, "secret"));
    end(p, "PASS secret\r\n");
    far_away = NULL;
}

/* TLS, without a library that has it. */
TEST(pop3, no_tls)
{
    static const char *const turns[] = {WELCOME,
                                        "-ERR what\r\n",
                                        "+OK\r\nUIDL\r\nSTLSX\r\n.\r\n",
                                        "+OK\r\nstls\r\n.\r\n",
                                        "+OK\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);
    check_fails(sock_pop3_stls(p, NULL), SOCK_E_UNSUPPORTED, 0,
                "stls 127.0.0.1: CAPA not supported by server");
    check_fails(sock_pop3_stls(p, NULL), SOCK_E_UNSUPPORTED, 0,
                "stls 127.0.0.1: STLS not supported by server");
    check_int(sock_pop3_stls(p, NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
    check_ok(sock_pop3_pass(p, "x"));
    check_fails(sock_pop3_stls(p, NULL), SOCK_E_VALUE, 0,
                "stls: TLS must begin before the login");
    end(p, "CAPA\r\nCAPA\r\nCAPA\r\nPASS x\r\n");
    check(sock_pop3_ssl_new("127.0.0.1", 1, NULL, NULL) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
}

/* Capabilities */

TEST(pop3, capabilities)
{
    static const char *const turns[] = {
        WELCOME, "+OK\r\nTOP\r\n\r\nSASL PLAIN LOGIN\r\n.\r\n", "-ERR\r\n",
        NULL};
    sock_pop3_t *p = connect_to(turns);
    check_str(joined(sock_pop3_capa(p)), "TOP\n\nSASL PLAIN LOGIN\n");
    check_null(sock_pop3_capa(p), SOCK_E_UNSUPPORTED, 0,
               "capa 127.0.0.1: CAPA not supported by server");
    end(p, "CAPA\r\nCAPA\r\n");
}

/* Arguments */

/* None of them gets a byte out. */
TEST(pop3, no_second_command)
{
    static const char *const bad[] = {"x\r\nDELE 1", "x\r", "\n"};
    static const char *const turns[] = {WELCOME, NULL};
    static const char words[] = ": command and arguments contain prohibited "
                                "newline characters";
    sock_pop3_t *p = connect_to(turns);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[100];
        snprintf(text, sizeof text, "user%s", words);
        check_fails(sock_pop3_user(p, bad[i]), SOCK_E_VALUE, 0, text);
        snprintf(text, sizeof text, "pass_%s", words);
        check_fails(sock_pop3_pass(p, bad[i]), SOCK_E_VALUE, 0, text);
        snprintf(text, sizeof text, "rpop%s", words);
        check_fails(sock_pop3_rpop(p, bad[i]), SOCK_E_VALUE, 0, text);
        snprintf(text, sizeof text, "apop%s", words);
        check_fails(sock_pop3_apop(p, bad[i], "x"), SOCK_E_VALUE, 0, text);
        check_fails(sock_pop3_auth(p, bad[i], sock_sasl_password, &login),
                    SOCK_E_VALUE, 0, "auth: an invalid mechanism");
    }
    end(p, "");
}

TEST(pop3, too_long_a_command)
{
    static const char *const turns[] = {WELCOME, NULL};
    sock_pop3_t *p = connect_to(turns);
    char user[1100];
    memset(user, 'a', sizeof user);
    user[sizeof user - 1] = '\0';
    check_fails(sock_pop3_user(p, user), SOCK_E_VALUE, 0,
                "user: the command is too long");
    end(p, "");
}

/* When it is over every call says so. */
TEST(pop3, after_the_end)
{
    static const char *const turns[] = {WELCOME, "+OK\r\n", NULL};
    uint64_t n;
    sock_pop3_t *p = connect_to(turns);
    const sock_sink_t sink = {(int (*)(void *, const void *, size_t))abort,
                              NULL};
    check_ok(sock_pop3_quit(p));
    const int results[] = {
        sock_pop3_user(p, "x"),
        sock_pop3_pass(p, "x"),
        sock_pop3_rpop(p, "x"),
        sock_pop3_apop(p, "x", "x"),
        sock_pop3_auth(p, "PLAIN", sock_sasl_password, &login),
        sock_pop3_stls(p, NULL),
        sock_pop3_utf8(p),
        sock_pop3_stat(p, &n, &n),
        sock_pop3_list(p, 0) != NULL,
        sock_pop3_uidl(p, 1) != NULL,
        sock_pop3_capa(p) != NULL,
        sock_pop3_retr(p, 1) != NULL,
        sock_pop3_top(p, 1, 0) != NULL,
        sock_pop3_retr_to(p, 1, sink),
        sock_pop3_top_to(p, 1, 1, sink),
        sock_pop3_dele(p, 1),
        sock_pop3_rset(p)};
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        check(results[i] == -1 || results[i] == 0);
    check_fails(sock_pop3_noop(p), SOCK_E_EOF, 0, "noop: not connected");
    end(p, "QUIT\r\n");
}

static sock_pop3_t *cannot_be_asked(void)
{
    static const char *const turns[] = {WELCOME, NULL};
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_shutdown(sock_session_socket(sock_pop3_session(p)), SHUT_WR));
    return p;
}

static void check_broken(bool failed, sock_pop3_t *p)
{
    check(failed);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_int(sock_last_error()->code, EPIPE);
    check(sock_session_socket(sock_pop3_session(p)) == NULL);
    end(p, "");
}

TEST(pop3, it_cannot_be_asked)
{
    uint64_t n;
    struct got g = {.ended = 0};
    sock_pop3_t *p = cannot_be_asked();
    check_broken(sock_pop3_stat(p, &n, &n) < 0, p);
    p = cannot_be_asked();
    check_broken(sock_pop3_list(p, 0) == NULL, p);
    p = cannot_be_asked();
    check_broken(sock_pop3_fetch(p, 1, 1, get, &g) < 0, p);
}

/* All of it has an end. */
TEST(pop3, no_time_for_many)
{
    static const char *const turns[] = {WELCOME, NULL};
    struct got g = {.ended = 0};
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_session_set_deadline(sock_pop3_session(p), 0));
    check_int(sock_pop3_fetch(p, 1, 1, get, &g), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    end(p, "");
}

TEST(pop3, options)
{
    sock_session_opts_t opts = {.size = 1};
    check(sock_pop3_new("127.0.0.1", 1, &opts) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_pop3_ssl_new("127.0.0.1", 1, NULL, &opts) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
}

/* The default of all sockets, that of the client, and which it is. */
TEST(pop3, timeouts)
{
    static const struct {
        double all, own, is;
    } rows[] = {
        {30, 0, 30},
        {30, SOCK_NO_TIMEOUT, SOCK_NO_TIMEOUT},
        {SOCK_NO_TIMEOUT, 30, 30},
        {SOCK_NO_TIMEOUT, 0, SOCK_NO_TIMEOUT},
    };
    static const char *const turns[] = {"+ Hola mundo\n", NULL};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_session_opts_t o = {.size = sizeof o, .timeout = rows[i].own};
        lines_start(&peer, turns, false, -1);
        check_ok(sock_setdefaulttimeout(rows[i].all));
        sock_pop3_t *p = check_made(sock_pop3_new("127.0.0.1", peer.port, &o));
        check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
        check(sock_gettimeout(sock_session_socket(sock_pop3_session(p))) ==
              rows[i].is);
        check_str(sock_pop3_getwelcome(p), "+ Hola mundo");
        end(p, "");
    }
    check_ok(sock_setdefaulttimeout(0));
    check_null(sock_pop3_new("127.0.0.1", 1, NULL), SOCK_E_VALUE, 0,
               "POP3: Non-blocking socket (timeout=0) is not supported");
    check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
}

TEST(pop3, nothing_given)
{
    static const char *const turns[] = {WELCOME, NULL};
    uint64_t n;
    sock_pop3_t *p = connect_to(turns);
    sock_sink_t sink = {0};
    const struct {
        int result;
    } calls[] = {{sock_pop3_user(p, NULL)},
                 {sock_pop3_user(NULL, "x")},
                 {sock_pop3_pass(p, NULL)},
                 {sock_pop3_rpop(p, NULL)},
                 {sock_pop3_rpop(NULL, "x")},
                 {sock_pop3_apop(p, NULL, "x")},
                 {sock_pop3_apop(p, "x", NULL)},
                 {sock_pop3_auth(p, NULL, sock_sasl_password, &login)},
                 {sock_pop3_auth(p, "PLAIN", NULL, NULL)},
                 {sock_pop3_stls(NULL, NULL)},
                 {sock_pop3_stat(p, NULL, &n)},
                 {sock_pop3_stat(p, &n, NULL)},
                 {sock_pop3_retr_to(p, 1, sink)},
                 {sock_pop3_top_to(p, 1, 1, sink)},
                 {sock_pop3_fetch(p, 1, 2, NULL, NULL)},
                 {sock_pop3_fetch(NULL, 1, 2, NULL, NULL)},
                 {sock_pop3_quit(NULL)}};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        check_int(calls[i].result, -1);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    check(sock_pop3_new(NULL, 1, NULL) == NULL);
    check(sock_pop3_ssl_new(NULL, 1, NULL, NULL) == NULL);
    check(sock_pop3_session(NULL) == NULL);
    check(sock_pop3_getwelcome(NULL) == NULL);
    check(sock_pop3_list(NULL, 0) == NULL);
    check(sock_pop3_capa(NULL) == NULL);
    sock_pop3_free(NULL);
    end(p, "");
}

/* Messages as they arrive */

TEST(pop3, to_a_sink)
{
    static const char *const turns[] = {WELCOME,
                                        "+OK\r\na\r\n..b\r\n.\n.\r\n\r\n.\r\n",
                                        "+OK\r\nhead\r\n\r\n.\r\n",
                                        "+OK\r\nabc\r\n.\r\n",
                                        "+OK\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);
    struct kept k = {.n = 0};
    const sock_sink_t sink = {keep, &k};

    check_ok(sock_pop3_retr_to(p, 1, sink));
    check_str(k.text, "a\r\n.b\r\n\n.\r\n\r\n");
    k.n = 0;
    check_ok(sock_pop3_top_to(p, 2, 7, sink));
    check_str(k.text, "head\r\n\r\n");
    k.n = 0;
    k.most = 1;
    check_fails(sock_pop3_retr_to(p, 3, sink), SOCK_E_CANCELLED, 0,
                "retr 127.0.0.1: RETR 3: cancelled");
    check_ok(sock_pop3_noop(p));
    end(p, "RETR 1\r\nTOP 2 7\r\nRETR 3\r\nNOOP\r\n");
}

/* Many */

/* A server of 20 messages that hears all commands of a window before it answers
 * to the first of them. */
static const char can_pipeline[] = "+OK\r\nPIPELINING\r\n.\r\n";

/* Who speaks: the client is ">", the server "<". */
static void keep_turns(void *arg, char direction, const char *line, size_t n)
{
    const char turn[] = {direction, '\0'};
    (void)line, (void)n;
    strcat(arg, turn);
}

/* None is asked for before the one before it has come. */
TEST(pop3, many_one_by_one)
{
    static const char *const turns[] = {WELCOME,
                                        "+OK 3 99\r\n",
                                        "-ERR\r\n",
                                        "+OK\r\na\r\n.\r\n",
                                        "+OK\r\n..\r\n.\r\n",
                                        "+OK\r\n.\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);
    struct got g = {.ended = 0};
    char spoken[40] = "";
    check_ok(sock_session_set_trace(sock_pop3_session(p), keep_turns, spoken));
    check_ok(sock_pop3_fetch(p, 1, 0, get, &g));
    check_str(spoken, "><><><><><");
    check_str(g.kept.text, "a\r\n.\r\n");
    check_int(g.ended, 123);
    end(p, "STAT\r\nCAPA\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\n");
}

/* Of several that were asked for it is the one that has not come. */
TEST(pop3, what_was_asked_when_it_was_closed)
{
    static const char *const turns[] = {
        WELCOME, can_pipeline, "_", "_", "!+OK\r\nx\r\n.\r\n+OK two\r\ny",
        NULL};
    sock_pop3_t *p = connect_to(turns);
    struct got g = {.ended = 0};
    check_fails(sock_pop3_fetch(p, 1, 3, get, &g), SOCK_E_EOF, 0,
                "fetch 127.0.0.1: RETR 2: Connection unexpectedly closed");
    check_str(text_of(p), "+OK two");
    check_int(g.ended, 1);
    end(p, "CAPA\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\n");
}

TEST(pop3, many_ahead)
{
    enum { FEW = 12 };
    const char *turns[3 + FEW + 1] = {WELCOME, can_pipeline};
    struct got g = {.ended = 0};
    char all[1000] = "CAPA\r\n", body[40] = "+OK\r\nx\r\n.\r\n";

    /* nothing is said before the last of them was heard */
    for (int i = 0; i < FEW; i++) {
        turns[2 + i] = "_";
        snprintf(all + strlen(all), sizeof all - strlen(all), "RETR %d\r\n",
                 i + 1);
    }
    char bodies[FEW * sizeof body] = "";
    for (int i = 0; i < FEW; i++)
        strcat(bodies, body);
    turns[2 + FEW - 1] = bodies;
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_pop3_fetch(p, 1, FEW, get, &g));
    check_int(g.ended, 123456789012);
    check_int(g.kept.n, FEW * 3);
    end(p, all);
}

/* Whoever is handed the first message has closed the socket. */
static int close_below(void *arg, uint64_t number, const void *data, size_t n)
{
    (void)number, (void)data, (void)n;
    sock_close(sock_session_socket(sock_pop3_session(arg)));
    return 0;
}

TEST(pop3, a_socket_that_is_closed_below)
{
    static const char *const turns[] = {
        WELCOME, can_pipeline, "_", "+OK\r\na\r\n.\r\n+OK\r\nb\r\n.\r\n", NULL};
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_session_settimeout(sock_pop3_session(p), 10));
    check_fails(sock_pop3_fetch(p, 1, 2, close_below, p), SOCK_E_OS, EBADF,
                "fetch 127.0.0.1: RETR 2: [Errno 9] Bad file descriptor");
    end(p, "CAPA\r\nRETR 1\r\nRETR 2\r\n");
}

/* No more than 16 are on their way; half of them make room for the next. */
TEST(pop3, a_window)
{
    enum { MANY = 40 };
    const char *turns[3 + MANY] = {WELCOME, can_pipeline};
    struct got g = {.ended = 0};

    for (int i = 2; i < 2 + MANY; i++)
        turns[i] = "+OK\r\nx\r\n.\r\n";
    turns[2 + MANY] = NULL;
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_pop3_fetch(p, 1, MANY, get, &g));
    check_int(g.kept.n, MANY * 3);
    sock_pop3_free(p);
    check(strstr(lines_heard(&peer), "RETR 39\r\nRETR 40\r\n") != NULL);
    lines_end(&peer);
}

/* What was asked for already is passed over. */
TEST(pop3, one_of_many_is_gone)
{
    static const char *const turns[] = {WELCOME,
                                        can_pipeline,
                                        "+OK\r\na\r\n.\r\n",
                                        "-ERR deleted\r\n",
                                        "+OK\r\nb\r\n.\r\n",
                                        "-ERR this, too\r\n",
                                        "+OK\r\nc\r\n.\r\n",
                                        "+OK still here\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);
    struct got g = {.ended = 0};
    check_fails(sock_pop3_fetch(p, 1, 5, get, &g), SOCK_E_REPLY, 0,
                "fetch 127.0.0.1: RETR 2: -ERR deleted");
    check_str(g.kept.text, "a\r\n");
    check_int(g.ended, 1);
    check_ok(sock_pop3_noop(p));
    check_str(text_of(p), "+OK still here");
    end(p, "CAPA\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\nRETR 4\r\nRETR 5\r\n"
           "NOOP\r\n");
}

TEST(pop3, enough_of_many)
{
    static const char *const turns[] = {WELCOME,
                                        can_pipeline,
                                        "+OK\r\na\r\n.\r\n",
                                        "+OK\r\nbb\r\n.\r\n",
                                        "+OK\r\nc\r\n.\r\n",
                                        "+OK still here\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);
    struct got g = {.stop_at = 2};
    check_fails(sock_pop3_fetch(p, 1, 3, get, &g), SOCK_E_CANCELLED, 0,
                "fetch 127.0.0.1: RETR 2: cancelled");
    check_str(g.kept.text, "a\r\n");
    check_ok(sock_pop3_noop(p));
    check_str(text_of(p), "+OK still here");
    end(p, "CAPA\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\nNOOP\r\n");
}

TEST(pop3, enough_at_the_end_of_one)
{
    static const char *const turns[] = {WELCOME,
                                        can_pipeline,
                                        "+OK\r\n.\r\n",
                                        "+OK\r\nb\r\n.\r\n",
                                        "+OK still here\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);
    struct got g = {.stop_at = 1, .stops_behind = true};
    check_fails(sock_pop3_fetch(p, 1, 2, get, &g), SOCK_E_CANCELLED, 0,
                "fetch 127.0.0.1: RETR 1: cancelled");
    check_ok(sock_pop3_noop(p));
    end(p, "CAPA\r\nRETR 1\r\nRETR 2\r\nNOOP\r\n");
}

/* What is passed over has a limit. */
TEST(pop3, too_much_to_pass_over)
{
    static const char *const turns[] = {
        WELCOME,
        can_pipeline,
        "-ERR\r\n",
        "+OK\r\n0123456789\r\n.\r\n+OK\r\n0123456789\r\n0123456789\r\n.\r\n",
        "_",
        NULL};
    sock_session_limits_t limits = {.size = sizeof limits, .list = 25};
    sock_pop3_t *p = connect_to(turns);
    struct got g = {.ended = 0};
    check_ok(sock_session_set_limits(sock_pop3_session(p), &limits));
    check_fails(sock_pop3_fetch(p, 1, 3, get, &g), SOCK_E_REPLY, 0,
                "fetch 127.0.0.1: RETR 1: -ERR");
    check_fails(sock_pop3_noop(p), SOCK_E_EOF, 0, "noop: not connected");
    end(p, "CAPA\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\n");
}

TEST(pop3, it_goes_away_among_many)
{
    static const char *const turns[] = {WELCOME, can_pipeline, "+OK\r\n.\r\n",
                                        "!+OK\r\n", NULL};
    static const char *const other[] = {WELCOME, "!+OK\r\nPIPE", NULL};
    struct got g = {.ended = 0};
    sock_pop3_t *p = connect_to(turns);
    check_int(sock_pop3_fetch(p, 1, 20, get, &g), -1);
    check_int(g.ended, 1);
    /* a reset, as there was something that it has not heard */
    check(sock_last_error()->kind == SOCK_E_EOF ||
          sock_last_error()->code == ECONNRESET);
    sock_pop3_free(p);
    lines_end(&peer);
    p = connect_to(other);
    check_fails(sock_pop3_fetch(p, 1, 2, get, &g), SOCK_E_EOF, 0,
                "fetch 127.0.0.1: CAPA: Connection unexpectedly closed");
    sock_pop3_free(p);
    lines_end(&peer);
}

TEST(pop3, ranges)
{
    static const char *const turns[] = {WELCOME, "+OK 0 0\r\n", "+OK x\r\n",
                                        NULL};
    sock_pop3_t *p = connect_to(turns);
    struct got g = {.ended = 0};
    check_fails(sock_pop3_fetch(p, 0, 1, get, &g), SOCK_E_VALUE, 0,
                "fetch: there is no such range");
    check_fails(sock_pop3_fetch(p, 3, 2, get, &g), SOCK_E_VALUE, 0,
                "fetch: there is no such range");
    check_fails(sock_pop3_fetch(p, 1, UINT64_MAX, get, &g), SOCK_E_VALUE, 0,
                "fetch: there is no such range");
    check_ok(sock_pop3_fetch(p, 1, 0, get, &g));
    check_fails(sock_pop3_fetch(p, 1, 0, get, &g), SOCK_E_PROTOCOL,
                SOCK_P_SYNTAX,
                "fetch 127.0.0.1: STAT: the reply has not two numbers");
    check_int(g.ended, 0);
    end(p, "STAT\r\nSTAT\r\n");
}

/* Limits */

TEST(pop3, limits)
{
    static const char *const turns[] = {
        WELCOME, "+OK\r\n0123456789\r\n0123456789\r\n.\r\n", NULL};
    sock_session_limits_t limits = {.size = sizeof limits, .list = 20};
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_session_set_limits(sock_pop3_session(p), &limits));
    check_null(sock_pop3_retr(p, 1), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "retr 127.0.0.1: RETR 1: the list is too long");
    end(p, "RETR 1\r\n");
}

/* Places in a list take room beside the lines that it is made of. */
TEST(pop3, too_many_messages)
{
    enum { MANY = 2000 };
    static char said[10 * MANY] = "+OK\r\n";
    static const char *const turns[] = {WELCOME, said, said, NULL};
    sock_session_limits_t limits = {.size = sizeof limits, .list = 24 * MANY};
    size_t n = strlen(said);

    for (int i = 0; i < MANY; i++)
        n += (size_t)sprintf(said + n, "1 1\r\n");
    strcpy(said + n, ".\r\n");
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_session_set_limits(sock_pop3_session(p), &limits));
    sock_pop3_entries_t *list = check_made(sock_pop3_list(p, 0));
    check_int(list->count, MANY);
    sock_pop3_entries_free(list);
    limits.list--;
    check_ok(sock_session_set_limits(sock_pop3_session(p), &limits));
    check_null(sock_pop3_uidl(p, 0), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "uidl 127.0.0.1: UIDL: the list is too long");
    check_fails(sock_pop3_noop(p), SOCK_E_EOF, 0, "noop: not connected");
    end(p, "LIST\r\nUIDL\r\n");
}

/* A whole conversation, whatever becomes of it. */

static const char *const whole[] = {WELCOME,
                                    "+OK\r\nSASL PLAIN\r\nPIPELINING\r\n.\r\n",
                                    "+OK\r\n",
                                    "+OK 2 320\r\n",
                                    "+OK\r\n1 120\r\n2 200\r\n.\r\n",
                                    "+OK\r\n1 a\r\n2 b\r\n.\r\n",
                                    "+OK 2 b\r\n",
                                    "+OK\r\na\r\n..\r\n\r\nb\r\n.\r\n",
                                    "+OK\r\nPIPELINING\r\n.\r\n",
                                    "+OK\r\na\r\n.\r\n",
                                    "-ERR\r\n",
                                    "+OK\r\nb\r\n.\r\n",
                                    "+OK\r\n",
                                    "+OK bye\r\n",
                                    NULL};

/* How many of its steps have worked. */
static int converse(sock_pop3_t *p)
{
    uint64_t count, octets;
    struct got g = {.ended = 0};
    sock_pop3_entries_t *lists[3];
    int done = 0;

    done += sock_pop3_auth(p, "PLAIN", sock_sasl_password, &login) == 0;
    done += sock_pop3_stat(p, &count, &octets) == 0;
    lists[0] = sock_pop3_list(p, 0);
    lists[1] = sock_pop3_uidl(p, 0);
    lists[2] = sock_pop3_uidl(p, 2);
    for (int i = 0; i < 3; i++) {
        done += lists[i] != NULL;
        sock_pop3_entries_free(lists[i]);
    }
    sock_lines_t *lines = sock_pop3_retr(p, 1);
    done += lines != NULL;
    sock_lines_free(lines);
    done += sock_pop3_fetch(p, 1, 3, get, &g) == -1 &&
            sock_last_error()->kind == SOCK_E_REPLY;
    done += sock_pop3_noop(p) == 0;
    done += sock_pop3_quit(p) == 0;
    return done;
}

TEST(pop3, byte_by_byte)
{
    lines_start(&peer, whole, true, -1);
    sock_pop3_t *p = check_made(sock_pop3_new("127.0.0.1", peer.port, NULL));
    check_int(converse(p), 9);
    sock_pop3_free(p);
    lines_end(&peer);
}

TEST(pop3, cut_at_each_byte)
{
    size_t all = 0;
    for (size_t i = 0; whole[i] != NULL; i++)
        all += strlen(whole[i]);
    for (size_t most = 0; most < all; most++) {
        lines_start(&peer, whole, false, (long)most);
        sock_pop3_t *p = sock_pop3_new("127.0.0.1", peer.port, NULL);
        if (p == NULL)
            check_int(sock_last_error()->kind, SOCK_E_EOF);
        else
            check(converse(p) < 9);
        sock_pop3_free(p);
        lines_end(&peer);
    }
}

/* Hostile servers: whatever they do a call ends, and nothing is lost. */

TEST(pop3, varied_at_each_byte)
{
    size_t n;
    char *all = all_lines(whole, &n), *varied = malloc(2 * n + 1);
    for (size_t i = 0; vary(all, i, varied, &n); i += 5) {
        const char *const said[] = {varied};
        lines_flood(&peer, said, n);
        sock_pop3_t *p = sock_pop3_new("127.0.0.1", peer.port, NULL);
        if (p != NULL)
            converse(p);
        sock_pop3_free(p);
        lines_end(&peer);
    }
    free(varied);
    free(all);
}

TEST(pop3, it_stalls)
{
    for (size_t i = 0; i + 1 < sizeof whole / sizeof whole[0]; i += 3) {
        const char *turns[20] = {NULL};
        sock_session_opts_t opts = {.size = sizeof opts, .timeout = 0.05};
        for (size_t k = 0; k < i; k++)
            turns[k] = whole[k];
        turns[i] = "_";
        lines_start(&peer, turns, false, -1);
        sock_pop3_t *p = sock_pop3_new("127.0.0.1", peer.port, &opts);
        if (p == NULL)
            check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
        else
            check(converse(p) < 9);
        if (p != NULL)
            check(sock_session_socket(sock_pop3_session(p)) == NULL);
        sock_pop3_free(p);
        lines_end(&peer);
    }
}

/* By default over 8192 bytes; Python's longest has 2048, and is then the
 * answer to two commands. */
TEST(pop3, too_long_an_answer)
{
    char longest[8191 + 3], longer[8192 + 3];
    const char *const turns[] = {WELCOME, longest, longer, "+OK\r\n", NULL};

    memset(longest, 'a', sizeof longest);
    memset(longer, 'a', sizeof longer);
    memcpy(longest, "+OK ", 4);
    memcpy(longer, "+OK ", 4);
    memcpy(longest + 8191, "\r\n", 3); /* an LF does not count */
    memcpy(longer + 8192, "\r\n", 3);
    sock_pop3_t *p = connect_to(turns);
    check_ok(sock_pop3_noop(p));
    check_int(strlen(text_of(p)), 8191);
    check_fails(sock_pop3_noop(p), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
                "noop 127.0.0.1: NOOP: line too long");
    check_fails(sock_pop3_noop(p), SOCK_E_EOF, 0, "noop: not connected");
    end(p, "NOOP\r\nNOOP\r\n");
}

TEST(pop3, an_endless_line)
{
    size_t n = 100000;
    char *line = malloc(n);
    const char *const said[] = {line};
    memset(line, 'x', n);
    memcpy(line, "+OK ", 4);
    lines_flood(&peer, said, n);
    check_null(sock_pop3_new("127.0.0.1", peer.port, NULL), SOCK_E_PROTOCOL,
               SOCK_P_TOO_LARGE, "POP3 127.0.0.1: line too long");
    lines_end(&peer);
    free(line);
}

/* TLS that there is none of. */

TEST(pop3, what_was_said_without_tls)
{
    static const char *const turns[] = {WELCOME, "+OK\r\nSTLS\r\n.\r\n",
                                        "+OK go on\r\n", "+OK\r\n", NULL};
    sock_pop3_t *p = connect_to(turns);
    check_int(sock_session_secure(sock_pop3_session(p)), 0);
    check_ok(sock_pop3_stls(p, &tls));
    check_int(tls_holds, 1);
    check_int(sock_session_secure(sock_pop3_session(p)), 1);
    check_str(sock_pop3_getwelcome(p), "");
    check_str(text_of(p), "");
    check_fails(sock_pop3_apop(p, "a", "b"), SOCK_E_UNSUPPORTED, 0,
                "apop 127.0.0.1: APOP not supported by server");
    check_fails(sock_pop3_stls(p, &tls), SOCK_E_VALUE, 0,
                "stls: TLS session already established");
    check_ok(sock_pop3_noop(p));
    end(p, "CAPA\r\nSTLS\r\nNOOP\r\n");
    check_int(tls_holds, 0);
}

/* Whoever has sent it. */
TEST(pop3, more_than_the_go_ahead)
{
    static const char *const turns[] = {WELCOME, "+OK\r\nSTLS\r\n.\r\n",
                                        "+OK go on\r\n+OK injected\r\n", NULL};
    sock_pop3_t *p = connect_to(turns);
    check_fails(sock_pop3_stls(p, &tls), SOCK_E_PROTOCOL, SOCK_P_ORDER,
                "stls 127.0.0.1: STLS: the server sent more than its go-ahead "
                "before TLS began");
    check_fails(sock_pop3_noop(p), SOCK_E_EOF, 0, "noop: not connected");
    end(p, "CAPA\r\nSTLS\r\n");
    check_int(tls_holds, 0);
}

TEST(pop3, no_go_ahead)
{
    static const char *const turns[] = {WELCOME, "+OK\r\nSTLS\r\n.\r\n",
                                        "-ERR not now\r\n", "+OK\r\n", NULL};
    sock_pop3_t *p = connect_to(turns);
    check_fails(sock_pop3_stls(p, &tls), SOCK_E_REPLY, 0,
                "stls 127.0.0.1: STLS: -ERR not now");
    check_str(sock_pop3_getwelcome(p),
              "+OK POP3 <1896.697170952@dbc.mtview.ca.us>");
    check_ok(sock_pop3_noop(p));
    end(p, "CAPA\r\nSTLS\r\nNOOP\r\n");
}

TEST(pop3, no_tls_from_the_first_byte_on)
{
    static const char *const turns[] = {"-ERR no\r\n", NULL};
    check_null(sock_pop3_ssl_new("/nowhere/s", 0, &tls, NULL), SOCK_E_OS,
               ENOENT,
               "POP3_SSL '/nowhere/s': [Errno 2] No such file or directory");
    lines_start(&peer, turns, false, -1);
    check_null(sock_pop3_ssl_new("127.0.0.1", peer.port, &tls, NULL),
               SOCK_E_REPLY, 0, "POP3_SSL 127.0.0.1: -ERR no");
    lines_end(&peer);
    lines_start(&peer, turns, false, -1);
    tls_fails = true;
    check_null(sock_pop3_ssl_new("127.0.0.1", peer.port, &tls, NULL),
               SOCK_E_TLS, 0, "POP3_SSL 127.0.0.1: TLS: no trust");
    tls_fails = false;
    lines_end(&peer);
    check_int(tls_holds, 0);
}

TEST(pop3, tls_from_the_first_byte_on)
{
    static const char *const turns[] = {WELCOME, "+OK\r\n", NULL};
    lines_start(&peer, turns, false, -1);
    sock_pop3_t *p =
        check_made(sock_pop3_ssl_new("127.0.0.1", peer.port, &tls, NULL));
    check_int(sock_session_secure(sock_pop3_session(p)), 1);
    const sock_addr_t far = sock_addr_inet("192.0.2.1", 110);
    far_away = &far;
    check_ok(sock_pop3_pass(p, "secret"));
    far_away = NULL;
    end(p, "PASS secret\r\n");
    check_int(tls_holds, 0);
}

/* Who wants one does not ask whether many could go together. */
TEST(pop3, one_of_a_range)
{
    static const char *const turns[] = {WELCOME, "+OK\r\nx\r\n.\r\n", NULL};
    struct got g = {.ended = 0};
    sock_pop3_t *p = connect_to(turns);

    check_ok(sock_pop3_fetch(p, 7, 7, get, &g));
    check_int(g.ended, 7);
    end(p, "RETR 7\r\n");
}

/* No one listens there, or whoever does has no welcome of POP3. */
TEST(pop3, port_of_tls)
{
    const sock_session_opts_t opts = {.size = sizeof opts, .timeout = 0.05};
    sock_pop3_t *p = sock_pop3_ssl_new("127.0.0.1", 0, &tls, &opts);
    if (p != NULL)
        skip("there is a server");
    check_that(strstr(error_text(), ", 995)") != NULL, "%s", error_text());
}

/* A list that has no end. */
TEST(pop3, an_endless_list)
{
    size_t n = 0, most = 3000000;
    char *list = malloc(most + 20);
    sock_session_limits_t limits = {.size = sizeof limits, .list = 1000000};
    n += (size_t)sprintf(list, "+OK\r\n+OK\r\n");
    while (n < most)
        n += (size_t)sprintf(list + n, "1 120\r\n");
    const char *const said[] = {list};
    lines_flood(&peer, said, n);
    sock_pop3_t *p = check_made(sock_pop3_new("127.0.0.1", peer.port, NULL));
    check_ok(sock_session_set_limits(sock_pop3_session(p), &limits));
    check_null(sock_pop3_list(p, 0), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "list 127.0.0.1: LIST: the list is too long");
    sock_pop3_free(p);
    lines_end(&peer);
    free(list);
}
