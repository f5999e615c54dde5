/* SPDX-License-Identifier: MIT */
/* What the path of a request names. Each segment is decoded once, and only
 * then looked at: "%2e%2e" is "..". */
#include "path.h"

#include <string.h>

#include "chars.h"

/* The byte that is written as "%XX"; 0 where there is none that may stand in a
 * segment. */
static int escaped(const char *at)
{
    int byte = sock__hex_pair(at + 1);
    return byte > 0 && byte != '/' ? byte : 0;
}

struct builder {
    char *buf;
    size_t len, size;
    bool folder; /* the last segment stood for a folder, and is gone */
};

/* Decodes a segment to the end of what there is: 0 or a status. */
static int decode(struct builder *b, const char *at, const char *end)
{
    while (at < end) {
        int c = *at == '%' ? escaped(at) : *at;
        if (c == 0)
            return 400;
        if (b->len + 1 >= b->size)
            return 414;
        at += *at == '%' ? 3 : 1;
        b->buf[b->len++] = (char)c;
    }
    return 0;
}

/* Goes back to the folder that has the last segment; 400: there is none. */
static int leave(struct builder *b)
{
    if (b->len == 0)
        return 400;
    while (b->len > 0 && b->buf[b->len - 1] != '/')
        b->len--;
    b->len -= b->len > 0; /* the slash before it */
    return 0;
}

static bool is(const struct builder *b, size_t from, const char *what)
{
    size_t n = strlen(what);
    return b->len - from == n && memcmp(b->buf + from, what, n) == 0;
}

/* Adds a segment, behind a slash where it is not the first: 0 or a status. */
static int add(struct builder *b, const char *at, const char *end)
{
    size_t before = b->len;

    if (before > 0 && before + 1 >= b->size)
        return 414;
    if (before > 0)
        b->buf[b->len++] = '/';
    size_t from = b->len;
    int status = decode(b, at, end);
    if (status != 0)
        return status;
    bool up = is(b, from, "..");
    b->folder = up || is(b, from, ".") || b->len == from;
    if (b->folder)
        b->len = before;
    return up ? leave(b) : 0;
}

static bool has_hidden(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] == '.' && (i == 0 || text[i - 1] == '/'))
            return true;
    return false;
}

int sock__path_read(struct sock__path *p, const char *target, char *buf,
                    size_t size)
{
    struct builder b = {buf, 0, size, false};
    const char *end = target + strcspn(target, "?");

    if (*target != '/')
        return 400;
    if (size == 0)
        return 414;
    for (const char *at = target; at < end;) {
        const char *next = ++at;
        while (next < end && *next != '/')
            next++;
        int status = add(&b, at, next);
        if (status != 0)
            return status;
        at = next;
    }
    buf[b.len] = '\0';
    *p = (struct sock__path){buf, b.len, *end == '?' ? end + 1 : NULL, b.folder,
                             has_hidden(buf, b.len)};
    return 0;
}
