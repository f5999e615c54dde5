/* SPDX-License-Identifier: MIT */
/* One request, and its response. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pysockc/cookie.h>
#include <pysockc/timeout.h>

#include "connection.h"
#include "fetch.h"
#include "response.h"

/* Fields */

static int no_memory(const struct sock__fetch *f)
{
    return sock__fail(f->op, SOCK_E_MEMORY, 0, 0);
}

/* The request's target, malloc(3)ed: a proxy that is to read it gets the whole
 * URL. */
static char *target_of(const struct sock__fetch *f)
{
    bool whole = f->proxy != NULL && f->at->kind == SOCK__OPENS_HTTP;
    size_t size =
        sizeof "http://" + strlen(f->at->authority) + strlen(f->at->line);
    char *text = malloc(size);

    if (text == NULL)
        no_memory(f);
    else
        snprintf(text, size, "%s%s%s", whole ? "http://" : "",
                 whole ? f->at->authority : "", f->at->line);
    return text;
}

static int put(sock_headers_t *h, const char *name, const char *value)
{
    return sock_headers_add(h, name, value);
}

/* Where the caller has none. */
static int put_default(sock_headers_t *h, const char *name, const char *value)
{
    return sock_headers_get(h, name, NULL) != NULL ? 0 : put(h, name, value);
}

/* Fields that are the library's own affair. */
static bool is_own(const struct sock__fetch *f, const char *name)
{
    return strcasecmp(name, "Host") == 0 ||
           strcasecmp(name, "Proxy-Authorization") == 0 ||
           (f->o->pool == NULL && strcasecmp(name, "Connection") == 0);
}

static int put_callers(const struct sock__fetch *f, sock_headers_t *h)
{
    const sock_headers_t *from =
        f->headers != NULL ? f->headers : f->q->headers;
    const char *name, *value;

    if (put(h, "Host", sock_headers_get(from, "Host", f->at->authority)) < 0)
        return -1;
    for (size_t i = 0; sock_headers_at(from, i, &name, &value) > 0; i++)
        if (!is_own(f, name) && put(h, name, value) < 0)
            return -1;
    value = sock__fetch_asks_proxy(f) ? sock__fetch_word_to_proxy(f) : NULL;
    return value != NULL ? put(h, "Proxy-Authorization", value) : 0;
}

/* The jar may gain one meanwhile. */
static int put_cookies(const struct sock__fetch *f, sock_headers_t *h)
{
    sock_cookiejar_t *jar = f->terms.jar;
    char *text = NULL;
    int n = 0, size = 0;

    if (jar == NULL || sock_headers_get(h, "Cookie", NULL) != NULL)
        return 0;
    while ((n = sock_cookiejar_header(jar, f->at->shown, text, (size_t)size)) >=
           size) {
        if (n == 0)
            break;
        sock__free(text);
        size = n + 1;
        text = malloc((size_t)size);
        if (text == NULL)
            return no_memory(f);
    }
    int result = n > 0 ? put(h, "Cookie", text) : n;
    sock__free(text);
    return result;
}

/* What a side is answered, in place of what the caller has to say to it. */
static int put_answer(const struct sock__fetch *f, sock_headers_t *h,
                      struct sock__login *l, const char *name,
                      const char *target)
{
    const sock_urlrequest_t *q = f->q;
    struct sock__asked asked = {.method = f->method, .uri = target};
    char *answer;

    if (f->body) {
        asked.body = q->data;
        asked.len = q->file != NULL ? 1 : q->len; /* of what is not here */
    }
    if (sock__login_answer(f->op, l, &asked, &answer) < 0)
        return -1;
    int result = answer != NULL ? sock_headers_set(h, name, answer) : 0;
    sock__free(answer);
    return result;
}

static int put_all(struct sock__fetch *f, sock_headers_t *h, const char *target)
{
    if (put_callers(f, h) < 0 ||
        put_default(h, "User-Agent", SOCK__USER_AGENT) < 0 ||
        put_cookies(f, h) < 0)
        return -1;
    if (f->body &&
        put_default(h, "Content-Type", "application/x-www-form-urlencoded") < 0)
        return -1;
    if (put_answer(f, h, &f->login, "Authorization", target) < 0)
        return -1;
    if (sock__fetch_asks_proxy(f) &&
        put_answer(f, h, &f->proxy_login, "Proxy-Authorization", target) < 0)
        return -1;
    return f->o->pool == NULL ? put(h, "Connection", "close") : 0;
}

/* NULL with the error recorded. */
static sock_headers_t *fields(struct sock__fetch *f, const char *target)
{
    sock_headers_t *h = sock_headers_new();
    if (h == NULL || put_all(f, h, target) == 0)
        return h;
    sock_headers_free(h);
    return NULL;
}

/* Sending */

bool sock__ask_may_repeat(const struct sock__fetch *f)
{
    return !f->body || f->q->file == NULL || f->start >= 0;
}

/* To where the file was when it was first read; -1 with the error recorded. */
static int rewind_file(struct sock__fetch *f)
{
    int saved = errno;

    if (!f->read)
        f->start = ftello(f->q->file);
    else if (fseeko(f->q->file, (off_t)f->start, SEEK_SET) != 0)
        return sock__fail(f->op, SOCK_E_OS, errno, 0);
    f->read = true;
    errno = saved;
    return 0;
}

static int send_request(struct sock__fetch *f, sock_http_t *c,
                        const char *target, const sock_headers_t *h)
{
    const sock_urlrequest_t *q = f->q;
    const void *data = f->body ? q->data : NULL;

    if (!f->body || q->file == NULL)
        return sock_http_request(c, f->method, target, data,
                                 data != NULL ? q->len : 0, h);
    if (rewind_file(f) < 0)
        return -1;
    return sock_http_request_file(c, f->method, target, q->file, q->length, h);
}

/* Over this connection; NULL with the error recorded. */
static sock_http_response_t *ask_over(struct sock__fetch *f, sock_http_t *c,
                                      const char *target,
                                      const sock_headers_t *h)
{
    double left;

    if (sock__fetch_left(f, &left) < 0 || sock_http_deadline(c, left) < 0 ||
        send_request(f, c, target, h) < 0)
        return NULL;
    return sock_http_getresponse(c);
}

/* Connections */

/* What a connection is kept by, malloc(3)ed; NULL for want of memory. */
static char *key_of(const struct sock__fetch *f)
{
    static const char *const kinds[] = {"http", "https"};
    bool plain = f->at->kind == SOCK__OPENS_HTTP;
    const char *proxy = f->proxy != NULL ? f->proxy->authority : "";
    const char *to = f->proxy != NULL && plain ? "" : f->at->authority;
    size_t size = strlen(proxy) + strlen(to) + 40;
    char *key = malloc(size);

    if (key != NULL)
        snprintf(key, size, "%u %s %s %s", f->terms.version, kinds[f->at->kind],
                 to, proxy);
    return key;
}

/* What a connection does when its response is over. */
struct home {
    struct sock__pool *pool;
    char *key;
};

static void give_home(void *arg, sock_http_t *c, bool reusable)
{
    struct home *home = arg;
    struct sock__saved saved;

    sock__error_save(&saved);
    if (reusable && sock_http_deadline(c, SOCK_NO_TIMEOUT) == 0)
        sock__pool_give(home->pool, home->key, c);
    else {
        sock_http_free(c);
        sock__free(home->key);
    }
    sock__pool_drop(home->pool);
    sock__free(home);
    sock__error_restore(&saved);
}

/* Puts the response in charge of its connection, and takes the key; -1 with the
 * error recorded. */
static int keep(struct sock__fetch *f, sock_http_response_t *r, sock_http_t *c,
                char *key)
{
    struct sock__keeper keeper = {.url = strdup(f->at->shown)};
    struct home *home = key != NULL ? malloc(sizeof *home) : NULL;

    if (keeper.url == NULL || (key != NULL && home == NULL)) {
        sock__free(keeper.url);
        sock__free(home);
        return no_memory(f);
    }
    if (home != NULL) {
        *home = (struct home){f->o->pool, key};
        sock__pool_hold(f->o->pool);
        keeper.over = give_home;
        keeper.arg = home;
    }
    sock__response_keep(r, c, &keeper);
    return 0;
}

/* Whether a connection that was used before had ended before it saw any of
 * this, and no harm comes of asking again. */
static bool was_stale(const struct sock__fetch *f)
{
    static const char *const safe[] = {"GET",     "HEAD",  "PUT",
                                       "OPTIONS", "TRACE", "DELETE"};

    if (sock_last_error()->done > 0 || !sock__has_gone())
        return false;
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++)
        if (strcmp(f->method, safe[i]) == 0)
            return sock__ask_may_repeat(f);
    return false;
}

/* Over one that is kept, or a new one; it is in *c. NULL with the error
 * recorded. */
static sock_http_response_t *ask_somehow(struct sock__fetch *f,
                                         const char *target,
                                         const sock_headers_t *h,
                                         const char *key, sock_http_t **c)
{
    struct sock__saved saved;
    sock_http_response_t *r = NULL;

    sock__error_save(&saved);
    *c = key != NULL ? sock__pool_take(f->o->pool, key) : NULL;
    if (*c != NULL && sock_settimeout((*c)->wire.sock, f->timeout) == 0)
        r = ask_over(f, *c, target, h);
    if (r != NULL || (*c != NULL && !was_stale(f)))
        return r;
    sock_http_free(*c);
    sock__error_restore(&saved);
    *c = sock__reach(f);
    return *c != NULL ? ask_over(f, *c, target, h) : NULL;
}

static sock_http_response_t *ask(struct sock__fetch *f, const char *target,
                                 const sock_headers_t *h)
{
    char *key = f->o->pool != NULL ? key_of(f) : NULL;
    sock_http_response_t *r = NULL;
    sock_http_t *c = NULL;

    if (f->o->pool != NULL && key == NULL)
        no_memory(f);
    else
        r = ask_somehow(f, target, h, key, &c);
    if (r != NULL && keep(f, r, c, key) == 0)
        return r;
    sock_http_response_free(r);
    sock_http_free(c);
    sock__free(key);
    return NULL;
}

sock_http_response_t *sock__ask(struct sock__fetch *f)
{
    char *target = target_of(f);
    sock_headers_t *h = target != NULL ? fields(f, target) : NULL;
    sock_http_response_t *r = h != NULL ? ask(f, target, h) : NULL;

    sock_headers_free(h);
    sock__free(target);
    return r;
}
