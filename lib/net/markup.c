/* SPDX-License-Identifier: MIT */
/* A page that is written as the body of an answer. */
#define _POSIX_C_SOURCE 200809L

#include "markup.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "escape.h"
#include "text.h"

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

/* The length of the character that begins here, of four bytes at the most; 0:
 * none that can be seen. */
static size_t character(const char *text)
{
    uint32_t code;
    int n = sock__utf8(text, 4, &code);
    bool seen = n > 0 && code >= ' ' && (code < 0x7f || code >= 0xa0);
    return seen ? (size_t)n : 0;
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
