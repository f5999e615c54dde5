/* SPDX-License-Identifier: MIT */
#include "imap_token.h"

#include <string.h>

/* Behind the quoted string whose first quote is here; NULL if it does not end.
 */
static const char *behind_quotes(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\' && at + 1 < end)
            at++;
    return at < end ? at + 1 : NULL;
}

/* Literals */

/* Whether a place in a line is in a quoted string. */
static bool is_quoted(const char *line, const char *place)
{
    for (const char *at = line; at < place;) {
        at = memchr(at, '"', (size_t)(place - at));
        if (at == NULL)
            return false;
        at = behind_quotes(at, place);
        if (at == NULL)
            return true;
    }
    return false;
}

static uint64_t add_digit(uint64_t n, char digit)
{
    uint64_t value = (uint64_t)(digit - '0');
    return n > (UINT64_MAX - value) / 10 ? UINT64_MAX : n * 10 + value;
}

static uint64_t number_at(const char *at)
{
    uint64_t n = 0;
    for (; sock__is_digit(*at); at++)
        n = add_digit(n, *at);
    return n;
}

/* Where the brace is that begins a line's end `{digits}`; NULL. */
static const char *last_brace(const char *line, const char *end)
{
    const char *at = end;

    if (at == line || *--at != '}')
        return NULL;
    if (at > line && at[-1] == '+')
        at--;
    const char *behind = at;
    while (at > line && sock__is_digit(at[-1]))
        at--;
    return at < behind && at > line && at[-1] == '{' ? at - 1 : NULL;
}

bool sock__imap_announces(const char *line, size_t n, size_t *at,
                          uint64_t *size)
{
    const char *brace = last_brace(line, line + n), *from = brace;

    if (brace == NULL)
        return false;
    if (from > line && from[-1] == '~')
        from--;
    if ((from > line && from[-1] != ' ' && from[-1] != '(') ||
        is_quoted(line, brace))
        return false;
    *size = number_at(brace + 1);
    *at = (size_t)(from - line);
    return true;
}

/* Words */

static bool ends_atom(char c)
{
    return c == ' ' || c == '(' || c == ')' || c == '"' || c == '\r' ||
           c == '\n';
}

static enum sock__imap_word took(struct sock__piece *text, const char *behind,
                                 struct sock__imap_token *token,
                                 enum sock__imap_word kind)
{
    text->n -= (size_t)(behind - text->at);
    text->at = behind;
    return token->kind = kind;
}

static enum sock__imap_word take_quoted(struct sock__piece *text,
                                        struct sock__imap_token *token)
{
    const char *at = text->at, *behind = behind_quotes(at, at + text->n);

    if (behind == NULL)
        return token->kind = SOCK__IMAP_BAD;
    token->text = (struct sock__piece){at + 1, (size_t)(behind - at) - 2};
    return took(text, behind, token, SOCK__IMAP_QUOTED);
}

/* A literal whose brace is here. */
static enum sock__imap_word take_literal(struct sock__piece *text,
                                         const char *brace,
                                         struct sock__imap_token *token)
{
    const char *end = text->at + text->n;
    const char *cr = memchr(brace, '\r', (size_t)(end - brace));
    size_t at;
    uint64_t size;

    if (cr == NULL || end - cr < 2 ||
        !sock__imap_announces(brace, (size_t)(cr - brace), &at, &size) ||
        at != 0 || size > (size_t)(end - cr) - 2)
        return token->kind = SOCK__IMAP_BAD;
    token->text = (struct sock__piece){cr + 2, (size_t)size};
    return took(text, cr + 2 + size, token, SOCK__IMAP_LITERAL);
}

static enum sock__imap_word take_bare(struct sock__piece *text,
                                      struct sock__imap_token *token)
{
    const char *at = text->at, *end = at + text->n, *behind = at;

    while (behind < end && !ends_atom(*behind))
        behind++;
    if (behind == at) /* a line's end, which only a literal has within */
        return token->kind = SOCK__IMAP_BAD;
    token->text = (struct sock__piece){at, (size_t)(behind - at)};
    return took(text, behind, token, SOCK__IMAP_BARE);
}

enum sock__imap_word sock__imap_next_token(struct sock__piece *text,
                                           struct sock__imap_token *token)
{
    while (text->n > 0 && *text->at == ' ') {
        text->at++;
        text->n--;
    }
    token->text = (struct sock__piece){text->at, 0};
    if (text->n == 0)
        return token->kind = SOCK__IMAP_END;
    switch (*text->at) {
    case '(':
        return took(text, text->at + 1, token, SOCK__IMAP_OPEN);
    case ')':
        return took(text, text->at + 1, token, SOCK__IMAP_CLOSE);
    case '"':
        return take_quoted(text, token);
    case '{':
        return take_literal(text, text->at, token);
    case '~':
        if (text->n > 1 && text->at[1] == '{')
            return take_literal(text, text->at + 1, token);
        return take_bare(text, token);
    default:
        return take_bare(text, token);
    }
}

bool sock__imap_take_value(struct sock__piece *text,
                           struct sock__imap_token *value)
{
    struct sock__imap_token token;
    size_t depth = sock__imap_next_token(text, value) == SOCK__IMAP_OPEN;

    if (depth == 0)
        return value->kind >= SOCK__IMAP_BARE;
    while (depth > 0) {
        enum sock__imap_word kind = sock__imap_next_token(text, &token);
        if (kind <= SOCK__IMAP_END)
            return false;
        depth += kind == SOCK__IMAP_OPEN;
        depth -= kind == SOCK__IMAP_CLOSE;
    }
    return true;
}

size_t sock__imap_say_token(const struct sock__imap_token *token, char *to)
{
    const char *at = token->text.at, *end = at + token->text.n;
    char *begin = to;

    if (token->kind != SOCK__IMAP_QUOTED) {
        memmove(to, at, token->text.n);
        return token->text.n;
    }
    while (at < end) {
        if (*at == '\\' && at + 1 < end)
            at++;
        *to++ = *at++;
    }
    return (size_t)(to - begin);
}

bool sock__imap_is(const struct sock__piece *text, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i < n && i < text->n; i++)
        if (sock__upper(text->at[i]) != word[i])
            return false;
    return text->n == n;
}

bool sock__imap_is_nil(const struct sock__imap_token *token)
{
    return token->kind == SOCK__IMAP_BARE && sock__imap_is(&token->text, "NIL");
}

bool sock__imap_number(const struct sock__piece *text, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text->n; i++) {
        uint64_t digit = (uint64_t)(unsigned char)text->at[i] - '0';
        if (digit > 9 || *number > (UINT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return text->n > 0;
}

/* Ends of words */

/* Over the quoted string that begins here; one that does not end is all that
 * is left. */
static void pass_quotes(struct sock__imap_scan *s, const char *text, size_t end)
{
    const char *behind = behind_quotes(text + s->at, text + end);
    s->at = behind != NULL ? (size_t)(behind - text) : end;
}

bool sock__imap_scan_name(struct sock__imap_scan *s, const char *text,
                          size_t end)
{
    while (s->at < end) {
        char c = text[s->at];
        if (c == ' ' && !s->section)
            return true;
        if (c == '"' && s->section) {
            pass_quotes(s, text, end);
            continue;
        }
        s->section = c == '[' || (s->section && c != ']');
        s->at++;
    }
    return false;
}

bool sock__imap_scan_list(struct sock__imap_scan *s, const char *text,
                          size_t end)
{
    while (s->at < end) {
        char c = text[s->at];
        if (c == '"') {
            pass_quotes(s, text, end);
            continue;
        }
        s->at++;
        s->depth += c == '(';
        if (c == ')' && --s->depth == 0)
            return true;
    }
    return false;
}
