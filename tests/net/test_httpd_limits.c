/* SPDX-License-Identifier: MIT */
/* What a client may not do for too long, or too often. */
#include "places.h"

#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#define HOST "Host: a\r\n"
#define END HOST "Connection: close\r\n\r\n"

static char answer[100000];

static struct server *with_limits(const sock_httpd_limits_t *limits)
{
    struct server *s = make_server(-1);
    check_ok(sock_httpd_set_limits(s->httpd, limits));
    begin_server(s);
    return s;
}

/* Hears to the end, which should come after so many seconds. */
static void check_ends(sock_t *c, double begun, double least,
                       const char *status)
{
    char text[64];

    hear_all(c, answer, sizeof answer);
    double took = now() - begun;
    statuses(answer, text, sizeof text);
    check_str(text, status);
    check_that(took > least - 0.1 && took < least + 3, "after %f s", took);
}

/* All in time, in both models. */
static const int models[] = {-1, 2};

TEST(httpd_limits, a_head_has_its_time_in_all)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {
            .size = sizeof limits, .threads = models[i], .head_timeout = 0.3};
        struct server *s = with_limits(&limits);
        sock_t *silent = connect_to(s), *slow = connect_to(s);
        double begun = now();

        check_ok(sock_settimeout(slow, 0.02));
        int k = 0;
        for (; k < 100; k++) {
            char byte[2] = {
                "GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaa"
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"[k],
                0};
            if (sock_sendall(slow, byte, 1, 0) < 0 ||
                sock_wait(slow, SOCK_EVENT_READ, 0.02) > 0)
                break;
        }
        check(k < 100); /* of which each would have given it more time */
        check_ok(sock_settimeout(slow, 10));
        check_ends(slow, begun, 0.3, "408");
        check_ends(silent, begun, 0.3, "");
        sock_free(slow);
        sock_free(silent);
        stop_server(s);
    }
}

TEST(httpd_limits, idle)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {
            .size = sizeof limits, .threads = models[i], .idle_timeout = 0.3};
        struct server *s = with_limits(&limits);
        sock_t *c = connect_to(s);

        say(c, "GET / HTTP/1.1\r\n" HOST "\r\n");
        hear_until(c, answer, sizeof answer, "<GET />");
        double begun = now();
        check_ends(c, begun, 0.3, "");
        sock_free(c);
        stop_server(s);
    }
}

TEST(httpd_limits, a_slow_body)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {.size = sizeof limits,
                                      .threads = models[i],
                                      .body_grace = 0.3,
                                      .body_rate = 100};
        struct server *s = with_limits(&limits);
        sock_t *c = connect_to(s);
        double begun = now();

        say(c,
            "POST / HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\n0123456789");
        check_ends(c, begun, 0.3, "408");
        check_int(s->requests, 0);
        sock_free(c);
        stop_server(s);
    }
}

/* A body that keeps its rate may take longer than the grace. */
TEST(httpd_limits, a_body_at_its_rate)
{
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .body_grace = 0.2, .body_rate = 10};
    struct server *s = with_limits(&limits);
    sock_t *c = connect_to(s);

    say(c, "POST / HTTP/1.1\r\n" HOST "Content-Length: 20\r\n\r\n");
    for (int i = 0; i < 20; i++) {
        say(c, "x");
        poll(NULL, 0, 30);
    }
    hear_until(c, answer, sizeof answer, "<POST />");
    check(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    sock_free(c);
    stop_server(s);
}

/* Who never reads */

static void say_much(sock_httpd_request_t *self, void *arg)
{
    static char block[1 << 20];
    atomic_int *failed = arg;

    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    for (int i = 0; i < 64; i++)
        if (sock_httpd_write(self, block, sizeof block) < 0) {
            *failed = sock_last_error()->kind;
            check_fails(sock_httpd_write(self, "x", 1), SOCK_E_OS, EPIPE,
                        "write: [Errno 32] Broken pipe");
            return;
        }
}

TEST(httpd_limits, a_client_that_does_not_read)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {
            .size = sizeof limits, .threads = models[i], .write_timeout = 0.3};
        struct server *s = make_server(-1);
        atomic_int failed = 0;
        check_ok(sock_httpd_set_limits(s->httpd, &limits));
        check_ok(sock_httpd_do(s->httpd, "GET", say_much, &failed));
        begin_server(s);
        sock_t *c = connect_to(s);
        say(c, "GET / HTTP/1.1\r\n" HOST "\r\n");
        while (failed == 0)
            poll(NULL, 0, 20);
        sock_free(c);
        stop_server(s);
        check_int(failed, SOCK_E_TIMEOUT);
    }
}

/* An answer that is held back goes to the loop, and the worker to others. */
static void say_some(sock_httpd_request_t *self, void *arg)
{
    static char block[16000];
    (void)arg;
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_write(self, block, sizeof block);
}

TEST(httpd_limits, no_worker_is_held_by_who_does_not_read)
{
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .threads = 1, .write_timeout = 30};
    struct server *s = make_server(-1);
    check_ok(sock_httpd_set_limits(s->httpd, &limits));
    check_ok(sock_httpd_do(s->httpd, "POST", say_some, NULL));
    begin_server(s);
    sock_t *c = connect_to(s);
    double begun = now();

    check_ok(sock_settimeout(c, 0.2));
    for (int i = 0; i < 3000; i++) /* far more answers than anyone keeps */
        if (sock_sendall(c, "POST / HTTP/1.1\r\n" HOST "\r\n", 28, 0) < 0)
            break;
    ask(s, "GET /x HTTP/1.1\r\n" END, strlen("GET /x HTTP/1.1\r\n" END), 1000,
        answer, sizeof answer);
    check(strstr(answer, "<GET /x>") != NULL);
    check(now() - begun < 15);
    sock_free(c);
    stop_server(s);
}

/* The loop does not wait for ever either. */
TEST(httpd_limits, answers_that_no_one_takes)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {
            .size = sizeof limits, .threads = models[i], .write_timeout = 0.3};
        struct server *s = make_server(-1);
        check_ok(sock_httpd_set_limits(s->httpd, &limits));
        check_ok(sock_httpd_do(s->httpd, "POST", say_some, NULL));
        begin_server(s);
        sock_t *c = connect_to(s);
        check_ok(sock_settimeout(c, 0.1));
        for (int k = 0; k < 3000; k++)
            if (sock_sendall(c, "POST / HTTP/1.1\r\n" HOST "\r\n", 28, 0) < 0)
                break;
        wait_for_no_one(s);
        sock_free(c);
        stop_server(s);
    }
}

/* Who sends meanwhile */

enum { LARGE = 16 << 20 };

static void say_file(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    answer_zeros(self, LARGE);
}

/* The system has so many bytes for who waits for room. */
static void wait_for_bytes(const struct server *s, ssize_t number)
{
    char bytes[1000];

    for (ssize_t i = 0, there = 0; there < number; i++) {
        check(i < 1000);
        poll(NULL, 0, i > 0 ? 10 : 0);
        pthread_mutex_lock(&s->httpd->lock);
        const struct sock__conn *c =
            sock__place_first(s->httpd, SOCK__PLACE_WRITE);
        if (c != NULL)
            there = recv(sock_fileno(c->sock), bytes, sizeof bytes,
                         MSG_PEEK | MSG_DONTWAIT);
        pthread_mutex_unlock(&s->httpd->lock);
    }
}

/* What was sent before by others was seen by the loop. */
static void have_a_turn(sock_t *c)
{
    say(c, "POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
    hear_until(c, answer, sizeof answer, "<POST />");
    check(strstr(answer, "<POST />") != NULL);
}

static struct server *with_files(int threads)
{
    sock_httpd_limits_t limits = {.size = sizeof limits, .threads = threads};
    struct server *s = make_server(-1);

    check_ok(sock_httpd_set_limits(s->httpd, &limits));
    check_ok(sock_httpd_do(s->httpd, "GET", say_file, NULL));
    begin_server(s);
    return s;
}

/* The time in which one has to read goes on, whatever it sends; and its end is
 * noticed all the same. */
TEST(httpd_limits, who_sends_and_does_not_read)
{
    for (int i = 0; i < 2; i++) {
        struct server *s = with_files(models[i]);
        sock_t *c = connect_to(s), *other = connect_to(s);

        check_ok(sock_setsockopt_int(c, IPPROTO_TCP, TCP_NODELAY, 1));
        say(c, "GET / HTTP/1.1\r\n" HOST "\r\n");
        wait_for_someone(s, SOCK__PLACE_WRITE);
        for (int k = 0, same = 0; same < 5; k++) {
            int64_t since = there_since(s, SOCK__PLACE_WRITE);
            check(k < 200);
            say(c, "x");
            wait_for_bytes(s, k + 1);
            have_a_turn(other);
            bool waits = since == there_since(s, SOCK__PLACE_WRITE);
            same = waits && since != 0 ? same + 1 : 0;
        }
        sock_free(c);
        sock_free(other);
        wait_for_no_one(s);
        stop_server(s);
    }
}

/* What was sent meanwhile, or that no more is, is not forgotten. */
TEST(httpd_limits, who_sends_and_reads_later)
{
    for (int i = 0; i < 4; i++) {
        struct server *s = with_files(models[i % 2]);
        sock_t *c = connect_to(s), *other = connect_to(s);
        size_t len = 0;
        ssize_t n;

        say(c, "GET / HTTP/1.1\r\n" HOST "\r\n");
        wait_for_someone(s, SOCK__PLACE_WRITE);
        say(c, i < 2 ? "GET / HTTP/1.1\r\n" END
                     : "GET / HTTP/1.1\r\n" HOST "\r\n");
        if (i >= 2)
            sock_shutdown(c, SHUT_WR);
        have_a_turn(other);
        while ((n = sock_recv(c, answer, sizeof answer, 0)) > 0)
            len += (size_t)n;
        check_int(n, 0);
        check_that(len > 2 * LARGE, "%zu", len);
        sock_free(c);
        sock_free(other);
        stop_server(s);
    }
}

static void say_nothing(sock_httpd_request_t *self, void *arg)
{
    (void)arg;
    sock_httpd_send_response(self, 204, NULL);
    sock_httpd_end_headers(self);
}

/* A head that begins with the end of a body that no one reads has its own time,
 * not what that has left. */
TEST(httpd_limits, a_head_behind_a_late_body)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {.size = sizeof limits,
                                      .threads = models[i]};
        struct server *s = make_server(-1);
        check_ok(sock_httpd_set_limits(s->httpd, &limits));
        check_ok(sock_httpd_do(s->httpd, "POST", say_nothing, NULL));
        begin_server(s);
        sock_t *c = connect_to(s);

        say(c, "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n");
        hear_until(c, answer, sizeof answer, "\r\n\r\n");
        wait_for_someone(s, SOCK__PLACE_DRAIN);
        int64_t since = there_since(s, SOCK__PLACE_DRAIN);
        say(c, "abcGET / HT");
        wait_for_someone(s, SOCK__PLACE_HEAD);
        check(there_since(s, SOCK__PLACE_HEAD) > since);
        say(c, "TP/1.1\r\n" END);
        hear_all(c, answer, sizeof answer);
        check(strstr(answer, "<GET />") != NULL);
        sock_free(c);
        stop_server(s);
    }
}

/* Numbers */

TEST(httpd_limits, requests_of_a_connection)
{
    sock_httpd_limits_t limits = {.size = sizeof limits, .requests = 2};
    struct server *s = with_limits(&limits);
    char text[64];
    static const char three[] = "GET /1 HTTP/1.1\r\n" HOST "\r\n"
                                "GET /2 HTTP/1.1\r\n" HOST "\r\n"
                                "GET /3 HTTP/1.1\r\n" HOST "\r\n";

    ask(s, three, sizeof three - 1, 1000, answer, sizeof answer);
    statuses(answer, text, sizeof text);
    check_str(text, "200 200");
    check(strstr(answer, "Connection: close\r\n\r\n<GET /2>") != NULL);
    stop_server(s);
}

TEST(httpd_limits, a_large_body)
{
    sock_httpd_limits_t limits = {.size = sizeof limits, .body = 10};
    struct server *s = with_limits(&limits);
    static const struct {
        const char *fields_and_body, *status;
    } rows[] = {
        {"Content-Length: 10\r\n\r\n0123456789", "200"},
        {"Content-Length: 11\r\n\r\n01234567890", "413"},
        {"Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
         "200"},
        {"Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n",
         "413"},
        {"Transfer-Encoding: chunked\r\n\r\n9\r\n012345678\r\n2\r\n01\r\n0\r\n"
         "\r\n",
         "413"},
    };
    char request[300], text[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int n =
            snprintf(request, sizeof request, "POST / HTTP/1.1\r\n" HOST "%s",
                     rows[i].fields_and_body);
        ask(s, request, (size_t)n, 1000, answer, sizeof answer);
        statuses(answer, text, sizeof text);
        check_str(text, rows[i].status);
    }
    stop_server(s);
}

TEST(httpd_limits, heads)
{
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .head = 100, .target = 20, .fields = 3};
    struct server *s = with_limits(&limits);
    static const char *const rows[][2] = {
        {"GET /0123456789012345678 HTTP/1.1\r\n" HOST "\r\n", "200"},
        {"GET /01234567890123456789 HTTP/1.1\r\n" HOST "\r\n", "414"},
        {"GET / HTTP/1.1\r\n" HOST "A:\r\nB:\r\n\r\n", "200"},
        {"GET / HTTP/1.1\r\n" HOST "A:\r\nB:\r\nC:\r\n\r\n", "431"},
        {"GET / HTTP/1.1\r\n" HOST "A: 012345678901234567890123456789012345678"
         "9012345678901234567890123456789012345678901234567890\r\n\r\n",
         "431"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n"
         "A: 0123456789012345678901234567890123456789\r\n\r\n",
         "413"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n"
         "A: b\r\n\r\n",
         "200"},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n"
         "A: b\r\nC: d\r\n\r\n",
         "413"},
    };
    char text[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t step = 1; step < 1000; step += 998) {
            ask(s, rows[i][0], strlen(rows[i][0]), step, answer, sizeof answer);
            statuses(answer, text, sizeof text);
            check_that(strcmp(text, rows[i][1]) == 0, "row %zu by %zu: %s", i,
                       step, text);
        }
    }
    stop_server(s);
}

/* Over so many of one address a connection is closed. */
TEST(httpd_limits, per_address)
{
    sock_httpd_limits_t limits = {.size = sizeof limits, .per_address = 2};
    struct server *s = with_limits(&limits);
    sock_t *a = connect_to(s), *b = connect_to(s);

    say(a, "GET / HTTP/1.1\r\n" HOST "\r\n");
    hear_until(a, answer, sizeof answer, "<GET />");
    say(b, "GET / HTTP/1.1\r\n" HOST "\r\n");
    hear_until(b, answer, sizeof answer, "<GET />");
    sock_t *c = connect_to(s);
    check_int(hear_all(c, answer, sizeof answer), 0);
    sock_free(c);
    say(a, "GET / HTTP/1.1\r\n" END);
    hear_all(a, answer, sizeof answer);
    check(strstr(answer, "<GET />") != NULL);
    sock_free(a);
    c = connect_to(s);
    say(c, "GET / HTTP/1.1\r\n" HOST "\r\n");
    hear_until(c, answer, sizeof answer, "<GET />");
    check(strstr(answer, "<GET />") != NULL);
    sock_free(b);
    sock_free(c);
    stop_server(s);
}

/* Of one that is served by itself, too. */
TEST(httpd_limits, idle_alone)
{
    sock_httpd_limits_t limits = {.size = sizeof limits,
                                  .threads = -1,
                                  .head_timeout = 0.05,
                                  .idle_timeout = 0.05};
    sock_httpd_t *httpd = check_made(sock_httpd_new("127.0.0.1", 0));
    struct pair p = unix_pair(SOCK_STREAM);

    check_ok(sock_httpd_set_limits(httpd, &limits));
    check_ok(sock_httpd_serve(httpd, p.b));
    check_int(hear_all(p.a, answer, sizeof answer), 0);
    sock_free(p.a);
    sock_httpd_free(httpd);
}

enum { AT_ONCE = 70 };

static void meet(sock_httpd_request_t *self, void *arg)
{
    pthread_barrier_wait(arg);
    check_ok(sock_httpd_send_response(self, 204, NULL));
    check_ok(sock_httpd_end_headers(self));
}

/* More requests, and more heads, than memory is kept for. */
TEST(httpd_limits, many_at_once)
{
    sock_httpd_limits_t limits = {.size = sizeof limits, .threads = AT_ONCE};
    struct server *s = make_server(-1);
    pthread_barrier_t all;
    sock_t *c[2 * AT_ONCE];

    check_int(pthread_barrier_init(&all, NULL, AT_ONCE), 0);
    check_ok(sock_httpd_set_limits(s->httpd, &limits));
    check_ok(sock_httpd_do(s->httpd, "GET", meet, &all));
    begin_server(s);
    for (int i = 0; i < 2 * AT_ONCE; i++) {
        c[i] = connect_to(s);
        say(c[i], "GET / HTTP/1.1\r\n");
    }
    for (int i = 0; i < 2 * AT_ONCE; i++)
        say(c[i], END);
    for (int i = 0; i < 2 * AT_ONCE; i++) {
        hear_all(c[i], answer, sizeof answer);
        check(strncmp(answer, "HTTP/1.1 204 ", 13) == 0);
        sock_free(c[i]);
    }
    stop_server(s);
    pthread_barrier_destroy(&all);
}

/* The one that has done nothing for the longest time makes room. */
TEST(httpd_limits, connections)
{
    for (int i = 0; i < 2; i++) {
        sock_httpd_limits_t limits = {
            .size = sizeof limits, .connections = 2, .threads = models[i]};
        struct server *s = with_limits(&limits);
        sock_t *c[4];

        for (int k = 0; k < 4; k++) {
            c[k] = connect_to(s);
            say(c[k], "GET / HTTP/1.1\r\n" HOST "\r\n");
            hear_until(c[k], answer, sizeof answer, "<GET />");
            check(strstr(answer, "<GET />") != NULL);
        }
        check_int(hear_all(c[0], answer, sizeof answer), 0);
        check_int(hear_all(c[1], answer, sizeof answer), 0);
        say(c[2], "GET / HTTP/1.1\r\n" END);
        hear_all(c[2], answer, sizeof answer);
        check(strstr(answer, "<GET />") != NULL);
        for (int k = 0; k < 4; k++)
            sock_free(c[k]);
        stop_server(s);
    }
}

/* With no idle one the next waits in the system's queue. */
TEST(httpd_limits, connections_that_are_busy)
{
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .connections = 1, .head_timeout = 0.3};
    struct server *s = with_limits(&limits);
    sock_t *first = connect_to(s);

    say(first, "GET /1 HTTP/1.1\r\n");
    sock_t *second = connect_to(s);
    say(second, "GET /2 HTTP/1.1\r\n" END);
    hear_all(second, answer, sizeof answer);
    check(strstr(answer, "<GET /2>") != NULL);
    hear_all(first, answer, sizeof answer);
    check(strncmp(answer, "HTTP/1.1 408 Request Timeout\r\n", 30) == 0);
    sock_free(first);
    sock_free(second);
    stop_server(s);
}

/* No descriptor is left: those who come are closed, and the loop does not spin.
 */
TEST(httpd_limits, no_descriptor_left)
{
    struct server *s = run_server(-1);
    struct rlimit before, few;
    sock_t *first = connect_to(s);

    say(first, "GET / HTTP/1.1\r\n" HOST "\r\n");
    hear_until(first, answer, sizeof answer, "<GET />");
    sock_t *clients[3];
    for (int i = 0; i < 3; i++)
        clients[i] = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    int next = dup(0);
    close(next);
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = (rlim_t)next;
    check_int(setrlimit(RLIMIT_NOFILE, &few), 0);
    for (int i = 0; i < 3; i++) {
        check_ok(sock_settimeout(clients[i], 10));
        check_ok(sock_connect(clients[i], s->address));
        check_int(hear_all(clients[i], answer, sizeof answer), 0);
    }
    check_int(setrlimit(RLIMIT_NOFILE, &before), 0);
    say(first, "GET / HTTP/1.1\r\n" HOST "\r\n");
    hear_until(first, answer, sizeof answer, "<GET />");
    check(strstr(answer, "<GET />") != NULL);
    ask(s, "GET / HTTP/1.1\r\n" END, strlen("GET / HTTP/1.1\r\n" END), 100,
        answer, sizeof answer);
    check(strstr(answer, "<GET />") != NULL);
    for (int i = 0; i < 3; i++)
        sock_free(clients[i]);
    sock_free(first);
    stop_server(s);
}

TEST(httpd_limits, arguments)
{
    static const struct {
        sock_httpd_limits_t limits;
        const char *text;
    } rows[] = {
        {{.size = 1}, "set_limits: size of the struct is wrong"},
        {{.head = 1 << 25}, "set_limits: head is out of range"},
        {{.target = SIZE_MAX}, "set_limits: target is out of range"},
        {{.fields = SIZE_MAX}, "set_limits: fields is out of range"},
        {{.held = SIZE_MAX}, "set_limits: held is out of range"},
        {{.body = -1}, "set_limits: body is out of range"},
        {{.head_timeout = -1}, "set_limits: head_timeout is out of range"},
        {{.idle_timeout = NAN}, "set_limits: idle_timeout is out of range"},
        {{.write_timeout = 1e10}, "set_limits: write_timeout is out of range"},
        {{.body_grace = -0.1}, "set_limits: body_grace is out of range"},
        {{.body_rate = INFINITY}, "set_limits: body_rate is out of range"},
        {{.threads = -2}, "set_limits: threads is out of range"},
        {{.threads = 100000}, "set_limits: threads is out of range"},
        {{.requests = -1}, "set_limits: requests is out of range"},
        {{.connections = -1}, "set_limits: connections is out of range"},
        {{.per_address = -1}, "set_limits: per_address is out of range"},
        {{.reserved = {[7] = 1}}, "set_limits: reserved is not zero"},
    };
    sock_httpd_t *httpd = check_made(sock_httpd_new("127.0.0.1", 0));

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_httpd_limits_t limits = rows[i].limits;
        if (limits.size == 0)
            limits.size = sizeof limits;
        check_fails(sock_httpd_set_limits(httpd, &limits), SOCK_E_VALUE, 0,
                    rows[i].text);
    }
    check_fails(sock_httpd_set_limits(httpd, NULL), SOCK_E_TYPE, 0,
                "set_limits: argument is NULL");
    check_fails(sock_httpd_set_limits(NULL, NULL), SOCK_E_TYPE, 0,
                "set_limits: argument is NULL");
    sock_httpd_free(httpd);
}
