/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "password.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "private.h"

/* Keeping them */

static void destroy(struct sock__password *p)
{
    sock__locator_free(p->under);
    sock__auth_free(p->learned);
    sock__free(p->realm);
    sock__free(p->user);
    sock__free(p->password);
    sock__free(p);
}

/* Python takes "host:port", too; NULL with the error recorded. */
static struct sock__locator *under(const char *op, const char *uri,
                                   bool *any_scheme)
{
    size_t size = strlen("http://") + strlen(uri) + 1;

    *any_scheme = strstr(uri, "://") == NULL;
    if (!*any_scheme)
        return sock__locator_new(op, uri);
    char *url = malloc(size);
    if (url == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    sock__put_text(sock__put_text(url, "http://"), uri);
    struct sock__locator *t = sock__locator_new(op, url);
    sock__free(url);
    return t;
}

/* Fills it: 0; -1 with the error recorded. */
static int fill(const char *op, struct sock__password *p, const char *realm,
                const char *uri, const char *user, const char *password)
{
    p->under = under(op, uri, &p->any_scheme);
    if (p->under == NULL)
        return -1;
    if (p->under->kind > SOCK__OPENS_HTTPS)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "a password is for http and https alone");
    p->realm = realm != NULL ? strdup(realm) : NULL;
    p->user = strdup(user);
    p->password = strdup(password);
    if ((realm != NULL && p->realm == NULL) || p->user == NULL ||
        p->password == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return 0;
}

/* The newest is first: it is asked before older ones of the same realm. */
int sock__passwords_add(const char *op, struct sock__passwords *all,
                        const char *realm, const char *uri, const char *user,
                        const char *password)
{
    struct sock__password *p = calloc(1, sizeof *p);

    if (p == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    if (fill(op, p, realm, uri, user, password) < 0) {
        destroy(p);
        return -1;
    }
    pthread_mutex_lock(&all->lock);
    p->next = all->first;
    all->first = p;
    pthread_mutex_unlock(&all->lock);
    return 0;
}

void sock__passwords_end(struct sock__passwords *all)
{
    while (all->first != NULL) {
        struct sock__password *p = all->first;
        all->first = p->next;
        destroy(p);
    }
    pthread_mutex_destroy(&all->lock);
}

/* Finding one */

/* Whether a path lies under another: at a '/', so that /a covers /a/b and not
 * /ab. */
static bool covers_path(const char *under, const char *path)
{
    size_t n = strcspn(under, "?"), m = strcspn(path, "?");

    if (n > m || strncmp(under, path, n) != 0)
        return false;
    return n == m || under[n - 1] == '/' || path[n] == '/';
}

/* A host alone is that of either scheme, at the port that it names or at the
 * scheme's own. */
static bool is_host_of(const struct sock__locator *under,
                       const struct sock__locator *url)
{
    int own = url->kind == SOCK__OPENS_HTTPS ? 443 : 80;
    int port = under->url->port >= 0 ? under->port : own;
    return strcmp(under->host, url->host) == 0 && url->port == port;
}

static bool covers(const struct sock__password *p,
                   const struct sock__locator *url)
{
    bool same = p->any_scheme ? is_host_of(p->under, url)
                              : sock__locator_same_origin(p->under, url);
    return same && covers_path(p->under->line, url->line);
}

/* Whether it is for a realm; NULL: whichever that will be. */
static bool is_wanted(const struct sock__password *p, const char *realm)
{
    return realm == NULL || p->realm == NULL || strcmp(p->realm, realm) == 0;
}

/* That of the URL itself, or the one that lies nearest to it; NULL: none. Under
 * the lock. */
static struct sock__password *find(struct sock__login *l, const char *realm)
{
    struct sock__password *best = NULL;

    if (l->own.user != NULL)
        return &l->own;
    for (struct sock__password *p = l->all->first; p != NULL; p = p->next)
        if (is_wanted(p, realm) && covers(p, l->url) &&
            (best == NULL ||
             strlen(p->under->line) > strlen(best->under->line)))
            best = p;
    return best;
}

/* The one that goes along with what no one has asked for yet: the nearest, if
 * something was learned with it. Another, which had been asked for elsewhere,
 * would be told to whom it is not for. */
static struct sock__password *find_ahead(struct sock__login *l)
{
    struct sock__password *p = find(l, NULL);

    return p != NULL && p->learned != NULL ? p : NULL;
}

static bool has_password(const char *realm, void *login)
{
    return find(login, realm) != NULL;
}

/* Logins */

void sock__login_begin(struct sock__login *l, struct sock__passwords *all,
                       const struct sock__locator *url,
                       const struct sock__locator *user)
{
    *l = (struct sock__login){.all = all, .url = url};
    if (user != NULL) {
        l->own.user = user->user;
        l->own.password = user->password;
    }
}

int sock__login_ahead(const char *op, struct sock__login *l)
{
    if (l->own.user == NULL)
        return 0;
    l->own.learned = sock__auth_basic(op);
    return l->own.learned != NULL ? 0 : -1;
}

void sock__login_end(struct sock__login *l)
{
    sock__auth_free(l->own.learned);
    l->own.learned = NULL;
}

/* The digest of a body, where the answer covers it: false if it cannot be
 * had. */
static bool digest_body(const struct sock__auth *a, const struct sock__asked *q,
                        char text[SOCK__DIGEST_HEX])
{
    struct sock__digest d;

    if (!a->whole || (q->body == NULL && q->len > 0))
        return false;
    sock__digest_begin(&d, a->hash);
    sock__digest_add(&d, q->len > 0 ? q->body : "", q->len);
    sock__digest_hex(&d, text);
    return true;
}

/* Under the lock. */
static char *answer_of(const char *op, const struct sock__password *p,
                       const struct sock__asked *q)
{
    char body[SOCK__DIGEST_HEX];
    struct sock__auth_for f = {.user = p->user,
                               .password = p->password,
                               .method = q->method,
                               .uri = q->uri};

    if (digest_body(p->learned, q, body))
        f.body = body;
    return sock__auth_answer(op, p->learned, &f);
}

int sock__login_answer(const char *op, struct sock__login *l,
                       const struct sock__asked *q, char **answer)
{
    int result = 0;

    *answer = NULL;
    pthread_mutex_lock(&l->all->lock);
    struct sock__password *p =
        l->state == SOCK__ANSWERED ? l->used : find_ahead(l);
    if (p != NULL) {
        *answer = answer_of(op, p, q);
        result = *answer != NULL ? 0 : -1;
        l->used = p;
        if (l->state == SOCK__UNASKED)
            l->state = SOCK__AHEAD;
    }
    pthread_mutex_unlock(&l->all->lock);
    return result;
}

/* Whether what was sent can't be right for what is asked now: a nonce grows
 * old, a password does not. Under the lock. */
static bool is_refused(struct sock__login *l, const struct sock__auth *a)
{
    enum { MOST = 3 };
    bool basic = a->strength == SOCK__BASIC;

    if (l->state == SOCK__UNASKED)
        return false;
    if (l->state == SOCK__AHEAD)
        return basic && l->used->learned->strength == SOCK__BASIC &&
               find(l, a->realm) == l->used;
    return basic || !a->stale || l->answers >= MOST;
}

int sock__login_challenged(const char *op, struct sock__login *l,
                           const sock_headers_t *headers, const char *field)
{
    struct sock__auth *a;

    pthread_mutex_lock(&l->all->lock);
    int result = sock__auth_choose(op, headers, field, has_password, l, &a);
    if (result == 0 && a != NULL && !is_refused(l, a)) {
        l->used = find(l, a->realm);
        sock__auth_free(l->used->learned);
        l->used->learned = a;
        l->state = SOCK__ANSWERED;
        l->answers++;
        result = 1;
    } else if (result == 0) {
        sock__auth_free(a);
    }
    pthread_mutex_unlock(&l->all->lock);
    return result;
}

void sock__login_info(struct sock__login *l, const sock_headers_t *headers,
                      const char *field)
{
    const char *value = sock_headers_get(headers, field, NULL);

    if (value == NULL || l->used == NULL)
        return;
    pthread_mutex_lock(&l->all->lock);
    sock__auth_info(l->used->learned, value);
    pthread_mutex_unlock(&l->all->lock);
}
