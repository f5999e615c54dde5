/* SPDX-License-Identifier: MIT */
/* What a library on top of this one uses: operations under an object. */
#include "support.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "object.h"
#include "private.h"

/* A protocol that flips the case of every letter, and is slow at first. */
struct toy {
    int delays;   /* tries that fail with EAGAIN before one succeeds */
    short events; /* what such a try asks to wait for */
    int released, tries;
    sock_cancel_t *fires; /* with each try */
};

static void flip(char *bytes, ssize_t n)
{
    for (ssize_t i = 0; i < n; i++)
        bytes[i] ^= 0x20;
}

static int delayed(struct toy *t, short *events)
{
    t->tries++;
    if (t->fires != NULL)
        sock_cancel_fire(t->fires);
    if (t->delays == 0)
        return 0;
    t->delays--;
    *events = t->events;
    errno = EAGAIN;
    return -1;
}

static ssize_t toy_recv(sock_t *s, int fd, void *buf, size_t size, int flags,
                        short *events)
{
    struct toy *t = sock__ops_data(s);
    if (delayed(t, events) < 0)
        return -1;
    *events = POLLIN;
    ssize_t n = recv(fd, buf, size, flags);
    flip(buf, n);
    return n;
}

static ssize_t toy_send(sock_t *s, int fd, const void *buf, size_t size,
                        int flags, short *events)
{
    struct toy *t = sock__ops_data(s);
    char copy[64];
    if (delayed(t, events) < 0)
        return -1;
    size_t n = size < sizeof copy ? size : sizeof copy;
    memcpy(copy, buf, n);
    flip(copy, (ssize_t)n);
    return send(fd, copy, n, flags | MSG_NOSIGNAL);
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
    struct toy t = {0};
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

/* As MSG_WAITALL does: what came before an end is the result. */
TEST(ops, whole_or_up_to_the_end)
{
    struct pair p = tcp_pair();
    struct toy t = {.events = POLLIN};
    char buf[8];

    sock__set_ops(p.a, &toy_ops, &t);
    check_ok(sock_sendall(p.b, "ABCDE", 5, 0));
    check_int(sock_recv(p.a, buf, 2, MSG_WAITALL), 2);
    check_ok(sock_shutdown(p.b, SHUT_WR));
    check_int(sock_recv(p.a, buf + 2, 6, MSG_WAITALL), 3);
    check_bytes(buf, "abcde", 5);
    check_int(sock_recv(p.a, buf, 6, MSG_WAITALL), 0);
    free_pair(&p);
}

/* A protocol need not greet, say goodbye, nor be there for who is accepted. */
TEST(ops, what_a_protocol_leaves_to_the_system)
{
    sock_addr_t address;
    struct toy here = {0}, there = {0};
    sock_t *server = listener(&address);
    sock_t *client = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    char buf[4];

    sock__set_ops(server, &toy_ops, &there);
    sock__set_ops(client, &toy_ops, &here);
    check_ok(sock_connect(client, address));
    sock_t *conn = check_made(sock_accept(server, NULL));
    check_ok(sock_sendall(client, "abc", 3, 0));
    check_ok(sock_shutdown(client, SHUT_WR));
    check_int(sock_recv_all(conn, buf, 3), 3);
    check_bytes(buf, "ABC", 3);
    check_int(sock_recv(conn, buf, 4, 0), 0);
    sock_free(conn);
    sock_free(client);
    sock_free(server);
}

/* What goes past the protocol would reach the peer in the clear. */
TEST(ops, cannot_be_passed_by)
{
    struct pair p = tcp_pair();
    struct toy t = {0};
    sock__set_ops(p.a, &toy_ops, &t);
    check_fails(sock_sendto(p.a, "x", 1, 0, sock_addr_inet("127.0.0.1", 9)),
                SOCK_E_VALUE, 0,
                "sendto: sendto with an address is not allowed here");
    free_pair(&p);
}

TEST(ops, duplicates_have_them_or_are_refused)
{
    struct pair p = tcp_pair();
    struct toy t = {0};
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
    struct toy t = {.delays = 3, .events = POLLOUT};
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
    struct toy t = {.delays = 2, .events = POLLIN};
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
    struct toy t = {.delays = 3, .events = POLLOUT};
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

/* It is ready all the time, and no try ever succeeds. */
TEST(ops, honour_a_deadline)
{
    struct pair p = tcp_pair();
    struct toy t = {.delays = INT_MAX, .events = POLLOUT};
    char c;
    sock__set_ops(p.a, &toy_ops, &t);
    check_ok(sock_set_deadline(p.a, 0.02));
    double begin = now();
    check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_TIMEOUT, 0,
                "recv <peer>: timed out");
    check(now() - begin >= 0.02);
    int tries = t.tries;
    check_fails(sock_sendall(p.a, "x", 1, 0), SOCK_E_TIMEOUT, 0,
                "sendall <peer>: timed out");
    check_int(t.tries, tries); /* at once */
    free_pair(&p);
}

TEST(ops, honour_a_token)
{
    struct pair p = tcp_pair();
    struct toy t = {.delays = 1, .events = POLLOUT};
    char text[130] = "";
    sock__set_ops(p.a, &toy_ops, &t);
    t.fires = check_made(sock_cancel_new());
    check_ok(sock_set_cancel(p.a, t.fires));
    check_fails(sock_recv(p.a, text, 1, 0), SOCK_E_CANCELLED, 0,
                "recv <peer>: cancelled"); /* it would wait */
    check_int(t.tries, 1);
    check_fails(sock_recv(p.a, text, 1, 0), SOCK_E_CANCELLED, 0,
                "recv <peer>: cancelled");
    check_int(t.tries, 1);
    check_ok(sock_cancel_reset(t.fires));
    check_fails(sock_sendall(p.a, text, sizeof text, 0), SOCK_E_CANCELLED, 0,
                "sendall <peer>: cancelled"); /* between two parts */
    check_int(sock_last_error()->done, 64);
    check_int(t.tries, 2);
    sock_cancel_free(t.fires);
    free_pair(&p);
}

static void *fire_later(void *arg)
{
    poll(NULL, 0, 20);
    check_ok(sock_cancel_fire(arg));
    return NULL;
}

/* In its pauses, too, which have no descriptor to wait for. */
TEST(ops, a_token_ends_a_call_that_only_polls)
{
    struct pair p = tcp_pair();
    struct toy t = {.delays = INT_MAX, .events = POLLOUT};
    sock_cancel_t *token = check_made(sock_cancel_new());
    pthread_t thread;
    char c;

    sock__set_ops(p.a, &toy_ops, &t);
    check_ok(sock_set_cancel(p.a, token));
    check_int(pthread_create(&thread, NULL, fire_later, token), 0);
    check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_CANCELLED, 0,
                "recv <peer>: cancelled");
    pthread_join(thread, NULL);
    check(t.tries > 1);
    sock_cancel_free(token);
    free_pair(&p);
}

/* Bytes that keep coming do not keep a call for ever. */
TEST(ops, a_token_ends_a_call_between_parts)
{
    struct pair p = tcp_pair();
    struct toy t = {0};
    char buf[8];
    sock__set_ops(p.a, &toy_ops, &t);
    t.fires = check_made(sock_cancel_new());
    check_ok(sock_set_cancel(p.a, t.fires));
    check_ok(sock_sendall(p.b, "AB", 2, 0));
    check_fails(sock_recv_all(p.a, buf, 8), SOCK_E_CANCELLED, 0,
                "recv_all <peer>: cancelled");
    check_int(sock_last_error()->done, 2);
    check_ok(sock_cancel_reset(t.fires));
    check_ok(sock_sendall(p.b, "CD", 2, 0));
    check_fails(sock_recv_until(p.a, buf, 8, 'z'), SOCK_E_CANCELLED, 0,
                "recv_until <peer>: cancelled");
    check_int(sock_last_error()->done, 2);
    check_bytes(buf, "cd", 2);
    check_ok(sock_cancel_reset(t.fires));
    check_ok(sock_sendall(p.b, "EF", 2, 0));
    check_int(sock_recv_until(p.a, buf, 2, 'z'), 2); /* it is full */
    sock_cancel_free(t.fires);
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
    struct toy t = {.delays = INT_MAX, .events = POLLOUT};
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
    check_int(sock__ended(p.a), 0);
    check_ok(sock_settimeout(p.a, SOCK_NO_TIMEOUT));
    check_int(sock__timer(p.a).timeout, -1);
    check_ok(sock_set_deadline(p.a, 30));
    check_int(sock__timer(p.a).timeout, INT64_MAX);
    check_int(sock__ended(p.a), 0);
    check_ok(sock_set_deadline(p.a, 0));
    check_int(sock__ended(p.a), SOCK__TIMED_OUT);
    timer = sock__timer(p.a);
    check_int(sock__wait(p.a, fd, POLLOUT, &timer), SOCK__TIMED_OUT);
    sock_cancel_t *token = check_made(sock_cancel_new());
    check_ok(sock_set_deadline(p.a, SOCK_NO_TIMEOUT));
    check_ok(sock_set_cancel(p.a, token));
    timer = sock__timer(p.a);
    check_int(sock__wait(p.a, fd, POLLOUT, &timer), 0);
    check_ok(sock_cancel_fire(token));
    check_int(sock__wait(p.a, fd, POLLOUT, &timer), SOCK__CANCELLED);
    check_int(sock__ended(p.a), SOCK__CANCELLED);
    sock_cancel_free(token);
    sock__leave(p.a);
    free_pair(&p);
}

/*
 * A protocol that keeps bytes of its own: what it receives it takes from the
 * system by 8, a message of which the first byte says how many count. It may
 * ask for room before it reads.
 */
struct keeper {
    char kept[8];
    atomic_int count;
    atomic_bool needs_room; /* before it reads it writes */
    atomic_int asked;       /* calls of ready */
};

/* Takes one message, if one is there: -1 with EAGAIN, 0 at the end. */
static ssize_t refill(struct keeper *k, int fd, short *events)
{
    char message[8];
    if (k->needs_room) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        *events = POLLOUT;
        errno = EAGAIN;
        if (poll(&p, 1, 0) != 1)
            return -1;
        k->needs_room = false;
    }
    *events = POLLIN;
    ssize_t n = recv(fd, message, sizeof message, MSG_DONTWAIT);
    if (n <= 0)
        return n;
    memcpy(k->kept, message + 1, 7);
    k->count = message[0];
    if (k->count > 0)
        return 1;
    errno = EAGAIN; /* a message of the protocol's own */
    return -1;
}

static ssize_t keeper_recv(sock_t *s, int fd, void *buf, size_t size, int flags,
                           short *events)
{
    struct keeper *k = sock__ops_data(s);
    (void)flags;
    if (k->count == 0) {
        ssize_t n = refill(k, fd, events);
        if (n <= 0)
            return n;
    }
    size_t n = size < (size_t)k->count ? size : (size_t)k->count;
    memcpy(buf, k->kept, n);
    k->count -= (int)n;
    memmove(k->kept, k->kept + n, sizeof k->kept - n);
    return (ssize_t)n;
}

static ssize_t keeper_send(sock_t *s, int fd, const void *buf, size_t size,
                           int flags, short *events)
{
    (void)s;
    *events = POLLOUT;
    return send(fd, buf, size, flags | MSG_NOSIGNAL);
}

static int keeper_ready(sock_t *s, int fd, int want, short *events)
{
    struct keeper *k = sock__ops_data(s);
    int ready = want & SOCK_EVENT_WRITE;
    atomic_fetch_add(&k->asked, 1);
    *events = 0;
    if ((want & SOCK_EVENT_READ) != 0 &&
        (k->count > 0 || refill(k, fd, events) >= 0))
        ready |= SOCK_EVENT_READ;
    return ready;
}

static const struct sock__ops keeper_ops = {
    .recv = keeper_recv, .send = keeper_send, .ready = keeper_ready};

/* An object with the protocol, and its plain peer. */
static struct pair keeping(struct keeper *k)
{
    struct pair p = tcp_pair();
    *k = (struct keeper){.count = 0};
    sock__set_ops(p.a, &keeper_ops, k);
    check_ok(sock_setblocking(p.a, 0));
    return p;
}

static void say8(sock_t *s, const char *message)
{
    check_ok(sock_sendall(s, message, 8, 0));
}

static int next_mask(sock_selector_t *sel)
{
    sock_key_t key;
    return sock_selector_next(sel, &key) == 1 ? key.mask : 0;
}

TEST(ops, wait_knows_what_is_held_back)
{
    struct keeper k;
    struct pair p = keeping(&k);
    char c;

    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0), 0);
    check_int(sock_wait(p.a, SOCK_EVENT_READ | SOCK_EVENT_WRITE, 5),
              SOCK_EVENT_WRITE);
    say8(p.b, "\0.......");
    double begin = now();
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0.02), 0); /* nothing for us */
    check(now() - begin >= 0.02);
    say8(p.b, "\2ab.....");
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 5), SOCK_EVENT_READ);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0), SOCK_EVENT_READ);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0), 0);
    check_ok(sock_close(p.b));
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 5), SOCK_EVENT_READ);
    free_pair(&p);
}

TEST(ops, wait_is_told_of_an_error)
{
    struct keeper k;
    struct pair p = keeping(&k);
    const struct linger now_ = {1, 0};

    k.needs_room = false;
    say8(p.b, "\0.......");
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0), 0);
    check_ok(sock_setsockopt(p.b, SOL_SOCKET, SO_LINGER, &now_, sizeof now_));
    check_ok(sock_close(p.b));
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 5), SOCK_EVENT_READ);
    free_pair(&p);
}

TEST(ops, select_knows_what_is_held_back)
{
    struct keeper k;
    struct pair p = keeping(&k);
    sock_t *r[] = {p.b, p.a, NULL}, *w[] = {p.a, NULL};
    char c;

    check_int(sock_select(r, w, NULL, 5), 1); /* there is room */
    check(w[0] == p.a && r[0] == NULL);
    say8(p.b, "\0.......");
    r[0] = p.a;
    r[1] = NULL;
    double begin = now();
    check_int(sock_select(r, NULL, NULL, 0.02), 0);
    check(now() - begin >= 0.02);
    say8(p.b, "\2ab.....");
    r[0] = p.a;
    check_int(sock_select(r, NULL, NULL, 5), 1);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_int(sock_select(r, NULL, NULL, SOCK_NO_TIMEOUT), 1);
    check(r[0] == p.a);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    k.needs_room = true;
    check_int(sock_select(r, NULL, NULL, 0), 0);
    check_ok(sock_shutdown(p.b, SHUT_RDWR));
    check_ok(sock_shutdown(p.a, SHUT_RDWR));
    r[0] = p.a;
    check_int(sock_select(r, NULL, NULL, 5), 1);
    free_pair(&p);
}

static void held_back(int kind)
{
    struct keeper k;
    struct pair p = keeping(&k), q = tcp_pair();
    sock_selector_t *sel = check_made(sock_selector_new(kind));
    char c;

    check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_READ, NULL));
    check_ok(sock_selector_register(sel, q.a, SOCK_EVENT_READ, NULL));
    check_int(sock_selector_select(sel, 0), 0);
    say8(p.b, "\0.......");
    double begin = now();
    check_int(sock_selector_select(sel, 0.02), 0); /* for the protocol alone */
    check(now() - begin >= 0.02);
    say8(p.b, "\3abc....");
    for (int i = 0; i < 3; i++) {
        check_int(sock_selector_select(sel, SOCK_NO_TIMEOUT), 1);
        check_int(next_mask(sel), SOCK_EVENT_READ);
        check_int(next_mask(sel), 0);
        check_int(sock_recv(p.a, &c, 1, 0), 1);
    }
    check_int(sock_selector_select(sel, 0), 0);
    /* Who has nothing costs nothing: it isn't asked again. */
    int asked = atomic_load(&k.asked);
    check_int(sock_selector_select(sel, 0), 0);
    check_int(sock_selector_select(sel, 0), 0);
    check_int(atomic_load(&k.asked), asked);
    sock_selector_free(sel);
    free_pair(&p);
    free_pair(&q);
}

TEST(ops, selector_knows_what_is_held_back)
{
    held_back(SOCK_SELECTOR_EPOLL);
}

TEST(ops, selector_of_poll_knows_what_is_held_back)
{
    held_back(SOCK_SELECTOR_POLL);
}

/* Read before it was registered, and between two selects. */
TEST(ops, held_back_before_a_register)
{
    struct keeper k;
    struct pair p = keeping(&k);
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    char c;

    say8(p.b, "\2ab.....");
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 5), SOCK_EVENT_READ);
    check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_WRITE, NULL));
    check_int(sock_selector_select(sel, 5), 1);
    check_int(next_mask(sel), SOCK_EVENT_WRITE);
    check_ok(sock_selector_modify(sel, p.a, SOCK_EVENT_READ, NULL));
    check_int(sock_selector_select(sel, 5), 1);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_int(sock_selector_select(sel, 0), 0);
    say8(p.b, "\2ab.....");
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 5), SOCK_EVENT_READ);
    check_int(sock_recv(p.a, &c, 1, 0), 1); /* without a select */
    check_int(sock_selector_select(sel, SOCK_NO_TIMEOUT), 1);
    check_int(next_mask(sel), SOCK_EVENT_READ);
    check_ok(sock_selector_unregister(sel, p.a)); /* while on the list */
    check_int(sock_selector_select(sel, 0), 0);
    sock_selector_free(sel);
    free_pair(&p);
}

static void fill(sock_t *s)
{
    static const char zeros[65536];
    while (sock_send(s, zeros, sizeof zeros, MSG_DONTWAIT) > 0)
        ;
}

/* A read that needs room, of a registration for reading. */
static void other_way(int manners)
{
    struct keeper k;
    struct pair p = keeping(&k);
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    char buf[65536], c;

    check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_READ | manners, NULL));
    check_int(sock_selector_select(sel, 0), 0);
    fill(p.a);
    k.needs_room = true;
    say8(p.b, "\1a......");
    check_int(sock_selector_select(sel, 0.01), 0);
    while (sock_recv(p.b, buf, sizeof buf, MSG_DONTWAIT) > 0)
        ;
    check_int(sock_selector_select(sel, 10), 1);
    check_int(next_mask(sel), SOCK_EVENT_READ);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    say8(p.b, "\1b......");
    int again = (manners & SOCK_EVENT_ONESHOT) == 0;
    check_int(sock_selector_select(sel, again ? 10 : 0.01), again);
    if (manners != SOCK_EVENT_EXCLUSIVE) /* which is not to be modified */
        check_ok(
            sock_selector_modify(sel, p.a, SOCK_EVENT_READ | manners, NULL));
    check_int(sock_selector_select(sel, 10), 1);
    check_int(next_mask(sel), SOCK_EVENT_READ);
    sock_selector_free(sel);
    free_pair(&p);
}

TEST(ops, a_read_that_needs_room)
{
    other_way(0);
}

TEST(ops, a_read_that_needs_room_at_the_edge)
{
    other_way(SOCK_EVENT_EDGE);
}

TEST(ops, a_read_that_needs_room_once)
{
    other_way(SOCK_EVENT_ONESHOT);
}

/* Another thread leaves bytes behind while the selector waits. */
static void *take_one(void *arg)
{
    char c;
    check_int(sock_recv(arg, &c, 1, 0), 1);
    return NULL;
}

TEST(ops, a_waiting_selector_is_told)
{
    struct keeper k;
    struct pair p = keeping(&k);
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    pthread_t thread;

    check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_READ, NULL));
    check_int(sock_selector_select(sel, 0), 0);
    memcpy(k.kept, "ab", 2); /* as if it had come in another call */
    k.count = 2;
    check_int(pthread_create(&thread, NULL, take_one, p.a), 0);
    check_int(sock_selector_select(sel, 10), 1);
    check_int(next_mask(sel), SOCK_EVENT_READ);
    pthread_join(thread, NULL);
    sock_selector_free(sel);
    free_pair(&p);
}

/* At the edge what is held back is told once. */
TEST(ops, held_back_at_the_edge)
{
    struct keeper k;
    struct pair p = keeping(&k);
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    const int events = SOCK_EVENT_READ | SOCK_EVENT_EDGE;

    check_ok(sock_selector_register(sel, p.a, events, NULL));
    check_int(sock_selector_select(sel, 0), 0);
    say8(p.b, "\2ab.....");
    check_int(sock_selector_select(sel, 5), 1);
    check_int(next_mask(sel), SOCK_EVENT_READ);
    check_int(sock_selector_select(sel, 0), 0);
    sock_selector_free(sel);
    free_pair(&p);
}

/* One without a protocol that has closed leaves room for those that have one.
 */
TEST(ops, held_back_after_a_plain_close)
{
    struct keeper k;
    struct pair p = keeping(&k), plain = tcp_pair();
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));

    check_ok(sock_selector_register(sel, plain.a, SOCK_EVENT_READ, NULL));
    check_ok(sock_close(plain.a));
    k.count = 1;
    check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_READ, NULL));
    check_int(sock_selector_select(sel, 5), 1);
    check_int(next_mask(sel), SOCK_EVENT_READ);
    sock_selector_free(sel);
    free_pair(&plain);
    free_pair(&p);
}

/* Where nothing is held back, select waits and does not ask all the time. */
TEST(ops, select_waits_for_the_system)
{
    struct keeper k;
    struct pair p = keeping(&k);
    sock_t *r[] = {p.a, NULL};

    check_int(sock_select(r, NULL, NULL, 0.05), 0);
    check(atomic_load(&k.asked) <= 4);
    free_pair(&p);
}

/* More of them than one round gives out: none waits for ever. */
TEST(ops, many_that_hold_back)
{
    enum { MANY = 450 };
    static struct keeper k[MANY];
    static struct pair p[MANY];
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    sock_key_t key;
    int left = MANY;

    for (int i = 0; i < MANY; i++) {
        p[i] = unix_pair(SOCK_STREAM);
        sock__set_ops(p[i].a, &keeper_ops, &k[i]);
        k[i].count = 1;
        check_ok(sock_selector_register(sel, p[i].a, SOCK_EVENT_READ, &k[i]));
    }
    for (int rounds = 0; left > 0 && rounds < 10; rounds++) {
        check(sock_selector_select(sel, 5) > 0);
        while (sock_selector_next(sel, &key) == 1) {
            char c;
            check_int(sock_recv(key.sock, &c, 1, 0), 1);
            left--;
        }
    }
    check_int(left, 0);
    check_int(sock_selector_select(sel, 0), 0);
    sock_selector_free(sel);
    for (int i = 0; i < MANY; i++)
        free_pair(&p[i]);
}

/* One that has no word in it: what the system says is right. */
TEST(ops, without_ready)
{
    struct pair p = tcp_pair();
    struct toy t = {0};
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    sock_t *r[] = {p.a, NULL};
    char c;

    sock__set_ops(p.a, &toy_ops, &t);
    check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_READ, NULL));
    check_int(sock_selector_select(sel, 0), 0);
    check_int(sock_select(r, NULL, NULL, 0), 0);
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 0), 0);
    check_ok(sock_sendall(p.b, "AB", 2, 0));
    check_int(sock_wait(p.a, SOCK_EVENT_READ, 5), SOCK_EVENT_READ);
    r[0] = p.a;
    check_int(sock_select(r, NULL, NULL, 5), 1);
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_int(sock_selector_select(sel, 5), 1);
    check_int(next_mask(sel), SOCK_EVENT_READ);
    sock_selector_free(sel);
    free_pair(&p);
}

/* What the system finds may be of no use to the protocol: the wait goes on. */
TEST(ops, messages_of_its_own_are_no_end_of_a_wait)
{
    struct keeper k;
    struct pair p = keeping(&k);
    sock_t *r[] = {p.a, NULL}, *x[] = {p.a, NULL};
    char c;

    for (int i = 0; i < 2; i++) { /* one is taken before the wait */
        say8(p.b, "\0.......");
        say8(p.b, "\0.......");
        check_int(sock_select(r, NULL, x, i == 0 ? 0 : 0.01), 0);
        r[0] = x[0] = p.a;
    }
    for (int i = 0; i < 2; i++) {
        say8(p.b, "\0.......");
        say8(p.b, "\0.......");
        say8(p.b, "\1a......");
        if (i == 0)
            check_int(sock_select(r, NULL, NULL, 5), 1);
        else
            check_int(sock_wait(p.a, SOCK_EVENT_READ, 5), SOCK_EVENT_READ);
        check_int(sock_recv(p.a, &c, 1, 0), 1);
    }
    free_pair(&p);
}

/* Where one is found without a wait, the others are looked at, too. */
TEST(ops, select_asks_all)
{
    struct keeper k, l;
    struct pair p = keeping(&k), q = keeping(&l);
    sock_t *r[] = {p.a, q.a, q.b, NULL};

    k.count = 1;
    check_ok(sock_sendall(q.a, "x", 1, 0));
    check_int(sock_select(r, NULL, NULL, 5), 2);
    check(r[0] == p.a && r[1] == q.b && r[2] == NULL);
    check(atomic_load(&l.asked) >= 1);
    free_pair(&p);
    free_pair(&q);
}

TEST(ops, a_reset_is_told_without_asking)
{
    struct keeper k;
    struct pair p = keeping(&k);
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    const struct linger now_ = {1, 0};

    check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_READ, NULL));
    check_int(sock_selector_select(sel, 0), 0);
    int asked = atomic_load(&k.asked);
    check_ok(sock_setsockopt(p.b, SOL_SOCKET, SO_LINGER, &now_, sizeof now_));
    check_ok(sock_close(p.b));
    check_int(sock_selector_select(sel, 5), 1);
    check_int(next_mask(sel),
              SOCK_EVENT_READ | SOCK_EVENT_HANGUP | SOCK_EVENT_ERROR);
    check_int(atomic_load(&k.asked), asked);
    sock_selector_free(sel);
    free_pair(&p);
}

TEST(ops, a_read_that_needs_room_exclusively)
{
    other_way(SOCK_EVENT_EXCLUSIVE);
}

/* While the protocol is asked other threads may do as they like. */
struct meddler {
    sock_selector_t *sel;
    void (*meddle)(sock_selector_t *sel, sock_t *s);
};

static int meddler_ready(sock_t *s, int fd, int want, short *events)
{
    const struct meddler *m = sock__ops_data(s);
    (void)fd, (void)events;
    m->meddle(m->sel, s);
    return want;
}

static const struct sock__ops meddler_ops = {
    .recv = keeper_recv, .send = keeper_send, .ready = meddler_ready};

static void close_meanwhile(sock_selector_t *sel, sock_t *s)
{
    (void)sel;
    check_ok(sock_close(s));
}

static void unregister_meanwhile(sock_selector_t *sel, sock_t *s)
{
    check_ok(sock_selector_unregister(sel, s));
}

TEST(ops, who_is_gone_when_it_was_asked_is_not_told)
{
    void (*const ways[])(sock_selector_t * sel,
                         sock_t * s) = {close_meanwhile, unregister_meanwhile};

    for (int i = 0; i < 2; i++) {
        struct pair p = tcp_pair();
        sock_selector_t *sel =
            check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
        struct meddler m = {sel, ways[i]};
        sock__set_ops(p.a, &meddler_ops, &m);
        check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_READ, NULL));
        check_int(sock_selector_select(sel, 0), 0);
        check_int(next_mask(sel), 0);
        check_int(sock_selector_len(sel), i == 0);
        sock_selector_free(sel);
        free_pair(&p);
    }
}

/* A child's receive tells its parent's selector nothing. */
TEST(ops, a_child_hears_for_itself)
{
    struct keeper k;
    struct pair p = keeping(&k);
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    int status;
    char c;

    check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_READ, NULL));
    check_int(sock_selector_select(sel, 0), 0);
    say8(p.b, "\2ab.....");
    pid_t pid = fork();
    if (pid == 0)
        end_child(sock_recv(p.a, &c, 1, 0) == 1 && c == 'a' ? 7 : 1);
    check_int(waitpid(pid, &status, 0), pid);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    check_int(sock_selector_select(sel, 0), 0);
    sock_selector_free(sel);
    free_pair(&p);
}

/* ---- What a protocol may do beside moving bytes ---------------------------
 */

/* Each try moves something, as a piece of a record does: there is no pause
 * between them, of which so many would outlast the timeout by far. */
TEST(ops, progress_is_not_readiness_in_vain)
{
    struct pair p = tcp_pair();
    struct toy t = {.delays = 1000, .events = POLLOUT | SOCK__PROGRESS};
    char c;
    sock__set_ops(p.a, &toy_ops, &t);
    check_ok(sock_settimeout(p.a, 2));
    check_ok(sock_sendall(p.b, "X", 1, 0));
    check_int(sock_recv(p.a, &c, 1, 0), 1);
    check_int(t.tries, 1001);
    free_pair(&p);
}

/* Its tries do not wait in the kernel, whatever timeout that has. */
TEST(ops, the_kernels_timeout_ends_nothing)
{
    struct pair p = tcp_pair();
    struct toy t = {.delays = 3, .events = POLLOUT};
    struct timeval brief = {.tv_usec = 1000};
    sock__set_ops(p.a, &toy_ops, &t);
    check_ok(
        sock_setsockopt(p.a, SOL_SOCKET, SO_SNDTIMEO, &brief, sizeof brief));
    check_int(sock_send(p.a, "x", 1, 0), 1);
    free_pair(&p);
}

TEST(ops, have_a_name)
{
    static const struct sock__ops named = {.name = "toy.Socket"};
    struct pair p = tcp_pair();
    sock__set_ops(p.a, &named, NULL);
    check(sock__has_ops(p.a, &named));
    check(!sock__has_ops(p.b, &named));
    check(strncmp(object_repr(p.a), "<toy.Socket fd=", 15) == 0);
    check(strncmp(object_repr(p.b), "<socket.socket fd=", 18) == 0);
    free_pair(&p);
}

/* A second object would be a second way to end the conversation. */
TEST(ops, duplicates_may_be_for_files_alone)
{
    static const struct sock__ops ops = {
        .recv = toy_recv, .send = toy_send, .dup = toy_dup, .files_only = true};
    struct pair p = tcp_pair();
    struct toy t = {0};
    sock__set_ops(p.a, &ops, &t);
    check_null(sock_dup(p.a), SOCK_E_VALUE, 0,
               "dup: a socket with a protocol on top cannot be duplicated");
    FILE *f = check_made(sock_makefile(p.a, "r"));
    check_int(fclose(f), 0);
    free_pair(&p);
}

/* Failures that only the protocol knows */

static ssize_t broken(void)
{
    sock__fail("its own name", SOCK_E_TLS, 7, 0);
    return SOCK__RECORDED;
}

static ssize_t broken_recv(sock_t *s, int fd, void *buf, size_t size, int flags,
                           short *events)
{
    (void)s, (void)fd, (void)buf, (void)size, (void)flags, (void)events;
    return broken();
}

static ssize_t broken_send(sock_t *s, int fd, const void *buf, size_t size,
                           int flags, short *events)
{
    ssize_t *left = sock__ops_data(s);
    (void)fd, (void)buf, (void)size, (void)flags, (void)events;
    return *left > 0 ? (*left)-- : broken();
}

static ssize_t broken_greeting(sock_t *s, int fd, short *events)
{
    (void)s, (void)fd, (void)events;
    return broken();
}

static const struct sock__ops broken_ops = {.recv = broken_recv,
                                            .send = broken_send,
                                            .handshake = broken_greeting,
                                            .shutdown = broken_greeting};

TEST(ops, record_what_failed)
{
    struct pair p = tcp_pair();
    ssize_t parts = 0;
    char buf[4];
    sock__set_ops(p.a, &broken_ops, &parts);
    check_fails(sock_recv(p.a, buf, 4, 0), SOCK_E_TLS, 7,
                "recv <peer>: SOCK_E_TLS");
    check_fails(sock_recv_until(p.a, buf, 4, '.'), SOCK_E_TLS, 7,
                "recv_until <peer>: SOCK_E_TLS");
    check_fails(sock_send(p.a, "x", 1, 0), SOCK_E_TLS, 7,
                "send <peer>: SOCK_E_TLS");
    parts = 2;
    check_fails(sock_sendall(p.a, "abcd", 4, 0), SOCK_E_TLS, 7,
                "sendall <peer>: SOCK_E_TLS");
    check_int(sock_last_error()->done, 3);
    check_fails(sock_shutdown(p.a, SHUT_WR), SOCK_E_TLS, 7,
                "shutdown <peer>: SOCK_E_TLS");
    check_str(sock_error_class(NULL), "ssl.SSLError");
    free_pair(&p);
}

static const char *toy_class(const sock_error_t *e)
{
    return e->code == 7 ? "toy.Seven" : "toy.Error";
}

static int toy_words(const sock_error_t *e, char *buf, size_t size)
{
    return snprintf(buf, size, "word %d of %d", e->code, e->reason);
}

TEST(ops, kinds_have_words_of_theirs)
{
    static const struct sock__texts texts = {toy_class, toy_words};
    char text[40];
    sock__set_texts(SOCK_E_TLS, &texts);
    sock__fail("greet", SOCK_E_TLS, 7, 0);
    check_str(error_text(), "greet: word 7 of 0");
    check_str(sock_error_class(NULL), "toy.Seven");
    check_int(sock_error_message(NULL, text, sizeof text), 11);
    check_str(text, "word 7 of 0");
    sock__fail("greet", SOCK_E_OS, EPIPE, 0);
    check_str(sock_error_class(NULL), "BrokenPipeError");
    sock__set_texts(SOCK_E_TLS, NULL);
}

/* Greetings and goodbyes */

/* Each end says HI and hears it, before anything else, and BYE at the end. */
struct greeter {
    int said, heard; /* bytes of the greeting */
    atomic_int goodbyes, released;
};

static ssize_t say_hi(struct greeter *g, int fd, short *events)
{
    *events = POLLOUT;
    size_t left = 2 - (size_t)g->said;
    ssize_t n =
        left == 0 ? 0
                  : send(fd, &"HI"[g->said], left, MSG_DONTWAIT | MSG_NOSIGNAL);
    g->said += n > 0 ? (int)n : 0;
    return n;
}

static ssize_t hear_hi(struct greeter *g, int fd, short *events)
{
    char c;
    *events = POLLIN;
    while (g->heard < 2) {
        ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);
        if (n < 0)
            return -1;
        if (n == 0 || c != "HI"[g->heard])
            return broken();
        g->heard++;
        *events |= SOCK__PROGRESS;
    }
    return 0;
}

static ssize_t greet(sock_t *s, int fd, short *events)
{
    struct greeter *g = sock__ops_data(s);
    return say_hi(g, fd, events) < 0 ? -1 : hear_hi(g, fd, events);
}

static void say_bye(sock_t *s, int fd)
{
    struct greeter *g = sock__ops_data(s);
    atomic_fetch_add(&g->goodbyes, 1);
    send(fd, "BYE", 3, MSG_DONTWAIT | MSG_NOSIGNAL); /* if that can be */
    sock__fail("close", SOCK_E_OS, EIO, 0);          /* must not be seen */
}

static ssize_t say_end(sock_t *s, int fd, short *events)
{
    (void)s;
    *events = POLLOUT;
    return send(fd, "END", 3, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static ssize_t plain_recv(sock_t *s, int fd, void *buf, size_t size, int flags,
                          short *events)
{
    (void)s;
    *events = POLLIN;
    return recv(fd, buf, size, flags | MSG_DONTWAIT);
}

static int accepted(sock_t *listener, sock_t *conn);

static void count_release(sock_t *s)
{
    atomic_fetch_add(&((struct greeter *)sock__ops_data(s))->released, 1);
}

static const struct sock__ops greeter_ops = {.recv = plain_recv,
                                             .handshake = greet,
                                             .accepted = accepted,
                                             .shutdown = say_end,
                                             .close = say_bye,
                                             .release = count_release};

/* The listener's own count says whether the next one is let in. */
static int accepted(sock_t *listener, sock_t *conn)
{
    struct greeter *g = sock__ops_data(listener);
    if (g->heard > 0)
        return sock__fail("accepted", SOCK_E_MEMORY, 0, 0);
    sock__set_ops(conn, &greeter_ops, g);
    return 0;
}

/* A socket that greets whom it connects to. */
static sock_t *greeting(struct greeter *g)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    *g = (struct greeter){.said = 0};
    sock__set_ops(s, &greeter_ops, g);
    return s;
}

struct host {
    sock_t *listener;
    const char *says;
};

/* Takes one guest, hears two bytes and says something, byte by byte. */
static void *receive_guest(void *arg)
{
    struct host *h = arg;
    char buf[8];
    sock_t *s = check_made(sock_accept(h->listener, NULL));
    check_int(sock_recv_all(s, buf, 2), 2);
    check_bytes(buf, "HI", 2);
    for (const char *c = h->says; *c != '\0'; c++)
        check_ok(sock_sendall(s, c, 1, 0));
    while (sock_recv(s, buf, sizeof buf, 0) > 0)
        ;
    sock_free(s);
    return NULL;
}

TEST(ops, connect_greets)
{
    sock_addr_t address;
    struct greeter g;
    struct host h = {listener(&address), "HI"};
    sock_t *s = greeting(&g);
    pthread_t thread;
    check_int(pthread_create(&thread, NULL, receive_guest, &h), 0);
    check_ok(sock_connect(s, address));
    check_int(g.heard, 2);
    sock_free(s);
    pthread_join(thread, NULL);
    sock_free(h.listener);
}

TEST(ops, connect_tells_of_a_greeting_that_failed)
{
    sock_addr_t address;
    struct greeter g;
    struct host h = {listener(&address), "HA"};
    for (int i = 0; i < 2; i++) {
        sock_t *s = greeting(&g);
        pthread_t thread;
        check_int(pthread_create(&thread, NULL, receive_guest, &h), 0);
        if (i == 0)
            check_fails(sock_connect(s, address), SOCK_E_TLS, 7,
                        about("connect", &address, "SOCK_E_TLS"));
        else /* as Python, which raises */
            check_fails(sock_connect_ex(s, address), SOCK_E_TLS, 7,
                        about("connect_ex", &address, "SOCK_E_TLS"));
        check_int(g.heard, 1);
        sock_free(s);
        pthread_join(thread, NULL);
    }
    sock_free(h.listener);
}

/* The system has connected it; the one timeout is over in the greeting. */
TEST(ops, the_greeting_has_the_time_of_connect)
{
    sock_addr_t address;
    struct greeter g;
    sock_t *server = listener(&address), *s = greeting(&g);
    check_ok(sock_settimeout(s, 0.05));
    double begin = now();
    check_fails(sock_connect(s, address), SOCK_E_TIMEOUT, 0,
                about("connect", &address, "timed out"));
    check(now() - begin >= 0.05);
    check_int(g.said, 2);
    sock_free(s);
    sock_free(server);
}

/* It is owed, until a call that may begin it. */
TEST(ops, no_greeting_where_connect_may_not_wait)
{
    sock_addr_t address;
    struct greeter g;
    sock_t *server = listener(&address), *s = greeting(&g);
    check_ok(sock_setblocking(s, 0));
    int status = sock_connect_ex(s, address);
    check(status == 0 || status == EINPROGRESS);
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 5), SOCK_EVENT_WRITE);
    check_int(g.said, 0);
    sock_free(s);
    sock_free(server);
}

TEST(ops, listeners_give_what_they_have)
{
    sock_addr_t address;
    struct greeter g = {.said = 0};
    sock_t *server = listener(&address), *conn;
    sock__set_ops(server, &greeter_ops, &g);
    sock_t *s = check_made(sock_create_connection(
        "127.0.0.1", sock_addr_port(&address), 5, sock_addr_none()));
    conn = check_made(sock_accept(server, NULL));
    check(sock__has_ops(conn, &greeter_ops));
    check(sock__ops_data(conn) == &g);
    sock_free(conn);
    sock_free(s);
    s = check_made(sock_create_connection("127.0.0.1", sock_addr_port(&address),
                                          5, sock_addr_none()));
    g.heard = 1;
    check_null(sock_accept(server, NULL), SOCK_E_MEMORY, 0,
               "accepted: [Errno 12] Cannot allocate memory");
    char c; /* it was closed */
    check_int(sock_recv(s, &c, 1, 0), 0);
    sock_free(s);
    sock_free(server);
}

static struct pair greeting_pair(struct greeter *g)
{
    struct pair p = tcp_pair();
    *g = (struct greeter){.said = 0};
    sock__set_ops(p.a, &greeter_ops, g);
    return p;
}

static void check_rest(sock_t *s, const char *expected)
{
    char rest[8] = "";
    size_t n = 0;
    for (ssize_t got = 1; got > 0; n += (size_t)got)
        got = (ssize_t)check_ok(sock_recv(s, rest + n, sizeof rest - 1 - n, 0));
    check_str(rest, expected);
}

TEST(ops, close_says_goodbye_once)
{
    struct greeter g;
    for (int i = 0; i < 2; i++) {
        struct pair p = greeting_pair(&g);
        sock__fail("before", SOCK_E_OS, EPIPE, 0);
        errno = 1234;
        if (i == 0) {
            check_ok(sock_close(p.a));
            check_ok(sock_close(p.a));
        }
        sock_freep(&p.a);
        check_int(errno, 1234);
        check_str(error_text(), "before: [Errno 32] Broken pipe");
        check_int(g.goodbyes, 1);
        check_int(g.released, 1);
        check_rest(p.b, "BYE");
        free_pair(&p);
    }
}

/* Who takes the descriptor goes on with it. */
TEST(ops, detach_says_nothing)
{
    struct greeter g;
    struct pair p = greeting_pair(&g);
    int fd = sock_detach(p.a);
    check_ok(fd);
    sock_freep(&p.a);
    check_int(g.goodbyes, 0);
    check_int(g.released, 1);
    close(fd);
    check_rest(p.b, "");
    free_pair(&p);
}

struct waiter {
    sock_t *sock;
    atomic_long tid;
};

static void *wait_for_bytes(void *arg)
{
    struct waiter *w = arg;
    char c;
    atomic_store(&w->tid, thread_id());
    check_fails(sock_recv(w->sock, &c, 1, 0), SOCK_E_OS, EBADF,
                "recv: [Errno 9] Bad file descriptor");
    return NULL;
}

/* Before the socket is shut down, which ends what another thread waits for. */
TEST(ops, close_says_goodbye_before_it_wakes)
{
    struct greeter g;
    struct pair p = greeting_pair(&g);
    struct waiter w = {.sock = p.a};
    pthread_t thread;
    check_int(pthread_create(&thread, NULL, wait_for_bytes, &w), 0);
    while (atomic_load(&w.tid) == 0)
        sched_yield();
    wait_until_blocked(atomic_load(&w.tid));
    check_ok(sock_close(p.a));
    pthread_join(thread, NULL);
    check_rest(p.b, "BYE");
    free_pair(&p);
}

TEST(ops, shutdown_says_goodbye)
{
    struct greeter g;
    struct pair p = greeting_pair(&g);
    check(!sock__was_shut(p.a, SHUT_WR) && !sock__was_shut(p.a, SHUT_RD));
    check_fails(sock_shutdown(p.a, 99), SOCK_E_OS, EINVAL,
                "shutdown: [Errno 22] Invalid argument");
    check(!sock__was_shut(p.a, SHUT_WR) && !sock__was_shut(p.a, SHUT_RD));
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check(sock__was_shut(p.a, SHUT_WR) && !sock__was_shut(p.a, SHUT_RD));
    check_rest(p.b, "END");
    check_ok(sock_shutdown(p.a, SHUT_RD));
    check(sock__was_shut(p.a, SHUT_RD));
    check_ok(sock_close(p.a));
    check_fails(sock_shutdown(p.a, SHUT_WR), SOCK_E_OS, EBADF,
                "shutdown: [Errno 9] Bad file descriptor");
    free_pair(&p);
}

TEST(ops, only_one_direction_has_a_goodbye)
{
    struct greeter g;
    struct pair p = greeting_pair(&g);
    check_ok(sock_shutdown(p.a, SHUT_RDWR));
    check_rest(p.b, "");
    check(sock__was_shut(p.a, SHUT_RD) && sock__was_shut(p.a, SHUT_WR));
    free_pair(&p);
    p = tcp_pair();
    check(!sock__was_shut(p.a, SHUT_RD));
    check_ok(sock_close(p.a));
    check(sock__was_shut(p.a, SHUT_RD));
    free_pair(&p);
}

/* Within the timeout, where there is no room for it. */
TEST(ops, a_goodbye_waits_for_room)
{
    struct greeter g;
    struct pair p = greeting_pair(&g);
    while (send(sock_fileno(p.a), &g, sizeof g, MSG_DONTWAIT) > 0)
        ;
    check_ok(sock_settimeout(p.a, 0.02));
    check_fails(sock_shutdown(p.a, SHUT_WR), SOCK_E_TIMEOUT, 0,
                "shutdown <peer>: timed out");
    check(!sock__was_shut(p.a, SHUT_WR));
    free_pair(&p);
}

/* A protocol that keeps what it is given, and hands it over when it is asked.
 */
struct hoarder {
    char kept[64];
    size_t count;
    int delays, flushes; /* flushes that fail with EAGAIN before one succeeds */
};

static ssize_t hoard(sock_t *s, int fd, const void *buf, size_t size, int flags,
                     short *events)
{
    struct hoarder *h = sock__ops_data(s);
    size_t n = size < sizeof h->kept ? size : sizeof h->kept;
    (void)fd, (void)flags;
    *events = POLLOUT;
    if (h->count > 0) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(h->kept, buf, n);
    h->count = n;
    return (ssize_t)n;
}

static ssize_t hand_over(sock_t *s, int fd, short *events)
{
    struct hoarder *h = sock__ops_data(s);
    h->flushes++;
    *events = POLLOUT;
    if (h->delays > 0) {
        h->delays--;
        errno = EAGAIN;
        return -1;
    }
    ssize_t n = send(fd, h->kept, h->count, MSG_DONTWAIT | MSG_NOSIGNAL);
    h->count = 0;
    return n;
}

static const struct sock__ops hoarder_ops = {.send = hoard, .flush = hand_over};

static struct pair hoarding(struct hoarder *h)
{
    struct pair p = tcp_pair();
    *h = (struct hoarder){.count = 0};
    sock__set_ops(p.a, &hoarder_ops, h);
    return p;
}

/* After a success the system has it, as after send(2). */
TEST(ops, what_is_kept_is_handed_over)
{
    struct hoarder h;
    struct pair p = hoarding(&h);
    char got[6];
    h.delays = 2;
    errno = 1234;
    check_int(sock_send(p.a, "ab", 2, 0), 2);
    check_int(errno, 1234);
    check_int(h.flushes, 3);
    check_int(sock_sendto(p.a, "cd", 2, 0, sock_addr_none()), 2);
    check_ok(sock_sendall(p.a, "ef", 2, 0));
    check_int(h.count, 0);
    check_int(sock_recv_all(p.b, got, 6), 6);
    check_bytes(got, "abcdef", 6);
    free_pair(&p);
}

TEST(ops, what_is_kept_of_a_file_is_handed_over)
{
    struct hoarder h;
    struct pair p = hoarding(&h);
    char path[] = "/tmp/pysockc-XXXXXX", got[26];
    int fd = mkstemp(path);
    check(fd >= 0);
    unlink(path);
    check_int(write(fd, "abcdefghijklmnopqrstuvwxyz", 26), 26);
    check_int(sock_sendfile(p.a, fd, 0, SOCK_SENDFILE_TO_END), 26);
    check_int(sock_recv_all(p.b, got, 26), 26);
    check_int(sock_sendfile(p.a, fd, 20, 6), 6);
    check_int(sock_recv_all(p.b, got, 6), 6);
    check_bytes(got, "uvwxyz", 6);
    close(fd);
    free_pair(&p);
}

/* A send has taken it all the same; sendall answers for all of it. */
TEST(ops, what_is_kept_for_too_long)
{
    struct hoarder h;
    struct pair p = hoarding(&h);
    check_ok(sock_settimeout(p.a, 0.02));
    h.delays = INT_MAX;
    double begin = now();
    errno = 1234;
    check_int(sock_send(p.a, "ab", 2, 0), 2);
    check(now() - begin >= 0.02);
    check_int(errno, 1234);
    h.count = 0;
    check_fails(sock_sendall(p.a, "cd", 2, 0), SOCK_E_TIMEOUT, 0,
                "sendall <peer>: timed out");
    check_int(sock_last_error()->done, 2);
    free_pair(&p);
}

TEST(ops, what_is_kept_where_no_one_may_wait)
{
    struct hoarder h;
    struct pair p = hoarding(&h);
    check_ok(sock_setblocking(p.a, 0));
    check_int(sock_send(p.a, "ab", 2, 0), 2);
    check_int(h.flushes, 0);
    check_fails(sock_send(p.a, "cd", 2, 0), SOCK_E_OS, EAGAIN,
                "send: [Errno 11] Resource temporarily unavailable");
    free_pair(&p);
}

/* An object in the place of another */

static int never_stop(void *arg)
{
    (void)arg;
    return 0;
}

TEST(ops, move_takes_all_there_is)
{
    struct pair p = tcp_pair();
    sock_cancel_t *token = check_made(sock_cancel_new());
    int fd = sock_fileno(p.a);
    char c;
    check_ok(sock_settimeout(p.a, 1.5));
    check_ok(sock_set_deadline(p.a, 30));
    check_ok(sock_set_cancel(p.a, token));
    sock_set_interrupt(p.a, never_stop, token);
    sock_t *s = check_made(sock__move(p.a, "wrap"));
    check_int(sock_fileno(s), fd);
    check_int(sock_fileno(p.a), -1);
    check(sock_gettimeout(s) == 1.5);
    check(sock_get_deadline(s) > 0 && sock_get_deadline(s) <= 30);
    check(sock_set_interrupt(s, NULL, NULL).check == never_stop);
    check(is_nonblocking(fd));
    check_ok(sock_cancel_fire(token));
    check_fails(sock_recv(s, &c, 1, 0), SOCK_E_CANCELLED, 0,
                "recv <peer>: cancelled");
    check_fails(sock_send(p.a, "x", 1, 0), SOCK_E_OS, EBADF,
                "send: [Errno 9] Bad file descriptor");
    sock_free(s);
    sock_cancel_free(token);
    free_pair(&p);
}

/* Whoever else may have the description is known of. */
TEST(ops, move_knows_what_is_shared)
{
    struct pair p = tcp_pair();
    sock_t *mine = check_made(sock__move(p.a, "wrap"));
    check(!sock__shared(mine));
    sock_t *copy = check_made(sock_dup(mine));
    sock_t *ours = check_made(sock__move(mine, "wrap"));
    check(sock__shared(ours));
    check_ok(sock_shutdown(ours, SHUT_RD));
    sock_t *last = check_made(sock__move(ours, "wrap"));
    check(sock__was_shut(last, SHUT_RD) && !sock__was_shut(last, SHUT_WR));
    sock_free(last);
    sock_free(ours);
    sock_free(mine);
    sock_free(copy);
    free_pair(&p);
}

TEST(ops, move_tells_the_selector)
{
    struct pair p = tcp_pair();
    sock_selector_t *sel = check_made(sock_selector_new(SOCK_SELECTOR_DEFAULT));
    check_ok(sock_selector_register(sel, p.a, SOCK_EVENT_READ, NULL));
    sock_t *s = check_made(sock__move(p.a, "wrap"));
    check_ok(sock_sendall(p.b, "x", 1, 0));
    check_int(sock_selector_select(sel, 0), 0);
    check_ok(sock_selector_register(sel, s, SOCK_EVENT_READ, NULL));
    check_int(sock_selector_select(sel, 5), 1);
    sock_free(s);
    sock_selector_free(sel);
    free_pair(&p);
}

TEST(ops, move_of_nothing)
{
    sock_t *closed = closed_socket(SOCK_STREAM);
    check_null(sock__move(NULL, "wrap"), SOCK_E_TYPE, 0,
               "wrap: socket is NULL");
    check_null(sock__move(closed, "wrap"), SOCK_E_OS, EBADF,
               "wrap: [Errno 9] Bad file descriptor");
    sock_free(closed);
}

/* Calls of its own */

static ssize_t try_greeting(sock_t *s, int fd, void *arg, short *events)
{
    check(arg == sock__ops_data(s));
    return greet(s, fd, events);
}

TEST(ops, calls_of_their_own)
{
    struct greeter g;
    struct pair p = greeting_pair(&g);
    check_ok(sock_sendall(p.b, "HI", 2, 0));
    errno = 1234;
    check_int(sock__make_call(p.a, "greet", try_greeting, &g, NULL), 0);
    check_int(errno, 1234);
    check_int(g.heard, 2);
    g.heard = 0;
    check_ok(sock_settimeout(p.a, 0.02));
    check_fails(sock__make_call(p.a, "greet", try_greeting, &g, NULL),
                SOCK_E_TIMEOUT, 0, "greet <peer>: timed out");
    check_ok(sock_sendall(p.b, "X", 1, 0));
    check_ok(sock_settimeout(p.a, 5));
    check_fails(sock__make_call(p.a, "greet", try_greeting, &g, NULL),
                SOCK_E_TLS, 7, "greet <peer>: SOCK_E_TLS");
    check_ok(sock_close(p.a));
    check_fails(sock__make_call(p.a, "greet", try_greeting, &g, NULL),
                SOCK_E_OS, EBADF, "greet: [Errno 9] Bad file descriptor");
    check_fails(sock__make_call(NULL, "greet", try_greeting, &g, NULL),
                SOCK_E_TYPE, 0, "greet: socket is NULL");
    free_pair(&p);
}

/* Two calls that have one time. */
TEST(ops, calls_of_their_own_in_a_given_time)
{
    struct greeter g;
    struct pair p = greeting_pair(&g);
    struct sock__timer timer = {.timeout = 50000000};
    check_ok(sock_sendall(p.b, "HI", 2, 0));
    check_int(sock__make_call(p.a, "greet", try_greeting, &g, &timer), 0);
    g.heard = 0;
    double begin = now();
    check_fails(sock__make_call(p.a, "greet", try_greeting, &g, &timer),
                SOCK_E_TIMEOUT, 0, "greet <peer>: timed out");
    check(now() - begin >= 0.05);
    begin = now();
    check_fails(sock__make_call(p.a, "greet", try_greeting, &g, &timer),
                SOCK_E_TIMEOUT, 0, "greet <peer>: timed out");
    check(now() - begin < 5);
    free_pair(&p);
}
