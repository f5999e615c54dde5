/* SPDX-License-Identifier: MIT */
/* Echo client over UDP. */
#include "example.h"

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 5555;
    static char msg[65535];
    sock_addr_t address;

    host_and_port(argc, argv, "Sends a datagram and prints the answer.", &host,
                  &port);

    SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    if (!s ||
        sock_sendto(s, "Isi pesan", 9, 0, sock_addr_inet(host, port)) == -1)
        return failed();

    /* An unconnected socket is not told that no one listens. */
    sock_settimeout(s, 5);

    /* receives a message, and not only the server's */
    ssize_t n = sock_recvfrom(s, msg, sizeof msg, 0, &address);
    if (n == -1)
        return failed();
    printf("server %s membalas: ", repr(&address));
    print_bytes(msg, n);
    return 0;
}
