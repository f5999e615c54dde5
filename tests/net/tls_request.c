/* SPDX-License-Identifier: MIT */
/* https: verified, in the time of all, kept, and behind a proxy. The servers
 * are those of script.h, with TLS under each connection. */
#include "tls.h"

#include "script.h"

#include "private.h"

#define EMPTY "Content-Length: 0\r\n\r\n"

/* Puts TLS between a server of a script, without TLS, and whoever connects to
 * it: one connection after the other. */
static struct {
    sock_t *listener;
    sock_ssl_context_t *ctx;
    pthread_t thread;
    int port, to; /* of the server */
    bool proxy;   /* CONNECT comes first */
} relay;

/* By the library's select, as TLS may have what no poll(2) sees. */
static void pass_on(sock_t *a, sock_t *b)
{
    char buf[4096];

    for (;;) {
        sock_t *ready[] = {a, b, NULL};
        if (sock_select(ready, NULL, NULL, 10) <= 0)
            return;
        for (int i = 0; ready[i] != NULL; i++) {
            ssize_t n = sock_recv(ready[i], buf, sizeof buf, 0);
            if (n <= 0 ||
                sock_sendall(ready[i] == a ? b : a, buf, (size_t)n, 0) < 0)
                return;
        }
    }
}

static sock_t *put_tls(sock_t *s)
{
    sock_t *secured =
        sock_ssl_wrap_socket(relay.ctx, s, SOCK_SSL_SERVER_SIDE, NULL, NULL);
    sock_free(s);
    return secured;
}

static void *run_relay(void *arg)
{
    sock_t *s;
    char text[ASKED];

    (void)arg;
    while ((s = sock_accept(relay.listener, NULL)) != NULL) {
        sock_settimeout(s, 10);
        if (relay.proxy && hear(s, text, false))
            say(s, "HTTP/1.1 200 OK\r\n\r\n");
        s = put_tls(s);
        sock_t *to = s != NULL ? sock_create_connection("127.0.0.1", relay.to,
                                                        10, sock_addr_none())
                               : NULL;
        if (to != NULL)
            pass_on(s, to);
        sock_free(to);
        sock_free(s);
    }
    return NULL;
}

static void start_relay(bool proxy, const char *leaf)
{
    sock_addr_t address;

    relay.listener = listener(&address);
    relay.port = sock_addr_port(&address);
    relay.to = script_servers[0]->port;
    relay.ctx = server_context(leaf);
    relay.proxy = proxy;
    check_int(pthread_create(&relay.thread, NULL, run_relay, NULL), 0);
}

static void stop_relay(void)
{
    sock_shutdown(relay.listener, SHUT_RDWR);
    pthread_join(relay.thread, NULL);
    sock_free(relay.listener);
    sock_ssl_context_free(relay.ctx);
    stop();
}

static sock_opener_t *opener(sock_ssl_context_t *ctx)
{
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_set_context(o, sock_ssl_tls(ctx)));
    sock_ssl_context_free(ctx); /* the opener has it */
    return o;
}

static sock_http_response_t *open_https(sock_opener_t *o, const char *host)
{
    char text[128];
    snprintf(text, sizeof text, "https://%s:%d/a", host, relay.port);
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(text));
    sock_http_response_t *r = sock_opener_open(o, q, 10);
    sock_urlrequest_free(q);
    return r;
}

TEST(tls_request, pages)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond", NULL};

    start(script, NULL);
    start_relay(false, "good");
    sock_opener_t *o = opener(client_context());
    check_ok(sock_opener_set_redirects(o, 10, SOCK_OPENER_HTTPS_ONLY));
    ends_with_body(open_https(o, "localhost"), "first");
    ends_with_body(open_https(o, "localhost"), "second");
    check_int(script_servers[0]->connections, 1);
    sock_opener_free(o);
    stop_relay();
}

/* A certificate of another name, and one that no one vouches for. */
TEST(tls_request, whom_no_one_knows)
{
    static const char *const script[] = {NULL};

    start(script, NULL);
    start_relay(false, "wrong");
    sock_opener_t *o = opener(client_context());
    check(open_https(o, "127.0.0.1") == NULL);
    check_that(sock_last_error()->kind == SOCK_E_TLS, "%s", error_text());
    check(strncmp(error_text(), "urlopen https://127.0.0.1:", 26) == 0);
    sock_opener_free(o);
    o = opener(check_made(sock_ssl_create_default_context(SOCK_SSL_SERVER_AUTH,
                                                          NULL, NULL, NULL)));
    check(open_https(o, "localhost") == NULL);
    check_int(sock_last_error()->kind, SOCK_E_TLS);
    sock_opener_free(o);
    stop_relay();
}

TEST(tls_request, down_to_http)
{
    static const char *const script[] = {
        "HTTP/1.1 302 A\r\nConnection: close\r\n"
        "Location: http://127.0.0.1:$2/\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nConnection: close\r\n"
        "Location: http://127.0.0.1:$2/\r\n" EMPTY,
        NULL};
    static const char *const plain[] = {"HTTP/1.1 200 OK\r\n" EMPTY, NULL};
    char text[160];

    start(script, plain, NULL);
    start_relay(false, "good");
    sock_opener_t *o = opener(client_context());
    snprintf(text, sizeof text,
             "urlopen https://localhost:%d/a: redirected from https to http",
             relay.port);
    check_null(open_https(o, "localhost"), SOCK_E_PROTOCOL, SOCK_P_REDIRECT,
               text);
    check_ok(sock_opener_set_redirects(o, 10, SOCK_OPENER_ALLOW_DOWNGRADE));
    ends_with_body(open_https(o, "localhost"), "");
    check_int(script_servers[1]->count, 1);
    sock_opener_free(o);
    stop_relay();
}

TEST(tls_request, through_a_tunnel)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst", NULL};
    char proxy[64];

    start(script, NULL);
    start_relay(true, "good");
    sock_opener_t *o = opener(client_context());
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", relay.port);
    check_ok(sock_opener_set_proxy(o, "https", proxy));
    sock_urlrequest_t *q =
        check_made(sock_urlrequest_new("https://localhost/x"));
    ends_with_body(sock_opener_open(o, q, 10), "first");
    check_str(field(asked_of(1, 0), "Host"), "localhost");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop_relay();
}

static sock_opener_t *tunnelling(const char *user)
{
    char proxy[64];
    sock_opener_t *o = opener(client_context());
    snprintf(proxy, sizeof proxy, "http://%s127.0.0.1:%d", user, relay.port);
    check_ok(sock_opener_set_proxy(o, "https", proxy));
    return o;
}

/* What is the proxy's is not the server's, whatever that asks for. */
TEST(tls_request, no_proxy_behind_a_tunnel)
{
    static const char *const script[] = {
        "HTTP/1.1 407 A\r\nProxy-Authenticate: Basic realm=r\r\n" EMPTY, NULL};

    start(script, NULL);
    start_relay(true, "good");
    sock_opener_t *o = tunnelling("u:p@");
    sock_urlrequest_t *q =
        check_made(sock_urlrequest_new("https://localhost/x"));
    check_ok(sock_urlrequest_add_header(q, "Proxy-Authorization", "Basic x"));
    check_null(sock_opener_open(o, q, 10), SOCK_E_REPLY, 407,
               "urlopen https://localhost/x: HTTP Error 407: A");
    check_int(script_servers[0]->count, 1);
    check(!has_field(asked_of(1, 0), "Proxy-Authorization"));
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop_relay();
}

/* A host alone is that of https at its own port. */
TEST(tls_request, password_for_a_host)
{
    static const char *const script[] = {
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Basic realm=r\r\n" EMPTY,
        "HTTP/1.1 200 OK\r\n" EMPTY, NULL};

    start(script, NULL);
    start_relay(true, "good");
    sock_opener_t *o = tunnelling("");
    check_ok(sock_opener_add_password(o, NULL, "localhost", "u", "p"));
    sock_urlrequest_t *q =
        check_made(sock_urlrequest_new("https://localhost/x"));
    ends_with_body(sock_opener_open(o, q, 10), "");
    check_str(field(asked_of(1, 1), "Authorization"), "Basic dTpw");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop_relay();
}

/* A peer that does not shake hands is not waited for. */
TEST(tls_request, the_time_of_a_handshake)
{
    sock_addr_t address;
    sock_t *server = listener(&address);
    char text[64];

    no_proxies();
    sock_opener_t *o = opener(client_context());
    snprintf(text, sizeof text, "https://127.0.0.1:%d/",
             sock_addr_port(&address));
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(text));
    double begin = now();
    check(sock_opener_open(o, q, 0.4) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check(now() - begin >= 0.4 && now() - begin < 5);
    sock_urlrequest_free(q);
    sock_opener_free(o);
    sock_free(server);
}

TEST(tls_request, the_default_context)
{
    static const char *const script[] = {NULL};

    start(script, NULL);
    start_relay(false, "good");
    sock_ssl_init();
    char text[64];
    snprintf(text, sizeof text, "https://localhost:%d/", relay.port);
    check(sock_urlopen(text, NULL, 0, 10) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_TLS); /* it verifies */
    sock_http_t *c =
        check_made(sock_https_connection("localhost", relay.port, 10, NULL));
    check_int(sock_http_connect(c), -1);
    check_int(sock_last_error()->kind, SOCK_E_TLS);
    sock_http_free(c);
    stop_relay();
}
