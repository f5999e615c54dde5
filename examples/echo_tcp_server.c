/* SPDX-License-Identifier: MIT */
/* Echo server over TCP; a message ends with a full stop. */
#include "example.h"

static void answer(sock_t *sc)
{
    static char msg[MESSAGE_SIZE];

    sock_settimeout(sc, MESSAGE_SECONDS);
    ssize_t n = sock_recv_until(sc, msg, sizeof msg, '.');
    if (n == MESSAGE_SIZE && !ends(msg, n))
        complain("message over 64 KiB");
    else if (n == -1 || sock_sendall(sc, msg, n, 0) == -1)
        failed();
    else
        puts("balasan dikirim");
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 5555;
    sock_addr_t sockname;
    sock_t *sc;
    int status;

    host_and_port(argc, argv, "Answers every message with its own bytes.",
                  &host, &port);

    /* passive socket */
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (!s)
        return failed();
    sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1);
    if (sock_bind(s, sock_addr_inet(host, port)) == 0 &&
        sock_listen(s, 1) == 0) {
        listening(s); /* says where; from here on a signal ends accept */
        /* returns an active, connected socket */
        while ((sc = sock_accept(s, &sockname))) {
            serving(sc); /* a signal ends this conversation too */
            printf("koneksi dari %s\n", repr(&sockname));
            answer(sc);
            serving(NULL);
            sock_free(sc);
        }
    }
    status = ended();
    sock_free(s);
    return status;
}
