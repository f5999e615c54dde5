/* SPDX-License-Identifier: MIT */
/*
 * server MODE TYPE ADDRESS: a server of the library, for clients of others.
 * MODE is serial, threading, forking or pool; TYPE is stream or datagram;
 * ADDRESS is host:port or a path. It says on stderr where it listens, and ends
 * at SIGTERM. A stream is sent back once the other has ended, a datagram at
 * once.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/pysockc.h>

enum { SECONDS = 20, MOST = 1 << 23 };

static sock_server_t *server;

static void on_sigterm(int signo)
{
    (void)signo;
    sock_server_shutdown(server);
}

static int send_back(sock_request_t *request)
{
    sock_t *s = sock_request_sock(request);
    char *bytes = malloc(MOST);
    size_t size = 0;
    ssize_t n = -1;
    while (bytes != NULL &&
           (n = sock_recv(s, bytes + size, MOST - size, 0)) > 0)
        size += (size_t)n;
    if (n == 0)
        n = sock_sendall(s, bytes, size, 0);
    free(bytes);
    return (int)n;
}

static int answer(sock_request_t *request)
{
    size_t size;
    const void *packet = sock_request_packet(request, &size);
    return sock_request_reply(request, packet, size);
}

static int mode_of(const char *text)
{
    static const char *const names[] = {"serial", "threading", "forking",
                                        "pool"};
    int mode = 0;
    while (mode < 4 && strcmp(text, names[mode]) != 0)
        mode++;
    return mode;
}

static sock_addr_t address_of(const char *text)
{
    return text[0] == '/' ? sock_addr_unix(text) : sock_addr_parse(text, 0);
}

static void say_where(void)
{
    char text[SOCK_ADDR_TEXT_MAX];
    sock_addr_t me = sock_server_address(server);
    if (sock_addr_format(&me, text, sizeof text) >= 0)
        fprintf(stderr, "listening on %s\n", text);
}

int main(int argc, char **argv)
{
    struct sigaction end = {.sa_handler = on_sigterm};
    if (argc != 4)
        return 2;
    bool datagrams = strcmp(argv[2], "datagram") == 0;
    sock_server_class_t c = {.size = sizeof c,
                             .mode = mode_of(argv[1]),
                             .type = datagrams ? SOCK_DGRAM : SOCK_STREAM,
                             .handle = datagrams ? answer : send_back,
                             .handle_error = sock_server_print_error,
                             .request_timeout = SECONDS};
    server = sock_server_new(&c, address_of(argv[3]), NULL);
    if (server == NULL || sigaction(SIGTERM, &end, NULL) != 0)
        return sock_perror("server"), 1;
    say_where();
    int result = sock_server_serve_forever(server, SOCK_NO_TIMEOUT);
    if (result < 0)
        sock_perror("server");
    sock_server_free(server);
    return result < 0;
}
