/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include <pysockc/pysockc.h>
#include <pysockc/ssl.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

//! [server]
static void serve(sock_t *s) /* of sock_create_server() */
{
    char line[512];
    sock_t *c;
    const int flags = SOCK_SSL_SERVER_SIDE;
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    sock_ssl_load_cert_chain(ctx, "cert.pem", "key.pem", NULL);
    sock_t *listener = sock_ssl_wrap_socket(ctx, s, flags, NULL, NULL);
    while ((c = sock_accept(listener, NULL)) != NULL) {
        ssize_t n = sock_recv_until(c, line, sizeof line, '\n');
        if (n > 0)
            sock_sendall(c, line, (size_t)n, 0);
        sock_free(c);
    }
    sock_free(listener);
    sock_ssl_context_free(ctx);
}
//! [server]

static void *run_server(void *arg)
{
    serve(arg);
    return NULL;
}

static void talk(int port)
{
    //! [client]
    char line[512];
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, "ca.pem", NULL, NULL);
    sock_t *s = sock_ssl_create_connection(ctx, "localhost", port, 10);
    sock_sendall(s, "hello\n", 6, 0);
    ssize_t n = sock_recv_until(s, line, sizeof line, '\n');
    printf("%.*s", (int)n, line); /* -> hello */
    //! [client]
    sock_free(s);
    sock_ssl_context_free(ctx);
}

static void wrap_by_hand(int port)
{
    //! [wrap]
    char line[512];
    sock_t *plain = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_t *s = sock_ssl_wrap_socket(NULL, plain, 0, "localhost", NULL);
    sock_settimeout(s, 10);
    /* the handshake is in it, as it is not connected yet */
    if (sock_connect(s, sock_addr_inet("localhost", port)) == 0 &&
        sock_sendall(s, "by hand\n", 8, 0) == 0) {
        ssize_t n = sock_recv_until(s, line, sizeof line, '\n');
        printf("%.*s", (int)n, line); /* -> by hand */
    }
    sock_free(s);
    sock_free(plain); /* without its descriptor */
    //! [wrap]
}

static void as_python_2(int port)
{
    //! [ssl]
    char line[512];
    const sock_addr_t any = sock_addr_none();
    sock_t *s = sock_create_connection("localhost", port, 10, any);
    sock_t *ssl = sock_ssl(s, NULL, NULL, "localhost");
    sock_sendall(ssl, "as ever\n", 8, 0);
    ssize_t n = sock_recv_until(ssl, line, sizeof line, '\n');
    printf("%.*s", (int)n, line); /* -> as ever */
    //! [ssl]
    sock_free(ssl);
    sock_free(s);
}

static void be_refused(int port)
{
    //! [failure]
    sock_t *s = sock_create_connection("localhost", port, 10, sock_addr_none());
    sock_t *ss = sock_ssl_wrap_socket(NULL, s, 0, "www.example.org", NULL);
    if (ss == NULL) {
        sock_perror("client");
        /* -> client: wrap_socket (...): [SSL: ...] ...: Hostname mismatch, ...
         */
        puts(sock_error_class(NULL)); /* -> ssl.SSLCertVerificationError */
    }
    //! [failure]
    sock_free(ss);
    sock_free(s);
}

/* Both ends of a connection in this thread. */

static sock_ssl_context_t *client_context, *server_context;

static void *wrap_server(void *arg)
{
    sock_t **s = arg;
    sock_t *plain = *s;
    *s = sock_ssl_wrap_socket(server_context, plain, SOCK_SSL_SERVER_SIDE, NULL,
                              NULL);
    sock_free(plain);
    return NULL;
}

static void connect_both(sock_t *ends[2], int flags)
{
    pthread_t thread;
    sock_t *plain[2];
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, plain);
    ends[1] = plain[1];
    pthread_create(&thread, NULL, wrap_server, &ends[1]);
    ends[0] = sock_ssl_wrap_socket(client_context, plain[0], flags, "localhost",
                                   NULL);
    sock_free(plain[0]);
    pthread_join(thread, NULL);
}

static void shake_hands(void)
{
    sock_t *plain[2];
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, plain);
    //! [do_handshake]
    sock_t *s = sock_ssl_wrap_socket(
        server_context, plain[0], SOCK_SSL_SERVER_SIDE | SOCK_SSL_NO_HANDSHAKE,
        NULL, NULL);
    sock_settimeout(s, 0.05); /* for all of it, whatever the client does */
    if (sock_ssl_do_handshake(s) == -1)
        sock_perror(NULL); /* -> do_handshake: timed out */
    //! [do_handshake]
    sock_free(s);
    sock_free(plain[0]);
    sock_free(plain[1]);
}

/* Says go ahead, and goes on over TLS; and back. */
static void *answer_starttls(void *arg)
{
    char line[512];
    sock_t *s = arg;
    sock_recv_until(s, line, sizeof line, '\n');
    sock_sendall(s, "go ahead\n", 9, 0);
    sock_t *ss = sock_ssl_wrap_socket(server_context, s, SOCK_SSL_SERVER_SIDE,
                                      NULL, NULL);
    sock_recv_until(ss, line, sizeof line, '\n');
    sock_sendall(ss, "secret\n", 7, 0);
    sock_recv(ss, line, sizeof line, 0); /* the end */
    sock_t *plain = sock_ssl_unwrap(ss);
    sock_sendall(plain, "public\n", 7, 0);
    sock_free(plain);
    sock_free(ss);
    return NULL;
}

static sock_t *start_tls(sock_t *s)
{
    //! [starttls]
    char line[512];
    sock_sendall(s, "STARTTLS\n", 9, 0);
    sock_recv_until(s, line, sizeof line, '\n'); /* and not a byte behind it */
    sock_t *ss = sock_ssl_wrap_socket(client_context, s, 0, "localhost", NULL);
    sock_sendall(ss, "what is it?\n", 12, 0);
    ssize_t n = sock_recv_until(ss, line, sizeof line, '\n');
    printf("%.*s", (int)n, line); /* -> secret */
    //! [starttls]
    return ss;
}

static void end_tls(sock_t *ss)
{
    //! [unwrap]
    char line[512];
    sock_t *s = sock_ssl_unwrap(ss); /* ss is closed */
    ssize_t n = sock_recv_until(s, line, sizeof line, '\n');
    printf("TLS %d: %.*s", sock_ssl_is_ssl(s), (int)n, line);
    /* -> TLS 0: public */
    //! [unwrap]
    sock_free(s);
}

static void start_and_end(void)
{
    pthread_t thread;
    sock_t *pair[2];
    sock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pthread_create(&thread, NULL, answer_starttls, pair[1]);
    sock_t *ss = start_tls(pair[0]);
    end_tls(ss);
    pthread_join(thread, NULL);
    sock_free(ss);
    sock_free(pair[0]);
    sock_free(pair[1]);
}

static void ask_a_client(sock_t *s)
{
    //! [post_handshake]
    sock_ssl_set_verify_mode(server_context, SOCK_SSL_CERT_OPTIONAL);
    if (sock_ssl_verify_client_post_handshake(s) == -1)
        sock_perror(NULL);
    /* -> verify_client_post_handshake...EXTENSION_NOT_RECEIVED... */
    //! [post_handshake]
}

static void wait_by_hand(sock_t *s, sock_t *peer)
{
    sock_sendall(peer, "one two", 7, 0);
    //! [wants]
    char text[512];
    struct pollfd p = {.fd = sock_fileno(s)};
    while ((p.events = (short)sock_ssl_wants(s, SOCK_EVENT_READ)) != 0)
        poll(&p, 1, -1); /* the system knows nothing of what is inside */
    ssize_t n = sock_recv(s, text, 3, 0);
    printf("%.*s, and more: %d\n", (int)n, text, sock_ssl_pending(s));
    /* -> one, and more: 1 */
    //! [wants]
}

static void renew(void)
{
    sock_t *plain = sock_new(AF_INET, SOCK_STREAM, 0);
    sock_t *s = sock_ssl_wrap_socket(server_context, plain,
                                     SOCK_SSL_SERVER_SIDE, NULL, NULL);
    sock_free(plain);
    //! [context]
    sock_ssl_context_t *newer = sock_ssl_create_default_context(
        SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    sock_ssl_load_cert_chain(newer, "cert.pem", "key.pem", NULL);
    sock_ssl_set_context(s, newer); /* of a listener: for whom it accepts */
    printf("%d\n", sock_ssl_context(s) == newer); /* -> 1 */
    sock_ssl_context_free(newer);                 /* the listener has it */
    //! [context]
    sock_free(s);
}

static void tell(sock_t *s, sock_t *peer)
{
    //! [version]
    char host[256];
    sock_ssl_server_hostname(s, host, sizeof host);
    printf("%s, asked for %s\n", sock_ssl_version(s), host);
    /* -> TLSv1.3, asked for localhost */
    printf("%d %d\n", sock_ssl_server_side(s), sock_ssl_server_side(peer));
    /* -> 0 1 */
    //! [version]
}

static void agree(void)
{
    sock_t *ends[2];
    //! [alpn]
    static const char *const ours[] = {"h2", "http/1.1"};
    static const char *const theirs[] = {"http/1.1"};
    sock_ssl_set_alpn_protocols(client_context, ours, 2);
    sock_ssl_set_alpn_protocols(server_context, theirs, 1);
    connect_both(ends, 0);

    char name[32];
    if (sock_ssl_selected_alpn_protocol(ends[0], name, sizeof name) > 0)
        puts(name); /* -> http/1.1 */
    //! [alpn]
    sock_free(ends[0]);
    sock_free(ends[1]);
}

static void bind_to(sock_t *s)
{
    //! [channel_binding]
    unsigned char binding[32];
    int n = sock_ssl_get_channel_binding(s, "tls-exporter", binding,
                                         sizeof binding);
    printf("%d bytes that the login is bound to\n", n);
    /* -> 32 bytes that the login is bound to */
    //! [channel_binding]
}

/* The peer's socket is closed without goodbye. */
static void cut(int flags)
{
    sock_t *ends[2];
    connect_both(ends, flags);
    close(sock_detach(ends[1]));
    //! [cut]
    char text[512];
    ssize_t n = sock_recv(ends[0], text, sizeof text, 0);
    if (n == -1)
        sock_perror(NULL);
    else if (n == 0)
        puts("the end");
    //! [cut]
    sock_free(ends[0]);
    sock_free(ends[1]);
}

static void end_somehow(void)
{
    cut(0); /* -> recv: ...EOF occurred in violation of protocol */
    cut(SOCK_SSL_SUPPRESS_RAGGED_EOFS); /* -> the end */
}

static void with_a_pair(void)
{
    sock_t *ends[2];
    connect_both(ends, 0);
    ask_a_client(ends[1]);
    wait_by_hand(ends[0], ends[1]);
    renew();
    tell(ends[0], ends[1]);
    agree();
    bind_to(ends[0]);
    sock_free(ends[0]);
    sock_free(ends[1]);
    end_somehow();
}

static void with_a_server(void)
{
    pthread_t thread;
    sock_t *s = sock_create_server(sock_addr_inet("127.0.0.1", 0), 5, 0);
    sock_addr_t address;
    sock_getsockname(s, &address);
    int port = sock_addr_port(&address), fd = sock_fileno(s);
    pthread_create(&thread, NULL, run_server, s);
    talk(port);
    wrap_by_hand(port);
    as_python_2(port);
    be_refused(port);
    shutdown(fd, SHUT_RDWR); /* the object is the thread's, and freed there */
    pthread_join(thread, NULL);
    sock_free(s);
}

int main(void)
{
    setbuf(stdout, NULL);
    setenv("SSL_CERT_FILE", "ca.pem", 1); /* whom the system trusts */
    client_context = sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH,
                                                     "ca.pem", NULL, NULL);
    server_context =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL);
    if (client_context == NULL ||
        sock_ssl_load_cert_chain(server_context, "cert.pem", "key.pem", NULL) ==
            -1)
        return 1;
    with_a_server();
    shake_hands();
    start_and_end();
    with_a_pair();
    sock_ssl_context_free(client_context);
    sock_ssl_context_free(server_context);
    return 0;
}
