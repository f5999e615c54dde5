/* SPDX-License-Identifier: MIT */
/* Commands of FTP: what is said, and what becomes of the replies. Links with
 * --wrap: the address of a peer is what a test wants. */
#include "far_away.h"
#include "ftp_script.h"

#include <math.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <unistd.h>

#define HELLO ">220 hello"
#define BYE "<", ">221 bye"

/* Success touches neither errno nor the record. */
static int unmoved(int result)
{
    check_int(errno, 1234);
    return result;
}
#define CALM(call) (errno = 1234, unmoved(call))

static sock_sink_t any_sink(void)
{
    return sock_sink_file(stdout);
}

/* Connecting */

TEST(ftp, connects)
{
    static const char *const steps[] = {"=220-first\r\n", "= second\r\n",
                                        "=220 hello\r\n", BYE, NULL};
    struct ftp_server *v = ftp_start(steps);
    int on = 0;
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, NULL));
    sock_session_t *c = check_made(sock_ftp_session(f));
    check_fails(sock_ftp_noop(f), SOCK_E_EOF, 0, "noop: not connected");
    errno = 1234;
    check_int(CALM(sock_ftp_connect(f, "127.0.0.1", v->port)), 0);
    check_int(sock_session_code(c), 220);
    check_str(sock_session_text(c), "first\n second\nhello");
    check_int(sock_session_secure(c), 0);
    check_ok(sock_getsockopt_int(sock_session_socket(c), SOL_SOCKET,
                                 SO_KEEPALIVE, &on));
    check_int(on, 1);
    check_ok(sock_getsockopt_int(sock_session_socket(c), IPPROTO_TCP,
                                 TCP_NODELAY, &on));
    check_int(on, 1);
    check_int(CALM(sock_ftp_quit(f)), 0);
    check(sock_session_socket(c) == NULL);
    check_fails(sock_ftp_quit(f), SOCK_E_EOF, 0, "quit: not connected");
    sock_ftp_free(f);
    sock_ftp_free(NULL);
    ftp_heard(v, "QUIT\n");
}

/* Whatever the server says to the goodbye. */
TEST(ftp, quits_that_are_refused)
{
    static const char *const says[] = {">550 error on quit", ">350 and?"};
    for (size_t i = 0; i < 2; i++) {
        const char *const steps[] = {HELLO, "<", says[i], "z", NULL};
        struct ftp_server *v = ftp_start(steps);
        sock_ftp_t *f = ftp_client(v);
        check_int(sock_ftp_quit(f), -1);
        check_int(sock_last_error()->kind, SOCK_E_REPLY);
        check_int(sock_last_error()->code, i == 0 ? 550 : 350);
        check(sock_session_socket(sock_ftp_session(f)) == NULL);
        check_fails(sock_ftp_noop(f), SOCK_E_EOF, 0, "noop: not connected");
        sock_ftp_free(f);
        ftp_heard(v, "QUIT\n");
    }
}

static void *welcome(void *listener)
{
    sock_t *s = sock_accept(listener, NULL);
    if (s != NULL)
        sock_sendall(s, "220 hi\r\n200 type\r\n", 18, 0);
    return s;
}

TEST(ftp, connects_to_a_path)
{
    char path[100];
    pthread_t thread;
    void *peer;
    sock_t *server = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));

    snprintf(path, sizeof path, "/tmp/ftp.%d", (int)getpid());
    check_ok(sock_bind(server, sock_addr_unix(path)));
    check_ok(sock_listen(server, 1));
    check_int(pthread_create(&thread, NULL, welcome, server), 0);
    sock_ftp_t *f = check_made(sock_ftp_new(path, NULL));
    check_str(sock_session_text(sock_ftp_session(f)), "hi");
    pthread_join(thread, &peer);
    check_fails(sock_ftp_retrbinary(f, "RETR a", any_sink(), 0), SOCK_E_VALUE,
                0, "retrbinary: no data connection beside such a socket");
    sock_ftp_free(f);
    sock_free(peer);
    sock_free(server);
    unlink(path);
}

/* What is not connected to leaves nothing of what was. */
TEST(ftp, connects_nowhere)
{
    static const char *const steps[] = {HELLO, "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_int(sock_ftp_connect(f, "127.0.0.1", 65536), -1);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_session_socket(sock_ftp_session(f)) == NULL);
    check_fails(sock_ftp_noop(f), SOCK_E_EOF, 0, "noop: not connected");
    sock_ftp_free(f);
    ftp_stop(v);
}

/* 120 comes before the welcome. */
TEST(ftp, waits_until_it_is_ready)
{
    static const char *const steps[] = {">120 in 2 minutes", HELLO, "<",
                                        ">200 ok", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_int(sock_session_code(sock_ftp_session(f)), 220);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "NOOP\n");
}

static void check_no_welcome(const char *says, int kind, int code,
                             const char *text)
{
    const char *const steps[] = {says, "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, NULL));
    check_fails(sock_ftp_connect(f, "127.0.0.1", v->port), kind, code, text);
    check(sock_session_socket(sock_ftp_session(f)) == NULL);
    sock_ftp_free(f);
    ftp_heard(v, "");
}

TEST(ftp, welcomes_that_are_none)
{
    check_no_welcome(">421 too many", SOCK_E_REPLY, 421,
                     "connect 127.0.0.1: 421 too many");
    check_no_welcome(">530 no", SOCK_E_REPLY, 530, "connect 127.0.0.1: 530 no");
    check_no_welcome(">hello", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                     "connect 127.0.0.1: not a reply: 'hello'");
    check_no_welcome(">620 no", SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                     "connect 127.0.0.1: a reply of no kind that there is");
    check_no_welcome("x", SOCK_E_EOF, 0,
                     "connect 127.0.0.1: Connection unexpectedly closed");
}

TEST(ftp, options)
{
    sock_session_opts_t opts = {.size = sizeof opts, .timeout = -5};
    check_null(sock_ftp_new(NULL, &opts), SOCK_E_VALUE, 0,
               "FTP: Timeout value out of range");
    opts = (sock_session_opts_t){.size = 1};
    check(sock_ftp_new(NULL, &opts) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, NULL));
    check_fails(sock_ftp_connect(f, "127.0.0.1", 65536), SOCK_E_VALUE, 0,
                "connect: Port out of range 0-65535");
    check_fails(sock_ftp_connect(f, NULL, 1), SOCK_E_TYPE, 0,
                "connect: argument is NULL");
    sock_ftp_free(f);
}

/* A second connection takes the place of the first, and knows nothing of it. */
TEST(ftp, connects_again)
{
    static const char *const first[] = {HELLO, "z", NULL};
    static const char *const second[] = {">220 second", "<", ">200 ok", NULL};
    struct ftp_server *a = ftp_start(first), *b = ftp_start(second);
    sock_ftp_t *f = ftp_client(a);
    check_ok(sock_ftp_connect(f, "127.0.0.1", b->port));
    check_str(sock_session_text(sock_ftp_session(f)), "second");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(a, "");
    ftp_heard(b, "NOOP\n");
}

/* Logging in */

static void check_login(const char *const *steps, const char *user,
                        const char *password, const char *acct,
                        const char *heard)
{
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    errno = 1234;
    check_int(CALM(sock_ftp_login(f, user, password, acct)), 0);
    sock_ftp_free(f);
    ftp_heard(v, heard);
}

TEST(ftp, logs_in)
{
    static const char *const at_once[] = {HELLO, "<", ">230 in", NULL};
    static const char *const asked[] = {HELLO, "<",       ">331 password",
                                        "<",   ">230 in", NULL};
    static const char *const account[] = {
        HELLO, "<", ">331 password", "<", ">332 account", "<", ">202 in", NULL};
    check_login(at_once, "me", "secret", NULL, "USER me\n");
    check_login(asked, "me", "secret", "unused", "USER me\nPASS secret\n");
    check_login(account, "me", "secret", "acct",
                "USER me\nPASS secret\nACCT acct\n");
    check_login(account, "me", NULL, NULL, "USER me\nPASS \nACCT \n");
    check_login(asked, NULL, NULL, NULL, "USER anonymous\nPASS anonymous@\n");
    check_login(asked, "", "-", NULL, "USER anonymous\nPASS -anonymous@\n");
    check_login(asked, "anonymous", "me@here", NULL,
                "USER anonymous\nPASS me@here\n");
}

/* A password goes to this host alone; whoever has none says who it is. */
TEST(ftp, password_in_the_clear)
{
    static const char *const steps[] = {HELLO,           "<", ">230 in", "<",
                                        ">331 password", "<", ">230 in", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    const char *text = "login: the password would be sent without TLS "
                       "(see insecure_auth)";
    const sock_addr_t far = sock_addr_inet("192.0.2.1", 21);
    far_away = &far;
    check_fails(sock_ftp_login(f, "me", "secret", NULL), SOCK_E_VALUE, 0, text);
    check_fails(sock_ftp_login(f, "me", NULL, "acct"), SOCK_E_VALUE, 0, text);
    check_ok(sock_ftp_login(f, "me", NULL, NULL));
    check_ok(sock_ftp_login(f, NULL, "me@here", NULL));
    far_away = NULL;
    sock_ftp_free(f);
    ftp_heard(v, "USER me\nUSER anonymous\nPASS me@here\n");
}

struct traced {
    char text[4096];
    size_t n;
};

static void note(void *arg, char direction, const char *line, size_t n)
{
    struct traced *t = arg;
    t->n += (size_t)snprintf(t->text + t->n, sizeof t->text - t->n, "%c %.*s\n",
                             direction, (int)n, line);
}

TEST(ftp, shows_no_password)
{
    static const char *const steps[] = {
        HELLO,        "<", ">331 password", "<", ">332 account", "<",
        ">530 wrong", "<", ">530 no",       "<", ">500 what",    "<",
        ">230 acct",  NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct traced t = {"", 0};
    check_ok(sock_session_set_trace(sock_ftp_session(f), note, &t));
    check_fails(sock_ftp_login(f, "me", "secret", "account"), SOCK_E_REPLY, 530,
                "login 127.0.0.1: ACCT ****: 530 wrong");
    check_fails(sock_ftp_sendcmd(f, "pass secret"), SOCK_E_REPLY, 530,
                "sendcmd 127.0.0.1: PASS ****: 530 no");
    check_fails(sock_ftp_voidcmd(f, "PASS"), SOCK_E_REPLY, 500,
                "voidcmd 127.0.0.1: PASS: 500 what");
    check_ok(sock_ftp_voidcmd(f, "ACCT account"));
    check_str(t.text, "> USER me\n< 331 password\n> PASS ****\n"
                      "< 332 account\n> ACCT ****\n< 530 wrong\n"
                      "> PASS ****\n< 530 no\n> PASS\n< 500 what\n"
                      "> ACCT ****\n< 230 acct\n");
    sock_ftp_free(f);
    ftp_heard(v, "USER me\nPASS secret\nACCT account\npass secret\nPASS\n"
                 "ACCT account\n");
}

TEST(ftp, logins_that_fail)
{
    static const char *const steps[] = {HELLO,
                                        "<",
                                        ">530 who",
                                        "<",
                                        ">331 password",
                                        "<",
                                        ">530 wrong",
                                        "<",
                                        ">120 odd",
                                        "<",
                                        ">530 then",
                                        ">225 none",
                                        "<",
                                        ">331 password",
                                        "<",
                                        ">331 again",
                                        "<",
                                        ">331 and again",
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_fails(sock_ftp_login(f, "me", NULL, NULL), SOCK_E_REPLY, 530,
                "login 127.0.0.1: USER me: 530 who");
    check_fails(sock_ftp_login(f, "me", "x", NULL), SOCK_E_REPLY, 530,
                "login 127.0.0.1: PASS ****: 530 wrong");
    check_fails(sock_ftp_login(f, "me", "x", NULL), SOCK_E_REPLY, 120,
                "login 127.0.0.1: USER me: 120 odd");
    check_fails(sock_ftp_login(f, "me", "x", NULL), SOCK_E_REPLY, 331,
                "login 127.0.0.1: ACCT ****: 331 and again");
    sock_ftp_free(f);
    ftp_heard(v, "USER me\nUSER me\nPASS x\nUSER me\nABOR\nUSER me\nPASS x\n"
                 "ACCT \n");
}

/* Replies */

struct reply_row {
    const char *says;
    int sendcmd, voidcmd; /* what they return; under 0: that kind of error */
};

static void check_result(int result, int expected)
{
    if (expected >= 0)
        check_int(result, expected);
    else
        check_int(result, -1);
    if (expected < 0)
        check_int(sock_last_error()->kind, -expected);
}

TEST(ftp, replies)
{
    static const struct reply_row rows[] = {
        {">100 x", 100, -SOCK_E_REPLY},
        {">199", 199, -SOCK_E_REPLY},
        {">200 x", 200, 0},
        {">200", 200, 0},
        {">299", 299, 0},
        {">300", 300, -SOCK_E_REPLY},
        {">350 x", 350, -SOCK_E_REPLY},
        {">399", 399, -SOCK_E_REPLY},
        {">400", -SOCK_E_REPLY, -SOCK_E_REPLY},
        {">450 x", -SOCK_E_REPLY, -SOCK_E_REPLY},
        {">550 x", -SOCK_E_REPLY, -SOCK_E_REPLY},
        {">599", -SOCK_E_REPLY, -SOCK_E_REPLY},
        {">600 x", -SOCK_E_PROTOCOL, -SOCK_E_PROTOCOL},
        {">999", -SOCK_E_PROTOCOL, -SOCK_E_PROTOCOL},
        {">000 x", -SOCK_E_PROTOCOL, -SOCK_E_PROTOCOL},
        {">1", -SOCK_E_PROTOCOL, -SOCK_E_PROTOCOL},
        {">20", -SOCK_E_PROTOCOL, -SOCK_E_PROTOCOL},
        {">20x", -SOCK_E_PROTOCOL, -SOCK_E_PROTOCOL},
        {"> 200 x", -SOCK_E_PROTOCOL, -SOCK_E_PROTOCOL},
        {">2000 x", -SOCK_E_PROTOCOL, -SOCK_E_PROTOCOL},
        {">", -SOCK_E_PROTOCOL, -SOCK_E_PROTOCOL},
        {"=200 x\n", 200, 0},
        {"=200-a\r\n200-b\r\nc\r\n200 d\r\n", 200, 0},
        {"=200-a\r\n201 b\r\n  200 c\r\n200 d\r\n", 200, 0},
        {"=550-a\r\n200 b\r\n550 c\r\n", -SOCK_E_REPLY, -SOCK_E_REPLY},
        {"=200 x", -SOCK_E_EOF, -SOCK_E_EOF},
        {"=200-x\r\n", -SOCK_E_EOF, -SOCK_E_EOF},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const steps[] = {HELLO, "<", rows[i].says, NULL};
        for (int voids = 0; voids < 2; voids++) {
            struct ftp_server *v = ftp_start(steps);
            sock_ftp_t *f = ftp_client(v);
            if (voids)
                check_result(sock_ftp_voidcmd(f, "X"), rows[i].voidcmd);
            else
                check_result(sock_ftp_sendcmd(f, "X"), rows[i].sendcmd);
            sock_ftp_free(f);
            ftp_heard(v, "X\n");
        }
    }
}

/* A CR alone is no end of a line, and no control character is shown. */
TEST(ftp, words)
{
    static const char *const steps[] = {
        HELLO, "<", "=211-a\rb\001\r\n211 c\td\x7f\r\n", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_int(sock_ftp_sendcmd(f, "STAT"), 211);
    check_str(sock_session_text(sock_ftp_session(f)), "a?b?\nc\td?");
    sock_ftp_free(f);
    ftp_stop(v);
}

/* Over a limit it is closed, at once and without reading on. */
static void check_too_large(const sock_session_limits_t *limits,
                            const char *says)
{
    const char *const steps[] = {HELLO, "<", says, "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_ok(sock_session_set_limits(sock_ftp_session(f), limits));
    check_int(sock_ftp_noop(f), -1);
    check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
    check_int(sock_last_error()->code, SOCK_P_TOO_LARGE);
    check_int(sock_ftp_noop(f), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    sock_ftp_free(f);
    ftp_stop(v);
}

TEST(ftp, limits)
{
    const sock_session_limits_t line = {.size = sizeof line, .line = 10};
    const sock_session_limits_t reply = {.size = sizeof reply, .reply = 10};
    const sock_session_limits_t lines = {.size = sizeof lines, .lines = 3};
    check_too_large(&line, "=200 4567890");
    check_too_large(&reply, "=200-456789\r\n456789\r\n200");
    check_too_large(&lines, "=200-1\r\n2\r\n3\r\n");
}

/* Commands */

static int call_cwd(sock_ftp_t *f, const char *arg)
{
    return sock_ftp_cwd(f, arg);
}

TEST(ftp, directories)
{
    static const char *const steps[] = {
        HELLO,       "<", ">250 ok", "<", ">200 ok",   "<", ">250 ok", "<",
        ">500 what", "<", ">250 ok", "<", ">502 what", "<", ">550 no", "<",
        ">550 no",   "<", ">550 no", "<", ">250 gone", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    errno = 1234;
    check_int(CALM(call_cwd(f, "a b")), 0);
    check_int(CALM(call_cwd(f, "..")), 0);
    check_int(CALM(call_cwd(f, "")), 0);
    check_int(CALM(call_cwd(f, "..")), 0);
    check_fails(sock_ftp_cwd(f, ".."), SOCK_E_REPLY, 550,
                "cwd 127.0.0.1: CWD ..: 550 no");
    check_fails(sock_ftp_cwd(f, ".."), SOCK_E_REPLY, 550,
                "cwd 127.0.0.1: CDUP: 550 no");
    check_fails(sock_ftp_rmd(f, "a"), SOCK_E_REPLY, 550,
                "rmd 127.0.0.1: RMD a: 550 no");
    errno = 1234;
    check_int(CALM(sock_ftp_rmd(f, "a")), 0);
    sock_ftp_free(f);
    ftp_heard(v, "CWD a b\nCDUP\nCWD .\nCDUP\nCWD ..\nCDUP\nCWD ..\nCDUP\n"
                 "RMD a\nRMD a\n");
}

TEST(ftp, paths)
{
    static const char *const steps[] = {HELLO,
                                        "<",
                                        ">257 \"/a \"\"b\"\"\" is it",
                                        "<",
                                        ">257 \"/a\"",
                                        "<",
                                        ">250 \"/a\" done",
                                        "<",
                                        ">257 /a",
                                        "<",
                                        ">257 \"/new\" created",
                                        "<",
                                        ">257 \"/new\" created",
                                        "<",
                                        ">250 created",
                                        "<",
                                        ">550 no",
                                        "<",
                                        ">550 no",
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    char buf[64] = "x";
    errno = 1234;
    check_int(CALM(sock_ftp_pwd(f, buf, sizeof buf)), 6);
    check_str(buf, "/a \"b\"");
    check_int(CALM(sock_ftp_pwd(f, buf, 2)), 2);
    check_str(buf, "");
    check_int(CALM(sock_ftp_pwd(f, buf, sizeof buf)), 0);
    check_int(CALM(sock_ftp_pwd(f, buf, sizeof buf)), 0);
    check_int(CALM(sock_ftp_mkd(f, "new", buf, sizeof buf)), 4);
    check_str(buf, "/new");
    check_int(CALM(sock_ftp_mkd(f, "new", NULL, 0)), 4);
    check_int(CALM(sock_ftp_mkd(f, "new", buf, sizeof buf)), 0);
    check_str(buf, "");
    snprintf(buf, sizeof buf, "x");
    check_fails(sock_ftp_mkd(f, "new", buf, sizeof buf), SOCK_E_REPLY, 550,
                "mkd 127.0.0.1: MKD new: 550 no");
    check_str(buf, "");
    check_fails(sock_ftp_pwd(f, NULL, 0), SOCK_E_REPLY, 550,
                "pwd 127.0.0.1: PWD: 550 no");
    check_fails(sock_ftp_pwd(f, NULL, 5), SOCK_E_TYPE, 0,
                "pwd: buffer is NULL");
    sock_ftp_free(f);
    ftp_heard(v, "PWD\nPWD\nPWD\nPWD\nMKD new\nMKD new\nMKD new\nMKD new\n"
                 "PWD\n");
}

TEST(ftp, files)
{
    static const char *const steps[] = {
        HELLO,      "<", ">350 go on", "<", ">250 ok", "<", ">550 no", "<",
        ">250 odd", "<", ">350 go on", "<", ">553 no", "<", ">250 ok", "<",
        ">200 ok",  "<", ">226 odd",   "<", ">550 no", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    errno = 1234;
    check_int(CALM(sock_ftp_rename(f, "a", "b")), 0);
    check_fails(sock_ftp_rename(f, "a", "b"), SOCK_E_REPLY, 550,
                "rename 127.0.0.1: RNFR a: 550 no");
    check_fails(sock_ftp_rename(f, "a", "b"), SOCK_E_REPLY, 250,
                "rename 127.0.0.1: RNFR a: 250 odd");
    check_fails(sock_ftp_rename(f, "a", "b"), SOCK_E_REPLY, 553,
                "rename 127.0.0.1: RNTO b: 553 no");
    errno = 1234;
    check_int(CALM(sock_ftp_delete(f, "a")), 0);
    check_int(CALM(sock_ftp_delete(f, "a")), 0);
    check_fails(sock_ftp_delete(f, "a"), SOCK_E_REPLY, 226,
                "delete 127.0.0.1: DELE a: 226 odd");
    check_fails(sock_ftp_delete(f, "a"), SOCK_E_REPLY, 550,
                "delete 127.0.0.1: DELE a: 550 no");
    sock_ftp_free(f);
    ftp_heard(v, "RNFR a\nRNTO b\nRNFR a\nRNFR a\nRNFR a\nRNTO b\n"
                 "DELE a\nDELE a\nDELE a\nDELE a\n");
}

TEST(ftp, facts)
{
    static const char *const steps[] = {HELLO,
                                        "<",
                                        ">200 I",
                                        "<",
                                        ">213 9223372036854775807",
                                        "<",
                                        ">200 I",
                                        "<",
                                        ">550 no",
                                        "<",
                                        ">200 I",
                                        "<",
                                        ">200 what",
                                        "<",
                                        ">504 I",
                                        "<",
                                        ">213 \t 19700101000102.5 \t",
                                        "<",
                                        ">550 no",
                                        "<",
                                        ">213 never",
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    int64_t n = 0;
    errno = 1234;
    check_int(CALM(sock_ftp_size(f, "a", &n)), 0);
    check(n == INT64_MAX);
    check_fails(sock_ftp_size(f, "a", &n), SOCK_E_REPLY, 550,
                "size 127.0.0.1: SIZE a: 550 no");
    check_fails(sock_ftp_size(f, "a", &n), SOCK_E_REPLY, 200,
                "size 127.0.0.1: SIZE a: 200 what");
    check_fails(sock_ftp_size(f, "a", &n), SOCK_E_REPLY, 504,
                "size 127.0.0.1: TYPE I: 504 I");
    check(n == INT64_MAX);
    errno = 1234;
    check_int(CALM(sock_ftp_mdtm(f, "a", &n)), 0);
    check_int(n, 62);
    check_fails(sock_ftp_mdtm(f, "a", &n), SOCK_E_REPLY, 550,
                "mdtm 127.0.0.1: MDTM a: 550 no");
    check_fails(sock_ftp_mdtm(f, "a", &n), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                "mdtm 127.0.0.1: MDTM a: a reply without a time");
    check_int(n, 62);
    check_int(sock_ftp_noop(f), -1);
    sock_ftp_free(f);
    ftp_heard(v, "TYPE I\nSIZE a\nTYPE I\nSIZE a\nTYPE I\nSIZE a\nTYPE I\n"
                 "MDTM a\nMDTM a\nMDTM a\n");
}

TEST(ftp, size_that_is_none)
{
    static const char *const steps[] = {HELLO,      "<", ">200 I", "<",
                                        ">213 1_0", "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    int64_t n = 7;
    check_fails(sock_ftp_size(f, "a", &n), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                "size 127.0.0.1: SIZE a: a reply without a size");
    check_int(n, 7);
    sock_ftp_free(f);
    ftp_heard(v, "TYPE I\nSIZE a\n");
}

/* Telnet's byte of 255 is two. */
TEST(ftp, doubles_iac)
{
    static const char *const steps[] = {HELLO, "<", ">250 ok", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    char *before = malloc(31); /* what the copy may get, with bytes in it */
    check_int(snprintf(before, 31, "%030d", 0), 30);
    free(before);
    errno = 1234;
    check_int(CALM(sock_ftp_cwd(f, "a directory \xff\xff"
                                   "b")),
              0);
    sock_ftp_free(f);
    ftp_heard(v, "CWD a directory \xff\xff\xff\xff"
                 "b\n");
}

/* Names are bytes: those of Latin-1 are sent and read as those of UTF-8. */
TEST(ftp, names_of_any_encoding)
{
    static const char *const names[] = {"/non-ascii dir \xae",
                                        "/non-ascii dir \xc2\xae"};
    for (size_t i = 0; i < 2; i++) {
        char made[64], got[64], heard[64];
        const char *const steps[] = {HELLO, "<", made, NULL};
        snprintf(made, sizeof made, ">257 \"%s\"", names[i]);
        snprintf(heard, sizeof heard, "MKD %s\n", names[i]);
        struct ftp_server *v = ftp_start(steps);
        sock_ftp_t *f = ftp_client(v);
        check_int(sock_ftp_mkd(f, names[i], got, sizeof got), 16 + i);
        check_str(got, names[i]);
        sock_ftp_free(f);
        ftp_heard(v, heard);
    }
}

/* Nothing is sent of what could be two commands. */

static int try_all(sock_ftp_t *f, int which, const char *bad)
{
    int64_t n;
    sock_source_t none = sock_source_memory("", 0);

    switch (which) {
    case 0:
        return sock_ftp_login(f, bad, "x", "x");
    case 1:
        return sock_ftp_login(f, "x", bad, "x");
    case 2:
        return sock_ftp_login(f, "x", "x", bad);
    case 3:
        return sock_ftp_sendcmd(f, bad);
    case 4:
        return sock_ftp_voidcmd(f, bad);
    case 5:
        return sock_ftp_transfercmd(f, bad, 0, NULL) != NULL ? 0 : -1;
    case 6:
        return sock_ftp_retrbinary(f, bad, any_sink(), 0);
    case 7:
        return sock_ftp_retrlines(f, bad, any_sink());
    case 8:
        return sock_ftp_storbinary(f, bad, none, 0);
    case 9:
        return sock_ftp_storlines(f, bad, none);
    case 10:
        return sock_ftp_nlst(f, bad) != NULL ? 0 : -1;
    case 11:
        return sock_ftp_dir(f, bad, any_sink());
    case 12:
        return sock_ftp_mlsd(f, bad, "type") != NULL ? 0 : -1;
    case 13:
        return sock_ftp_mlsd(f, "x", bad) != NULL ? 0 : -1;
    case 14:
        return sock_ftp_cwd(f, bad);
    case 15:
        return sock_ftp_mkd(f, bad, NULL, 0);
    case 16:
        return sock_ftp_rmd(f, bad);
    case 17:
        return sock_ftp_rename(f, bad, "x");
    case 18:
        return sock_ftp_rename(f, "x", bad);
    case 19:
        return sock_ftp_delete(f, bad);
    case 20:
        return sock_ftp_size(f, bad, &n);
    case 21:
        return sock_ftp_mdtm(f, bad, &n);
    default:
        return 1;
    }
}

TEST(ftp, sends_one_line_for_a_command)
{
    static const char *const steps[] = {HELLO, "<", ">200 ok", NULL};
    static const char *const bad[] = {"x\r\nDELE y", "x\n", "\r", "a\nb"};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    int which = 0;
    char *too_long = malloc(20000);
    memset(too_long, 'x', 19999);
    too_long[19999] = '\0';
    for (int result = -1; result < 0; which++) {
        for (size_t i = 0; i < 4; i++) {
            result = try_all(f, which, bad[i]);
            if (result > 0)
                break;
            check_int(result, -1);
            check_int(sock_last_error()->kind, SOCK_E_VALUE);
        }
        if (result < 0) {
            check_int(try_all(f, which, too_long), -1);
            check_int(sock_last_error()->kind, SOCK_E_VALUE);
            /* by one byte */
            check_int(try_all(f, which, too_long + 19999 - 8193), -1);
            check_int(sock_last_error()->kind, SOCK_E_VALUE);
        }
    }
    check_int(which, 23);
    free(too_long);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "NOOP\n");
}

/* The longest of names fits behind each verb, though its bytes are doubled. */
TEST(ftp, longest_names)
{
    static const char *const steps[] = {HELLO, "<",       ">350 and?",
                                        "<",   ">250 ok", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    char name[8193];
    memset(name, 0xff, sizeof name - 1);
    name[sizeof name - 1] = '\0';
    check_ok(sock_ftp_rename(f, "a", name));
    sock_ftp_free(f);
    ftp_stop(v);
}

TEST(ftp, no_arguments)
{
    static const char *const steps[] = {HELLO, "<", ">200 ok", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    int64_t n;
    const char *text = NULL;
    check_fails(sock_ftp_sendcmd(f, text), SOCK_E_TYPE, 0,
                "sendcmd: argument is NULL");
    check_fails(sock_ftp_voidcmd(f, text), SOCK_E_TYPE, 0,
                "voidcmd: argument is NULL");
    check_fails(sock_ftp_cwd(f, text), SOCK_E_TYPE, 0, "cwd: argument is NULL");
    check_fails(sock_ftp_rename(f, "a", text), SOCK_E_TYPE, 0,
                "rename: argument is NULL");
    check_fails(sock_ftp_size(f, "a", NULL), SOCK_E_TYPE, 0,
                "size: argument is NULL");
    check_fails(sock_ftp_mdtm(f, NULL, &n), SOCK_E_TYPE, 0,
                "mdtm: argument is NULL");
    check_fails(sock_ftp_mdtm(f, "a", NULL), SOCK_E_TYPE, 0,
                "mdtm: argument is NULL");
    check_fails(sock_ftp_retrbinary(f, "RETR a", (sock_sink_t){0}, 0),
                SOCK_E_TYPE, 0, "retrbinary: argument is NULL");
    check_fails(sock_ftp_storbinary(f, "STOR a", (sock_source_t){.size = 1}, 0),
                SOCK_E_TYPE, 0, "storbinary: buffer is NULL");
    check_fails(sock_ftp_storlines(f, "STOR a", (sock_source_t){.size = 1}),
                SOCK_E_TYPE, 0, "storlines: buffer is NULL");
    check_fails(sock_ftp_retrlines(f, "RETR a", (sock_sink_t){0}), SOCK_E_TYPE,
                0, "retrlines: argument is NULL");
    check_fails(sock_ftp_connect(NULL, "127.0.0.1", 1), SOCK_E_TYPE, 0,
                "connect: argument is NULL");
    check_fails(sock_ftp_connect(f, NULL, 1), SOCK_E_TYPE, 0,
                "connect: argument is NULL");
    check_fails(sock_ftp_retrbinary(f, "RETR a", any_sink(), -1), SOCK_E_VALUE,
                0, "retrbinary: rest must not be negative");
    check_fails(sock_ftp_storbinary(f, "STOR a", sock_source_memory("", 0), -1),
                SOCK_E_VALUE, 0, "storbinary: rest must not be negative");
    check_null(sock_ftp_transfercmd(f, "RETR a", -1, NULL), SOCK_E_VALUE, 0,
               "transfercmd: rest must not be negative");
    check_fails(sock_ftp_noop(NULL), SOCK_E_TYPE, 0, "noop: argument is NULL");
    check_fails(sock_ftp_auth(NULL, NULL), SOCK_E_TYPE, 0,
                "auth: argument is NULL");
    check_null(sock_ftp_session(NULL), SOCK_E_TYPE, 0,
               "session: argument is NULL");
    check_null(sock_ftp_nlst(NULL, NULL), SOCK_E_TYPE, 0,
               "nlst: argument is NULL");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "NOOP\n");
}

/* TLS, of which there is none here */

TEST(ftp, needs_tls)
{
    static const char *const steps[] = {HELLO, "<", ">200 ok", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_int(sock_ftp_auth(f, NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
    check_fails(sock_ftp_prot_p(f), SOCK_E_VALUE, 0, "prot_p: not using TLS");
    check_fails(sock_ftp_prot_c(f), SOCK_E_VALUE, 0, "prot_c: not using TLS");
    check_fails(sock_ftp_ccc(f), SOCK_E_VALUE, 0, "ccc: not using TLS");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "NOOP\n");
}

/* Time */

TEST(ftp, times_out)
{
    static const char *const steps[] = {HELLO, "<", "=200 sl", "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_ok(sock_session_settimeout(sock_ftp_session(f), 0.05));
    check_fails(sock_ftp_noop(f), SOCK_E_TIMEOUT, 0,
                "noop 127.0.0.1: NOOP <peer>: timed out");
    check_int(sock_ftp_noop(f), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    sock_ftp_free(f);
    ftp_heard(v, "NOOP\n");
}
