/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "bytes.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

int sock__bytes_check(const char *op, const void *data, size_t n)
{
    if (n > SSIZE_MAX)
        return sock__fail(op, SOCK_E_VALUE, 0, SOCK__SIZE_TOO_LARGE);
    if (data == NULL && n > 0)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_BUFFER);
    return 0;
}

void *sock__grow(void *list, size_t count, size_t *room, size_t more,
                 size_t size)
{
    size_t most = PTRDIFF_MAX / size, wanted = *room < 8 ? 16 : 2 * *room;

    if (list != NULL && more <= *room - count)
        return list;
    if (more > most - count) {
        errno = ENOMEM;
        return NULL;
    }
    if (wanted < count + more)
        wanted = count + more;
    if (wanted > most)
        wanted = most;
    list = realloc(list, wanted * size);
    if (list != NULL)
        *room = wanted;
    return list;
}

void sock__wipe(void *secret, size_t n)
{
    /* What it calls is not known when this is compiled, so it is called. */
    static void *(*const volatile set)(void *, int, size_t) = memset;
    set(secret, 0, n);
}

char *sock__put_text(char *to, const char *text)
{
    size_t n = strlen(text);
    memcpy(to, text, n + 1);
    return to + n;
}

char *sock__put_percent(char *to, char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    *to++ = '%';
    *to++ = digits[(unsigned char)byte >> 4];
    *to++ = digits[(unsigned char)byte & 15];
    return to;
}
