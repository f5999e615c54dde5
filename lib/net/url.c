/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "url.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "chars.h"
#include "netloc.h"
#include "record.h"
#include "text.h"
#include "url_parts.h"

/* Taking apart */

/*
 * One allocation holds the fields and the text, a NUL in the place of each
 * delimiter. netloc moves over the second '/', so that the path keeps its own;
 * behind the text is a second copy of it, which is taken apart in its turn.
 */

static char *cut(char *text, size_t at, size_t len)
{
    text[at + len] = '\0';
    return text + at;
}

static char *lower(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        *c = sock__lower(*c);
    return text;
}

static char *move_netloc(char *text, const struct sock__url_parts *p)
{
    memmove(text + p->netloc - 1, text + p->netloc, p->netloc_len);
    return cut(text, p->netloc - 1, p->netloc_len);
}

static void set_fields(sock_url_t *url, char *text,
                       const struct sock__url_parts *p)
{
    *url = (sock_url_t){.port = -1};
    if (p->netloc > 0)
        url->netloc = move_netloc(text, p);
    if (p->scheme_len > 0)
        url->scheme = lower(cut(text, 0, p->scheme_len));
    url->path = cut(text, p->path, p->path_len);
    if (p->query > 0)
        url->query = cut(text, p->query, p->query_len);
    if (p->fragment > 0)
        url->fragment = cut(text, p->fragment, p->fragment_len);
}

/* Copies what is not passed over. */
static void copy_clean(char *to, const char *text)
{
    for (; *text != '\0'; text++)
        if (!sock__is(*text, SOCK__URL_STOP))
            *to++ = *text;
    *to = '\0';
}

/* Room for a text of n bytes, and a netloc of m; NULL with the error. */
static sock_url_t *room_for(size_t n, size_t m, const char *op)
{
    sock_url_t *url = NULL;

    if (n <= PTRDIFF_MAX / 4)
        url = malloc(sizeof *url + n + 1 + m + 1);
    if (url == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return url;
}

sock_url_t *sock__url_split(const char *text, const char *op)
{
    struct sock__url_parts p;

    while (*text > '\0' && *text <= ' ')
        text++;
    bool clean = sock__url_scan(&p, text);
    size_t n = clean ? p.end : strlen(text);
    sock_url_t *url = room_for(n, clean ? p.netloc_len : n, op);
    if (url == NULL)
        return NULL;
    char *copy = (char *)(url + 1);
    if (clean) {
        memcpy(copy, text, n + 1);
    } else {
        copy_clean(copy, text);
        sock__url_scan(&p, copy);
    }
    set_fields(url, copy, &p);
    char *netloc = copy + p.end + 1;
    if (url->netloc != NULL) {
        memcpy(netloc, url->netloc, p.netloc_len + 1);
        if (sock__netloc_split(url, netloc, p.netloc_classes, op) < 0) {
            sock__free(url);
            return NULL;
        }
    }
    return url;
}

static void *no_argument(const char *op)
{
    sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return NULL;
}

sock_url_t *sock_urlsplit(const char *url)
{
    const char *op = "urlsplit";
    return url != NULL ? sock__url_split(url, op) : no_argument(op);
}

/* Python's uses_params. */
static bool has_params(const char *scheme)
{
    static const char *const schemes[] = {
        "ftp",   "hdl",   "prospero", "http", "imap", "https", "shttp", "rtsp",
        "rtsps", "rtspu", "sip",      "sips", "mms",  "sftp",  "tel"};

    if (scheme == NULL)
        return true;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strcmp(scheme, schemes[i]) == 0)
            return true;
    return false;
}

sock_url_t *sock_urlparse(const char *url)
{
    sock_url_t *u = url != NULL ? sock__url_split(url, "urlparse")
                                : no_argument("urlparse");

    if (u == NULL || !has_params(u->scheme))
        return u;
    const char *last = strrchr(u->path, '/');
    size_t before = last != NULL ? (size_t)(last - u->path) : 0;
    size_t n = before + strcspn(u->path + before, ";");
    if (u->path[n] == ';') {
        char *path = (char *)(u + 1) + (u->path - (const char *)(u + 1));
        path[n] = '\0';
        u->params = path + n + 1;
    }
    return u;
}

void sock_url_free(sock_url_t *url)
{
    sock__free(url);
}

/* Putting together */

/* What keeps a path from being read as something else. */
static const char *before_path(const sock_url_t *url, const char *path)
{
    if (url->netloc != NULL) {
        bool more = path[0] != '\0' || url->params != NULL;
        return more && path[0] != '/' ? "/" : "";
    }
    if (path[0] == '/' && path[1] == '/')
        return "//";
    if (url->scheme != NULL)
        return "";
    bool blank = path[0] > '\0' && path[0] <= ' ';
    return blank || sock__url_scheme(path) > 0 ? "./" : "";
}

static void add_part(struct sock__text *t, const char *mark, const char *part)
{
    if (part == NULL)
        return;
    sock__text_add(t, mark);
    sock__text_add(t, part);
}

int sock__url_unsplit(const sock_url_t *url, char *buf, size_t size,
                      const char *op)
{
    const char *path = url->path != NULL ? url->path : "";
    struct sock__text t;

    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    add_part(&t, "", url->scheme);
    if (url->scheme != NULL)
        sock__text_char(&t, ':');
    add_part(&t, "//", url->netloc);
    sock__text_add(&t, before_path(url, path));
    sock__text_add(&t, path);
    add_part(&t, ";", url->params);
    add_part(&t, "?", url->query);
    add_part(&t, "#", url->fragment);
    return sock__text_finish(&t, op);
}

char *sock__url_text(const sock_url_t *url, const char *op)
{
    int n = sock__url_unsplit(url, NULL, 0, op);
    char *text = n >= 0 ? malloc((size_t)n + 1) : NULL;

    if (text != NULL)
        sock__url_unsplit(url, text, (size_t)n + 1, op);
    else if (n >= 0)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return text;
}

int sock_urlunsplit(const sock_url_t *url, char *buf, size_t size)
{
    const char *op = "urlunsplit";
    sock__text_clear(buf, size);
    return url != NULL ? sock__url_unsplit(url, buf, size, op)
                       : sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
}

int sock_urldefrag(const char *url, char *buf, size_t size)
{
    const char *op = "urldefrag";

    sock__text_clear(buf, size);
    sock_url_t *u = url != NULL ? sock__url_split(url, op) : no_argument(op);
    if (u == NULL)
        return -1;
    u->fragment = NULL;
    int n = sock__url_unsplit(u, buf, size, op);
    sock__free(u);
    return n;
}

/* Origins */

int sock__url_port(const sock_url_t *url)
{
    static const struct {
        const char *scheme;
        int port;
    } ports[] = {
        {"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}, {"ftp", 21}};

    if (url->port >= 0 || url->scheme == NULL)
        return url->port;
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        if (strcasecmp(url->scheme, ports[i].scheme) == 0)
            return ports[i].port;
    return -1;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

int sock_url_same_origin(const sock_url_t *a, const sock_url_t *b)
{
    if (a == NULL || b == NULL)
        return sock__fail("url_same_origin", SOCK_E_TYPE, 0,
                          SOCK__NULL_ARGUMENT);
    return same(a->scheme, b->scheme) && same(a->hostname, b->hostname) &&
           sock__url_port(a) == sock__url_port(b);
}

/* Of what may be no URL at all: scheme and slashes, and what follows the last
 * '@', wherever that stands. */
void sock__url_show(const char *url, char shown[SOCK__SHOWN_MAX])
{
    const char *host = sock__behind_user(url);
    size_t n = strcspn(url, ":/?#@");

    n += strspn(url + n, ":/\\");
    if (host <= url + n)
        (void)snprintf(shown, SOCK__SHOWN_MAX, "%s", url);
    else
        (void)snprintf(shown, SOCK__SHOWN_MAX, "%.*s%s", n < 64 ? (int)n : 0,
                       url, host);
}

int sock__fail_about_url(const char *op, const char *url)
{
    char shown[SOCK__SHOWN_MAX];
    sock__url_show(url, shown);
    return sock__fail_about(op, shown);
}
