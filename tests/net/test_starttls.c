/* SPDX-License-Identifier: MIT */
/* TLS that begins in the middle of a conversation: what was said before could
 * be anyone's word, and counts no more. By a context that does nothing. */
#include <pysockc/net.h>

#include "imap_script.h"
#include "private.h"
#include "session.h"
#include "talk.h"

static const sock_session_opts_t options = {
    .size = sizeof options, .timeout = 10, .local_hostname = "me.example"};

/* TLS that is none */

static sock_t *wrap(sock_tls_t *tls, sock_t *s,
                    const struct sock__tls_terms *terms)
{
    (void)tls;
    return sock__move(s, terms->op);
}

static bool is_secure(const sock_t *s)
{
    (void)s;
    return true;
}

static void do_nothing(sock_tls_t *tls)
{
    (void)tls;
}

static const struct sock__tls_ops ops = {.wrap = wrap,
                                         .is_secure = is_secure,
                                         .hold = do_nothing,
                                         .let_go = do_nothing};
static sock_tls_t tls = {&ops};

/* Nothing of the conversation is left. */
static void check_forgotten(sock_session_t *c)
{
    check_int(sock_session_secure(c), 1);
    check_int(sock_session_code(c), 0);
    check_str(sock_session_text(c), "");
}

/* What came behind the go-ahead is not heard. */
static void check_injected(int result, const sock_session_t *c)
{
    check_fails(result, SOCK_E_PROTOCOL, SOCK_P_ORDER, error_text());
    check(sock_session_socket(c) == NULL);
}

TEST(starttls, smtp)
{
    TALK(t, "> 220 hi\r\n", "< EHLO me.example\r\n",
         "> 250-hi\r\n250-STARTTLS\r\n250 SIZE\r\n", "< STARTTLS\r\n",
         "> 220 go\r\n", "-");
    sock_smtp_t *s = check_made(sock_smtp_new("127.0.0.1", t.port, &options));
    check_ok(sock_smtp_hello(s));
    check_int(sock_smtp_has_extn(s, "SIZE"), 1);
    check_ok(sock_smtp_starttls(s, &tls));
    check_int(sock_smtp_has_extn(s, "SIZE"), 0);
    check_forgotten(sock_smtp_session(s));
    check_fails(sock_smtp_starttls(s, &tls), SOCK_E_VALUE, 0, error_text());
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(starttls, smtp_injection)
{
    TALK(t, "> 220 hi\r\n", "< EHLO me.example\r\n",
         "> 250-hi\r\n250 STARTTLS\r\n", "< STARTTLS\r\n",
         "> 220 go\r\n250 SIZE\r\n", "-");
    sock_smtp_t *s = check_made(sock_smtp_new("127.0.0.1", t.port, &options));
    check_injected(sock_smtp_starttls(s, &tls), sock_smtp_session(s));
    sock_smtp_free(s);
    talk_end(&t);
}

TEST(starttls, pop3)
{
    TALK(t, "> +OK hi <a@b>\r\n", "< CAPA\r\n", "> +OK\r\nSTLS\r\n.\r\n",
         "< STLS\r\n", "> +OK go\r\n", "-");
    sock_pop3_t *p = check_made(sock_pop3_new("127.0.0.1", t.port, &options));
    check_ok(sock_pop3_stls(p, &tls));
    check_str(sock_pop3_getwelcome(p), "");
    check_forgotten(sock_pop3_session(p));
    check_int(sock_pop3_apop(p, "a", "b"), -1);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
    check_fails(sock_pop3_stls(p, &tls), SOCK_E_VALUE, 0, error_text());
    sock_pop3_free(p);
    talk_end(&t);
}

TEST(starttls, pop3_injection)
{
    TALK(t, "> +OK hi\r\n", "< CAPA\r\n", "> +OK\r\nSTLS\r\n.\r\n",
         "< STLS\r\n", "> +OK go\r\n+OK\r\n", "-");
    sock_pop3_t *p = check_made(sock_pop3_new("127.0.0.1", t.port, &options));
    check_injected(sock_pop3_stls(p, &tls), sock_pop3_session(p));
    sock_pop3_free(p);
    talk_end(&t);
}

TEST(starttls, nntp)
{
    TALK(t, "> 200 hi\r\n", "< CAPABILITIES\r\n",
         "> 101 so\r\nVERSION 2\r\nOVER\r\n.\r\n", "< STARTTLS\r\n",
         "> 382 go\r\n", "< CAPABILITIES\r\n", "> 500 what?\r\n", "-");
    sock_nntp_t *n = check_made(sock_nntp_new("127.0.0.1", t.port, &options));
    check_int(sock_nntp_has(n, "OVER"), 1);
    check_ok(sock_nntp_starttls(n, &tls));
    check_int(sock_nntp_has(n, "OVER"), 0);
    check_str(sock_nntp_getwelcome(n), "");
    check_str(sock_session_text(sock_nntp_session(n)), "what?");
    check_fails(sock_nntp_starttls(n, &tls), SOCK_E_VALUE, 0, error_text());
    sock_nntp_free(n);
    talk_end(&t);
}

TEST(starttls, nntp_injection)
{
    TALK(t, "> 200 hi\r\n", "< CAPABILITIES\r\n", "> 500 what?\r\n",
         "< STARTTLS\r\n", "> 382 go\r\n101 so\r\nOVER\r\n.\r\n", "-");
    sock_nntp_t *n = check_made(sock_nntp_new("127.0.0.1", t.port, &options));
    check_injected(sock_nntp_starttls(n, &tls), sock_nntp_session(n));
    sock_nntp_free(n);
    talk_end(&t);
}

static size_t count(sock_imap_t *m, const char *code)
{
    sock_lines_t *l = check_made(sock_imap_response(m, code));
    size_t n = l->count;
    sock_lines_free(l);
    return n;
}

TEST(starttls, imap)
{
    sock_imap_t *m = IMAP_MADE(
        "* OK [CAPABILITY IMAP4rev1 STARTTLS IDLE LITERAL+] hi\r\n",
        "* 77 EXISTS\r\n* ENABLED UTF8=ACCEPT\r\n* LIST () \"/\" evil\r\n"
        "$ OK [ALERT] go\r\n",
        "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n$ OK so\r\n",
        "$ OK [CAPABILITY IMAP4rev1] x\r\n");
    check_ok(sock_imap_starttls(m, &tls));
    check_int(sock_imap_has(m, "IDLE"), 0);
    check_int(sock_imap_has(m, "AUTH=PLAIN"), 1);
    check_int(count(m, "EXISTS"), 0);
    check_int(count(m, "LIST"), 0);
    check_int(count(m, "ALERT"), 0);
    check_str(sock_session_text(sock_imap_session(m)), "so");
    check_fails(sock_imap_starttls(m, &tls), SOCK_E_VALUE, 0, error_text());
    check_ok(sock_imap_login(m, "a", "b"));
    imap_told(m, "$ STARTTLS\n$ CAPABILITY\n$ LOGIN a \"b\"\n");
}

TEST(starttls, imap_injection)
{
    sock_imap_t *m = IMAP_MADE("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n",
                               "$ OK go\r\n* 77 EXISTS\r\n");
    check_injected(sock_imap_starttls(m, &tls), sock_imap_session(m));
    check_int(count(m, "EXISTS"), 0);
    imap_told(m, "$ STARTTLS\n");
}

/* A session that someone has logged in to is not that of who asks for TLS. */
TEST(starttls, imap_preauth)
{
    sock_imap_t *m =
        IMAP_MADE("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n");
    check_fails(sock_imap_starttls(m, &tls), SOCK_E_VALUE, 0, error_text());
    check_int(sock_session_secure(sock_imap_session(m)), 0);
    imap_told(m, "");
}

static sock_ftp_t *ftp(int port)
{
    sock_ftp_t *f = check_made(sock_ftp_new(NULL, &options));
    check_ok(sock_ftp_connect(f, "127.0.0.1", port));
    return f;
}

TEST(starttls, ftp)
{
    TALK(t, "> 220 hi\r\n", "< AUTH TLS\r\n", "> 234 go\r\n", "-");
    sock_ftp_t *f = ftp(t.port);
    check_ok(sock_ftp_auth(f, &tls));
    check_forgotten(sock_ftp_session(f));
    check_fails(sock_ftp_auth(f, &tls), SOCK_E_VALUE, 0, error_text());
    sock_ftp_free(f);
    talk_end(&t);
}

TEST(starttls, ftp_injection)
{
    TALK(t, "> 220 hi\r\n", "< AUTH TLS\r\n", "> 234 go\r\n230 in\r\n", "-");
    sock_ftp_t *f = ftp(t.port);
    check_injected(sock_ftp_auth(f, &tls), sock_ftp_session(f));
    sock_ftp_free(f);
    talk_end(&t);
}

/* From the first byte on; at ports of their own no one listens. */
TEST(starttls, ports)
{
    const sock_session_opts_t o = {.size = sizeof o, .timeout = 10};
    TALK(t, "> * PREAUTH [CAPABILITY IMAP4rev1] hi\r\n", "-");
    sock_imap_t *m =
        check_made(sock_imap_ssl_new("127.0.0.1", t.port, &tls, &o));
    check_int(sock_session_secure(sock_imap_session(m)), 1);
    sock_imap_free(m);
    talk_end(&t);
    check(sock_imap_ssl_new("127.0.0.1", 0, &tls, &o) == NULL);
    check_that(strstr(error_text(), ", 993)") != NULL, "%s", error_text());
    check(sock_nntp_ssl_new("127.0.0.1", 0, &tls, &o) == NULL);
    check_that(strstr(error_text(), ", 563)") != NULL, "%s", error_text());
    check(sock_smtp_ssl_new("127.0.0.1", 0, &tls, &o) == NULL);
    check_that(strstr(error_text(), ", 465)") != NULL, "%s", error_text());
}
