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
