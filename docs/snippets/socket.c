/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pysockc.h>

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int life(void)
{
    //! [life]
    sock_t *s = sock_new(AF_INET, SOCK_DGRAM, 0);
    if (s == NULL || sock_bind(s, sock_addr_inet("127.0.0.1", 0)) == -1) {
        sock_perror("server");
        sock_free(s);
        return -1;
    }
    char text[SOCK_REPR_MAX];
    sock_repr(s, text, sizeof text);
    puts(text); /* -> <socket.socket ... laddr=('127.0.0.1', ...)> */
    sock_free(s);
    //! [life]
    return 0;
}

static int of_another(sock_t *owner)
{
    sock_fd_t fd = sock_fileno(owner);
    //! [fromfd]
    sock_t *s = sock_fromfd(fd, AF_UNIX, SOCK_STREAM, 0);
    if (s == NULL || sock_sendall(s, "hello\n", 6, 0) == -1)
        sock_perror("greeting");
    sock_free(s); /* fd is open still */
    //! [fromfd]
    int failed = sock_close(owner);
    sock_free(owner);
    return failed;
}

static int take_over(sock_t *owner)
{
    sock_fd_t fd = sock_detach(owner);
    sock_free(owner);
    //! [adopt]
    sock_t *s = sock_adopt(fd); /* accept(2) made it */
    if (s == NULL) {
        sock_perror("client");
        close(fd); /* it is ours still */
        return -1;
    }
    sock_own(s); /* there is no duplicate of it */
    sock_sendall(s, "hello\n", 6, 0);
    //! [adopt]
    sock_free(s);
    return 0;
}

static int take_over_as(sock_t *owner)
{
    sock_fd_t fd = sock_detach(owner);
    sock_free(owner);
    //! [adopt_as]
    sock_t *s = sock_adopt_as(fd, -1, SOCK_STREAM | SOCK_NONBLOCK, -1);
    if (s == NULL)
        return -1;
    printf("timeout %g\n", sock_gettimeout(s)); /* -> timeout 0 */
    sock_sendall(s, "hello\n", 6, 0);
    //! [adopt_as]
    sock_free(s);
    return 0;
}

static int with_a_child(void)
{
    //! [socketpair]
    sock_t *pair[2];
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        return -1;
    if (fork() == 0) { /* the child has one end, we have the other */
        sock_sendall(pair[1], "hello\n", 6, 0);
        _exit(0);
    }
    char line[100];
    ssize_t n = sock_recv_until(pair[0], line, sizeof line, '\n');
    if (n > 0)
        printf("child: %.*s", (int)n, line); /* -> child: hello */
    //! [socketpair]
    sock_free(pair[0]);
    sock_free(pair[1]);
    return wait(NULL) == -1 ? -1 : 0;
}

static int second(sock_t *s)
{
    //! [dup]
    sock_t *writer = sock_dup(s); /* for the thread that sends */
    if (writer == NULL)
        return -1;
    sock_sendall(writer, "hello\n", 6, 0);
    sock_free(writer); /* s is open still */
    //! [dup]
    int failed = sock_close(s);
    sock_free(s);
    return failed;
}

static int give_away(sock_t *s)
{
    //! [detach]
    sock_fd_t fd = sock_detach(s);
    if (fd == -1 || write(fd, "hello\n", 6) == -1)
        return -1;
    sock_free(s);
    sock_close_fd(fd); /* it was ours */
    //! [detach]
    return 0;
}

static int end(sock_t *s)
{
    sock_sendall(s, "hello\n", 6, 0);
    //! [close]
    if (sock_close(s) == -1)
        sock_perror("close");
    if (sock_send(s, "hello\n", 6, 0) == -1)
        sock_perror(NULL); /* -> send: [Errno 9] Bad file descriptor */
    sock_free(s);
    //! [close]
    return 0;
}

static int greet(sock_addr_t address)
{
    //! [auto]
    SOCK_AUTO sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (s == NULL || sock_connect(s, address) == -1)
        return -1;                           /* and s is freed */
    return sock_sendall(s, "hello\n", 6, 0); /* here, too */
    //! [auto]
}

static int copy(sock_t *owner)
{
    sock_fd_t fd = sock_detach(owner);
    sock_free(owner);
    //! [dup_fd]
    sock_fd_t other = sock_dup_fd(fd); /* close-on-exec, unlike dup(2)'s */
    if (other == -1 || write(other, "hello\n", 6) == -1)
        return -1;
    sock_close_fd(other); /* fd is open still */
    //! [dup_fd]
    return sock_close_fd(fd);
}

static int ready(sock_t *a, sock_t *b)
{
    //! [fileno]
    struct pollfd fds[] = {{sock_fileno(a), POLLIN, 0},
                           {sock_fileno(b), POLLIN, 0}};
    if (poll(fds, 2, 1000) == -1)
        return -1;
    if (fds[0].revents & POLLIN)
        puts("a has something");
    if (fds[1].revents & POLLIN)
        puts("b has something"); /* -> b has something */
    //! [fileno]
    return 0;
}

static int what(sock_t *owner)
{
    sock_fd_t fd = sock_fileno(owner);
    //! [kind]
    sock_t *s = sock_adopt(fd);
    if (s == NULL || sock_type(s) != SOCK_STREAM)
        return -1;
    printf("%s, protocol %d\n", sock_family(s) == AF_INET6 ? "IPv6" : "IPv4",
           sock_proto(s)); /* -> IPv4, protocol 6 */
    //! [kind]
    sock_detach(s);
    sock_free(s);
    return 0;
}

static int inherit(sock_t *s)
{
    //! [inheritable]
    printf("%d\n", sock_get_inheritable(s)); /* -> 0 */
    char command[64];
    snprintf(command, sizeof command, "echo hello >&%d", sock_fileno(s));
    if (sock_set_inheritable(s, 1) == -1 || system(command) != 0)
        return -1; /* else the shell has written to it */
    //! [inheritable]
    sock_free(s);
    return 0;
}

/* The snippet ends its end, and the other end hears of it. */
static int on_a_pair(int (*snippet)(sock_t *s))
{
    sock_t *pair[2];
    char line[10];
    int failed = sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
                 snippet(pair[0]) ||
                 sock_recv_until(pair[1], line, sizeof line, '\n') != 6;
    sock_free(pair[1]);
    return failed;
}

static int on_pairs(void)
{
    return on_a_pair(of_another) || on_a_pair(take_over) ||
           on_a_pair(take_over_as) || with_a_child() || on_a_pair(second) ||
           on_a_pair(give_away) || on_a_pair(end);
}

static int with_a_server(void)
{
    sock_t *server = sock_create_server(sock_addr_inet("127.0.0.1", 0), 5, 0);
    sock_t *idle = sock_new(AF_INET, SOCK_DGRAM, 0);
    sock_addr_t address;
    int failed = sock_getsockname(server, &address) || greet(address) ||
                 on_a_pair(copy) || ready(idle, server) || what(server) ||
                 on_a_pair(inherit);
    sock_free(server);
    sock_free(idle);
    return failed;
}

int main(void)
{
    setbuf(stdout, NULL);
    return life() || on_pairs() || with_a_server();
}
