/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <stdio.h>
#include <string.h>

static int request(sock_t *s)
{
    //! [sendall]
    const char *text = "GET / HTTP/1.0\r\n\r\n";
    if (sock_sendall(s, text, strlen(text), 0) == -1) {
        printf("%zu bytes went\n", sock_last_error()->done);
        sock_perror("request");
        return -1;
    }
    //! [sendall]
    return 0;
}

static int some(sock_t *s)
{
    //! [send]
    const char *text = "hello\n";
    size_t size = strlen(text), sent = 0;
    while (sent < size) {
        ssize_t n = sock_send(s, text + sent, size - sent, 0);
        if (n == -1)
            return -1;
        sent += (size_t)n;
    }
    //! [send]
    return 0;
}

static int to_the_end(sock_t *s)
{
    //! [recv]
    char buf[4096];
    ssize_t n;
    while ((n = sock_recv(s, buf, sizeof buf, 0)) > 0)
        fwrite(buf, 1, (size_t)n, stdout);
    /* -> GET / HTTP/1.0
     * ->
     * -> hello */
    if (n == -1)
        sock_perror("download");
    //! [recv]
    return (int)n;
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *pair[2];
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        return 1;
    int failed = request(pair[0]) || some(pair[0]) ||
                 sock_shutdown(pair[0], SHUT_WR) || to_the_end(pair[1]);
    sock_free(pair[0]);
    sock_free(pair[1]);
    return failed;
}
