/* SPDX-License-Identifier: MIT */
/* Addresses of the families that Linux has beyond the usual three. */
#define _DEFAULT_SOURCE

#include <pysockc/family.h>

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "address.h"
#include "family.h"
#include "os.h"
#include "record.h"
#include "text.h"

/* Making */

static sock_addr_t refuse(int kind, int detail)
{
    return sock__addr_failed(kind, 0, detail, NULL);
}

static sock_addr_t made(int family, int protocol, const union sock__parts *p)
{
    sock_addr_t a = sock_addr_none();
    a.len = sock__os_pack_addr(family, p, &a.u.storage);
    a.detail = (int16_t)protocol;
    return a;
}

/* Text that is known to fit; what is behind it is zero. */
static void copy(char *to, const char *text, size_t size)
{
    memcpy(to, text, strnlen(text, size - 1));
}

/* Whether the interface is there; else the address that says why not. */
static bool has_interface(const char *ifname, sock_addr_t *why)
{
    int saved = errno;
    bool found = if_nametoindex(ifname) != 0;
    if (!found)
        *why = sock__addr_failed(SOCK_E_OS, errno, 0, ifname);
    errno = saved;
    return found;
}

/* made(), which asks for the interface again: 0 would be any. */
static sock_addr_t made_on(const char *ifname, int family, int protocol,
                           const union sock__parts *p)
{
    int saved = errno;
    sock_addr_t a = made(family, protocol, p);
    if (a.len == 0)
        a = sock__addr_failed(SOCK_E_OS, errno, 0, ifname);
    errno = saved;
    return a;
}

sock_addr_t sock_addr_netlink(uint32_t pid, uint32_t groups)
{
    union sock__parts p = {.netlink = {pid, groups}};
    return made(AF_NETLINK, 0, &p);
}

sock_addr_t sock_addr_packet(const char *ifname, int proto, int pkttype,
                             int hatype, const void *addr, size_t size)
{
    union sock__parts p = {.packet = {.proto = proto,
                                      .pkttype = pkttype,
                                      .hatype = hatype,
                                      .addr_size = (uint32_t)size}};
    sock_addr_t why;

    if (ifname == NULL || (addr == NULL && size > 0))
        return refuse(SOCK_E_TYPE, SOCK__NULL_ARGUMENT);
    if (!has_interface(ifname, &why))
        return why;
    if (size > SOCK_HARDWARE_ADDR_MAX)
        return refuse(SOCK_E_VALUE, SOCK__HARDWARE_ADDR_TOO_LONG);
    if (proto < 0 || proto > 0xffff)
        return refuse(SOCK_E_OVERFLOW, SOCK__BAD_PACKET_PROTO);
    copy(p.packet.ifname, ifname, sizeof p.packet.ifname);
    if (size > 0)
        memcpy(p.packet.addr, addr, size);
    return made_on(ifname, AF_PACKET, 0, &p);
}

sock_addr_t sock_addr_vsock(uint32_t cid, uint32_t port)
{
    union sock__parts p = {.vsock = {cid, port}};
    return made(AF_VSOCK, 0, &p);
}

/* Completes the parts of any form with the interface. */
static sock_addr_t can_on(const char *ifname, union sock__parts *p)
{
    sock_addr_t why;

    if (ifname == NULL)
        return refuse(SOCK_E_TYPE, SOCK__NULL_ARGUMENT);
    if (strlen(ifname) >= sizeof p->can.ifname)
        return sock__addr_failed(SOCK_E_OS, 0, SOCK__CAN_NAME_TOO_LONG, ifname);
    if (ifname[0] != '\0' && !has_interface(ifname, &why))
        return why;
    copy(p->can.ifname, ifname, sizeof p->can.ifname);
    return made_on(ifname, AF_CAN, p->can.protocol, p);
}

sock_addr_t sock_addr_can(const char *ifname)
{
    union sock__parts p = {.can = {.protocol = SOCK__OS_CAN_RAW}};
    return can_on(ifname, &p);
}

sock_addr_t sock_addr_can_isotp(const char *ifname, uint32_t rx_addr,
                                uint32_t tx_addr)
{
    union sock__parts p = {.can = {.protocol = SOCK__OS_CAN_ISOTP,
                                   .rx_addr = rx_addr,
                                   .tx_addr = tx_addr}};
    return can_on(ifname, &p);
}

sock_addr_t sock_addr_can_j1939(const char *ifname, uint64_t name, uint32_t pgn,
                                uint8_t addr)
{
    union sock__parts p = {.can = {.protocol = SOCK__OS_CAN_J1939,
                                   .name = name,
                                   .pgn = pgn,
                                   .addr = addr}};
    return can_on(ifname, &p);
}

sock_addr_t sock_addr_tipc(uint32_t addr_type, uint32_t v1, uint32_t v2,
                           uint32_t v3, int scope)
{
    union sock__parts p = {.tipc = {addr_type, v1, v2, v3, (uint32_t)scope}};
    sock_addr_t a = made(AF_TIPC, 0, &p);
    return a.len > 0 ? a : refuse(SOCK_E_TYPE, SOCK__BAD_ADDRESS_TYPE);
}

sock_addr_t sock_addr_alg(const char *type, const char *name, uint32_t feat,
                          uint32_t mask)
{
    union sock__parts p = {.alg = {.feat = feat, .mask = mask}};

    if (type == NULL || name == NULL)
        return refuse(SOCK_E_TYPE, SOCK__NULL_ARGUMENT);
    if (strlen(type) >= sizeof p.alg.type)
        return refuse(SOCK_E_VALUE, SOCK__ALG_TYPE_TOO_LONG);
    if (strlen(name) >= sizeof p.alg.name)
        return refuse(SOCK_E_VALUE, SOCK__ALG_NAME_TOO_LONG);
    copy(p.alg.type, type, sizeof p.alg.type);
    copy(p.alg.name, name, sizeof p.alg.name);
    return made(AF_ALG, 0, &p);
}

sock_addr_t sock_addr_qipcrtr(uint32_t node, uint32_t port)
{
    union sock__parts p = {.qipcrtr = {node, port}};
    return made(AF_QIPCRTR, 0, &p);
}

/* Bluetooth */

static bool fits16(int number)
{
    return number >= 0 && number <= UINT16_MAX;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Takes hexadecimal digits off the text; -1 if there are none, or too many. */
static int take_byte(const char **text)
{
    int value = -1;
    for (int digit; (digit = hex_digit(**text)) >= 0; ++*text) {
        value = (value < 0 ? 0 : value * 16) + digit;
        if (value > 0xff)
            return -1;
    }
    return value;
}

/* Six bytes of one or more digits, as Python takes them; written in full. */
static bool parse_bdaddr(const char *text, char bdaddr[SOCK_BDADDR_TEXT_MAX])
{
    static const char digits[] = "0123456789ABCDEF";

    for (int i = 0; i < 6; i++) {
        int byte = take_byte(&text);
        if (byte < 0 || *text != (i < 5 ? ':' : '\0'))
            return false;
        text += i < 5;
        *bdaddr++ = digits[byte >> 4];
        *bdaddr++ = digits[byte & 0xf];
        *bdaddr++ = i < 5 ? ':' : '\0';
    }
    return true;
}

/* Completes the parts of any form; of HCI, there is no device. */
static sock_addr_t bluetooth_of(const char *bdaddr, bool in_range,
                                union sock__parts *p)
{
    if (bdaddr == NULL)
        return refuse(SOCK_E_TYPE, SOCK__NULL_ARGUMENT);
    if (!in_range)
        return refuse(SOCK_E_OVERFLOW, SOCK__OUT_OF_RANGE);
    if (!parse_bdaddr(bdaddr, p->bluetooth.bdaddr))
        return sock__addr_failed(SOCK_E_OS, 0, SOCK__BAD_BDADDR, bdaddr);
    return made(AF_BLUETOOTH, p->bluetooth.protocol, p);
}

sock_addr_t sock_addr_bluetooth_l2cap(const char *bdaddr, int psm, int cid,
                                      int bdaddr_type)
{
    bool in_range = fits16(psm) && fits16(cid) && bdaddr_type >= 0 &&
                    bdaddr_type <= UINT8_MAX;
    union sock__parts p = {.bluetooth = {.protocol = SOCK__OS_L2CAP,
                                         .psm = (uint16_t)psm,
                                         .cid = (uint16_t)cid,
                                         .bdaddr_type = (uint16_t)bdaddr_type}};
    return bluetooth_of(bdaddr, in_range, &p);
}

sock_addr_t sock_addr_bluetooth_rfcomm(const char *bdaddr, int channel)
{
    bool in_range = channel >= 0 && channel <= UINT8_MAX;
    union sock__parts p = {.bluetooth = {.protocol = SOCK__OS_RFCOMM,
                                         .channel = (uint16_t)channel}};
    return bluetooth_of(bdaddr, in_range, &p);
}

sock_addr_t sock_addr_bluetooth_hci(int dev, int channel)
{
    union sock__parts p = {.bluetooth = {.protocol = SOCK__OS_HCI,
                                         .dev = (uint16_t)dev,
                                         .channel = (uint16_t)channel}};
    return bluetooth_of(SOCK_BDADDR_ANY, fits16(dev) && fits16(channel), &p);
}

sock_addr_t sock_addr_bluetooth_sco(const char *bdaddr)
{
    union sock__parts p = {.bluetooth = {.protocol = SOCK__OS_SCO}};
    return bluetooth_of(bdaddr, true, &p);
}

/* Parts */

/* The parts of an address of this family; else -1 with the error recorded. */
static int unpack(const char *op, const sock_addr_t *a, int family,
                  const void *out, union sock__parts *p)
{
    static const sock_addr_t none;

    if (out == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (a == NULL || a->len == 0)
        return sock__addr_check(op, a != NULL ? a : &none);
    if (a->u.sa.sa_family != family ||
        !sock__os_unpack_addr(&a->u.storage, a->detail, p))
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__OTHER_FAMILY);
    return 0;
}

int sock_addr_get_netlink(const sock_addr_t *a, sock_netlink_t *parts)
{
    union sock__parts p;
    if (unpack("addr_get_netlink", a, AF_NETLINK, parts, &p) < 0)
        return -1;
    *parts = p.netlink;
    return 0;
}

int sock_addr_get_packet(const sock_addr_t *a, sock_packet_t *parts)
{
    union sock__parts p;
    if (unpack("addr_get_packet", a, AF_PACKET, parts, &p) < 0)
        return -1;
    *parts = p.packet;
    return 0;
}

int sock_addr_get_vsock(const sock_addr_t *a, sock_vsock_t *parts)
{
    union sock__parts p;
    if (unpack("addr_get_vsock", a, AF_VSOCK, parts, &p) < 0)
        return -1;
    *parts = p.vsock;
    return 0;
}

int sock_addr_get_can(const sock_addr_t *a, sock_can_t *parts)
{
    union sock__parts p;
    if (unpack("addr_get_can", a, AF_CAN, parts, &p) < 0)
        return -1;
    *parts = p.can;
    return 0;
}

int sock_addr_get_tipc(const sock_addr_t *a, sock_tipc_t *parts)
{
    union sock__parts p;
    if (unpack("addr_get_tipc", a, AF_TIPC, parts, &p) < 0)
        return -1;
    *parts = p.tipc;
    return 0;
}

int sock_addr_get_alg(const sock_addr_t *a, sock_alg_t *parts)
{
    union sock__parts p;
    if (unpack("addr_get_alg", a, AF_ALG, parts, &p) < 0)
        return -1;
    *parts = p.alg;
    return 0;
}

int sock_addr_get_qipcrtr(const sock_addr_t *a, sock_qipcrtr_t *parts)
{
    union sock__parts p;
    if (unpack("addr_get_qipcrtr", a, AF_QIPCRTR, parts, &p) < 0)
        return -1;
    *parts = p.qipcrtr;
    return 0;
}

int sock_addr_get_bluetooth(const sock_addr_t *a, sock_bluetooth_t *parts)
{
    union sock__parts p;
    if (unpack("addr_get_bluetooth", a, AF_BLUETOOTH, parts, &p) < 0)
        return -1;
    *parts = p.bluetooth;
    return 0;
}

/* Python's repr() */

static void add_str(struct sock__text *t, const char *text)
{
    sock__text_str_repr(t, text, strlen(text));
}

static void repr_pair(struct sock__text *t, uint32_t first, uint32_t second)
{
    sock__text_addf(t, "(%u, %u)", (unsigned)first, (unsigned)second);
}

static void repr_packet(struct sock__text *t, const sock_packet_t *p)
{
    sock__text_char(t, '(');
    add_str(t, p->ifname);
    sock__text_addf(t, ", %d, %d, %d, ", (int)p->proto, (int)p->pkttype,
                    (int)p->hatype);
    sock__text_bytes_repr(t, (const char *)p->addr, p->addr_size);
    sock__text_char(t, ')');
}

static void repr_can(struct sock__text *t, const sock_can_t *p)
{
    sock__text_char(t, '(');
    add_str(t, p->ifname);
    if (p->protocol == SOCK__OS_CAN_ISOTP)
        sock__text_addf(t, ", %u, %u)", (unsigned)p->rx_addr,
                        (unsigned)p->tx_addr);
    else if (p->protocol == SOCK__OS_CAN_J1939)
        sock__text_addf(t, ", %llu, %u, %u)", (unsigned long long)p->name,
                        (unsigned)p->pgn, (unsigned)p->addr);
    else
        sock__text_add(t, ",)");
}

static void repr_tipc(struct sock__text *t, const sock_tipc_t *p)
{
    sock__text_addf(t, "(%u, %u, %u, %u, %u)", (unsigned)p->addr_type,
                    (unsigned)p->v1, (unsigned)p->v2, (unsigned)p->v3,
                    (unsigned)p->scope);
}

static void repr_alg(struct sock__text *t, const sock_alg_t *p)
{
    sock__text_char(t, '(');
    add_str(t, p->type);
    sock__text_add(t, ", ");
    add_str(t, p->name);
    sock__text_addf(t, ", %u, %u)", (unsigned)p->feat, (unsigned)p->mask);
}

/* What has its default is not shown, as in Python. */
static void repr_l2cap(struct sock__text *t, const sock_bluetooth_t *p)
{
    sock__text_addf(t, "('%s', %u", p->bdaddr, (unsigned)p->psm);
    if (p->cid != 0 || p->bdaddr_type != 0)
        sock__text_addf(t, ", %u", (unsigned)p->cid);
    if (p->bdaddr_type != 0)
        sock__text_addf(t, ", %u", (unsigned)p->bdaddr_type);
    sock__text_char(t, ')');
}

static void repr_bluetooth(struct sock__text *t, const sock_bluetooth_t *p)
{
    switch (p->protocol) {
    case SOCK__OS_L2CAP:
        repr_l2cap(t, p);
        break;
    case SOCK__OS_RFCOMM:
        sock__text_addf(t, "('%s', %u)", p->bdaddr, (unsigned)p->channel);
        break;
    case SOCK__OS_SCO:
        sock__text_addf(t, "'%s'", p->bdaddr);
        break;
    default:
        if (p->channel == 0)
            sock__text_addf(t, "%u", (unsigned)p->dev);
        else
            repr_pair(t, p->dev, p->channel);
    }
}

static void repr_parts(struct sock__text *t, int family,
                       const union sock__parts *p)
{
    if (family == AF_NETLINK)
        repr_pair(t, p->netlink.pid, p->netlink.groups);
    else if (family == AF_PACKET)
        repr_packet(t, &p->packet);
    else if (family == AF_VSOCK)
        repr_pair(t, p->vsock.cid, p->vsock.port);
    else if (family == AF_CAN)
        repr_can(t, &p->can);
    else if (family == AF_TIPC)
        repr_tipc(t, &p->tipc);
    else if (family == AF_ALG)
        repr_alg(t, &p->alg);
    else if (family == AF_QIPCRTR)
        repr_pair(t, p->qipcrtr.node, p->qipcrtr.port);
    else /* AF_BLUETOOTH */
        repr_bluetooth(t, &p->bluetooth);
}

bool sock__family_repr(struct sock__text *t, const sock_addr_t *a)
{
    union sock__parts p;
    if (a->len == 0 || !sock__os_unpack_addr(&a->u.storage, a->detail, &p))
        return false;
    repr_parts(t, a->u.sa.sa_family, &p);
    return true;
}
