/* SPDX-License-Identifier: MIT */
/* Quoting and queries, there and back. */
#include <pysockc/url.h>

#include "fuzz.h"

enum { MOST = 512 }; /* bytes of an input: what is longer is the same again */

struct bytes {
    const char *at;
    size_t n;
};

struct query {
    const sock_query_t *q;
    int flags;
};

static int quote(const void *arg, char *buf, size_t size)
{
    return sock_quote(arg, NULL, buf, size);
}

static int quote_plus(const void *arg, char *buf, size_t size)
{
    return sock_quote_plus(arg, NULL, buf, size);
}

static int quote_bytes(const void *arg, char *buf, size_t size)
{
    const struct bytes *b = arg;
    return sock_quote_from_bytes(b->at, b->n, "", buf, size);
}

static int unquote(const void *arg, char *buf, size_t size)
{
    return sock_unquote(arg, buf, size);
}

static int unquote_plus(const void *arg, char *buf, size_t size)
{
    return sock_unquote_plus(arg, buf, size);
}

static int escape(const void *arg, char *buf, size_t size)
{
    return sock_html_escape(arg, buf, size);
}

static int encode(const void *arg, char *buf, size_t size)
{
    const struct query *q = arg;
    return sock_urlencode(q->q, q->flags, buf, size);
}

static int is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text > 127)
            return 0;
    return 1;
}

/* What is quoted has no other bytes, and comes back. */
static void check_quoted(text_fn *fn, text_fn *back, const char *text,
                         size_t room)
{
    char *quoted = text_of(fn, text, room);
    claim(quoted != NULL && is_ascii(quoted));
    claim(strpbrk(quoted, " \t\r\n\x7f&=?#\"'<>;:@[]") == NULL);
    char *plain = text_of(back, quoted, room);
    claim(plain != NULL);
    if (is_ascii(text))
        claim(strcmp(plain, text) == 0);
    else
        claim(strlen(plain) >= strlen(text));
    free(plain);
    free(quoted);
}

static void check_bytes(const struct bytes *b, size_t room)
{
    char *text = text_of(quote_bytes, b, room);
    claim(text != NULL);
    char *back = malloc(b->n + 1);
    claim(back != NULL);
    back[b->n] = '?';
    claim(sock_unquote_to_bytes(text, NULL, 0) == (int)b->n);
    claim(sock_unquote_to_bytes(text, back, b->n) == (int)b->n);
    claim((b->n == 0 || memcmp(back, b->at, b->n) == 0) && back[b->n] == '?');
    free(back);
    free(text);
}

/* Nothing grows, and nothing but a quoted NUL is refused. */
static void check_unquoted(const char *text, size_t room)
{
    char *plain = text_of(unquote, text, room);
    char *plus = text_of(unquote_plus, text, room);
    claim((plain == NULL) == (strstr(text, "%00") != NULL));
    claim((plus == NULL) == (plain == NULL));
    if (plain != NULL)
        claim(strlen(plain) <= strlen(text) && strlen(plus) == strlen(plain));
    free(plain);
    free(plus);
}

static void check_escaped(const char *text, size_t room)
{
    char *escaped = text_of(escape, text, room);
    claim(escaped != NULL && strpbrk(escaped, "<>\"'") == NULL);
    free(escaped);
}

static size_t count_of(const sock_query_t *q)
{
    const char *name = NULL, *value = NULL;
    size_t n = 0;

    for (; sock_query_at(q, n, &name, &value) == 1; n++) {
        claim(name != NULL && value != NULL);
        claim(n > 20 || sock_query_get(q, name, 0) != NULL);
    }
    return n;
}

static char *encoded(const sock_query_t *q, int flags, size_t room)
{
    struct query arg = {q, flags};
    return text_of(encode, &arg, room);
}

/* What was written is read as what it was. */
static void check_written(const char *text, int flags, size_t n, size_t room)
{
    sock_query_t *q = sock_parse_qs(
        text, SOCK_QUERY_KEEP_BLANK | SOCK_QUERY_STRICT | SOCK_QUERY_SEMICOLON,
        n);
    claim(q != NULL && count_of(q) == n);
    char *again = encoded(q, flags, room);
    if (strchr(text, '%') == NULL)
        claim(strcmp(again, text) == 0);
    sock_query_free(q);
    q = sock_parse_qs(again, SOCK_QUERY_KEEP_BLANK, n);
    claim(q != NULL && count_of(q) == n);
    char *third = encoded(q, flags, room);
    claim(strcmp(third, again) == 0);
    free(third);
    free(again);
    sock_query_free(q);
}

static void check_query(const char *text, int flags, size_t max, size_t room)
{
    sock_query_t *q = sock_parse_qs(text, flags, max);
    if (q == NULL) {
        claim(sock_last_error()->kind == SOCK_E_VALUE);
        return;
    }
    size_t n = count_of(q);
    claim(max == 0 || n <= max);
    char *plus = encoded(q, 0, room);
    char *quoted = encoded(q, SOCK_QUERY_QUOTE, room);
    check_written(plus, 0, n, room);
    check_written(quoted, SOCK_QUERY_QUOTE, n, room);
    free(plus);
    free(quoted);
    sock_query_free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size < MOST ? size : MOST};
    size_t room = next_byte(&in);
    unsigned how = next_byte(&in);
    char *text = rest_as_text(&in);
    char *copy = copy_of(in.at, in.left);
    struct bytes b = {copy, in.left};

    check_quoted(quote, unquote, text, room);
    check_quoted(quote_plus, unquote_plus, text, room);
    check_bytes(&b, room);
    check_unquoted(text, room);
    check_escaped(text, room);
    check_query(text, (int)(how & 7), how >> 4, room);
    free(copy);
    free(text);
    return 0;
}
