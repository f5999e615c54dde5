/* SPDX-License-Identifier: MIT */
/* several HOST:PORT: answers in capitals, many clients at a time. */
#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <pysockc/pysockc.h>

#define MOST 100

/* Number 0 listens; the others are clients. fds[i] is of socks[i]. */
static sock_t *socks[MOST];
static struct pollfd fds[MOST];
static nfds_t count;

static void add(sock_t *s)
{
    socks[count] = s;
    fds[count].fd = sock_fileno(s);
    fds[count++].events = POLLIN;
}

/* The last one takes the place. */
static void take_out(nfds_t i)
{
    sock_free(socks[i]);
    socks[i] = socks[--count];
    fds[i] = fds[count];
}

static void welcome(void)
{
    sock_t *client = sock_accept(socks[0], NULL);

    if (client == NULL || sock_settimeout(client, 0) == -1) {
        sock_perror("several"); /* it is gone already, perhaps */
        sock_free(client);
        return;
    }
    add(client);
}

static int serve(sock_t *client)
{
    char text[4096];
    ssize_t n = sock_recv(client, text, sizeof text, 0);

    for (ssize_t i = 0; i < n; i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    if (n > 0 && sock_sendall(client, text, (size_t)n, 0) == -1)
        n = -1; /* EAGAIN: it does not read what we say */
    if (n == -1)
        sock_perror("several");
    return n > 0;
}

int main(int argc, char **argv)
{
    char name[SOCK_ADDR_REPR_MAX];
    sock_addr_t address;

    if (argc != 2) {
        fprintf(stderr, "usage: several HOST:PORT\n");
        return 2;
    }
    SOCK_AUTO sock_t *s = sock_create_server(sock_addr_parse(argv[1], 0),
                                             SOCK_DEFAULT_BACKLOG, 0);
    if (s == NULL || sock_settimeout(s, 0) == -1 ||
        sock_getsockname(s, &address) == -1) {
        sock_perror("several");
        return EXIT_FAILURE;
    }
    sock_addr_repr(&address, name, sizeof name);
    printf("listening on %s\n", name);

    add(s);
    for (;;) {
        /* Who comes when there is no room waits in the backlog. */
        fds[0].events = count < MOST ? POLLIN : 0;
        if (poll(fds, count, -1) == -1) {
            perror("several: poll");
            return EXIT_FAILURE;
        }
        for (nfds_t i = count - 1; i > 0; i--)
            if (fds[i].revents != 0 && !serve(socks[i]))
                take_out(i);
        if (fds[0].revents != 0)
            welcome();
    }
}
