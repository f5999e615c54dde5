/* SPDX-License-Identifier: MIT */
/* What lies beside the way: arguments at their ends, hellos that no library
 * would send, and calls in a callback. */
#include "tls.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "private.h"

/* Arguments */

TEST(ssl_edges, no_objects)
{
    sock_ssl_session_t *session = NULL;
    sock_ssl_cipher_t cipher;
    struct pair p = tls_pair();
    session = check_made(sock_ssl_session(p.a));
    check_part(sock_ssl_cipher(NULL, NULL), SOCK_E_TYPE, 0, "socket is NULL");
    check_part(sock_ssl_cipher(NULL, &cipher), SOCK_E_TYPE, 0,
               "socket is NULL");
    check_part(sock_ssl_session_info(session, NULL), SOCK_E_TYPE, 0, "NULL");
    sock_ssl_session_free(session);
    sock_ssl_session_free(NULL);
    sock_ssl_session_freep(NULL);
    free_pair(&p);
}

TEST(ssl_edges, texts_without_room)
{
    struct pair p = tls_pair();
    char room[32];
    memset(room, 'x', sizeof room);
    check_part(sock_ssl_server_hostname(p.a, NULL, 5), SOCK_E_TYPE, 0, "NULL");
    check_part(sock_ssl_selected_alpn_protocol(p.a, NULL, 5), SOCK_E_TYPE, 0,
               "NULL");
    check_int(sock_ssl_server_hostname(p.a, room, 9), 9);
    check_str(room, "");
    check_int(room[1], 'x'); /* all or nothing */
    check_int(sock_ssl_get_channel_binding(p.a, "tls-exporter", room, 31), 32);
    check_int(room[1], 'x');
    check_int(sock_ssl_server_hostname(p.a, room, 10), 9);
    check_str(room, "localhost");
    check_int(room[10], 'x');
    free_pair(&p);
}

TEST(ssl_edges, events_that_are_none)
{
    struct pair p = tls_pair();
    check_part(sock_ssl_wants(p.a, 0), SOCK_E_VALUE, 0, "");
    check_part(sock_ssl_wants(p.a, SOCK_EVENT_READ | 4096), SOCK_E_VALUE, 0,
               "");
    check_ok(sock_close(p.a));
    check_part(sock_ssl_wants(p.a, SOCK_EVENT_READ), SOCK_E_OS, EBADF, "");
    free_pair(&p);
}

TEST(ssl_edges, lists_of_protocols_that_are_too_long)
{
    static char name[256];
    const char *names[300];
    sock_ssl_context_t *ctx = client_context();
    memset(name, 'x', 255);
    for (int i = 0; i < 300; i++)
        names[i] = name;
    check_part(sock_ssl_set_alpn_protocols(ctx, names, 256), SOCK_E_VALUE, 0,
               "");
    check_ok(sock_ssl_set_alpn_protocols(ctx, names, 255));
    sock_ssl_context_free(ctx);
}

/* Hosts: 63 letters between dots, and 253 in all. */
static int takes_host(sock_ssl_context_t *ctx, const char *host)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *made = wrap(ctx, s, SOCK_SSL_NO_HANDSHAKE, host);
    int err = made == NULL ? sock_last_error()->kind : 0;
    sock_free(made);
    return err;
}

TEST(ssl_edges, hosts_that_are_too_long)
{
    char host[300];
    sock_ssl_context_t *ctx = client_context();
    memset(host, 'a', sizeof host);
    host[63] = '\0';
    check_int(takes_host(ctx, host), 0);
    host[63] = 'a';
    host[64] = '\0';
    check_int(takes_host(ctx, host), SOCK_E_VALUE);
    memset(host, 'a', sizeof host);
    for (int i = 50; i < 250; i += 50)
        host[i] = '.';
    host[253] = '\0';
    check_int(takes_host(ctx, host), 0);
    host[253] = 'a';
    host[254] = '\0';
    check_int(takes_host(ctx, host), SOCK_E_VALUE);
    sock_ssl_context_free(ctx);
}

/* The own chain, and whom to trust */

TEST(ssl_edges, chains_of_bytes)
{
    static char password[1026];
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER));
    char *pem = cert_text("good.pem"), *key = cert_text("good.key");
    size_t n = strlen(pem), m = strlen(key);
    memset(password, 'x', 1025);
    check_part(sock_ssl_load_cert_chain_data(ctx, pem, n, key, m, password),
               SOCK_E_VALUE, 0, "password");
    check_part(sock_ssl_load_cert_chain_data(ctx, NULL, n, key, m, NULL),
               SOCK_E_TYPE, 0, "NULL");
    check_part(sock_ssl_load_cert_chain_data(ctx, pem, n, NULL, m, NULL),
               SOCK_E_TYPE, 0, "NULL");
    check_part(sock_ssl_load_cert_chain_data(ctx, pem, (size_t)INT_MAX + 1, key,
                                             m, NULL),
               SOCK_E_VALUE, 0, "");
    check_part(sock_ssl_load_cert_chain_data(ctx, pem, n, key,
                                             (size_t)INT_MAX + 1, NULL),
               SOCK_E_VALUE, 0, "");
    check_part(sock_ssl_load_verify_data(ctx, pem, (size_t)INT_MAX + 1),
               SOCK_E_VALUE, 0, "");
    check_ok(sock_ssl_load_cert_chain_data(ctx, pem, n, key, m, NULL));
    sock_ssl_context_free(ctx);
    free(pem);
    free(key);
}

/* A chain of which not all can be read is none. */
TEST(ssl_edges, chains_whose_rest_is_broken)
{
    static const char *const rests[] = {
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n"};
    char *pem = cert_text("good.pem"), *key = cert_text("good.key");
    char *both = check_made(calloc(1, strlen(pem) + 200));
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER));
    for (int i = 0; i < 3; i++) {
        strcpy(both, pem);
        strcat(both, rests[i]);
        check_part(sock_ssl_load_cert_chain_data(ctx, both, strlen(both), key,
                                                 strlen(key), NULL),
                   SOCK_E_TLS, TLS_FAILED, "");
    }
    sock_ssl_context_free(ctx);
    free(both);
    free(pem);
    free(key);
}

/* Of a certificate no one is asked for a password, least of all a terminal. */
TEST(ssl_edges, certificates_that_are_encrypted)
{
    static const char pem[] =
        "-----BEGIN CERTIFICATE-----\n"
        "Proc-Type: 4,ENCRYPTED\n"
        "DEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F\n"
        "\n"
        "AAAAAAAAAAAAAAAAAAAAAA==\n"
        "-----END CERTIFICATE-----\n";
    char *key = cert_text("good.key");
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER));
    check_part(sock_ssl_load_cert_chain_data(ctx, pem, sizeof pem - 1, key,
                                             strlen(key), PASSWORD),
               SOCK_E_TLS, TLS_FAILED, "");
    check_part(sock_ssl_load_verify_data(ctx, pem, sizeof pem - 1), SOCK_E_TLS,
               TLS_FAILED, "");
    sock_ssl_context_free(ctx);
    free(key);
}

TEST(ssl_edges, folders_that_are_none)
{
    sock_ssl_context_t *ctx = client_context();
    check_part(
        sock_ssl_load_verify_locations(ctx, NULL, cert("root.pem"), NULL),
        SOCK_E_OS, ENOTDIR, "load_verify_locations");
    check_ok(sock_ssl_load_default_certs(ctx, SOCK_SSL_CLIENT_AUTH));
    check_part(sock_ssl_load_default_certs(ctx, 7), SOCK_E_VALUE, 0, "");
    sock_ssl_context_free(ctx);
}

/* No one to trust */

TEST(ssl_edges, without_a_default_context)
{
    struct pair p = tcp_pair();
    setenv("SSL_CERT_FILE", "/nonexistent/file", 1);
    setenv("SSL_CERT_DIR", "/nonexistent/folder", 1);
    check(sock_ssl_default_context() == NULL);
    check_null_part(sock_ssl(p.a, NULL, NULL, "localhost"), SOCK_E_OS, 0,
                    "/nonexistent/file or /nonexistent/folder");
    check_null_part(
        sock_ssl(p.a, cert("client.key"), cert("client.pem"), "localhost"),
        SOCK_E_OS, 0, "/nonexistent");
    check_null_part(sock_ssl_wrap_socket(NULL, p.a, 0, "localhost", NULL),
                    SOCK_E_OS, 0, "/nonexistent");
    check_null_part(sock_ssl_create_connection(NULL, "localhost", 1, 1),
                    SOCK_E_OS, 0, "/nonexistent");
    sock_ssl_init();
    check_null_part(sock__default_tls("starttls"), SOCK_E_OS, 0,
                    "/nonexistent");
    check_int(sock_send(p.a, "x", 1, 0), 1); /* it is as it was */
    free_pair(&p);
}

/* Errors of other libraries, and of other versions of this one */

static void text_of(sock_error_t *e, int reason, int verify_code, char *text)
{
    e->reason = reason;
    e->verify_code = verify_code;
    check(sock_error_text(e, text, SOCK_ERROR_TEXT_MAX) > 0);
}

TEST(ssl_edges, errors_that_are_not_known)
{
    static ERR_STRING_DATA strings[2];
    static char words[201];
    char text[SOCK_ERROR_TEXT_MAX];
    sock_ssl_error_t x;
    sock_ssl_context_free(client_context());
    sock_error_t e = {
        .kind = SOCK_E_TLS, .code = SOCK_SSL_ERROR_SSL, .operation = "recv"};
    memset(words, 'w', 200);
    int library = ERR_get_next_error_library();
    strings[0].error = ERR_PACK(library, 0, 7);
    strings[0].string = words;
    ERR_load_strings(library, strings);
    text_of(&e, (int)ERR_PACK(library, 0, 7), 0, text);
    check(strstr(text, "[CRYPTO: WWWWW") != NULL);
    check_ok(sock_ssl_error(&e, &x));
    check_int(strspn(x.reason, "W"), sizeof x.reason - 1);
    check_int(x.alert, -1);
    ERR_unload_strings(library, strings);
    text_of(&e, (int)ERR_PACK(ERR_LIB_SSL, 0, 1000 + 256), 0, text);
    check(strstr(text, "unknown error") != NULL);
    check_ok(sock_ssl_error(&e, &x));
    check_int(x.alert, -1);
    text_of(&e, (int)ERR_PACK(ERR_LIB_SSL, 0, 1000 + 255), 0, text);
    check_ok(sock_ssl_error(&e, &x));
    check_int(x.alert, 255);
    text_of(&e, 0, 94, text); /* not one of X509_STRICT's */
    check(strstr(text, "allowed without") == NULL);
    text_of(&e, 0, 80, text);
    check(strstr(text, "SOCK_SSL_VERIFY_X509_STRICT") != NULL);
}

/* Hellos, made by hand: the first words of a client of TLS 1.3 with a server
 * name, which is asked about before anything else is looked at. */

struct hello {
    unsigned char bytes[2048];
    size_t size;
};

static void add(struct hello *h, const void *bytes, size_t n)
{
    memcpy(h->bytes + h->size, bytes, n);
    h->size += n;
}

static void add_number(struct hello *h, size_t number, int width)
{
    while (width-- > 0) {
        unsigned char byte = (unsigned char)(number >> 8 * width);
        add(h, &byte, 1);
    }
}

static struct hello hello_with(const unsigned char *name, size_t n)
{
    struct hello h = {.size = 0};
    size_t body = 2 + 32 + 1 + 4 + 2 + 2 + 4 + n;
    add_number(&h, 0x160301, 3);
    add_number(&h, 4 + body, 2);
    add_number(&h, 1, 1);
    add_number(&h, body, 3);
    add_number(&h, 0x0303, 2);
    memset(h.bytes + h.size, 7, 32);
    h.size += 32;
    add_number(&h, 0, 1);          /* no session */
    add_number(&h, 0x0002c02b, 4); /* one cipher */
    add_number(&h, 0x0100, 2);     /* no compression */
    add_number(&h, 4 + n, 2);
    add_number(&h, 0, 2); /* server_name */
    add_number(&h, n, 2);
    add(&h, name, n);
    return h;
}

struct asked {
    int count;
    char name[300];
};

static int note_name(sock_t *s, const char *name, void *arg)
{
    struct asked *x = arg;
    (void)s;
    x->count++;
    strcpy(x->name, name != NULL ? name : "(none)");
    return SOCK_SSL_ALERT_ACCESS_DENIED;
}

/* The alert that a server answers with. */
static int answer_to(const unsigned char *extension, size_t n,
                     struct asked *asked)
{
    struct hello h = hello_with(extension, n);
    struct pair p = tcp_pair();
    unsigned char got[7] = {0};
    sock_ssl_context_t *ctx = server_context("good");
    check_ok(sock_ssl_set_sni_callback(ctx, note_name, asked));
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_settimeout(p.b, 10));
    check_ok(sock_sendall(p.a, h.bytes, h.size, 0));
    check_null_part(wrap(ctx, p.b, SOCK_SSL_SERVER_SIDE, NULL), SOCK_E_TLS,
                    TLS_FAILED, "");
    check_int(sock_recv_all(p.a, got, 7), 7);
    check_int(got[0], 21);
    check_int(got[5], 2);
    sock_free(p.a);
    sock_ssl_context_free(ctx);
    return got[6];
}

enum { DENIED = 49, DECODE_ERROR = 50, UNRECOGNIZED_NAME = 112 };

TEST(ssl_edges, a_hello_with_a_name)
{
    struct asked asked = {.count = 0};
    check_int(answer_to((const unsigned char *)"\0\007\0\0\004host", 9, &asked),
              DENIED);
    check_int(asked.count, 1);
    check_str(asked.name, "host");
}

TEST(ssl_edges, hellos_with_broken_names)
{
    static const struct {
        const char *bytes;
        size_t n;
    } rows[] = {{"", 0},
                {"\0\002\0\0", 4},             /* no length of the name */
                {"\0\003\0\0\0", 5},           /* an empty name */
                {"\0\006\0\0\004host", 9},     /* a list that is shorter */
                {"\0\010\0\0\004host", 9},     /* one that is longer */
                {"\0\007\1\0\004host", 9},     /* of another type */
                {"\0\007\0\0\003host", 9},     /* a name that is shorter */
                {"\0\007\0\0\005host", 9},     /* one that is longer */
                {"\0\010\0\0\004host\0", 10}}; /* more behind it */
    struct asked asked = {.count = 0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_that(answer_to((const unsigned char *)rows[i].bytes, rows[i].n,
                             &asked) == DECODE_ERROR,
                   "row %zu", i);
    check_int(asked.count, 0);
}

static void put_number(unsigned char *to, size_t number)
{
    to[0] = (unsigned char)(number >> 8);
    to[1] = (unsigned char)(number & 255);
}

TEST(ssl_edges, hellos_with_long_names)
{
    unsigned char name[400];
    for (size_t n = 255; n <= 256; n++) {
        struct asked asked = {.count = 0};
        memset(name, 'x', sizeof name);
        put_number(name, n + 3);
        name[2] = 0; /* the type of hosts */
        put_number(name + 3, n);
        check_int(answer_to(name, n + 5, &asked),
                  n == 255 ? DENIED : UNRECOGNIZED_NAME);
        check_int(asked.count, n == 255);
        check_int(strlen(asked.name), n == 255 ? 255 : 0);
    }
}

/* Ends in a handshake are none of a stream, whatever is taken for one later. */
static void ends_early(const void *bytes, size_t n, int flags)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_sendall(p.b, bytes, n, 0));
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_null_part(wrap(ctx, p.a, flags, "localhost"), SOCK_E_TLS, TLS_CUT,
                    "EOF occurred in violation of protocol");
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

TEST(ssl_edges, ends_in_the_handshake)
{
    static const char notify[] = "\x15\x03\x03\x00\x02\x01";
    ends_early("", 0, 0);
    ends_early("", 0, SOCK_SSL_SUPPRESS_RAGGED_EOFS);
    ends_early("\x16\x03\x03", 3, SOCK_SSL_SUPPRESS_RAGGED_EOFS);
    ends_early(notify, 7, 0); /* close_notify in the clear */
    ends_early(notify, 7, SOCK_SSL_SUPPRESS_RAGGED_EOFS);
}

/* Sessions */

TEST(ssl_edges, a_session_with_a_host_for_no_one)
{
    sock_ssl_context_t *client = client_context();
    struct pair plain = tcp_pair(), p = tls_pair_over(tcp_pair(), client, NULL);
    sock_ssl_session_t *session = check_made(sock_ssl_session(p.a));
    check_ok(sock_ssl_set_check_hostname(client, 0));
    check_null_part(sock_ssl_wrap_socket(client, plain.a, 0, NULL, session),
                    SOCK_E_VALUE, 0, "");
    check_int(sock_send(plain.a, "x", 1, 0), 1); /* as it was */
    sock_ssl_session_free(session);
    free_pair(&plain);
    free_pair(&p);
    sock_ssl_context_free(client);
}

/* Keys that both have */

struct key {
    int size;
    sock_ssl_context_t *other; /* is asked for in the callback */
    int result, code;
    sock_t *s;
};

static int client_key(const char *hint, char *identity, size_t identity_size,
                      unsigned char *key, size_t key_size, void *arg)
{
    const struct key *x = arg;
    (void)hint;
    check(identity_size > 2 && key_size >= 32);
    strcpy(identity, "me");
    memset(key, 1, 32);
    return x->size;
}

static int server_key(const char *identity, unsigned char *key, size_t key_size,
                      void *arg)
{
    struct key *x = arg;
    (void)identity;
    check(key_size >= 32);
    memset(key, 1, 32);
    if (x->other != NULL) {
        x->result = sock_ssl_set_context(x->s, x->other);
        x->code = sock_last_error()->code;
    }
    return x->size;
}

/* A key that can't be is no reason to go on with a certificate. */
TEST(ssl_edges, a_key_that_does_not_fit_beside_a_certificate)
{
    struct key a = {.size = 32}, b = {.size = 5000};
    struct pair p = tcp_pair();
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_psk_client_callback(client, client_key, &a));
    check_ok(sock_ssl_set_psk_server_callback(server, server_key, NULL, &b));
    struct end ends[] = {
        {.ctx = client, .plain = p.a, .host = "localhost"},
        {.ctx = server, .plain = p.b, .flags = SOCK_SSL_SERVER_SIDE}};
    wrap_both(&ends[0], &ends[1]);
    check(ends[1].made == NULL);
    check_failure(&ends[1].failure, SOCK_E_VALUE, 0, "PSK callback");
    sock_free(ends[0].made);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* In any callback but the one that is about it the context stays. */
TEST(ssl_edges, another_context_while_a_key_is_asked_for)
{
    struct key a = {.size = 32};
    struct key b = {.size = 32, .other = server_context("good")};
    struct pair p = tcp_pair();
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_psk_client_callback(client, client_key, &a));
    check_ok(sock_ssl_set_psk_server_callback(server, server_key, NULL, &b));
    struct end e = {.ctx = client, .plain = p.a, .host = "localhost"};
    b.s = wrap(server, p.b, SOCK_SSL_NO_HANDSHAKE | SOCK_SSL_SERVER_SIDE, NULL);
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_settimeout(b.s, 10));
    begin_end(&e);
    check_ok(sock_ssl_do_handshake(b.s));
    finish_end(&e);
    check(e.made != NULL);
    check_int(b.result, -1);
    check_int(b.code, EDEADLK);
    check(sock_ssl_context(b.s) == server);
    sock_free(e.made);
    sock_free(b.s);
    sock_ssl_context_free(b.other);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* A certificate in a callback */

static int look_at_peer(sock_t *s, const char *name, void *arg)
{
    int *codes = arg;
    (void)name;
    for (int i = 0; i < 4; i++) {
        bool none = i == 0   ? sock_ssl_getpeercert(s) == NULL
                    : i == 1 ? sock_ssl_getpeercert_der(s, NULL, 0) < 0
                    : i == 2 ? sock_ssl_get_verified_chain(s) == NULL
                             : sock_ssl_get_unverified_chain(s) == NULL;
        codes[i] = none ? sock_last_error()->code : 0;
    }
    return 0;
}

TEST(ssl_edges, certificates_while_a_name_is_asked_for)
{
    int codes[4] = {0};
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_sni_callback(server, look_at_peer, codes));
    struct pair p = tls_pair_over(tcp_pair(), NULL, server);
    for (int i = 0; i < 4; i++)
        check_int(codes[i], EDEADLK);
    free_pair(&p);
    sock_ssl_context_free(server);
}

/* To wait for room is to shake hands, too. */
TEST(ssl_edges, waiting_to_write_before_the_handshake)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *client = client_context();
    sock_t *s = wrap(client, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost");
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 0.01), 0);
    struct end e = {.ctx = server_context("good"),
                    .plain = p.b,
                    .flags = SOCK_SSL_SERVER_SIDE};
    check_ok(sock_settimeout(p.b, 10));
    begin_end(&e);
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 10), SOCK_EVENT_WRITE);
    check_str(sock_ssl_version(s), "TLSv1.3");
    finish_end(&e);
    sock_free(s);
    sock_free(e.made);
    sock_ssl_context_free(client);
    sock_ssl_context_free(e.ctx);
}

/* Pins, and what stands in for a certificate */

static void pin(sock_ssl_context_t *ctx, const char *file)
{
    unsigned char *der = NULL, digest[32];
    char text[48];
    const char *pins[] = {text};
    FILE *f = check_made(fopen(cert(file), "re"));
    X509 *x = check_made(PEM_read_X509(f, NULL, NULL, NULL));
    fclose(f);
    int n = i2d_PUBKEY(X509_get0_pubkey(x), &der);
    check(n > 0);
    check_int(EVP_Digest(der, (size_t)n, digest, NULL, EVP_sha256(), NULL), 1);
    EVP_EncodeBlock((unsigned char *)text, digest, 32);
    OPENSSL_free(der);
    X509_free(x);
    check_ok(sock_ssl_set_pins(ctx, pins, 1));
}

static struct pair connect_with(sock_ssl_context_t *client,
                                sock_ssl_context_t *server,
                                const sock_ssl_session_t *session)
{
    struct pair p = tcp_pair();
    struct end a = {
        .ctx = client, .plain = p.a, .host = "localhost", .session = session};
    struct end b = {.ctx = server, .plain = p.b, .flags = SOCK_SSL_SERVER_SIDE};
    char c;
    wrap_both(&a, &b);
    check_that(a.made != NULL, "%s", a.failure.text);
    check_that(b.made != NULL, "%s", b.failure.text);
    check_int(sock_send(b.made, "x", 1, 0), 1);
    check_int(sock_recv(a.made, &c, 1, 0), 1);
    return (struct pair){a.made, b.made};
}

/* What was pinned then need not be shown again, with a key at hand or not. */
TEST(ssl_edges, a_ticket_with_a_pin)
{
    for (int i = 0; i < 4; i++) {
        struct key key = {.size = 32};
        sock_ssl_context_t *client = client_context();
        sock_ssl_context_t *server = server_context("good");
        check_ok(sock_ssl_set_maximum_version(
            client, i % 2 ? SOCK_SSL_TLSV1_3 : SOCK_SSL_TLSV1_2));
        pin(client, "good.pem");
        if (i >= 2)
            check_ok(
                sock_ssl_set_psk_client_callback(client, client_key, &key));
        struct pair p = connect_with(client, server, NULL);
        sock_ssl_session_t *session = check_made(sock_ssl_session(p.a));
        free_pair(&p);
        p = connect_with(client, server, session);
        check_int(sock_ssl_session_reused(p.a), 1);
        free_pair(&p);
        sock_ssl_session_free(session);
        sock_ssl_context_free(client);
        sock_ssl_context_free(server);
    }
}

/* A session that no certificate stands behind. */
TEST(ssl_edges, a_session_of_a_key)
{
    struct key key = {.size = 32};
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_maximum_version(client, SOCK_SSL_TLSV1_2));
    check_ok(sock_ssl_set_ciphers(client, "PSK"));
    check_ok(sock_ssl_set_ciphers(server, "PSK"));
    check_ok(sock_ssl_set_psk_client_callback(client, client_key, &key));
    check_ok(sock_ssl_set_psk_server_callback(server, server_key, NULL, &key));
    struct pair p = connect_with(client, server, NULL);
    check(sock_ssl_getpeercert(p.a) == NULL);
    sock_ssl_session_t *session = check_made(sock_ssl_session(p.a));
    free_pair(&p);
    p = connect_with(client, server, session);
    check_int(sock_ssl_session_reused(p.a), 1);
    free_pair(&p);
    sock_ssl_session_free(session);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* A client that is asked behind the handshake has its pin checked then. */
static void ask_pinned(const char *file, bool content)
{
    char c;
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_post_handshake_auth(client, 1));
    check_ok(sock_ssl_set_post_handshake_auth(server, 1));
    check_ok(sock_ssl_load_cert_chain(client, cert("client.pem"),
                                      cert("client.key"), NULL));
    check_ok(
        sock_ssl_load_verify_locations(server, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_set_verify_mode(server, SOCK_SSL_CERT_REQUIRED));
    pin(server, file);
    struct pair p = connect_with(client, server, NULL);
    check(sock_ssl_getpeercert(p.b) == NULL);
    check_ok(sock_ssl_verify_client_post_handshake(p.b));
    check_int(sock_send(p.b, "x", 1, 0), 1);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_int(sock_send(p.a, "y", 1, 0), 1);
    if (content)
        check_int(sock_recv(p.b, &c, 1, 0), 1);
    else
        check_part(sock_recv(p.b, &c, 1, 0), SOCK_E_TLS, TLS_FAILED,
                   "none of the keys in its chain is pinned");
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_edges, a_pin_of_a_client_that_is_asked_later)
{
    ask_pinned("client.pem", true);
    ask_pinned("good.pem", false);
}

/* Other ways to connect */

TEST(ssl_edges, names_of_protocols_to_offer)
{
    char name[300];
    sock_ssl_context_t *ctx = client_context();
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_tls_t *tls = check_made(sock_ssl_tls(ctx));
    struct sock__tls_terms terms = {
        .op = "starttls", .host = "localhost", .alpn = name};
    memset(name, 'x', sizeof name);
    name[256] = '\0';
    check_null_part(tls->ops->wrap(tls, s, &terms), SOCK_E_VALUE, 0,
                    "starttls");
    name[0] = '\0';
    check_null_part(tls->ops->wrap(tls, s, &terms), SOCK_E_VALUE, 0,
                    "starttls");
    memset(name, 'x', 255);
    name[255] = '\0';
    sock_t *made = check_made(tls->ops->wrap(tls, s, &terms));
    sock_free(made);
    sock_free(s);
    sock_ssl_context_free(ctx);
}

static void *accept_one(void *arg)
{
    sock_t *s = sock_accept(arg, NULL);
    char c;
    if (s != NULL)
        sock_recv(s, &c, 1, 0);
    sock_free(s);
    OPENSSL_thread_stop();
    return NULL;
}

TEST(ssl_edges, connecting_by_the_default_context_and_without_a_time)
{
    pthread_t thread;
    sock_addr_t address;
    sock_ssl_context_t *server = server_context("good");
    sock_t *s = wrap(server, listener(&address), SOCK_SSL_SERVER_SIDE, NULL);
    setenv("SSL_CERT_FILE", cert("root.pem"), 1);
    check_int(pthread_create(&thread, NULL, accept_one, s), 0);
    sock_t *c = check_made(sock_ssl_create_connection(
        NULL, "localhost", sock_addr_port(&address), SOCK_NO_TIMEOUT));
    check_str(sock_ssl_version(c), "TLSv1.3");
    sock_free(c);
    check_int(pthread_join(thread, NULL), 0);
    sock_free(s);
    sock_ssl_context_free(server);
}

/* Suites alone that another context has are that context's all the same. */
static int take_other(sock_t *s, const char *name, void *arg)
{
    (void)name;
    return sock_ssl_set_context(s, arg) == 0 ? 0
                                             : SOCK_SSL_ALERT_INTERNAL_ERROR;
}

TEST(ssl_edges, suites_of_another_context)
{
    sock_ssl_context_t *server = server_context("good");
    sock_ssl_context_t *other = server_context("good");
    check_ok(sock_ssl_set_ciphersuites(other, "TLS_AES_128_GCM_SHA256"));
    check_ok(sock_ssl_set_sni_callback(server, take_other, other));
    struct pair p = tls_pair_over(tcp_pair(), NULL, server);
    check_str(cipher_of(p.a), "TLS_AES_128_GCM_SHA256");
    free_pair(&p);
    sock_ssl_context_free(server);
    sock_ssl_context_free(other);
}

/* Whoever will hear nothing waits for nothing. */
TEST(ssl_edges, waiting_to_write_for_an_answer_that_is_not_heard)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *client = client_context();
    sock_t *s = wrap(client, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost");
    check_ok(sock_shutdown(s, SHUT_RD));
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 10), SOCK_EVENT_WRITE);
    check(sock_ssl_version(s) == NULL);
    sock_free(s);
    sock_free(p.b);
    sock_ssl_context_free(client);
}

/* A handshake is none with a certificate that is for no one that was asked
 * for, in each of the ways to ask. */
TEST(ssl_edges, addresses_are_checked)
{
    static const char *const hosts[] = {"127.0.0.2", "::2", "localhost.test"};
    sock_ssl_context_t *server = server_context("good");
    for (int i = 0; i < 3; i++) {
        sock_ssl_context_t *client = client_context();
        struct pair p = tcp_pair();
        struct end a = {.ctx = client, .plain = p.a, .host = hosts[i]};
        struct end b = {
            .ctx = server, .plain = p.b, .flags = SOCK_SSL_SERVER_SIDE};
        wrap_both(&a, &b);
        check(a.made == NULL);
        check_int(a.failure.error.verify_code, i < 2 ? 64 : 62);
        sock_free(b.made);
        sock_ssl_context_free(client);
    }
    sock_ssl_context_free(server);
}

/* Who has no key goes on with a certificate, whatever says so. */
TEST(ssl_edges, callbacks_without_a_key)
{
    static const int sizes[][2] = {{0, 32}, {-1, 32}, {32, 0}, {32, -1}};
    for (int i = 0; i < 8; i++) {
        struct key a = {.size = sizes[i / 2][0]}, b = {.size = sizes[i / 2][1]};
        sock_ssl_context_t *client = client_context();
        sock_ssl_context_t *server = server_context("good");
        check_ok(sock_ssl_set_maximum_version(
            client, i % 2 ? SOCK_SSL_TLSV1_3 : SOCK_SSL_TLSV1_2));
        check_ok(sock_ssl_set_psk_client_callback(client, client_key, &a));
        check_ok(
            sock_ssl_set_psk_server_callback(server, server_key, NULL, &b));
        struct pair p = connect_with(client, server, NULL);
        sock_ssl_cert_t *x = check_made(sock_ssl_getpeercert(p.a));
        sock_ssl_cert_free(x);
        free_pair(&p);
        sock_ssl_context_free(client);
        sock_ssl_context_free(server);
    }
}

/* A client is told that its name was of use if there is someone to ask, and
 * not any more if he was taken away. */
struct named {
    int fd;
    bool told;
};

static void *connect_named(void *arg)
{
    struct named *x = arg;
    char c;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, x->fd);
    SSL_set_tlsext_host_name(ssl, "localhost");
    if (SSL_connect(ssl) == 1) {
        x->told = SSL_SESSION_get0_hostname(SSL_get0_session(ssl)) != NULL;
        SSL_read(ssl, &c, 1);
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(x->fd);
    OPENSSL_thread_stop();
    return NULL;
}

static int take_any(sock_t *s, const char *name, void *arg)
{
    (void)s, (void)name, (void)arg;
    return 0;
}

TEST(ssl_edges, names_that_were_of_use)
{
    for (int i = 0; i < 3; i++) {
        struct pair p = tcp_pair();
        struct named x = {.fd = sock_detach(p.a)};
        pthread_t thread;
        sock_ssl_context_t *server = server_context("good");
        if (i > 0)
            check_ok(sock_ssl_set_sni_callback(server, take_any, NULL));
        if (i == 2)
            check_ok(sock_ssl_set_sni_callback(server, NULL, NULL));
        sock_free(p.a);
        check_ok(sock_settimeout(p.b, 10));
        check_int(pthread_create(&thread, NULL, connect_named, &x), 0);
        sock_t *s = check_made(wrap(server, p.b, SOCK_SSL_SERVER_SIDE, NULL));
        check_int(sock_send(s, "x", 1, 0), 1);
        check_int(pthread_join(thread, NULL), 0);
        check_int(x.told, i == 1);
        sock_free(s);
        sock_ssl_context_free(server);
    }
}

/* An end is what it is, whatever errno was. */
TEST(ssl_edges, an_end_is_not_what_failed_before)
{
    struct pair p = tls_pair();
    char c;
    int fd = sock_detach(p.b);
    shutdown(fd, SHUT_WR);
    errno = EIO;
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_TLS, TLS_CUT, "");
    close(fd);
    free_pair(&p);
}

/* Who takes an end as it comes does not take a reset for one. */
TEST(ssl_edges, a_reset_is_no_end)
{
    const struct linger at_once = {.l_onoff = 1};
    struct pair p = tcp_pair();
    char c;
    struct end a = {.ctx = client_context(),
                    .plain = p.a,
                    .host = "localhost",
                    .flags = SOCK_SSL_SUPPRESS_RAGGED_EOFS};
    struct end b = {.ctx = server_context("good"),
                    .plain = p.b,
                    .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&a, &b);
    int fd = sock_detach(check_made(b.made));
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
    check_part(sock_recv(check_made(a.made), &c, 1, 0), SOCK_E_OS, ECONNRESET,
               "");
    check_part(sock_recv(a.made, &c, 1, 0), SOCK_E_OS, ECONNRESET, "");
    sock_free(a.made);
    sock_free(b.made);
    sock_ssl_context_free(a.ctx);
    sock_ssl_context_free(b.ctx);
}

/* errno is the failures'. */
TEST(ssl_edges, errno_of_other_contexts_and_of_certificates)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *client = client_context(), *other = client_context();
    sock_ssl_context_t *server = server_context("good");
    sock_t *s = wrap(client, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost");
    errno = 1234;
    check_ok(sock_ssl_set_context(s, other));
    check_int(errno, 1234);
    errno = 0;
    check_part(sock_ssl_set_context(s, server), SOCK_E_VALUE, 0, "");
    check_int(errno, EINVAL);
    errno = 0;
    check_null_part(sock_ssl_cert_decode("junk", 4), SOCK_E_TLS, TLS_FAILED,
                    "");
    check_int(errno, EPROTO);
    sock_free(s);
    sock_free(p.b);
    sock_ssl_context_free(client);
    sock_ssl_context_free(other);
    sock_ssl_context_free(server);
}

TEST(ssl_edges, purposes_that_are_none)
{
    check_null_part(
        sock_ssl_create_default_context(7, cert("root.pem"), NULL, NULL),
        SOCK_E_VALUE, 0, "create_default_context");
}

TEST(ssl_edges, times_that_are_none)
{
    static const char *const texts[] = {
        "Jan5 09:34:43 2018 GMT",   "Jan 509:34:43 2018 GMT",
        "Jan 5 09x34:43 2018 GMT",  "Jan 5 09:34x43 2018 GMT",
        "Jan 5 093443 2018 GMT",    "Jan 5 09:34:432018 GMT",
        "Jan 5 09:34:43 2018GMT",   "Jan 5 09:34:43 2018 GMTx",
        "Jan 5 09:34:43 2018 UTC",  "Jan 5 24:34:43 2018 GMT",
        "Jan 5 09:60:43 2018 GMT",  "Jan 5 09:34:62 2018 GMT",
        "Jan 0 09:34:43 2018 GMT",  "Jan 32 09:34:43 2018 GMT",
        "Feb 29 09:34:43 2018 GMT", "Jan 5 09:34:43 0000 GMT",
        "Jan 5 09:34:43 218 GMT",   "Jan 5 :34:43 2018 GMT",
        "Jan  09:34:43 2018 GMT",   "Jam 5 09:34:43 2018 GMT",
        "Dec 32 09:34:43 2018 GMT", "Apr 31 09:34:43 2018 GMT"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t seconds = -7;
        check_part(sock_ssl_cert_time_to_seconds(texts[i], &seconds),
                   SOCK_E_VALUE, 0, "");
        check_int(seconds, -7);
    }
}

/* What does not have to change stays. */
TEST(ssl_edges, modes_that_stay)
{
    sock_ssl_context_t *client =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    check_ok(sock_ssl_set_check_hostname(client, 0));
    check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_NONE));
    check_ok(sock_ssl_set_check_hostname(client, 0));
    check_int(sock_ssl_get_verify_mode(client), SOCK_SSL_CERT_NONE);
    check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_OPTIONAL));
    check_ok(sock_ssl_set_check_hostname(client, 1));
    check_int(sock_ssl_get_verify_mode(client), SOCK_SSL_CERT_OPTIONAL);
    pin(client, "good.pem");
    check_int(sock_ssl_get_verify_mode(client), SOCK_SSL_CERT_OPTIONAL);
    check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_REQUIRED));
    check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_OPTIONAL));
    sock_ssl_context_free(client);
}

/* Taking away the pins of one who asks for no one leaves it so. */
TEST(ssl_edges, no_pins)
{
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_pins(server, NULL, 0));
    check_int(sock_ssl_get_verify_mode(server), SOCK_SSL_CERT_NONE);
    check_part(sock_ssl_set_pins(NULL, NULL, 0), SOCK_E_TYPE, 0, "NULL");
    sock_ssl_context_free(server);
}
