/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pysockc/error.h>
#include <pysockc/url.h>

#include "form.h"
#include "multipart.h"
#include "private.h"
#include "record.h"

/* Bytes that are read at once, at least. */
enum { WINDOW = 16 * 1024 };
/* Of the head of a part: what there is room made for. */
enum { HEAD_MAX = 1 << 24 };

struct reader {
    sock_form_t *form;
    const struct sock__form_source *source;
    sock_form_limits_t limits; /* without zeros */
    const char *op;
    const char *query; /* fields as a URL has them: its own, or the body's */
    size_t text;       /* bytes that count for limits.text */
    int files;
    int64_t done; /* bytes of the body */
    bool last;    /* there are no more */
    char *buf;    /* the window on the body: */
    size_t room, start, end;
    struct sock__multipart multipart;
    int open[SOCK__MULTIPART_DEPTH]; /* the fields that are multipart */
};

/* Limits */

static int check_limits(const sock_form_limits_t *l, const char *op)
{
    const int known =
        SOCK_QUERY_KEEP_BLANK | SOCK_QUERY_STRICT | SOCK_QUERY_SEMICOLON;
    const char *bad = NULL;

    if (l->size != sizeof *l)
        return sock__fail_saying(op, SOCK_E_VALUE, 0,
                                 "the size of the limits is not this "
                                 "version's");
    for (size_t i = 0; i < sizeof l->reserved / sizeof l->reserved[0]; i++)
        if (l->reserved[i] != 0)
            return sock__fail(op, SOCK_E_VALUE, 0, SOCK__RESERVED);
    bad = (l->flags & ~known) != 0 ? "flags" : bad;
    bad = l->fields < 0 ? "fields" : bad;
    bad = l->files < 0 ? "files" : bad;
    bad = l->lines < 0 ? "lines" : bad;
    bad = l->head > HEAD_MAX ? "head" : bad;
    bad = l->total < 0 ? "total" : bad;
    if (bad == NULL)
        return 0;
    return sock__fail_quoting(op, SOCK_E_VALUE, SOCK__MEMBER_RANGE, bad);
}

#define DEFAULT(member, number)                                                \
    (l->member = l->member != 0 ? l->member : (number))

static int take_limits(struct reader *r, const sock_form_limits_t *limits)
{
    sock_form_limits_t *l = &r->limits;
    if (limits != NULL && check_limits(limits, r->op) < 0)
        return -1;
    if (limits != NULL)
        *l = *limits;
    DEFAULT(fields, 1000);
    DEFAULT(files, 100);
    DEFAULT(lines, 20);
    DEFAULT(head, 8 << 10);
    DEFAULT(total, INT64_C(1) << 30);
    DEFAULT(value, 1 << 20);
    DEFAULT(text, 8 << 20);
    DEFAULT(memory, 1000);
    return 0;
}

static int refuse(const struct reader *r, int fault, const char *why)
{
    return sock__fail_saying(r->op, SOCK_E_PROTOCOL, fault, why);
}

static int too_large(const struct reader *r, const char *why)
{
    return refuse(r, SOCK_P_TOO_LARGE, why);
}

static int count_text(struct reader *r, size_t n)
{
    if (n > r->limits.text - r->text)
        return too_large(r, "the values of the form are too long");
    r->text += n;
    return 0;
}

/* A further field; NULL with the error recorded. */
static struct sock__part *add_field(struct reader *r)
{
    if (r->form->count >= (size_t)r->limits.fields) {
        too_large(r, "Max number of fields exceeded");
        return NULL;
    }
    struct sock__part *p = sock__form_slot(r->form);
    if (p == NULL)
        sock__fail(r->op, SOCK_E_MEMORY, 0, 0);
    return p;
}

/* The body */

/* As many bytes as may be read next. */
static size_t wanted(const struct reader *r, size_t room)
{
    int64_t left = r->source->length - r->done;
    return r->source->length >= 0 && left < (int64_t)room ? (size_t)left : room;
}

static int ends_early(const struct reader *r)
{
    sock__fail_saying(r->op, SOCK_E_EOF, 0, "the form ends early");
    sock__fail_done((size_t)r->done);
    return -1;
}

/* Reads into a buffer: how much; 0: no more will come; -1. */
static ssize_t read_body(struct reader *r, char *buf, size_t room)
{
    size_t most = wanted(r, room);
    ssize_t n = most > 0 ? r->source->read(r->source->arg, buf, most) : 0;
    if (n < 0)
        return -1;
    r->last = n == 0;
    r->done += n;
    if (r->done > r->limits.total)
        return too_large(r, "Maximum content length exceeded");
    if (r->last && r->done < r->source->length)
        return ends_early(r);
    return n;
}

/* Reads more into the window, which holds no more than its beginning. */
static int fill(struct reader *r)
{
    memmove(r->buf, r->buf + r->start, r->end - r->start);
    r->end -= r->start;
    r->start = 0;
    ssize_t n = read_body(r, r->buf + r->end, r->room - r->end);
    if (n < 0)
        return -1;
    r->end += (size_t)n;
    return 0;
}

static int open_window(struct reader *r, size_t room)
{
    r->room = room;
    r->buf = malloc(room);
    return r->buf != NULL ? 0 : sock__fail(r->op, SOCK_E_MEMORY, 0, 0);
}

/* Ignores the rest. */
static int read_rest(struct reader *r)
{
    ssize_t n = 1;
    while (n > 0)
        n = read_body(r, r->buf, r->room);
    return (int)n;
}

/* What is urlencoded */

static size_t count_fields(const char *query, int flags)
{
    const char *separators = (flags & SOCK_QUERY_SEMICOLON) != 0 ? "&;" : "&";
    size_t n = 1;
    for (; (query = strpbrk(query, separators)) != NULL; query++)
        n++;
    return n;
}

/* The sender's fault, in the words of who found it. */
static int bad_query(const struct reader *r)
{
    char words[SOCK_ERROR_TEXT_MAX];
    const sock_error_t *e = sock_last_error();
    if (e->kind != SOCK_E_VALUE)
        return sock__fail(r->op, e->kind, e->code, 0);
    sock_error_reason(e, words, sizeof words);
    return refuse(r, SOCK_P_SYNTAX, words);
}

static int add_query_field(struct reader *r, const char *name,
                           const char *value)
{
    struct sock__part *p = add_field(r);
    if (p == NULL)
        return -1;
    size_t n = strlen(value);
    if (n > r->limits.value)
        return too_large(r, "a value is too long");
    p->item.name = name;
    p->item.value = value;
    p->item.length = (int64_t)n;
    p->is_text = true;
    return 0;
}

static int read_query(struct reader *r)
{
    const char *name, *value;

    if (count_text(r, strlen(r->query)) < 0)
        return -1;
    if (count_fields(r->query, r->limits.flags) > (size_t)r->limits.fields)
        return too_large(r, "Max number of fields exceeded");
    sock_query_t *q = sock_parse_qs(r->query, r->limits.flags, 0);
    if (q == NULL)
        return bad_query(r);
    r->form->query = q;
    for (size_t i = 0; sock_query_at(q, i, &name, &value) == 1; i++)
        if (add_query_field(r, name, value) < 0)
            return -1;
    return 0;
}

/* Room in the window, which is all of the body, for more and the query. */
static int grow(struct reader *r, size_t query)
{
    if (r->end + query > r->limits.text)
        return too_large(r, "the values of the form are too long");
    if (r->room - r->end > query + 2)
        return 0;
    char *buf = realloc(r->buf, r->room * 2);
    if (buf == NULL)
        return sock__fail(r->op, SOCK_E_MEMORY, 0, 0);
    r->buf = buf;
    r->room *= 2;
    return 0;
}

/* The fields of the body, and behind them those of the URL. */
static int read_urlencoded(struct reader *r)
{
    size_t n = strlen(r->query);
    if (n > r->limits.text)
        return too_large(r, "the values of the form are too long");
    if (open_window(r, WINDOW + n) < 0)
        return -1;
    while (!r->last) {
        if (grow(r, n) < 0)
            return -1;
        ssize_t got = read_body(r, r->buf + r->end, r->room - r->end - n - 2);
        if (got < 0)
            return -1;
        r->end += (size_t)got;
    }
    if (memchr(r->buf, '\0', r->end) != NULL)
        return refuse(r, SOCK_P_SYNTAX, "the form has a NUL in it");
    if (r->end > 0 && n > 0)
        r->buf[r->end++] = '&';
    memcpy(r->buf + r->end, r->query, n + 1);
    r->query = r->buf;
    return read_query(r);
}

/* Parts */

static int add_data(struct reader *r, const char *data, size_t n)
{
    struct sock__part *p = &r->form->parts[r->form->count - 1];
    if (p->is_text && n > r->limits.value - (size_t)p->item.length)
        return too_large(r, "a value is too long");
    if (p->is_text && count_text(r, n) < 0)
        return -1;
    return sock__part_add(p, data, n, r->limits.memory, r->op);
}

static int end_part(struct reader *r)
{
    return sock__part_end(&r->form->parts[r->form->count - 1], r->op);
}

static bool is_multipart(const char *type)
{
    return strncasecmp(type, "multipart/", 10) == 0;
}

/* Into room for SOCK__BOUNDARY_MAX + 1 bytes; -1 with the error recorded. */
static int take_boundary(const struct reader *r, const char *type,
                         char *boundary)
{
    int n =
        sock_header_param(type, "boundary", boundary, SOCK__BOUNDARY_MAX + 1);
    if (n > 0 && sock__is_boundary(boundary, strlen(boundary)))
        return 0;
    return refuse(r, SOCK_P_SYNTAX, "Invalid boundary in multipart form");
}

static int bad_multipart(const struct reader *r)
{
    return refuse(r, r->multipart.fault, r->multipart.why);
}

/* The part is several itself. */
static int enter(struct reader *r, struct sock__part *p)
{
    char boundary[SOCK__BOUNDARY_MAX + 1];
    const char *type = sock_headers_get(&p->headers, "Content-Type", "");
    if (take_boundary(r, type, boundary) < 0)
        return -1;
    if (sock__multipart_enter(&r->multipart, boundary, strlen(boundary)) < 0)
        return bad_multipart(r);
    r->open[r->multipart.depth - 1] = (int)r->form->count - 1;
    p->item.parts = 1;
    p->is_text = false;
    return 0;
}

static int begin_part(struct reader *r, const char *head, size_t n)
{
    struct sock__part *p = add_field(r);
    if (p == NULL || count_text(r, n) < 0 ||
        sock__part_head(p, head, n, r->limits.lines, r->op) < 0)
        return -1;
    p->item.parent = r->open[r->multipart.depth - 1];
    if (p->item.filename != NULL && ++r->files > r->limits.files)
        return too_large(r, "Max number of files exceeded");
    return is_multipart(p->item.type) ? enter(r, p) : 0;
}

/* Takes what can be taken of the window: 1; 0: of the multipart as a whole it
 * was the last; -1. */
static int step(struct reader *r)
{
    const char *data = r->buf + r->start;
    size_t taken = 0;
    enum sock__multipart_event event = sock__multipart_next(
        &r->multipart, data, r->end - r->start, r->last, &taken);
    r->start += taken;
    switch (event) {
    case SOCK__MULTIPART_FAULT:
        return bad_multipart(r);
    case SOCK__MULTIPART_HEAD:
        return begin_part(r, data, taken) < 0 ? -1 : 1;
    case SOCK__MULTIPART_DATA:
        return add_data(r, data, taken) < 0 ? -1 : 1;
    case SOCK__MULTIPART_END:
        return end_part(r) < 0 ? -1 : 1;
    case SOCK__MULTIPART_CLOSE:
        return r->multipart.depth > 0;
    case SOCK__MULTIPART_MORE:
        break;
    }
    if (taken > 0)
        return 1;
    return r->last ? ends_early(r) : fill(r) < 0 ? -1 : 1;
}

static int read_multipart(struct reader *r)
{
    char boundary[SOCK__BOUNDARY_MAX + 1];
    int more = 1;

    if (*r->query != '\0' && read_query(r) < 0)
        return -1;
    if (take_boundary(r, r->source->type, boundary) < 0 ||
        open_window(r, WINDOW + r->limits.head) < 0)
        return -1;
    sock__multipart_begin(&r->multipart, boundary, strlen(boundary),
                          r->limits.head, r->limits.lines);
    r->open[0] = -1;
    while (more > 0)
        more = step(r);
    return more < 0 ? -1 : read_rest(r);
}

/* Other bodies */

static int read_single(struct reader *r, const char *type)
{
    struct sock__part *p = add_field(r);
    if (p == NULL || open_window(r, WINDOW) < 0)
        return -1;
    size_t size = strlen(type) + 1;
    p->texts = malloc(size);
    if (p->texts == NULL)
        return sock__fail(r->op, SOCK_E_MEMORY, 0, 0);
    sock_header_param(type, NULL, p->texts, size);
    p->item.type = p->texts;
    p->item.disposition = "";
    ssize_t n;
    while ((n = read_body(r, r->buf, r->room)) > 0)
        if (add_data(r, r->buf, (size_t)n) < 0)
            return -1;
    return n < 0 ? -1 : end_part(r);
}

/* Forms */

static bool is_method(const struct reader *r, const char *name)
{
    return strcasecmp(r->source->method, name) == 0;
}

static bool is_urlencoded(const char *type)
{
    const char name[] = "application/x-www-form-urlencoded";
    char text[sizeof name];
    return sock_header_param(type, NULL, text, sizeof text) ==
               (int)sizeof name - 1 &&
           strcasecmp(text, name) == 0;
}

static int read_form(struct reader *r)
{
    const char *type = r->source->type;

    if (is_method(r, "GET") || is_method(r, "HEAD"))
        return read_query(r);
    if (r->source->length == SOCK__NO_LENGTH)
        return refuse(r, SOCK_P_FRAMING, "the form's length is no number");
    if (r->source->length > r->limits.total)
        return too_large(r, "Maximum content length exceeded");
    if (type == NULL && is_method(r, "POST"))
        return read_urlencoded(r);
    if (type == NULL)
        return read_single(r, "text/plain");
    type += strspn(type, " \t");
    if (is_multipart(type))
        return read_multipart(r);
    return is_urlencoded(type) ? read_urlencoded(r) : read_single(r, type);
}

sock_form_t *sock__form_read(const struct sock__form_source *source,
                             const sock_form_limits_t *limits)
{
    struct reader r = {.source = source, .op = source->op};
    struct sock__saved saved;

    r.query = source->query != NULL ? source->query : "";
    sock__error_save(&saved);
    if (take_limits(&r, limits) < 0)
        return NULL;
    r.form = calloc(1, sizeof *r.form);
    if (r.form == NULL) {
        sock__fail(r.op, SOCK_E_MEMORY, 0, 0);
        return NULL;
    }
    int done = read_form(&r);
    sock__free(r.buf);
    if (done < 0) {
        sock_form_free(r.form);
        return NULL;
    }
    sock__error_restore(&saved);
    return r.form;
}
