/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <pthread.h>
#include <stdio.h>

//! [resume]
static sock_ssl_session_t *greet(sock_ssl_context_t *ctx, int port,
                                 const sock_ssl_session_t *session)
{
    char text[64];
    SOCK_AUTO sock_t *plain =
        sock_create_connection("localhost", port, 10, sock_addr_none());
    SOCK_AUTO sock_t *s =
        sock_ssl_wrap_socket(ctx, plain, 0, "localhost", session);
    if (s == NULL || sock_recv(s, text, sizeof text, 0) <= 0)
        return NULL;
    puts(sock_ssl_session_reused(s) == 1 ? "resumed" : "a full handshake");
    return sock_ssl_session(s); /* which came with what was received */
}

static void twice(sock_ssl_context_t *ctx, int port)
{
    sock_ssl_session_t *first = greet(ctx, port, NULL);
    /* -> a full handshake */
    sock_ssl_session_t *second = greet(ctx, port, first);
    /* -> resumed */
    sock_ssl_session_free(first);
    sock_ssl_session_free(second);
}
//! [resume]

static void with_auto(sock_ssl_context_t *ctx, int port)
{
    //! [auto]
    SOCK_SSL_SESSION_AUTO sock_ssl_session_t *session = greet(ctx, port, NULL);
    if (session == NULL)
        return; /* nothing is left behind on any way out */
    /* -> a full handshake */
    //! [auto]

    //! [info]
    sock_ssl_session_info_t info;
    if (sock_ssl_session_info(session, &info) == 0)
        printf("%s: %d ticket, good for %lld s\n", info.host, info.has_ticket,
               (long long)info.timeout);
    /* -> localhost: 1 ticket, good for 7200 s */
    //! [info]
}

/* What the client talks to. */
static void *serve(void *arg)
{
    sock_t *listener = arg, *s;
    while ((s = sock_accept(listener, NULL)) != NULL) {
        char c;
        sock_sendall(s, "hello\n", 6, 0);
        sock_recv(s, &c, 1, 0);
        sock_free(s);
    }
    return NULL;
}

int main(void)
{
    setbuf(stdout, NULL);
    pthread_t thread;
    sock_addr_t address;
    sock_ssl_context_t *server =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    sock_ssl_context_t *client = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, "ca.pem", NULL, NULL);
    sock_t *plain = sock_create_server(sock_addr_inet("127.0.0.1", 0),
                                       SOCK_DEFAULT_BACKLOG, 0);
    if (sock_ssl_load_cert_chain(server, "cert.pem", "key.pem", NULL) == -1)
        return 1;
    sock_t *listener =
        sock_ssl_wrap_socket(server, plain, SOCK_SSL_SERVER_SIDE, NULL, NULL);
    if (listener == NULL || sock_getsockname(listener, &address) == -1 ||
        pthread_create(&thread, NULL, serve, listener) != 0)
        return 1;
    twice(client, sock_addr_port(&address));
    with_auto(client, sock_addr_port(&address));
    sock_shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    sock_free(listener);
    sock_free(plain);
    sock_ssl_context_free(client);
    sock_ssl_context_free(server);
    return 0;
}
