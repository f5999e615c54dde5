/* SPDX-License-Identifier: MIT */
/* choosing MODE HOST:PORT: answers in capitals, by a mode of servers. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/pysockc.h>

/* What is done with a client, whatever it runs in. */
static int serve(sock_request_t *request)
{
    sock_t *client = sock_request_sock(request);
    char text[4096];
    ssize_t n;

    while ((n = sock_recv(client, text, sizeof text, 0)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            text[i] = (char)toupper((unsigned char)text[i]);
        if (sock_sendall(client, text, (size_t)n, 0) == -1)
            return -1;
    }
    return (int)n; /* 0: it has said all */
}

static int mode_of(const char *name)
{
    static const char *const names[] = {"serial", "threading", "forking",
                                        "pool"};

    for (int mode = SOCK_SERVER_SERIAL; mode <= SOCK_SERVER_POOL; mode++)
        if (strcmp(name, names[mode]) == 0)
            return mode;
    fprintf(stderr, "usage: choosing MODE HOST:PORT\n");
    exit(2);
}

int main(int argc, char **argv)
{
    char name[SOCK_ADDR_REPR_MAX];
    sock_addr_t address;

    sock_server_class_t c = {.size = sizeof c,
                             .mode = mode_of(argc == 3 ? argv[1] : ""),
                             .threads = 2, /* of the pool */
                             .request_timeout = 30,
                             .handle = serve,
                             .handle_error = sock_server_print_error};
    sock_server_t *server =
        sock_server_new(&c, sock_addr_parse(argv[2], 0), NULL);
    if (server == NULL) {
        sock_perror("choosing");
        return EXIT_FAILURE;
    }
    address = sock_server_address(server);
    sock_addr_repr(&address, name, sizeof name);
    printf("listening on %s\n", name);

    if (sock_server_serve_forever(server, 0.5) == -1)
        sock_perror("choosing");
    sock_server_free(server);
    return EXIT_FAILURE;
}
