/* SPDX-License-Identifier: MIT */
/* Sending a message to many, one command at a time and in groups. Links with
 * --wrap: what is sent by one call is seen. */
#include <pysockc/smtp.h>

#include <stdio.h>
#include <string.h>

#include "session.h"
#include "talk.h"

static int sends;

int __real_sock_sendall(sock_t *s, const void *buf, size_t size, int flags);
int __wrap_sock_sendall(sock_t *s, const void *buf, size_t size, int flags);
int __wrap_sock_sendall(sock_t *s, const void *buf, size_t size, int flags)
{
    __atomic_add_fetch(&sends, 1, __ATOMIC_RELAXED);
    return __real_sock_sendall(s, buf, size, flags);
}

#define HELLO "> 220 hi\r\n", "< EHLO me.example\r\n"
#define BYE "< QUIT\r\n", "> 221 bye\r\n"
#define MAIL "< MAIL FROM:<f@x>\r\n"
#define MAILS "MAIL FROM:<f@x>\r\n"
#define RCPT(who) "< RCPT TO:<" who ">\r\n"
#define RCPTS(who) "RCPT TO:<" who ">\r\n"
#define OK "> 250 ok\r\n"
#define OKS "250 ok\r\n"
#define GO "< DATA\r\n", "> 354 go\r\n"
#define MESSAGE "< hi\r\n.\r\n"
#define RSET "< RSET\r\n", "> 250 reset\r\n"

static const sock_session_opts_t options = {
    .size = sizeof options, .timeout = 10, .local_hostname = "me.example"};

static sock_smtp_t *client(const struct talk *t)
{
    return check_made(sock_smtp_new("127.0.0.1", t->port, &options));
}

static void leave(sock_smtp_t *s, struct talk *t)
{
    check_ok(sock_smtp_quit(s));
    sock_smtp_free(s);
    talk_end(t);
}

static int send_hi(sock_smtp_t *s, const char *const *to, size_t nto)
{
    return sock_smtp_sendmail(s, "f@x", to, nto, "hi\n", 3, NULL, NULL);
}

static void check_refused(const sock_smtp_t *s, size_t i, const char *address,
                          int code, const char *text)
{
    const sock_smtp_refusal_t *r = sock_smtp_refused(s, i);

    check(r != NULL);
    check_str(r->address, address);
    check_int(r->code, code);
    check_str(r->text, text);
}

static const char *const three[] = {"a@x", "b@x", "c@x"};

/* One after the other */

TEST(smtp_send, to_one)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), OK, GO, MESSAGE,
         "> 250 queued\r\n", BYE);
    sock_smtp_t *s = client(&t);

    errno = 1234;
    check_int(send_hi(s, three, 1), 0);
    check_int(errno, 1234);
    check_str(sock_session_text(sock_smtp_session(s)), "queued");
    check(sock_smtp_refused(s, 0) == NULL);
    leave(s, &t);
}

TEST(smtp_send, to_a_server_of_old)
{
    TALK(t, HELLO, "> 500 what\r\n", "< HELO me.example\r\n", OK, MAIL, OK,
         RCPT("a@x"), OK, GO, MESSAGE, OK, MAIL, OK, RCPT("a@x"), OK, GO,
         MESSAGE, OK, BYE);
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_sendmail(s, "f@x", three, 1, "hi\n", 3, "RET=HDRS",
                                 "NOTIFY=NEVER"),
              0);
    check_int(sock_smtp_sendmail(s, "f@x", three, 1, "hi\n", 3, "SMTPUTF8", ""),
              0);
    leave(s, &t);
}

TEST(smtp_send, terms)
{
    TALK(t, HELLO, "> 250-x\r\n250-SIZE\r\n250 8BITMIME\r\n",
         "< MAIL FROM:<f@x> SIZE=11 RET=HDRS\r\n", OK,
         "< RCPT TO:<a@x> NOTIFY=NEVER\r\n", OK, GO,
         "< a\r\nb\r\n\r\n..\r\n.\r\n", OK,
         "< MAIL FROM:<f@x> SIZE=1 BODY=8BITMIME\r\n", OK, RCPT("a@x"), OK, GO,
         "< \xff\r\n.\r\n", OK, "< MAIL FROM:<f@x> SIZE=7 body=7bit\r\n", OK,
         RCPT("a@x"), OK, GO, "< \xff\r\n.\r\n", OK,
         "< MAIL FROM:<> SIZE=0\r\n", OK, RCPT("a@x"), OK, GO, "< .\r\n", OK,
         "< MAIL FROM:<f@x> SIZE=19 BODY=8BITMIME\r\n", OK, RCPT("a@x"), OK, GO,
         "< \r\n\r\n12345678\xe9\r\n\r\n\r\n.\r\n", OK, BYE);
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_sendmail(s, "f@x", three, 1, "a\rb\n\r\n.\r\n", 8,
                                 "RET=HDRS", "NOTIFY=NEVER"),
              0);
    check_int(sock_smtp_sendmail(s, "f@x", three, 1, "\xff", 1, "", ""), 0);
    check_int(sock_smtp_sendmail(s, "f@x", three, 1, "\xff", 1,
                                 "SIZE=7 body=7bit", ""),
              0);
    check_int(sock_smtp_sendmail(s, "", three, 1, NULL, 0, NULL, NULL), 0);
    /* what stands before it is none of it */
    check_int(sock_smtp_sendmail(s, "f@x", three, 1,
                                 &"\r\n\r12345678\xe9\r\n\n\r"[1], 15, NULL,
                                 NULL),
              0);
    leave(s, &t);
}

TEST(smtp_send, bytes_over_127)
{
    TALK(t, HELLO, OK, BYE);
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_sendmail(s, "f@x", three, 1, "\x80", 1, NULL, NULL),
                SOCK_E_UNSUPPORTED, 0,
                "sendmail 127.0.0.1: 8BITMIME not supported by server");
    leave(s, &t);
}

#define UTF8 "j\xc3\xb6@x"

TEST(smtp_send, utf8)
{
    TALK(t, HELLO, "> 250-x\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
         "< MAIL FROM:<f@x> SMTPUTF8\r\n", OK, RCPT(UTF8), OK, GO, MESSAGE, OK,
         "< MAIL FROM:<" UTF8 "> smtputf8\r\n", OK, RCPT("a@x"), OK, GO,
         MESSAGE, OK, "< MAIL FROM:<" UTF8 "> SMTPUTF8\r\n", OK, RCPT(UTF8), OK,
         "< VRFY " UTF8 " SMTPUTF8\r\n", OK,
         "< MAIL FROM:<" UTF8 "> SMTPUTF8\r\n", OK, RCPT("a@x"), OK, GO,
         MESSAGE, OK, "< MAIL FROM:<a@x> SMTPUTF8\r\n", OK,
         "< EHLO me.example\r\n", OK, BYE);
    sock_smtp_t *s = client(&t);
    const char *to = UTF8;
    const char *no = "SMTPUTF8 not supported by server";
    char text[100];

    check_int(send_hi(s, &to, 1), 0);
    check_int(
        sock_smtp_sendmail(s, UTF8, three, 1, "hi\n", 3, "smtputf8", NULL), 0);
    check_int(sock_smtp_mail(s, UTF8, NULL), 250);
    check_int(sock_smtp_rcpt(s, UTF8, NULL), 250);
    check_int(sock_smtp_verify(s, UTF8), 250);
    check_int(sock_smtp_sendmail(s, UTF8, three, 1, "hi\n", 3, NULL, NULL), 0);
    check_int(sock_smtp_mail(s, "a@x", "SMTPUTF8"), 250);
    check_int(sock_smtp_ehlo(s, NULL), 250);
    snprintf(text, sizeof text, "sendmail 127.0.0.1: %s", no);
    check_fails(send_hi(s, &to, 1), SOCK_E_UNSUPPORTED, 0, text);
    check_fails(
        sock_smtp_sendmail(s, "f@x", three, 1, "hi", 2, "SMTPUTF8", NULL),
        SOCK_E_UNSUPPORTED, 0, text);
    snprintf(text, sizeof text, "mail 127.0.0.1: %s", no);
    check_fails(sock_smtp_mail(s, UTF8, NULL), SOCK_E_UNSUPPORTED, 0, text);
    check_fails(sock_smtp_mail(s, "a@x", "SMTPUTF8"), SOCK_E_UNSUPPORTED, 0,
                text);
    snprintf(text, sizeof text, "rcpt 127.0.0.1: %s", no);
    check_fails(sock_smtp_rcpt(s, UTF8, NULL), SOCK_E_UNSUPPORTED, 0, text);
    leave(s, &t);
}

/* By words of the caller's, as CPython's tests have them. */
TEST(smtp_send, utf8_of_the_options)
{
#define FROM "J\xc5\x91hn"
#define TO "S\xc3\xa1lly"
#define SAYS "\xc2\xa1unicode!"
#define WORDS "BODY=8BITMIME SMTPUTF8"
    TALK(t, HELLO, "> 250-x\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
         "< MAIL FROM:<" FROM "> " WORDS "\r\n", OK, RCPT(TO), OK, GO,
         "< " SAYS "\r\n.\r\n", OK, "< MAIL FROM:<" FROM "> " WORDS "\r\n", OK,
         RCPT(TO), OK, GO, "< " SAYS "\r\n.\r\n", OK, BYE);
    sock_smtp_t *s = client(&t);
    const char *to = TO;

    check_int(
        sock_smtp_sendmail(s, FROM, &to, 1, SAYS, strlen(SAYS), WORDS, NULL),
        0);
    check_int(sock_smtp_has_extn(s, "smtputf8"), 1);
    check_int(sock_smtp_mail(s, FROM, WORDS), 250);
    check_int(sock_smtp_rcpt(s, TO, NULL), 250);
    check_int(sock_smtp_data(s, sock_source_memory(SAYS, strlen(SAYS))), 250);
    leave(s, &t);
}

TEST(smtp_send, some_refused)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), "> 550-no\r\n550 such user\r\n",
         RCPT("b@x"), "> 251 forwards\r\n", RCPT("c@x"), "> 252 perhaps\r\n",
         GO, MESSAGE, OK, MAIL, OK, RCPT("a@x"), OK, GO, MESSAGE, OK, BYE);
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_quoteaddr(NULL, 0, NULL), -1);
    const sock_error_t before = *sock_last_error();
    errno = 1234;
    check_int(send_hi(s, three, 3), 2);
    check_int(errno, 1234);
    check_bytes(sock_last_error(), &before, sizeof before);
    check_refused(s, 0, "a@x", 550, "no\nsuch user");
    check_refused(s, 1, "c@x", 252, "perhaps");
    check(sock_smtp_refused(s, 2) == NULL);
    check_int(send_hi(s, three, 1), 0);
    check(sock_smtp_refused(s, 0) == NULL);
    leave(s, &t);
}

TEST(smtp_send, all_refused)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), "> 550 5.1.1 no such user\r\n",
         RCPT("b@x"), "> 450 later\r\n", RSET, BYE);
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 2), SOCK_E_REPLY, 550,
                "sendmail 127.0.0.1: RCPT TO:<a@x>: 550 5.1.1 no such user");
    check_str(sock_session_text(sock_smtp_session(s)), "5.1.1 no such user");
    check_int(sock_session_code(sock_smtp_session(s)), 550);
    check_refused(s, 1, "b@x", 450, "later");
    leave(s, &t);
}

/* Whoever was refused is tried again. */
TEST(smtp_send, refused_again)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), "> 450 later, and later\r\n",
         RCPT("b@x"), "> 450 later\r\n", RSET, MAIL, OK, RCPT("a@x"),
         "> 450 later, and not before the day after\r\n", RCPT("b@x"), OK, GO,
         MESSAGE, OK, BYE);
    sock_smtp_t *s = client(&t);
    const char *to[2];

    check_fails(send_hi(s, three, 2), SOCK_E_REPLY, 450, error_text());
    for (size_t i = 0; i < 2; i++)
        to[i] = sock_smtp_refused(s, i)->address;
    check_int(send_hi(s, to, 2), 1);
    check_refused(s, 0, "a@x", 450, "later, and not before the day after");
    check(sock_smtp_refused(s, 1) == NULL);
    check_fails(send_hi(s, NULL, 0), SOCK_E_VALUE, 0, "sendmail: no recipient");
    check(sock_smtp_refused(s, 0) == NULL);
    leave(s, &t);
}

TEST(smtp_send, sender_refused)
{
    TALK(t, HELLO, OK, MAIL, "> 553 not you\r\n", "< RSET\r\n",
         "> 500 what\r\n", BYE);
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 3), SOCK_E_REPLY, 553,
                "sendmail 127.0.0.1: MAIL FROM:<f@x>: 553 not you");
    check(sock_smtp_refused(s, 0) == NULL);
    leave(s, &t);
}

/* That it is gone when RSET is said is no news. */
TEST(smtp_send, gone_after_a_refusal)
{
    TALK(t, HELLO, OK, MAIL, "> 451 Requested action aborted\r\n", "!");
    sock_smtp_t *s = client(&t);

    check_fails(
        send_hi(s, three, 1), SOCK_E_REPLY, 451,
        "sendmail 127.0.0.1: MAIL FROM:<f@x>: 451 Requested action aborted");
    check(sock_session_socket(sock_smtp_session(s)) == NULL);
    check_int(sock_session_code(sock_smtp_session(s)), 451);
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, message_refused)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), OK, "< DATA\r\n", "> 451 no\r\n",
         RSET, MAIL, OK, RCPT("a@x"), OK, GO, MESSAGE, "> 554 spam\r\n", RSET,
         BYE);
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 451,
                "sendmail 127.0.0.1: DATA: 451 no");
    check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 554,
                "sendmail 127.0.0.1: DATA: 554 spam");
    leave(s, &t);
}

/* What was refused last is why no one gets it. */
TEST(smtp_send, message_refused_for_the_rest)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), "> 550 no\r\n", RCPT("b@x"), OK,
         GO, MESSAGE, "> 554 spam\r\n", RSET, BYE);
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 2), SOCK_E_REPLY, 554,
                "sendmail 127.0.0.1: DATA: 554 spam");
    check_refused(s, 0, "a@x", 550, "no");
    leave(s, &t);
}

TEST(smtp_send, goodbye_to_sender)
{
    TALK(t, HELLO, OK, MAIL, "> 421 bye\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 421,
                "sendmail 127.0.0.1: MAIL FROM:<f@x>: 421 bye");
    check_fails(send_hi(s, three, 1), SOCK_E_EOF, 0, "sendmail: not connected");
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, goodbye_to_recipient)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), OK, RCPT("b@x"), "> 550 no\r\n",
         RCPT("c@x"), "> 421 bye\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 3), SOCK_E_REPLY, 421,
                "sendmail 127.0.0.1: RCPT TO:<c@x>: 421 bye");
    check_refused(s, 0, "b@x", 550, "no");
    check_refused(s, 1, "c@x", 421, "bye");
    check(sock_session_socket(sock_smtp_session(s)) == NULL);
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, goodbye_to_message)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), OK, GO, MESSAGE, "> 421 bye\r\n",
         "-");
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 421,
                "sendmail 127.0.0.1: DATA: 421 bye");
    check(sock_session_socket(sock_smtp_session(s)) == NULL);
    sock_smtp_free(s);
    talk_end(&t);
}

/* In groups */

#define PIPELINING "> 250-x\r\n250 PIPELINING\r\n"

TEST(smtp_send, group)
{
    TALK(t, HELLO, PIPELINING,
         "< " MAILS RCPTS("a@x") RCPTS("b@x") RCPTS("c@x") "DATA\r\n",
         "> " OKS "550 no\r\n" OKS "251 ok\r\n354 go\r\n", MESSAGE, OK, BYE);
    sock_smtp_t *s = client(&t);

    check_ok(sock_smtp_hello(s));
    __atomic_store_n(&sends, 0, __ATOMIC_RELAXED);
    check_int(send_hi(s, three, 3), 1);
    check_refused(s, 0, "a@x", 550, "no");
    check_int(sock_smtp_quit(s), 0);
    sock_smtp_free(s);
    talk_finish(&t);
    /* two of the message and its group, one of QUIT, and the server's three */
    check_int(sends, 6);
    t.server = NULL;
    check(t.lines[t.at] == NULL);
    free(t.wrong);
}

TEST(smtp_send, group_all_refused)
{
    TALK(t, HELLO, PIPELINING, "< " MAILS RCPTS("a@x") RCPTS("b@x") "DATA\r\n",
         "> " OKS "550 no\r\n551 neither\r\n503 no one\r\n", RSET,
         "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> " OKS "550 no\r\n354 for no one\r\n", "< .\r\n",
         "> 554 no recipients\r\n", RSET, "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> " OKS OKS "354 go\r\n", MESSAGE, OK, BYE);
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 2), SOCK_E_REPLY, 550,
                "sendmail 127.0.0.1: RCPT TO:<a@x>: 550 no");
    check_refused(s, 1, "b@x", 551, "neither");
    check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 550,
                "sendmail 127.0.0.1: RCPT TO:<a@x>: 550 no");
    check_int(send_hi(s, three, 1), 0);
    leave(s, &t);
}

TEST(smtp_send, group_sender_refused)
{
    TALK(t, HELLO, PIPELINING, "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> 550 not you\r\n503 no\r\n503 no\r\n", RSET,
         "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> 550 not you\r\n503 no\r\n354 go\r\n", "< .\r\n", "> 503 no\r\n",
         RSET, "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> 550 not you\r\n250 but her\r\n354 go\r\n", "-");
    sock_smtp_t *s = client(&t);

    for (int i = 0; i < 2; i++)
        check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 550,
                    "sendmail 127.0.0.1: MAIL FROM:<f@x>: 550 not you");
    check_fails(
        send_hi(s, three, 1), SOCK_E_PROTOCOL, SOCK_P_ORDER,
        "sendmail 127.0.0.1: DATA: the server wants what it has refused");
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, group_message_refused)
{
    TALK(t, HELLO, PIPELINING, "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> " OKS OKS "450 full\r\n", RSET, "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> " OKS "550 no\r\n421 bye\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 450,
                "sendmail 127.0.0.1: DATA: 450 full");
    check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 550,
                "sendmail 127.0.0.1: RCPT TO:<a@x>: 550 no");
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, goodbye_to_group)
{
    TALK(t, HELLO, PIPELINING, "< " MAILS RCPTS("a@x") RCPTS("b@x") "DATA\r\n",
         "> " OKS "421 bye\r\n", "-");
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 2), SOCK_E_REPLY, 421,
                "sendmail 127.0.0.1: RCPT TO:<a@x>: 421 bye");
    sock_smtp_free(s);
    talk_end(&t);
}

/* By a server that has said why: the end of the connection says less. */
TEST(smtp_send, hung_up_on)
{
    static const struct {
        int kind, code;
        const char *text;
    } rows[] = {
        {SOCK_E_REPLY, 550, "MAIL FROM:<f@x>: 550 no"},
        {SOCK_E_REPLY, 550, "RCPT TO:<a@x>: 550 no"},
        {SOCK_E_EOF, 0, "DATA: Connection unexpectedly closed"},
        {SOCK_E_EOF, 0, "RCPT TO:<b@x>: Connection unexpectedly closed"},
        {SOCK_E_EOF, 0, "MAIL FROM:<f@x>: Connection unexpectedly closed"}};
    char text[100];
#define ALL "< " MAILS RCPTS("a@x") RCPTS("b@x") "DATA\r\n"
    TALK(t, HELLO, PIPELINING, ALL, "> 550 no\r\n", "!", HELLO, PIPELINING, ALL,
         "> " OKS "550 no\r\n450 b\r\n", "!", HELLO, PIPELINING, ALL,
         "> " OKS OKS "550 no\r\n", "!", HELLO, PIPELINING, ALL,
         "> " OKS "550 no\r\n", "!", HELLO, PIPELINING, ALL, "!");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_smtp_t *s = client(&t);
        snprintf(text, sizeof text, "sendmail 127.0.0.1: %s", rows[i].text);
        check_fails(send_hi(s, three, 2), rows[i].kind, rows[i].code, text);
        check_fails(sock_smtp_noop(s), SOCK_E_EOF, 0, "noop: not connected");
        sock_smtp_free(s);
    }
    talk_end(&t);
}

/* Whoever is shown a line closes the socket when that has been shown so often.
 */
struct closing {
    sock_t *sock;
    int left;
};

static void close_then(void *arg, char direction, const char *line, size_t n)
{
    struct closing *closing = arg;

    (void)line, (void)n;
    if (direction == '<' && --closing->left == 0)
        check_ok(sock_close(closing->sock));
}

TEST(smtp_send, socket_that_is_closed_below)
{
    TALK(t, HELLO, PIPELINING, "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> " OKS OKS "354 go\r\n", "-");
    sock_smtp_t *s = client(&t);
    sock_session_t *c = sock_smtp_session(s);
    struct closing closing = {sock_session_socket(c), 1};

    check_ok(sock_smtp_hello(s));
    check_ok(sock_session_set_trace(c, close_then, &closing));
    check_fails(send_hi(s, three, 1), SOCK_E_OS, EBADF, error_text());
    check(sock_session_socket(c) == NULL);
    sock_smtp_free(s);
    talk_end(&t);
}

/* What ends it otherwise is no word of the server, and is said. */
TEST(smtp_send, refused_and_closed_below)
{
    TALK(t, HELLO, PIPELINING, "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> 550 no\r\n", "-");
    sock_smtp_t *s = client(&t);
    sock_session_t *c = sock_smtp_session(s);
    struct closing closing = {sock_session_socket(c), 1};

    check_ok(sock_smtp_hello(s));
    check_ok(sock_session_set_trace(c, close_then, &closing));
    check_fails(send_hi(s, three, 1), SOCK_E_OS, EBADF, error_text());
    sock_smtp_free(s);
    talk_end(&t);
}

/* A server that closes before it has heard all resets the connection. */
TEST(smtp_send, reset_after_a_refusal)
{
    static const char says[] = "250-x\r\n250 PIPELINING\r\n550 no\r\n";
    sock_smtp_t *s = check_made(sock_smtp_new(NULL, 0, &options));
    sock_session_t *c = sock_smtp_session(s);
    struct pair p = unix_pair(SOCK_STREAM);
    struct closing closing = {p.b, 3};

    check_ok(sock_sendall(p.b, says, strlen(says), 0));
    check_ok(sock__session_adopt(c, "test", p.a));
    check_ok(sock_session_set_trace(c, close_then, &closing));
    check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 550,
                "sendmail the server: MAIL FROM:<f@x>: 550 no");
    sock_smtp_free(s);
    sock_free(p.b);
}

/* 250 recipients are three groups; one of them is refused. */
TEST(smtp_send, groups)
{
    static char said[3][12000], heard[3][12000], names[250][20];
    static const char *to[250];
    int n[2] = {0, 0}, group = 0;

    for (int i = 0; i < 250; i++) {
        snprintf(names[i], sizeof names[i], "r%d@x", i);
        to[i] = names[i];
    }
    n[0] = sprintf(said[0], "< " MAILS);
    n[1] = sprintf(heard[0], "> " OKS);
    for (int i = 1; i <= 251; i++) {
        if (i == 102 || i == 204) {
            group++;
            n[0] = sprintf(said[group], "< ");
            n[1] = sprintf(heard[group], "> ");
        }
        if (i <= 250)
            n[0] += sprintf(said[group] + n[0], RCPTS("%s"), to[i - 1]);
        else
            n[0] += sprintf(said[group] + n[0], "DATA\r\n");
        n[1] += sprintf(heard[group] + n[1], "%d\r\n",
                        i == 251   ? 354
                        : i == 120 ? 550
                                   : 250);
    }
    TALK(t, HELLO, PIPELINING, said[0], heard[0], said[1], heard[1], said[2],
         heard[2], MESSAGE, OK, BYE);
    sock_smtp_t *s = client(&t);

    check_int(send_hi(s, to, 250), 1);
    check_refused(s, 0, "r119@x", 550, "");
    leave(s, &t);
}

/* Streams */

static ssize_t read_none(void *arg, void *data, size_t size)
{
    (void)arg, (void)data, (void)size;
    return -1;
}

TEST(smtp_send, from_a_file)
{
    TALK(t, HELLO, "> 250-x\r\n250-SIZE 9\r\n250 8BITMIME\r\n",
         "< MAIL FROM:<f@x> BODY=8BITMIME\r\n", OK, RCPT("a@x"), OK, GO,
         "< \xff\r\n.\r\n", OK, "< MAIL FROM:<f@x> SIZE=3 BODY=7BIT\r\n", OK,
         RCPT("a@x"), OK, GO, "< a\r\n.\r\n", OK, BYE);
    sock_smtp_t *s = client(&t);
    FILE *f = check_made(tmpfile());

    fputs("\xff\n", f);
    rewind(f);
    check_int(sock_smtp_send_from(s, "f@x", three, 1, sock_source_file(f), -1,
                                  NULL, NULL),
              0);
    rewind(f);
    fputs("a\n", f);
    rewind(f);
    check_int(sock_smtp_send_from(s, "f@x", three, 1, sock_source_file(f), 3,
                                  "BODY=7BIT", NULL),
              0);
    fclose(f);
    leave(s, &t);
}

TEST(smtp_send, from_a_file_over_127)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), OK, GO, "-");
    sock_smtp_t *s = client(&t);
    FILE *f = check_made(tmpfile());

    fputs("a\n\x80\n", f);
    rewind(f);
    check_fails(sock_smtp_send_from(s, "f@x", three, 1, sock_source_file(f), -1,
                                    NULL, NULL),
                SOCK_E_UNSUPPORTED, 0,
                "sendmail 127.0.0.1: 8BITMIME not supported by server");
    check_fails(sock_smtp_noop(s), SOCK_E_EOF, 0, "noop: not connected");
    fclose(f);
    sock_smtp_free(s);
    talk_end(&t);
}

/* What is looked at on its way is sent as it is. */
TEST(smtp_send, from_a_file_to_127)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), OK, GO, "< a\x7f\r\n.\r\n", OK,
         BYE);
    sock_smtp_t *s = client(&t);
    FILE *f = check_made(tmpfile());

    fputs("a\x7f\n", f);
    rewind(f);
    check_int(sock_smtp_send_from(s, "f@x", three, 1, sock_source_file(f), -1,
                                  NULL, NULL),
              0);
    fclose(f);
    leave(s, &t);
}

TEST(smtp_send, from_memory_by_a_source)
{
    TALK(t, HELLO, "> 250-x\r\n250 SIZE\r\n", "< MAIL FROM:<f@x> SIZE=4\r\n",
         OK, RCPT("a@x"), OK, GO, MESSAGE, OK, BYE);
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_send_from(s, "f@x", three, 1,
                                  sock_source_memory("hi\n", 3), -1, NULL,
                                  NULL),
              0);
    leave(s, &t);
}

TEST(smtp_send, source_fails)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), OK, GO, "-");
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_send_from(s, "f@x", three, 1,
                                    (sock_source_t){.read = read_none}, -1,
                                    NULL, NULL),
                SOCK_E_CANCELLED, 0, error_text());
    check_fails(sock_smtp_noop(s), SOCK_E_EOF, 0, "noop: not connected");
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, descriptor_fails)
{
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), OK, GO, "-");
    sock_smtp_t *s = client(&t);

    check_fails(sock_smtp_send_from(s, "f@x", three, 1, sock_source_fd(-1), -1,
                                    NULL, NULL),
                SOCK_E_OS, EBADF,
                "sendmail 127.0.0.1: DATA: [Errno 9] Bad file descriptor");
    sock_smtp_free(s);
    talk_end(&t);
}

/* Of several commands that were said at once it is the one whose reply has not
 * come. */
TEST(smtp_send, what_was_asked_when_it_was_closed)
{
    TALK(t, HELLO, PIPELINING, "< " MAILS RCPTS("a@x") "DATA\r\n", OK, "!");
    sock_smtp_t *s = client(&t);

    check_fails(send_hi(s, three, 1), SOCK_E_EOF, 0,
                "sendmail 127.0.0.1: RCPT TO:<a@x>: Connection unexpectedly "
                "closed");
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, large)
{
    static char said[200100], heard[200100];
    size_t n = 0;

    n = (size_t)sprintf(said, "< ");
    while (n < 200000) {
        memcpy(said + n, "..0123456789\r\n", 14);
        n += 14;
    }
    strcpy(said + n, ".\r\n");
    size_t size = 0;
    for (size_t i = 2; i < n; i++)
        if (said[i] != '\r' && !(said[i] == '.' && said[i - 1] == '.'))
            heard[size++] = said[i];
    TALK(t, HELLO, OK, MAIL, OK, RCPT("a@x"), OK, GO, said, OK, BYE);
    sock_smtp_t *s = client(&t);

    check_int(sock_smtp_sendmail(s, "f@x", three, 1, heard, size, NULL, NULL),
              0);
    leave(s, &t);
}

/* A message without an end; the server has enough of it before. */
static ssize_t read_endless(void *arg, void *data, size_t size)
{
    size_t *left = arg;

    check(*left > size);
    *left -= size;
    memset(data, 'x', size);
    return (ssize_t)size;
}

TEST(smtp_send, refused_in_the_middle)
{
    TALK(t, HELLO, PIPELINING, "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> " OKS OKS "354 go\r\n552-5.3.4 too\r\n552 much\r\n", "!");
    sock_smtp_t *s = client(&t);
    sock_session_t *c = sock_smtp_session(s);
    size_t left = 1 << 28;

    check_fails(
        sock_smtp_send_from(s, "f@x", three, 1,
                            (sock_source_t){.read = read_endless, .arg = &left},
                            -1, NULL, NULL),
        SOCK_E_REPLY, 552, "sendmail 127.0.0.1: DATA: 552 5.3.4 too much");
    check_int(sock_session_code(c), 552);
    check_str(sock_session_text(c), "5.3.4 too\nmuch");
    check(sock_session_socket(c) == NULL);
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, goodbye_in_the_middle)
{
    TALK(t, HELLO, OK, "< DATA\r\n", "> 354 go\r\n421 bye\r\n", "!");
    sock_smtp_t *s = client(&t);
    size_t left = 1 << 28;

    check_ok(sock_smtp_hello(s));
    check_fails(
        sock_smtp_data(s, (sock_source_t){.read = read_endless, .arg = &left}),
        SOCK_E_REPLY, 421, "data 127.0.0.1: DATA: 421 bye");
    check(sock_session_socket(sock_smtp_session(s)) == NULL);
    sock_smtp_free(s);
    talk_end(&t);
}

/* LMTP */

#define LHLO "> 220 hi\r\n", "< LHLO me.example\r\n"

static sock_smtp_t *lmtp(const struct talk *t)
{
    return check_made(sock_lmtp_new("127.0.0.1", t->port, &options));
}

TEST(smtp_send, lmtp)
{
    TALK(t, LHLO, PIPELINING,
         "< " MAILS RCPTS("a@x") RCPTS("b@x") RCPTS("c@x") "DATA\r\n",
         "> " OKS OKS "550 no\r\n" OKS "354 go\r\n", MESSAGE,
         "> 452 4.2.2 full\r\n250 kept\r\n", "< NOOP\r\n", OK, BYE);
    sock_smtp_t *s = lmtp(&t);

    check_int(send_hi(s, three, 3), 2);
    check_refused(s, 0, "b@x", 550, "no");
    check_refused(s, 1, "a@x", 452, "4.2.2 full");
    check_int(sock_smtp_noop(s), 250);
    check_str(sock_session_text(sock_smtp_session(s)), "ok");
    leave(s, &t);
}

TEST(smtp_send, lmtp_all_refused_at_last)
{
    TALK(t, LHLO, OK, MAIL, OK, RCPT("a@x"), OK, RCPT("b@x"), OK, GO, MESSAGE,
         "> 452 full\r\n550 gone\r\n", RSET, BYE);
    sock_smtp_t *s = lmtp(&t);

    check_fails(send_hi(s, three, 2), SOCK_E_REPLY, 550,
                "sendmail 127.0.0.1: DATA: 550 gone");
    check_refused(s, 0, "a@x", 452, "full");
    check_refused(s, 1, "b@x", 550, "gone");
    leave(s, &t);
}

TEST(smtp_send, lmtp_all_refused)
{
    TALK(t, LHLO, OK, MAIL, OK, RCPT("a@x"), OK, RCPT("b@x"), "> 550 no\r\n",
         GO, MESSAGE, "> 452 full\r\n", RSET, BYE);
    sock_smtp_t *s = lmtp(&t);

    check_fails(send_hi(s, three, 2), SOCK_E_REPLY, 550,
                "sendmail 127.0.0.1: RCPT TO:<b@x>: 550 no");
    check_refused(s, 0, "b@x", 550, "no");
    check_refused(s, 1, "a@x", 452, "full");
    leave(s, &t);
}

/* Between what became of it for one recipient and for the next. */
TEST(smtp_send, lmtp_socket_that_is_closed_below)
{
    TALK(t, LHLO, PIPELINING, "< " MAILS RCPTS("a@x") RCPTS("b@x") "DATA\r\n",
         "> " OKS OKS OKS "354 go\r\n", MESSAGE, "> 250 kept\r\n", "-");
    sock_smtp_t *s = lmtp(&t);
    sock_session_t *c = sock_smtp_session(s);
    struct closing closing = {sock_session_socket(c), 5};

    check_ok(sock_smtp_hello(s));
    check_ok(sock_session_set_trace(c, close_then, &closing));
    check_fails(send_hi(s, three, 2), SOCK_E_OS, EBADF, error_text());
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, lmtp_goodbye)
{
    TALK(t, LHLO, OK, MAIL, OK, RCPT("a@x"), OK, RCPT("b@x"), OK, RCPT("c@x"),
         OK, GO, MESSAGE, "> 250 kept\r\n421 bye\r\n", "-");
    sock_smtp_t *s = lmtp(&t);

    check_int(send_hi(s, three, 3), 2);
    check_refused(s, 0, "b@x", 421, "bye");
    check_refused(s, 1, "c@x", 421, "bye");
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, lmtp_wants_it_for_no_one)
{
    TALK(t, LHLO, PIPELINING, "< " MAILS RCPTS("a@x") "DATA\r\n",
         "> " OKS "550 no\r\n354 go\r\n", "-");
    sock_smtp_t *s = lmtp(&t);

    check_fails(
        send_hi(s, three, 1), SOCK_E_PROTOCOL, SOCK_P_ORDER,
        "sendmail 127.0.0.1: DATA: the server wants what it has refused");
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(smtp_send, lmtp_by_commands)
{
    TALK(t, LHLO, OK, MAIL, OK, RCPT("a@x"), OK, RCPT("b@x"), OK, RCPT("c@x"),
         "> 550 no\r\n", GO, MESSAGE, "> 250 kept\r\n452 full\r\n",
         "< RSET\r\n", OK, "< DATA\r\n", "> 354 go\r\n", MESSAGE, OK, BYE);
    sock_smtp_t *s = lmtp(&t);
    const sock_source_t hi = sock_source_memory("hi", 2);

    check_ok(sock_smtp_hello(s));
    check_int(sock_smtp_mail(s, "f@x", NULL), 250);
    check_int(sock_smtp_rcpt(s, "a@x", NULL), 250);
    check_int(sock_smtp_rcpt(s, "b@x", NULL), 250);
    check_int(sock_smtp_rcpt(s, "c@x", NULL), 550);
    check_int(sock_smtp_data(s, hi), 452);
    check_refused(s, 0, "b@x", 452, "full");
    check(sock_smtp_refused(s, 1) == NULL);
    check_int(sock_smtp_rset(s), 250);
    check_int(sock_smtp_data(s, hi), 250);
    leave(s, &t);
}

/* What was begun is taken back: there is no one to hear of. */
TEST(smtp_send, lmtp_reset)
{
    TALK(t, LHLO, OK, MAIL, OK, RCPT("a@x"), OK, RCPT("b@x"), OK, RSET,
         "< DATA\r\n", "> 354 go\r\n", MESSAGE, OK, BYE);
    sock_smtp_t *s = lmtp(&t);

    check_ok(sock_smtp_hello(s));
    check_int(sock_smtp_mail(s, "f@x", NULL), 250);
    check_int(sock_smtp_rcpt(s, "a@x", NULL), 250);
    check_int(sock_smtp_rcpt(s, "b@x", NULL), 250);
    check_int(sock_smtp_rset(s), 250);
    check_int(sock_smtp_data(s, sock_source_memory("hi", 2)), 250);
    leave(s, &t);
}

/* Who is forwarded to has a reply, too; the first that is none of success is
 * what became of the message. */
TEST(smtp_send, lmtp_forwards)
{
    TALK(t, LHLO, OK, MAIL, OK, RCPT("a@x"), "> 251 forward\r\n", RCPT("b@x"),
         OK, GO, MESSAGE, "> 452 full\r\n250 kept\r\n", BYE);
    sock_smtp_t *s = lmtp(&t);

    check_ok(sock_smtp_hello(s));
    check_int(sock_smtp_mail(s, "f@x", NULL), 250);
    check_int(sock_smtp_rcpt(s, "a@x", NULL), 251);
    check_int(sock_smtp_rcpt(s, "b@x", NULL), 250);
    check_int(sock_smtp_data(s, sock_source_memory("hi", 2)), 452);
    check_refused(s, 0, "a@x", 452, "full");
    leave(s, &t);
}

TEST(smtp_send, lmtp_no_helo)
{
    TALK(t, LHLO, "> 500 no\r\n", BYE);
    sock_smtp_t *s = lmtp(&t);

    check_fails(send_hi(s, three, 1), SOCK_E_REPLY, 500,
                "sendmail 127.0.0.1: LHLO me.example: 500 no");
    leave(s, &t);
}

/* However it is cut */

static const char *const whole[] = {
    HELLO,
    PIPELINING,
    "< " MAILS RCPTS("a@x") RCPTS("b@x") "DATA\r\n",
    "> 250-o\r\n250 k\r\n550 no\r\n" OKS "354 go\r\n",
    MESSAGE,
    OK,
    BYE,
    NULL};
static const char *const whole_lmtp[] = {
    LHLO,
    PIPELINING,
    "< " MAILS RCPTS("a@x") RCPTS("b@x") "DATA\r\n",
    "> 250-o\r\n250 k\r\n" OKS OKS "354 go\r\n",
    MESSAGE,
    "> 250 kept\r\n450-la\r\n450 ter\r\n",
    BYE,
    NULL};

static long size_said(const char *const *lines)
{
    long n = 0;
    for (; *lines != NULL; lines++)
        n += (*lines)[0] == '>' ? (long)strlen(*lines) - 2 : 0;
    return n;
}

/* 1 if all of it went well; else what failed must be the connection. */
static int send_all(struct talk *t, bool is_lmtp, double timeout)
{
    sock_session_opts_t o = options;
    o.timeout = timeout;
    sock_smtp_t *s = is_lmtp ? sock_lmtp_new("127.0.0.1", t->port, &o)
                             : sock_smtp_new("127.0.0.1", t->port, &o);
    int done = s != NULL && send_hi(s, three, 2) == 1 && sock_smtp_quit(s) == 0;

    if (!done) {
        int kind = sock_last_error()->kind;
        check_that(kind == (t->stalls ? SOCK_E_TIMEOUT : SOCK_E_EOF), "%s",
                   error_text());
        if (s != NULL)
            check_int(sock_smtp_noop(s), -1);
    }
    sock_smtp_free(s);
    talk_finish(t);
    free(t->wrong);
    return done;
}

TEST(smtp_send, bytes)
{
    for (int i = 0; i < 2; i++) {
        struct talk t = {.most = -1, .bytes = true};
        talk_begin(&t, i ? whole_lmtp : whole);
        check_int(send_all(&t, i != 0, 10), 1);
    }
}

TEST(smtp_send, cut_at_each_byte)
{
    for (int i = 0; i < 2; i++) {
        const char *const *lines = i ? whole_lmtp : whole;
        long n = size_said(lines);
        for (long most = 0; most < n; most++) {
            struct talk t = {.most = most};
            talk_begin(&t, lines);
            check_that(send_all(&t, i != 0, 10) == 0, "%ld of %ld", most, n);
        }
    }
}

TEST(smtp_send, stalls_at_each_byte)
{
    long n = size_said(whole);
    for (long most = 0; most < n; most += 5) {
        struct talk t = {.most = most, .stalls = true};
        talk_begin(&t, whole);
        check_int(send_all(&t, false, 0.02), 0);
    }
}

/* All that a server says, with a byte more somewhere, or once more: whatever it
 * means then, the call ends, and says what it makes of it. */

static int hear_all_of(const char *said, size_t n, bool is_lmtp)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_smtp_t *s = check_made(is_lmtp ? sock_lmtp_new(NULL, 0, &options)
                                        : sock_smtp_new(NULL, 0, &options));

    check_ok(sock_sendall(p.b, said, n, 0));
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_ok(sock__session_adopt(sock_smtp_session(s), "test", p.a));
    int result = sock_smtp_getreply(s);
    result = result < 0 ? -1 : send_hi(s, three, 2);
    if (result < 0) {
        int kind = sock_last_error()->kind;
        check_that(kind == SOCK_E_PROTOCOL || kind == SOCK_E_EOF ||
                       kind == SOCK_E_REPLY,
                   "%s", error_text());
    }
    sock_smtp_free(s);
    sock_free(p.b);
    return result;
}

static size_t all_said(const char *const *lines, char *said)
{
    size_t n = 0;
    for (; *lines != NULL; lines++)
        if ((*lines)[0] == '>')
            n += (size_t)sprintf(said + n, "%s", *lines + 2);
    return n;
}

TEST(smtp_send, bytes_put_in)
{
    static const char bytes[] = {'\0', '\r', '\n', '-', ' ', '9'};
    char said[1000], more[1001];

    for (int i = 0; i < 2; i++) {
        size_t n = all_said(i ? whole_lmtp : whole, said);
        check_int(hear_all_of(said, n, i != 0), 1);
        for (size_t at = 0; at <= n; at++)
            for (size_t k = 0; k < sizeof bytes; k++) {
                memcpy(more, said, at);
                more[at] = bytes[k];
                memcpy(more + at + 1, said + at, n - at);
                hear_all_of(more, n + 1, i != 0);
            }
    }
}

TEST(smtp_send, said_twice)
{
    char more[2000];

    for (int i = 0; i < 2; i++) {
        const char *const *lines = i ? whole_lmtp : whole;
        for (size_t twice = 0; lines[twice] != NULL; twice++) {
            const char *again[32];
            size_t n = 0;
            for (size_t k = 0; lines[k] != NULL; k++) {
                again[n++] = lines[k];
                if (k == twice)
                    again[n++] = lines[k];
            }
            again[n] = NULL;
            hear_all_of(more, all_said(again, more), i != 0);
        }
    }
}
