/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <pysockc/url.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "quote.h"
#include "record.h"
#include "text.h"

/* Where a name and a value begin in the text; each ends with a NUL. */
struct field {
    size_t name, value;
};

struct sock_query {
    char *text;
    size_t used, room; /* bytes */
    struct field *fields;
    size_t count, slots;
};

static sock_query_t *new_query(const char *op)
{
    sock_query_t *q = calloc(1, sizeof *q);
    if (q == NULL)
        sock__fail(op, SOCK_E_MEMORY, 0, 0);
    return q;
}

sock_query_t *sock_query_new(void)
{
    return new_query("query_new");
}

void sock_query_free(sock_query_t *q)
{
    if (q == NULL)
        return;
    sock__free(q->text);
    sock__free(q->fields);
    sock__free(q);
}

/* Room for n further bytes, and for a field: doubled, so that all together
 * takes a time that is linear. -1 with the error recorded. */

static int want_text(sock_query_t *q, size_t n, const char *op)
{
    char *text = sock__grow(q->text, q->used, &q->room, n, 1);
    if (text == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    q->text = text;
    return 0;
}

static int want_slot(sock_query_t *q, const char *op)
{
    struct field *fields =
        sock__grow(q->fields, q->count, &q->slots, 1, sizeof *fields);
    if (fields == NULL)
        return sock__fail(op, SOCK_E_MEMORY, 0, 0);
    q->fields = fields;
    return 0;
}

/* Copies a text to the end of those that are there, which has room. */
static size_t keep(sock_query_t *q, const char *text, size_t n)
{
    size_t at = q->used;
    memcpy(q->text + at, text, n + 1);
    q->used += n + 1;
    return at;
}

int sock_query_add(sock_query_t *q, const char *name, const char *value)
{
    const char *op = "query_add";

    if (q == NULL || name == NULL || value == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    size_t n = strlen(name), m = strlen(value);
    if (want_text(q, n + 1 + m + 1, op) < 0 || want_slot(q, op) < 0)
        return -1;
    q->fields[q->count].name = keep(q, name, n);
    q->fields[q->count].value = keep(q, value, m);
    q->count++;
    return 0;
}

/* Reading */

struct reading {
    const char *op;
    int flags;
    sock_query_t *q;
};

static size_t field_length(const char *at, int flags)
{
    return strcspn(at, (flags & SOCK_QUERY_SEMICOLON) != 0 ? "&;" : "&");
}

static int bad_field(const char *op, const char *field, size_t n)
{
    char words[SOCK_ERROR_WORDS_MAX + 32];
    int most = n < SOCK_ERROR_WORDS_MAX ? (int)n : SOCK_ERROR_WORDS_MAX;

    (void)snprintf(words, sizeof words, "bad query field: '%.*s'", most, field);
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

/* Unquotes a text to the end of those that are there, which has room. */
static int keep_unquoted(sock_query_t *q, const char *text, size_t n,
                         size_t *at)
{
    struct sock__text t = {.buf = q->text + q->used, .size = n + 1};

    *at = q->used;
    if (sock__unquote_add(&t, text, n, true) < 0)
        return -1;
    q->used += (size_t)sock__text_end(&t) + 1;
    return 0;
}

static int read_field(struct reading *r, const char *field, size_t n)
{
    sock_query_t *q = r->q;
    const char *equals = n > 0 ? memchr(field, '=', n) : NULL;

    if (equals == NULL && (r->flags & SOCK_QUERY_STRICT) != 0)
        return bad_field(r->op, field, n);
    size_t name_len = equals != NULL ? (size_t)(equals - field) : n;
    const char *value = equals != NULL ? equals + 1 : field + n;
    size_t value_len = (size_t)(field + n - value);
    if (n == 0 || (value_len == 0 && (r->flags & SOCK_QUERY_KEEP_BLANK) == 0))
        return 0;
    if (want_text(q, n + 2, r->op) < 0 || want_slot(q, r->op) < 0)
        return -1;
    struct field *f = &q->fields[q->count];
    if (keep_unquoted(q, field, name_len, &f->name) < 0 ||
        keep_unquoted(q, value, value_len, &f->value) < 0)
        return sock__fail(r->op, SOCK_E_VALUE, 0, SOCK__NUL_IN_PATH);
    q->count++;
    return 0;
}

/* Before any is read, so that too many cost nothing. */
static int check_number(const char *query, int flags, size_t max,
                        const char *op)
{
    size_t n = *query != '\0' ? 1 : 0;

    if (max == 0)
        return 0;
    query += field_length(query, flags);
    while (n <= max && *query != '\0') {
        query += 1 + field_length(query + 1, flags);
        n++;
    }
    if (n <= max)
        return 0;
    return sock__fail_saying(op, SOCK_E_VALUE, 0,
                             "Max number of fields exceeded");
}

static int read_all(struct reading *r, const char *query)
{
    if (*query == '\0')
        return 0;
    for (;;) {
        size_t n = field_length(query, r->flags);
        if (read_field(r, query, n) < 0)
            return -1;
        if (query[n] == '\0')
            return 0;
        query += n + 1;
    }
}

static int bad_flags(const char *op)
{
    return sock__fail_saying(op, SOCK_E_VALUE, 0, "unknown flags");
}

sock_query_t *sock_parse_qs(const char *query, int flags, size_t max)
{
    struct reading r = {.op = "parse_qs", .flags = flags};
    const int known =
        SOCK_QUERY_KEEP_BLANK | SOCK_QUERY_STRICT | SOCK_QUERY_SEMICOLON;

    if (query == NULL) {
        sock__fail(r.op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    if ((flags & ~known) != 0) {
        bad_flags(r.op);
        return NULL;
    }
    if (check_number(query, flags, max, r.op) < 0)
        return NULL;
    r.q = new_query(r.op);
    if (r.q != NULL && read_all(&r, query) < 0) {
        sock_query_free(r.q);
        return NULL;
    }
    return r.q;
}

const char *sock_query_get(const sock_query_t *q, const char *name, size_t i)
{
    if (q == NULL || name == NULL) {
        sock__fail("query_get", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
        return NULL;
    }
    for (size_t k = 0; k < q->count; k++)
        if (strcmp(q->text + q->fields[k].name, name) == 0 && i-- == 0)
            return q->text + q->fields[k].value;
    return NULL;
}

int sock_query_at(const sock_query_t *q, size_t i, const char **name,
                  const char **value)
{
    if (q == NULL)
        return sock__fail("query_at", SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (i >= q->count)
        return 0;
    if (name != NULL)
        *name = q->text + q->fields[i].name;
    if (value != NULL)
        *value = q->text + q->fields[i].value;
    return 1;
}

/* Writing */

static void add_quoted(struct sock__text *t, const struct sock__quoting *how,
                       const char *text)
{
    sock__quote_add(t, how, text, strlen(text));
}

int sock_urlencode(const sock_query_t *q, int flags, char *buf, size_t size)
{
    const char *op = "urlencode";
    struct sock__quoting how;
    struct sock__text t;

    sock__text_clear(buf, size);
    if (q == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if ((flags & ~SOCK_QUERY_QUOTE) != 0)
        return bad_flags(op);
    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    sock__quoting_init(&how, "", (flags & SOCK_QUERY_QUOTE) == 0);
    for (size_t i = 0; i < q->count; i++) {
        if (i > 0)
            sock__text_char(&t, '&');
        add_quoted(&t, &how, q->text + q->fields[i].name);
        sock__text_char(&t, '=');
        add_quoted(&t, &how, q->text + q->fields[i].value);
    }
    return sock__text_finish(&t, op);
}
