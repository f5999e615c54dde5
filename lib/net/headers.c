/* SPDX-License-Identifier: MIT */
/* The fields of a head, as they lie in memory, and as a program sees them. */
#define _POSIX_C_SOURCE 200809L

#include "headers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pysockc/error.h>

#include "bytes.h"
#include "chars.h"
#include "list.h"
#include "private.h"
#include "record.h"
#include "text.h"

/* Memory */

struct sock__field *sock__headers_slot(sock_headers_t *h)
{
    if (h->count == h->slots) {
        struct sock__field *fields =
            sock__grow(h->fields, h->count, &h->slots, 1, sizeof *fields);
        if (fields == NULL)
            return NULL;
        h->fields = fields;
    }
    return &h->fields[h->count++];
}

void sock__headers_clear(sock_headers_t *h)
{
    h->count = 0;
    h->used = 0;
}

void sock__headers_release(sock_headers_t *h)
{
    if (h->owns)
        sock__free(h->text);
    sock__free(h->fields);
    *h = (sock_headers_t){0};
}

sock_headers_t *sock_headers_new(void)
{
    sock_headers_t *h = calloc(1, sizeof *h);
    if (h == NULL)
        sock__fail("Message", SOCK_E_MEMORY, 0, 0);
    return h;
}

void sock_headers_free(sock_headers_t *h)
{
    if (h == NULL)
        return;
    sock__headers_release(h);
    sock__free(h);
}

/* Texts */

bool sock__is_token(const char *text, size_t n)
{
    return n > 0 && sock__span(text, text + n, SOCK__TOKEN) == n;
}

bool sock__is_value(const char *text, size_t n)
{
    return sock__span(text, text + n, SOCK__VALUE) == n;
}

bool sock__same_text(const char *a, size_t n, const char *b, size_t m)
{
    if (n != m)
        return false;
    while (n > 0 && sock__lower(a[n - 1]) == sock__lower(b[n - 1]))
        n--;
    return n == 0;
}

/* Looking */

static bool is_named(const sock_headers_t *h, const struct sock__field *f,
                     const char *name, size_t n)
{
    return sock__same_text(h->text + f->name, f->name_len, name, n);
}

const char *sock__headers_find(const sock_headers_t *h, const char *name,
                               size_t i, size_t *len)
{
    size_t n = strlen(name);

    for (size_t k = 0; k < h->count; k++) {
        const struct sock__field *f = &h->fields[k];
        if (!is_named(h, f, name, n) || i-- > 0)
            continue;
        if (len != NULL)
            *len = f->value_len;
        return h->text + f->value;
    }
    return NULL;
}

/* Whether an argument is missing; recorded. */
static bool missing(const char *op, bool is)
{
    if (is)
        sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    return is;
}

const char *sock_headers_get(const sock_headers_t *h, const char *name,
                             const char *otherwise)
{
    if (missing("get", h == NULL || name == NULL))
        return NULL;
    const char *value = sock__headers_find(h, name, 0, NULL);
    return value != NULL ? value : otherwise;
}

const char *sock_headers_get_all(const sock_headers_t *h, const char *name,
                                 size_t i)
{
    if (missing("get_all", h == NULL || name == NULL))
        return NULL;
    return sock__headers_find(h, name, i, NULL);
}

int sock_headers_at(const sock_headers_t *h, size_t i, const char **name,
                    const char **value)
{
    if (missing("items", h == NULL))
        return -1;
    if (i >= h->count)
        return 0;
    if (name != NULL)
        *name = h->text + h->fields[i].name;
    if (value != NULL)
        *value = h->text + h->fields[i].value;
    return 1;
}

/* Whether one of a field's members is that. */
static bool has_member(const char *value, size_t len, const char *token,
                       size_t token_len)
{
    const char *at = value;
    size_t n;

    for (; sock__list_next(&at, value + len, &n); at += n)
        if (sock__same_text(at, n, token, token_len))
            return true;
    return false;
}

int sock_headers_has(const sock_headers_t *h, const char *name,
                     const char *token)
{
    if (missing("has", h == NULL || name == NULL || token == NULL))
        return -1;
    size_t n = strlen(name), token_len = strlen(token);
    for (size_t i = 0; i < h->count; i++) {
        const struct sock__field *f = &h->fields[i];
        if (is_named(h, f, name, n) &&
            has_member(h->text + f->value, f->value_len, token, token_len))
            return 1;
    }
    return 0;
}

/* Its text as a whole */

static void add_line(struct sock__text *t, const sock_headers_t *h, size_t i)
{
    const struct sock__field *f = &h->fields[i];
    sock__text_bytes(t, h->text + f->name, f->name_len);
    sock__text_bytes(t, ": ", 2);
    sock__text_bytes(t, h->text + f->value, f->value_len);
}

int sock_headers_line(const sock_headers_t *h, size_t i, char *buf, size_t size)
{
    struct sock__text t;

    if (sock__text_begin(&t, "headers", buf, size) < 0)
        return -1;
    if (h != NULL && i < h->count)
        add_line(&t, h, i);
    int n = sock__text_end(&t);
    return missing("headers", h == NULL) ? -1 : n;
}

int sock_headers_text(const sock_headers_t *h, char *buf, size_t size)
{
    struct sock__text t;

    if (sock__text_begin(&t, "as_string", buf, size) < 0)
        return -1;
    for (size_t i = 0; h != NULL && i < h->count; i++) {
        add_line(&t, h, i);
        sock__text_char(&t, '\n');
    }
    if (h != NULL)
        sock__text_char(&t, '\n');
    int n = sock__text_end(&t);
    return missing("as_string", h == NULL) ? -1 : n;
}

/* Changing */

/* A name or value that is to be added. */
struct piece {
    const char *text;
    size_t n;
};

/* Writes a text behind the others, with its NUL; where it begins. */
static uint32_t write_text(char *text, size_t *used, const char *from, size_t n)
{
    size_t at = *used;
    if (n > 0)
        memcpy(text + at, from, n);
    text[at + n] = '\0';
    *used += n + 1;
    return (uint32_t)at;
}

/* Moves all texts, without the gaps between them. */
static void move_texts(sock_headers_t *h, char *text)
{
    size_t used = 0;
    for (size_t i = 0; i < h->count; i++) {
        struct sock__field *f = &h->fields[i];
        f->name = write_text(text, &used, h->text + f->name, f->name_len);
        f->value = write_text(text, &used, h->text + f->value, f->value_len);
    }
    h->text = text;
    h->used = used;
}

/* Bytes of the texts that are in use. */
static size_t live(const sock_headers_t *h)
{
    size_t n = 0;
    for (size_t i = 0; i < h->count; i++)
        n += (size_t)h->fields[i].name_len + h->fields[i].value_len + 2;
    return n;
}

/* Makes room of its own for so many bytes more. *old is what the texts lay in,
 * to be freed once no one needs it: a value may be part of it. */
static int make_room(sock_headers_t *h, size_t more, char **old)
{
    *old = NULL;
    if (h->owns && h->room - h->used >= more)
        return 0;
    size_t wanted = live(h) + more, room = 256;
    if (wanted > UINT32_MAX / 2)
        return -1;
    while (room < wanted * 2)
        room *= 2;
    char *text = malloc(room);
    if (text == NULL)
        return -1;
    *old = h->owns ? h->text : NULL;
    move_texts(h, text);
    h->room = room;
    h->owns = true;
    return 0;
}

static int append(sock_headers_t *h, struct piece name, struct piece value,
                  const char *op)
{
    char *old;
    struct sock__field *f = NULL;

    if (name.n <= UINT32_MAX / 8 && value.n <= UINT32_MAX / 8 &&
        make_room(h, name.n + value.n + 2, &old) == 0) {
        f = sock__headers_slot(h);
        if (f != NULL) {
            f->name = write_text(h->text, &h->used, name.text, name.n);
            f->name_len = (uint32_t)name.n;
            f->value = write_text(h->text, &h->used, value.text, value.n);
            f->value_len = (uint32_t)value.n;
        }
        sock__free(old);
    }
    return f != NULL ? 0 : sock__fail(op, SOCK_E_MEMORY, 0, 0);
}

/* Checks what is to be added; the value without the blanks around it. */
static int check_pieces(struct piece *name, struct piece *value, const char *op)
{
    name->n = strlen(name->text);
    const char *end = value->text + strlen(value->text);
    if (!sock__is_token(name->text, name->n))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "Invalid header name");
    value->text += sock__blanks(value->text, end);
    value->n = sock__trimmed(value->text, (size_t)(end - value->text));
    if (!sock__is_value(value->text, value->n))
        return sock__fail_saying(op, SOCK_E_VALUE, 0, "Invalid header value");
    return 0;
}

int sock_headers_add(sock_headers_t *h, const char *name, const char *value)
{
    const char *op = "add_header";
    struct piece n = {name, 0}, v = {value, 0};

    if (missing(op, h == NULL || name == NULL || value == NULL) ||
        check_pieces(&n, &v, op) < 0)
        return -1;
    return append(h, n, v, op);
}

/* Puts the last field in the place of the first other one of its name, and
 * takes out the rest of that name. */
static void replace(sock_headers_t *h)
{
    struct sock__field last = h->fields[h->count - 1];
    const char *name = h->text + last.name;
    size_t kept = 0, n = h->count - 1;
    bool placed = false;

    for (size_t i = 0; i < n; i++) {
        struct sock__field f = h->fields[i];
        bool same = is_named(h, &f, name, last.name_len);
        if (!same || !placed)
            h->fields[kept++] = same ? last : f;
        placed = placed || same;
    }
    if (!placed)
        h->fields[kept++] = last;
    h->count = kept;
}

int sock_headers_set(sock_headers_t *h, const char *name, const char *value)
{
    const char *op = "__setitem__";
    struct piece n = {name, 0}, v = {value, 0};

    if (missing(op, h == NULL || name == NULL || value == NULL) ||
        check_pieces(&n, &v, op) < 0 || append(h, n, v, op) < 0)
        return -1;
    replace(h);
    return 0;
}

int sock_headers_remove(sock_headers_t *h, const char *name)
{
    if (missing("__delitem__", h == NULL || name == NULL))
        return -1;
    size_t kept = 0, n = strlen(name);
    for (size_t i = 0; i < h->count; i++)
        if (!is_named(h, &h->fields[i], name, n))
            h->fields[kept++] = h->fields[i];
    size_t gone = h->count - kept;
    h->count = kept;
    return (int)gone;
}
