/* SPDX-License-Identifier: MIT */
/* Errors of TLS, taken apart. */
#include "tls.h"

#include <string.h>

#include <openssl/err.h>

/* A client that refuses this server, in this thread. */
static void refuse(const char *leaf, const char *host)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context(leaf);
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    check_ok(sock_settimeout(plain.a, 10));
    check_ok(sock_settimeout(plain.b, 10));
    begin_end(&b);
    check(wrap(client, plain.a, 0, host) == NULL);
    const sock_error_t e = *sock_last_error();
    finish_end(&b);
    sock_free(b.made);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    check_int(sock_last_error()->kind, e.kind);
    check_int(sock_last_error()->reason, e.reason);
    check_int(sock_last_error()->verify_code, e.verify_code);
    check_int(sock_last_error()->detail, e.detail);
}

TEST(ssl_error, a_wrong_name)
{
    sock_ssl_error_t x;
    refuse("wrong", "localhost");
    check_int(sock_ssl_error(NULL, &x), 0);
    check_int(x.code, SOCK_SSL_ERROR_SSL);
    check_str(x.library, "SSL");
    check_str(x.reason, "CERTIFICATE_VERIFY_FAILED");
    check_int(x.verify_code, 62);
    check_str(x.verify_message, "Hostname mismatch, certificate is not valid "
                                "for 'localhost'.");
    check_int(x.depth, 0);
    check_str(x.subject, "CN=wrong");
    check_int(x.alert, -1);
    for (int i = 0; i < 8; i++)
        check_int(x.reserved[i], 0);
}

TEST(ssl_error, a_wrong_address)
{
    sock_ssl_error_t x;
    refuse("wrong", "127.0.0.1");
    check_ok(sock_ssl_error(sock_last_error(), &x));
    check_int(x.verify_code, 64);
    check_str(x.verify_message, "IP address mismatch, certificate is not valid "
                                "for '127.0.0.1'.");
}

TEST(ssl_error, an_issuer_that_is_missing)
{
    sock_ssl_error_t x;
    refuse("other", "localhost");
    check_ok(sock_ssl_error(NULL, &x));
    check_int(x.verify_code, 20);
    check_str(x.verify_message, "unable to get local issuer certificate");
    check_str(x.subject, "CN=other");
}

/* Of the former one it is not known any more which certificate it was. */
TEST(ssl_error, an_error_that_was_copied)
{
    sock_ssl_error_t x;
    char text[SOCK_ERROR_TEXT_MAX];
    refuse("wrong", "localhost");
    const sock_error_t e = *sock_last_error();
    refuse("expired", "localhost");
    check_ok(sock_ssl_error(&e, &x));
    check_int(x.verify_code, 62);
    check_int(x.depth, -1);
    check_str(x.subject, "");
    check_str(x.verify_message, "hostname mismatch");
    check_ok(sock_error_reason(&e, text, sizeof text));
    check_str(text, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
                    "failed: hostname mismatch");
    check_ok(sock_ssl_error(NULL, &x));
    check_int(x.verify_code, 10);
    check_str(x.subject, "CN=expired");
}

/* What the server is told. */
TEST(ssl_error, an_alert)
{
    sock_ssl_error_t x;
    struct pair plain = tcp_pair();
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("expired");
    struct end a = {.ctx = client, .plain = plain.a, .host = "localhost"};
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&a, &b);
    check_ok(sock_ssl_error(&b.failure.error, &x));
    check_int(x.code, SOCK_SSL_ERROR_SSL);
    check_int(x.alert, SOCK_SSL_ALERT_CERTIFICATE_EXPIRED);
    check_str(x.library, "SSL");
    check_str(x.reason, "SSLV3_ALERT_CERTIFICATE_EXPIRED");
    check_int(x.verify_code, 0);
    check_str(x.verify_message, "");
    check_int(x.depth, -1);
    check_str(x.subject, "");
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

static void cut(struct raw *r, SSL *ssl)
{
    raw_fin(r, ssl);
}

TEST(ssl_error, an_end_without_goodbye)
{
    char buf[8];
    sock_ssl_error_t x;
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    struct raw raw = {.fd = sock_detach(plain.b),
                      .server = true,
                      .leaf = "good",
                      .talk = cut};
    sock_free(plain.b);
    check_ok(sock_settimeout(plain.a, 10));
    raw_begin(&raw);
    sock_t *s = check_made(wrap(ctx, plain.a, 0, "localhost"));
    check_part(sock_recv(s, buf, sizeof buf, 0), SOCK_E_TLS, TLS_CUT, "");
    check_ok(sock_ssl_error(NULL, &x));
    check_int(x.code, SOCK_SSL_ERROR_EOF);
    check_str(x.library, "SSL");
    check_str(x.reason, "UNEXPECTED_EOF_WHILE_READING");
    check_int(x.alert, -1);
    sock_free(s);
    raw_finish(&raw);
    sock_ssl_context_free(ctx);
}

TEST(ssl_error, other_libraries)
{
    sock_ssl_error_t x;
    sock_ssl_context_t *ctx = server_context("good");
    check_part(sock_ssl_load_cert_chain(ctx, cert("good.pem"),
                                        cert("wrong.key"), NULL),
               SOCK_E_TLS, TLS_FAILED, "");
    check_ok(sock_ssl_error(NULL, &x));
    check_str(x.library, "X509");
    check_str(x.reason, "KEY_VALUES_MISMATCH");
    check_part(sock_ssl_load_cert_chain(ctx, cert("junk.pem"),
                                        cert("wrong.key"), NULL),
               SOCK_E_TLS, TLS_FAILED, "");
    check_ok(sock_ssl_error(NULL, &x));
    check_str(x.library, "PEM");
    check_str(x.reason, "NO_START_LINE");
    check_int(x.alert, -1);
    sock_ssl_context_free(ctx);
}

TEST(ssl_error, of_another_kind)
{
    sock_ssl_error_t x;
    sock_error_t none = {.kind = SOCK_E_NONE, .operation = ""};
    check_int(sock_recv(NULL, NULL, 0, 0), -1);
    check_part(sock_ssl_error(NULL, &x), SOCK_E_VALUE, 0,
               "sock_ssl_error: this is no error of TLS");
    check_part(sock_ssl_error(&none, &x), SOCK_E_VALUE, 0, "");
    check_part(sock_ssl_error(&none, NULL), SOCK_E_TYPE, 0, "");
}

TEST(ssl_error, success_touches_nothing)
{
    sock_ssl_error_t x;
    char before[SOCK_ERROR_TEXT_MAX];
    refuse("wrong", "localhost");
    snprintf(before, sizeof before, "%s", error_text());
    poison_queue();
    errno = 4321;
    check_ok(sock_ssl_error(NULL, &x));
    check_int(errno, 4321);
    check_str(error_text(), before);
    check_int(ERR_GET_REASON(ERR_peek_error()), SSL_R_BAD_LENGTH);
    ERR_clear_error();
}

/* As Python numbers them. */
TEST(ssl_error, numbers)
{
    check_int(SOCK_SSL_ERROR_SSL, 1);
    check_int(SOCK_SSL_ERROR_ZERO_RETURN, 6);
    check_int(SOCK_SSL_ERROR_EOF, 8);
    check_int(SOCK_SSL_ALERT_UNKNOWN_PSK_IDENTITY, SSL_AD_UNKNOWN_PSK_IDENTITY);
    check_int(SOCK_SSL_ALERT_UNRECOGNIZED_NAME, SSL_AD_UNRECOGNIZED_NAME);
    check_int(SOCK_SSL_ALERT_CERTIFICATE_REQUIRED, SSL_AD_CERTIFICATE_REQUIRED);
}
