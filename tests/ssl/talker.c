/* SPDX-License-Identifier: MIT */
/*
 * A client and a server for peers.py.
 *
 *   talker client HOST PORT CAFILE [OPTION VALUE]...
 *   talker server CERTFILE KEYFILE [OPTION VALUE]...
 *
 * A CAFILE of - is the system's. The client sends its standard input, and
 * meanwhile receives as many bytes, which it writes to standard output. The
 * server says its port, and echoes what one client sends up to its end. Both
 * say what the connection is, and what failed, on standard error. Options: ca,
 * cert, key, alpn, ciphers, name, version, and
 *
 *   end close|unwrap|wait   how the client ends
 *   mode half               the client ends its direction behind its input, and
 *                           receives up to the end of the other
 *   mode ask                it receives up to the end, and ends after that
 *   mode poll               as without one, without waiting in any call
 *   mode http               the server answers one request with its body
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pysockc/pysockc.h>

#include <pysockc/ssl.h>

enum { PATIENCE = 20 };

static const char *option(char *argv[], const char *name)
{
    for (; argv[0] != NULL && argv[1] != NULL; argv += 2)
        if (strcmp(argv[0], name) == 0)
            return argv[1];
    return NULL;
}

static bool is_mode(char *argv[], const char *name)
{
    const char *mode = option(argv, "mode");
    return mode != NULL && strcmp(mode, name) == 0;
}

static int fail(const char *what)
{
    sock_perror(what);
    return 1;
}

/* Contexts */

static int set_version(sock_ssl_context_t *ctx, const char *version)
{
    if (version == NULL)
        return 0;
    int v = strcmp(version, "1.2") == 0 ? SOCK_SSL_TLSV1_2 : SOCK_SSL_TLSV1_3;
    return sock_ssl_set_maximum_version(ctx, v) < 0
               ? -1
               : sock_ssl_set_minimum_version(ctx, v);
}

static int configure(sock_ssl_context_t *ctx, char *argv[])
{
    const char *alpn = option(argv, "alpn"), *ciphers = option(argv, "ciphers");
    const char *cert = option(argv, "cert");

    if (set_version(ctx, option(argv, "version")) < 0)
        return -1;
    if (alpn != NULL && sock_ssl_set_alpn_protocols(ctx, &alpn, 1) < 0)
        return -1;
    if (ciphers != NULL && sock_ssl_set_ciphers(ctx, ciphers) < 0)
        return -1;
    if (cert != NULL)
        return sock_ssl_load_cert_chain(ctx, cert, option(argv, "key"), NULL);
    return 0;
}

static void describe(sock_t *s)
{
    char alpn[256];
    sock_ssl_cipher_t cipher = {.name = ""};
    sock_ssl_cipher(s, &cipher);
    sock_ssl_selected_alpn_protocol(s, alpn, sizeof alpn);
    fprintf(stderr, "%s %s %s\n", sock_ssl_version(s), cipher.name, alpn);
}

/* The client */

struct text {
    sock_t *s;
    char *bytes;
    size_t size, sent, received;
    bool half; /* this direction ends behind it */
};

static void *send_text(void *arg)
{
    struct text *t = arg;
    if (sock_sendall(t->s, t->bytes, t->size, 0) < 0 ||
        (t->half && sock_shutdown(t->s, SHUT_WR) < 0))
        sock_perror("talker");
    return NULL;
}

static int read_input(struct text *t)
{
    size_t room = 1 << 16, n;
    t->bytes = malloc(room);
    while (t->bytes != NULL &&
           (n = fread(t->bytes + t->size, 1, room - t->size, stdin)) > 0) {
        t->size += n;
        if (t->size == room)
            t->bytes = realloc(t->bytes, room *= 2);
    }
    return t->bytes != NULL ? 0 : -1;
}

static int receive_all(sock_t *s)
{
    char buf[65536];
    ssize_t n;
    while ((n = sock_recv(s, buf, sizeof buf, 0)) > 0)
        fwrite(buf, 1, (size_t)n, stdout);
    if (n < 0)
        return fail("talker");
    return fflush(stdout) == 0 ? 0 : 1;
}

static int receive(sock_t *s, size_t left)
{
    char buf[65536];
    while (left > 0) {
        ssize_t n = sock_recv(s, buf, sizeof buf, 0);
        if (n < 0)
            return fail("talker");
        if (n == 0)
            return fprintf(stderr, "%zu bytes are missing\n", left), 1;
        fwrite(buf, 1, (size_t)n, stdout);
        left -= (size_t)n;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

static int end(sock_t *s, const char *how)
{
    char c;
    if (how != NULL && strcmp(how, "unwrap") == 0) {
        sock_t *plain = sock_ssl_unwrap(s);
        if (plain == NULL)
            return fail("talker");
        sock_free(plain);
    } else if (how != NULL && strcmp(how, "wait") == 0) {
        if (sock_shutdown(s, SHUT_WR) < 0 || sock_recv(s, &c, 1, 0) != 0)
            return fail("talker");
    }
    return 0;
}

/* A thread that sends, while this one receives. */
static int talk_by_threads(struct text *t, bool to_end)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, send_text, t) != 0)
        return 1;
    int result = to_end ? receive_all(t->s) : receive(t->s, t->size);
    pthread_join(thread, NULL);
    return result;
}

/* 0, or -1 where it failed otherwise than for want of bytes or room. */
static int step(struct text *t)
{
    char buf[30000];
    ssize_t n = 1;
    while (n > 0 && t->sent < t->size)
        if ((n = sock_send(t->s, t->bytes + t->sent, t->size - t->sent, 0)) > 0)
            t->sent += (size_t)n;
    if (n < 0 && errno != EAGAIN)
        return -1;
    while ((n = sock_recv(t->s, buf, sizeof buf, 0)) > 0) {
        fwrite(buf, 1, (size_t)n, stdout);
        t->received += (size_t)n;
    }
    return n < 0 && errno == EAGAIN ? 0 : -1;
}

/* One thread, which waits in poll(2) alone. */
static int talk_by_poll(struct text *t)
{
    sock_setblocking(t->s, 0);
    while (t->received < t->size) {
        int events =
            SOCK_EVENT_READ | (t->sent < t->size ? SOCK_EVENT_WRITE : 0);
        struct pollfd p = {.fd = sock_fileno(t->s),
                           .events = (short)sock_ssl_wants(t->s, events)};
        if (p.events != 0 && poll(&p, 1, PATIENCE * 1000) != 1)
            return fprintf(stderr, "%zu bytes came\n", t->received), 1;
        if (step(t) < 0)
            return fail("talker");
    }
    sock_settimeout(t->s, PATIENCE);
    return fflush(stdout) == 0 ? 0 : 1;
}

static int talk(sock_t *s, char *argv[])
{
    struct text t = {.s = s, .half = is_mode(argv, "half")};
    describe(s);
    if (read_input(&t) < 0)
        return 1;
    int result = is_mode(argv, "poll")
                     ? talk_by_poll(&t)
                     : talk_by_threads(&t, t.half || is_mode(argv, "ask"));
    free(t.bytes);
    return result == 0 ? end(s, option(argv, "end")) : result;
}

/* To a host of another name than the certificate's. */
static sock_t *connect_as(sock_ssl_context_t *ctx, const char *host, int port,
                          const char *name)
{
    if (name == NULL)
        return sock_ssl_create_connection(ctx, host, port, PATIENCE);
    sock_t *plain =
        sock_create_connection(host, port, PATIENCE, sock_addr_none());
    if (plain == NULL)
        return NULL;
    sock_t *s = sock_ssl_wrap_socket(ctx, plain, 0, name, NULL);
    sock_free(plain);
    return s;
}

static int client(char *argv[])
{
    const char *ca = strcmp(argv[2], "-") != 0 ? argv[2] : NULL;
    sock_ssl_context_t *ctx =
        sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH, ca, NULL, NULL);
    if (ctx == NULL || configure(ctx, argv + 3) < 0)
        return fail("talker");
    sock_t *s =
        connect_as(ctx, argv[0], atoi(argv[1]), option(argv + 3, "name"));
    sock_ssl_context_free(ctx);
    if (s == NULL)
        return fail("talker");
    int result = talk(s, argv + 3);
    sock_free(s);
    return result;
}

/* The server */

static int no_word(void)
{
    fputs("talker: the client said nothing\n", stderr);
    return 1;
}

static int echo(sock_t *s)
{
    char buf[65536];
    ssize_t n, all = 0;
    while ((n = sock_recv(s, buf, sizeof buf, 0)) > 0) {
        if (sock_sendall(s, buf, (size_t)n, 0) < 0)
            return fail("talker");
        all += n;
    }
    if (n < 0)
        return fail("talker");
    if (all == 0)
        return no_word();
    describe(s);
    return 0;
}

/* Of a request: the size of its body; -1 without one. */
static ssize_t read_head(sock_t *s)
{
    static const char name[] = "content-length:";
    char line[8192];
    ssize_t n, size = 0;
    while ((n = sock_recv_until(s, line, sizeof line - 1, '\n')) > 2) {
        line[n] = '\0';
        if (strncasecmp(line, name, sizeof name - 1) == 0)
            size = atol(line + sizeof name - 1);
    }
    if (n < 0)
        return fail("talker"), -1;
    return n > 0 ? size : (no_word(), -1);
}

static int answer(sock_t *s)
{
    char head[200];
    ssize_t size = read_head(s);
    if (size < 0)
        return 1;
    char *body = malloc((size_t)size + 1);
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                     "Content-Length: %zd\r\n\r\n",
                     size);
    bool done = body != NULL && sock_recv_all(s, body, (size_t)size) == size &&
                sock_sendall(s, head, (size_t)n, 0) == 0 &&
                sock_sendall(s, body, (size_t)size, 0) == 0;
    free(body);
    if (!done)
        return fail("talker");
    describe(s);
    return 0;
}

static int serve(sock_t *listener, char *argv[])
{
    sock_addr_t address;
    if (sock_getsockname(listener, &address) < 0)
        return fail("talker");
    printf("%d\n", sock_addr_port(&address));
    fflush(stdout);
    sock_t *s = sock_accept(listener, NULL);
    if (s == NULL || sock_settimeout(s, PATIENCE) < 0)
        return fail("talker");
    int result = is_mode(argv, "http") ? answer(s) : echo(s);
    sock_free(s);
    return result;
}

static sock_ssl_context_t *server_context(char *argv[])
{
    const char *ca = option(argv + 2, "ca");
    sock_ssl_context_t *ctx =
        sock_ssl_create_default_context(SOCK_SSL_CLIENT_AUTH, ca, NULL, NULL);
    if (ctx == NULL || configure(ctx, argv + 2) < 0 ||
        sock_ssl_load_cert_chain(ctx, argv[0], argv[1], NULL) < 0)
        return NULL;
    if (ca != NULL && sock_ssl_set_verify_mode(ctx, SOCK_SSL_CERT_REQUIRED) < 0)
        return NULL;
    return ctx;
}

static int server(char *argv[])
{
    sock_ssl_context_t *ctx = server_context(argv);
    sock_t *plain = sock_create_server(sock_addr_inet("127.0.0.1", 0),
                                       SOCK_DEFAULT_BACKLOG, 0);
    if (ctx == NULL || plain == NULL)
        return fail("talker");
    sock_t *s =
        sock_ssl_wrap_socket(ctx, plain, SOCK_SSL_SERVER_SIDE, NULL, NULL);
    sock_ssl_context_free(ctx);
    sock_free(plain);
    if (s == NULL || sock_settimeout(s, PATIENCE) < 0)
        return fail("talker");
    int result = serve(s, argv + 2);
    sock_free(s);
    return result;
}

int main(int argc, char *argv[])
{
    if (argc >= 5 && strcmp(argv[1], "client") == 0)
        return client(argv + 2);
    if (argc >= 4 && strcmp(argv[1], "server") == 0)
        return server(argv + 2);
    fputs("usage: talker client HOST PORT CAFILE | server CERT KEY\n", stderr);
    return 2;
}
