/* SPDX-License-Identifier: MIT */
/*
 * fault [--scenario S] [--call C --nth N --code E] [--list]
 *
 * Fails each call that the library makes of the system, and each allocation of
 * its own and of OpenSSL's, one at a time, in one process. A call that fails
 * must say why and leave nothing behind, and its context must be as usable as
 * before; one that succeeds leaves errno and the record alone.
 *
 * Both ends are objects of the library, without waiting, in one thread; only
 * what the victim does is failed.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <pysockc/pysockc.h>

#include <pysockc/ssl.h>

enum { SHORT = -1, HUNG_AFTER = 60 };

/* The injection */

static struct {
    const char *scenario, *call;
    int nth, code; /* SHORT: each moves one byte */
    bool armed;
    int count, injected;
} now;

static long balance, openssls; /* allocations less frees */

static int hit(const char *call)
{
    if (!now.armed || strcmp(call, now.call) != 0)
        return 0;
    now.count++;
    if (now.code != SHORT && now.count != now.nth)
        return 0;
    now.injected++;
    return now.code;
}

static bool no_memory(const char *call)
{
    bool none = hit(call) != 0;
    if (none)
        errno = ENOMEM;
    return none;
}

/* Each with its name, for the linker's --wrap */

#define WRAP(type, name, arguments)                                            \
    type __real_##name arguments;                                              \
    type __wrap_##name arguments;                                              \
    type __wrap_##name arguments

WRAP(ssize_t, send, (int fd, const void *data, size_t n, int flags))
{
    int code = hit("send");
    if ((flags & MSG_NOSIGNAL) == 0 && now.armed)
        abort();
    if (code == SHORT)
        return __real_send(fd, data, n > 0 ? 1 : 0, flags);
    if (code == 0)
        return __real_send(fd, data, n, flags);
    errno = code;
    return -1;
}

WRAP(ssize_t, recv, (int fd, void *data, size_t n, int flags))
{
    int code = hit("recv");
    if (code == SHORT)
        return __real_recv(fd, data, n > 0 ? 1 : 0, flags);
    if (code == 0)
        return __real_recv(fd, data, n, flags);
    errno = code;
    return -1;
}

WRAP(void *, malloc, (size_t n))
{
    void *p = no_memory("malloc") ? NULL : __real_malloc(n);
    balance += p != NULL;
    return p;
}

WRAP(void *, calloc, (size_t n, size_t size))
{
    void *p = no_memory("calloc") ? NULL : __real_calloc(n, size);
    balance += p != NULL;
    return p;
}

WRAP(void *, realloc, (void *old, size_t n))
{
    void *p = no_memory("realloc") ? NULL : __real_realloc(old, n);
    balance += p != NULL && old == NULL;
    return p;
}

WRAP(char *, strdup, (const char *text))
{
    char *p = no_memory("strdup") ? NULL : __real_strdup(text);
    balance += p != NULL;
    return p;
}

WRAP(void, free, (void *p))
{
    balance -= p != NULL;
    __real_free(p);
}

/* OpenSSL's */

static void *openssl_malloc(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    if (n == 0)
        return NULL;
    void *p = no_memory("openssl") ? NULL : __real_malloc(n);
    openssls += p != NULL;
    return p;
}

static void openssl_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    openssls -= p != NULL;
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

/* Saying what is wrong */

static int complaints;

static void complain(const char *what)
{
    fprintf(stderr, "--scenario %s --call %s --nth %d --code %d: %s\n",
            now.scenario, now.call, now.nth, now.code, what);
    complaints++;
}

static void die(int number)
{
    complain(number == SIGALRM ? "hangs" : "crashes");
    _exit(1);
}

/* The call, by its result: what it made of the injection. */
static struct result {
    bool done, ok;
    int err, kind, code;
} result;

enum { STALE = 4321 };

static void arm(void)
{
    sock_t *none = NULL;
    sock_listen(none, 1); /* a record that success leaves alone */
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 99); /* another's, which is not ours */
    errno = STALE;
    now.armed = true;
}

static bool disarm(bool ok)
{
    int err = errno;
    now.armed = false;
    result = (struct result){.done = true,
                             .ok = ok,
                             .err = err,
                             .kind = sock_last_error()->kind,
                             .code = sock_last_error()->code};
    if (ok && err != STALE)
        complain("success changes errno");
    if (ok && strcmp(sock_last_error()->operation, "listen") != 0)
        complain("success changes the record");
    unsigned long last = ERR_peek_last_error();
    if (last != 0 && ERR_GET_LIB(last) != ERR_LIB_USER)
        complain("errors are left in OpenSSL's queue");
    ERR_clear_error();
    return ok;
}

#define FAILS(call) (arm(), !disarm((call)))

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

static void must(bool ok, const char *what)
{
    if (!ok) {
        complain(what);
        fprintf(stderr, "it lacks: ");
        sock_perror(NULL);
        _exit(1);
    }
}

static void make_contexts(int version)
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

static void make_ends(int version, const char *host)
{
    make_contexts(version);
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

static void make_pair(int version)
{
    make_ends(version, "localhost");
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

static void of_client_context(int version)
{
    sock_ssl_context_t *ctx;
    (void)version;
    (void)FAILS((ctx = sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH,
                                                       cert("root.pem"), NULL,
                                                       NULL)) != NULL);
    sock_ssl_context_free(ctx);
}

static void of_plain_context(int version)
{
    sock_ssl_context_t *ctx;
    (void)version;
    (void)FAILS((ctx = sock_ssl_context_new(SOCK_SSL_PROTOCOL_TLS_SERVER)) !=
                NULL);
    sock_ssl_context_free(ctx);
}

static void of_load_cert_chain(int version)
{
    make_contexts(version);
    (void)FAILS(sock_ssl_load_cert_chain(w.server, cert("chain.pem"),
                                         cert("chain.key"), NULL) == 0);
    check_contexts();
}

static void of_encrypted_key(int version)
{
    make_contexts(version);
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

static void of_cert_chain_data(int version)
{
    make_contexts(version);
    size_t n = read_text("good.pem", pem, sizeof pem);
    size_t m = read_text("good.key", key, sizeof key);
    (void)FAILS(sock_ssl_load_cert_chain_data(w.server, pem, n, key, m, NULL) ==
                0);
    check_contexts();
}

static void of_verify_locations(int version)
{
    make_contexts(version);
    read_text("other_root.pem", pem, sizeof pem);
    (void)FAILS(sock_ssl_load_verify_locations(w.client, cert("both_roots.pem"),
                                               cert("hashed"), pem) == 0);
    check_contexts();
}

static void of_default_certs(int version)
{
    make_contexts(version);
    (void)FAILS(sock_ssl_load_default_certs(w.client, SOCK_SSL_SERVER_AUTH) ==
                0);
    check_contexts();
}

static void of_settings(int version)
{
    const char *names[] = {"h2", "http/1.1"};
    make_contexts(version);
    (void)FAILS(sock_ssl_set_ciphers(w.client, "HIGH:!aNULL") == 0 &&
                sock_ssl_set_alpn_protocols(w.client, names, 2) == 0 &&
                sock_ssl_set_minimum_version(w.client, SOCK_SSL_TLSV1_2) == 0 &&
                sock_ssl_set_verify_mode(w.client, SOCK_SSL_CERT_REQUIRED) ==
                    0);
    check_contexts();
}

static void of_wrap(int version)
{
    make_contexts(version);
    make_plain();
    if (FAILS((w.a = wrapped(w.client, w.plain[0], 0, "localhost")) != NULL) &&
        sock_fileno(w.plain[0]) < 0)
        complain("a wrap that fails takes the descriptor");
    check_contexts();
}

static void of_wrap_of_address(int version)
{
    make_contexts(version);
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

static void of_client(int version)
{
    make_ends(version, "localhost");
    goes_on(shake_a, shake_b);
    sticks(shake_a);
}

static void of_server(int version)
{
    make_ends(version, "localhost");
    shake_a();
    goes_on(shake_b, hear_a);
    sticks(shake_b);
}

static void of_refusal(int version)
{
    make_ends(version, "elsewhere.test");
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

static void of_send(int version)
{
    make_pair(version);
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

static void of_recv(int version)
{
    make_pair(version);
    at = fed = 0;
    goes_on(recv_a, feed_b);
    if (result.ok && memcmp(data, got, sizeof data) != 0)
        complain("other bytes came");
    sticks(recv_a);
}

static void of_readiness(int version)
{
    make_pair(version);
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

static void of_shutdown(int version)
{
    make_pair(version);
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

static void of_unwrap(int version)
{
    make_pair(version);
    goes_on(unwrap_a, shut_b);
    sock_freep(&unwrapped);
}

static void of_close(int version)
{
    make_pair(version);
    (void)FAILS(sock_close(w.a) == 0);
}

static void of_free(int version)
{
    make_pair(version);
    (void)FAILS((sock_freep(&w.a), true));
}

static void of_makefile(int version)
{
    FILE *f;
    make_pair(version);
    (void)FAILS((f = sock_makefile(w.a, "w")) != NULL);
    if (f != NULL)
        fclose(f);
}

static void of_certificate(int version)
{
    sock_ssl_cert_t *x;
    make_pair(version);
    (void)FAILS((x = sock_ssl_getpeercert(w.a)) != NULL);
    sock_ssl_cert_free(x);
}

static void of_session(int version)
{
    sock_ssl_session_t *x;
    char byte;
    make_pair(version);
    sock_send(w.b, "x", 1, 0);
    must(sock_recv(w.a, &byte, 1, 0) == 1, "a ticket");
    (void)FAILS((x = sock_ssl_session(w.a)) != NULL);
    sock_ssl_session_free(x);
}

static void of_resumption(int version)
{
    sock_ssl_session_t *x;
    char byte;
    make_pair(version);
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

static const struct {
    const char *name;
    void (*run)(int version);
    int every; /* one in so many allocations of OpenSSL's, where many are */
} scenarios[] = {{"client_context", of_client_context, 11},
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

static bool is(const char *word, const char *list)
{
    return strstr(list, word) != NULL;
}

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

static bool run(int index, int version)
{
    now.count = now.injected = 0;
    result.done = false;
    alarm(HUNG_AFTER);
    scenarios[index].run(version);
    now.armed = false;
    unmake();
    ERR_clear_error();
    return now.injected > 0;
}

/* Twice where it seems to leave something: what is made once is no leak. */
static bool inject(int index, int version)
{
    for (int i = 0; i < 3; i++) {
        long before[2] = {balance, openssls};
        if (!run(index, version))
            return false;
        if (balance == before[0] && openssls == before[1])
            break;
        if (i == 2) {
            complain("memory is left");
            fprintf(stderr, "%ld and %ld\n", balance - before[0],
                    openssls - before[1]);
        }
    }
    if (is_memory())
        judge_memory();
    else
        judge_transport();
    return true;
}

static int injections;

static void sweep(int index, int version, const char *call, int code)
{
    int every = strcmp(call, "openssl") == 0 ? scenarios[index].every : 1;
    now.scenario = scenarios[index].name;
    now.call = call;
    now.code = code;
    for (now.nth = 1; inject(index, version); now.nth += every) {
        injections++;
        if (code == SHORT)
            break;
    }
}

static void sweep_all(int index, int version)
{
    static const struct {
        const char *call;
        int code;
    } rows[] = {{"send", ECONNRESET}, {"send", EPIPE},     {"send", ENOBUFS},
                {"send", EINTR},      {"send", EAGAIN},    {"send", SHORT},
                {"recv", ECONNRESET}, {"recv", ETIMEDOUT}, {"recv", EINTR},
                {"recv", EAGAIN},     {"recv", SHORT},     {"malloc", ENOMEM},
                {"calloc", ENOMEM},   {"realloc", ENOMEM}, {"strdup", ENOMEM},
                {"openssl", ENOMEM}};
    now.call = "";
    now.scenario = scenarios[index].name;
    run(index, version); /* what is made once */
    run(index, version);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        sweep(index, version, rows[i].call, rows[i].code);
}

/* Contexts hold as much after many connections as after some. */
static void check_growth(int version)
{
    long before[2] = {0, 0};
    now.scenario = "growth";
    now.call = "none";
    make_contexts(version);
    for (int i = 0; i < 400; i++) {
        check_contexts();
        unmake_ends();
        if (i == 50) {
            before[0] = balance;
            before[1] = openssls;
        }
    }
    if (balance != before[0] || openssls != before[1])
        complain("memory grows");
    unmake();
}

static const char *option(char *argv[], const char *name)
{
    for (; argv[0] != NULL && argv[1] != NULL; argv++)
        if (strcmp(argv[0], name) == 0)
            return argv[1];
    return NULL;
}

static void run_scenario(int index, char *argv[])
{
    static const int versions[] = {SOCK_SSL_TLSV1_3, SOCK_SSL_TLSV1_2};
    const char *nth = option(argv, "--nth");
    for (int i = 0; i < 2; i++) {
        int before = injections;
        if (nth == NULL) {
            sweep_all(index, versions[i]);
        } else {
            now.scenario = scenarios[index].name;
            now.call = "";
            run(index, versions[i]);
            now.call = option(argv, "--call");
            now.nth = atoi(nth);
            now.code = atoi(option(argv, "--code"));
            injections += inject(index, versions[i]);
        }
        if (getenv("FAULT_LIST") != NULL)
            printf("%s: %d\n", scenarios[index].name, injections - before);
    }
}

int main(int argc, char *argv[])
{
    static const int signals[] = {SIGALRM, SIGSEGV, SIGABRT, SIGBUS};
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc,
                                 openssl_free) != 1)
        return 2;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], die);
    folder = argc > 1 ? argv[1] : ".";
    setenv("SSL_CERT_FILE", cert("both_roots.pem"), 1);
    setenv("SSL_CERT_DIR", cert("hashed"), 1);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i % 251);
    const char *only = option(argv, "--scenario");
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        if (only == NULL || strcmp(only, scenarios[i].name) == 0)
            run_scenario((int)i, argv);
    if (only == NULL) {
        check_growth(SOCK_SSL_TLSV1_3);
        check_growth(SOCK_SSL_TLSV1_2);
    }
    printf("%d injections, %d complaints; of memory %d were told, %d passed, "
           "%d were told otherwise\n",
           injections, complaints, told, mute, otherwise);
    return complaints > 0 || injections == 0;
}
