/* SPDX-License-Identifier: MIT */
/* Fields that set cookies, and a jar that takes them from several hosts and
 * sends them to others: what no jar may do, and a file of it that is read back.
 */
#include <stdbool.h>
#include <unistd.h>

#include <pysockc/net.h>

#include "fuzz.h"
#include "headers.h"
#include "setcookie.h"

static const char *const hosts[] = {"h.test",     "a.h.test",  "b.a.h.test",
                                    "g.test",     "127.0.0.1", "localhost",
                                    "x.127.0.0.1"};
static const char *const paths[] = {"", "/", "/p", "/p/", "/p/q", "/pq?r#s"};

enum {
    HOSTS = sizeof hosts / sizeof hosts[0],
    PATHS = sizeof paths / sizeof paths[0],
    NOW = 1300000000
};

/* Nothing here need outlive the machine. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    return fd >= 0 ? 0 : -1;
}

static bool is_within(struct sock__piece p, const char *text, size_t n)
{
    return p.at >= text && p.at <= text + n && p.n <= (size_t)(text + n - p.at);
}

/* The parser alone, over an allocation of just that size. */
static bool check_field(const uint8_t *bytes, size_t n)
{
    char *field = copy_of(bytes, n);
    struct sock__set_cookie c;
    bool is = sock__set_cookie(&c, field, n, NOW);
    if (is) {
        claim(c.name.n + c.value.n > 0 && c.name.n + c.value.n <= 4096);
        claim(is_within(c.name, field, n) && is_within(c.value, field, n));
        claim(is_within(c.path, field, n) && is_within(c.domain, field, n));
        claim(c.path.n <= 1024 && c.domain.n <= 1024);
        claim(c.path.n == 0 || c.path.at[0] == '/');
        claim(memchr(c.name.at, '=', c.name.n) == NULL);
        claim(memchr(c.value.at, ';', c.value.n) == NULL);
        claim(sock__is_value(field, n));
        claim(c.expires >= 0 && c.expires <= NOW + 400LL * 24 * 60 * 60);
    }
    int64_t seconds;
    (void)sock__cookie_date(field, n, &seconds);
    free(field);
    return is;
}

/* The jar */

static bool is_below(const char *host, const char *domain)
{
    size_t n = strlen(host), k = strlen(domain);
    return n > k && host[n - k - 1] == '.' && strcmp(host + n - k, domain) == 0;
}

static const char *url_of(struct input *in, bool *secure, const char **host)
{
    static char url[64];
    unsigned byte = next_byte(in);
    *secure = (byte & 1) != 0;
    *host = hosts[byte / 2 % HOSTS];
    snprintf(url, sizeof url, "http%s://%s%s", *secure ? "s" : "", *host,
             paths[next_byte(in) % PATHS]);
    return url;
}

/* Whether a cookie may be there after that host has set one. */
static void check_cookie(const sock_cookie_t *c)
{
    claim(strlen(c->name) + strlen(c->value) > 0);
    claim(c->path[0] == '/');
    claim(c->host_only || strchr(c->domain, '.') != NULL);
    claim(c->host_only || strncmp(c->domain, "127", 3) != 0);
    if (strncasecmp(c->name, "__secure-", 9) == 0)
        claim(c->secure);
    if (strncasecmp(c->name, "__host-", 7) == 0)
        claim(c->secure && c->host_only && strcmp(c->path, "/") == 0);
    if (c->name[0] == '\0')
        claim(strncasecmp(c->value, "__host-", 7) != 0);
}

static size_t check_jar(sock_cookiejar_t *jar)
{
    static sock_cookie_t c;
    size_t n = 0;
    while (sock_cookiejar_at(jar, n, &c) == 1) {
        check_cookie(&c);
        n++;
    }
    return n;
}

/* What is sent there are the cookies that are for it, and each whole. */
static void check_sent(sock_cookiejar_t *jar, struct input *in)
{
    static char text[512 * 1024];
    static sock_cookie_t c;
    bool secure;
    const char *host, *url = url_of(in, &secure, &host);
    int n = sock_cookiejar_header(jar, url, text, sizeof text);
    claim(n >= 0 && (size_t)n == strlen(text));
    claim(sock_cookiejar_header(jar, url, NULL, 0) == n);
    size_t least = 0;
    for (size_t i = 0; sock_cookiejar_at(jar, i, &c) == 1; i++) {
        bool there = strcmp(host, c.domain) == 0 ||
                     (!c.host_only && is_below(host, c.domain));
        if (there && (secure || !c.secure) && strcmp(c.path, "/") == 0)
            least += strlen(c.name) + strlen(c.value);
        if (!there || (c.secure && !secure))
            continue;
        claim(strstr(text, c.value) != NULL || strcmp(c.path, "/") != 0);
    }
    claim((size_t)n >= least);
}

static void take(sock_cookiejar_t *jar, struct input *in, const char *field,
                 bool parsed)
{
    bool secure;
    const char *host, *url = url_of(in, &secure, &host);
    sock_headers_t *h = sock_headers_new();
    claim(h != NULL);
    if (sock_headers_add(h, "Set-Cookie", field) == 0) {
        int taken = sock_cookiejar_extract(jar, url, h);
        claim(taken == 0 || (taken == 1 && parsed));
    }
    sock_headers_free(h);
}

/* A file has what can be in one, and makes the same file again. */
static void check_file(sock_cookiejar_t *jar)
{
    char path[64];
    static sock_cookie_t c, d;
    sock_cookiejar_t *back = sock_cookiejar_new();
    snprintf(path, sizeof path, "/tmp/fuzz_setcookie.%ld", (long)getpid());
    claim(sock_cookiejar_save(jar, path) == 0);
    claim(sock_cookiejar_load(back, path) == 0);
    unlink(path);
    size_t k = 0;
    for (size_t i = 0; sock_cookiejar_at(jar, i, &c) == 1; i++) {
        if (c.expires == 0 || strpbrk(c.name, "\t") || strpbrk(c.path, "\t") ||
            strpbrk(c.value, "\t"))
            continue;
        claim(sock_cookiejar_at(back, k++, &d) == 1);
        claim(strcmp(c.name, d.name) == 0 && strcmp(c.value, d.value) == 0);
        claim(strcmp(c.domain, d.domain) == 0 && strcmp(c.path, d.path) == 0);
        claim(c.expires == d.expires && c.secure == d.secure);
        claim(c.host_only == d.host_only && c.http_only == d.http_only);
    }
    claim(sock_cookiejar_at(back, k, &d) == 0);
    sock_cookiejar_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    sock_cookiejar_t *jar = sock_cookiejar_new();
    claim(jar != NULL);
    while (in.left > 0) {
        const uint8_t *end = memchr(in.at, '\n', in.left);
        size_t n = end != NULL ? (size_t)(end - in.at) : in.left;
        struct input line = {in.at, n};
        check_field(in.at, n);
        char *field = rest_as_text(&line);
        bool parsed = check_field((const uint8_t *)field, strlen(field));
        in.at += n;
        in.left -= n;
        (void)next_byte(&in); /* the end of the line */
        take(jar, &in, field, parsed);
        free(field);
    }
    claim(check_jar(jar) <= 3000);
    struct input ask = {data, size};
    check_sent(jar, &ask);
    if (size % 16 == 0)
        check_file(jar);
    sock_cookiejar_free(jar);
    return 0;
}
