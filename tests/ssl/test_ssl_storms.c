/* SPDX-License-Identifier: MIT */
/* Much at once: key updates, threads, signals, and what waiting costs. */
#include "tls.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define STREAM (3 << 20)

/* CPU seconds of this process. */
static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static unsigned char byte_at(size_t i)
{
    return (unsigned char)((i * 31 + (i >> 8) * 7 + (i >> 16)) % 251);
}

static void fill(unsigned char *bytes, size_t n, size_t from)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = byte_at(from + i);
}

static bool is_stream(const unsigned char *bytes, size_t n, size_t from)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != byte_at(from + i))
            return false;
    return true;
}

/* A peer without the library, which talks over small buffers. */
static sock_t *server_for(struct raw *raw)
{
    struct pair plain = unix_pair(SOCK_STREAM);
    sock_ssl_context_t *ctx = server_context("good");
    check_ok(sock_setsockopt_int(plain.a, SOL_SOCKET, SO_SNDBUF, 4096));
    check_ok(sock_setsockopt_int(plain.b, SOL_SOCKET, SO_SNDBUF, 4096));
    raw->fd = sock_detach(plain.b);
    sock_free(plain.b);
    check_ok(sock_settimeout(plain.a, 10));
    raw_begin(raw);
    sock_t *s = check_made(wrap(ctx, plain.a, SOCK_SSL_SERVER_SIDE, NULL));
    sock_ssl_context_free(ctx);
    return s;
}

/* Key updates */

/* Its peer: all of the stream both ways, with new keys for each record, of both
 * directions. */
struct storm {
    size_t sent, received, updates;
    bool right;
};

static bool storm_writes(struct storm *x, SSL *ssl)
{
    static unsigned char bytes[9000]; /* it may have to be repeated */
    size_t size = sizeof bytes, n;
    if (x->sent == STREAM)
        return false;
    if (size > STREAM - x->sent)
        size = STREAM - x->sent;
    fill(bytes, size, x->sent);
    if (SSL_get_key_update_type(ssl) == SSL_KEY_UPDATE_NONE &&
        SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1)
        x->updates++;
    if (SSL_write_ex(ssl, bytes, size, &n) != 1)
        return false;
    x->sent += n;
    return true;
}

static bool storm_reads(struct storm *x, SSL *ssl)
{
    unsigned char bytes[16384];
    size_t n;
    if (SSL_read_ex(ssl, bytes, sizeof bytes, &n) != 1)
        return false;
    x->right = x->right && is_stream(bytes, n, x->received);
    x->received += n;
    return true;
}

static void storm(struct raw *r, SSL *ssl)
{
    struct storm *x = r->arg;
    double limit = now() + 15;
    x->right = true;
    set_nonblocking(r->fd, true);
    while ((x->sent < STREAM || x->received < STREAM) && now() < limit) {
        bool moved = storm_writes(x, ssl);
        moved = storm_reads(x, ssl) || moved;
        if (!moved)
            poll(&(struct pollfd){.fd = r->fd, .events = POLLIN}, 1, 1);
    }
    SSL_shutdown(ssl);
}

static void *send_stream(void *arg)
{
    unsigned char bytes[20000];
    for (size_t at = 0; at < STREAM;) {
        size_t n = STREAM - at < sizeof bytes ? STREAM - at : sizeof bytes;
        fill(bytes, n, at);
        if (sock_sendall(arg, bytes, n, 0) < 0)
            break;
        at += n;
    }
    return NULL;
}

/* Two threads on the one object, of which each finds that the other's direction
 * has new keys. */
TEST(ssl_storms, key_updates_both_ways)
{
    struct storm x = {0};
    struct raw raw = {.talk = storm, .arg = &x};
    sock_t *s = server_for(&raw);
    unsigned char bytes[20000];
    pthread_t sender;
    size_t received = 0;
    check_int(pthread_create(&sender, NULL, send_stream, s), 0);
    while (received < STREAM) {
        size_t n = (size_t)check_ok(sock_recv(s, bytes, sizeof bytes, 0));
        check(n > 0 && is_stream(bytes, n, received));
        received += n;
    }
    check_int(pthread_join(sender, NULL), 0);
    raw_finish(&raw);
    check_int(x.received, STREAM);
    check(x.right);
    check(x.updates > 100);
    sock_free(s);
}

/* A peer that asks for new keys with each byte, and reads none of the answers:
 * it is not listened to any longer, lest they pile up here. */
static void flood(struct raw *r, SSL *ssl)
{
    struct storm *x = r->arg;
    double limit = now() + 2;
    size_t n;
    int idle = 0;
    set_nonblocking(r->fd, true);
    while (idle < 50 && now() < limit) {
        if (SSL_get_key_update_type(ssl) == SSL_KEY_UPDATE_NONE)
            SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
        if (SSL_write_ex(ssl, "x", 1, &n) == 1) {
            x->sent++;
            idle = 0;
        } else {
            poll(NULL, 0, 2);
            idle++;
        }
    }
}

TEST(ssl_storms, key_updates_of_one_who_does_not_listen)
{
    struct storm x = {0};
    struct raw raw = {.talk = flood, .arg = &x};
    sock_t *s = server_for(&raw);
    char bytes[16384];
    ssize_t n;
    size_t received = 0;
    check_ok(sock_settimeout(s, 0.05));
    while ((n = sock_recv(s, bytes, sizeof bytes, 0)) > 0)
        received += (size_t)n;
    check_int(n, -1);
    if (sock_last_error()->kind == SOCK_E_TIMEOUT) {
        check_int(sock_ssl_wants(s, SOCK_EVENT_READ), POLLOUT);
        check_int(sock_wait(s, SOCK_EVENT_READ, 0), 0);
    }
    check(received < 4000); /* each had an answer of more than 20 bytes */
    raw_finish(&raw);
    sock_free(s);
}

/* Threads */

struct worker {
    sock_t *s;
    atomic_bool on;
    atomic_long tid;
    ssize_t n;
    struct failure failure;
    pthread_t thread;
};

static void worker_begin(struct worker *w, sock_t *s, void *(*run)(void *))
{
    w->s = s;
    atomic_init(&w->on, true);
    atomic_init(&w->tid, 0);
    check_int(pthread_create(&w->thread, NULL, run, w), 0);
}

static void worker_finish(struct worker *w)
{
    check_int(pthread_join(w->thread, NULL), 0);
}

static void wait_for_it(struct worker *w)
{
    while (atomic_load(&w->tid) == 0)
        poll(NULL, 0, 1);
    check(wait_until_blocked(atomic_load(&w->tid)));
}

static void *run_shaking(void *arg)
{
    struct worker *w = arg;
    atomic_store(&w->tid, thread_id());
    w->n = sock_ssl_do_handshake(w->s);
    if (w->n < 0)
        w->failure = last_failure();
    return NULL;
}

TEST(ssl_storms, close_wakes_a_handshake)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    struct worker w = {0};
    sock_t *s =
        check_made(wrap(ctx, plain.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    worker_begin(&w, s, run_shaking);
    wait_for_it(&w);
    check_ok(sock_close(s));
    worker_finish(&w);
    check_int(w.n, -1);
    check_failure(&w.failure, SOCK_E_OS, EBADF, "Bad file descriptor");
    sock_free(s);
    sock_free(plain.b);
    sock_ssl_context_free(ctx);
}

static void *run_receiving(void *arg)
{
    struct worker *w = arg;
    char bytes[4096];
    atomic_store(&w->tid, thread_id());
    do
        w->n = sock_recv(w->s, bytes, sizeof bytes, 0);
    while (w->n > 0);
    if (w->n < 0)
        w->failure = last_failure();
    return NULL;
}

static void *run_sending(void *arg)
{
    struct worker *w = arg;
    char bytes[5000] = "";
    do
        w->n = sock_send(w->s, bytes, sizeof bytes, 0);
    while (w->n > 0);
    w->failure = last_failure();
    return NULL;
}

static void *run_asking(void *arg)
{
    struct worker *w = arg;
    sock_ssl_cipher_t cipher;
    while (atomic_load(&w->on)) {
        sock_ssl_pending(w->s);
        sock_ssl_wants(w->s, SOCK_EVENT_READ | SOCK_EVENT_WRITE);
        sock_wait(w->s, SOCK_EVENT_READ, 0);
        sock_ssl_version(w->s);
        sock_ssl_cipher(w->s, &cipher);
        sock_gettimeout(w->s);
    }
    return NULL;
}

/* Two who read, two who write, and one who asks, on each end of a connection
 * that is closed under them. */
static void all_at_once(int after_ms)
{
    struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
    static void *(*const runs[])(void *) = {
        run_receiving, run_receiving, run_sending, run_sending, run_asking};
    enum { EACH = 5 };
    struct worker workers[2 * EACH] = {0};
    for (int i = 0; i < 2 * EACH; i++)
        worker_begin(&workers[i], i < EACH ? p.a : p.b, runs[i % EACH]);
    poll(NULL, 0, after_ms);
    check_ok(sock_close(p.a));
    check_ok(sock_close(p.b));
    for (int i = 0; i < 2 * EACH; i++) {
        atomic_store(&workers[i].on, false);
        worker_finish(&workers[i]);
        check(workers[i].n <= 0);
        check_that(workers[i].n == 0 || workers[i].failure.err == EBADF ||
                       workers[i].failure.err == ECONNRESET ||
                       workers[i].failure.err == EPIPE,
                   "%s", workers[i].failure.text);
    }
    free_pair(&p);
}

TEST(ssl_storms, all_at_once_and_closed)
{
    for (int i = 0; i < 12; i++)
        all_at_once(i * 3);
}

/* One context, of which many make connections while it changes. */
static void *run_changing(void *arg)
{
    struct worker *w = arg;
    sock_ssl_context_t *ctx = (sock_ssl_context_t *)(void *)w->s;
    const char *names[] = {"h2", "imap"};
    while (atomic_load(&w->on)) {
        sock_ssl_set_alpn_protocols(ctx, names, 2);
        sock_ssl_load_cert_chain(ctx, cert("rsa.pem"), cert("rsa.key"), NULL);
        sock_ssl_load_cert_chain(ctx, cert("good.pem"), cert("good.key"), NULL);
        sock_ssl_load_verify_locations(ctx, cert("root.pem"), NULL, NULL);
        sock_ssl_set_ciphers(ctx, "HIGH");
    }
    OPENSSL_thread_stop();
    return NULL;
}

TEST(ssl_storms, a_context_that_changes)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct worker w = {0};
    worker_begin(&w, (sock_t *)(void *)server, run_changing);
    for (int i = 0; i < 30; i++) {
        struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), client, server);
        char c;
        check_int(sock_send(p.b, "x", 1, 0), 1);
        check_int(sock_recv(p.a, &c, 1, 0), 1);
        free_pair(&p);
    }
    atomic_store(&w.on, false);
    worker_finish(&w);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Signals */

static sock_t *volatile to_shut;

static void shut(int number)
{
    (void)number;
    sock_shutdown(to_shut, SHUT_RDWR);
}

/* A handler in the thread that receives, at whatever moment, with the lock of
 * the connection held or not. */
TEST(ssl_storms, shutdown_from_a_signal_handler)
{
    struct sigaction action = {.sa_handler = shut}, before;
    sigemptyset(&action.sa_mask);
    check_int(sigaction(SIGUSR1, &action, &before), 0);
    for (int i = 0; i < 20; i++) {
        struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
        struct worker reader = {0}, writer = {0};
        to_shut = p.a;
        check_ok(sock_settimeout(p.a, SOCK_NO_TIMEOUT));
        worker_begin(&reader, p.a, run_receiving);
        if (i % 2 == 0)
            wait_for_it(&reader);
        worker_begin(&writer, p.b, run_sending);
        poll(NULL, 0, i % 3);
        check_int(pthread_kill(reader.thread, SIGUSR1), 0);
        worker_finish(&reader);
        check_that(reader.n == 0, "%s", reader.failure.text);
        worker_finish(&writer);
        check(writer.failure.err == EPIPE || writer.failure.err == ECONNRESET);
        free_pair(&p);
    }
    check_int(sigaction(SIGUSR1, &before, NULL), 0);
}

/* Waiting costs nothing, whatever is waited for */

enum { WAIT_MS = 150 };

static void waits(const char *what, struct pair *p, void (*call)(sock_t *))
{
    check_ok(sock_settimeout(p->a, WAIT_MS / 1e3));
    double began = now(), used = cpu();
    call(p->a);
    check_that(now() - began >= WAIT_MS / 1e3 - 0.001, "%s: early", what);
    check_that(now() - began < WAIT_MS / 1e3 + 5, "%s: late", what);
    check_that(cpu() - used < 0.05, "%s: %g s of the processor", what,
               cpu() - used);
    free_pair(p);
}

static void call_recv(sock_t *s)
{
    char c;
    check_part(sock_recv(s, &c, 1, 0), SOCK_E_TIMEOUT, 0, "timed out");
}

static void call_send(sock_t *s)
{
    check_part(sock_send(s, "x", 1, 0), SOCK_E_TIMEOUT, 0, "timed out");
}

static void call_unwrap(sock_t *s)
{
    check_null_part(sock_ssl_unwrap(s), SOCK_E_TIMEOUT, 0, "timed out");
}

static void call_wait(sock_t *s)
{
    check_int(sock_wait(s, SOCK_EVENT_READ, WAIT_MS / 1e3), 0);
}

static void call_shutdown(sock_t *s)
{
    check_part(sock_shutdown(s, SHUT_WR), SOCK_E_TIMEOUT, 0, "timed out");
}

/* As far as it goes: both pipes hold what they can. */
static struct pair full(void)
{
    struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
    sock_t *ends[2] = {p.a, p.b};
    static char bytes[16384];
    for (int i = 0; i < 2; i++) {
        check_ok(sock_setblocking(ends[i], 0));
        while (sock_send(ends[i], bytes, sizeof bytes, 0) > 0)
            ;
        check_int(errno, EAGAIN);
    }
    return p;
}

/* Half a record lies there. */
static struct pair half(void)
{
    struct pair p = tls_pair();
    check_int(
        send(sock_fileno(p.b), "\x17\x03\x03\x01\x00half", 9, MSG_NOSIGNAL), 9);
    return p;
}

static struct pair unshaken(void)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    p.a = check_made(wrap(ctx, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    sock_ssl_context_free(ctx);
    return p;
}

TEST(ssl_storms, waiting_costs_nothing)
{
    struct pair p = tls_pair();
    waits("recv", &p, call_recv);
    p = tls_pair();
    waits("wait", &p, call_wait);
    p = tls_pair();
    waits("unwrap", &p, call_unwrap);
    p = full();
    waits("send", &p, call_send);
    p = full();
    waits("shutdown", &p, call_shutdown);
    p = half();
    waits("recv of half a record", &p, call_recv);
    p = half();
    waits("wait for half a record", &p, call_wait);
    p = unshaken();
    waits("recv before the handshake", &p, call_recv);
    p = unshaken();
    waits("send before the handshake", &p, call_send);
    p = unshaken();
    waits("wait before the handshake", &p, call_wait);
}

/* And a failure that lasts is at once there again. */
TEST(ssl_storms, failing_costs_nothing)
{
    struct pair p = tls_pair();
    char c;
    check_int(
        send(sock_fileno(p.b), "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL), 18);
    double used = cpu();
    for (int i = 0; i < 1000; i++) {
        check_int(sock_recv(p.a, &c, 1, 0), -1);
        check_int(sock_wait(p.a, SOCK_EVENT_READ, 10), SOCK_EVENT_READ);
        check_int(sock_ssl_wants(p.a, SOCK_EVENT_READ), 0);
    }
    check(cpu() - used < 2);
    free_pair(&p);
}
