/* SPDX-License-Identifier: MIT */
/*
 * A client and a server for peers.py.
 *
 *   talker client HOST PORT CAFILE [OPTION VALUE]...
 *   talker server CERTFILE KEYFILE [OPTION VALUE]...
 *
 * The client sends its standard input, and meanwhile receives as many bytes,
 * which it writes to standard output. The server says its port, and echoes what
 * one client sends up to its end. Both say what the connection is, and what
 * failed, on standard error. Options: ca, cert, key, alpn, ciphers, name,
 * version, end (close, unwrap or wait: how the client ends).
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    size_t size;
};

static void *send_text(void *arg)
{
    struct text *t = arg;
    if (sock_sendall(t->s, t->bytes, t->size, 0) < 0)
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

static int talk(sock_t *s, char *argv[])
{
    struct text t = {.s = s};
    pthread_t thread;
    describe(s);
    if (read_input(&t) < 0 || pthread_create(&thread, NULL, send_text, &t) != 0)
        return 1;
    int result = receive(s, t.size);
    pthread_join(thread, NULL);
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
    sock_ssl_context_t *ctx = sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, argv[2], NULL, NULL);
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

static int echo(sock_t *s)
{
    char buf[65536];
    ssize_t n;
    while ((n = sock_recv(s, buf, sizeof buf, 0)) > 0)
        if (sock_sendall(s, buf, (size_t)n, 0) < 0)
            return fail("talker");
    if (n < 0)
        return fail("talker");
    describe(s);
    return 0;
}

static int serve(sock_t *listener)
{
    sock_addr_t address;
    if (sock_getsockname(listener, &address) < 0)
        return fail("talker");
    printf("%d\n", sock_addr_port(&address));
    fflush(stdout);
    sock_t *s = sock_accept(listener, NULL);
    if (s == NULL || sock_settimeout(s, PATIENCE) < 0)
        return fail("talker");
    int result = echo(s);
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
    int result = serve(s);
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
