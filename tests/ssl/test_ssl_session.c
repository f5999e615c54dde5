/* SPDX-License-Identifier: MIT */
/* Resuming: when, with whom, and on the strength of which check. */
#include "tls.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* Two contexts, and what one connection of them is made with. */
struct both {
    sock_ssl_context_t *client, *server;
    const char *host;
};

static struct both both_new(int version)
{
    struct both b = {client_context(), server_context("good"), "localhost"};
    check_ok(sock_ssl_set_maximum_version(b.client, version));
    check_ok(sock_ssl_set_minimum_version(b.client, version));
    return b;
}

static void both_free(struct both *b)
{
    sock_ssl_context_free(b->client);
    sock_ssl_context_free(b->server);
}

/* A connection that offers the session. */
static struct pair connect_with(const struct both *b,
                                const sock_ssl_session_t *session)
{
    struct pair plain = tcp_pair();
    struct end client = {.ctx = b->client,
                         .plain = plain.a,
                         .host = b->host,
                         .session = session};
    struct end server = {
        .ctx = b->server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&client, &server);
    check_that(client.made != NULL, "%s", client.failure.text);
    check_that(server.made != NULL, "%s", server.failure.text);
    return (struct pair){client.made, server.made};
}

/* So that the client has the tickets of TLS 1.3. */
static void greet(struct pair *p)
{
    char c;
    check_int(sock_send(p->b, "x", 1, 0), 1);
    check_int(sock_recv(p->a, &c, 1, 0), 1);
}

static sock_ssl_session_t *session_of(const struct both *b)
{
    struct pair p = connect_with(b, NULL);
    greet(&p);
    check_int(sock_ssl_session_reused(p.a), 0);
    sock_ssl_session_t *session = check_made(sock_ssl_session(p.a));
    free_pair(&p);
    return session;
}

/* Whether a connection with the session is resumed, as both ends say. */
static int resumes(const struct both *b, const sock_ssl_session_t *session)
{
    struct pair p = connect_with(b, session);
    greet(&p);
    int reused = sock_ssl_session_reused(p.a);
    check_int(sock_ssl_session_reused(p.b), reused);
    free_pair(&p);
    return reused;
}

static void refused(const struct both *b, const sock_ssl_session_t *session,
                    const char *words)
{
    struct pair p = tcp_pair();
    int fd = sock_fileno(p.a);
    check_null_part(sock_ssl_wrap_socket(b->client, p.a, 0, b->host, session),
                    SOCK_E_VALUE, 0, words);
    check_int(sock_fileno(p.a), fd); /* as it was */
    check_int(sock_send(p.a, "x", 1, 0), 1);
    free_pair(&p);
}

/* Resuming */

static void resume(int version)
{
    struct both b = both_new(version);
    sock_ssl_session_t *session = session_of(&b);
    check_int(resumes(&b, session), 1);
    check_int(resumes(&b, session), 1); /* and again */
    check_int(resumes(&b, NULL), 0);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, resumes_1_2)
{
    resume(SOCK_SSL_TLSV1_2);
}

TEST(ssl_session, resumes_1_3)
{
    resume(SOCK_SSL_TLSV1_3);
}

/* Each connection has one that the next can be resumed with. */
static void chain(int version)
{
    struct both b = both_new(version);
    sock_ssl_session_t *session = session_of(&b);
    for (int i = 0; i < 3; i++) {
        struct pair p = connect_with(&b, session);
        greet(&p);
        check_int(sock_ssl_session_reused(p.a), 1);
        sock_ssl_session_free(session);
        session = check_made(sock_ssl_session(p.a));
        free_pair(&p);
    }
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, of_a_resumed_connection)
{
    chain(SOCK_SSL_TLSV1_2);
    chain(SOCK_SSL_TLSV1_3);
}

/* Names are the same in any case. */
TEST(ssl_session, the_host_in_another_case)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    sock_ssl_session_t *session = session_of(&b);
    b.host = "LOCALHOST";
    check_int(resumes(&b, session), 1);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, of_an_address)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    b.host = "127.0.0.1";
    sock_ssl_session_t *session = session_of(&b);
    check_int(resumes(&b, session), 1);
    b.host = "::1";
    refused(&b, session, "Session refers to a different server_hostname.");
    sock_ssl_session_free(session);
    both_free(&b);
}

/* Bytes go both ways, and the newest session is that of the connection. */
TEST(ssl_session, what_is_resumed_works)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    sock_ssl_session_t *session = session_of(&b);
    struct pair p = connect_with(&b, session);
    char bytes[6];
    sock_ssl_session_free(session); /* no one needs it any more */
    check_ok(sock_sendall(p.a, "secret", 6, 0));
    check_int(sock_recv_all(p.b, bytes, 6), 6);
    check_bytes(bytes, "secret", 6);
    check_ok(sock_sendall(p.b, bytes, 6, 0));
    check_int(sock_recv_all(p.a, bytes, 6), 6);
    free_pair(&p);
    both_free(&b);
}

/* What a session may be used for */

TEST(ssl_session, of_another_context)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    struct both other = both_new(SOCK_SSL_TLSV1_3);
    sock_ssl_session_t *session = session_of(&b);
    refused(&other, session, "Session refers to a different SSLContext.");
    /* Not that of a new one in the place of a freed one, either. */
    sock_ssl_context_free(b.client);
    b.client = client_context();
    refused(&b, session, "Session refers to a different SSLContext.");
    sock_ssl_session_free(session);
    both_free(&other);
    both_free(&b);
}

static void other_host(int version)
{
    struct both b = both_new(version);
    sock_ssl_session_t *session = session_of(&b);
    b.host = "other.test";
    refused(&b, session, "Session refers to a different server_hostname.");
    b.host = "localhost.test";
    refused(&b, session, "Session refers to a different server_hostname.");
    check_ok(sock_ssl_set_check_hostname(b.client, 0));
    b.host = NULL;
    refused(&b, session, "Session refers to a different server_hostname.");
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, of_another_host)
{
    other_host(SOCK_SSL_TLSV1_2);
    other_host(SOCK_SSL_TLSV1_3);
}

static const char lax[] = "Session is of a connection that was checked less.";

static void stricter_names(int version)
{
    struct both b = both_new(version);
    check_ok(sock_ssl_set_check_hostname(b.client, 0));
    sock_ssl_session_t *session = session_of(&b);
    check_int(resumes(&b, session), 1);
    check_ok(sock_ssl_set_check_hostname(b.client, 1));
    refused(&b, session, lax);
    sock_ssl_session_free(session);
    both_free(&b);
}

/* A name that the certificate does not bear does not become right by it. */
TEST(ssl_session, names_were_not_checked)
{
    stricter_names(SOCK_SSL_TLSV1_2);
    stricter_names(SOCK_SSL_TLSV1_3);
}

static void stricter_mode(int version)
{
    struct both b = both_new(version);
    check_ok(sock_ssl_set_check_hostname(b.client, 0));
    check_ok(sock_ssl_set_verify_mode(b.client, SOCK_SSL_CERT_NONE));
    sock_ssl_session_t *session = session_of(&b);
    check_int(resumes(&b, session), 1);
    check_ok(sock_ssl_set_verify_mode(b.client, SOCK_SSL_CERT_OPTIONAL));
    refused(&b, session, lax);
    check_ok(sock_ssl_set_verify_mode(b.client, SOCK_SSL_CERT_REQUIRED));
    refused(&b, session, lax);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, no_one_was_checked)
{
    stricter_mode(SOCK_SSL_TLSV1_2);
    stricter_mode(SOCK_SSL_TLSV1_3);
}

/* A session of a connection that was resumed without a check is not one of a
 * connection that was checked. */
TEST(ssl_session, does_not_become_strict_by_use)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    check_ok(sock_ssl_set_check_hostname(b.client, 0));
    sock_ssl_session_t *first = session_of(&b);
    struct pair p = connect_with(&b, first);
    greet(&p);
    check_int(sock_ssl_session_reused(p.a), 1);
    check_ok(sock_ssl_set_check_hostname(b.client, 1)); /* too late for it */
    sock_ssl_session_t *second = check_made(sock_ssl_session(p.a));
    refused(&b, second, lax);
    free_pair(&p);
    sock_ssl_session_free(first);
    sock_ssl_session_free(second);
    both_free(&b);
}

/* What is checked less is no error, but a full handshake. */
TEST(ssl_session, checks_that_were_dropped)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    sock_ssl_session_t *session = session_of(&b);
    check_ok(sock_ssl_set_check_hostname(b.client, 0));
    check_int(resumes(&b, session), 0);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, of_a_server)
{
    struct both b = both_new(SOCK_SSL_TLSV1_2);
    sock_ssl_session_t *session = session_of(&b);
    struct pair p = tcp_pair();
    check_null_part(sock_ssl_wrap_socket(b.server, p.a, SOCK_SSL_SERVER_SIDE,
                                         NULL, session),
                    SOCK_E_VALUE, 0,
                    "session can only be specified in client mode");
    free_pair(&p);
    sock_ssl_session_free(session);

    p = connect_with(&b, NULL);
    session = check_made(sock_ssl_session(p.b)); /* Python gives it, too */
    free_pair(&p);
    refused(&b, session, "Session refers to a different SSLContext.");
    sock_ssl_session_free(session);
    both_free(&b);
}

/* Full handshakes */

static void forgetful_server(int version)
{
    struct both b = both_new(version);
    sock_ssl_session_t *session = session_of(&b);
    sock_ssl_context_free(b.server);
    b.server = server_context("good");
    check_int(resumes(&b, session), 0);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, a_server_that_does_not_know_it)
{
    forgetful_server(SOCK_SSL_TLSV1_2);
    forgetful_server(SOCK_SSL_TLSV1_3);
}

/* Where it goes to another one by mistake, that one is checked. */
TEST(ssl_session, another_server_is_checked)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    sock_ssl_session_t *session = session_of(&b);
    struct pair plain = tcp_pair();
    sock_ssl_context_t *wrong = server_context("wrong");
    struct end client = {
        .ctx = b.client, .plain = plain.a, .host = b.host, .session = session};
    struct end server = {
        .ctx = wrong, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&client, &server);
    check(client.made == NULL);
    check_failure(&client.failure, SOCK_E_TLS, TLS_FAILED,
                  "CERTIFICATE_VERIFY_FAILED");
    sock_free(server.made);
    sock_ssl_session_free(session);
    sock_ssl_context_free(wrong);
    both_free(&b);
}

/* The version it is of is not offered any more. */
TEST(ssl_session, of_a_version_that_is_over)
{
    struct both b = both_new(SOCK_SSL_TLSV1_2);
    sock_ssl_session_t *session = session_of(&b);
    check_ok(sock_ssl_set_maximum_version(b.client, SOCK_SSL_TLSV1_3));
    check_ok(sock_ssl_set_minimum_version(b.client, SOCK_SSL_TLSV1_3));
    check_int(resumes(&b, session), 0);
    sock_ssl_session_free(session);
    both_free(&b);
}

/* The system's clock, moved for the library and not for OpenSSL. */
static time_t moved_by;
time_t __real_time(time_t *t);
time_t __wrap_time(time_t *t);
time_t __wrap_time(time_t *t)
{
    time_t now = __real_time(NULL) + moved_by;
    if (t != NULL)
        *t = now;
    return now;
}

static void by_the_clock(int version)
{
    struct both b = both_new(version);
    sock_ssl_session_t *session = session_of(&b);
    sock_ssl_session_info_t info;
    check_ok(sock_ssl_session_info(session, &info));
    moved_by = info.timeout - 60;
    check_int(resumes(&b, session), 1);
    moved_by = info.timeout;
    check_int(resumes(&b, session), 0);
    moved_by = -60; /* set back: no one knows how old it is */
    check_int(resumes(&b, session), 0);
    moved_by = 0;
    check_int(resumes(&b, session), 1);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, that_has_run_out)
{
    by_the_clock(SOCK_SSL_TLSV1_2);
    by_the_clock(SOCK_SSL_TLSV1_3);
}

/* Whoever has another certificate now is not taken for who it was. */
static void reload(int version)
{
    struct both b = both_new(version);
    sock_ssl_session_t *session = session_of(&b);
    check_ok(sock_ssl_load_cert_chain(b.server, cert("rsa.pem"),
                                      cert("rsa.key"), NULL));
    check_int(resumes(&b, session), 0);
    sock_ssl_session_free(session);
    session = session_of(&b);
    check_int(resumes(&b, session), 1);
    check_ok(sock_ssl_load_cert_chain(b.client, cert("client.pem"),
                                      cert("client.key"), NULL));
    check_int(resumes(&b, session), 0);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, across_a_reload)
{
    reload(SOCK_SSL_TLSV1_2);
    reload(SOCK_SSL_TLSV1_3);
}

/* Whom to trust, and how, is set anew: the peer is verified anew. */
static void trust_anew(int version)
{
    struct both b = both_new(version);
    static const char pin[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    static const char *const pins[] = {pin};
    unsigned flags;
    sock_ssl_session_t *session = session_of(&b);
    check_ok(sock_ssl_load_verify_locations(b.client, cert("other_root.pem"),
                                            NULL, NULL));
    check_int(resumes(&b, session), 0);
    sock_ssl_session_free(session);
    session = session_of(&b);
    check_int(resumes(&b, session), 1);
    check_ok(sock_ssl_load_verify_locations(b.client, cert("root_and_crl.pem"),
                                            NULL, NULL));
    check_ok(sock_ssl_get_verify_flags(b.client, &flags));
    check_ok(sock_ssl_set_verify_flags(b.client,
                                       flags | SOCK_SSL_VERIFY_CRL_CHECK_LEAF));
    check_int(resumes(&b, session), 0);
    sock_ssl_session_free(session);
    session = session_of(&b);
    check_ok(sock_ssl_set_pins(b.client, pins, 1));
    struct pair plain = tcp_pair();
    struct end client = {
        .ctx = b.client, .plain = plain.a, .host = b.host, .session = session};
    struct end server = {
        .ctx = b.server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&client, &server);
    check(client.made == NULL); /* nothing goes by the pins */
    check_failure(&client.failure, SOCK_E_TLS, TLS_FAILED,
                  "none of the keys in its chain is pinned");
    sock_free(server.made);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, made_when_others_were_trusted)
{
    trust_anew(SOCK_SSL_TLSV1_2);
    trust_anew(SOCK_SSL_TLSV1_3);
}

/* A certificate like good.pem that is valid for so long from now on. */
static void show_short_lived(sock_ssl_context_t *ctx, long seconds)
{
    char *key_text = cert_text("good.key"), *pem;
    BIO *b = BIO_new_file(cert("good.pem"), "re");
    X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
    BIO_free(b);
    b = BIO_new_file(cert("root.key"), "re");
    EVP_PKEY *root = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);
    BIO_free(b);
    check(x != NULL && root != NULL);
    check(X509_gmtime_adj(X509_getm_notAfter(x), seconds) != NULL);
    check(X509_sign(x, root, EVP_sha256()) > 0);
    b = BIO_new(BIO_s_mem());
    check_int(PEM_write_bio_X509(b, x), 1);
    size_t n = (size_t)BIO_get_mem_data(b, &pem);
    check_ok(sock_ssl_load_cert_chain_data(ctx, pem, n, key_text,
                                           strlen(key_text), NULL));
    BIO_free(b);
    X509_free(x);
    EVP_PKEY_free(root);
    free(key_text);
}

/* Nor is it resumed beyond the certificate that it stands for. */
static void by_the_certificate(int version)
{
    struct both b = both_new(version);
    show_short_lived(b.server, 1000);
    sock_ssl_session_t *session = session_of(&b);
    moved_by = 900;
    check_int(resumes(&b, session), 1);
    moved_by = 1100;
    check_int(resumes(&b, session), 0);
    moved_by = 0;
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, whose_certificate_has_run_out)
{
    by_the_certificate(SOCK_SSL_TLSV1_2);
    by_the_certificate(SOCK_SSL_TLSV1_3);
}

/* What a server resumes */

/* A client that was not asked for a certificate does not get in by a ticket
 * once it would be asked. */
static void stricter_server(int version)
{
    struct both b = both_new(version);
    check_ok(
        sock_ssl_load_verify_locations(b.server, cert("root.pem"), NULL, NULL));
    sock_ssl_session_t *session = session_of(&b);
    check_int(resumes(&b, session), 1);
    check_ok(sock_ssl_set_verify_mode(b.server, SOCK_SSL_CERT_OPTIONAL));
    check_int(resumes(&b, session), 0);
    sock_ssl_session_free(session);
    session = session_of(&b); /* again without a certificate */
    check_int(resumes(&b, session), 1);
    check_ok(sock_ssl_set_verify_mode(b.server, SOCK_SSL_CERT_REQUIRED));

    struct pair plain = tcp_pair();
    struct end client = {
        .ctx = b.client, .plain = plain.a, .host = b.host, .session = session};
    struct end server = {
        .ctx = b.server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&client, &server);
    check(server.made == NULL);
    check_failure(&server.failure, SOCK_E_TLS, TLS_FAILED,
                  "PEER_DID_NOT_RETURN_A_CERTIFICATE");
    sock_free(client.made);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, a_server_that_became_strict)
{
    stricter_server(SOCK_SSL_TLSV1_2);
    stricter_server(SOCK_SSL_TLSV1_3);
}

/* And one that has proved itself is resumed. */
TEST(ssl_session, of_a_client_with_a_certificate)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    check_ok(
        sock_ssl_load_verify_locations(b.server, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_set_verify_mode(b.server, SOCK_SSL_CERT_REQUIRED));
    check_ok(sock_ssl_load_cert_chain(b.client, cert("client.pem"),
                                      cert("client.key"), NULL));
    sock_ssl_session_t *session = session_of(&b);
    check_int(resumes(&b, session), 1);
    sock_ssl_session_free(session);
    both_free(&b);
}

/* Names of one server that have contexts of their own: a ticket of one gets no
 * one into another, whatever that one asks of its clients. */
static int take_named(sock_t *s, const char *name, void *arg)
{
    (void)name;
    return sock_ssl_set_context(s, arg) == 0 ? 0
                                             : SOCK_SSL_ALERT_INTERNAL_ERROR;
}

static void named_hosts(int version)
{
    struct both b = both_new(version);
    sock_ssl_context_t *named = server_context("good");
    sock_ssl_session_t *before = session_of(&b);
    check_int(resumes(&b, before), 1);
    check_ok(sock_ssl_set_sni_callback(b.server, take_named, named));
    check_int(resumes(&b, before), 0);
    sock_ssl_session_t *session = session_of(&b);
    check_int(resumes(&b, session), 1); /* of the named one */
    check_ok(
        sock_ssl_load_verify_locations(named, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_set_verify_mode(named, SOCK_SSL_CERT_OPTIONAL));
    check_int(resumes(&b, session), 0);
    check_ok(sock_ssl_set_sni_callback(b.server, NULL, NULL));
    check_int(resumes(&b, session), 0);
    sock_ssl_session_free(before);
    sock_ssl_session_free(session);
    sock_ssl_context_free(named);
    both_free(&b);
}

TEST(ssl_session, of_a_named_host)
{
    named_hosts(SOCK_SSL_TLSV1_2);
    named_hosts(SOCK_SSL_TLSV1_3);
}

/* When a session is there, and what it tells */

TEST(ssl_session, none_before_the_handshake)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    struct pair p = tcp_pair();
    sock_t *s =
        check_made(wrap(b.client, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    check_part(sock_listen(p.b, -7), SOCK_E_OS, EINVAL, "");
    errno = 1234;
    check(sock_ssl_session(s) == NULL);
    check_int(sock_ssl_session_reused(s), 0);
    check_int(errno, 1234);
    check_str(sock_last_error()->operation, "listen"); /* none recorded */
    sock_free(s);
    sock_free(p.b);

    sock_ssl_session_t *session = session_of(&b);
    p = tcp_pair();
    s = check_made(sock_ssl_wrap_socket(b.client, p.a, SOCK_SSL_NO_HANDSHAKE,
                                        "localhost", session));
    check(sock_ssl_session(s) == NULL); /* what it offers is not its own */
    sock_free(s);
    free_pair(&p);
    sock_ssl_session_free(session);
    both_free(&b);
}

/* With TLS 1.3 it comes behind the handshake, so it is taken after a recv. */
TEST(ssl_session, comes_with_the_first_bytes)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    sock_ssl_session_info_t info;
    struct pair p = connect_with(&b, NULL);
    sock_ssl_session_t *early = check_made(sock_ssl_session(p.a));
    check_ok(sock_ssl_session_info(early, &info));
    check_int(info.has_ticket, 0);
    check_int(resumes(&b, early), 0); /* of no use, and no harm */
    greet(&p);
    sock_ssl_session_t *session = check_made(sock_ssl_session(p.a));
    check_ok(sock_ssl_session_info(session, &info));
    check_int(info.has_ticket, 1);
    check_int(resumes(&b, session), 1);
    free_pair(&p);
    sock_ssl_session_free(early);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, of_1_2_is_there_at_once)
{
    struct both b = both_new(SOCK_SSL_TLSV1_2);
    sock_ssl_session_info_t info;
    struct pair p = connect_with(&b, NULL);
    sock_ssl_session_t *session = check_made(sock_ssl_session(p.a));
    check_ok(sock_ssl_session_info(session, &info));
    check_int(info.has_ticket, 1);
    check_int(info.timeout, 7200);
    check_int(info.ticket_lifetime_hint, 7200);
    check_int(info.id_size, 32);
    check_str(info.host, "localhost");
    time_t now = time(NULL);
    check(info.time <= now && info.time > now - 60);
    free_pair(&p);
    check_int(resumes(&b, session), 1);
    sock_ssl_session_free(session);
    both_free(&b);
}

/* A peer that is OpenSSL alone, with so many tickets; none of 1.2 either with
 * -1, where a session is then known by its identifier. */
static void talk_tickets(struct raw *r, SSL *ssl)
{
    char bytes[8];
    (void)r;
    SSL_write(ssl, "x", 1);
    while (SSL_read(ssl, bytes, sizeof bytes) > 0)
        ;
}

static SSL_CTX *raw_server;

static void *run_tickets(void *arg)
{
    struct raw *r = arg;
    SSL *ssl = SSL_new(raw_server);
    SSL_set_fd(ssl, r->fd);
    if (SSL_accept(ssl) == 1)
        talk_tickets(r, ssl);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(r->fd);
    OPENSSL_thread_stop();
    return NULL;
}

/* What the client's first recv has made of it: a session, and whether the
 * connection was resumed. */
static sock_ssl_session_t *visit(const struct both *b,
                                 const sock_ssl_session_t *session, int *reused)
{
    struct pair p = tcp_pair();
    struct raw r = {.fd = sock_detach(p.b)};
    char c;
    sock_free(p.b);
    check_int(pthread_create(&r.thread, NULL, run_tickets, &r), 0);
    check_ok(sock_settimeout(p.a, 10));
    sock_t *s =
        check_made(sock_ssl_wrap_socket(b->client, p.a, 0, b->host, session));
    sock_free(p.a);
    check_int(sock_recv(s, &c, 1, 0), 1);
    sock_ssl_session_t *made = check_made(sock_ssl_session(s));
    *reused = sock_ssl_session_reused(s);
    sock_free(s);
    raw_finish(&r);
    return made;
}

static time_t later;
static long lifetime; /* that the server gives them; 0: OpenSSL's */

/* How often the second of two visits is resumed, so many seconds later. */
static int visits(int version, size_t tickets, uint64_t options,
                  int *has_ticket)
{
    struct both b = both_new(version);
    sock_ssl_session_info_t info;
    int first, second;
    raw_server = SSL_CTX_new(TLS_server_method());
    check(raw_server != NULL);
    check_int(SSL_CTX_use_certificate_file(raw_server, cert("good.pem"),
                                           SSL_FILETYPE_PEM),
              1);
    check_int(SSL_CTX_use_PrivateKey_file(raw_server, cert("good.key"),
                                          SSL_FILETYPE_PEM),
              1);
    SSL_CTX_set_num_tickets(raw_server, tickets);
    if (lifetime > 0)
        SSL_CTX_set_timeout(raw_server, lifetime);
    SSL_CTX_set_options(raw_server, options);
    sock_ssl_session_t *session = visit(&b, NULL, &first);
    check_int(first, 0);
    check_ok(sock_ssl_session_info(session, &info));
    *has_ticket = info.has_ticket;
    moved_by = later;
    sock_ssl_session_free(visit(&b, session, &second));
    moved_by = 0;
    sock_ssl_session_free(session);
    SSL_CTX_free(raw_server);
    both_free(&b);
    return second;
}

TEST(ssl_session, tickets_of_others)
{
    int has_ticket;
    check_int(visits(SOCK_SSL_TLSV1_3, 2, 0, &has_ticket), 1);
    check_int(has_ticket, 1);
    check_int(visits(SOCK_SSL_TLSV1_3, 1, 0, &has_ticket), 1);
    check_int(has_ticket, 1);
    check_int(visits(SOCK_SSL_TLSV1_3, 0, 0, &has_ticket), 0);
    check_int(has_ticket, 0);
    check_int(visits(SOCK_SSL_TLSV1_2, 0, 0, &has_ticket), 1);
    check_int(has_ticket, 1);
}

/* A ticket that the server has said is too old is none, however long this side
 * would have kept it. */
TEST(ssl_session, tickets_as_old_as_their_server_lets_them_be)
{
    static const int versions[] = {SOCK_SSL_TLSV1_2, SOCK_SSL_TLSV1_3};
    int has_ticket;
    lifetime = 1000;
    for (int i = 0; i < 2; i++) {
        later = 900;
        check_int(visits(versions[i], 2, 0, &has_ticket), 1);
        later = 1000;
        check_int(visits(versions[i], 2, 0, &has_ticket), 0);
    }
}

static int resumes_with_tickets(int version, int tickets)
{
    struct both b = both_new(version);
    check_ok(sock_ssl_set_num_tickets(b.server, tickets));
    sock_ssl_session_t *session = session_of(&b);
    int reused = resumes(&b, session);
    sock_ssl_session_free(session);
    both_free(&b);
    return reused;
}

TEST(ssl_session, tickets_of_ours)
{
    check_int(resumes_with_tickets(SOCK_SSL_TLSV1_3, 0), 0);
    check_int(resumes_with_tickets(SOCK_SSL_TLSV1_3, 1), 1);
    check_int(resumes_with_tickets(SOCK_SSL_TLSV1_3, 4), 1);
    check_int(resumes_with_tickets(SOCK_SSL_TLSV1_2, 0), 1);
}

/* With an identifier that the server keeps. */
TEST(ssl_session, without_tickets)
{
    int has_ticket;
    check_int(visits(SOCK_SSL_TLSV1_2, 0, SSL_OP_NO_TICKET, &has_ticket), 1);
    check_int(has_ticket, 0);
    later = 7100; /* the server says nothing of a time */
    check_int(visits(SOCK_SSL_TLSV1_2, 0, SSL_OP_NO_TICKET, &has_ticket), 1);
    later = 7300;
    check_int(visits(SOCK_SSL_TLSV1_2, 0, SSL_OP_NO_TICKET, &has_ticket), 0);
    later = -60;
    check_int(visits(SOCK_SSL_TLSV1_2, 0, SSL_OP_NO_TICKET, &has_ticket), 0);
    later = 0;
    check_int(visits(SOCK_SSL_TLSV1_3, 2, SSL_OP_NO_TICKET, &has_ticket), 1);
    check_int(has_ticket, 1);
}

/* Its life */

TEST(ssl_session, outlives_what_it_was_made_of)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    sock_ssl_session_info_t info;
    sock_ssl_session_t *session = session_of(&b);
    both_free(&b);
    check_ok(sock_ssl_session_info(session, &info));
    check_str(info.host, "localhost");
    sock_ssl_session_free(session);
}

/* Not even a connection that broke takes it along. */
TEST(ssl_session, outlives_a_broken_connection)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    struct pair p = connect_with(&b, NULL);
    char c;
    greet(&p);
    sock_ssl_session_t *session = check_made(sock_ssl_session(p.a));
    int fd = sock_detach(p.b); /* no close_notify */
    check(fd >= 0);
    close(fd);
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_TLS, TLS_CUT, "");
    free_pair(&p);
    check_int(resumes(&b, session), 1);
    sock_ssl_session_free(session);
    both_free(&b);
}

TEST(ssl_session, is_freed)
{
    sock_ssl_session_t *none = NULL;
    struct both b = both_new(SOCK_SSL_TLSV1_2);
    errno = 1234;
    sock_ssl_session_free(NULL);
    sock_ssl_session_freep(NULL);
    sock_ssl_session_freep(&none);
    check_int(errno, 1234);
    {
        SOCK_SSL_SESSION_AUTO sock_ssl_session_t *session = session_of(&b);
        check(session != NULL);
    }
    both_free(&b);
}

TEST(ssl_session, what_is_no_session)
{
    struct pair p = tcp_pair();
    sock_ssl_session_info_t info;
    check_null_part(sock_ssl_session(NULL), SOCK_E_TYPE, 0, "session: ");
    check_null_part(sock_ssl_session(p.a), SOCK_E_VALUE, 0,
                    "session: this socket has no TLS under it");
    check_part(sock_ssl_session_reused(NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_session_reused(p.a), SOCK_E_VALUE, 0, "");
    check_part(sock_ssl_session_info(NULL, &info), SOCK_E_TYPE, 0, "");
    free_pair(&p);
}

/* Nothing is left in OpenSSL's queue, nor taken from it. */
TEST(ssl_session, leaves_the_queue_alone)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    struct pair p = connect_with(&b, NULL);
    greet(&p);
    ERR_clear_error();
    poison_queue();
    errno = 1234;
    sock_ssl_session_t *session = sock_ssl_session(p.a);
    check(session != NULL);
    check_int(errno, 1234);
    check_int(ERR_GET_REASON(ERR_peek_error()), SSL_R_BAD_LENGTH);
    check_int(ERR_GET_REASON(ERR_peek_last_error()), 99);
    sock_ssl_session_free(session);
    check_int(ERR_GET_REASON(ERR_peek_last_error()), 99);
    ERR_clear_error();
    free_pair(&p);
    both_free(&b);
}

/* Several threads use one session at a time. */
struct user {
    const struct both *b;
    const sock_ssl_session_t *session;
    int resumed;
    pthread_t thread;
};

static void *use(void *arg)
{
    struct user *u = arg;
    for (int i = 0; i < 5; i++)
        u->resumed += resumes(u->b, u->session);
    OPENSSL_thread_stop();
    return NULL;
}

TEST(ssl_session, of_several_threads)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    sock_ssl_session_t *session = session_of(&b);
    struct user users[3];
    for (int i = 0; i < 3; i++) {
        users[i] = (struct user){.b = &b, .session = session};
        check_int(pthread_create(&users[i].thread, NULL, use, &users[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        check_int(pthread_join(users[i].thread, NULL), 0);
        check_int(users[i].resumed, 5);
    }
    sock_ssl_session_free(session);
    both_free(&b);
}

/* A change of whom to trust counts from there on, whatever was changed. */
static int change(sock_ssl_context_t *ctx, int what)
{
    static const char *const pins[] = {
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="};
    if (what == 0)
        return sock_ssl_load_verify_locations(ctx, cert("other_root.pem"), NULL,
                                              NULL);
    if (what == 1)
        return sock_ssl_load_verify_locations(ctx, NULL, cert("hashed"), NULL);
    if (what == 2)
        return sock_ssl_load_default_certs(ctx, SOCK_SSL_SERVER_AUTH);
    if (what == 3)
        return sock_ssl_set_verify_flags(ctx, SOCK_SSL_VERIFY_X509_STRICT);
    if (sock_ssl_set_pins(ctx, pins, 1) < 0)
        return -1;
    return sock_ssl_set_pins(ctx, NULL, 0);
}

TEST(ssl_session, from_before_a_change)
{
    for (int i = 0; i < 5; i++) {
        struct both b = both_new(SOCK_SSL_TLSV1_3);
        sock_ssl_session_t *session = session_of(&b);
        check_int(resumes(&b, session), 1);
        check_ok(change(b.client, i));
        check_that(resumes(&b, session) == 0, "change %d", i);
        sock_ssl_session_free(session);
        both_free(&b);
    }
}

/* One that was made for no host is none of a host's, nor the other way. */
TEST(ssl_session, without_a_host)
{
    struct both b = both_new(SOCK_SSL_TLSV1_3);
    check_ok(sock_ssl_set_check_hostname(b.client, 0));
    b.host = NULL;
    sock_ssl_session_t *session = session_of(&b);
    check_int(resumes(&b, session), 1);
    b.host = "localhost";
    refused(&b, session, "");
    sock_ssl_session_free(session);
    both_free(&b);
}
