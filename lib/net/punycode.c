/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "punycode.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "chars.h"
#include "text.h"

/* A label has 63 bytes at most once it is written, so no more characters. */
enum { CHARACTERS = 63 };

/* Of RFC 3492 5. */
enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, BIAS = 72 };

struct output {
    char *at, *end;
};

static bool put(struct output *out, char c)
{
    if (out->at == out->end)
        return false;
    *out->at++ = c;
    return true;
}

/* The characters of a label; 0: there are too many; -1: it is no UTF-8. */
static int characters_of(const char *label, size_t n, uint32_t *chars)
{
    int count = 0;
    while (n > 0) {
        uint32_t c = 0;
        int k = sock__utf8(label, n, &c);
        if (k < 0) {
            errno = EILSEQ;
            return -1;
        }
        if (count == CHARACTERS)
            return 0;
        chars[count++] = c;
        label += k;
        n -= (size_t)k;
    }
    return count;
}

/* RFC 3492 6.3 */

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
    uint32_t k = 0;
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
    if (k <= bias + T_MIN)
        return T_MIN;
    return k >= bias + T_MAX ? T_MAX : k - bias;
}

static bool put_number(struct output *out, uint32_t n, uint32_t bias)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = threshold(k, bias);
        if (n < t)
            return put(out, digits[n]);
        if (!put(out, digits[t + (n - t) % (BASE - t)]))
            return false;
        n = (n - t) / (BASE - t);
    }
}

static uint32_t least_from(const uint32_t *chars, int count, uint32_t from)
{
    uint32_t least = UINT32_MAX;
    for (int i = 0; i < count; i++)
        if (chars[i] >= from && chars[i] < least)
            least = chars[i];
    return least;
}

/* Those that are ASCII stand in front. */
static int put_ascii(struct output *out, const uint32_t *chars, int count)
{
    int n = 0;
    for (int i = 0; i < count; i++) {
        if (chars[i] >= 0x80)
            continue;
        if (!put(out, sock__lower((char)chars[i])))
            return -1;
        n++;
    }
    return n == 0 || put(out, '-') ? n : -1;
}

/* Nothing overflows: 63 characters below 2^21. */
static bool encode(struct output *out, const uint32_t *chars, int count)
{
    int ascii = put_ascii(out, chars, count), done = ascii;
    uint32_t n = 0x80, delta = 0, bias = BIAS;
    if (ascii < 0)
        return false;
    for (; done < count; n++, delta++) {
        uint32_t m = least_from(chars, count, n);
        delta += (m - n) * (uint32_t)(done + 1);
        n = m;
        for (int i = 0; i < count; i++) {
            delta += chars[i] < n;
            if (chars[i] != n)
                continue;
            if (!put_number(out, delta, bias))
                return false;
            bias = adapt(delta, (uint32_t)done + 1, done == ascii);
            delta = 0;
            done++;
        }
    }
    return true;
}

static int write_ascii(const char *label, size_t n, char *to, size_t room)
{
    if (n >= room)
        return 0;
    for (size_t i = 0; i < n; i++)
        to[i] = sock__lower(label[i]);
    to[n] = '\0';
    return (int)n;
}

static bool is_ascii(const char *label, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)label[i] >= 0x80)
            return false;
    return true;
}

int sock__punycode_label(const char *label, size_t n, char *to, size_t room)
{
    static const char mark[] = "xn--";
    uint32_t chars[CHARACTERS];
    if (is_ascii(label, n))
        return write_ascii(label, n, to, room);
    int count = characters_of(label, n, chars);
    if (count <= 0 || room < sizeof mark + 1)
        return count < 0 ? -1 : 0;
    struct output out = {to + sizeof mark - 1, to + room - 1};
    memcpy(to, mark, sizeof mark - 1);
    if (!encode(&out, chars, count))
        return 0;
    *out.at = '\0';
    return (int)(out.at - to);
}
