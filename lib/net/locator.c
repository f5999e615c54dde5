/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "locator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "chars.h"
#include "host.h"
#include "netloc.h"
#include "private.h"
#include "url.h"

static int refuse(const char *op, const char *words)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

/* Texts */

/* NULL with the error recorded. */
static char *copy(const char *op, const char *text)
{
    char *made = strdup(text);
    if (made == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return made;
}

/* A copy of what %XX stands for; NULL with the error recorded. */
static char *decode(const char *op, const char *text)
{
    char *made = copy(op, text);
    int n = made != NULL ? sock_unquote_to_bytes(text, made, strlen(text)) : -1;

    if (n >= 0 && memchr(made, '\0', (size_t)n) == NULL) {
        made[n] = '\0';
        return made;
    }
    sock__free(made);
    if (n >= 0)
        refuse(op, "user or password with %00");
    return NULL;
}

/* Hosts */

/* Some take a backslash for a '/', which makes another host of it. */
static bool has_backslash(const char *text)
{
    return text != NULL && strchr(text, '\\') != NULL;
}

static int check_host(const char *op, const sock_url_t *url)
{
    if (sock__url_may_open(url, op) < 0)
        return -1;
    if (has_backslash(url->netloc) || has_backslash(url->path) ||
        has_backslash(url->query))
        return refuse(op, "URL can't contain a backslash");
    return url->port != 0 ? 0 : refuse(op, "port must be 1-65535.");
}

/* Whom to connect to: the zone of an IPv6 address follows a %, or as RFC 6874
 * has it %25. */
static int put_host(const char *op, struct sock__locator *t)
{
    t->host = copy(op, t->url->hostname);
    char *zone = t->host != NULL ? strchr(t->host, '%') : NULL;
    if (zone != NULL && strncmp(zone, "%25", 3) == 0 && zone[3] != '\0')
        memmove(zone + 1, zone + 3, strlen(zone + 3) + 1);
    return t->host != NULL ? 0 : -1;
}

/* A zone says something here alone, and the scheme's own port nothing. */
static int put_authority(const char *op, struct sock__locator *t)
{
    static const int ports[] = {80, 443, 21};
    const char *host = t->url->hostname;
    bool brackets = strchr(host, ':') != NULL;
    size_t n = brackets ? strcspn(host, "%") : strlen(host);
    char port[8] = "";

    t->port = sock__url_port(t->url);
    if (t->port != ports[t->kind])
        snprintf(port, sizeof port, ":%d", t->port);
    size_t size = n + sizeof "[]" + sizeof port;
    t->authority = malloc(size);
    if (t->authority == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    snprintf(t->authority, size, "%s%.*s%s%s", brackets ? "[" : "", (int)n,
             host, brackets ? "]" : "", port);
    return 0;
}

/* Users */

static int put_user(const char *op, struct sock__locator *t)
{
    const char *user = t->url->username, *password = t->url->password;

    if (user == NULL)
        return 0;
    t->user = decode(op, user);
    t->password = decode(op, password != NULL ? password : "");
    return t->user != NULL && t->password != NULL ? 0 : -1;
}

/* Targets */

/* Writes bytes beyond ASCII as %XX. */
static char *put_encoded(char *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 128)
            *to++ = *text;
        else
            to = sock__put_percent(to, *text);
    }
    *to = '\0';
    return to;
}

static int put_line(const char *op, struct sock__locator *t)
{
    const char *path = t->url->path, *query = t->url->query;
    size_t n = strlen(path) + (query != NULL ? strlen(query) : 0);
    char *at = t->line = malloc(3 * n + sizeof "/?");

    if (at == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    if (*path != '/')
        *at++ = '/';
    at = put_encoded(at, path);
    if (query != NULL) {
        *at++ = '?';
        put_encoded(at, query);
    }
    return 0;
}

static bool has_host(const struct sock__locator *t)
{
    return t->kind <= SOCK__OPENS_FTP;
}

static int put_shown(const char *op, struct sock__locator *t)
{
    sock_url_t parts = *t->url;

    if (has_host(t))
        parts.netloc = sock__behind_user(parts.netloc);
    t->shown = sock__url_text(&parts, op);
    parts.fragment = NULL;
    t->whom = t->shown != NULL ? sock__url_text(&parts, op) : NULL;
    return t->whom != NULL ? 0 : -1;
}

/* Schemes */

static int put_kind(const char *op, struct sock__locator *t, const char *url)
{
    static const char *const schemes[] = {"http", "https", "ftp", "data",
                                          "file"};
    const char *scheme = t->url->scheme;
    char words[SOCK_ERROR_WORDS_MAX], shown[SOCK__SHOWN_MAX];

    for (int i = 0; scheme != NULL && i < 5; i++)
        if (strcmp(scheme, schemes[i]) == 0) {
            t->kind = (enum sock__locator_kind)i;
            return 0;
        }
    sock__url_show(url, shown);
    if (scheme != NULL)
        snprintf(words, sizeof words, "unknown url type: %.100s", scheme);
    else
        snprintf(words, sizeof words, "unknown url type: '%.100s'", shown);
    return refuse(op, words);
}

static int fill(const char *op, struct sock__locator *t, const char *url)
{
    /* Before it is taken apart, which leaves them out. */
    if (sock__has(url, SOCK__CONTROL))
        return refuse(op, "URL can't contain control characters");
    t->url = sock__url_split(url, op);
    if (t->url == NULL || put_kind(op, t, url) < 0)
        return -1;
    if (has_host(t) && (check_host(op, t->url) < 0 || put_host(op, t) < 0 ||
                        put_authority(op, t) < 0 || put_user(op, t) < 0 ||
                        put_line(op, t) < 0))
        return -1;
    return put_shown(op, t);
}

struct sock__locator *sock__locator_new(const char *op, const char *url)
{
    struct sock__locator *t = calloc(1, sizeof *t);

    if (t == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    } else if (fill(op, t, url) < 0) {
        sock__locator_free(t);
        t = NULL;
    }
    return t;
}

void sock__locator_free(struct sock__locator *t)
{
    if (t == NULL)
        return;
    sock_url_free(t->url);
    char *const texts[] = {t->shown, t->whom, t->host,    t->authority,
                           t->line,  t->user, t->password};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        sock__free(texts[i]);
    sock__free(t);
}

bool sock__locator_same_origin(const struct sock__locator *a,
                               const struct sock__locator *b)
{
    return a->kind == b->kind && a->port == b->port &&
           strcmp(a->host, b->host) == 0;
}
