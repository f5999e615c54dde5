/* SPDX-License-Identifier: MIT */
/* Text that is to be sent. */
#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

enum { ROOM = 1024 }; /* to ask for at least */

static bool grow(struct sock__output *o, size_t n)
{
    char *text = sock__grow(o->text, o->used, &o->room, n < ROOM ? ROOM : n, 1);
    if (text != NULL)
        o->text = text;
    return text != NULL;
}

void sock__output_reserve(struct sock__output *o, size_t n)
{
    if (o->room - o->used < n && !o->lost)
        o->lost = !grow(o, n);
}

void sock__output_add(struct sock__output *o, const void *bytes, size_t n)
{
    if (n > 0)
        sock__output_reserve(o, n);
    if (n == 0 || o->lost)
        return;
    memcpy(o->text + o->used, bytes, n);
    o->used += n;
}

void sock__output_text(struct sock__output *o, const char *text)
{
    sock__output_add(o, text, strlen(text));
}

void sock__output_number(struct sock__output *o, int64_t n)
{
    char digits[20], *at = digits + sizeof digits;
    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    sock__output_add(o, at, (size_t)(digits + sizeof digits - at));
}
