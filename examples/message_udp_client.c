/* SPDX-License-Identifier: MIT */
/* Sends each line of its input as a message over UDP. */
#include "example.h"

int main(int argc, char **argv)
{
    const char *host = "";
    int port = 27281;
    char *msg = NULL;
    size_t size = 0;
    ssize_t n;

    host_and_port(argc, argv, "Sends each line, up to an empty one.", &host,
                  &port);

    SOCK_AUTO sock_t *sock = sock_new(AF_INET, SOCK_DGRAM, 0);
    if (!sock)
        return failed();
    while ((n = raw_input("msg to send: ", &msg, &size)) > 0) {
        ssize_t sent = sock_sendto(sock, msg, n, 0, sock_addr_inet(host, port));
        if (sent == -1)
            failed();
        else
            printf("%zd sent\n", sent);
    }
    free(msg);
    return ferror(stdin) ? EXIT_FAILURE : EXIT_SUCCESS;
}
