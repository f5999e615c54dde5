/* SPDX-License-Identifier: MIT */
/* Several threads on one object, and many on the library. What a thread finds
 * wrong it returns; the test's own thread says it. */
#include "support.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { THREADS = 8 };

typedef void *thread_body(void *arg);

/* A thread's finding; NULL if there is none. */
#define unless(condition)                                                      \
    do {                                                                       \
        if (!(condition))                                                      \
            return (char *)(uintptr_t) #condition;                             \
    } while (0)

static void start(pthread_t *thread, thread_body *body, void *arg)
{
    check_int(pthread_create(thread, NULL, body, arg), 0);
}

static void join(pthread_t thread)
{
    void *finding;
    check_int(pthread_join(thread, &finding), 0);
    check_str(finding != NULL ? (char *)finding : "nothing", "nothing");
}

/* Runs the body in THREADS threads, each with its number. */
static void run_threads(thread_body *body)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        start(&threads[i], body, &numbers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
}

/* Look-ups */

static void *look_up(void *arg)
{
    const int number = *(int *)arg;
    char host[32], port[16], ip[64], name[64];

    snprintf(host, sizeof host, "127.0.0.%d", number + 1);
    snprintf(port, sizeof port, "%d", 1000 + number);
    for (int i = 0; i < 50; i++) {
        unless(sock_gethostbyname(host, ip, sizeof ip) > 0);
        unless(strcmp(ip, host) == 0);
        sock_hostent_t *h = sock_gethostbyname_ex("localhost");
        unless(h != NULL && strcmp(h->addresses[0], "127.0.0.1") == 0);
        sock_hostent_free(h);
        sock_addrinfo_t *list =
            sock_getaddrinfo(host, port, 0, SOCK_STREAM, 0, 0);
        unless(list != NULL);
        unless(sock_addr_port(&list->entries[0].address) == 1000 + number);
        sock_addrinfo_free(list);
        unless(sock_getservbyname("http", "tcp") == 80);
        unless(sock_getservbyname("domain", "udp") == 53);
        unless(sock_getservbyport(80, "tcp", name, sizeof name) == 4);
        unless(strcmp(name, "http") == 0);
        unless(sock_getprotobyname("tcp") == 6);
        unless(sock_getprotobyname("icmp") == 1);
        unless(sock_if_nametoindex("lo") > 0);
    }
    return NULL;
}

TEST(threads, look_ups)
{
    need_own_etc();
    run_threads(look_up);
}

/* Errors */

/* Each thread fails in its own way and reads its own record. */
static void *fail(void *arg)
{
    const int port = 70000 + *(int *)arg;
    char text[SOCK_ERROR_TEXT_MAX];
    sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);

    unless(s != NULL);
    for (int i = 0; i < 200; i++) {
        unless(sock_bind(s, sock_addr_inet("127.0.0.1", port)) == -1);
        sched_yield();
        unless(sock_last_error()->kind == SOCK_E_OVERFLOW);
        unless(sock_last_error()->code == port);
        unless(sock_error_text(NULL, text, sizeof text) > 0);
        unless(strncmp(text, "bind", 4) == 0);
    }
    sock_free(s);
    return NULL;
}

TEST(threads, errors_are_each_threads_own)
{
    run_threads(fail);
}

/* The default timeout, which all objects begin with, while it changes. */
static void *make_objects(void *arg)
{
    const double mine = *(int *)arg % 2 ? 1.5 : SOCK_NO_TIMEOUT;
    for (int i = 0; i < 200; i++) {
        unless(sock_setdefaulttimeout(mine) == 0);
        double now = sock_getdefaulttimeout();
        unless(now == 1.5 || now == SOCK_NO_TIMEOUT);
        sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
        unless(s != NULL);
        double its = sock_gettimeout(s);
        unless(its == 1.5 || its == SOCK_NO_TIMEOUT);
        sock_free(s);
    }
    return NULL;
}

TEST(threads, the_default_timeout)
{
    run_threads(make_objects);
    check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
}

/* One object */

enum { EACH = 2000 };

static struct {
    struct pair p;
    atomic_int received;
    atomic_bool done;
} both;

/* Half of the threads send, the others receive, all on the same two objects. */
static void *transfer(void *arg)
{
    unsigned char c;
    if (*(int *)arg % 2 == 0) {
        for (int i = 0; i < EACH; i++)
            unless(sock_sendall(both.p.a, "x", 1, 0) == 0);
        return NULL;
    }
    while (atomic_load(&both.received) < EACH * THREADS / 2) {
        ssize_t n = sock_recv(both.p.b, &c, 1, 0);
        unless(n == 1 || sock_last_error()->kind == SOCK_E_TIMEOUT);
        if (n == 1) {
            unless(c == 'x');
            atomic_fetch_add(&both.received, 1);
        }
    }
    return NULL;
}

/* Meanwhile the objects are asked, and their timeouts are changed. */
static void *ask(void *arg)
{
    struct pair *p = arg;
    char text[SOCK_REPR_MAX];
    sock_addr_t name;
    int value;

    for (int i = 0; !atomic_load(&both.done); i++) {
        unless(sock_settimeout(p->b, i % 2 ? 0.01 : 0.02) == 0);
        unless(sock_gettimeout(p->b) > 0);
        unless(sock_getsockname(p->a, &name) == 0);
        unless(sock_getsockopt_int(p->b, SOL_SOCKET, SO_TYPE, &value) == 0);
        unless(value == SOCK_STREAM);
        unless(sock_repr(p->b, text, sizeof text) > 0);
        sock_t *copy = sock_dup(p->a);
        unless(copy != NULL);
        sock_free(copy);
    }
    return NULL;
}

TEST(threads, one_object)
{
    pthread_t asker;
    both.p = tcp_pair();
    check_ok(sock_settimeout(both.p.b, 0.01));
    start(&asker, ask, &both.p);
    run_threads(transfer);
    atomic_store(&both.done, true);
    join(asker);
    check_int(atomic_load(&both.received), EACH * THREADS / 2);
    free_pair(&both.p);
}

/*
 * Closing, at any moment of a call: before it, as it begins, as it waits. The
 * call must end, and with EBADF, if it had not done its work before.
 */

struct call {
    sock_t *s;
    long long (*run)(struct call *c);
    sock_addr_t address;
    bool in_vain; /* it can not succeed */
    atomic_bool begun;
};

static void *run_call(void *arg)
{
    struct call *c = arg;
    atomic_store(&c->begun, true);
    long long result = c->run(c);
    unless((result >= 0 && !c->in_vain) || sock_last_error()->code == EBADF);
    return NULL;
}

static long long call_recv(struct call *c)
{
    char buf[4];
    return sock_recv(c->s, buf, sizeof buf, 0);
}

static long long call_accept(struct call *c)
{
    sock_t *sc = sock_accept(c->s, NULL);
    sock_free(sc);
    return sc != NULL ? 0 : -1;
}

static long long call_connect(struct call *c)
{
    return sock_connect(c->s, c->address);
}

static long long call_sendall(struct call *c)
{
    static const char data[1 << 20];
    return sock_sendall(c->s, data, sizeof data, 0);
}

static long long call_wait(struct call *c)
{
    return sock_wait(c->s, SOCK_EVENT_READ, SOCK_NO_TIMEOUT);
}

/* Lets the call come so far; later in each round. */
static void let_run(int round)
{
    for (int i = 0; i < round % 16; i++)
        sched_yield();
}

static void close_under(struct call *c, int round)
{
    pthread_t thread;
    check_ok(sock_settimeout(c->s, round % 2 ? 30 : SOCK_NO_TIMEOUT));
    start(&thread, run_call, c);
    while (!atomic_load(&c->begun))
        ;
    let_run(round);
    check_ok(sock_close(c->s));
    join(thread);
    check_int(sock_fileno(c->s), -1);
    sock_free(c->s);
}

enum { ROUNDS = 64 };

static void close_under_transfers(long long (*run)(struct call *c))
{
    for (int round = 0; round < ROUNDS; round++) {
        struct pair p = round % 4 < 2 ? tcp_pair() : unix_pair(SOCK_STREAM);
        close_under(&(struct call){.s = p.a, .run = run}, round);
        sock_free(p.b);
    }
}

TEST(threads, close_under_recv)
{
    close_under_transfers(call_recv);
}

TEST(threads, close_under_sendall)
{
    close_under_transfers(call_sendall);
}

TEST(threads, close_under_wait)
{
    close_under_transfers(call_wait);
}

TEST(threads, close_under_accept)
{
    sock_addr_t address;
    for (int round = 0; round < ROUNDS; round++)
        close_under(&(struct call){.s = listener(&address), .run = call_accept},
                    round);
}

TEST(threads, close_under_connect)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    for (int round = 0; round < ROUNDS; round++) {
        sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
        close_under(
            &(struct call){.s = s, .run = call_connect, .address = address},
            round);
    }
    sock_free(server);
}

/* So many rounds, as one of the first thousands shows the fault; but where each
 * takes long, as in an emulator, no longer than a test may. */
static bool in_storm(int round, int rounds)
{
    static double start;
    if (round == 0)
        start = now();
    return round < rounds && now() - start < 8;
}

/* To a peer that says nothing; the moments are too close for sched_yield(). */
TEST(threads, close_under_connect_to_no_one)
{
    struct silent peer = silent_peer();
    for (int round = 0; in_storm(round, 1000); round++) {
        struct call c = {.s = check_made(sock_new(AF_INET, SOCK_STREAM, 0)),
                         .run = call_connect,
                         .address = peer.address,
                         .in_vain = true};
        pthread_t thread;
        check_ok(sock_settimeout(c.s, round % 2 ? 30 : SOCK_NO_TIMEOUT));
        start(&thread, run_call, &c);
        while (!atomic_load(&c.begun))
            ;
        for (atomic_int i = 0; i < round % 500 * 10; i++)
            ;
        check_ok(sock_close(c.s));
        join(thread);
        sock_free(c.s);
    }
    free_silent(&peer);
}

/* Notices soon what another thread does, but lets it run, too. */
static void pause_a_bit(void)
{
    static _Thread_local unsigned count;
    if (++count % 256 == 0)
        sched_yield();
}

/* A duplicate, where there is one, is not shut down. */

static struct {
    _Atomic(sock_t *) s; /* to be duplicated; NULL once it was */
    sock_t *copy;
    int err;
    atomic_bool stop;
} doubling;

static void *duplicate_each(void *arg)
{
    sock_t *s;
    (void)arg;
    while (!atomic_load(&doubling.stop)) {
        if ((s = atomic_load(&doubling.s)) == NULL) {
            pause_a_bit();
            continue;
        }
        doubling.copy = sock_dup(s);
        doubling.err = errno;
        atomic_store(&doubling.s, NULL);
    }
    return NULL;
}

TEST(threads, close_under_dup)
{
    pthread_t thread;
    start(&thread, duplicate_each, NULL);
    for (int round = 0; in_storm(round, 40000); round++) {
        struct pair p = unix_pair(SOCK_STREAM);
        atomic_store(&doubling.s, p.a);
        for (atomic_int i = 0; i < round % 400; i++)
            ;
        check_ok(sock_close(p.a));
        while (atomic_load(&doubling.s) != NULL)
            pause_a_bit();
        if (doubling.copy != NULL)
            check_int(sock_send(p.b, "x", 1, 0), 1);
        else
            check_int(doubling.err, EBADF);
        sock_free(doubling.copy);
        free_pair(&p);
    }
    atomic_store(&doubling.stop, true);
    join(thread);
}

/* A call that meets a detach has the descriptor or none, but never waits for
 * what is no descriptor. */

static struct {
    _Atomic(sock_t *) s; /* that has something to read; NULL once it was seen */
    int result, err;
    atomic_bool stop;
} detaching;

static void *wait_for_each(void *arg)
{
    sock_t *s;
    (void)arg;
    while (!atomic_load(&detaching.stop)) {
        if ((s = atomic_load(&detaching.s)) == NULL) {
            pause_a_bit();
            continue;
        }
        detaching.result = sock_wait(s, SOCK_EVENT_READ, SOCK_NO_TIMEOUT);
        detaching.err = errno;
        atomic_store(&detaching.s, NULL);
    }
    return NULL;
}

TEST(threads, detach_under_wait)
{
    struct pair p = unix_pair(SOCK_STREAM);
    pthread_t thread;

    check_int(sock_send(p.b, "x", 1, 0), 1);
    start(&thread, wait_for_each, NULL);
    for (int round = 0; in_storm(round, 100000); round++) {
        atomic_store(&detaching.s, p.a);
        for (atomic_int i = 0; i < round % 100; i++)
            ;
        sock_fd_t fd = sock_detach(p.a);
        check(fd >= 0);
        while (atomic_load(&detaching.s) != NULL)
            pause_a_bit();
        check(detaching.result == SOCK_EVENT_READ ||
              (detaching.result == -1 && detaching.err == EBADF));
        sock_free(p.a);
        p.a = check_made(sock_adopt(fd));
    }
    atomic_store(&detaching.stop, true);
    join(thread);
    free_pair(&p);
}

/* Timeouts set at once: the descriptor's mode is the last one's. */

static struct {
    pthread_barrier_t both;
    sock_t *s;
} setting;

enum { SETTINGS = 20000 };

static void *set_each(void *arg)
{
    const double mine = *(double *)arg;
    for (int i = 0; i < SETTINGS; i++) {
        pthread_barrier_wait(&setting.both);
        unless(sock_settimeout(setting.s, mine) == 0);
        pthread_barrier_wait(&setting.both);
    }
    return NULL;
}

TEST(threads, settimeout_agrees_with_the_descriptor)
{
    double values[] = {1, SOCK_NO_TIMEOUT};
    pthread_t threads[2];

    setting.s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    pthread_barrier_init(&setting.both, NULL, 3);
    for (int i = 0; i < 2; i++)
        start(&threads[i], set_each, &values[i]);
    for (int i = 0; i < SETTINGS; i++) {
        pthread_barrier_wait(&setting.both);
        pthread_barrier_wait(&setting.both);
        check_int(is_nonblocking(sock_fileno(setting.s)),
                  sock_gettimeout(setting.s) == 1);
    }
    for (int i = 0; i < 2; i++)
        join(threads[i]);
    pthread_barrier_destroy(&setting.both);
    sock_free(setting.s);
}

/*
 * Calls, closes and opens at once. Those who open know their descriptors by
 * inode and by what can be read from them, and those who call know the message
 * that lies in their socket: a number closed twice, or used after another has
 * got it, shows on either side.
 */

static struct {
    sock_t *s;
    atomic_bool stop;
} storm;

static bool same_file(sock_t *s, const struct stat *former)
{
    struct stat st;
    return fstat(sock_fileno(s), &st) == 0 && st.st_dev == former->st_dev &&
           st.st_ino == former->st_ino;
}

static void *open_and_close(void *arg)
{
    (void)arg;
    while (!atomic_load(&storm.stop)) {
        sock_t *mine[2];
        struct stat st[2];
        char buf[8];
        unless(sock_socketpair(AF_UNIX, SOCK_DGRAM, 0, mine) == 0);
        for (int i = 0; i < 2; i++)
            unless(fstat(sock_fileno(mine[i]), &st[i]) == 0);
        unless(sock_send(mine[0], "foreign", 7, 0) == 7);
        sched_yield();
        unless(same_file(mine[0], &st[0]) && same_file(mine[1], &st[1]));
        unless(sock_recv(mine[1], buf, sizeof buf, MSG_DONTWAIT) == 7);
        unless(memcmp(buf, "foreign", 7) == 0);
        for (int i = 0; i < 2; i++) {
            unless(sock_close(mine[i]) == 0);
            sock_free(mine[i]);
        }
    }
    return NULL;
}

static void *call_until_closed(void *arg)
{
    char buf[8];
    ssize_t n;
    (void)arg;
    while ((n = sock_recv(storm.s, buf, sizeof buf, MSG_PEEK)) == 3)
        unless(memcmp(buf, "own", 3) == 0);
    unless(n == -1 && sock_last_error()->code == EBADF); /* not ENOTSOCK */
    return NULL;
}

static void *close_it(void *arg)
{
    let_run(*(int *)arg);
    unless(sock_close(storm.s) == 0);
    return NULL;
}

TEST(threads, storm_of_closes_and_opens)
{
    enum { OPENERS = 2, CALLERS = 3, CLOSERS = 2 };
    pthread_t openers[OPENERS], callers[CALLERS], closers[CLOSERS];

    for (int i = 0; i < OPENERS; i++)
        start(&openers[i], open_and_close, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        struct pair p = unix_pair(SOCK_DGRAM);
        check_int(sock_send(p.b, "own", 3, 0), 3);
        storm.s = p.a;
        for (int i = 0; i < CALLERS; i++)
            start(&callers[i], call_until_closed, NULL);
        for (int i = 0; i < CLOSERS; i++)
            start(&closers[i], close_it, &round);
        for (int i = 0; i < CLOSERS; i++)
            join(closers[i]);
        for (int i = 0; i < CALLERS; i++)
            join(callers[i]);
        free_pair(&p);
    }
    atomic_store(&storm.stop, true);
    for (int i = 0; i < OPENERS; i++)
        join(openers[i]);
}
