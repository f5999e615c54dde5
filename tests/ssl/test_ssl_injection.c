/* SPDX-License-Identifier: MIT */
/* Each allocation is refused, and system calls are interrupted or fail: the
 * library's own by --wrap, OpenSSL's by its hooks. */
#include "starve_openssl.h"
#include "tls.h"

#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <openssl/err.h>

#include "private.h"

/* Memory */

/* What is called with one allocation refused: true if it worked. */
typedef bool act_fn(void *arg);

/* Of some of its failures OpenSSL does not say why. */
static void check_starved(int n, int err)
{
    const sock_error_t *e = sock_last_error();
    check_that(e->kind == SOCK_E_MEMORY || e->kind == SOCK_E_TLS,
               "allocation %d: %s", n, error_text());
    int expected = e->kind == SOCK_E_MEMORY ? ENOMEM : EPROTO;
    check_that(err == expected, "allocation %d, %s: errno is %d", n,
               error_text(), err);
}

/* Whether it worked with the n-th allocation refused. */
static bool starved(act_fn *act, void *arg, int n)
{
    fail_at = n;
    bool done = act(arg), reached = fail_at == 0;
    int err = errno;
    fail_at = 0;
    check_that(ERR_peek_error() == 0, "allocation %d leaves %s", n,
               ERR_error_string(ERR_peek_error(), NULL));
    if (!done) {
        check_that(reached, "allocation %d: %s", n, error_text());
        check_starved(n, err);
    }
    return done;
}

static int count_requests(act_fn *act, void *arg)
{
    enum { MANY = 1000000 };
    fail_at = MANY;
    act(arg);
    int n = MANY - fail_at;
    fail_at = 0;
    return n;
}

/* Each of the first ones, and so many of the rest; how often it failed. */
enum { FIRST = 150, REST = 20 };

static int starve(act_fn *act, void *arg)
{
    int failures = 0;
    check(act(arg)); /* what is made once is there */
    int all = count_requests(act, arg);
    for (int n = 1; n <= all; n += n < FIRST ? 1 : 1 + (all - FIRST) / REST)
        failures += !starved(act, arg, n);
    check(act(arg));
    return failures;
}

/* Making */

static bool make_context(void *arg)
{
    sock_ssl_context_t *ctx = sock_ssl_context_new(*(int *)arg);
    sock_ssl_context_free(ctx);
    return ctx != NULL;
}

TEST(ssl_injection, contexts)
{
    int sides[] = {SOCK_SSL_PROTOCOL_TLS_CLIENT, SOCK_SSL_PROTOCOL_TLS_SERVER};
    need_hooks();
    check(starve(make_context, &sides[0]) > 10);
    check(starve(make_context, &sides[1]) > 10);
}

static bool make_default(void *arg)
{
    sock_ssl_context_t *ctx =
        sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH, arg, NULL, NULL);
    sock_ssl_context_free(ctx);
    return ctx != NULL;
}

TEST(ssl_injection, default_contexts)
{
    need_hooks();
    setenv("SSL_CERT_FILE", cert("root.pem"), 1);
    check(starve(make_default, (void *)(uintptr_t)cert("root.pem")) > 10);
    check(starve(make_default, NULL) > 10);
}

static bool load_chain(void *arg)
{
    sock_ssl_context_t *ctx = arg;
    return sock_ssl_load_cert_chain(ctx, cert("chain.pem"), cert("chain.key"),
                                    NULL) == 0;
}

/* To a context that has none yet, which is made with memory. */
static sock_ssl_context_t *fresh(void)
{
    int at = fail_at;
    fail_at = 0;
    sock_ssl_context_t *ctx =
        check_made(sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_CLIENT));
    fail_at = at;
    return ctx;
}

static bool load_roots(void *arg)
{
    sock_ssl_context_t *ctx = fresh();
    int result = sock_ssl_load_verify_locations(ctx, arg, cert("hashed"), NULL);
    sock_ssl_context_free(ctx);
    return result == 0;
}

static bool load_bytes(void *arg)
{
    sock_ssl_context_t *ctx = fresh();
    int result = sock_ssl_load_verify_data(ctx, arg, strlen(arg));
    sock_ssl_context_free(ctx);
    return result == 0;
}

static bool load_system(void *arg)
{
    return sock_ssl_load_default_certs(arg, SOCK_SSL_SERVER_AUTH) == 0;
}

/* What is refused before the key is read, and where the certificates are kept:
 * each one. */
struct chain {
    sock_ssl_context_t *ctx;
    const char *pem, *key;
};

static bool read_leaf(void *arg)
{
    const struct chain *x = arg;
    return sock_ssl_load_cert_chain_data(x->ctx, x->pem, strlen(x->pem), x->key,
                                         strlen(x->key), NULL) == 0;
}

TEST(ssl_injection, chains)
{
    need_hooks();
    static const char junk[] = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    char *pem = cert_text("chain.pem"), *key = cert_text("chain.key");
    char *broken = check_made(calloc(1, strlen(pem) + sizeof junk));
    struct chain x = {server_context("good"), pem, key};
    check(read_leaf(&x));                      /* what is made once is there */
    x.pem = strcat(strcpy(broken, pem), junk); /* ends before the key */
    int before = count_requests(read_leaf, &x), failures = 0;
    x.pem = pem;
    /* Each of them takes a minute there. */
    for (int n = 1; n < before; n += under_valgrind() ? 7 : 1)
        failures += !starved(read_leaf, &x, n);
    check(failures > 10);
    sock_ssl_context_free(x.ctx);
    free(broken);
    free(pem);
    free(key);
}

TEST(ssl_injection, stores)
{
    need_hooks();
    static const char *const files[] = {"root.pem", "root.crl"};
    for (int i = 0; i < 2; i++) {
        char *pem = cert_text(files[i]);
        check(load_bytes(pem));
        int all = count_requests(load_bytes, pem), failures = 0;
        for (int n = 1; n <= all; n++)
            failures += !starved(load_bytes, pem, n);
        check(failures > 10);
        free(pem);
    }
}

static bool offer_protocols(void *arg)
{
    const char *names[] = {"h2", "http/1.1"};
    return sock_ssl_set_alpn_protocols(arg, names, 2) == 0;
}

TEST(ssl_injection, protocols)
{
    need_hooks();
    sock_ssl_context_t *ctx = client_context();
    check(starve(offer_protocols, ctx) > 1);
    sock_ssl_context_free(ctx);
}

TEST(ssl_injection, loading)
{
    need_hooks();
    char *roots = cert_text("both_roots.pem");
    sock_ssl_context_t *ctx = server_context("good");
    char file[256];
    snprintf(file, sizeof file, "%s", cert("root_and_crl.pem"));
    check(starve(load_chain, ctx) > 10);
    check(starve(load_roots, file) > 10);
    check(starve(load_bytes, roots) > 10);
    starve(load_system, ctx); /* what can't be read is no one's fault */
    struct pair p = tls_pair_over(tcp_pair(), NULL, ctx);
    free_pair(&p);
    sock_ssl_context_free(ctx);
    free(roots);
}

/* Connections: the plain socket stays as it is, or is closed for the object
 * that took its place. */

struct wrapping {
    sock_ssl_context_t *ctx;
    int flags;
    const char *host, *alpn;
    const sock_ssl_session_t *session;
};

static bool wrap_one(void *arg)
{
    struct wrapping *x = arg;
    int at = fail_at;
    fail_at = 0;
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    fail_at = at;
    sock_t *made =
        sock_ssl_wrap_socket(x->ctx, s, x->flags, x->host, x->session);
    bool done = made != NULL;
    at = fail_at;
    fail_at = 0;
    if (!done) {
        struct failure f = last_failure();
        check(sock_fileno(s) >= 0);
        check_str(f.error.operation, "wrap_socket");
    }
    sock_free(made);
    sock_free(s);
    fail_at = at;
    return done;
}

static unsigned char psk_key[32];

static int server_key(const char *identity, unsigned char *key, size_t key_size,
                      void *arg)
{
    (void)identity, (void)arg;
    memcpy(key, psk_key, key_size < 32 ? key_size : 32);
    return 32;
}

/* With all that a connection takes from its context; the lists that are set
 * late are set for each connection by itself. */
TEST(ssl_injection, connections)
{
    need_hooks();
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct wrapping a = {.ctx = client, .host = "localhost"};
    struct wrapping b = {.ctx = server, .flags = SOCK_SSL_SERVER_SIDE};
    check_ok(sock_ssl_set_psk_server_callback(server, server_key, "x", NULL));
    check(wrap_one(&a) && wrap_one(&b));
    check_ok(sock_ssl_set_ciphers(client, "HIGH:!PSK"));
    check_ok(sock_ssl_set_ciphersuites(server, "TLS_AES_128_GCM_SHA256"));
    check(starve(wrap_one, &a) > 20);
    check(starve(wrap_one, &b) > 20);
    a.host = "127.0.0.1";
    check(starve(wrap_one, &a) > 20);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* The first connection of a process needs more, and may be tried again. */
TEST(ssl_injection, first_connections)
{
    need_hooks();
    struct wrapping x = {.ctx = client_context(), .host = "localhost"};
    int n = 1;
    while (!starved(wrap_one, &x, n))
        n++;
    check(n > 10);
    check(wrap_one(&x));
    sock_ssl_context_free(x.ctx);
}

static bool wrap_as_python_2(void *arg)
{
    struct wrapping *x = arg;
    int at = fail_at;
    fail_at = 0;
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    fail_at = at;
    const char *file = x->flags ? cert("client.pem") : NULL;
    const char *key = x->flags ? cert("client.key") : NULL;
    sock_t *made = sock_ssl(s, key, file, x->host);
    bool done = made != NULL;
    at = fail_at;
    fail_at = 0;
    sock_free(made);
    sock_free(s);
    fail_at = at;
    return done;
}

TEST(ssl_injection, as_python_2)
{
    need_hooks();
    setenv("SSL_CERT_FILE", cert("root.pem"), 1);
    struct wrapping x = {.host = SOCK_SSL_INSECURE_ANY_PEER};
    check(starve(wrap_as_python_2, &x) > 10);
    x.host = "localhost";
    x.flags = 1; /* with a certificate of its own */
    check(starve(wrap_as_python_2, &x) > 10);
}

static bool take_session(void *arg)
{
    sock_ssl_session_t *x = sock_ssl_session(arg);
    sock_ssl_session_free(x);
    return x != NULL;
}

TEST(ssl_injection, sessions)
{
    need_hooks();
    char c;
    sock_ssl_context_t *client = client_context();
    struct pair p = tls_pair_over(tcp_pair(), client, NULL);
    check_int(sock_send(p.b, "x", 1, 0), 1);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check(starve(take_session, p.a) > 3);
    struct wrapping x = {
        .ctx = client, .host = "localhost", .session = sock_ssl_session(p.a)};
    check(x.session != NULL);
    check(starve(wrap_one, &x) > 20);
    sock_ssl_session_free((sock_ssl_session_t *)(uintptr_t)x.session);
    free_pair(&p);
    sock_ssl_context_free(client);
}

static bool offer_one(void *arg)
{
    struct wrapping *x = arg;
    struct sock__tls_terms terms = {
        .op = "starttls", .host = x->host, .alpn = x->alpn};
    int at = fail_at;
    fail_at = 0;
    sock_tls_t *tls = sock_ssl_tls(x->ctx);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    fail_at = at;
    sock_t *made = tls->ops->wrap(tls, s, &terms);
    bool done = made != NULL;
    at = fail_at;
    fail_at = 0;
    sock_free(made);
    sock_free(s);
    fail_at = at;
    return done;
}

TEST(ssl_injection, offers)
{
    need_hooks();
    struct wrapping x = {
        .ctx = client_context(), .host = "localhost", .alpn = "ftp"};
    check(starve(offer_one, &x) > 10);
    sock_ssl_context_free(x.ctx);
}

struct change {
    sock_t *s;
    sock_ssl_context_t *from, *to;
};

/* What could not be changed has the former context, whole. */
static bool change_context(void *arg)
{
    struct change *x = arg;
    bool done = sock_ssl_set_context(x->s, x->to) == 0;
    check(sock_ssl_context(x->s) == (done ? x->to : x->from));
    int at = fail_at;
    fail_at = 0;
    check_ok(sock_ssl_set_context(x->s, x->from));
    fail_at = at;
    return done;
}

TEST(ssl_injection, other_contexts)
{
    need_hooks();
    struct pair p = tcp_pair();
    struct change x = {.from = client_context(), .to = client_context()};
    struct end b = {.ctx = server_context("good"),
                    .plain = p.b,
                    .flags = SOCK_SSL_SERVER_SIDE};
    check_ok(sock_ssl_set_ciphers(x.to, "HIGH:!PSK"));
    x.s = wrap(x.from, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost");
    check_ok(sock_settimeout(x.s, 10));
    check(starve(change_context, &x) > 5);
    begin_end(&b);
    check_ok(sock_ssl_do_handshake(x.s));
    finish_end(&b);
    sock_free(x.s);
    sock_free(b.made);
    sock_ssl_context_free(b.ctx);
    sock_ssl_context_free(x.from);
    sock_ssl_context_free(x.to);
}

static bool accept_one(void *arg)
{
    sock_addr_t to;
    int at = fail_at;
    fail_at = 0;
    check_ok(sock_getsockname(arg, &to));
    sock_t *client = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(client, to));
    fail_at = at;
    sock_t *s = sock_accept(arg, NULL);
    bool done = s != NULL;
    at = fail_at;
    fail_at = 0;
    sock_free(s);
    sock_free(client);
    fail_at = at;
    return done;
}

TEST(ssl_injection, accepting)
{
    need_hooks();
    sock_addr_t address;
    sock_ssl_context_t *ctx = server_context("good");
    sock_t *s = wrap(ctx, listener(&address), SOCK_SSL_SERVER_SIDE, NULL);
    check_ok(sock_settimeout(s, 10));
    check(starve(accept_one, s) > 10);
    sock_free(s);
    sock_ssl_context_free(ctx);
}

/* A certificate whose subject is no text, but bytes of some other type. */
struct der {
    unsigned char bytes[4096];
    int size;
};

static struct der odd_certificate(void)
{
    static const unsigned char name[] = {0x06, 3, 0x55, 4, 3, 0x0c};
    struct der d;
    char *pem = cert_text("good.pem");
    d.size = sock_ssl_pem_cert_to_der_cert(pem, d.bytes, sizeof d.bytes);
    check(d.size > 0);
    unsigned char *at = d.bytes, *end = d.bytes + d.size;
    while ((at = memmem(at, (size_t)(end - at), name, sizeof name)) != NULL)
        at[5] = 0x30; /* SEQUENCE */
    free(pem);
    return d;
}

static bool decode(void *arg)
{
    const struct der *d = arg;
    sock_ssl_cert_t *x = sock_ssl_cert_decode(d->bytes, (size_t)d->size);
    sock_ssl_cert_free(x);
    return x != NULL;
}

TEST(ssl_injection, names_that_are_no_text)
{
    need_hooks();
    struct der d = odd_certificate();
    int all = count_requests(decode, &d), failures = 0;
    check(decode(&d));
    for (int n = 1; n <= all; n++)
        failures += !starved(decode, &d, n);
    check(failures > 10);
}

static bool list_ciphers(void *arg)
{
    sock_ssl_ciphers_t *list = sock_ssl_get_ciphers(arg);
    sock_ssl_ciphers_free(list);
    return list != NULL;
}

static bool list_shared(void *arg)
{
    sock_ssl_ciphers_t *list = sock_ssl_shared_ciphers(arg);
    sock_ssl_ciphers_free(list);
    return list != NULL;
}

static bool bind_channel(void *arg)
{
    unsigned char bytes[64];
    return sock_ssl_get_channel_binding(arg, "tls-exporter", bytes,
                                        sizeof bytes) == 32;
}

static bool tell_peer(void *arg)
{
    sock_ssl_cert_t *x = sock_ssl_getpeercert(arg);
    sock_ssl_cert_free(x);
    return x != NULL;
}

static bool tell_verified(void *arg)
{
    sock_ssl_chain_t *x = sock_ssl_get_verified_chain(arg);
    sock_ssl_chain_free(x);
    return x != NULL;
}

static bool tell_unverified(void *arg)
{
    sock_ssl_chain_t *x = sock_ssl_get_unverified_chain(arg);
    sock_ssl_chain_free(x);
    return x != NULL;
}

static bool give_der(void *arg)
{
    unsigned char bytes[8192];
    return sock_ssl_getpeercert_der(arg, bytes, sizeof bytes) > 0;
}

TEST(ssl_injection, telling)
{
    need_hooks();
    sock_ssl_context_t *ctx = client_context();
    struct pair p = tls_pair_over(tcp_pair(), ctx, NULL);
    check(starve(list_ciphers, ctx) > 0);
    check(starve(list_shared, p.b) > 0);
    check(starve(bind_channel, p.a) > 0);
    check(starve(tell_peer, p.a) > 0);
    check(starve(tell_verified, p.a) > 0);
    check(starve(tell_unverified, p.a) > 0);
    starve(give_der, p.a);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

/* Handshakes, both in one thread: memory is refused to one of the two. */

struct handshake {
    sock_ssl_context_t *client, *server;
    const char *host;
    int refuse_to;             /* 0: the client */
    bool shaken[2];            /* what came of it */
    struct failure failure[2]; /* of those that failed */
};

/* 1: done, 0: not yet, -1 */
static int shake_once(struct handshake *x, sock_t *s, int who, int *at)
{
    fail_at = who == x->refuse_to ? *at : 0;
    int result = sock_ssl_do_handshake(s);
    if (who == x->refuse_to)
        *at = fail_at;
    fail_at = 0;
    if (result == 0)
        return 1;
    if (sock_last_error()->kind == SOCK_E_OS && errno == EAGAIN)
        return 0;
    x->failure[who] = last_failure();
    return -1;
}

static void run_handshake(struct handshake *x, sock_t *ends[2], int *at)
{
    int state[2] = {0, 0};
    while (state[0] == 0 || state[1] == 0) {
        for (int who = 0; who < 2; who++) {
            if (state[who] == 0)
                state[who] = shake_once(x, ends[who], who, at);
            if (state[who] < 0)
                sock_close(ends[who]);
        }
    }
    x->shaken[0] = state[0] > 0;
    x->shaken[1] = state[1] > 0;
}

/* True if both, or whom nothing was refused to, are content. */
static bool shake_hands(void *arg)
{
    struct handshake *x = arg;
    int at = fail_at;
    fail_at = 0;
    struct pair p = unix_pair(SOCK_STREAM);
    check_ok(sock_setblocking(p.a, 0));
    check_ok(sock_setblocking(p.b, 0));
    sock_t *ends[] = {wrap(x->client, p.a, SOCK_SSL_NO_HANDSHAKE, x->host),
                      wrap(x->server, p.b,
                           SOCK_SSL_NO_HANDSHAKE | SOCK_SSL_SERVER_SIDE, NULL)};
    run_handshake(x, ends, &at);
    sock_free(ends[0]);
    sock_free(ends[1]);
    fail_at = at;
    return x->shaken[0] && x->shaken[1];
}

enum { ROUNDS = 200 };

static void starve_handshake(struct handshake *x, int who)
{
    x->refuse_to = who;
    check(shake_hands(x));
    int all = count_requests(shake_hands, x), failures = 0;
    check(all > ROUNDS);
    for (int n = 1; n <= all; n += all / ROUNDS) {
        fail_at = n;
        if (!shake_hands(x)) {
            const struct failure *f = &x->failure[who];
            check(!x->shaken[who] || !x->shaken[1 - who]);
            check_that(x->shaken[who] || f->error.kind == SOCK_E_MEMORY ||
                           f->error.kind == SOCK_E_TLS,
                       "allocation %d: %s", n, f->text);
            failures++;
        }
        fail_at = 0;
        check_int(ERR_peek_error(), 0);
    }
    check(failures > 0);
}

static void starve_both(struct handshake *x)
{
    for (int version = SOCK_SSL_TLSV1_2; version <= SOCK_SSL_TLSV1_3;
         version++) {
        check_ok(sock_ssl_set_maximum_version(x->client, version));
        starve_handshake(x, 0);
        starve_handshake(x, 1);
    }
}

TEST(ssl_injection, handshakes)
{
    need_hooks();
    struct handshake x = {.client = client_context(),
                          .server = server_context("chain"),
                          .host = "localhost"};
    starve_both(&x);
    sock_ssl_context_free(x.client);
    sock_ssl_context_free(x.server);
}

/* What is refused does not make a peer anyone else. */
static void never(struct handshake *x)
{
    x->refuse_to = 0;
    check(!shake_hands(x));
    int all = count_requests(shake_hands, x);
    for (int n = 1; n <= all; n += 1 + all / ROUNDS) {
        fail_at = n;
        check_that(!shake_hands(x) && !x->shaken[0], "allocation %d", n);
        fail_at = 0;
    }
}

TEST(ssl_injection, no_one_is_trusted_for_want_of_memory)
{
    need_hooks();
    static const char *const pins[] = {
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="};
    struct handshake x = {.client = client_context(),
                          .server = server_context("good"),
                          .host = "other.test"};
    never(&x);
    x.host = "localhost";
    check_ok(sock_ssl_set_pins(x.client, pins, 1));
    never(&x);
    sock_ssl_context_free(x.server);
    x.server = server_context("other");
    never(&x);
    sock_ssl_context_free(x.client);
    sock_ssl_context_free(x.server);
}

/* Another context that is chosen by name: in full, or the handshake fails. */

struct choice {
    sock_ssl_context_t *to;
    int at; /* which allocation of the choice is refused */
    bool reached;
    int result;
};

static int choose(sock_t *s, const char *name, void *arg)
{
    struct choice *x = arg;
    (void)name;
    fail_at = x->at;
    x->result = sock_ssl_set_context(s, x->to);
    x->reached = x->at > 0 && fail_at == 0;
    fail_at = 0;
    return 0; /* whatever came of it */
}

TEST(ssl_injection, contexts_that_are_chosen_by_name)
{
    need_hooks();
    int failures = 0;
    struct handshake x = {.client = client_context(),
                          .server = server_context("good"),
                          .host = "localhost"};
    struct choice to = {.to = server_context("good")};
    check_ok(sock_ssl_set_ciphers(to.to, "HIGH:!PSK"));
    check_ok(sock_ssl_set_ciphersuites(to.to, "TLS_AES_128_GCM_SHA256"));
    check_ok(sock_ssl_set_ecdh_curve(to.to, "P-256"));
    check_ok(sock_ssl_set_psk_server_callback(to.to, server_key, "x", NULL));
    check_ok(sock_ssl_set_sni_callback(x.server, choose, &to));
    check(shake_hands(&x));
    do {
        to.at++;
        bool done = shake_hands(&x);
        check_that(done == (to.result == 0), "allocation %d", to.at);
        if (!done) {
            check_int(x.failure[1].error.kind, SOCK_E_MEMORY);
            check_int(x.failure[0].error.kind, SOCK_E_TLS);
            failures++;
        }
    } while (to.reached);
    check(failures > 5);
    sock_ssl_context_free(x.client);
    sock_ssl_context_free(x.server);
    sock_ssl_context_free(to.to);
}

/* Of a server that anyone may ask */

static void *serve_all(void *arg)
{
    sock_t *s;
    char c;
    while ((s = sock_accept(arg, NULL)) != NULL) {
        sock_recv(s, &c, 1, 0);
        sock_free(s);
    }
    OPENSSL_thread_stop();
    return NULL;
}

static bool get_certificate(void *arg)
{
    const sock_addr_t *to = arg;
    char pem[8192];
    return sock_ssl_get_server_certificate("localhost", sock_addr_port(to),
                                           NULL, 10, pem, sizeof pem) > 0;
}

TEST(ssl_injection, certificates_of_servers)
{
    need_hooks();
    sock_addr_t address;
    pthread_t thread;
    sock_ssl_context_t *ctx = server_context("good");
    sock_t *s = wrap(ctx, listener(&address), SOCK_SSL_SERVER_SIDE, NULL);
    check_int(pthread_create(&thread, NULL, serve_all, s), 0);
    check(get_certificate(&address));
    int all = count_requests(get_certificate, &address), failures = 0;
    for (int n = 1; n <= all; n += n < 10 || n > all - 40 ? 1 : 1 + all / 50) {
        fail_at = n;
        failures += !get_certificate(&address);
        fail_at = 0;
    }
    check(failures > 10);
    check_ok(sock_shutdown(s, SHUT_RDWR));
    check_int(pthread_join(thread, NULL), 0);
    sock_free(s);
    sock_ssl_context_free(ctx);
}

/* Random bytes need memory in each thread. */
static bool draw(void *arg)
{
    unsigned char bytes[8];
    (void)arg;
    return sock_ssl_rand_bytes(bytes, sizeof bytes) == 0;
}

static void *draw_first(void *arg)
{
    int *n = arg;
    *n = starved(draw, NULL, *n);
    check(draw(NULL));
    OPENSSL_thread_stop();
    return NULL;
}

TEST(ssl_injection, random_bytes)
{
    need_hooks();
    int failures = 0;
    for (int i = 1; i < 30; i++) {
        int n = i;
        pthread_t thread;
        check_int(pthread_create(&thread, NULL, draw_first, &n), 0);
        check_int(pthread_join(thread, NULL), 0);
        failures += !n;
    }
    check(failures > 0);
}

/* System calls of this thread */

static _Thread_local struct {
    bool interrupts; /* every other call */
    bool interrupted;
    int sends;      /* so many take this many bytes; then */
    size_t most;    /* 0: all */
    int send_fails; /* they fail with it; 0: none does */
    int then;       /* what follows, after these tries; 0: the same */
    int tries;
    int failures; /* after so many they work again; 0: never */
    int recv_fails;
    int fstat_fails;
} calls;

static bool interrupt(void)
{
    calls.interrupted = calls.interrupts && !calls.interrupted;
    if (calls.interrupted)
        errno = EINTR;
    return calls.interrupted;
}

ssize_t __real_send(int fd, const void *data, size_t n, int flags);
ssize_t __real_recv(int fd, void *data, size_t n, int flags);
ssize_t __real_writev(int fd, const struct iovec *pieces, int n);
int __real_fstat(int fd, struct stat *st);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t n, int flags);
ssize_t __wrap_writev(int fd, const struct iovec *pieces, int n);
int __wrap_fstat(int fd, struct stat *st);

ssize_t __wrap_send(int fd, const void *data, size_t n, int flags)
{
    if (interrupt())
        return -1;
    if (calls.send_fails != 0 && calls.sends-- <= 0) {
        errno = calls.send_fails;
        if (calls.then != 0 && --calls.tries <= 0)
            calls.send_fails = calls.then;
        if (calls.failures > 0 && --calls.failures == 0)
            calls.send_fails = 0;
        return -1;
    }
    if (calls.most > 0 && n > calls.most)
        n = calls.most;
    return __real_send(fd, data, n, flags);
}

ssize_t __wrap_recv(int fd, void *data, size_t n, int flags)
{
    if (interrupt())
        return -1;
    if (calls.recv_fails != 0) {
        errno = calls.recv_fails;
        return -1;
    }
    return __real_recv(fd, data, n, flags);
}

ssize_t __wrap_writev(int fd, const struct iovec *pieces, int n)
{
    return interrupt() ? -1 : __real_writev(fd, pieces, n);
}

int __wrap_fstat(int fd, struct stat *st)
{
    if (calls.fstat_fails == 0)
        return __real_fstat(fd, st);
    errno = calls.fstat_fails;
    return -1;
}

static void sends_fail(int err, int after)
{
    calls.send_fails = err;
    calls.sends = after;
    calls.most = 0;
    calls.then = calls.tries = calls.failures = 0;
}

TEST(ssl_injection, interrupted_calls)
{
    char got[8];
    struct pair p = tls_pair();
    calls.interrupts = true;
    for (int i = 0; i < 3; i++) {
        check_int(sock_send(p.a, "abc", 3, 0), 3);
        check_int(sock_recv(p.b, got, sizeof got, 0), 3);
    }
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_int(sock_recv(p.b, got, sizeof got, 0), 0);
    calls.interrupts = false;
    free_pair(&p);
}

static char *log_path(char path[64])
{
    strcpy(path, "/tmp/keys.XXXXXX");
    int fd = mkstemp(path);
    check(fd >= 0);
    close(fd);
    return path;
}

TEST(ssl_injection, key_logs)
{
    char path[64], text[80] = "";
    sock_ssl_context_t *ctx = client_context();
    log_path(path);
    calls.fstat_fails = EIO;
    check_part(sock_ssl_set_keylog_filename(ctx, path), SOCK_E_OS, EIO, "");
    calls.fstat_fails = 0;
    calls.interrupts = true;
    check_ok(sock_ssl_set_keylog_filename(ctx, path));
    calls.interrupts = false;
    int fd = open(path, O_RDONLY);
    check_int(read(fd, text, sizeof text - 1), 58); /* all of one line */
    close(fd);
    unlink(path);
    check(strncmp(text, "# TLS secrets log file", 22) == 0);
    sock_ssl_context_free(ctx);
}

/* What the system does not take is kept */

/* What comes of the next call that sends what is kept, if that fails. */
static void keep_something(struct pair *p)
{
    *p = tls_pair();
    check_ok(sock_setblocking(p->a, 0));
    sends_fail(EAGAIN, 0);
    check_int(sock_send(p->a, "abc", 3, 0), 3);
}

static void check_gone(sock_t *s)
{
    char c;
    calls.send_fails = 0;
    check_part(sock_recv(s, &c, 1, 0), SOCK_E_OS, EPIPE, "");
    check_part(sock_send(s, "x", 1, 0), SOCK_E_OS, EPIPE, "");
}

TEST(ssl_injection, kept_bytes_that_no_one_takes)
{
    for (int i = 0; i < 6; i++) {
        struct pair p;
        char c;
        keep_something(&p);
        sends_fail(EPIPE, 0);
        if (i == 0)
            check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_OS, EPIPE, "");
        else if (i == 1)
            check_part(sock_send(p.a, "x", 1, 0), SOCK_E_OS, EPIPE, "");
        else if (i == 2)
            check_int(sock_wait(p.a, SOCK_EVENT_WRITE, 0), SOCK_EVENT_WRITE);
        else if (i == 3)
            check_part(sock_shutdown(p.a, SHUT_WR), SOCK_E_OS, EPIPE, "");
        else if (i == 4)
            check_part(sock_ssl_do_handshake(p.a), SOCK_E_OS, EPIPE, "");
        else
            check_part(sock_ssl_unwrap(p.a) == NULL ? -1 : 0, SOCK_E_OS, EPIPE,
                       "");
        check_gone(p.a);
        free_pair(&p);
    }
}

/* What has failed first is what went wrong. */
TEST(ssl_injection, the_first_failure_is_told)
{
    struct pair p;
    char c;
    keep_something(&p);
    sends_fail(EPIPE, 0);
    calls.recv_fails = ECONNRESET;
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_OS, EPIPE, "");
    calls.recv_fails = 0;
    check_gone(p.a);
    free_pair(&p);
}

/* A hello that was kept, and then no one takes. */
TEST(ssl_injection, a_hello_that_no_one_takes)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *client = client_context();
    sock_t *s = wrap(client, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost");
    check_ok(sock_setblocking(s, 0));
    sends_fail(EAGAIN, 0);
    check_part(sock_ssl_do_handshake(s), SOCK_E_OS, EAGAIN, "");
    sends_fail(EPIPE, 0);
    check_part(sock_ssl_do_handshake(s), SOCK_E_OS, EPIPE, "");
    check_gone(s);
    sock_free(s);
    sock_free(p.b);
    sock_ssl_context_free(client);
}

/* A goodbye that fails is a failure. */
TEST(ssl_injection, a_goodbye_that_fails)
{
    struct pair p = tls_pair();
    sends_fail(EPIPE, 0);
    check_part(sock_shutdown(p.a, SHUT_WR), SOCK_E_OS, EPIPE, "");
    check_gone(p.a);
    free_pair(&p);
}

static bool keep_one(void *arg)
{
    int at = fail_at;
    fail_at = 0;
    struct pair p = tls_pair();
    check_ok(sock_setblocking(p.a, 0));
    sends_fail(EAGAIN, 0);
    fail_at = at;
    bool done = sock_send(p.a, "abc", 3, 0) == 3;
    at = fail_at;
    fail_at = 0;
    calls.send_fails = 0;
    if (!done) {
        int kind = sock_last_error()->kind;
        check_int(sock_send(p.a, "abc", 3, 0), -1);
        check_int(sock_last_error()->kind, kind);
        *(int *)arg += kind == SOCK_E_MEMORY;
    }
    free_pair(&p);
    fail_at = at;
    return done;
}

TEST(ssl_injection, no_memory_to_keep)
{
    need_hooks();
    int failures = 0;
    check(starve(keep_one, &failures) > 0);
    check(failures > 0);
}

/* A peer that asks for two answers, of which the first is on its way. */
struct asker {
    int heard; /* how many bytes */
    sem_t asked;
};

static void ask_twice(struct raw *r, SSL *ssl)
{
    struct asker *x = r->arg;
    char got[400];
    size_t n = 0, more = 1;
    for (int i = 0; i < 2; i++) {
        SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
        SSL_do_handshake(ssl);
    }
    SSL_write(ssl, "y", 1);
    sem_post(&x->asked);
    while (n < sizeof got && SSL_read_ex(ssl, got + n, sizeof got - n, &more))
        n += more;
    x->heard = (int)n;
}

static sock_t *serve_raw(struct raw *raw)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_ssl_context_t *ctx = server_context("good");
    raw->fd = sock_detach(p.b);
    sock_free(p.b);
    check_ok(sock_settimeout(p.a, 10));
    raw_begin(raw);
    sock_t *s = check_made(wrap(ctx, p.a, SOCK_SSL_SERVER_SIDE, NULL));
    sock_ssl_context_free(ctx);
    return s;
}

/* Whatever part of it goes out, and whenever there is room again, what is kept
 * stays in its order. */
static void keep_in_order(size_t part, int failures)
{
    static const char text[300] = "text";
    struct asker asker = {.heard = 0};
    char c;
    struct raw raw = {.talk = ask_twice, .arg = &asker};
    check_int(sem_init(&asker.asked, 0, 0), 0);
    sock_t *s = serve_raw(&raw);
    check_ok(sock_setblocking(s, 0));
    sends_fail(EAGAIN, 0);
    check_int(sock_send(s, text, sizeof text, 0), (int)sizeof text);
    check_ok(sock_settimeout(s, 10));
    check_int(sem_wait(&asker.asked), 0);
    calls.sends = part > 0;
    calls.most = part;
    calls.failures = failures;
    check_int(sock_recv(s, &c, 1, 0), 1);
    check_int(c, 'y');
    sends_fail(0, 0);
    check_ok(sock_shutdown(s, SHUT_WR));
    raw_finish(&raw);
    check_int(asker.heard, (int)sizeof text);
    sock_free(s);
    sem_destroy(&asker.asked);
}

TEST(ssl_injection, bytes_are_kept_behind_others)
{
    for (size_t part = 1; part < 340; part += part < 10 ? 8 : 30)
        keep_in_order(part, 0);
    for (int failures = 1; failures < 9; failures++) {
        keep_in_order(0, failures);
        keep_in_order(9, failures);
    }
}

/* One that is gone by the time it is answered, after so many tries. */
static void answer_no_one(int tries)
{
    struct asker asker = {.heard = 0};
    char c;
    struct raw raw = {.talk = ask_twice, .arg = &asker};
    check_int(sem_init(&asker.asked, 0, 0), 0);
    sock_t *s = serve_raw(&raw);
    check_int(sem_wait(&asker.asked), 0);
    check_ok(sock_setblocking(s, 0));
    sends_fail(EAGAIN, 0);
    check_int(sock_send(s, "x", 1, 0), 1);
    calls.tries = tries;
    calls.then = EPIPE;
    for (int i = 0; i < 9 && calls.send_fails != EPIPE; i++)
        sock_recv(s, &c, 1, 0);
    sock_recv(s, &c, 1, 0);
    check_int(sock_last_error()->code, EPIPE);
    check_gone(s);
    sock_free(s);
    raw_finish(&raw);
    sem_destroy(&asker.asked);
}

TEST(ssl_injection, answers_that_no_one_takes)
{
    for (int tries = 1; tries < 5; tries++)
        answer_no_one(tries);
}

/* A last flight that the system does not take is no room to write. */
TEST(ssl_injection, waiting_with_the_last_flight_kept)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *client = client_context();
    struct end e = {.ctx = server_context("good"),
                    .plain = p.b,
                    .flags = SOCK_SSL_SERVER_SIDE};
    sock_t *s = wrap(client, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost");
    check_ok(sock_settimeout(p.b, 10));
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 0.01), 0); /* a first flight */
    begin_end(&e);
    struct pollfd f = {.fd = sock_fileno(s), .events = POLLIN};
    check_int(poll(&f, 1, 10000), 1);
    check(sock_ssl_version(s) == NULL);
    sends_fail(EAGAIN, 0);
    calls.failures = 1;
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 10), SOCK_EVENT_WRITE);
    check_str(sock_ssl_version(s), "TLSv1.3");
    check_int(calls.send_fails, 0);
    finish_end(&e);
    check(e.made != NULL);
    sock_free(s);
    sock_free(e.made);
    sock_ssl_context_free(client);
    sock_ssl_context_free(e.ctx);
}

/* The request goes out once, however often it is tried. */
static struct pair pair_that_asks(void)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_post_handshake_auth(client, 1));
    check_ok(sock_ssl_set_post_handshake_auth(server, 1));
    check_ok(sock_ssl_load_cert_chain(client, cert("client.pem"),
                                      cert("client.key"), NULL));
    check_ok(
        sock_ssl_load_verify_locations(server, cert("root.pem"), NULL, NULL));
    check_ok(sock_ssl_set_verify_mode(server, SOCK_SSL_CERT_REQUIRED));
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return p;
}

TEST(ssl_injection, asking_behind_the_handshake)
{
    struct pair p = pair_that_asks();
    char c;
    sends_fail(EAGAIN, 0);
    calls.failures = 3;
    check_ok(sock_ssl_verify_client_post_handshake(p.b));
    check_int(calls.send_fails, 0);
    check_int(sock_send(p.b, "x", 1, 0), 1);
    check_int(sock_recv(p.a, &c, 1, 0), 1); /* and answers */
    check_int(sock_send(p.a, "y", 1, 0), 1);
    check_int(sock_recv(p.b, &c, 1, 0), 1);
    sock_ssl_cert_t *x = check_made(sock_ssl_getpeercert(p.b));
    check(strstr(x->subject_text, "client") != NULL);
    sock_ssl_cert_free(x);
    free_pair(&p);
}

TEST(ssl_injection, asking_no_one)
{
    struct pair p = pair_that_asks();
    sends_fail(EPIPE, 0);
    check_part(sock_ssl_verify_client_post_handshake(p.b), SOCK_E_OS, EPIPE,
               "");
    check_gone(p.b);
    free_pair(&p);
}

/* A peer makes this side answer, which reads no more once much is kept, and
 * goes on where it was when someone takes it. */
enum { UPDATES = 3000 };

static void ask_for_updates(struct raw *r, SSL *ssl)
{
    char c;
    for (int i = 0; i < UPDATES; i++) {
        SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
        SSL_do_handshake(ssl);
    }
    SSL_write(ssl, "y", 1);
    *(int *)r->arg = SSL_read(ssl, &c, 1) == 1 && c == 'x';
    SSL_shutdown(ssl);
    SSL_read(ssl, &c, 1);
}

/* What the system has for it. */
static int unread_of(sock_t *s)
{
    int n = 0;
    struct pollfd f = {.fd = sock_fileno(s), .events = POLLIN};
    check_int(poll(&f, 1, 10000), 1); /* there is more */
    check_int(ioctl(sock_fileno(s), FIONREAD, &n), 0);
    return n;
}

/* Reads nothing until it would not read any more. */
static void read_while_wanted(sock_t *s)
{
    int wanted;
    char c;
    while (((wanted = sock_ssl_wants(s, SOCK_EVENT_READ)) & POLLIN) != 0) {
        struct pollfd f = {.fd = sock_fileno(s), .events = POLLIN};
        check_int(poll(&f, 1, 10000), 1);
    }
    check_int(wanted, POLLOUT);
    int unread = 0, before = unread_of(s);
    for (int i = 0; i < 3; i++) {
        check_part(sock_recv(s, &c, 1, 0), SOCK_E_OS, EAGAIN, "");
        unread = unread_of(s);
        check(unread >= before);
        before = unread;
    }
    check_int(sock_ssl_wants(s, SOCK_EVENT_READ), POLLOUT);
}

TEST(ssl_injection, a_peer_that_wants_answers)
{
    int heard = 0;
    char c;
    struct raw raw = {.talk = ask_for_updates, .arg = &heard};
    sock_t *s = serve_raw(&raw);
    check_ok(sock_setblocking(s, 0));
    sends_fail(EAGAIN, 0);
    check_int(sock_send(s, "x", 1, 0), 1);
    read_while_wanted(s);
    sends_fail(0, 0);
    check_ok(sock_settimeout(s, 10));
    check_int(sock_recv(s, &c, 1, 0), 1);
    check_int(c, 'y');
    check_ok(sock_shutdown(s, SHUT_WR));
    sock_free(s);
    raw_finish(&raw);
    check_int(heard, 1);
}
