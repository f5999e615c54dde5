/* SPDX-License-Identifier: MIT */
/* Tries the ports of a machine one after the other. */
#include "example.h"

/*
 * A port of this machine may be the very one that the system chose for the
 * socket; then the socket connects to itself, and no one listens.
 */
static bool to_itself(sock_t *s)
{
    sock_addr_t sockname, peername;

    return sock_getsockname(s, &sockname) == 0 &&
           sock_getpeername(s, &peername) == 0 &&
           sock_addr_equal(&sockname, &peername);
}

static int scan(const char *host, int first, int last)
{
    /* looked up once, not for every port */
    sock_addr_t target = sock_addr_inet(host, 0);

    if (!sock_addr_ok(&target) || sock_setdefaulttimeout(0.01) == -1)
        return failed(); /* seconds, of each new socket */
    for (int port = first; port <= last; port++) {
        SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
        if (!s)
            return failed();

        int result = sock_connect_ex(s, sock_addr_with_port(target, port));

        if (result == 0 && !to_itself(s))
            printf("port %d: OPEN\n", port);
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    char *target = NULL;
    size_t size = 0;
    int n = begin(argc, argv, " [TARGET [FIRST [LAST]]]", 3,
                  "Says which TCP ports of TARGET are open, of 20 to 1024 or "
                  "FIRST to LAST.");
    int first = n > 1 ? number(argv[2], 0, 65535) : 20;
    int last = n > 2 ? number(argv[3], first, 65535) : 1024;
    int status;

    if (last < first)
        last = first;
    if (n > 0)
        return scan(argv[1], first, last);
    status = raw_input("target: ", &target, &size) == -1
                 ? complain("no target")
                 : scan(target, first, last);
    free(target);
    return status;
}
