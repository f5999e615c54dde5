/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <stdio.h>

static int all(void)
{
    //! [if_nameindex]
    sock_if_list_t *list = sock_if_nameindex();
    if (list == NULL)
        return -1;
    for (size_t i = 0; i < list->count; i++)
        puts(list->entries[i].name);
    /* -> lo
     * -> ... */
    sock_if_list_free(list);
    //! [if_nameindex]
    return 0;
}

static int link_local(void)
{
    //! [if_nametoindex]
    int index = sock_if_nametoindex("lo");
    if (index == -1)
        return -1;
    /* "All nodes" of a link: the number says of which. */
    sock_addr_t nodes =
        sock_addr_inet6_scoped("ff02::1", 5555, 0, (uint32_t)index);
    //! [if_nametoindex]
    return sock_addr_ok(&nodes) ? 0 : -1;
}

static int came_by(sock_addr_t peer)
{
    //! [if_indextoname]
    char name[SOCK_IF_NAME_MAX];
    uint32_t index = peer.u.in6.sin6_scope_id; /* of an IPv6 sender */
    if (sock_if_indextoname(index, name, sizeof name) == -1)
        return -1;
    printf("it came by %s\n", name); /* -> it came by lo */
    //! [if_indextoname]
    return 0;
}

int main(void)
{
    setbuf(stdout, NULL);
    return all() || link_local() ||
           came_by(sock_addr_inet6("fe80::1%lo", 5555));
}
