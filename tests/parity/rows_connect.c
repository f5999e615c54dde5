/* SPDX-License-Identifier: MIT */
#include "parity.h"

static void servers(void)
{
    static const int backlogs[] = {-2147483647 - 1, -1, 0, 1, 128, 2147483647};
    for (EACH(i, backlogs)) {
        row("s = inet(); s.bind(('127.0.0.1', 0)); s.listen(%d)", backlogs[i]);
        sock_t *s = inet(SOCK_STREAM);
        sock_bind(s, sock_addr_inet("127.0.0.1", 0));
        show(none(sock_listen(s, backlogs[i])));
    }
    row("inet(SOCK_DGRAM).listen(1)");
    show(none(sock_listen(inet(SOCK_DGRAM), 1)));
    row("inet().accept()");
    show(object(sock_accept(inet(SOCK_STREAM), NULL)));
    row("inet(SOCK_DGRAM).accept()");
    show(object(sock_accept(inet(SOCK_DGRAM), NULL)));
    row("s = listening(); s.settimeout(0.01); s.accept()");
    sock_t *s = listening();
    sock_settimeout(s, 0.01);
    show(object(sock_accept(s, NULL)));
    row("s = listening(); s.setblocking(False); s.accept()");
    s = listening();
    sock_setblocking(s, 0);
    show(object(sock_accept(s, NULL)));
    row("s = listening(); c = inet(); c.connect(s.getsockname()); s.accept()");
    s = listening();
    sock_t *c = inet(SOCK_STREAM);
    sock_connect(c, name(s));
    sock_addr_t a;
    show(object(own(sock_accept(s, &a))));
    show(address(0, &a));
    row("s = listening(); inet().bind(s.getsockname())");
    show(none(sock_bind(inet(SOCK_STREAM), name(listening()))));
    row("s = inet(); s.bind(('127.0.0.1', 0)); s.bind(('127.0.0.1', 0))");
    s = inet(SOCK_STREAM);
    sock_bind(s, sock_addr_inet("127.0.0.1", 0));
    show(none(sock_bind(s, sock_addr_inet("127.0.0.1", 0))));
}

static void connecting(void)
{
    row("inet().connect(refusing())");
    show(none(sock_connect(inet(SOCK_STREAM), refusing())));
    row("inet().connect_ex(refusing())");
    show(num(sock_connect_ex(inet(SOCK_STREAM), refusing())));
    row("s = inet(); s.settimeout(1); s.connect(refusing())");
    sock_t *s = inet(SOCK_STREAM);
    sock_settimeout(s, 1);
    show(none(sock_connect(s, refusing())));
    row("s = inet(); s.settimeout(1); s.connect_ex(refusing())");
    s = inet(SOCK_STREAM);
    sock_settimeout(s, 1);
    show(num(sock_connect_ex(s, refusing())));
    row("l = listening(); s = inet(); s.setblocking(False); "
        "s.connect(l.getsockname())");
    sock_t *l = listening();
    s = inet(SOCK_STREAM);
    sock_setblocking(s, 0);
    show(none(sock_connect(s, name(l))));
    row("l = listening(); s = inet(); s.setblocking(False); "
        "s.connect_ex(l.getsockname())");
    l = listening();
    s = inet(SOCK_STREAM);
    sock_setblocking(s, 0);
    show(num(sock_connect_ex(s, name(l))));
    row("l = listening(); a, b = inet(), inet(); a.connect(l.getsockname()); "
        "a.connect_ex(l.getsockname()), fails(a.connect, l.getsockname())");
    l = listening();
    s = inet(SOCK_STREAM);
    sock_connect(s, name(l));
    show(num(sock_connect_ex(s, name(l))));
    show(none(sock_connect(s, name(l))));
    row("closed().connect_ex(('127.0.0.1', 9))");
    show(num(sock_connect_ex(closed(), sock_addr_inet("127.0.0.1", 9))));
    row("inet().connect_ex(('a..b', 9))");
    show(num(sock_connect_ex(inet(SOCK_STREAM), sock_addr_inet("a..b", 9))));
    row("u, l = unix(), unix(); l.bind(b'\\0parity-full'); l.listen(0); "
        "u.connect(b'\\0parity-full'); v = unix(); v.settimeout(0.01); "
        "v.connect_ex(b'\\0parity-full'), fails(v.connect, b'\\0parity-full')");
    sock_addr_t a = sock_addr_unix_abstract("parity-full", 11);
    l = unix_(SOCK_STREAM);
    sock_bind(l, a);
    sock_listen(l, 0);
    sock_connect(unix_(SOCK_STREAM), a);
    s = unix_(SOCK_STREAM);
    sock_settimeout(s, 0.01);
    show(num(sock_connect_ex(s, a)));
    show(none(sock_connect(s, a)));
}

static void ends(void)
{
    static const int hows[] = {0, 1, 2, 3, -1};
    for (EACH(i, hows)) {
        row("a, b = tcp(); a.shutdown(%d)", hows[i]);
        show(none(sock_shutdown(tcp().a, hows[i])));
        row("inet().shutdown(%d)", hows[i]);
        show(none(sock_shutdown(inet(SOCK_STREAM), hows[i])));
    }
    row("a, b = tcp(); a.shutdown(1); b.recv(1), fails(a.send, b'x'), "
        "b.send(b'x'), a.recv(9)");
    struct both p = tcp();
    char c[9];
    sock_shutdown(p.a, SHUT_WR);
    show(bytes(sock_recv(p.b, c, 1, 0), c));
    show(num(sock_send(p.a, "x", 1, 0)));
    show(num(sock_send(p.b, "x", 1, 0)));
    show(bytes(sock_recv(p.a, c, 9, 0), c));
    sock_addr_t a = sock_addr_none();
    row("inet().getpeername()");
    show(address(sock_getpeername(inet(SOCK_STREAM), &a), &a));
    row("inet().getsockname(), inet6().getsockname()");
    show(address(sock_getsockname(inet(SOCK_STREAM), &a), &a));
    show(address(sock_getsockname(inet6(SOCK_STREAM), &a), &a));
    row("a, b = tcp(); a.getsockname(), a.getpeername()");
    p = tcp();
    show(address(sock_getsockname(p.a, &a), &a));
    show(address(sock_getpeername(p.a, &a), &a));
    row("a, b = pair(); a.getsockname(), a.getpeername()");
    p = pair(SOCK_STREAM);
    show(address(sock_getsockname(p.a, &a), &a));
    show(address(sock_getpeername(p.a, &a), &a));
}

/* create_connection(host, port) of a server or of no one. */
static void creating(void)
{
    sock_addr_t nowhere = sock_addr_none();
    row("has_ipv6, has_dualstack_ipv6()");
    show(flag(sock_has_ipv6()));
    show(flag(sock_has_dualstack_ipv6()));
    row("l = listening(); create_connection(l.getsockname())");
    sock_t *l = listening();
    sock_addr_t a = name(l);
    show(object(own(
        sock_create_connection("127.0.0.1", sock_addr_port(&a), -1, nowhere))));
    row("l = listening(); create_connection(l.getsockname(), 5)");
    l = listening();
    a = name(l);
    show(object(
        own(sock_connect_to_host("127.0.0.1", sock_addr_port(&a), 5, NULL))));
    static const double timeouts[] = {0.5, 10, SOCK_NO_TIMEOUT};
    for (EACH(i, timeouts)) {
        row("l = listening(); s = create_connection(l.getsockname(), %s); "
            "s.gettimeout()",
            seconds(timeouts[i]));
        l = listening();
        a = name(l);
        show(seconds(sock_gettimeout(own(sock_create_connection(
            "127.0.0.1", sock_addr_port(&a), timeouts[i], nowhere)))));
    }
    row("l = listening(); s = create_connection(l.getsockname(), 2, "
        "('127.0.0.2', 0)); "
        "s.getsockname()");
    l = listening();
    a = name(l);
    a = name(own(sock_create_connection("127.0.0.1", sock_addr_port(&a), 2,
                                        sock_addr_inet("127.0.0.2", 0))));
    show(address(0, &a));
    row("create_connection(refusing())");
    a = refusing();
    show(object(
        sock_create_connection("127.0.0.1", sock_addr_port(&a), -1, nowhere)));
    row("l = listening(); create_connection(l.getsockname(), 0)");
    l = listening();
    a = name(l);
    show(object(
        sock_create_connection("127.0.0.1", sock_addr_port(&a), 0, nowhere)));
    row("create_connection(('localhost', 9), 0)");
    deviates("sock_create_connection() of a name with a timeout of 0");
    show(object(sock_create_connection("localhost", 9, 0, nowhere)));
    row("create_connection(('127.0.0.1', 9), -1)");
    deviates("sock_create_connection() with a timeout of -1");
    show(object(sock_create_connection("127.0.0.1", 9, -1, nowhere)));
    row("create_connection(('127.0.0.1', 9), -2)");
    show(object(sock_create_connection("127.0.0.1", 9, -2, nowhere)));
    row("create_connection(('', 9))");
    show(object(sock_create_connection("", 9, -1, nowhere)));
    row("e = fails(create_connection, refusing(), all_errors=True); e.kind");
    a = refusing();
    sock_error_list_t *list = NULL;
    sock_t *s = sock_create_connection_errors("127.0.0.1", sock_addr_port(&a),
                                              -1, nowhere, &list);
    show(s == NULL && list != NULL && list->count == 1 ? "'ExceptionGroup'"
                                                       : "?");
    sock_error_list_free(list);
    row("create_server(('127.0.0.1', 0))");
    show(object(own(sock_create_server(sock_addr_inet("127.0.0.1", 0), 5, 0))));
    row("create_server(('::1', 0), family=AF_INET6)");
    show(object(own(sock_create_server(sock_addr_inet6("::1", 0), 5, 0))));
    row("s = create_server(('', 0), family=AF_INET6, dualstack_ipv6=True); "
        "s.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)");
    int value = -1;
    sock_getsockopt_int(own(sock_create_server(sock_addr_inet6("", 0), 5,
                                               SOCK_SERVER_DUALSTACK_IPV6)),
                        IPPROTO_IPV6, IPV6_V6ONLY, &value);
    show(num(value));
    row("s = create_server(('', 0), family=AF_INET6); "
        "s.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)");
    sock_getsockopt_int(own(sock_create_server(sock_addr_inet6("", 0), 5, 0)),
                        IPPROTO_IPV6, IPV6_V6ONLY, &value);
    show(num(value));
    row("s = create_server(('127.0.0.1', 0), reuse_port=True); "
        "s.getsockopt(SOL_SOCKET, SO_REUSEPORT), s.getsockopt(SOL_SOCKET, "
        "SO_REUSEADDR)");
    s = own(sock_create_server(sock_addr_inet("127.0.0.1", 0), 5,
                               SOCK_SERVER_REUSE_PORT));
    sock_getsockopt_int(s, SOL_SOCKET, SO_REUSEPORT, &value);
    show(num(value));
    sock_getsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, &value);
    show(num(value));
    row("create_server(('127.0.0.1', 0), dualstack_ipv6=True)");
    show(object(sock_create_server(sock_addr_inet("127.0.0.1", 0), 5,
                                   SOCK_SERVER_DUALSTACK_IPV6)));
    row("create_server(('127.0.0.1', 70000))");
    show(object(sock_create_server(sock_addr_inet("127.0.0.1", 70000), 5, 0)));
    row("l = listening(); create_server(l.getsockname())");
    deviates("errors");
    show(object(sock_create_server(name(listening()), 5, 0)));
}

void rows_connect(void)
{
    servers();
    connecting();
    ends();
    creating();
}
