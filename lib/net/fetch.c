/* SPDX-License-Identifier: MIT */
/* From a URL to the response that counts: redirects and passwords. */
#define _POSIX_C_SOURCE 200809L

#include "fetch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <pysockc/cookie.h>
#include <pysockc/timeout.h>

#include "local.h"
#include "record.h"
#include "redirect.h"
#include "response.h"

static bool is_local(const struct sock__fetch *f)
{
    return f->at->kind > SOCK__OPENS_HTTPS;
}

/* Steps */

/* Ends what is known of the URL that was asked for. */
static void end_step(struct sock__fetch *f)
{
    sock__login_end(&f->login);
    sock__login_end(&f->proxy_login);
    sock__locator_free(f->proxy);
    f->proxy = NULL;
}

/* The user of the first URL is that of others of the same origin, too; that of
 * a proxy is told to it at once, as Python does. */
static int begin_step(struct sock__fetch *f)
{
    const struct sock__locator *user = f->q->url;

    if (is_local(f))
        return 0;
    if (user->user == NULL || !sock__locator_same_origin(user, f->at))
        user = NULL;
    if (sock__opener_proxy(f->op, f->o, f->at, &f->proxy) < 0)
        return -1;
    sock__login_begin(&f->login, &f->o->passwords, f->at, user);
    if (f->redirects == 0 && f->proxy != NULL &&
        (f->trusted = strdup(f->proxy->authority)) == NULL)
        return sock__fail(f->op, SOCK_E_MEMORY, 0, 0);
    user = f->proxy != NULL && f->proxy->user != NULL ? f->proxy : NULL;
    sock__login_begin(&f->proxy_login, &f->o->passwords, f->proxy, user);
    return sock__login_ahead(f->op, &f->proxy_login);
}

/* The caller's fields that go along to another URL; -1 with the error
 * recorded. */
static int sift(struct sock__fetch *f, const struct sock__locator *to,
                bool body)
{
    const sock_headers_t *from =
        f->headers != NULL ? f->headers : f->q->headers;
    bool same = sock__locator_same_origin(f->at, to);
    bool all = (f->terms.flags & SOCK_OPENER_KEEP_HEADERS) != 0;
    sock_headers_t *h = sock_headers_new();
    const char *name, *value;

    if (h == NULL)
        return -1;
    for (size_t i = 0; sock_headers_at(from, i, &name, &value) > 0; i++) {
        bool content = strncasecmp(name, "Content-", 8) == 0;
        if ((content && !body) ||
            (!same && !sock__redirect_keeps(name, body, all)))
            continue;
        if (sock_headers_add(h, name, value) < 0) {
            sock_headers_free(h);
            return -1;
        }
    }
    sock_headers_free(f->headers);
    f->headers = h;
    return 0;
}

/* Redirects */

/* Goes there: 0; -1 with the error recorded. */
static int go_to(struct sock__fetch *f, struct sock__locator *to,
                 const char *method)
{
    bool body = f->body && strcmp(method, f->method) == 0;

    if (sift(f, to, body) < 0) {
        sock__locator_free(to);
        return -1;
    }
    end_step(f);
    sock__locator_free(f->found);
    f->at = f->found = to;
    f->method = method;
    f->body = body;
    f->redirects++;
    return begin_step(f);
}

/* Where it leads; NULL with the error recorded. */
static struct sock__locator *next_url(const struct sock__fetch *f,
                                      const char *location)
{
    if (f->redirects < f->terms.redirects)
        return sock__redirect(f->op, f->at, location, f->terms.flags);
    sock__fail_saying(f->op, SOCK_E_PROTOCOL, SOCK_P_REDIRECT,
                      "The HTTP server returned a redirect error that would "
                      "lead to an infinite loop.");
    return NULL;
}

/* What is done with a response: it counts, another is asked for in its place,
 * or nothing can be. */
enum verdict { COUNTS, GOES_ON, FAILED };

/* A redirect that is refused is a failure, unless the caller wants to see every
 * answer. */
static enum verdict redirect(struct sock__fetch *f,
                             const sock_http_response_t *r)
{
    const char *method = sock__redirect_method(sock_http_status(r), f->method);
    const char *location =
        sock_headers_get(sock_http_headers(r), "Location", NULL);
    struct sock__saved saved;

    if (method == NULL || location == NULL || f->terms.redirects == 0)
        return COUNTS;
    if (strcmp(method, f->method) == 0 && !sock__ask_may_repeat(f))
        return COUNTS;
    sock__error_save(&saved);
    struct sock__locator *to = next_url(f, location);
    if (to != NULL)
        return go_to(f, to, method) == 0 ? GOES_ON : FAILED;
    if (sock_last_error()->kind != SOCK_E_PROTOCOL ||
        !(f->terms.flags & SOCK_OPENER_ANY_STATUS))
        return FAILED;
    sock__error_restore(&saved);
    return COUNTS;
}

/* Passwords */

static enum verdict log_in(struct sock__fetch *f, const sock_http_response_t *r,
                           struct sock__login *l, const char *field)
{
    if (!sock__ask_may_repeat(f))
        return COUNTS;
    int answer = sock__login_challenged(f->op, l, sock_http_headers(r), field);
    return answer < 0 ? FAILED : answer > 0 ? GOES_ON : COUNTS;
}

/* Judging */

static enum verdict judge(struct sock__fetch *f, const sock_http_response_t *r)
{
    const sock_headers_t *h = sock_http_headers(r);
    int status = sock_http_status(r);

    if (is_local(f))
        return COUNTS;
    if (f->terms.jar != NULL &&
        sock_cookiejar_extract(f->terms.jar, f->at->shown, h) < 0)
        return FAILED;
    sock__login_info(&f->login, h, "Authentication-Info");
    sock__login_info(&f->proxy_login, h, "Proxy-Authentication-Info");
    if (status == 401)
        return log_in(f, r, &f->login, "WWW-Authenticate");
    if (status == 407 && sock__fetch_asks_proxy(f))
        return log_in(f, r, &f->proxy_login, "Proxy-Authenticate");
    return redirect(f, r);
}

/* Reads what is left of a response that does not count, if that is little, so
 * that its connection can be used again. */
static void drain(struct sock__fetch *f, sock_http_response_t *r)
{
    enum { MOST = 64 * 1024 };
    char buf[4096];
    struct sock__saved saved;
    ssize_t n = 1;

    sock__error_save(&saved);
    for (size_t done = 0; f->o->pool != NULL && n > 0 && done < MOST;
         done += (size_t)n)
        n = sock_http_read(r, buf, sizeof buf);
    sock_http_response_free(r);
    sock__error_restore(&saved);
}

/* A response that counts, with the time of each read from now on; NULL with the
 * error recorded. */
static sock_http_response_t *hand_out(struct sock__fetch *f,
                                      sock_http_response_t *r)
{
    char words[SOCK_ERROR_WORDS_MAX];
    int status = sock_http_status(r);
    bool good = status >= 200 && status < 300;

    if (!good && !(f->terms.flags & SOCK_OPENER_ANY_STATUS)) {
        snprintf(words, sizeof words, "HTTP Error %d: %.120s", status,
                 sock_http_reason(r));
        sock__fail_saying(f->op, SOCK_E_REPLY, status, words);
    } else if (sock_http_read_deadline(r, SOCK_NO_TIMEOUT) == 0) {
        return r;
    }
    sock_http_response_free(r);
    return NULL;
}

/* Opening */

static sock_http_response_t *open_local(struct sock__fetch *f)
{
    struct sock__keeper keeper = {.url = strdup(f->at->shown)};
    sock_http_response_t *r = NULL;

    if (keeper.url == NULL)
        sock__fail(f->op, SOCK_E_MEMORY, 0, 0);
    else if (f->at->kind == SOCK__OPENS_FTP)
        r = sock__fetch_ftp(f);
    else
        r = sock__local_open(f->op, f->at);
    if (r != NULL)
        sock__response_keep(r, NULL, &keeper);
    else
        sock__free(keeper.url);
    return r;
}

static sock_http_response_t *run(struct sock__fetch *f)
{
    for (;;) {
        sock_http_response_t *r = is_local(f) ? open_local(f) : sock__ask(f);
        if (r == NULL)
            return NULL;
        switch (judge(f, r)) {
        case COUNTS:
            return hand_out(f, r);
        case GOES_ON:
            drain(f, r);
            break;
        case FAILED:
            sock_http_response_free(r);
            return NULL;
        }
    }
}

/* What is refused before anyone is asked. */
static int check(const struct sock__fetch *f)
{
    if ((f->terms.flags & SOCK_OPENER_HTTPS_ONLY) &&
        f->at->kind != SOCK__OPENS_HTTPS)
        return sock__fail_saying(f->op, SOCK_E_VALUE, 0,
                                 "only https is allowed");
    if (is_local(f) && f->body)
        return sock__fail_saying(f->op, SOCK_E_VALUE, 0,
                                 f->at->kind == SOCK__OPENS_FTP
                                     ? "ftp: takes no data"
                                     : "data: and file: take no data");
    if (f->at->kind == SOCK__OPENS_FILE && f->terms.filter != NULL)
        return sock__fail(f->op, SOCK_E_OS, EACCES, 0);
    return 0;
}

static int set_times(struct sock__fetch *f, double timeout)
{
    int64_t ns, now = sock__os_now();

    if (sock__timeout_arg(f->op, timeout, &ns) < 0)
        return -1;
    if (ns == 0)
        return sock__fail_saying(
            f->op, SOCK_E_VALUE, 0,
            "Non-blocking socket (timeout=0) is not supported");
    f->timeout = ns < 0 ? SOCK_NO_TIMEOUT : (double)ns / 1e9;
    if (ns > 0)
        f->deadline = ns < INT64_MAX - now ? now + ns : INT64_MAX;
    return 0;
}

sock_http_response_t *sock__fetch(sock_opener_t *o, const sock_urlrequest_t *q,
                                  double timeout)
{
    struct sock__fetch f = {.op = "urlopen",
                            .o = o,
                            .q = q,
                            .terms = sock__opener_terms(o),
                            .at = q->url,
                            .method = sock__urlrequest_method(q),
                            .body = sock__urlrequest_has_body(q)};
    sock_http_response_t *r = NULL;
    struct sock__saved saved;

    sock__error_save(&saved);
    if (set_times(&f, timeout) == 0 && check(&f) == 0 && begin_step(&f) == 0)
        r = run(&f);
    if (r == NULL)
        sock__fail_about(f.op, f.at->whom);
    else
        sock__error_restore(&saved);
    end_step(&f);
    sock__locator_free(f.found);
    sock__free(f.trusted);
    sock_headers_free(f.headers);
    sock__terms_end(&f.terms);
    return r;
}
