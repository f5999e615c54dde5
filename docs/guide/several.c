/* SPDX-License-Identifier: MIT */
/* several HOST:PORT: answers in capitals, many clients at a time. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include <pysockc/pysockc.h>

#define MOST 100 /* clients at a time */

static sock_selector_t *sel;
static sock_t *listener;
static int clients;

static int wait_for(sock_t *s)
{
    return sock_selector_register(sel, s, SOCK_EVENT_READ, NULL);
}

static void welcome(void)
{
    sock_t *client = sock_accept(listener, NULL);

    if (client == NULL || sock_settimeout(client, 0) == -1 ||
        wait_for(client) == -1) {
        sock_perror("several"); /* it is gone already, perhaps */
        sock_free(client);
        return;
    }
    /* Who comes when there is no room waits in the backlog. */
    if (++clients == MOST)
        sock_selector_unregister(sel, listener);
}

/* With the socket its registration ends. */
static void take_out(sock_t *client)
{
    sock_free(client);
    if (clients-- == MOST)
        wait_for(listener);
}

static void serve(sock_t *client)
{
    char text[4096];
    ssize_t n = sock_recv(client, text, sizeof text, 0);

    for (ssize_t i = 0; i < n; i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    if (n > 0 && sock_sendall(client, text, (size_t)n, 0) == -1)
        n = -1; /* EAGAIN: it does not read what we say */
    if (n == -1)
        sock_perror("several");
    if (n <= 0)
        take_out(client);
}

int main(int argc, char **argv)
{
    char name[SOCK_ADDR_REPR_MAX];
    sock_addr_t address;
    sock_key_t key;

    if (argc != 2) {
        fprintf(stderr, "usage: several HOST:PORT\n");
        return 2;
    }
    listener = sock_create_server(sock_addr_parse(argv[1], 0),
                                  SOCK_DEFAULT_BACKLOG, 0);
    sel = listener ? sock_selector_new(SOCK_SELECTOR_DEFAULT) : NULL;
    if (sel == NULL || sock_settimeout(listener, 0) == -1 ||
        sock_getsockname(listener, &address) == -1 ||
        wait_for(listener) == -1) {
        sock_perror("several");
        return EXIT_FAILURE;
    }
    sock_addr_repr(&address, name, sizeof name);
    printf("listening on %s\n", name);

    while (sock_selector_select(sel, SOCK_NO_TIMEOUT) != -1)
        while (sock_selector_next(sel, &key) == 1)
            if (key.sock == listener)
                welcome();
            else
                serve(key.sock);
    sock_perror("several");
    return EXIT_FAILURE;
}
