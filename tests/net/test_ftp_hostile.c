/* SPDX-License-Identifier: MIT */
/* Servers that break off, say too much, and say what is none of a server's. */
#include "ftp_script.h"

#include <stdint.h>

#define NOOP "<", ">200 noop"

/* A whole conversation. */
static const char *const conversation[] = {
    "=220-hello\r\n there\r\n220 you\r\n",
    "<",
    ">331 who?",
    "<",
    ">230 in",
    "<",
    ">257 \"/a \"\"b\"\"\" is it",
    "<",
    ">200 I",
    "<",
    ">213 5",
    "<",
    ">213 20260102030405.5",
    "<",
    ">200 I",
    "<",
    "E",
    "<",
    "@",
    ">150 for a (5 bytes)",
    "+hello",
    ".",
    ">226 done",
    "<",
    ">200 A",
    "<",
    ">500 what",
    NULL};
static const char *const passive[] = {">220 hello",
                                      "<",
                                      ">200 A",
                                      "<",
                                      ">502 what",
                                      "<",
                                      "P(127,0,0,1,$).",
                                      "<",
                                      "@",
                                      ">150 list",
                                      "+type=file;size=5; a\r\n",
                                      ".",
                                      ">226 done",
                                      "<",
                                      ">350 go",
                                      "<",
                                      ">250 done",
                                      "<",
                                      ">221 bye",
                                      NULL};

/* What a client has to say to these; whether all of it succeeded. */
static bool converse(sock_ftp_t *f)
{
    struct ftp_sunk s;
    char path[64];
    int64_t n;

    return sock_ftp_login(f, "me", "secret", NULL) == 0 &&
           sock_ftp_pwd(f, path, sizeof path) >= 0 &&
           sock_ftp_size(f, "a", &n) == 0 && sock_ftp_mdtm(f, "a", &n) == 0 &&
           sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0) == 0;
}

static bool converse_passively(sock_ftp_t *f)
{
    sock_ftp_list_t *list = sock_ftp_mlsd(f, NULL, NULL);
    bool good = list != NULL && sock_ftp_rename(f, "a", "b") == 0 &&
                sock_ftp_quit(f) == 0;
    sock_ftp_list_free(list);
    return good;
}

static const struct {
    const char *const *steps;
    bool (*converse)(sock_ftp_t *f);
} plays[] = {{conversation, converse}, {passive, converse_passively}};
enum { PLAYS = 2 };

/* Whether all went well. Of what did not the error is one that a peer can
 * cause, and of one that ends a session that is closed. */
static bool play(int which, const struct ftp_terms *t, size_t *said)
{
    const sock_session_opts_t opts = {.size = sizeof opts,
                                      .timeout = t->odd < 0 ? 10 : 0.1};
    struct ftp_server *v =
        ftp_start_at(sock_addr_inet("127.0.0.1", 0), plays[which].steps, t);
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, &opts));
    bool good = sock_ftp_connect(f, "127.0.0.1", v->port) == 0 &&
                plays[which].converse(f);
    if (!good) {
        int kind = sock_last_error()->kind;
        check_that(kind == SOCK_E_EOF || kind == SOCK_E_PROTOCOL ||
                       kind == SOCK_E_REPLY || kind == SOCK_E_TIMEOUT ||
                       kind == SOCK_E_OS,
                   "%s", error_text());
        if (kind == SOCK_E_EOF || kind == SOCK_E_PROTOCOL)
            check_that(sock_session_socket(sock_ftp_session(f)) == NULL ||
                           strstr(error_text(), "announced") != NULL ||
                           strstr(error_text(), "MLSD") != NULL,
                       "%s", error_text());
    }
    sock_ftp_free(f);
    sock_shutdown(v->listener, SHUT_RDWR);
    ftp_join(v);
    if (said != NULL)
        *said = v->said;
    check_that(!good || !v->cut, "cut at %zu", t->left);
    ftp_stop(v);
    return good;
}

TEST(ftp_hostile, byte_by_byte)
{
    for (int i = 0; i < PLAYS; i++) {
        const struct ftp_terms t = {SIZE_MAX, true, 0, -1};
        check(play(i, &t, NULL));
    }
}

/* Cut off behind each byte. */
static void check_cuts(int which)
{
    struct ftp_terms t = {SIZE_MAX, false, 0, -1};
    size_t all;
    check(play(which, &t, &all));
    for (t.left = 0; t.left < all; t.left++)
        play(which, &t, NULL);
}

TEST(ftp_hostile, cut_off)
{
    check_cuts(0);
}

TEST(ftp_hostile, cut_off_in_passive_mode)
{
    check_cuts(1);
}

/* With a byte too many before each byte. */
static void check_odd(int which, int odd)
{
    struct ftp_terms t = {SIZE_MAX, false, 0, odd};
    size_t all;
    const struct ftp_terms plain = {SIZE_MAX, false, 0, -1};
    check(play(which, &plain, &all));
    for (t.odd_at = 0; t.odd_at < all; t.odd_at++)
        play(which, &t, NULL);
}

TEST(ftp_hostile, odd_bytes)
{
    static const int odd[] = {'\0', '\r', '\n', '-', '9'};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        check_odd(0, odd[i]);
}

TEST(ftp_hostile, odd_bytes_in_passive_mode)
{
    static const int odd[] = {'\0', '\n', '(', ',', '9', ' '};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        check_odd(1, odd[i]);
}

/* Silent behind each step that says something. */
TEST(ftp_hostile, silent)
{
    const char *steps[64];
    for (int i = 0; i < PLAYS; i++)
        for (size_t n = 0; plays[i].steps[n] != NULL; n++) {
            memcpy(steps, plays[i].steps, n * sizeof steps[0]);
            steps[n] = "z";
            steps[n + 1] = NULL;
            struct ftp_server *v = ftp_start(steps);
            const sock_session_opts_t opts = {.size = sizeof opts,
                                              .timeout = 0.05};
            sock_ftp_t *f = check_made(sock_ftp_new(NULL, &opts));
            double begun = now();
            bool good = sock_ftp_connect(f, "127.0.0.1", v->port) == 0 &&
                        plays[i].converse(f);
            check(now() - begun < 5);
            check(good || sock_last_error()->kind == SOCK_E_TIMEOUT);
            sock_ftp_free(f);
            ftp_stop(v);
        }
}

/* Each reply twice: it is out of step, and says so or goes on, but no more. */
TEST(ftp_hostile, doubled)
{
    static const char *const steps[] = {
        ">220 hello", ">220 hello", "<",       ">331 who", ">331 who",
        "<",          ">230 in",    ">230 in", "<",        ">257 \"/\"",
        ">257 \"/\"", "z",          NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_ok(sock_session_settimeout(sock_ftp_session(f), 0.1));
    check(!converse(f));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* No end */

static void check_endless(const char *const *steps, int code)
{
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_int(sock_ftp_noop(f), -1);
    check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
    check_int(sock_last_error()->code, code);
    sock_ftp_free(f);
    ftp_stop(v);
}

TEST(ftp_hostile, endless_replies)
{
    static const char *const line[] = {">220 hello", "<", "=200 ", "~xxxxxxxx",
                                       NULL};
    static const char *const nuls[] = {">220 hello", "<", "=200-x\r\n",
                                       "~200-x\r\n", NULL};
    static const char *const empty[] = {">220 hello", "<", "=200-x\r\n",
                                        "~\r\n", NULL};
    check_endless(line, SOCK_P_TOO_LARGE);
    check_endless(nuls, SOCK_P_TOO_LARGE);
    check_endless(empty, SOCK_P_TOO_LARGE);
}

TEST(ftp_hostile, endless_welcomes)
{
    static const char *const steps[] = {"~120 wait\r\n", NULL};
    struct ftp_server *v = ftp_start(steps);
    const sock_session_opts_t opts = {.size = sizeof opts, .timeout = 0.2};
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, &opts));
    check_int(sock_ftp_connect(f, "127.0.0.1", v->port), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    sock_ftp_free(f);
    ftp_stop(v);
}

static void check_endless_list(const char *data, const char *text)
{
    const char *const steps[] = {">220 hello", "<", ">200 A",   "<",
                                 "E",          "<", "@",        ">150 go",
                                 data,         "<", ">426 cut", ">226 aborted",
                                 NOOP,         NULL};
    const sock_session_limits_t limits = {.size = sizeof limits,
                                          .list = 1 << 20};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_ok(sock_session_set_limits(sock_ftp_session(f), &limits));
    check_null(sock_ftp_nlst(f, NULL), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, text);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_stop(v);
}

TEST(ftp_hostile, endless_lists)
{
    check_endless_list("*name\r\n",
                       "nlst 127.0.0.1: NLST: the list is too long");
    check_endless_list("*\r\n", "nlst 127.0.0.1: NLST: the list is too long");
    check_endless_list("*xxxxxxxx", "nlst 127.0.0.1: NLST: line too long");
}
