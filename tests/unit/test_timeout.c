/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(timeout, states)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    int fd = sock_fileno(s);

    check(sock_gettimeout(s) == SOCK_NO_TIMEOUT);
    check_int(sock_getblocking(s), 1);
    check(!is_nonblocking(fd));
    check_ok(sock_settimeout(s, 1.5));
    check(sock_gettimeout(s) == 1.5);
    check_int(sock_getblocking(s), 1);
    check(is_nonblocking(fd));
    check_ok(sock_settimeout(s, 0));
    check(sock_gettimeout(s) == 0);
    check_int(sock_getblocking(s), 0);
    check(is_nonblocking(fd));
    check_ok(sock_settimeout(s, SOCK_NO_TIMEOUT));
    check(sock_gettimeout(s) == SOCK_NO_TIMEOUT);
    check(!is_nonblocking(fd));
    check_ok(sock_setblocking(s, 0));
    check(sock_gettimeout(s) == 0);
    check(is_nonblocking(fd));
    check_ok(sock_setblocking(s, 1));
    check(sock_gettimeout(s) == SOCK_NO_TIMEOUT);
    check(!is_nonblocking(fd));
    sock_free(s);
}

/* python3: s.settimeout(x); s.gettimeout() */
TEST(timeout, values)
{
    static const struct {
        double set, get;
    } rows[] = {
        {1e-12, 1e-9},
        {1e-9, 1e-9},
        {1.1e-9, 2e-9},
        {-0.0, 0.0},
        {0.1, 0.1},
        {1.25, 1.25},
        {9223372036.0, 9223372036.0},
        {1e-320, 1e-9},
    };
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_ok(sock_settimeout(s, rows[i].set));
        check_that(sock_gettimeout(s) == rows[i].get, "row %zu: %.17g", i,
                   sock_gettimeout(s));
    }
    sock_free(s);
}

TEST(timeout, refused_values_change_nothing)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_settimeout(s, 7));
    check_fails(sock_settimeout(s, (double)__builtin_nanf("")), SOCK_E_VALUE, 0,
                "settimeout: Invalid value NaN (not a number)");
    check_fails(sock_settimeout(s, -1e-12), SOCK_E_VALUE, 0,
                "settimeout: Timeout value out of range");
    check_fails(sock_settimeout(s, -SOCK_NO_TIMEOUT), SOCK_E_VALUE, 0,
                "settimeout: Timeout value out of range");
    check_fails(sock_settimeout(s, 1e10), SOCK_E_OVERFLOW, 0,
                "settimeout: timestamp too large to convert to C PyTime_t");
    check_fails(sock_settimeout(s, 9223372037.0), SOCK_E_OVERFLOW, 0,
                "settimeout: timestamp too large to convert to C PyTime_t");
    check_fails(sock_settimeout(s, 1e308), SOCK_E_OVERFLOW, 0,
                "settimeout: timestamp too large to convert to C PyTime_t");
    check(sock_gettimeout(s) == 7);
    sock_free(s);
}

TEST(timeout, of_a_closed_socket_is_set_all_the_same)
{
    sock_t *s = closed_socket(SOCK_STREAM);
    check_fails(sock_settimeout(s, 5), SOCK_E_OS, EBADF,
                "settimeout: [Errno 9] Bad file descriptor");
    check(sock_gettimeout(s) == 5);
    check_int(sock_getblocking(s), 1);
    sock_free(s);
}

TEST(timeout, default)
{
    check(sock_getdefaulttimeout() == SOCK_NO_TIMEOUT);
    check_ok(sock_setdefaulttimeout(3.5));
    check(sock_getdefaulttimeout() == 3.5);
    check_fails(sock_setdefaulttimeout(-1), SOCK_E_VALUE, 0,
                "setdefaulttimeout: Timeout value out of range");
    check_fails(sock_setdefaulttimeout(1e10), SOCK_E_OVERFLOW, 0,
                "setdefaulttimeout: timestamp too large to convert to C "
                "PyTime_t");
    check(sock_getdefaulttimeout() == 3.5);

    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check(sock_gettimeout(s) == 3.5);
    check(is_nonblocking(sock_fileno(s)));
    sock_t *t = check_made(sock_new(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    check(sock_gettimeout(t) == 0); /* the flag wins */
    sock_t *u =
        check_made(sock_fromfd(sock_fileno(s), AF_INET, SOCK_STREAM, 0));
    check(sock_gettimeout(u) == 3.5);
    sock_free(s);
    sock_free(t);
    sock_free(u);
}

TEST(timeout, recv_keeps_its_time)
{
    struct pair p = udp_pair();
    char buf[8];
    check_ok(sock_settimeout(p.a, 0.05));
    double start = now();
    check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_TIMEOUT, 0,
                "recv <peer>: timed out");
    check(now() - start >= 0.05);
    check_fails(sock_recvfrom(p.a, buf, 8, 0, NULL), SOCK_E_TIMEOUT, 0,
                "recvfrom <peer>: timed out");
    free_pair(&p);
}

TEST(timeout, without_time_to_wait)
{
    struct pair p = udp_pair();
    sock_addr_t address;
    sock_t *server = listener(&address);
    char buf[8];

    check_ok(sock_settimeout(p.a, 0));
    check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    check_str(sock_error_class(NULL), "BlockingIOError");
    check_ok(sock_settimeout(server, 0));
    check_null(sock_accept(server, NULL), SOCK_E_OS, EAGAIN,
               "accept: [Errno 11] Resource temporarily unavailable");
    check_ok(sock_setblocking(p.a, 1)); /* but not this call */
    check_fails(sock_recv(p.a, buf, 8, MSG_DONTWAIT), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    sock_free(server);
    free_pair(&p);
}

/* poll(2) calls these ready, and a try fails all the same. */
TEST(timeout, holds_where_readiness_is_a_lie)
{
    struct pair p = unix_pair(SOCK_DGRAM);
    sock_t *from = check_made(sock_new(AF_UNIX, SOCK_DGRAM, 0));
    sock_t *to = check_made(sock_new(AF_UNIX, SOCK_DGRAM, 0));
    sock_addr_t full;
    struct rusage used;

    check_ok(sock_bind(to, sock_addr_unix("")));
    check_ok(sock_getsockname(to, &full));
    check_ok(sock_settimeout(from, 0));
    while (sock_sendto(from, "x", 1, 0, full) == 1)
        ;
    check_ok(sock_settimeout(from, 0.2));
    double start = now();
    check_int(sock_sendto(from, "x", 1, 0, full), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check(now() - start >= 0.2 && now() - start < 5);
    getrusage(RUSAGE_THREAD, &used); /* it slept between its tries */
    check(used.ru_utime.tv_sec == 0 && used.ru_utime.tv_usec < 150000);
    sock_free(from);
    sock_free(to);
    free_pair(&p);
}

static void *send_late(void *arg);

TEST(timeout, success_leaves_errno_alone)
{
    struct pair p = udp_pair();
    pthread_t thread;
    char c;
    check_ok(sock_settimeout(p.a, 10));
    check_int(pthread_create(&thread, NULL, send_late, &p), 0);
    errno = 1234;
    check_int(sock_recv(p.a, &c, 1, 0), 1); /* after an EAGAIN */
    check_int(errno, 1234);
    pthread_join(thread, NULL);
    errno = 1234;
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0.01), 0);
    check_int(errno, 1234);
    free_pair(&p);
}

TEST(timeout, the_kernels_own_timeout_is_reported)
{
    struct pair p = udp_pair();
    struct timeval t = {.tv_usec = 20000};
    char buf[8];
    check_ok(sock_setsockopt(p.a, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    free_pair(&p);
}

/* With a timeout of the object's, that one is what counts. */
TEST(timeout, the_kernels_own_timeout_is_not_the_objects)
{
    struct pair p = udp_pair();
    struct timeval t = {.tv_sec = 1000};
    char buf[8];
    check_ok(sock_setsockopt(p.a, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    check_ok(sock_settimeout(p.a, 0.02));
    check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_TIMEOUT, 0,
                "recv <peer>: timed out");
    free_pair(&p);
}

/* Where poll(2) reports what was not asked for, the call would not wait. */
TEST(timeout, wait_ends_at_a_hang_up)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_int(sock_wait(s, SOCK_EVENT_READ, 5), SOCK_EVENT_READ);
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 5), SOCK_EVENT_WRITE);
    sock_free(s);
}

TEST(timeout, sendall_has_one_deadline)
{
    struct pair p = unix_pair(SOCK_STREAM);
    static char data[1 << 22];
    check_ok(sock_settimeout(p.a, 0.05));
    double start = now();
    check_fails(sock_sendall(p.a, data, sizeof data, 0), SOCK_E_TIMEOUT, 0,
                "sendall: timed out");
    check(now() - start < 10);
    size_t done = sock_last_error()->done;
    check(done > 0 && done < sizeof data);
    /* exactly so many bytes are there */
    check_ok(sock_setblocking(p.b, 0));
    size_t came = 0;
    for (ssize_t n; (n = sock_recv(p.b, data, sizeof data, 0)) > 0;)
        came += (size_t)n;
    check_int(came, done);
    free_pair(&p);
}

/* A drip of bytes does not lengthen the call. */
static void *drip(void *arg)
{
    struct pair *p = arg;
    while (sock_sendall(p->b, "x", 1, 0) == 0)
        sock_wait(p->b, SOCK_EVENT_READ, 0.01);
    return NULL;
}

static void check_drip(ssize_t (*receive)(sock_t *, void *, size_t),
                       const char *text)
{
    struct pair p = tcp_pair();
    pthread_t thread;
    static char buf[100000];

    check_ok(sock_settimeout(p.a, 0.1));
    check_int(pthread_create(&thread, NULL, drip, &p), 0);
    double start = now();
    check_fails(receive(p.a, buf, sizeof buf), SOCK_E_TIMEOUT, 0, text);
    double took = now() - start;
    check(took >= 0.1 && took < 5);
    check(sock_last_error()->done > 0);
    check_int(buf[0], 'x');
    check_ok(sock_shutdown(p.b, SHUT_RDWR));
    pthread_join(thread, NULL);
    free_pair(&p);
}

static ssize_t until_dot(sock_t *s, void *buf, size_t size)
{
    return sock_recv_until(s, buf, size, '.');
}

TEST(timeout, recv_all_has_one_deadline)
{
    check_drip(sock_recv_all, "recv_all <peer>: timed out");
}

TEST(timeout, recv_until_has_one_deadline)
{
    check_drip(until_dot, "recv_until <peer>: timed out");
}

/* Other holders of the description */

struct flipper {
    int fd;
    atomic_bool stop;
};

static void *flip(void *arg)
{
    struct flipper *f = arg;
    for (bool on = false; !atomic_load(&f->stop); on = !on)
        set_nonblocking(f->fd, on);
    return NULL;
}

/* Runs calls while a duplicate flips O_NONBLOCK; timeouts hold. */
static void check_timeouts_while_flipped(struct pair *p, sock_t *server)
{
    char buf[8];
    for (int i = 0; i < 20; i++) {
        check_ok(sock_settimeout(p->a, 0.01));
        check_fails(sock_recv(p->a, buf, 8, 0), SOCK_E_TIMEOUT, 0,
                    "recv <peer>: timed out");
        check_ok(sock_settimeout(server, 0.01));
        check_null(sock_accept(server, NULL), SOCK_E_TIMEOUT, 0,
                   "accept: timed out");
        check_ok(sock_settimeout(p->a, 0));
        check_fails(sock_recv(p->a, buf, 8, 0), SOCK_E_OS, EAGAIN,
                    "recv: [Errno 11] Resource temporarily unavailable");
    }
}

static void *send_late(void *arg)
{
    struct pair *p = arg;
    sock_wait(p->b, SOCK_EVENT_READ, 0.05); /* nothing comes */
    sock_send(p->b, "x", 1, 0);
    return NULL;
}

/* The call waits, though the description would not. */
static void check_patience(struct pair *p, double timeout)
{
    pthread_t thread;
    char buf[8];
    check_ok(sock_settimeout(p->a, timeout));
    check_int(pthread_create(&thread, NULL, send_late, p), 0);
    check_int(sock_recv(p->a, buf, 8, 0), 1);
    pthread_join(thread, NULL);
}

TEST(timeout, holds_while_a_duplicate_flips_the_mode)
{
    struct pair p = udp_pair();
    sock_addr_t address;
    sock_t *server = listener(&address);
    struct flipper one = {.fd = dup(sock_fileno(p.a))};
    struct flipper two = {.fd = dup(sock_fileno(server))};
    pthread_t threads[2];

    check_int(pthread_create(&threads[0], NULL, flip, &one), 0);
    check_int(pthread_create(&threads[1], NULL, flip, &two), 0);
    check_timeouts_while_flipped(&p, server);
    for (int i = 0; i < 5; i++)
        check_patience(&p, SOCK_NO_TIMEOUT);
    atomic_store(&one.stop, true);
    atomic_store(&two.stop, true);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    close(one.fd);
    close(two.fd);
    sock_free(server);
    free_pair(&p);
}

TEST(timeout, holds_while_a_child_flips_the_mode)
{
    struct pair p = udp_pair();
    sock_addr_t address;
    sock_t *server = listener(&address);
    pid_t child = fork();
    if (child == 0)
        for (bool on = false;; on = !on) {
            set_nonblocking(sock_fileno(p.a), on);
            set_nonblocking(sock_fileno(server), on);
        }
    check_timeouts_while_flipped(&p, server);
    for (int i = 0; i < 5; i++)
        check_patience(&p, SOCK_NO_TIMEOUT);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    sock_free(server);
    free_pair(&p);
}

/* Signals */

static void on_signal(int number)
{
    (void)number;
}

/* SIGALRM every millisecond, with or without SA_RESTART. */
static void start_signals(int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    struct itimerval every = {{0, 1000}, {0, 1000}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
}

static void stop_signals(void)
{
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
}

TEST(timeout, signals_do_not_lengthen_or_end_a_call)
{
    struct pair p = udp_pair();
    char buf[8];
    start_signals(0);
    check_ok(sock_settimeout(p.a, 0.1));
    double start = now();
    check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_TIMEOUT, 0,
                "recv <peer>: timed out");
    double took = now() - start;
    check(took >= 0.1 && took < 5);
    check_patience(&p, SOCK_NO_TIMEOUT); /* interrupted all the time */
    stop_signals();
    free_pair(&p);
}

static int count_and_stop(void *arg)
{
    int *left = arg;
    return --*left == 0;
}

TEST(timeout, interrupt_function_ends_a_call)
{
    struct pair p = udp_pair();
    char buf[8];
    int left = 3;
    sock_interrupt_t former = sock_set_interrupt(p.a, count_and_stop, &left);
    check(former.check == NULL && former.arg == NULL);

    start_signals(0);
    check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_CANCELLED, 0,
                "recv <peer>: cancelled");
    check_int(left, 0);
    left = 3;
    check_ok(sock_settimeout(p.a, 10));
    check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_CANCELLED, 0,
                "recv <peer>: cancelled");
    left = 3;
    check_fails(sock_wait(p.a, SOCK_EVENT_READ, 10), SOCK_E_CANCELLED, 0,
                "wait <peer>: cancelled");
    stop_signals();
    former = sock_set_interrupt(p.a, NULL, NULL);
    check(former.check == count_and_stop && former.arg == &left);
    free_pair(&p);
}

TEST(timeout, interrupt_function_is_asked_after_a_partial_receive)
{
    struct pair p = tcp_pair();
    char buf[8];
    int left = 2;
    sock_set_interrupt(p.a, count_and_stop, &left);
    check_ok(sock_sendall(p.b, "ab", 2, 0));
    start_signals(0);
    check_fails(sock_recv_all(p.a, buf, 8), SOCK_E_CANCELLED, 0,
                "recv_all <peer>: cancelled");
    stop_signals();
    check_int(sock_last_error()->done, 2);
    free_pair(&p);
}

TEST(timeout, interrupt_function_is_asked_after_a_partial_send)
{
    struct pair p = unix_pair(SOCK_STREAM);
    static char data[1 << 22];
    int left = 1;
    sock_set_interrupt(p.a, count_and_stop, &left);
    check_ok(sock_settimeout(p.a, 5));
    check_fails(sock_sendall(p.a, data, sizeof data, 0), SOCK_E_CANCELLED, 0,
                "sendall: cancelled");
    check(sock_last_error()->done > 0);
    free_pair(&p);
}

TEST(timeout, interrupt_function_of_new_objects)
{
    int left = 1;
    check(sock_set_interrupt(NULL, count_and_stop, &left).check == NULL);
    struct pair p = udp_pair();
    char buf[8];
    start_signals(0);
    check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_CANCELLED, 0,
                "recv <peer>: cancelled");
    stop_signals();
    sock_interrupt_t former = sock_set_interrupt(NULL, NULL, NULL);
    check(former.check == count_and_stop && former.arg == &left);
    free_pair(&p);
}

/* Readiness */

TEST(timeout, wait)
{
    struct pair p = unix_pair(SOCK_STREAM);
    const int both = SOCK_EVENT_READ | SOCK_EVENT_WRITE;

    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0), 0);
    check_int(sock_wait(p.a, SOCK_EVENT_WRITE, 0), SOCK_EVENT_WRITE);
    check_int(sock_wait(p.a, both, 0), SOCK_EVENT_WRITE);
    check_ok(sock_settimeout(p.a, 0)); /* plays no part */
    double start = now();
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0.03), 0);
    check(now() - start >= 0.03);
    check_ok(sock_sendall(p.b, "x", 1, 0));
    check_int(sock_wait(p.a, SOCK_EVENT_READ, SOCK_NO_TIMEOUT),
              SOCK_EVENT_READ);
    check_int(sock_wait(p.a, both, 10), both);
    check_ok(sock_close(p.b));
    check_int(sock_wait(p.a, both, 10), both); /* the end */

    check_fails(sock_wait(p.a, 0, 1), SOCK_E_VALUE, 0,
                "wait: events are neither read nor write");
    check_fails(sock_wait(p.a, 4, 1), SOCK_E_VALUE, 0,
                "wait: events are neither read nor write");
    check_fails(sock_wait(p.a, SOCK_EVENT_READ, -1), SOCK_E_VALUE, 0,
                "wait: Timeout value out of range");
    check_fails(sock_wait(p.a, SOCK_EVENT_READ, 1e10), SOCK_E_OVERFLOW, 0,
                "wait: timestamp too large to convert to C PyTime_t");
    free_pair(&p);
}

TEST(timeout, the_longest_time_is_no_time_at_all)
{
    struct pair p = udp_pair();
    char buf[8];
    check_patience(&p, 9223372036.0); /* over INT_MAX ms */
    check_ok(sock_send(p.b, "x", 1, 0));
    check_int(sock_recv(p.a, buf, 8, 0), 1);
    free_pair(&p);
}

/* The end of all calls on an object */

TEST(timeout, deadline_states)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    int fd = sock_fileno(s);

    check(sock_get_deadline(s) == SOCK_NO_TIMEOUT);
    check_ok(sock_set_deadline(s, 60));
    double left = sock_get_deadline(s);
    check(left > 50 && left <= 60);
    check(sock_gettimeout(s) == SOCK_NO_TIMEOUT);
    check_int(sock_getblocking(s), 1);
    check(is_nonblocking(fd));
    check_ok(sock_set_deadline(s, -0.0));
    check(sock_get_deadline(s) == 0);
    check_ok(sock_set_deadline(s, 1e-320));
    check(sock_get_deadline(s) == 0); /* by now */
    check_ok(sock_set_deadline(s, SOCK_NO_TIMEOUT));
    check(sock_get_deadline(s) == SOCK_NO_TIMEOUT);
    check(!is_nonblocking(fd));
    check_ok(sock_set_deadline(s, 9223372036.0)); /* beyond the clock's end */
    check(sock_get_deadline(s) > 9e9);
    check(sock_get_deadline(s) != SOCK_NO_TIMEOUT);
    sock_free(s);
}

TEST(timeout, refused_deadlines_change_nothing)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    check_ok(sock_set_deadline(s, 60));
    check_fails(sock_set_deadline(s, (double)__builtin_nanf("")), SOCK_E_VALUE,
                0, "set_deadline: Invalid value NaN (not a number)");
    check_fails(sock_set_deadline(s, -1e-12), SOCK_E_VALUE, 0,
                "set_deadline: Timeout value out of range");
    check_fails(sock_set_deadline(s, 1e10), SOCK_E_OVERFLOW, 0,
                "set_deadline: timestamp too large to convert to C PyTime_t");
    double left = sock_get_deadline(s);
    check(left > 50 && left <= 60);
    check_ok(sock_close(s));
    check_fails(sock_set_deadline(s, 1), SOCK_E_OS, EBADF,
                "set_deadline: [Errno 9] Bad file descriptor");
    check(sock_get_deadline(s) > 50);
    check_fails(sock_set_deadline(NULL, 1), SOCK_E_TYPE, 0,
                "set_deadline: socket is NULL");
    check_fails((long long)sock_get_deadline(NULL), SOCK_E_TYPE, 0,
                "get_deadline: socket is NULL");
    sock_free(s);
}

/* Once it is over nothing moves, though bytes lie ready and there is room. */
static void check_over(struct pair *p)
{
    char buf[8];
    struct iovec part = {buf, 1};
    const int file = -1; /* not even looked at */

    check_fails(sock_recv(p->a, buf, 1, 0), SOCK_E_TIMEOUT, 0,
                "recv <peer>: timed out");
    check_fails(sock_recv(p->a, buf, 1, MSG_DONTWAIT), SOCK_E_TIMEOUT, 0,
                "recv <peer>: timed out");
    check_fails(sock_recvfrom(p->a, buf, 1, 0, NULL), SOCK_E_TIMEOUT, 0,
                "recvfrom <peer>: timed out");
    check_fails(sock_recv_all(p->a, buf, 1), SOCK_E_TIMEOUT, 0,
                "recv_all <peer>: timed out");
    check_fails(sock_recv_until(p->a, buf, 1, 'x'), SOCK_E_TIMEOUT, 0,
                "recv_until <peer>: timed out");
    check_fails(sock_recvmsg(p->a, &part, 1, NULL, 0, NULL, NULL),
                SOCK_E_TIMEOUT, 0, "recvmsg <peer>: timed out");
    check_fails(sock_send(p->a, "x", 1, 0), SOCK_E_TIMEOUT, 0,
                "send <peer>: timed out");
    check_fails(sock_sendall(p->a, "x", 1, 0), SOCK_E_TIMEOUT, 0,
                "sendall <peer>: timed out");
    check_fails(sock_sendto(p->a, "x", 1, 0, sock_addr_none()), SOCK_E_TIMEOUT,
                0, "sendto <peer>: timed out");
    check_fails(sock_sendmsg(p->a, &part, 1, NULL, 0, sock_addr_none()),
                SOCK_E_TIMEOUT, 0, "sendmsg <peer>: timed out");
    check_fails(sock_sendfile(p->a, file, 0, 1), SOCK_E_TIMEOUT, 0,
                "sendfile <peer>: timed out");
    check_fails(sock_wait(p->a, SOCK_EVENT_READ, 0), SOCK_E_TIMEOUT, 0,
                "wait <peer>: timed out");
    check_fails(sock_accept(p->a, NULL) == NULL ? -1 : 0, SOCK_E_TIMEOUT, 0,
                "accept <peer>: timed out");
}

TEST(timeout, a_deadline_that_is_over_ends_all)
{
    static const double timeouts[] = {SOCK_NO_TIMEOUT, 0, 30};
    for (size_t i = 0; i < 3; i++) {
        struct pair p = tcp_pair();
        char buf[8];
        check_ok(sock_sendall(p.b, "hello", 5, 0));
        check_int(sock_wait(p.a, SOCK_EVENT_READ, 5), SOCK_EVENT_READ);
        check_ok(sock_settimeout(p.a, timeouts[i]));
        check_ok(sock_set_deadline(p.a, 0));
        check_over(&p);
        check(sock_gettimeout(p.a) == timeouts[i]);
        check_ok(sock_set_deadline(p.a, SOCK_NO_TIMEOUT));
        check_int(sock_recv(p.a, buf, 8, 0), 5); /* nothing is lost */
        check_ok(sock_sendall(p.a, "x", 1, 0));
        free_pair(&p);
    }
}

TEST(timeout, a_deadline_that_is_over_ends_connect)
{
    sock_addr_t address = {.len = 0}; /* all of it, as it is compared */
    sock_t *server = listener(&address);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_set_deadline(s, 0));
    check_fails(sock_connect(s, address), SOCK_E_TIMEOUT, 0,
                about("connect", &address, "timed out"));
    sock_error_t before = *sock_last_error();
    errno = 1234;
    check_int(sock_connect_ex(s, address), EAGAIN);
    check_int(errno, 1234);
    check(memcmp(&before, sock_last_error(), sizeof before) == 0);
    check_ok(sock_set_deadline(s, 30));
    check_ok(sock_connect(s, address));
    sock_t *sc = check_made(sock_accept(server, NULL));
    check(sock_get_deadline(sc) == SOCK_NO_TIMEOUT);
    sock_free(sc);
    sock_free(s);
    sock_free(server);
}

/* The deadline and the timeout: whichever ends first. Never early. */
TEST(timeout, whichever_ends_first)
{
    static const struct {
        double timeout, deadline;
    } rows[] = {{SOCK_NO_TIMEOUT, 0.05},
                {30, 0.05},
                {0.05, 30},
                {0.05, SOCK_NO_TIMEOUT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair p = tcp_pair();
        char buf[8];
        check_ok(sock_settimeout(p.a, rows[i].timeout));
        double start = now();
        check_ok(sock_set_deadline(p.a, rows[i].deadline));
        check_fails(sock_recv(p.a, buf, 8, 0), SOCK_E_TIMEOUT, 0,
                    "recv <peer>: timed out");
        double took = now() - start;
        check(took >= 0.05 && took < 5);
        start_signals(0);
        start = now();
        check_ok(sock_set_deadline(p.a, rows[i].deadline));
        check_fails(sock_recv_all(p.a, buf, 8), SOCK_E_TIMEOUT, 0,
                    "recv_all <peer>: timed out");
        stop_signals();
        took = now() - start;
        check(took >= 0.05 && took < 5);
        free_pair(&p);
    }
}

/* A wait has a time of its own, which is no failure; the deadline is one. */
TEST(timeout, wait_and_the_deadline)
{
    struct pair p = tcp_pair();
    check_ok(sock_set_deadline(p.a, 30));
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0.01), 0);
    check_int(sock_wait(p.a, SOCK_EVENT_WRITE, 0), SOCK_EVENT_WRITE);
    double start = now();
    check_ok(sock_set_deadline(p.a, 0.02));
    check_fails(sock_wait(p.a, SOCK_EVENT_READ, SOCK_NO_TIMEOUT),
                SOCK_E_TIMEOUT, 0, "wait <peer>: timed out");
    check(now() - start >= 0.02);
    free_pair(&p);
}

struct dripping {
    sock_t *s;
    atomic_bool over;
};

/* A byte each millisecond, so that no call waits for long. */
static void *drip_on(void *arg)
{
    struct dripping *d = arg;
    while (!atomic_load(&d->over)) {
        sock_send(d->s, "x", 1, MSG_DONTWAIT);
        poll(NULL, 0, 1);
    }
    return NULL;
}

/* From when it drips on. */
static void drip_until_deadline(sock_t *s)
{
    check_ok(sock_set_deadline(s, SOCK_NO_TIMEOUT));
    check_int(sock_wait(s, SOCK_EVENT_READ, 10), SOCK_EVENT_READ);
    check_ok(sock_set_deadline(s, 0.2));
}

/* Each of many calls is short, and each byte comes in time: a timeout never
 * ends that. */
TEST(timeout, a_peer_that_drips_does_not_go_on_for_ever)
{
    struct pair p = tcp_pair();
    struct dripping d = {.s = p.b};
    pthread_t thread;
    static char line[1 << 20];
    double start = now();

    check_int(pthread_create(&thread, NULL, drip_on, &d), 0);
    check_ok(sock_settimeout(p.a, 10));
    drip_until_deadline(p.a);
    check_fails(sock_recv_until(p.a, line, sizeof line, '\n'), SOCK_E_TIMEOUT,
                0, "recv_until <peer>: timed out");
    check(sock_last_error()->done > 0);
    drip_until_deadline(p.a);
    check_fails(sock_recv_all(p.a, line, sizeof line), SOCK_E_TIMEOUT, 0,
                "recv_all <peer>: timed out");
    check(sock_last_error()->done > 0);
    drip_until_deadline(p.a);
    while (sock_recv(p.a, line, 1, 0) == 1)
        ;
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    double took = now() - start;
    check(took >= 0.6 && took < 5);
    atomic_store(&d.over, true);
    pthread_join(thread, NULL);
    free_pair(&p);
}

struct receiver {
    sock_t *s;
    atomic_long tid;
    ssize_t result;
    int kind;
};

static void *receive_one(void *arg)
{
    struct receiver *r = arg;
    char c;
    atomic_store(&r->tid, thread_id());
    r->result = sock_recv(r->s, &c, 1, 0);
    r->kind = sock_last_error()->kind;
    return NULL;
}

static void ignore_it(int number)
{
    (void)number;
}

/* Set under a call that waits, it wakes no one, and is seen when the call would
 * wait again: here because a signal came. */
TEST(timeout, a_deadline_set_while_a_call_waits)
{
    struct pair p = tcp_pair();
    struct receiver r = {.s = p.a};
    struct sigaction action = {.sa_handler = ignore_it};
    pthread_t thread;

    sigaction(SIGUSR1, &action, NULL);
    check_ok(sock_set_deadline(p.a, 30));
    check_int(pthread_create(&thread, NULL, receive_one, &r), 0);
    while (atomic_load(&r.tid) == 0)
        sched_yield();
    check(wait_until_blocked(atomic_load(&r.tid)));
    check_ok(sock_set_deadline(p.a, 0));
    check(wait_until_blocked(atomic_load(&r.tid)));
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, NULL);
    check_int(r.result, -1);
    check_int(r.kind, SOCK_E_TIMEOUT);
    free_pair(&p);
}

/* Streams have the deadline of their socket, duplicates have none. */
TEST(timeout, who_has_the_deadline)
{
    struct pair p = tcp_pair();
    char c;
    check_ok(sock_sendall(p.b, "xy", 2, 0));
    check_ok(sock_set_deadline(p.a, 0));
    FILE *f = check_made(sock_makefile(p.a, "r"));
    sock_t *copy = check_made(sock_dup(p.a));
    check(sock_get_deadline(copy) == SOCK_NO_TIMEOUT);
    check(sock_gettimeout(copy) == SOCK_NO_TIMEOUT);
    check_int(fgetc(f), EOF);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check_int(fclose(f), 0);
    check_int(sock_recv(copy, &c, 1, 0), 1);
    sock_free(copy);
    free_pair(&p);
}
