/* SPDX-License-Identifier: MIT */
#include <pysockc/httpd.h>
#include <pysockc/robots.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int parse(void)
{
    //! [parse]
    const char *text = "User-agent: *\n"
                       "Disallow: /private/\n"
                       "Disallow: /*.pdf$\n"
                       "Allow: /private/press/\n";
    sock_robots_t *r = sock_robots_parse(text, strlen(text));
    static const char *const urls[] = {
        "http://example.org/", "http://example.org/private/",
        "http://example.org/private/press/2026.html",
        "http://example.org/a.pdf"};

    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        int can = sock_robots_can_fetch(r, "ExampleBot", urls[i]);
        printf("%s: %s\n", urls[i], can ? "yes" : "no");
    }
    /* -> http://example.org/: yes
       -> http://example.org/private/: no
       -> http://example.org/private/press/2026.html: yes
       -> http://example.org/a.pdf: no */
    sock_robots_free(r);
    //! [parse]
    return 0;
}

static int delay(void)
{
    const char *text = "User-agent: *\nCrawl-delay: 0.5\n"
                       "Request-rate: 3/15\n";
    sock_robots_t *r = sock_robots_parse(text, strlen(text));
    //! [delay]
    double seconds;
    if (sock_robots_crawl_delay(r, "ExampleBot", &seconds) == 1)
        printf("wait %g s\n", seconds); /* -> wait 0.5 s */

    int n, in;
    if (sock_robots_request_rate(r, "ExampleBot", &n, &in) == 1)
        printf("%d in %d s\n", n, in); /* -> 3 in 15 s */
    //! [delay]
    sock_robots_free(r);
    return 0;
}

static int sitemap(void)
{
    const char *text = "Sitemap: http://example.org/a.xml\n"
                       "Sitemap: http://example.org/b.xml\n";
    sock_robots_t *r = sock_robots_parse(text, strlen(text));
    //! [sitemap]
    const char *url;
    for (size_t i = 0; (url = sock_robots_sitemap(r, i)) != NULL; i++)
        puts(url);
    /* -> http://example.org/a.xml
       -> http://example.org/b.xml */
    //! [sitemap]
    sock_robots_free(r);
    return 0;
}

static int read_from(const char *url)
{
    //! [read]
    sock_robots_t *r = sock_robots_read(url, 10);
    if (r == NULL) {
        sock_perror(NULL);
        return 1;
    }
    printf("status %d\n", sock_robots_status(r)); /* -> status 200 */
    if (!sock_robots_can_fetch(r, "ExampleBot", "/private/"))
        puts("not the private ones"); /* -> not the private ones */
    sock_robots_free(r);
    //! [read]
    return 0;
}

static void do_GET(sock_httpd_request_t *self, void *arg)
{
    sock_httpd_send_response(self, 200, NULL);
    sock_httpd_send_header(self, "Content-Type", "text/plain");
    sock_httpd_end_headers(self);
    sock_httpd_printf(self, "%s", (const char *)arg);
}

static void log_nothing(sock_httpd_request_t *self, const char *line,
                        void *arg)
{
    (void)self, (void)line, (void)arg;
}

static void *serve(void *server)
{
    sock_httpd_serve_forever(server);
    return NULL;
}

static int read_one(void)
{
    static char text[] = "User-agent: *\nDisallow: /private/\n";
    char url[64];
    pthread_t thread;
    sock_addr_t address;
    sock_httpd_t *server = sock_httpd_new("127.0.0.1", 0);

    if (server == NULL || sock_httpd_address(server, &address) == -1)
        return 1;
    sock_httpd_do(server, "GET", do_GET, text);
    sock_httpd_set_log(server, log_nothing, NULL);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/robots.txt",
             sock_addr_port(&address));
    if (pthread_create(&thread, NULL, serve, server) != 0)
        return 1;
    int failed = read_from(url);
    sock_httpd_shutdown(server, 1);
    pthread_join(thread, NULL);
    sock_httpd_free(server);
    return failed;
}

int main(void)
{
    setbuf(stdout, NULL);
    return parse() || delay() || sitemap() || read_one();
}
