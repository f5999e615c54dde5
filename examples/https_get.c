/* SPDX-License-Identifier: MIT */
/* Asks for a page over TLS, and prints the head of the answer. */
#include <string.h>

#include <pysockc/ssl.h>

#include "example.h"

/* Up to the empty line. */
static int print_head(sock_t *s)
{
    char line[8192];
    ssize_t n;

    while ((n = sock_recv_until(s, line, sizeof line, '\n')) > 0) {
        if (n == sizeof line && line[n - 1] != '\n')
            return complain("a line over 8 KiB");
        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            n--;
        if (n == 0)
            return EXIT_SUCCESS;
        print_bytes(line, n);
    }
    return n == -1 ? failed() : complain("the head broke off");
}

int main(int argc, char **argv)
{
    const char *host = "localhost", *cafile = NULL;
    int port = 443;
    char request[512];

    host_port_and_files(
        argc, argv, " [HOST [PORT [CAFILE]]]",
        "Asks for the page / over TLS, and prints the head of the answer.\n\n"
        "HOST is 'localhost' and PORT 443 unless given. CAFILE has whom to "
        "trust in the\nplace of those that the system trusts.",
        &host, &port, &cafile);

    /* without a file, who the system trusts */
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, cafile, NULL, NULL);
    if (!ctx)
        return failed();
    SOCK_AUTO sock_t *s =
        sock_ssl_create_connection(ctx, host, port, MESSAGE_SECONDS);
    sock_ssl_context_free(ctx);
    if (!s)
        return failed();

    int n = snprintf(request, sizeof request,
                     strchr(host, ':') ? "GET / HTTP/1.0\r\nHost: [%s]\r\n\r\n"
                                       : "GET / HTTP/1.0\r\nHost: %s\r\n\r\n",
                     host);
    if (sock_sendall(s, request, n, 0) == -1)
        return failed();
    return print_head(s);
}
