/* SPDX-License-Identifier: MIT */
/* Many connections at once. Links with --wrap. */
#include "support.h"

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the library asks of the system: how often, and what fails. */
static struct {
    int sockets, connects, pollers, changes;
    int fail_connects; /* so many first, by `code` */
    int fail_pollers;  /* all, by `code` */
    int fail_changes;  /* all, by `code` */
    int code;
    bool no_memory, no_modes;
    bool pretend; /* that connections take their time */
    int asked[2000];
} calls;

int __real_socket(int family, int type, int proto);
int __wrap_socket(int family, int type, int proto);
int __real_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __real_epoll_create1(int flags);
int __wrap_epoll_create1(int flags);
int __real_epoll_ctl(int poller, int op, int fd, struct epoll_event *e);
int __wrap_epoll_ctl(int poller, int op, int fd, struct epoll_event *e);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
int __real_ioctl(int fd, unsigned long command, void *value);
int __wrap_ioctl(int fd, unsigned long command, void *value);

int __wrap_socket(int family, int type, int proto)
{
    calls.sockets++;
    return __real_socket(family, type, proto);
}

/* One that EINTR interrupts goes on. */
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
    calls.connects++;
    if (calls.pretend && fd < 2000 && calls.asked[fd]++ < 2) {
        if (calls.asked[fd] == 1)
            __real_connect(fd, sa, len);
        errno = calls.asked[fd] == 1 ? EINPROGRESS : EALREADY;
        return -1;
    }
    if (calls.fail_connects == 0)
        return __real_connect(fd, sa, len);
    calls.fail_connects--;
    if (calls.code == EINTR)
        __real_connect(fd, sa, len);
    errno = calls.code;
    return -1;
}

int __wrap_epoll_create1(int flags)
{
    calls.pollers++;
    if (!calls.fail_pollers)
        return __real_epoll_create1(flags);
    errno = calls.code;
    return -1;
}

int __wrap_epoll_ctl(int poller, int op, int fd, struct epoll_event *e)
{
    calls.changes++;
    if (!calls.fail_changes)
        return __real_epoll_ctl(poller, op, fd, e);
    errno = calls.code;
    return -1;
}

void *__wrap_malloc(size_t size)
{
    if (!calls.no_memory)
        return __real_malloc(size);
    errno = ENOMEM;
    return NULL;
}

int __wrap_ioctl(int fd, unsigned long command, void *value)
{
    if (!calls.no_modes)
        return __real_ioctl(fd, command, value);
    errno = EBADF;
    return -1;
}

/* What each attempt came to. */

enum { MOST = 600 };

struct outcome {
    int told, kind, code;
    double took;
    char text[SOCK_ERROR_TEXT_MAX];
};

static struct {
    struct outcome of[MOST];
    size_t order[MOST], count;
    double start;
    size_t stop_after; /* so many; 0: never */
    int stop_with;
    double timeout; /* that connections must have */
    bool counting;
    int descriptors, most; /* at the beginning, and most of them since */
} seen;

static int look(void *arg, size_t i, sock_t *s, const sock_error_t *error)
{
    struct outcome *o = &seen.of[i];
    int open = seen.counting ? open_descriptors() : 0;

    check(arg == &seen);
    check((s == NULL) == (error != NULL));
    o->told++;
    o->took = now() - seen.start;
    seen.most = open > seen.most ? open : seen.most;
    seen.order[seen.count++] = i;
    if (error != NULL) {
        check(error == sock_last_error());
        o->kind = error->kind;
        o->code = error->code;
        sock_error_text(error, o->text, sizeof o->text);
    } else {
        check(sock_gettimeout(s) == seen.timeout);
        check_int(is_nonblocking(sock_fileno(s)),
                  seen.timeout != SOCK_NO_TIMEOUT);
        check_int(sock_type(s), SOCK_STREAM);
        check_int(sock_proto(s), 0);
    }
    sock_free(s);
    return seen.count == seen.stop_after ? seen.stop_with : 0;
}

static int scan(const sock_addr_t *to, size_t n, size_t in_flight,
                double timeout)
{
    bool counting = seen.counting;

    memset(&seen, 0, sizeof seen);
    seen.timeout = timeout;
    seen.counting = counting;
    seen.descriptors = seen.most = counting ? open_descriptors() : 0;
    seen.start = now();
    return sock_connect_each(to, n, in_flight, timeout, look, &seen);
}

/* All are told of once. */
static void check_all(size_t n)
{
    check_int(seen.count, n);
    for (size_t i = 0; i < n; i++)
        check_int(seen.of[i].told, 1);
}

/* Addresses of each sort */

struct places {
    struct silent silent;
    sock_t *good, *good6, *refusing, *refusing6, *local;
    sock_addr_t good_at, good6_at, refusing_at, refusing6_at, local_at;
};

static sock_t *bound(const char *host, bool listening, sock_addr_t *a)
{
    sock_addr_t any = strchr(host, ':') != NULL ? sock_addr_inet6(host, 0)
                                                : sock_addr_inet(host, 0);
    sock_t *s = check_made(sock_new(sock_addr_family(&any), SOCK_STREAM, 0));
    check_ok(sock_bind(s, any));
    if (listening)
        check_ok(sock_listen(s, 1000));
    check_ok(sock_getsockname(s, a));
    return s;
}

static struct places make_places(void)
{
    struct places p = {.silent = silent_peer()};
    p.good = bound("127.0.0.1", true, &p.good_at);
    p.good6 = bound("::1", true, &p.good6_at);
    p.refusing = bound("127.0.0.1", false, &p.refusing_at);
    p.refusing6 = bound("::1", false, &p.refusing6_at);
    p.local = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    check_ok(sock_bind(p.local, sock_addr_unix(""))); /* any name */
    check_ok(sock_listen(p.local, 1000));
    check_ok(sock_getsockname(p.local, &p.local_at));
    return p;
}

static void free_places(struct places *p)
{
    free_silent(&p->silent);
    sock_free(p->good);
    sock_free(p->good6);
    sock_free(p->refusing);
    sock_free(p->refusing6);
    sock_free(p->local);
}

static sock_addr_t place(const struct places *p, char letter)
{
    switch (letter) {
    case 's':
        return p->silent.address;
    case 'g':
        return p->good_at;
    case 'G':
        return p->good6_at;
    case 'r':
        return p->refusing_at;
    case 'R':
        return p->refusing6_at;
    case 'l':
        return p->local_at;
    case 'L':
        return sock_addr_unix("/no/such/socket");
    case 'm': /* IPv4 by AF_INET6 */
        return sock_addr_inet6("::ffff:127.0.0.1",
                               sock_addr_port(&p->refusing_at));
    case 'M':
        return sock_addr_inet6("::ffff:127.0.0.1", sock_addr_port(&p->good_at));
    case '6':
        return sock_addr_inet6("2001:db8::1", 1);
    case '7':
        return sock_addr_inet6("0:0:1::1", 1);
    case 'b': /* no one is there to be asked */
        return sock_addr_inet("255.255.255.255", 1);
    case 'p':
        return sock_addr_inet("127.0.0.1", 70000);
    case 'n':
        return sock_addr_none();
    default:
        return sock_addr_inet("224.0.0.1", 1);
    }
}

static size_t places(const struct places *p, const char *letters,
                     sock_addr_t *to)
{
    size_t n = strlen(letters);
    for (size_t i = 0; i < n; i++)
        to[i] = place(p, letters[i]);
    return n;
}

/* What sock_connect_ex() says, of one socket after the other. */
static void check_as_one_by_one(const sock_addr_t *to, size_t n, double timeout)
{
    for (size_t i = 0; i < n; i++) {
        const struct outcome *o = &seen.of[i];
        int family = sock_addr_family(&to[i]);
        sock_t *s = check_made(
            sock_new(family != AF_UNSPEC ? family : AF_INET, SOCK_STREAM, 0));
        check_ok(sock_settimeout(s, timeout));
        int one = sock_connect_ex(s, to[i]);
        if (one == -1) {
            check_int(o->kind, sock_last_error()->kind);
            check_int(o->code, sock_last_error()->code);
        } else if (o->kind == SOCK_E_TIMEOUT) {
            check_int(one, EAGAIN);
        } else {
            check_int(o->kind, one == 0 ? SOCK_E_NONE : SOCK_E_OS);
            check_int(o->code, one);
        }
        sock_free(s);
    }
}

TEST(scan, as_one_by_one)
{
    static const char *const lists[] = {
        "",         "g",      "r",      "s",      "rrrr",
        "gggg",     "grgr",   "Rr67Gg", "mRmrMg", "lLlL",
        "LrlR",     "pgnrb?", "srsgs",  "sGsRs",  "rgRGmMlLpnbs?",
        "mrRmrRMgG"};
    static const size_t in_flight[] = {1, 2, 3, 0};
    static const double timeouts[] = {0.05, 0, SOCK_NO_TIMEOUT};
    need_own_etc(); /* and the network that comes with it, which has no other
                       host that might be silent */
    struct places p = make_places();
    sock_addr_t to[MOST];

    for (size_t i = 0; i < 16 * 4 * 3; i++) {
        const char *list = lists[i % 16];
        double timeout = timeouts[i / 64];
        if (timeout == SOCK_NO_TIMEOUT && strchr(list, 's') != NULL)
            continue;
        size_t n = places(&p, list, to);
        check_int(scan(to, n, in_flight[i / 16 % 4], timeout), 0);
        check_all(n);
        check_as_one_by_one(to, n, timeout);
    }
    free_places(&p);
}

TEST(scan, texts)
{
    struct places p = make_places();
    sock_addr_t to[4];
    size_t n = places(&p, "rsLp", to);

    check_int(scan(to, n, 0, 0.05), 0);
    check_str(seen.of[0].text,
              about("connect_each", &to[0], "[Errno 111] Connection refused"));
    check_str(seen.of[1].text, about("connect_each", &to[1], "timed out"));
    check_str(seen.of[2].text,
              "connect_each '/no/such/socket': [Errno 2] No such file or "
              "directory");
    check_str(seen.of[3].text,
              "connect_each ('127.0.0.1', 70000): port must be 0-65535.");
    free_places(&p);
}

TEST(scan, success_touches_nothing)
{
    struct places p = make_places();
    sock_addr_t to[6];
    size_t n = places(&p, "grspnL", to);

    errno = 1234;
    check_int(scan(to, n, 0, 0.05), 0);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    check_int(scan(to, 0, 0, 5), 0);
    check_int(sock_connect_each(NULL, 0, 0, 5, look, &seen), 0);
    check_int(errno, 1234);
    free_places(&p);
}

TEST(scan, refusals)
{
    sock_addr_t to = sock_addr_inet("127.0.0.1", 1);

    check_fails(sock_connect_each(NULL, 1, 0, 5, look, &seen), SOCK_E_TYPE, 0,
                "connect_each: argument is NULL");
    check_fails(sock_connect_each(&to, 1, 0, 5, NULL, &seen), SOCK_E_TYPE, 0,
                "connect_each: argument is NULL");
    check_fails(sock_connect_each(&to, (size_t)-1, 0, 5, look, &seen),
                SOCK_E_VALUE, 0, "connect_each: size is too large");
    check_fails(scan(&to, 1, 0, -2), SOCK_E_VALUE, 0,
                "connect_each: Timeout value out of range");
    check_fails(scan(&to, 1, 0, 0.0 / 0.0), SOCK_E_VALUE, 0,
                "connect_each: Invalid value NaN (not a number)");
    check_fails(scan(&to, 1, 0, 1e10), SOCK_E_OVERFLOW, 0,
                "connect_each: timestamp too large to convert to C PyTime_t");
    check_int(seen.count, 0);
}

TEST(scan, the_default_timeout)
{
    struct places p = make_places();

    check_ok(sock_setdefaulttimeout(0.05));
    seen.timeout = 0.05;
    memset(&seen.of, 0, sizeof seen.of);
    check_int(
        sock_connect_each(&p.good_at, 1, 0, SOCK_DEFAULT_TIMEOUT, look, &seen),
        0);
    check_int(seen.of[0].kind, SOCK_E_NONE);
    check_ok(sock_setdefaulttimeout(SOCK_NO_TIMEOUT));
    free_places(&p);
}

/* Descriptors */

TEST(scan, a_refused_descriptor_connects_again)
{
    struct places p = make_places();
    sock_addr_t to[MOST];

    for (int i = 0; i < 200; i++)
        to[i] = place(&p, i == 100 ? 'g' : 'r');
    memset(&calls, 0, sizeof calls);
    check_int(scan(to, 200, 0, 5), 0);
    check_all(200);
    check_int(calls.sockets, 2);        /* the second after the connection */
    check_int(calls.connects, 2 * 200); /* and what came of it */
    check_int(calls.pollers, 0);        /* all were answered on the spot */
    check_int(seen.of[100].kind, SOCK_E_NONE);
    check_int(seen.of[199].code, ECONNREFUSED);
    free_places(&p);
}

TEST(scan, so_many_at_a_time)
{
    static const size_t in_flight[] = {1, 2, 7, 20, 100, 0};
    struct places p = make_places();
    sock_addr_t to[20];

    for (int i = 0; i < 20; i++)
        to[i] = place(&p, 's');
    seen.counting = true;
    for (int i = 0; i < 6; i++) {
        size_t most =
            in_flight[i] == 0 || in_flight[i] > 20 ? 20 : in_flight[i];
        size_t rounds = (20 + most - 1) / most;
        check_int(scan(to, 20, in_flight[i], 0.02), 0);
        check_all(20);
        /* Its own closed, in flight the rest; and the poller. */
        check_int(seen.most - seen.descriptors, most);
        for (size_t k = 0; k < 20; k++) {
            check_int(seen.of[k].kind, SOCK_E_TIMEOUT);
            check(seen.of[k].took >= 0.02 * (double)(k / most + 1));
            check_int(seen.order[k], k);
        }
        check(now() - seen.start < 0.02 * (double)rounds + 5);
    }
    free_places(&p);
}

/* The attempts that find no descriptor wait until others have ended. */
TEST(scan, fewer_descriptors_than_attempts)
{
    struct rlimit limit, few;
    struct places p = make_places();
    sock_addr_t to[60];
    int used = open_descriptors() + 3; /* and what stands between */

    for (int i = 0; i < 60; i++)
        to[i] = place(&p, i % 3 == 2 ? 'g' : 's');
    check_ok(getrlimit(RLIMIT_NOFILE, &limit));
    for (int more = 1; more < 30; more += 4)
        for (int in_flight = 0; in_flight < 120; in_flight += 60) {
            few = limit;
            few.rlim_cur = (rlim_t)(used + more + 3);
            check_ok(setrlimit(RLIMIT_NOFILE, &few));
            int result = scan(to, 60, (size_t)in_flight, 0.005);
            check_ok(setrlimit(RLIMIT_NOFILE, &limit));
            check_int(result, 0);
            check_all(60);
            for (int i = 0; i < 60; i++)
                check_int(seen.of[i].kind,
                          i % 3 == 2 ? SOCK_E_NONE : SOCK_E_TIMEOUT);
        }
    free_places(&p);
}

TEST(scan, no_descriptor_at_all)
{
    struct rlimit limit, none;
    struct places p = make_places();
    sock_addr_t to[3];
    size_t n = places(&p, "ggr", to);
    struct outcome *of = seen.of;

    memset(&seen, 0, sizeof seen);
    check_ok(getrlimit(RLIMIT_NOFILE, &limit));
    none = limit;
    none.rlim_cur = 0;
    check_ok(setrlimit(RLIMIT_NOFILE, &none));
    int result = sock_connect_each(to, n, 2, 5, look, &seen);
    check_ok(setrlimit(RLIMIT_NOFILE, &limit));
    check_int(result, 0);
    check_all(3);
    for (int i = 0; i < 3; i++)
        check_int(of[i].code, EMFILE);
    free_places(&p);
}

/* Waiting */

/* A silent listener that closes refuses whoever still waits for it. */
static void *close_soon(void *arg)
{
    sock_t **s = arg;
    struct timespec t = {0, 30000000};
    nanosleep(&t, NULL);
    sock_freep(s);
    return NULL;
}

TEST(scan, refused_later_connects_again)
{
    struct places p = make_places();
    struct silent other = silent_peer();
    sock_addr_t to[6];
    pthread_t thread;
    size_t n = places(&p, "sssrgR", to);

    to[1] = other.address; /* of the second lane, which goes on to the third */
    memset(&calls, 0, sizeof calls);
    check_int(pthread_create(&thread, NULL, close_soon, &other.server), 0);
    check_int(scan(to, n, 2, 2.5), 0);
    pthread_join(thread, NULL);
    check_all(n);
    check_int(seen.of[0].kind, SOCK_E_TIMEOUT);
    check_int(seen.of[1].code, ECONNREFUSED);
    check_int(seen.of[2].kind, SOCK_E_TIMEOUT);
    check(seen.of[1].took < 2.5);
    check(seen.of[2].took >= seen.of[1].took + 2.5);
    check_int(seen.of[3].code, ECONNREFUSED);
    check_int(seen.of[4].kind, SOCK_E_NONE);
    check_int(seen.of[5].code, ECONNREFUSED);
    free_silent(&other);
    free_places(&p);
}

/* More than one wait finds at a time. */
TEST(scan, many_events_at_once)
{
    struct places p = make_places();
    sock_addr_t *to = malloc(MOST * sizeof *to);

    for (int i = 0; i < MOST; i++)
        to[i] = place(&p, i % 2 == 0 ? 'g' : 'G');
    memset(&calls, 0, sizeof calls);
    calls.pretend = true;
    check_int(scan(to, MOST, 0, 15), 0);
    check_all(MOST);
    for (int i = 0; i < MOST; i++)
        check_int(seen.of[i].kind, SOCK_E_NONE);
    check_int(calls.sockets, MOST);
    check_int(calls.pollers, 1);
    check_int(calls.changes, 2 * MOST); /* it is taken out, as it is given */
    memset(&calls, 0, sizeof calls);    /* and where it ends among several */
    calls.pretend = true;
    memset(&seen, 0, sizeof seen);
    seen.timeout = 9.223372036e9; /* whose end no clock can say */
    seen.stop_after = 3;
    seen.stop_with = 7;
    check_int(sock_connect_each(to, 100, 0, 9.223372036e9, look, &seen), 7);
    check_int(seen.count, 3);
    memset(&calls, 0, sizeof calls);
    free(to);
    free_places(&p);
}

/*
 * A child has the descriptors that were in flight when it was made. One of them
 * connects after it was closed here: its event is nobody's, whether its lane
 * has another descriptor by then or none.
 */
static struct {
    pid_t child;
    int hold[2]; /* the child ends with it */
    struct silent *slow;
    size_t slow_at, fork_at;
} kin;

static int have_a_child(void *arg, size_t i, sock_t *s,
                        const sock_error_t *error)
{
    char byte;
    int result = look(arg, i, s, error);
    if (i == kin.fork_at) {
        kin.child = fork();
        if (kin.child == 0) {
            close(kin.hold[1]);
            _exit(read(kin.hold[0], &byte, 1) == 0 ? 0 : 1);
        }
    }
    if (i == kin.slow_at) { /* it is closed: now it may connect */
        for (int k = 0; k < 4; k++)
            sock_freep(&kin.slow->fillers[k]);
        check_ok(sock_settimeout(kin.slow->server, 0));
        for (sock_t *sc; (sc = sock_accept(kin.slow->server, NULL)) != NULL;)
            sock_free(sc);
    }
    return result;
}

TEST(scan, a_child_has_the_descriptors)
{
    static const char *const lists[] = {"srssss", "ssrss"};
    struct places p = make_places();

    for (size_t i = 0; i < 2; i++) {
        struct silent slow = silent_peer();
        sock_addr_t to[6];
        size_t n = places(&p, lists[i], to);

        to[i] = slow.address;
        kin.slow = &slow;
        kin.slow_at = i;
        kin.fork_at = i + 1;
        check_int(pipe(kin.hold), 0);
        memset(&seen, 0, sizeof seen);
        seen.timeout = 0.7;
        seen.start = now();
        check_int(sock_connect_each(to, n, i + 2, 0.7, have_a_child, &seen), 0);
        check_all(n);
        for (size_t k = 0; k < n; k++)
            check_str(seen.of[k].text,
                      about("connect_each", &to[k],
                            k == i + 1 ? "[Errno 111] Connection refused"
                                       : "timed out"));
        close(kin.hold[0]);
        close(kin.hold[1]);
        check_int(waitpid(kin.child, NULL, 0), kin.child);
        free_silent(&slow);
    }
    free_places(&p);
}

/* Asked what came of it, connect(2) is interrupted again. */
TEST(scan, interrupted_twice)
{
    struct places p = make_places();
    sock_addr_t to[2];
    size_t n = places(&p, "gM", to);

    for (int i = 0; i < 2; i++) {
        memset(&calls, 0, sizeof calls);
        calls.fail_connects = 2;
        calls.code = EINTR;
        check_int(scan(&to[i], n - 1, 0, 15), 0);
        check_int(seen.of[0].kind, SOCK_E_NONE);
    }
    free_places(&p);
}

static void on_alarm(int number)
{
    (void)number;
}

static int say(void *arg)
{
    return ++*(int *)arg == 3;
}

TEST(scan, is_cancelled)
{
    struct places p = make_places();
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    sock_addr_t to[3];
    size_t n = places(&p, "rss", to);
    int asked = 0;

    sigaction(SIGALRM, &action, NULL);
    sock_set_interrupt(NULL, say, &asked);
    setitimer(ITIMER_REAL, &often, NULL);
    int result = scan(to, n, 0, SOCK_NO_TIMEOUT);
    setitimer(ITIMER_REAL, &never, NULL);
    check_fails(result, SOCK_E_CANCELLED, 0, "connect_each: cancelled");
    check_int(asked, 3);
    check_int(seen.count, 1);
    sock_set_interrupt(NULL, NULL, NULL);
    free_places(&p);
}

/* The function's word */

TEST(scan, stops)
{
    static const char *const lists[] = {"grgrss", "ssgrgr", "ssssss"};
    static const size_t counts[] = {1, 2, 3};
    struct places p = make_places();
    sock_addr_t to[6];

    for (int i = 0; i < 9; i++) {
        size_t n = places(&p, lists[i / 3], to);
        memset(&seen, 0, sizeof seen);
        seen.timeout = 0.02;
        seen.stop_after = counts[i % 3];
        seen.stop_with = i + 1;
        errno = 1234;
        check_int(sock_connect_each(to, n, 0, 0.02, look, &seen), i + 1);
        check_int(seen.count, counts[i % 3]);
        check_int(errno, 1234);
        check_int(sock_last_error()->kind, SOCK_E_NONE);
    }
    free_places(&p);
}

/* -1 is a failure, whose record the function has made. */
static int fail(void *arg, size_t i, sock_t *s, const sock_error_t *error)
{
    sock_addr_t bad = sock_addr_inet("127.0.0.1", -1);
    (void)arg, (void)i, (void)error;
    int result = sock_bind(s, bad);
    sock_free(s);
    return result;
}

TEST(scan, stops_with_an_error)
{
    struct places p = make_places();
    sock_addr_t to[6];
    size_t n = places(&p, "ssggss", to);

    check_fails(sock_connect_each(to, n, 0, 5, fail, NULL), SOCK_E_OVERFLOW, -1,
                "bind ('127.0.0.1', -1): port must be 0-65535.");
    free_places(&p);
}

/* A scan within a scan. */
static int scan_again(void *arg, size_t i, sock_t *s, const sock_error_t *error)
{
    int *count = arg;
    sock_addr_t peer;
    (void)i, (void)error;
    ++*count;
    if (s == NULL || *count > 20)
        return 0;
    check_ok(sock_getpeername(s, &peer));
    check_int(sock_connect_each(&peer, 1, 0, 5, scan_again, arg), 0);
    sock_free(s);
    return 0;
}

static int end_it(void *arg, size_t i, sock_t *s, const sock_error_t *error)
{
    (void)arg, (void)i, (void)error;
    sock_free(s);
    return 0;
}

TEST(scan, within_a_scan)
{
    struct places p = make_places();
    int count = 19;
    check_int(sock_connect_each(&p.refusing_at, 1, 0, 5, scan_again, &count),
              0);
    check_int(count, 20);
    check_int(sock_connect_each(&p.good_at, 1, 0, 5, end_it, NULL), 0);
    free_places(&p);
}

/* What the system refuses */

TEST(scan, no_poller)
{
    struct places p = make_places();
    sock_addr_t to[5];
    size_t n = places(&p, "rgssg", to);

    for (int i = 0; i < 2; i++) {
        memset(&calls, 0, sizeof calls);
        calls.fail_pollers = i == 0;
        calls.fail_changes = i == 1;
        calls.code = ENOSPC;
        check_int(scan(to, n, 0, 5), 0);
        check_all(n);
        check_int(seen.of[0].code, ECONNREFUSED);
        check_int(seen.of[1].kind, SOCK_E_NONE);
        check_int(seen.of[2].code, ENOSPC);
        check_int(seen.of[3].code, ENOSPC);
        check_int(seen.of[4].kind, SOCK_E_NONE);
    }
    memset(&calls, 0, sizeof calls);
    free_places(&p);
}

TEST(scan, no_memory)
{
    struct places p = make_places();

    calls.no_memory = true;
    int result = scan(&p.good_at, 1, 0, 5);
    calls.no_memory = false;
    check_fails(result, SOCK_E_MEMORY, 0,
                "connect_each: [Errno 12] Cannot allocate memory");
    free_places(&p);
}

TEST(scan, no_mode)
{
    struct places p = make_places();

    calls.no_modes = true;
    int result = scan(&p.good_at, 1, 0, SOCK_NO_TIMEOUT);
    calls.no_modes = false;
    check_int(result, 0);
    check_int(seen.of[0].code, EBADF);
    free_places(&p);
}

/* No room for an object: the connection is closed, and the attempt has failed.
 */
static int forget_memory(void *arg, size_t i, sock_t *s,
                         const sock_error_t *error)
{
    (void)arg;
    sock_free(s);
    if (i == 1)
        check_int(error->kind, SOCK_E_MEMORY);
    calls.no_memory = i == 0;
    return 0;
}

TEST(scan, no_memory_for_a_connection)
{
    struct places p = make_places();
    sock_addr_t to[3];
    size_t n = places(&p, "ggg", to);

    check_int(sock_connect_each(to, n, 0, 5, forget_memory, NULL), 0);
    free_places(&p);
}
