/* SPDX-License-Identifier: MIT */
/* server HOST:PORT: answers in capitals, one client after the other. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include <pysockc/pysockc.h>

static int serve(sock_t *client)
{
    char text[4096];
    ssize_t n;

    if (sock_settimeout(client, 30.0) == -1)
        return -1;
    while ((n = sock_recv(client, text, sizeof text, 0)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            text[i] = (char)toupper((unsigned char)text[i]);
        if (sock_sendall(client, text, (size_t)n, 0) == -1)
            return -1;
    }
    return (int)n; /* 0: it has said all */
}

int main(int argc, char **argv)
{
    char name[SOCK_ADDR_REPR_MAX];
    sock_addr_t address;

    if (argc != 2) {
        fprintf(stderr, "usage: server HOST:PORT\n");
        return 2;
    }
    SOCK_AUTO sock_t *s = sock_create_server(sock_addr_parse(argv[1], 0),
                                             SOCK_DEFAULT_BACKLOG, 0);
    if (s == NULL || sock_getsockname(s, &address) == -1) {
        sock_perror("server");
        return EXIT_FAILURE;
    }
    sock_addr_repr(&address, name, sizeof name);
    printf("listening on %s\n", name);

    for (;;) {
        SOCK_AUTO sock_t *client = sock_accept(s, &address);
        if (client == NULL) {
            sock_perror("server");
            return EXIT_FAILURE;
        }
        sock_addr_repr(&address, name, sizeof name);
        printf("serving %s\n", name);
        if (serve(client) == -1)
            sock_perror("server"); /* and on to the next client */
    }
}
