/* SPDX-License-Identifier: MIT */
#include <pysockc/pysockc.h>

#include <stdio.h>

static int port_is_taken(sock_t *s, sock_addr_t address)
{
    //! [last_error]
    if (sock_bind(s, address) == -1) {
        const sock_error_t *e = sock_last_error();
        if (e->kind == SOCK_E_OS && e->code == EADDRINUSE)
            puts("Is another server running?"); /* -> Is another server ... */
        return -1;
    }
    //! [last_error]
    return 0;
}

static int keep(sock_t *s)
{
    //! [copy]
    sock_error_t first = *sock_last_error();
    if (sock_shutdown(s, SHUT_RDWR) == -1)
        sock_perror("then"); /* -> then: shutdown: [Errno 107] ... */
    printf("first %s\n", first.operation); /* -> first bind */
    //! [copy]
    return 0;
}

static int gives_up(sock_t *s)
{
    //! [kinds]
    char buf[1024];
    sock_settimeout(s, 0.1);
    if (sock_recv_until(s, buf, sizeof buf, '\n') == -1) {
        const sock_error_t *e = sock_last_error();
        if (e->kind == SOCK_E_TIMEOUT) /* ours; the kernel's is SOCK_E_OS */
            printf("gave up after %zu bytes\n", e->done);
        /* -> gave up after 5 bytes */
        return -1;
    }
    //! [kinds]
    return 0;
}

static int texts(void)
{
    //! [error_text]
    char text[SOCK_ERROR_TEXT_MAX];
    sock_error_text(NULL, text, sizeof text);
    puts(text);
    /* -> connect ('127.0.0.1', ...): [Errno 111] Connection refused */
    sock_error_reason(NULL, text, sizeof text);
    puts(text); /* -> [Errno 111] Connection refused */
    sock_error_message(NULL, text, sizeof text);
    puts(text); /* -> Connection refused */
    //! [error_text]
    return 0;
}

static int class_of_it(void)
{
    //! [error_class]
    const sock_error_t *e = sock_last_error();
    puts(sock_error_name(e->kind)); /* -> SOCK_E_OS */
    puts(sock_error_class(e));      /* -> ConnectionRefusedError */
    //! [error_class]
    return 0;
}

static int report(sock_t *s, sock_addr_t address)
{
    //! [perror]
    if (sock_connect(s, address) == -1)
        sock_perror("client");
    /* -> client: connect ('127.0.0.1', ...): [Errno 111] Connection refused */
    //! [perror]
    return 0;
}

static int every_attempt(const char *host, int port)
{
    //! [error_list_free]
    sock_error_list_t *list;
    sock_t *s =
        sock_create_connection_errors(host, port, 5, sock_addr_none(), &list);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        char text[SOCK_ERROR_TEXT_MAX];
        sock_error_text(&list->errors[i], text, sizeof text);
        puts(text); /* -> create_connection ('127.0.0.1', ...): ... */
    }
    sock_error_list_free(list);
    //! [error_list_free]
    return s != NULL;
}

/* A socket that has a port of the loopback, which it does not listen on. */
static sock_t *bound(sock_addr_t *address)
{
    sock_t *s = sock_new(AF_INET, SOCK_STREAM, 0);
    if (sock_bind(s, sock_addr_inet("127.0.0.1", 0)) == -1 ||
        sock_getsockname(s, address) == -1) {
        sock_free(s);
        return NULL;
    }
    return s;
}

int main(void)
{
    setbuf(stdout, NULL);
    sock_addr_t address;
    sock_t *other = bound(&address), *s = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_t *pair[2];
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 ||
        sock_sendall(pair[1], "hello", 5, 0) == -1)
        return 1;
    int failed = port_is_taken(s, address) != -1 || keep(s) ||
                 gives_up(pair[0]) != -1 || sock_connect(s, address) != -1 ||
                 texts() || class_of_it() || report(s, address) ||
                 every_attempt("127.0.0.1", sock_addr_port(&address));
    sock_free(pair[0]);
    sock_free(pair[1]);
    sock_free(s);
    sock_free(other);
    return failed;
}
