/* SPDX-License-Identifier: MIT */
/* Peers and wires that misbehave, and users of OpenSSL who do. */
#include "tls.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/err.h>

static const struct course goes_on = {WIRE_GOES_ON, 0, 0};
static const struct course undisturbed[2] = {{WIRE_GOES_ON, 0, 0},
                                             {WIRE_GOES_ON, 0, 0}};

/* CPU seconds of this process. */
static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Something else is said than TLS */

static void hears(const char *text, int flags, int kind, const char *words)
{
    struct pair p = tcp_pair();
    bool server = (flags & SOCK_SSL_SERVER_SIDE) != 0;
    sock_ssl_context_t *ctx =
        server ? server_context("good") : client_context();
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_sendall(p.b, text, strlen(text), 0));
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_null_part(wrap(ctx, p.a, flags, server ? NULL : "localhost"),
                    SOCK_E_TLS, kind, words);
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

TEST(ssl_faults, http_to_a_server)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\n\r\n", "POST /a HTTP/1.0\r\n\r\n",
        "HEAD / HTTP/1.1\r\n\r\n", "PUT /a HTTP/1.1\r\n\r\n"};
    for (int i = 0; i < 4; i++)
        hears(requests[i], SOCK_SSL_SERVER_SIDE, TLS_FAILED,
              "[SSL: HTTP_REQUEST]");
}

TEST(ssl_faults, other_text)
{
    hears("220 mail.test ESMTP\r\n", 0, TLS_FAILED,
          "[SSL: WRONG_VERSION_NUMBER]");
    hears("HTTP/1.1 400 Bad Request\r\n\r\n", 0, TLS_FAILED,
          "[SSL: WRONG_VERSION_NUMBER]");
    hears("EHLO mail.test\r\n", SOCK_SSL_SERVER_SIDE, TLS_FAILED,
          "[SSL: WRONG_VERSION_NUMBER]");
    hears("", 0, TLS_CUT, "EOF occurred in violation of protocol");
    hears("", SOCK_SSL_SERVER_SIDE, TLS_CUT,
          "EOF occurred in violation of protocol");
    hears("\x16\x03", 0, TLS_CUT, "EOF occurred in violation of protocol");
}

/* An alert in the clear is one all the same. */
TEST(ssl_faults, an_alert_at_once)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    static const char alert[] = "\x15\x03\x03\x00\x02\x02\x28";
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_sendall(p.b, alert, 7, 0));
    check_null_part(wrap(ctx, p.a, 0, "localhost"), SOCK_E_TLS, TLS_FAILED,
                    "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]");
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

/* A command in the clear, before TLS, is no part of what is said inside
 * (CVE-2011-0411, CVE-2021-23222). */
TEST(ssl_faults, text_before_the_handshake_of_the_peer)
{
    static const char lines[] = "STARTTLS\r\nMAIL FROM: <mallory>\r\n";
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = server_context("good");
    char line[64];
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_sendall(p.b, lines, sizeof lines - 1, 0));
    check_int(sock_recv_until(p.a, line, sizeof line, '\n'), 10);
    check_null_part(wrap(ctx, p.a, SOCK_SSL_SERVER_SIDE, NULL), SOCK_E_TLS,
                    TLS_FAILED, "[SSL: WRONG_VERSION_NUMBER]");
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

/* Nor is one that follows (CVE-2023-40217 is about the like). */
TEST(ssl_faults, text_behind_the_handshake_of_the_peer)
{
    struct pair p = tls_pair();
    char buf[32];
    check_int(send(sock_fileno(p.b), "injected in the clear", 21, MSG_NOSIGNAL),
              21);
    for (int i = 0; i < 3; i++)
        check_part(sock_recv(p.a, buf, sizeof buf, 0), SOCK_E_TLS, TLS_FAILED,
                   "[SSL: WRONG_VERSION_NUMBER]");
    check_part(sock_send(p.a, "x", 1, 0), SOCK_E_TLS, TLS_FAILED,
               "[SSL: WRONG_VERSION_NUMBER]");
    check_part(sock_ssl_do_handshake(p.a), SOCK_E_TLS, TLS_FAILED,
               "[SSL: WRONG_VERSION_NUMBER]");
    check_part(sock_ssl_unwrap(p.a) == NULL ? -1 : 0, SOCK_E_TLS, TLS_FAILED,
               "");
    free_pair(&p);
}

/* Wires that end */

struct outcome {
    struct end client, server;
    long received;          /* by the client, of what the server sent */
    struct failure failure; /* of the client's receiving, or of the server's */
    bool clean;
};

static const char text[] = MARKER " and some more, that fills a record";

/* Says the text, and then waits until the client is done. */
static void *serve_text(void *arg)
{
    struct outcome *o = arg;
    struct end *e = &o->server;
    char c;
    e->made = wrap(e->ctx, e->plain, e->flags, e->host);
    if (e->made == NULL)
        e->failure = last_failure();
    else if (sock_sendall(e->made, text, sizeof text, 0) < 0 ||
             sock_shutdown(e->made, SHUT_WR) < 0 ||
             sock_recv(e->made, &c, 1, 0) < 0)
        e->failure = last_failure();
    OPENSSL_thread_stop();
    return NULL;
}

static void receive_text(struct outcome *o)
{
    char got[256];
    o->received = 0;
    ssize_t n;
    do {
        n = sock_recv(o->client.made, got, sizeof got, 0);
        if (n > 0)
            check_bytes(got, text + o->received, (size_t)n);
        o->received += n > 0 ? n : 0;
    } while (n > 0);
    o->clean = n == 0;
    if (n < 0)
        o->failure = last_failure();
    if (n < 0 && o->failure.error.kind != SOCK_E_TIMEOUT) {
        for (int i = 0; i < 2; i++) { /* it sticks */
            check_int(sock_recv(o->client.made, got, sizeof got, 0), -1);
            check_int(sock_last_error()->kind, o->failure.error.kind);
            check_int(sock_last_error()->code, o->failure.error.code);
        }
    }
}

/* Who is told a wrong length waits for what will not come. */
static double patience(const struct course courses[2])
{
    bool flips = courses[0].event == WIRE_FLIP || courses[1].event == WIRE_FLIP;
    return flips ? 0.2 : 10;
}

static bool has_resets(const struct course courses[2])
{
    return courses[0].event == WIRE_RESET || courses[1].event == WIRE_RESET;
}

/* Only TCP has resets; but each of its connections leaves a port in use. */
static struct wire *wire_of(const struct course courses[2])
{
    if (has_resets(courses))
        return wire_new(courses[0], courses[1]);
    struct pair left = unix_pair(SOCK_STREAM), right = unix_pair(SOCK_STREAM);
    return wire_new_over(left, right, courses[0], courses[1]);
}

/* A server says the text, through that wire. What the wire saw; the contexts
 * are given. */
static struct outcome converse(sock_ssl_context_t *client,
                               sock_ssl_context_t *server,
                               const struct course courses[2], size_t sizes[2])
{
    struct wire *w = wire_of(courses);
    struct outcome o = {
        .client = {.ctx = client, .plain = w->client, .host = "localhost"},
        .server = {
            .ctx = server, .plain = w->server, .flags = SOCK_SSL_SERVER_SIDE}};
    check_ok(sock_settimeout(w->client, patience(courses)));
    check_ok(sock_settimeout(w->server, patience(courses)));
    check_int(pthread_create(&o.server.thread, NULL, serve_text, &o), 0);
    begin_end(&o.client);
    finish_end(&o.client);
    if (o.client.made != NULL)
        receive_text(&o);
    sock_freep(&o.client.made);
    check_int(pthread_join(o.server.thread, NULL), 0);
    sock_freep(&o.server.made);
    wire_join(w);
    check(!wire_has(w, MARKER));
    if (sizes != NULL) {
        sizes[0] = w->flows[0].size;
        sizes[1] = w->flows[1].size;
    }
    wire_free(w);
    return o;
}

/* Sizes of a conversation by this version; signatures vary by a few bytes. */
static void measure(sock_ssl_context_t *client, sock_ssl_context_t *server,
                    size_t sizes[2])
{
    struct outcome o = converse(client, server, undisturbed, sizes);
    check(o.clean);
    check_int(o.received, sizeof text);
    check_int(o.server.failure.error.kind, SOCK_E_NONE);
}

enum { TO_SERVER, TO_CLIENT };

struct sweep {
    enum wire_event event;
    int version, direction;
    int part, parts; /* at each byte of that part of what is said */
};

typedef void judge_fn(const struct outcome *o, size_t at);

static void sweep_part(const struct sweep *s, sock_ssl_context_t *client,
                       sock_ssl_context_t *server, judge_fn *judge)
{
    size_t sizes[2];
    measure(client, server, sizes);
    /* The last bytes are those of close_notify, of which none may be missing;
     * the length of a signature varies. */
    size_t size = sizes[s->direction] - 10;
    size_t from = size * (size_t)s->part / (size_t)s->parts;
    size_t to = size * ((size_t)s->part + 1) / (size_t)s->parts;
    size_t step = s->event == WIRE_RESET ? 29 : 1;
    if (under_valgrind()) /* where each takes its time */
        step = 1 + size / (5 * (size_t)s->parts);
    double begin = cpu();
    int runs = 0;
    for (size_t at = from; at < to; runs++) {
        struct course courses[2] = {undisturbed[0], undisturbed[1]};
        courses[s->direction] = (struct course){.event = s->event, .at = at};
        struct outcome o = converse(client, server, courses, NULL);
        judge(&o, at);
        at += step;
    }
    check(cpu() - begin < (under_valgrind() ? 10 : 0.1) * runs);
}

static void sweep(const struct sweep *s, judge_fn *judge)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_maximum_version(client, s->version));
    check_ok(sock_ssl_set_minimum_version(client, s->version));
    sweep_part(s, client, server, judge);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* What the client failed with, wherever it did. */
static const struct failure *of_client(const struct outcome *o)
{
    return o->client.failure.error.kind != SOCK_E_NONE ? &o->client.failure
                                                       : &o->failure;
}

static void check_cut(const struct failure *f, size_t at)
{
    check_that(f->error.kind == SOCK_E_TLS && f->error.code == TLS_CUT &&
                   f->err == ECONNRESET,
               "FIN at %zu: %s", at, f->text);
}

static void client_cut(const struct outcome *o, size_t at)
{
    check_that(!o->clean, "FIN at %zu: a clean end", at);
    check_cut(of_client(o), at);
}

static void server_cut(const struct outcome *o, size_t at)
{
    check_cut(&o->server.failure, at);
}

static void check_reset(const struct failure *f, size_t at)
{
    check_that(f->error.kind == SOCK_E_OS &&
                   (f->error.code == ECONNRESET || f->error.code == EPIPE),
               "RST at %zu: %s", at, f->text);
}

static void client_reset(const struct outcome *o, size_t at)
{
    check_that(!o->clean, "RST at %zu: a clean end", at);
    check_reset(of_client(o), at);
}

/* One that was reset before it was wrapped has no peer. */
static void server_reset(const struct outcome *o, size_t at)
{
    if (o->server.failure.error.code != ENOTCONN)
        check_reset(&o->server.failure, at);
}

/* A flipped bit: an error of one of them, or one that does not matter; never
 * other bytes, and never a text that is cut. */
static void flipped(const struct outcome *o, size_t at)
{
    bool whole = o->clean && o->received == sizeof text;
    bool failed = of_client(o)->error.kind != SOCK_E_NONE;
    check_that(whole || failed, "a flip at %zu: a clean end after %ld bytes",
               at, o->received);
}

#define SWEEPS(name, part)                                                     \
    TEST(ssl_faults, cut_anywhere_##name)                                      \
    {                                                                          \
        sweep(&(struct sweep){WIRE_FIN, SOCK_SSL_TLSV1_3, TO_CLIENT, part, 2}, \
              client_cut);                                                     \
    }                                                                          \
    TEST(ssl_faults, cut_anywhere_in_tls_1_2_##name)                           \
    {                                                                          \
        sweep(&(struct sweep){WIRE_FIN, SOCK_SSL_TLSV1_2, TO_CLIENT, part, 2}, \
              client_cut);                                                     \
    }                                                                          \
    TEST(ssl_faults, flipped_anywhere_##name)                                  \
    {                                                                          \
        sweep(                                                                 \
            &(struct sweep){WIRE_FLIP, SOCK_SSL_TLSV1_3, TO_CLIENT, part, 2},  \
            flipped);                                                          \
    }                                                                          \
    TEST(ssl_faults, flipped_anywhere_in_tls_1_2_##name)                       \
    {                                                                          \
        sweep(                                                                 \
            &(struct sweep){WIRE_FLIP, SOCK_SSL_TLSV1_2, TO_CLIENT, part, 2},  \
            flipped);                                                          \
    }

SWEEPS(first, 0)
SWEEPS(second, 1)

TEST(ssl_faults, reset_anywhere)
{
    sweep(&(struct sweep){WIRE_RESET, SOCK_SSL_TLSV1_3, TO_CLIENT, 0, 1},
          client_reset);
    sweep(&(struct sweep){WIRE_RESET, SOCK_SSL_TLSV1_2, TO_CLIENT, 0, 1},
          client_reset);
}

/* What the client says. */
TEST(ssl_faults, clients_cut_anywhere)
{
    sweep(&(struct sweep){WIRE_FIN, SOCK_SSL_TLSV1_3, TO_SERVER, 0, 1},
          server_cut);
    sweep(&(struct sweep){WIRE_FIN, SOCK_SSL_TLSV1_2, TO_SERVER, 0, 1},
          server_cut);
}

TEST(ssl_faults, clients_reset_anywhere)
{
    sweep(&(struct sweep){WIRE_RESET, SOCK_SSL_TLSV1_3, TO_SERVER, 0, 1},
          server_reset);
}

TEST(ssl_faults, clients_flipped_anywhere)
{
    sweep(&(struct sweep){WIRE_FLIP, SOCK_SSL_TLSV1_3, TO_SERVER, 0, 1},
          flipped);
    sweep(&(struct sweep){WIRE_FLIP, SOCK_SSL_TLSV1_2, TO_SERVER, 0, 1},
          flipped);
}

/* In the record of the text: nothing of it, and the same failure again. */
TEST(ssl_faults, a_flip_in_a_record)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    check_ok(sock_ssl_set_maximum_version(client, SOCK_SSL_TLSV1_2));
    size_t sizes[2];
    measure(client, server, sizes);
    struct course courses[2] = {undisturbed[0],
                                {.event = WIRE_FLIP, .at = sizes[1] - 60}};
    struct outcome o = converse(client, server, courses, NULL);
    check(o.client.failure.error.kind == SOCK_E_NONE);
    check_int(o.received, 0);
    check_failure(&o.failure, SOCK_E_TLS, TLS_FAILED,
                  "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC]");
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* The server, too, is told. */
TEST(ssl_faults, a_silent_wire)
{
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    struct wire *w =
        wire_new(goes_on, (struct course){.event = WIRE_SILENT, .at = 100});
    struct end a = {.ctx = client, .plain = w->client, .host = "localhost"};
    struct end b = {
        .ctx = server, .plain = w->server, .flags = SOCK_SSL_SERVER_SIDE};
    check_ok(sock_settimeout(w->client, 0.2));
    check_ok(sock_settimeout(w->server, 10));
    double begin = cpu();
    begin_end(&b);
    begin_end(&a);
    finish_end(&a);
    finish_end(&b);
    check_failure(&a.failure, SOCK_E_TIMEOUT, 0, "timed out");
    check(a.took < (under_valgrind() ? 15 : 2));
    check(b.made == NULL);
    check(cpu() - begin < 1); /* no one turns */
    wire_join(w);
    wire_free(w);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* In the clear: nothing, ever */

static void talk_and(sock_t *a, sock_t *b, void (*end)(sock_t *))
{
    char got[64];
    check_ok(sock_sendall(a, MARKER, sizeof MARKER, 0));
    check_int(sock_recv_all(b, got, sizeof MARKER), sizeof MARKER);
    check_bytes(got, MARKER, sizeof MARKER);
    end(a);
    /* Whatever these do, they do not say it in the clear. */
    sock_send(a, MARKER, sizeof MARKER, 0);
    sock_sendall(a, MARKER, sizeof MARKER, 0);
    sock_sendto(a, MARKER, sizeof MARKER, 0, sock_addr_none());
    FILE *f = sock_makefile(a, "w");
    if (f != NULL) {
        fputs(MARKER, f);
        fclose(f);
    }
}

static void end_wr(sock_t *s)
{
    sock_shutdown(s, SHUT_WR);
}

static void end_rd(sock_t *s)
{
    sock_shutdown(s, SHUT_RD);
}

static void end_rdwr(sock_t *s)
{
    sock_shutdown(s, SHUT_RDWR);
}

static void end_close(sock_t *s)
{
    sock_close(s);
}

static void end_failed_unwrap(sock_t *s)
{
    sock_settimeout(s, 0.02);
    sock_free(sock_ssl_unwrap(s));
}

static void end_not(sock_t *s)
{
    (void)s;
}

TEST(ssl_faults, nothing_in_the_clear)
{
    static void (*const ends[])(sock_t *) = {
        end_wr, end_rd, end_rdwr, end_close, end_failed_unwrap, end_not};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        for (int side = 0; side < 2; side++) {
            struct wire *w = wire_new(goes_on, goes_on);
            struct pair p =
                tls_pair_over((struct pair){w->client, w->server}, NULL, NULL);
            talk_and(side == 0 ? p.a : p.b, side == 0 ? p.b : p.a, ends[i]);
            free_pair(&p);
            wire_join(w);
            check_that(!wire_has(w, MARKER), "end %zu of side %d", i, side);
            wire_free(w);
        }
    }
}

/* Nor after a handshake that failed, nor before one. */
TEST(ssl_faults, nothing_in_the_clear_without_a_handshake)
{
    sock_ssl_context_t *ctx = client_context();
    struct pair p = tcp_pair();
    char got[4096];
    sock_t *s = check_made(wrap(ctx, p.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    check_ok(sock_settimeout(s, 0.02));
    check_part(sock_sendall(s, MARKER, sizeof MARKER, 0), SOCK_E_TIMEOUT, 0,
               "timed out");
    check_ok(sock_sendall(p.b, "no TLS here", 11, 0));
    check_part(sock_send(s, MARKER, sizeof MARKER, 0), SOCK_E_TLS, TLS_FAILED,
               "[SSL: WRONG_VERSION_NUMBER]");
    check_part(sock_send(s, MARKER, sizeof MARKER, 0), SOCK_E_TLS, TLS_FAILED,
               "[SSL: WRONG_VERSION_NUMBER]");
    sock_free(s);
    check_ok(sock_settimeout(p.b, 10));
    size_t n = 0;
    for (ssize_t more = 1; more > 0 && n < sizeof got; n += (size_t)more)
        if ((more = sock_recv(p.b, got + n, sizeof got - n, 0)) < 0)
            break;
    check(n > 100); /* a ClientHello */
    check(memmem(got, n, MARKER, sizeof MARKER - 1) == NULL);
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

/* A user of OpenSSL beside us leaves errors in the thread's queue */

TEST(ssl_faults, a_poisoned_queue)
{
    struct pair p = tls_pair();
    char buf[32];
    poison_queue();
    check_int(sock_send(p.a, "abc", 3, 0), 3);
    poison_queue();
    check_int(sock_recv(p.b, buf, 8, 0), 3);
    check_ok(sock_setblocking(p.b, 0));
    poison_queue();
    check_part(sock_recv(p.b, buf, 8, 0), SOCK_E_OS, EAGAIN, "");
    poison_queue();
    check_int(sock_wait(p.b, SOCK_EVENT_READ, 0), 0);
    poison_queue();
    check_int(sock_ssl_pending(p.b), 0);
    poison_queue();
    check_int(sock_ssl_wants(p.b, SOCK_EVENT_READ), POLLIN);
    poison_queue();
    check_ok(sock_ssl_do_handshake(p.b));
    poison_queue();
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_ok(sock_settimeout(p.b, 10));
    poison_queue();
    check_int(sock_recv(p.b, buf, 8, 0), 0);
    poison_queue();
    check_ok(sock_close(p.b));
    poison_queue();
    check_int(sock_recv(p.a, buf, 8, 0), 0);
    poison_queue();
    free_pair(&p);
    ERR_clear_error();
}

TEST(ssl_faults, a_poisoned_queue_and_a_context)
{
    const char *names[] = {"h2"};
    poison_queue();
    sock_ssl_context_t *ctx = client_context();
    poison_queue();
    check_ok(sock_ssl_load_cert_chain(ctx, cert("client.pem"),
                                      cert("client.key"), NULL));
    poison_queue();
    check_ok(sock_ssl_load_verify_locations(ctx, cert("both_roots.pem"), NULL,
                                            NULL));
    poison_queue();
    check_ok(sock_ssl_set_ciphers(ctx, "HIGH"));
    poison_queue();
    check_ok(sock_ssl_set_alpn_protocols(ctx, names, 1));
    poison_queue();
    check_ok(sock_ssl_set_minimum_version(ctx, SOCK_SSL_TLSV1_3));
    poison_queue();
    check_part(sock_ssl_load_cert_chain(ctx, cert("good.pem"),
                                        cert("wrong.key"), NULL),
               SOCK_E_TLS, TLS_FAILED, "KEY_VALUES_MISMATCH"); /* its own */
    poison_queue();
    struct pair p = tls_pair_over(tcp_pair(), ctx, NULL);
    free_pair(&p);
    sock_ssl_context_free(ctx);
    ERR_clear_error();
}

/* And an error says what went wrong, not what had before. */
TEST(ssl_faults, a_poisoned_queue_and_a_failure)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    check_ok(sock_settimeout(plain.a, 10));
    check_ok(sock_sendall(plain.b, "no TLS here", 11, 0));
    poison_queue();
    check_null_part(wrap(ctx, plain.a, 0, "localhost"), SOCK_E_TLS, TLS_FAILED,
                    "[SSL: WRONG_VERSION_NUMBER]");
    sock_free(plain.b);
    sock_ssl_context_free(ctx);
    ERR_clear_error();
}

/* We leave none behind for others, and free none of theirs. */
TEST(ssl_faults, the_queue_behind_us)
{
    struct pair p = tls_pair();
    char c;
    check_ok(sock_setblocking(p.a, 0));
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_OS, EAGAIN, "");
    check_int(ERR_peek_error(), 0);
    check_int(send(sock_fileno(p.b), "text in the clear", 17, MSG_NOSIGNAL),
              17);
    check_ok(sock_settimeout(p.a, 10));
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_TLS, TLS_FAILED, "");
    check_int(ERR_peek_error(), 0);
    free_pair(&p);
    check_int(ERR_peek_error(), 0);
}

TEST(ssl_faults, free_leaves_the_queue)
{
    struct pair p = tls_pair();
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 77);
    sock_free(p.a);
    check_int(ERR_GET_REASON(ERR_peek_last_error()), 77);
    sock_free(p.b);
    check_int(ERR_GET_REASON(ERR_peek_last_error()), 77);
    ERR_clear_error();
}

/* Nor where the peer cannot be told. */
TEST(ssl_faults, free_leaves_the_queue_of_one_whose_peer_is_gone)
{
    struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
    close(sock_detach(p.b));
    check_part(sock_listen(p.b, -1), SOCK_E_OS, EBADF, "");
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 77);
    ERR_raise(ERR_LIB_USER, 78);
    errno = 1234;
    check_ok(sock_close(p.a));
    check_int(errno, 1234);
    check_str(sock_last_error()->operation, "listen");
    check_int(ERR_GET_REASON(ERR_get_error()), 77);
    check_int(ERR_GET_REASON(ERR_get_error()), 78);
    free_pair(&p);
}

/* What peers may ask for */

static void key_updates(struct raw *r, SSL *ssl)
{
    char buf[64];
    int *rounds = r->arg;
    for (int i = 0; i < *rounds; i++) {
        SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
        if (SSL_write(ssl, "ping", 4) != 4 ||
            SSL_read(ssl, buf, sizeof buf) != 4)
            return;
    }
    *rounds = 0;
    SSL_shutdown(ssl);
    SSL_read(ssl, buf, sizeof buf);
}

static sock_t *server_for(struct raw *raw)
{
    struct pair plain = unix_pair(SOCK_STREAM); /* no Nagle in it */
    sock_ssl_context_t *ctx = server_context("good");
    raw->fd = sock_detach(plain.b);
    sock_free(plain.b);
    check_ok(sock_settimeout(plain.a, 10));
    raw_begin(raw);
    sock_t *s = check_made(wrap(ctx, plain.a, SOCK_SSL_SERVER_SIDE, NULL));
    sock_ssl_context_free(ctx);
    return s;
}

TEST(ssl_faults, key_updates)
{
    int rounds = 200;
    char buf[8];
    struct raw raw = {.talk = key_updates, .arg = &rounds};
    sock_t *s = server_for(&raw);
    for (int i = 0; i < 200; i++) {
        check_int(sock_recv_all(s, buf, 4), 4);
        check_ok(sock_sendall(s, buf, 4, 0));
    }
    check_int(sock_recv(s, buf, 1, 0), 0);
    sock_free(s);
    raw_finish(&raw);
    check_int(rounds, 0);
}

/* They are no data: who waits for some goes on to wait. */
static void only_key_updates(struct raw *r, SSL *ssl)
{
    (void)r;
    for (int i = 0; i < 50; i++) {
        SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
        SSL_do_handshake(ssl);
    }
    raw_fin(r, ssl);
}

TEST(ssl_faults, key_updates_are_no_data)
{
    struct raw raw = {.talk = only_key_updates};
    sock_t *s = server_for(&raw);
    char c;
    check_int(sock_wait(s, SOCK_EVENT_READ, 10), SOCK_EVENT_READ);
    check_part(sock_recv(s, &c, 1, 0), SOCK_E_TLS, TLS_CUT, "");
    sock_free(s);
    raw_finish(&raw);
}

static void renegotiate(struct raw *r, SSL *ssl)
{
    char c;
    SSL_renegotiate(ssl);
    r->shaken = SSL_do_handshake(ssl);
    if (r->shaken == 1)
        SSL_read(ssl, &c, 1);
    else
        r->error = ERR_peek_error();
}

TEST(ssl_faults, renegotiation_is_refused)
{
    char c;
    struct raw raw = {.talk = renegotiate, .maximum = TLS1_2_VERSION};
    sock_t *s = server_for(&raw);
    check_int(sock_recv(s, &c, 1, 0), -1); /* the client goes */
    check_str(sock_ssl_version(s), "TLSv1.2");
    sock_free(s);
    raw_finish(&raw);
    check(raw.shaken != 1);
    check_int(ERR_GET_REASON(raw.error),
              SSL_R_NO_RENEGOTIATION); /* its alert */
}

/* A server of TLS 1.2 that asks for it is refused by our client. */
static void ask_to_renegotiate(struct raw *r, SSL *ssl)
{
    char c;
    SSL_renegotiate(ssl);
    SSL_do_handshake(ssl);
    r->shaken = SSL_read(ssl, &c, 1);
    r->error = ERR_peek_error();
}

TEST(ssl_faults, renegotiation_by_a_server_is_refused)
{
    struct pair plain = unix_pair(SOCK_STREAM);
    sock_ssl_context_t *ctx = client_context();
    char c;
    struct raw raw = {.fd = sock_detach(plain.b),
                      .server = true,
                      .leaf = "good",
                      .talk = ask_to_renegotiate,
                      .maximum = TLS1_2_VERSION};
    sock_free(plain.b);
    check_ok(sock_settimeout(plain.a, 10));
    raw_begin(&raw);
    sock_t *s = check_made(wrap(ctx, plain.a, 0, "localhost"));
    check_int(sock_recv(s, &c, 1, 0), -1); /* the server goes */
    raw_finish(&raw);
    check(raw.shaken <= 0);
    check_int(ERR_GET_REASON(raw.error), SSL_R_NO_RENEGOTIATION);
    sock_free(s);
    sock_ssl_context_free(ctx);
}

/* A client that goes on to shake hands for ever. */
TEST(ssl_faults, much_of_a_handshake)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = server_context("good");
    static char record[16384 + 5];
    memcpy(record, "\x16\x03\x01\x40\x00\x01\x00\xff\xff", 9); /* 65535 bytes */
    check_ok(sock_settimeout(p.a, 2));
    check_ok(sock_setblocking(p.b, 0));
    while (sock_send(p.b, record, sizeof record, 0) > 0)
        ;
    double begin = cpu();
    check_null_part(wrap(ctx, p.a, SOCK_SSL_SERVER_SIDE, NULL), SOCK_E_TLS,
                    TLS_FAILED, "");
    check(cpu() - begin < 1);
    sock_free(p.b);
    sock_ssl_context_free(ctx);
}

/* Signals: none is raised by a peer that is gone, whatever is called. */
TEST(ssl_faults, no_sigpipe)
{
    signal(SIGPIPE, SIG_DFL); /* whatever this process was begun with */
    for (int i = 0; i < 4; i++) {
        struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
        int fd = sock_detach(p.b);
        close(fd);
        if (i == 0)
            check_int(sock_send(p.a, "x", 1, 0), -1);
        else if (i == 1)
            sock_shutdown(p.a, SHUT_WR);
        else if (i == 2)
            sock_free(sock_ssl_unwrap(p.a));
        else
            sock_close(p.a);
        free_pair(&p);
    }
}
