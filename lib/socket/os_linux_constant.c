/* SPDX-License-Identifier: MIT */
/* The values that the system's headers have, or else the kernel's. */
#define _GNU_SOURCE

#include "os.h"

#include <net/ethernet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/can.h>
#include <linux/can/j1939.h>
#include <linux/can/raw.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>

const struct sock__constant sock__os_constants[] = {
#include "constants.inc" /* made of constants.txt */
};

const size_t sock__os_constant_count =
    sizeof sock__os_constants / sizeof *sock__os_constants;

const char *sock__os_option_prefix(int level)
{
    switch (level) {
    case SOL_SOCKET:
        return "SO_";
    case IPPROTO_IP:
        return "IP_";
    case IPPROTO_IPV6:
        return "IPV6_";
    case IPPROTO_TCP:
        return "TCP_";
    case IPPROTO_UDP:
        return "UDP_";
    case IPPROTO_UDPLITE:
        return "UDPLITE_";
    case SOL_CAN_RAW:
        return "CAN_RAW_";
    case SOL_CAN_BASE + CAN_J1939:
        return "SO_J1939_";
    case SOL_ALG:
        return "ALG_SET_";
    case AF_VSOCK:
        return "SO_VM_SOCKETS_";
    default:
        return NULL;
    }
}
