/* SPDX-License-Identifier: MIT */
/* How a server ends: with its answers given, or at the end of its grace. */
#include "httpd_request.h"
#include "server.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOST "Host: a\r\n"
#define END HOST "Connection: close\r\n\r\n"

static char answer[100000];
static const int models[] = {-1, 3};

/* A handler that waits until it is let go. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int inside;
    bool open;
};

static void gate_begin(struct gate *g)
{
    *g = (struct gate){.inside = 0};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
}

static void gate_wait(struct gate *g, int inside)
{
    pthread_mutex_lock(&g->lock);
    while (g->inside < inside)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void gate_open(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->open = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

static void pass_gate(sock_httpd_request_t *self, void *arg)
{
    struct gate *g = arg;

    pthread_mutex_lock(&g->lock);
    g->inside++;
    pthread_cond_broadcast(&g->changed);
    while (!g->open)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_write(self, "through", 7);
}

TEST(httpd_stop, idle_connections_end_at_once)
{
    for (int i = 0; i < 2; i++) {
        struct server *s = run_server(models[i]);
        sock_t *idle = connect_to(s), *fresh = connect_to(s);
        double begun = now();

        say(idle, "GET / HTTP/1.1\r\n" HOST "\r\n");
        hear_until(idle, answer, sizeof answer, "<GET />");
        check_ok(sock_httpd_shutdown(s->httpd, 10));
        check_int(hear_all(idle, answer, sizeof answer), 0);
        wait_for_server(s);
        check(now() - begun < 5);
        free_server(s);
        check_int(hear_all(fresh, answer, sizeof answer), 0);
        sock_free(idle);
        sock_free(fresh);
    }
}

TEST(httpd_stop, an_answer_is_waited_for)
{
    struct gate g;
    struct server *s = make_server(2);
    gate_begin(&g);
    check_ok(sock_httpd_do(s->httpd, "POST", pass_gate, &g));
    begin_server(s);
    sock_t *c = connect_to(s);

    say(c, "POST / HTTP/1.1\r\n" HOST "\r\n");
    gate_wait(&g, 1);
    check_ok(sock_httpd_shutdown(s->httpd, 30));
    gate_open(&g);
    hear_all(c, answer, sizeof answer);
    check(strstr(answer, "Connection: close\r\n\r\nthrough") != NULL);
    wait_for_server(s);
    free_server(s);
    sock_free(c);
}

/* A head that has begun may still be completed. */
TEST(httpd_stop, a_head_is_waited_for)
{
    struct server *s = run_server(-1);
    sock_t *c = connect_to(s), *idle = connect_to(s);

    say(idle, "GET / HTTP/1.1\r\n" HOST "\r\n");
    hear_until(idle, answer, sizeof answer, "<GET />");
    say(c, "GET /half HTTP/1.1\r\n");
    say(idle, "GET /next HTTP/1.1\r\n" HOST "\r\n"); /* behind the other's */
    hear_until(idle, answer, sizeof answer, "<GET /next>");
    check_ok(sock_httpd_shutdown(s->httpd, 30));
    check_int(hear_all(idle, answer, sizeof answer), 0);
    say(c, HOST "\r\n");
    hear_all(c, answer, sizeof answer);
    check(strstr(answer, "Connection: close\r\n\r\n<GET /half>") != NULL);
    wait_for_server(s);
    free_server(s);
    sock_free(c);
    sock_free(idle);
}

/* What is not done at the end of the grace is cut. */
TEST(httpd_stop, what_is_left_is_cut)
{
    for (int i = 0; i < 2; i++) {
        struct server *s = run_server(models[i]);
        sock_t *c = connect_to(s), *body = connect_to(s);

        say(c, "GET / HTTP/1.1\r\n");
        if (models[i] > 0) /* else the loop would wait with it */
            say(body, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nab");
        ask(s, "GET / HTTP/1.1\r\n" END, strlen("GET / HTTP/1.1\r\n" END), 100,
            answer, sizeof answer);
        double begun = now();
        check_ok(sock_httpd_shutdown(s->httpd, 0.3));
        wait_for_server(s);
        double took = now() - begun;
        check_that(took >= 0.29 && took < 2, "%f s", took);
        free_server(s);
        hear_all(c, answer, sizeof answer);
        check_str(answer, "");
        hear_all(body, answer, sizeof answer);
        sock_free(c);
        sock_free(body);
    }
}

/* A handler that does not end outlives the loop, not the server. */
TEST(httpd_stop, a_handler_that_goes_on)
{
    struct gate g;
    struct server *s = make_server(2);
    gate_begin(&g);
    check_ok(sock_httpd_do(s->httpd, "POST", pass_gate, &g));
    begin_server(s);
    sock_t *c = connect_to(s);

    say(c, "POST / HTTP/1.1\r\n" HOST "\r\n");
    gate_wait(&g, 1);
    check_ok(sock_httpd_shutdown(s->httpd, 0));
    wait_for_server(s);
    check_int(hear_all(c, answer, sizeof answer), 0);
    gate_open(&g);
    free_server(s);
    sock_free(c);
}

static void stop_it(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_t **httpd = arg;
    check_ok(sock_httpd_shutdown(*httpd, 10));
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_end_headers(self);
    sock_httpd_write(self, "bye", 3);
}

TEST(httpd_stop, by_a_handler)
{
    for (int i = 0; i < 2; i++) {
        struct server *s = make_server(models[i]);
        check_ok(sock_httpd_do(s->httpd, "POST", stop_it, &s->httpd));
        begin_server(s);
        ask(s, "POST / HTTP/1.1\r\n" HOST "\r\n",
            strlen("POST / HTTP/1.1\r\n" HOST "\r\n"), 100, answer,
            sizeof answer);
        check(strstr(answer, "Connection: close\r\n\r\nbye") != NULL);
        wait_for_server(s);
        free_server(s);
    }
}

static sock_httpd_t *to_stop;

static void on_signal(int number)
{
    (void)number;
    sock_httpd_shutdown(to_stop, 10);
}

TEST(httpd_stop, by_a_signal)
{
    struct sigaction action = {.sa_handler = on_signal}, before;
    struct server *s = run_server(2);

    to_stop = s->httpd;
    sigaction(SIGUSR1, &action, &before);
    ask(s, "GET / HTTP/1.1\r\n" END, strlen("GET / HTTP/1.1\r\n" END), 100,
        answer, sizeof answer);
    check_int(pthread_kill(s->thread, SIGUSR1), 0);
    wait_for_server(s);
    sigaction(SIGUSR1, &before, NULL);
    free_server(s);
}

/* Before it serves, and again behind that. */
TEST(httpd_stop, it_can_serve_again)
{
    struct server *s = make_server(2);

    check_ok(sock_httpd_shutdown(s->httpd, 0));
    check_ok(sock_httpd_serve_forever(s->httpd));
    for (int i = 0; i < 3; i++) {
        begin_server(s);
        ask(s, "GET / HTTP/1.1\r\n" END, strlen("GET / HTTP/1.1\r\n" END), 100,
            answer, sizeof answer);
        check(strstr(answer, "<GET />") != NULL);
        check_ok(sock_httpd_shutdown(s->httpd, 1));
        wait_for_server(s);
    }
    free_server(s);
}

/* Under load no answer is lost: a request that was taken whole is answered
 * whole. */
struct client {
    const struct server *s;
    pthread_t thread;
    int whole, broken;
};
static atomic_bool all_done;

static void *ask_on(void *arg)
{
    struct client *k = arg;
    char text[2000];

    for (;;) {
        sock_t *c = sock_new(AF_INET, SOCK_STREAM, 0);
        sock_settimeout(c, 10);
        bool up = sock_connect(c, k->s->address) == 0;
        for (int i = 0; up && i < 5; i++) {
            static const char request[] = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
            if (sock_sendall(c, request, sizeof request - 1, 0) < 0)
                break;
            size_t n = hear_until(c, text, sizeof text, "<GET /x>");
            if (n > 0 && strstr(text, "<GET /x>") == NULL)
                k->broken++;
            if (n == 0 || strstr(text, "Connection: close") != NULL)
                break;
            k->whole++;
        }
        sock_free(c);
        if (atomic_load(&all_done))
            return NULL;
    }
}

TEST(httpd_stop, under_load)
{
    enum { CLIENTS = 6, ROUNDS = 10 };

    for (int i = 0; i < 2; i++) {
        struct client clients[CLIENTS];
        struct server *s = make_server(models[i]);
        atomic_store(&all_done, false);
        begin_server(s);
        for (int k = 0; k < CLIENTS; k++) {
            clients[k] = (struct client){.s = s};
            pthread_create(&clients[k].thread, NULL, ask_on, &clients[k]);
        }
        for (int round = 0; round < ROUNDS; round++) {
            poll(NULL, 0, 20);
            check_ok(sock_httpd_shutdown(s->httpd, 10));
            pthread_join(s->thread, NULL);
            if (round + 1 < ROUNDS)
                begin_server(s);
        }
        atomic_store(&all_done, true);
        free_server_keeping(s);
        int whole = 0;
        for (int k = 0; k < CLIENTS; k++) {
            pthread_join(clients[k].thread, NULL);
            check_int(clients[k].broken, 0);
            whole += clients[k].whole;
        }
        check(whole > 0);
        free(s);
    }
}

/* A file that goes on by turns is cut between two of them. */
static void send_and_end(sock_httpd_request_t *self, void *arg)
{
    enum { SIZE = 64 << 20 };
    FILE *f = tmpfile();

    check_ok(ftruncate(fileno(f), SIZE));
    check_ok(sock_httpd_shutdown(arg, 0));
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Length", "67108864");
    sock_httpd_end_headers(self);
    sock__httpd_file(self, dup(fileno(f)), 0, SIZE);
    fclose(f);
}

TEST(httpd_stop, between_two_pieces_of_a_file)
{
    struct server *s = make_server(-1);

    check_ok(sock_httpd_do(s->httpd, "PUT", send_and_end, s->httpd));
    begin_server(s);
    sock_t *c = connect_to(s);
    say(c, "PUT / HTTP/1.1\r\n" END);
    wait_for_server(s);
    free_server(s);
    size_t n = 0;
    ssize_t got;
    while ((got = sock_recv(c, answer, sizeof answer, 0)) > 0)
        n += (size_t)got;
    check_that(n > 0 && n < 64 << 20, "%zu", n);
    sock_free(c);
}

/* A connection that a thread of its own serves. */
struct alone {
    sock_httpd_t *httpd;
    struct pair p;
    pthread_t thread;
    int result;
};

static void *serve_alone(void *arg)
{
    struct alone *a = arg;
    a->result = sock_httpd_serve(a->httpd, a->p.b);
    return NULL;
}

static void alone_begin(struct alone *a, const struct server *s)
{
    *a = (struct alone){.httpd = s->httpd, .p = unix_pair(SOCK_STREAM)};
    check_ok(sock_settimeout(a->p.a, 15));
    check_int(pthread_create(&a->thread, NULL, serve_alone, a), 0);
}

/* It is answered, and goes on. */
static void alone_ask(struct alone *a)
{
    say(a->p.a, "GET / HTTP/1.1\r\n" HOST "\r\n");
    hear_until(a->p.a, answer, sizeof answer, "<GET />");
    check(strstr(answer, "<GET />") != NULL);
    check(strstr(answer, "close") == NULL);
}

/* It ends, and has said no more but this. */
static void alone_end(struct alone *a, const char *end)
{
    size_t n = hear_all(a->p.a, answer, sizeof answer);
    check(n >= strlen(end) && strcmp(answer + n - strlen(end), end) == 0);
    check(n == 0 || *end != '\0');
    pthread_join(a->thread, NULL);
    check_int(a->result, 0);
    sock_free(a->p.a);
}

static struct server *patient_server(void)
{
    sock_httpd_limits_t limits = {
        .size = sizeof limits, .threads = 2, .idle_timeout = 600};
    struct server *s = make_server(2);
    check_ok(sock_httpd_set_limits(s->httpd, &limits));
    return s;
}

/* What is served alone ends with its answer, whatever becomes of the loop; what
 * begins later does not. */
TEST(httpd_stop, beside_who_serves_alone)
{
    struct gate g;
    struct server *s = patient_server();
    struct alone busy, idle, later;
    gate_begin(&g);
    check_ok(sock_httpd_do(s->httpd, "POST", pass_gate, &g));
    begin_server(s);

    alone_begin(&busy, s);
    alone_begin(&idle, s);
    say(busy.p.a, "POST / HTTP/1.1\r\n" HOST "\r\n");
    gate_wait(&g, 1);
    alone_ask(&idle);
    check_ok(sock_httpd_shutdown(s->httpd, 30));
    wait_for_server(s);
    alone_begin(&later, s);
    alone_ask(&later);
    alone_end(&idle, "");
    alone_ask(&later);
    sock_t *c = connect_to(s);
    say(c, "GET / HTTP/1.1\r\n" END);
    check_ok(sock_httpd_handle_request(s->httpd));
    sock_free(c);
    say(busy.p.a, "POST / HTTP/1.1\r\n" HOST "\r\n");
    gate_open(&g);
    alone_end(&busy, "Connection: close\r\n\r\nthrough");
    alone_ask(&later);
    check_ok(sock_httpd_shutdown(s->httpd, 0));
    alone_end(&later, "");
    check_ok(sock_httpd_serve_forever(s->httpd));
    free_server(s);
}

/* Each shutdown ends those who had begun, and no others. */
TEST(httpd_stop, beside_many_who_serve_alone)
{
    enum { ROUNDS = 30, EACH = 4 };
    struct server *s = patient_server();
    struct alone a[2][EACH];

    for (int i = 0; i <= ROUNDS; i++) {
        for (int k = 0; k < EACH && i < ROUNDS; k++)
            alone_begin(&a[i % 2][k], s);
        for (int k = 0; k < EACH && i > 0; k++)
            alone_end(&a[(i + 1) % 2][k], "");
        if (i == ROUNDS)
            break;
        begin_server(s);
        for (int k = 0; k < EACH; k++)
            alone_ask(&a[i % 2][k]);
        check_ok(sock_httpd_shutdown(s->httpd, 10));
        wait_for_server(s);
    }
    free_server(s);
}

/* A child has nothing of its parent's server but its memory, and frees that
 * whatever the parent's threads were doing. */
static int in_child(sock_httpd_t *httpd)
{
    alarm(10);
    bool refused = sock_httpd_shutdown(httpd, 0) == -1 && errno == EINVAL &&
                   sock_httpd_serve_forever(httpd) == -1;
    sock_httpd_free(httpd);
    return refused ? 0 : 1;
}

static void need_whole_children(void)
{
    if (under_valgrind())
        skip("what the parent's threads hold is lost in a child");
}

static void check_child(const struct server *s)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        end_child(in_child(s->httpd));
    check_int(waitpid(pid, &status, 0), pid);
    check_int(status, 0);
}

static void check_answer(sock_t *c, const char *request, const char *end)
{
    say(c, request);
    hear_until(c, answer, sizeof answer, end);
    check(strstr(answer, end) != NULL);
}

TEST(httpd_stop, in_a_child)
{
    need_whole_children();
    for (int i = 0; i < 2; i++) {
        struct server *s = run_server(models[i]);
        sock_t *c = connect_to(s), *begun = connect_to(s);

        say(begun, "GET /3 HTTP/1.1\r\n");
        check_answer(c, "GET / HTTP/1.1\r\n" HOST "\r\n", "<GET />");
        check_child(s);
        check_answer(c, "GET /2 HTTP/1.1\r\n" HOST "\r\n", "<GET /2>");
        check_answer(begun, HOST "\r\n", "<GET /3>");
        ask(s, "GET /4 HTTP/1.1\r\n" END, strlen("GET /4 HTTP/1.1\r\n" END),
            100, answer, sizeof answer);
        check(strstr(answer, "<GET /4>") != NULL);
        sock_free(c);
        sock_free(begun);
        stop_server(s);
    }
}

/* One worker waits for a body, within the library; one is in its handler. */
TEST(httpd_stop, in_a_child_while_workers_work)
{
    need_whole_children();
    struct gate g;
    struct server *s = make_server(3);
    gate_begin(&g);
    check_ok(sock_httpd_do(s->httpd, "PUT", pass_gate, &g));
    begin_server(s);
    sock_t *body = connect_to(s), *inside = connect_to(s);

    check_answer(body,
                 "POST / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n"
                 "Content-Length: 5\r\n\r\n",
                 "100 Continue\r\n\r\n");
    say(inside, "PUT / HTTP/1.1\r\n" HOST "\r\n");
    gate_wait(&g, 1);
    check_child(s);
    gate_open(&g);
    hear_until(inside, answer, sizeof answer, "through");
    check(strstr(answer, "through") != NULL);
    check_answer(body, "bytes", "<POST />");
    check_answer(inside, "GET /2 HTTP/1.1\r\n" HOST "\r\n", "<GET /2>");
    sock_free(body);
    sock_free(inside);
    stop_server(s);
}
