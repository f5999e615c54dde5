/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "private.h"

#define BUFS(...) ((struct iovec[]){__VA_ARGS__})
#define TEXT(s)                                                                \
    ((struct iovec){.iov_base = (char *)(uintptr_t)(s),                        \
                    .iov_len = sizeof s - 1})
#define ROOM(b) ((struct iovec){.iov_base = (b), .iov_len = sizeof(b)})

static const sock_addr_t no_one;

/* Closed while a message is on its way to the caller. */
static sock_t *to_close;

ssize_t __real_recvmsg(int fd, struct msghdr *header, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags);

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags)
{
    ssize_t n = __real_recvmsg(fd, header, flags);
    if (to_close != NULL)
        sock_close(to_close);
    return n;
}

static int inode_equal(int a, int b)
{
    struct stat x, y;
    check_int(fstat(a, &x), 0);
    check_int(fstat(b, &y), 0);
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

static void open_fds(int *fds, int n)
{
    for (int i = 0; i < n; i++)
        check_ok(fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC));
}

static void close_fds(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_int(close(fds[i]), 0);
}

/* Scatter and gather */

static void check_scattered(struct pair p)
{
    char one[3], two[4], rest[8];
    struct iovec out[] = {TEXT("ab"), {.iov_base = NULL}, TEXT("cdefg")};
    struct iovec in[] = {ROOM(one), ROOM(two), ROOM(rest)};
    int flags = -1;

    memset(rest, '.', sizeof rest);
    check_int(sock_sendmsg(p.a, out, 3, NULL, 0, no_one), 7);
    check_int(sock_recvmsg(p.b, in, 3, NULL, 0, &flags, NULL), 7);
    check_bytes(one, "abc", 3);
    check_bytes(two, "defg", 4);
    check_bytes(rest, "........", 8);
    check_int(flags, 0);
    free_pair(&p);
}

TEST(message, scatter_and_gather)
{
    check_scattered(tcp_pair());
    check_scattered(udp_pair());
    check_scattered(unix_pair(SOCK_STREAM));
    check_scattered(unix_pair(SOCK_DGRAM));
}

static const char no_receive[] = "the emulator receives nothing into nothing";

TEST(message, no_buffers)
{
    if (emulated())
        skip("%s", no_receive);
    struct pair p = udp_pair();
    int flags = 0;
    check_int(sock_sendmsg(p.a, NULL, 0, NULL, 0, no_one), 0);
    check_int(sock_sendmsg(p.a, BUFS(TEXT("abc")), 1, NULL, 0, no_one), 3);
    check_int(sock_recvmsg(p.b, NULL, 0, NULL, 0, &flags, NULL), 0);
    check_int(flags, 0);
    check_int(sock_recvmsg(p.b, NULL, 0, NULL, 0, &flags, NULL), 0);
    check_int(flags, MSG_TRUNC); /* python3: recvmsg(0) gives it, too */
    free_pair(&p);
}

TEST(message, addresses)
{
    struct pair p = udp_pair();
    sock_t *third = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    sock_addr_t a, b, at, from;
    char buf[8];

    check_ok(sock_bind(third, sock_addr_inet("127.0.0.1", 0)));
    check_ok(sock_getsockname(third, &at));
    check_ok(sock_getsockname(p.a, &a));
    check_ok(sock_getsockname(p.b, &b));
    check_int(sock_sendmsg(p.a, BUFS(TEXT("x")), 1, NULL, 0, at), 1);
    memset(&from, 0xff, sizeof from);
    check_int(sock_recvmsg(third, BUFS(ROOM(buf)), 1, NULL, 0, NULL, &from), 1);
    check_int(sock_addr_equal(&from, &a), 1);
    check_bytes(&from, &a, offsetof(sock_addr_t, u) + from.len);
    check_fails(sock_sendmsg(third, BUFS(TEXT("x")), 1, NULL, 0,
                             sock_addr_inet("127.0.0.1", 0)),
                SOCK_E_OS, EINVAL,
                "sendmsg ('127.0.0.1', 0): [Errno 22] Invalid argument");
    check_fails(sock_sendmsg(third, BUFS(TEXT("x")), 1, NULL, 0,
                             sock_addr_inet("127.0.0.1", 65536)),
                SOCK_E_OVERFLOW, 65536,
                "sendmsg ('127.0.0.1', 65536): port must be 0-65535.");
    check_fails(sock_sendmsg(third, BUFS(TEXT("x")), 1, NULL, 0, no_one),
                SOCK_E_OS, EDESTADDRREQ,
                "sendmsg: [Errno 89] Destination address required");
    sock_free(third);
    free_pair(&p);
}

TEST(message, a_stream_has_no_sender)
{
    struct pair p = tcp_pair();
    sock_addr_t from = sock_addr_inet("1.2.3.4", 5);
    char buf[4];
    check_int(sock_sendmsg(p.a, BUFS(TEXT("x")), 1, NULL, 0, no_one), 1);
    check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, NULL, 0, NULL, &from), 1);
    check_str(repr(&from), "None");
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, NULL, 0, NULL, &from), 0);
    free_pair(&p);
}

TEST(message, flags)
{
    struct pair p = udp_pair();
    char buf[4];
    int flags = -1;
    check_int(sock_sendmsg(p.a, BUFS(TEXT("123456")), 1, NULL, 0, no_one), 6);
    check_int(
        sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, NULL, MSG_PEEK, &flags, NULL), 4);
    check_int(flags, MSG_TRUNC);
    check_int(
        sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, NULL, MSG_TRUNC, &flags, NULL),
        6);
    check_int(flags, MSG_TRUNC);
    check_int(
        sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, NULL, MSG_DONTWAIT, &flags, NULL),
        -1);
    check_int(flags, MSG_TRUNC); /* untouched */
    free_pair(&p);
}

TEST(message, ends_of_records)
{
    struct pair p = unix_pair(SOCK_SEQPACKET);
    char buf[4];
    int flags = 0;
    check_int(sock_sendmsg(p.a, BUFS(TEXT("ab")), 1, NULL, MSG_EOR, no_one), 2);
    check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, NULL, 0, &flags, NULL), 2);
    check_int(flags & MSG_TRUNC, 0);
    free_pair(&p);
}

/* Refusals */

static void check_refusals(sock_t *s, int kind, int code, const char *reason)
{
    char text[128], buf[4];
    size_t n;
    int fd;
    snprintf(text, sizeof text, "sendmsg: %s", reason);
    check_fails(sock_sendmsg(s, BUFS(TEXT("x")), 1, NULL, 0, no_one), kind,
                code, text);
    snprintf(text, sizeof text, "recvmsg: %s", reason);
    check_fails(sock_recvmsg(s, BUFS(ROOM(buf)), 1, NULL, 0, NULL, NULL), kind,
                code, text);
    snprintf(text, sizeof text, "send_fds: %s", reason);
    check_fails(sock_send_fds(s, BUFS(TEXT("x")), 1, NULL, 0, 0, no_one), kind,
                code, text);
    snprintf(text, sizeof text, "recv_fds: %s", reason);
    check_fails(sock_recv_fds(s, buf, 4, &fd, 1, &n, 0, NULL, NULL), kind, code,
                text);
}

TEST(message, refused_objects)
{
    sock_t *closed = closed_socket(SOCK_DGRAM);
    sock_cred_t cred;
    size_t n;
    check_refusals(NULL, SOCK_E_TYPE, 0, "socket is NULL");
    check_refusals(closed, SOCK_E_OS, EBADF, "[Errno 9] Bad file descriptor");
    check_fails(sock_peercred(NULL, &cred), SOCK_E_TYPE, 0,
                "peercred: socket is NULL");
    check_fails(sock_peercred(closed, &cred), SOCK_E_OS, EBADF,
                "peercred: [Errno 9] Bad file descriptor");
    check_fails(sock_send_fds(closed, NULL, 0, NULL, 1, 0, no_one), SOCK_E_OS,
                EBADF, "send_fds: [Errno 9] Bad file descriptor");
    check_fails(sock_recv_fds(closed, NULL, 0, NULL, 1, &n, 0, NULL, NULL),
                SOCK_E_OS, EBADF, "recv_fds: [Errno 9] Bad file descriptor");
    sock_free(closed);
}

static ssize_t never(sock_t *s, int fd, void *buf, size_t size, int flags,
                     short *events)
{
    (void)s, (void)fd, (void)buf, (void)size, (void)flags, (void)events;
    return 1;
}

static ssize_t never_send(sock_t *s, int fd, const void *buf, size_t size,
                          int flags, short *events)
{
    (void)s, (void)fd, (void)buf, (void)size, (void)flags, (void)events;
    return 1;
}

static void released(sock_t *s)
{
    (void)s;
}

/* What goes past a protocol on top would reach the peer in the clear. */
TEST(message, protocols_on_top_cannot_be_passed_by)
{
    static const struct sock__ops ops = {
        .recv = never, .send = never_send, .release = released};
    struct pair p = unix_pair(SOCK_STREAM);
    sock__set_ops(p.a, &ops, NULL);
    check_refusals(p.a, SOCK_E_VALUE, 0, "messages are not allowed here");
    free_pair(&p);
}

TEST(message, bad_buffers)
{
    struct pair p = unix_pair(SOCK_STREAM);
    struct iovec null = {.iov_base = NULL, .iov_len = 1};
    struct iovec halves[2];
    char c;
    for (int i = 0; i < 2; i++)
        halves[i] = (struct iovec){.iov_base = &c, .iov_len = SSIZE_MAX};

    check_fails(sock_sendmsg(p.a, NULL, 1, NULL, 0, no_one), SOCK_E_TYPE, 0,
                "sendmsg: buffer is NULL");
    check_fails(sock_recvmsg(p.a, NULL, 1, NULL, 0, NULL, NULL), SOCK_E_TYPE, 0,
                "recvmsg: buffer is NULL");
    check_fails(sock_sendmsg(p.a, &null, 1, NULL, 0, no_one), SOCK_E_TYPE, 0,
                "sendmsg: buffer is NULL");
    check_fails(sock_recvmsg(p.a, &null, 1, NULL, 0, NULL, NULL), SOCK_E_TYPE,
                0, "recvmsg: buffer is NULL");
    check_fails(sock_sendmsg(p.a, halves, 2, NULL, 0, no_one), SOCK_E_VALUE, 0,
                "sendmsg: size is too large");
    check_fails(sock_recvmsg(p.a, halves, 2, NULL, 0, NULL, NULL), SOCK_E_VALUE,
                0, "recvmsg: size is too large");
    halves[0].iov_len = SIZE_MAX;
    check_fails(sock_sendmsg(p.a, halves, 1, NULL, 0, no_one), SOCK_E_VALUE, 0,
                "sendmsg: size is too large");
    free_pair(&p);
}

TEST(message, too_many_buffers)
{
    struct pair p = unix_pair(SOCK_STREAM);
    struct iovec *bufs = malloc(1025 * sizeof *bufs);
    char in[1025];
    for (int i = 0; i < 1025; i++)
        bufs[i] = (struct iovec){.iov_base = &in[i], .iov_len = 1};
    check_fails(sock_sendmsg(p.a, bufs, 1025, NULL, 0, no_one), SOCK_E_OS,
                EMSGSIZE, "sendmsg: [Errno 90] Message too long");
    check_fails(sock_recvmsg(p.a, bufs, 1025, NULL, 0, NULL, NULL), SOCK_E_OS,
                EMSGSIZE, "recvmsg: [Errno 90] Message too long");
    memset(in, 'x', sizeof in);
    check_int(sock_sendmsg(p.a, bufs, 1024, NULL, 0, no_one), 1024);
    check_int(sock_recvmsg(p.b, bufs, 1024, NULL, 0, NULL, NULL), 1024);
    free(bufs);
    free_pair(&p);
}

TEST(message, bad_control)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_control_t c = {NULL, 8, 0};
    char room[8], buf[4];
    int fd = 7;
    size_t n = 7;

    check_fails(sock_recvmsg(p.a, BUFS(ROOM(buf)), 1, &c, 0, NULL, NULL),
                SOCK_E_TYPE, 0, "recvmsg: buffer is NULL");
    c.used = 8;
    check_fails(sock_sendmsg(p.a, BUFS(TEXT("x")), 1, &c, 0, no_one),
                SOCK_E_TYPE, 0, "sendmsg: buffer is NULL");
    c = (sock_control_t){room, sizeof room, sizeof room + 1};
    check_fails(sock_sendmsg(p.a, BUFS(TEXT("x")), 1, &c, 0, no_one),
                SOCK_E_VALUE, 0, "sendmsg: size is too large");
    c = (sock_control_t){room, SIZE_MAX, (size_t)INT_MAX + 1};
    check_fails(sock_sendmsg(p.a, BUFS(TEXT("x")), 1, &c, 0, no_one), SOCK_E_OS,
                0, "sendmsg: too much ancillary data");
    check_fails(sock_recvmsg(p.a, BUFS(ROOM(buf)), 1, &c, 0, NULL, NULL),
                SOCK_E_VALUE, 0,
                "recvmsg: invalid ancillary data buffer length");
    check_int(c.used, 0); /* nothing to be closed twice */
    check_fails(sock_send_fds(p.a, BUFS(TEXT("x")), 1, NULL, 1, 0, no_one),
                SOCK_E_TYPE, 0, "send_fds: argument is NULL");
    check_fails(sock_recv_fds(p.a, buf, 4, NULL, 1, &n, 0, NULL, NULL),
                SOCK_E_TYPE, 0, "recv_fds: argument is NULL");
    check_int(n, 0);
    check_fails(sock_recv_fds(p.a, buf, 4, &fd, 1, NULL, 0, NULL, NULL),
                SOCK_E_TYPE, 0, "recv_fds: argument is NULL");
    check_fails(sock_recv_fds(p.a, NULL, 4, &fd, 1, &n, 0, NULL, NULL),
                SOCK_E_TYPE, 0, "recv_fds: buffer is NULL");
    check_fails(sock_peercred(p.a, NULL), SOCK_E_TYPE, 0,
                "peercred: argument is NULL");
    free_pair(&p);
}

/* Waiting */

TEST(message, timeouts)
{
    struct pair p = unix_pair(SOCK_DGRAM);
    char room[64], buf[4];
    sock_control_t c = sock_control_in(room, sizeof room);
    sock_addr_t from = sock_addr_inet("1.2.3.4", 5);
    int flags = 77, fd;
    size_t n = 7;

    c.used = 64;
    check_ok(sock_settimeout(p.a, 0.02));
    check_fails(sock_recvmsg(p.a, BUFS(ROOM(buf)), 1, &c, 0, &flags, &from),
                SOCK_E_TIMEOUT, 0, "recvmsg: timed out");
    check_int(c.used, 0);
    check_int(flags, 77);
    check_str(repr(&from), "('1.2.3.4', 5)");
    check_fails(sock_recv_fds(p.a, buf, 4, &fd, 1, &n, 0, NULL, NULL),
                SOCK_E_TIMEOUT, 0, "recv_fds: timed out");
    check_int(n, 0);
    check_ok(sock_setblocking(p.a, 0));
    check_fails(sock_recvmsg(p.a, BUFS(ROOM(buf)), 1, NULL, 0, NULL, NULL),
                SOCK_E_OS, EAGAIN,
                "recvmsg: [Errno 11] Resource temporarily unavailable");
    while (sock_sendmsg(p.a, BUFS(TEXT("x")), 1, NULL, 0, no_one) == 1)
        continue;
    check_str(error_text(),
              "sendmsg: [Errno 11] Resource temporarily unavailable");
    check_ok(sock_settimeout(p.a, 0.02));
    check_fails(sock_sendmsg(p.a, BUFS(TEXT("x")), 1, NULL, 0, no_one),
                SOCK_E_TIMEOUT, 0, "sendmsg: timed out");
    check_ok(sock_settimeout(p.a, SOCK_NO_TIMEOUT));
    check_fails(
        sock_sendmsg(p.a, BUFS(TEXT("x")), 1, NULL, MSG_DONTWAIT, no_one),
        SOCK_E_OS, EAGAIN,
        "sendmsg: [Errno 11] Resource temporarily unavailable");
    free_pair(&p);
}

struct receiver {
    sock_t *s;
    _Atomic long tid;
    ssize_t n;
    int code;
};

static void *receive(void *arg)
{
    struct receiver *r = arg;
    char buf[4];
    r->tid = thread_id();
    r->n = sock_recvmsg(r->s, BUFS(ROOM(buf)), 1, NULL, 0, NULL, NULL);
    r->code = r->n < 0 ? sock_last_error()->code : 0;
    return NULL;
}

static void check_ended(double timeout, bool closing, ssize_t n, int code)
{
    struct pair p = unix_pair(SOCK_DGRAM);
    struct receiver r = {.s = p.a};
    pthread_t thread;
    check_ok(sock_settimeout(p.a, timeout));
    check_int(pthread_create(&thread, NULL, receive, &r), 0);
    while (r.tid == 0)
        poll(NULL, 0, 1);
    check(wait_until_blocked(r.tid));
    check_ok(closing ? sock_close(p.a) : sock_shutdown(p.a, SHUT_RDWR));
    pthread_join(thread, NULL);
    check_int(r.n, n);
    check_int(r.code, code);
    free_pair(&p);
}

TEST(message, a_shutdown_or_a_close_ends_a_call)
{
    check_ended(SOCK_NO_TIMEOUT, false, 0, 0);
    check_ended(10, false, 0, 0);
    check_ended(SOCK_NO_TIMEOUT, true, -1, EBADF);
    check_ended(10, true, -1, EBADF);
}

TEST(message, a_closed_peer_raises_no_signal)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_freep(&p.b);
    check_fails(sock_sendmsg(p.a, BUFS(TEXT("x")), 1, NULL, 0, no_one),
                SOCK_E_OS, EPIPE, "sendmsg: [Errno 32] Broken pipe");
    check_fails(
        sock_send_fds(p.a, BUFS(TEXT("x")), 1, (int[]){0}, 1, 0, no_one),
        SOCK_E_OS, EPIPE, "send_fds: [Errno 32] Broken pipe");
    free_pair(&p);
}

/* Items */

TEST(message, len_and_space)
{
    enum { ROWS = 8 };
    struct row {
        size_t size;
        long long len, space;
    };
    /* the numbers are python3's */
    static const struct row on_64_bits[ROWS] = {
        {0, 16, 16},
        {1, 17, 24},
        {4, 20, 24},
        {8, 24, 24},
        {9, 25, 32},
        {2147483623, 2147483639, 2147483640},
        {2147483624, 2147483640, -1},
        {2147483631, 2147483647, -1}};
    /* and these follow from there, where a head has 12 bytes */
    static const struct row on_32_bits[ROWS] = {
        {0, 12, 12},
        {1, 13, 16},
        {4, 16, 16},
        {8, 20, 20},
        {9, 21, 24},
        {2147483631, 2147483643, 2147483644},
        {2147483632, 2147483644, -1},
        {2147483635, 2147483647, -1}};
    const struct row *rows = sizeof(size_t) == 8 ? on_64_bits : on_32_bits;

    for (size_t i = 0; i < ROWS; i++) {
        check_int(sock_cmsg_len(rows[i].size), rows[i].len);
        check_int(sock_cmsg_space(rows[i].size), rows[i].space);
    }
}

TEST(message, len_and_space_overflow)
{
    static const size_t sizes[] = {0x80000000u, SIZE_MAX, SIZE_MAX - 7,
                                   SIZE_MAX - 16,
                                   2147483648 - sizeof(struct cmsghdr)};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        check_fails(sock_cmsg_len(sizes[i]), SOCK_E_OVERFLOW, 0,
                    "cmsg_len: CMSG_LEN() argument out of range");
        check_fails(sock_cmsg_space(sizes[i]), SOCK_E_OVERFLOW, 0,
                    "cmsg_space: CMSG_SPACE() argument out of range");
    }
}

TEST(message, what_is_added_is_found)
{
    char room[101];
    sock_control_t c = sock_control_in(room + 1, 100); /* of no alignment */
    sock_cmsg_t item = SOCK_CMSG_FIRST;

    memset(room, 0x55, sizeof room);
    check_ok(sock_control_add(&c, 1, 2, "abc", 3));
    check_ok(sock_control_add(&c, 3, 4, NULL, 0));
    check_ok(sock_control_add(&c, 5, 6, "12345678", 8));
    check_int(c.used,
              sock_cmsg_space(3) + sock_cmsg_space(0) + sock_cmsg_space(8));
    check_int(sock_control_next(&c, &item), 1);
    check(item.level == 1 && item.type == 2 && item.size == 3);
    check_bytes(item.data, "abc\0\0\0\0\0", /* nothing old behind it */
                (size_t)(sock_cmsg_space(3) - sock_cmsg_len(0)));
    check_int(sock_control_next(&c, &item), 1);
    check(item.level == 3 && item.type == 4 && item.size == 0);
    check_int(sock_control_next(&c, &item), 1);
    check(item.level == 5 && item.type == 6 && item.size == 8);
    check_bytes(item.data, "12345678", 8);
    check_int(sock_control_next(&c, &item), 0);
    check_int(sock_control_next(&c, &item), 0);
    check_int(sock_control_next(NULL, &item), 0);
    check_int(sock_control_next(&c, NULL), 0);
    check_int(sock_cmsg_fds(NULL, NULL, 0), 0);
    check_int(sock_cmsg_cred(NULL, NULL), 0);
}

TEST(message, the_same_bytes_as_the_macros_make)
{
    union {
        char bytes[CMSG_SPACE(5) + CMSG_SPACE(4)];
        struct cmsghdr align;
    } theirs;
    char ours[sizeof theirs];
    struct msghdr m = {.msg_control = &theirs, .msg_controllen = sizeof theirs};
    sock_control_t c = sock_control_in(ours, sizeof ours);

    memset(&theirs, 0, sizeof theirs);
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    *h = (struct cmsghdr){
        .cmsg_len = (socklen_t)CMSG_LEN(5), .cmsg_level = 1, .cmsg_type = 2};
    memcpy(CMSG_DATA(h), "hello", 5);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion" /* in musl's macro */
    h = CMSG_NXTHDR(&m, h);
#pragma GCC diagnostic pop
    *h = (struct cmsghdr){
        .cmsg_len = (socklen_t)CMSG_LEN(4), .cmsg_level = 3, .cmsg_type = 4};
    memcpy(CMSG_DATA(h), "four", 4);
    check_ok(sock_control_add(&c, 1, 2, "hello", 5));
    check_ok(sock_control_add(&c, 3, 4, "four", 4));
    check_int(c.used, sizeof theirs);
    check_bytes(ours, &theirs, sizeof theirs);
}

TEST(message, no_room_for_an_item)
{
    for (size_t size = 0; size <= 24; size++) {
        char *room = malloc(size + 1); /* so that one byte too far is seen */
        sock_control_t c = sock_control_in(room, size);
        if (size >= (size_t)sock_cmsg_len(4)) {
            check_ok(sock_control_add(&c, 1, 2, "four", 4));
            check_int(c.used, size < (size_t)sock_cmsg_space(4)
                                  ? size
                                  : (size_t)sock_cmsg_space(4));
        } else {
            check_fails(sock_control_add(&c, 1, 2, "four", 4), SOCK_E_VALUE, 0,
                        "control_add: buffer is too small");
            check_int(c.used, 0);
        }
        free(room);
    }
}

TEST(message, refused_items)
{
    char room[64];
    sock_control_t c = sock_control_in(room, sizeof room);
    sock_control_t empty = sock_control_in(NULL, 0);
    sock_cred_t cred = {0, 0, 0};

    check_fails(sock_control_add(NULL, 1, 2, "", 0), SOCK_E_TYPE, 0,
                "control_add: argument is NULL");
    check_fails(sock_control_add(&empty, 1, 2, "", 0), SOCK_E_TYPE, 0,
                "control_add: argument is NULL");
    check_fails(sock_control_add(&c, 1, 2, NULL, 1), SOCK_E_TYPE, 0,
                "control_add: buffer is NULL");
    size_t too_large = 2147483648 - (size_t)sock_cmsg_space(1);
    check_fails(sock_control_add(&c, 1, 2, "", too_large), SOCK_E_OVERFLOW, 0,
                "control_add: ancillary data item too large");
    check_fails(sock_control_add(&c, 1, 2, "", SIZE_MAX), SOCK_E_OVERFLOW, 0,
                "control_add: ancillary data item too large");
    c.used = 2147483600;
    check_fails(sock_control_add(&c, 1, 2, "", 100), SOCK_E_OVERFLOW, 0,
                "control_add: too much ancillary data");
    c.used = 65;
    check_fails(sock_control_add(&c, 1, 2, "", 0), SOCK_E_VALUE, 0,
                "control_add: buffer is too small");
    check_fails(sock_control_add_cred(&c, NULL), SOCK_E_TYPE, 0,
                "control_add: argument is NULL");
    check_fails(sock_control_add_cred(NULL, &cred), SOCK_E_TYPE, 0,
                "control_add: argument is NULL");
}

/* Every byte of every item is read, so that a sanitizer sees one too far. */
static int walk(const void *bytes, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    sock_control_t c = {copy, size, size};
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    volatile char sink = 0;
    int n = 0;

    memcpy(copy, bytes, size);
    while (sock_control_next(&c, &item)) {
        const char *data = item.data;
        check(item.next <= size && item.size <= size);
        check(data >= copy && data + item.size <= copy + size);
        for (size_t i = 0; i < item.size; i++)
            sink = (char)(sink + data[i]);
        n++;
        check(n <= 64);
    }
    free(copy);
    return n;
}

TEST(message, malformed_lengths)
{
    static const size_t lengths[] = {0,
                                     1,
                                     15,
                                     16,
                                     17,
                                     24,
                                     25,
                                     31,
                                     32,
                                     33,
                                     39,
                                     40,
                                     41,
                                     47,
                                     48,
                                     49,
                                     1000,
                                     0x7fffffff,
                                     SIZE_MAX,
                                     SIZE_MAX - 7,
                                     SIZE_MAX - 16,
                                     SIZE_MAX / 2};
    char bytes[48];
    memset(bytes, 0, sizeof bytes);
    for (size_t size = 0; size <= sizeof bytes; size++)
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            struct cmsghdr head;
            memset(&head, 0, sizeof head);
            memcpy(&head.cmsg_len, &lengths[i], sizeof head.cmsg_len);
            memcpy(bytes, &head, sizeof head);
            int n = walk(bytes, size);
            bool whole = size >= sizeof head && lengths[i] >= sizeof head;
            check_int(n, whole ? 1 : 0); /* behind it all is zero */
        }
}

/* As in Python: what is there of the last item is handed over. */
TEST(message, an_item_that_was_cut)
{
    char room[24];
    struct cmsghdr head = {.cmsg_len = 100, .cmsg_level = 1, .cmsg_type = 2};
    sock_control_t c = {room, sizeof room, 20};
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    memcpy(room, &head, sizeof head);
    check_int(sock_control_next(&c, &item), 1);
    check_int(item.size, 20 - sizeof head);
    check_int(sock_control_next(&c, &item), 0);
    c.used = 1000; /* more than the buffer has */
    item = (sock_cmsg_t)SOCK_CMSG_FIRST;
    check_int(sock_control_next(&c, &item), 1);
    check_int(item.size, sizeof room - sizeof head);
    item.next = SIZE_MAX;
    check_int(sock_control_next(&c, &item), 0);
}

TEST(message, random_bytes)
{
    unsigned long long state = 88172645463325252u;
    for (int round = 0; round < 20000; round++) {
        unsigned char bytes[160];
        for (size_t i = 0; i < sizeof bytes; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            bytes[i] = (unsigned char)state;
        }
        size_t size = (size_t)(state % sizeof bytes);
        /* Half of them with lengths that may be. */
        for (size_t at = 0; round % 2 && at + 16 <= size; at += 16) {
            size_t len = bytes[at] % 64;
            memcpy(bytes + at, &len, sizeof len);
        }
        walk(bytes, size);
    }
}

/* Descriptors */

TEST(message, descriptors)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char room[SOCK_CONTROL_MAX], buf[4];
    sock_control_t c = sock_control_in(room + 1, sizeof room - 1);
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    int fds[2], got[2] = {-1, -1}, flags = -1;

    check_int(pipe2(fds, 0), 0); /* inheritable, to see the difference */
    check_ok(sock_control_add(&c, SOL_SOCKET, SCM_RIGHTS, fds, sizeof fds));
    check_int(sock_sendmsg(p.a, BUFS(TEXT("hi")), 1, &c, 0, no_one), 2);
    check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, &c, 0, &flags, NULL), 2);
    check_int(flags, 0);
    check_int(sock_control_next(&c, &item), 1);
    check(item.level == SOL_SOCKET && item.type == SCM_RIGHTS);
    check_int(sock_cmsg_fds(&item, got, 1), 2);
    check_int(got[1], -1);
    check_int(sock_cmsg_fds(&item, got, 2), 2);
    check_int(sock_control_next(&c, &item), 0);
    for (int i = 0; i < 2; i++) {
        check(inode_equal(got[i], fds[i]));
        check_int(fcntl(got[i], F_GETFD), FD_CLOEXEC);
    }
    errno = 1234;
    sock_control_close_fds(&c);
    sock_control_close_fds(&c);
    sock_control_close_fds(NULL);
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    check(!is_open(got[0]) && !is_open(got[1]));
    close_fds(fds, 2);
    free_pair(&p);
}

/* A caller who asked for it, sees it. */
TEST(message, close_on_exec_is_reported_to_those_who_ask)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char buf[1];
    int flags = -1;
    check_int(sock_sendmsg(p.a, BUFS(TEXT("ab")), 1, NULL, 0, no_one), 2);
    check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, NULL, 0, &flags, NULL), 1);
    check_int(flags, 0);
    check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, NULL, MSG_CMSG_CLOEXEC,
                           &flags, NULL),
              1);
    check_int(flags, MSG_CMSG_CLOEXEC);
    free_pair(&p);
}

/* Sends n descriptors and receives them with so much room; what comes? */
static void check_room(size_t size, int n, int datagram)
{
    struct pair p = unix_pair(datagram ? SOCK_DGRAM : SOCK_STREAM);
    int fds[4], got[4], flags = -1, before;
    char *room = malloc(size + 1), buf[4];
    sock_control_t c = sock_control_in(room, size);
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    const size_t head = sizeof(struct cmsghdr);
    size_t came = 0, fit = size < head ? 0 : (size - head) / sizeof(int);

    open_fds(fds, n);
    check_int(sock_send_fds(p.a, BUFS(TEXT("x")), 1, fds, (size_t)n, 0, no_one),
              1);
    before = open_descriptors();
    check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, &c, 0, &flags, NULL), 1);
    while (sock_control_next(&c, &item))
        came += sock_cmsg_fds(&item, got, 4);
    if (fit > (size_t)n)
        fit = (size_t)n;
    check_int(came, fit);
    check_int(open_descriptors() - before, fit);
    check_int(flags, fit < (size_t)n ? MSG_CTRUNC : 0);
    for (size_t i = 0; i < came; i++)
        check_int(fcntl(got[i], F_GETFD), FD_CLOEXEC);
    sock_control_close_fds(&c);
    check_int(open_descriptors(), before);
    close_fds(fds, (size_t)n);
    free(room);
    free_pair(&p);
}

TEST(message, truncated_descriptors_are_neither_lost_nor_leaked)
{
    if (emulated())
        skip("the emulator leaks descriptors that it has no room for");
    size_t most = (size_t)sock_cmsg_space(2 * sizeof(int)) + 1;
    for (size_t size = 0; size <= most; size++)
        for (int datagram = 0; datagram < 2; datagram++) {
            check_room(size, 2, datagram);
            check_room(size, 4, datagram);
        }
}

TEST(message, descriptors_without_control_are_closed)
{
    struct pair p = unix_pair(SOCK_STREAM);
    int fds[2], flags = 0, before;
    char buf[4];
    open_fds(fds, 2);
    before = open_descriptors();
    check_int(sock_send_fds(p.a, BUFS(TEXT("x")), 1, fds, 2, 0, no_one), 1);
    check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, NULL, 0, &flags, NULL), 1);
    check_int(flags, MSG_CTRUNC);
    check_int(open_descriptors(), before);
    close_fds(fds, 2);
    free_pair(&p);
}

/* An empty message on a closed object is no success. */
TEST(message, a_call_that_fails_closes_what_it_received)
{
    if (emulated())
        skip("%s", no_receive);
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (int closing = 0; closing < 2; closing++) {
        struct pair p = unix_pair(SOCK_DGRAM);
        char room[SOCK_CONTROL_MAX];
        sock_control_t c = sock_control_in(room, sizeof room);
        check_int(sock_send_fds(p.a, NULL, 0, &fd, 1, 0, no_one), 0);
        to_close = closing ? p.b : NULL;
        int before = open_descriptors();
        ssize_t n = sock_recvmsg(p.b, NULL, 0, &c, 0, NULL, NULL);
        to_close = NULL;
        check_int(n, closing ? -1 : 0);
        check_int(c.used > 0, !closing);
        check_int(open_descriptors() - before, closing ? -1 : 1);
        if (closing)
            check_str(error_text(), "recvmsg: [Errno 9] Bad file descriptor");
        sock_control_close_fds(&c);
        free_pair(&p);
    }
    close(fd);
}

TEST(message, send_fds_and_recv_fds)
{
    struct pair p = unix_pair(SOCK_DGRAM);
    int fds[3], got[4], flags = -1;
    char buf[8];
    size_t n;
    sock_addr_t from = sock_addr_inet("1.2.3.4", 5);

    open_fds(fds, 3);
    check_int(
        sock_send_fds(p.a, BUFS(TEXT("ab"), TEXT("cd")), 2, fds, 3, 0, no_one),
        4);
    check_int(sock_recv_fds(p.b, buf, 8, got, 4, &n, 0, &flags, &from), 4);
    check_bytes(buf, "abcd", 4);
    check_int(n, 3);
    check_int(flags, 0);
    check_str(repr(&from), "None");
    for (size_t i = 0; i < n; i++) {
        check(inode_equal(got[i], fds[i]));
        check_int(fcntl(got[i], F_GETFD), FD_CLOEXEC);
    }
    close_fds(got, n);

    check_int(sock_send_fds(p.a, BUFS(TEXT("e")), 1, NULL, 0, 0, no_one), 1);
    check_int(sock_recv_fds(p.b, buf, 8, got, 4, &n, 0, NULL, NULL), 1);
    check_int(n, 0);
    close_fds(fds, 3);
    free_pair(&p);
}

TEST(message, recv_fds_closes_what_there_is_no_room_for)
{
    struct pair p = unix_pair(SOCK_STREAM);
    int fds[4], got[4], flags, before;
    char buf[4];
    size_t n;
    open_fds(fds, 4);
    before = open_descriptors();
    for (size_t max = 0; max <= 4; max++) {
        check_int(sock_send_fds(p.a, BUFS(TEXT("x")), 1, fds, 4, 0, no_one), 1);
        check_int(sock_recv_fds(p.b, buf, 4, max > 0 ? got : NULL, max, &n, 0,
                                &flags, NULL),
                  1);
        check_int(n, max);
        check_int(flags, max < 4 ? MSG_CTRUNC : 0);
        check_int(open_descriptors() - before, max);
        close_fds(got, n);
    }
    close_fds(fds, 4);
    free_pair(&p);
}

TEST(message, as_many_descriptors_as_the_system_passes)
{
    struct pair p = unix_pair(SOCK_STREAM);
    int fds[254], got[300];
    char buf[4];
    /* musl copies the items, but no more than 1024 bytes */
    size_t most = on_glibc() || sizeof(size_t) == 4 ? 253 : 252, n;
    for (int i = 0; i < 254; i++)
        fds[i] = sock_fileno(p.a);
    if (most == 253)
        check_fails(sock_send_fds(p.a, BUFS(TEXT("x")), 1, fds, 254, 0, no_one),
                    SOCK_E_OS, EINVAL, "send_fds: [Errno 22] Invalid argument");
    else
        check_fails(sock_send_fds(p.a, BUFS(TEXT("x")), 1, fds, 253, 0, no_one),
                    SOCK_E_OS, ENOMEM, "send_fds: [Errno 12] Out of memory");
    check_int(sock_send_fds(p.a, BUFS(TEXT("x")), 1, fds, most, 0, no_one), 1);
    check_int(sock_recv_fds(p.b, buf, 4, got, 300, &n, 0, NULL, NULL), 1);
    check_int(n, most);
    close_fds(got, n);
    fds[1] = -1;
    check_fails(sock_send_fds(p.a, BUFS(TEXT("x")), 1, fds, 2, 0, no_one),
                SOCK_E_OS, EBADF, "send_fds: [Errno 9] Bad file descriptor");
    free_pair(&p);
}

/* Python 3.13 ignores both. */
TEST(message, send_fds_honours_flags_and_address)
{
    struct pair p = unix_pair(SOCK_DGRAM);
    sock_t *s = check_made(sock_new(AF_UNIX, SOCK_DGRAM, 0));
    sock_t *r = check_made(sock_new(AF_UNIX, SOCK_DGRAM, 0));
    sock_addr_t to, from;
    int fds[1] = {sock_fileno(r)}, got[1], flags;
    char buf[4];
    size_t n;

    check_ok(sock_bind(r, sock_addr_unix("")));
    check_ok(sock_bind(s, sock_addr_unix("")));
    check_ok(sock_getsockname(r, &to));
    check_int(sock_send_fds(s, BUFS(TEXT("x")), 1, fds, 1, 0, to), 1);
    check_int(sock_recv_fds(r, buf, 4, got, 1, &n, MSG_PEEK, &flags, &from), 1);
    check_int(n, 1);
    close_fds(got, n); /* a look gives descriptors of its own */
    check_ok(sock_getsockname(s, &to));
    check_int(sock_addr_equal(&from, &to), 1);
    check_int(sock_recv_fds(r, buf, 4, got, 1, &n, 0, &flags, &from), 1);
    close_fds(got, n);
    while (sock_send_fds(p.a, BUFS(TEXT("x")), 1, fds, 1, MSG_DONTWAIT,
                         no_one) == 1)
        continue;
    check_str(error_text(),
              "send_fds: [Errno 11] Resource temporarily unavailable");
    check_fails(sock_send_fds(s, BUFS(TEXT("x")), 1, fds, 1, 0,
                              sock_addr_unix("/nowhere/at/all")),
                SOCK_E_OS, ENOENT,
                "send_fds '/nowhere/at/all': [Errno 2] No such file or "
                "directory");
    sock_free(s);
    sock_free(r);
    free_pair(&p);
}

/* Credentials */

static void check_me(const sock_cred_t *cred)
{
    check_int(cred->pid, getpid());
    check_int(cred->uid, geteuid());
    check_int(cred->gid, getegid());
}

TEST(message, credentials)
{
    struct pair p = unix_pair(SOCK_DGRAM);
    char room[SOCK_CONTROL_MAX], buf[4];
    sock_control_t c = sock_control_in(room, sizeof room);
    sock_cred_t me = {getpid(), geteuid(), getegid()}, cred;
    sock_cmsg_t item;

    check_ok(sock_setsockopt_int(p.b, SOL_SOCKET, SO_PASSCRED, 1));
    check_ok(sock_control_add_cred(&c, &me));
    for (int i = 0; i < 2; i++) { /* said, and then taken by the system */
        check_int(
            sock_sendmsg(p.a, BUFS(TEXT("x")), 1, i ? NULL : &c, 0, no_one), 1);
        check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, &c, 0, NULL, NULL), 1);
        item = (sock_cmsg_t)SOCK_CMSG_FIRST;
        memset(&cred, 0xff, sizeof cred);
        check_int(sock_control_next(&c, &item), 1);
        check_int(sock_cmsg_cred(&item, &cred), 1);
        check_int(sock_cmsg_fds(&item, NULL, 0), 0);
        check_me(&cred);
        check_int(sock_control_next(&c, &item), 0);
    }
    item.size--;
    check_int(sock_cmsg_cred(&item, &cred), 0); /* cut */
    free_pair(&p);
}

TEST(message, credentials_of_other_items)
{
    sock_cred_t cred, data = {1, 2, 3};
    sock_cmsg_t item = {.level = SOL_SOCKET,
                        .type = SCM_CREDENTIALS,
                        .data = &data,
                        .size = sizeof data};
    check_int(sock_cmsg_cred(&item, &cred), 1);
    check_int(sock_cmsg_cred(&item, NULL), 0);
    check_int(sock_cmsg_cred(NULL, &cred), 0);
    item.level = IPPROTO_IP;
    check_int(sock_cmsg_cred(&item, &cred), 0);
    item.level = SOL_SOCKET;
    item.type = SCM_RIGHTS;
    check_int(sock_cmsg_cred(&item, &cred), 0);
}

TEST(message, credentials_leave_room_for_descriptors)
{
    struct pair p = unix_pair(SOCK_DGRAM);
    int fds[1] = {sock_fileno(p.a)}, got[1], flags;
    char buf[4];
    size_t n;
    check_ok(sock_setsockopt_int(p.b, SOL_SOCKET, SO_PASSCRED, 1));
    check_int(sock_send_fds(p.a, BUFS(TEXT("x")), 1, fds, 1, 0, no_one), 1);
    check_int(sock_recv_fds(p.b, buf, 4, got, 1, &n, 0, &flags, NULL), 1);
    check_int(n, 1);
    check_int(flags, 0);
    close_fds(got, n);
    free_pair(&p);
}

/* Descriptors, too, but no SCM_RIGHTS; where the system has them. */
TEST(message, descriptors_of_processes_are_closed)
{
    const int pass_pidfd = 76, scm_pidfd = 4;
    struct pair p = unix_pair(SOCK_DGRAM);
    char room[SOCK_CONTROL_MAX], buf[4];
    sock_control_t c = sock_control_in(room, sizeof room);
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    int got[1], before = open_descriptors();
    size_t n;

    int on = sock_setsockopt_int(p.b, SOL_SOCKET, pass_pidfd, 1) == 0;
    for (int i = 0; i < 2; i++)
        check_int(sock_sendmsg(p.a, BUFS(TEXT("x")), 1, NULL, 0, no_one), 1);
    check_int(sock_recv_fds(p.b, buf, 4, got, 1, &n, 0, NULL, NULL), 1);
    check_int(n, 0);
    check_int(open_descriptors(), before);
    check_int(sock_recvmsg(p.b, BUFS(ROOM(buf)), 1, &c, 0, NULL, NULL), 1);
    check_int(sock_control_next(&c, &item), on);
    check_int(on ? item.type : scm_pidfd, scm_pidfd);
    check_int(open_descriptors() - before, on);
    sock_control_close_fds(&c);
    check_int(open_descriptors(), before);
    free_pair(&p);
}

TEST(message, peercred)
{
    struct pair p = unix_pair(SOCK_STREAM), t = tcp_pair();
    sock_t *s = check_made(sock_new(AF_UNIX, SOCK_STREAM, 0));
    sock_cred_t cred = {0, 0, 0};
    check_ok(sock_peercred(p.a, &cred));
    check_me(&cred);
    check_fails(sock_peercred(s, &cred), SOCK_E_OS, ENOTCONN,
                "peercred: [Errno 107] Transport endpoint is not connected");
    check_fails(sock_peercred(t.a, &cred), SOCK_E_OS, ENOTCONN,
                "peercred: [Errno 107] Transport endpoint is not connected");
    check_me(&cred); /* untouched */
    sock_free(s);
    free_pair(&p);
    free_pair(&t);
}

/* A peer that no one here wrote */

static const char python[] =
    "import os, socket, sys\n"
    "s = socket.socket(fileno=int(sys.argv[1]))\n"
    "data, fds, flags, _ = socket.recv_fds(s, 100, 8)\n"
    "assert data == b'to python' and len(fds) == 2 and flags == 0, (data, "
    "fds)\n"
    "os.write(fds[1], b'written by python')\n"
    "r, w = os.pipe()\n"
    "os.write(w, b'from python')\n"
    "s.sendmsg([b'ba', b'ck'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,\n"
    "          __import__('array').array('i', [r, w, r]))])\n";

TEST(message, descriptors_to_and_from_python)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char program[] = "python3", option[] = "-c", script[sizeof python];
    char number[16], buf[32];
    char *argv[] = {program, option, script, number, NULL};
    int fds[2], got[8], status, flags = -1;
    pid_t child;
    size_t n;

    memcpy(script, python, sizeof python);
    snprintf(number, sizeof number, "%d", sock_fileno(p.b));
    check_ok(sock_set_inheritable(p.b, 1));
    check_int(
        posix_spawn(&child, "/usr/bin/python3", NULL, NULL, argv, environ), 0);
    sock_freep(&p.b);
    check_int(pipe2(fds, O_CLOEXEC), 0);
    check_int(sock_send_fds(p.a, BUFS(TEXT("to python")), 1, fds, 2, 0, no_one),
              9);
    check_int(read(fds[0], buf, sizeof buf), 17);
    check_bytes(buf, "written by python", 17);
    check_int(sock_recv_fds(p.a, buf, sizeof buf, got, 8, &n, 0, &flags, NULL),
              4);
    check_bytes(buf, "back", 4);
    check_int(n, 3);
    check_int(flags, 0);
    check_int(read(got[0], buf, sizeof buf), 11);
    check_bytes(buf, "from python", 11);
    check(inode_equal(got[0], got[2]));
    check_int(waitpid(child, &status, 0), child);
    check_int(status, 0);
    close_fds(got, n);
    close_fds(fds, 2);
    free_pair(&p);
}

/* What is no item of descriptors or credentials is none of its level either. */
TEST(message, items_of_other_levels)
{
    sock_cred_t cred;
    sock_fd_t fds[2];
    int number = 5;
    sock_cmsg_t item = {IPPROTO_IPV6, SCM_RIGHTS, &number, sizeof number, 0};
    check(sock_cmsg_fds(&item, fds, 2) <= 0);
    item.level = SOL_SOCKET;
    check_int(sock_cmsg_fds(&item, fds, 0), 1);
    item.size = 0;
    check_int(sock_cmsg_fds(&item, fds, 2), 0);
    sock_cmsg_t other = {IPPROTO_IPV6, 2, &number, sizeof number, 0};
    check(sock_cmsg_cred(&other, &cred) != 1);
    other.level = SOL_SOCKET;
    check(sock_cmsg_cred(&other, &cred) != 1); /* too short */
}

TEST(message, control_without_a_buffer)
{
    sock_control_t control = sock_control_in(NULL, 0);
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    struct pair p = unix_pair(SOCK_STREAM);
    char byte = 'x';
    struct iovec buf = {&byte, 1};

    check(sock_control_next(&control, &item) != 1);
    check_int(sock_sendmsg(p.a, &buf, 1, &control, 0, sock_addr_none()), 1);
    check_int(sock_recvmsg(p.b, &buf, 1, &control, 0, NULL, NULL), 1);
    free_pair(&p);
}
