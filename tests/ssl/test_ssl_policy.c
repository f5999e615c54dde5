/* SPDX-License-Identifier: MIT */
/* A context's policy: how chains are verified, options, lists, tickets. */
#include "starve_openssl.h"
#include "tls.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

static const int versions[] = {SOCK_SSL_TLSV1_2, SOCK_SSL_TLSV1_3};

static sock_ssl_context_t *new_context(int protocol)
{
    return check_made(sock_ssl_context_new(protocol));
}

static sock_ssl_context_t *new_client(void)
{
    return new_context(SOCK_SSL_PROTOCOL_TLS_CLIENT);
}

static sock_ssl_context_t *new_server(void)
{
    return new_context(SOCK_SSL_PROTOCOL_TLS_SERVER);
}

static void only_version(sock_ssl_context_t *ctx, int version)
{
    check_ok(sock_ssl_set_minimum_version(ctx, SOCK_SSL_TLSV1_2));
    check_ok(sock_ssl_set_maximum_version(ctx, version));
    check_ok(sock_ssl_set_minimum_version(ctx, version));
}

/* The contexts go on. */
static void meet(struct end *a, struct end *b, sock_ssl_context_t *client,
                 sock_ssl_context_t *server)
{
    struct pair plain = tcp_pair();
    *a = (struct end){.ctx = client, .plain = plain.a, .host = "localhost"};
    *b = (struct end){
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(a, b);
}

static void part(struct end *a, struct end *b)
{
    sock_freep(&a->made);
    sock_freep(&b->made);
}

/* What comes of a client before a server that shows this: the verify_code, or
 * -1 for another failure. */
static int verdict(sock_ssl_context_t *client, const char *leaf)
{
    struct end a, b;
    sock_ssl_context_t *server = server_context(leaf);
    meet(&a, &b, client, server);
    int code = a.made != NULL ? 0 : a.failure.error.verify_code;
    if (a.made == NULL && code == 0)
        code = -1;
    part(&a, &b);
    sock_ssl_context_free(server);
    return code;
}

static unsigned flags_of(sock_ssl_context_t *ctx)
{
    unsigned flags = 0;
    check_ok(sock_ssl_get_verify_flags(ctx, &flags));
    return flags;
}

TEST(ssl_policy, verify_flags_at_first)
{
    sock_ssl_context_t *bare = new_client(), *strict = client_context();
    check_int(flags_of(bare), SOCK_SSL_VERIFY_X509_TRUSTED_FIRST);
    check_int(flags_of(strict), 0x88020);
    sock_ssl_context_free(bare);
    sock_ssl_context_free(strict);
}

TEST(ssl_policy, verify_flags)
{
    static const unsigned all[] = {0, 4, 12, 32, 64, 0x8000, 0x80000, 0x8806c};
    sock_ssl_context_t *ctx = new_client();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        check_ok(sock_ssl_set_verify_flags(ctx, all[i]));
        check_int(flags_of(ctx), all[i]);
    }
    check_part(sock_ssl_set_verify_flags(ctx, 0x8000 | 1), SOCK_E_VALUE, 0,
               "verify_flags: unknown verify_flags");
    check_part(sock_ssl_set_verify_flags(ctx, 1u << 31), SOCK_E_VALUE, 0, "");
    sock_ssl_context_free(ctx);
}

TEST(ssl_policy, strictly)
{
    char text[SOCK_ERROR_TEXT_MAX];
    struct end a, b;
    sock_ssl_context_t *ctx = client_context();
    sock_ssl_context_t *server = server_context("no_aki");
    check_int(verdict(ctx, "no_aki"), 85);
    meet(&a, &b, ctx, server);
    check_failure(&a.failure, SOCK_E_TLS, TLS_FAILED,
                  "Missing Authority Key Identifier, which is allowed without "
                  "SOCK_SSL_VERIFY_X509_STRICT (depth 0, subject CN=no_aki)");
    part(&a, &b);
    check_ok(sock_error_text(&a.failure.error, text, sizeof text));
    check_ok(sock_ssl_set_verify_flags(ctx, SOCK_SSL_VERIFY_DEFAULT));
    check_int(verdict(ctx, "no_aki"), 0);
    check_int(verdict(ctx, "other"), 20);
    sock_ssl_context_free(server);
    sock_ssl_context_free(ctx);
}

TEST(ssl_policy, partial_chains)
{
    sock_ssl_context_t *ctx = check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, cert("good.pem"), NULL, NULL));
    check_int(verdict(ctx, "good"), 0);
    check_ok(sock_ssl_set_verify_flags(ctx, SOCK_SSL_VERIFY_X509_STRICT));
    check_int(verdict(ctx, "good"), 20);
    check_ok(
        sock_ssl_set_verify_flags(ctx, SOCK_SSL_VERIFY_X509_PARTIAL_CHAIN));
    check_int(verdict(ctx, "good"), 0);
    sock_ssl_context_free(ctx);
}

TEST(ssl_policy, revocation)
{
    sock_ssl_context_t *ctx = client_context();
    check_int(verdict(ctx, "revoked"), 0);
    check_ok(sock_ssl_set_verify_flags(
        ctx, flags_of(ctx) | SOCK_SSL_VERIFY_CRL_CHECK_LEAF));
    check_int(verdict(ctx, "good"), 3); /* there is no list */
    check_ok(sock_ssl_load_verify_locations(ctx, cert("root_and_revoked.pem"),
                                            NULL, NULL));
    check_int(verdict(ctx, "good"), 0);
    check_int(verdict(ctx, "revoked"), 23);
    check_ok(sock_ssl_set_verify_flags(ctx, SOCK_SSL_VERIFY_CRL_CHECK_CHAIN));
    check_int(verdict(ctx, "good"), 0);
    check_int(verdict(ctx, "revoked"), 23);
    sock_ssl_context_free(ctx);
}

/* Options */

static uint64_t options_of(sock_ssl_context_t *ctx)
{
    uint64_t options = 0;
    check_ok(sock_ssl_get_options(ctx, &options));
    return options;
}

static const uint64_t always =
    SOCK_SSL_OP_NO_RENEGOTIATION | SOCK_SSL_OP_NO_COMPRESSION;

TEST(ssl_policy, options)
{
    sock_ssl_context_t *ctx = new_server();
    check_int(options_of(ctx), always | SOCK_SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SOCK_SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    check_ok(sock_ssl_set_options(ctx, SOCK_SSL_OP_NO_TICKET));
    check_int(options_of(ctx), always | SOCK_SSL_OP_NO_TICKET);
    check_ok(sock_ssl_set_options(
        ctx, options_of(ctx) | SOCK_SSL_OP_CIPHER_SERVER_PREFERENCE));
    check_int(options_of(ctx), always | SOCK_SSL_OP_NO_TICKET |
                                   SOCK_SSL_OP_CIPHER_SERVER_PREFERENCE);
    check_ok(sock_ssl_set_options(ctx, 0));
    check_int(options_of(ctx), always);
    sock_ssl_context_free(ctx);
}

/* IGNORE_UNEXPECTED_EOF, unsafe renegotiation, kTLS, versions, and bits of no
 * one. */
TEST(ssl_policy, options_that_make_it_weaker)
{
    static const uint64_t none[] = {SSL_OP_IGNORE_UNEXPECTED_EOF,
                                    SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
                                    SSL_OP_ALLOW_CLIENT_RENEGOTIATION,
                                    SSL_OP_LEGACY_SERVER_CONNECT,
                                    SSL_OP_ENABLE_KTLS,
                                    SSL_OP_NO_TLSv1_3,
                                    SSL_OP_ALL,
                                    1ull << 63,
                                    1};
    sock_ssl_context_t *ctx = new_client();
    uint64_t before = options_of(ctx);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        check_part(sock_ssl_set_options(ctx, none[i]), SOCK_E_VALUE, 0,
                   "options: these options can't be set");
    check_int(options_of(ctx), before);
    sock_ssl_context_free(ctx);
}

/* The cipher that they agree on. */
static const char *agreed(sock_ssl_context_t *client,
                          sock_ssl_context_t *server)
{
    static char name[64];
    struct end a, b;
    meet(&a, &b, client, server);
    snprintf(name, sizeof name, "%s",
             a.made != NULL ? cipher_of(a.made) : "none");
    part(&a, &b);
    return name;
}

TEST(ssl_policy, whose_order_wins)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    only_version(client, SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_ciphers(
        client, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305"));
    check_ok(sock_ssl_set_ciphers(
        server, "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256"));
    check_str(agreed(client, server), "ECDHE-ECDSA-CHACHA20-POLY1305");
    check_ok(sock_ssl_set_options(server, 0));
    check_str(agreed(client, server), "ECDHE-ECDSA-AES128-GCM-SHA256");
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Lists */

TEST(ssl_policy, ciphersuites)
{
    static const char aes[] = "TLS_AES_128_GCM_SHA256";
    static const char chacha[] = "TLS_CHACHA20_POLY1305_SHA256";
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_ciphersuites(client, aes));
    check_str(agreed(client, server), aes);
    check_ok(sock_ssl_set_ciphersuites(client, chacha)); /* it is in use */
    check_str(agreed(client, server), chacha);
    check_ok(sock_ssl_set_ciphersuites(server, aes));
    check_str(agreed(client, server), "none");
    check_ok(sock_ssl_set_ciphersuites(
        client, "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"));
    check_str(agreed(client, server), aes);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_policy, ciphersuites_that_are_none)
{
    static const char *const none[] = {"",
                                       ":",
                                       "TLS_AES_128_GCM_SHA256:",
                                       ":TLS_AES_128_GCM_SHA256",
                                       "TLS_AES_128_GCM_SHA256:FOO",
                                       "TLS_AES_128_GCM_SHA25",
                                       "tls_aes_128_gcm_sha256",
                                       "ECDHE-ECDSA-AES128-GCM-SHA256",
                                       "TLS_SHA256_SHA256",
                                       "TLS_AES_128_GCM_SHA256 "};
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_ciphersuites(client, "TLS_AES_128_GCM_SHA256"));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        check_part(sock_ssl_set_ciphersuites(client, none[i]), SOCK_E_VALUE, 0,
                   "set_ciphersuites: unknown cipher suite of TLS 1.3 in '");
    check_part(sock_ssl_set_ciphersuites(client, NULL), SOCK_E_TYPE, 0, "");
    check_str(agreed(client, server), "TLS_AES_128_GCM_SHA256");
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* A failure leaves the list of a context that is in use, too. */
TEST(ssl_policy, ciphers_of_a_context_in_use)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    only_version(client, SOCK_SSL_TLSV1_2);
    for (int i = 0; i < 2; i++) {
        check_ok(sock_ssl_set_ciphers(client, "ECDHE-ECDSA-AES128-GCM-SHA256"));
        check_part(sock_ssl_set_ciphers(client, "FOO"), SOCK_E_TLS, TLS_FAILED,
                   "No cipher can be selected.");
        check_str(agreed(client, server), "ECDHE-ECDSA-AES128-GCM-SHA256");
        check_ok(sock_ssl_set_ciphers(client, "ECDHE-ECDSA-CHACHA20-POLY1305"));
        check_str(agreed(client, server), "ECDHE-ECDSA-CHACHA20-POLY1305");
    }
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_policy, curves)
{
    static const char *const good[] = {"X25519", "prime256v1", "P-384",
                                       "X25519:P-256"};
    static const char *const none[] = {"", "foo", "X25519:foo"};
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    for (int i = 0; i < 4; i++)
        check_ok(sock_ssl_set_ecdh_curve(client, good[i]));
    check_ok(sock_ssl_set_ecdh_curve(client, "X25519"));
    for (int i = 0; i < 3; i++)
        check_part(sock_ssl_set_ecdh_curve(client, none[i]), SOCK_E_VALUE, 0,
                   "set_ecdh_curve: unknown elliptic curve name '");
    check_part(sock_ssl_set_ecdh_curve(client, NULL), SOCK_E_TYPE, 0, "");
    check_ok(sock_ssl_set_ecdh_curve(server, "X25519"));
    check(strcmp(agreed(client, server), "none") != 0); /* as it was */
    check_ok(sock_ssl_set_ecdh_curve(server, "P-384"));
    check_str(agreed(client, server), "none");
    check_ok(sock_ssl_set_ecdh_curve(client, "X448:P-384"));
    check(strcmp(agreed(client, server), "none") != 0);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Tickets */

/* Whether there is something for the client behind the handshake. */
static int tickets_came(sock_ssl_context_t *server)
{
    struct pair p = tls_pair_over(tcp_pair(), NULL, server);
    struct pollfd fd = {.fd = sock_fileno(p.a), .events = POLLIN};
    int came = poll(&fd, 1, 0);
    free_pair(&p);
    return came;
}

TEST(ssl_policy, tickets)
{
    sock_ssl_context_t *ctx = server_context("good");
    check_int(sock_ssl_get_num_tickets(ctx), 2);
    check_int(tickets_came(ctx), 1);
    check_ok(sock_ssl_set_num_tickets(ctx, 0));
    check_int(sock_ssl_get_num_tickets(ctx), 0);
    check_int(tickets_came(ctx), 0);
    check_ok(sock_ssl_set_num_tickets(ctx, 1));
    check_int(tickets_came(ctx), 1);
    check_part(sock_ssl_set_num_tickets(ctx, -1), SOCK_E_VALUE, 0,
               "num_tickets: value must be non-negative");
    check_int(sock_ssl_get_num_tickets(ctx), 1);
    sock_ssl_context_free(ctx);
}

TEST(ssl_policy, tickets_are_a_servers)
{
    sock_ssl_context_t *ctx = new_client();
    check_part(sock_ssl_set_num_tickets(ctx, 1), SOCK_E_VALUE, 0,
               "SSLContext is not a server context.");
    check_int(sock_ssl_get_num_tickets(ctx), 2);
    sock_ssl_context_free(ctx);
}

/* Certificates that are asked for later */

static bool passes_without(sock_ssl_context_t *server, int version)
{
    struct end a, b;
    sock_ssl_context_t *client = client_context();
    only_version(client, version);
    check_ok(sock_ssl_set_post_handshake_auth(client, 1));
    meet(&a, &b, client, server);
    bool passes = b.made != NULL;
    part(&a, &b);
    sock_ssl_context_free(client);
    return passes;
}

TEST(ssl_policy, post_handshake_auth)
{
    sock_ssl_context_t *ctx = server_context("good");
    check_ok(sock_ssl_load_verify_locations(ctx, cert("root.pem"), NULL, NULL));
    check_int(sock_ssl_get_post_handshake_auth(ctx), 0);
    check_ok(sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_REQUIRED));
    check(!passes_without(ctx, SOCK_SSL_TLSV1_3));
    check_ok(sock_ssl_set_post_handshake_auth(ctx, 7));
    check_int(sock_ssl_get_post_handshake_auth(ctx), 1);
    check(passes_without(ctx, SOCK_SSL_TLSV1_3));
    check(!passes_without(ctx, SOCK_SSL_TLSV1_2));
    check_ok(sock_ssl_set_post_handshake_auth(ctx, 0));
    check(!passes_without(ctx, SOCK_SSL_TLSV1_3));
    check_ok(sock_ssl_set_post_handshake_auth(ctx, 1));
    check_ok(sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_OPTIONAL));
    check_ok(sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_REQUIRED));
    check(passes_without(ctx, SOCK_SSL_TLSV1_3));
    sock_ssl_context_free(ctx);
}

/* What it is */

TEST(ssl_policy, what_a_context_is)
{
    sock_ssl_context_t *client = new_client(), *server = new_server();
    check_int(sock_ssl_get_protocol(client), SOCK_SSL_PROTOCOL_TLS_CLIENT);
    check_int(sock_ssl_get_protocol(server), SOCK_SSL_PROTOCOL_TLS_SERVER);
    check_int(sock_ssl_get_security_level(client), 2);
    check_int(sock_ssl_get_security_level(server), 2);
    check_ok(sock_ssl_set_ciphers(client, "@SECLEVEL=3:HIGH"));
    check_int(sock_ssl_get_security_level(client), 3);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_policy, null)
{
    unsigned flags;
    uint64_t options;
    sock_ssl_context_t *ctx = new_client();
    check_part(sock_ssl_set_verify_flags(NULL, 0), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_verify_flags(NULL, &flags), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_verify_flags(ctx, NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_options(NULL, 0), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_options(NULL, &options), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_options(ctx, NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_ciphersuites(NULL, "x"), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_ecdh_curve(NULL, "x"), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_num_tickets(NULL, 1), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_num_tickets(NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_post_handshake_auth(NULL, 1), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_post_handshake_auth(NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_security_level(NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_protocol(NULL), SOCK_E_TYPE, 0, "");
    sock_ssl_context_free(ctx);
    sock_ssl_context_freep(NULL);
    sock_ssl_context_t *made = new_client();
    sock_ssl_context_freep(&made);
    check(made == NULL);
    sock_ssl_context_freep(&made);
}

TEST(ssl_policy, success_touches_nothing)
{
    sock_ssl_context_t *ctx = new_server();
    unsigned flags;
    uint64_t options;
    check_part(sock_ssl_set_num_tickets(ctx, -1), SOCK_E_VALUE, 0, "");
    const sock_error_t before = *sock_last_error();
    poison_queue();
    errno = 4321;
    check_ok(sock_ssl_set_verify_flags(ctx, 0));
    check_ok(sock_ssl_get_verify_flags(ctx, &flags));
    check_ok(sock_ssl_set_options(ctx, 0));
    check_ok(sock_ssl_get_options(ctx, &options));
    check_ok(sock_ssl_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256"));
    check_ok(sock_ssl_set_ciphers(ctx, "HIGH"));
    check_ok(sock_ssl_set_ecdh_curve(ctx, "X25519"));
    check_ok(sock_ssl_set_num_tickets(ctx, 3));
    check_ok(sock_ssl_set_post_handshake_auth(ctx, 1));
    check_int(errno, 4321);
    check(memcmp(&before, sock_last_error(), sizeof before) == 0);
    sock_ssl_context_free(ctx);
}

static void *shake_often(void *arg)
{
    sock_ssl_context_t **both = arg;
    for (int i = 0; i < 6; i++) {
        struct pair p = tls_pair_over(tcp_pair(), both[0], both[1]);
        free_pair(&p);
    }
    return NULL;
}

/* While others shake hands. */
TEST(ssl_policy, many_threads)
{
    static const char *const lists[] = {"HIGH", "ECDHE+AESGCM"};
    sock_ssl_context_t *both[2] = {client_context(), server_context("good")};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        check_int(pthread_create(&threads[i], NULL, shake_often, both), 0);
    for (int i = 0; i < 60; i++) {
        sock_ssl_context_t *ctx = both[i % 2];
        check_ok(sock_ssl_set_ciphers(ctx, lists[i / 2 % 2]));
        check_ok(sock_ssl_set_ciphersuites(
            ctx, i / 2 % 2 != 0 ? "TLS_AES_128_GCM_SHA256"
                                : "TLS_AES_128_GCM_SHA256:"
                                  "TLS_CHACHA20_POLY1305_SHA256"));
        check_ok(sock_ssl_set_ecdh_curve(ctx, "X25519:P-256"));
        check_ok(sock_ssl_set_verify_flags(ctx, 0));
        check_ok(sock_ssl_set_options(ctx, 0));
    }
    for (int i = 0; i < 3; i++)
        check_int(pthread_join(threads[i], NULL), 0);
    sock_ssl_context_free(both[0]);
    sock_ssl_context_free(both[1]);
}

/* A connection whose ciphers need no certificate has proved no name. */
static void refuses_anonymous(const char *host)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    struct raw raw = {.fd = sock_detach(plain.b),
                      .server = true,
                      .ciphers = "aNULL:@SECLEVEL=0",
                      .maximum = TLS1_2_VERSION};
    sock_free(plain.b);
    only_version(ctx, SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_ciphers(ctx, "aNULL:@SECLEVEL=0"));
    check_ok(sock_settimeout(plain.a, 10));
    raw_begin(&raw);
    check_null_part(wrap(ctx, plain.a, 0, host), SOCK_E_TLS, TLS_FAILED,
                    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
                    "failed: the peer has shown no certificate");
    check_int(sock_last_error()->verify_code, 1);
    check_str(sock_error_class(NULL), "ssl.SSLCertVerificationError");
    raw_finish(&raw);
    sock_ssl_context_free(ctx);
}

TEST(ssl_policy, anonymous_peers)
{
    refuses_anonymous("localhost");
    refuses_anonymous("127.0.0.1");
}

/* Both versions know of it. */
TEST(ssl_policy, versions_are_met)
{
    for (int i = 0; i < 2; i++) {
        struct end a, b;
        sock_ssl_context_t *client = client_context();
        sock_ssl_context_t *server = server_context("good");
        only_version(server, versions[i]);
        meet(&a, &b, client, server);
        check_str(sock_ssl_version(check_made(a.made)),
                  i == 0 ? "TLSv1.2" : "TLSv1.3");
        part(&a, &b);
        sock_ssl_context_free(client);
        sock_ssl_context_free(server);
    }
}

/* Each of the allocations of a setter fails once: an error that says so, and
 * the context goes on. */

static int no_sni(sock_t *s, const char *name, void *arg)
{
    (void)s, (void)name, (void)arg;
    return 0;
}

static int no_password(char *buf, size_t size, void *arg)
{
    (void)buf, (void)size, (void)arg;
    return -1;
}

static int no_key(const char *identity, unsigned char *key, size_t size,
                  void *arg)
{
    (void)identity, (void)key, (void)size, (void)arg;
    return 0;
}

static int set(sock_ssl_context_t *ctx, int what)
{
    static const char *const names[] = {"h2", "http/1.1"};
    static const char *const pins[] = {
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="};
    switch (what) {
    case 0:
        return sock_ssl_set_ciphers(ctx, "HIGH:!PSK");
    case 1:
        return sock_ssl_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
    case 2:
        return sock_ssl_set_ecdh_curve(ctx, "X25519:P-256");
    case 3:
        return sock_ssl_set_alpn_protocols(ctx, names, 2);
    case 4:
        return sock_ssl_set_sni_callback(ctx, no_sni, NULL);
    case 5:
        return sock_ssl_set_password_callback(ctx, no_password, NULL);
    case 6:
        return sock_ssl_set_psk_server_callback(ctx, no_key, "x", NULL);
    case 7:
        return sock_ssl_set_keylog_filename(ctx, "/dev/null");
    case 8:
        return sock_ssl_set_pins(ctx, pins, 1);
    default:
        return sock_ssl_set_options(ctx, 0);
    }
}

static int fails_by_memory(sock_ssl_context_t *ctx, int what)
{
    int failures = 0;
    for (int n = 1; n < 2000; n++) {
        fail_at = n;
        int result = set(ctx, what);
        bool reached = fail_at == 0;
        fail_at = 0;
        if (!reached) {
            check_int(result, 0);
            break;
        }
        if (result < 0) { /* some of OpenSSL's it does without */
            check_that(sock_last_error()->kind == SOCK_E_MEMORY,
                       "setter %d, allocation %d: %s", what, n, error_text());
            check_int(errno, ENOMEM);
            failures++;
        }
    }
    return failures;
}

TEST(ssl_policy, memory_that_is_refused)
{
    need_hooks();
    sock_ssl_context_t *ctx = server_context("good");
    for (int i = 0; i < 9; i++)
        check_that(fails_by_memory(ctx, i) > 0, "setter %d", i);
    check_int(fails_by_memory(ctx, 9), 0);
    check_ok(sock_ssl_set_pins(ctx, NULL, 0));
    check_ok(sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_NONE));
    struct pair p = tls_pair_over(tcp_pair(), NULL, ctx);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}
