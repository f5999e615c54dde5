/* SPDX-License-Identifier: MIT */
#include "parity.h"

#include <fcntl.h>
#include <unistd.h>

static void making(void)
{
    static const int made[][3] = {{AF_INET, SOCK_STREAM, 0},
                                  {AF_INET, SOCK_DGRAM, 0},
                                  {AF_INET6, SOCK_STREAM, 0},
                                  {AF_INET6, SOCK_DGRAM, IPPROTO_UDP},
                                  {AF_UNIX, SOCK_STREAM, 0},
                                  {AF_UNIX, SOCK_DGRAM, 0},
                                  {AF_UNIX, SOCK_SEQPACKET, 0},
                                  {AF_INET, SOCK_STREAM, IPPROTO_TCP},
                                  {AF_INET, SOCK_STREAM, 999},
                                  {AF_INET, SOCK_STREAM, IPPROTO_UDP},
                                  {AF_INET, 99, 0},
                                  {9999, SOCK_STREAM, 0},
                                  {AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0},
                                  {AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0}};
    for (EACH(i, made)) {
        const int *m = made[i];
        row("socket.socket(%d, %d, %d)", m[0], m[1], m[2]);
        sock_t *s = sock_new(m[0], m[1], m[2]);
        show(object(s));
        sock_free(s);
        row("s = socket.socket(%d, %d, %d); int(s.family), int(s.type), "
            "s.proto, s.get_inheritable()",
            m[0], m[1], m[2]);
        s = sock_new(m[0], m[1], m[2]);
        if (s == NULL) {
            show(error());
            continue;
        }
        show(num(sock_family(s)));
        show(num(sock_type(s)));
        show(num(sock_proto(s)));
        show(flag(sock_get_inheritable(s)));
        sock_free(s);
    }
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, 9999};
    for (EACH(i, families)) {
        sock_t *p[2];
        row("[s.close() for s in socketpair(%d)]", families[i]);
        int status = sock_socketpair(families[i], SOCK_STREAM, 0, p);
        show(status == 0 ? "[None, None]" : error());
        sock_freep(&p[0]);
        sock_freep(&p[1]);
    }
}

static void looks(void)
{
    char t[SOCK_REPR_MAX];
    row("closed(), repr(None)");
    show(object(closed()));
    show(text(sock_repr(NULL, t, sizeof t), t));
    row("detached()");
    show(object(detached()));
    row("s = inet(); s.bind(('127.0.0.1', 0)); s");
    sock_t *s = inet(SOCK_STREAM);
    sock_bind(s, sock_addr_inet("127.0.0.1", 0));
    show(object(s));
    row("tcp()[0]");
    show(object(tcp().a));
    row("udp()[0]");
    show(object(udp().a));
    row("pair()");
    struct both p = pair(SOCK_STREAM);
    show(object(p.a));
    show(object(p.b));
    row("s = unix(); s.bind(b'\\0parity\\xff'); s");
    s = unix_(SOCK_STREAM);
    sock_bind(s, sock_addr_unix_abstract("parity\xff", 7));
    show(object(s));
    row("s = unix(); s.bind('path'); s");
    s = unix_(SOCK_STREAM);
    sock_bind(s, sock_addr_unix("path"));
    show(object(s));
    unlink("path");
    row("s = inet6(SOCK_DGRAM); s.connect(('::1', 9)); s");
    s = inet6(SOCK_DGRAM);
    sock_connect(s, sock_addr_inet6("::1", 9));
    show(object(s));
}

static void descriptors(void)
{
    row("s = inet(); s.close(), s.close(), s.fileno(), int(s.family), "
        "int(s.type), s.proto");
    sock_t *s = inet(SOCK_STREAM);
    show(none(sock_close(s)));
    show(none(sock_close(s)));
    show(sock_fileno(s) == -1 ? "-1" : "open");
    show(num(sock_family(s)));
    show(num(sock_type(s)));
    show(num(sock_proto(s)));
    row("s = inet(); d = s.detach(); s.fileno(), s.close(), socket.close(d), "
        "fails(socket.close, d)");
    s = inet(SOCK_STREAM);
    int d = sock_detach(s);
    show(sock_fileno(s) == -1 ? "-1" : "open");
    show(none(sock_close(s)));
    show(none(sock_close_fd(d)));
    show(none(sock_close_fd(d)));
    row("closed().detach()");
    deviates("sock_detach() of a closed socket");
    show(num(sock_detach(closed())));
    static const int on[] = {1, 0};
    for (EACH(i, on)) {
        row("s = inet(); s.set_inheritable(%d), s.get_inheritable()", on[i]);
        s = inet(SOCK_STREAM);
        show(none(sock_set_inheritable(s, on[i])));
        show(flag(sock_get_inheritable(s)));
    }
    row("socket.socket(fileno=-1)");
    class_only();
    show(object(sock_adopt(-1)));
    row("socket.socket(fileno=9999)");
    show(object(sock_adopt(9999)));
    row("r, w = os.pipe(); e = fails(socket.socket, fileno=r); os.close(r); "
        "os.close(w); e");
    int p[2];
    if (pipe(p) == 0) {
        show(object(sock_adopt(p[0])));
        close(p[0]);
        close(p[1]);
    }
    static const int kinds[][2] = {{AF_INET, SOCK_STREAM},
                                   {AF_INET6, SOCK_DGRAM},
                                   {AF_UNIX, SOCK_SEQPACKET}};
    for (EACH(i, kinds)) {
        row("d = socket.socket(%d, %d).detach(); socket.socket(fileno=d)",
            kinds[i][0], kinds[i][1]);
        s = own(sock_new(kinds[i][0], kinds[i][1], 0));
        show(object(own(sock_adopt(sock_detach(s)))));
    }
    row("d = inet().detach(); socket.socket(AF_UNIX, SOCK_DGRAM, 7, fileno=d)");
    s = inet(SOCK_STREAM);
    show(object(own(sock_adopt_as(sock_detach(s), AF_UNIX, SOCK_DGRAM, 7))));
    row("s = socket.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, "
        "fileno=inet().detach()); s.gettimeout(), os.get_blocking(s.fileno())");
    deviates("sock_adopt_as() with SOCK_NONBLOCK");
    s = own(sock_adopt_as(sock_detach(inet(SOCK_STREAM)), AF_INET,
                          SOCK_STREAM | SOCK_NONBLOCK, 0));
    show(seconds(sock_gettimeout(s)));
    show(flag((fcntl(sock_fileno(s), F_GETFL) & O_NONBLOCK) == 0));
    row("d = inet().detach(); s = socket.socket(type=SOCK_DGRAM, fileno=d); s");
    s = inet(SOCK_STREAM);
    show(object(own(sock_adopt_as(sock_detach(s), -1, SOCK_DGRAM, -1))));
    row("s = inet(); f = fromfd(s.fileno(), AF_INET6, SOCK_DGRAM, 9); f, "
        "f.get_inheritable()");
    s = own(
        sock_fromfd(sock_fileno(inet(SOCK_STREAM)), AF_INET6, SOCK_DGRAM, 9));
    show(object(s));
    show(flag(sock_get_inheritable(s)));
    row("fromfd(9999, 2, 1)");
    show(object(sock_fromfd(9999, 2, 1, 0)));
    row("s = inet(); d = s.dup(); d, d.fileno() != s.fileno()");
    s = inet(SOCK_STREAM);
    sock_t *two = own(sock_dup(s));
    show(object(two));
    show(flag(sock_fileno(two) != sock_fileno(s)));
    row("socket.dup(9999)");
    show(num(sock_dup_fd(9999)));
    row("s = inet(); d = socket.dup(s.fileno()); i = os.get_inheritable(d); "
        "os.close(d); i");
    d = sock_dup_fd(sock_fileno(inet(SOCK_STREAM)));
    show(flag((fcntl(d, F_GETFD) & FD_CLOEXEC) == 0));
    close(d);
    row("a, b = pair(); a.close(); b.recv(1)");
    struct both q = pair(SOCK_STREAM);
    char c;
    sock_close(q.a);
    show(bytes(sock_recv(q.b, &c, 1, 0), &c));
}

/* Every method on an object without a descriptor. */
static void gone(const char *how, sock_t *(*make)(void))
{
    char c[4];
    int n, status;
    sock_addr_t a = sock_addr_inet("127.0.0.1", 9);
#define GONE(python, call)                                                     \
    row("%s().%s", how, python);                                               \
    show(call)
    GONE("bind(('127.0.0.1', 9))", none(sock_bind(make(), a)));
    GONE("listen(1)", none(sock_listen(make(), 1)));
    GONE("accept()", object(sock_accept(make(), NULL)));
    GONE("connect(('127.0.0.1', 9))", none(sock_connect(make(), a)));
    GONE("connect_ex(('127.0.0.1', 9))", num(sock_connect_ex(make(), a)));
    GONE("shutdown(2)", none(sock_shutdown(make(), 2)));
    GONE("getsockname()", none(sock_getsockname(make(), &a)));
    GONE("getpeername()", none(sock_getpeername(make(), &a)));
    a = sock_addr_inet("127.0.0.1", 9);
    GONE("recv(1)", bytes(sock_recv(make(), c, 1, 0), c));
    GONE("recvfrom(1)", bytes(sock_recvfrom(make(), c, 1, 0, NULL), c));
    GONE("recvmsg(1)", num(sock_recvmsg(make(), NULL, 0, NULL, 0, NULL, NULL)));
    GONE("send(b'x')", num(sock_send(make(), "x", 1, 0)));
    GONE("send(b'')", num(sock_send(make(), "", 0, 0)));
    GONE("sendall(b'x')", none(sock_sendall(make(), "x", 1, 0)));
    GONE("sendto(b'x', ('127.0.0.1', 9))",
         num(sock_sendto(make(), "x", 1, 0, a)));
    GONE("sendmsg([b'x'])",
         num(sock_sendmsg(make(), NULL, 0, NULL, 0, sock_addr_none())));
    GONE("settimeout(1)", none(sock_settimeout(make(), 1)));
    GONE("setblocking(False)", none(sock_setblocking(make(), 0)));
    GONE("gettimeout()", seconds(sock_gettimeout(make())));
    GONE("getblocking()", flag(sock_getblocking(make())));
    GONE("dup()", object(sock_dup(make())));
    GONE("get_inheritable()", flag(sock_get_inheritable(make())));
    GONE("set_inheritable(True)", none(sock_set_inheritable(make(), 1)));
    GONE("getsockopt(SOL_SOCKET, SO_TYPE)",
         none(sock_getsockopt_int(make(), SOL_SOCKET, SO_TYPE, &n)));
    GONE("getsockopt(SOL_SOCKET, SO_TYPE, 4)",
         num(sock_getsockopt(make(), SOL_SOCKET, SO_TYPE, c, 4)));
    GONE("setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)",
         none(sock_setsockopt_int(make(), SOL_SOCKET, SO_KEEPALIVE, 1)));
    GONE("fileno() == -1", flag(sock_fileno(make()) == -1));
    GONE("close()", none(sock_close(make())));
    row("%s().recv(0)", how);
    deviates("sock_recv() of 0 bytes from a closed socket");
    status = (int)sock_recv(make(), c, 0, 0);
    show(bytes(status, c));
#undef GONE
}

void rows_socket(void)
{
    making();
    looks();
    descriptors();
    gone("closed", closed);
    gone("detached", detached);
}
