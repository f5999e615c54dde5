/* SPDX-License-Identifier: MIT */
/* What a context calls: names, keys, passwords; and keys that are written down
 * or pinned. */
#include "tls.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

static const int versions[] = {SOCK_SSL_TLSV1_2, SOCK_SSL_TLSV1_3};

static void only_version(sock_ssl_context_t *ctx, int version)
{
    check_ok(sock_ssl_set_minimum_version(ctx, SOCK_SSL_TLSV1_2));
    check_ok(sock_ssl_set_maximum_version(ctx, version));
    check_ok(sock_ssl_set_minimum_version(ctx, version));
}

struct ends {
    struct end a, b;
};

/* The contexts go on. */
static struct ends meet(sock_ssl_context_t *client, sock_ssl_context_t *server,
                        const char *host)
{
    struct pair plain = tcp_pair();
    struct ends e = {
        {.ctx = client, .plain = plain.a, .host = host},
        {.ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE}};
    wrap_both(&e.a, &e.b);
    return e;
}

static void part(struct ends *e)
{
    sock_freep(&e->a.made);
    sock_freep(&e->b.made);
}

static void check_both(const struct ends *e)
{
    check_that(e->a.made != NULL, "%s", e->a.failure.text);
    check_that(e->b.made != NULL, "%s", e->b.failure.text);
}

/* Names */

struct heard {
    int calls, answer;
    char name[300];
    sock_ssl_context_t *ctx; /* that is taken, or NULL */
    int taken;
};

static int hear(sock_t *s, const char *name, void *arg)
{
    struct heard *h = arg;
    h->calls++;
    snprintf(h->name, sizeof h->name, "%s", name != NULL ? name : "(none)");
    if (h->ctx != NULL)
        h->taken = sock_ssl_set_context(s, h->ctx);
    errno = 99; /* which is no one's */
    return h->answer;
}

static const char *name_heard(const char *host, int version)
{
    static struct heard h;
    h = (struct heard){0};
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    only_version(client, version);
    check_ok(sock_ssl_set_check_hostname(client, 0));
    check_ok(sock_ssl_set_sni_callback(server, hear, &h));
    struct ends e = meet(client, server, host);
    check_both(&e);
    check_int(h.calls, 1);
    part(&e);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return h.name;
}

TEST(ssl_callbacks, names)
{
    for (int i = 0; i < 2; i++) {
        check_str(name_heard("localhost", versions[i]), "localhost");
        check_str(name_heard("Sub_1.Example.Test", versions[i]),
                  "Sub_1.Example.Test");
        check_str(name_heard("127.0.0.1", versions[i]), "(none)");
        check_str(name_heard("::1", versions[i]), "(none)");
        check_str(name_heard(NULL, versions[i]), "(none)");
    }
}

static struct ends answered(int answer, int version)
{
    struct heard h = {.answer = answer};
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    only_version(client, version);
    check_ok(sock_ssl_set_sni_callback(server, hear, &h));
    struct ends e = meet(client, server, "localhost");
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    check(e.a.made == NULL);
    check(e.b.made == NULL);
    return e;
}

TEST(ssl_callbacks, alerts)
{
    static const int alerts[] = {
        SOCK_SSL_ALERT_UNRECOGNIZED_NAME, SOCK_SSL_ALERT_HANDSHAKE_FAILURE,
        SOCK_SSL_ALERT_ACCESS_DENIED, SOCK_SSL_ALERT_INTERNAL_ERROR};
    for (int i = 0; i < 8; i++) {
        sock_ssl_error_t parts;
        struct ends e = answered(alerts[i / 2], versions[i % 2]);
        check_failure(&e.b.failure, SOCK_E_TLS, TLS_FAILED,
                      "[SSL: CALLBACK_FAILED] callback failed");
        check_int(e.a.failure.error.kind, SOCK_E_TLS);
        check_ok(sock_ssl_error(&e.a.failure.error, &parts));
        check_int(parts.alert, alerts[i / 2]);
    }
}

/* Python sends them mangled. */
TEST(ssl_callbacks, numbers_that_are_no_alert)
{
    static const int numbers[] = {9999, -1, 1, 255, 256 + 40};
    for (int i = 0; i < 10; i++) {
        struct ends e = answered(numbers[i / 2], versions[i % 2]);
        check_failure(&e.b.failure, SOCK_E_VALUE, 0,
                      "the SNI callback returned a number that is no alert");
        check_failure(&e.a.failure, SOCK_E_TLS, TLS_FAILED,
                      "[SSL: TLSV1_ALERT_INTERNAL_ERROR]");
    }
}

TEST(ssl_callbacks, names_are_a_servers)
{
    sock_ssl_context_t *ctx = client_context();
    check_part(sock_ssl_set_sni_callback(ctx, hear, NULL), SOCK_E_VALUE, 0,
               "sni_callback cannot be set on TLS_CLIENT context");
    sock_ssl_context_free(ctx);
}

TEST(ssl_callbacks, the_callback_is_taken_away)
{
    struct heard h = {.answer = SOCK_SSL_ALERT_ACCESS_DENIED};
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_sni_callback(server, hear, &h));
    check_ok(sock_ssl_set_sni_callback(server, NULL, NULL));
    struct pair p = tls_pair_over(tcp_pair(), NULL, server);
    check_int(h.calls, 0);
    free_pair(&p);
    sock_ssl_context_free(server);
}

/* What goes into logs is text: OpenSSL alone sends anything. */
static void *send_name(void *arg)
{
    struct raw *r = arg;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, r->fd);
    SSL_set_tlsext_host_name(ssl, r->arg);
    r->shaken = SSL_connect(ssl);
    r->error = ERR_peek_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(r->fd);
    OPENSSL_thread_stop();
    return NULL;
}

TEST(ssl_callbacks, names_that_are_no_text)
{
    static const char *const names[] = {"a\nb", "a b", "b\xc3\xbc", "\x7f"};
    for (int i = 0; i < 4; i++) {
        char name[8];
        struct heard h = {0};
        struct pair plain = tcp_pair();
        struct raw raw = {.fd = sock_detach(plain.a), .arg = name};
        sock_ssl_context_t *server = server_context("good");
        snprintf(name, sizeof name, "%s", names[i]);
        sock_free(plain.a);
        check_ok(sock_settimeout(plain.b, 10));
        check_ok(sock_ssl_set_sni_callback(server, hear, &h));
        check_int(pthread_create(&raw.thread, NULL, send_name, &raw), 0);
        check_null_part(wrap(server, plain.b, SOCK_SSL_SERVER_SIDE, NULL),
                        SOCK_E_TLS, TLS_FAILED, "CALLBACK_FAILED");
        raw_finish(&raw);
        check_int(h.calls, 0);
        check_int(ERR_GET_REASON(raw.error), 1112);
        sock_ssl_context_free(server);
    }
}

/* Another context */

static struct ends taken(struct heard *h, sock_ssl_context_t *client,
                         sock_ssl_context_t *other, const char *host)
{
    sock_ssl_context_t *server = server_context("good");
    h->ctx = other;
    check_ok(sock_ssl_set_sni_callback(server, hear, h));
    struct ends e = meet(client, server, host);
    if (e.b.made != NULL)
        check(sock_ssl_context(e.b.made) == other);
    sock_ssl_context_free(server); /* which the connection has left */
    check_int(h->taken, 0);
    return e;
}

TEST(ssl_callbacks, another_context)
{
    for (int i = 0; i < 2; i++) {
        struct heard h = {0};
        sock_ssl_context_t *client = client_context();
        sock_ssl_context_t *other = server_context("wildcard");
        only_version(client, versions[i]);
        struct ends e = taken(&h, client, other, "a.example.test");
        check_both(&e);
        check_ok(sock_sendall(e.b.made, "hello", 5, 0));
        char buf[8];
        check_int(sock_recv_all(e.a.made, buf, 5), 5);
        part(&e);
        sock_ssl_context_free(client);
        sock_ssl_context_free(other);
    }
}

/* Its owner may let go of it within the callback. */
static int take_and_free(sock_t *s, const char *name, void *arg)
{
    sock_ssl_context_t *ctx = server_context("wildcard");
    (void)name, (void)arg;
    int result = sock_ssl_set_context(s, ctx);
    sock_ssl_context_free(ctx);
    return result == 0 ? 0 : SOCK_SSL_ALERT_INTERNAL_ERROR;
}

TEST(ssl_callbacks, a_context_of_the_connection_alone)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_sni_callback(server, take_and_free, NULL));
    struct ends e = meet(client, server, "a.example.test");
    check_both(&e);
    part(&e);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Whom the other one asks for is asked: of Python's it is not. */
TEST(ssl_callbacks, another_context_that_asks)
{
    for (int i = 0; i < 2; i++) {
        struct heard h = {0};
        sock_ssl_context_t *client = client_context();
        sock_ssl_context_t *other = server_context("good");
        only_version(client, versions[i]);
        check_ok(sock_ssl_set_verify_mode(other, SOCK_SSL_CERT_REQUIRED));
        check_ok(sock_ssl_load_verify_locations(other, cert("root.pem"), NULL,
                                                NULL));
        struct ends e = taken(&h, client, other, "localhost");
        check_failure(&e.b.failure, SOCK_E_TLS, TLS_FAILED,
                      "PEER_DID_NOT_RETURN_A_CERTIFICATE");
        part(&e);
        check_ok(sock_ssl_load_cert_chain(client, cert("client.pem"),
                                          cert("client.key"), NULL));
        e = taken(&h, client, other, "localhost");
        check_both(&e);
        part(&e);
        sock_ssl_context_free(client);
        sock_ssl_context_free(other);
    }
}

TEST(ssl_callbacks, another_context_of_another_policy)
{
    const char *names[] = {"h2"};
    char protocol[8];
    struct heard h = {0};
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *other = server_context("good");
    check_ok(sock_ssl_set_alpn_protocols(client, names, 1));
    check_ok(sock_ssl_set_alpn_protocols(other, names, 1));
    only_version(other, SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_ciphers(other, "ECDHE-ECDSA-CHACHA20-POLY1305"));
    check_ok(sock_ssl_set_ecdh_curve(other, "P-384"));
    struct ends e = taken(&h, client, other, "localhost");
    check_both(&e);
    check_str(sock_ssl_version(e.a.made), "TLSv1.2");
    check_str(cipher_of(e.a.made), "ECDHE-ECDSA-CHACHA20-POLY1305");
    check_int(sock_ssl_selected_alpn_protocol(e.a.made, protocol, 8), 2);
    part(&e);
    check_ok(sock_ssl_set_ciphers(other, "ECDHE-ECDSA-AES128-GCM-SHA256"));
    e = taken(&h, client, other, "localhost"); /* it was in use */
    check_both(&e);
    check_str(cipher_of(e.a.made), "ECDHE-ECDSA-AES128-GCM-SHA256");
    part(&e);
    check_ok(sock_ssl_set_ecdh_curve(client, "X25519"));
    e = taken(&h, client, other, "localhost");
    check(e.a.made == NULL); /* no curve in common */
    check(e.b.made == NULL);
    sock_ssl_context_free(client);
    sock_ssl_context_free(other);
}

/* And what the first one had goes with it. */
TEST(ssl_callbacks, another_context_of_no_policy)
{
    struct heard h = {0};
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *first = server_context("good");
    h.ctx = server_context("good");
    only_version(first, SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_sni_callback(first, hear, &h));
    check_ok(sock_ssl_set_verify_mode(first, SOCK_SSL_CERT_REQUIRED));
    struct ends e = meet(client, first, "localhost"); /* which uses it */
    check_both(&e);
    part(&e);
    check_ok(sock_ssl_set_ciphers(first, "ECDHE-RSA-AES128-GCM-SHA256"));
    check_ok(sock_ssl_set_ciphersuites(first, "TLS_AES_128_CCM_SHA256"));
    check_ok(sock_ssl_set_ecdh_curve(first, "P-521"));
    check_ok(sock_ssl_set_ecdh_curve(client, "X25519"));
    e = meet(client, first, "localhost");
    check_both(&e);
    check_str(sock_ssl_version(e.a.made), "TLSv1.3");
    part(&e);
    sock_ssl_context_free(client);
    sock_ssl_context_free(first);
    sock_ssl_context_free(h.ctx);
}

TEST(ssl_callbacks, contexts_that_cannot_be_taken)
{
    struct heard h = {.ctx = client_context()};
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_sni_callback(server, hear, &h));
    struct pair p = tls_pair_over(tcp_pair(), NULL, server);
    check_int(h.taken, -1);
    check_part(sock_ssl_set_context(p.a, h.ctx), SOCK_E_VALUE, 0,
               "context: the context can't be changed once the handshake has "
               "begun");
    check_part(sock_ssl_set_context(p.b, server), SOCK_E_VALUE, 0, "begun");
    check_part(sock_ssl_set_context(p.b, NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_context(NULL, server), SOCK_E_TYPE, 0, "");
    check_null_part(sock_ssl_context(NULL), SOCK_E_TYPE, 0, "");
    free_pair(&p);
    p = tcp_pair();
    check_part(sock_ssl_set_context(p.b, server), SOCK_E_VALUE, 0, "no TLS");
    check_null_part(sock_ssl_context(p.b), SOCK_E_VALUE, 0, "no TLS");
    free_pair(&p);
    sock_ssl_context_free(server);
    sock_ssl_context_free(h.ctx);
}

TEST(ssl_callbacks, another_context_before_the_handshake)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *first = client_context(), *other = client_context();
    sock_ssl_context_t *server = server_context("good");
    sock_ssl_context_t *nameless =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    only_version(first, SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_check_hostname(first, 0));
    check_ok(sock_settimeout(plain.a, 10));
    check_ok(sock_settimeout(plain.b, 10));
    begin_end(&b);
    sock_t *s = check_made(wrap(first, plain.a, SOCK_SSL_NO_HANDSHAKE, NULL));
    check(sock_ssl_context(s) == first);
    check_part(sock_ssl_set_context(s, server), SOCK_E_VALUE, 0,
               "Cannot create a client socket with a PROTOCOL_TLS_SERVER");
    check_part(sock_ssl_set_context(s, nameless), SOCK_E_VALUE, 0,
               "check_hostname requires server_hostname");
    check_ok(sock_ssl_set_check_hostname(other, 0));
    errno = 4321;
    check_ok(sock_ssl_set_context(s, other));
    check_int(errno, 4321);
    check(sock_ssl_context(s) == other);
    sock_ssl_context_free(first);
    check_ok(sock_ssl_do_handshake(s));
    check_str(sock_ssl_version(s), "TLSv1.3");
    finish_end(&b);
    sock_free(s);
    check_part(sock_ssl_set_context(b.made, server), SOCK_E_VALUE, 0, "begun");
    check_ok(sock_close(b.made));
    check_part(sock_ssl_set_context(b.made, server), SOCK_E_OS, EBADF, "");
    sock_free(b.made);
    sock_ssl_context_free(other);
    sock_ssl_context_free(server);
    sock_ssl_context_free(nameless);
}

/* Of a listener it is that of later connections. */
TEST(ssl_callbacks, another_context_of_a_listener)
{
    sock_addr_t address;
    sock_ssl_context_t *old = server_context("wrong");
    sock_ssl_context_t *now = server_context("good");
    sock_ssl_context_t *client = client_context();
    sock_t *server =
        check_made(wrap(old, listener(&address), SOCK_SSL_SERVER_SIDE, NULL));
    check_ok(sock_ssl_set_context(server, now));
    sock_ssl_context_free(old);
    struct end a = {.ctx = client,
                    .plain = check_made(sock_new(AF_INET, SOCK_STREAM, 0)),
                    .host = "localhost"};
    check_ok(sock_connect(a.plain, address));
    check_ok(sock_settimeout(a.plain, 10));
    sock_t *s = check_made(sock_accept(server, NULL));
    check_ok(sock_settimeout(s, 10));
    begin_end(&a);
    check_ok(sock_ssl_do_handshake(s));
    finish_end(&a);
    check_that(a.made != NULL, "%s", a.failure.text);
    sock_free(a.made);
    sock_free(s);
    sock_free(server);
    sock_ssl_context_free(now);
    sock_ssl_context_free(client);
}

/* Tickets of contexts */

/* A client that is OpenSSL alone, and keeps the session of its last visit. */
struct visitor {
    SSL_CTX *ctx;
    SSL_SESSION *session;
};

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct visitor *v = SSL_get_app_data(ssl);
    SSL_SESSION_free(v->session);
    v->session = session;
    return 1;
}

static struct visitor new_visitor(int version)
{
    struct visitor v = {.ctx = SSL_CTX_new(TLS_client_method())};
    check(v.ctx != NULL);
    SSL_CTX_set_max_proto_version(v.ctx, version);
    SSL_CTX_set_session_cache_mode(v.ctx, SSL_SESS_CACHE_CLIENT |
                                              SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(v.ctx, keep_session);
    return v;
}

static void end_visitor(struct visitor *v)
{
    SSL_SESSION_free(v->session);
    SSL_CTX_free(v->ctx);
}

/* Whether the former session was resumed; -1: the server has refused. */
static int visit(struct visitor *v, sock_ssl_context_t *server,
                 const char *name)
{
    char byte, sent[64];
    struct pair plain = tcp_pair();
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    int fd = sock_detach(plain.a);
    sock_free(plain.a);
    check_ok(sock_settimeout(plain.b, 10));
    begin_end(&b);
    SSL *ssl = SSL_new(v->ctx);
    SSL_set_app_data(ssl, v);
    SSL_set_fd(ssl, fd);
    snprintf(sent, sizeof sent, "%s", name);
    SSL_set_tlsext_host_name(ssl, sent);
    if (v->session != NULL)
        SSL_set_session(ssl, v->session);
    int resumed = SSL_connect(ssl) == 1 ? SSL_session_reused(ssl) : -1;
    finish_end(&b);
    if (b.made == NULL)
        resumed = -1;
    if (resumed >= 0) { /* tickets come before the byte */
        check_ok(sock_sendall(b.made, "x", 1, 0));
        check_int(SSL_read(ssl, &byte, 1), 1);
    }
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN); /* or it forgets the session */
    SSL_free(ssl);
    close(fd);
    sock_free(b.made);
    ERR_clear_error();
    return resumed;
}

TEST(ssl_callbacks, tickets_are_taken)
{
    for (int i = 0; i < 2; i++) {
        sock_ssl_context_t *server = server_context("good");
        struct visitor v = new_visitor(versions[i]);
        check_int(visit(&v, server, "localhost"), 0);
        check_int(visit(&v, server, "localhost"), 1);
        check_int(visit(&v, server, "localhost"), 1);
        end_visitor(&v);
        sock_ssl_context_free(server);
    }
}

/* It was given to someone who was asked for less. */
TEST(ssl_callbacks, tickets_from_before_a_change)
{
    for (int i = 0; i < 2; i++) {
        sock_ssl_context_t *server = server_context("good");
        struct visitor v = new_visitor(versions[i]);
        check_int(visit(&v, server, "localhost"), 0);
        check_ok(sock_ssl_set_verify_flags(server, 0));
        check_int(visit(&v, server, "localhost"), 0);
        check_int(visit(&v, server, "localhost"), 1);
        check_ok(sock_ssl_set_verify_mode(server, SOCK_SSL_CERT_REQUIRED));
        check_int(visit(&v, server, "localhost"), -1);
        end_visitor(&v);
        sock_ssl_context_free(server);
    }
}

static int take_by_name(sock_t *s, const char *name, void *arg)
{
    if (strcmp(name, "secret.test") != 0)
        return 0;
    return sock_ssl_set_context(s, arg) == 0 ? 0
                                             : SOCK_SSL_ALERT_INTERNAL_ERROR;
}

/* Of whom one context asks for a certificate is not let in by the ticket of
 * another that asks for none. */
TEST(ssl_callbacks, tickets_of_another_context)
{
    for (int i = 0; i < 2; i++) {
        sock_ssl_context_t *server = server_context("good");
        sock_ssl_context_t *other = server_context("good");
        struct visitor v = new_visitor(versions[i]);
        check_ok(sock_ssl_set_sni_callback(server, take_by_name, other));
        check_int(visit(&v, server, "localhost"), 0);
        check_int(visit(&v, server, "localhost"), 1);
        check_int(visit(&v, server, "secret.test"), 0);
        check_int(visit(&v, server, "secret.test"), 1);
        check_int(visit(&v, server, "localhost"), 0);
        check_ok(sock_ssl_set_verify_mode(other, SOCK_SSL_CERT_REQUIRED));
        check_int(visit(&v, server, "secret.test"), -1);
        end_visitor(&v);
        sock_ssl_context_free(server);
        sock_ssl_context_free(other);
    }
}

/* Calls on the same object */

struct calls {
    int count;
    int errors[16], kinds[16];
};

static void note(struct calls *c, long result)
{
    c->errors[c->count] = result == -1 ? sock_last_error()->code : 0;
    c->kinds[c->count++] = sock_last_error()->kind;
}

static int call_all(sock_t *s, const char *name, void *arg)
{
    struct calls *c = arg;
    char buf[4];
    (void)name;
    note(c, sock_recv(s, buf, sizeof buf, 0));
    note(c, sock_send(s, "x", 1, 0));
    note(c, sock_sendall(s, "x", 1, 0));
    note(c, sock_ssl_do_handshake(s));
    note(c, sock_ssl_unwrap(s) == NULL ? -1 : 0);
    note(c, sock_ssl_pending(s));
    note(c, sock_ssl_version(s) == NULL ? -1 : 0);
    sock_ssl_cipher_t cipher;
    note(c, sock_ssl_cipher(s, &cipher));
    note(c, sock_ssl_shared_ciphers(s) == NULL ? -1 : 0);
    note(c, sock_ssl_session(s) == NULL ? -1 : 0);
    note(c, sock_ssl_session_reused(s));
    note(c, sock_ssl_get_channel_binding(s, "tls-exporter", NULL, 0));
    note(c, sock_ssl_verify_client_post_handshake(s));
    note(c, sock_ssl_selected_alpn_protocol(s, NULL, 0));
    note(c, sock_shutdown(s, SHUT_WR));
    sock_ssl_wants(s, SOCK_EVENT_READ); /* which records nothing */
    if (sock_ssl_context(s) == NULL || sock_ssl_server_side(s) != 1 ||
        sock_ssl_server_hostname(s, NULL, 0) != 0)
        return SOCK_SSL_ALERT_INTERNAL_ERROR;
    return 0;
}

TEST(ssl_callbacks, calls_on_the_same_object)
{
    struct calls c = {0};
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_sni_callback(server, call_all, &c));
    struct pair p = tls_pair_over(tcp_pair(), NULL, server);
    check_int(c.count, 15);
    for (int i = 0; i < c.count; i++) {
        check_that(c.errors[i] == EDEADLK, "call %d: %d", i, c.errors[i]);
        check_int(c.kinds[i], SOCK_E_OS);
    }
    check_ok(sock_sendall(p.b, "hello", 5, 0)); /* and goes on */
    char buf[8];
    check_int(sock_recv_all(p.a, buf, 5), 5);
    free_pair(&p);
    sock_ssl_context_free(server);
}

static int close_it(sock_t *s, const char *name, void *arg)
{
    (void)name;
    *(int *)arg = sock_close(s);
    return 0;
}

TEST(ssl_callbacks, closing_the_same_object)
{
    int closed = -1;
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_sni_callback(server, close_it, &closed));
    struct ends e = meet(client, server, "localhost");
    check_int(closed, 0);
    check(e.a.made == NULL);
    check_failure(&e.b.failure, SOCK_E_OS, EBADF, "");
    part(&e);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Callbacks that come and go while others shake hands */

static atomic_int live[2];

static int count_live(sock_t *s, const char *name, void *arg)
{
    (void)s, (void)name;
    atomic_fetch_add((atomic_int *)arg, 1);
    return 0;
}

static void *shake_often(void *arg)
{
    for (int i = 0; i < 6; i++) {
        struct pair p = tls_pair_over(tcp_pair(), NULL, arg);
        free_pair(&p);
    }
    return NULL;
}

TEST(ssl_callbacks, many_threads)
{
    const char *names[] = {"h2", "http/1.1"};
    sock_ssl_context_t *server = server_context("good");
    pthread_t threads[3];
    check_ok(sock_ssl_set_sni_callback(server, count_live, &live[0]));
    for (int i = 0; i < 3; i++)
        check_int(pthread_create(&threads[i], NULL, shake_often, server), 0);
    for (int i = 0; i < 300; i++) {
        check_ok(sock_ssl_set_sni_callback(server, count_live, &live[i % 2]));
        check_ok(sock_ssl_set_alpn_protocols(server, names, (size_t)i % 3));
        check_ok(sock_ssl_set_keylog_filename(server,
                                              i % 2 != 0 ? "/dev/null" : NULL));
    }
    for (int i = 0; i < 3; i++)
        check_int(pthread_join(threads[i], NULL), 0);
    check_int(live[0] + live[1], 18);
    sock_ssl_context_free(server);
}

/* Keys that both have */

struct keys {
    const char *identity, *key;
    int size; /* of the key; -1: its length */
    char hint[300], asked[300];
    int calls;
};

static int write_key(struct keys *k, unsigned char *key, size_t size)
{
    size_t n = strlen(k->key);
    check(n <= size);
    memcpy(key, k->key, n);
    return k->size >= 0 ? k->size : (int)n;
}

static int client_key(const char *hint, char *identity, size_t identity_size,
                      unsigned char *key, size_t key_size, void *arg)
{
    struct keys *k = arg;
    k->calls++;
    snprintf(k->hint, sizeof k->hint, "%s", hint != NULL ? hint : "(none)");
    check_int(identity_size, 256);
    memcpy(identity, k->identity, strnlen(k->identity, 256));
    return write_key(k, key, key_size);
}

static int server_key(const char *identity, unsigned char *key, size_t key_size,
                      void *arg)
{
    struct keys *k = arg;
    k->calls++;
    snprintf(k->asked, sizeof k->asked, "%s", identity);
    return strcmp(identity, k->identity) == 0 ? write_key(k, key, key_size) : 0;
}

/* No certificate is there at all. */
static struct ends by_key(struct keys *client, struct keys *server, int version,
                          const char *hint)
{
    sock_ssl_context_t *a = client_context();
    sock_ssl_context_t *b =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER));
    only_version(a, version);
    check_ok(sock_ssl_set_ciphers(a, "PSK"));
    check_ok(sock_ssl_set_ciphers(b, "PSK"));
    check_ok(sock_ssl_set_psk_client_callback(a, client_key, client));
    check_ok(sock_ssl_set_psk_server_callback(b, server_key, hint, server));
    struct ends e = meet(a, b, "localhost");
    sock_ssl_context_free(a);
    sock_ssl_context_free(b);
    return e;
}

static struct keys keys(const char *identity, const char *key)
{
    return (struct keys){.identity = identity, .key = key, .size = -1};
}

TEST(ssl_callbacks, keys)
{
    for (int i = 0; i < 2; i++) {
        struct keys a = keys("me", "0123456789abcdef"), b = a;
        struct ends e = by_key(&a, &b, versions[i], "which one?");
        check_both(&e);
        check_str(a.hint, i == 0 ? "which one?" : "(none)");
        check_str(b.asked, "me");
        check_ok(sock_sendall(e.a.made, "hello", 5, 0));
        char buf[8];
        check_int(sock_recv_all(e.b.made, buf, 5), 5);
        part(&e);
    }
}

TEST(ssl_callbacks, keys_without_a_hint)
{
    struct keys a = keys("me", "0123456789abcdef"), b = a;
    struct ends e = by_key(&a, &b, SOCK_SSL_TLSV1_2, NULL);
    check_both(&e);
    check_str(a.hint, "(none)");
    part(&e);
}

TEST(ssl_callbacks, keys_that_are_wrong)
{
    static const char *const words[] = {"BAD_RECORD_MAC",
                                        "BINDER_DOES_NOT_VERIFY"};
    for (int i = 0; i < 2; i++) {
        struct keys a = keys("me", "0123456789abcdef");
        struct keys b = keys("me", "0123456789abcdeg");
        struct ends e = by_key(&a, &b, versions[i], NULL);
        check(e.a.made == NULL);
        check(e.b.made == NULL);
        check_int(e.b.failure.error.kind, SOCK_E_TLS);
        check_that(strstr(e.b.failure.text, words[i]) != NULL, "%s",
                   e.b.failure.text);
    }
}

TEST(ssl_callbacks, keys_of_no_one)
{
    for (int i = 0; i < 2; i++) {
        struct keys a = keys("me", "0123456789abcdef");
        struct keys b = keys("you", "0123456789abcdef");
        struct ends e = by_key(&a, &b, versions[i], NULL);
        check(e.a.made == NULL);
        check(e.b.made == NULL);
        check_int(e.b.failure.error.kind, SOCK_E_TLS);
        check_str(b.asked, "me");
    }
}

/* More than there is room for; and no key at all. */
TEST(ssl_callbacks, keys_that_do_not_fit)
{
    char identity[300];
    memset(identity, 'x', sizeof identity);
    identity[299] = '\0';
    for (int i = 0; i < 2; i++) {
        struct keys a = keys(identity, "0123456789abcdef"), b = a;
        struct ends e = by_key(&a, &b, versions[i], NULL);
        check(e.a.made == NULL);
        check_failure(&e.a.failure, SOCK_E_VALUE, 0,
                      "the PSK callback wrote more than there is room for");
        part(&e);
        a = b = keys("me", "0123456789abcdef");
        a.size = 5000;
        e = by_key(&a, &b, versions[i], NULL);
        check_failure(&e.a.failure, SOCK_E_VALUE, 0, "PSK callback");
        part(&e);
        a.size = -1;
        b.size = 5000;
        e = by_key(&a, &b, versions[i], NULL);
        check_failure(&e.b.failure, SOCK_E_VALUE, 0, "PSK callback");
        part(&e);
        a.size = 0;
        e = by_key(&a, &b, versions[i], NULL);
        check(e.a.made == NULL);
        check_int(e.a.failure.error.kind, SOCK_E_TLS);
        part(&e);
    }
}

TEST(ssl_callbacks, the_longest_identity)
{
    char identity[256];
    memset(identity, 'x', sizeof identity);
    identity[255] = '\0';
    struct keys a = keys(identity, "0123456789abcdef"), b = a;
    struct ends e = by_key(&a, &b, SOCK_SSL_TLSV1_3, NULL);
    check_both(&e);
    part(&e);
}

/* In TLS 1.3 a server without keys is verified as any other. */
TEST(ssl_callbacks, a_key_is_not_a_way_past_the_certificate)
{
    struct keys k = keys("me", "0123456789abcdef");
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("wrong");
    check_ok(sock_ssl_set_psk_client_callback(client, client_key, &k));
    struct ends e = meet(client, server, "localhost");
    check(e.a.made == NULL);
    check_int(e.a.failure.error.verify_code, 62);
    check_int(k.calls, 1);
    part(&e);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Nor is a cipher that needs neither. */
TEST(ssl_callbacks, a_key_that_was_not_used)
{
    struct keys k = keys("me", "0123456789abcdef");
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    struct raw raw = {.fd = sock_detach(plain.b),
                      .server = true,
                      .ciphers = "aNULL:@SECLEVEL=0",
                      .maximum = TLS1_2_VERSION};
    sock_free(plain.b);
    check_ok(sock_ssl_set_psk_client_callback(ctx, client_key, &k));
    only_version(ctx, SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_ciphers(ctx, "PSK:aNULL:@SECLEVEL=0"));
    check_ok(sock_settimeout(plain.a, 10));
    raw_begin(&raw);
    check_null_part(wrap(ctx, plain.a, 0, "localhost"), SOCK_E_TLS, TLS_FAILED,
                    "the peer has shown no certificate");
    raw_finish(&raw);
    sock_ssl_context_free(ctx);
}

TEST(ssl_callbacks, keys_have_their_side)
{
    char hint[258];
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    memset(hint, 'x', sizeof hint);
    hint[257] = '\0';
    check_part(sock_ssl_set_psk_client_callback(server, client_key, NULL),
               SOCK_E_VALUE, 0,
               "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER "
               "context");
    check_part(sock_ssl_set_psk_server_callback(client, server_key, NULL, NULL),
               SOCK_E_VALUE, 0,
               "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT "
               "context");
    check_part(sock_ssl_set_psk_server_callback(server, server_key, hint, NULL),
               SOCK_E_VALUE, 0, "identity hint cannot be longer than 256");
    hint[256] = '\0';
    check_ok(sock_ssl_set_psk_server_callback(server, server_key, hint, NULL));
    check_ok(sock_ssl_set_psk_server_callback(server, NULL, NULL, NULL));
    check_ok(sock_ssl_set_psk_client_callback(client, client_key, NULL));
    check_ok(sock_ssl_set_psk_client_callback(client, NULL, NULL));
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Passwords */

struct password {
    const char *text;
    int calls, length; /* of what it says; -2: that of the text */
    sock_ssl_context_t *ctx;
};

static int say_password(char *buf, size_t size, void *arg)
{
    struct password *p = arg;
    check_int(size, 1024);
    p->calls++;
    if (p->ctx != NULL) /* which is not locked */
        check_ok(sock_ssl_set_verify_mode(p->ctx, SOCK_SSL_CERT_NONE));
    memcpy(buf, p->text, strlen(p->text));
    return p->length == -2 ? (int)strlen(p->text) : p->length;
}

static int load_encrypted(sock_ssl_context_t *ctx, const char *password)
{
    return sock_ssl_load_cert_chain(ctx, cert("good.pem"),
                                    cert("good_encrypted.key"), password);
}

TEST(ssl_callbacks, passwords)
{
    struct password p = {.text = PASSWORD, .length = -2};
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER));
    p.ctx = ctx;
    check_ok(sock_ssl_set_password_callback(ctx, say_password, &p));
    check_ok(load_encrypted(ctx, NULL));
    check_int(p.calls, 1);
    check_ok(sock_ssl_load_cert_chain(ctx, cert("good.pem"),
                                      cert("good_traditional.key"), NULL));
    check_int(p.calls, 2);
    char *c = cert_text("good.pem"), *k = cert_text("good_encrypted.key");
    check_ok(
        sock_ssl_load_cert_chain_data(ctx, c, strlen(c), k, strlen(k), NULL));
    check_int(p.calls, 3);
    free(c);
    free(k);
    check_ok(load_encrypted(ctx, PASSWORD)); /* which comes first */
    check_part(load_encrypted(ctx, "no"), SOCK_E_TLS, TLS_FAILED, "");
    check_ok(sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert("good.key"),
                                      NULL));
    check_int(p.calls, 3);
    sock_ssl_context_free(ctx);
}

TEST(ssl_callbacks, passwords_that_are_wrong)
{
    struct password p = {.text = "no", .length = -2};
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER));
    check_ok(sock_ssl_set_password_callback(ctx, say_password, &p));
    check_part(load_encrypted(ctx, NULL), SOCK_E_TLS, TLS_FAILED, "");
    p.length = 0;
    check_part(load_encrypted(ctx, NULL), SOCK_E_TLS, TLS_FAILED, "");
    p.length = -1;
    check_part(load_encrypted(ctx, NULL), SOCK_E_TLS, TLS_FAILED, "");
    p.length = 1025;
    check_part(load_encrypted(ctx, NULL), SOCK_E_VALUE, 0,
               "password cannot be longer than 1024 bytes");
    check_ok(sock_ssl_set_password_callback(ctx, NULL, NULL));
    int calls = p.calls;
    check_part(load_encrypted(ctx, NULL), SOCK_E_TLS, TLS_FAILED, "");
    check_int(p.calls, calls);
    sock_ssl_context_free(ctx);
}

/* Keys that are written down */

/* A path in a folder of the test's own, and what is there. */
static char log_path[64];

static const char *new_log(void)
{
    snprintf(log_path, sizeof log_path, "/tmp/pysockc-keys-XXXXXX");
    check(mkdtemp(log_path) != NULL);
    strcat(log_path, "/keys");
    return log_path;
}

static void end_log(void)
{
    unlink(log_path);
    *strrchr(log_path, '/') = '\0';
    check_int(rmdir(log_path), 0);
}

static char *read_log(void)
{
    static char text[65536];
    FILE *f = fopen(log_path, "re");
    check(f != NULL);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static int count_in(const char *text, const char *word)
{
    int n = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        n++;
    return n;
}

TEST(ssl_callbacks, a_key_log)
{
    struct stat st;
    const char *path = new_log();
    for (int i = 0; i < 2; i++) {
        sock_ssl_context_t *client = client_context();
        only_version(client, versions[i]);
        mode_t mask = umask(0);
        check_ok(sock_ssl_set_keylog_filename(client, path));
        umask(mask);
        check_int(stat(path, &st), 0);
        check_int(st.st_mode & 07777, 0600);
        struct pair p = tls_pair_over(tcp_pair(), client, NULL);
        free_pair(&p);
        sock_ssl_context_free(client);
    }
    const char *text = read_log();
    check(strncmp(text, "# TLS secrets log file, generated by ", 37) == 0);
    check_int(count_in(text, "# TLS"), 1);
    check_int(count_in(text, "CLIENT_RANDOM "), 1);
    check_int(count_in(text, "CLIENT_TRAFFIC_SECRET_0 "), 1);
    check_int(count_in(text, "SERVER_TRAFFIC_SECRET_0 "), 1);
    check_int(text[strlen(text) - 1], '\n');
    end_log();
}

/* Of both ends it is the same. */
TEST(ssl_callbacks, a_key_log_of_both)
{
    const char *path = new_log();
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    only_version(client, SOCK_SSL_TLSV1_2);
    check_ok(sock_ssl_set_keylog_filename(client, path));
    check_ok(sock_ssl_set_keylog_filename(server, path));
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    free_pair(&p);
    char *first = strstr(read_log(), "CLIENT_RANDOM ");
    check(first != NULL);
    char *second = strchr(first, '\n') + 1;
    check(second - first > 100);
    check(strncmp(first, second, (size_t)(second - first)) == 0);
    check_int(count_in(first, "CLIENT_RANDOM "), 2);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    end_log();
}

static const char *after(sock_ssl_context_t *client)
{
    struct pair p = tls_pair_over(tcp_pair(), client, NULL);
    free_pair(&p);
    return read_log();
}

/* What is there stays, and NULL ends it. */
TEST(ssl_callbacks, a_key_log_that_is_there)
{
    const char *path = new_log();
    sock_ssl_context_t *client = client_context();
    FILE *f = fopen(path, "we");
    check(f != NULL);
    fputs("mine\n", f);
    fclose(f);
    check_ok(sock_ssl_set_keylog_filename(client, path));
    check(strncmp(after(client), "mine\nSERVER_HANDSHAKE", 21) == 0 ||
          strncmp(read_log(), "mine\nCLIENT_HANDSHAKE", 21) == 0);
    size_t size = strlen(read_log());
    check_ok(sock_ssl_set_keylog_filename(client, NULL));
    check_int(strlen(after(client)), size);
    check_ok(sock_ssl_set_keylog_filename(client, path));
    check(strlen(after(client)) > size);
    sock_ssl_context_free(client);
    end_log();
}

TEST(ssl_callbacks, key_logs_that_cannot_be)
{
    const char *path = new_log();
    sock_ssl_context_t *ctx = client_context();
    check_ok(sock_ssl_set_keylog_filename(ctx, path));
    check_part(sock_ssl_set_keylog_filename(ctx, "/nonexistent/keys"),
               SOCK_E_OS, ENOENT,
               "keylog_filename: [Errno 2] No such file or directory");
    check_part(sock_ssl_set_keylog_filename(ctx, "/tmp"), SOCK_E_OS, EISDIR,
               "");
    check_part(sock_ssl_set_keylog_filename(NULL, path), SOCK_E_TYPE, 0, "");
    check(count_in(after(ctx), "CLIENT_TRAFFIC_SECRET_0 ") ==
          1); /* as it was */
    sock_ssl_context_free(ctx);
    end_log();
}

/* It would block without a reader, and raise a signal behind one. */
TEST(ssl_callbacks, a_pipe_is_no_key_log)
{
    const char *path = new_log();
    sock_ssl_context_t *ctx = client_context();
    check_int(mkfifo(path, 0600), 0);
    check_part(sock_ssl_set_keylog_filename(ctx, path), SOCK_E_OS, ENXIO, "");
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    check_part(sock_ssl_set_keylog_filename(ctx, path), SOCK_E_OS, ESPIPE, "");
    close(fd);
    sock_ssl_context_free(ctx);
    end_log();
}

TEST(ssl_callbacks, a_key_log_that_is_full)
{
    sock_ssl_context_t *client = client_context();
    if (access("/dev/full", W_OK) != 0)
        skip("there is no /dev/full");
    check_ok(sock_ssl_set_keylog_filename(client, "/dev/full"));
    struct pair p = tls_pair_over(tcp_pair(), client, NULL);
    check_ok(sock_sendall(p.a, "hello", 5, 0));
    free_pair(&p);
    sock_ssl_context_free(client);
}

/* No program that is started has it. */
TEST(ssl_callbacks, a_key_log_is_not_inherited)
{
    const char *path = new_log();
    sock_ssl_context_t *ctx = client_context();
    int next = dup(0);
    close(next);
    check_ok(sock_ssl_set_keylog_filename(ctx, path));
    check_int(fcntl(next, F_GETFD), FD_CLOEXEC);
    check((fcntl(next, F_GETFL) & O_APPEND) != 0);
    sock_ssl_context_free(ctx);
    check_int(fcntl(next, F_GETFD), -1);
    end_log();
}

/* As Python's: default contexts alone. */
TEST(ssl_callbacks, the_key_log_of_the_environment)
{
    check_int(setenv("SSLKEYLOGFILE", new_log(), 1), 0);
    sock_ssl_context_t *bare =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    check_int(access(log_path, F_OK), -1);
    sock_ssl_context_t *client = client_context();
    check_int(count_in(after(client), "CLIENT_TRAFFIC_SECRET_0 "), 2);
    sock_ssl_context_free(bare);
    sock_ssl_context_free(client);
    end_log();
    check_null_part(sock_ssl_create_default_context(
                        SOCK_SSL_SERVER_AUTH, cert("root.pem"), NULL, NULL),
                    SOCK_E_OS, ENOENT, "keylog_filename");
    check_int(setenv("SSLKEYLOGFILE", "", 1), 0);
    client = client_context();
    sock_ssl_context_free(client);
}

/* Pins */

static const char *pin_of(const char *file)
{
    static _Thread_local char pins[4][48];
    static _Thread_local unsigned next;
    unsigned char *der = NULL, digest[32];
    FILE *f = fopen(cert(file), "re");
    check(f != NULL);
    X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    int n = i2d_PUBKEY(X509_get0_pubkey(x), &der);
    check(n > 0);
    check_int(EVP_Digest(der, (size_t)n, digest, NULL, EVP_sha256(), NULL), 1);
    char *pin = pins[next++ % 4];
    EVP_EncodeBlock((unsigned char *)pin, digest, 32);
    OPENSSL_free(der);
    X509_free(x);
    return pin;
}

static void set_pin(sock_ssl_context_t *ctx, const char *file)
{
    const char *pins[] = {pin_of("other_root.pem"), pin_of(file)};
    check_ok(sock_ssl_set_pins(ctx, pins, 2));
}

static struct ends pinned(const char *file, const char *leaf, int version)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context(leaf);
    only_version(client, version);
    set_pin(client, file);
    struct ends e = meet(client, server, "localhost");
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return e;
}

TEST(ssl_callbacks, pins)
{
    static const char *const files[] = {"good.pem", "root.pem"};
    for (int i = 0; i < 4; i++) {
        struct ends e = pinned(files[i / 2], "good", versions[i % 2]);
        check_both(&e);
        part(&e);
    }
    struct ends e = pinned("intermediate.pem", "chain", SOCK_SSL_TLSV1_3);
    check_both(&e);
    part(&e);
}

TEST(ssl_callbacks, keys_that_are_not_pinned)
{
    for (int i = 0; i < 2; i++) {
        sock_ssl_error_t parts;
        struct ends e = pinned("wrong.pem", "good", versions[i]);
        check_failure(&e.a.failure, SOCK_E_TLS, TLS_FAILED,
                      "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
                      "failed: none of the keys in its chain is pinned");
        check_int(e.a.failure.error.verify_code, 50);
        check_str(e.a.failure.class_name, "ssl.SSLCertVerificationError");
        check_ok(sock_ssl_error(&e.b.failure.error, &parts));
        check_int(parts.alert, SOCK_SSL_ALERT_HANDSHAKE_FAILURE);
        part(&e);
    }
}

/* Besides the chain and the name, and not instead. */
TEST(ssl_callbacks, pins_are_not_all)
{
    struct ends e = pinned("other.pem", "other", SOCK_SSL_TLSV1_3);
    check_int(e.a.failure.error.verify_code, 20);
    part(&e);
    e = pinned("wrong.pem", "wrong", SOCK_SSL_TLSV1_3);
    check_int(e.a.failure.error.verify_code, 62);
    part(&e);
}

TEST(ssl_callbacks, pins_need_a_certificate)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_check_hostname(client, 0));
    check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_NONE));
    set_pin(client, "good.pem");
    check_int(sock_ssl_get_verify_mode(client), SOCK_SSL_CERT_REQUIRED);
    check_part(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_NONE),
               SOCK_E_VALUE, 0,
               "Cannot set verify_mode to CERT_NONE when pins are set.");
    check_ok(sock_ssl_set_pins(client, NULL, 0));
    check_ok(sock_ssl_set_verify_mode(client, SOCK_SSL_CERT_NONE));
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Not even a key that both have. */
static struct ends pinned_by_key(bool server)
{
    struct keys k = keys("me", "0123456789abcdef"), other = k;
    sock_ssl_context_t *a = client_context();
    sock_ssl_context_t *b =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER));
    set_pin(server ? b : a, "good.pem");
    check_ok(sock_ssl_set_psk_client_callback(a, client_key, &k));
    check_ok(sock_ssl_set_psk_server_callback(b, server_key, NULL, &other));
    struct ends e = meet(a, b, "localhost");
    sock_ssl_context_free(a);
    sock_ssl_context_free(b);
    return e;
}

TEST(ssl_callbacks, pins_and_keys)
{
    struct ends e = pinned_by_key(false);
    check(e.a.made == NULL);
    check_failure(&e.a.failure, SOCK_E_TLS, TLS_FAILED,
                  "the peer has shown no certificate");
    part(&e);
    e = pinned_by_key(true);
    check(e.b.made == NULL);
    check_failure(&e.b.failure, SOCK_E_TLS, TLS_FAILED,
                  "the peer has shown no certificate");
    part(&e);
}

TEST(ssl_callbacks, pins_of_clients)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(
        sock_ssl_load_verify_locations(server, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_load_cert_chain(client, cert("client.pem"),
                                      cert("client.key"), NULL));
    set_pin(server, "client.pem");
    check_int(sock_ssl_get_verify_mode(server), SOCK_SSL_CERT_REQUIRED);
    struct ends e = meet(client, server, "localhost");
    check_both(&e);
    part(&e);
    set_pin(server, "good.pem");
    e = meet(client, server, "localhost");
    check(e.b.made == NULL);
    check_int(e.b.failure.error.verify_code, 50);
    part(&e);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_callbacks, pins_that_are_none)
{
    static const char *const none[] = {
        "",
        "AAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-A="};
    sock_ssl_context_t *ctx = client_context();
    const char *null[] = {NULL};
    set_pin(ctx, "wrong.pem");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        const char *two[] = {pin_of("good.pem"), none[i]};
        check_part(sock_ssl_set_pins(ctx, two, 2), SOCK_E_VALUE, 0,
                   "set_pins: a pin is not the base64 of 32 bytes");
    }
    check_part(sock_ssl_set_pins(ctx, NULL, 1), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_pins(ctx, null, 1), SOCK_E_TYPE, 0, "");
    sock_ssl_context_t *server = server_context("good");
    struct ends e = meet(ctx, server, "localhost");
    check_int(e.a.failure.error.verify_code, 50); /* as it was */
    part(&e);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(server);
}

TEST(ssl_callbacks, null)
{
    check_part(sock_ssl_set_password_callback(NULL, say_password, NULL),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_sni_callback(NULL, hear, NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_psk_client_callback(NULL, client_key, NULL),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_psk_server_callback(NULL, server_key, NULL, NULL),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_keylog_filename(NULL, NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_pins(NULL, NULL, 0), SOCK_E_TYPE, 0, "");
}

TEST(ssl_callbacks, success_touches_nothing)
{
    struct password p = {.text = PASSWORD, .length = -2};
    const char *path = new_log();
    sock_ssl_context_t *server = server_context("good");
    check_part(sock_ssl_set_num_tickets(server, -1), SOCK_E_VALUE, 0, "");
    const sock_error_t before = *sock_last_error();
    poison_queue();
    errno = 4321;
    check_ok(sock_ssl_set_password_callback(server, say_password, &p));
    check_ok(load_encrypted(server, NULL));
    check_ok(sock_ssl_set_sni_callback(server, hear, NULL));
    check_ok(sock_ssl_set_psk_server_callback(server, server_key, "x", NULL));
    check_ok(sock_ssl_set_keylog_filename(server, path));
    set_pin(server, "good.pem");
    check_int(errno, 4321);
    check(memcmp(&before, sock_last_error(), sizeof before) == 0);
    sock_ssl_context_free(server);
    end_log();
}
