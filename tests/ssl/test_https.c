/* SPDX-License-Identifier: MIT */
/* HTTP by TLS: what a client of the one library is over the other. */
#include <pysockc/http.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls.h"

#define HI "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

/* A server that shows a certificate, and answers each request on each of so
 * many connections in the same way; or ends them without a goodbye. */
struct server {
    sock_t *listener, *conn;
    int port, connections;
    const char *leaf, *says;
    bool rude;
    size_t heard;
    char alpn[32];
    pthread_t thread;
};

static bool is_over(const char *text, size_t n, size_t all)
{
    const char *end = memmem(text, n, "\r\n\r\n", 4);
    const char *length = memmem(text, n, "Content-Length: ", 16);
    if (end == NULL)
        return false;
    return length == NULL ||
           all - (size_t)(end + 4 - text) >= strtoul(length + 16, NULL, 10);
}

static void converse(struct server *x)
{
    char head[1024], buf[65536];
    size_t n = 0, all = 0;
    ssize_t got;

    while ((got = sock_recv(x->conn, buf, sizeof buf, 0)) > 0) {
        size_t room = sizeof head - n;
        memcpy(head + n, buf, (size_t)got < room ? (size_t)got : room);
        n += (size_t)got < room ? (size_t)got : room;
        all += (size_t)got;
        if (!is_over(head, n, all))
            continue;
        sock_sendall(x->conn, x->says, strlen(x->says), 0);
        x->heard += all;
        n = all = 0;
        if (x->rude)
            break;
    }
    if (x->rude) { /* the descriptor goes, and no goodbye is said */
        int fd = sock_dup_fd(sock_fileno(x->conn));
        sock_t *plain = sock_adopt(fd);
        sock_shutdown(plain, SHUT_RDWR);
        sock_free(plain);
    }
}

static void *run(void *arg)
{
    struct server *x = arg;
    sock_ssl_context_t *ctx = server_context(x->leaf);
    const char *const protocols[] = {"http/1.1"};

    sock_ssl_set_alpn_protocols(ctx, protocols, 1);
    for (int i = 0; i < x->connections; i++) {
        sock_t *plain = sock_accept(x->listener, NULL);
        x->conn =
            sock_ssl_wrap_socket(ctx, plain, SOCK_SSL_SERVER_SIDE, NULL, NULL);
        sock_free(plain);
        if (x->conn == NULL)
            continue;
        sock_ssl_selected_alpn_protocol(x->conn, x->alpn, sizeof x->alpn);
        converse(x);
        sock_free(x->conn);
    }
    sock_ssl_context_free(ctx);
    return NULL;
}

static void begin(struct server *x)
{
    sock_addr_t address;
    x->listener = listener(&address);
    check_ok(sock_settimeout(x->listener, 10));
    x->port = sock_addr_port(&address);
    if (x->connections == 0)
        x->connections = 1;
    if (x->leaf == NULL)
        x->leaf = "good";
    if (x->says == NULL)
        x->says = HI;
    check_int(pthread_create(&x->thread, NULL, run, x), 0);
}

static void end(struct server *x)
{
    check_int(pthread_join(x->thread, NULL), 0);
    sock_free(x->listener);
}

static sock_http_t *to(const char *host, const struct server *x)
{
    sock_ssl_context_t *ctx = client_context();
    sock_http_t *c =
        check_made(sock_https_connection(host, x->port, 10, sock_ssl_tls(ctx)));
    sock_ssl_context_free(ctx); /* it is held */
    return c;
}

static void hears(sock_http_t *c)
{
    char *data;
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_readall(r, &data, 0), 2);
    check_str(data, "hi");
    sock_http_data_free(data);
    sock_http_response_free(r);
}

TEST(https, get)
{
    struct server x = {0};
    begin(&x);
    sock_http_t *c = to("localhost", &x);
    for (int i = 0; i < 3; i++) {
        check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
        check(sock_ssl_is_ssl(sock_http_sock(c)));
        hears(c);
    }
    sock_http_free(c);
    end(&x);
    check_str(x.alpn, "http/1.1");
}

TEST(https, another_host)
{
    struct server x = {.leaf = "wrong"};
    begin(&x);
    sock_http_t *c = to("localhost", &x);
    check_part(sock_http_request(c, "GET", "/", NULL, 0, NULL), SOCK_E_TLS,
               TLS_FAILED, "request");
    check(sock_last_error()->verify_code != 0);
    check(sock_http_sock(c) == NULL);
    sock_http_free(c);
    end(&x);
}

TEST(https, a_certificate_of_no_one)
{
    struct server x = {.leaf = "self_signed"};
    begin(&x);
    sock_http_t *c = to("localhost", &x);
    check_part(sock_http_connect(c), SOCK_E_TLS, TLS_FAILED, "connect");
    check(sock_last_error()->verify_code != 0);
    sock_http_free(c);
    end(&x);
}

/* The default context trusts those whom the system does. */
TEST(https, the_default_context)
{
    struct server x = {0};
    sock_ssl_init();
    begin(&x);
    sock_http_t *c =
        check_made(sock_https_connection("localhost", x.port, 10, NULL));
    check_part(sock_http_connect(c), SOCK_E_TLS, TLS_FAILED, "connect");
    check(sock_last_error()->verify_code != 0);
    sock_http_free(c);
    end(&x);
}

TEST(https, large_bodies)
{
    struct server x = {0};
    const size_t n = 1 << 20;
    char *body = calloc(1, n);
    FILE *f = tmpfile();

    check_int(fwrite(body, 1, n, f), n);
    rewind(f);
    begin(&x);
    sock_http_t *c = to("localhost", &x);
    check_ok(sock_http_request(c, "PUT", "/", body, n, NULL));
    hears(c);
    check_ok(sock_http_request_file(c, "PUT", "/", f, -1, NULL));
    hears(c);
    sock_http_free(c);
    end(&x);
    check(x.heard > 2 * n && x.heard < 2 * n + 1000);
    free(body);
    fclose(f);
}

/* Without a goodbye an end may be anyone's. */
TEST(https, cut)
{
    static const char *const says[] = {
        "HTTP/1.1 200 OK\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi"};
    for (int i = 0; i < 2; i++) {
        struct server x = {.rude = true, .says = says[i]};
        char buf[8];
        begin(&x);
        sock_http_t *c = to("localhost", &x);
        check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
        sock_http_response_t *r = check_made(sock_http_getresponse(c));
        check_int(sock_http_read(r, buf, sizeof buf), 2);
        for (int again = 0; again < 2; again++)
            check_int(sock_http_read(r, buf, sizeof buf), -1);
        check_int(sock_last_error()->done, 2);
        sock_http_response_free(r);
        sock_http_free(c);
        end(&x);
    }
}

/* Closed since, in order; another one is made. */
TEST(https, stale)
{
    struct server x = {.connections = 2,
                       .says =
                           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"};
    x.rude = true;
    begin(&x);
    sock_http_t *c = to("localhost", &x);
    for (int i = 0; i < 2; i++) {
        check_ok(sock_http_request(c, "POST", "/", "x", 1, NULL));
        hears(c);
        check_int(sock_wait(sock_http_sock(c), SOCK_EVENT_READ, 10),
                  SOCK_EVENT_READ);
    }
    sock_http_free(c);
    end(&x);
}

TEST(https, timeout)
{
    sock_addr_t address;
    sock_t *server = listener(&address); /* which never shakes hands */
    sock_ssl_context_t *ctx = client_context();
    sock_http_t *c = check_made(sock_https_connection(
        "localhost", sock_addr_port(&address), 0.1, sock_ssl_tls(ctx)));
    double begun = now();
    check_int(sock_http_connect(c), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    sock_http_free(c);

    c = check_made(sock_https_connection("localhost", sock_addr_port(&address),
                                         SOCK_NO_TIMEOUT, sock_ssl_tls(ctx)));
    check_ok(sock_http_deadline(c, 0.1));
    check_int(sock_http_connect(c), -1);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check(now() - begun < 5);
    sock_http_free(c);
    sock_ssl_context_free(ctx);
    sock_free(server);
}
