/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/pysockc.h>

#include <signal.h>
#include <stdio.h>

static sock_t *serve(void)
{
    //! [serve]
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (s == NULL || sock_bind(s, sock_addr_inet("127.0.0.1", 0)) == -1 ||
        sock_listen(s, SOCK_DEFAULT_BACKLOG) == -1) {
        sock_perror("server");
        sock_free(s);
        return NULL;
    }
    //! [serve]
    return s;
}

static int own_port(sock_t *s)
{
    //! [getsockname]
    sock_addr_t own;
    if (sock_getsockname(s, &own) == -1)
        return -1;
    printf("port %d\n", sock_addr_port(&own)); /* -> port ... */
    //! [getsockname]
    return sock_addr_port(&own);
}

static int connect_to(int port)
{
    //! [connect]
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (s == NULL || sock_settimeout(s, 5.0) == -1 ||
        sock_connect(s, sock_addr_inet("localhost", port)) == -1) {
        sock_perror("client");
        sock_free(s);
        return -1;
    }
    //! [connect]
    sock_free(s);
    return 0;
}

static int accept_one(sock_t *s)
{
    //! [accept]
    sock_addr_t peer;
    sock_t *client = sock_accept(s, &peer);
    if (client == NULL) {
        sock_perror("server");
        return -1;
    }
    char text[SOCK_ADDR_TEXT_MAX];
    sock_addr_format(&peer, text, sizeof text);
    printf("from %s\n", text); /* -> from 127.0.0.1:... */
    //! [accept]
    sock_free(client);
    return 0;
}

static int look_whether_open(sock_addr_t address)
{
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    //! [connect_ex]
    sock_settimeout(s, 1.0);
    int error = sock_connect_ex(s, address);
    if (error == 0)
        puts("open");
    else if (error == ECONNREFUSED)
        puts("closed"); /* -> closed */
    else if (error == EAGAIN)
        puts("no answer within a second");
    //! [connect_ex]
    sock_free(s);
    return 0;
}

static int half(sock_t *s)
{
    //! [shutdown]
    sock_sendall(s, "question\n", 9, 0);
    sock_shutdown(s, SHUT_WR); /* the peer sees the end of the stream */
    char answer[512];
    ssize_t n = sock_recv(s, answer, sizeof answer, 0); /* and may answer */
    //! [shutdown]
    return n == 4 ? 0 : -1;
}

static int who(sock_t *s)
{
    //! [getpeername]
    sock_addr_t peer;
    char text[SOCK_ADDR_TEXT_MAX];
    if (sock_getpeername(s, &peer) == -1 ||
        sock_addr_format(&peer, text, sizeof text) == -1)
        sock_perror(NULL);
    else
        printf("connected to %s\n", text); /* -> connected to 127.0.0.1:... */
    //! [getpeername]
    return 0;
}

//! [stop]
static sock_t *listener;

static void stop(int number)
{
    int saved = errno;
    (void)number;
    sock_shutdown(listener, SHUT_RDWR); /* ends sock_accept() by EINVAL */
    errno = saved;
}
//! [stop]

static int until_a_signal(sock_t *s)
{
    struct sigaction action = {.sa_handler = stop};
    listener = s;
    sigaction(SIGALRM, &action, NULL);
    raise(SIGALRM); /* what it ends may begin later */
    sock_t *client = sock_accept(s, NULL);
    if (client == NULL && errno == EINVAL)
        return 0;
    sock_free(client);
    return -1;
}

/* A port that no one else gets while it is closed. */
static int closed_port(void)
{
    sock_addr_t own;
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    int failed = sock_bind(s, sock_addr_inet("127.0.0.1", 0)) ||
                 sock_getsockname(s, &own) || look_whether_open(own);
    sock_free(s);
    return failed;
}

static int conversation(sock_t *s, int port)
{
    char question[10];
    sock_t *client =
        sock_create_connection("127.0.0.1", port, 5.0, sock_addr_none());
    sock_t *c = sock_accept(s, NULL);
    int failed = sock_sendall(c, "yes\n", 4, 0) || half(client) ||
                 sock_recv(c, question, 10, 0) != 9 ||
                 sock_recv(c, question, 10, 0) != 0 || who(client);
    sock_free(client);
    sock_free(c);
    return failed;
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_t *s = serve();
    int port = own_port(s);
    int failed = connect_to(port) || accept_one(s) || closed_port() ||
                 conversation(s, port) || until_a_signal(s);
    sock_free(s);
    return failed;
}
