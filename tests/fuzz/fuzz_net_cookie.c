/* SPDX-License-Identifier: MIT */
/* Cookie fields beside a model that takes them pair by pair, and what is made
 * of them: it can always be written, and is the same once it is read again. */
#include <stdbool.h>

#include <pysockc/net.h>

#include "fuzz.h"

static const char *const attributes[] = {
    "comment",     "domain", "expires",  "httponly", "max-age",
    "partitioned", "path",   "samesite", "secure",   "version"};

static bool is_attribute(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if (strlen(attributes[i]) == n &&
            strncasecmp(attributes[i], name, n) == 0)
            return true;
    return false;
}

static bool is_name(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strchr("0123456789abcdefghijklmnopqrstuvwxyz"
                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~:",
                   name[i]) == NULL)
            return false;
    return n > 0 && name[0] != '$' && !is_attribute(name, n);
}

static bool has_controls(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' ? text[i] != '\t' : text[i] == 0x7f)
            return true;
    return false;
}

/* How many cookies a field has at most, names that are there twice apart. */
static size_t count_pairs(const char *text)
{
    size_t found = 0;
    for (size_t n; *text != '\0'; text += n + (text[n] == ';')) {
        n = strcspn(text, ";");
        size_t k = strcspn(text, "="), from = strspn(text, " \t");
        size_t to = k;
        if (k >= n || has_controls(text, n))
            continue;
        while (to > from && (text[to - 1] == ' ' || text[to - 1] == '\t'))
            to--;
        found += from < to && is_name(text + from, to - from);
    }
    return found;
}

static sock_headers_t *written(const sock_cookies_t *c)
{
    sock_headers_t *h = sock_headers_new();
    claim(h != NULL);
    if (sock_cookies_output(c, h) < 0) /* a date that can't be written */
        claim(sock_last_error()->kind == SOCK_E_VALUE);
    return h;
}

/* What a client would make of the fields is what they were made of. */
static void check_back(const sock_cookies_t *c, const sock_headers_t *h)
{
    const char *name, *field;
    for (size_t i = 0; sock_headers_at(h, i, &name, &field) == 1; i++) {
        const char *key, *value;
        sock_cookies_t *one = sock_cookies_new();
        claim(sock_cookies_load(one, field) > 0);
        claim(sock_cookies_at(one, 0, &key, &value) == 1);
        claim(sock_cookies_at(one, 1, NULL, NULL) == 0);
        claim(strcmp(sock_cookies_get(c, key), value) == 0);
        sock_cookies_free(one);
    }
}

static size_t check_items(const sock_cookies_t *c)
{
    const char *name, *value;
    size_t n = 0;
    while (sock_cookies_at(c, n, &name, &value) == 1) {
        claim(is_name(name, strlen(name)));
        claim(sock_cookies_get(c, name) == value);
        n++;
    }
    return n;
}

/* A value of any bytes goes there and back. */
static void check_value(const char *value)
{
    sock_cookies_t *c = sock_cookies_new();
    claim(c != NULL && sock_cookies_set(c, "n", value) == 0);
    claim(sock_cookies_set_attr(c, "n", "path", value) == 0 ||
          has_controls(value, strlen(value)) || strchr(value, ';') != NULL);
    sock_headers_t *h = written(c);
    claim(sock_headers_at(h, 0, NULL, NULL) == 1);
    check_back(c, h);
    sock_headers_free(h);
    sock_cookies_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    char *text = rest_as_text(&in);
    sock_cookies_t *c = sock_cookies_new();
    claim(c != NULL);
    int n = sock_cookies_load(c, text);
    claim(n >= 0);
    size_t items = check_items(c);
    claim(items <= count_pairs(text));
    sock_headers_t *h = written(c);
    check_back(c, h);
    claim(sock_cookies_load(c, text) == n && check_items(c) == items);
    sock_headers_free(h);
    sock_cookies_free(c);
    check_value(text);
    free(text);
    return 0;
}
