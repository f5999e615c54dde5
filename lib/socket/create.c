/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include <pysockc/create.h>

#include <errno.h>
#include <unistd.h>

#include <pysockc/connect.h>
#include <pysockc/options.h>

#include "address.h"
#include "object.h"
#include "os.h"
#include "race.h"
#include "record.h"

/* A client */

sock_t *sock_create_connection_errors(const char *host, int port,
                                      double timeout, sock_addr_t source,
                                      sock_error_list_t **errors)
{
    const struct sock__race_terms terms = {.op = "create_connection",
                                           .host = host,
                                           .port = port,
                                           .timeout = timeout,
                                           .delay = SOCK__RACE_DELAY,
                                           .source = &source,
                                           .errors = errors};
    return sock__race(&terms);
}

sock_t *sock_create_connection(const char *host, int port, double timeout,
                               sock_addr_t source)
{
    return sock_create_connection_errors(host, port, timeout, source, NULL);
}

/* A server */

static int check_server(const sock_addr_t *address, int flags)
{
    const int known = SOCK_SERVER_REUSE_PORT | SOCK_SERVER_DUALSTACK_IPV6;
    const char *op = "create_server";
    if (sock__addr_check(op, address) < 0)
        return -1;
    if (flags & ~known)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__BAD_SERVER_FLAGS);
    if (flags & SOCK_SERVER_DUALSTACK_IPV6 &&
        sock_addr_family(address) != AF_INET6)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__DUALSTACK_FAMILY);
    return 0;
}

static int set_up_server(sock_t *s, const sock_addr_t *address, int backlog,
                         int flags)
{
    bool only = (flags & SOCK_SERVER_DUALSTACK_IPV6) == 0;

    if (sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
        return -1;
    if (flags & SOCK_SERVER_REUSE_PORT &&
        sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEPORT, 1) < 0)
        return -1;
    if (s->family == AF_INET6 &&
        sock_setsockopt_int(s, IPPROTO_IPV6, IPV6_V6ONLY, only) < 0)
        return -1;
    return sock_bind(s, *address) < 0 ? -1 : sock_listen(s, backlog);
}

sock_t *sock_create_server(sock_addr_t address, int backlog, int flags)
{
    if (check_server(&address, flags) < 0)
        return NULL;
    sock_t *s = sock_new(sock_addr_family(&address), SOCK_STREAM, 0);
    if (s != NULL && set_up_server(s, &address, backlog, flags) < 0)
        sock_freep(&s);
    return s;
}

int sock_has_ipv6(void)
{
    return 1;
}

int sock_has_dualstack_ipv6(void)
{
    const int only = 0;
    int saved = errno, result = -1;
    int fd = sock__os_socket(AF_INET6, SOCK_STREAM, 0, false);

    if (fd >= 0) {
        result = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
        close(fd);
    }
    errno = saved;
    return result == 0;
}
