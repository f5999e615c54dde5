/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "opener.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "proxy.h"
#include "record.h"

/* Life cycle */

void sock__opener_begin(sock_opener_t *o)
{
    *o = (sock_opener_t){.terms.redirects = SOCK__REDIRECTS};
    pthread_mutex_init(&o->lock, NULL);
    pthread_mutex_init(&o->passwords.lock, NULL);
}

static void drop_tls(sock_tls_t *tls)
{
    if (tls != NULL)
        tls->ops->let_go(tls);
}

void sock__opener_end(sock_opener_t *o)
{
    while (o->choices != NULL) {
        struct sock__choice *c = o->choices;
        o->choices = c->next;
        sock__free(c->url);
        sock__free(c);
    }
    drop_tls(o->terms.tls);
    sock__passwords_end(&o->passwords);
    pthread_mutex_destroy(&o->lock);
}

sock_opener_t *sock_opener_new(void)
{
    sock_opener_t *o = malloc(sizeof *o);
    struct sock__pool *pool = o != NULL ? sock__pool_new() : NULL;

    if (pool == NULL) {
        sock__free(o);
        sock__fail("build_opener", SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    sock__opener_begin(o);
    o->pool = pool;
    return o;
}

void sock_opener_free(sock_opener_t *o)
{
    int saved = errno;

    if (o == NULL)
        return;
    sock__pool_clear(o->pool, true);
    sock__pool_drop(o->pool);
    sock__opener_end(o);
    sock__free(o);
    errno = saved;
}

/* Terms */

static int no_argument(const char *op)
{
    return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

int sock_opener_add_password(sock_opener_t *o, const char *realm,
                             const char *uri, const char *user,
                             const char *password)
{
    const char *op = "add_password";
    if (o == NULL || uri == NULL || user == NULL || password == NULL)
        return no_argument(op);
    return sock__passwords_add(op, &o->passwords, realm, uri, user, password);
}

int sock_opener_set_cookiejar(sock_opener_t *o, sock_cookiejar_t *jar)
{
    if (o == NULL)
        return no_argument("set_cookiejar");
    pthread_mutex_lock(&o->lock);
    o->terms.jar = jar;
    pthread_mutex_unlock(&o->lock);
    return 0;
}

int sock_opener_set_redirects(sock_opener_t *o, int max, int flags)
{
    const char *op = "set_redirects";
    const int all = SOCK_OPENER_ALLOW_DOWNGRADE | SOCK_OPENER_KEEP_HEADERS |
                    SOCK_OPENER_HTTPS_ONLY | SOCK_OPENER_ANY_STATUS;

    if (o == NULL)
        return no_argument(op);
    if (max < 0)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "max must be 0 or more");
    if ((flags & ~all) != 0)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "flags that there are not");
    pthread_mutex_lock(&o->lock);
    o->terms.redirects = max;
    o->terms.flags = flags;
    pthread_mutex_unlock(&o->lock);
    return 0;
}

int sock_opener_set_context(sock_opener_t *o, sock_tls_t *tls)
{
    if (o == NULL)
        return no_argument("set_context");
    if (tls != NULL)
        tls->ops->hold(tls);
    pthread_mutex_lock(&o->lock);
    sock_tls_t *former = o->terms.tls;
    o->terms.tls = tls;
    o->terms.version++;
    pthread_mutex_unlock(&o->lock);
    drop_tls(former);
    sock__pool_clear(o->pool, false);
    return 0;
}

/* Connections that no one asked it about may not be used again. */
int sock_opener_filter(sock_opener_t *o, sock_opener_filter_fn fn, void *arg)
{
    if (o == NULL)
        return no_argument("filter");
    pthread_mutex_lock(&o->lock);
    o->terms.filter = fn;
    o->terms.filter_arg = arg;
    o->terms.version++;
    pthread_mutex_unlock(&o->lock);
    sock__pool_clear(o->pool, false);
    return 0;
}

struct sock__terms sock__opener_terms(sock_opener_t *o)
{
    pthread_mutex_lock(&o->lock);
    struct sock__terms t = o->terms;
    if (t.tls != NULL)
        t.tls->ops->hold(t.tls);
    pthread_mutex_unlock(&o->lock);
    return t;
}

void sock__terms_end(struct sock__terms *t)
{
    drop_tls(t->tls);
}

/* Proxies */

/* Under the lock. */
static struct sock__choice *find(const sock_opener_t *o, const char *scheme)
{
    struct sock__choice *c = o->choices;
    while (c != NULL && strcasecmp(c->scheme, scheme) != 0)
        c = c->next;
    return c;
}

/* A choice with that text; NULL for want of memory. */
static struct sock__choice *choice(const char *scheme, const char *url)
{
    struct sock__choice *c = malloc(sizeof *c + strlen(scheme) + 1);

    if (c == NULL)
        return NULL;
    c->next = NULL;
    c->url = url != NULL ? strdup(url) : NULL;
    sock__put_text(c->scheme, scheme);
    if (url == NULL || c->url != NULL)
        return c;
    sock__free(c);
    return NULL;
}

/* Puts it in the place of a former one. */
static void install(sock_opener_t *o, struct sock__choice *c)
{
    pthread_mutex_lock(&o->lock);
    struct sock__choice *former = find(o, c->scheme);
    char *url = c->url;
    if (former != NULL) {
        c->url = former->url;
        former->url = url;
    } else {
        c->next = o->choices;
        o->choices = c;
    }
    pthread_mutex_unlock(&o->lock);
    if (former != NULL) {
        sock__free(c->url);
        sock__free(c);
    }
}

int sock_opener_set_proxy(sock_opener_t *o, const char *scheme, const char *url)
{
    const char *op = "set_proxy";
    bool none = url == NULL || *url == '\0';

    if (o == NULL)
        return no_argument(op);
    if (scheme != NULL && strcasecmp(scheme, "http") != 0 &&
        strcasecmp(scheme, "https") != 0)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "a proxy is for http or https");
    if (!none) {
        struct sock__locator *t = sock__proxy_new(op, url);
        if (t == NULL)
            return -1;
        sock__locator_free(t);
    }
    struct sock__choice *c =
        choice(scheme != NULL ? scheme : "", none ? NULL : url);
    if (c == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    install(o, c);
    return 0;
}

/* The text that names it, malloc(3)ed: that which was chosen, or else the
 * environment's, whose no_proxy, as in Python, goes for both; NULL: none. -1
 * for want of memory. */
static int proxy_text(sock_opener_t *o, const struct sock__locator *url,
                      char **text)
{
    pthread_mutex_lock(&o->lock);
    const struct sock__choice *c = find(o, url->url->scheme);
    if (c == NULL)
        c = find(o, "");
    const char *found =
        c != NULL ? c->url : sock__proxy_variable(url->url->scheme);
    if (sock_proxy_bypass(url->host, url->port) != 0)
        found = NULL;
    *text = found != NULL ? strdup(found) : NULL;
    int result = found == NULL || *text != NULL ? 0 : -1;
    pthread_mutex_unlock(&o->lock);
    return result;
}

int sock__opener_proxy(const char *op, sock_opener_t *o,
                       const struct sock__locator *url,
                       struct sock__locator **proxy)
{
    char *text;

    *proxy = NULL;
    if (proxy_text(o, url, &text) < 0)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    if (text == NULL)
        return 0;
    *proxy = sock__proxy_new(op, text);
    sock__free(text);
    return *proxy != NULL ? 0 : -1;
}
