/* SPDX-License-Identifier: MIT */
/* SASL: what each mechanism says, by the examples of its document, and how an
 * exchange goes. */
#include <pysockc/sasl.h>

#include <stdio.h>
#include <string.h>

#include "sasl.h"
#include "sessions.h"

/* What is said of a challenge; NULL: nothing was heard yet. Static. */
static char said[8200];

static ssize_t ask(sock_sasl_fn fn, void *arg, const char *mechanism,
                   const char *challenge)
{
    ssize_t n = fn(arg, mechanism, challenge,
                   challenge != NULL ? strlen(challenge) : 0, said, 8192);
    said[n > 0 ? n : 0] = '\0';
    return n;
}

/* Mechanisms */

TEST(sasl, password)
{
    sock_sasl_login_t l = {"tim", "tanstaaftanstaaf"};
    const char *ours = "<1896.697170952@postoffice.reston.mci.net>";

    check_int(ask(sock_sasl_password, &l, "PLAIN", NULL), 21);
    check_bytes(said, "\0tim\0tanstaaftanstaaf", 21);
    check_int(ask(sock_sasl_password, &l, "PLAIN", ""), 21);
    check_int(ask(sock_sasl_password, &l, "CRAM-MD5", NULL), SOCK_SASL_NONE);
    check_int(ask(sock_sasl_password, &l, "CRAM-MD5", ours), 36);
    check_str(said, "tim b913a602c7eda7a495b4e6e7334d3890"); /* RFC 2195 */
    ask(sock_sasl_password, &l, "LOGIN", NULL);
    check_str(said, "tim");
    ask(sock_sasl_password, &l, "LOGIN", "Username:");
    check_str(said, "tim");
    ask(sock_sasl_password, &l, "LOGIN", "Password:");
    check_str(said, "tanstaaftanstaaf");
    ask(sock_sasl_password, &l, "LOGIN", "password");
    check_str(said, "tanstaaftanstaaf");
}

TEST(sasl, password_errors)
{
    sock_sasl_login_t l = {"u", "p"}, none = {"u", NULL}, no_one = {NULL, "p"};
    char big[9000];

    check_fails(sock_sasl_password(&l, "PLAIN", NULL, 0, NULL, 5), SOCK_E_TYPE,
                0, error_text());
    check_fails(ask(sock_sasl_password, &l, "NTLM", NULL), SOCK_E_VALUE, 0,
                error_text());
    check_fails(ask(sock_sasl_password, NULL, "PLAIN", NULL), SOCK_E_TYPE, 0,
                error_text());
    check_fails(ask(sock_sasl_password, &none, "PLAIN", NULL), SOCK_E_TYPE, 0,
                error_text());
    check_fails(ask(sock_sasl_password, &no_one, "PLAIN", NULL), SOCK_E_TYPE, 0,
                error_text());
    check_fails(ask(sock_sasl_password, &l, NULL, NULL), SOCK_E_TYPE, 0,
                error_text());
    memset(big, 'x', sizeof big);
    big[8190] = '\0';
    l.password = big;
    check_fails(ask(sock_sasl_password, &l, "PLAIN", NULL), SOCK_E_VALUE, 0,
                error_text());
    big[8189] = '\0';
    check_int(ask(sock_sasl_password, &l, "PLAIN", NULL), 8192);
    big[8189] = big[8190] = 'x';
    big[8999] = '\0';
    l = (sock_sasl_login_t){big, "p"};
    check_fails(ask(sock_sasl_password, &l, "PLAIN", NULL), SOCK_E_VALUE, 0,
                "auth: the response is too long");
}

/* RFC 7628 4.1, and what Google's page on XOAUTH2 has. */
TEST(sasl, token)
{
    sock_sasl_bearer_t b = {.user = "user@example.com",
                            .token =
                                "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
                            .host = "server.example.com",
                            .port = 143};

    ask(sock_sasl_token, &b, "OAUTHBEARER", NULL);
    check_str(said,
              "n,a=user@example.com,\1host=server.example.com\1port=143"
              "\1auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1");
    check_int(ask(sock_sasl_token, &b, "OAUTHBEARER", "{}"), 1);
    check_str(said, "\1");
    b = (sock_sasl_bearer_t){.user = "a,b=c", .token = "t"};
    ask(sock_sasl_token, &b, "OAUTHBEARER", "");
    check_str(said, "n,a=a=2Cb=3Dc,\1auth=Bearer t\1\1");
    b.user = NULL;
    ask(sock_sasl_token, &b, "OAUTHBEARER", NULL);
    check_str(said, "n,,\1auth=Bearer t\1\1");
    b = (sock_sasl_bearer_t){.user = "someuser@example.com",
                             .token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdG"
                                      "EuY29tCg"};
    ask(sock_sasl_token, &b, "XOAUTH2", NULL);
    check_str(said, "user=someuser@example.com\1auth=Bearer ya29.vF9dft4qmTc2N"
                    "vb3RlckBhdHRhdmlzdGEuY29tCg\1\1");
    check_int(ask(sock_sasl_token, &b, "XOAUTH2", "{}"), 0);
}

TEST(sasl, token_errors)
{
    sock_sasl_bearer_t b = {.user = "u", .token = "t"}, bad = b;

    check_fails(sock_sasl_token(&b, "XOAUTH2", NULL, 0, NULL, 5), SOCK_E_TYPE,
                0, error_text());
    check_fails(ask(sock_sasl_token, &b, "PLAIN", NULL), SOCK_E_VALUE, 0,
                error_text());
    check_fails(ask(sock_sasl_token, NULL, "XOAUTH2", NULL), SOCK_E_TYPE, 0,
                error_text());
    check_fails(ask(sock_sasl_token, &b, NULL, NULL), SOCK_E_TYPE, 0,
                error_text());
    bad.user = NULL;
    check_fails(ask(sock_sasl_token, &bad, "XOAUTH2", NULL), SOCK_E_TYPE, 0,
                error_text());
    bad = (sock_sasl_bearer_t){.user = "u"};
    check_fails(ask(sock_sasl_token, &bad, "OAUTHBEARER", NULL), SOCK_E_TYPE, 0,
                error_text());
    bad = b;
    bad.token = "t\1x";
    check_fails(ask(sock_sasl_token, &bad, "XOAUTH2", NULL), SOCK_E_VALUE, 0,
                error_text());
    bad = b;
    bad.user = "u\1";
    check_fails(ask(sock_sasl_token, &bad, "XOAUTH2", NULL), SOCK_E_VALUE, 0,
                error_text());
    bad = b;
    bad.host = "h\r";
    check_fails(ask(sock_sasl_token, &bad, "OAUTHBEARER", NULL), SOCK_E_VALUE,
                0, error_text());
}

/* Exchanges: "+ X" is a challenge, "OK" the end, all else a refusal. */

static int hear(struct sock_session *c, const char *op,
                struct sock__piece *challenge)
{
    sock__reply_begin(c);
    if (sock__session_line(c, op, challenge) < 0)
        return -1;
    if (challenge->n >= 2 && memcmp(challenge->at, "+ ", 2) == 0) {
        challenge->at += 2;
        challenge->n -= 2;
        return 1;
    }
    if (challenge->n == 2 && memcmp(challenge->at, "OK", 2) == 0)
        return 0;
    return sock__fail_saying(op, SOCK_E_REPLY, 5, "no");
}

static const struct sock__sasl_talk with = {"AUTH ", true, 0, hear};
static const struct sock__sasl_talk without = {"AUTHENTICATE ", false, 0, hear};
static const struct sock__sasl_talk within = {"AUTH ", true, 17, hear};

struct answers {
    const char *text; /* NULL: none */
    ssize_t result;   /* in place of its length, if that is not 0 */
    int calls;
    bool closed; /* the session, at the end */
};

static ssize_t answer(void *arg, const char *mechanism, const void *challenge,
                      size_t n, void *response, size_t size)
{
    struct answers *a = arg;

    (void)n, (void)size;
    check_str(mechanism, "X-1_A");
    a->calls++;
    if (a->result != 0)
        return a->result;
    if (a->text == NULL && challenge == NULL)
        return SOCK_SASL_NONE;
    const char *text = a->text != NULL ? a->text : "again";
    memcpy(response, text, strlen(text));
    return (ssize_t)strlen(text);
}

static int exchange(struct answers *a, const struct sock__sasl_talk *talk,
                    const char *server, const char *client)
{
    struct sock_session c;
    struct pair p;

    session_over(&c, &p, &each_line);
    says(&p, server);
    a->calls = 0;
    int result = sock__sasl(&c, "test", "x-1_a", answer, a, talk);
    check_str(heard(&p), client);
    a->closed = is_closed(&c);
    end_session(&c, &p);
    return result;
}

TEST(sasl, exchanges)
{
    struct answers a = {.text = "hi"}, empty = {.text = ""}, none = {0};
    const char *four = "+ \r\n+ YQ==\r\n+ \r\n+ \r\n";
    char server[100];

    errno = 1234;
    check_ok(exchange(&a, &with, "OK\r\n", "AUTH X-1_A aGk=\r\n"));
    check_ok(exchange(&empty, &with, "OK\r\n", "AUTH X-1_A =\r\n"));
    check_ok(exchange(&empty, &with, "+ \r\nOK\r\n", "AUTH X-1_A =\r\n\r\n"));
    check_ok(exchange(&none, &with, "OK\r\n", "AUTH X-1_A\r\n"));
    check_ok(exchange(&a, &without, "+ YQ==\r\nOK\r\n",
                      "AUTHENTICATE X-1_A\r\naGk=\r\n"));
    check_int(errno, 1234);
    check_fails(exchange(&a, &with, "NO\r\n", "AUTH X-1_A aGk=\r\n"),
                SOCK_E_REPLY, 5, error_text());
    const char *client =
        "AUTH X-1_A aGk=\r\naGk=\r\naGk=\r\naGk=\r\naGk=\r\naGk=\r\n";
    snprintf(server, sizeof server, "%s+ \r\nOK\r\n", four);
    check_ok(exchange(&a, &with, server, client));
    snprintf(server, sizeof server, "%s+ \r\n+ \r\nOK\r\n", four);
    check_fails(exchange(&a, &with, server, client), SOCK_E_PROTOCOL,
                SOCK_P_ORDER, error_text());
    check_fails(exchange(&a, &with, "+ !\r\n", "AUTH X-1_A aGk=\r\n"),
                SOCK_E_PROTOCOL, SOCK_P_SYNTAX, error_text());
}

TEST(sasl, a_long_challenge)
{
    const sock_session_limits_t limits = {.size = sizeof limits, .line = 20000};
    struct sock_session c;
    struct pair p;
    struct answers a = {.text = "hi"};
    char line[11002] = "+ ";

    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_limits(&c, &limits));
    memset(line + 2, 'A', sizeof line - 4);
    strcpy(line + sizeof line - 2, "\n");
    says(&p, line);
    check_fails(sock__sasl(&c, "test", "X-1_A", answer, &a, &with),
                SOCK_E_PROTOCOL, SOCK_P_TOO_LARGE, error_text());
    check(is_closed(&c));
    end_session(&c, &p);
}

/* A response that the first line has no room for is said to the empty challenge
 * that follows; to another one the function says what that is to hear. */
TEST(sasl, responses_that_do_not_fit)
{
    struct answers a = {.text = "hi"}, more = {.text = "hello"};

    check_ok(exchange(&a, &within, "OK\r\n", "AUTH X-1_A aGk=\r\n"));
    check_ok(
        exchange(&more, &within, "+ \r\nOK\r\n", "AUTH X-1_A\r\naGVsbG8=\r\n"));
    check_int(more.calls, 1);
    check_ok(exchange(&more, &within, "+ YQ==\r\n+ \r\nOK\r\n",
                      "AUTH X-1_A\r\naGVsbG8=\r\naGVsbG8=\r\n"));
    check_int(more.calls, 3);
}

TEST(sasl, cancelled)
{
    struct answers a = {.result = SOCK_SASL_CANCEL};

    check_fails(exchange(&a, &with, "", ""), SOCK_E_CANCELLED, 0, error_text());
    check_fails(
        exchange(&a, &without, "+ \r\nNO\r\n", "AUTHENTICATE X-1_A\r\n*\r\n"),
        SOCK_E_CANCELLED, 0, error_text());
    check(!a.closed);
    /* a server that goes on all the same is not spoken to any more */
    check_fails(
        exchange(&a, &without, "+ \r\nOK\r\n", "AUTHENTICATE X-1_A\r\n*\r\n"),
        SOCK_E_CANCELLED, 0, error_text());
    check(a.closed);
    a.result = 8193;
    check_fails(exchange(&a, &with, "", ""), SOCK_E_CANCELLED, 0, error_text());
    a.result = SOCK_SASL_NONE;
    check_fails(
        exchange(&a, &without, "+ \r\nNO\r\n", "AUTHENTICATE X-1_A\r\n*\r\n"),
        SOCK_E_CANCELLED, 0, error_text());
}

/* Whoever is asked hangs up for the server, which has heard all. */
static ssize_t hang_up(void *arg, const char *mechanism, const void *challenge,
                       size_t n, void *response, size_t size)
{
    struct pair *p = arg;

    (void)mechanism, (void)challenge, (void)n, (void)response, (void)size;
    heard(p);
    sock_free(p->b);
    p->b = NULL;
    return SOCK_SASL_CANCEL;
}

/* Its last words stay: nothing is heard behind them. */
TEST(sasl, cancelled_when_it_is_gone)
{
    struct sock_session c;
    struct pair p;

    session_over(&c, &p, &each_line);
    says(&p, "+ \r\n451 no\r\n");
    check_fails(sock__sasl(&c, "test", "X", hang_up, &p, &without),
                SOCK_E_CANCELLED, 0, error_text());
    check(is_closed(&c));
    check_int(sock_session_code(&c), 451);
    check_str(sock_session_text(&c), "no");
    end_session(&c, &p);
}

TEST(sasl, arguments)
{
    static const char *const bad[] = {
        "", "A B", "A\r\nB", "A\n", "\xc3\xb6", "123456789012345678901"};
    struct sock_session c;
    struct pair p;
    struct answers a = {.text = "hi"};

    session_over(&c, &p, &each_line);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_fails(sock__sasl(&c, "test", bad[i], answer, &a, &with),
                    SOCK_E_VALUE, 0, "test: an invalid mechanism");
    check_fails(sock__sasl(&c, "test", NULL, answer, &a, &with), SOCK_E_TYPE, 0,
                error_text());
    check_fails(sock__sasl(&c, "test", "X", NULL, &a, &with), SOCK_E_TYPE, 0,
                error_text());
    check_str(heard(&p), "");
    check(!is_closed(&c));
    end_session(&c, &p);
}

/* What a trace and errors show of it. */

static void show(void *arg, char direction, const char *line, size_t n)
{
    char *text = arg;
    size_t used = strlen(text);
    snprintf(text + used, 200 - used, "%c%.*s|", direction, (int)n, line);
}

TEST(sasl, shown)
{
    struct sock_session c;
    struct pair p;
    char shown[200] = "";
    sock_sasl_login_t l = {"u", "hunter2"};

    session_over(&c, &p, &each_line);
    check_ok(sock_session_set_trace(&c, show, shown));
    says(&p, "+ UGFzc3dvcmQ6\r\n");
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_fails(sock__sasl(&c, "test", "login", sock_sasl_password, &l, &with),
                SOCK_E_EOF, 0,
                "test the server: AUTH LOGIN ****: Connection unexpectedly "
                "closed");
    check_str(shown, ">AUTH LOGIN ****|<+ UGFzc3dvcmQ6|>****|");
    end_session(&c, &p);
}
