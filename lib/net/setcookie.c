/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "setcookie.h"

#include <string.h>

#include <pysockc/cookie.h>

#include "chars.h"
#include "date.h"
#include "headers.h"

enum { DAY = 24 * 60 * 60, DAYS_MAX = 400 };

/* Texts */

bool sock__cut_pair(const char *at, size_t n, struct sock__piece *name,
                    struct sock__piece *value)
{
    const char *end = at + n, *sign = n > 0 ? memchr(at, '=', n) : NULL;
    const char *behind = sign != NULL ? sign + 1 : end;
    *name = sock__trim(at, sign != NULL ? (size_t)(sign - at) : n);
    *value = sock__trim(behind, (size_t)(end - behind));
    return sign != NULL;
}

static bool is(struct sock__piece p, const char *text)
{
    return sock__same_text(p.at, p.n, text, strlen(text));
}

/* Dates */

/* What has been found of a date so far. */
struct found {
    struct sock__moment moment;
    bool has_time, has_day, has_month, has_year;
};

static bool is_delimiter(char c)
{
    unsigned char x = (unsigned char)c;
    return x == '\t' || (x >= 0x20 && x <= 0x2f) || (x >= 0x3b && x <= 0x40) ||
           (x >= 0x5b && x <= 0x60) || (x >= 0x7b && x <= 0x7e);
}

/* Takes so many digits at least and at most off a token; false: it has others.
 * What is behind is no digit, or the token's end. */
static bool take_digits(struct sock__piece *t, size_t least, size_t most,
                        int *n)
{
    size_t k = 0;
    for (*n = 0; k < t->n && k < most && sock__is_digit(t->at[k]); k++)
        *n = 10 * *n + (t->at[k] - '0');
    bool fits = k >= least && (k == t->n || !sock__is_digit(t->at[k]));
    t->at += k;
    t->n -= k;
    return fits;
}

static bool take_colon(struct sock__piece *t)
{
    if (t->n == 0 || t->at[0] != ':')
        return false;
    t->at++;
    t->n--;
    return true;
}

static bool find_time(struct sock__moment *m, struct sock__piece t)
{
    int hour, minute, second;
    if (!take_digits(&t, 1, 2, &hour) || !take_colon(&t) ||
        !take_digits(&t, 1, 2, &minute) || !take_colon(&t) ||
        !take_digits(&t, 1, 2, &second))
        return false;
    m->hour = hour;
    m->minute = minute;
    m->second = second;
    return true;
}

static bool find_day(struct sock__moment *m, struct sock__piece t)
{
    return take_digits(&t, 1, 2, &m->day);
}

static bool find_month(struct sock__moment *m, struct sock__piece t)
{
    m->month = t.n >= 3 ? sock__month_of_any(t.at) : 0;
    return m->month != 0;
}

static bool find_year(struct sock__moment *m, struct sock__piece t)
{
    int year;
    if (!take_digits(&t, 2, 4, &year))
        return false;
    if (year <= 99)
        year += year >= 70 ? 1900 : 2000;
    m->year = year;
    return true;
}

/* Each token is the first of these that is not there yet and that it can be. */
static void look_at(struct found *f, struct sock__piece token)
{
    if (!f->has_time && find_time(&f->moment, token))
        f->has_time = true;
    else if (!f->has_day && find_day(&f->moment, token))
        f->has_day = true;
    else if (!f->has_month && find_month(&f->moment, token))
        f->has_month = true;
    else if (!f->has_year && find_year(&f->moment, token))
        f->has_year = true;
}

static bool is_moment(const struct found *f)
{
    const struct sock__moment *m = &f->moment;
    return f->has_time && f->has_day && f->has_month && f->has_year &&
           m->year >= 1601 && m->day >= 1 &&
           m->day <= sock__days_of_month(m->year, m->month) && m->hour <= 23 &&
           m->minute <= 59 && m->second <= 59;
}

bool sock__cookie_date(const char *text, size_t n, int64_t *seconds)
{
    struct found f = {0};
    for (size_t i = 0; i < n;) {
        size_t from = i;
        while (i < n && !is_delimiter(text[i]))
            i++;
        if (i > from)
            look_at(&f, (struct sock__piece){text + from, i - from});
        i += i < n;
    }
    if (!is_moment(&f))
        return false;
    *seconds = sock__time_of(&f.moment);
    return true;
}

/* Attributes */

int64_t sock__cookie_expiry(int64_t seconds, int64_t now)
{
    int64_t most = now + (int64_t)DAYS_MAX * DAY;
    if (seconds > most)
        return most;
    return seconds > 0 ? seconds : 1;
}

/* Of an age all digits count, so a long one is no short one. */
static bool read_age(struct sock__piece p, int64_t now, int64_t *expires)
{
    int64_t age = 0;
    bool negative = p.n > 0 && p.at[0] == '-';
    if (p.n <= (negative ? 1 : 0))
        return false;
    for (size_t i = negative; i < p.n; i++) {
        if (!sock__is_digit(p.at[i]))
            return false;
        if (age < (int64_t)DAYS_MAX * DAY)
            age = 10 * age + (p.at[i] - '0');
    }
    *expires = sock__cookie_expiry(negative || age == 0 ? 0 : now + age, now);
    return true;
}

/* Both expiries, as the one counts only where there is none of the other. */
struct expiries {
    int64_t age, date; /* 0: none */
};

static void read_path(struct sock__set_cookie *c, struct sock__piece value)
{
    bool is_path = value.n > 0 && value.at[0] == '/';
    c->path = is_path ? value : (struct sock__piece){value.at, 0};
}

static void read_domain(struct sock__set_cookie *c, struct sock__piece value)
{
    if (value.n > 0 && value.at[0] == '.') {
        value.at++;
        value.n--;
    }
    c->domain = value;
}

static int same_site_of(struct sock__piece value)
{
    if (is(value, "none"))
        return SOCK_SAME_SITE_NONE;
    if (is(value, "lax"))
        return SOCK_SAME_SITE_LAX;
    return is(value, "strict") ? SOCK_SAME_SITE_STRICT : SOCK_SAME_SITE_DEFAULT;
}

static void read_expires(struct expiries *e, struct sock__piece value,
                         int64_t now)
{
    int64_t date;
    if (sock__cookie_date(value.at, value.n, &date))
        e->date = sock__cookie_expiry(date, now);
}

/* A later attribute of the same name takes the place of an earlier one. */
static void read_attribute(struct sock__set_cookie *c, struct expiries *e,
                           const char *at, const char *end, int64_t now)
{
    struct sock__piece name, value;
    (void)sock__cut_pair(at, (size_t)(end - at), &name, &value);
    if (value.n > SOCK__COOKIE_ATTRIBUTE)
        return;
    if (is(name, "expires"))
        read_expires(e, value, now);
    else if (is(name, "max-age"))
        (void)read_age(value, now, &e->age);
    else if (is(name, "domain"))
        read_domain(c, value);
    else if (is(name, "path"))
        read_path(c, value);
    else if (is(name, "secure"))
        c->secure = true;
    else if (is(name, "httponly"))
        c->http_only = true;
    else if (is(name, "samesite"))
        c->same_site = same_site_of(value);
    else if (is(name, "partitioned"))
        c->partitioned = true;
}

static const char *next_end(const char *at, const char *end)
{
    const char *semicolon =
        at < end ? memchr(at, ';', (size_t)(end - at)) : NULL;
    return semicolon != NULL ? semicolon : end;
}

/* A pair without an equals sign is a value, whose name is empty. */
static bool read_pair(struct sock__set_cookie *c, const char *at,
                      const char *end)
{
    if (!sock__cut_pair(at, (size_t)(end - at), &c->name, &c->value)) {
        c->value = c->name;
        c->name.n = 0;
    }
    return c->name.n + c->value.n > 0 &&
           c->name.n + c->value.n <= SOCK__COOKIE_PAIR;
}

bool sock__set_cookie(struct sock__set_cookie *c, const char *field, size_t n,
                      int64_t now)
{
    const char *end = field + n, *at = next_end(field, end);
    struct expiries e = {0, 0};

    *c = (struct sock__set_cookie){.name = {field, 0}, .value = {field, 0}};
    c->domain = c->path = c->name;
    if (!sock__is_value(field, n) || !read_pair(c, field, at))
        return false;
    while (at < end) {
        const char *from = at + 1;
        at = next_end(from, end);
        read_attribute(c, &e, from, at, now);
    }
    c->expires = e.age != 0 ? e.age : e.date;
    return true;
}
