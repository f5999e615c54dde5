/* SPDX-License-Identifier: MIT */
/* Files of cookies, in the format of Netscape: a cookie a line, of seven fields
 * with tabs between them. */
#define _POSIX_C_SOURCE 200809L

#include "cookiejar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "chars.h"
#include "headers.h"
#include "host.h"
#include "record.h"
#include "text.h"
#include "whole.h"

enum { FILE_MAX = 32 * 1024 * 1024 };

enum field { DOMAIN, BELOW, PATH, SECURE, EXPIRES, NAME, VALUE, FIELDS };

static const char http_only_mark[] = "#HttpOnly_";

/* Writing */

static bool can_be_saved(const struct sock__cookie *c)
{
    return c->expires != 0 && strchr(c->path, '\t') == NULL &&
           strchr(c->name, '\t') == NULL && strchr(c->value, '\t') == NULL;
}

static const char *truth(bool is)
{
    return is ? "TRUE" : "FALSE";
}

static void add_cookie(struct sock__text *t, const struct sock__cookie *c)
{
    sock__text_add(t, c->http_only ? http_only_mark : "");
    sock__text_add(t, c->host_only ? "" : ".");
    sock__text_add(t, c->domain);
    sock__text_addf(t, "\t%s\t", truth(!c->host_only));
    sock__text_add(t, c->path);
    sock__text_addf(t, "\t%s\t%lld\t", truth(c->secure), (long long)c->expires);
    sock__text_add(t, c->name);
    sock__text_char(t, '\t');
    sock__text_add(t, c->value);
    sock__text_char(t, '\n');
}

static void add_all(struct sock__text *t, const sock_cookiejar_t *j)
{
    sock__text_add(t, "# Netscape HTTP Cookie File\n"
                      "# This file was generated; what is changed may be "
                      "lost.\n\n");
    for (size_t i = 0; i < j->count; i++)
        if (can_be_saved(j->cookies[i]))
            add_cookie(t, j->cookies[i]);
}

/* The whole text, to be freed; false: no memory. */
static bool make_text(sock_cookiejar_t *j, struct sock__text *t)
{
    *t = (struct sock__text){0};
    pthread_mutex_lock(&j->lock);
    sock__jar_sweep(j, sock__jar_now());
    add_all(t, j);
    size_t size = t->len;
    *t = (struct sock__text){.buf = malloc(size), .size = size};
    if (t->buf != NULL)
        add_all(t, j);
    pthread_mutex_unlock(&j->lock);
    return t->buf != NULL;
}

static int write_all(int fd, const char *at, size_t left)
{
    while (left > 0) {
        ssize_t n = write(fd, at, left);
        if (n < 0 && errno != EINTR)
            return -1;
        at += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    return fsync(fd);
}

/* A new file beside the other one, whose name is that one's and a number. */
static int open_beside(const char *path, char *name, size_t size)
{
    int fd = -1;
    for (unsigned i = 0; fd < 0 && i < 1000; i++) {
        (void)snprintf(name, size, "%s.%ld-%u", path, (long)getpid(), i);
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                  S_IRUSR | S_IWUSR);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

/* 0 or an errno. */
static int replace(const char *path, char *name, size_t size,
                   const struct sock__text *t)
{
    int fd = open_beside(path, name, size);
    if (fd < 0)
        return errno;
    int code = write_all(fd, t->buf, t->len) < 0 ? errno : 0;
    if (close(fd) < 0 && code == 0 && errno != EINTR)
        code = errno;
    if (code == 0 && rename(name, path) < 0)
        code = errno;
    if (code != 0)
        (void)unlink(name);
    return code;
}

int sock_cookiejar_save(sock_cookiejar_t *j, const char *path)
{
    enum { NUMBERS = 48 };
    const char *op = "save";
    int saved = errno;
    struct sock__text t;
    if (j == NULL || path == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    size_t size = strlen(path) + NUMBERS;
    char *name = malloc(size);
    if (name == NULL || !make_text(j, &t)) {
        sock__free(name);
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    }
    int code = replace(path, name, size, &t);
    sock__free(t.buf);
    sock__free(name);
    if (code != 0) {
        sock__fail(op, SOCK_E_OS, code, 0);
        return sock__fail_about(op, path);
    }
    errno = saved;
    return 0;
}

/* Reading */

/* A file's cookies, before any of them is the jar's. */
struct reader {
    sock_cookiejar_t *jar;
    struct sock__cookie **cookies;
    size_t count, room, line;
    int64_t now;
};

enum result { NO_MEMORY = -2, BAD_LINE = -1, DONE = 0 };

static bool is_text(struct sock__piece p, const char *text)
{
    return sock__same_text(p.at, p.n, text, strlen(text));
}

static bool read_truth(struct sock__piece p, bool *is)
{
    *is = is_text(p, "TRUE");
    return *is || is_text(p, "FALSE");
}

/* Seconds since 1970, perhaps with a fraction; none, or 0, is the session. */
static bool read_expires(struct sock__piece p, int64_t *seconds)
{
    size_t i = 0;
    bool negative = p.n > 0 && p.at[0] == '-';
    for (*seconds = 0, i = negative; i < p.n && sock__is_digit(p.at[i]); i++)
        if (*seconds < INT64_MAX / 100)
            *seconds = 10 * *seconds + (p.at[i] - '0');
    if (negative)
        *seconds = i > 1 ? -1 : 0;
    if (i > negative && i < p.n && p.at[i] == '.')
        for (i++; i < p.n && sock__is_digit(p.at[i]);)
            i++;
    return i == p.n;
}

/* Cuts a line at its tabs; the last field may be missing, with its tab. */
static bool cut(const char *at, const char *end, struct sock__piece *fields)
{
    int n = 0;
    for (; n < FIELDS; n++) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        fields[n] =
            (struct sock__piece){at, (size_t)((tab != NULL ? tab : end) - at)};
        if (tab == NULL)
            break;
        at = tab + 1;
    }
    if (n == NAME)
        fields[VALUE] = (struct sock__piece){end, 0};
    return n == NAME || n == VALUE;
}

static bool has_room_for(const struct sock__piece *f)
{
    return f[NAME].n + f[VALUE].n > 0 &&
           f[NAME].n + f[VALUE].n <= SOCK__COOKIE_PAIR &&
           f[PATH].n < SOCK_COOKIE_PATH_MAX && f[DOMAIN].n > 0 &&
           f[DOMAIN].n < SOCK_COOKIE_DOMAIN_MAX;
}

static bool has_controls(const struct sock__piece *f)
{
    for (int i = 0; i < FIELDS; i++)
        if (!sock__is_value(f[i].at, f[i].n))
            return true;
    return false;
}

/* Whether a server could have set it. */
static bool could_be(sock_cookiejar_t *j, const struct sock__cookie *c)
{
    if (sock__cookie_is_false(c))
        return false;
    return c->host_only || (!sock__is_numeric_host(c->domain) &&
                            !sock__jar_is_suffix(j, c->domain));
}

static enum result keep(struct reader *r, struct sock__cookie *c)
{
    struct sock__cookie **cookies = sock__grow(
        r->cookies, r->count, &r->room, 1, sizeof(struct sock__cookie *));
    if (cookies == NULL) {
        sock__free(c);
        return NO_MEMORY;
    }
    r->cookies = cookies;
    r->cookies[r->count++] = c;
    return DONE;
}

/* The domain without its dot, and without the port that wget(1) writes behind
 * it, which says nothing (RFC 6265 8.5). */
static struct sock__piece domain_of(struct sock__piece p)
{
    size_t digits = 0;
    if (p.at[0] == '.') {
        p.at++;
        p.n--;
    }
    while (digits < p.n && sock__is_digit(p.at[p.n - 1 - digits]))
        digits++;
    if (digits < p.n && memchr(p.at, ':', p.n) == p.at + p.n - 1 - digits)
        p.n -= digits + 1;
    return p;
}

static enum result read_cookie(struct reader *r, const char *at,
                               const char *end, bool http_only)
{
    struct sock__piece f[FIELDS];
    bool below, secure;
    int64_t expires;
    if (!cut(at, end, f) || f[DOMAIN].n == 0 || f[PATH].n == 0 ||
        f[PATH].at[0] != '/' || !read_truth(f[BELOW], &below) ||
        !read_truth(f[SECURE], &secure) ||
        !read_expires(f[EXPIRES], &expires) || has_controls(f))
        return BAD_LINE;
    f[DOMAIN] = domain_of(f[DOMAIN]);
    if (!has_room_for(f) || (expires != 0 && expires <= r->now))
        return DONE;
    struct sock__cookie *c =
        sock__cookie_new(f[DOMAIN], f[PATH], f[NAME], f[VALUE]);
    if (c == NULL)
        return NO_MEMORY;
    c->host_only = !below;
    c->secure = secure;
    c->http_only = http_only;
    c->expires = expires != 0 ? sock__cookie_expiry(expires, r->now) : 0;
    c->created = c->accessed = r->now;
    if (could_be(r->jar, c))
        return keep(r, c);
    sock__free(c);
    return DONE;
}

static enum result read_line(struct reader *r, const char *at, const char *end)
{
    enum { MARK = sizeof http_only_mark - 1 };
    size_t n = (size_t)(end - at);
    bool marked = n >= MARK && memcmp(at, http_only_mark, MARK) == 0;
    at += marked ? MARK : 0;
    const char *text = at + sock__blanks(at, end);
    if (text == end || *text == '#' || *text == '$')
        return DONE;
    return read_cookie(r, at, end, marked);
}

static bool is_head(const char *at, const char *end)
{
    static const char *const heads[] = {"# Netscape HTTP Cookie File",
                                        "# HTTP Cookie File"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        size_t n = strlen(heads[i]);
        if ((size_t)(end - at) >= n && memcmp(at, heads[i], n) == 0)
            return true;
    }
    return false;
}

static enum result read_lines(struct reader *r, const char *at, size_t n)
{
    const char *end = at + n;
    enum result result = DONE;
    for (r->line = 1; result == DONE && at < end; r->line++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        const char *stop = next != NULL ? next : end;
        next = next != NULL ? next + 1 : end;
        stop -= stop > at && stop[-1] == '\r';
        if (r->line == 1)
            result = is_head(at, stop) ? DONE : BAD_LINE;
        else
            result = read_line(r, at, stop);
        at = next;
    }
    r->line--;
    return r->line == 0 ? BAD_LINE : result;
}

/* All at once, as nothing of a bad file is to be there. */
static enum result put_all(struct reader *r)
{
    sock_cookiejar_t *j = r->jar;
    pthread_mutex_lock(&j->lock);
    int room = sock__jar_reserve(j, r->count);
    if (room == 0) {
        sock__jar_sweep(j, r->now);
        for (size_t i = 0; i < r->count; i++)
            sock__jar_put(j, r->cookies[i], r->now);
        r->count = 0;
    }
    pthread_mutex_unlock(&j->lock);
    return room == 0 ? DONE : NO_MEMORY;
}

static void release(struct reader *r)
{
    for (size_t i = 0; i < r->count; i++)
        sock__free(r->cookies[i]);
    sock__free(r->cookies);
}

static int fail(const struct reader *r, enum result result, const char *path)
{
    const char *op = "load";
    char words[80] = "not a Netscape format cookies file";
    if (result == NO_MEMORY)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    if (r->line > 1)
        (void)snprintf(words, sizeof words,
                       "invalid Netscape format cookies file, line %zu",
                       r->line);
    sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_SYNTAX, words);
    return sock__fail_about(op, path);
}

int sock_cookiejar_load(sock_cookiejar_t *j, const char *path)
{
    const char *op = "load";
    size_t n;
    struct reader r = {.jar = j, .now = sock__jar_now()};
    if (j == NULL || path == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    char *text = sock__whole_file(op, path, FILE_MAX, &n);
    if (text == NULL)
        return -1;
    enum result result = read_lines(&r, text, n);
    if (result == DONE)
        result = put_all(&r);
    sock__free(text);
    release(&r);
    return result == DONE ? 0 : fail(&r, result, path);
}
