/* SPDX-License-Identifier: MIT */
/* For the tests of the modules of the web that generate.py makes: what
 * arguments.h has not. */
#include "arguments.h"

#include <pysockc/net.h>

#include "mail_arguments.h"

/* No program is started, and no form comes from elsewhere. */
__attribute__((constructor)) static void leave_the_world(void)
{
    setenv("PATH", "/nowhere", 1);
    setenv("REQUEST_METHOD", "GET", 1);
    setenv("QUERY_STRING", "a=b", 1);
    unsetenv("BROWSER");
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
}

/* Where no one listens, or nothing is asked of anyone. */
VALUES(const char *, urls, "http://127.0.0.1:1/", "", "data:,x",
       "x:", "http://", "http://127.0.0.1:99999/", "/", "\xff\n", NULL)
VALUES(const char *, paths, "/nowhere/file", "", "/", NULL)
VALUES(const char *, hosts, "127.0.0.1", "", "::1", "a b", NULL)
VALUES(int, ports, 1, 0, -1, 70000, INT_MIN, INT_MAX)
VALUES(int, listening_ports, 0, -1, 70000, INT_MIN, INT_MAX)
VALUES(double, seconds, 1, 0, -0.0, -5, 1e-300, HUGE_VAL, -HUGE_VAL, NAN)
VALUES(size_t, counts, 1, 0, 2, SIZE_MAX)

static inline void handle_no_request(sock_httpd_request_t *self, void *arg)
{
    (void)self, (void)arg;
}
VALUES(sock_httpd_fn, handlers, handle_no_request, NULL)

static inline void log_nothing(sock_httpd_request_t *self, const char *line,
                               void *arg)
{
    (void)self, (void)line, (void)arg;
}
VALUES(sock_httpd_log_fn, logs, log_nothing, NULL)

static inline int check_nobody(const char *user, const char *password,
                               void *arg)
{
    (void)user, (void)password, (void)arg;
    return 0;
}
VALUES(sock_httpd_check_fn, checks, check_nobody, NULL)

static inline int no_secret(const char *user, const char *realm, char *buf,
                            size_t size, void *arg)
{
    (void)user, (void)realm, (void)buf, (void)size, (void)arg;
    return 0;
}
VALUES(sock_httpd_secret_fn, secrets, no_secret, NULL)

static inline int any_suffix(const char *domain, void *arg)
{
    (void)domain, (void)arg;
    return 0;
}
VALUES(sock_suffix_fn, suffixes, any_suffix, NULL)

static inline int any_address(const sock_addr_t *address, void *arg)
{
    (void)address, (void)arg;
    return 0;
}
VALUES(sock_opener_filter_fn, filters, any_address, NULL)

static inline int go_on(int64_t done, int64_t total, void *arg)
{
    (void)done, (void)total, (void)arg;
    return 0;
}
VALUES(sock_reporthook_fn, hooks, go_on, NULL)

/* Good, of another version, none. */
static const sock_http_limits_t http_limits_table[] = {
    {.size = sizeof http_limits_table[0]}, {.size = 1}};
static const sock_httpd_limits_t httpd_limits_table[] = {
    {.size = sizeof httpd_limits_table[0]}, {.size = 1}};
static const sock_form_limits_t form_limits_table[] = {
    {.size = sizeof form_limits_table[0]}, {.size = 1}};
VALUES(const sock_http_limits_t *, http_limits, &http_limits_table[0],
       &http_limits_table[1], NULL)
VALUES(const sock_httpd_limits_t *, httpd_limits, &httpd_limits_table[0],
       &httpd_limits_table[1], NULL)
VALUES(const sock_form_limits_t *, form_limits, &form_limits_table[0],
       &form_limits_table[1], NULL)

static inline const char *const *host_lists(const struct call *c, int i)
{
    static const char *const good[] = {"localhost", "127.0.0.1:80", NULL};
    static const char *const bad[] = {"a b", "", NULL};
    static const char *const empty[] = {NULL};
    static const char *const *const all[] = {good, bad, empty, NULL};
    return all[c->at[i]];
}
enum { count_host_lists = 4 };

/* What a call was given, and clean_net() frees. */
static struct {
    sock_url_t *urls[2];
    sock_query_t *query;
    sock_headers_t *headers;
    sock_cookies_t *cookies;
    sock_cookiejar_t *jar;
    sock_http_t *http;
    sock_http_response_t *response;
    sock_httpd_t *httpd;
    sock_form_t *form;
    sock_robots_t *robots;
    sock_urlrequest_t *request;
    sock_opener_t *opener;
    FILE *file;
    char *data;
} given;

static inline const sock_url_t *url_objects(struct call *c, int i)
{
    static const sock_url_t bare;
    int n = given.urls[0] != NULL;
    if (c->at[i] == 1)
        return &bare;
    if (c->at[i] == 2)
        return NULL;
    return given.urls[n] = check_made(sock_urlsplit("http://u:p@h:80/p?q=1#f"));
}
enum { count_url_objects = 3 };

static inline sock_url_t *urls_of_call(const struct call *c, int i)
{
    if (c->at[i] == 1)
        return NULL;
    return given.urls[0] = check_made(sock_urlsplit("http://h/"));
}
enum { count_urls_of_call = 2 };

static inline sock_query_t *queries(const struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    given.query =
        c->at[i] == 0 ? sock_parse_qs("a=b&c=d", 0, 0) : sock_query_new();
    return check_made(given.query);
}
enum { count_queries = 3 };

static inline sock_headers_t *header_objects(const struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    given.headers = check_made(sock_headers_new());
    if (c->at[i] == 0) {
        check_ok(sock_headers_add(given.headers, "A", "b"));
        check_ok(sock_headers_add(given.headers, "Set-Cookie", "a=b; Path=/"));
    }
    return given.headers;
}
enum { count_header_objects = 3 };

static inline sock_cookies_t *cookie_objects(const struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    given.cookies = check_made(sock_cookies_new());
    if (c->at[i] == 0)
        check_ok(sock_cookies_set(given.cookies, "a", "b"));
    return given.cookies;
}
enum { count_cookie_objects = 3 };

static inline sock_cookiejar_t *jars(const struct call *c, int i)
{
    if (c->at[i] == 1)
        return NULL;
    return given.jar = check_made(sock_cookiejar_new());
}
enum { count_jars = 2 };

static const char page[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nhello";

/* Over a pair whose other end has answered and is gone, and to where no one
 * listens; in that order, and none. */
static inline sock_http_t *connections(struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    if (c->at[i] == 1)
        return given.http = check_made(sock_http_connection("127.0.0.1", 1, 1));
    struct pair p = unix_pair(SOCK_STREAM);
    check_ok(sock_sendall(p.b, page, sizeof page - 1, 0));
    check_ok(sock_shutdown(p.b, SHUT_WR));
    c->peer = p.b;
    return given.http = check_made(sock_http_from(p.a));
}
enum { count_connections = 3 };

static inline sock_http_response_t *responses(struct call *c, int i)
{
    int kind = c->at[i];
    if (kind == 1)
        return NULL;
    connections(c, i);
    check_ok(sock_http_request(given.http, "GET", "/", NULL, 0, NULL));
    return given.response = check_made(sock_http_getresponse(given.http));
}
enum { count_responses = 2 };

/* Which was shut down, so that no call waits for requests. */
static inline sock_httpd_t *web_servers(const struct call *c, int i)
{
    if (c->at[i] == 1)
        return NULL;
    given.httpd = check_made(sock_httpd_new("127.0.0.1", 0));
    check_ok(sock_httpd_shutdown(given.httpd, 0));
    return given.httpd;
}
enum { count_web_servers = 2 };

/* A connection whose client has gone, a closed one, none. */
static inline sock_t *ended_objects(struct call *c, int i)
{
    if (c->at[i] == 2)
        return NULL;
    struct pair p = unix_pair(SOCK_STREAM);
    sock_free(p.b);
    c->object = p.a;
    if (c->at[i] == 1)
        check_ok(sock_close(p.a));
    return p.a;
}
enum { count_ended_objects = 3 };

static inline sock_form_t *forms(const struct call *c, int i)
{
    if (c->at[i] == 1)
        return NULL;
    return given.form = check_made(sock_cgi_form(NULL));
}
enum { count_forms = 2 };

static inline sock_robots_t *robots_objects(const struct call *c, int i)
{
    static const char text[] = "User-agent: *\nDisallow: /x\nSitemap: y\n";
    if (c->at[i] == 1)
        return NULL;
    return given.robots = check_made(sock_robots_parse(text, sizeof text - 1));
}
enum { count_robots_objects = 2 };

static inline sock_urlrequest_t *url_requests(const struct call *c, int i)
{
    if (c->at[i] == 1)
        return NULL;
    return given.request = check_made(sock_urlrequest_new("data:,x"));
}
enum { count_url_requests = 2 };

static inline sock_opener_t *openers(const struct call *c, int i)
{
    if (c->at[i] == 1)
        return NULL;
    return given.opener = check_made(sock_opener_new());
}
enum { count_openers = 2 };

static inline FILE *files(const struct call *c, int i)
{
    if (c->at[i] == 1)
        return NULL;
    return given.file = check_made(fopen("/dev/null", "re"));
}
enum { count_files = 2 };

static inline char **data_places(const struct call *c, int i)
{
    return c->at[i] == 0 ? &given.data : NULL;
}
enum { count_data_places = 2 };

/* One that holds NULL, and none. */
static inline void *pointer_places(struct call *c, int i)
{
    return c->at[i] == 0 ? c->room[i] : NULL;
}
enum { count_pointer_places = 2 };

/* Memory of malloc(3)'s. */
static inline char *made_data(const struct call *c, int i)
{
    return c->at[i] == 0 ? NULL : check_made(malloc(1));
}
enum { count_made_data = 2 };

/* A result that may well be missing, which is no failure. */
static inline void made_or_none(struct call *c, bool none)
{
    made(c, none && !untouched(c));
}

static inline void clean_net(bool gone)
{
    clean_mail(gone);
    if (!gone) {
        sock_url_free(given.urls[0]);
        sock_query_free(given.query);
        sock_headers_free(given.headers);
        sock_cookies_free(given.cookies);
        sock_cookiejar_free(given.jar);
        sock_form_free(given.form);
        sock_robots_free(given.robots);
        sock_urlrequest_free(given.request);
        sock_opener_free(given.opener);
        sock_httpd_free(given.httpd);
        sock_http_response_free(given.response);
    }
    if (!gone || given.response != NULL)
        sock_http_free(given.http);
    sock_url_free(given.urls[1]);
    sock_http_data_free(given.data);
    if (given.file != NULL)
        fclose(given.file);
    memset(&given, 0, sizeof given);
}
