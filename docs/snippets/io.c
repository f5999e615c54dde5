/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int to_the_end(sock_t *s)
{
    //! [recv]
    char buf[4096];
    ssize_t n;
    while ((n = sock_recv(s, buf, sizeof buf, 0)) > 0)
        fwrite(buf, 1, (size_t)n, stdout); /* -> hello */
    if (n == -1)
        sock_perror("download");
    //! [recv]
    return (int)n;
}

static int echo(sock_t *s)
{
    //! [exchange]
    char buf[65535];
    sock_addr_t client;
    ssize_t n = sock_recvfrom(s, buf, sizeof buf, 0, &client);
    if (n == -1 || sock_sendto(s, buf, (size_t)n, 0, client) == -1) {
        sock_perror("echo");
        return -1;
    }
    //! [exchange]
    return 0;
}

static int in_parts(sock_t *s)
{
    //! [send]
    const char *text = "hello\n";
    size_t sent = 0;
    while (sent < strlen(text)) { /* sock_sendall() does all of this */
        ssize_t n = sock_send(s, text + sent, strlen(text) - sent, 0);
        if (n == -1)
            return -1;
        sent += (size_t)n;
    }
    //! [send]
    return 0;
}

static int all(sock_t *s)
{
    //! [sendall]
    const char *request = "GET / HTTP/1.0\r\n\r\n";
    if (sock_sendall(s, request, strlen(request), 0) == -1) {
        sock_perror("request");
        fprintf(stderr, "after %zu bytes\n", sock_last_error()->done);
        return -1;
    }
    //! [sendall]
    return 0;
}

static int head_and_body(sock_t *s)
{
    //! [recv_all]
    uint32_t size; /* in network byte order, then so many bytes */
    char body[512];
    if (sock_recv_all(s, &size, sizeof size) == -1 ||
        (size = sock_ntohl(size)) > sizeof body ||
        sock_recv_all(s, body, size) == -1)
        return -1;
    printf("%.*s\n", (int)size, body); /* -> four */
    //! [recv_all]
    return 0;
}

static int line(sock_t *s)
{
    //! [recv_until]
    char text[1024];
    ssize_t n = sock_recv_until(s, text, sizeof text - 1, '\n');
    if (n == -1)
        return -1; /* an error */
    if (n == 0 || text[n - 1] != '\n')
        return 0; /* the end of the stream, or a line that is too long */
    text[n] = '\0';
    printf("line: %s", text); /* -> line: GET / HTTP/1.0 */
    //! [recv_until]
    return 0;
}

static int on_a_datagram_socket(void)
{
    char text[10];
    sock_addr_t own;
    sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    sock_t *client = sock_new(AF_INET, SOCK_DGRAM, 0);
    int failed = sock_bind(s, sock_addr_inet("127.0.0.1", 0)) ||
                 sock_getsockname(s, &own) || sock_connect(client, own) ||
                 sock_send(client, "hello", 5, 0) != 5 || echo(s) ||
                 sock_recv(client, text, sizeof text, 0) != 5;
    sock_free(s);
    sock_free(client);
    return failed;
}

static int on_a_stream(int (*snippet)(sock_t *s), const char *bytes,
                       size_t size)
{
    sock_t *pair[2];
    int failed = sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
                 sock_sendall(pair[0], bytes, size, 0) ||
                 sock_shutdown(pair[0], SHUT_WR) || snippet(pair[1]);
    sock_free(pair[0]);
    sock_free(pair[1]);
    return failed;
}

static int arrives(int (*snippet)(sock_t *s), const char *bytes)
{
    char text[32];
    sock_t *pair[2];
    int failed = sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
                 snippet(pair[0]) ||
                 sock_recv_all(pair[1], text, strlen(bytes)) == -1 ||
                 memcmp(text, bytes, strlen(bytes)) != 0;
    sock_free(pair[0]);
    sock_free(pair[1]);
    return failed;
}

int main(void)
{
    setbuf(stdout, NULL);
    return on_a_stream(to_the_end, "hello\n", 6) || on_a_datagram_socket() ||
           arrives(in_parts, "hello\n") ||
           arrives(all, "GET / HTTP/1.0\r\n\r\n") ||
           on_a_stream(head_and_body, "\0\0\0\4four", 8) ||
           on_a_stream(line, "GET / HTTP/1.0\r\n\r\n", 18);
}
