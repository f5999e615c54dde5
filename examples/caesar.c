/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "caesar.h"

void cipher(char *msg, size_t size, int shift)
{
    static const char al[] = "abcdefghijklmnopqrstuvwxyz";

    if (shift <= -26 || shift >= 26)
        return;
    /* A negative index counts from the end. */
    if (shift < 0)
        shift += 26;
    for (size_t i = 0; i < size; i++) {
        const char *letter = memchr(al, msg[i], 26);

        if (letter)
            msg[i] = al[(letter - al + shift) % 26];
    }
}

/* bytes.isspace(), whatever the locale */
static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

int to_int(const char *text, size_t size)
{
    const char *end = text + size;
    bool negative;
    int value = 0;

    while (text < end && is_space(*text))
        text++;
    while (text < end && is_space(end[-1]))
        end--;
    negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+'))
        text++;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return 0;
        value = value * 10 + (*text - '0');
    }
    return negative ? -value : value;
}
