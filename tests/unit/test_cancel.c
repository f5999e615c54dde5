/* SPDX-License-Identifier: MIT */
/* Cancel tokens: what they end, when, and what they leave as it was. */
#include "support.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "limit.h"

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1 && p.revents == POLLIN;
}

/* A token by itself */

TEST(cancel, states)
{
    sock_cancel_t *token = check_made(sock_cancel_new());
    int fd = sock_cancel_fileno(token);

    check_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
    check_int(sock_cancel_fired(token), 0);
    check(!readable(fd));
    check_ok(sock_cancel_reset(token));
    check_int(sock_cancel_fired(token), 0);
    for (int i = 0; i < 2; i++) {
        check_ok(sock_cancel_fire(token));
        check_int(sock_cancel_fired(token), 1);
        check(readable(fd));
    }
    check(readable(fd)); /* to be asked takes nothing */
    check_ok(sock_cancel_reset(token));
    check_int(sock_cancel_fired(token), 0);
    check(!readable(fd));
    sock_cancel_free(token);
    check_int(fcntl(fd, F_GETFD), -1);
}

TEST(cancel, refusals)
{
    sock_cancel_t *token = check_made(sock_cancel_new());
    sock_t *s = closed_socket(SOCK_STREAM);

    check_fails(sock_cancel_fire(NULL), SOCK_E_TYPE, 0,
                "cancel_fire: argument is NULL");
    check_fails(sock_cancel_reset(NULL), SOCK_E_TYPE, 0,
                "cancel_reset: argument is NULL");
    check_fails(sock_cancel_fired(NULL), SOCK_E_TYPE, 0,
                "cancel_fired: argument is NULL");
    check_fails(sock_cancel_fileno(NULL), SOCK_E_TYPE, 0,
                "cancel_fileno: argument is NULL");
    check_fails(sock_set_cancel(NULL, token), SOCK_E_TYPE, 0,
                "set_cancel: socket is NULL");
    check_fails(sock_set_cancel(s, token), SOCK_E_OS, EBADF,
                "set_cancel: [Errno 9] Bad file descriptor");
    check_fails(sock_set_cancel(s, NULL), SOCK_E_OS, EBADF,
                "set_cancel: [Errno 9] Bad file descriptor");
    errno = 1234;
    sock_cancel_free(NULL);
    sock_cancel_free(token);
    check_int(errno, 1234);
    sock_free(s);
}

/* A closed object is closed, whatever else it is. */
TEST(cancel, a_closed_socket_says_so)
{
    struct pair p = tcp_pair();
    sock_cancel_t *token = check_made(sock_cancel_new());
    char c;
    check_ok(sock_set_cancel(p.a, token));
    check_ok(sock_cancel_fire(token));
    check_ok(sock_close(p.a));
    check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_OS, EBADF,
                "recv: [Errno 9] Bad file descriptor");
    check_int(sock_fileno(p.a), -1);
    sock_cancel_free(token);
    free_pair(&p);
}

/* What the user set stays what it was; the descriptor follows. */
TEST(cancel, leaves_the_timeout_alone)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    sock_cancel_t *token = check_made(sock_cancel_new());
    int fd = sock_fileno(s);

    check_ok(sock_set_cancel(s, NULL));
    check(!is_nonblocking(fd));
    check_ok(sock_set_cancel(s, token));
    check(sock_gettimeout(s) == SOCK_NO_TIMEOUT);
    check_int(sock_getblocking(s), 1);
    check(is_nonblocking(fd));
    check_ok(sock_set_deadline(s, 30));
    check_ok(sock_set_cancel(s, NULL));
    check(is_nonblocking(fd)); /* beside a deadline */
    check_ok(sock_set_deadline(s, SOCK_NO_TIMEOUT));
    check(!is_nonblocking(fd));
    check_ok(sock_settimeout(s, 2.5));
    check_ok(sock_set_cancel(s, token));
    check(sock_gettimeout(s) == 2.5);
    check_ok(sock_settimeout(s, SOCK_NO_TIMEOUT));
    check(is_nonblocking(fd));
    check_ok(sock_set_cancel(s, NULL));
    check(!is_nonblocking(fd));
    sock_cancel_free(token);
    sock_free(s);
}

/* The calls that move data or wait */

enum { LARGE = 1 << 23 };
static const char large[LARGE];

struct call {
    const char *text; /* of the failure, but "<peer>: cancelled" */
    long long (*run)(struct call *c);
    sock_t *s;
    sock_addr_t address;
    int file;
    atomic_long tid;
    long long result;
    sock_error_t error;
};

static long long call_recv(struct call *c)
{
    char buf[4];
    return sock_recv(c->s, buf, sizeof buf, 0);
}

static long long call_recvfrom(struct call *c)
{
    char buf[4];
    sock_addr_t from;
    return sock_recvfrom(c->s, buf, sizeof buf, 0, &from);
}

static long long call_recv_all(struct call *c)
{
    char buf[4];
    return sock_recv_all(c->s, buf, sizeof buf);
}

static long long call_recv_until(struct call *c)
{
    char buf[64];
    return sock_recv_until(c->s, buf, sizeof buf, '\n');
}

static long long call_recvmsg(struct call *c)
{
    char buf[4];
    struct iovec part = {buf, sizeof buf};
    return sock_recvmsg(c->s, &part, 1, NULL, 0, NULL, NULL);
}

static long long call_wait(struct call *c)
{
    return sock_wait(c->s, SOCK_EVENT_READ, SOCK_NO_TIMEOUT);
}

static long long call_getc(struct call *c)
{
    FILE *f = sock_makefile(c->s, "r");
    int got = f != NULL ? fgetc(f) : EOF;
    sock_error_t error = *sock_last_error();
    if (f != NULL)
        fclose(f);
    c->error = error;
    return got == EOF ? -1 : got;
}

static long long call_sendall(struct call *c)
{
    return sock_sendall(c->s, large, sizeof large, 0);
}

/* The others go on until there is no room, which comes and goes. */

static long long call_send(struct call *c)
{
    long long n = 1;
    while (n > 0)
        n = sock_send(c->s, large, 1 << 20, 0);
    return n;
}

static long long call_sendmsg(struct call *c)
{
    struct iovec part = {(char *)(uintptr_t)large, 1 << 20};
    long long n = 1;
    while (n > 0)
        n = sock_sendmsg(c->s, &part, 1, NULL, 0, sock_addr_none());
    return n;
}

static long long call_sendfile(struct call *c)
{
    long long n = 1;
    while (n > 0)
        n = sock_sendfile(c->s, c->file, 0, SOCK_SENDFILE_TO_END);
    return n;
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

static long long call_connect_ex(struct call *c)
{
    return sock_connect_ex(c->s, c->address);
}

static void *run_call(void *arg)
{
    struct call *c = arg;
    c->error.kind = SOCK_E_NONE;
    atomic_store(&c->tid, thread_id());
    c->result = c->run(c);
    if (c->error.kind == SOCK_E_NONE)
        c->error = *sock_last_error();
    return NULL;
}

static void begin_call(struct call *c, pthread_t *thread)
{
    atomic_store(&c->tid, 0);
    check_int(pthread_create(thread, NULL, run_call, c), 0);
    while (atomic_load(&c->tid) == 0)
        sched_yield();
}

static void check_cancelled(const struct call *c)
{
    char text[256];
    check_int(c->result, -1);
    check_int(c->error.kind, SOCK_E_CANCELLED);
    check(sock_error_text(&c->error, text, sizeof text) > 0);
    check_that(strncmp(text, c->text, strlen(c->text)) == 0, "%s", text);
    const char *end = text + strlen(text) - strlen(": cancelled");
    check_str(end, ": cancelled");
}

/* Fires while it waits; then it fails at once; then it can be repeated. */
static void fire_under(struct call *c, double timeout)
{
    sock_cancel_t *token = check_made(sock_cancel_new());
    pthread_t thread;

    check_ok(sock_settimeout(c->s, timeout));
    check_ok(sock_set_cancel(c->s, token));
    for (int i = 0; i < 2; i++) {
        begin_call(c, &thread);
        check(wait_until_blocked(atomic_load(&c->tid)));
        check_ok(sock_cancel_fire(token));
        pthread_join(thread, NULL);
        check_cancelled(c);
        run_call(c);
        check_cancelled(c);
        check_ok(sock_cancel_reset(token));
    }
    check_ok(sock_set_cancel(c->s, NULL));
    sock_cancel_free(token);
}

static const double timeouts[] = {SOCK_NO_TIMEOUT, 30};

static void fire_under_transfer(const char *text,
                                long long (*run)(struct call *c))
{
    char path[] = "/tmp/pysockc-XXXXXX";
    int file = mkstemp(path);
    check(file >= 0);
    unlink(path);
    check_int(ftruncate(file, LARGE), 0);
    for (size_t i = 0; i < 2; i++) {
        struct pair p = i == 0 ? tcp_pair() : unix_pair(SOCK_STREAM);
        struct call c = {.text = text, .run = run, .s = p.a, .file = file};
        fire_under(&c, timeouts[i]);
        free_pair(&p);
    }
    close(file);
}

#define FIRE_UNDER(name, text)                                                 \
    TEST(cancel, ends_##name)                                                  \
    {                                                                          \
        fire_under_transfer(text, call_##name);                                \
    }
FIRE_UNDER(recv, "recv")
FIRE_UNDER(recvfrom, "recvfrom")
FIRE_UNDER(recv_all, "recv_all")
FIRE_UNDER(recv_until, "recv_until")
FIRE_UNDER(recvmsg, "recvmsg")
FIRE_UNDER(wait, "wait")
FIRE_UNDER(getc, "recv")
FIRE_UNDER(send, "send")
FIRE_UNDER(sendall, "sendall")
FIRE_UNDER(sendmsg, "sendmsg")
FIRE_UNDER(sendfile, "sendfile")

TEST(cancel, ends_accept)
{
    for (size_t i = 0; i < 2; i++) {
        sock_addr_t address;
        struct call c = {.text = "accept", .run = call_accept};
        c.s = listener(&address);
        fire_under(&c, timeouts[i]);
        sock_free(c.s);
    }
}

/* The attempt goes on by itself, as after a timeout, so it is made once. */
static void fire_under_connect(long long (*run)(struct call *c),
                               const char *text)
{
    struct silent peer = silent_peer();
    for (size_t i = 0; i < 2; i++) {
        sock_cancel_t *token = check_made(sock_cancel_new());
        struct call c = {.text = text, .run = run, .address = peer.address};
        pthread_t thread;
        c.s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
        check_ok(sock_settimeout(c.s, timeouts[i]));
        check_ok(sock_set_cancel(c.s, token));
        begin_call(&c, &thread);
        check(wait_until_blocked(atomic_load(&c.tid)));
        check_ok(sock_cancel_fire(token));
        pthread_join(thread, NULL);
        check_cancelled(&c);
        check(sock_addr_equal(&c.error.address, &peer.address));
        run_call(&c); /* which does not even begin */
        check_cancelled(&c);
        check(sock_addr_equal(&c.error.address, &peer.address));
        sock_free(c.s);
        sock_cancel_free(token);
    }
    free_silent(&peer);
}

TEST(cancel, ends_connect)
{
    fire_under_connect(call_connect, "connect ('127.0.0.1', ");
    fire_under_connect(call_connect_ex, "connect_ex ('127.0.0.1', ");
}

/* What it ends, and what it does not */

/* Though bytes lie ready and there is room; none is lost. */
TEST(cancel, every_later_call_fails_at_once)
{
    static const struct {
        const char *text;
        long long (*run)(struct call *c);
    } rows[] = {
        {"recv", call_recv},         {"recvfrom", call_recvfrom},
        {"recv_all", call_recv_all}, {"recv_until", call_recv_until},
        {"recvmsg", call_recvmsg},   {"wait", call_wait},
        {"recv", call_getc},         {"send", call_send},
        {"sendall", call_sendall},   {"sendmsg", call_sendmsg},
        {"sendfile", call_sendfile},
    };
    sock_cancel_t *token = check_made(sock_cancel_new());
    for (int t = 0; t < 3; t++) {
        struct pair p = tcp_pair();
        char buf[8];
        check_ok(sock_sendall(p.b, "hello\n", 6, 0));
        check_ok(sock_settimeout(p.a, t == 2 ? 30 : t ? 0 : SOCK_NO_TIMEOUT));
        check_ok(sock_set_cancel(p.a, token));
        check_ok(sock_cancel_fire(token));
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct call c = {.text = rows[i].text, .run = rows[i].run};
            c.s = p.a;
            run_call(&c);
            check_cancelled(&c);
        }
        check_fails(sock_wait(p.a, SOCK_EVENT_READ, 0), SOCK_E_CANCELLED, 0,
                    "wait <peer>: cancelled");
        check_fails(sock_recv(p.a, NULL, 0, 0), SOCK_E_CANCELLED, 0,
                    "recv <peer>: cancelled");
        check_fails(sock_recv(p.a, buf, 1, MSG_DONTWAIT), SOCK_E_CANCELLED, 0,
                    "recv <peer>: cancelled");
        check_ok(sock_cancel_reset(token));
        check_int(sock_recv_until(p.a, buf, sizeof buf, '\n'), 6);
        check_bytes(buf, "hello\n", 6);
        check_ok(sock_sendall(p.a, "x", 1, 0));
        check_int(sock_recv(p.b, buf, sizeof buf, 0), 1);
        free_pair(&p);
    }
    sock_cancel_free(token);
}

TEST(cancel, other_calls_go_on)
{
    sock_cancel_t *token = check_made(sock_cancel_new());
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    sock_addr_t address;
    int value;

    check_ok(sock_cancel_fire(token));
    check_ok(sock_set_cancel(s, token));
    check_ok(sock_bind(s, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_listen(s, 1));
    check_ok(sock_getsockname(s, &address));
    check_ok(sock_getsockopt_int(s, SOL_SOCKET, SO_TYPE, &value));
    check_ok(sock_settimeout(s, 1));
    check_null(sock_accept(s, NULL), SOCK_E_CANCELLED, 0, "accept: cancelled");
    check_ok(sock_shutdown(s, SHUT_RDWR));
    check_ok(sock_close(s));
    sock_free(s);
    sock_cancel_free(token);
}

/* A call without one is not touched by another's. */
TEST(cancel, one_token_for_many)
{
    enum { N = 3 };
    sock_cancel_t *token = check_made(sock_cancel_new());
    sock_cancel_t *other = check_made(sock_cancel_new());
    struct pair p[N];
    struct call c[N];
    pthread_t threads[N];
    char buf[4];

    for (int i = 0; i < N; i++) {
        p[i] = tcp_pair();
        c[i] = (struct call){.text = "recv", .run = call_recv, .s = p[i].a};
        check_ok(sock_set_cancel(p[i].a, i < N - 1 ? token : other));
        begin_call(&c[i], &threads[i]);
    }
    for (int i = 0; i < N; i++)
        check(wait_until_blocked(atomic_load(&c[i].tid)));
    check_ok(sock_cancel_fire(token));
    for (int i = 0; i < N - 1; i++) {
        pthread_join(threads[i], NULL);
        check_cancelled(&c[i]);
    }
    check(wait_until_blocked(atomic_load(&c[N - 1].tid)));
    check_ok(sock_sendall(p[N - 1].b, "abc", 3, 0));
    pthread_join(threads[N - 1], NULL);
    check_int(c[N - 1].result, 3);

    check_ok(sock_set_cancel(p[0].a, other)); /* which has not fired */
    check_ok(sock_sendall(p[0].b, "abc", 3, 0));
    check_int(sock_recv(p[0].a, buf, 4, 0), 3);
    check_ok(sock_set_cancel(p[1].a, NULL));
    check_ok(sock_sendall(p[1].b, "abc", 3, 0));
    check_int(sock_recv(p[1].a, buf, 4, 0), 3);
    for (int i = 0; i < N; i++)
        free_pair(&p[i]);
    sock_cancel_free(token);
    sock_cancel_free(other);
}

/* Without a timeout the caller's flag says that nothing waits, as ever. */
TEST(cancel, flag_against_waiting)
{
    struct pair p = tcp_pair();
    sock_cancel_t *token = check_made(sock_cancel_new());
    struct iovec part;
    char c;
    part = (struct iovec){&c, 1};
    check_ok(sock_set_cancel(p.a, token));
    check_fails(sock_recv(p.a, &c, 1, MSG_DONTWAIT), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    check_fails(sock_recvmsg(p.a, &part, 1, NULL, MSG_DONTWAIT, NULL, NULL),
                SOCK_E_OS, EAGAIN,
                "recvmsg: [Errno 11] Resource temporarily unavailable");
    check_ok(sock_set_cancel(p.a, NULL));
    check_fails(sock_recv(p.a, &c, 1, MSG_DONTWAIT), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    check_ok(sock_sendall(p.b, "x", 1, 0));
    check_int(sock_recv(p.a, &c, 1, MSG_DONTWAIT), 1);
    sock_cancel_free(token);
    free_pair(&p);
}

/* One that never waits says what it always says. */
TEST(cancel, non_blocking)
{
    struct pair p = tcp_pair();
    sock_cancel_t *token = check_made(sock_cancel_new());
    char c;
    check_ok(sock_setblocking(p.a, 0));
    check_ok(sock_set_cancel(p.a, token));
    check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0), 0);
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0.001), 0);
    check_int(sock_wait(p.a, SOCK_EVENT_WRITE, 5), SOCK_EVENT_WRITE);
    sock_cancel_free(token);
    free_pair(&p);
}

/* A child or a duplicate may take O_NONBLOCK away; no call hangs for that. */
TEST(cancel, does_not_rely_on_the_mode)
{
    struct pair p = tcp_pair();
    struct call c = {.text = "recv", .run = call_recv, .s = p.a};
    sock_cancel_t *token = check_made(sock_cancel_new());
    pthread_t thread;
    check_ok(sock_set_cancel(p.a, token));
    set_nonblocking(sock_fileno(p.a), false);
    begin_call(&c, &thread);
    check(wait_until_blocked(atomic_load(&c.tid)));
    check_ok(sock_cancel_fire(token));
    pthread_join(thread, NULL);
    check_cancelled(&c);
    sock_cancel_free(token);
    free_pair(&p);
}

/* Who has it */

TEST(cancel, is_not_inherited)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    sock_cancel_t *token = check_made(sock_cancel_new());
    sock_t *client = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    char c;

    check_ok(sock_set_cancel(server, token));
    check_ok(sock_connect(client, address));
    sock_t *sc = check_made(sock_accept(server, NULL));
    check_ok(sock_set_cancel(client, token));
    sock_t *copy = check_made(sock_dup(client));
    check_ok(sock_cancel_fire(token));
    check_ok(sock_sendall(sc, "x", 1, 0));
    check(sock_gettimeout(copy) == SOCK_NO_TIMEOUT);
    check_int(sock_recv(copy, &c, 1, 0), 1);
    check_ok(sock_sendall(copy, "y", 1, 0));
    check_int(sock_recv(sc, &c, 1, 0), 1);
    sock_free(copy);
    sock_free(sc);
    sock_free(client);
    sock_free(server);
    sock_cancel_free(token);
}

/* A stream has what its socket had when it was made. */
TEST(cancel, streams_have_it)
{
    struct pair p = tcp_pair();
    sock_cancel_t *token = check_made(sock_cancel_new());
    FILE *before = check_made(sock_makefile(p.a, "r"));
    check_ok(sock_set_cancel(p.a, token));
    FILE *out = check_made(sock_makefile(p.a, "w"));
    check_ok(sock_set_cancel(p.a, NULL));
    check_ok(sock_cancel_fire(token));
    sock_cancel_free(token);
    check_ok(sock_sendall(p.b, "x", 1, 0));
    check_int(fgetc(before), 'x');
    check_int(fputc('y', out), 'y');
    check_fails(fflush(out), SOCK_E_CANCELLED, 0, "sendall <peer>: cancelled");
    check_fails(fclose(out), SOCK_E_CANCELLED, 0, "sendall <peer>: cancelled");
    check_int(fclose(before), 0);
    free_pair(&p);
}

/* Freed, it is still what the sockets need; they have it until they end. */
TEST(cancel, freed_while_it_is_in_use)
{
    struct pair p = tcp_pair();
    struct call c = {.text = "recv", .run = call_recv, .s = p.a};
    sock_cancel_t *token = check_made(sock_cancel_new());
    int fd = sock_cancel_fileno(token);
    pthread_t thread;
    char byte;

    check_ok(sock_set_cancel(p.a, token));
    begin_call(&c, &thread);
    check(wait_until_blocked(atomic_load(&c.tid)));
    sock_cancel_free(token);
    check_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
    check_ok(sock_sendall(p.b, "abc", 3, 0));
    pthread_join(thread, NULL);
    check_int(c.result, 3);

    begin_call(&c, &thread); /* and while it waits with a former one */
    check(wait_until_blocked(atomic_load(&c.tid)));
    check_ok(sock_set_cancel(p.a, NULL));
    check_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
    check_ok(sock_sendall(p.b, "abc", 3, 0));
    pthread_join(thread, NULL);
    check_int(c.result, 3);
    check_int(fcntl(fd, F_GETFD), -1);

    token = check_made(sock_cancel_new());
    check_ok(sock_set_cancel(p.a, token));
    check_ok(sock_cancel_fire(token));
    sock_cancel_free(token); /* no one can reset it */
    check_fails(sock_recv(p.a, &byte, 1, 0), SOCK_E_CANCELLED, 0,
                "recv <peer>: cancelled");
    free_pair(&p);
}

/* A call that waits goes on with the token that it began with. */
TEST(cancel, set_while_a_call_waits)
{
    struct pair p = tcp_pair();
    struct call c = {.text = "recv", .run = call_recv, .s = p.a};
    sock_cancel_t *token = check_made(sock_cancel_new());
    sock_cancel_t *other = check_made(sock_cancel_new());
    pthread_t thread;

    check_ok(sock_cancel_fire(other));
    check_ok(sock_set_cancel(p.a, token));
    begin_call(&c, &thread);
    check(wait_until_blocked(atomic_load(&c.tid)));
    check_ok(sock_set_cancel(p.a, other));
    check(wait_until_blocked(atomic_load(&c.tid)));
    check_ok(sock_cancel_fire(token));
    pthread_join(thread, NULL);
    check_cancelled(&c);
    sock_cancel_free(token);
    sock_cancel_free(other);
    free_pair(&p);
}

TEST(cancel, closed_under_a_call)
{
    for (int i = 0; i < 2; i++) {
        struct pair p = tcp_pair();
        struct call c = {.run = call_recv, .s = p.a};
        sock_cancel_t *token = check_made(sock_cancel_new());
        pthread_t thread;
        check_ok(sock_set_cancel(p.a, token));
        begin_call(&c, &thread);
        check(wait_until_blocked(atomic_load(&c.tid)));
        int fd = -1;
        if (i == 0) {
            check_ok(sock_close(p.a));
        } else {
            fd = sock_detach(p.a);
            check_ok(sock_cancel_fire(token));
        }
        pthread_join(thread, NULL);
        if (i != 0)
            check_ok(sock_close_fd(fd));
        check_int(c.result, -1);
        check_int(c.error.kind, i == 0 ? SOCK_E_OS : SOCK_E_CANCELLED);
        sock_cancel_free(token);
        free_pair(&p);
    }
}

/* Forks */

static int in_child(struct pair *p, sock_cancel_t *token)
{
    char buf[4];
    if (sock_cancel_fire(token) != -1 || sock_last_error()->code != EINVAL)
        return 1;
    if (sock_cancel_reset(token) != -1 || sock_cancel_fired(token) != -1)
        return 2;
    if (sock_cancel_fileno(token) != -1 || sock_set_cancel(p->a, token) != -1)
        return 3;
    if (sock_recv(p->a, buf, 4, 0) != 3) /* as if it had none */
        return 4;
    if (sock_set_cancel(p->a, NULL) != 0)
        return 5;
    sock_cancel_t *own = sock_cancel_new();
    if (own == NULL || sock_set_cancel(p->a, own) != 0 ||
        sock_cancel_fire(own) != 0 || sock_recv(p->a, buf, 4, 0) != -1)
        return 6;
    if (sock_last_error()->kind != SOCK_E_CANCELLED)
        return 7;
    sock_cancel_free(own);
    sock_cancel_free(token);
    sock_free(p->a);
    return 0;
}

/* In a child a token is a copy that no one can fire; the parent's own is not
 * touched by what is done there. */
TEST(cancel, belongs_to_its_process)
{
    for (int fired = 0; fired < 2; fired++) {
        struct pair p = tcp_pair();
        sock_cancel_t *token = check_made(sock_cancel_new());
        int status;
        check_ok(sock_set_cancel(p.a, token));
        if (fired)
            check_ok(sock_cancel_fire(token));
        pid_t child = fork();
        if (child == 0)
            _exit(in_child(&p, token));
        check_ok(sock_sendall(p.b, "abc", 3, 0));
        check_int(waitpid(child, &status, 0), child);
        check_int(status, 0);
        check_int(sock_cancel_fired(token), fired);
        check_int(readable(sock_cancel_fileno(token)), fired);
        check_ok(sock_cancel_fire(token));
        check_fails(sock_send(p.a, "x", 1, 0), SOCK_E_CANCELLED, 0,
                    "send <peer>: cancelled");
        sock_cancel_free(token);
        free_pair(&p);
    }
}

/* Signals */

static sock_cancel_t *handlers; /* what the handler fires */

static void fire_it(int number)
{
    (void)number;
    int saved = errno;
    sock_cancel_fire(handlers);
    errno = saved;
}

static void do_nothing(int number)
{
    (void)number;
}

static void handle(int number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(number, &action, NULL);
}

/* In the thread that waits, whether its call is restarted or not. */
TEST(cancel, fired_by_a_signal_handler)
{
    for (int i = 0; i < 4; i++) {
        struct pair p = tcp_pair();
        struct call c = {.text = "recv", .run = call_recv, .s = p.a};
        pthread_t thread;
        handlers = check_made(sock_cancel_new());
        handle(SIGUSR1, fire_it, i % 2 ? SA_RESTART : 0);
        check_ok(sock_settimeout(p.a, timeouts[i / 2]));
        check_ok(sock_set_cancel(p.a, handlers));
        begin_call(&c, &thread);
        check(wait_until_blocked(atomic_load(&c.tid)));
        pthread_kill(thread, SIGUSR1);
        pthread_join(thread, NULL);
        check_cancelled(&c);
        sock_cancel_free(handlers);
        free_pair(&p);
    }
}

static void start_signals(int number, void (*handler)(int), long us)
{
    handle(number, handler, 0);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, us}, {0, us}}, NULL);
}

/* One may still be on its way. */
static void stop_signals(void)
{
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
    handle(SIGALRM, do_nothing, 0);
}

/* At whatever moment of the call the signal comes. */
TEST(cancel, a_handler_at_any_moment)
{
    struct pair p = tcp_pair();
    char c;
    handlers = check_made(sock_cancel_new());
    check_ok(sock_set_cancel(p.a, handlers));
    start_signals(SIGALRM, fire_it, 700);
    for (int i = 0; i < 200; i++) {
        check_ok(sock_settimeout(p.a, timeouts[i % 2]));
        check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_CANCELLED, 0,
                    "recv <peer>: cancelled");
        check_ok(sock_cancel_reset(handlers));
    }
    stop_signals();
    sock_cancel_free(handlers);
    free_pair(&p);
}

/* Nothing but the token ends it. */
TEST(cancel, signals_alone_end_nothing)
{
    struct pair p = tcp_pair();
    struct call c = {.text = "recv", .run = call_recv, .s = p.a};
    sock_cancel_t *token = check_made(sock_cancel_new());
    pthread_t thread;
    check_ok(sock_set_cancel(p.a, token));
    handle(SIGUSR1, do_nothing, 0);
    begin_call(&c, &thread);
    for (int i = 0; i < 50; i++) {
        pthread_kill(thread, SIGUSR1);
        poll(NULL, 0, 1);
    }
    check(wait_until_blocked(atomic_load(&c.tid)));
    check_ok(sock_cancel_fire(token));
    for (int i = 0; i < 50; i++)
        pthread_kill(thread, SIGUSR1);
    pthread_join(thread, NULL);
    check_cancelled(&c);
    sock_cancel_free(token);
    free_pair(&p);
}

/* What is rare, forced */

/* A token that is replaced while another thread is about to hold it is kept
 * until that has looked; the last one who looks frees it. */
TEST(cancel, a_former_token_outlives_who_looks_at_it)
{
    enum { N = 3 };
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    int fds[N];
    for (int i = 0; i < N; i++) {
        sock_cancel_t *token = check_made(sock_cancel_new());
        fds[i] = sock_cancel_fileno(token);
        check_ok(sock_set_cancel(s, token));
        sock_cancel_free(token);
        if (i == 0)
            atomic_fetch_add(&atomic_load(&s->limits)->readers, 1);
    }
    for (int i = 0; i < N; i++)
        check_int(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 5), SOCK_EVENT_WRITE);
    for (int i = 0; i < N; i++)
        check_int(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
    atomic_fetch_sub(&atomic_load(&s->limits)->readers, 1);
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 5), SOCK_EVENT_WRITE);
    for (int i = 0; i < N; i++)
        check_int(fcntl(fds[i], F_GETFD), i < N - 1 ? -1 : FD_CLOEXEC);
    sock_free(s);
}

/* The same ends with the object. */
TEST(cancel, former_tokens_end_with_the_object)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    sock_cancel_t *token = check_made(sock_cancel_new());
    check_ok(sock_set_cancel(s, token));
    atomic_fetch_add(&atomic_load(&s->limits)->readers, 1);
    check_ok(sock_set_cancel(s, NULL));
    sock_cancel_free(token);
    sock_free(s); /* run_test() counts the descriptors */
}

TEST(cancel, a_parents_token)
{
    struct pair p = tcp_pair();
    sock_cancel_t *token = check_made(sock_cancel_new());
    char c;
    check_ok(sock_set_cancel(p.a, token));
    check_ok(sock_cancel_fire(token));
    token->process++;
    check_fails(sock_cancel_fire(token), SOCK_E_OS, EINVAL,
                "cancel_fire: [Errno 22] Invalid argument");
    check_fails(sock_cancel_reset(token), SOCK_E_OS, EINVAL,
                "cancel_reset: [Errno 22] Invalid argument");
    check_fails(sock_cancel_fired(token), SOCK_E_OS, EINVAL,
                "cancel_fired: [Errno 22] Invalid argument");
    check_fails(sock_cancel_fileno(token), SOCK_E_OS, EINVAL,
                "cancel_fileno: [Errno 22] Invalid argument");
    check_fails(sock_set_cancel(p.b, token), SOCK_E_OS, EINVAL,
                "set_cancel: [Errno 22] Invalid argument");
    check_ok(sock_settimeout(p.a, 0.01));
    check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_TIMEOUT, 0,
                "recv <peer>: timed out");
    token->process--;
    check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_CANCELLED, 0,
                "recv <peer>: cancelled");
    sock_cancel_free(token);
    free_pair(&p);
}

TEST(cancel, without_a_free_descriptor)
{
    struct rlimit limit, none;
    check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    check_int(setrlimit(RLIMIT_NOFILE, &none), 0);
    sock_cancel_t *token = sock_cancel_new();
    int err = errno;
    check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
    errno = err;
    check_null(token, SOCK_E_OS, EMFILE,
               "cancel_new: [Errno 24] Too many open files");
}

struct both {
    sock_t *s;
    sock_cancel_t *token;
    pthread_barrier_t *barrier;
    int result;
};

static void *set_a_token(void *arg)
{
    struct both *b = arg;
    pthread_barrier_wait(b->barrier);
    b->result = sock_set_cancel(b->s, b->token);
    return NULL;
}

/* The first of each, set by two threads at one moment: neither is lost. */
TEST(cancel, a_token_and_a_deadline_at_once)
{
    sock_cancel_t *token = check_made(sock_cancel_new());
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 2);
    check_ok(sock_cancel_fire(token));
    for (int i = 0; i < 300; i++) {
        struct both b = {.token = token, .barrier = &barrier};
        pthread_t thread;
        char c;
        b.s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
        check_int(pthread_create(&thread, NULL, set_a_token, &b), 0);
        pthread_barrier_wait(&barrier);
        check_ok(sock_set_deadline(b.s, 30));
        pthread_join(thread, NULL);
        check_ok(b.result);
        check(sock_get_deadline(b.s) <= 30);
        check_fails(sock_recv(b.s, &c, 1, 0), SOCK_E_CANCELLED, 0,
                    "recv: cancelled");
        sock_free(b.s);
    }
    pthread_barrier_destroy(&barrier);
    sock_cancel_free(token);
}

/* Storms: whatever is done, at any moment of a call, its entry included */

/* Lets the call come so far; later in each round. */
static void let_run(int round)
{
    for (int i = 0; i < round % 16; i++)
        sched_yield();
}

enum { ROUNDS = 100 };

static void fire_at_any_moment(struct call *c)
{
    sock_cancel_t *token = check_made(sock_cancel_new());
    check_ok(sock_set_cancel(c->s, token));
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t thread;
        check_ok(sock_settimeout(c->s, timeouts[round % 2]));
        begin_call(c, &thread);
        let_run(round);
        check_ok(sock_cancel_fire(token));
        if (round % 3 == 0) { /* the last of it goes with the call */
            sock_cancel_free(token);
            pthread_join(thread, NULL);
            token = check_made(sock_cancel_new());
            check_ok(sock_set_cancel(c->s, token));
        } else {
            pthread_join(thread, NULL);
            check_ok(sock_cancel_reset(token));
        }
        check_cancelled(c);
    }
    sock_cancel_free(token);
}

TEST(cancel, fired_at_any_moment)
{
    struct pair p = tcp_pair();
    struct call in = {.text = "recv", .run = call_recv, .s = p.a};
    struct call wait = {.text = "wait", .run = call_wait, .s = p.a};
    struct call out = {.text = "sendall", .run = call_sendall, .s = p.b};
    fire_at_any_moment(&in);
    fire_at_any_moment(&wait);
    fire_at_any_moment(&out);
    free_pair(&p);
}

TEST(cancel, fired_at_any_moment_of_accept)
{
    sock_addr_t address;
    struct call c = {.text = "accept", .run = call_accept};
    c.s = listener(&address);
    fire_at_any_moment(&c);
    sock_free(c.s);
}

struct storm {
    sock_t *s;
    sock_cancel_t *token;
    atomic_bool over;
    atomic_int failures;
};

/* Receives what comes, and nothing else may happen but that it is cancelled. */
static void *storm_receive(void *arg)
{
    struct storm *x = arg;
    char buf[64];
    while (!atomic_load(&x->over)) {
        ssize_t n = sock_recv(x->s, buf, sizeof buf, 0);
        if (n == 0)
            break;
        if (n < 0 && sock_last_error()->kind != SOCK_E_CANCELLED)
            atomic_fetch_add(&x->failures, 1);
    }
    return NULL;
}

static void *storm_set(void *arg)
{
    struct storm *x = arg;
    for (int i = 0; i < 300; i++) {
        sock_cancel_t *token = sock_cancel_new();
        if (token == NULL || sock_set_cancel(x->s, token) < 0 ||
            (i % 3 == 0 && sock_cancel_fire(token) < 0) ||
            (i % 5 == 0 && sock_set_cancel(x->s, NULL) < 0) ||
            sock_set_deadline(x->s, i % 2 ? 30 : SOCK_NO_TIMEOUT) < 0)
            atomic_fetch_add(&x->failures, 1);
        sock_cancel_free(token);
    }
    return NULL;
}

/* Set and freed by some while others wait with it; in the end none is left, of
 * the descriptors neither. */
TEST(cancel, set_and_freed_at_any_moment)
{
    enum { EACH = 2 };
    struct pair p = tcp_pair();
    struct storm x = {.s = p.a};
    pthread_t receivers[EACH], setters[EACH];

    check_ok(sock_settimeout(p.a, 30));
    for (int i = 0; i < EACH; i++) {
        check_int(pthread_create(&receivers[i], NULL, storm_receive, &x), 0);
        check_int(pthread_create(&setters[i], NULL, storm_set, &x), 0);
    }
    for (int i = 0; i < 300; i++) {
        check_ok(sock_sendall(p.b, "x", 1, 0));
        sched_yield();
    }
    for (int i = 0; i < EACH; i++)
        pthread_join(setters[i], NULL);
    check_ok(sock_set_cancel(p.a, NULL));
    atomic_store(&x.over, true);
    check_ok(sock_shutdown(p.b, SHUT_WR));
    for (int i = 0; i < EACH; i++)
        pthread_join(receivers[i], NULL);
    check_int(atomic_load(&x.failures), 0);
    free_pair(&p);
}

static void *storm_fire(void *arg)
{
    struct storm *x = arg;
    for (int i = 0; i < 3000; i++)
        if (sock_cancel_fire(x->token) < 0 || sock_cancel_reset(x->token) < 0)
            atomic_fetch_add(&x->failures, 1);
    return NULL;
}

/* Of all who fire and reset it the last one counts, for the descriptor too. */
TEST(cancel, the_descriptor_says_what_the_token_says)
{
    enum { N = 3 };
    struct storm x = {.token = check_made(sock_cancel_new())};
    pthread_t threads[N];
    handlers = x.token;
    start_signals(SIGALRM, fire_it, 300);
    for (int i = 0; i < N; i++)
        check_int(pthread_create(&threads[i], NULL, storm_fire, &x), 0);
    for (int i = 0; i < N; i++)
        pthread_join(threads[i], NULL);
    stop_signals();
    check_int(atomic_load(&x.failures), 0);
    check_int(readable(sock_cancel_fileno(x.token)),
              sock_cancel_fired(x.token));
    sock_cancel_free(x.token);
}

/* What a token's descriptor says for a moment while it is reset. */
TEST(cancel, what_is_being_reset_has_not_fired)
{
    struct pair p = udp_pair();
    sock_cancel_t *token = check_made(sock_cancel_new());
    int fd = sock_cancel_fileno(token);
    uint64_t count = 1;
    char c;
    check_ok(sock_set_cancel(p.a, token));
    check_ok(sock_settimeout(p.a, 0.02));
    check_int(write(fd, &count, sizeof count), sizeof count);
    double start = now();
    check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_TIMEOUT, 0,
                "recv <peer>: timed out");
    check(now() - start >= 0.02);
    start = now();
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0.02), 0);
    check(now() - start >= 0.02);
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0), 0);
    check_int(sock_wait(p.a, SOCK_EVENT_READ | SOCK_EVENT_WRITE, 5),
              SOCK_EVENT_WRITE);
    check_ok(sock_cancel_reset(token)); /* it says so once more */
    check(!readable(fd));
    sock_cancel_free(token);
    free_pair(&p);
}

/* The mode of the descriptor, the timeout and the tokens change in several
 * threads; in the end they agree. */
static void *storm_mode(void *arg)
{
    struct storm *x = arg;
    for (int i = 0; i < 500; i++)
        if (sock_set_cancel(x->s, i % 2 ? NULL : x->token) < 0 ||
            sock_settimeout(x->s, i % 3 ? SOCK_NO_TIMEOUT : 5) < 0 ||
            sock_set_deadline(x->s, i % 5 ? SOCK_NO_TIMEOUT : 30) < 0)
            atomic_fetch_add(&x->failures, 1);
    return NULL;
}

TEST(cancel, the_mode_agrees_in_the_end)
{
    enum { N = 3 };
    struct storm x = {.token = check_made(sock_cancel_new())};
    pthread_t threads[N];
    x.s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    for (int i = 0; i < N; i++)
        check_int(pthread_create(&threads[i], NULL, storm_mode, &x), 0);
    for (int i = 0; i < N; i++)
        pthread_join(threads[i], NULL);
    check_int(atomic_load(&x.failures), 0);
    check_ok(sock_set_cancel(x.s, NULL));
    check(!is_nonblocking(sock_fileno(x.s)) ||
          sock_gettimeout(x.s) != SOCK_NO_TIMEOUT ||
          sock_get_deadline(x.s) != SOCK_NO_TIMEOUT);
    check_ok(sock_settimeout(x.s, SOCK_NO_TIMEOUT));
    check_ok(sock_set_deadline(x.s, SOCK_NO_TIMEOUT));
    check(!is_nonblocking(sock_fileno(x.s)));
    sock_free(x.s);
    sock_cancel_free(x.token);
}
