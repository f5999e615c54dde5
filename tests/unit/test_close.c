/* SPDX-License-Identifier: MIT */
/* Closing an object while other threads are inside calls on it. Links with
 * --wrap, to have the one begin at a moment of the other. */
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "object.h"
#include "os.h"

/* A call that waits in a thread of its own. */
struct waiter {
    sock_t *s;
    void (*call)(struct waiter *w);
    sock_addr_t address;
    pthread_t thread;
    atomic_long tid;
    sock_error_t error;
    long long result;
    double ended;
};

static void *run_waiter(void *arg)
{
    struct waiter *w = arg;
    atomic_store(&w->tid, thread_id());
    w->call(w);
    w->error = *sock_last_error();
    w->ended = now();
    return NULL;
}

static void start(struct waiter *w)
{
    check_int(pthread_create(&w->thread, NULL, run_waiter, w), 0);
    while (atomic_load(&w->tid) == 0)
        sched_yield();
    check(wait_until_blocked(atomic_load(&w->tid)));
}

/* Closes the socket under the call: it is woken, and fails with EBADF. */
static void check_woken(struct waiter *w)
{
    start(w);
    double closed = now();
    check_ok(sock_close(w->s));
    pthread_join(w->thread, NULL);
    check_int(w->result, -1);
    check_int(w->error.kind, SOCK_E_OS);
    check_int(w->error.code, EBADF);
    check(w->ended - closed < 1); /* the bar of 0.1 s is the benchmark's */
    sock_free(w->s);
}

static void do_recv(struct waiter *w)
{
    char c;
    w->result = sock_recv(w->s, &c, 1, 0);
}

static void do_recvfrom(struct waiter *w)
{
    char c;
    w->address = sock_addr_inet("1.2.3.4", 5);
    w->result = sock_recvfrom(w->s, &c, 1, 0, &w->address);
}

static void do_recv_until(struct waiter *w)
{
    char buf[8];
    w->result = sock_recv_until(w->s, buf, sizeof buf, '.');
}

static void do_accept(struct waiter *w)
{
    sock_t *sc = sock_accept(w->s, NULL);
    w->result = sc == NULL ? -1 : 0;
    sock_free(sc);
}

static void do_connect(struct waiter *w)
{
    w->result = sock_connect(w->s, w->address);
}

/* Of bytes that need no freeing, which would count as time to wake. */
static void do_sendall(struct waiter *w)
{
    static char data[64 << 20];
    w->result = sock_sendall(w->s, data, sizeof data, 0);
}

static void do_wait(struct waiter *w)
{
    w->result = sock_wait(w->s, SOCK_EVENT_READ, SOCK_NO_TIMEOUT);
}

static const double timeouts[] = {SOCK_NO_TIMEOUT, 30};

TEST(close, wakes_recv)
{
    for (int i = 0; i < 2; i++) {
        struct pair p = tcp_pair();
        check_ok(sock_settimeout(p.a, timeouts[i]));
        check_woken(&(struct waiter){.s = p.a, .call = do_recv});
        sock_free(p.b);
        p = tcp_pair();
        check_ok(sock_settimeout(p.a, timeouts[i]));
        check_woken(&(struct waiter){.s = p.a, .call = do_recv_until});
        sock_free(p.b);
        p = unix_pair(SOCK_STREAM);
        check_ok(sock_settimeout(p.a, timeouts[i]));
        check_woken(&(struct waiter){.s = p.a, .call = do_recv});
        sock_free(p.b);
    }
}

TEST(close, wakes_datagram_receivers)
{
    for (int i = 0; i < 2; i++) {
        struct pair p = unix_pair(SOCK_DGRAM);
        check_ok(sock_settimeout(p.a, timeouts[i]));
        check_woken(&(struct waiter){.s = p.a, .call = do_recvfrom});
        sock_free(p.b);
        sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
        check_ok(sock_bind(s, sock_addr_inet("127.0.0.1", 0)));
        check_ok(sock_settimeout(s, timeouts[i]));
        check_woken(&(struct waiter){.s = s, .call = do_recvfrom});
    }
}

TEST(close, wakes_accept)
{
    sock_addr_t address;
    for (int i = 0; i < 2; i++) {
        sock_t *s = listener(&address);
        check_ok(sock_settimeout(s, timeouts[i]));
        check_woken(&(struct waiter){.s = s, .call = do_accept});
    }
}

static sock_t *unix_listener(int type)
{
    sock_t *s = check_made(sock_new(AF_UNIX, type, 0));
    check_ok(sock_bind(s, sock_addr_unix("")));
    check_ok(sock_listen(s, 1));
    return s;
}

TEST(close, wakes_accept_of_unix_sockets)
{
    for (int i = 0; i < 2; i++) {
        sock_t *s = unix_listener(SOCK_STREAM);
        check_ok(sock_settimeout(s, timeouts[i]));
        check_woken(&(struct waiter){.s = s, .call = do_accept});
        s = unix_listener(SOCK_SEQPACKET);
        check_ok(sock_settimeout(s, timeouts[i]));
        check_woken(&(struct waiter){.s = s, .call = do_accept});
        s = unix_listener(SOCK_STREAM);
        check_ok(sock_settimeout(s, timeouts[i]));
        struct waiter w = {.s = s, .call = do_accept};
        start(&w);
        check_ok(sock_shutdown(s, SHUT_RDWR));
        pthread_join(w.thread, NULL);
        check_int(w.error.code, EINVAL);
        sock_free(s);
    }
}

TEST(close, wakes_connect)
{
    struct silent peer = silent_peer();
    for (int i = 0; i < 2; i++) {
        sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
        check_ok(sock_settimeout(s, timeouts[i]));
        check_woken(&(struct waiter){
            .s = s, .call = do_connect, .address = peer.address});
    }
    free_silent(&peer);
}

TEST(close, wakes_sendall)
{
    for (int i = 0; i < 2; i++) {
        struct pair p = tcp_pair();
        check_ok(sock_settimeout(p.a, timeouts[i]));
        check_woken(&(struct waiter){.s = p.a, .call = do_sendall});
        sock_free(p.b);
    }
}

static void do_sendto(struct waiter *w)
{
    w->result = sock_sendto(w->s, "x", 1, 0, w->address);
}

/* poll(2) calls such a sender ready all the time; it is asked now and then. */
TEST(close, ends_a_send_to_a_full_receiver)
{
    sock_t *to = check_made(sock_new(AF_UNIX, SOCK_DGRAM, 0));
    sock_t *from = check_made(sock_new(AF_UNIX, SOCK_DGRAM, 0));
    sock_addr_t full;

    check_ok(sock_bind(to, sock_addr_unix("")));
    check_ok(sock_getsockname(to, &full));
    check_ok(sock_settimeout(from, 0));
    while (sock_sendto(from, "x", 1, 0, full) == 1)
        ;
    check_ok(sock_settimeout(from, 30));
    check_woken(
        &(struct waiter){.s = from, .call = do_sendto, .address = full});
    sock_free(to);
}

TEST(close, wakes_wait)
{
    struct pair p = tcp_pair();
    check_woken(&(struct waiter){.s = p.a, .call = do_wait});
    sock_free(p.b);
}

/*
 * Where a duplicate exists, nothing is shut down: the call stays, its number
 * is kept, and the close takes effect when the call returns.
 */
static void check_not_woken(struct pair *p, sock_t *sharer)
{
    struct waiter w = {.s = p->a, .call = do_recv};
    int fd = sock_fileno(p->a);
    start(&w);
    check_ok(sock_close(p->a));
    check_int(sock_fileno(p->a), -1);
    check(fcntl(fd, F_GETFD) >= 0);
    int other = dup(0); /* must not get the number */
    check(other != fd);
    check_ok(sock_sendall(p->b, "x", 1, 0));
    pthread_join(w.thread, NULL);
    check_int(w.result, 1);
    check_int(fcntl(fd, F_GETFD), -1);
    close(other);
    if (sharer != NULL) { /* the stream was not shut down */
        char c;
        check_ok(sock_sendall(p->b, "y", 1, 0));
        check_int(sock_recv(sharer, &c, 1, 0), 1);
        sock_free(sharer);
    }
    free_pair(p);
}

TEST(close, leaves_a_duplicate_alone)
{
    struct pair p = tcp_pair();
    sock_t *copy = check_made(sock_dup(p.a));
    check_not_woken(&p, copy);
}

TEST(close, leaves_the_original_alone)
{
    struct pair p = tcp_pair();
    sock_t *original = p.a;
    p.a = check_made(sock_dup(original));
    check_not_woken(&p, original);
}

TEST(close, leaves_adopted_sockets_alone)
{
    struct pair p = tcp_pair();
    int fd = sock_detach(p.a);
    sock_free(p.a);
    p.a = check_made(sock_adopt(fd));
    check_not_woken(&p, NULL);
}

/* Unless the caller says that no one else has them; until someone may. */
TEST(close, wakes_adopted_sockets_that_are_owned)
{
    struct pair p = tcp_pair();
    int fd = sock_detach(p.a);
    sock_free(p.a);
    p.a = check_made(sock_adopt(fd));
    check_ok(sock_own(p.a));
    check_woken(&(struct waiter){.s = p.a, .call = do_recv});
    sock_free(p.b);

    p = tcp_pair();
    if (fork() == 0)
        _exit(0);
    check_ok(sock_own(p.a));
    check_woken(&(struct waiter){.s = p.a, .call = do_recv});
    sock_free(p.b);

    p = tcp_pair();
    check_ok(sock_own(p.a));
    sock_t *copy = check_made(sock_dup(p.a));
    check_not_woken(&p, copy);
}

TEST(close, owning_errors)
{
    sock_t *closed = closed_socket(SOCK_STREAM);
    check_fails(sock_own(closed), SOCK_E_OS, EBADF,
                "own: [Errno 9] Bad file descriptor");
    check_fails(sock_own(NULL), SOCK_E_TYPE, 0, "own: socket is NULL");
    sock_free(closed);
}

TEST(close, leaves_inheritable_sockets_alone)
{
    struct pair p = tcp_pair();
    check_ok(sock_set_inheritable(p.a, 1));
    check_not_woken(&p, NULL);
}

TEST(close, leaves_sockets_of_a_forked_process_alone)
{
    struct pair p = tcp_pair();
    if (fork() == 0)
        _exit(0);
    check_not_woken(&p, NULL);
}

/* Orders that have to be forced */

static struct {
    atomic_bool held;    /* connect(2) waits until a shutdown was in vain */
    atomic_bool arrived; /* and this says that it does */
    atomic_int shutdowns;
    sock_t *duplicated; /* closed, if so, before its duplicate is made */
    bool closes, was_shared;
} order;

int __real_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __real_shutdown(int fd, int how);
int __wrap_shutdown(int fd, int how);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);

int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
    if (atomic_exchange(&order.held, false)) {
        atomic_store(&order.arrived, true);
        while (atomic_load(&order.shutdowns) == 0)
            sched_yield();
    }
    return __real_connect(fd, sa, len);
}

int __wrap_shutdown(int fd, int how)
{
    int result = __real_shutdown(fd, how);
    atomic_fetch_add(&order.shutdowns, 1);
    return result;
}

int __wrap_fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    int value = va_arg(args, int);
    va_end(args);
    if (command == F_DUPFD_CLOEXEC && order.duplicated != NULL) {
        order.was_shared = sock__shared(order.duplicated);
        if (order.closes)
            sock_close(order.duplicated);
    }
    return __real_fcntl(fd, command, value);
}

static void *close_held(void *arg)
{
    while (!atomic_load(&order.arrived))
        sched_yield();
    check_ok(sock_close(arg));
    return NULL;
}

/* The close comes when connect(2) is about to begin, which forgets a shutdown
 * that came before it. */
TEST(close, ends_a_connect_that_has_not_begun)
{
    struct silent peer = silent_peer();
    for (int i = 0; i < 2; i++) {
        sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
        pthread_t closer;
        check_ok(sock_settimeout(s, timeouts[i]));
        atomic_store(&order.shutdowns, 0);
        atomic_store(&order.arrived, false);
        atomic_store(&order.held, true);
        check_int(pthread_create(&closer, NULL, close_held, s), 0);
        double start = now();
        check_fails(
            sock_connect(s, peer.address), SOCK_E_OS, EBADF,
            about("connect", &peer.address, "[Errno 9] Bad file descriptor"));
        check(now() - start < 5);
        pthread_join(closer, NULL);
        sock_free(s);
    }
    free_silent(&peer);
}

/* Without a thread: what was shut down is called ready, but not connected. */
TEST(close, shutdown_before_a_connect_is_no_connection)
{
    struct silent peer = silent_peer();
    for (int i = 0; i < 2; i++) {
        sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
        check_ok(sock_settimeout(s, 5));
        check_fails(
            sock_shutdown(s, SHUT_RDWR), SOCK_E_OS, ENOTCONN,
            "shutdown: [Errno 107] Transport endpoint is not connected");
        if (i == 0)
            check_fails(sock_connect(s, peer.address), SOCK_E_OS, ENOTCONN,
                        about("connect", &peer.address,
                              "[Errno 107] Transport endpoint is not "
                              "connected"));
        else
            check_int(sock_connect_ex(s, peer.address), ENOTCONN);
        sock_free(s);
    }
    free_silent(&peer);
}

/* A socket is known to be shared before there is someone to share it with. */
TEST(close, under_a_duplication)
{
    char c;
    for (int i = 0; i < 2; i++) {
        struct pair p = unix_pair(SOCK_STREAM);
        int other = dup(sock_fileno(p.a));
        order.duplicated = p.a;
        order.closes = i == 1;
        atomic_store(&order.shutdowns, 0);
        sock_t *copy = sock_dup(p.a);
        order.duplicated = NULL;
        check(order.was_shared);
        check_int(atomic_load(&order.shutdowns), 0);
        check_int(copy != NULL, i == 0);
        if (copy == NULL) {
            check_int(sock_last_error()->code, EBADF);
            check_int(sock_fileno(p.a), -1);
        }
        check_int(write(other, "x", 1), 1);
        check_int(sock_recv(p.b, &c, 1, 0), 1);
        close(other);
        sock_free(copy);
        free_pair(&p);
    }
}

static unsigned forks_before, forks_meanwhile;

static void while_forking(void)
{
    forks_meanwhile = sock__os_forks();
}

/* Before the library's constructor, so that this runs after what that
 * registers: what is registered last prepares first. */
__attribute__((constructor(101))) static void watch_forking(void)
{
    pthread_atfork(while_forking, NULL, NULL);
}

/* Between the fork and its being counted a child would go unnoticed. */
TEST(close, a_fork_counts_before_it_happens)
{
    forks_before = sock__os_forks();
    if (fork() == 0)
        _exit(0);
    check(forks_meanwhile != forks_before);
    check(sock__os_forks() != forks_meanwhile);
}

/* From outside: another thread ends the calls by shutdown, and it stays. */
TEST(close, shutdown_ends_waiting_calls)
{
    struct pair p = tcp_pair();
    struct waiter w = {.s = p.a, .call = do_recv};
    start(&w);
    check_ok(sock_shutdown(p.a, SHUT_RDWR));
    pthread_join(w.thread, NULL);
    check_int(w.result, 0);
    check_int(sock_recv(p.a, &(char){0}, 1, 0), 0);
    free_pair(&p);

    sock_addr_t address;
    sock_t *s = listener(&address);
    struct waiter a = {.s = s, .call = do_accept};
    start(&a);
    check_ok(sock_shutdown(s, SHUT_RDWR));
    pthread_join(a.thread, NULL);
    check_int(a.result, -1);
    check_int(a.error.code, EINVAL);
    check(sock_accept(s, NULL) == NULL);
    sock_free(s);

    s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    check_ok(sock_bind(s, sock_addr_inet("127.0.0.1", 0)));
    struct waiter d = {.s = s, .call = do_recvfrom};
    start(&d);
    check_fails(sock_shutdown(s, SHUT_RDWR), SOCK_E_OS, ENOTCONN,
                "shutdown: [Errno 107] Transport endpoint is not connected");
    pthread_join(d.thread, NULL);
    check_int(d.result, 0);
    sock_free(s);
}

/* Linux reports that end by EAGAIN to a call that does not wait in it. */
TEST(close, shutdown_ends_datagram_calls_with_a_timeout)
{
    struct pair p = unix_pair(SOCK_DGRAM);
    check_ok(sock_settimeout(p.a, 30));
    struct waiter w = {.s = p.a, .call = do_recvfrom};
    start(&w);
    double done = now();
    check_ok(sock_shutdown(p.a, SHUT_RDWR));
    pthread_join(w.thread, NULL);
    check_int(w.result, 0);
    check(w.ended - done < 1);
    check_str(repr(&w.address), "None"); /* no one sent that */
    free_pair(&p);
}

/* Calls, closes and opens at once: no call may meet a foreign descriptor. */
struct storm {
    sock_t *s;
    atomic_bool go;
};

static void *storm_calls(void *arg)
{
    struct storm *x = arg;
    char c;
    while (!atomic_load(&x->go))
        ;
    while (sock_recv(x->s, &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN)
        ;
    return (void *)(intptr_t)errno;
}

TEST(close, storm)
{
    for (int round = 0; round < 200; round++) {
        struct pair p = udp_pair();
        struct storm x = {.s = p.a};
        pthread_t threads[3];
        void *err;
        for (int i = 0; i < 3; i++)
            check_int(pthread_create(&threads[i], NULL, storm_calls, &x), 0);
        atomic_store(&x.go, true);
        check_ok(sock_close(p.a));
        int other = dup(0);
        for (int i = 0; i < 3; i++) {
            pthread_join(threads[i], &err);
            check_int((intptr_t)err, EBADF); /* never ENOTSOCK */
        }
        close(other);
        free_pair(&p);
    }
}
