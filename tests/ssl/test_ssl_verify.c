/* SPDX-License-Identifier: MIT */
/* Who the peer is: each verdict, what both ends say of it, and names. */
#include "tls.h"

#include <stdlib.h>
#include <string.h>

static const int versions[] = {SOCK_SSL_TLSV1_2, SOCK_SSL_TLSV1_3};

static void only_version(sock_ssl_context_t *ctx, int version)
{
    check_ok(sock_ssl_set_maximum_version(ctx, version));
    check_ok(sock_ssl_set_minimum_version(ctx, version));
}

/* What came of a client that looks for this host, and of the server. */
struct meeting {
    struct end client, server;
};

/* The contexts are freed. */
static struct meeting meet(sock_ssl_context_t *client,
                           sock_ssl_context_t *server, const char *host)
{
    struct pair plain = tcp_pair();
    struct meeting m = {
        {.ctx = client, .plain = plain.a, .host = host},
        {.ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE}};
    wrap_both(&m.client, &m.server);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return m;
}

static void part(struct meeting *m)
{
    sock_freep(&m->client.made);
    sock_freep(&m->server.made);
}

static struct meeting meet_by(const char *leaf, const char *host, int version)
{
    sock_ssl_context_t *client = client_context();
    only_version(client, version);
    return meet(client, server_context(leaf), host);
}

static void accepts(const char *leaf, const char *host)
{
    for (int i = 0; i < 2; i++) {
        struct meeting m = meet_by(leaf, host, versions[i]);
        check_that(m.client.made != NULL, "%s for %s: %s", leaf, host,
                   m.client.failure.text);
        check_that(m.server.made != NULL, "%s for %s: %s", leaf, host,
                   m.server.failure.text);
        part(&m);
    }
}

/* With this code and these words; the server hears that alert. */
static void refuses(const char *leaf, const char *host, int code,
                    const char *words, const char *alert)
{
    char text[512];
    snprintf(text, sizeof text,
             "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: %s",
             words);
    for (int i = 0; i < 2; i++) {
        struct meeting m = meet_by(leaf, host, versions[i]);
        check_that(m.client.made == NULL, "%s passes for %s", leaf, host);
        check_failure(&m.client.failure, SOCK_E_TLS, TLS_FAILED, text);
        check_int(m.client.failure.error.verify_code, code);
        check_str(m.client.failure.class_name, "ssl.SSLCertVerificationError");
        check(m.server.made == NULL);
        check_failure(&m.server.failure, SOCK_E_TLS, TLS_FAILED, alert);
        check_int(m.server.failure.error.verify_code, 0);
        check_str(m.server.failure.class_name, "ssl.SSLError");
        part(&m);
    }
}

static const char bad[] = "[SSL: SSLV3_ALERT_BAD_CERTIFICATE]";
static const char unknown[] = "[SSL: TLSV1_ALERT_UNKNOWN_CA]";

static void refuses_name(const char *leaf, const char *host)
{
    char words[320];
    snprintf(words, sizeof words,
             "Hostname mismatch, certificate is not valid for '%s'.", host);
    refuses(leaf, host, 62, words, bad);
}

/* Names */

TEST(ssl_verify, the_right_name)
{
    accepts("good", "localhost");
    accepts("good", "LocalHost");
    accepts("rsa", "localhost");
    accepts("chain", "localhost");
    accepts("idn", "xn--bcher-kva.test");
    accepts("idn", "XN--Bcher-Kva.Test");
}

TEST(ssl_verify, the_right_address)
{
    accepts("good", "127.0.0.1");
    accepts("good", "::1");
    accepts("good", "0:0:0:0:0:0:0:1");
    accepts("good", "0000::0001");
}

TEST(ssl_verify, another_name)
{
    refuses_name("wrong", "localhost");
    refuses_name("good", "localhost.test");
    refuses_name("good", "a.localhost");
    refuses_name("good", "ocalhost");
}

TEST(ssl_verify, another_address)
{
    refuses("good", "127.0.0.2", 64,
            "IP address mismatch, certificate is not valid for '127.0.0.2'.",
            bad);
    refuses("good", "::2", 64,
            "IP address mismatch, certificate is not valid for '::2'.", bad);
    refuses("wrong", "127.0.0.1", 64,
            "IP address mismatch, certificate is not valid for '127.0.0.1'.",
            bad);
}

/* What a resolver takes for an address is a name here. */
TEST(ssl_verify, addresses_of_another_form_are_names)
{
    refuses_name("good", "127.1");
    refuses_name("good", "2130706433");
    refuses_name("good", "0x7f.0.0.1");
    refuses_name("good", "127.0.0.1.test");
}

TEST(ssl_verify, a_star_is_one_label)
{
    accepts("wildcard", "a.example.test");
    accepts("wildcard", "A.Example.Test");
    refuses_name("wildcard", "a.b.example.test");
    refuses_name("wildcard", "example.test");
    refuses_name("wildcard", "aexample.test");
}

/* Names with a NUL inside (CVE-2013-4238), of another kind than what is asked
 * for, and stars that stand for too much. */
TEST(ssl_verify, odd_names_of_a_certificate)
{
    refuses_name("odd", "localhost");
    refuses_name("odd", "evil.test");
    refuses_name("odd", "b.test");
    refuses_name("odd", "ab.example.test");
    refuses_name("odd", "b.c.example.test");
    refuses_name("odd", "a.dot.test");
    refuses("odd", "127.0.0.1", 64,
            "IP address mismatch, certificate is not valid for '127.0.0.1'.",
            bad);
    refuses("odd", "::1", 64,
            "IP address mismatch, certificate is not valid for '::1'.", bad);
}

/* Python takes it where there is no subjectAltName. */
TEST(ssl_verify, the_common_name_is_no_name)
{
    refuses_name("cn", "localhost");
}

/* Certificates */

TEST(ssl_verify, expired)
{
    refuses("expired", "localhost", 10, "certificate has expired",
            "[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED]");
}

TEST(ssl_verify, not_yet_valid)
{
    refuses("future", "localhost", 9, "certificate is not yet valid", bad);
}

TEST(ssl_verify, self_signed)
{
    refuses("self_signed", "localhost", 18, "self-signed certificate", unknown);
}

TEST(ssl_verify, of_another_root)
{
    refuses("other", "localhost", 20, "unable to get local issuer certificate",
            unknown);
}

TEST(ssl_verify, without_the_intermediate)
{
    refuses("leaf_of_intermediate", "localhost", 20,
            "unable to get local issuer certificate", unknown);
}

TEST(ssl_verify, for_clients_only)
{
    refuses("client_only", "localhost", 26, "unsuitable certificate purpose",
            "[SSL: SSLV3_ALERT_UNSUPPORTED_CERTIFICATE]");
}

TEST(ssl_verify, strictly)
{
    refuses("no_aki", "localhost", 85, "Missing Authority Key Identifier",
            "[SSL: SSLV3_ALERT_CERTIFICATE_UNKNOWN]");
}

/* create_default_context() alone is strict. */
TEST(ssl_verify, less_strictly)
{
    sock_ssl_context_t *client =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    check_ok(
        sock_ssl_load_verify_locations(client, cert("root.pem"), NULL, NULL));
    struct meeting m = meet(client, server_context("no_aki"), "localhost");
    check_that(m.client.made != NULL, "%s", m.client.failure.text);
    part(&m);
}

TEST(ssl_verify, the_text_names_the_certificate)
{
    struct meeting m = meet_by("wrong", "localhost", SOCK_SSL_TLSV1_3);
    check_failure(&m.client.failure, SOCK_E_TLS, TLS_FAILED,
                  "(depth 0, subject CN=wrong)");
    part(&m);
}

/* Refusing leaves no descriptor, whoever wraps; run_test() counts them. */
TEST(ssl_verify, every_call_that_makes_the_handshake)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    sock_ssl_context_t *server = server_context("wrong");
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    check_ok(sock_settimeout(plain.a, 10));
    check_ok(sock_settimeout(plain.b, 10));
    begin_end(&b);
    sock_t *s =
        check_made(wrap(ctx, plain.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    char buf[8];
    check_part(sock_sendall(s, MARKER, sizeof MARKER, 0), SOCK_E_TLS,
               TLS_FAILED, "certificate verify failed: Hostname mismatch");
    check_int(sock_last_error()->verify_code, 62);
    check_int(sock_last_error()->done, 0);
    check_part(sock_recv(s, buf, 8, 0), SOCK_E_TLS, TLS_FAILED,
               "certificate verify failed: Hostname mismatch");
    check_int(sock_last_error()->verify_code, 62);
    check_part(sock_ssl_do_handshake(s), SOCK_E_TLS, TLS_FAILED,
               "certificate verify failed: Hostname mismatch");
    finish_end(&b);
    check(b.made == NULL);
    sock_free(s);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(server);
}

/* A trusted certificate that is itself shown: a chain that ends there. */
TEST(ssl_verify, a_leaf_that_is_trusted_itself)
{
    sock_ssl_context_t *client = check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, cert("good.pem"), NULL, NULL));
    struct meeting m = meet(client, server_context("good"), "localhost");
    check_that(m.client.made != NULL, "%s", m.client.failure.text);
    part(&m);

    client = check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    check_ok(
        sock_ssl_load_verify_locations(client, cert("good.pem"), NULL, NULL));
    m = meet(client, server_context("good"), "localhost");
    check(m.client.made == NULL);
    check_int(m.client.failure.error.verify_code, 20);
    part(&m);
}

TEST(ssl_verify, a_trusted_self_signed_leaf)
{
    sock_ssl_context_t *client = check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, cert("self_signed.pem"), NULL, NULL));
    struct meeting m = meet(client, server_context("self_signed"), "localhost");
    check_that(m.client.made != NULL, "%s", m.client.failure.text);
    part(&m);
}

TEST(ssl_verify, trust_of_a_folder_and_of_memory)
{
    char *root = cert_text("root.pem");
    sock_ssl_context_t *client = check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, NULL, cert("hashed"), NULL));
    struct meeting m = meet(client, server_context("good"), "localhost");
    check_that(m.client.made != NULL, "%s", m.client.failure.text);
    part(&m);
    client = check_made(sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH,
                                                        NULL, NULL, root));
    m = meet(client, server_context("good"), "localhost");
    check_that(m.client.made != NULL, "%s", m.client.failure.text);
    part(&m);
    free(root);
}

/* A client that trusts no one accepts no one. */
TEST(ssl_verify, an_empty_store)
{
    sock_ssl_context_t *client =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    struct meeting m = meet(client, server_context("good"), "localhost");
    check(m.client.made == NULL);
    check_int(m.client.failure.error.kind, SOCK_E_TLS);
    check_int(m.client.failure.error.verify_code, 20);
    part(&m);
}

/* A key that OpenSSL does not let a server of ours show. */
TEST(ssl_verify, a_weak_key)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    struct raw raw = {
        .fd = sock_detach(plain.b), .server = true, .leaf = "rsa1024"};
    sock_free(plain.b);
    raw_begin(&raw);
    check_ok(sock_settimeout(plain.a, 10));
    check_null_part(wrap(ctx, plain.a, 0, "localhost"), SOCK_E_TLS, TLS_FAILED,
                    "EE certificate key too weak");
    check_int(sock_last_error()->verify_code, 66);
    raw_finish(&raw);
    check(raw.shaken != 1);
    sock_ssl_context_free(ctx);
}

/* Without verification */

TEST(ssl_verify, not_the_name)
{
    static const char *const hosts[] = {"localhost", "elsewhere.test", NULL};
    for (int i = 0; i < 3; i++) {
        sock_ssl_context_t *client = client_context();
        check_ok(sock_ssl_set_check_hostname(client, 0));
        struct meeting m = meet(client, server_context("wrong"), hosts[i]);
        check_that(m.client.made != NULL, "%s", m.client.failure.text);
        part(&m);
        client = client_context();
        check_ok(sock_ssl_set_check_hostname(client, 0));
        m = meet(client, server_context("other"), hosts[i]);
        check(m.client.made == NULL);
        check_int(m.client.failure.error.verify_code, 20);
        part(&m);
    }
}

TEST(ssl_verify, nothing)
{
    static const char *const leaves[] = {"self_signed", "expired", "wrong"};
    for (int i = 0; i < 3; i++) {
        sock_ssl_context_t *client = client_context();
        check_ok(sock_ssl_set_check_hostname(client, 0));
        check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_NONE));
        struct meeting m = meet(client, server_context(leaves[i]), NULL);
        check_that(m.client.made != NULL, "%s", m.client.failure.text);
        part(&m);
    }
}

/* As Python's: a server always shows one. */
TEST(ssl_verify, optional_is_required_of_servers)
{
    sock_ssl_context_t *client = client_context();
    check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_OPTIONAL));
    struct meeting m = meet(client, server_context("other"), "localhost");
    check(m.client.made == NULL);
    check_int(m.client.failure.error.verify_code, 20);
    part(&m);
}

/* Setting it back on is not forgotten. */
TEST(ssl_verify, on_again)
{
    sock_ssl_context_t *client = client_context();
    check_ok(sock_ssl_set_check_hostname(client, 0));
    check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_NONE));
    check_ok(sock_ssl_set_check_hostname(client, 1));
    struct meeting m = meet(client, server_context("wrong"), "localhost");
    check(m.client.made == NULL);
    check_int(m.client.failure.error.verify_code, 62);
    part(&m);
}

/* Names that are none */

static void refuses_host(const char *host, const char *words)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    int fd = sock_fileno(p.a);
    char c;
    check_null_part(sock_ssl_wrap_socket(ctx, p.a, 0, host, NULL), SOCK_E_VALUE,
                    0, words);
    check_int(sock_fileno(p.a), fd); /* untouched */
    check_ok(sock_setblocking(p.b, 0));
    check_int(sock_recv(p.b, &c, 1, 0), -1); /* and so is the wire */
    check_int(errno, EAGAIN);
    check_null_part(sock_ssl_create_connection(ctx, host, 9, 1), SOCK_E_VALUE,
                    0, "");
    sock_ssl_context_free(ctx);
    free_pair(&p);
}

TEST(ssl_verify, no_host)
{
    refuses_host("", "check_hostname requires server_hostname");
    sock_ssl_context_t *ctx = client_context();
    struct pair p = tcp_pair();
    check_null_part(sock_ssl_wrap_socket(ctx, p.a, 0, NULL, NULL), SOCK_E_VALUE,
                    0, "check_hostname requires server_hostname");
    check_null_part(
        sock_ssl_wrap_socket(ctx, p.a, SOCK_SSL_NO_HANDSHAKE, NULL, NULL),
        SOCK_E_VALUE, 0, "check_hostname requires server_hostname");
    check(sock_fileno(p.a) >= 0);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

TEST(ssl_verify, hosts_that_are_none)
{
    static const char *const hosts[] = {".localhost",
                                        "localhost.",
                                        ".",
                                        "*.example.test",
                                        "*",
                                        "a*.test",
                                        "local host",
                                        "localhost\n",
                                        "local\thost",
                                        "localhost\x7f",
                                        "\x01",
                                        "b\xc3\xbc"
                                        "cher.test",
                                        "a/b",
                                        "localhost:443",
                                        "[::1]",
                                        "fe80::1%lo",
                                        "a'b",
                                        "user@localhost",
                                        "a,b",
                                        "a\\b"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        refuses_host(hosts[i], "");
}

/* The host may be off, but what is sent must be a name all the same. */
TEST(ssl_verify, hosts_that_are_none_without_a_check)
{
    sock_ssl_context_t *ctx = client_context();
    struct pair p = tcp_pair();
    check_ok(sock_ssl_set_check_hostname(ctx, 0));
    check_null_part(sock_ssl_wrap_socket(ctx, p.a, 0, "*.example.test", NULL),
                    SOCK_E_VALUE, 0, "");
    check_null_part(sock_ssl_wrap_socket(ctx, p.a, 0, "localhost\r\n", NULL),
                    SOCK_E_VALUE, 0, "");
    check(sock_fileno(p.a) >= 0);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

TEST(ssl_verify, the_longest_host)
{
    char host[255];
    for (size_t i = 0; i < sizeof host; i++)
        host[i] = i % 50 == 49 ? '.' : 'a';
    host[254] = '\0';
    refuses_host(host, "");
    host[253] = '\0';
    refuses_name("good", host);
}

TEST(ssl_verify, the_longest_label)
{
    char host[70];
    memset(host, 'a', 64);
    memcpy(host + 64, ".test", 6);
    refuses_host(host, "");
    memcpy(host + 63, ".test", 6);
    refuses_name("good", host);
    refuses_host("a..test", "");
}

/* The name that is sent */

static void note_name(struct raw *r, SSL *ssl)
{
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    snprintf(r->arg, 64, "%s", name != NULL ? name : "(none)");
}

static const char *name_sent(const char *host)
{
    static char name[64];
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    struct raw raw = {.fd = sock_detach(plain.b),
                      .server = true,
                      .leaf = "good",
                      .talk = note_name,
                      .arg = name};
    sock_free(plain.b);
    check_ok(sock_ssl_set_check_hostname(ctx, 0));
    check_ok(sock_settimeout(plain.a, 10));
    raw_begin(&raw);
    sock_t *s = check_made(wrap(ctx, plain.a, 0, host));
    raw_finish(&raw);
    sock_free(s);
    sock_ssl_context_free(ctx);
    return name;
}

TEST(ssl_verify, names_are_sent_and_addresses_are_not)
{
    check_str(name_sent("localhost"), "localhost");
    check_str(name_sent("a_b-c.test"), "a_b-c.test");
    check_str(name_sent("127.0.0.1"), "(none)");
    check_str(name_sent("::1"), "(none)");
    check_str(name_sent(NULL), "(none)");
}

/* Clients */

/* The server's context asks for certificates, and trusts the first root. */
static sock_ssl_context_t *asking(int mode, int version)
{
    sock_ssl_context_t *ctx = server_context("good");
    check_ok(sock_ssl_load_verify_locations(ctx, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_set_verify_mode(ctx, mode));
    only_version(ctx, version);
    return ctx;
}

static sock_ssl_context_t *showing(const char *leaf)
{
    char pem[64], key[64];
    sock_ssl_context_t *ctx = client_context();
    if (leaf == NULL)
        return ctx;
    snprintf(pem, sizeof pem, "%s.pem", leaf);
    snprintf(key, sizeof key, "%s.key", leaf);
    check_ok(sock_ssl_load_cert_chain(ctx, cert(pem), cert(key), NULL));
    return ctx;
}

TEST(ssl_verify, clients_that_are_known)
{
    for (int i = 0; i < 2; i++) {
        struct meeting m =
            meet(showing("client"), asking(SOCK_SSL_CERT_REQUIRED, versions[i]),
                 "localhost");
        check_that(m.client.made != NULL, "%s", m.client.failure.text);
        check_that(m.server.made != NULL, "%s", m.server.failure.text);
        part(&m);
    }
}

TEST(ssl_verify, clients_that_need_not_show_one)
{
    for (int i = 0; i < 2; i++) {
        struct meeting m =
            meet(showing(NULL), asking(SOCK_SSL_CERT_OPTIONAL, versions[i]),
                 "localhost");
        check_that(m.server.made != NULL, "%s", m.server.failure.text);
        part(&m);
        m = meet(showing("other_client"),
                 asking(SOCK_SSL_CERT_OPTIONAL, versions[i]), "localhost");
        check(m.server.made == NULL);
        check_int(m.server.failure.error.verify_code, 20);
        part(&m);
    }
}

/* The server refuses; in TLS 1.3 the client learns of it when it receives. */
static void client_refused(const char *leaf, int verify_code,
                           const char *servers, const char *const clients[2])
{
    char buf[8];
    for (int i = 0; i < 2; i++) {
        struct meeting m =
            meet(showing(leaf), asking(SOCK_SSL_CERT_REQUIRED, versions[i]),
                 "localhost");
        check(m.server.made == NULL);
        check_failure(&m.server.failure, SOCK_E_TLS, TLS_FAILED, servers);
        check_int(m.server.failure.error.verify_code, verify_code);
        if (versions[i] == SOCK_SSL_TLSV1_3) {
            check_that(m.client.made != NULL, "%s", m.client.failure.text);
            check_part(sock_recv(m.client.made, buf, sizeof buf, 0), SOCK_E_TLS,
                       TLS_FAILED, clients[i]);
            check_part(sock_recv(m.client.made, buf, sizeof buf, 0), SOCK_E_TLS,
                       TLS_FAILED, clients[i]);
        } else {
            check(m.client.made == NULL);
            check_failure(&m.client.failure, SOCK_E_TLS, TLS_FAILED,
                          clients[i]);
        }
        part(&m);
    }
}

TEST(ssl_verify, clients_without_one)
{
    client_refused(
        NULL, 0, "[SSL: PEER_DID_NOT_RETURN_A_CERTIFICATE]",
        (const char *const[]){"[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]",
                              "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]"});
}

TEST(ssl_verify, clients_of_another_root)
{
    client_refused("other_client", 20, "[SSL: CERTIFICATE_VERIFY_FAILED]",
                   (const char *const[]){unknown, unknown});
}

TEST(ssl_verify, servers_certificates_of_clients)
{
    static const char alert[] = "[SSL: SSLV3_ALERT_UNSUPPORTED_CERTIFICATE]";
    client_refused("wrong", 26, "[SSL: CERTIFICATE_VERIFY_FAILED]",
                   (const char *const[]){alert, alert});
}

/* Clients that are asked behind the handshake */

struct asked {
    sock_t *s;
    ssize_t got; /* of the second receive */
    struct failure failure;
    pthread_t thread;
};

/* The request comes with the first byte, and what is made of the answer with
 * the second. */
static void *run_asked(void *arg)
{
    struct asked *x = arg;
    char c;
    if (sock_recv(x->s, &c, 1, 0) == 1 && sock_send(x->s, &c, 1, 0) == 1)
        x->got = sock_recv(x->s, &c, 1, 0);
    if (x->got < 0)
        x->failure = last_failure();
    OPENSSL_thread_stop();
    return NULL;
}

/* What the server receives behind the request, and how the client ends. */
static ssize_t asks(sock_ssl_context_t *client, int mode, struct asked *x,
                    struct failure *failure)
{
    sock_ssl_context_t *server = asking(mode, SOCK_SSL_TLSV1_3);
    char c;
    check_ok(sock_ssl_set_post_handshake_auth(server, 1));
    check_ok(sock_ssl_set_post_handshake_auth(client, 1));
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    *x = (struct asked){.s = p.a};
    check_ok(sock_ssl_verify_client_post_handshake(p.b));
    check_ok(sock_sendall(p.b, "x", 1, 0));
    check_int(pthread_create(&x->thread, NULL, run_asked, x), 0);
    ssize_t got = sock_recv(p.b, &c, 1, 0);
    *failure = last_failure();
    if (got == 1)
        check_ok(sock_sendall(p.b, "y", 1, 0));
    check_int(pthread_join(x->thread, NULL), 0);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return got;
}

TEST(ssl_verify, clients_asked_later_without_one)
{
    struct asked x;
    struct failure f;
    check_int(asks(showing(NULL), SOCK_SSL_CERT_REQUIRED, &x, &f), -1);
    check_failure(&f, SOCK_E_TLS, TLS_FAILED,
                  "[SSL: PEER_DID_NOT_RETURN_A_CERTIFICATE]");
    check_int(x.got, -1);
    check_failure(&x.failure, SOCK_E_TLS, TLS_FAILED,
                  "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]");
}

TEST(ssl_verify, clients_asked_later_that_need_not_show_one)
{
    struct asked x;
    struct failure f;
    check_int(asks(showing(NULL), SOCK_SSL_CERT_OPTIONAL, &x, &f), 1);
    check_int(x.got, 1);
    check_int(asks(showing("client"), SOCK_SSL_CERT_OPTIONAL, &x, &f), 1);
    check_int(x.got, 1);
}

/* A client that verifies no one is asked as any (CPython's bpo-37428). */
TEST(ssl_verify, clients_asked_later_that_verify_no_one)
{
    struct asked x;
    struct failure f;
    sock_ssl_context_t *client = showing("client");
    check_ok(sock_ssl_set_check_hostname(client, 0));
    check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_NONE));
    check_int(asks(client, SOCK_SSL_CERT_REQUIRED, &x, &f), 1);
    check_int(x.got, 1);
}

/* What both can */

TEST(ssl_verify, no_common_version)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    only_version(client, SOCK_SSL_TLSV1_3);
    only_version(server, SOCK_SSL_TLSV1_2);
    struct meeting m = meet(client, server, "localhost");
    check_failure(&m.client.failure, SOCK_E_TLS, TLS_FAILED,
                  "[SSL: TLSV1_ALERT_PROTOCOL_VERSION]");
    check_failure(&m.server.failure, SOCK_E_TLS, TLS_FAILED,
                  "[SSL: UNSUPPORTED_PROTOCOL]");
    part(&m);
}

TEST(ssl_verify, no_common_cipher)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    only_version(client, SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_ciphers(client, "ECDHE-RSA-AES128-GCM-SHA256"));
    struct meeting m = meet(client, server, "localhost");
    check_failure(&m.client.failure, SOCK_E_TLS, TLS_FAILED,
                  "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]");
    check_failure(&m.server.failure, SOCK_E_TLS, TLS_FAILED,
                  "[SSL: NO_SHARED_CIPHER]");
    part(&m);
}

TEST(ssl_verify, a_server_without_a_certificate)
{
    sock_ssl_context_t *server =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER));
    struct meeting m = meet(client_context(), server, "localhost");
    check_failure(&m.client.failure, SOCK_E_TLS, TLS_FAILED,
                  "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]");
    check_failure(&m.server.failure, SOCK_E_TLS, TLS_FAILED,
                  "[SSL: NO_SHARED_CIPHER]");
    part(&m);
}

/* TLS 1.1, which OpenSSL still has. */
static void refuses_old(bool server)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx =
        server ? server_context("good") : client_context();
    struct raw raw = {.fd = sock_detach(plain.b),
                      .server = !server,
                      .leaf = server ? NULL : "good",
                      .ciphers = "ALL:@SECLEVEL=0",
                      .minimum = TLS1_1_VERSION,
                      .maximum = TLS1_1_VERSION};
    sock_free(plain.b);
    raw_begin(&raw);
    check_ok(sock_settimeout(plain.a, 10));
    check_null_part(wrap(ctx, plain.a, server ? SOCK_SSL_SERVER_SIDE : 0,
                         server ? NULL : "localhost"),
                    SOCK_E_TLS, TLS_FAILED,
                    server ? "[SSL: UNSUPPORTED_PROTOCOL]"
                           : "[SSL: TLSV1_ALERT_PROTOCOL_VERSION]");
    raw_finish(&raw);
    check(raw.shaken != 1);
    sock_ssl_context_free(ctx);
}

TEST(ssl_verify, old_versions)
{
    refuses_old(true);
    refuses_old(false);
}
