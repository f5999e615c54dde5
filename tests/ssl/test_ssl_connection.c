/* SPDX-License-Identifier: MIT */
/* Making connections: wrapping, connecting, accepting, the handshake's time. */
#include "tls.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int server_side = SOCK_SSL_SERVER_SIDE;

/* Wrapping */

TEST(ssl_connection, wrapping_moves_the_descriptor)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    int fd = sock_fileno(plain.a);

    check_ok(sock_settimeout(plain.a, 7));
    sock_t *s = check_made(sock_ssl_wrap_socket(
        ctx, plain.a, SOCK_SSL_NO_HANDSHAKE, "localhost", NULL));
    check_int(sock_fileno(plain.a), -1);
    check_int(sock_fileno(s), fd);
    check(sock_gettimeout(s) == 7);
    check_int(sock_ssl_is_ssl(s), 1);
    check_int(sock_ssl_is_ssl(plain.a), 0);
    check_int(sock_family(s), AF_INET);
    check_int(sock_type(s), SOCK_STREAM);
    check_part(sock_send(plain.a, MARKER, 4, 0), SOCK_E_OS, EBADF, "");
    sock_free(s);
    free_pair(&plain);
    sock_ssl_context_free(ctx);
}

static void refuses_wrap(sock_ssl_context_t *ctx, int flags, const char *host,
                         const char *words)
{
    struct pair p = tcp_pair();
    int fd = sock_fileno(p.a);
    check_null_part(sock_ssl_wrap_socket(ctx, p.a, flags, host, NULL),
                    SOCK_E_VALUE, 0, words);
    check_int(sock_fileno(p.a), fd);
    check_ok(sock_sendall(p.a, "x", 1, 0)); /* it is as before */
    free_pair(&p);
}

TEST(ssl_connection, wrong_arguments_touch_nothing)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    refuses_wrap(server, server_side, "localhost",
                 "server_hostname can only be specified in client mode");
    refuses_wrap(server, 0, NULL,
                 "Cannot create a client socket with a PROTOCOL_TLS_SERVER "
                 "context");
    refuses_wrap(client, server_side, NULL,
                 "Cannot create a server socket with a PROTOCOL_TLS_CLIENT "
                 "context");
    refuses_wrap(NULL, server_side, NULL, "");
    refuses_wrap(client, 8, "localhost", "");
    refuses_wrap(client, -1, "localhost", "");
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_connection, a_handshake_needs_time)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    check_ok(sock_setblocking(p.a, 0));
    check_null_part(sock_ssl_wrap_socket(ctx, p.a, 0, "localhost", NULL),
                    SOCK_E_VALUE, 0,
                    "do_handshake_on_connect should not be specified for "
                    "non-blocking sockets");
    check(sock_fileno(p.a) >= 0);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

TEST(ssl_connection, sockets_that_cannot_be_wrapped)
{
    sock_ssl_context_t *ctx = client_context();
    sock_t *closed = closed_socket(SOCK_STREAM);
    struct pair datagrams = udp_pair();
    check_null_part(
        sock_ssl_wrap_socket(ctx, datagrams.a, 0, "localhost", NULL),
        SOCK_E_VALUE, 0, "only stream sockets are supported");
    check(sock_fileno(datagrams.a) >= 0);
    check_null_part(sock_ssl_wrap_socket(ctx, closed, 0, "localhost", NULL),
                    SOCK_E_OS, EBADF, "[Errno 9] Bad file descriptor");
    check_null_part(sock_ssl_wrap_socket(ctx, NULL, 0, "localhost", NULL),
                    SOCK_E_TYPE, 0, "");
    free_pair(&datagrams);
    sock_free(closed);
    sock_ssl_context_free(ctx);
}

/* Python does it in the clear. */
TEST(ssl_connection, wrapping_twice)
{
    struct pair p = tls_pair();
    sock_ssl_context_t *ctx = client_context();
    char c;
    check_null_part(sock_ssl_wrap_socket(ctx, p.a, 0, "localhost", NULL),
                    SOCK_E_VALUE, 0, "");
    check_ok(sock_sendall(p.a, "x", 1, 0));
    check_int(sock_recv(p.b, &c, 1, 0), 1);
    free_pair(&p);
    sock_ssl_context_free(ctx);
}

static void round_trip(struct pair *p)
{
    char buf[8];
    check_ok(sock_sendall(p->a, "ping", 4, 0));
    check_int(sock_recv_all(p->b, buf, 4), 4);
    check_bytes(buf, "ping", 4);
    check_ok(sock_sendall(p->b, "pong", 4, 0));
    check_int(sock_recv_all(p->a, buf, 4), 4);
    check_bytes(buf, "pong", 4);
}

TEST(ssl_connection, over_unix_sockets)
{
    struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
    round_trip(&p);
    free_pair(&p);
}

/* NULL is the default context, whose certificates are the environment's. */
TEST(ssl_connection, by_the_default_context)
{
    check_int(setenv("SSL_CERT_FILE", cert("root.pem"), 1), 0);
    sock_ssl_context_t *server = server_context("good");
    struct pair plain = tcp_pair();
    struct end a = {.plain = plain.a, .host = "localhost"};
    struct end b = {.ctx = server, .plain = plain.b, .flags = server_side};
    wrap_both(&a, &b);
    check_that(a.made != NULL, "%s", a.failure.text);
    struct pair p = {a.made, b.made};
    round_trip(&p);
    free_pair(&p);
    sock_ssl_context_free(server);
}

/* What a connection tells */

TEST(ssl_connection, what_it_is_called)
{
    struct pair p = tls_pair();
    check(strstr(object_repr(p.a), "ssl.SSLSocket") != NULL);
    check(strstr(object_repr(p.b), "ssl.SSLSocket") != NULL);
    free_pair(&p);
}

TEST(ssl_connection, before_the_handshake)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    char buf[64];
    sock_t *s =
        check_made(wrap(ctx, plain.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    check_part(sock_listen(plain.b, -7), SOCK_E_OS, EINVAL, "");
    check(sock_ssl_version(s) == NULL);
    sock_ssl_cipher_t cipher = {.name = "old"};
    check_ok(sock_ssl_cipher(s, &cipher));
    check(cipher.name == NULL);
    check_str(sock_last_error()->operation, "listen"); /* none recorded */
    check_int(sock_ssl_selected_alpn_protocol(s, buf, sizeof buf), 0);
    check_int(sock_ssl_server_hostname(s, buf, sizeof buf), 9);
    check_str(buf, "localhost");
    check_int(sock_ssl_server_side(s), 0);
    check_int(sock_ssl_pending(s), 0);
    sock_free(s);
    sock_free(plain.b);
    sock_ssl_context_free(ctx);
}

static struct pair pair_of_version(int version)
{
    sock_ssl_context_t *client = client_context();
    check_ok(sock_ssl_set_maximum_version(client, version));
    check_ok(sock_ssl_set_minimum_version(client, version));
    struct pair p = tls_pair_over(tcp_pair(), client, NULL);
    sock_ssl_context_free(client);
    return p;
}

TEST(ssl_connection, versions)
{
    struct pair p = pair_of_version(SOCK_SSL_TLSV1_2);
    check_str(sock_ssl_version(p.a), "TLSv1.2");
    check_str(sock_ssl_version(p.b), "TLSv1.2");
    round_trip(&p);
    free_pair(&p);
    p = pair_of_version(SOCK_SSL_TLSV1_3);
    check_str(sock_ssl_version(p.a), "TLSv1.3");
    check_str(sock_ssl_version(p.b), "TLSv1.3");
    round_trip(&p);
    free_pair(&p);
}

TEST(ssl_connection, names_and_sides)
{
    struct pair p = tls_pair();
    char buf[64] = "old";
    check_int(sock_ssl_server_side(p.a), 0);
    check_int(sock_ssl_server_side(p.b), 1);
    check_int(sock_ssl_server_hostname(p.a, buf, sizeof buf), 9);
    check_str(buf, "localhost");
    check_int(sock_ssl_server_hostname(p.a, buf, 9), 9); /* no room */
    check_str(buf, "");
    check_int(sock_ssl_server_hostname(p.a, NULL, 0), 9);
    check_int(sock_ssl_server_hostname(p.b, buf, sizeof buf), 0);
    check_int(sock_ssl_is_ssl(p.a), 1);
    check_int(sock_ssl_is_ssl(p.b), 1);
    free_pair(&p);
}

/* A plain object has none of it. */
TEST(ssl_connection, plain_objects)
{
    struct pair p = tcp_pair();
    char buf[8];
    check_int(sock_ssl_is_ssl(p.a), 0);
    check_int(sock_ssl_is_ssl(NULL), 0);
    check_part(sock_ssl_do_handshake(p.a), SOCK_E_VALUE, 0, "");
    check_null_part(sock_ssl_unwrap(p.a), SOCK_E_VALUE, 0, "");
    check(sock_fileno(p.a) >= 0);
    check_part(sock_ssl_pending(p.a), SOCK_E_VALUE, 0, "");
    check_null_part(sock_ssl_version(p.a), SOCK_E_VALUE, 0, "");
    check_part(sock_ssl_selected_alpn_protocol(p.a, buf, 8), SOCK_E_VALUE, 0,
               "");
    check_part(sock_ssl_server_hostname(p.a, buf, 8), SOCK_E_VALUE, 0, "");
    check_part(sock_ssl_server_side(p.a), SOCK_E_VALUE, 0, "");
    free_pair(&p);
}

TEST(ssl_connection, no_objects)
{
    char buf[8];
    check_part(sock_ssl_do_handshake(NULL), SOCK_E_TYPE, 0, "");
    check_null_part(sock_ssl_unwrap(NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_pending(NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_wants(NULL, SOCK_EVENT_READ), SOCK_E_TYPE, 0, "");
    check_null_part(sock_ssl_version(NULL), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_selected_alpn_protocol(NULL, buf, 8), SOCK_E_TYPE, 0,
               "");
    check_part(sock_ssl_server_hostname(NULL, buf, 8), SOCK_E_TYPE, 0, "");
    check_part(sock_ssl_server_side(NULL), SOCK_E_TYPE, 0, "");
}

/* ALPN */

static void alpn(const char *const *clients, size_t client_count,
                 const char *const *servers, size_t server_count,
                 const char *chosen)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    char buf[16] = "", other[16] = "";
    check_ok(sock_ssl_set_alpn_protocols(client, clients, client_count));
    check_ok(sock_ssl_set_alpn_protocols(server, servers, server_count));
    struct pair p = tls_pair_over(tcp_pair(), client, server);
    check_int(sock_ssl_selected_alpn_protocol(p.a, buf, sizeof buf),
              strlen(chosen));
    check_int(sock_ssl_selected_alpn_protocol(p.b, other, sizeof other),
              strlen(chosen));
    check_str(buf, chosen);
    check_str(other, chosen);
    free_pair(&p);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

TEST(ssl_connection, alpn_by_the_servers_order)
{
    static const char *const two[] = {"h2", "http/1.1"},
                             *const reversed[] = {"http/1.1", "h2"},
                             *const others[] = {"imap", "h2c"};
    alpn(two, 2, reversed, 2, "http/1.1");
    alpn(reversed, 2, two, 2, "h2");
    alpn(two, 1, reversed, 2, "h2");
    alpn(two, 2, others, 2, ""); /* no error */
    alpn(two, 2, NULL, 0, "");
    alpn(NULL, 0, two, 2, "");
}

/* The handshake */

TEST(ssl_connection, the_first_call_makes_the_handshake)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct pair plain = tcp_pair();
    char buf[8];
    struct end b = {.ctx = server, .plain = plain.b, .flags = server_side};
    check_ok(sock_settimeout(plain.a, 10));
    check_ok(sock_settimeout(plain.b, 10));
    begin_end(&b);
    sock_t *a =
        check_made(wrap(client, plain.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    check_ok(sock_sendall(a, "hello", 5, 0));
    finish_end(&b);
    check_that(b.made != NULL, "%s", b.failure.text);
    check_int(sock_recv_all(b.made, buf, 5), 5);
    check_str(sock_ssl_version(a), "TLSv1.3");
    check_ok(sock_ssl_do_handshake(a)); /* it is made */
    check_ok(sock_ssl_do_handshake(b.made));
    sock_free(a);
    sock_free(b.made);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* Both ends of a thread that never waits, as an event loop does. */
static void shake_without_waiting(struct pair *p)
{
    sock_t *both[2] = {p->a, p->b};
    bool done[2] = {false, false};
    double limit = now() + 10;
    while ((!done[0] || !done[1]) && now() < limit) {
        for (int i = 0; i < 2; i++) {
            if (done[i])
                continue;
            done[i] = sock_ssl_do_handshake(both[i]) == 0;
            check_that(done[i] || errno == EAGAIN, "%s", error_text());
        }
    }
    check(done[0] && done[1]);
}

static struct pair not_blocking(void)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct pair p = tcp_pair();
    check_ok(sock_setblocking(p.a, 0));
    check_ok(sock_setblocking(p.b, 0));
    p.a = check_made(wrap(client, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    p.b = check_made(
        wrap(server, p.b, SOCK_SSL_NO_HANDSHAKE | server_side, NULL));
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return p;
}

TEST(ssl_connection, without_waiting)
{
    struct pair p = not_blocking();
    char c;
    check_part(sock_recv(p.b, &c, 1, 0), SOCK_E_OS, EAGAIN,
               "[Errno 11] Resource temporarily unavailable");
    shake_without_waiting(&p);
    check_int(sock_send(p.a, "x", 1, 0), 1);
    check_int(sock_wait(p.b, SOCK_EVENT_READ, 10), SOCK_EVENT_READ);
    check_int(sock_recv(p.b, &c, 1, 0), 1);
    check_part(sock_recv(p.b, &c, 1, 0), SOCK_E_OS, EAGAIN, "");
    free_pair(&p);
}

/* wants says what to poll for until the end of the handshake. */
TEST(ssl_connection, wants_in_the_handshake)
{
    struct pair p = not_blocking();
    sock_t *both[2] = {p.a, p.b};
    int done = 0;
    for (int step = 0; done != 3 && step < 100; step++) {
        sock_t *s = both[step % 2];
        if ((done & (1 << step % 2)) != 0)
            continue;
        if (sock_ssl_do_handshake(s) == 0) {
            done |= 1 << step % 2;
            continue;
        }
        check_int(errno, EAGAIN);
        check_int(sock_ssl_wants(s, SOCK_EVENT_READ), POLLIN);
    }
    check_int(done, 3);
    free_pair(&p);
}

/* A handshake that is owed is made by waiting. */
static void *wait_to_read(void *arg)
{
    char *c = malloc(1);
    int found = sock_wait(arg, SOCK_EVENT_READ, 10);
    if (found == SOCK_EVENT_READ && sock_recv(arg, c, 1, 0) == 1)
        return c;
    free(c);
    return NULL;
}

TEST(ssl_connection, waiting_makes_the_handshake)
{
    struct pair p = not_blocking();
    pthread_t thread;
    void *c;
    check_ok(sock_settimeout(p.a, 10));
    check_int(pthread_create(&thread, NULL, wait_to_read, p.b), 0);
    check_ok(sock_sendall(p.a, "x", 1, 0));
    check_int(pthread_join(thread, &c), 0);
    check(c != NULL);
    check_bytes(c, "x", 1);
    free(c);
    free_pair(&p);
}

/* Time */

static void silent(int flags, const char *host, sock_ssl_context_t *ctx)
{
    struct pair p = tcp_pair();
    check_ok(sock_settimeout(p.a, 0.1));
    double begin = now();
    check_null_part(wrap(ctx, p.a, flags, host), SOCK_E_TIMEOUT, 0,
                    "timed out");
    double took = now() - begin;
    check(took >= 0.1 && took < 2);
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

TEST(ssl_connection, silent_peers)
{
    silent(0, "localhost", client_context());
    silent(server_side, NULL, server_context("good"));
}

/* A byte each 20 ms: the handshake as a whole has its time. */
TEST(ssl_connection, dribbling_peers)
{
    struct course slow = {.pause_ms = 20}, fast = {WIRE_GOES_ON, 0, 0};
    struct wire *w = wire_new(fast, slow);
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct end a = {.ctx = client, .plain = w->client, .host = "localhost"};
    struct end b = {.ctx = server, .plain = w->server, .flags = server_side};
    check_ok(sock_settimeout(w->client, 0.3));
    check_ok(sock_settimeout(w->server, 10));
    begin_end(&b);
    begin_end(&a);
    finish_end(&a);
    check(a.made == NULL);
    check_failure(&a.failure, SOCK_E_TIMEOUT, 0, "timed out");
    check_that(a.took >= 0.3 && a.took < 2, "it took %g s", a.took);
    finish_end(&b);
    check(b.made == NULL);
    wire_join(w);
    wire_free(w);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* But who dribbles within it is served. */
TEST(ssl_connection, dribbling_in_time)
{
    struct course slow = {.pause_ms = 1};
    struct wire *w = wire_new(slow, slow);
    struct pair p =
        tls_pair_over((struct pair){w->client, w->server}, NULL, NULL);
    round_trip(&p);
    free_pair(&p);
    wire_join(w);
    wire_free(w);
}

TEST(ssl_connection, a_deadline_is_the_handshakes_too)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    check_ok(sock_set_deadline(p.a, 0.05));
    double begin = now();
    check_null_part(wrap(ctx, p.a, 0, "localhost"), SOCK_E_TIMEOUT, 0,
                    "timed out");
    check(now() - begin < 2);
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

static void *fire(void *arg)
{
    poll(NULL, 0, 20);
    sock_cancel_fire(arg);
    return NULL;
}

TEST(ssl_connection, a_token_ends_the_handshake)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    sock_cancel_t *token = check_made(sock_cancel_new());
    pthread_t thread;
    check_ok(sock_set_cancel(p.a, token));
    check_int(pthread_create(&thread, NULL, fire, token), 0);
    check_null_part(wrap(ctx, p.a, 0, "localhost"), SOCK_E_CANCELLED, 0,
                    "cancelled");
    check_int(pthread_join(thread, NULL), 0);
    sock_free(p.b);
    sock_cancel_free(token);
    sock_ssl_context_free(ctx);
}

/* Connecting */

/* One client: accepted, shaken hands with, echoed to its end. */
struct echo {
    sock_t *listener;        /* plain or wrapped */
    sock_ssl_context_t *ctx; /* to wrap by; NULL: the listener is wrapped */
    long received;
    struct failure failure;
    pthread_t thread;
};

static sock_t *echo_accept(struct echo *e)
{
    sock_t *s = sock_accept(e->listener, NULL);
    if (s == NULL)
        return NULL;
    sock_settimeout(s, 10);
    return e->ctx != NULL ? wrap(e->ctx, s, server_side, NULL) : s;
}

static void *run_echo(void *arg)
{
    struct echo *e = arg;
    char buf[4096];
    ssize_t n = -1;
    sock_t *s = echo_accept(e);
    while (s != NULL && (n = sock_recv(s, buf, sizeof buf, 0)) > 0) {
        e->received += n;
        sock_sendall(s, buf, (size_t)n, 0);
    }
    if (n < 0)
        e->failure = last_failure();
    sock_free(s);
    OPENSSL_thread_stop();
    return NULL;
}

static void echo_begin(struct echo *e)
{
    check_ok(sock_settimeout(e->listener, 10));
    check_int(pthread_create(&e->thread, NULL, run_echo, e), 0);
}

static void echo_finish(struct echo *e)
{
    check_int(pthread_join(e->thread, NULL), 0);
    sock_freep(&e->listener);
}

static void echoes(sock_t *s)
{
    char buf[8];
    check_ok(sock_sendall(s, "hello", 5, 0));
    check_int(sock_recv_all(s, buf, 5), 5);
    check_bytes(buf, "hello", 5);
}

static sock_t *unconnected(sock_ssl_context_t *ctx, int flags)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_settimeout(s, 10));
    return check_made(wrap(ctx, s, flags, "localhost"));
}

TEST(ssl_connection, connect_makes_the_handshake)
{
    sock_addr_t address;
    sock_ssl_context_t *ctx = client_context();
    struct echo e = {.listener = listener(&address),
                     .ctx = server_context("good")};
    char c;
    sock_t *s = unconnected(ctx, 0);
    check_part(sock_recv(s, &c, 1, 0), SOCK_E_OS, ENOTCONN, "");
    check_part(sock_send(s, "x", 1, 0), SOCK_E_OS, ENOTCONN, "");
    check_part(sock_ssl_do_handshake(s), SOCK_E_OS, ENOTCONN, "");
    echo_begin(&e);
    check_ok(sock_connect(s, address));
    check_str(sock_ssl_version(s), "TLSv1.3");
    echoes(s);
    sock_free(s);
    echo_finish(&e);
    check_int(e.received, 5);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(e.ctx);
}

TEST(ssl_connection, connect_leaves_it_to_the_first_call)
{
    sock_addr_t address;
    sock_ssl_context_t *ctx = client_context();
    struct echo e = {.listener = listener(&address),
                     .ctx = server_context("good")};
    sock_t *s = unconnected(ctx, SOCK_SSL_NO_HANDSHAKE);
    echo_begin(&e);
    check_ok(sock_connect(s, address));
    check(sock_ssl_version(s) == NULL);
    echoes(s);
    sock_free(s);
    echo_finish(&e);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(e.ctx);
}

/* The name of the server is not the one that it shows. */
TEST(ssl_connection, connect_fails_as_the_handshake_does)
{
    sock_addr_t address;
    char c;
    sock_ssl_context_t *ctx = client_context();
    struct echo e = {.listener = listener(&address),
                     .ctx = server_context("wrong")};
    sock_t *s = unconnected(ctx, 0);
    echo_begin(&e);
    check_part(sock_connect(s, address), SOCK_E_TLS, TLS_FAILED,
               "certificate verify failed: Hostname mismatch");
    check_int(sock_last_error()->verify_code, 62);
    check_str(sock_last_error()->operation, "connect");
    check_part(sock_send(s, "x", 1, 0), SOCK_E_TLS, TLS_FAILED,
               "certificate verify failed: Hostname mismatch");
    check_part(sock_recv(s, &c, 1, 0), SOCK_E_TLS, TLS_FAILED,
               "certificate verify failed: Hostname mismatch");
    echo_finish(&e);
    sock_free(s);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(e.ctx);
}

TEST(ssl_connection, connect_has_one_time_for_both)
{
    sock_addr_t address;
    sock_ssl_context_t *ctx = client_context();
    sock_t *server = listener(&address); /* never accepts */
    sock_t *s = unconnected(ctx, 0);
    check_ok(sock_settimeout(s, 0.1));
    double begin = now();
    check_part(sock_connect(s, address), SOCK_E_TIMEOUT, 0, "timed out");
    check(now() - begin < 2);
    sock_free(s);
    sock_free(server);
    sock_ssl_context_free(ctx);
}

TEST(ssl_connection, connect_refused)
{
    sock_addr_t address;
    sock_ssl_context_t *ctx = client_context();
    sock_t *holder = unused_port(&address);
    sock_t *s = unconnected(ctx, 0);
    check_part(sock_connect(s, address), SOCK_E_OS, ECONNREFUSED, "");
    sock_free(s);
    check_null_part(sock_ssl_create_connection(ctx, "127.0.0.1",
                                               sock_addr_port(&address), 5),
                    SOCK_E_OS, ECONNREFUSED, "");
    sock_free(holder);
    sock_ssl_context_free(ctx);
}

/* As an event loop connects. */
TEST(ssl_connection, connect_without_waiting)
{
    sock_addr_t address;
    sock_ssl_context_t *ctx = client_context();
    struct echo e = {.listener = listener(&address),
                     .ctx = server_context("good")};
    sock_t *s = unconnected(ctx, SOCK_SSL_NO_HANDSHAKE);
    check_ok(sock_setblocking(s, 0));
    echo_begin(&e);
    int err = sock_connect_ex(s, address);
    check(err == 0 || err == EINPROGRESS);
    double limit = now() + 10;
    while (sock_ssl_do_handshake(s) < 0) {
        check_that(errno == EAGAIN || errno == ENOTCONN, "%s", error_text());
        check(now() < limit);
        check_ok(sock_wait(s, SOCK_EVENT_WRITE, 10));
    }
    check_ok(sock_settimeout(s, 10));
    echoes(s);
    sock_free(s);
    echo_finish(&e);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(e.ctx);
}

TEST(ssl_connection, create_connection)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1"};
    for (int i = 0; i < 2; i++) {
        sock_addr_t address;
        sock_ssl_context_t *ctx = client_context();
        struct echo e = {.listener = listener(&address),
                         .ctx = server_context("good")};
        echo_begin(&e);
        sock_t *s = check_made(sock_ssl_create_connection(
            ctx, hosts[i], sock_addr_port(&address), 10));
        check_str(sock_ssl_version(s), "TLSv1.3");
        echoes(s);
        sock_free(s);
        echo_finish(&e);
        sock_ssl_context_free(ctx);
        sock_ssl_context_free(e.ctx);
    }
}

TEST(ssl_connection, create_connection_checks_the_host)
{
    sock_addr_t address;
    sock_ssl_context_t *ctx = client_context();
    struct echo e = {.listener = listener(&address),
                     .ctx = server_context("wrong")};
    echo_begin(&e);
    check_null_part(sock_ssl_create_connection(ctx, "127.0.0.1",
                                               sock_addr_port(&address), 10),
                    SOCK_E_TLS, TLS_FAILED, "IP address mismatch");
    check_int(sock_last_error()->verify_code, 64);
    echo_finish(&e);
    check_failure(&e.failure, SOCK_E_TLS, TLS_FAILED, "BAD_CERTIFICATE");
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(e.ctx);
}

TEST(ssl_connection, create_connection_has_one_deadline)
{
    sock_addr_t address;
    sock_ssl_context_t *ctx = client_context();
    sock_t *server = listener(&address); /* never accepts */
    double begin = now();
    check_null_part(sock_ssl_create_connection(ctx, "127.0.0.1",
                                               sock_addr_port(&address), 0.1),
                    SOCK_E_TIMEOUT, 0, "timed out");
    check(now() - begin < 2);
    sock_free(server);
    sock_ssl_context_free(ctx);
}

TEST(ssl_connection, create_connection_by_a_servers_context)
{
    sock_ssl_context_t *ctx = server_context("good");
    check_null_part(sock_ssl_create_connection(ctx, "127.0.0.1", 9, 1),
                    SOCK_E_VALUE, 0, "PROTOCOL_TLS_SERVER");
    sock_ssl_context_free(ctx);
}

TEST(ssl_connection, create_connection_to_no_one)
{
    sock_ssl_context_t *ctx = client_context();
    check_null_part(sock_ssl_create_connection(ctx, NULL, 9, 1), SOCK_E_VALUE,
                    0, "check_hostname requires server_hostname");
    sock_ssl_context_free(ctx);
}

/* A flight that the system takes in pieces: the rest is sent before the answer
 * to it is waited for. */
TEST(ssl_connection, a_flight_of_many_pieces)
{
    for (int i = 0; i < 2; i++) {
        struct pair plain = unix_pair(SOCK_STREAM);
        check_ok(sock_setsockopt_int(plain.a, SOL_SOCKET, SO_SNDBUF, 1));
        check_ok(sock_setsockopt_int(plain.b, SOL_SOCKET, SO_SNDBUF, 1));
        sock_ssl_context_t *client = client_context();
        sock_ssl_context_t *server = server_context("big");
        check_ok(sock_ssl_set_maximum_version(
            client, i == 0 ? SOCK_SSL_TLSV1_2 : SOCK_SSL_TLSV1_3));
        struct pair p = tls_pair_over(plain, client, server);
        free_pair(&p);
        sock_ssl_context_free(client);
        sock_ssl_context_free(server);
    }
}

/* Accepting */

static sock_t *wrapped_listener(sock_addr_t *address, const char *leaf,
                                int flags)
{
    sock_ssl_context_t *ctx = server_context(leaf);
    sock_t *s =
        check_made(wrap(ctx, listener(address), server_side | flags, NULL));
    sock_ssl_context_free(ctx);
    return s;
}

TEST(ssl_connection, accepted_are_wrapped)
{
    sock_addr_t address;
    sock_ssl_context_t *ctx = client_context();
    struct echo e = {.listener = wrapped_listener(&address, "good", 0)};
    check_int(sock_ssl_is_ssl(e.listener), 1);
    echo_begin(&e);
    sock_t *s = check_made(sock_ssl_create_connection(
        ctx, "127.0.0.1", sock_addr_port(&address), 10));
    echoes(s);
    sock_free(s);
    echo_finish(&e);
    check_int(e.received, 5);
    check_int(e.failure.error.kind, SOCK_E_NONE);
    sock_ssl_context_free(ctx);
}

/* Who connects and says nothing keeps no one. */
TEST(ssl_connection, silent_clients_do_not_block_accept)
{
    sock_addr_t address;
    enum { SILENT = 100 };
    sock_t *silent_ones[SILENT], *accepted[SILENT];
    sock_ssl_context_t *ctx = client_context();
    struct echo e = {.listener = wrapped_listener(&address, "good", 0)};
    check_ok(sock_settimeout(e.listener, 10));
    double begin = now();
    for (int i = 0; i < SILENT; i++) {
        silent_ones[i] = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
        check_ok(sock_connect(silent_ones[i], address));
        accepted[i] = check_made(sock_accept(e.listener, NULL));
        check_int(sock_ssl_is_ssl(accepted[i]), 1);
        check(sock_ssl_version(accepted[i]) == NULL);
    }
    echo_begin(&e);
    sock_t *s = check_made(sock_ssl_create_connection(
        ctx, "127.0.0.1", sock_addr_port(&address), 10));
    echoes(s);
    check(now() - begin < 5);
    sock_free(s);
    echo_finish(&e);
    for (int i = 0; i < SILENT; i++) {
        sock_free(silent_ones[i]);
        sock_free(accepted[i]);
    }
    sock_ssl_context_free(ctx);
}

/* It is the accepted one that waits, for as long as it may itself. */
TEST(ssl_connection, a_silent_client_and_its_time)
{
    sock_addr_t address;
    char c;
    sock_t *server = wrapped_listener(&address, "good", 0);
    sock_t *client = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(client, address));
    sock_t *s = check_made(sock_accept(server, NULL));
    check_ok(sock_settimeout(s, 0.05));
    double begin = now();
    check_part(sock_recv(s, &c, 1, 0), SOCK_E_TIMEOUT, 0, "timed out");
    check(now() - begin < 2);
    check_part(sock_ssl_do_handshake(s), SOCK_E_TIMEOUT, 0, "timed out");
    sock_free(s);
    sock_free(client);
    sock_free(server);
}

/* A client that is no friend is one connection's, not the listener's. */
TEST(ssl_connection, accept_does_not_fail_for_a_client)
{
    sock_addr_t address;
    char c;
    sock_t *server = wrapped_listener(&address, "good", 0);
    sock_t *client = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_settimeout(server, 10));
    check_ok(sock_connect(client, address));
    check_ok(sock_sendall(client, "GET / HTTP/1.0\r\n\r\n", 18, 0));
    sock_t *s = check_made(sock_accept(server, NULL));
    check_ok(sock_settimeout(s, 10));
    check_part(sock_recv(s, &c, 1, 0), SOCK_E_TLS, TLS_FAILED,
               "[SSL: HTTP_REQUEST]");
    sock_free(s);
    sock_free(client);
    sock_free(server);
}

/* The listener's flag is that of what it accepts. */
TEST(ssl_connection, accepted_inherit_the_flags)
{
    sock_addr_t address;
    char c;
    sock_t *server =
        wrapped_listener(&address, "good", SOCK_SSL_SUPPRESS_RAGGED_EOFS);
    struct raw raw = {.talk = raw_fin};
    sock_t *client = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(client, address));
    sock_t *s = check_made(sock_accept(server, NULL));
    check_ok(sock_settimeout(s, 10));
    raw.fd = sock_detach(client);
    sock_free(client);
    raw_begin(&raw);
    check_int(sock_recv(s, &c, 1, 0), 0);
    sock_free(s);
    raw_finish(&raw);
    check_int(raw.shaken, 1);
    sock_free(server);
}

/* A bind, listen and accept of what was wrapped before. */
TEST(ssl_connection, wrapped_before_it_listens)
{
    sock_addr_t address;
    sock_ssl_context_t *ctx = client_context();
    sock_ssl_context_t *server = server_context("good");
    sock_t *plain = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    struct echo e = {.listener =
                         check_made(wrap(server, plain, server_side, NULL))};
    check_ok(sock_bind(e.listener, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_listen(e.listener, 1));
    check_ok(sock_getsockname(e.listener, &address));
    echo_begin(&e);
    sock_t *s = check_made(sock_ssl_create_connection(
        ctx, "127.0.0.1", sock_addr_port(&address), 10));
    echoes(s);
    sock_free(s);
    echo_finish(&e);
    check_int(e.received, 5);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(server);
}
