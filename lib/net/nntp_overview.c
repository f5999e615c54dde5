/* SPDX-License-Identifier: MIT */
/* Overviews (RFC 3977 8.3, 8.4): which fields they have, and the fields. */
#include <stdlib.h>
#include <string.h>

#include "headers.h"
#include "nntp_parse.h"
#include "transfer.h"
#include "word.h"

enum { FIELDS = 7 }; /* that each has, behind its number */

/* Formats */

/* The name of a field: "Xref" of "Xref:full", ":bytes" of ":bytes". */
static struct sock__piece name_in(struct sock__piece line)
{
    size_t first = line.n > 0 && *line.at == ':';
    const char *colon = memchr(line.at + first, ':', line.n - first);

    return (struct sock__piece){
        line.at, colon != NULL ? (size_t)(colon - line.at) : line.n};
}

/* Whether it is the i-th of the seven; two of them have older names. */
static bool is_field(struct sock__piece name, size_t i)
{
    static const char *const names[FIELDS] = {
        "subject",    "from",   "date",  "message-id",
        "references", ":bytes", ":lines"};
    const char *wanted = names[i];

    return sock__same_text(name.at, name.n, wanted, strlen(wanted)) ||
           (*wanted == ':' &&
            sock__same_text(name.at, name.n, wanted + 1, strlen(wanted + 1)));
}

static bool check_format(const sock_lines_t *lines)
{
    if (lines->count < FIELDS || lines->count > FIELDS + SOCK__NNTP_NAMES)
        return false;
    for (size_t i = 0; i < lines->count; i++) {
        const sock_line_t *line = &lines->lines[i];
        struct sock__piece name =
            name_in((struct sock__piece){line->text, line->length});
        if (name.n == 0 || !sock__is_visible(name) ||
            (i < FIELDS && !is_field(name, i)))
            return false;
    }
    return true;
}

static void put_names(struct sock__nntp_format *f, const sock_lines_t *lines)
{
    char *at = f->text;

    for (size_t i = FIELDS; i < lines->count; i++) {
        struct sock__piece name = name_in(
            (struct sock__piece){lines->lines[i].text, lines->lines[i].length});
        f->names[f->count++] = at;
        for (size_t k = 0; k < name.n; k++)
            *at++ = sock__lower(name.at[k]);
        *at++ = '\0';
    }
    f->size = (size_t)(at - f->text);
}

struct sock__nntp_format *sock__nntp_format(const sock_lines_t *lines,
                                            bool *bad)
{
    size_t size = 0;

    *bad = lines != NULL && !check_format(lines);
    if (*bad)
        return NULL;
    for (size_t i = 0; lines != NULL && i < lines->count; i++)
        size += lines->lines[i].length + 1;
    struct sock__nntp_format *f = malloc(sizeof *f + size);
    if (f == NULL)
        return NULL;
    f->count = f->size = 0;
    if (lines != NULL)
        put_names(f, lines);
    return f;
}

/* Fields */

/* The next field, up to a tab, which is taken from the line. */
static struct sock__piece field(struct sock__piece *line)
{
    const char *tab = memchr(line->at, '\t', line->n);
    size_t n = tab != NULL ? (size_t)(tab - line->at) : line->n;
    struct sock__piece found = {line->at, n};

    line->at += tab != NULL ? n + 1 : n;
    line->n -= tab != NULL ? n + 1 : n;
    return found;
}

static size_t count_tabs(const sock_line_t *line)
{
    size_t n = 0;
    for (size_t i = 0; i < line->length; i++)
        n += line->text[i] == '\t';
    return n;
}

/* How many fields besides are kept of a line. */
static size_t count_others(const sock_line_t *line, size_t most)
{
    size_t tabs = count_tabs(line);
    size_t n = tabs > FIELDS ? tabs - FIELDS : 0;
    return n < most ? n : most;
}

size_t sock__nntp_others(const sock_lines_t *lines,
                         const struct sock__nntp_format *format)
{
    size_t n = 0;
    for (size_t i = 0; i < lines->count; i++)
        n += count_others(&lines->lines[i], format->count);
    return n;
}

/* A list as it is filled. */
struct filling {
    const struct sock__nntp_format *format;
    sock_nntp_over_t *next;
    const char **others;
    char *text;
};

static const char *put(struct filling *f, struct sock__piece piece)
{
    const char *text;
    f->text = sock__nntp_put(&text, f->text, piece);
    return text;
}

/* -1: it is none. */
static int64_t number_of(struct sock__piece word)
{
    struct sock__piece rest = word;
    uint64_t n;
    return sock__word_number(&rest, &n) ? (int64_t)n : -1;
}

/* A field of a head has its name before it, unless it is empty. */
static bool put_other(struct filling *f, const char *name,
                      struct sock__piece value)
{
    size_t n = strlen(name);

    if (*name != ':' && value.n > 0) {
        if (value.n < n + 2 || !sock__same_text(value.at, n, name, n) ||
            value.at[n] != ':' || value.at[n + 1] != ' ')
            return false;
        value = (struct sock__piece){value.at + n + 2, value.n - n - 2};
    }
    *f->others++ = put(f, value);
    return true;
}

static void put_fields(struct filling *f, sock_nntp_over_t *a,
                       struct sock__piece *line)
{
    const char **texts[] = {&a->subject, &a->from, &a->date, &a->message_id,
                            &a->references};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = put(f, field(line));
    a->bytes = number_of(field(line));
    a->lines = number_of(field(line));
}

static bool put_article(struct filling *f, const sock_line_t *line)
{
    struct sock__piece rest = {line->text, line->length};
    size_t others = count_others(line, f->format->count);
    sock_nntp_over_t *a = f->next++;
    int64_t number = number_of(field(&rest));

    if (number < 0 || count_tabs(line) < FIELDS)
        return false;
    a->number = (uint64_t)number;
    put_fields(f, a, &rest);
    a->others = f->others;
    for (size_t i = 0; i < others; i++)
        if (!put_other(f, f->format->names[i], field(&rest)))
            return false;
    *f->others++ = NULL;
    return true;
}

static void put_format(struct filling *f)
{
    const struct sock__nntp_format *from = f->format;

    for (size_t i = 0; i < from->count; i++)
        *f->others++ = f->text + (from->names[i] - from->text);
    *f->others++ = NULL;
    memcpy(f->text, from->text, from->size);
    f->text += from->size;
}

/* Room for what is made of the lines: the list, its articles, the pointers to
 * fields besides and to their names, the texts. */
static void *room_for(const sock_lines_t *lines,
                      const struct sock__nntp_format *format, size_t *pointers)
{
    size_t text = format->size + sock__lines_size(lines);

    *pointers =
        sock__nntp_others(lines, format) + lines->count + format->count + 1;
    return malloc(sizeof(sock_nntp_overview_t) +
                  lines->count * sizeof(sock_nntp_over_t) +
                  *pointers * sizeof(char *) + text);
}

sock_nntp_overview_t *sock__nntp_overview(
    const sock_lines_t *lines, const struct sock__nntp_format *format,
    bool *bad)
{
    size_t pointers;
    sock_nntp_overview_t *list = room_for(lines, format, &pointers);

    if (list == NULL)
        return NULL;
    sock_nntp_over_t *articles = (sock_nntp_over_t *)(list + 1);
    const char **names = (const char **)(articles + lines->count);
    struct filling f = {format, articles, names, (char *)(names + pointers)};
    put_format(&f);
    for (size_t i = 0; i < lines->count && !*bad; i++)
        *bad = !put_article(&f, &lines->lines[i]);
    *list = (sock_nntp_overview_t){articles, lines->count, names};
    if (!*bad)
        return list;
    free(list);
    return NULL;
}
