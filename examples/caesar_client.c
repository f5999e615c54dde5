/* SPDX-License-Identifier: MIT */
/* Caesar cipher client: has a message ciphered, and the answer deciphered. */
#include <string.h>

#include "example.h"

/* One request on a connection of its own; the length of the answer, or -1. */
static ssize_t ask(sock_addr_t server, const char *request, size_t size,
                   char *msg)
{
    SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    ssize_t n;

    if (!s || sock_connect(s, server) == -1 ||
        sock_sendall(s, request, size, 0) == -1 ||
        (n = sock_recv_until(s, msg, MESSAGE_SIZE, '.')) == -1) {
        failed();
        return -1;
    }
    printf("balasan server: ");
    print_bytes(msg, n);
    if (ends(msg, n))
        return n;
    complain("the answer broke off");
    return -1;
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 5555;
    static char request[3 + MESSAGE_SIZE] = "d10";
    static char msg[MESSAGE_SIZE];
    sock_addr_t server;
    ssize_t n;

    host_and_port(argc, argv, "Has a message ciphered and deciphered.", &host,
                  &port);
    server = sock_addr_inet(host, port);

    n = ask(server, "e10isi pesan.", 13, msg);
    if (n == -1)
        return EXIT_FAILURE;
    memcpy(request + 3, msg, n);
    n = ask(server, request, 3 + n, msg);
    return n == -1 ? EXIT_FAILURE : EXIT_SUCCESS;
}
