/* SPDX-License-Identifier: MIT */
/* Echo client over TCP. */
#include "example.h"

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 5555;
    static char msg[MESSAGE_SIZE];
    sock_addr_t sockname;

    host_and_port(argc, argv, "Sends a message and prints the answer.", &host,
                  &port);

    SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (!s || sock_connect(s, sock_addr_inet(host, port)) == -1 ||
        sock_getsockname(s, &sockname) == -1)
        return failed();
    printf("socket local %s\n", repr(&sockname));

    if (sock_sendall(s, "Isi pesan.", 10, 0) == -1)
        return failed();
    ssize_t n = sock_recv_until(s, msg, sizeof msg, '.');
    if (n == -1)
        return failed();
    printf("balasan server: ");
    print_bytes(msg, n);
    return ends(msg, n) ? EXIT_SUCCESS : complain("the answer broke off");
}
