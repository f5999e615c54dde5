/* SPDX-License-Identifier: MIT */
/* Forms of each kind, with limits: the same whatever the pieces in which they
 * come, and nothing over a limit. */
#include <pysockc/cgi.h>

#include "form.h"
#include "fuzz.h"

static const char *const types[] = {
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=B",
    "multipart/form-data; boundary=B", "application/json"};

struct body {
    const uint8_t *bytes;
    size_t n, at, piece;
};

static ssize_t read_body(void *arg, void *buf, size_t size)
{
    struct body *b = arg;
    size_t n = b->n - b->at < size ? b->n - b->at : size;

    claim(size > 0);
    n = n < b->piece ? n : b->piece;
    if (n > 0)
        memcpy(buf, b->bytes + b->at, n);
    b->at += n;
    return (ssize_t)n;
}

/* What a text is, as far as it can be told by a number. */
static uint64_t hash(uint64_t h, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
    return h * 31 + n;
}

static uint64_t hash_text(uint64_t h, const char *text)
{
    return text != NULL ? hash(h, text, strlen(text)) : h * 7;
}

static uint64_t hash_content(uint64_t h, sock_form_t *form, size_t i,
                             const sock_form_item_t *item)
{
    char text[1024];
    FILE *file = sock_form_file(form, i);
    size_t n = file != NULL ? fread(text, 1, sizeof text, file) : 0;

    claim(file != NULL && n == (size_t)item->length);
    if (item->value != NULL)
        claim(memcmp(item->value, text, n) == 0 && item->value[n] == '\0');
    return hash(h, text, n);
}

static uint64_t hash_item(uint64_t h, sock_form_t *form, size_t i,
                          const sock_form_limits_t *l, int *files)
{
    sock_form_item_t item;
    const char *name, *value;

    claim(sock_form_at(form, i, &item) == 1);
    claim(item.parent >= -1 && item.parent < (int)i);
    h = hash_text(hash_text(h, item.name), item.filename);
    h = hash_text(hash_text(h, item.type), item.disposition);
    *files += item.filename != NULL;
    for (size_t k = 0; item.headers != NULL &&
                       sock_headers_at(item.headers, k, &name, &value);
         k++)
        h = hash_text(hash_text(h, name), value);
    if (item.parts)
        return h;
    if (item.filename == NULL && item.disposition == NULL)
        claim(strlen(item.value) == (size_t)item.length);
    if (item.filename == NULL && item.name != NULL)
        claim(item.length <= (int64_t)l->value &&
              strlen(item.value) == (size_t)item.length);
    return hash_content(h, form, i, &item);
}

static uint64_t hash_form(sock_form_t *form, const sock_form_limits_t *l)
{
    sock_form_item_t item;
    uint64_t h = 1;
    int files = 0;
    size_t i = 0;

    if (form == NULL) {
        const sock_error_t *e = sock_last_error();
        claim(e->kind == SOCK_E_PROTOCOL || e->kind == SOCK_E_EOF);
        return (uint64_t)(e->kind * 100 + e->code);
    }
    for (; sock_form_at(form, i, &item) == 1; i++)
        h = hash_item(h, form, i, l, &files);
    claim(i <= (size_t)l->fields && files <= l->files);
    sock_form_free(form);
    return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    unsigned how = next_byte(&in);
    sock_form_limits_t limits = {.size = sizeof limits,
                                 .flags = (int)(how >> 4 & 7),
                                 .fields = 1 + (int)next_byte(&in) % 8,
                                 .files = 2,
                                 .lines = 3,
                                 .head = 128,
                                 .value = 1 + next_byte(&in),
                                 .text = 256,
                                 .memory = 1 + next_byte(&in)};
    struct body whole = {in.at, in.left, 0, SIZE_MAX}, pieces = whole;
    struct sock__form_source source = {
        .op = "FieldStorage",
        .method = "POST",
        .query = (how & 4) != 0 ? "q=1" : NULL,
        .type = types[how & 3],
        .length = (how & 8) != 0 ? (int64_t)in.left : SOCK__TO_END,
        .read = read_body,
        .arg = &whole};

    pieces.piece = 1 + how % 5;
    uint64_t one = hash_form(sock__form_read(&source, &limits), &limits);
    source.arg = &pieces;
    claim(one == hash_form(sock__form_read(&source, &limits), &limits));
    return 0;
}
