/* SPDX-License-Identifier: MIT */
/* What connections have in common: whom to trust, what to show, versions. */
#include "tls.h"

#include <stdlib.h>
#include <string.h>

static sock_ssl_context_t *new_client(void)
{
    return check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
}

static sock_ssl_context_t *new_server(void)
{
    return check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER));
}

TEST(ssl_context, defaults)
{
    sock_ssl_context_t *client = new_client(), *server = new_server();
    check_int(sock_ssl_get_verify_mode(client), SOCK_SSL_CERT_REQUIRED);
    check_int(sock_ssl_get_check_hostname(client), 1);
    check_int(sock_ssl_get_minimum_version(client), SOCK_SSL_TLSV1_2);
    check_int(sock_ssl_get_maximum_version(client), SOCK_SSL_MAXIMUM_SUPPORTED);
    check_int(sock_ssl_get_verify_mode(server), SOCK_SSL_CERT_NONE);
    check_int(sock_ssl_get_check_hostname(server), 0);
    check_int(sock_ssl_get_minimum_version(server), SOCK_SSL_TLSV1_2);
    check_int(sock_ssl_get_maximum_version(server), SOCK_SSL_MAXIMUM_SUPPORTED);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_context, purposes)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = check_made(sock_ssl_create_default_context(
        SOCK_SSL_CLIENT_AUTH, cert("root.pem"), NULL, NULL));
    check_int(sock_ssl_get_verify_mode(client), SOCK_SSL_CERT_REQUIRED);
    check_int(sock_ssl_get_check_hostname(client), 1);
    check_int(sock_ssl_get_verify_mode(server), SOCK_SSL_CERT_NONE);
    check_int(sock_ssl_get_check_hostname(server), 0);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_context, of_what_there_is_not)
{
    check_null_part(sock_ssl_context_new(0), SOCK_E_VALUE, 0, "protocol");
    check_null_part(sock_ssl_context_new(2), SOCK_E_VALUE, 0, "protocol");
    check_null_part(sock_ssl_context_new(-1), SOCK_E_VALUE, 0, "protocol");
    check_null_part(sock_ssl_create_default_context(2, NULL, NULL, NULL),
                    SOCK_E_VALUE, 0, "");
    check_null_part(sock_ssl_create_default_context(-1, NULL, NULL, NULL),
                    SOCK_E_VALUE, 0, "");
    check_null_part(sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH,
                                                    "/nonexistent", NULL, NULL),
                    SOCK_E_OS, ENOENT, "[Errno 2] No such file or directory");
}

TEST(ssl_context, none_is_freed)
{
    errno = 4321;
    sock_ssl_context_free(NULL);
    check_int(errno, 4321);
}

/* Whether it has certificates is the machine's. */
TEST(ssl_context, the_default_one_is_one)
{
    sock_ssl_context_t *ctx = check_made(sock_ssl_default_context());
    check(sock_ssl_default_context() == ctx);
    check_int(sock_ssl_get_verify_mode(ctx), SOCK_SSL_CERT_REQUIRED);
    check_int(sock_ssl_get_check_hostname(ctx), 1);
}

/* No function takes a context that is none. */
TEST(ssl_context, null)
{
    const char *names[] = {"a"};
    check_part(sock_ssl_load_cert_chain(NULL, cert("good.pem"), NULL, NULL),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_load_cert_chain_data(NULL, "", 0, "", 0, NULL),
               SOCK_E_TYPE, 0, "");
    check_part(
        sock_ssl_load_verify_locations(NULL, cert("root.pem"), NULL, NULL),
        SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_load_verify_data(NULL, "", 0), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_load_default_certs(NULL, SOCK_SSL_SERVER_AUTH),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_verify_mode(NULL, SOCK_SSL_CERT_NONE), SOCK_E_TYPE,
               0, "");
    check_part(sock_ssl_get_verify_mode(NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_check_hostname(NULL, 0), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_check_hostname(NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_minimum_version(NULL, SOCK_SSL_TLSV1_2),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_maximum_version(NULL, SOCK_SSL_TLSV1_2),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_ciphers(NULL, "HIGH"), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_alpn_protocols(NULL, names, 1), SOCK_E_TYPE, 0, "");
}

TEST(ssl_context, null_has_no_version)
{
    check_int(sock_ssl_get_minimum_version(NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
    check_int(sock_ssl_get_maximum_version(NULL), -1);
    check_int(sock_last_error()->kind, SOCK_E_TYPE);
}

TEST(ssl_context, verify_mode)
{
    static const int modes[] = {SOCK_SSL_CERT_OPTIONAL, SOCK_SSL_CERT_REQUIRED,
                                SOCK_SSL_CERT_NONE};
    sock_ssl_context_t *ctx = new_client();
    check_ok(sock_ssl_set_check_hostname(ctx, 0));
    for (int i = 0; i < 3; i++) {
        check_ok(sock_ssl_set_verify_mode(ctx, modes[i]));
        check_int(sock_ssl_get_verify_mode(ctx), modes[i]);
    }
    check_part(sock_ssl_set_verify_mode(ctx, 3), SOCK_E_VALUE, 0,
               "invalid value for verify_mode");
    check_part(sock_ssl_set_verify_mode(ctx, -1), SOCK_E_VALUE, 0,
               "invalid value for verify_mode");
    check_int(sock_ssl_get_verify_mode(ctx), SOCK_SSL_CERT_NONE);
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, a_name_needs_a_certificate)
{
    sock_ssl_context_t *ctx = new_client();
    check_part(sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_NONE), SOCK_E_VALUE,
               0,
               "Cannot set verify_mode to CERT_NONE when check_hostname is "
               "enabled.");
    check_int(sock_ssl_get_verify_mode(ctx), SOCK_SSL_CERT_REQUIRED);
    check_ok(sock_ssl_set_check_hostname(ctx, 0));
    check_int(sock_ssl_get_verify_mode(ctx), SOCK_SSL_CERT_REQUIRED);
    check_ok(sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_NONE));
    check_ok(sock_ssl_set_check_hostname(ctx, 1));
    check_int(sock_ssl_get_verify_mode(ctx), SOCK_SSL_CERT_REQUIRED);
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, versions)
{
    sock_ssl_context_t *ctx = new_client();
    check_ok(sock_ssl_set_minimum_version(ctx, SOCK_SSL_TLSV1_3));
    check_int(sock_ssl_get_minimum_version(ctx), SOCK_SSL_TLSV1_3);
    check_ok(sock_ssl_set_minimum_version(ctx, SOCK_SSL_TLSV1_2));
    check_ok(sock_ssl_set_maximum_version(ctx, SOCK_SSL_TLSV1_2));
    check_int(sock_ssl_get_maximum_version(ctx), SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_maximum_version(ctx, SOCK_SSL_MAXIMUM_SUPPORTED));
    check_int(sock_ssl_get_maximum_version(ctx), SOCK_SSL_MAXIMUM_SUPPORTED);
    check_ok(sock_ssl_set_minimum_version(ctx, SOCK_SSL_MINIMUM_SUPPORTED));
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, versions_that_are_none)
{
    static const int none[] = {0, 42, 0x0300, 0x0301, 0x0302, 0x0305, -3};
    sock_ssl_context_t *ctx = new_client();
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        check_part(sock_ssl_set_minimum_version(ctx, none[i]), SOCK_E_VALUE, 0,
                   "Unsupported TLS/SSL version");
        check_part(sock_ssl_set_maximum_version(ctx, none[i]), SOCK_E_VALUE, 0,
                   "Unsupported TLS/SSL version");
    }
    check_int(sock_ssl_get_minimum_version(ctx), SOCK_SSL_TLSV1_2);
    sock_ssl_context_free(ctx);
}

/* Beyond Python: no handshake could succeed. */
TEST(ssl_context, minimum_above_maximum)
{
    sock_ssl_context_t *ctx = new_client();
    check_ok(sock_ssl_set_maximum_version(ctx, SOCK_SSL_TLSV1_2));
    check_part(sock_ssl_set_minimum_version(ctx, SOCK_SSL_TLSV1_3),
               SOCK_E_VALUE, 0, "");
    check_int(sock_ssl_get_minimum_version(ctx), SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_maximum_version(ctx, SOCK_SSL_TLSV1_3));
    check_ok(sock_ssl_set_minimum_version(ctx, SOCK_SSL_TLSV1_3));
    check_part(sock_ssl_set_maximum_version(ctx, SOCK_SSL_TLSV1_2),
               SOCK_E_VALUE, 0, "");
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, ciphers)
{
    sock_ssl_context_t *ctx = new_client();
    check_ok(sock_ssl_set_ciphers(ctx, "ECDHE-ECDSA-AES128-GCM-SHA256"));
    check_ok(sock_ssl_set_ciphers(ctx, "HIGH:FOO"));
    check_part(sock_ssl_set_ciphers(ctx, "FOO"), SOCK_E_TLS, TLS_FAILED,
               "No cipher can be selected.");
    check_part(sock_ssl_set_ciphers(ctx, ""), SOCK_E_TLS, TLS_FAILED,
               "No cipher can be selected.");
    check_part(sock_ssl_set_ciphers(ctx, NULL), SOCK_E_TYPE, 0, "");
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, alpn_names)
{
    char longest[257];
    const char *good[] = {"h2", longest}, *none[] = {"h2", ""},
               *null[] = {NULL}, *too_long[] = {longest};
    sock_ssl_context_t *ctx = new_client();

    memset(longest, 'x', sizeof longest);
    longest[255] = '\0';
    check_ok(sock_ssl_set_alpn_protocols(ctx, good, 2));
    check_ok(sock_ssl_set_alpn_protocols(ctx, NULL, 0));
    check_part(sock_ssl_set_alpn_protocols(ctx, none, 2), SOCK_E_VALUE, 0,
               "ALPN protocols must be 1 to 255 in length");
    check_part(sock_ssl_set_alpn_protocols(ctx, null, 1), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_alpn_protocols(ctx, NULL, 1), SOCK_E_TYPE, 0, "");
    longest[255] = 'x';
    longest[256] = '\0';
    check_part(sock_ssl_set_alpn_protocols(ctx, too_long, 1), SOCK_E_VALUE, 0,
               "ALPN protocols must be 1 to 255 in length");
    sock_ssl_context_free(ctx);
}

/* Certificates and keys */

TEST(ssl_context, chains_load)
{
    sock_ssl_context_t *ctx = new_server();
    check_ok(sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert("good.key"),
                                      NULL));
    check_ok(
        sock_ssl_load_cert_chain(ctx, cert("rsa.pem"), cert("rsa.key"), NULL));
    check_ok(sock_ssl_load_cert_chain(ctx, cert("chain.pem"), cert("chain.key"),
                                      NULL));
    check_ok(sock_ssl_load_cert_chain(ctx, cert("good_both.pem"), NULL, NULL));
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, files_that_are_missing)
{
    static const char text[] = "[Errno 2] No such file or directory";
    sock_ssl_context_t *ctx = new_server();
    check_part(sock_ssl_load_cert_chain(ctx, cert("none.pem"), NULL, NULL),
               SOCK_E_OS, ENOENT, text);
    check_part(
        sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert("none.key"), NULL),
        SOCK_E_OS, ENOENT, text);
    check_part(
        sock_ssl_load_verify_locations(ctx, cert("none.pem"), NULL, NULL),
        SOCK_E_OS, ENOENT, text);
    check_part(sock_ssl_load_cert_chain(ctx, NULL, NULL, NULL), SOCK_E_TYPE, 0,
               "");
    sock_ssl_context_free(ctx);
}

/* Python accepts it, and finds no certificate later. */
TEST(ssl_context, a_folder_that_is_missing)
{
    sock_ssl_context_t *ctx = new_client();
    check_part(sock_ssl_load_verify_locations(ctx, NULL, cert("none"), NULL),
               SOCK_E_OS, ENOENT, "");
    check_ok(sock_ssl_load_verify_locations(ctx, NULL, cert("hashed"), NULL));
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, files_that_are_something_else)
{
    static const char *const files[] = {"junk.pem", "empty.pem", "cut.pem"};
    sock_ssl_context_t *ctx = new_server();
    for (int i = 0; i < 3; i++) {
        check_part(sock_ssl_load_cert_chain(ctx, cert(files[i]),
                                            cert("good.key"), NULL),
                   SOCK_E_TLS, TLS_FAILED, "");
        check_part(sock_ssl_load_cert_chain(ctx, cert("good.pem"),
                                            cert(files[i]), NULL),
                   SOCK_E_TLS, TLS_FAILED, "");
        check_part(
            sock_ssl_load_verify_locations(ctx, cert(files[i]), NULL, NULL),
            SOCK_E_TLS, TLS_FAILED, "");
    }
    check_part(sock_ssl_load_cert_chain(ctx, cert("good.pem"), NULL, NULL),
               SOCK_E_TLS, TLS_FAILED, ""); /* no key in it */
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, a_key_of_another)
{
    sock_ssl_context_t *ctx = new_server();
    check_part(sock_ssl_load_cert_chain(ctx, cert("good.pem"),
                                        cert("wrong.key"), NULL),
               SOCK_E_TLS, TLS_FAILED, "KEY_VALUES_MISMATCH");
    check_part(
        sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert("rsa.key"), NULL),
        SOCK_E_TLS, TLS_FAILED, "");
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, a_key_that_is_weak)
{
    sock_ssl_context_t *ctx = new_server();
    check_part(sock_ssl_load_cert_chain(ctx, cert("rsa1024.pem"),
                                        cert("rsa1024.key"), NULL),
               SOCK_E_TLS, TLS_FAILED, "EE_KEY_TOO_SMALL");
    sock_ssl_context_free(ctx);
}

/* Without a password it is an error at once, never a question. */
static void check_password(const char *key)
{
    char longest[1026];
    sock_ssl_context_t *ctx = new_server();
    memset(longest, 'p', sizeof longest);
    longest[1025] = '\0';
    check_ok(
        sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert(key), PASSWORD));
    check_part(sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert(key), NULL),
               SOCK_E_TLS, TLS_FAILED, "");
    check_part(sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert(key), ""),
               SOCK_E_TLS, TLS_FAILED, "");
    check_part(sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert(key),
                                        "incorrect horse"),
               SOCK_E_TLS, TLS_FAILED, "");
    check_part(
        sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert(key), longest),
        SOCK_E_VALUE, 0, "password cannot be longer than 1024 bytes");
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, encrypted_keys)
{
    check_password("good_encrypted.key");
}

TEST(ssl_context, encrypted_keys_of_the_old_form)
{
    check_password("good_traditional.key");
}

TEST(ssl_context, a_password_that_is_not_needed)
{
    sock_ssl_context_t *ctx = new_server();
    check_ok(sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert("good.key"),
                                      PASSWORD));
    sock_ssl_context_free(ctx);
}

static int load_data(sock_ssl_context_t *ctx, const char *cert_file,
                     const char *key_file, const char *password)
{
    char *c = cert_text(cert_file), *k = cert_text(key_file);
    int result = sock_ssl_load_cert_chain_data(ctx, c, strlen(c), k, strlen(k),
                                               password);
    free(c);
    free(k);
    return result;
}

TEST(ssl_context, chains_from_memory)
{
    sock_ssl_context_t *ctx = new_server();
    check_ok(load_data(ctx, "good.pem", "good.key", NULL));
    check_ok(load_data(ctx, "chain.pem", "chain.key", NULL));
    check_ok(load_data(ctx, "good.pem", "good_encrypted.key", PASSWORD));
    check_part(load_data(ctx, "good.pem", "good_encrypted.key", NULL),
               SOCK_E_TLS, TLS_FAILED, "");
    check_part(load_data(ctx, "good.pem", "good_encrypted.key", "no"),
               SOCK_E_TLS, TLS_FAILED, "");
    check_part(load_data(ctx, "good.pem", "wrong.key", NULL), SOCK_E_TLS,
               TLS_FAILED, "KEY_VALUES_MISMATCH");
    check_part(load_data(ctx, "junk.pem", "good.key", NULL), SOCK_E_TLS,
               TLS_FAILED, "");
    check_part(load_data(ctx, "good.pem", "junk.pem", NULL), SOCK_E_TLS,
               TLS_FAILED, "");
    check_part(load_data(ctx, "cut.pem", "good.key", NULL), SOCK_E_TLS,
               TLS_FAILED, "");
    check_part(load_data(ctx, "empty.pem", "good.key", NULL), SOCK_E_TLS,
               TLS_FAILED, "");
    check_part(load_data(ctx, "rsa1024.pem", "rsa1024.key", NULL), SOCK_E_TLS,
               TLS_FAILED, "EE_KEY_TOO_SMALL");
    sock_ssl_context_free(ctx);
}

/* The bytes that are counted, and none behind them. */
TEST(ssl_context, memory_has_its_size)
{
    sock_ssl_context_t *ctx = new_server();
    char *c = cert_text("good.pem"), *k = cert_text("good.key");
    size_t size = strlen(c);
    char *exact = malloc(size);
    check(exact != NULL);
    memcpy(exact, c, size);
    check_ok(
        sock_ssl_load_cert_chain_data(ctx, exact, size, k, strlen(k), NULL));
    check_part(sock_ssl_load_cert_chain_data(ctx, exact, size - 40, k,
                                             strlen(k), NULL),
               SOCK_E_TLS, TLS_FAILED, "");
    check_part(sock_ssl_load_cert_chain_data(ctx, NULL, 1, k, strlen(k), NULL),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_load_verify_data(ctx, NULL, 1), SOCK_E_TYPE, 0, "");
    free(exact);
    free(c);
    free(k);
    sock_ssl_context_free(ctx);
}

/* A context that failed to load is as it was. */
TEST(ssl_context, a_failure_changes_nothing)
{
    sock_ssl_context_t *ctx = server_context("good");
    check_part(sock_ssl_load_cert_chain(ctx, cert("wrong.pem"),
                                        cert("good.key"), NULL),
               SOCK_E_TLS, TLS_FAILED, "KEY_VALUES_MISMATCH");
    struct pair p = tls_pair_over(tcp_pair(), NULL, ctx); /* shows good.pem */
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

/* Whom to trust */

TEST(ssl_context, trust_from_files_and_memory)
{
    sock_ssl_context_t *ctx = new_client();
    char *roots = cert_text("both_roots.pem");
    char *crl = cert_text("root_and_crl.pem");
    check_ok(sock_ssl_load_verify_locations(ctx, cert("both_roots.pem"), NULL,
                                            NULL));
    check_ok(sock_ssl_load_verify_locations(ctx, cert("root_and_crl.pem"),
                                            cert("hashed"), roots));
    check_ok(sock_ssl_load_verify_locations(ctx, NULL, NULL, roots));
    check_ok(sock_ssl_load_verify_data(ctx, roots, strlen(roots)));
    check_ok(sock_ssl_load_verify_data(ctx, crl, strlen(crl)));
    free(roots);
    free(crl);
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, trust_in_nothing)
{
    sock_ssl_context_t *ctx = new_client();
    check_part(sock_ssl_load_verify_locations(ctx, NULL, NULL, NULL),
               SOCK_E_TYPE, 0,
               "cafile, capath and cadata cannot be all omitted");
    check_part(sock_ssl_load_verify_locations(ctx, NULL, NULL, "junk"),
               SOCK_E_TLS, TLS_FAILED, "does not contain a certificate");
    check_part(sock_ssl_load_verify_locations(ctx, NULL, NULL, ""), SOCK_E_TLS,
               TLS_FAILED, "");
    check_part(sock_ssl_load_verify_data(ctx, "junk", 4), SOCK_E_TLS,
               TLS_FAILED, "");
    check_part(sock_ssl_load_verify_data(ctx, "", 0), SOCK_E_TLS, TLS_FAILED,
               "");
    check_part(
        sock_ssl_load_verify_locations(ctx, cert("junk.pem"), NULL, NULL),
        SOCK_E_TLS, TLS_FAILED, "NO_CERTIFICATE_OR_CRL_FOUND");
    check_part(
        sock_ssl_load_verify_locations(ctx, cert("good.key"), NULL, NULL),
        SOCK_E_TLS, TLS_FAILED, "NO_CERTIFICATE_OR_CRL_FOUND");
    sock_ssl_context_free(ctx);
}

TEST(ssl_context, default_certificates)
{
    sock_ssl_context_t *ctx = new_client();
    check_int(setenv("SSL_CERT_FILE", cert("root.pem"), 1), 0);
    check_int(setenv("SSL_CERT_DIR", cert("none"), 1), 0);
    check_ok(sock_ssl_load_default_certs(ctx, SOCK_SSL_SERVER_AUTH));
    check_part(sock_ssl_load_default_certs(ctx, 7), SOCK_E_VALUE, 0, "");
    struct pair p = tls_pair_over(tcp_pair(), ctx, NULL);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

/* They may be made before or behind it, and by the environment's. */
TEST(ssl_context, a_default_context_trusts_the_environments)
{
    check_int(setenv("SSL_CERT_FILE", cert("root.pem"), 1), 0);
    sock_ssl_context_t *ctx = check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, NULL, NULL, NULL));
    struct pair p = tls_pair_over(tcp_pair(), ctx, NULL);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

/* And no one else's, where someone is named. */
TEST(ssl_context, named_certificates_are_all)
{
    check_int(setenv("SSL_CERT_FILE", cert("root.pem"), 1), 0);
    sock_ssl_context_t *ctx = check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, cert("other_root.pem"), NULL, NULL));
    sock_ssl_context_t *server = server_context("good");
    struct pair plain = tcp_pair();
    struct end a = {.ctx = ctx, .plain = plain.a, .host = "localhost"};
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&a, &b);
    check(a.made == NULL);
    check_int(a.failure.error.verify_code, 20);
    sock_free(b.made);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(server);
}

/* Its connections go on, and so do its certificates. */
TEST(ssl_context, freed_while_connections_use_it)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    char buf[8];
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    check_ok(sock_sendall(p.a, "hello", 5, 0));
    check_int(sock_recv_all(p.b, buf, 5), 5);
    check_bytes(buf, "hello", 5);
    free_pair(&p);
}

/* Reloading: what is made later has the new one. */
TEST(ssl_context, a_used_context_is_loaded_again)
{
    sock_ssl_context_t *ctx = server_context("wrong");
    struct pair plain = tcp_pair();
    sock_ssl_context_t *client = client_context();
    struct end a = {.ctx = client, .plain = plain.a, .host = "localhost"};
    struct end b = {
        .ctx = ctx, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&a, &b);
    check(a.made == NULL);
    check_int(a.failure.error.verify_code, 62);
    sock_free(b.made);
    check_ok(sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert("good.key"),
                                      NULL));
    struct pair p = tls_pair_over(tcp_pair(), client, ctx);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(ctx);
}

static void *shake_often(void *arg)
{
    for (int i = 0; i < 4; i++) {
        struct pair p = tls_pair_over(tcp_pair(), arg, NULL);
        free_pair(&p);
    }
    return NULL;
}

/* By several threads, while another sets it. */
TEST(ssl_context, many_threads)
{
    const char *names[] = {"h2", "http/1.1"};
    sock_ssl_context_t *ctx = client_context();
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        check_int(pthread_create(&threads[i], NULL, shake_often, ctx), 0);
    for (int i = 0; i < 200; i++) {
        check_ok(sock_ssl_set_alpn_protocols(ctx, names, (size_t)i % 3));
        check_ok(sock_ssl_set_minimum_version(ctx, SOCK_SSL_TLSV1_2));
        check_ok(sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_REQUIRED));
        check_ok(
            sock_ssl_load_verify_locations(ctx, cert("root.pem"), NULL, NULL));
    }
    for (int i = 0; i < 3; i++)
        check_int(pthread_join(threads[i], NULL), 0);
    sock_ssl_context_free(ctx);
}
