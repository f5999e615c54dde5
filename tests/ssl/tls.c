/* SPDX-License-Identifier: MIT */
#include "tls.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

/* Files */

const char *cert(const char *file)
{
    static _Thread_local char paths[8][512];
    static _Thread_local unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", TLS_CERTS, file);
    return path;
}

char *cert_text(const char *file)
{
    FILE *f = fopen(cert(file), "re");
    check_that(f != NULL, "no %s", file);
    char *text = calloc(1, 65536);
    check(text != NULL);
    size_t n = fread(text, 1, 65535, f);
    check(n < 65535);
    fclose(f);
    return text;
}

sock_ssl_context_t *client_context(void)
{
    return check_made(sock_ssl_create_default_context(
        SOCK_SSL_SERVER_AUTH, cert("root.pem"), NULL, NULL));
}

sock_ssl_context_t *server_context(const char *leaf)
{
    char pem[64], key[64];
    sock_ssl_context_t *ctx = check_made(sock_ssl_create_default_context(
        SOCK_SSL_CLIENT_AUTH, NULL, NULL, NULL));
    snprintf(pem, sizeof pem, "%s.pem", leaf);
    snprintf(key, sizeof key, "%s.key", leaf);
    check_ok(sock_ssl_load_cert_chain(ctx, cert(pem), cert(key), NULL));
    return ctx;
}

/* Failures */

struct failure last_failure(void)
{
    struct failure f = {.err = errno};
    f.error = *sock_last_error();
    sock_error_text(NULL, f.text, sizeof f.text);
    f.class_name = sock_error_class(NULL);
    return f;
}

static int errno_of_tls(int code)
{
    return code == TLS_CUT ? ECONNRESET : code == TLS_OVER ? EPIPE : EPROTO;
}

void check_failure_at(const char *file, int line, const char *what,
                      const struct failure *f, int kind, int code,
                      const char *part)
{
    check_that(f->error.kind == kind && f->error.code == code,
               "%s:%d: %s failed with %s %d (%s), not %s %d", file, line, what,
               sock_error_name(f->error.kind), f->error.code, f->text,
               sock_error_name(kind), code);
    check_that(strstr(f->text, part) != NULL, "%s:%d: %s says \"%s\", not %s",
               file, line, what, f->text, part);
    if (kind == SOCK_E_TLS)
        check_that(f->err == errno_of_tls(code), "%s:%d: %s set errno %d", file,
                   line, what, f->err);
}

void check_part_at(const char *file, int line, const char *what,
                   long long result, int kind, int code, const char *part)
{
    struct failure f = last_failure();
    check_that(result == -1, "%s:%d: %s returned %lld", file, line, what,
               result);
    check_failure_at(file, line, what, &f, kind, code, part);
}

/* Ends */

sock_t *wrap(sock_ssl_context_t *ctx, sock_t *plain, int flags,
             const char *host)
{
    sock_t *made = sock_ssl_wrap_socket(ctx, plain, flags, host, NULL);
    int err = errno;
    sock_free(plain);
    errno = err;
    return made;
}

static void *run_end(void *arg)
{
    struct end *e = arg;
    double begin = now();
    e->made =
        sock_ssl_wrap_socket(e->ctx, e->plain, e->flags, e->host, e->session);
    if (e->made == NULL)
        e->failure = last_failure();
    sock_free(e->plain);
    e->took = now() - begin;
    OPENSSL_thread_stop();
    return NULL;
}

void begin_end(struct end *e)
{
    check_int(pthread_create(&e->thread, NULL, run_end, e), 0);
}

void finish_end(struct end *e)
{
    check_int(pthread_join(e->thread, NULL), 0);
    e->plain = NULL;
}

void wrap_both(struct end *client, struct end *server)
{
    check_ok(sock_settimeout(client->plain, 10));
    check_ok(sock_settimeout(server->plain, 10));
    begin_end(server);
    begin_end(client);
    finish_end(client);
    finish_end(server);
}

static sock_t *made_of(const struct end *e)
{
    check_that(e->made != NULL, "the handshake failed: %s", e->failure.text);
    return e->made;
}

struct pair tls_pair_over(struct pair plain, sock_ssl_context_t *client,
                          sock_ssl_context_t *server)
{
    sock_ssl_context_t *own[2] = {NULL, NULL};
    if (client == NULL)
        client = own[0] = client_context();
    if (server == NULL)
        server = own[1] = server_context("good");
    struct end a = {.ctx = client, .plain = plain.a, .host = "localhost"};
    struct end b = {
        .ctx = server, .plain = plain.b, .flags = SOCK_SSL_SERVER_SIDE};
    wrap_both(&a, &b);
    sock_ssl_context_free(own[0]);
    sock_ssl_context_free(own[1]);
    return (struct pair){made_of(&a), made_of(&b)};
}

struct pair tls_pair(void)
{
    return tls_pair_over(tcp_pair(), NULL, NULL);
}

/* The wire */

static void flow_end(struct flow *f)
{
    f->over = true;
    sock_shutdown(f->to, SHUT_WR); /* it may be closed */
}

static void reset(sock_t *s)
{
    struct linger at_once = {.l_onoff = 1};
    sock_setsockopt(s, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    sock_close(s);
}

static void flow_event(struct flow *f)
{
    if (f->course.event == WIRE_FIN)
        flow_end(f);
    else if (f->course.event == WIRE_RESET)
        reset(f->to);
    if (f->course.event != WIRE_FLIP)
        f->over = true;
}

static void pass_on(struct flow *f, const unsigned char *bytes, size_t n)
{
    size_t step = f->course.pause_ms > 0 ? 1 : n;
    for (size_t i = 0; i < n; i += step) {
        if (sock_sendall(f->to, bytes + i, step, 0) < 0) {
            f->over = true; /* no one is there */
            return;
        }
        if (f->course.pause_ms > 0)
            poll(NULL, 0, f->course.pause_ms);
    }
}

static void keep(struct flow *f, const unsigned char *bytes, size_t n)
{
    f->bytes = realloc(f->bytes, f->size + n);
    check(f->bytes != NULL);
    memcpy(f->bytes + f->size, bytes, n);
    f->size += n;
}

/* Up to the event, which then takes place, and the rest. */
static void flow_take(struct flow *f, unsigned char *bytes, size_t n)
{
    size_t before = f->size;
    keep(f, bytes, n);
    if (f->course.event == WIRE_GOES_ON || f->course.at >= f->size ||
        f->course.at < before) {
        pass_on(f, bytes, n);
        return;
    }
    size_t left = f->course.at - before;
    if (f->course.event == WIRE_FLIP) {
        bytes[left] ^= 1;
        pass_on(f, bytes, n);
        return;
    }
    pass_on(f, bytes, left);
    flow_event(f);
}

static void flow_step(struct flow *f)
{
    unsigned char bytes[16384];
    ssize_t n = sock_recv(f->from, bytes, sizeof bytes, 0);
    if (n > 0)
        flow_take(f, bytes, (size_t)n);
    else
        flow_end(f);
}

static void *run_wire(void *arg)
{
    struct wire *w = arg;
    while (!w->flows[0].over || !w->flows[1].over) {
        struct pollfd p[2];
        for (int i = 0; i < 2; i++) {
            int fd = w->flows[i].over ? -1 : sock_fileno(w->flows[i].from);
            if (fd < 0 && !w->flows[i].over)
                flow_end(&w->flows[i]); /* reset by the other flow */
            p[i] = (struct pollfd){.fd = fd, .events = POLLIN};
        }
        if (w->flows[0].over && w->flows[1].over)
            break;
        poll(p, 2, -1);
        for (int i = 0; i < 2; i++)
            if (p[i].revents != 0)
                flow_step(&w->flows[i]);
    }
    return NULL;
}

struct wire *wire_new_over(struct pair left, struct pair right,
                           struct course to_server, struct course to_client)
{
    struct wire *w = calloc(1, sizeof *w);
    check(w != NULL);
    w->client = left.a;
    w->server = right.b;
    w->flows[0] =
        (struct flow){.from = left.b, .to = right.a, .course = to_server};
    w->flows[1] =
        (struct flow){.from = right.a, .to = left.b, .course = to_client};
    check_int(pthread_create(&w->thread, NULL, run_wire, w), 0);
    return w;
}

struct wire *wire_new(struct course to_server, struct course to_client)
{
    struct pair left = tcp_pair(), right = tcp_pair();
    return wire_new_over(left, right, to_server, to_client);
}

void wire_join(struct wire *w)
{
    check_int(pthread_join(w->thread, NULL), 0);
}

bool wire_has(const struct wire *w, const char *text)
{
    for (int i = 0; i < 2; i++)
        if (w->flows[i].size > 0 && memmem(w->flows[i].bytes, w->flows[i].size,
                                           text, strlen(text)) != NULL)
            return true;
    return false;
}

void wire_free(struct wire *w)
{
    sock_free(w->flows[0].from);
    sock_free(w->flows[0].to);
    free(w->flows[0].bytes);
    free(w->flows[1].bytes);
    free(w);
}

/* Peers without the library */

static void raw_certificate(const struct raw *r, SSL_CTX *ctx)
{
    char file[64];
    snprintf(file, sizeof file, "%s.pem", r->leaf);
    check_int(SSL_CTX_use_certificate_chain_file(ctx, cert(file)), 1);
    snprintf(file, sizeof file, "%s.key", r->leaf);
    check_int(SSL_CTX_use_PrivateKey_file(ctx, cert(file), SSL_FILETYPE_PEM),
              1);
}

static SSL_CTX *raw_context(const struct raw *r)
{
    SSL_CTX *ctx =
        SSL_CTX_new(r->server ? TLS_server_method() : TLS_client_method());
    check(ctx != NULL);
    SSL_CTX_set_security_level(ctx, 0);
    if (r->ciphers != NULL)
        check_int(SSL_CTX_set_cipher_list(ctx, r->ciphers), 1);
    if (r->leaf != NULL)
        raw_certificate(r, ctx);
    SSL_CTX_set_options(ctx, r->options);
    SSL_CTX_set_min_proto_version(ctx, r->minimum);
    SSL_CTX_set_max_proto_version(ctx, r->maximum);
    return ctx;
}

static void raw_talk(struct raw *r, SSL *ssl)
{
    SSL_set_fd(ssl, r->fd);
    r->shaken = r->server ? SSL_accept(ssl) : SSL_connect(ssl);
    if (r->shaken != 1)
        r->error = ERR_peek_error();
    else if (r->talk != NULL)
        r->talk(r, ssl);
}

static void *run_raw(void *arg)
{
    struct raw *r = arg;
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    SSL_CTX *ctx = raw_context(r);
    SSL *ssl = SSL_new(ctx);
    check(ssl != NULL);
    raw_talk(r, ssl);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    close(r->fd);
    OPENSSL_thread_stop();
    return NULL;
}

void raw_begin(struct raw *r)
{
    check_int(pthread_create(&r->thread, NULL, run_raw, r), 0);
}

void raw_finish(struct raw *r)
{
    check_int(pthread_join(r->thread, NULL), 0);
}

void raw_fin(struct raw *r, SSL *ssl)
{
    char bytes[4096];
    (void)ssl;
    shutdown(r->fd, SHUT_WR);
    while (recv(r->fd, bytes, sizeof bytes, 0) > 0)
        ;
}

/* Others */

const char *cipher_of(sock_t *s)
{
    sock_ssl_cipher_t cipher = {.name = NULL};
    check_ok(sock_ssl_cipher(s, &cipher));
    return cipher.name;
}

long read_to_end(sock_t *s, void *buf, size_t size)
{
    size_t n = 0;
    while (n < size) {
        ssize_t got = sock_recv(s, (char *)buf + n, size - n, 0);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    return (long)n;
}

void poison_queue(void)
{
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
    ERR_raise(ERR_LIB_USER, 99);
}
