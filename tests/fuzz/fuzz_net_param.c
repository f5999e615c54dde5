/* SPDX-License-Identifier: MIT */
/*
 * Parameters of values, beside a model that reads from left to right; members
 * of lists; and fields that are added, set and taken out, beside an array.
 */
#include "fuzz.h"

#include <stdbool.h>

#include <pysockc/headers.h>

#include <ctype.h>
#include <strings.h>

/* --- The model of parameters --------------------------------------------- */

/* Copies a part up to a semicolon that is not quoted, and moves behind it. */
static char *next_part(const char **at)
{
    const char *p = *at;
    char *part = malloc(strlen(p) + 1), *to = part;
    bool quoted = false;

    for (; *p != '\0' && (quoted || *p != ';'); p++) {
        quoted ^= *p == '"';
        *to++ = *p;
        if (quoted && *p == '\\' && p[1] != '\0')
            *to++ = *++p;
    }
    *to = '\0';
    *at = *p == ';' ? p + 1 : NULL;
    return part;
}

static char *stripped(char *text)
{
    size_t n;
    text += strspn(text, " \t");
    for (n = strlen(text); n > 0 && strchr(" \t", text[n - 1]) != NULL;)
        text[--n] = '\0';
    return text;
}

/* Takes the quotes away, in place. */
static char *unquoted(char *text)
{
    size_t n = strlen(text);
    char *to = text;

    if (n < 2 || text[0] != '"' || text[n - 1] != '"')
        return text;
    text[n - 1] = '\0';
    for (const char *p = text + 1; *p != '\0'; p++) {
        if (*p == '\\' && (p[1] == '\\' || p[1] == '"'))
            p++;
        *to++ = *p;
    }
    *to = '\0';
    return text;
}

/* The parameter, to be freed; NULL: there is none. Its own text where `raw`. */
static char *model_of(const char *value, const char *key, bool raw)
{
    const char *at = value;
    char *found = NULL;

    for (bool first = true; at != NULL; first = false) {
        char *part = next_part(&at), *equals = strchr(part, '=');
        if (first && key[0] == '\0')
            found = strdup(stripped(part));
        if (!first && equals != NULL && key[0] != '\0') {
            *equals = '\0';
            if (strcasecmp(stripped(part), key) == 0) {
                char *text = stripped(equals + 1);
                free(found);
                found = strdup(raw ? text : unquoted(text));
            }
        }
        free(part);
    }
    return found;
}

/* --- Claims --------------------------------------------------------------- */

struct asked {
    const char *value, *key;
};

static int param(const void *arg, char *buf, size_t size)
{
    const struct asked *asked = arg;
    return sock_header_param(asked->value, asked->key, buf, size);
}

/* What a charset was undone of has no control, and is not plain. */
static void check_extended(const char *text, const char *extended)
{
    claim(extended != NULL);
    claim(strchr(extended, '\'') != NULL);
    for (const char *p = text; *p != '\0'; p++)
        claim((unsigned char)*p >= 32 && *p != 127);
}

static void check_param(const char *value, const char *key, size_t size)
{
    struct asked asked = {value, key};
    char *text = text_of(param, &asked, size);
    char *plain = model_of(value, key, false);
    char star[40];

    snprintf(star, sizeof star, "%s*", key);
    char *extended = key[0] != '\0' ? model_of(value, star, true) : NULL;
    if (text == NULL) {
        claim(plain == NULL && sock_last_error()->kind == SOCK_E_KEY);
    } else if (plain == NULL || strcmp(text, plain) != 0) {
        check_extended(text, extended);
    }
    free(text);
    free(plain);
    free(extended);
}

/* Members are found by what they are, whatever the case. */
static void check_list(const char *value)
{
    sock_headers_t *h = sock_headers_new();
    char *member = strdup(value), *at = member;

    if (strchr(value, '"') == NULL && sock_headers_add(h, "A", value) == 0) {
        char *end = at + strcspn(at, ",");
        *end = '\0';
        at = stripped(at);
        for (char *p = at; *p != '\0'; p++)
            *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
        claim(sock_headers_has(h, "a", at) == (*at != '\0'));
        claim(sock_headers_has(h, "a", ",") == 0);
    }
    free(member);
    sock_headers_free(h);
}

/* --- An object, and an array ---------------------------------------------- */

enum { NAMES = 4, MOST = 64 };

struct model {
    int names[MOST];
    char values[MOST][4];
    int n;
};

static const char *const names[NAMES] = {"A", "bb", "Content-Type", "d"};

static int take_out(struct model *m, int name, int from)
{
    int kept = from, gone;
    for (int i = from; i < m->n; i++) {
        if (m->names[i] == name)
            continue;
        m->names[kept] = m->names[i];
        if (kept != i)
            memcpy(m->values[kept], m->values[i], sizeof m->values[i]);
        kept++;
    }
    gone = m->n - kept;
    m->n = kept;
    return gone;
}

static void put(struct model *m, int at, int name, const char *value)
{
    m->names[at] = name;
    memcpy(m->values[at], value, sizeof m->values[at]);
    if (at == m->n)
        m->n++;
}

static void check_object(struct input *in)
{
    static struct model m;
    sock_headers_t *h = sock_headers_new();
    const char *name, *value;

    m.n = 0;
    while (in->left > 0 && m.n < MOST) {
        unsigned what = next_byte(in);
        int which = (int)(what / 4 % NAMES), at = 0;
        char text[4] = {(char)('a' + what / 16 % 16), '\0'};
        while (at < m.n && m.names[at] != which)
            at++;
        if (what % 4 < 2) {
            claim(sock_headers_add(h, names[which], text) == 0);
            put(&m, m.n, which, text);
        } else if (what % 4 == 2) {
            claim(sock_headers_set(h, names[which], text) == 0);
            put(&m, at, which, text);
            take_out(&m, which, at + 1);
        } else {
            claim(sock_headers_remove(h, names[which]) ==
                  take_out(&m, which, 0));
        }
    }
    for (int i = 0; i < m.n; i++) {
        claim(sock_headers_at(h, (size_t)i, &name, &value) == 1);
        claim(strcmp(name, names[m.names[i]]) == 0);
        claim(strcmp(value, m.values[i]) == 0);
    }
    claim(sock_headers_at(h, (size_t)m.n, NULL, NULL) == 0);
    sock_headers_free(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = {"", "b", "title", "filename"};
    struct input in = {data, size};
    unsigned first = next_byte(&in);
    char *value = rest_as_text(&in);

    check_param(value, keys[first % 4], first / 4);
    check_list(value);
    check_object(&in);
    free(value);
    return 0;
}
