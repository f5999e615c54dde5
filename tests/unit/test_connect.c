/* SPDX-License-Identifier: MIT */
/* Binding, accepting, connecting. Links with --wrap. */
#include "support.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

/* What is asked of the system */

static struct {
    atomic_int polls, connects;
    int errors[2]; /* that the first of them fail with, where not 0 */
} asked;

int __real_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *t,
                 const sigset_t *mask);
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *t,
                 const sigset_t *mask);
int __real_connect(int fd, const struct sockaddr *sa, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len);

int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *t,
                 const sigset_t *mask)
{
    atomic_fetch_add(&asked.polls, 1);
    return __real_ppoll(fds, n, t, mask);
}

int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
    int n = atomic_fetch_add(&asked.connects, 1);
    if (asked.errors[0] == 0)
        return __real_connect(fd, sa, len);
    errno = asked.errors[n > 0];
    return -1;
}

TEST(connect, bind_and_names)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_addr_t a;
    check_ok(sock_getsockname(s, &a));
    check_str(repr(&a), "('0.0.0.0', 0)");
    check_ok(sock_bind(s, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_getsockname(s, &a));
    check(sock_addr_port(&a) > 0);
    sock_t *t = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_fails(sock_bind(t, a), SOCK_E_OS, EADDRINUSE,
                about("bind", &a, "[Errno 98] Address already in use"));
    check_int(sock_addr_equal(&sock_last_error()->address, &a), 1);
    check_fails(sock_getpeername(s, &a), SOCK_E_OS, ENOTCONN,
                "getpeername: [Errno 107] Transport endpoint is not connected");
    check_fails(sock_getsockname(s, NULL), SOCK_E_TYPE, 0,
                "getsockname: argument is NULL");
    check_fails(sock_getpeername(s, NULL), SOCK_E_TYPE, 0,
                "getpeername: argument is NULL");
    sock_free(s);
    sock_free(t);
}

TEST(connect, bind_of_another_family)
{
    sock_t *s = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    check_fails(sock_bind(s, sock_addr_inet("127.0.0.1", 1)), SOCK_E_OS, EINVAL,
                "bind ('127.0.0.1', 1): [Errno 22] Invalid argument");
    sock_free(s);
}

TEST(connect, bind_refused)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_addr_t any = sock_addr_inet("127.0.0.1", 0);
    check_fails(sock_bind(s, sock_addr_inet("192.0.2.1", 0)), SOCK_E_OS,
                EADDRNOTAVAIL,
                "bind ('192.0.2.1', 0): [Errno 99] Cannot assign requested "
                "address");
    check_ok(sock_bind(s, any));
    check_fails(sock_bind(s, any), SOCK_E_OS, EINVAL,
                "bind ('127.0.0.1', 0): [Errno 22] Invalid argument");
    sock_free(s);
}

static int bind_error(sock_t *s, sock_addr_t to)
{
    return sock_bind(s, to) < 0 ? errno : 0;
}

TEST(connect, bind_of_ipv6)
{
    if (!sock_has_dualstack_ipv6())
        skip("there is no IPv6 here");
    sock_t *s = check_made(sock_new(AF_INET6, SOCK_STREAM, 0));
    sock_t *t = check_made(sock_new(AF_INET6, SOCK_STREAM, 0));
    sock_addr_t a;
    check_int(bind_error(s, sock_addr_inet("127.0.0.1", 0)), EINVAL);
    check_int(bind_error(s, sock_addr_inet6("4:4:4:4:4:4:4:4", 0)),
              EADDRNOTAVAIL);
    check_int(bind_error(s, sock_addr_inet6("::1", 0)), 0);
    check_int(bind_error(s, sock_addr_inet6("::1", 0)), EINVAL);
    check_ok(sock_getsockname(s, &a));
    check_int(bind_error(t, a), EADDRINUSE);
    sock_free(s);
    sock_free(t);
}

/* The system finds a port. */
TEST(connect, listen_without_a_bind)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *c = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_addr_t a;
    check_ok(sock_listen(s, 1));
    check_ok(sock_getsockname(s, &a));
    check_ok(sock_connect(c, sock_addr_inet("127.0.0.1", sock_addr_port(&a))));
    sock_free(c);
    sock_free(s);
}

TEST(connect, listen)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *u = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    int on = 0;
    check_ok(sock_bind(s, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_listen(s, -5));
    check_ok(sock_listen(s, INT32_MIN));
    check_ok(sock_listen(s, INT32_MAX));
    check_ok(sock_getsockopt_int(s, SOL_SOCKET, SO_ACCEPTCONN, &on));
    check_int(on, 1);
    check_fails(sock_listen(u, 1), SOCK_E_OS, EOPNOTSUPP,
                "listen: [Errno 95] Operation not supported");
    sock_free(s);
    sock_free(u);
}

TEST(connect, accept)
{
    sock_addr_t address, peer, name;
    sock_t *server = listener(&address);
    sock_t *c = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(c, address));
    sock_t *sc = check_made(sock_accept(server, &peer));
    check_ok(sock_getsockname(c, &name));
    check_int(sock_addr_equal(&peer, &name), 1);
    check_ok(sock_getpeername(sc, &name));
    check_int(sock_addr_equal(&peer, &name), 1);
    check_int(sock_family(sc), AF_INET);
    check_int(sock_type(sc), SOCK_STREAM);
    check_int(sock_get_inheritable(sc), 0);
    sock_free(sc);
    sock_free(c);
    sock_free(server);
}

TEST(connect, accepted_sockets_take_the_default_timeout)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_t *c = check_made(sock_new(AF_INET, SOCK_STREAM, 0));

    check_ok(sock_settimeout(server, 7));
    check_ok(sock_connect(c, address));
    sock_t *sc = check_made(sock_accept(server, NULL));
    check(sock_gettimeout(sc) == SOCK_NO_TIMEOUT); /* not the listener's */
    check(!is_nonblocking(sock_fileno(sc)));
    sock_free(sc);
    sock_free(c);

    check_ok(sock_setdefaulttimeout(3));
    c = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(c, address));
    sc = check_made(sock_accept(server, NULL));
    check(sock_gettimeout(sc) == 3);
    check(is_nonblocking(sock_fileno(sc)));
    sock_free(sc);
    sock_free(c);
    sock_free(server);
}

TEST(connect, accept_errors)
{
    sock_addr_t address, peer = sock_addr_inet("1.2.3.4", 5);
    sock_t *server = listener(&address);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));

    check_null(sock_accept(s, &peer), SOCK_E_OS, EINVAL,
               "accept: [Errno 22] Invalid argument");
    check_ok(sock_settimeout(server, 0.01));
    check_null(sock_accept(server, &peer), SOCK_E_TIMEOUT, 0,
               "accept: timed out");
    check_str(repr(&peer), "('1.2.3.4', 5)");
    sock_free(s);
    sock_free(server);
}

/* It is accept(2) that says what is wrong, not a poll(2) that found nothing. */
TEST(connect, accept_without_time_to_wait)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *u = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));

    check_ok(sock_settimeout(server, 0));
    check_ok(sock_settimeout(s, 0));
    check_ok(sock_settimeout(u, 0));
    check_null(sock_accept(s, NULL), SOCK_E_OS, EINVAL,
               "accept: [Errno 22] Invalid argument");
    check_null(sock_accept(u, NULL), SOCK_E_OS, EOPNOTSUPP,
               "accept: [Errno 95] Operation not supported");
    check_null(sock_accept(server, NULL), SOCK_E_OS, EAGAIN,
               "accept: [Errno 11] Resource temporarily unavailable");
    check_int(atomic_load(&asked.polls), 0);
    sock_t *copy = check_made(sock_dup(s)); /* as does a shared one */
    check_null(sock_accept(s, NULL), SOCK_E_OS, EINVAL,
               "accept: [Errno 22] Invalid argument");
    sock_free(copy);
    sock_free(u);
    sock_free(s);
    sock_free(server);
}

/* One with a peer has nothing to say to poll(2), but does not listen either. */
TEST(connect, accept_of_a_shared_connection)
{
    struct pair p = tcp_pair();
    sock_t *copy = check_made(sock_dup(p.a));

    check_ok(sock_settimeout(p.a, 0));
    check_null(sock_accept(p.a, NULL), SOCK_E_OS, EINVAL,
               "accept <peer>: [Errno 22] Invalid argument");
    sock_free(copy);
    free_pair(&p);
}

/* Where a duplicate made the listener blocking, of those who wait only one can
 * have the connection that comes; the others keep their time. */

enum { ACCEPTING = 12 };

struct acceptor {
    sock_t *server;
    pthread_t thread;
    atomic_long tid;
    int kind;
    double took;
};

static void *accept_one(void *arg)
{
    struct acceptor *a = arg;
    double start = now();
    atomic_store(&a->tid, thread_id());
    sock_t *sc = sock_accept(a->server, NULL);
    a->kind = sc != NULL ? SOCK_E_NONE : sock_last_error()->kind;
    a->took = now() - start;
    sock_free(sc);
    return NULL;
}

TEST(connect, accept_by_many_keeps_its_time)
{
    struct acceptor all[ACCEPTING] = {0};
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_t *copy = check_made(sock_dup(server));
    sock_t *c = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    int accepted = 0;

    check_ok(sock_settimeout(server, 0.5));
    check_ok(sock_settimeout(copy, SOCK_NO_TIMEOUT));
    for (int i = 0; i < ACCEPTING; i++) {
        all[i].server = server;
        check_int(pthread_create(&all[i].thread, NULL, accept_one, &all[i]), 0);
        while (atomic_load(&all[i].tid) == 0)
            sched_yield();
    }
    wait_until_blocked(atomic_load(&all[ACCEPTING - 1].tid));
    set_nonblocking(sock_fileno(server), false);
    check_ok(sock_connect(c, address));
    for (int i = 0; i < ACCEPTING; i++) {
        pthread_join(all[i].thread, NULL);
        accepted += all[i].kind == SOCK_E_NONE;
        check(all[i].kind == SOCK_E_NONE || all[i].kind == SOCK_E_TIMEOUT);
        check(all[i].took < 5);
    }
    check_int(accepted, 1);
    sock_free(c);
    sock_free(copy);
    sock_free(server);
}

/* Reported at once, and the connection is still there afterwards. */
TEST(connect, accept_without_a_free_descriptor)
{
    if (under_valgrind())
        skip("valgrind accepts, closes, and says EMFILE by itself");
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_t *c = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    struct rlimit former, low;

    check_ok(sock_connect(c, address));
    int next = dup(sock_fileno(c));
    close(next);
    getrlimit(RLIMIT_NOFILE, &former);
    low = former;
    low.rlim_cur = (rlim_t)next;
    check_int(setrlimit(RLIMIT_NOFILE, &low), 0);
    sock_t *none = sock_accept(server, NULL);
    int err = errno;
    setrlimit(RLIMIT_NOFILE, &former);
    check(none == NULL);
    check_int(err, EMFILE);
    check_str(error_text(), "accept: [Errno 24] Too many open files");
    sock_t *sc = check_made(sock_accept(server, NULL));
    sock_free(sc);
    sock_free(c);
    sock_free(server);
}

TEST(connect, refused)
{
    sock_addr_t address;
    sock_t *holder = unused_port(&address);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    const char *text =
        about("connect", &address, "[Errno 111] Connection refused");

    check_fails(sock_connect(s, address), SOCK_E_OS, ECONNREFUSED, text);
    check_str(sock_error_class(NULL), "ConnectionRefusedError");
    sock_free(s);
    s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_settimeout(s, 5));
    check_fails(sock_connect(s, address), SOCK_E_OS, ECONNREFUSED, text);
    sock_free(s);
    s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_int(sock_connect_ex(s, address), ECONNREFUSED);
    sock_free(s);
    sock_free(holder);
}

TEST(connect, with_a_timeout)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_settimeout(s, 5));
    check_ok(sock_connect(s, address));
    check_int(sock_connect_ex(s, address), 0); /* Linux says it once more */
    check_fails(sock_connect(s, address), SOCK_E_OS, EISCONN,
                about("connect", &address,
                      "[Errno 106] Transport endpoint is already connected"));
    sock_free(s);
    sock_free(server);
}

TEST(connect, times_out)
{
    struct silent peer = silent_peer();
    sock_addr_t address = peer.address;
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_settimeout(s, 0.05));
    double start = now();
    check_fails(sock_connect(s, address), SOCK_E_TIMEOUT, 0,
                about("connect", &address, "timed out"));
    check(now() - start >= 0.05 && now() - start < 5);
    sock_free(s);

    s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_settimeout(s, 0.05));
    errno = 1234;
    check_int(sock_connect_ex(s, address), EAGAIN);
    check_int(errno, 1234);
    sock_free(s);

    check_null(sock_create_connection("127.0.0.1", sock_addr_port(&address),
                                      0.05, sock_addr_none()),
               SOCK_E_TIMEOUT, 0,
               about("create_connection", &address, "timed out"));
    free_silent(&peer);
}

TEST(connect, without_time_to_wait)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_setblocking(s, 0));
    check_fails(
        sock_connect(s, address), SOCK_E_OS, EINPROGRESS,
        about("connect", &address, "[Errno 115] Operation now in progress"));
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 10), SOCK_EVENT_WRITE);
    check_int(sock_connect_ex(s, address), 0); /* Linux: done */
    sock_free(s);
    s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_setblocking(s, 0));
    check_int(sock_connect_ex(s, address), EINPROGRESS);
    sock_free(s);
    sock_free(server);
}

/* The timeout holds though another made the description blocking. */
TEST(connect, times_out_on_a_shared_description)
{
    struct silent peer = silent_peer();
    sock_addr_t address = peer.address;
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *copy = check_made(sock_dup(s));
    check_ok(sock_settimeout(s, 0.05));
    check_ok(sock_settimeout(copy, SOCK_NO_TIMEOUT));
    check(!is_nonblocking(sock_fileno(s)));
    check_fails(sock_connect(s, address), SOCK_E_TIMEOUT, 0,
                about("connect", &address, "timed out"));
    sock_free(copy);
    sock_free(s);
    free_silent(&peer);
}

/* An interrupted connect goes on, and is not begun again. */

static atomic_int signals;

static void on_signal(int number)
{
    (void)number;
    atomic_fetch_add(&signals, 1);
}

struct drain {
    sock_t *server;
    long waiting; /* the thread that connects */
};

static void *accept_when_blocked(void *arg)
{
    struct drain *d = arg;
    sigset_t all;
    sigfillset(&all); /* they are for the thread that connects */
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    wait_until_blocked(d->waiting);
    for (int seen = atomic_load(&signals); atomic_load(&signals) < seen + 20;)
        sched_yield();
    sock_t *sc;
    while ((sc = sock_accept(d->server, NULL)) != NULL)
        sock_free(sc);
    return NULL;
}

TEST(connect, survives_signals)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerval every = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
    struct silent peer = silent_peer();
    sock_addr_t address = peer.address;
    struct drain d = {peer.server, thread_id()};
    pthread_t thread;

    check_ok(sock_settimeout(peer.server, 3));
    check_int(pthread_create(&thread, NULL, accept_when_blocked, &d), 0);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_connect(s, address));
    setitimer(ITIMER_REAL, &off, NULL);
    pthread_join(thread, NULL);
    sock_free(s);
    free_silent(&peer);
}

/* An AF_UNIX attempt does not go on by itself, so it is begun again. */
TEST(connect, of_a_unix_socket_survives_signals)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerval every = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
    sock_t *server = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    sock_t *first = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    sock_t *s = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    struct drain d = {server, thread_id()};
    sock_addr_t address, peer;
    pthread_t thread;

    check_ok(sock_bind(server, sock_addr_unix(""))); /* autobind */
    check_ok(sock_getsockname(server, &address));
    check_ok(sock_listen(server, 0));
    check_ok(sock_settimeout(server, 1));
    check_ok(sock_connect(first, address)); /* fills the queue */
    check_int(pthread_create(&thread, NULL, accept_when_blocked, &d), 0);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
    check_ok(sock_connect(s, address));
    setitimer(ITIMER_REAL, &off, NULL);
    check_ok(sock_getpeername(s, &peer));
    pthread_join(thread, NULL);
    sock_free(first);
    sock_free(s);
    sock_free(server);
}

/* Nor does an AF_VSOCK attempt. The descriptor is another's, which poll(2)
 * calls ready, and which is not connected. */
TEST(connect, of_a_vsock_socket_is_begun_again_after_a_signal)
{
    struct sockaddr sa = {.sa_family = AF_VSOCK};
    sock_t *tcp = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_t *s =
        check_made(sock_adopt_as(sock_detach(tcp), AF_VSOCK, SOCK_STREAM, 0));

    asked.errors[0] = EINTR;
    asked.errors[1] = ECONNRESET;
    for (int i = 0; i < 2; i++) {
        check_ok(sock_settimeout(s, i == 0 ? SOCK_NO_TIMEOUT : 5));
        atomic_store(&asked.connects, 0);
        check_int(sock_connect_ex(s, sock_addr_from(&sa, sizeof sa)),
                  ECONNRESET);
        check_int(atomic_load(&asked.connects), 2);
    }
    asked.errors[0] = 0;
    sock_free(tcp);
    sock_free(s);
}

TEST(connect, the_kernels_own_timeout_is_reported)
{
    struct silent peer = silent_peer();
    sock_addr_t address = peer.address;
    struct timeval t = {.tv_usec = 50000};
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_ok(sock_setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
    check_int(sock_connect_ex(s, address), EINPROGRESS);
    sock_free(s);
    free_silent(&peer);
}

TEST(connect, shutdown)
{
    struct pair p = tcp_pair();
    char c;
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_int(sock_recv(p.b, &c, 1, 0), 0);
    check_ok(sock_sendall(p.b, "x", 1, 0));
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_fails(sock_shutdown(p.a, 99), SOCK_E_OS, EINVAL,
                "shutdown: [Errno 22] Invalid argument");
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    check_fails(sock_shutdown(s, SHUT_RDWR), SOCK_E_OS, ENOTCONN,
                "shutdown: [Errno 107] Transport endpoint is not connected");
    sock_free(s);
    free_pair(&p);
}
