/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <linux/can.h>
#include <linux/if_alg.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <stdio.h>

static int netlink(void)
{
    //! [netlink]
    sock_t *s = sock_new(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    sock_addr_t a = sock_addr_netlink(0, RTMGRP_LINK); /* of interfaces */
    sock_netlink_t own;
    if (s == NULL || sock_bind(s, a) == -1 || sock_getsockname(s, &a) == -1 ||
        sock_addr_get_netlink(&a, &own) == -1)
        sock_perror("netlink");
    else
        printf("port %u\n", (unsigned)own.pid); /* -> port ... */
    sock_free(s);
    //! [netlink]
    return 0;
}

static int packet(void)
{
    //! [packet]
    sock_addr_t a = sock_addr_packet("lo", ETH_P_ALL, 0, 0, NULL, 0);
    sock_packet_t parts; /* of what sock_recvfrom() gave, for example */
    if (sock_addr_get_packet(&a, &parts) == -1)
        return -1;
    printf("%s, protocol %#x\n", parts.ifname, (unsigned)parts.proto);
    /* -> lo, protocol 0x3 */
    //! [packet]
    return 0;
}

static int vsock(void)
{
    //! [vsock]
    sock_addr_t a = sock_addr_vsock(VMADDR_CID_HOST, 5555);
    sock_vsock_t parts; /* of what sock_accept() gave, for example */
    if (sock_addr_get_vsock(&a, &parts) == -1)
        return -1;
    printf("machine %u, port %u\n", (unsigned)parts.cid, (unsigned)parts.port);
    /* -> machine 2, port 5555 */
    //! [vsock]
    return 0;
}

static int can(void)
{
    //! [can]
    sock_addr_t a = sock_addr_can(""); /* or "can0" */
    char text[SOCK_ADDR_REPR_MAX];
    sock_addr_repr(&a, text, sizeof text);
    puts(text); /* -> ('',) */
    //! [can]
    return 0;
}

static int isotp(void)
{
    //! [isotp]
    sock_addr_t a = sock_addr_can_isotp("", 0x7e8, 0x7e0); /* or "can0" */
    sock_can_t parts;
    if (sock_addr_get_can(&a, &parts) == -1)
        return -1;
    printf("receives %#x, sends %#x\n", (unsigned)parts.rx_addr,
           (unsigned)parts.tx_addr); /* -> receives 0x7e8, sends 0x7e0 */
    //! [isotp]
    return 0;
}

static int j1939(void)
{
    //! [j1939]
    sock_addr_t a = sock_addr_can_j1939("", 0, 0xfeca, 0x20); /* or "can0" */
    char text[SOCK_ADDR_REPR_MAX];
    sock_addr_repr(&a, text, sizeof text);
    puts(text); /* -> ('', 0, 65226, 32) */
    //! [j1939]
    return 0;
}

static int tipc(void)
{
    //! [tipc]
    sock_addr_t a = sock_addr_tipc(TIPC_ADDR_NAMESEQ, 18888, 0, 100,
                                   TIPC_CLUSTER_SCOPE); /* to bind */
    sock_tipc_t parts;
    if (sock_addr_get_tipc(&a, &parts) == -1)
        return -1;
    printf("service %u, %u to %u\n", (unsigned)parts.v1, (unsigned)parts.v2,
           (unsigned)parts.v3); /* -> service 18888, 0 to 100 */
    //! [tipc]
    return 0;
}

static int alg(void)
{
    //! [alg]
    sock_addr_t a = sock_addr_alg("hash", "sha256", 0, 0);
    sock_alg_t parts;
    if (sock_addr_get_alg(&a, &parts) == -1)
        return -1;
    printf("%s %s\n", parts.type, parts.name); /* -> hash sha256 */
    //! [alg]
    return 0;
}

static int qipcrtr(void)
{
    //! [qipcrtr]
    sock_addr_t a = sock_addr_qipcrtr(1, 5555);
    sock_qipcrtr_t parts;
    if (sock_addr_get_qipcrtr(&a, &parts) == -1)
        return -1;
    printf("node %u, port %u\n", (unsigned)parts.node, (unsigned)parts.port);
    /* -> node 1, port 5555 */
    //! [qipcrtr]
    return 0;
}

static int l2cap(void)
{
    //! [l2cap]
    sock_addr_t a =
        sock_addr_bluetooth_l2cap("00:1A:7D:DA:71:13", 0x1001, 0, 0);
    char text[SOCK_ADDR_REPR_MAX];
    sock_addr_repr(&a, text, sizeof text);
    puts(text); /* -> ('00:1A:7D:DA:71:13', 4097) */
    //! [l2cap]
    return 0;
}

static int rfcomm(void)
{
    //! [rfcomm]
    sock_addr_t a = sock_addr_bluetooth_rfcomm("00:1A:7D:DA:71:13", 3);
    sock_bluetooth_t parts; /* of what sock_accept() gave, for example */
    if (sock_addr_get_bluetooth(&a, &parts) == -1)
        return -1;
    printf("%s, channel %u\n", parts.bdaddr, (unsigned)parts.channel);
    /* -> 00:1A:7D:DA:71:13, channel 3 */
    //! [rfcomm]
    return 0;
}

static int hci(void)
{
    //! [hci]
    sock_addr_t a = sock_addr_bluetooth_hci(0, 0); /* the first adapter */
    char text[SOCK_ADDR_REPR_MAX];
    sock_addr_repr(&a, text, sizeof text);
    puts(text); /* -> 0 */
    //! [hci]
    return 0;
}

static int sco(void)
{
    //! [sco]
    sock_addr_t a = sock_addr_bluetooth_sco(SOCK_BDADDR_ANY);
    char text[SOCK_ADDR_REPR_MAX];
    sock_addr_repr(&a, text, sizeof text);
    puts(text); /* -> '00:00:00:00:00:00' */
    //! [sco]
    return 0;
}

int main(void)
{
    setbuf(stdout, NULL);
    return netlink() || packet() || vsock() || can() || isotp() || j1939() ||
           tipc() || alg() || qipcrtr() || l2cap() || rfcomm() || hci() ||
           sco();
}
