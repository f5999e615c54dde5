/* SPDX-License-Identifier: MIT */
/* client HOST:PORT TEXT: sends a text, and prints all that comes back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/pysockc.h>

static int ask(sock_t *s, const char *text)
{
    char answer[4096];
    ssize_t n;

    /* The end of our direction says that the text is whole. */
    if (sock_sendall(s, text, strlen(text), 0) == -1 ||
        sock_shutdown(s, SHUT_WR) == -1)
        return -1;
    while ((n = sock_recv(s, answer, sizeof answer, 0)) > 0)
        fwrite(answer, 1, (size_t)n, stdout);
    if (n == 0) /* the end of theirs */
        putchar('\n');
    return (int)n;
}

int main(int argc, char **argv)
{
    char host[SOCK_HOST_NAME_MAX];
    int port;

    if (argc != 3) {
        fprintf(stderr, "usage: client HOST:PORT TEXT\n");
        return 2;
    }
    if (sock_addr_split(argv[1], host, sizeof host, &port) == -1) {
        sock_perror("client");
        return EXIT_FAILURE;
    }
    SOCK_AUTO sock_t *s =
        sock_create_connection(host, port, 5.0, sock_addr_none());
    if (s == NULL || ask(s, argv[2]) == -1) {
        sock_perror("client");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
