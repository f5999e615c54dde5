/* SPDX-License-Identifier: MIT */
/* Echo server over TLS; a message ends with a full stop. */
#include <pysockc/ssl.h>

#include "example.h"

static void answer(sock_t *sc)
{
    static char msg[MESSAGE_SIZE];

    sock_settimeout(sc, MESSAGE_SECONDS);
    /* the handshake is made here, in the first call */
    ssize_t n = sock_recv_until(sc, msg, sizeof msg, '.');
    if (n == MESSAGE_SIZE && !ends(msg, n))
        complain("message over 64 KiB");
    else if (n == -1 || sock_sendall(sc, msg, n, 0) == -1)
        failed();
    else
        printf("balasan dikirim, %s\n", sock_ssl_version(sc));
}

static int serve(sock_t *s)
{
    sock_addr_t sockname;
    sock_t *sc;

    listening(s);
    while ((sc = sock_accept(s, &sockname))) {
        serving(sc);
        printf("koneksi dari %s\n", repr(&sockname));
        answer(sc);
        serving(NULL);
        sock_free(sc); /* says goodbye, then closes */
    }
    return ended();
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1", *files[] = {"cert.pem", "key.pem"};
    int port = 5555, status;

    host_port_and_files(
        argc, argv, " [HOST [PORT [CERTFILE [KEYFILE]]]]",
        "Answers every message with its own bytes, over TLS.\n\n"
        "HOST is '127.0.0.1' and PORT 5555 unless given, CERTFILE 'cert.pem' "
        "and KEYFILE\n'key.pem'. HOST '' is any address of this machine; PORT "
        "0 is a free one.",
        &host, &port, files);

    sock_t *s = NULL, *ls = NULL;
    sock_ssl_context_t *ctx =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    if (sock_ssl_load_cert_chain(ctx, files[0], files[1], NULL) == 0)
        s = sock_create_server(sock_addr_inet(host, port), 5, 0);
    if (s) /* what it accepts has TLS under it, too */
        ls = sock_ssl_wrap_socket(ctx, s, SOCK_SSL_SERVER_SIDE, NULL, NULL);
    status = ls ? serve(ls) : failed();
    sock_free(ls);
    sock_free(s); /* without its descriptor, which is the other's now */
    sock_ssl_context_free(ctx);
    return status;
}
