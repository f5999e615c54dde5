/* SPDX-License-Identifier: MIT */
/* Which part of a file a request asks for, and on which conditions. What cannot
 * be understood is as if it were not there, as RFC 9110 has it. */
#define _POSIX_C_SOURCE 200809L

#include "range.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "chars.h"
#include "date.h"
#include "headers.h"

/* Validators */

/* A file that was changed less than so many seconds ago may be changed again
 * without its time telling: some systems count no finer. */
enum { YOUNG = 2 };

void sock__validators_of(struct sock__validators *v, int64_t size,
                         const struct timespec *modified,
                         const struct timespec *now)
{
    int64_t ns =
        (int64_t)((uint64_t)modified->tv_sec * 1000000000 +
                  (uint64_t)modified->tv_nsec); /* wraps after 584 years */

    v->now = now->tv_sec;
    v->weak = modified->tv_sec > now->tv_sec - YOUNG;
    v->modified =
        modified->tv_sec < now->tv_sec ? modified->tv_sec : now->tv_sec;
    snprintf(v->etag, sizeof v->etag, "%s\"%" PRIx64 "-%" PRIx64 "\"",
             v->weak ? "W/" : "", (uint64_t)size, (uint64_t)ns);
}

/* Conditions */

static bool is_weak(const char *tag)
{
    return tag[0] == 'W';
}

/* The opaque part, with its quotes. */
static const char *opaque(const char *tag)
{
    return is_weak(tag) ? tag + 2 : tag;
}

/* The end of the entity tag that begins here; NULL: none does. */
static const char *tag_end(const char *at)
{
    if (at[0] == 'W' && at[1] == '/')
        at += 2;
    const char *end = *at == '"' ? strchr(at + 1, '"') : NULL;
    return end != NULL ? end + 1 : NULL;
}

/* The quote at the end of ours is the end of theirs. */
static bool same_tag(const struct sock__validators *v, const char *tag,
                     bool strong)
{
    const char *ours = opaque(v->etag);
    if (strong && (v->weak || is_weak(tag)))
        return false;
    return strncmp(opaque(tag), ours, strlen(ours)) == 0;
}

/* Whether one of a list of entity tags is that of the file. */
static bool lists_tag(const struct sock__validators *v, const char *list,
                      bool strong)
{
    if (strcmp(list, "*") == 0)
        return true;
    for (;;) {
        list += strspn(list, " \t,");
        const char *end = tag_end(list);
        if (end == NULL)
            return false;
        if (same_tag(v, list, strong))
            return true;
        list = end;
    }
}

/* -1: there is no such field; else whether one of those names the file. */
static int names_tag(const struct sock__validators *v,
                     const sock_headers_t *headers, const char *name,
                     bool strong)
{
    const char *list;
    size_t n;

    for (size_t i = 0;; i++) {
        list = sock__headers_find(headers, name, i, &n);
        if (list == NULL)
            return i == 0 ? -1 : 0;
        if (lists_tag(v, list, strong))
            return 1;
    }
}

/* Whether there is such a field, once, and it is a time. */
static bool has_time(const struct sock__validators *v,
                     const sock_headers_t *headers, const char *name,
                     int64_t *time)
{
    size_t n;
    const char *text = sock__headers_find(headers, name, 0, &n);
    return text != NULL && sock__headers_find(headers, name, 1, &n) == NULL &&
           sock__http_time(text, v->now, time) == 0;
}

static bool only_reads(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* In the order of RFC 9110 13.2.2. */
int sock__conditions(const struct sock__validators *v, const char *method,
                     const sock_headers_t *headers)
{
    int64_t time;
    bool reads = only_reads(method);
    int match = names_tag(v, headers, "If-Match", true);

    if (match == 0)
        return 412;
    if (match == -1 && has_time(v, headers, "If-Unmodified-Since", &time) &&
        v->modified > time)
        return 412;
    int none = names_tag(v, headers, "If-None-Match", false);
    if (none == 1)
        return reads ? 304 : 412;
    if (none == -1 && reads &&
        has_time(v, headers, "If-Modified-Since", &time) && v->modified <= time)
        return 304;
    return 0;
}

/* Ranges */

/* If-Range: whether the part may be sent, as the rest is of the same state. */
static bool same_state(const struct sock__validators *v,
                       const sock_headers_t *headers)
{
    size_t n;
    int64_t time;
    const char *text = sock__headers_find(headers, "If-Range", 0, &n);

    if (text == NULL)
        return true;
    const char *end = tag_end(text);
    if (end != NULL)
        return *end == '\0' && same_tag(v, text, true);
    return !v->weak && has_time(v, headers, "If-Range", &time) &&
           time == v->modified;
}

/* Reads digits: no more than INT64_MAX. -1: there are none. */
static int64_t read_number(const char **at)
{
    int64_t n = sock__is_digit(**at) ? 0 : -1;

    for (; sock__is_digit(**at); ++*at) {
        int digit = **at - '0';
        n = n > (INT64_MAX - digit) / 10 ? INT64_MAX : n * 10 + digit;
    }
    return n;
}

/* The only range of a set: its ends, of which one may be -1. */
static bool read_range(const char *set, int64_t *first, int64_t *last)
{
    set += strspn(set, " \t,");
    *first = read_number(&set);
    if (*set++ != '-')
        return false;
    *last = read_number(&set);
    set += strspn(set, " \t,");
    return *set == '\0' && (*first >= 0 || *last >= 0) &&
           (*last < 0 || *first <= *last);
}

/* Puts it into a file of this size: 206 or 416. */
static int fit(struct sock__range *r, int64_t size, int64_t first, int64_t last)
{
    if (first < 0) { /* so many at its end */
        r->length = last < size ? last : size;
        r->first = size - r->length;
        return r->length > 0 ? 206 : 416;
    }
    if (first >= size)
        return 416;
    if (last < 0 || last >= size)
        last = size - 1;
    *r = (struct sock__range){first, last - first + 1};
    return 206;
}

int sock__range_of(struct sock__range *r, int64_t size,
                   const struct sock__validators *v, const char *method,
                   const sock_headers_t *headers)
{
    static const char unit[] = "bytes=";
    size_t n, length = sizeof unit - 1;
    int64_t first, last;
    const char *text = sock__headers_find(headers, "Range", 0, &n);

    *r = (struct sock__range){0, size};
    if (text == NULL || strcmp(method, "GET") != 0 ||
        sock__headers_find(headers, "Range", 1, &n) != NULL ||
        strncasecmp(text, unit, length) != 0 ||
        !read_range(text + length, &first, &last) || !same_state(v, headers))
        return 200;
    return fit(r, size, first, last);
}
