/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "suffix.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "chars.h"
#include "punycode.h"
#include "record.h"
#include "whole.h"

enum { RULE_MAX = 256, FILE_MAX = 32 * 1024 * 1024 };

/* Rules as they are written, "co.uk", "*.ck" and "!www.ck", in order. `odd` are
 * those whose stars stand elsewhere than in front, which are not looked up but
 * tried one by one: the list that is in use has none. */
struct sock__suffixes {
    char *texts;
    const char **rules, **odd;
    size_t count, odd_count;
};

/* Looking */

static int compare(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static bool has_rule(const struct sock__suffixes *list, const char *rule)
{
    return bsearch(&rule, list->rules, list->count, sizeof *list->rules,
                   compare) != NULL;
}

/* A rule that begins with a mark, followed by the end of a domain. */
static bool has_marked(const struct sock__suffixes *list, const char *mark,
                       const char *end)
{
    char rule[RULE_MAX + 2];
    int n = snprintf(rule, sizeof rule, "%s%s", mark, end);
    return (size_t)n < sizeof rule && has_rule(list, rule);
}

/* What is behind the first label; NULL: there is no more. */
static const char *parent_of(const char *domain)
{
    const char *dot = strchr(domain, '.');
    return dot != NULL ? dot + 1 : NULL;
}

/* Whether it is, or is below, what a rule says is none. */
static bool is_excepted(const struct sock__suffixes *list, const char *domain)
{
    for (const char *at = domain; at != NULL; at = parent_of(at))
        if (has_marked(list, "!", at))
            return true;
    return false;
}

static bool fits(const char *rule, const char *domain)
{
    while (*rule != '\0' && *domain != '\0') {
        size_t n = strcspn(rule, "."), m = strcspn(domain, ".");
        bool star = n == 1 && rule[0] == '*';
        if (!star && (n != m || memcmp(rule, domain, n) != 0))
            return false;
        rule += n + (rule[n] == '.');
        domain += m + (domain[m] == '.');
    }
    return *rule == *domain; /* both at their end */
}

static bool fits_odd(const struct sock__suffixes *list, const char *domain)
{
    for (size_t i = 0; i < list->odd_count; i++)
        if (fits(list->odd[i], domain))
            return true;
    return false;
}

/* The rule with the most labels counts, so only those that have as many as the
 * domain can make it a suffix; where there is none, it is one label. */
bool sock__suffixes_have(const struct sock__suffixes *list, const char *domain)
{
    const char *parent = parent_of(domain);
    if (is_excepted(list, domain))
        return false;
    return parent == NULL || has_rule(list, domain) ||
           has_marked(list, "*.", parent) || fits_odd(list, domain);
}

/* Reading */

/* The text grows while it is read, so rules are kept as places in it. */
struct reader {
    char *texts;
    size_t used, room;
    size_t *starts;
    size_t count, slots;
};

static int make_room(struct reader *r)
{
    char *texts = sock__grow(r->texts, r->used, &r->room, RULE_MAX, 1);
    if (texts == NULL)
        return -1;
    r->texts = texts;
    size_t *starts =
        sock__grow(r->starts, r->count, &r->slots, 1, sizeof *starts);
    if (starts == NULL)
        return -1;
    r->starts = starts;
    return 0;
}

/* Writes a rule as hosts are written: each label that is no ASCII as RFC 3492
 * has it. Its length; 0: it is longer than any host; -1 with errno EILSEQ. */
static int write_rule(char *to, const char *at, size_t n)
{
    size_t used = 0;
    for (const char *end = at + n; at < end;) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        size_t k = (size_t)((dot != NULL ? dot : end) - at);
        int wrote = sock__punycode_label(at, k, to + used, RULE_MAX - used);
        if (wrote <= 0)
            return wrote;
        used += (size_t)wrote;
        if (used + 1 >= RULE_MAX)
            return 0;
        if (dot != NULL)
            to[used++] = '.';
        at += k + (dot != NULL);
    }
    to[used] = '\0';
    return (int)used;
}

static int read_rule(struct reader *r, const char *at, size_t n)
{
    if (make_room(r) < 0)
        return -1;
    int wrote = write_rule(r->texts + r->used, at, n);
    if (wrote <= 0)
        return wrote;
    r->starts[r->count++] = r->used;
    r->used += (size_t)wrote + 1;
    return 0;
}

/* A rule ends at the first blank; a dot at its ends says nothing. */
static int read_line(struct reader *r, const char *at, size_t n)
{
    const char *end = at + n;
    at += sock__blanks(at, end);
    n = 0;
    while (at + n < end && (unsigned char)at[n] > ' ')
        n++;
    if (n >= 2 && at[0] == '/' && at[1] == '/')
        return 0;
    for (; n > 0 && at[0] == '.'; at++)
        n--;
    while (n > 0 && at[n - 1] == '.')
        n--;
    return n > 0 ? read_rule(r, at, n) : 0;
}

static int read_lines(struct reader *r, const char *text, size_t n)
{
    while (n > 0) {
        const char *end = memchr(text, '\n', n);
        size_t k = end != NULL ? (size_t)(end - text) : n;
        if (read_line(r, text, k) < 0)
            return -1;
        k += k < n;
        text += k;
        n -= k;
    }
    if (r->count == 0)
        errno = EINVAL;
    return r->count > 0 ? 0 : -1;
}

static bool is_odd(const char *rule)
{
    const char *rest = strncmp(rule, "*.", 2) == 0 ? rule + 2 : rule;
    return strchr(rest, '*') != NULL;
}

/* Rules from the front, odd ones from the back. */
static struct sock__suffixes *list_of(const struct reader *r)
{
    struct sock__suffixes *list =
        malloc(sizeof *list + r->count * sizeof *list->rules);
    if (list == NULL)
        return NULL;
    *list = (struct sock__suffixes){.texts = r->texts};
    list->rules = (const char **)(list + 1);
    list->odd = list->rules + r->count;
    for (size_t i = 0; i < r->count; i++) {
        const char *rule = r->texts + r->starts[i];
        if (is_odd(rule)) {
            *--list->odd = rule;
            list->odd_count++;
        } else {
            list->rules[list->count++] = rule;
        }
    }
    qsort(list->rules, list->count, sizeof *list->rules, compare);
    return list;
}

struct sock__suffixes *sock__suffixes_of_text(const char *text, size_t n)
{
    struct reader r = {0};
    struct sock__suffixes *list = NULL;
    if (read_lines(&r, text, n) == 0)
        list = list_of(&r);
    if (list == NULL)
        sock__free(r.texts);
    sock__free(r.starts);
    return list;
}

static void fail_about(const char *op, const char *path, int code)
{
    if (code == ENOMEM)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    else
        sock__fail_saying(op, SOCK_E_PROTOCOL, SOCK_P_SYNTAX,
                          code == EILSEQ ? "not UTF-8"
                                         : "no rule of a public suffix");
    sock__fail_about(op, path);
}

struct sock__suffixes *sock__suffixes_of_file(const char *op, const char *path)
{
    size_t n;
    int saved = errno;
    char *text = sock__whole_file(op, path, FILE_MAX, &n);
    if (text == NULL)
        return NULL;
    struct sock__suffixes *list = sock__suffixes_of_text(text, n);
    int code = errno;
    sock__free(text);
    if (list == NULL)
        fail_about(op, path, code);
    else
        errno = saved;
    return list;
}

void sock__suffixes_free(struct sock__suffixes *list)
{
    if (list == NULL)
        return;
    sock__free(list->texts);
    sock__free(list);
}
