/* SPDX-License-Identifier: MIT */
/* What a library on top of this one uses: operations under an object. */
#include "support.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "object.h"
#include "private.h"

/* A protocol that flips the case of every letter, and is slow at first. */
struct toy {
    int fd;
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

/* It is ready all the time, and no try ever succeeds. */
TEST(ops, honour_a_deadline)
{
    struct pair p = tcp_pair();
    struct toy t = {
        .fd = sock_fileno(p.a), .delays = INT_MAX, .events = POLLOUT};
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
    struct toy t = {.fd = sock_fileno(p.a), .delays = 1, .events = POLLOUT};
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
    struct toy t = {
        .fd = sock_fileno(p.a), .delays = INT_MAX, .events = POLLOUT};
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
    struct toy t = {.fd = sock_fileno(p.a)};
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

static ssize_t keeper_recv(sock_t *s, void *buf, size_t size, int flags,
                           short *events)
{
    struct keeper *k = sock__ops_data(s);
    (void)flags;
    if (k->count == 0) {
        ssize_t n = refill(k, s->fd, events);
        if (n <= 0)
            return n;
    }
    size_t n = size < (size_t)k->count ? size : (size_t)k->count;
    memcpy(buf, k->kept, n);
    k->count -= (int)n;
    memmove(k->kept, k->kept + n, sizeof k->kept - n);
    return (ssize_t)n;
}

static ssize_t keeper_send(sock_t *s, const void *buf, size_t size, int flags,
                           short *events)
{
    *events = POLLOUT;
    return send(s->fd, buf, size, flags | MSG_NOSIGNAL);
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
    struct toy t = {.fd = sock_fileno(p.a)};
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
