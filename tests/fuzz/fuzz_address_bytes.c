/* SPDX-License-Identifier: MIT */
/* Bytes of any length as an address of the system's form. */
#include "address.h"

#include "accessors.h"
#include "lookup.h"

/* Parts are of the family, and texts in them end. */
static void check_families(const sock_addr_t *a, int family)
{
    sock_netlink_t netlink;
    sock_packet_t packet;
    sock_vsock_t vsock;
    sock_can_t can;
    sock_tipc_t tipc;
    sock_alg_t alg;
    sock_qipcrtr_t qipcrtr;
    sock_bluetooth_t bluetooth;

    claim((sock_addr_get_netlink(a, &netlink) == 0) == (family == AF_NETLINK));
    claim((sock_addr_get_vsock(a, &vsock) == 0) == (family == AF_VSOCK));
    claim((sock_addr_get_qipcrtr(a, &qipcrtr) == 0) == (family == AF_QIPCRTR));
    claim(sock_addr_get_tipc(a, &tipc) < 0 || family == AF_TIPC);
    claim(sock_addr_get_bluetooth(a, &bluetooth) < 0 ||
          (family == AF_BLUETOOTH && strlen(bluetooth.bdaddr) < 18));
    claim(sock_addr_get_packet(a, &packet) < 0 ||
          (family == AF_PACKET && packet.addr_size <= 8 &&
           strlen(packet.ifname) < sizeof packet.ifname));
    claim(sock_addr_get_can(a, &can) < 0 ||
          (family == AF_CAN && strlen(can.ifname) < sizeof can.ifname));
    claim(sock_addr_get_alg(a, &alg) < 0 ||
          (family == AF_ALG && strlen(alg.type) < sizeof alg.type &&
           strlen(alg.name) < sizeof alg.name));
}

/* Every accessor, with room for some of the text, and the limits promised. */
static void check_parts(const sock_addr_t *a, size_t size)
{
    text_fn *const texts[] = {host, path, format, repr};
    const size_t most[] = {SOCK_ADDR_HOST_MAX, SOCK_ADDR_PATH_MAX,
                           SOCK_ADDR_TEXT_MAX, SOCK_ADDR_REPR_MAX};
    int family = sock_addr_family(a), port = sock_addr_port(a);
    int is_ip = family == AF_INET || family == AF_INET6;

    claim((port >= 0) == is_ip && port <= 65535);
    claim((family == AF_INET6) ||
          (sock_addr_flowinfo(a) == 0 && sock_addr_scope_id(a) == 0));
    for (int i = 0; i < 4; i++) {
        char *text = text_of(texts[i], a, size);
        int n = texts[i](a, NULL, 0);
        claim((text == NULL) == (n < 0) && n < (int)most[i]);
        claim(i != 0 || (text != NULL) == is_ip);
        claim(i != 1 || (text != NULL) == (family == AF_UNIX));
        claim(i != 3 || text != NULL);
        free(text);
    }
    check_families(a, family);
    sock_addr_t other = sock_addr_with_port(*a, (int)size);
    claim((other.len > 0) == is_ip);
    claim(!is_ip || sock_addr_port(&other) == (int)size);
}

/* What an address of these bytes has to be: a kind of error, or -1 for none
 * and 0 for an address. */
static int verdict(const uint8_t *bytes, size_t n)
{
    static const struct {
        int family;
        size_t size;
    } least[] = {{AF_INET, 16},    {AF_INET6, 28}, {AF_NETLINK, 12},
                 {AF_PACKET, 12},  {AF_VSOCK, 16}, {AF_CAN, 8},
                 {AF_TIPC, 16},    {AF_ALG, 25},   {AF_QIPCRTR, 12},
                 {AF_BLUETOOTH, 6}};
    sa_family_t family = 0;
    if (n == 0)
        return -1;
    if (n < sizeof family)
        return SOCK_E_VALUE;
    memcpy(&family, bytes, sizeof family);
    for (size_t i = 0; i < sizeof least / sizeof *least; i++)
        if (family == least[i].family && n < least[i].size)
            return SOCK_E_VALUE;
    if (n > sizeof(struct sockaddr_storage))
        return SOCK_E_VALUE;
    return 0;
}

static sock_addr_t check_from(const void *bytes, size_t n, size_t size)
{
    sock_addr_t a = sock_addr_from(bytes, (socklen_t)n);
    int kind = verdict(bytes, n);

    claim((a.len > 0) == (kind == 0));
    claim(a.len <= n && a.len <= sizeof a.u);
    claim(a.kind == (kind > 0 ? kind : 0));
    claim(sock_addr_ok(&a) == (kind == 0));
    claim(sock_addr_equal(&a, &a) == (kind <= 0));
    if (kind == 0) {
        claim(memcmp(&a.u, bytes, a.len) == 0);
        for (size_t i = a.len; i < sizeof a.u; i++)
            claim(((char *)&a.u)[i] == 0);
        sock_addr_t again = sock_addr_from(&a.u.sa, a.len);
        claim(sock_addr_equal(&a, &again));
    }
    check_parts(&a, size);
    return a;
}

/* As the system fills an address in: fewer bytes than it says. */
static void check_filled(const void *bytes, size_t n, socklen_t says,
                         size_t size)
{
    sock_addr_t a;
    memset(&a, 0xee, sizeof a);
    memcpy(&a.u, bytes, n < sizeof a.u ? n : sizeof a.u);
    sock__addr_finish(&a, says, (int)(says % 9)); /* a protocol, too */
    claim(a.len <= sizeof a.u && a.len <= says && a.kind == 0);
    /* A whole IPv4 address has no use for the rest, and is in a hurry. */
    if (says != sizeof a.u.in || a.u.sa.sa_family != AF_INET)
        for (size_t i = a.len; i < sizeof a.u; i++)
            claim(((char *)&a.u)[i] == 0);
    check_parts(&a, size);
    claim(sock_addr_equal(&a, &a) == 1);
}

/* Values that no call of the library has made, as a program may. */
static void check_any(const void *bytes, size_t n, size_t size)
{
    sock_addr_t *a = malloc(sizeof *a);
    claim(a != NULL);
    memset(a, 0, sizeof *a);
    memcpy(a, bytes, n < sizeof *a ? n : sizeof *a);
    sock_addr_ok(a);
    sock_addr_equal(a, a);
    free(text_of(repr, a, size));
    free(text_of(format, a, size));
    free(text_of(path, a, size));
    free(text_of(host, a, size));
    free(text_of(reason, NULL, size));
    free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    size_t room = next_byte(&in);
    size_t n = next_byte(&in);
    if (n > in.left)
        n = in.left;
    void *first = copy_of(in.at, n);
    void *second = copy_of(in.at + n, in.left - n);

    sock_addr_t a = check_from(first, n, room);
    sock_addr_t b = check_from(second, in.left - n, room);
    claim(sock_addr_equal(&a, &b) == sock_addr_equal(&b, &a));
    check_filled(first, n, (socklen_t)room, room);
    check_any(first, n, room);
    free(first);
    free(second);
    return 0;
}
