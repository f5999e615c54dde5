/* SPDX-License-Identifier: MIT */
/* What a connection tells and does beyond transferring. */
#include "tls.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509.h>

static struct pair pair_of(int version)
{
    sock_ssl_context_t *client = client_context();
    check_ok(sock_ssl_set_maximum_version(client, version));
    struct pair p = tls_pair_over(tcp_pair(), client, NULL);
    sock_ssl_context_free(client);
    return p;
}

/* Channel bindings */

static void bound_alike(struct pair *p, const char *type, int size)
{
    unsigned char a[64], b[64];
    errno = 1234;
    check_int(sock_ssl_get_channel_binding(p->a, type, a, sizeof a), size);
    check_int(sock_ssl_get_channel_binding(p->b, type, b, sizeof b), size);
    check_int(errno, 1234);
    check_bytes(a, b, (size_t)size);
}

static void bound_otherwise(struct pair *p, struct pair *q, const char *type)
{
    unsigned char a[64], b[64];
    int n = sock_ssl_get_channel_binding(p->a, type, a, sizeof a);
    check_int(sock_ssl_get_channel_binding(q->a, type, b, sizeof b), n);
    check(memcmp(a, b, (size_t)n) != 0);
}

TEST(ssl_socket, channel_bindings)
{
    struct pair old = pair_of(SOCK_SSL_TLSV1_2);
    struct pair new = pair_of(SOCK_SSL_TLSV1_3);
    bound_alike(&old, "tls-unique", 12);
    bound_alike(&old, "tls-exporter", 32);
    bound_alike(&new, "tls-exporter", 32);
    bound_otherwise(&old, &new, "tls-exporter");
    free_pair(&old);
    free_pair(&new);
}

/* The first Finished is the server's then. */
TEST(ssl_socket, channel_binding_of_a_resumed_connection)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_maximum_version(client, SOCK_SSL_TLSV1_2));
    struct pair first = tls_pair_over(tcp_pair(), client, server);
    sock_ssl_session_t *session = check_made(sock_ssl_session(first.a));
    struct pair plain = tcp_pair();
    struct end a = {.ctx = client,
                    .plain = plain.a,
                    .host = "localhost",
                    .session = session};
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&a, &b);
    check(a.made != NULL && b.made != NULL);
    struct pair p = {a.made, b.made};
    check_int(sock_ssl_session_reused(p.a), 1);
    bound_alike(&p, "tls-unique", 12);
    bound_alike(&p, "tls-exporter", 32);
    bound_otherwise(&p, &first, "tls-unique");
    free_pair(&p);
    free_pair(&first);
    sock_ssl_session_free(session);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* The same beside OpenSSL alone, which says what the first Finished was. */
struct first {
    SSL_CTX *ctx;
    int fd;
    unsigned char bytes[64];
    size_t size;
    pthread_t thread;
};

static void *run_first(void *arg)
{
    struct first *x = arg;
    SSL *ssl = SSL_new(x->ctx);
    char c;
    SSL_set_fd(ssl, x->fd);
    check_int(SSL_accept(ssl), 1);
    x->size = SSL_session_reused(ssl)
                  ? SSL_get_finished(ssl, x->bytes, sizeof x->bytes)
                  : SSL_get_peer_finished(ssl, x->bytes, sizeof x->bytes);
    check_int(SSL_read(ssl, &c, 1), 1);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    close(x->fd);
    OPENSSL_thread_stop();
    return NULL;
}

/* The session of the connection, whose binding is that one. */
static sock_ssl_session_t *bound_by_first(struct first *x,
                                          sock_ssl_context_t *ctx,
                                          const sock_ssl_session_t *session)
{
    struct pair p = tcp_pair();
    unsigned char bytes[64];
    x->fd = sock_detach(p.b);
    check_ok(sock_settimeout(p.a, 10));
    check_int(pthread_create(&x->thread, NULL, run_first, x), 0);
    sock_t *s =
        check_made(sock_ssl_wrap_socket(ctx, p.a, 0, "localhost", session));
    check_int(sock_ssl_session_reused(s), session != NULL);
    check_int(sock_send(s, "x", 1, 0), 1);
    check_int(pthread_join(x->thread, NULL), 0);
    check_int(sock_ssl_get_channel_binding(s, "tls-unique", bytes, 64), 12);
    check_int(x->size, 12);
    check_bytes(bytes, x->bytes, 12);
    sock_ssl_session_t *made = check_made(sock_ssl_session(s));
    sock_free(s);
    free_pair(&p);
    return made;
}

TEST(ssl_socket, channel_binding_is_the_first_finished)
{
    sock_ssl_context_t *ctx = client_context();
    struct first x = {.ctx = SSL_CTX_new(TLS_server_method())};
    SSL_CTX_set_max_proto_version(x.ctx, TLS1_2_VERSION);
    check_int(
        SSL_CTX_use_certificate_file(x.ctx, cert("good.pem"), SSL_FILETYPE_PEM),
        1);
    check_int(
        SSL_CTX_use_PrivateKey_file(x.ctx, cert("good.key"), SSL_FILETYPE_PEM),
        1);
    sock_ssl_session_t *session = bound_by_first(&x, ctx, NULL);
    sock_ssl_session_free(bound_by_first(&x, ctx, session));
    sock_ssl_session_free(session);
    SSL_CTX_free(x.ctx);
    sock_ssl_context_free(ctx);
}

/* As any other program makes it. */
static void talk_exporter(struct raw *r, SSL *ssl)
{
    static const char label[] = "EXPORTER-Channel-Binding";
    unsigned char none = 0;
    check_int(
        SSL_export_keying_material(ssl, r->arg, 32, label, 24, &none, 0, 1), 1);
    SSL_write(ssl, "x", 1);
    raw_fin(r, ssl);
}

TEST(ssl_socket, channel_binding_with_another_program)
{
    struct pair p = tcp_pair();
    unsigned char theirs[32], ours[32];
    char c;
    sock_ssl_context_t *ctx = client_context();
    struct raw r = {.fd = sock_detach(p.b),
                    .server = true,
                    .leaf = "good",
                    .talk = talk_exporter,
                    .arg = theirs};
    raw_begin(&r);
    sock_t *s = check_made(wrap(ctx, p.a, 0, "localhost"));
    check_int(sock_recv(s, &c, 1, 0), 1);
    check_int(sock_ssl_get_channel_binding(s, "tls-exporter", ours, 32), 32);
    check_bytes(ours, theirs, 32);
    sock_free(s);
    raw_finish(&r);
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

TEST(ssl_socket, channel_bindings_that_are_none)
{
    struct pair p = pair_of(SOCK_SSL_TLSV1_3), plain = tcp_pair();
    unsigned char bytes[64] = "old";
    check_part(sock_ssl_get_channel_binding(p.a, "tls-unique", bytes, 64),
               SOCK_E_VALUE, 0, "tls-unique is not defined from TLS 1.3 on");
    check_part(
        sock_ssl_get_channel_binding(p.a, "tls-server-end-point", bytes, 64),
        SOCK_E_VALUE, 0,
        "'tls-server-end-point' channel binding type not implemented");
    check_part(sock_ssl_get_channel_binding(p.a, "", bytes, 64), SOCK_E_VALUE,
               0, "");
    check_part(sock_ssl_get_channel_binding(p.a, NULL, bytes, 64), SOCK_E_TYPE,
               0, "");
    check_part(sock_ssl_get_channel_binding(p.a, "tls-exporter", NULL, 1),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_channel_binding(NULL, "tls-exporter", bytes, 64),
               SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_get_channel_binding(plain.a, "tls-exporter", bytes, 64),
               SOCK_E_VALUE, 0, "this socket has no TLS under it");
    check_int(sock_ssl_get_channel_binding(p.a, "tls-exporter", bytes, 31), 32);
    check_bytes(bytes, "old", 4); /* there was no room */
    check_int(sock_ssl_get_channel_binding(p.a, "tls-exporter", NULL, 0), 32);
    free_pair(&p);

    sock_ssl_context_t *ctx = client_context();
    sock_t *s =
        check_made(wrap(ctx, plain.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    check_int(sock_ssl_get_channel_binding(s, "tls-exporter", bytes, 64), 0);
    sock_free(s);
    sock_free(plain.b);
    sock_ssl_context_free(ctx);
}

/* A peer with TLS 1.2 that has not the extension which a binding needs. */
static void talk_old(struct raw *r, SSL *ssl)
{
    (void)SSL_write(ssl, "x", 1);
    raw_fin(r, ssl);
}

TEST(ssl_socket, channel_binding_without_extended_secret)
{
    struct pair p = tcp_pair();
    unsigned char bytes[32];
    char c;
    sock_ssl_context_t *ctx = client_context();
    struct raw r = {.fd = sock_detach(p.b),
                    .server = true,
                    .leaf = "good",
                    .maximum = TLS1_2_VERSION,
                    .options = SSL_OP_NO_EXTENDED_MASTER_SECRET,
                    .talk = talk_old};
    raw_begin(&r);
    sock_t *s = check_made(wrap(ctx, p.a, 0, "localhost"));
    check_int(sock_recv(s, &c, 1, 0), 1);
    check_part(sock_ssl_get_channel_binding(s, "tls-exporter", bytes, 32),
               SOCK_E_UNSUPPORTED, 0, "extended master secret");
    check_part(sock_ssl_get_channel_binding(s, "tls-unique", bytes, 32),
               SOCK_E_UNSUPPORTED, 0, "extended master secret");
    sock_free(s);
    raw_finish(&r);
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

/* The context */

TEST(ssl_socket, context_of_a_connection)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    check(sock_ssl_context(p.a) == client);
    check(sock_ssl_context(p.b) == server);
    sock_ssl_context_free(client);
    check(sock_ssl_context(p.a) == client); /* it is still there */
    check_ok(sock_ssl_get_verify_mode(sock_ssl_context(p.a)));
    check_null_part(sock_ssl_context(NULL), SOCK_E_TYPE, 0, "");
    free_pair(&p);
    p = tcp_pair();
    check_null_part(sock_ssl_context(p.a), SOCK_E_VALUE, 0, "");
    free_pair(&p);
    sock_ssl_context_free(server);
}

/* The server's end, whose handshake is still owed, gets another context. */
static struct end meets(sock_ssl_context_t *client, sock_ssl_context_t *first,
                        sock_ssl_context_t *then, sock_t **server)
{
    struct pair p = tcp_pair();
    struct end a = {.ctx = client, .plain = p.a, .host = "localhost"};
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_settimeout(p.b, 10));
    sock_t *s = check_made(sock_ssl_wrap_socket(
        first, p.b, SOCK_SSL_SERVER_SIDE | SOCK_SSL_NO_HANDSHAKE, NULL, NULL));
    sock_free(p.b);
    check_ok(sock_ssl_set_context(s, then));
    check(sock_ssl_context(s) == then);
    begin_end(&a);
    if (sock_ssl_do_handshake(s) < 0)
        a.failure = last_failure();
    finish_end(&a);
    *server = s;
    return a;
}

TEST(ssl_socket, set_context)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *first = server_context("wrong");
    sock_ssl_context_t *then = server_context("good");
    sock_t *s;
    struct end a = meets(client, first, then, &s);
    check(a.made != NULL); /* its certificate is the one that was shown */
    sock_ssl_context_free(first);
    sock_free(a.made);
    sock_free(s);
    sock_ssl_context_free(then);
    sock_ssl_context_free(client);
}

/* And its check of clients is the one that is made, which OpenSSL forgets. */
TEST(ssl_socket, set_context_checks_the_client)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *first = server_context("good");
    sock_ssl_context_t *then = server_context("good");
    sock_t *s;
    check_ok(
        sock_ssl_load_verify_locations(then, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_set_verify_mode(then, SOCK_SSL_CERT_REQUIRED));
    struct end a = meets(client, first, then, &s);
    check_failure(&a.failure, SOCK_E_TLS, TLS_FAILED,
                  "PEER_DID_NOT_RETURN_A_CERTIFICATE");
    sock_free(a.made);
    sock_free(s);
    sock_ssl_context_free(first);
    sock_ssl_context_free(then);
    sock_ssl_context_free(client);
}

/* A ticket of the former is not one of the latter, whoever made it. */
TEST(ssl_socket, set_context_takes_no_ticket_of_another)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *first = server_context("good");
    sock_ssl_context_t *then = server_context("good");
    char c;
    struct pair p = tls_pair_over(tcp_pair(), client, first);
    check_int(sock_send(p.b, "x", 1, 0), 1);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    sock_ssl_session_t *session = check_made(sock_ssl_session(p.a));
    free_pair(&p);

    p = tcp_pair();
    struct end a = {
        .ctx = client, .plain = p.a, .host = "localhost", .session = session};
    check_ok(sock_settimeout(p.b, 10));
    sock_t *s = check_made(sock_ssl_wrap_socket(
        first, p.b, SOCK_SSL_SERVER_SIDE | SOCK_SSL_NO_HANDSHAKE, NULL, NULL));
    sock_free(p.b);
    check_ok(sock_ssl_set_context(s, then));
    begin_end(&a);
    check_ok(sock_ssl_do_handshake(s));
    finish_end(&a);
    check_int(sock_ssl_session_reused(s), 0);
    sock_free(a.made);
    sock_free(s);
    sock_ssl_session_free(session);
    sock_ssl_context_free(first);
    sock_ssl_context_free(then);
    sock_ssl_context_free(client);
}

/* Of a listener: of what it accepts from then on. */
TEST(ssl_socket, set_context_of_a_listener)
{
    sock_ssl_context_t *first = server_context("wrong");
    sock_ssl_context_t *then = server_context("good");
    sock_ssl_context_t *client = client_context();
    sock_addr_t address;
    sock_t *plain = check_made(sock_create_server(
        sock_addr_inet("127.0.0.1", 0), SOCK_DEFAULT_BACKLOG, 0));
    sock_t *listener =
        check_made(wrap(first, plain, SOCK_SSL_SERVER_SIDE, NULL));
    check_ok(sock_ssl_set_context(listener, then));
    check_ok(sock_getsockname(listener, &address));
    sock_t *to = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(to, address));
    sock_t *s = check_made(sock_accept(listener, NULL));
    check(sock_ssl_context(s) == then);
    struct end a = {.ctx = client, .plain = to, .host = "localhost"};
    begin_end(&a);
    check_ok(sock_settimeout(s, 10));
    check_ok(sock_ssl_do_handshake(s));
    finish_end(&a);
    check(a.made != NULL);
    sock_free(a.made);
    sock_free(s);
    sock_free(listener);
    sock_ssl_context_free(first);
    sock_ssl_context_free(then);
    sock_ssl_context_free(client);
}

TEST(ssl_socket, set_context_refused)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct pair p = tls_pair(), plain = tcp_pair();
    check_part(sock_ssl_set_context(p.b, server), SOCK_E_VALUE, 0,
               "the context can't be changed once the handshake has begun");
    check_part(sock_ssl_set_context(p.a, client), SOCK_E_VALUE, 0, "");
    check_part(sock_ssl_set_context(p.a, NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_context(NULL, server), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_set_context(plain.a, server), SOCK_E_VALUE, 0, "");
    sock_t *s = check_made(wrap(
        server, plain.b, SOCK_SSL_SERVER_SIDE | SOCK_SSL_NO_HANDSHAKE, NULL));
    check_part(sock_ssl_set_context(s, client), SOCK_E_VALUE, 0,
               "Cannot create a server socket with a PROTOCOL_TLS_CLIENT "
               "context");
    errno = 1234;
    check_ok(sock_ssl_set_context(s, server)); /* which it has */
    check_int(errno, 1234);
    check(sock_ssl_context(s) == server);
    sock_free(s);
    sock_free(plain.a);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Asking behind the handshake */

struct visitor {
    int fd;
    bool offers;
    const char *leaf; /* NULL: none */
    long verified;    /* bytes that came */
    pthread_t thread;
};

static SSL_CTX *context_of(const struct visitor *v)
{
    char file[64];
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    check(ctx != NULL);
    SSL_CTX_set_post_handshake_auth(ctx, v->offers);
    if (v->leaf != NULL) {
        snprintf(file, sizeof file, "%s.pem", v->leaf);
        SSL_CTX_use_certificate_file(ctx, cert(file), SSL_FILETYPE_PEM);
        snprintf(file, sizeof file, "%s.key", v->leaf);
        SSL_CTX_use_PrivateKey_file(ctx, cert(file), SSL_FILETYPE_PEM);
    }
    return ctx;
}

/* Answers each byte until the end. */
static void *run_visitor(void *arg)
{
    struct visitor *v = arg;
    SSL_CTX *ctx = context_of(v);
    SSL *ssl = SSL_new(ctx);
    char c;
    SSL_set_fd(ssl, v->fd);
    if (SSL_connect(ssl) == 1)
        while (SSL_read(ssl, &c, 1) == 1 && SSL_write(ssl, &c, 1) == 1)
            v->verified++;
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(v->fd);
    OPENSSL_thread_stop();
    return NULL;
}

/* The server's end of a connection to it, whose clients need no certificate in
 * the handshake. */
static sock_t *receive_visitor(struct visitor *v, int mode)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = server_context("good");
    check_ok(sock_ssl_load_verify_locations(ctx, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_set_verify_mode(ctx, mode));
    v->fd = sock_detach(p.a);
    sock_free(p.a);
    check_int(pthread_create(&v->thread, NULL, run_visitor, v), 0);
    check_ok(sock_settimeout(p.b, 10));
    sock_t *s = check_made(wrap(ctx, p.b, SOCK_SSL_SERVER_SIDE, NULL));
    sock_ssl_context_free(ctx);
    return s;
}

static int echoes(sock_t *s)
{
    char c;
    check_int(sock_send(s, "x", 1, 0), 1);
    return (int)sock_recv(s, &c, 1, 0);
}

TEST(ssl_socket, post_handshake)
{
    struct visitor v = {.offers = true, .leaf = "client"};
    sock_t *s = receive_visitor(&v, SOCK_SSL_CERT_OPTIONAL);
    check_int(echoes(s), 1);
    errno = 1234;
    check_ok(sock_ssl_verify_client_post_handshake(s));
    check_int(errno, 1234);
    check_int(echoes(s), 1);
    sock_free(s);
    check_int(pthread_join(v.thread, NULL), 0);
    check_int(v.verified, 2);
}

/* Whom it does not trust is not let in, and the failure stays. */
TEST(ssl_socket, post_handshake_of_a_stranger)
{
    struct visitor v = {.offers = true, .leaf = "good"};
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = server_context("good");
    check_ok(sock_ssl_load_verify_locations(ctx, cert("other_root.pem"), NULL,
                                            NULL));
    v.fd = sock_detach(p.a);
    sock_free(p.a);
    check_int(pthread_create(&v.thread, NULL, run_visitor, &v), 0);
    check_ok(sock_settimeout(p.b, 10));
    sock_t *s = check_made(wrap(ctx, p.b, SOCK_SSL_SERVER_SIDE, NULL));
    check_part(sock_ssl_verify_client_post_handshake(s), SOCK_E_TLS, TLS_FAILED,
               "verify_client_post_handshake");
    check(strstr(last_failure().text, "[SSL: INVALID_CONFIG]") != NULL);
    check_int(echoes(s), 1); /* it goes on */
    sock_free(s);
    check_int(pthread_join(v.thread, NULL), 0);
    sock_ssl_context_free(ctx);
}

TEST(ssl_socket, post_handshake_that_is_not_offered)
{
    struct visitor v = {.offers = false};
    sock_t *s = receive_visitor(&v, SOCK_SSL_CERT_OPTIONAL);
    check_part(sock_ssl_verify_client_post_handshake(s), SOCK_E_TLS, TLS_FAILED,
               "[SSL: EXTENSION_NOT_RECEIVED]");
    check_int(echoes(s), 1);
    check_int(ERR_peek_error(), 0);
    sock_free(s);
    check_int(pthread_join(v.thread, NULL), 0);
}

TEST(ssl_socket, post_handshake_of_others)
{
    struct pair p = tls_pair(), old = pair_of(SOCK_SSL_TLSV1_2);
    struct pair plain = tcp_pair();
    check_part(sock_ssl_verify_client_post_handshake(p.a), SOCK_E_TLS,
               TLS_FAILED, "[SSL: NOT_SERVER]");
    check_part(sock_ssl_verify_client_post_handshake(old.b), SOCK_E_TLS,
               TLS_FAILED, "[SSL: WRONG_SSL_VERSION]");
    check_part(sock_ssl_verify_client_post_handshake(plain.a), SOCK_E_VALUE, 0,
               "");
    check_part(sock_ssl_verify_client_post_handshake(NULL), SOCK_E_TYPE, 0, "");
    free_pair(&p);
    free_pair(&old);
    free_pair(&plain);
}

/* As two of ours do it: the handshake asks for no certificate, and a stranger
 * is found out behind it. */
struct answer {
    sock_t *s;
    ssize_t got;
    struct failure failure;
    pthread_t thread;
};

static void *run_answer(void *arg)
{
    struct answer *x = arg;
    char c;
    x->got = sock_recv(x->s, &c, 1, 0);
    if (x->got == 1)
        x->got = sock_send(x->s, &c, 1, 0);
    if (x->got < 0)
        x->failure = last_failure();
    OPENSSL_thread_stop();
    return NULL;
}

static ssize_t asked_behind(const char *leaf, struct failure *failure)
{
    char file[64], key[64], c;
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(
        sock_ssl_load_verify_locations(server, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_set_verify_mode(server, SOCK_SSL_CERT_REQUIRED));
    check_ok(sock_ssl_set_post_handshake_auth(server, 1));
    check_ok(sock_ssl_set_post_handshake_auth(client, 1));
    snprintf(file, sizeof file, "%s.pem", leaf);
    snprintf(key, sizeof key, "%s.key", leaf);
    check_ok(sock_ssl_load_cert_chain(client, cert(file), cert(key), NULL));
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    struct answer x = {.s = p.a};
    check_ok(sock_ssl_verify_client_post_handshake(p.b));
    check_int(sock_send(p.b, "x", 1, 0), 1);
    check_int(pthread_create(&x.thread, NULL, run_answer, &x), 0);
    ssize_t got = sock_recv(p.b, &c, 1, 0);
    *failure = last_failure();
    check_int(pthread_join(x.thread, NULL), 0);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return got;
}

TEST(ssl_socket, post_handshake_between_two_of_ours)
{
    struct failure f;
    check_int(asked_behind("client", &f), 1);
    check_int(asked_behind("other_client", &f), -1);
    check_failure(&f, SOCK_E_TLS, TLS_FAILED, "CERTIFICATE_VERIFY_FAILED");
}

/* Python 2's ssl() */

/* The system's certificates are those of the tests. */
static void trust_root(void)
{
    check_int(setenv("SSL_CERT_FILE", cert("root.pem"), 1), 0);
    check_int(setenv("SSL_CERT_DIR", "/nonexistent", 1), 0);
}

struct caller {
    sock_t *plain;
    const char *keyfile, *certfile, *host;
    sock_t *made;
    struct failure failure;
    pthread_t thread;
};

static void *run_caller(void *arg)
{
    struct caller *x = arg;
    x->made = sock_ssl(x->plain, x->keyfile, x->certfile, x->host);
    if (x->made == NULL)
        x->failure = last_failure();
    OPENSSL_thread_stop();
    return NULL;
}

/* The client's end, and what the server says. */
static struct caller call(struct caller x, sock_ssl_context_t *server,
                          sock_t **other)
{
    struct pair p = tcp_pair();
    x.plain = p.a;
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_settimeout(p.b, 10));
    check_int(pthread_create(&x.thread, NULL, run_caller, &x), 0);
    *other = wrap(server, p.b, SOCK_SSL_SERVER_SIDE, NULL);
    check_int(pthread_join(x.thread, NULL), 0);
    check_int(sock_fileno(x.plain), -1); /* closed in any case */
    sock_free(x.plain);
    return x;
}

static struct failure calls(struct caller x, const char *leaf)
{
    sock_ssl_context_t *server = server_context(leaf);
    sock_t *other;
    char c;
    x = call(x, server, &other);
    if (x.made != NULL) {
        check_int(sock_send(x.made, "x", 1, 0), 1);
        check_int(sock_recv(other, &c, 1, 0), 1);
    }
    sock_free(x.made);
    sock_free(other);
    sock_ssl_context_free(server);
    return x.failure;
}

TEST(ssl_socket, ssl_knows_whom_it_calls)
{
    trust_root();
    struct failure f = calls((struct caller){.host = "localhost"}, "good");
    check_int(f.error.kind, SOCK_E_NONE);
    f = calls((struct caller){.host = "localhost"}, "wrong");
    check_failure(&f, SOCK_E_TLS, TLS_FAILED, "ssl ");
    check(strstr(f.text, "Hostname mismatch") != NULL);
    f = calls((struct caller){.host = "localhost"}, "other");
    check_failure(&f, SOCK_E_TLS, TLS_FAILED, "CERTIFICATE_VERIFY_FAILED");
}

/* Under a name that no one types by accident. */
TEST(ssl_socket, ssl_to_anyone)
{
    trust_root();
    static const char *const leaves[] = {"good", "wrong", "other",
                                         "self_signed", "expired"};
    for (int i = 0; i < 5; i++) {
        struct failure f = calls(
            (struct caller){.host = SOCK_SSL_INSECURE_ANY_PEER}, leaves[i]);
        check_int(f.error.kind, SOCK_E_NONE);
    }
}

TEST(ssl_socket, ssl_with_a_certificate_of_its_own)
{
    trust_root();
    static const char *const hosts[] = {"localhost",
                                        SOCK_SSL_INSECURE_ANY_PEER};
    for (int i = 0; i < 2; i++) {
        sock_ssl_context_t *server = server_context("good");
        sock_t *other;
        check_ok(sock_ssl_load_verify_locations(server, cert("root.pem"), NULL,
                                                NULL));
        check_ok(sock_ssl_set_verify_mode(server, SOCK_SSL_CERT_REQUIRED));
        struct caller x = call((struct caller){.keyfile = cert("client.key"),
                                               .certfile = cert("client.pem"),
                                               .host = hosts[i]},
                               server, &other);
        check(x.made != NULL && other != NULL);
        sock_free(x.made);
        sock_free(other);
        sock_ssl_context_free(server);
    }
}

TEST(ssl_socket, ssl_refuses)
{
    trust_root();
    struct pair p = tcp_pair();
    check_null_part(sock_ssl(p.a, NULL, NULL, NULL), SOCK_E_VALUE, 0,
                    "ssl: check_hostname requires server_hostname");
    check_null_part(sock_ssl(p.a, NULL, NULL, ""), SOCK_E_VALUE, 0,
                    "check_hostname requires server_hostname");
    check_null_part(sock_ssl(p.a, NULL, NULL, "*"), SOCK_E_VALUE, 0, "");
    check_null_part(sock_ssl(p.a, cert("client.key"), NULL, "localhost"),
                    SOCK_E_VALUE, 0,
                    "ssl: Both the key & certificate files must be specified");
    check_null_part(
        sock_ssl(p.a, NULL, cert("client.pem"), SOCK_SSL_INSECURE_ANY_PEER),
        SOCK_E_VALUE, 0,
        "ssl: Both the key & certificate files must be specified");
    check_null_part(
        sock_ssl(p.a, cert("none.key"), cert("client.pem"), "localhost"),
        SOCK_E_OS, ENOENT, "");
    check_null_part(sock_ssl(NULL, NULL, NULL, "localhost"), SOCK_E_TYPE, 0,
                    "ssl: socket is NULL");
    check_int(sock_send(p.a, "x", 1, 0), 1); /* as it was */
    free_pair(&p);
}

/* One that is not connected shakes hands in connect. */
TEST(ssl_socket, ssl_before_connect)
{
    trust_root();
    sock_ssl_context_t *server = server_context("good");
    sock_addr_t address;
    sock_t *plain = check_made(sock_create_server(
        sock_addr_inet("127.0.0.1", 0), SOCK_DEFAULT_BACKLOG, 0));
    check_ok(sock_getsockname(plain, &address));
    sock_t *to = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *s = check_made(sock_ssl(to, NULL, NULL, "localhost"));
    sock_free(to);
    check_ok(sock_settimeout(s, 0.05)); /* no one answers */
    check_part(sock_connect(s, address), SOCK_E_TIMEOUT, 0, "connect");
    sock_free(s);
    sock_free(plain);
    sock_ssl_context_free(server);
}
