/* SPDX-License-Identifier: MIT */
/*
 * What is not printable ASCII is UTF-16 in a base64 of its own, between `&` and
 * `-`; `&-` is the ampersand. A name has one such form only, and nothing else
 * is read, so that two names that differ are two mailboxes.
 */
#include "imap_name.h"

#include <stdbool.h>
#include <string.h>

#include <pysockc/imap.h>

#include "chars.h"
#include "private.h"
#include "record.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool is_plain(uint32_t code)
{
    return code >= 0x20 && code < 0x7f;
}

/* Writing */

/* Bits that are not written yet. */
struct bits {
    struct sock__text *t;
    uint32_t held;
    int count;
    bool open; /* behind an ampersand */
};

static void put_unit(struct bits *b, uint32_t unit)
{
    b->held = b->held << 16 | unit;
    for (b->count += 16; b->count >= 6;) {
        b->count -= 6;
        sock__text_char(b->t, digits[b->held >> b->count & 63]);
    }
}

static void put_code(struct bits *b, uint32_t code)
{
    if (!b->open)
        sock__text_char(b->t, '&');
    b->open = true;
    if (code >= 0x10000) {
        put_unit(b, 0xd800 + ((code - 0x10000) >> 10));
        code = 0xdc00 + (code & 0x3ff);
    }
    put_unit(b, code);
}

static void end_bits(struct bits *b)
{
    if (!b->open)
        return;
    if (b->count > 0)
        sock__text_char(b->t, digits[b->held << (6 - b->count) & 63]);
    sock__text_char(b->t, '-');
    *b = (struct bits){.t = b->t};
}

int sock__imap_encode(struct sock__text *t, const char *name, size_t n)
{
    struct bits b = {.t = t};
    uint32_t code;

    for (const char *at = name, *end = name + n; at < end;) {
        int size = sock__utf8(at, (size_t)(end - at), &code);
        if (size < 0)
            return -1;
        if (!is_plain(code)) {
            put_code(&b, code);
        } else {
            end_bits(&b);
            sock__text_char(t, *at);
            if (code == '&')
                sock__text_char(t, '-');
        }
        at += size;
    }
    end_bits(&b);
    return 0;
}

/* Reading */

static void put_utf8(struct sock__text *t, uint32_t code)
{
    unsigned char bytes[4];
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = n; i-- > 0; code >>= 6)
        bytes[i] =
            (unsigned char)(i > 0 ? 0x80 | (code & 0x3f) : marks[n] | code);
    sock__text_bytes(t, bytes, n);
}

/* A unit of UTF-16 behind the high half of a pair, or 0: false if the two do
 * not go together. */
static bool take_unit(struct sock__text *t, uint32_t unit, uint32_t *high)
{
    bool is_low = unit >= 0xdc00 && unit < 0xe000;

    if (is_low != (*high != 0))
        return false;
    if (unit >= 0xd800 && unit < 0xdc00) {
        *high = unit;
        return true;
    }
    uint32_t code =
        is_low ? 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00) : unit;
    *high = 0;
    if (code == 0 || is_plain(code))
        return false;
    put_utf8(t, code);
    return true;
}

static int value_of(char c)
{
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* What stands between an ampersand and its hyphen. */
static bool take_coded(struct sock__text *t, const char *at, const char *end)
{
    uint32_t held = 0, high = 0;
    int count = 0;

    for (; at < end; at++) {
        int value = value_of(*at);
        if (value < 0)
            return false;
        held = held << 6 | (uint32_t)value;
        count += 6;
        if (count < 16)
            continue;
        count -= 16;
        if (!take_unit(t, held >> count & 0xffff, &high))
            return false;
        held &= (1U << count) - 1;
    }
    return high == 0 && count < 6 && held == 0;
}

/* From an ampersand on: behind its hyphen; NULL. */
static const char *take_shift(struct sock__text *t, const char *at,
                              const char *end)
{
    const char *hyphen = memchr(at, '-', (size_t)(end - at));

    if (hyphen == NULL)
        return NULL;
    if (hyphen == at + 1) {
        sock__text_char(t, '&');
        return hyphen + 1;
    }
    if (!take_coded(t, at + 1, hyphen))
        return NULL;
    /* What is coded goes on as far as it can. */
    const char *next = hyphen + 1;
    if (end - next >= 2 && next[0] == '&' && next[1] != '-')
        return NULL;
    return next;
}

int sock__imap_decode(struct sock__text *t, const char *name, size_t n)
{
    for (const char *at = name, *end = name + n; at < end;) {
        if (*at == '&') {
            at = take_shift(t, at, end);
            if (at == NULL)
                return -1;
        } else if (is_plain((unsigned char)*at)) {
            sock__text_char(t, *at++);
        } else {
            return -1;
        }
    }
    return 0;
}

/* Names of callers */

static int convert(const char *op, char *buf, size_t size, const char *name,
                   int (*fn)(struct sock__text *, const char *, size_t),
                   const char *words)
{
    struct sock__text t;

    sock__text_clear(buf, size);
    if (name == NULL)
        return sock__fail(op, SOCK_E_TYPE, 0, SOCK__NULL_ARGUMENT);
    if (sock__text_begin(&t, op, buf, size) < 0)
        return -1;
    if (fn(&t, name, strlen(name)) == 0)
        return sock__text_finish(&t, op);
    sock__text_clear(buf, size);
    return sock__fail_saying(op, SOCK_E_VALUE, 0, words);
}

int sock_imap_name_encode(char *buf, size_t size, const char *name)
{
    return convert("name_encode", buf, size, name, sock__imap_encode,
                   "the name is not UTF-8");
}

int sock_imap_name_decode(char *buf, size_t size, const char *name)
{
    return convert("name_decode", buf, size, name, sock__imap_decode,
                   "the name is not modified UTF-7");
}
