/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Links with --wrap, to count what is asked of the system. */

static atomic_int names_asked, receives;

int __real_getpeername(int fd, struct sockaddr *sa, socklen_t *len);
int __wrap_getpeername(int fd, struct sockaddr *sa, socklen_t *len);
ssize_t __real_recv(int fd, void *buf, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags);

int __wrap_getpeername(int fd, struct sockaddr *sa, socklen_t *len)
{
    atomic_fetch_add(&names_asked, 1);
    return __real_getpeername(fd, sa, len);
}

ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags)
{
    atomic_fetch_add(&receives, 1);
    return __real_recv(fd, buf, size, flags);
}

TEST(io, recv_and_send)
{
    struct pair p = tcp_pair();
    char buf[16];
    check_int(sock_send(p.a, "hello", 5, 0), 5);
    check_int(sock_recv(p.b, buf, 2, 0), 2);
    check_bytes(buf, "he", 2);
    check_int(sock_recv(p.b, buf, sizeof buf, MSG_PEEK), 3);
    check_int(sock_recv(p.b, buf, sizeof buf, 0), 3);
    check_bytes(buf, "llo", 3);
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_int(sock_recv(p.b, buf, sizeof buf, 0), 0);
    free_pair(&p);
}

TEST(io, recv_of_nothing)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_STREAM, 0));
    char c;
    check_int(sock_recv(s, &c, 0, 0), 0); /* unconnected, yet no system call */
    check_int(sock_recv(s, NULL, 0, 0), 0);
    check_fails(sock_recv(s, &c, 1, 0), SOCK_E_OS, ENOTCONN,
                "recv: [Errno 107] Transport endpoint is not connected");
    sock_free(s);
}

TEST(io, recvfrom)
{
    struct pair p = udp_pair();
    char buf[16];
    sock_addr_t from, expected;
    check_ok(sock_getsockname(p.a, &expected));
    check_int(sock_send(p.a, "ping", 4, 0), 4);
    memset(&from, 0xff, sizeof from);
    check_int(sock_recvfrom(p.b, buf, sizeof buf, 0, &from), 4);
    check_int(sock_addr_equal(&from, &expected), 1);
    /* nothing old is left in front of the address */
    check_bytes(&from, &expected, offsetof(sock_addr_t, u) + from.len);

    check_int(sock_sendto(p.b, "pong", 4, 0, from), 4);
    check_int(sock_recvfrom(p.a, buf, sizeof buf, 0, NULL), 4);
    check_bytes(buf, "pong", 4);
    free_pair(&p);
}

TEST(io, recvfrom_of_nothing_takes_a_datagram)
{
    struct pair p = udp_pair();
    char buf[16];
    check_int(sock_send(p.a, "one", 3, 0), 3);
    check_int(sock_send(p.a, "two", 3, 0), 3);
    check_int(sock_recvfrom(p.b, NULL, 0, 0, NULL), 0);
    check_int(sock_recv(p.b, buf, sizeof buf, 0), 3);
    check_bytes(buf, "two", 3);
    free_pair(&p);
}

TEST(io, recvfrom_on_a_stream_has_no_sender)
{
    struct pair p = tcp_pair();
    sock_addr_t from = sock_addr_inet("1.2.3.4", 5);
    char buf[16];
    check_int(sock_send(p.a, "x", 1, 0), 1);
    check_int(sock_recvfrom(p.b, buf, sizeof buf, 0, &from), 1);
    check_str(repr(&from), "None");
    free_pair(&p);
}

TEST(io, the_sender_is_untouched_on_error)
{
    struct pair p = udp_pair();
    sock_addr_t from = sock_addr_inet("1.2.3.4", 5), before = from;
    char buf[4];
    check_ok(sock_setblocking(p.a, 0));
    check_fails(sock_recvfrom(p.a, buf, 4, 0, &from), SOCK_E_OS, EAGAIN,
                "recvfrom: [Errno 11] Resource temporarily unavailable");
    check_bytes(&from, &before, sizeof from);
    free_pair(&p);
}

TEST(io, sender_without_a_name)
{
    struct pair p = unix_pair(SOCK_DGRAM);
    sock_addr_t from;
    char buf[4];
    check_int(sock_send(p.a, "x", 1, 0), 1);
    check_int(sock_recvfrom(p.b, buf, 4, 0, &from), 1);
    check_str(repr(&from), "None"); /* python3: None too */
    free_pair(&p);
}

TEST(io, a_datagram_is_cut_and_its_length_told)
{
    struct pair p = udp_pair();
    char buf[4];
    check_int(sock_send(p.a, "123456", 6, 0), 6);
    check_int(sock_recv(p.b, buf, 4, MSG_TRUNC), 6);
    check_bytes(buf, "1234", 4);
    free_pair(&p);
}

TEST(io, empty_datagrams)
{
    struct pair p = udp_pair();
    sock_addr_t to;
    char buf[4];
    check_ok(sock_getsockname(p.b, &to));
    check_int(sock_send(p.a, "", 0, 0), 0);
    check_int(sock_send(p.a, NULL, 0, 0), 0);
    check_ok(sock_sendall(p.a, "", 0, 0));
    check_int(sock_sendto(p.a, "", 0, 0, to), 0);
    check_int(sock_send(p.a, "end", 3, 0), 3);
    for (int i = 0; i < 4; i++)
        check_int(sock_recv(p.b, buf, 4, 0), 0);
    check_int(sock_recv(p.b, buf, 4, 0), 3);
    free_pair(&p);
}

TEST(io, sendto_no_address_is_send)
{
    struct pair p = tcp_pair();
    char buf[4];
    check_int(sock_sendto(p.a, "x", 1, 0, sock_addr_none()), 1);
    check_int(sock_recv(p.b, buf, 4, 0), 1);
    free_pair(&p);
}

TEST(io, datagrams_by_ipv6)
{
    if (!sock_has_dualstack_ipv6())
        skip("there is no IPv6 here");
    struct pair p = {check_made(sock_new(AF_INET6, SOCK_DGRAM, 0)),
                     check_made(sock_new(AF_INET6, SOCK_DGRAM, 0))};
    sock_addr_t a, b, from;
    char data[8];
    check_ok(sock_bind(p.a, sock_addr_inet6("::1", 0)));
    check_ok(sock_getsockname(p.a, &a));
    check_ok(sock_connect(p.b, a));
    check_ok(sock_getpeername(p.b, &b));
    check(sock_addr_equal(&a, &b));
    check_int(sock_send(p.b, "to", 2, 0), 2);
    check_int(sock_recvfrom(p.a, data, sizeof data, 0, &from), 2);
    check_ok(sock_getsockname(p.b, &b));
    check(sock_addr_equal(&from, &b));
    check_int(sock_sendto(p.a, "fro", 3, 0, from), 3);
    check_int(sock_recv(p.b, data, sizeof data, 0), 3);
    free_pair(&p);
}

/* To all that have joined: here, on this machine alone. */
TEST(io, multicast)
{
    sock_addr_t here;
    struct ip_mreq group;
    struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    char data[8];
    if (emulated())
        skip("qemu knows no IP_MULTICAST_IF");
    sock_t *r = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    group.imr_multiaddr.s_addr = htonl(0xefff0001); /* 239.255.0.1 */
    group.imr_interface = loopback;
    check_ok(sock_settimeout(r, 10));
    check_ok(sock_bind(r, sock_addr_inet("", 0)));
    check_ok(sock_getsockname(r, &here));
    check_ok(sock_setsockopt(r, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group,
                             sizeof group));
    check_fails(
        sock_setsockopt(r, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group),
        SOCK_E_OS, EADDRINUSE,
        "setsockopt IP_ADD_MEMBERSHIP: [Errno 98] Address already in "
        "use");
    check_ok(sock_setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &loopback,
                             sizeof loopback));
    check_ok(sock_setsockopt_int(s, IPPROTO_IP, IP_MULTICAST_TTL, 1));
    sock_addr_t to = sock_addr_inet("239.255.0.1", sock_addr_port(&here));
    check_int(sock_sendto(s, "all", 3, 0, to), 3);
    check_int(sock_recv(r, data, sizeof data, 0), 3);
    check_ok(sock_setsockopt(r, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group,
                             sizeof group));
    sock_free(r);
    sock_free(s);
}

TEST(io, multicast_by_ipv6)
{
    struct ipv6_mreq group = {.ipv6mr_interface = if_nametoindex("lo")};
    sock_addr_t here;
    char data[8];
    if (!sock_has_dualstack_ipv6())
        skip("there is no IPv6 here");
    if (emulated())
        skip("qemu knows no IPV6_MULTICAST_IF");
    sock_t *r = check_made(sock_new(AF_INET6, SOCK_DGRAM, 0));
    sock_t *s = check_made(sock_new(AF_INET6, SOCK_DGRAM, 0));
    check_ok(
        sock_inet_pton(AF_INET6, "ff01::4711", &group.ipv6mr_multiaddr, 16));
    check_ok(sock_settimeout(r, 10));
    check_ok(sock_bind(r, sock_addr_inet6("::", 0)));
    check_ok(sock_getsockname(r, &here));
    check_ok(sock_setsockopt(r, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group,
                             sizeof group));
    check_ok(sock_setsockopt_int(s, IPPROTO_IPV6, IPV6_MULTICAST_IF,
                                 (int)group.ipv6mr_interface));
    sock_addr_t to = sock_addr_inet6("ff01::4711", sock_addr_port(&here));
    if (sock_sendto(s, "all", 3, 0, to) == 3)
        check_int(sock_recv(r, data, sizeof data, 0), 3);
    else
        check_int(errno, ENETUNREACH); /* no route to it on this machine */
    check_ok(sock_setsockopt(r, IPPROTO_IPV6, IPV6_LEAVE_GROUP, &group,
                             sizeof group));
    sock_free(r);
    sock_free(s);
}

TEST(io, sendto_errors_say_to_whom)
{
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    static char big[65508];
    check_fails(
        sock_sendto(s, big, sizeof big, 0, sock_addr_inet("127.0.0.1", 9)),
        SOCK_E_OS, EMSGSIZE,
        "sendto ('127.0.0.1', 9): [Errno 90] Message too long");
    check_fails(sock_sendto(s, "x", 1, 0, sock_addr_inet("127.0.0.1", 0)),
                SOCK_E_OS, EINVAL,
                "sendto ('127.0.0.1', 0): [Errno 22] Invalid argument");
    check_fails(sock_send(s, "x", 1, 0), SOCK_E_OS, EDESTADDRREQ,
                "send: [Errno 89] Destination address required");
    sock_free(s);
}

TEST(io, bad_buffers)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char c;
    const size_t over = (size_t)SSIZE_MAX + 1;

    check_fails(sock_recv(p.a, NULL, 1, 0), SOCK_E_TYPE, 0,
                "recv: buffer is NULL");
    check_fails(sock_recvfrom(p.a, NULL, 1, 0, NULL), SOCK_E_TYPE, 0,
                "recvfrom: buffer is NULL");
    check_fails(sock_send(p.a, NULL, 1, 0), SOCK_E_TYPE, 0,
                "send: buffer is NULL");
    check_fails(sock_sendall(p.a, NULL, 1, 0), SOCK_E_TYPE, 0,
                "sendall: buffer is NULL");
    check_fails(sock_sendto(p.a, NULL, 1, 0, sock_addr_none()), SOCK_E_TYPE, 0,
                "sendto: buffer is NULL");
    check_fails(sock_recv_all(p.a, NULL, 1), SOCK_E_TYPE, 0,
                "recv_all: buffer is NULL");
    check_fails(sock_recv_until(p.a, NULL, 1, '.'), SOCK_E_TYPE, 0,
                "recv_until: buffer is NULL");
    check_fails(sock_recv(p.a, &c, over, 0), SOCK_E_VALUE, 0,
                "recv: size is too large");
    check_fails(sock_recvfrom(p.a, &c, over, 0, NULL), SOCK_E_VALUE, 0,
                "recvfrom: size is too large");
    check_fails(sock_send(p.a, &c, over, 0), SOCK_E_VALUE, 0,
                "send: size is too large");
    check_fails(sock_sendall(p.a, &c, SIZE_MAX, 0), SOCK_E_VALUE, 0,
                "sendall: size is too large");
    check_fails(sock_sendto(p.a, &c, over, 0, sock_addr_none()), SOCK_E_VALUE,
                0, "sendto: size is too large");
    check_fails(sock_recv_all(p.a, &c, over), SOCK_E_VALUE, 0,
                "recv_all: size is too large");
    check_fails(sock_recv_until(p.a, &c, over, '.'), SOCK_E_VALUE, 0,
                "recv_until: size is too large");
    free_pair(&p);
}

/* Big transfers */

struct stream {
    sock_t *s;
    char *data;
    size_t size;
    int result;
};

enum { STREAM = 8 << 20 };

static void *send_stream(void *arg)
{
    struct stream *x = arg;
    x->result = sock_sendall(x->s, x->data, x->size, 0);
    return NULL;
}

static void check_stream(struct pair *p, double timeout, size_t size)
{
    struct stream out = {p->a, malloc(size), size, -1};
    char *in = malloc(size);
    pthread_t thread;

    for (size_t i = 0; i < size; i++)
        out.data[i] = (char)(i * 2654435761u >> 24);
    check_ok(sock_settimeout(p->a, timeout));
    check_ok(sock_settimeout(p->b, timeout));
    check_int(pthread_create(&thread, NULL, send_stream, &out), 0);
    check_int(sock_recv_all(p->b, in, size), size);
    pthread_join(thread, NULL);
    check_int(out.result, 0);
    check_bytes(in, out.data, size);
    free(in);
    free(out.data);
}

TEST(io, sendall_and_recv_all_are_exact)
{
    struct pair p = tcp_pair();
    check_stream(&p, SOCK_NO_TIMEOUT, STREAM);
    check_stream(&p, 30, STREAM);
    free_pair(&p);
}

/* Each part is two turns of two threads, which valgrind takes its time for. */
TEST(io, small_buffers_make_many_parts)
{
    struct pair p = unix_pair(SOCK_STREAM);
    check_ok(sock_setsockopt_int(p.a, SOL_SOCKET, SO_SNDBUF, 1));
    check_ok(sock_setsockopt_int(p.b, SOL_SOCKET, SO_RCVBUF, 1));
    check_stream(&p, 30, under_valgrind() ? STREAM / 8 : STREAM);
    free_pair(&p);
}

/* Peers that go away: an error, and no SIGPIPE */

static void reset(sock_t **s)
{
    struct linger now_ = {.l_onoff = 1, .l_linger = 0};
    check_ok(sock_setsockopt(*s, SOL_SOCKET, SO_LINGER, &now_, sizeof now_));
    sock_freep(s);
}

TEST(io, reset_peer)
{
    struct pair p = tcp_pair();
    char buf[4];
    check_int(sock_send(p.a, "x", 1, 0), 1);
    reset(&p.b);
    check_fails(sock_recv(p.a, buf, 4, 0), SOCK_E_OS, ECONNRESET,
                "recv <peer>: [Errno 104] Connection reset by peer");
    check_str(sock_error_class(NULL), "ConnectionResetError");
    check_fails(sock_send(p.a, "x", 1, 0), SOCK_E_OS, EPIPE,
                "send <peer>: [Errno 32] Broken pipe");
    check_fails(sock_sendall(p.a, "x", 1, 0), SOCK_E_OS, EPIPE,
                "sendall <peer>: [Errno 32] Broken pipe");
    check_fails(sock_sendto(p.a, "x", 1, 0, sock_addr_none()), SOCK_E_OS, EPIPE,
                "sendto <peer>: [Errno 32] Broken pipe");
    check_int(sock_last_error()->done, 0);
    free_pair(&p);
}

TEST(io, sendto_a_closed_stream_raises_no_signal)
{
    struct pair p = unix_pair(SOCK_STREAM);
    sock_freep(&p.b);
    check_fails(sock_sendto(p.a, "x", 1, 0, sock_addr_unix("/x")), SOCK_E_OS,
                EISCONN,
                "sendto '/x': [Errno 106] Transport endpoint is already "
                "connected");
    check_fails(sock_send(p.a, "x", 1, 0), SOCK_E_OS, EPIPE,
                "send: [Errno 32] Broken pipe");
    free_pair(&p);
}

/* recv_all */

TEST(io, recv_all)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char buf[8] = "";
    check_ok(sock_sendall(p.a, "abcdefg", 7, 0));
    check_int(sock_recv_all(p.b, buf, 3), 3);
    check_bytes(buf, "abc\0", 4);
    check_int(sock_recv_all(p.b, buf, 0), 0);
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_fails(sock_recv_all(p.b, buf, 8), SOCK_E_EOF, 0,
                "recv_all: end of stream after 4 bytes");
    check_bytes(buf, "defg", 4);
    check_int(sock_last_error()->done, 4);
    check_str(sock_error_class(NULL), "EOFError");
    free_pair(&p);
}

TEST(io, recv_all_times_out_with_what_came)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char buf[8];
    check_ok(sock_settimeout(p.b, 0.02));
    check_ok(sock_sendall(p.a, "abc", 3, 0));
    check_fails(sock_recv_all(p.b, buf, 8), SOCK_E_TIMEOUT, 0,
                "recv_all: timed out");
    check_int(sock_last_error()->done, 3);
    check_bytes(buf, "abc", 3);
    free_pair(&p);
}

/* What failed was not set. The descriptor is closed behind the object's back.
 */
TEST(io, recv_until_asks_whether_the_option_was_set)
{
    struct pair p = unix_pair(SOCK_STREAM);
    char c;
    close(sock_fileno(p.a));
    check_int(sock_setsockopt_int(p.a, SOL_SOCKET, SO_PEEK_OFF, 0), -1);
    check_int(sock_recv_until(p.a, &c, 1, '.'), -1);
    check_int(sock_last_error()->code, EBADF);
    free_pair(&p);
}

TEST(io, recvfrom_of_an_unbound_sender_has_no_address)
{
    sock_t *to = check_made(sock_new(AF_UNIX, SOCK_DGRAM, 0));
    sock_t *s = check_made(sock_new(AF_UNIX, SOCK_DGRAM, 0));
    sock_addr_t here, from = sock_addr_inet("1.2.3.4", 5);
    char c;

    check_ok(sock_bind(to, sock_addr_unix("")));
    check_ok(sock_getsockname(to, &here));
    check_int(sock_sendto(s, NULL, 0, 0, here), 0);
    check_int(sock_recvfrom(to, &c, 1, 0, &from), 0);
    check_str(repr(&from), "None");
    sock_free(s);
    sock_free(to);
}

TEST(io, urgent_data_is_not_waited_for)
{
    struct pair p = tcp_pair();
    char c;
    check_ok(sock_settimeout(p.a, 30));
    check_fails(sock_recv(p.a, &c, 1, MSG_OOB), SOCK_E_OS, EINVAL,
                "recv <peer>: [Errno 22] Invalid argument");
    free_pair(&p);
}

/* recv_until */

TEST(io, recv_until)
{
    struct pair p = tcp_pair();
    char buf[16];
    check_ok(sock_sendall(p.a, "one.two.", 8, 0));
    check_int(sock_recv_until(p.b, buf, sizeof buf, '.'), 4);
    check_bytes(buf, "one.", 4);
    check_int(sock_recv(p.b, buf, sizeof buf, 0), 4); /* none beyond */
    check_bytes(buf, "two.", 4);
    check_ok(sock_sendall(p.a, "..", 2, 0));
    check_int(sock_recv_until(p.b, buf, sizeof buf, '.'), 1);
    check_int(sock_recv_until(p.b, buf, sizeof buf, '.'), 1);
    check_int(sock_recv_until(p.b, buf, 0, '.'), 0);
    free_pair(&p);
}

TEST(io, recv_until_the_buffer_is_full)
{
    struct pair p = tcp_pair();
    char buf[4];
    check_ok(sock_sendall(p.a, "abcd.", 5, 0));
    check_int(sock_recv_until(p.b, buf, 4, '.'), 4);
    check_bytes(buf, "abcd", 4);
    check_int(sock_recv_until(p.b, buf, 4, '.'), 1);
    free_pair(&p);
}

TEST(io, recv_until_the_stream_ends)
{
    struct pair p = tcp_pair();
    char buf[16];
    check_ok(sock_sendall(p.a, "abc", 3, 0));
    check_ok(sock_shutdown(p.a, SHUT_WR));
    check_int(sock_recv_until(p.b, buf, sizeof buf, '.'), 3);
    check_bytes(buf, "abc", 3);
    check_int(sock_recv_until(p.b, buf, sizeof buf, '.'), 0);
    free_pair(&p);
}

TEST(io, recv_until_times_out_with_what_came)
{
    struct pair p = tcp_pair();
    char buf[16];
    check_ok(sock_settimeout(p.b, 0.02));
    check_ok(sock_sendall(p.a, "abc", 3, 0));
    check_fails(sock_recv_until(p.b, buf, sizeof buf, '.'), SOCK_E_TIMEOUT, 0,
                "recv_until <peer>: timed out");
    check_int(sock_last_error()->done, 3);
    check_bytes(buf, "abc", 3);
    free_pair(&p);
}

TEST(io, recv_until_any_byte)
{
    struct pair p = tcp_pair();
    char buf[16];
    check_ok(sock_sendall(p.a,
                          "a\0b\xff"
                          "c",
                          5, 0));
    check_int(sock_recv_until(p.b, buf, sizeof buf, '\0'), 2);
    check_int(sock_recv_until(p.b, buf, sizeof buf, '\xff'), 2);
    check_int(sock_recv(p.b, buf, sizeof buf, 0), 1);
    check_ok(sock_sendall(p.a, "\xff", 1, 0));
    check_int(sock_recv_until(p.b, buf, sizeof buf, 0xff), 1);
    free_pair(&p);
}

/* Byte by byte, and in every split of a message in two. */
static void *send_split(void *arg)
{
    struct stream *x = arg;
    sock_sendall(x->s, x->data, x->size, 0);
    sock_wait(x->s, SOCK_EVENT_READ, 0.005);
    sock_sendall(x->s, x->data + x->size, 8 - x->size, 0);
    return NULL;
}

TEST(io, recv_until_in_two_parts)
{
    struct pair p = tcp_pair();
    char message[] = "message.", buf[16];
    for (size_t at = 1; at < 8; at++) {
        struct stream x = {p.a, message, at, 0};
        pthread_t thread;
        check_int(pthread_create(&thread, NULL, send_split, &x), 0);
        check_int(sock_recv_until(p.b, buf, sizeof buf, '.'), 8);
        check_bytes(buf, message, 8);
        pthread_join(thread, NULL);
    }
    free_pair(&p);
}

TEST(io, helpers_want_streams)
{
    struct pair p = udp_pair();
    char buf[4];
    check_fails(sock_recv_until(p.a, buf, 4, '.'), SOCK_E_VALUE, 0,
                "recv_until: only SOCK_STREAM type sockets are supported");
    check_fails(sock_recv_all(p.a, buf, 4), SOCK_E_VALUE, 0,
                "recv_all: only SOCK_STREAM type sockets are supported");
    free_pair(&p);
}

/* Two threads on one socket, one each way. */
static void *echo(void *arg)
{
    struct pair *p = arg;
    char c;
    while (sock_recv(p->b, &c, 1, 0) == 1)
        sock_send(p->b, &c, 1, 0);
    return NULL;
}

TEST(io, one_object_in_two_threads)
{
    struct pair p = tcp_pair();
    struct stream out = {p.a, malloc(10000), 10000, -1};
    char *in = malloc(10000);
    pthread_t echoing, sending;

    memset(out.data, 'q', out.size);
    check_int(pthread_create(&echoing, NULL, echo, &p), 0);
    check_int(pthread_create(&sending, NULL, send_stream, &out), 0);
    check_int(sock_recv_all(p.a, in, 10000), 10000);
    check_bytes(in, out.data, 10000);
    pthread_join(sending, NULL);
    check_ok(sock_shutdown(p.a, SHUT_RDWR));
    pthread_join(echoing, NULL);
    free(in);
    free(out.data);
    free_pair(&p);
}

/* Its second look would wait behind the bytes that it has not taken. */
TEST(io, recv_until_refuses_peeks_that_move)
{
    if (emulated())
        skip("the emulator knows no SO_PEEK_OFF");
    struct pair p = unix_pair(SOCK_STREAM);
    char buf[8];

    check_ok(sock_sendall(p.b, "one.two.", 8, 0));
    check_ok(sock_setsockopt_int(p.a, SOL_SOCKET, SO_PEEK_OFF, 0));
    check_fails(sock_recv_until(p.a, buf, sizeof buf, '.'), SOCK_E_VALUE, 0,
                "recv_until: SO_PEEK_OFF is set, so that a look moves on");
    sock_t *copy = check_made(sock_dup(p.a));
    check_fails(sock_recv_until(copy, buf, sizeof buf, '.'), SOCK_E_VALUE, 0,
                "recv_until: SO_PEEK_OFF is set, so that a look moves on");
    check_int(sock_recv_all(p.a, buf, 4), 4);
    check_ok(sock_setsockopt_int(p.a, SOL_SOCKET, SO_PEEK_OFF, -1));
    check_int(sock_recv_until(p.a, buf, sizeof buf, '.'), 4);
    check_bytes(buf, "two.", 4);
    check_int(sock_setsockopt_int(p.a, SOL_SOCKET, SO_KEEPALIVE, 1), 0);
    check_ok(sock_sendall(p.b, "x.", 2, 0));
    check_int(sock_recv_until(p.a, buf, sizeof buf, '.'), 2);
    sock_free(copy);
    free_pair(&p);
}

/* What comes in parts, one call of the system receives. */

struct parts {
    sock_t *to;
    long receiver;
};

static void *send_in_parts(void *arg)
{
    struct parts *x = arg;
    for (const char *part = "abc"; *part != '\0'; part++) {
        wait_until_blocked(x->receiver);
        check_ok(sock_sendall(x->to, part, 1, 0));
    }
    return NULL;
}

TEST(io, recv_all_is_one_call)
{
    struct pair p = tcp_pair();
    struct parts x = {p.b, thread_id()};
    pthread_t thread;
    char buf[3];

    check_int(pthread_create(&thread, NULL, send_in_parts, &x), 0);
    check_int(sock_recv_all(p.a, buf, 3), 3);
    pthread_join(thread, NULL);
    check_bytes(buf, "abc", 3);
    check_int(atomic_load(&receives), 1);
    free_pair(&p);
}

/* Whom an error is about */

/* Each failure that a connected stream meets has its peer's name; also when the
 * system has forgotten it, unless it was the only one to know. */
static void check_names(sock_t *s, sock_t **peers, bool adopted)
{
    sock_t *other = *peers;
    sock_addr_t peer;
    char buf[4];

    check_ok(sock_getsockname(other, &peer));
    check_ok(sock_settimeout(s, 0.01));
    check_fails(sock_recv(s, buf, 1, 0), SOCK_E_TIMEOUT, 0,
                about("recv", &peer, "timed out"));
    check_ok(sock_settimeout(s, 0));
    check_fails(sock_recv(s, buf, 1, 0), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    check_int(sock_last_error()->address.len, 0);
    check_ok(sock_settimeout(s, 5));
    check_ok(sock_sendall(other, "xy", 2, 0));
    check_ok(sock_shutdown(other, SHUT_WR));
    check_fails(sock_recv_all(s, buf, 4), SOCK_E_EOF, 0,
                about("recv_all", &peer, "end of stream after 2 bytes"));
    check_ok(sock_sendall(s, "z", 1, 0));
    reset(peers);
    check_int(sock_wait(s, SOCK_EVENT_WRITE, 5), SOCK_EVENT_WRITE);
    check_fails(sock_send(s, buf, 1, 0), SOCK_E_OS, EPIPE,
                adopted ? "send: [Errno 32] Broken pipe"
                        : about("send", &peer, "[Errno 32] Broken pipe"));
}

enum { ACCEPTED, CONNECTED, CREATED, DUPLICATED, ADOPTED, WAYS };

/* The two ends of a connection, the first of which came about so. */
static struct pair ends(int way)
{
    struct pair p = tcp_pair(); /* connected, accepted */
    sock_t *s = p.a;
    sock_addr_t address;

    if (way == ACCEPTED) {
        return (struct pair){p.b, p.a};
    } else if (way == CREATED) {
        free_pair(&p);
        sock_t *server = listener(&address);
        p.a = check_made(sock_create_connection(
            "127.0.0.1", sock_addr_port(&address), 5, sock_addr_none()));
        p.b = check_made(sock_accept(server, NULL));
        sock_free(server);
    } else if (way == DUPLICATED || way == ADOPTED) {
        p.a = check_made(way == DUPLICATED ? sock_dup(s)
                                           : sock_adopt(sock_detach(s)));
        sock_free(s);
    }
    return p;
}

TEST(io, errors_name_the_peer)
{
    for (int way = 0; way < WAYS; way++) {
        struct pair p = ends(way);
        check_names(p.a, &p.b, way == ADOPTED);
        free_pair(&p);
    }
}

TEST(io, a_reset_names_the_peer)
{
    struct pair p = tcp_pair();
    sock_addr_t peer;
    char c;

    check_ok(sock_getsockname(p.b, &peer));
    reset(&p.b);
    check_fails(sock_recv(p.a, &c, 1, 0), SOCK_E_OS, ECONNRESET,
                about("recv", &peer, "[Errno 104] Connection reset by peer"));
    check_int(atomic_load(&names_asked), 0);
    free_pair(&p);
}

/* A program may meet EAGAIN all the time. */
TEST(io, eagain_asks_for_no_name)
{
    struct pair p = tcp_pair();
    sock_t *s = check_made(sock_adopt(sock_detach(p.a))); /* of no known peer */
    char c;

    check_ok(sock_settimeout(s, 0));
    check_fails(sock_recv(s, &c, 1, 0), SOCK_E_OS, EAGAIN,
                "recv: [Errno 11] Resource temporarily unavailable");
    check_int(atomic_load(&names_asked), 0);
    sock_free(s);
    free_pair(&p);
}

TEST(io, datagrams_name_whom_they_are_connected_to)
{
    struct pair p = udp_pair(), q = udp_pair();
    sock_t *s = check_made(sock_new(AF_INET, SOCK_DGRAM, 0));
    sock_addr_t first, second;
    char c;

    check_ok(sock_settimeout(s, 0.01));
    check_fails(sock_recv(s, &c, 1, 0), SOCK_E_TIMEOUT, 0, "recv: timed out");
    check_ok(sock_getsockname(p.a, &first));
    check_ok(sock_getsockname(q.a, &second));
    check_ok(sock_connect(s, first));
    check_fails(sock_recv(s, &c, 1, 0), SOCK_E_TIMEOUT, 0,
                about("recv", &first, "timed out"));
    check_ok(sock_connect(s, second));
    check_fails(sock_recv(s, &c, 1, 0), SOCK_E_TIMEOUT, 0,
                about("recv", &second, "timed out"));
    sock_free(s);
    free_pair(&p);
    free_pair(&q);
}
