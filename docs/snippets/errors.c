/* SPDX-License-Identifier: MIT */
/* Code of the reference's pages; compiled with the tests. */
#include <pysockc/pysockc.h>

#include <errno.h>
#include <stdio.h>

int bad_address(void);
int report(sock_t *s);
int handle(sock_t *s, char *msg, size_t size);
int line(sock_t *s);
int serve_all(void);
int with_block(void);

int bad_address(void)
{
    //! [bad address]
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (!s || sock_connect(s, sock_addr_inet("no.such.host", 80)) == -1)
        sock_perror(NULL);
    /* connect no.such.host: [Errno -2] Name or service not known */
    //! [bad address]
    sock_free(s);
    return 0;
}

int report(sock_t *s)
{
    //! [report]
    if (sock_bind(s, sock_addr_inet("127.0.0.1", 80)) == -1) {
        const sock_error_t *e = sock_last_error();
        if (e->kind == SOCK_E_OS && e->code == EACCES)
            puts("Ports below 1024 need a privilege.");
        sock_perror("server");
        /* server: bind ('127.0.0.1', 80): [Errno 13] Permission denied */
        return 1;
    }
    //! [report]
    return 0;
}

int handle(sock_t *s, char *msg, size_t size)
{
    //! [kinds]
    sock_settimeout(s, 30);
    ssize_t n = sock_recv_until(s, msg, size, '\n');
    if (n == -1) {
        switch (sock_last_error()->kind) {
        case SOCK_E_TIMEOUT: /* ours; the kernel's is SOCK_E_OS, ETIMEDOUT */
            printf("gave up after %zu bytes\n", sock_last_error()->done);
            break;
        default:
            sock_perror("receive");
        }
    }
    //! [kinds]
    return (int)n;
}

int line(sock_t *s)
{
    //! [line]
    char text[1024];
    ssize_t n = sock_recv_until(s, text, sizeof text - 1, '\n');
    if (n == -1)
        return -1; /* an error */
    if (n == 0 || text[n - 1] != '\n')
        return 0; /* the end of the stream, or a line that is too long */
    text[n] = '\0';
    //! [line]
    return text[0];
}

int serve_all(void)
{
    //! [dual stack]
    sock_t *s = sock_create_server(sock_addr_inet6("", 8080),
                                   SOCK_DEFAULT_BACKLOG,
                                   SOCK_SERVER_DUALSTACK_IPV6);
    //! [dual stack]
    sock_free(s);
    return 0;
}

int with_block(void)
{
    //! [auto]
    SOCK_AUTO sock_t *s = sock_create_connection("localhost", 80, 5.0,
                                                 sock_addr_none());
    if (s == NULL || sock_sendall(s, "GET / HTTP/1.0\r\n\r\n", 18, 0) == -1)
        return -1; /* and s is freed */
    //! [auto]
    return 0;
}
