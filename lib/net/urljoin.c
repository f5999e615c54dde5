/* SPDX-License-Identifier: MIT */
/* RFC 3986 5.2: what a reference means in a document. */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/url.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "record.h"
#include "text.h"
#include "url.h"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Takes the last segment away, and the '/' before it. */
static char *drop_segment(const char *path, char *out)
{
    while (out > path && *--out != '/')
        ;
    return out;
}

/* 5.2.4, where the path lies: what comes out is never longer. */
static void remove_dots(char *path)
{
    char *in = path, *out = path;

    while (begins(in, "../") || begins(in, "./"))
        in += in[1] == '.' ? 3 : 2;
    if (strcmp(in, ".") == 0 || strcmp(in, "..") == 0)
        in += strlen(in);
    while (*in != '\0') {
        size_t n = 1 + strcspn(in + 1, "/"); /* the segment and its '/' */
        bool one = n == 2 && begins(in, "/.");
        bool two = n == 3 && begins(in, "/..");
        if (two)
            out = drop_segment(path, out);
        if (!one && !two) {
            memmove(out, in, n);
            out += n;
        } else if (in[n] == '\0') {
            *out++ = '/';
        }
        in += n;
    }
    *out = '\0';
}

/* The same for a path that is relative, and stays so: "./" is not "", nor is
 * ".//x" "/x". There is room for two bytes before it. */
static char *remove_dots_relative(char *path)
{
    char *at = path - 1;

    *at = '/';
    remove_dots(at);
    if (at[1] != '\0' && at[1] != '/')
        return at + 1;
    *--at = '.';
    return at;
}

/* 5.2.3, into room for both. */
static void merge(char *to, const sock_url_t *base, const char *path)
{
    const char *last = strrchr(base->path, '/');
    size_t n = last != NULL ? (size_t)(last + 1 - base->path) : 0;

    if (base->netloc != NULL && base->path[0] == '\0')
        *to++ = '/';
    memcpy(to, base->path, n);
    sock__put_text(to + n, path);
}

/* The path of the target, in room for both and four bytes; its query. */
static void set_path(sock_url_t *target, char *room, const sock_url_t *base,
                     const sock_url_t *r)
{
    char *path = room + 2;

    if (r->path[0] == '\0' && r->scheme == NULL && r->netloc == NULL) {
        target->path = base->path;
        if (r->query == NULL)
            target->query = base->query;
        return;
    }
    if (r->scheme != NULL || r->netloc != NULL || r->path[0] == '/')
        sock__put_text(path, r->path);
    else
        merge(path, base, r->path);
    if (target->scheme == NULL && target->netloc == NULL && path[0] != '/')
        path = remove_dots_relative(path);
    else
        remove_dots(path);
    target->path = path;
}

/* 5.2.2 */
static int join(const sock_url_t *base, const sock_url_t *r, char *buf,
                size_t size, const char *op)
{
    sock_url_t target = *r;
    char *room = malloc(strlen(base->path) + strlen(r->path) + 4);

    if (room == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    if (r->scheme == NULL) {
        target.scheme = base->scheme;
        if (r->netloc == NULL)
            target.netloc = base->netloc;
    }
    set_path(&target, room, base, r);
    int n = sock__url_unsplit(&target, buf, size, op);
    sock__free(room);
    return n;
}

/* As Python has it: to nothing a reference is what it is. */
static bool is_empty(const sock_url_t *url)
{
    return url->scheme == NULL && url->netloc == NULL && url->path[0] == '\0' &&
           url->query == NULL;
}

int sock_urljoin(const char *base, const char *url, char *buf, size_t size)
{
    const char *op = "urljoin";
    int n = -1;

    sock__text_clear(buf, size);
    if (base == NULL || url == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    sock_url_t *b = sock__url_split(base, op);
    sock_url_t *r = b != NULL ? sock__url_split(url, op) : NULL;
    if (r != NULL)
        n = is_empty(b) ? sock__url_unsplit(r, buf, size, op)
                        : join(b, r, buf, size, op);
    sock__free(r);
    sock__free(b);
    return n;
}
