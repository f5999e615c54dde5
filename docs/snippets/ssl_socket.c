/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void client(sock_ssl_context_t *ctx, int port)
{
    //! [client]
    char line[64], name[256];
    SOCK_AUTO sock_t *s =
        sock_ssl_create_connection(ctx, "localhost", port, 10);
    if (s == NULL) {
        sock_perror(NULL); /* whose certificate was refused, and why */
        return;
    }
    sock_ssl_server_hostname(s, name, sizeof name);
    printf("%s by %s\n", name, sock_ssl_version(s));
    /* -> localhost by TLSv1.3 */
    sock_sendall(s, "hello\n", 6, 0);
    ssize_t n = sock_recv_until(s, line, sizeof line, '\n');
    printf("%.*s", (int)n, line); /* -> hello */
    //! [client]
}

//! [server]
static void *serve(void *arg)
{
    sock_t *listener = arg, *s;
    while ((s = sock_accept(listener, NULL)) != NULL) {
        char line[64];
        ssize_t n = -1;
        sock_settimeout(s, 10); /* for the handshake, too */
        if (sock_ssl_server_side(s) == 1 && sock_ssl_do_handshake(s) == 0)
            n = sock_recv_until(s, line, sizeof line, '\n');
        if (n > 0)
            sock_sendall(s, line, (size_t)n, 0);
        sock_free(s);
    }
    return NULL;
}

static sock_t *listen_on(sock_ssl_context_t *ctx)
{
    SOCK_AUTO sock_t *plain = sock_create_server(sock_addr_inet("127.0.0.1", 0),
                                                 SOCK_DEFAULT_BACKLOG, 0);
    return sock_ssl_wrap_socket(ctx, plain, SOCK_SSL_SERVER_SIDE, NULL, NULL);
}
//! [server]

static void wrap(sock_ssl_context_t *ctx, int port)
{
    //! [wrap]
    SOCK_AUTO sock_t *plain =
        sock_create_connection("127.0.0.1", port, 10, sock_addr_none());
    SOCK_AUTO sock_t *s =
        sock_ssl_wrap_socket(ctx, plain, 0, "localhost", NULL);
    printf("plain: %d\n", (int)sock_fileno(plain)); /* -> plain: -1 */
    //! [wrap]
    sock_sendall(s, "\n", 1, 0);
}

static void ssl(int port)
{
    //! [ssl]
    SOCK_AUTO sock_t *plain =
        sock_create_connection("localhost", port, 10, sock_addr_none());
    SOCK_AUTO sock_t *s =
        sock_ssl(plain, NULL, NULL, SOCK_SSL_INSECURE_ANY_PEER);
    if (s != NULL)
        puts("encrypted, to whoever it is");
    /* -> encrypted, to whoever it is */
    //! [ssl]
    sock_sendall(s, "\n", 1, 0);
}

static void tell(sock_ssl_context_t *ctx, int port)
{
    SOCK_AUTO sock_t *s =
        sock_ssl_create_connection(ctx, "localhost", port, 10);
    //! [alpn]
    char name[256];
    if (sock_ssl_selected_alpn_protocol(s, name, sizeof name) == 0)
        puts("no protocol"); /* -> no protocol */
    //! [alpn]

    //! [channel_binding]
    unsigned char binding[64];
    int n = sock_ssl_get_channel_binding(s, "tls-exporter", binding,
                                         sizeof binding);
    printf("bound by %d bytes\n", n); /* -> bound by 32 bytes */
    //! [channel_binding]

    //! [wants]
    struct pollfd p = {.fd = sock_fileno(s)};
    sock_sendall(s, "hello\n", 6, 0);
    int wants;
    while ((wants = sock_ssl_wants(s, SOCK_EVENT_READ)) > 0) {
        p.events = (short)wants;
        poll(&p, 1, 10000);
    }
    n = (int)sock_recv(s, name, 1, 0);
    printf("%.*s, and %s\n", n, name,
           sock_ssl_pending(s) == 1 ? "there is more" : "no more");
    /* -> h, and there is more */
    //! [wants]
}

/* Two ends in one process */

struct peer {
    sock_ssl_context_t *ctx;
    sock_t *plain, *made;
};

static void *end_of_server(void *arg)
{
    struct peer *p = arg;
    p->made = sock_ssl_wrap_socket(p->ctx, p->plain, SOCK_SSL_SERVER_SIDE, NULL,
                                   NULL);
    return NULL;
}

static void ask(sock_t *s)
{
    //! [post_handshake]
    if (sock_ssl_verify_client_post_handshake(s) == -1)
        sock_perror(NULL);
    /* -> verify_client_post_handshake: [SSL: EXTENSION_NOT_RECEIVED] ... */
    //! [post_handshake]
}

static void *part(void *arg)
{
    struct peer *p = arg;
    sock_t *plain = sock_ssl_unwrap(p->made);
    sock_sendall(plain, "in the clear", 12, 0);
    sock_free(plain);
    return NULL;
}

static void unwrap(struct peer *p, sock_t *s)
{
    char text[64];
    pthread_t thread;
    pthread_create(&thread, NULL, part, p);
    //! [unwrap]
    sock_t *plain = sock_ssl_unwrap(s); /* all that was sent has arrived */
    printf("TLS: %d\n", sock_ssl_is_ssl(plain)); /* -> TLS: 0 */
    ssize_t n = sock_recv_all(plain, text, 12);
    printf("%.*s\n", (int)n, text); /* -> in the clear */
    //! [unwrap]
    pthread_join(thread, NULL);
    sock_free(plain);
}

static void both_ends(sock_ssl_context_t *ctx, sock_ssl_context_t *server)
{
    sock_t *pair[2];
    pthread_t thread;
    if (sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        return;
    struct peer p = {.ctx = server, .plain = pair[1]};
    pthread_create(&thread, NULL, end_of_server, &p);
    sock_t *s = sock_ssl_wrap_socket(ctx, pair[0], 0, "localhost", NULL);
    pthread_join(thread, NULL);
    ask(p.made);
    unwrap(&p, s);
    sock_free(s);
    sock_free(p.made);
    sock_free(pair[0]);
    sock_free(pair[1]);
}

static void reload(sock_t *listener)
{
    //! [context]
    sock_ssl_context_t *anew =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    if (sock_ssl_load_cert_chain(anew, "cert.pem", "key.pem", NULL) == 0 &&
        sock_ssl_set_context(listener, anew) == 0)
        puts(sock_ssl_context(listener) == anew ? "anew" : "as it was");
    /* -> anew */
    sock_ssl_context_free(anew); /* the listener has it */
    //! [context]
}

int main(void)
{
    setbuf(stdout, NULL);
    pthread_t thread;
    sock_addr_t address;
    sock_ssl_context_t *server =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, "ca.pem", NULL, NULL);
    if (sock_ssl_load_cert_chain(server, "cert.pem", "key.pem", NULL) == -1)
        return 1;
    sock_t *listener = listen_on(server);
    if (listener == NULL || sock_getsockname(listener, &address) == -1 ||
        pthread_create(&thread, NULL, serve, listener) != 0)
        return 1;
    int port = sock_addr_port(&address);
    client(ctx, port);
    wrap(ctx, port);
    ssl(port);
    tell(ctx, port);
    both_ends(ctx, server);
    reload(listener);
    sock_shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(listener);
    sock_ssl_context_free(ctx);
    sock_ssl_context_free(server);
    return 0;
}
