/* SPDX-License-Identifier: MIT */
/*
 * Further families: on real sockets where the kernel has them; else on a socket
 * that is said to be of the family, whose addresses Python then takes.
 */
#include "parity.h"

#include <string.h>

enum { PACKET = 17, RAW_CAN = 1, ISOTP = 6, J1939 = 7 };

static sock_t *pretend(int family, int type, int proto)
{
    sock_t *s = inet(SOCK_DGRAM);
    return own(sock_adopt_as(sock_detach(s), family, type, proto));
}

/* A new socket of the family, bound; or why there is none. */
static void bound(int family, int type, int proto, sock_addr_t to)
{
    sock_t *s = sock_new(family, type, proto);
    if (s == NULL || sock_bind(own(s), to) == -1) {
        show(error());
        return;
    }
    sock_addr_t a = name(s);
    show(address(0, &a));
}

static void netlink(void)
{
    static const uint32_t groups[] = {0, 1, 0x11};
    for (EACH(i, groups)) {
        row("s = socket.socket(AF_NETLINK, SOCK_RAW, 0); "
            "s.bind((4242424, %u)); s.getsockname()",
            groups[i]);
        bound(AF_NETLINK, SOCK_RAW, 0, sock_addr_netlink(4242424, groups[i]));
    }
    row("s = socket.socket(AF_NETLINK, SOCK_RAW, 0); s.bind((4242425, 0)); s");
    sock_t *s = own(sock_new(AF_NETLINK, SOCK_RAW, 0));
    sock_bind(s, sock_addr_netlink(4242425, 0));
    show(object(s));
    row("s = socket.socket(AF_NETLINK, SOCK_RAW, 0); s.bind((4242426, 1)); "
        "*s.getsockname(),");
    s = own(sock_new(AF_NETLINK, SOCK_RAW, 0));
    sock_bind(s, sock_addr_netlink(4242426, 1));
    sock_addr_t a = name(s);
    sock_netlink_t p;
    sock_addr_get_netlink(&a, &p);
    show(num(p.pid));
    show(num(p.groups));
    row("socket.socket(AF_NETLINK, SOCK_RAW, 0).getsockname()");
    a = name(own(sock_new(AF_NETLINK, SOCK_RAW, 0)));
    show(address(0, &a));
    row("socket.socket(AF_NETLINK, SOCK_RAW, 999)");
    show(object(sock_new(AF_NETLINK, SOCK_RAW, 999)));
}

static void packet(void)
{
    static const int protos[] = {0, 0x800, 65535, 65536, -1};
    for (EACH(i, protos)) {
        row("s = socket.socket(AF_PACKET, SOCK_RAW, 0); s.bind(('lo', %d)); "
            "s.getsockname()",
            protos[i]);
        bound(PACKET, SOCK_RAW, 0,
              sock_addr_packet("lo", protos[i], 0, 0, NULL, 0));
    }
    static const char *const names[] = {"nothing", "", "LO"};
    for (EACH(i, names)) {
        row("pretend(AF_PACKET, SOCK_RAW, 0).bind((%s, 0))", py(names[i]));
        show(none(sock_bind(pretend(PACKET, SOCK_RAW, 0),
                            sock_addr_packet(names[i], 0, 0, 0, NULL, 0))));
    }
    static const size_t sizes[] = {0, 6, 8, 9};
    for (EACH(i, sizes)) {
        row("pretend(AF_PACKET, SOCK_RAW, 0).connect_ex(('lo', 8, 0, 1, "
            "bytes(%zu)))",
            sizes[i]);
        show(num(sock_connect_ex(
            pretend(PACKET, SOCK_RAW, 0),
            sock_addr_packet("lo", 8, 0, 1, "\0\0\0\0\0\0\0\0\0", sizes[i]))));
    }
    row("('lo', 8, 0, 1, bytes(6))");
    sock_addr_t a = sock_addr_packet("lo", 8, 0, 1, "\0\0\0\0\0\0", 6);
    sock_packet_t p;
    sock_addr_get_packet(&a, &p);
    show(py(p.ifname));
    show(num(p.proto));
    show(num(p.pkttype));
    show(num(p.hatype));
    show(bytes(p.addr_size, p.addr));
}

/* Addresses on a socket of another family: what may be said, and what the
 * kernel answers. */
static void others(void)
{
    row("a = (2, 5000); pretend(AF_VSOCK, SOCK_DGRAM, 0).connect_ex(a), *a");
    sock_addr_t a = sock_addr_vsock(2, 5000);
    sock_vsock_t v;
    show(num(sock_connect_ex(pretend(AF_VSOCK, SOCK_DGRAM, 0), a)));
    sock_addr_get_vsock(&a, &v);
    show(num(v.cid));
    show(num(v.port));
    row("socket.socket(AF_VSOCK, SOCK_STREAM).getsockname()");
    sock_t *s = sock_new(AF_VSOCK, SOCK_STREAM, 0);
    a = s != NULL ? name(own(s)) : a;
    show(address(s != NULL ? 0 : -1, &a));
    row("a = (3, 17); pretend(AF_QIPCRTR, SOCK_DGRAM, 0).connect_ex(a), *a");
    a = sock_addr_qipcrtr(3, 17);
    sock_qipcrtr_t q;
    show(num(sock_connect_ex(pretend(AF_QIPCRTR, SOCK_DGRAM, 0), a)));
    sock_addr_get_qipcrtr(&a, &q);
    show(num(q.node));
    show(num(q.port));
    row("socket.socket(AF_QIPCRTR, SOCK_DGRAM)");
    s = sock_new(AF_QIPCRTR, SOCK_DGRAM, 0);
    show(object(s));
    sock_free(s);
    static const unsigned kinds[] = {1, 2, 3};
    for (EACH(i, kinds)) {
        row("a = (%u, 7, 8, %u, 2); pretend(AF_TIPC, SOCK_DGRAM, "
            "0).connect_ex(a), *a",
            kinds[i],
            kinds[i] == 1   ? 9
            : kinds[i] == 2 ? 8
                            : 0);
        a = sock_addr_tipc(kinds[i], 7, 8,
                           kinds[i] == 1   ? 9
                           : kinds[i] == 2 ? 8
                                           : 0,
                           2);
        sock_tipc_t t;
        show(num(sock_connect_ex(pretend(AF_TIPC, SOCK_DGRAM, 0), a)));
        sock_addr_get_tipc(&a, &t);
        show(num(t.addr_type));
        show(num(t.v1));
        show(num(t.v2));
        show(num(t.v3));
        show(num(kinds[i] == 3 ? 2 : t.scope));
    }
    row("pretend(AF_TIPC, SOCK_DGRAM, 0).connect_ex((9, 1, 1, 1))");
    class_only();
    show(num(sock_connect_ex(pretend(AF_TIPC, SOCK_DGRAM, 0),
                             sock_addr_tipc(9, 1, 1, 1, 2))));
}

static void can(void)
{
    static const char *const names[] = {"", "lo", "nothing",
                                        "a-name-that-is-too-long"};
    for (EACH(i, names)) {
        const char *n = names[i];
        row("pretend(AF_CAN, SOCK_RAW, CAN_RAW).connect_ex((%s,))", py(n));
        show(num(sock_connect_ex(pretend(AF_CAN, SOCK_RAW, RAW_CAN),
                                 sock_addr_can(n))));
        row("pretend(AF_CAN, SOCK_DGRAM, CAN_ISOTP).connect_ex((%s, 5, 6))",
            py(n));
        show(num(sock_connect_ex(pretend(AF_CAN, SOCK_DGRAM, ISOTP),
                                 sock_addr_can_isotp(n, 5, 6))));
        row("pretend(AF_CAN, SOCK_DGRAM, CAN_J1939).connect_ex((%s, 1, 2, 3))",
            py(n));
        show(num(sock_connect_ex(pretend(AF_CAN, SOCK_DGRAM, J1939),
                                 sock_addr_can_j1939(n, 1, 2, 3))));
    }
    row("('lo',)[0]");
    sock_addr_t a = sock_addr_can("lo");
    sock_can_t c;
    sock_addr_get_can(&a, &c);
    show(py(c.ifname));
}

static void alg(void)
{
    char longer[80];
    memset(longer, 'n', sizeof longer);
    static const size_t sizes[] = {1, 13, 14, 63, 64};
    for (EACH(i, sizes)) {
        longer[sizes[i]] = '\0';
        row("pretend(AF_ALG, SOCK_SEQPACKET, 0).connect_ex(('n' * %zu, "
            "'name'))",
            sizes[i]);
        show(num(sock_connect_ex(pretend(AF_ALG, SOCK_SEQPACKET, 0),
                                 sock_addr_alg(longer, "name", 0, 0))));
        row("pretend(AF_ALG, SOCK_SEQPACKET, 0).connect_ex(('hash', 'n' * "
            "%zu))",
            sizes[i]);
        show(num(sock_connect_ex(pretend(AF_ALG, SOCK_SEQPACKET, 0),
                                 sock_addr_alg("hash", longer, 0, 0))));
        longer[sizes[i]] = 'n';
    }
    row("('hash', 'sha256', 1, 2)");
    sock_addr_t a = sock_addr_alg("hash", "sha256", 1, 2);
    sock_alg_t p;
    sock_addr_get_alg(&a, &p);
    show(py(p.type));
    show(py(p.name));
    show(num(p.feat));
    show(num(p.mask));
    row("inet().sendmsg_afalg([b'x'], op=0)");
    show(
        num(sock_sendmsg_afalg(inet(SOCK_STREAM), NULL, 0, 0, NULL, 0, -1, 0)));
    row("pretend(AF_ALG, SOCK_SEQPACKET, 0).sendmsg_afalg([b'x'], op=-1)");
    show(num(sock_sendmsg_afalg(pretend(AF_ALG, SOCK_SEQPACKET, 0), NULL, 0, -1,
                                NULL, 0, -1, 0)));
    row("pretend(AF_ALG, SOCK_SEQPACKET, 0).sendmsg_afalg([b'x'], op=1, "
        "assoclen=-2)");
    show(num(sock_sendmsg_afalg(pretend(AF_ALG, SOCK_SEQPACKET, 0), NULL, 0, 1,
                                NULL, 0, -2, 0)));
}

void rows_family(void)
{
    netlink();
    packet();
    others();
    can();
    alg();
}
