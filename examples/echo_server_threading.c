/* SPDX-License-Identifier: MIT */
/* Echo server over TCP, with a thread for each client. */
#include "example.h"

static int answer(sock_request_t *request)
{
    sock_t *sc = sock_request_sock(request);
    sock_addr_t sockname = sock_request_address(request);
    char msg[MESSAGE_SIZE], name[SOCK_ADDR_REPR_MAX];

    sock_addr_repr(&sockname, name, sizeof name);
    printf("koneksi dari %s\n", name);
    ssize_t n = sock_recv_until(sc, msg, sizeof msg, '.');
    if (n == MESSAGE_SIZE && !ends(msg, n))
        return complain("message over 64 KiB");
    if (n == -1 || sock_sendall(sc, msg, n, 0) == -1)
        return failed();
    puts("balasan dikirim");
    return 0;
}

int main(int argc, char **argv)
{
    static const sock_server_class_t echo = {.size = sizeof echo,
                                             .mode = SOCK_SERVER_THREADING,
                                             .request_timeout = MESSAGE_SECONDS,
                                             .handle = answer};
    const char *host = "127.0.0.1";
    int port = 5555;

    host_and_port(argc, argv, "Answers messages, many clients at once.", &host,
                  &port);

    sock_server_t *server =
        sock_server_new(&echo, sock_addr_inet(host, port), NULL);
    if (!server)
        return failed();
    listening(sock_server_sock(server)); /* a signal ends its loop */
    sock_server_serve_forever(server, 0.5);
    int status = ended();
    sock_server_drain(server, 0); /* and every conversation */
    sock_server_free(server);
    return status;
}
