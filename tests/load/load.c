/* SPDX-License-Identifier: MIT */
/*
 * load WHAT [AMOUNT]: what the library does under much of it. Prints one line
 * of figures; fails, and says why, if a promise is not kept.
 *
 *   hold N        N connections held at once, each pinged
 *   cycles N      N times connect, echo, close: no descriptor and no byte left
 *   storm MIB     sendall of so much under a signal every 50 us
 *   drip          deadlines while bytes come one at a time, and signals
 *   high N        sockets whose descriptors are about N
 *   full          accept when no descriptor is left
 *   inherit       what a program that is executed finds open
 *   fork          both processes use and close a socket that they share
 *   watch N       N registered in a selector, of which few are ready
 *   stale N       N rounds in which registered sockets are closed, duplicated,
 *                 forked, and their numbers used again, of each kind
 *   server M N    cycles of a server: serial, threading, forking or pool
 *   drain N       a server's end with N idle connections and some that are not
 *   slow N        N requests that never end, under a deadline
 *   shutdown M N  N times: how soon a server's loop returns, in a mode as above
 *   steps FILE    a deadline while the wall clock steps, which libfaketime
 *                 reads from FILE
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

#include "load.h"

static int open_descriptors(void)
{
    int n = 0;
    DIR *folder = opendir("/proc/self/fd");
    NEED(folder != NULL);
    while (readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n;
}

static size_t heap_in_use(void)
{
    return mallinfo2().uordblks;
}

static void all_descriptors(void)
{
    struct rlimit limit;
    NEED(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    NEED(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static sock_t *listener(sock_addr_t *where)
{
    sock_t *s = sock_create_server(sock_addr_inet("127.0.0.1", 0), 4096, 0);
    NEED(s != NULL && sock_getsockname(s, where) == 0);
    return s;
}

static void pair(sock_t *p[2])
{
    NEED(sock_socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0);
}

/* Many at once */

/* Echoes bytes on all connections until the listener's peer is gone. */
static void serve_all(sock_t *server, int count)
{
    sock_t **held = calloc((size_t)count, sizeof *held);
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN}, ready[64];
    ssize_t n = 1;

    NEED(held != NULL && poller >= 0);
    for (int i = 0; i < count; i++) {
        NEED((held[i] = sock_accept(server, NULL)) != NULL);
        event.data.ptr = held[i];
        NEED(epoll_ctl(poller, EPOLL_CTL_ADD, sock_fileno(held[i]), &event) ==
             0);
    }
    while (n > 0) {
        int found = epoll_wait(poller, ready, 64, -1);
        NEED(found > 0);
        for (int i = 0; i < found && n > 0; i++) {
            char byte;
            n = sock_recv(ready[i].data.ptr, &byte, 1, 0);
            NEED(n <= 0 || sock_send(ready[i].data.ptr, &byte, 1, 0) == 1);
        }
    }
    for (int i = 0; i < count; i++)
        sock_free(held[i]);
    free(held);
    sock_free(server);
    exit(0);
}

/* All at once are asked, and then all have answered. */
static void ping_all(sock_t **held, int count, int round)
{
    for (int i = 0; i < count; i++) {
        char byte = (char)(i + round);
        NEED(sock_send(held[i], &byte, 1, 0) == 1);
    }
    for (int i = 0; i < count; i++) {
        char answer;
        NEED(sock_recv(held[i], &answer, 1, 0) == 1 &&
             answer == (char)(i + round));
    }
}

static void hold(int count)
{
    enum { ROUNDS = 5 };
    sock_addr_t where;
    int status;
    all_descriptors();
    sock_t *server = listener(&where);
    pid_t child = fork();
    if (child == 0)
        serve_all(server, count);
    NEED(child > 0);

    sock_t **held = calloc((size_t)count, sizeof *held);
    NEED(held != NULL);
    size_t before = heap_in_use();
    for (int i = 0; i < count; i++) {
        NEED((held[i] = sock_new(AF_INET, SOCK_STREAM, 0)) != NULL);
        NEED(sock_connect(held[i], where) == 0);
    }
    size_t each = (heap_in_use() - before) / (size_t)count;
    double begin = seconds();
    for (int round = 0; round < ROUNDS; round++)
        ping_all(held, count, round);
    double rate = ROUNDS * count / (seconds() - begin);
    for (int i = 0; i < count; i++)
        sock_free(held[i]);
    NEED(waitpid(child, &status, 0) == child && status == 0);
    free(held);
    sock_free(server);
    printf("%d connections, %zu bytes of heap each, %.0f pings a second\n",
           count, each, rate);
    NEED(each <= 2048);
}

/* Many in one selector: those that are ready are found, each once. */
static void find_ready(sock_selector_t *sel, sock_t **held, int count,
                       int ready)
{
    sock_key_t key;
    int found = 0, step = count / ready;
    for (int i = 0; i < ready; i++)
        NEED(sock_send(held[2 * i * step + 1], "x", 1, 0) == 1);
    while (found < ready) {
        NEED(sock_selector_select(sel, 10) > 0);
        while (sock_selector_next(sel, &key) == 1) {
            char byte;
            NEED(key.data == (void *)key.sock && key.mask == SOCK_EVENT_READ);
            NEED(sock_recv(key.sock, &byte, 1, 0) == 1);
            found++;
        }
    }
    NEED(found == ready && sock_selector_select(sel, 0) == 0);
}

static void watch(int count)
{
    all_descriptors();
    sock_t **held = calloc((size_t)count * 2, sizeof *held);
    sock_selector_t *sel = sock_selector_new(SOCK_SELECTOR_DEFAULT);
    NEED(held != NULL && sel != NULL);
    for (int i = 0; i < count; i++)
        pair(&held[2 * i]);
    size_t before = heap_in_use();
    for (int i = 0; i < count; i++)
        NEED(sock_selector_register(sel, held[2 * i], SOCK_EVENT_READ,
                                    held[2 * i]) == 0);
    double each = (double)(heap_in_use() - before) / count;
    find_ready(sel, held, count, 1);
    find_ready(sel, held, count, 100);
    find_ready(sel, held, count, count);
    for (int i = 0; i < count; i += 2)
        sock_free(held[2 * i]);
    NEED(sock_selector_len(sel) == count / 2);
    for (int i = 1; i < count; i += 2)
        NEED(sock_selector_unregister(sel, held[2 * i]) == 0);
    NEED(sock_selector_len(sel) == 0);
    sock_selector_free(sel);
    for (int i = 0; i < 2 * count; i++)
        if (i % 4 != 0)
            sock_free(held[i]);
    free(held);
    printf(
        "%d registered, %.1f bytes of heap each, all that were ready found\n",
        count, each);
    NEED(each < (count < 5000 ? 48 : 33));
}

/* Numbers that are used again */

enum { HOLDERS = 32 };

/* What is registered, and whether its peer has said something. */
static struct holder {
    sock_t *sock, *peer;
    bool said;
} holders[HOLDERS];

/* Of what was closed: so its description, and what epoll(7) knows, lives on. */
static sock_t *copies[HOLDERS];

/* A child has copies, too, until the pipe is closed. */
static struct {
    pid_t pid;
    int pipe;
} holding_child;

static void make_holder(sock_selector_t *sel, struct holder *h)
{
    sock_t *p[2];
    pair(p);
    *h = (struct holder){p[0], p[1], false};
    NEED(sock_selector_register(sel, h->sock, SOCK_EVENT_READ, h) == 0);
}

/* Ends what is registered, in each way, and gives its number to a new one. */
static void replace(sock_selector_t *sel, struct holder *h, int round)
{
    sock_t **copy = &copies[round % HOLDERS];
    sock_free(*copy);
    NEED((*copy = sock_dup(h->sock)) != NULL);
    if (round % 3 == 0)
        NEED(sock_close(h->sock) == 0);
    else if (round % 3 == 1)
        NEED(sock_close_fd(sock_detach(h->sock)) == 0);
    if (round % 2 == 0 && round % 3 != 2)
        NEED(sock_selector_unregister(sel, h->sock) == 0);
    sock_free(h->sock);
    sock_free(h->peer); /* so each of the copies is at its end: ready */
    make_holder(sel, h);
}

/* A child closes its copies of some, which must not reach the parent. */
static void start_holding_child(sock_selector_t *sel)
{
    int ends[2];
    char byte;
    NEED(pipe2(ends, O_CLOEXEC) == 0);
    NEED((holding_child.pid = fork()) >= 0);
    if (holding_child.pid == 0) {
        close(ends[1]);
        for (int i = 0; i < HOLDERS; i += 2)
            sock_free(holders[i].sock);
        sock_selector_free(sel);
        for (int i = 1; i < HOLDERS; i += 4)
            sock_close(holders[i].sock);
        _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(ends[0]);
    holding_child.pipe = ends[1];
}

static void end_holding_child(void)
{
    int status;
    if (holding_child.pid == 0)
        return;
    close(holding_child.pipe);
    NEED(waitpid(holding_child.pid, &status, 0) == holding_child.pid);
    NEED(status == 0);
    holding_child.pid = 0;
}

/* Found, and then replaced: how many were told of wrongly. */
static int stale_round(sock_selector_t *sel, int round)
{
    unsigned chance = (unsigned)round * 2654435761u;
    int wrong = 0, ready = 0, told = 0, replaced = 0;
    sock_key_t key;

    for (int i = 0; i < 3; i++, chance /= HOLDERS) {
        struct holder *h = &holders[chance % HOLDERS];
        if (!h->said)
            NEED(sock_send(h->peer, "x", 1, 0) == 1);
        ready += !h->said;
        h->said = true;
    }
    NEED(sock_selector_select(sel, 0) == ready);
    for (int i = round; i < round + 2; i++) {
        struct holder *h = &holders[(unsigned)i * 2654435761u % HOLDERS];
        replaced += h->said;
        replace(sel, h, i);
    }
    while (sock_selector_next(sel, &key) == 1) {
        struct holder *h = key.data;
        char byte;
        told++;
        wrong += key.sock != h->sock || !h->said ||
                 sock_recv(h->sock, &byte, 1, MSG_DONTWAIT) != 1;
        h->said = false;
    }
    NEED(told == ready - replaced);
    return wrong;
}

static int stale_rounds(int kind, int rounds)
{
    sock_selector_t *sel = sock_selector_new(kind);
    int wrong = 0;
    NEED(sel != NULL);
    for (int i = 0; i < HOLDERS; i++)
        make_holder(sel, &holders[i]);
    for (int round = 0; round < rounds; round++) {
        if (round % 1000 == 500)
            start_holding_child(sel);
        if (round % 1000 == 700)
            end_holding_child();
        wrong += stale_round(sel, round);
    }
    end_holding_child();
    for (int i = 0; i < HOLDERS; i++) {
        sock_free(holders[i].sock);
        sock_free(holders[i].peer);
        sock_free(copies[i]);
        copies[i] = NULL;
    }
    NEED(sock_selector_len(sel) == 0);
    sock_selector_free(sel);
    return wrong;
}

static void stale(int rounds)
{
    int descriptors = open_descriptors();
    double begin = seconds();
    int wrong = stale_rounds(SOCK_SELECTOR_EPOLL, rounds) +
                stale_rounds(SOCK_SELECTOR_POLL, rounds);
    printf("2 times %d rounds, %.1f us each, %d wrong deliveries\n", rounds,
           (seconds() - begin) * 1e6 / 2 / rounds, wrong);
    NEED(wrong == 0 && open_descriptors() == descriptors);
}

/* One after the other */

static void *echo_all(void *server)
{
    sock_t *conn;
    while ((conn = sock_accept(server, NULL)) != NULL) {
        char byte;
        if (sock_recv(conn, &byte, 1, 0) == 1)
            sock_send(conn, &byte, 1, 0);
        sock_free(conn);
    }
    return NULL;
}

static void cycle(sock_addr_t where)
{
    /* A reset, so that no port rests. */
    struct linger reset = {.l_onoff = 1};
    char byte = 'x';
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    NEED(s != NULL && sock_connect(s, where) == 0);
    NEED(sock_setsockopt(s, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
    NEED(sock_sendall(s, &byte, 1, 0) == 0);
    NEED(sock_recv(s, &byte, 1, 0) == 1 && byte == 'x');
    sock_free(s);
}

/* How many a second. The server has ended, and whatever it held. */
static double cycle_all(int count)
{
    sock_addr_t where;
    pthread_t thread;
    sock_t *server = listener(&where);
    NEED(pthread_create(&thread, NULL, echo_all, server) == 0);
    double begin = seconds();
    for (int i = 0; i < count; i++)
        cycle(where);
    double rate = count / (seconds() - begin);
    sock_shutdown(server, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(server);
    return rate;
}

static void cycles(int count)
{
    cycle_all(100); /* what is made once is made now */
    int descriptors = open_descriptors();
    size_t heap = heap_in_use();
    double rate = cycle_all(count);
    long bytes = (long)(heap_in_use() - heap); /* before stdio has any */
    descriptors = open_descriptors() - descriptors;
    printf("%d cycles, %.0f a second, %d descriptors and %ld bytes left\n",
           count, rate, descriptors, bytes);
    NEED(descriptors == 0 && bytes == 0);
}

/* Signals */

static volatile sig_atomic_t signals;

static void count_signal(int signo)
{
    (void)signo;
    signals++;
}

static void on_signal(int signo)
{
    struct sigaction action = {.sa_handler = count_signal}; /* no SA_RESTART */
    NEED(sigaction(signo, &action, NULL) == 0);
}

struct target {
    pthread_t thread;
    volatile bool done;
};

static void *bother(void *arg)
{
    struct target *t = arg;
    struct timespec pause = {.tv_nsec = 50000};
    while (!t->done) {
        pthread_kill(t->thread, SIGUSR1);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

struct transfer {
    sock_t *sock;
    size_t size;
    bool right;
};

/* Byte number i of the stream. */
static char byte_at(size_t i)
{
    return (char)(i * 2654435761u >> 13);
}

static void *receive_pattern(void *arg)
{
    struct transfer *t = arg;
    static char buffer[64]; /* little, so that the sender has to wait */
    size_t done = 0;
    ssize_t n;
    t->right = true;
    while ((n = sock_recv(t->sock, buffer, sizeof buffer, 0)) > 0)
        for (ssize_t i = 0; i < n; i++)
            t->right &= buffer[i] == byte_at(done++);
    t->right &= n == 0 && done == t->size;
    return NULL;
}

static void storm(int mib)
{
    struct target target = {.thread = pthread_self()};
    struct transfer t = {.size = (size_t)mib << 20};
    pthread_t sender, receiver;
    sock_t *p[2];
    sigset_t usr1;
    char *bytes = malloc(t.size);

    NEED(bytes != NULL);
    for (size_t i = 0; i < t.size; i++)
        bytes[i] = byte_at(i);
    pair(p);
    t.sock = p[1];
    on_signal(SIGUSR1);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr1, NULL); /* the others have no handlers */
    NEED(pthread_create(&receiver, NULL, receive_pattern, &t) == 0);
    NEED(pthread_create(&sender, NULL, bother, &target) == 0);
    pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);

    /* Small pieces as well as a large one, through little room. */
    NEED(sock_setsockopt_int(p[0], SOL_SOCKET, SO_SNDBUF, 4096) == 0);
    double begin = seconds();
    NEED(sock_settimeout(p[0], 60) == 0);
    size_t half = t.size / 2;
    for (size_t done = 0; done < half; done += 4096)
        NEED(sock_sendall(p[0], bytes + done, 4096, 0) == 0);
    NEED(sock_sendall(p[0], bytes + half, t.size - half, 0) == 0);
    double took = seconds() - begin;
    NEED(sock_shutdown(p[0], SHUT_WR) == 0);
    pthread_join(receiver, NULL);
    target.done = true;
    pthread_join(sender, NULL);
    printf("%d MiB in %.2f s under %d signals, %s\n", mib, took, (int)signals,
           t.right ? "every byte right" : "bytes are wrong");
    NEED(t.right && signals > 1000);
    free(bytes);
    sock_free(p[0]);
    sock_free(p[1]);
}

/* Deadlines */

static void *send_slowly(void *s)
{
    struct timespec pause = {.tv_nsec = 100000000};
    char byte = 'x';
    while (sock_send(s, &byte, 1, 0) == 1)
        nanosleep(&pause, NULL);
    return NULL;
}

/* The seconds that a call takes which must run out of its one second. */
static double expire(sock_t *s, int what)
{
    static char buffer[1 << 22];
    double begin = seconds();
    NEED(sock_settimeout(s, 1) == 0);
    ssize_t n = what == 0   ? sock_recv_until(s, buffer, sizeof buffer, '.')
                : what == 1 ? sock_recv_all(s, buffer, sizeof buffer)
                            : sock_sendall(s, buffer, sizeof buffer, 0);
    NEED(n == -1 && sock_last_error()->kind == SOCK_E_TIMEOUT);
    return seconds() - begin;
}

static void drip(void)
{
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    double most = 0;
    pthread_t thread;
    sock_t *p[2];
    sigset_t alarms;

    pair(p);
    on_signal(SIGALRM);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarms, NULL);
    NEED(pthread_create(&thread, NULL, send_slowly, p[1]) == 0);
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int what = 0; what < 3; what++) {
        double took = expire(p[0], what);
        NEED(took >= 1);
        most = took > most ? took : most;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    sock_shutdown(p[1], SHUT_RDWR);
    pthread_join(thread, NULL);
    printf("deadlines of 1 s ended after at most %.3f s, under %d signals\n",
           most, (int)signals);
    NEED(most < 3 && signals > 100);
    sock_free(p[0]);
    sock_free(p[1]);
}

/* The file says the time to libfaketime, which reads it at every call. */
static void *step_clock(void *file)
{
    static const char *const times[] = {"-3600", "+3600", "+0"};
    struct timespec pause = {.tv_nsec = 100000000};
    for (int i = 0; i < 9; i++) {
        FILE *f = fopen(file, "w");
        NEED(f != NULL && fputs(times[i % 3], f) >= 0 && fclose(f) == 0);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void steps(char *file)
{
    time_t before = time(NULL);
    pthread_t thread, sender;
    sock_t *p[2];
    pair(p);
    NEED(pthread_create(&thread, NULL, step_clock, file) == 0);
    double begin = seconds();
    time_t least = before;
    struct timespec pause = {.tv_nsec = 1000000};
    while (seconds() - begin < 0.3) { /* the steps are seen */
        time_t now = time(NULL);
        least = now < least ? now : least;
        nanosleep(&pause, NULL);
    }
    pthread_join(thread, NULL);
    NEED(least < before - 3000);
    NEED(pthread_create(&thread, NULL, step_clock, file) == 0);
    /* Each byte makes the call look at its clock again. */
    NEED(pthread_create(&sender, NULL, send_slowly, p[1]) == 0);
    double took = expire(p[0], 1);
    pthread_join(thread, NULL);
    sock_shutdown(p[1], SHUT_RDWR);
    pthread_join(sender, NULL);
    printf("a deadline of 1 s ended after %.3f s while the clock stepped\n",
           took);
    NEED(took >= 1 && took < 3);
    sock_free(p[0]);
    sock_free(p[1]);
}

/* Descriptors */

static void high(int number)
{
    sock_addr_t where;
    char byte = 'x';
    all_descriptors();
    int low = open("/dev/null", O_RDONLY | O_CLOEXEC);
    NEED(low >= 0);
    sock_t *server = listener(&where);
    sock_t *client = sock_new(AF_INET, SOCK_STREAM, 0);
    NEED(client != NULL && sock_connect(client, where) == 0);
    int fd = fcntl(sock_fileno(client), F_DUPFD_CLOEXEC, number);
    NEED(fd >= number);
    sock_t *s = sock_adopt(fd);
    sock_t *conn = sock_accept(server, NULL);
    NEED(s != NULL && conn != NULL);
    NEED(sock_settimeout(s, 0.01) == 0);
    NEED(sock_recv(s, &byte, 1, 0) == -1); /* waits, by poll(2) */
    NEED(sock_last_error()->kind == SOCK_E_TIMEOUT);
    NEED(sock_sendall(conn, &byte, 1, 0) == 0);
    NEED(sock_recv(s, &byte, 1, 0) == 1 && byte == 'x');
    printf("descriptor %d waits and receives\n", fd);
    sock_free(s);
    sock_free(conn);
    sock_free(client);
    sock_free(server);
    close(low);
}

static void full(void)
{
    struct rlimit limit;
    sock_addr_t where;
    sock_t *server = listener(&where);
    sock_t *client = sock_new(AF_INET, SOCK_STREAM, 0);
    NEED(client != NULL && sock_connect(client, where) == 0);
    NEED(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    rlim_t normal = limit.rlim_cur;
    limit.rlim_cur = (rlim_t)sock_fileno(client) + 1;
    NEED(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    double begin = seconds();
    NEED(sock_accept(server, NULL) == NULL);
    double took = seconds() - begin;
    NEED(sock_last_error()->kind == SOCK_E_OS);
    NEED(sock_last_error()->code == EMFILE);
    limit.rlim_cur = normal;
    NEED(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    sock_t *conn = sock_accept(server, NULL);
    NEED(conn != NULL);
    printf("EMFILE after %.3f s, and accepted once there was room\n", took);
    NEED(took < 1);
    sock_free(conn);
    sock_free(client);
    sock_free(server);
}

/* Every way to a descriptor; then a program that lists what it was left. */
static void inherit(void)
{
    sock_addr_t where;
    char byte = 'x';
    sock_fd_t fds[1];
    size_t n;
    sock_t *p[2], *server = listener(&where);
    sock_t *client = sock_new(AF_INET, SOCK_STREAM, 0);
    NEED(client != NULL && sock_connect(client, where) == 0);
    NEED(sock_accept(server, NULL) != NULL);
    NEED(sock_dup(client) != NULL);
    NEED(sock_fromfd(sock_fileno(client), AF_INET, SOCK_STREAM, 0) != NULL);
    NEED(sock_dup_fd(sock_fileno(client)) >= 0);
    NEED(sock_makefile(client, "r") != NULL);
    int port = sock_addr_port(&where);
    NEED(sock_create_connection("127.0.0.1", port, 1, sock_addr_none()) !=
         NULL);
    pair(p);
    fds[0] = sock_fileno(client);
    struct iovec bytes = {&byte, 1};
    NEED(sock_send_fds(p[0], &bytes, 1, fds, 1, 0, sock_addr_none()) == 1);
    NEED(sock_recv_fds(p[1], &byte, 1, fds, 1, &n, 0, NULL, NULL) == 1);
    NEED(n == 1);
    NEED(sock_selector_new(SOCK_SELECTOR_EPOLL) != NULL);
    NEED(sock_selector_new(SOCK_SELECTOR_POLL) != NULL);
    NEED(execlp("ls", "ls", "-l", "/proc/self/fd", (char *)NULL) == 0);
}

/* What one closes the other still has. */
static void share(void)
{
    sock_t *p[2];
    char byte = 'x';
    int status;
    pair(p);
    pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        NEED(sock_send(p[0], &byte, 1, 0) == 1);
        NEED(sock_close(p[0]) == 0 && sock_close(p[1]) == 0);
        exit(0);
    }
    NEED(waitpid(child, &status, 0) == child && status == 0);
    NEED(sock_recv(p[1], &byte, 1, 0) == 1);
    NEED(sock_send(p[1], &byte, 1, 0) == 1);
    NEED(sock_recv(p[0], &byte, 1, 0) == 1);
    puts("both processes used and closed the sockets");
    sock_free(p[0]);
    sock_free(p[1]);
}

/* Servers */

static int echo_request(sock_request_t *request)
{
    sock_t *s = sock_request_sock(request);
    char byte;
    ssize_t n;
    while ((n = sock_recv(s, &byte, 1, 0)) > 0)
        NEED(sock_send(s, &byte, 1, 0) == 1);
    return 0; /* a reset is how the client ends */
}

/* Serves one byte, then waits without a thread. */
static int park_request(sock_request_t *request)
{
    sock_t *s = sock_request_sock(request);
    char byte;
    ssize_t n = sock_recv(s, &byte, 1, 0);
    if (n <= 0)
        return 0;
    if (sock_send(s, &byte, 1, 0) != 1)
        return -1;
    return byte == 'p' ? sock_request_park(request) : echo_request(request);
}

struct serving {
    sock_server_t *server;
    pthread_t thread;
};

static double returned; /* when the last loop did */

static void *serve_forever(void *arg)
{
    NEED(sock_server_serve_forever(arg, 0.5) == 0);
    returned = seconds();
    return NULL;
}

static struct serving serve(const sock_server_class_t *c)
{
    struct serving x;
    x.server = sock_server_new(c, sock_addr_inet("127.0.0.1", 0), NULL);
    NEED(x.server != NULL);
    NEED(pthread_create(&x.thread, NULL, serve_forever, x.server) == 0);
    return x;
}

/* A child has the client's end, too, as it is of the same process: it hears
 * only what is said to it. */
static void cycle_in_child(sock_addr_t where)
{
    char byte = 'x';
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    NEED(s != NULL && sock_connect(s, where) == 0);
    NEED(sock_send(s, &byte, 1, 0) == 1);
    NEED(sock_recv(s, &byte, 1, 0) == 1);
    NEED(sock_shutdown(s, SHUT_WR) == 0);
    NEED(sock_recv(s, &byte, 1, 0) == 0);
    sock_free(s);
}

static double served_cycles(int mode, int count)
{
    sock_server_class_t c = {
        .size = sizeof c, .mode = mode, .handle = echo_request};
    struct serving x = serve(&c);
    double begin = seconds();
    sock_addr_t where = sock_server_address(x.server);
    for (int i = 0; i < count; i++)
        (mode == SOCK_SERVER_FORKING ? cycle_in_child : cycle)(where);
    double rate = count / (seconds() - begin);
    NEED(sock_server_shutdown(x.server) == 0);
    pthread_join(x.thread, NULL);
    NEED(sock_server_join(x.server, 10) == 0);
    sock_server_stats_t stats;
    NEED(sock_server_stats(x.server, &stats) == 0);
    NEED(stats.active == 0);
    NEED(stats.accepted >= (uint64_t)count);
    NEED(stats.accepted <=
         (uint64_t)count); /* a scan of others would be more */
    NEED(stats.failed == 0 && stats.refused == 0);
    sock_server_free(x.server);
    NEED(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    return rate;
}

static const char *const modes[] = {"serial", "threading", "forking", "pool"};

static int mode_of(const char *name)
{
    int m = 0;
    while (m < 3 && strcmp(name, modes[m]) != 0)
        m++;
    return m;
}

static void server_cycles(const char *mode, int count)
{
    int m = mode_of(mode);
    /* glibc keeps a few blocks of a size for a thread, which count as used. */
    for (int i = 0; i < 10; i++)
        served_cycles(m, 10);
    int descriptors = open_descriptors();
    size_t heap = heap_in_use();
    double rate = served_cycles(m, count);
    long bytes = (long)(heap_in_use() - heap);
    descriptors = open_descriptors() - descriptors;
    printf("%s: %d cycles, %.0f a second, %d descriptors and %ld bytes left\n",
           modes[m], count, rate, descriptors, bytes);
    /* glibc keeps some of a thread's, for the next one that it makes. */
    NEED(descriptors == 0 && bytes <= (m == SOCK_SERVER_THREADING ? 65536 : 0));
}

static sock_t *one_byte(sock_addr_t where, char byte)
{
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    NEED(s != NULL && sock_connect(s, where) == 0);
    NEED(sock_send(s, &byte, 1, 0) == 1);
    NEED(sock_recv(s, &byte, 1, 0) == 1);
    return s;
}

enum { RUNNING = 100 };

/* The idle are cut at once, those in work when the time is over. */
static void drain(int idle)
{
    sock_server_class_t c = {.size = sizeof c,
                             .mode = SOCK_SERVER_THREADING,
                             .handle = park_request};
    struct serving x = serve(&c);
    int count = RUNNING + idle;
    sock_t **all = calloc((size_t)count, sizeof(sock_t *));
    sock_server_stats_t stats = {.parked = 0};
    NEED(all != NULL);
    for (int i = 0; i < count; i++)
        all[i] =
            one_byte(sock_server_address(x.server), i < RUNNING ? 'r' : 'p');
    while (stats.parked < (uint64_t)idle)
        NEED(sock_server_stats(x.server, &stats) == 0);
    double begin = seconds();
    NEED(sock_server_drain(x.server, 1) == RUNNING);
    double took = seconds() - begin;
    pthread_join(x.thread, NULL);
    for (int i = 0; i < count; i++) {
        char byte;
        NEED(sock_recv(all[i], &byte, 1, 0) == 0);
        sock_free(all[i]);
    }
    free(all);
    sock_server_free(x.server);
    printf("drained in %.3f s: %d idle, %d in work\n", took, idle, RUNNING);
    NEED(took >= 1 && took < 3);
}

/* Each is ended at its deadline, and others are served meanwhile. */
static void slow(int count)
{
    sock_server_class_t c = {.size = sizeof c,
                             .mode = SOCK_SERVER_THREADING,
                             .request_deadline = 2,
                             .handle = echo_request};
    struct serving x = serve(&c);
    sock_t **all = calloc((size_t)count, sizeof(sock_t *));
    char byte;
    NEED(all != NULL);
    double begin = seconds();
    for (int i = 0; i < count; i++)
        all[i] = one_byte(sock_server_address(x.server), 's');
    double made = seconds() - begin;
    cycle(sock_server_address(x.server));
    double served = seconds() - begin - made;
    for (int i = 0; i < count; i++) {
        NEED(sock_recv(all[i], &byte, 1, 0) == 0);
        NEED(i > 0 || seconds() - begin >= 2);
        sock_free(all[i]);
    }
    double took = seconds() - begin;
    free(all);
    NEED(sock_server_shutdown(x.server) == 0);
    pthread_join(x.thread, NULL);
    sock_server_free(x.server);
    printf(
        "%d ended %.3f s after the last began; another was served in %.1f ms\n",
        count, took - made, served * 1000);
    NEED(took - made < 2 + 2);
}

/* How soon a loop returns */

static double asked; /* when it was to */

static void ask_to_end(sock_server_t *server)
{
    asked = seconds();
    NEED(sock_server_shutdown(server) == 0);
}

/* One byte ends the server, whose only thread this is. */
static int end_request(sock_request_t *request)
{
    char byte;
    NEED(sock_recv(sock_request_sock(request), &byte, 1, 0) == 1);
    ask_to_end(sock_request_server(request));
    return 0;
}

/* The loop has begun, and waits again. */
static void warm(int mode, sock_addr_t where)
{
    struct timespec pause = {.tv_nsec = 1000000};
    (mode == SOCK_SERVER_FORKING ? cycle_in_child : cycle)(where);
    nanosleep(&pause, NULL);
}

/* Running are as many requests; of a serial server one, which ends it, and
 * those that wait behind it. */
static double time_shutdown(int mode, int running)
{
    const bool serial = mode == SOCK_SERVER_SERIAL && running > 0;
    sock_server_class_t c = {.size = sizeof c,
                             .mode = mode,
                             .threads = running,
                             .max_children = running,
                             .handle = serial ? end_request : echo_request};
    sock_t *all[RUNNING];
    struct serving x = serve(&c);
    sock_addr_t where = sock_server_address(x.server);
    if (running == 0)
        warm(mode, where);
    for (int i = 0; i < running && !serial; i++)
        all[i] = one_byte(where, 'r');
    for (int i = 0; i < running && serial; i++) {
        NEED((all[i] = sock_new(AF_INET, SOCK_STREAM, 0)) != NULL);
        NEED(sock_connect(all[i], where) == 0);
    }
    if (serial)
        NEED(sock_send(all[0], "x", 1, 0) == 1);
    else
        ask_to_end(x.server);
    pthread_join(x.thread, NULL);
    for (int i = 0; i < running; i++) {
        sock_shutdown(all[i], SHUT_WR); /* a child has the socket, too */
        sock_free(all[i]);
    }
    sock_server_free(x.server);
    return returned - asked;
}

static int compare_times(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static void show_shutdowns(const char *name, int mode, int running, int count)
{
    double *took = calloc((size_t)count, sizeof *took);
    NEED(took != NULL && count > 0);
    for (int i = 0; i < count; i++)
        took[i] = time_shutdown(mode, running);
    qsort(took, (size_t)count, sizeof *took, compare_times);
    printf("%s %.3f ms, at most %.3f", name, took[count / 2] * 1e3,
           took[count - 1] * 1e3);
    NEED(took[count / 2] <= 0.05); /* of a poll_interval of 0.5 */
    free(took);
}

static void shutdowns(const char *mode, int count)
{
    int m = mode_of(mode);
    printf("%s: ", modes[m]);
    show_shutdowns("idle", m, 0, count);
    show_shutdowns("; 100 in work", m, RUNNING, count);
    puts("");
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int amount = argc > 2 ? atoi(argv[2]) : 0;

    if (strcmp(what, "hold") == 0)
        hold(amount);
    else if (strcmp(what, "watch") == 0)
        watch(amount);
    else if (strcmp(what, "stale") == 0)
        stale(amount);
    else if (strcmp(what, "cycles") == 0)
        cycles(amount);
    else if (strcmp(what, "storm") == 0)
        storm(amount);
    else if (strcmp(what, "drip") == 0)
        drip();
    else if (strcmp(what, "high") == 0)
        high(amount);
    else if (strcmp(what, "full") == 0)
        full();
    else if (strcmp(what, "inherit") == 0)
        inherit();
    else if (strcmp(what, "fork") == 0)
        share();
    else if (strcmp(what, "server") == 0 && argc > 3)
        server_cycles(argv[2], atoi(argv[3]));
    else if (strcmp(what, "drain") == 0)
        drain(amount);
    else if (strcmp(what, "slow") == 0)
        slow(amount);
    else if (strcmp(what, "shutdown") == 0 && argc > 3)
        shutdowns(argv[2], atoi(argv[3]));
    else if (strcmp(what, "steps") == 0 && argc > 2)
        steps(argv[2]);
    else
        return 2;
    return 0;
}
