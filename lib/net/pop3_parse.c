/* SPDX-License-Identifier: MIT */
/* What a server of POP3 says: each scanner looks at a byte once. */
#include "pop3_parse.h"

#include <string.h>

#include "headers.h"
#include "word.h"

bool sock__pop3_numbers(struct sock__piece line, uint64_t *a, uint64_t *b)
{
    return sock__word_number(&line, a) && sock__word_number(&line, b);
}

bool sock__pop3_id(struct sock__piece line, uint64_t *n, struct sock__piece *id)
{
    if (!sock__word_number(&line, n))
        return false;
    *id = sock__word(&line);
    return id->n > 0 && sock__is_visible(*id);
}

/* Timestamps */

/* What an atom may have (RFC 5322). */
static bool is_atext(char c)
{
    return sock__is(c, SOCK__ALPHA | SOCK__DIGIT) ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* How many bytes from here on are atoms with a dot between each; 0: none is
 * there. */
static size_t dot_atom(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && is_atext(*at)) {
        do {
            at++;
        } while (at < end && is_atext(*at));
        if (end - at < 2 || *at != '.' || !is_atext(at[1]))
            return (size_t)(at - from);
        at++;
    }
    return 0;
}

/* The same of an address in brackets. */
static size_t literal(const char *at, const char *end)
{
    const char *from = at++;

    while (at < end && sock__is(*at, SOCK__TARGET) && *at != '[' &&
           *at != ']' && *at != '<')
        at++;
    return at < end && *at == ']' ? (size_t)(at + 1 - from) : 0;
}

static bool is_message_id(const char *at, const char *end)
{
    size_t n = dot_atom(at, end);
    if (n == 0 || (size_t)(end - at) < n + 2 || at[n] != '@')
        return false;
    at += n + 1;
    n = *at == '[' ? literal(at, end) : dot_atom(at, end);
    return n > 0 && at + n == end;
}

struct sock__piece sock__pop3_timestamp(struct sock__piece welcome)
{
    const char *end = welcome.at + welcome.n;
    const char *at = memchr(welcome.at, '<', welcome.n);
    const char *to = at != NULL ? memchr(at, '>', (size_t)(end - at)) : NULL;

    if (to == NULL || !is_message_id(at + 1, to))
        return (struct sock__piece){welcome.at, 0};
    return (struct sock__piece){at, (size_t)(to + 1 - at)};
}

/* Capabilities */

bool sock__pop3_capability(const sock_lines_t *lines, const char *name,
                           struct sock__piece *arguments)
{
    for (size_t i = 0; i < lines->count; i++) {
        struct sock__piece line = {lines->lines[i].text,
                                   lines->lines[i].length};
        struct sock__piece word = sock__word(&line);
        if (sock__same_text(word.at, word.n, name, strlen(name))) {
            *arguments = line;
            return true;
        }
    }
    return false;
}
