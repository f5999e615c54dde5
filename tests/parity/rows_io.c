/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <string.h>

/* Zero bytes, in every variant. */
static void zero(void)
{
    char c[4];
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
    for (EACH(i, types)) {
        int t = types[i];
        row("a, b = pair(%d); a.recv(0)", t);
        show(bytes(sock_recv(pair(t).a, c, 0, 0), c));
        row("a, b = pair(%d); b.send(b'xy'); a.recv(0), a.recv(4)", t);
        struct both p = pair(t);
        sock_send(p.b, "xy", 2, 0);
        show(bytes(sock_recv(p.a, c, 0, 0), c));
        show(bytes(sock_recv(p.a, c, 4, 0), c));
        row("a, b = pair(%d); b.send(b'xy'); a.recvfrom(0)[0], b.send(b'z'), "
            "a.recv(4)",
            t);
        p = pair(t);
        sock_send(p.b, "xy", 2, 0);
        show(bytes(sock_recvfrom(p.a, c, 0, 0, NULL), c));
        show(num(sock_send(p.b, "z", 1, 0)));
        show(bytes(sock_recv(p.a, c, 4, 0), c));
        row("a, b = pair(%d); a.send(b''), a.sendall(b'')", t);
        show(num(sock_send(pair(t).a, "", 0, 0)));
        show(none(sock_sendall(pair(t).a, NULL, 0, 0)));
        row("a, b = pair(%d); b.close(); fails(a.send, b''), fails(a.send, "
            "b'x')",
            t);
        p = pair(t);
        sock_close(p.b);
        show(num(sock_send(p.a, "", 0, 0)));
        show(num(sock_send(p.a, "x", 1, 0)));
        row("a, b = pair(%d); b.close(); a.settimeout(0.01); fails(a.recv, 1)",
            t);
        p = pair(t);
        sock_close(p.b);
        sock_settimeout(p.a, 0.01);
        show(bytes(sock_recv(p.a, c, 1, 0), c));
    }
    row("inet().recv(0), fails(inet().recv, 1), fails(inet().send, b'x'), "
        "fails(inet().send, b'')");
    show(bytes(sock_recv(inet(SOCK_STREAM), c, 0, 0), c));
    show(bytes(sock_recv(inet(SOCK_STREAM), c, 1, 0), c));
    show(num(sock_send(inet(SOCK_STREAM), "x", 1, 0)));
    show(num(sock_send(inet(SOCK_STREAM), "", 0, 0)));
    row("inet(SOCK_DGRAM).send(b'x')");
    show(num(sock_send(inet(SOCK_DGRAM), "x", 1, 0)));
    row("inet(SOCK_DGRAM).send(b'')");
    show(num(sock_send(inet(SOCK_DGRAM), "", 0, 0)));
}

static void flags(void)
{
    char c[8];
    sock_addr_t a;
    row("a, b = pair(); b.send(b'abc'); a.recv(2, MSG_PEEK), a.recv(8)");
    struct both p = pair(SOCK_STREAM);
    sock_send(p.b, "abc", 3, 0);
    show(bytes(sock_recv(p.a, c, 2, MSG_PEEK), c));
    show(bytes(sock_recv(p.a, c, 8, 0), c));
    row("a, b = pair(SOCK_DGRAM); b.send(b'abcd'); a.recv(2)");
    p = pair(SOCK_DGRAM);
    sock_send(p.b, "abcd", 4, 0);
    show(bytes(sock_recv(p.a, c, 2, 0), c));
    row("a, b = pair(SOCK_DGRAM); b.send(b'abcd'); a.recv_into(bytearray(2), "
        "2, MSG_TRUNC)");
    p = pair(SOCK_DGRAM);
    sock_send(p.b, "abcd", 4, 0);
    show(num(sock_recv(p.a, c, 2, MSG_TRUNC)));
    row("a, b = pair(); a.recv(1, MSG_DONTWAIT)");
    show(bytes(sock_recv(pair(SOCK_STREAM).a, c, 1, MSG_DONTWAIT), c));
    row("a, b = tcp(); a.recv(1, MSG_OOB)");
    show(bytes(sock_recv(tcp().a, c, 1, MSG_OOB), c));
    row("a, b = tcp(); a.settimeout(0.01); a.recv(1, MSG_OOB)");
    deviates("MSG_OOB without urgent data, with a timeout");
    sock_t *waiting = tcp().a;
    sock_settimeout(waiting, 0.01);
    show(bytes(sock_recv(waiting, c, 1, MSG_OOB), c));
    row("a, b = tcp(); a.send(b'x'); b.recvfrom(4)");
    p = tcp();
    sock_send(p.a, "x", 1, 0);
    long long n = sock_recvfrom(p.b, c, 4, 0, &a);
    show(bytes(n, c));
    show(address(0, &a));
    row("a, b = udp(); a.send(b'x'); b.recvfrom(4)");
    p = udp();
    sock_send(p.a, "x", 1, 0);
    n = sock_recvfrom(p.b, c, 4, 0, &a);
    show(bytes(n, c));
    show(address(0, &a));
    row("a, b = pair(SOCK_DGRAM); a.send(b''); b.recvfrom(4)");
    p = pair(SOCK_DGRAM);
    sock_send(p.a, "", 0, 0);
    n = sock_recvfrom(p.b, c, 4, 0, &a);
    show(bytes(n, c));
    show(address(0, &a));
}

static void addressed(void)
{
    row("s = inet(SOCK_DGRAM); s.bind(('127.0.0.1', 0)); s.sendto(b'xy', "
        "s.getsockname()), s.recv(9)");
    sock_t *s = inet(SOCK_DGRAM);
    char c[9];
    sock_bind(s, sock_addr_inet("127.0.0.1", 0));
    show(num(sock_sendto(s, "xy", 2, 0, name(s))));
    show(bytes(sock_recv(s, c, 9, 0), c));
    row("inet(SOCK_DGRAM).sendto(bytes(70000), ('127.0.0.1', 9))");
    static char much[70000];
    show(num(sock_sendto(inet(SOCK_DGRAM), much, sizeof much, 0,
                         sock_addr_inet("127.0.0.1", 9))));
    row("inet(SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 0))");
    show(num(sock_sendto(inet(SOCK_DGRAM), "x", 1, 0,
                         sock_addr_inet("127.0.0.1", 0))));
    row("inet(SOCK_DGRAM).sendto(b'x', ('<broadcast>', 9))");
    show(num(sock_sendto(inet(SOCK_DGRAM), "x", 1, 0,
                         sock_addr_inet("<broadcast>", 9))));
    row("inet().sendto(b'x', ('127.0.0.1', 9))");
    show(num(sock_sendto(inet(SOCK_STREAM), "x", 1, 0,
                         sock_addr_inet("127.0.0.1", 9))));
    row("unix(SOCK_DGRAM).sendto(b'x', 'missing')");
    show(num(
        sock_sendto(unix_(SOCK_DGRAM), "x", 1, 0, sock_addr_unix("missing"))));
}

/* What Python writes as a loop or a file. */
static void loops(void)
{
    char c[8];
    struct both p;
    row("a, b = pair(); a.sendall(b'abcdef'); b.recv(4, MSG_WAITALL)");
    p = pair(SOCK_STREAM);
    show((sock_sendall(p.a, "abcdef", 6, 0),
          bytes(sock_recv_all(p.b, c, 4), c)));
    row("a, b = pair(); a.sendall(b'ab.cd'); b.makefile('rb').read(3)");
    p = pair(SOCK_STREAM);
    sock_sendall(p.a, "ab.cd", 5, 0);
    show(bytes(sock_recv_until(p.b, c, sizeof c, '.'), c));
}

void rows_io(void)
{
    zero();
    flags();
    addressed();
    loops();
}
