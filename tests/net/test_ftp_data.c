/* SPDX-License-Identifier: MIT */
/* Transfers of FTP: data connections, what goes over them, and how they end. */
#include "ftp_script.h"

#include <math.h>
#include <poll.h>
#include <pysockc/cancel.h>
#include <stdint.h>

#include "ftp.h"

#define HELLO ">220 hello"
/* TYPE, and what makes a data connection. */
#define PASSIVE "<", ">200 type", "<", "E", "<"
#define NOOP "<", ">200 noop"

static int unmoved(int result)
{
    check_int(errno, 1234);
    return result;
}
#define CALM(call) (errno = 1234, unmoved(call))

/* Files */

TEST(ftp_data, retrieves)
{
    static const char *const steps[] = {HELLO,
                                        PASSIVE,
                                        "@",
                                        ">150 for a (5 bytes)",
                                        "+he",
                                        "+llo",
                                        ".",
                                        ">226 done",
                                        PASSIVE,
                                        "@",
                                        ">125 already",
                                        ".",
                                        ">250 done",
                                        NOOP,
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "hello");
    check_str(sock_session_text(sock_ftp_session(f)), "done");
    check_int(CALM(sock_ftp_retrbinary(f, "RETR b", ftp_sink(&s), 0)), 0);
    check_int(s.calls, 0);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "TYPE I\nEPSV\nRETR a\nTYPE I\nEPSV\nRETR b\nNOOP\n");
}

/* From a place on, of which some servers say what is left of it, and some the
 * whole size. */
TEST(ftp_data, retrieves_the_rest)
{
    static const char *const steps[] = {HELLO,
                                        "<",
                                        ">200 type",
                                        "<",
                                        "E",
                                        "<",
                                        ">350 there",
                                        "<",
                                        "@",
                                        ">150 for a (5 bytes)",
                                        "+lo",
                                        ".",
                                        ">226 done",
                                        "<",
                                        ">200 type",
                                        "<",
                                        "E",
                                        "<",
                                        ">350 there",
                                        "<",
                                        "@",
                                        ">150 for a (2 bytes)",
                                        "+lo",
                                        ".",
                                        ">226 done",
                                        "<",
                                        ">200 type",
                                        "<",
                                        "E",
                                        "<",
                                        ">350 there",
                                        "<",
                                        "@",
                                        ">150 for a (5 bytes)",
                                        "+l",
                                        ".",
                                        ">226 done",
                                        "<",
                                        ">200 type",
                                        "<",
                                        "E",
                                        "<",
                                        ">501 nowhere",
                                        NOOP,
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 3)), 0);
    check_str(s.text, "lo");
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 3)), 0);
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 3), SOCK_E_EOF,
                0,
                "retrbinary 127.0.0.1: RETR a: "
                "the transfer was shorter than announced");
    check_int(sock_last_error()->done, 1);
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), INT64_MAX),
                SOCK_E_REPLY, 501,
                "retrbinary 127.0.0.1: REST 9223372036854775807: 501 nowhere");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "TYPE I\nEPSV\nREST 3\nRETR a\nTYPE I\nEPSV\nREST 3\nRETR a\n"
                 "TYPE I\nEPSV\nREST 3\nRETR a\n"
                 "TYPE I\nEPSV\nREST 9223372036854775807\nNOOP\n");
}

TEST(ftp_data, notices_what_is_short)
{
    static const char *const steps[] = {HELLO,
                                        PASSIVE,
                                        "@",
                                        ">150 for a (6 bytes)",
                                        "+hello",
                                        ".",
                                        ">226 done",
                                        PASSIVE,
                                        "@",
                                        ">150 go",
                                        "+he",
                                        ".",
                                        ">426 cut off",
                                        NOOP,
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_EOF,
                0,
                "retrbinary 127.0.0.1: RETR a: "
                "the transfer was shorter than announced");
    check_int(sock_last_error()->done, 5);
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                426, "retrbinary 127.0.0.1: RETR a: 426 cut off");
    check_int(sock_last_error()->done, 2);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* A refusal leaves nothing behind, whichever command it is to. */
TEST(ftp_data, refusals)
{
    static const char *const steps[] = {HELLO,
                                        PASSIVE,
                                        ">550 no such file",
                                        "<",
                                        ">200 type",
                                        "<",
                                        ">421 not now",
                                        "<",
                                        ">504 type",
                                        PASSIVE,
                                        ">200 odd",
                                        ">550 then",
                                        PASSIVE,
                                        ">350 odd",
                                        PASSIVE,
                                        ">226 odd",
                                        ">226 twice",
                                        NOOP,
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                550, "retrbinary 127.0.0.1: RETR a: 550 no such file");
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                421, "retrbinary 127.0.0.1: EPSV: 421 not now");
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                504, "retrbinary 127.0.0.1: TYPE I: 504 type");
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                550, "retrbinary 127.0.0.1: RETR a: 550 then");
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                350, "retrbinary 127.0.0.1: RETR a: 350 odd");
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                226, "retrbinary 127.0.0.1: RETR a: 226 twice");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* A 2xx before the 1xx means nothing. */
TEST(ftp_data, passes_over_a_stray_reply)
{
    static const char *const steps[] = {HELLO,     PASSIVE, "@", ">200 stray",
                                        ">150 go", "+x",    ".", ">226 done",
                                        NOOP,      NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "x");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* Ports */

TEST(ftp_data, asks_pasv_where_epsv_is_unknown)
{
    static const char *const steps[] = {HELLO,
                                        "<",
                                        ">200 type",
                                        "<",
                                        ">500 what",
                                        "<",
                                        "P(10,9,8,7,$).",
                                        "<",
                                        "@",
                                        ">150 go",
                                        "+1",
                                        ".",
                                        ">226 done",
                                        "<",
                                        ">200 type",
                                        "<",
                                        "PEntering 10,9,8,7,$",
                                        "<",
                                        "@",
                                        ">150 go",
                                        "+2",
                                        ".",
                                        ">226 done",
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "1");
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "2");
    sock_ftp_free(f);
    ftp_heard(v, "TYPE I\nEPSV\nPASV\nRETR a\nTYPE I\nPASV\nRETR a\n");
}

/* Only what says that EPSV is unknown is kept in mind. */
TEST(ftp_data, asks_pasv_in_place_of_epsv)
{
    static const char *const steps[] = {HELLO,       "<", ">530 not now", "<",
                                        ">500 what", "<", ">522 family",  "<",
                                        ">500 what", "<", ">500 what",    NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    for (int i = 0; i < 3; i++)
        check_null(sock_ftp_transfercmd(f, "RETR a", 0, NULL), SOCK_E_REPLY,
                   500, "transfercmd 127.0.0.1: PASV: 500 what");
    sock_ftp_free(f);
    ftp_heard(v, "EPSV\nPASV\nEPSV\nPASV\nPASV\n");
}

/* The address of a reply counts for who trusts it. */
TEST(ftp_data, trusts_an_address)
{
    static const char *const steps[] = {
        HELLO,       "<", ">200 type", "<",  "P(127,0,0,1,$)",
        "<",         "@", ">150 go",   "+1", ".",
        ">226 done", "<", ">200 type", "<",  "P(127,0,0,2,$)",
        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_ftp_trust_pasv_address(f, 1));
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    /* The server listens at 127.0.0.1 alone. */
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check_int(sock_last_error()->code, ECONNREFUSED);
    check(strstr(error_text(), "'127.0.0.2'") != NULL);
    sock_ftp_free(f);
    ftp_heard(v, "TYPE I\nPASV\nRETR a\nTYPE I\nPASV\n");
}

static void check_no_port(const char *command, const char *says)
{
    const char *const epsv[] = {HELLO, "<", ">200 type", "<", says, "z", NULL};
    const char *const pasv[] = {HELLO, "<",  ">200 type", "<", ">500 what",
                                "<",   says, "z",         NULL};
    bool is_epsv = strcmp(command, "EPSV") == 0;
    struct ftp_server *v = ftp_start(is_epsv ? epsv : pasv);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    char text[128];
    snprintf(text, sizeof text,
             "retrbinary 127.0.0.1: %s: a reply without a port", command);
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0),
                SOCK_E_PROTOCOL, SOCK_P_SYNTAX, text);
    check_int(sock_ftp_noop(f), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    sock_ftp_free(f);
    ftp_stop(v);
}

TEST(ftp_data, ports_that_are_none)
{
    check_no_port("EPSV", ">229 (|||99999|)");
    check_no_port("EPSV", ">229 (|||-1|)");
    check_no_port("EPSV", ">229 (|||0|)");
    check_no_port("EPSV", ">229 nothing");
    check_no_port("PASV", ">227 (1,2,3,4,999,999)");
    check_no_port("PASV", ">227 (1,2,3,4,0,0)");
    check_no_port("PASV", ">227 nothing");
}

TEST(ftp_data, ports_that_are_refused)
{
    static const char *const steps[] = {
        HELLO,       "<", ">200 type",          "<",
        ">502 what", "<", ">502 nor that",      "<",
        ">200 type", "<", ">227 (1,2,3,4,5,6)", "z",
        NULL};
    static const char *const other[] = {HELLO, "<",        ">200 type",
                                        "<",   ">200 odd", NULL};
    struct ftp_sunk s;
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                502, "retrbinary 127.0.0.1: PASV: 502 nor that");
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check_int(sock_last_error()->code, ECONNREFUSED);
    sock_ftp_free(f);
    ftp_heard(v, "TYPE I\nEPSV\nPASV\nTYPE I\nPASV\n");
    v = ftp_start(other);
    f = ftp_client(v);
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                200, "retrbinary 127.0.0.1: EPSV: 200 odd");
    sock_ftp_free(f);
    ftp_stop(v);
}

/* What is no refusal, and no port, either. */
TEST(ftp_data, ports_that_are_put_off)
{
    static const char *const steps[] = {
        HELLO, "<", ">500 what", "<", ">200 what of it", NOOP, NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_null(sock_ftp_transfercmd(f, "RETR a", 0, NULL), SOCK_E_REPLY, 200,
               "transfercmd 127.0.0.1: PASV: 200 what of it");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "EPSV\nPASV\nNOOP\n");
}

static struct ftp_server *start6(const char *const *steps)
{
    sock_addr_t at = sock_addr_inet6("::1", 0);
    sock_t *s = sock_create_server(at, 1, 0);
    if (s == NULL)
        skip("no IPv6");
    sock_free(s);
    static const struct ftp_terms plain = {SIZE_MAX, false, 0, -1};
    return ftp_start_at(at, steps, &plain);
}

TEST(ftp_data, ipv6)
{
    static const char *const steps[] = {
        HELLO,       PASSIVE, "@",         ">150 go", "+6",        ".",
        ">226 done", "<",     ">200 type", "<",       ">500 what", "<",
        ">200 type", "<",     ">200 eprt", "<",       ">150 go",   "!",
        "+66",       ".",     ">226 done", NULL};
    struct ftp_server *v = start6(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_ftp_trust_pasv_address(f, 1)); /* of which there is none */
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "6");
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                500, "retrbinary ::1: EPSV: 500 what");
    check_ok(sock_ftp_set_pasv(f, 0));
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "66");
    sock_ftp_free(f);
    ftp_join(v);
    check(strstr(v->heard, "EPRT |2|::1|") != NULL);
    check(strstr(v->heard, "PASV") == NULL);
    ftp_stop(v);
}

/* Active mode */

TEST(ftp_data, active)
{
    static const char *const steps[] = {
        HELLO, "<", ">200 type", "<", ">200 port", "<", ">150 go", "!", "+1",
        ".", ">226 done",
        /* others come first */
        "<", ">200 type", "<", ">200 port", "<", ">150 go", "!127.0.0.2",
        "!127.0.0.3", "!", "+2", ".", ">226 done", "<", ">200 type", "<",
        ">500 port", "<", ">200 type", "<", ">200 port", "<", ">425 no", NOOP,
        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_ok(sock_session_set_deadline(sock_ftp_session(f), 60));
    struct ftp_sunk s;
    check_ok(sock_ftp_set_pasv(f, 0));
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "1");
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "2");
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check_int(sock_last_error()->code, 500);
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                425, "retrbinary 127.0.0.1: RETR a: 425 no");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    check(strstr(v->heard, "PORT 127,0,0,1,") != NULL);
    check(strstr(v->heard, "PSV") == NULL);
    ftp_stop(v);
}

/* A mode is that of each transfer to come. */
TEST(ftp_data, modes)
{
    static const char *const steps[] = {
        HELLO,     "<",       ">200 type", "<", ">200 port", "<",
        ">150 go", "!",       "+1",        ".", ">226 done", PASSIVE,
        "@",       ">150 go", "+2",        ".", ">226 done", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(CALM(sock_ftp_set_pasv(f, 1)), 0); /* as it was */
    check_int(CALM(sock_ftp_set_pasv(f, 0)), 0);
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0));
    check_str(s.text, "1");
    check_int(CALM(sock_ftp_set_pasv(f, 1)), 0);
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0));
    check_str(s.text, "2");
    sock_ftp_free(f);
    ftp_join(v);
    check(strstr(v->heard, "PORT ") != NULL);
    check(strstr(v->heard, "\nTYPE I\nEPSV\nRETR a\n") != NULL);
    ftp_stop(v);
}

/* The wait for the server has its own time, whenever the port was told. */
static void dawdle(void *arg, char direction, const char *line, size_t n)
{
    (void)arg;
    if (direction == '<' && n == 8 && memcmp(line, "200 port", 8) == 0)
        poll(NULL, 0, 300);
}

TEST(ftp_data, active_after_a_while)
{
    static const char *const steps[] = {HELLO,       "<", ">200 type", "<",
                                        ">200 port", "<", ">150 go",   "!",
                                        "+1",        ".", ">226 done", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_ftp_set_pasv(f, 0));
    check_ok(sock_session_set_trace(sock_ftp_session(f), dawdle, NULL));
    check_ok(sock_session_settimeout(sock_ftp_session(f), 0.25));
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0));
    check_str(s.text, "1");
    sock_ftp_free(f);
    ftp_stop(v);
}

/* What the server connects has the time of each call, too. */
TEST(ftp_data, active_and_whose_time_it_is)
{
    static const char *const steps[] = {HELLO, "<", ">200 port", "<", ">150 go",
                                        "!",   ".", ">226 done", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_ok(sock_ftp_set_pasv(f, 0));
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    check_int(sock_gettimeout(conn), 10);
    check_ok(sock_ftp_transfer_end(f, conn));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* The control connection is closed before the server has connected. */
static bool is_mark(char direction, const char *line, size_t n)
{
    return direction == '<' && n > 4 && memcmp(line, "150 ", 4) == 0;
}

static void close_with_mark(void *arg, char direction, const char *line,
                            size_t n)
{
    if (is_mark(direction, line, n))
        sock_close(sock_session_socket(arg));
}

TEST(ftp_data, active_and_closed_below)
{
    static const char *const steps[] = {HELLO,     "<", ">200 port", "<",
                                        ">150 go", "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_session_t *c = sock_ftp_session(f);
    check_ok(sock_ftp_set_pasv(f, 0));
    check_ok(sock_session_set_trace(c, close_with_mark, c));
    check_null(sock_ftp_transfercmd(f, "RETR a", 0, NULL), SOCK_E_OS, EBADF,
               error_text());
    sock_ftp_free(f);
    ftp_stop(v);
}

/* What the server says while it is waited for counts at once. */
static void check_no_one_comes(const char *const *steps, int kind, int code,
                               const char *text, bool lives)
{
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_ftp_set_pasv(f, 0));
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), kind, code,
                text);
    check_int(sock_ftp_noop(f), lives ? 0 : -1);
    sock_ftp_free(f);
    ftp_join(v);
    check(strstr(v->heard, "ABOR") == NULL);
    ftp_stop(v);
}

TEST(ftp_data, active_and_the_server_cannot)
{
    static const char *const cannot[] = {
        HELLO, "<",       ">200 type", "<",  ">200 port",
        "<",   ">150 go", ">425 no",   NOOP, NULL};
    static const char *const at_once[] = {HELLO,
                                          "<",
                                          ">200 type",
                                          "<",
                                          ">200 port",
                                          "<",
                                          "=150 go\r\n110 mark\r\n425 no\r\n",
                                          NOOP,
                                          NULL};
    static const char *const other[] = {
        HELLO,     "<",          ">200 type", "<",  ">200 port", "<",
        ">150 go", "!127.0.0.2", ">425 no",   NOOP, NULL};
    static const char *const done[] = {
        HELLO, "<",       ">200 type", "<",  ">200 port",
        "<",   ">150 go", ">226 done", NOOP, NULL};
    static const char *const lost[] = {HELLO,       "<", ">200 type", "<",
                                       ">200 port", "<", ">150 go",   NULL};
    static const char no[] = "retrbinary 127.0.0.1: RETR a: 425 no";
    check_no_one_comes(cannot, SOCK_E_REPLY, 425, no, true);
    check_no_one_comes(at_once, SOCK_E_REPLY, 425, no, true);
    check_no_one_comes(other, SOCK_E_REPLY, 425, no, true);
    check_no_one_comes(done, SOCK_E_REPLY, 226,
                       "retrbinary 127.0.0.1: RETR a: 226 done", true);
    check_no_one_comes(
        lost, SOCK_E_EOF, 0,
        "retrbinary 127.0.0.1: RETR a: Connection unexpectedly closed", false);
}

/* Who has connected counts for more than what is said already. */
TEST(ftp_data, active_and_done_at_once)
{
    static const char *const steps[] = {HELLO,       "<",
                                        ">200 type", "<",
                                        ">200 port", "<",
                                        "!",         "+1",
                                        ".",         "=150 go\r\n226 done\r\n",
                                        "<",         ">200 type",
                                        "<",         ">200 port",
                                        "<",         "=150 go\r\n125 now\r\n",
                                        "!",         "+2",
                                        ".",         ">226 done",
                                        NOOP,        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_ftp_set_pasv(f, 0));
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "1");
    check_int(CALM(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0)), 0);
    check_str(s.text, "2");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* A token ends this wait, too, and is seen if it has fired before. */
static void fire_with_mark(void *token, char direction, const char *line,
                           size_t n)
{
    if (is_mark(direction, line, n))
        sock_cancel_fire(token);
}

static void *fire_later(void *token)
{
    poll(NULL, 0, 50);
    sock_cancel_fire(token);
    return NULL;
}

static void check_cancelled(bool before)
{
    static const char *const steps[] = {HELLO,     "<", ">200 port", "<",
                                        ">150 go", "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_session_t *c = sock_ftp_session(f);
    sock_cancel_t *token = check_made(sock_cancel_new());
    pthread_t thread;
    check_ok(sock_set_cancel(sock_session_socket(c), token));
    check_ok(sock_ftp_set_pasv(f, 0));
    if (before)
        check_ok(sock_session_set_trace(c, fire_with_mark, token));
    else
        check_int(pthread_create(&thread, NULL, fire_later, token), 0);
    check(sock_ftp_transfercmd(f, "RETR a", 0, NULL) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    if (!before)
        pthread_join(thread, NULL);
    sock_ftp_free(f);
    sock_cancel_free(token);
    ftp_stop(v);
}

TEST(ftp_data, active_and_cancelled)
{
    check_cancelled(false);
    check_cancelled(true);
}

/* No one comes; the replies are heard before the next command. */
TEST(ftp_data, active_and_no_one_comes)
{
    static const char *const steps[] = {
        HELLO, "<",           ">200 type",    "<",  ">200 port", "<", ">150 go",
        "<",   ">425 no way", ">226 aborted", NOOP, NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_ftp_set_pasv(f, 0));
    check_ok(sock_session_settimeout(sock_ftp_session(f), 0.05));
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check_ok(sock_session_settimeout(sock_ftp_session(f), 10));
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    check(strstr(v->heard, "\nABOR\nNOOP\n") != NULL);
    ftp_stop(v);
}

/* Sending */

TEST(ftp_data, stores)
{
    static const char *const steps[] = {
        HELLO,       PASSIVE,      "@",         ">150 go", "-",
        ">226 done", "<",          ">200 type", "<",       "E",
        "<",         ">350 there", "<",         "@",       ">150 go",
        "-",         ">226 done",  NOOP,        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_int(CALM(sock_ftp_storbinary(f, "STOR a",
                                       sock_source_memory("hello", 5), 0)),
              0);
    check_int(CALM(sock_ftp_storbinary(f, "APPE a",
                                       sock_source_memory(" world", 6), 5)),
              0);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    check_str(v->got, "hello world");
    ftp_heard(v, "TYPE I\nEPSV\nSTOR a\nTYPE I\nEPSV\nREST 5\nAPPE a\nNOOP\n");
}

/* The server's word counts for more than what the system says. */
TEST(ftp_data, storing_that_fails)
{
    static const char *const steps[] = {HELLO,
                                        PASSIVE,
                                        "@",
                                        ">150 go",
                                        "#",
                                        ">552 disk full",
                                        PASSIVE,
                                        "@",
                                        ">150 go",
                                        "-",
                                        ">552 disk full",
                                        PASSIVE,
                                        "@",
                                        ">150 go",
                                        "#",
                                        ">226 fine",
                                        NOOP,
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    char *much = calloc(1, 1 << 24);
    check_fails(
        sock_ftp_storbinary(f, "STOR a", sock_source_memory(much, 1 << 24), 0),
        SOCK_E_REPLY, 552, "storbinary 127.0.0.1: STOR a: 552 disk full");
    check_fails(sock_ftp_storbinary(f, "STOR a", sock_source_memory("x", 1), 0),
                SOCK_E_REPLY, 552,
                "storbinary 127.0.0.1: STOR a: 552 disk full");
    check_int(
        sock_ftp_storbinary(f, "STOR a", sock_source_memory(much, 1 << 24), 0),
        -1);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    free(much);
    ftp_stop(v);
}

static ssize_t no_more(void *arg, void *data, size_t size)
{
    int *calls = arg;
    (void)size;
    memcpy(data, "x", 1);
    return (*calls)++ == 0 ? 1 : -1;
}

/* A source that fails: what was sent is no whole file. */
TEST(ftp_data, sources_that_fail)
{
    static const char *const steps[] = {
        HELLO,          PASSIVE, "@", ">150 go", "-", "<", ">426 cut off",
        ">226 aborted", PASSIVE, "@", ">150 go", "-", "<", ">426 cut off",
        ">226 aborted", NOOP,    NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    int calls = 0;
    const sock_source_t source = {.read = no_more, .arg = &calls};
    check_fails(sock_ftp_storbinary(f, "STOR a", source, 0), SOCK_E_CANCELLED,
                0, "storbinary 127.0.0.1: STOR a: cancelled");
    check_int(sock_last_error()->done, 1);
    calls = 0;
    check_fails(sock_ftp_storlines(f, "STOR a", source), SOCK_E_CANCELLED, 0,
                "storlines 127.0.0.1: STOR a: cancelled");
    check_int(sock_last_error()->done, 1);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v,
              "TYPE I\nEPSV\nSTOR a\nABOR\nTYPE A\nEPSV\nSTOR a\nABOR\nNOOP\n");
}

static int refuse_all(void *arg, const void *data, size_t n)
{
    (void)arg, (void)data, (void)n;
    return 1;
}

/* Half a file that is sent is reset, so that no server takes it for a whole
 * one; what is not wanted is just closed. */
TEST(ftp_data, ends_early)
{
    static const char *const sent[] = {
        HELLO,      PASSIVE,        "@",  ">150 go", "-", "<",
        ">426 cut", ">226 aborted", NOOP, NULL};
    static const char *const fetched[] = {
        HELLO,      PASSIVE,        "@",  ">150 go", "+a", "-", "<",
        ">426 cut", ">226 aborted", NOOP, NULL};
    static const char *const verbs[] = {"STOR a", "APPE a", "STOU", "RETR a"};
    for (size_t i = 0; i < 4; i++) {
        bool sends = i < 3;
        struct ftp_server *v = ftp_start(sends ? sent : fetched);
        sock_ftp_t *f = ftp_client(v);
        int calls = 1;
        const sock_source_t none = {.read = no_more, .arg = &calls};
        check_int(sends ? sock_ftp_storbinary(f, verbs[i], none, 0)
                        : sock_ftp_retrbinary(
                              f, verbs[i], (sock_sink_t){refuse_all, NULL}, 0),
                  -1);
        check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
        check_ok(sock_ftp_noop(f));
        sock_ftp_free(f);
        ftp_join(v);
        check_that(v->goodbye != sends, "%s", verbs[i]);
        ftp_stop(v);
    }
}

/* The data connection comes from where the control connection does. */
TEST(ftp_data, from_an_address_that_is_none)
{
    static const char *const steps[] = {HELLO, PASSIVE, NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    f->session.source = sock_addr_inet("192.0.2.7", 0);
    check_int(sock_ftp_storbinary(f, "STOR a", sock_source_memory("x", 1), 0),
              -1);
    check_int(sock_last_error()->code, EADDRNOTAVAIL);
    sock_ftp_free(f);
    ftp_stop(v);
}

/* Some ask for more before they take a type of text; no one does of bytes. */
TEST(ftp_data, a_type_that_is_put_off)
{
    static const char *const steps[] = {
        HELLO,     "<", ">300 type", "<", "E",         "<", "@",
        ">150 go", "-", ">226 done", "<", ">300 type", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_ok(sock_ftp_storlines(f, "STOR a", sock_source_memory("x\n", 2)));
    check_fails(sock_ftp_storbinary(f, "STOR a", sock_source_memory("x", 1), 0),
                SOCK_E_REPLY, 300, "storbinary 127.0.0.1: TYPE I: 300 type");
    sock_ftp_free(f);
    ftp_heard(v, "TYPE A\nEPSV\nSTOR a\nTYPE I\n");
}

struct pieces {
    const char *const *texts; /* NULL ends them */
};

static ssize_t next_piece(void *arg, void *data, size_t size)
{
    struct pieces *p = arg;
    const char *text = *p->texts;
    (void)size;
    if (text == NULL)
        return 0;
    p->texts++;
    memcpy(data, text, strlen(text));
    return (ssize_t)strlen(text);
}

static void check_lines_sent(const char *const *texts, const char *sent)
{
    static const char *const steps[] = {HELLO, PASSIVE,     "@", ">150 go",
                                        "-",   ">226 done", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct pieces p = {texts};
    const sock_source_t source = {.read = next_piece, .arg = &p};
    check_int(CALM(sock_ftp_storlines(f, "STOR a", source)), 0);
    sock_ftp_free(f);
    ftp_join(v);
    check_str(v->got, sent);
    ftp_heard(v, "TYPE A\nEPSV\nSTOR a\n");
}

TEST(ftp_data, stores_lines)
{
    static const struct {
        const char *texts[5], *sent;
    } rows[] = {
        {{NULL}, ""},
        {{"a\nb\r\nc", NULL}, "a\r\nb\r\nc\r\n"},
        {{"a\r", "\nb", "\n", NULL}, "a\r\nb\r\n"},
        {{"a\r", "b\r", NULL}, "a\rb\r\n"},
        {{"\n\n", NULL}, "\r\n\r\n"},
        {{"a\n\r", NULL}, "a\r\n\r\n"},
        {{"a\r\r\n", NULL}, "a\r\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_lines_sent(rows[i].texts, rows[i].sent);
}

/* Of any length, whatever the limit of what is read. */
TEST(ftp_data, stores_long_lines)
{
    enum { LENGTH = 20000 };
    char text[LENGTH + 1], sent[LENGTH + 3];
    const char *const texts[] = {text, "\n", NULL};

    memset(text, 'x', LENGTH);
    text[LENGTH] = '\0';
    snprintf(sent, sizeof sent, "%s\r\n", text);
    check_lines_sent(texts, sent);
}

/* Lines */

TEST(ftp_data, retrieves_lines)
{
    static const char *const steps[] = {
        HELLO,       PASSIVE,     "@",
        ">150 go",   "+a\r",      "+\nb c\n\r\n\nd\re\r\nend\r",
        ".",         ">226 done", PASSIVE,
        "@",         ">150 go",   ".",
        ">226 done", PASSIVE,     "@",
        ">150 go",   ".",         ">226 done",
        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(CALM(sock_ftp_retrlines(f, "RETR a", ftp_sink(&s))), 0);
    check_str(s.text, "a\nb c\n\n\nd\re\nend\r");
    check_int(s.calls, 6);
    check_int(CALM(sock_ftp_dir(f, NULL, ftp_sink(&s))), 0);
    check_int(s.calls, 0);
    check_ok(sock_ftp_dir(f, "", ftp_sink(&s)));
    sock_ftp_free(f);
    ftp_heard(v, "TYPE A\nEPSV\nRETR a\nTYPE A\nEPSV\nLIST\n"
                 "TYPE A\nEPSV\nLIST\n");
}

/* A line over the limit ends the transfer, and not the conversation. */
TEST(ftp_data, lists_a_path)
{
    static const char *const steps[] = {HELLO,  PASSIVE, "@",         ">150 go",
                                        "+a\n", ".",     ">226 done", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_ftp_dir(f, "b c", ftp_sink(&s)));
    check_str(s.text, "a\n");
    sock_ftp_free(f);
    ftp_heard(v, "TYPE A\nEPSV\nLIST b c\n");
}

TEST(ftp_data, long_lines)
{
    static const char *const steps[] = {
        HELLO,
        PASSIVE,
        "@",
        ">150 go",
        "+1234567890123456789012345678901234567890\r\n"
        "12345678901234567890123456789012345678901\r\n",
        "<",
        ">426 cut",
        ">226 aborted",
        NOOP,
        NULL};
    const sock_session_limits_t limits = {.size = sizeof limits, .line = 41};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_session_set_limits(sock_ftp_session(f), &limits));
    check_fails(sock_ftp_retrlines(f, "RETR a", ftp_sink(&s)), SOCK_E_PROTOCOL,
                SOCK_P_TOO_LARGE, "retrlines 127.0.0.1: RETR a: line too long");
    check_int(sock_last_error()->done, 41);
    check_int(s.n, 41);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "TYPE A\nEPSV\nRETR a\nABOR\nNOOP\n");
}

/* Lists */

TEST(ftp_data, names)
{
    static const char *const steps[] = {
        HELLO,       PASSIVE,     "@",     ">150 go",    "+a\r\nb c\r\n\r\nd\n",
        ".",         ">226 done", PASSIVE, "@",          ">150 go",
        ".",         ">226 done", PASSIVE, ">550 empty", PASSIVE,
        "@",         ">150 go",   "+x\r",  "+\r\ny",     ".",
        ">226 done", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    errno = 1234;
    sock_lines_t *l = check_made(sock_ftp_nlst(f, NULL));
    check_int(errno, 1234);
    check_int(l->count, 4);
    check_str(l->lines[0].text, "a");
    check_str(l->lines[1].text, "b c");
    check_int(l->lines[1].length, 3);
    check_str(l->lines[2].text, "");
    check_str(l->lines[3].text, "d");
    sock_lines_free(l);
    l = check_made(sock_ftp_nlst(f, "dir"));
    check_int(l->count, 0);
    sock_lines_free(l);
    check_null(sock_ftp_nlst(f, ""), SOCK_E_REPLY, 550,
               "nlst 127.0.0.1: NLST: 550 empty");
    l = check_made(sock_ftp_nlst(f, "."));
    check_int(l->count, 2);
    check_bytes(l->lines[0].text, "x\r", 3);
    check_str(l->lines[1].text, "y");
    sock_lines_free(l);
    sock_ftp_free(f);
    ftp_heard(v, "TYPE A\nEPSV\nNLST\nTYPE A\nEPSV\nNLST dir\n"
                 "TYPE A\nEPSV\nNLST\nTYPE A\nEPSV\nNLST .\n");
}

TEST(ftp_data, entries)
{
    static const char *const steps[] = {HELLO,
                                        PASSIVE,
                                        "@",
                                        ">150 go",
                                        "+type=file;size=5; a b\r\n",
                                        ".",
                                        ">226 done",
                                        "<",
                                        ">200 facts",
                                        PASSIVE,
                                        "@",
                                        ">150 go",
                                        "+Type=dir; d\r\n",
                                        ".",
                                        ">226 done",
                                        "<",
                                        ">200 facts",
                                        PASSIVE,
                                        "@",
                                        ">150 go",
                                        "+broken\r\n",
                                        ".",
                                        ">226 done",
                                        "<",
                                        ">501 no facts",
                                        PASSIVE,
                                        ">500 what",
                                        NOOP,
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    errno = 1234;
    sock_ftp_list_t *l = check_made(sock_ftp_mlsd(f, NULL, NULL));
    check_int(errno, 1234);
    check_int(l->count, 1);
    check_str(l->entries[0].name, "a b");
    check_int(l->entries[0].size, 5);
    sock_ftp_list_free(l);
    l = check_made(sock_ftp_mlsd(f, "dir", "type;size"));
    check_int(l->entries[0].type, SOCK_FTP_DIR);
    sock_ftp_list_free(l);
    check_null(sock_ftp_mlsd(f, "dir", "type;"), SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
               "mlsd 127.0.0.1: MLSD dir: not an entry of MLSD");
    check_null(sock_ftp_mlsd(f, "dir", "type"), SOCK_E_REPLY, 501,
               "mlsd 127.0.0.1: OPTS MLST type;: 501 no facts");
    check_null(sock_ftp_mlsd(f, "", ""), SOCK_E_REPLY, 500,
               "mlsd 127.0.0.1: MLSD: 500 what");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "TYPE A\nEPSV\nMLSD\n"
                 "OPTS MLST type;size;\nTYPE A\nEPSV\nMLSD dir\n"
                 "OPTS MLST type;\nTYPE A\nEPSV\nMLSD dir\n"
                 "OPTS MLST type;\nTYPE A\nEPSV\nMLSD\nNOOP\n");
}

/* A list that is over its limit, and a conversation that goes on. */
static struct ftp_server *list_too_much(const char *const *steps, size_t most)
{
    const sock_session_limits_t limits = {.size = sizeof limits, .list = most};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_ok(sock_session_set_limits(sock_ftp_session(f), &limits));
    check_null(sock_ftp_nlst(f, NULL), SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE,
               "nlst 127.0.0.1: NLST: the list is too long");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    return v;
}

TEST(ftp_data, long_lists)
{
    static const char *const steps[] = {
        HELLO,      PASSIVE,        "@",  ">150 go", "+a\r\nb\r\nc\r\n", "<",
        ">426 cut", ">226 aborted", NOOP, NULL};
    struct ftp_server *v = list_too_much(steps, 8);
    ftp_heard(v, "TYPE A\nEPSV\nNLST\nABOR\nNOOP\n");
}

/* Each takes room beside its bytes. */
TEST(ftp_data, lists_of_many_lines)
{
    enum { LINES = 2000 };
    static char text[1 + LINES + 1];
    static const char *const steps[] = {
        HELLO, PASSIVE, "@", ">150 go", text, ".", ">226 done", NOOP, NULL};
    memset(text, '\n', LINES + 1);
    text[0] = '+';
    ftp_stop(list_too_much(steps, 20000));
}

/* Replies that come before others */

/* A further one belongs to the same command, whoever hears it. */
TEST(ftp_data, replies_that_are_not_the_last)
{
    static const char *const steps[] = {HELLO,       "<",
                                        ">150 wait", ">250 done",
                                        "<",         ">150 wait",
                                        "<",         ">250 done",
                                        ">225 none", NOOP,
                                        "<",         ">150 wait",
                                        "<",         ">226 done, and none",
                                        ">225 none", NOOP,
                                        PASSIVE,     "@",
                                        ">150 go",   "+x",
                                        ".",         ">110 mark",
                                        ">226 done", NOOP,
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(sock_ftp_sendcmd(f, "SITE SLOW"), 150);
    check_ok(sock_ftp_transfer_end(f, NULL));
    check_str(sock_session_text(sock_ftp_session(f)), "done");
    check_int(sock_ftp_sendcmd(f, "SITE SLOW"), 150);
    check_ok(sock_ftp_noop(f));
    check_str(sock_session_text(sock_ftp_session(f)), "noop");
    check_fails(sock_ftp_voidcmd(f, "SITE SLOW"), SOCK_E_REPLY, 150,
                "voidcmd 127.0.0.1: SITE SLOW: 150 wait");
    check_ok(sock_ftp_noop(f));
    check_str(sock_session_text(sock_ftp_session(f)), "noop");
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0));
    check_ok(sock_ftp_noop(f));
    check_str(sock_session_text(sock_ftp_session(f)), "noop");
    sock_ftp_free(f);
    ftp_heard(v, "SITE SLOW\nSITE SLOW\nABOR\nNOOP\nSITE SLOW\nABOR\nNOOP\n"
                 "TYPE I\nEPSV\nRETR a\nNOOP\n");
}

/* Ending early */

static void check_refusal(const char *const *steps, int most, const char *got)
{
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    sock_sink_t sink = ftp_sink(&s);
    s.most = most;
    check_fails(sock_ftp_retrlines(f, "RETR a", sink), SOCK_E_CANCELLED, 0,
                "retrlines 127.0.0.1: RETR a: cancelled");
    check_int(sock_last_error()->done, strlen(got));
    check_str(s.text, got);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "TYPE A\nEPSV\nRETR a\nABOR\nNOOP\n");
}

/* The last line has no end, and is refused. */
TEST(ftp_data, sinks_that_refuse_the_end)
{
    static const char *const steps[] = {
        HELLO,       PASSIVE, "@",         ">150 go", "+a\nb", ".",
        ">226 done", "<",     ">225 none", NOOP,      NULL};
    check_refusal(steps, 1, "a\n");
}

/* As three servers do it: two replies, of which the first is the transfer's;
 * or one that says that there is none. */
TEST(ftp_data, sinks_that_refuse)
{
    static const char *const cut[] = {
        HELLO,      PASSIVE,        "@",  ">150 go", "+a\nb\nc\n", "<",
        ">426 cut", ">226 aborted", NOOP, NULL};
    static const char *const done[] = {
        HELLO,       PASSIVE, "@",         ">150 go", "+a\nb\nc\n", ".",
        ">226 done", "<",     ">225 none", NOOP,      NULL};
    static const char *const one[] = {HELLO,          PASSIVE,      "@",
                                      ">150 go",      "+a\nb\nc\n", "<",
                                      ">225 aborted", NOOP,         NULL};
    static const char *const unknown[] = {
        HELLO, PASSIVE,    "@",         ">150 go", "+a\nb\nc\n",
        "<",   ">426 cut", ">502 what", NOOP,      NULL};
    check_refusal(cut, 1, "a\n");
    check_refusal(done, 2, "a\nb\n");
    check_refusal(one, 1, "a\n");
    check_refusal(unknown, 1, "a\n");
}

/* One that cannot be put into step is closed; what has failed first is told. */
TEST(ftp_data, refusals_that_end_it)
{
    static const char *const steps[] = {HELLO,    PASSIVE, "@", ">150 go",
                                        "+hello", "<",     "x", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    sock_sink_t sink = ftp_sink(&s);
    s.most = 1;
    s.calls = 1;
    check_fails(sock_ftp_retrbinary(f, "RETR a", sink, 0), SOCK_E_CANCELLED, 0,
                "retrbinary 127.0.0.1: RETR a: cancelled");
    check_int(sock_ftp_noop(f), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    sock_ftp_free(f);
    ftp_heard(v, "TYPE I\nEPSV\nRETR a\nABOR\n");
}

/* Time between blocks: the control connection lives. */
TEST(ftp_data, times_out)
{
    static const char *const steps[] = {
        HELLO,      PASSIVE,        "@",  ">150 go", "+he", "<",
        ">426 cut", ">226 aborted", NOOP, NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_session_settimeout(sock_ftp_session(f), 0.05));
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check(strstr(error_text(), "retrbinary 127.0.0.1: RETR a ") != NULL);
    check_int(sock_last_error()->done, 2);
    check_str(s.text, "he");
    check_ok(sock_session_settimeout(sock_ftp_session(f), 10));
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "TYPE I\nEPSV\nRETR a\nABOR\nNOOP\n");
}

/* What goes over the data connection has its own time, and so has the second
 * reply. */
static ssize_t read_slowly(void *arg, void *data, size_t size)
{
    bool *over = arg;

    if (*over || size == 0)
        return 0;
    *over = true;
    poll(NULL, 0, 300);
    memcpy(data, "x", 1);
    return 1;
}

TEST(ftp_data, takes_longer_than_a_command)
{
    static const char *const steps[] = {
        HELLO, PASSIVE, "@", ">150 go", "-", ".", ">226 done", NOOP, NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    bool over = false;
    const sock_source_t source = {.read = read_slowly, .arg = &over};
    check_ok(sock_session_settimeout(sock_ftp_session(f), 0.25));
    check_ok(sock_ftp_storbinary(f, "STOR a", source, 0));
    check_ok(sock_session_settimeout(sock_ftp_session(f), 10));
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    check_str(v->got, "x");
    ftp_stop(v);
}

TEST(ftp_data, deadline)
{
    static const char *const steps[] = {HELLO, PASSIVE, "@", ">150 go",
                                        "+he", "z",     NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(sock_session_set_deadline(sock_ftp_session(f), 0.1));
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check_int(sock_ftp_noop(f), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    sock_ftp_free(f);
    ftp_stop(v);
}

/* It may be over as soon as the port is known. */
static void dawdle_with_port(void *arg, char direction, const char *line,
                             size_t n)
{
    (void)arg;
    if (direction == '<' && n > 4 && memcmp(line, "229 ", 4) == 0)
        poll(NULL, 0, 300);
}

TEST(ftp_data, deadline_before_the_connection)
{
    static const char *const steps[] = {HELLO, "<", "E", "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    check_ok(
        sock_session_set_trace(sock_ftp_session(f), dawdle_with_port, NULL));
    check_ok(sock_session_set_deadline(sock_ftp_session(f), 0.25));
    check(sock_ftp_transfercmd(f, "RETR a", 0, NULL) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    sock_ftp_free(f);
    ftp_stop(v);
}

static int fire(void *arg, const void *data, size_t n)
{
    (void)data, (void)n;
    sock_cancel_fire(arg);
    return 0;
}

/* The token of the control connection is that of the data connection. */
TEST(ftp_data, cancelled)
{
    static const char *const steps[] = {HELLO, PASSIVE, "@", ">150 go",
                                        "+he", "z",     NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_cancel_t *token = check_made(sock_cancel_new());
    check_ok(sock_set_cancel(sock_session_socket(sock_ftp_session(f)), token));
    check_int(sock_ftp_retrbinary(f, "RETR a", (sock_sink_t){fire, token}, 0),
              -1);
    check_int(sock_last_error()->kind, SOCK_E_CANCELLED);
    sock_ftp_free(f);
    sock_cancel_free(token);
    ftp_stop(v);
}

/* A data connection that is reset when all of it is there has ended. */
TEST(ftp_data, resets)
{
    static const char *const steps[] = {
        HELLO, PASSIVE,   "@", ">150 go",          "#",  ">226 done", PASSIVE,
        "@",   ">150 go", "#", ">451 local error", NOOP, NULL};
    static const char *const nothing_left[] = {
        HELLO, "<",          ">200 type", "<", "E",
        "<",   ">350 there", "<",         "@", ">150 for a (5 bytes)",
        "#",   ">226 done",  NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check_int(sock_last_error()->code, ECONNRESET);
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                451, "retrbinary 127.0.0.1: RETR a: 451 local error");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_stop(v);
    v = ftp_start(nothing_left);
    f = ftp_client(v);
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 7));
    check_int(s.n, 0);
    sock_ftp_free(f);
    ftp_stop(v);
}

/* What failed first is what is told. */
TEST(ftp_data, loses_both_connections)
{
    static const char *const steps[] = {HELLO, PASSIVE, "@", ">150 go",
                                        "#",   "x",     NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_int(sock_last_error()->code, ECONNRESET);
    check(sock_session_socket(sock_ftp_session(f)) == NULL);
    sock_ftp_free(f);
    ftp_stop(v);
}

/* Data connections of the caller's */

TEST(ftp_data, transfercmd)
{
    static const char *const steps[] = {
        HELLO,       "<",         "E",
        "<",         "@",         ">150 for a (5 bytes)",
        "+hello",    ".",         ">226 done",
        "<",         "E",         "<",
        "@",         ">150 go",   "-",
        ">226 done", "<",         "E",
        "<",         "@",         ">150 go",
        ".",         ">226 done", "<",
        "E",         "<",         "@",
        ">150 go",   "-",         ">552 full",
        NOOP,        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    char buf[8] = "";
    int64_t size = 7;
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, &size));
    check_int(size, 5);
    check_fails(sock_ftp_noop(f), SOCK_E_VALUE, 0,
                "noop: a transfer is going on");
    check_fails(sock_ftp_quit(f), SOCK_E_VALUE, 0,
                "quit: a transfer is going on");
    check_null(sock_ftp_nlst(f, NULL), SOCK_E_VALUE, 0,
               "nlst: a transfer is going on");
    check_fails(sock_ftp_login(f, NULL, NULL, NULL), SOCK_E_VALUE, 0,
                "login: a transfer is going on");
    check_int(sock_recv_all(conn, buf, 5), 5);
    check_str(buf, "hello");
    check_int(CALM(sock_ftp_transfer_end(f, conn)), 0);
    check_fails(sock_ftp_transfer_end(f, NULL), SOCK_E_VALUE, 0,
                "transfer_end: there is no transfer");
    conn = check_made(sock_ftp_transfercmd(f, "STOR a", 0, &size));
    check_int(size, -1);
    check_ok(sock_sendall(conn, "abc", 3, 0));
    check_int(CALM(sock_ftp_transfer_end(f, conn)), 0);
    conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    sock_free(conn);
    check_int(CALM(sock_ftp_transfer_end(f, NULL)), 0);
    conn = check_made(sock_ftp_transfercmd(f, "STOR a", 0, NULL));
    check_fails(sock_ftp_transfer_end(f, conn), SOCK_E_REPLY, 552,
                "transfer_end 127.0.0.1: STOR a: 552 full");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    check_str(v->got, "abc");
    ftp_stop(v);
}

TEST(ftp_data, abort)
{
    static const char *const steps[] = {
        HELLO,     "<",      "E", "<",        "@",
        ">150 go", "+hello", "<", ">426 cut", ">226 aborted",
        NOOP,      "<",      "E", "<",        "@",
        ">150 go", "z",      NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    check_int(CALM(sock_ftp_abort(f, conn)), 0);
    check_fails(sock_ftp_abort(f, NULL), SOCK_E_VALUE, 0,
                "abort: there is no transfer");
    check_ok(sock_ftp_noop(f));
    conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    sock_ftp_free(f); /* in any order */
    sock_free(conn);
    ftp_heard(v, "EPSV\nRETR a\nABOR\nNOOP\nEPSV\nRETR a\n");
}

/* The caller's may be closed already. */
TEST(ftp_data, abort_of_what_is_closed)
{
    static const char *const steps[] = {
        HELLO,          "<",  "E", "<", "@", ">150 go", "<", ">426 cut",
        ">226 aborted", NOOP, NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "STOR a", 0, NULL));
    check_ok(sock_close(conn));
    check_int(CALM(sock_ftp_abort(f, conn)), 0);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "EPSV\nSTOR a\nABOR\nNOOP\n");
}

/* What is not read to its end is closed before the server is heard, which may
 * have more to send. */
TEST(ftp_data, ends_what_was_not_read)
{
    static const char *const steps[] = {
        HELLO, "<", "E", "<", "@", ">150 go", "*hello", ">426 cut", NOOP, NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    check_fails(sock_ftp_transfer_end(f, conn), SOCK_E_REPLY, 426,
                "transfer_end 127.0.0.1: RETR a: 426 cut");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* What is sent ends, though something lies there unread. */
TEST(ftp_data, ends_beside_what_was_not_read)
{
    static const char *const steps[] = {
        HELLO, "<", "E", "<", "@", "+x", ">150 go", "-", ">226 done", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "STOR a", 0, NULL));
    check_int(sock_wait(conn, SOCK_EVENT_READ, 10), SOCK_EVENT_READ);
    check_ok(sock_sendall(conn, "abc", 3, 0));
    check_ok(sock_ftp_transfer_end(f, conn));
    sock_ftp_free(f);
    ftp_join(v);
    check_str(v->got, "abc");
    check(v->goodbye);
    ftp_stop(v);
}

/* One that sends, whose connection the caller has freed. */
TEST(ftp_data, ends_without_a_connection)
{
    static const char *const steps[] = {HELLO,
                                        "<",
                                        "E",
                                        "<",
                                        "@",
                                        ">150 go",
                                        "-",
                                        ">226 done",
                                        "<",
                                        "E",
                                        "<",
                                        "@",
                                        ">150 go",
                                        "-",
                                        "<",
                                        ">426 cut",
                                        ">226 aborted",
                                        NOOP,
                                        NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_free(check_made(sock_ftp_transfercmd(f, "STOR a", 0, NULL)));
    check_int(CALM(sock_ftp_transfer_end(f, NULL)), 0);
    sock_free(check_made(sock_ftp_transfercmd(f, "STOR a", 0, NULL)));
    check_int(CALM(sock_ftp_abort(f, NULL)), 0);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_heard(v, "EPSV\nSTOR a\nEPSV\nSTOR a\nABOR\nNOOP\n");
}

/* The control connection, that its owner has closed behind the client's back.
 */
TEST(ftp_data, sockets_that_are_closed_below)
{
    static const char *const steps[] = {HELLO, "<",       "E", "<",
                                        "@",   ">150 go", "z", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    check_ok(sock_close(sock_session_socket(sock_ftp_session(f))));
    check_fails(sock_ftp_transfer_end(f, conn), SOCK_E_OS, EBADF, error_text());
    check_fails(sock_ftp_transfer_end(f, NULL), SOCK_E_EOF, 0,
                "transfer_end: not connected");
    sock_ftp_free(f);
    ftp_stop(v);
    v = ftp_start(steps);
    f = ftp_client(v);
    check_ok(sock_close(sock_session_socket(sock_ftp_session(f))));
    check_null(sock_ftp_transfercmd(f, "RETR a", 0, NULL), SOCK_E_OS, EBADF,
               error_text());
    sock_ftp_free(f);
    ftp_stop(v);
    f = check_made(sock_ftp_new(NULL, NULL));
    check_fails(sock_ftp_abort(f, NULL), SOCK_E_EOF, 0, "abort: not connected");
    sock_ftp_free(f);
}

/* A client that is gone frees what it is given. */
TEST(ftp_data, ends_without_a_client)
{
    static const char *const steps[] = {HELLO, "<",       "E", "<",
                                        "@",   ">150 go", "x", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = ftp_client(v);
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    ftp_join(v);
    check_int(sock_ftp_transfer_end(f, conn), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    check_int(sock_ftp_abort(f, NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    sock_ftp_free(f);
    ftp_stop(v);
}

/* The source address, but for its port, is that of both connections. */
TEST(ftp_data, source_address)
{
    static const char *const steps[] = {HELLO,     "<", "E",         "<", "@",
                                        ">150 go", ".", ">226 done", NULL};
    const sock_session_opts_t opts = {.size = sizeof opts,
                                      .timeout = 10,
                                      .source = sock_addr_inet("127.0.0.9", 0)};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, &opts));
    sock_addr_t own;
    char host[64];
    check_ok(sock_ftp_connect(f, "127.0.0.1", v->port));
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    check_ok(sock_getsockname(conn, &own));
    check(sock_addr_host(&own, host, sizeof host) > 0);
    check_str(host, "127.0.0.9");
    check_ok(sock_ftp_transfer_end(f, conn));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* Its port is that of the control connection alone: a second connection from
 * there could not be made beside it. */
TEST(ftp_data, source_port)
{
    static const char *const steps[] = {HELLO,     "<", "E",         "<", "@",
                                        ">150 go", ".", ">226 done", NULL};
    sock_session_opts_t opts = {.size = sizeof opts, .timeout = 10};
    sock_addr_t own;
    struct ftp_server *v = ftp_start(steps);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_bind(s, sock_addr_inet("127.0.0.9", 0)));
    check_ok(sock_getsockname(s, &opts.source));
    sock_free(s);
    int port = sock_addr_port(&opts.source);
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, &opts));
    check_ok(sock_ftp_connect(f, "127.0.0.1", v->port));
    check_ok(sock_getsockname(sock_session_socket(sock_ftp_session(f)), &own));
    check_int(sock_addr_port(&own), port);
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    check_ok(sock_getsockname(conn, &own));
    check(sock_addr_port(&own) != port);
    check_ok(sock_ftp_transfer_end(f, conn));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* What a data connection without a timeout costs. The server counts for
 * itself. */
static _Thread_local int modes_set;

int __real_sock__os_set_nonblocking(int fd, bool on);
int __wrap_sock__os_set_nonblocking(int fd, bool on);
int __wrap_sock__os_set_nonblocking(int fd, bool on)
{
    modes_set++;
    return __real_sock__os_set_nonblocking(fd, on);
}

TEST(ftp_data, needs_no_mode_without_a_timeout)
{
    static const char *const steps[] = {HELLO,     "<", "E",         "<", "@",
                                        ">150 go", ".", ">226 done", NULL};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, NULL));
    check_ok(sock_ftp_connect(f, "127.0.0.1", v->port));
    modes_set = 0;
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    check_int(modes_set, 0);
    check_ok(sock_ftp_transfer_end(f, conn));
    sock_ftp_free(f);
    ftp_stop(v);
}

/* The time that calls of a data connection have; 0: none was said. */
static double time_of_data(double option, double said)
{
    static const char *const steps[] = {HELLO,     "<", "E",         "<", "@",
                                        ">150 go", ".", ">226 done", NULL};
    const sock_session_opts_t opts = {.size = sizeof opts, .timeout = option};
    struct ftp_server *v = ftp_start(steps);
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, &opts));
    if (said > 0)
        check_ok(sock_session_settimeout(sock_ftp_session(f), said));
    check_ok(sock_ftp_connect(f, "127.0.0.1", v->port));
    sock_t *conn = check_made(sock_ftp_transfercmd(f, "RETR a", 0, NULL));
    double seconds = sock_gettimeout(conn);
    check_ok(sock_ftp_transfer_end(f, conn));
    sock_ftp_free(f);
    ftp_stop(v);
    return seconds;
}

TEST(ftp_data, whose_time_it_is)
{
    check_ok(sock_setdefaulttimeout(30));
    check_int(time_of_data(0, 0), 30);
    check_int(time_of_data(20, 0), 20);
    check_int(time_of_data(20, 25), 25);
    check(isinf(time_of_data(SOCK_NO_TIMEOUT, 0)));
    check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
    check(isinf(time_of_data(0, 0)));
}
