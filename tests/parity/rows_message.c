/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void sizes(void)
{
    static const long long numbers[] = {
        0,          1,          3,
        4,          5,          7,
        8,          9,          12,
        100,        1000000,    2147483647,
        2147483648, 2147483623, 2147483631,
        2147483632, 4294967296, 9223372036854775807};
    for (EACH(i, numbers)) {
        size_t n = (size_t)numbers[i];
        row("fails(CMSG_LEN, %zu), fails(CMSG_SPACE, %zu)", n, n);
        show(num(sock_cmsg_len(n)));
        show(num(sock_cmsg_space(n)));
    }
    row("fails(CMSG_LEN, -1), fails(CMSG_SPACE, -1)");
    show(num(sock_cmsg_len((size_t)-1)));
    show(num(sock_cmsg_space((size_t)-1)));
}

/* One buffer, as Python's recvmsg() has. */
static void receive(sock_t *s, size_t size, sock_control_t *control, int flags)
{
    char c[16];
    struct iovec v = {.iov_base = c, .iov_len = size};
    int more = 0;
    sock_addr_t from;
    long long n = sock_recvmsg(s, &v, 1, control, flags, &more, &from);
    show(bytes(n, c));
    if (n == -1)
        return;
    show(num(more));
    show(address(0, &from));
}

static long long send_text(sock_t *s, const char *message,
                           const sock_control_t *control)
{
    char c[16];
    size_t n = strlen(message);
    memcpy(c, message, n);
    struct iovec v[2] = {{.iov_base = c, .iov_len = n / 2},
                         {.iov_base = c + n / 2, .iov_len = n - n / 2}};
    return sock_sendmsg(s, v, 2, control, 0, sock_addr_none());
}

#define WITHOUT "[x for i, x in enumerate(r) if i != 1]"

static void plain(void)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    static const int room[] = {0, 1, 4, 8};
    for (EACH(t, types))
        for (EACH(i, room)) {
            row("a, b = pair(%d); n = a.sendmsg([b'ab', b'cd']); r = "
                "b.recvmsg(%d); "
                "n, *" WITHOUT,
                types[t], room[i]);
            struct both p = pair(types[t]);
            show(num(send_text(p.a, "abcd", NULL)));
            receive(p.b, (size_t)room[i], NULL, 0);
        }
    row("a, b = udp(); a.send(b'abcd'); r = b.recvmsg(2); tuple(" WITHOUT ")");
    struct both p = udp();
    sock_send(p.a, "abcd", 4, 0);
    receive(p.b, 2, NULL, 0);
    row("a, b = pair(); a.settimeout(0.01); a.recvmsg(1)");
    p = pair(SOCK_STREAM);
    sock_settimeout(p.a, 0.01);
    receive(p.a, 1, NULL, 0);
    row("a, b = pair(); b.close(); fails(a.sendmsg, [b'x']), fails(a.sendmsg, "
        "[])");
    p = pair(SOCK_STREAM);
    sock_close(p.b);
    show(num(send_text(p.a, "x", NULL)));
    show(num(sock_sendmsg(p.a, NULL, 0, NULL, 0, sock_addr_none())));
    row("a, b = pair(); b.close(); r = a.recvmsg(1); tuple(" WITHOUT ")");
    p = pair(SOCK_STREAM);
    sock_close(p.b);
    receive(p.a, 1, NULL, 0);
    row("inet(SOCK_DGRAM).sendmsg([b'x'], [], 0, ('127.0.0.1', 9))");
    char x = 'x';
    struct iovec v = {.iov_base = &x, .iov_len = 1};
    show(num(sock_sendmsg(inet(SOCK_DGRAM), &v, 1, NULL, 0,
                          sock_addr_inet("127.0.0.1", 9))));
    row("a, b = pair(); a.sendmsg([b''] * 1025)");
    static struct iovec many[1025];
    show(num(sock_sendmsg(pair(SOCK_STREAM).a, many, 1025, NULL, 0,
                          sock_addr_none())));
    row("a, b = pair(); a.sendmsg([b'x'], [(SOL_SOCKET, SCM_RIGHTS, "
        "array.array('i', [9999]))])");
    char buf[64];
    int bad = 9999;
    sock_control_t control = sock_control_in(buf, sizeof buf);
    sock_control_add(&control, SOL_SOCKET, SCM_RIGHTS, &bad, sizeof bad);
    show(num(send_text(pair(SOCK_STREAM).a, "x", &control)));
}

/* Descriptors in messages, with more and less room for them. */
static void descriptors(void)
{
    for (int sent = 0; sent < 4; sent++)
        for (int room = 0; room < 4; room++) {
            int fds[4] = {0, 0, 0, 0}, got[4];
            char c[8], buf[256];
            int flags = 0;
            row("a, b = pair(); n = send_fds(a, [b'x'], [0] * %d); d, fds, f, "
                "_ = "
                "recv_fds(b, 8, %d); [os.close(x) for x in fds]; n, d, "
                "len(fds), int(f) & ~64 & ~0x40000000",
                sent, room);
            struct both p = pair(SOCK_STREAM);
            struct iovec v = {.iov_base = c, .iov_len = 1};
            c[0] = 'x';
            show(num(sock_send_fds(p.a, &v, 1, fds, (size_t)sent, 0,
                                   sock_addr_none())));
            size_t n = (size_t)room;
            long long size =
                sock_recv_fds(p.b, c, sizeof c, got, n, &n, 0, &flags, NULL);
            show(bytes(size, c));
            show(num((long long)n));
            show(num(flags & ~MSG_CMSG_CLOEXEC));
            for (size_t i = 0; i < n; i++)
                close(got[i]);
            row("a, b = pair(); send_fds(a, [b'x'], [0] * %d); d, c, f, _ = "
                "b.recvmsg(8, CMSG_SPACE(%d)); "
                "[os.close(x) for i in c for x in array.array('i', i[2])]; "
                "tuple((int(l), int(t), len(z)) for l, t, z in c), int(f) & "
                "~64 & ~0x40000000",
                sent, room * 4);
            p = pair(SOCK_STREAM);
            sock_send_fds(p.a, &v, 1, fds, (size_t)sent, 0, sock_addr_none());
            sock_control_t control =
                sock_control_in(buf, (size_t)sock_cmsg_space((size_t)room * 4));
            v.iov_len = 1;
            sock_recvmsg(p.b, &v, 1, &control, 0, &flags, NULL);
            sock_cmsg_t item = SOCK_CMSG_FIRST;
            char list[64] = "()";
            while (sock_control_next(&control, &item))
                snprintf(list, sizeof list, "((%d, %d, %zu),)", item.level,
                         item.type,
                         sock_cmsg_fds(&item, got, 4) * sizeof got[0]);
            sock_control_close_fds(&control);
            show(list);
            show(num(flags & ~MSG_CMSG_CLOEXEC));
        }
}

static void credentials(void)
{
    row("a, b = pair(); struct.unpack('iII', a.getsockopt(SOL_SOCKET, "
        "SO_PEERCRED, 12)) == "
        "(os.getpid(), os.getuid(), os.getgid())");
    sock_cred_t cred = {0, 0, 0};
    sock_peercred(pair(SOCK_STREAM).a, &cred);
    show(flag(cred.pid == getpid() && cred.uid == getuid() &&
              cred.gid == getgid()));
    row("struct.unpack('iII', unix().getsockopt(SOL_SOCKET, SO_PEERCRED, 12))");
    deviates("sock_peercred() without a peer");
    show(none(sock_peercred(unix_(SOCK_STREAM), &cred)));
    row("a, b = pair(); b.setsockopt(SOL_SOCKET, SO_PASSCRED, 1); me = "
        "struct.pack('iII', os.getpid(), "
        "os.getuid(), os.getgid()); n = a.sendmsg([b'x'], [(SOL_SOCKET, "
        "SCM_CREDENTIALS, me)]); "
        "d, c, f, _ = b.recvmsg(8, 64); n, d, c[0][2] == me");
    struct both p = pair(SOCK_STREAM);
    char buf[64], c[8];
    sock_setsockopt_int(p.b, SOL_SOCKET, SO_PASSCRED, 1);
    cred = (sock_cred_t){getpid(), getuid(), getgid()};
    sock_control_t control = sock_control_in(buf, sizeof buf);
    sock_control_add_cred(&control, &cred);
    show(num(send_text(p.a, "x", &control)));
    control = sock_control_in(buf, sizeof buf);
    struct iovec v = {.iov_base = c, .iov_len = sizeof c};
    show(bytes(sock_recvmsg(p.b, &v, 1, &control, 0, NULL, NULL), c));
    sock_cmsg_t item = SOCK_CMSG_FIRST;
    sock_cred_t got = {0, 0, 0};
    sock_control_next(&control, &item);
    show(flag(sock_cmsg_cred(&item, &got) && got.pid == cred.pid &&
              got.uid == cred.uid));
}

void rows_message(void)
{
    sizes();
    plain();
    descriptors();
    credentials();
}
