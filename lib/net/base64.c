/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789+/";

size_t sock__base64_encode(const void *data, size_t n, char *text)
{
    const unsigned char *in = data;
    char *out = text;

    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t bits = (uint32_t)in[i] << 16;
        bits |= left > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        bits |= left > 2 ? in[i + 2] : 0;
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = (char)(left > 1 ? digits[bits >> 6 & 63] : '=');
        *out++ = (char)(left > 2 ? digits[bits & 63] : '=');
    }
    *out = '\0';
    return (size_t)(out - text);
}

/* The value of a digit; -1. */
static int value_of(char c)
{
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* The bits of four digits of which the last `padding` are missing; -1. */
static int32_t bits_of(const char *text, size_t padding)
{
    int32_t bits = 0;

    for (size_t i = 0; i < 4; i++) {
        int value = i < 4 - padding ? value_of(text[i]) : 0;
        if (value < 0)
            return -1;
        bits = bits << 6 | value;
    }
    return bits;
}

ssize_t sock__base64_decode(const char *text, size_t n, void *data)
{
    unsigned char *out = data;

    if (n % 4 != 0)
        return -1;
    for (size_t i = 0; i < n; i += 4) {
        size_t padding = 0;
        while (i + 4 == n && padding < 2 && text[n - 1 - padding] == '=')
            padding++;
        int32_t bits = bits_of(text + i, padding);
        if (bits < 0 || (bits & ((1 << 8 * padding) - 1)) != 0)
            return -1;
        unsigned char bytes[3];
        for (int j = 0; j < 3; j++)
            bytes[j] = (unsigned char)(bits >> (16 - 8 * j) & 255);
        memcpy(out, bytes, 3 - padding);
        out += 3 - padding;
    }
    return out - (unsigned char *)data;
}
