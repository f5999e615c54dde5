/* SPDX-License-Identifier: MIT */
/* FTP under TLS (RFC 4217): who is verified, what is resumed, what is an end.
 */
#include "tls.h"

#include "ftp_script.h"

#include "private.h"

#define HELLO ">220 hello"
#define AUTH "<", ">234 go on", "T"
#define PROT "<", ">200 pbsz", "<", ">200 prot"
#define PASSIVE "<", ">200 type", "<", "E", "<", "@", ">150 go"
#define NOOP "<", ">200 noop"

/* What the servers show, and over data connections if that is something else.
 */
static sock_ssl_context_t *served, *served_data;

static sock_t *put_tls(struct ftp_server *v, sock_t *s)
{
    bool other = s == v->data && served_data != NULL;
    sock_t *made = sock_ssl_wrap_socket(other ? served_data : served, s,
                                        SOCK_SSL_SERVER_SIDE, NULL, NULL);
    sock_free(s);
    if (made != NULL)
        v->resumed += sock_ssl_session_reused(made);
    return made;
}

static sock_t *take_tls(sock_t *s)
{
    sock_t *made = sock_ssl_unwrap(s);
    sock_free(s);
    return made;
}

static struct ftp_server *start(const char *const *steps, const char *leaf,
                                int version)
{
    served = server_context(leaf);
    if (version != 0)
        check_ok(sock_ssl_set_maximum_version(served, version));
    ftp_tls = put_tls;
    ftp_no_tls = take_tls;
    return ftp_start(steps);
}

static void stop(struct ftp_server *v)
{
    ftp_stop(v);
    sock_ssl_context_free(served);
}

static int begin_tls(sock_ftp_t *f)
{
    sock_ssl_context_t *ctx = client_context();
    int result = sock_ftp_auth(f, sock_ssl_tls(ctx));
    sock_ssl_context_free(ctx); /* the client has it */
    return result;
}

static void check_transfers(int version)
{
    static const char *const steps[] = {
        HELLO,       AUTH,        "<",          ">331 who", "<",
        ">230 in",   PROT,        PASSIVE,      "S",        "+hello",
        ".",         ">226 done", PASSIVE,      "S",        "-",
        ">226 done", "<",         ">200 clear", PASSIVE,    "+plain",
        ".",         ">226 done", "<",          ">221 bye", NULL};
    struct ftp_server *v = start(steps, "good", version);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_int(sock_session_secure(sock_ftp_session(f)), 0);
    errno = 1234;
    check_ok(begin_tls(f));
    check_int(errno, 1234);
    check_int(sock_session_secure(sock_ftp_session(f)), 1);
    check_str(sock_session_text(sock_ftp_session(f)), "");
    check_fails(begin_tls(f), SOCK_E_VALUE, 0, "auth: Already using TLS");
    check_ok(sock_ftp_login(f, "me", "secret", NULL));
    check_ok(sock_ftp_prot_p(f));
    errno = 1234;
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0));
    check_int(errno, 1234);
    check_str(s.text, "hello");
    check_ok(sock_ftp_storbinary(f, "STOR a", sock_source_memory("abc", 3), 0));
    check_ok(sock_ftp_prot_c(f));
    check_ok(sock_ftp_retrbinary(f, "RETR b", ftp_sink(&s), 0));
    check_str(s.text, "plain");
    check_ok(sock_ftp_quit(f));
    sock_ftp_free(f);
    ftp_join(v);
    check_str(v->got, "abc");
    check(v->goodbye);
    check_int(v->resumed, 2);
    check_str(v->heard, "AUTH TLS\nUSER me\nPASS secret\nPBSZ 0\nPROT P\n"
                        "TYPE I\nEPSV\nRETR a\nTYPE I\nEPSV\nSTOR a\nPROT C\n"
                        "TYPE I\nEPSV\nRETR b\nQUIT\n");
    stop(v);
}

TEST(tls_ftp, transfers)
{
    check_transfers(SOCK_SSL_TLSV1_2);
    check_transfers(0);
}

/* Who has asked for TLS means the files, too: no one has to ask once more. */
TEST(tls_ftp, private_by_itself)
{
    static const char *const steps[] = {
        HELLO, AUTH,      "<", ">200 type", PROT, "<",         "E", "<",
        "@",   ">150 go", "S", "+hello",    ".",  ">226 done", NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(begin_tls(f));
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0));
    check_str(s.text, "hello");
    sock_ftp_free(f);
    ftp_join(v);
    check_str(v->heard, "AUTH TLS\nTYPE I\nPBSZ 0\nPROT P\nEPSV\nRETR a\n");
    stop(v);
}

/* A server that cannot is not sent a file in the clear. */
TEST(tls_ftp, never_in_the_clear)
{
    static const char *const steps[] = {
        HELLO, AUTH, "<", ">200 type", "<", ">200 pbsz", "<", ">536 no", NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    check_ok(begin_tls(f));
    check_fails(
        sock_ftp_storbinary(f, "STOR a", sock_source_memory("abc", 3), 0),
        SOCK_E_REPLY, 536, "storbinary 127.0.0.1: PROT P: 536 no");
    sock_ftp_free(f);
    ftp_join(v);
    stop(v);
}

/* What is behind the go-ahead may be anyone's. */
TEST(tls_ftp, injection)
{
    static const char *const steps[] = {
        HELLO, "<", "=234 go on\r\n230 you are in\r\n", "z", NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    check_int(begin_tls(f), -1);
    check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
    check_int(sock_last_error()->code, SOCK_P_ORDER);
    check_int(sock_ftp_noop(f), -1);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    sock_ftp_free(f);
    stop(v);
}

TEST(tls_ftp, refusal)
{
    static const char *const steps[] = {HELLO, "<", ">502 what", NOOP, NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    check_fails(begin_tls(f), SOCK_E_REPLY, 502,
                "auth 127.0.0.1: AUTH TLS: 502 what");
    check_int(sock_session_secure(sock_ftp_session(f)), 0);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    stop(v);
}

TEST(tls_ftp, certificates)
{
    static const char *const steps[] = {HELLO, AUTH, NULL};
    static const char *const leaves[] = {"wrong", "expired"};
    for (size_t i = 0; i < 2; i++) {
        struct ftp_server *v = start(steps, leaves[i], 0);
        sock_ftp_t *f = ftp_client(v);
        check_int(begin_tls(f), -1);
        check_int(sock_last_error()->kind, SOCK_E_TLS);
        check_int(sock_ftp_login(f, "me", "secret", NULL), -1);
        check_int(sock_last_error()->kind, SOCK_E_EOF);
        sock_ftp_free(f);
        stop(v);
    }
}

/* Who answers at the port of a data connection is verified, too. */
TEST(tls_ftp, certificates_of_data)
{
    static const char *const steps[] = {
        HELLO, AUTH,          PROT,           PASSIVE, "S",
        "<",   ">426 no TLS", ">226 aborted", NOOP,    NULL};
    static const char *const leaves[] = {"wrong", "expired"};
    for (size_t i = 0; i < 2; i++) {
        struct ftp_server *v = start(steps, "good", 0);
        sock_ftp_t *f = ftp_client(v);
        struct ftp_sunk s;
        served_data = server_context(leaves[i]);
        check_ok(begin_tls(f));
        check_ok(sock_ftp_prot_p(f));
        check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
        check_int(sock_last_error()->kind, SOCK_E_TLS);
        check(strstr(error_text(), "certificate verify failed") != NULL);
        check_int(s.calls, 0);
        check_ok(sock_ftp_noop(f));
        sock_ftp_free(f);
        ftp_join(v);
        sock_ssl_context_free(served_data);
        served_data = NULL;
        stop(v);
    }
}

/* An end without a goodbye is one if all is there that was announced. */
TEST(tls_ftp, ends)
{
    static const char *const steps[] = {HELLO,
                                        AUTH,
                                        PROT,
                                        "<",
                                        ">200 type",
                                        "<",
                                        "E",
                                        "<",
                                        "@",
                                        ">150 go (5 bytes)",
                                        "S",
                                        "+hello",
                                        "/",
                                        ">226 done",
                                        "<",
                                        ">200 type",
                                        "<",
                                        "E",
                                        "<",
                                        "@",
                                        ">150 go (6 bytes)",
                                        "S",
                                        "+hello",
                                        "/",
                                        ">226 done",
                                        PASSIVE,
                                        "S",
                                        "+hello",
                                        "/",
                                        ">226 done",
                                        PASSIVE,
                                        "S",
                                        "+hello",
                                        "/",
                                        ">426 cut off",
                                        "<",
                                        ">200 type",
                                        "<",
                                        "E",
                                        "<",
                                        "@",
                                        ">150 go",
                                        "S",
                                        "+a\r\n",
                                        "/",
                                        ">226 done",
                                        NOOP,
                                        NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(begin_tls(f));
    check_ok(sock_ftp_prot_p(f));
    errno = 1234;
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0));
    check_int(errno, 1234);
    check_str(s.text, "hello");
    for (int i = 0; i < 2; i++) {
        check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
        check_int(sock_last_error()->kind, SOCK_E_TLS);
        check_int(sock_last_error()->done, 5);
    }
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                426, "retrbinary 127.0.0.1: RETR a: 426 cut off");
    check_int(sock_ftp_dir(f, NULL, ftp_sink(&s)), -1);
    check_int(sock_last_error()->kind, SOCK_E_TLS);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    stop(v);
}

/* The session that the control connection had is that of the data connections
 * that follow. */
TEST(tls_ftp, ccc)
{
    static const char *const steps[] = {
        HELLO,   AUTH, PROT,     "<", ">200 clear", "U",  NOOP,
        PASSIVE, "S",  "+hello", ".", ">226 done",  NOOP, NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_fails(sock_ftp_ccc(f), SOCK_E_VALUE, 0, "ccc: not using TLS");
    check_ok(begin_tls(f));
    check_ok(sock_ftp_prot_p(f));
    errno = 1234;
    check_ok(sock_ftp_ccc(f));
    check_int(errno, 1234);
    check_int(sock_session_secure(sock_ftp_session(f)), 0);
    check_ok(sock_ftp_noop(f));
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0));
    check_str(s.text, "hello");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    check_int(v->resumed, 1);
    stop(v);
}

/* No goodbye of TLS makes an end of what was broken off. The reset may come
 * before what was sent is read, which then is gone. */
static ssize_t give_some(void *arg, void *data, size_t size)
{
    int *calls = arg;
    (void)size;
    memcpy(data, "x", 1);
    return (*calls)++ == 0 ? 1 : -1;
}

TEST(tls_ftp, sources_that_fail)
{
    static const char *const steps[] = {
        HELLO, AUTH,           PROT,           PASSIVE, "S", "-",
        "<",   ">426 cut off", ">226 aborted", NOOP,    NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    int calls = 0;
    const sock_source_t source = {.read = give_some, .arg = &calls};
    check_ok(begin_tls(f));
    check_ok(sock_ftp_prot_p(f));
    check_fails(sock_ftp_storbinary(f, "STOR a", source, 0), SOCK_E_CANCELLED,
                0, "storbinary 127.0.0.1: STOR a: cancelled");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    check(!v->goodbye);
    stop(v);
}

/* In active mode, too, the server is heard while it is waited for. */
TEST(tls_ftp, active_and_the_server_cannot)
{
    static const char *const steps[] = {
        HELLO,       AUTH, "<",       ">200 clear", "<",  ">200 type", "<",
        ">200 port", "<",  ">150 go", ">425 no",    NOOP, NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(begin_tls(f));
    check_ok(sock_ftp_prot_c(f));
    check_ok(sock_ftp_set_pasv(f, 0));
    check_fails(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), SOCK_E_REPLY,
                425, "retrbinary 127.0.0.1: RETR a: 425 no");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    stop(v);
}

/* A data connection that does not come to TLS: the next command works. */
TEST(tls_ftp, no_protection)
{
    static const char *const steps[] = {HELLO,     AUTH, "<",
                                        ">503 no", NOOP, NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    check_ok(begin_tls(f));
    check_fails(sock_ftp_prot_p(f), SOCK_E_REPLY, 503,
                "prot_p 127.0.0.1: PBSZ 0: 503 no");
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    check_str(v->heard, "AUTH TLS\nPBSZ 0\nNOOP\n");
    stop(v);
}

/* There is nothing to put TLS under. */
TEST(tls_ftp, no_one_comes)
{
    static const char *const steps[] = {HELLO,       AUTH, PROT,        "<",
                                        ">200 type", "<",  ">200 port", "<",
                                        ">150 go",   "z",  NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(begin_tls(f));
    check_ok(sock_ftp_prot_p(f));
    check_ok(sock_ftp_set_pasv(f, 0));
    check_ok(sock_session_set_deadline(sock_ftp_session(f), 0.3));
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    sock_ftp_free(f);
    stop(v);
}

TEST(tls_ftp, handshakes_that_fail)
{
    static const char *const steps[] = {
        HELLO, AUTH,          PROT,           PASSIVE, ".",
        "<",   ">522 no TLS", ">226 aborted", NOOP,    NULL};
    struct ftp_server *v = start(steps, "good", 0);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(begin_tls(f));
    check_ok(sock_ftp_prot_p(f));
    check_int(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0), -1);
    check(strstr(error_text(), "retrbinary 127.0.0.1: RETR a") != NULL);
    check_ok(sock_ftp_noop(f));
    sock_ftp_free(f);
    ftp_join(v);
    check(strstr(v->heard, "ABOR\nNOOP\n") != NULL);
    stop(v);
}

/* Another server is another conversation, without TLS. */
TEST(tls_ftp, connects_again)
{
    static const char *const steps[] = {HELLO, AUTH, PROT, "z", NULL};
    static const char *const plain[] = {HELLO, PASSIVE,     "+hello",
                                        ".",   ">226 done", NULL};
    struct ftp_server *v = start(steps, "good", 0), *w = ftp_start(plain);
    sock_ftp_t *f = ftp_client(v);
    struct ftp_sunk s;
    check_ok(begin_tls(f));
    check_ok(sock_ftp_prot_p(f));
    check_ok(sock_ftp_connect(f, "127.0.0.1", w->port));
    check_fails(sock_ftp_prot_p(f), SOCK_E_VALUE, 0, "prot_p: not using TLS");
    check_ok(sock_ftp_retrbinary(f, "RETR a", ftp_sink(&s), 0));
    check_str(s.text, "hello");
    sock_ftp_free(f);
    ftp_stop(w);
    stop(v);
}
