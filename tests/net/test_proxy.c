/* SPDX-License-Identifier: MIT */
/* Proxies: whom the environment names, for whom it names none, and requests
 * through them. Links with --wrap. */
#include "script.h"

#include "held.h"
#include "private.h"
#include "proxy.h"
#include "starve.h"

/* Lists */

static const struct {
    const char *list, *host;
    int port;
    bool covers;
} lists[] = {
    {"", "h", 80, false},
    {",", "h", 80, false},
    {"*", "h", 80, true},
    {" * ", "1.2.3.4", 80, true},
    {"a,*", "::1", 80, true},
    {"*.", "h", 80, false},
    {".", "h", 80, false},
    {"example.test", "example.test", 80, true},
    {"example.test", "a.example.test", 80, true},
    {"example.test", "a.b.EXAMPLE.test", 80, true},
    {"example.test", "xexample.test", 80, false},
    {"example.test", "test", 80, false},
    {"example.test", "example.test.org", 80, false},
    {".example.test", "example.test", 80, true},
    {".example.test", "a.example.test", 80, true},
    {"*.example.test", "a.example.test", 80, true},
    {"*example.test", "a.example.test", 80, false},
    {"EXAMPLE.test.", "example.test", 80, true},
    {"example.test", "example.test.", 80, true},
    {" a , example.test ", "example.test", 80, true},
    {"a,,example.test", "example.test", 80, true},
    {"a\texample.test", "example.test", 80, false},
    {"example.test:80", "example.test", 80, true},
    {"example.test:80", "a.example.test", 80, true},
    {"example.test:80", "example.test", 81, false},
    {"example.test:80", "example.test", -1, false},
    {"example.test:", "example.test", 80, false},
    {"example.test:x", "example.test", 80, false},
    {"example.test:080", "example.test", 80, true},
    {"other.test,\texample.test\t", "example.test", 80, true},
    {"localhost", "localhost", 80, true},
    {"127.0.0.1", "127.0.0.1", 80, true},
    {"127.0.0.1:80", "127.0.0.1", 80, true},
    {"127.0.0.1:81", "127.0.0.1", 80, false},
    {"0.0.1", "127.0.0.1", 80, false},
    {"1", "127.0.0.1", 80, false},
    {"127.0.0.1", "a.127.0.0.1", 80, true}, /* which is a name */
    {"10.0.0.0/8", "10.255.255.255", 80, true},
    {"10.0.0.0/8", "11.0.0.0", 80, false},
    {"10.1.2.3/8", "10.9.9.9", 80, true},
    {"10.0.0.0/8", "10.example.test", 80, false},
    {"192.168.0.0/23", "192.168.1.255", 80, true},
    {"192.168.0.0/23", "192.168.2.0", 80, false},
    {"192.168.1.64/26", "192.168.1.127", 80, true},
    {"192.168.1.64/26", "192.168.1.128", 80, false},
    {"0.0.0.0/0", "1.2.3.4", 80, true},
    {"0.0.0.0/0", "::1", 80, false},
    {"1.2.3.4/32", "1.2.3.4", 80, true},
    {"1.2.3.4/32", "1.2.3.5", 80, false},
    {"1.2.3.4/31", "1.2.3.5", 80, true},
    {"1.2.3.4/33", "1.2.3.4", 80, false},
    {"1.2.3.4/", "1.2.3.4", 80, false},
    {"1.2.3.4/-1", "1.2.3.4", 80, false},
    {"1.2.3.4/ 8", "1.2.3.4", 80, false},
    {"1.2.3/8", "1.2.3.4", 80, false},
    {"/8", "1.2.3.4", 80, false},
    {"1.2.3.4/99999999999999999999", "1.2.3.4", 80, false},
    {"::1", "::1", 80, true},
    {"::1", "[::1]", 80, true},
    {"[::1]", "::1", 80, true},
    {"[::1]:80", "::1", 80, true},
    {"[::1]:81", "::1", 80, false},
    {"[::1]x", "::1", 80, false},
    {"[::1", "::1", 80, false},
    {"0:0::0:1", "::1", 80, true},
    {"::1", "::2", 80, false},
    {"fe80::/10", "fe80::1%eth0", 80, true},
    {"fe80::/10", "febf::1", 80, true},
    {"fe80::/10", "fec0::1", 80, false},
    {"[fd00::]/8", "fd12::1", 80, true},
    {"fd00::/8", "fe12::1", 80, false},
    {"::/0", "::1", 80, true},
    {"::/0", "1.2.3.4", 80, false},
    {"::1/128", "::1", 80, true},
    {"::1/129", "::1", 80, false},
    {"1.2.3.4", "::ffff:1.2.3.4", 80, true},
    {"1.2.3.0/24", "::ffff:1.2.3.4", 80, true},
    {"::ffff:1.2.3.4", "1.2.3.4", 80, true},
    {"1.2.3.4%eth0", "1.2.3.4", 80, false},
    {"::/0", "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111", 80, false},
};

TEST(proxy, lists)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        check_that(sock__proxy_covers(lists[i].list, lists[i].host,
                                      lists[i].port) == lists[i].covers,
                   "%s of %s", lists[i].host, lists[i].list);
        no_proxies();
        setenv("no_proxy", lists[i].list, 1);
        check_int(sock_proxy_bypass(lists[i].host, lists[i].port),
                  lists[i].covers);
    }
    no_proxies();
    check_int(sock_proxy_bypass("h", 80), 0);
    setenv("NO_PROXY", "h", 1);
    check_int(sock_proxy_bypass("h", 80), 1);
    check_int(sock_proxy_bypass("", 80), 0);
    check_fails(sock_proxy_bypass(NULL, 80), SOCK_E_TYPE, 0,
                "proxy_bypass: argument is NULL");
}

/* The environment */

static void gives(const char *scheme, const char *text)
{
    char buf[64];
    check_int(sock_getproxies(scheme, buf, sizeof buf), strlen(text));
    check_str(buf, text);
}

TEST(proxy, environment)
{
    char buf[4];

    no_proxies();
    gives("http", "");
    setenv("HTTP_PROXY", "upper", 1);
    gives("http", "upper");
    gives("HTTP", "upper");
    setenv("http_proxy", "lower", 1);
    gives("http", "lower");
    setenv("http_proxy", "", 1);
    gives("http", "");
    setenv("HTTPS_PROXY", "secure", 1);
    gives("https", "secure");
    setenv("FTP_PROXY", "", 1);
    gives("ftp", "");
    setenv("A|Z~_PROXY", "no letters", 1); /* they have no upper case */
    gives("a|z~", "no letters");
    unsetenv("A|Z~_PROXY");
    check_int(sock_getproxies("https", NULL, 0), 6);
    check_int(sock_getproxies("https", buf, sizeof buf), 6);
    check_str(buf, "");
    gives("ftp", "");
}

/* CVE-2016-1000110 */
TEST(proxy, environment_of_a_script)
{
    no_proxies();
    setenv("REQUEST_METHOD", "", 1);
    setenv("HTTP_PROXY", "of the client", 1);
    gives("http", "");
    gives("HTTP", "");
    setenv("http_proxy", "own", 1);
    gives("http", "own");
    setenv("HTTPS_PROXY", "own, too", 1);
    gives("https", "own, too");
    no_proxies();
}

TEST(proxy, schemes_that_cannot_be)
{
    char buf[8];

    check_fails(sock_getproxies(NULL, buf, sizeof buf), SOCK_E_TYPE, 0,
                "getproxies: argument is NULL");
    check_fails(sock_getproxies("", buf, sizeof buf), SOCK_E_VALUE, 0,
                "getproxies: not a URL's scheme");
    check_fails(sock_getproxies("a b", buf, sizeof buf), SOCK_E_VALUE, 0,
                "getproxies: not a URL's scheme");
    check_fails(sock_getproxies("a=b", buf, sizeof buf), SOCK_E_VALUE, 0,
                "getproxies: not a URL's scheme");
    check_fails(
        sock_getproxies("abcdefghijabcdefghijabcdefghijabc", buf, sizeof buf),
        SOCK_E_VALUE, 0, "getproxies: not a URL's scheme");
    gives("abcdefghijabcdefghijabcdefghijab", "");
    check_fails(sock_getproxies("http", NULL, 1), SOCK_E_TYPE, 0,
                "getproxies: buffer is NULL");
}

/* What names a proxy */

TEST(proxy, texts)
{
    static const struct {
        const char *text, *host;
        int port;
        const char *user, *password;
    } rows[] = {
        {"p", "p", 80, NULL, NULL},
        {"p:3128", "p", 3128, NULL, NULL},
        {"//p:3128/", "p", 3128, NULL, NULL},
        {"http://p:3128/x?y#z", "p", 3128, NULL, NULL},
        {"http://u:p%40w@p", "p", 80, "u", "p@w"},
        {"u@p:1", "p", 1, "u", ""},
        {"[::1]:8080", "::1", 8080, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sock__locator *t =
            check_made(sock__proxy_new("x", rows[i].text));
        check_str(t->host, rows[i].host);
        check_int(t->port, rows[i].port);
        check_that((t->user == NULL) == (rows[i].user == NULL), "%s",
                   rows[i].text);
        if (t->user != NULL) {
            check_str(t->user, rows[i].user);
            check_str(t->password, rows[i].password);
        }
        sock__locator_free(t);
    }
}

TEST(proxy, texts_of_none)
{
    static const struct {
        const char *text;
        int kind;
        const char *words;
    } rows[] = {
        {"", SOCK_E_VALUE, "x: bad proxy: no host given"},
        {"http://", SOCK_E_VALUE, "x: bad proxy: no host given"},
        {"http://u:secret@h\u2100", SOCK_E_VALUE,
         "x: bad proxy: netloc 'h\u2100' contains invalid characters under "
         "NFKC "
         "normalization"},
        {"p:x", SOCK_E_VALUE, NULL},
        {"https://p", SOCK_E_UNSUPPORTED,
         "x: bad proxy: only http:// is offered"},
        {"file:///p", SOCK_E_VALUE, NULL},
        {"socks5://p", SOCK_E_VALUE, "x: bad proxy: unknown url type: socks5"},
        {"p\r\n", SOCK_E_VALUE,
         "x: bad proxy: URL can't contain control characters"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].words != NULL)
            check_null(sock__proxy_new("x", rows[i].text), rows[i].kind, 0,
                       rows[i].words);
        else
            check(sock__proxy_new("x", rows[i].text) == NULL);
    }
}

TEST(proxy, memory)
{
    need_own_memory();
    FOR_EACH_REFUSAL(refused)
    {
        struct sock__locator *t = sock__proxy_new("x", "http://u:p@h:1/");
        check_that((t == NULL) == was_refused(), "%s", error_text());
        if (t == NULL)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        sock__locator_free(t);
    }
    sock_opener_t *o = check_made(sock_opener_new());
    FOR_EACH_REFUSAL(refused)
    {
        int result = sock_opener_set_proxy(o, "http", "http://h:1/");
        check_int(result, was_refused() ? -1 : 0);
        if (result == -1)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
    }
    sock_opener_free(o);
}

/* Through one. Server 1 is the proxy, server 2 no one may ask. */

static const char *const no_script[] = {NULL};

static sock_http_response_t *get(const char *text)
{
    return sock_urlopen(url(text), NULL, 0, 10);
}

static void set_proxy(const char *name, const char *text)
{
    setenv(name, url(text), 1);
}

TEST(proxy, of_the_environment)
{
    static const char *const script[] = {
        "HTTP/1.1 200 A\r\nContent-Length: 5\r\n\r\nproxy",
        "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", NULL};

    start(script, no_script, NULL);
    set_proxy("http_proxy", "http://127.0.0.1:$1");
    sock_http_response_t *r = check_made(get("http://some.example/a?b#c"));
    check_str(sock_http_geturl(r), "http://some.example/a?b#c");
    ends_with_body(r, "proxy");
    check_str(asked_of(1, 0), "GET http://some.example/a?b HTTP/1.1\r\n"
                              "Host: some.example\r\n"
                              "Accept-Encoding: identity\r\n"
                              "User-Agent: pysockc/0.3.0\r\n"
                              "Connection: close\r\n\r\n");
    check_null(get("http://some.example:8080/"), SOCK_E_REPLY, 404,
               "urlopen http://some.example:8080/: HTTP Error 404: No");
    check_str(line_of(asked_of(1, 1)),
              "GET http://some.example:8080/ HTTP/1.1");
    no_proxies();
    stop();
}

TEST(proxy, bypassed)
{
    static const char *const script[] = {
        "HTTP/1.1 200 A\r\nContent-Length: 2\r\n\r\nme", NULL};

    start(no_script, script, NULL);
    set_proxy("http_proxy", "http://127.0.0.1:$1");
    setenv("no_proxy", "127.0.0.0/8", 1);
    ends_with_body(get("http://127.0.0.1:$2/"), "me");
    check_str(line_of(asked_of(2, 0)), "GET / HTTP/1.1");
    no_proxies();
    stop();
}

TEST(proxy, of_an_opener)
{
    static const char *const script[] = {
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nb", NULL};
    static const char *const direct[] = {
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nc", NULL};

    start(script, direct, NULL);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_set_proxy(o, "HTTP", "127.0.0.1:1"));
    check_ok(sock_opener_set_proxy(o, "http", url("127.0.0.1:$1")));
    sock_urlrequest_t *q = check_made(sock_urlrequest_new("http://a.example/"));
    ends_with_body(sock_opener_open(o, q, 10), "a");
    sock_urlrequest_free(q);
    /* The same connection serves another host. */
    q = check_made(sock_urlrequest_new("http://b.example/"));
    ends_with_body(sock_opener_open(o, q, 10), "b");
    check_int(script_servers[0]->connections, 1);
    sock_urlrequest_free(q);
    check_ok(sock_opener_set_proxy(o, "http", NULL));
    q = check_made(sock_urlrequest_new(url("http://127.0.0.1:$2/")));
    ends_with_body(sock_opener_open(o, q, 10), "c");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    no_proxies();
    stop();
}

TEST(proxy, none_for_all)
{
    static const char *const script[] = {
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nc", NULL};

    start(script, NULL);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_set_proxy(o, NULL, ""));
    sock_urlrequest_t *q = check_made(sock_urlrequest_new(url("/")));
    ends_with_body(sock_opener_open(o, q, 10), "c");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    no_proxies();
    stop();
}

TEST(proxy, that_is_none)
{
    start(no_script, NULL);
    setenv("http_proxy", "http://u:secret@0x7f.1:80", 1);
    open_fails(get("/"), SOCK_E_VALUE, 0,
               "urlopen http://127.0.0.1:$1/: bad proxy: host is neither a "
               "name nor an address");
    no_proxies();
    stop();
}

TEST(proxy, that_is_not_there)
{
    start(no_script, NULL);
    setenv("http_proxy", "no-such-host.invalid", 1);
    check(get("/") == NULL);
    check_int(sock_last_error()->kind, SOCK_E_GAI);
    check_that(strstr(error_text(), "/ no-such-host.invalid: ") != NULL, "%s",
               error_text());
    no_proxies();
    stop();
}

/* Its own password goes along at once, and to it alone. */
TEST(proxy, password)
{
    static const char *const script[] = {
        "HTTP/1.1 302 A\r\nLocation: http://127.0.0.1:$2/\r\n"
        "Connection: close\r\nContent-Length: 0\r\n\r\n",
        NULL};
    static const char *const direct[] = {
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nc", NULL};

    start(script, direct, NULL);
    set_proxy("http_proxy", "http://Aladdin:open%20sesame@127.0.0.1:$1");
    setenv("no_proxy", "127.0.0.1", 1);
    ends_with_body(get("http://some.example/"), "c");
    check_str(field(asked_of(1, 0), "Proxy-Authorization"),
              "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    check(!has_field(asked_of(2, 0), "Proxy-Authorization"));
    no_proxies();
    stop();
}

/* A field of the request's own is the proxy's. */
TEST(proxy, password_of_ones_own)
{
    static const char *const script[] = {
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\na", NULL};

    start(script, NULL);
    set_proxy("http_proxy", "http://127.0.0.1:$1");
    sock_urlrequest_t *q =
        check_made(sock_urlrequest_new("http://some.example/"));
    check_ok(sock_urlrequest_add_header(q, "Proxy-Authorization", "Basic x"));
    ends_with_body(sock_opener_open(NULL, q, 10), "a");
    check_str(field(asked_of(1, 0), "Proxy-Authorization"), "Basic x");
    sock_urlrequest_free(q);
    no_proxies();
    stop();
}

TEST(proxy, password_by_digest)
{
    static const char *const script[] = {
        "HTTP/1.1 407 A\r\nProxy-Authenticate: Digest realm=r, nonce=n\r\n"
        "Content-Length: 0\r\n\r\n",
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 407 A\r\nProxy-Authenticate: Digest realm=r, nonce=m\r\n"
        "Content-Length: 0\r\n\r\n",
        NULL};

    start(script, NULL);
    set_proxy("http_proxy", "http://u:p@127.0.0.1:$1");
    ends_with_body(get("http://h/"), "x");
    const char *answer = field(asked_of(1, 1), "Proxy-Authorization");
    check(strncmp(answer, "Digest username=\"u\", realm=\"r\", ", 32) == 0);
    check(strstr(answer, "uri=\"http://h/\"") != NULL);
    setenv("http_proxy", url("http://127.0.0.1:$1"), 1);
    check_null(get("http://h/"), SOCK_E_REPLY, 407,
               "urlopen http://h/: HTTP Error 407: A");
    no_proxies();
    stop();
}

/* Tunnels. TLS is played by one that changes nothing. */

static char wrapped_for[64], wrapped_alpn[16];

static sock_t *no_wrap(sock_tls_t *tls, sock_t *s,
                       const struct sock__tls_terms *terms)
{
    (void)tls;
    snprintf(wrapped_for, sizeof wrapped_for, "%s", terms->host);
    snprintf(wrapped_alpn, sizeof wrapped_alpn, "%s", terms->alpn);
    return sock__move(s, terms->op);
}

static const struct sock__tls_ops no_tls_ops = {
    .wrap = no_wrap, .hold = hold, .let_go = let_go};
static struct sock_tls no_tls = {&no_tls_ops};

static sock_opener_t *tunnelling(const char *proxy)
{
    sock_opener_t *o = check_made(sock_opener_new());
    check_ok(sock_opener_set_context(o, &no_tls));
    if (proxy != NULL)
        check_ok(sock_opener_set_proxy(o, "https", url(proxy)));
    return o;
}

/* What a request says to its proxy is for no other, and for that one to the
 * end. */
TEST(proxy, passwords_of_ones_own_and_another_proxy)
{
    static const char *const first[] = {
        "HTTP/1.1 302 A\r\nLocation: http://b.example/\r\n"
        "Content-Length: 0\r\n\r\n",
        "HTTP/1.1 302 A\r\nLocation: https://c.example/\r\n"
        "Content-Length: 0\r\n\r\n",
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nx", NULL};
    static const char *const second[] = {
        "HTTP/1.1 200 A\r\n\r\n",
        "HTTP/1.1 302 A\r\nLocation: http://d.example/\r\n"
        "Content-Length: 0\r\n\r\n",
        NULL};
    static const char name[] = "Proxy-Authorization";

    start(first, second, NULL);
    sock_opener_t *o = tunnelling("http://127.0.0.1:$2");
    check_ok(sock_opener_set_proxy(o, "http", url("http://127.0.0.1:$1")));
    check_ok(sock_opener_set_redirects(o, 10, SOCK_OPENER_ALLOW_DOWNGRADE));
    sock_urlrequest_t *q = check_made(sock_urlrequest_new("http://a.example/"));
    check_ok(sock_urlrequest_add_header(q, name, "Basic x"));
    ends_with_body(sock_opener_open(o, q, 10), "x");
    for (size_t i = 0; i < 3; i++)
        check_str(field(asked_of(1, i), name), "Basic x");
    for (size_t i = 0; i < 2; i++)
        check(!has_field(asked_of(2, i), name));
    sock_urlrequest_free(q);
    sock_opener_free(o);
    stop();
}

/* Nor is it for one to which only a redirect led. */
TEST(proxy, passwords_of_ones_own_and_no_proxy)
{
    static const char *const script[] = {
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nx", NULL};
    static const char *const direct[] = {
        "HTTP/1.1 302 A\r\nLocation: http://a.example/\r\n"
        "Content-Length: 0\r\n\r\n",
        NULL};

    start(script, direct, NULL);
    set_proxy("http_proxy", "http://127.0.0.1:$1");
    setenv("no_proxy", "127.0.0.1", 1);
    sock_urlrequest_t *q =
        check_made(sock_urlrequest_new(url("http://127.0.0.1:$2/")));
    check_ok(sock_urlrequest_add_header(q, "Proxy-Authorization", "Basic x"));
    ends_with_body(sock_opener_open(NULL, q, 10), "x");
    check(!has_field(asked_of(1, 0), "Proxy-Authorization"));
    check(!has_field(asked_of(2, 0), "Proxy-Authorization"));
    sock_urlrequest_free(q);
    no_proxies();
    stop();
}

TEST(proxy, no_tunnel)
{
    static const char *const script[] = {
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nx", NULL};

    start(script, NULL);
    sock_opener_t *o = tunnelling(NULL);
    sock_urlrequest_t *q =
        check_made(sock_urlrequest_new(url("https://localhost:$1/a")));
    ends_with_body(sock_opener_open(o, q, 10), "x");
    check_str(line_of(asked_of(1, 0)), "GET /a HTTP/1.1");
    check_str(field(asked_of(1, 0), "Host"), url("localhost:$1"));
    check_str(wrapped_for, "localhost");
    check_str(wrapped_alpn, "http/1.1");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    check_int(tls_holds, 0);
    stop();
}

TEST(proxy, tunnel)
{
    static const char *const script[] = {
        "HTTP/1.1 200 Connection established\r\n\r\n",
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\ny", NULL};

    start(script, NULL);
    sock_opener_t *o = tunnelling("http://u:p@127.0.0.1:$1");
    sock_urlrequest_t *q =
        check_made(sock_urlrequest_new("https://some.example/a"));
    check_ok(sock_urlrequest_add_header(q, "Proxy-Authorization", "secret"));
    check_ok(sock_urlrequest_add_header(q, "Authorization", "own"));
    ends_with_body(sock_opener_open(o, q, 10), "x");
    ends_with_body(sock_opener_open(o, q, 10), "y");
    check_int(script_servers[0]->connections, 1);
    check_str(asked_of(1, 0), "CONNECT some.example:443 HTTP/1.1\r\n"
                              "Host: some.example:443\r\n"
                              "Accept-Encoding: identity\r\n"
                              "User-Agent: pysockc/0.3.0\r\n"
                              "Proxy-Authorization: Basic dTpw\r\n\r\n");
    check_str(asked_of(1, 1), "GET /a HTTP/1.1\r\n"
                              "Host: some.example\r\n"
                              "Accept-Encoding: identity\r\n"
                              "Authorization: own\r\n"
                              "User-Agent: pysockc/0.3.0\r\n\r\n");
    check_str(wrapped_for, "some.example");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    check_int(tls_holds, 0);
    stop();
}

TEST(proxy, tunnel_with_a_password)
{
    static const char *const script[] = {
        "HTTP/1.1 407 A\r\nProxy-Authenticate: Digest realm=r, nonce=n\r\n"
        "Content-Length: 4\r\n\r\npage",
        "HTTP/1.1 200 A\r\n\r\n",
        "HTTP/1.1 200 A\r\nContent-Length: 1\r\n\r\nx", NULL};

    start(script, NULL);
    sock_opener_t *o = tunnelling("http://127.0.0.1:$1");
    check_ok(sock_opener_add_password(o, "r", url("127.0.0.1:$1"), "u", "p"));
    sock_urlrequest_t *q =
        check_made(sock_urlrequest_new("https://[2001:db8::1]:444/a"));
    ends_with_body(sock_opener_open(o, q, 10), "x");
    check_str(line_of(asked_of(1, 1)), "CONNECT [2001:db8::1]:444 HTTP/1.1");
    check(strstr(field(asked_of(1, 1), "Proxy-Authorization"),
                 "uri=\"[2001:db8::1]:444\"") != NULL);
    check(!has_field(asked_of(1, 2), "Proxy-Authorization"));
    sock_urlrequest_free(q);
    sock_opener_free(o);
    check_int(tls_holds, 0);
    stop();
}

/* What a proxy says is never the server's answer. */
TEST(proxy, tunnels_that_are_refused)
{
    static const char *const script[] = {
        "!HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\nx",
        "!HTTP/1.1 302 A\r\nLocation: https://evil.example/\r\n"
        "Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n",
        "!HTTP/1.1 407 A\r\nProxy-Authenticate: Basic realm=r\r\n"
        "Content-Length: 0\r\n\r\n",
        "!HTTP/1.1 101 A\r\n\r\n",
        "!HTTP/1.1 200 A\r\nContent-Length: 5\r\n\r\nearly",
        NULL};

    start(script, NULL);
    sock_opener_t *o = tunnelling("http://127.0.0.1:$1");
    check_ok(sock_opener_set_redirects(o, 10, SOCK_OPENER_ANY_STATUS));
    sock_urlrequest_t *q =
        check_made(sock_urlrequest_new("https://some.example/a"));
    check_null(sock_opener_open(o, q, 10), SOCK_E_REPLY, 403,
               "urlopen https://some.example/a: Tunnel connection failed: 403 "
               "No");
    check_null(sock_opener_open(o, q, 10), SOCK_E_REPLY, 302,
               "urlopen https://some.example/a: Tunnel connection failed: 302 "
               "A");
    check_null(sock_opener_open(o, q, 10), SOCK_E_REPLY, 407,
               "urlopen https://some.example/a: Tunnel connection failed: 407 "
               "A");
    check_null(sock_opener_open(o, q, 10), SOCK_E_PROTOCOL, SOCK_P_ORDER,
               "urlopen https://some.example/a: another protocol that was not "
               "asked for");
    check_null(sock_opener_open(o, q, 10), SOCK_E_PROTOCOL, SOCK_P_ORDER,
               "urlopen https://some.example/a: the proxy sent more than its "
               "answer");
    sock_urlrequest_free(q);
    sock_opener_free(o);
    check_int(tls_holds, 0);
    stop();
}
