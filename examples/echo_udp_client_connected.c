/* SPDX-License-Identifier: MIT */
/* Echo client over UDP, connected: it hears its server alone. */
#include "example.h"

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 5555;
    static char msg[65535];

    host_and_port(argc, argv, "Sends a datagram and prints the answer.", &host,
                  &port);

    SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    if (!s || sock_connect(s, sock_addr_inet(host, port)) == -1 ||
        sock_send(s, "Isi pesan", 9, 0) == -1)
        return failed();

    ssize_t n = sock_recv(s, msg, sizeof msg, 0);
    if (n == -1)
        return failed();
    printf("server membalas: ");
    print_bytes(msg, n);
    return 0;
}
