/* SPDX-License-Identifier: MIT */
/* Caesar cipher server: (d/e)(shift)(message), up to a full stop. */
#include "caesar.h"
#include "example.h"

enum { HEADER = 3 };

static int reply(sock_t *sc, char *msg, size_t size)
{
    int nshift = to_int(msg + 1, 2);

    if (msg[0] == 'd')
        nshift = -nshift;
    cipher(msg + HEADER, size - HEADER, nshift);
    return sock_sendall(sc, msg + HEADER, size - HEADER, 0);
}

static void answer(sock_t *sc)
{
    static char msg[MESSAGE_SIZE];

    sock_settimeout(sc, MESSAGE_SECONDS);
    ssize_t n = sock_recv_until(sc, msg, sizeof msg, '.');
    if (n == -1)
        failed();
    else if (n == MESSAGE_SIZE && !ends(msg, n))
        complain("message over 64 KiB");
    else if (n > HEADER && reply(sc, msg, n) == -1)
        failed();
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 5555;
    sock_addr_t sockname;
    sock_t *sc;
    int status;

    host_and_port(argc, argv, "Ciphers and deciphers messages.", &host, &port);

    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (!s)
        return failed();
    sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1);
    if (sock_bind(s, sock_addr_inet(host, port)) == 0 &&
        sock_listen(s, 1) == 0) {
        listening(s);
        while ((sc = sock_accept(s, &sockname))) {
            serving(sc);
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
