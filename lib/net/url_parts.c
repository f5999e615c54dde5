/* SPDX-License-Identifier: MIT */
#include "url_parts.h"

#include "chars.h"

size_t sock__url_scheme(const char *text)
{
    size_t n = 0;

    if (!sock__is(text[0], SOCK__ALPHA))
        return 0;
    while (sock__is(text[n], SOCK__URL_SCHEME))
        n++;
    return text[n] == ':' ? n : 0;
}

/* How far it is to one of these. */
static inline size_t until(const char *text, unsigned classes)
{
    size_t n = 0;
    while (!sock__is(text[n], classes | SOCK__URL_STOP))
        n++;
    return n;
}

static size_t scan_netloc(struct sock__url_parts *p, const char *text)
{
    const unsigned ends =
        SOCK__URL_SLASH | SOCK__URL_QUESTION | SOCK__URL_HASH | SOCK__URL_STOP;
    unsigned c, all = 0;
    size_t i = p->netloc;

    while (((c = sock__chars[(unsigned char)text[i]]) & ends) == 0) {
        all |= c;
        i++;
    }
    p->netloc_classes = all;
    p->netloc_len = i - p->netloc;
    return i;
}

bool sock__url_scan(struct sock__url_parts *parts, const char *text)
{
    struct sock__url_parts p = {.scheme_len = sock__url_scheme(text)};
    size_t i = p.scheme_len > 0 ? p.scheme_len + 1 : 0;

    if (text[i] == '/' && text[i + 1] == '/') {
        p.netloc = i + 2;
        i = scan_netloc(&p, text);
    }
    p.path = i;
    p.path_len = until(text + i, SOCK__URL_QUESTION | SOCK__URL_HASH);
    i += p.path_len;
    if (text[i] == '?') {
        p.query = i + 1;
        p.query_len = until(text + p.query, SOCK__URL_HASH);
        i = p.query + p.query_len;
    }
    if (text[i] == '#') {
        p.fragment = i + 1;
        p.fragment_len = until(text + p.fragment, 0);
        i = p.fragment + p.fragment_len;
    }
    p.end = i;
    *parts = p;
    return text[i] == '\0';
}
