/* SPDX-License-Identifier: MIT */
/* A server behind TLS: clients that shake hands, slowly or not at all. */
#include "places.h"
#include "tls.h"

#include <poll.h>
#include <semaphore.h>
#include <unistd.h>

#define HOST "Host: a\r\n"
#define END HOST "Connection: close\r\n\r\n"

static char answer[1000000];

static struct server *tls_server(const sock_httpd_limits_t *limits)
{
    sock_ssl_context_t *ctx = server_context("good");
    struct server *s = make_server(0);
    check_ok(sock_httpd_set_limits(s->httpd, limits));
    check_ok(sock_httpd_set_context(s->httpd, sock_ssl_tls(ctx)));
    sock_ssl_context_free(ctx); /* the server has it */
    return s;
}

static sock_t *connect_tls(const struct server *s)
{
    sock_ssl_context_t *ctx = client_context();
    sock_t *c = check_made(wrap(ctx, connect_to(s), 0, "localhost"));
    sock_ssl_context_free(ctx);
    check_ok(sock_settimeout(c, 15));
    return c;
}

static const int models[] = {-1, 2};

TEST(tls_httpd, requests)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {.size = sizeof limits,
                                      .threads = models[i]};
        struct server *s = tls_server(&limits);
        begin_server(s);
        sock_t *c = connect_tls(s);
        for (int k = 0; k < 20; k++) {
            say(c, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc");
            hear_until(c, answer, sizeof answer, "<POST /a>");
            check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
        }
        say(c, "GET /1 HTTP/1.1\r\n" HOST "\r\nGET /2 HTTP/1.1\r\n" END);
        hear_all(c, answer, sizeof answer);
        check(strstr(answer, "<GET /1>") != NULL);
        check(strstr(answer, "<GET /2>") != NULL);
        sock_free(c);
        stop_server(s);
    }
}

static void say_much(sock_httpd_request_t *self, void *arg)
{
    static char block[300000];
    FILE *f = tmpfile();
    char length[20];
    (void)arg;

    memset(block, 'x', sizeof block);
    fwrite(block, 1, sizeof block, f);
    fflush(f);
    snprintf(length, sizeof length, "%zu", sizeof block);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Length", length);
    sock_httpd_end_headers(self);
    sock__httpd_file(self, dup(fileno(f)), 0, sizeof block);
    fclose(f);
}

TEST(tls_httpd, files)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {.size = sizeof limits,
                                      .threads = models[i]};
        struct server *s = tls_server(&limits);
        check_ok(sock_httpd_do(s->httpd, "GET", say_much, NULL));
        begin_server(s);
        sock_t *c = connect_tls(s);
        say(c, "GET / HTTP/1.1\r\n" END);
        size_t n = hear_all(c, answer, sizeof answer);
        check(n > 300000);
        check_int(strspn(strstr(answer, "\r\n\r\n") + 4, "x"), 300000);
        sock_free(c);
        stop_server(s);
    }
}

static void say_very_much(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    answer_zeros(self, 32 << 20);
}

/* Who does not read at once has all of it all the same: with TLS and without.
 */
TEST(tls_httpd, files_that_are_read_late)
{
    for (int i = 0; i < 4; i++) {
        sock_httpd_limits_t limits = {.size = sizeof limits,
                                      .threads = models[i % 2]};
        struct server *s = tls_server(&limits);
        if (i / 2 == 1)
            check_ok(sock_httpd_set_context(s->httpd, NULL));
        check_ok(sock_httpd_do(s->httpd, "GET", say_very_much, NULL));
        begin_server(s);
        sock_t *c = i / 2 == 1 ? connect_to(s) : connect_tls(s);
        say(c, "GET / HTTP/1.1\r\n" END);
        size_t all = 0;
        ssize_t n = 1;
        for (int k = 0; k < 3; k++) {
            wait_for_someone(s, SOCK__PLACE_WRITE);
            for (size_t to = all + (2 << 20); all < to; all += (size_t)n)
                check((n = sock_recv(c, answer, sizeof answer, 0)) > 0);
        }
        while ((n = sock_recv(c, answer, sizeof answer, 0)) > 0)
            all += (size_t)n;
        check_int(n, 0);
        check(all > 32 << 20);
        sock_free(c);
        stop_server(s);
    }
}

/* What no one has received is not forgotten with the answer: as without TLS. */
static void say_late(sock_httpd_request_t *self, void *arg)
{
    struct pollfd p = {.fd = sock_fileno(self->sock), .events = POLLIN};
    char body[16];

    while (sock_httpd_read(self, body, sizeof body) > 0)
        ;
    sem_post(arg);
    check_int(poll(&p, 1, 15000), 1);
    say_much(self, NULL);
}

TEST(tls_httpd, more_than_was_received)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {.size = sizeof limits,
                                      .threads = models[i]};
        struct server *s = tls_server(&limits);
        sem_t read;
        sem_init(&read, 0, 0);
        check_ok(sock_httpd_do(s->httpd, "POST", say_late, &read));
        begin_server(s);
        sock_t *c = connect_tls(s);
        say(c, "POST / HTTP/1.1\r\nContent-Length: 5\r\n" END "hello");
        while (sem_wait(&read) < 0)
            ;
        say(c, "\r\n");
        wait_until_answered(s);
        size_t n = hear_all(c, answer, sizeof answer);
        check_that(n > 300000, "%zu", n);
        sock_free(c);
        stop_server(s);
        sem_destroy(&read);
    }
}

/* A connection that is handed over may have shaken hands before. */
static void *serve_one(void *arg)
{
    sock_t **of = arg;
    sock_ssl_context_t *ctx = server_context("good");
    struct server *s = make_server(0);
    check_ok(sock_httpd_set_context(s->httpd, sock_ssl_tls(ctx)));
    sock_t *secured =
        sock_ssl_wrap_socket(ctx, *of, SOCK_SSL_SERVER_SIDE, NULL, NULL);
    sock_ssl_context_free(ctx);
    sock_free(*of);
    check_ok(sock_httpd_serve(s->httpd, check_made(secured)));
    free_server(s);
    return NULL;
}

TEST(tls_httpd, one_that_has_shaken_hands)
{
    struct pair p = tcp_pair();
    pthread_t thread;

    check_ok(sock_settimeout(p.a, 15));
    check_ok(sock_settimeout(p.b, 15));
    check_int(pthread_create(&thread, NULL, serve_one, &p.b), 0);
    sock_ssl_context_t *ctx = client_context();
    sock_t *c = check_made(wrap(ctx, p.a, 0, "localhost"));
    sock_ssl_context_free(ctx);
    say(c, "GET / HTTP/1.1\r\n" END);
    hear_all(c, answer, sizeof answer);
    check(strstr(answer, "<GET />") != NULL);
    sock_free(c);
    pthread_join(thread, NULL);
}

/* One worker, and clients that never shake hands: others are served. */
TEST(tls_httpd, no_handshake_holds_a_worker)
{
    enum { SILENT = 5 };
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .threads = 1, .head_timeout = 2};
    struct server *s = tls_server(&limits);
    sock_t *silent[SILENT];

    begin_server(s);
    for (int i = 0; i < SILENT; i++)
        silent[i] = connect_to(s);
    check_ok(sock_sendall(silent[0], "\x16\x03\x01", 3, 0));
    check_ok(sock_sendall(silent[1], "GET / HTTP/1.1\r\n\r\n", 18, 0));
    sock_t *c = connect_tls(s);
    say(c, "GET / HTTP/1.1\r\n" END);
    hear_all(c, answer, sizeof answer);
    check(strstr(answer, "<GET />") != NULL);
    sock_free(c);
    for (int i = 0; i < SILENT; i++) {
        hear_all(silent[i], answer, sizeof answer);
        check(strstr(answer, "HTTP/1.1") == NULL);
        sock_free(silent[i]);
    }
    stop_server(s);
}

/* A file that is on its way when the server is told to end. */
static sock_t *begin_file(struct server *s)
{
    check_ok(sock_httpd_do(s->httpd, "GET", say_much, NULL));
    begin_server(s);
    sock_t *c = connect_tls(s);
    say(c, "GET / HTTP/1.1\r\n" HOST "\r\n");
    hear_until(c, answer, sizeof answer, "\r\n\r\n");
    check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    return c;
}

TEST(tls_httpd, a_file_is_sent_to_its_end)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {.size = sizeof limits,
                                      .threads = models[i]};
        struct server *s = tls_server(&limits);
        sock_t *c = begin_file(s);

        check_ok(sock_httpd_shutdown(s->httpd, 60));
        size_t n = hear_all(c, answer, sizeof answer);
        check_int(n, 300000);
        check_int(strspn(answer, "x"), 300000);
        wait_for_server(s);
        free_server(s);
        sock_free(c);
    }
}

static void say_without_end(sock_httpd_request_t *self, void *arg)
{
    static char block[1 << 16];
    (void)arg;

    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    while (sock_httpd_write(self, block, sizeof block) == 0)
        ;
}

/* One that is waited for by its handler, which has to notice. */
TEST(tls_httpd, an_answer_is_cut)
{
    sock_httpd_limits_t limits = {.size = sizeof limits, .threads = 2};
    struct server *s = tls_server(&limits);

    check_ok(sock_httpd_do(s->httpd, "POST", say_without_end, NULL));
    sock_t *c = begin_file(s);
    say(c, "POST / HTTP/1.1\r\n" HOST "\r\n");
    double begun = now();
    check_ok(sock_httpd_shutdown(s->httpd, 0.2));
    wait_for_server(s);
    free_server(s);
    check(now() - begun < 5);
    sock_free(c);
}

static void slow_echo(sock_httpd_request_t *self, void *arg)
{
    poll(NULL, 0, 30);
    echo(self, arg);
}

/* Each request that a handler was given is answered whole. */
TEST(tls_httpd, no_answer_is_lost)
{
    enum { CLIENTS = 10 };

    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {.size = sizeof limits,
                                      .threads = models[i]};
        struct server *s = tls_server(&limits);
        sock_t *c[CLIENTS];
        int answered = 0;

        check_ok(sock_httpd_do(s->httpd, "GET", slow_echo, s));
        begin_server(s);
        for (int k = 0; k < CLIENTS; k++)
            c[k] = connect_tls(s);
        for (int k = 0; k < CLIENTS; k++)
            say(c[k], "GET /x HTTP/1.1\r\n" HOST "\r\n");
        hear_until(c[0], answer, sizeof answer, "<GET /x>");
        check(strstr(answer, "<GET /x>") != NULL);
        check_ok(sock_httpd_shutdown(s->httpd, 20));
        for (int k = 1; k < CLIENTS; k++) {
            size_t n = hear_all(c[k], answer, sizeof answer);
            bool whole = n > 8 && strcmp(answer + n - 8, "<GET /x>") == 0;
            check(whole || n == 0);
            answered += whole;
        }
        wait_for_server(s);
        check_int(answered + 1, s->requests);
        for (int k = 0; k < CLIENTS; k++)
            sock_free(c[k]);
        free_server(s);
    }
}
