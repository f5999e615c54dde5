/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pysockc.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int ask(sock_t *s, const char *path)
{
    //! [makefile]
    FILE *out = sock_makefile(s, "w");
    if (out == NULL)
        return -1;
    fprintf(out, "GET %s HTTP/1.0\r\n\r\n", path);
    if (fclose(out) != 0) /* here it is sent */
        return -1;
    FILE *in = sock_makefile(s, "r");
    if (in == NULL)
        return -1;
    char line[512];
    while (fgets(line, sizeof line, in) != NULL)
        fputs(line, stdout); /* -> HTTP/1.0 204 No Content */
    fclose(in);
    //! [makefile]
    return 0;
}

static int send_file(sock_t *s, const char *path)
{
    //! [sendfile]
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return -1;
    if (sock_sendfile(s, fd, 0, SOCK_SENDFILE_TO_END) == -1)
        sock_perror(path);
    close(fd);
    //! [sendfile]
    return 0;
}

/* What s was sent is text, and nothing else. */
static int was_sent(sock_t *s, const char *text)
{
    char buf[256];
    size_t size = strlen(text);
    return sock_recv_all(s, buf, size) == -1 || memcmp(buf, text, size) != 0;
}

static int file_is_sent(sock_t *s, sock_t *peer)
{
    char path[] = "snippet-XXXXXX";
    int fd = mkstemp(path);
    if (fd == -1 || write(fd, "hello\n", 6) != 6 || close(fd) == -1)
        return -1;
    int failed = send_file(s, path);
    return unlink(path) || failed || was_sent(peer, "hello\n");
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *pair[2];
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        return 1;
    const char *answer = "HTTP/1.0 204 No Content\r\n";
    int failed = sock_sendall(pair[1], answer, strlen(answer), 0) ||
                 sock_shutdown(pair[1], SHUT_WR) || ask(pair[0], "/") ||
                 was_sent(pair[1], "GET / HTTP/1.0\r\n\r\n") ||
                 file_is_sent(pair[0], pair[1]);
    sock_free(pair[0]);
    sock_free(pair[1]);
    return failed;
}
