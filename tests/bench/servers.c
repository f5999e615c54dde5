/* SPDX-License-Identifier: MIT */
/*
 * What a connection costs a server in the processor's time: the library's, in
 * each mode, beside the same in plain C, and a pool beside a thread for each.
 * README.md has what has to be reached.
 *
 *   pysockc_bench_servers [ROUNDS]
 */
#define _GNU_SOURCE

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

#include "bench.h"

enum {
    SIZE = 64,     /* bytes there and back */
    AT_ONCE = 4,   /* connections */
    EACH_TIME = 8, /* as often in a slice, so it has 32 connections */
    SLICE = AT_ONCE * EACH_TIME,
    WORKERS = 8,
    STACK = 256 * 1024, /* the library's own */
    BACKLOG = 128,
    ROUNDS = 400,
    LEAST_ROUNDS = 100,
    OF_ONE_START = 20 /* rounds: a process may have its place by luck */
};

/* The library's servers. */

static int handle(sock_request_t *request)
{
    sock_t *s = sock_request_sock(request);
    char bytes[SIZE];
    ssize_t n = sock_recv(s, bytes, sizeof bytes, 0);
    return n < 0 ? -1 : sock_sendall(s, bytes, (size_t)n, 0);
}

static void serve_by_library(int mode, sock_t *listener)
{
    const sock_server_class_t c = {
        .size = sizeof c, .mode = mode, .threads = WORKERS, .handle = handle};
    sock_server_t *server = sock_server_adopt(&c, listener, NULL);
    BENCH_NEED(server);
    BENCH_NEED(sock_server_serve_forever(server, 0.5) == 0);
}

static void serial_library(sock_t *listener)
{
    serve_by_library(SOCK_SERVER_SERIAL, listener);
}

static void threading_library(sock_t *listener)
{
    serve_by_library(SOCK_SERVER_THREADING, listener);
}

static void pool_library(sock_t *listener)
{
    serve_by_library(SOCK_SERVER_POOL, listener);
}

/* The same in plain C. */

static void posix_handle(int fd)
{
    char bytes[SIZE];
    ssize_t n, sent = 0;
    do
        n = recv(fd, bytes, sizeof bytes, 0);
    while (n == -1 && errno == EINTR);
    while (sent < n) {
        ssize_t more = send(fd, bytes + sent, (size_t)(n - sent), MSG_NOSIGNAL);
        if (more == -1 && errno != EINTR)
            break;
        sent += more > 0 ? more : 0;
    }
    shutdown(fd, SHUT_WR);
    close(fd);
}

/* It can be ended, so it waits for who asks for that as well. */
static int posix_accept(int listener)
{
    static int event = -1;
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (event == -1)
        BENCH_NEED((event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) != -1);
    for (;;) {
        struct pollfd fds[] = {{event, POLLIN, 0}, {listener, POLLIN, 0}};
        int fd = -1;
        if (poll(fds, 2, -1) > 0)
            fd = accept4(listener, (struct sockaddr *)&peer, &size,
                         SOCK_CLOEXEC);
        if (fd != -1)
            return fd;
        BENCH_NEED(errno == EINTR || errno == EAGAIN || errno == ECONNABORTED);
    }
}

static void serial_posix(sock_t *listener)
{
    for (;;)
        posix_handle(posix_accept(sock_fileno(listener)));
}

/* A connection, in a list of those that wait for a worker. */
struct connection {
    struct connection *next;
    int fd;
};

static struct connection *new_connection(int fd)
{
    struct connection *c = malloc(sizeof *c);
    BENCH_NEED(c);
    *c = (struct connection){NULL, fd};
    return c;
}

static void *posix_thread(void *arg)
{
    struct connection *c = arg;
    posix_handle(c->fd);
    free(c);
    return NULL;
}

static pthread_t posix_start(void *(*run)(void *), void *arg, int detached)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    if (detached)
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    BENCH_NEED(pthread_create(&thread, &attributes, run, arg) == 0);
    pthread_attr_destroy(&attributes);
    return thread;
}

static void threading_posix(sock_t *listener)
{
    for (;;) {
        int fd = posix_accept(sock_fileno(listener));
        posix_start(posix_thread, new_connection(fd), 1);
    }
}

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct connection *first, **end;
} queue = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL,
           &queue.first};

static struct connection *take_connection(void)
{
    pthread_mutex_lock(&queue.lock);
    while (queue.first == NULL)
        pthread_cond_wait(&queue.work, &queue.lock);
    struct connection *c = queue.first;
    queue.first = c->next;
    if (queue.first == NULL)
        queue.end = &queue.first;
    pthread_mutex_unlock(&queue.lock);
    return c;
}

static void *posix_worker(void *arg)
{
    for (;;)
        posix_thread(take_connection());
    return arg;
}

static void pool_posix(sock_t *listener)
{
    for (int i = 0; i < WORKERS; i++)
        posix_start(posix_worker, NULL, 1);
    for (;;) {
        struct connection *c =
            new_connection(posix_accept(sock_fileno(listener)));
        pthread_mutex_lock(&queue.lock);
        *queue.end = c;
        queue.end = &c->next;
        pthread_cond_signal(&queue.work);
        pthread_mutex_unlock(&queue.lock);
    }
}

/* Processes: a server has one of its own, whose clock others can read. */

struct server {
    sock_addr_t where;
    pid_t process;
    clockid_t clock;
    double last; /* what the clock showed at the end of its last slice */
};

static double time_slice(struct server *s);

static struct server start(void (*serve)(sock_t *listener))
{
    struct server s = {.last = 0};
    sock_t *listener =
        sock_create_server(sock_addr_inet("127.0.0.1", 0), BACKLOG, 0);
    BENCH_NEED(listener && sock_getsockname(listener, &s.where) == 0);
    BENCH_NEED((s.process = fork()) != -1);
    if (s.process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listener);
        _exit(0);
    }
    sock_free(listener);
    BENCH_NEED(clock_getcpuclockid(s.process, &s.clock) == 0);
    time_slice(&s); /* warms it up */
    return s;
}

static void end(const struct server *s)
{
    kill(s->process, SIGKILL);
    waitpid(s->process, NULL, 0);
}

/* Microseconds since it was asked the last time. */
static double used(struct server *s)
{
    struct timespec t;
    BENCH_NEED(clock_gettime(s->clock, &t) == 0);
    double now = (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
    double before = s->last;
    s->last = now;
    return now - before;
}

/* Clients: some at a time are connected, ask, and have their answers. */

static int connect_to(sock_addr_t where)
{
    /* A reset, so that no port rests. */
    const struct linger reset = {.l_onoff = 1};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    BENCH_NEED(fd != -1);
    BENCH_NEED(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset));
    BENCH_NEED(connect(fd, &where.u.sa, where.len) == 0);
    return fd;
}

static void ask(sock_addr_t where)
{
    char bytes[SIZE] = {0};
    int fds[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++)
        fds[i] = connect_to(where);
    for (int i = 0; i < AT_ONCE; i++)
        BENCH_NEED(send(fds[i], bytes, SIZE, MSG_NOSIGNAL) == SIZE);
    for (int i = 0; i < AT_ONCE; i++) {
        BENCH_NEED(recv(fds[i], bytes, SIZE, MSG_WAITALL) == SIZE);
        BENCH_NEED(recv(fds[i], bytes, SIZE, 0) == 0);
        close(fds[i]);
    }
}

static double time_slice(struct server *s)
{
    for (int i = 0; i < EACH_TIME; i++)
        ask(s->where);
    return used(s) / SLICE;
}

/* Cases: one beside another, and that beside itself. */

enum { FIRST, SECOND, CONTROL, SIDES };

static const struct pair {
    const char *name;
    void (*first)(sock_t *listener), (*second)(sock_t *listener);
    double limit; /* of the ratio */
} pairs[] = {
    {"serial / plain C", serial_library, serial_posix, 1.05},
    {"threading / plain C", threading_library, threading_posix, 1.05},
    {"pool / plain C", pool_library, pool_posix, 1.10},
    {"pool / thread per request", pool_library, threading_library, 0.70},
};

static void show_spread(const struct bench_spread *s)
{
    printf(" %.3f [%.3f %.3f] |", s->median, s->low, s->high);
}

/* Microseconds of each, in one round. */
static void run_round(struct server servers[SIDES], double us[SIDES])
{
    int order[SIDES] = {FIRST, SECOND, CONTROL};
    bench_shuffle(order, SIDES);
    for (int k = 0; k < SIDES; k++)
        us[order[k]] = time_slice(&servers[order[k]]);
}

/* Some rounds of processes that are made, and ended, for these. */
static void run_rounds(const struct pair *p, int rounds, double (*us)[SIDES])
{
    void (*const serve[SIDES])(sock_t *) = {p->first, p->second, p->second};
    struct server servers[SIDES];
    int order[SIDES] = {FIRST, SECOND, CONTROL};
    bench_shuffle(order, SIDES);
    for (int k = 0; k < SIDES; k++)
        servers[order[k]] = start(serve[order[k]]);
    for (int i = 0; i < rounds; i++)
        run_round(servers, us[i]);
    for (int k = 0; k < SIDES; k++)
        end(&servers[k]);
}

static struct bench_spread spread_of(double (*us)[SIDES], int rounds, int of,
                                     int divided_by)
{
    double *values = malloc((size_t)rounds * sizeof *values);
    BENCH_NEED(values);
    for (int i = 0; i < rounds; i++)
        values[i] = us[i][of] / (divided_by < SIDES ? us[i][divided_by] : 1);
    struct bench_spread s = bench_spread_of(values, (size_t)rounds);
    free(values);
    return s;
}

static void compare_servers(const struct pair *p, int rounds)
{
    double(*us)[SIDES] = malloc((size_t)rounds * sizeof *us);
    BENCH_NEED(us);
    for (int i = 0; i < rounds; i += OF_ONE_START)
        run_rounds(p, rounds - i < OF_ONE_START ? rounds - i : OF_ONE_START,
                   us + i);
    const struct bench_spread ratio = spread_of(us, rounds, FIRST, SECOND);
    const struct bench_spread control = spread_of(us, rounds, CONTROL, SECOND);
    printf("| %s | %.1f | %.1f |", p->name,
           spread_of(us, rounds, FIRST, SIDES).median,
           spread_of(us, rounds, SECOND, SIDES).median);
    show_spread(&ratio);
    show_spread(&control);
    printf(" %.2f |\n", p->limit);
    fflush(stdout);
    free(us);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
    BENCH_NEED(rounds >= LEAST_ROUNDS);
    puts("| server | us | of the other | ratio | the other / itself | at most "
         "|\n|---|---|---|---|---|---|");
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        compare_servers(&pairs[i], rounds);
    return 0;
}
