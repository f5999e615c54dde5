/* SPDX-License-Identifier: MIT */
/* Cookies of one message: Python's SimpleCookie. */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/cookie.h>

#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "chars.h"
#include "headers.h"
#include "record.h"
#include "setcookie.h"
#include "text.h"

/* In the order in which they are written: that of their names. */
enum attribute {
    COMMENT,
    DOMAIN,
    EXPIRES,
    HTTPONLY,
    MAX_AGE,
    PARTITIONED,
    PATH,
    SAMESITE,
    SECURE,
    VERSION,
    ATTRIBUTES
};

static const char *const written[ATTRIBUTES] = {
    "Comment",     "Domain", "expires",  "HttpOnly", "Max-Age",
    "Partitioned", "Path",   "SameSite", "Secure",   "Version"};

/* Names are looked for in a tree of tsearch(3): a field can have thousands, and
 * the sender chooses them. */
struct cookie {
    char *name, *value;
    char *coded; /* the value, as it is written */
    char *attributes[ATTRIBUTES];
};

struct sock_cookies {
    struct cookie **cookies; /* as they came */
    size_t count, room;
    void *names;
};

static bool has_value(enum attribute a)
{
    return a != HTTPONLY && a != PARTITIONED && a != SECURE;
}

static enum attribute attribute_of(const char *name, size_t n)
{
    int a = 0;
    while (a < ATTRIBUTES &&
           !sock__same_text(name, n, written[a], strlen(written[a])))
        a++;
    return (enum attribute)a;
}

/* What Python lets a name consist of: a token, and colons. */
static bool is_name(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!sock__is(name[i], SOCK__TOKEN) && name[i] != ':')
            return false;
    return n > 0;
}

static char *copy_of(const char *text, size_t n)
{
    char *copy = malloc(n + 1);
    if (copy == NULL)
        return NULL;
    if (n > 0)
        memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

/* Moves a text, if there is one, to where another one was. */
static void move_text(char **to, char **from)
{
    if (*from == NULL)
        return;
    sock__free(*to);
    *to = *from;
    *from = NULL;
}

/* Life cycle */

sock_cookies_t *sock_cookies_new(void)
{
    sock_cookies_t *c = calloc(1, sizeof *c);
    if (c == NULL)
        sock__fail("SimpleCookie", SOCK_E_MEMORY, 0, 0);
    return c;
}

static void free_cookie(struct cookie *cookie)
{
    if (cookie == NULL)
        return;
    sock__free(cookie->name);
    sock__free(cookie->value);
    sock__free(cookie->coded);
    for (int i = 0; i < ATTRIBUTES; i++)
        sock__free(cookie->attributes[i]);
    sock__free(cookie);
}

static int compare(const void *a, const void *b)
{
    const struct cookie *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void forget(sock_cookies_t *c, struct cookie *cookie)
{
    int saved = errno;
    (void)tdelete(cookie, &c->names, compare);
    errno = saved;
}

static void release(sock_cookies_t *c)
{
    for (size_t i = 0; i < c->count; i++) {
        forget(c, c->cookies[i]);
        free_cookie(c->cookies[i]);
    }
    sock__free(c->cookies);
}

void sock_cookies_free(sock_cookies_t *c)
{
    if (c == NULL)
        return;
    release(c);
    sock__free(c);
}

/* The cookie of that name; NULL. */
static struct cookie *find(const sock_cookies_t *c, const char *name)
{
    union {
        const char *from;
        char *to; /* which is only read */
    } text = {name};
    const struct cookie key = {.name = text.to};
    struct cookie *const *node = tfind(&key, &c->names, compare);
    return node != NULL ? *node : NULL;
}

/* Adding */

static int make_room(sock_cookies_t *c, size_t more)
{
    struct cookie **cookies = sock__grow(c->cookies, c->count, &c->room, more,
                                         sizeof(struct cookie *));
    if (cookies == NULL)
        return -1;
    c->cookies = cookies;
    return 0;
}

/* Puts all names that are new among the others, or none. */
static int add_names(sock_cookies_t *c, const sock_cookies_t *from)
{
    size_t i = 0;
    while (i < from->count && tsearch(from->cookies[i], &c->names, compare))
        i++;
    if (i == from->count)
        return 0;
    while (i-- > 0)
        if (find(c, from->cookies[i]->name) == from->cookies[i])
            forget(c, from->cookies[i]);
    return -1;
}

static void move_cookie(struct cookie *to, struct cookie *from)
{
    move_text(&to->value, &from->value);
    move_text(&to->coded, &from->coded);
    for (int i = 0; i < ATTRIBUTES; i++)
        move_text(&to->attributes[i], &from->attributes[i]);
}

/* Moves all of another set, which is empty then; all or nothing. */
static int add_all(sock_cookies_t *c, sock_cookies_t *from)
{
    if (make_room(c, from->count) < 0 || add_names(c, from) < 0)
        return -1;
    for (size_t i = 0; i < from->count; i++) {
        struct cookie *cookie = from->cookies[i];
        struct cookie *old = find(c, cookie->name);
        forget(from, cookie);
        if (old == cookie) {
            c->cookies[c->count++] = cookie;
            continue;
        }
        move_cookie(old, cookie);
        free_cookie(cookie);
    }
    from->count = 0;
    return 0;
}

static struct cookie *new_cookie(const char *name, size_t n, char *value,
                                 char *coded)
{
    struct cookie *cookie = calloc(1, sizeof *cookie);
    if (cookie != NULL) {
        cookie->name = copy_of(name, n);
        cookie->value = value;
        cookie->coded = coded;
    } else {
        sock__free(value);
        sock__free(coded);
    }
    if (cookie != NULL && cookie->name != NULL && value != NULL &&
        coded != NULL)
        return cookie;
    free_cookie(cookie);
    return NULL;
}

/* Adds one, or its value to that of its name. It takes the texts; NULL: no
 * memory. */
static struct cookie *add(sock_cookies_t *c, const char *name, size_t n,
                          char *value, char *coded)
{
    struct cookie *cookie = new_cookie(name, n, value, coded);
    if (cookie == NULL)
        return NULL;
    struct cookie *old = find(c, cookie->name);
    if (old == NULL && make_room(c, 1) == 0 &&
        tsearch(cookie, &c->names, compare) != NULL)
        return c->cookies[c->count++] = cookie;
    if (old != NULL)
        move_cookie(old, cookie);
    free_cookie(cookie);
    return old;
}

/* Values in quotes */

static bool is_octal(const char *at, size_t n)
{
    return n >= 3 && at[0] >= '0' && at[0] <= '3' && at[1] >= '0' &&
           at[1] <= '7' && at[2] >= '0' && at[2] <= '7';
}

/* Whether the quote at its front ends at its end. */
static bool is_quoted(struct sock__piece t)
{
    size_t i = 1;
    if (t.n < 2 || t.at[0] != '"')
        return false;
    while (i < t.n && t.at[i] != '"')
        i += t.at[i] == '\\' ? 2 : 1;
    return i + 1 == t.n;
}

/* What a text stands for; *n is its bytes. NULL: no memory. */
static char *decoded(struct sock__piece t, size_t *n)
{
    char *text = copy_of(t.at, t.n), *to = text;
    *n = t.n;
    if (text == NULL || !is_quoted(t))
        return text;
    for (size_t i = 1; i < t.n - 1; i++) {
        bool escaped = t.at[i] == '\\';
        i += escaped;
        if (escaped && is_octal(t.at + i, t.n - 1 - i)) {
            *to++ = (char)((t.at[i] - '0') << 6 | (t.at[i + 1] - '0') << 3 |
                           (t.at[i + 2] - '0'));
            i += 2;
        } else {
            *to++ = t.at[i];
        }
    }
    *to = '\0';
    *n = (size_t)(to - text);
    return text;
}

static void add_quoted(struct sock__text *t, const char *text)
{
    static const char plain[] = ":()/<=>?@[]{} ";
    sock__text_char(t, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            sock__text_char(t, '\\');
            sock__text_char(t, *text);
        } else if (sock__is(*text, SOCK__TOKEN) || strchr(plain, *text)) {
            sock__text_char(t, *text);
        } else {
            sock__text_addf(t, "\\%03o", (unsigned)(unsigned char)*text);
        }
    }
    sock__text_char(t, '"');
}

static void add_coded(struct sock__text *t, const char *text)
{
    if (is_name(text, strlen(text)))
        sock__text_add(t, text);
    else
        add_quoted(t, text);
}

/* A new text by one of these; NULL: no memory. */
static char *coded(const char *text)
{
    struct sock__text t = {0};
    add_coded(&t, text);
    size_t size = t.len + 1;
    t = (struct sock__text){.buf = malloc(size), .size = size};
    if (t.buf == NULL)
        return NULL;
    add_coded(&t, text);
    (void)sock__text_end(&t);
    return t.buf;
}

/* Loading */

/* What a field is read into. */
struct reader {
    sock_cookies_t set;
    struct cookie *last; /* whose attributes follow */
    int taken;
};

static bool can_be_attribute(const char *text, size_t n)
{
    return strlen(text) == n && sock__is_value(text, n) &&
           memchr(text, ';', n) == NULL;
}

/* Attributes that are none, and of no cookie, are passed over. */
static int read_attribute(struct reader *r, enum attribute a, bool valued,
                          struct sock__piece value)
{
    size_t n;
    if (r->last == NULL || (!valued && has_value(a)))
        return 0;
    if (!has_value(a) && value.n == 0)
        value = (struct sock__piece){"1", 1};
    char *text = decoded(value, &n);
    if (text == NULL)
        return -1;
    if (can_be_attribute(text, n)) {
        move_text(&r->last->attributes[a], &text);
        r->taken++;
    }
    sock__free(text);
    return 0;
}

/* A value that has a NUL once it is decoded is passed over. */
static int read_cookie(struct reader *r, struct sock__piece name,
                       struct sock__piece value)
{
    size_t n;
    char *text = decoded(value, &n);
    if (text != NULL && strlen(text) != n) {
        sock__free(text);
        return 0;
    }
    struct cookie *cookie =
        add(&r->set, name.at, name.n, text, copy_of(value.at, value.n));
    if (cookie == NULL)
        return -1;
    r->last = cookie;
    r->taken++;
    return 0;
}

static int read_pair(struct reader *r, const char *at, size_t n)
{
    struct sock__piece name, value;
    bool valued = sock__cut_pair(at, n, &name, &value);
    bool dollar = name.n > 0 && name.at[0] == '$'; /* of RFC 2109 */
    enum attribute a = attribute_of(name.at + dollar, name.n - dollar);
    if (!sock__is_value(at, n))
        return 0;
    if (a != ATTRIBUTES)
        return read_attribute(r, a, valued, value);
    if (dollar || !valued || !is_name(name.at, name.n))
        return 0;
    return read_cookie(r, name, value);
}

static int read_pairs(struct reader *r, const char *text)
{
    for (;;) {
        size_t n = strcspn(text, ";");
        if (read_pair(r, text, n) < 0)
            return -1;
        if (text[n] == '\0')
            return 0;
        text += n + 1;
    }
}

int sock_cookies_load(sock_cookies_t *c, const char *text)
{
    const char *op = "load";
    struct reader r = {0};
    if (c == NULL || text == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    bool done = read_pairs(&r, text) == 0 && add_all(c, &r.set) == 0;
    release(&r.set);
    return done ? r.taken : sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

/* Setting */

int sock_cookies_set(sock_cookies_t *c, const char *name, const char *value)
{
    const char *op = "set";
    if (c == NULL || name == NULL || value == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    size_t n = strlen(name);
    if (attribute_of(name, n) != ATTRIBUTES)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "Attempt to set a reserved key");
    if (!is_name(name, n))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "Illegal key");
    char *text = copy_of(value, strlen(value));
    char *as_coded = text != NULL ? coded(value) : NULL;
    if (add(c, name, n, text, as_coded) == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return 0;
}

/* The text that an attribute gets; of one without a value any will do. */
static const char *text_for(enum attribute a, const char *value)
{
    return value == NULL && !has_value(a) ? "1" : value;
}

static int set_attribute(struct cookie *cookie, enum attribute a,
                         const char *value)
{
    if (value[0] == '\0') {
        sock__free(cookie->attributes[a]);
        cookie->attributes[a] = NULL;
        return 0;
    }
    char *text = copy_of(value, strlen(value));
    if (text == NULL)
        return -1;
    move_text(&cookie->attributes[a], &text);
    return 0;
}

int sock_cookies_set_attr(sock_cookies_t *c, const char *name, const char *attr,
                          const char *value)
{
    const char *op = "__setitem__";
    if (c == NULL || name == NULL || attr == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    enum attribute a = attribute_of(attr, strlen(attr));
    if (a == ATTRIBUTES)
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "Invalid attribute");
    value = text_for(a, value);
    if (value == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (!can_be_attribute(value, strlen(value)))
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "Illegal attribute value");
    struct cookie *cookie = find(c, name);
    if (cookie == NULL)
        return sock__fail_saying(op, SOCK_E_KEY, ENOENT, "no such cookie");
    if (set_attribute(cookie, a, value) < 0)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return 0;
}

/* Asking */

const char *sock_cookies_get(const sock_cookies_t *c, const char *name)
{
    if (c == NULL || name == NULL) {
        sock__fail("get", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    const struct cookie *cookie = find(c, name);
    return cookie != NULL ? cookie->value : NULL;
}

const char *sock_cookies_get_attr(const sock_cookies_t *c, const char *name,
                                  const char *attr)
{
    const char *op = "__getitem__";
    if (c == NULL || name == NULL || attr == NULL) {
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    enum attribute a = attribute_of(attr, strlen(attr));
    if (a == ATTRIBUTES) {
        sock__fail_saying(op, SOCK_E_VALUE, 0, "Invalid attribute");
        return NULL;
    }
    const struct cookie *cookie = find(c, name);
    return cookie != NULL ? cookie->attributes[a] : NULL;
}

int sock_cookies_at(const sock_cookies_t *c, size_t i, const char **name,
                    const char **value)
{
    if (c == NULL)
        return sock__fail("items", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (i >= c->count)
        return 0;
    if (name != NULL)
        *name = c->cookies[i]->name;
    if (value != NULL)
        *value = c->cookies[i]->value;
    return 1;
}

/* Writing */

/* A number of seconds, which stands for a date. */
static bool read_seconds(const char *text, int64_t *seconds)
{
    bool negative = text[0] == '-';
    text += negative;
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 12 || text[n] != '\0')
        return false;
    *seconds = strtoll(text, NULL, 10);
    *seconds = negative ? -*seconds : *seconds;
    return true;
}

static void add_attribute(struct sock__text *t, enum attribute a,
                          const char *value, const char *date)
{
    sock__text_add(t, "; ");
    sock__text_add(t, written[a]);
    if (!has_value(a))
        return;
    sock__text_char(t, '=');
    if (a == COMMENT)
        add_coded(t, value);
    else
        sock__text_add(t, a == EXPIRES ? date : value);
}

static void add_cookie(struct sock__text *t, const struct cookie *cookie,
                       const char *date)
{
    sock__text_add(t, cookie->name);
    sock__text_char(t, '=');
    sock__text_add(t, cookie->coded);
    for (int a = 0; a < ATTRIBUTES; a++)
        if (cookie->attributes[a] != NULL)
            add_attribute(t, (enum attribute)a, cookie->attributes[a], date);
}

/* The text of `expires`; NULL with the error recorded. */
static const char *date_of(const struct cookie *cookie, char *buf, size_t size)
{
    int64_t seconds;
    const char *text = cookie->attributes[EXPIRES];
    if (text == NULL || !read_seconds(text, &seconds))
        return text != NULL ? text : "";
    return sock_http_date(time(NULL) + seconds, buf, size) < 0 ? NULL : buf;
}

static int output(const struct cookie *cookie, sock_headers_t *headers)
{
    const char *op = "output";
    char buf[64];
    struct sock__text t = {0};
    const char *date = date_of(cookie, buf, sizeof buf);
    if (date == NULL)
        return sock__fail_about(op, cookie->name);
    add_cookie(&t, cookie, date);
    size_t size = t.len + 1;
    t = (struct sock__text){.buf = malloc(size), .size = size};
    if (t.buf == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    add_cookie(&t, cookie, date);
    (void)sock__text_end(&t);
    int added = sock_headers_add(headers, "Set-Cookie", t.buf);
    sock__free(t.buf);
    return added < 0 ? sock__fail_about(op, cookie->name) : 0;
}

static int by_name(const void *a, const void *b)
{
    const struct cookie *const *x = a, *const *y = b;
    return compare(*x, *y);
}

int sock_cookies_output(const sock_cookies_t *c, sock_headers_t *headers)
{
    const char *op = "output";
    int result = 0;
    if (c == NULL || headers == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (c->count == 0)
        return 0;
    struct cookie **sorted = malloc(c->count * sizeof(struct cookie *));
    if (sorted == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    memcpy(sorted, c->cookies, c->count * sizeof(struct cookie *));
    qsort(sorted, c->count, sizeof(struct cookie *), by_name);
    for (size_t i = 0; i < c->count && result == 0; i++)
        result = output(sorted[i], headers);
    sock__free(sorted);
    return result;
}
