/* SPDX-License-Identifier: MIT */
/* Shows the messages that come over UDP. */
#include "example.h"

static void serve(sock_t *sock)
{
    char data[256], host[SOCK_ADDR_HOST_MAX];
    sock_addr_t address;

    while (true) {
        /* MSG_TRUNC: the length of the message, though only 256 bytes fit */
        ssize_t n = sock_recvfrom(sock, data, sizeof data, MSG_TRUNC, &address);
        if (n == -1 || stopping())
            break;
        sock_addr_host(&address, host, sizeof host);
        printf("Adress %s said ", host);
        print_bytes(data, n < 256 ? n : 256);
        if (n > 256)
            complain("%zd bytes from %s, cut to 256", n, repr(&address));
    }
}

int main(int argc, char **argv)
{
    const char *host = "";
    int port = 27281;
    int status;

    host_and_port(argc, argv, "Shows every message of at most 256 bytes.",
                  &host, &port);

    sock_t *sock = sock_new(AF_INET, SOCK_DGRAM, 0);
    if (sock && sock_bind(sock, sock_addr_inet(host, port)) == 0) {
        listening(sock);
        serve(sock);
    }
    status = ended();
    sock_free(sock);
    return status;
}
