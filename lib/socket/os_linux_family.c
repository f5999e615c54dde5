/* SPDX-License-Identifier: MIT */
/* The layout of the addresses of Linux's further families. */
#define _DEFAULT_SOURCE

#include "os.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/can.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/qrtr.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <string.h>

/* Of Bluetooth the kernel's headers for programs say nothing. */

struct bdaddr {
    uint8_t b[6]; /* the last of the text first */
};

struct bt_l2cap {
    sa_family_t family;
    uint16_t psm; /* little-endian, as the next */
    struct bdaddr bdaddr;
    uint16_t cid;
    uint8_t bdaddr_type;
};

struct bt_rfcomm {
    sa_family_t family;
    struct bdaddr bdaddr;
    uint8_t channel;
};

struct bt_hci {
    sa_family_t family;
    uint16_t dev;
    uint16_t channel;
};

struct bt_sco {
    sa_family_t family;
    struct bdaddr bdaddr;
};

/* All of them in the bytes of one address. */
union layout {
    struct sockaddr_storage storage;
    struct sockaddr_nl nl;
    struct sockaddr_ll ll;
    struct sockaddr_vm vm;
    struct sockaddr_can can;
    struct sockaddr_tipc tipc;
    struct sockaddr_alg alg;
    struct sockaddr_qrtr qrtr;
    struct bt_l2cap l2cap;
    struct bt_rfcomm rfcomm;
    struct bt_hci hci;
    struct bt_sco sco;
};

int sock__os_address_family(int family)
{
    return family == AF_RDS ? AF_INET : family;
}

int sock__os_form_of(int family, int protocol)
{
    return family == AF_CAN || family == AF_BLUETOOTH ? protocol : 0;
}

socklen_t sock__os_least_len(int family)
{
    switch (family) {
    case AF_NETLINK:
        return sizeof(struct sockaddr_nl);
    case AF_PACKET:
        return offsetof(struct sockaddr_ll, sll_addr);
    case AF_VSOCK:
        return sizeof(struct sockaddr_vm);
    case AF_CAN:
        return offsetof(struct sockaddr_can, can_addr);
    case AF_TIPC:
        return sizeof(struct sockaddr_tipc);
    case AF_ALG:
        return offsetof(struct sockaddr_alg, salg_name) + 1;
    case AF_QIPCRTR:
        return sizeof(struct sockaddr_qrtr);
    case AF_BLUETOOTH:
        return sizeof(struct bt_hci);
    default:
        return sizeof(sa_family_t);
    }
}

/* Messages and options */

bool sock__os_is_alg(int family)
{
    return family == AF_ALG;
}

_Static_assert(SOCK__OS_SOL_ALG == SOL_ALG, "level");
_Static_assert(SOCK__OS_ALG_SET_IV == ALG_SET_IV, "item");
_Static_assert(SOCK__OS_ALG_SET_OP == ALG_SET_OP, "item");
_Static_assert(SOCK__OS_ALG_SET_AEAD_ASSOCLEN == ALG_SET_AEAD_ASSOCLEN, "item");

bool sock__os_is_peek_offset(int level, int name)
{
    return level == SOL_SOCKET && name == SO_PEEK_OFF;
}

bool sock__os_is_wide_option(int family, int level)
{
    return family == AF_VSOCK && level == AF_VSOCK;
}

/* Interfaces */

/* 0 for no name; -1 with errno for one that is gone by now. */
static int interface_index(const char *name)
{
    if (name[0] == '\0')
        return 0;
    unsigned index = if_nametoindex(name);
    return index != 0 ? (int)index : -1;
}

/* The empty text for 0, and for one that is gone. */
static void interface_name(int index, char name[SOCK_IF_NAME_MAX])
{
    int saved = errno;
    if (index == 0 || if_indextoname((unsigned)index, name) == NULL)
        memset(name, 0, SOCK_IF_NAME_MAX);
    errno = saved;
}

/* Bluetooth */

static int hex(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

static struct bdaddr pack_bdaddr(const char *text)
{
    struct bdaddr out;
    for (int i = 5; i >= 0; i--, text += 3)
        out.b[i] = (uint8_t)(hex(text[0]) << 4 | hex(text[1]));
    return out;
}

static void unpack_bdaddr(char *text, const struct bdaddr *bdaddr)
{
    for (int i = 0; i < 6; i++) {
        uint8_t byte = bdaddr->b[5 - i];
        *text++ = "0123456789ABCDEF"[byte >> 4];
        *text++ = "0123456789ABCDEF"[byte & 0xf];
        *text++ = i < 5 ? ':' : '\0';
    }
}

/* The kernel's little-endian numbers of two bytes, in either direction. */
static uint16_t swap_if_big(uint16_t number)
{
    uint8_t b[2];
    memcpy(b, &number, sizeof b);
    return (uint16_t)(b[0] | b[1] << 8);
}

static size_t pack_bluetooth(const sock_bluetooth_t *p, union layout *u)
{
    u->storage.ss_family = AF_BLUETOOTH;
    switch (p->protocol) {
    case SOCK__OS_L2CAP:
        u->l2cap.psm = swap_if_big(p->psm);
        u->l2cap.cid = swap_if_big(p->cid);
        u->l2cap.bdaddr = pack_bdaddr(p->bdaddr);
        u->l2cap.bdaddr_type = (uint8_t)p->bdaddr_type;
        return sizeof u->l2cap;
    case SOCK__OS_RFCOMM:
        u->rfcomm.bdaddr = pack_bdaddr(p->bdaddr);
        u->rfcomm.channel = (uint8_t)p->channel;
        return sizeof u->rfcomm;
    case SOCK__OS_SCO:
        u->sco.bdaddr = pack_bdaddr(p->bdaddr);
        return sizeof u->sco;
    default:
        u->hci.dev = p->dev;
        u->hci.channel = p->channel;
        return sizeof u->hci;
    }
}

static bool unpack_bluetooth(const union layout *u, int protocol,
                             sock_bluetooth_t *p)
{
    p->protocol = protocol;
    switch (protocol) {
    case SOCK__OS_L2CAP:
        p->psm = swap_if_big(u->l2cap.psm);
        p->cid = swap_if_big(u->l2cap.cid);
        p->bdaddr_type = u->l2cap.bdaddr_type;
        unpack_bdaddr(p->bdaddr, &u->l2cap.bdaddr);
        return true;
    case SOCK__OS_RFCOMM:
        p->channel = u->rfcomm.channel;
        unpack_bdaddr(p->bdaddr, &u->rfcomm.bdaddr);
        return true;
    case SOCK__OS_SCO:
        unpack_bdaddr(p->bdaddr, &u->sco.bdaddr);
        return true;
    case SOCK__OS_HCI:
        p->dev = u->hci.dev;
        p->channel = u->hci.channel;
        return true;
    default:
        return false;
    }
}

/* CAN */

static size_t pack_can(const sock_can_t *p, union layout *u)
{
    u->can.can_family = AF_CAN;
    if ((u->can.can_ifindex = interface_index(p->ifname)) < 0)
        return 0;
    if (p->protocol == SOCK__OS_CAN_ISOTP) {
        u->can.can_addr.tp.rx_id = p->rx_addr;
        u->can.can_addr.tp.tx_id = p->tx_addr;
    } else if (p->protocol == SOCK__OS_CAN_J1939) {
        u->can.can_addr.j1939.name = p->name;
        u->can.can_addr.j1939.pgn = p->pgn;
        u->can.can_addr.j1939.addr = (uint8_t)p->addr;
    }
    return sizeof u->can;
}

static void unpack_can(const union layout *u, int protocol, sock_can_t *p)
{
    p->protocol = protocol;
    interface_name(u->can.can_ifindex, p->ifname);
    if (protocol == SOCK__OS_CAN_ISOTP) {
        p->rx_addr = u->can.can_addr.tp.rx_id;
        p->tx_addr = u->can.can_addr.tp.tx_id;
    } else if (protocol == SOCK__OS_CAN_J1939) {
        p->name = u->can.can_addr.j1939.name;
        p->pgn = u->can.can_addr.j1939.pgn;
        p->addr = u->can.can_addr.j1939.addr;
    }
}

/* TIPC */

/* 0 for a type of address that is not known. */
static size_t pack_tipc(const sock_tipc_t *p, union layout *u)
{
    u->tipc.family = AF_TIPC;
    u->tipc.addrtype = (unsigned char)p->addr_type;
    u->tipc.scope = (signed char)p->scope;
    switch (p->addr_type) {
    case TIPC_ADDR_NAMESEQ:
        u->tipc.addr.nameseq.type = p->v1;
        u->tipc.addr.nameseq.lower = p->v2;
        u->tipc.addr.nameseq.upper = p->v3;
        return sizeof u->tipc;
    case TIPC_ADDR_NAME:
        u->tipc.addr.name.name.type = p->v1;
        u->tipc.addr.name.name.instance = p->v2;
        return sizeof u->tipc;
    case TIPC_ADDR_ID:
        u->tipc.addr.id.node = p->v1;
        u->tipc.addr.id.ref = p->v2;
        return sizeof u->tipc;
    default:
        return 0;
    }
}

static bool unpack_tipc(const union layout *u, sock_tipc_t *p)
{
    p->addr_type = u->tipc.addrtype;
    p->scope = (uint32_t)u->tipc.scope; /* a signed char */
    switch (u->tipc.addrtype) {
    case TIPC_ADDR_NAMESEQ:
        p->v1 = u->tipc.addr.nameseq.type;
        p->v2 = u->tipc.addr.nameseq.lower;
        p->v3 = u->tipc.addr.nameseq.upper;
        return true;
    case TIPC_ADDR_NAME:
        p->v1 = u->tipc.addr.name.name.type;
        p->v2 = p->v3 = u->tipc.addr.name.name.instance;
        return true;
    case TIPC_ADDR_ID:
        p->v1 = u->tipc.addr.id.node;
        p->v2 = u->tipc.addr.id.ref;
        return true;
    default:
        return false;
    }
}

/* Packets and cryptography */

static size_t pack_packet(const sock_packet_t *p, union layout *u)
{
    u->ll.sll_family = AF_PACKET;
    if ((u->ll.sll_ifindex = interface_index(p->ifname)) < 0)
        return 0;
    u->ll.sll_protocol = htons((uint16_t)p->proto);
    u->ll.sll_pkttype = (unsigned char)p->pkttype;
    u->ll.sll_hatype = (unsigned short)p->hatype;
    u->ll.sll_halen = (unsigned char)p->addr_size;
    memcpy(u->ll.sll_addr, p->addr, sizeof u->ll.sll_addr);
    return sizeof u->ll;
}

/* A hardware address can be longer than there is room for. */
static void unpack_packet(const union layout *u, sock_packet_t *p)
{
    interface_name(u->ll.sll_ifindex, p->ifname);
    p->proto = ntohs(u->ll.sll_protocol);
    p->pkttype = u->ll.sll_pkttype;
    p->hatype = u->ll.sll_hatype;
    p->addr_size = u->ll.sll_halen;
    if (p->addr_size > sizeof p->addr)
        p->addr_size = sizeof p->addr;
    memcpy(p->addr, u->ll.sll_addr, sizeof p->addr);
}

static size_t pack_alg(const sock_alg_t *p, union layout *u)
{
    u->alg.salg_family = AF_ALG;
    memcpy(u->alg.salg_type, p->type, sizeof u->alg.salg_type);
    memcpy(u->alg.salg_name, p->name, sizeof u->alg.salg_name);
    u->alg.salg_feat = p->feat;
    u->alg.salg_mask = p->mask;
    return sizeof u->alg;
}

/* The last byte of either is a NUL: the kernel sends none without. */
static void unpack_alg(const union layout *u, sock_alg_t *p)
{
    memcpy(p->type, u->alg.salg_type, sizeof p->type - 1);
    memcpy(p->name, u->alg.salg_name, sizeof p->name - 1);
    p->feat = u->alg.salg_feat;
    p->mask = u->alg.salg_mask;
}

/* Pairs */

static size_t pack_netlink(const sock_netlink_t *p, union layout *u)
{
    u->nl.nl_family = AF_NETLINK;
    u->nl.nl_pid = p->pid;
    u->nl.nl_groups = p->groups;
    return sizeof u->nl;
}

static size_t pack_vsock(const sock_vsock_t *p, union layout *u)
{
    u->vm.svm_family = AF_VSOCK;
    u->vm.svm_cid = p->cid;
    u->vm.svm_port = p->port;
    return sizeof u->vm;
}

static size_t pack_qipcrtr(const sock_qipcrtr_t *p, union layout *u)
{
    u->qrtr.sq_family = AF_QIPCRTR;
    u->qrtr.sq_node = p->node;
    u->qrtr.sq_port = p->port;
    return sizeof u->qrtr;
}

/* Any family */

static size_t pack(int family, const union sock__parts *p, union layout *u)
{
    switch (family) {
    case AF_NETLINK:
        return pack_netlink(&p->netlink, u);
    case AF_PACKET:
        return pack_packet(&p->packet, u);
    case AF_VSOCK:
        return pack_vsock(&p->vsock, u);
    case AF_CAN:
        return pack_can(&p->can, u);
    case AF_TIPC:
        return pack_tipc(&p->tipc, u);
    case AF_ALG:
        return pack_alg(&p->alg, u);
    case AF_QIPCRTR:
        return pack_qipcrtr(&p->qipcrtr, u);
    default: /* AF_BLUETOOTH */
        return pack_bluetooth(&p->bluetooth, u);
    }
}

socklen_t sock__os_pack_addr(int family, const union sock__parts *p,
                             struct sockaddr_storage *sa)
{
    union layout u = {.storage = {0}};
    size_t len = pack(family, p, &u);
    memcpy(sa, &u, sizeof *sa);
    return (socklen_t)len;
}

bool sock__os_unpack_addr(const struct sockaddr_storage *sa, int protocol,
                          union sock__parts *p)
{
    union layout u;

    memcpy(&u, sa, sizeof u);
    memset(p, 0, sizeof *p);
    switch (sa->ss_family) {
    case AF_NETLINK:
        p->netlink = (sock_netlink_t){u.nl.nl_pid, u.nl.nl_groups};
        return true;
    case AF_PACKET:
        unpack_packet(&u, &p->packet);
        return true;
    case AF_VSOCK:
        p->vsock = (sock_vsock_t){u.vm.svm_cid, u.vm.svm_port};
        return true;
    case AF_CAN:
        unpack_can(&u, protocol, &p->can);
        return true;
    case AF_TIPC:
        return unpack_tipc(&u, &p->tipc);
    case AF_ALG:
        unpack_alg(&u, &p->alg);
        return true;
    case AF_QIPCRTR:
        p->qipcrtr = (sock_qipcrtr_t){u.qrtr.sq_node, u.qrtr.sq_port};
        return true;
    case AF_BLUETOOTH:
        return unpack_bluetooth(&u, protocol, &p->bluetooth);
    default:
        return false;
    }
}
