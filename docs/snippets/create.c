/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <stdio.h>
#include <string.h>

static int client(int port)
{
    //! [connection]
    sock_t *s =
        sock_create_connection("localhost", port, 5.0, sock_addr_none());
    if (s == NULL) {
        sock_perror("client");
        return -1;
    }
    sock_sendall(s, "hello\n", 6, 0);
    sock_free(s);
    //! [connection]
    return 0;
}

static int errors(int port)
{
    //! [errors]
    sock_error_list_t *list;
    sock_t *s = sock_create_connection_errors("localhost", port, 5.0,
                                              sock_addr_none(), &list);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        char text[SOCK_ERROR_TEXT_MAX];
        sock_error_text(&list->errors[i], text, sizeof text);
        puts(text);
    }
    /* -> ...
     * -> create_connection localhost ('127.0.0.1', ...): [Errno 111] ...
     */
    sock_error_list_free(list);
    //! [errors]
    return s != NULL;
}

static sock_t *server(void)
{
    //! [server]
    sock_t *s = sock_create_server(sock_addr_inet("127.0.0.1", 0),
                                   SOCK_DEFAULT_BACKLOG, 0);
    if (s == NULL) {
        sock_perror("server");
        return NULL;
    }
    //! [server]
    return s;
}

static int dual_stack(int port)
{
    //! [dual stack]
    sock_addr_t every = sock_addr_inet("", port);
    int flags = 0;
    if (sock_has_dualstack_ipv6()) {
        every = sock_addr_inet6("", port);
        flags = SOCK_SERVER_DUALSTACK_IPV6;
    }
    sock_t *s = sock_create_server(every, SOCK_DEFAULT_BACKLOG, flags);
    //! [dual stack]
    sock_free(s);
    return s == NULL;
}

static int with_a_server(void)
{
    sock_addr_t own;
    sock_t *s = server();
    if (s == NULL || sock_getsockname(s, &own) == -1 ||
        client(sock_addr_port(&own)) == -1)
        return -1;
    sock_t *c = sock_accept(s, NULL);
    char text[6];
    int failed = sock_recv_all(c, text, 6) != 6 || memcmp(text, "hello\n", 6);
    sock_free(c);
    sock_free(s);
    return failed;
}

/* A port that no one else gets while it is closed. */
static int with_a_closed_port(void)
{
    sock_addr_t own;
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    int failed = sock_bind(s, sock_addr_inet("127.0.0.1", 0)) ||
                 sock_getsockname(s, &own) || errors(sock_addr_port(&own));
    sock_free(s);
    return failed;
}

int main(void)
{
    setbuf(stdout, NULL);
    return with_a_server() || with_a_closed_port() || dual_stack(0);
}
