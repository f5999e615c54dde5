/* SPDX-License-Identifier: MIT */
/* Opening URLs: what goes out, what comes back, what fails. Links with --wrap.
 */
#include "script.h"

#include <math.h>
#include <signal.h>

#include "starve.h"

static sock_http_response_t *get(const char *text)
{
    return sock_urlopen(url(text), NULL, 0, 10);
}

/* The simplest */

TEST(request, a_page)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello", NULL};

    start(script, NULL);
    errno = 1234;
    sock_http_response_t *r = check_made(get("/a/b?c=d#e"));
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, SOCK_E_NONE);
    check_int(sock_http_status(r), 200);
    check_str(sock_http_geturl(r), url("/a/b?c=d#e"));
    check_str(sock_headers_get(sock_http_headers(r), "x-a", ""), "b");
    ends_with_body(r, "hello");
    check_str(asked_of(1, 0), url("GET /a/b?c=d HTTP/1.1\r\n"
                                  "Host: 127.0.0.1:$1\r\n"
                                  "Accept-Encoding: identity\r\n"
                                  "User-Agent: pysockc/0.3.0\r\n"
                                  "Connection: close\r\n\r\n"));
    stop();
}

TEST(request, a_form)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL};

    start(script, NULL);
    ends_with_body(sock_urlopen(url("/"), "a=b&c=d", 7, 10), "");
    ends_with_body(sock_urlopen(url("/"), "", 0, 10), "");
    check_str(line_of(asked_of(1, 0)), "POST / HTTP/1.1");
    check_str(field(asked_of(1, 0), "Content-Type"),
              "application/x-www-form-urlencoded");
    check_str(field(asked_of(1, 0), "Content-Length"), "7");
    check_str(body_of(asked_of(1, 0)), "a=b&c=d");
    check_str(line_of(asked_of(1, 1)), "POST / HTTP/1.1");
    check_str(field(asked_of(1, 1), "Content-Length"), "0");
    stop();
}

/* Lines that are asked for, by what stands behind the host. */
TEST(request, targets)
{
    static const char *const script[] = {
        "HTTP/1.1 204 A\r\n\r\n", "HTTP/1.1 204 A\r\n\r\n",
        "HTTP/1.1 204 A\r\n\r\n", "HTTP/1.1 204 A\r\n\r\n",
        "HTTP/1.1 204 A\r\n\r\n", NULL};
    static const char *const rows[][2] = {
        {"http://127.0.0.1:$1", "GET / HTTP/1.1"},
        {"http://127.0.0.1:$1?q", "GET /?q HTTP/1.1"},
        {"http://127.0.0.1:$1#f", "GET / HTTP/1.1"},
        {"HTTP://127.0.0.1:0$1/a?", "GET /a? HTTP/1.1"},
        {"http://127.0.0.1:$1/\xc3\xa4?\xc3\xb6%41;'|",
         "GET /%C3%A4?%C3%B6%41;'| HTTP/1.1"}};

    start(script, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ends_with_body(get(rows[i][0]), "");
        check_str(line_of(asked_of(1, i)), rows[i][1]);
    }
    stop();
}

/* What Python's urlopen refuses, and what is refused here alone. */
static const struct {
    const char *url;
    int kind;
    const char *text;
} bad_urls[] = {
    {"", SOCK_E_VALUE, "urlopen: unknown url type: ''"},
    {"foo", SOCK_E_VALUE, "urlopen foo: unknown url type: 'foo'"},
    {"/a", SOCK_E_VALUE, "urlopen /a: unknown url type: '/a'"},
    {"//h/", SOCK_E_VALUE, "urlopen //h/: unknown url type: '//h/'"},
    {"gopher://h/", SOCK_E_VALUE,
     "urlopen gopher://h/: unknown url type: gopher"},
    {"u:secret@h/", SOCK_E_VALUE, "urlopen u:h/: unknown url type: u"},
    /* What is no scheme, and longer than what is shown of one. */
    {"a_234567890123456789012345678901234567890123456789012345678901234://"
     "u:secret@h/",
     SOCK_E_VALUE, "urlopen h/: unknown url type: 'h/'"},
    {"http://u:secret@h\u2100/", SOCK_E_VALUE,
     "urlopen http://h\u2100/: netloc 'h\u2100' contains invalid characters "
     "under "
     "NFKC normalization"},
    {"http://u:sec/ret@h/", SOCK_E_VALUE,
     "urlopen http://h/: Port could not be cast to integer value"},
    {"ftp:///a", SOCK_E_VALUE, "urlopen ftp:///a: no host given"},
    {"ftp://h:0/", SOCK_E_VALUE, "urlopen ftp://h:0/: port must be 1-65535."},
    {"http:", SOCK_E_VALUE, "urlopen http:: no host given"},
    {"http:///a", SOCK_E_VALUE, "urlopen http:///a: no host given"},
    {"http://:80/", SOCK_E_VALUE, "urlopen http://:80/: no host given"},
    {"http://h:0/", SOCK_E_VALUE, "urlopen http://h:0/: port must be 1-65535."},
    {"http://h:65536/", SOCK_E_VALUE,
     "urlopen http://h:65536/: Port out of range 0-65535"},
    {"http://h/a b", SOCK_E_VALUE,
     "urlopen http://h/a b: URL can't contain control characters"},
    {"http://h/\r\nX: y", SOCK_E_VALUE,
     "urlopen http://h/??X: y: URL can't contain control characters"},
    {"http://h\t/", SOCK_E_VALUE,
     "urlopen http://h?/: URL can't contain control characters"},
    {"http://h/\x7f", SOCK_E_VALUE,
     "urlopen http://h/?: URL can't contain control characters"},
    {"http://h/a\\b", SOCK_E_VALUE,
     "urlopen http://h/a\\b: URL can't contain a backslash"},
    {"http://h/?a\\b", SOCK_E_VALUE,
     "urlopen http://h/?a\\b: URL can't contain a backslash"},
    {"http://a\\b/", SOCK_E_VALUE,
     "urlopen http://a\\b/: host has a character that no name has"},
    {"http://good\\@evil/", SOCK_E_VALUE,
     "urlopen http://evil/: URL can't contain a backslash"},
    {"http://u:secret@h@i/", SOCK_E_VALUE,
     "urlopen http://i/: user and password have an '@' that is not quoted"},
    {"http://u:%00secret@h/", SOCK_E_VALUE,
     "urlopen http://h/: user or password with %00"},
    {"http://0x7f.1/", SOCK_E_VALUE,
     "urlopen http://0x7f.1/: host is neither a name nor an address"},
    {"http://127.1/", SOCK_E_VALUE,
     "urlopen http://127.1/: host is neither a name nor an address"},
    {"http://2130706433/", SOCK_E_VALUE,
     "urlopen http://2130706433/: host is neither a name nor an address"},
    {"http://[::1/", SOCK_E_VALUE, "urlopen http://[::1/: Invalid IPv6 URL"},
};

TEST(request, urls_that_cannot_be)
{
    no_proxies();
    for (size_t i = 0; i < sizeof bad_urls / sizeof bad_urls[0]; i++)
        check_null(sock_urlopen(bad_urls[i].url, NULL, 0, 10), bad_urls[i].kind,
                   0, bad_urls[i].text);
    check_null(sock_urlrequest_new("foo"), SOCK_E_VALUE, 0,
               "Request foo: unknown url type: 'foo'");
}

TEST(request, arguments_that_are_not_there)
{
    sock_urlrequest_t *q = check_made(sock_urlrequest_new("http://h/"));
    const char *text = "urlopen: argument is NULL";

    check_null(sock_urlopen(NULL, NULL, 0, 1), SOCK_E_TYPE, 0, text);
    check_null(sock_urlopen("http://h/", NULL, 1, 1), SOCK_E_TYPE, 0,
               "urlopen: buffer is NULL");
    check_null(sock_opener_open(NULL, NULL, 1), SOCK_E_TYPE, 0, text);
    check(sock_http_geturl(NULL) == NULL);
    check_fails(-1, SOCK_E_TYPE, 0, "geturl: argument is NULL");
    text = "Request: argument is NULL";
    check_null(sock_urlrequest_new(NULL), SOCK_E_TYPE, 0, text);
    check_fails(sock_urlrequest_data(NULL, "", 0), SOCK_E_TYPE, 0, text);
    check_fails(sock_urlrequest_data(q, NULL, 1), SOCK_E_TYPE, 0,
                "Request: buffer is NULL");
    check_fails(sock_urlrequest_data(q, "", SIZE_MAX), SOCK_E_VALUE, 0,
                "Request: size is too large");
    check_fails(sock_urlrequest_file(NULL, stdin, 0), SOCK_E_TYPE, 0, text);
    check_fails(sock_urlrequest_file(q, NULL, 0), SOCK_E_TYPE, 0, text);
    check_fails(sock_urlrequest_file(q, stdin, -2), SOCK_E_VALUE, 0,
                "Request: length must be -1 or more");
    check_fails(sock_urlrequest_method(NULL, "GET"), SOCK_E_TYPE, 0, text);
    check_fails(sock_urlrequest_method(q, NULL), SOCK_E_TYPE, 0, text);
    check_fails(sock_urlrequest_add_header(NULL, "a", "b"), SOCK_E_TYPE, 0,
                text);
    check_fails(sock_urlrequest_add_header(q, NULL, "b"), SOCK_E_TYPE, 0, text);
    check_fails(sock_urlrequest_add_header(q, "a", NULL), SOCK_E_TYPE, 0, text);
    errno = 1234;
    sock_urlrequest_free(NULL);
    sock_urlrequest_free(q);
    check_int(errno, 1234);
}

TEST(request, what_ends_a_line)
{
    sock_urlrequest_t *q = check_made(sock_urlrequest_new("http://h/"));

    check_fails(sock_urlrequest_method(q, "GE T"), SOCK_E_VALUE, 0,
                "Request: method must be a token. 'GE T' (found at least ' ')");
    check_fails(sock_urlrequest_method(q, "G\r\nX"), SOCK_E_VALUE, 0,
                "Request: method can't contain control characters. 'G\\r\\nX' "
                "(found at least '\\r')");
    check_fails(sock_urlrequest_method(q, "CONNECT"), SOCK_E_VALUE, 0,
                "Request: CONNECT is for proxies, and made by itself");
    check_fails(sock_urlrequest_add_header(q, "A b", "c"), SOCK_E_VALUE, 0,
                "Request: Invalid header name b'A b'");
    check_fails(sock_urlrequest_add_header(q, "A", "b\r\nC: d"), SOCK_E_VALUE,
                0, "Request: Invalid header value b'b\\r\\nC: d'");
    check_fails(sock_urlrequest_add_header(q, "A", "b\r\n c"), SOCK_E_VALUE, 0,
                "Request: Invalid header value b'b\\r\\n c'");
    sock_urlrequest_free(q);
}

TEST(request, times_that_cannot_be)
{
    check_null(sock_urlopen("http://h/", NULL, 0, 0), SOCK_E_VALUE, 0,
               "urlopen http://h/: Non-blocking socket (timeout=0) is not "
               "supported");
    check_null(sock_urlopen("http://h/", NULL, 0, (double)NAN), SOCK_E_VALUE, 0,
               "urlopen http://h/: Invalid value NaN (not a number)");
    check_null(sock_urlopen("http://h/", NULL, 0, -2), SOCK_E_VALUE, 0,
               "urlopen http://h/: Timeout value out of range");
}

/* Requests */

TEST(request, a_request_of_ones_own)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL};

    start(script, NULL);
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    char data[] = "data";
    check_ok(sock_urlrequest_data(q, data, 4));
    memset(data, 'X', 4);
    check_ok(sock_urlrequest_method(q, "PUT"));
    check_ok(sock_urlrequest_add_header(q, "X-One", "1"));
    check_ok(sock_urlrequest_add_header(q, "x-one", "2"));
    check_ok(sock_urlrequest_add_header(q, "User-agent", "mine"));
    check_ok(sock_urlrequest_add_header(q, "Content-Type", "text/plain"));
    check_ok(sock_urlrequest_add_header(q, "Host", "other.example"));
    check_ok(sock_urlrequest_add_header(q, "Connection", "keep-alive"));
    check_ok(sock_urlrequest_add_header(q, "Proxy-Authorization", "secret"));
    check_ok(sock_urlrequest_add_header(q, "Authorization", "Bearer x"));
    ends_with_body(sock_opener_open(NULL, q, 10), "");
    check_str(asked_of(1, 0), "PUT /x HTTP/1.1\r\n"
                              "Host: other.example\r\n"
                              "Accept-Encoding: identity\r\n"
                              "Content-Length: 4\r\n"
                              "x-one: 2\r\n"
                              "User-agent: mine\r\n"
                              "Content-Type: text/plain\r\n"
                              "Authorization: Bearer x\r\n"
                              "Connection: close\r\n\r\ndata");
    /* It can be used again, and changed. */
    check_ok(sock_urlrequest_data(q, NULL, 0));
    check_ok(sock_urlrequest_method(q, "DELETE"));
    ends_with_body(sock_opener_open(NULL, q, 10), "");
    check_str(line_of(asked_of(1, 1)), "DELETE /x HTTP/1.1");
    check(!has_field(asked_of(1, 1), "Content-Length"));
    sock_urlrequest_free(q);
    stop();
}

TEST(request, a_body_of_a_file)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL};
    FILE *file = check_made(tmpfile());

    fputs("skipped body", file);
    fseek(file, 8, SEEK_SET);
    start(script, NULL);
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    check_ok(sock_urlrequest_file(q, file, 4));
    ends_with_body(sock_opener_open(NULL, q, 10), "");
    check_str(line_of(asked_of(1, 0)), "POST /x HTTP/1.1");
    check_str(field(asked_of(1, 0), "Content-Length"), "4");
    check_str(body_of(asked_of(1, 0)), "body");
    sock_urlrequest_free(q);
    stop();
    fclose(file);
}

/* Statuses */

TEST(request, statuses)
{
    static const char *const script[] = {
        "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone",
        "HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\n\r\n",
        "HTTP/1.1 300 Multiple Choices\r\nLocation: /\r\n"
        "Content-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 407 Proxy Authentication Required\r\n"
        "Proxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
        NULL};
    static const struct {
        int code;
        const char *text;
    } rows[] = {
        {404, "urlopen http://127.0.0.1:$1/x: HTTP Error 404: Not Found"},
        {500, "urlopen http://127.0.0.1:$1/x: HTTP Error 500: "},
        {304, "urlopen http://127.0.0.1:$1/x: HTTP Error 304: Not Modified"},
        {300,
         "urlopen http://127.0.0.1:$1/x: HTTP Error 300: Multiple Choices"},
        {302, "urlopen http://127.0.0.1:$1/x: HTTP Error 302: Found"},
        {0, NULL},
        {407, "urlopen http://127.0.0.1:$1/x: HTTP Error 407: Proxy "
              "Authentication Required"}};

    start(script, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == 0)
            ends_with_body(get("/x"), "x");
        else
            open_fails(get("http://u:secret@127.0.0.1:$1/x#f"), SOCK_E_REPLY,
                       rows[i].code, rows[i].text);
    }
    stop();
}

TEST(request, any_status)
{
    static const char *const script[] = {
        "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone",
        "HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\n"
        "Content-Length: 4\r\n\r\nhere",
        NULL};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_set_redirects(o, 10, SOCK_OPENER_ANY_STATUS));
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    sock_http_response_t *r = check_made(sock_opener_open(o, q, 10));
    check_int(sock_http_status(r), 404);
    check_str(sock_http_reason(r), "Not Found");
    ends_with_body(r, "gone");
    errno = 1234;
    r = check_made(sock_opener_open(o, q, 10));
    check_int(errno, 1234);
    check_int(sock_http_status(r), 302);
    ends_with_body(r, "here");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

/* What has become another protocol is no one else's. */
TEST(request, another_protocol)
{
    static const char *const script[] = {
        "HTTP/1.1 101 Switching\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", NULL};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    check_ok(sock_urlrequest_add_header(q, "Upgrade", "x"));
    open_fails(sock_opener_open(o, q, 10), SOCK_E_REPLY, 101,
               "urlopen http://127.0.0.1:$1/x: HTTP Error 101: Switching");
    check_ok(sock_opener_set_redirects(o, 10, SOCK_OPENER_ANY_STATUS));
    sock_http_response_t *r = check_made(sock_opener_open(o, q, 10));
    check_int(sock_http_status(r), 101);
    ends_with_body(r, "");
    ends_with_body(sock_opener_open(o, q, 10), "x");
    check_int(script_servers[0]->connections, 3);
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

/* Failures below */

TEST(request, no_one_there)
{
    sock_addr_t address;
    char text[128];

    no_proxies();
    sock_t *holder = unused_port(&address);
    snprintf(text, sizeof text, "http://u:secret@127.0.0.1:%d/a?b#c",
             sock_addr_port(&address));
    sock_http_response_t *r = sock_urlopen(text, NULL, 0, 10);
    snprintf(text, sizeof text,
             "urlopen http://127.0.0.1:%d/a?b ('127.0.0.1', %d): [Errno 111] "
             "Connection refused",
             sock_addr_port(&address), sock_addr_port(&address));
    check_null(r, SOCK_E_OS, ECONNREFUSED, text);
    sock_free(holder);
}

TEST(request, no_such_host)
{
    no_proxies();
    check(sock_urlopen("http://no-such-host.invalid/", NULL, 0, 10) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_GAI);
    check_that(strncmp(error_text(),
                       "urlopen http://no-such-host.invalid/: ", 38) == 0,
               "%s", error_text());
}

TEST(request, peers_that_break_off)
{
    static const char *const script[] = {"!", "!HTTP/1.1 200 OK\r\nA",
                                         "!nonsense\r\n\r\n", NULL};
    start(script, NULL);
    open_fails(get("/"), SOCK_E_EOF, 0,
               "urlopen http://127.0.0.1:$1/: Remote end closed connection "
               "without response");
    check(get("/") == NULL);
    check_int(sock_last_error()->kind, SOCK_E_EOF);
    check(get("/") == NULL);
    check_int(sock_last_error()->kind, SOCK_E_PROTOCOL);
    stop();
}

TEST(request, https_without_tls)
{
    static const char *const script[] = {NULL};
    start(script, NULL);
    open_fails(get("https://127.0.0.1:$1/"), SOCK_E_UNSUPPORTED, 0,
               "urlopen https://127.0.0.1:$1/: TLS needs sock_ssl_init() of "
               "libpysockc-ssl, or a context of it");
    stop();
}

/* Times */

TEST(request, the_longest_time)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", NULL};
    start(script, NULL);
    ends_with_body(sock_urlopen(url("/"), NULL, 0, 9223372036.0), "x");
    stop();
}

/* A head that comes a byte at a time is over when the time is, in all. */
TEST(request, the_time_of_all)
{
    static const char *const script[] = {
        "~HTTP/1.1 200 OK\r\nX: "
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "012345678901234567890123456789012345678901234567890123456789012345678"
        "9",
        NULL};

    start(script, NULL);
    double begin = now();
    open_fails(sock_urlopen(url("/"), NULL, 0, 0.5), SOCK_E_TIMEOUT, 0,
               "urlopen http://127.0.0.1:$1/ ('127.0.0.1', $1): timed out");
    check(now() - begin >= 0.5);
    check(now() - begin < 5);
    stop();
}

/* Redirects share it. */
TEST(request, the_time_of_a_chain)
{
    static const char *const script[] = {
        "~HTTP/1.1 302 A\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
        "~HTTP/1.1 302 A\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
        "~HTTP/1.1 302 A\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", NULL};

    start(script, NULL);
    double begin = now();
    check(sock_urlopen(url("/"), NULL, 0, 2) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check(now() - begin >= 2);
    check(now() - begin < 7);
    stop();
}

/* Once it is open each read has it anew: a body may take longer in all. */
TEST(request, the_time_of_a_read)
{
    static const char *const script[] = {
        "~HTTP/1.1 200 A\r\n\r\n"
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "012345678901234567890123456789012345678901234567890123456789012345678"
        "9",
        NULL};
    char buf[16];

    start(script, NULL);
    sock_http_response_t *r = check_made(sock_urlopen(url("/"), NULL, 0, 1.5));
    double begin = now();
    size_t n = 0;
    while (n < 100) {
        ssize_t got = sock_http_read(r, buf, sizeof buf);
        check(got > 0);
        n += (size_t)got;
    }
    check(now() - begin > 1.5);
    while (sock_http_read(r, buf, sizeof buf) > 0)
        ;
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    sock_http_response_free(r);
    stop();
}

TEST(request, a_peer_that_is_silent)
{
    struct silent peer = silent_peer();
    char text[64];

    no_proxies();
    snprintf(text, sizeof text, "http://127.0.0.1:%d/",
             sock_addr_port(&peer.address));
    double begin = now();
    check(sock_urlopen(text, NULL, 0, 0.3) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_TIMEOUT);
    check(now() - begin >= 0.3);
    check(now() - begin < 5);
    free_silent(&peer);
}

/* Openers */

TEST(request, connections_are_used_again)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\nb\r\n0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: "
        "4\r\n\r\nhere",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nc",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nd",
        NULL};
    static const char *const bodies[] = {"a", "b", "c", "d"};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    for (size_t i = 0; i < 4; i++)
        ends_with_body(sock_opener_open(o, q, 10), bodies[i]);
    check_int(script_servers[0]->connections, 2);
    check(!has_field(asked_of(1, 0), "Connection"));
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

/* A connection that its peer has ended is not tried. */
TEST(request, connections_that_have_ended)
{
    static const char *const script[] = {
        "!HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
        "!HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb", NULL};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    check_ok(sock_urlrequest_data(q, "x", 1));
    ends_with_body(sock_opener_open(o, q, 10), "a");
    check_int(sem_wait(&script_servers[0]->ended), 0);
    ends_with_body(sock_opener_open(o, q, 10), "b");
    check_int(script_servers[0]->connections, 2);
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

/* One that ends while it is asked: what may be done twice is asked again. */
TEST(request, connections_that_end_as_they_are_used)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
        "!",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb",
        "!",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nc",
        "!HTTP/1.1 2",
        NULL};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    ends_with_body(sock_opener_open(o, q, 10), "a");
    ends_with_body(sock_opener_open(o, q, 10), "b");
    check_ok(sock_urlrequest_data(q, "x", 1));
    open_fails(sock_opener_open(o, q, 10), SOCK_E_EOF, 0,
               "urlopen http://127.0.0.1:$1/x: Remote end closed connection "
               "without response");
    check_ok(sock_urlrequest_data(q, NULL, 0));
    ends_with_body(sock_opener_open(o, q, 10), "c");
    check(sock_opener_open(o, q, 10) == NULL); /* some of it came */
    check_int(script_servers[0]->count, 6);
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

/* The response may outlive what opened it. */
TEST(request, an_opener_that_ends_first)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", NULL};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    sock_http_response_t *r = check_made(sock_opener_open(o, q, 10));
    sock_opener_free(o);
    sock_urlrequest_free(q);
    ends_with_body(r, "hello");
    sock_opener_free(NULL);
    stop();
}

/* What is freed before it was read leaves its connection, if all is there. */
TEST(request, bodies_that_no_one_reads)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", NULL};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    sock_http_response_free(sock_opener_open(o, q, 10));
    sock_http_response_free(sock_opener_open(o, q, 10));
    ends_with_body(sock_opener_open(o, q, 10), "x");
    check_int(script_servers[0]->count, 3);
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

TEST(request, an_opener_for_all)
{
    static const char *const script[] = {
        "HTTP/1.1 404 A\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 404 A\r\nContent-Length: 1\r\n\r\nb", NULL};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_set_redirects(o, 0, SOCK_OPENER_ANY_STATUS));
    sock_install_opener(o);
    ends_with_body(get("/"), "a");
    sock_install_opener(NULL);
    open_fails(get("/"), SOCK_E_REPLY, 404,
               "urlopen http://127.0.0.1:$1/: HTTP Error 404: A");
    sock_opener_free(o);
    stop();
}

TEST(request, openers_and_their_arguments)
{
    sock_opener_t *o = check_made(sock_opener_new());

    check_fails(sock_opener_add_password(NULL, NULL, "u", "u", "p"),
                SOCK_E_TYPE, 0, "add_password: argument is NULL");
    check_fails(sock_opener_add_password(o, NULL, NULL, "u", "p"), SOCK_E_TYPE,
                0, "add_password: argument is NULL");
    check_fails(sock_opener_add_password(o, NULL, "u", NULL, "p"), SOCK_E_TYPE,
                0, "add_password: argument is NULL");
    check_fails(sock_opener_add_password(o, NULL, "u", "u", NULL), SOCK_E_TYPE,
                0, "add_password: argument is NULL");
    check_fails(sock_opener_add_password(o, NULL, "file:///", "u", "p"),
                SOCK_E_VALUE, 0,
                "add_password: a password is for http and https alone");
    check_fails(sock_opener_add_password(o, NULL, "", "u", "p"), SOCK_E_VALUE,
                0, "add_password: no host given");
    check_fails(sock_opener_set_cookiejar(NULL, NULL), SOCK_E_TYPE, 0,
                "set_cookiejar: argument is NULL");
    check_fails(sock_opener_set_proxy(NULL, NULL, NULL), SOCK_E_TYPE, 0,
                "set_proxy: argument is NULL");
    check_fails(sock_opener_set_proxy(o, NULL, "https://p:1"),
                SOCK_E_UNSUPPORTED, 0,
                "set_proxy: bad proxy: only http:// is offered");
    check_fails(sock_opener_set_proxy(o, NULL, "http://:1"), SOCK_E_VALUE, 0,
                "set_proxy: bad proxy: no host given");
    check_fails(sock_opener_set_proxy(o, "ftp", "http://p:1"), SOCK_E_VALUE, 0,
                "set_proxy: a proxy is for http or https");
    check_fails(sock_opener_set_proxy(o, "", NULL), SOCK_E_VALUE, 0,
                "set_proxy: a proxy is for http or https");
    check_fails(sock_opener_set_redirects(NULL, 1, 0), SOCK_E_TYPE, 0,
                "set_redirects: argument is NULL");
    check_fails(sock_opener_set_redirects(o, -1, 0), SOCK_E_VALUE, 0,
                "set_redirects: max must be 0 or more");
    check_fails(sock_opener_set_redirects(o, 1, 16), SOCK_E_VALUE, 0,
                "set_redirects: flags that there are not");
    check_fails(sock_opener_set_context(NULL, NULL), SOCK_E_TYPE, 0,
                "set_context: argument is NULL");
    check_ok(sock_opener_set_context(o, NULL));
    check_fails(sock_opener_filter(NULL, NULL, NULL), SOCK_E_TYPE, 0,
                "filter: argument is NULL");
    check_ok(sock_opener_filter(o, NULL, NULL));
    sock_opener_free(o);
}

/* Whom may be connected to */

struct seen {
    int count, allow;
    char last[64];
};

static int watch(const sock_addr_t *address, void *arg)
{
    struct seen *seen = arg;
    seen->count++;
    check_ok(sock_addr_host(address, seen->last, sizeof seen->last));
    return seen->count <= seen->allow;
}

TEST(request, a_filter_sees_each_address)
{
    static const char *const script[] = {
        "HTTP/1.1 302 Found\r\nLocation: http://localhost:$1/b\r\n"
        "Connection: close\r\nContent-Length: 0\r\n\r\n",
        NULL};
    struct seen seen = {.allow = 1};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_filter(o, watch, &seen));
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    check(sock_opener_open(o, q, 10) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_OS);
    check_int(sock_last_error()->code, EACCES);
    check(strstr(error_text(), "urlopen http://localhost:") == error_text());
    check(strstr(error_text(), ": [Errno 13] Permission denied") != NULL);
    check(seen.count >= 2);
    check_int(script_servers[0]->count, 1);
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

/* A file has no address that could be asked about. */
TEST(request, a_filter_keeps_from_files)
{
    struct seen seen = {.allow = 1};
    sock_opener_t *o = check_made(sock_opener_new());
    sock_urlrequest_t *q = check_made(sock_urlrequest_new("file:///etc/hosts"));

    sock_http_response_free(check_made(sock_opener_open(o, q, 10)));
    check_ok(sock_opener_filter(o, watch, &seen));
    check_null(sock_opener_open(o, q, 10), SOCK_E_OS, EACCES,
               "urlopen file:///etc/hosts: [Errno 13] Permission denied");
    check_int(seen.count, 0);
    sock_urlrequest_free(q);
    sock_opener_free(o);
}

/* A connection that a filter has not seen is not used with it. */
TEST(request, a_filter_that_comes_late)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb", NULL};
    struct seen seen = {.allow = 0};

    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    sock_http_response_t *r = check_made(sock_opener_open(o, q, 10));
    check_ok(sock_opener_filter(o, watch, &seen));
    ends_with_body(r, "a");
    check(sock_opener_open(o, q, 10) == NULL);
    check_int(sock_last_error()->code, EACCES);
    check_int(seen.count, 1);
    check_ok(sock_opener_filter(o, NULL, NULL));
    ends_with_body(sock_opener_open(o, q, 10), "b");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

/* Cookies */

TEST(request, cookies)
{
    static const char *const script[] = {
        "HTTP/1.1 302 Found\r\nSet-Cookie: a=b\r\nLocation: /c\r\n"
        "Content-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL};

    start(script, NULL);
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_set_cookiejar(o, jar));
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/x")));
    ends_with_body(sock_opener_open(o, q, 10), "");
    check(!has_field(asked_of(1, 0), "Cookie"));
    check_str(field(asked_of(1, 1), "Cookie"), "a=b");
    check_ok(sock_urlrequest_add_header(q, "Cookie", "own=1"));
    ends_with_body(sock_opener_open(o, q, 10), "");
    check_str(field(asked_of(1, 2), "Cookie"), "own=1");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    sock_cookiejar_free(jar);
    stop();
}

/* Threads */

enum { THREADS = 8, TURNS = 40 };

/* A server for any number of connections, each in a thread of its own. */
static sock_t *crowd;

static void *serve_one(void *arg)
{
    sock_t *s = arg;
    char *text = malloc(ASKED);
    while (hear(s, text, true)) {
        if (strstr(text, "/redirect") != NULL)
            say(s, "HTTP/1.1 302 A\r\nLocation: /page\r\n"
                   "Set-Cookie: c=d\r\nContent-Length: 3\r\n\r\nxyz");
        else if (strstr(text, "/secret") != NULL &&
                 !has_field(text, "Authorization"))
            say(s, "HTTP/1.1 401 A\r\nWWW-Authenticate: Digest realm=r, "
                   "nonce=n, qop=auth\r\nContent-Length: 0\r\n\r\n");
        else
            say(s, "HTTP/1.1 200 A\r\nContent-Length: 4\r\n\r\npage");
    }
    free(text);
    sock_free(s);
    return NULL;
}

static void *serve_crowd(void *arg)
{
    pthread_t threads[64];
    int n = 0;
    sock_t *s;

    (void)arg;
    while (n < 64 && (s = sock_accept(crowd, NULL)) != NULL)
        pthread_create(&threads[n++], NULL, serve_one, s);
    while (n > 0)
        pthread_join(threads[--n], NULL);
    return NULL;
}

struct visitor {
    sock_opener_t *opener;
    int port;
};

static void *visit(void *arg)
{
    static const char *const paths[] = {"page", "redirect", "secret"};
    const struct visitor *v = arg;
    char text[64];

    for (int i = 0; i < TURNS; i++) {
        snprintf(text, sizeof text, "http://127.0.0.1:%d/%s", v->port,
                 paths[i % 3]);
        sock_urlrequest_t *q = check_made(sock_urlrequest_new(text));
        ends_with_body(sock_opener_open(v->opener, q, 20), "page");
        sock_urlrequest_free(q);
        if (i % 10 == 0)
            check_ok(sock_opener_set_redirects(v->opener, 10, 0));
    }
    return NULL;
}

TEST(request, an_opener_of_many_threads)
{
    sock_addr_t address;
    pthread_t server, threads[THREADS];
    struct visitor v = {.opener = check_made(sock_opener_new())};
    sock_cookiejar_t *jar = check_made(sock_cookiejar_new());
    char uri[64];

    no_proxies();
    crowd = listener(&address);
    v.port = sock_addr_port(&address);
    snprintf(uri, sizeof uri, "http://127.0.0.1:%d/", v.port);
    check_ok(sock_opener_add_password(v.opener, NULL, uri, "u", "p"));
    check_ok(sock_opener_set_cookiejar(v.opener, jar));
    pthread_create(&server, NULL, serve_crowd, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, visit, &v);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    sock_opener_free(v.opener);
    sock_cookiejar_free(jar);
    sock_shutdown(crowd, SHUT_RDWR);
    pthread_join(server, NULL);
    sock_free(crowd);
}

/* Memory */

TEST(request, memory)
{
    static const char *const script[] = {
        "HTTP/1.1 302 A\r\nLocation: /b\r\nSet-Cookie: a=b\r\n"
        "Content-Length: 0\r\n\r\n",
        "HTTP/1.1 401 A\r\nWWW-Authenticate: Digest realm=r, nonce=n\r\n"
        "Content-Length: 0\r\n\r\n",
        "HTTP/1.1 200 A\r\nAuthentication-Info: nextnonce=m\r\n"
        "Content-Length: 1\r\n\r\nx",
        NULL};
    need_own_memory();

    FOR_EACH_REFUSAL(refused)
    {
        fail_at = 0;
        start(script, NULL);
        const char *text = url("/a"), *root = url("/");
        int n = n_;
        refuse_from(n);
        sock_opener_t *o = sock_opener_new();
        sock_cookiejar_t *jar = o != NULL ? sock_cookiejar_new() : NULL;
        sock_urlrequest_t *q = jar != NULL ? sock_urlrequest_new(text) : NULL;
        sock_http_response_t *r = NULL;
        if (q != NULL && sock_urlrequest_method(q, "GET") == 0 &&
            sock_urlrequest_add_header(q, "X", "y") == 0 &&
            sock_opener_set_cookiejar(o, jar) == 0 &&
            sock_opener_set_proxy(o, NULL, NULL) == 0 &&
            sock_opener_add_password(o, "r", root, "u", "p") == 0)
            r = sock_opener_open(o, q, 10);
        bool failed = was_refused();
        if (r == NULL) {
            check_that(failed, "%d: %s", n, error_text());
            check_that(sock_last_error()->kind == SOCK_E_MEMORY, "%d: %s", n,
                       error_text());
        }
        sock_http_response_free(r);
        sock_urlrequest_free(q);
        sock_opener_free(o);
        sock_cookiejar_free(jar);
        stop();
    }
}
