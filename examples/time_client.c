/* SPDX-License-Identifier: MIT */
/* Asks for the time. */
#include "example.h"

int main(int argc, char **argv)
{
    const char *host = "";
    int port = 27285;
    char tm[1024];

    host_and_port(argc, argv, "Asks a server for the time.", &host, &port);

    SOCK_AUTO sock_t *sock = sock_new(AF_INET, SOCK_STREAM, 0);
    if (!sock || sock_connect(sock, sock_addr_inet(host, port)) == -1)
        return failed();
    /* MSG_WAITALL: to the end, in however many pieces it comes */
    ssize_t n = sock_recv(sock, tm, sizeof tm, MSG_WAITALL);
    if (n == -1)
        return failed();
    sock_close(sock);
    if (n == 0)
        return complain("the server said nothing");
    printf("Time is ");
    print_bytes(tm, n);
    return 0;
}
