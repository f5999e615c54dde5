/* SPDX-License-Identifier: MIT */
/*
 * What a project around the libraries of the web and of TLS does with both:
 * https speaks TLS once sock_ssl_init() was called. Prints the version of the
 * core that it runs with.
 */
#include <pysockc/net.h>
#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HANDSHAKE = 22 }; /* what a record of TLS that begins one has first */

/* The status of a process that asks for a page which no one answers. */
static int ask(int port)
{
    char url[64];

    snprintf(url, sizeof url, "https://127.0.0.1:%d/", port);
    if (sock_urlopen(url, NULL, 0, 60) != NULL)
        return 2;
    return sock_last_error()->kind == SOCK_E_UNSUPPORTED ? 3 : 0;
}

int main(void)
{
    unsigned char first = 0;
    int status;
    sock_addr_t address;
    sock_t *server = sock_create_server(sock_addr_inet("127.0.0.1", 0), 1, 0);

    if (server == NULL || sock_getsockname(server, &address) == -1) {
        sock_perror("consumer");
        return 1;
    }
    sock_ssl_init();
    if (fork() == 0)
        _exit(ask(sock_addr_port(&address)));
    sock_t *peer = sock_accept(server, NULL);
    if (sock_recv(peer, &first, 1, 0) != 1 || first != HANDSHAKE)
        return 4;
    sock_free(peer);
    sock_free(server);
    if (wait(&status) == -1 || status != 0)
        return 5;
    puts(sock_version());
    return 0;
}
