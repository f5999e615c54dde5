/* SPDX-License-Identifier: MIT */
/* Echo client over TLS. */
#include <pysockc/ssl.h>

#include "example.h"

int main(int argc, char **argv)
{
    const char *host = "localhost", *cafile = "ca.pem";
    int port = 5555;
    static char msg[MESSAGE_SIZE];

    host_port_and_files(
        argc, argv, " [HOST [PORT [CAFILE]]]",
        "Sends a message over TLS and prints the answer.\n\n"
        "HOST is 'localhost' and PORT 5555 unless given, and CAFILE 'ca.pem': "
        "who has to\nsay that the server is that host.",
        &host, &port, &cafile);

    /* whom to trust */
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, cafile, NULL, NULL);
    if (!ctx)
        return failed();
    /* a connection to who has proved to be that host */
    SOCK_AUTO sock_t *s =
        sock_ssl_create_connection(ctx, host, port, MESSAGE_SECONDS);
    sock_ssl_context_free(ctx); /* the connection keeps what it needs */
    if (!s)
        return failed();
    printf("%s\n", sock_ssl_version(s));

    if (sock_sendall(s, "Isi pesan.", 10, 0) == -1)
        return failed();
    ssize_t n = sock_recv_until(s, msg, sizeof msg, '.');
    if (n == -1)
        return failed();
    printf("balasan server: ");
    print_bytes(msg, n);
    return ends(msg, n) ? EXIT_SUCCESS : complain("the answer broke off");
}
