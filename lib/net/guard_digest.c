/* SPDX-License-Identifier: MIT */
/* Who may ask: Digest (RFC 7616). */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "chars.h"
#include "claim.h"
#include "guard.h"
#include "nonce.h"
#include "private.h"

enum {
    ALL_FLAGS = SOCK_HTTPD_MD5 | SOCK_HTTPD_MD5_ONLY | SOCK_HTTPD_USERHASH,
    SECRET = 1024 /* bytes of a password, with its NUL */
};

struct guard {
    const char *realm;
    int flags;
    sock_httpd_secret_fn secret;
    void *arg;
};

/* The nonces of a server */

static void end_nonces(void *state)
{
    sock__nonces_free(state);
}

/* With the site's lock; NULL with errno. */
static struct sock__nonces *nonces_of(struct sock__site *site)
{
    if (site->nonces.state == NULL)
        site->nonces.state = sock__nonces_new();
    if (site->nonces.state != NULL)
        site->nonces.end = end_nonces;
    return site->nonces.state;
}

/* A new nonce, and what goes with it: 0; -1 with errno. */
static int make_nonce(struct sock__site *site, char nonce[SOCK__NONCE_SIZE],
                      char opaque[SOCK__NONCE_SIZE])
{
    pthread_mutex_lock(&site->lock);
    struct sock__nonces *n = nonces_of(site);
    if (n != NULL) {
        sock__nonce_make(n, sock__os_now(), nonce);
        sock__put_text(opaque, sock__nonces_opaque(n));
    }
    pthread_mutex_unlock(&site->lock);
    return n != NULL ? 0 : -1;
}

static bool take_nonce(struct sock__site *site, const struct sock__claim *c)
{
    pthread_mutex_lock(&site->lock);
    struct sock__nonces *n = nonces_of(site);
    bool taken =
        n != NULL && sock__nonce_take(n, sock__os_now(), c->nonce, c->count);
    pthread_mutex_unlock(&site->lock);
    return taken;
}

/* Challenges */

enum { CHALLENGE = SOCK__GUARD_REALM + 256 };

static bool offers(const struct guard *g, enum sock__hash hash)
{
    if (hash == SOCK__SHA256)
        return (g->flags & SOCK_HTTPD_MD5_ONLY) == 0;
    return (g->flags & (SOCK_HTTPD_MD5 | SOCK_HTTPD_MD5_ONLY)) != 0;
}

/* Asks for a password, with the best that there is first; or, of a client that
 * has the right one, for another try. */
static int challenge(sock_httpd_request_t *self, const struct guard *g,
                     bool stale)
{
    static const char *const names[] = {"MD5", "SHA-256"};
    char realm[SOCK__GUARD_REALM], nonce[SOCK__NONCE_SIZE];
    char opaque[SOCK__NONCE_SIZE], texts[2][CHALLENGE];
    const char *fields[5] = {NULL};
    size_t n = 0;

    if (make_nonce(self->site, nonce, opaque) < 0)
        return sock__guard_refuse(self, 503, NULL);
    sock__guard_realm(g->realm, realm);
    for (int hash = SOCK__SHA256; hash >= SOCK__MD5; hash--) {
        if (!offers(g, (enum sock__hash)hash))
            continue;
        snprintf(texts[n], CHALLENGE,
                 "Digest realm=%s, qop=\"auth\", algorithm=%s, nonce=\"%s\", "
                 "opaque=\"%s\", charset=UTF-8%s%s",
                 realm, names[hash], nonce, opaque,
                 (g->flags & SOCK_HTTPD_USERHASH) != 0 ? ", userhash=true" : "",
                 stale ? ", stale=true" : "");
        fields[2 * n] = "WWW-Authenticate";
        fields[2 * n + 1] = texts[n];
        n++;
    }
    return sock__guard_refuse(self, 401, fields);
}

/* Claims */

/* The text of a hash, in lower case; false if it is none of this kind. */
static bool read_hash(enum sock__hash hash, const char *text,
                      char ha1[SOCK__DIGEST_HEX])
{
    size_t n = hash == SOCK__MD5 ? 32 : 64;

    if (strlen(text) != n || sock__span(text, text + n, SOCK__HEX) != n)
        return false;
    for (size_t i = 0; i <= n; i++)
        ha1[i] = sock__lower(text[i]);
    return true;
}

/* What is known of the user: whether there is one. The same is done for
 * everyone, so that the time it takes does not tell. */
static bool ask(const struct guard *g, const struct sock__claim *c,
                char ha1[SOCK__DIGEST_HEX])
{
    char secret[SECRET] = "", hash[SOCK__DIGEST_HEX];
    int kind = g->secret(c->user, g->realm, secret, sizeof secret, g->arg);

    secret[SECRET - 1] = '\0';
    sock__claim_ha1(c->hash, c->user, g->realm, secret, ha1);
    bool is_hash = read_hash(c->hash, secret, hash);
    if (kind == SOCK_HTTPD_HA1 && is_hash)
        memcpy(ha1, hash, sizeof hash);
    sock__wipe(secret, sizeof secret);
    return (kind == SOCK_HTTPD_PASSWORD && !c->userhash) ||
           (kind == SOCK_HTTPD_HA1 && is_hash);
}

static bool is_right(const sock_httpd_request_t *self, const struct guard *g,
                     const struct sock__claim *c)
{
    char ha1[SOCK__DIGEST_HEX], ours[SOCK__DIGEST_HEX];
    bool known = ask(g, c, ha1);

    sock__claim_response(c, ha1, self->start.method, ours);
    bool same = strlen(c->response) == strlen(ours) &&
                sock__same_bytes(c->response, ours, strlen(ours));
    sock__wipe(ha1, sizeof ha1);
    return known && same;
}

/* Whether it is a claim on what this guards. */
static bool is_for(const struct guard *g, const struct sock__claim *c)
{
    bool userhash = (g->flags & SOCK_HTTPD_USERHASH) != 0;
    return strcmp(c->realm, g->realm) == 0 && offers(g, c->hash) &&
           (!c->userhash || userhash);
}

/* What was signed must be what is asked for: the target, or what is left of an
 * absolute one. */
static bool is_about(const sock_httpd_request_t *self,
                     const struct sock__claim *c)
{
    return strcmp(c->uri, self->start.target) == 0 ||
           strcmp(c->uri, self->path) == 0;
}

static int judge(const char *op, sock_httpd_request_t *self,
                 const struct guard *g, const struct sock__claim *c)
{
    if (!is_for(g, c))
        return challenge(self, g, false);
    if (!is_about(self, c))
        return sock__guard_refuse(self, 400, NULL);
    if (!is_right(self, g, c))
        return challenge(self, g, false);
    if (!take_nonce(self->site, c))
        return challenge(self, g, true);
    return sock__guard_pass(op, self, c->user);
}

int sock_httpd_require_digest(sock_httpd_request_t *self, const char *realm,
                              int flags, sock_httpd_secret_fn secret, void *arg)
{
    const char *op = "require_digest";
    const struct guard g = {realm, flags, secret, arg};
    struct sock__claim c;

    if (sock__guard_begin(op, self, realm, secret != NULL) < 0)
        return 0;
    if ((flags & ~ALL_FLAGS) != 0) {
        sock__guard_refuse(self, 500, NULL);
        sock__fail_saying(op, SOCK_E_VALUE, 0, "unknown flags");
        return 0;
    }
    const char *value = sock__guard_claim(self);
    int status = value != NULL ? sock__claim_read(&c, value) : 401;
    if (status == 401)
        return challenge(self, &g, false);
    if (status != 0)
        return sock__guard_refuse(self, status, NULL);
    int result = judge(op, self, &g, &c);
    sock__claim_release(&c);
    return result;
}
