/* SPDX-License-Identifier: MIT */
/* Clients of SMTP and LMTP, and a server that knows what they will say. Links
 * with --wrap: the address of a peer is what a test wants. */
#include <pysockc/smtp.h>

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pysockc/addrinfo.h>
#include <pysockc/netdb.h>
#include <pysockc/resolve.h>

#include "far_away.h"
#include "pretended.h"
#include "session.h"
#include "talk.h"

#define HELLO "< EHLO me.example\r\n"
#define PLAIN_HELLO "> 220 hi\r\n", HELLO, "> 250 hi\r\n"
#define PIPELINING_HELLO "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 PIPELINING\r\n"
#define BYE "< QUIT\r\n", "> 221 bye\r\n"

static const sock_session_opts_t options = {
    .size = sizeof options, .timeout = 10, .local_hostname = "me.example"};

static sock_smtp_t *client(const struct talk *t)
{
    return check_made(sock_smtp_new("127.0.0.1", t->port, &options));
}

/* The end of a client that says goodbye, and of its conversation. */
static void leave(sock_smtp_t *s, struct talk *t)
{
    check_ok(sock_smtp_quit(s));
    sock_smtp_free(s);
    talk_end(t);
}

typedef sock_smtp_t *(*maker)(const char *, int, const sock_session_opts_t *);

/* What makes a client in the clear. */
static const struct {
    const char *op;
    maker make;
} makers[] = {{"SMTP", sock_smtp_new}, {"LMTP", sock_lmtp_new}};

enum { MAKERS = sizeof makers / sizeof makers[0] };

/* Life cycle */

TEST(smtp, connects)
{
    TALK(t, "> 220-mx\r\n220 ready\r\n", BYE);
    errno = 1234;
    sock_smtp_t *s = client(&t);
    sock_session_t *c = sock_smtp_session(s);
    check_int(sock_session_code(c), 220);
    check_str(sock_session_text(c), "mx\nready");
    check_int(sock_session_secure(c), 0);
    check_int(sock_smtp_has_extn(s, "SIZE"), 0);
    check_ok(sock_smtp_quit(s));
    check_fails(sock_smtp_noop(s), SOCK_E_EOF, 0, "noop: not connected");
    check_fails(sock_smtp_quit(s), SOCK_E_EOF, 0, "quit: not connected");
    sock_smtp_free(s);
    talk_end(&t);
    check_int(sock_smtp_has_extn(NULL, "x"), -1);
}

TEST(smtp, connects_later_and_again)
{
    TALK(t, "> 554 no\r\n", "-", "> 220 hi\r\n", HELLO,
         "> 250-hi\r\n250 SIZE 5\r\n", "-", "> 220 hi\r\n", BYE);
    sock_smtp_t *s = check_made(sock_smtp_new(NULL, 0, &options));
    char host[32];

    check_fails(sock_smtp_noop(s), SOCK_E_EOF, 0, "noop: not connected");
    check_fails(sock_smtp_ehlo(s, NULL), SOCK_E_EOF, 0, "ehlo: not connected");
    check(sock_session_socket(sock_smtp_session(s)) == NULL);
    check_int(sock_smtp_connect(s, "127.0.0.1", t.port), 554);
    check_str(sock_session_text(sock_smtp_session(s)), "no");
    snprintf(host, sizeof host, "127.0.0.1:%d", t.port);
    check_int(sock_smtp_connect(s, host, 0), 220);
    check_ok(sock_smtp_hello(s));
    check_str(sock_smtp_extn(s, "size"), "5");
    check_int(sock_smtp_connect(s, "127.0.0.1", t.port), 220);
    check(sock_smtp_extn(s, "size") == NULL);
    leave(s, &t);
}

static const struct {
    const char *says;
    int kind, code;
    const char *text;
} no_welcomes[] = {
    {"> 421-not\r\n421 now\r\n", SOCK_E_REPLY, 421, "421 not now"},
    {"> 199 no hello for you!\r\n", SOCK_E_REPLY, 199, "199 no hello for you!"},
    {"> 250 ok\r\n", SOCK_E_REPLY, 250, "250 ok"},
    {"> 220\t\r\n", SOCK_E_PROTOCOL, SOCK_P_SYNTAX, "not a reply: '220?'"},
};

/* Wherever it was to lead: it is closed, and nothing is known any more. */
TEST(smtp, connects_no_more)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 SIZE 5\r\n", "-",
         "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 SIZE 5\r\n", "-");
    static const char *const hosts[] = {"h", "h:x"};
    sock_smtp_t *s = check_made(sock_smtp_new(NULL, 0, &options));
    sock_session_t *c = sock_smtp_session(s);

    for (int i = 0; i < 2; i++) {
        check_int(sock_smtp_connect(s, "127.0.0.1", t.port), 220);
        check_ok(sock_smtp_hello(s));
        check_fails(sock_smtp_connect(s, NULL, 1), SOCK_E_TYPE, 0,
                    "connect: argument is NULL");
        check_str(sock_smtp_extn(s, "size"), "5");
        check_fails(sock_smtp_connect(s, hosts[i], i == 0 ? 65536 : 0),
                    SOCK_E_VALUE, 0, error_text());
        check(sock_session_socket(c) == NULL);
        check(sock_smtp_extn(s, "size") == NULL);
    }
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp, is_turned_away)
{
    for (size_t i = 0; i < sizeof no_welcomes / sizeof no_welcomes[0]; i++)
        for (size_t k = 0; k < MAKERS; k++) {
            const char *const lines[] = {no_welcomes[i].says, "-", NULL};
            struct talk t = {.most = -1};
            char text[100];
            talk_begin(&t, lines);
            snprintf(text, sizeof text, "%s 127.0.0.1: %s", makers[k].op,
                     no_welcomes[i].text);
            check_null(makers[k].make("127.0.0.1", t.port, &options),
                       no_welcomes[i].kind, no_welcomes[i].code, text);
            talk_end(&t);
        }
}

/* CPython's test has such a line. */
TEST(smtp, a_welcome_that_is_too_long)
{
    static char says[2 * 8192 + 20];
    const char *const lines[] = {says, NULL};
    struct talk t = {.most = -1};

    int n = snprintf(says, sizeof says, "> 250 OK");
    memset(says + n, '.', 2 * 8192);
    strcpy(says + n + 2 * 8192, "\n");
    talk_begin(&t, lines);
    check_null(sock_smtp_new("127.0.0.1", t.port, &options), SOCK_E_PROTOCOL,
               SOCK_P_TOO_LARGE, "SMTP 127.0.0.1: line too long");
    talk_finish(&t);
    free(t.wrong);
}

TEST(smtp, a_port_in_the_host)
{
    for (size_t i = 0; i < MAKERS; i++) {
        TALK(t, "> 220 hi\r\n", BYE);
        char host[32];
        snprintf(host, sizeof host, "127.0.0.1:%d", t.port);
        sock_smtp_t *s = check_made(makers[i].make(host, 0, &options));
        leave(s, &t);
        check_null(makers[i].make("localhost:bogus", 0, &options), SOCK_E_VALUE,
                   0, error_text());
        check(strstr(error_text(), ": nonnumeric port") != NULL);
    }
}

/* Of each connection. */
TEST(smtp, from_an_address)
{
    sock_session_opts_t o = options;
    sock_addr_t here;

    o.source = sock_addr_inet("127.0.0.2", 0);
    for (size_t i = 0; i < MAKERS; i++) {
        TALK(t, "> 220 hi\r\n", "-", "> 220 hi\r\n", BYE);
        sock_smtp_t *s = check_made(makers[i].make("127.0.0.1", t.port, &o));
        sock_session_t *c = sock_smtp_session(s);
        check_ok(sock_getsockname(sock_session_socket(c), &here));
        check_int(strncmp(repr(&here), "('127.0.0.2'", 12), 0);
        check_int(sock_smtp_connect(s, "127.0.0.1", t.port), 220);
        check_ok(sock_getsockname(sock_session_socket(c), &here));
        check_int(strncmp(repr(&here), "('127.0.0.2'", 12), 0);
        leave(s, &t);
    }
}

/* The default of all sockets, that of the client, and which it is. */
static const struct {
    double all, own, is;
} timeouts[] = {
    {30, 0, 30},
    {30, SOCK_NO_TIMEOUT, SOCK_NO_TIMEOUT},
    {30, 20, 20},
    {SOCK_NO_TIMEOUT, 0, SOCK_NO_TIMEOUT},
    {SOCK_NO_TIMEOUT, 20, 20},
};

/* NULL: the default one could not wait. */
static sock_smtp_t *make_within(maker make, size_t i, const char *host,
                                int port)
{
    sock_session_opts_t o = options;

    o.timeout = timeouts[i].own;
    check_ok(sock_setdefaulttimeout(timeouts[i].all));
    sock_smtp_t *s = make(host, port, &o);
    check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
    return s;
}

static void check_timeout(sock_smtp_t *s, size_t i)
{
    check(sock_gettimeout(sock_session_socket(sock_smtp_session(s))) ==
          timeouts[i].is);
}

TEST(smtp, timeouts)
{
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++)
        for (size_t k = 0; k < MAKERS; k++) {
            TALK(t, "> 220 hi\r\n", BYE);
            sock_smtp_t *s =
                check_made(make_within(makers[k].make, i, "127.0.0.1", t.port));
            check_timeout(s, i);
            leave(s, &t);
        }
}

static void *greet(void *arg)
{
    sock_t *s = sock_accept(arg, NULL);

    if (s != NULL)
        sock_sendall(s, "220 hi\r\n", 8, 0);
    return s;
}

TEST(smtp, timeouts_of_a_path)
{
    char path[100];
    sock_t *server = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));

    snprintf(path, sizeof path, "/tmp/lmtp.%d", (int)getpid());
    check_ok(sock_bind(server, sock_addr_unix(path)));
    check_ok(sock_listen(server, 1));
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        pthread_t thread;
        void *peer;
        check_int(pthread_create(&thread, NULL, greet, server), 0);
        sock_smtp_t *s = check_made(make_within(sock_lmtp_new, i, path, 0));
        check_timeout(s, i);
        sock_smtp_free(s);
        check_int(pthread_join(thread, &peer), 0);
        sock_free(check_made(peer));
    }
    unlink(path);
    sock_free(server);
}

TEST(smtp, no_time_at_all)
{
    static const char *const hosts[] = {"127.0.0.1", "/nowhere/lmtp"};
    char text[100];

    check_ok(sock_setdefaulttimeout(0));
    for (size_t i = 0; i < MAKERS; i++)
        for (int k = 0; k < 2; k++) {
            snprintf(text, sizeof text,
                     "%s: Non-blocking socket (timeout=0) is not supported",
                     makers[i].op);
            check_null(makers[i].make(hosts[k], 1, NULL), SOCK_E_VALUE, 0,
                       text);
        }
    check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
}

TEST(smtp, places)
{
    sock_session_opts_t o = {.size = 1};
    char host[1100];
    sock_smtp_t *s = check_made(sock_smtp_new("", 0, NULL));

    check_null(sock_smtp_new(NULL, 0, &o), SOCK_E_VALUE, 0,
               "SMTP: size of the struct is wrong");
    o = options;
    o.timeout = -2;
    check_null(sock_smtp_new(NULL, 0, &o), SOCK_E_VALUE, 0,
               "SMTP: Timeout value out of range");
    check_fails(sock_smtp_connect(s, "h:25x", 0), SOCK_E_VALUE, 0,
                "connect: nonnumeric port");
    check_fails(sock_smtp_connect(s, "h:", 0), SOCK_E_VALUE, 0,
                "connect: nonnumeric port");
    memset(host, 'h', sizeof host);
    strcpy(host + sizeof host - 4, ":25");
    check_fails(sock_smtp_connect(s, host, 0), SOCK_E_VALUE, 0,
                "connect: nonnumeric port");
    check_ok(sock_session_set_deadline(sock_smtp_session(s), 0));
    check_fails(sock_smtp_connect(s, "::1", 0), SOCK_E_TIMEOUT, 0,
                "connect: timed out");
    check_fails(sock_smtp_connect(s, "/no:such", 0), SOCK_E_TIMEOUT, 0,
                "connect: timed out");
    /* the host's name, as the port is given */
    check_fails(sock_smtp_connect(s, "h:x", 25), SOCK_E_TIMEOUT, 0,
                "connect: timed out");
    check_fails(sock_smtp_connect(s, "h:70000", 0), SOCK_E_VALUE, 0,
                "connect: Port out of range 0-65535");
    check_fails(sock_smtp_connect(s, "h:4294967321", 0), SOCK_E_VALUE, 0,
                "connect: Port out of range 0-65535");
    check_fails(sock_smtp_connect(s, "h", 70000), SOCK_E_VALUE, 0,
                "connect: Port out of range 0-65535");
    check_fails(sock_smtp_connect(s, "h", -1), SOCK_E_VALUE, 0,
                "connect: Port out of range 0-65535");
    sock_smtp_free(s);
    sock_smtp_free(NULL);
    check_null(sock_smtp_ssl_new("127.0.0.1", 1, NULL, NULL),
               SOCK_E_UNSUPPORTED, 0, error_text());
}

/* Arguments */

/* A response of SASL that is said by hand shows in no error. */
TEST(smtp, docmd_shows_no_secret)
{
    TALK(t, "> 220 hi\r\n", "< AUTH PLAIN AGEAYg==\r\n", "> 25 x\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_docmd(s, "AUTH", "PLAIN AGEAYg=="), SOCK_E_PROTOCOL,
                SOCK_P_SYNTAX,
                "docmd 127.0.0.1: AUTH ****: not a reply: '25 x'");
    sock_smtp_free(s);
    talk_end(&t);
}

static void keep_said(void *arg, char direction, const char *line, size_t n)
{
    char *kept = arg;

    if (direction == '>')
        sprintf(kept + strlen(kept), "%.*s\n", (int)n, line);
}

/* Nor do those that are said step by step. */
TEST(smtp, trace_shows_no_secret)
{
    TALK(t, "> 220 hi\r\n", "< AUTH LOGIN\r\n", "> 334 VXNlcm5hbWU6\r\n",
         "< dQ==\r\n", "> 334 UGFzc3dvcmQ6\r\n", "< cA==\r\n", "> 535 no\r\n",
         "< NOOP\r\n", "> 25 x\r\n", "-");
    sock_smtp_t *s = client(&t);
    char kept[200] = "";

    check_ok(sock_session_set_trace(sock_smtp_session(s), keep_said, kept));
    check_int(sock_smtp_docmd(s, "AUTH", "LOGIN"), 334);
    check_int(sock_smtp_docmd(s, "dQ==", NULL), 334);
    check_ok(sock_smtp_putcmd(s, "cA==", NULL));
    check_int(sock_smtp_getreply(s), 535);
    check_int(sock_smtp_noop(s), -1);
    check_str(kept, "AUTH ****\n****\n****\nNOOP\n");
    sock_smtp_free(s);
    talk_end(&t);
}

/* What is none shows. */
TEST(smtp, docmd_shows_others)
{
    TALK(t, "> 220 hi\r\n", "< XAUTH a\r\n", "> 25 x\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_docmd(s, "XAUTH", "a"), SOCK_E_PROTOCOL,
                SOCK_P_SYNTAX, "docmd 127.0.0.1: XAUTH a: not a reply: '25 x'");
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp, no_arguments)
{
    TALK(t, "> 220 hi\r\n", "-");
    sock_smtp_t *s = client(&t);
    const char *to[] = {"a@b", NULL};
    const sock_source_t none = sock_source_memory(NULL, 0);

    check_fails(sock_smtp_connect(NULL, "h", 0), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_connect(s, NULL, 0), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_docmd(NULL, "x", NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_docmd(s, NULL, NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_putcmd(s, NULL, NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_getreply(NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_ehlo(NULL, NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_helo(NULL, NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_hello(NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_has_extn(s, NULL), SOCK_E_TYPE, 0, error_text());
    check_null(sock_smtp_extn(s, NULL), SOCK_E_TYPE, 0, error_text());
    check_null(sock_smtp_extn(NULL, "x"), SOCK_E_TYPE, 0, error_text());
    check_null(sock_smtp_session(NULL), SOCK_E_TYPE, 0, error_text());
    check_null(sock_smtp_refused(NULL, 0), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_mail(s, NULL, NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_rcpt(s, NULL, NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_data(NULL, none), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_data(s, sock_source_memory(NULL, 1)), SOCK_E_TYPE, 0,
                error_text());
    check_fails(sock_smtp_verify(s, NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_login(s, NULL, "p"), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_login(s, "u", NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_auth(s, NULL, sock_sasl_password, NULL), SOCK_E_TYPE,
                0, error_text());
    check_fails(sock_smtp_starttls(NULL, NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_quit(NULL), SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_sendmail(s, NULL, to, 1, "", 0, NULL, NULL),
                SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_sendmail(s, "", NULL, 1, "", 0, NULL, NULL),
                SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_sendmail(s, "", to, 2, "", 0, NULL, NULL),
                SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_sendmail(s, "", to, 1, NULL, 1, NULL, NULL),
                SOCK_E_TYPE, 0, error_text());
    check_fails(sock_smtp_sendmail(s, "", to, 0, "", 0, NULL, NULL),
                SOCK_E_VALUE, 0, "sendmail: no recipient");
    check_fails(sock_smtp_sendmail(s, "", NULL, 0, "", 0, NULL, NULL),
                SOCK_E_VALUE, 0, "sendmail: no recipient");
    sock_smtp_free(s);
    talk_end(&t);
}

#define CR_OR_LF(call)                                                         \
    do {                                                                       \
        check_int(call, -1);                                                   \
        check_int(sock_last_error()->kind, SOCK_E_VALUE);                      \
    } while (0)

/* Each text of each function: refused, and nothing is sent. */
TEST(smtp, ends_of_lines_in_arguments)
{
    static const char *const bad[] = {"a@b\r\nRSET", "a@b\n", "a\r@b", "\n"};
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 AUTH PLAIN\r\n", "-");
    sock_smtp_t *s = client(&t);
    const char *good[] = {"a@b"};

    check_ok(sock_smtp_hello(s));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *x = bad[i];
        CR_OR_LF(sock_smtp_docmd(s, x, NULL));
        CR_OR_LF(sock_smtp_docmd(s, "HELP", x));
        CR_OR_LF(sock_smtp_putcmd(s, x, ""));
        CR_OR_LF(sock_smtp_putcmd(s, "HELP", x));
        CR_OR_LF(sock_smtp_ehlo(s, x));
        check_ok(sock_smtp_has_extn(s, x));
        CR_OR_LF(sock_smtp_helo(s, x));
        CR_OR_LF(sock_smtp_mail(s, x, NULL));
        CR_OR_LF(sock_smtp_mail(s, "a@b", x));
        CR_OR_LF(sock_smtp_rcpt(s, x, NULL));
        CR_OR_LF(sock_smtp_rcpt(s, "a@b", x));
        CR_OR_LF(sock_smtp_verify(s, x));
        CR_OR_LF(sock_smtp_expn(s, x));
        CR_OR_LF(sock_smtp_sendmail(s, x, good, 1, "", 0, NULL, NULL));
        CR_OR_LF(sock_smtp_sendmail(s, "a@b", &x, 1, "", 0, NULL, NULL));
        CR_OR_LF(sock_smtp_sendmail(s, "a@b", good, 1, "", 0, x, NULL));
        CR_OR_LF(sock_smtp_sendmail(s, "a@b", good, 1, "", 0, NULL, x));
        CR_OR_LF(sock_smtp_auth(s, x, sock_sasl_password, NULL));
        CR_OR_LF(sock_smtp_quoteaddr(NULL, 0, x));
    }
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp, ends_of_lines_in_options)
{
    TALK(t, "> 220 hi\r\n", "-");
    sock_session_opts_t o = options;
    o.local_hostname = "me\r\nRSET";
    sock_smtp_t *s = check_made(sock_smtp_new("127.0.0.1", t.port, &o));
    const char *to[] = {"a@b"};

    CR_OR_LF(sock_smtp_hello(s));
    CR_OR_LF(sock_smtp_sendmail(s, "a@b", to, 1, "", 0, NULL, NULL));
    CR_OR_LF(sock_smtp_login(s, "u", "p"));
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp, too_long)
{
    TALK(t, PLAIN_HELLO, "-");
    sock_smtp_t *s = client(&t);
    char text[2000];
    const char *to = text;

    check_ok(sock_smtp_hello(s));
    memset(text, 'a', sizeof text);
    text[507] = '\0';
    check_fails(sock_smtp_docmd(s, "abc", text), SOCK_E_VALUE, 0,
                "docmd: the command is too long");
    text[507] = 'a';
    text[600] = '\0';
    check_int(sock_smtp_rcpt(s, text, NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    text[600] = 'a';
    text[1999] = '\0';
    check_fails(sock_smtp_mail(s, "", text), SOCK_E_VALUE, 0,
                "mail: the command is too long");
    check_int(sock_smtp_sendmail(s, "", &to, 1, "", 0, NULL, NULL), -1);
    sock_smtp_free(s);
    talk_end(&t);
}

/* Commands */

TEST(smtp, commands)
{
    TALK(t, "> 220 hi\r\n", "< HELP\r\n", "> 214-one\r\n214 two\r\n",
         "< XYZ a b\r\n", "> 500 what?\r\n", "< NOOP\r\n", "> 250 ok\r\n",
         "< RSET\r\n", "> 250 ok\r\n", "< VRFY eve\r\n", "> 252 who knows\r\n",
         "< EXPN list@x\r\n", "> 250-a@b\r\n250 c@d\r\n", "< MAIL FROM:<>\r\n",
         "> 250 ok\r\n", "< RCPT TO:<a@b>\r\n", "> 550 no\r\n",
         "< RCPT TO:<c@d>\r\n", "> 251 will forward\r\n", "< DATA\r\n",
         "> 354 go\r\n", "< a\r\n..b\r\n.\r\n", "> 250 2.0.0 queued\r\n", BYE);
    sock_smtp_t *s = client(&t);
    sock_session_t *c = sock_smtp_session(s);

    check_int(sock_smtp_docmd(s, "HELP", NULL), 214);
    check_str(sock_session_text(c), "one\ntwo");
    check_ok(sock_smtp_putcmd(s, "XYZ", "a b"));
    check_int(sock_smtp_getreply(s), 500);
    check_int(sock_smtp_noop(s), 250);
    check_int(sock_smtp_rset(s), 250);
    check_int(sock_smtp_verify(s, "eve"), 252);
    check_int(sock_smtp_expn(s, "List <list@x>"), 250);
    check_str(sock_session_text(c), "a@b\nc@d");
    check_int(sock_smtp_mail(s, "", "SIZE=1"), 250); /* not without EHLO */
    check_int(sock_smtp_rcpt(s, "a@b", ""), 550);
    check_int(sock_smtp_rcpt(s, "Cat (cat) <c@d>", "NOTIFY=NEVER"), 251);
    check_int(sock_smtp_data(s, sock_source_memory("a\n.b", 4)), 250);
    check_str(sock_session_text(c), "2.0.0 queued");
    check(sock_smtp_refused(s, 0) == NULL);
    leave(s, &t);
}

TEST(smtp, users_and_lists)
{
    TALK(t, "> 220 hi\r\n", "< VRFY Mr.A@somewhere.com\r\n",
         "> 250 John A <Mr.A@somewhere.com>\r\n", "< VRFY no@one.example\r\n",
         "> 550 No such user: no@one.example\r\n", "< EXPN list-1\r\n",
         "> 250-John A <Mr.A@somewhere.com>\r\n250 Ruth C <c@x>\r\n",
         "< EXPN list-9\r\n", "> 550 No access for you!\r\n", "< EXPN\r\n",
         "> 502 EXPN not implemented\r\n", "< EXPN\r\n", "> 502 again\r\n",
         BYE);
    sock_smtp_t *s = client(&t);
    sock_session_t *c = sock_smtp_session(s);

    check_int(sock_smtp_verify(s, "Mr.A@somewhere.com"), 250);
    check_str(sock_session_text(c), "John A <Mr.A@somewhere.com>");
    check_int(sock_smtp_verify(s, "no@one.example"), 550);
    check_str(sock_session_text(c), "No such user: no@one.example");
    check_int(sock_smtp_expn(s, "list-1"), 250);
    check_str(sock_session_text(c),
              "John A <Mr.A@somewhere.com>\nRuth C <c@x>");
    check_int(sock_smtp_expn(s, "list-9"), 550);
    check_str(sock_session_text(c), "No access for you!");
    check_ok(sock_smtp_putcmd(s, "EXPN", NULL));
    check_int(sock_smtp_getreply(s), 502);
    check_str(sock_session_text(c), "EXPN not implemented");
    check_int(sock_smtp_docmd(s, "EXPN", ""), 502);
    leave(s, &t);
}

/* A socket that its owner has closed behind the client's back. */
TEST(smtp, sockets_that_are_closed_below)
{
    const sock_session_opts_t unnamed = {.size = sizeof unnamed, .timeout = 10};

    for (int hears = 0; hears < 2; hears++) {
        TALK(t, "> 220 hi\r\n", "-");
        sock_smtp_t *s =
            check_made(sock_smtp_new("127.0.0.1", t.port, &unnamed));
        sock_session_t *c = sock_smtp_session(s);
        check_ok(sock_close(sock_session_socket(c)));
        check_fails(hears ? sock_smtp_getreply(s) : sock_smtp_ehlo(s, NULL),
                    SOCK_E_OS, EBADF, error_text());
        check(sock_session_socket(c) == NULL);
        sock_smtp_free(s);
        talk_end(&t);
    }
}

TEST(smtp, utf8_before_hello)
{
    TALK(t, "> 220 hi\r\n", "< MAIL FROM:<a@b>\r\n", "> 250 ok\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_mail(s, "a@b", "SMTPUTF8"), 250);
    check_fails(sock_smtp_verify(s, "\xc3\xa9@x"), SOCK_E_UNSUPPORTED, 0,
                error_text());
    leave(s, &t);
}

TEST(smtp, options_of_addresses)
{
    TALK(t, PLAIN_HELLO, "< MAIL FROM:<a@b> SIZE=1 RET=HDRS\r\n",
         "> 250 ok\r\n", "< RCPT TO:<c@d> NOTIFY=NEVER\r\n", "> 250 ok\r\n",
         BYE);
    sock_smtp_t *s = client(&t);

    check_ok(sock_smtp_hello(s));
    check_int(sock_smtp_mail(s, "<a@b>", "SIZE=1 RET=HDRS"), 250);
    check_int(sock_smtp_rcpt(s, "c@d", "NOTIFY=NEVER"), 250);
    leave(s, &t);
}

TEST(smtp, data_refused)
{
    TALK(t, "> 220 hi\r\n", "< DATA\r\n", "> 503 no\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_data(s, sock_source_memory("a", 1)), SOCK_E_REPLY,
                503, "data 127.0.0.1: DATA: 503 no");
    leave(s, &t);
}

TEST(smtp, goodbye)
{
    TALK(t, "> 220 hi\r\n", "< NOOP\r\n", "> 421 so long\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_noop(s), 421);
    check_str(sock_session_text(sock_smtp_session(s)), "so long");
    check_fails(sock_smtp_noop(s), SOCK_E_EOF, 0, "noop: not connected");
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp, quit_refused)
{
    TALK(t, "> 220 hi\r\n", "< QUIT\r\n", "> 500 stay\r\n", "-", "> 220 hi\r\n",
         "< QUIT\r\n", "> 421 QUIT FAILED\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_quit(s), SOCK_E_REPLY, 500,
                "quit 127.0.0.1: QUIT: 500 stay");
    check_fails(sock_smtp_quit(s), SOCK_E_EOF, 0, "quit: not connected");
    check_int(sock_smtp_connect(s, "127.0.0.1", t.port), 220);
    check_fails(sock_smtp_quit(s), SOCK_E_REPLY, 421,
                "quit 127.0.0.1: QUIT: 421 QUIT FAILED");
    check_str(sock_session_text(sock_smtp_session(s)), "QUIT FAILED");
    check_fails(sock_smtp_noop(s), SOCK_E_EOF, 0, "noop: not connected");
    sock_smtp_free(s);
    talk_end(&t);
}

/* Hello */

TEST(smtp, offers)
{
    TALK(t, "> 220 hi\r\n", HELLO,
         "> 250-hi PIPELINING\r\n250-SIZE 1000 \r\n250-auth=PLAIN x\r\n"
         "250-8BITMIME\r\n250-AUTH LOGIN CRAM-MD5\r\n250-x_y z\r\n"
         "250-AUTH_X y\r\n"
         "250--a\r\n250-\r\n250-X-Y\t \tz z\t \r\n250-dsn\r\n250-z=1\r\n"
         "250 DSN 2\r\n",
         "< EHLO other\r\n", "> 250 hi\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_ok(sock_smtp_hello(s));
    check_str(sock_smtp_extn(s, "SIZE"), "1000");
    check_str(sock_smtp_extn(s, "auth"), "PLAIN x LOGIN CRAM-MD5");
    check_str(sock_smtp_extn(s, "8BitMime"), "");
    check_str(sock_smtp_extn(s, "x-y"), "z z");
    check_str(sock_smtp_extn(s, "dsn"), "2");
    check_int(sock_smtp_has_extn(s, "x"), 0);
    check_int(sock_smtp_has_extn(s, ""), 0);
    check_int(sock_smtp_has_extn(s, "hi"), 0);
    check_int(sock_smtp_has_extn(s, "-a"), 0);
    check_int(sock_smtp_has_extn(s, "z"), 0);
    check_int(sock_smtp_has_extn(s, "pipelining"), 0);
    check_int(sock_smtp_ehlo(s, "other"), 250);
    check_int(sock_smtp_has_extn(s, "SIZE"), 0);
    leave(s, &t);
}

TEST(smtp, helo_after_ehlo)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 502 what?\r\n", "< HELO me.example\r\n",
         "> 250 hi\r\n", "< HELO x\r\n", "> 250 hi\r\n",
         "< HELO me.example\r\n", "> 250 hi\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_ok(sock_smtp_hello(s));
    check_ok(sock_smtp_hello(s));
    check_int(sock_smtp_helo(s, "x"), 250);
    check_int(sock_smtp_helo(s, ""), 250);
    leave(s, &t);
}

/* What the server makes of the second one is said, and harms nothing. */
TEST(smtp, helo_twice)
{
    TALK(t, "> 220 hi\r\n", "< HELO me.example\r\n", "> 250 hi\r\n",
         "< HELO me.example\r\n", "> 503 Duplicate HELO/EHLO\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_helo(s, NULL), 250);
    check_int(sock_smtp_helo(s, NULL), 503);
    check_str(sock_session_text(sock_smtp_session(s)), "Duplicate HELO/EHLO");
    check_ok(sock_smtp_hello(s));
    leave(s, &t);
}

TEST(smtp, goodbye_ends_what_was_offered)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-\r\n250-SIZE 9\r\n250 HELP\r\n", BYE,
         "-", "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 SIZE\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_has_extn(s, "size"), 0);
    check_int(sock_smtp_ehlo(s, NULL), 250);
    check_str(sock_session_text(sock_smtp_session(s)), "\nSIZE 9\nHELP");
    check_int(sock_smtp_has_extn(s, "size"), 1);
    check_int(sock_smtp_has_extn(s, "help"), 1);
    check_int(sock_smtp_has_extn(s, "unsupported-feature"), 0);
    check_ok(sock_smtp_quit(s));
    check_int(sock_smtp_has_extn(s, "size"), 0);
    check_int(sock_smtp_connect(s, "127.0.0.1", t.port), 220);
    check_int(sock_smtp_has_extn(s, "size"), 0);
    check_ok(sock_smtp_hello(s));
    check_int(sock_smtp_has_extn(s, "size"), 1);
    leave(s, &t);
}

/* It is said anew each time, and nothing else. */
TEST(smtp, no_hello)
{
#define NO_HELLO                                                               \
    HELLO, "> 502 what?\r\n", "< HELO me.example\r\n", "> 550 go away\r\n"
    TALK(t, "> 220 hi\r\n", NO_HELLO, NO_HELLO, BYE);
    sock_smtp_t *s = client(&t);
    sock_sasl_login_t l = {"u", "p"};

    check_fails(sock_smtp_hello(s), SOCK_E_REPLY, 550,
                "ehlo_or_helo_if_needed 127.0.0.1: HELO me.example: "
                "550 go away");
    check_fails(sock_smtp_auth(s, "PLAIN", sock_sasl_password, &l),
                SOCK_E_REPLY, 550,
                "auth 127.0.0.1: HELO me.example: 550 go away");
    leave(s, &t);
}

TEST(smtp, goodbye_to_hello)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 421 bye\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_hello(s), SOCK_E_REPLY, 421,
                "ehlo_or_helo_if_needed 127.0.0.1: EHLO me.example: 421 bye");
    sock_smtp_free(s);
    talk_end(&t);
}

/* The name of this machine, which it has been given, or which is looked up. */

static const char *own, *looked_up; /* NULL: not found */
static double seconds;

int __wrap_sock_gethostname(char *buf, size_t size);
int __wrap_sock_gethostname(char *buf, size_t size)
{
    return snprintf(buf, size, "%s", own);
}

sock_addrinfo_t *__wrap_sock_getaddrinfo_within(const char *host,
                                                const char *port, int family,
                                                int type, int proto, int flags,
                                                double within);
sock_addrinfo_t *__wrap_sock_getaddrinfo_within(const char *host,
                                                const char *port, int family,
                                                int type, int proto, int flags,
                                                double within)
{
    struct {
        sock_addrinfo_t list;
        sock_addrinfo_entry_t entry;
    } *one = calloc(1, sizeof *one);

    (void)port, (void)family, (void)type, (void)proto;
    check_str(host, own);
    check_int(flags, AI_CANONNAME);
    seconds = within;
    if (looked_up == NULL) {
        free(one);
        return NULL;
    }
    one->list = (sock_addrinfo_t){&one->entry, 1};
    one->entry.canonname = looked_up;
    return &one->list;
}

static const struct {
    const char *own, *looked_up, *said;
    bool asks;
} names[] = {
    {"a.example", NULL, "< EHLO a.example\r\n", false},
    {"a", "a.example", "< EHLO a.example\r\n", true},
    {"a", "a", "< EHLO [127.0.0.1]\r\n", true},
    {"a", NULL, "< EHLO [127.0.0.1]\r\n", true},
    {"a", "a.example\r\nx", "< EHLO [127.0.0.1]\r\n", true},
    {"", "a.example", "< EHLO [127.0.0.1]\r\n", false},
};

/* Whoever knows names is asked once, whatever was found. */
TEST(smtp, own_name)
{
    const sock_session_opts_t unnamed = {.size = sizeof unnamed, .timeout = 10};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *const lines[] = {"> 220 hi\r\n",
                                     names[i].said,
                                     "> 250 hi\r\n",
                                     names[i].said,
                                     "> 250 hi\r\n",
                                     BYE,
                                     NULL};
        struct talk t = {.most = -1};
        talk_begin(&t, lines);
        own = names[i].own;
        looked_up = names[i].looked_up;
        seconds = 0;
        sock_smtp_t *s =
            check_made(sock_smtp_new("127.0.0.1", t.port, &unnamed));
        check_int(sock_smtp_ehlo(s, NULL), 250);
        check(names[i].asks ? seconds > 0 && seconds <= 10 : seconds == 0);
        seconds = 0;
        check_int(sock_smtp_ehlo(s, NULL), 250);
        check(seconds == 0);
        leave(s, &t);
    }
}

/* By the address that it is connected from. */
static void check_own_address(sock_t *server, const char *host, int port,
                              sock_addr_t from, const char *hello)
{
    const sock_session_opts_t unnamed = {
        .size = sizeof unnamed, .timeout = 10, .source = from};
    sock_smtp_t *s = check_made(sock_smtp_new(NULL, 0, &unnamed));
    char heard[100] = "";

    own = "a";
    looked_up = NULL;
    check_ok(sock__session_connect(sock_smtp_session(s), "test", host, port));
    sock_t *peer = check_made(sock_accept(server, NULL));
    check_ok(sock_sendall(peer, "250 hi\r\n", 8, 0));
    check_int(sock_smtp_ehlo(s, NULL), 250);
    check(sock_recv(peer, heard, sizeof heard - 1, 0) > 0);
    check_str(heard, hello);
    sock_free(peer);
    sock_free(server);
    sock_smtp_free(s);
}

TEST(smtp, own_ipv4)
{
    sock_addr_t address;
    sock_t *server = listener(&address);

    check_own_address(server, "127.0.0.1", sock_addr_port(&address),
                      sock_addr_inet("127.0.0.2", 0), "EHLO [127.0.0.2]\r\n");
}

TEST(smtp, own_path)
{
    char path[100];
    sock_t *server = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));

    snprintf(path, sizeof path, "/tmp/smtp.%d", (int)getpid());
    check_ok(sock_bind(server, sock_addr_unix(path)));
    check_ok(sock_listen(server, 1));
    check_own_address(server, path, 0, (sock_addr_t){0},
                      "EHLO [127.0.0.1]\r\n");
    unlink(path);
}

TEST(smtp, own_ipv6)
{
    sock_addr_t address;
    sock_t *server = sock_create_server(sock_addr_inet6("::1", 0), 1, 0);

    if (server == NULL)
        skip("no IPv6");
    check_ok(sock_getsockname(server, &address));
    check_own_address(server, "::1", sock_addr_port(&address), (sock_addr_t){0},
                      "EHLO [IPv6:::1]\r\n");
}

/* TLS and logging in */

TEST(smtp, starttls_not_offered)
{
    TALK(t, PLAIN_HELLO, BYE);
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_starttls(s, NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
    check_int(sock_session_code(sock_smtp_session(s)), 220); /* not asked */
    check_fails(
        sock_smtp_starttls(s, &tls), SOCK_E_UNSUPPORTED, 0,
        "starttls 127.0.0.1: STARTTLS extension not supported by server.");
    leave(s, &t);
}

/* TLS, by a context that does nothing. */

/* What was said before is forgotten. */
TEST(smtp, starttls)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250-STARTTLS\r\n250 SIZE\r\n",
         "< STARTTLS\r\n", "> 220 go\r\n", HELLO, "> 250 hi\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_ok(sock_smtp_starttls(s, &tls));
    check_int(sock_session_secure(sock_smtp_session(s)), 1);
    check_int(sock_smtp_has_extn(s, "SIZE"), 0);
    check_ok(sock_smtp_hello(s));
    check_int(sock_smtp_has_extn(s, "SIZE"), 0);
    check_fails(sock_smtp_starttls(s, &tls), SOCK_E_VALUE, 0,
                "starttls: TLS is under it already");
    leave(s, &t);
    check_int(tls_holds, 0);
}

TEST(smtp, starttls_refused)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 STARTTLS\r\n",
         "< STARTTLS\r\n", "> 454 not now\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_starttls(s, &tls), SOCK_E_REPLY, 454,
                "starttls 127.0.0.1: STARTTLS: 454 not now");
    check_int(sock_session_secure(sock_smtp_session(s)), 0);
    leave(s, &t);
}

TEST(smtp, starttls_injection)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 STARTTLS\r\n",
         "< STARTTLS\r\n", "> 220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_starttls(s, &tls), -1);
    check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
    check_int(sock_last_error()->code, SOCK_P_ORDER);
    check_fails(sock_smtp_noop(s), SOCK_E_EOF, 0, "noop: not connected");
    sock_smtp_free(s);
    talk_end(&t);
    check_int(tls_holds, 0);
}

TEST(smtp, under_tls)
{
    TALK(t, "> 220 hi\r\n", "-", "> 220 hi\r\n", BYE);
    sock_smtp_t *s =
        check_made(sock_smtp_ssl_new("127.0.0.1", t.port, &tls, &options));

    check_int(sock_session_secure(sock_smtp_session(s)), 1);
    check_int(sock_smtp_connect(s, "127.0.0.1", t.port), 220);
    check_int(sock_session_secure(sock_smtp_session(s)), 1);
    leave(s, &t);
    check_int(tls_holds, 0);
}

/* AHUAcA== is "\0u\0p". */
TEST(smtp, login_plain)
{
    TALK(t, "> 220 hi\r\n", HELLO,
         "> 250-hi\r\n250-AUTH login plain\r\n250 X\r\n",
         "< AUTH PLAIN AHUAcA==\r\n", "> 235 ok\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_ok(sock_smtp_login(s, "u", "p"));
    leave(s, &t);
}

TEST(smtp, login_login)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 AUTH LOGIN\r\n",
         "< AUTH LOGIN dQ==\r\n", "> 334 UGFzc3dvcmQ6\r\n", "< cA==\r\n",
         "> 235 ok\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_ok(sock_smtp_login(s, "u", "p"));
    leave(s, &t);
}

#define LOGIN "< AUTH PLAIN AHUAcA==\r\n"

/* That it has been done already is a yes, where it has; what a server says that
 * takes no one's login is none. */
TEST(smtp, login_twice)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 AUTH PLAIN\r\n", LOGIN,
         "> 503 not enabled\r\n", LOGIN, "> 235 ok\r\n", HELLO,
         "> 250-hi\r\n250 AUTH PLAIN\r\n", LOGIN, "> 503 already\r\n", "-",
         "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 AUTH PLAIN\r\n", LOGIN,
         "> 503 not enabled\r\n", LOGIN, "> 235 ok\r\n", LOGIN,
         "> 503 already\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_login(s, "u", "p"), SOCK_E_REPLY, 503,
                "login 127.0.0.1: AUTH PLAIN ****: 503 not enabled");
    check_ok(sock_smtp_login(s, "u", "p"));
    check_int(sock_smtp_ehlo(s, NULL), 250);
    check_ok(sock_smtp_login(s, "u", "p"));
    check_int(sock_smtp_connect(s, "127.0.0.1", t.port), 220);
    check_fails(sock_smtp_login(s, "u", "p"), SOCK_E_REPLY, 503, error_text());
    check_int(sock_smtp_docmd(s, "AUTH", "PLAIN AHUAcA=="), 235);
    check_ok(sock_smtp_login(s, "u", "p"));
    leave(s, &t);
}

/* RFC 2195 2; a refusal is the end of it. */
TEST(smtp, login_cram_md5)
{
    TALK(t, "> 220 hi\r\n", HELLO,
         "> 250-hi\r\n250 AUTH LOGIN PLAIN CRAM-MD5\r\n", "< AUTH CRAM-MD5\r\n",
         "> 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n",
         "< dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n",
         "> 535-5.7.8 wrong\r\n535 5.7.8 again\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_fails(
        sock_smtp_login(s, "tim", "tanstaaftanstaaf"), SOCK_E_REPLY, 535,
        "login 127.0.0.1: AUTH CRAM-MD5 ****: 535 5.7.8 wrong 5.7.8 again");
    leave(s, &t);
}

TEST(smtp, login_not_offered)
{
    TALK(t, PLAIN_HELLO, "< EHLO x\r\n", "> 250-x\r\n250 AUTH GSSAPI\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_login(s, "u", "p"), SOCK_E_UNSUPPORTED, 0,
                "login 127.0.0.1: SMTP AUTH extension not supported by "
                "server.");
    check_int(sock_smtp_ehlo(s, "x"), 250);
    check_fails(sock_smtp_login(s, "u", "p"), SOCK_E_UNSUPPORTED, 0,
                "login 127.0.0.1: No suitable authentication method found.");
    leave(s, &t);
}

/* Without TLS, to another host. */
TEST(smtp, password_in_the_clear)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 AUTH PLAIN LOGIN\r\n",
         "< AUTH CRAM-MD5\r\n", "> 535 no\r\n", BYE);
    sock_smtp_t *s = client(&t);
    sock_sasl_login_t l = {"u", "p"};
    sock_sasl_bearer_t b = {.user = "u", .token = "t"};
    const char *words = "the password would be sent without TLS "
                        "(see insecure_auth)";
    char text[100];

    const sock_addr_t far = sock_addr_inet("192.0.2.1", 25);
    far_away = &far;
    snprintf(text, sizeof text, "login: %s", words);
    check_fails(sock_smtp_login(s, "u", "p"), SOCK_E_VALUE, 0, text);
    snprintf(text, sizeof text, "auth: %s", words);
    check_fails(sock_smtp_auth(s, "LOGIN", sock_sasl_password, &l),
                SOCK_E_VALUE, 0, text);
    check_fails(sock_smtp_auth(s, "xoauth2", sock_sasl_token, &b), SOCK_E_VALUE,
                0, text);
    check_int(sock_smtp_auth(s, "CRAM-MD5", sock_sasl_password, &l), -1);
    check_int(sock_last_error()->kind, SOCK_E_REPLY);
    far_away = NULL;
    leave(s, &t);
}

TEST(smtp, insecure_auth)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 AUTH PLAIN\r\n",
         "< AUTH PLAIN AHUAcA==\r\n", "> 235 ok\r\n", BYE);
    sock_session_opts_t o = options;
    o.insecure_auth = 1;
    sock_smtp_t *s = check_made(sock_smtp_new("127.0.0.1", t.port, &o));

    const sock_addr_t far = sock_addr_inet("192.0.2.1", 25);
    far_away = &far;
    check_ok(sock_smtp_login(s, "u", "p"));
    far_away = NULL;
    leave(s, &t);
}

TEST(smtp, auth_token)
{
    TALK(t, PLAIN_HELLO, "< AUTH XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHQBAQ==\r\n",
         "> 334 e30=\r\n", "< \r\n", "> 535 no\r\n", BYE);
    sock_smtp_t *s = client(&t);
    sock_sasl_bearer_t b = {.user = "u", .token = "t"};

    check_fails(sock_smtp_auth(s, "xoauth2", sock_sasl_token, &b), SOCK_E_REPLY,
                535, "auth 127.0.0.1: AUTH XOAUTH2 ****: 535 no");
    leave(s, &t);
}

/* AHBzdQBkb2Vzbm90ZXhpc3Q= is "\0psu\0doesnotexist". */
TEST(smtp, auth_plain)
{
    TALK(t, "> 220 hi\r\n", HELLO, "> 250-hi\r\n250 AUTH PLAIN\r\n",
         "< AUTH PLAIN AHBzdQBkb2Vzbm90ZXhpc3Q=\r\n", "> 235 Ok\r\n",
         "< AUTH PLAIN AHBzdQBkb2Vzbm90ZXhpc3Q=\r\n",
         "> 571 Bad authentication\r\n", BYE);
    sock_smtp_t *s = client(&t);
    sock_sasl_login_t l = {"psu", "doesnotexist"};

    check_ok(sock_smtp_auth(s, "plain", sock_sasl_password, &l));
    check_int(sock_session_code(sock_smtp_session(s)), 235);
    check_str(sock_session_text(sock_smtp_session(s)), "Ok");
    check_fails(sock_smtp_auth(s, "plain", sock_sasl_password, &l),
                SOCK_E_REPLY, 571,
                "auth 127.0.0.1: AUTH PLAIN ****: 571 Bad authentication");
    leave(s, &t);
}

TEST(smtp, auth_without_a_reply)
{
    TALK(t, PLAIN_HELLO, LOGIN, "!");
    sock_smtp_t *s = client(&t);
    sock_sasl_login_t l = {"u", "p"};

    check_fails(sock_smtp_auth(s, "PLAIN", sock_sasl_password, &l), SOCK_E_EOF,
                0,
                "auth 127.0.0.1: AUTH PLAIN ****: Connection unexpectedly "
                "closed");
    check(sock_session_socket(sock_smtp_session(s)) == NULL);
    sock_smtp_free(s);
    talk_end(&t);
}

/* Says nothing before it is asked. */
static ssize_t when_asked(void *arg, const char *mechanism,
                          const void *challenge, size_t n, void *response,
                          size_t size)
{
    if (challenge == NULL)
        return SOCK_SASL_NONE;
    return sock_sasl_password(arg, mechanism, challenge, n, response, size);
}

TEST(smtp, auth_without_an_initial_response)
{
    TALK(t, PLAIN_HELLO, "< AUTH LOGIN\r\n", "> 334 VXNlcm5hbWU6\r\n",
         "< dQ==\r\n", "> 334 UGFzc3dvcmQ6\r\n", "< cA==\r\n", "> 235 ok\r\n",
         "< AUTH PLAIN\r\n", "> 334 \r\n", "< AHUAcA==\r\n", "> 235 ok\r\n",
         BYE);
    sock_smtp_t *s = client(&t);
    sock_sasl_login_t l = {"u", "p"};

    check_ok(sock_smtp_auth(s, "LOGIN", when_asked, &l));
    check_ok(sock_smtp_auth(s, "PLAIN", when_asked, &l));
    leave(s, &t);
}

/* Says a NUL to a server that says but one thing. */
static ssize_t buggy(void *arg, const char *mechanism, const void *challenge,
                     size_t n, void *response, size_t size)
{
    int *asked = arg;

    (void)size;
    check_str(mechanism, "BUGGY");
    if (challenge == NULL)
        return SOCK_SASL_NONE;
    check_int(n, 10);
    check_bytes(challenge, "BuGgYbUgGy", 10);
    memcpy(response, "", 1);
    ++*asked;
    return 1;
}

TEST(smtp, auth_without_an_end)
{
#define ONE_MORE "> 334 QnVHZ1liVWdHeQ==\r\n", "< AA==\r\n"
    TALK(t, PLAIN_HELLO, "< AUTH BUGGY\r\n", ONE_MORE, ONE_MORE, ONE_MORE,
         ONE_MORE, ONE_MORE, "> 334 QnVHZ1liVWdHeQ==\r\n", "-");
    sock_smtp_t *s = client(&t);
    int asked = 0;

    check_fails(sock_smtp_auth(s, "BUGGY", buggy, &asked), SOCK_E_PROTOCOL,
                SOCK_P_ORDER, error_text());
    check(strstr(error_text(), "too many challenges") != NULL);
    check_int(asked, 5);
    check(sock_session_socket(sock_smtp_session(s)) == NULL);
    sock_smtp_free(s);
    talk_end(&t);
}

/* Replies */

static void hears(const char *reply, int fault, const char *text)
{
    static const char *lines[] = {"> 220 hi\r\n", "< NOOP\r\n", "> ", "-",
                                  NULL};
    struct talk t = {.most = -1};
    char *said = malloc(strlen(reply) + 3);

    sprintf(said, "> %s", reply);
    lines[2] = said;
    talk_begin(&t, lines);
    sock_smtp_t *s = client(&t);
    check_fails(sock_smtp_noop(s), SOCK_E_PROTOCOL, fault, text);
    check_fails(sock_smtp_noop(s), SOCK_E_EOF, 0, "noop: not connected");
    sock_smtp_free(s);
    talk_finish(&t);
    free(t.wrong);
    free(said);
}

TEST(smtp, no_replies)
{
    char big[9000];

    hears(" 25 x\r\n", SOCK_P_SYNTAX,
          "noop 127.0.0.1: NOOP: not a reply: ' 25 x'");
    hears("+25 x\r\n", SOCK_P_SYNTAX,
          "noop 127.0.0.1: NOOP: not a reply: '+25 x'");
    hears("2500 x\r\n", SOCK_P_SYNTAX,
          "noop 127.0.0.1: NOOP: not a reply: '2500 x'");
    hears("050 x\r\n", SOCK_P_SYNTAX,
          "noop 127.0.0.1: NOOP: not a reply: '050 x'");
    hears("\r\n", SOCK_P_SYNTAX, "noop 127.0.0.1: NOOP: not a reply: ''");
    hears("250-a\r\n251 b\r\n", SOCK_P_SYNTAX,
          "noop 127.0.0.1: NOOP: not a reply: '251 b'");
    hears("250-a\r\nb\r\n", SOCK_P_SYNTAX,
          "noop 127.0.0.1: NOOP: not a reply: 'b'");
    memset(big, 'a', sizeof big);
    memcpy(big, "250 ", 4);
    big[8998] = '\n';
    big[8999] = '\0';
    hears(big, SOCK_P_TOO_LARGE, "noop 127.0.0.1: NOOP: line too long");
}
