/* SPDX-License-Identifier: MIT */
/* Echo server over UDP. */
#include "example.h"

static void serve(sock_t *s)
{
    static char msg[65535];
    sock_addr_t address;

    while (true) {
        ssize_t n = sock_recvfrom(s, msg, sizeof msg, 0, &address);
        if (n == -1 || stopping())
            break;
        printf("client %s mengirim ", repr(&address));
        print_bytes(msg, n);
        if (sock_sendto(s, msg, n, 0, address) == -1)
            failed();
        else
            puts("balasan dikirim");
    }
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 5555;
    int status;

    host_and_port(argc, argv, "Answers every datagram with its own bytes.",
                  &host, &port);

    sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    if (s && sock_bind(s, sock_addr_inet(host, port)) == 0) {
        listening(s);
        serve(s);
    }
    status = ended();
    sock_free(s);
    return status;
}
