/* SPDX-License-Identifier: MIT */
/* Answers every datagram with the time. */
#include <time.h>

#include "example.h"

static int tell_time(sock_request_t *request)
{
    sock_addr_t addr = sock_request_address(request);
    time_t now = time(NULL);

    printf("Datagram from %s\n", repr(&addr));
    /* 24 bytes: Python's time.ctime() has no newline. */
    return sock_request_reply(request, ctime(&now), 24) == -1 ? failed() : 0;
}

int main(int argc, char **argv)
{
    static const sock_server_class_t teller = {
        .size = sizeof teller, .type = SOCK_DGRAM, .handle = tell_time};
    const char *host = "127.0.0.1";
    int port = 5555;

    host_and_port(argc, argv, "Answers every datagram with the time.", &host,
                  &port);

    sock_server_t *server =
        sock_server_new(&teller, sock_addr_inet(host, port), NULL);
    if (!server)
        return failed();
    listening(sock_server_sock(server));
    sock_server_serve_forever(server, 0.5);
    int status = ended();
    sock_server_free(server);
    return status;
}
