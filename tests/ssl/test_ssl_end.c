/* SPDX-License-Identifier: MIT */
/* How connections end: close, shutdown, unwrap, and ends that are none. */
#include "tls.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char eof_words[] = "EOF occurred in violation of protocol";

TEST(ssl_end, close_says_goodbye)
{
    struct pair p = tls_pair();
    char buf[8];
    check_ok(sock_sendall(p.a, "last", 4, 0));
    check_ok(sock_close(p.a));
    check_int(sock_recv_all(p.b, buf, 4), 4);
    check_int(sock_recv(p.b, buf, 8, 0), 0);
    check_int(sock_recv(p.b, buf, 8, 0), 0); /* again */
    check_part(sock_recv(p.a, buf, 8, 0), SOCK_E_OS, EBADF, "");
    check_part(sock_send(p.a, "x", 1, 0), SOCK_E_OS, EBADF, "");
    free_pair(&p);
}

TEST(ssl_end, free_says_goodbye)
{
    struct pair p = tls_pair();
    char c;
    sock_freep(&p.b);
    check_int(sock_recv(p.a, &c, 1, 0), 0);
    free_pair(&p);
}

/* And touches nothing on the way. */
TEST(ssl_end, free_is_silent)
{
    struct pair p = tls_pair();
    check_part(sock_listen(p.a, -1), SOCK_E_OS, EINVAL, "");
    errno = 1234;
    sock_freep(&p.a);
    sock_freep(&p.b);
    check_int(errno, 1234);
    check_str(sock_last_error()->operation, "listen");
}

/* A close never waits, not for one who does not read either. */
TEST(ssl_end, close_does_not_wait)
{
    struct pair p = tls_pair();
    char data[4096] = "";
    check_ok(sock_setblocking(p.a, 0));
    while (sock_send(p.a, data, sizeof data, 0) > 0)
        ;
    check_int(errno, EAGAIN);
    check_ok(sock_settimeout(p.a, SOCK_NO_TIMEOUT));
    double begin = now();
    check_ok(sock_close(p.a));
    check(now() - begin < 1);
    free_pair(&p);
}

/* It could not say goodbye behind what it kept: that is no end. */
TEST(ssl_end, what_was_lost_is_no_end)
{
    struct pair p = tls_pair();
    static char data[16384];
    ssize_t n;
    check_ok(sock_setblocking(p.a, 0));
    while (sock_send(p.a, data, sizeof data, 0) > 0)
        ;
    check_ok(sock_close(p.a));
    while ((n = sock_recv(p.b, data, sizeof data, 0)) > 0)
        ;
    check_that(n < 0, "a clean end");
    check(sock_last_error()->kind == SOCK_E_TLS ||
          sock_last_error()->kind == SOCK_E_OS);
    free_pair(&p);
}

static void *read_all(void *arg)
{
    static char data[1 << 20];
    long *n = malloc(sizeof *n);
    *n = read_to_end(arg, data, sizeof data);
    return n;
}

/* A client that only sends has tickets in its queue: its bytes arrive. */
TEST(ssl_end, a_client_that_only_sends)
{
    struct pair p = tls_pair();
    static char data[500000];
    pthread_t thread;
    void *n;
    check_int(pthread_create(&thread, NULL, read_all, p.b), 0);
    check_ok(sock_sendall(p.a, data, sizeof data, 0));
    check_ok(sock_close(p.a));
    check_int(pthread_join(thread, &n), 0);
    check_int(*(long *)n, sizeof data);
    free(n);
    free_pair(&p);
}

/* Two megabytes of a client that does not read: the server keeps the last of
 * them in the client's queue, until the client is done. */

enum { MUCH = 2 << 20, LAST = 200000 };

struct slow_reader {
    sock_t *s;
    atomic_bool go;
    long n;
    struct failure failure;
    pthread_t thread;
};

static void *run_slow_reader(void *arg)
{
    struct slow_reader *r = arg;
    char data[16384];
    ssize_t n = 1;
    while (n > 0) {
        while (r->n > MUCH - LAST && !atomic_load(&r->go))
            poll(NULL, 0, 1);
        n = sock_recv(r->s, data, sizeof data, 0);
        r->n += n > 0 ? n : 0;
    }
    if (n < 0)
        r->failure = last_failure();
    return NULL;
}

static void slow_reader_begin(struct slow_reader *r, sock_t *s)
{
    *r = (struct slow_reader){.s = s};
    check_ok(sock_setsockopt_int(s, SOL_SOCKET, SO_RCVBUF, 32768));
    check_int(pthread_create(&r->thread, NULL, run_slow_reader, r), 0);
}

static void send_much(sock_t *s)
{
    char *data = calloc(1, MUCH);
    check(data != NULL);
    check_ok(sock_setsockopt_int(s, SOL_SOCKET, SO_SNDBUF, 1 << 20));
    check_ok(sock_settimeout(s, 15));
    check_ok(sock_sendall(s, data, MUCH, 0));
    free(data);
}

static void check_all_came(struct slow_reader *r)
{
    atomic_store(&r->go, true);
    check_int(pthread_join(r->thread, NULL), 0);
    check_that(r->failure.error.kind == SOCK_E_NONE, "%ld bytes, then %s", r->n,
               r->failure.text);
    check_int(r->n, MUCH);
}

/* The tickets lie in the client's queue, unread. */
TEST(ssl_end, much_then_close)
{
    struct pair p = tls_pair();
    struct slow_reader r;
    struct pollfd fd = {.fd = sock_fileno(p.a), .events = POLLIN};
    check_int(poll(&fd, 1, 10000), 1);
    slow_reader_begin(&r, p.b);
    send_much(p.a);
    check_ok(sock_close(p.a));
    check_all_came(&r);
    free_pair(&p);
}

static void *run_unwrapping_of(void *arg)
{
    sock_free(sock_ssl_unwrap(arg));
    return NULL;
}

TEST(ssl_end, much_then_unwrap)
{
    struct pair p = tls_pair();
    struct slow_reader r;
    pthread_t thread;
    slow_reader_begin(&r, p.b);
    send_much(p.a);
    check_int(pthread_create(&thread, NULL, run_unwrapping_of, p.a), 0);
    check_all_came(&r);
    sock_free(sock_ssl_unwrap(p.b));
    check_int(pthread_join(thread, NULL), 0);
    free_pair(&p);
}

/* A server whose handshake ends when its client is gone, with its tickets. */
static void gone_before_the_tickets(struct pair plain, ssize_t size,
                                    bool may_be_lost)
{
    sock_ssl_context_t *ctx = client_context();
    sock_ssl_context_t *server = server_context("good");
    static char data[MUCH];
    ssize_t n, sent = 0;
    sock_t *a =
        check_made(wrap(ctx, plain.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    sock_t *b = check_made(wrap(
        server, plain.b, SOCK_SSL_SERVER_SIDE | SOCK_SSL_NO_HANDSHAKE, NULL));
    check_ok(sock_setblocking(a, 0));
    check_ok(sock_setblocking(b, 0));
    check_part(sock_ssl_do_handshake(a), SOCK_E_OS, EAGAIN, "");
    check_part(sock_ssl_do_handshake(b), SOCK_E_OS, EAGAIN, "");
    check_ok(sock_ssl_do_handshake(a));
    while (sent < size &&
           (n = sock_send(a, data, (size_t)(size - sent), 0)) > 0)
        sent += n;
    sock_free(a);
    check_ok(sock_settimeout(b, 10));
    long received = read_to_end(b, data, sizeof data);
    check_that(received == sent || (may_be_lost && received < 0),
               "%ld of %zd: %s", received, sent, error_text());
    sock_free(b);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(server);
}

/* TCP may lose some of much, but then that is no end. */
TEST(ssl_end, much_then_close_before_the_tickets)
{
    gone_before_the_tickets(tcp_pair(), MUCH, true);
}

TEST(ssl_end, little_then_close_before_the_tickets)
{
    gone_before_the_tickets(unix_pair(SOCK_STREAM), 10000, false);
}

/* Half-close */

TEST(ssl_end, shut_wr_is_an_end_of_one_direction)
{
    struct pair p = tls_pair();
    char buf[16];
    check_ok(sock_sendall(p.a, "question", 8, 0));
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_int(sock_recv_all(p.b, buf, 8), 8);
    check_int(sock_recv(p.b, buf, 1, 0), 0);
    check_ok(sock_sendall(p.b, "answer", 6, 0));
    check_int(sock_recv_all(p.a, buf, 6), 6);
    check_bytes(buf, "answer", 6);
    check_part(sock_send(p.a, "x", 1, 0), SOCK_E_TLS, TLS_OVER, "");
    check_str(sock_error_class(NULL), "ssl.SSLZeroReturnError");
    check_part(sock_sendall(p.a, "x", 1, 0), SOCK_E_TLS, TLS_OVER, "");
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_int(sock_recv(p.a, buf, 1, 0), 0);
    free_pair(&p);
}

/* The FIN is there, too: who asks the system sees an end. */
TEST(ssl_end, shut_wr_is_a_fin)
{
    struct pair p = tls_pair();
    check_ok(sock_shutdown(p.a, SHUT_WR));
    struct pollfd fd = {.fd = sock_fileno(p.b), .events = POLLRDHUP};
    check_int(poll(&fd, 1, 10000), 1);
    check((fd.revents & POLLRDHUP) != 0);
    free_pair(&p);
}

/* It stands behind what the system has not yet taken, and waits for that, or
 * goes on later. */
TEST(ssl_end, shut_wr_behind_what_is_kept)
{
    struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
    static char data[1 << 20];
    ssize_t n, sent = 0;
    pthread_t thread;
    void *received;
    memset(data, 'x', sizeof data);
    check_ok(sock_setblocking(p.a, 0));
    while ((n = sock_send(p.a, data, sizeof data, 0)) > 0)
        sent += n;
    check_part(sock_shutdown(p.a, SHUT_WR), SOCK_E_OS, EAGAIN, "");
    check_int(sock_send(p.a, "x", 1, 0), -1);
    check_ok(sock_settimeout(p.a, 0.02));
    check_part(sock_shutdown(p.a, SHUT_WR), SOCK_E_TIMEOUT, 0, "timed out");
    check_int(pthread_create(&thread, NULL, read_all, p.b), 0);
    check_ok(sock_settimeout(p.a, 10));
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_int(pthread_join(thread, &received), 0);
    check_int(*(long *)received, sent);
    free(received);
    free_pair(&p);
}

TEST(ssl_end, shut_rd)
{
    struct pair p = tls_pair();
    char buf[8];
    check_ok(sock_shutdown(p.a, SHUT_RD));
    check_int(sock_recv(p.a, buf, 1, 0), 0);
    check_ok(sock_sendall(p.a, "hello", 5, 0));
    check_int(sock_recv_all(p.b, buf, 5), 5);
    check_bytes(buf, "hello", 5);
    free_pair(&p);
}

TEST(ssl_end, shut_rdwr)
{
    struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
    char c;
    check_ok(sock_shutdown(p.a, SHUT_RDWR));
    check_int(check_ok(sock_recv(p.a, &c, 1, 0)), 0);
    check_int(sock_send(p.a, "x", 1, 0), -1); /* and no signal */
    free_pair(&p);
}

/* The peer cannot be told, which is not what has failed. */
TEST(ssl_end, without_goodbye_and_without_an_ear)
{
    struct pair p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
    char c;
    check_ok(sock_shutdown(p.a, SHUT_RDWR));
    for (int i = 0; i < 2; i++)
        check_part(sock_recv(p.b, &c, 1, 0), SOCK_E_TLS, TLS_CUT, eof_words);
    free_pair(&p);
    p = tls_pair_over(unix_pair(SOCK_STREAM), NULL, NULL);
    int fd = sock_detach(p.b);
    close(fd);
    check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_TLS, TLS_CUT, eof_words);
    free_pair(&p);
}

/* Before TCP's end may come a reset, for what was on its way. */
TEST(ssl_end, shut_rdwr_of_tcp)
{
    struct pair p = tls_pair();
    char c;
    check_ok(sock_shutdown(p.a, SHUT_RDWR));
    check_int(check_ok(sock_recv(p.a, &c, 1, 0)), 0);
    check_int(sock_recv(p.b, &c, 1, 0), -1);
    struct failure f = last_failure();
    if (f.error.kind != SOCK_E_TLS)
        check_failure(&f, SOCK_E_OS, ECONNRESET, "");
    else
        check_failure(&f, SOCK_E_TLS, TLS_CUT, eof_words);
    free_pair(&p);
}

/* A handshake that has begun, and a peer that is silent. */
struct silence {
    sock_t *s, *peer;
    ssize_t (*call)(sock_t *s);
    pthread_t thread;
    _Atomic long id;
    ssize_t result;
    struct failure failure;
};

static void *run_in_silence(void *arg)
{
    struct silence *x = arg;
    x->id = thread_id();
    x->result = x->call(x->s);
    x->failure = last_failure();
    return NULL;
}

/* What the call returns that another thread ends by shutdown(). */
static struct silence end_in_silence(ssize_t (*call)(sock_t *s))
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = server_context("good");
    struct silence x = {.peer = plain.b, .call = call};
    x.s = check_made(
        wrap(ctx, plain.a, SOCK_SSL_SERVER_SIDE | SOCK_SSL_NO_HANDSHAKE, NULL));
    sock_ssl_context_free(ctx);
    check_int(pthread_create(&x.thread, NULL, run_in_silence, &x), 0);
    while (x.id == 0 || !wait_until_blocked(x.id))
        ;
    check_ok(sock_shutdown(x.s, SHUT_RDWR));
    check_int(pthread_join(x.thread, NULL), 0);
    return x;
}

static void free_silence(struct silence *x)
{
    sock_free(x->s);
    sock_free(x->peer);
}

static ssize_t receive_one(sock_t *s)
{
    char c;
    return sock_recv(s, &c, 1, 0);
}

static ssize_t send_one(sock_t *s)
{
    return sock_send(s, "x", 1, 0);
}

static ssize_t shake_hands(sock_t *s)
{
    return sock_ssl_do_handshake(s);
}

static ssize_t wait_to_write(sock_t *s)
{
    return sock_wait(s, SOCK_EVENT_WRITE, SOCK_NO_TIMEOUT);
}

TEST(ssl_end, shut_rdwr_under_a_handshake)
{
    struct silence x = end_in_silence(receive_one);
    check_int(x.result, 0);
    check_int(receive_one(x.s), 0); /* it stays done */
    check_int(sock_wait(x.s, SOCK_EVENT_READ, 10), SOCK_EVENT_READ);
    free_silence(&x);
    ssize_t (*const others[])(sock_t *) = {send_one, shake_hands};
    for (int i = 0; i < 2; i++) {
        x = end_in_silence(others[i]);
        check_int(x.result, -1);
        check_failure(&x.failure, SOCK_E_TLS, TLS_CUT, eof_words);
        check_part(x.call(x.s), SOCK_E_TLS, TLS_CUT, eof_words);
        free_silence(&x);
    }
    x = end_in_silence(wait_to_write);
    check_int(x.result, SOCK_EVENT_WRITE);
    free_silence(&x);
}

/* Before the handshake there is no one to say goodbye to. */
TEST(ssl_end, of_what_has_not_begun)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    sock_t *s =
        check_made(wrap(ctx, plain.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    char c;
    check_ok(sock_close(s));
    check_int(sock_recv(plain.b, &c, 1, 0), 0); /* not a byte */
    sock_free(s);
    sock_free(plain.b);
    sock_ssl_context_free(ctx);
}

/* unwrap */

struct unwrapping {
    sock_t *s, *plain;
    struct failure failure;
    pthread_t thread;
};

static void *run_unwrapping(void *arg)
{
    struct unwrapping *u = arg;
    u->plain = sock_ssl_unwrap(u->s);
    if (u->plain == NULL)
        u->failure = last_failure();
    return NULL;
}

static void plain_words(sock_t *a, sock_t *b)
{
    char buf[16] = "";
    check_ok(sock_sendall(a, "in the clear", 12, 0));
    check_int(sock_recv_all(b, buf, 12), 12);
    check_bytes(buf, "in the clear", 12);
}

static void unwrap_both(struct pair p)
{
    struct unwrapping u = {.s = p.a};
    int fds[2] = {sock_fileno(p.a), sock_fileno(p.b)};
    check_int(pthread_create(&u.thread, NULL, run_unwrapping, &u), 0);
    sock_t *plain = check_made(sock_ssl_unwrap(p.b));
    check_int(pthread_join(u.thread, NULL), 0);
    check_that(u.plain != NULL, "%s", u.failure.text);
    check_int(sock_fileno(u.plain), fds[0]);
    check_int(sock_fileno(plain), fds[1]);
    check_int(sock_fileno(p.a), -1);
    check_int(sock_ssl_is_ssl(plain), 0);
    plain_words(u.plain, plain);
    plain_words(plain, u.plain);
    sock_free(plain);
    sock_free(u.plain);
    free_pair(&p);
}

TEST(ssl_end, unwrap_gives_a_plain_object)
{
    unwrap_both(tls_pair());
}

TEST(ssl_end, unwrap_of_tls_1_2)
{
    sock_ssl_context_t *client = client_context();
    check_ok(sock_ssl_set_maximum_version(client, SOCK_SSL_TLSV1_2));
    unwrap_both(tls_pair_over(unix_pair(SOCK_STREAM), client, NULL));
    sock_ssl_context_free(client);
}

/* What was said in the clear right behind close_notify lies in the system with
 * it, and stays there. */
TEST(ssl_end, unwrap_reads_no_byte_too_far)
{
    struct pair p = tls_pair();
    char buf[32];
    check_ok(sock_setblocking(p.a, 0));
    check_null_part(sock_ssl_unwrap(p.a), SOCK_E_OS, EAGAIN, "");
    check_int(sock_recv(p.b, buf, 1, 0), 0);
    sock_t *b = check_made(sock_ssl_unwrap(p.b));
    check_ok(sock_sendall(b, "outside", 7, 0));
    check_ok(sock_settimeout(p.a, 10));
    sock_t *a = check_made(sock_ssl_unwrap(p.a));
    check_int(sock_recv_all(a, buf, 7), 7);
    check_bytes(buf, "outside", 7);
    sock_free(a);
    sock_free(b);
    free_pair(&p);
}

TEST(ssl_end, unwrap_and_a_silent_peer)
{
    struct pair p = tls_pair();
    check_ok(sock_settimeout(p.a, 0.05));
    check_null_part(sock_ssl_unwrap(p.a), SOCK_E_TIMEOUT, 0, "timed out");
    free_pair(&p);
}

/* What the peer still says is not thrown away by itself. */
TEST(ssl_end, unwrap_with_data_unread)
{
    struct pair p = tls_pair();
    check_ok(sock_sendall(p.b, "unread", 6, 0));
    check_null_part(sock_ssl_unwrap(p.a), SOCK_E_TLS, TLS_FAILED,
                    "APPLICATION_DATA_AFTER_CLOSE_NOTIFY");
    free_pair(&p);
}

TEST(ssl_end, unwrap_before_the_handshake)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    sock_t *s =
        check_made(wrap(ctx, plain.a, SOCK_SSL_NO_HANDSHAKE, "localhost"));
    check_null_part(sock_ssl_unwrap(s), SOCK_E_TLS, TLS_FAILED, "");
    sock_free(s);
    sock_free(plain.b);
    sock_ssl_context_free(ctx);
}

TEST(ssl_end, unwrap_and_an_end_without_goodbye)
{
    struct pair p = tls_pair();
    check_ok(sock_shutdown(p.b, SHUT_RDWR));
    check_null_part(sock_ssl_unwrap(p.a), SOCK_E_TLS, TLS_CUT, eof_words);
    free_pair(&p);
}

TEST(ssl_end, what_is_shared_is_not_unwrapped)
{
    struct pair p = tls_pair();
    FILE *f = check_made(sock_makefile(p.a, "r"));
    check_null_part(sock_ssl_unwrap(p.a), SOCK_E_VALUE, 0, "");
    fclose(f);
    free_pair(&p);
}

TEST(ssl_end, a_closed_object_is_not_unwrapped)
{
    struct pair p = tls_pair();
    check_ok(sock_close(p.a));
    check_null_part(sock_ssl_unwrap(p.a), SOCK_E_OS, EBADF, "");
    free_pair(&p);
}

/* Ends that are none */

/* A peer that leaves without close_notify, by an end of its stream. */
static struct pair leaving(int flags, struct raw *raw)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *ctx = server_context("good");
    *raw = (struct raw){.fd = sock_detach(plain.b), .talk = raw_fin};
    sock_free(plain.b);
    check_ok(sock_settimeout(plain.a, 10));
    raw_begin(raw);
    struct pair p = {.a = check_made(wrap(ctx, plain.a,
                                          SOCK_SSL_SERVER_SIDE | flags, NULL))};
    sock_ssl_context_free(ctx);
    return p;
}

TEST(ssl_end, without_goodbye)
{
    struct raw raw;
    struct pair p = leaving(0, &raw);
    char buf[8];
    for (int i = 0; i < 3; i++) {
        check_part(sock_recv(p.a, buf, 8, 0), SOCK_E_TLS, TLS_CUT, eof_words);
        check_str(sock_error_class(NULL), "ssl.SSLEOFError");
    }
    check_part(sock_recv_all(p.a, buf, 8), SOCK_E_TLS, TLS_CUT, eof_words);
    check_part(sock_recv_until(p.a, buf, 8, 'x'), SOCK_E_TLS, TLS_CUT,
               eof_words);
    check_part(sock_send(p.a, "x", 1, 0), SOCK_E_TLS, TLS_CUT, eof_words);
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 1), SOCK_EVENT_READ);
    sock_free(p.a);
    raw_finish(&raw);
}

TEST(ssl_end, without_goodbye_on_demand)
{
    struct raw raw;
    struct pair p = leaving(SOCK_SSL_SUPPRESS_RAGGED_EOFS, &raw);
    char buf[8];
    check_int(sock_recv(p.a, buf, 8, 0), 0);
    check_int(sock_recv(p.a, buf, 8, 0), 0);
    sock_free(p.a);
    raw_finish(&raw);
}

/* Of whom an end is taken as it is, no answer to the own goodbye comes. */
TEST(ssl_end, unwrap_and_a_ragged_end)
{
    struct raw raw;
    struct pair p = leaving(SOCK_SSL_SUPPRESS_RAGGED_EOFS, &raw);
    check_null_part(sock_ssl_unwrap(p.a), SOCK_E_TLS, TLS_CUT, eof_words);
    check_null_part(sock_ssl_unwrap(p.a), SOCK_E_TLS, TLS_CUT, eof_words);
    sock_free(p.a);
    raw_finish(&raw);
}

/* The flag is about the end, not about what has been broken. */
TEST(ssl_end, the_flag_does_not_hide_a_broken_record)
{
    struct pair plain = tcp_pair();
    sock_ssl_context_t *client = client_context();
    sock_ssl_context_t *server = server_context("good");
    char c;
    struct end a = {.ctx = client,
                    .plain = plain.a,
                    .flags = SOCK_SSL_SUPPRESS_RAGGED_EOFS,
                    .host = "localhost"};
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&a, &b);
    check(a.made != NULL && b.made != NULL);
    check_int(send(sock_fileno(b.made), "plain text here", 15, MSG_NOSIGNAL),
              15);
    for (int i = 0; i < 3; i++)
        check_part(sock_recv(a.made, &c, 1, 0), SOCK_E_TLS, TLS_FAILED, "");
    sock_free(a.made);
    sock_free(b.made);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
}

/* A file sees an error, too, and no end. */
TEST(ssl_end, without_goodbye_in_a_file)
{
    struct raw raw;
    struct pair p = leaving(0, &raw);
    FILE *f = check_made(sock_makefile(p.a, "r"));
    check_int(fgetc(f), EOF);
    check(ferror(f));
    fclose(f);
    sock_free(p.a);
    raw_finish(&raw);
}

/* Not under a peer that has said goodbye and then resets: it did end. */
TEST(ssl_end, the_peers_end_lasts)
{
    struct pair p = tls_pair();
    char c;
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_int(sock_recv(p.a, &c, 1, 0), 0);
    struct linger at_once = {.l_onoff = 1};
    check_ok(
        sock_setsockopt(p.b, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
    sock_freep(&p.b);
    check_int(sock_recv(p.a, &c, 1, 0), 0);
    free_pair(&p);
}

static void reset_of(sock_t *s)
{
    struct linger at_once = {.l_onoff = 1};
    int fd = sock_detach(s);
    check_int(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once),
              0);
    close(fd);
}

TEST(ssl_end, reset)
{
    struct pair p = tls_pair();
    char c;
    reset_of(p.b);
    for (int i = 0; i < 3; i++)
        check_part(sock_recv(p.a, &c, 1, 0), SOCK_E_OS, ECONNRESET,
                   "[Errno 104] Connection reset by peer");
    check_int(sock_send(p.a, "x", 1, 0), -1); /* and no signal */
    check_int(sock_last_error()->kind, SOCK_E_OS);
    free_pair(&p);
}

/* With the flag as without: a reset is no end. */
TEST(ssl_end, reset_in_the_handshake)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    struct linger at_once = {.l_onoff = 1};
    char hello[16];
    check_ok(sock_settimeout(p.a, 10));
    struct end a = {.ctx = ctx,
                    .plain = p.a,
                    .flags = SOCK_SSL_SUPPRESS_RAGGED_EOFS,
                    .host = "localhost"};
    begin_end(&a);
    check_int(sock_recv(p.b, hello, sizeof hello, 0), sizeof hello);
    check_ok(
        sock_setsockopt(p.b, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
    sock_free(p.b);
    finish_end(&a);
    check(a.made == NULL);
    check_failure(&a.failure, SOCK_E_OS, ECONNRESET,
                  "[Errno 104] Connection reset by peer");
    sock_ssl_context_free(ctx);
}

/* A reset connection is none: as Python's, the object is an unconnected one. */
TEST(ssl_end, reset_before_the_handshake)
{
    struct pair p = tcp_pair();
    sock_ssl_context_t *ctx = client_context();
    reset_of(p.b);
    sock_free(p.b);
    sock_t *s = wrap(ctx, p.a, 0, "localhost");
    check_int(s == NULL ? -1 : sock_send(s, MARKER, 4, 0), -1);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    sock_free(s);
    sock_ssl_context_free(ctx);
}

TEST(ssl_end, reset_while_sending)
{
    struct pair p = tls_pair();
    char data[4096] = "";
    ssize_t n;
    reset_of(p.b);
    while ((n = sock_send(p.a, data, sizeof data, 0)) > 0)
        ;
    check_part(n, SOCK_E_OS, sock_last_error()->code, "");
    check(errno == ECONNRESET || errno == EPIPE);
    free_pair(&p);
}

/* Of two processes one goes on; the other only lets go, and says nothing. */
TEST(ssl_end, after_a_fork)
{
    struct pair p = tls_pair();
    char buf[8];
    int ready[2], status;
    check_int(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        bool ok = read(ready[0], buf, 1) == 1 &&
                  sock_sendall(p.a, "child", 5, 0) == 0 &&
                  sock_recv_all(p.a, buf, 6) == 6 && sock_close(p.a) == 0;
        end_child(ok ? 0 : 1);
    }
    check(child > 0);
    sock_freep(&p.a); /* the parent's, before the child has said a word */
    check_int(write(ready[1], "x", 1), 1);
    check_int(sock_recv_all(p.b, buf, 5), 5);
    check_bytes(buf, "child", 5);
    check_ok(sock_sendall(p.b, "parent", 6, 0));
    check_int(sock_recv(p.b, buf, 1, 0), 0); /* the child's goodbye */
    check_int(waitpid(child, &status, 0), child);
    check_int(status, 0);
    close(ready[0]);
    close(ready[1]);
    free_pair(&p);
}

/* detach gives the number up, and says nothing to the peer. */
TEST(ssl_end, detach)
{
    struct pair p = tls_pair();
    char c;
    int fd = sock_detach(p.a);
    check(fd >= 0);
    check_ok(sock_setblocking(p.b, 0));
    check_part(sock_recv(p.b, &c, 1, 0), SOCK_E_OS, EAGAIN, "");
    check_ok(sock_settimeout(p.b, 10));
    close(fd);
    check_int(sock_recv(p.b, &c, 1, 0), -1); /* cut or reset, no end */
    free_pair(&p);
}
