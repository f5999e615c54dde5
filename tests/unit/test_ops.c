/* SPDX-License-Identifier: MIT */
/* What a library on top of this one uses: operations under an object. */
#include "support.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

/* A protocol that flips the case of every letter, and is slow at first. */
struct toy {
    int fd;
    int delays;   /* tries that fail with EAGAIN before one succeeds */
    short events; /* what such a try asks to wait for */
    int released;
};

static void flip(char *bytes, ssize_t n)
{
    for (ssize_t i = 0; i < n; i++)
        bytes[i] ^= 0x20;
}

static int delayed(struct toy *t, short *events)
{
    if (t->delays == 0)
        return 0;
    t->delays--;
    *events = t->events;
    errno = EAGAIN;
    return -1;
}

static ssize_t toy_recv(sock_t *s, void *buf, size_t size, int flags,
                        short *events)
{
    struct toy *t = sock__ops_data(s);
    if (delayed(t, events) < 0)
        return -1;
    *events = POLLIN;
    ssize_t n = recv(t->fd, buf, size, flags);
    flip(buf, n);
    return n;
}

static ssize_t toy_send(sock_t *s, const void *buf, size_t size, int flags,
                        short *events)
{
    struct toy *t = sock__ops_data(s);
    char copy[64];
    if (delayed(t, events) < 0)
        return -1;
    size_t n = size < sizeof copy ? size : sizeof copy;
    memcpy(copy, buf, n);
    flip(copy, (ssize_t)n);
    return send(t->fd, copy, n, flags | MSG_NOSIGNAL);
}

static void toy_release(sock_t *s)
{
    struct toy *t = sock__ops_data(s);
    t->released++;
    sock__fail("release", SOCK_E_OS, EIO, 0); /* must not be seen */
}

static int toy_dup(sock_t *s, sock_t *copy);

static const struct sock__ops toy_ops = {
    .recv = toy_recv, .send = toy_send, .release = toy_release};
static const struct sock__ops shared_ops = {
    .recv = toy_recv, .send = toy_send, .release = toy_release, .dup = toy_dup};

static int toy_dup(sock_t *s, sock_t *copy)
{
    sock__set_ops(copy, &shared_ops, sock__ops_data(s));
    return 0;
}

TEST(ops, every_transfer_goes_through_them)
{
    struct pair p = tcp_pair();
    struct toy t = {.fd = sock_fileno(p.a)};
    sock_addr_t from = sock_addr_inet("1.2.3.4", 5);
    char buf[16];

    sock__set_ops(p.a, &toy_ops, &t);
    check_int(sock_send(p.a, "abc", 3, 0), 3);
    check_ok(sock_sendall(p.a, "def", 3, 0));
    check_int(sock_sendto(p.a, "g", 1, 0, sock_addr_none()), 1);
    check_int(sock_recv_all(p.b, buf, 7), 7);
    check_bytes(buf, "ABCDEFG", 7);

    check_ok(sock_sendall(p.b, "ABCDZEFZ", 8, 0));
    check_int(sock_recv(p.a, buf, 1, 0), 1);
    check_int(sock_recvfrom(p.a, buf + 1, 1, 0, &from), 1);
    check_bytes(buf, "ab", 2);
    check_str(repr(&from), "None");
    check_int(sock_recv_until(p.a, buf, sizeof buf, 'z'), 3);
    check_bytes(buf, "cdz", 3);
    check_int(sock_recv_all(p.a, buf, 3), 3);
    check_bytes(buf, "efz", 3);
    errno = 1234;
    free_pair(&p);
    check_int(t.released, 1);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
}

/* What goes past the protocol would reach the peer in the clear. */
TEST(ops, cannot_be_passed_by)
{
    struct pair p = tcp_pair();
    struct toy t = {.fd = sock_fileno(p.a)};
    sock__set_ops(p.a, &toy_ops, &t);
    check_fails(sock_sendto(p.a, "x", 1, 0, sock_addr_inet("127.0.0.1", 9)),
                SOCK_E_VALUE, 0,
                "sendto: sendto with an address is not allowed here");
    free_pair(&p);
}

TEST(ops, duplicates_have_them_or_are_refused)
{
    struct pair p = tcp_pair();
    struct toy t = {.fd = sock_fileno(p.a)};
    char line[8];

    sock__set_ops(p.a, &toy_ops, &t);
    check_null(sock_dup(p.a), SOCK_E_VALUE, 0,
               "dup: a socket with a protocol on top cannot be duplicated");
    check_null(sock_makefile(p.a, "r"), SOCK_E_VALUE, 0,
               "makefile: a socket with a protocol on top cannot be "
               "duplicated");
    sock__set_ops(p.a, &shared_ops, &t);
    FILE *out = check_made(sock_makefile(p.a, "w"));
    FILE *in = check_made(sock_makefile(p.a, "r"));
    check(fputs("abc", out) >= 0);
    check_int(fclose(out), 0);
    check_int(t.released, 1);
    check_int(sock_recv_all(p.b, line, 3), 3);
    check_bytes(line, "ABC", 3);
    check_ok(sock_sendall(p.b, "DEF*", 4, 0)); /* * flips to \n */
    check_str(fgets(line, sizeof line, in), "def\n");
    check_int(fclose(in), 0);
    free_pair(&p);
    check_int(t.released, 3);
}

/* So a file is read and sent. */
TEST(ops, sendfile_goes_through_them)
{
    struct pair p = tcp_pair();
    struct toy t = {.fd = sock_fileno(p.a), .delays = 3, .events = POLLOUT};
    char path[] = "/tmp/pysockc-XXXXXX", got[26];
    int fd = mkstemp(path);
    check(fd >= 0);
    unlink(path);
    check_int(write(fd, "abcdefghijklmnopqrstuvwxyz", 26), 26);
    sock__set_ops(p.a, &toy_ops, &t);
    check_int(sock_sendfile(p.a, fd, 0, SOCK_SENDFILE_TO_END), 26);
    check_int(sock_recv_all(p.b, got, 26), 26);
    check_bytes(got, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 26);
    close(fd);
    free_pair(&p);
}

/* A try that takes bytes but yields none is not the end of the stream. */
TEST(ops, have_no_false_end)
{
    struct pair p = tcp_pair();
    struct toy t = {.fd = sock_fileno(p.a), .delays = 2, .events = POLLIN};
    char buf[8];
    sock__set_ops(p.a, &toy_ops, &t);
    check_ok(sock_settimeout(p.a, 5));
    check_ok(sock_sendall(p.b, "ABCD", 4, 0));
    sock_freep(&p.b);
    check_int(sock_recv(p.a, buf, sizeof buf, 0), 4);
    check_int(sock_recv(p.a, buf, sizeof buf, 0), 0);
    free_pair(&p);
}

/* A receiving call may have to wait until it can send, as in TLS. */
TEST(ops, say_what_to_wait_for)
{
    struct pair p = tcp_pair();
    struct toy t = {.fd = sock_fileno(p.a), .delays = 3, .events = POLLOUT};
    char c;
    sock__set_ops(p.a, &toy_ops, &t);
    check_ok(sock_settimeout(p.a, 5));
    check_ok(sock_sendall(p.b, "X", 1, 0));
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_int(t.delays, 0);
    t.delays = 1000000;
    t.events = POLLIN; /* nothing comes */
    check_ok(sock_settimeout(p.a, 0.02));
    check_fails(sock_send(p.a, "x", 1, 0), SOCK_E_TIMEOUT, 0,
                "send <peer>: timed out");
    free_pair(&p);
}

static void *close_later(void *arg)
{
    poll(NULL, 0, 20);
    check_ok(sock_close(arg));
    return NULL;
}

/* It is writable all the time, and no try ever succeeds: none will notice. */
TEST(ops, close_ends_a_call_that_only_polls)
{
    struct pair p = tcp_pair();
    struct toy t = {
        .fd = sock_fileno(p.a), .delays = INT_MAX, .events = POLLOUT};
    pthread_t thread;
    char c;

    sock__set_ops(p.a, &toy_ops, &t);
    check_int(pthread_create(&thread, NULL, close_later, p.a), 0);
    double begin = now();
    check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_OS, EBADF,
                "recv: [Errno 9] Bad file descriptor");
    check(now() - begin < 5);
    pthread_join(thread, NULL);
    free_pair(&p);
}

TEST(ops, parts_of_a_call)
{
    struct pair p = tcp_pair();
    struct sock__timer timer;

    check_ok(sock_settimeout(p.a, 0.02));
    int fd = sock__enter(p.a, "handshake");
    check_int(fd, sock_fileno(p.a));
    timer = sock__timer(p.a);
    check_int(timer.timeout, 20000000);
    check_int(timer.deadline, 0);
    check_int(sock__wait(p.a, fd, POLLOUT, &timer), 0);
    check_int(sock__wait(p.a, fd, POLLIN, &timer), SOCK__TIMED_OUT);
    check_fails(sock__fail_status("handshake", SOCK__TIMED_OUT), SOCK_E_TIMEOUT,
                0, "handshake: timed out");
    check_fails(sock__fail_status("handshake", EPIPE), SOCK_E_OS, EPIPE,
                "handshake: [Errno 32] Broken pipe");
    sock__leave(p.a);
    free_pair(&p);
}
