/* SPDX-License-Identifier: MIT */
/* A page that is written as the body of an answer. */
#define _POSIX_C_SOURCE 200809L

#include "markup.h"

#include <stdint.h>
#include <string.h>

#include "escape.h"

void sock__markup_begin(struct sock__markup *m, sock_httpd_request_t *self)
{
    m->self = self;
    m->result = 0;
    m->used = 0;
}

int sock__markup_end(struct sock__markup *m)
{
    if (m->used > 0 && m->result == 0)
        m->result = sock_httpd_write(m->self, m->buf, m->used);
    m->used = 0;
    return m->result < 0 ? -1 : 0;
}

static void put(struct sock__markup *m, const char *bytes, size_t n)
{
    while (n > 0) {
        size_t room = sizeof m->buf - m->used;
        size_t some = n < room ? n : room;
        memcpy(m->buf + m->used, bytes, some);
        m->used += some;
        bytes += some;
        n -= some;
        if (m->used == sizeof m->buf)
            sock__markup_end(m);
    }
}

void sock__markup(struct sock__markup *m, const char *html)
{
    put(m, html, strlen(html));
}

/* The length of a sequence of UTF-8 by its first byte, and the bounds of its
 * second (RFC 3629 4); 0: it begins none. */
static size_t sequence(unsigned char first, unsigned char *low,
                       unsigned char *high)
{
    *low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The length of the character that begins here; 0: none that can be seen. */
static size_t character(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned char low, high;
    size_t n = sequence(at[0], &low, &high);

    if (n == 1)
        return at[0] >= ' ' && at[0] != 0x7f;
    for (size_t i = 1; i < n; i++) {
        if (at[i] < low || at[i] > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    return at[0] == 0xc2 && at[1] < 0xa0 ? 0 : n; /* C1 */
}

void sock__markup_text(struct sock__markup *m, const char *text)
{
    while (*text != '\0') {
        size_t n = character(text);
        const char *instead = n == 0 ? "\xef\xbf\xbd" : sock__entity(*text);
        if (instead != NULL)
            sock__markup(m, instead);
        else
            put(m, text, n);
        text += n > 0 ? n : 1;
    }
}
