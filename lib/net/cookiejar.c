/* SPDX-License-Identifier: MIT */
/* A jar of cookies, by RFC 6265bis 5. */
#define _POSIX_C_SOURCE 200809L

#include "cookiejar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pysockc/url.h>

#include "bytes.h"
#include "chars.h"
#include "headers.h"
#include "host.h"
#include "record.h"
#include "text.h"
#include "url.h"

enum { PER_DOMAIN = 50, IN_ALL = 3000 };

/* Life cycle */

sock_cookiejar_t *sock_cookiejar_new(void)
{
    sock_cookiejar_t *j = calloc(1, sizeof *j);
    if (j == NULL) {
        sock__fail("CookieJar", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    pthread_mutex_init(&j->lock, NULL);
    return j;
}

void sock_cookiejar_free(sock_cookiejar_t *j)
{
    if (j == NULL)
        return;
    for (size_t i = 0; i < j->count; i++)
        sock__free(j->cookies[i]);
    sock__free(j->cookies);
    sock__suffixes_free(j->list);
    pthread_mutex_destroy(&j->lock);
    sock__free(j);
}

static const char *put_text(char **to, struct sock__piece p)
{
    char *text = *to;
    if (p.n > 0)
        memcpy(text, p.at, p.n);
    text[p.n] = '\0';
    *to += p.n + 1;
    return text;
}

struct sock__cookie *sock__cookie_new(struct sock__piece domain,
                                      struct sock__piece path,
                                      struct sock__piece name,
                                      struct sock__piece value)
{
    size_t n = domain.n + path.n + name.n + value.n + 4;
    struct sock__cookie *c = calloc(1, sizeof *c + n);
    if (c == NULL)
        return NULL;
    char *to = (char *)(c + 1), *host = to;
    c->domain = put_text(&to, domain);
    for (; *host != '\0'; host++)
        *host = sock__lower(*host);
    c->path = put_text(&to, path);
    c->name = put_text(&to, name);
    c->value = put_text(&to, value);
    c->path_len = path.n;
    c->name_len = name.n;
    c->value_len = value.n;
    return c;
}

int64_t sock__jar_now(void)
{
    return time(NULL);
}

/* Hosts and domains */

/* Whether a host is that of a cookie, which has one, or below it. */
static bool domain_matches(const char *host, const char *domain)
{
    size_t n = strlen(host), k = strlen(domain);
    if (n == k)
        return memcmp(host, domain, n) == 0;
    return n > k && host[n - k - 1] == '.' &&
           memcmp(host + n - k, domain, k) == 0 && !sock__is_numeric_host(host);
}

static bool path_matches(const char *path, const char *of_cookie, size_t n)
{
    if (strncmp(path, of_cookie, n) != 0)
        return false;
    return path[n] == '\0' || path[n] == '/' || of_cookie[n - 1] == '/';
}

/* A domain, which is not empty, without its dot at the end, into room that has
 * as much. */
static void without_dot(char *to, const char *domain)
{
    size_t n = strlen(domain);
    n -= domain[n - 1] == '.';
    memcpy(to, domain, n);
    to[n] = '\0';
}

bool sock__jar_is_suffix(sock_cookiejar_t *j, const char *domain)
{
    char plain[SOCK_COOKIE_DOMAIN_MAX];
    without_dot(plain, domain);
    if (strchr(plain, '.') == NULL)
        return true;
    pthread_mutex_lock(&j->lock);
    sock_suffix_fn fn = j->fn;
    void *arg = j->arg;
    bool listed = j->list != NULL && sock__suffixes_have(j->list, plain);
    pthread_mutex_unlock(&j->lock);
    return listed || (fn != NULL && fn(plain, arg) != 0);
}

static void set_suffixes(sock_cookiejar_t *j, sock_suffix_fn fn, void *arg,
                         struct sock__suffixes *list)
{
    pthread_mutex_lock(&j->lock);
    struct sock__suffixes *old = j->list;
    j->fn = fn;
    j->arg = arg;
    j->list = list;
    pthread_mutex_unlock(&j->lock);
    sock__suffixes_free(old);
}

int sock_cookiejar_suffixes(sock_cookiejar_t *j, sock_suffix_fn fn, void *arg)
{
    if (j == NULL)
        return sock__fail("suffixes", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    set_suffixes(j, fn, arg, NULL);
    return 0;
}

int sock_cookiejar_suffix_file(sock_cookiejar_t *j, const char *path)
{
    const char *op = "suffix_file";
    if (j == NULL || path == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    struct sock__suffixes *list = sock__suffixes_of_file(op, path);
    if (list == NULL)
        return -1;
    set_suffixes(j, NULL, NULL, list);
    return 0;
}

/* Keeping */

int sock__jar_reserve(sock_cookiejar_t *j, size_t more)
{
    struct sock__cookie **cookies = sock__grow(
        j->cookies, j->count, &j->room, more, sizeof(struct sock__cookie *));
    if (cookies == NULL)
        return -1;
    j->cookies = cookies;
    return 0;
}

typedef bool which_fn(const struct sock__cookie *c, const void *arg);

/* Takes away those that a function says yes to; how many. */
static size_t take_away(sock_cookiejar_t *j, which_fn *which, const void *arg)
{
    size_t kept = 0, n = j->count;
    for (size_t i = 0; i < n; i++) {
        if (which(j->cookies[i], arg))
            sock__free(j->cookies[i]);
        else
            j->cookies[kept++] = j->cookies[i];
    }
    j->count = kept;
    return n - kept;
}

static void remove_at(sock_cookiejar_t *j, size_t i)
{
    sock__free(j->cookies[i]);
    j->count--;
    memmove(j->cookies + i, j->cookies + i + 1,
            (j->count - i) * sizeof(struct sock__cookie *));
}

static bool has_ended(const struct sock__cookie *c, const void *arg)
{
    const int64_t *now = arg;
    return c->expires != 0 && c->expires <= *now;
}

void sock__jar_sweep(sock_cookiejar_t *j, int64_t now)
{
    (void)take_away(j, has_ended, &now);
}

static bool is_like(const struct sock__cookie *a, const struct sock__cookie *b)
{
    return a->host_only == b->host_only && strcmp(a->name, b->name) == 0 &&
           strcmp(a->domain, b->domain) == 0 && strcmp(a->path, b->path) == 0;
}

/* Whether the one is to go before the other: what http could set first, then
 * what was not used for longer. */
static bool goes_before(const struct sock__cookie *a,
                        const struct sock__cookie *b, bool by_security)
{
    if (by_security && a->secure != b->secure)
        return b->secure;
    return a->used < b->used;
}

/* Takes away one of a domain that has too many; of all, where it is NULL. */
static void evict(sock_cookiejar_t *j, const char *domain)
{
    size_t worst = j->count;
    for (size_t i = 0; i < j->count; i++) {
        if (domain != NULL && strcmp(j->cookies[i]->domain, domain) != 0)
            continue;
        if (worst == j->count ||
            goes_before(j->cookies[i], j->cookies[worst], domain != NULL))
            worst = i;
    }
    remove_at(j, worst);
}

static size_t count_of(const sock_cookiejar_t *j, const char *domain)
{
    size_t n = 0;
    for (size_t i = 0; i < j->count; i++)
        n += strcmp(j->cookies[i]->domain, domain) == 0;
    return n;
}

/* The place of the cookie's like; behind all others where there is none. */
static size_t place_of(const sock_cookiejar_t *j, const struct sock__cookie *c)
{
    size_t i = 0;
    while (i < j->count && !is_like(j->cookies[i], c))
        i++;
    return i;
}

void sock__jar_put(sock_cookiejar_t *j, struct sock__cookie *c, int64_t now)
{
    size_t i = place_of(j, c);
    if (i < j->count) {
        c->created = j->cookies[i]->created;
        sock__free(j->cookies[i]);
    } else {
        j->count++;
    }
    j->cookies[i] = c;
    c->used = ++j->uses;
    if (has_ended(c, &now))
        remove_at(j, i);
    else if (count_of(j, c->domain) > PER_DOMAIN)
        evict(j, c->domain);
    else if (j->count > IN_ALL)
        evict(j, NULL);
}

/* Whom a request goes to */

struct origin {
    sock_url_t *url;
    const char *host, *path;
    bool secure;
};

/* Host and path of a URL; -1 with the error recorded. */
static int begin(struct origin *o, const char *op, const char *url)
{
    *o = (struct origin){.url = sock_urlsplit(url)};
    if (o->url == NULL)
        return sock__fail_about_url(op, url);
    o->host = o->url->hostname;
    o->path = o->url->path[0] == '/' ? o->url->path : "/";
    o->secure =
        o->url->scheme != NULL && (strcmp(o->url->scheme, "https") == 0 ||
                                   strcmp(o->url->scheme, "wss") == 0);
    if (o->host != NULL && o->url->scheme != NULL)
        return 0;
    sock_url_free(o->url);
    sock__fail_saying(op, SOCK_E_VALUE, 0, "no host given");
    return sock__fail_about_url(op, url);
}

/* Taking */

static size_t default_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash > path ? (size_t)(slash - path) : 1;
}

/* A cookie as it was set, and nothing else; NULL: no memory. */
static struct sock__cookie *cookie_of(const struct sock__set_cookie *s,
                                      const struct origin *o)
{
    struct sock__piece host = {o->host, strlen(o->host)}, path = s->path;
    if (path.n == 0)
        path = (struct sock__piece){o->path, default_path(o->path)};
    struct sock__cookie *c = sock__cookie_new(host, path, s->name, s->value);
    if (c == NULL)
        return NULL;
    c->expires = s->expires;
    c->same_site = s->same_site;
    c->secure = s->secure;
    c->http_only = s->http_only;
    c->partitioned = s->partitioned;
    c->host_only = true;
    return c;
}

/* Says for whom it is: the host, or all below a domain that the host is below.
 * False: that is none of its business. */
static bool set_domain(sock_cookiejar_t *j, struct sock__cookie *c,
                       struct sock__piece domain)
{
    size_t n = strlen(c->domain);
    if (domain.n == 0)
        return true;
    if (domain.n > n)
        return false;
    const char *rest = c->domain + n - domain.n;
    bool same = sock__same_text(rest, domain.n, domain.at, domain.n);
    bool whole = rest == c->domain;
    if (!same || (!whole && rest[-1] != '.'))
        return false;
    if (sock__is_numeric_host(c->domain) || sock__jar_is_suffix(j, rest))
        return whole;
    c->domain = rest;
    c->host_only = false;
    return true;
}

static bool has_prefix(const char *text, size_t n, const char *prefix)
{
    size_t k = strlen(prefix);
    return n >= k && sock__same_text(text, k, prefix, k);
}

/* A nameless one is sent as its value alone, which must not pass for a name. */
bool sock__cookie_is_false(const struct sock__cookie *c)
{
    const char *text = c->name_len > 0 ? c->name : c->value;
    size_t n = c->name_len > 0 ? c->name_len : c->value_len;
    bool secure = has_prefix(text, n, "__Secure-");
    bool host = has_prefix(text, n, "__Host-");
    if (c->name_len == 0)
        return secure || host;
    if (host && (!c->host_only || c->path_len != 1))
        return true;
    return (secure || host) && !c->secure;
}

/* Whether one that is for https alone would be hidden by this one of http. */
static bool hides_secure(const sock_cookiejar_t *j,
                         const struct sock__cookie *c)
{
    for (size_t i = 0; i < j->count; i++) {
        const struct sock__cookie *old = j->cookies[i];
        if (old->secure && strcmp(old->name, c->name) == 0 &&
            (domain_matches(old->domain, c->domain) ||
             domain_matches(c->domain, old->domain)) &&
            path_matches(c->path, old->path, old->path_len))
            return true;
    }
    return false;
}

/* 1 if it was taken, 0 if the rules refuse it; it is the jar's, or ended. */
static int keep(sock_cookiejar_t *j, struct sock__cookie *c, int64_t now,
                bool secure)
{
    pthread_mutex_lock(&j->lock);
    sock__jar_sweep(j, now);
    int room = sock__jar_reserve(j, 1);
    bool refused = room < 0 || (!secure && hides_secure(j, c));
    if (!refused)
        sock__jar_put(j, c, now);
    pthread_mutex_unlock(&j->lock);
    if (refused)
        sock__free(c);
    return room < 0 ? -1 : !refused;
}

/* The same of a field; -1 for want of memory. */
static int take(sock_cookiejar_t *j, const struct origin *o, const char *field)
{
    struct sock__set_cookie s;
    int64_t now = sock__jar_now();
    if (!sock__set_cookie(&s, field, strlen(field), now) ||
        (s.secure && !o->secure))
        return 0;
    struct sock__cookie *c = cookie_of(&s, o);
    if (c == NULL)
        return -1;
    c->created = c->accessed = now;
    bool explicit_path = s.path.n > 0;
    if (!set_domain(j, c, s.domain) || c->path_len >= SOCK_COOKIE_PATH_MAX ||
        sock__cookie_is_false(c) ||
        (!explicit_path && has_prefix(c->name, c->name_len, "__Host-"))) {
        sock__free(c);
        return 0;
    }
    return keep(j, c, now, o->secure);
}

static int take_all(sock_cookiejar_t *j, const struct origin *o,
                    const sock_headers_t *headers)
{
    static const char set_cookie[] = "Set-Cookie";
    const char *name, *value;
    int taken = 0;
    for (size_t i = 0; sock_headers_at(headers, i, &name, &value) == 1; i++) {
        if (!sock__same_text(name, strlen(name), set_cookie,
                             sizeof set_cookie - 1))
            continue;
        int n = take(j, o, value);
        if (n < 0)
            return sock__fail("extract_cookies", SOCK_E_MEMORY, 0, 0);
        taken += n;
    }
    return taken;
}

int sock_cookiejar_extract(sock_cookiejar_t *j, const char *url,
                           const sock_headers_t *headers)
{
    const char *op = "extract_cookies";
    struct origin o;
    if (j == NULL || url == NULL || headers == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (begin(&o, op, url) < 0)
        return -1;
    bool fits = strlen(o.host) < SOCK_COOKIE_DOMAIN_MAX;
    int taken = fits ? take_all(j, &o, headers) : 0;
    sock_url_free(o.url);
    return taken;
}

/* Sending */

static bool is_for(const struct sock__cookie *c, const struct origin *o)
{
    bool host = c->host_only ? strcmp(o->host, c->domain) == 0
                             : domain_matches(o->host, c->domain);
    return host && (!c->secure || o->secure) &&
           path_matches(o->path, c->path, c->path_len);
}

/* Which of the jar's are for it, and their places, which are their ages. */
struct match {
    struct sock__cookie *cookie;
    size_t place;
};

static int in_order(const void *a, const void *b)
{
    const struct match *x = a, *y = b;
    if (x->cookie->path_len != y->cookie->path_len)
        return x->cookie->path_len > y->cookie->path_len ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static size_t matches_of(sock_cookiejar_t *j, const struct origin *o,
                         struct match *matches)
{
    size_t n = 0;
    for (size_t i = 0; i < j->count; i++)
        if (is_for(j->cookies[i], o))
            matches[n++] = (struct match){j->cookies[i], i};
    if (n > 1)
        qsort(matches, n, sizeof *matches, in_order);
    return n;
}

static void write_cookie(struct sock__text *t, struct sock__cookie *c)
{
    if (t->len > 0)
        sock__text_bytes(t, "; ", 2);
    sock__text_bytes(t, c->name, c->name_len);
    if (c->name_len > 0)
        sock__text_char(t, '=');
    sock__text_bytes(t, c->value, c->value_len);
}

/* Under the lock; -1: no memory. */
static int write_all(sock_cookiejar_t *j, const struct origin *o,
                     struct sock__text *t)
{
    int64_t now = sock__jar_now();
    sock__jar_sweep(j, now);
    if (j->count == 0)
        return 0;
    struct match *matches = malloc(j->count * sizeof *matches);
    if (matches == NULL)
        return -1;
    size_t n = matches_of(j, o, matches);
    for (size_t i = 0; i < n; i++) {
        write_cookie(t, matches[i].cookie);
        matches[i].cookie->accessed = now;
        matches[i].cookie->used = ++j->uses;
    }
    sock__free(matches);
    return 0;
}

int sock_cookiejar_header(sock_cookiejar_t *j, const char *url, char *buf,
                          size_t size)
{
    const char *op = "add_cookie_header";
    struct origin o;
    struct sock__text t;
    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    (void)sock__text_end(&t); /* empty, should it fail */
    if (j == NULL || url == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (begin(&o, op, url) < 0)
        return -1;
    pthread_mutex_lock(&j->lock);
    int done = write_all(j, &o, &t);
    pthread_mutex_unlock(&j->lock);
    sock_url_free(o.url);
    if (done < 0)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return sock__text_end(&t);
}

/* Looking, and taking away */

static void tell(const struct sock__cookie *c, sock_cookie_t *cookie)
{
    memset(cookie, 0, sizeof *cookie);
    cookie->expires = c->expires;
    cookie->created = c->created;
    cookie->accessed = c->accessed;
    cookie->host_only = c->host_only;
    cookie->secure = c->secure;
    cookie->http_only = c->http_only;
    cookie->same_site = c->same_site;
    cookie->partitioned = c->partitioned;
    memcpy(cookie->domain, c->domain, strlen(c->domain));
    memcpy(cookie->path, c->path, c->path_len);
    memcpy(cookie->name, c->name, c->name_len);
    memcpy(cookie->value, c->value, c->value_len);
}

int sock_cookiejar_at(sock_cookiejar_t *j, size_t i, sock_cookie_t *cookie)
{
    if (j == NULL || cookie == NULL)
        return sock__fail("__iter__", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    pthread_mutex_lock(&j->lock);
    sock__jar_sweep(j, sock__jar_now());
    bool there = i < j->count;
    if (there)
        tell(j->cookies[i], cookie);
    pthread_mutex_unlock(&j->lock);
    return there;
}

/* What is to be taken away; a NULL is any. */
struct which {
    const char *domain, *path, *name;
};

static bool is_asked(const struct sock__cookie *c, const void *arg)
{
    const struct which *w = arg;
    return (w->domain == NULL || strcmp(c->domain, w->domain) == 0) &&
           (w->path == NULL || strcmp(c->path, w->path) == 0) &&
           (w->name == NULL || strcmp(c->name, w->name) == 0);
}

int sock_cookiejar_clear(sock_cookiejar_t *j, const char *domain,
                         const char *path, const char *name)
{
    const char *op = "clear";
    struct which w = {domain, path, name};
    if (j == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (path != NULL && domain == NULL)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "domain must be given to remove cookies by "
                                 "path");
    if (name != NULL && path == NULL)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "domain and path must be given to remove a "
                                 "cookie by name");
    pthread_mutex_lock(&j->lock);
    size_t n = take_away(j, is_asked, &w);
    pthread_mutex_unlock(&j->lock);
    if (n == 0 && domain != NULL)
        return sock__fail_saying(op, SOCK_E_KEY, ENOENT, "no such cookie");
    return 0;
}

static bool is_of_session(const struct sock__cookie *c, const void *arg)
{
    (void)arg;
    return c->expires == 0;
}

int sock_cookiejar_clear_session_cookies(sock_cookiejar_t *j)
{
    if (j == NULL)
        return sock__fail("clear_session_cookies", SOCK_E_TYPE, 0,
                          SOCK__NULL_ARGUMENT);
    pthread_mutex_lock(&j->lock);
    (void)take_away(j, is_of_session, NULL);
    pthread_mutex_unlock(&j->lock);
    return 0;
}
