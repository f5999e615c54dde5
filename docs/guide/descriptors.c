/* SPDX-License-Identifier: MIT */
/* descriptors HOST:PORT: one process accepts, another numbers the lines. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pysockc/pysockc.h>

/* Two FILEs, one for each direction; out is flushed line by line. */
static int number_lines(FILE *in, FILE *out)
{
    char line[1024];
    int number = 0;

    while (fgets(line, sizeof line, in) != NULL)
        if (fprintf(out, "%d %s", ++number, line) < 0 || fflush(out) == EOF)
            return -1;
    return ferror(in) ? -1 : 0;
}

static int serve(sock_t *client)
{
    int result = -1;

    if (client == NULL || sock_settimeout(client, 30.0) == -1)
        return -1;
    FILE *in = sock_makefile(client, "r");
    FILE *out = sock_makefile(client, "w");
    if (in != NULL && out != NULL)
        result = number_lines(in, out);
    if (in != NULL)
        fclose(in);
    if (out != NULL && fclose(out) == EOF)
        result = -1;
    return result;
}

/* The worker: takes clients until the other end of the channel is closed. */
static int work(sock_t *channel)
{
    char byte;
    sock_fd_t fd;
    size_t came;
    ssize_t n;

    while ((n = sock_recv_fds(channel, &byte, 1, &fd, 1, &came, 0, NULL,
                              NULL)) > 0) {
        if (came == 0)
            continue;
        SOCK_AUTO sock_t *client = sock_adopt(fd);
        if (serve(client) == -1)
            sock_perror("worker"); /* and on to the next client */
        if (client == NULL)
            sock_close_fd(fd); /* what was not adopted is still ours */
    }
    return (int)n;
}

static int accept_all(sock_t *s, sock_t *channel)
{
    char byte = '.'; /* a descriptor travels beside at least one byte */
    struct iovec bytes = {&byte, 1};

    for (;;) {
        SOCK_AUTO sock_t *client = sock_accept(s, NULL);
        if (client == NULL)
            return -1;
        sock_fd_t fd = sock_fileno(client);
        if (sock_send_fds(channel, &bytes, 1, &fd, 1, 0, sock_addr_none()) ==
            -1)
            return -1;
    } /* here ours is closed; the worker has its own */
}

int main(int argc, char **argv)
{
    char name[SOCK_ADDR_REPR_MAX];
    sock_addr_t address;
    sock_t *channel[2];

    if (argc != 2) {
        fprintf(stderr, "usage: descriptors HOST:PORT\n");
        return 2;
    }
    SOCK_AUTO sock_t *s = sock_create_server(sock_addr_parse(argv[1], 0),
                                             SOCK_DEFAULT_BACKLOG, 0);
    if (s == NULL || sock_getsockname(s, &address) == -1 ||
        sock_socketpair(AF_UNIX, SOCK_STREAM, 0, channel) == -1) {
        sock_perror("descriptors");
        return EXIT_FAILURE;
    }
    pid_t worker = fork();
    if (worker == -1) {
        perror("descriptors: fork");
        sock_free(channel[0]);
        sock_free(channel[1]);
        return EXIT_FAILURE;
    }
    if (worker == 0) {
        /* Each process closes the end that is the other's. */
        sock_freep(&s);
        sock_free(channel[0]);
        int result = work(channel[1]);
        sock_free(channel[1]);
        return result == -1 ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    sock_free(channel[1]);
    sock_addr_repr(&address, name, sizeof name);
    printf("listening on %s\n", name);
    accept_all(s, channel[0]);
    sock_perror("descriptors");
    sock_free(channel[0]); /* the worker sees the end, and ends */
    waitpid(worker, NULL, 0);
    return EXIT_FAILURE;
}
