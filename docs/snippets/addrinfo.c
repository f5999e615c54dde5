/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pysockc.h>

#include <stdio.h>
#include <stdlib.h>

static int all_addresses(void)
{
    //! [getaddrinfo]
    sock_addrinfo_t *list =
        sock_getaddrinfo("localhost", "http", AF_UNSPEC, SOCK_STREAM, 0, 0);
    if (list == NULL)
        return -1;
    for (size_t i = 0; i < list->count; i++) {
        char text[SOCK_ADDR_REPR_MAX];
        sock_addr_repr(&list->entries[i].address, text, sizeof text);
        puts(text); /* -> ('127.0.0.1', 80) */
    }
    sock_addrinfo_free(list);
    //! [getaddrinfo]
    return 0;
}

static int who_is_it(sock_t *s)
{
    //! [getnameinfo]
    sock_addr_t peer;
    char host[SOCK_NAMEINFO_HOST_MAX], port[SOCK_NAMEINFO_PORT_MAX];
    if (sock_getpeername(s, &peer) == -1 ||
        sock_getnameinfo(peer, NI_NUMERICSERV, host, sizeof host, port,
                         sizeof port) == -1)
        return -1;
    printf("%s, from port %s\n", host, port); /* -> localhost, from port ... */
    //! [getnameinfo]
    return 0;
}

/* The end of a connection on the loopback that was accepted, or NULL. */
static sock_t *accepted(sock_t *server, sock_t *client)
{
    sock_addr_t address;
    if (sock_getsockname(server, &address) == -1 ||
        sock_connect(client, address) == -1)
        return NULL;
    return sock_accept(server, NULL);
}

int main(void)
{
    setbuf(stdout, NULL);
    if (getenv("PYSOCKC_OWN_ETC") == NULL) {
        puts("skipped: the host's own names; see tests/tools/own_etc.py");
        return 77;
    }
    sock_t *server = sock_create_server(sock_addr_inet("127.0.0.1", 0), 1, 0);
    sock_t *client = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_t *s = accepted(server, client);
    int failed = all_addresses() || who_is_it(s);
    sock_free(s);
    sock_free(client);
    sock_free(server);
    return failed;
}
