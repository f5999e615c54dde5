/* SPDX-License-Identifier: MIT */
#include "list.h"

#include "chars.h"

size_t sock__list_span(const char *p, const char *end, char separator)
{
    const char *at = p;
    bool quoted = false;

    for (; at < end && (quoted || *at != separator); at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (*at == '\\' && quoted && end - at > 1)
            at++;
    }
    return (size_t)(at - p);
}

bool sock__list_next(const char **at, const char *end, size_t *n)
{
    const char *p = *at;

    while (p < end && (*p == ',' || *p == ' ' || *p == '\t'))
        p++;
    *at = p;
    *n = sock__trimmed(p, sock__list_span(p, end, ','));
    return p < end;
}
