/* SPDX-License-Identifier: MIT */
/* choosing HOST:PORT THREADS: answers in capitals, a client for each thread. */
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <pysockc/pysockc.h>

static sock_t *listener;

static void serve(sock_t *client)
{
    char text[4096];
    ssize_t n;

    sock_settimeout(client, 30.0);
    while ((n = sock_recv(client, text, sizeof text, 0)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            text[i] = (char)toupper((unsigned char)text[i]);
        if ((n = sock_sendall(client, text, (size_t)n, 0)) == -1)
            break;
    }
    if (n == -1)
        sock_perror("choosing");
}

/* Each thread is a server of one client at a time. */
static void *work(void *arg)
{
    (void)arg;
    for (;;) {
        SOCK_AUTO sock_t *client = sock_accept(listener, NULL);
        if (client == NULL)
            return NULL;
        serve(client);
    }
}

int main(int argc, char **argv)
{
    char name[SOCK_ADDR_REPR_MAX];
    sock_addr_t address;
    pthread_t thread;

    if (argc != 3) {
        fprintf(stderr, "usage: choosing HOST:PORT THREADS\n");
        return 2;
    }
    listener = sock_create_server(sock_addr_parse(argv[1], 0),
                                  SOCK_DEFAULT_BACKLOG, 0);
    if (listener == NULL || sock_getsockname(listener, &address) == -1) {
        sock_perror("choosing");
        return EXIT_FAILURE;
    }
    sock_addr_repr(&address, name, sizeof name);
    printf("listening on %s\n", name);

    for (int more = atoi(argv[2]) - 1; more > 0; more--)
        if (pthread_create(&thread, NULL, work, NULL) != 0) {
            fprintf(stderr, "choosing: %d threads fewer\n", more);
            break;
        }
    work(NULL);
    sock_perror("choosing");
    return EXIT_FAILURE;
}
