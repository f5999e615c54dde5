/* SPDX-License-Identifier: MIT */
/* Answers every HTTP request with the path that it asked for. */
#include <string.h>

#include "example.h"

static void answer(sock_t *sc)
{
    char request[4096], line[4096], head[128];
    ssize_t n = sock_recv_until(sc, request, sizeof request, '\n');
    char *path = n > 0 ? memchr(request, ' ', n) : NULL;
    char *end = path ? memchr(path + 1, ' ', request + n - path - 1) : NULL;

    while (n > 2 && n < (ssize_t)sizeof line) /* up to the empty line */
        n = sock_recv_until(sc, line, sizeof line, '\n');
    if (n == -1)
        failed();
    if (n != 2 || !end) /* no empty line, or no path: no request */
        return;
    size_t size = end - path;
    *end = '\n';
    snprintf(head, sizeof head,
             "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n"
             "Content-Length: %zu\r\n\r\n",
             size);
    if (sock_sendall(sc, head, strlen(head), 0) == -1 ||
        sock_sendall(sc, path + 1, size, 0) == -1)
        failed();
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    int port = 8080;
    sock_addr_t client;
    sock_t *sc;
    int status;

    host_and_port(argc, argv,
                  "Answers every HTTP request with the path it asked for.",
                  &host, &port);

    sock_t *s = sock_create_server(sock_addr_inet(host, port), 5, 0);
    if (!s)
        return failed();
    listening(s);
    while ((sc = sock_accept(s, &client))) {
        serving(sc);
        printf("request from %s\n", repr(&client));
        sock_settimeout(sc, MESSAGE_SECONDS);
        answer(sc);
        serving(NULL);
        sock_free(sc);
    }
    status = ended();
    sock_free(s);
    return status;
}
