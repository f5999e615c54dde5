/* SPDX-License-Identifier: MIT */
/* Each allocation of a client is refused once: the call says so, nothing is
 * lost, and a session that is out of step is closed. */
#include <pysockc/smtp.h>

#include <stdio.h>
#include <string.h>

#include "session.h"
#include "starve.h"
#include "support.h"

static const sock_session_opts_t options = {
    .size = sizeof options, .timeout = 10, .local_hostname = "me.example"};

static const char *const to[] = {"a@x", "b@x", "c@x"};

/* A client over a pair, the other end of which has said all already; for that
 * there is memory. */
static sock_smtp_t *over(struct pair *p, bool is_lmtp, const char *said)
{
    int at = fail_at;

    fail_at = 0;
    sock_smtp_t *s = check_made(is_lmtp ? sock_lmtp_new(NULL, 0, &options)
                                        : sock_smtp_new(NULL, 0, &options));
    *p = unix_pair(SOCK_STREAM);
    check_ok(sock_sendall(p->b, said, strlen(said), 0));
    check_ok(sock__session_adopt(sock_smtp_session(s), "test", p->a));
    p->a = NULL;
    fail_at = at;
    return s;
}

TEST(smtp_memory, clients)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        sock_smtp_t *s = sock_smtp_new(NULL, 0, &options);
        fail_at = 0;
        if (s == NULL)
            check_no_memory("SMTP");
        sock_smtp_free(s);
    }
}

/* What has failed has for want of memory. */
static void end(sock_smtp_t *s, int result, struct pair *p)
{
    if (result < 0) {
        check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        check_int(errno, ENOMEM);
    }
    sock_smtp_free(s);
    sock_free(p->b);
}

TEST(smtp_memory, hello)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        struct pair p;
        sock_smtp_t *s = over(&p, false, "250-hi\r\n250-SIZE 1\r\n250 DSN\r\n");
        int result = sock_smtp_hello(s);
        fail_at = 0;
        if (result == 0)
            check_str(sock_smtp_extn(s, "size"), "1");
        end(s, result, &p);
    }
}

/* What it offers is known whole, or not at all. */
TEST(smtp_memory, many_offers)
{
    char said[1400] = "250-hi\r\n250-SIZE 1\r\n250 X ";
    size_t n = strlen(said);

    need_own_memory();
    memset(said + n, 'x', 1200);
    strcpy(said + n + 1200, "\r\n");
    FOR_EACH_REFUSAL(refused)
    {
        struct pair p;
        sock_smtp_t *s = over(&p, false, said);
        int result = sock_smtp_hello(s);
        fail_at = 0;
        check_int(sock_smtp_has_extn(s, "size"), result == 0);
        end(s, result, &p);
    }
}

static const char all[] =
    "250-hi\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n"
    "354 go\r\n250 kept\r\n452 full\r\n";

static void check_sending(bool is_lmtp)
{
    FOR_EACH_REFUSAL(refused)
    {
        struct pair p;
        sock_smtp_t *s = over(&p, is_lmtp, all);
        int result = sock_smtp_sendmail(s, "f@x", to, 3, "hi\n", 3, NULL, NULL);
        fail_at = 0;
        if (result >= 0)
            check_int(result, is_lmtp ? 2 : 1);
        end(s, result, &p);
    }
}

TEST(smtp_memory, sending)
{
    need_own_memory();
    check_sending(false);
    check_sending(true);
}

/* A message that was begun is not left so: the next would be behind it. */
TEST(smtp_memory, a_recipient_of_many_words)
{
    char words[1021], heard[3000];

    need_own_memory();
    memset(words, 'x', 1020);
    words[1020] = '\0';
    FOR_EACH_REFUSAL(refused)
    {
        struct pair p;
        sock_smtp_t *s = over(&p, false,
                              "250 hi\r\n250 ok\r\n250 ok\r\n354 go\r\n"
                              "250 kept\r\n");
        int result = sock_smtp_sendmail(s, "f@x", to, 1, "hi", 2, NULL, words);
        fail_at = 0;
        check(result == 0 || sock_last_error()->kind == SOCK_E_MEMORY);
        bool open = sock_session_socket(sock_smtp_session(s)) != NULL;
        ssize_t n = sock_recv(p.b, heard, sizeof heard - 1, MSG_DONTWAIT);
        heard[n > 0 ? n : 0] = '\0';
        check(result == 0 || !open || strstr(heard, "MAIL") == NULL);
        sock_smtp_free(s);
        sock_free(p.b);
    }
}

/* What is refused is, whatever memory there is to say so. */
TEST(smtp_memory, refusals)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        struct pair p;
        sock_smtp_t *s =
            over(&p, false, "250 hi\r\n550 no\r\n250 ok\r\n250 ok\r\n");
        int result = sock_smtp_sendmail(s, "f@x", to, 1, "hi", 2, NULL, NULL);
        fail_at = 0;
        check_int(result, -1);
        check(sock_last_error()->kind == SOCK_E_MEMORY ||
              sock_last_error()->kind == SOCK_E_REPLY);
        check_that(refused || sock_last_error()->code == 550, "%s",
                   error_text());
        sock_smtp_free(s);
        sock_free(p.b);
    }
}

TEST(smtp_memory, login)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        struct pair p;
        sock_smtp_t *s =
            over(&p, false,
                 "250-hi\r\n250 AUTH LOGIN\r\n334 UGFzc3dvcmQ6\r\n235 ok\r\n");
        int result = sock_smtp_login(s, "u", "p");
        fail_at = 0;
        end(s, result, &p);
    }
}

TEST(smtp_memory, commands)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        struct pair p;
        sock_smtp_t *s =
            over(&p, true, "250 ok\r\n250 ok\r\n354 go\r\n550 no\r\n");
        int result = sock_smtp_mail(s, "f@x", "A=b");
        if (result >= 0)
            result = sock_smtp_rcpt(s, "a@x", NULL);
        if (result >= 0)
            result = sock_smtp_data(s, sock_source_memory("hi", 2));
        fail_at = 0;
        if (result >= 0) {
            char said[200] = "";
            check_int(result, 550);
            check(sock_smtp_refused(s, 0) != NULL);
            check(sock_recv(p.b, said, sizeof said - 1, 0) > 0);
            check_str(said, "MAIL FROM:<f@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n"
                            "hi\r\n.\r\n");
        }
        end(s, result, &p);
    }
}
