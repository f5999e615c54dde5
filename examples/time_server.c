/* SPDX-License-Identifier: MIT */
/* Tells everyone who connects the time. */
#include <time.h>

#include "example.h"

static void tell_time(sock_t *client)
{
    time_t now = time(NULL);

    /* 24 bytes: Python's time.ctime() has no newline. */
    if (sock_send(client, ctime(&now), 24, 0) == -1)
        failed();
}

int main(int argc, char **argv)
{
    const char *host = "";
    int port = 27285;
    sock_addr_t addr;
    sock_t *client;
    int status;

    host_and_port(argc, argv, "Tells everyone who connects the time.", &host,
                  &port);

    sock_t *sock = sock_new(AF_INET, SOCK_STREAM, 0);
    if (!sock)
        return failed();
    /* Without it the port rests a minute after use. */
    sock_setsockopt_int(sock, SOL_SOCKET, SO_REUSEADDR, 1);
    if (sock_bind(sock, sock_addr_inet(host, port)) == 0 &&
        sock_listen(sock, 5) == 0) {
        listening(sock);
        while ((client = sock_accept(sock, &addr))) {
            serving(client);
            printf("Connection from %s\n", repr(&addr));
            tell_time(client);
            serving(NULL);
            sock_free(client);
        }
    }
    status = ended();
    sock_free(sock);
    return status;
}
