/* SPDX-License-Identifier: MIT */
/*
 * fault CERTS [--scenario S] [--call C --nth N --code E]
 *
 * Fails each call that the library makes of the system, and each allocation of
 * its own and of OpenSSL's, as inject.h says. The context of a call that fails
 * must be as usable as before.
 *
 * Both ends are objects of the library, without waiting, in one thread; only
 * what the victim does is failed.
 */
#include "inject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <pysockc/pysockc.h>

#include <pysockc/ssl.h>

WRAP(ssize_t, send, (int fd, const void *data, size_t n, int flags))
{
    int code = hit("send");
    if ((flags & MSG_NOSIGNAL) == 0 && now.armed)
        abort();
    if (code == SHORT)
        return __real_send(fd, data, SOME(n), flags);
    if (code == 0)
        return __real_send(fd, data, n, flags);
    errno = code;
    return -1;
}

/* OpenSSL's memory; the calls of this file are wrapped, too */

void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);

static void *openssl_malloc(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    if (n == 0)
        return NULL;
    void *p = no_memory("openssl") ? NULL : __real_malloc(n);
    others += p != NULL;
    return p;
}

static void openssl_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    others -= p != NULL;
    __real_free(p);
}

static void *openssl_realloc(void *old, size_t n, const char *file, int line)
{
    if (old == NULL)
        return openssl_malloc(n, file, line);
    if (n == 0) {
        openssl_free(old, file, line);
        return NULL;
    }
    return no_memory("openssl") ? NULL : __real_realloc(old, n);
}

/* The call, and what it leaves in OpenSSL's queue */

static void begin(void)
{
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 99); /* another's, which is not ours */
    arm();
}

static bool end(bool ok)
{
    disarm(ok);
    unsigned long last = ERR_peek_last_error();
    if (last != 0 && ERR_GET_LIB(last) != ERR_LIB_USER)
        complain("errors are left in OpenSSL's queue");
    ERR_clear_error();
    return ok;
}

#define FAILS(call) (begin(), !end((call)))

/* What there is */

static const char *folder;

static const char *cert(const char *file)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, file);
    return path;
}

static struct world {
    sock_ssl_context_t *client, *server;
    sock_t *plain[2], *a, *b;
} w;

static int version;

static void make_contexts(void)
{
    w.client = sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH,
                                               cert("root.pem"), NULL, NULL);
    w.server =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    must(w.client != NULL && w.server != NULL &&
             sock_ssl_load_cert_chain(w.server, cert("good.pem"),
                                      cert("good.key"), NULL) == 0 &&
             sock_ssl_set_maximum_version(w.server, version) == 0,
         "contexts");
}

static void make_plain(void)
{
    must(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, w.plain) == 0, "a pair");
    for (int i = 0; i < 2; i++) {
        sock_setblocking(w.plain[i], 0);
        sock_setsockopt_int(w.plain[i], SOL_SOCKET, SO_SNDBUF, 4096);
    }
}

static sock_t *wrapped(sock_ssl_context_t *ctx, sock_t *plain, int flags,
                       const char *host)
{
    return sock_ssl_wrap_socket(ctx, plain, flags | SOCK_SSL_NO_HANDSHAKE, host,
                                NULL);
}

static void make_ends(const char *host)
{
    make_contexts();
    make_plain();
    w.a = wrapped(w.client, w.plain[0], 0, host);
    w.b = wrapped(w.server, w.plain[1], SOCK_SSL_SERVER_SIDE, NULL);
    must(w.a != NULL && w.b != NULL, "wrapped ends");
}

static bool would_block(void)
{
    return sock_last_error()->kind == SOCK_E_OS && errno == EAGAIN;
}

/* Whether a peer that is not failed got that far. */
static int step(sock_t *s)
{
    return sock_ssl_do_handshake(s) == 0 ? 1 : would_block() ? 0 : -1;
}

static bool shake_hands(sock_t *a, sock_t *b)
{
    int x = 0, y = 0;
    for (int i = 0; i < 20 && (x == 0 || y == 0) && x >= 0 && y >= 0; i++) {
        x = step(a);
        y = step(b);
    }
    return x == 1 && y == 1;
}

static void make_pair(void)
{
    make_ends("localhost");
    must(shake_hands(w.a, w.b), "a handshake");
}

static void unmake_ends(void)
{
    sock_freep(&w.a);
    sock_freep(&w.b);
    sock_freep(&w.plain[0]);
    sock_freep(&w.plain[1]);
}

static void unmake(void)
{
    unmake_ends();
    sock_ssl_context_free(w.client);
    sock_ssl_context_free(w.server);
    memset(&w, 0, sizeof w);
}

/* The contexts still make connections. */
static void check_contexts(void)
{
    unmake_ends();
    make_plain();
    w.a = wrapped(w.client, w.plain[0], 0, "localhost");
    w.b = wrapped(w.server, w.plain[1], SOCK_SSL_SERVER_SIDE, NULL);
    char c;
    if (w.a == NULL || w.b == NULL || !shake_hands(w.a, w.b) ||
        sock_send(w.a, "x", 1, 0) != 1 || sock_recv(w.b, &c, 1, 0) != 1) {
        complain("the context is no longer usable");
        sock_perror(NULL);
    }
}

/* Scenarios: each prepares, and then makes one call, or one again and again. */

static void of_client_context(void)
{
    sock_ssl_context_t *ctx;
    (void)FAILS((ctx = sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH,
                                                       cert("root.pem"), NULL,
                                                       NULL)) != NULL);
    sock_ssl_context_free(ctx);
}

static void of_plain_context(void)
{
    sock_ssl_context_t *ctx;
    (void)FAILS((ctx = sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER)) !=
                NULL);
    sock_ssl_context_free(ctx);
}

static void of_load_cert_chain(void)
{
    make_contexts();
    (void)FAILS(sock_ssl_load_cert_chain(w.server, cert("chain.pem"),
                                         cert("chain.key"), NULL) == 0);
    check_contexts();
}

static void of_encrypted_key(void)
{
    make_contexts();
    (void)FAILS(sock_ssl_load_cert_chain(w.server, cert("good.pem"),
                                         cert("good_traditional.key"),
                                         "correct horse") == 0);
    check_contexts();
}

static char pem[8192], key[8192];

static size_t read_text(const char *file, char *buf, size_t size)
{
    FILE *f = fopen(cert(file), "re");
    size_t n = f != NULL ? fread(buf, 1, size - 1, f) : 0;
    if (f != NULL)
        fclose(f);
    buf[n] = '\0';
    return n;
}

static void of_cert_chain_data(void)
{
    make_contexts();
    size_t n = read_text("good.pem", pem, sizeof pem);
    size_t m = read_text("good.key", key, sizeof key);
    (void)FAILS(sock_ssl_load_cert_chain_data(w.server, pem, n, key, m, NULL) ==
                0);
    check_contexts();
}

static void of_verify_locations(void)
{
    make_contexts();
    read_text("other_root.pem", pem, sizeof pem);
    (void)FAILS(sock_ssl_load_verify_locations(w.client, cert("both_roots.pem"),
                                               cert("hashed"), pem) == 0);
    check_contexts();
}

static void of_default_certs(void)
{
    make_contexts();
    (void)FAILS(sock_ssl_load_default_certs(w.client, SOCK_SSL_SERVER_AUTH) ==
                0);
    check_contexts();
}

static void of_settings(void)
{
    const char *names[] = {"h2", "http/1.1"};
    make_contexts();
    (void)FAILS(sock_ssl_set_ciphers(w.client, "HIGH:!aNULL") == 0 &&
                sock_ssl_set_alpn_protocols(w.client, names, 2) == 0 &&
                sock_ssl_set_minimum_version(w.client, SOCK_SSL_TLSV1_2) == 0 &&
                sock_ssl_set_verify_mode(w.client, SOCK_SSL_CERT_REQUIRED) ==
                    0);
    check_contexts();
}

static void of_wrap(void)
{
    make_contexts();
    make_plain();
    if (FAILS((w.a = wrapped(w.client, w.plain[0], 0, "localhost")) != NULL) &&
        sock_fileno(w.plain[0]) < 0)
        complain("a wrap that fails takes the descriptor");
    check_contexts();
}

static void of_wrap_of_address(void)
{
    make_contexts();
    make_plain();
    (void)FAILS((w.a = wrapped(w.client, w.plain[0], 0, "127.0.0.1")) != NULL);
    check_contexts();
}

/* A call of the victim until it is done, while the peer does its part. */
static void goes_on(bool (*call)(void), bool (*peer)(void))
{
    for (int i = 0; i < 3000; i++) {
        if (!FAILS(call()))
            return;
        if (result.kind != SOCK_E_OS || result.code != EAGAIN)
            return;
        now.armed = false;
        if (peer != NULL)
            peer();
    }
    complain("goes on for ever");
}

/* What has failed for good fails so again. */
static void sticks(bool (*call)(void))
{
    struct result before = result;
    if (before.ok)
        return;
    if (call() || sock_last_error()->kind != before.kind ||
        sock_last_error()->code != before.code)
        complain("the next call says something else");
}

static bool shake_a(void)
{
    return sock_ssl_do_handshake(w.a) == 0;
}

static bool shake_b(void)
{
    return sock_ssl_do_handshake(w.b) == 0;
}

/* The peer takes in what comes behind, too. */
static bool hear_a(void)
{
    char byte;
    return shake_a() && sock_recv(w.a, &byte, 1, 0) == 1;
}

static void of_client(void)
{
    make_ends("localhost");
    goes_on(shake_a, shake_b);
    sticks(shake_a);
}

static void of_server(void)
{
    make_ends("localhost");
    shake_a();
    goes_on(shake_b, hear_a);
    sticks(shake_b);
}

static void of_refusal(void)
{
    make_ends("elsewhere.test");
    goes_on(shake_a, shake_b);
    if (result.ok)
        complain("another host was accepted");
    sticks(shake_a);
}

static char data[40000], got[40000];
static size_t at;

static bool send_a(void)
{
    while (at < sizeof data) {
        ssize_t n = sock_send(w.a, data + at, sizeof data - at, 0);
        if (n < 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static bool drain_b(void)
{
    return sock_recv(w.b, got, sizeof got, 0) > 0;
}

static void of_send(void)
{
    make_pair();
    at = 0;
    goes_on(send_a, drain_b);
    sticks(send_a);
}

static bool recv_a(void)
{
    while (at < sizeof got) {
        ssize_t n = sock_recv(w.a, got + at, sizeof got - at, 0);
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static size_t fed;

static bool feed_b(void)
{
    ssize_t n = sock_send(w.b, data + fed, sizeof data - fed, 0);
    fed += n > 0 ? (size_t)n : 0;
    return fed == sizeof data;
}

static void of_recv(void)
{
    make_pair();
    at = fed = 0;
    goes_on(recv_a, feed_b);
    if (result.ok && memcmp(data, got, sizeof data) != 0)
        complain("other bytes came");
    sticks(recv_a);
}

static void of_readiness(void)
{
    make_pair();
    fed = 0;
    feed_b();
    (void)FAILS(sock_wait(w.a, SOCK_EVENT_READ, 0) >= 0 &&
                sock_ssl_wants(w.a, SOCK_EVENT_READ | SOCK_EVENT_WRITE) >= 0 &&
                sock_ssl_pending(w.a) >= 0);
}

static bool shut_a(void)
{
    return sock_shutdown(w.a, SHUT_WR) == 0;
}

static void of_shutdown(void)
{
    make_pair();
    goes_on(shut_a, drain_b);
    sticks(shut_a);
}

static sock_t *unwrapped;

static bool unwrap_a(void)
{
    return (unwrapped = sock_ssl_unwrap(w.a)) != NULL;
}

static bool shut_b(void)
{
    char byte;
    return sock_shutdown(w.b, SHUT_WR) == 0 && sock_recv(w.b, &byte, 1, 0) == 0;
}

static void of_unwrap(void)
{
    make_pair();
    goes_on(unwrap_a, shut_b);
    sock_freep(&unwrapped);
}

static void of_close(void)
{
    make_pair();
    (void)FAILS(sock_close(w.a) == 0);
}

static void of_free(void)
{
    make_pair();
    (void)FAILS((sock_freep(&w.a), true));
}

static void of_makefile(void)
{
    FILE *f;
    make_pair();
    (void)FAILS((f = sock_makefile(w.a, "w")) != NULL);
    if (f != NULL)
        fclose(f);
}

static void of_certificate(void)
{
    sock_ssl_cert_t *x;
    make_pair();
    (void)FAILS((x = sock_ssl_getpeercert(w.a)) != NULL);
    sock_ssl_cert_free(x);
}

static void of_session(void)
{
    sock_ssl_session_t *x;
    char byte;
    make_pair();
    sock_send(w.b, "x", 1, 0);
    must(sock_recv(w.a, &byte, 1, 0) == 1, "a ticket");
    (void)FAILS((x = sock_ssl_session(w.a)) != NULL);
    sock_ssl_session_free(x);
}

static void of_resumption(void)
{
    sock_ssl_session_t *x;
    char byte;
    make_pair();
    sock_send(w.b, "x", 1, 0);
    must(sock_recv(w.a, &byte, 1, 0) == 1, "a ticket");
    must((x = sock_ssl_session(w.a)) != NULL, "a session");
    unmake_ends();
    make_plain();
    (void)FAILS(
        (w.a = sock_ssl_wrap_socket(w.client, w.plain[0], SOCK_SSL_NO_HANDSHAKE,
                                    "localhost", x)) != NULL);
    sock_ssl_session_free(x);
    check_contexts();
}

static const struct scenario scenarios[] = {
    {"client_context", of_client_context, 11},
    {"plain_context", of_plain_context, 3},
    {"load_cert_chain", of_load_cert_chain, 101},
    {"load_encrypted_key", of_encrypted_key, 101},
    {"load_cert_chain_data", of_cert_chain_data, 101},
    {"load_verify_locations", of_verify_locations, 29},
    {"load_default_certs", of_default_certs, 29},
    {"settings", of_settings, 1},
    {"wrap", of_wrap, 1},
    {"wrap_of_address", of_wrap_of_address, 1},
    {"client", of_client, 7},
    {"server", of_server, 5},
    {"refusal", of_refusal, 11},
    {"send", of_send, 1},
    {"recv", of_recv, 1},
    {"readiness", of_readiness, 1},
    {"shutdown", of_shutdown, 1},
    {"unwrap", of_unwrap, 1},
    {"close", of_close, 1},
    {"free", of_free, 1},
    {"makefile", of_makefile, 1},
    {"certificate", of_certificate, 1},
    {"session", of_session, 1},
    {"resumption", of_resumption, 1}};

/* Judging */

static bool is_memory(void)
{
    return !is(now.call, "send recv");
}

/* What tells nothing, or an event, of a failure. */
static bool tells(void)
{
    return !is(now.scenario, "readiness close free");
}

static void judge_transport(void)
{
    if (now.code == EINTR || now.code == EAGAIN || now.code == SHORT) {
        if (!result.ok && strcmp(now.scenario, "refusal") != 0)
            complain("fails");
    } else if (result.ok && strcmp(now.scenario, "server") == 0 &&
               now.nth > 1) {
        ; /* of tickets, which a client that is gone needs no longer */
    } else if (!tells()) {
        if (!result.ok)
            complain("tells of it");
    } else if (strcmp(now.scenario, "refusal") != 0 &&
               (result.ok || result.kind != SOCK_E_OS ||
                result.code != now.code || result.err != now.code))
        complain("does not say what has failed");
}

/* OpenSSL may go on without, or say something else of what came of it. */
static int told, mute, otherwise;

static void judge_memory(void)
{
    bool own = strcmp(now.call, "openssl") != 0;
    if (!result.ok && result.kind == SOCK_E_MEMORY) {
        told++;
        if (result.err != ENOMEM)
            complain("errno is another");
    } else if (result.ok) {
        mute++;
        if (own && tells())
            complain("goes on without memory");
    } else {
        otherwise++;
        if (own)
            complain("does not say that memory is short");
    }
}

static void judge(void)
{
    if (now.injected == 0 && !result.ok && strcmp(now.scenario, "refusal") != 0)
        complain("fails without a reason");
    else if (now.injected > 0 && is_memory())
        judge_memory();
    else if (now.injected > 0)
        judge_transport();
}

static const struct row rows[] = {
    {"send", {ECONNRESET, EPIPE, ENOBUFS, EINTR, EAGAIN, SHORT}},
    {"recv", {ECONNRESET, ETIMEDOUT, EINTR, EAGAIN, SHORT}},
    {"malloc", {ENOMEM}},
    {"calloc", {ENOMEM}},
    {"realloc", {ENOMEM}},
    {"strdup", {ENOMEM}},
    {"openssl", {ENOMEM}}};

enum { VARIANTS = 2 };

static void vary(int which)
{
    version = which == 0 ? SOCK_SSL_TLSV1_3 : SOCK_SSL_TLSV1_2;
}

static void clean(void)
{
    unmake();
    ERR_clear_error();
}

static const struct program program = {
    .scenarios = scenarios,
    .scenario_count = sizeof scenarios / sizeof scenarios[0],
    .rows = rows,
    .row_count = sizeof rows / sizeof rows[0],
    .often = "openssl",
    .variants = VARIANTS,
    .vary = vary,
    .clean = clean,
    .judge = judge};

/* Contexts hold as much after many connections as after some. */
static void check_growth(void)
{
    long before[2] = {0, 0};
    now.scenario = "growth";
    now.call = "none";
    make_contexts();
    for (int i = 0; i < 400; i++) {
        check_contexts();
        unmake_ends();
        if (i == 50) {
            before[0] = balance;
            before[1] = others;
        }
    }
    if (balance != before[0] || others != before[1])
        complain("memory grows");
    unmake();
}

int main(int argc, char *argv[])
{
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc,
                                 openssl_free) != 1)
        return 2;
    catch_signals(die);
    folder = argc > 1 ? argv[1] : ".";
    setenv("SSL_CERT_FILE", cert("both_roots.pem"), 1);
    setenv("SSL_CERT_DIR", cert("hashed"), 1);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i % 251);
    inject_as_told(&program, argv);
    for (int i = 0; i < VARIANTS && option(argv, "--scenario") == NULL; i++) {
        vary(i);
        check_growth();
    }
    printf("%d injections, %d complaints; of memory %d were told, %d passed, "
           "%d were told otherwise\n",
           injections, complaints, told, mute, otherwise);
    return complaints > 0 || injections == 0;
}
