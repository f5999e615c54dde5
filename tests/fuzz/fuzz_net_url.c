/* SPDX-License-Identifier: MIT */
/* URLs: what is taken apart is put together again, what is of the grammar is
 * taken apart, and what is joined has nothing left to join. */
#include <pysockc/url.h>

#include "fuzz.h"
#include "host.h"
#include "url.h"

enum { MOST = 512 }; /* bytes of an input: what is longer is the same again */

struct pair {
    const char *base, *url;
};

static int unsplit(const void *arg, char *buf, size_t size)
{
    return sock_urlunsplit(arg, buf, size);
}

static int join(const void *arg, char *buf, size_t size)
{
    const struct pair *p = arg;
    return sock_urljoin(p->base, p->url, buf, size);
}

static int defrag(const void *arg, char *buf, size_t size)
{
    return sock_urldefrag(arg, buf, size);
}

/* What is not passed over, with the scheme as it is kept. */
static char *cleaned(const char *text, const sock_url_t *u)
{
    char *copy = malloc(strlen(text) + 1), *to = copy;
    claim(copy != NULL);
    while (*text > '\0' && *text <= ' ')
        text++;
    for (; *text != '\0'; text++)
        if (strchr("\t\r\n", *text) == NULL)
            *to++ = *text;
    *to = '\0';
    if (u->scheme != NULL) {
        claim(strncasecmp(copy, u->scheme, strlen(u->scheme)) == 0);
        memcpy(copy, u->scheme, strlen(u->scheme));
    }
    return copy;
}

static int part_of(const char *part, const char *whole)
{
    return part == NULL || (whole != NULL && strstr(whole, part) != NULL);
}

static void check_fields(const sock_url_t *u)
{
    claim(u->path != NULL && u->port >= -1 && u->port <= 65535);
    claim(strpbrk(u->path, "?#\t\r\n") == NULL);
    claim(u->query == NULL || strpbrk(u->query, "#\t\r\n") == NULL);
    claim(u->netloc == NULL || strpbrk(u->netloc, "/?#\t\r\n") == NULL);
    claim(u->netloc != NULL || (u->username == NULL && u->hostname == NULL &&
                                u->password == NULL && u->port == -1));
    claim(part_of(u->username, u->netloc) && part_of(u->password, u->netloc));
    claim(u->password == NULL || u->username != NULL);
    if (u->hostname != NULL) {
        claim(u->hostname[0] != '\0' && strpbrk(u->hostname, "[]@") == NULL);
        size_t name = strcspn(u->hostname, "%");
        for (size_t i = 0; i < name; i++)
            claim(u->hostname[i] < 'A' || u->hostname[i] > 'Z');
    }
    claim(sock_url_same_origin(u, u) ==
          (u->scheme != NULL && u->hostname != NULL));
    if (sock__url_may_open(u, "x") == 0)
        claim(strpbrk(u->hostname, " \\/?#@\x01\x7f") == NULL);
}

static void check_text(const char *text, size_t room)
{
    sock_url_t *u = sock_urlsplit(text), *p = sock_urlparse(text);
    int strict = sock_url_check(text) == 0;

    claim((u == NULL) == (p == NULL));
    claim(u != NULL || !strict);
    if (u == NULL)
        return;
    check_fields(u);
    check_fields(p);
    char *back = text_of(unsplit, u, room), *same = text_of(unsplit, p, room);
    char *clean = cleaned(text, u);
    claim(strcmp(back, clean) == 0 && strcmp(same, back) == 0);
    if (strict)
        claim(strcasecmp(back, text) == 0);
    free(clean);
    free(same);
    free(back);
    sock_url_free(u);
    sock_url_free(p);
}

static int has_dots(const char *path)
{
    for (; path != NULL; path = strchr(path, '/')) {
        path += *path == '/' ? 1 : 0;
        size_t n = strcspn(path, "/");
        if ((n == 1 && path[0] == '.') ||
            (n == 2 && memcmp(path, "..", 2) == 0))
            return 1;
    }
    return 0;
}

/* What was joined is a URL with no dots where the reference had a path, and to
 * join it to the same document changes nothing. */
static void check_joined(const struct pair *p, char *text, size_t room)
{
    struct pair again = {p->base, text};
    sock_url_t *u = sock_urlsplit(text), *base = sock_urlsplit(p->base),
               *url = sock_urlsplit(p->url);

    claim(u != NULL && base != NULL && url != NULL);
    if (u->scheme != NULL && base->scheme != NULL) {
        char *same = text_of(join, &again, room);
        claim(same != NULL);
        if (url->path[0] != '\0' || url->netloc != NULL ||
            url->scheme != NULL) {
            claim(!has_dots(u->path));
            claim(strcmp(same, text) == 0);
        }
        free(same);
    }
    sock_url_free(u);
    sock_url_free(base);
    sock_url_free(url);
}

static void check_join(const char *base, const char *url, size_t room)
{
    struct pair p = {base, url}, nothing = {base, ""};
    char *text = text_of(join, &p, room);

    if (text != NULL)
        check_joined(&p, text, room);
    free(text);
    char *whole = text_of(join, &nothing, room);
    char *without = text_of(defrag, base, room);
    claim((whole == NULL) == (without == NULL));
    claim(whole == NULL || strcmp(whole, without) == 0);
    free(whole);
    free(without);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size < MOST ? size : MOST};
    size_t room = next_byte(&in);
    char *base = rest_as_text(&in);
    size_t n = strlen(base) < in.left ? strlen(base) + 1 : in.left;
    in.at += n;
    in.left -= n;
    char *url = rest_as_text(&in);

    check_text(base, room);
    check_text(url, room);
    check_join(base, url, room);
    free(url);
    free(base);
    return 0;
}
