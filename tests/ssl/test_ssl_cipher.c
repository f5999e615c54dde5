/* SPDX-License-Identifier: MIT */
/* The ciphers of contexts and connections. */
#include "tls.h"

#include <string.h>

#include <openssl/err.h>

static struct pair pair_of(int version, const char *leaf)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context(leaf);
    check_ok(sock_ssl_set_maximum_version(client, version));
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return p;
}

static void has_cipher(sock_t *s, const char *name, const char *protocol,
                       int bits)
{
    sock_ssl_cipher_t cipher;
    errno = 1234;
    check_ok(sock_ssl_cipher(s, &cipher));
    check_int(errno, 1234);
    check_str(cipher.name, name);
    check_str(cipher.protocol, protocol);
    check_int(cipher.bits, bits);
}

/* As CPython 3.13 shows them. */
TEST(ssl_cipher, of_a_connection)
{
    struct pair p = pair_of(SOCK_SSL_TLSV1_3, "good");
    has_cipher(p.a, "TLS_AES_256_GCM_SHA384", "TLSv1.3", 256);
    has_cipher(p.b, "TLS_AES_256_GCM_SHA384", "TLSv1.3", 256);
    free_pair(&p);
    p = pair_of(SOCK_SSL_TLSV1_2, "good");
    has_cipher(p.a, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", 256);
    has_cipher(p.b, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", 256);
    free_pair(&p);
    p = pair_of(SOCK_SSL_TLSV1_2, "rsa");
    has_cipher(p.a, "ECDHE-RSA-AES256-GCM-SHA384", "TLSv1.2", 256);
    free_pair(&p);
}

TEST(ssl_cipher, of_no_connection)
{
    struct pair p = tcp_pair();
    sock_ssl_cipher_t cipher = {"old", "old", 1};
    check_part(sock_ssl_cipher(NULL, &cipher), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_cipher(p.a, &cipher), SOCK_E_VALUE, 0,
               "cipher: this socket has no TLS under it");
    check_part(sock_ssl_cipher(p.a, NULL), SOCK_E_TYPE, 0, "");
    check_null_part(sock_ssl_shared_ciphers(NULL), SOCK_E_TYPE, 0, "");
    check_null_part(sock_ssl_shared_ciphers(p.a), SOCK_E_VALUE, 0,
                    "shared_ciphers: ");
    check_null_part(sock_ssl_get_ciphers(NULL), SOCK_E_TYPE, 0,
                    "get_ciphers: ");
    free_pair(&p);
}

TEST(ssl_cipher, before_the_handshake)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = server_context("good");
    sock_ssl_cipher_t cipher = {"old", "old", 1};
    sock_t *s = check_made(
        wrap(ctx, p.a, SOCK_SSL_NO_HANDSHAKE | SOCK_SSL_SERVER_SIDE, NULL));
    check_ok(sock_ssl_cipher(s, &cipher));
    check(cipher.name == NULL && cipher.protocol == NULL);
    check_int(cipher.bits, 0);
    sock_ssl_ciphers_t *shared = check_made(sock_ssl_shared_ciphers(s));
    check_int(shared->count, 0);
    sock_ssl_ciphers_free(shared);
    sock_free(s);
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

static const sock_ssl_cipher_info_t *find(const sock_ssl_ciphers_t *list,
                                          const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->ciphers[i].name, name) == 0)
            return &list->ciphers[i];
    check_that(false, "no %s", name);
    return NULL;
}

/* CPython 3.13: ssl.create_default_context().get_ciphers() */
TEST(ssl_cipher, of_a_context)
{
    sock_ssl_context_t *ctx = client_context();
    poison_queue();
    errno = 1234;
    sock_ssl_ciphers_t *list = check_made(sock_ssl_get_ciphers(ctx));
    check_int(errno, 1234);
    check_int(list->count, 17);
    const sock_ssl_cipher_info_t *c = &list->ciphers[0];
    check_int(c->id, 50336514);
    check_str(c->name, "TLS_AES_256_GCM_SHA384");
    check_str(c->protocol, "TLSv1.3");
    check_str(c->description,
              "TLS_AES_256_GCM_SHA384         TLSv1.3 Kx=any      Au=any   "
              "Enc=AESGCM(256)            Mac=AEAD");
    check_int(c->strength_bits, 256);
    check_int(c->alg_bits, 256);
    check_int(c->aead, 1);
    check_str(c->symmetric, "aes-256-gcm");
    check(c->digest == NULL);
    check_str(c->kea, "kx-any");
    check_str(c->auth, "auth-any");
    c = find(list, "ECDHE-RSA-AES128-SHA256");
    check_int(c->id, 50380839);
    check_int(c->aead, 0);
    check_str(c->symmetric, "aes-128-cbc");
    check_str(c->digest, "sha256");
    check_str(c->kea, "kx-ecdhe");
    check_str(c->auth, "auth-rsa");
    errno = 1234;
    sock_ssl_ciphers_free(list);
    sock_ssl_ciphers_free(NULL);
    check_int(errno, 1234);
    sock_ssl_context_free(ctx);
}

TEST(ssl_cipher, of_a_context_that_was_told)
{
    sock_ssl_context_t *ctx = client_context();
    check_ok(sock_ssl_set_ciphers(ctx, "ECDHE-RSA-AES128-GCM-SHA256"));
    sock_ssl_ciphers_t *list = check_made(sock_ssl_get_ciphers(ctx));
    check_int(list->count, 4); /* and those of TLS 1.3 */
    check_str(list->ciphers[3].name, "ECDHE-RSA-AES128-GCM-SHA256");
    sock_ssl_ciphers_free(list);
    sock_ssl_context_free(ctx);
}

/* What it is told then is given to each connection that follows. */
TEST(ssl_cipher, of_a_context_that_was_told_in_use)
{
    sock_ssl_context_t *ctx = client_context();
    struct pair p = tls_pair_over(tcp_pair(), ctx, NULL);
    check_ok(sock_ssl_set_ciphers(ctx, "ECDHE-RSA-AES128-GCM-SHA256"));
    check_ok(sock_ssl_set_ciphersuites(ctx, "TLS_CHACHA20_POLY1305_SHA256"));
    poison_queue();
    errno = 1234;
    sock_ssl_ciphers_t *list = check_made(sock_ssl_get_ciphers(ctx));
    check_int(errno, 1234);
    check_int(list->count, 2);
    check_str(list->ciphers[0].name, "TLS_CHACHA20_POLY1305_SHA256");
    check_str(list->ciphers[1].name, "ECDHE-RSA-AES128-GCM-SHA256");
    sock_ssl_ciphers_free(list);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

TEST(ssl_cipher, that_both_ends_have)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_ciphers(
        client, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"
                "ECDHE-ECDSA-AES256-GCM-SHA384"));
    check_ok(sock_ssl_set_maximum_version(client, SOCK_SSL_TLSV1_2));
    check_ok(sock_ssl_set_ciphers(
        server, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
                "ECDHE-ECDSA-AES128-GCM-SHA256"));
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    sock_ssl_ciphers_t *list = check_made(sock_ssl_shared_ciphers(p.b));
    check_int(list->count, 2); /* in the server's order */
    check_str(list->ciphers[0].name, "ECDHE-ECDSA-AES256-GCM-SHA384");
    check_str(list->ciphers[1].name, "ECDHE-ECDSA-AES128-GCM-SHA256");
    check_str(list->ciphers[1].protocol, "TLSv1.2");
    check_int(list->ciphers[1].strength_bits, 128);
    sock_ssl_ciphers_free(list);
    list = check_made(sock_ssl_shared_ciphers(p.a)); /* a client can't know */
    check_int(list->count, 0);
    sock_ssl_ciphers_free(list);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}
