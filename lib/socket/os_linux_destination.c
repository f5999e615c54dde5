/* SPDX-License-Identifier: MIT */
/* Where a datagram was sent to: ip(7) and ipv6(7). */
#undef _GNU_SOURCE /* as a project around this one may define it */
#define _GNU_SOURCE

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "os.h"

int sock__os_tell_destination(int fd, int family)
{
    const int on = 1;
    if (family == AF_INET)
        return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
}

/* The interface is for the routes to choose: the answer may leave by another
 * one. */
static void answer_inet(struct in_pktinfo *info)
{
    info->ipi_ifindex = 0;
}

/* A group's address is nobody's; a link's is one only with its interface. */
static bool answer_inet6(struct in6_pktinfo *info)
{
    if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
        info->ipi6_ifindex = 0;
    return !IN6_IS_ADDR_MULTICAST(&info->ipi6_addr);
}

/* Whether the item is such a one, made what an answer takes. */
static bool turn(struct cmsghdr *item)
{
    union {
        struct in_pktinfo inet;
        struct in6_pktinfo inet6;
    } info;
    void *data = CMSG_DATA(item);
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
        memcpy(&info.inet, data, sizeof info.inet);
        answer_inet(&info.inet);
        memcpy(data, &info.inet, sizeof info.inet);
        return true;
    }
    if (item->cmsg_level != IPPROTO_IPV6 || item->cmsg_type != IPV6_PKTINFO)
        return false;
    memcpy(&info.inet6, data, sizeof info.inet6);
    bool usable = answer_inet6(&info.inet6);
    memcpy(data, &info.inet6, sizeof info.inet6);
    return usable;
}

size_t sock__os_answer_from(void *control, size_t used)
{
    /* By hand, as not every C library's CMSG_NXTHDR() compiles without a
     * warning. The kernel has written the lengths. */
    for (size_t at = 0; at + sizeof(struct cmsghdr) <= used;) {
        struct cmsghdr *item = (void *)((char *)control + at);
        size_t size = item->cmsg_len;
        if (turn(item)) {
            memmove(control, item, size);
            return CMSG_ALIGN(size);
        }
        at += CMSG_ALIGN(size);
    }
    return 0;
}
