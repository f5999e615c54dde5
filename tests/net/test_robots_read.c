/* SPDX-License-Identifier: MIT */
/* Asking sites for their robots.txt: RFC 9309 2.3. Links with --wrap. */
#include "script.h"

#include <math.h>

#include <pysockc/net.h>

#include "starve.h"

#define EMPTY "Content-Length: 0\r\n\r\n"
#define RULES "Content-Length: 25\r\n\r\nUser-agent: *\nDisallow: /\n"

/* Reads it, which neither fails nor touches anything. */
static sock_robots_t *read_url(const char *text)
{
    errno = 1234;
    int kind = sock_last_error()->kind;
    sock_robots_t *r = check_made(sock_robots_read(text, 10));
    check_int(errno, 1234);
    check_int(sock_last_error()->kind, kind);
    return r;
}

static void check_rules(sock_robots_t *r, int status, bool allows)
{
    check_int(sock_robots_status(r), status);
    check_int(sock_robots_can_fetch(r, "x", "/page"), allows);
    check_int(sock_robots_can_fetch(r, "x", "/robots.txt"), 1);
    sock_robots_free(r);
}

TEST(robots_read, rules)
{
    static const char *const script[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 63\r\n\r\n"
        "\xef\xbb\xbfUser-agent: *\r\nDisallow: /x\r\n"
        "Crawl-delay: 2\r\nSitemap: /map\r\n",
        NULL};
    double delay;
    start(script, NULL);
    sock_robots_t *r = read_url(url("/robots.txt"));
    check_int(sock_robots_status(r), 200);
    check_int(sock_robots_can_fetch(r, "a", "/x"), 0);
    check_int(sock_robots_can_fetch(r, "a", "/y"), 1);
    check_int(sock_robots_crawl_delay(r, "a", &delay), 1);
    check_str(sock_robots_sitemap(r, 0), "/map");
    sock_robots_free(r);
    check_str(line_of(asked_of(1, 0)), "GET /robots.txt HTTP/1.1");
    stop();
}

TEST(robots_read, statuses)
{
    static const struct {
        const char *reply;
        int status;
        bool allows;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\n" RULES, 200, false},
        {"HTTP/1.1 200 OK\r\n" EMPTY, 200, true},
        {"HTTP/1.1 203 Other\r\n" RULES, 203, false},
        {"HTTP/1.1 204 Nothing\r\n\r\n", 204, true},
        {"!HTTP/1.0 200 OK\r\n\r\nUser-agent: *\nDisallow: /", 200, false},
        {"HTTP/1.1 300 Many\r\n" RULES, 300, true},
        {"HTTP/1.1 304 Same\r\n\r\n", 304, true},
        {"HTTP/1.1 400 Bad\r\n" RULES, 400, true},
        {"HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"x\"\r\n" RULES,
         401, true},
        {"HTTP/1.1 403 No\r\n" RULES, 403, true},
        {"HTTP/1.1 404 None\r\n" RULES, 404, true},
        {"HTTP/1.1 410 Gone\r\n" RULES, 410, true},
        {"HTTP/1.1 429 Many\r\n" RULES, 429, true},
        {"HTTP/1.1 500 Sick\r\n" EMPTY, 500, false},
        {"HTTP/1.1 503 Sick\r\n" EMPTY, 503, false},
        {"HTTP/1.1 599 Sick\r\n" EMPTY, 599, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const script[] = {rows[i].reply, NULL};
        start(script, NULL);
        check_rules(read_url(url("/robots.txt")), rows[i].status,
                    rows[i].allows);
        stop();
    }
}

TEST(robots_read, redirects)
{
    static const char *const five[] = {
        "HTTP/1.1 301 A\r\nLocation: /1\r\n" EMPTY,
        "HTTP/1.1 302 A\r\nLocation: http://127.0.0.1:$2/2\r\n" EMPTY, NULL};
    static const char *const others[] = {
        "HTTP/1.1 303 A\r\nLocation: /3\r\n" EMPTY,
        "HTTP/1.1 307 A\r\nLocation: 4\r\n" EMPTY,
        "HTTP/1.1 308 A\r\nLocation: /5\r\n" EMPTY, "HTTP/1.1 200 OK\r\n" RULES,
        NULL};
    start(five, others, NULL);
    check_rules(read_url(url("/robots.txt")), 200, false);
    check_str(line_of(asked_of(2, 3)), "GET /5 HTTP/1.1");
    stop();
    static const char *const six[] = {
        "HTTP/1.1 301 A\r\nLocation: /1\r\n" EMPTY,
        "HTTP/1.1 301 A\r\nLocation: /2\r\n" EMPTY,
        "HTTP/1.1 301 A\r\nLocation: /3\r\n" EMPTY,
        "HTTP/1.1 301 A\r\nLocation: /4\r\n" EMPTY,
        "HTTP/1.1 301 A\r\nLocation: /5\r\n" EMPTY,
        "HTTP/1.1 301 A\r\nLocation: /6\r\n" EMPTY,
        NULL};
    start(six, NULL);
    check_rules(read_url(url("/robots.txt")), 301, true);
    check_int(script_servers[0]->count, 6);
    stop();
    static const char *const file[] = {
        "HTTP/1.1 301 A\r\nLocation: file:///etc/passwd\r\n" EMPTY, NULL};
    start(file, NULL);
    check_rules(read_url(url("/robots.txt")), 301, true);
    stop();
}

TEST(robots_read, unreachable)
{
    static const char *const replies[] = {
        "!",
        "!HTTP/1.1 200 OK\r\n",
        "!HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *\n",
        "!HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nUser-",
        "!HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "!220 mail.example ESMTP\r\n",
        "!HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    };
    sock_addr_t address;
    char text[64];
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        const char *const script[] = {replies[i], NULL};
        start(script, NULL);
        check_rules(read_url(url("/robots.txt")), 0, false);
        stop();
    }
    sock_t *held = unused_port(&address);
    snprintf(text, sizeof text, "http://127.0.0.1:%d/robots.txt",
             sock_addr_port(&address));
    check_rules(read_url(text), 0, false);
    sock_free(held);
}

/* The timeout is for all of it, however slowly it comes. */
TEST(robots_read, slow_ones)
{
    static const char *const replies[] = {
        "~HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        "~HTTP/1.1 200 OK\r\nX-Head: of more bytes than there is time for\r\n",
    };
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        const char *const script[] = {replies[i], NULL};
        start(script, NULL);
        double before = now();
        sock_robots_t *r =
            check_made(sock_robots_read(url("/robots.txt"), 0.4));
        check_that(now() - before < 4, "%g s", now() - before);
        check_rules(r, 0, false);
        stop();
    }
}

TEST(robots_read, slow_body)
{
    static const char *const script[] = {
        "~HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nUser-agent: *\n"
        "Allow: /\n######################################################"
        "################################################################",
        NULL};
    start(script, NULL);
    double before = now();
    sock_robots_t *r = check_made(sock_robots_read(url("/robots.txt"), 2));
    check_that(now() - before < 6, "%g s", now() - before);
    check_rules(r, 0, false);
    stop();
}

TEST(robots_read, default_timeout)
{
    static const char *const script[] = {"HTTP/1.1 200 OK\r\n" RULES,
                                         "HTTP/1.1 200 OK\r\n" RULES, NULL};
    start(script, NULL);
    check_rules(
        check_made(sock_robots_read(url("/robots.txt"), SOCK_DEFAULT_TIMEOUT)),
        200, false);
    check_rules(
        check_made(sock_robots_read(url("/robots.txt"), SOCK_NO_TIMEOUT)), 200,
        false);
    stop();
}

/* A server that says the same to everyone, a head and then so many bytes. */
struct repeater {
    sock_t *listener;
    const char *head;
    const char *body;
    size_t size;
    char url[64];
    pthread_t thread;
};

static void *repeat(void *arg)
{
    const struct repeater *v = arg;
    char request[4096];
    sock_t *s;
    while ((s = sock_accept(v->listener, NULL)) != NULL) {
        sock_settimeout(s, 10);
        if (sock_recv(s, request, sizeof request, 0) > 0 &&
            sock_sendall(s, v->head, strlen(v->head), 0) == 0)
            sock_sendall(s, v->body, v->size, 0);
        sock_free(s);
    }
    return NULL;
}

static void begin_repeater(struct repeater *v)
{
    sock_addr_t address;
    no_proxies();
    v->listener = listener(&address);
    snprintf(v->url, sizeof v->url, "http://127.0.0.1:%d/robots.txt",
             sock_addr_port(&address));
    check_int(pthread_create(&v->thread, NULL, repeat, v), 0);
}

static void end_repeater(struct repeater *v)
{
    sock_shutdown(v->listener, SHUT_RDWR);
    pthread_join(v->thread, NULL);
    sock_free(v->listener);
}

/* What is over 500 KiB is not waited for. */
TEST(robots_read, large_ones)
{
    enum { SIZE = 2000000, MOST = 500 * 1024 };
    char *body = malloc(SIZE);
    memset(body, '\n', SIZE);
    memcpy(body, "User-agent: *", 13);
    memcpy(body + MOST - 13, "\nDisallow: /x\n", 14); /* ends just there */
    memcpy(body + MOST + 1, "Disallow: /y", 12);
    struct repeater v = {
        .head = "HTTP/1.1 200 OK\r\n\r\n", .body = body, .size = SIZE};
    begin_repeater(&v);
    sock_robots_t *r = read_url(v.url);
    check_int(sock_robots_can_fetch(r, "a", "/x"), 1);
    check_int(sock_robots_can_fetch(r, "a", "/y"), 1);
    sock_robots_free(r);
    memcpy(body + MOST - 14, "\nDisallow: /x\n", 14);
    r = read_url(v.url);
    check_int(sock_robots_can_fetch(r, "a", "/x"), 0);
    check_int(sock_robots_can_fetch(r, "a", "/y"), 1);
    sock_robots_free(r);
    end_repeater(&v);
    free(body);
}

static int refuse(const sock_addr_t *address, void *arg)
{
    (void)address;
    ++*(int *)arg;
    return 0;
}

/* Python's module opens it by the opener that is installed. */
TEST(robots_read, by_an_installed_opener)
{
    static const char *const script[] = {"HTTP/1.1 404 None\r\n" EMPTY,
                                         "HTTP/1.1 500 Sick\r\n" EMPTY, NULL};
    int asked = 0;
    start(script, NULL);
    sock_opener_t *o = check_made(sock_opener_new());
    sock_install_opener(o);
    check_rules(read_url(url("/robots.txt")), 404, true);
    check_rules(read_url(url("/robots.txt")), 500, false);
    check_ok(sock_opener_filter(o, refuse, &asked));
    check_rules(read_url(url("/robots.txt")), 0, false);
    check_int(asked, 1);
    sock_install_opener(NULL);
    sock_opener_free(o);
    stop();
}

TEST(robots_read, what_is_no_site)
{
    no_proxies();
    check_null(sock_robots_read(NULL, 1), SOCK_E_TYPE, 0,
               "read: argument is NULL");
    check_null(sock_robots_read("/robots.txt", 1), SOCK_E_VALUE, 0,
               "read /robots.txt: not a URL of http or https");
    check_null(sock_robots_read("file:///robots.txt", 1), SOCK_E_VALUE, 0,
               "read file:///robots.txt: not a URL of http or https");
    check_null(sock_robots_read("data:,User-agent: *", 1), SOCK_E_VALUE, 0,
               "read data:,User-agent: *: not a URL of http or https");
    check_null(sock_robots_read("ftp://u:secret@h/", 1), SOCK_E_VALUE, 0,
               "read ftp://h/: not a URL of http or https");
    check(sock_robots_read("http://h:99999/", 1) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_robots_read("http://u:secret@0x7f.1/", 1) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(strstr(error_text(), "secret") == NULL);
    check(sock_robots_read("http://127.0.0.1:1/", -2) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_robots_read("http://127.0.0.1:1/", NAN) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_robots_read("http://127.0.0.1:1/", 0) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_VALUE);
    check(sock_robots_read("http://127.0.0.1:1/", 1e300) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_OVERFLOW);
    check(sock_robots_read("https://127.0.0.1:1/", 1) == NULL);
    check_int(sock_last_error()->kind, SOCK_E_UNSUPPORTED);
    check(strstr(error_text(), "sock_ssl_init()") != NULL);
}

TEST(robots_read, memory_is_refused)
{
    need_own_memory();
    static const char body[] = "User-agent: *\nDisallow: /\nSitemap: x\n";
    struct repeater v = {.head = "HTTP/1.1 200 OK\r\n\r\n",
                         .body = body,
                         .size = sizeof body - 1};
    begin_repeater(&v);
    FOR_EACH_REFUSAL(refused)
    {
        sock_robots_t *r = sock_robots_read(v.url, 10);
        fail_at = 0;
        if (r == NULL)
            check_int(sock_last_error()->kind, SOCK_E_MEMORY);
        else
            check_rules(r, 200, false);
    }
    end_repeater(&v);
}
