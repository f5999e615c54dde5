/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "robots_rules.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "chars.h"
#include "headers.h"
#include "record.h"

enum kind { AGENT, ALLOW, DISALLOW, DELAY, RATE, SITEMAP, KINDS };

/* A line that says something. Lines of agents begin a group, and those of other
 * kinds, up to the next agent, are its rules; site maps are kept apart. */
struct line {
    const char *text; /* of a pattern: what lies between its stars, each piece
                         with a NUL */
    uint32_t length;  /* of all pieces and stars, as patterns are weighed */
    uint8_t kind;
    bool at_end; /* of a pattern: its end is the path's */
    uint32_t stars;
};

struct lines {
    struct line *at;
    size_t count, room;
};

struct sock_robots {
    int status;
    bool closed; /* nothing is allowed */
    struct lines rules, sitemaps;
    char *texts;
};

/* Characters */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static struct sock__piece trimmed(const char *at, size_t n)
{
    for (; n > 0 && is_blank(at[0]); at++)
        n--;
    while (n > 0 && is_blank(at[n - 1]))
        n--;
    return (struct sock__piece){at, n};
}

/* One form of paths: what needs no quoting has none, what is no visible ASCII
 * has it, with large digits (RFC 9309 2.2.2). */

struct form {
    char *to;
    bool query; /* where a quoted : / ? or @ is what it stands for */
};

static void put_quoted(struct form *f, unsigned char c)
{
    f->to = sock__put_percent(f->to, (char)c);
}

static void put_plain(struct form *f, char c)
{
    if (c <= ' ' || c >= 0x7f) /* char may be signed, or not */
        put_quoted(f, (unsigned char)c);
    else
        *f->to++ = c;
    f->query = f->query || c == '?';
}

static void put_decoded(struct form *f, char c)
{
    if (sock__is(c, SOCK__UNRESERVED) ||
        (f->query && c != '\0' && strchr(":/?@", c) != NULL))
        *f->to++ = c;
    else
        put_quoted(f, (unsigned char)c);
}

/* Takes the next character of a text; returns its bytes. */
static size_t put_next(struct form *f, const char *at, size_t n)
{
    int byte = at[0] == '%' && n > 2 ? sock__hex_pair(at + 1) : -1;

    if (byte >= 0) {
        put_decoded(f, (char)byte);
        return 3;
    }
    put_plain(f, at[0]);
    return 1;
}

/* What a pattern has a meaning for stands for itself in a path. */
static size_t put_of_path(struct form *f, const char *at, size_t n)
{
    if (at[0] != '*' && at[0] != '$')
        return put_next(f, at, n);
    put_quoted(f, (unsigned char)at[0]);
    return 1;
}

/* Reading */

static struct line *new_line(struct lines *lines)
{
    struct line *at =
        sock__grow(lines->at, lines->count, &lines->room, 1, sizeof *at);
    if (at == NULL)
        return NULL;
    lines->at = at;
    return &lines->at[lines->count++];
}

/* Breaks a pattern at its stars, several in a row being one. */
static void read_pattern(struct line *line, struct sock__piece t, char **to)
{
    struct form f = {*to, false};
    line->at_end = t.n > 0 && t.at[t.n - 1] == '$';
    t.n -= line->at_end;
    for (size_t i = 0; i < t.n;) {
        if (t.at[i] != '*') {
            i += t.at[i] == '$' ? put_of_path(&f, t.at + i, t.n - i)
                                : put_next(&f, t.at + i, t.n - i);
            continue;
        }
        *f.to++ = '\0';
        line->stars++;
        while (i < t.n && t.at[i] == '*')
            i++;
    }
    line->length = (uint32_t)(f.to - *to) + line->at_end;
    *f.to++ = '\0';
    *to = f.to;
}

/* The token that a robot's name begins with; of "*", and nothing else behind
 * it, that. */
static struct sock__piece token_of(struct sock__piece t)
{
    size_t n = 0;
    if (t.n > 0 && t.at[0] == '*' && (t.n == 1 || is_blank(t.at[1])))
        return (struct sock__piece){t.at, 1};
    while (n < t.n && (sock__is(t.at[n], SOCK__ALPHA | SOCK__DIGIT) ||
                       t.at[n] == '-' || t.at[n] == '_'))
        n++;
    return (struct sock__piece){t.at, n};
}

static void read_text(struct line *line, struct sock__piece t, char **to)
{
    memcpy(*to, t.at, t.n);
    (*to)[t.n] = '\0';
    line->length = (uint32_t)t.n;
    *to += t.n + 1;
}

static int add_line(sock_robots_t *r, enum kind kind, struct sock__piece value,
                    char **to)
{
    struct line *line = new_line(kind == SITEMAP ? &r->sitemaps : &r->rules);
    if (line == NULL)
        return -1;
    *line = (struct line){.text = *to, .kind = (uint8_t)kind};
    if (kind == ALLOW || kind == DISALLOW)
        read_pattern(line, value, to);
    else
        read_text(line, kind == AGENT ? token_of(value) : value, to);
    return 0;
}

static enum kind kind_of(struct sock__piece key)
{
    static const char *const names[] = {"user-agent",   "allow",
                                        "disallow",     "crawl-delay",
                                        "request-rate", "sitemap"};
    int kind = 0;
    while (kind < KINDS &&
           !sock__same_text(key.at, key.n, names[kind], strlen(names[kind])))
        kind++;
    return (enum kind)kind;
}

static int read_line(sock_robots_t *r, const char *at, size_t n, char **to)
{
    const char *end = memchr(at, '#', n);
    n = end != NULL ? (size_t)(end - at) : n;
    const char *colon = n > 0 ? memchr(at, ':', n) : NULL;
    if (colon == NULL)
        return 0;
    enum kind kind = kind_of(trimmed(at, (size_t)(colon - at)));
    if (kind == KINDS)
        return 0;
    struct sock__piece value = trimmed(colon + 1, n - (size_t)(colon + 1 - at));
    return add_line(r, kind, value, to);
}

/* Its bytes without what ends it: CR, LF, or both. */
static size_t line_bytes(const char *at, size_t n)
{
    size_t k = 0;
    while (k < n && at[k] != '\n' && at[k] != '\r')
        k++;
    return k;
}

static int read_lines(sock_robots_t *r, const char *text, size_t n)
{
    char *to = r->texts;
    while (n > 0) {
        size_t k = line_bytes(text, n);
        if (read_line(r, text, k, &to) < 0)
            return -1;
        k += k < n; /* of CR LF the rest is an empty line */
        text += k;
        n -= k;
    }
    return 0;
}

/* What is over the limit is not read, and neither is the line that it cuts:
 * its rule would be another. */
static size_t within_limit(const char *text, size_t len)
{
    if (len <= SOCK__ROBOTS_BYTES)
        return len;
    len = SOCK__ROBOTS_BYTES;
    while (len > 0 && text[len - 1] != '\n' && text[len - 1] != '\r')
        len--;
    return len;
}

/* Bytes of all texts at most: each of a pattern's three times, and a NUL for
 * each line, which has a colon at least. */
static size_t texts_size(size_t n)
{
    return 3 * n + 1;
}

sock_robots_t *sock__robots_of_status(const char *op, int status, bool allowed)
{
    sock_robots_t *r = calloc(1, sizeof *r);
    if (r == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    r->status = status;
    r->closed = !allowed;
    return r;
}

sock_robots_t *sock__robots_of_text(const char *op, const char *text,
                                    size_t len, int status)
{
    static const char mark[] = "\xef\xbb\xbf";
    sock_robots_t *r = sock__robots_of_status(op, status, true);
    if (r == NULL)
        return NULL;
    len = within_limit(text, len);
    if (len >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        len -= 3;
    }
    r->texts = malloc(texts_size(len));
    if (r->texts == NULL || read_lines(r, text, len) < 0) {
        sock_robots_free(r);
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    return r;
}

sock_robots_t *sock_robots_parse(const char *text, size_t len)
{
    if (sock__bytes_check("parse", text, len) < 0)
        return NULL;
    return sock__robots_of_text("parse", text != NULL ? text : "", len, 0);
}

void sock_robots_free(sock_robots_t *r)
{
    if (r == NULL)
        return;
    sock__free(r->rules.at);
    sock__free(r->sitemaps.at);
    sock__free(r->texts);
    sock__free(r);
}

/* Whose rules */

/* The groups of one robot, or of all others: the walk goes from one of their
 * lines to the next. */
struct walk {
    const struct line *at, *end;
    struct sock__piece agent;
    bool in_head; /* among the lines of agents that begin a group */
    bool mine;    /* the group is one of these */
};

static struct walk walk_of(const sock_robots_t *r, struct sock__piece agent)
{
    const struct line *at = r->rules.at;
    size_t n = r->rules.count;
    return (struct walk){at, n > 0 ? at + n : at, agent, false, false};
}

static void walk_head(struct walk *w, const struct line *line)
{
    if (!w->in_head)
        w->mine = false;
    w->in_head = true;
    w->mine = w->mine || sock__same_text(line->text, line->length, w->agent.at,
                                         w->agent.n);
}

/* The next rule; NULL: there is none. */
static const struct line *walk_on(struct walk *w)
{
    while (w->at < w->end) {
        const struct line *line = w->at++;
        if (line->kind == AGENT) {
            walk_head(w, line);
            continue;
        }
        w->in_head = false;
        if (w->mine)
            return line;
    }
    return NULL;
}

/* Whether a robot has a group, be it without rules. */
static bool is_named(const sock_robots_t *r, struct sock__piece agent)
{
    for (size_t i = 0; i < r->rules.count; i++) {
        const struct line *line = &r->rules.at[i];
        if (line->kind == AGENT &&
            sock__same_text(line->text, line->length, agent.at, agent.n))
            return true;
    }
    return false;
}

static struct walk walk_for(const sock_robots_t *r, const char *agent)
{
    struct sock__piece token =
        token_of((struct sock__piece){agent, strlen(agent)});
    if (token.n == 0 || !is_named(r, token))
        token = (struct sock__piece){"*", 1};
    return walk_of(r, token);
}

/* Matching */

/* A piece behind a star is where it is found first: no later place would leave
 * more to what follows. So each byte is looked at once, by strstr(3). */
static bool matches(const struct line *line, const char *path, size_t n)
{
    const char *piece = line->text, *at = path;
    size_t k = strlen(piece);
    if (strncmp(path, piece, k) != 0)
        return false;
    at += k;
    for (uint32_t i = 0; i < line->stars; i++) {
        piece += k + 1;
        k = strlen(piece);
        if (i + 1 == line->stars && line->at_end) {
            size_t left = n - (size_t)(at - path);
            return left >= k && memcmp(path + n - k, piece, k) == 0;
        }
        at = strstr(at, piece);
        if (at == NULL)
            return false;
        at += k;
    }
    return !line->at_end || *at == '\0';
}

/* Where the path begins, be it of a whole URL. */
static const char *path_in(const char *url)
{
    const char *at = url + strcspn(url, ":/?#");
    if (strncmp(at, "://", 3) == 0)
        url = at + 3;
    else if (strncmp(url, "//", 2) == 0)
        url += 2;
    return url + strcspn(url, "/?#");
}

/* Path and query in the one form; to be freed; NULL: no memory. */
static char *path_of(const char *url)
{
    const char *at = path_in(url);
    size_t n = strcspn(at, "#");
    char *path = malloc(3 * n + 2);
    if (path == NULL)
        return NULL;
    struct form f = {path, false};
    if (at[0] != '/')
        *f.to++ = '/';
    for (size_t i = 0; i < n;)
        i += put_of_path(&f, at + i, n - i);
    *f.to = '\0';
    return path;
}

/* The longest pattern decides, and of two that are as long, Allow. An empty one
 * says nothing. */
static bool is_allowed(struct walk *w, const char *path)
{
    const struct line *line;
    size_t n = strlen(path);
    uint32_t longest = 0;
    bool allowed = true;
    while ((line = walk_on(w)) != NULL) {
        bool allows = line->kind == ALLOW;
        if (line->kind > DISALLOW || line->length == 0 ||
            line->length < longest || (line->length == longest && !allows))
            continue;
        if (!matches(line, path, n))
            continue;
        longest = line->length;
        allowed = allows;
    }
    return allowed;
}

int sock_robots_can_fetch(const sock_robots_t *r, const char *agent,
                          const char *url)
{
    const char *op = "can_fetch";
    if (r == NULL || agent == NULL || url == NULL) {
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return 0;
    }
    char *path = path_of(url);
    if (path == NULL) {
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
        return 0;
    }
    struct walk w = walk_for(r, agent);
    bool allowed = strcmp(path, "/robots.txt") == 0 ||
                   (!r->closed && is_allowed(&w, path));
    sock__free(path);
    return allowed;
}

/* Numbers */

/* Takes digits off a text; -1: there are none, or too many. */
static int take_number(const char **at)
{
    const char *from = *at;
    int n = 0;
    for (; sock__is_digit(**at); ++*at) {
        int digit = **at - '0';
        if (n > (INT_MAX - digit) / 10)
            return -1;
        n = 10 * n + digit;
    }
    return *at > from ? n : -1;
}

static bool read_delay(const char *text, double *seconds)
{
    int n = take_number(&text);
    double unit = 1;
    *seconds = n;
    if (n >= 0 && *text == '.' && text[1] != '\0')
        for (text++; sock__is_digit(*text); text++)
            *seconds += (*text - '0') * (unit /= 10);
    return n >= 0 && *text == '\0';
}

static bool read_rate(const char *text, int *requests, int *seconds)
{
    *requests = take_number(&text);
    if (*requests < 0 || *text++ != '/')
        return false;
    *seconds = take_number(&text);
    return *seconds > 0 && *text == '\0';
}

int sock_robots_crawl_delay(const sock_robots_t *r, const char *agent,
                            double *seconds)
{
    if (r == NULL || agent == NULL || seconds == NULL)
        return sock__fail("crawl_delay", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    struct walk w = walk_for(r, agent);
    for (const struct line *line; (line = walk_on(&w)) != NULL;)
        if (line->kind == DELAY && read_delay(line->text, seconds))
            return 1;
    *seconds = 0;
    return 0;
}

int sock_robots_request_rate(const sock_robots_t *r, const char *agent,
                             int *requests, int *seconds)
{
    if (r == NULL || agent == NULL || requests == NULL || seconds == NULL)
        return sock__fail("request_rate", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    struct walk w = walk_for(r, agent);
    for (const struct line *line; (line = walk_on(&w)) != NULL;)
        if (line->kind == RATE && read_rate(line->text, requests, seconds))
            return 1;
    *requests = *seconds = 0;
    return 0;
}

const char *sock_robots_sitemap(const sock_robots_t *r, size_t i)
{
    if (r == NULL) {
        sock__fail("site_maps", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    return i < r->sitemaps.count ? r->sitemaps.at[i].text : NULL;
}

int sock_robots_status(const sock_robots_t *r)
{
    if (r == NULL)
        return sock__fail("status", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return r->status;
}
