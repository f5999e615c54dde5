/* SPDX-License-Identifier: MIT */
/* Requests, as they go over the wire: the bytes of CPython 3.13's http.client,
 * or what is said here why not. */
#include <pysockc/http.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "held.h"
#include "support.h"

static const struct sock__tls_ops tls_ops = {.hold = hold, .let_go = let_go};
static sock_tls_t tls = {&tls_ops};

/* A connection to a host that is this end of a pair. */
static sock_http_t *connected(sock_http_t *c, struct pair *p)
{
    *p = tcp_pair();
    check_ok(sock_settimeout(p->a, 5));
    check_ok(sock_settimeout(p->b, 5));
    check_made(c);
    c->wire.sock = p->a;
    p->a = NULL;
    return c;
}

static sock_http_t *to(const char *host, int port, struct pair *p)
{
    return connected(sock_http_connection(host, port, 5), p);
}

/* What has come to the other end so far. Static. */
static const char *sent(struct pair *p)
{
    static char text[8192];
    ssize_t n = sock_recv(p->b, text, sizeof text - 1, MSG_DONTWAIT);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* "Name: value\n" each. */
static sock_headers_t *fields(const char *text)
{
    sock_headers_t *h = check_made(sock_headers_new());
    char name[64], value[256];
    int n;

    for (; *text != '\0'; text += n) {
        value[0] = '\0';
        check(sscanf(text, "%63[^:]:%n", name, &n) == 1);
        text += n + (text[n] == ' ');
        n = (int)strcspn(text, "\n");
        snprintf(value, sizeof value, "%.*s", n, text);
        n += text[n] == '\n';
        check_ok(sock_headers_add(h, name, value));
    }
    return h;
}

struct row {
    const char *host;
    int port;
    const char *method, *url, *body, *fields, *wire;
};

#define HOST_H "Host: h\r\nAccept-Encoding: identity\r\n"

static const struct row as_python[] = {
    {"h", 80, "GET", "/", NULL, "", "GET / HTTP/1.1\r\n" HOST_H "\r\n"},
    {"h", 8080, "GET", "/", NULL, "",
     "GET / HTTP/1.1\r\nHost: h:8080\r\nAccept-Encoding: identity\r\n\r\n"},
    {"h:8080", 0, "GET", "/", NULL, "",
     "GET / HTTP/1.1\r\nHost: h:8080\r\nAccept-Encoding: identity\r\n\r\n"},
    {"h:", 0, "GET", "/", NULL, "", "GET / HTTP/1.1\r\n" HOST_H "\r\n"},
    {"h:80", 0, "GET", "/a?b=c", NULL, "",
     "GET /a?b=c HTTP/1.1\r\n" HOST_H "\r\n"},
    {"127.0.0.1", 81, "GET", "/x", NULL, "",
     "GET /x HTTP/1.1\r\nHost: 127.0.0.1:81\r\nAccept-Encoding: "
     "identity\r\n\r\n"},
    {"::1", 80, "GET", "/", NULL, "",
     "GET / HTTP/1.1\r\nHost: [::1]\r\nAccept-Encoding: identity\r\n\r\n"},
    {"[::1]", 0, "GET", "/", NULL, "",
     "GET / HTTP/1.1\r\nHost: [::1]\r\nAccept-Encoding: identity\r\n\r\n"},
    {"[::1]:81", 0, "GET", "/", NULL, "",
     "GET / HTTP/1.1\r\nHost: [::1]:81\r\nAccept-Encoding: identity\r\n\r\n"},
    {"[fe80::1%eth0]:81", 0, "GET", "/", NULL, "",
     "GET / HTTP/1.1\r\nHost: [fe80::1]:81\r\nAccept-Encoding: "
     "identity\r\n\r\n"},
    {"fe80::1%eth0", 80, "GET", "/", NULL, "",
     "GET / HTTP/1.1\r\nHost: [fe80::1]\r\nAccept-Encoding: identity\r\n\r\n"},
    {"h", 80, "GET", "", NULL, "", "GET / HTTP/1.1\r\n" HOST_H "\r\n"},
    {"h", 80, "HEAD", "/", NULL, "", "HEAD / HTTP/1.1\r\n" HOST_H "\r\n"},
    {"h", 80, "DELETE", "/", NULL, "", "DELETE / HTTP/1.1\r\n" HOST_H "\r\n"},
    {"h", 80, "OPTIONS", "*", NULL, "", "OPTIONS * HTTP/1.1\r\n" HOST_H "\r\n"},
    {"h", 80, "TRACE", "/", NULL, "", "TRACE / HTTP/1.1\r\n" HOST_H "\r\n"},
    {"h", 80, "POST", "/", NULL, "",
     "POST / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n"},
    {"h", 80, "PUT", "/", NULL, "",
     "PUT / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n"},
    {"h", 80, "PATCH", "/", NULL, "",
     "PATCH / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n"},
    {"h", 80, "post", "/", NULL, "",
     "post / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n"},
    {"h", 80, "GET", "/", "body", "",
     "GET / HTTP/1.1\r\n" HOST_H "Content-Length: 4\r\n\r\nbody"},
    {"h", 80, "POST", "/", "body", "",
     "POST / HTTP/1.1\r\n" HOST_H "Content-Length: 4\r\n\r\nbody"},
    {"h", 80, "PUT", "/", "body", "",
     "PUT / HTTP/1.1\r\n" HOST_H "Content-Length: 4\r\n\r\nbody"},
    {"h", 80, "PATCH", "/", "body", "",
     "PATCH / HTTP/1.1\r\n" HOST_H "Content-Length: 4\r\n\r\nbody"},
    {"h", 80, "DELETE", "/", "body", "",
     "DELETE / HTTP/1.1\r\n" HOST_H "Content-Length: 4\r\n\r\nbody"},
    {"h", 80, "HEAD", "/", "body", "",
     "HEAD / HTTP/1.1\r\n" HOST_H "Content-Length: 4\r\n\r\nbody"},
    {"h", 80, "PROPFIND", "/", "body", "",
     "PROPFIND / HTTP/1.1\r\n" HOST_H "Content-Length: 4\r\n\r\nbody"},
    {"h", 80, "GET", "/", "", "",
     "GET / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n"},
    {"h", 80, "POST", "/", "", "",
     "POST / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n"},
    {"h", 80, "POST", "/", "a=1&b=2",
     "Content-Type: application/x-www-form-urlencoded\n",
     "POST / HTTP/1.1\r\n" HOST_H "Content-Length: 7\r\nContent-Type: "
     "application/x-www-form-urlencoded\r\n\r\na=1&b=2"},
    {"h", 80, "GET", "/", NULL, "X-One: 1\nX-Two: 2\n",
     "GET / HTTP/1.1\r\n" HOST_H "X-One: 1\r\nX-Two: 2\r\n\r\n"},
    {"h", 80, "GET", "/", NULL, "Accept-Encoding: gzip\n",
     "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"},
    {"h", 80, "GET", "/", NULL, "Connection: close\n",
     "GET / HTTP/1.1\r\n" HOST_H "Connection: close\r\n\r\n"},
    {"h", 80, "GET", "/", NULL, "X: \n",
     "GET / HTTP/1.1\r\n" HOST_H "X: \r\n\r\n"},
    {"h", 80, "GET", "/", NULL, "X: a\tb\n",
     "GET / HTTP/1.1\r\n" HOST_H "X: a\tb\r\n\r\n"},
    {"h", 80, "GET", "/", NULL, "X: \xe9\n",
     "GET / HTTP/1.1\r\n" HOST_H "X: \xe9\r\n\r\n"},
    {"h", 80, "POST", "/", "12345", "Content-Length: 5\n",
     "POST / HTTP/1.1\r\n" HOST_H "Content-Length: 5\r\n\r\n12345"},
    {"h", 80, "POST", "/", "12345", "X: y\ncontent-length: 5\n",
     "POST / HTTP/1.1\r\n" HOST_H "X: y\r\ncontent-length: 5\r\n\r\n12345"},
    {"h", 80, "PUT", "/", NULL, "Content-Length: 0\n",
     "PUT / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n"},
    {"h", 80, "GET", "http://other/p", NULL, "",
     "GET http://other/p HTTP/1.1\r\nHost: other\r\nAccept-Encoding: "
     "identity\r\n\r\n"},
    {"h", 80, "GET", "http://other:8080/p?q", NULL, "",
     "GET http://other:8080/p?q HTTP/1.1\r\nHost: other:8080\r\n"
     "Accept-Encoding: identity\r\n\r\n"},
    {"h", 3128, "GET", "http://[::1]:8080/p", NULL, "",
     "GET http://[::1]:8080/p HTTP/1.1\r\nHost: [::1]:8080\r\n"
     "Accept-Encoding: identity\r\n\r\n"},
    {"h", 3128, "GET", "http://[fe80::1%25eth0]/p", NULL, "",
     "GET http://[fe80::1%25eth0]/p HTTP/1.1\r\nHost: [fe80::1]\r\n"
     "Accept-Encoding: identity\r\n\r\n"},
    {"h", 3128, "GET", "https://other/p", NULL, "",
     "GET https://other/p HTTP/1.1\r\nHost: other\r\nAccept-Encoding: "
     "identity\r\n\r\n"},
    {"h", 80, "GET", "/http://other/p", NULL, "",
     "GET /http://other/p HTTP/1.1\r\n" HOST_H "\r\n"},
    {"h", 80, "POST", "/", "\xff\r\n\t", "",
     "POST / HTTP/1.1\r\n" HOST_H "Content-Length: 4\r\n\r\n\xff\r\n\t"},
    {"h", 80, "GET", "/%20'()*;:@&=+$,/?%[]", NULL, "",
     "GET /%20'()*;:@&=+$,/?%[] HTTP/1.1\r\n" HOST_H "\r\n"},
    {"h", 80, "M-SEARCH", "*", NULL, "",
     "M-SEARCH * HTTP/1.1\r\n" HOST_H "\r\n"},
};

/* On purpose not as Python. */
static const struct row unlike_python[] = {
    /* Host stands first (RFC 9110 7.2), whoever says it */
    {"h", 80, "GET", "/", NULL, "Host: other\n",
     "GET / HTTP/1.1\r\nHost: other\r\nAccept-Encoding: identity\r\n\r\n"},
    {"h", 80, "GET", "/", NULL, "X: 1\nAccept-Encoding: br\nhost: o:1\n",
     "GET / HTTP/1.1\r\nhost: o:1\r\nAccept-Encoding: br\r\nX: 1\r\n\r\n"},
    /* a body that is said to be in chunks is sent in chunks */
    {"h", 80, "POST", "/", "body", "Transfer-Encoding: chunked\n",
     "POST / HTTP/1.1\r\n" HOST_H
     "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"},
    {"h", 80, "POST", "/", NULL, "transfer-encoding: Chunked\n",
     "POST / HTTP/1.1\r\n" HOST_H
     "transfer-encoding: Chunked\r\n\r\n0\r\n\r\n"},
    /* an address without brackets has no port */
    {"::1", 0, "GET", "/", NULL, "",
     "GET / HTTP/1.1\r\nHost: [::1]\r\nAccept-Encoding: identity\r\n\r\n"},
    {"fe80::1:2", 0, "GET", "/", NULL, "",
     "GET / HTTP/1.1\r\nHost: [fe80::1:2]\r\nAccept-Encoding: "
     "identity\r\n\r\n"},
    {"HTTP", 80, "GET", "HTTP://O/p", NULL, "",
     "GET HTTP://O/p HTTP/1.1\r\nHost: O\r\nAccept-Encoding: "
     "identity\r\n\r\n"},
};

static void sends(const struct row *row)
{
    struct pair p;
    sock_http_t *c = to(row->host, row->port, &p);
    sock_headers_t *h = row->fields[0] != '\0' ? fields(row->fields) : NULL;

    check_ok(sock_http_request(c, row->method, row->url, row->body,
                               row->body != NULL ? strlen(row->body) : 0, h));
    check_str(sent(&p), row->wire);
    sock_headers_free(h);
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, requests_as_python_sends_them)
{
    for (size_t i = 0; i < sizeof as_python / sizeof as_python[0]; i++)
        sends(&as_python[i]);
}

TEST(http, requests_that_python_sends_otherwise)
{
    for (size_t i = 0; i < sizeof unlike_python / sizeof unlike_python[0]; i++)
        sends(&unlike_python[i]);
}

TEST(http, ports_of_https)
{
    static const struct {
        int port;
        const char *wire;
    } rows[] = {
        {0, "GET / HTTP/1.1\r\n" HOST_H "\r\n"},
        {443, "GET / HTTP/1.1\r\n" HOST_H "\r\n"},
        {80, "GET / HTTP/1.1\r\nHost: h:80\r\nAccept-Encoding: "
             "identity\r\n\r\n"},
        {8443, "GET / HTTP/1.1\r\nHost: h:8443\r\nAccept-Encoding: "
               "identity\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair p;
        sock_http_t *c =
            connected(sock_https_connection("h", rows[i].port, 5, &tls), &p);
        check_int(tls_holds, 1);
        check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
        check_str(sent(&p), rows[i].wire);
        sock_http_free(c);
        check_int(tls_holds, 0);
        free_pair(&p);
    }
}

TEST(http, without_tls)
{
    check_null(
        sock_https_connection("h", 0, 5, NULL), SOCK_E_UNSUPPORTED, 0,
        "HTTPSConnection: TLS needs sock_ssl_init() of libpysockc-ssl, or "
        "a context of it");
}

TEST(http, host_of_a_tunnel)
{
    static const struct {
        const char *host;
        int port;
        const char *wire;
    } rows[] = {
        {"end", 80,
         "GET / HTTP/1.1\r\nHost: end\r\nAccept-Encoding: "
         "identity\r\n\r\n"},
        {"end:8080", 0,
         "GET / HTTP/1.1\r\nHost: end:8080\r\nAccept-Encoding: "
         "identity\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair p;
        sock_http_t *c = check_made(sock_http_connection("proxy", 3128, 5));
        check_ok(sock_http_set_tunnel(c, "first", 0, NULL));
        check_ok(sock_http_set_tunnel(c, rows[i].host, rows[i].port, NULL));
        connected(c, &p);
        check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
        check_str(sent(&p), rows[i].wire);
        sock_http_free(c);
        free_pair(&p);
    }
}

/* Of a socket that someone else has connected. */
/* Where there is IPv6. */
static bool tcp6_pair(struct pair *p)
{
    sock_addr_t at;
    sock_t *s = sock_create_server(sock_addr_inet6("::1", 0), 1, 0);
    if (s == NULL)
        return false;
    check_ok(sock_getsockname(s, &at));
    p->a = check_made(sock_new(AF_INET6, SOCK_STREAM, 0));
    check_ok(sock_connect(p->a, at));
    p->b = check_made(sock_accept(s, NULL));
    sock_free(s);
    return true;
}

TEST(http, host_of_a_socket)
{
    sock_addr_t peer;
    char wire[128];
    struct pair p = tcp_pair();
    sock_http_t *c = check_made(sock_http_from(p.a));
    check_ok(sock_getpeername(p.a, &peer));
    check(sock_http_sock(c) == p.a);
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    snprintf(wire, sizeof wire,
             "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept-Encoding: "
             "identity\r\n\r\n",
             sock_addr_port(&peer));
    check_str(sent(&p), wire);
    sock_http_free(c);
    p.a = NULL;
    free_pair(&p);

    if (tcp6_pair(&p)) {
        c = check_made(sock_http_from(p.a));
        check_ok(sock_getpeername(p.a, &peer));
        check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
        snprintf(wire, sizeof wire,
                 "GET / HTTP/1.1\r\nHost: [::1]:%d\r\nAccept-Encoding: "
                 "identity\r\n\r\n",
                 sock_addr_port(&peer));
        check_str(sent(&p), wire);
        sock_http_free(c);
        p.a = NULL;
        free_pair(&p);
    }

    p = unix_pair(SOCK_STREAM);
    c = check_made(sock_http_from(p.a));
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    check_str(sent(&p), "GET / HTTP/1.1\r\nHost: localhost\r\n"
                        "Accept-Encoding: identity\r\n\r\n");
    sock_http_free(c);
    p.a = NULL;
    free_pair(&p);
}

/* Refusals */

TEST(http, methods_that_are_none)
{
    static const struct {
        const char *method, *text;
    } rows[] = {
        {"GE\nT", "request: method can't contain control characters. 'GE\\nT' "
                  "(found at least '\\n')"},
        {"GET\r", "request: method can't contain control characters. 'GET\\r' "
                  "(found at least '\\r')"},
        {"G\x01T", "request: method can't contain control characters. "
                   "'G\\x01T' (found at least '\\x01')"},
        {"GE T", "request: method must be a token. 'GE T' (found at least "
                 "' ')"}, /* which Python sends */
        {"G/T", "request: method must be a token. 'G/T' (found at least '/')"},
        {"G\x7f", "request: method must be a token. 'G\\x7f' (found at least "
                  "'\\x7f')"},
        {"", "request: method must be a token"},
    };
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_fails(sock_http_request(c, rows[i].method, "/", NULL, 0, NULL),
                    SOCK_E_VALUE, 0, rows[i].text);
    check_str(sent(&p), "");
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, targets_that_are_none)
{
    static const struct {
        const char *url, *text;
    } rows[] = {
        {"/a b", "request: URL can't contain control characters. '/a b' "
                 "(found at least ' ')"},
        {"/\n", "request: URL can't contain control characters. '/\\n' (found "
                "at least '\\n')"},
        {"/\x7f", "request: URL can't contain control characters. '/\\x7f' "
                  "(found at least '\\x7f')"},
        {"/ HTTP/1.1\r\nX: y",
         "request: URL can't contain control characters. '/ "
         "HTTP/1.1\\r\\nX: y' (found at least ' ')"},
        {"/\xc3\xa9", "request: URL can't contain characters beyond ASCII. "
                      "'/\xc3\xa9' (found at least '\\udcc3')"},
        {"/#f", "request: URL can't contain such characters. '/#f' (found at "
                "least '#')"},
        {"http://u:p@h/ ", "request: URL can't contain control characters. "
                           "'http://h/ ' (found at least ' ')"},
        {"/@ ", "request: URL can't contain control characters. '/@ ' (found "
                "at least ' ')"},
        {"http://u:p@h/",
         "request: a URL to ask for must not have a user"}, /* Python sends it
                                                                as Host */
    };
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_fails(sock_http_request(c, "GET", rows[i].url, NULL, 0, NULL),
                    SOCK_E_VALUE, 0, rows[i].text);
    check_str(sent(&p), "");
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, fields_that_are_none)
{
    static const struct {
        const char *name, *value, *text;
    } rows[] = {
        {"A B", "1", "putheader: Invalid header name b'A B'"},
        {"", "1", "putheader: Invalid header name b''"},
        {"A:", "1", "putheader: Invalid header name b'A:'"},
        {"A\r\n", "1", "putheader: Invalid header name b'A\\r\\n'"},
        {"A", "1\r\n", "putheader: Invalid header value b'1\\r\\n'"},
        {"A", "1\r\n 2", "putheader: Invalid header value b'1\\r\\n 2'"},
        {"A", "1\nB: 2", "putheader: Invalid header value b'1\\nB: 2'"},
        {"A", "1\rB", "putheader: Invalid header value b'1\\rB'"},
        {"A", "\x01", "putheader: Invalid header value b'\\x01'"},
        {"A", "\x7f", "putheader: Invalid header value b'\\x7f'"},
    };
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    check_ok(sock_http_putrequest(c, "GET", "/", 0));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_fails(sock_http_putheader(c, rows[i].name, rows[i].value),
                    SOCK_E_VALUE, 0, rows[i].text);
    check_ok(sock_http_putheader(c, "A", "1")); /* it goes on */
    check_ok(sock_http_endheaders(c, NULL, 0));
    check_str(sent(&p), "GET / HTTP/1.1\r\n" HOST_H "A: 1\r\n\r\n");
    sock_http_free(c);
    free_pair(&p);
}

/* What would leave it to the peer where the request ends. */
TEST(http, lengths_that_contradict)
{
    static const struct {
        const char *fields, *body, *text;
    } rows[] = {
        {"Content-Length: 4\n", "12345",
         "request: Content-Length is not that of the body"},
        {"Content-Length: 6\n", "12345",
         "request: Content-Length is not that of the body"},
        {"Content-Length: 1\n", NULL,
         "request: Content-Length is not that of the body"},
        {"Content-Length: +5\n", "12345",
         "request: Content-Length must be a number"},
        {"Content-Length: 5, 5\n", "12345",
         "request: Content-Length must be a number"},
        {"Content-Length: 99999999999999999999\n", "12345",
         "request: Content-Length must be a number"},
        {"Content-Length: 5\nContent-Length: 5\n", "12345",
         "request: the length of the body is given twice"},
        {"Content-Length: 5\nTransfer-Encoding: chunked\n", "12345",
         "request: the length of the body is given twice"},
        {"Transfer-Encoding: chunked\nContent-Length: 5\n", "12345",
         "request: the length of the body is given twice"},
        {"Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n", "12345",
         "request: the length of the body is given twice"},
        {"Transfer-Encoding: gzip\n", "12345",
         "request: Transfer-Encoding must be chunked"},
        {"Transfer-Encoding: gzip, chunked\n", "12345",
         "request: Transfer-Encoding must be chunked"},
        {"Host: a\nHost: b\n", NULL, "request: Host is given twice"},
    };
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sock_headers_t *h = fields(rows[i].fields);
        const char *body = rows[i].body;
        check_fails(sock_http_request(c, "POST", "/", body,
                                      body != NULL ? strlen(body) : 0, h),
                    SOCK_E_VALUE, 0, rows[i].text);
        sock_headers_free(h);
    }
    check_str(sent(&p), "");
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    check_str(sent(&p), "GET / HTTP/1.1\r\n" HOST_H "\r\n");
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, hosts_that_are_none)
{
    static const struct {
        const char *host;
        int port;
        const char *text;
    } rows[] = {
        {"h:a", 0, "HTTPConnection: nonnumeric port: 'a'"},
        {"h:1_0", 0, "HTTPConnection: nonnumeric port: '1_0'"}, /* Python: 10 */
        {"h:-1", 0, "HTTPConnection: nonnumeric port: '-1'"},
        {"h:+1", 0, "HTTPConnection: nonnumeric port: '+1'"},
        {"h:65536", 0, "HTTPConnection: Port out of range 0-65535"},
        {"h:99999999999999999999", 0,
         "HTTPConnection: Port out of range 0-65535"},
        {"h", 65536, "HTTPConnection: Port out of range 0-65535"},
        {"h", -1, "HTTPConnection: Port out of range 0-65535"},
        {"h b", 0,
         "HTTPConnection: URL can't contain control characters. "
         "'h b' (found at least ' ')"},
        {"h\r\n", 80,
         "HTTPConnection: URL can't contain control characters. "
         "'h\\r\\n' (found at least '\\r')"},
        {"u@h", 0, "HTTPConnection: a host must not have a user"},
        {"u:p@h", 0, "HTTPConnection: a host must not have a user"},
        {"u:p@h", 80, "HTTPConnection: a host must not have a user"},
        {"h/x", 80,
         "HTTPConnection: host can't contain such characters. "
         "'h/x' (found at least '/')"},
        {"a\\b", 80,
         "HTTPConnection: host can't contain such characters. "
         "'a\\\\b' (found at least '\\\\')"},
        {"h\xc3\xa9", 80,
         "HTTPConnection: host can't contain characters beyond ASCII. "
         "'h\xc3\xa9' (found at least '\\udcc3')"},
        {"[::1", 80,
         "HTTPConnection: host can't contain such characters. "
         "'[::1' (found at least '[')"},
        {"", 80, "HTTPConnection: no host given"},
        {":80", 0, "HTTPConnection: no host given"},
        {"[]", 80, "HTTPConnection: no host given"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_null(sock_http_connection(rows[i].host, rows[i].port, 5),
                   SOCK_E_VALUE, 0, rows[i].text);
    check_null(sock_http_connection("h", 80, -2), SOCK_E_VALUE, 0,
               "HTTPConnection: Timeout value out of range");
    check_null(sock_http_connection("h", 80, 1e300), SOCK_E_OVERFLOW, 0,
               "HTTPConnection: timestamp too large to convert to C PyTime_t");
    sock_http_free(check_made(sock_http_connection("h", 80, SOCK_NO_TIMEOUT)));
    sock_http_free(
        check_made(sock_http_connection("h", 65535, SOCK_DEFAULT_TIMEOUT)));
}

/* Piece by piece */

TEST(http, piece_by_piece)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);

    check_ok(sock_http_putrequest(c, "POST", "/", 0));
    check_ok(sock_http_putheader(c, "Content-Length", "6"));
    check_str(sent(&p), "");
    check_ok(sock_http_endheaders(c, NULL, 0));
    check_str(sent(&p),
              "POST / HTTP/1.1\r\n" HOST_H "Content-Length: 6\r\n\r\n");
    check_ok(sock_http_send(c, "abc", 3));
    check_ok(sock_http_send(c, "", 0));
    check_ok(sock_http_send(c, NULL, 0));
    check_fails(sock_http_send(c, "defg", 4), SOCK_E_VALUE, 0,
                "send: the body is longer than Content-Length says");
    check_ok(sock_http_send(c, "def", 3));
    check_str(sent(&p), "abcdef");
    check_fails(sock_http_send(c, "g", 1), SOCK_E_VALUE, 0,
                "send: the body is longer than Content-Length says");
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, chunks_by_themselves)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    char large[20000];

    check_ok(sock_http_putrequest(c, "PUT", "/", 0));
    check_ok(sock_http_endheaders(c, NULL, 0));
    check_str(sent(&p), ""); /* until it is known what follows */
    check_ok(sock_http_send(c, "0123456789abcdef", 16));
    check_str(sent(&p),
              "PUT / HTTP/1.1\r\n" HOST_H "Transfer-Encoding: chunked\r\n\r\n"
              "10\r\n0123456789abcdef\r\n");
    check_ok(sock_http_send(c, NULL, 0));
    check_str(sent(&p), "");
    memset(large, 'x', sizeof large);
    check_ok(sock_http_send(c, large, sizeof large));
    char all[20008];
    check_int(sock_recv_all(p.b, all, 4 + 2 + sizeof large + 2), 20008);
    check_bytes(all, "4E20\r\nxx", 8);
    check_bytes(all + 20004, "xx\r\n", 4);
    check_ok(sock_sendall(p.b, "HTTP/1.1 204 \r\n\r\n", 17, 0));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_str(sent(&p), "0\r\n\r\n");
    sock_http_response_free(r);
    sock_http_free(c);
    free_pair(&p);
}

/* The chunks of a body whose head says so. */
TEST(http, chunks_that_were_said)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);

    check_ok(sock_http_putrequest(
        c, "GET", "/", SOCK_HTTP_SKIP_HOST | SOCK_HTTP_SKIP_ACCEPT_ENCODING));
    check_ok(sock_http_putheader(c, "Transfer-Encoding", "chunked"));
    check_ok(sock_http_endheaders(c, "ab", 2));
    check_ok(sock_http_send(c, "c", 1));
    check_str(sent(&p), "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "2\r\nab\r\n1\r\nc\r\n");
    check_ok(sock_http_close(c));
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, a_large_chunk_with_the_head)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    static char large[20000], all[21000];
    static const char head[] = "PUT / HTTP/1.1\r\n" HOST_H
                               "Transfer-Encoding: chunked\r\n\r\n4E20\r\n";

    memset(large, 'x', sizeof large);
    check_ok(sock_http_putrequest(c, "PUT", "/", 0));
    check_ok(sock_http_putheader(c, "Transfer-Encoding", "chunked"));
    check_ok(sock_http_endheaders(c, large, sizeof large));
    size_t n = strlen(head) + sizeof large + 2;
    check_int(sock_recv_all(p.b, all, n), n);
    check_bytes(all, head, strlen(head));
    check_bytes(all + n - 4, "xx\r\n", 4);
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, a_large_body_in_chunks)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    sock_headers_t *h = fields("Transfer-Encoding: chunked\n");
    static char large[20000], all[21000];
    static const char head[] = "PUT / HTTP/1.1\r\n" HOST_H
                               "Transfer-Encoding: chunked\r\n\r\n4E20\r\n";

    memset(large, 'x', sizeof large);
    check_ok(sock_http_request(c, "PUT", "/", large, sizeof large, h));
    size_t n = strlen(head) + sizeof large + 7;
    check_int(sock_recv_all(p.b, all, n), n);
    check_bytes(all, head, strlen(head));
    check_bytes(all + n - 9, "xx\r\n0\r\n\r\n", 9);
    check_str(sent(&p), "");
    sock_headers_free(h);
    sock_http_free(c);
    free_pair(&p);
}

/* Without a body, or one of nothing, the request is whole. */
TEST(http, heads_without_a_body)
{
    static const struct {
        const char *method, *length, *wire;
    } rows[] = {
        {"GET", NULL, "GET / HTTP/1.1\r\n" HOST_H "\r\n"},
        {"HEAD", NULL, "HEAD / HTTP/1.1\r\n" HOST_H "\r\n"},
        {"PUT", "0", "PUT / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair p;
        sock_http_t *c = to("h", 80, &p);
        check_ok(sock_http_putrequest(c, rows[i].method, "/", 0));
        if (rows[i].length != NULL)
            check_ok(sock_http_putheader(c, "Content-Length", rows[i].length));
        check_ok(sock_http_endheaders(c, NULL, 0));
        check_str(sent(&p), rows[i].wire);
        check_ok(sock_sendall(p.b, "HTTP/1.1 204 \r\n\r\n", 17, 0));
        sock_http_response_free(check_made(sock_http_getresponse(c)));
        sock_http_free(c);
        free_pair(&p);
    }
}

/* The head goes out by itself. */
TEST(http, heads_whose_body_follows)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    check_ok(sock_http_putrequest(c, "PUT", "/", 0));
    check_ok(sock_http_putheader(c, "Transfer-Encoding", "chunked"));
    check_ok(sock_http_endheaders(c, NULL, 0));
    check_str(sent(&p),
              "PUT / HTTP/1.1\r\n" HOST_H "Transfer-Encoding: chunked\r\n\r\n");
    sock_http_free(c);
    free_pair(&p);

    c = to("h", 80, &p);
    check_ok(sock_http_putrequest(c, "PUT", "/", 0));
    check_ok(sock_http_putheader(c, "Content-Length", "3"));
    check_ok(sock_http_endheaders(c, "", 0));
    check_str(sent(&p),
              "PUT / HTTP/1.1\r\n" HOST_H "Content-Length: 3\r\n\r\n");
    check_ok(sock_http_send(c, "abc", 3));
    check_str(sent(&p), "abc");
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, bodies_of_endheaders)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    check_ok(sock_http_putrequest(c, "GET", "/", SOCK_HTTP_SKIP_HOST));
    check_ok(sock_http_endheaders(c, "body", 4));
    check_str(sent(&p), "GET / HTTP/1.1\r\nAccept-Encoding: identity\r\n"
                        "Content-Length: 4\r\n\r\nbody");
    check_ok(sock_http_close(c));
    sock_http_free(c);
    free_pair(&p);

    c = to("h", 80, &p);
    check_ok(
        sock_http_putrequest(c, "POST", "/", SOCK_HTTP_SKIP_ACCEPT_ENCODING));
    check_ok(sock_http_putheader(c, "Content-Length", "6"));
    check_fails(sock_http_endheaders(c, "1234567", 7), SOCK_E_VALUE, 0,
                "endheaders: the body is longer than Content-Length says");
    check_ok(sock_http_endheaders(c, "abc", 3));
    check_ok(sock_http_send(c, "def", 3));
    check_str(sent(&p),
              "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabcdef");
    sock_http_free(c);
    free_pair(&p);
}

/* A head that was left open ends with getresponse(). */
TEST(http, no_body_after_all)
{
    static const struct {
        const char *method, *wire;
    } rows[] = {
        {"POST", "POST / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n"},
        {"DELETE", "DELETE / HTTP/1.1\r\n" HOST_H "\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair p;
        sock_http_t *c = to("h", 80, &p);
        check_ok(sock_http_putrequest(c, rows[i].method, "/", 0));
        check_ok(sock_http_endheaders(c, NULL, 0));
        check_ok(sock_sendall(p.b, "HTTP/1.1 204 \r\n\r\n", 17, 0));
        sock_http_response_free(check_made(sock_http_getresponse(c)));
        check_str(sent(&p), rows[i].wire);
        sock_http_free(c);
        free_pair(&p);
    }
}

TEST(http, calls_out_of_order)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);

    check_fails(sock_http_putheader(c, "A", "1"), SOCK_E_VALUE, 0,
                "putheader: CannotSendHeader");
    check_fails(sock_http_endheaders(c, NULL, 0), SOCK_E_VALUE, 0,
                "endheaders: CannotSendHeader");
    check_fails(sock_http_send(c, "x", 1), SOCK_E_VALUE, 0,
                "send: CannotSendRequest: Idle");
    check_null(sock_http_getresponse(c), SOCK_E_VALUE, 0,
               "getresponse: ResponseNotReady: Idle");
    check_fails(sock_http_putrequest(c, "GET", "http://u@h/", 0), SOCK_E_VALUE,
                0, "putrequest: a URL to ask for must not have a user");
    check_ok(sock_http_putrequest(c, "GET", "/", 0));
    check_fails(sock_http_putrequest(c, "GET", "/", 0), SOCK_E_VALUE, 0,
                "putrequest: CannotSendRequest: Request-started");
    check_fails(sock_http_request(c, "GET", "/", NULL, 0, NULL), SOCK_E_VALUE,
                0, "request: CannotSendRequest: Request-started");
    check_fails(sock_http_send(c, "x", 1), SOCK_E_VALUE, 0,
                "send: CannotSendRequest: Request-started");
    check_null(sock_http_getresponse(c), SOCK_E_VALUE, 0,
               "getresponse: ResponseNotReady: Request-started");
    check_ok(sock_http_endheaders(c, NULL, 0));
    check_fails(sock_http_putheader(c, "A", "1"), SOCK_E_VALUE, 0,
                "putheader: CannotSendHeader");
    check_fails(sock_http_endheaders(c, NULL, 0), SOCK_E_VALUE, 0,
                "endheaders: CannotSendHeader");
    check_fails(sock_http_putrequest(c, "GET", "/", 0), SOCK_E_VALUE, 0,
                "putrequest: CannotSendRequest: Request-sent");
    check_fails(sock_http_send(c, "x", 1), SOCK_E_VALUE, 0,
                "send: CannotSendRequest: Request-sent");
    check_str(sent(&p), "GET / HTTP/1.1\r\n" HOST_H "\r\n");

    check_ok(sock_sendall(p.b, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
                          40, 0));
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_null(sock_http_getresponse(c), SOCK_E_VALUE, 0,
               "getresponse: ResponseNotReady: Idle");
    check_fails(sock_http_request(c, "GET", "/", NULL, 0, NULL), SOCK_E_VALUE,
                0,
                "request: ResponseNotReady: the one before must be read or "
                "freed");
    sock_http_response_free(r);
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    check_ok(sock_http_close(c));
    check(sock_http_sock(c) == NULL);
    check_null(sock_http_getresponse(c), SOCK_E_VALUE, 0,
               "getresponse: ResponseNotReady: Idle");
    check_ok(sock_http_close(c));
    sock_http_free(c);
    free_pair(&p);
}

/* Files */

static FILE *file_of(const char *bytes, size_t n)
{
    FILE *f = tmpfile();
    check(f != NULL);
    check_int(fwrite(bytes, 1, n, f), n);
    rewind(f);
    return f;
}

TEST(http, a_file)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    FILE *f = file_of("0123456789", 10);
    check_int(fgetc(f), '0');
    check_ok(sock_http_request_file(c, "PUT", "/", f, -1, NULL));
    check_str(sent(&p),
              "PUT / HTTP/1.1\r\n" HOST_H "Content-Length: 9\r\n\r\n123456789");
    check_int(fgetc(f), EOF);
    rewind(f);
    sock_http_close(c);
    sock_http_free(c);
    free_pair(&p);

    c = to("h", 80, &p);
    check_ok(sock_http_request_file(c, "PUT", "/", f, 4, NULL));
    check_str(sent(&p),
              "PUT / HTTP/1.1\r\n" HOST_H "Content-Length: 4\r\n\r\n0123");
    check_int(fgetc(f), '4');
    sock_http_free(c);
    free_pair(&p);

    c = to("h", 80, &p);
    sock_headers_t *h = fields("Transfer-Encoding: chunked\n");
    check_ok(sock_http_request_file(c, "PUT", "/", f, -1, h));
    check_str(sent(&p),
              "PUT / HTTP/1.1\r\n" HOST_H "Transfer-Encoding: chunked\r\n\r\n"
              "5\r\n56789\r\n0\r\n\r\n");
    sock_headers_free(h);
    sock_http_free(c);
    free_pair(&p);

    c = to("h", 80, &p);
    check_ok(sock_http_request_file(c, "PUT", "/", f, -1, NULL));
    check_str(sent(&p),
              "PUT / HTTP/1.1\r\n" HOST_H "Content-Length: 0\r\n\r\n");
    sock_http_free(c);
    free_pair(&p);
    fclose(f);
}

TEST(http, a_file_that_is_too_short)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    FILE *f = file_of("0123456789", 10);
    check_fails(sock_http_request_file(c, "PUT", "/", f, 11, NULL), SOCK_E_EOF,
                0, "request: the body is shorter than its length");
    check_int(sock_last_error()->done, 10);
    check(sock_http_sock(c) == NULL);
    sock_headers_t *twice = fields("Host: a\nHost: b\n");
    check_fails(sock_http_request_file(c, "PUT", "/", f, 1, twice),
                SOCK_E_VALUE, 0, "request: Host is given twice");
    sock_headers_free(twice);
    check_fails(sock_http_request_file(c, "PUT", "/", f, -2, NULL),
                SOCK_E_VALUE, 0,
                "request: length must be -1 or the bytes of the body");
    fclose(f);
    sock_http_free(c);
    free_pair(&p);
}

/* One that is sent without being read. */
TEST(http, a_large_file_that_is_too_short)
{
    static char text[30000];
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    memset(text, 'x', sizeof text);
    FILE *f = file_of(text, sizeof text);
    check_fails(sock_http_request_file(c, "PUT", "/", f, 30001, NULL),
                SOCK_E_EOF, 0, "request: the body is shorter than its length");
    check_int(sock_last_error()->done, 30000);
    check(sock_http_sock(c) == NULL);
    fclose(f);
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, a_pipe)
{
    struct pair p;
    int fds[2];
    sock_http_t *c = to("h", 80, &p);
    check_int(pipe2(fds, O_CLOEXEC), 0);
    check_int(write(fds[1], "hello", 5), 5);
    close(fds[1]);
    FILE *f = fdopen(fds[0], "r");
    check_ok(sock_http_request_file(c, "POST", "/", f, -1, NULL));
    check_str(sent(&p),
              "POST / HTTP/1.1\r\n" HOST_H "Transfer-Encoding: chunked\r\n\r\n"
              "5\r\nhello\r\n0\r\n\r\n");
    fclose(f);
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, a_pipe_whose_length_is_known)
{
    struct pair p;
    int fds[2];
    sock_http_t *c = to("h", 80, &p);
    sock_headers_t *h = fields("Content-Length: 5\n");
    check_int(pipe2(fds, O_CLOEXEC), 0);
    check_int(write(fds[1], "hello, world", 12), 12);
    FILE *f = fdopen(fds[0], "r");
    check_ok(sock_http_request_file(c, "POST", "/", f, -1, h));
    check_str(sent(&p),
              "POST / HTTP/1.1\r\n" HOST_H "Content-Length: 5\r\n\r\nhello");
    close(fds[1]);
    sock_headers_free(h);
    fclose(f);
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, a_stream_that_cannot_be_read)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    FILE *f = fopen("/dev/null", "w");
    check_fails(sock_http_request_file(c, "POST", "/", f, -1, NULL), SOCK_E_OS,
                EBADF, "request: [Errno 9] Bad file descriptor");
    fclose(f);
    sock_http_free(c);
    free_pair(&p);
}

/* Arguments */

TEST(http, null)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    const char *null = "argument is NULL";
    char text[64];
    sock_http_limits_t limits = {.size = sizeof limits};
    FILE *f = tmpfile();

#define REFUSES_NULL(op, call)                                                 \
    (snprintf(text, sizeof text, "%s: %s", op, null),                          \
     check_fails(call, SOCK_E_TYPE, 0, text))
    check_null(sock_http_connection(NULL, 80, 5), SOCK_E_TYPE, 0,
               "HTTPConnection: argument is NULL");
    check_null(sock_https_connection(NULL, 80, 5, &tls), SOCK_E_TYPE, 0,
               "HTTPSConnection: argument is NULL");
    check_null(sock_http_from(NULL), SOCK_E_TYPE, 0,
               "HTTPConnection: socket is NULL");
    check_null(sock_http_getresponse(NULL), SOCK_E_TYPE, 0,
               "getresponse: argument is NULL");
    check_null(sock_http_sock(NULL), SOCK_E_TYPE, 0, "sock: argument is NULL");
    REFUSES_NULL("set_tunnel", sock_http_set_tunnel(NULL, "h", 0, NULL));
    REFUSES_NULL("set_tunnel", sock_http_set_tunnel(c, NULL, 0, NULL));
    REFUSES_NULL("set_limits", sock_http_set_limits(NULL, &limits));
    REFUSES_NULL("set_limits", sock_http_set_limits(c, NULL));
    REFUSES_NULL("deadline", sock_http_deadline(NULL, 1));
    REFUSES_NULL("connect", sock_http_connect(NULL));
    REFUSES_NULL("close", sock_http_close(NULL));
    REFUSES_NULL("request", sock_http_request(NULL, "GET", "/", NULL, 0, NULL));
    REFUSES_NULL("request", sock_http_request(c, NULL, "/", NULL, 0, NULL));
    REFUSES_NULL("request", sock_http_request(c, "GET", NULL, NULL, 0, NULL));
    check_fails(sock_http_request(c, "GET", "/", NULL, 1, NULL), SOCK_E_TYPE, 0,
                "request: buffer is NULL");
    check_fails(sock_http_request(c, "GET", "/", "x", SIZE_MAX, NULL),
                SOCK_E_VALUE, 0, "request: size is too large");
    REFUSES_NULL("request",
                 sock_http_request_file(NULL, "GET", "/", f, 0, NULL));
    REFUSES_NULL("request", sock_http_request_file(c, NULL, "/", f, 0, NULL));
    REFUSES_NULL("request", sock_http_request_file(c, "GET", NULL, f, 0, NULL));
    REFUSES_NULL("request",
                 sock_http_request_file(c, "GET", "/", NULL, 0, NULL));
    REFUSES_NULL("putrequest", sock_http_putrequest(NULL, "GET", "/", 0));
    REFUSES_NULL("putrequest", sock_http_putrequest(c, NULL, "/", 0));
    REFUSES_NULL("putrequest", sock_http_putrequest(c, "GET", NULL, 0));
    check_fails(sock_http_putrequest(c, "GET", "/", 4), SOCK_E_VALUE, 0,
                "putrequest: unknown flags");
    REFUSES_NULL("putheader", sock_http_putheader(NULL, "A", "1"));
    REFUSES_NULL("putheader", sock_http_putheader(c, NULL, "1"));
    REFUSES_NULL("putheader", sock_http_putheader(c, "A", NULL));
    REFUSES_NULL("endheaders", sock_http_endheaders(NULL, NULL, 0));
    check_fails(sock_http_endheaders(c, NULL, 1), SOCK_E_TYPE, 0,
                "endheaders: buffer is NULL");
    REFUSES_NULL("send", sock_http_send(NULL, "x", 1));
    check_fails(sock_http_send(c, NULL, 1), SOCK_E_TYPE, 0,
                "send: buffer is NULL");
    sock_http_free(NULL);
    fclose(f);
    sock_http_free(c);
    free_pair(&p);
}

TEST(http, limits)
{
    sock_http_t *c = check_made(sock_http_connection("h", 80, 5));
    sock_http_limits_t limits = {.size = sizeof limits, .head = 100};
    check_ok(sock_http_set_limits(c, &limits));
    check_int(c->limits.bytes, 100);
    check_int(c->limits.fields, 1000);
    limits.head = 0;
    limits.fields = 7;
    check_ok(sock_http_set_limits(c, &limits));
    check_int(c->limits.bytes, 256 * 1024);
    check_int(c->limits.fields, 7);
    limits.reserved[4] = 1;
    check_fails(sock_http_set_limits(c, &limits), SOCK_E_VALUE, 0,
                "set_limits: reserved is out of range");
    limits.size--;
    check_fails(sock_http_set_limits(c, &limits), SOCK_E_VALUE, 0,
                "set_limits: size of the struct is wrong");
    sock_http_free(c);
}

/* Success leaves errno and the record alone. */
TEST(http, success)
{
    struct pair p;
    sock_http_t *c = to("h", 80, &p);
    check_null(sock_http_connection("", 80, 5), SOCK_E_VALUE, 0,
               "HTTPConnection: no host given");
    errno = 77;
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL));
    check_ok(sock_sendall(p.b, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
                          40, 0));
    char *data;
    sock_http_response_t *r = check_made(sock_http_getresponse(c));
    check_int(sock_http_readall(r, &data, 0), 2);
    sock_http_data_free(data);
    sock_http_response_free(r);
    check_ok(sock_http_request(c, "GET", "/", NULL, 0, NULL)); /* looks first */
    sock_http_free(c);
    check_int(errno, 77);
    check_str(error_text(), "HTTPConnection: no host given");
    free_pair(&p);
}

/* As Python 3.13 has them. */
TEST(http, statuses)
{
    static const struct {
        int status;
        const char *phrase;
    } rows[] = {
        {100, "Continue"},
        {101, "Switching Protocols"},
        {102, "Processing"},
        {103, "Early Hints"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {203, "Non-Authoritative Information"},
        {204, "No Content"},
        {205, "Reset Content"},
        {206, "Partial Content"},
        {207, "Multi-Status"},
        {208, "Already Reported"},
        {226, "IM Used"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {305, "Use Proxy"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {407, "Proxy Authentication Required"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {418, "I'm a Teapot"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {423, "Locked"},
        {424, "Failed Dependency"},
        {425, "Too Early"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {451, "Unavailable For Legal Reasons"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {506, "Variant Also Negotiates"},
        {507, "Insufficient Storage"},
        {508, "Loop Detected"},
        {510, "Not Extended"},
        {511, "Network Authentication Required"},
    };
    size_t known = 0;
    for (int status = -1; status < 1001; status++)
        known += sock_http_responses(status) != NULL;
    check_int(known, 62);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_str(sock_http_responses(rows[i].status), rows[i].phrase);
}
